/*
 * crypto.c: HMAC and digests by OpenSSL 3. Fetching an algorithm by name costs more than using it,
 * so it is done once. HMAC is made of two digests here: OpenSSL's own allocates a dozen pieces for
 * each, and a request is worth eight.
 */
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

enum { HMAC_BLOCK = 64 }; /* of SHA-256 */

static struct {
	pthread_once_t once;
	EVP_MD *sha256, *sha512;
	bool has_nobody;
	_Alignas(16) unsigned char nobody[CRYPTO_SHA256_LEN];
} crypto = {.once = PTHREAD_ONCE_INIT};

static void
crypto_fetch(void)
{
	crypto.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	crypto.sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	crypto.has_nobody = RAND_bytes(crypto.nobody, sizeof(crypto.nobody)) == 1;
}

/* The digest of the key, its bytes changed by `with`, and the parts. */
static bool
hmac_half(EVP_MD_CTX *ctx, const unsigned char key[static HMAC_BLOCK], unsigned char with,
    const struct crypto_part *parts, size_t n, unsigned char out[static CRYPTO_SHA256_LEN])
{
	unsigned char pad[HMAC_BLOCK];
	bool ok;
	size_t i;

	for (i = 0; i < sizeof(pad); i++)
		pad[i] = key[i] ^ with;
	ok = EVP_DigestInit_ex2(ctx, crypto.sha256, NULL) == 1 &&
	     EVP_DigestUpdate(ctx, pad, sizeof(pad)) == 1;
	for (i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].bytes, parts[i].len) == 1;
	crypto_wipe(pad, sizeof(pad));
	return ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
}

/* RFC 2104. */
bool
crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN])
{
	unsigned char block[HMAC_BLOCK] = {0}, inner[CRYPTO_SHA256_LEN];
	const struct crypto_part part = {.bytes = inner, .len = sizeof(inner)};
	EVP_MD_CTX *ctx;
	bool ok;

	(void)pthread_once(&crypto.once, crypto_fetch);
	ctx = crypto.sha256 == NULL || !crypto.has_nobody ? NULL : EVP_MD_CTX_new();
	if (ctx == NULL)
		return false;
	if (key_len > sizeof(block))
		ok = crypto_sha256(key, key_len, block);
	else {
		memcpy(block, key, key_len);
		ok = true;
	}
	ok = ok && hmac_half(ctx, block, 0x36, parts, n, inner) &&
	     hmac_half(ctx, block, 0x5C, &part, 1, out);
	crypto_wipe(block, sizeof(block));
	crypto_wipe(inner, sizeof(inner));
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* A key that asks for a passphrase is no key here: the terminal is not asked. */
static int
no_passphrase(char *buf, int size, int rwflag, void *context)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)context;
	return -1;
}

bool
crypto_sign(const char *pem, const void *data, size_t data_len,
    unsigned char out[static CRYPTO_SIGNATURE_MAX], size_t *len)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key =
	    bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = false;

	*len = CRYPTO_SIGNATURE_MAX;
	if (key != NULL && ctx != NULL && EVP_PKEY_is_a(key, "RSA") &&
	    (size_t)EVP_PKEY_get_size(key) <= CRYPTO_SIGNATURE_MAX)
		ok = EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
		     EVP_DigestSign(ctx, out, len, data, data_len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

bool
crypto_sha256(const void *data, size_t len, unsigned char out[static CRYPTO_SHA256_LEN])
{
	(void)pthread_once(&crypto.once, crypto_fetch);
	return crypto.sha256 != NULL && EVP_Digest(data, len, out, NULL, crypto.sha256, NULL) == 1;
}

bool
crypto_sha512(const void *data, size_t len, unsigned char out[static CRYPTO_SHA512_LEN])
{
	(void)pthread_once(&crypto.once, crypto_fetch);
	return crypto.sha512 != NULL && EVP_Digest(data, len, out, NULL, crypto.sha512, NULL) == 1;
}

const unsigned char *
crypto_nobody(void)
{
	(void)pthread_once(&crypto.once, crypto_fetch);
	return crypto.nobody;
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
crypto_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

const char *
crypto_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
