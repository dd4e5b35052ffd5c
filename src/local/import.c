/*
 * import.c: CSV into the books of the local HRIS, in one transaction: every row is tried, so that
 * all faults are reported at once, and after a single one nothing is kept.
 */
#include "local/admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/books.h"
#include "local/call.h"

enum { LOCAL_SQL_MAX = 1024, LOCAL_KEY_MAX = 2048 };

/* Columns of a request's line, in the order of its table. */
enum {
	REQUEST_ID,
	REQUEST_EMPLOYEE,
	REQUEST_TYPE,
	REQUEST_STATUS,
	REQUEST_DATE,
	REQUEST_AMOUNT,
	REQUEST_NOTES
};

struct import {
	struct db *db;
	struct arena *arena;
	enum local_kind kind;
	const struct csv *csv;
	struct faults *faults;
	struct failure *failure;
	const struct local_column *columns;
	size_t n;                     /* columns */
	size_t at[LOCAL_COLUMNS_MAX]; /* where the file has them, or SIZE_MAX */
	char year[LOCAL_STAMP_MAX];   /* January 1 of this year */
	char now[LOCAL_STAMP_MAX];
	struct db_value last[LOCAL_COLUMNS_MAX]; /* of the line before */
	bool has_last;
};

/* A fault of a field; k is the column's index in the table. */
static bool
import_fault(struct import *im, const struct csv_row *row, size_t k, const char *what)
{
	const struct csv_field *f = &row->fields[im->at[k] == SIZE_MAX ? 0 : im->at[k]];

	return fault_line(
	    im->faults, im->csv->file, f->line, f->column, "%s: %s", im->columns[k].name, what);
}

static size_t
import_index(const struct import *im, const char *name)
{
	size_t k;

	for (k = 0; k < im->n && strcmp(im->columns[k].name, name) != 0; k++)
		continue;
	return k;
}

/*
 * After a statement: false where it failed. A constraint is a fault of the row, and the import goes
 * on; it is reported as `what`, or as what a duplicate means, or else in SQLite's words. Any other
 * error ends the import.
 */
static bool
import_check(struct import *im, const struct csv_row *row, size_t k, const char *what)
{
	const char *column;

	if (db_fault(im->db) == DB_FINE)
		return true;
	if (db_fault(im->db) != DB_CONSTRAINT)
		return false;
	if (what == NULL && local_unique_why(db_words(im->db), &column, &what))
		k = import_index(im, column);
	(void)import_fault(im, row, k, what != NULL ? what : db_words(im->db));
	db_forgive(im->db);
	return false;
}

static bool
import_header(struct import *im)
{
	const char *names[LOCAL_COLUMNS_MAX];
	bool ok;
	size_t k;

	for (im->n = 0; im->columns[im->n].name != NULL; im->n++) {
		names[im->n] = im->columns[im->n].name;
		im->at[im->n] = csv_column(im->csv, names[im->n]);
	}
	ok = csv_check_header(im->csv, names, im->n, im->faults);
	for (k = 0; k < im->n; k++) {
		if (im->columns[k].required && im->at[k] == SIZE_MAX)
			ok = fault_line(
			    im->faults, im->csv->file, 1, 1, "no column '%s'", im->columns[k].name);
	}
	return ok;
}

static const char *
import_text(const struct import *im, const struct csv_row *row, const char *name)
{
	size_t at = csv_column(im->csv, name);

	return at == SIZE_MAX ? NULL : row->fields[at].text;
}

/* The unit and day of a type in the books; false where there is none. */
static bool
import_type(struct import *im, int64_t id, struct local_measure *m)
{
	struct db_rows *rows;
	bool found;

	rows = db_query(im->db, "SELECT unit = 'days', day_minutes FROM types WHERE id = ?",
	    DB_ARGS(db_integer(id)));
	found = db_rows_next(rows);
	if (found) {
		m->unit = db_rows_integer(rows, 0) != 0 ? UNIT_DAYS : UNIT_HOURS;
		m->day_minutes = (int)db_rows_integer(rows, 1);
	}
	return db_rows_end(rows) && found;
}

/* How to read the row's amounts. Faults of unit and day_minutes are found with their own fields. */
static void
import_measure(struct import *im, const struct csv_row *row, struct local_measure *m)
{
	const char *id, *unit, *day_minutes;
	int64_t n;

	*m = (struct local_measure){UNIT_HOURS, 480};
	id = import_text(im, row, im->kind == LOCAL_TYPES ? "id" : "type");
	if (id != NULL && local_id_parse(id, &n))
		(void)import_type(im, n, m);
	if (im->kind != LOCAL_TYPES)
		return;
	unit = import_text(im, row, "unit");
	day_minutes = import_text(im, row, "day_minutes");
	if (unit != NULL)
		m->unit = strcmp(unit, "days") == 0 ? UNIT_DAYS : UNIT_HOURS;
	if (day_minutes != NULL) {
		if (!amount_read(day_minutes, UNIT_MINUTES, 0, &n) || n < 1 || n > LIMIT_MINUTES)
			n = 480;
		m->day_minutes = (int)n;
	}
}

