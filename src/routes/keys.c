/*
 * keys.c: what is wrong with the keys of all routes together. Standard Webhooks signs no path, so a
 * message for one route would be valid for another that has the same key: a fault. Any other secret
 * that serves twice is a warning. Whether keys have ended is a question of the day it is asked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "routes/slot.h"

enum { KEYS_WARN_S = 14 * 86400 };

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

	if (order == 0)
		order = strcmp(x->route->name, y->route->name);
	if (order == 0)
		order = strcmp(x->digest.caller, y->digest.caller);
	return order != 0 ? order : (int)x->digest.form - (int)y->digest.form;
}

/* The two forms of signature of a caller have their keys in common. */
static bool
keys_are_one(const struct keyed *a, const struct keyed *b)
{
	return a->route == b->route && strcmp(a->digest.caller, b->digest.caller) == 0 &&
	       a->digest.form <= CALLER_WEBHOOKS && b->digest.form <= CALLER_WEBHOOKS;
}

/*
 * items[0..n) are the same key, sorted by route: the first or the last is of another route, if any
 * is. Each route that uses it for webhooks has one fault.
 */
static void
keys_check_same(struct registry *r, const struct keyed *items, size_t n)
{
	const struct keyed *other;
	size_t i;

	for (i = 0; i < n; i++) {
		other = items[0].route == items[i].route ? &items[n - 1] : &items[0];
		if (items[i].digest.form != CALLER_WEBHOOKS || other->route == items[i].route)
			continue;
		(void)fault_line(&r->key_faults, items[i].route->file, 0, 0,
		    "caller %s has a Standard Webhooks key that caller %s of route %s has too: such a key belongs to one route alone",
		    items[i].digest.caller, other->digest.caller, other->route->name);
	}
	for (i = 1; i < n; i++) {
		if (keys_are_one(&items[i - 1], &items[i]))
			continue;
		fault_warn(&r->key_faults, items[i].route->file, NULL,
		    "caller %s has the same secret as %s that caller %s of route %s has as %s: who learns one has both",
		    items[i].digest.caller, caller_form_name(items[i].digest.form),
		    items[i - 1].digest.caller, items[i - 1].route->name,
		    caller_form_name(items[i - 1].digest.form));
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

/* The last second that a key counts of those that count without a gap after that one. */
static int64_t
keys_until(const struct caller_keys *keys, int64_t from_s)
{
	int64_t until_s = from_s;
	size_t k = 0;

	while (k < keys->n && until_s != INT64_MAX) {
		if (keys->items[k].not_before_s <= until_s + 1 &&
		    keys->items[k].not_after_s > until_s) {
			until_s = keys->items[k].not_after_s;
			k = 0;
		} else
			k++;
	}
	return until_s;
}

/* The keys of a caller at that time: how many count, and how long any of a form does. */
static size_t
keys_counting(const struct caller *c, int64_t now_s, int64_t *until_s)
{
	const struct caller_keys *keys;
	size_t n = 0, f, k;
	int64_t until;

	*until_s = INT64_MIN;
	for (f = 0; f < CALLER_FORM_MAX; f++) {
		keys = &c->keys[f];
		for (k = 0; k < keys->n; k++)
			n += caller_key_counts(&keys->items[k], now_s);
		until = keys_until(keys, now_s);
		if (until > *until_s)
			*until_s = until;
	}
	return n;
}

static void
keys_age(struct faults *out, const struct route *route, const struct caller *c, int64_t now_s)
{
	char day[DATE_TEXT_MAX];
	int64_t until_s;
	size_t counting = keys_counting(c, now_s, &until_s);

	if (counting == 0)
		(void)fault_line(out, route->file, 0, 0,
		    "caller %s cannot call: each of its keys has ended or does not count yet",
		    c->name);
	else if (until_s != INT64_MAX && until_s - now_s < KEYS_WARN_S) {
		date_format((struct date){(int32_t)(until_s / 86400)}, day);
		fault_warn(out, route->file, NULL,
		    "caller %s has no key that counts after %s; `hrisgw key rotate %s --caller %s` makes one",
		    c->name, day, route->name, c->name);
	}
}

void
registry_key_ages(const struct registry *r, struct faults *out)
{
	int64_t now_s = clock_wall_s(r->clock);
	const struct callers *callers;
	const struct slot *s;
	size_t i;

	for (s = r->routes; s != NULL; s = s->next) {
		callers = s->route == NULL ? NULL : s->route->route->callers;
		for (i = 0; callers != NULL && i < callers->n; i++)
			keys_age(out, s->route->route, &callers->items[i], now_s);
	}
}
