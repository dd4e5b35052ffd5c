/*
 * test_amount.c: the reading and writing rules of the design as tables, and every amount of three
 * days written and read back.
 */
#include "hris/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { NO = INT32_MIN }; /* refused */

static void
test_read(void **state)
{
	static const struct {
		const char *text;
		enum unit unit;
		int day_minutes;
		int64_t minutes;
	} rows[] = {
	    /* Hours, exact. */
	    {"0", UNIT_HOURS, 480, 0},
	    {"8", UNIT_HOURS, 480, 480},
	    {"7.5", UNIT_HOURS, 480, 450},
	    {"7.50", UNIT_HOURS, 480, 450},
	    {"8.000", UNIT_HOURS, 480, 480},
	    {"+8", UNIT_HOURS, 480, 480},
	    {"1e2", UNIT_HOURS, 480, 6000},
	    {"-26.36", UNIT_HOURS, 480, -1582}, /* -1581.6; half of 0.01 h is 0.3 min */
	    {"-8", UNIT_HOURS, 480, -480},
	    /* Float noise: more than 15 digits. */
	    {"22.799999999999997", UNIT_HOURS, 480, 1368},
	    {"22.800000000000004", UNIT_HOURS, 480, 1368},
	    {"-22.799999999999997", UNIT_HOURS, 480, -1368},
	    {"22.833000000000002", UNIT_HOURS, 480, 1370},   /* 22.833, of three digits */
	    {"-1.4210854715202004e-14", UNIT_HOURS, 480, 0}, /* the rest of a subtraction */
	    {"0.09999999999999787", UNIT_HOURS, 480, 6},
	    {"0.33333333333333331", UNIT_HOURS, 480, 20},
	    {"7.583333333333333", UNIT_HOURS, 480, 455},
	    {"7.58333333333333", UNIT_HOURS, 480, 455},
	    {"0.1000000000000000055511151231257827021181583404541015625", UNIT_HOURS, 480, 6},
	    {"7.999999999999999", UNIT_HOURS, 480, 480}, /* 16 digits: 8 */
	    {"7.99999999999999", UNIT_HOURS, 480, 479},  /* 15: what it says */
	    /* Near a whole minute, by the last digit. */
	    {"7.5833", UNIT_HOURS, 480, 455},
	    {"7.583", UNIT_HOURS, 480, 455},
	    {"7.58", UNIT_HOURS, 480, 455},
	    {"7.6", UNIT_HOURS, 480, 456},
	    {"0.0167", UNIT_HOURS, 480, 1},
	    {"0.0166", UNIT_HOURS, 480, 0}, /* 0.996: half of 0.0001 h is 0.003 */
	    {"0.017", UNIT_HOURS, 480, 1},
	    {"0.02", UNIT_HOURS, 480, 1}, /* 1.2 */
	    {"0.01", UNIT_HOURS, 480, 0}, /* 0.6 */
	    {"0.03", UNIT_HOURS, 480, 2}, /* 1.8 */
	    {"0.04", UNIT_HOURS, 480, 2}, /* 2.4: down */
	    {"-0.0167", UNIT_HOURS, 480, -1},
	    {"-0.01", UNIT_HOURS, 480, -1}, /* -0.6: down */
	    {"-0.04", UNIT_HOURS, 480, -3}, /* -2.4: down */
	    {"-0.02", UNIT_HOURS, 480, -1},
	    {"0.999", UNIT_HOURS, 480, 59},  /* 59.94, half of 0.001 h is 0.03 */
	    {"0.9999", UNIT_HOURS, 480, 59}, /* 59.994, half is 0.003 */
	    {"0.9995", UNIT_HOURS, 480, 59},
	    {"59.999999", UNIT_MINUTES, 480, 59},
	    /* Days. */
	    {"1", UNIT_DAYS, 480, 480},
	    {"0.5", UNIT_DAYS, 480, 240},
	    {"0.5", UNIT_DAYS, 456, 228},
	    {"0.25", UNIT_DAYS, 450, 112}, /* 112.5 and a last digit of 4.5 min: down */
	    {"-0.25", UNIT_DAYS, 450, -113},
	    {"0.9375", UNIT_DAYS, 480, 450},
	    {"0.9479", UNIT_DAYS, 480, 455}, /* 454.992 */
	    {"0.948", UNIT_DAYS, 480, 455},  /* 455.04; half of 0.001 d is 0.24 */
	    {"0.95", UNIT_DAYS, 480, 456},
	    {"1.5", UNIT_DAYS, 1, 1},
	    {"5.01", UNIT_DAYS, 480, 2404}, /* 2404.8, last digit 4.8 min */
	    {"1", UNIT_DAYS, 0, NO},
	    {"1", UNIT_DAYS, -480, NO},
	    /* A tie: exactly half a unit away is within. */
	    {"0.012", UNIT_DAYS, 480, 6}, /* 5.76, unit 0.48 */
	    {"0.013", UNIT_DAYS, 480, 6}, /* 6.24 */
	    {"0.2", UNIT_DAYS, 4, 1},     /* 0.8, unit 0.4 */
	    {"-0.3", UNIT_DAYS, 4, -1},   /* -1.2 */
	    /* No tie. */
	    {"0.0005", UNIT_DAYS, 1000, 0}, /* 0.5, unit 0.1 */
	    {"0.1", UNIT_DAYS, 9, 1},       /* 0.9, unit 0.9 */
	    {"0.1", UNIT_DAYS, 10, 1},
	    {"0.05", UNIT_DAYS, 10, 0},
	    /* Half days. */
	    {"1", UNIT_HALF_DAYS, 480, 240},
	    {"3", UNIT_HALF_DAYS, 480, 720},
	    {"1", UNIT_HALF_DAYS, 455, 227}, /* 227.5 */
	    {"2", UNIT_HALF_DAYS, 455, 455},
	    {"-1", UNIT_HALF_DAYS, 455, -228},
	    {"1", UNIT_HALF_DAYS, 0, NO},
	    /* Minutes. */
	    {"480", UNIT_MINUTES, 0, 480},
	    {"479.99", UNIT_MINUTES, 0, 479},
	    {"479.9", UNIT_MINUTES, 0, 479},
	    {"-0.5", UNIT_MINUTES, 0, -1},
	    {"0.05", UNIT_MINUTES, 0, 0},
	    /* Clock. */
	    {"7:30", UNIT_CLOCK, 0, 450},
	    {"07:30", UNIT_CLOCK, 0, 450},
	    {"163:30", UNIT_CLOCK, 0, 9810},
	    {"-1:30", UNIT_CLOCK, 0, -90},
	    {"-0:30", UNIT_CLOCK, 0, -30},
	    {"+0:30", UNIT_CLOCK, 0, 30},
	    {"0:00", UNIT_CLOCK, 0, 0},
	    {"16666666:40", UNIT_CLOCK, 0, 1000000000},
	    {"16666666:41", UNIT_CLOCK, 0, NO},
	    {"123456789:00", UNIT_CLOCK, 0, NO},
	    {"7:60", UNIT_CLOCK, 0, NO},
	    {"7:3", UNIT_CLOCK, 0, NO},
	    {"7:300", UNIT_CLOCK, 0, NO},
	    {"7:30:00", UNIT_CLOCK, 0, NO},
	    {"7:-3", UNIT_CLOCK, 0, NO},
	    {":30", UNIT_CLOCK, 0, NO},
	    {"7", UNIT_CLOCK, 0, NO},
	    {"7.5", UNIT_CLOCK, 0, NO},
	    {"", UNIT_CLOCK, 0, NO},
	    {"7:30 ", UNIT_CLOCK, 0, NO},
	    {"7:30", UNIT_HOURS, 480, NO},
	    /* Limits and rubbish. */
	    {"1000000000", UNIT_MINUTES, 0, 1000000000},
	    {"1000000000.4", UNIT_MINUTES, 0, 1000000000},
	    {"1000000001", UNIT_MINUTES, 0, NO},
	    {"-1000000000", UNIT_MINUTES, 0, -1000000000},
	    {"-1000000000.1", UNIT_MINUTES, 0, NO},
	    {"1e30", UNIT_HOURS, 480, NO},
	    {"1e300", UNIT_HOURS, 480, NO},
	    {"123456789012345678901234567890", UNIT_HOURS, 480, NO},
	    {"", UNIT_HOURS, 480, NO},
	    {"abc", UNIT_HOURS, 480, NO},
	    {"8 h", UNIT_HOURS, 480, NO},
	    {"8,5", UNIT_HOURS, 480, NO},
	    {"null", UNIT_HOURS, 480, NO},
	    {"8", UNIT_MAX, 480, NO},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t minutes = NO;
		bool ok = amount_read(rows[i].text, rows[i].unit, rows[i].day_minutes, &minutes);

		if (minutes != rows[i].minutes || ok != (rows[i].minutes != NO))
			fail_msg("'%s' in unit %d: %lld, expected %lld", rows[i].text,
			    (int)rows[i].unit, (long long)minutes, (long long)rows[i].minutes);
	}
}

