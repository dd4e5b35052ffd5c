/*
 * test_cond.c: when a condition holds, which statuses it can match, and when two cannot both hold.
 */
#include "tests/unit/kit/lang_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct lang lang;

static int
setup(void **state)
{
	(void)state;
	lang_open(&lang);
	lang.env.answer_side = true;
	lang.env.record = true;
	lang.scope.answer =
	    lang_json(&lang, "{\"code\": 7, \"message\": \"Already booked\", \"empty\": \"\","
			     " \"null\": null, \"no\": false, \"list\": [\"a\", \"b\"], \"none\": "
			     "[], \"object\": {}}");
	lang.scope.in =
	    lang_json(&lang, "{\"agent_id\": 7, \"notes\": \"booked\", \"entries\": [6, 7],"
			     " \"request_id\": \"4xx\"}");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lang_close(&lang);
	return 0;
}

static const struct {
	const char *cond;
	int status;
	bool holds;
} rows[] = {
    {"{$.code: 7}", 200, true},
    {"{$.code: '7'}", 200, true},
    {"{$.code: 7.0}", 200, false},
    {"{$.code: [6, 7]}", 200, true},
    {"{$.code: {not: 7}}", 200, false},
    {"{$.code: {not: [5, 6]}}", 200, true},
    {"{$.gone: {not: 7}}", 200, true},
    {"{$.gone: 7}", 200, false},
    {"{$.message: /booked/}", 200, true},
    {"{$.message: /^booked/}", 200, false},
    {"{$.message: {not: /booked/}}", 200, false},
    {"{$.gone: /./}", 200, false},
    {"{$.code: present}", 200, true},
    {"{$.empty: present}", 200, false},
    {"{$.null: present}", 200, false},
    {"{$.none: present}", 200, false},
    {"{$.no: present}", 200, true},
    {"{$.object: present}", 200, true},
    {"{$.gone: absent}", 200, true},
    {"{$.empty: absent}", 200, true},
    {"{$.code: {not: absent}}", 200, true},
    {"{'$.list[*]': b}", 200, true},
    {"{'$.list[*]': c}", 200, false},
    {"{'$.list[*]': {not: c}}", 200, true},
    {"{'$.list[*]': /^a$/}", 200, true},
    {"{$.no: false}", 200, true},
    {"{$.object: x}", 200, false},
    {"{$.code: 7, $.message: /nope/}", 200, false},
    {"{status: 422}", 422, true},
    {"{status: [400, 422]}", 422, true},
    {"{status: 4xx}", 422, true},
    {"{status: 4xx}", 404, false},
    {"{status: 4xx}", 409, false},
    {"{status: 4xx}", 429, false},
    {"{status: 4xx}", 500, false},
    {"{status: 5xx}", 503, true},
    {"{status: [4xx, 404]}", 404, true},
    {"{status: {not: 200}}", 200, false},
    {"{header.Retry-After: present}", 503, false},
    {"{text: /Already/}", 503, true},
    {"{$.code: '${in.agent_id}'}", 200, true},
    {"{$.message: '${in.agent_id}'}", 200, false},
    {"{$.message: 'Already ${in.notes}'}", 200, true},
    {"{$.code: {not: '${in.agent_id}'}}", 200, false},
    {"{$.code: [5, '${in.agent_id}']}", 200, true},
    {"{$.code: [7, '${in.notes}']}", 200, true},
    {"{$.code: '${in.entries}'}", 200, true},
    {"{$.message: '${in.entries}'}", 200, false},
    {"{'$.list[*]': '${$.list[1]}'}", 200, true},
    {"{$.code: '${in.marker}'}", 200, false},
    {"{$.gone: '${in.marker}'}", 200, false},
    {"{$.code: {not: '${in.marker}'}}", 200, true},
    {"{status: '${in.request_id}'}", 422, true},
};

static void
conditions_hold(void **state)
{
	struct cond *c;
	bool holds;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lang_forget(&lang);
		c = cond_compile(&lang.env, lang_yaml(&lang, rows[i].cond), NULL);
		lang_assert_no_fault(&lang, rows[i].cond);
		assert_non_null(c);
		lang.call = (struct http_call){
		    .status = rows[i].status, .answer = "Already booked", .answer_len = 14};
		lang.scope.call = &lang.call;
		assert_int_equal(cond_holds(c, &lang.scope, &holds), GW_OK);
		if (holds != rows[i].holds)
			fail_msg("%s at %d: %s", rows[i].cond, rows[i].status,
			    holds ? "holds" : "does not");
	}
}

