/*
 * expr_kinds.c: filters take and give texts, numbers, lists ...; what one hands to the next, and
 * arguments that are written out, are checked when the adapter is loaded.
 */
#include <string.h>

#include "lang/expr_tree.h"
#include "base/text.h"

/*
 * Can what comes out of one filter be taken by the next? Lists go to scalar filters item by item.
 */
static bool
kind_fits(enum filter_kind out, enum filter_kind in)
{
	static const bool fits[FILTER_KIND_MAX][FILTER_KIND_MAX] = {
	    [KIND_TEXT] = {[KIND_TEXT] = true, [KIND_NUMBER] = true},
	    [KIND_NUMBER] = {[KIND_TEXT] = true, [KIND_NUMBER] = true},
	    [KIND_BOOL] = {[KIND_TEXT] = true},
	    [KIND_LIST] = {[KIND_TEXT] = true, [KIND_NUMBER] = true, [KIND_LIST] = true},
	    [KIND_OBJECT] = {[KIND_OBJECT] = true},
	};

	return out == KIND_ANY || in == KIND_ANY || fits[out][in];
}

bool
parse_check_kinds(const struct parser *ps, const struct expr *e)
{
	enum filter_kind kind = KIND_ANY;
	const char *from = "the source";
	const struct filter *f;
	bool good, many;
	size_t i;

	if (e->path != NULL && !jsonpath_is_singular(e->path))
		kind = KIND_LIST;
	else if (e->source == SOURCE_LITERAL || e->source == SOURCE_STATUS ||
		 e->source == SOURCE_HEADER)
		kind = KIND_TEXT;
	for (i = 0; i < e->n_filters; i++) {
		f = e->filters[i].filter;
		good = kind_fits(kind, f->in);
		if (f->list && f->in == KIND_ANY)
			good = kind == KIND_ANY || kind == KIND_LIST || kind == KIND_OBJECT;
		if (!good)
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": %s works on a %s, and %s gives a %s", ps->text, f->name,
			    f->in == KIND_ANY ? "list" : filter_kind_name(f->in), from,
			    filter_kind_name(kind));
		many = kind == KIND_LIST && !f->list && f->in != KIND_ANY;
		kind = many ? KIND_LIST : f->out;
		from = f->name;
	}
	return true;
}

static bool
arg_is_whole(const struct value *v)
{
	struct decimal d;
	int64_t n;

	return decimal_parse(value_str(v), &d) && decimal_to_integer(d, &n);
}

/* Is a written-out argument what the filter needs? */
static bool
arg_good(enum filter_arg kind, const struct value *v)
{
	struct decimal d;
	enum unit unit;

	switch (kind) {
	case ARG_TEXT:
		return value_str(v)[0] != '\0';
	case ARG_NUMBER:
		return decimal_parse(value_str(v), &d);
	case ARG_WHOLE:
		return arg_is_whole(v);
	case ARG_ABOVE_ZERO:
		return decimal_parse(value_str(v), &d) &&
		       decimal_compare(d, decimal_integer(0)) > 0;
	case ARG_UNIT:
		return unit_parse(value_str(v), &unit);
	case ARG_PATTERN:
		return date_pattern_valid(value_str(v));
	case ARG_SEPARATOR:
		return strcmp(value_str(v), ".") == 0 || strcmp(value_str(v), ",") == 0;
	default:
		return true;
	}
}

bool
parse_check_args(const struct parser *ps, const struct filter_use *use)
{
	static const char *const wanted[] = {
	    [ARG_ANY] = "a value",
	    [ARG_TEXT] = "a text that is not empty",
	    [ARG_NUMBER] = "a number",
	    [ARG_WHOLE] = "a whole number",
	    [ARG_ABOVE_ZERO] = "a number above 0",
	    [ARG_UNIT] = "minutes, hours, days, half-days or clock",
	    [ARG_PATTERN] = "a date pattern, or epoch, epoch-ms, odata",
	    [ARG_SEPARATOR] = "'.' or ','",
	};
	const struct value *literal;
	enum unit unit;
	size_t i;

	_Static_assert(sizeof(wanted) / sizeof(wanted[0]) == FILTER_ARG_MAX, "a text a kind");
	for (i = 0; i < use->n_args; i++) {
		literal = use->args[i].literal;
		if (literal == NULL)
			continue;
		if (!arg_good(use->filter->arg, literal))
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": the argument of %s is %s", ps->text, use->filter->name,
			    wanted[use->filter->arg]);
		if (strcmp(use->filter->name, "as") == 0 && !ps->env->unit_known &&
		    unit_parse(value_str(literal), &unit))
			parse_used(ps, USE_UNIT, unit_name(unit));
	}
	return true;
}
