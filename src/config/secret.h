/*
 * secret.h: secrets named by the configuration ("file:PATH", "credential:NAME" of systemd) and read
 * from files that nobody else can read. A secret has no formatter: it is never logged nor printed.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/faults.h"
#include "base/value.h"

struct secret {
	const unsigned char *bytes; /* NUL-terminated past len */
	size_t len;
};

/* A file that something was read from; a change of any member means: load again. */
struct watch {
	const char *path;
	int64_t changed_ns, size; /* st_ctim, which moves with content and with rights;
	                                           size -1: it was not there */
	uint64_t inode;
};

/* Where the secrets of one file of configuration are read; notes each file read. */
struct secrets {
	struct arena *arena;
	const char *file; /* the YAML file, for faults and relative paths */
	struct faults *faults;
	struct watch *watches;
	size_t n_watches, cap;
};

void secrets_init(struct secrets *s, struct arena *a, const char *file, struct faults *faults);

/* Is it a reference ("file:..." or "credential:...")? */
bool secret_is_reference(const char *text);
bool secret_is_credential(const char *text); /* the latter */
/*
 * Reads what reference names: the file's bytes less one newline at the end. A fault at the
 * reference otherwise: not a reference (a secret is never written in the file itself), unreadable,
 * empty, over LIMIT_SECRET, holding NUL, open to others (group and others must have no rights,
 * except that a credential's or root's file may be group-readable), a symbolic link to such.
 */
bool secret_read(struct secrets *s, const struct value *reference, struct secret *out);
/* What a secret that is a text was hardly meant to have around it: static, or NULL. */
const char *secret_oddity(const struct secret *s);
/* The same for a file that is no secret (email_overrides): no check of rights. */
bool secret_read_open(struct secrets *s, const struct value *reference, struct secret *out);

/* The state of a file (or folder) now; path is borrowed. */
struct watch watch_look(const char *path);
bool watch_same(const struct watch *a, const struct watch *b); /* whatever their paths */
bool watch_changed(const struct watch *w);                     /* since it was looked at */

/* Constant time for equal lengths; false for different ones. */
bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len);

#endif
