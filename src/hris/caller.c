/*
 * caller.c: before a write leaves: whether somebody still waits for it, how long it may take, and
 * its row in the ledger.
 */
#include "hris/journal.h"

int64_t
hris_write_deadline(const struct hris *h)
{
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	if (left <= 0)
		return h->deadline_ms;
	return h->deadline_ms - (h->reserve_ms < left / 2 ? h->reserve_ms : left / 2);
}

enum gw_err
hris_begin_write(struct hris *h, const struct operation_out *so_far)
{
	h->abandoned = !h->writing && h->gone != NULL && h->gone(h->gone_context);
	if (h->abandoned)
		return fail(h->failure, CODE_GATEWAY_ABANDONED,
		    "the caller hung up before anything was written; nothing was written");
	h->writing = true;
	h->quiet_ms = hris_write_deadline(h) + h->driver->traits(h)->settle_ms;
	return journal_step(h, so_far);
}
