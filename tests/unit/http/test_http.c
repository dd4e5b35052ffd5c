/*
 * test_http.c: calls over real sockets to a server on loopback that misbehaves on request: each
 * call's fate, and how often the server got it. Real time runs, but nothing depends on how much.
 */
#include "base/buf.h"
#include "engine/loop.h"
#include "http/http.h"
#include "http/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>
#include <pthread.h>
#include <cmocka.h>

#include "tests/unit/kit/http_server.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { LONG_MS = 20000, SHORT_MS = 300, THREADS = 16 };

struct world {
	struct http_server *server;
	struct http *http;
	struct transport transport;
	struct http_peer peer;
	struct arena arena;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->server = http_server_start(NULL);
	assert_non_null(w->server);
	w->http = http_new(&clock_real);
	assert_non_null(w->http);
	w->transport = http_transport(w->http);
	w->peer.route = "test";
	w->peer.in_flight = 8;
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

static const char *
url_of(struct world *w, const char *path)
{
	const char *url =
	    arena_printf(&w->arena, "http://127.0.0.1:%d%s", http_server_port(w->server), path);

	assert_non_null(url);
	return url;
}

static void
send_within(struct world *w, struct http_call *calls, size_t n, int64_t ms)
{
	int64_t deadline = clock_mono_ms(&clock_real) + ms;

	w->transport.send(w->transport.context, &w->peer, calls, n, deadline, &w->arena);
}

static struct http_call
send_one(struct world *w, enum http_method method, const char *path, bool write)
{
	struct http_call call = {.method = method, .url = url_of(w, path), .write = write};

	if (write) {
		call.body = "{\"days\":1}";
		call.body_len = 10;
	}
	/* What never answers gets a short time; the rest more than it can need. */
	send_within(w, &call, 1, strcmp(path, "/silent") == 0 ? SHORT_MS : LONG_MS);
	return call;
}

static void
test_answered(void **state)
{
	struct world *w = *state;
	struct http_call call = send_one(w, HTTP_GET, "/ok", false);

	assert_int_equal(call.fate, HTTP_ANSWERED);
	assert_int_equal(call.status, 200);
	assert_string_equal(call.answer, "{\"ok\":true}");
	assert_int_equal(call.answer_len, 11);
	assert_int_equal(call.retry_after_ms, -1);
	assert_int_equal(call.code, CODE_NONE);
	assert_string_equal(http_answer_header(&call, "X-TEST"), "yes");
	assert_string_equal(http_answer_header(&call, "x-twice"), "one");
	assert_null(http_answer_header(&call, "X-None"));
	assert_null(http_answer_header(&call, "HTTP/1.1 200 Reason"));
}

/* Each way to fail, as a read and as a write: its fate, and one request at the server. */
static void
test_fates(void **state)
{
	static const struct {
		const char *path;
		enum http_fate fate;
		enum fail_code code;
		int status;
	} rows[] = {
	    {"/ok", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/redirect", HTTP_ANSWERED, CODE_NONE, 307},
	    {"/status/201", HTTP_ANSWERED, CODE_NONE, 201},
	    {"/status/401", HTTP_ANSWERED, CODE_NONE, 401},
	    {"/status/503", HTTP_ANSWERED, CODE_NONE, 503},
	    {"/status/600", HTTP_LOST, CODE_HRIS_ANSWER, 0},
	    {"/early", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/chunked", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/until-end", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/size/0", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/headers/60000", HTTP_ANSWERED, CODE_NONE, 200},
	    {"/headers/70000", HTTP_LOST, CODE_HRIS_ANSWER, 0},
	    {"/switch", HTTP_LOST, CODE_HRIS_ANSWER, 0},
	    {"/close", HTTP_LOST, CODE_HRIS_UNAVAILABLE, 0},
	    {"/half-head", HTTP_LOST, CODE_HRIS_UNAVAILABLE, 0},
	    {"/short", HTTP_LOST, CODE_HRIS_UNAVAILABLE, 0},
	    {"/chunk-cut", HTTP_LOST, CODE_HRIS_UNAVAILABLE, 0},
	    {"/chunk-bad", HTTP_LOST, CODE_HRIS_UNAVAILABLE, 0},
	    {"/no-colon", HTTP_LOST, CODE_HRIS_ANSWER, 0},
	    {"/old", HTTP_LOST, CODE_HRIS_ANSWER, 0},
	    {"/silent", HTTP_LOST, CODE_HRIS_TIMEOUT, 0},
	};
	struct world *w = *state;
	struct http_call call;
	char route[32];
	unsigned before;
	size_t i;
	int write;

	for (i = 0; i < 2 * N(rows); i++) {
		write = (int)(i % 2);
		before = http_server_counts(w->server).requests;
		/* A route of its own: no breaker stands between. */
		(void)snprintf(route, sizeof(route), "fate-%zu", i);
		w->peer.route = route;
		call = send_one(w, write ? HTTP_POST : HTTP_GET, rows[i / 2].path, write);
		if (call.fate != rows[i / 2].fate || call.code != rows[i / 2].code ||
		    call.status != rows[i / 2].status)
			fail_msg("%s: fate %d, code %s, status %d, %s", rows[i / 2].path, call.fate,
			    fail_code_text(call.code), call.status, call.why);
		assert_int_equal(http_server_counts(w->server).requests, before + 1);
		assert_int_equal(call.why[0] == '\0', call.fate == HTTP_ANSWERED);
		assert_null(strstr(call.why, rows[i / 2].path));
	}
}

static void
test_final_headers_only(void **state)
{
	struct world *w = *state;
	struct http_call call = send_one(w, HTTP_GET, "/early", false);

	assert_null(http_answer_header(&call, "X-Hundred"));
	assert_null(http_answer_header(&call, "Link"));
	assert_string_equal(http_answer_header(&call, "X-Test"), "yes");
	call = send_one(w, HTTP_GET, "/chunked", false);
	assert_string_equal(call.answer, "{\"ok\":true}");
	assert_null(http_answer_header(&call, "X-Trailer"));
	call = send_one(w, HTTP_GET, "/status/429", false);
	assert_int_equal(call.retry_after_ms, 7000);
	call = send_one(w, HTTP_GET, "/redirect", false);
	assert_string_equal(http_answer_header(&call, "Location"), "/ok");
}

static void
test_header_values(void **state)
{
	static const char *const rows[][2] = {
	    {"X-Latin", "caf\xc3\xa9"},
	    {"X-Utf8", "caf\xc3\xa9"},
	    {"X-Folded", "one two"},
	    {"X-Bell", "a b"},
	    {"X-Empty", ""},
	    {"X-Space", "a b"},
	};
	struct world *w = *state;
	struct http_call call = send_one(w, HTTP_GET, "/odd-headers", false);
	size_t i;

	assert_int_equal(call.fate, HTTP_ANSWERED);
	for (i = 0; i < N(rows); i++)
		assert_string_equal(http_answer_header(&call, rows[i][0]), rows[i][1]);
}

/* A header on 10,000 lines costs what it weighs, not the square of it. */
static void
test_folded_header_costs_what_it_weighs(void **state)
{
	struct world *w = *state;
	size_t before = w->arena.used;
	struct http_call call = send_one(w, HTTP_GET, "/folds", false);
	const char *value = http_answer_header(&call, "X-Long");

	assert_int_equal(call.fate, HTTP_ANSWERED);
	assert_non_null(value);
	assert_int_equal(strlen(value), 1 + 2 * 10000);
	assert_memory_equal(value, "x y y y", 7);
	assert_true(w->arena.used - before < 4 * 64 * 1024);
}

/* What curl makes of a call, as the server reads it. */
static void
test_request(void **state)
{
	static const struct http_header headers[] = {
	    {.name = "Accept", .value = "application/json"},
	    {.name = "Content-Type", .value = "application/json"},
	    {.name = "Authorization", .value = "Basic a2V5Ong="},
	    {.name = "X-Empty", .value = ""},
	};
	static const char *const absent[] = {"Expect", "Transfer-Encoding", "TE: ", "Cookie",
	    "Proxy-", "Accept: */*", "x-www-form-urlencoded"};
	static const struct {
		enum http_method method;
		const char *body, *length;
	} rows[] = {
	    {HTTP_GET, NULL, NULL},
	    {HTTP_DELETE, NULL, NULL},
	    {HTTP_POST, "{\"a\":1}", "7"},
	    {HTTP_PUT, "{\"a\":12}", "8"},
	    {HTTP_PATCH, "{}", "2"},
	    {HTTP_DELETE, "{}", "2"},
	    {HTTP_POST, NULL, "0"},
	    {HTTP_PUT, NULL, "0"},
	    {HTTP_POST, "", "0"},
	};
	struct world *w = *state;
	struct http_call call;
	char first[64], length[64];
	size_t i, j;

	for (i = 0; i < N(rows); i++) {
		memset(&call, 0, sizeof(call));
		call.method = rows[i].method;
		call.url = url_of(w, "/echo/a/../b?x=%20y#frag");
		call.headers = headers;
		call.n_headers = N(headers);
		call.body = rows[i].body;
		call.body_len = rows[i].body == NULL ? 0 : strlen(rows[i].body);
		send_within(w, &call, 1, LONG_MS);
		assert_int_equal(call.fate, HTTP_ANSWERED);
		(void)snprintf(first, sizeof(first), "%s /echo/a/../b?x=%%20y HTTP/1.1\r\n",
		    http_method_name(rows[i].method));
		assert_memory_equal(call.answer, first, strlen(first));
		assert_non_null(strstr(call.answer, "\r\nHost: 127.0.0.1:"));
		assert_non_null(strstr(call.answer, "\r\nAuthorization: Basic a2V5Ong=\r\n"));
		assert_non_null(strstr(call.answer, "\r\nAccept: application/json\r\n"));
		assert_non_null(strstr(call.answer, "\r\nContent-Type: application/json\r\n"));
		assert_non_null(strstr(call.answer, "\r\nX-Empty:\r\n"));
		assert_non_null(strstr(call.answer, "\r\nAccept-Encoding: deflate, gzip"));
		for (j = 0; j < N(absent); j++) {
			if (strstr(call.answer, absent[j]) != NULL)
				fail_msg("%s in %s", absent[j], call.answer);
		}
		(void)snprintf(length, sizeof(length), "\r\nContent-Length: %s\r\n",
		    rows[i].length != NULL ? rows[i].length : "");
		if (rows[i].length != NULL)
			assert_non_null(strstr(call.answer, length));
		else
			assert_null(strstr(call.answer, "Content-Length"));
	}
	/* Nothing of an earlier call stays in the handle. */
	call = send_one(w, HTTP_GET, "/echo", false);
	assert_null(strstr(call.answer, "Authorization"));
	assert_null(strstr(call.answer, "Content-"));
	call = send_one(w, HTTP_POST, "/echo", true);
	assert_null(strstr(call.answer, "Content-Type"));
}

static void
test_large_body(void **state)
{
	struct world *w = *state;
	struct http_call call = {.method = HTTP_PUT, .write = true};
	size_t i, len = 3 * 1024 * 1024;
	unsigned long total = 0;
	char *body = arena_alloc(&w->arena, len);

	assert_non_null(body);
	for (i = 0; i < len; i++) {
		body[i] = (char)(i % 251);
		total += i % 251;
	}
	call.url = url_of(w, "/ok");
	call.body = body;
	call.body_len = len;
	send_within(w, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).body_len, len);
	assert_int_equal(http_server_counts(w->server).body_sum, total);
}

static void
test_answer_limit(void **state)
{
	static const struct {
		const char *path;
		size_t max;
		bool fits;
	} rows[] = {
	    {"/size/1000", 1000, true},
	    {"/size/1001", 1000, false},
	    {"/ok", 11, true},
	    {"/ok", 10, false},
	    {"/chunked", 11, true},
	    {"/chunked", 10, false},
	    {"/until-end", 10, false},
	    {"/endless", 100000, false},
	    {"/endless", 0, false},
	    {"/size/16777216", 0, true},
	    {"/size/20000000", 0, false},
	    {"/size/20000000", LIMIT_ANSWER_STREAMED, true},
	};
	struct world *w = *state;
	struct http_call call;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		memset(&call, 0, sizeof(call));
		call.url = url_of(w, rows[i].path);
		call.answer_max = rows[i].max;
		send_within(w, &call, 1, LONG_MS);
		if (call.fate != (rows[i].fits ? HTTP_ANSWERED : HTTP_LOST))
			fail_msg(
			    "%s of at most %zu: fate %d", rows[i].path, rows[i].max, call.fate);
		if (rows[i].fits) {
			assert_int_equal(call.answer[call.answer_len], '\0');
			continue;
		}
		assert_int_equal(call.code, CODE_HRIS_ANSWER);
		assert_non_null(strstr(call.why, "more than"));
		assert_int_equal(call.answer_len, 0);
	}
}

