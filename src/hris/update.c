/*
 * update.c: which operation an update is. Cancelling and denying create nothing; what differs from
 * the request as it is now decides between nothing, approving and changing.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

/* One write on a request that is there, with its row. */
static enum gw_err
update_state(struct hris *h, enum operation op, struct intent *content, struct operation_in *in,
    struct timeoff_done *done)
{
	static const enum intent_op ops[OPERATION_MAX] = {[OPERATION_APPROVE] = INTENT_APPROVE,
	    [OPERATION_CANCEL] = INTENT_CANCEL,
	    [OPERATION_DENY] = INTENT_DENY};
	enum gw_err err = journal_intend(h, ops[op], content, NULL, in);
	struct found shown;

	if (err != GW_OK)
		return err;
	err = fate_state(h, op, in, &shown);
	if (err == GW_OK && op == OPERATION_APPROVE) {
		done->status = STATUS_APPROVED;
		err = verify_write(h, op, in, shown.id == NULL ? NULL : &shown, NULL, done);
	}
	return journal_fate(h, err, done);
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
update_change(struct hris *h, const struct timeoff *t, const struct current *now,
    struct intent *content, struct operation_in *in, struct timeoff_done *done)
{
	enum gw_err err = update_difference(h, &now->found, in);

	if (err == GW_OK && !h->driver->traits(h)->has[OPERATION_CHANGE])
		err = fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "this HRIS cannot change a request; nothing was written");
	/* The look-up of a lost change goes over old and new days. */
	if (now->found.ranged && now->found.start.day < in->look_from.day)
		in->look_from = now->found.start;
	if (now->found.ranged && now->found.end.day > in->look_to.day)
		in->look_to = now->found.end;
	content->first_day = in->look_from.day;
	content->last_day = in->look_to.day;
	in->alike_before =
	    now->there && found_is_live(&now->found) && content_same(h, in, &now->found);
	/* Of several runs: entered anew, though not the new ones first. */
	if (err == GW_OK && replace_by_runs(h, in) &&
	    (runs_count(h, in) > 1 || h->driver->traits(h)->replaces != REPLACE_CREATE_FIRST))
		return replace_write(h, t, now, content, in, done);
	if (err == GW_OK)
		err = journal_intend(h, INTENT_CHANGE, content, NULL, in);
	if (err != GW_OK)
		return err;
	err = fate_write(h, OPERATION_CHANGE, in, done);
	if (err != GW_OK || done->replace == REPLACE_NO)
		return journal_fate(h, err, done);
	return done->replace == REPLACE_CREATE_FIRST ? beside_write(h, now, content, in, done)
						     : replace_write(h, t, now, content, in, done);
}

/* Is it the insert of one of the requests whose ids are joined in that one? */
static bool
is_part(const struct journal *j, const struct intent *row, const char *id)
{
	return j->joins && row->op == INTENT_INSERT && row->request[0] != '\0' &&
	       strcmp(journal_newest(j, row->request), id) != 0;
}

enum last {
	LAST_ANY,
	LAST_WHOLE,  /* of the whole request: no insert of a part */
	LAST_CONTENT /* of those, the last that made its content */
};

/* The last write of a request that the HRIS took. */
static struct intent *
update_last(const struct hris *h, const char *id, enum last which)
{
	const struct journal *j = h->journal;
	size_t i;

	for (i = j == NULL ? 0 : j->n; i-- > 0;) {
		if (j->rows[i].state != INTENT_REFUSED &&
		    (which != LAST_CONTENT || (j->rows[i].op != INTENT_APPROVE &&
						  j->rows[i].op != INTENT_CREATE_FIRST)) &&
		    (which == LAST_ANY || !is_part(j, &j->rows[i], id)) &&
		    journal_is_of(j, &j->rows[i], id))
			return &j->rows[i];
	}
	return NULL;
}

/* The last write is on no list any more: it has ended, or all that it asked is shown. */
static void
update_close(struct hris *h, const char *id, enum intent_state state)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct intent *last = update_last(h, id, LAST_ANY);

	if (last == NULL ||
	    (last->state != INTENT_DIFFERENT && last->state != INTENT_NOT_APPROVED &&
		last->state != INTENT_HALF_REPLACED))
		return;
	last->code = last->text = "";
	h->failure = &ignored;
	(void)journal_update(h, last, state, intent_state_name(state));
	h->failure = mine;
}

