/* test_value.c: building, looking up and comparing values; numbers are compared exactly. */
#include "base/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

static void
test_building(void **state)
{
	struct arena a;
	struct value *o, *l;

	(void)state;
	arena_init(&a, 1024 * 1024);
	o = value_object(&a);
	l = value_list(&a);
	assert_true(value_set(&a, o, "name", value_text(&a, "Ann")));
	assert_true(value_set(&a, o, "id", value_number(&a, "10000000000000000999")));
	assert_true(value_set(&a, o, "least", value_integer(&a, INT64_MIN)));
	assert_true(value_set(&a, o, "yes", value_bool(&a, true)));
	assert_true(value_set(&a, o, "nothing", value_null(&a)));
	assert_true(value_set(&a, o, "list", l));
	assert_true(value_add(&a, l, value_text_len(&a, "abc", 2)));
	assert_int_equal(o->n, 6);
	assert_string_equal(value_str(value_get(o, "name")), "Ann");
	assert_string_equal(value_str(value_get(o, "id")), "10000000000000000999");
	assert_string_equal(value_str(value_get(o, "least")), "-9223372036854775808");
	assert_string_equal(value_str(value_get(o, "yes")), "true");
	assert_null(value_str(value_get(o, "nothing")));
	assert_null(value_str(l));
	assert_null(value_str(o));
	assert_null(value_str(NULL));
	assert_string_equal(l->items[0].value->text, "ab");
	assert_string_equal(value_get_text(o, "name"), "Ann");
	assert_null(value_get_text(o, "id"));
	assert_null(value_get(o, "absent"));
	assert_null(value_get(NULL, "x"));
	assert_null(value_get(l, "x"));
	assert_string_equal(value_member(o, "list")->name, "list");
	assert_true(value_is(l, VALUE_LIST));
	assert_false(value_is(NULL, VALUE_NULL));
	arena_clear(&a);
}

static void
test_building_nests_and_fails(void **state)
{
	struct arena a;
	struct value *l, *o;

	(void)state;
	arena_init(&a, 1024);
	l = value_list(&a);
	o = value_object(&a);
	assert_false(value_add(&a, l, NULL));
	assert_false(value_add(&a, NULL, l));
	assert_false(value_set(&a, o, "x", NULL));
	while (value_add(&a, l, value_text(&a, "until the memory is used up")))
		assert_true(l->n < 20);
	assert_true(l->n > 0);
	assert_int_equal(o->n, 0);
	arena_clear(&a);
}

/* Each row holds numbers that are equal, each row more than the one before. */
static const char *const ordered[][6] = {
    {"-1e99999999999999999999"},
    {"-1e999999999999999999"},
    {"-10000000000000000000000000000000000000001"},
    {"-10000000000000000000000000000000000000000", "-1e40"},
    {"-2.5", "-25e-1", "-0.25E+1", "-2.500"},
    {"-1"},
    {"-1e-7"},
    {"-1e-99999999999999999999"},
    {"0", "-0", "0.000", "0e7", "-0E-99999999999999999999", "0.0e99999999999999999999"},
    {"1e-99999999999999999999"},
    {"1e-99999999999999999998", "1e-0099999999999999999998"},
    {"1e-999999999999999999"},
    {"0.0000001", "1e-7", "10e-8"},
    {"0.1", "1e-1", "0.10"},
    {"0.10000000000000000000000000001"},
    {"1", "1.0", "10e-1", "1e0", "1E+0", "0.001e3"},
    {"1.05"},
    {"1.5"},
    {"9"},
    {"10", "1e1", "10.0", "1.0e1", "100E-1"},
    {"10.1"},
    {"22.799999999999997"},
    {"22.8", "22.80"},
    {"100", "1e2", "1e02", "1e+2"},
    {"9007199254740992"},
    {"9007199254740993", "9007199254740993.0"},
    {"9223372036854775807"},
    {"9223372036854775808"},
    {"1e100"},
    {"1e999999999999999999", "10e999999999999999998", "100e999999999999999997"},
    {"1e99999999999999999999", "1e+99999999999999999999"},
    {"1e100000000000000000000"},
    {"2e100000000000000000000"},
};

static void
check_order(const char *a, const char *b, size_t i, size_t j)
{
	int order = value_compare_numbers(a, b), expected = i < j ? -1 : i > j;

	order = order < 0 ? -1 : order > 0;
	if (order != expected)
		fail_msg("%s against %s gave %d", a, b, order);
}

static void
test_numbers_compare_exactly(void **state)
{
	const size_t n = sizeof(ordered) / sizeof(ordered[0]);
	size_t i, j, k, m;

	(void)state;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			for (k = 0; k < 6 && ordered[i][k] != NULL; k++) {
				for (m = 0; m < 6 && ordered[j][m] != NULL; m++)
					check_order(ordered[i][k], ordered[j][m], i, j);
			}
		}
	}
}

