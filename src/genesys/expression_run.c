/*
 * expression_run.c: what operators and functions do. Where public sources leave a result open
 * (text + NOT_SET, an item past a list's end), the run fails instead of guessing.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "base/text.h"
#include "format/json.h"
#include "genesys/expression.h"

enum { LIST_MAX = 2000, TEXT_BYTES_MAX = 4 * 1024 * 1024 };

struct running {
	struct arena *arena;
	const struct value *variables;
	char *why;
};

typedef const struct value *runner(struct running *r, const struct value *const *args, size_t n);

struct function {
	const char *name;
	size_t min, max;
	runner *run; /* NULL: If and ?, which run one branch alone */
};

static const struct value *
refuse(struct running *r, const char *what)
{
	if (r->why[0] == '\0')
		(void)snprintf(r->why, EXPRESSION_WHY_MAX, "%s", what);
	return NULL;
}

static const struct value *
number(struct running *r, struct decimal d)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(d, text);
	return value_number(r->arena, text);
}

static bool
is_number(const struct value *v, struct decimal *out)
{
	return v->kind == VALUE_NUMBER && decimal_parse(v->text, out);
}

static bool
two_numbers(
    struct running *r, const struct value *const *args, struct decimal *a, struct decimal *b)
{
	if (is_number(args[0], a) && is_number(args[1], b))
		return true;
	(void)refuse(r, "two numbers were expected");
	return false;
}

static const struct value *
run_plus(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal a, b;
	const char *text;

	(void)n;
	if (args[0]->kind == VALUE_TEXT && args[1]->kind == VALUE_TEXT) {
		if (args[0]->len + args[1]->len > TEXT_BYTES_MAX)
			return refuse(r, "a text grows too long");
		text = arena_printf(r->arena, "%s%s", args[0]->text, args[1]->text);
		return text == NULL ? NULL : value_text(r->arena, text);
	}
	if (args[0]->kind == VALUE_NULL || args[1]->kind == VALUE_NULL)
		return refuse(r, "+ with NOT_SET: what it makes is not documented");
	if (!is_number(args[0], &a) || !is_number(args[1], &b))
		return refuse(r, "+ takes two texts or two numbers; ToString() makes a text");
	return decimal_add(a, b, &a) ? number(r, a) : refuse(r, "a number grows too large");
}

static const struct value *
run_minus(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal a, b;

	(void)n;
	if (!two_numbers(r, args, &a, &b))
		return NULL;
	return decimal_subtract(a, b, &a) ? number(r, a) : refuse(r, "a number grows too large");
}

static const struct value *
run_times(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal a, b;

	(void)n;
	if (!two_numbers(r, args, &a, &b))
		return NULL;
	return decimal_multiply(a, b, &a) ? number(r, a) : refuse(r, "a number grows too large");
}

/* Always a decimal: exports give the type dec to int / int. */
static const struct value *
run_divide(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal a, b, step;

	(void)n;
	if (!two_numbers(r, args, &a, &b))
		return NULL;
	if (decimal_is_zero(b) || !decimal_parse("0.0000000001", &step) ||
	    !decimal_divide_to(a, b, step, &a))
		return refuse(r, "this cannot be divided");
	return number(r, a);
}

static const struct value *
run_equal(struct running *r, const struct value *const *args, size_t n)
{
	(void)n;
	return value_bool(r->arena, value_equal(args[0], args[1]));
}

static const struct value *
run_unequal(struct running *r, const struct value *const *args, size_t n)
{
	(void)n;
	return value_bool(r->arena, !value_equal(args[0], args[1]));
}

/* Below, at or above 0 as the first is less than, equal to or more than the second. */
static bool
compare(struct running *r, const struct value *const *args, int *out)
{
	struct decimal a, b;

	if (!two_numbers(r, args, &a, &b))
		return false;
	*out = decimal_compare(a, b);
	return true;
}

static const struct value *
run_less(struct running *r, const struct value *const *args, size_t n)
{
	int c;

	(void)n;
	return compare(r, args, &c) ? value_bool(r->arena, c < 0) : NULL;
}

