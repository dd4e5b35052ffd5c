/*
 * test_rfc9421.c: HTTP Message Signatures: what is accepted, each part changed in turn, and
 * the vectors of RFC 9421, RFC 9530 and Genesys' AudioHook, whose MAC is right and whose request is
 * not.
 */
#include "tests/unit/kit/auth_kit.h"
#include "format/json.h"
#include "base/encode.h"
#include "base/text.h"

#define PARAMS ";created=1700000000;nonce=\"n-0123456789\";keyid=\"2026a\";alg=\"hmac-sha256\""
#define COVER  "(\"@method\" \"@authority\" \"@path\" \"content-digest\")"
#define BODY   "{\"agentId\":\"7\"}"

static void
start(struct kit *k)
{
	kit_init_store(k);
	kit_text(k, "k1", KIT_KEY);
	kit_text(k, "k2", KIT_OTHER_KEY);
	k->callers = kit_callers(k, "{signer: {signature: rfc9421, keys: {2026a: file:k1}},\n"
				    "other: {signature: rfc9421, keys: {2026b: file:k2}},\n"
				    "hook: {token: file:k2}}");
	assert_non_null(k->callers);
	kit_request(k, "/v1/acme/get-balance", BODY);
	kit_header(k, "content-type", "application/json");
	kit_digest(k);
}

static void
finish(struct kit *k)
{
	kit_clear(k);
}

static const struct {
	const char *promise, *uri, *input;
} accepted[] = {
    {"@path", "/v1/acme/get-balance", "sig1=" COVER PARAMS},
    {"@target-uri", "/v1/acme/get-balance",
	"sig1=(\"@method\" \"@target-uri\" \"content-digest\")" PARAMS},
    {"@request-target", "/v1/acme/get-balance",
	"sig1=(\"@method\" \"@request-target\" \"content-digest\")" PARAMS},
    {"path and query", "/v1/acme/get-balance?a=b",
	"sig1=(\"@method\" \"@path\" \"@query\" \"content-digest\")" PARAMS},
    {"@target-uri covers the query", "/v1/acme/get-balance?a=b",
	"sig1=(\"@method\" \"@target-uri\" \"content-digest\")" PARAMS},
    {"@request-target covers the query", "/v1/acme/get-balance?a=b",
	"sig1=(\"@method\" \"@request-target\" \"content-digest\")" PARAMS},
    {"an empty query is covered too", "/v1/acme/get-balance?",
	"sig1=(\"@method\" \"@path\" \"@query\" \"content-digest\")" PARAMS},
    {"everything", "/v1/acme/get-balance?a=b&c=%20d",
	"sig1=(\"@method\" \"@target-uri\" \"@authority\" \"@scheme\" \"@request-target\" "
	"\"@path\" "
	"\"@query\" \"@query-param\";name=\"a\" \"@query-param\";name=\"c\" \"content-digest\" "
	"\"content-type\" \"host\")" PARAMS ";tag=\"app\""},
    {"expires ahead", "/v1/acme/get-balance", "sig1=" COVER PARAMS ";expires=1700000001"},
    {"expires now", "/v1/acme/get-balance", "sig1=" COVER PARAMS ";expires=1700000000"},
    {"the oldest that counts", "/v1/acme/get-balance",
	"sig1=" COVER ";created=1699999700;nonce=\"n\";keyid=\"2026a\""},
    {"the youngest that counts", "/v1/acme/get-balance",
	"sig1=" COVER ";created=1700000300;nonce=\"n\";keyid=\"2026a\""},
    {"another label and order", "/v1/acme/get-balance",
	"x=(\"content-digest\" \"@path\" "
	"\"@method\");keyid=\"2026a\";nonce=\"n\";created=1700000000"},
};

static void
test_accepted(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	for (i = 0; i < N(accepted); i++) {
		start(&k);
		k.request.uri = accepted[i].uri;
		kit_sign(&k, KIT_KEY, accepted[i].input);
		if (kit_check(&k) != GW_OK)
			fail_msg("%s: %s", accepted[i].promise, k.who.reason);
		assert_string_equal(k.who.caller, "signer");
		assert_string_equal(k.who.form, "rfc9421");
		assert_string_equal(k.who.key_id, "2026a");
		/* Its nonce is spent. */
		kit_refused(&k, "replayed: this nonce was spent before");
		assert_string_equal(k.who.key_id, "2026a");
		finish(&k);
	}
}

