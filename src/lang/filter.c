/* filter.c: the table of filters, and what they share. */
#include "lang/filter.h"

#include <string.h>

static const struct filter filters[] = {
    {"text", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_text},
    {"number", KIND_TEXT, KIND_NUMBER, 0, 0, ARG_ANY, false, false, filter_number},
    {"decimal", KIND_TEXT, KIND_NUMBER, 0, 1, ARG_SEPARATOR, false, false, filter_decimal},
    {"boolean", KIND_TEXT, KIND_BOOL, 0, 0, ARG_ANY, false, false, filter_boolean},
    {"not", KIND_TEXT, KIND_BOOL, 0, 0, ARG_ANY, false, false, filter_negate},
    {"lower", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_lower},
    {"upper", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_upper},
    {"trim", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_trim},
    {"default", KIND_ANY, KIND_ANY, 1, 1, ARG_ANY, false, true, filter_default},
    {"map", KIND_TEXT, KIND_ANY, 1, 1, ARG_ANY, false, false, filter_map},
    {"slice", KIND_TEXT, KIND_TEXT, 1, 2, ARG_WHOLE, false, false, filter_slice},
    {"split", KIND_TEXT, KIND_LIST, 1, 1, ARG_TEXT, false, false, filter_split},
    {"join", KIND_LIST, KIND_TEXT, 1, 1, ARG_ANY, true, false, filter_join},
    {"replace", KIND_TEXT, KIND_TEXT, 2, 2, ARG_ANY, false, false, filter_replace},
    {"times", KIND_NUMBER, KIND_NUMBER, 1, 1, ARG_NUMBER, false, false, filter_times},
    {"plus", KIND_NUMBER, KIND_NUMBER, 1, 1, ARG_NUMBER, false, false, filter_plus},
    {"minus", KIND_NUMBER, KIND_NUMBER, 1, 1, ARG_NUMBER, false, false, filter_minus},
    {"mod", KIND_NUMBER, KIND_NUMBER, 1, 1, ARG_NUMBER, false, false, filter_mod},
    {"round", KIND_NUMBER, KIND_NUMBER, 1, 1, ARG_ABOVE_ZERO, false, false, filter_round},
    {"floor", KIND_NUMBER, KIND_NUMBER, 0, 0, ARG_ANY, false, false, filter_floor},
    {"as", KIND_NUMBER, KIND_ANY, 1, 1, ARG_UNIT, false, false, filter_as},
    {"from", KIND_TEXT, KIND_NUMBER, 1, 1, ARG_UNIT, false, false, filter_from},
    {"date", KIND_TEXT, KIND_TEXT, 1, 1, ARG_PATTERN, false, false, filter_date},
    {"parse-date", KIND_TEXT, KIND_TEXT, 1, 1, ARG_PATTERN, false, false, filter_parse_date},
    {"add-days", KIND_TEXT, KIND_TEXT, 1, 1, ARG_WHOLE, false, false, filter_add_days},
    {"first", KIND_LIST, KIND_ANY, 0, 0, ARG_ANY, true, false, filter_first},
    {"last", KIND_LIST, KIND_ANY, 0, 0, ARG_ANY, true, false, filter_last},
    {"count", KIND_LIST, KIND_NUMBER, 0, 0, ARG_ANY, true, false, filter_count},
    {"sum", KIND_LIST, KIND_NUMBER, 0, 0, ARG_ANY, true, false, filter_sum},
    {"min", KIND_LIST, KIND_ANY, 0, 0, ARG_ANY, true, false, filter_min},
    {"max", KIND_LIST, KIND_ANY, 0, 0, ARG_ANY, true, false, filter_max},
    {"unique", KIND_LIST, KIND_LIST, 0, 0, ARG_ANY, true, false, filter_unique},
    {"sort", KIND_LIST, KIND_LIST, 0, 0, ARG_ANY, true, false, filter_sort},
    {"entries", KIND_OBJECT, KIND_LIST, 0, 0, ARG_ANY, true, false, filter_entries},
    {"keys", KIND_OBJECT, KIND_LIST, 0, 0, ARG_ANY, true, false, filter_keys},
    {"get", KIND_ANY, KIND_ANY, 1, 1, ARG_ANY, true, false, filter_get},
    {"find", KIND_LIST, KIND_ANY, 2, 2, ARG_ANY, true, false, filter_find_item},
    {"chunk", KIND_LIST, KIND_LIST, 1, 1, ARG_ABOVE_ZERO, true, false, filter_chunk},
    {"json", KIND_ANY, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_json},
    {"base64", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_base64},
    {"odata", KIND_TEXT, KIND_TEXT, 0, 0, ARG_ANY, false, false, filter_odata},
};
enum { N_FILTERS = sizeof(filters) / sizeof(filters[0]) };

static const char *const kinds[] = {
    [KIND_ANY] = "value",
    [KIND_TEXT] = "text",
    [KIND_NUMBER] = "number",
    [KIND_BOOL] = "boolean",
    [KIND_LIST] = "list",
    [KIND_OBJECT] = "object",
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FILTER_KIND_MAX, "a name a kind");

const struct filter *
filter_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_FILTERS; i++) {
		if (strcmp(filters[i].name, name) == 0)
			return &filters[i];
	}
	return NULL;
}

const char *const *
filter_names(size_t *n)
{
	/* Every thread fills in the same constants. */
	static const char *names[N_FILTERS];
	size_t i;

	for (i = 0; i < N_FILTERS; i++)
		__atomic_store_n(&names[i], filters[i].name, __ATOMIC_RELAXED);
	*n = N_FILTERS;
	return names;
}

const char *
filter_kind_name(enum filter_kind kind)
{
	return kinds[kind];
}

enum gw_err
filter_fail(const struct filter_call *call, const char *filter, const char *why)
{
	return fail(call->scope->failure, call->scope->blame, "filter %s: %s", filter, why);
}

enum gw_err
filter_give(const struct filter_call *call, struct value *v, struct value **out)
{
	*out = v;
	return v == NULL ? fail_memory(call->scope->failure) : GW_OK;
}
