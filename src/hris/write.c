/* write.c: what inserting and changing share: type and days, the balance, and the ledger's row. */
#include "hris/write.h"

#include <string.h>

#include "base/text.h"

enum gw_err
write_prepare(struct hris *h, const struct timeoff *t, struct operation_in *in)
{
	struct day *days = arena_array(h->arena, t->n_days + 1, sizeof(*days));
	enum gw_err err;

	if (days == NULL) {
		(void)fail_memory(h->failure);
		return GW_EINTERNAL;
	}
	memcpy(days, t->days, t->n_days * sizeof(*days));
	*in = (struct operation_in){.agent_id = t->agent_id,
	    .request_id = t->request_id,
	    .status = t->status,
	    .min_date = t->min_date,
	    .max_date = t->max_date,
	    .look_from = t->min_date,
	    .look_to = t->max_date,
	    .notes = t->notes,
	    .marker = h->marker};
	in->days = days;
	in->n_days = t->n_days;
	err = hris_agent(h, t->agent_id);
	if (err == GW_OK)
		err = hris_type(h, t->type_id, t->type_id2, &in->type);
	return err == GW_OK ? days_prepare(h, in->type, days, t->n_days) : err;
}

enum gw_err
write_content(
    struct hris *h, const struct timeoff *t, const struct timeoff_type *type, struct intent *out)
{
	const char *parts[4], *idempotency[1] = {t->idempotency_key};

	*out = (struct intent){.ledger = "",
	    .agent = "",
	    .request = "",
	    .before = "",
	    .type = type == NULL ? "" : type->id,
	    .days = asked_text(h->arena, t),
	    .first_day = t->min_date.day,
	    .last_day = t->max_date.day,
	    .minutes = days_minutes(t->days, t->n_days),
	    .wanted = status_name(t->status),
	    .stood = "",
	    .shown = "",
	    .seen = "",
	    .code = "",
	    .text = ""};
	if (out->days == NULL)
		return fail_memory(h->failure);
	parts[0] = out->type;
	parts[1] = type == NULL ? "" : type->id2;
	parts[2] = out->days;
	journal_key(h, "insert", t->agent_id, parts, 3, out->key);
	if (t->idempotency_key != NULL)
		journal_key(h, "idempotency", t->agent_id, idempotency, 1, out->idempotency);
	return GW_OK;
}

enum gw_err
write_stands(struct hris *h, const char *request_id, enum gw_err err)
{
	struct failure refused = *h->failure;

	if (err == GW_OK || err == GW_EUNKNOWN || refused.code == CODE_HRIS_NOT_APPROVED ||
	    refused.code == CODE_HRIS_DIFFERENT)
		return err;
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_NOT_APPROVED,
	    "request %s stands as it was written before, and is not approved: %s", request_id,
	    refused.text);
}

size_t
runs_count(struct hris *h, const struct operation_in *in)
{
	const struct traits *t = h->driver->traits(h);
	size_t at = 0, len, n = 0;

	if (!t->by_run)
		return 1;
	while ((len = days_run(in->days, in->n_days, t, &at)) > 0) {
		at += len;
		n++;
	}
	return n;
}
