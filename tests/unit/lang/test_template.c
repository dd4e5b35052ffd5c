/*
 * test_template.c: values are encoded for their place, or stop the request; trees as YAML says
 * them.
 */
#include "tests/unit/kit/lang_kit.h"
#include "format/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct lang lang;

static const char in[] =
    "{\"agent_id\": \"4\", \"slash\": \"1/2\", \"dots\": \"..\", \"dot\": \".\", \"query\": "
    "\"a?b#c&d=e\","
    " \"bell\": \"a\\u0007\", \"crlf\": \"a\\r\\nX: y\", \"quote\": \"O'Neil\", \"type_id\": \"78\", \"status\": "
    "\"PENDING\","
    " \"partial\": true, \"first\": \"2026-01-01\", \"percent\": \"%2e%2e\", \"notes\": \"x "
    "\\\"y\\\"\","
    " \"nothing\": null, \"days\": [{\"date\": \"2026-06-15\", \"minutes\": 480},"
    " {\"date\": \"2026-06-16\", \"minutes\": 0}], \"type\": {\"unit\": \"days\"}}";

enum place { AS_TEXT, AS_VALUE, AS_PATH, AS_QUERY, AS_XML };

/* Members of the record are any value; "!" before the code of a failure. */
static const struct {
	const char *promise;
	enum place place;
	const char *template, *out;
} rows[] = {
    {"literal text", AS_TEXT, "a $filter b", "a $filter b"},
    {"a lone dollar is literal", AS_TEXT, "$top=1 $$", "$top=1 $$"},
    {"empty text", AS_TEXT, "", ""},
    {"text in text", AS_TEXT, "a-${.agent_id}-b", "a-4-b"},
    {"absent alone is absent", AS_TEXT, "${.gone}", "(absent)"},
    {"absent in text stops", AS_TEXT, "a ${.gone}", "!INPUT.ID"},
    {"absent notes are empty, and their blank goes", AS_TEXT, "${in.marker} ${in.notes}", "M"},
    {"the same before the marker", AS_TEXT, "${in.notes} ${in.marker}", "M"},
    {"and between texts none", AS_TEXT, "  ${in.marker}  ", "  M  "},
    {"an absent setting is the route's fault", AS_TEXT, "a ${settings.url}", "!ROUTE.SETTING"},
    {"a list in text stops", AS_TEXT, "a ${.days[*].date}", "!INPUT.ID"},
    {"an object in text stops", AS_TEXT, "a ${.type}", "!INPUT.ID"},
    {"a brace in quotes", AS_TEXT, "${'}'}x", "}x"},
    {"a filter's brackets", AS_TEXT, "${.days[?@.minutes > 0].date}!", "2026-06-15!"},
    {"alone keeps its type", AS_VALUE, "${.partial}", "true"},
    {"alone keeps null", AS_VALUE, "${.nothing}", "null"},
    {"alone keeps a list", AS_VALUE, "${.days[*].minutes}", "[480,0]"},
    {"with text it is text", AS_VALUE, "x${.partial}", "\"xtrue\""},
    {"a slash stays in the id", AS_PATH, "/e/${.slash}/x", "/e/1%2F2/x"},
    {"a question mark too", AS_PATH, "/e/${.query}", "/e/a%3Fb%23c%26d%3De"},
    {"dot-dot is refused", AS_PATH, "/e/${.dots}/x", "!INPUT.ID"},
    {"dot-dot at the end", AS_PATH, "/e/${.dots}", "!INPUT.ID"},
    {"dot is refused", AS_PATH, "/e/${.dot}", "!INPUT.ID"},
    {"two that make dot-dot", AS_PATH, "/e/${.dot}${.dot}", "!INPUT.ID"},
    {"dots however they are written", AS_PATH, "/e/%2e${.dot}", "!INPUT.ID"},
    {"dots beside text are a name", AS_PATH, "/e/a${.dots}", "/e/a.."},
    {"encoded dots are encoded again", AS_PATH, "/e/${.percent}", "/e/%252e%252e"},
    {"a line end is refused", AS_PATH, "/e/${.crlf}", "!INPUT.ID"},
    {"absent in a path stops", AS_PATH, "/e/${.gone}", "!INPUT.ID"},
    {"a slash at the end may stay", AS_PATH, "/e/", "/e/"},
    {"alone in a query: anything", AS_QUERY, "${.query}", "a?b#c&d=e"},
    {"alone and absent in a query", AS_QUERY, "${.gone}", "(absent)"},
    {"beside text: letters and digits", AS_QUERY, "id eq ${.type_id}", "id eq 78"},
    {"beside text: no quote", AS_QUERY, "name eq '${.quote}'", "!INPUT.ID"},
    {"beside text: doubled by odata", AS_QUERY, "name eq '${.quote | odata}'", "name eq 'O''Neil'"},
    {"beside text: no blank", AS_QUERY, "x=${.notes}", "!INPUT.ID"},
    {"values in XML are escaped", AS_XML, "<a b='${.quote}'>${.notes}${.query}</a>",
	"<a b='O&#39;Neil'>x &#34;y&#34;a?b#c&#38;d=e</a>"},
    {"a line end in XML", AS_XML, "<a>${.crlf}</a>", "<a>a&#13;\nX: y</a>"},
    {"a control character in XML stops", AS_XML, "<a>${.bell}</a>", "!INPUT.ID"},
    {"absent in XML stops", AS_XML, "<a>${.gone}</a>", "!INPUT.ID"},
};

