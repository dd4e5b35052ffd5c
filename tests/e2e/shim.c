/*
 * shim.c: stands between a program and the C library (LD_PRELOAD), and does what the environment
 * says, from the first read of standard input on, or with SHIM_EARLY from its start:
 *	SHIM_DISK="N ERRNO once|on|short"  the n-th call that writes to a file of the ledger fails so,
 *		or each from there on, or it writes the half and the next ones fail
 *	SHIM_ALLOC="N once|on"             the n-th allocation fails, or each from there on
 *	SHIM_REPORT=FILE                   gets how many of them there were
 *	SHIM_CLOCK=MS                      the wall clock is ahead by that (always)
 * N 0: none; N -1: none, but they are counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum how { ONCE, ON, SHORT };

struct plan {
	long at;
	enum how how;
	int error;
	atomic_long n;
};

static struct plan disk, memory;
static atomic_bool started;
static long ahead_ms;
static const char *report;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static enum how
how_of(const char *word)
{
	return strcmp(word, "short") == 0 ? SHORT : strcmp(word, "on") == 0 ? ON : ONCE;
}

__attribute__((constructor)) static void
read_plan(void)
{
	const char *text;
	char how[8] = "";

	text = getenv("SHIM_DISK");
	if (text != NULL && sscanf(text, "%ld %d %7s", &disk.at, &disk.error, how) == 3)
		disk.how = how_of(how);
	text = getenv("SHIM_ALLOC");
	if (text != NULL && sscanf(text, "%ld %7s", &memory.at, how) == 2)
		memory.how = how_of(how);
	text = getenv("SHIM_CLOCK");
	ahead_ms = text == NULL ? 0 : strtol(text, NULL, 10);
	report = getenv("SHIM_REPORT");
	atomic_store(&started, getenv("SHIM_EARLY") != NULL);
}

/* With no memory of its own: there may be none. */
__attribute__((destructor)) static void
write_report(void)
{
	char text[32];
	int fd, len;

	if (report == NULL)
		return;
	len = snprintf(text, sizeof(text), "%ld", atomic_load(disk.at < 0 ? &disk.n : &memory.n));
	fd = (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)!syscall(SYS_write, fd, text, (size_t)len);
	(void)syscall(SYS_close, fd);
}

/* Is it this one's turn? *half: it is the one that writes the half. */
static bool
fails(struct plan *p, bool *half)
{
	long n;

	*half = false;
	if (p->at == 0 || !atomic_load(&started))
		return false;
	n = atomic_fetch_add(&p->n, 1) + 1;
	if (p->at < 0 || n < p->at)
		return false;
	*half = p->how == SHORT && n == p->at;
	return n == p->at || p->how != ONCE;
}

static bool
is_ledger(const char *path)
{
	return strstr(path, "/state/ledger.") != NULL;
}

/* The real function of that name. */
#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

static bool
write_fails(int fd, size_t *len)
{
	char link[64], path[512];
	bool half;
	ssize_t n;

	if (disk.at == 0 || !atomic_load(&started))
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	if (!is_ledger(path) || !fails(&disk, &half))
		return false;
	if (half && *len > 1) {
		*len /= 2;
		return false;
	}
	errno = disk.error;
	return true;
}

/* --- the disk --- */

ssize_t
write(int fd, const void *data, size_t len)
{
	return write_fails(fd, &len) ? -1 : syscall(SYS_write, fd, data, len);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return write_fails(fd, &len) ? -1 : syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	return pwrite64(fd, data, len, at);
}

int
ftruncate64(int fd, off64_t len)
{
	size_t none = 0;

	return write_fails(fd, &none) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int
ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int
fsync(int fd)
{
	size_t none = 0;

	return write_fails(fd, &none) ? -1 : (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	size_t none = 0;

	return write_fails(fd, &none) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;
	bool half;

	if ((flags & O_CREAT) != 0) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if ((flags & O_ACCMODE) != O_RDONLY && disk.at != 0 && is_ledger(path) &&
	    fails(&disk, &half)) {
		errno = disk.error;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if ((flags & O_CREAT) != 0) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	return open64(path, flags, mode);
}

/* --- memory --- */

static bool
no_memory(void)
{
	bool half;

	if (!fails(&memory, &half))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(p, size);
}

/* --- when it starts, and the clock --- */

ssize_t
read(int fd, void *data, size_t len)
{
	if (fd == STDIN_FILENO)
		atomic_store(&started, true);
	return syscall(SYS_read, fd, data, len);
}

ssize_t __read_chk(int fd, void *data, size_t len, size_t room);

ssize_t
__read_chk(int fd, void *data, size_t len, size_t room)
{
	return read(fd, data, len < room ? len : room);
}

int
clock_gettime(clockid_t id, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	if (real == NULL)
		real = REAL(int (*)(clockid_t, struct timespec *), "clock_gettime");
	rc = real(id, out);
	if (rc == 0 && id == CLOCK_REALTIME) {
		out->tv_sec += ahead_ms / 1000;
		out->tv_nsec += ahead_ms % 1000 * 1000000;
		out->tv_sec += out->tv_nsec / 1000000000;
		out->tv_nsec %= 1000000000;
	}
	return rc;
}
