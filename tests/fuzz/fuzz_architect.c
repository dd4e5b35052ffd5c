/*
 * fuzz_architect.c: an expression of Architect on the first line, the variables as JSON after it;
 * where the first line is JSON, it is the tree that an export has of one. What is read runs to its
 * end, twice to the same value, or why says why not.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "genesys/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 64 * 1024 * 1024 };

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_run(struct arena *a, const struct expression *e, const struct value *variables)
{
	char why[EXPRESSION_WHY_MAX];
	const struct value *once, *again;

	once = expression_run(a, e, variables, why);
	check((once == NULL) == (why[0] != '\0'));
	again = expression_run(a, e, variables, why);
	check((once == NULL) == (again == NULL));
	check(once == NULL || value_equal(once, again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t len = end == NULL ? size : (size_t)(end - data);
	const struct value *variables = NULL, *tree;
	const struct expression *e;
	struct arena a;
	char why[EXPRESSION_WHY_MAX], *text;

	arena_init(&a, ARENA_MAX);
	if (end != NULL)
		variables = json_parse(
		    &a, (const char *)end + 1, size - len - 1, &json_answer, why, sizeof(why));
	text = arena_strndup(&a, (const char *)data, len);
	tree = json_parse(&a, (const char *)data, len, &json_answer, why, sizeof(why));
	check(text != NULL);
	e = tree == NULL ? expression_parse(&a, text, why) : expression_from_tree(&a, tree, why);
	check((e == NULL) == (why[0] != '\0'));
	if (e != NULL)
		fuzz_run(&a, e, variables);
	arena_clear(&a);
	return 0;
}
