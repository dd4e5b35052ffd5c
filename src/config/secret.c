/*
 * secret.c: reads what "file:PATH" and "credential:NAME" name, and records which files were read,
 * so that a changed one is noticed. It does not know what a secret is for, nor how a key is
 * spelled.
 */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bounds.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/user.h"

static const char secret_file[] = "file:";
static const char secret_credential[] = "credential:";

void
secrets_init(struct secrets *s, struct arena *a, const char *file, struct faults *faults)
{
	*s = (struct secrets){.arena = a, .file = file, .faults = faults};
}

bool
secret_is_reference(const char *text)
{
	return text_starts(text, secret_file) || text_starts(text, secret_credential);
}

bool
secret_is_credential(const char *text)
{
	return text_starts(text, secret_credential);
}

/* st NULL: there is no such file. */
static struct watch
watch_of(const char *path, const struct stat *st)
{
	struct watch w = {.path = path, .size = -1};

	if (st == NULL)
		return w;
	w.changed_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
	w.size = st->st_size;
	w.inode = st->st_ino;
	return w;
}

struct watch
watch_look(const char *path)
{
	struct stat st;

	return watch_of(path, stat(path, &st) == 0 ? &st : NULL);
}

bool
watch_same(const struct watch *a, const struct watch *b)
{
	return a->changed_ns == b->changed_ns && a->size == b->size && a->inode == b->inode;
}

bool
watch_changed(const struct watch *w)
{
	struct watch now = watch_look(w->path);

	return !watch_same(&now, w);
}

/* st NULL: it could not be opened. */
static bool
secrets_watch(struct secrets *s, const char *path, const struct stat *st)
{
	struct watch *watches;

	watches = arena_grow(s->arena, s->watches, s->n_watches, &s->cap, sizeof(*watches));
	if (watches == NULL)
		return false;
	s->watches = watches;
	watches[s->n_watches++] = watch_of(path, st);
	return true;
}

/* A relative path is relative to the YAML file's folder. NULL with a fault. */
static const char *
secret_path_file(struct secrets *s, const struct value *at, const char *path)
{
	const char *slash = strrchr(s->file, '/'), *full = path;

	if (*path == '\0') {
		fault_at(s->faults, s->file, at, "file: names no file");
		return NULL;
	}
	if (*path != '/' && slash != NULL)
		full = arena_printf(s->arena, "%.*s/%s", (int)(slash - s->file), s->file, path);
	if (full == NULL)
		fault_at(s->faults, s->file, at, "out of memory");
	return full;
}

/* systemd.exec(5), LoadCredential=: a name in the folder that the unit's environment names. */
static const char *
secret_path_credential(struct secrets *s, const struct value *at, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY"), *full;

	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL) {
		fault_at(s->faults, s->file, at, "credential: takes a plain name");
		return NULL;
	}
	if (folder == NULL || *folder != '/') {
		fault_at(s->faults, s->file, at,
		    "credential:%s: CREDENTIALS_DIRECTORY is not set; systemd sets it where the unit has LoadCredential=%s:...",
		    name, name);
		return NULL;
	}
	full = arena_printf(s->arena, "%s/%s", folder, name);
	if (full == NULL)
		fault_at(s->faults, s->file, at, "out of memory");
	return full;
}

static bool
secret_fault_open(struct secrets *s, const struct value *at, const char *path, int error)
{
	char reason[USER_REASON];

	user_open_reason(path, error, reason);
	return fault_at(s->faults, s->file, at, "%s: %s", path, reason);
}

static bool
secret_fault_rights(
    struct secrets *s, const struct value *at, const char *path, const struct stat *st)
{
	const char *chown = "";
	struct user user;

	(void)user_find(geteuid(), &user);
	if (st->st_uid != geteuid())
		chown = arena_printf(s->arena, "chown %s %s; ", user.name, path);
	return fault_at(s->faults, s->file, at,
	    "%s can be read or changed by others (mode %04o): %schmod 600 %s", path,
	    (unsigned)(st->st_mode & 07777), chown == NULL ? "" : chown, path);
}

/* Group and others have no rights; the group of root's file and of a credential may read. */
static bool
secret_rights(const struct stat *st, bool credential)
{
	mode_t forbidden = credential || st->st_uid == 0 ? 0037 : 0077;

	return (st->st_mode & forbidden) == 0;
}

