/*
 * load.c: loads an adapter file: what it declares, its credentials, and what holds for all of its
 * operations. Larger parts have files of their own.
 */
#include <string.h>

#include "adapter/cost.h"
#include "adapter/loader.h"
#include "adapter/record.h"
#include "base/text.h"
#include "format/regexp.h"
#include "format/yaml.h"
#include "lang/in.h"

static bool
setting_check_pattern(const struct loader *l, const struct value *v)
{
	const char *why;
	size_t at;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_TEXT))
		return reader_fault(&l->r, v, "a pattern is a text");
	return regexp_compile(l->r.arena, v->text, v->len, &why, &at) != NULL ||
	       reader_fault(&l->r, v, "pattern %s: %s at byte %zu", v->text, why, at + 1);
}

/* A default may use only the settings before it. */
static bool
setting_check_default(const struct loader *l, size_t n_before, const struct value *v)
{
	struct expr_env env = loader_env(l, false);
	const struct value *all = l->adapter->settings;
	struct value before = {
	    .kind = VALUE_OBJECT, .n = n_before & VALUE_MOST, .items = all->items};

	env.settings = &before;
	return value_str(v) == NULL || template_compile(&env, v) != NULL;
}

static bool
load_setting(const struct loader *l, const struct member *m)
{
	static const char *const setting_keys[] = {
	    "required", "default", "secret", "kind", "pattern", "one_of", "help", NULL};
	static const char *const kinds[] = {"text", "list", "map", NULL};
	size_t n_before = (size_t)(m - l->adapter->settings->items);
	const struct value *kind = value_get(m->value, "kind"),
			   *one_of = value_get(m->value, "one_of");
	const struct value *preset = value_get(m->value, "default");
	bool required, secret;

	if (!loader_known(l, m->value, setting_keys, "a setting") ||
	    !reader_flag(&l->r, m->value, "required", &required) ||
	    !reader_flag(&l->r, m->value, "secret", &secret))
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
		if (value_at(map, i)->kind == VALUE_LIST || value_at(map, i)->kind == VALUE_OBJECT)
			return reader_fault(&l->r, value_at(map, i),
			    "a map gives texts, numbers, true, false or null");
	}
	return true;
}

static bool
load_declared(struct loader *l)
{
	const struct value *settings = value_get(l->root, "settings"),
			   *maps = value_get(l->root, "maps");
	bool good = true;
	size_t i;

	if (settings != NULL && !value_is(settings, VALUE_OBJECT)) {
		good = reader_fault(&l->r, settings, "settings is {NAME: {...}, ...}");
		settings = NULL;
	}
	if (maps != NULL && !value_is(maps, VALUE_OBJECT)) {
		good = reader_fault(&l->r, maps, "maps is {NAME: {FROM: TO, ...}, ...}");
		maps = NULL;
	}
	l->adapter->settings = settings;
	l->adapter->maps = maps;
	for (i = 0; settings != NULL && i < settings->n; i++)
		good = load_setting(l, &settings->items[i]) && good;
	for (i = 0; maps != NULL && i < maps->n; i++)
		good = load_map(l, value_at(maps, i)) && good;
	return good;
}

/* wrap and answer: an envelope that is said once for all steps. */
static bool
load_envelope(struct loader *l)
{
	const struct bound_name auth = {.name = "auth", .shape = shape_auth()};
	const struct bound_name body = {.name = "body", .next = &auth};
	struct expr_env wrap = loader_env(l, false), answer = loader_env(l, true);

	wrap.secrets = true;
	wrap.bound = &body;
	return tree_member(&wrap, l->root, "wrap", &l->adapter->wrap) &&
	       expr_member(&answer, l->root, "answer", &l->adapter->answer);
}

static bool
load_messages(struct loader *l)
{
	const struct value *v = value_get(l->root, "message");
	struct expr_env env = loader_env(l, true);
	size_t n, i;

	if (v == NULL)
		return true;
	n = v->kind == VALUE_LIST ? v->n : 1;
	l->adapter->messages = arena_array(l->r.arena, n, sizeof(*l->adapter->messages));
	for (i = 0; l->adapter->messages != NULL && i < n; i++) {
		l->adapter->messages[i] =
		    expr_compile_value(&env, v->kind == VALUE_LIST ? value_at(v, i) : v);
		if (l->adapter->messages[i] == NULL)
			return false;
		l->adapter->n_messages++;
	}
	return l->adapter->messages != NULL;
}

