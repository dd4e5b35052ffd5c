/*
 * fuzz_fcgi_read.c: any bytes from a web server, in slices that the first byte chooses. What is
 * read does not depend on the slices, is within the limits, and holds whole pairs only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bounds.h"
#include "server/fcgi_read.h"

enum { FUZZ_MAX = 96 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* Slices of 1 to `most` bytes, by a generator of its own (Marsaglia's xorshift). */
static size_t
read_sliced(struct fcgi_reader *r, const uint8_t *data, size_t size, uint32_t seed, size_t most)
{
	size_t at = 0, part, used;

	fcgi_reader_init(r);
	while (at < size && r->stage < FCGI_WHOLE) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		part = 1 + seed % most;
		if (part > size - at)
			part = size - at;
		used = fcgi_reader_feed(r, data + at, part);
		check(used == part || r->stage >= FCGI_WHOLE);
		at += used;
	}
	if (r->stage < FCGI_WHOLE)
		fcgi_reader_end(r, "cut off");
	return at;
}

static void
check_same(const struct buf *a, const struct buf *b)
{
	check(a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fcgi_reader whole, sliced;
	struct arena a;

	if (size < 2 || size > FUZZ_MAX)
		return 0;
	check(read_sliced(&whole, data + 1, size - 1, 1, FUZZ_MAX) ==
	      read_sliced(&sliced, data + 1, size - 1, data[0] + 1u, 1 + data[0] % 23u));
	check(whole.stage == sliced.stage && whole.stage >= FCGI_WHOLE);
	check(whole.stage == FCGI_WHOLE || (whole.why != NULL && sliced.why != NULL));
	check_same(&whole.replies, &sliced.replies);
	if (whole.stage == FCGI_WHOLE) {
		check(whole.params.len <= LIMIT_PARAM_BYTES && whole.body.len <= LIMIT_BODY);
		check(whole.body_whole == sliced.body_whole && whole.keep == sliced.keep);
		check_same(&whole.params, &sliced.params);
		check_same(&whole.body, &sliced.body);
		arena_init(&a, 1024 * 1024);
		check(fcgi_reader_variables(&whole, &a) != NULL);
		arena_clear(&a);
	}
	fcgi_reader_clear(&whole);
	fcgi_reader_clear(&sliced);
	return 0;
}
