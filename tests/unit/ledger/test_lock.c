/* test_lock.c: one at a time, first come first served, among tasks, threads and processes. */
#include "ledger/lock.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/bounds.h"
#include "engine/event.h"
#include "engine/task.h"

/* Far more than any test takes. */
enum { LONG_MS = 60 * 1000 };

/* Found by search: in ledger "acme" both have the same byte. */
static const char *const agents[] = {"joyuovkpgkx4d", "4xk7s3qor5muc", "7"};

static char folder[] = "/tmp/hrisgw-test-XXXXXX";
static const unsigned char key_a[LOCK_KEY_LEN] = "a";

static struct locks *
fresh_locks(void)
{
	char why[200];
	struct locks *l = locks_open(folder, why, sizeof(why));

	assert_non_null(l);
	return l;
}

static enum lock_got
take_now(struct locks *l, const char *agent, struct lock **out)
{
	bool same;

	return lock_take(l, "acme", agent, key_a, loop_now_ms(), out, &same);
}

/* --- tasks --- */

struct taker {
	struct locks *locks;
	const char *agent;
	unsigned char key[LOCK_KEY_LEN];
	int64_t wait_ms;
	int number;
	struct line *line;
	enum lock_got got;
	bool same, done;
};

/* Who had the lock, in order. */
struct line {
	int numbers[200], n, inside;
};

static void
take_and_note(void *context)
{
	struct taker *t = context;
	struct event never = {0};
	struct lock *lock;

	t->got = lock_take(
	    t->locks, "acme", t->agent, t->key, loop_now_ms() + t->wait_ms, &lock, &t->same);
	assert_true((t->got == LOCK_HELD) == (lock != NULL));
	if (t->got == LOCK_HELD) {
		assert_int_equal(t->line->inside++, 0);
		t->line->numbers[t->line->n++] = t->number;
		(void)event_wait(&never, t->number % 3 == 0 ? 1 : 0);
		t->line->inside--;
		lock_release(lock);
	}
	t->done = true;
}

static void
begin(struct taker *t, struct locks *l, const char *agent, int number, struct line *line)
{
	*t = (struct taker){
	    .locks = l, .agent = agent, .wait_ms = LONG_MS, .number = number, .line = line};
	(void)snprintf((char *)t->key, sizeof(t->key), "key %d", number);
}

static void
go(struct taker *t)
{
	assert_true(task_spawn(loop_current(), take_and_note, t));
	loop_turn(loop_current(), loop_now_ms());
}

static void
turn_until(const bool *done)
{
	while (!*done)
		loop_turn(loop_current(), loop_now_ms() + 1000);
}

static void
test_first_come_first_served(void **state)
{
	struct taker takers[LIMIT_LOCK_WAITERS];
	struct locks *l = fresh_locks();
	struct line line = {.n = 0};
	struct lock *held, *other;
	int i;

	(void)state;
	assert_int_equal(take_now(l, "7", &held), LOCK_HELD);
	for (i = 0; i < LIMIT_LOCK_WAITERS; i++) {
		begin(&takers[i], l, "7", i, &line);
		go(&takers[i]);
	}
	assert_int_equal(take_now(l, "8", &other), LOCK_HELD);
	assert_int_equal(line.n, 0);
	lock_release(held);
	for (i = 0; i < LIMIT_LOCK_WAITERS; i++)
		turn_until(&takers[i].done);
	for (i = 0; i < LIMIT_LOCK_WAITERS; i++)
		assert_int_equal(line.numbers[i], i);
	lock_release(other);
	lock_release(NULL);
	locks_close(l);
}

