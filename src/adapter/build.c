/*
 * build.c: an HTTP call from a step's templates. A value that cannot go where the template puts it
 * fails here, before anything is sent.
 */
#include <string.h>
#include <strings.h>

#include "adapter/run.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "format/json.h"
#include "base/text.h"
#include "format/url.h"

enum { HEADERS_MAX = 32 };

struct builder {
	const struct op *op;
	const struct step *step;
	const struct scope *scope;
	struct buf url;
	bool query_began;
	struct http_header *headers;
	size_t n_headers;
	bool proving; /* headers from now on are credentials */
};

static enum gw_err
build_fail(const struct builder *b, enum fail_code code, const char *what)
{
	return fail(b->scope->failure, code, "%s: %s", b->step->request, what);
}

static enum gw_err
build_base(struct builder *b)
{
	const struct template *t =
	    b->step->base_url != NULL ? b->step->base_url : b->op->adapter->base_url;
	struct scope scope = *b->scope;
	const char *base;
	struct buf origin;
	size_t len;
	bool good;

	scope.blame = CODE_ROUTE_SETTING;
	if (template_text(t, &scope, &base) != GW_OK)
		return b->scope->failure->err;
	buf_init(&origin, LIMIT_PARAM_BYTES);
	good = base != NULL && url_origin(base, &origin) && strpbrk(base, "?#") == NULL;
	buf_clear(&origin);
	if (!good)
		return build_fail(
		    b, CODE_ROUTE_SETTING, "base_url is no http(s) URL without a query");
	len = strlen(base);
	while (len > 0 && base[len - 1] == '/')
		len--;
	buf_put(&b->url, base, len);
	return GW_OK;
}

static void
build_query_pair(struct builder *b, const char *name, const char *value)
{
	buf_putc(&b->url, b->query_began ? '&' : '?');
	b->query_began = true;
	url_query(&b->url, name);
	buf_putc(&b->url, '=');
	url_query(&b->url, value);
}

/* A list as value repeats the parameter. */
static enum gw_err
build_query(struct builder *b, const struct pairs *pairs)
{
	const struct expr *lone;
	struct value *list;
	const char *value;
	enum gw_err err;
	size_t i, j;

	for (i = 0; i < pairs->n; i++) {
		lone = template_lone(pairs->items[i].value);
		list = NULL;
		if (lone != NULL) {
			err = expr_eval(lone, b->scope, &list);
			if (err != GW_OK)
				return err;
		}
		if (list != NULL && list->kind == VALUE_LIST) {
			for (j = 0; j < list->n; j++) {
				if (value_str(value_at(list, j)) == NULL)
					return build_fail(
					    b, b->scope->blame, "a query value is no text");
				build_query_pair(
				    b, pairs->items[i].name, value_str(value_at(list, j)));
			}
			continue;
		}
		err = template_query(pairs->items[i].value, b->scope, &value);
		if (err != GW_OK)
			return err;
		if (value != NULL)
			build_query_pair(b, pairs->items[i].name, value);
	}
	return GW_OK;
}

static struct http_header *
build_find_header(struct builder *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->n_headers; i++) {
		if (strcasecmp(b->headers[i].name, name) == 0)
			return &b->headers[i];
	}
	return NULL;
}

/* A step's own header replaces the file's. */
static enum gw_err
build_header(struct builder *b, const char *name, const char *value)
{
	struct http_header *header = build_find_header(b, name);

	if (text_has_control(value))
		return build_fail(b, b->scope->blame, "a header would get a control character");
	if (header == NULL && b->n_headers >= HEADERS_MAX)
		return build_fail(b, CODE_ROUTE_SETTING, "too many headers");
	if (header == NULL)
		header = &b->headers[b->n_headers++];
	header->name = name;
	header->value = value;
	header->secret = b->proving;
	return GW_OK;
}

/* The adapter may name another type: merge-patch+json and the like. */
static enum gw_err
build_content_type(struct builder *b, const char *value)
{
	return build_find_header(b, "Content-Type") != NULL
		   ? GW_OK
		   : build_header(b, "Content-Type", value);
}

