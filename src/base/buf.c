/* buf.c: see buf.h. Compares by subtracting from the maximum, so that nothing wraps. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Up to so much a buffer is not counted; past so much it no longer doubles. */
enum { BUF_FIRST = 256, BUF_SMALL = 4096, BUF_LARGE = 1024 * 1024 };

static char buf_empty[1];

void
buf_init(struct buf *b, size_t max)
{
	b->data = buf_empty;
	b->len = b->cap = 0;
	b->max = max;
	b->err = GW_OK;
}

static size_t
buf_counted(size_t cap)
{
	return cap > BUF_SMALL ? cap : 0;
}

/* Changes what it allocates, never to less than it holds. */
static bool
buf_resize(struct buf *b, size_t cap)
{
	size_t from = buf_counted(b->cap), to = buf_counted(cap);
	char *p;

	if (to > from && !memory_take(to - from))
		return false;
	p = realloc(b->data == buf_empty ? NULL : b->data, cap > 0 ? cap : 1);
	if (p == NULL && to > from)
		memory_give(to - from);
	if (p == NULL)
		return false;
	if (to < from)
		memory_give(from - to);
	b->data = p;
	b->cap = cap;
	return true;
}

void
buf_clear(struct buf *b)
{
	if (b->data != buf_empty)
		free(b->data);
	memory_give(buf_counted(b->cap));
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->err = GW_OK;
	if (b->cap > 0)
		b->data[0] = '\0';
}

void
buf_fail(struct buf *b, enum gw_err err)
{
	if (b->err == GW_OK)
		b->err = err;
}

static bool
buf_room(struct buf *b, size_t len)
{
	size_t cap = b->cap == 0 ? BUF_FIRST : b->cap;

	if (b->err != GW_OK)
		return false;
	if (len > b->max - b->len || len > SIZE_MAX / 4 - b->len) {
		buf_fail(b, GW_EINPUT);
		return false;
	}
	if (b->cap != 0 && len < b->cap - b->len)
		return true;
	while (cap - b->len <= len)
		cap += cap < BUF_LARGE ? cap : cap / 4;
	if (!buf_resize(b, cap)) {
		buf_fail(b, GW_EINTERNAL);
		return false;
	}
	return true;
}

bool
buf_reserve(struct buf *b, size_t len)
{
	if (!buf_room(b, len))
		return false;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_whole(const struct buf *b, struct arena *a)
{
	a->failed = a->failed || b->err == GW_EINTERNAL;
	return b->err == GW_OK;
}

char *
buf_to_arena(struct buf *b, struct arena *a)
{
	char *p;

	if (b->len < BUF_LARGE)
		return arena_strndup(a, b->data, b->len);
	if (!buf_resize(b, b->len + 1)) {
		a->failed = true;
		return NULL;
	}
	/* It is counted once: by the arena from now on. */
	memory_give(buf_counted(b->cap));
	if (!arena_adopt(a, b->data, b->cap)) {
		free(b->data);
		buf_init(b, b->max);
		return NULL;
	}
	p = b->data;
	buf_init(b, b->max);
	return p;
}

void
buf_put(struct buf *b, const void *p, size_t len)
{
	if (!buf_room(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		buf_fail(b, GW_EINTERNAL);
		return;
	}
	if (!buf_room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}
