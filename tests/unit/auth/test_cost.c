/*
 * test_cost.c: what a refusal costs, counted in work and not in time: the linker hands the calls
 * that cost to counters (Makefile). A stranger's request is cheap, and costs the same for a known
 * key, an unknown one and no route at all.
 */
#include "tests/unit/kit/auth_kit.h"

#include "format/url.h"

enum { WORST_BODY = LIMIT_BODY, WORST_SIGNATURES = AUTH_SIGNATURES_MAX };

#define MAC    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define COVER  "\"@method\" \"@path\" \"@query\" \"content-digest\""
#define PARAMS ";created=1700000000;nonce=\"n%d\";keyid=\"%s\""

static struct work {
	size_t macs, mac_bytes; /* HMACs, and the bytes under them */
	size_t hashed, decoded; /* bytes */
} work;

bool real_hmac(const void *, size_t, const struct crypto_part *, size_t, unsigned char *) __asm__(
    "__real_crypto_hmac");
bool counted_hmac(const void *, size_t, const struct crypto_part *, size_t,
    unsigned char *) __asm__("__wrap_crypto_hmac");
bool real_sha256(const void *, size_t, unsigned char *) __asm__("__real_crypto_sha256");
bool counted_sha256(const void *, size_t, unsigned char *) __asm__("__wrap_crypto_sha256");
char *
real_decoded(struct arena *, const char *, size_t, bool, size_t) __asm__("__real_url_decoded");
char *
counted_decoded(struct arena *, const char *, size_t, bool, size_t) __asm__("__wrap_url_decoded");

bool
counted_hmac(
    const void *key, size_t key_len, const struct crypto_part *parts, size_t n, unsigned char *out)
{
	size_t i;

	work.macs++;
	for (i = 0; i < n; i++)
		work.mac_bytes += parts[i].len;
	return real_hmac(key, key_len, parts, n, out);
}

bool
counted_sha256(const void *data, size_t len, unsigned char *out)
{
	work.hashed += len;
	return real_sha256(data, len, out);
}

char *
counted_decoded(struct arena *a, const char *s, size_t len, bool form, size_t max)
{
	work.decoded += len;
	return real_decoded(a, s, len, form, max);
}

static void
start(struct kit *k)
{
	char *body;

	kit_init_store(k);
	kit_text(k, "k1", KIT_KEY);
	kit_text(k, "k2", KIT_OTHER_KEY);
	kit_text(k, "s1", "a secret");
	k->callers =
	    kit_callers(k, "{a: {signature: rfc9421, keys: {known: file:k1}},\n"
			   " b: {signature: standard-webhooks, keys: {w: file:k2}},\n"
			   " c: {key: {header: X-Api-Key, secret: file:s1}, basic: file:s1}}");
	assert_non_null(k->callers);
	body = arena_alloc(&k->arena, WORST_BODY + 1);
	assert_non_null(body);
	memset(body, 'x', WORST_BODY);
	kit_request(k, "/v1/acme/get-balance", body);
}

/* Eight signatures of that key id, each of which covers what is given beside COVER. */
static void
claim(struct kit *k, const char *id, const char *cover)
{
	const char *inputs = "", *macs = "";
	int i;

	for (i = 0; i < WORST_SIGNATURES; i++) {
		inputs = arena_printf(&k->arena, "%s%ss%d=(" COVER "%s)" PARAMS, inputs,
		    i == 0 ? "" : ", ", i, cover, i, id);
		macs = arena_printf(&k->arena, "%s%ss%d=:" MAC ":", macs, i == 0 ? "" : ", ", i);
	}
	kit_header(k, "signature-input", inputs);
	kit_header(k, "signature", macs);
	kit_header(k, "content-digest", "sha-256=:" MAC ":");
}

static struct work
cost(struct kit *k, const struct callers *callers, const char *why)
{
	work = (struct work){0};
	assert_int_equal(auth_check(&k->env, "acme", callers, &k->request, &k->who), GW_EAUTH);
	assert_string_equal(k->who.reason, why);
	return work;
}

static void
assert_same(struct work a, struct work b)
{
	assert_int_equal(a.macs, b.macs);
	assert_int_equal(a.mac_bytes, b.mac_bytes);
	assert_int_equal(a.hashed, b.hashed);
	assert_int_equal(a.decoded, b.decoded);
}

/* A query as long as a target may be, of which each signature covers eight parameters. */
static void
test_query(void **state)
{
	static const char cover[] =
	    " \"@query-param\";name=\"a\" \"@query-param\";name=\"b\" \"@query-param\";name=\"c\""
	    " \"@query-param\";name=\"d\" \"@query-param\";name=\"e\" \"@query-param\";name=\"f\""
	    " \"@query-param\";name=\"g\" \"@query-param\";name=\"h\"";
	struct work known, unknown;
	char uri[AUTH_HEADER_MAX + 1];
	struct kit k;

	(void)state;
	start(&k);
	memset(uri, 'x', sizeof(uri) - 1);
	uri[sizeof(uri) - 1] = '\0';
	memcpy(uri, "/?a=&b=&c=&d=&e=&f=&g=&h=", 25);
	k.request.uri = uri;
	claim(&k, "known", cover);
	known = cost(&k, k.callers, "the signature does not match");
	claim(&k, "other", cover);
	unknown = cost(&k, k.callers, "unknown key id");
	assert_same(known, unknown);
	assert_same(known, cost(&k, NULL, "unknown key id"));
	/* Each byte of the query once; one MAC a signature, and those of the key header's form. */
	assert_true(known.decoded > 0 && known.decoded < sizeof(uri));
	assert_int_equal(known.macs, WORST_SIGNATURES + 2 * AUTH_CANDIDATES);
	assert_true(known.mac_bytes < WORST_SIGNATURES * (AUTH_BASE_MAX + 1));
	assert_int_equal(known.hashed, 0);
	kit_clear(&k);
}

