/* gateway.c: the picture of the design as code: stage by stage, from bytes of a request to bytes of
 * a reply. */
#include "gateway/gateway.h"

#include <string.h>
#include <strings.h>

#include "adapter/adapter.h"
#include "gateway/stages.h"
#include "format/json.h"
#include "local/local.h"
#include "gateway/reply.h"
#include "base/text.h"

/* Who is calling? Whatever the cause, a refusal is one answer and one amount of work. */
static bool
gateway_admit(struct exchange *x)
{
	struct auth_env env = {.clock = x->gateway->clock,
	    .store = x->gateway->store,
	    .arena = &x->arena,
	    .bamboohr_basic = x->endpoint->kind == ENDPOINT_FACE};
	const struct callers *callers = x->route == NULL ? NULL : x->route->callers;

	if (x->endpoint->kind == ENDPOINT_FACE && (x->route == NULL || x->route->face == NULL))
		callers = NULL;
	if (x->endpoint->kind == ENDPOINT_TOKEN) {
		auth_token(&env, x->route_name, callers,
		    x->route == NULL ? 3600 : x->route->token_ttl_s, x->request, x->response,
		    &x->who);
		return false;
	}
	if (auth_check(&env, x->route_name, callers, x->request, &x->who) == GW_OK)
		return true;
	auth_refuse(x->response);
	return false;
}

/* The body as the action's input. */
static enum gw_err
gateway_read(struct exchange *x, void *in, struct failure *failure)
{
	static const char empty[] = "{}";
	const struct request *r = x->request;
	const char *body = r->body_len == 0 ? empty : r->body;
	struct value *v;
	char why[160];

	if (r->body_state == BODY_WRONG_LENGTH)
		return fail(failure, CODE_INPUT_BODY,
		    "the body is shorter or longer than "
		    "Content-Length says");
	v = json_parse(&x->arena, body, r->body_len == 0 ? sizeof(empty) - 1 : r->body_len,
	    &json_input, why, sizeof(why));
	if (v == NULL)
		return fail(failure, CODE_INPUT_JSON, "the body is no strict JSON: %s", why);
	return contract_read(&x->arena, x->endpoint->input, v, in, failure);
}

static enum gw_err
gateway_open_hris(struct exchange *x)
{
	struct gateway *g = x->gateway;

	x->hris = (struct hris){
	    .route = x->route,
	    .driver = x->route->local ? &local_driver : &adapter_driver,
	    .arena = &x->arena,
	    .clock = g->clock,
	    .store = g->store,
	    .transport = &g->transport,
	    .state_dir = g->config->state_dir,
	    .deadline_ms = x->began_ms + g->config->deadline_ms,
	    .failure = &x->failure,
	    .marker = arena_printf(&x->arena, "[hrisgw %s]", x->id),
	};
	x->hris.traceparent = gateway_trace(x);
	if (x->hris.marker == NULL)
		return fail_memory(&x->failure);
	if (x->route->broken)
		return fail(&x->failure, CODE_ROUTE_BROKEN, "route %s cannot be used: %s",
		    x->route->name, x->route->broken_why);
	/* One slow HRIS must not take the threads of all. */
	if (x->in_use > ((unsigned)g->config->threads + 1) / 2 && x->in_use > 1)
		return fail(&x->failure, CODE_GATEWAY_BUSY,
		    "route %s has %u requests at once already", x->route->name, x->in_use - 1);
	return GW_OK;
}

static void
gateway_act(struct exchange *x)
{
	const struct endpoint *e = x->endpoint;
	void *in = arena_alloc(&x->arena, e->in_size), *out = arena_alloc(&x->arena, e->out_size);
	struct failure unread = {.err = GW_OK};
	enum gw_err err;

	if (in == NULL || out == NULL) {
		reply_error(x, 503, "out of memory");
		return;
	}
	err = gateway_open_hris(x);
	/* Even where nothing can be done: an update's answer tells the id that came in. */
	if (err == GW_OK)
		err = gateway_read(x, in, &x->failure);
	else
		(void)gateway_read(x, in, &unread);
	if (err == GW_OK)
		err = e->run(&x->hris, in, out);
	/* An error without words would be told as success. */
	if (err != GW_OK && x->failure.err == GW_OK)
		(void)fail(&x->failure, CODE_GATEWAY_INTERNAL, "the failure left no reason");
	reply_action(x, in, out);
}

/* A failure that stands already is answered by the face in its own words. */
static void
gateway_face(struct exchange *x)
{
	(void)gateway_open_hris(x);
	bamboohr_handle(&x->hris, x->request, x->rest, x->response);
}

/* JSON is what an action takes; a body of nothing needs no name for what it is. */
static bool
gateway_is_json(const struct request *r)
{
	const char *type = request_header(r, "content-type");
	size_t len = type == NULL ? 0 : strcspn(type, "; \t");

	if (r->body_len == 0 && r->body_state == BODY_WHOLE)
		return true;
	return len == strlen("application/json") && strncasecmp(type, "application/json", len) == 0;
}

static void
gateway_run(struct exchange *x)
{
	if (!gateway_address(x))
		return;
	if (x->endpoint->kind == ENDPOINT_STATUS) {
		status_handle(x);
		return;
	}
	if (!gateway_admit(x))
		return;
	if (x->endpoint->kind == ENDPOINT_FACE)
		gateway_face(x);
	else if (!gateway_is_json(x->request))
		reply_error(x, 415, "Content-Type: application/json was expected");
	else
		gateway_act(x);
}

void
gateway_handle(struct gateway *g, const struct request *request, struct response *response)
{
	struct exchange x = {
	    .gateway = g, .request = request, .response = response, .route_name = ""};

	arena_init(&x.arena, LIMIT_ARENA);
	x.began_ms = clock_mono_ms(g->clock);
	registry_refresh(g->registry);
	if (gateway_name(&x))
		gateway_run(&x);
	gateway_finish(&x);
	registry_release(g->registry, x.route);
	arena_clear(&x.arena);
}

void
gateway_call(struct gateway *g, const char *route, const char *action, const char *body,
    struct response *response)
{
	struct request request = {.method = "POST",
	    .uri = "",
	    .path_info = "",
	    .scheme = "",
	    .authority = "",
	    .remote = "",
	    .client_subject = "",
	    .body = body,
	    .body_len = strlen(body)};
	struct exchange x = {.gateway = g,
	    .request = &request,
	    .response = response,
	    .route_name = route,
	    .who = {.caller = "command line"}};

	arena_init(&x.arena, LIMIT_ARENA);
	x.began_ms = clock_mono_ms(g->clock);
	x.route = registry_acquire(g->registry, route, &x.in_use);
	x.endpoint = endpoint_find(action);
	if (gateway_name(&x)) {
		if (x.route == NULL)
			reply_error(&x, 404, "there is no such route");
		else if (x.endpoint == NULL || x.endpoint->kind != ENDPOINT_ACTION)
			reply_error(&x, 404, "there is no such action");
		else
			gateway_act(&x);
	}
	gateway_finish(&x);
	registry_release(g->registry, x.route);
	arena_clear(&x.arena);
}
