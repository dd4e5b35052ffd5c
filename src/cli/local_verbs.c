/*
 * local_verbs.c: what `hrisgw local` can do, one function a verb. How the books are changed is the
 * business of src/local.
 */
#include "cli/local.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "local/admin.h"
#include "local/books.h"
#include "local/call.h"

enum { LOCAL_CSV_MAX = LIMIT_ANSWER, LOCAL_OUTPUT_MAX = 256 * 1024 * 1024 };

int
cli_local_failed(struct local_session *s)
{
	if (s->faults.n > 0 || s->failure.err == GW_OK)
		(void)cli_faults(s->call, &s->faults);
	return s->failure.err == GW_OK ? CLI_FAILED : cli_failed(s->call, "%s", s->failure.text);
}

/* One line for people, or an object of one number for machines. */
static int
session_done(struct local_session *s, const char *name, int64_t n, const char *text)
{
	struct value *o = value_object(&s->arena);

	if (s->json)
		return cli_json(s->call,
		    value_set(&s->arena, o, name, value_integer(&s->arena, n)) ? o : NULL, false);
	(void)printf("%s\n", text);
	return CLI_OK;
}

/* The kind that a file's name begins with: "employees-2026.csv". */
static bool
kind_guess(const char *path, enum local_kind *out)
{
	const char *slash = strrchr(path, '/');
	int i;

	for (i = 0; i < LOCAL_KIND_MAX; i++) {
		if (text_starts(
			slash == NULL ? path : slash + 1, local_kind_name((enum local_kind)i))) {
			*out = (enum local_kind)i;
			return true;
		}
	}
	return false;
}

/* A kind, also in the singular. */
static bool
kind_read(const char *s, enum local_kind *out)
{
	const char *name;
	int i;

	for (i = 0; i < LOCAL_KIND_MAX; i++) {
		name = local_kind_name((enum local_kind)i);
		if (text_starts(name, s) && strlen(s) + 1 >= strlen(name)) {
			*out = (enum local_kind)i;
			return true;
		}
	}
	return false;
}

static int
verb_import(struct local_session *s)
{
	const char *file = s->args[s->n - 1], *kind_word = cli_value(s->call, "kind");
	enum local_kind kind;
	struct csv csv;
	char text[80];

	if (s->n == 2)
		kind_word = s->args[0];
	if (kind_word != NULL ? !kind_read(kind_word, &kind) : !kind_guess(file, &kind))
		return cli_usage(
		    s->call, "employees, types, grants or requests? Say it before the file's name");
	if (!csv_read(&s->arena, file, LOCAL_CSV_MAX, &s->faults, &csv) ||
	    !local_import(s->db, &s->arena, kind, &csv, &clock_real, &s->faults, &s->failure)) {
		(void)cli_local_failed(s);
		return cli_failed(s->call, "%s: nothing was imported", file);
	}
	(void)snprintf(
	    text, sizeof(text), "%zu lines of %s imported", csv.n, local_kind_name(kind));
	return session_done(s, "imported", (int64_t)csv.n, text);
}

/* Its rows, as objects of texts. NULL: out of memory. */
static struct value *
csv_value(struct local_session *s, const struct buf *text)
{
	struct value *list = value_list(&s->arena), *row;
	struct csv csv;
	size_t i, j;

	if (!csv_parse(&s->arena, "export", text->data, text->len, &s->faults, &csv))
		return NULL;
	for (i = 0; i < csv.n; i++) {
		row = value_object(&s->arena);
		for (j = 0; j < csv.header.n; j++) {
			if (!value_set(&s->arena, row, csv.header.fields[j].text,
				value_text(&s->arena, csv.rows[i].fields[j].text)))
				return NULL;
		}
		if (!value_add(&s->arena, list, row))
			return NULL;
	}
	return list;
}

static int
verb_export(struct local_session *s)
{
	enum local_kind kind;
	struct buf out;
	int code = CLI_OK;

	if (!kind_read(s->args[0], &kind) || kind == LOCAL_BALANCES)
		return cli_usage(s->call, "export employees, types, grants or requests");
	buf_init(&out, LOCAL_OUTPUT_MAX);
	if (local_export(s->db, &s->arena, kind, &out, &s->failure) != GW_OK)
		code = cli_local_failed(s);
	else if (s->json)
		code = cli_json(s->call, csv_value(s, &out), true);
	else if (fwrite(out.data, 1, out.len, stdout) != out.len)
		code = cli_failed(s->call, "cannot write the output");
	buf_clear(&out);
	return code;
}

