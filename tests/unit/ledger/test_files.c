/*
 * test_files.c: the two files belong together. Whatever is missing, foreign, damaged or left by a
 * crash is refused with what heals it, and healed by that; nothing that looks healthy is not.
 */
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger_admin.h"
#include "ledger/ledger_files.h"
#include "ledger/local_disk.h"
#include "store/db.h"
#include "tests/unit/kit/ledger_kit.h"

#include <cmocka.h>

enum { PROCESSES = 8, WHY = 1024 };

static const char *const parts[] = {"a"};

static void
hmac(struct ledger_kit *k, unsigned char out[LEDGER_HMAC])
{
	assert_true(ledger_hmac(k->ledger, "key", parts, 1, out));
}

static void
copy(struct ledger_kit *k, const char *from, const char *to)
{
	static char bytes[1024 * 1024];
	FILE *in = fopen(ledger_kit_path(k, from), "re"), *out;
	size_t n;

	assert_non_null(in);
	n = fread(bytes, 1, sizeof(bytes), in);
	assert_int_equal(fclose(in), 0);
	out = fopen(ledger_kit_path(k, to), "we");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(ledger_kit_path(k, to), 0600), 0);
}

static void
put(struct ledger_kit *k, const char *name, const char *text)
{
	FILE *out = fopen(ledger_kit_path(k, name), "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(ledger_kit_path(k, name), 0600), 0);
}

static void
move(struct ledger_kit *k, const char *from, const char *to)
{
	assert_int_equal(rename(ledger_kit_path(k, from), ledger_kit_path(k, to)), 0);
}

static void
shut(struct ledger_kit *k)
{
	ledger_close(k->ledger);
	k->ledger = NULL;
}

static void
renew(struct ledger_kit *k, int32_t look_until)
{
	char why[WHY];

	if (!ledger_files_renew(&k->where, look_until, why, sizeof(why)))
		fail_msg("%s", why);
}

static bool
is_there(struct ledger_kit *k, const char *name)
{
	return access(ledger_kit_path(k, name), F_OK) == 0;
}

/* Refused with that text, by a new process and by `check`; healed by a new ledger. */
static void
assert_broken(struct ledger_kit *k, const char *part)
{
	char why[WHY] = "";

	assert_false(ledger_check(&k->where, why, sizeof(why)));
	assert_non_null(strstr(why, part));
	ledger_kit_reopen(k);
	ledger_kit_broken(k, part);
	ledger_kit_broken(k, "hrisgw ledger new");
	renew(k, 30000);
	ledger_kit_reopen(k);
	ledger_kit_works(k);
	assert_int_equal(ledger_look_until(k->ledger), 30000);
	assert_true(ledger_check(&k->where, why, sizeof(why)));
}

static void
test_first_start(void **state)
{
	unsigned char first[LEDGER_HMAC], again[LEDGER_HMAC];
	struct ledger_kit k;
	struct stat st;
	char why[WHY];

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_works(&k);
	assert_int_equal(ledger_look_until(k.ledger), 0);
	assert_int_equal(stat(ledger_kit_path(&k, "ledger.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(ledger_kit_path(&k, "ledger.db"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(is_there(&k, "ledger.key.new") || is_there(&k, "ledger.replacing"));
	hmac(&k, first);
	ledger_kit_reopen(&k);
	hmac(&k, again);
	assert_memory_equal(first, again, LEDGER_HMAC);
	shut(&k);
	/* Who only looks makes nothing. */
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.db")), 0);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key")), 0);
	assert_true(ledger_check(&k.where, why, sizeof(why)));
	assert_false(is_there(&k, "ledger.db") || is_there(&k, "ledger.key"));
	/* There is nothing wrong with what is not there yet; with what cannot be there is. */
	k.where.state_dir = ledger_kit_path(&k, "nowhere");
	assert_true(ledger_check(&k.where, why, sizeof(why)));
	k.where.state_dir = "/dev/null/state";
	assert_false(ledger_check(&k.where, why, sizeof(why)));
	k.where.state_dir = k.folder;
	ledger_kit_close(&k);
}

static void
test_missing(void **state)
{
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	shut(&k);
	move(&k, "ledger.db", "away");
	assert_broken(&k, "what was written is not known");
	shut(&k);
	move(&k, "ledger.key", "away");
	assert_broken(&k, "it cannot be used without");
	/* What was put aside is there, to be looked at. */
	assert_true(is_there(&k, "ledger.db.1800000000"));
	ledger_kit_close(&k);
}

static void
test_foreign(void **state)
{
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	shut(&k);
	copy(&k, "ledger.key", "old.key");
	renew(&k, 0);
	copy(&k, "old.key", "ledger.key");
	assert_broken(&k, "do not belong together");
	shut(&k);
	assert_int_equal(chmod(ledger_kit_path(&k, "ledger.key"), 0640), 0);
	assert_broken(&k, "must be a file of mode 0600");
	shut(&k);
	assert_int_equal(truncate(ledger_kit_path(&k, "ledger.key"), 64), 0);
	assert_broken(&k, "ledger.key is damaged");
	shut(&k);
	assert_int_equal(truncate(ledger_kit_path(&k, "ledger.key"), 0), 0);
	assert_broken(&k, "ledger.key is damaged");
	ledger_kit_close(&k);
}

static void
test_damaged(void **state)
{
	static const char *const sqls[] = {"DELETE FROM ledger", "DROP TABLE links",
	    "UPDATE ledger SET look_until = 5", "UPDATE ledger SET seal = x'00'"};
	struct ledger_kit k;
	size_t i;

	(void)state;
	ledger_kit_open(&k, false);
	for (i = 0; i < sizeof(sqls) / sizeof(sqls[0]); i++) {
		shut(&k);
		ledger_kit_sql(&k, sqls[i]);
		assert_broken(&k, "ledger.db");
	}
	shut(&k);
	ledger_kit_sql(&k, "PRAGMA user_version = 2");
	assert_broken(&k, "has version 2, this program knows version 1");
	shut(&k);
	ledger_kit_sql(&k, "PRAGMA application_id = 7");
	assert_broken(&k, "is not a database of the ledger");
	shut(&k);
	assert_int_equal(truncate(ledger_kit_path(&k, "ledger.db"), 5000), 0);
	assert_broken(&k, "ledger.db");
	shut(&k);
	assert_int_equal(truncate(ledger_kit_path(&k, "ledger.db"), 0), 0);
	assert_broken(&k, "is not a database of the ledger");
	shut(&k);
	copy(&k, "ledger.key", "ledger.db");
	assert_broken(&k, "ledger.db");
	ledger_kit_close(&k);
}

static void
test_anchor(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING);
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, true);
	shut(&k);
	copy(&k, "ledger.db", "backup");
	ledger_kit_reopen(&k);
	ledger_kit_write(&k, &row, "sending");
	shut(&k);
	copy(&k, "ledger.db", "newer");
	copy(&k, "backup", "ledger.db");
	assert_broken(&k, "ends at link 0, but");
	/* The anchor knows the new one now, and not the old one any more. */
	shut(&k);
	copy(&k, "newer", "ledger.db");
	ledger_kit_reopen(&k);
	ledger_kit_broken(&k, "do not belong together");
	shut(&k);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.db")), 0);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key")), 0);
	assert_broken(&k, "the ledger that it belongs to is not");
	shut(&k);
	assert_int_equal(truncate(k.anchor, 20), 0);
	assert_broken(&k, "anchor is damaged");
	ledger_kit_close(&k);
}

