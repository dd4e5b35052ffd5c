/*
 * json.h: strict JSON (RFC 8259) in, JSON out. The only door to yajl.
 * Beyond yajl: UTF-8 is checked, and NUL, form feed as space, duplicate members, more than one
 * document and trailing bytes are refused; of callers also lone surrogates and a byte order mark.
 * Numbers keep their digits.
 */
#ifndef JSON_H
#define JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fail.h"
#include "base/value.h"

struct json_limits {
	size_t depth;    /* 1 allows only a scalar or an empty list */
	size_t values;   /* nodes */
	size_t text;     /* bytes of one text or number */
	bool mend;       /* a lone surrogate becomes U+FFFD; a byte order mark is skipped */
	bool duplicates; /* true: duplicate members and \u0000 pass (in tests of grammar alone) */
};

extern const struct json_limits json_input;  /* what callers send */
extern const struct json_limits json_answer; /* what an HRIS answers */

/*
 * Parses len bytes into a tree in the arena. On failure NULL, and why (a line without the
 * document's content: "a duplicate member at byte 17") in why[0..why_max). errno says whether the
 * document is to blame: EBADMSG; else ENOMEM, or ETIME: the task's deadline came. Lets other tasks
 * have their turn.
 */
struct value *json_parse(struct arena *a, const char *text, size_t len,
    const struct json_limits *limits, char *why, size_t why_max);

/* After a failure: memory's or time's code, or blame where the document is to blame. */
enum fail_code json_fault(enum fail_code blame);

/*
 * A document that comes in pieces, and may be larger than the tree that is kept of it: the items of
 * one list in it are handed over one by one.
 */
struct json_list {
	const char *const *names; /* the members that lead to it from the root; n 0: the root */
	size_t n;
	/* May not wait. item, and what the call allocates in a, is valid until the call returns. */
	void (*item)(void *context, struct arena *a, const struct value *item);
	void *context;
};

struct json_reader;

/* All is borrowed until json_reader_free(). list NULL: the whole tree is kept. NULL: no memory. */
struct json_reader *
json_reader_new(struct arena *a, const struct json_limits *limits, const struct json_list *list);
/* After a failure, which json_reader_end() reports, pieces are ignored. */
void json_reader_feed(struct json_reader *r, const char *text, size_t len);
/* The tree, in which that list is empty; NULL with why, as json_parse() does. */
struct value *json_reader_end(struct json_reader *r, char *why, size_t why_max);
void json_reader_free(struct json_reader *r);

/* Writers append to b; errors stick in b. Text is escaped; U+2028/9 and controls as \u. */
void json_string(struct buf *b, const char *s);
void json_string_len(struct buf *b, const char *s, size_t len);
void json_value(struct buf *b, const struct value *v);  /* compact; NULL writes null */
void json_pretty(struct buf *b, const struct value *v); /* two blanks an indent */

/* yajl's version, as it runs: 20100 is 2.1.0. */
int json_library(void);

#endif
