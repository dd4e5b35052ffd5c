/* in.c: see in.h. */
#include "lang/in.h"

#include <string.h>

#include "base/text.h"

enum { SHAPE_MEMBERS_MAX = 28 };

struct shape {
	const char *names[SHAPE_MEMBERS_MAX + 1];
	const struct shape *of[SHAPE_MEMBERS_MAX]; /* of the member, or of an item of its list */
	bool list[SHAPE_MEMBERS_MAX];
};

static const struct shape shape_type = {
    .names = {"id", "id2", "name", "unit", "grain", "plan", "day_minutes"},
};

static const struct shape shape_token = {.names = {"token"}};

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
	IN_FIRST,
	IN_LAST,
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
	[IN_FIRST] = "first",
	[IN_LAST] = "last",
	[IN_DATES] = "dates",
	[IN_ENTRIES] = "entries",
	"agent_id",
	"type_id",
	"type_id2",
	"status",
	"was",
	"min_date",
	"max_date",
	"partial",
	"total_minutes",
	"notes",
	"marker",
	"key",
	"request_id"},
    .of = {[IN_TYPE] = &shape_type,
	[IN_TYPES] = &shape_type,
	[IN_DAYS] = &shape_day,
	[IN_CALENDAR] = &shape_day,
	[IN_ADDED] = &shape_day,
	[IN_REMOVED] = &shape_day,
	[IN_RUNS] = &shape_run,
	[IN_FIRST] = &shape_day,
	[IN_LAST] = &shape_day},
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

