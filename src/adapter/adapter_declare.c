/* adapter_declare.c: the settings and maps that an adapter file declares. */
#include <string.h>

#include "adapter/loader.h"
#include "format/pattern.h"
#include "base/text.h"

static const char *const setting_keys[] = {
    "required", "default", "secret", "kind", "pattern", "one_of", "help", NULL};

/* yes is a text in YAML as it is read here, and would silently be no. */
static bool
setting_flag(const struct loader *l, const struct value *setting, const char *name, bool *out)
{
	const struct value *v = value_get(setting, name);

	*out = value_is(v, VALUE_BOOL) && v->truth;
	return v == NULL || v->kind == VALUE_BOOL ||
	       reader_fault(&l->r, v, "%s is true or false", name);
}

static bool
setting_check_pattern(const struct loader *l, const struct value *v)
{
	const char *fault;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_TEXT))
		return reader_fault(&l->r, v, "a pattern is a text");
	fault = pattern_fault(v->text);
	return fault == NULL || reader_fault(&l->r, v, "pattern %s: %s", v->text, fault);
}

/* Only those before it have their values when a default is made. */
static bool
setting_check_default(const struct loader *l, size_t n_before, const struct value *v)
{
	struct expr_env env = loader_env(l, false);
	struct value before = *l->adapter->settings;

	before.n = n_before;
	env.settings = &before;
	return value_str(v) == NULL || template_compile(&env, v) != NULL;
}

static bool
load_setting(const struct loader *l, const struct member *m)
{
	size_t n_before = (size_t)(m - l->adapter->settings->items);
	static const char *const kinds[] = {"text", "list", "map", NULL};
	const struct value *kind = value_get(m->value, "kind"),
			   *one_of = value_get(m->value, "one_of");
	const struct value *preset = value_get(m->value, "default");
	bool required, secret;

	if (!loader_known(l, m->value, setting_keys, "a setting") ||
	    !setting_flag(l, m->value, "required", &required) ||
	    !setting_flag(l, m->value, "secret", &secret))
		return false;
	if (kind != NULL && reader_one_of(&l->r, kind, kinds, "kind of setting") < 0)
		return false;
	if (one_of != NULL && !value_is(one_of, VALUE_LIST))
		return reader_fault(&l->r, one_of, "one_of is a list of texts");
	if (preset != NULL && required)
		return reader_fault(&l->r, preset, "a required setting has no use for a default");
	if (preset != NULL && secret)
		return reader_fault(&l->r, preset, "a secret has no default");
	return setting_check_pattern(l, value_get(m->value, "pattern")) &&
	       setting_check_default(l, n_before, preset);
}

static bool
load_map(const struct loader *l, const struct value *map)
{
	size_t i;

	if (!value_is(map, VALUE_OBJECT) || map->n == 0)
		return reader_fault(&l->r, map, "a map is {FROM: TO, ...}");
	for (i = 0; i < map->n; i++) {
		if (map->items[i].value->kind == VALUE_LIST ||
		    map->items[i].value->kind == VALUE_OBJECT)
			return reader_fault(&l->r, map->items[i].value,
			    "a map gives texts, numbers, true, false "
			    "or null");
	}
	return true;
}

bool
adapter_load_declared(struct loader *l)
{
	const struct value *settings = value_get(l->root, "settings"),
			   *maps = value_get(l->root, "maps");
	bool good = true;
	size_t i;

	if (settings != NULL && !value_is(settings, VALUE_OBJECT))
		return reader_fault(&l->r, settings, "settings is {NAME: {...}, ...}");
	if (maps != NULL && !value_is(maps, VALUE_OBJECT))
		return reader_fault(&l->r, maps, "maps is {NAME: {FROM: TO, ...}, ...}");
	l->adapter->settings = settings;
	l->adapter->maps = maps;
	for (i = 0; settings != NULL && i < settings->n; i++)
		good = load_setting(l, &settings->items[i]) && good;
	for (i = 0; maps != NULL && i < maps->n; i++)
		good = load_map(l, maps->items[i].value) && good;
	return good;
}
