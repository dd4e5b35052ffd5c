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
	return fail(b->scope->failure, code, "%s: %s", b->step->shown, what);
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
	(void)buf_whole(&origin, scope.arena);
	buf_clear(&origin);
	if (!good)
		return build_fail(b, CODE_ROUTE_SETTING,
		    "base_url has to be an http or https URL without a query");
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

/* The texts of a parameter: none, one, or those of a list. */
static enum gw_err
build_values(struct builder *b, const struct pair *pair, bool query, struct value **out)
{
	struct scope scope = *b->scope;
	struct value *v = NULL, *list = value_list(scope.arena);
	enum gw_err err;
	size_t i;

	*out = NULL;
	scope.query = query;
	err = tree_eval(pair->tree, &scope, &v);
	if (err != GW_OK)
		return err;
	if (v != NULL && v->kind != VALUE_NULL && v->kind != VALUE_LIST) {
		if (!value_add(scope.arena, list, v))
			return fail_memory(scope.failure);
		v = list;
	}
	*out = value_is(v, VALUE_LIST) ? v : list;
	for (i = 0; *out != NULL && i < (*out)->n; i++) {
		if (value_str(value_at(*out, i)) == NULL)
			return build_fail(b, scope.blame,
			    arena_printf(
				scope.arena, "the value of \"%s\" is no text", pair->name));
	}
	return *out == NULL ? fail_memory(scope.failure) : GW_OK;
}

