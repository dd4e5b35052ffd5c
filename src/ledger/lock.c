/*
 * lock.c: see lock.h. A queue stands for a byte of the file, not for an agent: two agents whose
 * hash is the same byte wait for each other, and neither can give up what the other holds. All
 * threads share one open file description; the queue excludes them from each other, the byte
 * excludes other processes.
 *
 * The byte goes with the turn from one to the next of the queue, which does not have to win it
 * again. Other processes get theirs all the same: who finishes when the byte has been held for
 * BYTE_TURN_MS gives it up, and the next lets YIELD_MS pass before it tries, which is longer than
 * any pause of the others between two tries.
 */
#include "ledger/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bounds.h"
#include "base/user.h"
#include "engine/event.h"
#include "engine/loop.h"
#include "store/db.h"

enum { BYTE_TURN_MS = 500, PAUSE_MAX_MS = 50, YIELD_MS = 2 * PAUSE_MAX_MS, BUCKETS = 256 };

struct queue {
	struct queue *next; /* in its bucket */
	int64_t at;         /* the byte */
	struct lock *head;  /* holds the lock, or tries for the byte */
	struct lock *first, **last;
	unsigned counted; /* of those that wait */
	bool held;        /* the byte, by this process; only the head changes it */
	bool yields;      /* it was given up for others */
	int64_t held_since_ms;
};

struct lock {
	struct lock *next;
	struct locks *all;
	struct queue *queue;
	struct event turn; /* it is the head; set with the mutex held */
	bool counted;
	unsigned char key[LOCK_KEY_LEN];
};

struct locks {
	pthread_mutex_t mutex; /* over everything, held for moments only */
	int fd;
	struct stat file;
	unsigned bytes; /* held */
	struct queue *queues[BUCKETS];
	char path[];
};

/* --- the file --- */

static bool
file_open(struct locks *l)
{
	int fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return false;
	if (fstat(fd, &l->file) != 0) {
		(void)close(fd);
		return false;
	}
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = fd;
	return true;
}

static bool
file_lock(const struct locks *l, int64_t at, short type)
{
	struct flock byte = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

	return fcntl(l->fd, F_OFD_SETLK, &byte) == 0;
}

/* A file that was removed excludes nobody who opens it anew. */
static bool
file_is_there(const struct locks *l)
{
	struct stat there;

	return stat(l->path, &there) == 0 && there.st_ino == l->file.st_ino &&
	       there.st_dev == l->file.st_dev;
}

/* One try for the byte. LOCK_LATE: not now. The mutex is held, here and below. */
static enum lock_got
byte_try(struct locks *l, struct queue *q)
{
	if (!file_lock(l, q->at, F_WRLCK))
		return errno == EAGAIN || errno == EACCES || errno == EINTR ? LOCK_LATE
									    : LOCK_BROKEN;
	if (!file_is_there(l)) {
		(void)file_lock(l, q->at, F_UNLCK);
		/* To close the old file gives up what is held by it: not before that is over. */
		return l->bytes > 0 || file_open(l) ? LOCK_LATE : LOCK_BROKEN;
	}
	q->held = true;
	q->held_since_ms = loop_now_ms();
	l->bytes++;
	return LOCK_HELD;
}

static void
byte_give_up(struct locks *l, struct queue *q)
{
	if (!q->held)
		return;
	(void)file_lock(l, q->at, F_UNLCK);
	q->held = false;
	l->bytes--;
}

/* --- queues --- */

/* FNV-1a over both, with the NUL between them; an offset in a file has 63 bits. */
static int64_t
byte_of(const char *name, const char *agent)
{
	const char *const texts[] = {name, agent};
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i, k;

	for (i = 0; i < 2; i++) {
		for (k = 0; k < strlen(texts[i]) + (i == 0); k++)
			hash = (hash ^ (unsigned char)texts[i][k]) * UINT64_C(0x100000001b3);
	}
	return (int64_t)(hash >> 2);
}

static struct queue **
queue_place(struct locks *l, int64_t at)
{
	struct queue **link;

	for (link = &l->queues[at % BUCKETS]; *link != NULL && (*link)->at != at;
	     link = &(*link)->next)
		continue;
	return link;
}

/* NULL: out of memory. */
static struct queue *
queue_of(struct locks *l, int64_t at)
{
	struct queue **link = queue_place(l, at), *q;

	if (*link != NULL)
		return *link;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return NULL;
	q->at = at;
	q->last = &q->first;
	*link = q;
	return q;
}

static void
queue_unlink(struct queue *q, struct lock **link)
{
	struct lock *lock = *link;

	*link = lock->next;
	if (*link == NULL)
		q->last = link;
	q->counted -= lock->counted;
}

/* The head is done: the next's turn; a queue without one goes. */
static void
queue_advance(struct locks *l, struct queue *q)
{
	struct queue **link;

	q->head = q->first;
	if (q->head != NULL) {
		queue_unlink(q, &q->first);
		event_set(&q->head->turn);
		return;
	}
	byte_give_up(l, q);
	link = queue_place(l, q->at);
	*link = q->next;
	free(q);
}

