/*
 * fuzz_decimal.c: any text as a number and as an amount: what is taken formats and parses to the
 * same, and an amount that is written reads back.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hris/amount.h"

enum { FUZZ_TEXT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_amounts(const char *text, int day_minutes)
{
	char written[DECIMAL_TEXT_MAX];
	int64_t minutes, back;
	int u;

	for (u = 0; u < UNIT_MAX; u++) {
		if (!amount_read(text, (enum unit)u, day_minutes, &minutes))
			continue;
		check(minutes >= -1000000000 && minutes <= 1000000000);
		if (!amount_write(minutes, (enum unit)u, day_minutes, NULL, written))
			continue;
		check(amount_read(written, (enum unit)u, day_minutes, &back) && back == minutes);
	}
}

static void
fuzz_numbers(const char *text, struct decimal other)
{
	char written[DECIMAL_TEXT_MAX];
	struct decimal d, back, near, sum;
	int64_t floor;

	if (!decimal_parse(text, &d))
		return;
	decimal_format(d, written);
	check(strlen(written) < DECIMAL_TEXT_MAX);
	check(decimal_parse(written, &back) && decimal_compare(back, d) == 0);
	check(decimal_parse_significant(text, 36, &near) && decimal_compare(near, d) == 0);
	if (decimal_round_significant(d, 15, &near) && decimal_parse_significant(text, 15, &back))
		check(decimal_compare(near, back) == 0);
	if (decimal_add(d, other, &sum) && decimal_subtract(sum, other, &back))
		check(decimal_compare(back, d) == 0);
	if (decimal_floor(d, &floor))
		check(decimal_compare(decimal_integer(floor), d) <= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[FUZZ_TEXT_MAX];
	struct decimal other;

	if (size < 4 || size - 4 >= sizeof(text))
		return 0;
	other = (struct decimal){data[0] * 257 - data[1], data[2] % 37};
	memcpy(text, data + 4, size - 4);
	text[size - 4] = '\0';
	fuzz_amounts(text, data[3] * 8);
	fuzz_numbers(text, other);
	return 0;
}