static int
setup(void **state)
{
	(void)state;
	lang_open(&lang);
	lang.env.answer_side = true;
	lang.env.record = true;
	lang.scope.record = lang_json(&lang, in);
	lang.scope.in = lang_json(&lang, "{\"marker\": \"M\"}");
	lang.scope.settings = value_object(&lang.arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lang_close(&lang);
	return 0;
}

static enum gw_err
write_to(enum place place, const struct template *t, const char **out)
{
	struct value *v = NULL;
	enum gw_err err;
	struct buf b;

	switch (place) {
	case AS_TEXT:
		return template_text(t, &lang.scope, out);
	case AS_QUERY:
		lang.scope.query = true;
		err = template_value(t, &lang.scope, &v);
		lang.scope.query = false;
		*out = value_str(v);
		return err;
	case AS_VALUE:
		err = template_value(t, &lang.scope, &v);
		*out = lang_text(&lang, v);
		return err;
	case AS_XML:
		buf_init(&b, 1000);
		err = template_xml(t, &lang.scope, &b);
		*out = arena_strdup(&lang.arena, b.data);
		buf_clear(&b);
		return err;
	default:
		buf_init(&b, 1000);
		err = template_path(t, &lang.scope, &b);
		*out = arena_strdup(&lang.arena, b.data);
		buf_clear(&b);
		return err;
	}
}

static void
values_fit_their_place(void **state)
{
	struct template *t;
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lang_forget(&lang);
		t = template_compile(&lang.env, value_text(&lang.arena, rows[i].template));
		lang_assert_no_fault(&lang, rows[i].promise);
		assert_non_null(t);
		got = NULL;
		if (write_to(rows[i].place, t, &got) != GW_OK)
			got = arena_printf(&lang.arena, "!%s", fail_code_text(lang.failure.code));
		if (strcmp(got == NULL ? "(absent)" : got, rows[i].out) != 0)
			fail_msg("%s: %s gave %s, not %s (%s)", rows[i].promise, rows[i].template,
			    got == NULL ? "(absent)" : got, rows[i].out, lang.failure.text);
	}
}

static const struct {
	const char *yaml, *out;
} trees[] = {
    {"{a: 1, b: true, c: null, d: '1', e: no}",
	"{\"a\":1,\"b\":true,\"c\":null,\"d\":\"1\",\"e\":\"no\"}"},
    {"{id: '${.type_id | number}', gone: '${.gone}'}", "{\"id\":78}"},
    {"[a, '${.agent_id}']", "[\"a\",\"4\"]"},
    {"[a, '${.gone}']", "!INPUT.ID"},
    {"{l: ['${.gone}']}", "!INPUT.ID"},
    {"{ids: '${.gone | default .days[*].minutes}'}", "{\"ids\":[480,0]}"},
    {"{for: {d: '.days'}, item: '${d.date}'}", "[\"2026-06-15\",\"2026-06-16\"]"},
    {"[0, {for: {d: '.days'}, item: '${d.minutes}'}, 1]", "[0,480,0,1]"},
    {"{for: {d: '.days'}, where: {d.minutes: {not: '0'}}, item: '${d.date}'}", "[\"2026-06-15\"]"},
    {"{for: {d: '.days'}, key: '${d.date}', value: {m: '${d.minutes}'}}",
	"{\"2026-06-15\":{\"m\":480},\"2026-06-16\":{\"m\":0}}"},
    {"{for: {d: '.days'}, key: same, value: 1}", "!INPUT.ID"},
    {"{for: {d: '.days'}, item: '${d.gone}'}", "!INPUT.ID"},
    {"{for: {d: '.gone'}, item: 1}", "[]"},
    {"{for: {a: [1, 2], b: [x, y]}, item: '${a}${b}'}", "[\"1x\",\"1y\",\"2x\",\"2y\"]"},
    {"{for: {a: '.type'}, item: 1}", "!INPUT.ID"},
    {"{when: {.status: PENDING}, then: a, else: b}", "\"a\""},
    {"{when: {.status: APPROVED}, then: a, else: b}", "\"b\""},
    {"{x: {when: {.status: APPROVED}, then: a}}", "{}"},
    {"[{when: {.status: APPROVED}, then: a}, c]", "[\"c\"]"},
    {"[{when: {.status: PENDING}, then: '${.gone}'}, c]", "!INPUT.ID"},
    {"[{when: {.status: APPROVED}, then: a, else: {when: {.gone: absent}, then: b}}]", "[\"b\"]"},
    {"{x: {when: {.status: PENDING}, then: '${.gone}'}}", "{}"},
    {"{inputData: {json: {a: '${.notes}', b: [1]}}}",
	"{\"inputData\":\"{\\\"a\\\":\\\"x \\\\\\\"y\\\\\\\"\\\",\\\"b\\\":[1]}\"}"},
    {"{note: '${in.marker} ${in.notes}'}", "{\"note\":\"M\"}"},
    {"'${.gone}'", "(absent)"},
};

