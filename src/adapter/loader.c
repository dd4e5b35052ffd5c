/* loader.c: what loading every part of an adapter file needs. */
#include "adapter/loader.h"

#include <string.h>

#include "base/text.h"

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
_Static_assert(ARRAY_LEN(class_names) == CLASS_MAX + 1, "a name a class");

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

bool
loader_known(
    const struct loader *l, const struct value *v, const char *const *names, const char *what)
{
	bool good = true;
	size_t i;

	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&l->r, v, "%s is a mapping", what);
	for (i = 0; i < v->n; i++)
		good = reader_key(&l->r, &v->items[i], names, what) && good;
	return good;
}

bool
loader_headers(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *name, struct pairs *out)
{
	struct value *holder = value_object(l->r.arena);

	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&l->r, v, "%s is {NAME: TEXT, ...}", name);
	return value_set(l->r.arena, holder, "headers", (struct value *)v) &&
	       loader_pairs(l, env, holder, "headers", out);
}

bool
loader_pairs(const struct loader *l, const struct expr_env *env, const struct value *v,
    const char *name, struct pairs *out)
{
	bool header = text_starts(name, "header");
	const struct member *m;
	struct pair *pair;
	size_t i;

	v = value_get(v, name);
	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(
		    &l->r, v, "%s is {NAME: %s, ...}", name, header ? "TEXT" : "TREE");
	out->items = arena_array(l->r.arena, v->n + 1, sizeof(*out->items));
	if (out->items == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		m = &v->items[i];
		pair = &out->items[i];
		if (header && !text_is_token(m->name, strlen(m->name)))
			return reader_fault_key(
			    &l->r, m, "\"%s\" cannot be a header's name", m->name);
		pair->name = m->name;
		if (header)
			pair->value = template_compile(env, m->value);
		else if (!value_is(m->value, VALUE_NULL))
			pair->tree = tree_compile(env, m->value);
		else
			return reader_fault(
			    &l->r, m->value, "a parameter that is null is never sent");
		if (pair->value == NULL && pair->tree == NULL)
			return false;
		if (header && template_glues_json(pair->value))
			return reader_fault(&l->r, m->value,
			    "JSON glued by hand breaks on the first quote in a value: the filter json writes it");
		out->n++;
	}
	return true;
}

bool
loader_failures(const struct loader *l, const struct value *v, struct failure_rules *out)
{
	static const char *const skip[] = {"is", "say", NULL};
	struct expr_env env = loader_env(l, true);
	const struct value *rule, *say;
	bool good = true;
	int class;
	size_t i;

	v = value_get(v, "failures");
	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_LIST))
		return reader_fault(
		    &l->r, v, "failures is a list of {TEST: MATCH, is: CLASS, say: TEXT}");
	out->items = arena_array(l->r.arena, v->n + 1, sizeof(*out->items));
	if (out->items == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		rule = value_at(v, i);
		say = value_get(rule, "say");
		if (!value_is(rule, VALUE_OBJECT) || rule->n < (say == NULL ? 2 : 3) ||
		    value_get(rule, "is") == NULL || (say != NULL && value_str(say) == NULL)) {
			good = reader_fault(
			    &l->r, rule, "a failure is {TEST: MATCH, is: CLASS, say: TEXT}");
			continue;
		}
		class = reader_one_of(&l->r, value_get(rule, "is"), class_names, "failure class");
		out->items[i].cond = cond_compile(&env, rule, skip);
		if (class < 0 || out->items[i].cond == NULL) {
			good = false;
			continue;
		}
		out->items[i].is = (enum failure_class) class;
		out->items[i].say = value_str(say);
		out->n = i + 1;
	}
	return good;
}

static const struct expr_use *
uses_find(const struct expr_uses *uses, enum expr_use_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < uses->n; i++) {
		if (uses->items[i].kind == kind && strcmp(uses->items[i].name, name) == 0)
			return &uses->items[i];
	}
	return NULL;
}

const struct expr_use *
loader_use(const struct loader *l, enum operation op, enum expr_use_kind kind, const char *name)
{
	const struct expr_use *use = NULL;
	size_t i;

	if (op != OPERATION_MAX)
		return uses_find(&l->uses[op], kind, name);
	for (i = 0; i < OPERATION_MAX && use == NULL; i++)
		use = uses_find(&l->uses[i], kind, name);
	return use == NULL ? uses_find(&l->file_uses, kind, name) : use;
}
