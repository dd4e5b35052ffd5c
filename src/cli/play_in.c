/* play_in.c: the input of a case, from YAML. */
#include <string.h>

#include "cli/player.h"
#include "base/text.h"

static const char *const in_keys[] = {"agent_id", "type", "types", "dates", "status", "was",
    "min_date", "max_date", "days", "added", "removed", "entries", "notes", "marker", "key",
    "request_id", NULL};
static const char *const day_keys[] = {"date", "minutes", "from", "entry", NULL};
static const char *const type_keys[] = {
    "id", "id2", "name", "unit", "grain", "plan", "day_minutes", "unlimited", NULL};

static bool
read_minutes(struct player *p, const struct value *v, int *out)
{
	long n;

	if (!reader_integer(&p->r, v, 0, LIMIT_MINUTES, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool
load_type(struct player *p, const struct member *m, struct timeoff_type *t)
{
	const struct value *v = m->value, *unlimited = value_get(v, "unlimited");
	const char *unit = value_str(value_get(v, "unit"));

	if (!reader_known(&p->r, v, type_keys, "a type"))
		return false;
	t->id = value_str(value_get(v, "id"));
	t->id2 = value_str(value_get(v, "id2"));
	t->name = value_str(value_get(v, "name"));
	t->grain = value_str(value_get(v, "grain"));
	t->plan = value_str(value_get(v, "plan"));
	t->unlimited = value_is(unlimited, VALUE_BOOL) && unlimited->truth;
	if (t->id == NULL || unit == NULL || !unit_parse(unit, &t->unit))
		return reader_fault(&p->r, v, "a type needs id and unit");
	if (t->name == NULL)
		t->name = m->name;
	return value_get(v, "day_minutes") == NULL ||
	       read_minutes(p, value_get(v, "day_minutes"), &t->day_minutes);
}

bool
play_load_types(struct player *p, const struct value *v)
{
	bool good = true;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&p->r, v, "types is {NAME: {id, unit, ...}, ...}");
	p->types = arena_array(p->r.arena, v->n + 1, sizeof(*p->types));
	p->type_names = arena_array(p->r.arena, v->n + 1, sizeof(*p->type_names));
	if (p->types == NULL || p->type_names == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		p->type_names[i] = v->items[i].name;
		good = load_type(p, &v->items[i], &p->types[i]) && good;
		p->n_types++;
	}
	return good;
}

static const struct timeoff_type *
find_type(struct player *p, const struct value *v)
{
	const char *name = value_str(v);
	size_t i;

	for (i = 0; i < p->n_types; i++) {
		if (text_equal(p->type_names[i], name))
			return &p->types[i];
	}
	(void)reader_fault(
	    &p->r, v, "\"%s\" is none of the file's types", name == NULL ? "" : name);
	return NULL;
}

static bool
read_day_date(struct player *p, const struct value *v, struct date *out)
{
	const char *s = value_str(v);

	return (s != NULL && date_parse(s, out)) || reader_fault(&p->r, v, "a date was expected");
}

/* days: {DATE: MINUTES, ...} or [{date, minutes, from, entry}, ...] */
static bool
read_days(struct player *p, const struct value *v, const struct day **out, size_t *n)
{
	struct day *days;
	const struct value *item;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT) && !value_is(v, VALUE_LIST))
		return reader_fault(
		    &p->r, v, "days is {DATE: MINUTES, ...} or [{date, minutes}, ...]");
	days = arena_array(p->r.arena, v->n + 1, sizeof(*days));
	if (days == NULL)
		return false;
	*out = days;
	for (i = 0; i < v->n; i++, (*n)++) {
		item = value_at(v, i);
		if (v->kind == VALUE_OBJECT) {
			if (!date_parse(v->items[i].name, &days[i].date) ||
			    !read_minutes(p, item, &days[i].minutes))
				return reader_fault(&p->r, item, "DATE: MINUTES was expected");
			continue;
		}
		if (!reader_known(&p->r, item, day_keys, "a day") ||
		    !read_day_date(p, value_get(item, "date"), &days[i].date) ||
		    (value_get(item, "minutes") != NULL &&
			!read_minutes(p, value_get(item, "minutes"), &days[i].minutes)))
			return false;
		days[i].from = value_str(value_get(item, "from"));
		days[i].entry = value_str(value_get(item, "entry"));
	}
	return true;
}

