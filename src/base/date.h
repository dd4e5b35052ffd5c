/* date.h: civil dates, which never pass through UTC. Years 1900 to 9999. */
#ifndef DATE_H
#define DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct date {
	int32_t day; /* days since 1970-01-01, proleptic Gregorian */
};

enum { DATE_TEXT_MAX = 11, DATE_PATTERN_MAX = 64 };

/* Exactly YYYY-MM-DD of the calendar. */
bool date_parse(const char *s, struct date *out);
void date_format(struct date d, char out[static DATE_TEXT_MAX]);
bool date_from_civil(int year, int month, int day, struct date *out);
void date_to_civil(struct date d, int *year, int *month, int *day);
int date_weekday(struct date d); /* 0 Sunday ... 6 Saturday */
/*
 * What an HRIS may send for a date without a map: YYYY-MM-DD, a date-time that begins with one
 * (first ten characters), /Date(ms)/ and /Date(ms+0000)/ (UTC).
 */
bool date_read(const char *s, struct date *out);
/*
 * Patterns of the adapter language: YYYY YY MM M DD D MMM (Jan) hh mm ss and literal text, or the
 * words epoch, epoch-ms, odata. Writing gives midnight (00:00:00, UTC for epochs).
 */
bool date_pattern_valid(const char *pattern);
bool date_write_pattern(struct date d, const char *pattern, char out[static DATE_PATTERN_MAX]);
bool date_read_pattern(const char *s, const char *pattern, struct date *out);

/* YYYY-MM-DDTHH:mm[:ss[.fff]] without zone: the date and the minute of the day (0..1439). */
bool date_time_parse(const char *s, struct date *date, int *minute);

#endif
