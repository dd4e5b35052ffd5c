/* test_filter.c: each filter on values it takes and values it refuses. */
#include "lang/filter.h"
#include "tests/unit/kit/lang_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct lang lang;

/*
 * The record is {"v": IN, "n": 2, "list": [1, 2]}; "!" before what is expected: a failure with
 * that.
 */
static const struct {
	const char *filters, *in, *out;
} rows[] = {
    {"text", "12.50", "\"12.50\""},
    {"text", "true", "\"true\""},
    {"text", "null", "(absent)"},
    {"text", "{}", "!text was expected"},
    {"number", "\"972601000000315002\"", "972601000000315002"},
    {"number", "\"+5\"", "5"},
    {"number", "\"007\"", "!a number was expected"},
    {"number", "\"abc\"", "!a number was expected"},
    {"number", "\"\"", "!a number was expected"},
    {"number", "[\"1\", \"2\"]", "[1,2]"},
    {"number", "[\"1\", null]", "[1]"},
    {"decimal ','", "\"1.234,50\"", "1234.5"},
    {"decimal", "\"1,234.50\"", "1234.5"},
    {"decimal", "\"x\"", "!a number was expected"},
    {"boolean", "\"Yes\"", "true"},
    {"boolean", "0", "false"},
    {"boolean", "\"maybe\"", "!was expected"},
    {"not", "false", "true"},
    {"not", "\"yes\"", "false"},
    {"lower", "\"ABC-\xC3\x84\"", "\"abc-\xC3\x84\""},
    {"upper", "\"abz\"", "\"ABZ\""},
    {"trim", "\" \\t a b \\n\"", "\"a b\""},
    {"trim", "\"   \"", "\"\""},
    {"default 'd'", "null", "\"d\""},
    {"default .n", "null", "2"},
    {"default 'd'", "\"v\"", "\"v\""},
    {"default 'd'", "false", "false"},
    {"map m", "\"a\"", "\"x\""},
    {"map m", "1", "\"one\""},
    {"map m", "true", "\"yes\""},
    {"map m", "\"gone\"", "(absent)"},
    {"map m", "\"b\"", "!does not list"},
    {"map m", "null", "(absent)"},
    {"map e", "\"b\"", "\"y\""},
    {"map settings.table", "\"a\"", "\"x\""},
    {"map settings.table", "\"b\"", "(absent)"},
    {"map settings.none", "\"a\"", "(absent)"},
    {"map e", "[\"a\", \"b\"]", "[\"x\",\"y\"]"},
    {"slice 0 10", "\"2026-01-02T08:00\"", "\"2026-01-02\""},
    {"slice -2", "\"abc\"", "\"bc\""},
    {"slice 1 -1", "\"\xC3\x84\xC3\x96\xC3\x9C\"", "\"\xC3\x96\""},
    {"slice 5", "\"abc\"", "\"\""},
    {"slice 2 1", "\"abc\"", "\"\""},
    {"split ','", "\"14,15\"", "[\"14\",\"15\"]"},
    {"split ','", "\"14\"", "[\"14\"]"},
    {"split ','", "\"\"", "[]"},
    {"split ',' | number", "\"14,15\"", "[14,15]"},
    {"join ','", "[14, \"b\"]", "\"14,b\""},
    {"join ','", "[]", "(absent)"},
    {"join ','", "[{}]", "!no text"},
    {"join ','", "\"a\"", "!a list was expected"},
    {"replace 'a' 'bb'", "\"banana\"", "\"bbbnbbnbb\""},
    {"replace 'a' ''", "\"banana\"", "\"bnn\""},
    {"times 100", "7.5833", "758.33"},
    {"times .n", "\"1.5\"", "3"},
    {"times 2", "\"x\"", "!numbers that fit"},
    {"mod 5", "-1", "4"},
    {"plus 0.25", "\"80.5\"", "80.75"},
    {"plus .n", "1", "3"},
    {"plus .gone", "1", "!numbers that fit"},
    {"minus .n", "0.5", "-1.5"},
    {"minus 1", "\"x\"", "!numbers that fit"},
    {"find id 2", "[{\"id\": 1}, {\"id\": \"2\", \"m\": true}]", "{\"id\":\"2\",\"m\":true}"},
    {"find id .n", "[{\"id\": 2}, {\"no\": 2}, 2]", "{\"id\":2}"},
    {"find id 3", "[{\"id\": 2}]", "(absent)"},
    {"find id .gone", "[{\"id\": 2}]", "(absent)"},
    {"find id 2", "[]", "(absent)"},
    {"find id 2", "[{\"id\": 2}, {\"id\": 2}]", "!two items have that key"},
    {"find id 2", "{\"id\": 2}", "!a list was expected"},
    {"mod 0", "1", "!numbers that fit"},
    {"round 0.25", "1.1249", "1"},
    {"round 0.5", "0.25", "0"},
    {"round 0.5", "0.75", "1"},
    {"floor", "-7.5", "-8"},
    {"floor", "22.799999999999997", "22"},
    {"as hours", "455", "7.5833"},
    {"as days", "240", "0.5"},
    {"as minutes", "5", "5"},
    {"as clock", "150", "\"2:30\""},
    {"as .u", "480", "1"},
    {"as hours", "1.5", "!whole minutes"},
    {"from hours", "\"7.5833\"", "455"},
    {"from hours", "22.799999999999997", "1368"},
    {"from days", "0.5", "240"},
    {"from clock", "\"09:30\"", "570"},
    {"from hours", "\"x\"", "!an amount was expected"},
    {"date 'DD.MM.YYYY'", "\"2026-12-31\"", "\"31.12.2026\""},
    {"date epoch", "\"1970-01-02\"", "\"86400\""},
    {"date 'D'", "\"2026-02-30\"", "!a date"},
    {"parse-date 'DD-MMM-YYYY'", "\"07-Jan-2021\"", "\"2021-01-07\""},
    {"parse-date 'DD-MMM-YYYY'", "\"7 January\"", "!a date of that pattern"},
    {"add-days -1", "\"2026-03-01\"", "\"2026-02-28\""},
    {"add-days 1", "\"2024-02-28\"", "\"2024-02-29\""},
    {"add-days 99999", "\"2026-03-01\"", "!a whole number of days"},
    {"first", "[3, 4]", "3"},
    {"last", "[3, 4]", "4"},
    {"first", "[]", "(absent)"},
    {"count", "[3, 4]", "2"},
    {"count", "{\"a\": 1}", "1"},
    {"count", "3", "!a list was expected"},
    {"sum", "[\"0.1\", 0.2]", "0.3"},
    {"sum", "[]", "0"},
    {"sum", "[\"x\"]", "!numbers"},
    {"min", "[10, 9, \"8.5\"]", "\"8.5\""},
    {"max", "[\"2026-01-02\", \"2026-01-10\"]", "\"2026-01-10\""},
    {"max", "[]", "(absent)"},
    {"unique", "[1, \"1\", 2, 1]", "[1,2]"},
    {"sort", "[10, 9, 100]", "[9,10,100]"},
    {"entries", "{\"k\": 1}", "[{\"key\":\"k\",\"value\":1}]"},
    {"entries", "[]", "[]"},
    {"entries", "[1]", "!an object was expected"},
    {"keys", "{\"k\": 1, \"l\": 2}", "[\"k\",\"l\"]"},
    {"get 1", "[3, 4]", "4"},
    {"get 2", "[3, 4]", "(absent)"},
    {"get 'k'", "{\"k\": 1}", "1"},
    {"get .n", "[3, 4, 5]", "5"},
    {"chunk 2", "[1, 2, 3]", "[[1,2],[3]]"},
    {"json", "{\"a\": [1, null]}", "\"{\\\"a\\\":[1,null]}\""},
    {"json", "null", "\"null\""},
    {"base64", "\"key-1:x\"", "\"a2V5LTE6eA==\""},
    {"odata", "\"O'Neil\"", "\"O''Neil\""},
    {"trim | upper | default 'X'", "\" a \"", "\"A\""},
};