/* Rightly signed, and refused all the same. */
static const struct {
	const char *input, *why;
} policy[] = {
    {"s=(\"@path\" \"content-digest\")" PARAMS, "@method is not covered"},
    {"s=(\"@method\" \"content-digest\")" PARAMS,
	"neither @path, @target-uri nor @request-target is covered"},
    {"s=(\"@method\" \"@query\" \"content-digest\")" PARAMS,
	"neither @path, @target-uri nor @request-target is covered"},
    {"s=(\"@method\" \"@path\")" PARAMS, "content-digest is not covered"},
    {"s=()" PARAMS, "@method is not covered"},
    {"s=" COVER ";nonce=\"n\";keyid=\"2026a\"", "created is absent or not a time"},
    {"s=" COVER ";created=1700000000.0;nonce=\"n\";keyid=\"2026a\"",
	"created is absent or not a time"},
    {"s=" COVER ";created=\"1700000000\";nonce=\"n\";keyid=\"2026a\"",
	"created is absent or not a time"},
    {"s=" COVER ";created=1700000000;keyid=\"2026a\"", "nonce is absent or not text"},
    {"s=" COVER ";created=1700000000;nonce=n;keyid=\"2026a\"", "nonce is absent or not text"},
    {"s=" COVER ";created=1700000000;nonce=\"\";keyid=\"2026a\"", "nonce is empty or too long"},
    {"s=" COVER PARAMS ";expires=\"1\"", "expires is not a time"},
    {"s=" COVER PARAMS ";tag=1", "tag is not text"},
    {"s=" COVER PARAMS ";extra", "a signature parameter that is not known"},
    {"s=" COVER PARAMS ";expires=1699999999", "the signature has expired"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026a\";alg=\"hmac-sha512\"",
	"alg is not hmac-sha256"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026a\";alg=\"\"",
	"alg is not hmac-sha256"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026a\";alg=hmac-sha256",
	"alg is not text"},
    {"s=" COVER ";created=1699999699;nonce=\"n\";keyid=\"2026a\"",
	"created is too far in the past"},
    {"s=" COVER ";created=1700000301;nonce=\"n\";keyid=\"2026a\"", "created is in the future"},
    {"s=" COVER ";created=-999999999999999;nonce=\"n\";keyid=\"2026a\"",
	"created is too far in the past"},
    {"s=" COVER ";created=999999999999999;nonce=\"n\";keyid=\"2026a\"", "created is in the future"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026x\"", "unknown key id"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=2026", "unknown key id"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026a2026a2026a2026a2026a2026a2026a2026a"
     "2026a2026a2026a2026a2026a\"",
	"unknown key id"},
    {"s=" COVER ";created=1700000000;nonce=\"n\"", "unknown key id"},
    {"s=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026b\"", "the signature does not match"},
};

static void
test_policy(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	k.request.uri = "/v1/acme/get-balance?a=b";
	kit_sign(&k, KIT_KEY, "s=" COVER PARAMS);
	kit_refused(&k, "a query string that the proof does not cover");
	k.request.uri = "/v1/acme/get-balance";
	for (i = 0; i < N(policy); i++) {
		kit_sign(&k, KIT_KEY, policy[i].input);
		assert_int_equal(kit_check(&k), GW_EAUTH);
		if (strcmp(k.who.reason, policy[i].why) != 0)
			fail_msg("%s: %s", policy[i].input, k.who.reason);
	}
	finish(&k);
}

/* No base can be made of these. */
static const struct {
	const char *input, *why;
} unreadable[] = {
    {"s=1", "Signature-Input is not a list of components"},
    {"s", "Signature-Input is not a list of components"},
    {"s=(\"@status\")" PARAMS, "a covered component is unknown"},
    {"s=(\"@METHOD\")" PARAMS, "a covered component is unknown"},
    {"s=(\"@signature-params\")" PARAMS, "a covered component is unknown"},
    {"s=(\"Content-Type\")" PARAMS, "a covered component is unknown"},
    {"s=(\"\")" PARAMS, "a covered component is unknown"},
    {"s=(\"absent\")" PARAMS, "a covered header is absent"},
    {"s=(token)" PARAMS, "a covered component is not text"},
    {"s=(1)" PARAMS, "a covered component is not text"},
    {"s=(\"@method\" \"@method\")" PARAMS, "a component is covered twice"},
    {"s=(\"content-type\";sf)" PARAMS, "a covered component has a parameter that is not supported"},
    {"s=(\"content-digest\";key=\"sha-256\")" PARAMS,
	"a covered component has a parameter that is not supported"},
    {"s=(\"@method\";req)" PARAMS, "a covered component has a parameter that is not supported"},
    {"s=(\"content-type\";bs)" PARAMS, "a covered component has a parameter that is not supported"},
    {"s=(\"content-type\";tr)" PARAMS, "a covered component has a parameter that is not supported"},
    {"s=(\"@query-param\";name=\"a\";req)" PARAMS,
	"a covered component has a parameter that is not supported"},
    {"s=(\"@query-param\")" PARAMS, "@query-param lacks its name"},
    {"s=(\"@query-param\";name=1)" PARAMS, "@query-param lacks its name"},
    {"s=(\"@query-param\";req)" PARAMS, "@query-param lacks its name"},
    {"s=(\"@query-param\";name=\"z\")" PARAMS, "a covered query parameter is absent"},
    {"s=(\"@query-param\";name=\"two\")" PARAMS, "a covered query parameter comes twice"},
    {"s=(\"@query-param\";name=\"a\" \"@query-param\";name=\"a\")" PARAMS,
	"a component is covered twice"},
    {"s=(\"tab\")" PARAMS, "a covered component holds a control character"},
    {"S=" COVER PARAMS, "Signature-Input is absent, not well-formed, or too long"},
    {"", "Signature-Input is absent, not well-formed, or too long"},
    {"s=" COVER PARAMS ", s=" COVER PARAMS,
	"Signature-Input is absent, not well-formed, or too long"},
    {"a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1",
	"Signature-Input is absent, not well-formed, or too long"},
};

