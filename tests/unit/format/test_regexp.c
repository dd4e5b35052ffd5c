/*
 * test_regexp.c: I-Regexp: what patterns match, whole and in part, which are refused and where, and
 * that none explodes; the general categories of Unicode.
 */
#include "format/regexp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/unicode.h"

#include <cmocka.h>

static int
set_up(void **state)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return -1;
	arena_init(a, 256 * 1024 * 1024);
	*state = a;
	return 0;
}

static int
tear_down(void **state)
{
	arena_clear(*state);
	free(*state);
	return 0;
}

static struct regexp *
compile_pattern(struct arena *a, const char *pattern, const char **why, size_t *at)
{
	return regexp_compile(a, pattern, strlen(pattern), why, at);
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool whole, part;
	} rows[] = {
	    {"", "", true, true},
	    {"", "a", false, true},
	    {"a", "a", true, true},
	    {"a", "ba", false, true},
	    {"a", "", false, false},
	    {"abc", "abc", true, true},
	    {"a|b|c", "a", true, true},
	    {"a|b|c", "b", true, true},
	    {"a|b|c", "c", true, true},
	    {"a|b|c", "d", false, false},
	    {"ab|cd", "acd", false, true},
	    {"|a", "", true, true},
	    {"a||b", "", true, true},
	    {"(a|b)c", "bc", true, true},
	    {"(a|b|)c", "c", true, true},
	    {"x(a|(b|c)d)y", "xcdy", true, true},
	    {"x(a|(b|c)d)y", "xcy", false, false},
	    {"a*", "", true, true},
	    {"a*", "aaaa", true, true},
	    {"a*b", "aaab", true, true},
	    {"a+", "", false, false},
	    {"a+", "aaa", true, true},
	    {"ab?c", "ac", true, true},
	    {"ab?c", "abbc", false, false},
	    {"(ab)*", "abab", true, true},
	    {"(ab)*c", "aba", false, false},
	    {"(ab)+c", "ababc", true, true},
	    {"(a*)*", "aaa", true, true},
	    {"(a*)+b", "aaab", true, true},
	    {"(a|b*)*c", "abbac", true, true},
	    {"()", "", true, true},
	    {"()*", "", true, true},
	    {"a{0}", "", true, true},
	    {"a{0}b", "ab", false, true},
	    {"a{3}", "aaa", true, true},
	    {"a{3}", "aa", false, false},
	    {"a{3}", "aaaa", false, true},
	    {"a{2,}", "a", false, false},
	    {"a{2,}", "aaaaa", true, true},
	    {"a{0,}", "", true, true},
	    {"a{1,3}", "aaa", true, true},
	    {"a{1,3}", "aaaa", false, true},
	    {"a{0,2}b", "b", true, true},
	    {"(a|bc){2}", "bca", true, true},
	    {"(a|bc){2}", "bc", false, false},
	    {"(ab?){2,3}c", "aabac", true, true},
	    {"(ab?){2,3}c", "aabaac", false, true},
	    {"((a{2}){2}){2}", "aaaaaaaa", true, true},
	    {"[abc]", "b", true, true},
	    {"[^abc]", "b", false, false},
	    {"[^abc]", "d", true, true},
	    {"[a-cx-z]+", "abyz", true, true},
	    {"[a-c-]", "-", true, true},
	    {"[-a]", "-", true, true},
	    {"[^-a]", "-", false, false},
	    {"[\\]\\[\\\\^]+", "[]\\^", true, true},
	    {"[\\n-\\r]", "\v", true, true},
	    {"[\\p{Nd}x]+", "1x2", true, true},
	    {"[^\\p{L}]", "a", false, false},
	    {"[\\P{L}]", "1", true, true},
	    {"\\p{Lu}\\p{Ll}*", "\xC3\x89t\xC3\xA9", true, true},
	    {"\\p{L}+", "\xCE\xB1\xD0\x96\xE4\xB8\xAD", true, true},
	    {"\\P{Lu}", "\xC3\x89", false, false},
	    {"\\p{Sc}", "\xE2\x82\xAC", true, true},
	    {"\\p{Zs}", " ", true, true},
	    {"\\p{C}", "\x01", true, true},
	    {".", "\xF0\x9F\x98\x80", true, true},
	    {".", "\n", false, false},
	    {".", "\r", false, false},
	    {".", "\xE2\x80\xA8", true, true},
	    {"..", "\xC3\xA9", false, false},
	    {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true, true},
	    {"\\(\\)\\*\\+\\-\\.\\?\\[\\\\\\]\\^\\{\\|\\}\\n\\r\\t", "()*+-.?[\\]^{|}\n\r\t", true,
		true},
	    {"a,-/&#b", "a,-/&#b", true, true},
	    {"^a", "a", true, true},
	    {"^a", "ba", false, false},
	    {"a$", "ab", false, false},
	    {"a$", "ba", false, true},
	    {"b^a", "ba", false, false},
	    {"(^|b)a", "ba", true, true},
	    {"^$", "", true, true},
	    {"^$", "a", false, false},
	    {"a*$|^b", "b", true, true},
	    {"caf.", "caf\xE9", true, true},
	    {"..", "\xC3\xA9\xE2\x82", false, true},
	    {"...", "\xC3\xA9\xE2\x82", true, true},
	    {"[a-z0-9-]+", "acme-2", true, true},
	    {"[a-z0-9-]+", "acme.evil", false, true},
	    {"[a-z]+", "acme\n", false, true},
	    {"^[a-z]+$", "acme\n", false, false},
	    {"a|b", "ac", false, true},
	    {"^(a|b){2,10}c?$", "ababc", true, true},
	    {"[0-9]{4}-[0-9]{2}-[0-9]{2}", "on 2026-11-23 at", false, true},
	    {"(x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false, false},
	};
	struct arena *a = *state;
	struct regexp *re;
	bool whole, part;
	const char *why;
	size_t i, at, work = 10 * 1000 * 1000;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		re = compile_pattern(a, rows[i].pattern, &why, &at);
		if (re == NULL)
			fail_msg("%s: %s at %zu", rows[i].pattern, why, at);
		assert_true(
		    regexp_run(re, rows[i].text, strlen(rows[i].text), false, &work, a, &whole));
		assert_true(
		    regexp_run(re, rows[i].text, strlen(rows[i].text), true, &work, a, &part));
		if (whole != rows[i].whole || part != rows[i].part ||
		    regexp_matches(re, rows[i].text, false, a) != whole ||
		    regexp_matches(re, rows[i].text, true, a) != part)
			fail_msg("'%s' on '%s': whole %d, part %d", rows[i].pattern, rows[i].text,
			    whole, part);
	}
}

