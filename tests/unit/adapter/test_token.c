/*
 * test_token.c: the tokens that an adapter asks for: when one is got, kept, and got anew; what is
 * said where none comes; and the assertions that ask for one, to the letter. The HRIS and the clock
 * are the test's.
 */
#include "tests/unit/kit/adapter_kit.h"
#include "tests/unit/kit/ledger_kit.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "format/yaml.h"
#include "ledger/lock.h"
#include "store/store.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char adapter_text[] = "title: Test\n"
				   "settings:\n"
				   "  user: {default: wfm}\n"
				   "  secret: {secret: true, required: true}\n"
				   "base_url: https://hr.example\n"
				   "auth: AUTH\n"
				   "operations:\n"
				   "  get-timeoff-types:\n"
				   "    - request: GET /types\n"
				   "      query: {user: '${settings.user}'}\n"
				   "      each: $[*]\n"
				   "      type: {id: .id, name: .name, unit: hours}\n";

#define CLIENT                                                              \
	"{oauth2: {grant: client_credentials, url: 'https://hr.example/t'," \
	" client_id: '${settings.user}', client_secret: '${settings.secret}'}}"
#define REFRESH                                                        \
	"{oauth2: {grant: refresh_token, url: 'https://hr.example/t'," \
	" client_id: c, refresh_token: '${settings.secret}'}}"
#define ASSERTION(grant, more)                                                                     \
	"{oauth2: {grant: " grant ", url: 'https://hr.example/t;a&b=<\"c\">', assertion:"          \
	" {key: '${settings.secret}', subject: 'a & \"b\" <c>', issuer: \"us\\nthem\", audience: " \
	"'hr'" more "}}}"

/* The HRIS: what it answers to a request for a token, and which token is good. */
struct world {
	struct kit_file k;
	struct ledger_kit ledger;
	struct route route;
	struct failure failure;
	struct transport transport;
	struct clock clock;
	int64_t wall_s;
	struct hris hris;

	int status;
	const char *answer; /* NULL: no answer comes */
	const char *good;   /* NULL: none */
	unsigned fetches, asked;
	char body[8192]; /* of the last request for a token */
};

static int64_t
wall_ms(void *context)
{
	return ((struct world *)context)->wall_s * 1000;
}

static void
sleep_ms(void *context, int64_t ms)
{
	((struct world *)context)->wall_s += (ms + 999) / 1000;
}

static bool
chance(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 0xAB, len);
	return true;
}

static bool
no_chance(void *context, void *out, size_t len)
{
	(void)context;
	(void)out;
	(void)len;
	return false;
}

static const char *
header_of(const struct http_call *call, const char *name)
{
	size_t i;

	for (i = 0; i < call->n_headers; i++) {
		if (strcmp(call->headers[i].name, name) == 0)
			return call->headers[i].value;
	}
	return "";
}

static void
answer_token(struct world *w, struct http_call *call)
{
	w->fetches++;
	assert_int_equal(call->method, HTTP_POST);
	snprintf(w->body, sizeof(w->body), "%.*s", (int)call->body_len, call->body);
	call->answer = w->answer;
	call->status = w->status;
	if (w->answer == NULL) {
		call->fate = HTTP_LOST;
		call->code = CODE_HRIS_TIMEOUT;
	}
}

static void
answer_types(struct world *w, struct http_call *call)
{
	char proof[64];

	w->asked++;
	snprintf(proof, sizeof(proof), "Bearer %s", w->good == NULL ? "" : w->good);
	if (w->good != NULL && strcmp(header_of(call, "Authorization"), proof) == 0) {
		call->status = 200;
		call->answer = "[{\"id\": 1, \"name\": \"Vacation\"}]";
	} else {
		call->status = 401;
		call->answer = "{}";
	}
}

static void
answer(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_ms, struct arena *a)
{
	struct world *w = context;

	(void)peer;
	(void)deadline_ms;
	(void)a;
	assert_int_equal(n, 1);
	calls->fate = HTTP_ANSWERED;
	calls->retry_after_ms = -1;
	if (strncmp(calls->url, "https://hr.example/t", 20) == 0 && calls->url[20] != 'y')
		answer_token(w, calls);
	else
		answer_types(w, calls);
	calls->answer_len = calls->answer == NULL ? 0 : strlen(calls->answer);
}

