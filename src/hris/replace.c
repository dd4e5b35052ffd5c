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
old_days_written(struct hris *h, const struct found *f, const struct timeoff_type *type,
    const struct day **out, size_t *n_out)
{
	const struct journal *j = h->journal;
	struct day *days = NULL;
	struct span *spans;
	int64_t minutes;
	size_t i, n;

	if (!hris_found_total(h, f, type, &minutes))
		return false;
	for (i = j == NULL ? 0 : j->n; i-- > 0 && days == NULL;) {
		if (j->rows[i].state != INTENT_DONE || j->rows[i].days[0] == '\0' ||
		    j->rows[i].minutes != minutes ||
		    !journal_is_of(j, &j->rows[i], journal_newest(j, f->id)) ||
		    !asked_spans(h->arena, j->rows[i].days, &spans, &n))
			continue;
		days = arena_array(h->arena, n + 1, sizeof(*days));
		if (days == NULL || days_fold(h, spans, n, days, n_out) != GW_OK)
			return false;
	}
	*out = days;
	return days != NULL;
}

/* What stands, as days that can be entered again. False: the HRIS does not say it whole. */
static bool
old_days(struct hris *h, const struct found *f, const struct day **out, size_t *n)
{
	struct day *days = arena_array(h->arena, f->n_days + 1, sizeof(*days));
	const struct timeoff_type *type;
	int64_t minutes, from;
	bool complete;
	size_t i;

	if (days == NULL || !found_type(h, f, &type) || !f->ranged ||
	    !hris_found_total(h, f, type, &minutes))
		return false;
	complete = hris_found_complete(h, f, type);
	if (!complete && f->start.day != f->end.day)
		return old_days_written(h, f, type, out, n);
	*n = complete ? f->n_days : 1;
	for (i = 0; i < *n; i++) {
		days[i].date = complete ? f->days[i].date : f->start;
		if (complete && !hris_found_day(h, f, type, i, &minutes))
			return false;
		days[i].minutes = (int)minutes;
		days[i].from = complete && f->days[i].from != NULL ? f->days[i].from : f->from;
		if (days[i].from != NULL && !amount_read(days[i].from, UNIT_CLOCK, 0, &from))
			days[i].from = NULL;
	}
	*out = days;
	return true;
}

/* Its end is shown, or, where a look-up is consistent, its absence. */
static bool
part_has_ended(const struct hris *h, const struct current *part)
{
	return part->there ? status_ended(part->found.status)
			   : part->gone || h->driver->traits(h)->consistent;
}

/* One more request of those that stand, or may. */
static bool
replaced_add(struct hris *h, struct replaced *old, const struct found *f)
{
	const struct day *days;
	struct day *all;
	size_t n;

	old->ids = old->ids[0] == '\0' ? f->id : arena_printf(h->arena, "%s,%s", old->ids, f->id);
	if (old->ids == NULL)
		return false;
	if (!old_days(h, f, &days, &n)) {
		old->whole = false;
		return true;
	}
	all = arena_array(h->arena, old->was.n_days + n + 1, sizeof(*all));
	if (all == NULL)
		return false;
	if (old->was.n_days > 0)
		memcpy(all, old->was.days, old->was.n_days * sizeof(*all));
	memcpy(all + old->was.n_days, days, n * sizeof(*all));
	old->was.days = all;
	old->was.n_days += n;
	return true;
}

enum gw_err
replaced_look(
    struct hris *h, const struct current *now, const struct operation_in *in, struct replaced *old)
{
	const struct found *f = &now->found;
	const char *p = in->request_id, *id;
	struct current part;
	enum gw_err err;
	size_t len;

