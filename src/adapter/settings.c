/*
 * settings.c: checks a route's settings against what its adapter declares, and fills in defaults.
 */
#include <string.h>

#include "adapter/loader.h"
#include "base/text.h"
#include "format/regexp.h"
#include "format/url.h"

struct settler {
	struct loader l; /* file and faults are the route's */
	struct secrets *secrets;
	struct value *out;
};

static bool
declared_true(const struct value *declaration, const char *name)
{
	const struct value *v = value_get(declaration, name);

	return value_is(v, VALUE_BOOL) && v->truth;
}

static bool
setting_matches(struct settler *s, const char *name, const struct value *declaration,
    const struct value *at, const char *text)
{
	const struct value *pattern = value_get(declaration, "pattern");
	const struct value *one_of = value_get(declaration, "one_of");
	const struct regexp *regexp;
	const char *why;
	size_t i;

	if (pattern != NULL) {
		regexp = regexp_compile(s->l.r.arena, pattern->text, pattern->len, &why, &i);
		if (regexp == NULL || !regexp_matches(regexp, text, false, s->l.r.arena))
			return reader_fault(
			    &s->l.r, at, "setting \"%s\" does not match %s", name, pattern->text);
	}
	for (i = 0; one_of != NULL && i < one_of->n; i++) {
		if (text_equal(value_str(value_at(one_of, i)), text))
			return true;
	}
	if (one_of != NULL)
		return reader_fault(
		    &s->l.r, at, "setting \"%s\" is none of those the adapter lists", name);
	return true;
}

static struct value *
setting_secret(struct settler *s, const struct value *given)
{
	struct secret secret;
	const char *odd;

	if (!secret_read(s->secrets, given, &secret))
		return NULL;
	odd = secret_oddity(&secret);
	if (odd != NULL)
		fault_warn(s->l.r.faults, s->l.r.file, given,
		    "the secret that this names %s, and is sent so to the HRIS", odd);
	return value_text_len(s->l.r.arena, (const char *)secret.bytes, secret.len);
}

static struct value *
setting_value(
    struct settler *s, const char *name, const struct value *declaration, const struct value *given)
{
	const char *kind = value_get_text(declaration, "kind");
	enum value_kind wanted = VALUE_TEXT;

	if (text_equal(kind, "list"))
		wanted = VALUE_LIST;
	if (text_equal(kind, "map"))
		wanted = VALUE_OBJECT;
	if (declared_true(declaration, "secret") && s->secrets != NULL)
		return setting_secret(s, given);
	if (wanted == VALUE_TEXT && value_str(given) != NULL) {
		if (!setting_matches(s, name, declaration, given, value_str(given)))
			return NULL;
		return value_text(s->l.r.arena, value_str(given));
	}
	if (given->kind == wanted)
		return (struct value *)given;
	(void)reader_fault(&s->l.r, given, "setting \"%s\" is a %s", name, value_kind_name(wanted));
	return NULL;
}

/*
 * A default is a template over the settings before it. If it is a lone setting that is absent, it
 * is absent too; its value must match like one that the route gives.
 */
static bool
setting_default(struct settler *s, const struct adapter *adapter, const char *name,
    const struct value *declaration, const struct value *at, struct value **out)
{
	struct failure failure = {0};
	struct scope scope = {.arena = s->l.r.arena,
	    .failure = &failure,
	    .settings = s->out,
	    .blame = CODE_ROUTE_SETTING};
	struct expr_env env = loader_env(&s->l, false);
	const struct value *text = value_get(declaration, "default");
	struct template *t;
	const char *value;

	env.settings = adapter->settings;
	*out = (struct value *)text;
	if (value_str(text) == NULL)
		return true;
	t = template_compile(&env, text);
	if (t == NULL)
		return false;
	if (template_text(t, &scope, &value) != GW_OK)
		return reader_fault(
		    &s->l.r, at, "default of setting \"%s\": %s", name, failure.text);
	*out = value == NULL ? NULL : value_text(s->l.r.arena, value);
	return value == NULL || (*out != NULL && setting_matches(s, name, declaration, at, value));
}

