/* queue.c: see queue.h. The mutex is held around everything but the transaction itself. */
#include "store/queue.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	QUEUE_BATCH = 256,
	QUEUE_LATE_MS = 1000 /* a write that waits so long says that something is wrong */
};

struct queue_line {
	struct queue_job *first, **last;
};

struct queue {
	struct db *db; /* the thread's */
	atomic_uint_fast64_t commits;
	struct queue_owner owner;
	pthread_t thread;
	pthread_mutex_t mutex; /* of everything below */
	pthread_cond_t more;
	struct queue_line reads, writes;
	bool started, closing, nudged;
	bool stirred;    /* a write was done, and the owner's idle was not */
	bool memory;     /* it was short in the last transaction; the thread's */
	int64_t late_ms; /* since when writing has not worked; 0: it does */
	char words[160]; /* SQLite's, of the last transaction; the thread's */
	char trouble[256];
};

struct queue *
queue_new(struct db *db, const struct queue_owner *owner)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->db = db;
	q->owner = *owner;
	q->reads.last = &q->reads.first;
	q->writes.last = &q->writes.first;
	(void)pthread_mutex_init(&q->mutex, NULL);
	(void)pthread_cond_init(&q->more, NULL);
	return q;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	(void)pthread_mutex_lock(&q->mutex);
	q->closing = true;
	(void)pthread_cond_signal(&q->more);
	(void)pthread_mutex_unlock(&q->mutex);
	if (q->started)
		(void)pthread_join(q->thread, NULL);
	(void)pthread_cond_destroy(&q->more);
	(void)pthread_mutex_destroy(&q->mutex);
	free(q);
}

/* --- the thread --- */

static void
queue_words(struct queue *q)
{
	q->memory = q->memory || db_fault(q->db) == DB_MEMORY;
	(void)snprintf(q->words, sizeof(q->words), "%s", db_words(q->db));
}

static enum gw_err
queue_begin(struct queue *q, bool writes, bool *busy)
{
	bool begun;

	/* A lack of memory may have kept the last one from being rolled back. */
	db_rollback(q->db);
	q->memory = false;
	begun = db_begin(q->db, writes);
	*busy = db_fault(q->db) == DB_BUSY;
	queue_words(q);
	db_forgive(q->db);
	return begun ? GW_OK : GW_EINTERNAL;
}

static enum gw_err
queue_end(struct queue *q, bool keep)
{
	bool unknown = false, kept = keep && db_commit(q->db, &unknown);

	queue_words(q);
	db_rollback(q->db);
	return kept ? GW_OK : unknown ? GW_EUNKNOWN : GW_EINTERNAL;
}

/* One transaction. *busy: nothing was done. */
static enum gw_err
queue_transact(struct queue *q, struct queue_job *jobs, bool writes, bool *busy)
{
	enum gw_err err = queue_begin(q, writes, busy);
	const struct queue_owner *owner = &q->owner;
	struct queue_job *j;
	bool keep;

	for (j = jobs; j != NULL && err == GW_OK; j = j->next) {
		j->err = j->run(j, q->db);
		q->memory = q->memory || j->memory;
		/* An error may have ended the transaction, and with it what others did in it. */
		if (!db_in_transaction(q->db))
			err = GW_EINTERNAL;
	}
	if (err == GW_OK) {
		errno = 0;
		keep = !writes || owner->join == NULL || owner->join(owner->context, q->db);
		q->memory = q->memory || (!keep && errno == ENOMEM);
		err = queue_end(q, keep);
	}
	for (j = jobs; j != NULL && err != GW_OK; j = j->next) {
		j->err = err;
		j->memory = q->memory;
	}
	return err;
}

/* Takes at most QUEUE_BATCH jobs off a line. The mutex is held, here and below. */
static struct queue_job *
queue_take(struct queue_line *line)
{
	struct queue_job *jobs = line->first, **end = &line->first;
	int n;

	for (n = 0; n < QUEUE_BATCH && *end != NULL; n++) {
		(*end)->state = QUEUE_RUNNING;
		end = &(*end)->next;
	}
	line->first = *end;
	*end = NULL;
	if (line->first == NULL)
		line->last = &line->first;
	return jobs;
}

/* Those that nobody waits for any more go; the others stand at the head of the line again. */
static void
queue_put_back(struct queue_line *line, struct queue_job *jobs)
{
	struct queue_job **end = &jobs, *j;

	while ((j = *end) != NULL) {
		if (j->abandoned) {
			*end = j->next;
			j->free(j);
		} else {
			j->state = QUEUE_WAITING;
			end = &j->next;
		}
	}
	if (jobs == NULL)
		return;
	*end = line->first;
	if (line->first == NULL)
		line->last = end;
	line->first = jobs;
}

static void
queue_settle(struct queue_job *jobs)
{
	struct queue_job *j, *next;

	for (j = jobs; j != NULL; j = next) {
		next = j->next;
		j->state = QUEUE_SETTLED;
		if (j->abandoned)
			j->free(j);
		else
			event_set(&j->done);
	}
}

static void
queue_do_reads(struct queue *q)
{
	struct queue_job *jobs = queue_take(&q->reads);
	bool busy;

	(void)pthread_mutex_unlock(&q->mutex);
	(void)queue_transact(q, jobs, false, &busy);
	(void)pthread_mutex_lock(&q->mutex);
	queue_settle(jobs);
}

