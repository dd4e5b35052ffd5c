/*
 * jsonpath_run.c: a path run on values: segments and selectors (RFC 9535 section 2.3 to 2.5), the
 * tests and comparisons of filters (section 2.3.5.2.2), and the five functions (section 2.4). Each
 * segment turns one list of nodes into the next. Descendants are a stack, not recursion.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "engine/task.h"
#include "format/jsonpath_tree.h"

enum { JSONPATH_BREATH = 4096 }; /* steps between two breaths */

struct jsonpath_list {
	const struct value **items; /* heap */
	size_t n, cap;
};

struct jsonpath_run {
	struct arena *arena; /* of the result; notes that there was no memory */
	const struct value *root;
	size_t work; /* what is left */
	bool failed; /* memory, work or time exhausted */
};

/* The grammar's own recursion: a path may hold filters, and a filter paths. */
static bool jsonpath_test(
    struct jsonpath_run *run, const struct jsonpath_filter *filter, const struct value *current);
static void jsonpath_evaluate(struct jsonpath_run *run, const struct jsonpath_operand *operand,
    const struct value *current, struct jsonpath_result *out);

/* False, and failed, when the work is used up, or the time. */
static bool
jsonpath_charge(struct jsonpath_run *run, size_t n)
{
	size_t breaths = run->work / JSONPATH_BREATH;

	if (n > run->work)
		run->failed = true;
	else
		run->work -= n;
	/* A long list is not walked in one go. */
	if (run->work / JSONPATH_BREATH != breaths) {
		task_breathe();
		run->failed = run->failed || task_left_ms(1) <= 0;
	}
	return !run->failed;
}

static void
jsonpath_push(struct jsonpath_run *run, struct jsonpath_list *list, const struct value *v)
{
	size_t cap = list->cap == 0 ? 16 : list->cap * 2;
	const struct value **items;

	if (!jsonpath_charge(run, 1))
		return;
	if (list->n == list->cap) {
		items = cap > SIZE_MAX / sizeof(*items)
			    ? NULL
			    : realloc((void *)list->items, cap * sizeof(*items));
		if (items == NULL) {
			run->failed = run->arena->failed = true;
			return;
		}
		list->items = items;
		list->cap = cap;
	}
	list->items[list->n++] = v;
}

static const struct value *
jsonpath_at(const struct value *list, int64_t index)
{
	int64_t n;

	if (list->kind != VALUE_LIST)
		return NULL;
	n = (int64_t)list->n;
	if (index < 0)
		index += n;
	return index < 0 || index >= n ? NULL : value_at(list, (size_t)index);
}

static const struct value *
jsonpath_named(const struct value *object, const char *name)
{
	return name == NULL ? NULL : value_get(object, name);
}

/* RFC 9535 section 2.3.4.2.2, Bounds. */
static int64_t
jsonpath_bound(bool has, int64_t i, int64_t otherwise, int64_t n, int64_t low, int64_t high)
{
	if (!has)
		return otherwise;
	if (i < 0)
		i += n;
	if (i < low)
		return low;
	return i > high ? high : i;
}

static void
jsonpath_slice(struct jsonpath_run *run, const struct jsonpath_selector *sel, const struct value *v,
    struct jsonpath_list *out)
{
	int64_t n, from, to, i;

	if (v->kind != VALUE_LIST || sel->step == 0)
		return;
	n = (int64_t)v->n;
	if (sel->step > 0) {
		from = jsonpath_bound(sel->has_start, sel->start, 0, n, 0, n);
		to = jsonpath_bound(sel->has_end, sel->end, n, n, 0, n);
		for (i = from; i < to && !run->failed; i += sel->step)
			jsonpath_push(run, out, value_at(v, (size_t)i));
		return;
	}
	from = jsonpath_bound(sel->has_start, sel->start, n - 1, n, -1, n - 1);
	to = jsonpath_bound(sel->has_end, sel->end, -1, n, -1, n - 1);
	for (i = from; i > to && !run->failed; i += sel->step)
		jsonpath_push(run, out, value_at(v, (size_t)i));
}

/* All items, or those the filter takes; filter may be NULL. A scalar has none. */
static void
jsonpath_items(struct jsonpath_run *run, const struct jsonpath_filter *filter,
    const struct value *v, struct jsonpath_list *out)
{
	size_t i;

	for (i = 0; i < v->n && jsonpath_charge(run, 1); i++) {
		if (filter == NULL || jsonpath_test(run, filter, value_at(v, i)))
			jsonpath_push(run, out, value_at(v, i));
	}
}

static void
jsonpath_apply(struct jsonpath_run *run, const struct jsonpath_selector *sel, const struct value *v,
    struct jsonpath_list *out)
{
	const struct value *found = NULL;

