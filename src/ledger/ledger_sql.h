/*
 * ledger_sql.h: ledger.db in SQL: the rows, and the one row about the ledger itself. Nothing here
 * locks: one thread at a time, in a transaction. False, or NULL: the connection has an error.
 */
#ifndef LEDGER_SQL_H
#define LEDGER_SQL_H

#include "ledger/ledger.h"
#include "store/db.h"

/* A place in the chain: how many links, and the last one's HMAC. */
struct chain_head {
	int64_t n;
	unsigned char hash[LEDGER_HMAC];
};

/* What a ledger begins with; the seal is the chain's HMAC of the rest. */
struct ledger_base {
	int32_t look_until;
	struct chain_head head; /* where its links begin: 0, or those before it were pruned */
	unsigned char seal[LEDGER_HMAC];
};

/* Makes it, whole, where path is free. False with why. */
bool ledger_db_make(const char *path, const struct ledger_base *base, char *why, size_t why_max);
/* NULL with why: it is not there (*gone), is none, or of another version. */
struct db *ledger_db_open(const char *path, bool *gone, char *why, size_t why_max);

bool ledger_db_base(struct db *db, struct ledger_base *out);
bool ledger_db_set_base(struct db *db, const struct ledger_base *base);

/* n 0: a new row, which gets its number; else in place of the one with that number, ledger and
 * agent, which must be there. */
bool ledger_db_put(struct db *db, struct intent *i);
bool ledger_db_remove(struct db *db, int64_t n);

/* Which rows: of all states and ledgers and agents, unless given. */
struct ledger_want {
	unsigned states; /* a bit each; 0: all */
	const char *name, *agent;
	bool by_begun; /* in order of begun_ms; else of n */
};
bool ledger_db_rows(struct db *db, const struct ledger_want *want, struct arena *a,
    struct intent ***rows, size_t *n);
/* NULL in *agent: none has that request. */
bool ledger_db_owner(
    struct db *db, const char *name, const char *request, struct arena *a, const char **agent);
/* The next row after that number, or with *there false none. */
bool ledger_db_next(struct db *db, int64_t after, struct arena *a, struct intent *out, bool *there);
bool ledger_db_counts(struct db *db, int64_t counts[INTENT_STATE_MAX], int64_t *oldest_open_ms);

/* A blob of LEDGER_HMAC bytes; of another size it is an error. */
void ledger_db_hmac(struct db *db, struct db_rows *rows, int column, unsigned char *out);

#endif
