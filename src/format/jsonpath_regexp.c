/*
 * jsonpath_regexp.c: I-Regexp (RFC 9485) into a nondeterministic automaton, a line of states with
 * relative jumps, so that {n,m} copies a piece as it stands. Groups are a stack, not recursion.
 */
#include "format/regexp_tree.h"

#include <string.h>

#include "base/text.h"

static const size_t no_state = SIZE_MAX;

/* An open parenthesis, or the whole. */
struct regexp_group {
	size_t start, branch; /* states: its first, its current branch's first */
	size_t ends;          /* last JUMP to its end; each holds the one before */
};

struct regexp_parser {
	struct arena *arena;
	struct jsonpath_regexp *re;
	const char *p, *end;
	struct regexp_group groups[REGEXP_GROUPS];
	size_t depth;
	const char *why;
};

static bool
regexp_fail(struct regexp_parser *ps, const char *why)
{
	ps->why = why;
	return false;
}

/* Room for n more states. */
static bool
regexp_room(struct regexp_parser *ps, size_t n)
{
	struct jsonpath_regexp *re = ps->re;
	struct regexp_state *states;
	size_t cap = re->cap == 0 ? 64 : re->cap;

	if (n > REGEXP_STATES - re->n)
		return regexp_fail(ps, "a pattern that repeats too much");
	if (n <= re->cap - re->n)
		return true;
	while (cap - re->n < n)
		cap *= 2;
	states = arena_array(ps->arena, cap, sizeof(*states));
	if (states == NULL)
		return regexp_fail(ps, "out of memory");
	if (re->n > 0)
		memcpy(states, re->states, re->n * sizeof(*states));
	re->states = states;
	re->cap = cap;
	return true;
}

static bool
regexp_add(struct regexp_parser *ps, enum regexp_kind kind, uint32_t number, int32_t x, int32_t y)
{
	if (!regexp_room(ps, 1))
		return false;
	ps->re->states[ps->re->n++] =
	    (struct regexp_state){.kind = kind, .number = number, .x = x, .y = y};
	return true;
}

/* A SPLIT in front of the states from at on: into them, or y steps away. */
static bool
regexp_insert_split(struct regexp_parser *ps, size_t at, int32_t y)
{
	struct regexp_state *states;

	if (!regexp_room(ps, 1))
		return false;
	states = ps->re->states;
	memmove(states + at + 1, states + at, (ps->re->n - at) * sizeof(*states));
	states[at] = (struct regexp_state){.kind = REGEXP_SPLIT, .x = 1, .y = y};
	ps->re->n++;
	return true;
}

static bool
regexp_open(struct regexp_parser *ps)
{
	if (ps->depth == REGEXP_GROUPS)
		return regexp_fail(ps, "groups nested too deep");
	ps->groups[ps->depth++] =
	    (struct regexp_group){.start = ps->re->n, .branch = ps->re->n, .ends = no_state};
	return true;
}

/* a|b: SPLIT into a or behind its JUMP to the end. */
static bool
regexp_alternative(struct regexp_parser *ps)
{
	struct regexp_group *group = &ps->groups[ps->depth - 1];
	size_t len = ps->re->n - group->branch;

	if (!regexp_insert_split(ps, group->branch, (int32_t)len + 2) ||
	    !regexp_add(ps, REGEXP_JUMP, 0, 0, 0))
		return false;
	/* The chain of waiting jumps: steps back to the one before, 0 for none. */
	if (group->ends != no_state)
		ps->re->states[ps->re->n - 1].x = (int32_t)(ps->re->n - 1 - group->ends);
	group->ends = ps->re->n - 1;
	group->branch = ps->re->n;
	return true;
}

static size_t
regexp_close(struct regexp_parser *ps)
{
	struct regexp_group *group = &ps->groups[--ps->depth];
	struct regexp_state *states = ps->re->states;
	size_t at, back;

	for (at = group->ends; at != no_state; at = back == 0 ? no_state : at - back) {
		back = (size_t)states[at].x;
		states[at].x = (int32_t)(ps->re->n - at);
	}
	return group->start;
}

/* QuantExact, at most REGEXP_STATES. */
static bool
regexp_count(struct regexp_parser *ps, size_t *n)
{
	const char *from = ps->p;

	for (*n = 0; ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9'; ps->p++) {
		*n = *n * 10 + (size_t)(*ps->p - '0');
		if (*n > REGEXP_STATES)
			return regexp_fail(ps, "a pattern that repeats too much");
	}
	return ps->p > from || regexp_fail(ps, "expected a count in { }");
}

static bool
regexp_copy(struct regexp_parser *ps, size_t from, size_t len)
{
	if (!regexp_room(ps, len))
		return false;
	memcpy(ps->re->states + ps->re->n, ps->re->states + from, len * sizeof(*ps->re->states));
	ps->re->n += len;
	return true;
}

/* x{low,high} as low times x, then x? as often as is left, or x* without an end. */
static bool
regexp_repeat(struct regexp_parser *ps, size_t from, size_t low, size_t high, bool endless)
{
	size_t len = ps->re->n - from, i, at;
	/* One more x behind the last: the one that is copied. */
	bool fits = true;

	if (len == 0)
		return true;
	for (i = 0; i < low && fits; i++)
		fits = regexp_copy(ps, from, len);
	if (endless) {
		fits = fits && regexp_add(ps, REGEXP_SPLIT, 0, 1, (int32_t)len + 2) &&
		       regexp_copy(ps, from, len) &&
		       regexp_add(ps, REGEXP_JUMP, 0, -(int32_t)len - 1, 0);
	}
	for (i = low; i < high && !endless && fits; i++)
		fits = regexp_add(ps, REGEXP_SPLIT, 0, 1, (int32_t)len + 1) &&
		       regexp_copy(ps, from, len);
	if (!fits)
		return false;
	/* The copies stand behind the original, which goes. */
	at = from + len;
	memmove(
	    ps->re->states + from, ps->re->states + at, (ps->re->n - at) * sizeof(*ps->re->states));
	ps->re->n -= len;
	return true;
}

