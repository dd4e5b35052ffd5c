/*
 * test_sfv.c: structured fields: what RFC 8941 allows, what it forbids, and the one spelling of
 * each.
 */
#include "format/sfv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"

/* The dictionary written anew; NULL: refused. */
static const struct {
	const char *text, *again;
} dictionaries[] = {
    /* Accepted, and how it is spelled. */
    {"", ""},
    {"   ", ""},
    {"a", "a"},
    {"a=?1", "a"},
    {"a=?0", "a=?0"},
    {"a;x", "a;x"},
    {"a=1", "a=1"},
    {"  a=1  ", "a=1"},
    {"a=-1", "a=-1"},
    {"a=0042", "a=42"},
    {"a=-0", "a=0"},
    {"a=999999999999999", "a=999999999999999"},
    {"a=-999999999999999", "a=-999999999999999"},
    {"a=1.5", "a=1.5"},
    {"a=1.0", "a=1.0"},
    {"a=1.000", "a=1.0"},
    {"a=1.250", "a=1.25"},
    {"a=-0.5", "a=-0.5"},
    {"a=999999999999.999", "a=999999999999.999"},
    {"a=\"\"", "a=\"\""},
    {"a=\"b c\"", "a=\"b c\""},
    {"a=\"\\\"\\\\\"", "a=\"\\\"\\\\\""},
    {"a=tok", "a=tok"},
    {"a=*tok/en:x", "a=*tok/en:x"},
    {"a=T!#$%&'*+-.^_`|~", "a=T!#$%&'*+-.^_`|~"},
    {"a=::", "a=::"},
    {"a=:Zg==:", "a=:Zg==:"},
    {"a=()", "a=()"},
    {"a=( )", "a=()"},
    {"a=(1)", "a=(1)"},
    {"a=(  1   2  )", "a=(1 2)"},
    {"a=(\"x\";y;z=1 t);created=5;keyid=\"k\"", "a=(\"x\";y;z=1 t);created=5;keyid=\"k\""},
    {"a=(1)  ", "a=(1)"},
    {"a=1; b; c=2", "a=1;b;c=2"},
    {"a=1;b=?0;c=?1", "a=1;b=?0;c"},
    {"a=1,b=2", "a=1, b=2"},
    {"a=1 \t,\t b=2", "a=1, b=2"},
    {"*a=1, b_-.*9=2", "*a=1, b_-.*9=2"},
    /* Refused. */
    {"A=1", NULL},
    {"1=1", NULL},
    {"-a=1", NULL},
    {"=1", NULL},
    {"a=", NULL},
    {"a =1", NULL},
    {"a= 1", NULL},
    {"a=1,", NULL},
    {"a=1, ", NULL},
    {",a=1", NULL},
    {"a=1,,b=2", NULL},
    {"a=1 b=2", NULL},
    {"\ta=1", NULL},
    {"a=1\t", "a=1"},
    {"a=1\n", NULL},
    {"a=1;", NULL},
    {"a=1;B", NULL},
    {"a=1 ;b", NULL},
    {"a=1;b=", NULL},
    {"a=1;b=(1)", NULL},
    {"a=1;b=1;b=1", NULL},
    {"a=1, a=2", NULL},
    {"a=-", NULL},
    {"a=--1", NULL},
    {"a=+1", NULL},
    {"a=1.", NULL},
    {"a=.5", NULL},
    {"a=1.2345", NULL},
    {"a=1.2.3", NULL},
    {"a=1e3", NULL},
    {"a=1000000000000000", NULL},
    {"a=1000000000000.0", NULL},
    {"a=\"", NULL},
    {"a=\"b", NULL},
    {"a=\"\\", NULL},
    {"a=\"\\\"", NULL},
    {"a=\"\\n\"", NULL},
    {"a=\"\x7F\"", NULL},
    {"a=\"\t\"", NULL},
    {"a=\"\xC3\xA9\"", NULL},
    {"a=:", NULL},
    {"a=:Zg==", NULL},
    {"a=:Zg:", NULL},
    {"a=:Zh==:", NULL},
    {"a=:Z g==:", NULL},
    {"a=?", NULL},
    {"a=?2", NULL},
    {"a=?10", NULL},
    {"a=@1", NULL},
    {"a=(", NULL},
    {"a=(1", NULL},
    {"a=(1 ", NULL},
    {"a=(1,2)", NULL},
    {"a=(1\t2)", NULL},
    {"a=(1\"x\")", NULL},
    {"a=((1))", NULL},
    {"a=1)", NULL},
    {"a=(1))", NULL},
};

static void
write_dictionary(const struct sfv_dictionary *d, struct buf *out)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		buf_puts(out, d->members[i].key);
		if (!d->members[i].inner && d->members[i].item.bare.kind == SFV_BOOLEAN &&
		    d->members[i].item.bare.number == 1) {
			/* A true member is its parameters alone: what follows "?1". */
			struct buf value;

			buf_init(&value, 1000);
			sfv_write_member(&value, &d->members[i]);
			buf_puts(out, value.data + 2);
			buf_clear(&value);
			continue;
		}
		buf_putc(out, '=');
		sfv_write_member(out, &d->members[i]);
	}
}