static void
test_write(void **state)
{
	static const struct {
		int64_t minutes;
		enum unit unit;
		int day_minutes;
		const char *step; /* NULL: none declared */
		const char *text; /* NULL: refused */
	} rows[] = {
	    {0, UNIT_HOURS, 480, NULL, "0"},
	    {480, UNIT_HOURS, 480, NULL, "8"},
	    {450, UNIT_HOURS, 480, NULL, "7.5"},
	    {455, UNIT_HOURS, 480, NULL, "7.5833"},
	    {-455, UNIT_HOURS, 480, NULL, "-7.5833"},
	    {455, UNIT_HOURS, 480, "0.01", "7.58"},
	    {1, UNIT_HOURS, 480, "0.01", "0.02"},
	    {455, UNIT_HOURS, 480, "0.1", NULL},
	    {456, UNIT_HOURS, 480, "0.1", "7.6"},
	    {450, UNIT_HOURS, 480, "0.5", "7.5"},
	    {455, UNIT_HOURS, 480, "0.5", NULL},
	    {465, UNIT_HOURS, 480, "0.25", "7.75"},
	    {455, UNIT_HOURS, 480, "1", NULL},
	    {480, UNIT_DAYS, 480, NULL, "1"},
	    {240, UNIT_DAYS, 480, NULL, "0.5"},
	    {455, UNIT_DAYS, 480, NULL, "0.9479"},
	    {1, UNIT_DAYS, 480, NULL, "0.0021"},
	    {240, UNIT_DAYS, 480, "0.5", "0.5"},
	    {120, UNIT_DAYS, 480, "0.5", NULL},
	    {720, UNIT_DAYS, 480, "1", NULL},
	    {13, UNIT_DAYS, 1440, NULL, NULL}, /* 0.0090: shown as 0.009, which is 12 */
	    {480, UNIT_DAYS, 0, NULL, NULL},
	    {240, UNIT_HALF_DAYS, 480, NULL, "1"},
	    {720, UNIT_HALF_DAYS, 480, NULL, "3"},
	    {120, UNIT_HALF_DAYS, 480, NULL, NULL},
	    {227, UNIT_HALF_DAYS, 455, NULL, "1"}, /* which reads as 227.5 min, so 227 */
	    {228, UNIT_HALF_DAYS, 455, NULL, NULL},
	    {455, UNIT_MINUTES, 480, NULL, "455"},
	    {455, UNIT_MINUTES, 480, "15", NULL},
	    {450, UNIT_MINUTES, 480, "15", "450"},
	    {450, UNIT_CLOCK, 480, NULL, "7:30"},
	    {5, UNIT_CLOCK, 480, NULL, "0:05"},
	    {-5, UNIT_CLOCK, 480, NULL, "-0:05"},
	    {9810, UNIT_CLOCK, 480, NULL, "163:30"},
	    {455, UNIT_CLOCK, 480, "15", NULL},
	    {465, UNIT_CLOCK, 480, "15", "7:45"},
	    {1, UNIT_CLOCK, 480, "0.4", NULL}, /* no whole minutes */
	    {1000000001, UNIT_MINUTES, 480, NULL, NULL},
	    {1000000000, UNIT_MINUTES, 480, NULL, "1000000000"},
	    {INT64_MIN, UNIT_HOURS, 480, NULL, NULL},
	};
	char text[DECIMAL_TEXT_MAX];
	struct decimal step;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool ok;

		if (rows[i].step != NULL)
			assert_true(decimal_parse(rows[i].step, &step));
		ok = amount_write(rows[i].minutes, rows[i].unit, rows[i].day_minutes,
		    rows[i].step == NULL ? NULL : &step, text);
		if (ok != (rows[i].text != NULL) || (ok && strcmp(text, rows[i].text) != 0))
			fail_msg("%lld as %s by %s: '%s', expected '%s'",
			    (long long)rows[i].minutes, unit_name(rows[i].unit),
			    rows[i].step == NULL ? "default" : rows[i].step, ok ? text : "(no)",
			    rows[i].text == NULL ? "(no)" : rows[i].text);
	}
}

