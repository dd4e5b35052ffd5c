/*
 * read.c: what the local HRIS says of its books: employees, types, balances, and requests by id or
 * by employee and range. The arithmetic of balances is balance.c's.
 */
#include "local/call.h"

#include <inttypes.h>
#include <string.h>

#include "local/books.h"

bool
local_id_parse(const char *s, int64_t *out)
{
	size_t i, len = strspn(s, "0123456789");
	int64_t n = 0;

	if (len == 0 || len > 18 || s[len] != '\0' || s[0] == '0')
		return false;
	for (i = 0; i < len; i++)
		n = n * 10 + (s[i] - '0');
	*out = n;
	return true;
}

enum gw_err
local_employee(struct local_call *c, int64_t *id, bool *active, const char **hired)
{
	struct db_rows *rows;
	bool found = false;

	if (c->in->agent_id == NULL || !local_id_parse(c->in->agent_id, id))
		return fail(c->failure, CODE_HRIS_NOT_FOUND, "no employee has that id");
	rows = db_query(
	    c->db, "SELECT active, hired FROM employees WHERE id = ?", DB_ARGS(db_integer(*id)));
	if (db_rows_next(rows)) {
		found = true;
		*active = db_rows_integer(rows, 0) != 0;
		*hired = db_rows_text(rows, 1, c->arena);
	}
	if (!db_rows_end(rows))
		return local_fail(c->db, c->failure);
	if (!found)
		return fail(c->failure, CODE_HRIS_NOT_FOUND, "no employee has that id");
	return GW_OK;
}

/* Room for one more record of n (at most LIMIT_RECORDS), as arena_grow(). */
static enum gw_err
local_room(struct local_call *c, void **items, size_t n, size_t *cap, size_t size)
{
	void *p;

	if (n >= LIMIT_RECORDS)
		return fail(c->failure, CODE_HRIS_TOO_MANY, "more than %d records", LIMIT_RECORDS);
	p = arena_grow(c->arena, *items, n, cap, size);
	if (p == NULL) {
		(void)fail_memory(c->failure);
		return GW_EINTERNAL;
	}
	*items = p;
	return GW_OK;
}

enum gw_err
local_agents(struct local_call *c)
{
	struct operation_out *out = c->out;
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	size_t cap = 0;

	rows = db_query(c->db, "SELECT id, email FROM employees WHERE active ORDER BY id", NULL, 0);
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = out->agents;

		err = local_room(c, &items, out->n_agents, &cap, sizeof(*out->agents));
		if (err != GW_OK)
			break;
		out->agents = items;
		out->agents[out->n_agents++] = (struct agent){
		    .id = db_rows_text(rows, 0, c->arena),
		    .email = db_rows_text(rows, 1, c->arena),
		};
	}
	return local_end(rows, err, c->db, c->failure);
}

enum gw_err
local_types(struct local_call *c)
{
	struct operation_out *out = c->out;
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	const char *unit;
	size_t cap = 0;

	rows = db_query(
	    c->db, "SELECT id, name, unit, day_minutes, unlimited FROM types ORDER BY id", NULL, 0);
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = out->types;
		struct timeoff_type *t;

		err = local_room(c, &items, out->n_types, &cap, sizeof(*out->types));
		if (err != GW_OK)
			break;
		out->types = items;
		t = &out->types[out->n_types++];
		t->id = db_rows_text(rows, 0, c->arena);
		t->name = db_rows_text(rows, 1, c->arena);
		unit = db_rows_text(rows, 2, c->arena);
		t->unit = unit != NULL && strcmp(unit, "days") == 0 ? UNIT_DAYS : UNIT_HOURS;
		t->day_minutes = (int)db_rows_integer(rows, 3);
		t->unlimited = db_rows_integer(rows, 4) != 0;
	}
	return local_end(rows, err, c->db, c->failure);
}

/* The rule of one type, and whether it is counted at all. */
static enum gw_err
local_rule(
    struct local_call *c, int64_t type, const char *hired, struct local_rule *rule, bool *unlimited)
{
	const char *starts = NULL;
	struct db_rows *rows;
	struct date day;

