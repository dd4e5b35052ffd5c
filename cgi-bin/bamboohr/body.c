/*
 * body.c: the body of a request that is put: ids as number or text, amounts as number or
 * text, null and "" as absent. What it does not know it ignores, as BambooHR does; what it knows
 * is strict.
 */
#include "cgi-bin/bamboohr/face.h"

#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "base/text.h"

struct ids_in {
	struct id previous, type_id;
	struct civil_date start, end;
};

static const struct field ids[] = {
    FIELD(ids_in, previous, "previousRequest", OPTIONAL),
    FIELD(ids_in, type_id, "timeOffTypeId", OPTIONAL),
    FIELD(ids_in, start, "start", OPTIONAL),
    FIELD(ids_in, end, "end", OPTIONAL),
    FIELD_LAST,
};

enum gw_err
bamboohr_body(struct bamboohr_call *c, struct value **out)
{
	char why[160];

	*out = json_parse(
	    c->h->arena, c->request->body, c->request->body_len, &json_input, why, sizeof(why));
	if (*out == NULL)
		return fail(
		    c->h->failure, json_fault(CODE_INPUT_JSON), "the body is no JSON: %s", why);
	if (!value_is(*out, VALUE_OBJECT))
		return fail(c->h->failure, CODE_INPUT_JSON, "the body is no JSON object");
	return GW_OK;
}

static enum gw_err
read_digits(struct bamboohr_call *c, const struct value *v, const char *name, const char **out)
{
	struct decimal d;

	if ((v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER) ||
	    !decimal_parse_significant(v->text, 15, &d) || d.coefficient < 0)
		return fail(
		    c->h->failure, CODE_INPUT_FORM, "%s has to be a number of 0 or more", name);
	*out = v->text;
	return GW_OK;
}

static enum gw_err
read_note(struct bamboohr_call *c, const struct value *item, const char **joined)
{
	const char *from = value_get_text(item, "from");
	const struct value *note = value_get(item, "note");

	if (!value_is(item, VALUE_OBJECT) ||
	    (from != NULL && strcmp(from, "employee") != 0 && strcmp(from, "manager") != 0))
		return fail(c->h->failure, CODE_INPUT_FORM,
		    "notes: each is an object with from (employee or manager) and note");
	if (contract_absent(note))
		return GW_OK;
	if (note->kind != VALUE_TEXT)
		return fail(c->h->failure, CODE_INPUT_FORM, "notes: a note is a text");
	*joined =
	    *joined == NULL ? note->text : arena_printf(c->h->arena, "%s\n%s", *joined, note->text);
	return *joined == NULL ? fail_memory(c->h->failure) : GW_OK;
}

/* As they came: a marker in them must be found again. Several become lines of one. */
static enum gw_err
read_notes(struct bamboohr_call *c, const struct value *list, struct bamboohr_write *out)
{
	enum gw_err err = GW_OK;
	size_t i;

	if (contract_absent(list))
		return GW_OK;
	if (list->kind != VALUE_LIST)
		return fail(c->h->failure, CODE_INPUT_FORM, "notes is a list");
	if (list->n > BAMBOOHR_NOTES_MAX)
		return fail(c->h->failure, CODE_INPUT_LIMIT, "notes: at most %d are taken",
		    BAMBOOHR_NOTES_MAX);
	for (i = 0; i < list->n && err == GW_OK; i++)
		err = read_note(c, value_at(list, i), &out->notes);
	if (err == GW_OK && out->notes != NULL && text_characters(out->notes) > LIMIT_FACE_NOTES)
		err = fail(c->h->failure, CODE_INPUT_LIMIT,
		    "notes: at most %d characters are taken", LIMIT_FACE_NOTES);
	out->notes_sent = list;
	return err;
}

static enum gw_err
read_status(struct bamboohr_call *c, const struct value *body, enum timeoff_status *out)
{
	const char *word = value_get_text(body, "status");

	if (word == NULL || !bamboohr_status_parse(word, BAMBOOHR_CREATES, out))
		return fail(c->h->failure, CODE_INPUT_STATUS,
		    "status is approved, denied, declined or requested");
	return GW_OK;
}

enum gw_err
bamboohr_body_write(struct bamboohr_call *c, struct bamboohr_write *out)
{
	struct ids_in in = {{NULL}, {NULL}, {{0}, false}, {{0}, false}};
	const struct value *amount, *dates;
	struct value *body = NULL;
	enum gw_err err;

	*out = (struct bamboohr_write){.status = STATUS_NONE};
	err = bamboohr_body(c, &body);
	if (err == GW_OK)
		err = contract_read(c->h->arena, ids, body, &in, c->h->failure);
	if (err == GW_OK)
		err = read_status(c, body, &out->status);
	amount = value_get(body, "amount");
	if (err == GW_OK && !contract_absent(amount))
		err = read_digits(c, amount, "amount", &out->amount);
	dates = value_get(body, "dates");
	if (err == GW_OK && !contract_absent(dates) && dates->kind != VALUE_LIST)
		err = fail(c->h->failure, CODE_INPUT_FORM, "dates is a list");
	if (err == GW_OK)
		err = read_notes(c, value_get(body, "notes"), out);
	if (err != GW_OK)
		return err;
	/* No request has the id 0, which is what some flows send for none. */
	out->previous = text_equal(in.previous.text, "0") ? NULL : in.previous.text;
	out->type_id = in.type_id.text;
	out->start = in.start;
	out->end = in.end;
	out->dates = contract_absent(dates) || dates->n == 0 ? NULL : dates;
	return GW_OK;
}