static bool
import_values(struct import *im, const struct csv_row *row, struct db_value *values)
{
	struct local_measure measure;
	const char *why;
	bool ok = true;
	size_t k;

	import_measure(im, row, &measure);
	for (k = 0; k < im->n; k++) {
		const char *text = im->at[k] == SIZE_MAX ? "" : row->fields[im->at[k]].text;

		if (!local_field_parse(&im->columns[k], text, &measure, &values[k], &why))
			ok = import_fault(im, row, k, why);
		if (im->kind == LOCAL_TYPES && strcmp(im->columns[k].name, "starts") == 0 &&
		    values[k].kind == DB_NULL)
			values[k] = db_text(im->year);
	}
	return ok;
}

/* Are employee and type in the books? */
static bool
import_known(struct import *im, const struct csv_row *row, const struct db_value *values)
{
	static const struct {
		const char *name, *sql, *what;
	} checks[] = {
	    {"employee", "SELECT 1 FROM employees WHERE id = ?", "no employee has that id"},
	    {"type", "SELECT 1 FROM types WHERE id = ?", "no type has that id"},
	};
	struct db_rows *rows;
	bool ok = true, found;
	size_t i, k;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		k = import_index(im, checks[i].name);
		if (k == im->n)
			continue;
		rows = db_query(im->db, checks[i].sql, &values[k], 1);
		found = db_rows_next(rows);
		if (!db_rows_end(rows))
			return false;
		if (!found)
			ok = import_fault(im, row, k, checks[i].what);
	}
	return ok;
}

static const char *
import_column(const struct local_column *c)
{
	return c->column != NULL ? c->column : c->name;
}

/* Inserts all columns; of a row that is there, sets those that the file has. */
static void
import_sql(const struct import *im, struct buf *sql)
{
	const char *between = " DO UPDATE SET ";
	size_t k;

	buf_printf(sql, "INSERT INTO %s (", local_kind_name(im->kind));
	for (k = 0; k < im->n; k++)
		buf_printf(sql, "%s%s", k == 0 ? "" : ", ", import_column(&im->columns[k]));
	buf_puts(sql, ") VALUES (");
	for (k = 0; k < im->n; k++)
		buf_puts(sql, k == 0 ? "?" : ", ?");
	buf_puts(sql, ") ON CONFLICT (");
	for (k = 0; k < im->n; k++) {
		if (im->columns[k].key)
			buf_printf(sql, "%s%s", k == 0 ? "" : ", ", im->columns[k].name);
	}
	buf_puts(sql, ")");
	for (k = 0; k < im->n; k++) {
		if (im->columns[k].key || im->at[k] == SIZE_MAX)
			continue;
		buf_printf(sql, "%s%s = excluded.%s", between, import_column(&im->columns[k]),
		    import_column(&im->columns[k]));
		between = ", ";
	}
	if (between[0] != ',')
		buf_puts(sql, " DO NOTHING");
}

/* A file may name a key once. */
static bool
import_once(
    struct import *im, const struct csv_row *row, const struct db_value *values, const char *what)
{
	struct buf key;
	size_t k;

	buf_init(&key, LOCAL_KEY_MAX);
	for (k = 0; k < im->n; k++) {
		if (!im->columns[k].key)
			continue;
		if (values[k].kind == DB_INTEGER)
			buf_printf(&key, "%" PRId64 ",", values[k].n);
		else
			buf_printf(&key, "%s,", values[k].bytes);
	}
	if (key.err != GW_OK)
		db_set_fault(im->db, DB_MEMORY);
	(void)db_run(
	    im->db, "INSERT INTO temp.imported (key) VALUES (?)", DB_ARGS(db_text(key.data)));
	buf_clear(&key);
	return import_check(im, row, 0, what);
}

static bool
import_put(struct import *im, const struct csv_row *row, const struct db_value *values)
{
	struct buf sql;

	if (!import_once(im, row, values, "a line before this one has the same key"))
		return false;
	buf_init(&sql, LOCAL_SQL_MAX);
	import_sql(im, &sql);
	if (sql.err != GW_OK)
		db_set_fault(im->db, DB_MEMORY);
	(void)db_run(im->db, sql.data, values, im->n);
	buf_clear(&sql);
	return import_check(im, row, 0, NULL);
}