static enum gw_err
build_query(struct builder *b, const struct pairs *pairs)
{
	struct value *list;
	enum gw_err err;
	size_t i, j;

	for (i = 0; i < pairs->n; i++) {
		err = build_values(b, &pairs->items[i], true, &list);
		for (j = 0; err == GW_OK && list != NULL && j < list->n; j++)
			build_query_pair(b, pairs->items[i].name, value_str(value_at(list, j)));
		if (err != GW_OK)
			return err;
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
		return build_fail(b, CODE_ROUTE_SETTING, "the request would have too many headers");
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
		return build_fail(b, CODE_ROUTE_SETTING, "auth: the user name of basic is empty");
	buf_init(&plain, LIMIT_SECRET);
	buf_init(&encoded, LIMIT_SECRET * 2);
	buf_puts(&plain, username);
	buf_putc(&plain, ':');
	buf_puts(&plain, password == NULL ? "" : password);
	buf_puts(&encoded, "Basic ");
	base64_encode(&encoded, plain.data, plain.len);
	err = buf_whole(&plain, b->scope->arena) ? GW_OK : plain.err;
	if (err == GW_OK && !buf_whole(&encoded, b->scope->arena))
		err = encoded.err;
	value = err == GW_OK ? arena_strdup(b->scope->arena, encoded.data) : NULL;
	crypto_wipe(plain.data, plain.len);
	crypto_wipe(encoded.data, encoded.len);
	buf_clear(&plain);
	buf_clear(&encoded);
	if (err != GW_OK)
		return build_fail(
		    b, CODE_ROUTE_SETTING, "auth: user name and password of basic are too long");
	return value == NULL ? fail_memory(b->scope->failure)
			     : build_header(b, "Authorization", value);
}

static enum gw_err
build_bearer(struct builder *b, const struct adapter_auth *auth)
{
	const char *token, *value;
	enum gw_err err = template_text(auth->token, b->scope, &token);

	if (err != GW_OK)
		return err;
	if (token == NULL)
		return build_fail(b, CODE_ROUTE_SETTING, "auth: the bearer token is empty");
	value = arena_printf(b->scope->arena, "Bearer %s", token);
	return value == NULL ? fail_memory(b->scope->failure)
			     : build_header(b, "Authorization", value);
}

static enum gw_err
build_auth(struct builder *b)
{
	const struct adapter_auth *auth = b->step->auth;
	const struct scope *outer = b->scope;
	const struct binding token = {"token", value_get(outer->auth, "token"), outer->bound};
	struct scope scope = *outer;
	enum gw_err err = GW_OK;

	if (auth == NULL)
		return GW_OK;
	scope.bound = &token;
	b->scope = &scope;
	if (auth->kind == AUTH_BASIC)
		err = build_basic(b, auth);
	else if (auth->kind == AUTH_BEARER)
		err = build_bearer(b, auth);
	if (err == GW_OK)
		err = build_headers(b, &auth->headers);
	if (err == GW_OK)
		err = build_query(b, &auth->query);
	b->scope = outer;
	return err;
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
	const struct pairs *form = &b->step->form;
	struct value *list;
	enum gw_err err;
	size_t i, j;

	for (i = 0; i < form->n; i++) {
		err = build_values(b, &form->items[i], false, &list);
		for (j = 0; err == GW_OK && list != NULL && j < list->n; j++)
			build_form_pair(body, form->items[i].name, value_str(value_at(list, j)));
		if (err != GW_OK)
			return err;
	}
	for (i = 0; i < params->n; i++)
		build_form_pair(body, params->items[i].name, value_str(params->items[i].value));
	return build_content_type(b, "application/x-www-form-urlencoded");
}

/*
 * The tree with a parameter in it, as "a.b" at any depth, in the place of what is there. A copy: the
 * tree may share values with others. NULL: no memory.
 */
static struct value *
build_with_param(struct arena *a, const struct value *tree, const char *path, struct value *value)
{
	struct value *copy = value_object(a);
	size_t len = strcspn(path, "."), i;
	const char *name = arena_strndup(a, path, len);
	const struct value *inner = name == NULL ? NULL : value_get(tree, name);
	size_t n = tree != NULL && tree->kind == VALUE_OBJECT ? tree->n : 0;

	if (path[len] == '.')
		value = build_with_param(a, inner, path + len + 1, value);
	for (i = 0; i < n; i++) {
		if (!text_equal(tree->items[i].name, name) &&
		    !value_set(a, copy, tree->items[i].name, value_at(tree, i)))
			return NULL;
	}
	return name != NULL && value_set(a, copy, name, value) ? copy : NULL;
}

/* wrap: the body in its envelope. What may be shown of it is the body itself. */
static enum gw_err
build_wrapped(struct builder *b, struct http_call *call, struct value **tree)
{
	struct scope scope = *b->scope;
	struct binding auth = {"auth", scope.auth, scope.bound}, body = {"body", *tree, &auth};
	struct buf shown;

	buf_init(&shown, LIMIT_REQUEST_BYTES);
	json_value(&shown, *tree);
	call->body_shown =
	    shown.err == GW_OK ? arena_strndup(scope.arena, shown.data, shown.len) : NULL;
	buf_clear(&shown);
	if (call->body_shown == NULL)
		return fail_memory(scope.failure);
	scope.bound = &body;
	return tree_eval(b->op->adapter->wrap, &scope, tree);
}

static enum gw_err
build_json(struct builder *b, const struct params *params, struct http_call *call, struct buf *body)
{
	struct value *tree;
	enum gw_err err = tree_eval(b->step->body, b->scope, &tree);
	size_t i;

	if (err != GW_OK)
		return err;
	if (tree == NULL)
		return build_fail(b, b->scope->blame, "the body is absent");
	if (params->n > 0) {
		if (tree->kind != VALUE_OBJECT)
			return build_fail(
			    b, b->scope->blame, "paging needs a body that is an object");
	}
	for (i = 0; i < params->n && tree != NULL; i++)
		tree = build_with_param(
		    b->scope->arena, tree, params->items[i].name, params->items[i].value);
	if (tree == NULL)
		return fail_memory(b->scope->failure);
	if (b->op->adapter->wrap != NULL && !b->step->bare)
		err = build_wrapped(b, call, &tree);
	if (err != GW_OK)
		return err;
	json_value(body, tree);
	return build_content_type(b, "application/json");
}

static enum gw_err
build_xml(struct builder *b, struct buf *body)
{
	enum gw_err err = template_xml(b->step->xml, b->scope, body);

	return err == GW_OK ? build_content_type(b, "application/xml") : err;
}

static bool
build_has_body(const struct step *s)
{
	return s->body != NULL || s->form.n > 0 || s->xml != NULL;
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
		err = build_json(b, params, call, &body);
	else if (b->step->xml != NULL)
		err = build_xml(b, &body);
	else
		err = build_form(b, params, &body);
	if (err == GW_OK && !buf_whole(&body, b->scope->arena))
		err = build_fail(b, CODE_INPUT_LIMIT, "the body would be longer than 4 MiB");
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
	if (err == GW_OK && !b->step->bare)
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
	if (err == GW_OK && !buf_whole(&b.url, scope->arena))
		err = build_fail(&b, CODE_INPUT_ID,
		    "the URL would be too long, or a value in its path is empty, . or ..");
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
