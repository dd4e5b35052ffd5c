/*
 * test_json_reader.c: a document in pieces is the document whole, wherever it is cut; and a list
 * whose items pass by leaves nothing behind.
 */
#include "format/json.h"
#include "base/text.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { WHY_MAX = 100 };

/* The document in two pieces; its tree as text, else why not. */
static void
read_cut(
    const struct json_limits *limits, const char *text, size_t len, size_t cut, struct buf *out)
{
	struct json_reader *r;
	char why[WHY_MAX] = "";
	struct arena a;
	struct value *v;

	arena_init(&a, 1024 * 1024);
	r = json_reader_new(&a, limits, NULL);
	assert_non_null(r);
	json_reader_feed(r, text, cut);
	json_reader_feed(r, text + cut, len - cut);
	v = json_reader_end(r, why, sizeof(why));
	buf_reset(out);
	if (v != NULL)
		json_value(out, v);
	else
		buf_puts(out, why);
	assert_int_equal(out->err, GW_OK);
	json_reader_free(r);
	arena_clear(&a);
}

static void
test_wherever_it_is_cut(void **state)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "{\"a\": [1, -2.50e3, true, false, null], \"b c\": {\"d\": \"e\"}}",
	    "[\"\\ud83d\\ude00 \xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA9 \\\\ \\\"\"]",
	    "[\"\\ud83d\\u0041\"]",
	    "[\"\\ud83d \"]",
	    "[\"\\ud83d\"]",
	    "[\"\\ud83d\\n\"]",
	    "[\"\\ude00\"]",
	    "[\"\\ud83d\\ud83d\\ude00\\ude00\\\\ud83d\"]",
	    "{\"\\uD83D\": \"\\uDE00\\uD83D\\u00e9\\uD83D\\\"\"}",
	    "[\"\\ud83d\\x\"]",
	    "[\"\\u0000\"]",
	    "[\"\\ud8",
	    "[\"\xE2\x82\"]",
	    "[\"\xED\xA0\x80\"]",
	    "[\"\xC0\x80\"]",
	    "[\"\xE2\x82",
	    "\xEF\xBB\xBF[]",
	    "\xEF\xBB\xBF[\"\\ud83d\",1,]",
	    "\xEF\xBB\xBF\xEF\xBB\xBF[]",
	    " \xEF\xBB\xBF[]",
	    "\xEF\xBB\xBE[]",
	    "\xEF\xBB\xBF",
	    "\xEF\xBB",
	    "\xEF\xBB[]",
	    "[1,\f2]",
	    "{\"a\":1,\"b\":2,\"a\":3}",
	    "[1] [2]",
	    "[1,]",
	    "[truth]",
	    "12345678901234567890",
	};
	const struct json_limits *limits;
	struct buf whole, cut;
	size_t i, at, len;

	(void)state;
	buf_init(&whole, 1000);
	buf_init(&cut, 1000);
	for (i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		limits = i < ARRAY_LEN(rows) ? &json_input : &json_answer;
		len = strlen(rows[i % ARRAY_LEN(rows)]);
		read_cut(limits, rows[i % ARRAY_LEN(rows)], len, len, &whole);
		for (at = 0; at < len; at++) {
			read_cut(limits, rows[i % ARRAY_LEN(rows)], len, at, &cut);
			/* yajl may give up on the first piece, before what is said of the whole. */
			if (text_starts(cut.data, "not JSON") &&
			    islower((unsigned char)whole.data[0]))
				continue;
			if (strcmp(whole.data, cut.data) != 0)
				fail_msg("%s, cut at %zu: %s, not %s", rows[i % ARRAY_LEN(rows)],
				    at, cut.data, whole.data);
		}
	}
	buf_clear(&cut);
	buf_clear(&whole);
}

static void
take_item(void *context, struct arena *a, const struct value *item)
{
	struct buf *out = context;

	assert_non_null(arena_alloc(a, 100));
	json_value(out, item);
	buf_putc(out, ';');
}

