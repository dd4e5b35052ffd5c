/* filter_list.c: filters that take a list or an object as a whole. */
#include <stdlib.h>
#include <string.h>

#include "lang/filter.h"
#include "base/text.h"

static bool
list_only(const struct filter_call *call, const char *filter, const struct value *in)
{
	if (value_is(in, VALUE_LIST))
		return true;
	(void)filter_fail(call, filter, "a list was expected");
	return false;
}

FILTER_FUNCTION(first)
{
	if (!list_only(call, "first", in))
		return call->scope->failure->err;
	*out = in->n == 0 ? NULL : value_at(in, 0);
	return GW_OK;
}

FILTER_FUNCTION(last)
{
	if (!list_only(call, "last", in))
		return call->scope->failure->err;
	*out = in->n == 0 ? NULL : value_at(in, in->n - 1);
	return GW_OK;
}

FILTER_FUNCTION(count)
{
	return filter_give(call, value_integer(call->scope->arena, (int64_t)in->n), out);
}

FILTER_FUNCTION(sum)
{
	struct decimal total = decimal_integer(0), d;
	char digits[DECIMAL_TEXT_MAX];
	const char *s;
	size_t i;

	for (i = 0; i < in->n; i++) {
		s = value_str(value_at(in, i));
		if (s == NULL || !decimal_parse(s, &d) || !decimal_add(total, d, &total))
			return filter_fail(call, "sum", "a list of numbers was expected");
	}
	decimal_format(total, digits);
	return filter_give(call, value_number(call->scope->arena, digits), out);
}

/* Numbers by value, other scalars by bytes (which orders ISO dates). */
static int
compare_scalars(const char *a, const char *b)
{
	struct decimal x, y;

	if (decimal_parse(a, &x) && decimal_parse(b, &y))
		return decimal_compare(x, y);
	return strcmp(a, b);
}

static enum gw_err
extreme(const struct filter_call *call, const char *filter, struct value *in, int sign,
    struct value **out)
{
	const char *best = NULL, *s;
	size_t i;

	if (!list_only(call, filter, in))
		return call->scope->failure->err;
	for (i = 0; i < in->n; i++) {
		s = value_str(value_at(in, i));
		if (s == NULL)
			return filter_fail(call, filter, "a list of scalars was expected");
		if (best != NULL && sign * compare_scalars(s, best) <= 0)
			continue;
		best = s;
		*out = value_at(in, i);
	}
	return GW_OK;
}

FILTER_FUNCTION(min)
{
	return extreme(call, "min", in, -1, out);
}

FILTER_FUNCTION(max)
{
	return extreme(call, "max", in, 1, out);
}

static int
compare_items(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;

	return compare_scalars(value_str(*x), value_str(*y));
}

static enum gw_err
sorted_copy(
    const struct filter_call *call, const char *filter, struct value *in, struct value **out)
{
	struct value *list = value_list(call->scope->arena);
	size_t i;

	if (!list_only(call, filter, in))
		return call->scope->failure->err;
	for (i = 0; i < in->n; i++) {
		if (value_str(value_at(in, i)) == NULL)
			return filter_fail(call, filter, "a list of scalars was expected");
		if (!value_add(call->scope->arena, list, value_at(in, i)))
			return fail_memory(call->scope->failure);
	}
	if (list != NULL && list->n > 1)
		qsort((void *)list->list, list->n, sizeof(struct value *), compare_items);
	return filter_give(call, list, out);
}

FILTER_FUNCTION(sort)
{
	return sorted_copy(call, "sort", in, out);
}

/* Sorted, each once: no HRIS promises an order. */
FILTER_FUNCTION(unique)
{
	enum gw_err err = sorted_copy(call, "unique", in, out);
	struct value *list = *out;
	size_t i, n = 0;

	if (err != GW_OK)
		return err;
	for (i = 0; i < list->n; i++) {
		if (n == 0 ||
		    strcmp(value_str(value_at(list, n - 1)), value_str(value_at(list, i))) != 0)
			list->list[n++] = list->list[i];
	}
	list->n = n & VALUE_MOST;
	return GW_OK;
}

