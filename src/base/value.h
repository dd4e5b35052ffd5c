/*
 * value.h: the one tree of data: what JSON and YAML are read into, what JSONPath selects from, what
 * templates build. Values live in an arena, are never changed once shared, and may be shared.
 * A number keeps the digits it came with. Text is UTF-8 without NUL.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_OBJECT,
	VALUE_KIND_MAX
};

struct value;

struct member {
	const char *name; /* NULL in a list */
	struct value *value;
	uint32_t line, column; /* of the name in its file; 0 where there is none */
};

struct value {
	enum value_kind kind;
	bool truth;            /* VALUE_BOOL */
	uint32_t line, column; /* in the YAML file, from 1; 0: there is none */
	const char *text;      /* TEXT, NUMBER: NUL-terminated */
	size_t len;            /* of text */
	struct member *items;  /* LIST, OBJECT: n of them, in order */
	size_t n, cap;
};

/* Constructors; NULL when the arena is exhausted. Text is copied. */
struct value *value_null(struct arena *a);
struct value *value_bool(struct arena *a, bool truth);
struct value *value_text(struct arena *a, const char *s);
struct value *value_text_len(struct arena *a, const char *s, size_t len);
struct value *value_number(struct arena *a, const char *digits); /* a JSON number's text */
struct value *value_integer(struct arena *a, int64_t n);
struct value *value_list(struct arena *a);
struct value *value_object(struct arena *a);

/* Append; false when memory is short or item is NULL (so constructors nest). name is copied. */
bool value_add(struct arena *a, struct value *list, struct value *item);
bool value_set(struct arena *a, struct value *object, const char *name, struct value *item);

/* The member of that name, or NULL; NULL also where object is NULL or no object. Borrowed. */
struct value *value_get(const struct value *object, const char *name);
const struct member *value_member(const struct value *object, const char *name);

/* False for NULL. In the header, so that analysers see it. */
static inline bool
value_is(const struct value *v, enum value_kind kind)
{
	return v != NULL && v->kind == kind;
}
/* Text, a number's digits, "true"/"false"; NULL for null, lists, objects. Borrowed. */
const char *value_str(const struct value *v);
/* The text of a TEXT member, else NULL. */
const char *value_get_text(const struct value *object, const char *name);
/* Same kind and content; numbers by value 1 == 1.0 == 10e-1; members in any order. */
bool value_equal(const struct value *a, const struct value *b);
const char *value_kind_name(enum value_kind kind); /* "null", "boolean", ... */

#endif
