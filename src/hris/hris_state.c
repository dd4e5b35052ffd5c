/*
 * hris_state.c: approving, cancelling and denying make nothing, so their fate is the state that the
 * request is in afterwards. That is looked at behind a success too: some HRISs answer success and
 * want another approval, or do nothing.
 */
#include "hris/hris_lost.h"

enum state_told {
	STATE_REACHED,
	STATE_MISSED, /* the request is there, in another state */
	STATE_UNTOLD
};

/* said: the HRIS itself answered that it is done. Gone is as good as ended only behind that. */
static enum state_told
state_look(struct hris *h, enum operation op, const struct operation_in *in, bool said,
    struct found *stands)
{
	struct failure ignored = {0}, *mine = h->failure;
	struct hris_current now;
	enum gw_err err;

	h->failure = &ignored;
	err = hris_current(h, in->agent_id, in->request_id, &now);
	h->failure = mine;
	*stands = now.found;
	if (err != GW_OK)
		return STATE_UNTOLD;
	if (!now.there)
		return op != OPERATION_APPROVE && said ? STATE_REACHED : STATE_UNTOLD;
	/* A word that the adapter does not know is no approval: the HRIS may want another one. */
	if (now.found.status == STATUS_NONE &&
	    (op != OPERATION_APPROVE || now.found.status_word == NULL))
		return STATE_UNTOLD;
	if (op == OPERATION_APPROVE)
		return now.found.status == STATUS_APPROVED ? STATE_REACHED : STATE_MISSED;
	return status_ended(now.found.status) ? STATE_REACHED : STATE_MISSED;
}

static enum gw_err
state_unknown(struct hris *h, enum operation op, const struct operation_in *in)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "it is not known what became of request %s of agent %s (%s); look at it in the HRIS before doing it by hand: %s",
	    in->request_id, in->agent_id == NULL ? "(not told)" : in->agent_id, operation_name(op),
	    earlier.text);
}

/* The HRIS said that it is done, and shows otherwise. */
static enum gw_err
state_missed(
    struct hris *h, enum operation op, const struct operation_in *in, const struct found *stands)
{
	const char *word =
	    stands->status == STATUS_NONE ? stands->status_word : status_name(stands->status);

	fail_clear(h->failure);
	if (op == OPERATION_APPROVE)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "the HRIS answered the approval of request %s by success and shows it as \"%.*s\": it may want another approval",
		    in->request_id, HRIS_WORD_SHOWN_MAX, word);
	(void)fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "the HRIS answered by success and shows it as %s", word);
	return state_unknown(h, op, in);
}

enum gw_err
hris_settle_state(struct hris *h, enum operation op, const struct operation_in *in)
{
	struct operation_out told = {0};
	struct found stands = {0};
	enum state_told state;
	enum gw_err err;
	bool said;

	h->reserve_ms = hris_reserve(h);
	err = h->driver->run(h, op, in, &told);
	said = err == GW_OK || told.written;
	if (!said && err != GW_EUNKNOWN)
		return err;
	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return err == GW_OK ? GW_OK : state_unknown(h, op, in);
	if (err == GW_EUNKNOWN)
		(void)hris_settle(h);
	state = state_look(h, op, in, said, &stands);
	if (state == STATE_MISSED && said) {
		/* It may not show yet. */
		(void)hris_settle(h);
		state = state_look(h, op, in, said, &stands);
	}
	if (state == STATE_REACHED || (state == STATE_UNTOLD && err == GW_OK)) {
		fail_clear(h->failure);
		return GW_OK;
	}
	/* A step of the adapter knows best why it was not enough. */
	if (state == STATE_MISSED && said && h->failure->code != CODE_HRIS_UNSUPPORTED)
		return state_missed(h, op, in, &stands);
	return state == STATE_MISSED && said ? err : state_unknown(h, op, in);
}
