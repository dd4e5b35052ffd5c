/* find.c: the requests that an HRIS holds, and what they amount to. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hris/policy.h"

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
	*out = (struct found_day){.date = row->start,
	    .amount = row->amount,
	    .unit = row->has_unit ? row->unit : UNIT_MAX,
	    .from = row->from};
	return 1;
}

/* Both amounts together in a; NULL where they cannot be added. False: no memory. */
static bool
join_amounts(struct hris *h, struct found *a, const struct found *b)
{
	const char *amount = a->amount;
	struct decimal x, y;
	char digits[DECIMAL_TEXT_MAX];

	a->amount = NULL;
	if (amount == NULL || b->amount == NULL || a->has_unit != b->has_unit ||
	    (a->has_unit && a->unit != b->unit) || !decimal_parse(amount, &x) ||
	    !decimal_parse(b->amount, &y) || !decimal_add(x, y, &x))
		return true;
	decimal_format(x, digits);
	a->amount = arena_strdup(h->arena, digits);
	return a->amount != NULL;
}

static bool
join_row(struct hris *h, struct found *into, const struct found *row)
{
	if (!join_amounts(h, into, row))
		return false;
	if (!text_equal(into->from, row->from))
		into->from = NULL;
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

/* Parts that have ended are no part of a request of which others are open. */
static size_t
drop_ended(struct found **rows, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		kept += status_ended(rows[i]->status);
	if (kept == n)
		return n;
	for (i = 0, kept = 0; i < n; i++) {
		if (!status_ended(rows[i]->status))
			rows[kept++] = rows[i];
	}
	return kept;
}

/* Rows with one id are one request: the first. Its days are listed where all of them are known. */
static bool
found_join(struct hris *h, struct found **rows, size_t n)
{
	struct found *into = rows[0];
	struct found_day *days;
	size_t i, count, n_days = 0, room = n;
	bool all = true;

	n = drop_ended(rows, n);
	*into = *rows[0];
	rows[0] = into;
	for (i = 0; i < n; i++)
		room += rows[i]->n_days;
	days = arena_array(h->arena, room, sizeof(*days));
	if (days == NULL)
		return false;
	for (i = 0; i < n; i++) {
		count = row_days(rows[i], days + n_days);
		all = all && count > 0;
		n_days += count;
	}
	into->days = days;
	into->n_days = all ? n_days : 0;
	for (i = 1; i < n && join_row(h, into, rows[i]); i++)
		continue;
	return i >= n;
}

const struct found *
found_together(struct hris *h, const struct found *a, const struct found *b)
{
	struct found *both = arena_array(h->arena, 2, sizeof(*both)), *rows[2];

	if (both == NULL)
		return NULL;
	both[0] = *a;
	both[1] = *b;
	rows[0] = &both[0];
	rows[1] = &both[1];
	return found_join(h, rows, 2) ? both : NULL;
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_days(const struct found_day *a, const struct found_day *b)
{
	int c = compare_numbers(a->date.day, b->date.day);

	if (c == 0)
		c = compare_numbers(a->unit, b->unit);
	if (c == 0)
		c = compare_texts(a->amount, b->amount);
	if (c == 0)
		c = compare_texts(a->entry, b->entry);
	return c == 0 ? compare_texts(a->from, b->from) : c;
}

/* By everything that a row says; absent and "" are one. */
static int
found_compare(const struct found *a, const struct found *b)
{
	const char *const x[] = {
	    a->id, a->type_id, a->agent_id, a->status_word, a->marker, a->amount, a->from};
	const char *const y[] = {
	    b->id, b->type_id, b->agent_id, b->status_word, b->marker, b->amount, b->from};
	const int64_t m[] = {a->status, a->ranged, a->start.day, a->end.day, a->has_unit,
	    a->has_unit ? (int64_t)a->unit : 0, (int64_t)a->n_notes, (int64_t)a->n_days};
	const int64_t n[] = {b->status, b->ranged, b->start.day, b->end.day, b->has_unit,
	    b->has_unit ? (int64_t)b->unit : 0, (int64_t)b->n_notes, (int64_t)b->n_days};
	size_t i;
	int c = 0;

	for (i = 0; c == 0 && i < sizeof(x) / sizeof(x[0]); i++)
		c = compare_texts(x[i], y[i]);
	for (i = 0; c == 0 && i < sizeof(m) / sizeof(m[0]); i++)
		c = compare_numbers(m[i], n[i]);
	for (i = 0; c == 0 && i < a->n_notes; i++)
		c = compare_texts(a->notes[i], b->notes[i]);
	for (i = 0; c == 0 && i < a->n_days; i++)
		c = compare_days(&a->days[i], &b->days[i]);
	return c;
}

bool
found_same(const struct found *a, const struct found *b)
{
	return found_compare(a, b) == 0;
}

/* For qsort of pointers into one array; what is equal stays in its order. */
static int
compare_whole(const void *a, const void *b)
{
	const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;
	int c = found_compare(x, y);

	return c != 0 ? c : x < y ? -1 : x > y;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct found *x = *(struct found *const *)a, *y = *(struct found *const *)b;
	int c = strcmp(x->id, y->id);

	return c != 0 ? c : x < y ? -1 : x > y;
}

static void
sort_rows(
    struct found **order, struct found *rows, size_t n, int (*compare)(const void *, const void *))
{
	size_t i;

	for (i = 0; i < n; i++)
		order[i] = &rows[i];
	if (n > 1)
		qsort(order, n, sizeof(struct found *), compare);
}

/* Leaves out the rows that are gone, and forgets that they were. */
static size_t
rows_close_up(struct found *rows, bool *gone, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++) {
		if (!gone[i])
			rows[kept++] = rows[i];
		gone[i] = false;
	}
	return kept;
}

/* Equal rows count once. */
static size_t
found_unique(struct found *rows, size_t n, struct found **order, bool *gone)
{
	size_t i;

	sort_rows(order, rows, n, compare_whole);
	for (i = 1; i < n; i++)
		gone[order[i] - rows] = found_compare(order[i - 1], order[i]) == 0;
	return rows_close_up(rows, gone, n);
}

/* Rows of one id are one request; the order is that of their first rows. */
static enum gw_err
found_merge(struct hris *h, struct found *rows, size_t *n)
{
	struct found **order = arena_array(h->arena, *n + 1, sizeof(struct found *));
	bool *gone = arena_array(h->arena, *n + 1, sizeof(*gone));
	size_t i, j, k;

	if (order == NULL || gone == NULL)
		return fail_memory(h->failure);
	*n = found_unique(rows, *n, order, gone);
	sort_rows(order, rows, *n, compare_ids);
	for (i = 0; i < *n; i = j) {
		for (j = i + 1; j < *n && strcmp(order[i]->id, order[j]->id) == 0; j++)
			continue;
		for (k = i + 1; k < j; k++)
			gone[order[k] - rows] = true;
		if (j > i + 1 && !found_join(h, &order[i], j - i))
			return fail_memory(h->failure);
	}
	*n = rows_close_up(rows, gone, *n);
	return GW_OK;
}

/*
 * An HRIS that is asked for one id gives that request whosever it is. After the merge, because a
 * request of several records, of which one is another agent's, is not this agent's either.
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
    struct date to, struct found **rows, size_t *n)
{
	struct operation_in in = {
	    .agent_id = agent_id, .request_id = request_id, .min_date = from, .max_date = to};
	struct operation_out out = {0};
	enum gw_err err = h->driver->run(h, OPERATION_FIND, &in, &out);

	if (err == GW_OK)
		err = found_merge(h, out.found, &out.n_found);
	if (err == GW_OK && agent_id != NULL)
		found_keep_own(out.found, &out.n_found, agent_id);
	*rows = out.found;
	*n = out.n_found;
	return err;
}

/* An amount in its own unit, else in the request's, else in the type's. */
static bool
found_read(const struct hris *h, const struct found *f, const struct timeoff_type *type,
    const char *amount, enum unit unit, int64_t *minutes)
{
	if (unit >= UNIT_MAX && f->has_unit)
		unit = f->unit;
	if (unit >= UNIT_MAX && type != NULL)
		unit = type->unit;
	return amount != NULL && unit < UNIT_MAX &&
	       amount_read(amount, unit, hris_day_minutes(h, type), minutes);
}

bool
hris_found_day(const struct hris *h, const struct found *f, const struct timeoff_type *type,
    size_t i, int64_t *minutes)
{
	return found_read(h, f, type, f->days[i].amount, f->days[i].unit, minutes);
}

bool
found_days_minutes(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes)
{
	int64_t one;
	size_t i;

	*minutes = 0;
	for (i = 0; i < f->n_days; i++) {
		if (!hris_found_day(h, f, type, i, &one))
			return false;
		*minutes += one;
	}
	return f->n_days > 0;
}

bool
hris_found_total(
    const struct hris *h, const struct found *f, const struct timeoff_type *type, int64_t *minutes)
{
	return f->amount == NULL ? found_days_minutes(h, f, type, minutes)
				 : found_read(h, f, type, f->amount, UNIT_MAX, minutes);
}

bool
hris_found_complete(const struct hris *h, const struct found *f, const struct timeoff_type *type)
{
	int64_t total, sum;

	return found_days_minutes(h, f, type, &sum) && hris_found_total(h, f, type, &total) &&
	       sum == total;
}

bool
found_type(struct hris *h, const struct found *f, const struct timeoff_type **type)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	*type = NULL;
	h->failure = &ignored;
	err = f->type_id == NULL ? GW_ENOTFOUND : hris_type(h, f->type_id, NULL, type);
	h->failure = mine;
	return err == GW_OK;
}

bool
found_minutes(struct hris *h, const struct found *f, int64_t *minutes)
{
	const struct timeoff_type *type;

	(void)found_type(h, f, &type);
	return hris_found_total(h, f, type, minutes);
}

enum gw_err
hris_current(struct hris *h, const char *agent_id, const char *request_id, struct current *out)
{
	struct date none = {0};
	struct found *rows;
	enum gw_err err;
	size_t n, i;

	*out = (struct current){0};
	err = hris_find(h, agent_id, request_id, none, none, &rows, &n);
	if (err == GW_ENOTFOUND) {
		fail_clear(h->failure);
		out->gone = true;
		return GW_OK;
	}
	for (i = 0; err == GW_OK && i < n; i++) {
		if (strcmp(rows[i].id, request_id) != 0)
			continue;
		out->there = true;
		out->found = rows[i];
		out->has_minutes = found_minutes(h, &rows[i], &out->minutes);
	}
	return err;
}
