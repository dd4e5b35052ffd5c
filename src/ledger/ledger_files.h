/*
 * ledger_files.h: ledger.db and ledger.key, which belong together: made, opened, and refused where
 * they do not agree, where the end is missing, or where the disk is no local one. Whoever makes or
 * replaces them locks state_dir meanwhile (flock).
 */
#ifndef LEDGER_FILES_H
#define LEDGER_FILES_H

#include <sys/types.h>

#include "ledger/ledger_key.h"
#include "ledger/ledger_sql.h"

struct ledger_files {
	struct db *db;
	struct ledger_key key;
	struct ledger_base base;
	dev_t device; /* of ledger.db, with its inode: to see that it was replaced */
	ino_t inode;
	struct chain_head head, anchored; /* where the chain ends; in the anchor */
};

enum ledger_found { LEDGER_OPENED, LEDGER_NEITHER, LEDGER_UNFIT };

/*
 * Opens them; make: where neither is there yet, makes both. Why says what is wrong and what heals
 * it, unless they are opened. ledger_files_close() closes them.
 */
enum ledger_found ledger_files_open(const struct ledger_where *where, bool make,
    struct ledger_files *out, char *why, size_t why_max);
void ledger_files_close(struct ledger_files *f);

/* Is it still this ledger.db that the path leads to? */
bool ledger_files_same(const struct ledger_files *f, const char *state_dir);

/* Is ledger.key still the one that they were opened with? False with why. */
bool
ledger_files_keyed(const struct ledger_files *f, const char *state_dir, char *why, size_t why_max);

/* Is there any trace of a ledger? */
bool ledger_files_there(const struct ledger_where *where);

/* Puts what is there aside, under names that end in the time, and makes both anew. False, with
 * why: nothing was put aside, or it must be done again. */
bool
ledger_files_renew(const struct ledger_where *where, int32_t look_until, char *why, size_t why_max);

#endif
