/*
 * slot.c: what is loaded from a file and who holds it. A route or adapter is replaced as a whole;
 * it lives until the last of those who hold it has let go.
 */
#include "routes/slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
adapter_unref(struct loaded_adapter *a)
{
	if (a == NULL || --a->refs > 0)
		return;
	arena_clear(&a->arena);
	free(a);
}

void
loaded_route_unref(struct loaded_route *l)
{
	if (l == NULL || --l->refs > 0)
		return;
	adapter_unref(l->adapter);
	/* Secrets lie in this arena. */
	arena_wipe(&l->arena);
	arena_clear(&l->arena);
	free(l);
}

void
slot_free(struct slot *s)
{
	loaded_route_unref(s->route);
	adapter_unref(s->adapter);
	arena_clear(&s->faults_arena);
	free(s->name);
	free(s->file);
	free(s->text);
	free(s);
}

struct slot *
slot_new(struct registry *r, struct slot **list, const char *folder, const char *name)
{
	struct slot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->name = strdup(name);
	if (asprintf(&s->file, "%s/%s.yaml", folder, name) < 0)
		s->file = NULL;
	arena_init(&s->faults_arena, LIMIT_FILE);
	faults_init(&s->faults, &s->faults_arena);
	if (s->name == NULL || s->file == NULL) {
		slot_free(s);
		return NULL;
	}
	s->seen.size = s->taken.size = -1;
	(void)pthread_mutex_lock(&r->lock);
	s->next = *list;
	*list = s;
	(void)pthread_mutex_unlock(&r->lock);
	return s;
}

bool
slot_is_in(const struct slot *s, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(s->file, folder, len) == 0 && s->file[len] == '/' &&
	       strchr(s->file + len + 1, '/') == NULL;
}

void
slot_move(struct registry *r, struct slot *s, const char *folder)
{
	char *file;

	if (asprintf(&file, "%s/%s.yaml", folder, s->name) < 0)
		return;
	(void)pthread_mutex_lock(&r->lock);
	free(s->file);
	s->file = file;
	(void)pthread_mutex_unlock(&r->lock);
	s->missing = 0;
	s->seen.size = s->taken.size = -1;
}

struct slot *
slot_of(struct slot *list, const char *name)
{
	for (; list != NULL; list = list->next) {
		if (strcmp(list->name, name) == 0)
			return list;
	}
	return NULL;
}

void
registry_put_adapter(struct registry *r, struct slot *s, struct loaded_adapter *a)
{
	(void)pthread_mutex_lock(&r->lock);
	adapter_unref(s->adapter);
	s->adapter = a;
	(void)pthread_mutex_unlock(&r->lock);
}

void
registry_put_route(struct registry *r, struct slot *s, struct loaded_route *l)
{
	(void)pthread_mutex_lock(&r->lock);
	loaded_route_unref(s->route);
	s->route = l;
	r->routes_changed = true;
	(void)pthread_mutex_unlock(&r->lock);
}

struct loaded_adapter *
registry_hold_adapter(struct registry *r, const char *name)
{
	struct loaded_adapter *a;
	const struct slot *s;

	(void)pthread_mutex_lock(&r->lock);
	s = slot_of(r->adapters, name);
	a = s == NULL ? NULL : s->adapter;
	if (a != NULL)
		a->refs++;
	(void)pthread_mutex_unlock(&r->lock);
	return a;
}

void
registry_keep_adapter(struct registry *r, struct loaded_adapter *a)
{
	(void)pthread_mutex_lock(&r->lock);
	a->refs++;
	(void)pthread_mutex_unlock(&r->lock);
}

void
registry_drop_adapter(struct registry *r, struct loaded_adapter *a)
{
	(void)pthread_mutex_lock(&r->lock);
	adapter_unref(a);
	(void)pthread_mutex_unlock(&r->lock);
}

void
registry_drop_route(struct registry *r, struct loaded_route *l)
{
	(void)pthread_mutex_lock(&r->lock);
	loaded_route_unref(l);
	(void)pthread_mutex_unlock(&r->lock);
}
