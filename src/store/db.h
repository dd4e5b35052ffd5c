/*
 * db.h: SQLite: one file a database, in WAL mode with synchronous=FULL: what is committed survives
 * a loss of power. The first error sticks until db_forgive() or db_rollback(): calls after it do
 * nothing, so that a run of statements needs one check at its end. A connection belongs to one
 * thread at a time; nothing here locks. Statements stay prepared and are found again by their text.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct db;
struct db_rows;

/* Whose error it is: the data's (a constraint), another connection's (busy), or the disk's;
 * corrupt: the file is no database any more. */
enum db_fault { DB_FINE, DB_BUSY, DB_CONSTRAINT, DB_MEMORY, DB_BROKEN, DB_CORRUPT };

/* What a database must be. */
struct db_kind {
	const char *owner;   /* "the local HRIS", for messages */
	const char *schema;  /* SQL that makes its tables */
	int32_t application; /* PRAGMA application_id */
	int32_t version;     /* PRAGMA user_version; another one is refused */
	bool nofollow;       /* no part of its path may be a symbolic link */
	bool locked;         /* who makes it holds its folder's flock(2); else db_open() takes it */
};

/*
 * Opens path; where it is not there it is made, with mode 0600, in a folder that is. Statements
 * wait timeout_ms for other connections. On failure *out is NULL and why says what and where.
 */
enum db_fault db_open(const char *path, const struct db_kind *kind, int64_t timeout_ms,
    struct db **out, char *why, size_t why_max);
void db_close(struct db *db); /* NULL is fine */
/*
 * What root makes at path belongs to the owner of `like` (the folder above): the server is not
 * root.
 */
void db_give(const char *path, const char *like);

/* A write transaction (IMMEDIATE), or a read one that sees one state. */
bool db_begin(struct db *db, bool write);
/*
 * False: not committed, or, where *unknown is set, perhaps committed (the disk failed). The
 * transaction is over either way.
 */
bool db_commit(struct db *db, bool *unknown);
void db_rollback(struct db *db); /* also forgives; does nothing outside a transaction */
/* False as well where an error has ended the transaction. */
bool db_in_transaction(const struct db *db);

/* An argument of a statement; the bytes are borrowed for the call. */
struct db_value {
	enum { DB_NULL, DB_INTEGER, DB_TEXT, DB_BLOB } kind;
	int64_t n; /* the integer; of a blob, its length */
	const char *bytes;
};

struct db_value db_integer(int64_t n);
struct db_value db_text(const char *s); /* NULL: null */
struct db_value db_blob(const void *data, size_t len);

/* The last two arguments of db_run() and db_query(): DB_ARGS(db_integer(id), db_text(name)). */
#define DB_ARGS(...)                              \
	((const struct db_value[]){__VA_ARGS__}), \
	    sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)

/* Runs one statement; rows that it has are left out. */
bool db_run(struct db *db, const char *sql, const struct db_value *args, size_t n);
int64_t db_changes(struct db *db); /* rows of the last db_run() */
int64_t db_last_id(struct db *db);

/* Rows: NULL after an error. db_rows_end() releases them, and says whether there was none. */
struct db_rows *db_query(struct db *db, const char *sql, const struct db_value *args, size_t n);
bool db_rows_next(struct db_rows *rows); /* false at the end, on error, and for NULL */
bool db_rows_end(struct db_rows *rows);  /* false for NULL */
int db_rows_columns(const struct db_rows *rows);
const char *db_rows_name(const struct db_rows *rows, int column);
bool db_rows_null(const struct db_rows *rows, int column);
bool db_rows_is_integer(const struct db_rows *rows, int column);
int64_t db_rows_integer(const struct db_rows *rows, int column);
/* A copy in the arena; NULL for null. A lack of memory is the connection's error. */
const char *db_rows_text(struct db_rows *rows, int column, struct arena *a);
void db_rows_blob(const struct db_rows *rows, int column, struct buf *out); /* appends */

enum db_fault db_fault(const struct db *db);
void db_set_fault(struct db *db, enum db_fault fault); /* for what a caller noticed itself */
/* SQLite's own words on the error: names of tables and columns, no data. */
const char *db_words(const struct db *db);
void db_forgive(struct db *db);

/* SQLite's version, as it runs. Static. */
const char *db_library(void);

#endif