static void
test_number_grammar(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
	    {"", 0},
	    {"-", 0},
	    {"+1", 0},
	    {".5", 0},
	    {"a", 0},
	    {"0", 1},
	    {"-0", 2},
	    {"00", 1},
	    {"01", 1},
	    {"-01", 2},
	    {"10", 2},
	    {"1.", 1},
	    {"1.5", 3},
	    {"1.5.2", 3},
	    {"1e", 1},
	    {"1e+", 1},
	    {"1e5", 3},
	    {"1E-05", 5},
	    {"1.5e+5x", 6},
	    {"1 ", 1},
	    {"0x10", 1},
	    {"1_000", 1},
	    {"NaN", 0},
	    {"Infinity", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (value_number_len(rows[i].text, strlen(rows[i].text)) != rows[i].len)
			fail_msg("'%s'", rows[i].text);
	}
	/* Never past len. */
	assert_int_equal(value_number_len("12", 1), 1);
	assert_int_equal(value_number_len("1.5", 2), 1);
	assert_int_equal(value_number_len("1e5", 2), 1);
	assert_int_equal(value_number_len("-1", 1), 0);
	assert_int_equal(value_number_len("1", 0), 0);
}

/* {"a": [1.0, "x", null, true], "b": {}}, with members in the order asked for. */
static struct value *
sample(struct arena *a, bool turned, const char *one, const char *x)
{
	struct value *o = value_object(a), *l = value_list(a);

	if (turned)
		assert_true(value_set(a, o, "b", value_object(a)));
	assert_true(value_set(a, o, "a", l));
	if (!turned)
		assert_true(value_set(a, o, "b", value_object(a)));
	assert_true(value_add(a, l, value_number(a, one)));
	assert_true(value_add(a, l, value_text(a, x)));
	assert_true(value_add(a, l, value_null(a)));
	assert_true(value_add(a, l, value_bool(a, true)));
	return o;
}

static void
test_equal_trees(void **state)
{
	struct arena a;
	struct value *v, *w;

	(void)state;
	arena_init(&a, 1024 * 1024);
	v = sample(&a, false, "1.0", "x");
	assert_true(value_equal(v, v));
	assert_true(value_equal(v, sample(&a, true, "10e-1", "x")));
	assert_false(value_equal(v, sample(&a, false, "1.01", "x")));
	assert_false(value_equal(v, sample(&a, false, "1", "y")));
	assert_false(value_equal(v, sample(&a, false, "1", "x ")));
	w = sample(&a, false, "1", "x");
	assert_true(value_add(&a, value_get(w, "a"), value_null(&a)));
	assert_false(value_equal(v, w));
	w = sample(&a, false, "1", "x");
	w->items[1].name = "c";
	assert_false(value_equal(v, w));
	assert_true(value_equal(NULL, NULL));
	assert_false(value_equal(NULL, value_null(&a)));
	assert_false(value_equal(value_null(&a), NULL));
	assert_false(value_equal(value_list(&a), value_object(&a)));
	assert_false(value_equal(value_text(&a, "1"), value_number(&a, "1")));
	assert_false(value_equal(value_bool(&a, true), value_bool(&a, false)));
	assert_true(value_equal(value_text_len(&a, "a\0b", 3), value_text_len(&a, "a\0b", 3)));
	assert_false(value_equal(value_text_len(&a, "a\0b", 3), value_text_len(&a, "a\0c", 3)));
	arena_clear(&a);
}

/* A hundred thousand lists in one another: comparing must not recurse. */
static void
test_deep_trees(void **state)
{
	struct value *tops[2], *v, *inner;
	struct arena a;
	int i, k;

	(void)state;
	arena_init(&a, 256 * 1024 * 1024);
	for (k = 0; k < 2; k++) {
		v = tops[k] = value_list(&a);
		for (i = 0; i < 100000; i++) {
			inner = value_list(&a);
			assert_true(value_add(&a, v, inner));
			v = inner;
		}
	}
	assert_true(value_equal(tops[0], tops[1]));
	assert_true(value_add(&a, v, value_null(&a)));
	assert_false(value_equal(tops[0], tops[1]));
	arena_clear(&a);
}

static void
test_kind_names(void **state)
{
	(void)state;
	assert_string_equal(value_kind_name(VALUE_NULL), "null");
	assert_string_equal(value_kind_name(VALUE_TEXT), "text");
	assert_string_equal(value_kind_name(VALUE_OBJECT), "object");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_building),
	    cmocka_unit_test(test_building_nests_and_fails),
	    cmocka_unit_test(test_numbers_compare_exactly),
	    cmocka_unit_test(test_number_grammar),
	    cmocka_unit_test(test_equal_trees),
	    cmocka_unit_test(test_deep_trees),
	    cmocka_unit_test(test_kind_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
