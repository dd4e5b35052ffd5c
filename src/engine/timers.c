/* timers.c: see timers.h. */
#include "engine/timers.h"

#include <stddef.h>

/* Joins two heaps; either may be NULL. The later root becomes the first child of the earlier. */
static struct timer *
join(struct timer *a, struct timer *b)
{
	struct timer *early = a, *late = b;

	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (b->at_ms < a->at_ms) {
		early = b;
		late = a;
	}
	late->before = early;
	late->next = early->child;
	if (early->child != NULL)
		early->child->before = late;
	early->child = late;
	return early;
}

/* The children of a root that is taken away as one heap: joined in pairs, then from the right. */
static struct timer *
join_children(struct timer *first)
{
	struct timer *pairs = NULL, *a, *b, *rest, *all = NULL;

	for (; first != NULL; first = rest) {
		a = first;
		b = a->next;
		rest = b == NULL ? NULL : b->next;
		a->next = a->before = NULL;
		if (b != NULL)
			b->next = b->before = NULL;
		a = join(a, b);
		a->next = pairs;
		pairs = a;
	}
	for (; pairs != NULL; pairs = rest) {
		rest = pairs->next;
		pairs->next = NULL;
		all = join(all, pairs);
	}
	return all;
}

void
timers_cancel(struct timers *all, struct timer *t)
{
	struct timer *children;

	if (!t->set)
		return;
	children = join_children(t->child);
	if (t == all->first)
		all->first = children;
	else {
		if (t->before->child == t)
			t->before->child = t->next;
		else
			t->before->next = t->next;
		if (t->next != NULL)
			t->next->before = t->before;
		all->first = join(all->first, children);
	}
	t->child = t->next = t->before = NULL;
	t->set = false;
}

void
timers_set(struct timers *all, struct timer *t, int64_t at_ms)
{
	timers_cancel(all, t);
	t->at_ms = at_ms;
	t->set = true;
	all->first = join(all->first, t);
}

struct timer *
timers_due(struct timers *all, int64_t now_ms)
{
	struct timer *t = all->first;

	if (t == NULL || t->at_ms > now_ms)
		return NULL;
	timers_cancel(all, t);
	return t;
}