static bool
setting_one(struct settler *s, const struct adapter *adapter, const struct member *declared,
    const struct value *given, const struct value *at)
{
	const struct value *mine = value_get(given, declared->name);
	const struct value *place = given == NULL ? at : given;
	struct value *v = NULL;

	if (mine != NULL && mine->kind != VALUE_NULL) {
		v = setting_value(s, declared->name, declared->value, mine);
		return v != NULL && value_set(s->l.r.arena, s->out, declared->name, v);
	}
	if (declared_true(declared->value, "required"))
		return reader_fault(&s->l.r, place, "setting \"%s\" is required by adapter %s",
		    declared->name, adapter->name);
	if (value_get(declared->value, "default") != NULL &&
	    !setting_default(s, adapter, declared->name, declared->value, place, &v))
		return false;
	/* Without a value it is absent. */
	return v == NULL || value_set(s->l.r.arena, s->out, declared->name, v);
}

struct value *
adapter_settings(struct arena *a, const struct adapter *adapter, const char *file,
    const struct value *given, const struct value *at, struct secrets *secrets,
    struct faults *faults)
{
	struct adapter view = *adapter;
	struct settler s = {.l = {.r = {a, file, faults}, .adapter = &view},
	    .secrets = secrets,
	    .out = value_object(a)};
	const char *names[LIMIT_FAULTS + 1] = {NULL};
	const struct value *declared = adapter->settings;
	bool good = true;
	size_t i;

	if (s.out == NULL)
		return NULL;
	for (i = 0; declared != NULL && i < declared->n && i < LIMIT_FAULTS; i++)
		names[i] = value_name(declared, i);
	if (given != NULL && !loader_known(&s.l, given, names, "settings"))
		good = false;
	for (i = 0; declared != NULL && i < declared->n; i++)
		good = setting_one(&s, adapter, &declared->items[i], given, at) && good;
	return good ? s.out : NULL;
}

struct value *
adapter_settings_public(
    struct arena *a, const struct adapter *adapter, const struct value *settings)
{
	struct value *out = value_object(a);
	const struct member *m;
	size_t i;

	for (i = 0; i < settings->n; i++) {
		m = &settings->items[i];
		if (!declared_true(value_get(adapter->settings, m->name), "secret") &&
		    !value_set(a, out, m->name, m->value))
			return NULL;
	}
	return out;
}

/* Can requests go there? */
static bool
base_good(struct settler *s, const struct template *t, bool insecure_http, const struct value *at)
{
	struct failure failure = {0};
	struct scope scope = {.arena = s->l.r.arena,
	    .failure = &failure,
	    .settings = s->out,
	    .blame = CODE_ROUTE_SETTING};
	const char *base;
	struct buf origin;
	bool good;

	if (template_text(t, &scope, &base) != GW_OK || base == NULL)
		return reader_fault(
		    &s->l.r, at, "base_url \"%s\": a setting of it is absent", template_source(t));
	buf_init(&origin, LIMIT_PARAM_BYTES);
	good = url_origin(base, &origin) && strpbrk(base, "?#") == NULL;
	if (!good)
		/* The URL is not repeated: it may hold a password. */
		(void)reader_fault(&s->l.r, at,
		    "base_url is no http or https URL: scheme, host and path, without user and query");
	else if (text_starts(origin.data, "http://") && !insecure_http)
		good = reader_fault(
		    &s->l.r, at, "%s is not https, and insecure_http is not said", origin.data);
	buf_clear(&origin);
	return good;
}

/* Where the route says the setting that is the whole URL; else where it says settings. */
static const struct value *
base_place(const struct template *t, const struct value *given, const struct value *at)
{
	const struct expr *lone = template_lone(t);
	const struct value *said = lone == NULL ? NULL : value_get(given, expr_setting(lone));

	if (said != NULL)
		return said;
	return given == NULL ? at : given;
}

bool
adapter_settings_reach(struct arena *a, const struct adapter *adapter, struct value *settings,
    bool insecure_http, const char *file, const struct value *given, const struct value *at,
    struct faults *faults)
{
	struct settler s = {.l.r = {a, file, faults}, .out = settings};
	const struct template *t = adapter->base_url;
	bool good = base_good(&s, t, insecure_http, base_place(t, given, at));
	const struct token_source *source;
	const struct steps *steps;
	size_t op, i;

	for (i = 0; i < adapter->n_auths; i++) {
		source = adapter->auths[i].source;
		t = source == NULL ? NULL : source->step.base_url;
		if (t != NULL)
			good = base_good(&s, t, insecure_http, base_place(t, given, at)) && good;
	}
	for (op = 0; op < OPERATION_MAX; op++) {
		steps = &adapter->operations[op];
		for (i = 0; i < steps->n; i++) {
			t = steps->items[i].base_url;
			if (t != NULL)
				good = base_good(&s, t, insecure_http, base_place(t, given, at)) &&
				       good;
		}
	}
	return good;
}
