/* test_date.c: the calendar day by day, and what is a date and what is not, as tables. */
#include "base/date.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* From the first day to the last, each follows from the one before. */
static void
test_calendar(void **state)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = 1900, month = 1, day = 1, weekday = 1, y, m, d, last;
	struct date first, date, parsed;
	char text[DATE_TEXT_MAX];
	int32_t n = 0;

	(void)state;
	assert_true(date_from_civil(1900, 1, 1, &first));
	while (year <= 9999) {
		assert_true(date_from_civil(year, month, day, &date));
		assert_int_equal(date.day, first.day + n);
		date_to_civil(date, &y, &m, &d);
		assert_true(y == year && m == month && d == day);
		assert_int_equal(date_weekday(date), weekday);
		date_format(date, text);
		assert_true(date_parse(text, &parsed) && parsed.day == date.day);
		last = days[month - 1];
		if (month == 2 && (year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)))
			last = 29;
		assert_false(date_from_civil(year, month, last + 1, &parsed));
		weekday = (weekday + 1) % 7;
		n++;
		if (++day <= last)
			continue;
		day = 1;
		if (++month <= 12)
			continue;
		month = 1;
		year++;
	}
	assert_false(date_from_civil(10000, 1, 1, &date));
	assert_false(date_from_civil(1899, 12, 31, &date));
	assert_false(date_from_civil(2026, 0, 1, &date));
	assert_false(date_from_civil(2026, 13, 1, &date));
	assert_false(date_from_civil(2026, 1, 0, &date));
}

static void
test_known_days(void **state)
{
	static const struct {
		const char *text;
		int32_t day;
		int weekday;
	} rows[] = {
	    {"1970-01-01", 0, 4},
	    {"1969-12-31", -1, 3},
	    {"2000-02-29", 11016, 2},
	    {"2026-11-23", 20780, 1},
	    {"1900-01-01", -25567, 1},
	    {"9999-12-31", 2932896, 5},
	};
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(date_parse(rows[i].text, &d));
		assert_int_equal(d.day, rows[i].day);
		assert_int_equal(date_weekday(d), rows[i].weekday);
		date_format(d, text);
		assert_string_equal(text, rows[i].text);
	}
	/* Days no date_parse gives do not overrun the text. */
	date_format((struct date){INT32_MAX}, text);
	assert_int_equal(strlen(text), 10);
	date_format((struct date){INT32_MIN}, text);
	assert_int_equal(strlen(text), 10);
}

static void
test_parse_refuses(void **state)
{
	static const char *const rows[] = {"", "2026", "2026-02-30", "2026-02-29", "1900-02-29",
	    "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "1899-12-31", "0000-01-01",
	    "2026-1-1", "26-01-01", "2026/01/01", "20260101", "2026-01-01 ", " 2026-01-01",
	    "2026-01-01T00:00:00", "2026-01-0x", "+026-01-01", "-026-01-01", "2026-0--01",
	    "2026-01-01-", "12026-01-01",
	    ("\xEF\xBC\x92"
	     "026-01-01")};
	struct date d = {7};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (date_parse(rows[i], &d) || d.day != 7)
			fail_msg("'%s' was taken", rows[i]);
	}
}

static void
test_read(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} rows[] = {
	    {"2026-06-15", "2026-06-15"},
	    {"2026-06-15T00:00:00", "2026-06-15"},
	    {"2026-06-15T23:59:59Z", "2026-06-15"},
	    {"2026-06-15T23:59:59.999Z", "2026-06-15"},
	    {"2026-06-15T23:30:00-07:00", "2026-06-15"},
	    {"2026-06-15T00:30:00+0200", "2026-06-15"},
	    {"2026-06-15T00:30+02", "2026-06-15"},
	    {"2026-06-15 10:28:31", "2026-06-15"},
	    {"2026-06-15-07:00", "2026-06-15"},
	    {"2026-06-15Z", "2026-06-15"},
	    {"/Date(1781481600000)/", "2026-06-15"},
	    {"/Date(1781481600000+0000)/", "2026-06-15"},
	    {"/Date(1781481600000-0000)/", "2026-06-15"},
	    {"/Date(1781567999999)/", "2026-06-15"},
	    {"/Date(0)/", "1970-01-01"},
	    {"/Date(-1)/", "1969-12-31"},
	    {"/Date(-86400000)/", "1969-12-31"},
	    {"/Date(-86400001)/", "1969-12-30"},
	    {"/Date(253402300799999)/", "9999-12-31"},
	    {"/Date(253402300800000)/", NULL},
	    {"/Date(-2208988800000)/", "1900-01-01"},
	    {"/Date(-2208988800001)/", NULL},
	    {"/Date(1781481600000+0200)/", NULL},
	    {"/Date(99999999999999999999)/", NULL},
	    {"/Date()/", NULL},
	    {"/Date(-)/", NULL},
	    {"/Date(+1)/", NULL},
	    {"/Date(1.5)/", NULL},
	    {"/Date(1)", NULL},
	    {"/Date(1)/ ", NULL},
	    {"/", NULL},
	    {"", NULL},
	    {"2026-02-30", NULL},
	    {"2026-02-30T00:00:00", NULL},
	    {"2026-06-15T", NULL},
	    {"2026-06-15T24:00:00", NULL},
	    {"2026-06-15T10:60", NULL},
	    {"2026-06-15T10:00:60", NULL},
	    {"2026-06-15T10:00:", NULL},
	    {"2026-06-15T10:00:00.", NULL},
	    {"2026-06-15T10:00:00+1", NULL},
	    {"2026-06-15T10:00:00+15:00", NULL},
	    {"2026-06-15T10:00:00+02:", NULL},
	    {"2026-06-15T10:00:00+02:60", NULL},
	    {"2026-06-15T10:00:00 UTC", NULL},
	    {"2026-06-15x", NULL},
	    {"2026-06-151", NULL},
	    {"15.06.2026", NULL},
	    {"06/15/2026", NULL},
	};
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool ok = date_read(rows[i].in, &d);

		if (ok)
			date_format(d, text);
		if (ok != (rows[i].out != NULL) || (ok && strcmp(text, rows[i].out) != 0))
			fail_msg("'%s': '%s'", rows[i].in, ok ? text : "(no)");
	}
}

