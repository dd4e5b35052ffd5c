/*
 * timeoff_in.c: Genesys' lists into days, one a date. Minutes align with the starts where there are
 * any, else with the dates; several starts on one date are added up, and a shift over midnight is
 * two days.
 */
#include "gateway/timeoff_in.h"

#include <stdlib.h>
#include <string.h>

static enum gw_err
align_lengths(struct hris *h, const struct timeoff_in *in, size_t n)
{
	const char *with = in->starts.n > 0 ? "startDateTimes" : "dates";

	if (in->payable.given && in->payable.n != n)
		return fail(h->failure, CODE_INPUT_ALIGN,
		    "payableMinutes has %zu items and %s has %zu: they belong together one by one",
		    in->payable.n, with, n);
	if (in->duration.given && in->duration.n != n)
		return fail(h->failure, CODE_INPUT_ALIGN,
		    "durationMinutes has %zu items and %s has %zu: they belong together one by one",
		    in->duration.n, with, n);
	return GW_OK;
}

static enum gw_err
align_amounts(struct hris *h, const struct timeoff_in *in, const struct minutes_list **out)
{
	*out = in->payable.given ? &in->payable : NULL;
	if (h->route->amounts_duration && in->duration.given)
		*out = &in->duration;
	if (*out == NULL && !in->average.given)
		return fail(h->failure, CODE_INPUT_REQUIRED,
		    "payableMinutes or averageMinutesPerDay is required");
	if (*out == NULL && in->average.number > LIMIT_MINUTES)
		return fail(h->failure, CODE_INPUT_MINUTES,
		    "averageMinutesPerDay: a day has at most %d minutes", LIMIT_MINUTES);
	return GW_OK;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->date.day != y->date.day)
		return x->date.day < y->date.day ? -1 : 1;
	return x->minute < y->minute ? -1 : x->minute > y->minute;
}

/* An average is the day's, however many starts the day has: the first of them has it. */
static void
average_once(struct span *all, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (all[i].minute >= 0 && all[i].date.day == all[i - 1].date.day)
			all[i].minutes = 0;
	}
}

/* In order of their starts. */
static enum gw_err
align(struct hris *h, const struct timeoff_in *in, struct span **out, size_t *n)
{
	const struct minutes_list *amounts;
	enum gw_err err;
	size_t i;

	*n = in->starts.n > 0 ? in->starts.n : in->dates.n;
	if (*n == 0)
		return fail(h->failure, CODE_INPUT_REQUIRED, "dates or startDateTimes is required");
	err = align_amounts(h, in, &amounts);
	if (err == GW_OK)
		err = align_lengths(h, in, *n);
	if (err != GW_OK)
		return err;
	/* A shift over midnight makes two of one. */
	*out = arena_array(h->arena, 2 * *n, sizeof(**out));
	if (*out == NULL)
		return fail_memory(h->failure);
	for (i = 0; i < *n; i++) {
		(*out)[i].date = in->starts.n > 0 ? in->starts.items[i].date : in->dates.items[i];
		(*out)[i].minute = in->starts.n > 0 ? in->starts.items[i].minute : -1;
		(*out)[i].minutes = amounts != NULL ? amounts->items[i] : (int)in->average.number;
	}
	qsort(*out, *n, sizeof(**out), compare_spans);
	if (amounts == NULL)
		average_once(*out, *n);
	return GW_OK;
}

/* What lies past midnight belongs to the next date. all has room for twice as many. */
static size_t
split_at_midnight(struct span *all, size_t n)
{
	size_t i, kept = n;
	int over;

	for (i = 0; i < n; i++) {
		over = all[i].minute + all[i].minutes - LIMIT_MINUTES;
		if (all[i].minute < 0 || over <= 0)
			continue;
		all[i].minutes -= over;
		all[kept] = (struct span){.date = all[i].date, .minutes = over};
		all[kept++].date.day++;
	}
	return kept;
}

/* With open, a bound that was not given is no bound. */
static enum gw_err
check_in_range(
    struct hris *h, const struct timeoff_in *in, struct date d, bool open, const struct timeoff *t)
{
	char date[DATE_TEXT_MAX], min[DATE_TEXT_MAX], max[DATE_TEXT_MAX];

	if ((d.day >= t->min_date.day || (open && !in->min_date.given)) &&
	    (d.day <= t->max_date.day || (open && !in->max_date.given)))
		return GW_OK;
	date_format(d, date);
	date_format(t->min_date, min);
	date_format(t->max_date, max);
	return fail(
	    h->failure, CODE_INPUT_RANGE, "%s is outside minDate %s to maxDate %s", date, min, max);
}

/* all in order, and as given: a shift belongs to the date on which it starts. */
static enum gw_err
set_range(struct hris *h, const struct timeoff_in *in, const struct span *all, size_t n,
    struct timeoff *out)
{
	enum gw_err err = GW_OK;
	size_t i;

	out->min_date = in->min_date.given ? in->min_date.date : all[0].date;
	out->max_date = in->max_date.given ? in->max_date.date : all[n - 1].date;
	if (out->min_date.day > out->max_date.day)
		return fail(h->failure, CODE_INPUT_RANGE, "minDate is after maxDate");
	for (i = 0; i < n && err == GW_OK; i++)
		err = check_in_range(h, in, all[i].date, false, out);
	/*
	 * Dates given beside starts are the days that they span; they have no minutes of their own.
	 */
	for (i = 0; in->starts.n > 0 && i < in->dates.n && err == GW_OK; i++)
		err = check_in_range(h, in, in->dates.items[i], true, out);
	return err;
}

enum gw_err
timeoff_from_input(struct hris *h, const struct timeoff_in *in, struct timeoff *out)
{
	struct span *all = NULL;
	struct day *days;
	enum gw_err err;
	size_t n;

	if (in->type_id.text == NULL)
		return fail(h->failure, CODE_INPUT_REQUIRED, "timeOffTypeId is required");
	err = align(h, in, &all, &n);
	if (err != GW_OK || all == NULL)
		return err;
	days = arena_array(h->arena, 2 * n, sizeof(*days));
	if (days == NULL)
		return fail_memory(h->failure);
	*out = (struct timeoff){.agent_id = in->agent_id.text,
	    .type_id = in->type_id.text,
	    .type_id2 = in->type_id2.text,
	    .status = in->status.status,
	    .days = days,
	    .notes = in->notes.text,
	    .request_id = in->request_id.text,
	    .skip_balance = in->override_balance.on,
	    .idempotency_key = in->idempotency_key.text};
	err = set_range(h, in, all, n, out);
	if (err != GW_OK)
		return err;
	n = split_at_midnight(all, n);
	qsort(all, n, sizeof(*all), compare_spans);
	out->spans = all;
	out->n_spans = n;
	err = days_fold(h, all, n, days, &out->n_days);
	if (err != GW_OK)
		return err;
	if (out->max_date.day < days[out->n_days - 1].date.day)
		out->max_date = days[out->n_days - 1].date;
	if (days_minutes(days, out->n_days) == 0)
		err = fail(h->failure, CODE_INPUT_NOTHING_PAYABLE,
		    "every day has 0 payable minutes: there is nothing to record%s",
		    h->route->amounts_duration
			? ""
			: " (amounts: duration records the real length instead)");
	return err;
}
