/*
 * jsonpath_select.c: segments and selectors run on values (RFC 9535 section 2.3 to 2.5). Each
 * segment turns one list of nodes into the next. Descendants are a stack, not recursion.
 */
#include "format/jsonpath_tree.h"

#include <stdlib.h>

bool
jsonpath_charge(struct jsonpath_run *run, size_t n)
{
	if (n > run->work)
		run->failed = true;
	else
		run->work -= n;
	return !run->failed;
}

void
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
			run->failed = true;
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
	return index < 0 || index >= n ? NULL : list->items[index].value;
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
			jsonpath_push(run, out, v->items[i].value);
		return;
	}
	from = jsonpath_bound(sel->has_start, sel->start, n - 1, n, -1, n - 1);
	to = jsonpath_bound(sel->has_end, sel->end, -1, n, -1, n - 1);
	for (i = from; i > to && !run->failed; i += sel->step)
		jsonpath_push(run, out, v->items[i].value);
}

/* All items, or those the filter takes; filter may be NULL. A scalar has none. */
static void
jsonpath_items(struct jsonpath_run *run, const struct jsonpath_filter *filter,
    const struct value *v, struct jsonpath_list *out)
{
	size_t i;

	for (i = 0; i < v->n && jsonpath_charge(run, 1); i++) {
		if (filter == NULL || jsonpath_test(run, filter, v->items[i].value))
			jsonpath_push(run, out, v->items[i].value);
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

/* The node and all below it, each before what is below it: a stack of what is still to be seen. */
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
			jsonpath_push(run, &stack, v->items[i - 1].value);
	}
	free(stack.items);
}

void
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

const struct value *
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
