/*
 * ledger.c: see ledger.h. One thread uses ledger.db (store/queue.h). What cannot be used is tried
 * again from time to time, so that a running gateway takes up what an administrator healed. An
 * opened ledger whose file was replaced refuses to write, and the new one is opened.
 */
#include "ledger/ledger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/offload.h"
#include "engine/task.h"
#include "ledger/anchor.h"
#include "ledger/chain.h"
#include "ledger/intent.h"
#include "ledger/ledger_files.h"
#include "ledger/ledger_job.h"
#include "ledger/lock.h"

enum {
	LEDGER_WAIT_MS = 10000,
	LEDGER_AGAIN_MS = 1000,  /* between two attempts to open it */
	LEDGER_ANCHOR_MS = 1000, /* the anchor is no older than that while others wait */
	LEDGER_ROWS_ARENA = 512 * 1024 * 1024,
	LEDGER_WHY = 1024
};

struct ledger_part {
	struct ledger_part *next; /* among those that were replaced */
	struct ledger *ledger;
	struct ledger_files files;
	struct queue *queue;
	atomic_bool replaced;
	/* The thread's. */
	struct chain_head head, written; /* after this transaction; in the anchor */
	int64_t seen;                    /* links at the last commit */
	int64_t anchored_ms;
};

struct ledger {
	struct ledger_where where;
	char *state_dir, *anchor;
	atomic_uint_fast64_t commits;
	pthread_mutex_t mutex; /* of everything below */
	struct locks *locks;
	struct ledger_part *part, *old;
	bool opening;
	int64_t tried_ms;
	char trouble[LEDGER_WHY];
	char anchor_trouble[LEDGER_WHY]; /* "": it is written */
	bool key_gone;
};

static void
ledger_log(const struct ledger *l, const char *text)
{
	if (l->where.log != NULL)
		log_event(l->where.log, LOG_ERROR, "ledger", text);
}

/* --- on the queue's thread --- */

static void
anchor_update(struct ledger_part *p)
{
	struct ledger *l = p->ledger;
	char why[LEDGER_WHY] = "";
	bool news;

	if (l->where.anchor == NULL || memcmp(p->written.hash, p->head.hash, LEDGER_HMAC) == 0)
		return;
	/* The anchor of a ledger that has taken this one's place is its own. */
	if (!ledger_files_same(&p->files, l->where.state_dir))
		return;
	if (anchor_write(l->where.anchor, l->where.state_dir, &p->head, why, sizeof(why)))
		p->written = p->head;
	p->anchored_ms = loop_now_ms();
	(void)pthread_mutex_lock(&l->mutex);
	news = why[0] != '\0' && strcmp(why, l->anchor_trouble) != 0;
	memcpy(l->anchor_trouble, why, sizeof(why));
	(void)pthread_mutex_unlock(&l->mutex);
	if (news)
		ledger_log(l, why);
}

/* Nothing is written to a file that is not the ledger any more, or in which links are missing. */
static bool
part_join(void *context, struct db *db)
{
	struct ledger_part *p = context;

	if (!chain_head(db, &p->head))
		return false;
	if (p->head.n >= p->seen && ledger_files_same(&p->files, p->ledger->where.state_dir))
		return true;
	atomic_store(&p->replaced, true);
	return false;
}

static void
part_after(void *context, enum gw_err err, bool busy)
{
	struct ledger_part *p = context;

	(void)busy;
	if (err != GW_OK)
		return;
	(void)atomic_fetch_add(&p->ledger->commits, 1);
	p->seen = p->head.n;
	if (loop_now_ms() - p->anchored_ms > LEDGER_ANCHOR_MS)
		anchor_update(p);
}

static void
part_idle(void *context)
{
	struct ledger_part *p = context;

	if (p->head.n == p->seen)
		anchor_update(p);
}

/* --- opening and closing --- */

static void
part_free(struct ledger_part *p)
{
	if (p == NULL)
		return;
	queue_free(p->queue);
	ledger_files_close(&p->files);
	free(p);
}