static enum gw_err
build_headers(struct builder *b, const struct pairs *pairs)
{
	enum gw_err err = GW_OK;
	const char *value;
	size_t i;

	for (i = 0; i < pairs->n && err == GW_OK; i++) {
		err = template_text(pairs->items[i].value, b->scope, &value);
		if (err == GW_OK && value != NULL)
			err = build_header(b, pairs->items[i].name, value);
	}
	return err;
}

static enum gw_err
build_basic(struct builder *b, const struct adapter_auth *auth)
{
	const char *username, *password, *value;
	struct buf plain, encoded;
	enum gw_err err;

	err = template_text(auth->username, b->scope, &username);
	if (err == GW_OK)
		err = template_text(auth->password, b->scope, &password);
	if (err != GW_OK)
		return err;
	if (username == NULL)
		return build_fail(b, CODE_ROUTE_SETTING, "there is no user name for basic");
	buf_init(&plain, LIMIT_SECRET);
	buf_init(&encoded, LIMIT_SECRET * 2);
	buf_puts(&plain, username);
	buf_putc(&plain, ':');
	buf_puts(&plain, password == NULL ? "" : password);
	buf_puts(&encoded, "Basic ");
	base64_encode(&encoded, plain.data, plain.len);
	err = plain.err != GW_OK ? plain.err : encoded.err;
	value = err == GW_OK ? arena_strdup(b->scope->arena, encoded.data) : NULL;
	crypto_wipe(plain.data, plain.len);
	crypto_wipe(encoded.data, encoded.len);
	buf_clear(&plain);
	buf_clear(&encoded);
	if (err != GW_OK)
		return build_fail(b, CODE_ROUTE_SETTING, "user name and password are too long");
	return value == NULL ? fail_memory(b->scope->failure)
			     : build_header(b, "Authorization", value);
}

static enum gw_err
build_auth(struct builder *b)
{
	const struct adapter_auth *auth = b->step->auth;
	const char *token, *value;
	enum gw_err err;

	if (auth == NULL)
		return GW_OK;
	switch (auth->kind) {
	case AUTH_BASIC:
		return build_basic(b, auth);
	case AUTH_BEARER:
		err = template_text(auth->token, b->scope, &token);
		if (err != GW_OK)
			return err;
		if (token == NULL)
			return build_fail(b, CODE_ROUTE_SETTING, "there is no bearer token");
		value = arena_printf(b->scope->arena, "Bearer %s", token);
		return value == NULL ? fail_memory(b->scope->failure)
				     : build_header(b, "Authorization", value);
	case AUTH_HEADER:
		return build_headers(b, &auth->pairs);
	case AUTH_QUERY:
		return build_query(b, &auth->pairs);
	default:
		return GW_OK;
	}
}

struct params {
	const struct page_param *items;
	size_t n;
};

static void
build_form_pair(struct buf *body, const char *name, const char *value)
{
	if (body->len > 0)
		buf_putc(body, '&');
	url_query(body, name);
	buf_putc(body, '=');
	url_query(body, value);
}

static enum gw_err
build_form(struct builder *b, const struct params *params, struct buf *body)
{
	const char *value;
	enum gw_err err;
	size_t i;

	for (i = 0; i < b->step->form.n; i++) {
		err = template_text(b->step->form.items[i].value, b->scope, &value);
		if (err != GW_OK)
			return err;
		if (value != NULL)
			build_form_pair(body, b->step->form.items[i].name, value);
	}
	for (i = 0; i < params->n; i++)
		build_form_pair(body, params->items[i].name, value_str(params->items[i].value));
	return build_content_type(b, "application/x-www-form-urlencoded");
}

static bool
params_hold(const struct params *params, const char *name)
{
	size_t i;

	for (i = 0; i < params->n; i++) {
		if (strcmp(params->items[i].name, name) == 0)
			return true;
	}
	return false;
}

/* A copy: the tree may share values with others. */
static struct value *
build_with_params(struct arena *a, const struct value *tree, const struct params *params)
{
	struct value *copy = value_object(a);
	size_t i;

	for (i = 0; i < tree->n; i++) {
		if (!params_hold(params, tree->items[i].name) &&
		    !value_set(a, copy, tree->items[i].name, value_at(tree, i)))
			return NULL;
	}
	for (i = 0; i < params->n; i++) {
		if (!value_set(a, copy, params->items[i].name, params->items[i].value))
			return NULL;
	}
	return copy;
}

