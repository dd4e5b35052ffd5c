/*
 * chain.h: the chain of HMACs over all that ever happened to a row. Each link holds the HMAC of the
 * row as it was then, and of the link before it, by keys made from ledger.key: without the key
 * nobody can change, remove or swap rows or links unseen. Rows can go and their links stay; a
 * prefix of links can go and its last HMAC stays. What is cut off at the end is seen with an
 * anchor alone (anchor.h). Everything here is called in a transaction; false: the connection has
 * an error.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "ledger/ledger_key.h"
#include "ledger/ledger_sql.h"

bool chain_seal(const struct ledger_key *k, const struct ledger_base *base,
    unsigned char out[static LEDGER_HMAC]);

bool chain_head(struct db *db, struct chain_head *out);
/* The HMAC of a link that is there; *there false: it is not. */
bool chain_at(struct db *db, int64_t n, unsigned char hash[static LEDGER_HMAC], bool *there);

/* Puts the row as it is now into the chain; gone: it was removed. */
bool chain_add(struct db *db, const struct ledger_key *k, const struct intent *i, const char *event,
    int64_t at_ms, bool gone);

/* Replaces the links that no row depends on, up to the n-th, by their last HMAC. */
bool chain_forget(struct db *db, const struct ledger_key *k, int64_t n);

/* What does not agree, in the arena, CHAIN_FAULTS at most. */
enum { CHAIN_FAULTS = 20 };
struct chain_report {
	const char *faults[CHAIN_FAULTS];
	size_t n_faults; /* may be more than that */
	int64_t links, rows;
	struct chain_head head;
};
bool
chain_verify(struct db *db, const struct ledger_key *k, struct arena *a, struct chain_report *out);

#endif
