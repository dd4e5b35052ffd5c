/*
 * test_http_limits.c: what a route may cost its HRIS: breaker, rate and Retry-After, on a simulated
 * clock; and the table of addresses.
 */
#include "http/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/task.h"
#include "tests/unit/kit/http_server.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { NO_JITTER = HTTP_BREAKER_JITTER };

/* --- Retry-After --- */

static void
test_retry_after(void **state)
{
	/* 1994-11-06 08:49:07 UTC: thirty seconds before RFC 9110's own example, 08:49:37. */
	static const int64_t now = INT64_C(784111747000);
	static const struct {
		const char *value;
		int64_t ms;
	} rows[] = {
	    {"0", 0},
	    {"1", 1000},
	    {"120", 120000},
	    {"007", 7000},
	    {"300", 300000},
	    {"301", 300000},
	    {"99999999999999999999999", 300000},
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 30000},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", 30000},
	    {"Sun Nov  6 08:49:37 1994", 30000},
	    {"Sun, 06 Nov 1994 08:49:07 GMT", 0},
	    {"Sun, 06 Nov 1994 08:00:00 GMT", 0},
	    {"Sun, 06 Nov 1994 09:49:37 GMT", 300000},
	    {"Thu, 01 Jan 2099 00:00:00 GMT", 300000},
	    {"Thu, 01 Jan 1970 00:00:01 GMT", 0},
	    {"", -1},
	    {"-1", -1},
	    {"+5", -1},
	    {"1.5", -1},
	    {"5 s", -1},
	    {" 5", -1},
	    {"soon", -1},
	    {"Sunday", -1},
	    {"Sun, 06 Nov", -1},
	    {"Sun, 99 Nov 1994 08:49:37 GMT", -1},
	    {"19941106", 300000},
	    {"1994-11-06T08:49:37Z", -1},
	    {"Sun, 06 Nov 1994 08:49:37 GMT, 06 Nov 1994", -1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (http_retry_after_ms(rows[i].value, now) != rows[i].ms)
			fail_msg("\"%s\": %lld", rows[i].value,
			    (long long)http_retry_after_ms(rows[i].value, now));
	}
	/* Within the second, what is left of it is waited. */
	assert_int_equal(http_retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", now + 250), 29750);
}

/* --- addresses --- */

static void
test_addresses(void **state)
{
	static const struct {
		const char *ip;
		enum http_address class;
	} rows[] = {
	    {"127.0.0.1", HTTP_ADDRESS_PRIVATE},
	    {"127.255.255.255", HTTP_ADDRESS_PRIVATE},
	    {"10.0.0.1", HTTP_ADDRESS_PRIVATE},
	    {"11.0.0.1", HTTP_ADDRESS_PUBLIC},
	    {"9.255.255.255", HTTP_ADDRESS_PUBLIC},
	    {"172.15.255.255", HTTP_ADDRESS_PUBLIC},
	    {"172.16.0.0", HTTP_ADDRESS_PRIVATE},
	    {"172.31.255.255", HTTP_ADDRESS_PRIVATE},
	    {"172.32.0.0", HTTP_ADDRESS_PUBLIC},
	    {"192.168.255.1", HTTP_ADDRESS_PRIVATE},
	    {"192.169.0.0", HTTP_ADDRESS_PUBLIC},
	    {"169.253.255.255", HTTP_ADDRESS_PUBLIC},
	    {"169.254.0.0", HTTP_ADDRESS_FORBIDDEN},
	    {"169.254.169.254", HTTP_ADDRESS_FORBIDDEN},
	    {"169.255.0.0", HTTP_ADDRESS_PUBLIC},
	    {"0.0.0.0", HTTP_ADDRESS_FORBIDDEN},
	    {"0.1.2.3", HTTP_ADDRESS_FORBIDDEN},
	    {"223.255.255.255", HTTP_ADDRESS_PUBLIC},
	    {"224.0.0.1", HTTP_ADDRESS_FORBIDDEN},
	    {"255.255.255.255", HTTP_ADDRESS_FORBIDDEN},
	    {"8.8.8.8", HTTP_ADDRESS_PUBLIC},
	    {"::1", HTTP_ADDRESS_PRIVATE},
	    {"::", HTTP_ADDRESS_FORBIDDEN},
	    {"::2", HTTP_ADDRESS_PUBLIC},
	    {"fc00::1", HTTP_ADDRESS_PRIVATE},
	    {"fdff::1", HTTP_ADDRESS_PRIVATE},
	    {"fbff::1", HTTP_ADDRESS_PUBLIC},
	    {"fe00::1", HTTP_ADDRESS_PUBLIC},
	    {"fe80::1", HTTP_ADDRESS_FORBIDDEN},
	    {"febf::1", HTTP_ADDRESS_FORBIDDEN},
	    {"fec0::1", HTTP_ADDRESS_PUBLIC},
	    {"ff02::1", HTTP_ADDRESS_FORBIDDEN},
	    {"2001:db8::1", HTTP_ADDRESS_PUBLIC},
	    {"::ffff:127.0.0.1", HTTP_ADDRESS_PRIVATE},
	    {"::ffff:169.254.1.1", HTTP_ADDRESS_FORBIDDEN},
	    {"::ffff:8.8.8.8", HTTP_ADDRESS_PUBLIC},
	    {"64:ff9b::a9fe:a9fe", HTTP_ADDRESS_FORBIDDEN},
	    {"64:ff9b::808:808", HTTP_ADDRESS_PUBLIC},
	    {"2002:a9fe:a9fe::1", HTTP_ADDRESS_FORBIDDEN},
	    {"localhost", HTTP_ADDRESS_FORBIDDEN},
	    {"fe80::1%eth0", HTTP_ADDRESS_FORBIDDEN},
	    {"", HTTP_ADDRESS_FORBIDDEN},
	};
	struct sockaddr_storage any;
	struct sockaddr_in in4 = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (http_address_class_text(rows[i].ip) != rows[i].class)
			fail_msg("%s", rows[i].ip);
		if (inet_pton(AF_INET, rows[i].ip, &in4.sin_addr) == 1)
			assert_int_equal(
			    http_address_class((struct sockaddr *)&in4), rows[i].class);
		if (inet_pton(AF_INET6, rows[i].ip, &in6.sin6_addr) == 1)
			assert_int_equal(
			    http_address_class((struct sockaddr *)&in6), rows[i].class);
	}
	memset(&any, 0, sizeof(any));
	any.ss_family = AF_UNIX;
	assert_int_equal(http_address_class((struct sockaddr *)&any), HTTP_ADDRESS_FORBIDDEN);
}

