/*
 * test_memory.c: each allocation of a write fails once, and from there on: it is written wholly or
 * not at all, the answer says which, and afterwards everything works again. SQLite gets its
 * memory by a door of its own.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_admin.h"
#include "tests/unit/kit/ledger_kit.h"
#include "tests/unit/kit/memory_kit.h"

#include <cmocka.h>

static sqlite3_mem_methods memory;

static void *
sqlite_malloc(int size)
{
	return memory_is_short() ? NULL : memory.xMalloc(size);
}

static void *
sqlite_realloc(void *p, int size)
{
	return memory_is_short() ? NULL : memory.xRealloc(p, size);
}

static int
setup(void **state)
{
	sqlite3_mem_methods ours;

	(void)state;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
		return -1;
	ours = memory;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK ? 0 : -1;
}

static size_t
rows_of(struct ledger_kit *k)
{
	struct intent *rows;
	size_t n;

	if (ledger_read(k->ledger, "acme", "4", &k->arena, &rows, &n, &k->failure) != GW_OK)
		fail_msg("%s", k->failure.text);
	return n;
}

/* One write with the n-th allocation failing. True: it was not reached. */
static bool
write_failing(struct ledger_kit *k, long n, bool on)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING), *rows = &row;
	struct failure failure = {.err = GW_OK};
	size_t before = rows_of(k);
	struct chain_report r;
	enum gw_err err;
	bool reached;

	memory_begin(n, on);
	err = ledger_write(k->ledger, &rows, 1, "sending", &failure);
	reached = memory_end();
	if (err == GW_OK)
		assert_int_equal(row.n > 0 ? rows_of(k) : 0, before + 1);
	else {
		assert_int_equal(row.n, 0);
		if (err != GW_EUNKNOWN) {
			assert_int_equal(failure.code, CODE_GATEWAY_MEMORY);
			assert_int_equal(rows_of(k), before);
		}
	}
	ledger_kit_works(k);
	assert_int_equal(ledger_verify(k->ledger, &k->arena, &r, &k->failure), GW_OK);
	assert_int_equal(r.n_faults, 0);
	return !reached;
}

static void
test_write(void **state)
{
	struct ledger_kit k;
	int on, failed;
	long n;

	(void)state;
	ledger_kit_open(&k, false);
	for (on = 0; on < 2; on++) {
		failed = 0;
		/* The first one of all starts the thread and prepares the statements. */
		for (n = 0; !write_failing(&k, n, on != 0); n++)
			failed++;
		assert_true(failed > 10);
	}
	ledger_kit_close(&k);
}

/* The rows of an agent are read wholly or not at all: one that is not seen is written twice. */
static void
test_read(void **state)
{
	enum { N = 40 };
	struct intent row = ledger_kit_row("4", INTENT_DONE), *rows;
	char days[2000];
	struct ledger_kit k;
	size_t found, i;
	int on, failed;
	enum gw_err err;
	bool reached;
	long n;

	(void)state;
	ledger_kit_open(&k, false);
	(void)memset(days, 'd', sizeof(days) - 1);
	days[sizeof(days) - 1] = '\0';
	row.days = days;
	for (i = 0; i < N; i++) {
		row.n = 0;
		ledger_kit_write(&k, &row, "done");
	}
	for (on = 0; on < 2; on++) {
		failed = 0;
		reached = true;
		for (n = 0; reached; n++) {
			memory_begin(n, on != 0);
			err =
			    ledger_read(k.ledger, "acme", "4", &k.arena, &rows, &found, &k.failure);
			reached = memory_end();
			if (err == GW_OK)
				assert_int_equal(found, N);
			else
				assert_int_equal(k.failure.code, CODE_GATEWAY_MEMORY);
			failed += err != GW_OK;
			fail_clear(&k.failure);
		}
		assert_true(failed > 3);
	}
	ledger_kit_works(&k);
	ledger_kit_close(&k);
}

/* Short memory is no damage. */
static void
test_verify(void **state)
{
	struct intent row = ledger_kit_row("4", INTENT_DONE);
	struct chain_report r;
	struct ledger_kit k;
	int on, failed;
	enum gw_err err;
	bool reached;
	size_t i;
	long n;

	(void)state;
	ledger_kit_open(&k, false);
	for (i = 0; i < 3; i++) {
		row.n = 0;
		ledger_kit_write(&k, &row, "done");
	}
	for (on = 0; on < 2; on++) {
		failed = 0;
		reached = true;
		for (n = 0; reached; n++) {
			memory_begin(n, on != 0);
			err = ledger_verify(k.ledger, &k.arena, &r, &k.failure);
			reached = memory_end();
			if (err == GW_OK)
				assert_int_equal(r.n_faults, 0);
			failed += err != GW_OK;
			fail_clear(&k.failure);
		}
		assert_true(failed > 3);
	}
	ledger_kit_close(&k);
}

/* A ledger that memory kept from being opened says so, and opens later. */
static void
test_open(void **state)
{
	struct ledger_kit k;
	bool reached = true;
	struct ledger *l;
	char why[1024];
	long n;

	(void)state;
	ledger_kit_open(&k, false);
	for (n = 0; reached; n++) {
		memory_begin(n, true);
		l = ledger_open(&k.where);
		reached = memory_end();
		if (l != NULL && reached && !ledger_works(l, why, sizeof(why)))
			assert_true(why[0] != '\0');
		ledger_close(l);
	}
	assert_true(n > 10);
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	ledger_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_verify),
	    cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
