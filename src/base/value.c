/* value.c: construction and look-up; comparing numbers is by their normal form. */
#include "base/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [VALUE_NULL] = "null",
    [VALUE_BOOL] = "boolean",
    [VALUE_NUMBER] = "number",
    [VALUE_TEXT] = "text",
    [VALUE_LIST] = "list",
    [VALUE_OBJECT] = "object",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == VALUE_KIND_MAX, "a name a kind");

static struct value *
value_new(struct arena *a, enum value_kind kind)
{
	struct value *v = arena_alloc(a, sizeof(*v));

	if (v != NULL)
		v->kind = kind;
	return v;
}

static struct value *
value_new_text(struct arena *a, enum value_kind kind, const char *s, size_t len)
{
	struct value *v = value_new(a, kind);

	if (v == NULL)
		return NULL;
	v->text = arena_strndup(a, s, len);
	v->len = len;
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

static struct member *
value_append(struct arena *a, struct value *v, struct value *item)
{
	struct member *items;

	if (v == NULL || item == NULL)
		return NULL;
	items = arena_grow(a, v->items, v->n, &v->cap, sizeof(*items));
	if (items == NULL)
		return NULL;
	v->items = items;
	items[v->n] = (struct member){.value = item};
	return &items[v->n++];
}

bool
value_add(struct arena *a, struct value *list, struct value *item)
{
	return value_append(a, list, item) != NULL;
}

bool
value_set(struct arena *a, struct value *object, const char *name, struct value *item)
{
	const char *copy = arena_strdup(a, name);
	struct member *m;

	if (copy == NULL)
		return false;
	m = value_append(a, object, item);
	if (m == NULL)
		return false;
	m->name = copy;
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

static size_t
value_digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

size_t
value_number_len(const char *s, size_t len)
{
	size_t n = len > 0 && *s == '-' ? 1 : 0, digits = value_digits(s + n, len - n), more;

	if (digits == 0)
		return 0;
	/* A zero in front stands alone. */
	n += s[n] == '0' ? 1 : digits;
	if (n < len && s[n] == '.') {
		digits = value_digits(s + n + 1, len - n - 1);
		n += digits == 0 ? 0 : digits + 1;
	}
	if (n < len && (s[n] == 'e' || s[n] == 'E')) {
		more = n + 1 < len && (s[n + 1] == '+' || s[n + 1] == '-') ? 2 : 1;
		digits = value_digits(s + n + more, len - n - more);
		n += digits == 0 ? 0 : more + digits;
	}
	return n;
}

/*
 * The digits of a JSON number without sign, point and exponent: from the first to the last that is
 * not zero, and the power of ten of the first. Two numbers are equal when these are.
 */
struct normal {
	int sign;                /* 0: the number is zero */
	const char *first, *end; /* may hold one '.' in between */
	int64_t power;
	int huge;             /* the sign of an exponent past int64_t, else 0 */
	const char *exponent; /* its digits then; power is not used */
};

enum { VALUE_EXPONENT_DIGITS = 18 };

static void
value_set_exponent(struct normal *n, const char *s)
{
	int sign = *s == '-' ? -1 : 1;

	if (*s == '-' || *s == '+')
		s++;
	while (*s == '0')
		s++;
	n->exponent = s;
	if (strlen(s) > VALUE_EXPONENT_DIGITS)
		n->huge = sign;
	else
		n->power += sign * strtoll(s, NULL, 10);
}

static struct normal
value_normal(const char *s)
{
	struct normal n = {.sign = *s == '-' ? -1 : 1};
	const char *p, *point = NULL, *last = NULL;

	for (p = s + (*s == '-'); *p != '\0' && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.')
			point = p;
		else if (*p != '0') {
			n.first = n.first == NULL ? p : n.first;
			last = p;
		}
	}
	if (n.first == NULL)
		return (struct normal){.sign = 0};
	if (point == NULL)
		point = p;
	n.end = last + 1;
	n.power = point > n.first ? point - n.first : point - n.first + 1;
	if (*p != '\0')
		value_set_exponent(&n, p + 1);
	return n;
}

static int
value_compare_powers(const struct normal *x, const struct normal *y)
{
	size_t a, b;
	int order;

	if (x->huge != y->huge)
		return x->huge < y->huge ? -1 : 1;
	if (x->huge == 0)
		return x->power < y->power ? -1 : x->power > y->power;
	/* Past 10^(10^18) the exponents decide alone: no digits can make up for it. */
	a = strlen(x->exponent);
	b = strlen(y->exponent);
	order = a != b ? (a < b ? -1 : 1) : strcmp(x->exponent, y->exponent);
	return order * x->huge;
}

/* The digits of a number, and zeros for ever behind them. */
static int
value_next_digit(struct normal *n)
{
	if (n->first < n->end && *n->first == '.')
		n->first++;
	return n->first < n->end ? *n->first++ : '0';
}

int
value_compare_numbers(const char *a, const char *b)
{
	struct normal x = value_normal(a), y = value_normal(b);
	int order;

	if (x.sign != y.sign)
		return x.sign < y.sign ? -1 : 1;
	if (x.sign == 0)
		return 0;
	order = value_compare_powers(&x, &y);
	while (order == 0 && (x.first < x.end || y.first < y.end))
		order = value_next_digit(&x) - value_next_digit(&y);
	return order * x.sign;
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
		return value_compare_numbers(a->text, b->text) == 0;
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
		other = a->kind == VALUE_LIST ? b->items[i].value : value_get(b, a->items[i].name);
		if (other == NULL)
			return false;
		p = malloc(sizeof(*p));
		if (p == NULL)
			return false;
		p->a = a->items[i].value;
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
