/*
 * fuzz_token.c: any bytes as a token, and as a token's claims under the right key. Let in is only
 * the spelling that auth_token_mint gives to claims that are right for now.
 *	first byte: 0 the rest is a token; else the rest are claims, to be signed
 */
#include "auth_fuzz.h"

#include "base/encode.h"

static const char *
sign_claims(struct arena *a, const char *claims, size_t len)
{
	static const struct crypto_part derive[] = {{"token-v1", 9}, {"acme", 5}, {"c", 2}};
	unsigned char key[CRYPTO_SHA256_LEN], mac[CRYPTO_SHA256_LEN];
	struct crypto_part part;
	const char *token;
	struct buf b;

	buf_init(&b, 1024 * 1024);
	base64url_encode(&b, claims, len);
	part = (struct crypto_part){b.data, b.len};
	fuzz_check(crypto_hmac(FUZZ_SECRET, strlen(FUZZ_SECRET), derive, 3, key));
	fuzz_check(crypto_hmac(key, sizeof(key), &part, 1, mac));
	buf_putc(&b, '.');
	base64url_encode(&b, mac, sizeof(mac));
	token = arena_strdup(a, b.data);
	buf_clear(&b);
	return token;
}

/* The claims that a token let in must have: read here by other means. */
static void
check_claims(const char *claims, size_t len)
{
	static const char begins[] = "1 acme c ";
	long long issued, expires;
	char text[AUTH_TOKEN_MAX], again[AUTH_TOKEN_MAX];
	struct buf b;

	fuzz_check(len < sizeof(text) && len > sizeof(begins) - 1);
	memcpy(text, claims, len);
	text[len] = '\0';
	fuzz_check(strncmp(text, begins, sizeof(begins) - 1) == 0);
	issued = strtoll(text + sizeof(begins) - 1, NULL, 10);
	expires = strtoll(strrchr(text, ' ') + 1, NULL, 10);
	buf_init(&b, sizeof(again) - 1);
	buf_printf(&b, "1 acme c %lld %lld", issued, expires);
	fuzz_check(strcmp(b.data, text) == 0);
	buf_clear(&b);
	fuzz_check(issued <= FUZZ_NOW + AUTH_SKEW_S && expires >= FUZZ_NOW - AUTH_TOKEN_GRACE_S &&
		   expires - issued <= AUTH_TOKEN_TTL_MAX_S);
}

static enum gw_err
use(struct arena *a, const char *token, bool bare)
{
	struct caller_key key = fuzz_key(NULL, FUZZ_SECRET);
	struct caller caller = {.name = "c", .keys = {[CALLER_TOKEN] = {&key, 1}}};
	const struct callers callers = {.items = &caller, .n = 1};
	const struct auth_env env = {.clock = &fuzz_clock, .arena = a};
	const struct request_header header = {bare ? "x-hris-authorization" : "authorization",
	    bare ? token : arena_printf(a, "Bearer %s", token)};
	const struct request r = {.method = "POST",
	    .uri = "/v1/acme/x",
	    .path_info = "",
	    .scheme = "https",
	    .authority = "h",
	    .remote = "",
	    .client_subject = "",
	    .headers = &header,
	    .n_headers = 1,
	    .body = ""};
	struct auth_who who;

	/* Now and then only: it is slow, and nothing of the input decides it. */
	if (strlen(token) % 16 == 0) {
		fuzz_check(auth_check(&env, "acme", NULL, &r, &who) == GW_EAUTH);
		fuzz_check(auth_check(&env, "beta", &callers, &r, &who) == GW_EAUTH);
	}
	return auth_check(&env, "acme", &callers, &r, &who);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text;
	struct arena a;

	if (size == 0)
		return 0;
	arena_init(&a, FUZZ_ARENA);
	if (data[0] == 0) {
		text = arena_strndup(&a, (const char *)data + 1, size - 1);
		fuzz_check(use(&a, text, true) == GW_EAUTH);
	} else {
		text = sign_claims(&a, (const char *)data + 1, size - 1);
		if (use(&a, text, (data[0] & 1) != 0) == GW_OK)
			check_claims((const char *)data + 1, size - 1);
	}
	arena_clear(&a);
	return 0;
}
