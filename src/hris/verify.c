/*
 * verify.c: see verify.h. A difference counts after two equal looks, as an HRIS may show a write
 * late. What this very call inserted and is something else is taken back; nothing else ever is.
 */
#include "hris/verify.h"

#include <string.h>

#include "base/text.h"

/* The minutes that were asked on a date, and its day; NULL: none. */
static const struct day *
day_asked(const struct operation_in *in, struct date date)
{
	size_t i;

	for (i = 0; i < in->n_days && in->days[i].date.day != date.day; i++)
		continue;
	return i < in->n_days ? &in->days[i] : NULL;
}

/* Does a day that is shown begin at another hour than was asked? */
static bool
begins_elsewhere(const struct day *d, const char *from)
{
	int64_t asked, shown;

	if (!d->timed || from == NULL || strcmp(d->part, "day") == 0 || strcmp(from, d->part) == 0)
		return false;
	if (strcmp(from, "am") == 0 || strcmp(from, "pm") == 0)
		return true;
	return amount_read(from, UNIT_CLOCK, 0, &shown) &&
	       amount_read(d->from, UNIT_CLOCK, 0, &asked) && asked != shown;
}

static enum likeness
compare_days(struct hris *h, const struct operation_in *in, const struct found *f)
{
	const struct day *d;
	int64_t minutes, sum = 0;
	size_t i;

	for (i = 0; i < f->n_days; i++) {
		d = day_asked(in, f->days[i].date);
		if (!hris_found_day(h, f, in->type, i, &minutes))
			return LIKE_UNSAID;
		if (minutes > 0 &&
		    (d == NULL || minutes > d->minutes ||
			begins_elsewhere(d, f->days[i].from == NULL ? f->from : f->days[i].from)))
			return LIKE_OTHER;
		sum += minutes;
	}
	if (sum == days_minutes(in->days, in->n_days))
		return LIKE_ASKED;
	return sum > 0 ? LIKE_FEWER : LIKE_OTHER;
}

/* Without a list of days: the range, and what it amounts to. */
static enum likeness
compare_range(struct hris *h, const struct operation_in *in, const struct found *f)
{
	int64_t asked = days_minutes(in->days, in->n_days), shown;
	bool known = hris_found_total(h, f, in->type, &shown);

	if (f->ranged && (f->start.day < in->min_date.day || f->end.day > in->max_date.day))
		return LIKE_OTHER;
	if (f->ranged && f->start.day == f->end.day && in->n_days == 1 &&
	    begins_elsewhere(&in->days[0], f->from))
		return LIKE_OTHER;
	if (!known)
		return LIKE_UNSAID;
	if (shown == asked)
		return LIKE_ASKED;
	return shown > 0 && shown < asked ? LIKE_FEWER : LIKE_OTHER;
}

enum likeness
verify_compare(struct hris *h, const struct operation_in *in, const struct found *f)
{
	if (f->agent_id != NULL && in->agent_id != NULL && strcmp(f->agent_id, in->agent_id) != 0)
		return LIKE_OTHER;
	if (f->type_id != NULL && in->type != NULL && strcmp(f->type_id, in->type->id) != 0)
		return LIKE_OTHER;
	if (found_counts_as_asked(in, f))
		return LIKE_ASKED;
	/* Listed days count only where they add up (BambooHR may show the first alone). */
	return hris_found_complete(h, f, in->type) ? compare_days(h, in, f)
						   : compare_range(h, in, f);
}

/* Days that were asked and are not listed. */
static const char *
missing_days(struct hris *h, const struct operation_in *in, const struct found *f)
{
	const char *text = "";
	char date[DATE_TEXT_MAX];
	size_t i, j;

	if (!hris_found_complete(h, f, in->type))
		return text;
	for (i = 0; i < in->n_days; i++) {
		for (j = 0; j < f->n_days && f->days[j].date.day != in->days[i].date.day; j++)
			continue;
		date_format(in->days[i].date, date);
		if (in->days[i].minutes > 0 && j == f->n_days)
			ids_add(h, &text, date);
	}
	return text;
}

const char *
verify_difference(struct hris *h, const struct operation_in *in, const struct found *f)
{
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	const char *missing = missing_days(h, in, f), *shown = "an amount that it does not say";
	int64_t minutes;

	if (hris_found_total(h, f, in->type, &minutes))
		shown = arena_printf(h->arena, "%lld minutes", (long long)minutes);
	date_format(f->start, from);
	date_format(f->end, to);
	return shown == NULL ? NULL
			     : arena_printf(h->arena,
				   "%lld minutes were asked and the HRIS holds %s%s%s%s%s%s%s%s%s",
				   (long long)days_minutes(in->days, in->n_days), shown,
				   f->ranged ? " from " : "", f->ranged ? from : "",
				   f->ranged ? " to " : "", f->ranged ? to : "",
				   text_equal(f->type_id, in->type->id) ? "" : " of type ",
				   text_equal(f->type_id, in->type->id) ? "" : f->type_id,
				   missing[0] == '\0' ? "" : "; without ", missing);
}