/* --- the breaker alone --- */

/* One call if it may go; says whether it could. */
static bool
breaker_call(struct http_breaker *b, enum http_outcome outcome, int64_t now)
{
	bool probe;

	if (http_breaker_wait(b, now) > 0)
		return false;
	probe = http_breaker_enter(b);
	http_breaker_leave(b, probe, outcome, now, NO_JITTER);
	return true;
}

static void
test_breaker_opens(void **state)
{
	static const struct {
		const char *outcomes; /* g, b, n: neither */
		bool open;
	} rows[] = {
	    {"", false},
	    {"bbbb", false},
	    {"bbbbb", true},
	    {"bbbbgbbbb", false},
	    {"bbbbnb", true},
	    {"nnnnnnnnnn", false},
	    {"gbgbgbgbg", false},                              /* 4 of 9 */
	    {"gbgbgbgbgb", true},                              /* 5 of 10 */
	    {"ggbgbgbgbgb", false},                            /* 5 of 11 */
	    {"ggbgbgbgbgbb", true},                            /* 6 of 12 */
	    {"ggggggggggggggggggggbgbgbgbgbgbgbgbgbg", false}, /* 9 of the last 20 */
	    {"ggggggggggggggggggggbgbgbgbgbgbgbgbgbgb", true}, /* 10 of them */
	    /* 9 of any 20, 18 of the last 40 */
	    {"gggggggggggggggggggggbgbgbgbgbgbgbgbgbgggbgbgbgbgbgbgbgbgbgg", false},
	    {"bbbbggggggggggggggggggggbbbb", false},
	};
	struct http_breaker b;
	const char *p;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&b, 0, sizeof(b));
		for (p = rows[i].outcomes; *p != '\0'; p++) {
			assert_false(b.open);
			assert_true(breaker_call(&b,
			    *p == 'g'   ? HTTP_GOOD
			    : *p == 'b' ? HTTP_BAD
					: HTTP_NEITHER,
			    0));
		}
		if (b.open != rows[i].open)
			fail_msg("%s", rows[i].outcomes);
	}
}

static void
test_breaker_half_opens(void **state)
{
	static const int64_t opened_ms[] = {30000, 60000, 120000, 240000, 300000, 300000};
	struct http_breaker b = {0};
	int64_t now = 1000;
	bool probe, late;
	size_t i;

	(void)state;
	late = http_breaker_enter(&b);
	for (i = 0; i < 5; i++)
		assert_true(breaker_call(&b, HTTP_BAD, now));
	for (i = 0; i < N(opened_ms); i++) {
		assert_int_equal(http_breaker_wait(&b, now), opened_ms[i]);
		assert_int_equal(http_breaker_wait(&b, now + opened_ms[i] - 1), 1);
		assert_false(breaker_call(&b, HTTP_GOOD, now + opened_ms[i] - 1));
		now += opened_ms[i];
		/* One probe, and nobody beside it. */
		assert_int_equal(http_breaker_wait(&b, now), 0);
		probe = http_breaker_enter(&b);
		assert_true(probe);
		assert_true(http_breaker_wait(&b, now) > 0);
		/* A call from before it opened comes home; it says nothing any more. */
		if (i == 0)
			http_breaker_leave(&b, late, HTTP_GOOD, now, NO_JITTER);
		assert_true(http_breaker_wait(&b, now) > 0);
		if (i == 1) {
			/* A probe that failed on our side leaves the way to the next. */
			http_breaker_leave(&b, probe, HTTP_NEITHER, now, NO_JITTER);
			assert_int_equal(http_breaker_wait(&b, now), 0);
			probe = http_breaker_enter(&b);
		}
		http_breaker_leave(&b, probe, HTTP_BAD, now, NO_JITTER);
	}
	now += 300000;
	assert_true(breaker_call(&b, HTTP_GOOD, now));
	/* Closed, and all is forgotten: five more, and thirty seconds again. */
	for (i = 0; i < 5; i++) {
		assert_int_equal(http_breaker_wait(&b, now), 0);
		assert_true(breaker_call(&b, HTTP_BAD, now));
	}
	assert_int_equal(http_breaker_wait(&b, now), 30000);
}