static void
update_close_done(
    struct hris *h, const char *id, const struct intent *content, enum timeoff_status shown)
{
	const struct intent *last = update_last(h, id, LAST_ANY);

	if (last != NULL && strcmp(last->days, content->days) == 0 &&
	    strcmp(last->type, content->type) == 0 &&
	    (shown == STATUS_APPROVED || strcmp(last->wanted, content->wanted) == 0))
		update_close(h, id, INTENT_DONE);
}

/* Somebody has ended it in the HRIS: no stored answer says any more that it stands. */
static void
update_known_over(struct hris *h, const char *id)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct intent *last = update_last(h, id, LAST_ANY), *row;
	struct journal *j = h->journal;
	size_t i;

	h->failure = &ignored;
	for (i = 0; last != NULL && i < j->n; i++) {
		row = &j->rows[i];
		/* Of several runs each has an insert of its own, beside the whole of a replace. */
		if (row->state == INTENT_DONE && row->op != INTENT_CANCEL &&
		    row->op != INTENT_DENY &&
		    (row == last || (j->joins && journal_is_of(j, row, id))))
			(void)journal_update(h, row, INTENT_ENDED, "ended");
	}
	h->failure = mine;
}

/* The request as it is now. */
static enum gw_err
update_look(struct hris *h, const struct timeoff *t, struct current *now)
{
	enum gw_err err = hris_current(h, t->agent_id, t->request_id, now);

	if (err != GW_OK)
		return err;
	if (now->there ? status_ended(now->found.status)
		       : now->gone || h->driver->traits(h)->consistent)
		update_known_over(h, t->request_id);
	if (now->there)
		return GW_OK;
	return fail(h->failure, CODE_HRIS_NOT_FOUND,
	    "the HRIS has no request %s; nothing was written", t->request_id);
}

/* Is asked what was asked last, and shown what was shown then? An accepted difference stands. */
static bool
update_stands(
    struct hris *h, const struct intent *last, const struct intent *content, const struct found *f)
{
	return last != NULL && last->shown[0] != '\0' && content->days[0] != '\0' &&
	       strcmp(last->days, content->days) == 0 && strcmp(last->type, content->type) == 0 &&
	       journal_same_content(journal_row_text(h, f), last->shown);
}

/* A look-up that may be late shows what the ledger knows as ended; a blind HRIS shows nothing. */
static enum gw_err
update_over(struct hris *h, const struct timeoff *t, const struct intent *last)
{
	bool looks = h->driver->traits(h)->has[OPERATION_FIND];

	if (h->driver->traits(h)->consistent || last == NULL ||
	    (last->state != INTENT_TAKEN_BACK && last->state != INTENT_ENDED &&
		last->state != INTENT_HALF_REPLACED &&
		(last->state != INTENT_DONE ||
		    (last->op != INTENT_CANCEL && last->op != INTENT_DENY))))
		return GW_OK;
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "request %s had ended by %s and %s: look at it there; nothing was written",
	    t->request_id, journal_when(h->arena, last->settled_ms),
	    looks ? "the HRIS shows it as if it had not" : "this HRIS cannot be asked for it");
}

/*
 * Where a look-up may be late, what it shows against the last write may be from before it. *same:
 * what is asked is shown, which then proves nothing.
 */
static enum gw_err
update_late(struct hris *h, const struct timeoff *t, const struct intent *last,
    const struct intent *content, const struct current *now, bool *same)
{
	if (h->driver->traits(h)->consistent || last == NULL || !now->there ||
	    (last->state != INTENT_DONE && last->state != INTENT_DIFFERENT &&
		last->state != INTENT_NOT_APPROVED))
		return GW_OK;
	if (!*same && last->op != INTENT_INSERT &&
	    memcmp(last->key, content->key, LEDGER_HMAC) == 0)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "the same was written to request %s at %s and the HRIS shows something else: look at it there; nothing was written now",
		    t->request_id, journal_when(h->arena, last->settled_ms));
	*same = *same && (last->days[0] == '\0' ||
			     (strcmp(last->days, content->days) == 0 &&
				 strcmp(last->type, content->type) == 0) ||
			     journal_same_content(journal_row_text(h, &now->found), last->shown));
	return GW_OK;
}

