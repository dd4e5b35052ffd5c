/*
 * test_basic.c: Basic, the BambooHR face's Basic, the fixed header, and how all of them
 * refuse.
 */
#include "tests/unit/kit/auth_kit.h"

#define BODY    "{}"
#define WRONG   "unknown name, or another secret"
#define UNCLEAR "Authorization: Basic is not well-formed"
#define NOTHING "no proof that this route takes"

static void
start(struct kit *k)
{
	kit_init_store(k);
	kit_text(k, "s1", "secret one\n");
	kit_text(k, "s2", "p:w \xC3\xA9");
	kit_text(k, "s3", "secret three");
	kit_text(k, "s4", "secret four");
	k->callers = kit_callers(k,
	    "{clerk: {basic: {new: file:s1, old: file:s2}},\n"
	    "robot: {key: {header: X-Api-Key, secret: file:s3}},\n"
	    "second: {key: {header: X-Other, secret: {n: file:s4}}, basic: file:s4,\n"
	    "         client_certificate: 'CN=second'}}");
	assert_non_null(k->callers);
	assert_int_equal(k->faults.n, 0);
	kit_request(k, "/v1/acme/get-balance", BODY);
}

static void
basic(struct kit *k, const char *text)
{
	kit_header(k, "authorization",
	    arena_printf(&k->arena, "Basic %s", kit_base64(k, text, strlen(text))));
}

static void
test_basic(void **state)
{
	int64_t uses, last;
	struct kit k;

	(void)state;
	start(&k);
	basic(&k, "clerk:secret one");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "clerk");
	assert_string_equal(k.who.form, "basic");
	assert_string_equal(k.who.key_id, "new");
	/* No nonce: it may come again. */
	kit_accepted(&k);
	basic(&k, "clerk:p:w \xC3\xA9");
	kit_accepted(&k);
	basic(&k, "clerk:p:w \xC3\xA9\n");
	kit_accepted(&k);
	assert_string_equal(k.who.key_id, "old");
	kit_header(&k, "authorization", "bAsIc   Y2xlcms6c2VjcmV0IG9uZQ==");
	kit_accepted(&k);
	assert_int_equal(
	    store_counted(k.env.store, "uses acme", "clerk basic new", &uses, &last), GW_OK);
	assert_true(uses == 3 && last == KIT_NOW);
	k.request.uri = "/v1/acme/get-balance?x";
	kit_refused(&k, "a query string that the proof does not cover");
	assert_string_equal(k.who.form, "basic");
	kit_clear(&k);
}

static const struct {
	const char *plain, *why;
} wrong[] = {
    {"clerk:secret two", WRONG},
    {"clerk:secret on", WRONG},
    {"clerk:secret one ", WRONG},
    {"clerk:", WRONG},
    {":secret one", WRONG},
    {"clerk2:secret one", WRONG},
    {"Clerk:secret one", WRONG},
    {"robot:secret three", WRONG},
    {"secret one:x", WRONG},
    {"second:secret four", "the client certificate is absent or another's"},
    {"clerk", UNCLEAR},
    {"clerk:a\nb", UNCLEAR},
    {"clerk:secret one\n\n", UNCLEAR},
    {"", UNCLEAR},
};

static void
test_wrong(void **state)
{
	static const char *const headers[] = {
	    "Basic",
	    "Basic ",
	    "Basic !",
	    "Basic Y2xlcms6c2VjcmV0IG9uZQ",
	    "Basic Y2xlcms6c2VjcmV0IG9uZQ== ",
	    "Basic Y2xl cms6c2VjcmV0IG9uZQ==",
	    "Basic Y2xlcgA6eA==",
	    "Basic",
	};
	char big[AUTH_HEADER_MAX / 4 * 3 + 2] = "clerk:";
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	for (i = 0; i < N(wrong); i++) {
		basic(&k, wrong[i].plain);
		assert_int_equal(kit_check(&k), GW_EAUTH);
		if (strcmp(k.who.reason, wrong[i].why) != 0)
			fail_msg("%s: %s", wrong[i].plain, k.who.reason);
	}
	for (i = 0; i < N(headers); i++) {
		kit_header(&k, "authorization", headers[i]);
		assert_int_equal(kit_check(&k), GW_EAUTH);
		assert_true(
		    strcmp(k.who.reason, UNCLEAR) == 0 || strcmp(k.who.reason, NOTHING) == 0);
	}
	memset(big + 6, 'A', sizeof(big) - 8);
	basic(&k, big);
	kit_refused(&k, WRONG);
	big[sizeof(big) - 2] = 'A';
	basic(&k, big);
	kit_refused(&k, UNCLEAR);
	k.request.client_subject = "CN=second";
	basic(&k, "second:secret four");
	kit_accepted(&k);
	basic(&k, "clerk:secret one");
	assert_int_equal(auth_check(&k.env, "acme", NULL, &k.request, &k.who), GW_EAUTH);
	assert_string_equal(k.who.reason, WRONG);
	/* Without random bytes nothing is compared, so nothing is let in. */
	k.no_random = true;
	kit_refused(&k, WRONG);
	kit_clear(&k);
}

