/*
 * store_sqlite.c: state.db in SQL. The file is ours alone (mode 0600; SQLite gives its -wal and
 * -shm the same), in WAL mode, so that many processes may read while one writes. Which thread may
 * call is store.c's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_sql.h"

enum { STORE_VERSION = 1, STORE_BUSY_MS = 5000, STORE_WAL_TRIES = 100, STORE_WAL_PAUSE_MS = 20 };

enum statement {
	SQL_BEGIN,
	SQL_BEGIN_WRITE,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_SPEND,
	SQL_PUT,
	SQL_GET,
	SQL_COUNT,
	SQL_COUNTED,
	SQL_TALLY,
	SQL_TALLY_LOOK,
	SQL_CLEAN_SPENT,
	SQL_CLEAN_TEXTS,
	SQL_CLEAN_TALLIES,
	SQL_MAX
};

/* Every statement takes the same numbered values: ?1 space ?2 key ?3 now ?4 expires ?5 number. */
static const char *const statements[] = {
    [SQL_BEGIN] = "BEGIN",
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SPEND] = "INSERT INTO spent (space, id, expires) VALUES (?1, ?2, ?4)"
		  " ON CONFLICT (space, id) DO UPDATE SET expires = excluded.expires"
		  " WHERE spent.expires < ?3",
    [SQL_PUT] = "INSERT INTO texts (space, key, expires, data) VALUES (?1, ?2, ?4, ?6)"
		" ON CONFLICT (space, key) DO UPDATE SET expires = excluded.expires,"
		" data = excluded.data",
    [SQL_GET] = "SELECT data FROM texts WHERE space = ?1 AND key = ?2"
		" AND (expires = 0 OR expires >= ?3)",
    [SQL_COUNT] = "INSERT INTO uses (space, key, uses, last) VALUES (?1, ?2, ?5, ?3)"
		  " ON CONFLICT (space, key) DO UPDATE SET uses = uses + excluded.uses,"
		  " last = max(last, excluded.last)",
    [SQL_COUNTED] = "SELECT uses, last FROM uses WHERE space = ?1 AND key = ?2",
    [SQL_TALLY] = "INSERT INTO tallies (space, key, n, expires) VALUES (?1, ?2, ?5, ?4)"
		  " ON CONFLICT (space, key) DO UPDATE SET"
		  " n = CASE WHEN tallies.expires < ?3 THEN excluded.n ELSE n + excluded.n END,"
		  " expires = CASE WHEN tallies.expires < ?3 THEN excluded.expires"
		  " ELSE tallies.expires END",
    [SQL_TALLY_LOOK] = "SELECT n, expires FROM tallies WHERE space = ?1 AND key = ?2"
		       " AND expires >= ?3",
    [SQL_CLEAN_SPENT] = "DELETE FROM spent WHERE (space, id) IN"
			" (SELECT space, id FROM spent WHERE expires < ?3 LIMIT 2000)",
    [SQL_CLEAN_TEXTS] = "DELETE FROM texts WHERE expires <> 0 AND expires < ?3",
    [SQL_CLEAN_TALLIES] = "DELETE FROM tallies WHERE expires < ?3",
};
_Static_assert(sizeof(statements) / sizeof(statements[0]) == SQL_MAX, "a text for each");

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS spent (space TEXT NOT NULL, id TEXT NOT NULL,"
    " expires INTEGER NOT NULL, PRIMARY KEY (space, id)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS spent_expires ON spent (expires);"
    "CREATE TABLE IF NOT EXISTS texts (space TEXT NOT NULL, key TEXT NOT NULL,"
    " expires INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (space, key));"
    "CREATE TABLE IF NOT EXISTS uses (space TEXT NOT NULL, key TEXT NOT NULL,"
    " uses INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tallies (space TEXT NOT NULL, key TEXT NOT NULL,"
    " n INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

struct store_db {
	sqlite3 *handle;
	sqlite3_stmt *prepared[SQL_MAX];
};

static bool
store_db_why(const struct store_db *db, const char *path, char *why, size_t why_max)
{
	(void)snprintf(why, why_max, "%s: %s", path, sqlite3_errmsg(db->handle));
	return false;
}

/* Switching to WAL needs the file for itself, and does not wait for it as other statements do. */
static bool
store_db_wal(struct store_db *db)
{
	int i, rc = SQLITE_BUSY;

	for (i = 0; i < STORE_WAL_TRIES && rc == SQLITE_BUSY; i++) {
		if (i > 0)
			(void)sqlite3_sleep(STORE_WAL_PAUSE_MS);
		rc = sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
	}
	return rc == SQLITE_OK;
}

static bool
store_db_schema(struct store_db *db, const char *path, char *why, size_t why_max)
{
	sqlite3_stmt *stmt = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	if (version < 0)
		return store_db_why(db, path, why, why_max);
	if (version > STORE_VERSION) {
		(void)snprintf(why, why_max, "%s was written by a newer version", path);
		return false;
	}
	if (version == STORE_VERSION)
		return true;
	if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db->handle, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return store_db_why(db, path, why, why_max);
	return true;
}

static bool
store_db_prepare(struct store_db *db, const char *path, char *why, size_t why_max)
{
	int i;

	for (i = 0; i < SQL_MAX; i++) {
		if (sqlite3_prepare_v3(db->handle, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
			&db->prepared[i], NULL) != SQLITE_OK)
			return store_db_why(db, path, why, why_max);
	}
	return true;
}

static bool
store_db_make_file(const char *path, char *why, size_t why_max)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || fchmod(fd, 0600) != 0) {
		(void)snprintf(why, why_max, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	(void)close(fd);
	return true;
}

struct store_db *
store_db_open(const char *path, char *why, size_t why_max)
{
	struct store_db *db;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	bool ok;

	if (!store_db_make_file(path, why, why_max))
		return NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL) {
		(void)snprintf(why, why_max, "%s: out of memory", path);
		return NULL;
	}
	ok = sqlite3_open_v2(path, &db->handle, flags, NULL) == SQLITE_OK &&
	     sqlite3_busy_timeout(db->handle, STORE_BUSY_MS) == SQLITE_OK && store_db_wal(db) &&
	     sqlite3_exec(db->handle, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		(void)store_db_why(db, path, why, why_max);
	ok = ok && store_db_schema(db, path, why, why_max) &&
	     store_db_prepare(db, path, why, why_max);
	if (!ok) {
		store_db_close(db);
		return NULL;
	}
	return db;
}

void
store_db_close(struct store_db *db)
{
	int i;

	if (db == NULL)
		return;
	for (i = 0; i < SQL_MAX; i++)
		(void)sqlite3_finalize(db->prepared[i]);
	(void)sqlite3_close(db->handle);
	free(db);
}

/*
 * Runs to the end, or to the first row (SQLITE_ROW), which the caller reads before store_db_done.
 */
static int
store_db_step(struct store_db *db, enum statement which, const struct store_ask *q)
{
	sqlite3_stmt *stmt = db->prepared[which];
	int n = sqlite3_bind_parameter_count(stmt), rc = SQLITE_OK;

	(void)sqlite3_reset(stmt);
	if (n >= 1 && q->space != NULL)
		rc = sqlite3_bind_text(stmt, 1, q->space, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && n >= 2 && q->key != NULL)
		rc = sqlite3_bind_text(stmt, 2, q->key, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && n >= 3)
		rc = sqlite3_bind_int64(stmt, 3, q->now_s);
	if (rc == SQLITE_OK && n >= 4)
		rc = sqlite3_bind_int64(stmt, 4, q->expires_s);
	if (rc == SQLITE_OK && n >= 5)
		rc = sqlite3_bind_int64(stmt, 5, q->add);
	if (rc == SQLITE_OK && n >= 6)
		rc = sqlite3_bind_blob64(stmt, 6, q->data, q->len, SQLITE_STATIC);
	return rc == SQLITE_OK ? sqlite3_step(stmt) : rc;
}

/* Forgets the borrowed texts. */
static void
store_db_done(struct store_db *db, enum statement which)
{
	(void)sqlite3_reset(db->prepared[which]);
	(void)sqlite3_clear_bindings(db->prepared[which]);
}

static enum gw_err
store_db_run(struct store_db *db, enum statement which, const struct store_ask *q)
{
	int rc = store_db_step(db, which, q);

	store_db_done(db, which);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? GW_OK : GW_EINTERNAL;
}

enum gw_err
store_db_begin(struct store_db *db, bool writes)
{
	static const struct store_ask nothing;

	return store_db_run(db, writes ? SQL_BEGIN_WRITE : SQL_BEGIN, &nothing);
}

enum gw_err
store_db_end(struct store_db *db, bool keep)
{
	static const struct store_ask nothing;
	enum gw_err err = GW_EINTERNAL;

	if (keep)
		err = store_db_run(db, SQL_COMMIT, &nothing);
	if (store_db_holds(db))
		(void)store_db_run(db, SQL_ROLLBACK, &nothing);
	return err;
}

bool
store_db_holds(const struct store_db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

enum gw_err
store_db_spend(struct store_db *db, struct store_ask *q)
{
	enum gw_err err = store_db_run(db, SQL_SPEND, q);

	q->found = err == GW_OK && sqlite3_changes(db->handle) == 1;
	return err;
}

enum gw_err
store_db_put(struct store_db *db, struct store_ask *q)
{
	return store_db_run(db, SQL_PUT, q);
}

enum gw_err
store_db_get(struct store_db *db, struct store_ask *q)
{
	sqlite3_stmt *stmt = db->prepared[SQL_GET];
	int rc = store_db_step(db, SQL_GET, q), len;
	const void *data;

	q->found = rc == SQLITE_ROW;
	if (q->found) {
		data = sqlite3_column_blob(stmt, 0);
		len = sqlite3_column_bytes(stmt, 0);
		if (len > 0)
			buf_put(q->out, data, (size_t)len);
	}
	store_db_done(db, SQL_GET);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return GW_EINTERNAL;
	return q->out->err;
}

enum gw_err
store_db_count(struct store_db *db, struct store_ask *q)
{
	return store_db_run(db, SQL_COUNT, q);
}

/* Two numbers of the one row; n and at_s stay 0 where there is none. */
static enum gw_err
store_db_numbers(struct store_db *db, enum statement which, struct store_ask *q)
{
	int rc = store_db_step(db, which, q);

	q->n = q->at_s = 0;
	if (rc == SQLITE_ROW) {
		q->n = sqlite3_column_int64(db->prepared[which], 0);
		q->at_s = sqlite3_column_int64(db->prepared[which], 1);
	}
	store_db_done(db, which);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? GW_OK : GW_EINTERNAL;
}

enum gw_err
store_db_counted(struct store_db *db, struct store_ask *q)
{
	return store_db_numbers(db, SQL_COUNTED, q);
}

enum gw_err
store_db_tally(struct store_db *db, struct store_ask *q)
{
	enum gw_err err = q->add == 0 ? GW_OK : store_db_run(db, SQL_TALLY, q);

	return err == GW_OK ? store_db_numbers(db, SQL_TALLY_LOOK, q) : err;
}

enum gw_err
store_db_clean(struct store_db *db, struct store_ask *q)
{
	enum gw_err err = store_db_run(db, SQL_CLEAN_SPENT, q);

	if (err == GW_OK)
		err = store_db_run(db, SQL_CLEAN_TEXTS, q);
	if (err == GW_OK)
		err = store_db_run(db, SQL_CLEAN_TALLIES, q);
	return err;
}
