/*
 * invoke.c: one call of a data action, from its inputs to flattened outputs. Sources: Genesys Cloud
 * Resource Center, "Add configuration to custom actions", "Response configuration for data
 * actions", "Credential types for the Web Services Data Actions integration" (as of 2026-11).
 * Genesys does not say when it drops a token; here, as one user has it, at a 401, after which it
 * asks once more.
 */
#include "genesys/invoke.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "format/jsonpath.h"
#include "genesys/schema.h"
#include "genesys/velocity.h"

enum { TEXT_BYTES_MAX = 16 * 1024 * 1024, HEADERS_MAX = 32, WHY_MAX = 400 };

/* What a workflow's author sees of whatever the web service answered. */
static const char hidden[] =
    "REST call for action execute failed. Message: Request to backend service failed.";

struct invocation {
	struct invoker *invoker;
	struct arena *arena;
	const struct action *action;
	struct value *context;
	struct result *result;
	struct request_header headers[HEADERS_MAX];
	size_t n_headers;
};

const char *
outcome_name(enum outcome outcome)
{
	static const char *const names[OUTCOME_MAX] = {
	    [OUTCOME_SUCCESS] = "Success",
	    [OUTCOME_FAILURE] = "Failure",
	    [OUTCOME_TIMEOUT] = "Timeout",
	};

	return names[outcome];
}