/* As BambooHR has it: the key is the user name, with any password, and queries are usual. */
static void
test_face(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	k.env.bamboohr_basic = true;
	basic(&k, "secret one:x");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "clerk");
	basic(&k, "secret one:");
	k.request.uri = "/api/gateway.php/acme/v1/time_off/requests/?start=2026-01-01";
	kit_accepted(&k);
	basic(&k, "clerk:secret one");
	kit_refused(&k, WRONG);
	basic(&k, "secret three:x");
	kit_refused(&k, WRONG);
	kit_clear(&k);
}

static void
test_key(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	kit_header(&k, "x-api-key", "secret three");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "robot");
	assert_string_equal(k.who.form, "key");
	assert_null(k.who.key_id);
	kit_header(&k, "x-api-key", "secret threE");
	kit_refused(&k, "the key header holds another secret");
	kit_header(&k, "x-api-key", "");
	kit_refused(&k, "the key header holds another secret");
	kit_header(&k, "x-api-key", "secret four");
	kit_refused(&k, "the key header holds another secret");
	kit_header(&k, "x-other", "secret four");
	kit_refused(&k, "the client certificate is absent or another's");
	k.request.client_subject = "CN=second";
	kit_accepted(&k);
	assert_string_equal(k.who.key_id, "n");
	k.request.uri = "/v1/acme/get-balance?x";
	kit_refused(&k, "a query string that the proof does not cover");
	k.request.uri = "/v1/acme/get-balance";
	kit_header(&k, "x-other", NULL);
	kit_header(&k, "x-api-key", NULL);
	kit_refused(&k, NOTHING);
	k.no_random = true;
	kit_refused(&k, "no random bytes");
	kit_clear(&k);
}

/* A bad proof of one form beside a good one of another: the good one counts. */
static void
test_beside(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	basic(&k, "web:server's own");
	kit_refused(&k, WRONG);
	kit_header(&k, "x-api-key", "secret three");
	kit_accepted(&k);
	assert_string_equal(k.who.form, "key");
	kit_clear(&k);
}

static void
test_no_proof(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	kit_refused(&k, NOTHING);
	kit_header(&k, "authorization", "Digest x");
	kit_refused(&k, NOTHING);
	kit_header(&k, "authorization", "");
	kit_refused(&k, NOTHING);
	assert_null(k.who.form);
	kit_clear(&k);
}

/* The one 401, and the one 429. */
static void
test_refusal(void **state)
{
	struct response r;

	(void)state;
	response_init(&r);
	buf_puts(&r.body, "half an answer");
	auth_refuse(&r, "0123456789abcdef", 0);
	assert_int_equal(r.status, 401);
	assert_string_equal(
	    r.body.data, "{\"error\":\"unauthorized\",\"requestId\":\"0123456789abcdef\"}\n");
	assert_int_equal(r.n_headers, 3);
	assert_string_equal(kit_response_value(&r, "WWW-Authenticate"), "Bearer realm=\"hrisgw\"");
	response_clear(&r);
	response_init(&r);
	auth_refuse(&r, "0123456789abcdef", 61);
	assert_int_equal(r.status, 429);
	assert_string_equal(kit_response_value(&r, "Retry-After"), "61");
	assert_null(kit_response_value(&r, "WWW-Authenticate"));
	assert_string_equal(r.body.data,
	    "{\"error\":\"too many failed attempts\",\"requestId\":\"0123456789abcdef\"}\n");
	response_clear(&r);
}

/* Whose secret was guessed at; NULL: nobody's, as something else is wrong. */
static void
guessed(struct kit *k, const char *whose)
{
	enum gw_err err = auth_check(&k->env, "acme", k->callers, &k->request, &k->who);

	assert_int_equal(err, GW_EAUTH);
	if (whose == NULL)
		assert_null(k->who.guess);
	else
		assert_string_equal(k->who.guess, whose);
}