/* A crash between commit and anchor: the ledger is ahead of it. Without a place it says so. */
static void
test_anchor_late(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING);
	char why[WHY] = "", anchor[128];
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_write(&k, &row, "sending");
	shut(&k);
	(void)snprintf(anchor, sizeof(anchor), "%s/none/anchor", k.folder);
	k.where.anchor = anchor;
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	assert_false(ledger_anchored(k.ledger, why, sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
	row.state = INTENT_DONE;
	ledger_kit_write(&k, &row, "done");
	k.where.anchor = k.anchor;
	ledger_kit_reopen(&k);
	assert_true(ledger_anchored(k.ledger, why, sizeof(why)));
	assert_int_equal(access(k.anchor, F_OK), 0);
	ledger_kit_works(&k);
	ledger_kit_close(&k);
}

/* --- crashes while the two are made --- */

static int chances; /* that there are yet */

static bool
few_chances(void *context, void *out, size_t len)
{
	(void)context;
	return chances-- > 0 && clock_random(&clock_real, out, len);
}

/* Without randomness nothing is made that looks whole, and the next start makes it. */
static void
test_no_randomness(void **state)
{
	static const char *const whys[] = {"ledger.key", "cannot make"};
	struct ledger_files f;
	struct ledger_kit k;
	char why[WHY];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		ledger_kit_open(&k, false);
		shut(&k);
		assert_int_equal(unlink(ledger_kit_path(&k, "ledger.db")), 0);
		assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key")), 0);
		k.clock.random = few_chances;
		chances = i;
		assert_int_equal(
		    ledger_files_open(&k.where, true, &f, why, sizeof(why)), LEDGER_UNFIT);
		if (strstr(why, whys[i]) == NULL)
			fail_msg("%d: %s", i, why);
		assert_false(is_there(&k, "ledger.key") || is_there(&k, "ledger.db"));
		k.clock.random = clock_real.random;
		ledger_kit_reopen(&k);
		ledger_kit_works(&k);
		ledger_kit_close(&k);
	}
}

