/* test_reply.c: a long list of an answer lets others have their turn while it is written. */
#include "gateway/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/task.h"

enum { ITEMS = 1000, BYTES = 16 * 1024 };

struct world {
	int64_t now_ms;
	bool written;
	unsigned turns;
	struct buf body;
};

/* A second passes whenever somebody looks. */
static int64_t
passing_ms(void *context)
{
	struct world *w = context;

	return w->now_ms += 1000;
}

static const char *
name_of(const void *items, size_t i, char *scratch)
{
	(void)i;
	(void)scratch;
	return items;
}

static void
write_list(void *context)
{
	struct world *w = context;
	struct reply r = {.body = &w->body, .first = true};

	reply_list(&r, "names", "x", ITEMS, name_of);
	w->written = true;
}

static void
take_turns(void *context)
{
	struct world *w = context;

	while (!w->written) {
		w->turns++;
		task_breathe();
	}
}

static void
test_a_long_list_breathes(void **state)
{
	struct world w = {.now_ms = 1};
	struct clock clock = clock_real;

	(void)state;
	clock.mono_ms = passing_ms;
	clock.context = &w;
	buf_init(&w.body, BYTES);
	loop_use_clock(&clock);
	assert_true(task_spawn(loop_current(), write_list, &w));
	assert_true(task_spawn(loop_current(), take_turns, &w));
	while (!w.written)
		loop_turn(loop_current(), INT64_MAX);
	loop_turn(loop_current(), 0);
	loop_use_clock(NULL);
	assert_true(w.turns > 5);
	assert_int_equal(w.body.err, GW_OK);
	assert_int_equal(w.body.len, strlen("{\"names\":[]") + ITEMS * strlen("\"x\",") - 1);
	buf_clear(&w.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_long_list_breathes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
