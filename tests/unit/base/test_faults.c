/* test_faults.c: faults are collected with their place, to a limit; what is lost is counted. */
#include "base/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/bounds.h"
#include "base/text.h"

static void
test_places(void **state)
{
	const struct value_place place = {.line = 3, .column = 14};
	const struct value *at, *nowhere;
	struct arena a;
	struct faults f;

	(void)state;
	arena_init(&a, 64 * 1024);
	nowhere = value_null(&a);
	at = value_put_place(&a, nowhere, place);
	assert_non_null(at);
	faults_init(&f, &a);
	assert_false(fault_at(&f, "a.yaml", at, "unknown key '%s'", "colour"));
	assert_false(fault_at(&f, "a.yaml", nowhere, "no place"));
	assert_false(fault_at(&f, "a.yaml", NULL, "none given"));
	assert_false(fault_line(&f, "b.yaml", 7, 1, "%d things", 2));
	assert_int_equal(f.n, 4);
	assert_string_equal(f.texts[0], "a.yaml:3:14: unknown key 'colour'");
	assert_string_equal(f.texts[1], "a.yaml: no place");
	assert_string_equal(f.texts[2], "a.yaml: none given");
	assert_string_equal(f.texts[3], "b.yaml:7:1: 2 things");
	assert_int_equal(f.lost, 0);
	arena_clear(&a);
}

static void
test_beyond_the_limit_is_counted(void **state)
{
	struct arena a;
	struct faults f;
	unsigned i;

	(void)state;
	arena_init(&a, 1024 * 1024);
	faults_init(&f, &a);
	for (i = 1; i <= LIMIT_FAULTS + 5; i++)
		(void)fault_line(&f, "f", i, 1, "fault");
	assert_int_equal(f.n, LIMIT_FAULTS);
	assert_int_equal(f.lost, 5);
	assert_string_equal(f.texts[LIMIT_FAULTS - 1], "f:200:1: fault");
	arena_clear(&a);
}

static void
test_without_memory_it_is_counted(void **state)
{
	struct arena a;
	struct faults f;

	(void)state;
	arena_init(&a, 16);
	faults_init(&f, &a);
	(void)fault_line(&f, "a file with a name", 1, 1, "and a fault that is longer");
	assert_int_equal(f.n, 0);
	assert_int_equal(f.lost, 1);
	arena_clear(&a);
}

static void
test_long_texts_say_that_they_are_cut(void **state)
{
	char text[LIMIT_FAILURE_TEXT + 101];
	struct arena a;
	struct faults f;

	(void)state;
	memset(text, '\xA9', sizeof(text));
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		text[i] = '\xC3';
	text[sizeof(text) - 1] = '\0';
	arena_init(&a, 64 * 1024);
	faults_init(&f, &a);
	(void)fault_at(&f, "f", NULL, "%s", text);
	(void)fault_line(&f, "f", 1, 1, "x%s", text);
	assert_true(text_ends(f.texts[0], "..."));
	assert_true(text_ends(f.texts[1], "..."));
	assert_true(text_utf8(f.texts[0], strlen(f.texts[0])));
	assert_true(text_utf8(f.texts[1], strlen(f.texts[1])));
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_beyond_the_limit_is_counted),
	    cmocka_unit_test(test_without_memory_it_is_counted),
	    cmocka_unit_test(test_long_texts_say_that_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
