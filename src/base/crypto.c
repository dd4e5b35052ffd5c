/*
 * crypto.c: HMAC and digests by OpenSSL 3. Fetching an algorithm by name costs more than using it,
 * so it is done once; each call works on a copy of one prepared context, which threads may copy at
 * the same time.
 */
#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <pthread.h>

static struct {
	pthread_once_t once;
	EVP_MAC_CTX *hmac; /* HMAC-SHA256 without a key; only copied */
	EVP_MD *sha256, *sha512;
	_Alignas(16) unsigned char nobody[CRYPTO_SHA256_LEN];
} crypto = {.once = PTHREAD_ONCE_INIT};

static void
crypto_fetch(void)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	crypto.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	crypto.sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	if (mac == NULL)
		return;
	if (RAND_bytes(crypto.nobody, sizeof(crypto.nobody)) == 1)
		crypto.hmac = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (crypto.hmac != NULL && EVP_MAC_CTX_set_params(crypto.hmac, params) != 1) {
		EVP_MAC_CTX_free(crypto.hmac);
		crypto.hmac = NULL;
	}
}

bool
crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN])
{
	EVP_MAC_CTX *ctx;
	size_t i, len = 0;
	bool ok = false;

	(void)pthread_once(&crypto.once, crypto_fetch);
	if (crypto.hmac == NULL)
		return false;
	ctx = EVP_MAC_CTX_dup(crypto.hmac);
	if (ctx == NULL)
		return false;
	if (EVP_MAC_init(ctx, key, key_len, NULL) != 1)
		goto out;
	for (i = 0; i < n; i++) {
		if (parts[i].len > 0 && EVP_MAC_update(ctx, parts[i].bytes, parts[i].len) != 1)
			goto out;
	}
	ok = EVP_MAC_final(ctx, out, &len, CRYPTO_SHA256_LEN) == 1 && len == CRYPTO_SHA256_LEN;
out:
	EVP_MAC_CTX_free(ctx);
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