static void
test_crash_at_first_start(void **state)
{
	glob_t aside;
	unsigned char first[LEDGER_HMAC], again[LEDGER_HMAC];
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	hmac(&k, first);
	shut(&k);
	/* Before the key got its name: it gets it now. */
	move(&k, "ledger.key", "ledger.key.new");
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	hmac(&k, again);
	assert_memory_equal(first, again, LEDGER_HMAC);
	assert_true(is_there(&k, "ledger.key") && !is_there(&k, "ledger.key.new"));
	shut(&k);
	/* Before ledger.db was there, or the key was whole: nothing ever used it. */
	move(&k, "ledger.key", "ledger.key.new");
	assert_int_equal(truncate(ledger_kit_path(&k, "ledger.key.new"), 10), 0);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.db")), 0);
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	hmac(&k, again);
	assert_memory_not_equal(first, again, LEDGER_HMAC);
	shut(&k);
	/* A key that is not the ledger's finishes nothing. */
	copy(&k, "ledger.key", "other");
	copy(&k, "ledger.key", "ledger.db-wal");
	renew(&k, 0);
	/* What the old one consists of is put aside together. */
	assert_int_equal(glob(ledger_kit_path(&k, "ledger.db.*-wal"), 0, NULL, &aside), 0);
	assert_int_equal(aside.gl_pathc, 1);
	globfree(&aside);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key")), 0);
	move(&k, "other", "ledger.key.new");
	ledger_kit_reopen(&k);
	ledger_kit_broken(&k, "do not belong together");
	assert_false(is_there(&k, "ledger.key"));
	/* Nor does one whose ledger lost its key later. */
	shut(&k);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key.new")), 0);
	assert_broken(&k, "it cannot be used without");
	ledger_kit_close(&k);
}

/* Under a process that knows that there was one, none is begun. */
static void
test_both_are_gone(void **state)
{
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_works(&k);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.db")), 0);
	assert_int_equal(unlink(ledger_kit_path(&k, "ledger.key")), 0);
	ledger_kit_broken(&k, "are gone: what was written is not known");
	assert_false(is_there(&k, "ledger.key") || is_there(&k, "ledger.db"));
	ledger_kit_close(&k);
}

