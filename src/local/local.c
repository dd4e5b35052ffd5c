/*
 * local.c: the local HRIS as a driver: opens the route's database and runs one operation in one
 * transaction. The operations are in read.c and write.c.
 */
#include "local/local.h"

#include "local/books.h"
#include "local/call.h"

static const struct traits local_has = {
    .has = {[OPERATION_AGENTS] = true,
	[OPERATION_TYPES] = true,
	[OPERATION_BALANCE] = true,
	[OPERATION_INSERT] = true,
	[OPERATION_CHANGE] = true,
	[OPERATION_APPROVE] = true,
	[OPERATION_CANCEL] = true,
	[OPERATION_DENY] = true,
	[OPERATION_FIND] = true},
    .amounts_declared = true,
    .can = {[UNIT_MINUTES] = true},
    .step = {[UNIT_MINUTES] = {1, 0}},
    .runs = RUNS_DAYS,
    .find = LOST_MARKER,
    .consistent = true,
};

static enum gw_err (*const local_operations[])(struct local_call *) = {
    [OPERATION_AGENTS] = local_agents,
    [OPERATION_TYPES] = local_types,
    [OPERATION_BALANCE] = local_balances,
    [OPERATION_INSERT] = local_insert,
    [OPERATION_CHANGE] = local_change,
    [OPERATION_APPROVE] = local_approve,
    [OPERATION_CANCEL] = local_cancel,
    [OPERATION_DENY] = local_deny,
    [OPERATION_FIND] = local_find,
};
_Static_assert(sizeof(local_operations) / sizeof(local_operations[0]) == OPERATION_MAX, "one each");

enum gw_err
local_call_run(struct local_call *c, enum operation op)
{
	bool writes = operation_writes(op), unknown = false;
	enum gw_err err;

	if (!db_begin(c->db, writes))
		return local_fail(c->db, c->failure);
	err = local_operations[op](c);
	if (err == GW_OK && db_fault(c->db) != DB_FINE)
		err = local_fail(c->db, c->failure);
	if (err != GW_OK || !writes) {
		db_rollback(c->db);
		return err;
	}
	if (!db_commit(c->db, &unknown)) {
		if (unknown)
			return fail(c->failure, CODE_HRIS_OUTCOME_UNKNOWN,
			    "the local database failed while it committed: %s", db_words(c->db));
		return local_fail(c->db, c->failure);
	}
	c->out->written = true;
	return GW_OK;
}

static enum gw_err
local_run(
    struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	struct local_call c = {
	    .arena = h->arena, .clock = h->clock, .failure = h->failure, .in = in, .out = out};
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);
	const char *path;
	enum gw_err err;

	*out = (struct operation_out){0};
	if (h->state_dir == NULL)
		return fail(h->failure, CODE_GATEWAY_STORE, "no state_dir for the local HRIS");
	if (left <= 0)
		return fail(h->failure, CODE_HRIS_TIMEOUT, "no time left for the local HRIS");
	path = local_path(
	    h->arena, h->state_dir, h->route->name, value_get_text(h->route->settings, "database"));
	if (path == NULL)
		return fail_memory(h->failure);
	err = local_open(path, left, h->failure, &c.db);
	if (err == GW_OK)
		err = local_call_run(&c, op);
	db_close(c.db);
	return err;
}

static const struct traits *
local_traits(const struct hris *h)
{
	(void)h;
	return &local_has;
}

const struct driver local_driver = {.run = local_run, .traits = local_traits};
