/* number.h: the number of JSON (RFC 8259 section 6): its grammar, and comparing by value. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>

struct number {
	bool negative;
	const char *digits;     /* the whole part; the fraction follows its point */
	size_t whole, fraction; /* digits of each; fraction 0: no point */
	const char *exponent;   /* its sign and digits; NULL: none */
};

/* Bytes of the number at the start of s, at most len; 0: none. It borrows from s. */
size_t number_scan(const char *s, size_t len, struct number *out);
/*
 * Below, at or above 0 as a is less than, equal to or more than b, both JSON numbers. Exact; of
 * exponents of more than 18 digits the exponents alone decide.
 */
int number_compare(const char *a, const char *b);

#endif
