/* timeoff_in.h: what insert-timeoff and update-timeoff share: days from Genesys' lists. */
#ifndef TIMEOFF_IN_H
#define TIMEOFF_IN_H

#include "gateway/contract.h"
#include "hris/hris.h"

struct timeoff_in {
	struct id agent_id, type_id, type_id2, request_id;
	struct status_word status;
	struct date_list dates;
	struct start_list starts;
	struct minutes_list payable, duration;
	struct whole average;
	struct civil_date min_date, max_date;
	struct notes notes;
	struct flag override_balance;
	struct key_text idempotency_key;
};

struct timeoff_out {
	struct timeoff_done done;
};

/* Aligns the lists into days; in->type_id, dates and amounts must be there. */
enum gw_err timeoff_from_input(struct hris *h, const struct timeoff_in *in, struct timeoff *out);

#endif
