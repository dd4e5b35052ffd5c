/*
 * insert.c: a new request. What the ledger knows of it decides first: a repeat gets the answer of
 * the one before, as far as the HRIS still shows it; an open fate is looked at before anything is
 * written.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

static bool
same_bytes(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, LEDGER_HMAC) == 0;
}

static bool
has_idempotency(const struct intent *row)
{
	static const unsigned char none[LEDGER_HMAC];

	return !same_bytes(row->idempotency, none);
}

/* A cancel whose days are not known may be of any days that its request had. */
static bool
row_touches(const struct intent *row, const struct intent *content)
{
	if (row->days[0] != '\0')
		return asked_touch(row->days, content->days);
	return row->first_day == 0 ||
	       (row->first_day <= content->last_day && content->first_day <= row->last_day);
}

/* Before a write nothing of that agent may be open that it could double. */
static enum gw_err
insert_settle(struct hris *h, const struct intent *content)
{
	struct journal *j = h->journal;
	enum gw_err err = GW_OK;
	struct intent *row;
	size_t i;

	for (i = 0; i < j->n && err == GW_OK; i++) {
		row = &j->rows[i];
		if (row == j->whole || (!intent_is_open(row->state) && !journal_has_parts(row)) ||
		    (!row_touches(row, content) && !same_bytes(row->key, content->key)))
			continue;
		if (intent_is_open(row->state))
			err = settle_row(h, row);
		if (err == GW_OK && (intent_is_open(row->state) || journal_has_parts(row)))
			err = settle_unknown(h, row);
	}
	return err;
}

enum gw_err
insert_row(struct hris *h, const struct intent *content, struct intent **out)
{
	struct journal *j = h->journal;
	struct intent *row;
	enum gw_err err = insert_settle(h, content);
	size_t i;

	*out = NULL;
	for (i = j->n; err == GW_OK && i-- > 0 && *out == NULL;) {
		row = &j->rows[i];
		if (row->op == INTENT_INSERT && same_bytes(row->key, content->key))
			*out = row;
	}
	for (i = j->n; err == GW_OK && has_idempotency(content) && i-- > 0;) {
		row = &j->rows[i];
		if (row->op != INTENT_INSERT ||
		    !same_bytes(row->idempotency, content->idempotency) ||
		    same_bytes(row->key, content->key) || row->state == INTENT_REFUSED ||
		    row->state == INTENT_ENDED)
			continue;
		return fail(h->failure, CODE_INPUT_IDEMPOTENCY,
		    "this idempotencyKey was used at %s for a request of other days, minutes or type; nothing was written",
		    journal_when(h->arena, row->begun_ms));
	}
	return err;
}

/* The answer that was given before. */
static enum gw_err
repeat_stored(struct hris *h, const struct intent *row, struct timeoff_done *done)
{
	*done = (struct timeoff_done){.request_id = journal_newest(h->journal, row->request),
	    .replayed = true,
	    .recorded_minutes = row->recorded_minutes};
	(void)status_parse(row->wanted, &done->status);
	if (row->state == INTENT_NOT_APPROVED)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED, "%s", row->text);
	if (row->state == INTENT_TAKEN_BACK)
		done->request_id = "";
	if (row->state == INTENT_TAKEN_BACK || row->state == INTENT_DIFFERENT)
		return fail(h->failure, CODE_HRIS_DIFFERENT, "%s", row->text);
	return GW_OK;
}

/* Recorded before, and now it cannot be said whether it is still there. */
static enum gw_err
repeat_unseen(struct hris *h, const struct intent *row, const char *why)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "recorded at %s as %s; %s: look there before entering it by hand%s%s",
	    journal_when(h->arena, row->begun_ms), row->request, why,
	    earlier.text[0] == '\0' ? "" : ": ", earlier.text);
}

/* Approved it should be, and it waits. The insert that died before its approval goes on. */
static enum gw_err
repeat_waiting(struct hris *h, const struct timeoff *t, const struct intent *content,
    struct intent *row, bool resumes, struct timeoff_done *done)
{
	struct timeoff update = *t;
	enum gw_err err;

