/* hris_lost.h: looking for a write whose fate is not known; for hris_*.c only. */
#ifndef HRIS_LOST_H
#define HRIS_LOST_H

#include "hris/hris_parts.h"

/* Bytes of an HRIS's own word for a status that a message shows. */
enum { HRIS_WORD_SHOWN_MAX = 60 };

/* What the agent has on the days of a write, before it is made. */
struct standing {
	bool known;
	struct found *rows;
	size_t n;
};
/* Looks only where the difference could prove something; a look that fails leaves it unknown. */
void hris_look_before(struct hris *h, const struct operation_in *in, struct standing *out);

enum lost {
	LOST_THERE,  /* result is what was written */
	LOST_ABSENT, /* nothing on those days that was not there before */
	LOST_UNTOLD
};
struct lost_found {
	struct result result;
	const char *ids; /* "7, 8": what else is there and new; "" for none */
};
/* Looks once for a write that was lost, or answered without its id. */
enum lost hris_look_after(struct hris *h, const struct operation_in *in,
    const struct standing *before, struct lost_found *out);
/*
 * The HRIS said "conflict": ids are the live requests on those days but the one that changes;
 * result.id is there only for one that holds this write's own marker.
 */
void hris_look_conflict(struct hris *h, const struct operation_in *in, struct lost_found *out);

/* Same type, same first and last day, same minutes, not cancelled. */
bool hris_alike(struct hris *h, const struct operation_in *in, const struct found *f);

/* Waits as long as the HRIS is declared to need until a write shows; false: half of what is left of
 * the deadline is less, and only that was waited for. */
bool hris_settle(struct hris *h);

/* What is kept of the deadline behind a write, to wait and to look for it. */
int64_t hris_reserve(const struct hris *h);

/*
 * hris_state.c: runs approve, cancel or deny and settles its fate. GW_OK: done, by the HRIS's word
 * and by what it shows. HRIS.NOT_APPROVED, HRIS.OUTCOME_UNKNOWN; any other failure: not applied.
 */
enum gw_err hris_settle_state(struct hris *h, enum operation op, const struct operation_in *in);

#endif