FILTER_FUNCTION(entries)
{
	struct arena *a = call->scope->arena;
	struct value *list = value_list(a), *entry;
	size_t i;

	/* An HRIS in PHP writes its empty object as []. */
	if (!value_is(in, VALUE_OBJECT) && !(value_is(in, VALUE_LIST) && in->n == 0))
		return filter_fail(call, "entries", "an object was expected");
	for (i = 0; i < in->n; i++) {
		entry = value_object(a);
		if (entry == NULL ||
		    !value_set(a, entry, "key", value_text(a, in->items[i].name)) ||
		    !value_set(a, entry, "value", value_at(in, i)) || !value_add(a, list, entry))
			return fail_memory(call->scope->failure);
	}
	return filter_give(call, list, out);
}

FILTER_FUNCTION(keys)
{
	struct arena *a = call->scope->arena;
	struct value *list = value_list(a);
	size_t i;

	if (!value_is(in, VALUE_OBJECT))
		return filter_fail(call, "keys", "an object was expected");
	for (i = 0; i < in->n; i++) {
		if (!value_add(a, list, value_text(a, in->items[i].name)))
			return fail_memory(call->scope->failure);
	}
	return filter_give(call, list, out);
}

/* get KEY: the member of an object, or the item of a list, that a value names. */
FILTER_FUNCTION(get)
{
	const char *key = value_str(call->args[0]);
	unsigned long i;

	if (key == NULL)
		return GW_OK;
	if (value_is(in, VALUE_OBJECT))
		*out = value_get(in, key);
	else if (text_unsigned(key, LIMIT_RECORDS, &i) && i < in->n)
		*out = value_at(in, i);
	return GW_OK;
}

static int
compare_indexed(const void *a, const void *b)
{
	const struct lookup_item *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* The items of a list by a member's text, sorted: a directory is looked up once a person. */
static const struct lookup *
lookup_of(const struct scope *s, const struct value *list, const char *member)
{
	struct lookup *l;
	const char *key;
	size_t i;

	for (l = *s->lookups; l != NULL; l = l->next) {
		if (l->list == list && strcmp(l->member, member) == 0)
			return l;
	}
	l = arena_alloc(s->arena, sizeof(*l));
	if (l == NULL)
		return NULL;
	*l = (struct lookup){.list = list, .member = member, .next = *s->lookups};
	l->items = arena_array(s->arena, list->n + 1, sizeof(*l->items));
	if (l->items == NULL)
		return NULL;
	for (i = 0; i < list->n; i++) {
		key = value_str(value_get(value_at(list, i), member));
		if (key != NULL)
			l->items[l->n++] = (struct lookup_item){key, value_at(list, i)};
	}
	qsort(l->items, l->n, sizeof(*l->items), compare_indexed);
	*s->lookups = l;
	return l;
}

/* find MEMBER VALUE: the one item of which the member is that. */
FILTER_FUNCTION(find_item)
{
	const char *member = value_str(call->args[0]), *key = value_str(call->args[1]);
	struct lookup *none = NULL;
	struct scope scope = *call->scope;
	const struct lookup *l;
	struct lookup_item wanted = {.key = key}, *item;

	if (!list_only(call, "find", in))
		return call->scope->failure->err;
	if (member == NULL || key == NULL)
		return GW_OK;
	if (scope.lookups == NULL)
		scope.lookups = &none;
	l = lookup_of(&scope, in, member);
	if (l == NULL)
		return fail_memory(call->scope->failure);
	item = bsearch(&wanted, l->items, l->n, sizeof(*l->items), compare_indexed);
	if (item == NULL)
		return GW_OK;
	if ((item > l->items && compare_indexed(item - 1, item) == 0) ||
	    (item + 1 < l->items + l->n && compare_indexed(item + 1, item) == 0))
		return filter_fail(call, "find", "two items have that key");
	*out = item->value;
	return GW_OK;
}

FILTER_FUNCTION(chunk)
{
	const char *size = value_str(call->args[0]);
	struct value *list = value_list(call->scope->arena), *part = NULL;
	unsigned long max;
	size_t i;

	if (!list_only(call, "chunk", in) || size == NULL ||
	    !text_unsigned(size, LIMIT_RECORDS, &max) || max == 0)
		return filter_fail(call, "chunk", "a list, and a size of 1 and more, was expected");
	for (i = 0; i < in->n; i++) {
		if (i % max == 0) {
			part = value_list(call->scope->arena);
			if (!value_add(call->scope->arena, list, part))
				return fail_memory(call->scope->failure);
		}
		if (!value_add(call->scope->arena, part, value_at(in, i)))
			return fail_memory(call->scope->failure);
	}
	return filter_give(call, list, out);
}