/* The first line of a request: it replaces what was there under its id. */
static bool
import_request_head(struct import *im, const struct csv_row *row, const struct db_value *values)
{
	const struct db_value *id = &values[REQUEST_ID], *notes = &values[REQUEST_NOTES];

	if (!import_once(im, row, values, "the lines of one request must follow each other"))
		return false;
	(void)db_run(im->db,
	    "INSERT INTO requests (id, employee, type, status, created, changed) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (id) DO UPDATE SET "
	    "employee = excluded.employee, type = excluded.type, status = excluded.status, "
	    "changed = excluded.changed",
	    DB_ARGS(*id, values[REQUEST_EMPLOYEE], values[REQUEST_TYPE], values[REQUEST_STATUS],
		db_text(im->now)));
	(void)db_run(im->db, "DELETE FROM days WHERE request = ?", id, 1);
	(void)db_run(im->db, "DELETE FROM notes WHERE request = ?", id, 1);
	if (notes->kind == DB_TEXT)
		(void)db_run(im->db, "INSERT INTO notes (request, text) VALUES (?, ?)",
		    DB_ARGS(*id, *notes));
	return import_check(im, row, REQUEST_ID, NULL);
}

static bool
import_request(struct import *im, const struct csv_row *row, const struct db_value *values)
{
	size_t k;

	if (!im->has_last || !local_value_same(&values[REQUEST_ID], &im->last[REQUEST_ID])) {
		memcpy(im->last, values, sizeof(im->last));
		im->has_last = true;
		if (!import_request_head(im, row, values))
			return false;
	}
	for (k = REQUEST_EMPLOYEE; k <= REQUEST_STATUS; k++) {
		if (!local_value_same(&values[k], &im->last[k]))
			return import_fault(im, row, k, "not as in the request's first line");
	}
	(void)db_run(im->db, "INSERT INTO days (request, date, minutes) VALUES (?, ?, ?)",
	    DB_ARGS(values[REQUEST_ID], values[REQUEST_DATE], values[REQUEST_AMOUNT]));
	return import_check(im, row, REQUEST_DATE, "the request has that date already");
}

/* No employee has more than 24 hours off on one day. */
static bool
import_days_check(struct import *im)
{
	struct db_rows *rows;
	bool over;

	rows = db_query(im->db,
	    "SELECT r.employee, d.date FROM requests r JOIN days d ON d.request = r.id "
	    "WHERE r.status IN ('PENDING', 'APPROVED') GROUP BY r.employee, d.date "
	    "HAVING sum(d.minutes) > 1440 ORDER BY 1, 2 LIMIT 1",
	    NULL, 0);
	over = db_rows_next(rows);
	if (over)
		(void)fault_at(im->faults, im->csv->file, NULL,
		    "employee %" PRId64 " has more than 24 hours off on %s",
		    db_rows_integer(rows, 0), db_rows_text(rows, 1, im->arena));
	return db_rows_end(rows) && !over;
}

/* Every row, however many have faults; false only where the database failed. */
static bool
import_rows(struct import *im)
{
	struct db_value values[LOCAL_COLUMNS_MAX];
	size_t i;

	memset(values, 0, sizeof(values));
	(void)db_run(
	    im->db, "CREATE TEMP TABLE IF NOT EXISTS imported (key TEXT PRIMARY KEY)", NULL, 0);
	(void)db_run(im->db, "DELETE FROM temp.imported", NULL, 0);
	for (i = 0; i < im->csv->n && db_fault(im->db) == DB_FINE; i++) {
		const struct csv_row *row = &im->csv->rows[i];

		if (!import_values(im, row, values) || !import_known(im, row, values))
			continue;
		if (im->kind == LOCAL_REQUESTS)
			(void)import_request(im, row, values);
		else
			(void)import_put(im, row, values);
	}
	if (im->kind == LOCAL_REQUESTS && db_fault(im->db) == DB_FINE)
		(void)import_days_check(im);
	return db_fault(im->db) == DB_FINE;
}

bool
local_import(struct db *db, struct arena *a, enum local_kind kind, const struct csv *csv,
    const struct clock *clock, struct faults *faults, struct failure *f)
{
	struct import im = {.db = db,
	    .arena = a,
	    .kind = kind,
	    .csv = csv,
	    .faults = faults,
	    .failure = f,
	    .columns = local_columns(kind)};
	const size_t before = faults->n + faults->lost;
	bool unknown, ok = false;

	if (im.columns == NULL)
		return fault_at(
		    faults, csv->file, NULL, "%s cannot be imported", local_kind_name(kind));
	local_stamp(clock, im.now);
	(void)snprintf(im.year, sizeof(im.year), "%.4s-01-01", im.now);
	if (!import_header(&im))
		return false;
	if (db_begin(db, true) && import_rows(&im) && faults->n + faults->lost == before)
		ok = db_commit(db, &unknown);
	if (!ok && db_fault(db) != DB_FINE)
		(void)local_fail(db, f);
	db_rollback(db);
	return ok;
}