static enum gw_err
update_end(struct hris *h, const struct timeoff *t, const struct current *current,
    struct intent *content, struct timeoff_done *done)
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
	struct replaced parts;
	enum gw_err err;

	done->status = t->status;
	if (current->there && status_ended(current->found.status)) {
		done->status = current->found.status;
		update_close(h, t->request_id, INTENT_ENDED);
		return GW_OK;
	}
	if (current->there) {
		err = update_over(h, t, update_last(h, t->request_id, LAST_CONTENT));
		if (err != GW_OK)
			return err;
	}
	/* Of several runs, parts that have ended are left alone. */
	if (current->there && traits->by_run && strchr(t->request_id, ',') != NULL) {
		err = replaced_look(h, current, &in, &parts);
		if (err != GW_OK)
			return err;
		in.request_id = parts.ids;
		if (parts.ids[0] == '\0') {
			update_close(h, t->request_id, INTENT_ENDED);
			return GW_OK;
		}
	}
	if (current->there && current->found.ranged) {
		in.min_date = current->found.start;
		in.max_date = current->found.end;
	}
	/* An HRIS may want the type in the call that cancels. */
	if (current->there && hris_type(h, current->found.type_id, NULL, &in.type) != GW_OK)
		fail_clear(h->failure);
	return update_state(h, op, content, &in, done);
}

static enum gw_err
update_approve(
    struct hris *h, struct intent *content, struct operation_in *in, struct timeoff_done *done)
{
	enum gw_err err;

	if (h->journal != NULL)
		in->skip_writes = h->journal->resume;
	err = update_state(h, OPERATION_APPROVE, content, in, done);
	if (err == GW_OK)
		update_close_done(h, in->request_id, content, STATUS_APPROVED);
	return err;
}

static enum gw_err
update_live(struct hris *h, const struct timeoff *t, const struct current *now,
    struct intent *content, struct timeoff_done *done)
{
	const struct intent *last;
	struct operation_in in;
	bool same, stands, ours;
	enum gw_err err;

	if (status_ended(now->found.status))
		return fail(h->failure, CODE_HRIS_CONFLICT,
		    "request %s is %s in the HRIS and cannot be changed; nothing was written",
		    t->request_id, status_name(now->found.status));
	err = write_prepare(h, t, &in);
	if (err != GW_OK)
		return err;
	in.was = now->found.status;
	same = now->there && content_same(h, &in, &now->found);
	last = update_last(h, t->request_id, LAST_CONTENT);
	if (last == NULL)
		last = runs_written(
		    h, t->request_id, content, now->there && !same ? &now->found : NULL);
	err = update_over(h, t, last);
	if (err != GW_OK)
		return err;
	stands = now->there && !same && update_stands(h, last, content, &now->found);
	/* A difference that the route does not accept is no ground to approve. */
	if (stands || (now->there && h->journal != NULL && h->journal->raises))
		err = verify_standing(h, &in, &now->found, done);
	same = same || stands;
	if (err == GW_OK)
		err = update_late(h, t, last, content, now, &same);
	if (err != GW_OK)
		return err;
	done->status = now->found.status;
	/* What somebody approved in the HRIS is not undone. */
	if (same && (now->found.status == t->status ||
			(now->found.status == STATUS_APPROVED && last != NULL &&
			    text_equal(last->wanted, content->wanted)))) {
		err = verify_standing(h, &in, &now->found, done);
		if (err == GW_OK)
			update_close_done(h, t->request_id, content, now->found.status);
		return err;
	}
	if (t->status == STATUS_PENDING && !t->skip_balance)
		err = write_check_balance(h, &in, now);
	if (err != GW_OK)
		return err;
	/* An earlier call for the same has written it. */
	ours = last != NULL && last->op == INTENT_CHANGE && (same || !now->there) &&
	       memcmp(last->key, content->key, LEDGER_HMAC) == 0;
	if (!same || now->found.status != STATUS_PENDING || t->status != STATUS_APPROVED ||
	    !h->driver->traits(h)->has[OPERATION_APPROVE])
		err = update_change(h, t, now, content, &in, done);
	else
		err = update_approve(h, content, &in, done);
	return ours && err != GW_ENOTFOUND ? write_stands(h, t->request_id, err) : err;
}

