/*
 * amount.h: what an HRIS calls an amount of time, and minutes. The reading and writing rules of the
 * design: exact decimals from the vendor's own digits.
 */
#ifndef AMOUNT_H
#define AMOUNT_H

#include "base/decimal.h"
#include "base/fail.h"

enum unit {
	UNIT_MINUTES,
	UNIT_HOURS,
	UNIT_DAYS,
	UNIT_HALF_DAYS, /* a count of half days */
	UNIT_CLOCK,     /* "7:30", hours:minutes */
	UNIT_MAX
};

const char *unit_name(enum unit u); /* "hours" */
/* The usual spellings: hours Hours hour h H; days Days day d D; minutes minute min; half-days.
 * half_day and half-day are never a unit of an amount: false. */
bool unit_parse(const char *s, enum unit *out);

/*
 * Reading: text is the vendor's own number ("7.5833", "-26.36", "1e2"; "163:30" for UNIT_CLOCK).
 * More than 15 significant digits: first rounded half-even to 15, and to 12 decimals. Then, where
 * half a unit of the last digit is less than half a minute, a value that close to a whole minute is
 * that minute; otherwise down to the whole minute, negatives too. day_minutes is used for days and
 * half days.
 * False: no number, or beyond +-10^9 minutes.
 */
bool amount_read(const char *text, enum unit u, int day_minutes, int64_t *minutes);

/*
 * Writing: minutes as u, rounded half-even to step ("0.0001"; NULL: 0.0001 for hours and days, 1
 * else), and refused (false) only if amount_read of the text would give other minutes.
 */
bool amount_write(int64_t minutes, enum unit u, int day_minutes, const struct decimal *step,
    char out[static DECIMAL_TEXT_MAX]);

#endif
