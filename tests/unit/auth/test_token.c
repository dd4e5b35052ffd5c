/* test_token.c: the token endpoint after RFC 6749, and the tokens that it gives out. */
#include "tests/unit/kit/auth_kit.h"

#include "base/encode.h"

#define SECRET "client secret/+%41"
#define FORM   "application/x-www-form-urlencoded"
#define GONE   "the token is not of this route, or its secret is gone"
#define BROKEN "the token is not well-formed"

struct token_kit {
	struct kit k;
	struct response response;
};

static void
start(struct token_kit *t)
{
	struct kit *k = &t->k;

	kit_init_store(k);
	response_init(&t->response);
	kit_text(k, "s1", SECRET "\n");
	kit_text(k, "s2", "second secret");
	k->callers = kit_callers(k, "{genesys: {token: {a: file:s1, b: file:s2}},\n"
				    "certified: {token: file:s2, client_certificate: 'CN=x'},\n"
				    "clerk: {basic: file:s2}}");
	assert_non_null(k->callers);
}

static void
finish(struct token_kit *t)
{
	response_clear(&t->response);
	kit_clear(&t->k);
}

/* Every answer, whatever it says, is JSON that nobody stores. */
static int
ask(struct token_kit *t, const char *route, const struct callers *callers, const char *plain,
    const char *body)
{
	struct kit *k = &t->k;

	kit_request(k, "/v1/acme/token", body);
	kit_header(k, "content-type", FORM);
	if (plain != NULL)
		kit_header(k, "authorization",
		    arena_printf(&k->arena, "Basic %s", kit_base64(k, plain, strlen(plain))));
	response_clear(&t->response);
	kit_token(k, route, callers, 3600, &t->response);
	assert_string_equal(kit_response_value(&t->response, "Content-Type"), "application/json");
	assert_string_equal(kit_response_value(&t->response, "Cache-Control"), "no-store");
	assert_string_equal(kit_response_value(&t->response, "Pragma"), "no-cache");
	return t->response.status;
}

static const char *
fetch(struct token_kit *t, const char *plain)
{
	static const char before[] = "{\"access_token\":\"";
	const char *text;

	assert_int_equal(ask(t, "acme", t->k.callers, plain, "grant_type=client_credentials"), 200);
	assert_non_null(t->k.who.caller);
	text = t->response.body.data;
	assert_int_equal(strncmp(text, before, sizeof(before) - 1), 0);
	text += sizeof(before) - 1;
	assert_string_equal(
	    text + strcspn(text, "\""), "\",\"token_type\":\"Bearer\",\"expires_in\":3600}\n");
	return arena_strndup(&t->k.arena, text, strcspn(text, "\""));
}

static void
bear(struct kit *k, const char *header, const char *prefix, const char *token)
{
	kit_request(k, "/v1/acme/get-balance", "{}");
	kit_header(k, header, arena_printf(&k->arena, "%s%s", prefix, token));
}

