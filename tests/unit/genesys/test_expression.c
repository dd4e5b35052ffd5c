/* test_expression.c: Architect's expressions, from text and from an export's trees. */
#include "genesys/expression.h"

#include "base/buf.h"
#include "base/text.h"
#include "format/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char variables_text[] =
    "{\"Flow.s\": \"a\", \"Flow.n\": 7, \"Flow.list\": [\"x\", \"y\"], \"Flow.none\": null, \"State.i\": 0}";

struct row {
	const char *in, *out; /* JSON; NULL: it does not run, or cannot be read */
};

static const struct value *
value_of(struct arena *a, const char *text)
{
	char why[200];

	return json_parse(a, text, strlen(text), &json_answer, why, sizeof(why));
}

static void
check_one(struct arena *a, const char *what, const struct expression *e, const char *wanted)
{
	const struct value *v = NULL;
	char why[EXPRESSION_WHY_MAX] = "";
	struct buf b;

	buf_init(&b, 4096);
	if (e != NULL)
		v = expression_run(a, e, value_of(a, variables_text), why);
	if (v != NULL)
		json_value(&b, v);
	if ((v == NULL) != (wanted == NULL) || (v != NULL && strcmp(b.data, wanted) != 0))
		fail_msg("%s: gave %s (%s)", what, b.data, why);
	if (e != NULL && v == NULL && why[0] == '\0')
		fail_msg("%s: failed without a reason", what);
	buf_clear(&b);
}

static void
check(const struct row *rows, size_t n, bool tree)
{
	char why[EXPRESSION_WHY_MAX];
	struct expression *e;
	struct arena a;
	size_t i;

	for (i = 0; i < n; i++) {
		arena_init(&a, 1024 * 1024);
		e = tree ? expression_from_tree(&a, value_of(&a, rows[i].in), why)
			 : expression_parse(&a, rows[i].in, why);
		if (e == NULL && (rows[i].out != NULL || why[0] == '\0'))
			fail_msg("%s: %s", rows[i].in, why);
		check_one(&a, rows[i].in, e, rows[i].out);
		arena_clear(&a);
	}
}

static void
test_values(void **state)
{
	static const struct row rows[] = {
	    {"\"a\"", "\"a\""},
	    {"\"\\\"q\\\" \\\\ \\n\"", "\"\\\"q\\\" \\\\ \\n\""},
	    {"12", "12"},
	    {" true ", "true"},
	    {"NOT_SET", "null"},
	    {"Flow.s", "\"a\""},
	    {"Flow.list", "[\"x\",\"y\"]"},
	    {"Flow.other", NULL},
	    {"other", NULL},
	    {"", NULL},
	    {"\"a", NULL},
	    {"(1", NULL},
	    {"1 2", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), false);
}

static void
test_operators(void **state)
{
	static const struct row rows[] = {
	    {"1 + 2 * 3", "7"},
	    {"(1 + 2) * 3", "9"},
	    {"7 - 2 - 1", "4"},
	    {"450 / 60", "7.5"},
	    {"480 / 60", "8"},
	    {"1 / 0", NULL},
	    {"\"a\" + \"b\"", "\"ab\""},
	    {"\"a\" + 1", NULL},
	    {"\"a\" + NOT_SET", NULL},
	    {"Flow.s == \"a\"", "true"},
	    {"Flow.n == 7.0", "true"},
	    {"Flow.s != \"a\"", "false"},
	    {"Flow.n < 7", "false"},
	    {"Flow.n <= 7", "true"},
	    {"Flow.n >= 8", "false"},
	    {"Flow.s < 1", NULL},
	    {"Flow.n == 7 ? \"y\" : \"n\"", "\"y\""},
	    {"Flow.n == 8 ? 1 : Flow.n == 7 ? 2 : 3", "2"},
	    {"\"x\" + (State.i == 0 ? \"\" : \",\")", "\"x\""},
	    {"Flow.s ? 1 : 2", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), false);
}

