/* test_event.c: tasks that wait for events, times, each other and other threads. */
#include "engine/event.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/offload.h"
#include "engine/stack.h"
#include "engine/task.h"

static struct loop *
fresh_loop(void)
{
	struct loop *l = loop_current();

	assert_non_null(l);
	return l;
}

static void
turn_until(const bool *done)
{
	while (!*done)
		loop_turn(loop_current(), loop_now_ms() + 1000);
}

/* --- one after the other --- */

struct pair {
	struct event ping, pong;
	int n;
	bool done;
};

static void
say_ping(void *context)
{
	struct pair *p = context;
	int i;

	for (i = 0; i < 1000; i++) {
		event_set(&p->ping);
		assert_true(event_wait(&p->pong, EVENT_FOREVER));
		event_reset(&p->pong);
		p->n++;
	}
	p->done = true;
}

static void
say_pong(void *context)
{
	struct pair *p = context;
	int i;

	for (i = 0; i < 1000; i++) {
		assert_true(event_wait(&p->ping, EVENT_FOREVER));
		event_reset(&p->ping);
		event_set(&p->pong);
	}
}

static void
test_two_tasks_take_turns(void **state)
{
	struct pair p = {0};

	(void)state;
	assert_true(task_spawn(fresh_loop(), say_ping, &p));
	assert_true(task_spawn(fresh_loop(), say_pong, &p));
	assert_int_equal(p.n, 0);
	turn_until(&p.done);
	assert_int_equal(p.n, 1000);
	assert_null(task_self());
}

/* --- times --- */

struct waits {
	struct event never;
	bool timed_out, done, kept_errno;
};

static void
wait_in_vain(void *context)
{
	struct waits *w = context;

	errno = ERANGE;
	w->timed_out = !event_wait(&w->never, 1);
	w->kept_errno = errno == ERANGE;
	w->done = true;
}

static void
test_a_wait_ends_with_its_time(void **state)
{
	struct waits w = {0};

	(void)state;
	assert_true(task_spawn(fresh_loop(), wait_in_vain, &w));
	turn_until(&w.done);
	assert_true(w.timed_out && w.kept_errno);
	assert_false(event_wait(&w.never, 0));
	assert_false(event_wait(&w.never, 1));
	event_set(&w.never);
	assert_true(event_wait(&w.never, 0));
	event_reset(&w.never);
	assert_false(event_wait(&w.never, 0));
}

/* --- threads --- */

enum { ROUNDS = 2000, WAITERS = 8 };

struct crossing {
	struct event events[WAITERS];
	struct event back[WAITERS];
	int served[WAITERS];
	unsigned left;
	bool done;
	int next;
};

static void *
set_from_a_thread(void *context)
{
	struct crossing *c = context;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < WAITERS; i++)
			event_set(&c->events[i]);
		for (i = 0; i < WAITERS; i++) {
			if (!event_wait(&c->back[i], EVENT_FOREVER))
				return c;
			event_reset(&c->back[i]);
		}
	}
	return NULL;
}

static void
wait_for_a_thread(void *context)
{
	struct crossing *c = context;
	int i = c->next++, round;

	for (round = 0; round < ROUNDS; round++) {
		/* Now and then the time is over in the moment of the event. */
		if (!event_wait(&c->events[i], round % 50 == 0 ? 1 : 0))
			assert_true(event_wait(&c->events[i], EVENT_FOREVER));
		event_reset(&c->events[i]);
		c->served[i]++;
		event_set(&c->back[i]);
	}
	c->done = --c->left == 0;
}

static void
test_events_from_another_thread(void **state)
{
	struct crossing *c = calloc(1, sizeof(*c));
	pthread_t thread;
	void *why;
	int i;

	(void)state;
	assert_non_null(c);
	c->left = WAITERS;
	for (i = 0; i < WAITERS; i++)
		assert_true(task_spawn(fresh_loop(), wait_for_a_thread, c));
	assert_int_equal(pthread_create(&thread, NULL, set_from_a_thread, c), 0);
	turn_until(&c->done);
	assert_int_equal(pthread_join(thread, &why), 0);
	assert_null(why); /* a wait without a time ended */
	for (i = 0; i < WAITERS; i++)
		assert_int_equal(c->served[i], ROUNDS);
	free(c);
}

/* --- long work --- */

struct work {
	unsigned turns;
	bool done, over;
};

static void
work_long(void *context)
{
	struct work *w = context;

	/* Until the other one has run: without task_breathe() this would never end. */
	while (!w->done)
		task_breathe();
	w->over = true;
}

static void
note_turn(void *context)
{
	struct work *w = context;

	w->turns++;
	w->done = true;
}

static void
test_long_work_lets_others_run(void **state)
{
	struct work w = {0};

	(void)state;
	task_breathe(); /* outside a task: nothing */
	assert_true(task_spawn(fresh_loop(), work_long, &w));
	assert_true(task_spawn(fresh_loop(), note_turn, &w));
	turn_until(&w.over);
	assert_int_equal(w.turns, 1);
}

/* --- work that blocks --- */

struct blocking {
	pthread_t here, there;
	struct event *go;
	bool done;
	unsigned *running, *most;
};

static void
note_thread(void *context)
{
	struct blocking *b = context;

	b->there = pthread_self();
}

static void
offload_note(void *context)
{
	struct blocking *b = context;

	b->here = pthread_self();
	offload(note_thread, b);
	b->done = true;
}

static void
test_offload(void **state)
{
	struct blocking inside = {0}, outside = {0};

	(void)state;
	outside.here = pthread_self();
	offload(note_thread, &outside);
	assert_true(pthread_equal(outside.here, outside.there));
	assert_true(task_spawn(fresh_loop(), offload_note, &inside));
	turn_until(&inside.done);
	assert_true(pthread_equal(inside.here, pthread_self()));
	assert_false(pthread_equal(inside.here, inside.there));
}

/* --- stacks --- */

static void
use_stack(void *context)
{
	volatile char much[STACK_LEN / 2];

	memset((char *)(uintptr_t)much, 1, sizeof(much));
	*(bool *)context = much[7] == 1;
}

static void
test_stacks_are_bounded_and_measured(void **state)
{
	static void *taken[STACKS_MAX];
	bool done = false;
	size_t i, n = 0;

	(void)state;
	assert_true(task_spawn(fresh_loop(), use_stack, &done));
	turn_until(&done);
	assert_in_range(stack_peak(), STACK_LEN / 2, STACK_LEN);
	while (n < STACKS_MAX && (taken[n] = stack_take()) != NULL)
		n++;
	/* The kernel may have room for fewer mappings than STACKS_MAX. */
	assert_in_range(n, 100, STACKS_MAX);
	if (n == STACKS_MAX)
		assert_null(stack_take());
	for (i = 0; i < n; i++)
		stack_give(taken[i]);
	stack_clear();
	assert_int_equal(stack_peak(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_tasks_take_turns),
	    cmocka_unit_test(test_a_wait_ends_with_its_time),
	    cmocka_unit_test(test_events_from_another_thread),
	    cmocka_unit_test(test_long_work_lets_others_run),
	    cmocka_unit_test(test_offload),
	    cmocka_unit_test(test_stacks_are_bounded_and_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