static void
test_guesses(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	guessed(&k, NULL);
	basic(&k, "clerk:secret onE");
	guessed(&k, "clerk");
	basic(&k, "made-up:secret one");
	guessed(&k, "made-up");
	basic(&k, "no colon");
	guessed(&k, NULL);
	/* Right, and refused for something else. */
	basic(&k, "second:secret four");
	guessed(&k, NULL);
	kit_header(
	    &k, "authorization", "Bearer MSBhIGIgMSAy.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	guessed(&k, "b");
	kit_header(&k, "authorization", "Bearer x");
	guessed(&k, NULL);
	kit_header(&k, "authorization", NULL);
	/* A header that this route does not listen to counts as one that it does. */
	kit_header(&k, "x-api-key", "wrong");
	guessed(&k, "");
	kit_header(&k, "x-api-key", NULL);
	kit_header(&k, "x-nobodys", "wrong");
	guessed(&k, "");
	kit_header(&k, "x-nobodys", NULL);
	kit_header(&k, "accept-language", "de");
	kit_header(&k, "user-agent", "a browser");
	kit_header(&k, "cache-control", "no-cache");
	kit_header(&k, "x-request-id", "1");
	kit_header(&k, "sec-fetch-mode", "cors");
	kit_header(&k, "inin-correlation-id", "1");
	kit_header(&k, "cf-ray", "1");
	guessed(&k, NULL);
	k.env.bamboohr_basic = true;
	basic(&k, "secret onE:x");
	guessed(&k, "");
	kit_clear(&k);
}

/* The longest names there may be are compared whole. */
static void
test_names(void **state)
{
	char name[CALLER_KEY_ID_MAX + 2] = "", other[CALLER_KEY_ID_MAX + 1] = "";

	(void)state;
	memset(name, 'n', CALLER_KEY_ID_MAX);
	memset(other, 'n', CALLER_KEY_ID_MAX);
	assert_true(auth_name_is(name, other));
	other[CALLER_KEY_ID_MAX - 1] = 'm';
	assert_false(auth_name_is(name, other));
	memset(name, 'n', CALLER_KEY_ID_MAX + 1);
	assert_false(auth_name_is(name, name));
	assert_false(auth_name_is("n", ""));
}

/* Past ten of one address for one caller; a minute later it begins anew. */
static void
test_throttle(void **state)
{
	static const char *const addresses[] = {"2001:db8::1", "2001:db8::ffff:2"};
	struct store *store;
	struct kit k;
	int i;

	(void)state;
	start(&k);
	for (i = 0; i < 10; i++)
		assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "clerk"), 0);
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "clerk"), 61);
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "other"), 0);
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.2", "clerk"), 0);
	assert_int_equal(auth_throttle(&k.env, "beta", "192.0.2.1", "clerk"), 0);
	assert_int_equal(auth_throttle(&k.env, "acmf", "192.0.2.1", "clerk"), 0);
	k.wall_ms += 30 * 1000;
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "clerk"), 31);
	store = k.env.store;
	k.env.store = NULL;
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "clerk"), 0);
	k.env.store = store;
	k.wall_ms += 31 * 1000;
	assert_int_equal(auth_throttle(&k.env, "acme", "192.0.2.1", "clerk"), 0);
	/* An IPv6 network is one address; an IPv4 address that is written so is its own. */
	for (i = 0; i < 10; i++)
		assert_int_equal(auth_throttle(&k.env, "acme", addresses[i % 2], "clerk"), 0);
	assert_int_equal(auth_throttle(&k.env, "acme", "2001:DB8:0:0:5::6", "clerk"), 61);
	assert_int_equal(auth_throttle(&k.env, "acme", "2001:db8:0:1::1", "clerk"), 0);
	for (i = 0; i < 11; i++)
		assert_true(
		    (auth_throttle(&k.env, "acme", "::ffff:192.0.2.3", "clerk") > 0) == (i == 10));
	assert_int_equal(auth_throttle(&k.env, "acme", "::ffff:192.0.2.4", "clerk"), 0);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_basic),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_face),
	    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_beside),
	    cmocka_unit_test(test_no_proof),
	    cmocka_unit_test(test_refusal),
	    cmocka_unit_test(test_guesses),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_throttle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
