/*
 * reconcile.c: looks at rows of the ledger without a request. Only looks: what differs stays, and
 * what is open is settled by the same rules as before a write.
 */
#include "base/text.h"
#include "hris/journal.h"

/* Has a later write of ours changed the request of that row? */
static bool
is_superseded(const struct journal *j, const struct intent *row)
{
	const char *id = row->request[0] != '\0' ? row->request : row->before;
	size_t i;

	for (i = 0; i < j->n; i++) {
		if (j->rows[i].n > row->n && j->rows[i].state != INTENT_REFUSED &&
		    j->rows[i].op != INTENT_CREATE_FIRST && id[0] != '\0' &&
		    journal_is_of(j, &j->rows[i], journal_newest(j, id)))
			return true;
	}
	return false;
}

static struct intent *
row_of(struct journal *j, int64_t n)
{
	size_t i;

	for (i = 0; i < j->n && j->rows[i].n != n; i++)
		continue;
	return i < j->n ? &j->rows[i] : NULL;
}

/* A row that was answered already: what a look shows of it never makes it less known. */
static enum intent_state
answered_look(struct hris *h, struct intent *row)
{
	enum intent_state before = row->state, now = settle_look(h, row);

	if (now == INTENT_UNKNOWN)
		return before;
	/* The HRIS said that it was done, and shows it as it was. */
	if (now == INTENT_REFUSED)
		return before == INTENT_NOT_APPROVED ? before : INTENT_DIFFERENT;
	return now;
}

static enum gw_err
reconcile_row(struct hris *h, struct intent *row)
{
	struct failure why = {0}, *mine = h->failure;
	enum intent_state before = row->state, now;
	enum intent_op op = row->op;
	bool seen = row->verified;

	h->failure = &why;
	now = intent_is_open(before) ? settle_look(h, row) : answered_look(h, row);
	h->failure = mine;
	if (now == before && row->verified == seen && row->op == op) {
		if ((now == INTENT_UNKNOWN || now == INTENT_DONE) && why.err != GW_OK)
			*h->failure = why;
		return h->failure->err;
	}
	if (now == INTENT_DONE)
		row->code = row->text = "";
	return journal_update(h, row, now, intent_state_name(now));
}

enum gw_err
hris_reconcile(struct hris *h, const struct intent *asked, struct intent *after)
{
	struct intent *row = NULL;
	struct journal j;
	enum gw_err err = journal_open(h, &j, asked->agent, NULL, asked->key);

	*after = *asked;
	if (err == GW_OK)
		row = row_of(&j, asked->n);
	if (row != NULL) {
		if (intent_is_open(row->state) ||
		    ((row->state == INTENT_DIFFERENT || row->state == INTENT_NOT_APPROVED ||
			 (row->state == INTENT_DONE && !row->verified)) &&
			!is_superseded(&j, row)))
			err = reconcile_row(h, row);
		*after = *row;
	}
	journal_close(h);
	return err;
}

enum gw_err
hris_ended(struct hris *h, const struct intent *asked, const char **how)
{
	struct journal j = {.ledger = asked->ledger, .agent = asked->agent};
	struct current now;
	enum gw_err err;

	*how = NULL;
	err = ledger_read(h->ledger, j.ledger, j.agent, h->arena, &j.rows, &j.n, h->failure);
	if (err != GW_OK || asked->request[0] == '\0' || is_superseded(&j, asked))
		return err;
	err = hris_current(h, asked->agent[0] == '\0' ? NULL : asked->agent,
	    journal_newest(&j, asked->request), &now);
	if (err != GW_OK)
		return err;
	if (!now.there)
		*how = now.gone || h->driver->traits(h)->consistent ? "not there" : "not shown";
	else if (status_ended(now.found.status))
		*how = status_name(now.found.status);
	return GW_OK;
}
