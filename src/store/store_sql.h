/*
 * store_sql.h: the queries of state.db, for store.c alone. Nothing here locks: one thread at a
 * time, and every call but opening in a transaction. Each gives GW_OK, or GW_EINTERNAL.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/db.h"
#include "store/store.h"

/*
 * Opens (making) state.db; NULL with the reason in why, and in *fault. What is made anew, after an
 * earlier one, records when. db_close() closes it.
 */
struct db *
store_db_open(const char *path, bool anew, enum db_fault *fault, char *why, size_t why_max);
bool store_db_sound(struct db *db);     /* reads all of it; false, too, where that fails */
int64_t store_db_anew_s(struct db *db); /* when it was made anew; INT64_MIN: it was not */

/* What one of these functions is asked, and its answer. */
struct store_ask {
	const char *space, *key;
	const char *data; /* put */
	size_t len;
	int64_t now_s, expires_s, add; /* expires_s of a tally: when a new one ends */
	int64_t mono_s;                /* clean */
	struct buf *out;               /* get */
	bool found;                    /* get; spend: fresh */
	int64_t n, at_s;               /* counted: uses, last; tally: n, ends */
};

enum gw_err store_db_spend(struct db *db, struct store_ask *q);
enum gw_err store_db_put(struct db *db, struct store_ask *q);
enum gw_err store_db_get(struct db *db, struct store_ask *q);
enum gw_err store_db_count(struct db *db, struct store_ask *q); /* adds n, last at_s */
enum gw_err store_db_counted(struct db *db, struct store_ask *q);
enum gw_err store_db_tally(struct db *db, struct store_ask *q);
/* Removes some of the rows that expired before now_s. */
enum gw_err store_db_clean(struct db *db, struct store_ask *q);

#endif
