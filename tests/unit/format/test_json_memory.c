/*
 * test_json_memory.c: what an answer costs while it is read, text and tree, by the process's own
 * count: at most eight times its size, whatever it is made of. And what happens where there is not
 * so much, or no time.
 */
#include "format/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "engine/task.h"

enum { TIMES = 8, ANSWER = 2 * 1000 * 1000, VALUES_MOST = LIMIT_VALUES - 100000 };

static size_t
put_zero(struct buf *b, unsigned i)
{
	buf_puts(b, i == 0 ? "0" : ",0");
	return 1;
}

static size_t
put_number(struct buf *b, unsigned i)
{
	buf_printf(b, "%s%u.%02u", i == 0 ? "" : ",", i % 400, i % 97);
	return 1;
}

static size_t
put_letters(struct buf *b, unsigned i)
{
	buf_printf(b, "%s\"%x\"", i == 0 ? "" : ",", i * 2654435761U >> 20);
	return 1;
}

static size_t
put_pair(struct buf *b, unsigned i)
{
	buf_printf(b, "%s[%u,%u]", i == 0 ? "" : ",", i % 10, i % 7);
	return 3;
}

static size_t
put_single(struct buf *b, unsigned i)
{
	buf_printf(b, "%s[%u]", i == 0 ? "" : ",", i % 10);
	return 2;
}

/* Few are equal, so that none is read once for many. */
static size_t
put_various_single(struct buf *b, unsigned i)
{
	buf_printf(b, "%s[%u]", i == 0 ? "" : ",", 1000 + i * 2654435761U % 9000);
	return 2;
}

static size_t
put_nothing(struct buf *b, unsigned i)
{
	buf_printf(b, "%s%s", i == 0 ? "" : ",", i % 2 == 0 ? "{}" : "[]");
	return 1;
}

static size_t
put_small_object(struct buf *b, unsigned i)
{
	buf_printf(b, "%s{\"a\":%u}", i == 0 ? "" : ",", i % 10);
	return 2;
}

static size_t
put_balance(struct buf *b, unsigned i)
{
	buf_printf(b, "%s{\"id\":\"%u\",\"type\":%u,\"balance\":\"%u.5\",\"unit\":\"hours\"}",
	    i == 0 ? "" : ",", i, i % 20, i % 300);
	return 5;
}

static size_t
put_employee(struct buf *b, unsigned i)
{
	buf_printf(b,
	    "%s{\"id\": %u, \"name\": \"Name %u\", \"email\": \"name.%u@example.com\", \"active\": true, \"manager\": null}",
	    i == 0 ? "" : ", ", i, i, i);
	return 6;
}

static size_t
put_long_text(struct buf *b, unsigned i)
{
	size_t k;

	buf_puts(b, i == 0 ? "\"" : ",\"");
	for (k = 0; k < 500 * 1000 / 10; k++)
		buf_puts(b, "0123456789");
	buf_putc(b, '"');
	return 1;
}

static size_t
put_member(struct buf *b, unsigned i)
{
	buf_printf(b, "%s\"%06x\":%u", i == 0 ? "" : ",", i, i % 10);
	return 1;
}

static const struct {
	const char *what;
	size_t (*put)(struct buf *b, unsigned i); /* returns how many values it puts */
	const char *around;
} shapes[] = {
    {"zeros", put_zero, "[]"},
    {"numbers", put_number, "[]"},
    {"short texts", put_letters, "[]"},
    {"pairs", put_pair, "[]"},
    {"nothing", put_nothing, "[]"},
    {"small objects", put_small_object, "[]"},
    {"balances", put_balance, "[]"},
    {"employees", put_employee, "[]"},
    {"long texts", put_long_text, "[]"},
    {"one object", put_member, "{}"},
    {"singles", put_single, "[]"},
    {"various singles", put_various_single, "[]"},
};

static void
make(struct buf *b, size_t at)
{
	size_t values = 1;
	unsigned i;

	buf_reset(b);
	buf_putc(b, shapes[at].around[0]);
	for (i = 0; b->len < ANSWER && values < VALUES_MOST; i++)
		values += shapes[at].put(b, i);
	buf_putc(b, shapes[at].around[1]);
	assert_int_equal(b->err, GW_OK);
}

/* NULL where it costs more than that; errno says why. */
static struct value *
parse_within(struct arena *a, const struct buf *b, size_t budget, char *why, size_t why_max)
{
	struct value *v;

	memory_set_max(budget);
	v = json_parse(a, b->data, b->len, &json_answer, why, why_max);
	memory_set_max(SIZE_MAX);
	return v;
}

