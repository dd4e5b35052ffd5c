/* test_request.c: from CGI variables to a request, as nginx, Apache and lighttpd send them. */
#include "format/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/bounds.h"
#include "base/text.h"

#include <cmocka.h>

static struct arena arena;

static struct request
build(const char *const *params)
{
	struct request r;

	assert_true(request_from_params(&arena, params, &r));
	return r;
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 24);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static void
test_whole(void **state)
{
	static const char *const params[] = {
	    "REQUEST_METHOD=POST",
	    "REQUEST_URI=/v1/acme/get-balance?a=%20b",
	    "PATH_INFO=/v1/acme",
	    "REQUEST_SCHEME=https",
	    "HTTPS=on",
	    "HTTP_HOST=Gw.Example:8443",
	    "REMOTE_ADDR=192.0.2.1",
	    "CONTENT_TYPE=application/json",
	    "CONTENT_LENGTH=2",
	    "HTTP_CONTENT_DIGEST=sha-256=:x:",
	    "HTTP_X=",
	    "HTTP_=nameless",
	    "=value",
	    "novalue",
	    "SERVER_NAME=_",
	    "SSL_CLIENT_VERIFY=SUCCESS",
	    "SSL_CLIENT_S_DN=CN=a,O=b",
	    NULL,
	};
	struct request r = build(params);

	(void)state;
	assert_string_equal(r.method, "POST");
	assert_string_equal(r.uri, "/v1/acme/get-balance?a=%20b");
	assert_string_equal(r.path_info, "/v1/acme");
	assert_string_equal(r.scheme, "https");
	assert_string_equal(r.authority, "Gw.Example:8443");
	assert_string_equal(r.remote, "192.0.2.1");
	assert_string_equal(r.client_subject, "CN=a,O=b");
	assert_null(r.only_action);
	assert_int_equal(r.n_headers, 4);
	assert_string_equal(request_header(&r, "content-type"), "application/json");
	assert_string_equal(request_header(&r, "content-length"), "2");
	assert_string_equal(request_header(&r, "content-digest"), "sha-256=:x:");
	assert_string_equal(request_header(&r, "x"), "");
	assert_null(request_header(&r, "host"));
	assert_null(request_header(&r, "server-name"));
	assert_false(r.too_many_params);
	assert_int_equal(r.body_state, BODY_WHOLE);
	assert_string_equal(r.body, "");
}

static void
test_nothing(void **state)
{
	static const char *const params[] = {NULL};
	struct request r = build(params);

	(void)state;
	assert_string_equal(r.method, "");
	assert_string_equal(r.uri, "");
	assert_string_equal(r.path_info, "");
	assert_string_equal(r.scheme, "http");
	assert_string_equal(r.authority, "");
	assert_string_equal(r.client_subject, "");
	assert_int_equal(r.n_headers, 0);
}

static const struct {
	const char *promise, *params[4], *name, *value;
} headers[] = {
    {"lines of one header are joined", {"HTTP_A=1", "HTTP_A=2", "HTTP_A=3"}, "a", "1, 2, 3"},
    {"and no others", {"HTTP_A=1", "HTTP_A_B=2", "HTTP_A=3"}, "a", "1, 3"},
    {"nor what is none", {"HTTP_A=1", "XHTTP_A=2", "HTTP_A=3"}, "a", "1, 3"},
    {"the server's content type counts, not the second telling",
	{"HTTP_CONTENT_TYPE=text/html", "CONTENT_TYPE=text/plain"}, "content-type", "text/plain"},
    {"in either order", {"CONTENT_TYPE=text/plain", "HTTP_CONTENT_TYPE=text/html"}, "content-type",
	"text/plain"},
    {"nor alone", {"HTTP_CONTENT_LENGTH=5"}, "content-length", NULL},
    {"an empty content type is none", {"CONTENT_TYPE="}, "content-type", NULL},
    {"an empty length is none", {"CONTENT_LENGTH="}, "content-length", NULL},
    {"a variable that comes twice: the last", {"CONTENT_TYPE=a", "CONTENT_TYPE=b"}, "content-type",
	"b"},
    {"digits and dashes", {"HTTP_X_9_A=v"}, "x-9-a", "v"},
    {"a value with equals signs", {"HTTP_X=a=b=c"}, "x", "a=b=c"},
    {"authorization by .htaccess", {"REDIRECT_HTTP_AUTHORIZATION=Bearer t"}, "authorization",
	"Bearer t"},
    {"authorization itself first",
	{"REDIRECT_HTTP_AUTHORIZATION=Bearer t", "HTTP_AUTHORIZATION=Bearer u"}, "authorization",
	"Bearer u"},
    {"the environment is no header", {"PATH=/bin", "HTTPX_A=1", "HTTP=1"}, "path", NULL},
};

static void
test_headers(void **state)
{
	const char *value;
	struct request r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(headers); i++) {
		r = build(headers[i].params);
		value = request_header(&r, headers[i].name);
		if (value == NULL
			? headers[i].value != NULL
			: headers[i].value == NULL || strcmp(value, headers[i].value) != 0)
			fail_msg("%s", headers[i].promise);
	}
}