static const struct {
	const char *promise, *plain, *body;
	int status;
	const char *error;
} asked[] = {
    {"Basic", "genesys:" SECRET, "grant_type=client_credentials", 200, NULL},
    {"Basic, encoded as the RFC has it", "genesys:client+secret%2F%2B%2541",
	"grant_type=client_credentials", 200, NULL},
    {"the form", NULL,
	"grant_type=client_credentials&client_id=genesys&client_secret=client+secret%2F%2B%2541",
	200, NULL},
    {"a scope, an unknown parameter, an empty pair", "genesys:" SECRET,
	"&scope=all&grant_type=client_credentials&&foo=bar", 200, NULL},
    {"the id in both places", "genesys:" SECRET, "grant_type=client_credentials&client_id=genesys",
	200, NULL},
    {"the second secret", "genesys:second secret", "grant_type=client_credentials", 200, NULL},
    {"nothing", "genesys:" SECRET, "", 400, "invalid_request"},
    {"a line end after the last &", "genesys:" SECRET, "grant_type=client_credentials&\n", 200,
	NULL},
    {"a line end after the form", "genesys:" SECRET, "grant_type=client_credentials\r\n", 200,
	NULL},
    {"line ends around its pairs", NULL,
	"\ngrant_type=client_credentials&\n client_id=genesys&client_secret=client+secret%2F%2B%2541 \n",
	200, NULL},
    {"an encoded line end is part of it", "genesys:" SECRET, "grant_type=client_credentials%0A",
	400, "unsupported_grant_type"},
    {"an empty grant", "genesys:" SECRET, "grant_type=", 400, "unsupported_grant_type"},
    {"another grant", "genesys:" SECRET, "grant_type=password", 400, "unsupported_grant_type"},
    {"another grant by a stranger", NULL, "grant_type=password", 400, "unsupported_grant_type"},
    {"a grant twice", "genesys:" SECRET,
	"grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"},
    {"no equals sign", "genesys:" SECRET, "grant_type", 400, "invalid_request"},
    {"a bad escape", "genesys:" SECRET, "grant_type=client_credentials%2", 400, "invalid_request"},
    {"an escape that is no UTF-8", "genesys:" SECRET, "grant_type=client_credentials&a=%FF", 400,
	"invalid_request"},
    {"a bad escape in a name", "genesys:" SECRET, "%2=x&grant_type=client_credentials", 400,
	"invalid_request"},
    {"NUL", "genesys:" SECRET, "grant_type=client_credentials%00", 400, "invalid_request"},
    {"two ways at once", "genesys:" SECRET,
	"grant_type=client_credentials&client_id=genesys&client_secret=x", 400, "invalid_request"},
    {"two ids", "genesys:" SECRET, "grant_type=client_credentials&client_id=other", 400,
	"invalid_request"},
    {"no client at all", NULL, "grant_type=client_credentials", 401, "invalid_client"},
    {"no secret", NULL, "grant_type=client_credentials&client_id=genesys", 401, "invalid_client"},
    {"no id", NULL, "grant_type=client_credentials&client_secret=x", 401, "invalid_client"},
    {"Basic without a colon", "genesys", "grant_type=client_credentials", 401, "invalid_client"},
    {"another secret", "genesys:x", "grant_type=client_credentials", 401, "invalid_client"},
    {"another secret, which is no form", "genesys:100%", "grant_type=client_credentials", 401,
	"invalid_client"},
    {"another id, which is no form", "100%:" SECRET, "grant_type=client_credentials", 401,
	"invalid_client"},
    {"an empty secret", "genesys:", "grant_type=client_credentials", 401, "invalid_client"},
    {"an unknown client", "nobody:" SECRET, "grant_type=client_credentials", 401, "invalid_client"},
    {"a caller without tokens", "clerk:second secret", "grant_type=client_credentials", 401,
	"invalid_client"},
    {"without its certificate", "certified:second secret", "grant_type=client_credentials", 401,
	"invalid_client"},
    {"a form with another secret", NULL,
	"grant_type=client_credentials&client_id=genesys&client_secret=x", 401, "invalid_client"},
};

static void
test_endpoint(void **state)
{
	const char *body, *www;
	struct token_kit t;
	size_t i;

	(void)state;
	start(&t);
	for (i = 0; i < N(asked); i++) {
		if (ask(&t, "acme", t.k.callers, asked[i].plain, asked[i].body) != asked[i].status)
			fail_msg("%s: %d", asked[i].promise, t.response.status);
		www = kit_response_value(&t.response, "WWW-Authenticate");
		if (asked[i].status == 401)
			assert_string_equal(www, "Basic realm=\"hrisgw\"");
		else
			assert_null(www);
		if (asked[i].error == NULL)
			continue;
		body = arena_printf(&t.k.arena, "{\"error\":\"%s\"}\n", asked[i].error);
		assert_string_equal(t.response.body.data, body);
		assert_null(t.k.who.caller);
		assert_non_null(t.k.who.reason);
		/*
		 * An unknown route answers the same to all that, but for what only it could let in.
		 */
		assert_int_equal(
		    ask(&t, "nowhere", NULL, asked[i].plain, asked[i].body), asked[i].status);
		assert_string_equal(t.response.body.data, body);
	}
	assert_int_equal(
	    ask(&t, "nowhere", NULL, "genesys:" SECRET, "grant_type=client_credentials"), 401);
	finish(&t);
}

static int
ask_raw(struct token_kit *t)
{
	response_clear(&t->response);
	kit_token(&t->k, "acme", t->k.callers, 3600, &t->response);
	return t->response.status;
}

