/* callers_parts.h: what the files that load callers share. */
#ifndef CALLERS_PARTS_H
#define CALLERS_PARTS_H

#include "config/callers.h"

struct callers_loader {
	struct arena *arena;
	const char *file;
	struct secrets *secrets;
	struct faults *faults;
};

enum caller_secret {
	CALLER_LITERAL,  /* token, basic, key: text less one newline */
	CALLER_SIGNATURE /* base64:, hex:, whsec_ or raw; long enough; ids required */
};

/* callers_keys.c: one reference, a list, or a map by id. Keys with faults are left out. */
bool callers_load_keys(struct callers_loader *l, const struct value *node, enum caller_secret kind,
    struct caller_keys *out);
/* Key ids of RFC 9421 belong to one caller; a Standard Webhooks key serves nothing else. */
bool callers_check_keys(struct callers_loader *l, const struct value *node, struct callers *c);

/* One of n names, else a fault at the member's name, with a hint. */
bool callers_known(struct callers_loader *l, const struct member *m, const char *const *names,
    size_t n, const char *what);
bool callers_memory(struct callers_loader *l); /* false */

#endif
