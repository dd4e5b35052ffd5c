/*
 * store.c: one connection, one thread that uses it, so that nobody else ever waits for the disk or
 * for another process. Each puts what it asks on a queue and waits as a task does; all that waits
 * is done in one transaction, so that the disk is waited for once for all of them. Reads do not
 * wait for writes, which another process may hold up. What it is in SQL is store_sql.c.
 */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/event.h"
#include "engine/task.h"
#include "store/store_sql.h"

enum {
	STORE_BATCH = 256,
	STORE_COUNTS = 256,
	STORE_KEY = 512,
	STORE_CLEAN_S = 10,
	STORE_LATE_MS = 1000, /* a write that waits so long says that something is wrong */
	STORE_MEMOS = 64,
	STORE_MEMO_MAX = 64 * 1024
};

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE };

typedef enum gw_err job_run(struct db *db, struct store_ask *ask);

/* What one call asks; it holds copies, as its caller may give up waiting. */
struct store_job {
	struct store_job *next;
	struct store_ask ask;
	job_run *run;
	bool writes, abandoned;
	enum job_state state;
	enum gw_err err;
	struct buf out;
	struct event done;
	char texts[]; /* space, key, data */
};

/* A use that is not written yet. */
struct store_use {
	char space[STORE_KEY], key[STORE_KEY];
	int64_t n, last_s;
};

/* A text that was read lately; no text: none. */
struct store_memo {
	char space[STORE_KEY], key[STORE_KEY];
	struct buf text;
	int64_t read_s;
};

struct store {
	struct db *db; /* the thread's, like the next two */
	int64_t cleaned_s;
	struct store_use *writing; /* a copy of uses while they are written */
	pthread_t thread;
	pthread_mutex_t mutex; /* of everything below */
	pthread_cond_t more;
	struct store_job *reads, **reads_last, *writes, **writes_last;
	bool started, closing, uses_due;
	struct store_use *uses;
	size_t n_uses;
	int64_t uses_written_s; /* the second in which a use was last written at once */
	int64_t late_ms;        /* since when writing has not worked; 0: it does */
	char trouble[128];
	struct store_memo memos[STORE_MEMOS];
	size_t next_memo;
};

/* Makes the folder where it is not there; others must have no rights in it. */
static bool
store_folder(const char *path, char *why, size_t why_max)
{
	struct stat st;

	if ((mkdir(path, 0700) != 0 && errno != EEXIST) || stat(path, &st) != 0) {
		(void)snprintf(why, why_max, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode) || (st.st_mode & 0077) != 0) {
		(void)snprintf(why, why_max, "%s must be a folder of mode 0700", path);
		return false;
	}
	return true;
}

struct store *
store_open(const char *state_dir, char *why, size_t why_max)
{
	struct store *s;
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/state.db", state_dir);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		(void)snprintf(why, why_max, "state_dir is too long a path");
		return NULL;
	}
	if (!store_folder(state_dir, why, why_max))
		return NULL;
	(void)snprintf(why, why_max, "out of memory");
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->uses = calloc(STORE_COUNTS, sizeof(*s->uses));
	s->writing = calloc(STORE_COUNTS, sizeof(*s->writing));
	if (s->uses != NULL && s->writing != NULL)
		s->db = store_db_open(path, why, why_max);
	if (s->db == NULL) {
		free(s->uses);
		free(s->writing);
		free(s);
		return NULL;
	}
	s->reads_last = &s->reads;
	s->writes_last = &s->writes;
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_cond_init(&s->more, NULL);
	return s;
}

/* --- use counters --- */

/* The place of that counter among those that wait; NULL: no room. */
static struct store_use *
store_use_find(struct store *s, const char *space, const char *key)
{
	size_t i;

	for (i = 0; i < s->n_uses; i++) {
		if (strcmp(s->uses[i].space, space) == 0 && strcmp(s->uses[i].key, key) == 0)
			return &s->uses[i];
	}
	if (s->n_uses == STORE_COUNTS)
		return NULL;
	s->uses[i] = (struct store_use){.n = 0};
	memcpy(s->uses[i].space, space, strlen(space) + 1);
	memcpy(s->uses[i].key, key, strlen(key) + 1);
	s->n_uses++;
	return &s->uses[i];
}

