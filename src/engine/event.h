/*
 * event.h: waiting, the one way to do it: for an event that another task or thread sets, or for a
 * time. In a task only the task waits. On a thread without one, the thread turns its loop (loop.h)
 * meanwhile, so that what the loop carries goes on. Never wait with a mutex held.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "engine/loop.h"

/* Zeroed: not set. Has one waiter; lives at least until that has returned from event_wait(). */
struct event {
	atomic_int state;
	struct loop *loop; /* of the waiter, and the job that wakes it */
	struct loop_job *job;
};

enum { EVENT_FOREVER = -1 };

/* True: it is set, and stays so until event_reset(). False: wait_ms have passed. */
bool event_wait(struct event *e, int64_t wait_ms);
/* From any thread. Does not touch e once its waiter can have returned. */
void event_set(struct event *e);
/* By its waiter, while nobody sets it. */
void event_reset(struct event *e);

/* The machine's clock; its sleep is a wait of the task. */
extern const struct clock event_clock;

#endif
