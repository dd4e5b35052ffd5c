/* adapter_auth.c: how an adapter proves to the HRIS who calls. */
#include <string.h>

#include "adapter/loader.h"

static bool
load_auth_kind(struct loader *l, const struct value *v, struct adapter_auth *out)
{
	static const char *const kinds[] = {[AUTH_NONE] = "none",
	    [AUTH_BASIC] = "basic",
	    [AUTH_BEARER] = "bearer",
	    [AUTH_HEADER] = "header",
	    [AUTH_QUERY] = "query",
	    NULL};
	static const char *const basic_keys[] = {"username", "password", NULL};
	struct expr_env env = loader_env(l, false);
	const struct value *kind, *inner;

	env.secrets = true;
	if (value_is(v, VALUE_OBJECT) && !loader_known(l, v, kinds, "auth"))
		return false;
	if (!value_is(v, VALUE_OBJECT) || v->n != 1)
		return reader_fault(&l->r, v, "one kind of auth was expected: {basic: ...}");
	kind = value_text(l->r.arena, v->items[0].name);
	inner = v->items[0].value;
	out->kind = (enum auth_kind)reader_one_of(&l->r, kind, kinds, "auth");
	switch (out->kind) {
	case AUTH_BASIC:
		if (!loader_known(l, inner, basic_keys, "basic") ||
		    value_get(inner, "username") == NULL || value_get(inner, "password") == NULL)
			return reader_fault(&l->r, inner, "basic needs username and password");
		out->username = template_compile(&env, value_get(inner, "username"));
		out->password = template_compile(&env, value_get(inner, "password"));
		return out->username != NULL && out->password != NULL;
	case AUTH_BEARER:
		out->token = template_compile(&env, inner);
		return out->token != NULL;
	case AUTH_HEADER:
	case AUTH_QUERY:
		return loader_pairs(l, &env, inner, v->items[0].name, &out->pairs);
	default:
		return true;
	}
}

/* auth: KIND, or {NAME: KIND, ...} of which the first is the default. */
bool
adapter_load_auth(struct loader *l)
{
	static const char *const kinds[] = {
	    "none", "basic", "bearer", "header", "query", "oauth2", "login", "client_certificate"};
	const struct value *v = value_get(l->root, "auth");
	bool single = false, good = true;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT) || v->n == 0)
		return reader_fault(&l->r, v, "auth is {KIND: ...} or {NAME: {KIND: ...}, ...}");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		single = single || value_get(v, kinds[i]) != NULL;
	single = single || v->items[0].value->kind != VALUE_OBJECT;
	l->adapter->auths = arena_array(l->r.arena, v->n, sizeof(*l->adapter->auths));
	if (l->adapter->auths == NULL)
		return false;
	l->adapter->n_auths = single ? 1 : v->n;
	for (i = 0; i < l->adapter->n_auths; i++) {
		l->adapter->auths[i].name = single ? NULL : v->items[i].name;
		good = load_auth_kind(l, single ? v : v->items[i].value, &l->adapter->auths[i]) &&
		       good;
	}
	return good;
}
