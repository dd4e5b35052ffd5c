/*
 * decimal.h: exact decimal numbers: coefficient x 10^-scale, at most 36 digits. No binary floating
 * point. Operations that would not fit return false and leave the result alone.
 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decimal {
	__int128 coefficient;
	int scale; /* digits after the point, 0 to 36 */
};

enum { DECIMAL_TEXT_MAX = 48 };

struct decimal decimal_integer(int64_t n);
/*
 * A JSON number; a leading '+' is taken, leading or trailing blanks, "01" and ".5" are refused.
 * "1e3" is 1000, "-0" is 0. The scale stays as written: "7.50" has two digits.
 */
bool decimal_parse(const char *s, struct decimal *out);
/*
 * The same for a text of any length, rounded half-even to at most `digits` significant digits. The
 * scale is that of the text, or, where digits were dropped, that of the shortest form.
 */
bool decimal_parse_significant(const char *s, int digits, struct decimal *out);
/* Shortest form: no exponent, no trailing zeros after the point, "0" for any zero. */
void decimal_format(struct decimal d, char out[static DECIMAL_TEXT_MAX]);

bool decimal_add(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *out);
int decimal_compare(struct decimal a, struct decimal b); /* <0, 0, >0 */
bool decimal_is_zero(struct decimal d);

/* To the nearest multiple of step (> 0), ties to the even multiple. */
bool decimal_round_to(struct decimal d, struct decimal step, struct decimal *out);
/* At most `digits` significant digits, half-even. */
bool decimal_round_significant(struct decimal d, int digits, struct decimal *out);
/* a / b rounded half-even to a multiple of step. b not 0. */
bool
decimal_divide_to(struct decimal a, struct decimal b, struct decimal step, struct decimal *out);
/* a mod b with the sign of b (so -1 mod 5 is 4). b not 0. */
bool decimal_modulo(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_floor(struct decimal d, int64_t *out);      /* toward minus infinity */
bool decimal_to_integer(struct decimal d, int64_t *out); /* false unless whole */

#endif
