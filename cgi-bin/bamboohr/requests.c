/*
 * requests.c: the list of requests that overlap a range. BambooHR lists everybody's; the
 * face needs an employee or one request, because that is what an HRIS can be asked.
 */
#include "cgi-bin/bamboohr/face.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct ask {
	const char *employee_id, *request_id, *types, *statuses;
	struct date start, end;
	bool notes;
};

static enum gw_err
ask_statuses(struct bamboohr_call *c, const char *list)
{
	enum timeoff_status status;
	const char *word;
	size_t len;

	for (; list != NULL; list = list[len] == '\0' ? NULL : list + len + 1) {
		len = strcspn(list, ",");
		word = arena_strndup(c->h->arena, list, len);
		if (word == NULL)
			return fail_memory(c->h->failure);
		if (!bamboohr_status_parse(word, BAMBOOHR_FILTERS, &status))
			return fail(c->h->failure, CODE_INPUT_STATUS,
			    "status is a list of approved, denied, superceded, requested, canceled");
	}
	return GW_OK;
}

static enum gw_err
ask_id(struct bamboohr_call *c, const char *name, const char **out)
{
	const char *s = bamboohr_param(c, name);

	*out = s;
	if (s != NULL && (strlen(s) > LIMIT_ID || text_has_control(s)))
		return fail(c->h->failure, CODE_INPUT_FORM,
		    "%s cannot be an id: it is too long, or has a control character", name);
	return GW_OK;
}

static enum gw_err
ask_read(struct bamboohr_call *c, struct ask *ask)
{
	const char *action = bamboohr_param(c, "action"), *no_notes;
	enum gw_err err;

	no_notes = bamboohr_param(c, "excludeNote");
	ask->notes = no_notes == NULL || strcmp(no_notes, "0") == 0;
	ask->types = bamboohr_param(c, "type");
	ask->statuses = bamboohr_param(c, "status");
	err = bamboohr_param_date(c, "start", &ask->start);
	if (err == GW_OK)
		err = bamboohr_param_date(c, "end", &ask->end);
	if (err == GW_OK && ask->start.day > ask->end.day)
		err = fail(c->h->failure, CODE_INPUT_RANGE, "start is after end");
	if (err == GW_OK)
		err = ask_statuses(c, ask->statuses);
	if (err == GW_OK)
		err = ask_id(c, "employeeId", &ask->employee_id);
	if (err == GW_OK)
		err = ask_id(c, "id", &ask->request_id);
	if (err == GW_OK && action != NULL && strcmp(action, "view") != 0)
		err = fail(c->h->failure, CODE_INPUT_FORM,
		    "action has to be view: no other is offered here");
	if (err == GW_OK && ask->employee_id == NULL && ask->request_id == NULL)
		err = fail(c->h->failure, CODE_INPUT_REQUIRED, "employeeId or id is required here");
	return err;
}

static bool
row_overlaps(const struct found *f, const struct ask *ask)
{
	size_t i;

	if (f->ranged)
		return f->end.day >= ask->start.day && f->start.day <= ask->end.day;
	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day >= ask->start.day && f->days[i].date.day <= ask->end.day)
			return true;
	}
	return f->n_days == 0;
}

static enum gw_err
row_wanted(struct bamboohr_call *c, const struct found *f, const struct ask *ask, bool *wanted)
{
	const char *word = bamboohr_status_word(f->status);

	*wanted =
	    (ask->request_id == NULL || text_equal(f->id, ask->request_id)) &&
	    row_overlaps(f, ask) &&
	    (ask->types == NULL || (f->type_id != NULL && bamboohr_listed(ask->types, f->type_id)));
	if (!*wanted || ask->statuses == NULL)
		return GW_OK;
	if (word == NULL)
		return fail(c->h->failure, CODE_HRIS_ANSWER,
		    "the HRIS does not say the status of %s", f->id);
	*wanted = bamboohr_listed(ask->statuses, word);
	return GW_OK;
}

/* *out is NULL for a type that no longer exists: its requests are still listed, without its
 * name. */
static enum gw_err
row_type(struct hris *h, const char *id, const struct timeoff_type **out)
{
	enum gw_err err = GW_OK;

	*out = NULL;
	if (id != NULL)
		err = hris_type(h, id, NULL, out);
	if (err == GW_OK || h->failure->code != CODE_INPUT_TYPE)
		return err;
	fail_clear(h->failure);
	*out = NULL;
	return GW_OK;
}

static bool
put_date(struct arena *a, struct value *v, const char *name, bool there, struct date d)
{
	char text[DATE_TEXT_MAX];

	if (!there)
		return true;
	date_format(d, text);
	return bamboohr_put(a, v, name, text);
}

static bool
put_range(struct arena *a, struct value *v, const struct found *f)
{
	struct date first = f->start, last = f->end;
	size_t i;

	for (i = 0; !f->ranged && i < f->n_days; i++) {
		if (i == 0 || f->days[i].date.day < first.day)
			first = f->days[i].date;
		if (i == 0 || f->days[i].date.day > last.day)
			last = f->days[i].date;
	}
	return put_date(a, v, "start", f->ranged || f->n_days > 0, first) &&
	       put_date(a, v, "end", f->ranged || f->n_days > 0, last);
}

