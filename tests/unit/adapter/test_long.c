/*
 * test_long.c: an answer of many rows is read in a task whose clock ticks at each look: the others
 * get their turns meanwhile, and a request whose time is over ends with HRIS.TIMEOUT.
 */
#include "tests/unit/kit/adapter_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "engine/task.h"

enum { ROWS = 500 };

static int64_t ticks;

static int64_t
tick(void *context)
{
	(void)context;
	return ++ticks;
}

static struct {
	struct kit_file k;
	const char *script;
	int64_t patience_ms;
	bool over;
	unsigned turns;
} reading;

static void
read_in_task(void *context)
{
	(void)context;
	task_set_deadline(ticks + reading.patience_ms);
	kit_play(&reading.k, kit_adapter, reading.script);
	reading.over = true;
}

static void
count_turns(struct loop_job *job)
{
	reading.turns++;
	if (!reading.over)
		loop_ready(loop_current(), job);
}

static void
put_types(struct buf *b)
{
	int i;

	for (i = 0; i < ROWS; i++)
		buf_printf(b, "%s{id: t%d, name: T, unit: hours}", i == 0 ? "" : ", ", i);
}

/* end: what the script expects. */
static void
read_rows(int64_t patience_ms, const char *end)
{
	static const struct clock ticking = {.wall_ms = tick, .mono_ms = tick};
	struct loop_job other = {.run = count_turns};
	struct buf script;

	buf_init(&script, SIZE_MAX);
	buf_puts(&script,
	    "settings: {host: acme, key: k-1}\nbase_url: https://acme.example\ncases:\n"
	    "  - name: c\n    operation: get-timeoff-types\n    calls:\n"
	    "      - {request: GET /types, answer: {json: [");
	put_types(&script);
	buf_printf(&script, "]}}\n%s", end);
	memset(&reading, 0, sizeof(reading));
	reading.script = script.data;
	reading.patience_ms = patience_ms;
	kit_file_open(&reading.k);
	loop_use_clock(&ticking);
	assert_true(task_spawn(loop_current(), read_in_task, NULL));
	loop_ready(loop_current(), &other);
	while (!reading.over)
		loop_turn(loop_current(), 0);
	loop_turn(loop_current(), 0);
	loop_use_clock(NULL);
	kit_file_close(&reading.k);
	buf_clear(&script);
}

static void
test_others_get_their_turns(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, SIZE_MAX);
	buf_puts(&out, "    out: {types: [");
	put_types(&out);
	buf_puts(&out, "]}\n");
	read_rows(INT32_MAX, out.data);
	assert_true(reading.turns > ROWS / 10);
	buf_clear(&out);
}

static void
test_the_time_is_kept(void **state)
{
	(void)state;
	read_rows(ROWS / 2,
	    "    fails: HRIS.TIMEOUT\n    message: no time was left to read the rows of the answer\n");
	assert_true(reading.turns > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_others_get_their_turns),
	    cmocka_unit_test(test_the_time_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
