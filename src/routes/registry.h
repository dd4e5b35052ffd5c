/*
 * registry.h: the routes and adapters in force. Files that are added, changed or removed are
 * noticed while running; the last good version of a broken one goes on serving.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "config/config.h"
#include "base/faults.h"
#include "hris/route.h"

struct registry;

/* Reads everything; faults are kept for registry_faults(). NULL: out of memory. */
struct registry *
registry_new(const struct config *config, const struct clock *clock, const struct log *log);
/* The same for one request: an adapter is read when a route names it, or registry_faults() asks. */
struct registry *
registry_new_once(const struct config *config, const struct clock *clock, const struct log *log);
void registry_free(struct registry *r);

/* Looks at the folders, at most once a second of monotonic time, and loads what changed. */
void registry_refresh(struct registry *r);
/* The same at once, also with files that changed just now. */
void registry_reread(struct registry *r);

/*
 * The route of that name, held until released, or NULL. Never waits for files to load.
 */
const struct route *registry_acquire(struct registry *r, const char *name);
void registry_release(struct registry *r, const struct route *route);

/* Counts a request that was admitted; returns how many the route now has. While it is held. */
unsigned registry_enter(const struct route *route);
void registry_leave(const struct route *route);

/* How many calls to an HRIS all routes together may have at once. */
unsigned registry_calls(struct registry *r);

/* All faults and warnings now, of any number; everything in the arena. False: out of memory. */
struct registry_faults {
	const char **faults, **warnings;
	size_t n_faults, n_warnings;
};
bool registry_faults(struct registry *r, struct arena *a, struct registry_faults *out);
/* The names of all routes, sorted. */
bool registry_routes(struct registry *r, struct arena *a, const char ***names, size_t *n);

#endif
