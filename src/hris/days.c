/* days.c: days of a request: when they begin and end, and whether the HRIS can say them. */
#include <stdio.h>
#include <string.h>

#include "hris/policy.h"
#include "base/text.h"

enum { NOON = 12 * 60 };

static const char *
day_clock(struct hris *h, int minute)
{
	return arena_printf(h->arena, "%02d:%02d", minute / 60, minute % 60);
}

static bool
day_minute_of(const char *clock, int *minute)
{
	int hours, minutes;

	if (clock == NULL || sscanf(clock, "%2d:%2d", &hours, &minutes) != 2)
		return false;
	*minute = hours * 60 + minutes;
	return true;
}

static enum gw_err
day_fill(struct hris *h, int day_minutes, struct day *d)
{
	int from, latest = LIMIT_MINUTES - d->minutes;

	/* Where no start is given, the whole amount lies on that date. */
	d->timed = day_minute_of(d->from, &from);
	if (!d->timed)
		from = h->route->day_start_minute < latest ? h->route->day_start_minute : latest;
	d->from = day_clock(h, from);
	d->to = day_clock(h, from < latest ? from + d->minutes : LIMIT_MINUTES);
	if (d->from == NULL || d->to == NULL)
		return fail_memory(h->failure);
	d->part = "day";
	if (d->minutes > 0 && d->minutes < day_minutes)
		d->part = from < NOON ? "am" : "pm";
	return GW_OK;
}

/*
 * Days are not all alike: what is no step of the type's day, and more than three fifths of it, may
 * be the whole of a shorter one. An HRIS that says what it counted is asked for the whole, and what
 * it counted is compared.
 */
static enum gw_err
day_expressible(
    struct hris *h, const struct traits *t, const struct timeoff_type *type, struct day *d)
{
	char text[DECIMAL_TEXT_MAX], date[DATE_TEXT_MAX], step[DECIMAL_TEXT_MAX];
	bool counted = t->counts && type->unit == UNIT_DAYS;
	int day = hris_day_minutes(h, type);

	if (amount_write(
		d->minutes, type->unit, hris_day_minutes(h, type), &t->step[type->unit], text)) {
		d->whole = counted && text_equal(d->part, "day");
		return GW_OK;
	}
	if (counted && !d->timed && d->minutes < day && 5 * d->minutes > 3 * day) {
		d->whole = true;
		d->part = "day";
		return GW_OK;
	}
	date_format(d->date, date);
	decimal_format(t->step[type->unit], step);
	return fail(h->failure, CODE_INPUT_AMOUNT,
	    "%d minutes on %s cannot be expressed in steps of %s %s (a day of this type has %d minutes); nothing was written",
	    d->minutes, date, step, unit_name(type->unit), hris_day_minutes(h, type));
}

/* The days of a request are each one span of time, where the HRIS takes from when to when. */
static enum gw_err
day_one_span(struct hris *h, const struct traits *t, const struct day *d)
{
	char date[DATE_TEXT_MAX];

	if (!t->spans || !d->apart)
		return GW_OK;
	date_format(d->date, date);
	return fail(h->failure, CODE_INPUT_AMOUNT,
	    "the times on %s do not follow one another, and this HRIS takes one time a day: enter each as a request of its own; nothing was written",
	    date);
}

/* The i-th of n days against its neighbours of the same run. */
static bool
day_fits_runs(const struct traits *t, const struct day *days, size_t n, size_t i, int day_minutes)
{
	bool before =
	    i > 0 && days[i - 1].minutes > 0 && days[i - 1].date.day + 1 == days[i].date.day;
	bool after =
	    i + 1 < n && days[i + 1].minutes > 0 && days[i].date.day + 1 == days[i + 1].date.day;

	if (days[i].minutes == 0)
		return true;
	switch (t->runs) {
	case RUNS_WHOLE:
		return days[i].minutes == day_minutes;
	case RUNS_ENDS:
		return !before || !after || days[i].minutes == day_minutes;
	case RUNS_EQUAL:
		return !before || days[i].minutes == days[i - 1].minutes;
	default:
		return true;
	}
}

/* An HRIS may be sent every date from the first to the last. */
static enum gw_err
days_span(struct hris *h, const struct day *days, size_t n)
{
	if (n == 0 || days[n - 1].date.day - days[0].date.day < LIMIT_DATES)
		return GW_OK;
	return fail(h->failure, CODE_INPUT_LIMIT,
	    "the request spans more than %d days from its first to its last; nothing was written",
	    LIMIT_DATES);
}

enum gw_err
days_prepare(struct hris *h, const struct timeoff_type *type, struct day *days, size_t n)
{
	const struct traits *t = h->driver->traits(h);
	int day_minutes = hris_day_minutes(h, type);
	enum gw_err err = days_span(h, days, n);
	char date[DATE_TEXT_MAX];
	bool steps;
	size_t i;

	/* Who takes minutes can say everything. */
	steps = t->amounts_declared && !t->can[UNIT_MINUTES];
	if (err == GW_OK && steps && !t->can[type->unit])
		return fail(h->failure, CODE_INPUT_AMOUNT,
		    "type \"%s\" is kept in %s, and this HRIS takes no requests in that unit; nothing was written",
		    type->id, unit_name(type->unit));
	for (i = 0; i < n && err == GW_OK; i++) {
		err = day_one_span(h, t, &days[i]);
		if (err == GW_OK)
			err = day_fill(h, day_minutes, &days[i]);
		if (err == GW_OK && steps)
			err = day_expressible(h, t, type, &days[i]);
		if (err == GW_OK && !day_fits_runs(t, days, n, i, day_minutes)) {
			date_format(days[i].date, date);
			err = fail(h->failure, CODE_INPUT_AMOUNT,
			    "%d minutes on %s: this HRIS takes such a day only as a request of its own; nothing was written",
			    days[i].minutes, date);
		}
	}
	return err;
}

enum gw_err
days_fold(struct hris *h, const struct span *spans, size_t n, struct day *days, size_t *n_days)
{
	char date[DATE_TEXT_MAX];
	struct day *d = NULL;
	size_t i;
	int end = 0; /* of what the day has so far */

	*n_days = 0;
	for (i = 0; i < n; i++) {
		date_format(spans[i].date, date);
		if (d != NULL && d->date.day == spans[i].date.day) {
			if (spans[i].minute < 0)
				return fail(
				    h->failure, CODE_INPUT_DATE, "dates: %s is there twice", date);
			d->minutes += spans[i].minutes;
			d->apart = d->apart || (spans[i].minutes > 0 && spans[i].minute != end);
		} else {
			d = &days[(*n_days)++];
			*d = (struct day){.date = spans[i].date, .minutes = spans[i].minutes};
			if (spans[i].minute >= 0 &&
			    (d->from = day_clock(h, spans[i].minute)) == NULL)
				return fail_memory(h->failure);
		}
		end = spans[i].minute + spans[i].minutes;
		if (d->minutes > LIMIT_MINUTES)
			return fail(h->failure, CODE_INPUT_MINUTES,
			    "the minutes on %s are more than %d", date, LIMIT_MINUTES);
	}
	return GW_OK;
}