static enum gw_err
read_minutes(struct bamboohr_call *c, enum unit unit, const char *digits, int64_t max, int *out)
{
	int64_t minutes;

	if (!bamboohr_minutes(c->h, unit, digits, &minutes))
		return fail(c->h->failure, CODE_INPUT_AMOUNT,
		    "an amount in %s has to be whole minutes", unit_name(unit));
	if (minutes > max)
		return fail(c->h->failure, CODE_INPUT_AMOUNT,
		    "an amount is %lld minutes, more than %lld", (long long)minutes,
		    (long long)max);
	*out = (int)minutes;
	return GW_OK;
}

static enum gw_err
read_day(struct bamboohr_call *c, const struct bamboohr_write *w, const struct value *item,
    enum unit unit, struct day *out)
{
	const char *ymd = value_get_text(item, "ymd"), *digits = NULL;
	const struct value *amount = value_get(item, "amount");
	enum gw_err err;

	if (ymd == NULL || !date_parse(ymd, &out->date))
		return fail(c->h->failure, CODE_INPUT_DATE, "dates: each has a ymd YYYY-MM-DD");
	if (out->date.day < w->start.date.day || out->date.day > w->end.date.day)
		return fail(
		    c->h->failure, CODE_INPUT_RANGE, "dates: %s is outside start to end", ymd);
	if (amount == NULL)
		return fail(c->h->failure, CODE_INPUT_REQUIRED, "dates: %s has no amount", ymd);
	err = read_digits(c, amount, "dates: an amount", &digits);
	if (err == GW_OK)
		err = read_minutes(c, unit, digits, LIMIT_MINUTES, &out->minutes);
	return err;
}

static int
compare_days(const void *a, const void *b)
{
	int32_t x = ((const struct day *)a)->date.day, y = ((const struct day *)b)->date.day;

	return x < y ? -1 : x > y;
}

static enum gw_err
days_of_dates(struct bamboohr_call *c, const struct bamboohr_write *w, enum unit unit,
    struct day **days, size_t *n)
{
	enum gw_err err = GW_OK;
	char text[DATE_TEXT_MAX];
	size_t i;

	if (w->dates->n > LIMIT_DATES)
		return fail(
		    c->h->failure, CODE_INPUT_LIMIT, "dates: at most %d are taken", LIMIT_DATES);
	*days = arena_array(c->h->arena, w->dates->n, sizeof(**days));
	if (*days == NULL)
		return fail_memory(c->h->failure);
	*n = w->dates->n;
	for (i = 0; i < *n && err == GW_OK; i++)
		err = read_day(c, w, value_at(w->dates, i), unit, &(*days)[i]);
	if (err != GW_OK)
		return err;
	qsort(*days, *n, sizeof(**days), compare_days);
	for (i = 1; i < *n; i++) {
		if ((*days)[i - 1].date.day == (*days)[i].date.day) {
			date_format((*days)[i].date, text);
			return fail(
			    c->h->failure, CODE_INPUT_DATE, "dates: %s is there twice", text);
		}
	}
	return GW_OK;
}

/* As recorded on BambooHR in May 2026: {"2026-06-15":"16","2026-06-16":"0"}. */
static enum gw_err
days_of_amount(struct bamboohr_call *c, const struct bamboohr_write *w, enum unit unit,
    struct day **days, size_t *n)
{
	int32_t last = w->end.date.day - w->start.date.day;
	size_t i;

	if (w->amount == NULL)
		return fail(c->h->failure, CODE_INPUT_REQUIRED, "dates or amount is required");
	if (last >= LIMIT_DATES)
		return fail(c->h->failure, CODE_INPUT_LIMIT, "start to end are more than %d days",
		    LIMIT_DATES);
	*days = arena_array(c->h->arena, (size_t)last + 1, sizeof(**days));
	if (*days == NULL)
		return fail_memory(c->h->failure);
	*n = (size_t)last + 1;
	for (i = 0; i < *n; i++)
		(*days)[i].date.day = w->start.date.day + (int32_t)i;
	return read_minutes(c, unit, w->amount, LIMIT_DATES * LIMIT_MINUTES, &(*days)[0].minutes);
}

enum gw_err
bamboohr_body_days(struct bamboohr_call *c, const struct bamboohr_write *w, enum unit unit,
    struct day **days, size_t *n)
{
	enum gw_err err;

	*n = 0;
	err = w->dates != NULL ? days_of_dates(c, w, unit, days, n)
			       : days_of_amount(c, w, unit, days, n);
	if (err == GW_OK && days_minutes(*days, *n) == 0)
		err = fail(c->h->failure, CODE_INPUT_NOTHING_PAYABLE, "every day has the amount 0");
	return err;
}
