/* buf.c: see buf.h. Compares by subtracting from the maximum, so that nothing wraps. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char buf_empty[1];

void
buf_init(struct buf *b, size_t max)
{
	b->data = buf_empty;
	b->len = b->cap = 0;
	b->max = max;
	b->err = GW_OK;
}

void
buf_clear(struct buf *b)
{
	if (b->data != buf_empty)
		free(b->data);
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

static int
buf_room(struct buf *b, size_t len)
{
	size_t cap = b->cap == 0 ? 64 : b->cap;
	char *p;

	if (b->err != GW_OK)
		return 0;
	if (len > b->max - b->len || len > SIZE_MAX / 4 - b->len) {
		buf_fail(b, GW_EINPUT);
		return 0;
	}
	if (b->cap != 0 && len < b->cap - b->len)
		return 1;
	while (cap - b->len <= len)
		cap *= 2;
	p = realloc(b->data == buf_empty ? NULL : b->data, cap);
	if (p == NULL) {
		buf_fail(b, GW_EINTERNAL);
		return 0;
	}
	b->data = p;
	b->cap = cap;
	return 1;
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
