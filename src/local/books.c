/* local_path.c: see local_path.h. Folders are the gateway's alone: mode 0700. */
#include "local/books.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
local_path(struct arena *a, const char *state_dir, const char *route, const char *database)
{
	if (database != NULL && database[0] == '/')
		return arena_strdup(a, database);
	if (database != NULL)
		return arena_printf(a, "%s/local/%s", state_dir, database);
	return arena_printf(a, "%s/local/%s.db", state_dir, route);
}

void
local_path_give(const char *path, const char *like)
{
	struct stat st;

	if (geteuid() == 0 && stat(like, &st) == 0 && (st.st_uid != 0 || st.st_gid != 0))
		(void)!lchown(path, st.st_uid, st.st_gid);
}

static bool
local_path_folder(const char *folder, const char *above)
{
	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST;
	local_path_give(folder, above);
	return true;
}

bool
local_path_make(const char *path)
{
	char folder[LOCAL_PATH_MAX], above[LOCAL_PATH_MAX], top[LOCAL_PATH_MAX];
	const char *name;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	name = dirname(folder);
	(void)snprintf(above, sizeof(above), "%s", name);
	(void)snprintf(top, sizeof(top), "%s", dirname(above));
	if (!local_path_folder(above, dirname(top)))
		return false;
	return local_path_folder(name, above);
}