static void
test_a_list_that_passes_by(void **state)
{
	static const struct {
		const char *text;
		const char *names[3];
		const char *items, *rest;
	} rows[] = {
	    {"[1,{\"a\":[2]},[3,[4]],\"x\",null,true]", {NULL},
		"1;{\"a\":[2]};[3,[4]];\"x\";null;true;", "[]"},
	    {"[]", {NULL}, "", "[]"},
	    {"{\"a\":1}", {NULL}, "", "{\"a\":1}"},
	    {"7", {NULL}, "", "7"},
	    {"{\"n\":[0],\"a\":[1,[2]],\"b\":[3]}", {"a"}, "1;[2];",
		"{\"n\":[0],\"a\":[],\"b\":[3]}"},
	    {"{\"a\":{\"b\":[1]},\"b\":[2]}", {"a", "b"}, "1;", "{\"a\":{\"b\":[]},\"b\":[2]}"},
	    {"{\"a\":{\"b\":[1]},\"b\":[2]}", {"b"}, "2;", "{\"a\":{\"b\":[1]},\"b\":[]}"},
	    {"{\"a\":{\"a\":[1]}}", {"a"}, "", "{\"a\":{\"a\":[1]}}"},
	    {"[{\"a\":[1]}]", {"a"}, "", "[{\"a\":[1]}]"},
	    {"[[1]]", {"a"}, "", "[[1]]"},
	    {"{\"a\":[[{\"a\":[1]}]]}", {"a"}, "[{\"a\":[1]}];", "{\"a\":[]}"},
	    {"{\"a\":{}}", {"a"}, "", "{\"a\":{}}"},
	    {"{\"a\":[1],\"a\":[2]}", {"a"}, "1;2;", "a duplicate member at byte 12"},
	    {"[1,2", {NULL}, "1;2;", "the document ends too early at byte 4"},
	    {"[{\"a\":1,\"a\":2}]", {NULL}, "", "a duplicate member at byte 11"},
	};
	struct json_list list = {.item = take_item};
	struct json_reader *r;
	char why[WHY_MAX];
	struct buf items, rest;
	struct arena a;
	struct value *v;
	size_t i, at;

	(void)state;
	buf_init(&items, 1000);
	buf_init(&rest, 1000);
	list.context = &items;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		list.names = rows[i].names;
		for (list.n = 0; list.names[list.n] != NULL; list.n++)
			continue;
		buf_reset(&items);
		buf_reset(&rest);
		arena_init(&a, 1024 * 1024);
		r = json_reader_new(&a, &json_input, &list);
		for (at = 0; rows[i].text[at] != '\0'; at++)
			json_reader_feed(r, rows[i].text + at, 1);
		v = json_reader_end(r, why, sizeof(why));
		if (v != NULL)
			json_value(&rest, v);
		else
			buf_puts(&rest, why);
		json_reader_free(r);
		arena_clear(&a);
		if (strcmp(items.data, rows[i].items) != 0 || strcmp(rest.data, rows[i].rest) != 0)
			fail_msg("%s: %s and %s", rows[i].text, items.data, rest.data);
	}
	buf_clear(&rest);
	buf_clear(&items);
}

static void
count_item(void *context, struct arena *a, const struct value *item)
{
	size_t *n = context;

	(void)a;
	*n += value_is(item, VALUE_OBJECT);
}

/* 20 MB of records through an arena that could hold a few of them. */
static void
test_what_passed_by_is_gone(void **state)
{
	enum { N = 100000 };
	static const char record[] =
	    "{\"id\":\"1\",\"displayName\":\"Somebody\",\"tags\":[1,2,3,4],\"email\":\"a@example."
	    "com\","
	    "\"note\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"},";
	struct json_limits limits = json_answer;
	struct json_reader *r;
	char why[WHY_MAX];
	struct arena a;
	size_t n = 0;
	struct json_list list = {.item = count_item, .context = &n};
	int i;

	(void)state;
	arena_init(&a, 64 * 1024);
	r = json_reader_new(&a, &limits, &list);
	json_reader_feed(r, "[", 1);
	for (i = 0; i < N; i++)
		json_reader_feed(r, record, sizeof(record) - 1);
	json_reader_feed(r, "{}]", 3);
	assert_non_null(json_reader_end(r, why, sizeof(why)));
	assert_int_equal(n, N + 1);
	json_reader_free(r);
	arena_clear(&a);
}

/* yajl keeps what it has of a text until its end is there. */
static void
test_a_text_without_end(void **state)
{
	static const char *const begins[] = {"[\"", "[1", "{\"a\":{\"", "[[true,"};
	const struct json_limits limits = {.depth = 4, .values = 10, .text = 1000};
	struct json_reader *r;
	char why[WHY_MAX] = "";
	struct arena a;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(begins); i++) {
		arena_init(&a, 64 * 1024);
		r = json_reader_new(&a, &limits, NULL);
		json_reader_feed(r, begins[i], strlen(begins[i]));
		for (n = 0; n < 6100; n++)
			json_reader_feed(r, "1", 1);
		assert_null(json_reader_end(r, why, sizeof(why)));
		if (!text_starts(why, "a text or number is too long at byte 60"))
			fail_msg("%s: %s", begins[i], why);
		json_reader_free(r);
		arena_clear(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wherever_it_is_cut),
	    cmocka_unit_test(test_a_list_that_passes_by),
	    cmocka_unit_test(test_what_passed_by_is_gone),
	    cmocka_unit_test(test_a_text_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
