/*
 * test_http_tls.c: whom a call believes. Certificates are made here, for each run; the server
 * answers over TLS on loopback. What is not believed must get no request.
 */
#include "http/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <curl/curl.h>

#include "tests/unit/kit/http_server.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { LONG_MS = 20000, SHORT_MS = 300 };

enum name { LOCAL, OTHER, EXPIRED, CLIENT, LOCKED, NAMES };

static const struct http_certificate certificates[NAMES] = {
    [LOCAL] = {.names = "DNS:localhost,IP:127.0.0.1", .days = 1},
    [OTHER] = {.names = "DNS:other.example", .days = 1},
    [EXPIRED] = {.names = "DNS:localhost,IP:127.0.0.1", .days = -1},
    [CLIENT] = {.names = "DNS:client.example", .days = 1},
    [LOCKED] = {.names = "DNS:client.example", .days = 1, .password = "secret"},
};

struct world {
	char folder[64], missing[96];
	char certificate[NAMES][96], key[NAMES][96];
	struct http *http;
	int wait_ms; /* for an answer */
	struct arena arena;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	size_t i;

	/* OpenSSL's server writes to connections that the client has closed. */
	(void)signal(SIGPIPE, SIG_IGN);
	assert_non_null(w);
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/test-http-tls-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	(void)snprintf(w->missing, sizeof(w->missing), "%s/missing", w->folder);
	for (i = 0; i < NAMES; i++) {
		(void)snprintf(
		    w->certificate[i], sizeof(w->certificate[i]), "%s/%zu.crt", w->folder, i);
		(void)snprintf(w->key[i], sizeof(w->key[i]), "%s/%zu.key", w->folder, i);
		assert_true(http_certificate_make(&certificates[i], w->certificate[i], w->key[i]));
	}
	w->wait_ms = LONG_MS;
	w->http = http_new(&clock_real);
	assert_non_null(w->http);
	arena_init(&w->arena, LIMIT_ARENA);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	size_t i;

	http_free(w->http);
	arena_clear(&w->arena);
	for (i = 0; i < NAMES; i++) {
		(void)unlink(w->certificate[i]);
		(void)unlink(w->key[i]);
	}
	(void)rmdir(w->folder);
	free(w);
	return 0;
}

/* Where the system's authorities lie libcurl knows, until it is given another file, or none. */
static bool given_no_authorities;
static int refused_at = -1; /* of the options that are set from now on; -1: none */

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);

/* A long is passed as a pointer is, on the machines that hrisgw is built for. */
CURLcode
__wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	va_list more;
	void *value;

	va_start(more, option);
	value = va_arg(more, void *);
	va_end(more);
	given_no_authorities = given_no_authorities || (option == CURLOPT_CAINFO && value == NULL);
	if (refused_at >= 0 && refused_at-- == 0)
		return CURLE_OUT_OF_MEMORY;
	return __real_curl_easy_setopt(easy, option, value);
}

static struct http_call
send_to(struct world *w, struct http_server *s, const char *host, const struct http_peer *peer)
{
	struct transport t = http_transport(w->http);
	struct http_call call = {.method = HTTP_GET};

	call.url = arena_printf(&w->arena, "https://%s:%d/ok?secret", host, http_server_port(s));
	assert_non_null(call.url);
	t.send(t.context, peer, &call, 1, clock_mono_ms(&clock_real) + w->wait_ms, &w->arena);
	assert_null(strstr(call.why, "secret"));
	return call;
}

