/* user.h: users of this machine, by number. */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <sys/types.h>

enum { USER_NAME_MAX = 64 };

struct user {
	char name[USER_NAME_MAX]; /* its number, where it has no name */
	gid_t group;
};

/* False: the machine does not know it; its name is the number then. */
bool user_find(uid_t id, struct user *out);

#endif
