/*
 * auth.c: loads how a request proves who calls. A token is got by a request of its own: `login`
 * says it as a step does, and `oauth2` is put together from the words of RFC 6749 into such a
 * request.
 */
#include <string.h>

#include "adapter/loader.h"
#include "base/text.h"

static const char *const kinds[] = {[AUTH_NONE] = "none",
    [AUTH_BASIC] = "basic",
    [AUTH_BEARER] = "bearer",
    [AUTH_HEADER] = "header",
    [AUTH_QUERY] = "query",
    [AUTH_OAUTH2] = "oauth2",
    [AUTH_LOGIN] = "login",
    [AUTH_CERTIFICATE] = "client_certificate",
    NULL};

/* By grant: what RFC 6749, 7522 and 7523 call it, and what it needs. */
static const struct grant {
	const char *name, *type, *needs[2];
	enum assertion_kind assertion;
} grants[] = {
    {"client_credentials", "client_credentials", {"client_id"}, ASSERTION_NONE},
    {"refresh_token", "refresh_token", {"refresh_token"}, ASSERTION_NONE},
    {"password", "password", {"username", "password"}, ASSERTION_NONE},
    {"saml_bearer", "urn:ietf:params:oauth:grant-type:saml2-bearer", {"assertion"}, ASSERTION_SAML},
    {"jwt_bearer", "urn:ietf:params:oauth:grant-type:jwt-bearer", {"assertion"}, ASSERTION_JWT},
};

static const struct bound_name assertion_name = {.name = "assertion"};
static const struct bound_name fetch_names = {.name = "refresh_token", .next = &assertion_name};
static const struct bound_name token_name = {.name = "token"};

static struct expr_env
auth_env(const struct loader *l, bool answer_side)
{
	struct expr_env env = loader_env(l, answer_side);

	env.secrets = !answer_side;
	env.record = answer_side;
	return env;
}

/* A text of ours at the place of `at` in the file. */
static struct value *
text_at(struct loader *l, const char *text, const struct value *at)
{
	return value_put_place(l->r.arena, value_text(l->r.arena, text), value_place(at));
}

static bool
basic_load(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	static const char *const keys[] = {"username", "password", NULL};
	struct expr_env env = auth_env(l, false);
	bool good;

	if (!loader_known(l, v, keys, "basic") || value_get(v, "username") == NULL ||
	    value_get(v, "password") == NULL)
		return reader_fault(&l->r, v, "basic needs username and password");
	good = template_member(&env, v, "username", &out->username);
	return template_member(&env, v, "password", &out->password) && good;
}

/* send: what carries the token; without it a bearer token, with `none` nothing. */
static bool
send_load(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	struct expr_env env = auth_env(l, false);
	struct value *preset;

	env.bound = &token_name;
	if (text_equal(value_get_text(v, "send"), "none"))
		return true;
	if (value_get(v, "send") != NULL)
		return loader_headers(l, &env, value_get(v, "send"), "send", &out->headers);
	preset = value_object(l->r.arena);
	return value_set(l->r.arena, preset, "Authorization", text_at(l, "Bearer ${token}", v)) &&
	       loader_headers(l, &env, preset, "send", &out->headers);
}

/* Where the answer has the token, how long it is good, and what replaces the refresh token. */
static bool
source_answer(struct loader *l, const struct value *v, bool oauth2, struct token_source *source)
{
	struct expr_env env = auth_env(l, true);
	const struct value *token = value_get(v, "token"), *expires = value_get(v, "expires");

	if (token == NULL && !oauth2)
		return reader_fault(&l->r, v, "login needs token: where the answer has it");
	source->token =
	    expr_compile_value(&env, token != NULL ? token : text_at(l, "$.access_token", v));
	if (expires != NULL || oauth2)
		source->expires = expr_compile_value(
		    &env, expires != NULL ? expires : text_at(l, "$.expires_in", v));
	if (source->refresh_token != NULL)
		source->refresh = expr_compile_value(&env, text_at(l, "$.refresh_token", v));
	return source->token != NULL && (source->expires != NULL || (expires == NULL && !oauth2)) &&
	       (source->refresh_token == NULL || source->refresh != NULL);
}

