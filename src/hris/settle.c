/*
 * settle.c: what became of a write whose fate is open: a process died over it, or the HRIS did not
 * answer. Looks only; nothing is written to the HRIS. Present needs proof; absent needs a look-up
 * that is declared consistent, and the time after which nothing can arrive any more.
 */
#include <string.h>

#include "base/text.h"
#include "hris/verify.h"

/* May what is not shown be believed not to be there? */
static bool
absence_counts(const struct hris *h, const struct intent *row)
{
	return h->driver->traits(h)->consistent && h->journal->looked_ms > row->quiet_ms;
}

/* A write of which the id is known: what the HRIS shows of it now. */
static enum intent_state
settle_known(
    struct hris *h, struct intent *row, const struct operation_in *in, const struct current *now)
{
	struct timeoff_done done = {.request_id = row->request, .recorded_minutes = -1};

	if (!now->there)
		return now->gone || absence_counts(h, row) ? INTENT_ENDED : INTENT_UNKNOWN;
	row->shown = journal_row_text(h, &now->found);
	if (status_ended(now->found.status))
		return journal_undone(row) ? INTENT_TAKEN_BACK : INTENT_ENDED;
	/* A taking back whose fate is open may still arrive, or be there and not be shown. */
	if (!found_is_live(&now->found) || (journal_undone(row) && !absence_counts(h, row)))
		return INTENT_UNKNOWN;
	if (in->type != NULL && verify_standing(h, in, &now->found, &done) != GW_OK)
		return INTENT_DIFFERENT;
	row->verified = true;
	row->recorded_minutes = done.recorded_minutes;
	if (in->status == STATUS_APPROVED && now->found.status != STATUS_APPROVED)
		return INTENT_NOT_APPROVED;
	return INTENT_DONE;
}

static enum intent_state
settle_insert(struct hris *h, struct intent *row, const struct operation_in *in)
{
	struct standing before;
	struct result result;
	struct current now;
	const char *ids;
	enum look found;

	if (!standing_from(h, row->looked, row->seen, &before))
		return INTENT_UNKNOWN;
	found = look_after(h, in, &before, &result, &ids);
	/* What the HRIS has answered by success was applied, whatever its list shows. Of a replace
	 * the first was the cancel. */
	if (found == LOOK_ABSENT && row->steps <= (row->op == INTENT_REPLACE) &&
	    absence_counts(h, row))
		return INTENT_REFUSED;
	if (found != LOOK_THERE)
		return INTENT_UNKNOWN;
	row->request = result.id;
	return hris_current(h, in->agent_id, result.id, &now) == GW_OK
		   ? settle_known(h, row, in, &now)
		   : INTENT_UNKNOWN;
}

static enum intent_state
settle_change(
    struct hris *h, struct intent *row, const struct operation_in *in, const struct current *now)
{
	enum intent_state moved;
	bool before;

	/* An HRIS may make a request of its own of a change, and end the one before. */
	if (!now->there || status_ended(now->found.status)) {
		moved = settle_insert(h, row, in);
		return moved == INTENT_UNKNOWN && now->gone ? INTENT_REFUSED : moved;
	}
	before = strcmp(journal_row_text(h, &now->found), row->stood) == 0;
	if (found_has_marker(&now->found, in->marker) ||
	    (!before && verify_compare(h, in, &now->found) == LIKE_ASKED))
		return settle_known(h, row, in, now);
	/* As it was before, or as somebody else made it: too early that proves nothing. */
	return absence_counts(h, row) ? INTENT_REFUSED : INTENT_UNKNOWN;
}

/* What became of the new one of a replace. */
static enum intent_state
settle_made(struct hris *h, struct intent *row, const struct operation_in *in)
{
	struct current now;

	if (row->request[0] == '\0' || strcmp(row->request, row->before) == 0)
		return settle_insert(h, row, in);
	return hris_current(h, in->agent_id, row->request, &now) == GW_OK
		   ? settle_known(h, row, in, &now)
		   : INTENT_UNKNOWN;
}