	if (row->state == INTENT_NOT_APPROVED && !resumes) {
		done->request_id = row->request;
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "request %s stands as pending; approve it in the HRIS", row->request);
	}
	update.request_id = row->request;
	h->journal->raises = true;
	err = h->journal->raise(h, &update, content, done);
	if (err == GW_OK)
		return journal_update(h, row, INTENT_DONE, "done");
	return write_stands(h, row->request, err);
}

/* Somebody may have changed it meanwhile, or mended it, or the route accepts it. */
static enum gw_err
repeat_different(struct hris *h, const struct timeoff *t, const struct found *f, struct intent *row,
    struct timeoff_done *done)
{
	struct operation_in in;
	enum gw_err err = write_prepare(h, t, &in);

	done->request_id = row->request;
	if (err == GW_OK)
		err = verify_standing(h, &in, f, done);
	row->shown = journal_row_text(h, f);
	row->recorded_minutes = done->recorded_minutes;
	return err;
}

/* What the HRIS shows of a request that was recorded. *anew: it has ended, and is written again. */
static enum gw_err
repeat_look(struct hris *h, const struct timeoff *t, const struct intent *content,
    struct intent *row, bool resumes, struct timeoff_done *done, bool *anew)
{
	const struct traits *traits = h->driver->traits(h);
	struct current now;
	enum gw_err err;

	if (!traits->has[OPERATION_FIND] && row->state == INTENT_DONE &&
	    t->status == STATUS_APPROVED && !text_equal(row->wanted, status_name(STATUS_APPROVED)))
		return repeat_waiting(h, t, content, row, resumes, done);
	if (!traits->has[OPERATION_FIND] && row->state != INTENT_DONE)
		return repeat_stored(h, row, done);
	if (!traits->has[OPERATION_FIND])
		return repeat_unseen(h, row, "this HRIS cannot be asked for it");
	err = hris_current(h, t->agent_id, journal_newest(h->journal, row->request), &now);
	if (err != GW_OK)
		return repeat_unseen(h, row, "the HRIS cannot be asked for it now");
	if (!now.there && !now.gone && !traits->consistent)
		return repeat_unseen(h, row, "the HRIS does not show it now");
	if (!now.there || status_ended(now.found.status)) {
		*anew = row->state == INTENT_DONE;
		err = journal_update(h, row, INTENT_ENDED, "ended");
		if (err != GW_OK || *anew)
			return err;
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "request %s was written at %s and has ended in the HRIS; nothing was written now",
		    row->request, journal_when(h->arena, row->begun_ms));
	}
	err = repeat_different(h, t, &now.found, row, done);
	if (err != GW_OK && row->state != INTENT_DIFFERENT)
		(void)journal_update(h, row, INTENT_DIFFERENT, "different");
	if (err != GW_OK)
		return err;
	if (t->status == STATUS_APPROVED && now.found.status != STATUS_APPROVED)
		return repeat_waiting(h, t, content, row, resumes, done);
	if (err == GW_OK && row->state != INTENT_DONE)
		err = journal_update(h, row, INTENT_DONE, "done");
	if (err == GW_OK)
		err = repeat_stored(h, row, done);
	done->status = now.found.status;
	return err;
}

/* *anew: nothing of it stands, and it is written again. */
static enum gw_err
repeat_insert(struct hris *h, const struct timeoff *t, const struct intent *content,
    struct intent *row, bool resumes, struct timeoff_done *done, bool *anew)
{
	int64_t age = clock_wall_ms(h->clock) - row->settled_ms;
	bool raises =
	    t->status == STATUS_APPROVED && !text_equal(row->wanted, status_name(STATUS_APPROVED));

	*anew = row->state == INTENT_REFUSED || row->state == INTENT_ENDED ||
		(row->state == INTENT_TAKEN_BACK && (age < 0 || age >= TAKEN_BACK_MS));
	if (*anew)
		return GW_OK;
	if (row->state == INTENT_TAKEN_BACK ||
	    (row->state == INTENT_DONE && !raises && age >= 0 && age < REPLAY_MS))
		return repeat_stored(h, row, done);
	return repeat_look(h, t, content, row, resumes, done, anew);
}

