/*
 * test_db.c: the door to SQLite: a new database is made once and checked ever after, the first
 * error sticks, and statements that stay prepared do not get into each other's way.
 */
#include "store/db.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const struct db_kind kind = {.owner = "this test",
    .schema = "CREATE TABLE t (n INTEGER PRIMARY KEY CHECK (n > 0), s TEXT, b BLOB);",
    .application = 77,
    .version = 3};

struct place {
	char folder[64], path[80], why[300];
	struct db *db;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	(void)snprintf(p->folder, sizeof(p->folder), "/tmp/test_db.XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/x.db", p->folder);
	*state = p;
	return db_open(p->path, &kind, 100, &p->db, p->why, sizeof(p->why)) == DB_FINE ? 0 : -1;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	int rc;

	db_close(p->db);
	(void)unlink(p->path);
	rc = rmdir(p->folder); /* nothing else is left there */
	free(p);
	return rc;
}

static bool
insert(struct db *db, int64_t n)
{
	return db_run(db, "INSERT INTO t (n) VALUES (?)", DB_ARGS(db_integer(n)));
}

static int64_t
count(struct db *db)
{
	struct db_rows *rows = db_query(db, "SELECT count(*) FROM t", NULL, 0);
	int64_t n = db_rows_next(rows) ? db_rows_integer(rows, 0) : -1;

	assert_true(db_rows_end(rows));
	return n;
}

static void
test_values(void **state)
{
	struct place *p = *state;
	struct db_rows *rows;
	struct arena a;
	struct buf b;

	assert_true(db_run(p->db, "INSERT INTO t (n, s, b) VALUES (?, ?, ?)",
	    DB_ARGS(db_integer(INT64_MAX), db_text("x"), db_blob("\0y", 2))));
	assert_int_equal(db_last_id(p->db), INT64_MAX);
	assert_true(db_run(
	    p->db, "INSERT INTO t (n, s) VALUES (?, ?)", DB_ARGS(db_integer(1), db_text(NULL))));
	arena_init(&a, 1024);
	buf_init(&b, 16);
	rows = db_query(p->db, "SELECT n, s, b FROM t ORDER BY n DESC", NULL, 0);
	assert_true(db_rows_next(rows));
	assert_int_equal(db_rows_columns(rows), 3);
	assert_string_equal(db_rows_name(rows, 1), "s");
	assert_true(db_rows_is_integer(rows, 0) && !db_rows_is_integer(rows, 1));
	assert_string_equal(db_rows_text(rows, 1, &a), "x");
	db_rows_blob(rows, 2, &b);
	assert_int_equal(b.len, 2);
	assert_memory_equal(b.data, "\0y", 2);
	assert_true(db_rows_next(rows));
	assert_true(db_rows_null(rows, 1));
	assert_null(db_rows_text(rows, 1, &a));
	assert_false(db_rows_next(rows));
	assert_true(db_rows_end(rows));
	buf_clear(&b);
	arena_clear(&a);
}

static void
test_first_error(void **state)
{
	struct place *p = *state;
	bool unknown = true;

	assert_true(db_begin(p->db, true) && db_in_transaction(p->db));
	assert_true(insert(p->db, 1));
	assert_false(insert(p->db, 0));
	assert_int_equal(db_fault(p->db), DB_CONSTRAINT);
	assert_non_null(strstr(db_words(p->db), "CHECK"));
	/* Nothing is done until it is forgiven, a commit least of all. */
	assert_false(insert(p->db, 2));
	assert_null(db_query(p->db, "SELECT 1", NULL, 0));
	db_forgive(p->db);
	assert_true(insert(p->db, 2));
	assert_false(insert(p->db, 2));
	assert_false(db_commit(p->db, &unknown));
	assert_false(unknown || db_in_transaction(p->db));
	db_rollback(p->db);
	assert_int_equal(count(p->db), 0);
	assert_false(db_run(p->db, "no SQL", NULL, 0));
	assert_int_equal(db_fault(p->db), DB_BROKEN);
	db_rollback(p->db);
	assert_true(insert(p->db, 3));
	assert_int_equal(db_changes(p->db), 1);
}

