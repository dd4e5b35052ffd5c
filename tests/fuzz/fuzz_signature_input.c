/*
 * fuzz_signature_input.c: any Signature-Input, Signature, Content-Digest, target, Host and body.
 * Nothing is let in whose MAC does not come from the key: an input is signed for real every other
 * time, and then lets in only what the policy allows.
 *	parts, by NUL: Signature-Input, Signature, Content-Digest, target, Host, header, body
 */
#include "auth_fuzz.h"

#include "base/encode.h"

static const char *
sign(struct arena *a, const struct request *r, const char *input)
{
	const struct caller_key key = fuzz_key("k", FUZZ_KEY);
	unsigned char mac[CRYPTO_SHA256_LEN];
	struct auth_source source = {.request = r, .arena = a};
	struct sfv_dictionary d;
	struct crypto_part part;
	const char *text = NULL, *why = NULL;
	struct buf base, out;

	buf_init(&base, AUTH_BASE_MAX);
	buf_init(&out, AUTH_HEADER_MAX);
	if (sfv_parse_dictionary(a, input, strlen(input), &d) && d.n > 0 &&
	    auth_base(&source, &d.members[0], &base, &why)) {
		/* A line for each component, and one more: no value makes a line of its own. */
		size_t i, lines = 0;

		for (i = 0; i < base.len; i++)
			lines += base.data[i] == '\n';
		fuzz_check(lines == d.members[0].n && strlen(base.data) == base.len);
		part = (struct crypto_part){base.data, base.len};
		fuzz_check(crypto_hmac(key.secret.bytes, key.secret.len, &part, 1, mac));
		buf_puts(&out, d.members[0].key);
		buf_puts(&out, "=:");
		base64_encode(&out, mac, sizeof(mac));
		buf_putc(&out, ':');
		text = arena_strdup(a, out.data);
	}
	buf_clear(&base);
	buf_clear(&out);
	return text;
}

static void
run(struct arena *a, const char *const *parts, bool sign_it)
{
	struct caller_key key = fuzz_key("k", FUZZ_KEY);
	struct caller caller = {.name = "c", .keys = {[CALLER_RFC9421] = {&key, 1}}};
	const struct callers callers = {.items = &caller, .n = 1};
	const struct auth_env env = {.clock = &fuzz_clock, .arena = a};
	struct request_header headers[] = {{"signature-input", parts[0]}, {"signature", parts[1]},
	    {"content-digest", parts[2]}, {"x", parts[5]}};
	struct request r = {.method = "POST",
	    .uri = parts[3],
	    .path_info = "",
	    .scheme = "https",
	    .authority = parts[4],
	    .remote = "",
	    .client_subject = "",
	    .headers = headers,
	    .n_headers = 4,
	    .body = parts[6],
	    .body_len = strlen(parts[6])};
	const char *mac = sign_it ? sign(a, &r, parts[0]) : NULL;
	struct auth_who who;
	enum gw_err err;

	if (mac != NULL)
		headers[1].value = mac;
	err = auth_check(&env, "acme", &callers, &r, &who);
	/* Without a store even the best one ends here; without the key none gets so far. */
	fuzz_check(err == GW_EAUTH || (err == GW_EINTERNAL && mac != NULL));
	fuzz_check(who.reason != NULL && who.caller == NULL);
	/* Now and then only: it is slow, and nothing of the input decides it. */
	if (r.body_len % 16 == 0)
		fuzz_check(auth_check(&env, "acme", NULL, &r, &who) == GW_EAUTH);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *parts[FUZZ_PARTS];
	struct arena a;

	if (size == 0)
		return 0;
	arena_init(&a, FUZZ_ARENA);
	fuzz_cut(&a, data + 1, size - 1, parts, FUZZ_PARTS);
	run(&a, parts, (data[0] & 1) != 0);
	arena_clear(&a);
	return 0;
}
