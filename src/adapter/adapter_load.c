/* adapter_load.c: an adapter file into struct adapter; its parts have files of their own. */
#include <stdlib.h>
#include <string.h>

#include "adapter/loader.h"
#include "base/text.h"
#include "format/yaml.h"

static const char *const file_keys[] = {"title", "docs", "gotchas", "settings", "base_url",
    "headers", "query", "pace", "auth", "message", "failures", "maps", "amounts", "lost_write",
    "operations", NULL};
static const char *const class_names[] = {
    [CLASS_NONE] = "",
    [CLASS_OK] = "ok",
    [CLASS_BUSY] = "busy",
    [CLASS_CREDENTIALS] = "credentials",
    [CLASS_FORBIDDEN] = "forbidden",
    [CLASS_NOT_FOUND] = "not-found",
    [CLASS_CONFLICT] = "conflict",
    [CLASS_REFUSED] = "refused",
    [CLASS_INSUFFICIENT] = "insufficient-balance",
    [CLASS_UNAVAILABLE] = "unavailable",
    [CLASS_MAX] = NULL,
};
_Static_assert(sizeof(class_names) / sizeof(class_names[0]) == CLASS_MAX + 1, "a name a class");

struct expr_env
loader_env(const struct loader *l, bool answer_side)
{
	return (struct expr_env){
	    .r = l->r,
	    .settings = l->adapter->settings,
	    .maps = l->adapter->maps,
	    .answer_side = answer_side,
	    .used = l->used,
	    .looks = l->looks,
	};
}

static bool
names_hold(const char *const *names, const char *name)
{
	for (; *names != NULL; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* Words of the language that no vendor here needed yet: see BUGS of hrisgw-adapter(7). */
static const char *const later_keys[] = {
    "oauth2", "login", "client_certificate", "wrap", "answer", "xml", "link", NULL};

bool
loader_known(
    const struct loader *l, const struct value *v, const char *const *names, const char *what)
{
	const struct member *m;
	bool good = true;
	size_t i;

	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&l->r, v, "%s is a mapping", what);
	for (i = 0; i < v->n; i++) {
		m = &v->items[i];
		if (!names_hold(names, m->name) && names_hold(later_keys, m->name))
			good = reader_fault_key(&l->r, m,
			    "\"%s\" in %s: this version does not know it yet", m->name, what);
		else
			good = reader_key(&l->r, m, names, what) && good;
	}
	return good;
}

struct expr *
loader_expr(const struct loader *l, const struct expr_env *env, const struct value *v)
{
	const char *s = value_str(v);

	if (s == NULL) {
		(void)reader_fault(&l->r, v, "an expression was expected");
		return NULL;
	}
	return expr_compile(env, s, strlen(s), v);
}

/* RFC 9110 5.1: a field's name is a token. */
static bool
header_named_well(const char *name)
{
	static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "!#$%&'*+-.^_`|~";

	return name[0] != '\0' && name[strspn(name, token)] == '\0';
}

bool
loader_pairs(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *what, struct pairs *out)
{
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&l->r, v, "%s is {NAME: TEXT, ...}", what);
	out->items = arena_array(l->r.arena, v->n + 1, sizeof(*out->items));
	if (out->items == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		if (text_starts(what, "header") && !header_named_well(v->items[i].name))
			return reader_fault_key(&l->r, &v->items[i],
			    "\"%s\" cannot be a header's name", v->items[i].name);
		out->items[i].name = v->items[i].name;
		out->items[i].value = template_compile(env, v->items[i].value);
		if (out->items[i].value == NULL)
			return false;
		if (template_glues_json(out->items[i].value))
			return reader_fault(&l->r, v->items[i].value,
			    "JSON glued by hand breaks on the first "
			    "quote in a value: the filter json writes it");
		out->n++;
	}
	return true;
}