static bool
runs_key(const struct queue *q, const unsigned char *key)
{
	return memcmp(q->head->key, key, LOCK_KEY_LEN) == 0;
}

/* Into the queue, as its head where it is empty. */
static enum lock_got
queue_join(struct locks *l, struct lock *lock, int64_t at)
{
	struct queue *q = queue_of(l, at);

	if (q == NULL)
		return LOCK_NO_MEMORY;
	lock->queue = q;
	if (q->head == NULL) {
		q->head = lock;
		return LOCK_HELD;
	}
	lock->counted = !runs_key(q, lock->key);
	if (lock->counted && q->counted == LIMIT_LOCK_WAITERS)
		return LOCK_FULL;
	q->counted += lock->counted;
	*q->last = lock;
	q->last = &lock->next;
	return LOCK_LATE;
}

/* Waits until it is the head. The mutex is held, but not while waiting, here and below. */
static enum lock_got
wait_turn(struct lock *lock, int64_t until_ms, bool *same)
{
	struct queue *q = lock->queue;
	int64_t left_ms = until_ms - loop_now_ms();
	struct lock **link;

	(void)pthread_mutex_unlock(&lock->all->mutex);
	(void)event_wait(&lock->turn, left_ms < 0 ? 0 : left_ms);
	(void)pthread_mutex_lock(&lock->all->mutex);
	if (event_wait(&lock->turn, 0))
		return LOCK_HELD;
	*same = q->held && runs_key(q, lock->key);
	for (link = &q->first; *link != lock; link = &(*link)->next)
		continue;
	queue_unlink(q, link);
	return LOCK_LATE;
}

/* False: the time is over. */
static bool
pause_until(struct locks *l, int64_t ms, int64_t until_ms)
{
	int64_t left_ms = until_ms - loop_now_ms();
	struct event never = {0};

	if (left_ms <= 0)
		return false;
	(void)pthread_mutex_unlock(&l->mutex);
	(void)event_wait(&never, left_ms < ms ? left_ms : ms);
	(void)pthread_mutex_lock(&l->mutex);
	return true;
}

/* The head's way to the byte. */
static enum lock_got
wait_byte(struct lock *lock, int64_t until_ms)
{
	struct locks *l = lock->all;
	struct queue *q = lock->queue;
	enum lock_got got;
	int64_t ms = 1;

	if (q->held)
		return LOCK_HELD;
	if (q->yields)
		(void)pause_until(l, YIELD_MS, until_ms);
	q->yields = false;
	for (;;) {
		got = byte_try(l, q);
		if (got != LOCK_LATE || !pause_until(l, ms, until_ms))
			return got;
		ms = ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : ms * 2;
	}
}

/* --- the interface --- */

struct locks *
locks_open(const char *state_dir, char *why, size_t why_max)
{
	size_t len = strlen(state_dir) + sizeof("/ledger.lock");
	struct locks *l = calloc(1, sizeof(*l) + len);
	char reason[USER_REASON];

	if (l == NULL) {
		(void)snprintf(why, why_max, "out of memory");
		return NULL;
	}
	(void)snprintf(l->path, len, "%s/ledger.lock", state_dir);
	l->fd = -1;
	if (!file_open(l)) {
		user_open_reason(l->path, errno, reason);
		(void)snprintf(why, why_max, "%s: %s", l->path, reason);
		free(l);
		return NULL;
	}
	db_give(l->path, state_dir);
	(void)pthread_mutex_init(&l->mutex, NULL);
	return l;
}

void
locks_close(struct locks *l)
{
	if (l == NULL)
		return;
	(void)close(l->fd);
	(void)pthread_mutex_destroy(&l->mutex);
	free(l);
}

enum lock_got
lock_take(struct locks *l, const char *name, const char *agent,
    const unsigned char key[static LOCK_KEY_LEN], int64_t until_ms, struct lock **out, bool *same)
{
	struct lock *lock = calloc(1, sizeof(*lock));
	enum lock_got got;

	*out = NULL;
	*same = false;
	if (lock == NULL)
		return LOCK_NO_MEMORY;
	lock->all = l;
	memcpy(lock->key, key, LOCK_KEY_LEN);
	(void)pthread_mutex_lock(&l->mutex);
	got = queue_join(l, lock, byte_of(name, agent));
	if (got == LOCK_LATE)
		got = wait_turn(lock, until_ms, same);
	if (got == LOCK_HELD) {
		got = wait_byte(lock, until_ms);
		if (got != LOCK_HELD)
			queue_advance(l, lock->queue);
	}
	(void)pthread_mutex_unlock(&l->mutex);
	if (got == LOCK_HELD)
		*out = lock;
	else
		free(lock);
	return got;
}

void
lock_release(struct lock *lock)
{
	struct locks *l;
	struct queue *q;

	if (lock == NULL)
		return;
	l = lock->all;
	q = lock->queue;
	(void)pthread_mutex_lock(&l->mutex);
	if (q->first != NULL && loop_now_ms() - q->held_since_ms >= BYTE_TURN_MS) {
		byte_give_up(l, q);
		q->yields = true;
	}
	queue_advance(l, q);
	(void)pthread_mutex_unlock(&l->mutex);
	free(lock);
}
