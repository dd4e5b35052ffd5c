/*
 * gateway_address.c: whose connection, and what of it: by the URL's path alone. Nothing else of the
 * request is parsed before the caller is known.
 */
#include <string.h>

#include "gateway/stages.h"
#include "gateway/reply.h"
#include "base/text.h"

static const struct endpoint face = {.name = "bamboohr", .kind = ENDPOINT_FACE};
static const struct endpoint status = {.name = "status", .kind = ENDPOINT_STATUS};

static const char face_prefix[] = "/api/gateway.php/";

/* The path behind base_path; NULL where the URL does not begin with it. */
static const char *
address_path(struct exchange *x)
{
	const char *base = x->gateway->config->base_path, *uri = x->request->uri, *face_at;
	size_t len = strlen(base);

	/* PATH_INFO is decoded; the face wants its path as it was sent. */
	if (!text_is_empty(x->request->path_info)) {
		face_at = strstr(uri, face_prefix);
		if (text_starts(x->request->path_info, face_prefix) && face_at != NULL)
			return arena_strndup(&x->arena, face_at, strcspn(face_at, "?"));
		return x->request->path_info;
	}
	if (strncmp(uri, base, len) != 0)
		return NULL;
	return arena_strndup(&x->arena, uri + len, strcspn(uri + len, "?"));
}

/* Takes the segment at *path, which begins with '/', and moves behind it. NULL: there is none. */
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
	const char *route, *action;

	route = address_segment(x, &path);
	action = x->request->only_action;
	if (action == NULL)
		action = address_segment(x, &path);
	if (route == NULL || action == NULL || *path != '\0')
		return;
	x->endpoint = endpoint_find(action);
	x->route_name = route;
}

static void
address_find(struct exchange *x, const char *path)
{
	const char *route;

	if (path == NULL)
		return;
	if (x->request->only_action != NULL) {
		address_action(x, path);
		return;
	}
	if (text_starts(path, "/-/")) {
		x->endpoint = &status;
		x->rest = path + 2;
	} else if (text_starts(path, "/v1/"))
		address_action(x, path + 3);
	else if (text_starts(path, face_prefix)) {
		path += strlen(face_prefix) - 1;
		route = address_segment(x, &path);
		if (route == NULL || !text_starts(path, "/v1/"))
			return;
		x->endpoint = &face;
		x->route_name = route;
		x->rest = path + 3;
	}
}

bool
gateway_address(struct exchange *x)
{
	address_find(x, address_path(x));
	if (x->endpoint == NULL) {
		reply_error(x, 404, "there is no such action");
		return false;
	}
	if (x->endpoint->kind == ENDPOINT_STATUS)
		return true;
	if (x->endpoint->kind != ENDPOINT_FACE && strcmp(x->request->method, "POST") != 0) {
		response_header(x->response, "Allow", "POST");
		reply_error(x, 405, "POST only");
		return false;
	}
	if (x->request->body_state == BODY_TOO_LARGE || x->request->too_many_params) {
		reply_error(x, 413, "the request is too large");
		return false;
	}
	/* A name that no route can have is a route that is not there: the same 401. */
	if (!route_name_valid(x->route_name))
		x->route_name = "";
	else
		x->route = registry_acquire(x->gateway->registry, x->route_name, &x->in_use);
	return true;
}