static bool
regexp_range_quantifier(struct regexp_parser *ps, size_t from)
{
	size_t low, high;
	bool endless = false;

	ps->p++;
	if (!regexp_count(ps, &low))
		return false;
	high = low;
	if (ps->p < ps->end && *ps->p == ',') {
		ps->p++;
		endless = ps->p < ps->end && *ps->p == '}';
		if (!endless && !regexp_count(ps, &high))
			return false;
	}
	if (ps->p == ps->end || *ps->p != '}')
		return regexp_fail(ps, "expected } behind a count");
	if (high < low)
		return regexp_fail(ps, "a count from more to less");
	ps->p++;
	return regexp_repeat(ps, from, low, high, endless);
}

/* What follows the atom whose states start at from. */
static bool
regexp_quantifier(struct regexp_parser *ps, size_t from)
{
	int32_t len = (int32_t)(ps->re->n - from);
	char c = ps->p < ps->end ? *ps->p : '\0';

	if (c == '{')
		return regexp_range_quantifier(ps, from);
	if (c == '\0' || strchr("*+?", c) == NULL)
		return true;
	ps->p++;
	if (c == '?')
		return regexp_insert_split(ps, from, len + 1);
	if (c == '+')
		return regexp_add(ps, REGEXP_SPLIT, 0, -len, 1);
	return regexp_insert_split(ps, from, len + 2) &&
	       regexp_add(ps, REGEXP_JUMP, 0, -len - 1, 0);
}

static bool
regexp_add_class(struct regexp_parser *ps, const struct regexp_class *class)
{
	struct jsonpath_regexp *re = ps->re;
	struct regexp_class *classes =
	    arena_grow(ps->arena, re->classes, re->n_classes, &re->classes_cap, sizeof(*classes));

	if (classes == NULL)
		return regexp_fail(ps, "out of memory");
	re->classes = classes;
	classes[re->n_classes] = *class;
	return regexp_add(ps, REGEXP_CLASS, (uint32_t)re->n_classes++, 0, 0);
}

/* XSD 1.1 part 2, G.4.2.5: "." is all but line feed and carriage return. */
static bool
regexp_add_dot(struct regexp_parser *ps)
{
	static struct regexp_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}};

	ps->p++;
	return regexp_add_class(
	    ps, &(struct regexp_class){.ranges = line_ends, .n = 2, .negated = true});
}

/*
 * One atom that is no group, or a fault. ^ and $ are the begin and the end of the text: the grammar
 * has them as characters, but RFC 9485 section 5.3 to 5.5 maps patterns to engines that read them
 * so, and so does the JSONPath Compliance Test Suite ("explicit caret").
 */
static bool
regexp_atom(struct regexp_parser *ps)
{
	struct regexp_class class = {.n = 0};
	uint32_t c;

	if (*ps->p == '.')
		return regexp_add_dot(ps);
	if (*ps->p == '[' ||
	    (*ps->p == '\\' && ps->end - ps->p > 1 && (ps->p[1] == 'p' || ps->p[1] == 'P')))
		return jsonpath_regexp_class(ps->arena, &ps->p, ps->end, &class, &ps->why) &&
		       regexp_add_class(ps, &class);
	if (*ps->p == '\\')
		return jsonpath_regexp_escape(&ps->p, ps->end, &c, &ps->why) &&
		       regexp_add(ps, REGEXP_CHARACTER, c, 0, 0);
	if (*ps->p != '\0' && strchr(")*+?]{|}", *ps->p) != NULL)
		return regexp_fail(ps, "a character that must be written with \\ before it");
	c = (uint32_t)text_next(&ps->p);
	if (c == '^' || c == '$')
		return regexp_add(ps, c == '^' ? REGEXP_BEGIN : REGEXP_END, 0, 0, 0);
	return regexp_add(ps, REGEXP_CHARACTER, c, 0, 0);
}

static bool
regexp_piece(struct regexp_parser *ps)
{
	size_t from = ps->re->n;

	if (*ps->p == '(') {
		ps->p++;
		return regexp_open(ps);
	}
	if (*ps->p == '|') {
		ps->p++;
		return regexp_alternative(ps);
	}
	if (*ps->p == ')' && ps->depth > 1) {
		ps->p++;
		from = regexp_close(ps);
	} else if (!regexp_atom(ps))
		return false;
	return regexp_quantifier(ps, from);
}

struct jsonpath_regexp *
jsonpath_regexp_compile(
    struct arena *a, const char *pattern, size_t len, const char **why, size_t *at)
{
	struct regexp_parser ps = {.arena = a, .p = pattern, .end = pattern + len};
	bool fine;

	ps.re = arena_alloc(a, sizeof(*ps.re));
	fine = ps.re != NULL || regexp_fail(&ps, "out of memory");
	if (fine && len > REGEXP_PATTERN)
		fine = regexp_fail(&ps, "a pattern that is too long");
	fine = fine && regexp_open(&ps);
	while (fine && ps.p < ps.end)
		fine = regexp_piece(&ps);
	if (fine && ps.depth > 1)
		fine = regexp_fail(&ps, "a ( without its )");
	if (fine) {
		(void)regexp_close(&ps);
		fine = regexp_add(&ps, REGEXP_MATCH, 0, 0, 0);
	}
	*why = ps.why;
	*at = (size_t)(ps.p - pattern);
	return fine ? ps.re : NULL;
}
