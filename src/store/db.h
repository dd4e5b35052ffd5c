/*
 * local_db.h: the database of the local HRIS: SQLite in WAL mode, one file a route, made on first
 * use. The first error sticks until the transaction is rolled back: later calls do nothing, so that
 * runs of statements need one check at their end. One connection belongs to one thread.
 */
#ifndef LOCAL_DB_H
#define LOCAL_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fail.h"

struct local_db;
struct local_rows;

/* An argument of a statement. */
struct local_value {
	enum { LOCAL_NULL, LOCAL_INTEGER, LOCAL_TEXT } kind;
	int64_t n;
	const char *text; /* borrowed for the call */
};

struct local_value local_integer(int64_t n);
struct local_value local_text(const char *s); /* NULL: null */

/* A fault that is the data's, not the disk's. */
enum local_fault { LOCAL_FINE, LOCAL_BUSY, LOCAL_CONSTRAINT, LOCAL_MEMORY, LOCAL_BROKEN };

/*
 * Opens path, making it and the folders below its last two where they are not there. No statement
 * waits longer than timeout_ms for others. On failure *out is NULL and f says why.
 */
enum gw_err
local_db_open(const char *path, int64_t timeout_ms, struct failure *f, struct local_db **out);
void local_db_close(struct local_db *db); /* NULL is fine */

/* A write transaction (IMMEDIATE), or a read one that sees one state. */
bool local_db_begin(struct local_db *db, bool write);
/*
 * False: not committed; *unknown where that cannot be told (the disk failed). The transaction is
 * over either way.
 */
bool local_db_commit(struct local_db *db, bool *unknown);
void local_db_rollback(struct local_db *db);

/* Runs a statement without rows. */
bool local_db_run(struct local_db *db, const char *sql, const struct local_value *args, size_t n);
int64_t local_db_changes(struct local_db *db); /* rows of the last local_db_run */
int64_t local_db_last_id(struct local_db *db);

/* Rows: NULL on error. next is false at the end and on error; end frees and tells which it was. */
struct local_rows *
local_db_query(struct local_db *db, const char *sql, const struct local_value *args, size_t n);
bool local_rows_next(struct local_rows *rows); /* false for NULL */
bool local_rows_end(struct local_rows *rows);  /* false for NULL */
int local_rows_columns(const struct local_rows *rows);
const char *local_rows_name(const struct local_rows *rows, int column);
bool local_rows_null(const struct local_rows *rows, int column);
bool local_rows_is_integer(const struct local_rows *rows, int column);
int64_t local_rows_integer(const struct local_rows *rows, int column);
/* A copy in the arena; NULL for null. A lack of memory is the connection's error. */
const char *local_rows_text(struct local_rows *rows, int column, struct arena *a);

enum local_fault local_db_fault(const struct local_db *db);
/* For what a caller noticed itself: memory. */
void local_db_set_fault(struct local_db *db, enum local_fault fault);
/* SQLite's own words on the last error: names of tables and columns, no data. */
const char *local_db_words(const struct local_db *db);
/* Goes on after a constraint that stopped one statement. */
void local_db_forgive(struct local_db *db);
/* The error as a failure of the request. */
enum gw_err local_db_fail(const struct local_db *db, struct failure *f);

#endif
