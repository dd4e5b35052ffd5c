/* json_parts.h: a document while it is read. Private to json*.c. */
#ifndef JSON_PARTS_H
#define JSON_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_parse.h>

#include "format/json.h"

/* The raw text so far, piece after piece. Zeroed but for nul, it is at the beginning. */
struct json_raw {
	bool nul;           /* \u0000 may pass */
	const char *reason; /* why not (static); NULL while all is well */
	size_t at;          /* the byte it is about, from 1; 0: none */

	size_t read;                   /* bytes */
	size_t token;                  /* bytes of the text or number at hand */
	bool mark;                     /* all so far is a byte order mark */
	bool inside;                   /* a text */
	unsigned char left, low, high; /* bytes that a UTF-8 sequence lacks; what the next may be */
	unsigned char escape;          /* bytes of an escape so far */
	unsigned unit;                 /* what its digits say */
	size_t escape_at;
	bool paired; /* behind a high surrogate, whose escape began at: */
	size_t pair_at;
};

/* False, with reason and at, from the first byte on that may not be there. */
bool json_raw_feed(struct json_raw *raw, const char *text, size_t len);
/* Nothing follows. */
bool json_raw_end(struct json_raw *raw);

/* An item of a list or object that is still open. */
struct json_item {
	struct member member;
	size_t at; /* the byte behind its name */
};

struct json_open {
	struct value *value;
	size_t first; /* of its items */
};

struct json_reader {
	struct arena *arena; /* where values go: kept, or scratch while an item passes by */
	struct arena *kept, scratch;
	const struct json_limits *limits;
	const struct json_list *list; /* NULL: none passes by */
	struct value *passing;        /* that list, while it is open */
	size_t values_kept;           /* when it was opened */
	struct json_raw raw;
	yajl_handle yajl;
	struct value *root;
	struct json_item *items; /* heap; of all open ones, outermost first */
	size_t n, cap;
	struct json_open *open; /* heap */
	size_t depth, open_cap;
	size_t values;
	size_t before;      /* bytes of the pieces before this one */
	const char *reason; /* static; NULL while all is well */
	size_t at;          /* the byte it is about, from 1 */
};

/* json_tree.c: what yajl calls; the context is the reader. */
extern const yajl_callbacks json_callbacks;
/* Always 0: what ends yajl's reading. */
int json_refuse(struct json_reader *r, size_t at, const char *reason);
int json_refuse_here(struct json_reader *r, const char *reason);

#endif