/* Nothing, or nothing more, comes: the time that is left is for another try. */
static void
test_stalled(void **state)
{
	static const char *const paths[] = {"/silent", "/half-silent"};
	struct world *w = *state;
	struct http_call call;
	size_t i;

	for (i = 0; i < N(paths); i++) {
		call = (struct http_call){.url = url_of(w, paths[i]), .stall_ms = 20};
		send_within(w, &call, 1, LONG_MS);
		assert_int_equal(call.fate, HTTP_LOST);
		assert_int_equal(call.code, CODE_HRIS_TIMEOUT);
		assert_non_null(strstr(call.why, "did not answer within"));
		assert_in_range(call.took_ms, 20, LONG_MS / 2);
	}
	call = (struct http_call){.url = url_of(w, "/size/5000000"), .stall_ms = LONG_MS / 2};
	send_within(w, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_ANSWERED);
}

/* Decoded, and limited by what comes out; a coding that cannot be is named. */
static void
test_content_codings(void **state)
{
	static const struct {
		const char *path;
		size_t max;
		enum http_fate fate;
		size_t len;      /* of the answer */
		const char *why; /* a part */
	} rows[] = {
	    {"/coded/gzip", 31, HTTP_ANSWERED, 11, ""},
	    {"/coded/x", 0, HTTP_LOST, 0, "answered in the content coding \"x\", which cannot"},
	    {"/coded/utf", 0, HTTP_LOST, 0, "\"utf\""},
	    {"/coded/deflate", 0, HTTP_LOST, 0, "\"deflate\""},
	    {"/coded/gzip-twice", 0, HTTP_LOST, 0, "\"gzip\""},
	    {"/coded/identity", 0, HTTP_ANSWERED, 31, ""},
	    {"/coded/gzip-large", 1000, HTTP_ANSWERED, 1000, ""},
	    {"/coded/gzip-large", 999, HTTP_LOST, 0, "answered more than 999 bytes"},
	};
	struct world *w = *state;
	struct http_call call;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		memset(&call, 0, sizeof(call));
		call.url = url_of(w, rows[i].path);
		call.answer_max = rows[i].max;
		send_within(w, &call, 1, LONG_MS);
		if (call.fate != rows[i].fate || call.answer_len != rows[i].len ||
		    strstr(call.why, rows[i].why) == NULL)
			fail_msg("%s: fate %d, %zu bytes, %s", rows[i].path, call.fate,
			    call.answer_len, call.why);
		assert_int_equal(
		    call.code, call.fate == HTTP_ANSWERED ? CODE_NONE : CODE_HRIS_ANSWER);
	}
	call = send_one(w, HTTP_GET, "/coded/gzip", false);
	assert_string_equal(call.answer, "{\"ok\":true}");
}

