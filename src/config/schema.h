/*
 * schema.h: keys of the configuration as tables: what is read, checked, listed by `hrisgw check
 * --keys` and printed in hrisgw.yaml(5) are the same rows.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "base/faults.h"
#include "config/secret.h"
#include "base/value.h"

enum schema_type {
	SCHEMA_TEXT,    /* const char * */
	SCHEMA_PATH,    /* const char *: absolute, relative to the file */
	SCHEMA_INTEGER, /* int64_t */
	SCHEMA_SECONDS, /* int64_t, seconds: 25, 25s, 10m, 1h, 2d */
	SCHEMA_BOOL,    /* bool */
	SCHEMA_CLOCK,   /* int64_t, minute of the day: 09:00 */
	SCHEMA_CHOICE,  /* const char *, one of choices */
	SCHEMA_VALUE,   /* const struct value *: a mapping, read by its own code */
	SCHEMA_LIST,    /* const struct value *: a list, read by its own code */
	SCHEMA_FILE,    /* const struct value *: file:PATH, read by its own code */
	SCHEMA_TYPE_MAX
};

struct schema_key {
	const char *name; /* "listen.socket": a key inside a mapping; NULL ends a table */
	enum schema_type type;
	bool required;
	const char *fallback;       /* as one would write it; NULL: none */
	int64_t min, max;           /* of numbers */
	const char *const *choices; /* NULL-terminated */
	const char *help;
	size_t offset; /* into the struct */
};

/*
 * Fills `out` from the mapping: defaults, then what it holds. Unknown keys are faults with a
 * hint. False with faults; what could be read is there all the same.
 */
bool schema_read(struct arena *a, const char *file, const struct schema_key *keys,
    const struct value *v, void *out, struct faults *faults);

const char *schema_type_name(enum schema_type t);

/* path relative to the folder of file; absolute ones as they are. NULL: out of memory. */
char *schema_path(struct arena *a, const char *file, const char *path);

extern const struct schema_key config_keys[], route_keys[];

#endif
