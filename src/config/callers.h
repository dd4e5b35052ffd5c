/*
 * callers.h: who may call a route, as its file declares them: names, forms, keys. Loaded callers
 * never change. Only auth/ compares what a request proves itself with.
 */
#ifndef CALLERS_H
#define CALLERS_H

#include "base/crypto.h"
#include "config/key.h"

enum { CALLER_NAME_MAX = 32 };

enum caller_form {
	CALLER_RFC9421,
	CALLER_WEBHOOKS,
	CALLER_TOKEN,
	CALLER_KEY,
	CALLER_BASIC,
	CALLER_FORM_MAX
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
 * left out, and so is a caller that has no key left or another fault. NULL if no caller is left.
 */
struct callers *callers_load(struct arena *a, const char *file, const struct value *node,
    struct secrets *secrets, struct faults *faults);

/* Has a header of that name, in lower case, a meaning already, or does anybody send one? It cannot
 * hold a key, so that what may be a guess at one depends on the request alone. */
bool callers_header_is_taken(const char *name);

size_t callers_count(const struct callers *c);

const char *caller_form_name(enum caller_form form); /* "rfc9421"; static */

/* Does the key count at that time, by not_before and not_after? */
bool caller_key_counts(const struct caller_key *key, int64_t now_s);

/* The name under which the store counts a key, in space "uses ROUTE". NULL: out of memory. */
const char *caller_key_counter(struct arena *a, const struct caller *caller, enum caller_form form,
    const struct caller_key *key);
const char *caller_key_space(struct arena *a, const char *route);

/*
 * The digest of each key of each form: n of them, in the arena; false: out of memory. A Standard
 * Webhooks signature covers no path, so its key must not be another route's.
 */
struct caller_digest {
	unsigned char bytes[CRYPTO_SHA256_LEN];
	const char *caller;
	enum caller_form form;
};
bool callers_key_digests(
    struct arena *a, const struct callers *c, struct caller_digest **out, size_t *n);

#endif
