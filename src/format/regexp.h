/*
 * regexp.h: I-Regexp (RFC 9485), whole, with the general categories of Unicode 14; ^ and $ are the
 * beginning and the end of the text. The only engine: JSONPath, conditions and settings use it.
 * Matching takes at most states x characters steps: nothing is ever tried twice.
 */
#ifndef REGEXP_H
#define REGEXP_H

#include "base/arena.h"
#include "base/value.h"

struct regexp;

/* pattern is UTF-8. On failure NULL, why (static) in *why and the byte, from 0, in *at. */
struct regexp *
regexp_compile(struct arena *a, const char *pattern, size_t len, const char **why, size_t *at);

/*
 * The whole of s matches, or some part of it where part is true: in *matched. The steps are
 * taken off *work. False where work is exhausted, or memory, which is noted in that arena.
 */
bool regexp_run(const struct regexp *re, const char *s, size_t len, bool part, size_t *work,
    struct arena *notes, bool *matched);

/*
 * The same for a pattern of the configuration, which may do as much work as it takes. False also
 * where memory is short, which is noted.
 */
bool regexp_matches(const struct regexp *re, const char *s, bool part, struct arena *notes);

#endif
