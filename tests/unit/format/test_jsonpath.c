/*
 * test_jsonpath.c: what jsonpath.h promises: selecting, refusing with the byte, the longest path,
 * bounded work; I-Regexp by itself; every case of the JSONPath Compliance Test Suite (CORPORA).
 */
#include "format/jsonpath.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/task.h"
#include "format/json.h"
#include "base/text.h"

#include <cmocka.h>

struct kit {
	struct arena arena;
	struct buf buf;
	char why[300];
};

static int
set_up(void **state)
{
	struct kit *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return -1;
	arena_init(&k->arena, 256 * 1024 * 1024);
	buf_init(&k->buf, 16 * 1024 * 1024);
	*state = k;
	return 0;
}

static int
tear_down(void **state)
{
	struct kit *k = *state;

	buf_clear(&k->buf);
	arena_clear(&k->arena);
	free(k);
	return 0;
}

static struct value *
document(struct kit *k, const char *json)
{
	struct value *v =
	    json_parse(&k->arena, json, strlen(json), &json_answer, k->why, sizeof(k->why));

	if (v == NULL)
		fail_msg("%s: %s", json, k->why);
	return v;
}

static struct jsonpath *
compile(struct kit *k, const char *path)
{
	k->why[0] = '\0';
	return jsonpath_compile(&k->arena, path, strlen(path), false, NULL, k->why, sizeof(k->why));
}

/* The nodes as JSON, in k->buf. */
static void
select_nodes(struct kit *k, const char *path, const struct value *root)
{
	struct jsonpath *p = compile(k, path);
	struct nodes nodes;
	size_t i;

	if (p == NULL)
		fail_msg("%s: %s", path, k->why);
	if (!jsonpath_select(&k->arena, p, root, 1000, &nodes))
		fail_msg("%s: too much", path);
	buf_reset(&k->buf);
	for (i = 0; i < nodes.n; i++) {
		if (i > 0)
			buf_putc(&k->buf, ' ');
		json_value(&k->buf, nodes.items[i]);
	}
}

/* RFC 9535 section 1.5, with less words. */
static const char store[] =
    "{\"store\": {\"book\": ["
    "{\"c\": \"reference\", \"a\": \"Nigel Rees\", \"p\": 8.95},"
    "{\"c\": \"fiction\", \"a\": \"Evelyn Waugh\", \"p\": 12.99},"
    "{\"c\": \"fiction\", \"a\": \"Herman Melville\", \"i\": \"0-553-21311-3\", \"p\": 8.99},"
    "{\"c\": \"fiction\", \"a\": \"J. R. R. Tolkien\", \"i\": \"0-395-19395-8\", \"p\": 22.99}"
    "], \"bicycle\": {\"color\": \"red\", \"p\": 399}}}";