/* 200 lines cost their weight, not 200 times it. */
static void
test_many_lines(void **state)
{
	static char line[] = "HTTP_X_A=0123456789012345678901234567890123456789";
	const char *params[201] = {NULL};
	struct request r;
	size_t i, before = arena.used;

	(void)state;
	for (i = 0; i < 200; i++)
		params[i] = line;
	r = build(params);
	assert_int_equal(r.n_headers, 1);
	assert_int_equal(strlen(request_header(&r, "x-a")), 200 * 42 - 2);
	assert_in_range(arena.used - before, 1, 24 * 1024);
}

static const struct {
	const char *params[3], *scheme, *subject;
} schemes[] = {
    {{"HTTPS=on"}, "https", ""},
    {{"HTTPS=ON"}, "https", ""},
    {{"HTTPS=1"}, "https", ""},
    {{"HTTPS=off"}, "http", ""},
    {{"HTTPS="}, "http", ""},
    {{"REQUEST_SCHEME=https"}, "https", ""},
    {{"REQUEST_SCHEME=http"}, "http", ""},
    {{"HTTP_X_FORWARDED_PROTO=https"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a", "SSL_CLIENT_VERIFY=NONE"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a", "SSL_CLIENT_VERIFY=FAILED:expired"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a", "SSL_CLIENT_VERIFY=GENEROUS"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a", "SSL_CLIENT_VERIFY=success"}, "http", ""},
    {{"SSL_CLIENT_VERIFY=SUCCESS"}, "http", ""},
    {{"SSL_CLIENT_S_DN=CN=a", "SSL_CLIENT_VERIFY=SUCCESS"}, "http", "CN=a"},
    {{"HTTP_SSL_CLIENT_S_DN=CN=a", "HTTP_SSL_CLIENT_VERIFY=SUCCESS"}, "http", ""},
};

static void
test_schemes(void **state)
{
	struct request r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(schemes); i++) {
		r = build(schemes[i].params);
		assert_string_equal(r.scheme, schemes[i].scheme);
		assert_string_equal(r.client_subject, schemes[i].subject);
	}
}

static void
test_limits(void **state)
{
	const char *params[LIMIT_PARAMS + 2];
	static char big[LIMIT_PARAM_BYTES + 1];
	struct request r;
	size_t i;

	(void)state;
	for (i = 0; i <= LIMIT_PARAMS; i++)
		params[i] = "HTTP_A=1";
	params[LIMIT_PARAMS] = NULL;
	assert_false(build(params).too_many_params);
	params[LIMIT_PARAMS] = "HTTP_B=1";
	params[LIMIT_PARAMS + 1] = NULL;
	r = build(params);
	assert_true(r.too_many_params);
	assert_null(request_header(&r, "b"));
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "HTTP_A=", 7);
	params[0] = big;
	params[1] = NULL;
	assert_false(build(params).too_many_params);
	params[1] = "HTTP_B=1";
	params[2] = NULL;
	assert_true(build(params).too_many_params);
}

static void
test_memory(void **state)
{
	static const char *const params[] = {"REQUEST_METHOD=POST", "HTTP_A=1", "HTTP_A=2",
	    "REDIRECT_HTTP_AUTHORIZATION=x", "CONTENT_TYPE=y", NULL};
	struct request r;
	struct arena a;
	size_t max;

	(void)state;
	for (max = 0; max < 4096; max += 16) {
		arena_init(&a, max);
		if (request_from_params(&a, params, &r)) {
			assert_int_equal(r.n_headers, 3);
			arena_clear(&a);
			return;
		}
		arena_clear(&a);
	}
	fail_msg("out of memory");
}

static void
test_response(void **state)
{
	struct response r;
	int i;

	(void)state;
	response_init(&r);
	for (i = 0; i < RESPONSE_HEADERS_MAX + 3; i++)
		response_header(&r, "A", "1");
	assert_int_equal(r.n_headers, RESPONSE_HEADERS_MAX);
	buf_puts(&r.body, "x");
	response_clear(&r);
	assert_int_equal(r.n_headers, 0);
	assert_int_equal(r.body.len, 0);
}

/* RFC 9112, section 3.2.2. */
static void
test_whole_url(void **state)
{
	static const struct {
		const char *sent, *uri;
	} cases[] = {
	    {"REQUEST_URI=https://gw.example/v1/acme/x?a=b", "/v1/acme/x?a=b"},
	    {"REQUEST_URI=HTTP://gw.example:8080/v1//x", "/v1//x"},
	    {"REQUEST_URI=https://gw.example", "/"},
	    {"REQUEST_URI=https://gw.example?a=/b", "/?a=/b"},
	    {"REQUEST_URI=/https://gw.example/v1", "/https://gw.example/v1"},
	    {"REQUEST_URI=https:/v1/acme", "https:/v1/acme"},
	};
	const char *params[2] = {NULL, NULL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		params[0] = cases[i].sent;
		assert_string_equal(build(params).uri, cases[i].uri);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_many_lines),
	    cmocka_unit_test(test_schemes),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_response),
	    cmocka_unit_test(test_whole_url),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
