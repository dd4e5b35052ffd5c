/*
 * db.c: see db.h. A new database is made whole beside its place and then linked there, so that
 * nobody ever opens half a schema; the second to arrive uses what the first one made.
 */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/user.h"

enum { DB_STATEMENTS = 32 }; /* prepared on a connection */

/* A prepared statement, and its rows while it is used. */
struct db_rows {
	struct db *db;
	sqlite3_stmt *statement;
	bool used;
};

struct db {
	sqlite3 *handle;
	enum db_fault fault;
	char words[256];
	struct db_rows statements[DB_STATEMENTS];
};

struct db_value
db_integer(int64_t n)
{
	return (struct db_value){.kind = DB_INTEGER, .n = n};
}

struct db_value
db_text(const char *s)
{
	return (struct db_value){.kind = s == NULL ? DB_NULL : DB_TEXT, .bytes = s};
}

struct db_value
db_blob(const void *data, size_t len)
{
	return (struct db_value){.kind = DB_BLOB, .bytes = data, .n = (int64_t)len};
}

static enum db_fault
db_fault_of(int rc)
{
	switch (rc & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return DB_FINE;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return DB_BUSY;
	case SQLITE_CONSTRAINT:
		return DB_CONSTRAINT;
	case SQLITE_NOMEM:
		return DB_MEMORY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DB_CORRUPT;
	default:
		return DB_BROKEN;
	}
}

/* Notes the first error. */
static bool
db_check(struct db *db, int rc)
{
	enum db_fault fault = db_fault_of(rc);

	if (fault != DB_FINE && db->fault == DB_FINE) {
		int why = (rc & 0xFF) == SQLITE_CANTOPEN && db->handle != NULL
			      ? sqlite3_system_errno(db->handle)
			      : 0;

		db->fault = fault;
		(void)snprintf(db->words, sizeof(db->words), "%s%s%s",
		    db->handle == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(db->handle),
		    why == 0 ? "" : ": ", why == 0 ? "" : strerror(why));
	}
	return fault == DB_FINE;
}

/* Statements that are needed once a connection. */
static bool
db_exec(struct db *db, const char *sql)
{
	return db->fault == DB_FINE &&
	       db_check(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

static struct db *
db_connect(const char *path, const struct db_kind *kind, int64_t timeout_ms)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		return NULL;
	/* Pages as they are used: 20 at once would cost a plain CGI call more than it saves. */
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	if (kind->nofollow)
		flags |= SQLITE_OPEN_NOFOLLOW;
	if (!db_check(db, sqlite3_open_v2(path, &db->handle, flags, NULL)))
		return db;
	timeout_ms = timeout_ms < 1 ? 1 : timeout_ms > INT_MAX ? INT_MAX : timeout_ms;
	(void)sqlite3_busy_timeout(db->handle, (int)timeout_ms);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)db_exec(
	    db, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
	return db;
}

void
db_close(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	for (i = 0; i < DB_STATEMENTS; i++)
		(void)sqlite3_finalize(db->statements[i].statement);
	(void)sqlite3_close(db->handle);
	free(db);
}

void
db_give(const char *path, const char *like)
{
	struct stat st;

	if (geteuid() == 0 && stat(like, &st) == 0 && (st.st_uid != 0 || st.st_gid != 0))
		(void)!lchown(path, st.st_uid, st.st_gid);
}

/* A whole new database in an empty file. */
static void
db_fill(struct db *db, const struct db_kind *kind)
{
	char marks[96];

	(void)snprintf(marks, sizeof(marks), "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    (int)kind->application, (int)kind->version);
	/* A log that cannot be taken over would go unseen: it begins when all is there. */
	(void)(db_exec(db, "BEGIN") && db_exec(db, kind->schema) && db_exec(db, marks) &&
	       db_exec(db, "COMMIT") && db_exec(db, "PRAGMA journal_mode = WAL"));
}

static void
db_unlink_logs(const char *path)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	char log[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (snprintf(log, sizeof(log), "%s%s", path, endings[i]) < PATH_MAX)
			(void)unlink(log);
	}
}

/*
 * SQLite would take the log of an earlier database for the new one's, and read its pages again. The
 * log of one that is there is in use: hence the lock, under which alone one appears at path.
 */
static void
db_forget_log(const char *path)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		db_unlink_logs(path);
}

