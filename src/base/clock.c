/* clock.c: the real clock, and the calls through the table. */
#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
real_wall_ms(void *context)
{
	(void)context;
	return clock_read(CLOCK_REALTIME);
}

static int64_t
real_mono_ms(void *context)
{
	(void)context;
	return clock_read(CLOCK_MONOTONIC);
}

static void
real_sleep_ms(void *context, int64_t ms)
{
	struct timespec ts;

	(void)context;
	if (ms <= 0)
		return;
	ts.tv_sec = (time_t)(ms / 1000);
	ts.tv_nsec = (long)(ms % 1000) * 1000000L;
	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		continue;
}

/* Chance from the kernel. */
static bool
kernel_random(unsigned char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* A request needs a few bytes: one system call for those of many. None is given twice, or kept. */
static bool
real_random(void *context, void *out, size_t len)
{
	static _Thread_local unsigned char stock[256];
	static _Thread_local size_t left;

	(void)context;
	if (len > sizeof(stock) / 4)
		return kernel_random(out, len);
	if (left < len) {
		if (!kernel_random(stock, sizeof(stock)))
			return false;
		left = sizeof(stock);
	}
	left -= len;
	memcpy(out, stock + left, len);
	explicit_bzero(stock + left, len);
	return true;
}

const struct clock clock_real = {
    .wall_ms = real_wall_ms,
    .mono_ms = real_mono_ms,
    .sleep_ms = real_sleep_ms,
    .random = real_random,
};

int64_t
clock_wall_ms(const struct clock *c)
{
	return c->wall_ms(c->context);
}

int64_t
clock_wall_s(const struct clock *c)
{
	return c->wall_ms(c->context) / 1000;
}

int64_t
clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->context);
}

void
clock_sleep_ms(const struct clock *c, int64_t ms)
{
	c->sleep_ms(c->context, ms);
}

bool
clock_random(const struct clock *c, void *out, size_t len)
{
	return c->random(c->context, out, len);
}
