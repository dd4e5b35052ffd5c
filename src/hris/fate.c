/*
 * fate.c: what became of a write. One that came back without its id is looked for: by the marker
 * that was written with it, else by what is new on its days since a look before it. A failure that
 * reads "not written" is certain; what is not known is said to be unknown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "hris/verify.h"

enum {
	WORD_SHOWN_MAX = 60 /* bytes of an HRIS's own word in a message */
};

enum fate {
	FATE_WRITTEN,  /* done, and its id is known */
	FATE_NAMELESS, /* done, without an id */
	FATE_LOST,     /* sent; whether it was applied is not known */
	FATE_BROKEN,   /* done, and then a later step failed */
	FATE_CONFLICT, /* refused: something is in the way */
	FATE_REFUSED   /* certainly not written */
};

static enum gw_err
write_unknown(struct hris *h, const struct operation_in *in, const char *what, const char *ids)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "%s; it may or may not be in the HRIS: search the requests of agent %s for %s before entering it by hand%s%s%s%s",
	    what, agent_shown(in), in->marker,
	    ids[0] == '\0' ? "" : "; new or changed on these days: ", ids,
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* The look-up of this HRIS shows every write at once: what it does not show is not there. */
static enum gw_err
write_absent(struct hris *h)
{
	fail_clear(h->failure);
	/* Its cancel was. */
	if (h->replaces == REPLACE_CANCEL_FIRST)
		return fail(h->failure, CODE_HRIS_UNAVAILABLE,
		    "the HRIS gave no answer, and its list, which is always up to date, shows nothing new on these days");
	return fail(h->failure, CODE_HRIS_UNAVAILABLE,
	    "the HRIS gave no answer, and its list, which is always up to date, shows nothing new on these days: nothing was written");
}

/* Finds the id of a write that was lost, or answered without it. written: it was made for sure. */
static enum gw_err
write_look(struct hris *h, const struct operation_in *in, const struct standing *before,
    bool written, const char *what, struct result *result)
{
	const char *ids;
	enum look found;

	(void)look_wait_visible(h);
	found = look_after(h, in, before, result, &ids);
	/* Too early absence proves nothing: the write may still be on its way. */
	if (found == LOOK_ABSENT && !written && h->driver->traits(h)->consistent) {
		found = look_wait_quiet(h) ? look_after(h, in, before, result, &ids) : LOOK_UNCLEAR;
		if (found == LOOK_ABSENT)
			return write_absent(h);
	}
	if (found != LOOK_THERE)
		return write_unknown(h, in, what, ids);
	fail_clear(h->failure);
	return GW_OK;
}

/* Nothing was written: what looks as asked is another request, unless it has our own marker. */
static enum gw_err
write_conflict(struct hris *h, const struct operation_in *in, struct result *result)
{
	struct failure earlier = *h->failure;
	const char *ids = "";
	struct found *rows;
	size_t n = 0, i;

	*result = (struct result){0};
	if (!h->driver->traits(h)->has[OPERATION_FIND] || look_rows(h, in, &rows, &n) != GW_OK)
		n = 0;
	for (i = 0; i < n; i++) {
		if (found_has_marker(&rows[i], in->marker))
			(void)result_take(h, &rows[i], result);
		else if (found_is_live(&rows[i]) && found_touches(&rows[i], in) &&
			 !look_is_request(h, rows[i].id, in->request_id) &&
			 !look_is_request(h, rows[i].id, in->beside))
			ids_add(h, &ids, rows[i].id);
	}
	fail_clear(h->failure);
	if (result->id != NULL)
		return GW_OK;
	return fail(h->failure, CODE_HRIS_CONFLICT, "%s; nothing was written%s%s", earlier.text,
	    ids[0] == '\0' ? "" : "; on these days the HRIS holds already: ", ids);
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

/* Written, and whether it is approved is not known. */
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
	    done->request_id, WORD_SHOWN_MAX, word);
}

/* Without approve-timeoff, what the HRIS shows decides. */
static enum gw_err
write_look_status(struct hris *h, const struct operation_in *in, const char *word,
    struct found *shown, struct timeoff_done *done)
{
	struct current now;

