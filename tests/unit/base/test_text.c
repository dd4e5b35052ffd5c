/* test_text.c: the promises of text.h as tables; UTF-8 over every code point there is. */
#include "base/text.h"

#include <errno.h>
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

static void
test_utf8(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t len;
		bool valid;
	} rows[] = {
	    {"empty", "", 0, true},
	    {"ASCII", "abc\x7F\x01", 5, true},
	    {"NUL", "a\0b", 3, false},
	    {"2 bytes, first", "\xC2\x80", 2, true},
	    {"2 bytes, last", "\xDF\xBF", 2, true},
	    {"2 bytes, too long a form of /", "\xC0\xAF", 2, false},
	    {"2 bytes, too long a form of DEL", "\xC1\xBF", 2, false},
	    {"2 bytes, cut", "\xC3", 1, false},
	    {"2 bytes, no continuation", "\xC3(", 2, false},
	    {"3 bytes, first", "\xE0\xA0\x80", 3, true},
	    {"3 bytes, too long a form", "\xE0\x9F\xBF", 3, false},
	    {"below the surrogates", "\xED\x9F\xBF", 3, true},
	    {"first surrogate", "\xED\xA0\x80", 3, false},
	    {"last surrogate", "\xED\xBF\xBF", 3, false},
	    {"above the surrogates", "\xEE\x80\x80", 3, true},
	    {"3 bytes, last", "\xEF\xBF\xBF", 3, true},
	    {"3 bytes, cut", "\xE2\x82", 2, false},
	    {"3 bytes, third wrong", "\xE2\x82(", 3, false},
	    {"4 bytes, first", "\xF0\x90\x80\x80", 4, true},
	    {"4 bytes, too long a form", "\xF0\x8F\xBF\xBF", 4, false},
	    {"4 bytes, last", "\xF4\x8F\xBF\xBF", 4, true},
	    {"past U+10FFFF", "\xF4\x90\x80\x80", 4, false},
	    {"F5", "\xF5\x80\x80\x80", 4, false},
	    {"4 bytes, cut", "\xF0\x9F\x98", 3, false},
	    {"5 bytes", "\xF8\x88\x80\x80\x80", 5, false},
	    {"a lone continuation", "\x80", 1, false},
	    {"FF", "\xFF", 1, false},
	    {"good, then bad", "gr\xC3\xBC\xC3", 5, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (text_utf8(rows[i].bytes, rows[i].len) != rows[i].valid)
			fail_msg("%s", rows[i].what);
	}
}

/* Every code point there is: written, it is valid, as long as it should be, and read back. */
static void
test_every_code_point(void **state)
{
	unsigned long c;
	char text[5];
	const char *p;
	size_t len;

	(void)state;
	for (c = 1; c <= 0x10FFFF; c++) {
		len = text_encode(c, text);
		text[len] = '\0';
		p = text;
		if (c >= 0xD800 && c <= 0xDFFF) {
			if (text_utf8(text, len))
				fail_msg("surrogate %lx", c);
			continue;
		}
		if (!text_utf8(text, len) || text_next(&p) != c || p != text + len ||
		    text_characters(text) != 1 ||
		    len != (c < 0x80         ? 1u
			       : c < 0x800   ? 2u
			       : c < 0x10000 ? 3u
					     : 4u))
			fail_msg("code point %lx", c);
	}
}

static void
test_small_questions(void **state)
{
	(void)state;
	assert_int_equal(text_characters(""), 0);
	assert_int_equal(text_characters("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"), 6);
	assert_true(text_has_control("a\nb"));
	assert_true(text_has_control("\x7F"));
	assert_true(text_has_control("\x1F"));
	assert_false(text_has_control(" ~\xC2\x80"));
	assert_true(text_is_empty(NULL));
	assert_true(text_is_empty(""));
	assert_false(text_is_empty(" "));
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "A"));
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("a", "ab"));
	assert_true(text_ends("abc", "bc"));
	assert_true(text_ends("abc", ""));
	assert_false(text_ends("c", "bc"));
	assert_false(text_ends("abd", "bc"));
}

