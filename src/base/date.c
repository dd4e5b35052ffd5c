/*
 * date.c: the calendar, the few date texts that are the same everywhere, and the date patterns of
 * the adapter language. Days are counted by Howard Hinnant's algorithms (chrono-compatible
 * low-level date algorithms, 2021-09-01).
 */
#include "base/date.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

enum { DATE_DAY_S = 24 * 60 * 60, DATE_EPOCH_DIGITS = 15, DATE_TOKENS_MAX = DATE_PATTERN_MAX };

enum token_kind {
	TOKEN_YEAR,
	TOKEN_YEAR_SHORT,
	TOKEN_MONTH_NAME,
	TOKEN_MONTH,
	TOKEN_MONTH_BARE,
	TOKEN_DAY,
	TOKEN_DAY_BARE,
	TOKEN_HOUR,
	TOKEN_MINUTE,
	TOKEN_SECOND,
	TOKEN_LITERAL,
	TOKEN_MAX
};

static const struct {
	const char *word;
	int min, max; /* the value's range; both 0: no number */
	int width;    /* digits; 0: as few as there are, at most two */
} tokens[] = {
    [TOKEN_YEAR] = {"YYYY", 1900, 9999, 4},
    [TOKEN_YEAR_SHORT] = {"YY", 0, 99, 2},
    [TOKEN_MONTH_NAME] = {"MMM", 0, 0, 0},
    [TOKEN_MONTH] = {"MM", 1, 12, 2},
    [TOKEN_MONTH_BARE] = {"M", 1, 12, 0},
    [TOKEN_DAY] = {"DD", 1, 31, 2},
    [TOKEN_DAY_BARE] = {"D", 1, 31, 0},
    [TOKEN_HOUR] = {"hh", 0, 23, 2},
    [TOKEN_MINUTE] = {"mm", 0, 59, 2},
    [TOKEN_SECOND] = {"ss", 0, 59, 2},
    [TOKEN_LITERAL] = {"", 0, 0, 0},
};
_Static_assert(ARRAY_LEN(tokens) == TOKEN_MAX, "a row each");

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static const struct {
	const char *word, *before, *after;
	int per_second;
} counts[] = {
    {"epoch", "", "", 1},
    {"epoch-ms", "", "", 1000},
    {"odata", "/Date(", ")/", 1000},
};

static int
pattern_find_count(const char *pattern)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(counts); i++) {
		if (strcmp(pattern, counts[i].word) == 0)
			return (int)i;
	}
	return -1;
}

/* The token at *p, which moves past it; TOKEN_MAX for a run of letters that has no meaning. */
static enum token_kind
pattern_next(const char **p)
{
	const char c = **p;
	size_t run = 1;
	int kind;

	while (c != '\0' && (*p)[run] == c)
		run++;
	for (kind = 0; kind < TOKEN_LITERAL; kind++) {
		if (tokens[kind].word[0] == c && strlen(tokens[kind].word) == run) {
			*p += run;
			return (enum token_kind)kind;
		}
	}
	if (c == 'Y' || c == 'M' || c == 'D' || (run > 1 && strchr("hmsyd", c) != NULL))
		return TOKEN_MAX;
	*p += 1;
	return TOKEN_LITERAL;
}

bool
date_pattern_valid(const char *pattern)
{
	static const size_t lengths[TOKEN_MAX] = {
	    [TOKEN_YEAR] = 4, [TOKEN_MONTH_NAME] = 3, [TOKEN_LITERAL] = 1};
	enum token_kind kind;
	size_t len = 0;
	bool any = false;

	if (pattern_find_count(pattern) >= 0)
		return true;
	while (*pattern != '\0') {
		kind = pattern_next(&pattern);
		if (kind == TOKEN_MAX)
			return false;
		len += lengths[kind] != 0 ? lengths[kind] : 2;
		if (len >= DATE_PATTERN_MAX)
			return false;
		any = any || kind != TOKEN_LITERAL;
	}
	return any;
}