static void
test_breaker_jitter(void **state)
{
	static const struct {
		uint32_t chance;
		int64_t ms;
	} rows[] = {{0, 24000}, {200, 30000}, {400, 36000}, {401, 24000}, {UINT32_MAX, 31470}};
	struct http_breaker b;
	size_t i, j;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&b, 0, sizeof(b));
		for (j = 0; j < 5; j++)
			http_breaker_leave(&b, false, HTTP_BAD, 0, rows[i].chance);
		assert_true(http_breaker_wait(&b, 0) >= 24000);
		assert_true(http_breaker_wait(&b, 0) <= 36000);
		if (i < 4)
			assert_int_equal(http_breaker_wait(&b, 0), rows[i].ms);
	}
}

/* --- the rate alone --- */

static void
test_rate(void **state)
{
	static const struct {
		unsigned per_second;
		int64_t now, start; /* -1: not by the deadline, 10000 */
	} rows[] = {
	    {2, 0, 0},
	    {2, 0, 0},
	    {2, 0, 1000},
	    {2, 500, 1000},
	    {2, 900, 2000},
	    {2, 2500, 2500},
	    {2, 2500, 3000},
	    {2, 2500, 3500},
	    {3, 2500, 2500}, /* a higher rate counts at once */
	    {3, 2600, 4000},
	    {0, 2600, 2600}, /* as does none */
	    {1, 2600, 5000}, /* and a lower one */
	    {1, 2600, 6000},
	    {1, 8500, 8500},
	    {1, 8500, 9500},
	    {1, 8500, -1},
	    {1, 8600, -1},
	};
	struct http_rate r = {0};
	enum http_rate_verdict verdict;
	int64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		verdict = http_rate_reserve(&r, rows[i].per_second, rows[i].now, 10000, &start);
		if (verdict != (rows[i].start < 0 ? HTTP_RATE_LATE : HTTP_RATE_OK) ||
		    (verdict == HTTP_RATE_OK && start != rows[i].start))
			fail_msg("row %zu: verdict %d, %lld", i, verdict, (long long)start);
	}
	http_rate_clear(&r);
}

/* Whatever is asked and when: no second sees more than per_second. */
static void
test_rate_window(void **state)
{
	static int64_t starts[2000];
	struct http_rate r = {0};
	unsigned per_second = 7;
	int64_t now = 0;
	size_t i, n = 0;
	uint32_t seed = 1;

	(void)state;
	while (n < N(starts)) {
		seed = seed * 1664525 + 1013904223;
		now += (seed >> 16) % 300;
		if (http_rate_reserve(&r, per_second, now, now + 2000, &starts[n]) == HTTP_RATE_OK)
			n++;
	}
	for (i = 0; i + per_second < n; i++)
		assert_true(starts[i + per_second] - starts[i] >= 1000);
	http_rate_clear(&r);
}

/* --- the whole transport on a simulated clock --- */

struct world {
	struct clock clock;
	int64_t mono;
	unsigned looks;  /* at the clock */
	int64_t look_ms; /* what passes at each */
	struct http_server *server;
	struct http *http;
	struct transport transport;
	struct http_peer peer;
	struct arena arena;
};

static int64_t
simulated_now(void *context)
{
	struct world *w = context;

	w->looks++;
	w->mono += w->look_ms;
	return w->mono;
}

static void
simulated_sleep(void *context, int64_t ms)
{
	assert_true(ms > 0);
	((struct world *)context)->mono += ms;
}

static bool
simulated_random(void *context, void *out, size_t len)
{
	static const uint32_t chance = NO_JITTER;

	(void)context;
	assert_int_equal(len, sizeof(chance));
	memcpy(out, &chance, sizeof(chance));
	return true;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->mono = 5000000;
	w->clock.wall_ms = w->clock.mono_ms = simulated_now;
	w->clock.sleep_ms = simulated_sleep;
	w->clock.random = simulated_random;
	w->clock.context = w;
	w->server = http_server_start(NULL);
	assert_non_null(w->server);
	w->http = http_new(&w->clock);
	assert_non_null(w->http);
	w->transport = http_transport(w->http);
	w->peer.route = "test";
	w->peer.in_flight = 4;
	w->peer.insecure_http = true;
	arena_init(&w->arena, LIMIT_ARENA);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	http_server_stop(w->server);
	arena_clear(&w->arena);
	free(w);
	return 0;
}