static void
put_streamed(void *context, const char *data, size_t len)
{
	buf_put(context, data, len);
}

/* Only an answer of success goes by; of that the beginning stays, for who looks at it as text. */
static void
test_streamed(void **state)
{
	static const struct {
		const char *path;
		size_t max, streamed, kept;
		enum http_fate fate;
	} rows[] = {
	    {"/ok", 0, 11, 11, HTTP_ANSWERED},
	    {"/chunked", 0, 11, 11, HTTP_ANSWERED},
	    {"/size/20000000", LIMIT_ANSWER_STREAMED, 20000000, 65536, HTTP_ANSWERED},
	    {"/status/404", 0, 0, 2, HTTP_ANSWERED},
	    {"/status/500", 0, 0, 2, HTTP_ANSWERED},
	    {"/size/0", 0, 0, 0, HTTP_ANSWERED},
	    {"/size/1001", 1000, 0, 0, HTTP_LOST},
	};
	struct world *w = *state;
	struct http_stream stream = {.put = put_streamed};
	struct http_call call;
	struct buf all;
	size_t i;

	buf_init(&all, LIMIT_ANSWER_STREAMED);
	stream.context = &all;
	for (i = 0; i < N(rows); i++) {
		buf_reset(&all);
		memset(&call, 0, sizeof(call));
		call.url = url_of(w, rows[i].path);
		call.answer_max = rows[i].max;
		call.stream = &stream;
		send_within(w, &call, 1, LONG_MS);
		if (call.fate != rows[i].fate || all.len != rows[i].streamed ||
		    call.answer_len != rows[i].kept || call.streamed != (rows[i].streamed > 0))
			fail_msg("%s: fate %d, %zu streamed, %zu kept", rows[i].path, call.fate,
			    all.len, call.answer_len);
		if (call.streamed)
			assert_memory_equal(call.answer, all.data, call.answer_len);
	}
	buf_clear(&all);
}

