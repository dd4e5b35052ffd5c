/*
 * advice.c: what `check` says of routes that are without fault and that may surprise: an HRIS that
 * records less than it is asked, one that no write can reach within the deadline, and secrets that
 * the face cannot take or that callers share with the HRIS.
 */
#include <string.h>

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

/* Basic's user name ends at a colon (RFC 7617, section 2); the face has the secret there. */
static void
advise_face(struct faults *out, const struct route *route)
{
	const struct caller_keys *basic;
	size_t i, j;

	for (i = 0; route->face != NULL && i < route->callers->n; i++) {
		basic = &route->callers->items[i].keys[CALLER_BASIC];
		for (j = 0; j < basic->n; j++) {
			if (memchr(basic->items[j].secret.bytes, ':', basic->items[j].secret.len) !=
			    NULL)
				fault_warn(out, route->file, NULL,
				    "caller %s: %s holds a colon, and so the face cannot take it as user name; `hrisgw key new --spelling text` makes one without",
				    route->callers->items[i].name, basic->items[j].path);
		}
	}
}

static bool
caller_knows(const struct caller *c, const char *secret)
{
	const struct caller_keys *keys;
	size_t f, k;

	for (f = 0; f < CALLER_FORM_MAX; f++) {
		keys = &c->keys[f];
		for (k = 0; k < keys->n; k++) {
			if (keys->items[k].secret.len == strlen(secret) &&
			    memcmp(keys->items[k].secret.bytes, secret, strlen(secret)) == 0)
				return true;
		}
	}
	return false;
}

static void
advise_shared(struct faults *out, const struct route *route)
{
	const struct value *declared = route->adapter->settings, *secret;
	const char *text;
	size_t i, j;

	for (i = 0; declared != NULL && i < declared->n; i++) {
		secret = value_get(declared->items[i].value, "secret");
		text = value_get_text(route->settings, declared->items[i].name);
		if (!value_is(secret, VALUE_BOOL) || !secret->truth || text == NULL)
			continue;
		for (j = 0; j < route->callers->n; j++) {
			if (caller_knows(&route->callers->items[j], text))
				fault_warn(out, route->file, NULL,
				    "caller %s has the same secret as the HRIS by settings.%s: who learns one has both",
				    route->callers->items[j].name, declared->items[i].name);
		}
	}
}

void
registry_advice(const struct registry *r, struct faults *out)
{
	const struct slot *s;

	for (s = r->routes; s != NULL; s = s->next) {
		if (s->route == NULL || s->route->route->broken)
			continue;
		advise_face(out, s->route->route);
		if (s->route->route->adapter == NULL)
			continue;
		advise_shared(out, s->route->route);
		advise_fewer(out, s->route->route);
		advise_deadline(out, s->route->route, r->config->deadline_ms);
	}
}
