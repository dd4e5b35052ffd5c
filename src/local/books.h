/*
 * books.h: the database of the local HRIS, one a route: where it is, how it is opened, and what
 * its errors mean to a request.
 */
#ifndef LOCAL_BOOKS_H
#define LOCAL_BOOKS_H

#include "base/arena.h"
#include "base/fail.h"
#include "store/db.h"

/*
 * STATE_DIR/local/ROUTE.db; or database, the route's setting, where not NULL: absolute, or relative
 * to STATE_DIR/local. NULL: no memory.
 */
const char *
local_path(struct arena *a, const char *state_dir, const char *route, const char *database);
/*
 * Opens the database at path, made on first use along with its folder and the one above; the caller
 * closes it with db_close(). On failure *db is NULL and f says why.
 */
enum gw_err local_open(const char *path, int64_t timeout_ms, struct failure *f, struct db **db);
/* The connection's error as a failure of the request. */
enum gw_err local_fail(const struct db *db, struct failure *f);
/* Ends a query: err, where the caller has one, or else the connection's error. */
enum gw_err
local_end(struct db_rows *rows, enum gw_err err, const struct db *db, struct failure *f);

#endif
