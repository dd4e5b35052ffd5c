/*
 * local_balance.h: how the local HRIS counts what an employee has of a type at the end of a day.
 * The year of account is the calendar year. No database, no clock.
 */
#ifndef LOCAL_BALANCE_H
#define LOCAL_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"

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