static void
set_secret(struct world *w, const char *secret)
{
	struct arena *a = &w->k.arena;
	struct value *given = value_object(a);

	assert_true(value_set(a, given, "secret", value_text(a, secret)));
	w->route.settings =
	    adapter_settings(a, w->route.adapter, "r.yaml", given, given, NULL, &w->k.faults);
	assert_non_null(w->route.settings);
}

static void
set_auth(struct world *w, const char *auth, const char *secret)
{
	w->route.adapter = kit_load(&w->k, kit_replace(&w->k, adapter_text, "AUTH", auth));
	if (w->route.adapter == NULL)
		fail_msg("%s", w->k.faults.texts[0]);
	set_secret(w, secret);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char why[300];

	assert_non_null(w);
	kit_file_open(&w->k);
	ledger_kit_open(&w->ledger, false);
	w->wall_s = 1795000000;
	w->clock.wall_ms = w->clock.mono_ms = wall_ms;
	w->clock.sleep_ms = sleep_ms;
	w->clock.random = chance;
	w->clock.context = w;
	w->transport = (struct transport){.send = answer, .context = w};
	w->route = (struct route){.name = "acme", .adapter_name = "t"};
	set_auth(w, CLIENT, "s3cret");
	w->hris = (struct hris){.route = &w->route,
	    .driver = &adapter_driver,
	    .arena = &w->k.arena,
	    .clock = &w->clock,
	    .store = store_open(w->ledger.folder, false, why, sizeof(why)),
	    .ledger = w->ledger.ledger,
	    .transport = &w->transport,
	    .deadline_ms = w->wall_s * 1000 + 25000,
	    .failure = &w->failure};
	assert_non_null(w->hris.store);
	w->status = 200;
	w->good = "t1";
	w->answer = "{\"access_token\": \"t1\"}";
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	store_close(w->hris.store);
	ledger_kit_close(&w->ledger);
	kit_file_close(&w->k);
	free(w);
	return 0;
}

/* Asks for the types; how it fails, and how many requests for a token it costs. */
static void
asks(struct world *w, enum fail_code code, unsigned fetches)
{
	struct operation_in in = {0};
	struct operation_out out = {0};
	unsigned before = w->fetches;
	enum gw_err err;

	fail_clear(&w->failure);
	w->hris.deadline_ms = w->wall_s * 1000 + 25000;
	err = w->hris.driver->run(&w->hris, OPERATION_TYPES, &in, &out);
	if (w->failure.code != code)
		fail_msg("code %d: %s", w->failure.code, w->failure.text);
	assert_int_equal(err == GW_OK, code == CODE_NONE);
	assert_int_equal(out.n_types, code == CODE_NONE);
	assert_int_equal(w->fetches - before, fetches);
}