static void
test_whom_to_believe(void **state)
{
	enum { NONE = NAMES, MISSING };
	static const struct {
		const char *what;
		int served, trusted;
		const char *host;
		bool insecure, old;
		enum http_fate fate;
		enum fail_code code;
	} rows[] = {
	    {"its own authority, by name", LOCAL, LOCAL, "localhost", false, false, HTTP_ANSWERED,
		CODE_NONE},
	    {"its own authority, by address", LOCAL, LOCAL, "127.0.0.1", false, false,
		HTTP_ANSWERED, CODE_NONE},
	    {"self-signed", LOCAL, NONE, "localhost", false, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"self-signed, http:// allowed", LOCAL, NONE, "localhost", true, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"another authority", LOCAL, OTHER, "localhost", false, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"another host", OTHER, OTHER, "localhost", false, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"another host, by address", OTHER, OTHER, "127.0.0.1", true, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"expired", EXPIRED, EXPIRED, "localhost", false, false, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"TLS 1.1", LOCAL, LOCAL, "localhost", false, true, HTTP_NOT_SENT,
		CODE_HRIS_UNAVAILABLE},
	    {"no such authority file", LOCAL, MISSING, "localhost", false, false, HTTP_NOT_SENT,
		CODE_ROUTE_SETTING},
	};
	struct world *w = *state;
	struct http_server_options options;
	struct http_server *server;
	struct http_peer peer;
	struct http_call call;
	size_t i;

	/* The environment has no say in it. */
	assert_int_equal(setenv("SSL_CERT_FILE", w->certificate[LOCAL], 1), 0);
	assert_int_equal(setenv("CURL_CA_BUNDLE", w->certificate[LOCAL], 1), 0);
	for (i = 0; i < N(rows); i++) {
		memset(&options, 0, sizeof(options));
		options.certificate = w->certificate[rows[i].served];
		options.key = w->key[rows[i].served];
		options.old_tls = rows[i].old;
		server = http_server_start(&options);
		assert_non_null(server);
		memset(&peer, 0, sizeof(peer));
		peer.route = rows[i].what;
		peer.in_flight = 1;
		peer.insecure_http = rows[i].insecure;
		if (rows[i].trusted != NONE)
			peer.ca_file = rows[i].trusted == MISSING ? w->missing
								  : w->certificate[rows[i].trusted];
		call = send_to(w, server, rows[i].host, &peer);
		if (call.fate != rows[i].fate || call.code != rows[i].code)
			fail_msg("%s: fate %d, %s, %s", rows[i].what, call.fate,
			    fail_code_text(call.code), call.why);
		assert_int_equal(http_server_counts(server).requests, call.fate == HTTP_ANSWERED);
		http_server_stop(server);
	}
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
	assert_int_equal(unsetenv("CURL_CA_BUNDLE"), 0);
	assert_false(given_no_authorities);
}

/* Connections are kept for those who trust the same authority, and only for them. */
static void
test_connections_are_kept(void **state)
{
	struct world *w = *state;
	struct http_server_options options = {
	    .certificate = w->certificate[LOCAL], .key = w->key[LOCAL]};
	struct http_server *server = http_server_start(&options);
	struct http_peer peer = {.route = "kept", .in_flight = 1};
	int i;

	assert_non_null(server);
	peer.ca_file = w->certificate[LOCAL];
	for (i = 0; i < 4; i++)
		assert_int_equal(send_to(w, server, "localhost", &peer).fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(server).connections, 1);
	peer.ca_file = w->certificate[OTHER];
	assert_int_equal(send_to(w, server, "localhost", &peer).fate, HTTP_NOT_SENT);
	peer.ca_file = NULL;
	assert_int_equal(send_to(w, server, "localhost", &peer).fate, HTTP_NOT_SENT);
	peer.ca_file = w->certificate[LOCAL];
	assert_int_equal(send_to(w, server, "localhost", &peer).fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(server).requests, 5);
	http_server_stop(server);
}

static void
test_client_certificate(void **state)
{
	static const struct {
		int certificate, key; /* -1: none */
		bool answered;
		enum fail_code code;
	} rows[] = {
	    {CLIENT, CLIENT, true, CODE_NONE},
	    {-1, -1, false, CODE_HRIS_UNAVAILABLE},
	    {OTHER, OTHER, false, CODE_HRIS_UNAVAILABLE},
	    {CLIENT, OTHER, false, CODE_ROUTE_SETTING},
	    /* A locked key: nobody is asked for its password. */
	    {LOCKED, LOCKED, false, CODE_ROUTE_SETTING},
	};
	struct world *w = *state;
	struct http_server_options options = {.certificate = w->certificate[LOCAL],
	    .key = w->key[LOCAL],
	    .client_ca = w->certificate[CLIENT]};
	struct http_server *server = http_server_start(&options);
	char route[32];
	struct http_peer peer = {.route = route, .in_flight = 1};
	struct http_call call;
	size_t i;

	assert_non_null(server);
	peer.ca_file = w->certificate[LOCAL];
	for (i = 0; i < N(rows); i++) {
		/* A route of its own: nothing is left over from the row before. */
		(void)snprintf(route, sizeof(route), "client-%zu", i);
		peer.certificate =
		    rows[i].certificate < 0 ? NULL : w->certificate[rows[i].certificate];
		peer.key = rows[i].key < 0 ? NULL : w->key[rows[i].key];
		call = send_to(w, server, "localhost", &peer);
		if ((call.fate == HTTP_ANSWERED) != rows[i].answered || call.code != rows[i].code)
			fail_msg("row %zu: fate %d, %s, %s", i, call.fate,
			    fail_code_text(call.code), call.why);
	}
	assert_int_equal(http_server_counts(server).requests, 1);
	http_server_stop(server);
}

