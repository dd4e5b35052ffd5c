/* caller.c: whether somebody still waits for what is about to be written. */
#include "hris/hris.h"

enum gw_err
hris_begin_write(struct hris *h)
{
	h->abandoned = !h->writing && h->gone != NULL && h->gone(h->gone_context);
	if (h->abandoned)
		return fail(h->failure, CODE_GATEWAY_ABANDONED,
		    "the caller hung up before anything was written; nothing was written");
	h->writing = true;
	return GW_OK;
}