static bool __attribute__((format(printf, 3, 4)))
failed(struct invocation *i, const char *code, const char *fmt, ...)
{
	char why[WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	text_ellipsis(why, sizeof(why));
	i->result->outcome = OUTCOME_FAILURE;
	i->result->code = code;
	i->result->message = hidden;
	i->result->why = arena_strdup(i->arena, why);
	return false;
}

static bool
no_memory(struct invocation *i)
{
	return failed(i, "ACTION.PROCESSING", "out of memory");
}

/* Inputs that are null are left out, and the rest must be as the contract says. */
static struct value *
given_inputs(struct invocation *i, const struct value *inputs)
{
	struct value *given = value_object(i->arena), *raw;
	struct buf b;
	size_t k;

	for (k = 0; given != NULL && k < inputs->n; k++) {
		if (value_at(inputs, k)->kind != VALUE_NULL &&
		    !value_set(i->arena, given, inputs->items[k].name, value_at(inputs, k)))
			given = NULL;
	}
	buf_init(&b, TEXT_BYTES_MAX);
	json_value(&b, given);
	raw = b.err == GW_OK ? value_text_len(i->arena, b.data, b.len) : NULL;
	buf_clear(&b);
	return given != NULL && value_set(i->arena, given, "rawRequest", raw) ? given : NULL;
}

static const struct secret *
caller_secret(const struct invoker *v)
{
	const struct caller_keys *keys = &v->choice.caller->keys[v->choice.form->form];

	return &keys->items[0].secret;
}

/* ${credentials.x} of the form that was chosen. */
static struct value *
credentials(struct invocation *i)
{
	const struct invoker *v = i->invoker;
	struct value *c = value_object(i->arena);
	const struct secret *secret = caller_secret(v);
	struct value *text = value_text_len(i->arena, (const char *)secret->bytes, secret->len);

	/* A signature's key is bytes; the function that would use it is not played. */
	if (v->choice.form->function)
		text = value_text(i->arena, "(not shown)");
	return value_set(i->arena, c, "clientId", value_text(i->arena, v->choice.caller->name)) &&
		       value_set(i->arena, c, "clientSecret", text) &&
		       value_set(i->arena, c, "loginUrl",
			   value_text(i->arena, v->login_url == NULL ? "" : v->login_url)) &&
		       value_set(i->arena, c, "gatewayUrl", value_text(i->arena, "-")) &&
		       value_set(i->arena, c, "keyId", value_text(i->arena, "-")) &&
		       value_set(i->arena, c, "key", text)
		   ? c
		   : NULL;
}

/* A template filled in; NULL: the result says why not. */
static const char *
filled(struct invocation *i, const char *what, const char *template)
{
	const char *text = NULL;
	char why[WHY_MAX];
	struct buf b;

	buf_init(&b, TEXT_BYTES_MAX);
	if (!velocity_fill(template, i->context, &b, why, sizeof(why)))
		(void)failed(i, "ACTION.PROCESSING", "%s: %s", what, why);
	else {
		text = arena_strndup(i->arena, b.data, b.len);
		if (text == NULL)
			(void)no_memory(i);
	}
	buf_clear(&b);
	return text;
}

static const char *
lower(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *p;

	for (p = out; p != NULL && *p != '\0'; p++)
		*p = text_lower(*p);
	return out;
}

static bool
add_header(struct invocation *i, const char *name, const char *value)
{
	if (i->n_headers == HEADERS_MAX)
		return failed(i, "ACTION.PROCESSING", "more than %d headers", HEADERS_MAX);
	i->headers[i->n_headers] =
	    (struct request_header){.name = lower(i->arena, name), .value = value};
	return i->headers[i->n_headers++].name != NULL || no_memory(i);
}

/* The integration's own Basic credential goes with every call. */
static bool
add_basic(struct invocation *i)
{
	const struct invoker *v = i->invoker;
	const struct secret *secret = caller_secret(v);
	const char *header;
	struct buf b, text;

	buf_init(&b, TEXT_BYTES_MAX);
	buf_init(&text, TEXT_BYTES_MAX);
	if (!v->bamboohr)
		buf_printf(&text, "%s:", v->choice.caller->name);
	buf_put(&text, secret->bytes, secret->len);
	if (v->bamboohr)
		buf_puts(&text, ":x");
	buf_puts(&b, "Basic ");
	base64_encode(&b, text.data, text.len);
	header = b.err == GW_OK && text.err == GW_OK ? arena_strdup(i->arena, b.data) : NULL;
	buf_clear(&b);
	buf_clear(&text);
	return header == NULL ? no_memory(i) : add_header(i, "authorization", header);
}

static bool
fill_headers(struct invocation *i)
{
	const struct value *headers = i->action->headers;
	const char *value;
	size_t k;

	i->n_headers = 0;
	for (k = 0; k < headers->n; k++) {
		value = filled(i, headers->items[k].name, value_at(headers, k)->text);
		if (value == NULL || !add_header(i, headers->items[k].name, value))
			return false;
		if (text_has_control(value))
			return failed(i, "ACTION.PROCESSING",
			    "header %s would have a control character", headers->items[k].name);
	}
	return i->invoker->choice.form->form != CALLER_BASIC || add_basic(i);
}

/* The request that the templates make, to the gateway of this process. */
static bool
send_request(struct invocation *i, struct response *response)
{
	const char *url = filled(i, "requestUrlTemplate", i->action->url), *body = "", *host;
	struct request request = {
	    .path_info = "", .scheme = "https", .remote = "127.0.0.1", .client_subject = ""};

	if (url == NULL || !fill_headers(i))
		return false;
	if (strcmp(i->action->method, "GET") != 0 && strcmp(i->action->method, "DELETE") != 0)
		body = filled(i, "requestTemplate", i->action->body);
	host = strstr(url, "://");
	if (body == NULL)
		return false;
	if (host == NULL || strpbrk(url, " \t\r\n\"<>") != NULL)
		return failed(i, "ACTION.PROCESSING", "the URL is none: %.100s", url);
	host += 3;
	request.authority = arena_strndup(i->arena, host, strcspn(host, "/?"));
	request.uri = host + strcspn(host, "/?");
	request.method = i->action->method;
	request.headers = i->headers;
	request.n_headers = i->n_headers;
	request.body = body;
	request.body_len = strlen(body);
	gateway_handle(i->invoker->gateway, &request, response);
	return true;
}

/*
 * What the function in conf/genesys/function makes of the action's body. Node runs it in Genesys
 * Cloud; here its request goes to the gateway without the signature.
 */
static bool
send_function(struct invocation *i, struct response *response)
{
	const char *event = filled(i, "requestTemplate", i->action->body), *action;
	const struct value *v;
	char why[WHY_MAX];
	struct buf body;

	if (event == NULL || !fill_headers(i))
		return false;
	v = json_parse(i->arena, event, strlen(event), &json_input, why, sizeof(why));
	action = value_get_text(v, "action");
	if (v == NULL || action == NULL)
		return failed(i, "ACTION.REMOTE_ENDPOINT", "the function's event: %s",
		    v == NULL ? why : "it names no action");
	buf_init(&body, LIMIT_BODY);
	json_value(&body, value_get(v, "input"));
	gateway_call(i->invoker->gateway, i->invoker->route->name, action, body.data, response);
	buf_clear(&body);
	return true;
}

/* Sends, and holds the answer's status and time against what Genesys takes for success. */
static bool
exchange(struct invocation *i, struct response *response)
{
	const struct clock *clock = i->invoker->gateway->clock;
	int64_t began = clock_mono_ms(clock);
	bool sent = i->action->function ? send_function(i, response) : send_request(i, response);

	if (!sent)
		return false;
	i->result->status = response->status;
	if (clock_mono_ms(clock) - began > i->action->timeout_s * 1000) {
		i->result->outcome = OUTCOME_TIMEOUT;
		i->result->why = "the answer came after the action's time-out";
		return false;
	}
	if (response->status < 200 || response->status > 299)
		return failed(i,
		    response->status == 401 ? "ACTION.AUTHENTICATION" : "ACTION.REMOTE_ENDPOINT",
		    "HTTP %d: %.200s", response->status, response->body.data);
	return true;
}

/* The value of a translationMap's path, as JSON text; NULL: the path leads nowhere. */
static const char *
translated(struct invocation *i, const char *path, const struct value *root)
{
	const struct jsonpath *p;
	const char *text = NULL;
	struct nodes nodes;
	char why[WHY_MAX];
	struct buf b;
	size_t k;

	p = jsonpath_compile(i->arena, path, strlen(path), false, NULL, why, sizeof(why));
	if (p == NULL || !jsonpath_select(i->arena, p, root, LIMIT_VALUES, &nodes) || nodes.n == 0)
		return NULL;
	buf_init(&b, TEXT_BYTES_MAX);
	if (jsonpath_is_singular(p))
		json_value(&b, nodes.items[0]);
	else {
		for (k = 0; k < nodes.n; k++) {
			buf_putc(&b, k == 0 ? '[' : ',');
			json_value(&b, nodes.items[k]);
		}
		buf_putc(&b, ']');
	}
	text = b.err == GW_OK ? arena_strdup(i->arena, b.data) : NULL;
	buf_clear(&b);
	return text;
}

/* The names that the success template may use: rawResult, and those of the translation map. */
static bool
set_response_context(
    struct invocation *i, const struct response *response, const struct value *root)
{
	const struct action *a = i->action;
	const char *text;
	size_t k;

	i->context = value_object(i->arena);
	if (i->context == NULL ||
	    !value_set(i->arena, i->context, "rawResult",
		value_text_len(i->arena, response->body.data, response->body.len)))
		return no_memory(i);
	for (k = 0; value_is(a->map, VALUE_OBJECT) && k < a->map->n; k++) {
		text = translated(i, value_at(a->map, k)->text, root);
		if (text == NULL)
			text = value_get_text(a->defaults, a->map->items[k].name);
		if (text != NULL && !value_set(i->arena, i->context, a->map->items[k].name,
					value_text(i->arena, text)))
			return no_memory(i);
	}
	return true;
}

/* The success template's JSON; NULL: the result says why not. */
static const struct value *
success(struct invocation *i, const struct response *response)
{
	const struct value *root, *out;
	const char *text;
	char why[WHY_MAX];

	root = json_parse(
	    i->arena, response->body.data, response->body.len, &json_answer, why, sizeof(why));
	if (root == NULL) {
		(void)failed(i, "ACTION.REMOTE_ENDPOINT", "the answer is no JSON: %s", why);
		return NULL;
	}
	if (!set_response_context(i, response, root))
		return NULL;
	text = filled(i, "successTemplate", i->action->success);
	if (text == NULL)
		return NULL;
	out = json_parse(i->arena, text, strlen(text), &json_answer, why, sizeof(why));
	if (out == NULL)
		(void)failed(
		    i, "ACTION.PROCESSING", "what successTemplate makes is no JSON: %s", why);
	return out;
}

static bool
begin(struct invocation *i, struct value *input)
{
	struct value *c = credentials(i), *auth = (struct value *)i->invoker->auth_answer;

	i->context = value_object(i->arena);
	return (i->context != NULL && c != NULL && input != NULL &&
		   value_set(i->arena, i->context, "input", input) &&
		   value_set(i->arena, i->context, "credentials", c) &&
		   (auth == NULL || value_set(i->arena, i->context, "authResponse", auth))) ||
	       no_memory(i);
}

/* What the custom auth action makes of the token endpoint's answer; kept. */
static bool
fetch_token(struct invoker *v, struct result *out)
{
	struct invocation i = {.invoker = v, .arena = v->arena, .action = v->auth, .result = out};
	struct response response;
	bool good;

	v->auth_answer = NULL;
	response_init(&response);
	good = begin(&i, value_object(v->arena)) && exchange(&i, &response);
	if (good)
		v->auth_answer = success(&i, &response);
	response_clear(&response);
	v->tokens_fetched++;
	if (v->auth_answer == NULL && out->why != NULL)
		out->why = arena_printf(v->arena, "the custom auth action: %s", out->why);
	return v->auth_answer != NULL;
}

static bool
wants_token(const struct invoker *v, const struct action *a)
{
	size_t k;

	for (k = 0; k < a->headers->n; k++) {
		if (strstr(value_at(a->headers, k)->text, "authResponse.") != NULL)
			return v->auth != NULL;
	}
	return false;
}

/* The answer's outputs into the result. */
static void
take_outputs(struct invocation *i, const struct response *response)
{
	const struct value *out = success(i, response);
	char why[WHY_MAX];

	if (out == NULL)
		return;
	if (!schema_holds(i->action->output, out, why, sizeof(why))) {
		(void)failed(i, "ACTION.PROCESSING", "the output contract does not hold: %s", why);
		return;
	}
	i->result->outputs = schema_flatten(i->arena, i->action->output, out, why, sizeof(why));
	if (i->result->outputs == NULL)
		(void)failed(i, "ACTION.PROCESSING", "%s", why);
	else
		i->result->outcome = OUTCOME_SUCCESS;
}

static void
invoke_once(struct invocation *i, const struct value *inputs)
{
	struct response response;

	*i->result = (struct result){.outcome = OUTCOME_FAILURE};
	if (wants_token(i->invoker, i->action) && i->invoker->auth_answer == NULL &&
	    !fetch_token(i->invoker, i->result))
		return;
	*i->result = (struct result){.outcome = OUTCOME_FAILURE};
	response_init(&response);
	if (begin(i, given_inputs(i, inputs)) && exchange(i, &response))
		take_outputs(i, &response);
	response_clear(&response);
}

void
invoke(struct invoker *v, struct arena *a, const struct action *action, const struct value *inputs,
    struct result *out)
{
	struct invocation i = {.invoker = v, .arena = a, .action = action, .result = out};
	const struct value *cached = v->auth_answer;
	char why[WHY_MAX];
	struct value *given = given_inputs(&i, inputs);

	*out = (struct result){.outcome = OUTCOME_FAILURE};
	if (given == NULL || !schema_holds(action->input, given, why, sizeof(why))) {
		(void)failed(&i, "ACTION.PROCESSING", "the input contract does not hold: %s",
		    given == NULL ? "out of memory" : why);
		return;
	}
	invoke_once(&i, inputs);
	if (out->status == 401 && cached != NULL && wants_token(v, action)) {
		v->auth_answer = NULL;
		invoke_once(&i, inputs);
	}
}
