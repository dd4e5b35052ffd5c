/*
 * call.h: one operation on the local HRIS, below the driver; the driver and the command line share
 * it. Also its arithmetic of balances, which knows neither database nor clock.
 */
#ifndef LOCAL_CALL_H
#define LOCAL_CALL_H

#include "base/clock.h"
#include "hris/records.h"
#include "store/db.h"

enum { LOCAL_STAMP_MAX = 32 };

/* All is borrowed; what is put into out lives in the arena. */
struct local_call {
	struct db *db;
	struct arena *arena;
	const struct clock *clock;
	struct failure *failure;
	const struct operation_in *in;
	struct operation_out *out;
};

/* The whole operation in one transaction. */
enum gw_err local_call_run(struct local_call *c, enum operation op);

/* Inside the transaction; read.c and write.c. */
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
/* The employee in->agent_id, or HRIS.NOT_FOUND; hired is NULL where it is not known. */
enum gw_err local_employee(struct local_call *c, int64_t *id, bool *active, const char **hired);

/* Now, as RFC 3339, UTC, seconds. */
void local_stamp(const struct clock *clock, char out[static LOCAL_STAMP_MAX]);

/* How a type is granted. The year of account is the calendar year. */
struct local_rule {
	int64_t yearly;     /* minutes, on January 1 */
	int64_t monthly;    /* minutes, on the first of each month */
	bool carries_all;   /* into the next year, without a limit */
	int64_t carry_over; /* else at most that; what is owed is always carried */
	struct date starts; /* nothing is granted before: hiring, or the books' first day */
};

/* A grant (> 0), a correction, or a day taken or asked for (< 0). */
struct local_movement {
	struct date date;
	int64_t minutes;
};

/*
 * The balance at the end of the day `at`; m is in order of date. In the year in which the rule
 * starts the yearly grant comes on that day, a twelfth for each month of the year from then, down
 * to the minute.
 */
int64_t local_balance_at(
    const struct local_rule *rule, const struct local_movement *m, size_t n, struct date at);

#endif
