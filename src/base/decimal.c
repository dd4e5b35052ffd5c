/*
 * decimal.c: see decimal.h. A coefficient below 10^36 leaves room in 128 bits for one more digit
 * and for doubling, which is all that half-even needs. What does not fit is refused. A text may be
 * of any length; its digits are rounded only where the caller asks for that.
 */
#include "base/decimal.h"

#include <string.h>

#include "base/number.h"

enum {
	DECIMAL_DIGITS = 36,
	DECIMAL_EXPONENT_MAX = 100000 /* an exponent beyond it cannot come back into range */
};

static __int128
decimal_power(int n)
{
	__int128 p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

static bool
decimal_fits(__int128 coefficient)
{
	const __int128 limit = decimal_power(DECIMAL_DIGITS);

	return coefficient < limit && coefficient > -limit;
}

/* Without trailing zeros after the point. */
static struct decimal
decimal_trim(struct decimal d)
{
	while (d.scale > 0 && d.coefficient % 10 == 0) {
		d.coefficient /= 10;
		d.scale--;
	}
	return d;
}

static bool
decimal_keep(__int128 coefficient, int scale, struct decimal *out)
{
	struct decimal d = decimal_trim((struct decimal){coefficient, scale});

	if (!decimal_fits(d.coefficient) || d.scale > DECIMAL_DIGITS)
		return false;
	*out = d;
	return true;
}

/* n / m, half-even; m > 0 and both below 10^37. */
static __int128
decimal_divide_even(__int128 n, __int128 m)
{
	__int128 q = n / m, r = n % m, twice;

	twice = r < 0 ? -2 * r : 2 * r;
	if (twice > m || (twice == m && q % 2 != 0))
		q += n < 0 ? -1 : 1;
	return q;
}

/* Both coefficients at one scale. */
static bool
decimal_align(struct decimal a, struct decimal b, __int128 *n, __int128 *m, int *scale)
{
	a = decimal_trim(a);
	b = decimal_trim(b);
	*scale = a.scale > b.scale ? a.scale : b.scale;
	if (__builtin_mul_overflow(a.coefficient, decimal_power(*scale - a.scale), n))
		return false;
	if (__builtin_mul_overflow(b.coefficient, decimal_power(*scale - b.scale), m))
		return false;
	return decimal_fits(*n) && decimal_fits(*m);
}

struct decimal
decimal_integer(int64_t n)
{
	return (struct decimal){n, 0};
}

bool
decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
	__int128 n, m;
	int scale;

	return decimal_align(a, b, &n, &m, &scale) && decimal_keep(n + m, scale, out);
}

bool
decimal_subtract(struct decimal a, struct decimal b, struct decimal *out)
{
	b.coefficient = -b.coefficient;
	return decimal_add(a, b, out);
}

bool
decimal_multiply(struct decimal a, struct decimal b, struct decimal *out)
{
	__int128 c;

	a = decimal_trim(a);
	b = decimal_trim(b);
	if (__builtin_mul_overflow(a.coefficient, b.coefficient, &c))
		return false;
	return decimal_keep(c, a.scale + b.scale, out);
}

int
decimal_compare(struct decimal a, struct decimal b)
{
	const __int128 pa = decimal_power(a.scale), pb = decimal_power(b.scale);
	__int128 n = a.coefficient / pa, m = b.coefficient / pb;

	if (n == m) {
		n = a.coefficient % pa * decimal_power(DECIMAL_DIGITS - a.scale);
		m = b.coefficient % pb * decimal_power(DECIMAL_DIGITS - b.scale);
	}
	return n < m ? -1 : n > m;
}

bool
decimal_is_zero(struct decimal d)
{
	return d.coefficient == 0;
}

bool
decimal_round_to(struct decimal d, struct decimal step, struct decimal *out)
{
	return decimal_divide_to(d, decimal_integer(1), step, out);
}

bool
decimal_round_significant(struct decimal d, int digits, struct decimal *out)
{
	__int128 limit, c = d.coefficient;
	int drop = 0;

	if (digits < 1)
		return false;
	limit = decimal_power(digits < DECIMAL_DIGITS ? digits : DECIMAL_DIGITS);
	while (c >= limit || c <= -limit) {
		c /= 10;
		drop++;
	}
	c = decimal_divide_even(d.coefficient, decimal_power(drop));
	for (; drop > d.scale; drop--)
		c *= 10;
	return decimal_keep(c, d.scale - drop, out);
}

bool
decimal_divide_to(struct decimal a, struct decimal b, struct decimal step, struct decimal *out)
{
	struct decimal divisor;
	__int128 n, m, c;
	int scale;

	if (b.coefficient == 0 || step.coefficient <= 0)
		return false;
	if (!decimal_multiply(b, step, &divisor) || divisor.coefficient == 0)
		return false;
	if (!decimal_align(a, divisor, &n, &m, &scale))
		return false;
	c = m < 0 ? decimal_divide_even(-n, -m) : decimal_divide_even(n, m);
	if (__builtin_mul_overflow(c, step.coefficient, &c))
		return false;
	return decimal_keep(c, step.scale, out);
}

bool
decimal_modulo(struct decimal a, struct decimal b, struct decimal *out)
{
	__int128 n, m, r;
	int scale;

	if (b.coefficient == 0 || !decimal_align(a, b, &n, &m, &scale))
		return false;
	r = n % m;
	if (r != 0 && (r < 0) != (m < 0))
		r += m;
	return decimal_keep(r, scale, out);
}

bool
decimal_floor(struct decimal d, int64_t *out)
{
	const __int128 p = decimal_power(d.scale);
	__int128 q = d.coefficient / p;

	if (d.coefficient % p < 0)
		q--;
	if (q < INT64_MIN || q > INT64_MAX)
		return false;
	*out = (int64_t)q;
	return true;
}

bool
decimal_to_integer(struct decimal d, int64_t *out)
{
	return d.coefficient % decimal_power(d.scale) == 0 && decimal_floor(d, out);
}

/* A number as it was written: digits without sign and point, times 10^-scale. */
struct decimal_text {
	const char *s; /* integer part, perhaps a point, fraction */
	size_t len;    /* of all that */
	long scale;
	bool negative;
};

/* Saturates, since zero may have any exponent. */
static long
decimal_exponent(const char *s)
{
	bool negative = *s == '-';
	long n = 0;

	if (*s == '-' || *s == '+')
		s++;
	for (; *s != '\0' && n < DECIMAL_EXPONENT_MAX; s++)
		n = n * 10 + (*s - '0');
	return negative ? -n : n;
}

/* A JSON number, or one with a leading '+'. */
static bool
decimal_scan(const char *s, struct decimal_text *t)
{
	struct number n;
	size_t len;

	if (*s == '+' && *++s == '-')
		return false;
	len = strlen(s);
	if (len == 0 || number_scan(s, len, &n) != len)
		return false;
	t->negative = n.negative;
	t->s = n.digits;
	t->len = n.whole + (n.fraction > 0 ? n.fraction + 1 : 0);
	t->scale = (long)n.fraction - (n.exponent == NULL ? 0 : decimal_exponent(n.exponent));
	return t->len <= DECIMAL_EXPONENT_MAX;
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
	for (; scale < 0 && decimal_fits(c); scale++)
		c *= 10;
	if (scale < 0 || scale > DECIMAL_DIGITS || !decimal_fits(c))
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

	d = decimal_trim(d);
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
