/*
 * sign.c: `hrisgw sign`: a request in any form that a caller may send, as a curl command. The
 * proofs are made with the functions that check them. A key that makes a MAC is never shown; a
 * secret that is sent itself goes from its file to curl by a pipe, so that it shows neither in the
 * command nor in the list of processes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"
#include "cli/keyring.h"
#include "format/url.h"

enum { SIGN_TEXT_MAX = 1024 * 1024, SIGN_NONCE_LEN = 16, SIGN_TOKEN_S = 3600 };

struct sign {
	const struct cli_call *call;
	struct keyring auth;
	struct keyring_choice choice;
	const char *route; /* NULL: not known */
	const char *url, *method;
	const char *data_word; /* for curl: "@FILE" or the text itself */
	struct request request;
	int64_t now_s;
	struct buf out; /* the command so far; begins with "curl" */
};

/* Appends s as one word of a POSIX shell. */
static void
put_word(struct buf *b, const char *s)
{
	buf_putc(b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, *s);
	}
	buf_putc(b, '\'');
}

static void
put_header(struct sign *s, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, SIGN_TEXT_MAX);
	buf_puts(&line, name);
	buf_puts(&line, ": ");
	buf_puts(&line, value);
	if (line.err != GW_OK)
		buf_fail(&s->out, line.err);
	buf_puts(&s->out, " \\\n  -H ");
	put_word(&s->out, line.data);
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

/* The signature over what `input` covers, or NULL with the reason on standard error. */
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
	input =
	    digest == NULL || nonce == NULL
		? NULL
		: arena_printf(a,
		      "sig1=(\"@method\" \"@authority\" \"@path\"%s \"content-digest\");created=%" PRId64
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
	put_header(s, "Content-Digest", digest);
	put_header(s, "Signature-Input", input);
	put_header(s, "Signature", mac);
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
	put_header(s, "webhook-id", id);
	put_header(s, "webhook-timestamp", time);
	put_header(s, "webhook-signature", mac);
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
	put_header(s, "Authorization", value);
	return true;
}

/*
 * The secret is piped in: `printf 'user = "NAME:%s"\n' "$(sed ... FILE)" | curl -K - ...`. printf
 * is the shell's own, and sed escapes for curl's configuration file.
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
	put_word(&s->out, word.data);
	buf_puts(&s->out, " \"$(sed 's/[\\\\\"]/\\\\&/g' ");
	put_word(&s->out, s->choice.key->path);
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

/* What the URL says: scheme, authority, target, and the route where it has one. */
static bool
read_url(struct sign *s)
{
	struct arena *a = &s->auth.arena;
	const char *host, *path, *v1, *end;
	struct buf origin;
	bool ok;

	buf_init(&origin, SIGN_TEXT_MAX);
	ok = url_origin(s->url, &origin) && strchr(s->url, '#') == NULL;
	buf_clear(&origin);
	if (!ok)
		return false;
	host = strstr(s->url, "://") + 3;
	path = host + strcspn(host, "/?");
	s->request.scheme = arena_strndup(a, s->url, (size_t)(host - 3 - s->url));
	s->request.authority = arena_strndup(a, host, (size_t)(path - host));
	s->request.uri = *path == '/' ? path : arena_printf(a, "/%s", path);
	if (s->request.scheme == NULL || s->request.authority == NULL || s->request.uri == NULL)
		return false;
	v1 = strstr(s->request.uri, "/v1/");
	if (s->route == NULL && v1 != NULL) {
		end = v1 + 4 + strcspn(v1 + 4, "/?");
		s->route = arena_strndup(a, v1 + 4, (size_t)(end - v1 - 4));
	}
	return true;
}

/* --data: text, or @FILE. An action without data gets an empty object. */
static bool
read_data(struct sign *s)
{
	const char *data = cli_value(s->call, "data");

	if (data == NULL)
		data = strcmp(s->method, "GET") == 0 ? "" : "{}";
	s->data_word = data;
	s->request.body = data;
	s->request.body_len = strlen(data);
	s->request.body_state = BODY_WHOLE;
	s->request.method = s->method;
	if (*data != '@')
		return true;
	s->request.body =
	    text_read_file(&s->auth.arena, data + 1, LIMIT_BODY, &s->request.body_len);
	if (s->request.body == NULL)
		(void)cli_failed(
		    s->call, "%s cannot be read, or is longer than %d bytes", data + 1, LIMIT_BODY);
	return s->request.body != NULL;
}

