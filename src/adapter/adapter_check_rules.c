/* adapter_check_rules.c: a rule that a wider one before it leaves nothing to. */
#include "adapter/loader.h"

enum { STATUS_FIRST = 100, STATUS_LAST = 599 };

/* Does `wide`, which asks for the status alone, hold wherever `narrow` could? */
static bool
rule_hides(const struct cond *wide, const struct cond *narrow)
{
	int status, could = 0;

	if (!cond_tests_only_status(wide))
		return false;
	for (status = STATUS_FIRST; status <= STATUS_LAST; status++) {
		if (!cond_matches_status(narrow, status))
			continue;
		could++;
		if (!cond_matches_status(wide, status))
			return false;
	}
	return could > 0;
}

bool
adapter_check_failures(
    const struct loader *l, const struct value *v, const struct failure_rules *rules)
{
	bool good = true;
	size_t i, j;

	for (j = 1; value_is(v, VALUE_LIST) && j < rules->n; j++) {
		for (i = 0; i < j; i++) {
			if (rule_hides(rules->items[i].cond, rules->items[j].cond))
				break;
		}
		if (i < j)
			good = reader_fault(&l->r, v->items[j].value,
			    "this rule is never reached: rule %zu "
			    "takes its statuses first; put it behind",
			    i + 1);
	}
	return good;
}