static bool
has_ended(const struct hris *h, const struct intent *row, const struct current *old)
{
	return old->gone || (old->there ? status_ended(old->found.status) : absence_counts(h, row));
}

/*
 * The old one first: while it is there and its cancel was not answered by success, nothing was
 * cancelled, and nothing entered. After that a person may have made it live again, beside the new.
 */
static enum intent_state
settle_replace(struct hris *h, struct intent *row, const struct operation_in *in)
{
	enum intent_state state;
	struct current old;
	bool live;

	if (hris_current(h, in->agent_id, row->before, &old) != GW_OK)
		return INTENT_UNKNOWN;
	live = old.there && found_is_live(&old.found);
	if (live && row->steps == 0)
		return absence_counts(h, row) ? INTENT_REFUSED : INTENT_UNKNOWN;
	if (!live && !has_ended(h, row, &old))
		return INTENT_UNKNOWN;
	/* The create is in the ledger with the cancel's success before it leaves. */
	if (row->steps == 0 && (row->request[0] == '\0' || strcmp(row->request, row->before) == 0))
		return INTENT_HALF_REPLACED;
	state = settle_made(h, row, in);
	if (state == INTENT_REFUSED || state == INTENT_ENDED || state == INTENT_TAKEN_BACK)
		return INTENT_HALF_REPLACED;
	return live ? INTENT_UNKNOWN : state;
}

/*
 * The new one was entered while the old one stood. Once that has ended, the row is a replace as any
 * other; while both stand, the same update goes on with the cancel, and nothing else is written.
 */
static enum intent_state
settle_beside(struct hris *h, struct intent *row, const struct operation_in *in)
{
	enum intent_state made;
	struct current old;

	if (hris_current(h, in->agent_id, row->before, &old) != GW_OK)
		return INTENT_UNKNOWN;
	made = settle_made(h, row, in);
	if (made == INTENT_UNKNOWN || made == INTENT_REFUSED)
		return made;
	if (has_ended(h, row, &old)) {
		row->op = INTENT_REPLACE;
		return made == INTENT_TAKEN_BACK ? INTENT_ENDED : made;
	}
	if (!old.there || !found_is_live(&old.found))
		return INTENT_UNKNOWN;
	/* The old one stands alone, unless its cancel may still arrive. */
	if (made == INTENT_ENDED || made == INTENT_TAKEN_BACK)
		return made == INTENT_TAKEN_BACK || absence_counts(h, row) ? INTENT_TAKEN_BACK
									   : INTENT_UNKNOWN;
	if (made == INTENT_DONE || made == INTENT_NOT_APPROVED) {
		h->journal->both = row;
		h->journal->both_as = made;
	}
	return made == INTENT_DIFFERENT && h->journal->looked_ms > row->quiet_ms ? INTENT_DIFFERENT
										 : INTENT_UNKNOWN;
}

static enum intent_state
settle_status(
    struct hris *h, struct intent *row, const struct operation_in *in, const struct current *now)
{
	struct timeoff_done done = {.request_id = row->before, .recorded_minutes = -1};
	bool ends = row->op != INTENT_APPROVE;
	bool reached =
	    ends ? status_ended(now->found.status) : now->found.status == STATUS_APPROVED;

	if (!now->there)
		return ends && (now->gone || absence_counts(h, row)) ? INTENT_DONE : INTENT_UNKNOWN;
	/* Somebody may have changed it before it was approved. */
	if (reached && !ends && in->type != NULL && in->n_days > 0 &&
	    verify_standing(h, in, &now->found, &done) != GW_OK)
		return INTENT_DIFFERENT;
	if (reached) {
		row->verified = true;
		return INTENT_DONE;
	}
	if (status_ended(now->found.status))
		return INTENT_ENDED;
	return absence_counts(h, row) ? INTENT_REFUSED : INTENT_UNKNOWN;
}

