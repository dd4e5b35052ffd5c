/* jsonpath.c: compiling and running as a whole, and what is to be known about a path. */
#include "format/jsonpath.h"

#include <stdlib.h>
#include <string.h>

#include "format/jsonpath_tree.h"
#include "base/text.h"

static struct jsonpath *
jsonpath_parse(struct jsonpath_parser *ps, bool relative, bool rest)
{
	struct jsonpath *path;

	if ((size_t)(ps->end - ps->p) > JSONPATH_EXPRESSION) {
		(void)jsonpath_fail(ps, ps->p, "an expression is too long");
		return NULL;
	}
	if (!text_utf8(ps->p, (size_t)(ps->end - ps->p))) {
		(void)jsonpath_fail(ps, ps->p, "not UTF-8");
		return NULL;
	}
	if (!relative && !jsonpath_take(ps, "$")) {
		(void)jsonpath_fail(ps, ps->p, "a path starts with $");
		return NULL;
	}
	if (relative && ps->p < ps->end && *ps->p != '.' && *ps->p != '[') {
		if (!rest) {
			(void)jsonpath_fail(ps, ps->p, "a path from a record starts with . or [");
			return NULL;
		}
		ps->end = ps->p;
	}
	path = jsonpath_parse_segments(ps);
	if (path != NULL && !rest && ps->p != ps->end) {
		(void)jsonpath_fail(ps, ps->p, "expected . or [ or the end");
		return NULL;
	}
	return path;
}

struct jsonpath *
jsonpath_compile(struct arena *a, const char *text, size_t len, bool relative, size_t *used,
    char *why, size_t why_max)
{
	struct jsonpath_parser ps = {.arena = a,
	    .start = text,
	    .p = text,
	    .end = text + len,
	    .why = why,
	    .why_max = why_max};
	struct jsonpath *path = jsonpath_parse(&ps, relative, used != NULL);

	if (path != NULL && used != NULL)
		*used = (size_t)(ps.p - text);
	return path;
}

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

bool
jsonpath_select(struct arena *a, const struct jsonpath *p, const struct value *root, size_t max,
    struct nodes *out)
{
	struct jsonpath_run run = {.root = root, .work = JSONPATH_WORK};
	struct jsonpath_list found = {.n = 0};
	bool done = false;

	*out = (struct nodes){.n = 0};
	jsonpath_walk(&run, p, root, &found);
	if (!run.failed && found.n <= max) {
		out->items = arena_array(a, found.n, sizeof(*out->items));
		if (out->items != NULL) {
			if (found.n > 0)
				memcpy((void *)out->items, (const void *)found.items,
				    found.n * sizeof(*found.items));
			out->n = out->cap = found.n;
			done = true;
		}
	}
	free(found.items);
	return done;
}
