/* timeoff_reply.c: the answer of insert-timeoff and update-timeoff; its id is told on failure too, where
 * there is one. */
#include "timeoff_reply.h"

void
timeoff_reply(struct reply *r, const void *out, bool failed)
{
	const struct timeoff_out *told = out;

	(void)failed;
	reply_text(r, "timeOffRequestId", told == NULL ? "" : told->done.request_id);
	reply_bool(r, "replayed", false);
}
