/*
 * request.c: from CGI variables (RFC 3875, section 4.1) to a request, and a response's small parts.
 * Nothing is decoded here: signatures cover what was sent.
 */
#include "format/request.h"

#include <string.h>
#include <strings.h>

#include "base/bounds.h"
#include "base/text.h"

struct request_builder {
	struct arena *arena;
	const char *const *params;
	struct request *request;
	struct request_header *headers;
	size_t cap;
	bool joined[LIMIT_PARAMS];           /* the header's value is that of all its lines */
	const char *forwarded_authorization; /* REDIRECT_HTTP_AUTHORIZATION */
	const char *verify, *subject;        /* of the client certificate */
};

/* Variables taken as is; the last one of a name counts. */
static const char **
request_slot(struct request_builder *b, const char *name, size_t len)
{
	const struct {
		const char *name;
		const char **slot;
	} slots[] = {
	    {"REQUEST_METHOD", &b->request->method},
	    {"REQUEST_URI", &b->request->uri},
	    {"PATH_INFO", &b->request->path_info},
	    {"HTTP_HOST", &b->request->authority},
	    {"REMOTE_ADDR", &b->request->remote},
	    {"REQUEST_ID", &b->request->id},
	    {"SSL_CLIENT_VERIFY", &b->verify},
	    {"SSL_CLIENT_S_DN", &b->subject},
	    {"REDIRECT_HTTP_AUTHORIZATION", &b->forwarded_authorization},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(slots); i++) {
		if (strlen(slots[i].name) == len && memcmp(slots[i].name, name, len) == 0)
			return slots[i].slot;
	}
	return NULL;
}

/* These two come without the prefix HTTP_; some servers send them a second time with it. */
static const char *const request_own[] = {"CONTENT_TYPE", "CONTENT_LENGTH"};

static bool
request_is_own(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(request_own); i++) {
		if (strlen(request_own[i]) == len && memcmp(name, request_own[i], len) == 0)
			return true;
	}
	return false;
}

static char
request_name_char(char c)
{
	return c == '_' ? '-' : text_lower(c);
}

/* CONTENT_DIGEST: "content-digest"; NULL where memory is short. */
static const char *
request_header_name(struct arena *a, const char *name, size_t len)
{
	char *out = arena_strndup(a, name, len), *p;

	for (p = out; p != NULL && *p != '\0'; p++)
		*p = request_name_char(*p);
	return out;
}

static struct request_header *
request_find(struct request_builder *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->request->n_headers; i++) {
		if (strcmp(b->headers[i].name, name) == 0)
			return &b->headers[i];
	}
	return NULL;
}

/* Whether param is a line of that header. */
static bool
request_is_line(const char *param, const char *name)
{
	if (strncmp(param, "HTTP_", 5) != 0)
		return false;
	for (param += 5; *name != '\0' && request_name_char(*param) == *name; param++)
		name++;
	return *name == '\0' && *param == '=';
}

/* The values of all lines of a header. NULL: no memory. */
static const char *
request_join(struct request_builder *b, const char *name)
{
	size_t before = strlen("HTTP_=") + strlen(name), room = 1;
	const char *const *p;
	char *joined, *end;

	for (p = b->params; *p != NULL; p++)
		room += request_is_line(*p, name) ? strlen(*p + before) + 2 : 0;
	joined = end = arena_alloc_to(b->arena, room, 1);
	for (p = b->params; joined != NULL && *p != NULL; p++) {
		if (request_is_line(*p, name))
			end = stpcpy(stpcpy(end, end == joined ? "" : ", "), *p + before);
	}
	return joined;
}

/*
 * nginx before 1.23 sends a variable for each line of a header that came in several: they are
 * joined, once, as RFC 9110, section 5.3 has it.
 */
static bool
request_add(struct request_builder *b, const char *name, const char *value, bool join)
{
	struct request_header *h = request_find(b, name), *headers;
	bool *joined = h == NULL ? NULL : &b->joined[h - b->headers];

	if (h != NULL) {
		if (!*joined)
			h->value = join ? request_join(b, name) : value;
		*joined |= join;
		return h->value != NULL;
	}
	headers =
	    arena_grow(b->arena, b->headers, b->request->n_headers, &b->cap, sizeof(*headers));
	if (headers == NULL)
		return false;
	b->headers = headers;
	headers[b->request->n_headers++] = (struct request_header){.name = name, .value = value};
	return true;
}

