/*
 * replace.c: a change as a cancel and an insert. Between the two nothing stands, so what stood is
 * in the ledger first, and every text says what was cancelled and what stands now.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

const char *
replace_shown(struct hris *h, const struct found *f, const char *id)
{
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	int64_t minutes;

	if (f == NULL || !f->ranged || !found_minutes(h, f, &minutes))
		return arena_printf(h->arena, "request %s", id);
	date_format(f->start, from);
	date_format(f->end, to);
	return arena_printf(
	    h->arena, "request %s (%s to %s, %lld minutes)", id, from, to, (long long)minutes);
}

/* The days that a request was given by the last write of it, where they still add up. */
static bool
old_days_written(
    struct hris *h, const struct found *f, const struct timeoff_type *type, struct operation_in *in)
{
	const struct journal *j = h->journal;
	struct day *days = NULL;
	struct span *spans;
	int64_t minutes;
	size_t i, n;

	if (!hris_found_total(h, f, type, &minutes))
		return false;
	/* The cancel that comes before has ended its row. */
	for (i = j == NULL ? 0 : j->n; i-- > 0 && days == NULL;) {
		if ((j->rows[i].state != INTENT_DONE && j->rows[i].state != INTENT_ENDED) ||
		    j->rows[i].days[0] == '\0' || j->rows[i].minutes != minutes ||
		    !journal_is_of(j, &j->rows[i], journal_newest(j, f->id)) ||
		    !asked_spans(h->arena, j->rows[i].days, &spans, &n))
			continue;
		days = arena_array(h->arena, n + 1, sizeof(*days));
		if (days == NULL || days_fold(h, spans, n, days, &in->n_days) != GW_OK)
			return false;
	}
	in->days = in->added = days;
	in->n_added = in->n_days;
	return days != NULL && days_prepare(h, type, days, in->n_days) == GW_OK;
}

/* What stood, as days that can be entered again. False: the HRIS does not say it whole. */
static bool
old_days(
    struct hris *h, const struct found *f, const struct timeoff_type *type, struct operation_in *in)
{
	struct day *days = arena_array(h->arena, f->n_days + 1, sizeof(*days));
	bool complete = hris_found_complete(h, f, type);
	int64_t minutes, from;
	size_t i;

	if (days == NULL || type == NULL || !f->ranged || !hris_found_total(h, f, type, &minutes))
		return false;
	if (!complete && f->start.day != f->end.day)
		return old_days_written(h, f, type, in);
	in->n_days = complete ? f->n_days : 1;
	for (i = 0; i < in->n_days; i++) {
		days[i].date = complete ? f->days[i].date : f->start;
		if (complete && !hris_found_day(h, f, type, i, &minutes))
			return false;
		days[i].minutes = (int)minutes;
		days[i].from = complete && f->days[i].from != NULL ? f->days[i].from : f->from;
		if (days[i].from != NULL && !amount_read(days[i].from, UNIT_CLOCK, 0, &from))
			days[i].from = NULL;
	}
	in->days = in->added = days;
	in->n_added = in->n_days;
	return days_prepare(h, type, days, in->n_days) == GW_OK;
}

/* The new one was refused: what stood is entered again, with its status. */
static enum gw_err
replace_restore(struct hris *h, const struct found *old, const char *shown,
    const struct operation_in *in, struct timeoff_done *done)
{
	struct failure refused = *h->failure;
	struct operation_in again = {.agent_id = in->agent_id,
	    .status = old->status,
	    .min_date = old->start,
	    .max_date = old->end,
	    .look_from = old->start,
	    .look_to = old->end,
	    .marker = in->marker};
	enum gw_err err = GW_EREFUSED;

	fail_clear(h->failure);
	*done = (struct timeoff_done){.request_id = "", .recorded_minutes = -1};
	(void)found_type(h, old, &again.type);
	if (journal_anew(h, &again) == GW_OK && old_days(h, old, again.type, &again)) {
		fail_clear(h->failure);
		err = fate_write(h, OPERATION_INSERT, &again, done);
	}
	fail_clear(h->failure);
	if (err == GW_OK)
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "the HRIS refused the change: %s was cancelled and entered again as %s (%s)",
		    shown, done->request_id, refused.text);
	if (err == GW_EUNKNOWN)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "%s was cancelled, its change was refused (%s), and it is not known whether it was entered again: search for %s",
		    shown, refused.text, again.marker);
	done->request_id = in->request_id;
	done->half = true;
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", shown,
	    refused.text);
}

enum gw_err
replace_said(struct hris *h, const char *shown)
{
	struct failure why = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, why.code, "%s; it is in the place of %s, which was cancelled",
	    why.text, shown);
}

/* The second half. old: what stood; NULL: an earlier call cancelled it. */
static enum gw_err
replace_create(struct hris *h, const struct found *old, const char *shown, struct operation_in *in,
    struct timeoff_done *done)
{
	struct operation_in cancel, anew;
	struct failure why;
	enum gw_err err;