/* pace: "10/s" or "600/min" */
static bool
load_pace(struct loader *l)
{
	const struct value *v = value_get(l->root, "pace");
	const char *s = value_str(v), *slash;
	unsigned long n;

	if (v == NULL)
		return true;
	slash = s == NULL ? NULL : strchr(s, '/');
	if (slash == NULL || (strcmp(slash, "/s") != 0 && strcmp(slash, "/min") != 0) ||
	    !text_unsigned(arena_strndup(l->r.arena, s, (size_t)(slash - s)), 100000, &n) || n == 0)
		return reader_fault(&l->r, v, "pace is N/s or N/min");
	l->adapter->pace_per_minute = (unsigned)(slash[1] == 's' ? n * 60 : n);
	return true;
}

static bool
load_texts(struct loader *l)
{
	static const char *const proofs[] = {"live", "description", "pages", NULL};
	static const char *const agents_words[] = {"snapshot", NULL};
	const struct value *agents = value_get(l->root, "agents");
	const struct value *gotchas = value_get(l->root, "gotchas"),
			   *proven = value_get(l->root, "proven");
	struct expr_env env = loader_env(l, false);
	struct adapter *ad = l->adapter;
	size_t i;

	ad->title = value_get_text(l->root, "title");
	ad->docs = value_get_text(l->root, "docs");
	if (proven != NULL && reader_one_of(&l->r, proven, proofs, "proof") < 0)
		return false;
	ad->proven = value_str(proven);
	if (agents != NULL && reader_one_of(&l->r, agents, agents_words, "way to agents") < 0)
		return false;
	ad->agents_snapshot = agents != NULL;
	if (ad->title == NULL)
		return reader_fault(&l->r, l->root, "title is missing: the HRIS's name for people");
	if (gotchas != NULL && !value_is(gotchas, VALUE_LIST))
		return reader_fault(&l->r, gotchas, "gotchas is a list of texts");
	ad->gotchas =
	    arena_array(l->r.arena, (gotchas == NULL ? 0 : gotchas->n) + 1, sizeof(*ad->gotchas));
	for (i = 0; gotchas != NULL && ad->gotchas != NULL && i < gotchas->n; i++) {
		ad->gotchas[i] = value_str(value_at(gotchas, i));
		if (ad->gotchas[i] == NULL)
			return reader_fault(&l->r, value_at(gotchas, i), "a gotcha is one text");
		ad->n_gotchas++;
	}
	if (value_get(l->root, "base_url") == NULL)
		return reader_fault(&l->r, l->root, "base_url is missing");
	return template_member(&env, l->root, "base_url", &ad->base_url) &&
	       loader_pairs(l, &env, l->root, "headers", &ad->headers) &&
	       loader_pairs(l, &env, l->root, "query", &ad->query);
}

/* Steps may be the name of another operation, whose steps they are then; one level deep. */
static const struct value *
operation_steps(struct loader *l, const struct value *operations, enum operation op)
{
	const struct value *steps = value_get(operations, operation_name(op));
	enum operation other;

	if (value_str(steps) == NULL)
		return steps;
	if (!operation_parse(value_str(steps), &other) ||
	    !value_is(value_get(operations, operation_name(other)), VALUE_LIST)) {
		(void)reader_fault(&l->r, steps,
		    "steps, or the name of an operation that has steps, was expected");
		return NULL;
	}
	return value_get(operations, operation_name(other));
}

/* May all of its writing calls be repeated? */
static bool
steps_again(const struct steps *steps)
{
	bool again = true;
	size_t i;

	for (i = 0; i < steps->n; i++)
		again = again && steps->items[i].writes != WRITES_ONCE;
	return again;
}