/* A read whose kept connection has died is sent again by curl; a write never goes over one. */
/* Counts the loop's turns, and what comes in each. */
struct turns {
	struct loop_job job; /* first */
	struct loop *loop;
	size_t n, now, most, all;
	bool over;
};

static void
turns_next(struct loop_job *job)
{
	struct turns *t = (struct turns *)job;

	t->most = t->now > t->most ? t->now : t->most;
	t->n += t->now > 0;
	t->now = 0;
	if (!t->over)
		loop_ready(t->loop, job);
}

static void
turns_put(void *context, const char *data, size_t len)
{
	struct turns *t = context;

	(void)data;
	t->now += len;
	t->all += len;
}

/* A server that is faster than its reader does not keep the loop to itself. */
static void
test_a_long_answer_comes_in_turns(void **state)
{
	enum { SIZE = 20000000, SHARE = 64 * 1024 };
	struct turns t = {.job = {.run = turns_next}, .loop = loop_current()};
	const struct http_stream stream = {.put = turns_put, .context = &t};
	struct world *w = *state;
	struct http_call call = {.answer_max = LIMIT_ANSWER_STREAMED, .stream = &stream};

	call.url = url_of(w, "/size/20000000");
	loop_ready(t.loop, &t.job);
	send_within(w, &call, 1, LONG_MS);
	t.over = true;
	loop_turn(t.loop, 0);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	assert_int_equal(t.all, SIZE);
	assert_true(t.most <= 3 * SHARE && t.n >= SIZE / (3 * SHARE));
	/* One that is too long is found out in each of them. */
	call.answer_max = 15000000;
	t.over = false;
	loop_ready(t.loop, &t.job);
	send_within(w, &call, 1, LONG_MS);
	t.over = true;
	loop_turn(t.loop, 0);
	assert_int_equal(call.fate, HTTP_LOST);
	assert_int_equal(call.code, CODE_HRIS_ANSWER);
}

