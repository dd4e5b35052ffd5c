/*
 * insert_timeoff.c: a new request. PENDING looks at the balance first; APPROVED is decided already.
 */
#include "cgi-bin/endpoints.h"
#include "gateway/reply.h"
#include "cgi-bin/timeoff_reply.h"

static const struct field input[] = {FIELD(timeoff_in, agent_id, "agentId", REQUIRED),
    FIELD(timeoff_in, type_id, "timeOffTypeId", REQUIRED),
    FIELD(timeoff_in, type_id2, "timeOffTypeId2", OPTIONAL),
    FIELD(timeoff_in, status, "timeOffStatus", REQUIRED), TIMEOFF_FIELDS, FIELD_LAST};

static enum gw_err
run(struct hris *h, const void *in, void *out)
{
	const struct timeoff_in *ask = in;
	struct timeoff_out *answer = out;
	struct timeoff t;
	enum gw_err err;

	if (ask->status.status != STATUS_APPROVED && ask->status.status != STATUS_PENDING)
		return fail(h->failure, CODE_INPUT_STATUS,
		    "timeOffStatus: a new request is APPROVED or PENDING");
	err = timeoff_from_input(h, ask, &t);
	return err == GW_OK ? hris_insert(h, &t, &answer->done) : err;
}

const struct endpoint insert_timeoff = {
    .name = "insert-timeoff",
    .methods = "POST",
    .serve = gateway_act,
    .input = input,
    .run = run,
    .in_size = sizeof(struct timeoff_in),
    .out_size = sizeof(struct timeoff_out),
    .reply = timeoff_reply,
};
