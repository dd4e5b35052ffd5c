/* timeoff_reply.c: the answer of insert-timeoff and update-timeoff. On failure an update repeats
 * the id that was sent, so that Genesys keeps it. */
#include "cgi-bin/timeoff_reply.h"

#include <stdio.h>

#include "base/text.h"

void
timeoff_reply(struct reply *r, const void *in, const void *out, bool failed)
{
	const struct timeoff_out *answer = out;
	const struct timeoff_in *asked = in;
	char minutes[24] = "";
	const char *id = answer == NULL ? NULL : answer->done.request_id;

	if (failed && text_is_empty(id) && asked != NULL)
		id = asked->request_id.text;
	reply_text(r, "timeOffRequestId", id);
	reply_bool(r, "replayed", !failed && answer != NULL && answer->done.replayed);
	if (!failed && answer != NULL && answer->done.recorded_minutes >= 0)
		(void)snprintf(
		    minutes, sizeof(minutes), "%lld", (long long)answer->done.recorded_minutes);
	reply_text(r, "recordedMinutes", minutes);
}
