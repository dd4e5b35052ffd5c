/*
 * token.c: a short-lived token for a caller that cannot sign: RFC 6749, section 4.4 (client
 * credentials), section 2.3.1 (how a client proves itself) and section 5 (answers). Wrong attempts
 * are throttled; right ones never are, as one address serves a whole region of Genesys.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth/form.h"
#include "base/text.h"
#include "cgi-bin/endpoints.h"
#include "format/url.h"

enum { ENDPOINT_BODY_MAX = 8192 };

enum form_name { FORM_GRANT_TYPE, FORM_CLIENT_ID, FORM_CLIENT_SECRET, FORM_SCOPE, FORM_NAME_MAX };

static const char *const form_names[] = {
    [FORM_GRANT_TYPE] = "grant_type",
    [FORM_CLIENT_ID] = "client_id",
    [FORM_CLIENT_SECRET] = "client_secret",
    [FORM_SCOPE] = "scope",
};
_Static_assert(ARRAY_LEN(form_names) == FORM_NAME_MAX, "a name for each");

struct form {
	const char *values[FORM_NAME_MAX]; /* decoded; NULL where absent */
};

static const char invalid_client[] = "invalid_client";
static const char form_blanks[] = " \t\r\n";

/* Without the blanks and line ends that a template leaves around it: none of them is encoded so. */
static const char *
form_trimmed(struct arena *a, const char *s, size_t len)
{
	while (len > 0 && strchr(form_blanks, s[len - 1]) != NULL)
		len--;
	while (len > 0 && strchr(form_blanks, *s) != NULL) {
		s++;
		len--;
	}
	return url_decoded(a, s, len, true, ENDPOINT_BODY_MAX);
}

/* One name=value. Unknown names are passed over; a known one comes once (section 3.2). */
static bool
form_pair(struct arena *a, const struct url_pair *pair, struct form *out)
{
	const char *name, *value;
	size_t i;

	name = form_trimmed(a, pair->name, pair->name_len);
	if (pair->value == NULL)
		return name != NULL && name[0] == '\0';
	value = form_trimmed(a, pair->value, pair->value_len);
	if (name == NULL || value == NULL)
		return false;
	for (i = 0; i < FORM_NAME_MAX; i++) {
		if (strcmp(form_names[i], name) != 0)
			continue;
		if (out->values[i] != NULL)
			return false;
		out->values[i] = value;
	}
	return true;
}

static bool
form_parse(struct arena *a, const struct request *r, struct form *out)
{
	static const char want[] = "application/x-www-form-urlencoded";
	const char *type = request_header(r, "content-type"), *s = r->body;
	struct url_pair pair;

	*out = (struct form){.values = {NULL}};
	if (type == NULL || strncasecmp(type, want, sizeof(want) - 1) != 0 ||
	    strchr("; \t", type[sizeof(want) - 1]) == NULL)
		return false;
	if (r->body_state != BODY_WHOLE || r->body_len > ENDPOINT_BODY_MAX ||
	    strlen(r->body) != r->body_len)
		return false;
	while (url_pair(&s, &pair)) {
		if (!form_pair(a, &pair, out))
			return false;
	}
	return true;
}

static void
answer(struct response *response, int status, const char *error)
{
	response->status = status;
	response_header(response, "Content-Type", "application/json");
	response_header(response, "Cache-Control", "no-store");
	response_header(response, "Pragma", "no-cache");
	if (error != NULL)
		buf_printf(&response->body, "{\"error\":\"%s\"}\n", error);
}

/* Who says what, by one way alone. */
struct credentials {
	const char *id, *secret;
	const char *plain_id,
	    *plain_secret; /* of Basic: decoded as the RFC has it; NULL: the same */
};

/*
 * Section 2.3.1 has both parts of Basic form-encoded first; Genesys' base64 macro, and most others,
 * do not. Taken either way. The result is an error of section 5.2, or NULL.
 */
static const char *
credentials_find(const struct auth_try *t, const struct form *form, struct credentials *out)
{
	struct arena *a = t->env->arena;
	char *id, *secret;

	*out = (struct credentials){
	    .id = form->values[FORM_CLIENT_ID], .secret = form->values[FORM_CLIENT_SECRET]};
	if (request_header(t->request, "authorization") == NULL)
		return out->id != NULL && out->secret != NULL ? NULL : invalid_client;
	if (out->secret != NULL)
		return "invalid_request";
	if (!auth_basic_parse(a, t->request, &id, &secret))
		return invalid_client;
	if (out->id != NULL && strcmp(out->id, id) != 0)
		return "invalid_request";
	out->id = id;
	out->secret = secret;
	out->plain_id = url_decoded(a, id, strlen(id), true, ENDPOINT_BODY_MAX);
	out->plain_secret = url_decoded(a, secret, strlen(secret), true, ENDPOINT_BODY_MAX);
	return NULL;
}