bool
loader_failures(const struct loader *l, const struct value *v, struct failure_rules *out)
{
	static const char *const skip[] = {"is", NULL};
	struct expr_env env = loader_env(l, true);
	const struct value *rule;
	bool good = true;
	int class;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_LIST))
		return reader_fault(&l->r, v, "failures is a list of {TEST: MATCH, is: CLASS}");
	out->items = arena_array(l->r.arena, v->n + 1, sizeof(*out->items));
	if (out->items == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		rule = v->items[i].value;
		if (!value_is(rule, VALUE_OBJECT) || rule->n < 2 || value_get(rule, "is") == NULL) {
			good = reader_fault(&l->r, rule, "a failure is {TEST: MATCH, is: CLASS}");
			continue;
		}
		class = reader_one_of(&l->r, value_get(rule, "is"), class_names, "failure class");
		out->items[i].cond = cond_compile(&env, rule, skip);
		if (class < 0 || out->items[i].cond == NULL) {
			good = false;
			continue;
		}
		out->items[i].is = (enum failure_class) class;
		out->n = i + 1;
	}
	return good;
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
	if (l->adapter->messages == NULL)
		return false;
	for (i = 0; i < n; i++) {
		l->adapter->messages[i] =
		    loader_expr(l, &env, v->kind == VALUE_LIST ? v->items[i].value : v);
		if (l->adapter->messages[i] == NULL)
			return false;
		l->adapter->n_messages++;
	}
	return true;
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
	const struct value *gotchas = value_get(l->root, "gotchas");
	struct expr_env env = loader_env(l, false);
	struct adapter *ad = l->adapter;
	size_t i;

	ad->title = value_get_text(l->root, "title");
	ad->docs = value_get_text(l->root, "docs");
	if (ad->title == NULL)
		return reader_fault(&l->r, l->root, "title is missing: the HRIS's name for people");
	if (gotchas != NULL && !value_is(gotchas, VALUE_LIST))
		return reader_fault(&l->r, gotchas, "gotchas is a list of texts");
	ad->gotchas =
	    arena_array(l->r.arena, (gotchas == NULL ? 0 : gotchas->n) + 1, sizeof(*ad->gotchas));
	for (i = 0; gotchas != NULL && ad->gotchas != NULL && i < gotchas->n; i++) {
		ad->gotchas[i] = value_str(gotchas->items[i].value);
		if (ad->gotchas[i] == NULL)
			return reader_fault(&l->r, gotchas->items[i].value, "a gotcha is one text");
		ad->n_gotchas++;
	}
	if (value_get(l->root, "base_url") == NULL)
		return reader_fault(&l->r, l->root, "base_url is missing");
	ad->base_url = template_compile(&env, value_get(l->root, "base_url"));
	return ad->base_url != NULL &&
	       loader_pairs(l, &env, value_get(l->root, "headers"), "headers", &ad->headers) &&
	       loader_pairs(l, &env, value_get(l->root, "query"), "query", &ad->query);
}

/* The name of another operation stands for its steps, one level deep. */
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
		    "steps, or the name of an operation that has steps, was "
		    "expected");
		return NULL;
	}
	return value_get(operations, operation_name(other));
}

static bool
load_operation(struct loader *l, const struct value *operations, enum operation op)
{
	const struct value *steps = value_get(operations, operation_name(op));
	struct steps *out = &l->adapter->operations[op];
	struct value *file = l->used;
	bool good;

	if (steps == NULL)
		return true;
	l->adapter->traits.has[op] = true;
	if (op == OPERATION_CHANGE && text_equal(value_str(steps), "replace")) {
		out->replace = true;
		l->adapter->traits.change_replaces = true;
		return true;
	}
	steps = operation_steps(l, operations, op);
	l->used = l->uses[op] = value_list(l->r.arena);
	good = steps != NULL && l->used != NULL && adapter_load_steps(l, op, steps, out);
	l->used = file;
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

struct adapter *
adapter_load(struct arena *a, const char *name, const char *file, const char *text, size_t len,
    struct faults *faults)
{
	struct loader l = {.r = {a, file, faults}};
	bool good;

	l.root = yaml_parse(a, file, text, len, faults);
	l.adapter = arena_alloc(a, sizeof(*l.adapter));
	l.used = value_list(a);
	if (l.root == NULL || l.adapter == NULL || l.used == NULL)
		return NULL;
	l.adapter->name = arena_strdup(a, name);
	l.adapter->file = arena_strdup(a, file);
	good = loader_known(&l, l.root, file_keys, "an adapter file");
	if (!adapter_load_declared(&l))
		return NULL;
	good = load_texts(&l) && good;
	good = adapter_load_auth(&l) && good;
	l.looks = &l.file_looks;
	good = load_messages(&l) && good;
	good = load_pace(&l) && good;
	good = loader_failures(&l, value_get(l.root, "failures"), &l.adapter->failures) && good;
	l.looks = NULL;
	good = adapter_load_traits(&l, &l.adapter->traits) && good;
	good = load_operations(&l) && good;
	return good && adapter_check(&l) ? l.adapter : NULL;
}
