/* intent.c: see intent.h, and the names of ledger.h. */
#include "ledger/intent.h"

#include <string.h>

#include "base/text.h"

static const char *const op_names[INTENT_OP_MAX] = {
    [INTENT_INSERT] = "insert",
    [INTENT_CHANGE] = "change",
    [INTENT_REPLACE] = "replace",
    [INTENT_CREATE_FIRST] = "create-first",
    [INTENT_APPROVE] = "approve",
    [INTENT_CANCEL] = "cancel",
    [INTENT_DENY] = "deny",
};

static const char *const state_names[INTENT_STATE_MAX] = {
    [INTENT_SENDING] = "sending",
    [INTENT_DONE] = "done",
    [INTENT_REFUSED] = "refused",
    [INTENT_UNKNOWN] = "unknown",
    [INTENT_DIFFERENT] = "different",
    [INTENT_NOT_APPROVED] = "not-approved",
    [INTENT_TAKEN_BACK] = "taken-back",
    [INTENT_HALF_REPLACED] = "half-replaced",
    [INTENT_ENDED] = "ended",
};

#define AT(member) offsetof(struct intent, member)
const struct intent_column intent_columns[INTENT_COLUMNS] = {
    {"n", INTENT_INT64, AT(n)},
    {"ledger", INTENT_TEXT, AT(ledger)},
    {"agent", INTENT_TEXT, AT(agent)},
    {"op", INTENT_OP, AT(op)},
    {"state", INTENT_STATE, AT(state)},
    {"key", INTENT_HMAC, AT(key)},
    {"idempotency", INTENT_HMAC, AT(idempotency)},
    {"generation", INTENT_INT64, AT(generation)},
    {"serial", INTENT_INT64, AT(serial)},
    {"attempts", INTENT_INT64, AT(attempts)},
    {"steps", INTENT_INT64, AT(steps)},
    {"request", INTENT_TEXT, AT(request)},
    {"before", INTENT_TEXT, AT(before)},
    {"type", INTENT_TEXT, AT(type)},
    {"days", INTENT_TEXT, AT(days)},
    {"first_day", INTENT_INT32, AT(first_day)},
    {"last_day", INTENT_INT32, AT(last_day)},
    {"minutes", INTENT_INT64, AT(minutes)},
    {"wanted", INTENT_TEXT, AT(wanted)},
    {"stood", INTENT_TEXT, AT(stood)},
    {"shown", INTENT_TEXT, AT(shown)},
    {"seen", INTENT_TEXT, AT(seen)},
    {"looked", INTENT_BOOL, AT(looked)},
    {"verified", INTENT_BOOL, AT(verified)},
    {"recorded_minutes", INTENT_INT64, AT(recorded_minutes)},
    {"code", INTENT_TEXT, AT(code)},
    {"text", INTENT_TEXT, AT(text)},
    {"route", INTENT_TEXT, AT(route)},
    {"request_log_id", INTENT_TEXT, AT(request_log_id)},
    {"begun_ms", INTENT_INT64, AT(begun_ms)},
    {"quiet_ms", INTENT_INT64, AT(quiet_ms)},
    {"settled_ms", INTENT_INT64, AT(settled_ms)},
};
#undef AT

_Static_assert(sizeof(op_names) / sizeof(op_names[0]) == INTENT_OP_MAX, "a name for each");
_Static_assert(sizeof(state_names) / sizeof(state_names[0]) == INTENT_STATE_MAX, "here too");

const char *
intent_op_name(enum intent_op op)
{
	return op_names[op];
}

const char *
intent_state_name(enum intent_state s)
{
	return state_names[s];
}

bool
intent_is_open(enum intent_state s)
{
	return s == INTENT_SENDING || s == INTENT_UNKNOWN;
}

/* The place of a name in a list of n; n: it is not there. */
static size_t
name_find(const char *name, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n && !text_equal(name, names[i]); i++)
		continue;
	return i;
}

bool
intent_op_read(const char *name, enum intent_op *out)
{
	size_t i = name_find(name, op_names, INTENT_OP_MAX);

	*out = i < INTENT_OP_MAX ? (enum intent_op)i : INTENT_INSERT;
	return i < INTENT_OP_MAX;
}

bool
intent_state_read(const char *name, enum intent_state *out)
{
	size_t i = name_find(name, state_names, INTENT_STATE_MAX);

	*out = i < INTENT_STATE_MAX ? (enum intent_state)i : INTENT_UNKNOWN;
	return i < INTENT_STATE_MAX;
}

const char *
intent_text(const struct intent *i, const struct intent_column *c)
{
	const void *at = (const char *)i + c->at;
	const char *s;

	if (c->kind == INTENT_OP)
		return intent_op_name(i->op);
	if (c->kind == INTENT_STATE)
		return intent_state_name(i->state);
	memcpy(&s, at, sizeof(s));
	return s == NULL ? "" : s;
}

const unsigned char *
intent_hmac(const struct intent *i, const struct intent_column *c)
{
	return (const unsigned char *)i + c->at;
}

int64_t
intent_number(const struct intent *i, const struct intent_column *c)
{
	const void *at = (const char *)i + c->at;

	switch (c->kind) {
	case INTENT_INT32:
		return *(const int32_t *)at;
	case INTENT_BOOL:
		return *(const bool *)at ? 1 : 0;
	default:
		return *(const int64_t *)at;
	}
}

bool
intent_copy(struct arena *a, const struct intent *from, struct intent *to)
{
	const struct intent_column *c;
	const char *s;

	*to = *from;
	for (c = intent_columns; c < intent_columns + INTENT_COLUMNS; c++) {
		if (c->kind != INTENT_TEXT)
			continue;
		s = arena_strdup(a, intent_text(from, c));
		if (s == NULL)
			return false;
		memcpy((char *)to + c->at, &s, sizeof(s));
	}
	return true;
}
