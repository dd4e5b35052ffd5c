/*
 * tree.c: a request's body: YAML with templates at its leaves. yaml.c limits its depth, so walking
 * it may recurse.
 */
#include <string.h>

#include "format/json.h"
#include "lang/template.h"
#include "base/text.h"

enum tree_kind {
	TREE_LITERAL,
	TREE_TEMPLATE,
	TREE_LIST,
	TREE_OBJECT,
	TREE_FOR,
	TREE_WHEN,
	TREE_JSON
};

struct tree_item {
	const char *name;
	struct tree *tree;
};

struct tree {
	enum tree_kind kind;
	struct value *literal;
	struct template *template;
	struct tree_item *items; /* of a list or an object */
	size_t n;
	struct bind *bind;             /* for */
	struct cond *cond;             /* where, when */
	struct tree *item, *otherwise; /* item, value, then, json; else */
	struct template *key;          /* for an object */
};

static bool
tree_for(const struct expr_env *env, const struct value *v, struct tree *t)
{
	static const char *const keys[] = {"for", "where", "item", "key", "value", NULL};
	const struct value *item = value_get(v, "item"), *key = value_get(v, "key");
	struct expr_env inner = *env;

	t->kind = TREE_FOR;
	if (!reader_known(&env->r, v, keys, "{for, where, item, key, value}"))
		return false;
	if (!bind_member(&inner, v, "for", &t->bind) || !cond_member(&inner, v, "where", &t->cond))
		return false;
	if (t->cond != NULL && cond_names_in(t->cond, "type"))
		inner.unit_known = true;
	if (key != NULL) {
		t->key = template_compile(&inner, key);
		item = value_get(v, "value");
	}
	if (item == NULL || (key != NULL && value_get(v, "item") != NULL))
		return reader_fault(&env->r, v, "for needs item, or key and value");
	t->item = tree_compile(&inner, item);
	return t->item != NULL && (key == NULL || t->key != NULL);
}

static bool
tree_when(const struct expr_env *env, const struct value *v, struct tree *t)
{
	static const char *const keys[] = {"when", "then", "else", NULL};
	struct expr_env inner = *env;
	bool good;

	t->kind = TREE_WHEN;
	if (!reader_known(&env->r, v, keys, "{when, then, else}"))
		return false;
	if (value_get(v, "then") == NULL)
		return reader_fault(&env->r, v, "when needs then");
	if (!cond_member(env, v, "when", &t->cond))
		return false;
	inner.unit_known = inner.unit_known || cond_names_in(t->cond, "type");
	good = tree_member(&inner, v, "then", &t->item);
	return tree_member(&inner, v, "else", &t->otherwise) && good;
}

static bool
tree_items(const struct expr_env *env, const struct value *v, struct tree *t)
{
	size_t i;

	t->kind = v->kind == VALUE_LIST ? TREE_LIST : TREE_OBJECT;
	t->items = arena_array(env->r.arena, v->n + 1, sizeof(*t->items));
	if (t->items == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		if (v->kind == VALUE_OBJECT && strstr(v->items[i].name, "${") != NULL)
			return reader_fault_key(&env->r, &v->items[i],
			    "a name is not live: {for: ..., key: ..., value: ...} makes names");
		t->items[i].name = value_name(v, i);
		t->items[i].tree = tree_compile(env, value_at(v, i));
		if (t->items[i].tree == NULL)
			return false;
		t->n++;
	}
	return true;
}

static bool
tree_fill(const struct expr_env *env, const struct value *v, struct tree *t)
{
	switch (v->kind) {
	case VALUE_TEXT:
		t->kind = TREE_TEMPLATE;
		t->template = template_compile(env, v);
		if (t->template == NULL)
			return false;
		return !template_glues_json(t->template) ||
		       reader_fault(&env->r, v,
			   "JSON glued by hand breaks on the first quote in a value: write it as YAML, or {json: ...} for JSON as text");
	case VALUE_OBJECT:
		if (value_get(v, "for") != NULL)
			return tree_for(env, v, t);
		if (value_get(v, "when") != NULL)
			return tree_when(env, v, t);
		if (value_get(v, "json") != NULL && v->n == 1) {
			t->kind = TREE_JSON;
			return tree_member(env, v, "json", &t->item);
		}
		return tree_items(env, v, t);
	case VALUE_LIST:
		return tree_items(env, v, t);
	default:
		t->kind = TREE_LITERAL;
		t->literal = (struct value *)v;
		return true;
	}
}

struct tree *
tree_compile(const struct expr_env *env, const struct value *v)
{
	struct tree *t = arena_alloc(env->r.arena, sizeof(*t));

	return t != NULL && tree_fill(env, v, t) ? t : NULL;
}

bool
tree_member(const struct expr_env *env, const struct value *v, const char *name, struct tree **out)
{
	v = value_get(v, name);
	*out = v == NULL ? NULL : tree_compile(env, v);
	return v == NULL || *out != NULL;
}

static enum gw_err tree_eval_for(const struct tree *t, const struct scope *s, struct value *into);

