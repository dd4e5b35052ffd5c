/*
 * advice.c: what `check` says of routes that are without fault and that may surprise: an HRIS that
 * records less than it is asked, and one that no write can reach within the deadline.
 */
#include "adapter/adapter.h"
#include "routes/slot.h"

/* Fewer minutes are seen where what was written is looked up. */
static void
advise_fewer(struct faults *out, const struct route *route)
{
	const struct traits *t = &route->adapter->traits;

	if (route->on_fewer == FEWER_UNSAID && t->has[OPERATION_INSERT] && t->has[OPERATION_FIND])
		fault_warn(out, route->file, NULL,
		    "on_fewer is not said: where the HRIS records fewer minutes by its own calendar, the request stands and is answered HRIS.DIFFERENT; say accept, keep or take_back");
}

static void
advise_deadline(struct faults *out, const struct route *route, int64_t deadline_ms)
{
	const struct traits *t = &route->adapter->traits;
	int64_t takes_ms = hris_insert_ms(t);

	if (t->has[OPERATION_INSERT] && takes_ms > deadline_ms)
		fault_warn(out, route->file, NULL,
		    "deadline: %lld s are less than the %lld that an insert and the looks after it take at a second a call: from an HRIS that is found to be so slow, writes are refused; raise deadline, or lower settle of the adapter",
		    (long long)deadline_ms / 1000, (long long)(takes_ms + 999) / 1000);
}

void
registry_advice(const struct registry *r, struct faults *out)
{
	const struct slot *s;

	for (s = r->routes; s != NULL; s = s->next) {
		if (s->route == NULL || s->route->route->broken || s->route->route->adapter == NULL)
			continue;
		advise_fewer(out, s->route->route);
		advise_deadline(out, s->route->route, r->config->deadline_ms);
	}
}
