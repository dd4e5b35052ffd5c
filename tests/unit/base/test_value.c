/* test_value.c: building, looking up and comparing values. */
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
	assert_string_equal(value_at(l, 0)->text, "ab");
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
	    cmocka_unit_test(test_equal_trees),
	    cmocka_unit_test(test_deep_trees),
	    cmocka_unit_test(test_kind_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
