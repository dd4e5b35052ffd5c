/*
 * test_expr.c: what expressions select, and that every name in them is checked when they are read.
 */
#include "tests/unit/kit/lang_kit.h"

#include "lang/in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct lang lang;

static const char in[] =
    "{\"agent_id\": \"4\", \"type\": {\"id\": \"78\", \"unit\": \"hours\"}, \"min_date\": "
    "\"2026-06-15\","
    " \"total_minutes\": 935, \"days\": [{\"date\": \"2026-06-15\", \"minutes\": 480},"
    " {\"date\": \"2026-06-16\", \"minutes\": 455}]}";
static const char answer[] =
    "{\"id\": 900719925474099312, \"list\": [{\"n\": 1}, {\"n\": \"2\"}], \"one\": [7], \"none\": "
    "[],"
    " \"a b\": \"x\", \"nothing\": null, \"no\": false, \"deep\": {\"n\": 3, \"m\": {\"n\": 4}}}";

static int
setup(void **state)
{
	static const struct http_header headers[] = {
	    {.name = "X-Count", .value = "3"}, {.name = "Link", .value = "<next>"}};

	(void)state;
	lang_open(&lang);
	lang.env.answer_side = true;
	lang.env.record = true;
	lang.env.steps = lang_json(&lang, "{\"first\": [\"id\", \"list\"]}");
	lang.scope.in = lang_json(&lang, in);
	lang.scope.answer = lang_json(&lang, answer);
	lang.scope.record = lang_json(&lang, "{\"id\": 5, \"dates\": {\"2026-01-01\": 1}}");
	lang.scope.settings = lang_json(&lang, "{\"plain\": \"p\"}");
	lang.scope.steps = lang_json(&lang, "{\"first\": {\"id\": \"s1\", \"list\": [1, 2]}}");
	lang.call = (struct http_call){.status = 207,
	    .answer_headers = headers,
	    .n_answer_headers = 2,
	    .answer = "raw <b>",
	    .answer_len = 7};
	lang.scope.call = &lang.call;
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
	const char *text, *value, *one; /* as a value; as one text, "!" before a failure */
} rows[] = {
    {"in.agent_id", "\"4\"", "4"},
    {"in.type.unit", "\"hours\"", "hours"},
    {"in.days[1].minutes", "455", "455"},
    {"in.days[*].minutes | sum", "935", "935"},
    {"in.days[?@.minutes > 455].date", "[\"2026-06-15\"]", "2026-06-15"},
    {"in.days[?@.minutes > $.type.day_minutes]", "[]", "(absent)"},
    {"in.request_id", "(absent)", "(absent)"},
    {"in.request_id | default .id", "5", "5"},
    {"settings.plain", "\"p\"", "p"},
    {"settings.url", "(absent)", "(absent)"},
    {"steps.first.id", "\"s1\"", "s1"},
    {"status", "207", "207"},
    {"header.x-count", "\"3\"", "3"},
    {"header.Nope", "(absent)", "(absent)"},
    {"text", "\"raw <b>\"", "raw <b>"},
    {"$.id", "900719925474099312", "900719925474099312"},
    {"$.list[*].n", "[1,\"2\"]", "!a list where one value is wanted"},
    {"$..n", "[1,\"2\",3,4]", "!a list where one value is wanted"},
    {"$.one", "[7]", "7"},
    {"$.one[*]", "[7]", "7"},
    {"$.none", "[]", "(absent)"},
    {"$['a b']", "\"x\"", "x"},
    {"$.nothing", "null", "(absent)"},
    {"$.no", "false", "false"},
    {"$.nowhere.at.all", "(absent)", "(absent)"},
    {"$.deep", "{\"n\":3,\"m\":{\"n\":4}}", "!an object where one value is wanted"},
    {".id", "5", "5"},
    {"@.id", "5", "5"},
    {"@ | get 'id'", "5", "5"},
    {".dates | keys | first", "\"2026-01-01\"", "2026-01-01"},
    {"'it''s'", "\"it's\"", "it's"},
    {"-1.50", "-1.50", "-1.50"},
    {"APPROVED", "\"APPROVED\"", "APPROVED"},
    {"day.date", "\"2026-06-16\"", "2026-06-16"},
    {"  in.agent_id   |  text  ", "\"4\"", "4"},
};

