/*
 * test_memory.c: each allocation of a look fails once: the request is read as it is, or memory ran
 * out.
 */
#include "tests/unit/kit/adapter_kit.h"
#include "tests/unit/kit/memory_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void
answer(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_ms, struct arena *a)
{
	(void)context;
	(void)peer;
	(void)deadline_ms;
	(void)a;
	assert_int_equal(n, 1);
	calls->fate = HTTP_ANSWERED;
	calls->retry_after_ms = -1;
	calls->status = 200;
	calls->answer =
	    "[{\"id\": 1, \"type\": \"v\", \"state\": \"approved\", \"note\": \"x\", \"from\": "
	    "\"2027-03-01\", \"to\": \"2027-03-01\", \"amount\": 1, \"unit\": \"days\"}]";
	calls->answer_len = strlen(calls->answer);
}

/* Looks while the allocation of that number fails; whether it still was to come at the end. */
static bool
look(const struct hris *blank, struct arena *a, long number)
{
	static const struct operation_in in = {.agent_id = "7", .request_id = "1", .marker = "m"};
	struct operation_out out = {0};
	struct failure failure = {0};
	struct hris h = *blank;
	bool over;
	enum gw_err err;

	h.arena = a;
	h.failure = &failure;
	memory_begin(number, false);
	err = h.driver->run(&h, OPERATION_FIND, &in, &out);
	over = !memory_end();
	if (err != GW_OK) {
		assert_true(failure.memory || a->failed);
		return over;
	}
	assert_int_equal(out.n_found, 1);
	assert_int_equal(out.found[0].status, STATUS_APPROVED);
	assert_int_equal(out.found[0].n_notes, 1);
	assert_string_equal(out.found[0].notes[0], "x");
	assert_string_equal(out.found[0].type_id, "v");
	assert_string_equal(out.found[0].amount, "1");
	return over;
}

static void
test_what_a_look_shows_is_whole_or_memory_ran_out(void **state)
{
	const struct transport transport = {.send = answer};
	struct route route = {.name = "acme", .adapter_name = "t"};
	struct value *given;
	struct kit_file k;
	struct arena a;
	struct hris h;
	long i;

	(void)state;
	kit_file_open(&k);
	route.adapter = kit_load(&k, kit_adapter);
	assert_non_null(route.adapter);
	given = value_object(&k.arena);
	assert_true(value_set(&k.arena, given, "host", value_text(&k.arena, "acme")));
	assert_true(value_set(&k.arena, given, "key", value_text(&k.arena, "k-1")));
	route.settings =
	    adapter_settings(&k.arena, route.adapter, "r.yaml", given, given, NULL, &k.faults);
	assert_non_null(route.settings);
	h = (struct hris){.route = &route,
	    .driver = &adapter_driver,
	    .clock = &clock_real,
	    .transport = &transport,
	    .deadline_ms = INT64_MAX};
	for (i = 0;; i++) {
		arena_init(&a, LIMIT_ARENA);
		if (look(&h, &a, i))
			break;
		arena_clear(&a);
	}
	arena_clear(&a);
	assert_true(i > 10);
	kit_file_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_a_look_shows_is_whole_or_memory_ran_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