/* RFC 7519 section 4: no claim is there twice. */
static bool
claims_are_others(struct loader *l, const struct value *claims)
{
	static const char *const own[] = {"iss", "sub", "aud", "iat", "exp", "jti"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(own); i++) {
		if (value_get(claims, own[i]) != NULL)
			return reader_fault(&l->r, value_get(claims, own[i]),
			    "claims: \"%s\" is already there, by assertion itself", own[i]);
	}
	return true;
}

static bool
assertion_load(struct loader *l, const struct value *v, struct assertion *out)
{
	static const char *const keys[] = {
	    "key", "subject", "issuer", "audience", "lifetime", "claims", NULL};
	struct expr_env env = auth_env(l, false);
	const struct value *lifetime = value_get(v, "lifetime");
	const char *s = value_str(lifetime);
	unsigned long minutes = 5;

	if (!loader_known(l, v, keys, "assertion"))
		return false;
	if (value_get(v, "key") == NULL || value_get(v, "issuer") == NULL ||
	    value_get(v, "audience") == NULL || value_get(v, "subject") == NULL)
		return reader_fault(&l->r, v, "assertion needs key, issuer, subject and audience");
	if (lifetime != NULL &&
	    (s == NULL || !text_ends(s, "m") ||
		!text_unsigned(arena_strndup(l->r.arena, s, strlen(s) - 1), 60, &minutes) ||
		minutes == 0))
		return reader_fault(&l->r, lifetime, "lifetime is minutes: 10m, at most 60m");
	if (value_get(v, "claims") != NULL && out->kind != ASSERTION_JWT)
		return reader_fault(&l->r, v, "only a jwt_bearer has claims");
	if (!claims_are_others(l, value_get(v, "claims")))
		return false;
	out->lifetime_s = (int64_t)minutes * 60;
	return template_member(&env, v, "key", &out->key) &&
	       template_member(&env, v, "subject", &out->subject) &&
	       template_member(&env, v, "issuer", &out->issuer) &&
	       template_member(&env, v, "audience", &out->audience) &&
	       tree_member(&env, v, "claims", &out->claims);
}

/* The parameters of the token request (RFC 6749 section 4). */
static struct value *
oauth2_params(struct loader *l, const struct value *v, const struct grant *grant, bool header)
{
	static const char *const names[] = {
	    "client_id", "client_secret", "username", "password", "scope"};
	struct arena *a = l->r.arena;
	const struct value *extra = value_get(v, "extra");
	struct value *form = value_object(a);
	bool good = value_set(a, form, "grant_type", text_at(l, grant->type, v));
	size_t i;

	for (i = header ? 2 : 0; i < ARRAY_LEN(names) && good; i++) {
		if (value_get(v, names[i]) != NULL)
			good = value_set(a, form, names[i], value_get(v, names[i]));
	}
	if (value_get(v, "refresh_token") != NULL && good)
		good = value_set(a, form, "refresh_token", text_at(l, "${refresh_token}", v));
	if (grant->assertion != ASSERTION_NONE && good)
		good = value_set(a, form, "assertion", text_at(l, "${assertion}", v));
	for (i = 0; value_is(extra, VALUE_OBJECT) && i < extra->n && good; i++)
		good = value_set(a, form, extra->items[i].name, value_at(extra, i));
	return good ? form : NULL;
}

/* in: header, form (the default) or json: where the client says who it is. */
static bool
oauth2_request(
    struct loader *l, const struct value *v, const struct grant *grant, struct token_source *source)
{
	static const char *const places[] = {"form", "header", "json", NULL};
	struct expr_env env = auth_env(l, false);
	const struct value *in = value_get(v, "in");
	int place = in == NULL ? 0 : reader_one_of(&l->r, in, places, "place");
	struct step *s = &source->step;
	struct adapter_auth *client = arena_alloc(l->r.arena, sizeof(*client));
	struct value *form, *holder = value_object(l->r.arena);

