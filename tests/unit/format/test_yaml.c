/*
 * test_yaml.c: what yaml.h promises, as tables: typing, places, and every kind of fault with its
 * line, column and hint.
 */
#include "format/yaml.h"

#include "base/buf.h"
#include "format/json.h"
#include "base/bounds.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct kit {
	struct arena arena;
	struct faults faults;
	struct buf buf;
};

static int
set_up(void **state)
{
	struct kit *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return -1;
	arena_init(&k->arena, 64 * 1024 * 1024);
	faults_init(&k->faults, &k->arena);
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
parse(struct kit *k, const char *text)
{
	faults_init(&k->faults, &k->arena);
	return yaml_parse(&k->arena, "f.yaml", text, strlen(text), &k->faults);
}

static const char *
first_fault(const struct kit *k)
{
	return k->faults.n == 0 ? "" : k->faults.texts[0];
}

/* YAML in, JSON out, which shows numbers apart from text. */
static void
test_values(void **state)
{
	static const struct {
		const char *yaml, *json;
	} rows[] = {
	    {"", "{}"},
	    {"# nothing but a comment\n", "{}"},
	    {"---\n", "{}"},
	    {"--- # nothing\n...\n", "{}"},
	    {"\xEF\xBB\xBF"
	     "a: 1",
		"{\"a\":1}"},
	    {"''", "\"\""},
	    {"~", "null"},
	    {"a: [~, null, , true, false]", NULL},
	    {"a: [~, null, true, false]", "{\"a\":[null,null,true,false]}"},
	    {"a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}"},
	    {"[Null, NULL, True, TRUE, yes, no, on, off, y, n]",
		"[\"Null\",\"NULL\",\"True\",\"TRUE\",\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\"]"},
	    {"[0, -0, 1, -1.50, 1e5, 1E+05, 10000000000000000999]",
		"[0,-0,1,-1.50,1e5,1E+05,10000000000000000999]"},
	    {"[0123, +1, 1., .5, 1e, 0x1F, 0o17, 1_000, .inf, .nan]",
		"[\"0123\",\"+1\",\"1.\",\".5\",\"1e\",\"0x1F\",\"0o17\",\"1_000\",\".inf\",\"."
		"nan\"]"},
	    {"[2026-11-23, 12:30, 1.2.3]", "[\"2026-11-23\",\"12:30\",\"1.2.3\"]"},
	    {"['1', \"true\", 'null', \"~\"]", "[\"1\",\"true\",\"null\",\"~\"]"},
	    {"a: |\n  one\n\n  two\n", "{\"a\":\"one\\n\\ntwo\\n\"}"},
	    {"a: |\n  12\n", "{\"a\":\"12\\n\"}"},
	    {"a: >-\n  one\n  two\n", "{\"a\":\"one two\"}"},
	    {"a: >-\n  12\n", "{\"a\":\"12\"}"},
	    {"a: one\n  two", "{\"a\":\"one two\"}"},
	    {"a: \"x\\ty\\u00e9\\x41\"", "{\"a\":\"x\\ty\xC3\xA9"
					 "A\"}"},
	    {"1: a\ntrue: b\n'': c\n", "{\"1\":\"a\",\"true\":\"b\",\"\":\"c\"}"},
	    {"? a\n: b\n", "{\"a\":\"b\"}"},
	    {"- a: 1\n  b: [2]\n- - 3\n", "[{\"a\":1,\"b\":[2]},[3]]"},
	    {"{a: {b: , c: ''}, d: []}", "{\"a\":{\"b\":null,\"c\":\"\"},\"d\":[]}"},
	    {"a: &r {b: 1}\nc: *r\nd: [*r, *r]\n",
		"{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":[{\"b\":1},{\"b\":1}]}"},
	    {"a: &r 5\nc: *r\n", "{\"a\":5,\"c\":5}"},
	    {"'<<': 1", "{\"<<\":1}"},
	    {"a: x#y # comment", "{\"a\":\"x#y\"}"},
	    {"each: $[*]\npath: .a[0].b\nurl: https://x/y?z=1&w",
		"{\"each\":\"$[*]\",\"path\":\".a[0].b\",\"url\":\"https://x/y?z=1&w\"}"},
	    {"v: ${in.type_id | number}", "{\"v\":\"${in.type_id | number}\"}"},
	    {"a:\tb", "{\"a\":\"b\"}"},
	    {"a: |1\n \tb\n", "{\"a\":\"\\tb\\n\"}"},
	    {"a: 'x\n\ty'", "{\"a\":\"x y\"}"},
	    {"a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
	    {"%YAML 1.1\n---\na: 1\n", "{\"a\":1}"},
	};
	struct kit *k = *state;
	struct value *v;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		v = parse(k, rows[i].yaml);
		if ((v == NULL) != (rows[i].json == NULL))
			fail_msg("%s: %s", rows[i].yaml, first_fault(k));
		if (v == NULL)
			continue;
		buf_reset(&k->buf);
		json_value(&k->buf, v);
		assert_string_equal(k->buf.data, rows[i].json);
		assert_int_equal(k->faults.n, 0);
	}
}

static void
test_faults(void **state)
{
	static const struct {
		const char *yaml, *fault;
	} rows[] = {
	    /* Names. */
	    {"a: 1\nb: 2\na: 3", "f.yaml:3:1: a second 'a' (the first is in line 1)"},
	    {"x: {a: 1, 'a': 2}", "f.yaml:1:11: a second 'a' (the first is in line 1)"},
	    {"a: 1\n<<: {b: 1}", "f.yaml:2:1: merge keys (<<) are not taken: use an alias"},
	    {"? [a]\n: 1", "f.yaml:1:3: a name must be a text, not a list or an object"},
	    {"{[a]: 1}", "f.yaml:1:2: a name must be a text, not a list or an object"},
	    {"a: &x b\n*x : 1", "f.yaml:2:1: an alias as a name"},
	    {"&x a: 1", "f.yaml:1:1: an anchor stands before a value, not a name"},
	    {"?\n: 1", "f.yaml:1:2: a value without a name"},
	    {"{? , b: 1}", "f.yaml:1:4: a value without a name"},
	    {"\"a\\0b\": 1", "f.yaml:1:1: NUL in a text"},
	    /* Tags, anchors, documents. */
	    {"a: !!str 1", "f.yaml:1:4: a tag (!...) is not taken: quoted is text"},
	    {"a: !x {b: 1}", "f.yaml:1:4: a tag (!...) is not taken: quoted is text"},
	    {"a: ! 1", "f.yaml:1:4: a tag (!...) is not taken: quoted is text"},
	    {"a: &b ! 1", "f.yaml:1:4: a tag (!...) is not taken: quoted is text"},
	    {"- ! [1]", "f.yaml:1:3: a tag (!...) is not taken: quoted is text"},
	    {"!x a: 1", "f.yaml:1:1: a tag (!...) is not taken: quoted is text"},
	    {"a: &x [*x]", "f.yaml:1:8: an anchor that refers to itself: 'x'"},
	    {"a: &x {b: {c: *x}}", "f.yaml:1:15: an anchor that refers to itself: 'x'"},
	    {"a: *x", "f.yaml:1:4: no anchor above has this name (a text that starts with * must"},
	    {"a: &x 1\nb: &x 2", "f.yaml:2:4: a second anchor of the name 'x'"},
	    {"a: 1\n---\nb: 2", "f.yaml:2:1: a second document in the file"},
	    {"a: 1\n...\nb: 2", "f.yaml:3:1: did not find expected <document start>: one document"},
	    /* Tabs. */
	    {"a:\n\tb: 1",
		"f.yaml:2:1: found character that cannot start any token: a tab as indent"},
	    {"a:\n  b: 1\n\tc: 1", "f.yaml:3:"},
	    {"a: {\n\tb: 1}", "f.yaml:2:2: a tab as indent: use blanks"},
	    {"a: [\n  \t1]", "f.yaml:2:4: a tab as indent: use blanks"},
	    {"a: {b: 1\n\t}", "f.yaml:2:1: found a tab character that violates indentation: a tab"},
	    /* Texts that had to be quoted. */
	    {"a: {note: Hello, world}",
		"f.yaml:1:18: a comma ends the value here (quote the value)"},
	    {"{a, b: 1}", "f.yaml:1:2: a comma ends the value here (quote the value)"},
	    {"a: {x: ${in.a}, b: 1}", "f.yaml:1:9: did not find expected ',' or '}': inside { }"},
	    {"a: {x: $[*]}", "f.yaml:1:"},
	    {"a: {x: \"b\" c}",
		"f.yaml:1:12: did not find expected ',' or '}': inside { } a plain"},
	    {"a: [x: y: z]", "f.yaml:1:9: did not find expected ',' or ']': inside [ ]"},
	    {"a: {x: @b}", "f.yaml:1:8: found character that cannot start any token: a text that"},
	    {"a: @b", "f.yaml:1:4: found character that cannot start any token: a text that"},
	    {"a: `b`", "f.yaml:1:4: found character that cannot start any token: a text that"},
	    {"a: %b", "f.yaml:1:4: found character that cannot start any token: a text that"},
	    {"a: b: c", "f.yaml:1:5: mapping values are not allowed in this context: quote a text"},
	    {"a: * b", "f.yaml:1:5: did not find expected alphabetic or numeric character: a text"},
	    {"a: \"b\" c", "f.yaml:1:8: did not find expected key: the indent fits nothing above"},
	    /* What is never closed is named where it begins. */
	    {"a: \"b\nc: d\n", "f.yaml:1:4: found unexpected end of stream: what begins here is"},
	    {"a:\n  - {b: 1\n",
		"f.yaml:2:5: did not find expected ',' or '}': what begins here is"},
	    {"a: [1, 2", "f.yaml:1:4: did not find expected ',' or ']': what begins here is never"},
	    /* Indent. */
	    {"a:\n  - b\n c: 1", "f.yaml:3:2: did not find expected key: the indent fits nothing"},
	    {"- a\nb: 1",
		"f.yaml:2:1: did not find expected '-' indicator: the indent fits nothing"},
	    {"a: b\nfoo\nc: d",
		"f.yaml:3:1: could not find expected ':': a name is followed by ': '"},
	    /* Bytes. */
	    {"a: 1\n\xC3\xA9: \xFF", "f.yaml:2:4: not UTF-8"},
	    {"\xED\xA0\x80", "f.yaml:1:1: not UTF-8"},
	    {"a: \xE2\x82", "f.yaml:1:4: not UTF-8"},
	    {"a: \x01", "f.yaml:1:4: control characters are not allowed"},
	    {"a: \"\\0\"", "f.yaml:1:4: NUL in a text"},
	    {"a: \"\\uD800\"", "f.yaml:1:"},
	    {"a: \"\\q\"", "f.yaml:1:"},
	};
	struct kit *k = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (parse(k, rows[i].yaml) != NULL)
			fail_msg("taken: %s", rows[i].yaml);
		if (!text_starts(first_fault(k), rows[i].fault))
			fail_msg("%s: %s", rows[i].yaml, first_fault(k));
	}
	faults_init(&k->faults, &k->arena);
	assert_null(yaml_parse(&k->arena, "f", "a: \0", 4, &k->faults));
	assert_string_equal(first_fault(k), "f:1:4: a NUL byte");
}

/* One run shows all that does not keep the rest from being read. */
static void
test_several_faults(void **state)
{
	struct kit *k = *state;

	assert_null(parse(k, "a: 1\nb: {x, y: 1, y: 2}\n<<: 1\na: 2\na: 3\n"));
	assert_int_equal(k->faults.n, 5);
	assert_true(text_starts(k->faults.texts[0], "f.yaml:2:5: a comma ends"));
	assert_true(text_starts(k->faults.texts[1], "f.yaml:2:14: a second 'y'"));
	assert_true(text_starts(k->faults.texts[2], "f.yaml:3:1: merge keys"));
	assert_true(text_starts(k->faults.texts[3], "f.yaml:4:1: a second 'a'"));
	assert_true(text_starts(k->faults.texts[4], "f.yaml:5:1: a second 'a'"));
}

static void
check_place(const struct member *m, uint32_t line, uint32_t column, uint32_t value_line,
    uint32_t value_column)
{
	struct value_place at;

	assert_non_null(m);
	at = value_place(m->value);
	if (m->line != line || m->column != column || at.line != value_line ||
	    at.column != value_column)
		fail_msg("%s: %u:%u, value %u:%u", m->name, m->line, m->column, at.line, at.column);
}

static void
test_places(void **state)
{
	struct kit *k = *state;
	const struct value *v, *list;

	v = parse(k, "a: 1\n\xC3\xA9t\xC3\xA9:  {b: [x,\n   'y']}\nc: &r\n  - d\n"
		     "e: *r\nf:\n  g: |\n    text\n");
	assert_non_null(v);
	assert_int_equal(value_place(v).line, 1);
	assert_int_equal(value_place(v).column, 1);
	check_place(value_member(v, "a"), 1, 1, 1, 4);
	check_place(value_member(v, "\xC3\xA9t\xC3\xA9"), 2, 1, 2, 7);
	list = value_get(value_get(v, "\xC3\xA9t\xC3\xA9"), "b");
	assert_non_null(list);
	assert_int_equal(value_place(value_at(list, 0)).line, 2);
	assert_int_equal(value_place(value_at(list, 0)).column, 12);
	assert_int_equal(value_place(value_at(list, 1)).line, 3);
	assert_int_equal(value_place(value_at(list, 1)).column, 4);
	check_place(value_member(v, "c"), 4, 1, 4, 4);
	/* An alias is its anchor's value; its name has a place of its own. */
	check_place(value_member(v, "e"), 6, 1, 4, 4);
	assert_ptr_equal(value_get(v, "e"), value_get(v, "c"));
	check_place(value_member(value_get(v, "f"), "g"), 8, 3, 8, 6);
}

static void
put_deep(struct buf *b, int depth)
{
	int i;

	buf_reset(b);
	for (i = 0; i < depth; i++)
		buf_putc(b, '[');
	for (i = 0; i < depth; i++)
		buf_putc(b, ']');
}

static void
test_depth(void **state)
{
	struct kit *k = *state;

	put_deep(&k->buf, LIMIT_YAML_DEPTH);
	assert_non_null(parse(k, k->buf.data));
	put_deep(&k->buf, LIMIT_YAML_DEPTH + 1);
	assert_null(parse(k, k->buf.data));
	assert_string_equal(first_fault(k), "f.yaml:1:65: nested too deep, aliases expanded");
	put_deep(&k->buf, 5000);
	assert_null(parse(k, k->buf.data));

	/* Aliases of aliases: as deep as what they stand for. */
	assert_non_null(parse(k, "- &a [[[[1]]]]\n- &b [[*a]]\n- [*b]"));
	buf_reset(&k->buf);
	buf_puts(&k->buf, "- &a0 [1]\n");
	for (int i = 1; i < 62; i++)
		buf_printf(&k->buf, "- &a%d [*a%d]\n", i, i - 1);
	assert_non_null(parse(k, k->buf.data));
	buf_puts(&k->buf, "- [*a61]\n");
	assert_null(parse(k, k->buf.data));
	assert_string_equal(first_fault(k), "f.yaml:63:4: nested too deep, aliases expanded");
}

static void
test_nodes(void **state)
{
	struct kit *k = *state;
	int i;

	buf_reset(&k->buf);
	for (i = 1; i < LIMIT_YAML_NODES; i++)
		buf_puts(&k->buf, "- 1\n");
	assert_non_null(parse(k, k->buf.data));
	buf_puts(&k->buf, "- 1\n");
	assert_null(parse(k, k->buf.data));
	assert_string_equal(first_fault(k), "f.yaml:20000:3: too many values, aliases expanded");

	/* A billion laughs: ten lines of ten. */
	buf_reset(&k->buf);
	buf_puts(&k->buf, "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
	for (i = 1; i < 10; i++)
		buf_printf(&k->buf,
		    "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
		    i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_null(parse(k, k->buf.data));
	assert_true(text_starts(first_fault(k), "f.yaml:5:"));
	assert_true(text_ends(first_fault(k), "too many values, aliases expanded"));
}

/* 10,000 names, the last one twice: found without checking each against each, reported once. */
static void
test_many_names(void **state)
{
	struct kit *k = *state;
	int i;

	buf_reset(&k->buf);
	for (i = 0; i < 10000; i++)
		buf_printf(&k->buf, "m%d: 1\n", i * 7919 % 10000);
	assert_non_null(parse(k, k->buf.data));
	buf_puts(&k->buf, "m7919: 2\n");
	assert_null(parse(k, k->buf.data));
	assert_int_equal(k->faults.n, 1);
	assert_string_equal(
	    first_fault(k), "f.yaml:10001:1: a second 'm7919' (the first is in line 2)");
}

static void
test_without_memory(void **state)
{
	static const char text[] = "a: &x [1, {b: c}]\nd: *x\ne: 'a text of some length'\n";
	struct kit *k = *state;
	struct arena a;
	struct value *v = NULL;
	size_t max;

	for (max = 0; max < 64 * 1024 && v == NULL; max += 64) {
		arena_init(&a, max);
		faults_init(&k->faults, &k->arena);
		v = yaml_parse(&a, "f", text, strlen(text), &k->faults);
		if (v == NULL && !text_equal(first_fault(k), "f: out of memory"))
			fail_msg("%zu: %s", max, first_fault(k));
		arena_clear(&a);
	}
	assert_non_null(v);
}

static void
test_reading_files(void **state)
{
	char path[] = "/tmp/test_yaml.XXXXXX";
	struct kit *k = *state;
	int fd = mkstemp(path);
	char *expected;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\nb\n", 7), 7);
	assert_null(yaml_read(&k->arena, path, &k->faults));
	expected = arena_printf(&k->arena, "%s:3:1: could not find expected ':'", path);
	assert_true(text_starts(first_fault(k), expected));
	assert_int_equal(ftruncate(fd, 5), 0);
	assert_non_null(yaml_read(&k->arena, path, &k->faults));
	assert_int_equal(ftruncate(fd, LIMIT_FILE + 1), 0);
	faults_init(&k->faults, &k->arena);
	assert_null(yaml_read(&k->arena, path, &k->faults));
	expected = arena_printf(&k->arena, "%s: cannot be read: File too large", path);
	assert_string_equal(first_fault(k), expected);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
	faults_init(&k->faults, &k->arena);
	assert_null(yaml_read(&k->arena, path, &k->faults));
	expected = arena_printf(&k->arena, "%s: cannot be read: No such file or directory", path);
	assert_string_equal(first_fault(k), expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_faults, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_several_faults, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_depth, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_nodes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_names, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_without_memory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_reading_files, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
