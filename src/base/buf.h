/*
 * buf.h: bytes that grow up to a given maximum, always NUL-terminated after len.
 * Errors stick: after the first, appends do nothing and err stays; check once at the end.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
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
/* Room for len bytes more, which then do not fail; false, with err: there is none. */
bool buf_reserve(struct buf *b, size_t len);
/* Is nothing of it missing? A lack of memory is noted as the arena's, for who answers. */
bool buf_whole(const struct buf *b, struct arena *a);
/*
 * The content as a text of the arena; a large one is not copied, and b is empty then. NULL: no
 * memory; b may be empty.
 */
char *buf_to_arena(struct buf *b, struct arena *a);
void buf_fail(struct buf *b, enum gw_err err); /* first one sticks */

#endif
