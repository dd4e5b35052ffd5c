/*
 * callers.h: who may call a route, as its file declares them (design, section 8): names, forms,
 * keys. Loaded callers never change. What they prove with is compared in auth*.c alone.
 */
#ifndef CALLERS_H
#define CALLERS_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/faults.h"
#include "config/secret.h"
#include "base/value.h"

enum { CALLER_NAME_MAX = 32, CALLER_KEY_ID_MAX = 64, CALLER_SIGNATURE_KEY_MIN = 24 };

enum caller_form {
	CALLER_RFC9421,
	CALLER_WEBHOOKS,
	CALLER_TOKEN,
	CALLER_KEY,
	CALLER_BASIC,
	CALLER_FORM_MAX
};

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

struct caller {
	const char *name;
	struct caller_keys keys[CALLER_FORM_MAX];
	const char *key_header; /* lower case; NULL without `key` */
	const char **subjects;  /* client_certificate: one of these, beside a proof */
	size_t n_subjects;
};

struct callers {
	struct caller *items;
	size_t n;
};

/*
 * Reads the `callers` mapping of a route file: at least one caller, each with at least one proof;
 * keys decoded and checked. Everything lives in the arena. Faults are added; a key with a fault is
 * left out, and a caller that is left without a key, or has a fault elsewhere, too. NULL where none
 * stands.
 */
struct callers *callers_load(struct arena *a, const char *file, const struct value *node,
    struct secrets *secrets, struct faults *faults);

size_t callers_count(const struct callers *c);

/*
 * One key from a file, as if it stood in a route file: a signature key is decoded. False with
 * faults.
 */
bool caller_key_read(struct arena *a, const char *path, bool signature, struct caller_key *out,
    struct faults *faults);

const char *caller_form_name(enum caller_form form); /* "rfc9421"; static */

/* What a key is counted under in the store, in space "uses ROUTE". NULL: out of memory. */
const char *caller_key_counter(struct arena *a, const struct caller *caller, enum caller_form form,
    const struct caller_key *key);
const char *caller_key_space(struct arena *a, const char *route);

/*
 * The digest of each key of each form. Standard Webhooks cover no path, so that a key of theirs
 * must not be found among those of another route. n of them, in the arena; false: out of memory.
 */
struct caller_digest {
	unsigned char bytes[CRYPTO_SHA256_LEN];
	const char *caller;
	bool webhook;
};
bool callers_key_digests(
    struct arena *a, const struct callers *c, struct caller_digest **out, size_t *n);

#endif
