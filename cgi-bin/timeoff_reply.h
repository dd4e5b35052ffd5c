/* timeoff_reply.h: what insert-timeoff and update-timeoff take and answer alike. */
#ifndef TIMEOFF_REPLY_H
#define TIMEOFF_REPLY_H

#include "gateway/reply.h"
#include "gateway/timeoff_in.h"

#define TIMEOFF_FIELDS                                                             \
	FIELD(timeoff_in, dates, "dates", OPTIONAL),                               \
	    FIELD(timeoff_in, starts, "startDateTimes", OPTIONAL),                 \
	    FIELD(timeoff_in, payable, "payableMinutes", OPTIONAL),                \
	    FIELD(timeoff_in, average, "averageMinutesPerDay", OPTIONAL),          \
	    FIELD(timeoff_in, duration, "durationMinutes", OPTIONAL),              \
	    FIELD(timeoff_in, min_date, "minDate", OPTIONAL),                      \
	    FIELD(timeoff_in, max_date, "maxDate", OPTIONAL),                      \
	    FIELD(timeoff_in, notes, "notes", OPTIONAL),                           \
	    FIELD(timeoff_in, override_balance, "overrideBalanceCheck", OPTIONAL), \
	    FIELD(timeoff_in, idempotency_key, "idempotencyKey", OPTIONAL)

void timeoff_reply(struct reply *r, const void *in, const void *out, bool failed);

#endif