bool
date_write_pattern(struct date d, const char *pattern, char out[static DATE_PATTERN_MAX])
{
	const int count = pattern_find_count(pattern);
	int values[TOKEN_MAX] = {0};
	enum token_kind kind;
	const char *literal;
	size_t at = 0;

	if (!date_pattern_valid(pattern))
		return false;
	if (count >= 0) {
		(void)snprintf(out, DATE_PATTERN_MAX, "%s%lld%s", counts[count].before,
		    (long long)d.day * DATE_DAY_S * counts[count].per_second, counts[count].after);
		return true;
	}
	date_to_civil(d, &values[TOKEN_YEAR], &values[TOKEN_MONTH], &values[TOKEN_DAY]);
	if (values[TOKEN_YEAR] < 1900 || values[TOKEN_YEAR] > 9999)
		return false;
	values[TOKEN_YEAR_SHORT] = values[TOKEN_YEAR] % 100;
	values[TOKEN_MONTH_BARE] = values[TOKEN_MONTH];
	values[TOKEN_DAY_BARE] = values[TOKEN_DAY];
	while (*pattern != '\0') {
		literal = pattern;
		kind = pattern_next(&pattern);
		if (kind == TOKEN_LITERAL)
			out[at++] = *literal;
		else if (kind == TOKEN_MONTH_NAME) {
			memcpy(out + at, month_names + (size_t)(values[TOKEN_MONTH] - 1) * 3, 3);
			at += 3;
		} else
			at += (size_t)snprintf(out + at, DATE_PATTERN_MAX - at, "%0*d",
			    tokens[kind].width, values[kind]);
	}
	out[at] = '\0';
	return true;
}

/* [-]digits, and for odata also +0000 after them; down to the day, UTC. */
static bool
pattern_read_count(const char *s, int count, struct date *out)
{
	const char *before = counts[count].before, *after = counts[count].after;
	const int64_t day = (int64_t)DATE_DAY_S * counts[count].per_second;
	int64_t n = 0, whole;
	struct date d, low, high;
	bool negative;
	size_t digits, i;

	if (strncmp(s, before, strlen(before)) != 0)
		return false;
	s += strlen(before);
	negative = *s == '-';
	s += negative;
	digits = strspn(s, "0123456789");
	if (digits == 0 || digits > DATE_EPOCH_DIGITS)
		return false;
	for (i = 0; i < digits; i++)
		n = n * 10 + (s[i] - '0');
	s += digits;
	if (*after != '\0' && (strncmp(s, "+0000", 5) == 0 || strncmp(s, "-0000", 5) == 0))
		s += 5;
	if (strcmp(s, after) != 0)
		return false;
	whole = negative ? -((n + day - 1) / day) : n / day;
	if (!date_from_civil(1900, 1, 1, &low) || !date_from_civil(9999, 12, 31, &high))
		return false;
	if (whole < low.day || whole > high.day)
		return false;
	d.day = (int32_t)whole;
	*out = d;
	return true;
}

/* The value of one token at *s, which moves past it; -1 where it is not there. */
static int
pattern_read_token(enum token_kind kind, const char **s)
{
	size_t digits, width;
	int value = 0;
	size_t i;

	if (kind == TOKEN_MONTH_NAME) {
		for (i = 0; i < 12; i++) {
			if (strncasecmp(*s, month_names + i * 3, 3) == 0) {
				*s += 3;
				return (int)i + 1;
			}
		}
		return -1;
	}
	digits = strspn(*s, "0123456789");
	width = tokens[kind].width > 0 ? (size_t)tokens[kind].width : digits < 2 ? digits : 2;
	if (digits < width || width == 0)
		return -1;
	for (; width > 0; width--)
		value = value * 10 + (*(*s)++ - '0');
	return value < tokens[kind].min || value > tokens[kind].max ? -1 : value;
}

/* Two tokens that say the same thing must not differ. */
static bool
pattern_settle(int *part, int value)
{
	if (*part >= 0 && *part != value)
		return false;
	*part = value;
	return true;
}

bool
date_read_pattern(const char *s, const char *pattern, struct date *out)
{
	int count = pattern_find_count(pattern), value;
	int year = -1, month = -1, day = -1;
	int *const parts[TOKEN_MAX] = {&year, &year, &month, &month, &month, &day, &day};
	enum token_kind kind;
	const char *literal;

	if (count >= 0)
		return pattern_read_count(s, count, out);
	if (!date_pattern_valid(pattern))
		return false;
	while (*pattern != '\0') {
		literal = pattern;
		kind = pattern_next(&pattern);
		if (kind == TOKEN_LITERAL) {
			if (*s++ != *literal)
				return false;
			continue;
		}
		value = pattern_read_token(kind, &s);
		if (value < 0)
			return false;
		if (kind == TOKEN_YEAR_SHORT)
			value += 2000;
		if (parts[kind] != NULL && !pattern_settle(parts[kind], value))
			return false;
	}
	return *s == '\0' && date_from_civil(year, month, day, out);
}