static void
test_endpoint_request(void **state)
{
	static const char *const types[] = {
	    FORM "; charset=UTF-8", FORM " ", "APPLICATION/X-www-form-urlencoded"};
	static const char *const bad[] = {"application/json", FORM "x", "", "multipart/form-data"};
	struct token_kit t;
	struct kit *k = &t.k;
	char *big;
	size_t i;

	(void)state;
	start(&t);
	for (i = 0; i < N(types); i++) {
		(void)fetch(&t, "genesys:" SECRET);
		kit_header(k, "content-type", types[i]);
		assert_int_equal(ask_raw(&t), 200);
	}
	for (i = 0; i < N(bad); i++) {
		kit_header(k, "content-type", bad[i]);
		assert_int_equal(ask_raw(&t), 400);
	}
	kit_header(k, "content-type", NULL);
	assert_int_equal(ask_raw(&t), 400);
	kit_header(k, "content-type", FORM);
	k->request.body_state = BODY_WRONG_LENGTH;
	assert_int_equal(ask_raw(&t), 400);
	k->request.body_state = BODY_WHOLE;
	k->request.uri = "/v1/acme/token?grant_type=client_credentials";
	assert_int_equal(ask_raw(&t), 401);
	k->request.uri = "/v1/acme/token";
	kit_header(k, "authorization", "Bearer x");
	assert_int_equal(ask_raw(&t), 401);
	kit_header(k, "authorization", "Basic !");
	assert_int_equal(ask_raw(&t), 401);
	big = arena_alloc(&k->arena, 10000);
	memset(big, '&', 8193);
	k->request.body = big;
	k->request.body_len = 8193;
	assert_int_equal(ask_raw(&t), 400);
	k->request.body = "grant_type=client_credentials\0&x=1";
	k->request.body_len = 34;
	assert_int_equal(ask_raw(&t), 400);
	k->request.client_subject = "CN=x";
	k->request.body = "grant_type=client_credentials";
	k->request.body_len = strlen(k->request.body);
	kit_header(k, "authorization",
	    arena_printf(&k->arena, "Basic %s", kit_base64(k, "certified:second secret", 23)));
	assert_int_equal(ask_raw(&t), 200);
	k->no_random = true;
	assert_int_equal(ask_raw(&t), 401);
	finish(&t);
}

/* Wrong attempts of one address for one client are slowed; nothing slows the right secret. */
static void
test_throttle(void **state)
{
	static const char body[] = "grant_type=client_credentials";
	struct token_kit t;
	struct store *s;
	int i;

	(void)state;
	start(&t);
	for (i = 0; i < 10; i++)
		assert_int_equal(ask(&t, "acme", t.k.callers, "genesys:x", body), 401);
	assert_int_equal(ask(&t, "acme", t.k.callers, "genesys:x", body), 429);
	assert_string_equal(kit_response_value(&t.response, "Retry-After"), "61");
	assert_string_equal(t.response.body.data, "{\"error\":\"temporarily_unavailable\"}\n");
	(void)fetch(&t, "genesys:" SECRET);
	/* Another client, another route, another address: not yet. */
	assert_int_equal(ask(&t, "acme", t.k.callers, "other:x", body), 401);
	assert_int_equal(ask(&t, "beta", t.k.callers, "genesys:x", body), 401);
	assert_int_equal(ask(&t, "acme", t.k.callers, "genesys:x", body), 429);
	t.k.request.remote = "192.0.2.2";
	assert_int_equal(ask_raw(&t), 401);
	t.k.wall_ms += 61 * 1000;
	assert_int_equal(ask(&t, "acme", t.k.callers, "genesys:x", body), 401);
	/* An unknown route is slowed as well. */
	for (i = 0; i < 10; i++)
		assert_int_equal(ask(&t, "nowhere", NULL, "genesys:x", body), 401);
	assert_int_equal(ask(&t, "nowhere", NULL, "genesys:x", body), 429);
	s = t.k.env.store;
	t.k.env.store = NULL;
	assert_int_equal(ask(&t, "nowhere", NULL, "genesys:x", body), 401);
	t.k.env.store = s;
	finish(&t);
}

static void
test_use(void **state)
{
	int64_t uses, last;
	const char *token;
	struct token_kit t;
	struct kit *k = &t.k;

	(void)state;
	start(&t);
	token = fetch(&t, "genesys:" SECRET);
	bear(k, "authorization", "Bearer ", token);
	kit_accepted(k);
	assert_string_equal(k->who.caller, "genesys");
	assert_string_equal(k->who.form, "token");
	assert_string_equal(k->who.key_id, "a");
	bear(k, "authorization", "bearer   ", token);
	kit_accepted(k);
	bear(k, "x-hris-authorization", "Bearer ", token);
	kit_accepted(k);
	bear(k, "x-hris-authorization", "", token);
	kit_header(k, "authorization", "Basic d2ViOnNlcnZlcg==");
	kit_accepted(k);
	assert_int_equal(
	    store_counted(k->env.store, "uses acme", "genesys token a", &uses, &last), GW_OK);
	assert_int_equal(uses, 4);
	k->request.uri = "/v1/acme/get-balance?x";
	kit_refused(k, "a query string that the proof does not cover");
	/* Bare in Authorization it is no scheme at all. */
	bear(k, "authorization", "", token);
	kit_refused(k, "no proof that this route takes");
	/* Another route, no route, no secret. */
	bear(k, "authorization", "Bearer ", token);
	assert_int_equal(auth_check(&k->env, "beta", k->callers, &k->request, &k->who), GW_EAUTH);
	assert_string_equal(k->who.reason, GONE);
	assert_int_equal(auth_check(&k->env, "acme", NULL, &k->request, &k->who), GW_EAUTH);
	assert_string_equal(k->who.reason, GONE);
	k->callers = kit_callers(k, "{genesys: {token: file:s2}}");
	kit_refused(k, GONE);
	finish(&t);
}

