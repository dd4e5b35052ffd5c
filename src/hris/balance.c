/*
 * balance.c: minutes for every date and type asked, and none else. A type that the HRIS knows
 * but leaves out has 0; a type it does not know, or an answer with nothing in it, is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "hris/policy.h"

static enum gw_err
row_minutes(struct hris *h, const struct balance *b, const struct timeoff_type *t, int64_t *minutes)
{
	enum unit unit = b->has_unit ? b->unit : t->unit;

	if (!amount_read(b->amount, unit, hris_day_minutes(h, t), minutes))
		return fail(h->failure, CODE_HRIS_ANSWER,
		    "the balance of type \"%s\" is no amount of %s", t->id, unit_name(unit));
	return GW_OK;
}

/* The rows of one type; those of every other date too. */
struct type_rows {
	const struct timeoff_type *type;
	const struct balance **items;
	size_t n;
	bool includes_pending; /* says any row, of whatever type */
};

/* rows->items has room for all. */
static void
rows_of_type(
    const struct operation_out *out, const struct timeoff_type *type, struct type_rows *rows)
{
	size_t i;

	rows->type = type;
	rows->n = 0;
	rows->includes_pending = false;
	for (i = 0; i < out->n_balances; i++) {
		rows->includes_pending =
		    rows->includes_pending || out->balances[i].includes_pending;
		if (balance_is_of(&out->balances[i], type))
			rows->items[rows->n++] = &out->balances[i];
	}
}

/* All rows at one date as one number. */
static enum gw_err
rows_total(struct hris *h, const struct type_rows *rows, struct date date, struct balance_at *out)
{
	const struct balance *b;
	int64_t minutes;
	enum gw_err err;
	size_t i, n = 0;

	*out = (struct balance_at){
	    .unlimited = rows->type->unlimited, .includes_pending = rows->includes_pending};
	for (i = 0; i < rows->n; i++) {
		b = rows->items[i];
		if (b->dated && b->date.day != date.day)
			continue;
		out->unlimited = out->unlimited || b->unlimited;
		if (out->unlimited)
			continue;
		err = row_minutes(h, b, rows->type, &minutes);
		if (err != GW_OK)
			return err;
		if (n > 0 && !b->several && minutes != out->minutes)
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "the HRIS gives two different balances of type \"%s\" for one date",
			    rows->type->id);
		out->minutes = n > 0 && b->several ? out->minutes + minutes : minutes;
		n++;
	}
	if (out->unlimited)
		out->minutes = h->route->unlimited_minutes;
	return GW_OK;
}

static enum gw_err
balance_ask(struct hris *h, const char *agent_id, const struct date *dates, size_t n_dates,
    const struct timeoff_type *const *types, size_t n_types, struct operation_out *out)
{
	struct operation_in in = {.agent_id = agent_id,
	    .dates = dates,
	    .n_dates = n_dates,
	    .types = types,
	    .n_types = n_types,
	    .min_date = dates[0],
	    .max_date = dates[0]};
	enum gw_err err;
	size_t i;

	for (i = 1; i < n_dates; i++) {
		if (dates[i].day < in.min_date.day)
			in.min_date = dates[i];
		if (dates[i].day > in.max_date.day)
			in.max_date = dates[i];
	}
	err = h->driver->run(h, OPERATION_BALANCE, &in, out);
	if (err == GW_OK && out->n_balances == 0)
		err = fail(h->failure, CODE_HRIS_BALANCE,
		    "the HRIS answered no balance at all for this agent");
	return err;
}

static enum gw_err
rows_room(struct hris *h, const struct operation_out *out, struct type_rows *rows)
{
	rows->items = arena_array(h->arena, out->n_balances + 1, sizeof(const struct balance *));
	return rows->items == NULL ? fail_memory(h->failure) : GW_OK;
}

/* The HRIS takes a request that goes so far below zero. */
static enum gw_err
balance_overdraft(struct hris *h, const struct timeoff_type *type, int64_t *minutes)
{
	*minutes = 0;
	if (type->may_go_to == NULL ||
	    (amount_read(type->may_go_to, type->unit, hris_day_minutes(h, type), minutes) &&
		*minutes >= 0))
		return GW_OK;
	return fail(h->failure, CODE_HRIS_ANSWER,
	    "how far type \"%s\" may go below zero is no amount of %s", type->id,
	    unit_name(type->unit));
}

