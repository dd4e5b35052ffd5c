/* test_url.c: what may stand in a URL and where, as tables of promises. */
#include "format/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void
test_segment(void **state)
{
	static const struct {
		const char *what, *in, *out; /* NULL: refused */
	} rows[] = {
	    {"unreserved stays", "AZaz09-._~", "AZaz09-._~"},
	    {"a slash stays in the id", "1/2", "1%2F2"},
	    {"a question mark", "a?b=c&d", "a%3Fb%3Dc%26d"},
	    {"a fragment", "a#b", "a%23b"},
	    {"a blank", "a b", "a%20b"},
	    {"a plus", "a+b", "a%2Bb"},
	    {"percent is data", "%2e%2e", "%252e%252e"},
	    {"UTF-8 by byte", "J\xc3\xbcrgen", "J%C3%BCrgen"},
	    {"user info means nothing", "@evil.example", "%40evil.example"},
	    {"a backslash", "..\\", "..%5C"},
	    {"dots within are harmless", "a..b", "a..b"},
	    {"three dots are a name", "...", "..."},
	    {"dot is refused", ".", NULL},
	    {"dot-dot is refused", "..", NULL},
	    {"nothing is refused", "", NULL},
	    {"CR LF is refused", "a\r\nX: y", NULL},
	    {"a tab is refused", "a\tb", NULL},
	    {"DEL is refused", "a\x7f", NULL},
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		url_segment(&b, rows[i].in);
		if (rows[i].out == NULL && b.err != GW_EINPUT)
			fail_msg("%s: gave %s", rows[i].what, b.data);
		if (rows[i].out != NULL && (b.err != GW_OK || strcmp(b.data, rows[i].out) != 0))
			fail_msg("%s: gave %s", rows[i].what, b.data);
	}
	buf_clear(&b);
	buf_init(&b, 5);
	url_segment(&b, "//");
	assert_int_equal(b.err, GW_EINPUT);
	buf_clear(&b);
}

/* Every byte but NUL, against the list of RFC 3986 section 2.3 and by decoding it again. */
static void
test_every_byte(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789-._~";
	struct buf b, back;
	char in[2] = "";
	int c;

	(void)state;
	buf_init(&b, 10);
	buf_init(&back, 10);
	for (c = 1; c < 256; c++) {
		in[0] = (char)c;
		buf_reset(&b);
		buf_reset(&back);
		url_query(&b, in);
		assert_int_equal(b.err, GW_OK);
		assert_int_equal(b.len, strchr(unreserved, c) != NULL ? 1 : 3);
		assert_int_equal(url_decode(b.data, b.len, true, &back), c < 128);
		if (c < 128)
			assert_string_equal(back.data, in);
	}
	buf_clear(&b);
	buf_clear(&back);
}

static void
test_query(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {".", "."},
	    {"a b+c", "a%20b%2Bc"},
	    {"x=1&y=2", "x%3D1%26y%3D2"},
	    {"2026-11-23T08:00:00Z", "2026-11-23T08%3A00%3A00Z"},
	    {"\r\n", "%0D%0A"},
	    {"\xe2\x82\xac", "%E2%82%AC"},
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		url_query(&b, rows[i][0]);
		assert_int_equal(b.err, GW_OK);
		assert_string_equal(b.data, rows[i][1]);
	}
	buf_clear(&b);
}

