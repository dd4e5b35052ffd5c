/*
 * crypto.h: the only door to OpenSSL: MACs, digests, constant-time comparison, and the strict
 * spellings of bytes as text (base64, base64url, hex). Functions that return bool preset failure:
 * false means that OpenSSL or memory failed, or that a text is not in its one right spelling.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { CRYPTO_SHA256_LEN = 32, CRYPTO_SHA512_LEN = 64 };

struct crypto_part {
	const void *bytes;
	size_t len;
};

/* HMAC-SHA256 (RFC 2104) over the parts, one behind the other. The key is not empty. */
bool crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN]);

bool crypto_sha256(const void *data, size_t len, unsigned char out[static CRYPTO_SHA256_LEN]);
bool crypto_sha512(const void *data, size_t len, unsigned char out[static CRYPTO_SHA512_LEN]);

/*
 * CRYPTO_SHA256_LEN random bytes of this process that nobody ever sees: a key where there is none.
 */
const unsigned char *crypto_nobody(void);

/* Takes the same time wherever the bytes differ. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Overwrites in a way that the compiler keeps. */
void crypto_wipe(void *p, size_t len);

/* RFC 4648: section 4 with padding, section 5 without, section 8 in lower case. Append to out. */
void crypto_base64(struct buf *out, const void *data, size_t len);
void crypto_base64url(struct buf *out, const void *data, size_t len);
void crypto_hex(struct buf *out, const void *data, size_t len);

/*
 * Decode len characters into at most max bytes, *n of them. Strict: no blanks or line ends, padding
 * exactly as section 4 has it (none in base64url), unused bits zero, so that one value has one
 * spelling. Hex takes both cases.
 */
bool crypto_base64_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
bool crypto_base64url_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);
bool crypto_hex_decode(const char *s, size_t len, unsigned char *out, size_t max, size_t *n);

#endif