static void
test_selecting(void **state)
{
	static const struct {
		const char *path, *nodes;
	} rows[] = {
	    {"$.store.book[*].a",
		"\"Nigel Rees\" \"Evelyn Waugh\" \"Herman Melville\" \"J. R. R. Tolkien\""},
	    {"$..a", "\"Nigel Rees\" \"Evelyn Waugh\" \"Herman Melville\" \"J. R. R. Tolkien\""},
	    {"$.store..p", "8.95 12.99 8.99 22.99 399"},
	    {"$..book[2].a", "\"Herman Melville\""},
	    {"$..book[-1].a", "\"J. R. R. Tolkien\""},
	    {"$..book[0,1].p", "8.95 12.99"},
	    {"$..book[:2].p", "8.95 12.99"},
	    {"$..book[::-2].p", "22.99 12.99"},
	    {"$..book[?@.i].p", "8.99 22.99"},
	    {"$..book[?@.p<10].p", "8.95 8.99"},
	    {"$..book[?@.p <= 8.95 || @.p == 2.299e1].p", "8.95 22.99"},
	    {"$..book[?@.c=='fiction' && !@.i].a", "\"Evelyn Waugh\""},
	    {"$..book[?!(@.c=='fiction' && @.p>20) && @.i].p", "8.99"},
	    {"$..book[?@.c=='x' || (@.p>10 && (@.i || @.p<15))].p", "12.99 22.99"},
	    {"$..book[?@.p > $.store.bicycle.p].p", ""},
	    {"$..book[?length(@.a) == 10].a", "\"Nigel Rees\""},
	    {"$..book[?count(@.*) > 3].p", "8.99 22.99"},
	    {"$..book[?value(@..p) == 12.99].p", "12.99"},
	    {"$..book[?match(@.i, '0-[0-9]{3}-\\\\d*.*')].p", NULL},
	    {"$..book[?match(@.i, '0-[0-9]{3}-.*')].p", "8.99 22.99"},
	    {"$..book[?search(@.a, 'el|er')].p", "8.95 12.99 8.99"},
	    {"$..book[?search(@.a, @.x)].p", ""},
	    {"$.store.bicycle['color', \"p\"]", "\"red\" 399"},
	    {"$['store']['bicycle'].*", "\"red\" 399"},
	    {"$.store.book.p", ""},
	    {"$.nothing.at.all", ""},
	    {"$.store[0]", ""},
	    {"$[?@.bicycle.color == 'red'].bicycle.p", "399"},
	};
	struct kit *k = *state;
	const struct value *root = document(k, store);
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].nodes == NULL) {
			assert_null(compile(k, rows[i].path));
			continue;
		}
		select_nodes(k, rows[i].path, root);
		if (strcmp(k->buf.data, rows[i].nodes) != 0)
			fail_msg("%s: %s", rows[i].path, k->buf.data);
	}
}

