/* snapshot.h: lists of agents that a serving gateway has read anew by itself. */
#ifndef CLI_SNAPSHOT_H
#define CLI_SNAPSHOT_H

#include "gateway/gateway.h"

/* Zero-initialized: nothing is under way. */
struct snapshots {
	int child;       /* a pid; 0: none */
	int64_t next_ms; /* monotonic; when to look again */
};

/*
 * About once a second: where a route's list is due, starts `hrisgw snapshot` for it as a process of
 * its own, so that neither a crash nor hours of calls touch the one that serves.
 */
void cli_snapshots_tick(struct snapshots *s, struct gateway *g);
/* Ends what is under way; half a list is nothing. */
void cli_snapshots_stop(struct snapshots *s);

#endif
