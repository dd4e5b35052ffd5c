/* encode.h: bytes as text (RFC 4648): base64, base64url, hex. */
#ifndef ENCODE_H
#define ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Section 4 with padding, section 5 without, section 8 in lower case. Append to out. */
void base64_encode(struct buf *out, const void *data, size_t len);
void base64url_encode(struct buf *out, const void *data, size_t len);
void hex_encode(struct buf *out, const void *data, size_t len);

/*
 * Decode len characters into at most max bytes, *n of them. Strict: no blanks or line ends, padding
 * exactly as section 4 has it (none in base64url), unused bits zero, so that one value has one
 * spelling. Hex takes both cases.
 */
bool base64_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
bool base64url_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
bool hex_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
int hex_value(char c); /* of a digit in either case; -1: it is none */

#endif
