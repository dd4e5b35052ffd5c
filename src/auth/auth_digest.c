/* auth_digest.c: Content-Digest, RFC 9530, section 2, of a request's body. */
#include "auth/form.h"

#include <string.h>

static const struct {
	const char *name;
	bool (*digest)(const void *data, size_t len, unsigned char *out);
	size_t len;
} digests[] = {
    {"sha-256", crypto_sha256, CRYPTO_SHA256_LEN},
    {"sha-512", crypto_sha512, CRYPTO_SHA512_LEN},
};

bool
auth_digest(struct arena *a, const struct request *r, const char **why)
{
	const char *header = request_header(r, "content-digest");
	unsigned char ours[CRYPTO_SHA512_LEN];
	struct sfv_dictionary given;
	const struct sfv_member *m;
	size_t i, known = 0;

	*why = "Content-Digest is absent";
	if (header == NULL)
		return false;
	*why = "Content-Digest is not well-formed";
	if (strlen(header) > AUTH_HEADER_MAX ||
	    !sfv_parse_dictionary(a, header, strlen(header), &given))
		return false;
	for (i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		m = sfv_member(&given, digests[i].name);
		if (m == NULL)
			continue;
		known++;
		*why = "Content-Digest is not well-formed";
		if (m->inner || m->item.bare.kind != SFV_BYTES ||
		    m->item.bare.len != digests[i].len ||
		    !digests[i].digest(r->body, r->body_len, ours))
			return false;
		*why = "Content-Digest is not the body's";
		if (!crypto_equal(ours, m->item.bare.text, digests[i].len))
			return false;
	}
	*why = "Content-Digest has neither sha-256 nor sha-512";
	return known > 0;
}
