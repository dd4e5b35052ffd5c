/*
 * store.c: many threads, one connection. Each puts what it asks on a queue; the first that finds
 * nobody at work does all that waits in one transaction, so that the disk is waited for once for
 * all of them. The queries are store_sql.c's.
 */
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/store_sql.h"

enum { STORE_BATCH = 256, STORE_COUNTS = 256, STORE_KEY = 512, STORE_CLEAN_S = 10 };

struct store_job {
	struct store_job *next;
	struct store_ask ask;
	enum gw_err (*run)(struct db *db, struct store_ask *ask);
	bool writes, done;
	enum gw_err err;
};

/* A use that is not written yet. */
struct store_use {
	char space[STORE_KEY], key[STORE_KEY];
	int64_t n, last_s;
};

struct store {
	struct db *db;         /* only the thread that set `busy` */
	int64_t cleaned_s;     /* likewise */
	pthread_mutex_t mutex; /* of everything below */
	pthread_cond_t ready;
	struct store_job *first, **last;
	bool busy;
	struct store_use *uses;
	size_t n_uses;
	int64_t uses_written_s; /* the second in which a use was last written at once */
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
	s = calloc(1, sizeof(*s));
	if (s == NULL || (s->uses = calloc(STORE_COUNTS, sizeof(*s->uses))) == NULL) {
		(void)snprintf(why, why_max, "out of memory");
		free(s);
		return NULL;
	}
	s->db = store_db_open(path, why, why_max);
	if (s->db == NULL) {
		free(s->uses);
		free(s);
		return NULL;
	}
	s->last = &s->first;
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_cond_init(&s->ready, NULL);
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	(void)store_flush(s);
	db_close(s->db);
	(void)pthread_cond_destroy(&s->ready);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s->uses);
	free(s);
}

/* Uses that wait are written along with whatever is written anyway. */
static enum gw_err
store_write_uses(struct store *s, const struct store_use *uses, size_t n)
{
	struct store_ask ask = {0};
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < n && err == GW_OK; i++) {
		ask.space = uses[i].space;
		ask.key = uses[i].key;
		ask.add = uses[i].n;
		ask.now_s = uses[i].last_s;
		err = store_db_count(s->db, &ask);
	}
	return err;
}

/* One transaction. A job that fails alone leaves the others standing. */
static void
store_transact(struct store *s, struct store_job *jobs, const struct store_use *uses, size_t n_uses)
{
	bool writes = n_uses > 0, keep = true;
	struct store_ask clean = {0};
	struct store_job *j;
	enum gw_err err;

	for (j = jobs; j != NULL; j = j->next) {
		writes = writes || j->writes;
		if (j->ask.now_s > clean.now_s)
			clean.now_s = j->ask.now_s;
	}
	err = store_db_begin(s->db, writes);
	for (j = jobs; j != NULL && err == GW_OK; j = j->next) {
		j->err = j->run(s->db, &j->ask);
		if (!store_db_holds(s->db))
			err = GW_EINTERNAL;
	}
	if (err == GW_OK && writes && clean.now_s - s->cleaned_s >= STORE_CLEAN_S) {
		s->cleaned_s = clean.now_s;
		keep = store_db_clean(s->db, &clean) == GW_OK;
	}
	if (err == GW_OK && keep)
		keep = store_write_uses(s, uses, n_uses) == GW_OK;
	if (err == GW_OK)
		err = store_db_end(s->db, keep);
	for (j = jobs; j != NULL && err != GW_OK; j = j->next)
		j->err = err;
}

/* Takes at most STORE_BATCH jobs off the queue. The mutex is held. */
static struct store_job *
store_take(struct store *s)
{
	struct store_job *jobs = s->first, **end = &s->first;
	int n;

	for (n = 0; n < STORE_BATCH && *end != NULL; n++)
		end = &(*end)->next;
	s->first = *end;
	*end = NULL;
	if (s->first == NULL)
		s->last = &s->first;
	return jobs;
}