static int
find_key(struct sign *s)
{
	const struct cli_call *call = s->call;
	const char *form = cli_value(call, "form"), *why;
	int code;

	if (cli_value(call, "key-file") != NULL && form == NULL)
		return cli_usage(call, "--key-file needs --form");
	code = keyring_options(call, &s->auth);
	if (code != CLI_OK)
		return code;
	s->route = s->auth.route;
	if (!keyring_choose(&s->auth, cli_value(call, "caller"), form, cli_value(call, "key-id"),
		s->now_s, &s->choice, &why))
		return cli_failed(call, "%s", why);
	return CLI_OK;
}

static const char *
make_url(struct sign *s)
{
	const char *action = cli_value(s->call, "action"), *base = cli_value(s->call, "base");

	if (cli_value(s->call, "url") != NULL)
		return cli_value(s->call, "url");
	if (cli_value(s->call, "route") == NULL || action == NULL)
		return NULL;
	return arena_printf(&s->auth.arena, "%s%s/v1/%s/%s",
	    base == NULL ? "http://localhost" : base, s->auth.config.base_path, s->route, action);
}

static int
print_json(struct sign *s)
{
	struct arena *a = &s->auth.arena;
	struct value *o = value_object(a);
	bool good = value_set(a, o, "method", value_text(a, s->method)) &&
		    value_set(a, o, "url", value_text(a, s->url)) &&
		    value_set(a, o, "form", value_text(a, caller_form_name(s->choice.form))) &&
		    value_set(a, o, "command", value_text(a, s->out.data));

	return cli_json(s->call, good ? o : NULL, false);
}

static int
print_command(struct sign *s)
{
	buf_puts(&s->out, "curl -sS -X ");
	put_word(&s->out, s->method);
	buf_putc(&s->out, ' ');
	put_word(&s->out, s->url);
	if (*s->data_word != '\0') {
		put_header(s, "Content-Type", "application/json");
		buf_puts(&s->out, " \\\n  --data-binary ");
		put_word(&s->out, s->data_word);
	}
	if (!signers[s->choice.form](s) || s->out.err != GW_OK)
		return cli_failed(s->call, "the request cannot be signed");
	if (cli_value(s->call, "json") != NULL)
		return print_json(s);
	puts(s->out.data);
	return CLI_OK;
}

static int
run(const struct cli_call *call)
{
	struct sign s = {.call = call, .now_s = clock_wall_s(&clock_real)};
	int code;

	keyring_init(&s.auth);
	buf_init(&s.out, SIGN_TEXT_MAX);
	s.method = cli_value(call, "method") == NULL ? "POST" : cli_value(call, "method");
	code = find_key(&s);
	if (code == CLI_OK) {
		s.url = make_url(&s);
		if (s.url == NULL)
			code =
			    cli_usage(call, "give --url URL, or --route NAME and --action ACTION");
		else if (!read_url(&s))
			code = cli_usage(call, "--url is http:// or https://, a host, and a path");
		else if (!read_data(&s))
			code = CLI_FAILED;
		else
			code = print_command(&s);
	}
	buf_clear(&s.out);
	keyring_clear(&s.auth);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml"},
    {"route", "NAME", "take key and address from this route's file"},
    {"caller", "NAME", "which of the route's callers; the only one if not given"},
    {"action", "NAME", "which action of the route, like get-balance"},
    {"base", "URL", "where the gateway is, with --route; http://localhost if not given"},
    {"form", "FORM", "rfc9421, standard-webhooks, token, key or basic"},
    {"key-file", "FILE", "the key or secret, instead of --route"},
    {"key-id", "ID", "which key; with --key-file its id, or the caller's name"},
    {"header", "NAME", "of the form key, with --key-file"},
    {"url", "URL", "the whole address, instead of --action"},
    {"method", "METHOD", "POST if not given"},
    {"data", "TEXT|@FILE", "the body; {} if not given"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_sign = {
    .name = "sign",
    .operands = "",
    .help = "print a ready curl command for a request in any form that callers may use",
    .options = options,
    .operands_max = 0,
    .run = run,
};
