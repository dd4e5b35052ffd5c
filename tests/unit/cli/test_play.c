/*
 * test_play.c: the player of adapter tests finds what differs, and says what is wrong with a
 * script.
 */
#include "tests/unit/kit/adapter_kit.h"
#include "cli/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char script[] =
    "settings: {host: acme, key: k-1}\n"
    "base_url: https://acme.example\n"
    "types: {v: {id: '78', unit: hours}}\n"
    "cases:\n"
    "  - name: one\n"
    "    operation: insert-timeoff\n"
    "    in: {agent_id: '4', type: v, status: PENDING, days: {2026-01-01: 480}, marker: M}\n"
    "    calls:\n"
    "      - request: POST /people/4/requests\n"
    "        query: {}\n"
    "        headers: {X-One: one}\n"
    "        body: {status: open, type: '78', note: M, days: [{on: 2026-01-01, amount: 8}]}\n"
    "        answer: {json: {id: 9, state: open}}\n"
    "    out: {result: {id: 9, status: PENDING}}\n";

static struct kit_file kit;

static int
setup(void **state)
{
	(void)state;
	kit_file_open(&kit);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kit_file_close(&kit);
	return 0;
}

static bool
play(const char *text, struct play_result *out)
{
	struct adapter *adapter = kit_load(&kit, kit_adapter);

	assert_non_null(adapter);
	return cli_play(&kit.arena, adapter, "s.yaml", text, strlen(text), out, &kit.faults);
}

static void
a_script_that_fits_passes(void **state)
{
	struct play_result out;

	(void)state;
	assert_true(play(script, &out));
	assert_int_equal(out.n, 1);
	assert_int_equal(out.failed, 0);
	/* All but insert-timeoff. */
	assert_int_equal(out.n_missing, 5);
}

static const struct {
	const char *from, *to, *what;
} differences[] = {
    {"POST /people/4", "PUT /people/4", "call 1, request"},
    {"POST /people/4", "POST /people/5", "call 1, request"},
    {"query: {}", "query: {a: b}", "call 1, query"},
    {"X-One: one", "X-One: two", "call 1, X-One"},
    {"X-One: one", "X-One: null", "call 1, X-One"},
    {"amount: 8", "amount: '8'", "call 1, body"},
    {"amount: 8", "amount: 8.5", "call 1, body"},
    {"status: open, type", "type", "call 1, body"},
    {"out: {result: {id: 9, status: PENDING}}", "out: {result: {id: 9}}", "out"},
    {"out: {result: {id: 9, status: PENDING}}", "out: {result: {id: 9, status: PENDING, x: 1}}",
	"out"},
    {"out: {result: {id: 9, status: PENDING}}", "fails: HRIS.REFUSED", "outcome"},
    {"json: {id: 9, state: open}", "status: 400", "outcome"},
    {"    out:", "      - {request: GET /more, answer: {}}\n    out:",
	"a call that was never made"},
    {"    calls:\n      - request: POST /people/4/requests\n        query: {}\n        headers: "
     "{X-One: one}"
     "\n        body: {status: open, type: '78', note: M, days: [{on: 2026-01-01, amount: 8}]}\n"
     "        answer: {json: {id: 9, state: open}}\n",
	"", "call 1, request"},
    {"    out: {result: {id: 9, status: PENDING}}",
	"    out: {result: {id: 9, status: PENDING}}\n"
	"    message: something",
	"message"},
};

static void
what_differs_is_seen(void **state)
{
	struct play_result out;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
		assert_true(
		    play(kit_replace(&kit, script, differences[i].from, differences[i].to), &out));
		assert_int_equal(out.failed, 1);
		for (j = 0; j < out.cases[0].n; j++) {
			if (strcmp(out.cases[0].differences[j].what, differences[i].what) == 0)
				break;
		}
		if (j == out.cases[0].n)
			fail_msg("%s: not seen as %s but %s", differences[i].to,
			    differences[i].what, out.cases[0].differences[0].what);
	}
}

