/*
 * jsonpath_operand.c: literals, queries and function calls of filters from text, with the types
 * that RFC 9535 section 2.4.3 asks for. A literal pattern is compiled, and refused, here.
 */
#include "format/jsonpath_tree.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* true, false, null; *out stays NULL for any other word. */
static bool
jsonpath_parse_word(
    struct jsonpath_parser *ps, const char *word, size_t len, const struct value **out)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strlen(words[i]) == len && memcmp(word, words[i], len) == 0)
			break;
	}
	if (i == 3)
		return true;
	*out = i == 2 ? value_null(ps->arena) : value_bool(ps->arena, i == 0);
	return *out != NULL || jsonpath_fail_memory(ps);
}

static bool
jsonpath_parse_number(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	struct number number;
	size_t len = number_scan(ps->p, (size_t)(ps->end - ps->p), &number);
	struct value *v;

	if (len == 0)
		return jsonpath_fail(ps, ps->p, "expected a number");
	v = value_text_len(ps->arena, ps->p, len);
	if (v == NULL)
		return jsonpath_fail_memory(ps);
	v->kind = VALUE_NUMBER;
	out->literal = v;
	ps->p += len;
	return true;
}

static bool
jsonpath_parse_query(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	out->kind = OPERAND_QUERY;
	out->absolute = *ps->p++ == '$';
	out->path = jsonpath_parse_segments(ps);
	return out->path != NULL;
}

static bool
jsonpath_check_argument(struct jsonpath_parser *ps, const struct jsonpath_operand *arg,
    enum jsonpath_type type, const char *at)
{
	if (type == TYPE_NODES)
		return arg->kind == OPERAND_QUERY || jsonpath_fail(ps, at, "expected a path here");
	if (arg->kind == OPERAND_QUERY && !jsonpath_is_singular(arg->path))
		return jsonpath_fail(
		    ps, at, "expected a path of names and indexes only: see value()");
	if (arg->kind == OPERAND_CALL && arg->call->function->result != TYPE_VALUE)
		return jsonpath_fail(ps, at, "expected a value, not true or false");
	return true;
}

/* Behind the '('. */
static bool
jsonpath_parse_arguments(struct jsonpath_parser *ps, struct jsonpath_call *call)
{
	const char *at;
	size_t i;

	for (i = 0; i < call->function->n; i++) {
		jsonpath_skip_blanks(ps);
		if (i > 0 && !jsonpath_take(ps, ","))
			return jsonpath_fail(ps, ps->p, "expected , and another argument");
		jsonpath_skip_blanks(ps);
		at = ps->p;
		if (!jsonpath_parse_operand(ps, &call->args[i]) ||
		    !jsonpath_check_argument(ps, &call->args[i], call->function->params[i], at))
			return false;
	}
	jsonpath_skip_blanks(ps);
	return jsonpath_take(ps, ")") || jsonpath_fail(ps, ps->p, "expected )");
}

static bool
jsonpath_compile_pattern(struct jsonpath_parser *ps, struct jsonpath_call *call, const char *at)
{
	const struct value *pattern = call->args[1].literal;
	const char *why;
	char what[120];
	size_t byte;

	if (call->function->test == NULL || !value_is(pattern, VALUE_TEXT))
		return true;
	call->regexp = jsonpath_regexp_compile(ps->arena, pattern->text, pattern->len, &why, &byte);
	if (call->regexp != NULL)
		return true;
	(void)snprintf(
	    what, sizeof(what), "%s at byte %zu of a pattern in the call", why, byte + 1);
	return jsonpath_fail(ps, at, what);
}

/* name( is passed over already. */
static bool
jsonpath_parse_call(
    struct jsonpath_parser *ps, const char *name, size_t len, struct jsonpath_operand *out)
{
	struct jsonpath_call *call = arena_alloc(ps->arena, sizeof(*call));

	if (call == NULL)
		return jsonpath_fail_memory(ps);
	call->function = jsonpath_function(name, len);
	if (call->function == NULL)
		return jsonpath_fail(ps, name,
		    "an unknown function (there are length, count, value, match, search)");
	if (ps->nest >= JSONPATH_NEST)
		return jsonpath_fail(ps, name, "calls nested too deep");
	ps->nest++;
	if (!jsonpath_parse_arguments(ps, call) || !jsonpath_compile_pattern(ps, call, name))
		return false;
	ps->nest--;
	out->kind = OPERAND_CALL;
	out->call = call;
	return true;
}

static bool
jsonpath_parse_literal_or_call(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	const char *from = ps->p;
	size_t len;

	while (ps->p < ps->end && ((*ps->p >= 'a' && *ps->p <= 'z') || *ps->p == '_' ||
				      (ps->p > from && *ps->p >= '0' && *ps->p <= '9')))
		ps->p++;
	len = (size_t)(ps->p - from);
	if (len > 0 && jsonpath_take(ps, "("))
		return jsonpath_parse_call(ps, from, len, out);
	if (!jsonpath_parse_word(ps, from, len, &out->literal))
		return false;
	if (out->literal == NULL)
		return jsonpath_fail(ps, from, "expected @, $, a literal or a function");
	return true;
}

bool
jsonpath_parse_operand(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	char c = ps->p < ps->end ? *ps->p : '\0';

	out->kind = OPERAND_LITERAL;
	if (c == '@' || c == '$')
		return jsonpath_parse_query(ps, out);
	if (c == '"' || c == '\'') {
		out->literal = jsonpath_parse_string(ps);
		return out->literal != NULL;
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return jsonpath_parse_number(ps, out);
	return jsonpath_parse_literal_or_call(ps, out);
}
