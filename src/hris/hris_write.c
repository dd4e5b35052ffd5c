/*
 * hris_write.c: inserting, and settling the fate of an insert or a change. A failure told as "not
 * written" is certainly not written; what is not known is said to be unknown.
 */
#include <string.h>

#include "hris/hris_lost.h"
#include "base/text.h"

static int64_t
total_minutes(const struct operation_in *in)
{
	int64_t total = 0;
	size_t i;

	for (i = 0; i < in->n_days; i++)
		total += in->days[i].minutes;
	return total;
}

/* What the request holds already is available: where it was taken off before. */
static int64_t
held_minutes(const struct hris_current *held, const struct operation_in *in,
    const struct hris_balance_at *at)
{
	if (held == NULL || !held->there || !held->has_minutes ||
	    strcmp(held->found.type_id, in->type->id) != 0)
		return 0;
	if (held->found.status == STATUS_APPROVED ||
	    (held->found.status == STATUS_PENDING && at->includes_pending))
		return held->minutes;
	return 0;
}

enum gw_err
hris_check_balance(struct hris *h, const struct operation_in *in, const struct hris_current *held)
{
	struct date last = in->days[in->n_days - 1].date;
	int64_t need = total_minutes(in), have;
	struct hris_balance_at at;
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

static enum gw_err
write_unknown(struct hris *h, const struct operation_in *in, const char *what, const char *ids)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "%s; it may or may not be in the HRIS: search the requests of agent %s for %s before entering it by hand%s%s%s%s",
	    what, in->agent_id == NULL ? "(not told)" : in->agent_id, in->marker,
	    ids[0] == '\0' ? "" : "; new or changed on these days: ", ids,
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* The look-up of this HRIS shows every write at once: what it does not show is not there. */
static enum gw_err
write_absent(struct hris *h)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_UNAVAILABLE,
	    "the HRIS gave no answer, and its list, which is always up to date, shows nothing new on these days: nothing was written");
}

/* The id is not known: of a lost write, or of one that was answered without it. */
static enum gw_err
write_look(struct hris *h, const struct operation_in *in, const struct standing *before,
    bool written, const char *what, struct result *out)
{
	struct lost_found found;
	enum lost lost;
	bool waited;

	waited = hris_settle(h);
	lost = hris_look_after(h, in, before, &found);
	if (lost == LOST_THERE) {
		*out = found.result;
		fail_clear(h->failure);
		return GW_OK;
	}
	/* Too early it proves nothing: the write may still be on its way. */
	if (lost == LOST_ABSENT && !written && waited && h->driver->traits(h)->consistent)
		return write_absent(h);
	return write_unknown(h, in, what, found.ids);
}

/* Nothing was written: what looks as asked is somebody else's, unless it holds our own marker. */
static enum gw_err
write_conflict(struct hris *h, const struct operation_in *in, struct result *out)
{
	struct failure earlier = *h->failure;
	struct lost_found found;

	hris_look_conflict(h, in, &found);
	fail_clear(h->failure);
	if (found.result.id != NULL) {
		*out = found.result;
		return GW_OK;
	}
	return fail(h->failure, CODE_HRIS_CONFLICT, "%s; nothing was written%s%s", earlier.text,
	    found.ids[0] == '\0' ? "" : "; on these days the HRIS holds already: ", found.ids);
}

static enum gw_err
write_not_approved(struct hris *h, const struct timeoff_done *done)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED, "request %s was written and %s%s%s",
	    done->request_id,
	    earlier.err != GW_EUNKNOWN && done->status == STATUS_PENDING
		? "stands as pending; approve it in the HRIS"
		: "may stand as pending: look at it in the HRIS, and approve it where it does",
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* Written, and turned down at once: by a rule of the HRIS, or by somebody quick. */
static enum gw_err
write_ended(struct hris *h, const struct timeoff_done *done)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED,
	    "request %s was written and the HRIS shows it as %s", done->request_id,
	    status_name(done->status));
}

/* Written, and nobody says whether it is approved. */
static enum gw_err
write_status_unknown(struct hris *h, const struct timeoff_done *done, const char *word)
{
	fail_clear(h->failure);
	if (word == NULL)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "request %s was written and the HRIS does not say whether it is approved: look at it there",
		    done->request_id);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED,
	    "request %s was written and its status in the HRIS is \"%.*s\", which the adapter does not know: look there whether it is approved",
	    done->request_id, HRIS_WORD_SHOWN_MAX, word);
}

/* There is no approve-timeoff: what the HRIS shows decides. */
static enum gw_err
write_look_status(
    struct hris *h, const struct operation_in *in, const char *word, struct timeoff_done *done)
{
	struct hris_current now = {0};