static void
test_dead_connection(void **state)
{
	struct world *w = *state;
	struct http_call call = send_one(w, HTTP_GET, "/once", false);
	struct http_server_counts counts;

	assert_int_equal(call.fate, HTTP_ANSWERED);
	call = send_one(w, HTTP_GET, "/once", false);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	counts = http_server_counts(w->server);
	assert_int_equal(counts.requests, 3);
	assert_int_equal(counts.connections, 2);
	call = send_one(w, HTTP_POST, "/once", true);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	counts = http_server_counts(w->server);
	assert_int_equal(counts.requests, 4);
	assert_int_equal(counts.connections, 3);
	/* Nor does it leave one behind. */
	call = send_one(w, HTTP_POST, "/once", true);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).requests, 5);
	assert_int_equal(http_server_counts(w->server).connections, 4);
}

/* What the server said before a request is no answer to it. */
static void
test_what_came_before_the_request_is_no_answer(void **state)
{
	struct world *w = *state;
	struct http_call calls[3];
	size_t i, round;

	for (round = 0; round < 3; round++) {
		memset(calls, 0, sizeof(calls));
		for (i = 0; i < N(calls); i++)
			calls[i].url = url_of(w, "/ok");
		send_within(w, calls, N(calls), LONG_MS);
		for (i = 0; i < N(calls); i++) {
			assert_int_equal(calls[i].fate, HTTP_ANSWERED);
			assert_string_equal(calls[i].answer, "{\"ok\":true}");
		}
		http_server_say(w->server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
	}
	assert_int_equal(http_server_counts(w->server).requests, 3 * N(calls));
}

static void
test_connections_are_kept(void **state)
{
	struct world *w = *state;
	struct http_call calls[4];
	size_t i, round;

	for (i = 0; i < 5; i++)
		assert_int_equal(send_one(w, HTTP_GET, "/ok", false).fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).connections, 1);
	http_server_gate(w->server, 4);
	for (round = 0; round < 3; round++) {
		memset(calls, 0, sizeof(calls));
		for (i = 0; i < N(calls); i++)
			calls[i].url = url_of(w, "/gate");
		send_within(w, calls, N(calls), LONG_MS);
		for (i = 0; i < N(calls); i++)
			assert_int_equal(calls[i].fate, HTTP_ANSWERED);
	}
	assert_int_equal(http_server_counts(w->server).connections, 4);
	assert_int_equal(http_server_counts(w->server).requests, 5 + 12);
}

/* More calls than in_flight: side by side, and never more than that. */
static void
test_side_by_side(void **state)
{
	struct world *w = *state;
	struct http_call calls[12];
	size_t i;

	w->peer.in_flight = 3;
	http_server_gate(w->server, 3);
	memset(calls, 0, sizeof(calls));
	for (i = 0; i < N(calls); i++)
		calls[i].url = url_of(w, "/gate");
	send_within(w, calls, N(calls), LONG_MS);
	for (i = 0; i < N(calls); i++)
		assert_int_equal(calls[i].fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(w->server).most_at_once, 3);
	assert_int_equal(http_server_counts(w->server).connections, 3);
}

static void
test_mixed_fates(void **state)
{
	static const struct {
		const char *path;
		enum http_fate fate;
	} rows[] = {
	    {"/ok", HTTP_ANSWERED},
	    {"/close", HTTP_LOST},
	    {"/silent", HTTP_LOST},
	    {"/status/404", HTTP_ANSWERED},
	    {"/endless", HTTP_LOST},
	    {"bad", HTTP_NOT_SENT},
	    {"/ok", HTTP_ANSWERED},
	};
	struct world *w = *state;
	struct http_call calls[N(rows)];
	size_t i;

	memset(calls, 0, sizeof(calls));
	for (i = 0; i < N(rows); i++) {
		calls[i].url = rows[i].path[0] == '/' ? url_of(w, rows[i].path) : "bad";
		calls[i].answer_max = 100000;
	}
	send_within(w, calls, N(calls), 1000);
	for (i = 0; i < N(rows); i++) {
		if (calls[i].fate != rows[i].fate)
			fail_msg("%s: fate %d, %s", rows[i].path, calls[i].fate, calls[i].why);
	}
	/* An aborted neighbour leaves the lane usable. */
	assert_int_equal(send_one(w, HTTP_GET, "/ok", false).fate, HTTP_ANSWERED);
	send_within(w, NULL, 0, LONG_MS);
}

struct many {
	struct world *w;
	size_t n; /* calls in each send */
	unsigned answered;
};

