/* bind.c: `for` and `each`: names bound to the items of lists, nested left to right. */
#include <string.h>

#include "lang/cond.h"
#include "base/text.h"

enum { BIND_MAX = 8 };

struct bind {
	struct {
		const char *name;
		struct expr *expr; /* NULL: values */
		struct value *values;
	} vars[BIND_MAX];
	size_t n;
};

static bool
bind_name_good(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t i;

	if (name[0] == '\0' || strchr(letters, name[0]) == NULL)
		return false;
	for (i = 1; name[i] != '\0'; i++) {
		if (strchr(letters, name[i]) == NULL && (name[i] < '0' || name[i] > '9'))
			return false;
	}
	return true;
}

static bool
bind_var(struct expr_env *env, struct bind *b, const struct member *m)
{
	struct bound_name *bound = arena_alloc(env->r.arena, sizeof(*bound));

	if (bound == NULL)
		return false;
	if (!bind_name_good(m->name) || expr_is_source(m->name))
		return reader_fault_key(&env->r, m,
		    "\"%s\" cannot be a name here: letters, digits and _, and not what %s is already",
		    m->name, m->name);
	b->vars[b->n].name = m->name;
	bound->name = m->name;
	if (m->value->kind == VALUE_LIST)
		b->vars[b->n].values = m->value;
	else if (m->value->kind == VALUE_TEXT) {
		b->vars[b->n].expr = expr_compile(env, m->value->text, m->value->len, m->value);
		if (b->vars[b->n].expr == NULL)
			return false;
		if (expr_is_one(b->vars[b->n].expr))
			return reader_fault(&env->r, m->value,
			    "\"%s\" is one value, and no list to go through", m->value->text);
		bound->shape = expr_item_shape(b->vars[b->n].expr);
	} else
		return reader_fault(
		    &env->r, m->value, "a name is bound to an expression or a list of values");
	b->n++;
	bound->next = env->bound;
	env->bound = bound;
	return true;
}

struct bind *
bind_compile(struct expr_env *env, const struct value *v)
{
	struct bind *b = arena_alloc(env->r.arena, sizeof(*b));
	size_t i;

	if (b == NULL)
		return NULL;
	if (!value_is(v, VALUE_OBJECT) || v->n == 0 || v->n > BIND_MAX) {
		reader_fault(
		    &env->r, v, "{NAME: EXPR or list, ...} was expected, at most %d", BIND_MAX);
		return NULL;
	}
	for (i = 0; i < v->n; i++) {
		if (!bind_var(env, b, &v->items[i]))
			return NULL;
	}
	return b;
}

bool
bind_member(struct expr_env *env, const struct value *v, const char *name, struct bind **out)
{
	v = value_get(v, name);
	*out = v == NULL ? NULL : bind_compile(env, v);
	return v == NULL || *out != NULL;
}

static enum gw_err
bind_list(const struct bind *b, size_t var, const struct scope *s, struct value **out)
{
	enum gw_err err;

	*out = b->vars[var].values;
	if (*out != NULL)
		return GW_OK;
	err = expr_eval(b->vars[var].expr, s, out);
	if (err != GW_OK || *out == NULL || (*out)->kind == VALUE_LIST)
		return err;
	return fail(s->failure, s->blame, "\"%s\" is no list to go through",
	    expr_source_text(b->vars[var].expr));
}

struct rows {
	const struct binding **items;
	size_t n, cap;
};

/* One more row for each item of the variable's list. */
static enum gw_err
bind_extend(const struct bind *b, size_t var, const struct scope *s, const struct binding *on,
    struct rows *to)
{
	struct scope inner = *s;
	struct binding *row;
	struct value *list;
	enum gw_err err;
	size_t i;

	inner.bound = on;
	err = bind_list(b, var, &inner, &list);
	for (i = 0; err == GW_OK && list != NULL && i < list->n; i++) {
		if (to->n >= LIMIT_RECORDS)
			return fail(s->failure, s->blame,
			    "`for` would go through more than %d items", LIMIT_RECORDS);
		row = arena_alloc(s->arena, sizeof(*row));
		to->items = arena_grow(s->arena, to->items, to->n, &to->cap, sizeof(*to->items));
		if (row == NULL || to->items == NULL)
			return fail_memory(s->failure);
		*row = (struct binding){b->vars[var].name, value_at(list, i), on};
		to->items[to->n++] = row;
	}
	return err;
}

enum gw_err
bind_rows(const struct bind *b, const struct scope *s, const struct binding ***rows, size_t *n)
{
	struct rows from = {0}, to;
	enum gw_err err = GW_OK;
	size_t var, i;

	*n = 0;
	from.items = arena_alloc(s->arena, sizeof(*from.items));
	if (from.items == NULL)
		return fail_memory(s->failure);
	from.items[from.n++] = s->bound;
	for (var = 0; var < b->n && err == GW_OK; var++) {
		to = (struct rows){0};
		for (i = 0; i < from.n && err == GW_OK; i++)
			err = bind_extend(b, var, s, from.items[i], &to);
		from = to;
	}
	*rows = from.items;
	*n = err == GW_OK ? from.n : 0;
	return err;
}

enum gw_err
bind_first(const struct bind *b, const struct scope *s, size_t *n)
{
	struct value *list;
	enum gw_err err = bind_list(b, 0, s, &list);

	*n = err != GW_OK || list == NULL ? 0 : list->n;
	return err;
}

size_t
bind_values(const struct bind *b, size_t i)
{
	return b->vars[i].values == NULL ? 0 : b->vars[i].values->n;
}

const struct expr *
bind_expr(const struct bind *b, size_t i)
{
	return i < b->n ? b->vars[i].expr : NULL;
}

size_t
bind_count(const struct bind *b)
{
	return b->n;
}
