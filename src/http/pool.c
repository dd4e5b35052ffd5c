/*
 * http_pool.c: how many calls of a route are in flight, and the lanes that lie idle between them.
 * Rights to be in flight are counted; a lane (connections, and the curl handles over them) belongs
 * to one send at a time. Nobody waits for a second right while holding one, so nothing deadlocks.
 */
#include "http/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/lane.h"

/* FNV-1a. */
static size_t
pool_bucket(const char *name)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * UINT32_C(16777619);
	return hash & (HTTP_BUCKETS - 1);
}

static struct http_route *
pool_route_new(const char *name)
{
	struct http_route *r = calloc(1, sizeof(*r) + strlen(name) + 1);
	pthread_condattr_t monotonic;
	bool made;

	if (r == NULL)
		return NULL;
	memcpy(r->name, name, strlen(name) + 1);
	if (pthread_condattr_init(&monotonic) != 0) {
		free(r);
		return NULL;
	}
	made = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&r->freed, &monotonic) == 0;
	(void)pthread_condattr_destroy(&monotonic);
	if (!made) {
		free(r);
		return NULL;
	}
	return r;
}

struct http_route *
http_pool_route(struct http *h, const char *name)
{
	struct http_route *r, **bucket = &h->routes[pool_bucket(name)];

	(void)pthread_mutex_lock(&h->mutex);
	for (r = *bucket; r != NULL && strcmp(r->name, name) != 0; r = r->next)
		continue;
	if (r == NULL) {
		r = pool_route_new(name);
		if (r != NULL) {
			r->next = *bucket;
			*bucket = r;
		}
	}
	(void)pthread_mutex_unlock(&h->mutex);
	return r;
}

/* Waits for a right, in real time even where the clock is simulated: real threads free them. */
static bool
pool_wait(struct http *h, struct http_route *r, int64_t left_ms)
{
	struct timespec until;
	int rc = 0;

	if (left_ms <= 0 || clock_gettime(CLOCK_MONOTONIC, &until) != 0)
		return r->busy < r->in_flight;
	until.tv_sec += (time_t)(left_ms / 1000);
	until.tv_nsec += (long)(left_ms % 1000) * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	r->waiters++;
	while (r->busy >= r->in_flight && rc == 0)
		rc = pthread_cond_timedwait(&r->freed, &h->mutex, &until);
	r->waiters--;
	return r->busy < r->in_flight;
}

unsigned
http_pool_enter(struct http *h, struct http_route *r, unsigned in_flight, size_t want,
    int64_t deadline, struct http_lane **lane)
{
	int64_t left = deadline - clock_mono_ms(h->clock);
	unsigned held = 0;

	*lane = NULL;
	(void)pthread_mutex_lock(&h->mutex);
	r->in_flight = in_flight > 0 ? in_flight : 1;
	if (r->waiters > 0)
		(void)pthread_cond_broadcast(&r->freed);
	if (r->busy < r->in_flight || pool_wait(h, r, left)) {
		held = 1;
		if (r->waiters == 0 && want > 1)
			held = r->in_flight - r->busy;
		if (held > want)
			held = (unsigned)want;
		r->busy += held;
		*lane = r->idle;
		if (r->idle != NULL)
			r->idle = r->idle->next;
	}
	(void)pthread_mutex_unlock(&h->mutex);
	if (held > 0 && *lane == NULL)
		*lane = http_lane_new();
	return held;
}

unsigned
http_pool_adjust(struct http *h, struct http_route *r, unsigned held, size_t want)
{
	unsigned before = held;

	(void)pthread_mutex_lock(&h->mutex);
	if (held > 1 && (r->waiters > 0 || held > want || r->busy > r->in_flight))
		held--;
	else if (r->waiters == 0 && held < want && r->busy < r->in_flight)
		held++;
	r->busy = r->busy - before + held;
	if (held < before)
		(void)pthread_cond_signal(&r->freed);
	(void)pthread_mutex_unlock(&h->mutex);
	return held;
}

/* Cuts off the lanes that are too old, or beyond the route's number of connections. The list is
 * ordered by last use, so these are its end. */
