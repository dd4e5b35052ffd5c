/* capability.h: what an adapter can do, as a row of `adapter list`. */
#ifndef CLI_CAPABILITY_H
#define CLI_CAPABILITY_H

#include "adapter/adapter.h"

/*
 * OBJECT of texts: operations, units, what a day may be, gaps, changes, how a lost write is
 * settled, whether a write can be looked at, calls per action, how far it is proven. In the arena;
 * NULL: no memory.
 */
struct value *cli_capability(struct arena *a, const char *name, const struct adapter *adapter);

#endif