static void
test_refused_patterns(void **state)
{
	static const struct {
		const char *pattern, *why;
		size_t at;
	} rows[] = {
	    {"*", "a character that must be written with \\ before it", 0},
	    {"a**", "a character that must be written with \\ before it", 2},
	    {"a|+", "a character that must be written with \\ before it", 2},
	    {"(?:a)", "a character that must be written with \\ before it", 1},
	    {"a)", "a character that must be written with \\ before it", 1},
	    {"a]", "a character that must be written with \\ before it", 1},
	    {"a}", "a character that must be written with \\ before it", 1},
	    {"(a", "a ( without its )", 2},
	    {"[a", "a [ without its ]", 2},
	    {"[", "a [ without its ]", 1},
	    {"[]", "a character that must be written with \\ before it", 1},
	    {"[^]", "a character that must be written with \\ before it", 2},
	    {"[a-b-c]", "a character that must be written with \\ before it", 4},
	    {"[z-a]", "a range from more to less", 4},
	    {"[a-\\p{L}]", "an unknown escape", 3},
	    {"[[:alpha:]]", "a character that must be written with \\ before it", 1},
	    {"(a)\\1", "an unknown escape", 3},
	    {"\\d", "an unknown escape", 0},
	    {"\\", "an unknown escape", 0},
	    {"\\u0041", "an unknown escape", 0},
	    {"\\p", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"\\p{Xx}", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"\\p{Cs}", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"\\p{}", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"\\p{Lu", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"\\p{IsGreek}", "an unknown category (as in \\p{L}, \\p{Lu})", 0},
	    {"a{", "expected a count in { }", 2},
	    {"a{,3}", "expected a count in { }", 2},
	    {"a{3", "expected } after a count", 3},
	    {"a{3,2}", "a count from more to less", 5},
	    {"a{5001}", "a pattern that repeats too much", 5},
	    {"a{99999999999999999999999}", "a pattern that repeats too much", 5},
	    {"a++++", "a character that must be written with \\ before it", 2},
	    {"((a{50}){50}){50}", "a pattern that repeats too much", 17},
	};
	struct arena *a = *state;
	const char *why;
	size_t i, at;
	char *deep;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (compile_pattern(a, rows[i].pattern, &why, &at) != NULL)
			fail_msg("taken: %s", rows[i].pattern);
		if (strcmp(why, rows[i].why) != 0 || at != rows[i].at)
			fail_msg("%s: %s at %zu", rows[i].pattern, why, at);
	}
	deep = arena_alloc(a, 5001);
	assert_non_null(deep);
	memset(deep, '(', 5000);
	assert_null(regexp_compile(a, deep, 200, &why, &at));
	assert_string_equal(why, "groups nested too deep");
	assert_null(regexp_compile(a, deep, 5000, &why, &at));
	assert_string_equal(why, "a pattern that is too long");
}

