/*
 * local_call.h: one operation on the local HRIS, below the driver; shared by the driver and the
 * command.
 */
#ifndef LOCAL_CALL_H
#define LOCAL_CALL_H

#include "base/clock.h"
#include "store/db.h"
#include "hris/records.h"

enum { LOCAL_STAMP_MAX = 32 };

struct local_call {
	struct local_db *db;
	struct arena *arena;
	const struct clock *clock;
	struct failure *failure;
	const struct operation_in *in;
	struct operation_out *out;
};

/* The whole operation in one transaction; out lives in the arena. */
enum gw_err local_call_run(struct local_call *c, enum operation op);

/* Inside the transaction; local_read.c, local_find.c, local_write.c. */
enum gw_err local_agents(struct local_call *c);
enum gw_err local_types(struct local_call *c);
enum gw_err local_balances(struct local_call *c);
enum gw_err local_find(struct local_call *c);
enum gw_err local_insert(struct local_call *c);
enum gw_err local_change(struct local_call *c);
enum gw_err local_approve(struct local_call *c);
enum gw_err local_cancel(struct local_call *c);
enum gw_err local_deny(struct local_call *c);

/* A decimal id without leading zeros, up to 18 digits; false: no id of ours. */
bool local_id_parse(const char *s, int64_t *out);
/* The employee in->agent_id: HRIS.NOT_FOUND where there is none; hired is NULL where not known. */
enum gw_err local_employee(struct local_call *c, int64_t *id, bool *active, const char **hired);

/* Now, as RFC 3339, UTC, seconds. */
void local_stamp(const struct clock *clock, char out[static LOCAL_STAMP_MAX]);
/* Room for one more record of n (at most LIMIT_RECORDS), as arena_grow(). */
enum gw_err local_room(struct local_call *c, void **items, size_t n, size_t *cap, size_t size);

#endif
