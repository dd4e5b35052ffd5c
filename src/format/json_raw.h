/*
 * json_raw.h: what yajl 2.1.0 lets pass, looked for in the raw text of a document, and refused or
 * mended before yajl sees it.
 */
#ifndef JSON_RAW_H
#define JSON_RAW_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_RAW_HELD = 12 }; /* an escape, and the one of a high surrogate before it */

/* The raw text so far, piece after piece. Zeroed but for nul, mend and token_max, it is at the
 * beginning; json_raw_clear() frees what it holds. */
struct json_raw {
	bool nul;           /* \u0000 may pass */
	bool mend;          /* as in struct json_limits */
	size_t token_max;   /* bytes that a text or number may have, escapes as written */
	const char *reason; /* why not (static); NULL while all is well */
	size_t at;          /* the byte it is about, from 1; 0: none */
	bool no_memory;     /* that is why */

	size_t read;                   /* bytes */
	size_t token, longest;         /* bytes of the current text or number, and of the longest */
	bool mark;                     /* all so far is a byte order mark */
	bool inside;                   /* a text */
	unsigned char left, low, high; /* bytes that a UTF-8 sequence lacks; what the next may be */
	unsigned char escape;          /* bytes of an escape so far */
	unsigned unit;                 /* what its digits say */
	size_t escape_at;
	bool paired; /* after a high surrogate, whose escape began at: */
	size_t pair_at;

	/* What is handed on of the piece at hand: the caller's, or a copy that can be mended. */
	const char *piece;
	size_t piece_len, first; /* bytes; of the document before them */
	char *copy;              /* heap */
	size_t copy_size;
	char held[JSON_RAW_HELD]; /* the end of what came: the next bytes decide about it */
	size_t n_held;
};

/*
 * The next piece in, what yajl may see of it and of what was held back out: valid until the next
 * call, from byte raw->first of the document on. False, with reason and at, from the first byte on
 * that may not be there.
 */
bool json_raw_feed(struct json_raw *raw, const char **text, size_t *len);
/* Nothing follows. */
bool json_raw_end(struct json_raw *raw);
void json_raw_clear(struct json_raw *raw);

#endif
