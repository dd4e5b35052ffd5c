/* jsonpath_scan.h: the text of a JSONPath while it is read. Private to jsonpath*.c. */
#ifndef JSONPATH_SCAN_H
#define JSONPATH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/value.h"

enum { JSONPATH_EXPRESSION = 64 * 1024 /* bytes */ };

struct jsonpath_parser {
	struct arena *arena;
	const char *start, *p, *end;
	unsigned nest;
	char *why;
	size_t why_max;
	bool failed;
};

/* Always false; the first reason is kept. at: where in the text. */
bool jsonpath_fail(struct jsonpath_parser *ps, const char *at, const char *what);
bool jsonpath_fail_memory(struct jsonpath_parser *ps);
void jsonpath_skip_blanks(struct jsonpath_parser *ps);
bool jsonpath_is_next(const struct jsonpath_parser *ps, char c);
/* The next characters are s; they are passed over then. */
bool jsonpath_take(struct jsonpath_parser *ps, const char *s);
/* An integer within 2^53 - 1; *has: there is one. */
bool jsonpath_scan_int(struct jsonpath_parser *ps, int64_t *out, bool *has);
/* The string literal whose quote is next. NULL on failure. */
struct value *jsonpath_scan_string(struct jsonpath_parser *ps);

#endif
