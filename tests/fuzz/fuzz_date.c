/*
 * fuzz_date.c: any text as a date, and any text as a pattern: what a pattern writes it also reads,
 * where it says year, month and day.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

enum { FUZZ_TEXT_MAX = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_date(const char *s)
{
	char text[DATE_TEXT_MAX];
	struct date d, back;
	int minute;

	if (date_parse(s, &d)) {
		date_format(d, text);
		check(strcmp(text, s) == 0);
		check(date_read(s, &back) && back.day == d.day);
	}
	if (date_time_parse(s, &d, &minute)) {
		check(minute >= 0 && minute < 1440);
		check(date_read(s, &back) && back.day == d.day);
	}
	if (date_read(s, &d)) {
		date_format(d, text);
		check(date_parse(text, &back) && back.day == d.day);
	}
}

static void
fuzz_pattern(const char *pattern, const char *s, struct date d)
{
	char text[DATE_PATTERN_MAX];
	struct date back;

	if (date_read_pattern(s, pattern, &back))
		check(date_pattern_valid(pattern));
	if (!date_write_pattern(d, pattern, text))
		return;
	check(date_pattern_valid(pattern) && strlen(text) < sizeof(text));
	/*
	 * A pattern without a part, with two digits of the year, or with unseparated bare digits,
	 * loses.
	 */
	if (strstr(pattern, "YYYY-MM-DD") == pattern)
		check(!date_read_pattern(text, pattern, &back) || back.day == d.day);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char pattern[FUZZ_TEXT_MAX], text[FUZZ_TEXT_MAX];
	const uint8_t *end;
	struct date d;
	size_t n;

	if (size < 3 || size - 3 >= FUZZ_TEXT_MAX)
		return 0;
	d.day = (int32_t)(data[0] | data[1] << 8 | data[2] << 16);
	data += 3;
	size -= 3;
	end = memchr(data, '\n', size);
	n = end == NULL ? size : (size_t)(end - data);
	memcpy(pattern, data, n);
	pattern[n] = '\0';
	if (end != NULL)
		n++;
	memcpy(text, data + n, size - n);
	text[size - n] = '\0';
	fuzz_date(text);
	fuzz_pattern(pattern, text, d);
	return 0;
}
