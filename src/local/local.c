/*
 * local.c: the local HRIS as a driver: opens the route's database and runs one operation in one
 * transaction. The operations are in read.c and write.c.
 */
#include "engine/offload.h"
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

/* One operation, on a thread that may wait for the disk and for other processes. */
struct local_job {
	struct local_call *call;
	enum operation op;
	const char *path;
	int64_t deadline_ms;
	enum gw_err err;
};

static void
local_job_run(void *context)
{
	struct local_job *j = context;
	struct local_call *c = j->call;
	/* Others may have had all the threads until now. */
	int64_t left = j->deadline_ms - clock_mono_ms(c->clock);

	if (left <= 0) {
		j->err = fail(c->failure, CODE_HRIS_TIMEOUT, "no time left for the local HRIS");
		return;
	}
	j->err = local_open(j->path, left, c->failure, &c->db);
	if (j->err == GW_OK)
		j->err = local_call_run(c, j->op);
	db_close(c->db);
}

static enum gw_err
local_run(
    struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	struct local_call c = {
	    .arena = h->arena, .clock = h->clock, .failure = h->failure, .in = in, .out = out};
	struct local_job job = {.call = &c, .op = op, .deadline_ms = h->deadline_ms};
	const char *path;

	*out = (struct operation_out){0};
	if (h->state_dir == NULL)
		return fail(h->failure, CODE_GATEWAY_STORE, "no state_dir for the local HRIS");
	path = local_path(
	    h->arena, h->state_dir, h->route->name, value_get_text(h->route->settings, "database"));
	if (path == NULL)
		return fail_memory(h->failure);
	job.path = path;
	if (operation_writes(op))
		job.err = hris_begin_write(h, NULL);
	if (job.err == GW_OK)
		offload(local_job_run, &job);
	return job.err;
}

static const struct traits *
local_traits(const struct hris *h)
{
	(void)h;
	return &local_has;
}

const struct driver local_driver = {.run = local_run, .traits = local_traits};
