/* adapter_record.c: which members of an answer make a record. */
#include <string.h>

#include "adapter/loader.h"

static const char *const unit_words[] = {"minutes", "hours", "days", "half-days", "clock"};
static const char *const status_words[] = {"PENDING", "APPROVED", "DENIED", "CANCELED"};
static const char *const truth_words[] = {"true", "false"};
static const char *const pending_words[] = {"pending"};
static const char *const add_words[] = {"add"};

struct words {
	const char *member;
	const char *const *words;
	size_t n;
};

#define WORDS(member, list)                                    \
	{                                                      \
		member, list, sizeof(list) / sizeof((list)[0]) \
	}
static const struct words words[] = {
    WORDS("unit", unit_words),
    WORDS("status", status_words),
    WORDS("unlimited", truth_words),
    WORDS("includes", pending_words),
    WORDS("several", add_words),
};

/* In the order that adapter_read.c reads them. */
static const char *const agent_members[] = {"id", "email", NULL};
static const char *const type_members[] = {
    "id", "id2", "name", "unit", "grain", "day_minutes", "unlimited", "plan", NULL};
static const char *const balance_members[] = {"type_id", "type_id2", "plan", "amount", "unit",
    "unlimited", "date", "includes", "several", NULL};
static const char *const found_members[] = {"id", "entry", "status", "type_id", "agent_id",
    "marker", "notes", "date", "start", "end", "amount", "unit", "days", NULL};

static const struct {
	const char *name;
	const char *const *members;
	const char *required[4];
} kinds[] = {
    [RECORD_NONE] = {"", NULL, {NULL}},
    [RECORD_AGENT] = {"agent", agent_members, {"id", "email"}},
    [RECORD_TYPE] = {"type", type_members, {"id", "name", "unit"}},
    [RECORD_BALANCE] = {"balance", balance_members, {"amount"}},
    [RECORD_FOUND] = {"found", found_members, {"id", "status", "type_id"}},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == RECORD_MAX, "a row a kind");

const char *
record_kind_name(enum record_kind kind)
{
	return kinds[kind].name;
}

const char *const *
record_members(enum record_kind kind)
{
	return kinds[kind].members;
}

static struct expr *
record_expr(struct loader *l, const struct expr_env *env, const char *name, const struct value *v)
{
	struct expr_env inner = *env;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].member, name) == 0) {
			inner.words = words[i].words;
			inner.n_words = words[i].n;
		}
	}
	return loader_expr(l, &inner, v);
}

/* days: {for: BIND, date, amount, unit, entry} */
static bool
record_days(struct loader *l, const struct expr_env *env, const struct value *v, struct record *out)
{
	static const char *const keys[] = {"for", "date", "amount", "unit", "entry", NULL};
	struct {
		const char *name;
		struct expr **expr;
	} parts[] = {{"date", &out->day_date}, {"amount", &out->day_amount},
	    {"unit", &out->day_unit}, {"entry", &out->day_entry}};
	struct expr_env inner = *env;
	const struct value *part;
	size_t i;

	if (!loader_known(l, v, keys, "days"))
		return false;
	if (value_get(v, "for") == NULL || value_get(v, "date") == NULL)
		return reader_fault(&l->r, v, "days needs for and date");
	out->days = bind_compile(&inner, value_get(v, "for"));
	if (out->days == NULL)
		return false;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		part = value_get(v, parts[i].name);
		if (part == NULL)
			continue;
		*parts[i].expr = record_expr(l, &inner, parts[i].name, part);
		if (*parts[i].expr == NULL)
			return false;
	}
	return true;
}

bool
adapter_load_record(struct loader *l, const struct expr_env *env, enum record_kind kind,
    const struct value *v, struct record *out)
{
	const char *const *names = kinds[kind].members;
	const struct value *member;
	bool good;
	size_t i;

	good = loader_known(l, v, names, kinds[kind].name);
	if (!value_is(v, VALUE_OBJECT))
		return false;
	out->kind = kind;
	for (i = 0; kinds[kind].required[i] != NULL; i++) {
		if (value_get(v, kinds[kind].required[i]) == NULL)
			good = reader_fault(&l->r, v, "%s lacks the required member \"%s\"",
			    kinds[kind].name, kinds[kind].required[i]);
	}
	if (kind == RECORD_BALANCE && value_get(v, "type_id") == NULL &&
	    value_get(v, "type_id2") == NULL && value_get(v, "plan") == NULL)
		good = reader_fault(&l->r, v, "balance needs type_id, type_id2 or plan");
	for (i = 0; names[i] != NULL; i++) {
		member = value_get(v, names[i]);
		if (member == NULL)
			continue;
		if (strcmp(names[i], "days") == 0) {
			good = record_days(l, env, member, out) && good;
			continue;
		}
		out->members[i] = record_expr(l, env, names[i], member);
		good = good && out->members[i] != NULL;
	}
	return good;
}
