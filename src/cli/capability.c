/* capability.c: see capability.h. All of it follows from the adapter file. */
#include "cli/capability.h"

#include <string.h>

#include "adapter/cost.h"
#include "adapter/record.h"
#include "base/text.h"

static const char *
unit_texts(struct arena *a, const struct adapter *adapter)
{
	const char *text = "";
	size_t u;

	if (!adapter->traits.amounts_declared)
		return "any";
	for (u = 0; u < UNIT_MAX && text != NULL; u++) {
		if (adapter->traits.can[u])
			text = arena_printf(
			    a, "%s%s%s", text, text[0] == '\0' ? "" : " ", unit_name((enum unit)u));
	}
	return text != NULL && text[0] == '\0' ? "any" : text;
}

/* May a day be less than a whole one, and does the HRIS learn which part of it? */
static const char *
partial_text(struct arena *a, const struct adapter *adapter)
{
	const struct traits *t = &adapter->traits;
	bool whole_steps = t->amounts_declared && t->can[UNIT_DAYS];
	const char *how = t->spans ? "times" : "amounts";
	size_t u;

	for (u = 0; u < UNIT_MAX; u++) {
		if (u != UNIT_DAYS && t->can[u])
			whole_steps = false;
	}
	if (t->runs == RUNS_WHOLE ||
	    (whole_steps && decimal_compare(t->step[UNIT_DAYS], decimal_integer(1)) >= 0))
		return "no";
	if (t->runs == RUNS_DAYS)
		return how;
	return arena_printf(a, "%s, %s", how, t->runs == RUNS_ENDS ? "at ends" : "all alike");
}

/* Days between the first and the last that are not asked for. */
static const char *
gaps_text(const struct adapter *adapter)
{
	if (!adapter->traits.has[OPERATION_INSERT])
		return "-";
	if (adapter->traits.many)
		return "several";
	if (adapter->lists_days && !adapter->traits.by_run)
		return "yes";
	return adapter->by_runs ? "by runs" : "calendar";
}

static const char *
changes_text(struct arena *a, const struct adapter *adapter)
{
	static const struct {
		enum operation op;
		const char *word;
	} words[] = {{OPERATION_CHANGE, "change"}, {OPERATION_APPROVE, "approve"},
	    {OPERATION_CANCEL, "cancel"}, {OPERATION_DENY, "deny"}, {OPERATION_UNDO, "undo"}};
	const struct steps *changes = &adapter->operations[OPERATION_CHANGE];
	const char *text = "", *word;
	size_t i;

	for (i = 0; i < ARRAY_LEN(words) && text != NULL; i++) {
		word = words[i].word;
		if (words[i].op == OPERATION_CHANGE && changes->replace != REPLACE_NO)
			word =
			    changes->replace == REPLACE_CREATE_FIRST ? "create-first" : "replace";
		if (adapter->traits.has[words[i].op])
			text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : " ", word);
	}
	return text != NULL && text[0] == '\0' ? "-" : text;
}

static const char *
lost_text(struct arena *a, const struct traits *t)
{
	static const char *const words[] = {[LOST_NONE] = "none",
	    [LOST_KEY] = "key",
	    [LOST_MARKER] = "marker",
	    [LOST_NATURAL] = "natural"};

	return t->consistent ? arena_printf(a, "%s, consistent", words[t->find]) : words[t->find];
}

/* What a look at a request shows of its amount. */
static const char *
verified_text(const struct adapter *adapter)
{
	const struct steps *steps = &adapter->operations[OPERATION_FIND];
	bool days = false, amount = false;
	const struct record *r;
	size_t i;

	for (i = 0; i < steps->n; i++) {
		r = &steps->items[i].record;
		if (r->kind != RECORD_FOUND)
			continue;
		days = days || r->days != NULL || record_member(r, "date") != NULL;
		amount = amount || record_member(r, "amount") != NULL;
	}
	if (steps->n == 0)
		return "no";
	return days ? "days" : amount ? "total" : "dates";
}

/* The calls of an action are those of several operations. */
enum { ACTION_OPERATIONS = 4 };
static const struct action {
	const char *name;
	size_t n;
	enum operation calls[ACTION_OPERATIONS], needs; /* without that one: "-" */
	bool looks_before; /* where the adapter finds a lost write by what is new */
} actions[] = {
    {"agents", 1, {OPERATION_AGENTS}, OPERATION_AGENTS, false},
    {"types", 1, {OPERATION_TYPES}, OPERATION_TYPES, false},
    {"balance", 1, {OPERATION_BALANCE}, OPERATION_BALANCE, false},
    {"insert", 3, {OPERATION_BALANCE, OPERATION_INSERT, OPERATION_FIND}, OPERATION_INSERT, true},
    {"change", 4, {OPERATION_FIND, OPERATION_BALANCE, OPERATION_CHANGE, OPERATION_FIND},
	OPERATION_CHANGE, true},
    {"cancel", 3, {OPERATION_FIND, OPERATION_CANCEL, OPERATION_FIND}, OPERATION_CANCEL, false},
};

static const char *
action_text(struct arena *a, const struct adapter *adapter, const struct action *action)
{
	const struct traits *t = &adapter->traits;
	struct cost cost = {.calls = {0}};
	size_t i;

	if (!t->has[action->needs])
		return "-";
	if (action->needs == OPERATION_CHANGE &&
	    adapter->operations[OPERATION_CHANGE].replace != REPLACE_NO) {
		cost_add(a, adapter, OPERATION_CANCEL, true, &cost);
		cost_add(a, adapter, OPERATION_INSERT, false, &cost);
	}
	for (i = 0; i < action->n; i++)
		cost_add(a, adapter, action->calls[i], true, &cost);
	if (action->looks_before && (t->find == LOST_NATURAL || t->consistent))
		cost_add(a, adapter, OPERATION_FIND, false, &cost);
	return cost_text(a, &cost);
}

struct value *
cli_capability(struct arena *a, const char *name, const struct adapter *adapter)
{
	const struct {
		const char *name, *text;
	} columns[] = {
	    {"adapter", name},
	    {"proven", adapter->proven == NULL ? "-" : adapter->proven},
	    {"units", unit_texts(a, adapter)},
	    {"partial", partial_text(a, adapter)},
	    {"gaps", gaps_text(adapter)},
	    {"updates", changes_text(a, adapter)},
	    {"lost write", lost_text(a, &adapter->traits)},
	    {"looked at", verified_text(adapter)},
	};
	struct value *row = value_object(a);
	bool good = row != NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(columns); i++)
		good = good && columns[i].text != NULL &&
		       value_set(a, row, columns[i].name, value_text(a, columns[i].text));
	for (i = 0; i < ARRAY_LEN(actions); i++) {
		const char *text = action_text(a, adapter, &actions[i]);

		good =
		    good && text != NULL && value_set(a, row, actions[i].name, value_text(a, text));
	}
	return good ? row : NULL;
}
