/* filter_number.c: exact decimals, amounts and dates. */
#include <stdlib.h>

#include "lang/filter.h"

static bool
number_of(const struct value *v, struct decimal *out)
{
	const char *s = value_str(v);

	return s != NULL && decimal_parse(s, out);
}

static enum gw_err
give_decimal(const struct filter_call *call, struct decimal d, struct value **out)
{
	char digits[DECIMAL_TEXT_MAX];

	decimal_format(d, digits);
	return filter_give(call, value_number(call->scope->arena, digits), out);
}

/* Keeps the digits: an id of 18 digits is not rounded. */
FILTER_FUNCTION(number)
{
	const char *s = value_str(in);
	struct decimal d;

	if (s == NULL || !decimal_parse(s, &d))
		return filter_fail(call, "number", "a number was expected");
	return filter_give(call, value_number(call->scope->arena, s + (s[0] == '+')), out);
}

/* decimal [SEPARATOR]: "1.234,50" with ',' as separator is 1234.5. */
FILTER_FUNCTION(decimal)
{
	const char *s = value_str(in), *separator = ".";
	char digits[DECIMAL_TEXT_MAX];
	struct decimal d;
	size_t n = 0;

	if (call->n_args > 0)
		separator = value_str(call->args[0]);
	if (s == NULL || separator == NULL || (separator[0] != ',' && separator[0] != '.'))
		return filter_fail(
		    call, "decimal", "a number, and '.' or ',' as separator, was expected");
	for (; *s != '\0' && n < sizeof(digits) - 1; s++) {
		if (*s == separator[0])
			digits[n++] = '.';
		else if (*s != '.' && *s != ',')
			digits[n++] = *s;
	}
	digits[n] = '\0';
	if (*s != '\0' || !decimal_parse(digits, &d))
		return filter_fail(call, "decimal", "a number was expected");
	return give_decimal(call, d, out);
}

static enum gw_err
calculate(const struct filter_call *call, const char *filter, const struct value *in,
    bool (*run)(struct decimal, struct decimal, struct decimal *), struct value **out)
{
	struct decimal a, b, d;

	if (!number_of(in, &a) || !number_of(call->args[0], &b) || !run(a, b, &d))
		return filter_fail(call, filter, "numbers that fit were expected");
	return give_decimal(call, d, out);
}

static bool
modulo(struct decimal a, struct decimal b, struct decimal *out)
{
	return !decimal_is_zero(b) && decimal_modulo(a, b, out);
}

static bool
round_step(struct decimal a, struct decimal step, struct decimal *out)
{
	return decimal_compare(step, decimal_integer(0)) > 0 && decimal_round_to(a, step, out);
}

FILTER_FUNCTION(times)
{
	return calculate(call, "times", in, decimal_multiply, out);
}

FILTER_FUNCTION(plus)
{
	return calculate(call, "plus", in, decimal_add, out);
}

FILTER_FUNCTION(minus)
{
	return calculate(call, "minus", in, decimal_subtract, out);
}

FILTER_FUNCTION(mod)
{
	return calculate(call, "mod", in, modulo, out);
}

FILTER_FUNCTION(round)
{
	return calculate(call, "round", in, round_step, out);
}

FILTER_FUNCTION(floor)
{
	struct decimal d;
	int64_t n;

	if (!number_of(in, &d) || !decimal_floor(d, &n))
		return filter_fail(call, "floor", "a number was expected");
	return filter_give(call, value_integer(call->scope->arena, n), out);
}

static const struct decimal *
step_of(const struct scope *s, enum unit unit)
{
	if (s->traits == NULL || !s->traits->can[unit])
		return NULL;
	return &s->traits->step[unit];
}

/* as UNIT: minutes in the HRIS's unit; refused if reading it back would give other minutes. */
FILTER_FUNCTION(as)
{
	const char *name = value_str(call->args[0]);
	char text[DECIMAL_TEXT_MAX];
	struct decimal d;
	enum unit unit;
	int64_t minutes;

	if (name == NULL || !unit_parse(name, &unit))
		return filter_fail(
		    call, "as", "minutes, hours, days, half-days or clock was expected");
	if (!number_of(in, &d) || !decimal_to_integer(d, &minutes))
		return filter_fail(call, "as", "whole minutes were expected");
	if (!amount_write(
		minutes, unit, call->scope->day_minutes, step_of(call->scope, unit), text))
		return fail(call->scope->failure, CODE_INPUT_AMOUNT,
		    "%lld minutes cannot be expressed in %s exactly enough for this HRIS",
		    (long long)minutes, unit_name(unit));
	if (unit == UNIT_CLOCK)
		return filter_give(call, value_text(call->scope->arena, text), out);
	return filter_give(call, value_number(call->scope->arena, text), out);
}

FILTER_FUNCTION(from)
{
	const char *name = value_str(call->args[0]), *s = value_str(in);
	enum unit unit;
	int64_t minutes;

	if (name == NULL || !unit_parse(name, &unit))
		return filter_fail(
		    call, "from", "minutes, hours, days, half-days or clock was expected");
	if (s == NULL || !amount_read(s, unit, call->scope->day_minutes, &minutes))
		return filter_fail(call, "from", "an amount was expected");
	return filter_give(call, value_integer(call->scope->arena, minutes), out);
}

FILTER_FUNCTION(date)
{
	const char *s = value_str(in), *pattern = value_str(call->args[0]);
	char text[DATE_PATTERN_MAX];
	struct date d;

	if (s == NULL || !date_parse(s, &d))
		return filter_fail(call, "date", "a date YYYY-MM-DD was expected");
	if (pattern == NULL || !date_write_pattern(d, pattern, text))
		return filter_fail(call, "date", "the pattern cannot be read");
	return filter_give(call, value_text(call->scope->arena, text), out);
}

static enum gw_err
give_date(const struct filter_call *call, struct date d, struct value **out)
{
	char text[DATE_TEXT_MAX];

	date_format(d, text);
	return filter_give(call, value_text(call->scope->arena, text), out);
}

FILTER_FUNCTION(parse_date)
{
	const char *s = value_str(in), *pattern = value_str(call->args[0]);
	struct date d;

	if (s == NULL || pattern == NULL || !date_read_pattern(s, pattern, &d))
		return filter_fail(call, "parse-date", "a date of that pattern was expected");
	return give_date(call, d, out);
}

FILTER_FUNCTION(add_days)
{
	const char *s = value_str(in);
	struct decimal d;
	struct date date;
	int64_t days;

	if (s == NULL || !date_read(s, &date))
		return filter_fail(call, "add-days", "a date was expected");
	if (!number_of(call->args[0], &d) || !decimal_to_integer(d, &days) || days < -40000 ||
	    days > 40000)
		return filter_fail(call, "add-days", "a whole number of days was expected");
	date.day += (int32_t)days;
	return give_date(call, date, out);
}
