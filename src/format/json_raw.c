/*
 * json_raw.c: what yajl 2.1.0 would let pass, looked for in the raw text, byte by byte, because
 * it may come in pieces: not UTF-8, a byte order mark, lone surrogates, \u0000, form feeds and
 * vertical tabs as space. Not a parser: what is no JSON may pass here.
 */
#include "format/json_raw.h"

#include <string.h>

#include "base/encode.h"
#include "base/text.h"

enum { ESCAPE_WHOLE = 6 }; /* bytes of \uXXXX */

static bool
raw_refuse(struct json_raw *raw, size_t at, const char *reason)
{
	raw->reason = reason;
	raw->at = at;
	return false;
}

static bool
raw_lone(struct json_raw *raw, size_t at)
{
	return raw_refuse(raw, at, "a lone surrogate");
}

static bool
raw_count(struct json_raw *raw)
{
	if (++raw->token > raw->longest)
		raw->longest = raw->token;
	return raw->token <= raw->token_max ||
	       raw_refuse(raw, raw->read, "a text or number is too long");
}

static bool
raw_utf8(struct json_raw *raw, unsigned char c)
{
	size_t n;

	if (raw->left == 0) {
		n = text_sequence(c, &raw->low, &raw->high);
		raw->left = n == 0 ? 0 : (unsigned char)(n - 1);
		return n > 0 || raw_refuse(raw, 0, "not valid UTF-8");
	}
	if (c < raw->low || c > raw->high)
		return raw_refuse(raw, 0, "not valid UTF-8");
	raw->low = 0x80;
	raw->high = 0xBF;
	raw->left--;
	return true;
}

/* A whole \uXXXX. */
static bool
raw_unit(struct json_raw *raw)
{
	bool high = raw->unit >= 0xD800 && raw->unit <= 0xDBFF;
	bool low = raw->unit >= 0xDC00 && raw->unit <= 0xDFFF;

	raw->escape = 0;
	if (raw->unit == 0 && !raw->nul)
		return raw_refuse(raw, raw->escape_at, "\\u0000 in a text");
	if (raw->paired != low)
		return raw_lone(raw, raw->paired ? raw->pair_at : raw->escape_at);
	raw->paired = high;
	raw->pair_at = raw->escape_at;
	return true;
}

/* Inside an escape. A wrong one passes: yajl will refuse it. */
static bool
raw_escape(struct json_raw *raw, unsigned char c)
{
	int digit = hex_value((char)c);

	if (raw->escape == 1 && c == 'u') {
		raw->escape = 2;
		raw->unit = 0;
		return true;
	}
	if (raw->escape >= 2 && digit >= 0) {
		raw->unit = raw->unit * 16 + (unsigned)digit;
		return ++raw->escape < ESCAPE_WHOLE || raw_unit(raw);
	}
	raw->escape = 0;
	return !raw->paired || raw_lone(raw, raw->pair_at);
}

static bool
raw_inside(struct json_raw *raw, unsigned char c)
{
	if (!raw_count(raw))
		return false;
	if (raw->escape > 0)
		return raw_escape(raw, c);
	if (c == '\\') {
		raw->escape = 1;
		raw->escape_at = raw->read;
		return true;
	}
	if (c == '"') {
		raw->inside = false;
		raw->token = 0;
	}
	return !raw->paired || raw_lone(raw, raw->pair_at);
}

static bool
raw_outside(struct json_raw *raw, unsigned char c)
{
	raw->inside = c == '"';
	if (c <= ' ' || strchr("\"{}[],:", c) != NULL)
		raw->token = 0;
	else if (!raw_count(raw))
		return false;
	return (c != '\f' && c != '\v') ||
	       raw_refuse(raw, raw->read, "a character that is no space");
}

static bool
raw_byte(struct json_raw *raw, unsigned char c)
{
	static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};

	raw->mark =
	    raw->read < sizeof(mark) && (raw->read == 0 || raw->mark) && c == mark[raw->read];
	raw->read++;
	if (raw->mark && raw->read == sizeof(mark))
		return raw_refuse(raw, 1, "a byte order mark");
	if (!raw_utf8(raw, c))
		return false;
	return raw->inside ? raw_inside(raw, c) : raw_outside(raw, c);
}

bool
json_raw_feed(struct json_raw *raw, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && raw->reason == NULL; i++) {
		if (!raw_byte(raw, (unsigned char)text[i]))
			break;
	}
	return raw->reason == NULL;
}

bool
json_raw_end(struct json_raw *raw)
{
	if (raw->reason == NULL && raw->left > 0)
		return raw_refuse(raw, 0, "not valid UTF-8");
	if (raw->reason == NULL && raw->paired)
		return raw_lone(raw, raw->pair_at);
	return raw->reason == NULL;
}