static bool
read_dates(struct player *p, const struct value *v, struct operation_in *in)
{
	struct date *dates;
	size_t i;

	if (v == NULL)
		return true;
	dates = arena_array(p->r.arena, v->n + 1, sizeof(*dates));
	if (dates == NULL || !value_is(v, VALUE_LIST))
		return reader_fault(&p->r, v, "dates is a list");
	in->dates = dates;
	for (i = 0; i < v->n; i++) {
		if (!read_day_date(p, value_at(v, i), &dates[i]))
			return false;
		in->n_dates++;
	}
	return true;
}

static bool
read_types(struct player *p, const struct value *v, struct operation_in *in)
{
	const struct timeoff_type **types;
	size_t i;

	if (v == NULL)
		return true;
	types = arena_array(p->r.arena, v->n + 1, sizeof(struct timeoff_type *));
	if (types == NULL || !value_is(v, VALUE_LIST))
		return reader_fault(&p->r, v, "types is a list");
	in->types = types;
	for (i = 0; i < v->n; i++) {
		types[i] = find_type(p, value_at(v, i));
		if (types[i] == NULL)
			return false;
		in->n_types++;
	}
	return true;
}

static bool
read_entries(struct player *p, const struct value *v, struct operation_in *in)
{
	const char **entries;
	size_t i;

	if (v == NULL)
		return true;
	entries = arena_array(p->r.arena, v->n + 1, sizeof(*entries));
	if (entries == NULL || !value_is(v, VALUE_LIST))
		return reader_fault(&p->r, v, "entries is a list");
	in->entries = entries;
	for (i = 0; i < v->n; i++)
		entries[in->n_entries++] = value_str(value_at(v, i));
	return true;
}

static bool
read_status(struct player *p, const struct value *v, enum timeoff_status *out)
{
	const char *s = value_str(v);

	return v == NULL || (s != NULL && status_parse(s, out)) ||
	       reader_fault(&p->r, v, "a status is PENDING, APPROVED, DENIED or CANCELED");
}

bool
play_input(struct player *p, const struct value *v, struct operation_in *in)
{
	const struct value *min = value_get(v, "min_date"), *max = value_get(v, "max_date");
	size_t i;

	*in = (struct operation_in){0};
	if (v == NULL)
		return true;
	if (!reader_known(&p->r, v, in_keys, "in"))
		return false;
	in->agent_id = value_str(value_get(v, "agent_id"));
	in->notes = value_str(value_get(v, "notes"));
	in->marker = value_str(value_get(v, "marker"));
	in->request_id = value_str(value_get(v, "request_id"));
	in->key = value_str(value_get(v, "key"));
	if (value_get(v, "type") != NULL) {
		in->type = find_type(p, value_get(v, "type"));
		if (in->type == NULL)
			return false;
	}
	if (!read_types(p, value_get(v, "types"), in) ||
	    !read_dates(p, value_get(v, "dates"), in) ||
	    !read_entries(p, value_get(v, "entries"), in) ||
	    !read_days(p, value_get(v, "days"), &in->days, &in->n_days) ||
	    !read_days(p, value_get(v, "added"), &in->added, &in->n_added) ||
	    !read_days(p, value_get(v, "removed"), &in->removed, &in->n_removed) ||
	    !read_status(p, value_get(v, "status"), &in->status) ||
	    !read_status(p, value_get(v, "was"), &in->was))
		return false;
	/* As the gateway does. */
	for (i = 0; i < in->n_dates; i++) {
		if (i == 0 || in->dates[i].day < in->min_date.day)
			in->min_date = in->dates[i];
		if (i == 0 || in->dates[i].day > in->max_date.day)
			in->max_date = in->dates[i];
	}
	if (in->n_days > 0) {
		in->min_date = in->days[0].date;
		in->max_date = in->days[in->n_days - 1].date;
	}
	return (min == NULL || read_day_date(p, min, &in->min_date)) &&
	       (max == NULL || read_day_date(p, max, &in->max_date));
}