static void
says(struct world *w, const char *part)
{
	if (strstr(w->failure.text, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, w->failure.text);
}

/* --- when a token is got --- */

static void
test_it_lives_as_long_as_it_is_said_to(void **state)
{
	static const struct {
		const char *answer;
		int64_t good_s; /* to the last second; 0: for good */
	} rows[] = {
	    {"{\"access_token\": \"t1\", \"expires_in\": 3600}", 3539},
	    {"{\"access_token\": \"t1\", \"expires_in\": \"3600\"}", 3539},
	    {"{\"access_token\": \"t1\", \"expires_in\": 610}", 549},
	    {"{\"access_token\": \"t1\", \"expires_in\": 590}", 530},
	    {"{\"access_token\": \"t1\", \"expires_in\": 10}", 8},
	    {"{\"access_token\": \"t1\", \"expires_in\": 31622400}", 31622339},
	    {"{\"access_token\": \"t1\", \"expires_in\": 31622401}", 0},
	    {"{\"access_token\": \"t1\", \"expires_in\": \"soon\"}", 0},
	    {"{\"access_token\": \"t1\", \"expires_in\": null}", 0},
	    {"{\"access_token\": \"t1\"}", 0},
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		set_secret(w, arena_printf(&w->k.arena, "s%zu", i));
		w->answer = rows[i].answer;
		asks(w, CODE_NONE, 1);
		w->wall_s += rows[i].good_s > 0 ? rows[i].good_s : INT64_C(40000000);
		asks(w, CODE_NONE, 0);
		if (rows[i].good_s > 0) {
			w->wall_s++;
			asks(w, CODE_NONE, 1);
		}
	}
}

static void
test_what_is_sent(void **state)
{
	struct world *w = *state;

	asks(w, CODE_NONE, 1);
	assert_string_equal(
	    w->body, "grant_type=client_credentials&client_id=wfm&client_secret=s3cret");
	assert_int_equal(w->asked, 1);
	/* Who keeps nothing asks each time, once in a request. */
	store_close(w->hris.store);
	w->hris.store = NULL;
	asks(w, CODE_NONE, 1);
	asks(w, CODE_NONE, 1);
}

/* Refused once there is a new one, or the token is not what is wrong. */
static void
test_refused_it_is_got_anew_once(void **state)
{
	struct world *w = *state;

	asks(w, CODE_NONE, 1);
	w->good = "t2";
	w->answer = "{\"access_token\": \"t2\"}";
	asks(w, CODE_NONE, 1);
	asks(w, CODE_NONE, 0);
	assert_int_equal(w->asked, 4);
	w->good = "t3";
	asks(w, CODE_HRIS_CREDENTIALS, 1);
	assert_int_equal(w->asked, 6);
	/* Another process has got a new one, which this one reads. */
	w->answer = "{\"access_token\": \"t3\"}";
	asks(w, CODE_NONE, 1);
	/* The new one cannot be had: what is said is what was refused first. */
	w->good = "t4";
	w->status = 400;
	asks(w, CODE_HRIS_CREDENTIALS, 1);
}

static void
test_of_other_settings_it_is_none(void **state)
{
	struct world *w = *state;

	asks(w, CODE_NONE, 1);
	set_secret(w, "another");
	asks(w, CODE_NONE, 1);
	assert_string_equal(
	    w->body, "grant_type=client_credentials&client_id=wfm&client_secret=another");
	asks(w, CODE_NONE, 0);
	/* Each route has its own. */
	w->route.name = "other";
	asks(w, CODE_NONE, 1);
	w->route.name = "acme";
	asks(w, CODE_NONE, 0);
}

static void
test_a_refresh_token_that_is_replaced_is_kept(void **state)
{
	struct world *w = *state;

	set_auth(w, REFRESH, "r0");
	w->answer = "{\"access_token\": \"t1\", \"refresh_token\": \"r1\", \"expires_in\": 100}";
	asks(w, CODE_NONE, 1);
	assert_string_equal(w->body, "grant_type=refresh_token&client_id=c&refresh_token=r0");
	w->wall_s += 100;
	w->answer = "{\"access_token\": \"t1\", \"refresh_token\": \"\", \"expires_in\": 100}";
	asks(w, CODE_NONE, 1);
	assert_string_equal(w->body, "grant_type=refresh_token&client_id=c&refresh_token=r1");
	/* Not replaced, it stays. */
	w->wall_s += 100;
	asks(w, CODE_NONE, 1);
	assert_string_equal(w->body, "grant_type=refresh_token&client_id=c&refresh_token=r1");
	/* Given anew, it counts before the one that is kept. */
	set_secret(w, "r9");
	asks(w, CODE_NONE, 1);
	assert_string_equal(w->body, "grant_type=refresh_token&client_id=c&refresh_token=r9");
}

/* Another request for one is under way: what it brings is waited for, not asked for twice. */
static void
test_one_asks_at_a_time(void **state)
{
	static const unsigned char key[LOCK_KEY_LEN];
	struct world *w = *state;
	struct lock *lock;
	bool same;

	assert_int_equal(
	    lock_take(ledger_locks(w->hris.ledger), "token", "acme ", key, 0, &lock, &same),
	    LOCK_HELD);
	w->wall_s = 0;
	asks(w, CODE_HRIS_UNAVAILABLE, 0);
	says(w, "another request for one is under way");
	lock_release(lock);
	w->wall_s = 1795000000;
	asks(w, CODE_NONE, 1);
}

/* In a test of an adapter the token is in the script: one, or one for each name of auth. */
static void
test_tokens_of_a_test(void **state)
{
	struct world *w = *state;
	struct value *by_name = value_object(&w->k.arena);

	w->hris.tokens = value_text(&w->k.arena, "t1");
	asks(w, CODE_NONE, 0);
	set_auth(w, "{a: {none: {}}, b: " CLIENT "}", "s3cret");
	w->route.adapter = kit_load(&w->k,
	    kit_replace(&w->k,
		kit_replace(&w->k, adapter_text, "AUTH", "{a: {header: {X: y}}, b: " CLIENT "}"),
		"GET /types\n", "GET /types\n      auth: b\n"));
	assert_non_null(w->route.adapter);
	assert_true(value_set(&w->k.arena, by_name, "a", value_text(&w->k.arena, "the other's")));
	assert_true(value_set(&w->k.arena, by_name, "b", value_text(&w->k.arena, "t1")));
	w->hris.tokens = by_name;
	asks(w, CODE_NONE, 0);
}

/* --- what is said where none comes --- */

static void
test_refusals(void **state)
{
	static const struct {
		int status;
		enum fail_code code;
		const char *answer, *says;
		unsigned fetches;
	} rows[] = {
	    {400, CODE_HRIS_CREDENTIALS,
		"{\"error\": \"invalid_grant\", \"error_description\": \"it was used\"}",
		"the token request: the HRIS answered 400: invalid_grant: it was used", 1},
	    {499, CODE_HRIS_CREDENTIALS, "{\"error\": \"invalid_client\"}",
		"the HRIS answered 499: invalid_client", 1},
	    {401, CODE_HRIS_CREDENTIALS, "{\"error\": \"a\\nb\"}", "the HRIS answered 401", 1},
	    {401, CODE_HRIS_CREDENTIALS, "{\"error\": \"a\", \"error_description\": \"x\\ny\"}",
		"the HRIS answered 401", 1},
	    {401, CODE_HRIS_CREDENTIALS,
		"{\"error\": \"bad\", \"error_description\": \"s3cret is not good\"}",
		"the HRIS answered 401: bad: (not shown) is not good", 1},
	    {403, CODE_HRIS_CREDENTIALS, "{\"error_description\": \"nothing\"}",
		"the HRIS answered 403", 1},
	    {404, CODE_HRIS_CREDENTIALS, "no JSON", "the HRIS answered 404", 1},
	    {408, CODE_HRIS_UNAVAILABLE, "{\"error\": \"late\"}", "408", 3},
	    {429, CODE_HRIS_BUSY, "{\"error\": \"busy\"}", "429", 3},
	    {500, CODE_HRIS_UNAVAILABLE, "{\"error\": \"broken\"}", "500", 3},
	    {200, CODE_HRIS_CREDENTIALS, "{\"access_token\": \"\"}",
		"the answer has no token at $.access_token", 1},
	    {200, CODE_HRIS_CREDENTIALS, "{}", "the answer has no token at $.access_token", 1},
	    {200, CODE_HRIS_CREDENTIALS, "{\"access_token\": \"t\\n1\"}",
		"the answer has no token at $.access_token", 1},
	    {200, CODE_HRIS_TIMEOUT, NULL, "", 2},
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		w->status = rows[i].status;
		w->answer = rows[i].answer;
		asks(w, rows[i].code, rows[i].fetches);
		says(w, rows[i].says);
		if (i == 2 || i == 3)
			assert_null(strstr(w->failure.text, "401:"));
	}
	assert_int_equal(w->asked, 0);
}

/* --- assertions --- */

/* A key of its own, in PEM. */
static EVP_PKEY *
new_key(struct world *w, const char **pem)
{
	EVP_PKEY *key = EVP_RSA_gen(1024);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	assert_non_null(key);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &text);
	*pem = arena_strndup(&w->k.arena, text, (size_t)n);
	BIO_free(bio);
	return key;
}

