/*
 * throttle.c: failed attempts at a secret, counted by route, address and the caller they name, in
 * state.db, so that all processes count together. What counts as one depends on the request alone
 * and on no route: else the count would show which routes there are, and what header one reads.
 */
#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { THROTTLE_FAILURES = 10, THROTTLE_WINDOW_S = 60 };

bool
auth_may_hold_key(const struct request *r)
{
	size_t i;

	for (i = 0; i < r->n_headers; i++) {
		if (!callers_header_is_taken(r->headers[i].name))
			return true;
	}
	return false;
}

/* An IPv6 host has a /64 for itself (RFC 4291, section 2.5.1): one network is one address. */
static const char *
network_of(const char *remote, char out[INET6_ADDRSTRLEN])
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, remote, &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address))
		return remote;
	memset(&address.s6_addr[8], 0, 8);
	return inet_ntop(AF_INET6, &address, out, INET6_ADDRSTRLEN);
}

int64_t
auth_throttle(const struct auth_env *env, const char *route, const char *remote, const char *id)
{
	char text[INET6_ADDRSTRLEN];
	const char *network = network_of(remote, text);
	const struct crypto_part parts[] = {
	    {route, strlen(route) + 1},
	    {network, strlen(network) + 1},
	    {id, strlen(id)},
	};
	int64_t now_s = clock_wall_s(env->clock), n = 0, ends_s = 0;
	unsigned char digest[CRYPTO_SHA256_LEN];
	struct buf key;

	/* Of a fixed length, whatever was sent. */
	buf_init(&key, 2 * sizeof(digest));
	if (crypto_hmac("throttle", 8, parts, ARRAY_LEN(parts), digest))
		hex_encode(&key, digest, sizeof(digest));
	if (env->store == NULL || store_tally(env->store, "throttle", key.data, now_s,
				      THROTTLE_WINDOW_S, 1, &n, &ends_s) != GW_OK)
		n = 0;
	buf_clear(&key);
	return n > THROTTLE_FAILURES ? ends_s - now_s + 1 : 0;
}