/* Ids and amounts keep their digits; they are compared by value, exactly. */
static void
test_comparing_exactly(void **state)
{
	static const struct {
		const char *document, *path, *nodes;
	} rows[] = {
	    {"[9007199254740993]", "$[?@ == 9007199254740992]", ""},
	    {"[9007199254740993]", "$[?@ > 9007199254740992]", "9007199254740993"},
	    {"[22.8, 22.799999999999997]", "$[?@ == 22.80]", "22.8"},
	    {"[1, 1.0, 10e-1, \"1\"]", "$[?@ == 1]", "1 1.0 10e-1"},
	    {"[0, -0, 0.0]", "$[?@ == -0]", "0 -0 0.0"},
	    {"[1e400, 1e401]", "$[?@ < 1e401]", "1e400"},
	    {"[{\"a\": [1, {\"b\": 2.0}]}]", "$[?@.a == $[0].a]", "{\"a\":[1,{\"b\":2.0}]}"},
	    {"[[1, 2], [1.0, 2]]", "$[?@ == $[0]]", "[1,2] [1.0,2]"},
	    {"[{}, {\"a\": null}]", "$[?@.a == null]", "{\"a\":null}"},
	    {"[{}, {\"a\": null}]", "$[?@.a == @.b]", "{}"},
	    {"[\"a\", \"\xF0\x9F\x98\x80\", \"\xEF\xBF\xBD\"]", "$[?@ > '\xEF\xBF\xBD']",
		"\"\xF0\x9F\x98\x80\""},
	    {"[\"a\", \"ab\", \"\"]", "$[?@ < 'ab']", "\"a\" \"\""},
	    {"[true, false, null]", "$[?@ <= true]", "true"},
	    {"[true, 1, \"1\", [1]]", "$[?@ > 0]", "1"},
	    {"[\"a\\u00e9\"]", "$[?length(@) == 2]", "\"a\xC3\xA9\""},
	    {"[\"x\"]", "$[?@ == 'a\\u0000']", ""},
	    {"[\"x\"]", "$[?length('a\\u0000\\u00e9') == 3]", "\"x\""},
	};
	struct kit *k = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		select_nodes(k, rows[i].path, document(k, rows[i].document));
		if (strcmp(k->buf.data, rows[i].nodes) != 0)
			fail_msg("%s: %s", rows[i].path, k->buf.data);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		const char *path, *why;
	} rows[] = {
	    {"", "a path starts with $ at byte 1"},
	    {"a", "a path starts with $ at byte 1"},
	    {"$.", "expected a name or * at byte 3"},
	    {"$..", "expected a name or * at byte 4"},
	    {"$x", "expected . or [ or the end at byte 2"},
	    {"$.a-b", "expected . or [ or the end at byte 4"},
	    {"$ ", "expected . or [ or the end at byte 2"},
	    {"$[", "expected 'name', an index, a slice, * or ?filter at byte 3"},
	    {"$[]", "expected 'name', an index, a slice, * or ?filter at byte 3"},
	    {"$[0", "expected , or ] at byte 4"},
	    {"$[0 1]", "expected , or ] at byte 5"},
	    {"$[01]", "an index is written without -0 and leading zeros at byte 3"},
	    {"$[-0]", "an index is written without -0 and leading zeros at byte 3"},
	    {"$[-]", "expected a digit at byte 4"},
	    {"$[9007199254740992]", "an index beyond 2^53 - 1 at byte 3"},
	    {"$['a]", "a text without its closing quote at byte 3"},
	    {"$['\\", "a text without its closing quote at byte 4"},
	    {"$['\\x']", "an unknown escape at byte 4"},
	    {"$[\"\\'\"]", "an unknown escape at byte 4"},
	    {"$['\\u12']", "expected four hexadecimal digits after \\u at byte 4"},
	    {"$['\\uD800']", "a lone surrogate at byte 4"},
	    {"$['a\tb']", "a control character in a text at byte 5"},
	    {"$['\xFF']", "not UTF-8 at byte 1"},
	    {"$[?]", "expected @, $, a literal or a function at byte 4"},
	    {"$[?@.a==]", "expected @, $, a literal or a function at byte 9"},
	    {"$[?@.a=1]", "expected , or ] at byte 7"},
	    {"$[?@.a &&]", "expected @, $, a literal or a function at byte 10"},
	    {"$[?(@.a]", "expected &&, || or ) at byte 8"},
	    {"$[?@.a)]", "expected , or ] at byte 7"},
	    {"$[?1]", "a literal is no test: compare it at byte 4"},
	    {"$[?'x' && @.a]", "a literal is no test: compare it at byte 4"},
	    {"$[?@.* == 1]", "only a path of names and indexes can be compared at byte 4"},
	    {"$[?1 == @..a]", "only a path of names and indexes can be compared at byte 9"},
	    {"$[?!@.a == 1]", "! stands before a test or ( only at byte 9"},
	    {"$[?!!@.a]", "expected @, $, a literal or a function at byte 5"},
	    {"$[?length(@.a)]", "this function's result is no test: compare it at byte 4"},
	    {"$[?match(@.a, 'x') == true]",
		"this function's result is true or false: not compared at byte 4"},
	    {"$[?length(@.*) == 1]", "expected a path of names and indexes only: see value() at"},
	    {"$[?count(1) == 1]", "expected a path here at byte 10"},
	    {"$[?length(match(@.a, 'x')) == 1]", "expected a value, not true or false at byte 11"},
	    {"$[?size(@.a) == 1]",
		"an unknown function (there are length, count, value, match, sea"},
	    {"$[?length (@.a) == 1]", "expected @, $, a literal or a function at byte 4"},
	    {"$[?match(@.a)]", "expected , and another argument at byte 13"},
	    {"$[?length(@.a, @.b) == 1]", "expected ) at byte 14"},
	    {"$[?@ == True]", "expected @, $, a literal or a function at byte 9"},
	    {"$[?@ == nul]", "expected @, $, a literal or a function at byte 9"},
	    {"$[?@ == -]", "expected a number at byte 9"},
	    {"$[?@ == 1.]", "expected , or ] at byte 10"},
	    {"$[?match(@, '[a')]",
		"a [ without its ] at byte 3 of a pattern in the call at byte 4"},
	};
	struct kit *k = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (compile(k, rows[i].path) != NULL)
			fail_msg("taken: %s", rows[i].path);
		if (!text_starts(k->why, rows[i].why))
			fail_msg("%s: %s", rows[i].path, k->why);
	}
	assert_null(jsonpath_compile(&k->arena, "$.", 2, false, NULL, NULL, 0));
	assert_null(jsonpath_compile(&k->arena, "$['\0']", 6, false, NULL, k->why, 100));
}

