/* look.h: what the HRIS shows around a write; for src/hris alone. h->failure stays as it is. */
#ifndef LOOK_H
#define LOOK_H

#include "hris/policy.h"

/* What the agent has on the days of a write before it is made. */
struct standing {
	bool known;
	bool ids_only;      /* of an earlier call: only their ids were kept */
	struct found *rows; /* by id */
	size_t n;
};

/* What a look after a write shows. */
enum look {
	LOOK_THERE,  /* the result is what was written */
	LOOK_ABSENT, /* nothing on those days that was not there before */
	LOOK_UNCLEAR
};

/* What a look at the state of a request shows, after it was to change. */
enum state {
	STATE_REACHED,
	STATE_MISSED, /* the request is there, in another state */
	STATE_GONE,   /* it was to be approved, and is not there any more */
	STATE_UNCLEAR
};

bool found_is_live(const struct found *f);
bool found_has_marker(const struct found *f, const char *marker);
bool found_touches(const struct found *f, const struct operation_in *in);
/* Are whole days asked, and does the HRIS's own schedule count as many minutes? */
bool found_counts_as_asked(const struct operation_in *in, const struct found *f);
/* Is it what is asked: type, days, minutes, and hours where hours are asked? In doubt it is not. */
bool content_same(struct hris *h, const struct operation_in *in, const struct found *f);
/* Several records of one write are one request here, with their ids joined. False: no memory. */
bool result_take(struct hris *h, const struct found *f, struct result *out);
/* Is it that request, or a part of it where ids are joined? whole may be NULL. */
bool look_is_request(struct hris *h, const char *id, const char *whole);
/* One more id in a list for people, as long as there is room. */
void ids_add(struct hris *h, const char **ids, const char *id);

/* What the agent has where the write is. */
enum gw_err
look_rows(struct hris *h, const struct operation_in *in, struct found **rows, size_t *n);
/* Looks only where the difference could prove something: a marker proves by itself. */
void look_before(struct hris *h, const struct operation_in *in, struct standing *out);
/* For the ledger, and back. */
const char *standing_ids(struct hris *h, const struct standing *s); /* NULL: no memory */
bool standing_from(struct hris *h, bool known, const char *ids, struct standing *out);
/* Where it is there, with its id and status in *result; else with new ids in *ids. */
enum look look_after(struct hris *h, const struct operation_in *in, const struct standing *before,
    struct result *result, const char **ids);
/*
 * said: the HRIS itself answered that it is done. Only then a request that is gone counts as ended.
 * The row goes into *shown.
 */
enum state state_look(struct hris *h, enum operation op, const struct operation_in *in, bool said,
    struct found *shown);

/* Waits as long as the HRIS needs until a write shows, or half of what is left of the deadline:
 * then false. */
bool look_wait_visible(struct hris *h);
/* Waits until a write that was sent cannot arrive any more. False: the deadline is too near. */
bool look_wait_quiet(struct hris *h);

#endif
