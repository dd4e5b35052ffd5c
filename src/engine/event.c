/*
 * event.c: see event.h. The state says who goes first: a waiter that finds it set does not wait,
 * and of the event and the time that end a wait, only one wakes the waiter.
 */
#include "engine/event.h"

#include <time.h>

#include "engine/task.h"

enum { STATE_UNSET, STATE_WAITED, STATE_POLLED, STATE_SET };

/* The time of a wait of a task. */
struct limit {
	struct timer timer; /* first */
	struct event *event;
	struct loop *loop;
};

/* A wait of a thread, which turns its loop until the job runs. */
struct turning {
	struct loop_job job; /* first */
	bool woken;
};

static bool
claim(struct event *e, int from, int to)
{
	return atomic_compare_exchange_strong(&e->state, &from, to);
}

/* Of time and event the one that changes the state wakes the task, and only that one. */
static void
limit_fire(struct timer *t)
{
	struct limit *l = (struct limit *)t;

	if (claim(l->event, STATE_WAITED, STATE_UNSET))
		loop_ready(l->loop, l->event->job);
}

static void
turning_run(struct loop_job *job)
{
	((struct turning *)job)->woken = true;
}

static void
wait_in_task(struct event *e, struct task *t, int64_t wait_ms)
{
	struct limit l = {.timer = {.fire = limit_fire}, .event = e, .loop = t->loop};

	e->job = &t->job;
	e->loop = t->loop;
	if (!claim(e, STATE_UNSET, STATE_WAITED))
		return;
	if (wait_ms >= 0)
		loop_timer_set(t->loop, &l.timer, loop_now_ms() + wait_ms);
	task_park(t);
	loop_timer_cancel(t->loop, &l.timer);
}

static void
wait_in_loop(struct event *e, struct loop *loop, int64_t until_ms)
{
	struct turning t = {.job = {.run = turning_run}};

	e->job = &t.job;
	e->loop = loop;
	if (!claim(e, STATE_UNSET, STATE_WAITED))
		return;
	while (!t.woken && loop_now_ms() < until_ms)
		loop_turn(loop, until_ms);
	if (!t.woken && !claim(e, STATE_WAITED, STATE_UNSET)) {
		while (!t.woken)
			loop_turn(loop, INT64_MAX);
	}
}

/* Where there is no descriptor left for a loop. */
static void
wait_polling(struct event *e, int64_t until_ms)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	if (!claim(e, STATE_UNSET, STATE_POLLED))
		return;
	while (atomic_load(&e->state) != STATE_SET && loop_now_ms() < until_ms)
		(void)nanosleep(&moment, NULL);
	(void)claim(e, STATE_POLLED, STATE_UNSET);
}

static void
wait_on_thread(struct event *e, int64_t wait_ms)
{
	int64_t until_ms = wait_ms < 0 ? INT64_MAX : loop_now_ms() + wait_ms;
	struct loop *loop = loop_current();

	if (loop != NULL)
		wait_in_loop(e, loop, until_ms);
	else
		wait_polling(e, until_ms);
}

bool
event_wait(struct event *e, int64_t wait_ms)
{
	struct task *t = task_self();

	if (atomic_load(&e->state) != STATE_SET && wait_ms != 0) {
		if (t != NULL)
			wait_in_task(e, t, wait_ms);
		else
			wait_on_thread(e, wait_ms);
	}
	return atomic_load(&e->state) == STATE_SET;
}

void
event_set(struct event *e)
{
	/* One that waits has written job and loop before the state said so, and stays until the job
	 * has run. Of any other, nothing may be touched any more. */
	if (atomic_exchange(&e->state, STATE_SET) == STATE_WAITED)
		loop_hand(e->loop, e->job);
}

void
event_reset(struct event *e)
{
	atomic_store(&e->state, STATE_UNSET);
}

static int64_t
wall_ms(void *context)
{
	(void)context;
	return clock_wall_ms(&clock_real);
}

static int64_t
mono_ms(void *context)
{
	(void)context;
	return clock_mono_ms(&clock_real);
}

static void
sleep_ms(void *context, int64_t ms)
{
	struct event never = {0};

	(void)context;
	if (ms > 0)
		(void)event_wait(&never, ms);
}

static bool
random_bytes(void *context, void *out, size_t len)
{
	(void)context;
	return clock_random(&clock_real, out, len);
}

const struct clock event_clock = {
    .wall_ms = wall_ms, .mono_ms = mono_ms, .sleep_ms = sleep_ms, .random = random_bytes};
