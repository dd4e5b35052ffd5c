/*
 * sfv.h: structured field values (RFC 8941): dictionaries of items and inner lists. Stricter than
 * section 4.2 in one point: a key that comes twice in a dictionary or in parameters is refused,
 * where the RFC lets the last one win. Nothing here knows what a field means.
 */
#ifndef SFV_H
#define SFV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum { SFV_MEMBERS_MAX = 64, SFV_LIST_MAX = 64, SFV_PARAMS_MAX = 16 };

enum sfv_kind {
	SFV_INTEGER,
	SFV_DECIMAL, /* number is in thousandths */
	SFV_STRING,
	SFV_TOKEN,
	SFV_BYTES,   /* decoded */
	SFV_BOOLEAN, /* number is 0 or 1 */
	SFV_KIND_MAX
};

struct sfv_bare {
	enum sfv_kind kind;
	int64_t number;
	const char *text; /* strings, tokens, bytes: NUL-terminated after len */
	size_t len;
};

struct sfv_param {
	const char *key;
	struct sfv_bare value;
};

struct sfv_item {
	struct sfv_bare bare; /* unused in an inner list's own */
	struct sfv_param *params;
	size_t n_params, cap_params;
};

struct sfv_member {
	const char *key;
	bool inner; /* an inner list: its items are in list, its parameters in item */
	struct sfv_item item;
	struct sfv_item *list;
	size_t n, cap;
};

struct sfv_dictionary {
	struct sfv_member *members;
	size_t n, cap;
};

/*
 * False: not a dictionary, over a limit, or memory is short. An empty text is an empty dictionary.
 */
bool
sfv_parse_dictionary(struct arena *a, const char *text, size_t len, struct sfv_dictionary *out);

/* Borrowed; NULL where absent. */
const struct sfv_member *sfv_member(const struct sfv_dictionary *d, const char *key);
const struct sfv_bare *sfv_param(const struct sfv_item *item, const char *key);

/* The one canonical spelling (section 4.1). */
void sfv_write_item(struct buf *out, const struct sfv_item *item);
void sfv_write_member(struct buf *out, const struct sfv_member *m); /* without its key */

#endif
