/*
 * key.h: one key of a caller: where it is, how it is spelled, and from when until when it counts.
 */
#ifndef KEY_H
#define KEY_H

#include <stdint.h>

#include "config/reader.h"
#include "config/secret.h"

enum { CALLER_KEY_ID_MAX = 64, CALLER_SIGNATURE_KEY_MIN = 24, CALLER_SECRET_MIN = 16 };

struct caller_key {
	const char *id;                    /* NULL: the only one, and it has no id */
	struct secret secret;              /* decoded */
	const char *path;                  /* of the file it was read from */
	bool credential;                   /* which is systemd's: credential:NAME */
	int64_t not_before_s, not_after_s; /* INT64_MIN, INT64_MAX: no limit */
};

struct caller_keys {
	struct caller_key *items;
	size_t n; /* 0: the caller does not have this form */
};

/* Reads the keys of one file; the reader's file is the one that names them. */
struct key_loader {
	struct reader reader;
	struct secrets *secrets;
};

enum caller_secret {
	CALLER_LITERAL,  /* token, basic, key: text less one newline; a short one is a warning */
	CALLER_SIGNATURE /* base64:, hex:, whsec_ or raw; long enough; ids required */
};

/*
 * One reference, a list, or a mapping by id. Keys with faults are left out; false if any has one.
 */
bool keys_load(struct key_loader *l, const struct value *node, enum caller_secret kind,
    struct caller_keys *out);

/*
 * One key from a file, as if it were in a route file: a signature key is decoded. False with
 * faults.
 */
bool caller_key_read(struct arena *a, const char *path, bool signature, struct caller_key *out,
    struct faults *faults);

bool key_memory(const struct key_loader *l); /* a fault; false */

#endif
