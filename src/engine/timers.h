/*
 * timers.h: moments in the future, the earliest first. An intrusive pairing heap (Fredman,
 * Sedgewick, Sleator, Tarjan 1986): it allocates nothing, so setting a timer cannot fail. One
 * thread at a time.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: not set. Lives where its owner keeps it, and stays there while it is set. */
struct timer {
	int64_t at_ms; /* monotonic */
	void (*fire)(struct timer *t);
	struct timer *child, *next, *before; /* before: the left neighbour, or the parent */
	bool set;
};

struct timers {
	struct timer *first;
};

/* Sets it to that time, anew where it was set. fire must be there. */
void timers_set(struct timers *all, struct timer *t, int64_t at_ms);
void timers_cancel(struct timers *all, struct timer *t);
/* Takes out the earliest that is due; NULL: none. */
struct timer *timers_due(struct timers *all, int64_t now_ms);

#endif