enum gw_err
hris_balance_at(struct hris *h, const char *agent_id, const struct timeoff_type *type,
    struct date date, struct balance_at *at)
{
	struct operation_out out = {0};
	struct type_rows rows;
	int64_t overdraft = 0;
	enum gw_err err = hris_agent(h, agent_id);

	if (err == GW_OK)
		err = balance_overdraft(h, type, &overdraft);
	if (err == GW_OK)
		err = balance_ask(h, agent_id, &date, 1, &type, 1, &out);
	if (err == GW_OK)
		err = rows_room(h, &out, &rows);
	if (err != GW_OK)
		return err;
	rows_of_type(&out, type, &rows);
	err = rows_total(h, &rows, date, at);
	if (err == GW_OK && !at->unlimited)
		at->minutes += overdraft;
	return err;
}

static enum gw_err
balance_types(struct hris *h, const struct balance_ask *ask, const struct timeoff_type **types)
{
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < ask->n_types && err == GW_OK; i++)
		err = hris_type(h, ask->type_ids[i],
		    ask->type_id2s == NULL ? NULL : ask->type_id2s[i], &types[i]);
	return err;
}

static int
compare_dates(const void *a, const void *b)
{
	int32_t x = ((const struct date *)a)->day, y = ((const struct date *)b)->day;

	return x < y ? -1 : x > y;
}

/* Each date once: what is asked twice is answered twice, but the HRIS is asked once. */
static struct date *
balance_dates(struct hris *h, const struct balance_ask *ask, size_t *n)
{
	struct date *dates = arena_array(h->arena, ask->n_dates, sizeof(*dates));
	size_t i, kept = 0;

	if (dates == NULL)
		return NULL;
	memcpy(dates, ask->dates, ask->n_dates * sizeof(*dates));
	qsort(dates, ask->n_dates, sizeof(*dates), compare_dates);
	for (i = 0; i < ask->n_dates; i++) {
		if (kept == 0 || dates[kept - 1].day != dates[i].day)
			dates[kept++] = dates[i];
	}
	*n = kept;
	return dates;
}

/* The j-th type at every date, as asked, into its column of the table. */
static enum gw_err
balance_column(struct hris *h, const struct balance_ask *ask, const struct type_rows *rows,
    size_t j, struct balance_answer *table)
{
	const char *id2 = ask->type_id2s == NULL ? NULL : ask->type_id2s[j];
	struct balance_at at;
	enum gw_err err;
	size_t i;

	for (i = 0; i < ask->n_dates; i++) {
		err = rows_total(h, rows, ask->dates[i], &at);
		if (err != GW_OK)
			return err;
		table[i * ask->n_types + j] =
		    (struct balance_answer){ask->dates[i], ask->type_ids[j], id2 == NULL ? "" : id2,
			at.minutes, at.unlimited, at.includes_pending};
	}
	return GW_OK;
}

enum gw_err
hris_balance(struct hris *h, const struct balance_ask *ask, struct balance_answer **out, size_t *n)
{
	const struct timeoff_type **types =
	    arena_array(h->arena, ask->n_types + 1, sizeof(const struct timeoff_type *));
	struct operation_out answer = {0};
	struct type_rows rows;
	struct date *dates;
	enum gw_err err;
	size_t j, n_dates;

	*n = ask->n_dates * ask->n_types;
	dates = balance_dates(h, ask, &n_dates);
	*out = arena_array(h->arena, *n, sizeof(**out));
	if (types == NULL || dates == NULL || *out == NULL)
		return fail_memory(h->failure);
	err = hris_agent(h, ask->agent_id);
	if (err == GW_OK)
		err = balance_types(h, ask, types);
	if (err == GW_OK)
		err = balance_ask(h, ask->agent_id, dates, n_dates, types, ask->n_types, &answer);
	if (err == GW_OK)
		err = rows_room(h, &answer, &rows);
	for (j = 0; j < ask->n_types && err == GW_OK; j++) {
		rows_of_type(&answer, types[j], &rows);
		err = balance_column(h, ask, &rows, j, *out);
	}
	if (err != GW_OK)
		*n = 0;
	return err;
}