static void
test_crash_at_replacing(void **state)
{
	static const char *const gone[] = {"", "ledger.db", "ledger.key"};
	struct ledger_kit k;
	size_t i;
	int fd;

	(void)state;
	ledger_kit_open(&k, false);
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		shut(&k);
		fd = open(
		    ledger_kit_path(&k, "ledger.replacing"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(close(fd), 0);
		if (gone[i][0] != '\0')
			assert_int_equal(unlink(ledger_kit_path(&k, gone[i])), 0);
		k.wall_ms += 1000;
		assert_broken(&k, "was interrupted; run it again");
		assert_false(is_there(&k, "ledger.replacing"));
	}
	ledger_kit_close(&k);
}

/* A process that dies at any moment of the first start leaves what the next one can use. */
static void
test_killed_at_first_start(void **state)
{
	struct ledger_kit k;
	pid_t child;
	int i, status;

	(void)state;
	ledger_kit_open(&k, false);
	for (i = 0; i < 40; i++) {
		shut(&k);
		(void)unlink(ledger_kit_path(&k, "ledger.db"));
		(void)unlink(ledger_kit_path(&k, "ledger.key"));
		child = fork();
		if (child == 0) {
			(void)ualarm((useconds_t)(1 + i * 50), 0);
			ledger_close(ledger_open(&k.where));
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		ledger_kit_reopen(&k);
		ledger_kit_works(&k);
	}
	ledger_kit_close(&k);
}

/* Many processes start at once: one makes it, all use it. */
static void
test_processes(void **state)
{
	unsigned char own[LEDGER_HMAC], theirs[LEDGER_HMAC];
	struct ledger_kit k;
	int pipes[2], i, status;
	struct ledger *l;

	(void)state;
	ledger_kit_open(&k, true);
	shut(&k);
	(void)unlink(ledger_kit_path(&k, "ledger.db"));
	(void)unlink(ledger_kit_path(&k, "ledger.key"));
	(void)unlink(k.anchor);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	for (i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		l = ledger_open(&k.where);
		if (l == NULL || !ledger_hmac(l, "key", parts, 1, own))
			_exit(1);
		_exit(write(pipes[1], own, sizeof(own)) == sizeof(own) ? 0 : 1);
	}
	for (i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	ledger_kit_reopen(&k);
	hmac(&k, own);
	for (i = 0; i < PROCESSES; i++) {
		assert_int_equal(read(pipes[0], theirs, sizeof(theirs)), sizeof(theirs));
		assert_memory_equal(own, theirs, LEDGER_HMAC);
	}
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	ledger_kit_close(&k);
}

/* --- while it is used --- */

/* A process that has the old one open writes nothing to it, and goes on with the new one. */
static void
test_replaced(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING), *rows = &row, *found;
	struct ledger_kit k;
	size_t n;

	(void)state;
	ledger_kit_open(&k, true);
	ledger_kit_write(&k, &row, "sending");
	renew(&k, 20000);
	assert_int_equal(ledger_write(k.ledger, &rows, 1, "done", &k.failure), GW_EINTERNAL);
	assert_non_null(strstr(k.failure.text, "was replaced"));
	fail_clear(&k.failure);
	ledger_kit_works(&k);
	assert_int_equal(ledger_look_until(k.ledger), 20000);
	/* The row's number is the old one's. */
	assert_int_equal(ledger_write(k.ledger, &rows, 1, "done", &k.failure), GW_EINTERNAL);
	fail_clear(&k.failure);
	row.n = 0;
	ledger_kit_write(&k, &row, "sending");
	ledger_kit_reopen(&k);
	assert_int_equal(
	    ledger_read(k.ledger, "acme", "4", &k.arena, &found, &n, &k.failure), GW_OK);
	assert_int_equal(n, 1);
	ledger_kit_close(&k);
}

/* Nothing is replaced without the mark that says so. */
static void
test_no_mark(void **state)
{
	struct ledger_kit k;
	char why[WHY];

	(void)state;
	ledger_kit_open(&k, false);
	assert_int_equal(symlink("nowhere", ledger_kit_path(&k, "ledger.replacing")), 0);
	assert_false(ledger_files_renew(&k.where, 20000, why, sizeof(why)));
	assert_non_null(strstr(why, "/ledger.replacing: "));
	ledger_kit_works(&k);
	ledger_kit_close(&k);
}

/* What root makes is its owner's whose the folder is. */
static void
test_made_by_root(void **state)
{
	static const char *const names[] = {"ledger.key", "ledger.db"};
	struct ledger_kit k;
	struct stat st;
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	ledger_kit_open(&k, false);
	assert_int_equal(chown(k.folder, 12345, 12346), 0);
	renew(&k, 20000);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(ledger_kit_path(&k, names[i]), &st), 0);
		assert_int_equal(st.st_uid, 12345);
		assert_int_equal(st.st_gid, 12346);
	}
	ledger_kit_close(&k);
}

