/* test_store.c: what is spent stays spent: across threads, processes, and openings. */
#include "store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "engine/task.h"
#include "store/db.h"
#include "tests/unit/kit/auth_kit.h"

enum { THREADS = 8, ROUNDS = 200, PROCESSES = 4 };

static struct store *
open_store(const struct kit *k)
{
	struct store *s;
	char why[300];

	s = store_open(k->state, false, why, sizeof(why));
	if (s == NULL)
		fail_msg("%s", why);
	return s;
}

static bool
spend(struct store *s, const char *space, const char *id, int64_t now, int64_t expires)
{
	bool fresh = false;

	assert_int_equal(store_spend(s, space, id, now, expires, &fresh), GW_OK);
	return fresh;
}

static void
test_spend(void **state)
{
	struct store *s;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	assert_true(spend(s, "a", "1", 1000, 1600));
	assert_false(spend(s, "a", "1", 1000, 1600));
	assert_true(spend(s, "b", "1", 1000, 1600));
	assert_true(spend(s, "a", "2", 1000, 1600));
	assert_false(spend(s, "a", "1", 1600, 2200));
	store_close(s);
	s = open_store(&k);
	assert_false(spend(s, "a", "1", 1600, 2200));
	/* Once it has expired it may come again; by then its signature is too old. */
	assert_true(spend(s, "a", "1", 1601, 2201));
	assert_false(spend(s, "a", "1", 1601, 2201));
	store_close(s);
	kit_clear(&k);
}

static void
test_texts(void **state)
{
	struct store *s;
	struct buf b;
	struct kit k;
	bool found;

	(void)state;
	kit_init(&k);
	buf_init(&b, 8);
	s = open_store(&k);
	assert_int_equal(store_get(s, "a", "k", 1000, &b, &found), GW_OK);
	assert_false(found);
	assert_int_equal(store_put(s, "a", "k", "one\0two", 7, 1010), GW_OK);
	assert_int_equal(store_get(s, "a", "k", 1010, &b, &found), GW_OK);
	assert_true(found && b.len == 7);
	assert_memory_equal(b.data, "one\0two", 7);
	buf_reset(&b);
	assert_int_equal(store_get(s, "a", "k", 1011, &b, &found), GW_OK);
	assert_false(found);
	assert_int_equal(store_put(s, "a", "k", "", 0, 0), GW_OK);
	assert_int_equal(store_get(s, "a", "k", 9999999999, &b, &found), GW_OK);
	assert_true(found && b.len == 0);
	assert_int_equal(store_put(s, "a", "k", "nine bytes", 9, 0), GW_OK);
	assert_int_equal(store_get(s, "a", "k", 1, &b, &found), GW_EINPUT);
	assert_false(found);
	store_close(s);
	buf_clear(&b);
	kit_clear(&k);
}

static void
assert_recalled(struct store *s, int64_t now_s, const char *text)
{
	bool found = false;
	struct buf b;

	buf_init(&b, 100);
	assert_int_equal(store_recall(s, "t", "k", now_s, &b, &found), GW_OK);
	assert_true(found == (text != NULL));
	if (text != NULL)
		assert_string_equal(b.data, text);
	buf_clear(&b);
}

/* What is recalled may be a second old, but never older than what this process wrote. */
static void
test_recall(void **state)
{
	struct store *s, *other;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	other = open_store(&k);
	assert_recalled(s, 5, NULL);
	assert_int_equal(store_put(s, "t", "k", "one", 3, 0), GW_OK);
	assert_recalled(s, 5, "one");
	assert_int_equal(store_put(other, "t", "k", "two", 3, 0), GW_OK);
	assert_recalled(s, 5, "one");
	assert_recalled(s, 6, "two");
	assert_int_equal(store_put(s, "t", "k", "three", 5, 10), GW_OK);
	assert_recalled(s, 6, "three");
	/* It expires for those who recall it, too. */
	assert_recalled(s, 11, NULL);
	store_close(other);
	store_close(s);
	kit_clear(&k);
}