/* Today, where this machine is. */
static bool
session_date(struct local_session *s, struct date *out)
{
	const char *given = cli_value(s->call, "date");
	time_t now = time(NULL);
	struct tm tm;

	if (given != NULL)
		return date_parse(given, out);
	return localtime_r(&now, &tm) != NULL &&
	       date_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, out);
}

static int
verb_list(struct local_session *s)
{
	struct local_filter filter = {.employee = cli_value(s->call, "employee")};
	enum local_kind kind;
	struct value *list;

	if (!kind_read(s->args[0], &kind))
		return cli_usage(s->call, "list employees, types, grants, requests or balances");
	if (!session_date(s, &filter.date))
		return cli_usage(s->call, "--date is YYYY-MM-DD");
	list = local_list(s->db, &s->arena, kind, &filter, &s->failure);
	if (list == NULL)
		return cli_local_failed(s);
	if (s->json)
		return cli_json(s->call, list, true);
	cli_table(list);
	return CLI_OK;
}

/* The next free number of a request. */
static const char *
session_request_id(struct local_session *s)
{
	const char *id = "1";
	struct db_rows *rows;

	rows =
	    db_query(s->db, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'requests'", NULL, 0);
	if (db_rows_next(rows))
		id = db_rows_text(rows, 0, &s->arena);
	return db_rows_end(rows) ? id : NULL;
}

/* NAME=VALUE operands as names and values; a request without a number gets the next. */
static bool
add_pairs(
    struct local_session *s, enum local_kind kind, struct csv_row *names, struct csv_row *values)
{
	const char *equals, *pair;
	size_t i;

	names->fields = arena_array(&s->arena, s->n, sizeof(*names->fields));
	values->fields = arena_array(&s->arena, s->n, sizeof(*values->fields));
	if (names->fields == NULL || values->fields == NULL)
		return false;
	for (i = 0; i + 1 < s->n; i++) {
		pair = s->args[i + 1];
		equals = strchr(pair, '=');
		if (equals == NULL || !text_utf8(pair, strlen(pair)))
			return fault_at(&s->faults, "add", NULL, "%s is not NAME=VALUE", pair);
		names->fields[i].text = arena_strndup(&s->arena, pair, (size_t)(equals - pair));
		values->fields[i].text = equals + 1;
		if (names->fields[i].text == NULL)
			return false;
	}
	names->n = values->n = i;
	for (i = 0; i < names->n; i++) {
		if (kind != LOCAL_REQUESTS || strcmp(names->fields[i].text, "request") == 0)
			return true;
	}
	names->fields[names->n++].text = "request";
	values->fields[values->n].text = session_request_id(s);
	return values->fields[values->n++].text != NULL;
}

/* One row; of a request, one for each of its dates, which commas separate. */
static bool
add_rows(struct local_session *s, const struct csv_row *values, size_t date, struct csv *csv)
{
	char *dates, *rest, *one;
	struct csv_row *rows;
	size_t cap = 0;

	dates = arena_strdup(&s->arena, date == SIZE_MAX ? "" : values->fields[date].text);
	for (rest = dates; rest != NULL;) {
		rows = arena_grow(&s->arena, csv->rows, csv->n, &cap, sizeof(*rows));
		if (rows == NULL)
			return false;
		csv->rows = rows;
		rows += csv->n++;
		rows->n = values->n;
		rows->fields = arena_array(&s->arena, rows->n, sizeof(*rows->fields));
		if (rows->fields == NULL)
			return false;
		memcpy(rows->fields, values->fields, rows->n * sizeof(*rows->fields));
		one = strsep(&rest, ",");
		if (date != SIZE_MAX)
			rows->fields[date].text = one;
	}
	return dates != NULL;
}

static int
verb_add(struct local_session *s)
{
	enum local_kind kind;
	struct csv csv = {.file = "add"};
	struct csv_row values = {NULL, 0};
	size_t date = SIZE_MAX;

	if (!kind_read(s->args[0], &kind) || kind == LOCAL_BALANCES)
		return cli_usage(s->call, "add employee, type, grant or request NAME=VALUE ...");
	if (!add_pairs(s, kind, &csv.header, &values))
		return cli_local_failed(s);
	if (kind == LOCAL_REQUESTS)
		date = csv_column(&csv, "date");
	if (!add_rows(s, &values, date, &csv) ||
	    !local_import(s->db, &s->arena, kind, &csv, &clock_real, &s->faults, &s->failure))
		return cli_local_failed(s);
	return session_done(s, "added", 1, "added");
}

/* One statement about one id. */
static int
session_alter(struct local_session *s, const char *sql, const char *id_text, const char *done)
{
	int64_t id;

	if (!local_id_parse(id_text, &id))
		return cli_usage(s->call, "%s is no id", id_text);
	if (!db_run(s->db, sql, DB_ARGS(db_integer(id)))) {
		if (db_fault(s->db) == DB_CONSTRAINT)
			return cli_failed(
			    s->call, "%s: the books do not allow that: it is in use", id_text);
		(void)local_fail(s->db, &s->failure);
		return cli_local_failed(s);
	}
	if (db_changes(s->db) == 0)
		return cli_failed(s->call, "there is no %s", id_text);
	return session_done(s, done, 1, done);
}

static int
verb_remove(struct local_session *s)
{
	static const char *const deletes[LOCAL_KIND_MAX] = {
	    [LOCAL_EMPLOYEES] = "DELETE FROM employees WHERE id = ?",
	    [LOCAL_TYPES] = "DELETE FROM types WHERE id = ?",
	    [LOCAL_GRANTS] = "DELETE FROM grants WHERE id = ?",
	};
	enum local_kind kind;

	if (!kind_read(s->args[0], &kind) || deletes[kind] == NULL)
		return cli_usage(
		    s->call, "remove employee, type or grant (requests are cancelled)");
	return session_alter(s, deletes[kind], s->args[1], "removed");
}

static int
verb_activate(struct local_session *s)
{
	return session_alter(
	    s, "UPDATE employees SET active = 1 WHERE id = ?", s->args[0], "activated");
}

static int
verb_deactivate(struct local_session *s)
{
	return session_alter(
	    s, "UPDATE employees SET active = 0 WHERE id = ?", s->args[0], "deactivated");
}

/* As the gateway would do it. */
static int
session_decide(struct local_session *s, enum operation op, const char *done)
{
	const struct operation_in in = {
	    .request_id = s->args[0], .notes = s->n > 1 ? s->args[1] : NULL};
	struct operation_out out = {0};
	struct local_call call = {.db = s->db,
	    .arena = &s->arena,
	    .clock = &clock_real,
	    .failure = &s->failure,
	    .in = &in,
	    .out = &out};

	if (s->n > 1 && !text_utf8(s->args[1], strlen(s->args[1])))
		return cli_usage(s->call, "the note is not UTF-8 text");
	if (local_call_run(&call, op) != GW_OK)
		return cli_local_failed(s);
	return session_done(s, done, 1, done);
}

static int
verb_approve(struct local_session *s)
{
	return session_decide(s, OPERATION_APPROVE, "approved");
}

static int
verb_deny(struct local_session *s)
{
	return session_decide(s, OPERATION_DENY, "denied");
}

static int
verb_cancel(struct local_session *s)
{
	return session_decide(s, OPERATION_CANCEL, "cancelled");
}

const struct local_verb cli_local_verbs[LOCAL_VERBS] = {
    {"import", 1, 2, "import [employees|types|grants|requests] FILE.csv", verb_import},
    {"export", 1, 1, "export employees|types|grants|requests", verb_export},
    {"list", 1, 1, "list employees|types|grants|requests|balances", verb_list},
    {"add", 2, CLI_OPTIONS_MAX, "add employee|type|grant|request NAME=VALUE ...", verb_add},
    {"remove", 2, 2, "remove employee|type|grant ID", verb_remove},
    {"activate", 1, 1, "activate ID", verb_activate},
    {"deactivate", 1, 1, "deactivate ID", verb_deactivate},
    {"approve", 1, 2, "approve ID [NOTE]", verb_approve},
    {"deny", 1, 2, "deny ID [NOTE]", verb_deny},
    {"cancel", 1, 2, "cancel ID [NOTE]", verb_cancel},
};