/* first: this process has had none, and one may be made. */
static struct ledger_part *
part_open(struct ledger *l, bool first, char *why, size_t why_max)
{
	struct queue_owner owner = {
	    .name = "ledger.db", .join = part_join, .after = part_after, .idle = part_idle};
	struct ledger_part *p = calloc(1, sizeof(*p));
	enum ledger_found found;

	(void)snprintf(why, why_max, "out of memory");
	if (p == NULL)
		return NULL;
	owner.context = p;
	p->ledger = l;
	found = ledger_files_open(&l->where, first, &p->files, why, why_max);
	if (found == LEDGER_NEITHER)
		(void)snprintf(why, why_max,
		    "ledger.db and ledger.key are gone: what was written is not known; bring them back, or begin anew with hrisgw ledger new --look-until DATE");
	if (found == LEDGER_OPENED) {
		p->queue = queue_new(p->files.db, &owner);
		p->written = p->files.anchored;
		p->head = p->files.head;
		p->seen = p->head.n;
		if (p->queue != NULL) {
			anchor_update(p);
			return p;
		}
		(void)snprintf(why, why_max, "out of memory");
	}
	part_free(p);
	return NULL;
}

/* The context of offload(). */
static void
ledger_try(void *context)
{
	struct ledger *l = context;
	char why[LEDGER_WHY] = "";
	struct ledger_part *p = NULL;
	struct locks *locks;
	bool news, first;

	(void)pthread_mutex_lock(&l->mutex);
	locks = l->locks;
	first = l->old == NULL;
	(void)pthread_mutex_unlock(&l->mutex);
	if (locks == NULL)
		locks = locks_open(l->where.state_dir, why, sizeof(why));
	if (locks != NULL)
		p = part_open(l, first, why, sizeof(why));
	(void)pthread_mutex_lock(&l->mutex);
	l->locks = locks;
	news = p == NULL && strcmp(why, l->trouble) != 0;
	l->part = p;
	memcpy(l->trouble, why, sizeof(why));
	l->tried_ms = loop_now_ms();
	(void)pthread_mutex_unlock(&l->mutex);
	if (news)
		ledger_log(l, why);
}

struct ledger *
ledger_open(const struct ledger_where *where)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	(void)pthread_mutex_init(&l->mutex, NULL);
	l->where = *where;
	l->state_dir = strdup(where->state_dir);
	l->anchor = where->anchor == NULL ? NULL : strdup(where->anchor);
	if (l->state_dir == NULL || (where->anchor != NULL && l->anchor == NULL)) {
		ledger_close(l);
		return NULL;
	}
	l->where.state_dir = l->state_dir;
	l->where.anchor = l->anchor;
	if (!where->late || !ledger_files_there(where))
		ledger_try(l);
	return l;
}

void
ledger_close(struct ledger *l)
{
	struct ledger_part *p;

	if (l == NULL)
		return;
	part_free(l->part);
	while ((p = l->old) != NULL) {
		l->old = p->next;
		part_free(p);
	}
	locks_close(l->locks);
	(void)pthread_mutex_destroy(&l->mutex);
	free(l->state_dir);
	free(l->anchor);
	free(l);
}

/* The opened ledger; NULL: there is none that works. */
static struct ledger_part *
ledger_part(struct ledger *l)
{
	struct ledger_part *p;
	bool again;

	(void)pthread_mutex_lock(&l->mutex);
	if (l->part != NULL && atomic_load(&l->part->replaced)) {
		l->part->next = l->old;
		l->old = l->part;
		l->part = NULL;
		l->tried_ms = 0;
	}
	again = l->part == NULL && !l->opening &&
		(l->tried_ms == 0 || loop_now_ms() - l->tried_ms >= LEDGER_AGAIN_MS);
	if (again)
		l->opening = true;
	p = l->part;
	(void)pthread_mutex_unlock(&l->mutex);
	if (!again)
		return p;
	offload(ledger_try, l);
	(void)pthread_mutex_lock(&l->mutex);
	l->opening = false;
	p = l->part;
	(void)pthread_mutex_unlock(&l->mutex);
	return p;
}

