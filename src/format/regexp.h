/*
 * jsonpath_regexp.h: I-Regexp (RFC 9485), whole, with the general categories of Unicode 14.
 * Matching takes at most states x characters steps: nothing is ever tried twice.
 */
#ifndef JSONPATH_REGEXP_H
#define JSONPATH_REGEXP_H

#include "base/arena.h"
#include "base/value.h"

struct jsonpath_regexp;

/* pattern is UTF-8. On failure NULL, why (static) in *why and the byte, from 0, in *at. */
struct jsonpath_regexp *jsonpath_regexp_compile(
    struct arena *a, const char *pattern, size_t len, const char **why, size_t *at);

/*
 * The whole of s (UTF-8) matches, or some part of it where part is true: in *matched. The steps are
 * taken off *work. False where memory or work is exhausted.
 */
bool jsonpath_regexp_run(const struct jsonpath_regexp *re, const char *s, size_t len, bool part,
    size_t *work, bool *matched);

#endif
