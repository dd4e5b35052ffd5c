/* number.c: see number.h. Numbers are compared by their normal form. */
#include "base/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t
number_digits(const char *s, const char *end)
{
	const char *from = s;

	while (s < end && *s >= '0' && *s <= '9')
		s++;
	return (size_t)(s - from);
}

size_t
number_scan(const char *s, size_t len, struct number *out)
{
	const char *from = s, *end = s + len, *exponent;
	size_t digits, sign;

	*out = (struct number){.negative = len > 0 && *s == '-'};
	s += out->negative;
	digits = number_digits(s, end);
	if (digits == 0)
		return 0;
	out->digits = s;
	/* A leading zero stands alone. */
	out->whole = *s == '0' ? 1 : digits;
	s += out->whole;
	if (s < end && *s == '.') {
		out->fraction = number_digits(s + 1, end);
		s += out->fraction == 0 ? 0 : out->fraction + 1;
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		exponent = s + 1;
		sign = exponent < end && (*exponent == '+' || *exponent == '-');
		digits = number_digits(exponent + sign, end);
		if (digits > 0) {
			out->exponent = exponent;
			s = exponent + sign + digits;
		}
	}
	return (size_t)(s - from);
}

/*
 * The digits of a JSON number without sign, point and exponent: from the first to the last that is
 * not zero, and the power of ten of the first. Two numbers are equal when these are.
 */
struct normal {
	int sign;                /* 0: the number is zero */
	const char *first, *end; /* may hold one '.' in between */
	int64_t power;
	int huge;             /* the sign of an exponent past int64_t, else 0 */
	const char *exponent; /* its digits then; power is not used */
};

enum { NUMBER_EXPONENT_DIGITS = 18 };

static void
number_set_exponent(struct normal *n, const char *s)
{
	int sign = *s == '-' ? -1 : 1;

	if (*s == '-' || *s == '+')
		s++;
	while (*s == '0')
		s++;
	n->exponent = s;
	if (strlen(s) > NUMBER_EXPONENT_DIGITS)
		n->huge = sign;
	else
		n->power += sign * strtoll(s, NULL, 10);
}

static struct normal
number_normal(const char *s)
{
	struct normal n = {.sign = *s == '-' ? -1 : 1};
	const char *p, *point = NULL, *last = NULL;

	for (p = s + (*s == '-'); *p != '\0' && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.')
			point = p;
		else if (*p != '0') {
			n.first = n.first == NULL ? p : n.first;
			last = p;
		}
	}
	if (n.first == NULL)
		return (struct normal){.sign = 0};
	if (point == NULL)
		point = p;
	n.end = last + 1;
	n.power = point > n.first ? point - n.first : point - n.first + 1;
	if (*p != '\0')
		number_set_exponent(&n, p + 1);
	return n;
}

static int
number_compare_powers(const struct normal *x, const struct normal *y)
{
	size_t a, b;
	int order;

	if (x->huge != y->huge)
		return x->huge < y->huge ? -1 : 1;
	if (x->huge == 0)
		return x->power < y->power ? -1 : x->power > y->power;
	/* Past 10^(10^18) the exponents decide alone: no digits can make up for it. */
	a = strlen(x->exponent);
	b = strlen(y->exponent);
	order = a != b ? (a < b ? -1 : 1) : strcmp(x->exponent, y->exponent);
	return order * x->huge;
}

/* The digits of a number, and zeros without end after them. */
static int
number_next_digit(struct normal *n)
{
	if (n->first < n->end && *n->first == '.')
		n->first++;
	return n->first < n->end ? *n->first++ : '0';
}

int
number_compare(const char *a, const char *b)
{
	struct normal x = number_normal(a), y = number_normal(b);
	int order;

	if (x.sign != y.sign)
		return x.sign < y.sign ? -1 : 1;
	if (x.sign == 0)
		return 0;
	order = number_compare_powers(&x, &y);
	while (order == 0 && (x.first < x.end || y.first < y.end))
		order = number_next_digit(&x) - number_next_digit(&y);
	return order * x.sign;
}