static void
expressions_select(void **state)
{
	static const char *const words[] = {"APPROVED"};
	struct bound_name bound = {"day", shape_member(shape_in(), "days"), NULL};
	struct binding binding = {"day", NULL, NULL};
	const char *text;
	struct expr *e;
	struct value *v;
	size_t i;

	(void)state;
	lang.env.words = words;
	lang.env.n_words = 1;
	lang.env.bound = &bound;
	binding.value = lang_json(&lang, "{\"date\": \"2026-06-16\"}");
	lang.scope.bound = &binding;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lang_forget(&lang);
		e = expr_compile(&lang.env, rows[i].text, strlen(rows[i].text), NULL);
		lang_assert_no_fault(&lang, rows[i].text);
		assert_non_null(e);
		assert_int_equal(expr_eval(e, &lang.scope, &v), GW_OK);
		if (strcmp(lang_text(&lang, v), rows[i].value) != 0)
			fail_msg("%s: expected %s, got %s", rows[i].text, rows[i].value,
			    lang_text(&lang, v));
		if (expr_text(e, &lang.scope, &text) != GW_OK) {
			if (rows[i].one[0] != '!' ||
			    strstr(lang.failure.text, rows[i].one + 1) == NULL)
				fail_msg("%s as text: %s", rows[i].text, lang.failure.text);
			continue;
		}
		if (strcmp(text == NULL ? "(absent)" : text, rows[i].one) != 0)
			fail_msg(
			    "%s as text: expected %s, got %s", rows[i].text, rows[i].one, text);
	}
}

static const struct {
	const char *text, *fault;
	bool request; /* the request side */
} bad[] = {
    {"", "an expression was expected", false},
    {"  ", "an expression was expected", false},
    {"in.agent_idd", "unknown member \"agent_idd\" (did you mean \"agent_id\"?)", false},
    {"in.type.units", "did you mean \"unit\"?", false},
    {"in.days[*].minute", "did you mean \"minutes\"?", false},
    {"in.days.date", "days is a list", false},
    {"in.agent_id.x", "agent_id is one value", false},
    {"in.dates[0].year", "dates is one value", false},
    {"settings.plane", "unknown setting \"plane\" (did you mean \"plain\"?)", false},
    {"settings", "settings.NAME was expected", false},
    {"settings.key", "a secret setting may stand only in auth and form", false},
    {"steps.frist.id", "did you mean \"first\"?", false},
    {"steps.first.ids", "did you mean \"id\"?", false},
    {"steps.first", "steps.NAME.WHAT-IT-SETS was expected", false},
    {"inn.x", "unknown source \"inn\" (did you mean \"in\"?)", false},
    {"header", "header needs a name", false},
    {"$.a[", "in \"$.a[\":", false},
    {"$.a b", "a | was expected", false},
    {"'open", "has no end", false},
    {"1.2.3", "a number is digits", false},
    {"%x", "unexpected character", false},
    {"$.id", "no answer yet", true},
    {".id", "no answer yet", true},
    {"status", "no answer yet", true},
    {"header.X", "no answer yet", true},
    {"header", "header needs a name: header.Retry-After", false},
    {"header.", "header needs a name: header.Retry-After", false},
    {"header. X", "header needs a name: header.Retry-After", false},
};

static void
bad_expressions_are_faults(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lang_forget(&lang);
		lang.env.answer_side = !bad[i].request;
		lang.env.record = !bad[i].request;
		if (expr_compile(&lang.env, bad[i].text, strlen(bad[i].text), NULL) != NULL)
			fail_msg("%s: compiled", bad[i].text);
		lang_assert_fault(&lang, bad[i].text, bad[i].fault);
	}
}

static void
secrets_only_in_auth_and_form(void **state)
{
	(void)state;
	lang.env.secrets = true;
	assert_non_null(expr_compile(&lang.env, "settings.key", 12, NULL));
}

/* A map over a status must know both that can come. */
static void
maps_of_statuses_are_whole(void **state)
{
	(void)state;
	assert_non_null(expr_compile(&lang.env, "in.status | map both", 20, NULL));
	assert_non_null(expr_compile(&lang.env, "in.was | map e", 14, NULL));
	assert_null(expr_compile(&lang.env, "in.status | map m", 17, NULL));
	lang_assert_fault(&lang, "in.status", "lacks a status");
}

static void
a_long_expression_is_a_fault(void **state)
{
	char text[6000];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_null(expr_compile(&lang.env, text, sizeof(text), NULL));
	lang_assert_fault(&lang, "long", "too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(expressions_select, setup, teardown),
	    cmocka_unit_test_setup_teardown(bad_expressions_are_faults, setup, teardown),
	    cmocka_unit_test_setup_teardown(secrets_only_in_auth_and_form, setup, teardown),
	    cmocka_unit_test_setup_teardown(maps_of_statuses_are_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_expression_is_a_fault, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