/* What the next start would find is said by the process that still writes. */
static void
test_key_gone(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING);
	struct ledger_kit k;
	char why[WHY] = "";

	(void)state;
	ledger_kit_open(&k, false);
	assert_true(ledger_lasts(k.ledger, why, sizeof(why)));
	move(&k, "ledger.key", "away");
	assert_false(ledger_lasts(k.ledger, why, sizeof(why)));
	assert_non_null(strstr(why, "ledger.key: No such file"));
	assert_non_null(strstr(why, "after a restart every write is refused"));
	ledger_kit_works(&k);
	ledger_kit_write(&k, &row, "sending");
	put(&k, "ledger.key", "0000000000000000000000000000000000000000000000000000000000000000\n");
	assert_false(ledger_lasts(k.ledger, why, sizeof(why)));
	assert_non_null(strstr(why, "ledger.key is another one"));
	copy(&k, "away", "ledger.key");
	assert_true(ledger_lasts(k.ledger, why, sizeof(why)));
	assert_int_equal(chmod(ledger_kit_path(&k, "ledger.key"), 0640), 0);
	assert_false(ledger_lasts(k.ledger, why, sizeof(why)));
	assert_int_equal(chmod(ledger_kit_path(&k, "ledger.key"), 0600), 0);
	assert_true(ledger_lasts(k.ledger, why, sizeof(why)));
	ledger_kit_close(&k);
}

/* That it has gone is seen before anything is to be written. */
static void
test_ledger_gone(void **state)
{
	struct ledger_kit k;
	char why[WHY] = "";

	(void)state;
	ledger_kit_open(&k, false);
	move(&k, "ledger.db", "away");
	ledger_kit_broken(&k, "ledger.key is there, but");
	assert_true(ledger_lasts(k.ledger, why, sizeof(why)));
	ledger_kit_close(&k);
}

struct writer {
	struct ledger_kit *kit;
	struct intent row;
	pthread_t thread;
	atomic_bool over;
};

static void *
write_on_a_thread(void *context)
{
	struct writer *w = context;
	struct intent *rows = &w->row;
	struct failure failure = {.err = GW_OK};

	if (ledger_write(w->kit->ledger, &rows, 1, "sending", &failure) != GW_OK)
		w->row.n = -1;
	atomic_store(&w->over, true);
	return NULL;
}

/* Another process writes for long: who writes waits, who reads does not. */
static void
test_busy(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING), *found;
	struct writer w = {.row = ledger_kit_row("5", INTENT_SENDING)};
	bool gone, unknown;
	struct ledger_kit k;
	char why[WHY];
	struct db *other;
	size_t n;

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_write(&k, &row, "sending");
	other = ledger_db_open(ledger_kit_path(&k, "ledger.db"), &gone, why, sizeof(why));
	assert_non_null(other);
	assert_true(db_begin(other, true));
	w.kit = &k;
	assert_int_equal(pthread_create(&w.thread, NULL, write_on_a_thread, &w), 0);
	while (ledger_works(k.ledger, why, sizeof(why)))
		continue;
	assert_string_equal(why, "another process keeps ledger.db locked");
	assert_false(atomic_load(&w.over));
	assert_int_equal(
	    ledger_read(k.ledger, "acme", "4", &k.arena, &found, &n, &k.failure), GW_OK);
	assert_int_equal(n, 1);
	assert_false(ledger_files_renew(&k.where, 5, why, sizeof(why)));
	assert_non_null(strstr(why, "another process keeps"));
	assert_true(db_commit(other, &unknown));
	db_close(other);
	assert_int_equal(pthread_join(w.thread, NULL), 0);
	assert_true(w.row.n > 0);
	ledger_kit_works(&k);
	assert_false(is_there(&k, "ledger.replacing"));
	ledger_kit_close(&k);
}

/* --- where it lies --- */

/* A folder that cannot be said, or is not there, is named; nothing else is tried. */
static void
test_no_folder(void **state)
{
	char name[PATH_MAX + 2], why[WHY];
	const struct {
		const char *folder, *why;
	} rows[] = {{name, "state_dir is too long a path"},
	    {"/tmp/none/there", "/tmp/none/there: No such file"}};
	struct ledger_where where = {.clock = &clock_real};
	struct ledger_files f;
	size_t i;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		where.state_dir = rows[i].folder;
		assert_int_equal(
		    ledger_files_open(&where, true, &f, why, sizeof(why)), LEDGER_UNFIT);
		assert_non_null(strstr(why, rows[i].why));
		assert_null(f.db);
		assert_int_equal(
		    ledger_files_open(&where, false, &f, why, sizeof(why)), LEDGER_UNFIT);
		assert_non_null(strstr(why, rows[i].why));
		assert_false(ledger_files_renew(&where, 0, why, sizeof(why)));
		assert_non_null(strstr(why, rows[i].why));
		assert_false(ledger_files_there(&where));
	}
}

