/* hris_lost.h: looking for a write whose fate is not known; for hris_*.c only. */
#ifndef HRIS_LOST_H
#define HRIS_LOST_H

#include "hris/hris_parts.h"

/*
 * BY_MARKER: a write of ours was lost; where the HRIS keeps markers only the marker proves it is
 * ours. BY_LIKENESS: the HRIS said "conflict" of an insert; an exact match is what was asked for.
 */
enum lost_by { LOST_BY_MARKER, LOST_BY_LIKENESS };

/* GW_OK with out->id, or with NULL: not found among what there is; GW_EUNKNOWN: it cannot be told.
 */
enum gw_err
hris_look_for(struct hris *h, const struct operation_in *in, enum lost_by by, struct result *out);

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
