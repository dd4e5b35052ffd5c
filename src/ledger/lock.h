/*
 * lock.h: one write at a time per ledger and agent. Inside a process a queue, first come first
 * served; between processes a one-byte open-file-description lock at hash(ledger, agent) of
 * state_dir/ledger.lock, tried with growing pauses by the head of the queue alone (such locks
 * exclude descriptors, not threads, and cannot be polled). A process that dies gives it up. Never
 * a lease. Between processes the order of arrival is not kept.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOCK_KEY_LEN = 32 };

struct locks; /* of one process: one file, its queues. Thread-safe. */
struct lock;

enum lock_got {
	LOCK_HELD,
	LOCK_FULL, /* LIMIT_LOCK_WAITERS wait already; who repeats the running key is not counted */
	LOCK_LATE, /* not within the time; *same: the holder in this process runs the same key */
	LOCK_BROKEN, /* the file cannot be opened or locked */
	LOCK_NO_MEMORY
};

/* NULL: why says which file, and why not. A process forked from this one opens its own. */
struct locks *locks_open(const char *state_dir, char *why, size_t why_max);
/* Nobody holds or waits any more. NULL is fine. */
void locks_close(struct locks *l);

/*
 * Waits as a task does, until until_ms (loop_now_ms) at most; a lock that is free is taken even
 * when that is past. What is waited for is the lock of `name` and `agent`; the key only tells
 * repeats apart. *out is NULL unless LOCK_HELD. Who holds one lock never takes another.
 */
enum lock_got lock_take(struct locks *l, const char *name, const char *agent,
    const unsigned char key[static LOCK_KEY_LEN], int64_t until_ms, struct lock **out, bool *same);
/* Hands it to the next in the queue and frees it. NULL is fine. */
void lock_release(struct lock *lock);

#endif