static void
test_dictionaries(void **state)
{
	struct sfv_dictionary d;
	struct arena a;
	struct buf b;
	size_t i;
	bool ok;

	(void)state;
	arena_init(&a, 1 << 20);
	buf_init(&b, 10000);
	for (i = 0; i < ARRAY_LEN(dictionaries); i++) {
		buf_reset(&b);
		ok = sfv_parse_dictionary(
		    &a, dictionaries[i].text, strlen(dictionaries[i].text), &d);
		if (ok != (dictionaries[i].again != NULL))
			fail_msg("%s: %s", dictionaries[i].text, ok ? "taken" : "refused");
		if (!ok)
			continue;
		write_dictionary(&d, &b);
		assert_string_equal(b.data, dictionaries[i].again);
	}
	/* NUL is no character of anything, wherever it stands. */
	assert_false(sfv_parse_dictionary(&a, "a=\"\0\"", 5, &d));
	assert_false(sfv_parse_dictionary(&a, "a\0=1", 4, &d));
	assert_false(sfv_parse_dictionary(&a, "a=b\0", 4, &d));
	assert_false(sfv_parse_dictionary(&a, "a=1\0", 4, &d));
	buf_clear(&b);
	arena_clear(&a);
}

static void
test_content(void **state)
{
	static const char text[] = "sig=(\"@method\" tok;p=2.5);created=7, b=:AAEC:, c=\"q\\\"\"";
	const struct sfv_member *m;
	struct sfv_dictionary d;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_true(sfv_parse_dictionary(&a, text, strlen(text), &d));
	assert_int_equal(d.n, 3);
	m = sfv_member(&d, "sig");
	assert_true(m != NULL && m->inner && m->n == 2);
	assert_string_equal(m->list[0].bare.text, "@method");
	assert_int_equal(m->list[1].bare.kind, SFV_TOKEN);
	assert_int_equal(sfv_param(&m->list[1], "p")->kind, SFV_DECIMAL);
	assert_int_equal(sfv_param(&m->list[1], "p")->number, 2500);
	assert_int_equal(sfv_param(&m->item, "created")->number, 7);
	assert_null(sfv_param(&m->item, "p"));
	m = sfv_member(&d, "b");
	assert_int_equal(m->item.bare.len, 3);
	assert_memory_equal(m->item.bare.text, "\0\1\2", 3);
	assert_string_equal(sfv_member(&d, "c")->item.bare.text, "q\"");
	assert_null(sfv_member(&d, "d"));
	arena_clear(&a);
}

/* The piece with its percent sign replaced by i. */
static void
append(struct buf *b, const char *piece, size_t i)
{
	for (; *piece != '\0'; piece++) {
		if (*piece == '%')
			buf_printf(b, "%zu", i);
		else
			buf_putc(b, *piece);
	}
}

/* n times a piece between two ends. */
static bool
parse_many(const char *start, const char *piece, size_t n, const char *end)
{
	struct sfv_dictionary d;
	struct arena a;
	struct buf b;
	size_t i;
	bool ok;

	arena_init(&a, 1 << 22);
	buf_init(&b, 1 << 16);
	buf_puts(&b, start);
	for (i = 0; i < n; i++)
		append(&b, piece, i);
	buf_puts(&b, end);
	ok = sfv_parse_dictionary(&a, b.data, b.len, &d);
	buf_clear(&b);
	arena_clear(&a);
	return ok;
}

static void
test_limits(void **state)
{
	struct sfv_dictionary d;
	struct arena a;

	(void)state;
	assert_true(parse_many("a", ", k%", SFV_MEMBERS_MAX - 1, ""));
	assert_false(parse_many("a", ", k%", SFV_MEMBERS_MAX, ""));
	assert_true(parse_many("a=(", " %", SFV_LIST_MAX, ")"));
	assert_false(parse_many("a=(", " %", SFV_LIST_MAX + 1, ")"));
	assert_true(parse_many("a", ";k%=%", SFV_PARAMS_MAX, ""));
	assert_false(parse_many("a", ";k%=%", SFV_PARAMS_MAX + 1, ""));
	arena_init(&a, 64);
	assert_false(sfv_parse_dictionary(&a, "a=(1 2 3)", 9, &d));
	arena_clear(&a);
}

/* Short of memory at every point: refused, and never half a dictionary taken for a whole one. */
static void
test_memory(void **state)
{
	static const char text[] = "a=(\"x\";y=1 t);k=:AAEC:, b=\"s\", c=tok";
	struct sfv_dictionary d;
	struct arena a;
	size_t max;

	(void)state;
	for (max = 0; max < 1 << 16; max += 16) {
		arena_init(&a, max);
		if (sfv_parse_dictionary(&a, text, strlen(text), &d)) {
			assert_int_equal(d.n, 3);
			arena_clear(&a);
			break;
		}
		arena_clear(&a);
	}
	assert_true(max > 100 && max < 1 << 16);
}

/* What is no value has no spelling. */
static void
test_no_kind(void **state)
{
	const struct sfv_item item = {.bare = {.kind = SFV_KIND_MAX}};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	sfv_write_item(&b, &item);
	assert_int_equal(b.err, GW_EINTERNAL);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dictionaries),
	    cmocka_unit_test(test_content),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_no_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
