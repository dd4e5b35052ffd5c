/*
 * filter.h: the filters of the adapter language, one table. What one gives is borrowed from what it
 * was given, or lives in the scope's arena.
 */
#ifndef FILTER_H
#define FILTER_H

#include "lang/expr.h"

enum filter_kind { /* what goes in and comes out, checked at load */
	KIND_ANY,
	KIND_TEXT, /* text; numbers and booleans pass as their text */
	KIND_NUMBER,
	KIND_BOOL,
	KIND_LIST,
	KIND_OBJECT,
	FILTER_KIND_MAX
};

enum filter_arg { /* of an argument that is written out */
	ARG_ANY,
	ARG_TEXT, /* not empty */
	ARG_NUMBER,
	ARG_WHOLE,
	ARG_ABOVE_ZERO,
	ARG_UNIT,
	ARG_PATTERN,   /* of a date */
	ARG_SEPARATOR, /* of decimals */
	FILTER_ARG_MAX
};

enum { FILTER_ARGS_MAX = 2 };

struct filter_call {
	const struct scope *scope;
	struct value *args[FILTER_ARGS_MAX]; /* NULL: not given or absent */
	size_t n_args;
	const struct value *map; /* filter `map`; NULL: its argument, a setting */
};

struct filter {
	const char *name;
	enum filter_kind in, out;
	unsigned args_min, args_max;
	enum filter_arg arg;
	bool list;   /* takes a list as a whole; others work on each item */
	bool absent; /* is called for an absent value too */
	/* out NULL: absent. Failures by filter_fail. */
	enum gw_err (*run)(const struct filter_call *call, struct value *in, struct value **out);
};

/* What `find` knows of a list, for as long as the operation runs. */
struct lookup_item {
	const char *key;
	struct value *value;
};

struct lookup {
	const struct value *list;
	const char *member;
	struct lookup_item *items; /* by key */
	size_t n;
	struct lookup *next;
};

const struct filter *filter_find(const char *name);
const char *const *filter_names(size_t *n);
const char *filter_kind_name(enum filter_kind kind);

enum gw_err filter_fail(const struct filter_call *call, const char *filter, const char *why);
/* Wraps a constructor's result: memory failure where NULL. */
enum gw_err filter_give(const struct filter_call *call, struct value *v, struct value **out);

/* filter_text.c, filter_number.c, filter_list.c */
#define FILTER_FUNCTION(name)      \
	enum gw_err filter_##name( \
	    const struct filter_call *call, struct value *in, struct value **out)
FILTER_FUNCTION(text);
FILTER_FUNCTION(boolean);
FILTER_FUNCTION(negate);
FILTER_FUNCTION(lower);
FILTER_FUNCTION(upper);
FILTER_FUNCTION(trim);
FILTER_FUNCTION(default);
FILTER_FUNCTION(map);
FILTER_FUNCTION(slice);
FILTER_FUNCTION(split);
FILTER_FUNCTION(join);
FILTER_FUNCTION(replace);
FILTER_FUNCTION(odata);
FILTER_FUNCTION(json);
FILTER_FUNCTION(base64);
FILTER_FUNCTION(number);
FILTER_FUNCTION(decimal);
FILTER_FUNCTION(times);
FILTER_FUNCTION(plus);
FILTER_FUNCTION(minus);
FILTER_FUNCTION(mod);
FILTER_FUNCTION(round);
FILTER_FUNCTION(floor);
FILTER_FUNCTION(as);
FILTER_FUNCTION(from);
FILTER_FUNCTION(date);
FILTER_FUNCTION(parse_date);
FILTER_FUNCTION(add_days);
FILTER_FUNCTION(first);
FILTER_FUNCTION(last);
FILTER_FUNCTION(count);
FILTER_FUNCTION(sum);
FILTER_FUNCTION(min);
FILTER_FUNCTION(max);
FILTER_FUNCTION(unique);
FILTER_FUNCTION(sort);
FILTER_FUNCTION(entries);
FILTER_FUNCTION(keys);
FILTER_FUNCTION(get);
FILTER_FUNCTION(find_item);
FILTER_FUNCTION(chunk);

#endif
