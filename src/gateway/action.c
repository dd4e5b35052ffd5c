/* action.c: what serves every action: the body as its input, its run, its answer. */
#include <string.h>
#include <strings.h>

#include "adapter/adapter.h"
#include "base/memory.h"
#include "format/json.h"
#include "gateway/reply.h"
#include "gateway/stages.h"
#include "local/local.h"

/* The body as the action's input. */
static enum gw_err
action_read(struct exchange *x, void *in, struct failure *failure)
{
	static const char empty[] = "{}";
	const struct request *r = x->request;
	const char *body = r->body_len == 0 ? empty : r->body;
	struct value *v;
	char why[160];

	if (r->body_state == BODY_WRONG_LENGTH)
		return fail(failure, CODE_INPUT_BODY,
		    "the body is shorter or longer than Content-Length says");
	v = json_parse(&x->arena, body, r->body_len == 0 ? sizeof(empty) - 1 : r->body_len,
	    &json_input, why, sizeof(why));
	if (v == NULL)
		return fail(failure, json_fault(CODE_INPUT_JSON),
		    "the body is no strict JSON: %s%s", why,
		    contract_has_unset(body) ? "; it holds the name of a variable that has no value"
					     : "");
	return contract_read(&x->arena, x->endpoint->input, v, in, failure);
}

enum gw_err
gateway_open_hris(struct exchange *x)
{
	struct gateway *g = x->gateway;

	x->hris = (struct hris){
	    .route = x->route,
	    .driver = x->route->local ? &local_driver : &adapter_driver,
	    .arena = &x->arena,
	    .clock = g->clock,
	    .store = g->store,
	    .ledger = g->ledger,
	    .transport = &g->transport,
	    .state_dir = g->config->state_dir,
	    .deadline_ms = x->began_ms + g->config->deadline_ms,
	    .failure = &x->failure,
	    .gone = x->request->gone,
	    .gone_context = x->request->gone_context,
	    .request_log_id = x->id,
	};
	x->hris.traceparent = gateway_trace(x);
	if (x->route->broken)
		return fail(&x->failure, CODE_ROUTE_BROKEN, "route %s cannot be used: %s",
		    x->route->name, x->route->broken_why);
	if (memory_scarce())
		return fail(&x->failure, CODE_GATEWAY_BUSY,
		    "the memory for all requests together is almost used up: " MEMORY_KEY);
	x->inside = true;
	if (registry_enter(x->route) > x->route->requests_max)
		return fail(&x->failure, CODE_GATEWAY_BUSY,
		    "route %s has %u requests at once already; limits.requests of its file allows no more",
		    x->route->name, x->route->requests_max);
	return GW_OK;
}

/* An empty body needs no content type. */
static bool
is_json(const struct request *r)
{
	const char *type = request_header(r, "content-type");
	size_t len = type == NULL ? 0 : strcspn(type, "; \t");

	if (r->body_len == 0 && r->body_state == BODY_WHOLE)
		return true;
	return len == strlen("application/json") && strncasecmp(type, "application/json", len) == 0;
}

/* Of two members of which one has to be there, neither is named as unset. */
static void
action_explain(struct exchange *x)
{
	struct failure *f = &x->failure, said = *f;

	if (f->code != CODE_INPUT_REQUIRED || !contract_has_unset(x->request->body))
		return;
	fail_clear(f);
	(void)fail(
	    f, said.code, "%s; the body holds the name of a variable that has no value", said.text);
}

void
gateway_act(struct exchange *x)
{
	const struct endpoint *e = x->endpoint;
	void *in = arena_alloc(&x->arena, e->in_size), *out = arena_alloc(&x->arena, e->out_size);
	struct failure unread = {.err = GW_OK};
	enum gw_err err;

	if (!is_json(x->request)) {
		reply_error(x, 415, "Content-Type: application/json was expected");
		return;
	}
	if (in == NULL || out == NULL) {
		reply_error(x, 503, "out of memory");
		return;
	}
	err = gateway_open_hris(x);
	/* Read even if the route cannot be used: an update's answer repeats the id. */
	if (err == GW_OK)
		err = action_read(x, in, &x->failure);
	else
		(void)action_read(x, in, &unread);
	if (err == GW_OK) {
		err = e->run(&x->hris, in, out);
		action_explain(x);
	}
	/* A failure without a text would be reported as success. */
	if (err != GW_OK && x->failure.err == GW_OK)
		(void)fail(&x->failure, CODE_GATEWAY_INTERNAL, "the failure left no reason");
	fail_for_memory(&x->failure, x->arena.failed);
	reply_action(x, in, out);
}
