/* user.h: users of this machine, by number. */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <sys/types.h>

enum { USER_NAME_MAX = 64, USER_REASON = 512 };

struct user {
	char name[USER_NAME_MAX]; /* its number, where it has no name */
	gid_t group;
};

/* False: the machine does not know it; its name is the number then. */
bool user_find(uid_t id, struct user *out);
/* Why a file cannot be opened, by errno, and for want of rights what gives them to this user. */
void user_open_reason(const char *path, int error, char out[static USER_REASON]);

#endif
