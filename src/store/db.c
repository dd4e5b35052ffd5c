/*
 * local_db.c: see local_db.h. A new database is made whole beside its place and then linked there,
 * so that nobody ever opens half a schema; who comes second uses the first one's.
 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "local/books.h"
#include "local/schema.h"

enum {
	LOCAL_VERSION = 1,
	LOCAL_APPLICATION = 0x68726C31, /* "hrl1", local_schema.h says it too */
	LOCAL_CREATE_MS = 10000
};

struct local_db {
	sqlite3 *db;
	enum local_fault fault;
	char words[256];
};

struct local_rows {
	struct local_db *db;
	sqlite3_stmt *statement;
};

struct local_value
local_integer(int64_t n)
{
	return (struct local_value){.kind = LOCAL_INTEGER, .n = n};
}

struct local_value
local_text(const char *s)
{
	return (struct local_value){.kind = s == NULL ? LOCAL_NULL : LOCAL_TEXT, .text = s};
}

static bool
local_db_check(struct local_db *db, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return true;
	if (db->fault != LOCAL_FINE)
		return false;
	(void)snprintf(db->words, sizeof(db->words), "%s",
	    db->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(db->db));
	switch (rc & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		db->fault = LOCAL_BUSY;
		break;
	case SQLITE_CONSTRAINT:
		db->fault = LOCAL_CONSTRAINT;
		break;
	case SQLITE_NOMEM:
		db->fault = LOCAL_MEMORY;
		break;
	default:
		db->fault = LOCAL_BROKEN;
		break;
	}
	return false;
}

static bool
local_db_exec(struct local_db *db, const char *sql)
{
	if (db->fault != LOCAL_FINE)
		return false;
	return local_db_check(db, sqlite3_exec(db->db, sql, NULL, NULL, NULL));
}

static struct local_db *
local_db_connect(const char *path, int64_t timeout_ms)
{
	struct local_db *db = calloc(1, sizeof(*db));
	int rc;

	if (db == NULL)
		return NULL;
	rc = sqlite3_open_v2(path, &db->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (!local_db_check(db, rc))
		return db;
	timeout_ms = timeout_ms < 1 ? 1 : timeout_ms > INT32_MAX ? INT32_MAX : timeout_ms;
	(void)sqlite3_busy_timeout(db->db, (int)timeout_ms);
	(void)sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)local_db_exec(db, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
				"PRAGMA trusted_schema = OFF");
	return db;
}

void
local_db_close(struct local_db *db)
{
	if (db == NULL)
		return;
	(void)sqlite3_close(db->db);
	free(db);
}

static bool
local_db_number(struct local_db *db, const char *sql, int64_t *out)
{
	struct local_rows *rows = local_db_query(db, sql, NULL, 0);

	if (local_rows_next(rows))
		*out = local_rows_integer(rows, 0);
	return local_rows_end(rows);
}

/* A whole new database at temporary, which is there and empty. */
static enum gw_err
local_db_fill(const char *temporary, struct failure *f)
{
	struct local_db *db = local_db_connect(temporary, LOCAL_CREATE_MS);
	enum gw_err err = GW_OK;

	if (db == NULL)
		return fail_memory(f);
	if (!local_db_exec(db, "PRAGMA journal_mode = WAL") || !local_db_exec(db, "BEGIN") ||
	    !local_db_exec(db, local_schema) || !local_db_exec(db, "COMMIT"))
		err = local_db_fail(db, f);
	local_db_close(db);
	return err;
}

static enum gw_err
local_db_create(const char *path, struct failure *f)
{
	char temporary[LOCAL_PATH_MAX + 16], folder[LOCAL_PATH_MAX];
	enum gw_err err;
	int fd;

	if (!local_path_make(path))
		return fail(f, CODE_GATEWAY_STORE, "cannot make the folder of %s: %s", path,
		    strerror(errno));
	(void)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return fail(f, CODE_GATEWAY_STORE, "cannot make %s: %s", path, strerror(errno));
	(void)close(fd);
	(void)snprintf(folder, sizeof(folder), "%s", path);
	local_path_give(temporary, dirname(folder));
	err = local_db_fill(temporary, f);
	if (err == GW_OK && link(temporary, path) != 0 && errno != EEXIST)
		err = fail(f, CODE_GATEWAY_STORE, "cannot make %s: %s", path, strerror(errno));
	(void)unlink(temporary);
	return err;
}

static enum gw_err
local_db_verify(struct local_db *db, const char *path, struct failure *f)
{
	int64_t version = 0, application = 0;

	if (!local_db_number(db, "PRAGMA application_id", &application) ||
	    !local_db_number(db, "PRAGMA user_version", &version))
		return local_db_fail(db, f);
	if (application != LOCAL_APPLICATION)
		return fail(f, CODE_GATEWAY_STORE, "%s is not a database of the local HRIS", path);
	if (version != LOCAL_VERSION)
		return fail(f, CODE_GATEWAY_STORE,
		    "%s has version %lld, this program knows version %d", path, (long long)version,
		    LOCAL_VERSION);
	return GW_OK;
}

