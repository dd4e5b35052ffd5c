/* balance.c: a balance at the end of a day, year by year from the first that matters. */
#include "local/call.h"

enum { MONTHS = 12 };

struct civil {
	int year, month, day;
};

static struct civil
local_civil(struct date d)
{
	struct civil c;

	date_to_civil(d, &c.year, &c.month, &c.day);
	return c;
}

/* What the rule grants in a year, up to and including the day `at`. */
static int64_t
local_granted(const struct local_rule *rule, int year, struct civil at)
{
	const struct civil starts = local_civil(rule->starts);
	int first = 1, last = year == at.year ? at.month : MONTHS;
	int64_t yearly = rule->yearly;

	if (year < starts.year)
		return 0;
	if (year == starts.year) {
		if (year == at.year &&
		    (at.month < starts.month || (at.month == starts.month && at.day < starts.day)))
			return 0;
		yearly = yearly * (MONTHS + 1 - starts.month) / MONTHS;
		first = starts.day == 1 ? starts.month : starts.month + 1;
	}
	return yearly + (last < first ? 0 : rule->monthly * (last - first + 1));
}

int64_t
local_balance_at(
    const struct local_rule *rule, const struct local_movement *m, size_t n, struct date at)
{
	const struct civil end = local_civil(at);
	int year, first = local_civil(rule->starts).year;
	int64_t balance = 0;
	size_t i = 0;

	if (n > 0 && local_civil(m[0].date).year < first)
		first = local_civil(m[0].date).year;
	for (year = first; year <= end.year; year++) {
		if (!rule->carries_all && balance > rule->carry_over)
			balance = rule->carry_over;
		balance += local_granted(rule, year, end);
		for (; i < n && m[i].date.day <= at.day; i++) {
			if (local_civil(m[i].date).year != year)
				break;
			balance += m[i].minutes;
		}
	}
	return balance;
}