static void
test_every_shape_costs_little(void **state)
{
	struct arena a;
	struct buf b, back;
	struct value *v;
	char why[100];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(shapes); i++) {
		buf_init(&b, SIZE_MAX);
		make(&b, i);
		arena_init(&a, SIZE_MAX);
		/* The text counts once; here its buffer is larger. */
		v = parse_within(&a, &b, b.cap + (TIMES - 1) * b.len, why, sizeof(why));
		if (v == NULL)
			fail_msg("%s: %s", shapes[i].what, why);
		/* Shared or not, every value is there. */
		buf_init(&back, SIZE_MAX);
		json_value(&back, v);
		if (i != 7 && (back.len != b.len || memcmp(back.data, b.data, b.len) != 0))
			fail_msg("%s: not what was read", shapes[i].what);
		buf_clear(&back);
		buf_clear(&b);
		arena_clear(&a);
	}
}

/* Short of memory at any moment: an error of its own, and nothing is lost. */
static void
test_too_little_is_not_the_documents_fault(void **state)
{
	struct arena a;
	struct buf b;
	struct value *v = NULL;
	char why[100];
	size_t i, budget, tried = 0;

	(void)state;
	for (i = 0; i < ARRAY_LEN(shapes); i++) {
		buf_init(&b, SIZE_MAX);
		make(&b, i);
		for (budget = b.cap; budget < b.cap + 9 * b.len; budget += 2 * b.len) {
			arena_init(&a, SIZE_MAX);
			errno = 0;
			v = parse_within(&a, &b, budget, why, sizeof(why));
			if (v == NULL) {
				assert_int_equal(errno, ENOMEM);
				assert_string_equal(
				    why, "out of memory: see memory in hrisgw.yaml");
				tried++;
			}
			arena_clear(&a);
		}
		assert_non_null(v);
		buf_clear(&b);
		memory_set_max(1);
		assert_true(memory_take(1)); /* all was given back */
		memory_give(1);
		memory_set_max(SIZE_MAX);
	}
	assert_true(tried > ARRAY_LEN(shapes));
}

static void
test_a_fault_of_the_document_is_one(void **state)
{
	struct arena a;
	char why[100];

	(void)state;
	arena_init(&a, SIZE_MAX);
	errno = 0;
	assert_null(json_parse(&a, "[1,", 3, &json_answer, why, sizeof(why)));
	assert_int_equal(errno, EBADMSG);
	arena_clear(&a);
}

/* A clock that a task and the test share; each look at it takes 1 ms. */
static struct clock ticking;
static int64_t ticks;

static int64_t
tick(void *context)
{
	(void)context;
	return ++ticks;
}

static struct {
	const struct buf *text;
	struct value *root;
	char why[100];
	int error;
	bool over;
	int64_t patience_ms;
	unsigned turns; /* of the other task, while the document was read */
} reading;

static void
read_in_task(void *context)
{
	struct arena a;

	(void)context;
	task_set_deadline(ticks + reading.patience_ms);
	arena_init(&a, SIZE_MAX);
	reading.root = json_parse(&a, reading.text->data, reading.text->len, &json_answer,
	    reading.why, sizeof(reading.why));
	reading.error = errno;
	reading.over = true;
	arena_clear(&a);
}

static void
count_turns(struct loop_job *job)
{
	reading.turns++;
	if (!reading.over)
		loop_ready(loop_current(), job);
}

static void
read_for(int64_t patience_ms)
{
	static struct loop_job other = {.run = count_turns};
	struct buf b;
	unsigned i;

	buf_init(&b, SIZE_MAX);
	buf_putc(&b, '[');
	for (i = 0; b.len < ANSWER; i++)
		(void)put_balance(&b, i);
	buf_putc(&b, ']');
	memset(&reading, 0, sizeof(reading));
	reading.text = &b;
	reading.patience_ms = patience_ms;
	ticking = (struct clock){.wall_ms = tick, .mono_ms = tick};
	loop_use_clock(&ticking);
	assert_true(task_spawn(loop_current(), read_in_task, NULL));
	loop_ready(loop_current(), &other);
	while (!reading.over)
		loop_turn(loop_current(), 0);
	loop_turn(loop_current(), 0);
	loop_use_clock(NULL);
	buf_clear(&b);
}

static void
test_a_long_document_lets_others_go_on(void **state)
{
	(void)state;
	read_for(INT32_MAX);
	assert_non_null(reading.root);
	assert_true(reading.turns > 20);
}

static void
test_the_deadline_ends_it(void **state)
{
	(void)state;
	read_for(20);
	assert_null(reading.root);
	assert_int_equal(reading.error, ETIME);
	assert_string_equal(reading.why, "no time was left to read it");
	assert_true(reading.turns > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_shape_costs_little),
	    cmocka_unit_test(test_too_little_is_not_the_documents_fault),
	    cmocka_unit_test(test_a_fault_of_the_document_is_one),
	    cmocka_unit_test(test_a_long_document_lets_others_go_on),
	    cmocka_unit_test(test_the_deadline_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
