/*
 * store_sql.c: state.db in SQL. The file is ours alone (mode 0600; SQLite gives its -wal and -shm
 * the same). Which thread may call is the queue's business.
 */
#include "store/store_sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How long a statement waits for another process; the queue tries again. */
enum { STORE_BUSY_MS = 100, STORE_PAST_S = 600 };

/* clang-format off */
static const char schema[] =
"CREATE TABLE spent ("
"  space   TEXT NOT NULL,"
"  id      TEXT NOT NULL,"
"  expires INTEGER NOT NULL,"
"  PRIMARY KEY (space, id)"
") WITHOUT ROWID;"
"CREATE INDEX spent_expires ON spent (expires);"
"CREATE TABLE texts ("
"  space   TEXT NOT NULL,"
"  key     TEXT NOT NULL,"
"  expires INTEGER NOT NULL," /* 0: never */
"  data    BLOB NOT NULL,"
"  PRIMARY KEY (space, key)"
");"
"CREATE TABLE uses ("
"  space TEXT NOT NULL,"
"  key   TEXT NOT NULL,"
"  uses  INTEGER NOT NULL,"
"  last  INTEGER NOT NULL,"
"  PRIMARY KEY (space, key)"
") WITHOUT ROWID;"
"CREATE TABLE tallies ("
"  space   TEXT NOT NULL,"
"  key     TEXT NOT NULL,"
"  n       INTEGER NOT NULL,"
"  expires INTEGER NOT NULL,"
"  PRIMARY KEY (space, key)"
") WITHOUT ROWID;";
/* clang-format on */

#define STATE_DB(sql)                                                                           \
	{                                                                                       \
		.owner = "the gateway's state", .schema = (sql), .version = 1, .nofollow = true \
	}

struct db *
store_db_open(const char *path, bool anew, enum db_fault *fault, char *why, size_t why_max)
{
	static const char when[] =
	    "INSERT INTO uses (space, key, uses, last) VALUES ('state', 'anew', CAST(strftime('%s') AS INTEGER), 0)";
	static const struct db_kind first = STATE_DB(schema);
	char later[sizeof(schema) + sizeof(when)];
	const struct db_kind next = STATE_DB(later);
	struct db *db;

	(void)snprintf(later, sizeof(later), "%s%s", schema, when);
	*fault = db_open(path, anew ? &next : &first, STORE_BUSY_MS, &db, why, why_max);
	return db;
}

bool
store_db_sound(struct db *db)
{
	struct db_rows *rows = db_query(db, "PRAGMA quick_check(1)", NULL, 0);
	struct buf word;
	bool sound;

	buf_init(&word, 256);
	if (db_rows_next(rows))
		db_rows_blob(rows, 0, &word);
	/* What could not be looked at, as another process keeps it locked, is not damaged. */
	sound = db_rows_end(rows) ? strcmp(word.data, "ok") == 0 : db_fault(db) != DB_CORRUPT;
	buf_clear(&word);
	db_forgive(db);
	return sound;
}

int64_t
store_db_anew_s(struct db *db)
{
	struct store_ask ask = {.space = "state", .key = "anew"};

	return store_db_counted(db, &ask) == GW_OK && ask.n != 0 ? ask.n : INT64_MIN;
}

/* What came of the statements since; one that failed does not keep others from running. */
static enum gw_err
store_db_result(struct db *db)
{
	bool fine = db_fault(db) == DB_FINE;

	errno = db_fault(db) == DB_MEMORY ? ENOMEM : EIO;
	db_forgive(db);
	return fine ? GW_OK : GW_EINTERNAL;
}

enum gw_err
store_db_spend(struct db *db, struct store_ask *q)
{
	q->found = db_run(db,
		       "INSERT INTO spent (space, id, expires) VALUES (?1, ?2, ?4)"
		       " ON CONFLICT (space, id) DO UPDATE SET expires = excluded.expires"
		       " WHERE spent.expires < ?3",
		       DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->now_s),
			   db_integer(q->expires_s))) &&
		   db_changes(db) == 1;
	return store_db_result(db);
}

enum gw_err
store_db_put(struct db *db, struct store_ask *q)
{
	(void)db_run(db,
	    "INSERT INTO texts (space, key, expires, data) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (space, key)"
	    " DO UPDATE SET expires = excluded.expires, data = excluded.data",
	    DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->expires_s),
		db_blob(q->data, q->len)));
	return store_db_result(db);
}

