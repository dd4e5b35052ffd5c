/*
 * fuzz_yaml.c: any bytes as YAML: a document or faults, never both and never neither; what is taken
 * is written as JSON that parses to the same.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "base/bounds.h"
#include "base/text.h"
#include "format/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_document(struct arena *a, const struct value *v)
{
	struct value *back;
	struct buf b;
	char why[100];

	buf_init(&b, 256 * 1024 * 1024);
	json_value(&b, v);
	check(b.err == GW_OK);
	back = json_parse(a, b.data, b.len, &json_answer, why, sizeof(why));
	check(back != NULL && value_equal(v, back));
	buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct faults faults;
	struct value *v;
	size_t i;

	arena_init(&a, LIMIT_ARENA);
	faults_init(&faults, &a);
	v = yaml_parse(&a, "f", (const char *)data, size, &faults);
	check((v == NULL) == (faults.n > 0));
	for (i = 0; i < faults.n; i++)
		check(text_starts(faults.texts[i], "f:") && strcmp(faults.texts[i], "f: ") > 0);
	if (v != NULL)
		fuzz_document(&a, v);
	arena_clear(&a);
	return 0;
}
