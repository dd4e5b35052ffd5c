/*
 * regexp.c: I-Regexp (RFC 9485) into a nondeterministic automaton: a line of states with relative
 * jumps, so that {n,m} copies a piece as is. Groups are a stack, not recursion. All states run side
 * by side, one character after the other (Thompson's simulation): a state is entered once a
 * character, so nothing can explode.
 */
#include "format/regexp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/unicode.h"

enum {
	REGEXP_PATTERN = 4096, /* bytes of a pattern */
	REGEXP_STATES = 5000,  /* with what {n,m} repeats */
	REGEXP_GROUPS = 100    /* in one another */
};

enum regexp_kind {
	REGEXP_CHARACTER,
	REGEXP_CLASS,
	REGEXP_BEGIN,
	REGEXP_END,
	REGEXP_SPLIT,
	REGEXP_JUMP,
	REGEXP_MATCH
};

struct regexp_state {
	enum regexp_kind kind;
	uint32_t number; /* the character, or the class's index */
	int32_t x, y;    /* SPLIT, JUMP (x): steps from here */
};

struct regexp_range {
	uint32_t low, high;
};

struct regexp_class {
	struct regexp_range *ranges;
	size_t n, cap;
	uint32_t categories; /* bits by enum unicode_category */
	bool negated;
};

struct regexp {
	struct regexp_state *states;
	size_t n, cap;
	struct regexp_class *classes;
	size_t n_classes, classes_cap;
};

static bool
class_fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

static bool
class_escape(const char **p, const char *end, uint32_t *out, const char **why)
{
	static const char escaped[] = "()*+-.?[\\]^nrt{|}", meaning[] = "()*+-.?[\\]^\n\r\t{|}";
	const char *found;

	found = end - *p < 2 || (*p)[1] == '\0' ? NULL : strchr(escaped, (*p)[1]);
	if (found == NULL)
		return class_fail(why, "an unknown escape");
	*out = (uint32_t)(unsigned char)meaning[found - escaped];
	*p += 2;
	return true;
}

/* \p{Lu} or \P{Lu}: adds the bits. */
static bool
class_category(const char **p, const char *end, uint32_t *categories, const char **why)
{
	static const uint32_t all = (1u << UNICODE_MAX) - 1;
	const char *close;
	uint32_t mask = 0;

	if (end - *p >= 5 && (*p)[2] == '{') {
		close = memchr(*p, '}', (size_t)(end - *p));
		if (close != NULL)
			mask = unicode_mask(*p + 3, (size_t)(close - *p) - 3);
	}
	if (mask == 0)
		return class_fail(why, "an unknown category (as in \\p{L}, \\p{Lu})");
	*categories |= (*p)[1] == 'p' ? mask : all & ~mask;
	*p = close + 1;
	return true;
}

static bool
class_add_range(
    struct arena *a, struct regexp_class *class, uint32_t low, uint32_t high, const char **why)
{
	struct regexp_range *ranges;

	if (high < low)
		return class_fail(why, "a range from more to less");
	ranges = arena_grow(a, class->ranges, class->n, &class->cap, sizeof(*ranges));
	if (ranges == NULL)
		return class_fail(why, "out of memory");
	class->ranges = ranges;
	ranges[class->n++] = (struct regexp_range){low, high};
	return true;
}

/* CCchar */
static bool
class_character(const char **p, const char *end, uint32_t *out, const char **why)
{
	if (*p == end)
		return class_fail(why, "a [ without its ]");
	if (**p == '\\')
		return class_escape(p, end, out, why);
	if (**p == '-' || **p == '[' || **p == ']')
		return class_fail(why, "a character that must be written with \\ before it");
	*out = (uint32_t)text_next(p);
	return true;
}

static bool
class_is_category(const char *p, const char *end)
{
	return end - p > 1 && *p == '\\' && (p[1] == 'p' || p[1] == 'P');
}

