/*
 * decimal.c: see decimal.h. A coefficient below 10^36 leaves room in 128 bits for one more digit
 * and for doubling, which is all that half-even needs. What does not fit is refused, never rounded
 * unasked. Reading and writing of texts is decimal_text.c's.
 */
#include "base/decimal.h"

enum { DECIMAL_DIGITS = 36 };

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

/* Without trailing zeros behind the point. */
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
