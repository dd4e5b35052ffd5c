/*
 * store.h: what must outlive a process: spent nonces, snapshots, counters. One SQLite database
 * (WAL) in state_dir; safe across threads and processes. Expired rows are removed as a by-product.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"

struct store;

/*
 * Every call but store_keep(), store_tally() and store_count() waits until its answer is on the
 * disk, at most until the task's deadline (outside a task STORE_WAIT_MS); then it is GW_EINTERNAL,
 * and may still be carried out.
 */
enum { STORE_WAIT_MS = 5000 };

/*
 * Opens (making) path/state.db; NULL with the reason in why. One that is no database any more is
 * put aside and begun anew; where that happened, why says so, and is empty otherwise. whole: reads
 * all of the file, to find damage at once.
 */
struct store *store_open(const char *state_dir, bool whole, char *why, size_t why_max);
void store_close(struct store *s);
/* GATEWAY.MEMORY or GATEWAY.STORE: what a call that has just failed (errno) is reported as. */
enum fail_code store_fault(void);

/*
 * Spends id in space until expires_s: *fresh says whether this was the first time. GW_ERETRY:
 * state.db was begun anew less than expires_s - now_s ago, and what was spent before is not known.
 */
enum gw_err store_spend(struct store *s, const char *space, const char *id, int64_t now_s,
    int64_t expires_s, bool *fresh);

/* A text under space and key, replaced as a whole. expires_s 0: never. */
enum gw_err store_put(struct store *s, const char *space, const char *key, const char *data,
    size_t len, int64_t expires_s);
/* The same for what is only a cache: waits for STORE_KEEP_MS at most, and does nothing
 * while writing does not work. */
enum { STORE_KEEP_MS = 250 };
void store_keep(struct store *s, const char *space, const char *key, const char *data, size_t len,
    int64_t expires_s);
/* *found is false when absent or expired; data is appended to out. */
enum gw_err store_get(struct store *s, const char *space, const char *key, int64_t now_s,
    struct buf *out, bool *found);
/* The same, from memory where this process read it in the same second: for what is asked often and
 * may be a second old. */
enum gw_err store_recall(struct store *s, const char *space, const char *key, int64_t now_s,
    struct buf *out, bool *found);

/*
 * Use counters: adds one and notes the time, and waits for nothing. The first use of a second is
 * written as soon as that can be done, so that a single one is seen; those that follow in it wait
 * for the next second's first, the next write, store_flush() or store_close(). Of more than 256 at
 * once that cannot be written, the rest is lost.
 */
enum gw_err store_count(struct store *s, const char *space, const char *key, int64_t now_s);
enum gw_err
store_counted(struct store *s, const char *space, const char *key, int64_t *uses, int64_t *last_s);
enum gw_err store_flush(struct store *s);

/* Whether it works: false, with why, where the last write failed or waits for longer than a
 * second, or the file was removed, replaced or overwritten. */
bool store_works(struct store *s, char *why, size_t why_max);

/* Transactions of writes that this process has committed. */
uint64_t store_commits(struct store *s);

/*
 * A tally starts anew window_s after its first count. Adds `add` (0: only looks); *n is what it
 * then holds, *ends_s when it starts anew (0 where it holds nothing). Adding waits for
 * STORE_KEEP_MS at most, and fails while writing does not work.
 */
enum gw_err store_tally(struct store *s, const char *space, const char *key, int64_t now_s,
    int64_t window_s, int64_t add, int64_t *n, int64_t *ends_s);

#endif
