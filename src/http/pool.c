/*
 * pool.c: how many calls of a route are in flight, and who gets the next right to be. A right that
 * is given back goes to the request that has waited longest, of those that write before others; one
 * that is freed while nobody waits may make a send of several calls go faster.
 */
#include "http/pool.h"

#include <stdlib.h>
#include <string.h>

#include "engine/event.h"

/* A request without a right; all under the mutex of struct http. */
struct http_waiter {
	struct http_waiter *next;
	struct event granted;
	bool urgent;
};

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

	if (r == NULL)
		return NULL;
	memcpy(r->name, name, strlen(name) + 1);
	r->last = &r->first;
	return r;
}

static void
pool_free_route(struct http_route *r)
{
	struct http_origin *o, *next;

	for (o = r->origins; o != NULL; o = next) {
		next = o->next;
		free(o);
	}
	http_rate_clear(&r->rate);
	free(r);
}

/* Routes are removed and renamed while we run. The mutex is held. */
static void
pool_forget_routes(struct http *h, int64_t now)
{
	struct http_route **link, *r;
	size_t i;

	for (i = 0; i < HTTP_BUCKETS; i++) {
		for (link = &h->routes[i]; (r = *link) != NULL;) {
			if (r->users > 0 || now - r->used_ms < HTTP_FORGET_MS) {
				link = &r->next;
				continue;
			}
			*link = r->next;
			pool_free_route(r);
		}
	}
}

struct http_route *
http_pool_route(struct http *h, const char *name)
{
	struct http_route *r, **bucket = &h->routes[pool_bucket(name)];

	(void)pthread_mutex_lock(&h->mutex);
	for (r = *bucket; r != NULL && strcmp(r->name, name) != 0; r = r->next)
		continue;
	if (r == NULL) {
		pool_forget_routes(h, clock_mono_ms(h->clock));
		r = pool_route_new(name);
		if (r != NULL) {
			r->next = *bucket;
			*bucket = r;
		}
	}
	if (r != NULL)
		r->users++;
	(void)pthread_mutex_unlock(&h->mutex);
	return r;
}

void
http_pool_drop(struct http *h, struct http_route *r)
{
	(void)pthread_mutex_lock(&h->mutex);
	r->users--;
	r->used_ms = clock_mono_ms(h->clock);
	(void)pthread_mutex_unlock(&h->mutex);
}

/* Gives rights to those who wait, as far as there are any. The mutex is held, also while their
 * events are set: who times out asks for the mutex before it goes. */
static void
pool_grant(struct http_route *r)
{
	struct http_waiter *w;

	while (r->busy < r->in_flight && (w = r->first) != NULL) {
		r->first = w->next;
		if (r->first == NULL)
			r->last = &r->first;
		r->busy++;
		event_set(&w->granted);
	}
}

static void
pool_forget(struct http_route *r, struct http_waiter *w)
{
	struct http_waiter **link;

	for (link = &r->first; *link != w; link = &(*link)->next)
		continue;
	*link = w->next;
	if (*link == NULL)
		r->last = link;
}

/* At the end of the queue, or of those in it that are urgent. */
static void
pool_line_up(struct http_route *r, struct http_waiter *w)
{
	struct http_waiter **link = w->urgent ? &r->first : r->last;

	while (w->urgent && *link != NULL && (*link)->urgent)
		link = &(*link)->next;
	w->next = *link;
	*link = w;
	if (w->next == NULL)
		r->last = &w->next;
}

/* Waits in the queue for one right. The mutex is held, but not while waiting. */
static bool
pool_wait(struct http *h, struct http_route *r, int64_t left_ms, bool urgent)
{
	struct http_waiter w = {.urgent = urgent};
	bool granted;

	if (left_ms <= 0)
		return false;
	pool_line_up(r, &w);
	(void)pthread_mutex_unlock(&h->mutex);
	granted = event_wait(&w.granted, left_ms);
	(void)pthread_mutex_lock(&h->mutex);
	/* Granted in the moment when the time was over. */
	granted = granted || event_wait(&w.granted, 0);
	if (!granted)
		pool_forget(r, &w);
	return granted;
}

unsigned
http_pool_enter(struct http *h, struct http_route *r, unsigned in_flight, size_t want,
    int64_t deadline, bool urgent)
{
	int64_t left = deadline - clock_mono_ms(h->clock);
	unsigned held = 0;

	(void)pthread_mutex_lock(&h->mutex);
	r->in_flight = in_flight > 0 ? in_flight : 1;
	pool_grant(r);
	if (r->busy < r->in_flight) {
		held = r->in_flight - r->busy;
		if (held > want)
			held = want > 0 ? (unsigned)want : 1;
		r->busy += held;
	} else if (pool_wait(h, r, left, urgent))
		held = 1;
	(void)pthread_mutex_unlock(&h->mutex);
	return held;
}

unsigned
http_pool_adjust(struct http *h, struct http_route *r, unsigned held, size_t want)
{
	(void)pthread_mutex_lock(&h->mutex);
	if (held > 1 && (r->first != NULL || held > want || r->busy > r->in_flight)) {
		held--;
		r->busy--;
		pool_grant(r);
	} else if (r->first == NULL && held < want && r->busy < r->in_flight) {
		held++;
		r->busy++;
	}
	(void)pthread_mutex_unlock(&h->mutex);
	return held;
}

void
http_pool_leave(struct http *h, struct http_route *r, unsigned held)
{
	(void)pthread_mutex_lock(&h->mutex);
	r->busy -= held;
	pool_grant(r);
	(void)pthread_mutex_unlock(&h->mutex);
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

static void
state_of(const struct http_route *r, int64_t now, struct http_state *out)
{
	const struct http_waiter *w;
	const struct http_origin *o;

	out->in_flight = r->busy;
	for (w = r->first; w != NULL; w = w->next)
		out->waiting++;
	for (o = r->origins; o != NULL; o = o->next) {
		if (!o->breaker.open)
			out->closed++;
		else if (o->breaker.probing || now >= o->breaker.until)
			out->half_open++;
		else
			out->open++;
	}
}

bool
http_states(struct http *h, struct arena *a, struct http_state **out, size_t *n)
{
	int64_t now = clock_mono_ms(h->clock);
	const struct http_route *r;
	struct http_state *items;
	size_t i, cap = 0;
	bool good = true;

	*out = NULL;
	*n = 0;
	(void)pthread_mutex_lock(&h->mutex);
	for (i = 0; i < HTTP_BUCKETS; i++) {
		for (r = h->routes[i]; r != NULL && good; r = r->next) {
			items = arena_grow(a, *out, *n, &cap, sizeof(*items));
			good = items != NULL;
			if (!good)
				break;
			*out = items;
			items[*n] = (struct http_state){.route = arena_strdup(a, r->name)};
			good = items[*n].route != NULL;
			state_of(r, now, &items[*n]);
			*n += good;
		}
	}
	(void)pthread_mutex_unlock(&h->mutex);
	return good;
}