static const struct value *
run_more(struct running *r, const struct value *const *args, size_t n)
{
	int c;

	(void)n;
	return compare(r, args, &c) ? value_bool(r->arena, c > 0) : NULL;
}

static const struct value *
run_at_most(struct running *r, const struct value *const *args, size_t n)
{
	int c;

	(void)n;
	return compare(r, args, &c) ? value_bool(r->arena, c <= 0) : NULL;
}

static const struct value *
run_at_least(struct running *r, const struct value *const *args, size_t n)
{
	int c;

	(void)n;
	return compare(r, args, &c) ? value_bool(r->arena, c >= 0) : NULL;
}

/* A list that is NOT_SET counts as empty: Genesys' own workflows rely on it. */
static const struct value *
run_count(struct running *r, const struct value *const *args, size_t n)
{
	(void)n;
	if (args[0]->kind != VALUE_LIST && args[0]->kind != VALUE_NULL)
		return refuse(r, "Count() takes a list");
	return value_integer(r->arena, (int64_t)args[0]->n);
}

static const struct value *
run_get_at(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal d;
	int64_t at;

	(void)n;
	if (args[0]->kind != VALUE_LIST || !is_number(args[1], &d) || !decimal_to_integer(d, &at))
		return refuse(r, "GetAt() takes a list and a whole number");
	if (at < 0 || (size_t)at >= args[0]->n)
		return refuse(r, "GetAt() is past the list's end");
	return value_at(args[0], (size_t)at);
}

static const struct value *
run_add_item(struct running *r, const struct value *const *args, size_t n)
{
	struct value *out = value_list(r->arena);
	size_t i;

	(void)n;
	if (args[0]->kind != VALUE_LIST && args[0]->kind != VALUE_NULL)
		return refuse(r, "AddItem() takes a list");
	if (args[0]->n >= LIST_MAX)
		return refuse(r, "a list has at most 2000 items");
	for (i = 0; i < args[0]->n; i++) {
		if (!value_add(r->arena, out, value_at(args[0], i)))
			return NULL;
	}
	return value_add(r->arena, out, (struct value *)args[1]) ? out : NULL;
}

static const struct value *
run_find_first(struct running *r, const struct value *const *args, size_t n)
{
	size_t i;

	(void)n;
	if (args[0]->kind != VALUE_LIST)
		return refuse(r, "FindFirst() takes a list");
	for (i = 0; i < args[0]->n; i++) {
		if (value_equal(value_at(args[0], i), args[1]))
			return value_integer(r->arena, (int64_t)i);
	}
	return value_integer(r->arena, -1);
}

static const struct value *
run_empty_list(struct running *r, const struct value *const *args, size_t n)
{
	(void)args;
	(void)n;
	return value_list(r->arena);
}

static const struct value *
run_to_string(struct running *r, const struct value *const *args, size_t n)
{
	(void)n;
	if (args[0]->kind == VALUE_NULL)
		return args[0];
	if (value_str(args[0]) == NULL)
		return refuse(r, "ToString() of a list: what it makes is not documented");
	return value_text(r->arena, value_str(args[0]));
}

static const struct value *
run_to_decimal(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal d;

	(void)n;
	if (value_str(args[0]) == NULL || !decimal_parse(value_str(args[0]), &d))
		return refuse(r, "ToDecimal() of what is no number");
	return number(r, d);
}

/* Toward zero; whether Architect rounds instead is not documented. */
static const struct value *
run_to_int(struct running *r, const struct value *const *args, size_t n)
{
	struct decimal d;
	int64_t whole;
	bool negative;

	(void)n;
	if (value_str(args[0]) == NULL || !decimal_parse(value_str(args[0]), &d))
		return refuse(r, "ToInt() of what is no number");
	negative = d.coefficient < 0;
	d.coefficient = negative ? -d.coefficient : d.coefficient;
	if (!decimal_floor(d, &whole))
		return refuse(r, "ToInt() of a number too large");
	return value_integer(r->arena, negative ? -whole : whole);
}