/*
 * An insert of which the id was never learned may be the request that is to change: by its days,
 * or, where a cancel names none and a look that is late would show it as it was before, if no other
 * write is known to be of that id.
 */
static bool
may_be_it(struct hris *h, const struct intent *row, const char *id, const char *days)
{
	const struct traits *t = h->driver->traits(h);

	if (row->op != INTENT_INSERT || row->request[0] != '\0')
		return false;
	if (days[0] != '\0')
		return asked_touch(row->days, days);
	return t->has[OPERATION_FIND] && !t->consistent && !journal_knows(h->journal, id);
}

/* May two requests stand where one was asked for? Then one of them has to end first. */
static bool
may_be_two(const struct intent *row)
{
	return row->op == INTENT_CREATE_FIRST &&
	       (intent_is_open(row->state) || row->state == INTENT_DIFFERENT);
}

/*
 * Nothing is written to a request while an earlier write of it is open: but where the new one of a
 * create-first stands as asked, the same update ends the old one.
 */
static enum gw_err
update_settle(
    struct hris *h, const char *id, const char *days, const unsigned char key[LEDGER_HMAC])
{
	struct journal *j = h->journal;
	enum gw_err err = GW_OK;
	struct intent *row;
	bool approves;
	size_t i;

	for (i = 0; j != NULL && i < j->n && err == GW_OK; i++) {
		row = &j->rows[i];
		if ((!intent_is_open(row->state) && !may_be_two(row)) ||
		    (!journal_is_of(j, row, id) && !may_be_it(h, row, id, days)))
			continue;
		approves = row->op == INTENT_APPROVE ||
			   (row->op == INTENT_INSERT && row->request[0] != '\0');
		err = settle_row(h, row);
		if (err == GW_OK && row == j->both && memcmp(row->key, key, LEDGER_HMAC) == 0)
			err = beside_end_old(h, row, j->both_as);
		else if (err == GW_OK && (intent_is_open(row->state) || may_be_two(row)))
			err = settle_unknown(h, row);
		if (approves)
			j->resume = row->steps;
	}
	return err;
}

/* The same update before, and no other write of that request since; NULL: there is none. One that
 * was taken back is one, too. */
static const struct intent *
update_before(const struct hris *h, const char *id, const struct intent *content)
{
	const struct intent *last = update_last(h, id, LAST_WHOLE);

	return last == NULL || last->op == INTENT_INSERT ||
		       (last->state != INTENT_DONE && last->state != INTENT_TAKEN_BACK) ||
		       memcmp(last->key, content->key, LEDGER_HMAC) != 0
		   ? NULL
		   : last;
}

/* It gets the stored answer; later what the HRIS shows decides, where it shows anything. */
static enum gw_err
update_repeat(struct hris *h, const struct intent *before, enum timeoff_status status,
    struct timeoff_done *done, bool *judged)
{
	int64_t age = clock_wall_ms(h->clock) - before->settled_ms;

	if (before->state == INTENT_TAKEN_BACK) {
		*judged = done->replayed = age >= 0 && age < TAKEN_BACK_MS;
		return *judged ? fail(h->failure, CODE_HRIS_DIFFERENT, "%s", before->text) : GW_OK;
	}
	done->replayed = age >= 0 && age < REPLAY_MS;
	*judged = done->replayed || !h->driver->traits(h)->has[OPERATION_FIND];
	if (!done->replayed && *judged)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "the same was written to request %s at %s and this HRIS cannot be asked for it: look at it there; nothing was written now",
		    done->request_id, journal_when(h->arena, before->settled_ms));
	if (done->replayed) {
		done->recorded_minutes = before->recorded_minutes;
		done->status = status;
	}
	return GW_OK;
}

/* A replace of the same content that stopped half-way; NULL: none. */
static struct intent *
update_half(const struct hris *h, const char *id, const struct intent *content)
{
	const struct journal *j = h->journal;
	size_t i;

	for (i = j == NULL ? 0 : j->n; i-- > 0;) {
		if (j->rows[i].state == INTENT_HALF_REPLACED &&
		    strcmp(j->rows[i].before, id) == 0 &&
		    memcmp(j->rows[i].key, content->key, LEDGER_HMAC) == 0)
			return &j->rows[i];
	}
	return NULL;
}