/*
 * Every minute of three days, in every unit and step: what is written reads back as the same
 * minutes and is a multiple of the step; nothing that the step can express exactly is refused.
 */
static void
test_round_trip(void **state)
{
	static const char *const steps[] = {
	    "0.0001", "0.001", "0.01", "0.05", "0.1", "0.25", "0.5", "1"};
	static const int days[] = {480, 450, 456, 455, 1440, 1};
	size_t s, d, refused = 0, written = 0;
	int minutes, u;

	(void)state;
	for (s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		struct decimal step, value, rest;
		char text[DECIMAL_TEXT_MAX];
		int64_t back;

		assert_true(decimal_parse(steps[s], &step));
		for (d = 0; d < sizeof(days) / sizeof(days[0]); d++) {
			for (u = UNIT_MINUTES; u <= UNIT_HALF_DAYS; u++) {
				for (minutes = -30; minutes <= 3 * 1440; minutes++) {
					if (!amount_write(
						minutes, (enum unit)u, days[d], &step, text)) {
						refused++;
						continue;
					}
					written++;
					assert_true(decimal_parse(text, &value));
					assert_true(decimal_modulo(value, step, &rest));
					assert_true(decimal_is_zero(rest));
					assert_true(
					    amount_read(text, (enum unit)u, days[d], &back));
					assert_int_equal(back, minutes);
				}
			}
		}
	}
	assert_true(refused > 0 && written > 0);
}

