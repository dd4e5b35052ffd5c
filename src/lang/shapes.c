/* shapes.c: what `in` holds, so that a misspelt member of it is a fault at load. */
#include <string.h>

#include "lang/expr.h"

enum { SHAPE_MEMBERS_MAX = 28 };

struct shape {
	const char *names[SHAPE_MEMBERS_MAX + 1];
	const struct shape *of[SHAPE_MEMBERS_MAX]; /* of the member, or of an item of its list */
	bool list[SHAPE_MEMBERS_MAX];
};

static const struct shape shape_type = {
    .names = {"id", "id2", "name", "unit", "grain", "plan", "day_minutes"},
};

static const struct shape shape_day = {
    .names = {"date", "minutes", "part", "from", "to", "entry"},
};

static const struct shape shape_run = {
    .names = {"first", "last", "minutes", "part", "from", "to"},
};

/* The members that have a shape of their own, or are lists, come first. */
enum {
	IN_TYPE,
	IN_TYPES,
	IN_DAYS,
	IN_CALENDAR,
	IN_ADDED,
	IN_REMOVED,
	IN_RUNS,
	IN_DATES,
	IN_ENTRIES
};

static const struct shape shape_input = {
    .names = {[IN_TYPE] = "type",
	[IN_TYPES] = "types",
	[IN_DAYS] = "days",
	[IN_CALENDAR] = "calendar",
	[IN_ADDED] = "added",
	[IN_REMOVED] = "removed",
	[IN_RUNS] = "runs",
	[IN_DATES] = "dates",
	[IN_ENTRIES] = "entries",
	"agent_id",
	"type_id",
	"type_id2",
	"status",
	"was",
	"min_date",
	"max_date",
	"first",
	"last",
	"partial",
	"total_minutes",
	"notes",
	"marker",
	"request_id"},
    .of = {[IN_TYPE] = &shape_type,
	[IN_TYPES] = &shape_type,
	[IN_DAYS] = &shape_day,
	[IN_CALENDAR] = &shape_day,
	[IN_ADDED] = &shape_day,
	[IN_REMOVED] = &shape_day,
	[IN_RUNS] = &shape_run},
    .list = {[IN_TYPES] = true,
	[IN_DAYS] = true,
	[IN_CALENDAR] = true,
	[IN_ADDED] = true,
	[IN_REMOVED] = true,
	[IN_RUNS] = true,
	[IN_DATES] = true,
	[IN_ENTRIES] = true},
};

const struct shape *
shape_in(void)
{
	return &shape_input;
}

static size_t
shape_find(const struct shape *s, const char *name)
{
	size_t i;

	for (i = 0; s != NULL && s->names[i] != NULL; i++) {
		if (strcmp(s->names[i], name) == 0)
			return i;
	}
	return SHAPE_MEMBERS_MAX;
}

const struct shape *
shape_member(const struct shape *s, const char *name)
{
	size_t i = shape_find(s, name);

	return i < SHAPE_MEMBERS_MAX ? s->of[i] : NULL;
}

bool
shape_member_is_list(const struct shape *s, const char *name)
{
	size_t i = shape_find(s, name);

	return i < SHAPE_MEMBERS_MAX && s->list[i];
}

const char *const *
shape_names(const struct shape *s, size_t *n)
{
	*n = 0;
	while (s->names[*n] != NULL)
		(*n)++;
	return s->names;
}