static unsigned
requests(struct world *w)
{
	return http_server_counts(w->server).requests;
}

static struct http_call
send_to(struct world *w, const char *host, const char *path)
{
	struct http_call call = {.method = HTTP_GET};

	call.url =
	    arena_printf(&w->arena, "http://%s:%d%s", host, http_server_port(w->server), path);
	assert_non_null(call.url);
	w->transport.send(w->transport.context, &w->peer, &call, 1, w->mono + 20000, &w->arena);
	return call;
}

static void
assert_breaker(const struct http_call *call, const char *why)
{
	assert_int_equal(call->fate, HTTP_NOT_SENT);
	assert_int_equal(call->code, CODE_HRIS_UNAVAILABLE);
	assert_string_equal(call->why, why);
}

static void
test_breaker_of_a_route(void **state)
{
	struct world *w = *state;
	struct http_call call;
	int i;

	for (i = 0; i < 5; i++)
		assert_int_equal(send_to(w, "127.0.0.1", i == 4 ? "/short" : "/status/503").fate,
		    i == 4 ? HTTP_LOST : HTTP_ANSWERED);
	call = send_to(w, "127.0.0.1", "/ok");
	assert_breaker(&call, "this HRIS has failed repeatedly: it is not called for another 30 s");
	w->mono += 29001;
	call = send_to(w, "127.0.0.1", "/ok");
	assert_breaker(&call, "this HRIS has failed repeatedly: it is not called for another 1 s");
	assert_int_equal(requests(w), 5);
	/* Another origin, or another route, has a breaker of its own. */
	assert_int_equal(send_to(w, "127.0.0.2", "/ok").fate, HTTP_NOT_SENT);
	w->peer.route = "other";
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	w->peer.route = "test";
	w->mono += 999;
	assert_int_equal(send_to(w, "127.0.0.1", "/status/500").fate, HTTP_ANSWERED);
	call = send_to(w, "127.0.0.1", "/ok");
	assert_breaker(&call, "this HRIS has failed repeatedly: it is not called for another 60 s");
	w->mono += 60000;
	assert_int_equal(send_to(w, "127.0.0.1", "/status/404").fate, HTTP_ANSWERED);
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	assert_int_equal(requests(w), 9);
}

static void
test_breaker_knows_what_failed(void **state)
{
	static const struct {
		const char *path;
		bool opens;
	} rows[] = {
	    {"/ok", false},
	    {"/status/404", false},
	    {"/status/429", false},
	    {"/redirect", false},
	    {"/size/20000000", false},
	    {"/status/500", true},
	    {"/close", true},
	    {"/short", true},
	};
	struct world *w = *state;
	size_t i;
	int j;

	for (i = 0; i < N(rows); i++) {
		w->peer.route = rows[i].path;
		for (j = 0; j < 5; j++)
			(void)send_to(w, "127.0.0.1", rows[i].path);
		if ((send_to(w, "127.0.0.1", "/ok").fate == HTTP_NOT_SENT) != rows[i].opens)
			fail_msg("%s", rows[i].path);
	}
}

/* Of calls side by side, the breaker stops those that had not started; half-open, one goes. */
static void
test_breaker_within_a_send(void **state)
{
	struct world *w = *state;
	struct http_call calls[8];
	size_t i, sent = 0;

	w->peer.in_flight = 1;
	memset(calls, 0, sizeof(calls));
	for (i = 0; i < N(calls); i++)
		calls[i].url = arena_printf(
		    &w->arena, "http://127.0.0.1:%d/status/500", http_server_port(w->server));
	w->transport.send(
	    w->transport.context, &w->peer, calls, N(calls), w->mono + 1000, &w->arena);
	for (i = 0; i < N(calls); i++)
		sent += calls[i].fate == HTTP_ANSWERED;
	assert_int_equal(sent, 5);
	assert_int_equal(requests(w), 5);
	w->mono += 30000;
	w->peer.in_flight = 8;
	w->transport.send(
	    w->transport.context, &w->peer, calls, N(calls), w->mono + 1000, &w->arena);
	assert_int_equal(calls[0].fate, HTTP_ANSWERED);
	assert_int_equal(calls[1].fate, HTTP_NOT_SENT);
	assert_int_equal(requests(w), 6);
}

/* While there is nothing to start, an HRIS that is silent costs no processor time. */
static void
test_silence_is_waited_for(void **state)
{
	struct http_call calls[2] = {{.method = HTTP_GET}, {.method = HTTP_GET}};
	struct world *w = *state;
	int i;

	for (i = 0; i < 5; i++)
		assert_int_equal(send_to(w, "127.0.0.1", "/status/503").fate, HTTP_ANSWERED);
	w->mono += 30000;
	/* Half-open: one of the two goes. */
	calls[0].url = calls[1].url =
	    arena_printf(&w->arena, "http://127.0.0.1:%d/silent", http_server_port(w->server));
	w->looks = 0;
	w->transport.send(w->transport.context, &w->peer, calls, 2, w->mono + 100, &w->arena);
	assert_int_equal(calls[0].code, CODE_HRIS_TIMEOUT);
	assert_int_equal(calls[1].fate, HTTP_NOT_SENT);
	assert_in_range(w->looks, 1, 20);
}

