/*
 * write.c: inserting a request, and which operation an update is. Cancelling and denying create
 * nothing; what differs from the request as it is now decides between nothing, approving and
 * changing.
 */
#include <string.h>

#include "base/text.h"
#include "hris/policy.h"

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

/* Is there enough for a pending request? held: the one that changes; NULL: a new one. */
static enum gw_err
check_balance(struct hris *h, const struct operation_in *in, const struct current *held)
{
	struct date last = in->days[in->n_days - 1].date;
	int64_t need = days_minutes(in->days, in->n_days), have;
	struct balance_at at;
	char date[DATE_TEXT_MAX];
	enum gw_err err;

	err = hris_balance_at(h, in->agent_id, in->type, last, &at);
	if (err != GW_OK || at.unlimited)
		return err;
	have = at.minutes + held_minutes(held, in, &at);
	if (have >= need)
		return GW_OK;
	date_format(last, date);
	return fail(h->failure, CODE_HRIS_INSUFFICIENT_BALANCE,
	    "%lld minutes are asked and %lld are available as of %s; nothing was written",
	    (long long)need, (long long)have, date);
}

/* The type and the days of t into *in. */
static enum gw_err
write_prepare(struct hris *h, const struct timeoff *t, struct operation_in *in)
{
	struct day *days = arena_array(h->arena, t->n_days + 1, sizeof(*days));
	enum gw_err err;

	if (days == NULL) {
		(void)fail_memory(h->failure);
		return GW_EINTERNAL;
	}
	memcpy(days, t->days, t->n_days * sizeof(*days));
	in->days = days;
	in->n_days = t->n_days;
	err = hris_agent(h, t->agent_id);
	if (err == GW_OK)
		err = hris_type(h, t->type_id, t->type_id2, &in->type);
	return err == GW_OK ? days_prepare(h, in->type, days, t->n_days) : err;
}

enum gw_err
hris_insert(struct hris *h, const struct timeoff *t, struct timeoff_done *done)
{
	struct operation_in in = {.agent_id = t->agent_id,
	    .status = t->status,
	    .min_date = t->min_date,
	    .max_date = t->max_date,
	    .look_from = t->min_date,
	    .look_to = t->max_date,
	    .notes = t->notes,
	    .marker = h->marker};
	enum gw_err err = write_prepare(h, t, &in);

	*done = (struct timeoff_done){.request_id = ""};
	in.added = in.days;
	in.n_added = in.n_days;
	if (err == GW_OK && t->status == STATUS_PENDING && !t->skip_balance)
		err = check_balance(h, &in, NULL);
	return err == GW_OK ? fate_write(h, OPERATION_INSERT, &in, done) : err;
}

static enum gw_err
update_not_found(struct hris *h, const struct timeoff *t)
{
	return fail(h->failure, CODE_HRIS_NOT_FOUND,
	    "the HRIS has no request %s; nothing was written", t->request_id);
}

static enum gw_err
update_end(struct hris *h, const struct timeoff *t, const struct current *current,
    struct timeoff_done *done)
{
	const struct traits *traits = h->driver->traits(h);
	enum operation op = t->status == STATUS_DENIED && traits->has[OPERATION_DENY]
				? OPERATION_DENY
				: OPERATION_CANCEL;
	struct operation_in in = {.agent_id = t->agent_id,
	    .request_id = t->request_id,
	    .status = t->status,
	    .was = current->found.status,
	    .notes = t->notes,
	    .marker = h->marker};

	done->status = t->status;
	if (current->there && status_ended(current->found.status)) {
		done->status = current->found.status;
		return GW_OK;
	}
	if (current->there && current->found.ranged) {
		in.min_date = current->found.start;
		in.max_date = current->found.end;
	}
	/* An HRIS may want the type in the call that cancels. */
	if (current->there && hris_type(h, current->found.type_id, NULL, &in.type) != GW_OK)
		fail_clear(h->failure);
	return fate_state(h, op, &in);
}

/* The minutes that are asked for that date. */
static int
minutes_on(const struct day *days, size_t n, struct date date)
{
	size_t i;

	for (i = 0; i < n && days[i].date.day != date.day; i++)
		continue;
	return i < n ? days[i].minutes : 0;
}

static bool
same_days(struct hris *h, const struct found *f, const struct operation_in *in)
{
	int64_t minutes, total;
	size_t i;

	/* Listed days count only where they add up (BambooHR may show the first alone). */
	if (!found_days_minutes(h, f, in->type, &total))
		return f->n_days == 0;
	if (total != days_minutes(in->days, in->n_days))
		return true;
	for (i = 0; i < f->n_days; i++) {
		if (!hris_found_day(h, f, in->type, i, &minutes) ||
		    minutes != minutes_on(in->days, in->n_days, f->days[i].date))
			return false;
	}
	return true;
}

/* When the request begins on that date; NULL: not known. */
static const char *
found_from(const struct found *f, struct date date)
{
	size_t i;

	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].date.day == date.day && f->days[i].from != NULL)
			return f->days[i].from;
	}
	return f->from;
}

/* A part of a day may be another part, where the HRIS gets to know which. */
static bool
same_times(const struct traits *t, const struct found *f, const struct operation_in *in)
{
	const struct day *d;
	const char *from;
	int64_t asked, held;
	size_t i;

	for (i = 0; t->spans && i < in->n_days; i++) {
		d = &in->days[i];
		if (d->minutes == 0 || strcmp(d->part, "day") == 0)
			continue;
		from = found_from(f, d->date);
		if (from == NULL)
			return false;
		if (strcmp(from, d->part) != 0 &&
		    (!amount_read(from, UNIT_CLOCK, 0, &held) ||
			!amount_read(d->from, UNIT_CLOCK, 0, &asked) || held != asked))
			return false;
	}
	return true;
}

