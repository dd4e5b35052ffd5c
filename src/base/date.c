/*
 * date.c: the calendar, and the few date texts that are the same everywhere. Days are counted by
 * Howard Hinnant's algorithms (chrono-compatible low-level date algorithms, 2021-09-01). Patterns
 * of adapter files are date_pattern.c's.
 */
#include "base/date.h"

#include <string.h>

enum {
	DATE_YEAR_MIN = 1900,
	DATE_YEAR_MAX = 9999,
	DATE_LEN = 10, /* YYYY-MM-DD */
	DATE_ERA_DAYS = 146097,
	DATE_EPOCH_SHIFT = 719468, /* days from 0000-03-01 to 1970-01-01 */
	DATE_FRACTION_DIGITS = 9
};

static bool
date_is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
date_month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && date_is_leap(year));
}

bool
date_from_civil(int year, int month, int day, struct date *out)
{
	int era, year_of_era, day_of_year;

	if (year < DATE_YEAR_MIN || year > DATE_YEAR_MAX || month < 1 || month > 12)
		return false;
	if (day < 1 || day > date_month_days(year, month))
		return false;
	if (month <= 2)
		year--;
	era = year / 400;
	year_of_era = year % 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	out->day = era * DATE_ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
		   day_of_year - DATE_EPOCH_SHIFT;
	return true;
}

void
date_to_civil(struct date d, int *year, int *month, int *day)
{
	int64_t z = (int64_t)d.day + DATE_EPOCH_SHIFT;
	int64_t era = (z >= 0 ? z : z - (DATE_ERA_DAYS - 1)) / DATE_ERA_DAYS;
	int doe = (int)(z - era * DATE_ERA_DAYS);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int)(yoe + era * 400) + (*month <= 2);
}

int
date_weekday(struct date d)
{
	int w = (int)(((int64_t)d.day + 4) % 7);

	return w < 0 ? w + 7 : w;
}

/* n digits of s, or -1. */
static int
date_digits(const char *s, int n)
{
	int i, value = 0;

	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

/* The YYYY-MM-DD that s begins with. */
static bool
date_parse_start(const char *s, struct date *out)
{
	int year, month, day;

	if (strnlen(s, DATE_LEN) < DATE_LEN || s[4] != '-' || s[7] != '-')
		return false;
	year = date_digits(s, 4);
	month = date_digits(s + 5, 2);
	day = date_digits(s + 8, 2);
	return date_from_civil(year, month, day, out);
}

bool
date_parse(const char *s, struct date *out)
{
	return strnlen(s, DATE_LEN + 1) == DATE_LEN && date_parse_start(s, out);
}

static void
date_put(char *s, int value, int n)
{
	while (n > 0) {
		s[--n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
date_format(struct date d, char out[static DATE_TEXT_MAX])
{
	int year, month, day;

	date_to_civil(d, &year, &month, &day);
	if (year < 0)
		year = 0;
	date_put(out, year, 4);
	out[4] = '-';
	date_put(out + 5, month, 2);
	out[7] = '-';
	date_put(out + 8, day, 2);
	out[DATE_LEN] = '\0';
}

/*
 * hh:mm[:ss[.fff]] at s; the minute of the day, and how many characters that was: 0 where it is no
 * time of the day.
 */
static size_t
date_scan_time(const char *s, int *minute)
{
	int hour, min, second;
	size_t n = 5, digits;

	if (strnlen(s, 5) < 5 || s[2] != ':')
		return 0;
	hour = date_digits(s, 2);
	min = date_digits(s + 3, 2);
	if (hour < 0 || hour > 23 || min < 0 || min > 59)
		return 0;
	*minute = hour * 60 + min;
	if (s[n] != ':')
		return n;
	second = strnlen(s + n, 3) < 3 ? -1 : date_digits(s + n + 1, 2);
	if (second < 0 || second > 59)
		return 0;
	n += 3;
	if (s[n] != '.')
		return n;
	digits = strspn(s + n + 1, "0123456789");
	return digits < 1 || digits > DATE_FRACTION_DIGITS ? 0 : n + 1 + digits;
}

bool
date_time_parse(const char *s, struct date *date, int *minute)
{
	struct date d;
	size_t n;
	int m;

	if (!date_parse_start(s, &d) || s[DATE_LEN] != 'T')
		return false;
	n = date_scan_time(s + DATE_LEN + 1, &m);
	if (n == 0 || s[DATE_LEN + 1 + n] != '\0')
		return false;
	*date = d;
	*minute = m;
	return true;
}

/* "", Z, +hh, +hhmm, +hh:mm: what may end an ISO text; it does not move the date. */
static bool
date_is_zone(const char *s)
{
	int hour, minute = 0;

	if (*s == '\0' || strcmp(s, "Z") == 0)
		return true;
	if ((*s != '+' && *s != '-') || strnlen(s, 3) < 3)
		return false;
	hour = date_digits(s + 1, 2);
	s += 3;
	if (*s == ':')
		s++;
	if (*s != '\0') {
		if (strlen(s) != 2)
			return false;
		minute = date_digits(s, 2);
	} else if (s[-1] == ':')
		return false;
	return hour >= 0 && hour <= 14 && minute >= 0 && minute <= 59;
}

bool
date_read(const char *s, struct date *out)
{
	struct date d;
	int minute;
	size_t n;

	if (*s == '/')
		return date_read_pattern(s, "odata", out);
	if (!date_parse_start(s, &d))
		return false;
	s += DATE_LEN;
	if (*s == 'T' || *s == ' ') {
		n = date_scan_time(s + 1, &minute);
		if (n == 0)
			return false;
		s += 1 + n;
	}
	if (!date_is_zone(s))
		return false;
	*out = d;
	return true;
}
