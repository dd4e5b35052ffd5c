/* gateway.c: the picture of the README as code: stage by stage, from the bytes of a request to the
 * bytes of a reply. */
#include "gateway/gateway.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "engine/task.h"
#include "gateway/metrics.h"
#include "gateway/reply.h"
#include "gateway/stages.h"

/* What HTTP alone decides: 405, 413. */
static bool
gateway_accept(struct exchange *x)
{
	const struct endpoint *e = x->endpoint;

	if (e->methods != NULL && strcmp(x->request->method, e->methods) != 0) {
		response_header(x->response, "Allow", e->methods);
		reply_error(x, 405, arena_printf(&x->arena, "%s only", e->methods));
		return false;
	}
	if (!e->bodyless &&
	    (x->request->body_state == BODY_TOO_LARGE || x->request->too_many_params)) {
		reply_error(x, 413, "the request is too large");
		return false;
	}
	return true;
}

/*
 * Who is calling? Whatever the cause, a refusal is one answer and one amount of work.
 */
static bool
gateway_admit(struct exchange *x)
{
	const struct endpoint *e = x->endpoint;
	struct auth_env env = {.clock = x->gateway->clock,
	    .store = x->gateway->store,
	    .arena = &x->arena,
	    .bamboohr_basic = e->call_of != NULL};
	const struct callers *callers;

	if (e->open)
		return true;
	callers = x->route == NULL ? NULL : x->route->callers;
	if (e->call_of != NULL && (x->route == NULL || x->route->face == NULL))
		callers = NULL;
	errno = 0;
	if (auth_check(&env, x->route_name, callers, x->request, &x->who) == GW_OK)
		return true;
	/* A proof that could not be checked is not a wrong one. */
	if (x->arena.failed || errno == ENOMEM) {
		reply_error(x, 503, "out of memory");
		return false;
	}
	auth_refuse(x->response, x->id,
	    x->who.guess == NULL
		? 0
		: auth_throttle(&env, x->route_name, x->request->remote, x->who.guess));
	return false;
}

/* A name that no route can have is a route that does not exist. */
static void
gateway_route(struct exchange *x)
{
	bool valid = route_name_valid(x->route_name);

	if (valid)
		x->route = registry_acquire(x->gateway->registry, x->route_name);
	if (x->route == NULL && x->route_name[0] != '\0')
		x->unknown_route = x->route_name;
	if (!valid)
		x->route_name = "";
}

static void
gateway_stages(struct exchange *x)
{
	bool found = gateway_address(x); /* which endpoint, whose route: by the path alone */

	gateway_route(x);
	if (found && gateway_accept(x) && /* method and size: the endpoint's flags */
	    gateway_admit(x))             /* who is calling? */
		x->endpoint->serve(x);
}

static void
gateway_begin(struct exchange *x)
{
	arena_init(&x->arena, LIMIT_ARENA);
	metrics_enter(x->gateway->metrics);
	x->began_ms = x->request->began_ms;
	if (x->began_ms == 0)
		x->began_ms = clock_mono_ms(x->gateway->clock);
	task_set_deadline(x->began_ms + x->gateway->config->deadline_ms);
}

static void
gateway_end(struct exchange *x)
{
	gateway_finish(x);
	metrics_leave(x->gateway->metrics, x);
	if (x->inside)
		registry_leave(x->route);
	registry_release(x->gateway->registry, x->route);
	arena_clear(&x->arena);
}

void
gateway_handle(struct gateway *g, const struct request *request, struct response *response)
{
	struct exchange x = {
	    .gateway = g, .request = request, .response = response, .route_name = ""};

	gateway_begin(&x);
	if (gateway_name(&x))
		gateway_stages(&x);
	gateway_end(&x);
}

/* A request of the command line: nobody is authenticated. */
static void
gateway_local(struct exchange *x, struct request *request, struct gateway *g, const char *route,
    struct response *response)
{
	*request = (struct request){.method = "POST",
	    .uri = "",
	    .path_info = "",
	    .scheme = "",
	    .authority = "",
	    .remote = "",
	    .client_subject = "",
	    .body = ""};
	*x = (struct exchange){.gateway = g,
	    .request = request,
	    .response = response,
	    .route_name = route,
	    .who = {.caller = "command line"}};
	gateway_begin(x);
	x->route = registry_acquire(g->registry, route);
}

void
gateway_call(struct gateway *g, const char *route, const char *action, const char *body,
    struct response *response)
{
	const struct request_header json = {.name = "content-type", .value = "application/json"};
	struct request request;
	struct exchange x;

	gateway_local(&x, &request, g, route, response);
	request.headers = &json;
	request.n_headers = 1;
	request.body = body;
	request.body_len = strlen(body);
	x.endpoint = endpoint_find(g, action);
	if (gateway_name(&x)) {
		if (x.route == NULL)
			reply_error(&x, 404, "there is no such route");
		else if (x.endpoint == NULL || x.endpoint->run == NULL)
			reply_error(&x, 404, "there is no such action");
		else
			x.endpoint->serve(&x);
	}
	gateway_end(&x);
}

enum gw_err
gateway_visit(struct gateway *g, const char *route,
    enum gw_err (*run)(struct hris *h, void *context), void *context, struct failure *failure)
{
	struct response response;
	struct request request;
	struct exchange x;
	enum gw_err err;

	response_init(&response);
	gateway_local(&x, &request, g, route, &response);
	if (!gateway_name(&x))
		err = fail_memory(&x.failure);
	else if (x.route == NULL)
		err = fail(&x.failure, CODE_ROUTE_BROKEN, "there is no route %s", route);
	else
		err = gateway_open_hris(&x);
	if (err == GW_OK)
		err = run(&x.hris, context);
	if (err != GW_OK)
		*failure = x.failure;
	gateway_end(&x);
	response_clear(&response);
	return err;
}