static void
test_rate_of_a_route(void **state)
{
	struct world *w = *state;
	struct http_call calls[8];
	int64_t before = w->mono;
	size_t i;

	w->peer.per_second = 3;
	memset(calls, 0, sizeof(calls));
	for (i = 0; i < N(calls); i++)
		calls[i].url =
		    arena_printf(&w->arena, "http://127.0.0.1:%d/ok", http_server_port(w->server));
	w->transport.send(w->transport.context, &w->peer, calls, 7, w->mono + 5000, &w->arena);
	for (i = 0; i < 7; i++)
		assert_int_equal(calls[i].fate, HTTP_ANSWERED);
	assert_int_equal(w->mono - before, 2000);
	/* Two more may go now, three in a second, and the rest not before two. */
	w->transport.send(w->transport.context, &w->peer, calls, 8, w->mono + 1999, &w->arena);
	for (i = 0; i < 8; i++)
		assert_int_equal(calls[i].fate, i < 5 ? HTTP_ANSWERED : HTTP_NOT_SENT);
	assert_int_equal(calls[7].code, CODE_GATEWAY_BUSY);
	assert_int_equal(w->mono - before, 3000);
	assert_int_equal(requests(w), 12);
	w->peer.per_second = 0;
	w->transport.send(w->transport.context, &w->peer, calls, 8, w->mono + 1, &w->arena);
	for (i = 0; i < 8; i++)
		assert_int_not_equal(calls[i].code, CODE_GATEWAY_BUSY);
}

/* What may start only later starts beside what is still on its way. */
static void
test_rate_beside_a_call(void **state)
{
	struct http_call calls[2] = {{.method = HTTP_GET}, {.method = HTTP_GET}};
	struct world *w = *state;

	http_server_gate(w->server, 2);
	w->peer.per_second = 1;
	w->look_ms = 60;
	calls[0].url = calls[1].url =
	    arena_printf(&w->arena, "http://127.0.0.1:%d/gate", http_server_port(w->server));
	w->transport.send(w->transport.context, &w->peer, calls, 2, w->mono + 10000, &w->arena);
	assert_int_equal(calls[0].fate, HTTP_ANSWERED);
	assert_int_equal(calls[1].fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).most_at_once, 2);
}

static int64_t
an_hour_later(void *context)
{
	(void)context;
	return clock_mono_ms(&clock_real) + 3600 * 1000;
}

/* What lies idle does not lie there for ever; a call in good time keeps it. */
static void
test_idle_lanes(void **state)
{
	static const struct clock later = {.mono_ms = an_hour_later};
	struct world *w = *state;

	w->peer.route = "old";
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	w->peer.route = "test";
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).connections, 1);
	loop_turn(loop_current(), 0);
	assert_non_null(w->http->lanes);
	loop_use_clock(&later);
	loop_turn(loop_current(), 0);
	loop_use_clock(NULL);
	assert_null(w->http->lanes);
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).connections, 2);
}