/* What expressions of adapters need: paths from a record, and the longest path of a text. */
static void
test_parts_of_a_text(void **state)
{
	static const struct {
		const char *text;
		bool relative;
		size_t used;
	} rows[] = {
	    {"$.a", false, 3},
	    {"$.a | number", false, 3},
	    {"$", false, 1},
	    {"$ | first", false, 1},
	    {"$.a[*] .b | x", false, 9},
	    {"$.a-b", false, 3},
	    {"$['|']|x", false, 6},
	    {"", true, 0},
	    {" | number", true, 0},
	    {"| x", true, 0},
	    {".id", true, 3},
	    {".id | text", true, 3},
	    {"['a b'][0]}", true, 10},
	    {".a.b, .c", true, 4},
	    {"x", true, 0},
	};
	struct kit *k = *state;
	size_t i, used;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		used = 99;
		if (jsonpath_compile(&k->arena, rows[i].text, strlen(rows[i].text),
			rows[i].relative, &used, k->why, sizeof(k->why)) == NULL ||
		    used != rows[i].used)
			fail_msg("'%s': %zu", rows[i].text, used);
	}
	assert_null(jsonpath_compile(&k->arena, ".", 1, true, &used, k->why, sizeof(k->why)));
	assert_string_equal(k->why, "expected a name or * at byte 2");
	assert_null(jsonpath_compile(&k->arena, ".a x", 4, true, NULL, k->why, sizeof(k->why)));
	assert_null(jsonpath_compile(&k->arena, "a", 1, true, NULL, k->why, sizeof(k->why)));
	assert_null(jsonpath_compile(&k->arena, "$.a", 3, true, NULL, k->why, sizeof(k->why)));
	/* No byte past len is read. */
	assert_non_null(jsonpath_compile(&k->arena, "$.a.b", 3, false, NULL, k->why, 100));
	assert_null(jsonpath_compile(&k->arena, "$['a']", 5, false, NULL, k->why, 100));
}

static void
test_kinds_of_paths(void **state)
{
	static const struct {
		const char *path;
		bool singular, wildcard;
		const char *parent;
	} rows[] = {
	    {"$", true, false, "[{\"a\":1},2]"},
	    {"$[0]", true, false, "[{\"a\":1},2]"},
	    {"$[0].a", true, false, "{\"a\":1}"},
	    {"$[0]['a'][-1]", true, false, "1"},
	    {"$[*]", false, true, "[{\"a\":1},2]"},
	    {"$[0].*", false, true, "{\"a\":1}"},
	    {"$[0, 1]", false, false, "[{\"a\":1},2]"},
	    {"$[*, *]", false, false, "[{\"a\":1},2]"},
	    {"$[0:1]", false, false, "[{\"a\":1},2]"},
	    {"$[?@]", false, false, "[{\"a\":1},2]"},
	    {"$..a", false, false, "[{\"a\":1},2]"},
	    {"$..*", false, false, "[{\"a\":1},2]"},
	    {"$[*].a", false, false, "{\"a\":1} 2"},
	};
	struct kit *k = *state;
	const struct value *root = document(k, "[{\"a\":1},2]");
	struct jsonpath *p;
	struct nodes nodes;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		p = compile(k, rows[i].path);
		assert_non_null(p);
		if (jsonpath_is_singular(p) != rows[i].singular ||
		    jsonpath_ends_in_wildcard(p) != rows[i].wildcard)
			fail_msg("%s", rows[i].path);
		assert_true(
		    jsonpath_select(&k->arena, jsonpath_parent(&k->arena, p), root, 10, &nodes));
		buf_reset(&k->buf);
		for (j = 0; j < nodes.n; j++) {
			if (j > 0)
				buf_putc(&k->buf, ' ');
			json_value(&k->buf, nodes.items[j]);
		}
		assert_string_equal(k->buf.data, rows[i].parent);
	}
}