static void *
run_many(void *context)
{
	struct many *m = context;
	struct world own = *m->w;
	struct http_call calls[4];
	size_t i, round;

	arena_init(&own.arena, LIMIT_ARENA);
	for (round = 0; round < 6; round++) {
		memset(calls, 0, sizeof(calls));
		for (i = 0; i < m->n; i++) {
			calls[i].url = url_of(&own, "/gate");
			calls[i].write = round % 2 == 1;
			calls[i].method = calls[i].write ? HTTP_POST : HTTP_GET;
		}
		send_within(&own, calls, m->n, LONG_MS);
		for (i = 0; i < m->n; i++)
			m->answered += calls[i].fate == HTTP_ANSWERED;
	}
	arena_clear(&own.arena);
	return NULL;
}

/* Sixteen threads, some with several calls at a time, one route: all get through in time. */
static void
test_threads(void **state)
{
	struct world *w = *state;
	struct many many[THREADS];
	pthread_t threads[THREADS];
	size_t i, expected = 0;

	w->peer.in_flight = 5;
	http_server_gate(w->server, 5);
	for (i = 0; i < THREADS; i++) {
		many[i].w = w;
		many[i].n = 1 + i % 4;
		many[i].answered = 0;
		expected += 6 * many[i].n;
	}
	/* Until half of the requests have come, at least six threads are left to fill the gate:
	 * eleven of them cannot have fewer than 126 between them. The last few could not. */
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_many, &many[i]), 0);
	http_server_await(w->server, (unsigned)expected / 2);
	assert_int_equal(http_server_counts(w->server).most_at_once, 5);
	http_server_gate(w->server, 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(many[i].answered, 6 * many[i].n);
	assert_int_equal(http_server_counts(w->server).requests, expected);
	assert_int_equal(http_server_counts(w->server).most_at_once, 5);
}

struct holder {
	struct world *w;
	struct http_call call;
};

static void *
run_holder(void *context)
{
	struct holder *h = context;

	h->call = send_one(h->w, HTTP_GET, "/gate", false);
	return NULL;
}

static void
test_pool_is_full(void **state)
{
	struct world *w = *state, other = *w;
	struct holder holder = {.w = w};
	struct http_call call = {.url = url_of(w, "/ok")};
	pthread_t thread;

	arena_init(&other.arena, LIMIT_ARENA);
	w->peer.in_flight = other.peer.in_flight = 1;
	http_server_gate(w->server, 2);
	assert_int_equal(pthread_create(&thread, NULL, run_holder, &holder), 0);
	http_server_await(w->server, 1);
	send_within(&other, &call, 1, 30);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_GATEWAY_BUSY);
	assert_int_equal(http_server_counts(w->server).requests, 1);
	/* Another route is not held up, and more in flight counts from the next send on. */
	other.peer.route = "other";
	send_within(&other, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	other.peer.route = "test";
	other.peer.in_flight = 2;
	send_within(&other, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_ANSWERED);
	http_server_gate(w->server, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(holder.call.fate, HTTP_ANSWERED);
	arena_clear(&other.arena);
}

/* Calls that never come near the network. */
static void
test_refused(void **state)
{
	static const struct {
		const char *url, *name, *value;
		enum fail_code code;
		const char *why;
	} rows[] = {
	    {"https://a.example/\r\nX: y", NULL, NULL, CODE_GATEWAY_INTERNAL, "not encoded"},
	    {"https://a.example/a b", NULL, NULL, CODE_GATEWAY_INTERNAL, "not encoded"},
	    {"https://a.example/caf\xc3\xa9", NULL, NULL, CODE_GATEWAY_INTERNAL, "not encoded"},
	    {"https://u:p@a.example/", NULL, NULL, CODE_ROUTE_SETTING, "not an absolute"},
	    {"file:///etc/passwd", NULL, NULL, CODE_ROUTE_SETTING, "not an absolute"},
	    {"gopher://a.example/", NULL, NULL, CODE_ROUTE_SETTING, "not an absolute"},
	    {"/relative", NULL, NULL, CODE_ROUTE_SETTING, "not an absolute"},
	    {"", NULL, NULL, CODE_ROUTE_SETTING, "not an absolute"},
	    {NULL, NULL, NULL, CODE_GATEWAY_INTERNAL, "incomplete"},
	    {"https://a.example/", "X-A", "a\r\nX-B: c", CODE_GATEWAY_INTERNAL, "X-A"},
	    {"https://a.example/", "X-A", "a\nb", CODE_GATEWAY_INTERNAL, "X-A"},
	    {"https://a.example/", "X-A", "a\x7f", CODE_GATEWAY_INTERNAL, "X-A"},
	    {"https://a.example/", "X-A", NULL, CODE_GATEWAY_INTERNAL, "header 1"},
	    {"https://a.example/", "X A", "a", CODE_GATEWAY_INTERNAL, "header 1"},
	    {"https://a.example/", "X-A:", "a", CODE_GATEWAY_INTERNAL, "header 1"},
	    {"https://a.example/", "", "a", CODE_GATEWAY_INTERNAL, "header 1"},
	    {"https://a.example/", "X\r\n", "a", CODE_GATEWAY_INTERNAL, "header 1"},
	    {"https://a.example/", "host", "b.example", CODE_GATEWAY_INTERNAL, "own to send"},
	    {"https://a.example/", "Content-Length", "5", CODE_GATEWAY_INTERNAL, "own to send"},
	    {"https://a.example/", "Transfer-Encoding", "chunked", CODE_GATEWAY_INTERNAL, "own"},
	};
	struct world *w = *state;
	struct http_header header;
	struct http_call call;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		memset(&call, 0, sizeof(call));
		header.name = rows[i].name;
		header.value = rows[i].value;
		call.url = rows[i].url;
		call.headers = &header;
		call.n_headers = rows[i].name != NULL;
		send_within(w, &call, 1, LONG_MS);
		if (call.fate != HTTP_NOT_SENT || call.code != rows[i].code ||
		    strstr(call.why, rows[i].why) == NULL)
			fail_msg("row %zu: fate %d, %s, %s", i, call.fate,
			    fail_code_text(call.code), call.why);
		assert_null(strchr(call.why, '\n'));
	}
}

