/*
 * store.c: state.db by way of a queue (queue.h): counters that wait are written with whatever is
 * written, and expired rows go now and then. What it is in SQL is store_sql.c.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/loop.h"
#include "engine/task.h"
#include "store/queue.h"
#include "store/store_sql.h"

enum {
	STORE_COUNTS = 256,
	STORE_KEY = 512,
	STORE_CLEAN_S = 10,
	STORE_MEMOS = 64,
	STORE_MEMO_MAX = 64 * 1024,
	STORE_PATH = 4096,
	STORE_WHY = 512
};

typedef enum gw_err ask_run(struct db *db, struct store_ask *ask);

/* What one call asks; it holds copies, as its caller may give up waiting. */
struct store_job {
	struct queue_job job; /* first */
	struct store *store;
	struct store_ask ask;
	ask_run *run;
	struct buf out;
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
	struct db *db; /* the queue's thread's, like the next four */
	int64_t now_s, cleaned_s;
	struct store_use *writing; /* a copy of uses while they are written */
	size_t n_writing;
	struct queue *queue;
	char path[STORE_PATH];
	struct stat opened;    /* the file as it was opened */
	int fd;                /* of it: closing one would drop SQLite's locks, so it stays open */
	int64_t anew_s;        /* when it was begun anew; INT64_MIN: it was not */
	pthread_mutex_t mutex; /* of everything below */
	struct store_use *uses;
	size_t n_uses;
	int64_t uses_written_s; /* the second in which a use was last written at once */
	struct store_memo memos[STORE_MEMOS];
	size_t next_memo;
};

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

/* --- on the queue's thread --- */

static bool
store_join(void *context, struct db *db)
{
	struct store *s = context;
	struct store_ask ask = {.now_s = s->now_s, .mono_s = loop_now_ms() / 1000};
	bool keep = true;
	size_t i;

	if (s->now_s - s->cleaned_s >= STORE_CLEAN_S || s->now_s < s->cleaned_s) {
		s->cleaned_s = s->now_s;
		keep = store_db_clean(db, &ask) == GW_OK;
	}
	(void)pthread_mutex_lock(&s->mutex);
	s->n_writing = s->n_uses;
	memcpy(s->writing, s->uses, s->n_uses * sizeof(*s->uses));
	(void)pthread_mutex_unlock(&s->mutex);
	for (i = 0; i < s->n_writing && keep; i++) {
		ask = (struct store_ask){.space = s->writing[i].space,
		    .key = s->writing[i].key,
		    .add = s->writing[i].n,
		    .now_s = s->writing[i].last_s};
		keep = store_db_count(db, &ask) == GW_OK;
	}
	return keep;
}

static void
store_written(void *context, enum gw_err err, bool busy)
{
	struct store *s = context;
	bool waits;

	(void)pthread_mutex_lock(&s->mutex);
	if (err == GW_OK)
		store_uses_written(s, s->n_writing);
	waits = busy && s->n_uses > 0;
	(void)pthread_mutex_unlock(&s->mutex);
	if (waits)
		(void)queue_nudge(s->queue);
}

static enum gw_err
job_run(struct queue_job *job, struct db *db)
{
	struct store_job *j = (struct store_job *)job;
	enum gw_err err;

	/* Not the latest: a clock that was ahead must not make others' ends come early. */
	if (j->ask.now_s != 0)
		j->store->now_s = j->ask.now_s;
	err = j->run(db, &j->ask);
	job->memory = err != GW_OK && errno == ENOMEM;
	return err;
}

static void
job_free(struct queue_job *job)
{
	struct store_job *j = (struct store_job *)job;

	buf_clear(&j->out);
	free(j);
}

/* --- opening --- */

/* Makes the folder where it is not there; others must have no rights in it. */
static bool
store_folder(const char *path, char *why, size_t why_max)
{
	struct stat st;

	if ((mkdir(path, 0700) != 0 && errno != EEXIST) || stat(path, &st) != 0) {
		(void)snprintf(why, why_max,
		    "state_dir %s: %s; make it for the gateway's user: install -d -m 0700 -o hrisgw %s",
		    path, strerror(errno), path);
		return false;
	}
	if (!S_ISDIR(st.st_mode) || (st.st_mode & 0077) != 0) {
		(void)snprintf(why, why_max, "%s must be a folder of mode 0700", path);
		return false;
	}
	return true;
}

static void
store_free(struct store *s)
{
	queue_free(s->queue);
	db_close(s->db);
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s->uses);
	free(s->writing);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s);
}