/* Hours to two and to four digits, and a clock, can express every minute. */
static void
test_hours_never_refused(void **state)
{
	const struct decimal fine = {1, 4}, cents = {1, 2};
	char text[DECIMAL_TEXT_MAX];
	int minutes;

	(void)state;
	for (minutes = 0; minutes <= 3 * 1440; minutes++) {
		assert_true(amount_write(minutes, UNIT_HOURS, 480, &fine, text));
		assert_true(amount_write(minutes, UNIT_HOURS, 480, &cents, text));
		assert_true(amount_write(minutes, UNIT_CLOCK, 480, NULL, text));
		assert_true(amount_write(minutes, UNIT_DAYS, 480, NULL, text));
	}
}

/*
 * The reading rule once more, in another way: every hour amount of 0 to 30 h with 0 to 4 digits
 * against integers alone.
 */
static void
test_read_all_hours(void **state)
{
	static const int64_t powers[] = {1, 10, 100, 1000, 10000};
	int scale, sign;
	int64_t n;

	(void)state;
	for (scale = 0; scale <= 4; scale++) {
		for (n = 0; n < 30 * powers[scale]; n++) {
			for (sign = -1; sign <= 1; sign += 2) {
				/* x60 in units of 10^-scale minutes */
				int64_t value = sign * n * 60, p = powers[scale], minutes, below;
				int64_t expected;
				char text[64];

				below = value >= 0 ? value / p : -((-value + p - 1) / p);
				expected = below;
				if (60 < p && 2 * (value - below * p) > 60 &&
				    2 * ((below + 1) * p - value) <= 60)
					expected = below + 1;
				if (scale == 0)
					(void)snprintf(
					    text, sizeof(text), "%lld", (long long)(sign * n));
				else
					(void)snprintf(text, sizeof(text), "%s%lld.%0*lld",
					    sign < 0 ? "-" : "", (long long)(n / p), scale,
					    (long long)(n % p));
				assert_true(amount_read(text, UNIT_HOURS, 480, &minutes));
				if (minutes != expected)
					fail_msg("%s: %lld, expected %lld", text,
					    (long long)minutes, (long long)expected);
			}
		}
	}
}

static void
test_units(void **state)
{
	static const struct {
		const char *word;
		enum unit unit; /* UNIT_MAX: none */
	} rows[] = {
	    {"hours", UNIT_HOURS},
	    {"Hours", UNIT_HOURS},
	    {"HOURS", UNIT_HOURS},
	    {"hour", UNIT_HOURS},
	    {"Hour", UNIT_HOURS},
	    {"h", UNIT_HOURS},
	    {"H", UNIT_HOURS},
	    {"Days", UNIT_DAYS},
	    {"days", UNIT_DAYS},
	    {"day", UNIT_DAYS},
	    {"d", UNIT_DAYS},
	    {"D", UNIT_DAYS},
	    {"minutes", UNIT_MINUTES},
	    {"minute", UNIT_MINUTES},
	    {"min", UNIT_MINUTES},
	    {"half-days", UNIT_HALF_DAYS},
	    {"clock", UNIT_CLOCK},
	    {"half_day", UNIT_MAX},
	    {"half-day", UNIT_MAX},
	    {"halfday", UNIT_MAX},
	    {"m", UNIT_MAX},
	    {"", UNIT_MAX},
	    {"hours ", UNIT_MAX},
	    {"weeks", UNIT_MAX},
	};
	enum unit unit;
	size_t i;
	int u;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit = UNIT_MAX;
		assert_int_equal(unit_parse(rows[i].word, &unit), rows[i].unit != UNIT_MAX);
		assert_int_equal(unit, rows[i].unit);
	}
	for (u = 0; u < UNIT_MAX; u++)
		assert_true(unit_parse(unit_name((enum unit)u), &unit) && (int)unit == u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_hours_never_refused),
	    cmocka_unit_test(test_read_all_hours),
	    cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