static void
test_paths_of_lists(void **state)
{
	static const struct {
		const char *path;
		const char *names; /* "!": none */
	} lists[] = {
	    {"$[*]", ""},
	    {"$.a[*]", "a "},
	    {"$.a['b c'].d.*", "a b c d "},
	    {"$", "!"},
	    {"$.a", "!"},
	    {"$.a[0][*]", "!"},
	    {"$.a[*].b[*]", "!"},
	    {"$..a[*]", "!"},
	    {"$.a..*", "!"},
	    {"$['a','b'][*]", "!"},
	    {"$.a.b.c.d.e[*]", "!"},
	};
	static const struct {
		const char *path, *list;
		bool meets;
	} pairs[] = {
	    {"$", "$[*]", true},
	    {"$", "$.a[*]", true},
	    {"$.a", "$[*]", false},
	    {"$[0]", "$[*]", true},
	    {"$[*]", "$[*]", true},
	    {"$..a", "$[*]", true},
	    {"$.a", "$.a[*]", true},
	    {"$.a.b", "$.a[*]", false},
	    {"$.b", "$.a[*]", false},
	    {"$.b[*].a", "$.a[*]", false},
	    {"$.b..a", "$.a[*]", false},
	    {"$.b[?@.a]", "$.a[*]", true},
	    {"$.a[0].b", "$.a[*]", true},
	    {"$.*", "$.a[*]", true},
	    {"$['a','b']", "$.a[*]", true},
	    {"$.a", "$.a.b[*]", true},
	    {"$.a.c", "$.a.b[*]", false},
	    {"$.a.b", "$.a.b[*]", true},
	    {"$.a.b.total", "$.a.b[*]", false},
	};
	struct kit *k = *state;
	const char *names[4];
	size_t i, j, n;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		buf_reset(&k->buf);
		if (!jsonpath_names_list(compile(k, lists[i].path), names, ARRAY_LEN(names), &n)) {
			n = 0;
			buf_putc(&k->buf, '!');
		}
		for (j = 0; j < n; j++)
			buf_printf(&k->buf, "%s ", names[j]);
		if (strcmp(k->buf.data, lists[i].names) != 0)
			fail_msg("%s: %s", lists[i].path, k->buf.data);
	}
	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		if (jsonpath_meets_list(compile(k, pairs[i].path), compile(k, pairs[i].list)) !=
		    pairs[i].meets)
			fail_msg("%s and %s", pairs[i].path, pairs[i].list);
	}
}

