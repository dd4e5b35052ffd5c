/* test_memory.c: the budget of the process: what counts, what is refused, all is given back. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

#include <cmocka.h> /* last: its fail() is a macro */

enum { MIB = 1024 * 1024 };

/* How much of the budget is left, found by taking it. */
static size_t
left(void)
{
	size_t low = 0, high = SIZE_MAX / 4, middle;

	while (low < high) {
		middle = low + (high - low + 1) / 2;
		if (memory_take(middle)) {
			memory_give(middle);
			low = middle;
		} else
			high = middle - 1;
	}
	return low;
}

static int
unlimited(void **state)
{
	(void)state;
	memory_set_max(SIZE_MAX);
	return 0;
}

static void
test_taking_and_giving(void **state)
{
	(void)state;
	memory_set_max(MIB);
	assert_true(memory_take(MIB));
	assert_false(memory_take(1));
	memory_give(MIB);
	assert_true(memory_take(1));
	assert_false(memory_take(MIB));
	assert_false(memory_take(SIZE_MAX));
	memory_give(1);
	assert_int_equal(left(), MIB);
}

/* Bodies and answers do not take what a small request needs. */
static void
test_large_pieces_leave_some_to_small_ones(void **state)
{
	enum { ALL = 64 * MIB, SMALL = 16 * 1024 };
	size_t i, large = 0;

	(void)state;
	memory_set_max(ALL);
	while (memory_take(SMALL + 1))
		large += SMALL + 1;
	for (i = 0; i < 4; i++)
		assert_true(memory_take(SMALL));
	assert_false(memory_take(SMALL + 1));
	memory_give(large + 4 * SMALL);
	assert_true(large < ALL && large > ALL - 128 * 1024);
}

static void
test_scarce_before_it_is_used_up(void **state)
{
	(void)state;
	memory_set_max(MIB);
	assert_true(memory_take(MIB / 4 * 3));
	assert_false(memory_scarce());
	assert_true(memory_take(1));
	assert_true(memory_scarce());
	memory_give(MIB / 4 * 3 + 1);
	assert_false(memory_scarce());
}

static void
test_resizing_counts(void **state)
{
	void *p, *q;

	(void)state;
	memory_set_max(MIB);
	p = memory_resize(NULL, 0, MIB / 2);
	assert_non_null(p);
	assert_null(memory_resize(p, MIB / 2, MIB + 1));
	assert_int_equal(left(), MIB / 2);
	q = memory_resize(p, MIB / 2, 10);
	assert_non_null(q);
	assert_int_equal(left(), MIB - 10);
	free(q);
	memory_give(10);
}

/* Pieces of all sizes, aligned and not, and one that is adopted. */
static void
test_an_arena_gives_all_back(void **state)
{
	struct arena a;
	size_t i;
	void *p;

	(void)state;
	memory_set_max(4 * MIB);
	arena_init(&a, SIZE_MAX);
	for (i = 0; i < 1000; i++) {
		assert_non_null(arena_alloc(&a, i));
		assert_non_null(arena_strndup(&a, "text", i % 5));
	}
	p = malloc(MIB);
	assert_non_null(p);
	assert_true(arena_adopt(&a, p, MIB));
	assert_true(left() < 3 * MIB);
	assert_null(arena_alloc(&a, 3 * MIB));
	p = malloc(3 * MIB);
	assert_non_null(p);
	assert_false(arena_adopt(&a, p, 3 * MIB));
	free(p);
	arena_clear(&a);
	assert_int_equal(left(), 4 * MIB);
}

static void
test_a_buffer_gives_all_back(void **state)
{
	static char some[MIB];
	struct buf b;

	(void)state;
	memory_set_max(4 * MIB);
	memset(some, 'x', sizeof(some));
	buf_init(&b, SIZE_MAX);
	buf_put(&b, some, sizeof(some));
	assert_int_equal(b.err, GW_OK);
	assert_true(left() < 3 * MIB);
	while (b.err == GW_OK)
		buf_put(&b, some, sizeof(some));
	/* The error is memory, not the caller's; what was there stays. */
	assert_int_equal(b.err, GW_EINTERNAL);
	assert_true(b.len >= 2 * MIB);
	buf_clear(&b);
	assert_int_equal(left(), 4 * MIB);
	/* It may be used again. */
	buf_put(&b, some, sizeof(some));
	assert_int_equal(b.err, GW_OK);
	buf_clear(&b);
	assert_int_equal(left(), 4 * MIB);
}

static void
test_room_that_is_reserved_is_there(void **state)
{
	static char some[10000];
	struct buf b;
	size_t rest;

	(void)state;
	memory_set_max(MIB);
	buf_init(&b, SIZE_MAX);
	assert_true(buf_reserve(&b, sizeof(some)));
	rest = left();
	assert_true(memory_take(rest));
	buf_put(&b, some, sizeof(some));
	assert_int_equal(b.err, GW_OK);
	assert_false(buf_reserve(&b, MIB));
	memory_give(rest);
	buf_clear(&b);
	assert_int_equal(left(), MIB);
}

/* A buffer's content becomes an arena's, a large one without a second of its size. */
static void
test_a_buffer_becomes_a_text(void **state)
{
	static char some[MIB];
	static const size_t sizes[] = {0, 100, sizeof(some), 3 * sizeof(some)};
	struct arena a;
	struct buf b;
	size_t i, put;
	char *text;

	(void)state;
	memset(some, 'x', sizeof(some));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memory_set_max(5 * MIB);
		arena_init(&a, SIZE_MAX);
		buf_init(&b, SIZE_MAX);
		for (put = 0; put < sizes[i]; put += sizeof(some))
			buf_put(&b, some, sizes[i] < sizeof(some) ? sizes[i] : sizeof(some));
		assert_int_equal(b.len, sizes[i]);
		text = buf_to_arena(&b, &a);
		assert_non_null(text);
		assert_int_equal(strlen(text), sizes[i]);
		buf_clear(&b);
		arena_clear(&a);
		assert_int_equal(left(), 5 * MIB);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_taking_and_giving, unlimited),
	    cmocka_unit_test_teardown(test_large_pieces_leave_some_to_small_ones, unlimited),
	    cmocka_unit_test_teardown(test_scarce_before_it_is_used_up, unlimited),
	    cmocka_unit_test_teardown(test_resizing_counts, unlimited),
	    cmocka_unit_test_teardown(test_an_arena_gives_all_back, unlimited),
	    cmocka_unit_test_teardown(test_a_buffer_gives_all_back, unlimited),
	    cmocka_unit_test_teardown(test_room_that_is_reserved_is_there, unlimited),
	    cmocka_unit_test_teardown(test_a_buffer_becomes_a_text, unlimited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