	rows = db_query(c->db,
	    "SELECT yearly, monthly, carry_over, unlimited, starts FROM types WHERE id = ?",
	    DB_ARGS(db_integer(type)));
	if (db_rows_next(rows)) {
		rule->yearly = db_rows_integer(rows, 0);
		rule->monthly = db_rows_integer(rows, 1);
		rule->carries_all = db_rows_null(rows, 2);
		rule->carry_over = db_rows_integer(rows, 2);
		*unlimited = db_rows_integer(rows, 3) != 0;
		starts = db_rows_text(rows, 4, c->arena);
	}
	if (!db_rows_end(rows))
		return local_fail(c->db, c->failure);
	if (starts == NULL)
		return fail(c->failure, CODE_HRIS_REFUSED,
		    "the local HRIS has no time-off type of that id");
	if (!date_parse(starts, &rule->starts))
		return fail(c->failure, CODE_GATEWAY_STORE,
		    "the local database holds a date that cannot be read: restore it from a backup");
	if (hired != NULL && date_parse(hired, &day) && day.day > rule->starts.day)
		rule->starts = day;
	return GW_OK;
}

static enum gw_err
local_movements(
    struct local_call *c, int64_t employee, int64_t type, struct local_movement **m, size_t *n)
{
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	const char *date;
	size_t cap = 0;

	rows = db_query(c->db,
	    "SELECT date, minutes FROM grants WHERE employee = ?1 AND type = ?2 "
	    "UNION ALL SELECT d.date, -d.minutes FROM requests r JOIN days d ON d.request = r.id "
	    "WHERE r.employee = ?1 AND r.type = ?2 AND r.status IN ('PENDING', 'APPROVED') "
	    "ORDER BY 1",
	    DB_ARGS(db_integer(employee), db_integer(type)));
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = *m;

		err = local_room(c, &items, *n, &cap, sizeof(**m));
		if (err != GW_OK)
			break;
		*m = items;
		date = db_rows_text(rows, 0, c->arena);
		if (date == NULL || !date_parse(date, &(*m)[*n].date))
			err = fail(c->failure, CODE_GATEWAY_STORE,
			    "the local database holds a date that cannot be read: restore it from a backup");
		else
			(*m)[(*n)++].minutes = db_rows_integer(rows, 1);
	}
	return local_end(rows, err, c->db, c->failure);
}

/* The balances of one type, one a date asked. */
static enum gw_err
local_balance_type(struct local_call *c, int64_t employee, const char *hired, const char *type_id)
{
	struct local_movement *m = NULL;
	struct local_rule rule = {0};
	struct balance *b;
	bool unlimited = false;
	enum gw_err err;
	int64_t type = 0;
	size_t n = 0, i;

	if (!local_id_parse(type_id, &type))
		return fail(c->failure, CODE_HRIS_REFUSED,
		    "the local HRIS has no time-off type of that id");
	err = local_rule(c, type, hired, &rule, &unlimited);
	if (err == GW_OK && !unlimited)
		err = local_movements(c, employee, type, &m, &n);
	if (err != GW_OK)
		return err;
	for (i = 0; i < c->in->n_dates; i++) {
		b = &c->out->balances[c->out->n_balances++];
		*b = (struct balance){.type_id = type_id,
		    .dated = true,
		    .date = c->in->dates[i],
		    .unlimited = unlimited,
		    .includes_pending = true};
		if (unlimited)
			continue;
		b->has_amount = b->has_unit = true;
		b->unit = UNIT_MINUTES;
		b->amount =
		    arena_printf(c->arena, "%" PRId64, local_balance_at(&rule, m, n, b->date));
		if (b->amount == NULL)
			return fail_memory(c->failure);
	}
	return GW_OK;
}

enum gw_err
local_balances(struct local_call *c)
{
	const struct operation_in *in = c->in;
	enum gw_err err;
	const char *hired = NULL;
	int64_t employee = 0;
	bool active = false;
	size_t i;

	err = local_employee(c, &employee, &active, &hired);
	if (err != GW_OK)
		return err;
	if (in->n_dates > 0 && in->n_types > LIMIT_RECORDS / in->n_dates)
		return fail(c->failure, CODE_HRIS_TOO_MANY, "more than %d balances", LIMIT_RECORDS);
	c->out->balances =
	    arena_array(c->arena, in->n_types * in->n_dates + 1, sizeof(*c->out->balances));
	if (c->out->balances == NULL)
		return fail_memory(c->failure);
	for (i = 0; i < in->n_types && err == GW_OK; i++)
		err = local_balance_type(c, employee, hired, in->types[i]->id);
	return err;
}

