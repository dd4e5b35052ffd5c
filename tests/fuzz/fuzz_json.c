/*
 * fuzz_json.c: any bytes as JSON: what is refused has a reason, what is taken is written, compact
 * and pretty, to what parses to the same; and in pieces it is judged as it is whole.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "base/text.h"

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
fuzz_item(void *context, struct arena *a, const struct value *item)
{
	size_t *n = context;

	(void)a;
	check(item != NULL);
	(*n)++;
}

/* In pieces of one, two, three ... bytes, the items of the outermost list passing by. */
static void
fuzz_pieces(struct arena *a, const char *text, size_t size, const struct json_limits *limits,
    const struct value *whole)
{
	size_t n = 0, at = 0, len = 1;
	const struct json_list list = {.item = fuzz_item, .context = &n};
	struct json_reader *r = json_reader_new(a, limits, &list);
	struct value *v;
	char why[100];

	check(r != NULL);
	for (; at < size; at += len, len++) {
		if (len > size - at)
			len = size - at;
		json_reader_feed(r, text + at, len);
	}
	v = json_reader_end(r, why, sizeof(why));
	json_reader_free(r);
	check((v == NULL) == (whole == NULL));
	check(whole == NULL || (whole->kind == VALUE_LIST ? n == whole->n : n == 0));
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
	/* What passed by is not counted as kept. */
	if (limits->values > size)
		fuzz_pieces(&a, text, size, limits, v);
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
	struct json_limits grammar = json_answer, mending = json_input;
	struct arena a;
	char why[100];

	fuzz_limits((const char *)data, size, &json_input);
	fuzz_limits((const char *)data, size, &small);
	mending.mend = true;
	fuzz_limits((const char *)data, size, &mending);
	/* With \u0000 names are cut: parsed only. */
	grammar.duplicates = true;
	arena_init(&a, LIMIT_ARENA);
	(void)json_parse(&a, (const char *)data, size, &grammar, why, sizeof(why));
	arena_clear(&a);
	return 0;
}