/* The branch of {when, then, else} that applies; NULL: there is none, and nothing in its place. */
static enum gw_err
tree_choose(const struct tree *t, const struct scope *s, const struct tree **out)
{
	enum gw_err err = GW_OK;
	bool holds;

	for (*out = t; err == GW_OK && *out != NULL && (*out)->kind == TREE_WHEN;) {
		err = cond_holds((*out)->cond, s, &holds);
		*out = holds ? (*out)->item : (*out)->otherwise;
	}
	return err;
}

static enum gw_err
tree_eval_list(const struct tree *t, const struct scope *s, struct value **out)
{
	struct value *list = value_list(s->arena), *item;
	const struct tree *chosen;
	enum gw_err err;
	size_t i;

	if (list == NULL)
		return fail_memory(s->failure);
	for (i = 0; i < t->n; i++) {
		if (t->items[i].tree->kind == TREE_FOR && t->items[i].tree->key == NULL) {
			err = tree_eval_for(t->items[i].tree, s, list);
			if (err != GW_OK)
				return err;
			continue;
		}
		err = tree_choose(t->items[i].tree, s, &chosen);
		if (err == GW_OK && chosen == NULL)
			continue;
		if (err == GW_OK)
			err = tree_eval(chosen, s, &item);
		if (err != GW_OK)
			return err;
		/* An empty list of ids can pass for success (Odoo 19: unlink of [] is true). */
		if (item == NULL)
			return fail(s->failure, s->blame, "an item of a list is absent: \"%s\"",
			    chosen->template == NULL ? "tree" : template_source(chosen->template));
		if (!value_add(s->arena, list, item))
			return fail_memory(s->failure);
	}
	*out = list;
	return GW_OK;
}

static enum gw_err
tree_eval_object(const struct tree *t, const struct scope *s, struct value **out)
{
	struct value *object = value_object(s->arena), *item;
	enum gw_err err;
	size_t i;

	for (i = 0; i < t->n; i++) {
		err = tree_eval(t->items[i].tree, s, &item);
		if (err != GW_OK)
			return err;
		if (item != NULL && !value_set(s->arena, object, t->items[i].name, item))
			return fail_memory(s->failure);
	}
	*out = object;
	return object == NULL ? fail_memory(s->failure) : GW_OK;
}

static enum gw_err
tree_for_row(const struct tree *t, const struct scope *s, struct value *into)
{
	struct value *item;
	const char *key = NULL;
	enum gw_err err;
	bool holds = true;

	err = t->cond == NULL ? GW_OK : cond_holds(t->cond, s, &holds);
	if (err != GW_OK || !holds)
		return err;
	err = tree_eval(t->item, s, &item);
	if (err == GW_OK && t->key != NULL)
		err = template_text(t->key, s, &key);
	if (err != GW_OK)
		return err;
	if (item == NULL || (t->key != NULL && key == NULL))
		return fail(s->failure, s->blame, "an item made by `for` is absent");
	if (t->key != NULL && value_get(into, key) != NULL)
		return fail(s->failure, s->blame, "two members made by `for` have the same name");
	if (t->key == NULL ? value_add(s->arena, into, item) : value_set(s->arena, into, key, item))
		return GW_OK;
	return fail_memory(s->failure);
}

static enum gw_err
tree_eval_for(const struct tree *t, const struct scope *s, struct value *into)
{
	const struct binding **rows;
	struct scope inner = *s;
	enum gw_err err;
	size_t i, n;

	err = bind_rows(t->bind, s, &rows, &n);
	for (i = 0; i < n && err == GW_OK; i++) {
		inner.bound = rows[i];
		err = tree_for_row(t, &inner, into);
	}
	return err;
}

static enum gw_err
tree_eval_json(const struct tree *t, const struct scope *s, struct value **out)
{
	struct scope scope = *s;
	struct value *inner;
	enum gw_err err;
	struct buf b;

	scope.query = false;
	err = tree_eval(t->item, &scope, &inner);
	if (err != GW_OK || inner == NULL)
		return err;
	buf_init(&b, LIMIT_REQUEST_BYTES);
	json_value(&b, inner);
	*out = b.err == GW_OK ? value_text_len(s->arena, b.data, b.len) : NULL;
	buf_clear(&b);
	return *out == NULL ? fail_memory(s->failure) : GW_OK;
}

enum gw_err
tree_eval(const struct tree *t, const struct scope *s, struct value **out)
{
	const struct tree *chosen;
	enum gw_err err;

	*out = NULL;
	switch (t->kind) {
	case TREE_LITERAL:
		*out = t->literal;
		return GW_OK;
	case TREE_TEMPLATE:
		return template_value(t->template, s, out);
	case TREE_LIST:
		return tree_eval_list(t, s, out);
	case TREE_OBJECT:
		return tree_eval_object(t, s, out);
	case TREE_FOR:
		*out = t->key == NULL ? value_list(s->arena) : value_object(s->arena);
		return *out == NULL ? fail_memory(s->failure) : tree_eval_for(t, s, *out);
	case TREE_WHEN:
		err = tree_choose(t, s, &chosen);
		return err != GW_OK || chosen == NULL ? err : tree_eval(chosen, s, out);
	default:
		return tree_eval_json(t, s, out);
	}
}
