/*
 * test_long.c: an answer of many rows is read in a task whose clock ticks at each look: the others
 * get their turns meanwhile, and a request whose time is over ends with HRIS.TIMEOUT. What is done
 * between a write's row in the ledger and its call does not make the call last longer.
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

static const struct value *
given_settings(struct kit_file *k, const struct adapter *adapter)
{
	struct value *given = value_object(&k->arena);

	assert_true(value_set(&k->arena, given, "host", value_text(&k->arena, "acme")));
	assert_true(value_set(&k->arena, given, "key", value_text(&k->arena, "k-1")));
	return adapter_settings(&k->arena, adapter, "r.yaml", given, given, NULL, &k->faults);
}

static void
keep_deadline(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_ms, struct arena *a)
{
	(void)peer;
	(void)a;
	assert_int_equal(n, 1);
	*(int64_t *)context = deadline_ms;
	calls->fate = HTTP_LOST;
	calls->code = CODE_HRIS_TIMEOUT;
}

/* The quiet period is written down before the call is sent, and has to outlast it. */
static void
test_a_write_ends_settle_before_the_quiet_period(void **state)
{
	static const struct clock ticking = {.wall_ms = tick, .mono_ms = tick};
	int64_t given_up_ms = 0;
	struct transport transport = {.send = keep_deadline, .context = &given_up_ms};
	struct operation_in in = {.agent_id = "7", .request_id = "1348", .marker = "[hrisgw 07]"};
	struct operation_out out = {0};
	struct route route = {.name = "acme", .adapter_name = "t"};
	struct failure failure = {0};
	struct kit_file k;
	struct hris h;

	(void)state;
	kit_file_open(&k);
	route.adapter = kit_load(&k, kit_adapter);
	assert_non_null(route.adapter);
	route.settings = given_settings(&k, route.adapter);
	h = (struct hris){.route = &route,
	    .driver = &adapter_driver,
	    .arena = &k.arena,
	    .clock = &ticking,
	    .transport = &transport,
	    .deadline_ms = ticks + ROWS,
	    .reserve_ms = ROWS,
	    .failure = &failure};
	(void)h.driver->run(&h, OPERATION_CANCEL, &in, &out);
	assert_true(given_up_ms > ticks && given_up_ms < h.deadline_ms);
	assert_int_equal(given_up_ms + h.driver->traits(&h)->settle_ms, h.quiet_ms);
	kit_file_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_others_get_their_turns),
	    cmocka_unit_test(test_the_time_is_kept),
	    cmocka_unit_test(test_a_write_ends_settle_before_the_quiet_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
