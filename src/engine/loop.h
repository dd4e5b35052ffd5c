/*
 * loop.h: one thread's loop: descriptors, timers and jobs that are ready. A worker runs one; any
 * other thread gets one of its own at its first wait, and turns it while it waits (event.h).
 * Everything here but loop_hand() is for the loop's own thread.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "engine/timers.h"

struct loop;

/* Something to do in a loop's next turn. Lives where its owner keeps it, in one list at a time. */
struct loop_job {
	struct loop_job *next;
	void (*run)(struct loop_job *job);
};

/* A descriptor that is watched. Zeroed: not watched. Lives where its owner keeps it. */
struct loop_fd {
	int fd;
	void (*ready)(struct loop_fd *f, uint32_t events); /* EPOLLIN ...; may remove and free f */
	uint32_t events;                                   /* 0: not watched */
};

/* What lives in a loop and goes with it. */
struct loop_guest {
	struct loop_guest *next;
	void (*close)(struct loop_guest *g); /* on the loop's thread, before its descriptors go */
};

struct loop *loop_new(void); /* NULL: out of memory or descriptors */
void loop_free(struct loop *l);

/* The loop of this thread, made where there is none, and freed when the thread ends. NULL as
 * above. */
struct loop *loop_current(void);
/* Makes l the loop of this thread, which does not free it. */
void loop_adopt(struct loop *l);

/* For those events (EPOLLIN, EPOLLOUT, EPOLLEXCLUSIVE ...), and no longer for others. False: the
 * kernel has no room. */
bool loop_watch(struct loop *l, struct loop_fd *f, uint32_t events);
void loop_unwatch(struct loop *l, struct loop_fd *f);

void loop_timer_set(struct loop *l, struct timer *t, int64_t at_ms);
void loop_timer_cancel(struct loop *l, struct timer *t);

void loop_guest_add(struct loop *l, struct loop_guest *g);
void loop_guest_remove(struct loop *l, struct loop_guest *g);

/* Waits for what comes first: a descriptor, a timer, a job, or until_ms (monotonic); lets
 * descriptors and timers do their work, then runs the jobs that are ready. */
void loop_turn(struct loop *l, int64_t until_ms);

int64_t loop_now_ms(void); /* monotonic */
/* For tests: all loops keep this clock's time; NULL: the machine's. */
void loop_use_clock(const struct clock *clock);

/* On the loop's thread: the job runs in the next turn, after those that are ready already. */
void loop_ready(struct loop *l, struct loop_job *job);
/* The same from any thread; ends the loop's wait. */
void loop_hand(struct loop *l, struct loop_job *job);

#endif