	switch (sel->kind) {
	case SELECT_NAME:
		(void)jsonpath_charge(run, v->kind == VALUE_OBJECT ? v->n / 8 + 1 : 1);
		found = jsonpath_named(v, sel->name);
		break;
	case SELECT_INDEX:
		found = jsonpath_at(v, sel->start);
		break;
	case SELECT_SLICE:
		jsonpath_slice(run, sel, v, out);
		break;
	case SELECT_WILDCARD:
	case SELECT_FILTER:
		jsonpath_items(run, sel->filter, v, out);
		break;
	}
	if (found != NULL)
		jsonpath_push(run, out, found);
}

static void
jsonpath_apply_all(struct jsonpath_run *run, const struct jsonpath_segment *segment,
    const struct value *v, struct jsonpath_list *out)
{
	size_t i;

	for (i = 0; i < segment->n; i++)
		jsonpath_apply(run, &segment->selectors[i], v, out);
}

/* The node and its descendants, parents first, by a stack of the nodes still to be visited. */
static void
jsonpath_descend(struct jsonpath_run *run, const struct jsonpath_segment *segment,
    const struct value *v, struct jsonpath_list *out)
{
	struct jsonpath_list stack = {.n = 0};
	size_t i;

	jsonpath_push(run, &stack, v);
	while (stack.n > 0 && !run->failed) {
		v = stack.items[--stack.n];
		jsonpath_apply_all(run, segment, v, out);
		for (i = v->n; i > 0; i--)
			jsonpath_push(run, &stack, value_at(v, i - 1));
	}
	free(stack.items);
}

/* The nodes of the path from start; the caller frees out->items. */
static void
jsonpath_walk(struct jsonpath_run *run, const struct jsonpath *path, const struct value *start,
    struct jsonpath_list *out)
{
	struct jsonpath_list nodes = {.n = 0}, next;
	const struct jsonpath_segment *segment;
	size_t i, j;

	jsonpath_push(run, &nodes, start);
	for (i = 0; i < path->n; i++) {
		segment = &path->segments[i];
		next = (struct jsonpath_list){.n = 0};
		for (j = 0; j < nodes.n && jsonpath_charge(run, 1); j++) {
			if (segment->descendant)
				jsonpath_descend(run, segment, nodes.items[j], &next);
			else
				jsonpath_apply_all(run, segment, nodes.items[j], &next);
		}
		free(nodes.items);
		nodes = next;
	}
	*out = nodes;
}

/* The one node of a singular path, or NULL. */
static const struct value *
jsonpath_walk_singular(const struct jsonpath *path, const struct value *start)
{
	const struct jsonpath_selector *sel;
	size_t i;

	for (i = 0; i < path->n && start != NULL; i++) {
		sel = &path->segments[i].selectors[0];
		if (sel->kind == SELECT_NAME)
			start = jsonpath_named(start, sel->name);
		else
			start = jsonpath_at(start, sel->start);
	}
	return start;
}

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

	out->made = (struct value){.kind = VALUE_NUMBER,
	    .text = out->digits,
	    .len = (len < 0 ? 0 : (unsigned)len) & VALUE_MOST};
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

/* A pattern from the data, which may not be one. */
static bool
jsonpath_match_data(
    struct jsonpath_run *run, const struct value *s, const struct value *pattern, bool part)
{
	const struct regexp *re;
	struct arena scratch;
	bool matched = false;
	const char *why;
	size_t at;

	if (!value_is(pattern, VALUE_TEXT) || !jsonpath_charge(run, pattern->len + 100))
		return false;
	arena_init(&scratch, 16 * 1024 * 1024);
	re = regexp_compile(&scratch, pattern->text, pattern->len, &why, &at);
	if (re != NULL && !regexp_run(re, s->text, s->len, part, &run->work, &scratch, &matched))
		run->failed = true;
	if (scratch.failed)
		run->failed = run->arena->failed = true;
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
	if (!regexp_run(
		call->regexp, s.value->text, s.value->len, part, &run->work, run->arena, &matched))
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

	for (i = 0; i < ARRAY_LEN(functions); i++) {
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	}
	return NULL;
}

static void
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

static bool
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

bool
jsonpath_select(struct arena *a, const struct jsonpath *p, const struct value *root, size_t max,
    struct nodes *out)
{
	struct jsonpath_run run = {.arena = a, .root = root, .work = JSONPATH_WORK};
	struct jsonpath_list found = {.n = 0};
	bool done = false;

	*out = (struct nodes){.n = 0};
	jsonpath_walk(&run, p, root, &found);
	if (!run.failed && found.n <= max) {
		out->items = arena_array(a, found.n, sizeof(*out->items));
		if (out->items != NULL) {
			if (found.n > 0)
				memcpy((void *)out->items, (const void *)found.items,
				    found.n * sizeof(*found.items));
			out->n = out->cap = found.n;
			done = true;
		}
	}
	free(found.items);
	return done;
}
