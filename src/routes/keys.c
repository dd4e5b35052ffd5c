/*
 * keys.c: Standard Webhooks signs no path, so a message for one route would be valid for another
 * that has the same key. Such a key is reported.
 */
#include <stdlib.h>
#include <string.h>

#include "routes/slot.h"

/* One key of one route. */
struct keyed {
	struct caller_digest digest;
	const struct route *route;
};

struct all_keys {
	struct arena arena;
	struct keyed *items;
	size_t n, cap;
};

static bool
keys_add(struct all_keys *all, const struct route *route)
{
	struct caller_digest *digests;
	struct keyed *items;
	size_t n, i;

	if (!callers_key_digests(&all->arena, route->callers, &digests, &n))
		return false;
	for (i = 0; i < n; i++) {
		items = arena_grow(&all->arena, all->items, all->n, &all->cap, sizeof(*all->items));
		if (items == NULL)
			return false;
		all->items = items;
		items[all->n++] = (struct keyed){digests[i], route};
	}
	return true;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = memcmp(x->digest.bytes, y->digest.bytes, sizeof(x->digest.bytes));

	return order != 0 ? order : strcmp(x->route->name, y->route->name);
}

/* items[0..n) are the same key. Each route that uses it for webhooks has one fault. */
static void
keys_check_same(struct registry *r, const struct keyed *items, size_t n)
{
	const struct keyed *other;
	size_t i;

	/* Sorted by route: the first or the last is of another route, if any is. */
	for (i = 0; i < n; i++) {
		other = items[0].route == items[i].route ? &items[n - 1] : &items[0];
		if (!items[i].digest.webhook || other->route == items[i].route)
			continue;
		(void)fault_line(&r->key_faults, items[i].route->file, 0, 0,
		    "caller %s has a Standard Webhooks key that caller %s of route %s has too: such a key belongs to one route alone",
		    items[i].digest.caller, other->digest.caller, other->route->name);
	}
}

static void
keys_check(struct registry *r, struct all_keys *all)
{
	size_t i, first = 0;

	if (all->n > 1)
		qsort(all->items, all->n, sizeof(*all->items), compare_keys);
	for (i = 1; i <= all->n; i++) {
		if (i < all->n && memcmp(all->items[i].digest.bytes, all->items[first].digest.bytes,
				      CRYPTO_SHA256_LEN) == 0)
			continue;
		keys_check_same(r, all->items + first, i - first);
		first = i;
	}
}

void
registry_check_keys(struct registry *r)
{
	struct all_keys all = {.n = 0};
	const struct slot *s;
	bool good = true;

	if (!r->routes_changed)
		return;
	arena_init(&all.arena, LIMIT_ARENA);
	for (s = r->routes; s != NULL && good; s = s->next) {
		if (s->route != NULL && s->route->route->callers != NULL)
			good = keys_add(&all, s->route->route);
	}
	(void)pthread_mutex_lock(&r->lock);
	arena_clear(&r->key_arena);
	faults_init(&r->key_faults, &r->key_arena);
	if (good)
		keys_check(r, &all);
	(void)pthread_mutex_unlock(&r->lock);
	r->routes_changed = !good;
	arena_clear(&all.arena);
}