static void
match(struct auth_try *t, const struct auth_blind *blind, const char *id, const char *secret)
{
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};

	while (auth_walk_next(t, CALLER_TOKEN, id, &walk, &caller, &key)) {
		if (!auth_blind_equal(blind, key, secret))
			continue;
		t->caller = caller;
		t->key = key;
	}
}

static enum gw_err
credentials_check(struct auth_try *t, const struct credentials *c)
{
	struct auth_blind blind;

	if (!auth_blind_init(t->env, &blind))
		return auth_why(t, "no random bytes");
	match(t, &blind, c->id, c->secret);
	if (t->key == NULL && c->plain_id != NULL && c->plain_secret != NULL)
		match(t, &blind, c->plain_id, c->plain_secret);
	if (t->key == NULL)
		return auth_why(t, "unknown client, or another secret");
	return auth_admit(t, false);
}

/* Section 5.2's invalid_client, or, after too many from one address for one client, 429. */
static void
refuse_client(struct auth_try *t, const char *id, struct response *response)
{
	int64_t wait_s = auth_throttle(t->env, t->route, t->request->remote, id);
	char wait[24];

	if (wait_s > 0) {
		(void)snprintf(wait, sizeof(wait), "%" PRId64, wait_s);
		answer(response, 429, "temporarily_unavailable");
		response_header(response, "Retry-After", wait);
		return;
	}
	answer(response, 401, invalid_client);
	response_header(response, "WWW-Authenticate", "Basic realm=\"hrisgw\"");
}

static void
give_token(struct auth_try *t, int64_t ttl_s, struct response *response, struct auth_who *who)
{
	struct buf token;

	if (ttl_s > AUTH_TOKEN_TTL_MAX_S)
		ttl_s = AUTH_TOKEN_TTL_MAX_S;
	buf_init(&token, 2 * AUTH_TOKEN_MAX);
	if (auth_token_mint(
		&token, t->route, t->caller->name, &t->key->secret, t->now_s, t->now_s + ttl_s)) {
		answer(response, 200, NULL);
		buf_printf(&response->body,
		    "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%" PRId64
		    "}\n",
		    token.data, ttl_s);
		*who = (struct auth_who){
		    .caller = t->caller->name, .form = "token", .key_id = t->key->id};
	} else {
		who->reason = "the token cannot be made";
		answer(response, 503, "temporarily_unavailable");
	}
	buf_clear(&token);
}

/* An error of section 5.2, or NULL: this client may have a token. */
static const char *
check(struct auth_try *t, struct exchange *x, struct credentials *credentials)
{
	const char *error;
	struct form form;

	if (!form_parse(&x->arena, x->request, &form) || form.values[FORM_GRANT_TYPE] == NULL)
		return "invalid_request";
	if (strcmp(form.values[FORM_GRANT_TYPE], "client_credentials") != 0)
		return "unsupported_grant_type";
	error = credentials_find(t, &form, credentials);
	if (text_equal(error, invalid_client))
		x->who.reason = "no client id and secret";
	if (error == NULL && credentials_check(t, credentials) != GW_OK) {
		x->who.reason = t->reason;
		return invalid_client;
	}
	return error;
}

static void
serve(struct exchange *x)
{
	const struct auth_env env = {
	    .clock = x->gateway->clock, .store = x->gateway->store, .arena = &x->arena};
	const struct callers *callers = x->route == NULL ? NULL : x->route->callers;
	int64_t ttl_s = x->route == NULL ? 0 : x->route->token_ttl_s;
	struct credentials credentials = {0};
	const char *error;
	struct auth_try t;

	auth_try_init(&t, &env, x->route_name, callers, x->request);
	x->who = (struct auth_who){.form = "token", .reason = "not a token request"};
	buf_reset(&x->response->body);
	errno = 0;
	error = check(&t, x, &credentials);
	if (error == NULL)
		give_token(&t, ttl_s, x->response, &x->who);
	else if (x->arena.failed || errno == ENOMEM) /* what was not read is not wrong */
		answer(x->response, 503, "temporarily_unavailable");
	else if (!text_equal(error, invalid_client))
		answer(x->response, 400, error);
	else
		refuse_client(&t, credentials.id == NULL ? "" : credentials.id, x->response);
}

const struct endpoint token_endpoint = {
    .name = "token",
    .methods = "POST",
    .open = true,
    .serve = serve,
};