static void
test_url_limit(void **state)
{
	struct world *w = *state;
	struct http_call call = {.method = HTTP_GET};
	char *url = arena_alloc(&w->arena, 17000);

	assert_non_null(url);
	memset(url, 'a', 16999);
	memcpy(url, "https://", 8);
	call.url = url;
	send_within(w, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_INPUT_LIMIT);
}

/* A port on which nobody listens: bound, so that nobody else takes it. */
static int
bind_silent(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void
test_not_reached(void **state)
{
	struct world *w = *state;
	struct http_call call = {.method = HTTP_POST, .write = true};
	int port, fd = bind_silent(&port);

	call.url = arena_printf(&w->arena, "http://127.0.0.1:%d/secret?key=secret", port);
	send_within(w, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_HRIS_UNAVAILABLE);
	assert_non_null(strstr(call.why, "127.0.0.1"));
	assert_null(strstr(call.why, "secret"));
	call.url = "http://no-such-host.invalid/secret";
	send_within(w, &call, 1, LONG_MS);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_HRIS_UNAVAILABLE);
	assert_null(strstr(call.why, "secret"));
	/* Listening, but nobody accepts TLS there: it never came to a request. */
	assert_int_equal(listen(fd, 5), 0);
	call.url = arena_printf(&w->arena, "https://127.0.0.1:%d/secret", port);
	send_within(w, &call, 1, SHORT_MS);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_HRIS_TIMEOUT);
	(void)close(fd);
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *url;
		bool insecure;
		const char *why;
	} rows[] = {
	    {"http://127.0.0.1/", false, "insecure_http"},
	    {"http://8.8.8.8/", true, "loopback and private"},
	    {"http://[2001:db8::1]/", true, "loopback and private"},
	    {"http://169.254.169.254/latest", true, "loopback and private"},
	    {"http://0x7f000001:1/", false, "insecure_http"},
	    {"https://169.254.169.254/", false, "link-local"},
	    {"https://[fe80::1]/", false, "link-local"},
	    {"https://[::ffff:169.254.1.1]/", false, "link-local"},
	    {"https://0.0.0.0/", false, "reserved"},
	    {"https://0/", false, "reserved"},
	    {"https://224.0.0.1/", true, "reserved"},
	    {"https://2852039166/", true, "link-local"},
	};
	struct world *w = *state;
	struct http_call call;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		memset(&call, 0, sizeof(call));
		call.url = rows[i].url;
		call.method = HTTP_POST;
		call.write = true;
		w->peer.insecure_http = rows[i].insecure;
		send_within(w, &call, 1, LONG_MS);
		if (call.fate != HTTP_NOT_SENT || call.code != CODE_ROUTE_SETTING ||
		    strstr(call.why, rows[i].why) == NULL)
			fail_msg("%s: fate %d, %s, %s", rows[i].url, call.fate,
			    fail_code_text(call.code), call.why);
	}
}

static void
test_deadline_is_over(void **state)
{
	struct world *w = *state;
	struct http_call calls[2] = {{.url = url_of(w, "/ok")}, {.url = url_of(w, "/ok")}};

	send_within(w, calls, 2, 0);
	assert_int_equal(calls[0].fate, HTTP_NOT_SENT);
	assert_int_equal(calls[0].code, CODE_HRIS_TIMEOUT);
	assert_int_equal(calls[1].code, CODE_HRIS_TIMEOUT);
	send_within(w, calls, 1, -5000);
	assert_int_equal(calls[0].code, CODE_HRIS_TIMEOUT);
	assert_int_equal(http_server_counts(w->server).connections, 0);
}