static void
note_shown(struct hris *h, const struct found *f, bool verified)
{
	struct journal *j = h->journal;

	if (j == NULL || j->now == NULL)
		return;
	j->now->shown = journal_row_text(h, f);
	j->now->verified = verified;
}

/* It stands, and is something else than was asked. */
static enum gw_err
different(struct hris *h, const struct operation_in *in, const struct found *f,
    const struct timeoff_done *done, const char *stood)
{
	const char *what = verify_difference(h, in, f);

	fail_clear(h->failure);
	if (what == NULL)
		return fail_memory(h->failure);
	return fail(h->failure, CODE_HRIS_DIFFERENT, "request %s stands differently: %s%s",
	    done->request_id, what, stood);
}

enum gw_err
verify_standing(
    struct hris *h, const struct operation_in *in, const struct found *f, struct timeoff_done *done)
{
	enum likeness like = verify_compare(h, in, f);
	int64_t minutes = -1;

	if (like == LIKE_FEWER && h->route->on_fewer == FEWER_ACCEPT &&
	    hris_found_total(h, f, in->type, &minutes)) {
		done->recorded_minutes = minutes;
		journal_seen(h);
		return GW_OK;
	}
	if (like == LIKE_ASKED || like == LIKE_UNSAID)
		return GW_OK;
	return different(h, in, f, done, "");
}

enum intent_state
verify_undo(
    struct hris *h, const struct operation_in *in, const char *request_id, const struct found *f)
{
	const struct traits *t = h->driver->traits(h);
	enum operation op = t->has[OPERATION_UNDO] ? OPERATION_UNDO : OPERATION_CANCEL;
	struct operation_in undo = {.agent_id = in->agent_id,
	    .request_id = request_id,
	    .status = STATUS_CANCELED,
	    .was = f->status,
	    .type = in->type,
	    .min_date = f->ranged ? f->start : in->min_date,
	    .max_date = f->ranged ? f->end : in->max_date,
	    .marker = in->marker};
	struct found shown;
	enum gw_err err;

	if (!t->has[op])
		return INTENT_DONE;
	fail_clear(h->failure);
	journal_undoes(h);
	err = fate_state(h, op, &undo, &shown);
	if (err == GW_OK)
		return INTENT_ENDED;
	if (err == GW_EUNKNOWN && (!t->consistent || shown.id == NULL || !found_is_live(&shown)))
		return INTENT_UNKNOWN;
	fail_clear(h->failure);
	return INTENT_DONE;
}

bool
verify_as_seen(struct hris *h, const char *agent_id, const char *request_id,
    const struct intent *row, struct current *now)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_current(h, agent_id, request_id, now);
	h->failure = mine;
	return err == GW_OK && now->there && row != NULL && row->shown[0] != '\0' &&
	       journal_same_content(journal_row_text(h, &now->found), row->shown);
}

/* The insert of this call is taken back; what became of that is its answer. */
static enum gw_err
take_back(
    struct hris *h, const struct operation_in *in, const struct found *f, struct timeoff_done *done)
{
	const char *what = verify_difference(h, in, f);
	enum intent_state state;

	if (what == NULL)
		return fail_memory(h->failure);
	state = verify_undo(h, in, done->request_id, f);
	if (state == INTENT_UNKNOWN)
		return h->failure->err;
	if (state == INTENT_DONE)
		return different(h, in, f, done, "; it could not be taken back");
	fail_clear(h->failure);
	if (in->beside != NULL)
		(void)fail(h->failure, CODE_HRIS_DIFFERENT,
		    "%s; it was taken back as request %s, and request %s was not cancelled", what,
		    done->request_id, in->beside);
	else
		(void)fail(h->failure, CODE_HRIS_DIFFERENT,
		    "%s; it was taken back as request %s and nothing stands", what,
		    done->request_id);
	done->request_id = "";
	return h->failure->err;
}

/* After two equal looks. */
static enum gw_err
verify_act(struct hris *h, enum operation op, const struct operation_in *in, enum likeness like,
    const struct found *f, struct timeoff_done *done)
{
	const struct intent *now = h->journal == NULL ? NULL : h->journal->now;
	bool insert = op == OPERATION_INSERT;

	if (op == OPERATION_CHANGE && now != NULL && !h->driver->traits(h)->consistent &&
	    journal_same_content(journal_row_text(h, f), now->stood)) {
		fail_clear(h->failure);
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "the HRIS answered the change of request %s by success and shows it as it was: look at it there",
		    done->request_id);
	}
	if (like == LIKE_FEWER && (h->route->on_fewer != FEWER_TAKE_BACK || !insert))
		return verify_standing(h, in, f, done);
	return insert ? take_back(h, in, f, done) : different(h, in, f, done, "");
}

