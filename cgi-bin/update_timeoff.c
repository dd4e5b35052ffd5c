/* update_timeoff.c: changes the days, the type, or only the status of a request. */
#include "cgi-bin/endpoints.h"
#include "gateway/reply.h"
#include "cgi-bin/timeoff_reply.h"
#include "base/text.h"

static const struct field input[] = {
    /* First: an answer that refuses what follows repeats it. */
    FIELD(timeoff_in, request_id, "inputTimeOffRequestId", OPTIONAL),
    FIELD(timeoff_in, agent_id, "agentId", REQUIRED),
    FIELD(timeoff_in, status, "timeOffStatus", REQUIRED),
    FIELD(timeoff_in, type_id, "timeOffTypeId", OPTIONAL),
    FIELD(timeoff_in, type_id2, "timeOffTypeId2", OPTIONAL), TIMEOFF_FIELDS, FIELD_LAST};

static enum gw_err
run(struct hris *h, const void *in, void *out)
{
	const struct timeoff_in *ask = in;
	struct timeoff_out *answer = out;
	struct timeoff t = {.agent_id = ask->agent_id.text,
	    .status = ask->status.status,
	    .notes = ask->notes.text,
	    .request_id = ask->request_id.text};
	bool days = ask->dates.n > 0 || ask->starts.n > 0;
	enum gw_err err = GW_OK;

	/* Without its id a request is known by its days. */
	if (!status_ended(t.status) || (text_is_empty(t.request_id) && days))
		err = timeoff_from_input(h, ask, &t);
	return err == GW_OK ? hris_update(h, &t, &answer->done) : err;
}

const struct endpoint update_timeoff = {
    .name = "update-timeoff",
    .methods = "POST",
    .serve = gateway_act,
    .input = input,
    .run = run,
    .in_size = sizeof(struct timeoff_in),
    .out_size = sizeof(struct timeoff_out),
    .reply = timeoff_reply,
};
