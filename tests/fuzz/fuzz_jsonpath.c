/*
 * fuzz_jsonpath.c: PATH, NUL, DOCUMENT: a path that compiles selects within its work; the longest
 * path of a text is a path; singular paths select one node at most; asked twice the nodes are the
 * same. PATH as an I-Regexp matches a part of DOCUMENT where it matches the whole.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "format/jsonpath.h"
#include "format/regexp.h"
#include "base/text.h"

enum { FUZZ_PATH_MAX = 300, FUZZ_DOCUMENT_MAX = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_select(struct arena *a, const struct jsonpath *p, const struct value *root)
{
	struct nodes first, second;
	size_t i;

	if (!jsonpath_select(a, p, root, 10000, &first))
		return;
	check(!jsonpath_is_singular(p) || first.n <= 1);
	check(jsonpath_select(a, p, root, first.n, &second) && second.n == first.n);
	for (i = 0; i < first.n; i++)
		check(first.items[i] == second.items[i]);
	if (first.n > 0)
		check(!jsonpath_select(a, p, root, first.n - 1, &second));
}

static void
fuzz_path(struct arena *a, const char *text, size_t len, bool relative, const struct value *root)
{
	char why[200] = "";
	struct jsonpath *whole, *part, *parent;
	size_t used = 0;

	whole = jsonpath_compile(a, text, len, relative, NULL, why, sizeof(why));
	check((whole == NULL) == (why[0] != '\0'));
	part = jsonpath_compile(a, text, len, relative, &used, why, sizeof(why));
	check(whole == NULL || (part != NULL && used == len));
	if (part == NULL)
		return;
	check(used <= len);
	whole = jsonpath_compile(a, text, used, relative, NULL, why, sizeof(why));
	check(whole != NULL);
	check(jsonpath_is_singular(whole) == jsonpath_is_singular(part));
	parent = jsonpath_parent(a, whole);
	check(parent != NULL && (!jsonpath_is_singular(whole) || jsonpath_is_singular(parent)));
	fuzz_select(a, whole, root);
	fuzz_select(a, parent, root);
}

static void
fuzz_pattern(struct arena *a, const char *pattern, size_t len, const char *text, size_t text_len)
{
	struct regexp *re;
	bool whole, part;
	const char *why;
	size_t at, work = 10 * 1000 * 1000;

	if (!text_utf8(pattern, len) || !text_utf8(text, text_len))
		return;
	re = regexp_compile(a, pattern, len, &why, &at);
	check(at <= len);
	if (re == NULL) {
		check(why != NULL);
		return;
	}
	if (regexp_run(re, text, text_len, false, &work, a, &whole) &&
	    regexp_run(re, text, text_len, true, &work, a, &part))
		check(!whole || part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char fallback[] =
	    "{\"a\":[1,{\"b\":\"x\",\"a\":1.0},[2,3,null],\"ab\"],\"b\":{\"c\":true,\"d\":[]}}";
	const char *text = (const char *)data, *document = fallback;
	const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
	size_t len = nul == NULL ? size : (size_t)(nul - data), document_len = sizeof(fallback) - 1;
	struct value *root;
	struct arena a;
	char why[100];

	if (nul != NULL) {
		document = text + len + 1;
		document_len = size - len - 1;
	}
	if (len > FUZZ_PATH_MAX || document_len > FUZZ_DOCUMENT_MAX)
		return 0;
	arena_init(&a, LIMIT_ARENA);
	root = json_parse(&a, document, document_len, &json_answer, why, sizeof(why));
	if (root == NULL)
		root =
		    json_parse(&a, fallback, sizeof(fallback) - 1, &json_answer, why, sizeof(why));
	check(root != NULL);
	fuzz_path(&a, text, len, false, root);
	fuzz_path(&a, text, len, true, root);
	fuzz_pattern(&a, text, len, document, document_len);
	arena_clear(&a);
	return 0;
}