static void
test_network(void **state)
{
	static const struct {
		unsigned long magic;
		const char *mount, *network;
	} kinds[] = {
	    {0xEF53, "", NULL},
	    {0x01021994, "", NULL},
	    {0x9123683E, "", NULL},
	    {0x794C7630, "", NULL},
	    {0x6969, "", "NFS"},
	    {0xFF534D42, "", "CIFS"},
	    {0xFE534D42, "", "SMB2"},
	    {0x517B, "", "SMB"},
	    {0x01021997, "", "9P"},
	    {0x5346414F, "", "AFS"},
	    {0x6B414653, "", "AFS"},
	    {0x00C36400, "", "Ceph"},
	    {0x73757245, "", "Coda"},
	    {0x564C, "", "NCP"},
	    {0x7461636F, "", "OCFS2"},
	    {0x01161970, "", "GFS2"},
	    {0x0BD00BD0, "", "Lustre"},
	    {0x65735546, "fuse.sshfs", "fuse.sshfs"},
	    {0x65735546, "fuse.glusterfs", "fuse.glusterfs"},
	    {0x65735546, "FUSE", "FUSE"},
	    {0x65735546, "fuseblk", NULL},
	    {0x65735546, "fuse.fuse-overlayfs", NULL},
	    {0x65735546, "fuse.securefs", NULL},
	};
	const char *network;
	char why[WHY] = "";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		network = local_disk_network(kinds[i].magic, kinds[i].mount);
		if (kinds[i].network == NULL)
			assert_null(network);
		else
			assert_string_equal(network, kinds[i].network);
	}
	assert_true(local_disk("/tmp", why, sizeof(why)));
	assert_false(local_disk("/tmp/none/there", why, sizeof(why)));
	assert_non_null(strstr(why, "No such file"));
}

/* The lines of proc(5), and what is none of them. */
static void
test_mount(void **state)
{
	static const struct {
		const char *line, *type; /* NULL: not of 98:7 */
	} lines[] = {
	    {"36 35 98:7 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n", "ext3"},
	    {"36 35 98:7 / /a - fuse.sshfs me@there:/ rw\n", "fuse.sshfs"},
	    {"36 35 98:7 / /a - fuse", "fuse"},
	    {"36 35 98:8 / /a - fuse.sshfs me@there:/ rw\n", NULL},
	    {"36 35 97:7 / /a - fuse.sshfs me@there:/ rw\n", NULL},
	    {"36 35 98:7 / /a rw fuse.sshfs me@there:/ rw\n", NULL},
	    {"36 35 98 / /a - fuse.sshfs me@there:/ rw\n", NULL},
	    {"98:7 - fuse.sshfs\n", NULL},
	};
	char type[LOCAL_DISK_TYPE];
	bool found;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		found = local_disk_mount(lines[i].line, 98, 7, type);
		assert_int_equal(found, lines[i].type != NULL);
		if (found)
			assert_string_equal(type, lines[i].type);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_start),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_anchor),
	    cmocka_unit_test(test_anchor_late),
	    cmocka_unit_test(test_no_randomness),
	    cmocka_unit_test(test_crash_at_first_start),
	    cmocka_unit_test(test_both_are_gone),
	    cmocka_unit_test(test_crash_at_replacing),
	    cmocka_unit_test(test_killed_at_first_start),
	    cmocka_unit_test(test_processes),
	    cmocka_unit_test(test_replaced),
	    cmocka_unit_test(test_no_mark),
	    cmocka_unit_test(test_made_by_root),
	    cmocka_unit_test(test_key_gone),
	    cmocka_unit_test(test_ledger_gone),
	    cmocka_unit_test(test_busy),
	    cmocka_unit_test(test_no_folder),
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