enum gw_err
local_db_open(const char *path, int64_t timeout_ms, struct failure *f, struct local_db **out)
{
	struct local_db *db;
	enum gw_err err;

	*out = NULL;
	if (strlen(path) >= LOCAL_PATH_MAX)
		return fail(f, CODE_GATEWAY_STORE, "the path of the local database is too long");
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		err = local_db_create(path, f);
		if (err != GW_OK)
			return err;
	}
	db = local_db_connect(path, timeout_ms);
	if (db == NULL)
		return fail_memory(f);
	err = db->fault == LOCAL_FINE ? local_db_verify(db, path, f) : local_db_fail(db, f);
	if (err != GW_OK) {
		local_db_close(db);
		return err;
	}
	*out = db;
	return GW_OK;
}

bool
local_db_begin(struct local_db *db, bool write)
{
	return local_db_exec(db, write ? "BEGIN IMMEDIATE" : "BEGIN");
}

bool
local_db_commit(struct local_db *db, bool *unknown)
{
	bool done = local_db_exec(db, "COMMIT");

	/* A disk that failed while committing may still hold the commit. */
	*unknown = !done && db->fault == LOCAL_BROKEN && sqlite3_get_autocommit(db->db) != 0;
	if (!done && sqlite3_get_autocommit(db->db) == 0)
		(void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	return done;
}

void
local_db_rollback(struct local_db *db)
{
	if (sqlite3_get_autocommit(db->db) == 0)
		(void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	local_db_forgive(db);
}

struct local_rows *
local_db_query(struct local_db *db, const char *sql, const struct local_value *args, size_t n)
{
	struct local_rows *rows;
	size_t i;
	int rc = SQLITE_OK;

	if (db->fault != LOCAL_FINE)
		return NULL;
	rows = calloc(1, sizeof(*rows));
	if (rows == NULL) {
		local_db_set_fault(db, LOCAL_MEMORY);
		return NULL;
	}
	rows->db = db;
	if (!local_db_check(db, sqlite3_prepare_v2(db->db, sql, -1, &rows->statement, NULL)))
		return rows;
	for (i = 0; i < n && rc == SQLITE_OK; i++) {
		if (args[i].kind == LOCAL_INTEGER)
			rc = sqlite3_bind_int64(rows->statement, (int)i + 1, args[i].n);
		else if (args[i].kind == LOCAL_TEXT)
			rc = sqlite3_bind_text(
			    rows->statement, (int)i + 1, args[i].text, -1, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_null(rows->statement, (int)i + 1);
	}
	(void)local_db_check(db, rc);
	return rows;
}

bool
local_rows_next(struct local_rows *rows)
{
	int rc;

	if (rows == NULL || rows->statement == NULL || rows->db->fault != LOCAL_FINE)
		return false;
	rc = sqlite3_step(rows->statement);
	return local_db_check(rows->db, rc) && rc == SQLITE_ROW;
}

bool
local_rows_end(struct local_rows *rows)
{
	bool fine;

	if (rows == NULL)
		return false;
	(void)sqlite3_finalize(rows->statement);
	fine = rows->db->fault == LOCAL_FINE;
	free(rows);
	return fine;
}

bool
local_db_run(struct local_db *db, const char *sql, const struct local_value *args, size_t n)
{
	struct local_rows *rows = local_db_query(db, sql, args, n);

	(void)local_rows_next(rows);
	return local_rows_end(rows);
}

int64_t
local_db_changes(struct local_db *db)
{
	return sqlite3_changes64(db->db);
}

int64_t
local_db_last_id(struct local_db *db)
{
	return sqlite3_last_insert_rowid(db->db);
}

int
local_rows_columns(const struct local_rows *rows)
{
	return sqlite3_column_count(rows->statement);
}

const char *
local_rows_name(const struct local_rows *rows, int column)
{
	return sqlite3_column_name(rows->statement, column);
}

bool
local_rows_null(const struct local_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

bool
local_rows_is_integer(const struct local_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_INTEGER;
}

int64_t
local_rows_integer(const struct local_rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

const char *
local_rows_text(struct local_rows *rows, int column, struct arena *a)
{
	const char *s;

	if (local_rows_null(rows, column))
		return NULL;
	s = (const char *)sqlite3_column_text(rows->statement, column);
	s = s == NULL ? NULL : arena_strdup(a, s);
	if (s == NULL)
		local_db_set_fault(rows->db, LOCAL_MEMORY);
	return s;
}

enum local_fault
local_db_fault(const struct local_db *db)
{
	return db->fault;
}

void
local_db_set_fault(struct local_db *db, enum local_fault fault)
{
	if (db->fault == LOCAL_FINE)
		db->fault = fault;
}

const char *
local_db_words(const struct local_db *db)
{
	return db->words;
}

void
local_db_forgive(struct local_db *db)
{
	db->fault = LOCAL_FINE;
	db->words[0] = '\0';
}

enum gw_err
local_db_fail(const struct local_db *db, struct failure *f)
{
	switch (db->fault) {
	case LOCAL_BUSY:
		return fail(f, CODE_HRIS_BUSY, "the local database is busy: %s", db->words);
	case LOCAL_CONSTRAINT:
		return fail(f, CODE_HRIS_REFUSED, "the local HRIS refused: %s", db->words);
	case LOCAL_MEMORY:
		return fail_memory(f);
	case LOCAL_FINE:
	case LOCAL_BROKEN:
		break;
	}
	return fail(f, CODE_GATEWAY_STORE, "the local database: %s", db->words);
}