/* Was it recorded otherwise than asked? It may be what a refused replace entered again. */
static bool
stands_otherwise(const struct journal *j, const char *id)
{
	size_t i;

	for (i = 0; i < j->n; i++) {
		if (j->rows[i].state == INTENT_DIFFERENT && strcmp(j->rows[i].request, id) == 0)
			return true;
	}
	return false;
}

/*
 * What stands there may be this request: by a write that a lost ledger has forgotten, until the day
 * that it names; or in place of the one that has ended: entered by a person, or again by a replace.
 */
static enum gw_err
insert_look_first(struct hris *h, const struct operation_in *in, const struct intent *row)
{
	bool lost = in->days[0].date.day <= ledger_look_until(h->ledger);
	bool ended = row != NULL && row->state != INTENT_REFUSED;
	const char *ids = "";
	struct found *rows;
	enum gw_err err;
	size_t n = 0, i;

	if (!lost && (!ended || !h->driver->traits(h)->has[OPERATION_FIND]))
		return GW_OK;
	err = hris_find(h, in->agent_id, NULL, in->look_from, in->look_to, &rows, &n);
	for (i = 0; err == GW_OK && i < n; i++) {
		if (found_is_live(&rows[i]) && text_equal(rows[i].type_id, in->type->id) &&
		    found_touches(&rows[i], in) &&
		    (lost || !journal_knows(h->journal, rows[i].id) ||
			stands_otherwise(h->journal, rows[i].id) || content_same(h, in, &rows[i])))
			ids_add(h, &ids, rows[i].id);
	}
	if (err != GW_OK || ids[0] == '\0')
		return err;
	if (!lost)
		return fail(h->failure, CODE_HRIS_CONFLICT,
		    "request %s has ended, and the HRIS holds on these days what takes its place: %s; nothing was written",
		    row->request, ids);
	return fail(h->failure, CODE_HRIS_CONFLICT,
	    "the ledger was lost and the HRIS holds requests of this type on these days: %s; nothing was written",
	    ids);
}

/* The write itself. again: an attempt that was refused; ended: the generation before. */
static enum gw_err
insert_write(struct hris *h, const struct timeoff *t, struct operation_in *in,
    struct intent *content, struct intent *row, struct timeoff_done *done)
{
	struct intent *again = row != NULL && row->state == INTENT_REFUSED ? row : NULL;
	enum gw_err err = GW_OK;

	in->added = in->days;
	in->n_added = in->n_days;
	if (row != NULL)
		content->generation = row->generation + 1;
	if (h->journal != NULL)
		err = insert_look_first(h, in, row);
	if (err == GW_OK && t->status == STATUS_PENDING && !t->skip_balance)
		err = write_check_balance(h, in, NULL);
	if (err == GW_OK)
		err = journal_intend(h, INTENT_INSERT, content, again, in);
	if (err == GW_OK)
		err = journal_fate(h, fate_write(h, OPERATION_INSERT, in, done), done);
	return err;
}

enum gw_err
insert_one(struct hris *h, const struct timeoff *t, struct operation_in *in, struct intent *content,
    struct timeoff_done *done)
{
	struct intent *row = NULL;
	enum gw_err err = GW_OK;
	bool anew = true, resumes = false;
	size_t i;

	for (i = 0; h->journal != NULL && i < h->journal->n; i++) {
		row = &h->journal->rows[i];
		if (!intent_is_open(row->state) || !same_bytes(row->key, content->key))
			continue;
		resumes = true;
		/* Before its id was known they were calls of the insert. */
		h->journal->resume = row->request[0] == '\0' ? 0 : row->steps;
	}
	if (h->journal != NULL && t->idempotency_key != NULL && !has_idempotency(content))
		err = fail_memory(h->failure);
	if (h->journal != NULL && err == GW_OK)
		err = insert_row(h, content, &row);
	if (err == GW_OK && row != NULL)
		err = repeat_insert(h, t, content, row, resumes, done, &anew);
	return err == GW_OK && anew ? insert_write(h, t, in, content, row, done) : err;
}
