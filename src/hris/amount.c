/*
 * amount.c: see amount.h. A count of a unit is its decimal times the unit's minutes; half days make
 * that a multiple of a half minute, hence everything is counted in half minutes until the end.
 */
#include "hris/amount.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	AMOUNT_SIGNIFICANT = 15, /* what a double surely holds */
	AMOUNT_MINUTES_MAX = 1000000000,
	AMOUNT_CLOCK_DIGITS = 8
};

static const struct decimal amount_fine = {1, 4};
static const struct decimal amount_whole = {1, 0};

static const struct {
	const char *name;
	const struct decimal *step; /* where an adapter declares none */
} units[] = {
    [UNIT_MINUTES] = {"minutes", &amount_whole},
    [UNIT_HOURS] = {"hours", &amount_fine},
    [UNIT_DAYS] = {"days", &amount_fine},
    [UNIT_HALF_DAYS] = {"half-days", &amount_whole},
    [UNIT_CLOCK] = {"clock", &amount_whole},
};
_Static_assert(sizeof(units) / sizeof(units[0]) == UNIT_MAX, "a row each");

static const struct {
	const char *word;
	enum unit unit;
} spellings[] = {
    {"minutes", UNIT_MINUTES},
    {"minute", UNIT_MINUTES},
    {"mins", UNIT_MINUTES},
    {"min", UNIT_MINUTES},
    {"hours", UNIT_HOURS},
    {"hour", UNIT_HOURS},
    {"hrs", UNIT_HOURS},
    {"hr", UNIT_HOURS},
    {"h", UNIT_HOURS},
    {"days", UNIT_DAYS},
    {"day", UNIT_DAYS},
    {"d", UNIT_DAYS},
    {"half-days", UNIT_HALF_DAYS},
    {"clock", UNIT_CLOCK},
};

const char *
unit_name(enum unit u)
{
	return units[u].name;
}

bool
unit_parse(const char *s, enum unit *out)
{
	size_t i;

	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		if (strcasecmp(s, spellings[i].word) == 0) {
			*out = spellings[i].unit;
			return true;
		}
	}
	return false;
}

/* Half minutes in one of the unit; 0 for a clock, or where a day has no length. */
static int64_t
amount_half_minutes(enum unit u, int day_minutes)
{
	switch (u) {
	case UNIT_MINUTES:
		return 2;
	case UNIT_HOURS:
		return 120;
	case UNIT_DAYS:
		return day_minutes > 0 ? 2 * (int64_t)day_minutes : 0;
	case UNIT_HALF_DAYS:
		return day_minutes > 0 ? day_minutes : 0;
	case UNIT_CLOCK:
	case UNIT_MAX:
		break;
	}
	return 0;
}

/* [-]H:MM, hours of up to 8 digits. */
static bool
amount_read_clock(const char *text, int64_t *minutes)
{
	bool negative = *text == '-';
	const char *s = text + (*text == '-' || *text == '+');
	size_t i, hours = strspn(s, "0123456789");
	int64_t total = 0;

	if (hours == 0 || hours > AMOUNT_CLOCK_DIGITS || s[hours] != ':')
		return false;
	if (strspn(s + hours + 1, "0123456789") != 2 || s[hours + 3] != '\0')
		return false;
	if (s[hours + 1] > '5')
		return false;
	for (i = 0; i < hours; i++)
		total = total * 10 + (s[i] - '0');
	total = total * 60 + (int64_t)10 * (s[hours + 1] - '0') + (s[hours + 2] - '0');
	if (total > AMOUNT_MINUTES_MAX)
		return false;
	*minutes = negative ? -total : total;
	return true;
}

/*
 * The whole minute nearest to d x unit, if it lies within half a unit of d's last digit, and that
 * half is less than half a minute. Everything below is in half minutes x 10^scale.
 */
static bool
amount_snap(struct decimal d, int64_t unit, int64_t *minutes)
{
	__int128 minute = 2, value, rest, distance;
	bool up;
	int i;

	for (i = 0; i < d.scale; i++)
		minute *= 10;
	if (unit >= minute)
		return false;
	if (__builtin_mul_overflow(d.coefficient, (__int128)unit, &value))
		return false;
	rest = value % minute;
	if (rest < 0)
		rest += minute;
	up = rest > minute - rest;
	distance = up ? minute - rest : rest;
	if (2 * distance > unit)
		return false;
	value = (up ? value + distance : value - distance) / minute;
	if (value > AMOUNT_MINUTES_MAX || value < -AMOUNT_MINUTES_MAX)
		return false;
	*minutes = (int64_t)value;
	return true;
}

/*
 * More than 15 significant digits are what a binary floating-point number left: they are rounded to
 * 15, and to 12 decimals, so that the rest of a subtraction (-1.4e-14) is the 0 that it means.
 */
static bool
amount_parse(const char *text, struct decimal *out)
{
	const struct decimal noise = {1, 12};
	struct decimal raw;

	if (!decimal_parse_significant(text, AMOUNT_SIGNIFICANT, out))
		return false;
	if (decimal_parse(text, &raw) && decimal_compare(raw, *out) == 0)
		return true;
	return out->scale <= noise.scale || decimal_round_to(*out, noise, out);
}

bool
amount_read(const char *text, enum unit u, int day_minutes, int64_t *minutes)
{
	const int64_t unit = amount_half_minutes(u, day_minutes);
	const struct decimal half = {5, 1};
	struct decimal d, total;
	int64_t n;

	if (u == UNIT_CLOCK)
		return amount_read_clock(text, minutes);
	if (unit == 0 || !amount_parse(text, &d))
		return false;
	if (!amount_snap(d, unit, &n)) {
		if (!decimal_multiply(d, decimal_integer(unit), &total) ||
		    !decimal_multiply(total, half, &total) || !decimal_floor(total, &n))
			return false;
	}
	if (n > AMOUNT_MINUTES_MAX || n < -AMOUNT_MINUTES_MAX)
		return false;
	*minutes = n;
	return true;
}

static bool
amount_write_clock(int64_t minutes, const struct decimal *step, char out[static DECIMAL_TEXT_MAX])
{
	const char *sign = minutes < 0 ? "-" : "";
	struct decimal d = decimal_integer(minutes);
	int64_t n;

	if (!decimal_round_to(d, *step, &d) || !decimal_to_integer(d, &n))
		return false;
	if (n < 0)
		n = -n;
	(void)snprintf(
	    out, DECIMAL_TEXT_MAX, "%s%lld:%02d", sign, (long long)(n / 60), (int)(n % 60));
	return true;
}

bool
amount_write(int64_t minutes, enum unit u, int day_minutes, const struct decimal *step,
    char out[static DECIMAL_TEXT_MAX])
{
	const int64_t unit = amount_half_minutes(u, day_minutes);
	char text[DECIMAL_TEXT_MAX];
	struct decimal d;
	int64_t back;

	if (minutes > AMOUNT_MINUTES_MAX || minutes < -AMOUNT_MINUTES_MAX)
		return false;
	if (step == NULL)
		step = units[u].step;
	if (u == UNIT_CLOCK) {
		if (!amount_write_clock(minutes, step, text))
			return false;
	} else {
		if (unit == 0 || !decimal_divide_to(decimal_integer(2 * minutes),
				     decimal_integer(unit), *step, &d))
			return false;
		decimal_format(d, text);
	}
	if (!amount_read(text, u, day_minutes, &back) || back != minutes)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}