/* What was made takes its place, unless another one has. False, with errno. */
static bool
db_take_place(const char *temporary, const char *path, const char *folder, bool locked)
{
	int lock = locked ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;

	if (!locked && (lock < 0 || flock(lock, LOCK_EX) != 0))
		error = errno;
	if (error == 0) {
		db_forget_log(path);
		error = link(temporary, path) == 0 || errno == EEXIST ? 0 : errno;
	}
	if (lock >= 0)
		(void)close(lock);
	errno = error;
	return error == 0;
}

static enum db_fault
db_make(const char *path, const struct db_kind *kind, char *why, size_t why_max)
{
	char temporary[PATH_MAX], text[PATH_MAX];
	enum db_fault fault = DB_MEMORY;
	const char *folder;
	struct db *db;
	int fd = -1;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) < PATH_MAX)
		fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
	else
		errno = ENAMETOOLONG;
	if (fd < 0) {
		(void)snprintf(why, why_max, "cannot make %s: %s", path, strerror(errno));
		return DB_BROKEN;
	}
	(void)close(fd);
	(void)snprintf(text, sizeof(text), "%s", path);
	folder = dirname(text);
	db_give(temporary, folder);
	db = db_connect(temporary, kind, 0);
	if (db != NULL) {
		db_fill(db, kind);
		fault = db->fault;
	}
	(void)snprintf(
	    why, why_max, "cannot make %s: %s", path, db == NULL ? "out of memory" : db->words);
	db_close(db);
	if (fault == DB_FINE && !db_take_place(temporary, path, folder, kind->locked)) {
		(void)snprintf(why, why_max, "cannot make %s: %s", path, strerror(errno));
		fault = DB_BROKEN;
	}
	(void)unlink(temporary);
	db_unlink_logs(temporary);
	return fault;
}

static int64_t
db_number(struct db *db, const char *sql)
{
	struct db_rows *rows = db_query(db, sql, NULL, 0);
	int64_t n = db_rows_next(rows) ? db_rows_integer(rows, 0) : 0;

	(void)db_rows_end(rows);
	return n;
}

/* Is it a database of that kind and version? Sets the fault, and why. */
static void
db_verify(struct db *db, const char *path, const struct db_kind *kind, char *why, size_t why_max)
{
	int64_t application = db_number(db, "PRAGMA application_id");
	int64_t version = db_number(db, "PRAGMA user_version");

	if (db->fault != DB_FINE)
		(void)snprintf(why, why_max, "%s: %s", path, db->words);
	else if (application != kind->application) {
		(void)snprintf(why, why_max, "%s is not a database of %s", path, kind->owner);
		db->fault = application == 0 && version == 0 ? DB_CORRUPT : DB_BROKEN;
	} else if (version != kind->version) {
		(void)snprintf(why, why_max, "%s has version %lld, this program knows version %d",
		    path, (long long)version, (int)kind->version);
		db->fault = application == 0 && version == 0 ? DB_CORRUPT : DB_BROKEN;
	}
}

enum db_fault
db_open(const char *path, const struct db_kind *kind, int64_t timeout_ms, struct db **out,
    char *why, size_t why_max)
{
	enum db_fault fault = DB_FINE;
	char reason[USER_REASON];
	struct db *db;

	*out = NULL;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		fault = db_make(path, kind, why, why_max);
	else if (access(path, R_OK | W_OK) != 0 && errno == EACCES) {
		user_open_reason(path, errno, reason);
		(void)snprintf(why, why_max, "%s: %s", path, reason);
		fault = DB_BROKEN;
	}
	if (fault != DB_FINE)
		return fault;
	db = db_connect(path, kind, timeout_ms);
	if (db == NULL) {
		(void)snprintf(why, why_max, "%s: out of memory", path);
		return DB_MEMORY;
	}
	db_verify(db, path, kind, why, why_max);
	fault = db->fault;
	if (fault == DB_FINE)
		*out = db;
	else
		db_close(db);
	return fault;
}

bool
db_begin(struct db *db, bool write)
{
	return db_run(db, write ? "BEGIN IMMEDIATE" : "BEGIN", NULL, 0);
}

