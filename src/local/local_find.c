/* local_find.c: requests of the local HRIS, by id or by employee and range, as they stand. */
#include <inttypes.h>
#include <string.h>

#include "local/call.h"

static enum gw_err
local_find_days(struct local_call *c, struct found *f, const struct local_value *request)
{
	enum gw_err err = GW_OK;
	struct local_rows *rows;
	const char *date = NULL;
	int64_t total = 0;
	size_t cap = 0;

	rows = local_db_query(
	    c->db, "SELECT date, minutes FROM days WHERE request = ? ORDER BY date", request, 1);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = f->days;
		struct found_day *d;

		err = local_room(c, &items, f->n_days, &cap, sizeof(*f->days));
		if (err != GW_OK)
			break;
		f->days = items;
		d = &f->days[f->n_days++];
		*d = (struct found_day){.unit = UNIT_MINUTES};
		date = local_rows_text(rows, 0, c->arena);
		d->amount = local_rows_text(rows, 1, c->arena);
		total += local_rows_integer(rows, 1);
		if (date == NULL || !date_parse(date, &d->date))
			err = fail(c->failure, CODE_GATEWAY_STORE, "a date in the local database");
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
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
local_find_notes(struct local_call *c, struct found *f, const struct local_value *request)
{
	enum gw_err err = GW_OK;
	struct local_rows *rows;
	size_t cap = 0;

	rows = local_db_query(
	    c->db, "SELECT text FROM notes WHERE request = ? ORDER BY id", request, 1);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = (void *)f->notes;

		err = local_room(c, &items, f->n_notes, &cap, sizeof(*f->notes));
		if (err != GW_OK)
			break;
		f->notes = items;
		f->notes[f->n_notes++] = local_rows_text(rows, 0, c->arena);
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
	return err;
}

/* By id, of that employee where one is named; else all of an employee that overlap the range. */
static struct local_rows *
local_find_query(struct local_call *c, int64_t id, int64_t employee)
{
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	struct local_value args[3];

	if (c->in->request_id != NULL) {
		args[0] = local_integer(id);
		args[1] = employee == 0 ? local_text(NULL) : local_integer(employee);
		return local_db_query(c->db,
		    "SELECT id, type, status, marker, employee FROM requests "
		    "WHERE id = ?1 AND employee = ifnull(?2, employee)",
		    args, 2);
	}
	date_format(c->in->min_date, from);
	date_format(c->in->max_date, to);
	args[0] = local_integer(employee);
	args[1] = local_text(from);
	args[2] = local_text(to);
	return local_db_query(c->db,
	    "SELECT id, type, status, marker, employee FROM requests r WHERE employee = ?1 "
	    "AND EXISTS (SELECT 1 FROM days WHERE request = r.id AND date >= ?2) "
	    "AND EXISTS (SELECT 1 FROM days WHERE request = r.id AND date <= ?3) ORDER BY id",
	    args, 3);
}

static enum gw_err
local_find_rows(struct local_call *c, int64_t id, int64_t employee)
{
	enum gw_err err = GW_OK;
	struct local_rows *rows;
	const char *status;
	size_t cap = 0;

	rows = local_find_query(c, id, employee);
	while (err == GW_OK && local_rows_next(rows)) {
		void *items = c->out->found;
		struct found *f;

		err = local_room(c, &items, c->out->n_found, &cap, sizeof(*c->out->found));
		if (err != GW_OK)
			break;
		c->out->found = items;
		f = &c->out->found[c->out->n_found++];
		f->id = local_rows_text(rows, 0, c->arena);
		f->type_id = local_rows_text(rows, 1, c->arena);
		status = local_rows_text(rows, 2, c->arena);
		f->marker = local_rows_text(rows, 3, c->arena);
		f->agent_id = local_rows_text(rows, 4, c->arena);
		if (status == NULL || !status_parse(status, &f->status))
			err =
			    fail(c->failure, CODE_GATEWAY_STORE, "a status in the local database");
	}
	if (!local_rows_end(rows) && err == GW_OK)
		err = local_db_fail(c->db, c->failure);
	return err;
}

enum gw_err
local_find(struct local_call *c)
{
	int64_t id = 0, employee = 0;
	struct local_value request;
	const char *hired = NULL;
	enum gw_err err = GW_OK;
	bool active = false;
	size_t i;

	if (c->in->request_id != NULL && !local_id_parse(c->in->request_id, &id))
		return GW_OK; /* not one of ours: none found */
	if (c->in->agent_id != NULL || c->in->request_id == NULL)
		err = local_employee(c, &employee, &active, &hired);
	if (err == GW_OK)
		err = local_find_rows(c, id, employee);
	for (i = 0; err == GW_OK && i < c->out->n_found; i++) {
		if (!local_id_parse(c->out->found[i].id, &id))
			return fail(c->failure, CODE_GATEWAY_STORE, "an id in the local database");
		request = local_integer(id);
		err = local_find_days(c, &c->out->found[i], &request);
		if (err == GW_OK)
			err = local_find_notes(c, &c->out->found[i], &request);
	}
	return err;
}
