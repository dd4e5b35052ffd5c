/*
 * fuzz_sfv.c: any bytes as a dictionary of structured fields: what is taken can be written, and
 * what is written is taken as the same and written the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/sfv.h"

enum { FUZZ_ARENA = 4 * 1024 * 1024, FUZZ_TEXT = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
write_all(const struct sfv_dictionary *d, struct buf *out)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		check(sfv_member(d, d->members[i].key) == &d->members[i]);
		if (i > 0)
			buf_puts(out, ", ");
		buf_puts(out, d->members[i].key);
		buf_putc(out, '=');
		sfv_write_member(out, &d->members[i]);
	}
	check(out->err == GW_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfv_dictionary d, again;
	struct buf first, second;
	struct arena a;

	arena_init(&a, FUZZ_ARENA);
	buf_init(&first, FUZZ_TEXT);
	buf_init(&second, FUZZ_TEXT);
	if (sfv_parse_dictionary(&a, (const char *)data, size, &d)) {
		write_all(&d, &first);
		check(sfv_parse_dictionary(&a, first.data, first.len, &again));
		check(again.n == d.n);
		write_all(&again, &second);
		check(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	}
	buf_clear(&first);
	buf_clear(&second);
	arena_clear(&a);
	return 0;
}
