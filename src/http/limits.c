/*
 * limits.c: what a route may cost its HRIS. The rate: when a call may start, so that no second ever
 * sees more than per_second of them; it remembers the last per_second starts, and a call may go one
 * second after the oldest of these. (A bucket that fills per_second times a second lets nearly
 * twice as many through at first.) The breaker stops calling an HRIS that fails, and lets one call
 * through now and then to see: closed -> open after enough failures -> half-open when its time is
 * over -> closed or open again, twice as long. The pace: how long the last calls took, for who has
 * to keep time. Knows neither locks nor clocks nor HTTP.
 */
#include "http/pool.h"

#include <stdlib.h>
#include <string.h>

/* Keeps the newest starts when the rate changes. */
static bool
rate_resize(struct http_rate *r, unsigned per_second)
{
	int64_t *starts = calloc(per_second, sizeof(*starts));
	unsigned i, kept = r->n < per_second ? r->n : per_second;

	if (starts == NULL)
		return false;
	for (i = 0; i < per_second - kept; i++)
		starts[i] = INT64_MIN / 2;
	for (i = 0; i < kept; i++)
		starts[per_second - kept + i] = r->starts[(r->next + r->n - kept + i) % r->n];
	free(r->starts);
	r->starts = starts;
	r->n = per_second;
	r->next = 0;
	return true;
}

enum http_rate_verdict
http_rate_reserve(
    struct http_rate *r, unsigned per_second, int64_t now, int64_t deadline, int64_t *start)
{
	int64_t at;

	*start = now;
	if (per_second == 0)
		return HTTP_RATE_OK;
	if (per_second != r->n && !rate_resize(r, per_second))
		return HTTP_RATE_MEMORY;
	at = r->starts[r->next] + HTTP_RATE_WINDOW_MS;
	if (at < now)
		at = now;
	if (at >= deadline)
		return HTTP_RATE_LATE;
	r->starts[r->next] = at;
	r->next = (r->next + 1) % r->n;
	*start = at;
	return HTTP_RATE_OK;
}

void
http_rate_clear(struct http_rate *r)
{
	free(r->starts);
	r->starts = NULL;
	r->n = r->next = 0;
}

void
http_pace_add(struct http_pace *p, int64_t took_ms)
{
	p->took_ms[p->next] = took_ms;
	p->next = (p->next + 1) % HTTP_PACE_CALLS;
	if (p->n < HTTP_PACE_CALLS)
		p->n++;
}

static int
compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int64_t
http_pace_ms(const struct http_pace *p)
{
	int64_t sorted[HTTP_PACE_CALLS];

	if (p->n == 0)
		return 0;
	memcpy(sorted, p->took_ms, p->n * sizeof(*sorted));
	qsort(sorted, p->n, sizeof(*sorted), compare_times);
	return sorted[(p->n - 1) * 95 / 100];
}

static void
breaker_open(struct http_breaker *b, int64_t now, uint32_t chance)
{
	int64_t per_mille;

	b->open_ms = b->open ? b->open_ms * 2 : HTTP_BREAKER_OPEN_MS;
	if (b->open_ms > HTTP_BREAKER_OPEN_MAX_MS)
		b->open_ms = HTTP_BREAKER_OPEN_MAX_MS;
	per_mille = 1000 - HTTP_BREAKER_JITTER + (int64_t)(chance % (2 * HTTP_BREAKER_JITTER + 1));
	b->until = now + b->open_ms * per_mille / 1000;
	b->open = true;
}

static bool
breaker_is_spent(const struct http_breaker *b)
{
	unsigned bad = (unsigned)__builtin_popcount(b->bad);

	return b->consecutive >= HTTP_BREAKER_CONSECUTIVE ||
	       (b->n >= HTTP_BREAKER_WINDOW_MIN && bad * 2 >= b->n);
}

int64_t
http_breaker_wait(const struct http_breaker *b, int64_t now)
{
	if (!b->open)
		return 0;
	if (now < b->until)
		return b->until - now;
	return b->probing ? 1 : 0;
}

bool
http_breaker_enter(struct http_breaker *b)
{
	b->probing = b->open;
	return b->open;
}

void
http_breaker_leave(
    struct http_breaker *b, bool probe, enum http_outcome outcome, int64_t now, uint32_t chance)
{
	if (probe)
		b->probing = false;
	/* Calls that were under way when it opened tell nothing new. */
	if (outcome == HTTP_NEITHER || (b->open && !probe))
		return;
	if (probe && outcome == HTTP_GOOD) {
		memset(b, 0, sizeof(*b));
		return;
	}
	if (probe) {
		breaker_open(b, now, chance);
		return;
	}
	b->consecutive = outcome == HTTP_BAD ? b->consecutive + 1 : 0;
	b->bad = (b->bad << 1 | (outcome == HTTP_BAD)) & ((UINT32_C(1) << HTTP_BREAKER_WINDOW) - 1);
	if (b->n < HTTP_BREAKER_WINDOW)
		b->n++;
	if (breaker_is_spent(b))
		breaker_open(b, now, chance);
}
