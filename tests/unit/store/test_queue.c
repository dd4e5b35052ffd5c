/*
 * test_queue.c: many tasks wait, one thread writes: one transaction for all that wait, nobody's
 * failure is another's, and what nobody waits for any more is not begun.
 */
#include "store/queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/task.h"

enum { TASKS = 200, LONG_MS = 60 * 1000 };

static const struct db_kind kind = {.owner = "this test",
    .schema = "CREATE TABLE t (n INTEGER PRIMARY KEY CHECK (n > 0));",
    .version = 1};

struct place {
	char folder[64], path[96];
	struct db *db;
	struct queue *queue;
	atomic_int joins, afters, idles, freed, begun;
	bool refuse;
	pthread_mutex_t gate; /* what holds it holds the thread in its job */
};

/* A job that inserts n; hold: it waits at the gate first. */
struct insert {
	struct queue_job job; /* first */
	struct place *place;
	int64_t n;
	bool hold;
	int64_t wait_ms;
	enum queue_end end;
	int turn; /* how many began before it */
	atomic_bool begun, over;
};

static enum gw_err
insert_run(struct queue_job *job, struct db *db)
{
	struct insert *i = (struct insert *)job;
	bool ok;

	i->turn = atomic_fetch_add(&i->place->begun, 1);
	atomic_store(&i->begun, true);
	if (i->hold) {
		(void)pthread_mutex_lock(&i->place->gate);
		(void)pthread_mutex_unlock(&i->place->gate);
	}
	ok = !job->writes || db_run(db, "INSERT INTO t VALUES (?1)", DB_ARGS(db_integer(i->n)));
	db_forgive(db);
	return ok ? GW_OK : GW_EINTERNAL;
}

/* The structs are the test's: it counts alone. */
static void
insert_free(struct queue_job *job)
{
	atomic_fetch_add(&((struct insert *)job)->place->freed, 1);
}

static struct insert
insert_of(struct place *p, int64_t n)
{
	return (struct insert){.job = {.run = insert_run, .free = insert_free, .writes = true},
	    .place = p,
	    .n = n,
	    .wait_ms = LONG_MS};
}

static void
insert_do(void *context)
{
	struct insert *i = context;

	i->end = queue_do(i->place->queue, &i->job, i->wait_ms);
	atomic_store(&i->over, true);
}

static void *
insert_on_a_thread(void *context)
{
	insert_do(context);
	return NULL;
}

static bool
join(void *context, struct db *db)
{
	struct place *p = context;

	(void)db;
	atomic_fetch_add(&p->joins, 1);
	return !p->refuse;
}

static void
after(void *context, enum gw_err err, bool busy)
{
	(void)err;
	(void)busy;
	atomic_fetch_add(&((struct place *)context)->afters, 1);
}

static void
idle(void *context)
{
	atomic_fetch_add(&((struct place *)context)->idles, 1);
}

static int
setup(void **state)
{
	struct queue_owner owner = {.name = "x.db", .join = join, .after = after, .idle = idle};
	struct place *p = calloc(1, sizeof(*p));
	char why[200];

	if (p == NULL)
		return -1;
	(void)snprintf(p->folder, sizeof(p->folder), "/tmp/test_queue.XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/x.db", p->folder);
	if (db_open(p->path, &kind, 100, &p->db, why, sizeof(why)) != DB_FINE)
		return -1;
	owner.context = p;
	p->queue = queue_new(p->db, &owner);
	(void)pthread_mutex_init(&p->gate, NULL);
	*state = p;
	return p->queue == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	int rc;

	queue_free(p->queue);
	db_close(p->db);
	(void)unlink(p->path);
	rc = rmdir(p->folder);
	free(p);
	return rc;
}

/* The thread is in the middle of i, from now until the gate is opened. */
static void
hold_thread(struct place *p, struct insert *i, pthread_t *thread)
{
	i->hold = true;
	(void)pthread_mutex_lock(&p->gate);
	assert_int_equal(pthread_create(thread, NULL, insert_on_a_thread, i), 0);
	while (!atomic_load(&i->begun))
		continue;
}