static void *
call_once(void *context)
{
	assert_int_equal(send_to(context, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	return NULL;
}

/* What a thread's loop carried goes with it. */
static void
test_lanes_of_a_thread(void **state)
{
	struct world *w = *state;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, call_once, w), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_null(w->http->lanes);
}

/* Rights to be in flight: the first is waited for, more are taken and given back as they come. */
static void
test_rights(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");

	assert_non_null(r);
	assert_int_equal(http_pool_enter(w->http, r, 4, 1, w->mono, false), 1);
	assert_int_equal(http_pool_enter(w->http, r, 4, 9, w->mono, false), 3);
	assert_int_equal(http_pool_enter(w->http, r, 4, 1, w->mono, false), 0);
	assert_int_equal(http_pool_adjust(w->http, r, 3, 9), 3);
	http_pool_leave(w->http, r, 1);
	assert_int_equal(http_pool_adjust(w->http, r, 3, 3), 3);
	assert_int_equal(http_pool_adjust(w->http, r, 3, 9), 4);
	assert_int_equal(http_pool_adjust(w->http, r, 4, 9), 4);
	assert_int_equal(http_pool_adjust(w->http, r, 4, 3), 3);
	/* Fewer in flight from now on: those who hold more give them back one by one. */
	assert_int_equal(http_pool_enter(w->http, r, 1, 1, w->mono, false), 0);
	assert_int_equal(http_pool_adjust(w->http, r, 3, 9), 2);
	assert_int_equal(http_pool_adjust(w->http, r, 2, 9), 1);
	assert_int_equal(http_pool_adjust(w->http, r, 1, 0), 1);
	http_pool_leave(w->http, r, 1);
	assert_int_equal(r->busy, 0);
	/* None at all would be no route. */
	assert_int_equal(http_pool_enter(w->http, r, 0, 1, w->mono, false), 1);
	http_pool_leave(w->http, r, 1);
	http_pool_drop(w->http, r);
}

/* A route that is not called any more leaves nothing; one that is held stays. */
static void
test_routes_are_forgotten(void **state)
{
	struct world *w = *state;
	struct http_route *held = http_pool_route(w->http, "held"), *r;
	struct http_state *states;
	struct arena a;
	size_t n;

	arena_init(&a, 1 << 20);
	r = http_pool_route(w->http, "gone");
	http_pool_drop(w->http, r);
	w->mono += HTTP_FORGET_MS - 1;
	http_pool_drop(w->http, http_pool_route(w->http, "young"));
	assert_true(http_states(w->http, &a, &states, &n));
	assert_int_equal(n, 3);
	w->mono += 1;
	http_pool_drop(w->http, http_pool_route(w->http, "new"));
	assert_true(http_states(w->http, &a, &states, &n));
	assert_int_equal(n, 3);
	while (n-- > 0)
		assert_string_not_equal(states[n].route, "gone");
	http_pool_drop(w->http, held);
	arena_clear(&a);
}

/* One of the requests that want a right, each in a task of its own. */
struct wanting {
	struct world *w;
	struct http_route *route;
	int64_t patience_ms;
	unsigned *order, got, held;
	bool urgent, done;
};

static void
want_right(void *context)
{
	struct wanting *t = context;

	t->held =
	    http_pool_enter(t->w->http, t->route, 2, 5, t->w->mono + t->patience_ms, t->urgent);
	t->got = t->held > 0 ? ++*t->order : 0;
	t->done = true;
}

/* First come, first served, one right each while others wait; who gave up is passed over. */
static void
test_rights_are_waited_for(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");
	unsigned order = 0, i;
	struct wanting t[4];

	assert_int_equal(http_pool_enter(w->http, r, 2, 2, w->mono, false), 2);
	for (i = 0; i < N(t); i++) {
		t[i] = (struct wanting){.w = w, .route = r, .patience_ms = 100000, .order = &order};
		t[i].patience_ms = i == 1 ? 1 : 100000;
		assert_true(task_spawn(loop_current(), want_right, &t[i]));
	}
	while (!t[1].done)
		loop_turn(loop_current(), INT64_MAX);
	assert_int_equal(t[1].held, 0);
	assert_int_equal(http_pool_adjust(w->http, r, 2, 2), 1);
	while (!t[0].done)
		loop_turn(loop_current(), INT64_MAX);
	assert_true(!t[2].done && !t[3].done);
	http_pool_leave(w->http, r, 1);
	while (!t[2].done)
		loop_turn(loop_current(), INT64_MAX);
	assert_false(t[3].done);
	http_pool_leave(w->http, r, t[0].held);
	while (!t[3].done)
		loop_turn(loop_current(), INT64_MAX);
	assert_true(t[0].got == 1 && t[2].got == 2 && t[3].got == 3);
	http_pool_leave(w->http, r, t[2].held);
	http_pool_leave(w->http, r, t[3].held);
	assert_int_equal(r->busy, 0);
	assert_null(r->first);
}

static unsigned
waiting(struct world *w)
{
	struct http_state *states;
	size_t n;

	assert_true(http_states(w->http, &w->arena, &states, &n));
	assert_int_equal(n, 1);
	assert_string_equal(states[0].route, "test");
	assert_int_equal(states[0].in_flight, 2);
	return states[0].waiting;
}

/* Who waits is seen waiting until the last moment, and who gave up leaves the queue whole. */
static void
test_waiting_is_seen(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");
	unsigned order = 0, i;
	struct wanting t[4];

	loop_use_clock(&w->clock);
	assert_int_equal(http_pool_enter(w->http, r, 2, 2, w->mono, false), 2);
	for (i = 0; i < N(t); i++) {
		if (i == 3) {
			assert_int_equal(waiting(w), 3);
			w->mono++;
			loop_turn(loop_current(), 0);
			assert_true(t[2].done && t[2].held == 0);
			assert_int_equal(waiting(w), 2);
		}
		t[i] = (struct wanting){.w = w, .route = r, .patience_ms = 100000, .order = &order};
		t[i].patience_ms = i == 2 ? 1 : 100000;
		assert_true(task_spawn(loop_current(), want_right, &t[i]));
		loop_turn(loop_current(), 0);
	}
	assert_int_equal(waiting(w), 3);
	for (i = 0; i < N(t); i++) {
		if (i != 2) {
			http_pool_leave(w->http, r, 1);
			loop_turn(loop_current(), 0);
			assert_true(t[i].done && t[i].held == 1);
		}
	}
	loop_use_clock(NULL);
	http_pool_leave(w->http, r, 2);
	assert_int_equal(r->busy, 0);
}

/* Closed; open; and half-open from when a probe may go until it has said how it is. */
static void
test_breakers_are_seen(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");
	struct http_breaker *b[3];
	struct http_state *states;
	const struct {
		int64_t ms;
		bool probing;
		unsigned closed, half_open, open;
	} rows[] = {{99, false, 1, 0, 2}, {100, false, 1, 1, 1}, {101, true, 1, 2, 0},
	    {200, false, 1, 2, 0}};
	size_t i, n;

	b[0] = &http_pool_origin(r, "https://a.example", 0)->breaker;
	b[1] = &http_pool_origin(r, "https://b.example", 0)->breaker;
	b[2] = &http_pool_origin(r, "https://c.example", 0)->breaker;
	assert_false(b[0]->open);
	*b[1] = (struct http_breaker){.open = true, .until = w->mono + 100};
	*b[2] = (struct http_breaker){.open = true, .until = w->mono + 200};
	for (i = 0; i < N(rows); i++) {
		b[2]->probing = rows[i].probing;
		w->mono += rows[i].ms - (i > 0 ? rows[i - 1].ms : 0);
		assert_true(http_states(w->http, &w->arena, &states, &n));
		assert_int_equal(n, 1);
		assert_int_equal(states[0].closed, rows[i].closed);
		assert_int_equal(states[0].half_open, rows[i].half_open);
		assert_int_equal(states[0].open, rows[i].open);
	}
	http_pool_drop(w->http, r);
}

/* Who writes goes before those who came earlier and do not. */
static void
test_writes_go_first(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");
	unsigned order = 0, i;
	struct wanting t[4];

	assert_int_equal(http_pool_enter(w->http, r, 2, 2, w->mono, false), 2);
	for (i = 0; i < N(t); i++) {
		t[i] = (struct wanting){.w = w,
		    .route = r,
		    .patience_ms = 100000,
		    .order = &order,
		    .urgent = i == 1 || i == 2};
		assert_true(task_spawn(loop_current(), want_right, &t[i]));
	}
	loop_turn(loop_current(), 0);
	for (i = 0; i < N(t); i++) {
		http_pool_leave(w->http, r, 1);
		while (order == i)
			loop_turn(loop_current(), INT64_MAX);
		assert_int_equal(order, i + 1);
	}
	assert_true(t[1].got == 1 && t[2].got == 2 && t[0].got == 3 && t[3].got == 4);
	http_pool_leave(w->http, r, 2);
	assert_int_equal(r->busy, 0);
}

/* The 95th percentile of the last 32. */
static void
test_pace(void **state)
{
	struct http_pace p = {.n = 0};
	int i;

	(void)state;
	assert_int_equal(http_pace_ms(&p), 0);
	http_pace_add(&p, 40);
	assert_int_equal(http_pace_ms(&p), 40);
	for (i = 1; i <= 31; i++)
		http_pace_add(&p, i);
	assert_int_equal(http_pace_ms(&p), 30);
	for (i = 0; i < 32; i++)
		http_pace_add(&p, 7);
	assert_int_equal(http_pace_ms(&p), 7);
}

/* It is the route's, and asking for it does not keep the route. */
static void
test_pace_of_a_route(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, w->peer.route);
	struct http_peer other = {.route = "other", .in_flight = 1};

	assert_non_null(r);
	http_pace_add(&r->pace, 40);
	assert_int_equal(w->transport.pace(w->transport.context, &w->peer), 40);
	assert_int_equal(w->transport.pace(w->transport.context, &other), 0);
	assert_int_equal(r->users, 1);
	http_pool_drop(w->http, r);
}

