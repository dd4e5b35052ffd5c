/* test_arena.c: what arena.h promises: alignment, zeroes, limits, growing, no memory lost. */
#include "base/arena.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* From both ends of a block; what is left in them is written over. */
static void
pieces_are_aligned_and_zero(void)
{
	static const size_t sizes[] = {0, 1, 7, 16, 17, 4096, 16 * 1024 + 1, 100 * 1024};
	struct arena a;
	unsigned char *p;
	size_t i, j, align;

	arena_init(&a, 1024 * 1024);
	for (i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
		align = i % 2 == 0 ? 16 : 1;
		p = arena_alloc_to(&a, sizes[i / 2], align);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % align, 0);
		for (j = 0; j < sizes[i / 2]; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xA5, sizes[i / 2]);
	}
	arena_clear(&a);
}

static void
test_pieces_are_aligned_and_zero(void **state)
{
	(void)state;
	pieces_are_aligned_and_zero();
	/* Also where another arena used the memory before. */
	arena_keep(8);
	pieces_are_aligned_and_zero();
	pieces_are_aligned_and_zero();
	arena_keep(0);
}

static void
test_pieces_do_not_overlap(void **state)
{
	struct arena a;
	unsigned char *p[200];
	size_t i, j;

	(void)state;
	arena_init(&a, 1024 * 1024);
	for (i = 0; i < 200; i++) {
		p[i] = arena_alloc(&a, i + 1);
		assert_non_null(p[i]);
		memset(p[i], (int)i, i + 1);
	}
	for (i = 0; i < 200; i++) {
		for (j = 0; j <= i; j++)
			assert_int_equal(p[i][j], i);
	}
	arena_clear(&a);
}

static void
test_maximum_is_kept(void **state)
{
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a, 100 * 1000);
	assert_non_null(arena_alloc(&a, 1));
	assert_false(a.failed);
	while (arena_alloc(&a, 1000) != NULL)
		n++;
	assert_true(a.failed);
	/* Pieces are rounded up to 1,008 bytes, and blocks may lose what is left at their end; with
	 * a sanitizer each piece is a block of its own. */
	assert_in_range(n, 80, 100);
	assert_true(a.used <= a.max);
	assert_null(arena_alloc(&a, 100 * 1000 + 1));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 15));
	arena_clear(&a);
	assert_false(a.failed);
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_true(a.failed);
	arena_clear(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 1000));
	arena_clear(&a);
}

static void
test_one_piece_may_be_all(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	assert_non_null(arena_alloc(&a, 4096));
	assert_null(arena_alloc(&a, 1));
	arena_clear(&a);
}

static void
test_array_does_not_wrap(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_array(&a, SIZE_MAX / 2, 4));
	assert_null(arena_array(&a, SIZE_MAX, SIZE_MAX));
	assert_non_null(arena_array(&a, 0, SIZE_MAX));
	assert_non_null(arena_array(&a, 3, 5));
	assert_null(arena_strndup(&a, "", SIZE_MAX));
	arena_clear(&a);
}

static void
test_growing_keeps_items(void **state)
{
	struct arena a;
	size_t *items = NULL, *grown, cap = 0, n;

	(void)state;
	arena_init(&a, 64 * 1024);
	for (n = 0;; n++) {
		grown = arena_grow(&a, items, n, &cap, sizeof(*items));
		if (grown == NULL)
			break;
		items = grown;
		items[n] = n * 3;
	}
	/* Exhausted: the old items still stand. */
	assert_true(n >= 1024);
	assert_int_equal(n, cap);
	while (n-- > 0)
		assert_int_equal(items[n], n * 3);
	arena_clear(&a);
}

static void
test_copies(void **state)
{
	struct arena a;
	const char *from = "hello, world";

	(void)state;
	arena_init(&a, 4096);
	assert_string_equal(arena_strdup(&a, from), from);
	assert_string_equal(arena_strndup(&a, from, 5), "hello");
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_memory_equal(arena_strndup(&a, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_printf(&a, "%d-%s", 42, "x"), "42-x");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_null(arena_printf(&a, "%5000d", 1));
	arena_clear(&a);
}

static void
test_reserve(void **state)
{
	struct arena a;
	size_t used;
	char *p;
	int i;

	(void)state;
	arena_init(&a, 1024 * 1024);
	assert_non_null(arena_alloc(&a, 4000));
	assert_true(arena_reserve(&a, 1000));
	used = a.used;
	for (i = 0; i < 100; i++) {
		p = arena_strdup(&a, "123456789");
		assert_string_equal(p, "123456789");
	}
	assert_int_equal(a.used, used);
	assert_false(arena_reserve(&a, 1024 * 1024));
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces_are_aligned_and_zero),
	    cmocka_unit_test(test_pieces_do_not_overlap),
	    cmocka_unit_test(test_maximum_is_kept),
	    cmocka_unit_test(test_one_piece_may_be_all),
	    cmocka_unit_test(test_array_does_not_wrap),
	    cmocka_unit_test(test_growing_keeps_items),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