static const struct value *
run_is_empty(struct running *r, const struct value *const *args, size_t n)
{
	const struct value *v = args[0];

	(void)n;
	return value_bool(r->arena, v->kind == VALUE_NULL ||
					(v->kind == VALUE_TEXT && v->len == 0) ||
					(v->kind == VALUE_LIST && v->n == 0));
}

static const struct function functions[] = {
    {"+", 2, 2, run_plus},
    {"-", 2, 2, run_minus},
    {"*", 2, 2, run_times},
    {"/", 2, 2, run_divide},
    {"==", 2, 2, run_equal},
    {"!=", 2, 2, run_unequal},
    {"<", 2, 2, run_less},
    {">", 2, 2, run_more},
    {"<=", 2, 2, run_at_most},
    {">=", 2, 2, run_at_least},
    {"?", 3, 3, NULL},
    {"If", 3, 3, NULL},
    {"Count", 1, 1, run_count},
    {"GetAt", 2, 2, run_get_at},
    {"AddItem", 2, 2, run_add_item},
    {"FindFirst", 2, 2, run_find_first},
    {"MakeEmptyList", 1, 1, run_empty_list},
    {"ToString", 1, 1, run_to_string},
    {"ToDecimal", 1, 1, run_to_decimal},
    {"ToInt", 1, 1, run_to_int},
    {"IsNotSetOrEmpty", 1, 1, run_is_empty},
};

struct expression *
expression_call(struct arena *a, const char *name, size_t name_len, struct expression *const *args,
    size_t n, char *why)
{
	struct expression *e = arena_alloc(a, sizeof(*e));
	size_t i;

	for (i = 0; i < ARRAY_LEN(functions); i++) {
		if (strlen(functions[i].name) == name_len &&
		    strncasecmp(functions[i].name, name, name_len) == 0)
			break;
	}
	if (i == ARRAY_LEN(functions) || n < functions[i].min || n > functions[i].max) {
		(void)snprintf(why, EXPRESSION_WHY_MAX, "%.*s with %zu arguments is not played",
		    (int)(name_len > 40 ? 40 : name_len), name, n);
		return NULL;
	}
	if (e == NULL)
		return NULL;
	*e = (struct expression){
	    .kind = EXPRESSION_CALL, .name = functions[i].name, .function = &functions[i], .n = n};
	memcpy(e->args, args, n * sizeof(args[0]));
	return e;
}

static const struct value *run(struct running *r, const struct expression *e, size_t depth);

static const struct value *
run_if(struct running *r, const struct expression *e, size_t depth)
{
	const struct value *condition = run(r, e->args[0], depth);

	if (condition == NULL)
		return NULL;
	if (condition->kind != VALUE_BOOL)
		return refuse(r, "a condition is true or false");
	return run(r, e->args[condition->truth ? 1 : 2], depth);
}

static const struct value *
run(struct running *r, const struct expression *e, size_t depth)
{
	const struct value *args[EXPRESSION_ARGS_MAX] = {NULL}, *v;
	size_t i;

	if (depth > 2 * EXPRESSION_DEPTH_MAX)
		return refuse(r, "nested too deep");
	if (e->kind == EXPRESSION_VALUE)
		return e->value;
	if (e->kind == EXPRESSION_VARIABLE) {
		v = value_get(r->variables, e->name);
		if (v == NULL)
			(void)snprintf(
			    r->why, EXPRESSION_WHY_MAX, "there is no variable %.100s", e->name);
		return v;
	}
	if (e->function->run == NULL)
		return run_if(r, e, depth + 1);
	for (i = 0; i < e->n; i++) {
		args[i] = run(r, e->args[i], depth + 1);
		if (args[i] == NULL)
			return NULL;
	}
	return e->function->run(r, args, e->n);
}

const struct value *
expression_run(
    struct arena *a, const struct expression *e, const struct value *variables, char *why)
{
	struct running r = {.arena = a, .variables = variables, .why = why};
	const struct value *v;

	why[0] = '\0';
	v = run(&r, e, 0);
	if (v == NULL && why[0] == '\0')
		(void)snprintf(why, EXPRESSION_WHY_MAX, "out of memory");
	return v;
}
