/* test_velocity.c: what a data action's templates become, as tables of promises. */
#include "genesys/velocity.h"

#include "base/text.h"
#include "format/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char context_text[] =
    "{\"input\": {\"a\": \"x\", \"n\": 7, \"q\": \"a \\\"b\\\" \\\\ \\n \xf0\x9f\x8e\x89\", \"none\": null,"
    " \"list\": [1, \"2\"], \"two-parts\": \"y\"}, \"raw\": \"{}\", \"credentials\": {\"id\": \"u\", \"s\": \"p\"}}";

struct row {
	const char *what, *in, *out; /* NULL: refused */
};

static void
check(const struct row *rows, size_t n)
{
	const struct value *context;
	char why[200];
	struct arena a;
	struct buf b;
	bool good;
	size_t i;

	arena_init(&a, 1024 * 1024);
	buf_init(&b, 4096);
	context =
	    json_parse(&a, context_text, strlen(context_text), &json_answer, why, sizeof(why));
	assert_non_null(context);
	for (i = 0; i < n; i++) {
		buf_reset(&b);
		good = velocity_fill(rows[i].in, context, &b, why, sizeof(why));
		if (good != (rows[i].out != NULL) || (good && strcmp(b.data, rows[i].out) != 0))
			fail_msg("%s: gave %s (%s)", rows[i].what, b.data, why);
		if (!good && why[0] == '\0')
			fail_msg("%s: refused without a reason", rows[i].what);
	}
	buf_clear(&b);
	arena_clear(&a);
}

static void
test_references(void **state)
{
	static const struct row rows[] = {
	    {"text alone", "plain", "plain"},
	    {"nothing", "", ""},
	    {"a value", "<${input.a}>", "<x>"},
	    {"without braces", "<$input.a>", "<x>"},
	    {"a point that is none", "$input.a.", "x."},
	    {"a dash belongs to a name", "${input.two-parts}", "y"},
	    {"a number", "${input.n}", "7"},
	    {"a list as JSON", "${input.list}", "[1,\"2\"]"},
	    {"null prints its own name", "${input.none}", "${input.none}"},
	    {"and as it was written", "$input.none", "$input.none"},
	    {"what is not there does too", "${input.other} ${x}", "${input.other} ${x}"},
	    {"quiet null prints nothing", "<$!{input.none}$!other>", "<>"},
	    {"quiet value", "$!{input.a}", "x"},
	    {"a dollar sign alone", "5 $ and $5 and $", "5 $ and $5 and $"},
	    {"a hash that is no directive", "#1 #fff", "#1 #fff"},
	    {"a brace that is not closed", "${input.a", NULL},
	    {"something else in braces", "${input.a|'x'}", NULL},
	    {"an escaped dollar sign", "\\${input.a}", NULL},
	    {"a condition", "#if($a)x#end", NULL},
	    {"a condition in braces", "#{if}($a)", NULL},
	    {"a comment", "a ## b", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void
test_macros(void **state)
{
	static const struct row rows[] = {
	    {"JSON without the quotes", "\"$esc.jsonEncode(${input.q})\"",
		"\"a \\\"b\\\" \\\\ \\n \xf0\x9f\x8e\x89\""},
	    {"in braces", "${esc.jsonEncode(${input.a})}", "x"},
	    {"of a text", "$esc.jsonEncode(\"${input.a} \")", "x "},
	    {"of a literal", "$esc.jsonEncode('${input.a}')", "${input.a}"},
	    {"of null: its own text", "$esc.jsonEncode(${input.none})",
		"$esc.jsonEncode(${input.none})"},
	    {"of null, quietly", "<$!esc.jsonEncode(${input.none})>", "<>"},
	    {"a form's blank is a plus", "$esc.url('a b&c')", "a+b%26c"},
	    {"blanks at both ends", "$esc.url(' a ')", "+a+"},
	    {"base64", "Basic $encoding.base64(\"${credentials.id}:${credentials.s}\")",
		"Basic dTpw"},
	    {"null within a text", "$encoding.base64(\"${input.none}\")", "JHtpbnB1dC5ub25lfQ=="},
	    {"a parenthesis within quotes", "$esc.jsonEncode(')')", ")"},
	    {"another macro", "$math.add(1, 2)", NULL},
	    {"a method of Java's", "${input.a.toUpperCase()}", NULL},
	    {"a macro within a macro", "$esc.url($esc.url('x'))", NULL},
	    {"no end", "$esc.url('x'", NULL},
	    {"two arguments", "$esc.url('x', 'y')z", NULL},
	    {"a number", "$esc.url(1)", NULL},
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