static void
test_the_queue_is_full(void **state)
{
	struct taker takers[LIMIT_LOCK_WAITERS + 3];
	struct locks *l = fresh_locks();
	struct line line = {.n = 0};
	struct lock *held, *none;
	bool same;
	int i;

	(void)state;
	assert_int_equal(take_now(l, "7", &held), LOCK_HELD);
	for (i = 0; i < LIMIT_LOCK_WAITERS + 3; i++) {
		begin(&takers[i], l, "7", i, &line);
		if (i < 3) /* repeats of what runs */
			memcpy(takers[i].key, key_a, sizeof(key_a));
		go(&takers[i]);
		assert_false(takers[i].done);
	}
	assert_int_equal(lock_take(l, "acme", "7", (const unsigned char[LOCK_KEY_LEN]){"b"},
			     loop_now_ms() + LONG_MS, &none, &same),
	    LOCK_FULL);
	assert_null(none);
	assert_false(same);
	/* Another agent's queue, another ledger's, and a repeat. */
	assert_int_equal(take_now(l, "8", &none), LOCK_HELD);
	lock_release(none);
	assert_int_equal(lock_take(l, "other", "7", key_a, loop_now_ms(), &none, &same), LOCK_HELD);
	lock_release(none);
	assert_int_equal(lock_take(l, "acme", "7", key_a, loop_now_ms(), &none, &same), LOCK_LATE);
	assert_true(same);
	lock_release(held);
	for (i = 0; i < LIMIT_LOCK_WAITERS + 3; i++) {
		turn_until(&takers[i].done);
		assert_int_equal(takers[i].got, LOCK_HELD);
	}
	locks_close(l);
}

