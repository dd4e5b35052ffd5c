/*
 * cost.h: how many calls to the HRIS the steps of an adapter make in the common case: a pending
 * request of two whole days that follow one another, in the first unit that the adapter declares.
 * For `adapter list`; nothing is sent.
 */
#ifndef COST_H
#define COST_H

#include "adapter/adapter.h"

/* What a call is made for each of. */
enum per { PER_PAGE, PER_DATE, PER_TYPE, PER_DAY, PER_RUN, PER_RECORD, PER_MAX };
enum { COST_KINDS = 1 << PER_MAX };

/* By the set of what they are made for each of (bits of enum per; 0: made once). */
struct cost {
	unsigned calls[COST_KINDS];
	unsigned maybe[COST_KINDS]; /* more: an earlier answer decides */
};

/* Adds an operation's calls. find by_id: of one request; else of a range. Missing ones add none. */
void cost_add(
    struct arena *a, const struct adapter *adapter, enum operation op, bool by_id, struct cost *c);
/* "2 + 1 a page", "1-2 a date and type"; "-" for none. In the arena; NULL: no memory. */
const char *cost_text(struct arena *a, const struct cost *c);

#endif
