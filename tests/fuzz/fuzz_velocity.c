/*
 * fuzz_velocity.c: a JSON context on the first line, a data action's template after it. It is
 * filled in, the same each time, or why says what is not played; and $esc.jsonEncode, $esc.url and
 * $encoding.base64 of any text keep to the letters of the place that they are for.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "format/json.h"
#include "genesys/velocity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 64 * 1024 * 1024, FILLED_MAX = 1024 * 1024, WHY_MAX = 160 };

#define URL_LETTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%+*"
#define BASE64_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static bool
fill(const char *template, const struct value *context, struct buf *out)
{
	char why[WHY_MAX];
	bool good;

	buf_init(out, FILLED_MAX);
	good = velocity_fill(template, context, out, why, sizeof(why));
	check(good == (why[0] == '\0'));
	return good;
}

static void
fuzz_template(const char *template, const struct value *context)
{
	struct buf once, again;
	bool good = fill(template, context, &once);

	check(fill(template, context, &again) == good);
	check(!good || (once.len == again.len && memcmp(once.data, again.data, once.len) == 0));
	if (good && strpbrk(template, "$#\\") == NULL)
		check(strcmp(once.data, template) == 0);
	buf_clear(&once);
	buf_clear(&again);
}

/* Whatever the text is, JSON that it is put into stays JSON and has it. */
static void
fuzz_json_encode(struct arena *a, const char *text, const struct value *context)
{
	const struct value *back;
	char why[WHY_MAX];
	struct buf b;

	if (fill("{\"k\": \"$esc.jsonEncode($x)\"}", context, &b)) {
		back = json_parse(a, b.data, b.len, &json_answer, why, sizeof(why));
		check(back != NULL && strcmp(value_get_text(back, "k"), text) == 0);
	}
	buf_clear(&b);
}

static void
fuzz_letters(const char *template, const char *letters, const struct value *context)
{
	struct buf b;

	if (fill(template, context, &b))
		check(b.data[strspn(b.data, letters)] == '\0');
	buf_clear(&b);
}

static void
fuzz_macros(struct arena *a, const char *text)
{
	struct value *context = value_object(a);

	check(context != NULL && value_set(a, context, "x", value_text(a, text)));
	fuzz_json_encode(a, text, context);
	fuzz_letters("$esc.url($x)", URL_LETTERS, context);
	fuzz_letters("$encoding.base64(\"${x}\")", BASE64_LETTERS, context);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t len = end == NULL ? 0 : (size_t)(end - data);
	const char *rest = end == NULL ? (const char *)data : (const char *)end + 1;
	const struct value *context = NULL;
	struct arena a;
	char why[WHY_MAX], *template;

	arena_init(&a, ARENA_MAX);
	template = arena_strndup(&a, rest, size - (size_t)(rest - (const char *)data));
	if (len > 0)
		context = json_parse(&a, (const char *)data, len, &json_answer, why, sizeof(why));
	check(template != NULL);
	fuzz_template(template, context);
	if (text_utf8(template, strlen(template)))
		fuzz_macros(&a, template);
	arena_clear(&a);
	return 0;
}
