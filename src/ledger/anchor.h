/*
 * anchor.h: the chain's head in a file outside state_dir, so that a ledger whose end was cut off,
 * or which comes from a backup, is noticed. Replaced as a whole after each commit; a crash in
 * between leaves the ledger ahead of it, which is fine.
 */
#ifndef ANCHOR_H
#define ANCHOR_H

#include "ledger/ledger_sql.h"

/* *there false: there is none yet. False, with why: it cannot be read. */
bool anchor_read(const char *path, struct chain_head *out, bool *there, char *why, size_t why_max);
bool anchor_write(const char *path, const char *state_dir, const struct chain_head *head, char *why,
    size_t why_max);

#endif
