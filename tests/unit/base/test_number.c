/* test_number.c: the grammar of JSON numbers, and their order, which is exact. */
#include "base/number.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Each row holds numbers that are equal, each row more than the one before. */
static const char *const ordered[][6] = {
    {"-1e99999999999999999999"},
    {"-1e999999999999999999"},
    {"-10000000000000000000000000000000000000001"},
    {"-10000000000000000000000000000000000000000", "-1e40"},
    {"-2.5", "-25e-1", "-0.25E+1", "-2.500"},
    {"-1"},
    {"-1e-7"},
    {"-1e-99999999999999999999"},
    {"0", "-0", "0.000", "0e7", "-0E-99999999999999999999", "0.0e99999999999999999999"},
    {"1e-99999999999999999999"},
    {"1e-99999999999999999998", "1e-0099999999999999999998"},
    {"1e-999999999999999999"},
    {"0.0000001", "1e-7", "10e-8"},
    {"0.1", "1e-1", "0.10"},
    {"0.10000000000000000000000000001"},
    {"1", "1.0", "10e-1", "1e0", "1E+0", "0.001e3"},
    {"1.05"},
    {"1.5"},
    {"9"},
    {"10", "1e1", "10.0", "1.0e1", "100E-1"},
    {"10.1"},
    {"22.799999999999997"},
    {"22.8", "22.80"},
    {"100", "1e2", "1e02", "1e+2"},
    {"9007199254740992"},
    {"9007199254740993", "9007199254740993.0"},
    {"9223372036854775807"},
    {"9223372036854775808"},
    {"1e100"},
    {"1e999999999999999999", "10e999999999999999998", "100e999999999999999997"},
    {"1e99999999999999999999", "1e+99999999999999999999"},
    {"1e100000000000000000000"},
    {"2e100000000000000000000"},
};

static void
check_order(const char *a, const char *b, size_t i, size_t j)
{
	int order = number_compare(a, b), expected = i < j ? -1 : i > j;

	order = order < 0 ? -1 : order > 0;
	if (order != expected)
		fail_msg("%s against %s gave %d", a, b, order);
}

static void
test_numbers_compare_exactly(void **state)
{
	const size_t n = ARRAY_LEN(ordered);
	size_t i, j, k, m;

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			for (k = 0; k < 6 && ordered[i][k] != NULL; k++) {
				for (m = 0; m < 6 && ordered[j][m] != NULL; m++)
					check_order(ordered[i][k], ordered[j][m], i, j);
			}
		}
	}
}

static size_t
scan(const char *s, size_t len)
{
	struct number n;

	return number_scan(s, len, &n);
}

static void
test_number_grammar(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
	    {"", 0},
	    {"-", 0},
	    {"+1", 0},
	    {".5", 0},
	    {"a", 0},
	    {"0", 1},
	    {"-0", 2},
	    {"00", 1},
	    {"01", 1},
	    {"-01", 2},
	    {"10", 2},
	    {"1.", 1},
	    {"1.5", 3},
	    {"1.5.2", 3},
	    {"1e", 1},
	    {"1e+", 1},
	    {"1e5", 3},
	    {"1E-05", 5},
	    {"1.5e+5x", 6},
	    {"1 ", 1},
	    {"0x10", 1},
	    {"1_000", 1},
	    {"NaN", 0},
	    {"Infinity", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (scan(rows[i].text, strlen(rows[i].text)) != rows[i].len)
			fail_msg("'%s'", rows[i].text);
	}
	/* Never past len. */
	assert_int_equal(scan("12", 1), 1);
	assert_int_equal(scan("1.5", 2), 1);
	assert_int_equal(scan("1e5", 2), 1);
	assert_int_equal(scan("-1", 1), 0);
	assert_int_equal(scan("1", 0), 0);
}

static void
test_parts_of_a_number(void **state)
{
	static const char text[] = "-120.050e+07";
	struct number n;

	(void)state;
	assert_int_equal(number_scan(text, strlen(text), &n), strlen(text));
	assert_true(n.negative);
	assert_ptr_equal(n.digits, text + 1);
	assert_int_equal(n.whole, 3);
	assert_int_equal(n.fraction, 3);
	assert_string_equal(n.exponent, "+07");
	assert_int_equal(number_scan("7.", 2, &n), 1);
	assert_false(n.negative);
	assert_int_equal(n.fraction, 0);
	assert_null(n.exponent);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers_compare_exactly),
	    cmocka_unit_test(test_number_grammar),
	    cmocka_unit_test(test_parts_of_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