static int
setup(void **state)
{
	(void)state;
	lang_open(&lang);
	lang.env.answer_side = true;
	lang.env.record = true;
	lang.scope.settings = lang_json(&lang, "{\"table\": {\"a\": \"x\"}}");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lang_close(&lang);
	return 0;
}

static void
filters_keep_their_promises(void **state)
{
	char text[256], record[512];
	struct expr *e;
	struct value *v;
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lang_forget(&lang);
		snprintf(text, sizeof(text), ".v | %s", rows[i].filters);
		snprintf(
		    record, sizeof(record), "{\"v\": %s, \"n\": 2, \"u\": \"days\"}", rows[i].in);
		e = expr_compile(&lang.env, text, strlen(text), NULL);
		lang_assert_no_fault(&lang, text);
		assert_non_null(e);
		lang.scope.record = lang_json(&lang, record);
		v = NULL;
		if (expr_eval(e, &lang.scope, &v) != GW_OK)
			got = lang.failure.text;
		else
			got = lang_text(&lang, v);
		if (rows[i].out[0] == '!' ? strstr(got, rows[i].out + 1) == NULL
					  : strcmp(got, rows[i].out) != 0)
			fail_msg("%s of %s: expected %s, got %s", rows[i].filters, rows[i].in,
			    rows[i].out, got);
	}
}

