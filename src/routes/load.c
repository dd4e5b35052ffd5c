/*
 * load.c: loads one file and puts it into force. A route whose new text has a fault is loaded again
 * from its last good text, so that new secrets count all the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "routes/slot.h"
#include "base/text.h"
#include "base/user.h"

static bool
text_known(const char *const *texts, size_t n, const char *text)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(texts[i], text) == 0)
			return true;
	}
	return false;
}

/* Logs the faults and warnings that are new. */
void
registry_log_faults(
    const struct registry *r, const struct faults *known, const struct faults *f, const char *event)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (!text_known(known->texts, known->n, f->texts[i]))
			log_event(r->log, LOG_ERROR, event, f->texts[i]);
	}
	for (i = 0; i < f->n_warnings; i++) {
		if (!text_known(known->warnings, known->n_warnings, f->warnings[i]))
			log_event(r->log, LOG_WARNING, event, f->warnings[i]);
	}
}

/* Replaces the faults of a slot. */
static void
slot_put_faults(struct registry *r, struct slot *s, struct arena *arena, struct faults *faults)
{
	struct arena old;

	(void)pthread_mutex_lock(&r->lock);
	old = s->faults_arena;
	s->faults_arena = *arena;
	s->faults = *faults;
	s->faults.arena = &s->faults_arena;
	(void)pthread_mutex_unlock(&r->lock);
	arena_clear(&old);
}

static void
load_fault_open(const struct slot *s, struct faults *faults)
{
	char reason[USER_REASON];

	user_open_reason(s->file, errno, reason);
	(void)fault_line(faults, s->file, 0, 0, "it cannot be read: %s", reason);
}

static struct loaded_adapter *
load_adapter_file(const struct slot *s, struct faults *faults)
{
	struct loaded_adapter *a = calloc(1, sizeof(*a));
	size_t len;
	char *text;

	if (a == NULL)
		return NULL;
	a->refs = 1;
	arena_init(&a->arena, LIMIT_ARENA);
	text = text_read_file(&a->arena, s->file, LIMIT_FILE, &len);
	if (text == NULL)
		load_fault_open(s, faults);
	else
		a->adapter = adapter_load(&a->arena, s->name, s->file, text, len, faults);
	if (a->adapter != NULL)
		return a;
	arena_clear(&a->arena);
	free(a);
	return NULL;
}

void
registry_load_adapter(struct registry *r, struct slot *s, bool first)
{
	struct loaded_adapter *a;
	struct faults faults;
	struct arena arena;

	arena_init(&arena, LIMIT_ARENA);
	faults_init(&faults, &arena);
	s->taken = s->seen;
	a = load_adapter_file(s, &faults);
	if (a == NULL && faults.n == 0)
		(void)fault_line(&faults, s->file, 0, 0, "it has a fault, or memory is short");
	registry_log_faults(r, &s->faults, &faults, "adapter fault");
	slot_put_faults(r, s, &arena, &faults);
	if (a == NULL)
		return;
	registry_put_adapter(r, s, a);
	if (!first)
		log_event(r->log, LOG_INFO, "adapter loaded", s->name);
}

static bool
is_unread(const struct slot *s)
{
	return s->adapter == NULL && s->faults.n == 0;
}

void
registry_load_rest(struct registry *r)
{
	struct slot *s;

	for (s = r->adapters; r->once && s != NULL; s = s->next) {
		if (is_unread(s))
			registry_load_adapter(r, s, true);
	}
}

struct hold {
	struct registry *registry;
	struct loaded_adapter *adapter;
};