static struct http_lane *
pool_cut(struct http_route *r, int64_t now)
{
	struct http_lane **link, *rest;
	unsigned open = 0;

	for (link = &r->idle; *link != NULL; link = &(*link)->next) {
		open += (*link)->connections;
		if (open > r->in_flight || now - (*link)->used > HTTP_CONNECTION_S * 1000)
			break;
	}
	rest = *link;
	*link = NULL;
	return rest;
}

static struct http_lane *
pool_join(struct http_lane *a, struct http_lane *b)
{
	struct http_lane **end = &a;

	while (*end != NULL)
		end = &(*end)->next;
	*end = b;
	return a;
}

/* Routes that are not called any more, or were removed, must not keep their connections. */
static struct http_lane *
pool_sweep(struct http *h, int64_t now)
{
	struct http_lane *cut = NULL;
	struct http_route *r;
	size_t i;

	if (now - h->swept < HTTP_SWEEP_MS)
		return NULL;
	h->swept = now;
	for (i = 0; i < HTTP_BUCKETS; i++) {
		for (r = h->routes[i]; r != NULL; r = r->next)
			cut = pool_join(pool_cut(r, now), cut);
	}
	return cut;
}

static void
pool_free_lanes(struct http_lane *lane)
{
	struct http_lane *next;

	for (; lane != NULL; lane = next) {
		next = lane->next;
		http_lane_free(lane);
	}
}

void
http_pool_leave(struct http *h, struct http_route *r, unsigned held, struct http_lane *lane)
{
	int64_t now = clock_mono_ms(h->clock);
	struct http_lane *cut = NULL;

	(void)pthread_mutex_lock(&h->mutex);
	if (lane != NULL && lane->broken) {
		cut = lane;
		cut->next = NULL;
	} else if (lane != NULL) {
		lane->used = now;
		lane->next = r->idle;
		r->idle = lane;
		cut = pool_cut(r, now);
	}
	r->busy -= held;
	for (; held > 0; held--)
		(void)pthread_cond_signal(&r->freed);
	cut = pool_join(cut, pool_sweep(h, now));
	(void)pthread_mutex_unlock(&h->mutex);
	/* Saying good-bye to a peer takes time: not under the lock. */
	pool_free_lanes(cut);
}

static void
pool_free_route(struct http_route *r)
{
	struct http_origin *o, *next;

	for (o = r->origins; o != NULL; o = next) {
		next = o->next;
		free(o);
	}
	pool_free_lanes(r->idle);
	http_rate_clear(&r->rate);
	(void)pthread_cond_destroy(&r->freed);
	free(r);
}

void
http_pool_clear(struct http *h)
{
	struct http_route *r, *next;
	size_t i;

	for (i = 0; i < HTTP_BUCKETS; i++) {
		for (r = h->routes[i]; r != NULL; r = next) {
			next = r->next;
			pool_free_route(r);
		}
		h->routes[i] = NULL;
	}
}

/* Makes room by forgetting the origin that was called longest ago and has no call under way. */
static bool
pool_drop_origin(struct http_route *r)
{
	struct http_origin **link, **oldest = NULL, *o;

	for (link = &r->origins; *link != NULL; link = &(*link)->next) {
		if ((*link)->calls == 0 && (oldest == NULL || (*link)->used < (*oldest)->used))
			oldest = link;
	}
	if (oldest == NULL)
		return false;
	o = *oldest;
	*oldest = o->next;
	r->n_origins--;
	free(o);
	return true;
}

struct http_origin *
http_pool_origin(struct http_route *r, const char *name, int64_t now)
{
	struct http_origin *o;

	for (o = r->origins; o != NULL && strcmp(o->name, name) != 0; o = o->next)
		continue;
	if (o == NULL) {
		if (r->n_origins >= HTTP_BREAKERS && !pool_drop_origin(r))
			return NULL;
		o = calloc(1, sizeof(*o) + strlen(name) + 1);
		if (o == NULL)
			return NULL;
		memcpy(o->name, name, strlen(name) + 1);
		o->next = r->origins;
		r->origins = o;
		r->n_origins++;
	}
	o->used = now;
	return o;
}