static void
trees_say_bodies(void **state)
{
	struct tree *t;
	struct value *v;
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		lang_forget(&lang);
		t = tree_compile(&lang.env, lang_yaml(&lang, trees[i].yaml));
		lang_assert_no_fault(&lang, trees[i].yaml);
		assert_non_null(t);
		v = NULL;
		if (tree_eval(t, &lang.scope, &v) != GW_OK)
			got = arena_printf(&lang.arena, "!%s", fail_code_text(lang.failure.code));
		else
			got = lang_text(&lang, v);
		if (strcmp(got, trees[i].out) != 0)
			fail_msg("%s: expected %s, got %s (%s)", trees[i].yaml, trees[i].out, got,
			    lang.failure.text);
	}
}

static const struct {
	const char *yaml, *fault;
} bad[] = {
    {"{a: '${.x'}", "a ${ has no }"},
    {"{a: '${}'}", "an expression was expected"},
    {"{for: {d: .days}, item: 1, more: 2}",
	"unknown key \"more\" in {for, where, item, key, value}"},
    {"{for: {d: .days}}", "for needs item"},
    {"{for: {d: .days}, key: a}", "for needs item"},
    {"{for: {in: .days}, item: 1}", "\"in\" cannot be a name here"},
    {"{for: {'a-b': .days}, item: 1}", "\"a-b\" cannot be a name here"},
    {"{for: x, item: 1}", "{NAME: EXPR or list, ...} was expected"},
    {"{for: {d: {a: 1}}, item: 1}", "a name is bound to an expression or a list"},
    {"{when: {.a: 1}, else: 2}", "when needs then"},
    {"{when: {.a: 1}, then: 2, other: 3}", "unknown key \"other\" in {when, then, else}"},
    {"{'${.a}': 1}", "a name is not live"},
    {"{a: '{\"b\": \"${.x}\"}'}", "JSON glued by hand"},
    {"{a: '[\"${.x}\"]'}", "JSON glued by hand"},
};

static void
bad_trees_are_faults(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		lang_forget(&lang);
		if (tree_compile(&lang.env, lang_yaml(&lang, bad[i].yaml)) != NULL)
			fail_msg("%s: compiled", bad[i].yaml);
		lang_assert_fault(&lang, bad[i].yaml, bad[i].fault);
	}
}

static const struct {
	const char *path;
	bool good;
} paths[] = {
    {"/a/b-c.d_e~f", true},
    {"/time_off/requests/${.agent_id}/status", true},
    {"/a(b)/c;v=1,2/@x:y", true},
    {"/a%20b", true},
    {"/a/", true},
    {"/a b", false},
    {"/a%2", false},
    {"/a%zz", false},
    {"/a?b=c", false},
    {"/a#b", false},
    {"/a//b", false},
    {"/a/../b", false},
    {"/a/..", false},
    {"/a/%2E%2e/b", false},
    {"/a/%2e", false},
    {"/a/%2e%2e%2e", true},
    {"/a/..b/.c", true},
    {"/a/./b", false},
    {"/a\\b", false},
    {"/\xC3\x84", false},
};

static void
literal_paths_are_checked(void **state)
{
	struct template *t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		t = template_compile(&lang.env, value_text(&lang.arena, paths[i].path));
		assert_non_null(t);
		if ((template_path_fault(t) == NULL) != paths[i].good)
			fail_msg("%s: %s", paths[i].path,
			    template_path_fault(t) == NULL ? "taken" : template_path_fault(t));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(values_fit_their_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(trees_say_bodies, setup, teardown),
	    cmocka_unit_test_setup_teardown(bad_trees_are_faults, setup, teardown),
	    cmocka_unit_test_setup_teardown(literal_paths_are_checked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
