/* faults.h: every fault of the configuration at once, each as file:line:column: what and why. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"

struct faults {
	struct arena *arena; /* borrowed; holds the texts */
	const char **texts;
	size_t n, cap;
	size_t lost; /* beyond LIMIT_FAULTS, counted only */
	/* What works and should not stay so; those beyond LIMIT_FAULTS are left out. */
	const char **warnings;
	size_t n_warnings, warnings_cap;
};

void faults_init(struct faults *f, struct arena *a);

/* at may be NULL (then file alone is named). Always returns false: return fault_at(...); */
bool fault_at(struct faults *f, const char *file, const struct value *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool fault_line(struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt,
    ...) __attribute__((format(printf, 5, 6)));
/* What is no fault. at may be NULL. */
void fault_warn(struct faults *f, const char *file, const struct value *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* For wrappers of the first two. line 0: the file alone is named. */
void fault_list(struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt,
    va_list ap) __attribute__((format(printf, 5, 0)));

/*
 * " (did you mean \"NEAREST\"?)" for the end of a text that names something unknown, or "" where none
 * of the n names is near. Lives as long as the faults.
 */
const char *fault_hint(struct faults *f, const char *name, const char *const *names, size_t n);

#endif
