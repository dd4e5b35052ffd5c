/*
 * expression_parse.c: expressions from text, by precedence climbing, and from the trees of exports.
 * Both nest at most EXPRESSION_DEPTH_MAX deep.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/text.h"
#include "genesys/expression.h"

struct parser {
	struct arena *arena;
	const char *start, *p;
	char *why;
	size_t depth;
};

/* Operators of two operands, the loosest first. */
static const struct {
	const char *text;
	int level;
} operators[] = {
    {"==", 1},
    {"!=", 1},
    {"<=", 2},
    {">=", 2},
    {"<", 2},
    {">", 2},
    {"+", 3},
    {"-", 3},
    {"*", 4},
    {"/", 4},
};

enum { LEVEL_LOOSEST = 1, TEXT_BYTES_MAX = 64 * 1024 };

static struct expression *parse_choice(struct parser *ps);

static struct expression *
refuse(struct parser *ps, const char *what)
{
	if (ps->why[0] == '\0')
		(void)snprintf(ps->why, EXPRESSION_WHY_MAX, "%s at byte %zu", what,
		    (size_t)(ps->p - ps->start) + 1);
	return NULL;
}

static void
skip_blanks(struct parser *ps)
{
	ps->p += strspn(ps->p, " \t\r\n");
}

static bool
take(struct parser *ps, const char *s)
{
	skip_blanks(ps);
	if (!text_starts(ps->p, s))
		return false;
	ps->p += strlen(s);
	return true;
}

struct expression *
expression_literal(struct arena *a, const struct value *v)
{
	struct expression *e = arena_alloc(a, sizeof(*e));

	if (e == NULL || v == NULL)
		return NULL;
	*e = (struct expression){.kind = EXPRESSION_VALUE, .value = v};
	return e;
}

/* "text", where \ escapes what follows it. */
static struct expression *
parse_text(struct parser *ps)
{
	struct expression *e = NULL;
	struct buf b;

	buf_init(&b, TEXT_BYTES_MAX);
	for (ps->p++; *ps->p != '"' && *ps->p != '\0'; ps->p++) {
		if (*ps->p == '\\' && ps->p[1] != '\0') {
			ps->p++;
			buf_putc(&b, *ps->p == 'n' ? '\n' : *ps->p == 't' ? '\t' : *ps->p);
		} else
			buf_putc(&b, *ps->p);
	}
	if (*ps->p != '"')
		(void)refuse(ps, "a text without an end");
	else {
		ps->p++;
		if (b.err == GW_OK)
			e = expression_literal(ps->arena, value_text_len(ps->arena, b.data, b.len));
	}
	buf_clear(&b);
	return e;
}

static struct expression *
parse_number(struct parser *ps)
{
	struct number n;
	size_t len = number_scan(ps->p, strlen(ps->p), &n);
	char *digits = arena_strndup(ps->arena, ps->p, len);

	if (len == 0 || digits == NULL)
		return refuse(ps, "a value was expected");
	ps->p += len;
	return expression_literal(ps->arena, value_number(ps->arena, digits));
}

static struct expression *
parse_arguments(struct parser *ps, const char *name, size_t len)
{
	struct expression *args[EXPRESSION_ARGS_MAX] = {NULL};
	size_t n = 0;

	if (!take(ps, ")")) {
		do {
			if (n == EXPRESSION_ARGS_MAX)
				return refuse(ps, "too many arguments");
			args[n] = parse_choice(ps);
			if (args[n++] == NULL)
				return NULL;
		} while (take(ps, ","));
		if (!take(ps, ")"))
			return refuse(ps, "\")\" was expected");
	}
	return expression_call(ps->arena, name, len, args, n, ps->why);
}

/* A constant's word as a value; NULL: it is none. */
static struct value *
constant(struct arena *a, const char *word, size_t len)
{
	if (len == 7 && memcmp(word, "NOT_SET", len) == 0)
		return value_null(a);
	if (len == 4 && memcmp(word, "true", len) == 0)
		return value_bool(a, true);
	if (len == 5 && memcmp(word, "false", len) == 0)
		return value_bool(a, false);
	return NULL;
}

static struct expression *
variable(struct arena *a, const char *name, size_t len)
{
	struct expression *e = arena_alloc(a, sizeof(*e));

	if (e == NULL)
		return NULL;
	*e = (struct expression){.kind = EXPRESSION_VARIABLE, .name = arena_strndup(a, name, len)};
	return e->name == NULL ? NULL : e;
}

static struct expression *
parse_name(struct parser *ps)
{
	const char *name = ps->p;
	struct value *v;
	size_t len;

	while (text_is_alnum(*ps->p) || *ps->p == '_' || *ps->p == '.')
		ps->p++;
	len = (size_t)(ps->p - name);
	if (take(ps, "("))
		return parse_arguments(ps, name, len);
	v = constant(ps->arena, name, len);
	if (v != NULL)
		return expression_literal(ps->arena, v);
	if (memchr(name, '.', len) == NULL)
		return refuse(
		    ps, "a variable has its scope before it, as in Flow.x; this has none");
	return variable(ps->arena, name, len);
}

