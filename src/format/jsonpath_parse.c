/*
 * jsonpath_parse.c: segments and selectors of RFC 9535, section 2.3 to 2.5, from text. The only
 * recursion is filters in paths in filters, at most JSONPATH_NEST deep.
 */
#include "format/jsonpath_tree.h"

#include <stdio.h>
#include <string.h>

/* RFC 7493 section 2.2: what a double holds exactly. */
static const int64_t jsonpath_index_max = 9007199254740991;

bool
jsonpath_fail(struct jsonpath_parser *ps, const char *at, const char *what)
{
	if (!ps->failed && ps->why_max > 0)
		(void)snprintf(
		    ps->why, ps->why_max, "%s at byte %zu", what, (size_t)(at - ps->start) + 1);
	ps->failed = true;
	return false;
}

bool
jsonpath_fail_memory(struct jsonpath_parser *ps)
{
	return jsonpath_fail(ps, ps->p, "out of memory");
}

void
jsonpath_skip_blanks(struct jsonpath_parser *ps)
{
	while (ps->p < ps->end &&
	       (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

bool
jsonpath_take(struct jsonpath_parser *ps, const char *s)
{
	size_t len = strlen(s);

	if ((size_t)(ps->end - ps->p) < len || memcmp(ps->p, s, len) != 0)
		return false;
	ps->p += len;
	return true;
}

static bool
jsonpath_is_next(const struct jsonpath_parser *ps, char c)
{
	return ps->p < ps->end && *ps->p == c;
}

static bool
jsonpath_is_name_byte(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    ((unsigned char)c & 0x80))
		return true;
	return !first && c >= '0' && c <= '9';
}

static bool
jsonpath_parse_shorthand(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	const char *from = ps->p;

	if (jsonpath_take(ps, "*")) {
		sel->kind = SELECT_WILDCARD;
		return true;
	}
	while (ps->p < ps->end && jsonpath_is_name_byte(*ps->p, ps->p == from))
		ps->p++;
	if (ps->p == from)
		return jsonpath_fail(ps, from, "expected a name or *");
	sel->kind = SELECT_NAME;
	sel->name = arena_strndup(ps->arena, from, (size_t)(ps->p - from));
	return sel->name != NULL || jsonpath_fail_memory(ps);
}

/* int = "0" / (["-"] DIGIT1 *DIGIT), within 2^53 - 1. *has: there is one. */
static bool
jsonpath_parse_int(struct jsonpath_parser *ps, int64_t *out, bool *has)
{
	const char *from = ps->p;
	int64_t n = 0, sign = 1;

	*has = jsonpath_is_next(ps, '-') || (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9');
	if (!*has)
		return true;
	if (jsonpath_take(ps, "-"))
		sign = -1;
	if (ps->p == ps->end || *ps->p < '0' || *ps->p > '9')
		return jsonpath_fail(ps, ps->p, "expected a digit");
	if (*ps->p == '0' &&
	    (sign < 0 || (ps->end - ps->p > 1 && ps->p[1] >= '0' && ps->p[1] <= '9')))
		return jsonpath_fail(ps, from, "an index is written without -0 and zeros in front");
	for (; ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9'; ps->p++) {
		n = n * 10 + (*ps->p - '0');
		if (n > jsonpath_index_max)
			return jsonpath_fail(ps, from, "an index beyond 2^53 - 1");
	}
	*out = sign * n;
	return true;
}

/* [start S] ":" S [end S] [":" [S step]], or a lone index. */
static bool
jsonpath_parse_index(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	bool has;

	sel->kind = SELECT_INDEX;
	sel->step = 1;
	if (!jsonpath_parse_int(ps, &sel->start, &sel->has_start))
		return false;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_take(ps, ":"))
		return true;
	sel->kind = SELECT_SLICE;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_parse_int(ps, &sel->end, &sel->has_end))
		return false;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_take(ps, ":"))
		return true;
	jsonpath_skip_blanks(ps);
	return jsonpath_parse_int(ps, &sel->step, &has);
}

static bool
jsonpath_parse_quoted(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	const struct value *name = jsonpath_parse_string(ps);

	if (name == NULL)
		return false;
	sel->kind = SELECT_NAME;
	/* No member's name holds NUL. */
	if (memchr(name->text, '\0', name->len) == NULL)
		sel->name = name->text;
	return true;
}

static bool
jsonpath_parse_selector(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	if (jsonpath_is_next(ps, '\'') || jsonpath_is_next(ps, '"'))
		return jsonpath_parse_quoted(ps, sel);
	if (jsonpath_take(ps, "*")) {
		sel->kind = SELECT_WILDCARD;
		return true;
	}
	if (jsonpath_take(ps, "?")) {
		sel->kind = SELECT_FILTER;
		sel->filter = jsonpath_parse_filter(ps);
		return sel->filter != NULL;
	}
	if (ps->p < ps->end && strchr("-:0123456789", *ps->p) != NULL)
		return jsonpath_parse_index(ps, sel);
	return jsonpath_fail(ps, ps->p, "expected 'name', an index, a slice, * or ?filter");
}

static struct jsonpath_selector *
jsonpath_add_selector(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *selectors = arena_grow(
	    ps->arena, segment->selectors, segment->n, &segment->cap, sizeof(*selectors));

	if (selectors == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	segment->selectors = selectors;
	selectors[segment->n] = (struct jsonpath_selector){.kind = SELECT_WILDCARD};
	return &selectors[segment->n++];
}

/* Behind the '['. */
static bool
jsonpath_parse_bracket(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *sel;

	do {
		jsonpath_skip_blanks(ps);
		sel = jsonpath_add_selector(ps, segment);
		if (sel == NULL || !jsonpath_parse_selector(ps, sel))
			return false;
		jsonpath_skip_blanks(ps);
	} while (jsonpath_take(ps, ","));
	return jsonpath_take(ps, "]") || jsonpath_fail(ps, ps->p, "expected , or ]");
}

/* The '.' or '[' is next. */
static bool
jsonpath_parse_segment(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *sel;

	if (jsonpath_take(ps, ".."))
		segment->descendant = true;
	if (jsonpath_take(ps, "["))
		return jsonpath_parse_bracket(ps, segment);
	if (!segment->descendant)
		(void)jsonpath_take(ps, ".");
	sel = jsonpath_add_selector(ps, segment);
	return sel != NULL && jsonpath_parse_shorthand(ps, sel);
}

struct jsonpath *
jsonpath_parse_segments(struct jsonpath_parser *ps)
{
	struct jsonpath *path = arena_alloc(ps->arena, sizeof(*path));
	struct jsonpath_segment *segments = NULL, *grown;
	size_t n = 0, cap = 0;
	const char *behind = ps->p;

	while (path != NULL) {
		jsonpath_skip_blanks(ps);
		if (!jsonpath_is_next(ps, '.') && !jsonpath_is_next(ps, '['))
			break;
		grown = arena_grow(ps->arena, segments, n, &cap, sizeof(*segments));
		if (grown == NULL) {
			(void)jsonpath_fail_memory(ps);
			return NULL;
		}
		segments = grown;
		segments[n] = (struct jsonpath_segment){.descendant = false};
		if (!jsonpath_parse_segment(ps, &segments[n]))
			return NULL;
		n++;
		behind = ps->p;
	}
	ps->p = behind;
	if (path == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	path->segments = segments;
	path->n = n;
	return path;
}
