/*
 * value.h: the one tree of data: what JSON and YAML are read into, what JSONPath selects from, what
 * templates build. Values live in an arena, are never changed once shared, and may be shared.
 * A number keeps the digits it came with. Text is UTF-8 without NUL. A value is small (16 bytes and
 * its text or items), as an answer of an HRIS may hold millions.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum __attribute__((packed)) value_kind {
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
	const char *name;
	struct value *value;
	uint32_t line, column; /* of the name in its file; 0 where there is none */
};

/* From 1; both 0: there is none. */
struct value_place {
	uint32_t line, column;
};

struct value {
	enum value_kind kind;
	bool truth : 1;    /* VALUE_BOOL */
	bool placed : 1;   /* its place lies before it; see value_place() */
	bool exact : 1;    /* LIST, OBJECT: there is no room for one more item */
	bool single : 1;   /* LIST: `only` is its one item, to which there is no list */
	uint64_t n : 24;   /* LIST, OBJECT: items, in order */
	uint64_t len : 24; /* TEXT, NUMBER: of text */
	union {
		const char *text;    /* TEXT, NUMBER: NUL-terminated */
		struct value **list; /* LIST */
		struct value *only;
		struct member *items; /* OBJECT */
	};
};
_Static_assert(sizeof(struct value) == 16, "small");

enum { VALUE_MOST = (1 << 24) - 1 }; /* items of one value, bytes of one text */

/* Constructors; NULL when the arena is exhausted or the text is too long. Text is copied. */
struct value *value_null(struct arena *a);
struct value *value_bool(struct arena *a, bool truth);
struct value *value_text(struct arena *a, const char *s);
struct value *value_text_len(struct arena *a, const char *s, size_t len);
struct value *value_number(struct arena *a, const char *digits); /* a JSON number's text */
struct value *value_integer(struct arena *a, int64_t n);
struct value *value_list(struct arena *a);
struct value *value_object(struct arena *a);

/* A copy that knows its place in a file; v may be NULL, as where memory is short. */
struct value *value_put_place(struct arena *a, const struct value *v, struct value_place place);
/* In the file it was read from. */
struct value_place value_place(const struct value *v);

/* Append; false when memory is short or item is NULL (so constructors nest). name is copied. */
bool value_add(struct arena *a, struct value *list, struct value *item);
bool value_set(struct arena *a, struct value *object, const char *name, struct value *item);

/* The member of that name, or NULL; NULL also where object is NULL or no object. Borrowed. */
struct value *value_get(const struct value *object, const char *name);
const struct member *value_member(const struct value *object, const char *name);

/* The i-th item of a list or object. */
static inline struct value *
value_at(const struct value *v, size_t i)
{
	if (v->kind == VALUE_OBJECT)
		return v->items[i].value;
	return v->single ? v->only : v->list[i];
}

/* The i-th name of an object; NULL for a list. */
static inline const char *
value_name(const struct value *v, size_t i)
{
	return v->kind == VALUE_OBJECT ? v->items[i].name : NULL;
}

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