static void
test_limits(void **state)
{
	struct kit *k = *state;
	struct value *root = document(k, "[1,2,3]"), *v, *inner;
	struct nodes nodes;
	int i;

	assert_true(jsonpath_select(&k->arena, compile(k, "$[*]"), root, 3, &nodes));
	assert_int_equal(nodes.n, 3);
	assert_false(jsonpath_select(&k->arena, compile(k, "$[*]"), root, 2, &nodes));
	assert_int_equal(nodes.n, 0);
	assert_true(jsonpath_select(&k->arena, compile(k, "$.x"), root, 0, &nodes));
	assert_int_equal(nodes.n, 0);

	/* Filters in filters: 16, not 17. */
	for (i = 16; i <= 17; i++) {
		buf_reset(&k->buf);
		buf_putc(&k->buf, '$');
		for (int j = 0; j < i; j++)
			buf_puts(&k->buf, "[?@");
		for (int j = 0; j < i; j++)
			buf_puts(&k->buf, "]");
		assert_true((compile(k, k->buf.data) != NULL) == (i == 16));
	}
	assert_true(text_starts(k->why, "filters nested too deep at byte"));
	buf_reset(&k->buf);
	buf_puts(&k->buf, "$[?length(");
	for (i = 0; i < 40; i++)
		buf_puts(&k->buf, "length(");
	assert_null(compile(k, k->buf.data));
	assert_true(text_starts(k->why, "calls nested too deep at byte"));

	/* Parentheses are no nesting. */
	buf_reset(&k->buf);
	buf_puts(&k->buf, "$[?");
	for (i = 0; i < 10000; i++)
		buf_puts(&k->buf, "!(");
	buf_puts(&k->buf, "@==2");
	for (i = 0; i < 10000; i++)
		buf_putc(&k->buf, ')');
	buf_putc(&k->buf, ']');
	assert_true(jsonpath_select(&k->arena, compile(k, k->buf.data), root, 9, &nodes));
	assert_int_equal(nodes.n, 1);

	/* A hundred thousand lists in one another: descending does not recurse. */
	v = root = value_list(&k->arena);
	for (i = 0; i < 100000; i++) {
		inner = value_list(&k->arena);
		assert_true(value_add(&k->arena, v, inner));
		v = inner;
	}
	assert_true(jsonpath_select(&k->arena, compile(k, "$..*"), root, 100000, &nodes));
	assert_int_equal(nodes.n, 100000);
	/* Descending from each of them again would take five thousand million steps. */
	assert_false(jsonpath_select(&k->arena, compile(k, "$..*..*"), root, SIZE_MAX, &nodes));
	assert_false(jsonpath_select(
	    &k->arena, compile(k, "$..[?count(@..*) > 3]"), root, SIZE_MAX, &nodes));
}

/* A clock of which each look takes 1 ms, and a task that looks for something for a long time. */
static int64_t ticks;

static int64_t
tick(void *context)
{
	(void)context;
	return ++ticks;
}

static struct {
	struct kit *k;
	const struct value *root;
	const struct jsonpath *path;
	int64_t patience_ms;
	struct nodes nodes;
	bool found, over;
	unsigned turns; /* of others meanwhile */
} looking;

static void
look_in_task(void *context)
{
	(void)context;
	task_set_deadline(ticks + looking.patience_ms);
	looking.found = jsonpath_select(
	    &looking.k->arena, looking.path, looking.root, SIZE_MAX, &looking.nodes);
	looking.over = true;
}

static void
count_turns(struct loop_job *job)
{
	looking.turns++;
	if (!looking.over)
		loop_ready(loop_current(), job);
}

static void
look_for(struct kit *k, const char *path, int64_t patience_ms)
{
	static const struct clock ticking = {.wall_ms = tick, .mono_ms = tick};
	struct loop_job other = {.run = count_turns};
	int i;

	buf_reset(&k->buf);
	for (i = 0; i < 50000; i++)
		buf_puts(&k->buf, i == 0 ? "[{\"a\":1}" : ",{\"a\":1}");
	buf_putc(&k->buf, ']');
	memset(&looking, 0, sizeof(looking));
	looking.k = k;
	looking.root = document(k, k->buf.data);
	looking.path = compile(k, path);
	looking.patience_ms = patience_ms;
	loop_use_clock(&ticking);
	assert_true(task_spawn(loop_current(), look_in_task, NULL));
	loop_ready(loop_current(), &other);
	while (!looking.over)
		loop_turn(loop_current(), 0);
	loop_turn(loop_current(), 0);
	loop_use_clock(NULL);
}

