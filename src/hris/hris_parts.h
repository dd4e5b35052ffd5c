/* hris_parts.h: what the files of the policy share; for hris_*.c only. */
#ifndef HRIS_PARTS_H
#define HRIS_PARTS_H

#include "hris/hris.h"

/* Balance of one type at one date, and whether pending requests are taken off already. */
struct hris_balance_at {
	int64_t minutes;
	bool unlimited, includes_pending;
};
enum gw_err hris_balance_at(struct hris *h, const char *agent_id, const struct timeoff_type *type,
    struct date date, struct hris_balance_at *out);

/* Fills part, from and to of days; refuses amounts that the HRIS cannot express. */
enum gw_err
hris_prepare_days(struct hris *h, const struct timeoff_type *type, struct day *days, size_t n);

/* Are both rows one and the same in all that they say? */
bool hris_found_same(const struct found *a, const struct found *b);

/* What a find of one request by id told. */
struct hris_current {
	bool there;
	struct found found;
	bool has_minutes;
	int64_t minutes;
};
enum gw_err hris_current(
    struct hris *h, const char *agent_id, const char *request_id, struct hris_current *out);

/*
 * Runs insert or change and settles its fate: *done is filled on success, and as far as known with
 * HRIS.NOT_APPROVED. in->marker is set.
 */
enum gw_err hris_settle_write(
    struct hris *h, enum operation op, struct operation_in *in, struct timeoff_done *done);
/* PENDING: is there enough, counting `held` minutes as available where that is right? */
enum gw_err
hris_check_balance(struct hris *h, const struct operation_in *in, const struct hris_current *held);

#endif
