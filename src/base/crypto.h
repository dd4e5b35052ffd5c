/*
 * crypto.h: the only door to OpenSSL: MACs, digests, signatures and constant-time comparison.
 * Functions that return bool preset failure: false means that OpenSSL or memory failed.
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

enum { CRYPTO_SHA256_LEN = 32, CRYPTO_SHA512_LEN = 64 };

struct crypto_part {
	const void *bytes;
	size_t len;
};

/* HMAC-SHA256 (RFC 2104) over the parts, one after the other. The key is not empty. */
bool crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN]);

/*
 * RSA PKCS #1 v1.5 over SHA-256 (RS256 of RFC 7518) with a private key in PEM that has no
 * passphrase. *len: bytes written.
 */
enum { CRYPTO_SIGNATURE_MAX = 1024 };
bool crypto_sign(const char *pem, const void *data, size_t data_len,
    unsigned char out[static CRYPTO_SIGNATURE_MAX], size_t *len);

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

/* OpenSSL's version, as it runs. Static. */
const char *crypto_library(void);

#endif