/* Why there is no such adapter: it has a fault, or which there are. */
static const char *
adapter_why(struct registry *r, const char *name, struct arena *a)
{
	const struct slot *s;
	const char *why = "";

	(void)pthread_mutex_lock(&r->lock);
	s = slot_of(r->adapters, name);
	if (s != NULL)
		why = arena_printf(a, "adapter \"%s\" has a fault: %s", name,
		    s->faults.n == 0 ? "out of memory" : s->faults.texts[0]);
	else {
		for (s = r->adapters; s != NULL && why != NULL; s = s->next)
			why = arena_printf(a, *why == '\0' ? "%s%s" : "%s, %s", s->name, why);
		if (why != NULL)
			why = arena_printf(a,
			    "there is no adapter \"%s\": %s has %s; local is built in", name,
			    r->config->adapters_dir, *why == '\0' ? "none" : why);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return why;
}

static const struct adapter *
hold_adapter(void *context, const char *name, struct arena *a, const char **why)
{
	struct hold *h = context;
	struct slot *s = h->registry->once ? slot_of(h->registry->adapters, name) : NULL;

	if (s != NULL && is_unread(s))
		registry_load_adapter(h->registry, s, true);
	if (h->adapter == NULL)
		h->adapter = registry_hold_adapter(h->registry, name);
	if (h->adapter != NULL)
		return h->adapter->adapter;
	*why = adapter_why(h->registry, name, a);
	return NULL;
}

/* Loads a route from a text, with an adapter that is held, or (NULL) by name; NULL: memory. */
static struct loaded_route *
load_route_text(struct registry *r, const struct slot *s, const char *text, size_t len,
    struct loaded_adapter *adapter, struct faults *faults)
{
	struct loaded_route *l = calloc(1, sizeof(*l));
	struct hold hold = {.registry = r, .adapter = adapter};
	struct secrets secrets;

	if (l == NULL) {
		registry_drop_adapter(r, adapter);
		return NULL;
	}
	l->refs = 1;
	arena_init(&l->arena, LIMIT_ARENA);
	secrets_init(&secrets, &l->arena, s->file, faults);
	l->route = route_load(
	    &l->arena, s->name, s->file, text, len, hold_adapter, &hold, &secrets, faults);
	l->adapter = hold.adapter;
	l->watches = secrets.watches;
	l->n_watches = secrets.n_watches;
	if (l->route != NULL) {
		l->route->owner = l;
		return l;
	}
	registry_drop_route(r, l);
	return NULL;
}

static void
take_route(struct registry *r, struct slot *s, struct loaded_route *l, char **text, size_t len)
{
	s->made_with = l->adapter == NULL ? NULL : l->adapter->adapter;
	s->changing = false;
	if (!l->route->broken) {
		free(s->text);
		s->text = *text;
		s->text_len = len;
		*text = NULL;
	}
	registry_put_route(r, s, l);
}

static bool
secret_is_gone(const struct slot *s)
{
	size_t i;

	for (i = 0; s->route != NULL && i < s->route->n_watches; i++) {
		if (access(s->route->watches[i].path, F_OK) != 0)
			return true;
	}
	return false;
}

static struct loaded_route *
load_in_force(struct registry *r, const struct slot *s, struct loaded_adapter *adapter)
{
	struct loaded_route *l;
	struct faults ignored;
	struct arena arena;

	arena_init(&arena, LIMIT_ARENA);
	faults_init(&ignored, &arena);
	l = load_route_text(r, s, s->text, s->text_len, adapter, &ignored);
	arena_clear(&arena);
	return l;
}

/*
 * The text in force, with the secrets and the adapter of now; where these do not fit together, with
 * the adapter in force. If that fails too, what was loaded stays, unless a secret was removed: that
 * revokes it.
 */
static void
load_last_good(struct registry *r, struct slot *s)
{
	struct loaded_adapter *serving = s->route == NULL ? NULL : s->route->adapter;
	struct loaded_route *l;
	const struct adapter *today;

	if (s->text == NULL)
		return;
	l = load_in_force(r, s, NULL);
	if (l == NULL)
		return;
	today = l->adapter == NULL ? NULL : l->adapter->adapter;
	if (l->route->broken && serving != NULL && serving != l->adapter) {
		registry_drop_route(r, l);
		registry_keep_adapter(r, serving);
		l = load_in_force(r, s, serving);
		if (l == NULL)
			return;
	}
	s->made_with = today;
	s->changing = false;
	if (l->route->broken && (l->route->callers != NULL || !secret_is_gone(s)))
		registry_drop_route(r, l);
	else
		registry_put_route(r, s, l);
}

static char *
read_whole(const char *file, size_t *len)
{
	struct arena a;
	char *text, *copy = NULL;

	arena_init(&a, 2 * LIMIT_FILE);
	text = text_read_file(&a, file, LIMIT_FILE, len);
	if (text != NULL)
		copy = malloc(*len + 1);
	if (copy != NULL)
		memcpy(copy, text, *len + 1);
	arena_clear(&a);
	return copy;
}

void
registry_load_route(struct registry *r, struct slot *s, bool first)
{
	struct loaded_route *l = NULL;
	struct faults faults;
	struct arena arena;
	size_t len = 0;
	char *text;
	bool good;

	arena_init(&arena, LIMIT_ARENA);
	faults_init(&faults, &arena);
	s->taken = s->seen;
	text = read_whole(s->file, &len);
	if (text == NULL)
		load_fault_open(s, &faults);
	else
		l = load_route_text(r, s, text, len, NULL, &faults);
	good = l != NULL && !l->route->broken;
	registry_log_faults(r, &s->faults, &faults, "route fault");
	slot_put_faults(r, s, &arena, &faults);
	if (good || (l != NULL && s->route == NULL))
		take_route(r, s, l, &text, len);
	else {
		if (l != NULL)
			registry_drop_route(r, l);
		load_last_good(r, s);
	}
	free(text);
	if (good && !first)
		log_event(r->log, LOG_INFO, "route loaded", s->name);
}