	if (done->status == STATUS_NONE && h->driver->traits(h)->has[OPERATION_FIND]) {
		if (hris_current(h, in->agent_id, done->request_id, &now) == GW_OK && now.there) {
			*shown = now.found;
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

/* Approving was refused: some HRISs approve by themselves, and do not do it again. */
static enum gw_err
write_refused_approval(
    struct hris *h, const struct operation_in *in, struct found *shown, struct timeoff_done *done)
{
	struct failure refused = *h->failure;
	struct current now;

	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return write_not_approved(h, done);
	fail_clear(h->failure);
	if (hris_current(h, in->agent_id, in->request_id, &now) == GW_OK && now.there) {
		*shown = now.found;
		done->status = now.found.status;
		if (done->status == STATUS_APPROVED)
			return GW_OK;
		if (status_ended(done->status))
			return write_ended(h, done);
	}
	*h->failure = refused;
	return write_not_approved(h, done);
}

/* Written, but not as approved as it should be. *shown: what is seen of it meanwhile. */
static enum gw_err
write_approve(struct hris *h, const struct operation_in *written, const char *word,
    struct found *shown, struct timeoff_done *done)
{
	struct operation_in in = *written;
	enum gw_err err;

	in.request_id = done->request_id;
	in.was = STATUS_PENDING;
	if (!h->driver->traits(h)->has[OPERATION_APPROVE])
		return write_look_status(h, &in, word, shown, done);
	err = fate_state(h, OPERATION_APPROVE, &in, shown);
	if (err == GW_OK) {
		done->status = STATUS_APPROVED;
		return GW_OK;
	}
	return err == GW_EUNKNOWN ? write_not_approved(h, done)
				  : write_refused_approval(h, &in, shown, done);
}

/* It is there, with an id: as approved as it should be? */
static enum gw_err
write_status(struct hris *h, const struct operation_in *in, const struct result *result,
    struct found *shown, struct timeoff_done *done)
{
	done->request_id = result->id;
	done->status = result->status;
	if (status_ended(done->status))
		return write_ended(h, done);
	if (in->status == STATUS_APPROVED && done->status != STATUS_APPROVED)
		return write_approve(h, in, result->status_word, shown, done);
	return GW_OK;
}

/* It is written. Is it what was asked for? said: as the write's own answer showed it. */
static enum gw_err
write_finish(struct hris *h, enum operation op, struct operation_in *in,
    const struct result *result, const struct found *said, struct timeoff_done *done)
{
	enum gw_err err = journal_written(h, result), looked;
	const struct found *seen = NULL;
	struct found shown = {0};
	struct failure earlier;

	verify_seen(h, in, said, &seen);
	verify_seen(h, in, result->shown, &seen);
	if (err == GW_OK)
		err = write_status(h, in, result, &shown, done);
	if (status_ended(done->status))
		return err;
	verify_seen(h, in, shown.id == NULL ? NULL : &shown, &seen);
	earlier = *h->failure;
	fail_clear(h->failure);
	/* What the answer shows is from before the approval that followed it; and what was found
	 * by its days is read by its id before it is believed. */
	if (said != result->shown ||
	    (in->status == STATUS_APPROVED && result->status != STATUS_APPROVED))
		said = NULL;
	looked = verify_write(h, op, in, said, seen, done);
	if (looked != GW_OK)
		return looked;
	if (status_ended(done->status))
		return write_ended(h, done);
	if (err == GW_OK && in->status == STATUS_APPROVED && done->status == STATUS_PENDING)
		return write_not_approved(h, done);
	*h->failure = earlier;
	return err;
}

static enum fate
fate_of(const struct hris *h, enum gw_err err, const struct operation_out *out)
{
	if (err == GW_OK)
		return out->result.id == NULL ? FATE_NAMELESS : FATE_WRITTEN;
	if (err == GW_EUNKNOWN)
		return FATE_LOST;
	if (out->written)
		return FATE_BROKEN;
	return h->failure->code == CODE_HRIS_CONFLICT ? FATE_CONFLICT : FATE_REFUSED;
}

enum gw_err
fate_write(struct hris *h, enum operation op, struct operation_in *in, struct timeoff_done *done)
{
	struct operation_out out = {0};
	struct standing before;
	struct result *result = &out.result;
	const struct found *said;
	enum gw_err err;

	err = hris_reserve(h, op, in->status);
	if (err != GW_OK)
		return err;
	look_before(h, in, &before);
	err = journal_saw(h, &before);
	if (err != GW_OK)
		return err;
	err = h->driver->run(h, op, in, &out);
	if (err == GW_OK && out.replace != REPLACE_NO) {
		done->replace = out.replace;
		return GW_OK;
	}
	said = result->shown;
	if (out.written)
		journal_applied(h);
	switch (fate_of(h, err, &out)) {
	case FATE_NAMELESS:
		err = write_look(h, in, &before, true,
		    "it was written, but the HRIS did not give its id", result);
		break;
	case FATE_LOST:
		err = write_look(h, in, &before, out.written,
		    "the HRIS did not say whether it was written", result);
		break;
	case FATE_BROKEN:
		err = write_look(
		    h, in, &before, true, "it was written, and then something failed", result);
		break;
	case FATE_CONFLICT:
		err = write_conflict(h, in, result);
		break;
	case FATE_WRITTEN:
	case FATE_REFUSED:
		break;
	}
	return err == GW_OK ? write_finish(h, op, in, result, said, done) : err;
}