/* A handle of that lane with a call that is set up. */
static struct http_handle *
take_handle(struct world *w, struct http_lane *lane, struct http_sender *sender)
{
	struct http_call *call = arena_alloc(&w->arena, sizeof(*call));
	struct http_handle *handle = http_lane_take(lane);

	assert_non_null(call);
	assert_non_null(handle);
	*call = (struct http_call){.method = HTTP_GET};
	call->url = arena_printf(&w->arena, "http://127.0.0.1:%d/ok", http_server_port(w->server));
	handle->sender = sender;
	handle->call = call;
	handle->arena = &w->arena;
	handle->insecure = true;
	assert_int_equal(http_option_call(handle, &w->peer, 1000), CURLE_OK);
	return handle;
}

/* What curl breaks takes no call any more; the next call finds another. It goes when the last of
 * those who had calls there has given its handle back. */
static void
test_broken_lane(void **state)
{
	struct world *w = *state;
	struct http_sender senders[2] = {{.finished = NULL}};
	struct http_handle *handles[2];
	struct http_lane *lane;
	size_t i;

	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	lane = http_lane_of(w->http, &w->peer);
	assert_non_null(lane);
	assert_ptr_equal(lane, w->http->lanes);
	for (i = 0; i < N(handles); i++) {
		handles[i] = take_handle(w, lane, &senders[i]);
		assert_true(http_lane_start(handles[i]));
	}
	/* To curl, a handle that is added twice is a fault. */
	assert_false(http_lane_start(handles[0]));
	for (i = 0; i < N(handles); i++) {
		assert_true(event_wait(&senders[i].over, EVENT_FOREVER));
		assert_ptr_equal(senders[i].finished, handles[i]);
	}
	http_lane_give(handles[0]);
	assert_ptr_equal(lane, w->http->lanes);
	assert_int_equal(send_to(w, "127.0.0.1", "/ok").fate, HTTP_ANSWERED);
	assert_ptr_not_equal(w->http->lanes, lane);
	assert_in_range(http_server_counts(w->server).connections, 2, 3);
	http_lane_give(handles[1]);
}