static enum gw_err
build_json(struct builder *b, const struct params *params, struct buf *body)
{
	struct value *tree;
	enum gw_err err = tree_eval(b->step->body, b->scope, &tree);

	if (err != GW_OK)
		return err;
	if (tree == NULL)
		return build_fail(b, b->scope->blame, "the body is absent");
	if (params->n > 0) {
		if (tree->kind != VALUE_OBJECT)
			return build_fail(
			    b, b->scope->blame, "paging needs a body that is an object");
		tree = build_with_params(b->scope->arena, tree, params);
		if (tree == NULL)
			return fail_memory(b->scope->failure);
	}
	json_value(body, tree);
	return build_content_type(b, "application/json");
}

static bool
build_has_body(const struct step *s)
{
	return s->body != NULL || s->form.n > 0;
}

static enum gw_err
build_body(struct builder *b, const struct params *params, struct http_call *call)
{
	enum gw_err err;
	struct buf body;

	if (!build_has_body(b->step))
		return GW_OK;
	buf_init(&body, LIMIT_REQUEST_BYTES);
	if (b->step->body != NULL)
		err = build_json(b, params, &body);
	else
		err = build_form(b, params, &body);
	if (err == GW_OK && body.err != GW_OK)
		err = build_fail(b, CODE_INPUT_LIMIT, "the body becomes too long");
	if (err == GW_OK) {
		call->body = arena_strndup(b->scope->arena, body.data, body.len);
		call->body_len = body.len;
		if (call->body == NULL)
			err = fail_memory(b->scope->failure);
	}
	buf_clear(&body);
	return err;
}

static enum gw_err
build_url(struct builder *b, const struct params *params)
{
	enum gw_err err = build_base(b);
	size_t i;

	if (err == GW_OK)
		err = template_path(b->step->path, b->scope, &b->url);
	if (err == GW_OK)
		err = build_query(b, &b->op->adapter->query);
	if (err == GW_OK)
		err = build_query(b, &b->step->query);
	for (i = 0; i < params->n && !build_has_body(b->step); i++)
		build_query_pair(b, params->items[i].name, value_str(params->items[i].value));
	return err;
}

enum gw_err
build_call(const struct op *op, const struct step *s, const struct scope *scope,
    const struct page_param *params, size_t n_params, const char *url, struct http_call *call)
{
	struct builder b = {.op = op, .step = s, .scope = scope};
	struct params sent = {params, n_params};
	enum gw_err err = GW_OK;

	*call = (struct http_call){.method = s->method, .write = s->writes != WRITES_NO};
	call->answer_max = s->streams ? LIMIT_ANSWER_STREAMED : LIMIT_ANSWER;
	b.headers = arena_array(scope->arena, HEADERS_MAX, sizeof(*b.headers));
	if (b.headers == NULL)
		return fail_memory(scope->failure);
	buf_init(&b.url, LIMIT_PARAM_BYTES);
	if (url == NULL)
		err = build_url(&b, &sent);
	else {
		buf_puts(&b.url, url);
		b.query_began = strchr(url, '?') != NULL;
	}
	if (err == GW_OK && op->hris->traceparent != NULL)
		err = build_header(&b, "traceparent", op->hris->traceparent);
	if (err == GW_OK)
		err = build_headers(&b, &op->adapter->headers);
	if (err == GW_OK)
		err = build_headers(&b, &s->headers);
	if (err == GW_OK)
		err = build_body(&b, &sent, call);
	call->url_shown = b.url.len;
	b.proving = true;
	if (err == GW_OK)
		err = build_auth(&b);
	if (err == GW_OK && b.url.err != GW_OK)
		err = build_fail(&b, CODE_INPUT_ID, "the URL cannot be made of these values");
	if (err == GW_OK) {
		call->url = arena_strdup(scope->arena, b.url.data);
		call->headers = b.headers;
		call->n_headers = b.n_headers;
		if (call->url == NULL)
			err = fail_memory(scope->failure);
	}
	buf_clear(&b.url);
	return err;
}