struct locks *
ledger_locks(struct ledger *l)
{
	struct locks *locks;

	if (l->where.late)
		(void)ledger_part(l);
	(void)pthread_mutex_lock(&l->mutex);
	locks = l->locks;
	(void)pthread_mutex_unlock(&l->mutex);
	return locks;
}

static void
ledger_trouble(struct ledger *l, char *why, size_t why_max)
{
	(void)pthread_mutex_lock(&l->mutex);
	(void)snprintf(why, why_max, "%s",
	    l->trouble[0] == '\0' ? "ledger.db is being opened anew" : l->trouble);
	(void)pthread_mutex_unlock(&l->mutex);
}

bool
ledger_works(struct ledger *l, char *why, size_t why_max)
{
	struct ledger_part *p = ledger_part(l);

	if (p != NULL && !ledger_files_same(&p->files, l->where.state_dir)) {
		atomic_store(&p->replaced, true);
		p = ledger_part(l);
	}
	if (p != NULL)
		return queue_works(p->queue, why, why_max);
	ledger_trouble(l, why, why_max);
	return false;
}

bool
ledger_lasts(struct ledger *l, char *why, size_t why_max)
{
	struct ledger_part *p = ledger_part(l);
	bool gone = p != NULL && !ledger_files_keyed(&p->files, l->where.state_dir, why, why_max);
	bool news;

	(void)pthread_mutex_lock(&l->mutex);
	news = gone && !l->key_gone;
	l->key_gone = gone;
	(void)pthread_mutex_unlock(&l->mutex);
	if (news)
		ledger_log(l, why);
	return !gone;
}

bool
ledger_anchored(struct ledger *l, char *why, size_t why_max)
{
	bool anchored;

	(void)pthread_mutex_lock(&l->mutex);
	anchored = l->anchor_trouble[0] == '\0';
	if (!anchored)
		(void)snprintf(why, why_max, "%s", l->anchor_trouble);
	(void)pthread_mutex_unlock(&l->mutex);
	return anchored;
}

int32_t
ledger_look_until(struct ledger *l)
{
	struct ledger_part *p = ledger_part(l);

	return p == NULL ? 0 : p->files.base.look_until;
}

bool
ledger_hmac(struct ledger *l, const char *use, const char *const *parts, size_t n,
    unsigned char out[LEDGER_HMAC])
{
	struct ledger_part *p = ledger_part(l);
	struct key_mac m;
	size_t i;

	m.n = 0;
	key_mac_text(&m, use);
	for (i = 0; i < n; i++)
		key_mac_text(&m, parts[i]);
	if (p != NULL && key_mac_end(&m, p->files.key.use, out))
		return true;
	memset(out, 0, LEDGER_HMAC);
	return false;
}

/* --- jobs --- */

void
ledger_job_free(struct ledger_job *j)
{
	if (j == NULL)
		return;
	arena_clear(&j->arena);
	free(j);
}

static void
job_free(struct queue_job *job)
{
	ledger_job_free((struct ledger_job *)job);
}

/* A job that fails takes back its own statements; what others did in the transaction stays. */
static enum gw_err
job_run(struct queue_job *job, struct db *db)
{
	struct ledger_job *j = (struct ledger_job *)job;
	bool ok = (!job->writes || db_run(db, "SAVEPOINT job", NULL, 0)) && j->run(j, db);

	if (ok && (!job->writes || db_run(db, "RELEASE job", NULL, 0)))
		return GW_OK;
	job->memory = db_fault(db) == DB_MEMORY;
	(void)snprintf(j->words, sizeof(j->words), "%s", db_words(db));
	db_forgive(db);
	if (job->writes && db_in_transaction(db)) {
		(void)(db_run(db, "ROLLBACK TO job", NULL, 0) &&
		       db_run(db, "RELEASE job", NULL, 0));
		db_forgive(db);
	}
	return GW_EINTERNAL;
}

struct ledger_job *
ledger_job_new(struct ledger *l, bool (*run)(struct ledger_job *job, struct db *db), bool writes,
    struct failure *failure)
{
	struct ledger_part *p = ledger_part(l);
	char why[LEDGER_WHY];
	struct ledger_job *j;

