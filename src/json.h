/*
 * json.h: strict JSON (RFC 8259) in, JSON out. The only door to yajl.
 * Beyond yajl: UTF-8 is checked, and lone surrogates, NUL, form feed as space, a byte order mark,
 * duplicate members, more than one document and trailing bytes are refused. Numbers keep their
 * digits.
 */
#ifndef JSON_H
#define JSON_H

#include "arena.h"
#include "buf.h"
#include "fail.h"
#include "value.h"

struct json_limits {
	size_t depth;    /* 1 allows only a scalar or an empty list */
	size_t values;   /* nodes */
	size_t text;     /* bytes of one text or number */
	bool duplicates; /* true: let duplicate members and \u0000 pass
	                                           (tests of grammar alone) */
};

extern const struct json_limits json_input;  /* what callers send */
extern const struct json_limits json_answer; /* what an HRIS answers */

/*
 * Parses len bytes into a tree in the arena. On failure NULL, and why (a line without the
 * document's content: "a duplicate member at byte 17") in why[0..why_max).
 */
struct value *json_parse(struct arena *a, const char *text, size_t len,
    const struct json_limits *limits, char *why, size_t why_max);

/* Writers append to b; errors stick in b. Text is escaped; U+2028/9 and controls as \u. */
void json_string(struct buf *b, const char *s);
void json_string_len(struct buf *b, const char *s, size_t len);
void json_value(struct buf *b, const struct value *v);  /* compact; NULL writes null */
void json_pretty(struct buf *b, const struct value *v); /* two blanks an indent */

#endif