static const char *
text_of(struct world *w, const char *path)
{
	char text[4096];
	FILE *file = fopen(path, "re");
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, sizeof(text), file);
	assert_int_equal(fclose(file), 0);
	return arena_strndup(&w->arena, text, n);
}

/* Certificate and key need not be files: a setting may hold their PEM. */
static void
test_client_certificate_as_text(void **state)
{
	struct world *w = *state;
	struct http_server_options options = {.certificate = w->certificate[LOCAL],
	    .key = w->key[LOCAL],
	    .client_ca = w->certificate[CLIENT]};
	struct http_server *server = http_server_start(&options);
	struct http_peer peer = {.route = "text",
	    .in_flight = 1,
	    .ca_file = w->certificate[LOCAL],
	    .certificate = text_of(w, w->certificate[CLIENT]),
	    .key = text_of(w, w->key[OTHER])};

	assert_non_null(server);
	assert_int_equal(send_to(w, server, "localhost", &peer).code, CODE_ROUTE_SETTING);
	peer.key = text_of(w, w->key[CLIENT]);
	assert_int_equal(send_to(w, server, "localhost", &peer).fate, HTTP_ANSWERED);
	assert_int_equal(http_server_counts(server).requests, 1);
	http_server_stop(server);
}

/* A server that waits for the end of a request in plain text: it gets none. */
static void
test_no_tls(void **state)
{
	struct world *w = *state;
	struct http_server *server = http_server_start(NULL);
	struct http_peer peer = {.route = "plain", .in_flight = 1, .insecure_http = true};
	struct http_call call;

	assert_non_null(server);
	w->wait_ms = SHORT_MS;
	call = send_to(w, server, "127.0.0.1", &peer);
	w->wait_ms = LONG_MS;
	assert_int_equal(call.fate, HTTP_NOT_SENT);
	assert_int_equal(call.code, CODE_HRIS_TIMEOUT);
	assert_int_equal(http_server_counts(server).requests, 0);
	http_server_stop(server);
}

static struct http_call
send_plain(struct world *w, struct http *http, struct http_server *s)
{
	struct http_header header = {.name = "X-A", .value = "b"};
	struct http_peer peer = {.route = "options", .in_flight = 1, .insecure_http = true};
	struct http_call call = {.method = HTTP_GET, .headers = &header, .n_headers = 1};
	struct transport t = http_transport(http);

	call.url = arena_printf(&w->arena, "http://127.0.0.1:%d/ok", http_server_port(s));
	t.send(t.context, &peer, &call, 1, clock_mono_ms(&clock_real) + LONG_MS, &w->arena);
	return call;
}

/* Whichever option curl does not take: nothing is sent, and the next call goes. */
static void
test_options_that_curl_refuses(void **state)
{
	struct world *w = *state;
	struct http_server *server = http_server_start(NULL);
	struct http_call call = {.fate = HTTP_NOT_SENT};
	struct http_state *states;
	struct http *http;
	size_t n;
	int i;

	assert_non_null(server);
	for (i = 0; call.fate != HTTP_ANSWERED; i++) {
		http = http_new(&clock_real);
		assert_non_null(http);
		refused_at = i;
		call = send_plain(w, http, server);
		if (refused_at < 0) {
			assert_int_equal(call.fate, HTTP_NOT_SENT);
			assert_int_equal(call.code, CODE_GATEWAY_MEMORY);
			assert_int_equal(http_server_counts(server).requests, i);
		}
		refused_at = -1;
		assert_int_equal(send_plain(w, http, server).fate, HTTP_ANSWERED);
		assert_true(http_states(http, &w->arena, &states, &n));
		assert_int_equal(states[0].in_flight, 0);
		http_free(http);
	}
	/* All that option.c and lane.c set of one handle. */
	assert_in_range(i, 40, 60);
	http_server_stop(server);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whom_to_believe),
	    cmocka_unit_test(test_connections_are_kept),
	    cmocka_unit_test(test_client_certificate),
	    cmocka_unit_test(test_client_certificate_as_text),
	    cmocka_unit_test(test_no_tls),
	    cmocka_unit_test(test_options_that_curl_refuses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
