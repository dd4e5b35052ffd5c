/*
 * owner.h: root and the gateway's user. The gateway runs as the owner of state_dir; what root does
 * with its files is done as that user, so that it sees what the gateway sees, and leaves nothing
 * that the gateway cannot use.
 */
#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

struct cli_owner {
	uid_t user;
	gid_t group;
};

/*
 * The owner of state_dir of the configuration (as of config_load()). False: we are not root, there
 * is no such folder, or it is root's.
 */
bool cli_owner(const char *config_file, const char *program_dir, struct cli_owner *out);
/* Goes on as that user, where there is one. False: errno says why not. */
bool cli_become_owner(const char *config_file, const char *program_dir);

#endif