static bool
request_param_header(struct request_builder *b, const char *param, size_t len, const char *value)
{
	bool own = request_is_own(param, len);
	const char *name;

	if (own && *value == '\0')
		return true;
	if (!own) {
		if (len <= 5 || memcmp(param, "HTTP_", 5) != 0)
			return true;
		param += 5;
		len -= 5;
		if (request_is_own(param, len))
			return true;
	}
	name = request_header_name(b->arena, param, len);
	return name != NULL && request_add(b, name, value, !own);
}

static bool
request_param(struct request_builder *b, const char *param)
{
	const char *equals = strchr(param, '='), *value, **slot;
	size_t len;

	if (equals == NULL)
		return true;
	len = (size_t)(equals - param);
	value = equals + 1;
	slot = request_slot(b, param, len);
	if (slot != NULL) {
		*slot = value;
		return true;
	}
	if (len == 5 && memcmp(param, "HTTPS", 5) == 0) {
		if (strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0)
			b->request->scheme = "https";
		return true;
	}
	if (len == 14 && memcmp(param, "REQUEST_SCHEME", 14) == 0) {
		if (strcasecmp(value, "https") == 0)
			b->request->scheme = "https";
		return true;
	}
	return request_param_header(b, param, len, value);
}

/*
 * RFC 9112, section 3.2.2: a request line may name the whole URL. nginx hands on its path and
 * query, Apache all of it; what is kept is what nginx hands on.
 */
static bool
request_origin_form(struct request_builder *b)
{
	const char *uri = b->request->uri, *rest;

	if (strncasecmp(uri, "http://", 7) == 0)
		rest = uri + 7;
	else if (strncasecmp(uri, "https://", 8) == 0)
		rest = uri + 8;
	else
		return true;
	rest += strcspn(rest, "/?");
	b->request->uri = *rest == '/' ? rest : arena_printf(b->arena, "/%s", rest);
	return b->request->uri != NULL;
}

bool
request_from_params(struct arena *a, const char *const *params, struct request *out)
{
	struct request_builder b = {.arena = a, .params = params, .request = out};
	size_t i, len, total = 0;

	*out = (struct request){
	    .method = "",
	    .uri = "",
	    .path_info = "",
	    .scheme = "http",
	    .authority = "",
	    .remote = "",
	    .client_subject = "",
	    .body = "",
	};
	for (i = 0; params[i] != NULL; i++) {
		len = strlen(params[i]);
		if (i >= LIMIT_PARAMS || len > LIMIT_PARAM_BYTES - total) {
			out->too_many_params = true;
			break;
		}
		total += len;
		if (!request_param(&b, params[i]))
			return false;
	}
	if (!request_origin_form(&b))
		return false;
	/* Apache hides Authorization from CGI; .htaccess hands it on under this name. */
	if (b.forwarded_authorization != NULL && request_find(&b, "authorization") == NULL &&
	    !request_add(&b, "authorization", b.forwarded_authorization, false))
		return false;
	if (b.verify != NULL && strcmp(b.verify, "SUCCESS") == 0 && b.subject != NULL)
		out->client_subject = b.subject;
	out->headers = b.headers;
	return true;
}

const char *
request_header(const struct request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_headers; i++) {
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	}
	return NULL;
}

void
response_init(struct response *r)
{
	*r = (struct response){.status = 0};
	arena_init(&r->arena, LIMIT_ARENA);
	buf_init(&r->body, RESPONSE_BODY_MAX);
}

void
response_clear(struct response *r)
{
	buf_clear(&r->body);
	arena_clear(&r->arena);
	r->status = 0;
	r->n_headers = 0;
}

void
response_header(struct response *r, const char *name, const char *value)
{
	char *copy = arena_strdup(&r->arena, value), *name_copy = arena_strdup(&r->arena, name);

	if (copy == NULL || name_copy == NULL || r->n_headers == RESPONSE_HEADERS_MAX) {
		r->status = 503;
		buf_fail(&r->body, GW_EINTERNAL);
		return;
	}
	r->headers[r->n_headers++] = (struct request_header){.name = name_copy, .value = copy};
}
