/*
 * write.c: the writes of the local HRIS, each inside the transaction that local_call_run() holds:
 * what was checked is still true when it is written. Refused are days of more than 24 hours, and
 * changes of a request that was denied or cancelled.
 */
#include "local/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "local/books.h"

/* A request as the books have it. */
struct local_request {
	int64_t id, employee;
	enum timeoff_status status;
};

void
local_stamp(const struct clock *clock, char out[static LOCAL_STAMP_MAX])
{
	enum { DAY_S = 24 * 60 * 60 };
	int64_t now = clock_wall_s(clock);
	struct date day = {(int32_t)(now / DAY_S)};
	int rest = (int)(now % DAY_S);
	char text[DATE_TEXT_MAX];

	if (rest < 0) {
		rest += DAY_S;
		day.day--;
	}
	date_format(day, text);
	(void)snprintf(out, LOCAL_STAMP_MAX, "%sT%02d:%02d:%02dZ", text, rest / 3600,
	    rest / 60 % 60, rest % 60);
}

static enum gw_err
local_type_check(struct local_call *c, int64_t *id)
{
	struct db_rows *rows;
	bool found;

	if (c->in->type == NULL || !local_id_parse(c->in->type->id, id))
		return fail(c->failure, CODE_HRIS_REFUSED,
		    "the local HRIS has no time-off type of that id");
	rows = db_query(c->db, "SELECT 1 FROM types WHERE id = ?", DB_ARGS(db_integer(*id)));
	found = db_rows_next(rows);
	if (!db_rows_end(rows))
		return local_fail(c->db, c->failure);
	if (!found)
		return fail(c->failure, CODE_HRIS_REFUSED,
		    "the local HRIS has no time-off type of that id");
	return GW_OK;
}

static enum gw_err
local_request_load(struct local_call *c, struct local_request *r)
{
	const char *status = NULL;
	struct db_rows *rows;
	int64_t employee;
	bool found;

	if (c->in->request_id == NULL || !local_id_parse(c->in->request_id, &r->id))
		return fail(
		    c->failure, CODE_HRIS_NOT_FOUND, "the local HRIS has no request of that id");
	rows = db_query(c->db, "SELECT employee, status FROM requests WHERE id = ?",
	    DB_ARGS(db_integer(r->id)));
	found = db_rows_next(rows);
	if (found) {
		r->employee = db_rows_integer(rows, 0);
		status = db_rows_text(rows, 1, c->arena);
	}
	if (!db_rows_end(rows))
		return local_fail(c->db, c->failure);
	if (!found)
		return fail(
		    c->failure, CODE_HRIS_NOT_FOUND, "the local HRIS has no request of that id");
	if (c->in->agent_id != NULL &&
	    (!local_id_parse(c->in->agent_id, &employee) || employee != r->employee))
		return fail(c->failure, CODE_HRIS_NOT_FOUND,
		    "the request of that id is another employee's");
	if (status == NULL || !status_parse(status, &r->status))
		return fail(c->failure, CODE_GATEWAY_STORE,
		    "the local database holds a status that cannot be read: restore it from a backup");
	return GW_OK;
}

/* With all other requests of the employee, no day may have more than 24 hours. */
static enum gw_err
local_days_check(struct local_call *c, int64_t employee, int64_t request)
{
	char date[DATE_TEXT_MAX];
	struct db_rows *rows;
	int64_t held = 0;
	size_t i;

	if (c->in->n_days == 0)
		return fail(c->failure, CODE_HRIS_REFUSED, "a request needs at least one day");
	for (i = 0; i < c->in->n_days; i++) {
		date_format(c->in->days[i].date, date);
		rows = db_query(c->db,
		    "SELECT ifnull(sum(d.minutes), 0) FROM requests r "
		    "JOIN days d ON d.request = r.id AND d.date = ?3 "
		    "WHERE r.employee = ?1 AND r.id <> ?2 AND r.status IN ('PENDING', 'APPROVED')",
		    DB_ARGS(db_integer(employee), db_integer(request), db_text(date)));
		if (db_rows_next(rows))
			held = db_rows_integer(rows, 0);
		if (!db_rows_end(rows))
			return local_fail(c->db, c->failure);
		if (c->in->days[i].minutes < 0 || c->in->days[i].minutes > LIMIT_MINUTES)
			return fail(c->failure, CODE_HRIS_REFUSED, "%d minutes on %s: a day has %d",
			    c->in->days[i].minutes, date, LIMIT_MINUTES);
		if (c->in->days[i].minutes > LIMIT_MINUTES - held)
			return fail(c->failure, CODE_HRIS_CONFLICT,
			    "%s has %" PRId64 " minutes of other requests already", date, held);
	}
	return GW_OK;
}

static bool
local_days_put(struct local_call *c, int64_t request)
{
	char date[DATE_TEXT_MAX];
	size_t i;

	for (i = 0; i < c->in->n_days; i++) {
		date_format(c->in->days[i].date, date);
		if (!db_run(c->db, "INSERT INTO days (request, date, minutes) VALUES (?, ?, ?)",
			DB_ARGS(db_integer(request), db_text(date),
			    db_integer(c->in->days[i].minutes))))
			return false;
	}
	return true;
}

static bool
local_note_put(struct local_call *c, int64_t request)
{
	if (c->in->notes == NULL || c->in->notes[0] == '\0')
		return true;
	return db_run(c->db, "INSERT INTO notes (request, text) VALUES (?, ?)",
	    DB_ARGS(db_integer(request), db_text(c->in->notes)));
}

