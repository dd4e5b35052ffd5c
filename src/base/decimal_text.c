/*
 * decimal_text.c: decimals from text and to text. The grammar is RFC 8259's for numbers and a
 * leading '+'; a text may be of any length, and its digits are rounded only where the caller asks
 * for that.
 */
#include "base/decimal.h"

#include <string.h>

enum {
	DECIMAL_DIGITS = 36,
	DECIMAL_EXPONENT_MAX = 100000 /* an exponent beyond it cannot come back into range */
};

/* A number as it was written: digits without sign and point, times 10^-scale. */
struct decimal_text {
	const char *s; /* integer part, perhaps a point, fraction */
	size_t len;    /* of all that */
	long scale;
	bool negative;
};

static bool
decimal_text_fits(__int128 c)
{
	const __int128 limit = (__int128)1000000000000000000 * 1000000000000000000;

	return c < limit && c > -limit;
}

static size_t
decimal_digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* False unless s is an exponent and nothing else; saturates, since zero may have any. */
static bool
decimal_scan_exponent(const char *s, long *exponent)
{
	bool negative = *s == '-';
	size_t i, n;

	if (*s == '-' || *s == '+')
		s++;
	n = decimal_digits(s);
	if (n == 0 || s[n] != '\0')
		return false;
	*exponent = 0;
	for (i = 0; i < n && *exponent < DECIMAL_EXPONENT_MAX; i++)
		*exponent = *exponent * 10 + (s[i] - '0');
	if (negative)
		*exponent = -*exponent;
	return true;
}

/* RFC 8259 section 6, and a leading '+'. */
static bool
decimal_scan(const char *s, struct decimal_text *t)
{
	size_t whole, fraction = 0;
	long exponent = 0;

	t->negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	t->s = s;
	whole = decimal_digits(s);
	if (whole == 0 || (whole > 1 && *s == '0'))
		return false;
	s += whole;
	if (*s == '.') {
		fraction = decimal_digits(s + 1);
		if (fraction == 0)
			return false;
		s += 1 + fraction;
	}
	t->len = (size_t)(s - t->s);
	if (t->len > DECIMAL_EXPONENT_MAX)
		return false;
	if (*s == 'e' || *s == 'E') {
		if (!decimal_scan_exponent(s + 1, &exponent))
			return false;
	} else if (*s != '\0')
		return false;
	t->scale = (long)fraction - exponent;
	return true;
}

/*
 * At most `keep` digits of t, the rest rounded half-even; *dropped says that there was a rest, even
 * if it was zeros. keep is at most 36.
 */
static __int128
decimal_take(const struct decimal_text *t, int keep, long *scale, bool *dropped)
{
	__int128 c = 0;
	int n = 0, next = -1;
	bool rest = false;
	long left = 0;
	size_t i;

	for (i = 0; i < t->len; i++) {
		if (t->s[i] == '.' || (n == 0 && t->s[i] == '0'))
			continue;
		if (n < keep) {
			c = c * 10 + (t->s[i] - '0');
			n++;
			continue;
		}
		left++;
		if (next < 0)
			next = t->s[i] - '0';
		else if (t->s[i] != '0')
			rest = true;
	}
	if (next > 5 || (next == 5 && (rest || c % 2 != 0)))
		c++;
	*scale = t->scale - left;
	*dropped = left > 0;
	return t->negative ? -c : c;
}

/* c x 10^-scale for any scale, where that fits. */
static bool
decimal_store(__int128 c, long scale, struct decimal *out)
{
	if (c == 0) {
		if (scale < 0)
			scale = 0;
		*out = (struct decimal){0, scale > DECIMAL_DIGITS ? DECIMAL_DIGITS : (int)scale};
		return true;
	}
	while (scale > DECIMAL_DIGITS && c % 10 == 0) {
		c /= 10;
		scale--;
	}
	for (; scale < 0 && decimal_text_fits(c); scale++)
		c *= 10;
	if (scale < 0 || scale > DECIMAL_DIGITS || !decimal_text_fits(c))
		return false;
	*out = (struct decimal){c, (int)scale};
	return true;
}

/* Zeros at the end of a longer fraction are no digits worth refusing. */
static void
decimal_drop_zeros(struct decimal_text *t)
{
	if (memchr(t->s, '.', t->len) == NULL)
		return;
	while ((t->scale > DECIMAL_DIGITS || t->len > DECIMAL_DIGITS) && t->s[t->len - 1] == '0') {
		t->len--;
		t->scale--;
	}
}

bool
decimal_parse(const char *s, struct decimal *out)
{
	struct decimal_text t;
	bool dropped;
	__int128 c;
	long scale;

	if (!decimal_scan(s, &t))
		return false;
	decimal_drop_zeros(&t);
	c = decimal_take(&t, DECIMAL_DIGITS, &scale, &dropped);
	return !dropped && decimal_store(c, scale, out);
}

bool
decimal_parse_significant(const char *s, int digits, struct decimal *out)
{
	struct decimal_text t;
	struct decimal d;
	bool dropped;
	__int128 c;
	long scale;

	if (!decimal_scan(s, &t) || digits < 1 || digits > DECIMAL_DIGITS)
		return false;
	decimal_drop_zeros(&t);
	c = decimal_take(&t, digits, &scale, &dropped);
	/*
	 * What rounding left as zeros were never the writer's digits: 22.799999999999997 is 22.8.
	 */
	for (; dropped && scale > 0 && c != 0 && c % 10 == 0; scale--)
		c /= 10;
	if (!decimal_store(c, scale, &d))
		return false;
	*out = d;
	return true;
}

void
decimal_format(struct decimal d, char out[static DECIMAL_TEXT_MAX])
{
	char digits[DECIMAL_TEXT_MAX];
	bool negative = d.coefficient < 0;
	size_t n = 0, at = 0;
	__int128 c;

	for (; d.scale > 0 && d.coefficient % 10 == 0; d.scale--)
		d.coefficient /= 10;
	c = negative ? -d.coefficient : d.coefficient;
	do {
		digits[n++] = (char)('0' + (int)(c % 10));
		c /= 10;
	} while ((c > 0 || n <= (size_t)d.scale) && n < sizeof(digits) - 3);
	if (negative)
		out[at++] = '-';
	while (n > 0) {
		if (n == (size_t)d.scale)
			out[at++] = '.';
		out[at++] = digits[--n];
	}
	out[at] = '\0';
}