static void
test_unreadable(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	k.request.uri = "/v1/acme/get-balance?a=1&two=1&two=2";
	kit_header(&k, "tab", "a\tb");
	kit_header(&k, "signature", "s=:AAAA:");
	for (i = 0; i < N(unreadable); i++) {
		kit_header(&k, "signature-input", unreadable[i].input);
		assert_int_equal(kit_check(&k), GW_EAUTH);
		if (strcmp(k.who.reason, unreadable[i].why) != 0)
			fail_msg("%s: %s", unreadable[i].input, k.who.reason);
	}
	finish(&k);
}

/* Signs, then changes one thing. */
static void
signed_then(struct kit *k)
{
	start(k);
	k->request.uri = "/v1/acme/get-balance?a=b";
	kit_sign(k, KIT_KEY,
	    "sig1=(\"@method\" \"@target-uri\" \"@query\" \"content-digest\" "
	    "\"content-type\")" PARAMS);
}

static void
test_changed(void **state)
{
	static const char mismatch[] = "the signature does not match";
	struct caller_key *key;
	struct kit k;

	(void)state;
	signed_then(&k);
	k.request.method = "PUT";
	kit_refused(&k, mismatch);
	k.request.method = "POST";
	k.request.uri = "/v1/acme/get-balance?a=c";
	kit_refused(&k, mismatch);
	k.request.uri = "/v1/acme/get-agents?a=b";
	kit_refused(&k, mismatch);
	k.request.uri = "/v1/acme/get-balance";
	kit_refused(&k, mismatch);
	k.request.uri = "/v1/acme/get-balance?a=b";
	k.request.scheme = "http";
	kit_refused(&k, mismatch);
	k.request.scheme = "https";
	k.request.authority = "gw.example:8443";
	kit_refused(&k, mismatch);
	k.request.authority = "GW.example:443";
	k.request.body = "{\"agentId\":\"8\"}";
	kit_refused(&k, "Content-Digest is not the body's");
	kit_digest(&k);
	kit_refused(&k, mismatch);
	k.request.body = BODY;
	kit_digest(&k);
	kit_header(&k, "content-type", "text/plain");
	kit_refused(&k, mismatch);
	kit_header(&k, "content-type", "  application/json ");
	k.request.body_state = BODY_WRONG_LENGTH;
	kit_refused(&k, "the body is shorter or longer than it says");
	k.request.body_state = BODY_WHOLE;
	key = &k.callers->items[0].keys[CALLER_RFC9421].items[0];
	key->not_before_s = KIT_NOW + 1;
	kit_refused(&k, "the key does not count yet");
	key->not_before_s = KIT_NOW;
	key->not_after_s = KIT_NOW - 1;
	kit_refused(&k, "the key no longer counts");
	key->not_after_s = KIT_NOW;
	/*
	 * After all those attempts the nonce is still good: none of them had a right to spend it.
	 */
	kit_accepted(&k);
	finish(&k);
}

/* Each byte of both headers changed in turn. */
static void
test_each_byte(void **state)
{
	static const char *const names[] = {"signature-input", "signature", "content-digest"};
	const char *before;
	char text[1024];
	size_t i, n, c;
	struct kit k;

	(void)state;
	signed_then(&k);
	for (n = 0; n < N(names); n++) {
		before = request_header(&k.request, names[n]);
		snprintf(text, sizeof(text), "%s", before);
		for (i = 0; i < strlen(before); i++) {
			for (c = 1; c < 128; c <<= 1) {
				text[i] = (char)(before[i] ^ (char)c);
				if (text[i] == '\0')
					continue;
				kit_header(&k, names[n], text);
				if (kit_check(&k) != GW_EAUTH)
					fail_msg("%s: %s", names[n], text);
			}
			text[i] = before[i];
		}
		kit_header(&k, names[n], before);
	}
	kit_accepted(&k);
	finish(&k);
}

static void
test_signature_header(void **state)
{
	static const char *const bad[] = {
	    "",
	    "sig1",
	    "sig1=()",
	    "sig1=\"text\"",
	    "sig2=:AAAA:",
	    "sig1=::",
	    "a=::, b=::, c=::, d=::, e=::, f=::, g=::, h=::, sig1=::",
	};
	const char *whole;
	char text[256];
	struct kit k;
	size_t i, len;

	(void)state;
	signed_then(&k);
	whole = request_header(&k.request, "signature");
	for (i = 0; i < N(bad); i++) {
		kit_header(&k, "signature", bad[i]);
		assert_int_equal(kit_check(&k), GW_EAUTH);
	}
	kit_header(&k, "signature", NULL);
	kit_refused(&k, "Signature is absent, not well-formed, or too long");
	/* Truncated MACs of every length that base64 can say without padding. */
	len = strlen(whole);
	for (i = 4; i < 44; i += 4) {
		snprintf(text, sizeof(text), "%.*s:", (int)(6 + i), whole);
		kit_header(&k, "signature", text);
		kit_refused(&k, "the signature does not match");
	}
	snprintf(text, sizeof(text), "%.*sAAAA:", (int)(len - 1), whole);
	kit_header(&k, "signature", text);
	assert_int_equal(kit_check(&k), GW_EAUTH);
	kit_header(&k, "signature", whole);
	kit_header(&k, "signature-input", NULL);
	kit_refused(&k, "Signature-Input is absent, not well-formed, or too long");
	finish(&k);
}

