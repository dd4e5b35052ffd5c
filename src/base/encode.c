/*
 * encode.c: bytes as text, RFC 4648. OpenSSL's own decoder takes line ends, wrong padding and
 * loose bits, so that one MAC would have many spellings; these take exactly one.
 */
#include "base/encode.h"

static const char alphabet_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
encode_digits(struct buf *out, const unsigned char *p, size_t len, const char *alphabet, bool pad)
{
	unsigned long bits;
	char four[4];
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = len < 3 ? len : 3;
		bits = (unsigned long)p[0] << 16;
		if (n > 1)
			bits |= (unsigned long)p[1] << 8;
		if (n > 2)
			bits |= p[2];
		four[0] = alphabet[bits >> 18 & 63];
		four[1] = alphabet[bits >> 12 & 63];
		four[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		four[3] = n > 2 ? alphabet[bits & 63] : '=';
		buf_put(out, four, pad ? 4 : n + 1);
	}
}

void
base64_encode(struct buf *out, const void *data, size_t len)
{
	encode_digits(out, data, len, alphabet_standard, true);
}

void
base64url_encode(struct buf *out, const void *data, size_t len)
{
	encode_digits(out, data, len, alphabet_url, false);
}

void
hex_encode(struct buf *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (; len > 0; len--, p++) {
		buf_putc(out, digits[*p >> 4]);
		buf_putc(out, digits[*p & 15]);
	}
}

/* All bits where low <= c <= high, else none; c is a byte. */
static unsigned
within(unsigned c, unsigned low, unsigned high)
{
	return -((((low - 1) - c) & (c - (high + 1))) >> 31);
}

/*
 * The value of a digit, 64 for none. Without table and branch: keys in files are decoded by this
 * too, and a table's lookups depend on them.
 */
static unsigned
base64_value(char digit, const char *alphabet)
{
	unsigned c = (unsigned char)digit, plus = (unsigned char)alphabet[62];
	unsigned slash = (unsigned char)alphabet[63], value = 64;

	value ^= within(c, 'A', 'Z') & (64 ^ (c - 'A'));
	value ^= within(c, 'a', 'z') & (64 ^ (c - 'a' + 26));
	value ^= within(c, '0', '9') & (64 ^ (c - '0' + 52));
	value ^= within(c, plus, plus) & (64 ^ 62);
	value ^= within(c, slash, slash) & (64 ^ 63);
	return value;
}

/* len digits without padding. */
static bool
decode_digits(
    const char *s, size_t len, const char *alphabet, unsigned char *out, size_t max, size_t *n)
{
	unsigned long bits = 0;
	unsigned value, have = 0;
	size_t i, k = 0;

	if (len % 4 == 1 || len / 4 * 3 + len % 4 * 3 / 4 > max)
		return false;
	for (i = 0; i < len; i++) {
		value = base64_value(s[i], alphabet);
		if (value > 63)
			return false;
		bits = (bits << 6 | value) & 0xFFFF;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[k++] = (unsigned char)(bits >> have & 0xFF);
		}
	}
	if ((bits & ((1ul << have) - 1)) != 0)
		return false;
	*n = k;
	return true;
}

bool
base64_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n)
{
	if (len % 4 != 0)
		return false;
	if (len > 0 && s[len - 1] == '=')
		len -= s[len - 2] == '=' ? 2 : 1;
	return decode_digits(s, len, alphabet_standard, out, max, n);
}

bool
base64url_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n)
{
	return decode_digits(s, len, alphabet_url, out, max, n);
}

int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n)
{
	size_t i;
	int high, low;

	if (len % 2 != 0 || len / 2 > max)
		return false;
	for (i = 0; i < len / 2; i++) {
		high = hex_value(s[2 * i]);
		low = hex_value(s[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	*n = len / 2;
	return true;
}