/* An amount that would read back as other minutes is refused; steps come from `amounts`. */
static void
amounts_in_the_declared_step(void **state)
{
	struct expr *e = expr_compile(&lang.env, ".v | as days", 12, NULL);
	struct value *v = NULL;

	(void)state;
	assert_non_null(e);
	lang.traits.can[UNIT_DAYS] = true;
	assert_true(decimal_parse("0.5", &lang.traits.step[UNIT_DAYS]));
	lang.scope.record = lang_json(&lang, "{\"v\": 240}");
	assert_int_equal(expr_eval(e, &lang.scope, &v), GW_OK);
	assert_string_equal(lang_text(&lang, v), "0.5");
	lang.scope.record = lang_json(&lang, "{\"v\": 100}");
	assert_int_equal(expr_eval(e, &lang.scope, &v), GW_EINPUT);
	assert_int_equal(lang.failure.code, CODE_INPUT_AMOUNT);
}

static const struct {
	const char *text, *fault;
} bad[] = {
    {".v | upcase", "unknown filter \"upcase\""},
    {".v | uper", "did you mean \"upper\"?"},
    {".v | slice", "needs an argument"},
    {".v | trim 1", "more arguments"},
    {".v | slice 'a'", "argument of slice is a whole number"},
    {".v | as hour_day", "argument of as is minutes, hours"},
    {".v | from half-day", "argument of from is minutes"},
    {".v | date 'QQ'", "argument of date is a date pattern"},
    {".v | round 0", "number above 0"},
    {".v | chunk 0", "number above 0"},
    {".v | split ''", "not empty"},
    {".v | decimal ';'", "'.' or ','"},
    {".v | map nope", "unknown map \"nope\""},
    {".v | map settings.plain", "or a setting of which kind is map"},
    {".v | map settings.tabel", "did you mean \"table\"?"},
    {".v | boolean | times 2", "times works on a number, and boolean gives a boolean"},
    {".v | count | first", "first works on a list, and count gives a number"},
    {".v | split ',' | entries", "entries works on a object, and split gives a list"},
    {"'x' | first", "first works on a list"},
    {"status | sum", "sum works on a list"},
    {".v |", "unknown filter \"\""},
    {".v | trim upper", "more arguments"},
};

static void
bad_filters_are_faults(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lang_forget(&lang);
		if (expr_compile(&lang.env, bad[i].text, strlen(bad[i].text), NULL) != NULL)
			fail_msg("%s: compiled", bad[i].text);
		lang_assert_fault(&lang, bad[i].text, bad[i].fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(filters_keep_their_promises, setup, teardown),
	    cmocka_unit_test_setup_teardown(amounts_in_the_declared_step, setup, teardown),
	    cmocka_unit_test_setup_teardown(bad_filters_are_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
