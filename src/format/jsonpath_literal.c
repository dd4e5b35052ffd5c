/* jsonpath_literal.c: string literals, of names and of filters (RFC 9535 section 2.3.1.1). */
#include "format/jsonpath_tree.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static bool
jsonpath_hex(const char *p, const char *end, unsigned long *unit)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	size_t i;

	*unit = 0;
	if (end - p < 4)
		return false;
	for (i = 0; i < 4; i++) {
		digit = p[i] == '\0'
			    ? NULL
			    : strchr(digits, p[i] >= 'A' && p[i] <= 'F' ? p[i] | 0x20 : p[i]);
		if (digit == NULL)
			return false;
		*unit = *unit << 4 | (unsigned long)(digit - digits);
	}
	return true;
}

/* Behind \u: one character, of a pair of surrogates perhaps. */
static bool
jsonpath_parse_unit(struct jsonpath_parser *ps, struct buf *b)
{
	const char *from = ps->p - 2;
	unsigned long c, low;
	char utf8[4];

	if (!jsonpath_hex(ps->p, ps->end, &c))
		return jsonpath_fail(ps, from, "expected four hexadecimal digits behind \\u");
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
jsonpath_parse_escape(struct jsonpath_parser *ps, char quote, struct buf *b)
{
	static const char escapes[] = "bfnrt/\\", meanings[] = "\b\f\n\r\t/\\";
	const char *found;
	char c;

	if (ps->end - ps->p < 2)
		return jsonpath_fail(ps, ps->p, "a text without its closing quote");
	c = ps->p[1];
	ps->p += 2;
	if (c == 'u')
		return jsonpath_parse_unit(ps, b);
	found = c == '\0' ? NULL : strchr(escapes, c);
	if (found == NULL && c != quote)
		return jsonpath_fail(ps, ps->p - 2, "an unknown escape");
	buf_putc(b, found == NULL ? c : meanings[found - escapes]);
	return true;
}

static bool
jsonpath_parse_text(struct jsonpath_parser *ps, struct buf *b)
{
	const char *from = ps->p;
	char quote = *ps->p++;

	while (ps->p < ps->end && *ps->p != quote) {
		if ((unsigned char)*ps->p < 0x20)
			return jsonpath_fail(ps, ps->p, "a control character in a text");
		if (*ps->p != '\\')
			buf_putc(b, *ps->p++);
		else if (!jsonpath_parse_escape(ps, quote, b))
			return false;
	}
	if (ps->p == ps->end)
		return jsonpath_fail(ps, from, "a text without its closing quote");
	ps->p++;
	return b->err == GW_OK || jsonpath_fail_memory(ps);
}

struct value *
jsonpath_parse_string(struct jsonpath_parser *ps)
{
	struct value *v = NULL;
	struct buf b;

	buf_init(&b, JSONPATH_EXPRESSION);
	if (jsonpath_parse_text(ps, &b)) {
		v = value_text_len(ps->arena, b.data, b.len);
		if (v == NULL)
			(void)jsonpath_fail_memory(ps);
	}
	buf_clear(&b);
	return v;
}
