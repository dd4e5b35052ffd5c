/*
 * balance.c: the calculator: every type of one employee at one date. BambooHR's calculator
 * leaves pending requests out; where the HRIS has subtracted them, they are added again.
 */
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

#include "base/text.h"

enum { PRECISION = 2, PRECISION_MAX = 4 };

static enum gw_err
ask_precision(struct bamboohr_call *c, int *precision)
{
	const char *s = bamboohr_param(c, "precision");
	unsigned long n = PRECISION;

	if (s != NULL && !text_unsigned(s, PRECISION_MAX, &n))
		return fail(c->h->failure, CODE_INPUT_FORM, "precision is 0 to %d", PRECISION_MAX);
	*precision = (int)n;
	return GW_OK;
}

static enum gw_err
ask_balances(struct bamboohr_call *c, const struct timeoff_type *types, size_t n, struct date end,
    struct balance_answer **balances, size_t *n_balances)
{
	const char **ids = arena_array(c->h->arena, n + 1, sizeof(*ids));
	struct balance_ask ask = {.agent_id = c->id, .dates = &end, .n_dates = 1};
	enum gw_err err;
	size_t i;

	if (ids == NULL)
		return fail_memory(c->h->failure);
	for (i = 0; i < n; i++)
		ids[i] = types[i].id;
	ask.type_ids = ids;
	ask.n_types = n;
	err = hris_balance(c->h, &ask, balances, n_balances);
	/* An employee without any policy: BambooHR answers an empty list. */
	if (err != GW_OK && c->h->failure->code == CODE_HRIS_BALANCE) {
		fail_clear(c->h->failure);
		*n_balances = 0;
		return GW_OK;
	}
	return err;
}

/* The minutes of one pending request within the period. */
static int64_t
pending_minutes(const struct hris *h, const struct found *f, const struct timeoff_type *type,
    struct date from, struct date end)
{
	int64_t one, sum = 0;
	size_t i;

	if (hris_found_complete(h, f, type)) {
		for (i = 0; i < f->n_days; i++) {
			if (f->days[i].date.day >= from.day && f->days[i].date.day <= end.day &&
			    hris_found_day(h, f, type, i, &one))
				sum += one;
		}
		return sum;
	}
	/*
	 * Without its days it counts only if all of it is within: rather too little than too
	 * much.
	 */
	if (f->ranged && f->start.day >= from.day && f->end.day <= end.day &&
	    hris_found_total(h, f, type, &one))
		return one;
	return 0;
}

/*
 * The period is the year of the date: what was pending in an earlier one may have lapsed with it.
 */
static enum gw_err
add_pending(struct bamboohr_call *c, const struct timeoff_type *types, size_t n, struct date end,
    struct balance_answer *balances)
{
	int year, month, day;
	struct found *rows = NULL;
	struct date from = end;
	enum gw_err err;
	size_t i, j, n_rows = 0;

	date_to_civil(end, &year, &month, &day);
	if (!date_from_civil(year, 1, 1, &from))
		return fail(c->h->failure, CODE_INPUT_DATE, "end is out of range");
	err = hris_find(c->h, c->id, NULL, from, end, &rows, &n_rows);
	if (err != GW_OK)
		return err;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n_rows && balances[i].includes_pending; j++) {
			if (rows[j].status == STATUS_PENDING &&
			    text_equal(rows[j].type_id, types[i].id))
				balances[i].minutes +=
				    pending_minutes(c->h, &rows[j], &types[i], from, end);
		}
	}
	return GW_OK;
}

static bool
pending_is_off(struct hris *h, const struct balance_answer *balances, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (balances[i].includes_pending && !balances[i].unlimited)
			return h->driver->traits(h)->has[OPERATION_FIND];
	}
	return false;
}

/* usedYearToDate has no source. */
static struct value *
balance_item(struct hris *h, const struct timeoff_type *t, const struct balance_answer *balances,
    const char *end, int precision)
{
	enum unit unit = bamboohr_unit(h, t);
	struct value *v = value_object(h->arena);
	char text[DECIMAL_TEXT_MAX];

	/* What BambooHR shows of an unlimited (discretionary) type is 0. */
	if (!bamboohr_balance_amount(
		h, unit, balances->unlimited ? 0 : balances->minutes, precision, text) ||
	    !bamboohr_put(h->arena, v, "timeOffType", t->id) ||
	    !bamboohr_put(h->arena, v, "name", t->name) ||
	    !bamboohr_put(h->arena, v, "units", unit_name(unit)) ||
	    !bamboohr_put(h->arena, v, "balance", text) || !bamboohr_put(h->arena, v, "end", end) ||
	    !bamboohr_put(
		h->arena, v, "policyType", balances->unlimited ? "discretionary" : "accruing"))
		return NULL;
	return v;
}

enum gw_err
bamboohr_calculator(struct bamboohr_call *c)
{
	struct value *list = value_list(c->h->arena);
	const struct timeoff_type *types;
	struct balance_answer *balances = NULL;
	char text[DATE_TEXT_MAX];
	struct date end;
	int precision = PRECISION;
	enum gw_err err;
	size_t i, n = 0, n_balances = 0;

	/*
	 * Without an end, BambooHR takes the company's today; here the caller has to say which day
	 * is meant.
	 */
	err = bamboohr_param_date(c, "end", &end);
	if (err == GW_OK)
		err = ask_precision(c, &precision);
	if (err == GW_OK)
		err = bamboohr_types_known(c, &types, &n);
	if (err == GW_OK)
		err = ask_balances(c, types, n, end, &balances, &n_balances);
	if (err == GW_OK && pending_is_off(c->h, balances, n_balances))
		err = add_pending(c, types, n_balances, end, balances);
	if (err != GW_OK)
		return err;
	date_format(end, text);
	for (i = 0; i < n_balances; i++) {
		if (!value_add(c->h->arena, list,
			balance_item(c->h, &types[i], &balances[i], text, precision)))
			return fail_memory(c->h->failure);
	}
	return bamboohr_answer_json(c, 200, list);
}