static bool
load_operation(struct loader *l, const struct value *operations, enum operation op)
{
	const struct value *steps = value_get(operations, operation_name(op));
	struct steps *out = &l->adapter->operations[op];
	bool good;

	if (steps == NULL)
		return true;
	l->adapter->traits.has[op] = true;
	if (op == OPERATION_CHANGE && text_equal(value_str(steps), "replace")) {
		out->replace = l->adapter->traits.replaces = REPLACE_CANCEL_FIRST;
		return true;
	}
	steps = operation_steps(l, operations, op);
	l->used = &l->uses[op];
	good = steps != NULL && steps_load(l, op, steps, out);
	if (good && out->n == 1 && out->items[0].when == NULL)
		out->replace = out->items[0].replace;
	l->adapter->traits.again[op] = good && operation_writes(op) && steps_again(out);
	l->used = &l->file_uses;
	return good;
}

static bool
load_operations(struct loader *l)
{
	const struct value *v = value_get(l->root, "operations");
	const char *names[OPERATION_MAX + 1] = {NULL};
	bool good = true;
	size_t op;

	for (op = 0; op < OPERATION_MAX; op++)
		names[op] = operation_name((enum operation)op);
	if (v == NULL)
		return reader_fault(&l->r, l->root, "operations is missing");
	if (!loader_known(l, v, names, "operations"))
		return false;
	for (op = 0; op < OPERATION_MAX; op++)
		good = load_operation(l, v, (enum operation)op) && good;
	return good;
}

/* In which shape its writes send days. */
static void
load_shapes(struct loader *l)
{
	struct adapter *ad = l->adapter;
	const struct steps *insert = &ad->operations[OPERATION_INSERT];
	const struct steps *find = &ad->operations[OPERATION_FIND];
	size_t i;

	ad->traits.spans = loader_use(l, OPERATION_INSERT, USE_SPAN, "days") != NULL ||
			   loader_use(l, OPERATION_CHANGE, USE_SPAN, "days") != NULL;
	for (i = 0; i < find->n; i++)
		ad->traits.counts = ad->traits.counts ||
				    (find->items[i].record.kind == RECORD_FOUND &&
					record_member(&find->items[i].record, "minutes") != NULL);
	for (i = 0; i < insert->n; i++)
		ad->traits.by_run = ad->traits.by_run || insert->items[i].by_run;
	ad->lists_days = loader_use(l, OPERATION_INSERT, USE_IN, "days") != NULL ||
			 loader_use(l, OPERATION_INSERT, USE_IN, "calendar") != NULL;
	ad->by_runs = ad->traits.by_run || loader_use(l, OPERATION_INSERT, USE_IN, "runs") != NULL;
}

/* How many calls each operation makes: for the time that a write needs. */
static void
load_costs(struct loader *l)
{
	struct cost cost;
	size_t op, i;

	for (op = 0; op < OPERATION_MAX; op++) {
		memset(&cost, 0, sizeof(cost));
		cost_add(l->r.arena, l->adapter, (enum operation)op, true, &cost);
		for (i = 0; i < COST_KINDS; i++)
			l->adapter->traits.calls[op] += cost.calls[i] + cost.maybe[i];
	}
}

struct adapter *
adapter_load(struct arena *a, const char *name, const char *file, const char *text, size_t len,
    struct faults *faults)
{
	static const char *const file_keys[] = {"title", "docs", "proven", "agents", "gotchas",
	    "settings", "base_url", "headers", "query", "pace", "auth", "wrap", "answer", "message",
	    "failures", "maps", "amounts", "lost_write", "operations", NULL};
	struct loader l = {.r = {a, file, faults}};
	bool good;

	l.root = yaml_parse(a, file, text, len, faults);
	l.adapter = arena_alloc(a, sizeof(*l.adapter));
	l.used = &l.file_uses;
	if (l.root == NULL || l.adapter == NULL)
		return NULL;
	l.adapter->name = arena_strdup(a, name);
	l.adapter->file = arena_strdup(a, file);
	good = loader_known(&l, l.root, file_keys, "an adapter file");
	good = load_declared(&l) && good;
	good = load_texts(&l) && good;
	good = auth_load(&l) && good;
	good = load_envelope(&l) && good;
	l.looks = &l.file_looks;
	good = load_messages(&l) && good;
	good = load_pace(&l) && good;
	good = loader_failures(&l, l.root, &l.adapter->failures) && good;
	l.looks = NULL;
	good = traits_load(&l, &l.adapter->traits) && good;
	good = load_operations(&l) && good;
	load_shapes(&l);
	if (!good || !adapter_check(&l))
		return NULL;
	load_costs(&l);
	return l.adapter;
}
