/* owner.c: see owner.h. */
#include "cli/owner.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/user.h"
#include "config/config.h"

bool
cli_owner(const char *config_file, const char *program_dir, struct cli_owner *out)
{
	struct config config;
	struct faults ignored;
	struct arena a;
	struct stat st;
	bool found;

	arena_init(&a, LIMIT_ARENA);
	faults_init(&ignored, &a);
	(void)config_load(&a, config_file, program_dir, &config, &ignored);
	found = geteuid() == 0 && config.state_dir != NULL && stat(config.state_dir, &st) == 0 &&
		st.st_uid != 0;
	if (found)
		*out = (struct cli_owner){.user = st.st_uid, .group = st.st_gid};
	arena_clear(&a);
	return found;
}

bool
cli_become_owner(const char *config_file, const char *program_dir)
{
	struct cli_owner owner;
	struct user user;
	bool done;

	if (!cli_owner(config_file, program_dir, &owner))
		return true;
	if (user_find(owner.user, &user))
		done = initgroups(user.name, user.group) == 0 && setgid(user.group) == 0;
	else
		done = setgroups(0, NULL) == 0 && setgid(owner.group) == 0;
	return done && setuid(owner.user) == 0;
}
