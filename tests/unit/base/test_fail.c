/*
 * test_fail.c: the codes' table, and that the first reason stands, whole or cut on a character.
 * (fail) in brackets is ours: cmocka has a macro of that name.
 */
#include "base/fail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void
test_every_code_is_told(void **state)
{
	const char *text, *dot;
	int i, j;

	(void)state;
	assert_string_equal(fail_code_text(CODE_NONE), "");
	for (i = 1; i < CODE_MAX; i++) {
		text = fail_code_text((enum fail_code)i);
		assert_true(strlen(fail_code_help((enum fail_code)i)) > 10);
		assert_in_range(fail_code_err((enum fail_code)i), GW_OK + 1, GW_ERR_MAX - 1);
		for (j = 0; j < i; j++)
			assert_string_not_equal(text, fail_code_text((enum fail_code)j));
		dot = strchr(text, '.');
		if (i != CODE_AUTH &&
		    (dot == NULL ||
			strspn(dot + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != strlen(dot + 1)))
			fail_msg("%s is not of the form AREA.REASON", text);
	}
}

static void
test_areas_name_who_can_act(void **state)
{
	static const struct {
		const char *text;
		enum fail_code code;
		enum gw_err err;
	} rows[] = {
	    {"", CODE_NONE, GW_OK},
	    {"INPUT.DATE", CODE_INPUT_DATE, GW_EINPUT},
	    {"ROUTE.BROKEN", CODE_ROUTE_BROKEN, GW_ECONFIG},
	    {"HRIS.OUTCOME_UNKNOWN", CODE_HRIS_OUTCOME_UNKNOWN, GW_EUNKNOWN},
	    {"HRIS.TIMEOUT", CODE_HRIS_TIMEOUT, GW_ERETRY},
	    {"HRIS.NOT_FOUND", CODE_HRIS_NOT_FOUND, GW_ENOTFOUND},
	    {"GATEWAY.MEMORY", CODE_GATEWAY_MEMORY, GW_EINTERNAL},
	    {"AUTH", CODE_AUTH, GW_EAUTH},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(fail_code_text(rows[i].code), rows[i].text);
		assert_int_equal(fail_code_err(rows[i].code), rows[i].err);
	}
}

static void
test_first_reason_stands(void **state)
{
	struct failure f = {.err = GW_OK};

	(void)state;
	assert_int_equal((fail)(&f, CODE_HRIS_BUSY, "come back in %d s", 5), GW_ERETRY);
	assert_int_equal((fail)(&f, CODE_INPUT_DATE, "another"), GW_ERETRY);
	assert_int_equal(f.code, CODE_HRIS_BUSY);
	assert_string_equal(f.text, "come back in 5 s");
	assert_int_equal(fail_memory(&f), GW_ERETRY);
	fail_clear(&f);
	assert_int_equal(f.err, GW_OK);
	assert_int_equal(f.code, CODE_NONE);
	assert_string_equal(f.text, "");
	assert_int_equal(fail_memory(&f), GW_EINTERNAL);
	assert_int_equal(f.code, CODE_GATEWAY_MEMORY);
}

/* A lack of memory is not the caller's fault, nor does it hide that something was written. */
static void
test_a_lack_of_memory_is_named(void **state)
{
	static const struct {
		enum fail_code code, named;
	} rows[] = {
	    {CODE_INPUT_BODY, CODE_GATEWAY_MEMORY},
	    {CODE_ROUTE_SETTING, CODE_GATEWAY_MEMORY},
	    {CODE_HRIS_ANSWER, CODE_GATEWAY_MEMORY},
	    {CODE_GATEWAY_STORE, CODE_GATEWAY_MEMORY},
	    {CODE_HRIS_OUTCOME_UNKNOWN, CODE_HRIS_OUTCOME_UNKNOWN},
	    {CODE_HRIS_DIFFERENT, CODE_HRIS_DIFFERENT},
	    {CODE_HRIS_NOT_APPROVED, CODE_HRIS_NOT_APPROVED},
	    {CODE_GATEWAY_IN_PROGRESS, CODE_GATEWAY_IN_PROGRESS},
	    {CODE_GATEWAY_BUSY, CODE_GATEWAY_BUSY},
	};
	struct failure f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f = (struct failure){.err = GW_OK};
		fail_for_memory(&f, true);
		assert_int_equal(f.err, GW_OK);
		(void)(fail)(&f, rows[i].code, "x");
		fail_for_memory(&f, false);
		assert_int_equal(f.code, rows[i].code);
		fail_for_memory(&f, true);
		assert_int_equal(f.code, rows[i].named);
		assert_int_equal(f.err, fail_code_err(rows[i].named));
	}
	/* One that was dealt with, or came second, counts too. */
	f = (struct failure){.err = GW_OK};
	(void)fail_memory(&f);
	fail_clear(&f);
	(void)(fail)(&f, CODE_INPUT_ID, "x");
	fail_for_memory(&f, false);
	assert_int_equal(f.code, CODE_GATEWAY_MEMORY);
}

/* A text of n bytes, then é (2 bytes) over and over: the cut may fall inside of one. */
static void
test_long_reasons_are_cut_on_a_character(void **state)
{
	char text[LIMIT_FAILURE_TEXT + 100];
	struct failure f;
	size_t lead, i;

	(void)state;
	for (lead = 0; lead < 4; lead++) {
		memset(text, 'x', lead);
		for (i = lead; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "\xC3\xA9", 2);
		text[i] = '\0';
		f = (struct failure){.err = GW_OK};
		(void)(fail)(&f, CODE_INPUT_FORM, "%s", text);
		assert_true(text_utf8(f.text, strlen(f.text)));
		assert_true(text_ends(f.text, "..."));
		assert_in_range(strlen(f.text), LIMIT_FAILURE_TEXT - 1, LIMIT_FAILURE_TEXT);
	}
	f = (struct failure){.err = GW_OK};
	(void)(fail)(&f, CODE_INPUT_FORM, "%*d", LIMIT_FAILURE_TEXT, 7);
	assert_true(text_ends(f.text, " 7"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_code_is_told),
	    cmocka_unit_test(test_areas_name_who_can_act),
	    cmocka_unit_test(test_first_reason_stands),
	    cmocka_unit_test(test_a_lack_of_memory_is_named),
	    cmocka_unit_test(test_long_reasons_are_cut_on_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
