/*
 * get_agents.c: e-mail and external id of every agent. Without bucket the whole list
 * in 25 pairs of lists of 2,000; with bucket 0 the list is taken down, and 0 to 24 are read from
 * that for 15 minutes, so that all buckets are of one moment.
 */
#include <stdio.h>

#include "cgi-bin/endpoints.h"
#include "format/json.h"
#include "gateway/reply.h"

enum { SNAPSHOT_S = 15 * 60, SNAPSHOT_MAX = 32 * 1024 * 1024 };

static const char snapshot_space[] = "snapshot";

struct agents_in {
	struct whole bucket;
};

struct agents_out {
	struct agents_result agents;
	bool one_bucket;
	size_t bucket;
};

static const struct field input[] = {FIELD(agents_in, bucket, "bucket", OPTIONAL), FIELD_LAST};

/* A JSON array of skipped, then e-mail and id by turns. */
static enum gw_err
snapshot_take(struct hris *h, const struct agents_result *agents)
{
	struct buf b;
	enum gw_err err;
	size_t i;

	buf_init(&b, SNAPSHOT_MAX);
	buf_printf(&b, "[%zu", agents->skipped);
	for (i = 0; i < agents->n; i++) {
		buf_putc(&b, ',');
		json_string(&b, agents->items[i].email);
		buf_putc(&b, ',');
		json_string(&b, agents->items[i].id);
	}
	buf_putc(&b, ']');
	err = b.err;
	if (err == GW_OK)
		err = store_put(h->store, snapshot_space, h->route->name, b.data, b.len,
		    clock_wall_s(h->clock) + SNAPSHOT_S);
	buf_clear(&b);
	return err == GW_OK
		   ? GW_OK
		   : fail(h->failure, store_fault(), "the snapshot of agents cannot be written");
}

static enum gw_err
snapshot_parse(struct hris *h, const struct value *v, struct agents_result *out)
{
	struct agent *agents;
	long long skipped = 0;
	size_t i;

	if (!value_is(v, VALUE_LIST) || v->n % 2 != 1 || value_str(value_at(v, 0)) == NULL)
		return fail(
		    h->failure, CODE_GATEWAY_STORE, "the snapshot of agents cannot be read");
	agents = arena_array(h->arena, v->n / 2 + 1, sizeof(*agents));
	if (agents == NULL)
		return fail_memory(h->failure);
	(void)sscanf(value_str(value_at(v, 0)), "%lld", &skipped);
	for (i = 0; i < v->n / 2; i++) {
		agents[i].email = value_str(value_at(v, 1 + 2 * i));
		agents[i].id = value_str(value_at(v, 2 + 2 * i));
	}
	*out = (struct agents_result){agents, v->n / 2, (size_t)skipped};
	return GW_OK;
}

static enum gw_err
snapshot_read(struct hris *h, struct agents_result *out)
{
	struct value *v = NULL;
	bool found = false;
	char why[160];
	struct buf b;
	enum gw_err err;

	buf_init(&b, SNAPSHOT_MAX);
	err =
	    store_get(h->store, snapshot_space, h->route->name, clock_wall_s(h->clock), &b, &found);
	if (err == GW_OK && found)
		v = json_parse(h->arena, b.data, b.len, &json_answer, why, sizeof(why));
	buf_clear(&b);
	if (err != GW_OK)
		return fail(h->failure, store_fault(), "the snapshot of agents cannot be read");
	if (!found)
		return fail(h->failure, CODE_GATEWAY_SNAPSHOT_EXPIRED,
		    "there is no list of the last 15 minutes: ask for bucket 0 first");
	return snapshot_parse(h, v, out);
}

static enum gw_err
run(struct hris *h, const void *in, void *out)
{
	const struct agents_in *ask = in;
	struct agents_out *answer = out;
	enum gw_err err;

	if (!ask->bucket.given)
		return hris_agents(h, &answer->agents);
	if (ask->bucket.number >= LIMIT_BUCKETS)
		return fail(h->failure, CODE_INPUT_LIMIT, "bucket: 0 to %d was expected",
		    LIMIT_BUCKETS - 1);
	answer->one_bucket = true;
	answer->bucket = (size_t)ask->bucket.number;
	if (answer->bucket > 0)
		return snapshot_read(h, &answer->agents);
	err = hris_agents(h, &answer->agents);
	return err == GW_OK ? snapshot_take(h, &answer->agents) : err;
}

static const char *
email_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct agent *)items)[i].email;
}

static const char *
id_of(const void *items, size_t i, char *scratch)
{
	(void)scratch;
	return ((const struct agent *)items)[i].id;
}

static void
reply_bucket(struct reply *r, const struct agents_result *agents, size_t bucket, size_t as)
{
	char emails[REPLY_SCRATCH] = "emails", ids[REPLY_SCRATCH] = "externalIds";
	size_t start = bucket * LIMIT_BUCKET, n = 0;

	if (agents->n > start)
		n = agents->n - start > LIMIT_BUCKET ? LIMIT_BUCKET : agents->n - start;
	if (as > 0) {
		(void)snprintf(emails, sizeof(emails), "emails%zu", as);
		(void)snprintf(ids, sizeof(ids), "externalIds%zu", as);
	}
	reply_list(r, emails, n == 0 ? NULL : agents->items + start, n, email_of);
	reply_list(r, ids, n == 0 ? NULL : agents->items + start, n, id_of);
}

static void
reply_agents(struct reply *r, const void *in, const void *out, bool failed)
{
	static const struct agents_result none;
	const struct agents_out *answer = out;
	const struct agents_result *agents = failed || answer == NULL ? &none : &answer->agents;
	size_t i;

	(void)in;
	if (answer != NULL && answer->one_bucket)
		reply_bucket(r, agents, answer->bucket, 0);
	else {
		for (i = 0; i < LIMIT_BUCKETS; i++)
			reply_bucket(r, agents, i, i);
	}
	reply_number(r, "count", (long long)agents->n);
	reply_number(r, "skipped", (long long)agents->skipped);
}

const struct endpoint get_agents = {
    .name = "get-agents",
    .methods = "POST",
    .serve = gateway_act,
    .input = input,
    .run = run,
    .in_size = sizeof(struct agents_in),
    .out_size = sizeof(struct agents_out),
    .reply = reply_agents,
};
