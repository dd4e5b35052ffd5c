/*
 * json_write.c: values as JSON. Escaping is for any reader, JavaScript's among them (U+2028 and
 * U+2029). Text that is not UTF-8 fails the buffer instead of leaving as broken JSON.
 */
#include "format/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The two-character escapes of RFC 8259 section 7. */
static const char json_short[256] = {['"'] = '"',
    ['\\'] = '\\',
    ['\b'] = 'b',
    ['\f'] = 'f',
    ['\n'] = 'n',
    ['\r'] = 'r',
    ['\t'] = 't'};

/* UTF-8, but NUL may be among it. */
static bool
json_is_text(const char *s, size_t len)
{
	const char *nul;
	size_t n;

	for (;;) {
		nul = len == 0 ? NULL : memchr(s, '\0', len);
		n = nul == NULL ? len : (size_t)(nul - s);
		if (!text_utf8(s, n))
			return false;
		if (nul == NULL)
			return true;
		s += n + 1;
		len -= n + 1;
	}
}

/* Bytes at s that are one character to be escaped; 0 where it can stay. */
static size_t
json_escaped_len(const char *s, const char *end)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0x20 || c == 0x7F || c == '"' || c == '\\')
		return 1;
	if (c == 0xE2 && end - s >= 3 && s[1] == '\x80' && (s[2] == '\xA8' || s[2] == '\xA9'))
		return 3;
	return 0;
}

static void
json_put_escape(struct buf *b, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (n == 3)
		buf_puts(b, s[2] == '\xA8' ? "\\u2028" : "\\u2029");
	else if (json_short[c] != '\0') {
		buf_putc(b, '\\');
		buf_putc(b, json_short[c]);
	} else
		buf_printf(b, "\\u%04x", c);
}

void
json_string_len(struct buf *b, const char *s, size_t len)
{
	const char *end = s + len, *from = s;
	size_t n;

	if (!json_is_text(s, len)) {
		buf_fail(b, GW_EINTERNAL);
		return;
	}
	buf_putc(b, '"');
	while (s < end) {
		n = json_escaped_len(s, end);
		if (n == 0) {
			s++;
			continue;
		}
		buf_put(b, from, (size_t)(s - from));
		json_put_escape(b, s, n);
		s += n;
		from = s;
	}
	buf_put(b, from, (size_t)(s - from));
	buf_putc(b, '"');
}

void
json_string(struct buf *b, const char *s)
{
	json_string_len(b, s, strlen(s));
}

/* A list or object that is being written. */
struct json_frame {
	const struct value *value;
	size_t next;
};

struct json_writer {
	struct buf *buf;
	bool pretty;
	struct json_frame *frames; /* heap */
	size_t depth, cap;
};

static void
json_newline(struct json_writer *w)
{
	size_t i;

	if (!w->pretty)
		return;
	buf_putc(w->buf, '\n');
	for (i = 0; i < w->depth; i++)
		buf_puts(w->buf, "  ");
}

static void
json_push_frame(struct json_writer *w, const struct value *v)
{
	struct json_frame *frames = w->frames;
	size_t cap = w->cap == 0 ? 64 : w->cap * 2;

	if (w->depth >= w->cap) {
		frames = cap > SIZE_MAX / sizeof(*frames) ? NULL
							  : realloc(frames, cap * sizeof(*frames));
		if (frames == NULL) {
			buf_fail(w->buf, GW_EINTERNAL);
			return;
		}
		w->frames = frames;
		w->cap = cap;
	}
	frames[w->depth++] = (struct json_frame){.value = v};
}

/* A scalar or an empty list whole; of another one the opening bracket. */
static void
json_put_value(struct json_writer *w, const struct value *v)
{
	static const char *const empty[] = {[VALUE_LIST] = "[]", [VALUE_OBJECT] = "{}"};

	if (v == NULL || v->kind == VALUE_NULL)
		buf_puts(w->buf, "null");
	else if (v->kind == VALUE_TEXT)
		json_string_len(w->buf, v->text, v->len);
	else if (v->kind == VALUE_NUMBER || v->kind == VALUE_BOOL)
		buf_puts(w->buf, value_str(v));
	else if (v->n == 0)
		buf_puts(w->buf, empty[v->kind]);
	else {
		buf_putc(w->buf, empty[v->kind][0]);
		json_push_frame(w, v);
	}
}

/* The next item of the innermost open one, or its closing bracket. */
static void
json_put_next(struct json_writer *w)
{
	struct json_frame *top = &w->frames[w->depth - 1];
	const struct value *v = top->value;
	size_t i = top->next;

	if (i == v->n) {
		w->depth--;
		json_newline(w);
		buf_putc(w->buf, v->kind == VALUE_LIST ? ']' : '}');
		return;
	}
	if (i > 0)
		buf_putc(w->buf, ',');
	top->next++;
	json_newline(w);
	if (v->kind == VALUE_OBJECT) {
		json_string(w->buf, v->items[i].name);
		buf_puts(w->buf, w->pretty ? ": " : ":");
	}
	json_put_value(w, value_at(v, i));
}

static void
json_write(struct buf *b, const struct value *v, bool pretty)
{
	struct json_writer w = {.buf = b, .pretty = pretty};

	json_put_value(&w, v);
	while (w.depth > 0 && b->err == GW_OK)
		json_put_next(&w);
	free(w.frames);
}

void
json_value(struct buf *b, const struct value *v)
{
	json_write(b, v, false);
}

void
json_pretty(struct buf *b, const struct value *v)
{
	json_write(b, v, true);
}