	*old = (struct replaced){.ids = "",
	    .shown = replace_shown(h, f, in->request_id),
	    .whole = true,
	    .was = {.agent_id = in->agent_id,
		.type_id = f->type_id,
		.status = f->status,
		.min_date = f->start,
		.max_date = f->end,
		.skip_balance = true}};
	if (old->shown == NULL)
		return fail_memory(h->failure);
	if (!h->driver->traits(h)->by_run || strchr(p, ',') == NULL)
		return replaced_add(h, old, f) ? GW_OK : fail_memory(h->failure);
	/* Parts that have ended are left alone. */
	for (; *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		id = arena_strndup(h->arena, p, len);
		if (id == NULL)
			return fail_memory(h->failure);
		err = hris_current(h, in->agent_id, id, &part);
		if (err != GW_OK)
			return err;
		if (part_has_ended(h, &part))
			continue;
		part.found.id = id;
		if (!replaced_add(h, old, &part.found))
			return fail_memory(h->failure);
	}
	return GW_OK;
}

/* It is not known, or not true, that what stood was entered again as it was. */
static enum gw_err
restore_failed(struct hris *h, const struct replaced *old, const char *marker,
    const struct failure *refused, const struct operation_in *in, struct timeoff_done *done)
{
	struct failure why = *h->failure;
	bool unknown = why.err == GW_EUNKNOWN, stands = !text_is_empty(done->request_id);

	fail_clear(h->failure);
	if (unknown)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "%s was cancelled, its change was refused (%s), and it is not known whether it was entered again: search for %s",
		    old->shown, refused->text, marker);
	if (stands && !status_ended(done->status))
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "the HRIS refused the change (%s): %s was cancelled and entered again as %s, which is not as it was: %s",
		    refused->text, old->shown, done->request_id, why.text);
	done->request_id = in->request_id;
	done->half = true;
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", old->shown,
	    refused->text);
}

/* The new one was refused: what stood is entered again, with its status. */
static enum gw_err
replace_restore(struct hris *h, const struct replaced *old, const struct operation_in *in,
    struct timeoff_done *done)
{
	struct failure refused = *h->failure;
	struct operation_in again;
	const char *marker = in->marker;
	enum gw_err err = GW_EREFUSED;

	fail_clear(h->failure);
	*done = (struct timeoff_done){.request_id = "", .recorded_minutes = -1};
	if (old->whole && write_prepare(h, &old->was, &again) == GW_OK) {
		again.marker = marker;
		again.added = again.days;
		again.n_added = again.n_days;
		if (runs_count(h, &again) > 1) {
			/* What is entered again has rows of its own: should this process die, a
			 * repeat does not go on with the change beside it. */
			if (journal_restores(h) == GW_OK)
				err = runs_enter(h, &old->was, "again", done);
		} else if (journal_anew(h, &again) == GW_OK) {
			marker = again.marker;
			err = fate_write(h, OPERATION_INSERT, &again, done);
		}
	}
	if (err == GW_OK)
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "the HRIS refused the change: %s was cancelled and entered again as %s (%s)",
		    old->shown, done->request_id, refused.text);
	return restore_failed(h, old, marker, &refused, in, done);
}

enum gw_err
replace_said(struct hris *h, const char *shown)
{
	struct failure why = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, why.code, "%s; it is in the place of %s, which was cancelled",
	    why.text, shown);
}

/* Nothing of the new one stands, or a part, or that is not known. */
static enum gw_err
replace_failed(
    struct hris *h, const char *shown, const struct operation_in *in, struct timeoff_done *done)
{
	struct failure why = *h->failure;
	bool part = done->half;

	/* Nothing of it stands. */
	if (!part && h->journal != NULL)
		h->journal->now->steps = 1;
	fail_clear(h->failure);
	if (why.err == GW_EUNKNOWN) {
		if (part || text_is_empty(done->request_id))
			done->request_id = in->request_id;
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "%s was cancelled, and what was to take its place is not known: %s", shown,
		    why.text);
	}
	done->request_id = in->request_id;
	done->half = true;
	if (part)
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "%s was cancelled, and only a part stands in its place: %s", shown, why.text);
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", shown,
	    why.text);
}