/* What makes others take exponential time is linear here, and what is too much is refused. */
static void
test_patterns_do_not_explode(void **state)
{
	enum { N = 20000 };
	struct arena *a = *state;
	struct regexp *re;
	const char *why;
	char *text = arena_alloc(a, N + 1);
	bool matched;
	size_t at, work;

	assert_non_null(text);
	memset(text, 'a', N);
	re = compile_pattern(a, "(a*)*(a|aa)+((a?){20}a{20})*b", &why, &at);
	assert_non_null(re);
	work = (size_t)N * 400;
	assert_true(regexp_run(re, text, N, false, &work, a, &matched));
	assert_false(matched);
	work = (size_t)N * 400;
	assert_true(regexp_run(re, text, N, true, &work, a, &matched));
	assert_false(matched);
	work = N;
	assert_false(regexp_run(re, text, N, true, &work, a, &matched));
}

static void
test_categories(void **state)
{
	static const struct {
		uint32_t c;
		enum unicode_category category;
	} rows[] = {
	    {0, UNICODE_CC},
	    {'A', UNICODE_LU},
	    {'z', UNICODE_LL},
	    {'0', UNICODE_ND},
	    {'_', UNICODE_PC},
	    {'-', UNICODE_PD},
	    {'(', UNICODE_PS},
	    {')', UNICODE_PE},
	    {0xAB, UNICODE_PI},
	    {0xBB, UNICODE_PF},
	    {'!', UNICODE_PO},
	    {'+', UNICODE_SM},
	    {'$', UNICODE_SC},
	    {'^', UNICODE_SK},
	    {0xA9, UNICODE_SO},
	    {' ', UNICODE_ZS},
	    {0x2028, UNICODE_ZL},
	    {0x2029, UNICODE_ZP},
	    {0xAD, UNICODE_CF},
	    {0xE000, UNICODE_CO},
	    {0x100, UNICODE_LU},
	    {0x101, UNICODE_LL},
	    {0x148, UNICODE_LL},
	    {0x1C5, UNICODE_LT},
	    {0x2B0, UNICODE_LM},
	    {0x5D0, UNICODE_LO},
	    {0x300, UNICODE_MN},
	    {0x903, UNICODE_MC},
	    {0x488, UNICODE_ME},
	    {0x2160, UNICODE_NL},
	    {0xB2, UNICODE_NO},
	    {0x378, UNICODE_CN},
	    {0x4E2D, UNICODE_LO},
	    {0x9FFC, UNICODE_LO},
	    {0x1F600, UNICODE_SO},
	    {0x1E921, UNICODE_LU},
	    {0x1E922, UNICODE_LL},
	    {0xE0001, UNICODE_CF},
	    {0xFFFFF, UNICODE_CN},
	    {0x10FFFD, UNICODE_CO},
	    {0x10FFFF, UNICODE_CN},
	};
	size_t i, letters = 0;
	uint32_t c;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (unicode_category(rows[i].c) != rows[i].category)
			fail_msg("U+%04X", rows[i].c);
	}
	/* Unicode 14.0 has 1,831 uppercase letters (DerivedGeneralCategory.txt). */
	for (c = 0; c <= 0x10FFFF; c++)
		letters += unicode_category(c) == UNICODE_LU;
	assert_int_equal(letters, 1831);
	assert_int_equal(unicode_mask("Lu", 2), 1u << UNICODE_LU);
	assert_int_equal(unicode_mask("L", 1), 31);
	assert_int_equal(unicode_mask("lu", 2), 0);
	assert_int_equal(unicode_mask("", 0), 0);
	assert_int_equal(unicode_mask("Lux", 3), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_patterns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_patterns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_patterns_do_not_explode, set_up, tear_down),
	    cmocka_unit_test(test_categories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
