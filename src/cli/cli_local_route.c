/*
 * cli_local_route.c: which database `hrisgw local` means. Only what names a local route's database
 * is read of the route files: no secrets, no callers, so that whoever keeps the books need not read
 * those.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "cli/local.h"
#include "config/config.h"
#include "local/books.h"
#include "hris/route.h"
#include "base/text.h"
#include "format/yaml.h"

static const char suffix[] = ".yaml";

struct local_route {
	const char *name;
	const char *database; /* the setting; NULL: the usual place */
	bool local;
};

static bool
route_load_local(struct arena *a, const struct config *config, const char *name,
    struct local_route *out, struct faults *faults)
{
	const char *path = arena_printf(a, "%s/%s%s", config->routes_dir, name, suffix);
	const struct value *root = path == NULL ? NULL : yaml_read(a, path, faults);
	const char *adapter;

	if (root == NULL)
		return false;
	adapter = value_get_text(root, "adapter");
	*out = (struct local_route){
	    .name = name,
	    .database = value_get_text(value_get(root, "settings"), "database"),
	    .local = adapter != NULL && strcmp(adapter, "local") == 0,
	};
	return true;
}

/* The name of a route file, or NULL for another. */
static const char *
route_file_name(struct arena *a, const char *file)
{
	size_t len = strlen(file);
	const char *name;

	if (!text_ends(file, suffix))
		return NULL;
	name = arena_strndup(a, file, len - (sizeof(suffix) - 1));
	return name != NULL && route_name_valid(name) ? name : NULL;
}

/* The only local route; other routes may have faults of their own. */
static bool
route_find_local(
    struct arena *a, const struct config *config, struct local_route *out, struct faults *faults)
{
	struct faults others;
	struct local_route r;
	struct dirent *entry;
	const char *name;
	bool found = false, several = false;
	DIR *dir = opendir(config->routes_dir);

	if (dir == NULL)
		return fault_at(faults, config->routes_dir, NULL, "%s", strerror(errno));
	faults_init(&others, a);
	while ((entry = readdir(dir)) != NULL) {
		name = route_file_name(a, entry->d_name);
		if (name == NULL || !route_load_local(a, config, name, &r, &others) || !r.local)
			continue;
		several = several || found;
		found = true;
		*out = r;
	}
	(void)closedir(dir);
	if (several)
		return fault_at(faults, config->routes_dir, NULL,
		    "several routes have the adapter local: name one with --route");
	if (!found)
		return fault_at(faults, config->routes_dir, NULL, "no route has the adapter local");
	return true;
}

const char *
cli_local_database(
    const struct cli_call *call, struct arena *a, const char *route, struct faults *faults)
{
	struct local_route r = {.name = NULL};
	struct config config;
	const char *path;

	if (!config_load(a, cli_value(call, "config"), call->program_dir, &config, faults))
		return NULL;
	if (route == NULL ? !route_find_local(a, &config, &r, faults)
			  : !route_load_local(a, &config, route, &r, faults))
		return NULL;
	if (!r.local) {
		(void)fault_at(faults, config.routes_dir, NULL,
		    "route %s does not have the adapter local", route);
		return NULL;
	}
	path = local_path(a, config.state_dir, r.name, r.database);
	if (path == NULL)
		(void)fault_at(faults, config.routes_dir, NULL, "out of memory");
	return path;
}
