/*
 * date_pattern.c: the patterns of the adapter language: YYYY YY MM M DD D MMM hh mm ss, anything
 * else is literal; or one of the words epoch, epoch-ms, odata. Runs of these letters that mean
 * nothing (YYY, DDD, MMMM, hhh), and yyyy and dd, which other languages have and this one has not,
 * are refused rather than taken as literal text.
 */
#include "base/date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
_Static_assert(sizeof(tokens) / sizeof(tokens[0]) == TOKEN_MAX, "a row each");

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

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (strcmp(pattern, counts[i].word) == 0)
			return (int)i;
	}
	return -1;
}

/* The token at *p, and *p behind it; TOKEN_MAX for a run of letters that has no meaning. */
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

/* [-]digits, and for odata also +0000 behind them; down to the day, UTC. */
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

/* The value of one token at *s, and *s behind it; -1 where it is not there. */
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
