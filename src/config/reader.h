/*
 * reader.h: what the members of a YAML or JSON mapping may be: known keys, one of several words,
 * whole numbers. Every mistake becomes a fault at its place in the file.
 */
#ifndef READER_H
#define READER_H

#include "base/faults.h"

/* One file that is read. All borrowed; what is read from the file lives in the arena. */
struct reader {
	struct arena *arena;
	const char *file;
	struct faults *faults;
};

/* at may be NULL (then the file alone is named). Always false: return reader_fault(...); */
bool reader_fault(const struct reader *r, const struct value *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same at the name of a member. */
bool reader_fault_key(const struct reader *r, const struct member *m, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Is the member's name one of the NULL-terminated names? Otherwise false, and a fault with a hint;
 * `what` says what has such members: "a step".
 */
bool reader_key(
    const struct reader *r, const struct member *m, const char *const *names, const char *what);
/* Is v a mapping of which all keys are known? All that are not are faults. */
bool reader_known(
    const struct reader *r, const struct value *v, const char *const *names, const char *what);
/* The index of v's text among the names (of which "" is none), or -1 with a fault. */
int reader_one_of(
    const struct reader *r, const struct value *v, const char *const *names, const char *what);
/* The optional member `name` of v, true or false; false where it is absent. */
bool reader_flag(const struct reader *r, const struct value *v, const char *name, bool *out);
/* A whole number from min (0 or more) to max. */
bool reader_integer(const struct reader *r, const struct value *v, long min, long max, long *out);

#endif