static void
test_tally(void **state)
{
	int64_t n, ends;
	struct store *s;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	assert_int_equal(store_tally(s, "t", "x", 1000, 60, 0, &n, &ends), GW_OK);
	assert_true(n == 0 && ends == 0);
	assert_int_equal(store_tally(s, "t", "x", 1000, 60, 1, &n, &ends), GW_OK);
	assert_true(n == 1 && ends == 1060);
	assert_int_equal(store_tally(s, "t", "x", 1060, 60, 2, &n, &ends), GW_OK);
	assert_true(n == 3 && ends == 1060);
	assert_int_equal(store_tally(s, "t", "y", 1060, 60, 1, &n, &ends), GW_OK);
	assert_true(n == 1 && ends == 1120);
	assert_int_equal(store_tally(s, "t", "x", 1061, 60, 0, &n, &ends), GW_OK);
	assert_true(n == 0);
	assert_int_equal(store_tally(s, "t", "x", 1061, 60, 1, &n, &ends), GW_OK);
	assert_true(n == 1 && ends == 1121);
	store_close(s);
	kit_clear(&k);
}

static void
test_counts(void **state)
{
	char long_key[600], key[16];
	struct store *s, *other;
	int64_t uses, last;
	struct kit k;
	int i;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	other = open_store(&k);
	for (i = 0; i < 5; i++)
		assert_int_equal(store_count(s, "u", "k", 1000), GW_OK);
	/* A caller of this store sees all; another process what was written, the first one
	 * soon. */
	assert_int_equal(store_counted(s, "u", "k", &uses, &last), GW_OK);
	assert_true(uses == 5 && last == 1000);
	assert_int_equal(store_count(s, "u", "k", 1001), GW_OK);
	do
		assert_int_equal(store_counted(other, "u", "k", &uses, &last), GW_OK);
	while (uses < 6);
	assert_true(uses == 6 && last == 1001);
	/* A spent id takes waiting uses along. */
	assert_int_equal(store_count(s, "u", "k", 1001), GW_OK);
	assert_true(spend(s, "a", "1", 1001, 1600));
	assert_int_equal(store_counted(other, "u", "k", &uses, &last), GW_OK);
	assert_int_equal(uses, 7);
	/* More counters than wait at a time: the full table is written, and has room again. */
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		while (store_count(s, "many", key, 1001) != GW_OK)
			assert_int_equal(store_flush(s), GW_OK);
	}
	assert_int_equal(store_flush(s), GW_OK);
	assert_int_equal(store_flush(s), GW_OK);
	for (i = 0; i < 1000; i += 333) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_int_equal(store_counted(other, "many", key, &uses, &last), GW_OK);
		assert_int_equal(uses, 1);
	}
	/* A clock that goes back does not take the last use back. */
	assert_int_equal(store_count(s, "u", "k", 500), GW_OK);
	store_close(s);
	assert_int_equal(store_counted(other, "u", "k", &uses, &last), GW_OK);
	assert_true(uses == 8 && last == 1001);
	memset(long_key, 'x', sizeof(long_key) - 1);
	long_key[sizeof(long_key) - 1] = '\0';
	assert_int_equal(store_count(other, "u", long_key, 1), GW_EINPUT);
	store_close(other);
	kit_clear(&k);
}

struct racer {
	struct store *store;
	pthread_t thread;
	int fresh;
};

/* Every thread spends the same ids and, between them, counts and reads. */
static void *
race(void *p)
{
	struct racer *r = p;
	struct buf b;
	bool fresh, found;
	char id[16];
	int i;

	buf_init(&b, 100);
	for (i = 0; i < ROUNDS; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		fresh = false;
		if (store_spend(r->store, "race", id, 1000, 1600, &fresh) != GW_OK)
			r->fresh = -1000000;
		r->fresh += fresh;
		if (store_count(r->store, "race", "k", 1000) != GW_OK ||
		    store_get(r->store, "race", "k", 1000, &b, &found) != GW_OK)
			r->fresh = -1000000;
	}
	buf_clear(&b);
	return NULL;
}

static int
run_threads(struct store *s)
{
	struct racer racers[THREADS];
	int i, fresh = 0;

	for (i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){.store = s};
		if (pthread_create(&racers[i].thread, NULL, race, &racers[i]) != 0)
			return -1;
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(racers[i].thread, NULL);
		fresh += racers[i].fresh;
	}
	return fresh;
}

static void
test_threads(void **state)
{
	int64_t uses, last;
	struct store *s;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	assert_int_equal(run_threads(s), ROUNDS);
	assert_int_equal(store_counted(s, "race", "k", &uses, &last), GW_OK);
	assert_int_equal(uses, THREADS * ROUNDS);
	store_close(s);
	kit_clear(&k);
}

