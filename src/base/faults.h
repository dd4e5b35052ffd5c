/* faults.h: every fault of the configuration at once, each as file:line:column: what and why. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"

struct faults {
	struct arena *arena; /* borrowed; holds the texts */
	const char **texts;
	size_t n, cap;
	size_t lost; /* beyond LIMIT_FAULTS, counted only */
};

void faults_init(struct faults *f, struct arena *a);

/* at may be NULL (then file alone is named). Always returns false: return fault_at(...); */
bool fault_at(struct faults *f, const char *file, const struct value *at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool fault_line(struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt,
    ...) __attribute__((format(printf, 5, 6)));

#endif
