/*
 * enough.c: whether the balance covers a pending request. What the request holds itself is not
 * counted against it; where an HRIS leaves pending requests out of its balance, the others are
 * taken off here. An unreadable one makes the balance unknown, never larger.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

enum { PENDING_BACK_DAYS = 366 /* how long before today a pending request may have begun */ };

/* What the request holds already is available again, where it was taken off before. */
static int64_t
held_minutes(const struct current *held, const struct operation_in *in, const struct balance_at *at)
{
	if (held == NULL || !held->there || !held->has_minutes ||
	    strcmp(held->found.type_id, in->type->id) != 0)
		return 0;
	if (held->found.status == STATUS_APPROVED ||
	    (held->found.status == STATUS_PENDING && at->includes_pending))
		return held->minutes;
	return 0;
}

/* Is it another pending request that will be taken from the same balance by that day? */
static bool
is_rival(struct hris *h, const struct operation_in *in, const struct found *f, struct date last)
{
	const struct timeoff_type *type;
	bool shares;

	shares = text_equal(f->type_id, in->type->id) ||
		 (in->type->plan != NULL && found_type(h, f, &type) &&
		     text_equal(type->plan, in->type->plan));
	return shares && f->status == STATUS_PENDING && !found_has_marker(f, in->marker) &&
	       !look_is_request(h, f->id, in->request_id) &&
	       (!f->ranged || f->start.day <= last.day);
}

/* What it takes up to that day: of listed days those, else the whole. False: not known. */
static bool
rival_minutes(struct hris *h, const struct found *f, struct date last, int64_t *minutes)
{
	const struct timeoff_type *type;
	int64_t one;
	size_t i;

	(void)found_type(h, f, &type);
	if (!hris_found_complete(h, f, type))
		return hris_found_total(h, f, type, minutes);
	*minutes = 0;
	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day <= last.day && hris_found_day(h, f, type, i, &one))
			*minutes += one;
	}
	return true;
}

/* All other pending requests that share the balance, begun by that day. */
static enum gw_err
pending_minutes(struct hris *h, const struct operation_in *in, struct date last, int64_t *minutes)
{
	struct date from = {(int32_t)(clock_wall_s(h->clock) / 86400) - PENDING_BACK_DAYS};
	struct found *rows;
	int64_t one;
	enum gw_err err;
	size_t n = 0, i;

	*minutes = 0;
	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return GW_OK;
	if (in->days[0].date.day < from.day)
		from = in->days[0].date;
	err = hris_find(h, in->agent_id, NULL, from, last, &rows, &n);
	for (i = 0; i < n && err == GW_OK; i++) {
		if (!is_rival(h, in, &rows[i], last))
			continue;
		if (!rival_minutes(h, &rows[i], last, &one))
			return fail(h->failure, CODE_HRIS_BALANCE,
			    "the HRIS leaves pending requests out of its balance and does not say what request %s takes: the balance is not known; nothing was written",
			    rows[i].id);
		*minutes += one;
	}
	return err;
}

/* What may still arrive of other inserts of that type. */
static int64_t
open_minutes(const struct hris *h, const struct operation_in *in)
{
	const struct journal *j = h->journal;
	int64_t minutes = 0;
	size_t i;

	for (i = 0; j != NULL && i < j->n; i++) {
		if (j->rows[i].op == INTENT_INSERT && intent_is_open(j->rows[i].state) &&
		    strcmp(j->rows[i].type, in->type->id) == 0)
			minutes += j->rows[i].minutes;
	}
	return minutes;
}

enum gw_err
write_check_balance(struct hris *h, const struct operation_in *in, const struct current *held)
{
	struct date last = in->days[in->n_days - 1].date;
	int64_t need = days_minutes(in->days, in->n_days), have, pending = 0;
	struct balance_at at;
	char date[DATE_TEXT_MAX];
	enum gw_err err;

	err = hris_balance_at(h, in->agent_id, in->type, last, &at);
	if (err != GW_OK || at.unlimited)
		return err;
	have = at.minutes + held_minutes(held, in, &at) - open_minutes(h, in);
	if (!at.includes_pending && have >= need)
		err = pending_minutes(h, in, last, &pending);
	if (err != GW_OK || have - pending >= need)
		return err;
	date_format(last, date);
	return fail(h->failure, CODE_HRIS_INSUFFICIENT_BALANCE,
	    "%lld minutes are asked and %lld are available as of %s; nothing was written",
	    (long long)need, (long long)(have - pending), date);
}
