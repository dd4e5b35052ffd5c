/*
 * jsonpath_filter.c: filters run on a node: tests, comparisons (RFC 9535 section 2.3.5.2.2) and the
 * five functions (section 2.4).
 */
#include "format/jsonpath_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static void
jsonpath_query(struct jsonpath_run *run, const struct jsonpath_operand *operand,
    const struct value *current, struct jsonpath_list *out)
{
	jsonpath_walk(run, operand->path, operand->absolute ? run->root : current, out);
}

static void
jsonpath_set_number(struct jsonpath_result *out, size_t n)
{
	int len = snprintf(out->digits, sizeof(out->digits), "%zu", n);

	out->made = (struct value){
	    .kind = VALUE_NUMBER, .text = out->digits, .len = len < 0 ? 0 : (size_t)len};
	out->value = &out->made;
}

static void
jsonpath_length(struct jsonpath_run *run, const struct jsonpath_call *call,
    const struct value *current, struct jsonpath_result *out)
{
	struct jsonpath_result arg;
	size_t n = 0, i;

	jsonpath_evaluate(run, &call->args[0], current, &arg);
	if (value_is(arg.value, VALUE_LIST) || value_is(arg.value, VALUE_OBJECT)) {
		jsonpath_set_number(out, arg.value->n);
		return;
	}
	if (!value_is(arg.value, VALUE_TEXT))
		return;
	(void)jsonpath_charge(run, arg.value->len / 64);
	for (i = 0; i < arg.value->len; i++)
		n += ((unsigned char)arg.value->text[i] & 0xC0) != 0x80;
	jsonpath_set_number(out, n);
}

static void
jsonpath_count(struct jsonpath_run *run, const struct jsonpath_call *call,
    const struct value *current, struct jsonpath_result *out)
{
	struct jsonpath_list nodes = {.n = 0};

	jsonpath_query(run, &call->args[0], current, &nodes);
	jsonpath_set_number(out, nodes.n);
	free(nodes.items);
}

static void
jsonpath_value(struct jsonpath_run *run, const struct jsonpath_call *call,
    const struct value *current, struct jsonpath_result *out)
{
	struct jsonpath_list nodes = {.n = 0};

	jsonpath_query(run, &call->args[0], current, &nodes);
	if (nodes.n == 1)
		out->value = nodes.items[0];
	free(nodes.items);
}

/* A pattern out of the data, where it is one. */
static bool
jsonpath_match_data(
    struct jsonpath_run *run, const struct value *s, const struct value *pattern, bool part)
{
	const struct jsonpath_regexp *re;
	struct arena scratch;
	bool matched = false;
	const char *why;
	size_t at;

	if (!value_is(pattern, VALUE_TEXT) || !jsonpath_charge(run, pattern->len + 100))
		return false;
	arena_init(&scratch, 16 * 1024 * 1024);
	re = jsonpath_regexp_compile(&scratch, pattern->text, pattern->len, &why, &at);
	if (re != NULL && !jsonpath_regexp_run(re, s->text, s->len, part, &run->work, &matched))
		run->failed = true;
	arena_clear(&scratch);
	return matched;
}

static bool
jsonpath_match_any(struct jsonpath_run *run, const struct jsonpath_call *call,
    const struct value *current, bool part)
{
	struct jsonpath_result s, pattern;
	bool matched = false;

	jsonpath_evaluate(run, &call->args[0], current, &s);
	if (!value_is(s.value, VALUE_TEXT))
		return false;
	if (call->regexp == NULL) {
		jsonpath_evaluate(run, &call->args[1], current, &pattern);
		return jsonpath_match_data(run, s.value, pattern.value, part);
	}
	if (!jsonpath_regexp_run(
		call->regexp, s.value->text, s.value->len, part, &run->work, &matched))
		run->failed = true;
	return matched;
}

static bool
jsonpath_match(
    struct jsonpath_run *run, const struct jsonpath_call *call, const struct value *current)
{
	return jsonpath_match_any(run, call, current, false);
}

static bool
jsonpath_search(
    struct jsonpath_run *run, const struct jsonpath_call *call, const struct value *current)
{
	return jsonpath_match_any(run, call, current, true);
}

