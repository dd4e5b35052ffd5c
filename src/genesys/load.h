/* load.h: the files of a rehearsal, read and checked. */
#ifndef GENESYS_LOAD_H
#define GENESYS_LOAD_H

#include "genesys/rehearse.h"

enum { LOADED_MAX = 64 };

struct loaded {
	struct arena *arena;
	struct action actions[LOADED_MAX];
	size_t n_actions;
	struct flow flows[LOADED_MAX];
	size_t n_flows;
	struct action auth;
	struct invoker invoker;
};

/* Everything lives in out->arena. False with faults: all of them. */
bool genesys_load(const struct rehearsal *h, struct loaded *out, struct faults *faults);

/* By the name that a workflow calls it; Architect appends " - Exported DATE" to a file's. */
const struct action *loaded_action(const struct loaded *l, const char *name);
/* The first workflow of that part; NULL: there is none. */
const struct flow *loaded_flow(const struct loaded *l, enum part part);

#endif
