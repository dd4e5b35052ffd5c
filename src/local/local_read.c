/*
 * local_read.c: what the local HRIS tells of its books: employees, types, balances. The arithmetic
 * of balances is local_balance.c's.
 */
#include <inttypes.h>
#include <string.h>

#include "local/balance.h"
#include "local/call.h"

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
	struct local_rows *rows;
	struct local_value arg;
	bool found = false;

	if (c->in->agent_id == NULL || !local_id_parse(c->in->agent_id, id))
		return fail(c->failure, CODE_HRIS_NOT_FOUND, "no employee has that id");
	arg = local_integer(*id);
	rows = local_db_query(c->db, "SELECT active, hired FROM employees WHERE id = ?", &arg, 1);
	if (local_rows_next(rows)) {
		found = true;
		*active = local_rows_integer(rows, 0) != 0;
		*hired = local_rows_text(rows, 1, c->arena);
	}
	if (!local_rows_end(rows))
		return local_db_fail(c->db, c->failure);
	if (!found)
		return fail(c->failure, CODE_HRIS_NOT_FOUND, "no employee has that id");
	return GW_OK;
}

enum gw_err
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
	struct local_rows *rows;
	size_t cap = 0;

	rows = local_db_query(
	    c->db, "SELECT id, email FROM employees WHERE active ORDER BY id", NULL, 0);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = out->agents;

		err = local_room(c, &items, out->n_agents, &cap, sizeof(*out->agents));
		if (err != GW_OK)
			break;
		out->agents = items;
		out->agents[out->n_agents++] = (struct agent){
		    .id = local_rows_text(rows, 0, c->arena),
		    .email = local_rows_text(rows, 1, c->arena),
		};
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
	return err;
}

enum gw_err
local_types(struct local_call *c)
{
	struct operation_out *out = c->out;
	enum gw_err err = GW_OK;
	struct local_rows *rows;
	const char *unit;
	size_t cap = 0;

	rows = local_db_query(
	    c->db, "SELECT id, name, unit, day_minutes, unlimited FROM types ORDER BY id", NULL, 0);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = out->types;
		struct timeoff_type *t;

		err = local_room(c, &items, out->n_types, &cap, sizeof(*out->types));
		if (err != GW_OK)
			break;
		out->types = items;
		t = &out->types[out->n_types++];
		t->id = local_rows_text(rows, 0, c->arena);
		t->name = local_rows_text(rows, 1, c->arena);
		unit = local_rows_text(rows, 2, c->arena);
		t->unit = unit != NULL && strcmp(unit, "days") == 0 ? UNIT_DAYS : UNIT_HOURS;
		t->day_minutes = (int)local_rows_integer(rows, 3);
		t->unlimited = local_rows_integer(rows, 4) != 0;
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
	return err;
}

/* What the books say of one type: the rule, and whether it counts at all. */
static enum gw_err
local_rule(
    struct local_call *c, int64_t type, const char *hired, struct local_rule *rule, bool *unlimited)
{
	const struct local_value arg = local_integer(type);
	const char *starts = NULL;
	struct local_rows *rows;
	struct date day;

	rows = local_db_query(c->db,
	    "SELECT yearly, monthly, carry_over, unlimited, starts FROM types WHERE id = ?", &arg,
	    1);
	if (local_rows_next(rows)) {
		rule->yearly = local_rows_integer(rows, 0);
		rule->monthly = local_rows_integer(rows, 1);
		rule->carries_all = local_rows_null(rows, 2);
		rule->carry_over = local_rows_integer(rows, 2);
		*unlimited = local_rows_integer(rows, 3) != 0;
		starts = local_rows_text(rows, 4, c->arena);
	}
	if (!local_rows_end(rows))
		return local_db_fail(c->db, c->failure);
	if (starts == NULL)
		return fail(c->failure, CODE_HRIS_REFUSED, "the local HRIS has no such type");
	if (!date_parse(starts, &rule->starts))
		return fail(c->failure, CODE_GATEWAY_STORE, "a date in the local database");
	if (hired != NULL && date_parse(hired, &day) && day.day > rule->starts.day)
		rule->starts = day;
	return GW_OK;
}

static enum gw_err
local_movements(
    struct local_call *c, int64_t employee, int64_t type, struct local_movement **m, size_t *n)
{
	const struct local_value args[] = {local_integer(employee), local_integer(type)};
	enum gw_err err = GW_OK;
	struct local_rows *rows;
	const char *date;
	size_t cap = 0;

	rows = local_db_query(c->db,
	    "SELECT date, minutes FROM grants WHERE employee = ?1 AND type = ?2 "
	    "UNION ALL SELECT d.date, -d.minutes FROM requests r JOIN days d ON d.request = r.id "
	    "WHERE r.employee = ?1 AND r.type = ?2 AND r.status IN ('PENDING', 'APPROVED') "
	    "ORDER BY 1",
	    args, 2);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = *m;

		err = local_room(c, &items, *n, &cap, sizeof(**m));
		if (err != GW_OK)
			break;
		*m = items;
		date = local_rows_text(rows, 0, c->arena);
		if (date == NULL || !date_parse(date, &(*m)[*n].date))
			err = fail(c->failure, CODE_GATEWAY_STORE, "a date in the local database");
		else
			(*m)[(*n)++].minutes = local_rows_integer(rows, 1);
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
	return err;
}

/* The rows of one type, one a date asked. */
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
		return fail(c->failure, CODE_HRIS_REFUSED, "the local HRIS has no such type");
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