static void
test_age(void **state)
{
	const char *token;
	struct token_kit t;
	struct kit *k = &t.k;

	(void)state;
	start(&t);
	token = fetch(&t, "genesys:" SECRET);
	bear(k, "authorization", "Bearer ", token);
	k->wall_ms += (3600 + 60) * 1000;
	kit_accepted(k);
	k->wall_ms += 1000;
	kit_refused(k, "the token has expired");
	assert_string_equal(k->who.key_id, "a");
	k->wall_ms = (int64_t)(KIT_NOW - 300) * 1000;
	kit_accepted(k);
	k->wall_ms -= 1000;
	kit_refused(k, "the token was issued in the future");
	finish(&t);
}

static const char *
mint(struct kit *k, const char *secret, const char *route, int64_t issued, int64_t expires)
{
	const struct secret s = {(const unsigned char *)secret, strlen(secret)};
	const char *token;
	struct buf b;

	buf_init(&b, 1000);
	assert_true(auth_token_mint(&b, route, "genesys", &s, issued, expires));
	token = arena_strdup(&k->arena, b.data);
	buf_clear(&b);
	return token;
}

/* The claims, rightly MACed, whatever they say. */
static const char *
forge(struct kit *k, const char *claims)
{
	struct crypto_part parts[] = {{"token-v1", 9}, {NULL, 0}};
	unsigned char mac[CRYPTO_SHA256_LEN];
	const char *token;
	struct buf b;

	buf_init(&b, 10000);
	base64url_encode(&b, claims, strlen(claims));
	parts[1] = (struct crypto_part){b.data, b.len};
	assert_true(crypto_hmac(SECRET, strlen(SECRET), parts, N(parts), mac));
	buf_putc(&b, '.');
	base64url_encode(&b, mac, sizeof(mac));
	token = arena_strdup(&k->arena, b.data);
	buf_clear(&b);
	return token;
}

static const struct {
	const char *claims, *why; /* NULL: accepted */
} claims[] = {
    {"1 acme genesys 1700000000 1700003600", NULL},
    {"1 acme genesys 1700000000 1700086400", NULL},
    {"1 acme genesys 1700000000 1700086401", "the token lives longer than tokens do"},
    {"1 beta genesys 1700000000 1700003600", GONE},
    {"1 acme nobody 1700000000 1700003600", GONE},
    {"1 acme certified 1700000000 1700003600", GONE},
    {"2 acme genesys 1700000000 1700003600", BROKEN},
    {"1 acme genesys 1700000000", BROKEN},
    {"1 acme genesys 1700000000 1700003600 ", BROKEN},
    {"1 acme genesys 1700000000 1700003600 1", BROKEN},
    {" 1 acme genesys 1700000000 1700003600", BROKEN},
    {"1  genesys 1700000000 1700003600", GONE},
    {"1 acme genesys 01700000000 1700003600", BROKEN},
    {"1 acme genesys 1700000000 01700003600", BROKEN},
    {"1 acme genesys -1 1700003600", BROKEN},
    {"1 acme genesys 1700000000 999999999999", BROKEN},
    {"1 acme genesys 1700000000 99999999999", "the token lives longer than tokens do"},
    {"1 acme genesys 0 1700003600", "the token lives longer than tokens do"},
    {"", BROKEN},
};

