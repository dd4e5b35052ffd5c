/*
 * caller.c: before a write leaves: whether somebody still waits for it, how long it may take, and
 * its row in the ledger.
 */
#include "hris/journal.h"

enum { CALL_MS = 1000, CALL_MAX_MS = 3000, CALL_MIN_MS = 20, LOOKS_MIN_MS = 500 };

/* The calls that may follow a write. */
static unsigned
calls_after(const struct traits *t, enum operation op, bool approves)
{
	unsigned look = t->calls[OPERATION_FIND], calls = 2 * look;
	enum operation undo = t->has[OPERATION_UNDO] ? OPERATION_UNDO : OPERATION_CANCEL;

	if (approves && t->has[OPERATION_APPROVE])
		calls += t->calls[OPERATION_APPROVE] + look;
	if (op == OPERATION_INSERT)
		calls += t->calls[undo] + look;
	return calls;
}

/* Of a replace: the calls of its later steps; of the first to cancel, entering anew and again. */
static unsigned
calls_replaced(const struct hris *h, enum operation op, bool approves)
{
	const struct traits *t = h->driver->traits(h);
	unsigned look = t->calls[OPERATION_FIND], insert = t->calls[OPERATION_INSERT], calls = 0;

	if (h->replaces == REPLACE_CREATE_FIRST && op == OPERATION_INSERT)
		return t->calls[OPERATION_CANCEL] + look;
	if (h->replaces == REPLACE_CANCEL_FIRST && op == OPERATION_CANCEL)
		calls = insert + calls_after(t, OPERATION_INSERT, approves);
	if (h->replaces == REPLACE_CANCEL_FIRST &&
	    (op == OPERATION_CANCEL || op == OPERATION_INSERT))
		calls += insert + 2 * look;
	return calls;
}

int64_t
hris_insert_ms(const struct traits *t)
{
	return (calls_after(t, OPERATION_INSERT, true) + t->calls[OPERATION_INSERT]) * CALL_MS +
	       2 * t->settle_ms;
}

/*
 * How long one call takes: as the route's last ones did. Before the first one it is a guess, which
 * alone refuses nothing.
 */
static int64_t
call_ms(const struct hris *h, int64_t left_ms, unsigned calls)
{
	const struct transport *t = h->transport;
	int64_t ms = t == NULL || t->pace == NULL ? 0 : t->pace(t->context, &h->route->peer);

	if (ms <= 0 && calls > 0) {
		ms = left_ms / 2 / calls;
		ms = ms > CALL_MS ? CALL_MS : ms;
	}
	return ms > CALL_MAX_MS ? CALL_MAX_MS : ms < CALL_MIN_MS ? CALL_MIN_MS : ms;
}

enum gw_err
hris_reserve(struct hris *h, enum operation op, enum timeoff_status status)
{
	const struct traits *t = h->driver->traits(h);
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock), settle_ms = 2 * t->settle_ms;
	bool makes = op == OPERATION_INSERT || op == OPERATION_CHANGE;
	unsigned calls = calls_after(t, op, makes && status == STATUS_APPROVED);
	int64_t ms, need;

	/* Of several inserts only one fails, which alone needs the time until a write shows. */
	if (h->runs_after > 0)
		calls +=
		    h->runs_after * (calls_after(t, OPERATION_INSERT, status == STATUS_APPROVED) +
					t->calls[OPERATION_INSERT]);
	calls += calls_replaced(h, op, status == STATUS_APPROVED);
	ms = call_ms(h, left - settle_ms, calls + t->calls[op]);
	h->reserve_ms = calls * ms + settle_ms;
	if (calls > 0 && h->reserve_ms < LOOKS_MIN_MS)
		h->reserve_ms = LOOKS_MIN_MS;
	need = h->reserve_ms + t->calls[op] * ms;
	if (h->writing || left >= need || (h->transport != NULL && h->transport->dry))
		return GW_OK;
	return fail(h->failure, CODE_HRIS_TIMEOUT,
	    "%lld ms are left of the deadline, and writing to this HRIS and looking at the result takes %lld: nothing was written",
	    (long long)left, (long long)need);
}

int64_t
hris_write_deadline(const struct hris *h)
{
	return h->quiet_ms - h->driver->traits(h)->settle_ms;
}

enum gw_err
hris_begin_write(struct hris *h, const struct operation_out *so_far)
{
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock), kept = 0;

	h->abandoned = !h->writing && h->gone != NULL && h->gone(h->gone_context);
	if (h->abandoned)
		return fail(h->failure, CODE_GATEWAY_ABANDONED,
		    "the caller hung up before anything was written; nothing was written");
	h->writing = true;
	if (left > 0)
		kept = h->reserve_ms < left / 2 ? h->reserve_ms : left / 2;
	h->quiet_ms = h->deadline_ms - kept + h->driver->traits(h)->settle_ms;
	return journal_step(h, so_far);
}