static struct expression *
parse_operand(struct parser *ps)
{
	struct expression *e;

	skip_blanks(ps);
	if (take(ps, "(")) {
		e = parse_choice(ps);
		return e == NULL || take(ps, ")") ? e : refuse(ps, "\")\" was expected");
	}
	if (*ps->p == '"')
		return parse_text(ps);
	return text_is_alpha(*ps->p) ? parse_name(ps) : parse_number(ps);
}

static size_t
find_operator(struct parser *ps, int level)
{
	size_t i;

	skip_blanks(ps);
	for (i = 0; i < ARRAY_LEN(operators); i++) {
		if (text_starts(ps->p, operators[i].text))
			return operators[i].level >= level ? i : ARRAY_LEN(operators);
	}
	return i;
}

static struct expression *
parse_level(struct parser *ps, int level)
{
	struct expression *args[2];
	size_t i;

	args[0] = parse_operand(ps);
	while (args[0] != NULL && (i = find_operator(ps, level)) < ARRAY_LEN(operators)) {
		ps->p += strlen(operators[i].text);
		args[1] = parse_level(ps, operators[i].level + 1);
		if (args[1] == NULL)
			return NULL;
		args[0] = expression_call(
		    ps->arena, operators[i].text, strlen(operators[i].text), args, 2, ps->why);
	}
	return args[0];
}

/* CONDITION ? A : B */
static struct expression *
parse_choice(struct parser *ps)
{
	struct expression *args[3];

	if (++ps->depth > EXPRESSION_DEPTH_MAX)
		return refuse(ps, "nested too deep");
	args[0] = parse_level(ps, LEVEL_LOOSEST);
	if (args[0] != NULL && take(ps, "?")) {
		args[1] = parse_choice(ps);
		if (args[1] == NULL)
			return NULL;
		if (!take(ps, ":"))
			return refuse(ps, "\":\" was expected");
		args[2] = parse_choice(ps);
		args[0] =
		    args[2] == NULL ? NULL : expression_call(ps->arena, "?", 1, args, 3, ps->why);
	}
	ps->depth--;
	return args[0];
}

struct expression *
expression_parse(struct arena *a, const char *text, char *why)
{
	struct parser ps = {.arena = a, .start = text, .p = text, .why = why};
	struct expression *e;

	why[0] = '\0';
	e = parse_choice(&ps);
	skip_blanks(&ps);
	if (e != NULL && *ps.p != '\0')
		return refuse(&ps, "the expression should end here");
	if (e == NULL && why[0] == '\0')
		(void)snprintf(why, EXPRESSION_WHY_MAX, "out of memory");
	return e;
}

/* A literal of an export: its text, and what type it has. */
static const struct value *
tree_literal(struct arena *a, const char *text, const char *type)
{
	struct number n;

	if (text_equal(type, "int") || text_equal(type, "dec"))
		return number_scan(text, strlen(text), &n) == strlen(text) ? value_number(a, text)
									   : NULL;
	if (text_equal(type, "bln"))
		return value_bool(a, strcmp(text, "true") == 0);
	return value_text(a, text);
}

static struct expression *
from_tree(struct arena *a, const struct value *tree, size_t depth, char *why)
{
	const struct value *node =
	    value_is(tree, VALUE_OBJECT) && tree->n == 1 ? value_at(tree, 0) : NULL;
	const struct value *operands = value_get(node, "operands");
	const char *op = node == NULL ? NULL : tree->items[0].name,
		   *text = value_get_text(node, "text");
	struct expression *args[EXPRESSION_ARGS_MAX] = {NULL};
	size_t i, n = value_is(operands, VALUE_LIST) ? operands->n : 0;

	if (op == NULL || depth > EXPRESSION_DEPTH_MAX || n > EXPRESSION_ARGS_MAX) {
		(void)snprintf(why, EXPRESSION_WHY_MAX, "an expression of another form");
		return NULL;
	}
	if (strcmp(op, "emp") == 0 || strcmp(op, "nul") == 0)
		return expression_literal(a, value_null(a));
	if (strcmp(op, "lit") == 0 && text != NULL)
		return expression_literal(a, tree_literal(a, text, value_get_text(node, "type")));
	if (strcmp(op, "ref") == 0 && text != NULL)
		return variable(a, text, strlen(text));
	for (i = 0; i < n; i++) {
		args[i] = from_tree(a, value_at(operands, i), depth + 1, why);
		if (args[i] == NULL)
			return NULL;
	}
	return expression_call(a, op, strlen(op), args, n, why);
}

struct expression *
expression_from_tree(struct arena *a, const struct value *tree, char *why)
{
	struct expression *e;

	why[0] = '\0';
	e = from_tree(a, tree, 0, why);
	if (e == NULL && why[0] == '\0')
		(void)snprintf(
		    why, EXPRESSION_WHY_MAX, "out of memory, or a literal of another form");
	return e;
}
