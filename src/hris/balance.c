/*
 * hris_balance.c: minutes for every date and type asked, and none else. A type that the HRIS knows
 * but leaves out is 0; a type it does not know, or an answer with nothing in it, is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "hris/hris_parts.h"
#include "base/text.h"

static bool
row_is_of_type(const struct balance *b, const struct timeoff_type *t)
{
	if (b->type_id != NULL)
		return strcmp(b->type_id, t->id) == 0 &&
		       (b->type_id2 == NULL || text_equal(b->type_id2, t->id2));
	if (b->type_id2 != NULL)
		return text_equal(b->type_id2, t->id2);
	return text_equal(b->plan, t->plan);
}

static enum gw_err
row_minutes(struct hris *h, const struct balance *b, const struct timeoff_type *t, int64_t *minutes)
{
	enum unit unit = b->has_unit ? b->unit : t->unit;

	if (!amount_read(b->amount, unit, hris_day_minutes(h, t), minutes))
		return fail(h->failure, CODE_HRIS_ANSWER,
		    "the balance of type \"%s\" is no amount of %s", t->id, unit_name(unit));
	return GW_OK;
}

/* All rows of one type at one date as one number. */
static enum gw_err
rows_total(struct hris *h, const struct operation_out *told, const struct timeoff_type *t,
    struct date date, struct hris_balance_at *out)
{
	const struct balance *b;
	int64_t minutes;
	enum gw_err err;
	size_t i, n = 0;

	*out = (struct hris_balance_at){.unlimited = t->unlimited};
	for (i = 0; i < told->n_balances; i++) {
		b = &told->balances[i];
		out->includes_pending = out->includes_pending || b->includes_pending;
		if (!row_is_of_type(b, t) || (b->dated && b->date.day != date.day))
			continue;
		out->unlimited = out->unlimited || b->unlimited;
		if (out->unlimited)
			continue;
		err = row_minutes(h, b, t, &minutes);
		if (err != GW_OK)
			return err;
		if (n > 0 && !b->several && minutes != out->minutes)
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "the HRIS tells two different balances of type \"%s\" for one date",
			    t->id);
		out->minutes = n > 0 && b->several ? out->minutes + minutes : minutes;
		n++;
	}
	if (out->unlimited)
		out->minutes = h->route->unlimited_minutes;
	return GW_OK;
}

static enum gw_err
balance_ask(struct hris *h, const char *agent_id, const struct date *dates, size_t n_dates,
    const struct timeoff_type *const *types, size_t n_types, struct operation_out *told)
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
	err = h->driver->run(h, OPERATION_BALANCE, &in, told);
	if (err == GW_OK && told->n_balances == 0)
		err = fail(h->failure, CODE_HRIS_BALANCE,
		    "the HRIS answered no balance at all for this agent");
	return err;
}

enum gw_err
hris_balance_at(struct hris *h, const char *agent_id, const struct timeoff_type *type,
    struct date date, struct hris_balance_at *out)
{
	struct operation_out told = {0};
	enum gw_err err = balance_ask(h, agent_id, &date, 1, &type, 1, &told);

	return err == GW_OK ? rows_total(h, &told, type, date, out) : err;
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

enum gw_err
hris_balance(struct hris *h, const struct balance_ask *ask, struct balance_told **out, size_t *n)
{
	const struct timeoff_type **types =
	    arena_array(h->arena, ask->n_types + 1, sizeof(struct timeoff_type *));
	struct operation_out told = {0};
	struct hris_balance_at at;
	struct balance_told *items;
	struct date *dates;
	enum gw_err err;
	size_t i, j, n_dates;

	*n = 0;
	dates = balance_dates(h, ask, &n_dates);
	items = arena_array(h->arena, ask->n_dates * ask->n_types, sizeof(*items));
	if (types == NULL || dates == NULL || items == NULL)
		return fail_memory(h->failure);
	err = balance_types(h, ask, types);
	if (err == GW_OK)
		err = balance_ask(h, ask->agent_id, dates, n_dates, types, ask->n_types, &told);
	for (i = 0; i < ask->n_dates && err == GW_OK; i++) {
		for (j = 0; j < ask->n_types && err == GW_OK; j++) {
			err = rows_total(h, &told, types[j], ask->dates[i], &at);
			items[*n] = (struct balance_told){ask->dates[i], ask->type_ids[j], "",
			    at.minutes, at.unlimited, at.includes_pending};
			if (ask->type_id2s != NULL && ask->type_id2s[j] != NULL)
				items[*n].type_id2 = ask->type_id2s[j];
			(*n)++;
		}
	}
	*out = items;
	return err;
}
