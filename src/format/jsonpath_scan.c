/*
 * jsonpath_scan.c: what a JSONPath is made of: blanks, marks, integers, and the string literals of
 * names and filters (RFC 9535 section 2.3.1.1). Only the first fault is reported.
 */
#include "format/jsonpath_scan.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

/* RFC 7493 section 2.2: what a double holds exactly. */
static const int64_t jsonpath_index_max = 9007199254740991;

bool
jsonpath_fail(struct jsonpath_parser *ps, const char *at, const char *what)
{
	if (!ps->failed && ps->why_max > 0)
		(void)snprintf(
		    ps->why, ps->why_max, "%s at byte %zu", what, (size_t)(at - ps->start) + 1);
	ps->failed = true;
	return false;
}

bool
jsonpath_fail_memory(struct jsonpath_parser *ps)
{
	return jsonpath_fail(ps, ps->p, "out of memory");
}

void
jsonpath_skip_blanks(struct jsonpath_parser *ps)
{
	while (ps->p < ps->end &&
	       (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

bool
jsonpath_take(struct jsonpath_parser *ps, const char *s)
{
	size_t len = strlen(s);

	if ((size_t)(ps->end - ps->p) < len || memcmp(ps->p, s, len) != 0)
		return false;
	ps->p += len;
	return true;
}

bool
jsonpath_is_next(const struct jsonpath_parser *ps, char c)
{
	return ps->p < ps->end && *ps->p == c;
}

/* int = "0" / (["-"] DIGIT1 *DIGIT), within 2^53 - 1. *has: there is one. */
bool
jsonpath_scan_int(struct jsonpath_parser *ps, int64_t *out, bool *has)
{
	const char *from = ps->p;
	int64_t n = 0, sign = 1;

	*has = jsonpath_is_next(ps, '-') || (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9');
	if (!*has)
		return true;
	if (jsonpath_take(ps, "-"))
		sign = -1;
	if (ps->p == ps->end || *ps->p < '0' || *ps->p > '9')
		return jsonpath_fail(ps, ps->p, "expected a digit");
	if (*ps->p == '0' &&
	    (sign < 0 || (ps->end - ps->p > 1 && ps->p[1] >= '0' && ps->p[1] <= '9')))
		return jsonpath_fail(ps, from, "an index is written without -0 and leading zeros");
	for (; ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9'; ps->p++) {
		n = n * 10 + (*ps->p - '0');
		if (n > jsonpath_index_max)
			return jsonpath_fail(ps, from, "an index beyond 2^53 - 1");
	}
	*out = sign * n;
	return true;
}

static bool
jsonpath_hex(const char *p, const char *end, unsigned long *unit)
{
	int i, digit;

	*unit = 0;
	if (end - p < 4)
		return false;
	for (i = 0; i < 4; i++) {
		digit = hex_value(p[i]);
		if (digit < 0)
			return false;
		*unit = *unit << 4 | (unsigned long)digit;
	}
	return true;
}

/* After \u: one character, of a pair of surrogates perhaps. */
static bool
jsonpath_scan_unit(struct jsonpath_parser *ps, struct buf *b)
{
	const char *from = ps->p - 2;
	unsigned long c, low;
	char utf8[4];

	if (!jsonpath_hex(ps->p, ps->end, &c))
		return jsonpath_fail(ps, from, "expected four hexadecimal digits after \\u");
	ps->p += 4;
	if (c >= 0xDC00 && c <= 0xDFFF)
		return jsonpath_fail(ps, from, "a lone surrogate");
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!jsonpath_take(ps, "\\u") || !jsonpath_hex(ps->p, ps->end, &low) ||
		    low < 0xDC00 || low > 0xDFFF)
			return jsonpath_fail(ps, from, "a lone surrogate");
		ps->p += 4;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
	}
	buf_put(b, utf8, text_encode(c, utf8));
	return true;
}

/* The backslash is next. */
static bool
jsonpath_scan_escape(struct jsonpath_parser *ps, char quote, struct buf *b)
{
	static const char escapes[] = "bfnrt/\\", meanings[] = "\b\f\n\r\t/\\";
	const char *found;
	char c;

	if (ps->end - ps->p < 2)
		return jsonpath_fail(ps, ps->p, "a text without its closing quote");
	c = ps->p[1];
	ps->p += 2;
	if (c == 'u')
		return jsonpath_scan_unit(ps, b);
	found = c == '\0' ? NULL : strchr(escapes, c);
	if (found == NULL && c != quote)
		return jsonpath_fail(ps, ps->p - 2, "an unknown escape");
	buf_putc(b, found == NULL ? c : meanings[found - escapes]);
	return true;
}

static bool
jsonpath_scan_text(struct jsonpath_parser *ps, struct buf *b)
{
	const char *from = ps->p;
	char quote = *ps->p++;

	while (ps->p < ps->end && *ps->p != quote) {
		if ((unsigned char)*ps->p < 0x20)
			return jsonpath_fail(ps, ps->p, "a control character in a text");
		if (*ps->p != '\\')
			buf_putc(b, *ps->p++);
		else if (!jsonpath_scan_escape(ps, quote, b))
			return false;
	}
	if (ps->p == ps->end)
		return jsonpath_fail(ps, from, "a text without its closing quote");
	ps->p++;
	return b->err == GW_OK || jsonpath_fail_memory(ps);
}

struct value *
jsonpath_scan_string(struct jsonpath_parser *ps)
{
	struct value *v = NULL;
	struct buf b;

	buf_init(&b, JSONPATH_EXPRESSION);
	if (jsonpath_scan_text(ps, &b)) {
		v = value_text_len(ps->arena, b.data, b.len);
		if (v == NULL)
			(void)jsonpath_fail_memory(ps);
	}
	buf_clear(&b);
	return v;
}