/* Takes off what was written; what was counted meanwhile stays. */
static void
store_uses_written(struct store *s, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < s->n_uses; i++) {
		if (i < n)
			s->uses[i].n -= s->writing[i].n;
		if (s->uses[i].n > 0)
			s->uses[kept++] = s->uses[i];
	}
	s->n_uses = kept;
}

/* --- the thread --- */

/* One transaction. A job that fails alone leaves the others standing. *busy: nothing was done. */
static enum gw_err
store_transact(struct store *s, struct store_job *jobs, size_t n_uses, bool writes, bool *busy)
{
	struct store_ask ask = {0};
	enum gw_err err = store_db_begin(s->db, writes, busy);
	bool keep = true;
	struct store_job *j;
	size_t i;

	for (j = jobs; j != NULL && err == GW_OK; j = j->next) {
		if (j->ask.now_s > ask.now_s)
			ask.now_s = j->ask.now_s;
		j->err = j->run(s->db, &j->ask);
		if (!store_db_holds(s->db))
			err = GW_EINTERNAL;
	}
	if (err == GW_OK && writes && ask.now_s - s->cleaned_s >= STORE_CLEAN_S) {
		s->cleaned_s = ask.now_s;
		keep = store_db_clean(s->db, &ask) == GW_OK;
	}
	for (i = 0; i < n_uses && err == GW_OK && keep; i++) {
		ask = (struct store_ask){.space = s->writing[i].space,
		    .key = s->writing[i].key,
		    .add = s->writing[i].n,
		    .now_s = s->writing[i].last_s};
		keep = store_db_count(s->db, &ask) == GW_OK;
	}
	if (err == GW_OK)
		err = store_db_end(s->db, keep);
	for (j = jobs; j != NULL && err != GW_OK; j = j->next)
		j->err = err;
	return err;
}

static void
job_free(struct store_job *j)
{
	buf_clear(&j->out);
	free(j);
}

/* Takes at most STORE_BATCH jobs off a queue. The mutex is held, here and below. */
static struct store_job *
store_take(struct store_job **first, struct store_job ***last)
{
	struct store_job *jobs = *first, **end = first;
	int n;

	for (n = 0; n < STORE_BATCH && *end != NULL; n++) {
		(*end)->state = JOB_RUNNING;
		end = &(*end)->next;
	}
	*first = *end;
	*end = NULL;
	if (*first == NULL)
		*last = first;
	return jobs;
}

/* Those that nobody waits for any more go; the others stand at the head of the queue again. */
static void
store_put_back(struct store *s, struct store_job *jobs)
{
	struct store_job **end = &jobs, *j;

	while ((j = *end) != NULL) {
		if (j->abandoned) {
			*end = j->next;
			job_free(j);
		} else {
			j->state = JOB_QUEUED;
			end = &j->next;
		}
	}
	if (jobs == NULL)
		return;
	*end = s->writes;
	if (s->writes == NULL)
		s->writes_last = end;
	s->writes = jobs;
}

static void
store_finish(struct store_job *jobs)
{
	struct store_job *j, *next;

	for (j = jobs; j != NULL; j = next) {
		next = j->next;
		j->state = JOB_DONE;
		if (j->abandoned)
			job_free(j);
		else
			event_set(&j->done);
	}
}

static void
store_do_reads(struct store *s)
{
	struct store_job *jobs = store_take(&s->reads, &s->reads_last);
	bool busy;

	(void)pthread_mutex_unlock(&s->mutex);
	(void)store_transact(s, jobs, 0, false, &busy);
	(void)pthread_mutex_lock(&s->mutex);
	store_finish(jobs);
}