static void
test_trim(void **state)
{
	static const struct {
		const char *text, *trimmed;
	} rows[] = {
	    {"", ""},
	    {"a", "a"},
	    {"a b", "a b"},
	    {" \t\r\n\v\f a b \n", "a b"},
	    {" ", ""},
	    {"\xC2\xA0\xE2\x80\x8B", ""},
	    {"\xEF\xBB\xBF\xC2\xA0"
	     "a\xE2\x80\x8B",
		"a"},
	    {"\xE2\x80\xAA"
	     "a\xC2\xA0z\xE2\x80\xAC",
		"a\xC2\xA0z"},
	    {"\xE3\x80\x80\xC2\xA1\xE2\x81\xA0\xC2\xAD", "\xC2\xA1"},
	    {"\xE1\x9A\x80\xE1\xA0\x8E\xD8\x9C\xE2\x80\xA8\xE2\x80\x90\xE2\x81\x9F",
		"\xE2\x80\x90"},
	    {"\xF0\x9F\x98\x80 ", "\xF0\x9F\x98\x80"},
	};
	const char *s;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = text_trim(rows[i].text, &len);
		if (len != strlen(rows[i].trimmed) || memcmp(s, rows[i].trimmed, len) != 0)
			fail_msg("row %zu: \"%.*s\"", i, (int)len, s);
	}
}

static void
test_unsigned(void **state)
{
	static const struct {
		const char *text;
		unsigned long max;
		bool taken;
		unsigned long n;
	} rows[] = {
	    {"0", 0, true, 0},
	    {"1", 0, false, 0},
	    {"007", 7, true, 7},
	    {"1440", 1440, true, 1440},
	    {"1441", 1440, false, 0},
	    {"14400", 1440, false, 0},
	    {"", 9, false, 0},
	    {"+1", 9, false, 0},
	    {"-1", 9, false, 0},
	    {" 1", 9, false, 0},
	    {"1 ", 9, false, 0},
	    {"0x1", 9, false, 0},
	    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	    {"18446744073709551616", UINT64_MAX, false, 0},
	    {"99999999999999999999999", UINT64_MAX, false, 0},
	};
	unsigned long n;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		n = 0;
		if (text_unsigned(rows[i].text, rows[i].max, &n) != rows[i].taken || n != rows[i].n)
			fail_msg("'%s' gave %lu", rows[i].text, n);
	}
}

static void
test_nearest(void **state)
{
	static const char *const names[] = {"timezone", "day_minutes", "callers", "agents", "x"};
	static const struct {
		const char *typed, *near;
	} rows[] = {
	    {"timezone", "timezone"},
	    {"time_zone", "timezone"},
	    {"timezome", "timezone"},
	    {"dayminutes", "day_minutes"},
	    {"caller", "callers"},
	    {"agent", "agents"},
	    {"agnets", "agents"},
	    {"password", NULL},
	    {"", NULL},
	    {"y", NULL},
	    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (!text_equal(text_nearest(rows[i].typed, names, 5), rows[i].near))
			fail_msg("'%s'", rows[i].typed);
	}
	assert_null(text_nearest("timezone", names, 0));
}

static void
test_ellipsis(void **state)
{
	static const struct {
		const char *cut;
		size_t size;
		const char *shown;
	} rows[] = {
	    {"abcdefg", 8, "abcd..."},
	    {"abc\xC3\xA9"
	     "fg",
		8, "abc..."},
	    {"abc\xE2\x82\xAC"
	     "g",
		8, "abc..."},
	    {"ab", 3, "ab"},
	    {"abc", 4, "..."},
	    {"\xC3\xA9z", 4, "..."},
	};
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(text, sizeof(text), "%s", rows[i].cut);
		text_ellipsis(text, rows[i].size);
		assert_string_equal(text, rows[i].shown);
	}
}

static void
test_files(void **state)
{
	char folder[] = "/tmp/test_text.XXXXXX", path[64], pipe[64];
	struct arena a;
	size_t len = 99;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)snprintf(pipe, sizeof(pipe), "%s/pipe", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite("ab\0cd", 1, 5, f), 5);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	arena_init(&a, 4096);

	assert_memory_equal(text_read_file(&a, path, 5, &len), "ab\0cd", 6);
	assert_int_equal(len, 5);
	errno = 0;
	assert_null(text_read_file(&a, path, 4, &len));
	assert_int_equal(errno, EFBIG);
	assert_null(text_read_file(&a, folder, 4096, &len));
	assert_int_equal(errno, EISDIR);
	/* Nobody writes to the pipe: reading it must not wait. */
	assert_null(text_read_file(&a, pipe, 4096, &len));
	assert_int_equal(errno, EINVAL);
	arena_clear(&a);

	arena_init(&a, 4);
	assert_null(text_read_file(&a, path, 5, &len));
	assert_int_equal(errno, ENOMEM);
	arena_clear(&a);

	assert_int_equal(unlink(path), 0);
	assert_null(text_read_file(&a, path, 5, &len));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(unlink(pipe), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_every_code_point),
	    cmocka_unit_test(test_small_questions),
	    cmocka_unit_test(test_trim),
	    cmocka_unit_test(test_unsigned),
	    cmocka_unit_test(test_nearest),
	    cmocka_unit_test(test_ellipsis),
	    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
