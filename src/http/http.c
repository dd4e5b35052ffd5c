/*
 * http.c: the real transport: made, freed, and one send: which of its calls may start, when, and
 * what their ends mean to the breaker. Calls start in their order; each has its own fate; none
 * waits beyond the deadline.
 */
#include "http/lane.h"

#include <stdlib.h>
#include <string.h>

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;

static void
http_start_curl(void)
{
	curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct http *
http_new(const struct clock *clock)
{
	struct http *h;

	(void)pthread_once(&curl_once, http_start_curl);
	if (!curl_ready)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	if (pthread_mutex_init(&h->mutex, NULL) != 0) {
		free(h);
		return NULL;
	}
	h->clock = clock;
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	http_lanes_free(h);
	http_pool_clear(h);
	(void)pthread_mutex_destroy(&h->mutex);
	free(h);
}

struct send {
	struct http *http;
	struct http_route *route;
	const struct http_peer *peer;
	struct http_call *calls;
	const char **origins; /* of each call */
	size_t n, next;       /* calls[next] is the next to start */
	int64_t deadline;
	struct arena *arena;
	struct http_sender sender;
	unsigned held, running; /* calls that may be, and are, in flight */
	bool reserved;          /* calls[next] has its moment: */
	int64_t start;
};

static int64_t
send_now(const struct send *s)
{
	return clock_mono_ms(s->http->clock);
}

static void
send_refuse_rest(struct send *s, enum fail_code code, const char *why)
{
	for (; s->next < s->n; s->next++) {
		if (s->calls[s->next].code == CODE_NONE)
			http_call_refuse(&s->calls[s->next], code, "%s", why);
	}
}

/* Settles what cannot be sent at all; false: out of memory. */
static bool
send_check(struct send *s)
{
	struct buf origin;
	size_t i;

	s->origins = arena_array(s->arena, s->n, sizeof(*s->origins));
	if (s->origins == NULL)
		return false;
	buf_init(&origin, HTTP_URL_MAX);
	for (i = 0; i < s->n; i++) {
		buf_reset(&origin);
		if (!http_check_call(&s->calls[i], s->peer, &origin))
			continue;
		s->origins[i] = arena_strdup(s->arena, origin.data);
		if (s->origins[i] == NULL)
			break;
	}
	buf_clear(&origin);
	return i == s->n;
}

/* Whether time and breaker let calls[next] go; settles it if not. */
static bool
send_may_go(struct send *s)
{
	struct http_call *call = &s->calls[s->next];
	const char *name = s->origins[s->next];
	struct http_origin *origin;
	int64_t now = send_now(s), wait = 0;

	if (now >= s->deadline) {
		http_call_refuse(call, CODE_HRIS_TIMEOUT, "no time was left to call %s", name);
		return false;
	}
	(void)pthread_mutex_lock(&s->http->mutex);
	origin = http_pool_origin(s->route, name, now);
	if (origin != NULL)
		wait = http_breaker_wait(&origin->breaker, now);
	(void)pthread_mutex_unlock(&s->http->mutex);
	if (wait > 0)
		http_call_refuse(call, CODE_HRIS_UNAVAILABLE,
		    "this HRIS has failed repeatedly: it is not called for another %lld s",
		    (long long)(wait + 999) / 1000);
	return wait == 0;
}

/* Goes on to the next call that may be sent; false: there is none. */
static bool
send_find(struct send *s)
{
	while (s->next < s->n) {
		if (s->calls[s->next].code == CODE_NONE && send_may_go(s))
			return true;
		s->next++;
	}
	return false;
}

/* When calls[next] may start, by the route's rate; settles all that are left if never. */
static bool
send_reserve(struct send *s)
{
	enum http_rate_verdict verdict;

	if (s->reserved)
		return true;
	(void)pthread_mutex_lock(&s->http->mutex);
	verdict = http_rate_reserve(
	    &s->route->rate, s->peer->per_second, send_now(s), s->deadline, &s->start);
	(void)pthread_mutex_unlock(&s->http->mutex);
	s->reserved = verdict == HTTP_RATE_OK;
	if (verdict == HTTP_RATE_LATE)
		send_refuse_rest(s, CODE_GATEWAY_BUSY,
		    "the route may make no more calls before the deadline: limits.per_second, or the adapter's pace");
	if (verdict == HTTP_RATE_MEMORY)
		send_refuse_rest(s, CODE_GATEWAY_MEMORY, "out of memory for the route's rate");
	return s->reserved;
}

/* Somebody else may have opened the breaker, or taken the probe, since send_may_go(). */
static bool
send_enter_breaker(struct send *s, struct http_handle *handle)
{
	int64_t now = send_now(s);
	bool may = true;

	(void)pthread_mutex_lock(&s->http->mutex);
	handle->breaker = http_pool_origin(s->route, s->origins[s->next], now);
	if (handle->breaker != NULL) {
		may = http_breaker_wait(&handle->breaker->breaker, now) == 0;
		if (may) {
			handle->breaker->calls++;
			handle->probe = http_breaker_enter(&handle->breaker->breaker);
		}
	}
	(void)pthread_mutex_unlock(&s->http->mutex);
	return may;
}

static enum http_outcome
send_outcome(const struct http_call *call)
{
	if (call->fate == HTTP_ANSWERED)
		return call->status >= 500 ? HTTP_BAD : HTTP_GOOD;
	if (call->code == CODE_HRIS_TIMEOUT || call->code == CODE_HRIS_UNAVAILABLE)
		return HTTP_BAD;
	return HTTP_NEITHER;
}

static void
send_leave_breaker(struct send *s, struct http_handle *handle, const struct http_call *call)
{
	enum http_outcome outcome = send_outcome(call);
	uint32_t chance = HTTP_BREAKER_JITTER;

	if (handle->breaker == NULL)
		return;
	/* Only what fails can open it. */
	if (outcome == HTTP_BAD && !clock_random(s->http->clock, &chance, sizeof(chance)))
		chance = HTTP_BREAKER_JITTER;
	(void)pthread_mutex_lock(&s->http->mutex);
	handle->breaker->calls--;
	http_breaker_leave(&handle->breaker->breaker, handle->probe, outcome, send_now(s), chance);
	(void)pthread_mutex_unlock(&s->http->mutex);
	handle->breaker = NULL;
}

static void
send_prepare(struct send *s, struct http_handle *handle)
{
	struct http_call *call = &s->calls[s->next];

	handle->sender = &s->sender;
	handle->call = call;
	handle->origin = s->origins[s->next];
	handle->arena = s->arena;
	handle->insecure = strncmp(handle->origin, "http:", 5) == 0;
	handle->started = send_now(s);
	handle->sends = 0;
	handle->stop = HTTP_STOP_NONE;
	handle->answer_headers = NULL;
	handle->n_answer_headers = handle->cap_answer_headers = handle->header_bytes = 0;
	handle->status = 0;
	handle->headers_done = false;
	handle->body_len = handle->turn_len = 0;
	handle->paused = false;
	handle->error[0] = '\0';
	handle->body.max = call->answer_max > 0 ? call->answer_max : LIMIT_ANSWER;
	buf_reset(&handle->body);
}

/* Its transfer is over, or never began: the call's fate, and what it means to the breaker. */
static void
send_finish(struct send *s, struct http_handle *handle)
{
	const struct http_call *call = handle->call;

	http_settle(handle, s->http->clock);
	if (call->fate == HTTP_ANSWERED) {
		(void)pthread_mutex_lock(&s->http->mutex);
		http_pace_add(&s->route->pace, call->took_ms);
		(void)pthread_mutex_unlock(&s->http->mutex);
	}
	send_leave_breaker(s, handle, call);
	http_lane_give(handle);
}

static void
send_start(struct send *s)
{
	struct http_lane *lane = http_lane_of(s->http, s->peer);
	struct http_handle *handle = lane == NULL ? NULL : http_lane_take(lane);

	if (handle == NULL) {
		http_call_refuse(&s->calls[s->next++], CODE_GATEWAY_MEMORY,
		    "no memory, or no descriptor, for a connection");
		return;
	}
	if (!send_enter_breaker(s, handle)) {
		/* send_find() says why. */
		handle->breaker = NULL;
		http_lane_give(handle);
		return;
	}
	send_prepare(s, handle);
	s->reserved = false;
	s->next++;
	handle->result = http_option_call(handle, s->peer, s->deadline - handle->started);
	if (handle->result == CURLE_OK && !http_lane_start(handle))
		handle->result = CURLE_FAILED_INIT;
	if (handle->result == CURLE_OK)
		s->running++;
	else
		send_finish(s, handle);
}

/* Starts what may start now. */
static void
send_fill(struct send *s)
{
	while (s->running < s->held && send_find(s) && send_reserve(s)) {
		if (s->start > send_now(s))
			return;
		send_start(s);
	}
}

static void
send_collect(struct send *s)
{
	struct http_handle *handle;

	event_reset(&s->sender.over);
	while ((handle = s->sender.finished) != NULL) {
		s->sender.finished = handle->next;
		if (handle->stop == HTTP_STOP_STALE && http_lane_again(handle))
			continue;
		send_finish(s, handle);
		s->running--;
		s->held =
		    http_pool_adjust(s->http, s->route, s->held, s->running + (s->n - s->next));
	}
}

/* How long there is nothing to do but to wait for the network: until the rate lets the next go. */
static int64_t
send_patience(const struct send *s)
{
	int64_t left = s->start - send_now(s);

	if (!s->reserved || s->running >= s->held)
		return EVENT_FOREVER;
	return left < 1 ? 1 : left;
}

static void
send_all(struct send *s)
{
	while (s->next < s->n || s->running > 0) {
		send_fill(s);
		if (s->running > 0) {
			(void)event_wait(&s->sender.over, send_patience(s));
			send_collect(s);
		} else if (s->reserved && s->start > send_now(s))
			clock_sleep_ms(s->http->clock, s->start - send_now(s));
	}
}

static void
send_run(struct send *s)
{
	if (!send_check(s)) {
		send_refuse_rest(s, CODE_GATEWAY_MEMORY, "out of memory for the calls to the HRIS");
		return;
	}
	/* What the breaker refuses need not wait for others first. */
	if (!send_find(s))
		return;
	s->held = http_pool_enter(
	    s->http, s->route, s->peer->in_flight, s->n - s->next, s->deadline, s->peer->writing);
	if (s->held == 0) {
		send_refuse_rest(s, CODE_GATEWAY_BUSY,
		    "no call of the route ended before the deadline, and limits.in_flight allows no more");
		return;
	}
	send_all(s);
	http_pool_leave(s->http, s->route, s->held);
}

static void
http_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline, struct arena *arena)
{
	struct send s;
	size_t i;

	memset(&s, 0, sizeof(s));
	s.http = context;
	s.peer = peer;
	s.calls = calls;
	s.n = n;
	s.deadline = deadline;
	s.arena = arena;
	for (i = 0; i < n; i++)
		http_call_reset(&calls[i]);
	s.route = http_pool_route(s.http, peer->route);
	if (s.route == NULL) {
		send_refuse_rest(
		    &s, CODE_GATEWAY_MEMORY, "out of memory for the calls to the HRIS");
		return;
	}
	send_run(&s);
	http_pool_drop(s.http, s.route);
}

static int64_t
http_pace(void *context, const struct http_peer *peer)
{
	struct http *h = context;
	struct http_route *r = http_pool_route(h, peer->route);
	int64_t ms;

	if (r == NULL)
		return 0;
	(void)pthread_mutex_lock(&h->mutex);
	ms = http_pace_ms(&r->pace);
	(void)pthread_mutex_unlock(&h->mutex);
	http_pool_drop(h, r);
	return ms;
}

struct transport
http_transport(struct http *h)
{
	struct transport t = {.send = http_send, .pace = http_pace, .context = h};

	return t;
}

const char *
http_library(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}