static void
test_time(void **state)
{
	static const struct {
		const char *in, *date; /* NULL: refused */
		int minute;
	} rows[] = {
	    {"2026-06-15T00:00", "2026-06-15", 0},
	    {"2026-06-15T09:30", "2026-06-15", 570},
	    {"2026-06-15T09:30:59", "2026-06-15", 570},
	    {"2026-06-15T23:59:59.999", "2026-06-15", 1439},
	    {"2026-06-15T09:30:00.000000000", "2026-06-15", 570},
	    {"2026-06-15T09:30:00.0000000000", NULL, 0},
	    {"2026-06-15", NULL, 0},
	    {"2026-06-15T", NULL, 0},
	    {"2026-06-15T9:30", NULL, 0},
	    {"2026-06-15T09", NULL, 0},
	    {"2026-06-15 09:30", NULL, 0},
	    {"2026-06-15t09:30", NULL, 0},
	    {"2026-06-15T09:30Z", NULL, 0},
	    {"2026-06-15T09:30:00Z", NULL, 0},
	    {"2026-06-15T09:30:00+02:00", NULL, 0},
	    {"2026-06-15T24:00", NULL, 0},
	    {"2026-06-15T09:60", NULL, 0},
	    {"2026-06-15T09:30:60", NULL, 0},
	    {"2026-06-15T09:30:", NULL, 0},
	    {"2026-06-15T09:30:1", NULL, 0},
	    {"2026-06-15T09:30:00.", NULL, 0},
	    {"2026-02-30T09:30", NULL, 0},
	    {"", NULL, 0},
	};
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;
	int minute;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool ok = date_time_parse(rows[i].in, &d, &minute);

		if (ok != (rows[i].date != NULL))
			fail_msg("'%s': %d", rows[i].in, ok);
		if (!ok)
			continue;
		date_format(d, text);
		assert_string_equal(text, rows[i].date);
		assert_int_equal(minute, rows[i].minute);
	}
}