static void
store_note(struct store *s, enum gw_err err, bool busy)
{
	if (err == GW_OK) {
		s->late_ms = 0;
		return;
	}
	if (s->late_ms == 0)
		s->late_ms = loop_now_ms();
	(void)snprintf(s->trouble, sizeof(s->trouble), "%s",
	    busy ? "another process keeps state.db locked" : "state.db cannot be written");
}

static void
store_do_writes(struct store *s)
{
	struct store_job *jobs = store_take(&s->writes, &s->writes_last);
	size_t n_uses = s->n_uses;
	enum gw_err err;
	bool busy;

	memcpy(s->writing, s->uses, n_uses * sizeof(*s->uses));
	s->uses_due = false;
	(void)pthread_mutex_unlock(&s->mutex);
	err = store_transact(s, jobs, n_uses, true, &busy);
	(void)pthread_mutex_lock(&s->mutex);
	store_note(s, err, busy);
	if (err == GW_OK)
		store_uses_written(s, n_uses);
	else
		s->uses_due = busy && n_uses > 0;
	if (busy && !s->closing)
		store_put_back(s, jobs);
	else
		store_finish(jobs);
}

static void *
store_serve(void *context)
{
	struct store *s = context;

	(void)pthread_mutex_lock(&s->mutex);
	while (!s->closing || s->reads != NULL || s->writes != NULL) {
		if (s->reads != NULL)
			store_do_reads(s);
		else if (s->writes != NULL || s->uses_due)
			store_do_writes(s);
		else
			(void)pthread_cond_wait(&s->more, &s->mutex);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return NULL;
}

/* The thread begins with the first job: a process that asks nothing has none. */
static bool
store_started(struct store *s)
{
	sigset_t all, before;

	if (s->started)
		return true;
	/* Signals are for the thread that waits for them. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	s->started = pthread_create(&s->thread, NULL, store_serve, s) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return s->started;
}

/* --- a call --- */

static struct store_job *
job_new(const struct store_ask *ask, job_run *run, bool writes)
{
	size_t space = strlen(ask->space) + 1, key = strlen(ask->key) + 1;
	struct store_job *j = calloc(1, sizeof(*j) + space + key + ask->len);

	if (j == NULL)
		return NULL;
	j->ask = *ask;
	j->run = run;
	j->writes = writes;
	j->err = GW_EINTERNAL;
	buf_init(&j->out, ask->out == NULL ? 0 : ask->out->max);
	j->ask.out = &j->out;
	memcpy(j->texts, ask->space, space);
	memcpy(j->texts + space, ask->key, key);
	if (ask->len > 0)
		memcpy(j->texts + space + key, ask->data, ask->len);
	j->ask.space = j->texts;
	j->ask.key = j->texts + space;
	j->ask.data = j->texts + space + key;
	return j;
}

/* The caller gives up. What is queued is taken back; what runs is left to the thread. */
static void
store_abandon(struct store *s, struct store_job *job)
{
	struct store_job **link = job->writes ? &s->writes : &s->reads;
	struct store_job ***last = job->writes ? &s->writes_last : &s->reads_last;

	if (job->state == JOB_RUNNING) {
		job->abandoned = true;
		return;
	}
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	if (*link == NULL)
		*last = link;
	job_free(job);
}

static enum gw_err
store_do_within(struct store *s, struct store_ask *ask, job_run *run, bool writes, int64_t wait_ms)
{
	struct store_job *job = job_new(ask, run, writes), ***last;
	enum gw_err err = GW_EINTERNAL;
	struct buf *out = ask->out;

	if (job == NULL)
		return GW_EINTERNAL;
	(void)pthread_mutex_lock(&s->mutex);
	if (!store_started(s)) {
		(void)pthread_mutex_unlock(&s->mutex);
		job_free(job);
		return GW_EINTERNAL;
	}
	last = writes ? &s->writes_last : &s->reads_last;
	**last = job;
	*last = &job->next;
	(void)pthread_cond_signal(&s->more);
	(void)pthread_mutex_unlock(&s->mutex);
	(void)event_wait(&job->done, wait_ms);
	(void)pthread_mutex_lock(&s->mutex);
	if (job->state == JOB_DONE) {
		err = job->err;
		*ask = job->ask;
		ask->out = out;
		if (out != NULL)
			buf_put(out, job->out.data, job->out.len);
		job_free(job);
	} else
		store_abandon(s, job);
	(void)pthread_mutex_unlock(&s->mutex);
	return err != GW_OK || out == NULL ? err : out->err;
}

static enum gw_err
store_do(struct store *s, struct store_ask *ask, job_run *run, bool writes)
{
	return store_do_within(s, ask, run, writes, task_left_ms(STORE_WAIT_MS));
}

/* --- memos; the mutex is held --- */

static struct store_memo *
memo_find(struct store *s, const char *space, const char *key)
{
	size_t i;

	for (i = 0; i < STORE_MEMOS; i++) {
		if (s->memos[i].text.len > 0 && strcmp(s->memos[i].key, key) == 0 &&
		    strcmp(s->memos[i].space, space) == 0)
			return &s->memos[i];
	}
	return NULL;
}

static void
memo_forget(struct store_memo *m)
{
	if (m != NULL)
		buf_clear(&m->text);
}

/* In place of the same one, or of the oldest. */
static void
memo_keep(struct store *s, const char *space, const char *key, int64_t now_s, const char *text,
    size_t len)
{
	struct store_memo *m = memo_find(s, space, key);

	if (strlen(space) >= STORE_KEY || strlen(key) >= STORE_KEY)
		return;
	if (m == NULL)
		m = &s->memos[s->next_memo++ % STORE_MEMOS];
	memo_forget(m);
	buf_init(&m->text, STORE_MEMO_MAX);
	buf_put(&m->text, text, len);
	if (m->text.err != GW_OK)
		buf_clear(&m->text);
	memcpy(m->space, space, strlen(space) + 1);
	memcpy(m->key, key, strlen(key) + 1);
	m->read_s = now_s;
}

void
store_close(struct store *s)
{
	size_t i;

	if (s == NULL)
		return;
	(void)store_flush(s);
	(void)pthread_mutex_lock(&s->mutex);
	s->closing = true;
	(void)pthread_cond_signal(&s->more);
	(void)pthread_mutex_unlock(&s->mutex);
	if (s->started)
		(void)pthread_join(s->thread, NULL);
	db_close(s->db);
	for (i = 0; i < STORE_MEMOS; i++)
		memo_forget(&s->memos[i]);
	(void)pthread_cond_destroy(&s->more);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s->uses);
	free(s->writing);
	free(s);
}

enum gw_err
store_spend(struct store *s, const char *space, const char *id, int64_t now_s, int64_t expires_s,
    bool *fresh)
{
	struct store_ask ask = {.space = space, .key = id, .now_s = now_s, .expires_s = expires_s};
	enum gw_err err = store_do(s, &ask, store_db_spend, true);

	*fresh = err == GW_OK && ask.found;
	return err;
}

static enum gw_err
store_put_within(struct store *s, struct store_ask *ask, int64_t wait_ms)
{
	const char *space = ask->space, *key = ask->key; /* as the call leaves others there */
	enum gw_err err = store_do_within(s, ask, store_db_put, true, wait_ms);

	(void)pthread_mutex_lock(&s->mutex);
	memo_forget(memo_find(s, space, key));
	(void)pthread_mutex_unlock(&s->mutex);
	return err;
}

enum gw_err
store_put(struct store *s, const char *space, const char *key, const char *data, size_t len,
    int64_t expires_s)
{
	struct store_ask ask = {
	    .space = space, .key = key, .data = data, .len = len, .expires_s = expires_s};

	return store_put_within(s, &ask, task_left_ms(STORE_WAIT_MS));
}

void
store_keep(struct store *s, const char *space, const char *key, const char *data, size_t len,
    int64_t expires_s)
{
	struct store_ask ask = {
	    .space = space, .key = key, .data = data, .len = len, .expires_s = expires_s};
	int64_t left_ms = task_left_ms(STORE_KEEP_MS);
	bool late;

	(void)pthread_mutex_lock(&s->mutex);
	late = s->late_ms != 0;
	(void)pthread_mutex_unlock(&s->mutex);
	if (!late)
		(void)store_put_within(s, &ask, left_ms < STORE_KEEP_MS ? left_ms : STORE_KEEP_MS);
}

enum gw_err
store_get(struct store *s, const char *space, const char *key, int64_t now_s, struct buf *out,
    bool *found)
{
	struct store_ask ask = {.space = space, .key = key, .now_s = now_s, .out = out};
	enum gw_err err = store_do(s, &ask, store_db_get, false);

	*found = err == GW_OK && ask.found;
	return err;
}

enum gw_err
store_recall(struct store *s, const char *space, const char *key, int64_t now_s, struct buf *out,
    bool *found)
{
	const struct store_memo *m;
	size_t before = out->len;
	enum gw_err err;

	(void)pthread_mutex_lock(&s->mutex);
	m = memo_find(s, space, key);
	*found = m != NULL && m->read_s == now_s;
	if (*found)
		buf_put(out, m->text.data, m->text.len);
	(void)pthread_mutex_unlock(&s->mutex);
	if (*found)
		return out->err;
	err = store_get(s, space, key, now_s, out, found);
	if (err == GW_OK && *found) {
		(void)pthread_mutex_lock(&s->mutex);
		memo_keep(s, space, key, now_s, out->data + before, out->len - before);
		(void)pthread_mutex_unlock(&s->mutex);
	}
	return err;
}

enum gw_err
store_tally(struct store *s, const char *space, const char *key, int64_t now_s, int64_t window_s,
    int64_t add, int64_t *n, int64_t *ends_s)
{
	struct store_ask ask = {
	    .space = space, .key = key, .now_s = now_s, .expires_s = now_s + window_s, .add = add};
	enum gw_err err = store_do(s, &ask, store_db_tally, add != 0);

	*n = ask.n;
	*ends_s = ask.at_s;
	return err;
}

enum gw_err
store_counted(struct store *s, const char *space, const char *key, int64_t *uses, int64_t *last_s)
{
	struct store_ask ask = {.space = space, .key = key};
	enum gw_err err = store_flush(s);

	if (err == GW_OK)
		err = store_do(s, &ask, store_db_counted, false);
	*uses = ask.n;
	*last_s = ask.at_s;
	return err;
}

static enum gw_err
store_nothing(struct db *db, struct store_ask *ask)
{
	(void)db;
	(void)ask;
	return GW_OK;
}

enum gw_err
store_flush(struct store *s)
{
	struct store_ask ask = {.space = "", .key = ""};
	bool any;

	(void)pthread_mutex_lock(&s->mutex);
	any = s->n_uses > 0;
	(void)pthread_mutex_unlock(&s->mutex);
	return any ? store_do(s, &ask, store_nothing, true) : GW_OK;
}

enum gw_err
store_count(struct store *s, const char *space, const char *key, int64_t now_s)
{
	struct store_use *use;

	if (strlen(space) >= STORE_KEY || strlen(key) >= STORE_KEY)
		return GW_EINPUT;
	(void)pthread_mutex_lock(&s->mutex);
	use = store_use_find(s, space, key);
	if (use != NULL) {
		use->n++;
		if (now_s > use->last_s)
			use->last_s = now_s;
	}
	if ((s->n_uses == STORE_COUNTS || now_s != s->uses_written_s) && store_started(s)) {
		s->uses_written_s = now_s;
		s->uses_due = true;
		(void)pthread_cond_signal(&s->more);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return use == NULL ? GW_EINTERNAL : GW_OK;
}

bool
store_works(struct store *s, char *why, size_t why_max)
{
	bool works;

	(void)pthread_mutex_lock(&s->mutex);
	works = s->late_ms == 0 || loop_now_ms() - s->late_ms < STORE_LATE_MS;
	if (!works)
		(void)snprintf(why, why_max, "%s", s->trouble);
	(void)pthread_mutex_unlock(&s->mutex);
	return works;
}
