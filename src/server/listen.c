/*
 * listen.c: see listen.h. FCGX_OpenSocket() of libfcgi is not used: it ends the process on a bad
 * path, removes whatever is there, and leaves the socket's mode to the umask.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/listen.h"
#include "base/text.h"

/* A full backlog of a unix socket is an instant 502 at the web server. */
enum { BACKLOG = 4096, SYSTEMD_FIRST_FD = 3, GROUP_BUFFER = 16 * 1024, SOCKET_MODE = 0660 };

static bool
is_listening(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 && value != 0;
}

static bool
set_non_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* sd_listen_fds(3): the descriptors are ours only where LISTEN_PID is this process. */
static bool
is_from_systemd(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	unsigned long n = 0, who = 0;

	return fds != NULL && pid != NULL && text_unsigned(fds, INT32_MAX, &n) && n > 0 &&
	       text_unsigned(pid, INT32_MAX, &who) && who == (unsigned long)getpid() &&
	       is_listening(SYSTEMD_FIRST_FD);
}

bool
listen_inherited(struct listener *out)
{
	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->inherited = true;
	out->systemd = is_from_systemd();
	if (out->systemd)
		out->fd = SYSTEMD_FIRST_FD;
	else if (is_listening(STDIN_FILENO))
		out->fd = STDIN_FILENO;
	return out->fd >= 0 && set_non_blocking(out->fd);
}

static bool
find_group(const char *name, gid_t *out)
{
	char buffer[GROUP_BUFFER];
	struct group group, *found = NULL;

	if (getgrnam_r(name, &group, buffer, sizeof(buffer), &found) != 0 || found == NULL)
		return false;
	*out = found->gr_gid;
	return true;
}

/* Nobody answers at a socket whose server is gone. */
static bool
is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served;

	if (fd < 0)
		return true;
	served = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		 errno != ECONNREFUSED;
	close(fd);
	return served;
}

/* Makes room at the path; false, with why, where something else is or lives there. */
static bool
clear_path(const struct sockaddr_un *address, char *why, size_t why_max)
{
	struct stat st;

	if (lstat(address->sun_path, &st) != 0) {
		if (errno == ENOENT)
			return true;
		snprintf(why, why_max, "%s: %s", address->sun_path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, why_max, "%s is there and is no socket", address->sun_path);
		return false;
	}
	if (is_served(address)) {
		snprintf(why, why_max, "%s is served by another process", address->sun_path);
		return false;
	}
	if (unlink(address->sun_path) == 0 || errno == ENOENT)
		return true;
	snprintf(why, why_max, "%s: %s", address->sun_path, strerror(errno));
	return false;
}

/* The mode counts from the first moment (umask), and whatever ACL the folder has (chmod). */
static bool
bind_socket(int fd, const struct sockaddr_un *address, const gid_t *group)
{
	mode_t before = umask(0777 & ~SOCKET_MODE);
	int before_unlink;
	bool ok;

	ok = bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	umask(before);
	if (!ok)
		return false;
	if ((group == NULL || chown(address->sun_path, (uid_t)-1, *group) == 0) &&
	    chmod(address->sun_path, SOCKET_MODE) == 0 && listen(fd, BACKLOG) == 0 &&
	    set_non_blocking(fd))
		return true;
	before_unlink = errno;
	unlink(address->sun_path);
	errno = before_unlink;
	return false;
}

bool
listen_open(struct listener *out, const char *path, const char *group, char *why, size_t why_max)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat st;
	gid_t gid = 0;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->path = path;
	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, why_max, "the socket's path has to have 1 to %zu bytes",
		    sizeof(address.sun_path) - 1);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (group != NULL && !find_group(group, &gid)) {
		snprintf(why, why_max, "there is no group %s", group);
		return false;
	}
	if (!clear_path(&address, why, why_max))
		return false;
	out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (out->fd < 0 || !bind_socket(out->fd, &address, group == NULL ? NULL : &gid) ||
	    lstat(path, &st) != 0) {
		snprintf(why, why_max, "%s: %s", path, strerror(errno));
		listen_close(out);
		return false;
	}
	out->device = st.st_dev;
	out->inode = st.st_ino;
	return true;
}

void
listen_unlink(struct listener *l)
{
	struct stat st;

	if (l->inherited || l->path == NULL || lstat(l->path, &st) != 0)
		return;
	if (st.st_dev == l->device && st.st_ino == l->inode)
		unlink(l->path);
}

void
listen_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
