/*
 * registry.c: routes and adapters in force. The folders are looked at by one thread at a time, and
 * no other waits for it.
 */
#include "routes/registry.h"

#include <stdlib.h>
#include <string.h>

#include "routes/slot.h"
#include "base/text.h"

const struct route *
registry_acquire(struct registry *r, const char *name)
{
	struct loaded_route *l;
	const struct slot *s;

	(void)pthread_mutex_lock(&r->lock);
	s = slot_of(r->routes, name);
	l = s == NULL ? NULL : s->route;
	if (l != NULL)
		l->refs++;
	(void)pthread_mutex_unlock(&r->lock);
	return l == NULL ? NULL : l->route;
}

void
registry_release(struct registry *r, const struct route *route)
{
	struct loaded_route *l;

	if (route == NULL)
		return;
	l = route->owner;
	(void)pthread_mutex_lock(&r->lock);
	loaded_route_unref(l);
	(void)pthread_mutex_unlock(&r->lock);
}

unsigned
registry_enter(const struct route *route)
{
	struct loaded_route *l = route->owner;

	return atomic_fetch_add(&l->inside, 1) + 1;
}

void
registry_leave(const struct route *route)
{
	struct loaded_route *l = route->owner;

	(void)atomic_fetch_sub(&l->inside, 1);
}

unsigned
registry_calls(struct registry *r)
{
	const struct slot *s;
	unsigned n = 0;

	(void)pthread_mutex_lock(&r->lock);
	for (s = r->routes; s != NULL; s = s->next) {
		if (s->route != NULL && !s->route->route->local)
			n += s->route->route->peer.in_flight;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return n;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
list_add(struct arena *a, const char ***list, size_t *n, size_t *cap, const char *text)
{
	const char **items = arena_grow(a, *list, *n, cap, sizeof(char *));
	char *copy = arena_strdup(a, text);

	if (items == NULL || copy == NULL)
		return false;
	*list = items;
	items[(*n)++] = copy;
	return true;
}

struct gathered {
	struct registry_faults *out;
	struct arena *arena;
	size_t faults_cap, warnings_cap;
};

static bool
faults_gather(struct gathered *g, const struct faults *f)
{
	bool good = true;
	size_t i;

	for (i = 0; i < f->n && good; i++)
		good = list_add(
		    g->arena, &g->out->faults, &g->out->n_faults, &g->faults_cap, f->texts[i]);
	for (i = 0; i < f->n_warnings && good; i++)
		good = list_add(g->arena, &g->out->warnings, &g->out->n_warnings, &g->warnings_cap,
		    f->warnings[i]);
	return good;
}

bool
registry_faults(struct registry *r, struct arena *a, struct registry_faults *out)
{
	struct gathered g = {.out = out, .arena = a};
	const struct slot *lists[2], *s;
	struct faults ages;
	bool good;
	size_t i;

	*out = (struct registry_faults){.n_faults = 0};
	registry_load_rest(r);
	faults_init(&ages, a);
	(void)pthread_mutex_lock(&r->lock);
	registry_key_ages(r, &ages);
	registry_advice(r, &ages);
	good = faults_gather(&g, &r->folder_faults) && faults_gather(&g, &r->key_faults) &&
	       faults_gather(&g, &ages);
	lists[0] = r->adapters;
	lists[1] = r->routes;
	for (i = 0; i < ARRAY_LEN(lists); i++) {
		for (s = lists[i]; s != NULL && good; s = s->next)
			good = faults_gather(&g, &s->faults);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return good;
}

bool
registry_routes(struct registry *r, struct arena *a, const char ***names, size_t *n)
{
	bool good = true;
	struct slot *s;
	size_t cap = 0;

	*names = NULL;
	*n = 0;
	(void)pthread_mutex_lock(&r->lock);
	for (s = r->routes; s != NULL && good; s = s->next)
		good = list_add(a, names, n, &cap, s->name);
	(void)pthread_mutex_unlock(&r->lock);
	if (*n > 1)
		qsort(*names, *n, sizeof(char *), compare_texts);
	return good;
}

static struct registry *
registry_make(
    const struct config *config, const struct clock *clock, const struct log *log, bool once)
{
	struct registry *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->config = config;
	r->clock = clock;
	r->log = log;
	arena_init(&r->folder_arena, LIMIT_ARENA);
	faults_init(&r->folder_faults, &r->folder_arena);
	arena_init(&r->said_arena, LIMIT_ARENA);
	arena_init(&r->key_arena, LIMIT_ARENA);
	faults_init(&r->key_faults, &r->key_arena);
	if (pthread_mutex_init(&r->lock, NULL) != 0) {
		free(r);
		return NULL;
	}
	if (pthread_mutex_init(&r->refreshing, NULL) != 0) {
		(void)pthread_mutex_destroy(&r->lock);
		free(r);
		return NULL;
	}
	r->once = once;
	registry_scan(r, LOOK_FIRST);
	r->looked_ms = clock_mono_ms(clock);
	return r;
}

struct registry *
registry_new(const struct config *config, const struct clock *clock, const struct log *log)
{
	return registry_make(config, clock, log, false);
}

struct registry *
registry_new_once(const struct config *config, const struct clock *clock, const struct log *log)
{
	return registry_make(config, clock, log, true);
}

static void
slots_free(struct slot *s)
{
	struct slot *next;

	for (; s != NULL; s = next) {
		next = s->next;
		slot_free(s);
	}
}

void
registry_free(struct registry *r)
{
	if (r == NULL)
		return;
	slots_free(r->routes);
	slots_free(r->adapters);
	arena_clear(&r->folder_arena);
	arena_clear(&r->said_arena);
	arena_clear(&r->key_arena);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_mutex_destroy(&r->refreshing);
	free(r);
}

void
registry_reread(struct registry *r)
{
	(void)pthread_mutex_lock(&r->refreshing);
	r->looked_ms = clock_mono_ms(r->clock);
	registry_scan(r, LOOK_ASKED);
	(void)pthread_mutex_unlock(&r->refreshing);
}

void
registry_refresh(struct registry *r)
{
	int64_t now = clock_mono_ms(r->clock);

	if (pthread_mutex_trylock(&r->refreshing) != 0)
		return;
	if (now - r->looked_ms >= REGISTRY_STILL_MS) {
		r->looked_ms = now;
		registry_scan(r, LOOK_LATER);
	}
	(void)pthread_mutex_unlock(&r->refreshing);
}