	if (place < 0 || client == NULL)
		return false;
	form = oauth2_params(l, v, grant, place == 1);
	if (!value_set(l->r.arena, holder, "form", form) ||
	    !value_set(l->r.arena, holder, "path", text_at(l, "", v)))
		return false;
	s->request = s->shown = "the token request";
	s->method = HTTP_POST;
	if (place == 1) {
		client->kind = AUTH_BASIC;
		s->auth = client;
		if (!template_member(&env, v, "client_id", &client->username) ||
		    !template_member(&env, v, "client_secret", &client->password))
			return false;
		if (client->username == NULL || client->password == NULL)
			return reader_fault(
			    &l->r, v, "in: header needs client_id and client_secret");
	}
	env.bound = &fetch_names;
	return template_member(&env, v, "url", &s->base_url) &&
	       template_member(&env, holder, "path", &s->path) &&
	       (place == 2 ? tree_member(&env, holder, "form", &s->body)
			   : loader_pairs(l, &env, holder, "form", &s->form));
}

static bool
oauth2_load(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	static const char *const keys[] = {"grant", "url", "in", "client_id", "client_secret",
	    "refresh_token", "username", "password", "scope", "extra", "assertion", "token",
	    "expires", "send", NULL};
	const char *names[ARRAY_LEN(grants) + 1] = {NULL};
	struct token_source *source = arena_alloc(l->r.arena, sizeof(*source));
	struct expr_env env = auth_env(l, false);
	const struct grant *grant;
	size_t i;
	int n;

	for (i = 0; i < ARRAY_LEN(grants); i++)
		names[i] = grants[i].name;
	if (source == NULL || !loader_known(l, v, keys, "oauth2"))
		return false;
	if (value_get(v, "grant") == NULL || value_get(v, "url") == NULL)
		return reader_fault(&l->r, v, "oauth2 needs grant and url");
	n = reader_one_of(&l->r, value_get(v, "grant"), names, "grant");
	if (n < 0)
		return false;
	grant = &grants[n];
	for (i = 0; i < ARRAY_LEN(grant->needs) && grant->needs[i] != NULL; i++) {
		if (value_get(v, grant->needs[i]) == NULL)
			return reader_fault(
			    &l->r, v, "grant %s needs %s", grant->name, grant->needs[i]);
	}
	source->assertion.kind = grant->assertion;
	source->step.at = value_get(v, "url");
	source->step.reads = source->step.bare = true;
	out->source = source;
	return (grant->assertion == ASSERTION_NONE ||
		   assertion_load(l, value_get(v, "assertion"), &source->assertion)) &&
	       template_member(&env, v, "refresh_token", &source->refresh_token) &&
	       oauth2_request(l, v, grant, source) && source_answer(l, v, true, source) &&
	       send_load(l, v, out);
}

static bool
login_load(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	static const char *const keys[] = {"request", "base_url", "query", "headers", "form",
	    "body", "token", "expires", "send", NULL};
	struct token_source *source = arena_alloc(l->r.arena, sizeof(*source));
	struct expr_env env = auth_env(l, false);

	if (source == NULL || !loader_known(l, v, keys, "login"))
		return false;
	if (value_get(v, "request") == NULL)
		return reader_fault(&l->r, v, "login needs request: METHOD PATH");
	source->step.at = v;
	source->step.bare = true;
	out->source = source;
	if (!step_sends(l, &env, v, &source->step) || !source_answer(l, v, false, source) ||
	    !send_load(l, v, out))
		return false;
	source->step.reads =
	    expr_source(source->token) == SOURCE_ANSWER ||
	    (source->expires != NULL && expr_source(source->expires) == SOURCE_ANSWER);
	return true;
}

static bool
certificate_load(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	static const char *const keys[] = {"cert", "key", NULL};
	struct expr_env env = auth_env(l, false);

	if (!loader_known(l, v, keys, "client_certificate"))
		return false;
	if (value_get(v, "cert") == NULL || value_get(v, "key") == NULL)
		return reader_fault(&l->r, v, "client_certificate needs cert and key");
	return template_member(&env, v, "cert", &out->certificate) &&
	       template_member(&env, v, "key", &out->key);
}

static bool
kind_load(struct loader *l, enum auth_kind kind, const struct value *v, const struct value *inner,
    struct adapter_auth *out)
{
	struct expr_env env = auth_env(l, false);