/* A route's setting may name ever new hosts: the table of breakers stays small. */
static void
test_many_origins(void **state)
{
	struct world *w = *state;
	struct http_route *r = http_pool_route(w->http, "test");
	struct http_origin *o, *first;
	char name[] = "https://a.example";
	unsigned n = 0;
	char c;

	assert_non_null(r);
	first = http_pool_origin(r, name, 0);
	first->calls = 1;
	for (c = 'b'; c <= 'z'; c++) {
		name[8] = c;
		assert_non_null(http_pool_origin(r, name, c));
	}
	for (o = r->origins; o != NULL; o = o->next) {
		n++;
		/* Kept: the newest, and the one with a call under way. */
		assert_true(o == first || o->name[8] > 'z' - HTTP_BREAKERS + 1);
	}
	assert_int_equal(n, HTTP_BREAKERS);
	for (o = r->origins; o != NULL; o = o->next)
		o->calls = 1;
	assert_null(http_pool_origin(r, "https://new.example", 1000));
	assert_ptr_equal(http_pool_origin(r, "https://a.example", 1000), first);
}

/* A reason is one line of printable ASCII, and what does not fit is cut. */
static void
test_a_reason(void **state)
{
	static const char odd[] = "a\tb\n\x1f ~\x7f\xc3\xa9", plain[] = "a?b?? ~???";
	struct http_call call;
	char long_text[2 * sizeof(call.why)];

	(void)state;
	http_call_why(&call, "%s", odd);
	assert_string_equal(call.why, plain);
	http_call_why(&call, "%s", "");
	assert_string_equal(call.why, "");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	http_call_why(&call, "%s", long_text);
	assert_int_equal(strlen(call.why), sizeof(call.why) - 1);
}

/* The last line before a request may leave. */
static void
test_before_sending(void **state)
{
	static const struct {
		const char *ip;
		bool insecure, write;
		unsigned sends, after;
		int verdict;
		enum http_stop stop;
	} rows[] = {
	    {"8.8.8.8", false, true, 0, 1, CURL_PREREQFUNC_OK, HTTP_STOP_NONE},
	    {"10.0.0.1", false, false, 0, 1, CURL_PREREQFUNC_OK, HTTP_STOP_NONE},
	    {"127.0.0.1", true, true, 0, 1, CURL_PREREQFUNC_OK, HTTP_STOP_NONE},
	    {"8.8.8.8", true, true, 0, 0, CURL_PREREQFUNC_ABORT, HTTP_STOP_ADDRESS},
	    {"169.254.1.1", false, true, 0, 0, CURL_PREREQFUNC_ABORT, HTTP_STOP_ADDRESS},
	    {"fe80::1", true, true, 0, 0, CURL_PREREQFUNC_ABORT, HTTP_STOP_ADDRESS},
	    {"8.8.8.8", false, true, 1, 1, CURL_PREREQFUNC_ABORT, HTTP_STOP_AGAIN},
	    {"8.8.8.8", false, false, 1, 2, CURL_PREREQFUNC_OK, HTTP_STOP_NONE},
	};
	struct http_handle handle;
	struct http_call call;
	char ip[INET6_ADDRSTRLEN], own[] = "192.0.2.1";
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&handle, 0, sizeof(handle));
		memset(&call, 0, sizeof(call));
		call.write = rows[i].write;
		handle.call = &call;
		handle.insecure = rows[i].insecure;
		handle.sends = rows[i].sends;
		(void)snprintf(ip, sizeof(ip), "%s", rows[i].ip);
		assert_int_equal(
		    http_receive_prereq(&handle, ip, own, 443, 50000), rows[i].verdict);
		assert_int_equal(handle.sends, rows[i].after);
		assert_int_equal(handle.stop, rows[i].stop);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_retry_after),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_before_sending),
	    cmocka_unit_test(test_a_reason),
	    cmocka_unit_test(test_breaker_opens),
	    cmocka_unit_test(test_breaker_half_opens),
	    cmocka_unit_test(test_breaker_jitter),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_rate_window),
	    CASE(test_breaker_of_a_route),
	    CASE(test_breaker_knows_what_failed),
	    CASE(test_breaker_within_a_send),
	    CASE(test_silence_is_waited_for),
	    CASE(test_rate_of_a_route),
	    CASE(test_rate_beside_a_call),
	    CASE(test_idle_lanes),
	    CASE(test_lanes_of_a_thread),
	    CASE(test_rights),
	    CASE(test_routes_are_forgotten),
	    CASE(test_rights_are_waited_for),
	    CASE(test_waiting_is_seen),
	    CASE(test_breakers_are_seen),
	    CASE(test_writes_go_first),
	    CASE(test_pace),
	    CASE(test_pace_of_a_route),
	    CASE(test_broken_lane),
	    CASE(test_many_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