	if (p == NULL) {
		ledger_trouble(l, why, sizeof(why));
		(void)fail(failure, CODE_GATEWAY_STORE, "%s", why);
		return NULL;
	}
	j = calloc(1, sizeof(*j));
	if (j == NULL) {
		(void)fail_memory(failure);
		return NULL;
	}
	j->job = (struct queue_job){.run = job_run, .free = job_free, .writes = writes};
	j->part = p;
	j->run = run;
	j->key = &p->files.key;
	j->where = &l->where;
	j->now_ms = clock_wall_ms(l->where.clock);
	arena_init(&j->arena, LEDGER_ROWS_ARENA);
	return j;
}

/* Why it was not done. */
static void
job_explain(const struct ledger_job *j, enum queue_end end, struct failure *failure)
{
	char why[200];

	if (j->job.memory && j->job.err != GW_EUNKNOWN)
		(void)fail_memory(failure);
	else if (end == QUEUE_NEVER)
		(void)fail(failure, CODE_GATEWAY_STORE,
		    "ledger.db was not reached in time; nothing was written to it");
	else if (atomic_load(&j->part->replaced))
		(void)fail(failure, CODE_GATEWAY_STORE,
		    "ledger.db was replaced; nothing was written to it");
	else if (j->job.err == GW_EUNKNOWN)
		(void)fail(failure, CODE_GATEWAY_STORE,
		    "the disk failed while ledger.db was written: it may have been, or not");
	else if (j->words[0] != '\0')
		(void)fail(failure, CODE_GATEWAY_STORE, "ledger.db: %s", j->words);
	else if (!queue_trouble(j->part->queue, why, sizeof(why)))
		(void)fail(failure, CODE_GATEWAY_STORE, "ledger.db cannot be used");
	else
		(void)fail(failure, CODE_GATEWAY_STORE, "%s", why);
}

enum gw_err
ledger_job_do(struct ledger_job *j, struct failure *failure)
{
	int64_t left_ms = task_left_ms(LEDGER_WAIT_MS);
	enum queue_end end;
	enum gw_err err;

	/* What happened is written down even where the deadline has passed meanwhile. */
	if (j->job.writes && left_ms < LEDGER_LAST_MS)
		left_ms = LEDGER_LAST_MS;
	end = queue_do(j->part->queue, &j->job, left_ms);
	if (end == QUEUE_LEFT) {
		(void)fail(failure, CODE_GATEWAY_STORE,
		    "ledger.db was not written in time: it may be yet, or not");
		return GW_EUNKNOWN;
	}
	if (end == QUEUE_DONE && j->job.err == GW_OK)
		return GW_OK;
	job_explain(j, end, failure);
	err = end == QUEUE_DONE && j->job.err == GW_EUNKNOWN ? GW_EUNKNOWN : GW_EINTERNAL;
	ledger_job_free(j);
	return err;
}

/* --- reading --- */

static bool
run_rows(struct ledger_job *j, struct db *db)
{
	return ledger_db_rows(db, &j->want, &j->arena, &j->rows, &j->n_rows);
}

static bool
rows_copy(const struct ledger_job *j, struct arena *a, struct intent **out)
{
	struct intent *all = arena_array(a, j->n_rows, sizeof(*all));
	size_t i;

	*out = all;
	for (i = 0; i < j->n_rows; i++) {
		if (all == NULL || !intent_copy(a, j->rows[i], &all[i]))
			return false;
	}
	return true;
}

static const char *
kept(struct ledger_job *j, const char *s, bool *lost)
{
	const char *copy = s == NULL ? NULL : arena_strdup(&j->arena, s);

	*lost = *lost || (s != NULL && copy == NULL);
	return copy;
}

static enum gw_err
ledger_rows(struct ledger *l, const struct ledger_want *want, struct arena *a, struct intent **rows,
    size_t *n, struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run_rows, false, failure);
	bool lost = false;
	enum gw_err err;

	*rows = NULL;
	*n = 0;
	if (j == NULL)
		return failure->err;
	j->want = *want;
	j->want.name = kept(j, want->name, &lost);
	j->want.agent = kept(j, want->agent, &lost);
	if (lost) {
		ledger_job_free(j);
		return fail_memory(failure);
	}
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	*n = j->n_rows;
	if (!rows_copy(j, a, rows)) {
		*n = 0;
		err = fail_memory(failure);
	}
	ledger_job_free(j);
	return err;
}

