/* test_crypto.c: MACs against Wycheproof, and digests against FIPS 180-4's examples. */
#include "base/crypto.h"
#include "base/encode.h"

#include "tests/unit/kit/auth_kit.h"
#include "format/json.h"
#include "base/text.h"

/* FIPS 180-4, examples of NIST: "abc". */
static void
test_digests(void **state)
{
	unsigned char sum[CRYPTO_SHA512_LEN];
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	assert_true(crypto_sha256("abc", 3, sum));
	hex_encode(&b, sum, CRYPTO_SHA256_LEN);
	assert_string_equal(
	    b.data, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	buf_reset(&b);
	assert_true(crypto_sha512("abc", 3, sum));
	hex_encode(&b, sum, CRYPTO_SHA512_LEN);
	assert_string_equal(b.data,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	buf_clear(&b);
}

/* RFC 4231, test case 2, whole and in parts. */
static void
test_hmac_parts(void **state)
{
	static const struct crypto_part whole[] = {{"what do ya want for nothing?", 28}};
	static const struct crypto_part parts[] = {
	    {"what do ya ", 11}, {"", 0}, {NULL, 0}, {"want for nothing?", 17}};
	unsigned char a[CRYPTO_SHA256_LEN], b[CRYPTO_SHA256_LEN];
	struct buf hex;

	(void)state;
	buf_init(&hex, 100);
	assert_true(crypto_hmac("Jefe", 4, whole, N(whole), a));
	assert_true(crypto_hmac("Jefe", 4, parts, N(parts), b));
	assert_memory_equal(a, b, sizeof(a));
	hex_encode(&hex, a, sizeof(a));
	assert_string_equal(
	    hex.data, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	buf_clear(&hex);
	assert_true(crypto_equal(a, b, sizeof(a)));
	b[31] ^= 1;
	assert_false(crypto_equal(a, b, sizeof(a)));
	crypto_wipe(a, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_memory_equal(a, b, sizeof(a));
}

static size_t
hex_member(const struct value *test, const char *name, unsigned char *out, size_t max)
{
	const char *text = value_get_text(test, name);
	size_t n = 0;

	assert_non_null(text);
	assert_true(hex_decode(text, strlen(text), out, max, &n));
	return n;
}

/*
 * Does the verifier take the tag? Full valid ones alone; a truncated one never, valid as it may be.
 */
static void
one_wycheproof(const struct value *test, bool full, size_t *accepted, size_t *refused)
{
	unsigned char key[256], message[2048], tag[64], mac[CRYPTO_SHA256_LEN];
	size_t key_len = hex_member(test, "key", key, sizeof(key));
	size_t tag_len = hex_member(test, "tag", tag, sizeof(tag));
	struct crypto_part part = {message, hex_member(test, "msg", message, sizeof(message))};
	struct caller_key k = {.secret = {key, key_len}};
	bool valid = strcmp(value_get_text(test, "result"), "valid") == 0;
	bool taken = auth_mac_is(&k, &part, 1, tag, tag_len);

	if (taken != (valid && full))
		fail_msg(
		    "tcId %s: %s", value_str(value_get(test, "tcId")), taken ? "taken" : "refused");
	if (taken)
		(*accepted)++;
	else
		(*refused)++;
	/* A truncated valid tag is the beginning of our MAC: it is its length that is refused. */
	if (valid) {
		assert_true(crypto_hmac(key, key_len, &part, 1, mac));
		assert_memory_equal(mac, tag, tag_len);
	}
}

static void
test_wycheproof(void **state)
{
	const struct json_limits limits = {.depth = 64, .values = 100000, .text = 1000000};
	size_t accepted = 0, refused = 0, len, g, i;
	const struct value *groups, *tests, *all;
	const char *path;
	struct kit k;
	char *text, why[200];

	(void)state;
	kit_init(&k);
	path = kit_corpus(&k, "wycheproof/testvectors_v1/hmac_sha256_test.json");
	if (path == NULL) {
		kit_clear(&k);
		skip();
	}
	text = text_read_file(&k.arena, path, 1 << 20, &len);
	assert_non_null(text);
	all = json_parse(&k.arena, text, len, &limits, why, sizeof(why));
	assert_non_null(all);
	groups = value_get(all, "testGroups");
	for (g = 0; g < groups->n; g++) {
		tests = value_get(value_at(groups, g), "tests");
		for (i = 0; i < tests->n; i++)
			one_wycheproof(value_at(tests, i),
			    strcmp(value_str(value_get(value_at(groups, g), "tagSize")), "256") ==
				0,
			    &accepted, &refused);
	}
	printf("Wycheproof HMAC-SHA256: %zu accepted, %zu refused\n", accepted, refused);
	assert_int_equal(accepted + refused, 174);
	assert_true(accepted > 30);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_digests),
	    cmocka_unit_test(test_hmac_parts),
	    cmocka_unit_test(test_wycheproof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
