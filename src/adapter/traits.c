/*
 * traits.c: which amounts an HRIS can express, how a lost write is looked for, and which statuses
 * an operation can be about.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter/loader.h"
#include "base/text.h"

static const char *const run_words[] = {[RUNS_DAYS] = "days",
    [RUNS_WHOLE] = "whole",
    [RUNS_ENDS] = "ends",
    [RUNS_EQUAL] = "equal",
    NULL};
static const char *const find_words[] = {[LOST_NONE] = "none",
    [LOST_KEY] = "key",
    [LOST_MARKER] = "marker",
    [LOST_NATURAL] = "natural",
    NULL};
static const char *const record_words[] = {"one", "many", NULL};

static bool
traits_amount(struct loader *l, const struct member *m, struct traits *out)
{
	const char *s = value_str(m->value);
	enum unit unit;
	int n;

	if (strcmp(m->name, "runs") == 0) {
		n = reader_one_of(&l->r, m->value, run_words, "kind of runs");
		out->runs = n < 0 ? RUNS_DAYS : (enum runs)n;
		return n >= 0;
	}
	if (strcmp(m->name, "records") == 0) {
		n = reader_one_of(&l->r, m->value, record_words, "number of records");
		out->many = n == 1;
		return n >= 0;
	}
	if (!unit_parse(m->name, &unit))
		return reader_fault_key(&l->r, m,
		    "unknown key \"%s\" in amounts: minutes, hours, days, half-days, clock, runs or records",
		    m->name);
	if (s == NULL || !decimal_parse(s, &out->step[unit]) ||
	    decimal_compare(out->step[unit], decimal_integer(0)) <= 0)
		return reader_fault(&l->r, m->value, "the smallest step is a number above 0");
	out->can[unit] = true;
	return true;
}

/* settle: "5s", "0.1s" */
static bool
traits_settle(struct loader *l, const struct value *v, int64_t *ms)
{
	const char *s = value_str(v), *digits = NULL;
	struct decimal seconds;

	if (v == NULL)
		return true;
	if (s != NULL && text_ends(s, "s"))
		digits = arena_strndup(l->r.arena, s, strlen(s) - 1);
	if (digits == NULL || !decimal_parse(digits, &seconds) ||
	    decimal_compare(seconds, decimal_integer(0)) < 0 ||
	    decimal_compare(seconds, decimal_integer(60)) > 0 ||
	    !decimal_multiply(seconds, decimal_integer(1000), &seconds) ||
	    !decimal_to_integer(seconds, ms))
		return reader_fault(
		    &l->r, v, "settle is seconds: 5s or 0.1s, at most 60s, in whole milliseconds");
	return true;
}

static bool
traits_lost(struct loader *l, const struct value *v, struct traits *out)
{
	static const char *const keys[] = {"find", "settle", "consistent", NULL};
	int n;

	out->find = LOST_NONE;
	if (v == NULL)
		return true;
	if (!loader_known(l, v, keys, "lost_write"))
		return false;
	if (value_get(v, "find") == NULL)
		return reader_fault(
		    &l->r, v, "lost_write needs find: marker, natural, key or none");
	n = reader_one_of(&l->r, value_get(v, "find"), find_words, "way to find a lost write");
	if (n < 0)
		return false;
	out->find = (enum lost_find)n;
	return reader_flag(&l->r, v, "consistent", &out->consistent) &&
	       traits_settle(l, value_get(v, "settle"), &out->settle_ms);
}

bool
traits_load(struct loader *l, struct traits *out)
{
	const struct value *amounts = value_get(l->root, "amounts");
	bool good = true;
	size_t i;

	if (amounts != NULL && !value_is(amounts, VALUE_OBJECT))
		return reader_fault(&l->r, amounts, "amounts is {UNIT: smallest step, ...}");
	out->amounts_declared = amounts != NULL;
	for (i = 0; amounts != NULL && i < amounts->n; i++)
		good = traits_amount(l, &amounts->items[i], out) && good;
	return traits_lost(l, value_get(l->root, "lost_write"), out) && good;
}

const char *const *
traits_statuses(const struct loader *l, enum operation op)
{
	static const char *const none[] = {NULL}, *const approve[] = {"APPROVED", NULL},
				 *const deny[] = {"DENIED", NULL},
				 *const canceled[] = {"CANCELED", NULL},
				 *const cancel[] = {"CANCELED", "DENIED", NULL};
	const struct value *all = value_get(l->root, "operations");

	switch (op) {
	case OPERATION_INSERT:
	case OPERATION_CHANGE:
		return NULL;
	case OPERATION_APPROVE:
		return approve;
	case OPERATION_DENY:
		return deny;
	case OPERATION_UNDO:
		return canceled;
	case OPERATION_CANCEL:
		/* Without deny-timeoff, denying is cancelling. */
		return value_get(all, operation_name(OPERATION_DENY)) == NULL ? cancel : canceled;
	default:
		return none;
	}
}