/* Nothing but the status may differ: in doubt it is a change. */
static bool
same_content(struct hris *h, const struct current *now, const struct operation_in *in)
{
	const struct found *f = &now->found;
	size_t first = 0, last = in->n_days;

	if (f->type_id == NULL || strcmp(f->type_id, in->type->id) != 0 || !f->ranged ||
	    !now->has_minutes || now->minutes != days_minutes(in->days, in->n_days) ||
	    in->n_days == 0)
		return false;
	while (first + 1 < last && in->days[first].minutes == 0)
		first++;
	while (last > first + 1 && in->days[last - 1].minutes == 0)
		last--;
	if ((f->start.day != in->min_date.day && f->start.day != in->days[0].date.day &&
		f->start.day != in->days[first].date.day) ||
	    (f->end.day != in->max_date.day && f->end.day != in->days[in->n_days - 1].date.day &&
		f->end.day != in->days[last - 1].date.day))
		return false;
	return same_days(h, f, in) && same_times(h->driver->traits(h), f, in);
}

/* Days that the request did not have, and days it has no more, by what the HRIS lists. */
static enum gw_err
update_difference(struct hris *h, const struct found *f, struct operation_in *in)
{
	struct day *added = arena_array(h->arena, in->n_days + 1, sizeof(*added));
	struct day *removed = arena_array(h->arena, f->n_days + 1, sizeof(*removed));
	const char **entries = arena_array(h->arena, f->n_days + 1, sizeof(*entries));
	size_t i, j;

	if (added == NULL || removed == NULL || entries == NULL)
		return fail_memory(h->failure);
	in->added = added;
	in->removed = removed;
	in->entries = entries;
	for (i = 0; i < in->n_days; i++) {
		for (j = 0; j < f->n_days && f->days[j].date.day != in->days[i].date.day; j++)
			continue;
		if (j == f->n_days)
			added[in->n_added++] = in->days[i];
	}
	for (i = 0; i < f->n_days; i++) {
		if (f->days[i].entry != NULL)
			entries[in->n_entries++] = f->days[i].entry;
		for (j = 0; j < in->n_days && f->days[i].date.day != in->days[j].date.day; j++)
			continue;
		if (j == in->n_days)
			removed[in->n_removed++] =
			    (struct day){.date = f->days[i].date, .entry = f->days[i].entry};
	}
	return GW_OK;
}

static enum gw_err
update_approve(struct hris *h, const struct operation_in *in, struct timeoff_done *done)
{
	enum gw_err err = fate_state(h, OPERATION_APPROVE, in);

	if (err == GW_OK)
		done->status = STATUS_APPROVED;
	return err;
}

static enum gw_err
update_change(struct hris *h, const struct timeoff *t, const struct current *now,
    struct operation_in *in, struct timeoff_done *done)
{
	enum gw_err err = update_difference(h, &now->found, in);

	if (err == GW_OK && !h->driver->traits(h)->has[OPERATION_CHANGE])
		err = fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot change a request; nothing was written");
	/* The look-up of a lost change goes over old and new days. */
	in->look_from = in->min_date;
	in->look_to = in->max_date;
	if (now->found.ranged && now->found.start.day < in->look_from.day)
		in->look_from = now->found.start;
	if (now->found.ranged && now->found.end.day > in->look_to.day)
		in->look_to = now->found.end;
	in->alike_before = now->there && fate_alike(h, in, &now->found);
	if (err == GW_OK)
		err = fate_write(h, OPERATION_CHANGE, in, done);
	if (text_is_empty(done->request_id))
		done->request_id = t->request_id;
	return err;
}

static enum gw_err
update_live(
    struct hris *h, const struct timeoff *t, const struct current *now, struct timeoff_done *done)
{
	struct operation_in in = {.agent_id = t->agent_id,
	    .request_id = t->request_id,
	    .status = t->status,
	    .was = now->found.status,
	    .min_date = t->min_date,
	    .max_date = t->max_date,
	    .notes = t->notes,
	    .marker = h->marker};
	bool same;
	enum gw_err err;

	if (status_ended(now->found.status))
		return fail(h->failure, CODE_HRIS_CONFLICT,
		    "request %s is %s in the HRIS and cannot be changed; nothing was written",
		    t->request_id, status_name(now->found.status));
	err = write_prepare(h, t, &in);
	if (err != GW_OK)
		return err;
	same = same_content(h, now, &in);
	done->status = now->found.status;
	if (same && now->found.status == t->status)
		return GW_OK;
	if (t->status == STATUS_PENDING && !t->skip_balance)
		err = check_balance(h, &in, now);
	if (err != GW_OK)
		return err;
	if (same && now->found.status == STATUS_PENDING && t->status == STATUS_APPROVED &&
	    h->driver->traits(h)->has[OPERATION_APPROVE])
		return update_approve(h, &in, done);
	return update_change(h, t, now, &in, done);
}

enum gw_err
hris_update(struct hris *h, const struct timeoff *t, struct timeoff_done *done)
{
	bool find = h->driver->traits(h)->has[OPERATION_FIND];
	struct current now = {0};
	enum gw_err err = GW_OK;

	*done = (struct timeoff_done){.request_id = t->request_id};
	/* What it holds is compared in his days. What ends may be of somebody who has left. */
	if (!status_ended(t->status))
		err = hris_agent(h, t->agent_id);
	if (err == GW_OK && find) {
		err = hris_current(h, t->agent_id, t->request_id, &now);
		if (err == GW_OK && !now.there)
			err = update_not_found(h, t);
	}
	if (err != GW_OK)
		return err;
	return status_ended(t->status) ? update_end(h, t, &now, done)
				       : update_live(h, t, &now, done);
}
