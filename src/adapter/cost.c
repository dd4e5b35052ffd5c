/*
 * cost.c: see cost.h. Conditions are tried on a specimen of what the operation is given; those that
 * name what an earlier step has set depend on the HRIS, and make a range of the number. Of two such
 * steps that exclude each other one runs.
 */
#include "adapter/cost.h"

#include <string.h>

#include "base/text.h"
#include "lang/in.h"

static const struct {
	const char *member; /* of in: what `for` goes through */
	int per;            /* -1: one in the common case */
} lists[] = {
    {"dates", PER_DATE},
    {"types", PER_TYPE},
    {"days", PER_DAY},
    {"calendar", PER_DAY},
    {"added", PER_DAY},
    {"removed", PER_DAY},
    {"entries", PER_DAY},
    {"runs", PER_RUN},
    {"request_id", -1},
};

/* The set of what the step's calls are made for each of; *times: how often for each. */
static unsigned
step_per(const struct step *s, unsigned *times)
{
	unsigned set = s->page.kind == PAGE_NONE ? 0 : 1U << PER_PAGE;
	const struct expr *e;
	size_t i, j;

	*times = 1;
	for (i = 0; s->each_for != NULL && i < bind_count(s->each_for); i++) {
		e = bind_expr(s->each_for, i);
		if (e == NULL) {
			*times *= (unsigned)bind_values(s->each_for, i);
			continue;
		}
		if (expr_has_filter(e, "chunk"))
			continue;
		for (j = 0; j < ARRAY_LEN(lists); j++) {
			if (text_equal(expr_in_member(e), lists[j].member))
				break;
		}
		if (j == ARRAY_LEN(lists))
			set |= 1U << PER_RECORD;
		else if (lists[j].per >= 0)
			set |= 1U << lists[j].per;
	}
	return set;
}

static enum unit
specimen_unit(const struct traits *t)
{
	size_t u;

	for (u = 0; u < UNIT_MAX && !t->can[u]; u++)
		continue;
	return u == UNIT_MAX ? UNIT_HOURS : (enum unit)u;
}

enum { SPECIMEN_DAY = 480, SPECIMEN_DATE = 20000 };

/* What the operation is given, as `in`. NULL: no memory. */
static struct value *
specimen(struct arena *a, const struct traits *t, enum operation op, bool by_id)
{
	const struct date first = {.day = SPECIMEN_DATE}, last = {.day = SPECIMEN_DATE + 1};
	const struct day days[] = {{.date = first, .minutes = SPECIMEN_DAY, .part = "day"},
	    {.date = last, .minutes = SPECIMEN_DAY, .part = "day"}};
	const struct timeoff_type type = {.id = "1",
	    .name = "1",
	    .unit = specimen_unit(t),
	    .grain = "day",
	    .day_minutes = SPECIMEN_DAY};
	const struct timeoff_type *types[] = {&type};
	const struct date dates[] = {first};
	bool changes = op == OPERATION_INSERT || op == OPERATION_CHANGE;
	struct operation_in in = {.agent_id = "1",
	    .status = op == OPERATION_APPROVE                          ? STATUS_APPROVED
		      : op == OPERATION_CANCEL || op == OPERATION_UNDO ? STATUS_CANCELED
		      : op == OPERATION_DENY                           ? STATUS_DENIED
								       : STATUS_PENDING,
	    .was = operation_writes(op) && op != OPERATION_INSERT ? STATUS_PENDING : STATUS_NONE,
	    .type = operation_writes(op) ? &type : NULL,
	    .types = op == OPERATION_BALANCE ? types : NULL,
	    .n_types = op == OPERATION_BALANCE ? 1 : 0,
	    .dates = op == OPERATION_BALANCE ? dates : NULL,
	    .n_dates = op == OPERATION_BALANCE ? 1 : 0,
	    .min_date = first,
	    .max_date = last,
	    .days = changes ? days : NULL,
	    .n_days = changes ? ARRAY_LEN(days) : 0,
	    .marker = "1",
	    .request_id = by_id || (operation_writes(op) && op != OPERATION_INSERT) ? "1" : NULL};

	return in_value(a, &in, t, SPECIMEN_DAY);
}

