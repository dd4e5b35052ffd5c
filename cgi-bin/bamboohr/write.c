/*
 * write.c: a request put, and the status of one. The same policies as those of the
 * actions, but without a look at the balance: the caller has asked for it already, and BambooHR
 * does not look at it either.
 */
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

#include "base/text.h"
#include "format/url.h"

struct written {
	const struct timeoff_type *type; /* NULL: none was named */
	enum unit unit;
	struct day *days;
	size_t n_days;
	struct timeoff_done done;
};

/*
 * The URL of what was written, as BambooHR has it: the URL of the PUT, and the id. NULL: unknown.
 */
static const char *
location(struct bamboohr_call *c, const char *id)
{
	const struct request *r = c->request;
	const char *origin, *text = NULL, *p;
	size_t len = strcspn(r->uri, "?");
	struct buf b;

	for (p = r->uri; p < r->uri + len; p++) {
		if (*p <= ' ' || *p >= 0x7F)
			return NULL;
	}
	buf_init(&b, LIMIT_PARAM_BYTES);
	origin = arena_printf(c->h->arena, "%s://%s", r->scheme, r->authority);
	/* A Host that is none: the path alone. */
	if (origin == NULL || !url_origin(origin, &b))
		buf_reset(&b);
	buf_put(&b, r->uri, len);
	buf_putc(&b, '/');
	url_segment(&b, id);
	if (b.err == GW_OK)
		text = arena_strndup(c->h->arena, b.data, b.len);
	buf_clear(&b);
	return text;
}

static bool
put_days(struct hris *h, struct value *v, const struct written *w)
{
	struct value *dates = value_object(h->arena);
	char date[DATE_TEXT_MAX], amount[DECIMAL_TEXT_MAX];
	int64_t total = days_minutes(w->days, w->n_days);
	size_t i;

	if (w->n_days == 0)
		return true;
	for (i = 0; i < w->n_days; i++) {
		date_format(w->days[i].date, date);
		if (!bamboohr_amount(h, w->unit, w->days[i].minutes, amount) ||
		    !bamboohr_put(h->arena, dates, date, amount))
			return false;
	}
	return value_set(h->arena, v, "amount", bamboohr_amount_value(h, w->unit, total)) &&
	       value_set(h->arena, v, "dates", dates);
}

static bool
put_date(struct arena *a, struct value *v, const char *name, const struct civil_date *d)
{
	char text[DATE_TEXT_MAX];

	if (!d->given)
		return true;
	date_format(d->date, text);
	return bamboohr_put(a, v, name, text);
}

/* In a list of requests notes are an object; in this answer they are an array. */
static bool
put_notes(struct arena *a, struct value *v, const struct bamboohr_write *sent)
{
	struct value *notes = value_list(a);
	size_t i;

	for (i = 0; sent->notes_sent != NULL && i < sent->notes_sent->n; i++) {
		if (!value_add(a, notes, value_at(sent->notes_sent, i)))
			return false;
	}
	return value_set(a, v, "notes", notes);
}

static struct value *
written_value(struct bamboohr_call *c, const struct bamboohr_write *sent, const struct written *w)
{
	struct arena *a = c->h->arena;
	struct value *v = value_object(a), *type = value_object(a), *state = value_object(a);
	const char *word = bamboohr_status_word(w->done.status);

	if (!bamboohr_put(a, v, "id", w->done.request_id) ||
	    !bamboohr_put(a, v, "employeeId", c->id) || !put_date(a, v, "start", &sent->start) ||
	    !put_date(a, v, "end", &sent->end))
		return NULL;
	if (word != NULL &&
	    (!bamboohr_put(a, state, "status", word) || !value_set(a, v, "status", state)))
		return NULL;
	if (sent->type_id != NULL &&
	    (!bamboohr_put(a, type, "id", sent->type_id) ||
		!bamboohr_put(a, type, "name", w->type == NULL ? NULL : w->type->name) ||
		!value_set(a, v, "type", type)))
		return NULL;
	return put_days(c->h, v, w) && put_notes(a, v, sent) ? v : NULL;
}

