/*
 * list.c: the books of the local HRIS for reading: as lists of objects, and as the CSV that import
 * takes. Each kind is one SELECT; its columns are the members of the objects, or those of the file.
 */
#include "local/admin.h"

#include <string.h>

#include "base/text.h"
#include "local/books.h"
#include "local/call.h"

/* clang-format off */
static const char *const selects[] = {
    [LOCAL_EMPLOYEES] =
	"SELECT id, email, name, hired, active FROM employees"
	" WHERE id = ifnull(?1, id) ORDER BY id",
    [LOCAL_TYPES] =
	"SELECT id, name, unit, unlimited, yearly AS yearly_minutes, monthly AS monthly_minutes,"
	" carry_over AS carry_over_minutes, day_minutes, starts"
	" FROM types WHERE ?1 IS ?1 ORDER BY id",
    [LOCAL_GRANTS] =
	"SELECT g.id AS id, g.employee AS employee, e.name AS name, g.type AS type,"
	" t.name AS type_name, g.date AS date, g.minutes AS minutes, g.note AS note"
	" FROM grants g JOIN employees e ON e.id = g.employee JOIN types t ON t.id = g.type"
	" WHERE g.employee = ifnull(?1, g.employee) ORDER BY g.employee, g.date, g.id",
    [LOCAL_REQUESTS] =
	"SELECT r.id AS id, r.employee AS employee, e.name AS name, r.type AS type,"
	" t.name AS type_name, r.status AS status, min(d.date) AS first, max(d.date) AS last,"
	" sum(d.minutes) AS minutes,"
	" (SELECT group_concat(text, ' / ') FROM notes WHERE request = r.id) AS notes"
	" FROM requests r JOIN employees e ON e.id = r.employee JOIN types t ON t.id = r.type"
	" LEFT JOIN days d ON d.request = r.id"
	" WHERE r.employee = ifnull(?1, r.employee) GROUP BY r.id ORDER BY r.id",
    [LOCAL_BALANCES] =
	"SELECT e.id AS employee, e.name AS name, t.id AS type, t.name AS type_name"
	" FROM employees e CROSS JOIN types t"
	" WHERE e.active AND e.id = ifnull(?1, e.id) ORDER BY e.id, t.id",
};
/* clang-format on */
_Static_assert(sizeof(selects) / sizeof(selects[0]) == LOCAL_KIND_MAX, "one each");

/* The columns of the file in their order, and after them the unit and day of the amounts. */
/* clang-format off */
static const char *const exports[] = {
    [LOCAL_EMPLOYEES] =
	"SELECT id, email, name, hired, iif(active, 'yes', 'no'), 0, 480"
	" FROM employees ORDER BY id",
    [LOCAL_TYPES] =
	"SELECT id, name, unit, iif(unlimited, 'yes', 'no'), yearly, monthly, carry_over,"
	" day_minutes, starts, unit = 'days', day_minutes"
	" FROM types ORDER BY id",
    [LOCAL_GRANTS] =
	"SELECT employee, type, date, minutes, note, unit = 'days', day_minutes"
	" FROM grants g JOIN types t ON t.id = g.type ORDER BY employee, date, g.id",
    [LOCAL_REQUESTS] =
	"SELECT r.id, employee, type, status, date, minutes,"
	" (SELECT group_concat(text, ' / ') FROM notes WHERE request = r.id),"
	" unit = 'days', day_minutes"
	" FROM requests r JOIN days d ON d.request = r.id JOIN types t ON t.id = r.type"
	" ORDER BY r.id, date",
    [LOCAL_BALANCES] = NULL,
};
/* clang-format on */
_Static_assert(sizeof(exports) / sizeof(exports[0]) == LOCAL_KIND_MAX, "one each");

/* Ids are text, yes and no are booleans, all else has the kind of its column. */
static struct value *
list_value(struct arena *a, struct db_rows *rows, int i)
{
	static const char *const ids[] = {"id", "employee", "type"};
	static const char *const truths[] = {"active", "unlimited"};
	const char *name = db_rows_name(rows, i), *text;
	size_t k;

	if (db_rows_null(rows, i))
		return value_null(a);
	for (k = 0; k < sizeof(truths) / sizeof(truths[0]); k++) {
		if (strcmp(name, truths[k]) == 0)
			return value_bool(a, db_rows_integer(rows, i) != 0);
	}
	text = db_rows_text(rows, i, a);
	if (text == NULL)
		return NULL;
	for (k = 0; k < sizeof(ids) / sizeof(ids[0]); k++) {
		if (strcmp(name, ids[k]) == 0)
			return value_text(a, text);
	}
	return db_rows_is_integer(rows, i) ? value_number(a, text) : value_text(a, text);
}