/* Does an earlier answer decide whether the step runs? */
static bool
depends(const struct step *s)
{
	return s->when != NULL && cond_names(s->when, SOURCE_STEPS);
}

static bool
runs(const struct step *s, const struct scope *scope)
{
	bool holds = true;

	if (s->when != NULL && cond_holds(s->when, scope, &holds) != GW_OK) {
		fail_clear(scope->failure);
		holds = true;
	}
	return holds;
}

/* An earlier one of which, or of this one, exactly one runs: then it is counted already. */
static bool
is_alternative(const struct steps *steps, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++) {
		if (steps->items[j].path != NULL && depends(&steps->items[j]) &&
		    cond_exclude(steps->items[j].when, steps->items[i].when))
			return true;
	}
	return false;
}

/* Does a later one run where this one does not? */
static bool
has_alternative(const struct steps *steps, size_t i)
{
	size_t j;

	for (j = i + 1; j < steps->n; j++) {
		if (steps->items[j].path != NULL && depends(&steps->items[j]) &&
		    cond_exclude(steps->items[i].when, steps->items[j].when))
			return true;
	}
	return false;
}

static struct value *
default_settings(struct arena *a, const struct adapter *adapter)
{
	struct value *settings = value_object(a);
	const struct value *preset;
	size_t i;

	for (i = 0; adapter->settings != NULL && i < adapter->settings->n; i++) {
		preset = value_get(value_at(adapter->settings, i), "default");
		if (preset != NULL)
			(void)value_set(
			    a, settings, value_name(adapter->settings, i), (struct value *)preset);
	}
	return settings;
}

void
cost_add(
    struct arena *a, const struct adapter *adapter, enum operation op, bool by_id, struct cost *c)
{
	const struct steps *steps = &adapter->operations[op];
	struct failure failure = {0};
	struct scope scope = {.arena = a,
	    .failure = &failure,
	    .blame = CODE_INPUT_ID,
	    .in = specimen(a, &adapter->traits, op, by_id),
	    .settings = default_settings(a, adapter),
	    .steps = value_object(a),
	    .traits = &adapter->traits,
	    .day_minutes = SPECIMEN_DAY};
	unsigned set, times;
	size_t i;

	for (i = 0; i < steps->n && scope.in != NULL; i++) {
		if (steps->items[i].path == NULL)
			continue;
		set = step_per(&steps->items[i], &times);
		if (!depends(&steps->items[i]))
			c->calls[set] += runs(&steps->items[i], &scope) ? times : 0;
		else if (has_alternative(steps, i) && !is_alternative(steps, i))
			c->calls[set] += times;
		else if (!is_alternative(steps, i))
			c->maybe[set] += times;
	}
}

const char *
cost_text(struct arena *a, const struct cost *c)
{
	static const char *const names[] = {[PER_PAGE] = "page",
	    [PER_DATE] = "date",
	    [PER_TYPE] = "type",
	    [PER_DAY] = "day",
	    [PER_RUN] = "run",
	    [PER_RECORD] = "record"};
	const char *text = NULL;
	struct buf b;
	size_t set, per;
	bool named;

	buf_init(&b, LIMIT_PARAM_BYTES);
	for (set = 0; set < COST_KINDS; set++) {
		if (c->calls[set] == 0 && c->maybe[set] == 0)
			continue;
		buf_printf(&b, "%s%u", b.len == 0 ? "" : " + ", c->calls[set]);
		if (c->maybe[set] > 0)
			buf_printf(&b, "-%u", c->calls[set] + c->maybe[set]);
		for (per = 0, named = false; per < PER_MAX; per++) {
			if ((set >> per & 1U) == 0)
				continue;
			buf_printf(&b, "%s%s", named ? " and " : " a ", names[per]);
			named = true;
		}
	}
	if (b.err == GW_OK)
		text = arena_strdup(a, b.len == 0 ? "-" : b.data);
	buf_clear(&b);
	return text;
}
