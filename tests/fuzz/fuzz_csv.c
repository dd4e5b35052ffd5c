/* fuzz_csv.c: any bytes as CSV: refused with a fault, or rows as wide as the header. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/csv.h"

enum { FUZZ_ARENA = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"id", "email"};
	struct faults faults;
	struct arena arena;
	struct csv csv;
	size_t i, total = 0;

	arena_init(&arena, FUZZ_ARENA);
	faults_init(&faults, &arena);
	if (csv_parse(&arena, "fuzz", (const char *)data, size, &faults, &csv)) {
		(void)csv_check_header(&csv, names, 2, &faults);
		for (i = 0; i < csv.n; i++) {
			if (csv.rows[i].n != csv.header.n)
				abort();
			total += strlen(csv.rows[i].fields[0].text);
		}
		if (total > size)
			abort();
	} else if (faults.n + faults.lost == 0)
		abort();
	arena_clear(&arena);
	return 0;
}
