/*
 * token.c: signed tokens: who, for which route, from when until when, and an HMAC under the client
 * secret. Nothing is stored, so a token outlives a restart, and dies with its secret. The endpoint
 * that issues them is cgi-bin/token.c.
 *
 *	claims = base64url("1 ROUTE CALLER ISSUED EXPIRES")
 *	token = claims "." base64url(HMAC("token-v1" NUL claims))
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"

enum { TOKEN_FIELDS = 5, TOKEN_TIME_MAX = 11 };

/* What is signed; no other form of proof signs what begins like that. */
enum { TOKEN_PARTS = 2 };

static void
token_parts(struct crypto_part claims, struct crypto_part parts[static TOKEN_PARTS])
{
	parts[0] = (struct crypto_part){.bytes = "token-v1", .len = sizeof("token-v1")};
	parts[1] = claims;
}

bool
auth_token_mint(struct buf *out, const char *route, const char *caller, const struct secret *client,
    int64_t issued_s, int64_t expires_s)
{
	struct crypto_part parts[TOKEN_PARTS];
	unsigned char mac[CRYPTO_SHA256_LEN];
	size_t start = out->len;
	struct buf claims;
	bool ok = false;

	buf_init(&claims, AUTH_TOKEN_MAX);
	buf_printf(&claims, "1 %s %s %" PRId64 " %" PRId64, route, caller, issued_s, expires_s);
	if (claims.err == GW_OK) {
		base64url_encode(out, claims.data, claims.len);
		token_parts(
		    (struct crypto_part){.bytes = out->data + start, .len = out->len - start},
		    parts);
		ok = out->err == GW_OK &&
		     crypto_hmac(client->bytes, client->len, parts, TOKEN_PARTS, mac);
	}
	buf_clear(&claims);
	if (ok) {
		buf_putc(out, '.');
		base64url_encode(out, mac, sizeof(mac));
	}
	return ok && out->err == GW_OK;
}

static bool
token_time(const char *s, int64_t *out)
{
	unsigned long n;

	if (strlen(s) > TOKEN_TIME_MAX || (*s == '0' && s[1] != '\0') ||
	    !text_unsigned(s, 99999999999ul, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool
token_fields(struct auth_token *token)
{
	const char *fields[TOKEN_FIELDS];
	char *p = token->text, *blank;
	size_t i;

	for (i = 0; i < TOKEN_FIELDS; i++) {
		fields[i] = p;
		blank = strchr(p, ' ');
		if ((blank == NULL) != (i == TOKEN_FIELDS - 1))
			return false;
		if (blank == NULL)
			break;
		*blank = '\0';
		p = blank + 1;
	}
	token->route = fields[1];
	token->caller = fields[2];
	return strcmp(fields[0], "1") == 0 && token_time(fields[3], &token->issued_s) &&
	       token_time(fields[4], &token->expires_s);
}

bool
auth_token_parse(const char *s, struct auth_token *out)
{
	const char *dot = strchr(s, '.');
	size_t n;

	if (dot == NULL)
		return false;
	out->claims = (struct crypto_part){.bytes = s, .len = (size_t)(dot - s)};
	if (!base64url_decode(
		s, out->claims.len, (unsigned char *)out->text, sizeof(out->text) - 1, &n))
		return false;
	out->text[n] = '\0';
	if (strlen(out->text) != n || !token_fields(out))
		return false;
	return base64url_decode(dot + 1, strlen(dot + 1), out->mac, sizeof(out->mac), &n) &&
	       n == sizeof(out->mac);
}

bool
auth_token_is_of(const struct auth_token *token, const struct caller_key *key)
{
	struct crypto_part parts[TOKEN_PARTS];

	token_parts(token->claims, parts);
	return auth_mac_is(key, parts, TOKEN_PARTS, token->mac, sizeof(token->mac));
}

/* Against every key of the caller that it names, and against keys of nobody. */
static void
token_match(struct auth_try *t, const struct auth_token *token)
{
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};
	bool ours = strcmp(token->route, t->route) == 0;

	while (auth_walk_next(t, CALLER_TOKEN, token->caller, &walk, &caller, &key)) {
		if (auth_token_is_of(token, key) & ours) {
			t->caller = caller;
			t->key = key;
		}
	}
}

enum gw_err
auth_token_check(struct auth_try *t, const char *s)
{
	struct auth_token token;

	if (!auth_token_parse(s, &token))
		return auth_why(t, "the token is not well-formed");
	token_match(t, &token);
	if (t->key == NULL) {
		t->guess = arena_strdup(t->env->arena, token.caller);
		return auth_why(t, "the token is not of this route, or its secret is gone");
	}
	if (token.issued_s > t->now_s + AUTH_SKEW_S)
		return auth_why(t, "the token was issued in the future");
	if (token.expires_s - token.issued_s > AUTH_TOKEN_TTL_MAX_S)
		return auth_why(t, "the token lives longer than tokens do");
	if (t->now_s > token.expires_s + AUTH_TOKEN_GRACE_S)
		return auth_why(t, "the token has expired");
	return auth_admit(t, false);
}

/* What follows "Bearer", or, where bare is allowed, all of it. NULL: neither. */
static const char *
bearer_token(const struct request *r, const char *name, bool bare)
{
	const char *header = request_header(r, name);

	if (header == NULL)
		return NULL;
	if (strncasecmp(header, "Bearer ", 7) == 0)
		return header + 7 + strspn(header + 7, " ");
	return bare ? header : NULL;
}

const char *
auth_token_find(const struct request *r)
{
	const char *token = bearer_token(r, "x-hris-authorization", true);

	return token != NULL ? token : bearer_token(r, "authorization", false);
}

static bool
bearer_present(const struct auth_try *t)
{
	return auth_token_find(t->request) != NULL;
}

static enum gw_err
bearer_check(struct auth_try *t)
{
	const char *token = auth_token_find(t->request);

	return token == NULL ? GW_EAUTH : auth_token_check(t, token);
}

const struct auth_form auth_bearer = {CALLER_TOKEN, bearer_present, bearer_check, false};
