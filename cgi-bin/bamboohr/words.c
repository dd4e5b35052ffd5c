/*
 * words.c: amounts and statuses as BambooHR writes them. Amounts are exact in both directions: one
 * that was received is whole minutes or refused. The words for a status are those of BambooHR's
 * OpenAPI description of 2026-04-27: which may create a request, which an existing one may move to,
 * and which a list may be filtered by.
 */
#include "base/text.h"
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

enum { AMOUNT_SIGNIFICANT = 15, HOUR_MINUTES = 60 };

enum unit
bamboohr_unit(const struct hris *h, const struct timeoff_type *type)
{
	if ((type->unit == UNIT_DAYS || type->unit == UNIT_HALF_DAYS) &&
	    hris_day_minutes(h, type) == h->route->day_minutes)
		return UNIT_DAYS;
	return UNIT_HOURS;
}

static int
unit_minutes(const struct hris *h, enum unit unit)
{
	return unit == UNIT_DAYS ? h->route->day_minutes : HOUR_MINUTES;
}

bool
bamboohr_amount(
    const struct hris *h, enum unit unit, int64_t minutes, char out[static DECIMAL_TEXT_MAX])
{
	static const struct decimal fine = {1, 8};
	int day_minutes = h->route->day_minutes;

	/*
	 * Four digits, as BambooHR has; more where a day is so long that a minute needs them.
	 */
	return amount_write(minutes, unit, day_minutes, NULL, out) ||
	       amount_write(minutes, unit, day_minutes, &fine, out);
}

bool
bamboohr_balance_amount(const struct hris *h, enum unit unit, int64_t minutes, int precision,
    char out[static DECIMAL_TEXT_MAX])
{
	const struct decimal step = {1, precision};
	struct decimal d;
	size_t len, digits;
	char *point;

	if (!decimal_divide_to(
		decimal_integer(minutes), decimal_integer(unit_minutes(h, unit)), step, &d))
		return false;
	decimal_format(d, out);
	if (precision == 0)
		return true;
	len = strlen(out);
	point = strchr(out, '.');
	digits = point == NULL ? 0 : strlen(point + 1);
	if (len + (size_t)precision + 2 > DECIMAL_TEXT_MAX)
		return false;
	if (point == NULL)
		out[len++] = '.';
	for (; digits < (size_t)precision; digits++)
		out[len++] = '0';
	out[len] = '\0';
	return true;
}

/* Is d how n minutes are written to four digits? */
static bool
is_written_so(const struct hris *h, enum unit unit, int64_t n, struct decimal d)
{
	char text[DECIMAL_TEXT_MAX];
	struct decimal written;

	return amount_write(n, unit, h->route->day_minutes, NULL, text) &&
	       decimal_parse(text, &written) && decimal_compare(written, d) == 0;
}

/*
 * Within half a unit of its last digit of a whole minute (7.5833 h is 455), where that half is less
 * than half a minute; else exactly on it, or as close as four digits come.
 */
bool
bamboohr_minutes(const struct hris *h, enum unit unit, const char *text, int64_t *minutes)
{
	struct decimal one = decimal_integer(unit_minutes(h, unit));
	struct decimal d, off, far;
	int64_t n;

	if (!decimal_parse_significant(text, AMOUNT_SIGNIFICANT, &d) ||
	    !amount_read(text, unit, h->route->day_minutes, &n) || n < 0)
		return false;
	if (!decimal_multiply(d, one, &off) || !decimal_subtract(off, decimal_integer(n), &off))
		return false;
	*minutes = n;
	if (decimal_is_zero(off) || is_written_so(h, unit, n, d))
		return true;
	if (off.coefficient < 0)
		off.coefficient = -off.coefficient;
	/* 2 x off <= one unit of the last digit < 1 minute */
	far = (struct decimal){one.coefficient, d.scale};
	return decimal_add(off, off, &off) && decimal_compare(off, far) <= 0 &&
	       decimal_compare(far, decimal_integer(1)) < 0;
}

struct value *
bamboohr_amount_value(struct hris *h, enum unit unit, int64_t minutes)
{
	struct value *v = value_object(h->arena);
	char text[DECIMAL_TEXT_MAX];

	if (!bamboohr_amount(h, unit, minutes, text) ||
	    !bamboohr_put(h->arena, v, "unit", unit_name(unit)) ||
	    !bamboohr_put(h->arena, v, "amount", text))
		return NULL;
	return v;
}

/* The first word of a status is the one in answers. */
static const struct {
	const char *word;
	enum timeoff_status status;
	unsigned uses;
} words[] = {
    {"requested", STATUS_PENDING, BAMBOOHR_CREATES | BAMBOOHR_FILTERS},
    {"approved", STATUS_APPROVED, BAMBOOHR_CREATES | BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"denied", STATUS_DENIED, BAMBOOHR_CREATES | BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"declined", STATUS_DENIED, BAMBOOHR_CREATES | BAMBOOHR_MOVES},
    {"canceled", STATUS_CANCELED, BAMBOOHR_MOVES | BAMBOOHR_FILTERS},
    {"cancelled", STATUS_CANCELED, BAMBOOHR_MOVES},
    /* BambooHR's status of a request that a change replaced; here a change replaces nothing. */
    {"superceded", STATUS_NONE, BAMBOOHR_FILTERS},
};

const char *
bamboohr_status_word(enum timeoff_status s)
{
	size_t i;

	for (i = 0; s != STATUS_NONE && i < ARRAY_LEN(words); i++) {
		if (words[i].status == s)
			return words[i].word;
	}
	return NULL;
}

bool
bamboohr_status_parse(const char *word, enum bamboohr_use use, enum timeoff_status *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if ((words[i].uses & (unsigned)use) != 0 && strcmp(words[i].word, word) == 0) {
			*out = words[i].status;
			return true;
		}
	}
	return false;
}