const struct shape *
shape_auth(void)
{
	return &shape_token;
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

/* Texts that are absent are simply no member. */
static bool
set_text(struct arena *a, struct value *o, const char *name, const char *s)
{
	return s == NULL || s[0] == '\0' || value_set(a, o, name, value_text(a, s));
}

static bool
set_date(struct arena *a, struct value *o, const char *name, struct date d)
{
	char text[DATE_TEXT_MAX];

	date_format(d, text);
	return value_set(a, o, name, value_text(a, text));
}

static struct value *
value_of_type(struct arena *a, const struct timeoff_type *t, int day_minutes)
{
	struct value *o = value_object(a);
	int minutes = t->day_minutes > 0 ? t->day_minutes : day_minutes;

	return set_text(a, o, "id", t->id) && set_text(a, o, "id2", t->id2) &&
		       set_text(a, o, "name", t->name) &&
		       set_text(a, o, "unit", unit_name(t->unit)) &&
		       set_text(a, o, "grain", t->grain) && set_text(a, o, "plan", t->plan) &&
		       value_set(a, o, "day_minutes", value_integer(a, minutes))
		   ? o
		   : NULL;
}

static struct value *
value_of_day(struct arena *a, const struct day *d)
{
	struct value *o = value_object(a);

	return set_date(a, o, "date", d->date) &&
		       value_set(a, o, "minutes", value_integer(a, d->minutes)) &&
		       set_text(a, o, "part", d->part) && set_text(a, o, "from", d->from) &&
		       set_text(a, o, "to", d->to) && set_text(a, o, "entry", d->entry)
		   ? o
		   : NULL;
}

static bool
set_days(struct arena *a, struct value *o, const char *name, const struct day *days, size_t n)
{
	struct value *list = value_list(a);
	size_t i;

	for (i = 0; i < n; i++) {
		if (!value_add(a, list, value_of_day(a, &days[i])))
			return false;
	}
	return value_set(a, o, name, list);
}

/* Every date from the first to the last, gaps as 0 minutes. */
static bool
set_calendar(struct arena *a, struct value *o, const struct day *days, size_t n)
{
	struct value *list = value_list(a);
	struct day gap = {0};
	size_t i;

	for (i = 0; i < n; i++) {
		gap.date.day = i > 0 ? days[i - 1].date.day + 1 : days[i].date.day;
		for (; gap.date.day < days[i].date.day; gap.date.day++) {
			if (list == NULL || list->n > LIMIT_DATES ||
			    !value_add(a, list, value_of_day(a, &gap)))
				return false;
		}
		if (!value_add(a, list, value_of_day(a, &days[i])))
			return false;
	}
	return value_set(a, o, "calendar", list);
}

static struct value *
value_of_run(struct arena *a, const struct day *days, size_t n)
{
	struct value *o = value_object(a);

	return set_date(a, o, "first", days[0].date) && set_date(a, o, "last", days[n - 1].date) &&
		       value_set(a, o, "minutes", value_integer(a, days_minutes(days, n))) &&
		       set_text(a, o, "part", days[0].part) &&
		       set_text(a, o, "from", days[0].from) && set_text(a, o, "to", days[n - 1].to)
		   ? o
		   : NULL;
}

static bool
set_runs(
    struct arena *a, struct value *o, const struct day *days, size_t n, const struct traits *traits)
{
	struct value *list = value_list(a);
	size_t i = 0, len;

	while ((len = days_run(days, n, traits, &i)) > 0) {
		if (!value_add(a, list, value_of_run(a, &days[i], len)))
			return false;
		i += len;
	}
	return value_set(a, o, "runs", list);
}

static bool
set_write(struct arena *a, struct value *o, const struct operation_in *in,
    const struct traits *traits, int day_minutes)
{
	int64_t total = days_minutes(in->days, in->n_days);
	bool partial = false;
	size_t i;

	if (in->type != NULL &&
	    (!set_text(a, o, "type_id", in->type->id) ||
		!set_text(a, o, "type_id2", in->type->id2) ||
		!value_set(a, o, "type", value_of_type(a, in->type, day_minutes))))
		return false;
	if (in->n_days == 0)
		return true;
	if (in->type != NULL && in->type->day_minutes > 0)
		day_minutes = in->type->day_minutes;
	for (i = 0; i < in->n_days; i++)
		partial =
		    partial || (in->days[i].minutes > 0 && in->days[i].minutes != day_minutes);
	return set_days(a, o, "days", in->days, in->n_days) &&
	       set_days(a, o, "added", in->added, in->n_added) &&
	       set_days(a, o, "removed", in->removed, in->n_removed) &&
	       value_set(a, o, "first", value_of_day(a, &in->days[0])) &&
	       value_set(a, o, "last", value_of_day(a, &in->days[in->n_days - 1])) &&
	       value_set(a, o, "partial", value_bool(a, partial)) &&
	       value_set(a, o, "total_minutes", value_integer(a, total)) &&
	       set_calendar(a, o, in->days, in->n_days) &&
	       set_runs(a, o, in->days, in->n_days, traits);
}

static bool
set_lists(struct arena *a, struct value *o, const struct operation_in *in, int day_minutes)
{
	struct value *dates = value_list(a), *types = value_list(a), *entries = value_list(a);
	char text[DATE_TEXT_MAX];
	size_t i;

	for (i = 0; i < in->n_dates; i++) {
		date_format(in->dates[i], text);
		if (!value_add(a, dates, value_text(a, text)))
			return false;
	}
	for (i = 0; i < in->n_types; i++) {
		if (!value_add(a, types, value_of_type(a, in->types[i], day_minutes)))
			return false;
	}
	for (i = 0; i < in->n_entries; i++) {
		if (!value_add(a, entries, value_text(a, in->entries[i])))
			return false;
	}
	return (in->n_dates == 0 || value_set(a, o, "dates", dates)) &&
	       (in->n_types == 0 || value_set(a, o, "types", types)) &&
	       (in->n_entries == 0 || value_set(a, o, "entries", entries));
}

struct value *
in_value(
    struct arena *a, const struct operation_in *in, const struct traits *traits, int day_minutes)
{
	struct value *o = value_object(a);
	bool ranged = in->max_date.day != 0 || in->min_date.day != 0;

	return set_text(a, o, "agent_id", in->agent_id) &&
		       set_text(a, o, "status", status_name(in->status)) &&
		       set_text(a, o, "was", status_name(in->was)) &&
		       set_text(a, o, "notes", in->notes) && set_text(a, o, "marker", in->marker) &&
		       set_text(a, o, "key", in->key) &&
		       set_text(a, o, "request_id", in->request_id) &&
		       (!ranged || (set_date(a, o, "min_date", in->min_date) &&
				       set_date(a, o, "max_date", in->max_date))) &&
		       set_lists(a, o, in, day_minutes) && set_write(a, o, in, traits, day_minutes)
		   ? o
		   : NULL;
}
