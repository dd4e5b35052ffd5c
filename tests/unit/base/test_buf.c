/* test_buf.c: what buf.h promises: NUL after the end, a maximum, errors that stick. */
#include "base/buf.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
test_appends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(b.data, "");
	buf_puts(&b, "one");
	buf_putc(&b, ',');
	buf_put(&b, "t\0o", 3);
	buf_printf(&b, ":%03d", 7);
	assert_int_equal(b.len, 11);
	assert_memory_equal(b.data, "one,t\0o:007", 12);
	assert_int_equal(b.err, GW_OK);
	buf_reset(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_puts(&b, "again");
	assert_string_equal(b.data, "again");
	buf_clear(&b);
	assert_string_equal(b.data, "");
	buf_puts(&b, "once more");
	assert_string_equal(b.data, "once more");
	buf_clear(&b);
}

static void
test_maximum(void **state)
{
	static const struct {
		size_t max, first, second, len;
		enum gw_err err;
	} rows[] = {
	    {0, 0, 0, 0, GW_OK},
	    {0, 1, 0, 0, GW_EINPUT},
	    {1, 1, 0, 1, GW_OK},
	    {63, 63, 0, 63, GW_OK},
	    {64, 64, 0, 64, GW_OK},
	    {65, 64, 1, 65, GW_OK},
	    {64, 64, 1, 64, GW_EINPUT},
	    {200, 100, 100, 200, GW_OK},
	    {200, 100, 101, 100, GW_EINPUT},
	    {200, 201, 1, 0, GW_EINPUT},
	};
	char bytes[256];
	struct buf b;
	size_t i;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&b, rows[i].max);
		buf_put(&b, bytes, rows[i].first);
		buf_put(&b, bytes, rows[i].second);
		if (b.len != rows[i].len || b.err != rows[i].err)
			fail_msg("row %zu: len %zu err %d", i, b.len, (int)b.err);
		assert_int_equal(b.data[b.len], '\0');
		buf_clear(&b);
	}
}

static void
test_errors_stick(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "1234");
	buf_printf(&b, "%s", "too long");
	assert_int_equal(b.err, GW_EINPUT);
	buf_puts(&b, "5");
	assert_string_equal(b.data, "1234");
	buf_fail(&b, GW_EINTERNAL);
	assert_int_equal(b.err, GW_EINPUT);
	buf_reset(&b);
	assert_int_equal(b.err, GW_OK);
	buf_fail(&b, GW_ECONFIG);
	buf_puts(&b, "x");
	assert_int_equal(b.err, GW_ECONFIG);
	assert_string_equal(b.data, "");
	buf_clear(&b);
}

static void
test_lengths_do_not_wrap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_puts(&b, "abc");
	buf_put(&b, "", SIZE_MAX - 3);
	assert_int_equal(b.err, GW_EINPUT);
	assert_int_equal(b.len, 3);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_appends),
	    cmocka_unit_test(test_maximum),
	    cmocka_unit_test(test_errors_stick),
	    cmocka_unit_test(test_lengths_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