static enum gw_err
not_compared(struct hris *h, const struct timeoff_done *done)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "the HRIS answered that it is recorded as %s, and memory ran out before it was compared: look there before entering it by hand",
	    done->request_id);
}

/* Gone by the HRIS's own word, or from a list that is consistent: its outcome is unknown. */
static enum gw_err
verify_look(struct hris *h, const struct operation_in *in, const struct timeoff_done *done,
    struct current *now)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_current(h, in->agent_id, done->request_id, now);
	h->failure = mine;
	now->there = err == GW_OK && now->there;
	if (!now->there && (ignored.memory || h->arena->failed))
		return not_compared(h, done);
	if (err != GW_OK || now->there || (!now->gone && !h->driver->traits(h)->consistent))
		return GW_OK;
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "the HRIS answered that it is recorded as %s and does not show it: look there before entering it by hand",
	    done->request_id);
}

/* Does nothing that is shown speak against what was asked and, so far, answered? */
static bool
agrees(struct hris *h, const struct operation_in *in, const struct found *f,
    const struct timeoff_done *done, enum likeness *like)
{
	*like = verify_compare(h, in, f);
	note_shown(h, f, *like == LIKE_ASKED);
	return (*like == LIKE_ASKED || *like == LIKE_UNSAID) && !status_ended(f->status) &&
	       !(f->status == STATUS_PENDING && done->status == STATUS_APPROVED);
}

void
verify_seen(
    struct hris *h, const struct operation_in *in, const struct found *f, const struct found **seen)
{
	if (f != NULL && verify_compare(h, in, f) != LIKE_UNSAID)
		*seen = f;
}

/* No look says more than this: a difference stays one, though nothing is done about it. */
static enum gw_err
seen_once(struct hris *h, const struct operation_in *in, const struct found *f,
    const struct timeoff_done *done)
{
	enum likeness like = f == NULL ? LIKE_UNSAID : verify_compare(h, in, f);

	if (like == LIKE_UNSAID && h->arena->failed)
		return not_compared(h, done);
	if (like == LIKE_ASKED || like == LIKE_UNSAID)
		return GW_OK;
	note_shown(h, f, false);
	return different(h, in, f, done, "; it could not be looked at again");
}

/* As was asked, but for its status. */
static enum gw_err
status_seen_once(struct hris *h, const struct found *f, const struct timeoff_done *done)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_DIFFERENT,
	    "request %s was shown as %s; it could not be looked at again", done->request_id,
	    status_name(f->status));
}

enum gw_err
verify_write(struct hris *h, enum operation op, struct operation_in *in, const struct found *said,
    const struct found *seen, struct timeoff_done *done)
{
	struct current first = {.there = false}, second;
	enum likeness like;
	enum gw_err err = GW_OK;

	/* A look at the approval compared nothing. */
	if (h->journal != NULL && h->journal->now != NULL)
		h->journal->now->verified = false;
	/* Where the answer says too little, a look may say more. */
	if (said != NULL && verify_compare(h, in, said) == LIKE_UNSAID)
		said = NULL;
	if (said != NULL)
		first = (struct current){.there = true, .found = *said};
	if (said == NULL && h->driver->traits(h)->has[OPERATION_FIND])
		err = verify_look(h, in, done, &first);
	if (err != GW_OK)
		return err;
	if (!first.there)
		return seen_once(h, in, seen, done);
	if (agrees(h, in, &first.found, done, &like))
		return like == LIKE_UNSAID ? seen_once(h, in, seen, done) : GW_OK;
	(void)look_wait_visible(h);
	err = verify_look(h, in, done, &second);
	if (err != GW_OK)
		return err;
	if (!second.there && (like == LIKE_ASKED || like == LIKE_UNSAID))
		return status_seen_once(h, &first.found, done);
	if (!second.there)
		return seen_once(h, in, &first.found, done);
	if (agrees(h, in, &second.found, done, &like))
		return like == LIKE_UNSAID ? seen_once(h, in, &first.found, done) : GW_OK;
	if (second.found.status != STATUS_NONE)
		done->status = second.found.status;
	if (like == LIKE_ASKED || like == LIKE_UNSAID || status_ended(done->status))
		return GW_OK;
	if (strcmp(journal_row_text(h, &first.found), journal_row_text(h, &second.found)) != 0)
		return different(h, in, &second.found, done, "; it was changing meanwhile");
	return verify_act(h, op, in, like, &second.found, done);
}