static enum gw_err
local_find_days(struct local_call *c, struct found *f, int64_t request)
{
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	const char *date = NULL;
	int64_t total = 0;
	size_t cap = 0;

	rows = db_query(c->db, "SELECT date, minutes FROM days WHERE request = ? ORDER BY date",
	    DB_ARGS(db_integer(request)));
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = f->days;
		struct found_day *d;

		err = local_room(c, &items, f->n_days, &cap, sizeof(*f->days));
		if (err != GW_OK)
			break;
		f->days = items;
		d = &f->days[f->n_days++];
		*d = (struct found_day){.unit = UNIT_MINUTES};
		date = db_rows_text(rows, 0, c->arena);
		d->amount = db_rows_text(rows, 1, c->arena);
		total += db_rows_integer(rows, 1);
		if (date == NULL || !date_parse(date, &d->date))
			err = fail(c->failure, CODE_GATEWAY_STORE,
			    "the local database holds a date that cannot be read: restore it from a backup");
	}
	err = local_end(rows, err, c->db, c->failure);
	if (err != GW_OK)
		return err;
	f->has_unit = true;
	f->unit = UNIT_MINUTES;
	f->amount = arena_printf(c->arena, "%" PRId64, total);
	f->ranged = f->n_days > 0;
	if (f->ranged) {
		f->start = f->days[0].date;
		f->end = f->days[f->n_days - 1].date;
	}
	return f->amount == NULL ? fail_memory(c->failure) : GW_OK;
}

static enum gw_err
local_find_notes(struct local_call *c, struct found *f, int64_t request)
{
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	size_t cap = 0;

	rows = db_query(c->db, "SELECT text FROM notes WHERE request = ? ORDER BY id",
	    DB_ARGS(db_integer(request)));
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = (void *)f->notes;

		err = local_room(c, &items, f->n_notes, &cap, sizeof(*f->notes));
		if (err != GW_OK)
			break;
		f->notes = items;
		f->notes[f->n_notes++] = db_rows_text(rows, 0, c->arena);
	}
	return local_end(rows, err, c->db, c->failure);
}

/* By id, of that employee where one is named; else all of an employee that overlap the range. */
static struct db_rows *
local_find_query(struct local_call *c, int64_t id, int64_t employee)
{
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];

	if (c->in->request_id != NULL)
		return db_query(c->db,
		    "SELECT id, type, status, marker, employee FROM requests "
		    "WHERE id = ?1 AND employee = iif(?2 = 0, employee, ?2)",
		    DB_ARGS(db_integer(id), db_integer(employee)));
	date_format(c->in->min_date, from);
	date_format(c->in->max_date, to);
	return db_query(c->db,
	    "SELECT id, type, status, marker, employee FROM requests r WHERE employee = ?1 "
	    "AND EXISTS (SELECT 1 FROM days WHERE request = r.id AND date >= ?2) "
	    "AND EXISTS (SELECT 1 FROM days WHERE request = r.id AND date <= ?3) ORDER BY id",
	    DB_ARGS(db_integer(employee), db_text(from), db_text(to)));
}

static enum gw_err
local_find_rows(struct local_call *c, int64_t id, int64_t employee)
{
	enum gw_err err = GW_OK;
	struct db_rows *rows;
	const char *status;
	size_t cap = 0;

	rows = local_find_query(c, id, employee);
	while (err == GW_OK && db_rows_next(rows)) {
		void *items = c->out->found;
		struct found *f;

		err = local_room(c, &items, c->out->n_found, &cap, sizeof(*c->out->found));
		if (err != GW_OK)
			break;
		c->out->found = items;
		f = &c->out->found[c->out->n_found++];
		f->id = db_rows_text(rows, 0, c->arena);
		f->type_id = db_rows_text(rows, 1, c->arena);
		status = db_rows_text(rows, 2, c->arena);
		f->marker = db_rows_text(rows, 3, c->arena);
		f->agent_id = db_rows_text(rows, 4, c->arena);
		if (status == NULL || !status_parse(status, &f->status))
			err = fail(c->failure, CODE_GATEWAY_STORE,
			    "the local database holds a status that cannot be read: restore it from a backup");
	}
	return local_end(rows, err, c->db, c->failure);
}

enum gw_err
local_find(struct local_call *c)
{
	int64_t id = 0, employee = 0;
	const char *hired = NULL;
	enum gw_err err = GW_OK;
	bool active = false;
	size_t i;

	if (c->in->request_id != NULL && !local_id_parse(c->in->request_id, &id))
		return GW_OK; /* no id of ours: nothing is found */
	if (c->in->agent_id != NULL || c->in->request_id == NULL)
		err = local_employee(c, &employee, &active, &hired);
	if (err == GW_OK)
		err = local_find_rows(c, id, employee);
	for (i = 0; err == GW_OK && i < c->out->n_found; i++) {
		if (!local_id_parse(c->out->found[i].id, &id))
			return fail(c->failure, CODE_GATEWAY_STORE,
			    "the local database holds an id that cannot be read: restore it from a backup");
		err = local_find_days(c, &c->out->found[i], id);
		if (err == GW_OK)
			err = local_find_notes(c, &c->out->found[i], id);
	}
	return err;
}