static void
test_patterns_valid(void **state)
{
	static const char *const good[] = {"YYYY-MM-DD", "DD.MM.YYYY", "D/M/YY", "DD-MMM-YYYY",
	    "YYYY", "MM", "epoch", "epoch-ms", "odata", "YYYY-MM-DDThh:mm:ss", "YYYYMMDD",
	    "datetime'YYYY-MM-DDT00:00:00'", "\xE2\x82\xACYYYY"};
	static const char *const bad[] = {"", "x", "-", "YYY", "YYYYY", "Y", "MMMM", "DDD",
	    "dd-MMM-yyyy", "yyyy-MM-DD", "YYYY-MM-DDThhh", "mmm", "Epoch",
	    "YYYY-MM-DD YYYY-MM-DD YYYY-MM-DD YYYY-MM-DD YYYY-MM-DD YYYY-MM-DD"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		if (!date_pattern_valid(good[i]))
			fail_msg("'%s' was refused", good[i]);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		char out[DATE_PATTERN_MAX];
		struct date d = {0};

		if (date_pattern_valid(bad[i]) || date_write_pattern(d, bad[i], out))
			fail_msg("'%s' was taken", bad[i]);
		assert_false(date_read_pattern("1", bad[i], &d));
	}
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *date, *pattern, *text;
	} rows[] = {
	    {"2026-01-07", "YYYY-MM-DD", "2026-01-07"},
	    {"2026-01-07", "DD-MMM-YYYY", "07-Jan-2026"},
	    {"2026-12-31", "DD-MMM-YYYY", "31-Dec-2026"},
	    {"2026-01-07", "D/M/YY", "7/1/26"},
	    {"2026-11-27", "D/M/YY", "27/11/26"},
	    {"2026-01-07", "MM/DD/YYYY", "01/07/2026"},
	    {"2026-01-07", "YYYYMMDD", "20260107"},
	    {"2026-01-07", "YYYY-MM-DDThh:mm:ss", "2026-01-07T00:00:00"},
	    {"2026-01-07", "YYYY-MM-DD YYYY", "2026-01-07 2026"},
	    {"2026-06-15", "datetime'YYYY-MM-DDT00:00:00'", "datetime'2026-06-15T00:00:00'"},
	    {"2026-06-15", "epoch", "1781481600"},
	    {"2026-06-15", "epoch-ms", "1781481600000"},
	    {"2026-06-15", "odata", "/Date(1781481600000)/"},
	    {"1969-12-31", "epoch", "-86400"},
	    {"9999-12-31", "odata", "/Date(253402214400000)/"},
	};
	char text[DATE_PATTERN_MAX];
	struct date d, back;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(date_parse(rows[i].date, &d));
		assert_true(date_write_pattern(d, rows[i].pattern, text));
		assert_string_equal(text, rows[i].text);
		assert_true(date_read_pattern(text, rows[i].pattern, &back));
		assert_int_equal(back.day, d.day);
	}
	assert_true(date_write_pattern(d, "YYYY", text));
	assert_string_equal(text, "9999");
	assert_false(date_write_pattern((struct date){INT32_MAX}, "YYYY", text));
	assert_false(date_write_pattern((struct date){INT32_MIN}, "YYYY", text));
	assert_true(date_write_pattern((struct date){INT32_MIN}, "odata", text));
}

static void
test_patterns_read(void **state)
{
	static const struct {
		const char *text, *pattern, *date; /* NULL: refused */
	} rows[] = {
	    {"07-jan-2026", "DD-MMM-YYYY", "2026-01-07"},
	    {"07-SEP-2026", "DD-MMM-YYYY", "2026-09-07"},
	    {"7/1/26", "D/M/YY", "2026-01-07"},
	    {"07/01/26", "D/M/YY", "2026-01-07"},
	    {"2026-01-07T23:59:59", "YYYY-MM-DDThh:mm:ss", "2026-01-07"},
	    {"2026-01-07T24:00:00", "YYYY-MM-DDThh:mm:ss", NULL},
	    {"2026-01-07T00:60:00", "YYYY-MM-DDThh:mm:ss", NULL},
	    {"2026-01-07", "YYYY-MM-DDThh:mm:ss", NULL},
	    {"2026-02-30", "YYYY-MM-DD", NULL},
	    {"2026-01-07 ", "YYYY-MM-DD", NULL},
	    {"2026-1-07", "YYYY-MM-DD", NULL},
	    {"007/1/26", "D/M/YY", NULL},
	    {"/1/26", "D/M/YY", NULL},
	    {"32/1/26", "D/M/YY", NULL},
	    {"7/13/26", "D/M/YY", NULL},
	    {"07-Mai-2026", "DD-MMM-YYYY", NULL},
	    {"07-Ja", "DD-MMM-YYYY", NULL},
	    {"2026-01-07 2026", "YYYY-MM-DD YYYY", "2026-01-07"},
	    {"2026-01-07 2027", "YYYY-MM-DD YYYY", NULL},
	    {"2026", "YYYY", NULL},
	    {"1781481600", "epoch", "2026-06-15"},
	    {"1781567999", "epoch", "2026-06-15"},
	    {"-1", "epoch", "1969-12-31"},
	    {"1781481600.5", "epoch", NULL},
	    {"1781481600+0000", "epoch", NULL},
	    {"9999999999999999", "epoch", NULL},
	    {"999999999999999", "epoch", NULL},
	    {"", "epoch", NULL},
	    {"x", "epoch-ms", NULL},
	};
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool ok = date_read_pattern(rows[i].text, rows[i].pattern, &d);

		if (ok)
			date_format(d, text);
		if (ok != (rows[i].date != NULL) || (ok && strcmp(text, rows[i].date) != 0))
			fail_msg(
			    "'%s' by %s: '%s'", rows[i].text, rows[i].pattern, ok ? text : "(no)");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_calendar),
	    cmocka_unit_test(test_known_days),
	    cmocka_unit_test(test_parse_refuses),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_patterns_valid),
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_patterns_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
