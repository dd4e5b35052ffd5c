/*
 * jsonpath.h: JSONPath, RFC 9535, compiled once and run on values. Whole grammar, with the
 * functions length, count, value, match, search (I-Regexp, RFC 9485).
 */
#ifndef JSONPATH_H
#define JSONPATH_H

#include "base/arena.h"
#include "base/fail.h"
#include "base/value.h"

struct jsonpath;

/*
 * Compiles len bytes. text starts with '$' ("$.a[*]") or, with relative, with '.' or '['
 * (".a", "['a b']": a path from a given node; "" selects that node). NULL with why on a bad
 * expression, why naming the byte (from 1). *used, where not NULL, gets the bytes consumed: then
 * what follows the longest path is the caller's (blanks are not part of it); where NULL all must be
 * used. Filters and calls nest at most 16 deep. Stricter than the RFC: a pattern that is a literal
 * and no I-Regexp is refused here, where section 2.4.6 would let it match nothing.
 */
struct jsonpath *jsonpath_compile(struct arena *a, const char *text, size_t len, bool relative,
    size_t *used, char *why, size_t why_max);

/* Names and indexes only: selects one node or none. */
bool jsonpath_is_singular(const struct jsonpath *p);
/* The last selector is the wildcard [*] or .* */
bool jsonpath_ends_in_wildcard(const struct jsonpath *p);
/*
 * Member names and then [*], as in $.a.b[*]: the names, at most max of them. False for any other
 * path.
 */
bool jsonpath_names_list(const struct jsonpath *p, const char **names, size_t max, size_t *n);
/*
 * Whether p may look at the list that such a path, and none other, goes through: at its items, or
 * at what it is in. True in doubt.
 */
bool jsonpath_meets_list(const struct jsonpath *p, const struct jsonpath *list);
/* The same path without its last segment (shares the segments); for "[*] needs an array". */
struct jsonpath *jsonpath_parent(struct arena *a, const struct jsonpath *p);

struct nodes {
	const struct value **items;
	size_t n, cap;
};

/*
 * Runs p on root ($ inside filters is root too). Nodes are in the arena, in document order, at
 * most max; false when memory or max is exhausted, or the task's time.
 */
bool jsonpath_select(struct arena *a, const struct jsonpath *p, const struct value *root,
    size_t max, struct nodes *out);

#endif