/* CCE1: a character, a range, a category. */
static bool
class_item(
    struct arena *a, const char **p, const char *end, struct regexp_class *out, const char **why)
{
	uint32_t low, high;

	if (class_is_category(*p, end))
		return class_category(p, end, &out->categories, why);
	if (!class_character(p, end, &low, why))
		return false;
	high = low;
	if (end - *p > 1 && **p == '-' && (*p)[1] != ']') {
		(*p)++;
		if (!class_character(p, end, &high, why))
			return false;
	}
	return class_add_range(a, out, low, high, why);
}

static bool
class_parse(
    struct arena *a, const char **p, const char *end, struct regexp_class *out, const char **why)
{
	const char *first;

	if (**p == '\\')
		return class_category(p, end, &out->categories, why);
	(*p)++;
	out->negated = *p < end && **p == '^';
	*p += out->negated ? 1 : 0;
	first = *p;
	/* "-" stands for itself first or last. */
	for (; *p < end && (**p != ']' || *p == first);) {
		if (**p == '-' && (*p == first || (end - *p > 1 && (*p)[1] == ']'))) {
			(*p)++;
			if (!class_add_range(a, out, '-', '-', why))
				return false;
		} else if (!class_item(a, p, end, out, why))
			return false;
	}
	if (*p == end)
		return class_fail(why, "a [ without its ]");
	(*p)++;
	return true;
}

static bool
class_has(const struct regexp_class *class, uint32_t c)
{
	bool found = false;
	size_t i;

	for (i = 0; i < class->n && !found; i++)
		found = c >= class->ranges[i].low && c <= class->ranges[i].high;
	if (!found && class->categories != 0)
		found = (class->categories >> unicode_category(c) & 1) != 0;
	return found != class->negated;
}

static const size_t no_state = SIZE_MAX;

/* An open parenthesis, or the whole. */
struct regexp_group {
	size_t start, branch; /* states: its first, its current branch's first */
	size_t ends;          /* last JUMP to its end; each holds the one before */
};