	if (done->status == STATUS_NONE && h->driver->traits(h)->has[OPERATION_FIND]) {
		if (hris_current(h, in->agent_id, done->request_id, &now) == GW_OK && now.there) {
			done->status = now.found.status;
			word = now.found.status_word;
		}
		fail_clear(h->failure);
	}
	if (done->status == STATUS_APPROVED)
		return GW_OK;
	if (status_ended(done->status))
		return write_ended(h, done);
	return done->status == STATUS_PENDING ? write_not_approved(h, done)
					      : write_status_unknown(h, done, word);
}

/* Written, but not as approved as it should be. */
static enum gw_err
write_approve(
    struct hris *h, const struct operation_in *written, const char *word, struct timeoff_done *done)
{
	struct operation_in in = *written;
	struct failure refused;
	struct hris_current now;
	enum gw_err err;

	in.request_id = done->request_id;
	in.was = STATUS_PENDING;
	if (!h->driver->traits(h)->has[OPERATION_APPROVE])
		return write_look_status(h, &in, word, done);
	err = hris_settle_state(h, OPERATION_APPROVE, &in);
	if (err == GW_OK) {
		done->status = STATUS_APPROVED;
		return GW_OK;
	}
	refused = *h->failure;
	/* Some approve by themselves, and refuse to do it again; what stands there decides. */
	if (err != GW_EUNKNOWN && h->driver->traits(h)->has[OPERATION_FIND]) {
		fail_clear(h->failure);
		if (hris_current(h, in.agent_id, in.request_id, &now) == GW_OK && now.there) {
			done->status = now.found.status;
			if (done->status == STATUS_APPROVED)
				return GW_OK;
			if (status_ended(done->status))
				return write_ended(h, done);
		}
		*h->failure = refused;
	}
	return write_not_approved(h, done);
}

static enum gw_err
write_fate(struct hris *h, enum gw_err err, const struct operation_in *in,
    const struct standing *before, const struct operation_out *told, struct result *out)
{
	*out = told->result;
	if (err == GW_EUNKNOWN)
		return write_look(h, in, before, told->written,
		    "the HRIS did not say whether it was written", out);
	if (err != GW_OK && told->written)
		return write_look(
		    h, in, before, true, "it was written, and then something failed", out);
	if (err != GW_OK && h->failure->code == CODE_HRIS_CONFLICT)
		return write_conflict(h, in, out);
	if (err == GW_OK && told->result.id == NULL)
		return write_look(
		    h, in, before, true, "it was written, but the HRIS did not tell its id", out);
	return err;
}

enum gw_err
hris_settle_write(
    struct hris *h, enum operation op, struct operation_in *in, struct timeoff_done *done)
{
	struct operation_out told = {0};
	struct standing before;
	struct result result;
	enum gw_err err;

	h->reserve_ms = hris_reserve(h);
	hris_look_before(h, in, &before);
	err = h->driver->run(h, op, in, &told);
	if (err == GW_OK && told.replace)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot change such a request: cancel it and enter it anew; nothing was written");
	err = write_fate(h, err, in, &before, &told, &result);
	if (err != GW_OK)
		return err;
	done->request_id = result.id;
	done->status = result.status;
	if (status_ended(done->status))
		return write_ended(h, done);
	if (in->status == STATUS_APPROVED && done->status != STATUS_APPROVED)
		return write_approve(h, in, result.status_word, done);
	return GW_OK;
}

enum gw_err
hris_insert(struct hris *h, const struct timeoff *t, struct timeoff_done *done)
{
	struct operation_in in = {.agent_id = t->agent_id,
	    .status = t->status,
	    .days = t->days,
	    .n_days = t->n_days,
	    .added = t->days,
	    .n_added = t->n_days,
	    .min_date = t->min_date,
	    .max_date = t->max_date,
	    .look_from = t->min_date,
	    .look_to = t->max_date,
	    .notes = t->notes,
	    .marker = h->marker};
	struct day *days = arena_array(h->arena, t->n_days + 1, sizeof(*days));
	enum gw_err err;

	*done = (struct timeoff_done){.request_id = ""};
	if (days == NULL)
		return fail_memory(h->failure);
	memcpy(days, t->days, t->n_days * sizeof(*days));
	err = hris_type(h, t->type_id, t->type_id2, &in.type);
	if (err == GW_OK)
		err = hris_prepare_days(h, in.type, days, t->n_days);
	in.days = in.added = days;
	if (err == GW_OK && t->status == STATUS_PENDING && !t->skip_balance)
		err = hris_check_balance(h, &in, NULL);
	return err == GW_OK ? hris_settle_write(h, OPERATION_INSERT, &in, done) : err;
}
