/*
 * route.h: one customer's connection, read from conf/routes.d/NAME.yaml. A loaded route never
 * changes; registry.c replaces it as a whole.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/callers.h"
#include "base/faults.h"
#include "http/http.h"
#include "base/value.h"

struct adapter;

/* What is done where the HRIS records fewer minutes than were asked, by its own calendar. */
enum on_fewer { FEWER_UNSAID, FEWER_KEEP, FEWER_ACCEPT, FEWER_TAKE_BACK }; /* unsaid: keep */

struct email_override {
	const char *id, *email; /* email "": without one, so left out */
};

struct route {
	const char *name, *file;
	const char *ledger; /* the name of the ledger that it shares; NULL: its own */
	const char *adapter_name;
	const struct adapter *adapter; /* NULL: local */
	bool local;
	const struct value *settings;        /* OBJECT: defaults filled in, secrets read */
	const struct value *public_settings; /* the same less the secret ones; NULL: none */
	const char *settings_key;            /* hris_settings_key()'s; NULL: not made yet */
	const char *timezone;
	int day_minutes;
	int day_start_minute;    /* of the day, where no start is given */
	void *owner;             /* registry.c's */
	struct callers *callers; /* NULL: they cannot be read */
	const char *face;        /* "bamboohr" or NULL */
	int64_t token_ttl_s;
	bool amounts_duration; /* amounts: duration */
	int64_t unlimited_minutes;
	enum on_fewer on_fewer;
	struct http_peer peer;
	unsigned requests_max; /* at the same time */
	const char **agents_exclude;
	size_t n_agents_exclude;
	struct email_override *email_overrides;
	size_t n_email_overrides;
	int64_t agents_max, agents_no_email_percent, agents_fewer_percent;
	bool broken;            /* only callers can be relied on: ROUTE.BROKEN */
	const char *broken_why; /* first fault */
};

/* types.c: names a route with its settings, for what is kept of its HRIS. NULL: no memory. */
const char *hris_settings_key(struct arena *a, const struct route *r);

/*
 * Resolves a name to a checked adapter, or to NULL with the reason in the arena (NULL: out of
 * memory).
 */
typedef const struct adapter *
adapter_finder(void *context, const char *name, struct arena *a, const char **why);

/*
 * Loads a route from text (of `file`). Faults are added; the result is then `broken`, with callers
 * where those could be read. NULL: out of memory.
 */
struct route *
route_load(struct arena *a, const char *name, const char *file, const char *text, size_t len,
    adapter_finder *adapters, void *context, struct secrets *secrets, struct faults *faults);

bool route_name_valid(const char *s); /* [a-z0-9-]{1,32} */

#endif