/* For qsort of pointers into one array; what is equal stays in its order. */
static int
compare_days(const void *a, const void *b)
{
	const struct found_day *x = *(const struct found_day *const *)a;
	const struct found_day *y = *(const struct found_day *const *)b;

	if (x->date.day != y->date.day)
		return x->date.day < y->date.day ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Each date once, and what can be said of it. */
static bool
put_days(struct hris *h, struct value *v, const struct found *f, const struct timeoff_type *type,
    enum unit unit)
{
	const struct found_day **days =
	    arena_array(h->arena, f->n_days + 1, sizeof(const struct found_day *));
	struct value *dates = value_object(h->arena);
	char date[DATE_TEXT_MAX], amount[DECIMAL_TEXT_MAX];
	const struct found_day *last = NULL;
	int64_t minutes;
	size_t i;

	if (f->n_days == 0)
		return true;
	if (days == NULL)
		return false;
	for (i = 0; i < f->n_days; i++)
		days[i] = &f->days[i];
	qsort(days, f->n_days, sizeof(const struct found_day *), compare_days);
	for (i = 0; i < f->n_days; i++) {
		if ((last != NULL && last->date.day == days[i]->date.day) ||
		    !hris_found_day(h, f, type, (size_t)(days[i] - f->days), &minutes) ||
		    !bamboohr_amount(h, unit, minutes, amount))
			continue;
		date_format(days[i]->date, date);
		if (!bamboohr_put(h->arena, dates, date, amount))
			return false;
		last = days[i];
	}
	return value_set(h->arena, v, "dates", dates);
}

/*
 * BambooHR has one note of the employee and one of the manager. Here the first is the employee's,
 * as that is where a write puts it; what came later is the manager's.
 */
static bool
put_notes(struct arena *a, struct value *v, const struct found *f)
{
	struct value *notes = value_object(a);
	const char *rest = NULL;
	size_t i;

	for (i = 1; i < f->n_notes; i++) {
		rest = rest == NULL ? f->notes[i] : arena_printf(a, "%s\n%s", rest, f->notes[i]);
		if (rest == NULL)
			return false;
	}
	return (f->n_notes == 0 || bamboohr_put(a, notes, "employee", f->notes[0])) &&
	       bamboohr_put(a, notes, "manager", rest) && value_set(a, v, "notes", notes);
}

static struct value *
row_value(
    struct hris *h, const struct ask *ask, const struct found *f, const struct timeoff_type *type)
{
	enum unit unit = type == NULL ? UNIT_HOURS : bamboohr_unit(h, type);
	struct arena *a = h->arena;
	struct value *v = value_object(a), *kind = value_object(a), *state = value_object(a);
	const char *word = bamboohr_status_word(f->status);
	int64_t minutes;

	if (!bamboohr_put(a, v, "id", f->id) ||
	    !bamboohr_put(
		a, v, "employeeId", f->agent_id == NULL ? ask->employee_id : f->agent_id) ||
	    !bamboohr_put(a, state, "status", word) ||
	    (word != NULL && !value_set(a, v, "status", state)) || !put_range(a, v, f) ||
	    !bamboohr_put(a, kind, "id", f->type_id) ||
	    (type != NULL && !bamboohr_put(a, kind, "name", type->name)) ||
	    !value_set(a, v, "type", kind))
		return NULL;
	if (hris_found_total(h, f, type, &minutes) &&
	    !value_set(a, v, "amount", bamboohr_amount_value(h, unit, minutes)))
		return NULL;
	if (!put_days(h, v, f, type, unit) || (ask->notes && !put_notes(a, v, f)))
		return NULL;
	return v;
}

enum gw_err
bamboohr_requests(struct bamboohr_call *c)
{
	struct value *list = value_list(c->h->arena);
	const struct timeoff_type *type;
	struct found *rows = NULL;
	struct ask ask;
	enum gw_err err;
	bool wanted;
	size_t i, n = 0;

	err = ask_read(c, &ask);
	if (err == GW_OK)
		err =
		    hris_find(c->h, ask.employee_id, ask.request_id, ask.start, ask.end, &rows, &n);
	/* What BambooHR does not find, or may not show, is an empty list too. */
	if (err == GW_ENOTFOUND) {
		fail_clear(c->h->failure);
		err = GW_OK;
		n = 0;
	}
	for (i = 0; err == GW_OK && i < n; i++) {
		err = row_wanted(c, &rows[i], &ask, &wanted);
		if (err != GW_OK || !wanted)
			continue;
		err = row_type(c->h, rows[i].type_id, &type);
		if (err == GW_OK &&
		    !value_add(c->h->arena, list, row_value(c->h, &ask, &rows[i], type)))
			err = fail_memory(c->h->failure);
	}
	if (err != GW_OK)
		return err;
	return bamboohr_answer_json(c, 200, list);
}
