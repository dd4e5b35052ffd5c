/*
 * state.c: approving, cancelling and denying. They make nothing, so their fate is the state in
 * which the request is afterwards. That is looked at after a success too: some HRISs answer success
 * and want another approval, or do nothing.
 */
#include <string.h>

#include "hris/journal.h"

enum {
	WORD_SHOWN_MAX = 60 /* bytes of an HRIS's own word in a message */
};

const char *
agent_shown(const struct operation_in *in)
{
	return in->agent_id == NULL ? "(not given)" : in->agent_id;
}

static enum gw_err
state_unknown(struct hris *h, enum operation op, const struct operation_in *in)
{
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "it is not known what became of request %s of agent %s (%s); look at it in the HRIS before doing it by hand: %s",
	    in->request_id, agent_shown(in), operation_name(op), earlier.text);
}

/* As write_absent(). */
static enum gw_err
state_absent(struct hris *h, const struct operation_in *in)
{
	fail_clear(h->failure);
	return fail(h->failure, CODE_HRIS_UNAVAILABLE,
	    "the HRIS gave no answer, and shows request %s as it was: nothing was written",
	    in->request_id);
}

/* The HRIS said that it is done, and shows otherwise. */
static enum gw_err
state_missed(
    struct hris *h, enum operation op, const struct operation_in *in, const struct found *shown)
{
	const char *word =
	    shown->status == STATUS_NONE ? shown->status_word : status_name(shown->status);
	struct failure earlier = *h->failure;

	fail_clear(h->failure);
	/* A step of the adapter knows best why it was not enough. */
	if (op == OPERATION_APPROVE)
		return fail(h->failure, CODE_HRIS_NOT_APPROVED,
		    "the HRIS answered the approval of request %s by success and shows it as \"%.*s\": %s",
		    in->request_id, WORD_SHOWN_MAX, word,
		    earlier.text[0] == '\0' ? "it may want another approval" : earlier.text);
	(void)fail(h->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "the HRIS answered by success and shows it as %s", word);
	return state_unknown(h, op, in);
}

/* Sends it; what may be repeated is sent once more where a look shows no change. */
static enum gw_err
state_send(struct hris *h, enum operation op, const struct operation_in *in, bool *said)
{
	struct operation_out out = {0};
	struct found shown;
	enum gw_err err = h->driver->run(h, op, in, &out);

	*said = err == GW_OK || out.written;
	if (*said || err != GW_EUNKNOWN || !h->driver->traits(h)->again[op] ||
	    !h->driver->traits(h)->has[OPERATION_FIND])
		return err;
	(void)look_wait_visible(h);
	if (state_look(h, op, in, false, &shown) != STATE_MISSED)
		return err;
	fail_clear(h->failure);
	err = h->driver->run(h, op, in, &out);
	*said = err == GW_OK || out.written;
	/* The first one may have been applied meanwhile, and be why the second is refused. */
	return *said ? err : GW_EUNKNOWN;
}

enum gw_err
fate_state(struct hris *h, enum operation op, const struct operation_in *in, struct found *shown)
{
	struct found none = {0}, second;
	enum state state, later;
	enum gw_err err;
	bool said, all;

	shown = shown == NULL ? &none : shown;
	*shown = (struct found){0};
	err = hris_reserve(h, op, in->status);
	if (err != GW_OK)
		return err;
	err = state_send(h, op, in, &said);
	if (!said && err != GW_EUNKNOWN)
		return err;
	if (!h->driver->traits(h)->has[OPERATION_FIND])
		return err == GW_OK ? GW_OK : state_unknown(h, op, in);
	if (err == GW_EUNKNOWN)
		(void)look_wait_visible(h);
	/* Of several requests one may have been answered by success, and another not. */
	all = said && (err == GW_OK || strchr(in->request_id, ',') == NULL);
	state = state_look(h, op, in, all, shown);
	if (state == STATE_MISSED && said) {
		/* It may not show yet. What shows no more leaves the first look as it was. */
		(void)look_wait_visible(h);
		later = state_look(h, op, in, all, &second);
		if (later != STATE_UNCLEAR) {
			state = later;
			*shown = second;
		}
	}
	if (state == STATE_MISSED && !said && h->driver->traits(h)->consistent &&
	    look_wait_quiet(h) && state_look(h, op, in, said, shown) == STATE_MISSED &&
	    found_is_live(shown))
		return state_absent(h, in);
	if (state == STATE_REACHED && (shown->id != NULL || h->driver->traits(h)->consistent))
		journal_seen(h);
	if (state == STATE_REACHED || (state == STATE_UNCLEAR && err == GW_OK)) {
		fail_clear(h->failure);
		return GW_OK;
	}
	return state == STATE_MISSED && said ? state_missed(h, op, in, shown)
					     : state_unknown(h, op, in);
}
