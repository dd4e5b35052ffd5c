/* user.c: see user.h. */
#include "base/user.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { USER_ENTRY_MAX = 4096 };

bool
user_find(uid_t id, struct user *out)
{
	struct passwd entry, *found = NULL;
	char text[USER_ENTRY_MAX];

	(void)snprintf(out->name, sizeof(out->name), "%u", (unsigned)id);
	if (getpwuid_r(id, &entry, text, sizeof(text), &found) != 0 || found == NULL ||
	    strlen(entry.pw_name) >= sizeof(out->name))
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%s", entry.pw_name);
	out->group = entry.pw_gid;
	return true;
}

void
user_open_reason(const char *path, int error, char out[static USER_REASON])
{
	struct user user = {.name = ""};

	(void)user_find(geteuid(), &user);
	if (error != EACCES)
		(void)snprintf(out, USER_REASON, "%s", strerror(error));
	else
		(void)snprintf(out, USER_REASON,
		    "%s; chown %s %s, and its folder if that is another's", strerror(error),
		    user.name, path);
}