/* One parameter more than are taken; and no memory for any. */
static void
test_pairs(void **state)
{
	struct arena tiny;
	struct auth_source source = {.arena = &tiny};
	char uri[2 * AUTH_PAIRS_MAX + 4] = "/?";
	struct sfv_dictionary d;
	const char *why = "";
	struct buf base;
	struct kit k;
	int i;

	(void)state;
	start(&k);
	buf_init(&base, AUTH_BASE_MAX);
	for (i = 0; i < AUTH_PAIRS_MAX; i++)
		memcpy(uri + 2 + 2 * i, "b&", 2);
	uri[2 * AUTH_PAIRS_MAX] = 'a'; /* the last pair */
	k.request.uri = uri;
	assert_true(sfv_parse_dictionary(&k.arena, "s=(\"@query-param\";name=\"a\")", 27, &d));
	assert_true(kit_base(&k, &d.members[0], &base, &why));
	uri[2 * AUTH_PAIRS_MAX + 2] = 'b'; /* one more */
	assert_false(kit_base(&k, &d.members[0], &base, &why));
	assert_string_equal(why, "the query has too many parameters");
	arena_init(&tiny, 1);
	source.request = &k.request;
	assert_false(auth_base(&source, &d.members[0], &base, &why));
	assert_string_equal(why, "out of memory");
	arena_clear(&tiny);
	buf_clear(&base);
	kit_clear(&k);
}

/* The body goes under one MAC a key, however many signatures claim to be its. */
static void
test_webhook(void **state)
{
	const char *list = "";
	struct work w;
	struct kit k;
	int i;

	(void)state;
	start(&k);
	for (i = 0; i < WORST_SIGNATURES; i++)
		list = arena_printf(&k.arena, "%s v1," MAC, list);
	kit_header(&k, "webhook-id", "msg_1");
	kit_header(&k, "webhook-timestamp", "1700000000");
	kit_header(&k, "webhook-signature", list);
	w = cost(&k, k.callers, "the signature matches no key");
	assert_true(w.mac_bytes >= (size_t)AUTH_CANDIDATES * WORST_BODY);
	assert_true(w.mac_bytes < (size_t)AUTH_CANDIDATES * WORST_BODY + 4096);
	assert_same(w, cost(&k, NULL, "the signature matches no key"));
	kit_clear(&k);
}

/* Many keys: as much of the body goes under their MACs as under those of a few, or none. */
static void
test_webhook_keys(void **state)
{
	const char *keys = "";
	struct work w;
	struct kit k;
	int i;

	(void)state;
	start(&k);
	for (i = 0; i < 16; i++)
		keys = arena_printf(&k.arena, "%s%sk%d: file:k2", keys, i == 0 ? "" : ", ", i);
	k.callers = kit_callers(
	    &k, arena_printf(&k.arena, "{b: {signature: standard-webhooks, keys: {%s}}}", keys));
	assert_non_null(k.callers);
	kit_header(&k, "webhook-id", "msg_1");
	kit_header(&k, "webhook-timestamp", "1700000000");
	kit_header(&k, "webhook-signature", "v1," MAC);
	w = cost(&k, k.callers, "the body is too large for the number of webhook keys");
	assert_true(w.mac_bytes < 4096);
	k.request.body_len = AUTH_TRIED_MAX / 16;
	w = cost(&k, k.callers, "the signature matches no key");
	assert_true(w.mac_bytes >= AUTH_TRIED_MAX && w.mac_bytes < AUTH_TRIED_MAX + 4096);
	kit_clear(&k);
}

/* The body is hashed for the holder of a key alone. */
static void
test_digest(void **state)
{
	struct work w;
	struct kit k;

	(void)state;
	start(&k);
	claim(&k, "known", "");
	w = cost(&k, k.callers, "the signature does not match");
	assert_int_equal(w.hashed, 0);
	assert_true(w.mac_bytes < WORST_BODY);
	kit_sign(&k, KIT_KEY,
	    "s=(\"@method\" \"@path\" \"content-digest\");created=1700000000;nonce=\"n\";"
	    "keyid=\"known\"");
	w = cost(&k, k.callers, "Content-Digest is not the body's");
	assert_int_equal(w.hashed, WORST_BODY);
	kit_clear(&k);
}

/* A key header longer than any header that is parsed is compared with nothing. */
static void
test_long_key(void **state)
{
	char big[AUTH_HEADER_MAX + 2];
	struct work longest, absent;
	struct kit k;

	(void)state;
	start(&k);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	kit_header(&k, "x-api-key", big);
	longest = cost(&k, k.callers, "the key header holds another secret");
	kit_header(&k, "x-api-key", NULL);
	absent = cost(&k, k.callers, "no proof that this route takes");
	assert_same(longest, absent);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_webhook),
	    cmocka_unit_test(test_webhook_keys),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_long_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
