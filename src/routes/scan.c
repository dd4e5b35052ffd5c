/*
 * registry_scan.c: what is in the folders and what of it changed. A file is taken up once it has
 * been still for a second, so that half a copy is never read: it last changed more than a second
 * ago, or looks the same in two looks a second apart (where its time and ours do not agree).
 * Likewise for one that is gone. So the first request after a quiet time already meets what is
 * there.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "routes/slot.h"
#include "base/text.h"

static struct watch
state_of(const char *file)
{
	struct watch w = {.path = file, .size = -1};
	struct stat st;

	if (stat(file, &st) != 0)
		return w;
	w.size = st.st_size;
	w.changed_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	w.inode = st.st_ino;
	return w;
}

static bool
same_state(const struct watch *a, const struct watch *b)
{
	return a->size == b->size && a->changed_ns == b->changed_ns && a->inode == b->inode;
}

static struct slot *
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

static struct slot *
slot_of(struct slot *list, const char *name)
{
	for (; list != NULL; list = list->next) {
		if (strcmp(list->name, name) == 0)
			return list;
	}
	return NULL;
}

static void
folder_fault(struct registry *r, const char *path, const char *what)
{
	(void)pthread_mutex_lock(&r->lock);
	(void)fault_line(&r->folder_faults, path, 0, 0, "%s", what);
	(void)pthread_mutex_unlock(&r->lock);
}

/* NAME of NAME.yaml; false for everything else, silently but for what was meant as one. */
static bool
name_of(struct registry *r, const char *folder, const char *entry, char *name, size_t max)
{
	size_t len = strlen(entry);
	char path[4096];

	if (entry[0] == '.' || !text_ends(entry, ".yaml") || text_ends(entry, ".test.yaml"))
		return false;
	len -= strlen(".yaml");
	if (len < max) {
		memcpy(name, entry, len);
		name[len] = '\0';
		if (route_name_valid(name))
			return true;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", folder, entry);
	folder_fault(r, path, "its name is not [a-z0-9-]{1,32}.yaml, so it is not read");
	return false;
}

static bool
scan_folder(struct registry *r, struct slot **list, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	struct slot *s;
	char name[64];

	for (s = *list; s != NULL; s = s->next)
		s->there = false;
	if (dir == NULL) {
		folder_fault(r, folder, strerror(errno));
		return false;
	}
	while ((e = readdir(dir)) != NULL) {
		if (!name_of(r, folder, e->d_name, name, sizeof(name)))
			continue;
		s = slot_of(*list, name);
		if (s == NULL)
			s = slot_new(r, list, folder, name);
		if (s != NULL) {
			s->there = true;
			s->missing = 0;
		}
	}
	(void)closedir(dir);
	return true;
}

static bool
old_enough(const struct registry *r, const struct watch *w)
{
	int64_t age_ms = clock_wall_ms(r->clock) - w->changed_ns / 1000000;

	return w->size >= 0 && age_ms > REGISTRY_STILL_MS;
}

/* Files that are gone for good. A folder that cannot be read takes nothing away. */
static void
remove_gone(struct registry *r, struct slot **list, const char *folder, const char *event)
{
	struct watch state = state_of(folder);
	unsigned looks = old_enough(r, &state) ? 1 : 2;
	struct slot **at = list, *s;

	while ((s = *at) != NULL) {
		if (s->there || ++s->missing < looks) {
			at = &s->next;
			continue;
		}
		(void)pthread_mutex_lock(&r->lock);
		*at = s->next;
		r->routes_changed = true;
		(void)pthread_mutex_unlock(&r->lock);
		log_event(r->log, LOG_INFO, event, s->name);
		(void)pthread_mutex_lock(&r->lock);
		slot_free(s);
		(void)pthread_mutex_unlock(&r->lock);
	}
}

/* Has the file come to rest in another state than the one that was loaded? */
static bool
file_settled(const struct registry *r, struct slot *s, bool first)
{
	struct watch now = state_of(s->file);
	bool still = same_state(&now, &s->seen) || old_enough(r, &now);

	s->seen = now;
	return now.size >= 0 && (first || still) && !same_state(&now, &s->taken);
}

static bool
secrets_changed(const struct registry *r, struct slot *s)
{
	bool changed = false, still = true, before = s->changing;
	struct watch now;
	size_t i;

	for (i = 0; s->route != NULL && i < s->route->n_watches; i++) {
		if (!watch_changed(&s->route->watches[i]))
			continue;
		now = state_of(s->route->watches[i].path);
		changed = true;
		still = still && old_enough(r, &now);
	}
	s->changing = changed;
	return changed && (before || still);
}

/* Its adapter was loaded anew, came or went. */
static bool
adapter_changed(struct registry *r, const struct slot *s)
{
	const char *name = s->route == NULL ? NULL : s->route->route->adapter_name;
	const struct slot *a;

	if (name == NULL || s->route->route->local)
		return false;
	a = slot_of(r->adapters, name);
	return (a == NULL || a->adapter == NULL ? NULL : a->adapter->adapter) != s->made_with;
}

void
registry_scan(struct registry *r, bool first)
{
	struct slot *s;
	bool adapters, routes;

	(void)pthread_mutex_lock(&r->lock);
	arena_clear(&r->folder_arena);
	faults_init(&r->folder_faults, &r->folder_arena);
	(void)pthread_mutex_unlock(&r->lock);
	adapters = scan_folder(r, &r->adapters, r->config->adapters_dir);
	routes = scan_folder(r, &r->routes, r->config->routes_dir);
	for (s = r->adapters; s != NULL; s = s->next) {
		if (file_settled(r, s, first))
			registry_load_adapter(r, s, first);
	}
	for (s = r->routes; s != NULL; s = s->next) {
		if (file_settled(r, s, first) || secrets_changed(r, s) || adapter_changed(r, s))
			registry_load_route(r, s, first);
	}
	if (routes)
		remove_gone(r, &r->routes, r->config->routes_dir, "route removed");
	if (adapters)
		remove_gone(r, &r->adapters, r->config->adapters_dir, "adapter removed");
	registry_check_keys(r);
}