static const struct {
	const char *cond, *fault;
} bad[] = {
    {"x", "a condition is {EXPR: MATCH, ...}"},
    {"{$.a: {no: 1}}", "a match is a text"},
    {"{$.a: null}", "a match is a text"},
    {"{$.a: [[1]]}", "a text was expected"},
    {"{$.a: /(/}", "a ( without its ) at byte 3"},
    {"{$.a: '/(a)\\1/'}", "an unknown escape at byte 5"},
    {"{$.a: '/(a{100}){100}/'}", "repeats too much"},
    {"{nope: 1}", "unknown source \"nope\""},
    {"{$.a: '${nope}'}", "unknown source \"nope\""},
    {"{$.a: [b, '${$.x']}", "a ${ has no }"},
};

static void
bad_conditions_are_faults(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lang_forget(&lang);
		if (cond_compile(&lang.env, lang_yaml(&lang, bad[i].cond), NULL) != NULL)
			fail_msg("%s: compiled", bad[i].cond);
		lang_assert_fault(&lang, bad[i].cond, bad[i].fault);
	}
}

static const struct {
	const char *a, *b;
	bool exclude;
} pairs[] = {
    {"{$.a: present}", "{$.a: absent}", true},
    {"{$.a: present}", "{$.a: {not: present}}", true},
    {"{$.a: present}", "{$.b: absent}", false},
    {"{in.agent_id: 1}", "{in.agent_id: 2}", true},
    {"{$.a: 1}", "{$.a: 2}", false}, /* may be [1, 2] */
    {"{in.entries: 1}", "{in.entries: 2}", false},
    {"{'in.entries[0]': 1}", "{'in.entries[0]': 2}", true},
    {"{'in.days[*].part': am}", "{'in.days[*].part': pm}", false},
    {"{in.entries | join '': 1}", "{in.entries | join '': 2}", true},
    {"{in.agent_id | split '-': 1}", "{in.agent_id | split '-': 2}", false},
    {"{$.a: [1, 2]}", "{$.a: 2}", false},
    {"{$.a: [1, 2]}", "{$.a: {not: [1, 2, 3]}}", true},
    {"{$.a: 1}", "{$.a: {not: 2}}", false},
    {"{$.a: {not: 1}}", "{$.a: {not: 2}}", false},
    {"{$.a: /x/}", "{$.a: /y/}", false},
    {"{$.a: x}", "{$.a: absent}", true},
    {"{$.a: 1, in.was: 1}", "{in.was: 2}", true},
    {"{$.a: 1}", "{$.a: 1}", false},
    {"{in.agent_id: '${$.a}'}", "{in.agent_id: '${$.b}'}", false},
    {"{in.agent_id: '${$.a}'}", "{in.agent_id: 1}", false},
    {"{in.agent_id: '${$.a}'}", "{in.agent_id: {not: '${$.a}'}}", true},
    {"{in.agent_id: '${$.a}'}", "{in.agent_id: absent}", true},
};

static void
some_conditions_exclude_each_other(void **state)
{
	struct cond *a, *b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		a = cond_compile(&lang.env, lang_yaml(&lang, pairs[i].a), NULL);
		b = cond_compile(&lang.env, lang_yaml(&lang, pairs[i].b), NULL);
		assert_true(a != NULL && b != NULL);
		if (cond_exclude(a, b) != pairs[i].exclude ||
		    cond_exclude(b, a) != pairs[i].exclude)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
	}
}

static void
statuses_of_a_rule(void **state)
{
	struct cond *c =
	    cond_compile(&lang.env, lang_yaml(&lang, "{status: 4xx, $.code: 7}"), NULL);
	struct cond *only = cond_compile(&lang.env, lang_yaml(&lang, "{status: [404, 5xx]}"), NULL);
	struct cond *any = cond_compile(&lang.env, lang_yaml(&lang, "{$.code: 7}"), NULL);

	(void)state;
	assert_true(c != NULL && only != NULL && any != NULL);
	assert_true(cond_matches_status(c, 422));
	assert_false(cond_matches_status(c, 404));
	assert_true(cond_matches_status(only, 404));
	assert_true(cond_matches_status(only, 599));
	assert_false(cond_matches_status(only, 200));
	assert_true(cond_matches_status(any, 100));
	assert_false(cond_tests_only_status(c));
	assert_true(cond_tests_only_status(only));
	any = cond_compile(&lang.env, lang_yaml(&lang, "{status: '${in.agent_id}'}"), NULL);
	assert_true(any != NULL && cond_matches_status(any, 100) && !cond_tests_only_status(any));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(conditions_hold, setup, teardown),
	    cmocka_unit_test_setup_teardown(bad_conditions_are_faults, setup, teardown),
	    cmocka_unit_test_setup_teardown(some_conditions_exclude_each_other, setup, teardown),
	    cmocka_unit_test_setup_teardown(statuses_of_a_rule, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