static bool
store_path(char *path, size_t max, const char *state_dir, const char *name)
{
	int n = snprintf(path, max, "%s/%s", state_dir, name);

	return n >= 0 && (size_t)n < max;
}

/* Renames a broken state.db, unless another process has done so already. */
static bool
store_put_aside(const char *state_dir, const char *path, const struct stat *broken)
{
	static const char *const endings[] = {"-wal", "-shm", ""};
	int folder = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char from[STORE_PATH + 8], to[STORE_PATH + 64];
	struct stat st;
	bool done;
	size_t i;

	if (folder < 0)
		return false;
	if (flock(folder, LOCK_EX) != 0 || stat(path, &st) != 0 || st.st_ino != broken->st_ino) {
		(void)close(folder);
		return true;
	}
	done = true;
	for (i = 0; i < ARRAY_LEN(endings); i++) {
		(void)snprintf(from, sizeof(from), "%s%s", path, endings[i]);
		(void)snprintf(
		    to, sizeof(to), "%s.broken-%lld%s", path, (long long)time(NULL), endings[i]);
		done = (rename(from, to) == 0 || errno == ENOENT) && done;
	}
	(void)close(folder);
	return done;
}

/*
 * Opens state.db. One that is no database any more is put aside, and another begun; what is begun
 * where there was one before (its ledger's key is there) knows no nonces, and says since when.
 */
static struct db *
store_begin(const char *state_dir, const char *path, bool whole, char *why, size_t why_max)
{
	char key[STORE_PATH], trouble[STORE_WHY];
	struct stat before = {.st_ino = 0};
	enum db_fault fault;
	struct db *db;
	bool later;

	later = store_path(key, sizeof(key), state_dir, "ledger.key") && access(key, F_OK) == 0;
	(void)stat(path, &before);
	db = store_db_open(path, later, &fault, trouble, sizeof(trouble));
	if (db != NULL && whole && !store_db_sound(db)) {
		(void)snprintf(trouble, sizeof(trouble), "%s is damaged", path);
		db_close(db);
		db = NULL;
		fault = DB_CORRUPT;
	}
	(void)snprintf(why, why_max, "%s", db != NULL ? "" : trouble);
	if (db != NULL && later && before.st_ino == 0)
		(void)snprintf(why, why_max,
		    "%s was not there and has been begun anew: signed requests are refused for ten minutes, as nobody knows which were sent before",
		    path);
	if (db != NULL || fault != DB_CORRUPT || before.st_ino == 0)
		return db;
	if (!store_put_aside(state_dir, path, &before))
		return NULL;
	db = store_db_open(path, true, &fault, why, why_max);
	if (db != NULL)
		(void)snprintf(why, why_max,
		    "%s; it is kept as state.db.broken-... and another has been begun: signed requests are refused for ten minutes, as nobody knows which were sent before",
		    trouble);
	return db;
}

struct store *
store_open(const char *state_dir, bool whole, char *why, size_t why_max)
{
	struct queue_owner owner = {.name = "state.db", .join = store_join, .after = store_written};
	struct store *s;

	if (!store_folder(state_dir, why, why_max))
		return NULL;
	(void)snprintf(why, why_max, "out of memory");
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->fd = -1;
	(void)pthread_mutex_init(&s->mutex, NULL);
	owner.context = s;
	s->uses = calloc(STORE_COUNTS, sizeof(*s->uses));
	s->writing = calloc(STORE_COUNTS, sizeof(*s->writing));
	if (!store_path(s->path, sizeof(s->path), state_dir, "state.db"))
		(void)snprintf(why, why_max, "state_dir is too long a path");
	else if (s->uses != NULL && s->writing != NULL)
		s->db = store_begin(state_dir, s->path, whole, why, why_max);
	if (s->db != NULL) {
		s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		(void)stat(s->path, &s->opened);
		s->anew_s = store_db_anew_s(s->db);
		s->queue = queue_new(s->db, &owner);
	}
	if (s->queue != NULL)
		return s;
	if (s->db != NULL)
		(void)snprintf(why, why_max, "out of memory");
	store_free(s);
	return NULL;
}

/* --- a call --- */