/* Proxies that the environment names are not asked. */
static void
test_environment(void **state)
{
	static const char *const names[] = {
	    "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
	struct world *w = *state;
	char proxy[64];
	int port, fd = bind_silent(&port);
	size_t i;

	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", port);
	for (i = 0; i < N(names); i++)
		assert_int_equal(setenv(names[i], proxy, 1), 0);
	assert_int_equal(send_one(w, HTTP_GET, "/ok", false).fate, HTTP_ANSWERED);
	for (i = 0; i < N(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	(void)close(fd);
}

static void
test_memory(void **state)
{
	static const struct {
		size_t arena;
		enum http_fate fate;
	} rows[] = {
	    /* No room for the answer, which came: that is not the same as not sent. */
	    {50000, HTTP_LOST},
	    {0, HTTP_NOT_SENT},
	};
	struct world *w = *state;
	struct http_call call = {.method = HTTP_POST, .write = true};
	struct arena small;
	size_t i;

	call.url = url_of(w, "/size/100000");
	for (i = 0; i < N(rows); i++) {
		arena_init(&small, rows[i].arena);
		w->transport.send(w->transport.context, &w->peer, &call, 1,
		    clock_mono_ms(&clock_real) + LONG_MS, &small);
		assert_int_equal(call.fate, rows[i].fate);
		assert_int_equal(call.code, CODE_GATEWAY_MEMORY);
		arena_clear(&small);
	}
}

/* A lack of our own: said as that, and no fault of the HRIS that would open its breaker. */
static void
test_no_descriptor(void **state)
{
	struct world *w = *state;
	struct rlimit files, none;
	struct http_call call;
	int i;

	assert_int_equal(send_one(w, HTTP_POST, "/ok", true).fate, HTTP_ANSWERED);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = files.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (i = 0; i < HTTP_BREAKER_CONSECUTIVE + 1; i++) {
		call = send_one(w, HTTP_POST, "/ok", true);
		assert_int_equal(call.fate, HTTP_NOT_SENT);
		assert_int_equal(call.code, CODE_GATEWAY_BUSY);
		assert_non_null(strstr(call.why, "ulimit -n"));
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_int_equal(send_one(w, HTTP_POST, "/ok", true).fate, HTTP_ANSWERED);
}

static void
test_methods(void **state)
{
	static const char *const bad[] = {"get", "", "GETS", "HEAD", "GET "};
	enum http_method m;
	size_t i;

	(void)state;
	for (i = 0; i < HTTP_METHOD_MAX; i++) {
		assert_true(http_method_parse(http_method_name((enum http_method)i), &m));
		assert_int_equal(m, i);
	}
	for (i = 0; i < N(bad); i++)
		assert_false(http_method_parse(bad[i], &m));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

/* Nothing of what came back for one sending is there at the next. */
static void
test_reset(void **state)
{
	static const struct http_header header = {"X-One", "1", false};
	struct http_call call = {.method = HTTP_GET,
	    .fate = HTTP_ANSWERED,
	    .status = 200,
	    .answer_headers = &header,
	    .n_answer_headers = 1,
	    .answer = "old",
	    .answer_len = 3,
	    .streamed = true,
	    .retry_after_ms = 5,
	    .took_ms = 6,
	    .code = CODE_HRIS_BUSY,
	    .why = "old"};

	(void)state;
	http_call_reset(&call);
	assert_string_equal(call.why, "");
	assert_string_equal(call.answer, "");
	assert_null(call.answer_headers);
	assert_int_equal(call.n_answer_headers + call.answer_len + (size_t)call.status, 0);
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_NONE);
	assert_int_equal(call.retry_after_ms, -1);
	assert_int_equal(call.took_ms, 0);
	assert_false(call.streamed);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_answered),
	    CASE(test_fates),
	    CASE(test_final_headers_only),
	    CASE(test_header_values),
	    CASE(test_folded_header_costs_what_it_weighs),
	    CASE(test_request),
	    CASE(test_large_body),
	    CASE(test_answer_limit),
	    CASE(test_stalled),
	    CASE(test_content_codings),
	    CASE(test_streamed),
	    CASE(test_a_long_answer_comes_in_turns),
	    CASE(test_dead_connection),
	    CASE(test_what_came_before_the_request_is_no_answer),
	    CASE(test_connections_are_kept),
	    CASE(test_side_by_side),
	    CASE(test_mixed_fates),
	    CASE(test_threads),
	    CASE(test_pool_is_full),
	    CASE(test_refused),
	    CASE(test_url_limit),
	    CASE(test_not_reached),
	    CASE(test_addresses),
	    CASE(test_deadline_is_over),
	    CASE(test_environment),
	    CASE(test_memory),
	    CASE(test_no_descriptor),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
