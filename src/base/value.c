/* value.c: construction, look-up, and equality. */
#include "base/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

static const char *const kind_names[] = {
    [VALUE_NULL] = "null",
    [VALUE_BOOL] = "boolean",
    [VALUE_NUMBER] = "number",
    [VALUE_TEXT] = "text",
    [VALUE_LIST] = "list",
    [VALUE_OBJECT] = "object",
};
_Static_assert(ARRAY_LEN(kind_names) == VALUE_KIND_MAX, "a name a kind");

static struct value *
value_new(struct arena *a, enum value_kind kind)
{
	struct value *v = arena_alloc_to(a, sizeof(*v), _Alignof(struct value));

	if (v != NULL)
		v->kind = kind;
	return v;
}

static struct value *
value_new_text(struct arena *a, enum value_kind kind, const char *s, size_t len)
{
	struct value *v = len > VALUE_MOST ? NULL : value_new(a, kind);

	if (v == NULL)
		return NULL;
	v->text = arena_strndup(a, s, len);
	v->len = len & VALUE_MOST;
	return v->text == NULL ? NULL : v;
}

struct value *
value_null(struct arena *a)
{
	return value_new(a, VALUE_NULL);
}

struct value *
value_bool(struct arena *a, bool truth)
{
	struct value *v = value_new(a, VALUE_BOOL);

	if (v != NULL)
		v->truth = truth;
	return v;
}

struct value *
value_text(struct arena *a, const char *s)
{
	return value_new_text(a, VALUE_TEXT, s, strlen(s));
}

struct value *
value_text_len(struct arena *a, const char *s, size_t len)
{
	return value_new_text(a, VALUE_TEXT, s, len);
}

struct value *
value_number(struct arena *a, const char *digits)
{
	return value_new_text(a, VALUE_NUMBER, digits, strlen(digits));
}

struct value *
value_integer(struct arena *a, int64_t n)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, n);
	return value_number(a, digits);
}

struct value *
value_list(struct arena *a)
{
	return value_new(a, VALUE_LIST);
}

struct value *
value_object(struct arena *a)
{
	return value_new(a, VALUE_OBJECT);
}

struct value *
value_put_place(struct arena *a, const struct value *v, struct value_place place)
{
	struct {
		struct value_place place;
		struct value value;
	} * placed;

	placed = v == NULL ? NULL : arena_alloc_to(a, sizeof(*placed), _Alignof(struct value));
	if (placed == NULL)
		return NULL;
	placed->place = place;
	placed->value = *v;
	placed->value.placed = true;
	return &placed->value;
}

struct value_place
value_place(const struct value *v)
{
	const struct value_place none = {.line = 0};

	return v != NULL && v->placed ? ((const struct value_place *)(const void *)v)[-1] : none;
}

/*
 * Room for one more item: items grow to powers of two from VALUE_FIRST on, so that n says whether
 * they are full. NULL leaves v as it was.
 */
enum { VALUE_FIRST = 4 };

static void *
value_room(struct arena *a, struct value *v, void *items, size_t size)
{
	size_t n = v->n, room = VALUE_FIRST;
	void *p;

	if (n > 0 && !v->exact && (n < VALUE_FIRST || (n & (n - 1)) != 0))
		return items;
	while (room <= n)
		room *= 2;
	p = n == VALUE_MOST ? NULL : arena_array(a, room, size);
	if (p == NULL)
		return NULL;
	if (n > 0)
		memcpy(p, items, n * size);
	v->exact = false;
	return p;
}

bool
value_add(struct arena *a, struct value *list, struct value *item)
{
	struct value **items;

	if (list == NULL || item == NULL)
		return false;
	items = value_room(a, list, list->single ? &list->only : list->list, sizeof(*items));
	if (items == NULL)
		return false;
	items[list->n++] = item;
	list->list = items;
	list->single = false;
	return true;
}

bool
value_set(struct arena *a, struct value *object, const char *name, struct value *item)
{
	const char *copy = arena_strdup(a, name);
	struct member *items;

	if (object == NULL || item == NULL || copy == NULL)
		return false;
	items = value_room(a, object, object->items, sizeof(*items));
	if (items == NULL)
		return false;
	items[object->n++] = (struct member){.name = copy, .value = item};
	object->items = items;
	return true;
}

const struct member *
value_member(const struct value *object, const char *name)
{
	size_t i;

	if (object == NULL || object->kind != VALUE_OBJECT)
		return NULL;
	for (i = 0; i < object->n; i++) {
		if (strcmp(object->items[i].name, name) == 0)
			return &object->items[i];
	}
	return NULL;
}

struct value *
value_get(const struct value *object, const char *name)
{
	const struct member *m = value_member(object, name);

	return m == NULL ? NULL : m->value;
}

const char *
value_str(const struct value *v)
{
	if (v == NULL)
		return NULL;
	switch (v->kind) {
	case VALUE_TEXT:
	case VALUE_NUMBER:
		return v->text;
	case VALUE_BOOL:
		return v->truth ? "true" : "false";
	default:
		return NULL;
	}
}

const char *
value_get_text(const struct value *object, const char *name)
{
	const struct value *v = value_get(object, name);

	return value_is(v, VALUE_TEXT) ? v->text : NULL;
}

/* A pair of containers still to be compared; a list instead of recursion. */
struct pair {
	const struct value *a, *b;
	struct pair *next;
};

static bool
value_equal_flat(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return a->truth == b->truth;
	case VALUE_NUMBER:
		return number_compare(a->text, b->text) == 0;
	case VALUE_TEXT:
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	default:
		return a->n == b->n;
	}
}

static bool
value_push_items(struct pair **stack, const struct value *a, const struct value *b)
{
	const struct value *other;
	struct pair *p;
	size_t i;

	if (a->kind != VALUE_LIST && a->kind != VALUE_OBJECT)
		return true;
	for (i = 0; i < a->n; i++) {
		other = a->kind == VALUE_LIST ? value_at(b, i) : value_get(b, a->items[i].name);
		if (other == NULL)
			return false;
		p = malloc(sizeof(*p));
		if (p == NULL)
			return false;
		p->a = value_at(a, i);
		p->b = other;
		p->next = *stack;
		*stack = p;
	}
	return true;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	struct pair *stack = NULL, *p;
	bool equal = true;

	if (a == NULL || b == NULL || a == b)
		return a == b;
	equal = value_equal_flat(a, b) && value_push_items(&stack, a, b);
	while (stack != NULL) {
		p = stack;
		stack = p->next;
		if (equal)
			equal =
			    value_equal_flat(p->a, p->b) && value_push_items(&stack, p->a, p->b);
		free(p);
	}
	return equal;
}

const char *
value_kind_name(enum value_kind kind)
{
	return kind_names[kind];
}
