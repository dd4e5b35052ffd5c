/*
 * scan.c: what is in the folders, and what of it changed. A file is loaded once it has been still
 * for a second, so that half a copy is never read: it last changed more than a second ago, or is
 * the same in two looks a second apart (where its clock and ours do not agree). The same holds for
 * a file that is gone. So the first request after a quiet time already meets what is there.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "routes/slot.h"
#include "base/text.h"
#include "base/user.h"

/* acme.yml and acme.YAML are not read, and were hardly meant so; nor were acme.yaml.txt, as some
 * editors save it, acme.conf and a file acme. What is put aside (acme.yaml.bak, acme.yaml~) was. */
static bool
name_is_near(const char *folder, const char *entry)
{
	static const char *const endings[] = {"", ".txt", ".conf", ".json"};
	const char *dot = strrchr(entry, '.');
	size_t len = strcspn(entry, "."), i;
	char path[4096];
	struct stat st;

	if (dot != NULL && (strcasecmp(dot, ".yml") == 0 || strcasecmp(dot, ".yaml") == 0))
		return true;
	for (i = 0; i < ARRAY_LEN(endings) && strcmp(dot == NULL ? "" : dot, endings[i]) != 0; i++)
		continue;
	(void)snprintf(path, sizeof(path), "%s/%.*s", folder, (int)len, entry);
	if (i == ARRAY_LEN(endings) || !route_name_valid(path + strlen(folder) + 1))
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, entry);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void
folder_warn(struct registry *r, const char *folder, const char *entry)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, entry);
	(void)pthread_mutex_lock(&r->lock);
	fault_warn(&r->folder_faults, path, NULL, "it is not read: only NAME.yaml is");
	(void)pthread_mutex_unlock(&r->lock);
}

static void
folder_fault(struct registry *r, const char *path, const char *what)
{
	(void)pthread_mutex_lock(&r->lock);
	(void)fault_line(&r->folder_faults, path, 0, 0, "%s", what);
	(void)pthread_mutex_unlock(&r->lock);
}

/* NAME of NAME.yaml; false for everything else, with a fault if it looks like one. */
static bool
name_of(struct registry *r, const char *folder, const char *entry, char *name, size_t max)
{
	size_t len = strlen(entry);
	char path[4096];

	if (entry[0] == '.' || text_ends(entry, ".test.yaml"))
		return false;
	if (!text_ends(entry, ".yaml")) {
		if (name_is_near(folder, entry))
			folder_warn(r, folder, entry);
		return false;
	}
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
old_enough(const struct registry *r, const struct watch *w)
{
	int64_t age_ms = clock_wall_ms(r->clock) - w->changed_ns / 1000000;

	return w->size >= 0 && age_ms > REGISTRY_STILL_MS;
}

/* Whether what was not in that folder is gone for good: it may be on its way to another name. */
static bool
gone_for_good(const struct registry *r, struct slot *s, const char *folder, bool now)
{
	struct watch state = watch_look(folder);

	return ++s->missing >= (now || old_enough(r, &state) ? 1U : 2U);
}

/* There is a file of that name in the folder; it hides what a later folder has. */
static void
scan_file(struct registry *r, struct slot **list, const char *folder, const char *name, bool now)
{
	struct slot *s = slot_of(*list, name);

	if (s == NULL)
		s = slot_new(r, list, folder, name);
	if (s == NULL || s->there)
		return;
	s->there = true;
	if (slot_is_in(s, folder)) {
		s->missing = 0;
		return;
	}
	/* From the shared folder to one's own at once; back where one's own is gone for good. */
	if (folder == r->config->adapters_dir || gone_for_good(r, s, r->config->adapters_dir, now))
		slot_move(r, s, folder);
}

/* A link to nothing: what was loaded by it before goes on serving. */
static void
check_link(struct registry *r, const char *folder, const char *entry)
{
	char path[4096];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, entry);
	if (stat(path, &st) != 0 && lstat(path, &st) == 0)
		folder_fault(r, path, "it is a link to no file");
}

