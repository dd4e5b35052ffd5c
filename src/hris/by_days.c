/*
 * by_days.c: an insert and an update as they come. An update that names no request is known by its
 * days: to the ledger, else to the HRIS.
 */
#include <string.h>

#include "base/text.h"
#include "hris/write.h"

/* Neither the ledger nor, by its days, the HRIS knows the request. */
static enum gw_err
update_unknown(
    struct hris *h, const struct timeoff *t, struct intent *content, struct timeoff_done *done)
{
	struct timeoff ours = *t;
	const char *ids = "", *whole = NULL, *id;
	struct operation_in in;
	struct found *rows;
	enum gw_err err = write_prepare(h, t, &in);
	size_t n = 0, i;
	bool one = true;

	if (err == GW_OK)
		err = hris_find(h, t->agent_id, NULL, t->min_date, t->max_date, &rows, &n);
	if (err != GW_OK)
		return err;
	for (i = 0; i < n; i++) {
		if (!found_is_live(&rows[i]) || !text_equal(rows[i].type_id, in.type->id) ||
		    !found_touches(&rows[i], &in))
			continue;
		ids_add(h, &ids, rows[i].id);
		id = journal_knows(h->journal, rows[i].id) ? journal_whole(h->journal, rows[i].id)
							   : NULL;
		one = one && id != NULL && (whole == NULL || strcmp(id, whole) == 0);
		whole = id;
	}
	/* A change of ours has moved it here, or entered all of it. */
	ours.request_id = whole;
	if (one && whole != NULL)
		return update_locked(h, &ours, content, done);
	if (ids[0] != '\0')
		return fail(h->failure, CODE_HRIS_CONFLICT,
		    "the update names no request, and on these days the HRIS holds one that the gateway has not written: %s; nothing was written",
		    ids);
	done->status = t->status;
	return status_ended(t->status) ? GW_OK : insert_locked(h, t, &in, content, done);
}

/* WFM may have no id after a sync that failed: the ledger finds the request by its days. */
static enum gw_err
update_without_id(
    struct hris *h, const struct timeoff *t, struct intent *content, struct timeoff_done *done)
{
	struct timeoff found = *t;
	struct intent *row;
	enum gw_err err;

	if (h->journal == NULL || t->n_days == 0)
		return fail(h->failure, CODE_INPUT_REQUIRED,
		    "inputTimeOffRequestId is required, or the days and the type of the request");
	err = insert_row(h, content, &row);
	if (err != GW_OK)
		return err;
	found.request_id = row == NULL ? "" : row->request;
	if (found.request_id[0] == '\0')
		err = runs_known(h, t, &found.request_id);
	if (err != GW_OK)
		return err;
	if (found.request_id[0] == '\0')
		return update_unknown(h, t, content, done);
	return update_locked(h, &found, content, done);
}

enum gw_err
hris_update(struct hris *h, const struct timeoff *t, struct timeoff_done *done)
{
	bool named = !text_is_empty(t->request_id);
	const struct timeoff_type *type = NULL;
	unsigned char key[LEDGER_HMAC];
	struct intent content;
	struct journal j;
	enum gw_err err = GW_OK;

	*done =
	    (struct timeoff_done){.request_id = named ? t->request_id : "", .recorded_minutes = -1};
	if (!text_is_empty(t->type_id) && (!named || !status_ended(t->status)))
		err = hris_type(h, t->type_id, t->type_id2, &type);
	if (err == GW_OK)
		err = write_content(h, t, type, &content);
	if (err != GW_OK)
		return err;
	update_key(h, t, t->request_id, content.days, key);
	err = journal_open(h, &j, t->agent_id, t->request_id, key);
	j.raise = update_locked;
	if (err == GW_OK)
		err = named ? update_locked(h, t, &content, done)
			    : update_without_id(h, t, &content, done);
	journal_close(h);
	return err;
}

enum gw_err
hris_insert(struct hris *h, const struct timeoff *t, struct timeoff_done *done)
{
	struct intent content;
	struct operation_in in;
	struct journal j;
	enum gw_err err = write_prepare(h, t, &in);

	*done = (struct timeoff_done){.request_id = "", .recorded_minutes = -1};
	if (err == GW_OK)
		err = write_content(h, t, in.type, &content);
	if (err == GW_OK && runs_count(h, &in) > 1)
		err = runs_first_key(h, t, &in, content.key);
	if (err == GW_OK)
		err = journal_open(h, &j, t->agent_id, NULL, content.key);
	j.raise = update_locked;
	if (err == GW_OK)
		err = insert_locked(h, t, &in, &content, done);
	journal_close(h);
	return err;
}