struct regexp_parser {
	struct arena *arena;
	struct regexp *re;
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
	struct regexp *re = ps->re;
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

/* a|b: SPLIT into a, or past its JUMP to the end. */
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
	/* One more x after the last: the one that is copied. */
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
	/* The copies follow the original, which goes. */
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
		return regexp_fail(ps, "expected } after a count");
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
	struct regexp *re = ps->re;
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
 * One atom that is no group, or a fault. ^ and $ are the beginning and the end of the text: the
 * grammar has them as characters, but RFC 9485 section 5.3 to 5.5 maps patterns to engines that
 * read them so, and so does the JSONPath Compliance Test Suite ("explicit caret").
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
		return class_parse(ps->arena, &ps->p, ps->end, &class, &ps->why) &&
		       regexp_add_class(ps, &class);
	if (*ps->p == '\\')
		return class_escape(&ps->p, ps->end, &c, &ps->why) &&
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

struct regexp *
regexp_compile(struct arena *a, const char *pattern, size_t len, const char **why, size_t *at)
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

/* The active states; those of SPLIT and JUMP are followed at once and kept only as seen. */
struct regexp_set {
	uint32_t *on;
	size_t n;
};

struct regexp_matcher {
	const struct regexp *re;
	struct regexp_set now, next;
	uint32_t *stack; /* still to be followed */
	uint32_t *seen;  /* by state: the last round that entered it */
	uint32_t round;
	size_t work;
	bool begin, end; /* of the text, where it stands */
	bool matched;
};

static void
regexp_enter_one(struct regexp_matcher *m, size_t state, size_t *depth)
{
	if (m->seen[state] == m->round)
		return;
	m->seen[state] = m->round;
	m->stack[(*depth)++] = (uint32_t)state;
}

/* The state and all that is reached from it without a character. */
static void
regexp_enter(struct regexp_matcher *m, struct regexp_set *set, size_t state)
{
	const struct regexp_state *s;
	size_t depth = 0;

	regexp_enter_one(m, state, &depth);
	while (depth > 0) {
		state = m->stack[--depth];
		s = &m->re->states[state];
		m->work++;
		if (s->kind == REGEXP_MATCH)
			m->matched = true;
		else if (s->kind == REGEXP_CHARACTER || s->kind == REGEXP_CLASS)
			set->on[set->n++] = (uint32_t)state;
		else if (s->kind == REGEXP_BEGIN || s->kind == REGEXP_END) {
			if (s->kind == REGEXP_BEGIN ? m->begin : m->end)
				regexp_enter_one(m, state + 1, &depth);
		} else
			regexp_enter_one(m, (size_t)((int64_t)state + s->x), &depth);
		if (s->kind == REGEXP_SPLIT)
			regexp_enter_one(m, (size_t)((int64_t)state + s->y), &depth);
	}
}

static bool
regexp_takes(struct regexp_matcher *m, const struct regexp_state *s, uint32_t c)
{
	const struct regexp_class *class;

	if (s->kind == REGEXP_CHARACTER)
		return s->number == c;
	class = &m->re->classes[s->number];
	m->work += class->n / 4;
	return class_has(class, c);
}

static void
regexp_step(struct regexp_matcher *m, uint32_t c)
{
	struct regexp_set swap;
	size_t i;

	m->round++;
	m->matched = false;
	m->next.n = 0;
	for (i = 0; i < m->now.n; i++) {
		m->work++;
		if (regexp_takes(m, &m->re->states[m->now.on[i]], c))
			regexp_enter(m, &m->next, (size_t)m->now.on[i] + 1);
	}
	swap = m->now;
	m->now = m->next;
	m->next = swap;
}

/* A byte that is no part of UTF-8 is a character of its own: an answer may be any bytes. */
static uint32_t
regexp_next(const char **s, const char *end)
{
	unsigned char low, high;
	size_t n = text_sequence((unsigned char)**s, &low, &high);

	if (n > 1 && n <= (size_t)(end - *s) && text_utf8(*s, n))
		return (uint32_t)text_next(s);
	return (unsigned char)*(*s)++;
}

/* Text may be as long as LIMIT_TEXT: rounds fit 32 bits. */
static bool
regexp_match(struct regexp_matcher *m, const char *s, size_t len, bool part, size_t *work)
{
	const char *end = s + len;
	uint32_t c;

	m->round = 1;
	m->begin = true;
	m->end = len == 0;
	regexp_enter(m, &m->now, 0);
	while (s < end && !(part && m->matched) && (part || m->now.n > 0)) {
		c = regexp_next(&s, end);
		m->begin = false;
		m->end = s == end;
		regexp_step(m, c);
		/* Another try begins at each character. */
		if (part)
			regexp_enter(m, &m->now, 0);
		if (m->work > *work)
			return false;
	}
	*work -= m->work < *work ? m->work : *work;
	if (!part && s < end)
		m->matched = false;
	return true;
}

bool
regexp_run(const struct regexp *re, const char *s, size_t len, bool part, size_t *work,
    struct arena *notes, bool *matched)
{
	struct regexp_matcher m = {.re = re};
	uint32_t *room = calloc(re->n, 4 * sizeof(*room));
	bool done;

	*matched = false;
	if (room == NULL) {
		notes->failed = true;
		return false;
	}
	m.now.on = room;
	m.next.on = room + re->n;
	m.stack = room + 2 * re->n;
	m.seen = room + 3 * re->n;
	done = regexp_match(&m, s, len, part, work);
	*matched = done && m.matched;
	free(room);
	return done;
}

bool
regexp_matches(const struct regexp *re, const char *s, bool part, struct arena *notes)
{
	size_t work = SIZE_MAX;
	bool matched;

	return regexp_run(re, s, strlen(s), part, &work, notes, &matched) && matched;
}