/* Several signatures: any one suffices; none is not enough. */
static void
test_several(void **state)
{
	const char *good_input, *good, *input, *signature;
	struct kit k;

	(void)state;
	start(&k);
	kit_sign(&k, KIT_KEY, "sig1=" COVER PARAMS);
	good_input = request_header(&k.request, "signature-input");
	good = request_header(&k.request, "signature");
	input = "a=(\"@method\");created=1;keyid=\"no\", b=1, ";
	signature = "a=:AAAA:, ";
	kit_header(&k, "signature-input", arena_printf(&k.arena, "%s%s", input, good_input));
	kit_header(&k, "signature", arena_printf(&k.arena, "%s%s", signature, good));
	kit_accepted(&k);
	/* Spent now: and the log names the key that is known, not the first signature. */
	kit_refused(&k, "replayed: this nonce was spent before");
	assert_string_equal(k.who.key_id, "2026a");
	/* The label of one beside the MAC of another. */
	kit_header(&k, "signature-input", good_input);
	kit_header(&k, "signature", arena_printf(&k.arena, "a%s", good + 4));
	kit_refused(&k, "Signature has nothing for that label");
	finish(&k);
}

/* Both signatures of two keys, each good by itself. */
static void
sign_twice(struct kit *k, const char *first, const char *second)
{
	const char *input, *mac;

	kit_sign(k, KIT_KEY, first);
	input = request_header(&k->request, "signature-input");
	mac = request_header(&k->request, "signature");
	kit_sign(k, KIT_OTHER_KEY, second);
	kit_header(k, "signature-input",
	    arena_printf(
		&k->arena, "%s, %s", input, request_header(&k->request, "signature-input")));
	kit_header(k, "signature",
	    arena_printf(&k->arena, "%s, %s", mac, request_header(&k->request, "signature")));
}

/* Who signs twice is let in once, by the first, and neither signature counts afterwards. */
static void
test_two_good_ones(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	sign_twice(
	    &k, "a=" COVER PARAMS, "b=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026b\"");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "signer");
	kit_refused(&k, "replayed: this nonce was spent before");
	kit_sign(&k, KIT_OTHER_KEY, "b=" COVER ";created=1700000000;nonce=\"n\";keyid=\"2026b\"");
	kit_refused(&k, "replayed: this nonce was spent before");
	finish(&k);
}

/*
 * The same beside a webhook's proof; and a replay is what the log reports, whatever else is wrong.
 */
static void
test_beside_a_webhook(void **state)
{
	const char *mac;
	struct kit k;

	(void)state;
	start(&k);
	k.callers = kit_callers(&k, "{signer: {signature: rfc9421, keys: {2026a: file:k1}},\n"
				    "hook: {signature: standard-webhooks, keys: {w: file:k2}}}");
	kit_sign(&k, KIT_KEY, "sig1=" COVER PARAMS);
	kit_header(&k, "webhook-id", "id");
	kit_header(&k, "webhook-timestamp", "1700000000");
	mac = kit_mac(&k, KIT_OTHER_KEY, "id.1700000000." BODY, strlen("id.1700000000." BODY));
	kit_header(&k, "webhook-signature", arena_printf(&k.arena, "v1,%s", mac));
	kit_accepted(&k);
	assert_string_equal(k.who.form, "rfc9421");
	kit_header(&k, "signature", "sig1=:AAAA:");
	kit_refused(&k, "replayed: this nonce was spent before");
	assert_string_equal(k.who.form, "standard-webhooks");
	finish(&k);
}

static void
test_replay(void **state)
{
	struct kit k;
	char why[200];

	(void)state;
	start(&k);
	kit_sign(&k, KIT_KEY, "sig1=" COVER ";created=1700000300;nonce=\"n\";keyid=\"2026a\"");
	kit_accepted(&k);
	/* Until the last second in which its age would still be right. */
	k.wall_ms += 600 * 1000;
	kit_refused(&k, "replayed: this nonce was spent before");
	k.wall_ms += 1000;
	kit_refused(&k, "created is too far in the past");
	k.wall_ms = (int64_t)KIT_NOW * 1000;
	/* Another route, another space; another key, another nonce. */
	kit_sign(
	    &k, KIT_OTHER_KEY, "sig1=" COVER ";created=1700000300;nonce=\"n\";keyid=\"2026b\"");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "other");
	/* After a restart. */
	store_close(k.env.store);
	k.env.store = store_open(k.state, false, why, sizeof(why));
	assert_non_null(k.env.store);
	kit_refused(&k, "replayed: this nonce was spent before");
	assert_int_equal(auth_check(&k.env, "beta", k.callers, &k.request, &k.who), GW_OK);
	finish(&k);
}