static struct store_job *
job_new(struct store *s, const struct store_ask *ask, ask_run *run, bool writes)
{
	size_t space = strlen(ask->space) + 1, key = strlen(ask->key) + 1;
	struct store_job *j = calloc(1, sizeof(*j) + space + key + ask->len);

	if (j == NULL)
		return NULL;
	j->job = (struct queue_job){.run = job_run, .free = job_free, .writes = writes};
	j->store = s;
	j->ask = *ask;
	j->run = run;
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

/* What a job came back with, which then goes. errno says ENOMEM where memory was short. */
static enum gw_err
job_take(struct store_job *j, enum queue_end end, struct store_ask *ask)
{
	enum gw_err err = GW_EINTERNAL;
	struct buf *out = ask->out;
	bool memory = j->job.memory || j->out.err == GW_EINTERNAL;

	if (end == QUEUE_DONE) {
		err = j->job.err == GW_EUNKNOWN ? GW_EINTERNAL : j->job.err;
		*ask = j->ask;
		ask->out = out;
		if (out != NULL)
			buf_put(out, j->out.data, j->out.len);
	}
	memory = memory || (out != NULL && out->err == GW_EINTERNAL);
	errno = memory ? ENOMEM : EIO;
	job_free(&j->job);
	return err != GW_OK || out == NULL ? err : out->err;
}

static enum gw_err
store_do_within(struct store *s, struct store_ask *ask, ask_run *run, bool writes, int64_t wait_ms)
{
	struct store_job *j = job_new(s, ask, run, writes);
	enum queue_end end;

	if (j == NULL)
		return GW_EINTERNAL;
	errno = EIO;
	end = queue_do(s->queue, &j->job, wait_ms);
	if (end != QUEUE_LEFT)
		return job_take(j, end, ask);
	/* The queue frees it. */
	return GW_EINTERNAL;
}

enum fail_code
store_fault(void)
{
	return errno == ENOMEM ? CODE_GATEWAY_MEMORY : CODE_GATEWAY_STORE;
}

static enum gw_err
store_do(struct store *s, struct store_ask *ask, ask_run *run, bool writes)
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
	for (i = 0; i < STORE_MEMOS; i++)
		memo_forget(&s->memos[i]);
	store_free(s);
}

enum gw_err
store_spend(struct store *s, const char *space, const char *id, int64_t now_s, int64_t expires_s,
    bool *fresh)
{
	struct store_ask ask = {.space = space, .key = id, .now_s = now_s, .expires_s = expires_s};
	enum gw_err err;

	*fresh = false;
	/* What was spent before it was begun anew could be sent again until then. */
	if (s->anew_s != INT64_MIN && now_s < s->anew_s + (expires_s - now_s))
		return GW_ERETRY;
	err = store_do(s, &ask, store_db_spend, true);
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

	if (!queue_is_late(s->queue))
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
	int64_t left_ms = task_left_ms(STORE_WAIT_MS);
	enum gw_err err = GW_EINTERNAL;

	/* Whoever fails is not to wait for a disk that does not write. */
	if (add != 0 && left_ms > STORE_KEEP_MS)
		left_ms = STORE_KEEP_MS;
	if (add == 0 || !queue_is_late(s->queue))
		err = store_do_within(s, &ask, store_db_tally, add != 0, left_ms);

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
	if (due && queue_nudge(s->queue))
		s->uses_written_s = now_s;
	(void)pthread_mutex_unlock(&s->mutex);
	return use == NULL ? GW_EINTERNAL : GW_OK;
}

static bool
store_shrank(struct store *s, off_t size)
{
	bool shrank;

	(void)pthread_mutex_lock(&s->mutex);
	shrank = size < s->opened.st_size;
	if (!shrank)
		s->opened.st_size = size;
	(void)pthread_mutex_unlock(&s->mutex);
	return shrank;
}

/* Is the file that is open still the one of that name, a database as far as a look from outside
 * shows? It never gets shorter. */
static bool
store_stands(struct store *s, char *why, size_t why_max)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	struct stat st;
	bool there = stat(s->path, &st) == 0;

	if (there && (st.st_ino != s->opened.st_ino || st.st_dev != s->opened.st_dev))
		(void)snprintf(why, why_max, "state.db was replaced: restart the gateway");
	else if (!there)
		(void)snprintf(why, why_max,
		    "state.db is not there any more (%s): restart the gateway", strerror(errno));
	else if (pread(s->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
		 memcmp(head, magic, sizeof(magic)) != 0 || store_shrank(s, st.st_size))
		(void)snprintf(why, why_max,
		    "state.db is no database any more: restart the gateway, which puts it aside and begins another");
	else
		why[0] = '\0';
	return why[0] == '\0';
}

bool
store_works(struct store *s, char *why, size_t why_max)
{
	return store_stands(s, why, why_max) && queue_works(s->queue, why, why_max);
}

uint64_t
store_commits(struct store *s)
{
	return queue_commits(s->queue);
}