static void
test_functions(void **state)
{
	static const struct row rows[] = {
	    {"Count(Flow.list)", "2"},
	    {"count(Flow.none)", "0"},
	    {"Count(Flow.s)", NULL},
	    {"GetAt(Flow.list, 1)", "\"y\""},
	    {"GetAt(Flow.list, 2)", NULL},
	    {"GetAt(Flow.list, 0 - 1)", NULL},
	    {"AddItem(Flow.list, \"z\")", "[\"x\",\"y\",\"z\"]"},
	    {"AddItem(Flow.none, \"z\")", "[\"z\"]"},
	    {"FindFirst(Flow.list, \"y\")", "1"},
	    {"FindFirst(Flow.list, \"z\")", "-1"},
	    {"MakeEmptyList(ToString(NOT_SET))", "[]"},
	    {"ToString(Flow.n)", "\"7\""},
	    {"ToString(Flow.list)", NULL},
	    {"ToInt(\"8\")", "8"},
	    {"ToInt(7.5)", "7"},
	    {"ToInt(0 - 7.5)", "-7"},
	    {"ToInt(\"x\")", NULL},
	    {"ToDecimal(\"7.50\")", "7.5"},
	    {"IsNotSetOrEmpty(Flow.none)", "true"},
	    {"IsNotSetOrEmpty(Flow.s)", "false"},
	    {"If(Flow.n == 7, \"y\", GetAt(Flow.list, 9))", "\"y\""},
	    {"If(Flow.n == 8, \"y\")", NULL},
	    {"Sum(Flow.list)", NULL},
	    {"Flow.s(1)", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), false);
}

static void
test_trees(void **state)
{
	static const struct row rows[] = {
	    {"{\"lit\": {\"text\": \"500\", \"type\": \"int\"}}", "500"},
	    {"{\"lit\": {\"text\": \"500\", \"type\": \"str\"}}", "\"500\""},
	    {"{\"lit\": {\"text\": \"x\", \"type\": \"int\"}}", NULL},
	    {"{\"emp\": {\"text\": \"\", \"type\": \"str\"}}", "null"},
	    {"{\"ref\": {\"text\": \"Flow.n\", \"type\": \"int\"}}", "7"},
	    {"{\"+\": {\"operands\": [{\"ref\": {\"text\": \"Flow.n\"}},"
	     " {\"lit\": {\"text\": \"1\", \"type\": \"int\"}}]}}",
		"8"},
	    {"{\"Count\": {\"operands\": [{\"ref\": {\"text\": \"Flow.list\"}}]}}", "2"},
	    {"{\"Other\": {\"operands\": []}}", NULL},
	    {"{\"+\": {\"operands\": []}}", NULL},
	    {"{}", NULL},
	    {"[]", NULL},
	    {"{\"lit\": 1}", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows), true);
}

/* Nesting is bounded, and so is what a long chain costs. */
static void
test_depth(void **state)
{
	char why[EXPRESSION_WHY_MAX];
	struct expression *e;
	struct arena a;
	struct buf b;
	int i;

	(void)state;
	arena_init(&a, 4 * 1024 * 1024);
	buf_init(&b, 64 * 1024);
	for (i = 0; i < 1000; i++)
		buf_putc(&b, '(');
	assert_null(expression_parse(&a, b.data, why));
	assert_non_null(strstr(why, "too deep"));
	buf_reset(&b);
	for (i = 0; i < 1000; i++)
		buf_puts(&b, "1+");
	buf_puts(&b, "1");
	e = expression_parse(&a, b.data, why);
	assert_non_null(e);
	assert_null(expression_run(&a, e, value_of(&a, "{}"), why));
	assert_non_null(strstr(why, "too deep"));
	buf_clear(&b);
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_operators),
	    cmocka_unit_test(test_functions),
	    cmocka_unit_test(test_trees),
	    cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
