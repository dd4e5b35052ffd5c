/*
 * buf.h: bytes that grow up to a given maximum, always NUL-terminated after len.
 * Errors stick: after the first, appends do nothing and err stays; check once at the end.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

#include "base/fail.h"

struct buf {
	char *data; /* never NULL; "" while empty */
	size_t len, cap, max;
	enum gw_err err;
};

void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b); /* frees; the buf may be used again */
void buf_reset(struct buf *b); /* len 0, err GW_OK, memory kept */

void buf_put(struct buf *b, const void *p, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_fail(struct buf *b, enum gw_err err); /* first one sticks */

#endif