static struct value *
list_row(struct arena *a, struct db_rows *rows)
{
	struct value *row = value_object(a);
	int i;

	for (i = 0; row != NULL && i < db_rows_columns(rows); i++) {
		if (!value_set(a, row, db_rows_name(rows, i), list_value(a, rows, i)))
			return NULL;
	}
	return row;
}

/* Adds the balance to one row of employee and type, by the driver's own operation. */
static enum gw_err
list_balance(struct db *db, struct arena *a, struct value *row, struct date date, struct failure *f)
{
	const struct timeoff_type type = {.id = value_get_text(row, "type")};
	const struct timeoff_type *const types[] = {&type};
	const struct operation_in in = {.agent_id = value_get_text(row, "employee"),
	    .types = types,
	    .n_types = 1,
	    .dates = &date,
	    .n_dates = 1};
	struct operation_out out = {0};
	struct local_call call = {.db = db, .arena = a, .failure = f, .in = &in, .out = &out};
	struct value *minutes;
	enum gw_err err;

	err = local_balances(&call);
	if (err != GW_OK)
		return err;
	minutes =
	    out.balances[0].unlimited ? value_null(a) : value_number(a, out.balances[0].amount);
	if (!value_set(a, row, "unlimited", value_bool(a, out.balances[0].unlimited)) ||
	    !value_set(a, row, "minutes", minutes))
		return fail_memory(f);
	return GW_OK;
}

static enum gw_err
list_rows(struct db *db, struct arena *a, enum local_kind kind, const struct local_filter *filter,
    struct value *list, struct failure *f)
{
	struct db_value arg = db_text(NULL);
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	struct value *row;
	int64_t id = 0;
	size_t i;

	if (filter->employee != NULL) {
		(void)local_id_parse(filter->employee, &id); /* what is no id finds nothing */
		arg = db_integer(id);
	}
	rows = db_query(db, selects[kind], &arg, 1);
	while (err == GW_OK && db_rows_next(rows)) {
		row = list_row(a, rows);
		if (!value_add(a, list, row))
			err = fail_memory(f);
	}
	err = local_end(rows, err, db, f);
	for (i = 0; kind == LOCAL_BALANCES && err == GW_OK && i < list->n; i++)
		err = list_balance(db, a, value_at(list, i), filter->date, f);
	return err;
}

struct value *
local_list(struct db *db, struct arena *a, enum local_kind kind, const struct local_filter *filter,
    struct failure *f)
{
	struct value *list = value_list(a);
	enum gw_err err;

	if (list == NULL) {
		(void)fail_memory(f);
		return NULL;
	}
	if (!db_begin(db, false)) {
		(void)local_fail(db, f);
		return NULL;
	}
	err = list_rows(db, a, kind, filter, list, f);
	db_rollback(db);
	return err == GW_OK ? list : NULL;
}

/* A control character that import does not take: neither a tab nor part of a line's end. */
static bool
export_is_foreign(const char *s)
{
	if (*s == '\r')
		return s[1] != '\n';
	return ((unsigned char)*s < 0x20 && *s != '\t' && *s != '\n') || *s == 0x7F;
}

static void
export_field(struct buf *out, const char *s)
{
	if (strpbrk(s, "\",\n") == NULL && !text_has_control(s)) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			buf_putc(out, '"');
		buf_putc(out, export_is_foreign(s) ? ' ' : *s);
	}
	buf_putc(out, '"');
}

static void
export_row(
    struct buf *out, struct arena *a, const struct local_column *columns, struct db_rows *rows)
{
	const int n = db_rows_columns(rows) - 2;
	const struct local_measure measure = {
	    db_rows_integer(rows, n) != 0 ? UNIT_DAYS : UNIT_HOURS,
	    (int)db_rows_integer(rows, n + 1)};
	char amount[DECIMAL_TEXT_MAX];
	const char *text;
	int i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		text = db_rows_text(rows, i, a);
		if (text != NULL && columns[i].form == FORM_AMOUNT) {
			local_amount_format(db_rows_integer(rows, i), &measure, amount);
			text = amount;
		}
		export_field(out, text == NULL ? "" : text);
	}
	buf_puts(out, "\r\n");
}

enum gw_err
local_export(
    struct db *db, struct arena *a, enum local_kind kind, struct buf *out, struct failure *f)
{
	const struct local_column *columns = local_columns(kind);
	struct db_rows *rows;
	size_t i;

	if (columns == NULL)
		return fail(f, CODE_GATEWAY_INTERNAL, "balances are not exported, but listed");
	for (i = 0; columns[i].name != NULL; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : ",", columns[i].name);
	buf_puts(out, "\r\n");
	rows = db_query(db, exports[kind], NULL, 0);
	while (db_rows_next(rows))
		export_row(out, a, columns, rows);
	if (!db_rows_end(rows))
		return local_fail(db, f);
	return out->err == GW_OK ? GW_OK : fail_memory(f);
}
