/*
 * jsonpath_regexp_run.c: all states of the automaton side by side, one character after the other
 * (Thompson's simulation): a state is entered once a character, so nothing can explode.
 */
#include "format/regexp_tree.h"

#include <stdlib.h>

#include "base/text.h"

/* The states that are on; those of SPLIT and JUMP are followed at once and kept only as seen. */
struct regexp_set {
	uint32_t *on;
	size_t n;
};

struct regexp_matcher {
	const struct jsonpath_regexp *re;
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
	return jsonpath_regexp_class_has(class, c);
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
		c = (uint32_t)text_next(&s);
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
jsonpath_regexp_run(const struct jsonpath_regexp *re, const char *s, size_t len, bool part,
    size_t *work, bool *matched)
{
	struct regexp_matcher m = {.re = re};
	uint32_t *room = calloc(re->n, 4 * sizeof(*room));
	bool done;

	*matched = false;
	if (room == NULL)
		return false;
	m.now.on = room;
	m.next.on = room + re->n;
	m.stack = room + 2 * re->n;
	m.seen = room + 3 * re->n;
	done = regexp_match(&m, s, len, part, work);
	*matched = done && m.matched;
	free(room);
	return done;
}