static void
test_origin(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: none */
	} rows[] = {
	    {"https://a.example", "https://a.example"},
	    {"https://a.example/", "https://a.example"},
	    {"HTTPS://A.Example/Path?q#f", "https://a.example"},
	    {"https://a.example:443/x", "https://a.example"},
	    {"https://a.example:0443", "https://a.example"},
	    {"https://a.example:8443/x", "https://a.example:8443"},
	    {"https://a.example:80", "https://a.example:80"},
	    {"http://localhost:80/x", "http://localhost"},
	    {"http://127.0.0.1:8080?x", "http://127.0.0.1:8080"},
	    {"https://a.example#x", "https://a.example"},
	    {"https://[::1]:8443/x", "https://[::1]:8443"},
	    {"https://[2001:DB8::1]", "https://[2001:db8::1]"},
	    {"https://a_b-c.example.", "https://a_b-c.example."},
	    {"https://a.example:65535", "https://a.example:65535"},
	    {"https://a.example:65536", NULL},
	    {"https://a.example:99999999999999999999", NULL},
	    {"https://a.example:0", NULL},
	    {"https://a.example:", NULL},
	    {"https://a.example:x", NULL},
	    {"https://a.example:-1", NULL},
	    {"https://a.example:80x", NULL},
	    {"https://user@a.example", NULL},
	    {"https://user:pw@a.example/", NULL},
	    {"https://a.example@evil.example/", NULL},
	    {"https://a.example\\@evil.example/", NULL},
	    {"https://a.example%2Fevil", NULL},
	    {"https://a b.example", NULL},
	    {"https://a.example\r\nHost: x", NULL},
	    {"https://a.example/\n", NULL},
	    {"https://a.example/\x7f", NULL},
	    {"https://caf\xc3\xa9.example", NULL},
	    {"https://", NULL},
	    {"https:///x", NULL},
	    {"https://.example", NULL},
	    {"https://:443", NULL},
	    {"https://[::1", NULL},
	    {"https://[::1%25eth0]", NULL},
	    {"https://[::g]", NULL},
	    {"https://[]", NULL},
	    {"https://[::1]x", NULL},
	    {"https:/a.example", NULL},
	    {"https:a.example", NULL},
	    {"//a.example", NULL},
	    {"a.example", NULL},
	    {"", NULL},
	    {"ftp://a.example", NULL},
	    {"file:///etc/passwd", NULL},
	    {" https://a.example", NULL},
	};
	char longest[8 + 254 + 1] = "https://";
	struct buf b;
	size_t i;
	bool got;

	(void)state;
	buf_init(&b, 1000);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		got = url_origin(rows[i].in, &b);
		if (got != (rows[i].out != NULL) || (got && strcmp(b.data, rows[i].out) != 0))
			fail_msg("\"%s\": %s", rows[i].in, got ? b.data : "none");
	}
	memset(longest + 8, 'a', 254);
	buf_reset(&b);
	assert_false(url_origin(longest, &b));
	longest[8 + 253] = '\0';
	assert_true(url_origin(longest, &b));
	buf_clear(&b);
	buf_init(&b, 10);
	assert_false(url_origin("https://a.example", &b));
	buf_clear(&b);
}

static void
test_decode(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		bool form;
		const char *out; /* NULL: refused */
	} rows[] = {
	    {"", 0, false, ""},
	    {"abc", 3, false, "abc"},
	    {"abc", 2, false, "ab"},
	    {"a%20b+c", 7, false, "a b+c"},
	    {"a%20b+c", 7, true, "a b c"},
	    {"%2B%2b", 6, true, "++"},
	    {"%C3%A9", 6, false, "\xc3\xa9"},
	    {"%e2%82%ac", 9, false, "\xe2\x82\xac"},
	    {"%25%32%30", 9, false, "%20"},
	    {"%", 1, false, NULL},
	    {"%4", 2, false, NULL},
	    {"%41", 2, false, NULL},
	    {"%4g", 3, false, NULL},
	    {"%g4", 3, false, NULL},
	    {"% 1", 3, false, NULL},
	    {"%+1", 3, true, NULL},
	    {"%00", 3, false, NULL},
	    {"a\0b", 3, false, NULL},
	    {"%C3", 3, false, NULL},
	    {"%C0%80", 6, false, NULL},
	    {"%ED%A0%80", 9, false, NULL},
	    {"\xff", 1, false, NULL},
	};
	struct buf b;
	size_t i;
	bool got;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		buf_puts(&b, "before:");
		got = url_decode(rows[i].in, rows[i].len, rows[i].form, &b);
		if (got != (rows[i].out != NULL) || (got && strcmp(b.data + 7, rows[i].out) != 0))
			fail_msg("row %zu, \"%s\": %s", i, rows[i].in, got ? b.data : "refused");
	}
	buf_clear(&b);
	buf_init(&b, 2);
	assert_false(url_decode("abc", 3, false, &b));
	buf_clear(&b);
}

static void
test_pairs(void **state)
{
	const char *s = "&&a=1&b&=2&c=x=y&&d=&";
	static const struct {
		const char *name, *value;
	} want[] = {{"a", "1"}, {"b", NULL}, {"", "2"}, {"c", "x=y"}, {"d", ""}};
	struct url_pair pair;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(url_pair(&s, &pair));
		assert_int_equal(pair.name_len, strlen(want[i].name));
		assert_memory_equal(pair.name, want[i].name, pair.name_len);
		assert_int_equal(pair.value == NULL, want[i].value == NULL);
		if (pair.value == NULL)
			continue;
		assert_int_equal(pair.value_len, strlen(want[i].value));
		assert_memory_equal(pair.value, want[i].value, pair.value_len);
	}
	assert_false(url_pair(&s, &pair));
	assert_string_equal(s, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_segment),
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_origin),
	    cmocka_unit_test(test_decode),
	    cmocka_unit_test(test_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