/* The same text at once is two statements; a text that was used long ago works again. */
static void
test_statements(void **state)
{
	static const char sql[] = "SELECT n FROM t ORDER BY n";
	struct place *p = *state;
	struct db_rows *outer, *inner;
	char text[48];
	int i, n = 0;

	for (i = 1; i <= 5; i++)
		assert_true(insert(p->db, i));
	outer = db_query(p->db, sql, NULL, 0);
	while (db_rows_next(outer)) {
		inner = db_query(p->db, sql, NULL, 0);
		while (db_rows_next(inner))
			n++;
		assert_true(db_rows_end(inner));
	}
	assert_true(db_rows_end(outer));
	assert_int_equal(n, 25);
	outer = db_query(p->db, sql, NULL, 0);
	assert_true(db_rows_next(outer));
	for (i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "SELECT %d", i);
		inner = db_query(p->db, text, NULL, 0);
		assert_true(db_rows_next(inner));
		assert_int_equal(db_rows_integer(inner, 0), i);
		assert_true(db_rows_end(inner));
	}
	assert_true(db_rows_next(outer));
	assert_int_equal(db_rows_integer(outer, 0), 2);
	assert_true(db_rows_end(outer));
	assert_int_equal(count(p->db), 5);
}

static void
reopen(struct place *p, const struct db_kind *as, const char *why)
{
	enum db_fault fault;

	db_close(p->db);
	fault = db_open(p->path, as, 100, &p->db, p->why, sizeof(p->why));
	assert_true(why == NULL ? fault == DB_FINE : fault >= DB_BROKEN);
	if (why != NULL && (p->db != NULL || strstr(p->why, why) == NULL))
		fail_msg("%s, expected %s", p->why, why);
}

static void
test_kinds(void **state)
{
	struct db_kind other = kind;
	struct place *p = *state;
	struct stat st;
	int fd;

	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(insert(p->db, 1));
	reopen(p, &kind, NULL);
	assert_int_equal(count(p->db), 1);
	other.version = 4;
	reopen(p, &other, "has version 3, this program knows version 4");
	other = kind;
	other.application = 78;
	reopen(p, &other, "is not a database of this test");
	/* An empty file was a database once: it is not made anew. */
	fd = open(p->path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0 && close(fd) == 0);
	reopen(p, &kind, "is not a database of this test");
	assert_int_equal(unlink(p->path), 0);
	other = kind;
	other.schema = "no SQL";
	reopen(p, &other, "cannot make ");
	assert_int_equal(access(p->path, F_OK), -1);
	reopen(p, &kind, NULL);
	assert_int_equal(count(p->db), 0);
}

/* One that is removed by hand leaves its log behind. */
static void
test_left_over_log(void **state)
{
	struct place *p = *state;
	char log[100], kept[100];

	(void)snprintf(log, sizeof(log), "%s-wal", p->path);
	(void)snprintf(kept, sizeof(kept), "%s-kept", p->path);
	assert_true(insert(p->db, 1));
	assert_int_equal(link(log, kept), 0);
	/* The end of the last connection would empty it. */
	assert_int_equal(unlink(log), 0);
	db_close(p->db);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(rename(kept, log), 0);
	assert_int_equal(db_open(p->path, &kind, 100, &p->db, p->why, sizeof(p->why)), DB_FINE);
	assert_int_equal(count(p->db), 0);
}

static void
test_links(void **state)
{
	struct db_kind strict = kind;
	struct place *p = *state;
	char link[100];
	struct db *db;

	(void)snprintf(link, sizeof(link), "%s/link.db", p->folder);
	assert_int_equal(symlink(p->path, link), 0);
	assert_int_equal(db_open(link, &kind, 100, &db, p->why, sizeof(p->why)), DB_FINE);
	db_close(db);
	strict.nofollow = true;
	assert_int_not_equal(db_open(link, &strict, 100, &db, p->why, sizeof(p->why)), DB_FINE);
	assert_null(db);
	assert_int_equal(unlink(link), 0);
}

static void
test_busy(void **state)
{
	struct place *p = *state;
	struct db *other;

	assert_int_equal(db_open(p->path, &kind, 10, &other, p->why, sizeof(p->why)), DB_FINE);
	assert_true(db_begin(p->db, true));
	assert_false(db_begin(other, true));
	assert_int_equal(db_fault(other), DB_BUSY);
	db_rollback(other);
	assert_true(db_begin(other, false)); /* reads go on */
	assert_int_equal(count(other), 0);
	db_rollback(other);
	db_rollback(p->db);
	db_close(other);
}

#define PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE(test_values),
	    PLACE(test_first_error),
	    PLACE(test_statements),
	    PLACE(test_kinds),
	    PLACE(test_left_over_log),
	    PLACE(test_links),
	    PLACE(test_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