/* Without a store to remember it in, nothing signed is let in. */
static void
test_no_store(void **state)
{
	struct store *s;
	struct kit k;

	(void)state;
	start(&k);
	kit_sign(&k, KIT_KEY, "sig1=" COVER PARAMS);
	s = k.env.store;
	k.env.store = NULL;
	assert_int_equal(kit_check(&k), GW_EINTERNAL);
	assert_null(k.who.caller);
	assert_string_equal(k.who.reason, "the nonce cannot be stored");
	k.env.store = s;
	kit_accepted(&k);
	finish(&k);
}

static void
test_no_callers(void **state)
{
	struct callers none = {.n = 0};
	struct kit k;

	(void)state;
	start(&k);
	kit_sign(&k, KIT_KEY, "sig1=" COVER PARAMS);
	assert_int_equal(auth_check(&k.env, "acme", NULL, &k.request, &k.who), GW_EAUTH);
	assert_string_equal(k.who.reason, "unknown key id");
	assert_int_equal(auth_check(&k.env, "acme", &none, &k.request, &k.who), GW_EAUTH);
	assert_null(k.who.key_id);
	finish(&k);
}

/* Nobody is let in by the key that is used for an unknown route, even knowing it. */
static void
test_nobodys_key(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	kit_sign_bytes(&k, crypto_nobody(), CRYPTO_SHA256_LEN,
	    "sig1=" COVER ";created=1700000000;nonce=\"n\";keyid=\"nobody\"");
	assert_int_equal(auth_check(&k.env, "acme", NULL, &k.request, &k.who), GW_EAUTH);
	assert_string_equal(k.who.reason, "unknown route");
	assert_null(k.who.key_id);
	kit_refused(&k, "unknown key id");
	finish(&k);
}

static void
test_certificate(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	k.callers = kit_callers(&k, "{signer: {signature: rfc9421, keys: {2026a: file:k1}, "
				    "client_certificate: ['CN=a', 'CN=b']}}");
	kit_sign(&k, KIT_KEY, "sig1=" COVER PARAMS);
	kit_refused(&k, "the client certificate is absent or another's");
	k.request.client_subject = "CN=ab";
	kit_refused(&k, "the client certificate is absent or another's");
	k.request.client_subject = "CN=b";
	kit_accepted(&k);
	kit_header(&k, "signature", NULL);
	kit_header(&k, "signature-input", NULL);
	kit_refused(&k, "no proof that this route takes");
	finish(&k);
}

/* RFC 9530, appendix A and section 2, and RFC 9421, appendix B.2. */
static const struct {
	const char *promise, *digest, *body, *why;
} digests[] = {
    {"RFC 9530, appendix B.1",
	"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", "{\"hello\": \"world\"}", NULL},
    {"both algorithms",
	"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:WZDPaVn/"
	"7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
	"{\"hello\": \"world\"}", NULL},
    {"sha-512 alone",
	"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
	"{\"hello\": \"world\"}", NULL},
    {"an unknown one beside a known one",
	"md5=:AAAA:, sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
	"{\"hello\": \"world\"}", NULL},
    {"nothing has a digest too", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "",
	NULL},
    {"one of two is wrong",
	"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:XZDPaVn/"
	"7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
	"{\"hello\": \"world\"}", "Content-Digest is not the body's"},
    {"another body", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
	"{\"hello\": \"world\"} ", "Content-Digest is not the body's"},
    {"none that is known", "md5=:AAAA:", "x", "Content-Digest has neither sha-256 nor sha-512"},
    {"nothing", "", "x", "Content-Digest has neither sha-256 nor sha-512"},
    {"truncated", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBA==:",
	"{\"hello\": \"world\"}", "Content-Digest is not well-formed"},
    {"as text", "sha-256=\"X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\"", "x",
	"Content-Digest is not well-formed"},
    {"as a list", "sha-256=(1)", "x", "Content-Digest is not well-formed"},
    {"no dictionary", "sha-256=:X48", "x", "Content-Digest is not well-formed"},
};

static void
test_digests(void **state)
{
	const char *why = NULL;
	struct kit k;
	size_t i;
	bool ok;

	(void)state;
	start(&k);
	for (i = 0; i < N(digests); i++) {
		kit_request(&k, "/", digests[i].body);
		kit_header(&k, "content-digest", digests[i].digest);
		ok = auth_digest(&k.arena, &k.request, &why);
		if (ok != (digests[i].why == NULL) || (!ok && strcmp(why, digests[i].why) != 0))
			fail_msg("%s: %s", digests[i].promise, why);
	}
	kit_header(&k, "content-digest", NULL);
	assert_false(auth_digest(&k.arena, &k.request, &why));
	assert_string_equal(why, "Content-Digest is absent");
	finish(&k);
}