static void
db_undo(struct db *db)
{
	if (db_in_transaction(db))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool
db_commit(struct db *db, bool *unknown)
{
	bool done = db_run(db, "COMMIT", NULL, 0);

	/* A disk that failed while committing may still hold the commit. */
	*unknown = !done && db->fault >= DB_BROKEN && !db_in_transaction(db);
	if (!done)
		db_undo(db);
	return done;
}

void
db_rollback(struct db *db)
{
	db_undo(db);
	db_forgive(db);
}

bool
db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

/* The place of that statement: prepared already, or a free one, or that of another. NULL: none. */
static struct db_rows *
db_place(struct db *db, const char *sql)
{
	struct db_rows *r, *other = NULL;

	for (r = db->statements; r < db->statements + DB_STATEMENTS; r++) {
		if (r->used)
			continue;
		if (r->statement == NULL || strcmp(sqlite3_sql(r->statement), sql) == 0)
			return r;
		other = r;
	}
	if (other != NULL) {
		(void)sqlite3_finalize(other->statement);
		other->statement = NULL;
	}
	return other;
}

static int
db_bind(sqlite3_stmt *statement, int i, const struct db_value *v)
{
	switch (v->kind) {
	case DB_INTEGER:
		return sqlite3_bind_int64(statement, i, v->n);
	case DB_TEXT:
		return sqlite3_bind_text(statement, i, v->bytes, -1, SQLITE_TRANSIENT);
	case DB_BLOB:
		return sqlite3_bind_blob64(
		    statement, i, v->bytes, (sqlite3_uint64)v->n, SQLITE_TRANSIENT);
	case DB_NULL:
		break;
	}
	return sqlite3_bind_null(statement, i);
}

struct db_rows *
db_query(struct db *db, const char *sql, const struct db_value *args, size_t n)
{
	struct db_rows *rows;
	int rc = SQLITE_OK;
	size_t i;

	if (db->fault != DB_FINE)
		return NULL;
	rows = db_place(db, sql);
	if (rows == NULL) {
		db_set_fault(db, DB_MEMORY);
		return NULL;
	}
	rows->db = db;
	rows->used = true;
	if (rows->statement == NULL)
		rc = sqlite3_prepare_v3(
		    db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows->statement, NULL);
	for (i = 0; i < n && rc == SQLITE_OK; i++)
		rc = db_bind(rows->statement, (int)i + 1, &args[i]);
	(void)db_check(db, rc);
	return rows;
}

bool
db_rows_next(struct db_rows *rows)
{
	int rc;

	if (rows == NULL || rows->db->fault != DB_FINE)
		return false;
	rc = sqlite3_step(rows->statement);
	return db_check(rows->db, rc) && rc == SQLITE_ROW;
}

bool
db_rows_end(struct db_rows *rows)
{
	if (rows == NULL)
		return false;
	(void)sqlite3_reset(rows->statement);
	if (rows->statement != NULL)
		(void)sqlite3_clear_bindings(rows->statement);
	rows->used = false;
	return rows->db->fault == DB_FINE;
}

bool
db_run(struct db *db, const char *sql, const struct db_value *args, size_t n)
{
	struct db_rows *rows = db_query(db, sql, args, n);

	(void)db_rows_next(rows);
	return db_rows_end(rows);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int
db_rows_columns(const struct db_rows *rows)
{
	return sqlite3_column_count(rows->statement);
}

const char *
db_rows_name(const struct db_rows *rows, int column)
{
	return sqlite3_column_name(rows->statement, column);
}

bool
db_rows_null(const struct db_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

bool
db_rows_is_integer(const struct db_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_INTEGER;
}

int64_t
db_rows_integer(const struct db_rows *rows, int column)
{
	return sqlite3_column_int64(rows->statement, column);
}

const char *
db_rows_text(struct db_rows *rows, int column, struct arena *a)
{
	const char *s;

	if (db_rows_null(rows, column))
		return NULL;
	s = (const char *)sqlite3_column_text(rows->statement, column);
	s = s == NULL ? NULL : arena_strdup(a, s);
	if (s == NULL)
		db_set_fault(rows->db, DB_MEMORY);
	return s;
}

void
db_rows_blob(const struct db_rows *rows, int column, struct buf *out)
{
	const void *data = sqlite3_column_blob(rows->statement, column);
	int len = sqlite3_column_bytes(rows->statement, column);

	if (len > 0)
		buf_put(out, data, (size_t)len);
}

enum db_fault
db_fault(const struct db *db)
{
	return db->fault;
}

void
db_set_fault(struct db *db, enum db_fault fault)
{
	if (db->fault == DB_FINE)
		db->fault = fault;
}

const char *
db_words(const struct db *db)
{
	return db->words;
}

void
db_forgive(struct db *db)
{
	db->fault = DB_FINE;
	db->words[0] = '\0';
}

const char *
db_library(void)
{
	return sqlite3_libversion();
}