static enum gw_err
local_result(struct local_call *c, int64_t id, enum timeoff_status status)
{
	if (db_fault(c->db) != DB_FINE)
		return local_fail(c->db, c->failure);
	c->out->result.id = arena_printf(c->arena, "%" PRId64, id);
	c->out->result.status = status;
	return c->out->result.id == NULL ? fail_memory(c->failure) : GW_OK;
}

static bool
local_is_open(enum timeoff_status s)
{
	return s == STATUS_PENDING || s == STATUS_APPROVED;
}

enum gw_err
local_insert(struct local_call *c)
{
	const struct operation_in *in = c->in;
	char now[LOCAL_STAMP_MAX];
	int64_t employee = 0, type = 0, id;
	const char *hired = NULL;
	bool active = false;
	enum gw_err err;

	err = local_employee(c, &employee, &active, &hired);
	if (err == GW_OK && !active)
		err = fail(
		    c->failure, CODE_HRIS_REFUSED, "the employee of that id is no longer active");
	if (err == GW_OK)
		err = local_type_check(c, &type);
	if (err == GW_OK && !local_is_open(in->status))
		err = fail(
		    c->failure, CODE_HRIS_REFUSED, "a new request has to be PENDING or APPROVED");
	if (err == GW_OK)
		err = local_days_check(c, employee, 0);
	if (err != GW_OK)
		return err;
	local_stamp(c->clock, now);
	(void)db_run(c->db,
	    "INSERT INTO requests (employee, type, status, marker, created, changed) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
	    DB_ARGS(db_integer(employee), db_integer(type), db_text(status_name(in->status)),
		db_text(in->marker), db_text(now)));
	id = db_last_id(c->db);
	(void)(local_days_put(c, id) && local_note_put(c, id));
	return local_result(c, id, in->status);
}

enum gw_err
local_change(struct local_call *c)
{
	const struct operation_in *in = c->in;
	char now[LOCAL_STAMP_MAX];
	struct local_request r = {0};
	enum gw_err err;
	int64_t type = 0;

	err = local_request_load(c, &r);
	if (err == GW_OK && !local_is_open(r.status))
		err = fail(c->failure, CODE_HRIS_CONFLICT,
		    "the request is %s and cannot be changed any more",
		    r.status == STATUS_DENIED ? "denied" : "cancelled");
	if (err == GW_OK)
		err = local_type_check(c, &type);
	if (err == GW_OK && !local_is_open(in->status))
		err = fail(c->failure, CODE_HRIS_REFUSED,
		    "a changed request has to be PENDING or APPROVED");
	if (err == GW_OK)
		err = local_days_check(c, r.employee, r.id);
	if (err != GW_OK)
		return err;
	local_stamp(c->clock, now);
	(void)db_run(c->db,
	    "UPDATE requests SET type = ?2, status = ?3, marker = ifnull(?4, marker), changed = ?5 "
	    "WHERE id = ?1",
	    DB_ARGS(db_integer(r.id), db_integer(type), db_text(status_name(in->status)),
		db_text(in->marker), db_text(now)));
	(void)db_run(c->db, "DELETE FROM days WHERE request = ?", DB_ARGS(db_integer(r.id)));
	(void)local_days_put(c, r.id);
	if (in->notes != NULL && in->notes[0] != '\0')
		(void)db_run(
		    c->db, "DELETE FROM notes WHERE request = ?", DB_ARGS(db_integer(r.id)));
	(void)local_note_put(c, r.id);
	return local_result(c, r.id, in->status);
}

/* Into a status, from those that `from` allows; a request that has it already is left as is. */
static enum gw_err
local_move(struct local_call *c, enum timeoff_status to, const bool from[static STATUS_MAX])
{
	char now[LOCAL_STAMP_MAX];
	struct local_request r = {0};
	enum gw_err err;

	err = local_request_load(c, &r);
	if (err != GW_OK)
		return err;
	if (r.status == to)
		return local_result(c, r.id, to);
	if (!from[r.status])
		return fail(c->failure, CODE_HRIS_CONFLICT,
		    "the request is %s and cannot become %s", status_name(r.status),
		    status_name(to));
	local_stamp(c->clock, now);
	(void)db_run(c->db, "UPDATE requests SET status = ?2, changed = ?3 WHERE id = ?1",
	    DB_ARGS(db_integer(r.id), db_text(status_name(to)), db_text(now)));
	(void)local_note_put(c, r.id);
	return local_result(c, r.id, to);
}

enum gw_err
local_approve(struct local_call *c)
{
	static const bool from[STATUS_MAX] = {[STATUS_PENDING] = true};

	return local_move(c, STATUS_APPROVED, from);
}

/* A denied request may still be cancelled: it takes nothing off the balance either way. */
enum gw_err
local_cancel(struct local_call *c)
{
	static const bool from[STATUS_MAX] = {
	    [STATUS_PENDING] = true, [STATUS_APPROVED] = true, [STATUS_DENIED] = true};

	return local_move(c, STATUS_CANCELED, from);
}

enum gw_err
local_deny(struct local_call *c)
{
	static const bool from[STATUS_MAX] = {[STATUS_PENDING] = true, [STATUS_APPROVED] = true};

	return local_move(c, STATUS_DENIED, from);
}
