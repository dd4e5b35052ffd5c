/*
 * json_check.c: what yajl 2.1.0 would let pass, looked for in the raw text: not UTF-8, a byte order
 * mark, lone surrogates, \u0000, form feeds and vertical tabs as space. Not a parser: what is no
 * JSON may pass here.
 */
#include "json_parts.h"

#include <string.h>

#include "text.h"

/* The four digits of \uXXXX at p; -1 where they are none (yajl will say so). */
static long
json_unit(const char *p, const char *end)
{
	long unit = 0;
	int i;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			unit = unit * 16 + (p[i] - '0');
		else if ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			unit = unit * 16 + ((p[i] | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return unit;
}

/* Bytes of the escape at p, which is a backslash inside a text; 0 with a reason in *reason. */
static size_t
json_escape_len(const char *p, const char *end, bool nul, const char **reason)
{
	long unit = json_unit(p, end), low;

	if (unit == 0 && !nul)
		*reason = "\\u0000 in a text";
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		*reason = "a lone surrogate";
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		low = json_unit(p + 6, end);
		if (low >= 0xDC00 && low <= 0xDFFF)
			return 12;
		*reason = "a lone surrogate";
	}
	if (*reason != NULL)
		return 0;
	return end - p > 1 ? 2 : 1;
}

const char *
json_check_raw(const char *text, size_t len, bool nul, size_t *at)
{
	const char *p = text, *end = text + len, *reason = NULL;
	bool inside = false;

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		*at = 1;
		return "a byte order mark";
	}
	if (!text_utf8(text, len))
		return "not valid UTF-8";
	while (p < end) {
		if (*p == '"')
			inside = !inside;
		else if (inside && *p == '\\') {
			p += json_escape_len(p, end, nul, &reason);
			if (reason == NULL)
				continue;
		} else if (!inside && (*p == '\f' || *p == '\v'))
			reason = "a character that is no space";
		if (reason != NULL)
			break;
		p++;
	}
	*at = (size_t)(p - text) + 1;
	return reason;
}
