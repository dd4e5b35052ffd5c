/* schema.c: see schema.h. Values come from json_parse(), so their depth is bounded. */
#include "genesys/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

enum { DEPTH_MAX = 16 };

static bool
is_whole(const struct value *v)
{
	struct decimal d;
	int64_t n;

	return decimal_parse(v->text, &d) && decimal_to_integer(d, &n);
}

static bool
has_type(const char *type, const struct value *v)
{
	static const struct {
		const char *word;
		enum value_kind kind;
	} types[] = {{"string", VALUE_TEXT}, {"number", VALUE_NUMBER}, {"integer", VALUE_NUMBER},
	    {"boolean", VALUE_BOOL}, {"array", VALUE_LIST}, {"object", VALUE_OBJECT},
	    {"null", VALUE_NULL}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].word, type) == 0)
			return v->kind == types[i].kind &&
			       (strcmp(type, "integer") != 0 || is_whole(v));
	}
	return false;
}

static bool
type_holds(const struct value *type, const struct value *v)
{
	size_t i;

	if (type == NULL)
		return true;
	if (type->kind == VALUE_TEXT)
		return has_type(type->text, v);
	for (i = 0; i < type->n; i++) {
		if (value_str(value_at(type, i)) != NULL &&
		    has_type(value_str(value_at(type, i)), v))
			return true;
	}
	return false;
}

static bool
required_hold(const struct value *schema, const struct value *v, char *why, size_t why_max)
{
	const struct value *required = value_get(schema, "required");
	const char *name;
	size_t i;

	for (i = 0; value_is(required, VALUE_LIST) && i < required->n; i++) {
		name = value_str(value_at(required, i));
		if (name != NULL && value_get(v, name) == NULL) {
			(void)snprintf(why, why_max, "%s is required and not there", name);
			return false;
		}
	}
	return true;
}

static bool
holds_at(const struct value *schema, const struct value *v, size_t depth, const char *name,
    char *why, size_t why_max)
{
	const struct value *properties = value_get(schema, "properties");
	const struct value *items = value_get(schema, "items"), *more;
	size_t i;

	if (depth > DEPTH_MAX || !type_holds(value_get(schema, "type"), v)) {
		(void)snprintf(why, why_max, "%s is of kind %s, which its schema does not allow",
		    name, value_kind_name(v->kind));
		return false;
	}
	if (v->kind == VALUE_OBJECT && !required_hold(schema, v, why, why_max))
		return false;
	for (i = 0; i < v->n; i++) {
		more = v->kind == VALUE_LIST ? items : value_get(properties, v->items[i].name);
		if (more != NULL &&
		    !holds_at(more, value_at(v, i), depth + 1,
			v->kind == VALUE_LIST ? name : v->items[i].name, why, why_max))
			return false;
	}
	return true;
}

bool
schema_holds(const struct value *schema, const struct value *v, char *why, size_t why_max)
{
	return holds_at(schema, v, 0, "the whole", why, why_max);
}

struct flattening {
	struct arena *arena;
	struct value *out;
	char *why;
	size_t why_max;
};

/* One property of every object of the list, as a list of its own. */
static bool
flatten_column(struct flattening *f, const struct value *list, const char *name, const char *member)
{
	struct value *column = value_list(f->arena);
	const struct value *item;
	size_t i, n = list == NULL ? 0 : list->n;

	for (i = 0; i < n; i++) {
		item = value_get(value_at(list, i), member);
		if (item != NULL && item->kind != VALUE_NULL &&
		    !value_add(f->arena, column, (struct value *)item))
			return false;
	}
	if (column == NULL || !value_set(f->arena, f->out, name, column))
		return false;
	if (column->n != 0 && column->n != n) {
		(void)snprintf(f->why, f->why_max,
		    "%s is in %zu of %zu objects: the flattened lists would not align", name,
		    (size_t)column->n, n);
		return false;
	}
	return true;
}

static bool
flatten_into(struct flattening *f, const char *prefix, const struct value *schema,
    const struct value *v, size_t depth)
{
	const struct value *properties = value_get(schema, "properties"), *inner, *at, *columns;
	const char *name;
	bool good = depth <= DEPTH_MAX;
	size_t i, j;

	for (i = 0; good && properties != NULL && i < properties->n; i++) {
		inner = value_at(properties, i);
		name = arena_printf(f->arena, "%s%s", prefix, properties->items[i].name);
		at = value_get(v, properties->items[i].name);
		columns = value_get(value_get(inner, "items"), "properties");
		if (name == NULL)
			return false;
		if (value_get(inner, "properties") != NULL) {
			name = arena_printf(f->arena, "%s.", name);
			good = name != NULL && flatten_into(f, name, inner, at, depth + 1);
		} else if (columns == NULL)
			good = value_set(f->arena, f->out, name,
			    at == NULL ? value_null(f->arena) : (struct value *)at);
		for (j = 0; good && columns != NULL && j < columns->n; j++) {
			const char *column =
			    arena_printf(f->arena, "%s.%s", name, columns->items[j].name);

			good =
			    column != NULL && flatten_column(f, at, column, columns->items[j].name);
		}
	}
	return good;
}

struct value *
schema_flatten(
    struct arena *a, const struct value *schema, const struct value *v, char *why, size_t why_max)
{
	struct flattening f = {.arena = a, .out = value_object(a), .why = why, .why_max = why_max};

	(void)snprintf(why, why_max, "out of memory");
	return f.out != NULL && flatten_into(&f, "", schema, v, 0) ? f.out : NULL;
}
