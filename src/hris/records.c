/* records.c: the words of operations and statuses, what a balance is of, and sums. */
#include "hris/records.h"

#include <string.h>

#include "base/text.h"

static const char *const operation_names[] = {
    [OPERATION_AGENTS] = "get-agents",
    [OPERATION_AGENT] = "get-agent",
    [OPERATION_TYPES] = "get-timeoff-types",
    [OPERATION_BALANCE] = "get-balance",
    [OPERATION_INSERT] = "insert-timeoff",
    [OPERATION_CHANGE] = "change-timeoff",
    [OPERATION_APPROVE] = "approve-timeoff",
    [OPERATION_CANCEL] = "cancel-timeoff",
    [OPERATION_DENY] = "deny-timeoff",
    [OPERATION_UNDO] = "undo-timeoff",
    [OPERATION_FIND] = "find-timeoff",
};
_Static_assert(
    sizeof(operation_names) / sizeof(operation_names[0]) == OPERATION_MAX, "a name each");

static const char *const status_names[] = {
    [STATUS_NONE] = "",
    [STATUS_PENDING] = "PENDING",
    [STATUS_APPROVED] = "APPROVED",
    [STATUS_DENIED] = "DENIED",
    [STATUS_CANCELED] = "CANCELED",
};
_Static_assert(sizeof(status_names) / sizeof(status_names[0]) == STATUS_MAX, "a name each");

const char *
operation_name(enum operation op)
{
	return operation_names[op];
}

bool
operation_parse(const char *s, enum operation *out)
{
	int i;

	for (i = 0; i < OPERATION_MAX; i++) {
		if (strcmp(s, operation_names[i]) == 0) {
			*out = (enum operation)i;
			return true;
		}
	}
	return false;
}

bool
operation_writes(enum operation op)
{
	return op >= OPERATION_INSERT && op <= OPERATION_UNDO;
}

const char *
status_name(enum timeoff_status s)
{
	return status_names[s];
}

bool
status_ended(enum timeoff_status s)
{
	return s == STATUS_DENIED || s == STATUS_CANCELED;
}

bool
status_parse(const char *s, enum timeoff_status *out)
{
	int i;

	for (i = STATUS_NONE + 1; i < STATUS_MAX; i++) {
		if (strcmp(s, status_names[i]) == 0) {
			*out = (enum timeoff_status)i;
			return true;
		}
	}
	return false;
}

bool
balance_is_of(const struct balance *b, const struct timeoff_type *t)
{
	if (b->type_id != NULL)
		return strcmp(b->type_id, t->id) == 0 &&
		       (b->type_id2 == NULL || text_equal(b->type_id2, t->id2));
	if (b->type_id2 != NULL)
		return text_equal(b->type_id2, t->id2);
	return b->plan != NULL && text_equal(b->plan, t->plan);
}

int64_t
days_minutes(const struct day *days, size_t n)
{
	int64_t total = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += days[i].minutes;
	return total;
}

/* Does the day after d belong to the same run? */
static bool
run_goes_on(const struct day *d, const struct traits *t)
{
	if (d[1].minutes == 0 || d[1].date.day != d[0].date.day + 1)
		return false;
	/* Only an HRIS that takes halves at both ends of a request takes unequal days in one. */
	return t->runs == RUNS_ENDS || (d[0].whole && d[1].whole) ||
	       (d[1].minutes == d[0].minutes && text_equal(d[1].part, d[0].part) &&
		   text_equal(d[1].from, d[0].from));
}

size_t
days_run(const struct day *days, size_t n, const struct traits *t, size_t *at)
{
	size_t len = 1;

	while (*at < n && days[*at].minutes == 0)
		(*at)++;
	if (*at == n)
		return 0;
	while (*at + len < n && run_goes_on(&days[*at + len - 1], t))
		len++;
	return len;
}

bool
ids_meet(const char *a, const char *b)
{
	size_t len, other;
	const char *p;

	for (; *a != '\0'; a += len + (a[len] == ',')) {
		len = strcspn(a, ",");
		for (p = b; *p != '\0'; p += other + (p[other] == ',')) {
			other = strcspn(p, ",");
			if (len == other && memcmp(a, p, len) == 0)
				return true;
		}
	}
	return false;
}
