/*
 * auth_fuzz.h: a route's callers and a request for the fuzzers of authentication. There is no
 * store, so whatever needs to spend a nonce is refused for that at the latest.
 */
#ifndef AUTH_FUZZ_H
#define AUTH_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/form.h"

enum { FUZZ_NOW = 1700000000, FUZZ_ARENA = 16 * 1024 * 1024, FUZZ_PARTS = 8 };

#define FUZZ_KEY    "0123456789abcdef0123456789abcdef"
#define FUZZ_SECRET "client secret"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
fuzz_check(bool holds)
{
	if (!holds)
		abort();
}

static inline int64_t
fuzz_wall_ms(void *context)
{
	(void)context;
	return (int64_t)FUZZ_NOW * 1000;
}

static inline bool
fuzz_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 0x5A, len);
	return true;
}

static const struct clock fuzz_clock = {.wall_ms = fuzz_wall_ms, .random = fuzz_random};

static inline struct caller_key
fuzz_key(const char *id, const char *secret)
{
	return (struct caller_key){.id = id,
	    .secret = {(const unsigned char *)secret, strlen(secret)},
	    .not_before_s = INT64_MIN,
	    .not_after_s = INT64_MAX};
}

/* Cuts the input at NUL bytes into at most n texts, copied; the rest are "". */
static inline void
fuzz_cut(struct arena *a, const uint8_t *data, size_t size, const char **parts, size_t n)
{
	const char *text = arena_strndup(a, (const char *)data, size), *end = text + size;
	size_t i;

	for (i = 0; i < n; i++) {
		parts[i] = text < end ? text : "";
		if (text < end)
			text += strlen(text) + 1;
	}
}

#endif