static void
test_who_is_late_leaves_the_queue(void **state)
{
	struct locks *l = fresh_locks();
	struct line line = {.n = 0};
	struct taker takers[5];
	struct lock *held, *none;
	int i;

	(void)state;
	assert_int_equal(take_now(l, "7", &held), LOCK_HELD);
	/* One from the middle, then the last. */
	for (i = 0; i < 5; i++) {
		begin(&takers[i], l, "7", i, &line);
		takers[i].wait_ms = i == 1 || i == 3 ? 1 : LONG_MS;
		if (i < 4)
			go(&takers[i]);
	}
	turn_until(&takers[1].done);
	turn_until(&takers[3].done);
	assert_true(takers[1].got == LOCK_LATE && takers[3].got == LOCK_LATE && !takers[1].same);
	go(&takers[4]);
	/* Their places are free again. */
	for (i = 0; i < 2 * LIMIT_LOCK_WAITERS; i++) {
		takers[1].key[0] = (unsigned char)i;
		assert_int_equal(
		    lock_take(l, "acme", "7", takers[1].key, loop_now_ms(), &none, &takers[1].same),
		    LOCK_LATE);
	}
	lock_release(held);
	for (i = 0; i < 5; i += 2)
		turn_until(&takers[i].done);
	assert_int_equal(line.n, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(line.numbers[i], 2 * i);
	locks_close(l);
}

/* --- threads --- */

enum { THREADS = 4, PER_THREAD = 50 };

struct crew {
	struct locks *locks;
	struct line *lines; /* of each agent; guarded by its lock alone */
	struct taker takers[PER_THREAD];
	int number;
	bool worked;
};

static void *
work(void *context)
{
	struct crew *c = context;
	struct loop *loop = loop_new();
	struct taker *t;
	int i;

	loop_adopt(loop);
	for (i = 0; i < PER_THREAD; i++) {
		t = &c->takers[i];
		begin(t, c->locks, agents[i % 3], c->number * PER_THREAD + i, &c->lines[i % 3 / 2]);
		if (i % 5 == 0)
			t->wait_ms = i % 4;
		if (i % 2 == 0) /* repeats of each other */
			memcpy(t->key, key_a, sizeof(key_a));
		c->worked = task_spawn(loop, take_and_note, t) && c->worked;
	}
	for (i = 0; i < PER_THREAD && c->worked; i++)
		turn_until(&c->takers[i].done);
	loop_adopt(NULL);
	loop_free(loop);
	return NULL;
}

static void
test_threads(void **state)
{
	struct crew *crews = calloc(THREADS, sizeof(*crews));
	struct line lines[2] = {{.n = 0}};
	struct locks *l = fresh_locks();
	pthread_t threads[THREADS];
	int i, k, held = 0;

	(void)state;
	assert_non_null(crews);
	for (i = 0; i < THREADS; i++) {
		crews[i] = (struct crew){.locks = l, .lines = lines, .number = i, .worked = true};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &crews[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_true(crews[i].worked);
		for (k = 0; k < PER_THREAD; k++) {
			held += crews[i].takers[k].got == LOCK_HELD;
			if (crews[i].takers[k].got == LOCK_LATE)
				assert_int_equal(k % 5, 0);
		}
	}
	assert_int_equal(lines[0].n + lines[1].n, held);
	assert_true(held > LIMIT_LOCK_WAITERS);
	free(crews);
	locks_close(l);
}

/* --- processes --- */

/* Another process that does as it is asked: 't' take at once, 'w' wait for it, 'r' release; then
 * the agent's number. It answers with what it got. */
struct other {
	pid_t pid;
	int ask, answer;
};

static void
serve(int ask, int answer)
{
	struct locks *l = fresh_locks();
	struct lock *lock = NULL;
	unsigned char text[2];
	char got = LOCK_HELD;
	bool same;

	loop_adopt(loop_new());
	while (read(ask, text, 2) == 2) {
		if (text[0] == 'r') {
			lock_release(lock);
			lock = NULL;
		} else
			got = (char)lock_take(l, "acme", agents[text[1]], key_a,
			    loop_now_ms() + (text[0] == 'w' ? LONG_MS / 10 : 0), &lock, &same);
		if (write(answer, &got, 1) != 1)
			break;
	}
	_exit(0);
}

static struct other
other_start(void)
{
	struct other o;
	int ask[2], answer[2];

	assert_int_equal(pipe(ask), 0);
	assert_int_equal(pipe(answer), 0);
	o = (struct other){.ask = ask[1], .answer = answer[0]};
	o.pid = fork();
	assert_true(o.pid >= 0);
	if (o.pid == 0) {
		(void)close(ask[1]);
		(void)close(answer[0]);
		serve(ask[0], answer[1]);
	}
	(void)close(ask[0]);
	(void)close(answer[1]);
	return o;
}

static void
other_ask(const struct other *o, char what, unsigned char agent)
{
	const unsigned char text[2] = {(unsigned char)what, agent};

	assert_int_equal(write(o->ask, text, 2), 2);
}

static enum lock_got
other_says(const struct other *o)
{
	char got;

	assert_int_equal(read(o->answer, &got, 1), 1);
	return (enum lock_got)got;
}

static enum lock_got
other_does(const struct other *o, char what, unsigned char agent)
{
	other_ask(o, what, agent);
	return other_says(o);
}

static void
other_end(struct other *o)
{
	assert_int_equal(kill(o->pid, SIGKILL), 0);
	assert_int_equal(waitpid(o->pid, NULL, 0), o->pid);
	(void)close(o->ask);
	(void)close(o->answer);
}

static void
test_a_process_that_dies_gives_it_up(void **state)
{
	struct other o = other_start();
	struct locks *l = fresh_locks();
	struct line line = {.n = 0};
	struct taker taker, late;
	struct lock *lock;

	(void)state;
	assert_int_equal(other_does(&o, 't', 2), LOCK_HELD);
	assert_int_equal(take_now(l, "7", &lock), LOCK_LATE);
	assert_int_equal(take_now(l, "8", &lock), LOCK_HELD);
	lock_release(lock);
	/* A stopped process is none that died; the head that gives up makes way. */
	assert_int_equal(kill(o.pid, SIGSTOP), 0);
	begin(&late, l, "7", 1, &line);
	late.wait_ms = 20;
	go(&late);
	begin(&taker, l, "7", 2, &line);
	go(&taker);
	turn_until(&late.done);
	assert_int_equal(late.got, LOCK_LATE);
	assert_false(late.same);
	assert_false(taker.done);
	other_end(&o);
	turn_until(&taker.done);
	assert_int_equal(taker.got, LOCK_HELD);
	locks_close(l);
}

/* Two agents with one byte: in one queue, so that a hand-over leaves the byte held. */
static void
test_two_agents_of_one_byte(void **state)
{
	struct other o = other_start();
	struct locks *l = fresh_locks();
	struct line line = {.n = 0};
	struct taker taker;
	struct lock *first, *second;
	bool same;

	(void)state;
	assert_int_equal(take_now(l, agents[0], &first), LOCK_HELD);
	assert_int_equal(other_does(&o, 't', 1), LOCK_LATE);
	assert_int_equal(other_does(&o, 't', 2), LOCK_HELD);
	assert_int_equal(other_does(&o, 'r', 2), LOCK_HELD);
	assert_int_equal(take_now(l, agents[1], &second), LOCK_LATE);
	begin(&taker, l, agents[1], 0, &line);
	go(&taker);
	lock_release(first);
	turn_until(&taker.done);
	assert_int_equal(taker.got, LOCK_HELD);
	assert_int_equal(lock_take(l, "acme", agents[1], key_a, 0, &second, &same), LOCK_HELD);
	assert_int_equal(other_does(&o, 't', 0), LOCK_LATE);
	lock_release(second);
	assert_int_equal(other_does(&o, 't', 0), LOCK_HELD);
	other_end(&o);
	locks_close(l);
}

struct greedy {
	struct locks *locks;
	bool *stop, done;
};

static void
take_again_and_again(void *context)
{
	struct greedy *g = context;
	struct event never = {0};
	struct lock *lock;
	bool same;

	while (!*g->stop) {
		assert_int_equal(
		    lock_take(g->locks, "acme", "7", key_a, loop_now_ms() + LONG_MS, &lock, &same),
		    LOCK_HELD);
		(void)event_wait(&never, 1);
		lock_release(lock);
	}
	g->done = true;
}

struct listening {
	struct loop_fd fd; /* first */
	bool heard;
};

static void
note_answer(struct loop_fd *f, uint32_t events)
{
	(void)events;
	((struct listening *)f)->heard = true;
}

/* A queue that never ends: the other process is heard nevertheless. */
static void
test_a_long_queue_does_not_starve_others(void **state)
{
	struct other o = other_start();
	struct locks *l = fresh_locks();
	struct listening at = {.fd = {.fd = o.answer, .ready = note_answer}};
	struct greedy greedy[3];
	bool stop = false;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		greedy[i] = (struct greedy){.locks = l, .stop = &stop};
		assert_true(task_spawn(loop_current(), take_again_and_again, &greedy[i]));
	}
	loop_turn(loop_current(), loop_now_ms());
	other_ask(&o, 'w', 2);
	assert_true(loop_watch(loop_current(), &at.fd, 1));
	turn_until(&at.heard);
	loop_unwatch(loop_current(), &at.fd);
	assert_int_equal(other_says(&o), LOCK_HELD);
	other_end(&o);
	stop = true;
	for (i = 0; i < 3; i++)
		turn_until(&greedy[i].done);
	locks_close(l);
}

/* --- the file --- */

static size_t
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	assert_int_equal(closedir(d), 0);
	return n;
}