enum intent_state
settle_look(struct hris *h, struct intent *row)
{
	const char *id = row->request[0] != '\0' ? row->request : row->before;
	const char *agent = row->agent[0] == '\0' ? NULL : row->agent;
	struct operation_in in;
	struct current now;

	/* What arrives while the look is on its way is not in it. */
	h->journal->looked_ms = clock_wall_ms(h->clock);
	if (!h->driver->traits(h)->has[OPERATION_FIND] || !journal_recall(h, row, &in))
		return INTENT_UNKNOWN;
	if (row->op == INTENT_INSERT && row->request[0] == '\0')
		return settle_insert(h, row, &in);
	if (row->op == INTENT_REPLACE)
		return settle_replace(h, row, &in);
	if (row->op == INTENT_CREATE_FIRST)
		return settle_beside(h, row, &in);
	if (hris_current(h, agent, journal_newest(h->journal, id), &now) != GW_OK)
		return INTENT_UNKNOWN;
	if (row->op == INTENT_INSERT)
		return settle_known(h, row, &in, &now);
	return row->op == INTENT_CHANGE ? settle_change(h, row, &in, &now)
					: settle_status(h, row, &in, &now);
}

enum gw_err
settle_row(struct hris *h, struct intent *row)
{
	struct failure ignored = {0}, *mine = h->failure;
	enum intent_state state;

	h->failure = &ignored;
	state = settle_look(h, row);
	h->failure = mine;
	/* Where nothing new is known, the row stays as it is. */
	if (state == INTENT_UNKNOWN && row->state != INTENT_SENDING)
		return GW_OK;
	if (state == INTENT_DONE)
		row->code = row->text = "";
	if (state == INTENT_TAKEN_BACK)
		row->text =
		    row->op == INTENT_CREATE_FIRST
			? "the new request has ended in the HRIS; the one whose place it was to take was not cancelled"
			: "the HRIS recorded something else than was asked; it was taken back and nothing stands";
	return journal_update(h, row, state, intent_state_name(state));
}

/* Two requests where one was asked for, or perhaps. */
static enum gw_err
settle_both(struct hris *h, const struct intent *row, const char *when, const char *marker)
{
	bool named = row->request[0] != '\0' && strcmp(row->request, row->before) != 0;

	if (row->state == INTENT_DIFFERENT || row == h->journal->both)
		return fail(h->failure,
		    row->state == INTENT_DIFFERENT ? CODE_HRIS_DIFFERENT
						   : CODE_HRIS_OUTCOME_UNKNOWN,
		    "request %s and request %s, which was entered at %s to take its place, both stand: cancel one of them in the HRIS%s; nothing was written now",
		    row->before, row->request, when,
		    row == h->journal->both ? ", or say the same change again" : "");
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "at %s request %s was to be replaced by another one, %s, and both may stand: look at them in the HRIS; nothing was written now",
	    when, row->before, named ? row->request : marker);
}

enum gw_err
settle_unknown(struct hris *h, const struct intent *row)
{
	const char *marker = hris_marker(h->ledger, h->arena, row),
		   *when = journal_when(h->arena, row->begun_ms);

	if (marker == NULL || when == NULL)
		return fail_memory(h->failure);
	if (row->op == INTENT_CREATE_FIRST)
		return settle_both(h, row, when, marker);
	if (journal_has_parts(row))
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "request %s was cancelled at %s, and of what takes its place a part stands, or may: say the same change again, or look at %s in the HRIS; nothing was written now",
		    row->before, when, marker);
	if (row->op == INTENT_REPLACE && row->steps > 0)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "request %s was cancelled at %s, and what stands in its place is not known: look at its days, and for %s, in the HRIS; nothing was written now",
		    row->before, when, marker);
	if (row->op == INTENT_INSERT && row->request[0] == '\0')
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "a request of agent %s for these days was sent at %s and it may or may not be in the HRIS: search there for %s before entering it by hand; nothing was written now",
		    row->agent, when, marker);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "request %s: what was sent at %s (%s) may or may not have been applied: look at it in the HRIS; nothing was written now",
	    row->request[0] != '\0' ? row->request : row->before, when, intent_op_name(row->op));
}