/* must: a folder that is not there is a fault. */
static bool
scan_folder(struct registry *r, struct slot **list, const char *folder, bool must, bool now)
{
	DIR *dir = opendir(folder);
	char name[64], reason[USER_REASON];
	struct dirent *e;
	int error;

	if (dir == NULL) {
		error = errno;
		user_open_reason(folder, error, reason);
		if (must || error != ENOENT)
			folder_fault(r, folder, reason);
		return !must && error == ENOENT;
	}
	while ((e = readdir(dir)) != NULL) {
		if (!name_of(r, folder, e->d_name, name, sizeof(name)))
			continue;
		check_link(r, folder, e->d_name);
		scan_file(r, list, folder, name, now);
	}
	(void)closedir(dir);
	return true;
}

static void
scan_begin(struct slot *list)
{
	for (; list != NULL; list = list->next)
		list->there = false;
}

/* One's own, and then those that came with the program. */
static bool
scan_adapters(struct registry *r, bool now)
{
	const char *shared = r->config->adapters_shared;
	bool good;

	scan_begin(r->adapters);
	good = scan_folder(r, &r->adapters, r->config->adapters_dir, shared == NULL, now);
	return (shared == NULL || scan_folder(r, &r->adapters, shared, true, now)) && good;
}

static bool
scan_routes(struct registry *r, bool now)
{
	scan_begin(r->routes);
	return scan_folder(r, &r->routes, r->config->routes_dir, true, now);
}

/* Removes what is gone for good. A folder that cannot be read removes nothing. */
static void
remove_gone(struct registry *r, struct slot **list, const char *folder, const char *event, bool now)
{
	struct slot **at = list, *s;
	bool any = false;

	while ((s = *at) != NULL) {
		if (s->there || !gone_for_good(r, s, folder, now)) {
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
		any = true;
	}
	/* Small pieces among others that go on: free() alone would keep their pages. */
	if (any)
		(void)malloc_trim(0);
}

/* Is the file still, and another than the one that was loaded? */
static bool
file_settled(const struct registry *r, struct slot *s, bool young)
{
	struct watch now = watch_look(s->file);
	bool still = watch_same(&now, &s->seen) || old_enough(r, &now);

	s->seen = now;
	return now.size >= 0 && (young || still) && !watch_same(&now, &s->taken);
}

static bool
secrets_changed(const struct registry *r, struct slot *s, bool young)
{
	bool changed = false, still = true, before = s->changing;
	struct watch now;
	size_t i;

	for (i = 0; s->route != NULL && i < s->route->n_watches; i++) {
		if (!watch_changed(&s->route->watches[i]))
			continue;
		now = watch_look(s->route->watches[i].path);
		changed = true;
		still = still && old_enough(r, &now);
	}
	s->changing = changed;
	return changed && (young || before || still);
}

/* Was its adapter loaded anew, added or removed? */
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

/* What the folders' faults were is kept, so that each is logged once. */
static void
forget_faults(struct registry *r)
{
	struct arena arena;

	(void)pthread_mutex_lock(&r->lock);
	arena_clear(&r->said_arena);
	arena = r->said_arena;
	r->said_arena = r->folder_arena;
	r->folder_arena = arena;
	r->said_faults = r->folder_faults;
	r->said_faults.arena = &r->said_arena;
	faults_init(&r->folder_faults, &r->folder_arena);
	(void)pthread_mutex_unlock(&r->lock);
}

void
registry_scan(struct registry *r, enum registry_look look)
{
	bool adapters, routes, first = look == LOOK_FIRST, young = look != LOOK_LATER;
	struct slot *s;

	forget_faults(r);
	adapters = scan_adapters(r, young);
	routes = scan_routes(r, young);
	/* A process that serves one request would say them with each. */
	if (!r->once)
		registry_log_faults(r, &r->said_faults, &r->folder_faults, "folder fault");
	for (s = r->adapters; s != NULL; s = s->next) {
		if (file_settled(r, s, young) && !r->once)
			registry_load_adapter(r, s, first);
	}
	for (s = r->routes; s != NULL; s = s->next) {
		if (file_settled(r, s, young) || secrets_changed(r, s, young) ||
		    adapter_changed(r, s))
			registry_load_route(r, s, first);
	}
	if (routes)
		remove_gone(r, &r->routes, r->config->routes_dir, "route removed", young);
	if (adapters)
		remove_gone(r, &r->adapters, r->config->adapters_dir, "adapter removed", young);
	registry_check_keys(r);
}
