/*
 * bundle.h: files that belong together: made in memory, then written to a folder or compared with
 * it.
 */
#ifndef GENESYS_BUNDLE_H
#define GENESYS_BUNDLE_H

#include "base/faults.h"

enum { BUNDLE_FILES_MAX = 64, BUNDLE_FILE_MAX = 4 * 1024 * 1024 };

struct bundle_file {
	const char *name; /* "actions/x.custom.json": relative, borrowed */
	const char *text;
	size_t len;
	bool differs; /* from the one that bundle_check() found */
};

struct bundle {
	struct bundle_file files[BUNDLE_FILES_MAX];
	size_t n;
};

/* Borrows both. False: it is full. */
bool bundle_add(struct bundle *b, const char *name, const char *text, size_t len);
/* Makes the folder and what is missing in it, replaces files of these names, leaves others. */
bool bundle_write(struct arena *a, const struct bundle *b, const char *dir, struct faults *faults);
/* Each file that is not there or has other bytes is a fault. */
bool bundle_check(struct arena *a, struct bundle *b, const char *dir, struct faults *faults);

#endif
