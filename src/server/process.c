/*
 * process.c: see process.h.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/process.h"
#include "base/text.h"

/* A heap per core by default, each of which keeps what its busiest moment took. */
enum { HEAPS = 4, OWN_PAGES = 256 * 1024 };

static const char *const allowed[] = {"CREDENTIALS_DIRECTORY", "HOME", "JOURNAL_STREAM", "LANG",
    "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "LOGNAME", "NOTIFY_SOCKET", "NO_COLOR", "PATH",
    "TERM", "TMPDIR", "TZ", "USER"};

enum { N_ALLOWED = sizeof(allowed) / sizeof(allowed[0]) };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

bool
process_is_web_name(const char *program)
{
	return text_ends(program, ".fcgi") || text_ends(program, ".cgi");
}

const char *
process_only_action(const char *program, char *out, size_t max)
{
	const char *name = base_name(program);
	const char *dot = strrchr(name, '.');
	int len;

	if (!process_is_web_name(program) || dot == NULL)
		return NULL;
	len = (int)(dot - name);
	snprintf(out, max, "%.*s", len, name);
	return strcmp(out, "hrisgw") == 0 ? NULL : out;
}

static void
forget_environment(void)
{
	static char *kept[N_ALLOWED + 1];
	size_t i, n = 0, len;
	char **e;

	for (i = 0; i < N_ALLOWED; i++) {
		len = strlen(allowed[i]);
		for (e = environ; e != NULL && *e != NULL; e++) {
			if (strncmp(*e, allowed[i], len) == 0 && (*e)[len] == '=') {
				kept[n++] = *e;
				break;
			}
		}
	}
	environ = kept;
}

const char *const *
process_prepare(void)
{
	static char *none[] = {NULL};
	const struct rlimit no_core = {0, 0};
	char **before = environ == NULL ? none : environ;

	forget_environment();
	setrlimit(RLIMIT_CORE, &no_core);
#if !defined(__SANITIZE_ADDRESS__)
	/* LeakSanitizer looks at its own process by ptrace. */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	mallopt(M_ARENA_MAX, HEAPS);
	mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
	signal(SIGPIPE, SIG_IGN);
	return (const char *const *)before;
}

/* Whether path has a folder and, in it, a program. */
static bool
folder_of(const char *path, char *out, size_t max)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');

	if (slash == NULL || access(path, X_OK) != 0)
		return false;
	snprintf(out, max, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return true;
}

/*
 * A CGI is often given its bare name, in its own folder (RFC 3875, section 7.2); a command's bare
 * name was found by PATH, and the current folder says nothing about it.
 */
const char *
process_dir(const char *program, const char *script, char *out, size_t max)
{
	char exe[4096];
	ssize_t n;

	if (folder_of(program, out, max))
		return out;
	if (process_is_web_name(program)) {
		if (script != NULL && strcmp(base_name(script), base_name(program)) == 0 &&
		    folder_of(script, out, max))
			return out;
		if (access(base_name(program), X_OK) == 0) {
			snprintf(out, max, ".");
			return out;
		}
	}
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	if (!folder_of(exe, out, max))
		snprintf(out, max, "/");
	return out;
}
