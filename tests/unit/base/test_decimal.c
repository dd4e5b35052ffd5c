/* test_decimal.c: the promises of decimal.h as tables, and laws over pseudo-random numbers. */
#include "base/decimal.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define NINES_36 "999999999999999999999999999999999999"

/* "" stands for a refusal. */
static void
check(const char *what, bool ok, struct decimal d, const char *expected)
{
	char text[DECIMAL_TEXT_MAX] = "";

	if (ok)
		decimal_format(d, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: got '%s', expected '%s'", what, text, expected);
}

static struct decimal
number(const char *s)
{
	struct decimal d = {0, 0};

	if (!decimal_parse(s, &d))
		fail_msg("cannot parse %s", s);
	return d;
}

static void
test_parse(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {"-0.00", "0"},
	    {"0e99999999999999999999", "0"},
	    {"0e-99999999999999999999", "0"},
	    {"1", "1"},
	    {"+1", "1"},
	    {"-1", "-1"},
	    {"7.5833", "7.5833"},
	    {"-26.36", "-26.36"},
	    {"7.50", "7.5"},
	    {"0.05", "0.05"},
	    {"-0.05", "-0.05"},
	    {"1e2", "100"},
	    {"1E+2", "100"},
	    {"1.5e1", "15"},
	    {"1.25e1", "12.5"},
	    {"25e-3", "0.025"},
	    {"100e-2", "1"},
	    {"1e35", "100000000000000000000000000000000000"},
	    {"1e36", ""},
	    {"1e-36", "0.000000000000000000000000000000000001"},
	    {"1e-37", ""},
	    {"10e-37", "0.000000000000000000000000000000000001"},
	    {NINES_36, NINES_36},
	    {NINES_36 "9", ""},
	    {"0." NINES_36, "0." NINES_36},
	    {"0." NINES_36 "9", ""},
	    {"1.00000000000000000000000000000000000000000000000000", "1"},
	    {"0.00000000000000000000000000000000000000000001e+44", "1"},
	    {"1.50000000000000000000000000000000000000000000000000", "1.5"},
	    {"9223372036854775808", "9223372036854775808"},
	    {"", ""},
	    {" ", ""},
	    {" 1", ""},
	    {"1 ", ""},
	    {"1\n", ""},
	    {"+", ""},
	    {"-", ""},
	    {"--1", ""},
	    {"+-1", ""},
	    {".5", ""},
	    {"5.", ""},
	    {"5.e1", ""},
	    {"01", ""},
	    {"00", ""},
	    {"-01", ""},
	    {"1e", ""},
	    {"1e+", ""},
	    {"1e1.5", ""},
	    {"1e 1", ""},
	    {"1.2.3", ""},
	    {"1,5", ""},
	    {"0x10", ""},
	    {"1_000", ""},
	    {"NaN", ""},
	    {"inf", ""},
	    {"1e99999999999999999999", ""},
	    {"1e-99999999999999999999", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct decimal d = {7, 0};
		bool ok = decimal_parse(rows[i].in, &d);

		check(rows[i].in, ok, d, rows[i].out);
		if (!ok)
			assert_true(d.coefficient == 7 && d.scale == 0);
	}
}

static void
test_parse_keeps_scale(void **state)
{
	(void)state;
	assert_int_equal(number("7.50").scale, 2);
	assert_int_equal(number("0.000").scale, 3);
	assert_int_equal(number("1e2").scale, 0);
	assert_int_equal(number("1.50e1").scale, 1);
}

static void
test_parse_significant(void **state)
{
	static const struct {
		const char *in, *out;
		int digits, scale;
	} rows[] = {
	    {"22.799999999999997", "22.8", 15, 1},
	    {"7.58333333333333333", "7.58333333333333", 15, 14},
	    {"7.50", "7.5", 15, 2},
	    {"0.1000000000000000055511151231257827021181583404541015625", "0.1", 15, 1},
	    {"-1.4210854715202004e-14", "-0.000000000000014210854715202", 15, 27},
	    {"2.5", "2", 1, 0},
	    {"3.5", "4", 1, 0},
	    {"2.51", "3", 1, 0},
	    {"2.5000000000000000000000000000000000000000000000001", "3", 1, 0},
	    {"-2.5", "-2", 1, 0},
	    {"99.5", "100", 2, 0},
	    {"999", "1000", 1, 0},
	    {"125", "120", 2, 0},
	    {"12345678901234567890123456789012345678901234567890", "", 15, 0},
	    {"12345678901234567890e-10", "1234567890.12346", 15, 5},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct decimal d = {0, 0};
		bool ok = decimal_parse_significant(rows[i].in, rows[i].digits, &d);

		check(rows[i].in, ok, d, rows[i].out);
		assert_int_equal(d.scale, rows[i].scale);
	}
}

enum op { ADD, SUBTRACT, MULTIPLY, ROUND_TO, MODULO, SIGNIFICANT };

static bool
apply(enum op op, struct decimal a, struct decimal b, struct decimal *out)
{
	switch (op) {
	case ADD:
		return decimal_add(a, b, out);
	case SUBTRACT:
		return decimal_subtract(a, b, out);
	case MULTIPLY:
		return decimal_multiply(a, b, out);
	case ROUND_TO:
		return decimal_round_to(a, b, out);
	case MODULO:
		return decimal_modulo(a, b, out);
	case SIGNIFICANT:
		return decimal_round_significant(a, (int)b.coefficient, out);
	}
	return false;
}

static void
test_operations(void **state)
{
	static const struct {
		enum op op;
		const char *a, *b, *out;
	} rows[] = {
	    {ADD, "0.1", "0.2", "0.3"},
	    {ADD, "-1", "1.00", "0"},
	    {ADD, NINES_36, "0", NINES_36},
	    {ADD, NINES_36, "1", ""},
	    {ADD, NINES_36, "0.1", ""},
	    {ADD, "1e35", "1e-1", ""},
	    {ADD, "1.000", NINES_36, ""},
	    {SUBTRACT, "22.8", "22.800", "0"},
	    {SUBTRACT, "0", "0.05", "-0.05"},
	    {SUBTRACT, "-" NINES_36, "1", ""},
	    {MULTIPLY, "7.6", "3", "22.8"},
	    {MULTIPLY, "-0.5", "0.5", "-0.25"},
	    {MULTIPLY, "1e20", "1e15", "100000000000000000000000000000000000"},
	    {MULTIPLY, "1e20", "1e16", ""},
	    {MULTIPLY, "1e-20", "1e-16", "0.000000000000000000000000000000000001"},
	    {MULTIPLY, "1e-20", "1e-17", ""},
	    {MULTIPLY, NINES_36, NINES_36, ""},
	    {MULTIPLY, NINES_36, "0", "0"},
	    {ROUND_TO, "7.58333", "0.0001", "7.5833"},
	    {ROUND_TO, "7.58335", "0.0001", "7.5834"},
	    {ROUND_TO, "7.58325", "0.0001", "7.5832"},
	    {ROUND_TO, "-7.58335", "0.0001", "-7.5834"},
	    {ROUND_TO, "2.5", "1", "2"},
	    {ROUND_TO, "3.5", "1", "4"},
	    {ROUND_TO, "-2.5", "1", "-2"},
	    {ROUND_TO, "0.75", "0.5", "1"},
	    {ROUND_TO, "0.25", "0.5", "0"},
	    {ROUND_TO, "0.3", "0.25", "0.25"},
	    {ROUND_TO, "7", "15", "0"},
	    {ROUND_TO, "8", "15", "15"},
	    {ROUND_TO, "7.5", "15", "0"},
	    {ROUND_TO, "22.5", "15", "30"},
	    {ROUND_TO, "1", "0", ""},
	    {ROUND_TO, "1", "-1", ""},
	    {ROUND_TO, NINES_36, "1", NINES_36},
	    {ROUND_TO, NINES_36, "10", ""},
	    {MODULO, "-1", "5", "4"},
	    {MODULO, "1", "-5", "-4"},
	    {MODULO, "7.5", "2", "1.5"},
	    {MODULO, "-7.5", "-2", "-1.5"},
	    {MODULO, "10", "5", "0"},
	    {MODULO, "-10", "5", "0"},
	    {MODULO, "1", "0", ""},
	    {SIGNIFICANT, "123.456", "4", "123.5"},
	    {SIGNIFICANT, "123.45", "4", "123.4"},
	    {SIGNIFICANT, "123.35", "4", "123.4"},
	    {SIGNIFICANT, "999.96", "4", "1000"},
	    {SIGNIFICANT, "123456", "2", "120000"},
	    {SIGNIFICANT, "0.00012345", "3", "0.000123"},
	    {SIGNIFICANT, "12", "36", "12"},
	    {SIGNIFICANT, "12", "99", "12"},
	    {SIGNIFICANT, NINES_36, "36", NINES_36},
	    {SIGNIFICANT, NINES_36, "35", ""},
	    {SIGNIFICANT, "1", "0", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct decimal d = {7, 0};
		bool ok = apply(rows[i].op, number(rows[i].a), number(rows[i].b), &d);

		check(rows[i].a, ok, d, rows[i].out);
		if (!ok)
			assert_true(d.coefficient == 7 && d.scale == 0);
	}
}

static void
test_divide(void **state)
{
	static const struct {
		const char *a, *b, *step, *out;
	} rows[] = {
	    {"455", "60", "0.0001", "7.5833"},
	    {"1", "3", "0.01", "0.33"},
	    {"2", "3", "0.01", "0.67"},
	    {"-2", "3", "0.01", "-0.67"},
	    {"2", "-3", "0.01", "-0.67"},
	    {"-2", "-3", "0.01", "0.67"},
	    {"1", "8", "0.01", "0.12"},
	    {"3", "8", "0.01", "0.38"},
	    {"240", "480", "0.5", "0.5"},
	    {"1", "0", "1", ""},
	    {"1", "1", "0", ""},
	    {"1", NINES_36, NINES_36, ""},
	    {"1e35", "1e-1", "1e-1", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct decimal d;
		bool ok = decimal_divide_to(
		    number(rows[i].a), number(rows[i].b), number(rows[i].step), &d);

		check(rows[i].a, ok, d, rows[i].out);
	}
}

static void
test_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int sign;
	} rows[] = {
	    {"1", "1.0", 0},
	    {"10e-1", "1.00000", 0},
	    {"-0", "0.0", 0},
	    {"1", "2", -1},
	    {"-1", "-2", 1},
	    {"0.1", "0.11", -1},
	    {"-0.1", "-0.11", 1},
	    {"-0.1", "0.1", -1},
	    {NINES_36, "0." NINES_36, 1},
	    {"-" NINES_36, "1e-36", -1},
	    {"0." NINES_36, "1", -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		int forth = decimal_compare(number(rows[i].a), number(rows[i].b));
		int back = decimal_compare(number(rows[i].b), number(rows[i].a));

		if (forth != rows[i].sign || back != -rows[i].sign)
			fail_msg("%s against %s: %d, %d", rows[i].a, rows[i].b, forth, back);
	}
	assert_true(decimal_is_zero(number("-0.000")));
	assert_false(decimal_is_zero(number("1e-36")));
}

static void
test_integers(void **state)
{
	static const struct {
		const char *in;
		int64_t floor;
		bool fits, whole;
	} rows[] = {
	    {"0", 0, true, true},
	    {"7.9", 7, true, false},
	    {"-7.1", -8, true, false},
	    {"-7", -7, true, true},
	    {"-0.000001", -1, true, false},
	    {"7.000", 7, true, true},
	    {"9223372036854775807", INT64_MAX, true, true},
	    {"9223372036854775807.9", INT64_MAX, true, false},
	    {"9223372036854775808", 0, false, false},
	    {"-9223372036854775808", INT64_MIN, true, true},
	    {"-9223372036854775808.1", 0, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t n = 0, whole = 0;

		assert_int_equal(decimal_floor(number(rows[i].in), &n), rows[i].fits);
		assert_true(n == rows[i].floor);
		assert_int_equal(decimal_to_integer(number(rows[i].in), &whole), rows[i].whole);
		assert_true(whole == (rows[i].whole ? rows[i].floor : 0));
	}
	check("integer", true, decimal_integer(INT64_MIN), "-9223372036854775808");
}

static uint64_t
random_next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* What is formatted parses to an equal number; (a + b) - b = a; (a / step) rounds near. */
static void
test_laws(void **state)
{
	uint64_t seed = 88172645463325252u;
	char text[DECIMAL_TEXT_MAX];
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		struct decimal a = {(int64_t)random_next(&seed), (int)(random_next(&seed) % 18)};
		struct decimal b = {
		    (int64_t)random_next(&seed) >> 20, (int)(random_next(&seed) % 18)};
		struct decimal step = {
		    (int)(random_next(&seed) % 1000) + 1, (int)(random_next(&seed) % 7)};
		struct decimal c, rest;

		decimal_format(a, text);
		assert_int_equal(decimal_compare(number(text), a), 0);
		assert_true(decimal_add(a, b, &c) && decimal_subtract(c, b, &c));
		assert_int_equal(decimal_compare(c, a), 0);
		if (!decimal_round_to(a, step, &c))
			continue;
		assert_true(decimal_modulo(c, step, &rest) && decimal_is_zero(rest));
		assert_true(decimal_subtract(a, c, &rest));
		rest.coefficient = rest.coefficient < 0 ? -rest.coefficient : rest.coefficient;
		assert_true(decimal_add(rest, rest, &rest));
		assert_true(decimal_compare(rest, step) <= 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_keeps_scale),
	    cmocka_unit_test(test_parse_significant),
	    cmocka_unit_test(test_operations),
	    cmocka_unit_test(test_divide),
	    cmocka_unit_test(test_compare),
	    cmocka_unit_test(test_integers),
	    cmocka_unit_test(test_laws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
