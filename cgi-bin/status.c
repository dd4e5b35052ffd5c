/* status.c: GET /-/live, /-/ready and /-/metrics, for the machine itself: others get 404. */
#include <arpa/inet.h>
#include <string.h>

#include "cgi-bin/endpoints.h"
#include "gateway/metrics.h"
#include "base/text.h"
#include "gateway/reply.h"

static bool
from_loopback(const struct request *r)
{
	static const char mapped[] = "::ffff:";
	const char *four = r->remote + (text_starts(r->remote, mapped) ? strlen(mapped) : 0);
	struct in_addr address;

	/* An address, and not a list that a proxy's header begins with one. */
	return strcmp(r->remote, "::1") == 0 ||
	       (text_starts(four, "127.") && inet_pton(AF_INET, four, &address) == 1);
}

static const char *
item_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const char *const *)items)[i];
}

/* Adds one to a list that has room for it. False: out of memory. */
static bool
add_fault(struct exchange *x, struct registry_faults *out, const char *why)
{
	out->faults[out->n_faults] = why == NULL ? NULL : arena_strdup(&x->arena, why);
	return out->faults[out->n_faults++] != NULL;
}

/* The registry's, and last the store's and the ledger's. False: out of memory. */
static bool
all_faults(struct exchange *x, struct registry_faults *out)
{
	const struct gateway *g = x->gateway;
	const char **all;
	char why[1024];
	bool ok = true;

	if (!registry_faults(g->registry, &x->arena, out))
		return false;
	all = arena_array(&x->arena, out->n_faults + 4, sizeof(*all));
	if (all == NULL)
		return false;
	if (out->n_faults > 0)
		memcpy(all, out->faults, out->n_faults * sizeof(*all));
	out->faults = all;
	if (!store_works(g->store, why, sizeof(why)))
		ok =
		    add_fault(x, out, arena_printf(&x->arena, "%s: %s", g->config->state_dir, why));
	if (!ledger_works(g->ledger, why, sizeof(why)))
		ok = add_fault(x, out, why) && ok;
	if (!ledger_lasts(g->ledger, why, sizeof(why)))
		ok = add_fault(x, out, why) && ok;
	if (!ledger_anchored(g->ledger, why, sizeof(why)))
		ok = add_fault(x, out, why) && ok;
	return ok;
}

/* How many writes there are of each outcome; the age of the oldest that is not known. */
static void
reply_ledger(struct reply *r, struct exchange *x)
{
	int64_t counts[INTENT_STATE_MAX], oldest_ms, now_ms = clock_wall_ms(x->gateway->clock);
	struct reply inner = {.body = r->body, .first = true};
	struct failure ignored = {.err = GW_OK};
	size_t i;

	if (ledger_counts(x->gateway->ledger, counts, &oldest_ms, &ignored) != GW_OK)
		return;
	reply_name(r, "ledger");
	for (i = 0; i < INTENT_STATE_MAX; i++)
		reply_number(&inner, intent_state_name((enum intent_state)i), counts[i]);
	reply_number(&inner, "oldestOpenSeconds",
	    oldest_ms == 0 || oldest_ms > now_ms ? 0 : (now_ms - oldest_ms) / 1000);
	buf_putc(r->body, '}');
}

static void
ready(struct exchange *x)
{
	struct reply r = {.body = &x->response->body, .first = true};
	struct registry_faults found;
	const char **routes = NULL;
	size_t n_routes = 0;

	if (!all_faults(x, &found) ||
	    !registry_routes(x->gateway->registry, &x->arena, &routes, &n_routes)) {
		reply_error(x, 503, "out of memory");
		return;
	}
	x->response->status = 200;
	response_header(x->response, "Content-Type", "application/json");
	/* A fault takes nothing out of service that does not depend on it, so this stays 200. */
	reply_text(&r, "status", found.n_faults == 0 ? "ready" : "faults");
	reply_list(&r, "routes", routes, n_routes, item_of);
	reply_list(&r, "faults", found.faults, found.n_faults, item_of);
	reply_list(&r, "warnings", found.warnings, found.n_warnings, item_of);
	reply_ledger(&r, x);
	buf_putc(r.body, '}');
}

static void
live(struct exchange *x)
{
	struct reply r = {.body = &x->response->body, .first = true};

	x->response->status = 200;
	response_header(x->response, "Content-Type", "application/json");
	reply_text(&r, "status", "live");
	buf_putc(r.body, '}');
}

static const struct {
	const char *path;
	void (*serve)(struct exchange *x);
} pages[] = {
    {"/live", live},
    {"/ready", ready},
    {"/metrics", metrics_reply},
};

static void
serve(struct exchange *x)
{
	const char *method = x->request->method;
	size_t i;

	for (i = 0; i < ARRAY_LEN(pages) && strcmp(x->rest, pages[i].path) != 0; i++)
		continue;
	if (!from_loopback(x->request) || i == ARRAY_LEN(pages))
		reply_error(x, 404, "not found");
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		response_header(x->response, "Allow", "GET, HEAD");
		reply_error(x, 405, "GET only");
	} else
		pages[i].serve(x);
}

/* Where it is 404, the method must not be looked at before. */
const struct endpoint status_endpoint = {
    .name = "status",
    .prefix = "/-/",
    .open = true,
    .bodyless = true,
    .serve = serve,
};
