/*
 * http_rate.c: when a call may start, so that no second ever sees more than per_second of them.
 * It remembers the last per_second starts: a call may go one second after the oldest of these.
 * (A bucket that fills per_second times a second lets nearly twice as many through at first.)
 */
#include "http/pool.h"

#include <stdlib.h>

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
