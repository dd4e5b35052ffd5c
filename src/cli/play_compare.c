/* play_compare.c: what was expected of a case and is not so. */
#include "base/text.h"
#include "cli/player.h"
#include "format/json.h"

void
play_differ(struct player *p, const char *what, const char *expected, const char *got)
{
	struct play_case *now = p->now;
	struct play_difference *items =
	    arena_grow(p->r.arena, now->differences, now->n, &now->cap, sizeof(*items));

	now->n++;
	if (items == NULL)
		return;
	now->differences = items;
	items[now->n - 1] = (struct play_difference){
	    what, expected == NULL ? "nothing" : expected, got == NULL ? "nothing" : got};
}

const char *
play_json(struct player *p, const struct value *v)
{
	const char *s;
	struct buf b;

	if (v == NULL)
		return NULL;
	buf_init(&b, LIMIT_ANSWER);
	json_value(&b, v);
	s = b.err == GW_OK ? arena_strndup(p->r.arena, b.data, b.len) : NULL;
	buf_clear(&b);
	return s;
}

/* Nesting is bounded by what yaml.c and json.c let through. */
static bool
same_text(const struct value *a, const struct value *b)
{
	size_t i;

	if (value_is(a, VALUE_OBJECT) || value_is(a, VALUE_LIST)) {
		if (b == NULL || a->kind != b->kind || a->n != b->n)
			return false;
		for (i = 0; i < a->n; i++) {
			if (!same_text(value_at(a, i), a->kind == VALUE_LIST
							   ? value_at(b, i)
							   : value_get(b, a->items[i].name)))
				return false;
		}
		return true;
	}
	return value_str(a) != NULL && text_equal(value_str(a), value_str(b));
}

void
play_compare(struct player *p, const char *what, const struct value *expected,
    const struct value *got, bool by_text)
{
	if (expected == NULL && got == NULL)
		return;
	if (expected != NULL && got != NULL &&
	    (by_text ? same_text(expected, got) : value_equal(expected, got)))
		return;
	play_differ(p, what, play_json(p, expected), play_json(p, got));
}