	replace_steps(h, NULL, in, &cancel, &anew);
	done->request_id = "";
	err = fate_write(h, OPERATION_INSERT, &anew, done);
	if (err == GW_OK)
		return err;
	if (!status_ended(done->status) &&
	    (h->failure->code == CODE_HRIS_NOT_APPROVED ||
		(h->failure->code == CODE_HRIS_DIFFERENT && !text_is_empty(done->request_id))))
		return replace_said(h, shown);
	if (err != GW_EUNKNOWN && old != NULL)
		return replace_restore(h, old, shown, in, done);
	why = *h->failure;
	fail_clear(h->failure);
	if (text_is_empty(done->request_id))
		done->request_id = in->request_id;
	if (err == GW_EUNKNOWN)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "%s was cancelled, and what was to take its place is not known: %s", shown,
		    why.text);
	done->half = true;
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", shown,
	    why.text);
}

/* The cancel is done. Where the ledger does not take that, nothing more is written. */
static enum gw_err
replace_cancelled(
    struct hris *h, const char *shown, const struct operation_in *in, struct timeoff_done *done)
{
	struct failure why;

	if (journal_half(h) == GW_OK)
		return GW_OK;
	why = *h->failure;
	fail_clear(h->failure);
	done->request_id = in->request_id;
	done->half = true;
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", shown,
	    why.text);
}

enum gw_err
replace_may(
    struct hris *h, const struct current *now, const char *shown, const struct operation_in *in)
{
	const struct traits *t = h->driver->traits(h);

	if (shown == NULL)
		return fail_memory(h->failure);
	if (!t->has[OPERATION_CANCEL] || !t->has[OPERATION_INSERT] || !now->there)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot change such a request: cancel it and enter it anew; nothing was written");
	if (runs_count(h, in) > 1)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS takes each run of days as a request of its own: cancel %s and enter it anew; nothing was written",
		    in->request_id);
	return GW_OK;
}

void
replace_steps(struct hris *h, const struct current *now, const struct operation_in *in,
    struct operation_in *cancel, struct operation_in *anew)
{
	*cancel = *anew = *in;
	cancel->status = STATUS_CANCELED;
	if (now != NULL && now->found.ranged) {
		cancel->min_date = now->found.start;
		cancel->max_date = now->found.end;
	}
	if (now != NULL) {
		cancel->was = now->found.status;
		(void)found_type(h, &now->found, &cancel->type);
	}
	anew->request_id = NULL;
	anew->was = STATUS_NONE;
	anew->added = anew->days;
	anew->n_added = anew->n_days;
	anew->removed = NULL;
	anew->n_removed = 0;
	anew->alike_before = false;
	anew->look_from = in->min_date;
	anew->look_to = in->max_date;
}

/* It is not known whether the old one was cancelled: nothing more is written. */
static enum gw_err
replace_not_entered(struct hris *h)
{
	struct failure why = *h->failure;

	fail_clear(h->failure);
	return fail(
	    h->failure, why.code, "%s; what was to take its place was not entered", why.text);
}

enum gw_err
replace_write(struct hris *h, const struct current *now, struct intent *content,
    struct operation_in *in, struct timeoff_done *done)
{
	const char *shown = replace_shown(h, &now->found, in->request_id);
	struct operation_in cancel, anew;
	enum gw_err err;

	h->replaces = REPLACE_CANCEL_FIRST;
	err = replace_may(h, now, shown, in);
	if (err == GW_OK)
		err = journal_intend(h, INTENT_REPLACE, content, NULL, in);
	if (err != GW_OK)
		return err;
	replace_steps(h, now, in, &cancel, &anew);
	err = fate_state(h, OPERATION_CANCEL, &cancel, NULL);
	if (err == GW_EUNKNOWN)
		err = replace_not_entered(h);
	if (err == GW_OK)
		err = replace_cancelled(h, shown, in, done);
	if (err == GW_OK)
		err = replace_create(h, &now->found, shown, in, done);
	return journal_fate(h, err, done);
}

enum gw_err
replace_go_on(
    struct hris *h, struct intent *row, struct operation_in *in, struct timeoff_done *done)
{
	const char *shown = replace_shown(h, NULL, row->before);
	enum gw_err err = journal_intend(h, INTENT_REPLACE, row, row, in);

	h->replaces = REPLACE_CANCEL_FIRST;
	if (err == GW_OK && shown == NULL)
		err = fail_memory(h->failure);
	if (err == GW_OK)
		err = journal_anew(h, in);
	if (err == GW_OK)
		err = replace_cancelled(h, shown, in, done);
	if (err == GW_OK)
		err = replace_create(h, NULL, shown, in, done);
	return journal_fate(h, err, done);
}
