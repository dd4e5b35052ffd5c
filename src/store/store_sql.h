/*
 * store_db.h: the tables of state.db, for store.c alone. Nothing here locks: one thread at a time,
 * and every call but open and close between store_db_begin and store_db_end.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "store/store.h"

struct store_db;

struct store_db *store_db_open(const char *path, char *why, size_t why_max);
void store_db_close(struct store_db *db);

enum gw_err store_db_begin(struct store_db *db, bool writes);
/* Commits, or rolls back when keep is false. */
enum gw_err store_db_end(struct store_db *db, bool keep);
/* False: an error has ended the transaction, and with it what others did in it. */
bool store_db_holds(const struct store_db *db);

/* What one of these functions is asked and answers. */
struct store_ask {
	const char *space, *key;
	const char *data; /* put */
	size_t len;
	int64_t now_s, expires_s, add; /* expires_s of a tally: when a new one ends */
	struct buf *out;               /* get */
	bool found;                    /* get; spend: fresh */
	int64_t n, at_s;               /* counted: uses, last; tally: n, ends */
};

enum gw_err store_db_spend(struct store_db *db, struct store_ask *q);
enum gw_err store_db_put(struct store_db *db, struct store_ask *q);
enum gw_err store_db_get(struct store_db *db, struct store_ask *q);
enum gw_err store_db_count(struct store_db *db, struct store_ask *q); /* adds n, last at_s */
enum gw_err store_db_counted(struct store_db *db, struct store_ask *q);
enum gw_err store_db_tally(struct store_db *db, struct store_ask *q);
/* Removes some of the rows that expired before now_s. */
enum gw_err store_db_clean(struct store_db *db, struct store_ask *q);

#endif