static void
test_claims(void **state)
{
	struct token_kit t;
	struct kit *k = &t.k;
	enum gw_err err;
	size_t i;

	(void)state;
	start(&t);
	for (i = 0; i < N(claims); i++) {
		bear(k, "authorization", "Bearer ", forge(k, claims[i].claims));
		err = kit_check(k);
		if ((err == GW_OK) != (claims[i].why == NULL) ||
		    (err != GW_OK && strcmp(k->who.reason, claims[i].why) != 0))
			fail_msg("%s: %s", claims[i].claims, k->who.reason);
	}
	bear(k, "authorization", "Bearer ", mint(k, SECRET, "beta", KIT_NOW, KIT_NOW + 60));
	kit_refused(k, GONE);
	bear(k, "authorization", "Bearer ", mint(k, "x", "acme", KIT_NOW, KIT_NOW + 60));
	kit_refused(k, GONE);
	finish(&t);
}

static void
test_each_byte(void **state)
{
	const char *token;
	struct token_kit t;
	struct kit *k = &t.k;
	char text[512];
	size_t i, len;
	int c;

	(void)state;
	start(&t);
	token = mint(k, SECRET, "acme", KIT_NOW, KIT_NOW + 60);
	len = strlen(token);
	for (i = 0; i < len; i++) {
		snprintf(text, sizeof(text), "%s", token);
		for (c = 1; c < 256; c <<= 1) {
			text[i] = (char)(token[i] ^ (char)c);
			bear(k, "authorization", "Bearer ", text);
			if (kit_check(k) != GW_EAUTH)
				fail_msg("%s", text);
		}
		/* Truncated here, and with a byte more here. */
		snprintf(text, sizeof(text), "%.*s", (int)i, token);
		bear(k, "authorization", "Bearer ", text);
		assert_int_equal(kit_check(k), GW_EAUTH);
		snprintf(text, sizeof(text), "%.*sA%s", (int)i, token, token + i);
		bear(k, "authorization", "Bearer ", text);
		assert_int_equal(kit_check(k), GW_EAUTH);
	}
	snprintf(text, sizeof(text), "%s=", token);
	bear(k, "authorization", "Bearer ", text);
	kit_refused(k, BROKEN);
	snprintf(text, sizeof(text), "%s ", token);
	bear(k, "authorization", "Bearer ", text);
	kit_refused(k, BROKEN);
	bear(k, "authorization", "Bearer ", "");
	kit_refused(k, BROKEN);
	memset(text, 'A', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	bear(k, "authorization", "Bearer ", arena_printf(&k->arena, "%s.%s", text, text));
	kit_refused(k, BROKEN);
	/* The claims are longer than any of ours. */
	memset(text, 'A', 400);
	text[400] = '.';
	text[401] = '\0';
	bear(k, "authorization", "Bearer ", text);
	kit_refused(k, BROKEN);
	bear(k, "authorization", "Bearer ", token);
	kit_accepted(k);
	finish(&t);
}

/* A route whose name does not fit a token gets none. */
static void
test_long_route(void **state)
{
	char route[AUTH_TOKEN_MAX + 1];
	struct token_kit t;

	(void)state;
	start(&t);
	memset(route, 'r', sizeof(route) - 1);
	route[sizeof(route) - 1] = '\0';
	assert_int_equal(
	    ask(&t, route, t.k.callers, "genesys:" SECRET, "grant_type=client_credentials"), 503);
	assert_null(t.k.who.caller);
	assert_string_equal(t.k.who.reason, "the token cannot be made");
	finish(&t);
}

/* Nor does one that has no room. */
static void
test_no_room(void **state)
{
	const struct secret s = {(const unsigned char *)SECRET, strlen(SECRET)};
	struct buf b;
	size_t max, len = 0;

	(void)state;
	for (max = 1; len == 0; max++) {
		buf_init(&b, max);
		if (auth_token_mint(&b, "acme", "genesys", &s, KIT_NOW, KIT_NOW + 60))
			len = b.len;
		buf_clear(&b);
		assert_true(max < 1000);
	}
	/* 36 bytes of claims, a full stop, and a MAC. */
	assert_int_equal(len, 48 + 1 + 43);
}

/* A ttl beyond the longest is the longest. */
static void
test_ttl(void **state)
{
	struct token_kit t;

	(void)state;
	start(&t);
	(void)fetch(&t, "genesys:" SECRET);
	response_clear(&t.response);
	kit_token(&t.k, "acme", t.k.callers, 1000000, &t.response);
	assert_non_null(strstr(t.response.body.data, "\"expires_in\":86400}"));
	finish(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_endpoint),
	    cmocka_unit_test(test_endpoint_request),
	    cmocka_unit_test(test_throttle),
	    cmocka_unit_test(test_use),
	    cmocka_unit_test(test_age),
	    cmocka_unit_test(test_claims),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_long_route),
	    cmocka_unit_test(test_no_room),
	    cmocka_unit_test(test_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