enum gw_err
ledger_read(struct ledger *l, const char *name, const char *agent, struct arena *a,
    struct intent **rows, size_t *n, struct failure *failure)
{
	const struct ledger_want want = {.name = name, .agent = agent};

	return ledger_rows(l, &want, a, rows, n, failure);
}

enum gw_err
ledger_list(struct ledger *l, unsigned states, const char *name, const char *agent, struct arena *a,
    struct intent **rows, size_t *n, struct failure *failure)
{
	const struct ledger_want want = {.states = states, .name = name, .agent = agent};

	return ledger_rows(l, &want, a, rows, n, failure);
}

static bool
run_owner(struct ledger_job *j, struct db *db)
{
	return ledger_db_owner(db, j->want.name, j->request, &j->arena, &j->agent);
}

enum gw_err
ledger_owner(struct ledger *l, const char *name, const char *request, struct arena *a,
    const char **agent, struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run_owner, false, failure);
	bool lost = false;
	enum gw_err err;

	*agent = NULL;
	if (j == NULL)
		return failure->err;
	j->want.name = kept(j, name, &lost);
	j->request = kept(j, request, &lost);
	if (lost) {
		ledger_job_free(j);
		return fail_memory(failure);
	}
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	if (j->agent != NULL) {
		*agent = arena_strdup(a, j->agent);
		err = *agent == NULL ? fail_memory(failure) : GW_OK;
	}
	ledger_job_free(j);
	return err;
}

static bool
run_counts(struct ledger_job *j, struct db *db)
{
	return ledger_db_counts(db, j->counts, &j->oldest_ms);
}

enum gw_err
ledger_counts(struct ledger *l, int64_t counts[INTENT_STATE_MAX], int64_t *oldest_open_ms,
    struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run_counts, false, failure);
	enum gw_err err;

	memset(counts, 0, INTENT_STATE_MAX * sizeof(*counts));
	*oldest_open_ms = 0;
	if (j == NULL)
		return failure->err;
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	memcpy(counts, j->counts, sizeof(j->counts));
	*oldest_open_ms = j->oldest_ms;
	ledger_job_free(j);
	return GW_OK;
}

uint64_t
ledger_commits(struct ledger *l)
{
	return atomic_load(&l->commits);
}

/* --- writing --- */

static bool
run_write(struct ledger_job *j, struct db *db)
{
	size_t i;

	for (i = 0; i < j->n_rows; i++) {
		if (!ledger_db_put(db, j->rows[i]) ||
		    !chain_add(db, j->key, j->rows[i], j->event, j->now_ms, false))
			return false;
	}
	return true;
}

static bool
rows_take(struct ledger_job *j, struct intent *const *rows, size_t n)
{
	struct intent *all = arena_array(&j->arena, n, sizeof(*all));
	size_t i;

	j->rows = arena_array(&j->arena, n, sizeof(*j->rows));
	j->n_rows = n;
	for (i = 0; i < n; i++) {
		if (all == NULL || j->rows == NULL || !intent_copy(&j->arena, rows[i], &all[i]))
			return false;
		j->rows[i] = &all[i];
	}
	return true;
}

enum gw_err
ledger_write(struct ledger *l, struct intent *const *rows, size_t n, const char *event,
    struct failure *failure)
{
	struct ledger_job *j = ledger_job_new(l, run_write, true, failure);
	bool lost = false;
	enum gw_err err;
	size_t i;

	if (j == NULL)
		return failure->err;
	j->event = kept(j, event, &lost);
	if (lost || !rows_take(j, rows, n)) {
		ledger_job_free(j);
		return fail_memory(failure);
	}
	err = ledger_job_do(j, failure);
	if (err != GW_OK)
		return err;
	for (i = 0; i < n; i++)
		rows[i]->n = j->rows[i]->n;
	ledger_job_free(j);
	return GW_OK;
}
