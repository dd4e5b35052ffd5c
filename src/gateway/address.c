/*
 * address.c: which endpoint, and whose route: by the URL's path alone. Nothing else of the request
 * is parsed before the caller is known.
 */
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"
#include "gateway/reply.h"
#include "gateway/stages.h"

const struct endpoint *
endpoint_find(const struct gateway *g, const char *name)
{
	size_t i;

	for (i = 0; g->endpoints[i] != NULL; i++) {
		if (g->endpoints[i]->prefix == NULL && strcmp(g->endpoints[i]->name, name) == 0)
			return g->endpoints[i];
	}
	return NULL;
}

/* The endpoint that the path names by its prefix; NULL: none. */
static const struct endpoint *
endpoint_below(const struct gateway *g, const char *path)
{
	const char *prefix;
	size_t i;

	for (i = 0; g->endpoints[i] != NULL; i++) {
		prefix = g->endpoints[i]->prefix;
		if (prefix != NULL && text_starts(path, prefix))
			return g->endpoints[i];
	}
	return NULL;
}

/* Is raw, once decoded, path? A web server may leave %2F in a path that it decodes. */
static bool
path_is(const char *path, const char *raw, size_t len)
{
	const char *end = raw + len;

	for (; raw < end; path++, raw++) {
		if (*raw != '%' || end - raw < 3) {
			if (*path != *raw)
				return false;
			continue;
		}
		if (strncasecmp(path, raw, 3) == 0)
			path += 2;
		else if ((unsigned char)*path != hex_value(raw[1]) * 16 + hex_value(raw[2]))
			return false;
		raw += 2;
	}
	return *path == '\0';
}

/*
 * The face's path as it was sent, for PATH_INFO is decoded: what info was decoded from, from the
 * prefix on. NULL: the prefix is spelled otherwise, or stands elsewhere.
 */
static const char *
face_path(struct exchange *x, const char *prefix)
{
	const char *uri = x->request->uri, *end = uri + strcspn(uri, "?"), *at = uri;

	while ((at = strstr(at, prefix)) != NULL && at < end) {
		if (path_is(x->request->path_info, at, (size_t)(end - at)))
			return arena_strndup(&x->arena, at, (size_t)(end - at));
		at++;
	}
	return NULL;
}

/* The path after base_path; NULL where the URL does not begin with it. */
static const char *
address_path(struct exchange *x)
{
	const char *base = x->gateway->config->base_path, *uri = x->request->uri;
	const char *info = x->request->path_info;
	const struct endpoint *below;
	size_t len = strlen(base);

	if (text_is_empty(info)) {
		if (strncmp(uri, base, len) != 0)
			return NULL;
		return arena_strndup(&x->arena, uri + len, strcspn(uri + len, "?"));
	}
	below = endpoint_below(x->gateway, info);
	return below != NULL && below->call_of != NULL ? face_path(x, below->prefix) : info;
}

/* Takes the segment at *path, which begins with '/', and moves past it. NULL: there is none. */
static const char *
address_segment(struct exchange *x, const char **path)
{
	const char *start = *path + 1;
	size_t len;

	if (**path != '/')
		return NULL;
	len = strcspn(start, "/");
	*path = start + len;
	return len == 0 ? NULL : arena_strndup(&x->arena, start, len);
}

static void
address_action(struct exchange *x, const char *path)
{
	const char *route = address_segment(x, &path), *action = x->request->only_action;

	if (route == NULL)
		return;
	x->route_name = route;
	x->unknown_action = path;
	if (action == NULL)
		action = address_segment(x, &path);
	if (action == NULL || *path != '\0')
		return;
	x->endpoint = endpoint_find(x->gateway, action);
	x->unknown_action = x->endpoint == NULL ? action : NULL;
}

static void
address_below(struct exchange *x, const struct endpoint *e, const char *path)
{
	path += strlen(e->prefix) - 1;
	if (e->call_of != NULL) {
		x->route_name = address_segment(x, &path);
		if (x->route_name == NULL)
			x->route_name = "";
		x->unknown_action = path;
		if (x->route_name[0] == '\0' || !text_starts(path, "/v1/"))
			return;
		path += strlen("/v1");
		x->call = e->call_of(path);
		x->unknown_action = x->call == NULL ? path : NULL;
	}
	x->endpoint = e;
	x->rest = path;
}

bool
gateway_address(struct exchange *x)
{
	const char *path = address_path(x);
	const struct endpoint *below;

	if (path != NULL && x->request->only_action != NULL)
		address_action(x, path);
	else if (path != NULL && text_starts(path, "/v1/"))
		address_action(x, path + strlen("/v1"));
	else if (path != NULL && (below = endpoint_below(x->gateway, path)) != NULL)
		address_below(x, below, path);
	if (x->endpoint != NULL)
		return true;
	reply_error(x, 404, "there is no such action");
	return false;
}