static void
let_go(struct place *p, pthread_t thread)
{
	(void)pthread_mutex_unlock(&p->gate);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void
turn_until(atomic_bool *over)
{
	while (!atomic_load(over))
		loop_turn(loop_current(), loop_now_ms() + 1000);
}

static int64_t
rows(struct place *p)
{
	struct db_rows *r;
	int64_t n;

	/* The thread is idle, or there is none. */
	queue_free(p->queue);
	p->queue = NULL;
	r = db_query(p->db, "SELECT count(*) FROM t", NULL, 0);
	n = db_rows_next(r) ? db_rows_integer(r, 0) : -1;
	assert_true(db_rows_end(r));
	return n;
}

static void
test_group_commit(void **state)
{
	struct insert *tasks = calloc(TASKS, sizeof(*tasks));
	struct place *p = *state;
	struct insert first = insert_of(p, TASKS + 1);
	pthread_t thread;
	int i;

	assert_non_null(tasks);
	hold_thread(p, &first, &thread);
	for (i = 0; i < TASKS; i++) {
		/* One of them fails: its number is there already. */
		tasks[i] = insert_of(p, i == 7 ? 1 : i + 1);
		assert_true(task_spawn(loop_current(), insert_do, &tasks[i]));
	}
	loop_turn(loop_current(), loop_now_ms());
	assert_int_equal(atomic_load(&p->joins), 0);
	let_go(p, thread);
	for (i = 0; i < TASKS; i++) {
		turn_until(&tasks[i].over);
		assert_int_equal(tasks[i].end, QUEUE_DONE);
		assert_int_equal(tasks[i].job.err, i == 7 ? GW_EINTERNAL : GW_OK);
	}
	assert_int_equal(first.job.err, GW_OK);
	assert_int_equal(atomic_load(&p->joins), 2);
	assert_int_equal(atomic_load(&p->afters), 2);
	assert_int_equal(rows(p), TASKS);
	assert_true(atomic_load(&p->idles) >= 1);
	free(tasks);
}

static void
test_reads_before_writes(void **state)
{
	struct place *p = *state;
	struct insert first = insert_of(p, 1), write = insert_of(p, 2), read = insert_of(p, 3);
	pthread_t thread;

	hold_thread(p, &first, &thread);
	read.job.writes = false;
	assert_true(task_spawn(loop_current(), insert_do, &write));
	assert_true(task_spawn(loop_current(), insert_do, &read));
	loop_turn(loop_current(), loop_now_ms());
	let_go(p, thread);
	turn_until(&read.over);
	turn_until(&write.over);
	assert_true(read.turn < write.turn);
	assert_int_equal(rows(p), 2);
}

/* What waits is taken back; what runs is done, and freed by the queue. */
static void
test_giving_up(void **state)
{
	struct place *p = *state;
	struct insert runs = insert_of(p, 1), waits = insert_of(p, 2);
	pthread_t thread;

	hold_thread(p, &runs, &thread);
	waits.wait_ms = 0;
	insert_do(&waits);
	assert_int_equal(waits.end, QUEUE_NEVER);
	assert_false(atomic_load(&waits.begun));
	let_go(p, thread);
	assert_int_equal(runs.end, QUEUE_DONE);
	assert_int_equal(atomic_load(&p->freed), 0);
	assert_int_equal(rows(p), 1);
}

static void
test_left_running(void **state)
{
	struct place *p = *state;
	struct insert runs;
	pthread_t thread;

	(void)pthread_mutex_lock(&p->gate);
	/* Where the thread is slow it is taken back before it begins. */
	do {
		runs = insert_of(p, 1);
		runs.hold = true;
		runs.wait_ms = 1;
		assert_int_equal(pthread_create(&thread, NULL, insert_on_a_thread, &runs), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
	} while (runs.end == QUEUE_NEVER);
	(void)pthread_mutex_unlock(&p->gate);
	assert_int_equal(runs.end, QUEUE_LEFT);
	assert_int_equal(rows(p), 1);
	assert_int_equal(atomic_load(&p->freed), 1);
}

static void
test_owner_refuses(void **state)
{
	struct place *p = *state;
	struct insert a = insert_of(p, 1), b = insert_of(p, 2);
	char why[200];

	p->refuse = true;
	insert_do(&a);
	assert_int_equal(a.end, QUEUE_DONE);
	assert_int_equal(a.job.err, GW_EINTERNAL);
	assert_true(queue_is_late(p->queue) && queue_trouble(p->queue, why, sizeof(why)));
	assert_string_equal(why, "x.db cannot be written");
	p->refuse = false;
	insert_do(&b);
	assert_int_equal(b.job.err, GW_OK);
	assert_false(queue_is_late(p->queue) || queue_trouble(p->queue, why, sizeof(why)));
	assert_int_equal(rows(p), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_group_commit, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reads_before_writes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_giving_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_left_running, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_owner_refuses, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
