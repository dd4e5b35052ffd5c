/* local_path.h: where the databases of the local HRIS lie. */
#ifndef LOCAL_PATH_H
#define LOCAL_PATH_H

#include <stdbool.h>

#include "base/arena.h"

enum { LOCAL_PATH_MAX = 4096 };

/*
 * STATE_DIR/local/ROUTE.db; or database, the route's setting, where not NULL: absolute, or relative
 * to STATE_DIR/local. NULL: no memory.
 */
const char *
local_path(struct arena *a, const char *state_dir, const char *route, const char *database);
/* Makes the folder of path and the one above it where they are missing; errno is set on false. */
bool local_path_make(const char *path);
/*
 * Where root makes something, it belongs to the owner of `like` (the folder above): the server,
 * which is not root, is to use it too.
 */
void local_path_give(const char *path, const char *like);

#endif
