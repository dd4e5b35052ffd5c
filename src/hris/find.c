/* hris_find.c: the requests an HRIS holds, and which of them is the one that was written. */
#include <string.h>

#include "hris/hris_parts.h"
#include "base/text.h"

/* A row's days: those it lists, or the one day that it is. 0: it has several and lists none. */
static size_t
row_days(const struct found *row, struct found_day *out)
{
	if (row->n_days > 0) {
		memcpy(out, row->days, row->n_days * sizeof(*out));
		return row->n_days;
	}
	if (!row->ranged || row->start.day != row->end.day)
		return 0;
	*out =
	    (struct found_day){row->start, row->amount, row->has_unit ? row->unit : UNIT_MAX, NULL};
	return 1;
}

/* Both amounts together; NULL where that cannot be told. */
static const char *
join_amounts(struct hris *h, const struct found *a, const struct found *b)
{
	struct decimal x, y;
	char digits[DECIMAL_TEXT_MAX];

	if (a->amount == NULL || b->amount == NULL || a->has_unit != b->has_unit ||
	    (a->has_unit && a->unit != b->unit) || !decimal_parse(a->amount, &x) ||
	    !decimal_parse(b->amount, &y) || !decimal_add(x, y, &x))
		return NULL;
	decimal_format(x, digits);
	return arena_strdup(h->arena, digits);
}

/* Rows with one id are one request; its days are listed where all of them are known. */
static bool
found_join(struct hris *h, struct found *into, const struct found *row)
{
	struct found_day *days =
	    arena_array(h->arena, into->n_days + row->n_days + 2, sizeof(*days));
	size_t mine, theirs;

	if (days == NULL)
		return false;
	mine = row_days(into, days);
	theirs = mine == 0 ? 0 : row_days(row, days + mine);
	into->amount = join_amounts(h, into, row);
	into->days = days;
	into->n_days = theirs == 0 ? 0 : mine + theirs;
	if (row->ranged && row->start.day < into->start.day)
		into->start = row->start;
	if (row->ranged && row->end.day > into->end.day)
		into->end = row->end;
	/* Rows that do not agree leave the request unknown, and nobody's. */
	if (into->status != row->status || strcmp(into->type_id, row->type_id) != 0)
		into->status = STATUS_NONE;
	if (into->agent_id == NULL)
		into->agent_id = row->agent_id;
	else if (row->agent_id != NULL && strcmp(into->agent_id, row->agent_id) != 0)
		into->agent_id = "";
	return true;
}

static bool
days_same(const struct found_day *a, const struct found_day *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i].date.day != b[i].date.day || a[i].unit != b[i].unit ||
		    !text_equal(a[i].amount, b[i].amount) || !text_equal(a[i].entry, b[i].entry))
			return false;
	}
	return true;
}

bool
hris_found_same(const struct found *a, const struct found *b)
{
	size_t i;

	if (strcmp(a->id, b->id) != 0 || strcmp(a->type_id, b->type_id) != 0 ||
	    !text_equal(a->agent_id, b->agent_id) || a->status != b->status ||
	    a->ranged != b->ranged || a->start.day != b->start.day || a->end.day != b->end.day ||
	    a->has_unit != b->has_unit || (a->has_unit && a->unit != b->unit) ||
	    a->n_notes != b->n_notes || a->n_days != b->n_days ||
	    !text_equal(a->marker, b->marker) || !text_equal(a->amount, b->amount))
		return false;
	for (i = 0; i < a->n_notes; i++) {
		if (!text_equal(a->notes[i], b->notes[i]))
			return false;
	}
	return days_same(a->days, b->days, a->n_days);
}

/* Equal rows count once: a list that moved between two pages tells one twice. */
static void
found_unique(struct found *rows, size_t *n)
{
	size_t i, j, kept = 0;

	for (i = 0; i < *n; i++) {
		for (j = 0; j < kept && !hris_found_same(&rows[j], &rows[i]); j++)
			continue;
		if (j == kept)
			rows[kept++] = rows[i];
	}
	*n = kept;
}

static enum gw_err
found_merge(struct hris *h, struct found *rows, size_t *n)
{
	size_t i, j, kept = 0;

	found_unique(rows, n);
	for (i = 0; i < *n; i++) {
		for (j = 0; j < kept && strcmp(rows[j].id, rows[i].id) != 0; j++)
			continue;
		if (j == kept)
			rows[kept++] = rows[i];
		else if (!found_join(h, &rows[j], &rows[i]))
			return fail_memory(h->failure);
	}
	*n = kept;
	return GW_OK;
}

/*
 * An HRIS that is asked for one id tells it whosever it is. Behind the merge, because a request of
 * several records, of which one is another agent's, is not this agent's either.
 */
static void
found_keep_own(struct found *rows, size_t *n, const char *agent_id)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (rows[i].agent_id == NULL || strcmp(rows[i].agent_id, agent_id) == 0)
			rows[kept++] = rows[i];
	}
	*n = kept;
}

enum gw_err
hris_find(struct hris *h, const char *agent_id, const char *request_id, struct date from,
    struct date to, struct found **out, size_t *n)
{
	struct operation_in in = {
	    .agent_id = agent_id, .request_id = request_id, .min_date = from, .max_date = to};
	struct operation_out told = {0};
	enum gw_err err = h->driver->run(h, OPERATION_FIND, &in, &told);

	if (err == GW_OK)
		err = found_merge(h, told.found, &told.n_found);
	if (err == GW_OK && agent_id != NULL)
		found_keep_own(told.found, &told.n_found, agent_id);
	*out = told.found;
	*n = told.n_found;
	return err;
}

static const struct timeoff_type *
found_type(struct hris *h, const struct found *f)
{
	struct failure ignored = {0}, *mine = h->failure;
	const struct timeoff_type *type = NULL;

	h->failure = &ignored;
	if (hris_type(h, f->type_id, NULL, &type) != GW_OK)
		type = NULL;
	h->failure = mine;
	return type;
}

static bool
found_read(struct hris *h, const struct timeoff_type *type, const char *amount, enum unit unit,
    int64_t *minutes)
{
	return amount != NULL && unit < UNIT_MAX &&
	       amount_read(amount, unit, hris_day_minutes(h, type), minutes);
}

bool
hris_found_minutes(struct hris *h, const struct found *f, int64_t *minutes)
{
	const struct timeoff_type *type = found_type(h, f);
	int64_t one;
	enum unit unit = f->has_unit ? f->unit : type == NULL ? UNIT_MAX : type->unit;
	size_t i;

	if (f->amount != NULL)
		return found_read(h, type, f->amount, unit, minutes);
	*minutes = 0;
	for (i = 0; i < f->n_days; i++) {
		if (!found_read(h, type, f->days[i].amount,
			f->days[i].unit < UNIT_MAX ? f->days[i].unit : unit, &one))
			return false;
		*minutes += one;
	}
	return f->n_days > 0;
}

enum gw_err
hris_current(struct hris *h, const char *agent_id, const char *request_id, struct hris_current *out)
{
	struct date none = {0};
	struct found *rows;
	enum gw_err err;
	size_t n, i;

	*out = (struct hris_current){0};
	err = hris_find(h, agent_id, request_id, none, none, &rows, &n);
	if (err == GW_ENOTFOUND) {
		fail_clear(h->failure);
		return GW_OK;
	}
	for (i = 0; err == GW_OK && i < n; i++) {
		if (strcmp(rows[i].id, request_id) != 0)
			continue;
		out->there = true;
		out->found = rows[i];
		out->has_minutes = hris_found_minutes(h, &rows[i], &out->minutes);
	}
	return err;
}
