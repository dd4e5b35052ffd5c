/*
 * beside.c: a change as an insert and a cancel, in an HRIS that takes the new request while the old
 * one still stands. What stood is cancelled only once the new one does. Until then both may stand:
 * every text names both, and the row of the ledger is a create-first.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

/* What is said of the old one, whatever became of the new one. */
static enum gw_err
beside_old_stays(struct hris *h, const char *shown, const struct timeoff_done *done)
{
	struct failure why = *h->failure;
	bool made = !text_is_empty(done->request_id);

	/* Refused: nothing was written. Taken back: its text names the old one. */
	if (why.err != GW_EUNKNOWN && !made)
		return why.err;
	fail_clear(h->failure);
	if (why.err == GW_EUNKNOWN)
		return fail(h->failure, why.code,
		    "%s was not cancelled, and what was to take its place is not known: %s", shown,
		    why.text);
	if (status_ended(done->status))
		return fail(h->failure, why.code, "%s; %s was not cancelled", why.text, shown);
	return fail(h->failure, why.code,
	    "%s; %s, whose place it was to take, stands too: cancel one of them in the HRIS",
	    why.text, shown);
}

/* The HRIS does not cancel the old one: the new one is taken back, if this very call entered it. */
static enum gw_err
beside_take_back(struct hris *h, const char *shown, const struct operation_in *anew, bool ours,
    struct timeoff_done *done)
{
	struct intent *row = h->journal == NULL ? NULL : h->journal->now;
	enum intent_state state = INTENT_DONE;
	struct failure why = *h->failure;
	const char *made = done->request_id;
	struct current now;

	fail_clear(h->failure);
	if (ours && verify_as_seen(h, anew->agent_id, made, row, &now))
		state = verify_undo(h, anew, made, &now.found);
	fail_clear(h->failure);
	if (state == INTENT_UNKNOWN)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "%s could not be cancelled (%s), and whether request %s, which was entered to take its place, was taken back is not known: look at both in the HRIS",
		    shown, why.text, made);
	if (state != INTENT_ENDED)
		return fail(h->failure, CODE_HRIS_DIFFERENT,
		    "%s could not be cancelled (%s), and request %s, which was entered to take its place, was not taken back: both stand, cancel one of them in the HRIS",
		    shown, why.text, made);
	done->request_id = "";
	if (row != NULL)
		row->request = "";
	return fail(h->failure, why.code,
	    "%s could not be cancelled (%s); request %s, which was entered to take its place, was taken back",
	    shown, why.text, made);
}

/* The new one stands. ours: this call has entered it. */
static enum gw_err
beside_cancel(struct hris *h, const char *shown, const struct operation_in *cancel,
    const struct operation_in *anew, bool ours, struct timeoff_done *done)
{
	struct intent *row = h->journal == NULL ? NULL : h->journal->now;
	bool verified = row != NULL && row->verified;
	struct failure why;
	struct found old;
	enum gw_err err = fate_state(h, OPERATION_CANCEL, cancel, &old);
	enum state state = err == GW_OK ? STATE_REACHED : STATE_UNCLEAR;

	/* Somebody may have ended it meanwhile. */
	if (err != GW_OK && err != GW_EUNKNOWN)
		state = state_look(h, OPERATION_CANCEL, cancel, false, &old);
	why = *h->failure;
	if (state == STATE_REACHED) {
		fail_clear(h->failure);
		if (row != NULL) {
			row->op = INTENT_REPLACE;
			row->verified = verified;
		}
		return GW_OK;
	}
	if (state == STATE_MISSED)
		return beside_take_back(h, shown, anew, ours, done);
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "request %s was entered, and whether %s, whose place it is to take, was cancelled is not known: both may stand, look at them in the HRIS (%s)",
	    done->request_id, shown, why.text);
}

enum gw_err
beside_write(struct hris *h, const struct current *now, struct intent *content,
    struct operation_in *in, struct timeoff_done *done)
{
	enum gw_err err = replace_may(h, now);
	struct operation_in cancel, anew;
	struct failure waits = {0};
	struct replaced old;
	const char *shown;

	h->replaces = REPLACE_CREATE_FIRST;
	if (err == GW_OK)
		err = replaced_look(h, now, in, &old);
	if (err == GW_OK)
		err = journal_intend(h, INTENT_CREATE_FIRST, content, NULL, in);
	if (err != GW_OK)
		return err;
	shown = old.shown;
	replace_steps(h, now, in, &cancel, &anew);
	cancel.request_id = old.ids;
	anew.beside = in->request_id;
	done->request_id = "";
	err = fate_write(h, OPERATION_INSERT, &anew, done);
	/* What waits for an approval takes the old one's place, as by a change. */
	if (h->failure->code == CODE_HRIS_NOT_APPROVED && !status_ended(done->status)) {
		waits = *h->failure;
		fail_clear(h->failure);
		err = GW_OK;
	}
	err = err == GW_OK ? beside_cancel(h, shown, &cancel, &anew, true, done)
			   : beside_old_stays(h, shown, done);
	if (err == GW_OK && waits.err != GW_OK) {
		*h->failure = waits;
		err = replace_said(h, shown);
	}
	err = journal_fate(h, err, done);
	/* Until it is replaced, the old id is that of the request. */
	if (h->journal == NULL ? err != GW_OK : h->journal->now->op == INTENT_CREATE_FIRST)
		done->request_id = in->request_id;
	return err;
}

enum gw_err
beside_end_old(struct hris *h, struct intent *row, enum intent_state made)
{
	struct timeoff_done done = {.request_id = row->request, .recorded_minutes = -1};
	struct operation_in in, cancel, anew;
	struct current old;
	const char *shown;
	enum gw_err err;

	if (!journal_recall(h, row, &in))
		return settle_unknown(h, row);
	err = hris_current(h, in.agent_id, row->before, &old);
	shown = replace_shown(h, &old.found, row->before);
	if (err == GW_OK && shown == NULL)
		err = fail_memory(h->failure);
	if (err == GW_OK)
		err = journal_resume(h, row, &in);
	if (err != GW_OK)
		return err;
	in.request_id = row->before;
	replace_steps(h, &old, &in, &cancel, &anew);
	err = beside_cancel(h, shown, &cancel, &anew, false, &done);
	if (err != GW_OK)
		return journal_fate(h, err, &done);
	return journal_update(h, row, made, intent_state_name(made));
}
