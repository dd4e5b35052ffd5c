/*
 * ledger_admin.h: what an administrator does with the ledger: look at it without making it, verify
 * its chain, and remove what is old.
 */
#ifndef LEDGER_ADMIN_H
#define LEDGER_ADMIN_H

#include "ledger/chain.h"

/* Can a new process use it? Makes nothing: where there is none yet, it can. False with why. */
bool ledger_check(const struct ledger_where *where, char *why, size_t why_max);

/* Reads all of it; what does not agree is in the report, in the arena. */
enum gw_err
ledger_verify(struct ledger *l, struct arena *a, struct chain_report *out, struct failure *failure);

/*
 * Rows go whose last day of leave was LEDGER_LEAVE_DAYS ago and which are LEDGER_AGE_DAYS old, but
 * no open ones; or, where an agent is given, all of that agent that are not being written. The
 * chain still verifies. *removed: how many; *kept: those of the agent that were left.
 */
enum { LEDGER_LEAVE_DAYS = 90, LEDGER_AGE_DAYS = 400 };
enum gw_err ledger_prune(
    struct ledger *l, const char *agent, int64_t *removed, int64_t *kept, struct failure *failure);

#endif
