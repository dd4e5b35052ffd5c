/*
 * fuzz_json.c: any bytes as JSON: what is refused has a reason, what is taken is written, compact
 * and pretty, to what parses to the same.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_writer(struct arena *a, const struct value *v, const struct json_limits *limits,
    void (*write)(struct buf *b, const struct value *v))
{
	struct value *back;
	struct buf b, again;
	char why[100];

	buf_init(&b, 64 * 1024 * 1024);
	buf_init(&again, 64 * 1024 * 1024);
	write(&b, v);
	check(b.err == GW_OK && text_utf8(b.data, b.len));
	back = json_parse(a, b.data, b.len, limits, why, sizeof(why));
	check(back != NULL && value_equal(v, back));
	write(&again, back);
	check(again.err == GW_OK && strcmp(b.data, again.data) == 0);
	buf_clear(&again);
	buf_clear(&b);
}

static void
fuzz_limits(const char *text, size_t size, const struct json_limits *limits)
{
	struct arena a;
	struct value *v;
	char why[100] = "";

	arena_init(&a, LIMIT_ARENA);
	v = json_parse(&a, text, size, limits, why, sizeof(why));
	check((v == NULL) == (why[0] != '\0'));
	if (v != NULL) {
		fuzz_writer(&a, v, limits, json_value);
		fuzz_writer(&a, v, limits, json_pretty);
	}
	arena_clear(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_limits small = {.depth = 4, .values = 16, .text = 8};
	struct json_limits grammar = json_answer;
	struct arena a;
	char why[100];

	fuzz_limits((const char *)data, size, &json_input);
	fuzz_limits((const char *)data, size, &small);
	/* With \u0000 names are cut: parsed only. */
	grammar.duplicates = true;
	arena_init(&a, LIMIT_ARENA);
	(void)json_parse(&a, (const char *)data, size, &grammar, why, sizeof(why));
	arena_clear(&a);
	return 0;
}