/* What each component is on the wire, RFC 9421, sections 2.2.1 to 2.2.8. */
static const struct {
	const char *scheme, *authority, *uri, *component, *value;
} components[] = {
    {"https", "www.example.com", "/path?param=value", "\"@method\"", "POST"},
    {"https", "www.example.com", "/path?param=value", "\"@target-uri\"",
	"https://www.example.com/path?param=value"},
    {"https", "www.example.com", "/path", "\"@authority\"", "www.example.com"},
    {"https", "WWW.Example.com:443", "/path", "\"@authority\"", "www.example.com"},
    {"http", "www.example.com:80", "/path", "\"@authority\"", "www.example.com"},
    {"http", "www.example.com:443", "/path", "\"@authority\"", "www.example.com:443"},
    {"https", "[::1]:8443", "/path", "\"@authority\"", "[::1]:8443"},
    {"http", "www.example.com", "/path", "\"@scheme\"", "http"},
    {"https", "www.example.com", "/path?param=value", "\"@request-target\"", "/path?param=value"},
    {"https", "www.example.com", "/path?param=value", "\"@path\"", "/path"},
    {"https", "www.example.com", "/a%2Fb/%7e", "\"@path\"", "/a%2Fb/%7e"},
    {"https", "www.example.com", "/path?param=value&foo=bar&baz=batman", "\"@query\"",
	"?param=value&foo=bar&baz=batman"},
    {"https", "www.example.com", "/path?queryString", "\"@query\"", "?queryString"},
    {"https", "www.example.com", "/path?", "\"@query\"", "?"},
    {"https", "www.example.com", "/path", "\"@query\"", "?"},
    {"https", "www.example.com",
	"/path?param=value&foo=bar&baz=batman&qux=", "\"@query-param\";name=\"baz\"", "batman"},
    {"https", "www.example.com",
	"/path?param=value&foo=bar&baz=batman&qux=", "\"@query-param\";name=\"qux\"", ""},
    {"https", "www.example.com", "/path?param=value&flag", "\"@query-param\";name=\"flag\"", ""},
    {"https", "www.example.com",
	"/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%"
	"A7ade%22"
	"%3A%20=something",
	"\"@query-param\";name=\"var\"", "this%20is%20a%20big%0Amultiline%20value"},
    {"https", "www.example.com",
	"/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%"
	"A7ade%22"
	"%3A%20=something",
	"\"@query-param\";name=\"bar\"", "with%20plus%20whitespace"},
    {"https", "www.example.com",
	"/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%"
	"A7ade%22"
	"%3A%20=something",
	"\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"", "something"},
    {"https", "Www.example.com:443", "/path", "\"host\"", "Www.example.com:443"},
    {"https", "www.example.com", "/path", "\"content-type\"", "application/json"},
    {"https", "www.example.com", "/path", "\"blank\"", ""},
    {"https", "www.example.com", "/path", "\"x\"", "one letter"},
    {"https", "www.example.com", "/path?a=0Z_~[:*-.", "\"@query-param\";name=\"a\"",
	"0Z_%7E%5B%3A*-."},
    {"https", "", "/path", "\"@authority\"", NULL},
    {"https", "", "/path", "\"@target-uri\"", NULL},
    {"https", ":443", "/path", "\"@authority\"", NULL},
    {"https", "www.example.com", "/path", "\"@query-param\";name=\"a\"", NULL},
    {"https", "www.example.com", "/path?a=%2", "\"@query-param\";name=\"a\"", NULL},
    {"https", "www.example.com", "/path?%zz=1", "\"@query-param\";name=\"a\"", NULL},
    {"https", "www.example.com", "/path?a=%FF", "\"@query-param\";name=\"a\"", NULL},
    {"https", "www.example.com", "https://www.example.com/path", "\"@path\"", NULL},
    {"https", "www.example.com", "*", "\"@request-target\"", NULL},
    {"https", "www.example.com", "", "\"@path\"", NULL},
    {"https", "www.example\n\"@method\": PUT", "/path", "\"@authority\"", NULL},
};

static void
test_components(void **state)
{
	const char *input, *why = "", *line;
	struct sfv_dictionary d;
	struct buf base;
	struct kit k;
	size_t i;
	bool ok;

	(void)state;
	start(&k);
	buf_init(&base, AUTH_BASE_MAX);
	kit_header(&k, "blank", "   ");
	kit_header(&k, "x", "  one letter ");
	for (i = 0; i < N(components); i++) {
		k.request.scheme = components[i].scheme;
		k.request.authority = components[i].authority;
		k.request.uri = components[i].uri;
		input = arena_printf(&k.arena, "s=(%s)", components[i].component);
		assert_true(sfv_parse_dictionary(&k.arena, input, strlen(input), &d));
		buf_reset(&base);
		ok = kit_base(&k, &d.members[0], &base, &why);
		if (ok != (components[i].value != NULL))
			fail_msg("%s of %s: %s", components[i].component, components[i].uri, why);
		if (!ok)
			continue;
		line = arena_printf(&k.arena, "%s: %s\n\"@signature-params\": (%s)",
		    components[i].component, components[i].value, components[i].component);
		assert_string_equal(base.data, line);
	}
	buf_clear(&base);
	finish(&k);
}

static void
test_limits(void **state)
{
	struct sfv_dictionary d;
	const char *why = NULL;
	struct buf input, base;
	struct kit k;
	char big[AUTH_HEADER_MAX + 2];
	int i, n;

	(void)state;
	start(&k);
	buf_init(&input, 100000);
	buf_init(&base, AUTH_BASE_MAX);
	/* As many as there may be, and one more. */
	for (n = AUTH_COMPONENTS_MAX; n <= AUTH_COMPONENTS_MAX + 1; n++) {
		buf_reset(&input);
		buf_puts(&input, "s=(");
		for (i = 0; i < n; i++)
			buf_printf(&input, "\"x-%d\" ", i);
		buf_puts(&input, ")");
		assert_true(sfv_parse_dictionary(&k.arena, input.data, input.len, &d));
		assert_false(kit_base(&k, &d.members[0], &base, &why));
		assert_string_equal(why, n == AUTH_COMPONENTS_MAX ? "a covered header is absent"
								  : "too many covered components");
	}
	k.request.uri = "/?0&1&2&3&4&5&6&7&8";
	for (n = AUTH_QUERY_PARAMS_MAX; n <= AUTH_QUERY_PARAMS_MAX + 1; n++) {
		buf_reset(&input);
		buf_puts(&input, "s=(");
		for (i = 0; i < n; i++)
			buf_printf(&input, "\"@query-param\";name=\"%d\" ", i);
		buf_puts(&input, ")");
		assert_true(sfv_parse_dictionary(&k.arena, input.data, input.len, &d));
		buf_reset(&base);
		assert_int_equal(
		    kit_base(&k, &d.members[0], &base, &why), n == AUTH_QUERY_PARAMS_MAX);
	}
	assert_string_equal(why, "too many covered components");
	memset(big, 'x', sizeof(big) - 1);
	big[0] = '/';
	big[sizeof(big) - 1] = '\0';
	k.request.uri = big;
	assert_false(kit_base(&k, &d.members[0], &base, &why));
	assert_string_equal(why, "the request's target is not a path, or too long");
	k.request.uri = "/";
	kit_header(&k, "signature-input", big);
	kit_header(&k, "signature", "s=:AAAA:");
	kit_refused(&k, "Signature-Input is absent, not well-formed, or too long");
	kit_header(&k, "content-digest", big);
	assert_false(auth_digest(&k.arena, &k.request, &why));
	kit_sign(&k, KIT_KEY, "sig1=(\"@method\" \"@path\" \"content-digest\")" PARAMS);
	kit_refused(&k, "Content-Digest is not well-formed");
	/* A nonce of the longest, and of one more. */
	kit_digest(&k);
	memset(big, 'n', AUTH_NONCE_MAX + 1);
	big[AUTH_NONCE_MAX + 1] = '\0';
	kit_sign(&k, KIT_KEY,
	    arena_printf(
		&k.arena, "s=" COVER ";created=1700000000;nonce=\"%s\";keyid=\"2026a\"", big));
	kit_refused(&k, "nonce is empty or too long");
	big[AUTH_NONCE_MAX] = '\0';
	kit_sign(&k, KIT_KEY,
	    arena_printf(
		&k.arena, "s=" COVER ";created=1700000000;nonce=\"%s\";keyid=\"2026a\"", big));
	kit_accepted(&k);
	/* More than a base may hold: a long header covered through many names. */
	buf_clear(&input);
	buf_clear(&base);
	buf_init(&base, 100);
	assert_true(
	    sfv_parse_dictionary(&k.arena, "s=" COVER PARAMS, strlen("s=" COVER PARAMS), &d));
	assert_false(kit_base(&k, &d.members[0], &base, &why));
	assert_string_equal(why, "the signature base is too long");
	buf_clear(&base);
	finish(&k);
}

/* The MAC of input under key, as the verifier computes it, is the one given. */
static bool
mac_matches(struct kit *k, const void *key, size_t key_len, const char *input, const char *mac)
{
	const struct caller_key ck = {.secret = {key, key_len}};
	unsigned char sent[CRYPTO_SHA256_LEN];
	struct sfv_dictionary d;
	struct crypto_part part;
	const char *why = "";
	struct buf base;
	size_t n;
	bool same;

	assert_true(base64_decode(mac, strlen(mac), sent, sizeof(sent), &n));
	assert_true(sfv_parse_dictionary(&k->arena, input, strlen(input), &d));
	buf_init(&base, AUTH_BASE_MAX);
	if (!kit_base(k, &d.members[0], &base, &why))
		fail_msg("%s", why);
	part = (struct crypto_part){base.data, base.len};
	same = auth_mac_is(&ck, &part, 1, sent, n);
	buf_clear(&base);
	return same;
}

/* The key of a vector under that id, beside which the request is refused for the reason given. */
static void
refused_by_policy(struct kit *k, const char *key64, const char *id, const char *input,
    const char *mac, const char *why)
{
	const char *yaml;

	kit_text(k, "vector", arena_printf(&k->arena, "base64:%s", key64));
	yaml = arena_printf(&k->arena, "{v: {signature: rfc9421, keys: {%s: file:vector}}}", id);
	k->callers = kit_callers(k, yaml);
	assert_non_null(k->callers);
	kit_header(k, "signature-input", input);
	kit_header(k, "signature",
	    arena_printf(&k->arena, "%.*s=:%s:", (int)strcspn(input, "="), input, mac));
	kit_refused(k, why);
	assert_string_equal(k->who.key_id, id);
}

/* RFC 9421, appendix B.2.5: it covers no method, path or body, and is of 2021. */
static void
test_vector_rfc9421(void **state)
{
	const struct json_limits limits = {.depth = 16, .values = 1000, .text = 100000};
	const char *path, *input, *mac, *key64;
	const struct value *v, *headers;
	unsigned char key[64];
	char *text, why[200], name[64];
	struct kit k;
	size_t len, n, i, c;

	(void)state;
	start(&k);
	path = kit_corpus(&k, "rfc9421/b.2.5-hmac-sha256.json");
	if (path == NULL) {
		finish(&k);
		skip();
	}
	text = text_read_file(&k.arena, path, 1 << 20, &len);
	assert_non_null(text);
	v = json_parse(&k.arena, text, len, &limits, why, sizeof(why));
	assert_non_null(v);
	key64 = value_get_text(v, "key_base64");
	assert_true(base64_decode(key64, strlen(key64), key, sizeof(key), &n));
	kit_request(&k, value_get_text(value_get(v, "request"), "target"),
	    value_get_text(value_get(v, "request"), "body"));
	headers = value_get(value_get(v, "request"), "headers");
	for (i = 0; i < headers->n; i++) {
		snprintf(name, sizeof(name), "%s", headers->items[i].name);
		for (c = 0; name[c] != '\0'; c++)
			name[c] = (char)(name[c] | 0x20);
		kit_header(&k, arena_strdup(&k.arena, name), value_at(headers, i)->text);
	}
	k.request.authority = "example.com";
	input = value_get_text(v, "signature_input");
	mac = value_get_text(v, "signature_base64");
	assert_true(mac_matches(&k, key, n, input, mac));
	assert_true(auth_digest(&k.arena, &k.request, &path));
	refused_by_policy(
	    &k, key64, value_get_text(v, "keyid"), input, mac, "nonce is absent or not text");
	finish(&k);
}

#define AUDIOHOOK                                                                                 \
	"\"audiohook-organization-id\" \"audiohook-session-id\" "                                 \
	"\"audiohook-correlation-id\" \"x-api-key\");keyid=\"SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh\";" \
	"nonce=\"VGhpc0lzQVVuaXF1ZU5vbmNl\";alg=\"hmac-sha256\";created=1641013200;expires="      \
	"3282026430"

/* purecloudlabs/audiohook-reference-implementation, httpsignature tests, 2023. */
static void
test_vector_audiohook(void **state)
{
	static const char key64[] = "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=";
	static const char authority[] = "sig1=(\"@request-target\" \"@authority\" " AUDIOHOOK;
	static const char host[] = "sig1=(\"@request-target\" \"host\" " AUDIOHOOK;
	unsigned char key[64];
	struct kit k;
	size_t n;

	(void)state;
	start(&k);
	assert_true(base64_decode(key64, strlen(key64), key, sizeof(key), &n));
	kit_request(&k, "/api/v1/voicebiometrics/ws", "");
	k.request.method = "GET";
	k.request.authority = "audiohook.example.com";
	kit_header(&k, "audiohook-organization-id", "d7934305-0972-4844-938e-9060eef73d05");
	kit_header(&k, "audiohook-session-id", "30b0e395-84d3-4570-ac13-9a62d8f514c0");
	kit_header(&k, "audiohook-correlation-id", "e160e428-53e2-487c-977d-96989bf5c99d");
	kit_header(&k, "x-api-key", "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh");
	assert_true(
	    mac_matches(&k, key, n, authority, "NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4="));
	assert_true(mac_matches(&k, key, n, host, "zupMJUMfd/kMuvKc5zhRyfJPE3jTROuz1S1hn8SCTpE="));
	refused_by_policy(&k, key64, "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh", authority,
	    "NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=", "@method is not covered");
	refused_by_policy(&k, key64, "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh", host,
	    "zupMJUMfd/kMuvKc5zhRyfJPE3jTROuz1S1hn8SCTpE=", "@method is not covered");
	/* Were the coverage right, it would be its age. */
	kit_digest(&k);
	kit_sign(&k, "MySuperSecretKeyTellNo-1!2@3#4$5",
	    "sig1=(\"@method\" \"content-digest\" \"@request-target\" \"@authority\" " AUDIOHOOK);
	kit_refused(&k, "created is too far in the past");
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepted),
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_signature_header),
	    cmocka_unit_test(test_several),
	    cmocka_unit_test(test_two_good_ones),
	    cmocka_unit_test(test_beside_a_webhook),
	    cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_no_store),
	    cmocka_unit_test(test_no_callers),
	    cmocka_unit_test(test_nobodys_key),
	    cmocka_unit_test(test_certificate),
	    cmocka_unit_test(test_digests),
	    cmocka_unit_test(test_components),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_vector_rfc9421),
	    cmocka_unit_test(test_vector_audiohook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