static void
test_the_file_is_removed(void **state)
{
	struct other o = other_start();
	struct locks *l = fresh_locks();
	char path[64], why[200];
	struct lock *a, *b;
	size_t before = open_files();

	(void)state;
	assert_int_equal(other_does(&o, 't', 0), LOCK_HELD);
	assert_int_equal(other_does(&o, 'r', 0), LOCK_HELD);
	assert_int_equal(take_now(l, "7", &a), LOCK_HELD);
	(void)snprintf(path, sizeof(path), "%s/ledger.lock", folder);
	assert_int_equal(unlink(path), 0);
	/* What is held is held by the old file: no other until that is over. */
	assert_int_equal(take_now(l, "8", &b), LOCK_LATE);
	lock_release(a);
	assert_int_equal(
	    lock_take(l, "acme", "7", key_a, loop_now_ms() + LONG_MS, &a, &(bool){false}),
	    LOCK_HELD);
	assert_int_equal(other_does(&o, 'w', 0), LOCK_HELD);
	assert_int_equal(other_does(&o, 'r', 0), LOCK_HELD);
	assert_int_equal(other_does(&o, 't', 2), LOCK_LATE);
	lock_release(a);
	assert_int_equal(open_files(), before);
	other_end(&o);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(take_now(l, "7", &a), LOCK_BROKEN);
	assert_int_equal(take_now(l, "7", &a), LOCK_BROKEN);
	assert_null(locks_open(folder, why, sizeof(why)));
	assert_non_null(strstr(why, "/ledger.lock: Is a directory"));
	assert_int_equal(rmdir(path), 0);
	locks_close(l);
	locks_close(NULL);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/ledger.lock", folder);
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_come_first_served),
	    cmocka_unit_test(test_the_queue_is_full),
	    cmocka_unit_test(test_who_is_late_leaves_the_queue),
	    cmocka_unit_test(test_a_process_that_dies_gives_it_up),
	    cmocka_unit_test(test_two_agents_of_one_byte),
	    cmocka_unit_test(test_a_long_queue_does_not_starve_others),
	    cmocka_unit_test(test_the_file_is_removed),
	    cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
