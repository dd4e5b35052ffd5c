/*
 * callers.h: who may call a route, as its file declares them (design, section 8): names, forms, keys.
 */
#ifndef CALLERS_H
#define CALLERS_H

#include "faults.h"
#include "secret.h"
#include "value.h"

struct callers;

/*
 * Reads the `callers` mapping of a route file: at least one caller, each with at least one proof; keys
 * decoded and checked. Everything lives in the arena. NULL with faults; a caller whose one key has a
 * fault is left out while others stand (*broken is set).
 */
struct callers *callers_load(struct arena *a, const char *file, const struct value *node,
    struct secrets *secrets, struct faults *faults);

size_t callers_count(const struct callers *c);

#endif
