/* play_out.c: what an operation returned, as a tree to compare with `out`. */
#include "cli/cli.h"
#include "cli/player.h"

static bool
put(struct arena *a, struct value *o, const char *name, const char *s)
{
	return s == NULL || value_set(a, o, name, value_text(a, s));
}

static bool
put_true(struct arena *a, struct value *o, const char *name, bool truth)
{
	return !truth || value_set(a, o, name, value_bool(a, true));
}

static bool
put_date(struct arena *a, struct value *o, const char *name, bool has, struct date d)
{
	char text[DATE_TEXT_MAX];

	if (!has)
		return true;
	date_format(d, text);
	return put(a, o, name, text);
}

static bool
put_unit(struct arena *a, struct value *o, bool has, enum unit unit)
{
	return !has || put(a, o, "unit", unit_name(unit));
}

static struct value *
of_agent(struct arena *a, const struct agent *x)
{
	struct value *o = value_object(a);

	return put(a, o, "id", x->id) && put(a, o, "email", x->email) &&
		       (x->day_minutes == 0 ||
			   value_set(a, o, "day_minutes", value_integer(a, x->day_minutes)))
		   ? o
		   : NULL;
}

static struct value *
of_type(struct arena *a, const struct timeoff_type *x)
{
	struct value *o = value_object(a);

	return put(a, o, "id", x->id) && put(a, o, "id2", x->id2) && put(a, o, "name", x->name) &&
		       put(a, o, "grain", x->grain) && put(a, o, "plan", x->plan) &&
		       put_unit(a, o, true, x->unit) && put_true(a, o, "unlimited", x->unlimited) &&
		       (x->day_minutes == 0 ||
			   value_set(a, o, "day_minutes", value_integer(a, x->day_minutes))) &&
		       put(a, o, "may_go_to", x->may_go_to)
		   ? o
		   : NULL;
}

static struct value *
of_balance(struct arena *a, const struct balance *x)
{
	struct value *o = value_object(a);

	return put(a, o, "type_id", x->type_id) && put(a, o, "type_id2", x->type_id2) &&
		       put(a, o, "plan", x->plan) && put_date(a, o, "date", x->dated, x->date) &&
		       put(a, o, "amount", x->amount) && put_unit(a, o, x->has_unit, x->unit) &&
		       put_true(a, o, "unlimited", x->unlimited) &&
		       put(a, o, "includes", x->includes_pending ? "pending" : NULL) &&
		       put(a, o, "several", x->several ? "add" : NULL) &&
		       put(a, o, "as_of", x->as_of_now ? "now" : NULL)
		   ? o
		   : NULL;
}

static struct value *
of_days(struct arena *a, const struct found_day *days, size_t n)
{
	struct value *list = value_list(a), *o;
	size_t i;

	for (i = 0; i < n; i++) {
		o = value_object(a);
		if (!put_date(a, o, "date", true, days[i].date) ||
		    !put(a, o, "amount", days[i].amount) ||
		    !put_unit(a, o, days[i].unit < UNIT_MAX, days[i].unit) ||
		    !put(a, o, "entry", days[i].entry) || !put(a, o, "from", days[i].from) ||
		    !value_add(a, list, o))
			return NULL;
	}
	return list;
}

static struct value *
of_found(struct arena *a, const struct found *x)
{
	struct value *o = value_object(a);

	return put(a, o, "id", x->id) && put(a, o, "type_id", x->type_id) &&
		       put(a, o, "agent_id", x->agent_id) &&
		       put(a, o, "status",
			   x->status == STATUS_NONE ? NULL : status_name(x->status)) &&
		       put(a, o, "marker", x->marker) &&
		       (x->n_notes == 0 ||
			   value_set(a, o, "notes", cli_texts(a, x->notes, x->n_notes))) &&
		       put_date(a, o, "start", x->ranged, x->start) &&
		       put_date(a, o, "end", x->ranged, x->end) &&
		       (x->n_days == 0 ||
			   value_set(a, o, "days", of_days(a, x->days, x->n_days))) &&
		       put(a, o, "amount", x->amount) && put_unit(a, o, x->has_unit, x->unit) &&
		       put(a, o, "from", x->from) && put(a, o, "minutes", x->minutes)
		   ? o
		   : NULL;
}

static struct value *
of_result(struct arena *a, const struct result *x)
{
	struct value *o = x->shown == NULL ? value_object(a) : of_found(a, x->shown);
	const char *status = x->status == STATUS_NONE ? NULL : status_name(x->status);

	return (x->shown != NULL || (put(a, o, "id", x->id) && put(a, o, "status", status))) &&
		       (x->n_entries == 0 ||
			   value_set(a, o, "entries", cli_texts(a, x->entries, x->n_entries)))
		   ? o
		   : NULL;
}

struct value *
play_output(struct arena *a, enum operation op, const struct operation_out *out)
{
	struct value *root = value_object(a), *list = value_list(a);
	bool good = true;
	size_t i;

	switch (op) {
	case OPERATION_AGENTS:
	case OPERATION_AGENT:
		for (i = 0; i < out->n_agents; i++)
			good = value_add(a, list, of_agent(a, &out->agents[i])) && good;
		return good && value_set(a, root, "agents", list) ? root : NULL;
	case OPERATION_TYPES:
		for (i = 0; i < out->n_types; i++)
			good = value_add(a, list, of_type(a, &out->types[i])) && good;
		return good && value_set(a, root, "types", list) ? root : NULL;
	case OPERATION_BALANCE:
		for (i = 0; i < out->n_balances; i++)
			good = value_add(a, list, of_balance(a, &out->balances[i])) && good;
		return good && value_set(a, root, "balances", list) ? root : NULL;
	case OPERATION_FIND:
		for (i = 0; i < out->n_found; i++)
			good = value_add(a, list, of_found(a, &out->found[i])) && good;
		return good && value_set(a, root, "found", list) ? root : NULL;
	default:
		if (out->replace == REPLACE_CREATE_FIRST)
			return value_set(a, root, "replace", value_text(a, "create-first")) ? root
											    : NULL;
		if (out->replace != REPLACE_NO)
			return put_true(a, root, "replace", true) ? root : NULL;
		return value_set(a, root, "result", of_result(a, &out->result)) ? root : NULL;
	}
}