/*
 * It is written: whatever fails now must not look as if it were not. What should be approved and is
 * not is a success with the status it has, as far as that is known, and the reason beside it: a
 * failure would be sent again, and then be recorded twice.
 */
static enum gw_err
answer_written(struct bamboohr_call *c, const struct bamboohr_write *sent, const struct written *w)
{
	const char *url = location(c, w->done.request_id);
	struct value *v = written_value(c, sent, w);

	if (v == NULL || bamboohr_answer_json(c, 201, v) != GW_OK) {
		fail_clear(c->h->failure);
		return fail(c->h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "it was written as %s; there is no memory for the answer", w->done.request_id);
	}
	if (url != NULL)
		response_header(c->response, "Location", url);
	if (c->h->failure->err != GW_OK)
		bamboohr_answer_message(c, c->h->failure->text);
	return GW_OK;
}

/*
 * denied with previousRequest cancels that one; nothing is recorded that was never requested.
 */
static enum gw_err
write_denied(struct bamboohr_call *c, const struct bamboohr_write *sent, struct written *w)
{
	struct timeoff t = {.agent_id = c->id,
	    .status = STATUS_CANCELED,
	    .notes = sent->notes,
	    .request_id = sent->previous};

	if (sent->previous == NULL)
		return fail(c->h->failure, CODE_INPUT_STATUS,
		    "denied needs previousRequest: the request that is denied");
	return hris_update(c->h, &t, &w->done);
}

static enum gw_err
write_live(struct bamboohr_call *c, const struct bamboohr_write *sent, struct written *w)
{
	struct timeoff t = {.agent_id = c->id,
	    .type_id = sent->type_id,
	    .status = sent->status,
	    .min_date = sent->start.date,
	    .max_date = sent->end.date,
	    .notes = sent->notes,
	    .skip_balance = true,
	    .request_id = sent->previous};
	enum gw_err err;

	if (sent->type_id == NULL || !sent->start.given || !sent->end.given)
		return fail(c->h->failure, CODE_INPUT_REQUIRED,
		    "start, end and timeOffTypeId are required");
	if (sent->start.date.day > sent->end.date.day)
		return fail(c->h->failure, CODE_INPUT_RANGE, "start is after end");
	err = hris_type(c->h, sent->type_id, NULL, &w->type);
	if (err != GW_OK)
		return err;
	w->unit = bamboohr_unit(c->h, w->type);
	err = bamboohr_body_days(c, sent, w->unit, &w->days, &w->n_days);
	if (err != GW_OK)
		return err;
	t.days = w->days;
	t.n_days = w->n_days;
	return sent->previous == NULL ? hris_insert(c->h, &t, &w->done)
				      : hris_update(c->h, &t, &w->done);
}

enum gw_err
bamboohr_write_request(struct bamboohr_call *c)
{
	struct written w = {.done = {.request_id = ""}};
	struct bamboohr_write sent;
	enum gw_err err = bamboohr_body_write(c, &sent);

	if (err != GW_OK)
		return err;
	err = sent.status == STATUS_DENIED ? write_denied(c, &sent, &w) : write_live(c, &sent, &w);
	if (err != GW_OK && c->h->failure->code == CODE_HRIS_NOT_APPROVED)
		err = GW_OK;
	return err == GW_OK ? answer_written(c, &sent, &w) : err;
}

static enum gw_err
read_status(struct bamboohr_call *c, struct timeoff *t)
{
	const struct value *note;
	struct value *body = NULL;
	const char *word;
	enum gw_err err = bamboohr_body(c, &body);

	if (err != GW_OK)
		return err;
	word = value_get_text(body, "status");
	if (word == NULL || !bamboohr_status_parse(word, BAMBOOHR_MOVES, &t->status))
		return fail(c->h->failure, CODE_INPUT_STATUS,
		    "status is approved, denied, declined or canceled");
	note = value_get(body, "note");
	if (contract_absent(note))
		return GW_OK;
	if (note->kind != VALUE_TEXT || text_characters(note->text) > LIMIT_FACE_NOTES)
		return fail(c->h->failure, CODE_INPUT_FORM,
		    "note is a text of at most %d characters", LIMIT_FACE_NOTES);
	t->notes = note->len == 0 ? NULL : note->text;
	return GW_OK;
}