	switch (kind) {
	case AUTH_BASIC:
		return basic_load(l, inner, out);
	case AUTH_BEARER:
		return template_member(&env, v, "bearer", &out->token);
	case AUTH_HEADER:
		return loader_headers(l, &env, inner, "header", &out->headers);
	case AUTH_QUERY:
		return loader_pairs(l, &env, v, "query", &out->query);
	case AUTH_OAUTH2:
		return oauth2_load(l, inner, out);
	case AUTH_LOGIN:
		return login_load(l, inner, out);
	case AUTH_CERTIFICATE:
		return certificate_load(l, inner, out);
	default:
		return true;
	}
}

/* The settings that it names, for who has to correct one of them. */
static bool
auth_settings(struct loader *l, size_t before, struct adapter_auth *out)
{
	size_t i;

	out->settings = value_list(l->r.arena);
	for (i = before; i < l->used->n; i++) {
		if (l->used->items[i].kind == USE_SETTING &&
		    !value_add(
			l->r.arena, out->settings, value_text(l->r.arena, l->used->items[i].name)))
			return false;
	}
	return out->settings != NULL;
}

/* One kind that proves who calls; headers, a query and a client certificate may come on top. */
static bool
auth_load_one(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	size_t i, before = l->used->n;
	bool good = true, proven = false;
	enum auth_kind kind;
	int n;

	if (value_is(v, VALUE_OBJECT) && !loader_known(l, v, kinds, "auth"))
		return false;
	if (!value_is(v, VALUE_OBJECT) || v->n == 0)
		return reader_fault(&l->r, v, "one kind of auth was expected: {basic: ...}");
	for (i = 0; i < v->n; i++) {
		n = reader_one_of(&l->r, value_text(l->r.arena, v->items[i].name), kinds, "auth");
		kind = n < 0 ? AUTH_NONE : (enum auth_kind)n;
		if (kind != AUTH_HEADER && kind != AUTH_QUERY && kind != AUTH_CERTIFICATE) {
			if (proven)
				return reader_fault(&l->r, v,
				    "one kind of auth was expected; header, query and client_certificate may come on top");
			proven = true;
			out->kind = kind;
		}
		good = kind_load(l, kind, v, value_at(v, i), out) && good;
	}
	return auth_settings(l, before, out) && good;
}

/* {KIND: ...}, and not {NAME: ...} or {KIND-THAT-THERE-IS-NOT: ...}. */
static bool
auth_names_kind(const struct value *v)
{
	size_t i;

	for (i = 0; kinds[i] != NULL; i++) {
		if (value_get(v, kinds[i]) != NULL)
			return true;
	}
	return false;
}

static bool
auth_no_kind(const struct loader *l, const struct member *m)
{
	return reader_fault_key(&l->r, m,
	    "\"%s\" is no kind of auth%s: basic, bearer, header, query, oauth2, login, client_certificate or none was expected",
	    m->name, fault_hint(l->r.faults, m->name, kinds, AUTH_KIND_MAX));
}

bool
auth_load(struct loader *l)
{
	const struct value *v = value_get(l->root, "auth");
	bool single = false, good = true;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT) || v->n == 0)
		return reader_fault(&l->r, v, "auth is {KIND: ...} or {NAME: {KIND: ...}, ...}");
	single = auth_names_kind(v) || value_at(v, 0)->kind != VALUE_OBJECT;
	l->adapter->auths = arena_array(l->r.arena, v->n, sizeof(*l->adapter->auths));
	if (l->adapter->auths == NULL)
		return false;
	l->adapter->n_auths = single ? 1 : v->n;
	for (i = 0; i < l->adapter->n_auths; i++) {
		if (!auth_names_kind(single ? v : value_at(v, i)) &&
		    (!single || value_is(v, VALUE_OBJECT))) {
			good = auth_no_kind(l, &v->items[i]);
			continue;
		}
		l->adapter->auths[i].name = single ? NULL : v->items[i].name;
		good = auth_load_one(l, single ? v : value_at(v, i), &l->adapter->auths[i]) && good;
	}
	return good;
}
