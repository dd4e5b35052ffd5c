/* jsonpath_tree.c: what can be known about a path without running it. */
#include "format/jsonpath_tree.h"

#include <string.h>

bool
jsonpath_is_singular(const struct jsonpath *p)
{
	const struct jsonpath_segment *segment;
	size_t i;

	for (i = 0; i < p->n; i++) {
		segment = &p->segments[i];
		if (segment->descendant || segment->n != 1 ||
		    (segment->selectors[0].kind != SELECT_NAME &&
			segment->selectors[0].kind != SELECT_INDEX))
			return false;
	}
	return true;
}

bool
jsonpath_ends_in_wildcard(const struct jsonpath *p)
{
	const struct jsonpath_segment *last = p->n == 0 ? NULL : &p->segments[p->n - 1];

	return last != NULL && !last->descendant && last->n == 1 &&
	       last->selectors[0].kind == SELECT_WILDCARD;
}

/* The name that is the whole segment; NULL: it is something else. */
static const char *
jsonpath_segment_name(const struct jsonpath_segment *segment)
{
	if (segment->descendant || segment->n != 1 || segment->selectors[0].kind != SELECT_NAME)
		return NULL;
	return segment->selectors[0].name;
}

bool
jsonpath_names_list(const struct jsonpath *p, const char **names, size_t max, size_t *n)
{
	if (!jsonpath_ends_in_wildcard(p) || p->n - 1 > max)
		return false;
	for (*n = 0; *n < p->n - 1; (*n)++) {
		names[*n] = jsonpath_segment_name(&p->segments[*n]);
		if (names[*n] == NULL)
			return false;
	}
	return true;
}

/* A filter may look anywhere: at $. */
static bool
jsonpath_filters(const struct jsonpath *p)
{
	size_t i, j;

	for (i = 0; i < p->n; i++) {
		for (j = 0; j < p->segments[i].n; j++) {
			if (p->segments[i].selectors[j].kind == SELECT_FILTER)
				return true;
		}
	}
	return false;
}

bool
jsonpath_meets_list(const struct jsonpath *p, const struct jsonpath *list)
{
	const char *name, *leads;
	size_t i;

	if (jsonpath_filters(p))
		return true;
	for (i = 0; i < p->n; i++) {
		name = jsonpath_segment_name(&p->segments[i]);
		if (name == NULL)
			return true;
		/* A list has no members: what is named in it is absent, whatever it holds. */
		leads = i + 1 < list->n ? jsonpath_segment_name(&list->segments[i]) : NULL;
		if (leads == NULL || strcmp(name, leads) != 0)
			return false;
	}
	return true;
}

struct jsonpath *
jsonpath_parent(struct arena *a, const struct jsonpath *p)
{
	struct jsonpath *parent = arena_alloc(a, sizeof(*parent));

	if (parent == NULL)
		return NULL;
	*parent = *p;
	if (parent->n > 0)
		parent->n--;
	return parent;
}