const char *
secret_oddity(const struct secret *s)
{
	static const struct {
		const char *open, *close;
	} marks[] = {{"\"", "\""}, {"'", "'"}, {"`", "`"}, {"\u201C", "\u201D"},
	    {"\u2018", "\u2019"}, {"\u201E", "\u201C"}, {"\u00AB", "\u00BB"}};
	const char *text = (const char *)s->bytes;
	size_t len, i;

	if (!text_utf8(text, s->len))
		return NULL;
	if (text_trim(text, &len) != text || len != s->len)
		return "begins or ends with a blank or line end";
	for (i = 0; i < ARRAY_LEN(marks); i++) {
		if (s->len >= strlen(marks[i].open) + strlen(marks[i].close) &&
		    text_starts(text, marks[i].open) && text_ends(text, marks[i].close))
			return "stands in quotation marks";
	}
	return NULL;
}

static bool
secret_take(struct secrets *s, const struct value *at, const char *path, int fd, size_t size,
    struct secret *out)
{
	unsigned char *p = arena_alloc(s->arena, size + 1);
	size_t n = 0;
	ssize_t got;

	if (p == NULL)
		return fault_at(s->faults, s->file, at, "out of memory");
	while (n < size) {
		got = read(fd, p + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_at(s->faults, s->file, at, "%s: %s", path, strerror(errno));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	if (n > 0 && p[n - 1] == '\n')
		n--;
	p[n] = '\0';
	if (n == 0)
		return fault_at(s->faults, s->file, at, "%s is empty", path);
	if (memchr(p, '\0', n) != NULL) {
		return fault_at(s->faults, s->file, at,
		    "%s holds a NUL byte; write binary keys as base64:... or hex:...", path);
	}
	out->bytes = p;
	out->len = n;
	return true;
}

static bool
secret_read_fd(struct secrets *s, const struct value *at, const char *path, int fd,
    const struct stat *st, size_t max, struct secret *out)
{
	if (st->st_size < 0 || (size_t)st->st_size > max) {
		return fault_at(s->faults, s->file, at, "%s is longer than %zu bytes", path, max);
	}
	return secret_take(s, at, path, fd, (size_t)st->st_size, out);
}

static bool
secret_read_any(struct secrets *s, const struct value *at, bool closed, struct secret *out)
{
	const char *text = value_is(at, VALUE_TEXT) ? at->text : "", *path = NULL;
	bool credential = secret_is_credential(text), ok = false;
	struct stat st;
	int fd;

	if (!secret_is_reference(text)) {
		return fault_at(s->faults, s->file, at,
		    "write file:PATH or credential:NAME here, never the %s itself",
		    closed ? "secret" : "content");
	}
	if (credential)
		path = secret_path_credential(s, at, text + sizeof(secret_credential) - 1);
	else
		path = secret_path_file(s, at, text + sizeof(secret_file) - 1);
	if (path == NULL)
		return false;
	/* O_NONBLOCK: a named pipe must not hold up the load. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)secret_fault_open(s, at, path, errno);
		(void)secrets_watch(s, path, NULL);
	} else if (!secrets_watch(s, path, &st)) {
		(void)fault_at(s->faults, s->file, at, "out of memory");
	} else if (!S_ISREG(st.st_mode)) {
		(void)fault_at(s->faults, s->file, at, "%s is not a plain file", path);
	} else if (closed && !secret_rights(&st, credential)) {
		(void)secret_fault_rights(s, at, path, &st);
	} else {
		ok = secret_read_fd(s, at, path, fd, &st, closed ? LIMIT_SECRET : LIMIT_FILE, out);
	}
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool
secret_read(struct secrets *s, const struct value *reference, struct secret *out)
{
	static const char mark[] = "\xEF\xBB\xBF";

	if (!secret_read_any(s, reference, true, out))
		return false;
	if (!text_starts((const char *)out->bytes, mark))
		return true;
	return fault_at(s->faults, s->file, reference,
	    "%s begins with a byte order mark, which would be part of the secret; save it without",
	    s->watches[s->n_watches - 1].path);
}

bool
secret_read_open(struct secrets *s, const struct value *reference, struct secret *out)
{
	return secret_read_any(s, reference, false, out);
}

bool
secret_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && crypto_equal(a, b, a_len);
}