/* Whatever a step is charged, it lets the others go on, and ends with the task's time. */
static void
test_long_lists(void **state)
{
	static const char *const paths[] = {"$[*]", "$[::-1]", "$[*].a", "$[?@.a==1]", "$..a",
	    "$[?length(@.a)!=1]", "$[?match(@.b,'x*')||@.a==1]"};
	struct kit *k = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(paths); i++) {
		look_for(k, paths[i], INT32_MAX);
		if (!looking.found || looking.nodes.n != 50000 || looking.turns < 5)
			fail_msg("%s: %zu nodes, %u turns of others", paths[i], looking.nodes.n,
			    looking.turns);
		look_for(k, paths[i], 5);
		if (looking.found || looking.turns == 0)
			fail_msg("%s: %u turns, and time was left", paths[i], looking.turns);
	}
}

static void
test_without_memory(void **state)
{
	static const char path[] = "$.a['b', 1:2][?@.x == 'y' && match(@.z, '(ab|[c-d]){2}')]..*";
	struct kit *k = *state;
	struct jsonpath *p = NULL;
	struct nodes nodes;
	struct arena a;
	size_t max;

	for (max = 0; max < 64 * 1024 && p == NULL; max += 64) {
		arena_init(&a, max);
		p = jsonpath_compile(&a, path, strlen(path), false, NULL, k->why, sizeof(k->why));
		arena_clear(&a);
	}
	assert_non_null(p);
	arena_init(&a, 16);
	assert_false(jsonpath_select(&a, compile(k, "$[*]"), document(k, "[1,2,3]"), 3, &nodes));
	arena_clear(&a);
}

static bool
is_one_of(const struct value *nodes, const struct value *test)
{
	const struct value *result = value_get(test, "result"),
			   *results = value_get(test, "results");
	size_t i;

	if (result != NULL)
		return value_equal(nodes, result);
	for (i = 0; results != NULL && i < results->n; i++) {
		if (value_equal(nodes, value_at(results, i)))
			return true;
	}
	return false;
}

static void
check_case(struct kit *k, const struct value *test)
{
	const char *name = value_get_text(test, "name");
	const struct value *selector = value_get(test, "selector");
	bool invalid = value_get(test, "invalid_selector") != NULL;
	struct value *list = value_list(&k->arena);
	struct jsonpath *p;
	struct nodes nodes;
	size_t i;

	assert_non_null(selector);
	k->why[0] = '\0';
	p = jsonpath_compile(
	    &k->arena, selector->text, selector->len, false, NULL, k->why, sizeof(k->why));
	if ((p == NULL) != invalid)
		fail_msg("%s: %s: '%s'", name, selector->text, k->why);
	if (p == NULL)
		return;
	assert_true(jsonpath_select(&k->arena, p, value_get(test, "document"), 100000, &nodes));
	for (i = 0; i < nodes.n; i++)
		assert_true(value_add(&k->arena, list, (struct value *)(uintptr_t)nodes.items[i]));
	if (!is_one_of(list, test))
		fail_msg("%s: %s selects otherwise", name, selector->text);
}

static void
test_suite(void **state)
{
	const char *corpora = getenv("CORPORA");
	struct json_limits limits = json_answer;
	struct kit *k = *state;
	const struct value *suite, *tests;
	const char *text;
	size_t len, i;

	if (corpora == NULL || *corpora == '\0') {
		(void)puts("SKIPPED aloud: CORPORA not set");
		skip();
		return;
	}
	text = text_read_file(&k->arena, arena_printf(&k->arena, "%s/jsonpath/cts.json", corpora),
	    16 * 1024 * 1024, &len);
	assert_non_null(text);
	/* Its selectors hold NUL, to be refused. */
	limits.duplicates = true;
	suite = json_parse(&k->arena, text, len, &limits, k->why, sizeof(k->why));
	assert_non_null(suite);
	tests = value_get(suite, "tests");
	assert_non_null(tests);
	for (i = 0; i < tests->n; i++)
		check_case(k, value_at(tests, i));
	(void)printf("JSONPath Compliance Test Suite: %zu cases\n", (size_t)tests->n);
	assert_true(tests->n >= 703);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_selecting, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_comparing_exactly, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_parts_of_a_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_kinds_of_paths, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_paths_of_lists, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long_lists, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_without_memory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_suite, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