void
update_key(const struct hris *h, const struct timeoff *t, const char *id, const char *days,
    unsigned char out[LEDGER_HMAC])
{
	const char *parts[] = {
	    journal_oldest(h->journal, id), status_name(t->status), t->type_id, t->type_id2, days};

	journal_key(h, "update", t->agent_id, parts, ARRAY_LEN(parts), out);
}

/* A cancel names no days: those of the request's insert are what it is about. */
static void
update_days(const struct hris *h, const char *id, const struct current *now, struct intent *content)
{
	const struct journal *j = h->journal;
	size_t i;

	for (i = 0; content->days[0] == '\0' && j != NULL && i < j->n; i++) {
		if (j->rows[i].op == INTENT_INSERT && journal_is_of(j, &j->rows[i], id)) {
			content->days = j->rows[i].days;
			content->type = j->rows[i].type;
			content->first_day = j->rows[i].first_day;
			content->last_day = j->rows[i].last_day;
		}
	}
	if (now->found.ranged && content->first_day == 0) {
		content->first_day = now->found.start.day;
		content->last_day = now->found.end.day;
	}
}

/*
 * What a replace cancelled may be live again, by a person: then it is changed as any other. A
 * look-up that is not consistent may show what stood before its cancel.
 */
static enum gw_err
update_half_revived(struct hris *h, const char *agent_id, struct intent **half)
{
	const struct traits *traits = h->driver->traits(h);
	struct current now;
	enum gw_err err;

	if (*half == NULL || !traits->has[OPERATION_FIND])
		return GW_OK;
	err = hris_current(h, agent_id, (*half)->before, &now);
	if (err != GW_OK || !now.there || !found_is_live(&now.found))
		return err;
	if (!traits->consistent)
		return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
		    "request %s was cancelled at %s to be replaced, and the HRIS shows it live: look at it there, and cancel it or enter what is missing by hand; nothing was written now",
		    (*half)->before, journal_when(h->arena, (*half)->begun_ms));
	err = journal_update(h, *half, INTENT_REFUSED, intent_state_name(INTENT_REFUSED));
	*half = NULL;
	return err;
}

enum gw_err
update_locked(struct hris *h, const struct timeoff *ask, const struct intent *asked,
    struct timeoff_done *done)
{
	struct timeoff t = *ask;
	struct intent content = *asked;
	struct current now = {0};
	struct operation_in in;
	const struct intent *same;
	struct intent *half;
	bool judged = false;
	enum gw_err err;

	t.request_id = journal_newest(h->journal, ask->request_id);
	*done = (struct timeoff_done){.request_id = t.request_id, .recorded_minutes = -1};
	update_key(h, &t, t.request_id, content.days, content.key);
	err = update_settle(h, t.request_id, content.days, content.key);
	if (err != GW_OK)
		return err;
	/* A replace that is known now may have put another in its place. */
	done->request_id = t.request_id = journal_newest(h->journal, t.request_id);
	update_key(h, &t, t.request_id, content.days, content.key);
	same = update_before(h, t.request_id, &content);
	if (same != NULL)
		err = update_repeat(h, same, t.status, done, &judged);
	if (err != GW_OK || judged)
		return err;
	half = update_half(h, t.request_id, &content);
	err = update_half_revived(h, t.agent_id, &half);
	if (err == GW_OK && half != NULL) {
		err = write_prepare(h, &t, &in);
		return err == GW_OK ? replace_go_on(h, &t, half, &in, done) : err;
	}
	if (err != GW_OK)
		return err;
	/* What it holds is compared in his days. What ends may be of somebody who has left. */
	if (!status_ended(t.status))
		err = hris_agent(h, t.agent_id);
	if (err == GW_OK && h->driver->traits(h)->has[OPERATION_FIND])
		err = update_look(h, &t, &now);
	if (err != GW_OK)
		return err;
	content.before = t.request_id;
	content.stood = now.there ? journal_row_text(h, &now.found) : "";
	update_days(h, t.request_id, &now, &content);
	return status_ended(t.status) ? update_end(h, &t, &now, &content, done)
				      : update_live(h, &t, &now, &content, done);
}
