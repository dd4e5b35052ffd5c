/*
 * pattern.h: POSIX extended regular expressions out of configuration, kept from hanging: no back
 * references (they take exponential time), and no repetitions that multiply to more than a thousand
 * states (they take the memory).
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>

/* NULL, or why it is none: a static text. */
const char *pattern_fault(const char *pattern);
/* Does it match somewhere in the text? False also for a pattern with a fault. */
bool pattern_matches(const char *pattern, const char *text);
/* Does it match the whole text? */
bool pattern_matches_whole(const char *pattern, const char *text);

#endif
