/*
 * cli_sign_forms.c: the proofs of `hrisgw sign`, one function a form. They are made with the parts
 * that check them.
 */
#include <inttypes.h>
#include <string.h>

#include "auth/form.h"
#include "base/encode.h"
#include "cli/sign.h"

enum { SIGN_NONCE_LEN = 16, SIGN_TOKEN_S = 3600 };

void
cli_sign_header(struct sign *s, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, SIGN_TEXT_MAX);
	buf_puts(&line, name);
	buf_puts(&line, ": ");
	buf_puts(&line, value);
	if (line.err != GW_OK)
		buf_fail(&s->out, line.err);
	buf_puts(&s->out, " \\\n  -H ");
	cli_auth_quote(&s->out, line.data);
	buf_clear(&line);
}

/* A fresh nonce or id, in base64url. */
static const char *
make_nonce(struct sign *s)
{
	unsigned char bytes[SIGN_NONCE_LEN];
	const char *text = NULL;
	struct buf b;

	buf_init(&b, 4 * SIGN_NONCE_LEN);
	if (clock_random(&clock_real, bytes, sizeof(bytes))) {
		base64url_encode(&b, bytes, sizeof(bytes));
		text = arena_strdup(&s->auth.arena, b.data);
	}
	buf_clear(&b);
	return text;
}

static const char *
make_mac(struct sign *s, const struct crypto_part *parts, size_t n)
{
	const struct secret *key = &s->choice.key->secret;
	unsigned char mac[CRYPTO_SHA256_LEN];
	const char *text = NULL;
	struct buf b;

	buf_init(&b, 4 * sizeof(mac));
	if (crypto_hmac(key->bytes, key->len, parts, n, mac)) {
		base64_encode(&b, mac, sizeof(mac));
		text = arena_strdup(&s->auth.arena, b.data);
	}
	buf_clear(&b);
	return text;
}

static const char *
make_digest(struct sign *s)
{
	unsigned char sum[CRYPTO_SHA256_LEN];
	const char *text = NULL;
	struct buf b;

	buf_init(&b, 4 * sizeof(sum));
	if (crypto_sha256(s->request.body, s->request.body_len, sum)) {
		buf_puts(&b, "sha-256=:");
		base64_encode(&b, sum, sizeof(sum));
		buf_putc(&b, ':');
		text = arena_strdup(&s->auth.arena, b.data);
	}
	buf_clear(&b);
	return text;
}

/* The signature of what input covers, or NULL with the reason on standard error. */
static const char *
sign_input(struct sign *s, const char *input)
{
	struct auth_source source = {.request = &s->request, .arena = &s->auth.arena};
	struct sfv_dictionary d;
	struct crypto_part part;
	const char *mac = NULL, *why = "out of memory";
	struct buf base;

	buf_init(&base, AUTH_BASE_MAX);
	if (sfv_parse_dictionary(&s->auth.arena, input, strlen(input), &d) &&
	    auth_base(&source, &d.members[0], &base, &why)) {
		part = (struct crypto_part){.bytes = base.data, .len = base.len};
		mac = make_mac(s, &part, 1);
	}
	buf_clear(&base);
	if (mac == NULL)
		(void)cli_failed(s->call, "%s", why);
	return mac;
}

static bool
sign_rfc9421(struct sign *s)
{
	struct arena *a = &s->auth.arena;
	const char *digest = make_digest(s), *nonce = make_nonce(s), *mac, *input;
	struct request_header header = {.name = "content-digest", .value = digest};

	if (cli_value(s->call, "key-file") != NULL && cli_value(s->call, "key-id") == NULL) {
		(void)cli_usage(s->call, "rfc9421 names its key: give --key-id");
		return false;
	}
	input = digest == NULL || nonce == NULL
		    ? NULL
		    : arena_printf(a,
			  "sig1=(\"@method\" \"@authority\" \"@path\"%s "
			  "\"content-digest\");created=%" PRId64
			  ";nonce=\"%s\";keyid=\"%s\";alg=\"hmac-sha256\"",
			  auth_has_query(&s->request) ? " \"@query\"" : "", s->now_s, nonce,
			  s->choice.key->id);
	if (input == NULL)
		return false;
	s->request.headers = &header;
	s->request.n_headers = 1;
	mac = sign_input(s, input);
	s->request.n_headers = 0;
	mac = mac == NULL ? NULL : arena_printf(a, "sig1=:%s:", mac);
	if (mac == NULL)
		return false;
	cli_sign_header(s, "Content-Digest", digest);
	cli_sign_header(s, "Signature-Input", input);
	cli_sign_header(s, "Signature", mac);
	return true;
}