static const struct jsonpath_function functions[] = {
    {"length", TYPE_VALUE, {TYPE_VALUE}, 1, jsonpath_length, NULL},
    {"count", TYPE_VALUE, {TYPE_NODES}, 1, jsonpath_count, NULL},
    {"value", TYPE_VALUE, {TYPE_NODES}, 1, jsonpath_value, NULL},
    {"match", TYPE_LOGICAL, {TYPE_VALUE, TYPE_VALUE}, 2, NULL, jsonpath_match},
    {"search", TYPE_LOGICAL, {TYPE_VALUE, TYPE_VALUE}, 2, NULL, jsonpath_search},
};

const struct jsonpath_function *
jsonpath_function(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	}
	return NULL;
}

void
jsonpath_evaluate(struct jsonpath_run *run, const struct jsonpath_operand *operand,
    const struct value *current, struct jsonpath_result *out)
{
	out->value = NULL;
	switch (operand->kind) {
	case OPERAND_LITERAL:
		out->value = operand->literal;
		break;
	case OPERAND_QUERY:
		out->value =
		    jsonpath_walk_singular(operand->path, operand->absolute ? run->root : current);
		break;
	case OPERAND_CALL:
		operand->call->function->value(run, operand->call, current, out);
		break;
	}
}

static bool
jsonpath_equal(const struct value *a, const struct value *b)
{
	return a == NULL || b == NULL ? a == b : value_equal(a, b);
}

/* Numbers and texts only; code points order as the bytes of UTF-8 do. */
static bool
jsonpath_less(const struct value *a, const struct value *b)
{
	size_t len;
	int order;

	if (a == NULL || b == NULL || a->kind != b->kind)
		return false;
	if (a->kind == VALUE_NUMBER)
		return number_compare(a->text, b->text) < 0;
	if (a->kind != VALUE_TEXT)
		return false;
	len = a->len < b->len ? a->len : b->len;
	order = memcmp(a->text, b->text, len);
	return order != 0 ? order < 0 : a->len < b->len;
}

static bool
jsonpath_compare(
    struct jsonpath_run *run, const struct jsonpath_step *step, const struct value *current)
{
	struct jsonpath_result a, b;

	jsonpath_evaluate(run, &step->left, current, &a);
	jsonpath_evaluate(run, &step->right, current, &b);
	switch (step->comparison) {
	case COMPARE_EQUAL:
		return jsonpath_equal(a.value, b.value);
	case COMPARE_NOT_EQUAL:
		return !jsonpath_equal(a.value, b.value);
	case COMPARE_LESS:
		return jsonpath_less(a.value, b.value);
	case COMPARE_MORE:
		return jsonpath_less(b.value, a.value);
	case COMPARE_AT_MOST:
		return jsonpath_less(a.value, b.value) || jsonpath_equal(a.value, b.value);
	default:
		return jsonpath_less(b.value, a.value) || jsonpath_equal(a.value, b.value);
	}
}

static bool
jsonpath_exists(
    struct jsonpath_run *run, const struct jsonpath_step *step, const struct value *current)
{
	const struct jsonpath_operand *operand = &step->left;
	struct jsonpath_list nodes = {.n = 0};
	struct jsonpath_result result;

	if (operand->kind == OPERAND_CALL)
		return operand->call->function->test(run, operand->call, current);
	if (jsonpath_is_singular(operand->path)) {
		jsonpath_evaluate(run, operand, current, &result);
		return result.value != NULL;
	}
	jsonpath_query(run, operand, current, &nodes);
	free(nodes.items);
	return nodes.n > 0;
}

bool
jsonpath_test(
    struct jsonpath_run *run, const struct jsonpath_filter *filter, const struct value *current)
{
	const struct jsonpath_step *step;
	bool truth = false;
	size_t i = 0;

	while (i < filter->n && jsonpath_charge(run, 1)) {
		step = &filter->steps[i++];
		switch (step->kind) {
		case STEP_TEST:
			truth = jsonpath_exists(run, step, current);
			break;
		case STEP_COMPARE:
			truth = jsonpath_compare(run, step, current);
			break;
		case STEP_NOT:
			truth = !truth;
			break;
		case STEP_JUMP_FALSE:
			i = truth ? i : step->target;
			break;
		case STEP_JUMP_TRUE:
			i = truth ? step->target : i;
			break;
		}
	}
	return truth && !run->failed;
}