/*
 * The days as they are, or, where the HRIS does not list them, days that keep first day, last day
 * and total.
 */
static enum gw_err
restate_days(
    struct hris *h, const struct found *f, const struct timeoff_type *type, struct timeoff *t)
{
	bool complete = hris_found_complete(h, f, type);
	struct day *days = arena_array(h->arena, f->n_days + 2, sizeof(*days));
	int64_t minutes;
	size_t i;

	if (days == NULL)
		return fail_memory(h->failure);
	if (!f->ranged || !hris_found_total(h, f, type, &minutes) ||
	    minutes > LIMIT_DATES * LIMIT_MINUTES)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "the HRIS does not say what would be approved; nothing was written");
	days[0] = (struct day){.date = f->start, .minutes = (int)minutes};
	days[1] = (struct day){.date = f->end};
	t->n_days = f->start.day == f->end.day ? 1 : 2;
	for (i = 0; complete && i < f->n_days; i++) {
		if (!hris_found_day(h, f, type, i, &minutes) || minutes > LIMIT_MINUTES ||
		    (i > 0 && f->days[i].date.day <= f->days[i - 1].date.day))
			return fail(h->failure, CODE_HRIS_UNSUPPORTED,
			    "the HRIS lists days that cannot be sent again; nothing was written");
		days[i] = (struct day){.date = f->days[i].date, .minutes = (int)minutes};
		t->n_days = i + 1;
	}
	t->days = days;
	t->min_date = f->start;
	t->max_date = f->end;
	return GW_OK;
}

/*
 * Policy approves a request by what it is; the status PUT only names it. So it is sent again as is,
 * and only the status differs.
 */
static enum gw_err
restate(struct bamboohr_call *c, struct timeoff *t, bool *done)
{
	const struct traits *traits = c->h->driver->traits(c->h);
	const struct timeoff_type *type;
	struct found *rows = NULL;
	struct date from, to;
	enum gw_err err;
	size_t i, n = 0;

	if (!traits->has[OPERATION_FIND] || !traits->has[OPERATION_APPROVE])
		return fail(c->h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot approve a request by its id; nothing was written");
	if (!date_from_civil(1900, 1, 1, &from) || !date_from_civil(2100, 12, 31, &to))
		return fail(c->h->failure, CODE_GATEWAY_INTERNAL, "no such date");
	err = hris_find(c->h, NULL, t->request_id, from, to, &rows, &n);
	if (err != GW_OK)
		return err;
	for (i = 0; i < n && !text_equal(rows[i].id, t->request_id); i++)
		continue;
	if (i == n)
		return fail(c->h->failure, CODE_HRIS_NOT_FOUND, "the HRIS has no such request");
	*done = rows[i].status == STATUS_APPROVED;
	if (*done)
		return GW_OK;
	if (rows[i].status != STATUS_PENDING || rows[i].type_id == NULL)
		return fail(c->h->failure, CODE_HRIS_CONFLICT,
		    "only a request that is pending can be approved; nothing was written");
	err = hris_type(c->h, rows[i].type_id, NULL, &type);
	if (err != GW_OK)
		return err;
	t->type_id = rows[i].type_id;
	return restate_days(c->h, &rows[i], type, t);
}

enum gw_err
bamboohr_write_status(struct bamboohr_call *c)
{
	struct timeoff t = {.request_id = c->id, .skip_balance = true};
	struct timeoff_done outcome;
	bool done = false;
	enum gw_err err;

	err = read_status(c, &t);
	if (err == GW_OK && t.status == STATUS_APPROVED)
		err = restate(c, &t, &done);
	if (err == GW_OK && !done)
		err = hris_update(c->h, &t, &outcome);
	if (err != GW_OK)
		return err;
	bamboohr_answer_done(c);
	return GW_OK;
}