static bool
signs(EVP_PKEY *key, const char *text, size_t len, const unsigned char *signature, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, signature, n, (const unsigned char *)text, len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

/* What the last request for a token said in its assertion. */
static const char *
sent_assertion(struct world *w, const char *type)
{
	const char *before = arena_printf(&w->k.arena,
	    "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3A%s&assertion=", type);

	if (strncmp(w->body, before, strlen(before)) != 0)
		fail_msg("%s", w->body);
	return w->body + strlen(before);
}

static const char *
decoded(struct world *w, const char *s, size_t len)
{
	char *out = arena_alloc(&w->k.arena, len + 1);
	size_t n;

	assert_non_null(out);
	assert_true(base64url_decode(s, len, (unsigned char *)out, len, &n));
	out[n] = '\0';
	return out;
}

static void
test_jwt(void **state)
{
	static const struct {
		const char *route, *auth, *claims;
	} rows[] = {
	    {"one", ASSERTION("jwt_bearer", ""),
		"\"iat\":1795000000,\"exp\":1795000300,"
		"\"jti\":\"abababababababababababababababab\"}"},
	    {"two", ASSERTION("jwt_bearer", ", lifetime: 60m, claims: {role: [a, b]}"),
		"\"iat\":1795000000,\"exp\":1795003600,\"jti\":\"abababababababababababababababab\","
		"\"role\":[\"a\",\"b\"]}"},
	};
	struct world *w = *state;
	unsigned char signature[CRYPTO_SIGNATURE_MAX];
	const char *pem, *head, *claims, *dot, *expected;
	EVP_PKEY *key = new_key(w, &pem);
	size_t i, n;

	for (i = 0; i < N(rows); i++) {
		w->route.name = rows[i].route;
		set_auth(w, rows[i].auth, pem);
		asks(w, CODE_NONE, 1);
		head = sent_assertion(w, "jwt-bearer");
		claims = strchr(head, '.') + 1;
		dot = strchr(claims, '.');
		assert_string_equal(decoded(w, head, (size_t)(claims - head - 1)),
		    "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
		expected = arena_printf(&w->k.arena,
		    "{\"iss\":\"us\\nthem\",\"sub\":\"a & \\\"b\\\" <c>\",\"aud\":\"hr\",%s",
		    rows[i].claims);
		assert_string_equal(decoded(w, claims, (size_t)(dot - claims)), expected);
		assert_true(
		    base64url_decode(dot + 1, strlen(dot + 1), signature, sizeof(signature), &n));
		assert_true(signs(key, head, (size_t)(dot - head), signature, n));
	}
	EVP_PKEY_free(key);
}

#define ID "_abababababababababababababababab"

static const char saml_before[] =
    "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"" ID
    "\" IssueInstant=\"2026-11-18T11:06:40Z\" Version=\"2.0\">"
    "<saml2:Issuer>us them</saml2:Issuer>";
static const char saml_after[] =
    "<saml2:Subject><saml2:NameID>a &amp; \"b\" &lt;c&gt;</saml2:NameID>"
    "<saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">"
    "<saml2:SubjectConfirmationData NotOnOrAfter=\"2026-11-18T11:11:40Z\" "
    "Recipient=\"https://hr.example/t;a&amp;b=&lt;&quot;c&quot;>\">"
    "</saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>"
    "<saml2:Conditions NotBefore=\"2026-11-18T11:05:40Z\" NotOnOrAfter=\"2026-11-18T11:11:40Z\">"
    "<saml2:AudienceRestriction><saml2:Audience>hr</saml2:Audience></saml2:AudienceRestriction>"
    "</saml2:Conditions><saml2:AuthnStatement AuthnInstant=\"2026-11-18T11:06:40Z\">"
    "<saml2:AuthnContext><saml2:AuthnContextClassRef>"
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
    "</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion>";
static const char saml_info[] =
    "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
    "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
    "</ds:CanonicalizationMethod>"
    "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\">"
    "</ds:SignatureMethod><ds:Reference URI=\"#" ID "\"><ds:Transforms>"
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">"
    "</ds:Transform><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
    "</ds:Transform></ds:Transforms>"
    "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>"
    "<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>";

/* The digest is that of the assertion less its signature, and SignedInfo is what is signed. */
static void
test_saml(void **state)
{
	struct world *w = *state;
	struct arena *a = &w->k.arena;
	unsigned char digest[CRYPTO_SHA256_LEN], signature[CRYPTO_SIGNATURE_MAX];
	const char *pem, *sent, *plain, *info, *before, *value, *end;
	EVP_PKEY *key = new_key(w, &pem);
	struct buf b;
	size_t n;

	set_auth(w, ASSERTION("saml_bearer", ""), pem);
	asks(w, CODE_NONE, 1);
	sent = sent_assertion(w, "saml2-bearer");
	sent = decoded(w, sent, strlen(sent));
	plain = arena_printf(a, "%s%s", saml_before, saml_after);
	assert_true(crypto_sha256(plain, strlen(plain), digest));
	buf_init(&b, 64);
	base64_encode(&b, digest, sizeof(digest));
	info = kit_replace(&w->k, saml_info, "%s", b.data);
	buf_clear(&b);
	before = arena_printf(a,
	    "%s<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">%s<ds:SignatureValue>",
	    saml_before, info);
	value = sent + strlen(before);
	assert_memory_equal(sent, before, strlen(before));
	end = strchr(value, '<');
	assert_string_equal(
	    end, arena_printf(a, "</ds:SignatureValue></ds:Signature>%s", saml_after));
	assert_true(base64_decode(value, (size_t)(end - value), signature, sizeof(signature), &n));
	assert_true(signs(key, info, strlen(info), signature, n));
	EVP_PKEY_free(key);
}

/* It grows beyond its maximum: at once, or, in SAML, by its signature alone. */
static void
test_too_long_an_assertion(void **state)
{
	static const struct {
		const char *auth;
		int len;
	} rows[] = {{ASSERTION("jwt_bearer", ""), 66000}, {ASSERTION("saml_bearer", ""), 66000},
	    {ASSERTION("saml_bearer", ""), 63800}};
	struct world *w = *state;
	const char *pem, *text;
	EVP_PKEY *key = new_key(w, &pem);
	char *name = arena_alloc(&w->k.arena, 66001);
	size_t i;

	assert_non_null(name);
	for (i = 0; i < N(rows); i++) {
		memset(name, 'n', 66000);
		name[rows[i].len] = '\0';
		text = kit_replace(&w->k, rows[i].auth, "a & \"b\" <c>", name);
		set_auth(w, text, pem);
		asks(w, CODE_ROUTE_SETTING, 0);
		says(w, "the assertion: it becomes too long");
	}
	EVP_PKEY_free(key);
}

static void
test_no_assertion(void **state)
{
	struct world *w = *state;
	const char *pem, *kind;
	EVP_PKEY *key = new_key(w, &pem);
	size_t i;

	for (i = 0; i < 2; i++) {
		kind = i == 0 ? ASSERTION("jwt_bearer", "") : ASSERTION("saml_bearer", "");
		set_auth(w, kind, "no key");
		asks(w, CODE_ROUTE_SETTING, 0);
		says(w, "the assertion: its key is no RSA private key in PEM");
		set_auth(w, kind, pem);
		w->clock.random = no_chance;
		asks(w, CODE_ROUTE_SETTING, 0);
		says(w, "the assertion: there is no randomness");
		w->clock.random = chance;
	}
	EVP_PKEY_free(key);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_it_lives_as_long_as_it_is_said_to),
	    CASE(test_what_is_sent),
	    CASE(test_refused_it_is_got_anew_once),
	    CASE(test_of_other_settings_it_is_none),
	    CASE(test_a_refresh_token_that_is_replaced_is_kept),
	    CASE(test_one_asks_at_a_time),
	    CASE(test_tokens_of_a_test),
	    CASE(test_refusals),
	    CASE(test_jwt),
	    CASE(test_saml),
	    CASE(test_too_long_an_assertion),
	    CASE(test_no_assertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