enum gw_err
store_db_get(struct db *db, struct store_ask *q)
{
	struct db_rows *rows = db_query(db,
	    "SELECT data FROM texts WHERE space = ?1 AND key = ?2"
	    " AND (expires = 0 OR expires >= ?3)",
	    DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->now_s)));

	q->found = db_rows_next(rows);
	if (q->found)
		db_rows_blob(rows, 0, q->out);
	(void)db_rows_end(rows);
	return store_db_result(db) == GW_OK ? q->out->err : GW_EINTERNAL;
}

enum gw_err
store_db_count(struct db *db, struct store_ask *q)
{
	(void)db_run(db,
	    "INSERT INTO uses (space, key, uses, last) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (space, key)"
	    " DO UPDATE SET uses = uses + excluded.uses, last = max(last, excluded.last)",
	    DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->add), db_integer(q->now_s)));
	return store_db_result(db);
}

/* Two numbers of the one row; n and at_s are 0 where there is none. */
static enum gw_err
store_db_numbers(struct db *db, struct store_ask *q, struct db_rows *rows)
{
	q->n = q->at_s = 0;
	if (db_rows_next(rows)) {
		q->n = db_rows_integer(rows, 0);
		q->at_s = db_rows_integer(rows, 1);
	}
	(void)db_rows_end(rows);
	return store_db_result(db);
}

enum gw_err
store_db_counted(struct db *db, struct store_ask *q)
{
	return store_db_numbers(db, q,
	    db_query(db, "SELECT uses, last FROM uses WHERE space = ?1 AND key = ?2",
		DB_ARGS(db_text(q->space), db_text(q->key))));
}

enum gw_err
store_db_tally(struct db *db, struct store_ask *q)
{
	if (q->add != 0)
		(void)db_run(db,
		    "INSERT INTO tallies (space, key, n, expires) VALUES (?1, ?2, ?5, ?4)"
		    " ON CONFLICT (space, key) DO UPDATE SET"
		    " n = iif(tallies.expires < ?3, excluded.n, n + excluded.n),"
		    " expires = iif(tallies.expires < ?3, excluded.expires, tallies.expires)",
		    DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->now_s),
			db_integer(q->expires_s), db_integer(q->add)));
	return store_db_numbers(db, q,
	    db_query(db,
		"SELECT n, expires FROM tallies WHERE space = ?1 AND key = ?2 AND expires >= ?3",
		DB_ARGS(db_text(q->space), db_text(q->key), db_integer(q->now_s))));
}

/*
 * A nonce goes once the clock has stayed past its end for STORE_PAST_S by another clock, which
 * nobody sets: one that jumps forward and back forgets none. The row state/spent has the moment
 * that the clock was last seen past, and when by the other clock.
 */
static void
clean_spent(struct db *db, const struct store_ask *q)
{
	struct store_ask past = {.space = "state", .key = "spent"};
	bool back;

	if (store_db_counted(db, &past) != GW_OK)
		return;
	back = past.n == 0 || q->now_s < past.n || q->mono_s < past.at_s;
	if (!back && q->mono_s - past.at_s < STORE_PAST_S)
		return;
	if (!back)
		(void)db_run(db,
		    "DELETE FROM spent WHERE (space, id) IN"
		    " (SELECT space, id FROM spent WHERE expires < ?1 LIMIT 2000)",
		    DB_ARGS(db_integer(past.n)));
	/* Until all are gone it goes on from here. */
	if (!back && db_changes(db) == 2000)
		return;
	(void)db_run(db,
	    "INSERT INTO uses (space, key, uses, last) VALUES ('state', 'spent', ?1, ?2)"
	    " ON CONFLICT (space, key) DO UPDATE SET uses = excluded.uses, last = excluded.last",
	    DB_ARGS(db_integer(q->now_s), db_integer(q->mono_s)));
}

enum gw_err
store_db_clean(struct db *db, struct store_ask *q)
{
	clean_spent(db, q);
	(void)db_run(db, "DELETE FROM texts WHERE expires <> 0 AND expires < ?1",
	    DB_ARGS(db_integer(q->now_s)));
	(void)db_run(db, "DELETE FROM tallies WHERE expires < ?1", DB_ARGS(db_integer(q->now_s)));
	return store_db_result(db);
}