static bool
sign_webhooks(struct sign *s)
{
	struct arena *a = &s->auth.arena;
	const char *nonce = make_nonce(s), *id = NULL, *time, *mac = NULL;

	if (nonce != NULL)
		id = arena_printf(a, "msg_%s", nonce);
	time = arena_printf(a, "%" PRId64, s->now_s);
	if (id != NULL && time != NULL) {
		const struct crypto_part parts[] = {
		    {id, strlen(id)},
		    {".", 1},
		    {time, strlen(time)},
		    {".", 1},
		    {s->request.body, s->request.body_len},
		};

		mac = make_mac(s, parts, sizeof(parts) / sizeof(parts[0]));
	}
	mac = mac == NULL ? NULL : arena_printf(a, "v1,%s", mac);
	if (mac == NULL)
		return false;
	cli_sign_header(s, "webhook-id", id);
	cli_sign_header(s, "webhook-timestamp", time);
	cli_sign_header(s, "webhook-signature", mac);
	return true;
}

/* The token that the endpoint would give out. */
static bool
sign_token(struct sign *s)
{
	const char *value = NULL;
	struct buf token;

	if (s->route == NULL) {
		(void)cli_usage(
		    s->call, "a token is for one route: give --route, or a URL with /v1/ROUTE/");
		return false;
	}
	buf_init(&token, 2 * AUTH_TOKEN_MAX);
	if (auth_token_mint(&token, s->route, s->choice.caller->name, &s->choice.key->secret,
		s->now_s, s->now_s + SIGN_TOKEN_S))
		value = arena_printf(&s->auth.arena, "Bearer %s", token.data);
	buf_clear(&token);
	if (value == NULL)
		return false;
	cli_sign_header(s, "Authorization", value);
	return true;
}

/*
 * These two go in front: `printf 'user = "NAME:%s"\n' "$(sed ... FILE)" | curl -K - ...`. printf is
 * the shell's own, and sed escapes for curl's configuration file.
 */
static bool
sign_by_pipe(struct sign *s, const char *before)
{
	struct buf tail, word;

	buf_init(&tail, SIGN_TEXT_MAX);
	buf_init(&word, SIGN_TEXT_MAX);
	buf_puts(&tail, s->out.data + sizeof("curl") - 1);
	buf_reset(&s->out);
	buf_puts(&word, before);
	buf_puts(&word, "%s\"\\n");
	buf_puts(&s->out, "printf ");
	cli_auth_quote(&s->out, word.data);
	buf_puts(&s->out, " \"$(sed 's/[\\\\\"]/\\\\&/g' ");
	cli_auth_quote(&s->out, s->choice.key->path);
	buf_puts(&s->out, ")\" |\ncurl -K -");
	buf_puts(&s->out, tail.data);
	buf_clear(&tail);
	buf_clear(&word);
	return s->out.err == GW_OK;
}

static bool
sign_basic(struct sign *s)
{
	const char *before = arena_printf(&s->auth.arena, "user = \"%s:", s->choice.caller->name);

	return before != NULL && sign_by_pipe(s, before);
}

static bool
sign_key(struct sign *s)
{
	const char *before;

	if (s->choice.caller->key_header == NULL) {
		(void)cli_usage(s->call, "the form key needs --header NAME");
		return false;
	}
	before = arena_printf(&s->auth.arena, "header = \"%s: ", s->choice.caller->key_header);
	return before != NULL && sign_by_pipe(s, before);
}

static bool (*const signers[])(struct sign *s) = {
    [CALLER_RFC9421] = sign_rfc9421,
    [CALLER_WEBHOOKS] = sign_webhooks,
    [CALLER_TOKEN] = sign_token,
    [CALLER_KEY] = sign_key,
    [CALLER_BASIC] = sign_basic,
};
_Static_assert(sizeof(signers) / sizeof(signers[0]) == CALLER_FORM_MAX, "one for each form");

bool
cli_sign_form(struct sign *s)
{
	return signers[s->choice.form](s) && s->out.err == GW_OK;
}