/* The one thread at work: does a batch. The mutex is held, but not while working. */
static void
store_lead(struct store *s)
{
	struct store_job *jobs = store_take(s), *next;
	struct store_use *uses = NULL;
	size_t n_uses = 0;
	bool writes = false;

	for (next = jobs; next != NULL; next = next->next)
		writes = writes || next->writes;
	if (writes && s->n_uses > 0) {
		uses = malloc(s->n_uses * sizeof(*uses));
		if (uses != NULL) {
			n_uses = s->n_uses;
			memcpy(uses, s->uses, n_uses * sizeof(*uses));
			s->n_uses = 0;
		}
	}
	s->busy = true;
	(void)pthread_mutex_unlock(&s->mutex);
	store_transact(s, jobs, uses, n_uses);
	free(uses);
	(void)pthread_mutex_lock(&s->mutex);
	s->busy = false;
	for (; jobs != NULL; jobs = next) {
		/* Its owner may leave, and the job with it, as soon as it is done. */
		next = jobs->next;
		jobs->done = true;
	}
	(void)pthread_cond_broadcast(&s->ready);
}

static enum gw_err
store_do(struct store *s, struct store_job *job)
{
	job->err = GW_EINTERNAL;
	(void)pthread_mutex_lock(&s->mutex);
	*s->last = job;
	s->last = &job->next;
	while (!job->done) {
		if (s->busy)
			(void)pthread_cond_wait(&s->ready, &s->mutex);
		else
			store_lead(s);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return job->err;
}

enum gw_err
store_spend(struct store *s, const char *space, const char *id, int64_t now_s, int64_t expires_s,
    bool *fresh)
{
	struct store_job job = {
	    .ask = {.space = space, .key = id, .now_s = now_s, .expires_s = expires_s},
	    .run = store_db_spend,
	    .writes = true,
	};
	enum gw_err err = store_do(s, &job);

	*fresh = err == GW_OK && job.ask.found;
	return err;
}

enum gw_err
store_put(struct store *s, const char *space, const char *key, const char *data, size_t len,
    int64_t expires_s)
{
	struct store_job job = {
	    .ask = {.space = space, .key = key, .data = data, .len = len, .expires_s = expires_s},
	    .run = store_db_put,
	    .writes = true,
	};

	return store_do(s, &job);
}

enum gw_err
store_get(struct store *s, const char *space, const char *key, int64_t now_s, struct buf *out,
    bool *found)
{
	struct store_job job = {
	    .ask = {.space = space, .key = key, .now_s = now_s, .out = out},
	    .run = store_db_get,
	};
	enum gw_err err = store_do(s, &job);

	*found = err == GW_OK && job.ask.found;
	return err;
}

enum gw_err
store_tally(struct store *s, const char *space, const char *key, int64_t now_s, int64_t window_s,
    int64_t add, int64_t *n, int64_t *ends_s)
{
	struct store_job job = {
	    .ask = {.space = space,
		.key = key,
		.now_s = now_s,
		.expires_s = now_s + window_s,
		.add = add},
	    .run = store_db_tally,
	    .writes = add != 0,
	};
	enum gw_err err = store_do(s, &job);

	*n = job.ask.n;
	*ends_s = job.ask.at_s;
	return err;
}

enum gw_err
store_counted(struct store *s, const char *space, const char *key, int64_t *uses, int64_t *last_s)
{
	struct store_job job = {
	    .ask = {.space = space, .key = key},
	    .run = store_db_counted,
	};
	enum gw_err err = store_flush(s);

	if (err == GW_OK)
		err = store_do(s, &job);
	*uses = job.ask.n;
	*last_s = job.ask.at_s;
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
	struct store_job job = {.run = store_nothing, .writes = true};
	bool any;

	(void)pthread_mutex_lock(&s->mutex);
	any = s->n_uses > 0;
	(void)pthread_mutex_unlock(&s->mutex);
	return any ? store_do(s, &job) : GW_OK;
}

/* The place of that counter among those that wait; NULL: no room. The mutex is held. */
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

enum gw_err
store_count(struct store *s, const char *space, const char *key, int64_t now_s)
{
	struct store_use *use;
	bool due;

	if (strlen(space) >= STORE_KEY || strlen(key) >= STORE_KEY)
		return GW_EINPUT;
	(void)pthread_mutex_lock(&s->mutex);
	use = store_use_find(s, space, key);
	if (use != NULL) {
		use->n++;
		if (now_s > use->last_s)
			use->last_s = now_s;
	}
	due = s->n_uses == STORE_COUNTS || now_s != s->uses_written_s;
	if (due)
		s->uses_written_s = now_s;
	(void)pthread_mutex_unlock(&s->mutex);
	if (use == NULL)
		return GW_EINTERNAL;
	return due ? store_flush(s) : GW_OK;
}
