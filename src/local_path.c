/* local_path.c: see local_path.h. Folders are the gateway's alone: mode 0700. */
#include "local_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *
local_path(struct arena *a, const char *state_dir, const char *route, const char *database)
{
	if (database != NULL && database[0] == '/')
		return arena_strdup(a, database);
	if (database != NULL)
		return arena_printf(a, "%s/local/%s", state_dir, database);
	return arena_printf(a, "%s/local/%s.db", state_dir, route);
}

bool
local_path_make(const char *path)
{
	char folder[LOCAL_PATH_MAX], *slash, *above;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return true;
	*slash = '\0';
	above = strrchr(folder, '/');
	if (above != NULL && above != folder) {
		*above = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return false;
		*above = '/';
	}
	return mkdir(folder, 0700) == 0 || errno == EEXIST;
}