/* The second half. old: what stood; NULL: an earlier call cancelled it. */
static enum gw_err
replace_create(struct hris *h, const struct timeoff *t, const struct replaced *old,
    const char *shown, struct operation_in *in, struct timeoff_done *done)
{
	struct operation_in cancel, anew;
	enum gw_err err;

	replace_steps(h, NULL, in, &cancel, &anew);
	done->request_id = "";
	err = runs_count(h, in) > 1 ? runs_enter(h, t, "run", done)
				    : fate_write(h, OPERATION_INSERT, &anew, done);
	if (err == GW_OK)
		return err;
	if (!status_ended(done->status) && !done->half &&
	    (h->failure->code == CODE_HRIS_NOT_APPROVED ||
		(h->failure->code == CODE_HRIS_DIFFERENT && !text_is_empty(done->request_id))))
		return replace_said(h, shown);
	if (err != GW_EUNKNOWN && !done->half && old != NULL)
		return replace_restore(h, old, in, done);
	return replace_failed(h, shown, in, done);
}

/* The cancel is done. Where the ledger does not take that, nothing more is written. */
static enum gw_err
replace_cancelled(
    struct hris *h, const char *shown, const struct operation_in *in, struct timeoff_done *done)
{
	struct failure why;

	if (journal_half(h, runs_count(h, in) > 1) == GW_OK)
		return GW_OK;
	why = *h->failure;
	fail_clear(h->failure);
	done->request_id = in->request_id;
	done->half = true;
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "%s was cancelled and nothing stands in its place: enter it by hand (%s)", shown,
	    why.text);
}

bool
replace_by_runs(struct hris *h, const struct operation_in *in)
{
	return h->driver->traits(h)->by_run &&
	       (runs_count(h, in) > 1 || strchr(in->request_id, ',') != NULL);
}

enum gw_err
replace_may(struct hris *h, const struct current *now)
{
	const struct traits *t = h->driver->traits(h);

	if (t->has[OPERATION_CANCEL] && t->has[OPERATION_INSERT] && now->there)
		return GW_OK;
	return fail(h->failure, CODE_HRIS_UNSUPPORTED,
	    "this HRIS cannot change such a request: cancel it and enter it anew; nothing was written");
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

/* What the HRIS holds of several runs, for the ledger: a later call compares with that. */
static void
replace_note(struct hris *h, const struct operation_in *in, const struct timeoff_done *done)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct current now;

	if (h->journal == NULL || done->half || text_is_empty(done->request_id) ||
	    h->journal->now->shown[0] != '\0')
		return;
	h->failure = &ignored;
	if (hris_current(h, in->agent_id, done->request_id, &now) == GW_OK && now.there)
		h->journal->now->shown = journal_row_text(h, &now.found);
	h->failure = mine;
}

enum gw_err
replace_write(struct hris *h, const struct timeoff *t, const struct current *now,
    struct intent *content, struct operation_in *in, struct timeoff_done *done)
{
	struct operation_in cancel, anew;
	struct replaced old;
	enum gw_err err = replace_may(h, now);

	h->replaces = REPLACE_CANCEL_FIRST;
	if (err == GW_OK)
		err = replaced_look(h, now, in, &old);
	if (err == GW_OK && old.ids[0] == '\0')
		err = fail(h->failure, CODE_HRIS_CONFLICT,
		    "request %s has ended in the HRIS and cannot be changed; nothing was written",
		    in->request_id);
	if (err == GW_OK)
		err = journal_intend(h, INTENT_REPLACE, content, NULL, in);
	if (err != GW_OK)
		return err;
	replace_steps(h, now, in, &cancel, &anew);
	cancel.request_id = old.ids;
	h->runs_after = (unsigned)runs_count(h, in) - 1;
	err = fate_state(h, OPERATION_CANCEL, &cancel, NULL);
	h->runs_after = 0;
	if (err == GW_EUNKNOWN)
		err = replace_not_entered(h);
	if (err == GW_OK)
		err = replace_cancelled(h, old.shown, in, done);
	if (err == GW_OK)
		err = replace_create(h, t, &old, old.shown, in, done);
	replace_note(h, in, done);
	return journal_fate(h, err, done);
}

enum gw_err
replace_go_on(struct hris *h, const struct timeoff *t, struct intent *row, struct operation_in *in,
    struct timeoff_done *done)
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
		err = replace_create(h, t, NULL, shown, in, done);
	replace_note(h, in, done);
	return journal_fate(h, err, done);
}
