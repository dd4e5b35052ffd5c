/* get_balance.c: what an agent has left, per type and date. */
#include <stdio.h>

#include "cgi-bin/endpoints.h"
#include "gateway/reply.h"

struct balance_in {
	struct id agent_id;
	struct date_list dates;
	struct id_list type_ids, type_id2s;
};

struct balance_out {
	struct balance_answer *items;
	size_t n;
	bool id2s;
};

static const struct field input[] = {FIELD(balance_in, agent_id, "agentId", REQUIRED),
    FIELD(balance_in, dates, "inputDates", REQUIRED),
    FIELD(balance_in, type_ids, "inputTimeOffTypeIds", REQUIRED),
    FIELD(balance_in, type_id2s, "inputTimeOffTypeId2s", OPTIONAL), FIELD_LAST};

static enum gw_err
run(struct hris *h, const void *in, void *out)
{
	const struct balance_in *ask = in;
	struct balance_out *answer = out;
	struct balance_ask all = {.agent_id = ask->agent_id.text,
	    .dates = ask->dates.items,
	    .n_dates = ask->dates.n,
	    .type_ids = ask->type_ids.items,
	    .n_types = ask->type_ids.n};

	if (ask->dates.n == 0 || ask->type_ids.n == 0)
		return fail(h->failure, CODE_INPUT_REQUIRED, "%s is empty",
		    ask->dates.n == 0 ? "inputDates" : "inputTimeOffTypeIds");
	if (ask->dates.n * ask->type_ids.n > LIMIT_COMBINATIONS)
		return fail(h->failure, CODE_INPUT_LIMIT,
		    "inputDates times inputTimeOffTypeIds is %zu, and at most %d are taken",
		    ask->dates.n * ask->type_ids.n, LIMIT_COMBINATIONS);
	if (ask->type_id2s.n > 0 && ask->type_id2s.n != ask->type_ids.n)
		return fail(h->failure, CODE_INPUT_ALIGN,
		    "inputTimeOffTypeId2s has %zu items and inputTimeOffTypeIds has %zu: empty, or as many",
		    ask->type_id2s.n, ask->type_ids.n);
	answer->id2s = ask->type_id2s.n > 0;
	if (answer->id2s)
		all.type_id2s = ask->type_id2s.items;
	return hris_balance(h, &all, &answer->items, &answer->n);
}

static const char *
date_of(const void *items, size_t i, char *scratch)
{
	_Static_assert((int)REPLY_SCRATCH >= (int)DATE_TEXT_MAX, "a date fits");

	date_format(((const struct balance_answer *)items)[i].date, scratch);
	return scratch;
}

static const char *
type_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct balance_answer *)items)[i].type_id;
}

static const char *
type2_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct balance_answer *)items)[i].type_id2;
}

static const char *
minutes_of(const void *items, size_t i, char *scratch)
{
	(void)snprintf(scratch, REPLY_SCRATCH, "%lld",
	    (long long)((const struct balance_answer *)items)[i].minutes);
	return scratch;
}

static void
reply_balances(struct reply *r, const void *in, const void *out, bool failed)
{
	static const struct balance_out none;
	const struct balance_out *answer = failed || out == NULL ? &none : out;

	(void)in;
	reply_list(r, "dates", answer->items, answer->n, date_of);
	reply_list(r, "timeOffTypeIds", answer->items, answer->n, type_of);
	reply_list(r, "timeOffTypeId2s", answer->items, answer->id2s ? answer->n : 0, type2_of);
	reply_list(r, "balanceMinutesPerDay", answer->items, answer->n, minutes_of);
}

const struct endpoint get_balance = {
    .name = "get-balance",
    .methods = "POST",
    .serve = gateway_act,
    .input = input,
    .run = run,
    .in_size = sizeof(struct balance_in),
    .out_size = sizeof(struct balance_out),
    .reply = reply_balances,
};
