/* test_fill.c: templates: what is put where, and what cannot be. */
#include "genesys/fill.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
test_fill(void **state)
{
	static const struct fill_value values[] = {
	    {"a", "x y", false},
	    {"bad", "\"", false},
	    {"lines", "1\n2\n\n3\n", true},
	    {"quote", "\"q\"", true},
	    {"nothing", "", true},
	    {"null", NULL, true},
	};
	static const struct {
		const char *what, *in, *out; /* NULL: refused */
	} rows[] = {
	    {"text alone", "t\n", "t\n"},
	    {"a value", "<@(a)>\n", "<x y>\n"},
	    {"no newline at the end", "@(a)", "x y"},
	    {"lines go on at the indentation", "  @(lines)\nz\n", "  1\n  2\n\n  3\nz\n"},
	    {"of the line, not of the mark", "  k: @(lines)\n", "  k: 1\n  2\n\n  3\n"},
	    {"a block may have anything", "@(quote)\n", "\"q\"\n"},
	    {"an empty block takes its line along", "a\n  @(nothing)\nb\n", "a\nb\n"},
	    {"but not what it shares it with", "a @(nothing)\n", "a \n"},
	    {"a lone at sign", "a@b ($x) @ (y)\n", "a@b ($x) @ (y)\n"},
	    {"an unknown name", "@(other)\n", NULL},
	    {"no end", "@(a\n", NULL},
	    {"a value that would need escaping", "@(bad)\n", NULL},
	    {"a value that there is none of", "@(null)\n", NULL},
	};
	struct faults faults;
	struct arena a;
	struct buf b;
	bool good;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		arena_init(&a, 64 * 1024);
		faults_init(&faults, &a);
		buf_init(&b, 4096);
		good = fill_text("f", rows[i].in, values, ARRAY_LEN(values), &b, &faults);
		if (good != (rows[i].out != NULL) || (good && strcmp(b.data, rows[i].out) != 0))
			fail_msg("%s: gave %s", rows[i].what, b.data);
		if (!good && (faults.n != 1 || strstr(faults.texts[0], "f:1:") == NULL))
			fail_msg("%s: its fault has no place", rows[i].what);
		buf_clear(&b);
		arena_clear(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fill)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