/* Each process opens for itself, all at the same time, also the first time; together they are fresh
 * once an id. */
static void
test_processes(void **state)
{
	int fresh, total = 0, fds[2], i, status;
	struct store *s;
	struct kit k;
	char why[300];

	(void)state;
	kit_init(&k);
	assert_int_equal(pipe(fds), 0);
	for (i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		s = store_open(k.state, false, why, sizeof(why));
		fresh = s == NULL ? -1000000 : run_threads(s);
		store_close(s);
		_exit(write(fds[1], &fresh, sizeof(fresh)) == sizeof(fresh) ? 0 : 1);
	}
	for (i = 0; i < PROCESSES; i++) {
		assert_int_equal(read(fds[0], &fresh, sizeof(fresh)), sizeof(fresh));
		total += fresh;
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_int_equal(total, ROUNDS);
	(void)close(fds[0]);
	(void)close(fds[1]);
	kit_clear(&k);
}

/* A process that dies without closing leaves what it spent. */
static void
test_crash(void **state)
{
	struct store *s;
	struct kit k;
	bool fresh;
	pid_t pid;
	int status;
	char why[300];

	(void)state;
	kit_init(&k);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		s = store_open(k.state, false, why, sizeof(why));
		if (s == NULL || store_spend(s, "a", "1", 1000, 1600, &fresh) != GW_OK || !fresh)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	s = open_store(&k);
	assert_false(spend(s, "a", "1", 1000, 1600));
	store_close(s);
	kit_clear(&k);
}

/* As if so much time had passed by the clock that nobody sets. */
static void
ten_minutes_pass(const char *path)
{
	static const struct db_kind kind = {.owner = "the test", .schema = "", .version = 1};
	struct db *db = NULL;
	bool unknown;
	char why[300];

	assert_int_equal(db_open(path, &kind, 1000, &db, why, sizeof(why)), DB_FINE);
	assert_true(db_begin(db, true));
	assert_true(db_run(db, "UPDATE uses SET last = last - 600 WHERE space = 'state'", NULL, 0));
	assert_true(db_commit(db, &unknown));
	db_close(db);
}

static void
test_cleaning(void **state)
{
	char id[16], path[256];
	struct store *s;
	struct stat st;
	struct kit k;
	off_t size;
	int i, round;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	snprintf(path, sizeof(path), "%s/state.db", k.state);
	/* Rows leave as they expire: the file stops growing. */
	size = 0;
	for (round = 0; round < 6; round++) {
		for (i = 0; i < 300; i++) {
			snprintf(id, sizeof(id), "%d-%d", round, i);
			assert_true(spend(s, "a", id, 1000 + round * 1000, 1600 + round * 1000));
		}
		store_close(s);
		ten_minutes_pass(path);
		s = open_store(&k);
		assert_int_equal(stat(path, &st), 0);
		if (round == 1)
			size = st.st_size;
	}
	assert_true(st.st_size <= size);
	store_close(s);
	kit_clear(&k);
}

static void
test_folder(void **state)
{
	char why[300] = "", path[256];
	struct store *s;
	struct stat st;
	struct kit k;

	(void)state;
	kit_init(&k);
	assert_int_equal(mkdir(k.state, 0755), 0);
	assert_null(store_open(k.state, false, why, sizeof(why)));
	assert_non_null(strstr(why, "mode 0700"));
	assert_int_equal(chmod(k.state, 0700), 0);
	s = open_store(&k);
	snprintf(path, sizeof(path), "%s/state.db", k.state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(spend(s, "a", "1", 1, 2));
	snprintf(path, sizeof(path), "%s/state.db-wal", k.state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	store_close(s);
	snprintf(path, sizeof(path), "%s/state.db", k.state);
	assert_int_equal(chmod(path, 0), 0);
	if (geteuid() != 0)
		assert_null(store_open(k.state, false, why, sizeof(why)));
	snprintf(path, sizeof(path), "%s/no/such", k.dir);
	assert_null(store_open(path, false, why, sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
	store_close(NULL);
	kit_clear(&k);
}

/*
 * What cannot be written is not fresh, and nothing is lost by it: here the disk is full for a
 * while.
 */
static void
test_full_disk(void **state)
{
	struct rlimit before, none;
	struct store *s;
	struct kit k;
	bool fresh = true;
	int64_t n, ends;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	assert_true(spend(s, "a", "1", 1, 600));
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(store_spend(s, "a", "2", 1, 600, &fresh), GW_EINTERNAL);
	assert_false(fresh);
	assert_int_equal(store_put(s, "a", "k", "x", 1, 0), GW_EINTERNAL);
	assert_int_equal(store_tally(s, "a", "k", 1, 60, 1, &n, &ends), GW_EINTERNAL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(spend(s, "a", "2", 1, 600));
	assert_false(spend(s, "a", "1", 1, 600));
	store_close(s);
	kit_clear(&k);
}

struct spender {
	struct store *store;
	pthread_t thread;
	atomic_bool begun, over;
	bool fresh;
};

static void *
spend_on_a_thread(void *context)
{
	struct spender *s = context;

	atomic_store(&s->begun, true);
	if (store_spend(s->store, "a", "1", 1, 600, &s->fresh) != GW_OK)
		s->fresh = false;
	atomic_store(&s->over, true);
	return NULL;
}

static void
give_up(void *context)
{
	struct spender *s = context;

	task_set_deadline(1);
	if (store_spend(s->store, "a", "2", 1, 600, &s->fresh) == GW_EINTERNAL)
		atomic_store(&s->over, true);
}

/* Another process writes for long: who has to write waits, or gives up; nobody else notices. */
static void
test_locked(void **state)
{
	static const struct db_kind kind = {.owner = "the test", .version = 1};
	struct spender waits = {0}, gives_up = {0};
	char path[4096], why[300];
	bool found, unknown;
	struct db *other;
	struct store *s;
	struct buf b;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = waits.store = gives_up.store = open_store(&k);
	buf_init(&b, 100);
	assert_int_equal(store_put(s, "t", "k", "text", 4, 0), GW_OK);
	(void)snprintf(path, sizeof(path), "%s/state.db", k.state);
	assert_int_equal(db_open(path, &kind, 0, &other, why, sizeof(why)), DB_FINE);
	assert_true(db_begin(other, true));
	assert_int_equal(pthread_create(&waits.thread, NULL, spend_on_a_thread, &waits), 0);
	while (!atomic_load(&waits.begun))
		continue;
	assert_true(task_spawn(loop_current(), give_up, &gives_up));
	while (!atomic_load(&gives_up.over))
		loop_turn(loop_current(), INT64_MAX);
	assert_int_equal(store_get(s, "t", "k", 1, &b, &found), GW_OK);
	assert_true(found);
	assert_int_equal(store_count(s, "u", "k", 1), GW_OK);
	assert_false(atomic_load(&waits.over));
	while (store_works(s, why, sizeof(why)))
		(void)store_count(s, "u", "k", 1);
	assert_non_null(strstr(why, "locked"));
	store_keep(s, "t", "cache", "text", 4, 0);
	assert_true(db_commit(other, &unknown));
	assert_int_equal(pthread_join(waits.thread, NULL), 0);
	assert_true(waits.fresh);
	assert_true(store_works(s, why, sizeof(why)));
	/* What nobody waited for any more was not done. */
	assert_true(spend(s, "a", "2", 1, 600));
	assert_int_equal(store_get(s, "t", "cache", 1, &b, &found), GW_OK);
	assert_false(found);
	store_keep(s, "t", "cache", "text", 4, 0);
	assert_int_equal(store_get(s, "t", "cache", 1, &b, &found), GW_OK);
	assert_true(found);
	buf_clear(&b);
	db_close(other);
	store_close(s);
	kit_clear(&k);
}

/* A clock that jumps forward and back forgets no nonce. */
static void
test_clock_jumps(void **state)
{
	const int64_t now_s = 1000000, later_s = now_s + 86400;
	bool fresh = false;
	struct kit k;
	struct store *s;
	int i;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	assert_int_equal(store_spend(s, "r", "a", now_s, now_s + 600, &fresh), GW_OK);
	assert_true(fresh);
	for (i = 0; i < 3; i++) {
		assert_int_equal(store_spend(s, "r",
				     i == 0   ? "b"
				     : i == 1 ? "c"
					      : "d",
				     later_s + 20 * i, later_s + 20 * i + 600, &fresh),
		    GW_OK);
		assert_true(fresh);
	}
	assert_int_equal(store_spend(s, "r", "a", now_s + 1, now_s + 601, &fresh), GW_OK);
	assert_false(fresh);
	assert_int_equal(store_spend(s, "r", "e", now_s + 1, now_s + 601, &fresh), GW_OK);
	assert_true(fresh);
	store_close(s);
	kit_clear(&k);
}

static void
overwrite(const struct kit *k, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", k->state, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static size_t
count_aside(const struct kit *k)
{
	DIR *d = opendir(k->state);
	struct dirent *e;
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, "state.db.broken-", 16) == 0;
	(void)closedir(d);
	return n;
}

/* What was begun anew knows no nonces: none counts until those of before are too old. */
static void
refused_until(struct store *s, bool anew)
{
	const int64_t now_s = (int64_t)time(NULL);
	static int calls;
	bool fresh = true;
	char id[16];

	snprintf(id, sizeof(id), "%d", calls++);
	assert_int_equal(
	    store_spend(s, "r", id, now_s, now_s + 600, &fresh), anew ? GW_ERETRY : GW_OK);
	assert_int_equal(fresh, !anew);
	assert_int_equal(store_spend(s, "r2", id, now_s + 602, now_s + 1202, &fresh), GW_OK);
	assert_true(fresh);
}

static void
test_broken_file(void **state)
{
	static const char *const contents[] = {
	    "", "this is no database, and longer than a header is"};
	char why[600], path[256];
	struct store *s;
	struct kit k;
	size_t i;

	(void)state;
	for (i = 0; i < N(contents); i++) {
		kit_init(&k);
		store_close(open_store(&k));
		overwrite(&k, "state.db", contents[i]);
		s = store_open(k.state, false, why, sizeof(why));
		assert_non_null(s);
		assert_non_null(strstr(why, "another has been begun"));
		assert_int_equal(count_aside(&k), 1);
		refused_until(s, true);
		store_close(s);
		s = store_open(k.state, true, why, sizeof(why));
		assert_string_equal(why, "");
		refused_until(s, true);
		store_close(s);
		assert_int_equal(count_aside(&k), 1);
		kit_clear(&k);
	}
	/* Where the ledger's key is, there was one before. */
	kit_init(&k);
	store_close(open_store(&k));
	snprintf(path, sizeof(path), "%s/state.db", k.state);
	assert_int_equal(unlink(path), 0);
	s = store_open(k.state, false, why, sizeof(why));
	assert_string_equal(why, "");
	refused_until(s, false);
	store_close(s);
	overwrite(&k, "ledger.key", "key");
	assert_int_equal(unlink(path), 0);
	s = store_open(k.state, false, why, sizeof(why));
	assert_non_null(strstr(why, "was not there and has been begun anew"));
	refused_until(s, true);
	store_close(s);
	kit_clear(&k);
}

/* Under a running process. */
static void
test_file_goes(void **state)
{
	char why[600], path[256];
	struct store *s, *other;
	struct kit k;

	(void)state;
	kit_init(&k);
	s = open_store(&k);
	snprintf(path, sizeof(path), "%s/state.db", k.state);
	assert_true(store_works(s, why, sizeof(why)));
	assert_int_equal(unlink(path), 0);
	assert_false(store_works(s, why, sizeof(why)));
	assert_non_null(strstr(why, "is not there any more"));
	other = store_open(k.state, false, why, sizeof(why));
	assert_false(store_works(s, why, sizeof(why)));
	assert_non_null(strstr(why, "was replaced: restart"));
	assert_true(store_works(other, why, sizeof(why)));
	assert_int_equal(truncate(path, 512), 0);
	assert_false(store_works(other, why, sizeof(why)));
	assert_non_null(strstr(why, "is no database any more: restart"));
	overwrite(&k, "state.db", "this is no database any more");
	assert_false(store_works(other, why, sizeof(why)));
	assert_non_null(strstr(why, "is no database any more: restart"));
	store_close(other);
	store_close(s);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spend),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_recall),
	    cmocka_unit_test(test_locked),
	    cmocka_unit_test(test_tally),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_processes),
	    cmocka_unit_test(test_crash),
	    cmocka_unit_test(test_cleaning),
	    cmocka_unit_test(test_folder),
	    cmocka_unit_test(test_full_disk),
	    cmocka_unit_test(test_clock_jumps),
	    cmocka_unit_test(test_broken_file),
	    cmocka_unit_test(test_file_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
