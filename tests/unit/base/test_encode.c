/* test_encode.c: the spellings of bytes: what has one right form has no other. */
#include "base/encode.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *promise, *text;
	bool ok;
	const char *bytes;
} base64[] = {
    {"nothing is nothing", "", true, ""},
    {"RFC 4648: f", "Zg==", true, "f"},
    {"RFC 4648: fo", "Zm8=", true, "fo"},
    {"RFC 4648: foo", "Zm9v", true, "foo"},
    {"RFC 4648: foobar", "Zm9vYmFy", true, "foobar"},
    {"both signs of the standard alphabet", "fn5+fj8/Pw==", true, "~~~~???"},
    {"padding is required", "Zg", false, NULL},
    {"one padding where two belong", "Zg=", false, NULL},
    {"too much padding", "Zg===", false, NULL},
    {"padding alone", "====", false, NULL},
    {"padding of three", "Z===", false, NULL},
    {"padding within", "Zg==Zg==", false, NULL},
    {"loose bits in two digits", "Zh==", false, NULL},
    {"loose bits in three digits", "Zm9=", false, NULL},
    {"a blank", "Zm9v ", false, NULL},
    {"a line end", "Zm9v\n", false, NULL},
    {"the other alphabet", "fn5-fj8_Pw==", false, NULL},
    {"a byte beyond ASCII", "Zm9\xC3", false, NULL},
};

static void
test_base64(void **state)
{
	unsigned char out[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(base64); i++) {
		if (base64_decode(base64[i].text, strlen(base64[i].text), out, sizeof(out), &n) !=
		    base64[i].ok)
			fail_msg("%s", base64[i].promise);
		if (base64[i].ok &&
		    (n != strlen(base64[i].bytes) || memcmp(out, base64[i].bytes, n) != 0))
			fail_msg("%s", base64[i].promise);
	}
	assert_true(base64_decode("Zm9v", 4, out, 3, &n));
	assert_false(base64_decode("Zm9v", 4, out, 2, &n));
}

static void
test_base64url(void **state)
{
	unsigned char out[64];
	size_t n;

	(void)state;
	assert_true(base64url_decode("fn5-fj8_Pw", 10, out, sizeof(out), &n));
	assert_int_equal(n, 7);
	assert_memory_equal(out, "~~~~???", 7);
	assert_false(base64url_decode("fn5-fj8_Pw==", 12, out, sizeof(out), &n));
	assert_false(base64url_decode("fn5+fj8/Pw", 10, out, sizeof(out), &n));
	assert_false(base64url_decode("Zh", 2, out, sizeof(out), &n));
	assert_false(base64url_decode("Zm9vY", 5, out, sizeof(out), &n));
	assert_true(base64url_decode("Zg", 2, out, 1, &n));
	assert_false(base64url_decode("Zg", 2, out, 0, &n));
}

/* Each of the 256 bytes as a digit: its place in the alphabet (RFC 4648), or none. */
static void
test_base64_digits(void **state)
{
	static const char both[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char text[4] = "AAA", alphabet[65];
	bool url;
	const char *place;
	unsigned char out[3];
	size_t i, n;

	(void)state;
	for (i = 0; i < 2 * 256; i++) {
		url = i >= 256;
		(void)snprintf(alphabet, sizeof(alphabet), "%s%s", both, url ? "-_" : "+/");
		place = memchr(alphabet, (int)(i % 256), 64);
		text[3] = (char)(i % 256);
		assert_int_equal(url ? base64url_decode(text, 4, out, sizeof(out), &n)
				     : base64_decode(text, 4, out, sizeof(out), &n),
		    place != NULL || (!url && i == '='));
		if (place != NULL)
			assert_int_equal(out[2], place - alphabet);
	}
}

/* Every length up to 100 and back, in each spelling. */
static void
test_round_trips(void **state)
{
	unsigned char bytes[100], back[100];
	struct buf b;
	size_t len, i, n;

	(void)state;
	buf_init(&b, 1024);
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
	for (len = 0; len <= sizeof(bytes); len++) {
		buf_reset(&b);
		base64_encode(&b, bytes, len);
		assert_true(base64_decode(b.data, b.len, back, len, &n) && n == len);
		assert_memory_equal(bytes, back, len);
		buf_reset(&b);
		base64url_encode(&b, bytes, len);
		assert_true(base64url_decode(b.data, b.len, back, len, &n) && n == len);
		assert_memory_equal(bytes, back, len);
		buf_reset(&b);
		hex_encode(&b, bytes, len);
		assert_true(hex_decode(b.data, b.len, back, len, &n) && n == len);
		assert_memory_equal(bytes, back, len);
	}
	buf_clear(&b);
}

static void
test_hex(void **state)
{
	unsigned char out[4];
	size_t n;

	(void)state;
	assert_true(hex_decode("00fFAb", 6, out, 4, &n) && n == 3);
	assert_memory_equal(out, "\x00\xFF\xAB", 3);
	assert_false(hex_decode("0", 1, out, 4, &n));
	assert_false(hex_decode("0g", 2, out, 4, &n));
	assert_false(hex_decode("g0", 2, out, 4, &n));
	assert_false(hex_decode("/0", 2, out, 4, &n));
	assert_false(hex_decode("0011223344", 10, out, 4, &n));
	assert_int_equal(hex_value('9'), 9);
	assert_int_equal(hex_value('f'), 15);
	assert_int_equal(hex_value('A'), 10);
	assert_int_equal(hex_value('g'), -1);
	assert_int_equal(hex_value('@'), -1);
	assert_int_equal(hex_value('\0'), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_base64),
	    cmocka_unit_test(test_base64url),
	    cmocka_unit_test(test_base64_digits),
	    cmocka_unit_test(test_round_trips),
	    cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
