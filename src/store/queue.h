/*
 * queue.h: one thread that uses a database, so that nobody else ever waits for the disk or for
 * another process. Each puts a job on the queue and waits as a task does; all writes that wait are
 * one transaction, so that the disk is waited for once for all of them. Reads do not wait for
 * writes, which another process may hold up. The thread begins with the first job.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "base/fail.h"
#include "engine/event.h"
#include "store/db.h"

struct queue;

/* Embedded at the start of what one call asks. It holds copies, as its caller may give up. */
struct queue_job {
	enum gw_err (*run)(struct queue_job *job, struct db *db); /* in the transaction */
	void (*free)(struct queue_job *job);
	bool writes;
	enum gw_err err; /* its outcome; GW_EUNKNOWN: the disk failed while committing it */
	bool memory;     /* it failed, and memory was short */
	/* The queue's own. */
	struct queue_job *next;
	enum { QUEUE_WAITING, QUEUE_RUNNING, QUEUE_SETTLED } state;
	bool abandoned;
	struct event done;
};

/* What its owner does on the thread. */
struct queue_owner {
	const char *name; /* "state.db", for messages */
	void *context;
	/* Joins each transaction of writes, after its jobs. False: none of it is kept. May be NULL.
	 */
	bool (*join)(void *context, struct db *db);
	/* After it, before its jobs hear of it; busy: another process is writing, and it is tried
	 * again. May be NULL. */
	void (*after)(void *context, enum gw_err err, bool busy);
	/* Once nothing waits any more after a write. May be NULL. */
	void (*idle)(void *context);
};

/* Borrows db, which is the thread's from now on. NULL: out of memory. */
struct queue *queue_new(struct db *db, const struct queue_owner *owner);
/* Does all that waits, and ends the thread. NULL is fine. */
void queue_free(struct queue *q);

enum queue_end {
	QUEUE_DONE,  /* with job->err */
	QUEUE_NEVER, /* it was not begun, and will not be */
	QUEUE_LEFT   /* it runs still, and the queue frees it; in all other cases the caller does */
};
/* Waits for it, wait_ms at most. A job that fails leaves the others of its transaction standing,
 * unless the transaction failed with it. */
enum queue_end queue_do(struct queue *q, struct queue_job *job, int64_t wait_ms);
/* Wants a transaction of writes soon, for the owner's join. False: there is no thread. */
bool queue_nudge(struct queue *q);

/* Transactions of writes that this process has committed. */
uint64_t queue_commits(struct queue *q);
/* Whether the last write failed or still waits for another process. */
bool queue_is_late(struct queue *q);
/* The last write's trouble; false: it has none. */
bool queue_trouble(struct queue *q, char *why, size_t why_max);
/* False, with why: that has lasted for longer than a second. */
bool queue_works(struct queue *q, char *why, size_t why_max);

#endif
