/*
 * clock.h: time and chance as a table of functions, so that tests simulate both.
 * Wall time is for what others compare (created, expiry); monotonic time for deadlines.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock {
	int64_t (*wall_ms)(void *context); /* since 1970-01-01 UTC */
	int64_t (*mono_ms)(void *context);
	void (*sleep_ms)(void *context, int64_t ms);
	bool (*random)(void *context, void *out, size_t len);
	void *context;
};

extern const struct clock clock_real; /* random by getrandom(2) */

int64_t clock_wall_ms(const struct clock *c);
int64_t clock_wall_s(const struct clock *c);
int64_t clock_mono_ms(const struct clock *c);
void clock_sleep_ms(const struct clock *c, int64_t ms);
bool clock_random(const struct clock *c, void *out, size_t len);

#endif