static void
queue_note(struct queue *q, enum gw_err err, bool busy)
{
	if (err == GW_OK) {
		q->late_ms = 0;
		return;
	}
	if (q->late_ms == 0)
		q->late_ms = loop_now_ms();
	if (busy)
		(void)snprintf(q->trouble, sizeof(q->trouble), "another process keeps %s locked",
		    q->owner.name);
	else if (q->words[0] == '\0')
		(void)snprintf(
		    q->trouble, sizeof(q->trouble), "%s cannot be written", q->owner.name);
	else
		(void)snprintf(q->trouble, sizeof(q->trouble), "%s cannot be written: %s",
		    q->owner.name, q->words);
}

static void
queue_do_writes(struct queue *q)
{
	struct queue_job *jobs = queue_take(&q->writes);
	enum gw_err err;
	bool busy;

	q->nudged = false;
	(void)pthread_mutex_unlock(&q->mutex);
	err = queue_transact(q, jobs, true, &busy);
	if (q->owner.after != NULL)
		q->owner.after(q->owner.context, err, busy);
	(void)pthread_mutex_lock(&q->mutex);
	queue_note(q, err, busy);
	if (err == GW_OK)
		(void)atomic_fetch_add(&q->commits, 1);
	q->stirred = q->stirred || (err == GW_OK && q->owner.idle != NULL);
	if (busy && !q->closing)
		queue_put_back(&q->writes, jobs);
	else
		queue_settle(jobs);
}

static void
queue_do_idle(struct queue *q)
{
	q->stirred = false;
	(void)pthread_mutex_unlock(&q->mutex);
	q->owner.idle(q->owner.context);
	(void)pthread_mutex_lock(&q->mutex);
}

static void *
queue_serve(void *context)
{
	struct queue *q = context;

	(void)pthread_mutex_lock(&q->mutex);
	while (!q->closing || q->reads.first != NULL || q->writes.first != NULL || q->stirred) {
		if (q->reads.first != NULL)
			queue_do_reads(q);
		else if (q->writes.first != NULL || q->nudged)
			queue_do_writes(q);
		else if (q->stirred)
			queue_do_idle(q);
		else
			(void)pthread_cond_wait(&q->more, &q->mutex);
	}
	(void)pthread_mutex_unlock(&q->mutex);
	return NULL;
}

/* A process that asks nothing has no thread. */
static bool
queue_started(struct queue *q)
{
	sigset_t all, before;

	if (q->started)
		return true;
	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	q->started = pthread_create(&q->thread, NULL, queue_serve, q) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q->started;
}

/* --- a call --- */

/* What waits is taken back; what runs is left to the thread. */
static enum queue_end
queue_abandon(struct queue_line *line, struct queue_job *job)
{
	struct queue_job **link = &line->first;

	if (job->state == QUEUE_RUNNING) {
		job->abandoned = true;
		return QUEUE_LEFT;
	}
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	if (*link == NULL)
		line->last = link;
	return QUEUE_NEVER;
}

enum queue_end
queue_do(struct queue *q, struct queue_job *job, int64_t wait_ms)
{
	struct queue_line *line = job->writes ? &q->writes : &q->reads;
	enum queue_end end = QUEUE_DONE;

	(void)pthread_mutex_lock(&q->mutex);
	if (!queue_started(q)) {
		(void)pthread_mutex_unlock(&q->mutex);
		job->memory = true;
		return QUEUE_NEVER;
	}
	*line->last = job;
	line->last = &job->next;
	(void)pthread_cond_signal(&q->more);
	(void)pthread_mutex_unlock(&q->mutex);
	(void)event_wait(&job->done, wait_ms);
	(void)pthread_mutex_lock(&q->mutex);
	if (job->state != QUEUE_SETTLED)
		end = queue_abandon(line, job);
	(void)pthread_mutex_unlock(&q->mutex);
	return end;
}

bool
queue_nudge(struct queue *q)
{
	bool started;

	(void)pthread_mutex_lock(&q->mutex);
	started = queue_started(q);
	q->nudged = true;
	(void)pthread_cond_signal(&q->more);
	(void)pthread_mutex_unlock(&q->mutex);
	return started;
}

uint64_t
queue_commits(struct queue *q)
{
	return atomic_load(&q->commits);
}

bool
queue_is_late(struct queue *q)
{
	bool late;

	(void)pthread_mutex_lock(&q->mutex);
	late = q->late_ms != 0;
	(void)pthread_mutex_unlock(&q->mutex);
	return late;
}

bool
queue_trouble(struct queue *q, char *why, size_t why_max)
{
	bool any;

	(void)pthread_mutex_lock(&q->mutex);
	any = q->late_ms != 0;
	if (any)
		(void)snprintf(why, why_max, "%s", q->trouble);
	(void)pthread_mutex_unlock(&q->mutex);
	return any;
}

bool
queue_works(struct queue *q, char *why, size_t why_max)
{
	bool works;

	(void)pthread_mutex_lock(&q->mutex);
	works = q->late_ms == 0 || loop_now_ms() - q->late_ms < QUEUE_LATE_MS;
	if (!works)
		(void)snprintf(why, why_max, "%s", q->trouble);
	(void)pthread_mutex_unlock(&q->mutex);
	return works;
}
