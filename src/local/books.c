/*
 * books.c: see books.h. Folders are the gateway's alone: mode 0700. Dates in the tables are
 * YYYY-MM-DD, amounts minutes.
 */
#include "local/books.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const char schema[] =
"CREATE TABLE employees ("
"  id     INTEGER PRIMARY KEY CHECK (id > 0),"
"  email  TEXT,"
"  name   TEXT,"
"  hired  TEXT CHECK (hired GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),"
"  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))"
") STRICT;"
"CREATE UNIQUE INDEX employees_email ON employees (email COLLATE NOCASE) WHERE active;"

"CREATE TABLE types ("
"  id          INTEGER PRIMARY KEY CHECK (id > 0),"
"  name        TEXT NOT NULL UNIQUE COLLATE NOCASE,"
"  unit        TEXT NOT NULL DEFAULT 'hours' CHECK (unit IN ('hours', 'days')),"
"  unlimited   INTEGER NOT NULL DEFAULT 0 CHECK (unlimited IN (0, 1)),"
"  yearly      INTEGER NOT NULL DEFAULT 0 CHECK (yearly BETWEEN 0 AND 527040),"
"  monthly     INTEGER NOT NULL DEFAULT 0 CHECK (monthly BETWEEN 0 AND 44640),"
"  carry_over  INTEGER CHECK (carry_over >= 0),"
"  day_minutes INTEGER NOT NULL DEFAULT 480 CHECK (day_minutes BETWEEN 1 AND 1440),"
"  starts      TEXT NOT NULL CHECK (starts GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')"
") STRICT;"

"CREATE TABLE grants ("
"  id       INTEGER PRIMARY KEY AUTOINCREMENT,"
"  employee INTEGER NOT NULL REFERENCES employees (id),"
"  type     INTEGER NOT NULL REFERENCES types (id),"
"  date     TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),"
"  minutes  INTEGER NOT NULL CHECK (minutes BETWEEN -5270400 AND 5270400),"
"  note     TEXT NOT NULL DEFAULT '',"
"  UNIQUE (employee, type, date, note)"
") STRICT;"

"CREATE TABLE requests ("
"  id       INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),"
"  employee INTEGER NOT NULL REFERENCES employees (id),"
"  type     INTEGER NOT NULL REFERENCES types (id),"
"  status   TEXT NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'DENIED', 'CANCELED')),"
"  marker   TEXT,"
"  created  TEXT NOT NULL,"
"  changed  TEXT NOT NULL"
") STRICT;"
"CREATE INDEX requests_employee ON requests (employee, type);"
"CREATE INDEX requests_type ON requests (type);"

"CREATE TABLE days ("
"  request INTEGER NOT NULL REFERENCES requests (id) ON DELETE CASCADE,"
"  date    TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),"
"  minutes INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 1440),"
"  PRIMARY KEY (request, date)"
") STRICT, WITHOUT ROWID;"

"CREATE TABLE notes ("
"  id      INTEGER PRIMARY KEY,"
"  request INTEGER NOT NULL REFERENCES requests (id) ON DELETE CASCADE,"
"  text    TEXT NOT NULL"
") STRICT;"
"CREATE INDEX notes_request ON notes (request);";
/* clang-format on */

static const struct db_kind local_db = {
    .owner = "the local HRIS",
    .schema = schema,
    .application = 0x68726C31, /* "hrl1" */
    .version = 1,
};

const char *
local_path(struct arena *a, const char *state_dir, const char *route, const char *database)
{
	if (database != NULL && database[0] == '/')
		return arena_strdup(a, database);
	if (database != NULL)
		return arena_printf(a, "%s/local/%s", state_dir, database);
	return arena_printf(a, "%s/local/%s.db", state_dir, route);
}

static bool
make_folder(const char *folder, const char *above)
{
	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST;
	db_give(folder, above);
	return true;
}

/* Makes the folder of path and the one above it where they are missing. */
static bool
make_folders(const char *path)
{
	char folder[PATH_MAX], above[PATH_MAX], top[PATH_MAX];
	const char *name;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	name = dirname(folder);
	(void)snprintf(above, sizeof(above), "%s", name);
	(void)snprintf(top, sizeof(top), "%s", dirname(above));
	return make_folder(above, dirname(top)) && make_folder(name, above);
}

static enum gw_err
fail_as(enum db_fault fault, const char *words, struct failure *f)
{
	switch (fault) {
	case DB_BUSY:
		return fail(f, CODE_HRIS_BUSY, "the local database is busy: %s", words);
	case DB_CONSTRAINT:
		return fail(f, CODE_HRIS_REFUSED, "the local HRIS refused: %s", words);
	case DB_MEMORY:
		return fail_memory(f);
	case DB_FINE:
	case DB_BROKEN:
	case DB_CORRUPT:
		break;
	}
	return fail(f, CODE_GATEWAY_STORE, "the local database: %s", words);
}

enum gw_err
local_fail(const struct db *db, struct failure *f)
{
	return fail_as(db_fault(db), db_words(db), f);
}

enum gw_err
local_end(struct db_rows *rows, enum gw_err err, const struct db *db, struct failure *f)
{
	return !db_rows_end(rows) && err == GW_OK ? local_fail(db, f) : err;
}

enum gw_err
local_open(const char *path, int64_t timeout_ms, struct failure *f, struct db **db)
{
	char why[LIMIT_FAILURE_TEXT];
	enum db_fault fault;

	*db = NULL;
	if (strlen(path) >= PATH_MAX)
		return fail(f, CODE_GATEWAY_STORE, "the path of the local database is too long");
	if (access(path, F_OK) != 0 && errno == ENOENT && !make_folders(path))
		return fail(f, CODE_GATEWAY_STORE, "cannot make the folder of %s: %s", path,
		    strerror(errno));
	fault = db_open(path, &local_db, timeout_ms, db, why, sizeof(why));
	return fault == DB_FINE ? GW_OK : fail_as(fault, why, f);
}
