/*
 * task.h: a function with a stack of its own that gives its worker back whenever it has to wait
 * (event.h), so that the code of a request is linear and a request that waits holds no thread. A
 * task stays with the loop it began in. Outside a task the functions that wait block their thread;
 * the code is the same.
 */
#ifndef TASK_H
#define TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/context.h"
#include "engine/loop.h"

/* Lies in its own stack. The members are the engine's. */
struct task {
	struct loop_job job; /* first: goes on with the task until it waits or ends */
	struct loop *loop;
	void (*run)(void *context);
	void *context;
	struct context own, *loop_context;
	void *stack;
	void *fiber, *loop_fiber; /* ThreadSanitizer's */
	int64_t resumed_ms;
	int64_t deadline_ms; /* monotonic; 0: none */
	bool ended;
};

/* Starts run(context) in that loop, on the loop's own thread; it runs with the loop's next turn.
 * False: there is no stack for it. */
bool task_spawn(struct loop *l, void (*run)(void *context), void *context);

/* The task that runs now; NULL: none. */
struct task *task_self(void);

/* Whatever the task waits for is worth waiting for until then. Outside a task it does nothing. */
void task_set_deadline(int64_t mono_ms);
/* What is left of it, at least 0; `otherwise` where there is none, or no task. */
int64_t task_left_ms(int64_t otherwise);

/* Gives the worker back until the task's job runs. Only event.c calls it. */
void task_park(struct task *t);

/*
 * To be called now and then in long work: after TASK_TURN_MS without a wait the others get their
 * turn. Outside a task it does nothing.
 */
enum { TASK_TURN_MS = 2 };
void task_breathe(void);

#endif
