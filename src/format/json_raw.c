/*
 * json_raw.c: what yajl 2.1.0 would let pass, looked for in the raw text, byte by byte, because
 * it may come in pieces: not UTF-8, a byte order mark, lone surrogates, \u0000, form feeds and
 * vertical tabs as space. Not a parser: what is no JSON may pass here. To mend a lone surrogate its
 * escape becomes that of U+FFFD, of the same length, so that all places stay.
 */
#include "format/json_raw.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

enum { ESCAPE_WHOLE = 6, /* bytes of \uXXXX */ MARK_LEN = 3 };

static bool
raw_refuse(struct json_raw *raw, size_t at, const char *reason)
{
	raw->reason = reason;
	raw->at = at;
	return false;
}

/* What was held back and then the piece at hand, as a copy. */
static bool
raw_copy(struct json_raw *raw, const char *text, size_t len)
{
	size_t size = raw->n_held + len;
	char *copy = raw->copy;

	if (size > raw->copy_size) {
		copy = realloc(raw->copy, size);
		raw->no_memory = copy == NULL;
		if (copy == NULL)
			return raw_refuse(raw, 0, "out of memory");
		raw->copy = copy;
		raw->copy_size = size;
	}
	memcpy(copy, raw->held, raw->n_held);
	memcpy(copy + raw->n_held, text, len);
	raw->piece = copy;
	return true;
}

static bool
raw_lone(struct json_raw *raw, size_t at)
{
	static const char replacement[] = "\\ufffd";

	if (!raw->mend)
		return raw_refuse(raw, at, "a lone surrogate");
	if (raw->piece != raw->copy && !raw_copy(raw, raw->piece, raw->piece_len))
		return false;
	memcpy(raw->copy + (at - 1 - raw->first), replacement, ESCAPE_WHOLE);
	return true;
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
		return n > 0 || raw_refuse(raw, raw->read, "not valid UTF-8");
	}
	if (c < raw->low || c > raw->high)
		return raw_refuse(raw, raw->read, "not valid UTF-8");
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
	if (raw->paired && !low && !raw_lone(raw, raw->pair_at))
		return false;
	if (low && !raw->paired && !raw_lone(raw, raw->escape_at))
		return false;
	raw->paired = high;
	raw->pair_at = raw->escape_at;
	return true;
}

/* No second half follows. */
static bool
raw_unpaired(struct json_raw *raw)
{
	bool paired = raw->paired;

	raw->paired = false;
	return !paired || raw_lone(raw, raw->pair_at);
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
	return raw_unpaired(raw);
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
	return raw_unpaired(raw);
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
	static const unsigned char mark[MARK_LEN] = {0xEF, 0xBB, 0xBF};

	raw->mark = raw->read < MARK_LEN && (raw->read == 0 || raw->mark) && c == mark[raw->read];
	raw->read++;
	if (raw->mark && raw->read == MARK_LEN) {
		raw->left = 0;
		raw->token = 0;
		return raw->mend || raw_refuse(raw, 1, "a byte order mark");
	}
	if (!raw_utf8(raw, c))
		return false;
	return raw->inside ? raw_inside(raw, c) : raw_outside(raw, c);
}

/* How many bytes at the front are inside a text and stand for themselves. */
static size_t
raw_plain(struct json_raw *raw, const char *text, size_t len)
{
	size_t n = 0;

	if (!raw->inside || raw->left > 0 || raw->escape > 0 || raw->paired)
		return 0;
	if (len > raw->token_max - raw->token)
		len = raw->token_max - raw->token;
	while (n < len && text[n] > 0 && text[n] != '"' && text[n] != '\\')
		n++;
	raw->read += n;
	raw->token += n;
	if (raw->token > raw->longest)
		raw->longest = raw->token;
	return n;
}

/* Bytes at the end of what came that the next ones decide about. */
static size_t
raw_undecided(const struct json_raw *raw)
{
	if (!raw->mend)
		return 0;
	if (raw->mark)
		return raw->read;
	if (raw->paired)
		return raw->read - (raw->pair_at - 1);
	return raw->escape > 0 ? raw->read - (raw->escape_at - 1) : 0;
}

bool
json_raw_feed(struct json_raw *raw, const char **text, size_t *len)
{
	const char *came = *text;
	size_t i, n = *len, all = raw->n_held + n, held, skipped = 0;

	raw->first = raw->read - raw->n_held;
	raw->piece = came;
	raw->piece_len = n;
	if (raw->n_held > 0 && !raw_copy(raw, came, n))
		return false;
	raw->n_held = 0;
	for (i = 0; i < n && raw->reason == NULL; i++) {
		i += raw_plain(raw, came + i, n - i);
		if (i == n)
			break;
		if (!raw_byte(raw, (unsigned char)came[i]))
			return false;
		if (raw->mark && raw->read == MARK_LEN) {
			raw->mark = false;
			skipped = MARK_LEN;
		}
	}
	held = raw_undecided(raw);
	if (held > 0)
		memcpy(raw->held, raw->piece + all - held, held);
	raw->n_held = held;
	raw->first += skipped;
	*text = raw->piece + skipped;
	*len = all - held - skipped;
	return true;
}

bool
json_raw_end(struct json_raw *raw)
{
	if (raw->reason == NULL && raw->left > 0)
		return raw_refuse(raw, raw->read, "not valid UTF-8");
	if (raw->reason == NULL && raw->paired && !raw->mend)
		return raw_lone(raw, raw->pair_at);
	return raw->reason == NULL;
}

void
json_raw_clear(struct json_raw *raw)
{
	free(raw->copy);
}
