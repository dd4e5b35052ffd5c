/* hris_lost.h: looking for a write whose fate is not known; for hris_*.c only. */
#ifndef HRIS_LOST_H
#define HRIS_LOST_H

#include "hris_parts.h"

/*
 * BY_MARKER: a write of ours was lost; where the HRIS keeps markers only the marker proves it is
 * ours. BY_LIKENESS: the HRIS said "conflict" of an insert; an exact match is what was asked for.
 */
enum lost_by { LOST_BY_MARKER, LOST_BY_LIKENESS };

/* GW_OK with out->id, or with NULL: not found among what there is; GW_EUNKNOWN: it cannot be told.
 */
enum gw_err
hris_look_for(struct hris *h, const struct operation_in *in, enum lost_by by, struct result *out);

/* Waits as long as the HRIS is declared to need until a write shows, within the deadline. */
void hris_settle(struct hris *h);

#endif