static const struct {
	const char *from, *to, *fault;
} bad[] = {
    {"cases:", "case:", "did you mean \"cases\"?"},
    {"operation: insert-timeoff", "operation: insert", "a case has a name and an operation"},
    {"    out: {result: {id: 9, status: PENDING}}\n", "", "a case has out or fails"},
    {"type: v,", "type: w,", "\"w\" is none of the file's types"},
    {"status: PENDING, days", "status: OPEN, days", "a status is PENDING"},
    {"{2026-01-01: 480}", "{2026-02-30: 480}", "DATE: MINUTES was expected"},
    {"{2026-01-01: 480}", "{2026-01-01: 1500}", "a whole number from 0 to 1440"},
    {"unit: hours", "unit: moons", "a type needs id and unit"},
    {"host: acme", "hots: acme", "did you mean \"host\"?"},
    {"answer: {json", "answers: {json", "did you mean \"answer\"?"},
    {"        answer: {json: {id: 9, state: open}}\n", "", "a call has request and answer"},
    {"agent_id: '4'", "agent: '4'", "unknown key \"agent\" in in"},
};

static void
a_bad_script_is_told(void **state)
{
	struct play_result out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (play(kit_replace(&kit, script, bad[i].from, bad[i].to), &out))
			fail_msg("%s: played", bad[i].to);
		kit_assert_fault(&kit, bad[i].to, bad[i].fault);
	}
}

/* Steps that no case plays, by operation and line. */
static void
what_is_not_played_is_named(void **state)
{
	const char *text = kit_replace(&kit, kit_adapter, "  insert-timeoff:\n",
	    "  insert-timeoff:\n    - when: {in.agent_id: '5'}\n      refuse: not him\n");
	struct adapter *adapter = kit_load(&kit, text);
	struct play_result out;

	(void)state;
	assert_non_null(adapter);
	assert_true(
	    cli_play(&kit.arena, adapter, "s.yaml", script, strlen(script), &out, &kit.faults));
	assert_int_equal(out.failed, 0);
	/* Of operations that no case plays, the operation is enough. */
	assert_int_equal(out.n_unplayed, 1);
	assert_non_null(strstr(out.unplayed[0], "insert-timeoff, step 1 of 2 (line "));
	assert_true(play(script, &out));
	assert_int_equal(out.n_unplayed, 0);
}

/* As the gateway gives them. */
static void
a_balance_has_its_range(void **state)
{
	const char *text = kit_replace(&kit, kit_adapter, "query: {at: '${date}'}",
	    "query: {at: '${date}', from: '${in.min_date}', to: '${in.max_date}'}");
	static const char balance[] =
	    "settings: {host: acme, key: k-1}\nbase_url: https://acme.example\n"
	    "types: {v: {id: '78', unit: hours}}\ncases:\n  - name: b\n    operation: get-balance\n"
	    "    in: {agent_id: '4', types: [v], dates: [2026-01-05, 2026-01-02]}\n    calls:\n"
	    "      - {request: GET /people/4/balance, query: {at: 2026-01-05, from: 2026-01-02, to: "
	    "2026-01-05}, answer: {json: [{type: 78, amount: 1}]}}\n"
	    "      - {request: GET /people/4/balance, query: {at: 2026-01-02, from: 2026-01-02, to: "
	    "2026-01-05}, answer: {json: [{type: 78, amount: 1}]}}\n"
	    "    out: {balances: [{type_id: 78, date: 2026-01-05, amount: 1}, {type_id: 78, date: "
	    "2026-01-02, amount: 1}]}\n";
	struct adapter *adapter = kit_load(&kit, text);
	struct play_result out;

	(void)state;
	assert_non_null(adapter);
	assert_true(
	    cli_play(&kit.arena, adapter, "s.yaml", balance, strlen(balance), &out, &kit.faults));
	assert_int_equal(out.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_script_that_fits_passes, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_differs_is_seen, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_played_is_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_balance_has_its_range, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_bad_script_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
