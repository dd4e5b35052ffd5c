/* test_fcgi_read.c: FastCGI byte by byte: what is a request, what is not, what is answered. */
#include "server/fcgi_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/bounds.h"

#define BEGIN               \
	"\1\1\0\1\0\10\0\0" \
	"\0\1\0\0\0\0\0\0"
#define PARAMS "\1\4\0\1\0\0\0\0"
#define END    "\1\5\0\1\0\0\0\0"
#define A_IS_B             \
	"\1\4\0\1\0\4\0\0" \
	"\1\1"             \
	"AB"

struct sent {
	const char *promise, *bytes;
	size_t len;
	bool request, whole;
	const char *params, *body;
};

#define SENT(bytes) bytes, sizeof(bytes) - 1

static const struct sent cases[] = {
    {"the smallest request", SENT(BEGIN PARAMS END), true, true, "", ""},
    {"one parameter", SENT(BEGIN A_IS_B PARAMS END), true, true, "\1\1AB", ""},
    {"a parameter across records",
	SENT(BEGIN "\1\4\0\1\0\2\0\0\1\1"
		   "\1\4\0\1\0\1\0\0A"
		   "\1\4\0\1\0\1\0\0B" PARAMS END),
	true, true, "\1\1AB", ""},
    {"a value may be empty",
	SENT(BEGIN "\1\4\0\1\0\3\0\0\1"
		   "\0A" PARAMS END),
	true, true, "\1", ""},
    {"padding is dropped",
	SENT(BEGIN "\1\4\0\1\0\4\3\0\1\1AB"
		   "xyz" PARAMS END),
	true, true, "\1\1AB", ""},
    {"a body", SENT(BEGIN PARAMS "\1\5\0\1\0\2\0\0hi" END), true, true, "", "hi"},
    {"a body in two records", SENT(BEGIN PARAMS "\1\5\0\1\0\1\0\0h\1\5\0\1\0\1\0\0i" END), true,
	true, "", "hi"},
    {"a body without its end", SENT(BEGIN PARAMS "\1\5\0\1\0\2\0\0hi"), true, false, "", "hi"},
    {"a body cut off in a record", SENT(BEGIN PARAMS "\1\5\0\1\0\5\0\0hi"), true, false, "", "hi"},
    {"a body cut off by ABORT", SENT(BEGIN PARAMS "\1\5\0\1\0\2\0\0hi\1\2\0\1\0\0\0\0"), true,
	false, "", "hi"},
    {"management records are no part of a request",
	SENT("\1\11\0\0\0\3\0\0abc" BEGIN "\1\11\0\0\0\0\0\0" PARAMS "\1\11\0\0\0\1\0\0x" END),
	true, true, "", ""},
    {"records of another request are skipped", SENT(BEGIN "\1\4\0\2\0\1\0\0x" PARAMS END), true,
	true, "", ""},
    {"DATA is skipped", SENT(BEGIN PARAMS "\1\10\0\1\0\1\0\0x" END), true, true, "", ""},
    {"an authorizer has no body", SENT("\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0" PARAMS), true, false, "",
	""},
    {"nothing", "", 0, false, false, NULL, NULL},
    {"half a header", SENT("\1\1\0"), false, false, NULL, NULL},
    {"another version", SENT("\2\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0" PARAMS END), false, false, NULL,
	NULL},
    {"no BEGIN_REQUEST", SENT(PARAMS END), false, false, NULL, NULL},
    {"eight bytes of another kind first", SENT("\1\4\0\1\0\10\0\0\0\1\0\0\0\0\0\0" PARAMS END),
	false, false, NULL, NULL},
    {"BEGIN_REQUEST of seven bytes", SENT("\1\1\0\1\0\7\0\0\0\1\0\0\0\0\0" PARAMS END), false,
	false, NULL, NULL},
    {"parameters without their end", SENT(BEGIN A_IS_B), false, false, NULL, NULL},
    {"STDIN before the end of the parameters", SENT(BEGIN A_IS_B END), false, false, NULL, NULL},
    {"ABORT in the parameters", SENT(BEGIN "\1\2\0\1\0\0\0\0" PARAMS END), false, false, NULL,
	NULL},
    {"a length alone", SENT(BEGIN "\1\4\0\1\0\1\0\0\1" PARAMS END), false, false, NULL, NULL},
    {"a long length cut off", SENT(BEGIN "\1\4\0\1\0\3\0\0\200\0\0" PARAMS END), false, false, NULL,
	NULL},
    {"a name longer than what is there", SENT(BEGIN "\1\4\0\1\0\3\0\0\2\0A" PARAMS END), false,
	false, NULL, NULL},
    {"a value longer than what is there", SENT(BEGIN "\1\4\0\1\0\3\0\0\1\1A" PARAMS END), false,
	false, NULL, NULL},
    {"two lengths whose sum wraps",
	SENT(BEGIN "\1\4\0\1\0\10\0\0\377\377\377\376\377\377\377\376" PARAMS END), false, false,
	NULL, NULL},
    {"a name of no bytes", SENT(BEGIN "\1\4\0\1\0\3\0\0\0\1B" PARAMS END), false, false, NULL,
	NULL},
    {"a name with =", SENT(BEGIN "\1\4\0\1\0\4\0\0\1\1=B" PARAMS END), false, false, NULL, NULL},
    {"a NUL in a name", SENT(BEGIN "\1\4\0\1\0\4\0\0\1\1\0B" PARAMS END), false, false, NULL, NULL},
    {"a NUL in a value", SENT(BEGIN "\1\4\0\1\0\4\0\0\1\1A\0" PARAMS END), false, false, NULL,
	NULL},
};

/* Feeds bytes in pieces of that size (0: all at once), then the end. True: there is a request. */
static bool
feed(struct fcgi_reader *r, const char *bytes, size_t len, size_t piece, const char *why)
{
	size_t at = 0, part;

	fcgi_reader_init(r);
	while (at < len && r->stage < FCGI_WHOLE) {
		part = piece == 0 || piece > len - at ? len - at : piece;
		at += fcgi_reader_feed(r, bytes + at, part);
	}
	if (r->stage < FCGI_WHOLE)
		fcgi_reader_end(r, why);
	return r->stage == FCGI_WHOLE;
}

static void
test_cases(void **state)
{
	const struct sent *c;
	struct fcgi_reader r;
	size_t i, piece;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = &cases[i];
		for (piece = 0; piece < 20; piece++) {
			if (feed(&r, c->bytes, c->len, piece, "closed") != c->request ||
			    (c->request &&
				(r.body_whole != c->whole || strcmp(r.body.data, c->body) != 0 ||
				    memcmp(r.params.data, c->params, strlen(c->params)) != 0)))
				fail_msg("broken promise in pieces of %zu: %s", piece, c->promise);
			if (!c->request && r.why == NULL)
				fail_msg("no reason: %s", c->promise);
			fcgi_reader_clear(&r);
		}
	}
}

/* Every beginning of a request is cut off there, never more than that. */
static void
test_cut_anywhere(void **state)
{
	static const char whole[] = BEGIN A_IS_B PARAMS "\1\5\0\1\0\2\0\0hi" END;
	const size_t params_end = sizeof(BEGIN A_IS_B PARAMS) - 1;
	struct fcgi_reader r;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(whole); len++) {
		assert_int_equal(feed(&r, whole, len, 0, "timed out"), len >= params_end);
		assert_int_equal(r.body_whole, len == sizeof(whole) - 1);
		if (len < params_end)
			assert_string_equal(r.why, "timed out");
		fcgi_reader_clear(&r);
	}
}

/* A reader takes no byte of the next request before it is reset. */
static void
test_one_after_the_other(void **state)
{
	static const char two[] = BEGIN A_IS_B PARAMS END BEGIN PARAMS "\1\5\0\1\0\2\0\0hi" END;
	const size_t first = sizeof(BEGIN A_IS_B PARAMS END) - 1;
	struct fcgi_reader r;

	(void)state;
	fcgi_reader_init(&r);
	assert_false(fcgi_reader_begun(&r));
	assert_int_equal(fcgi_reader_feed(&r, two, sizeof(two) - 1), first);
	assert_int_equal(r.stage, FCGI_WHOLE);
	assert_int_equal(r.params.len, 4);
	assert_false(r.keep);
	fcgi_reader_reset(&r);
	assert_false(fcgi_reader_begun(&r));
	assert_int_equal(
	    fcgi_reader_feed(&r, two + first, sizeof(two) - 1 - first), sizeof(two) - 1 - first);
	assert_int_equal(r.params.len, 0);
	assert_string_equal(r.body.data, "hi");
	fcgi_reader_clear(&r);
}

static void
assert_bytes(const struct buf *b, const char *bytes, size_t len)
{
	assert_int_equal(b->err, GW_OK);
	assert_int_equal(b->len, len);
	assert_memory_equal(b->data, bytes, len);
}

/* FastCGI 1.0, sections 4.1, 4.2 and 3.5. */
static void
test_what_is_answered_at_once(void **state)
{
	static const char asked[] = "\1\11\0\0\0\21\0\0\17\0FCGI_MPXS_CONNS";
	static const char unknown[] = "\1\115\0\0\0\1\0\0x";
	static const char second[] = BEGIN "\1\1\0\2\0\10\0\0\0\1\0\0\0\0\0\0" PARAMS END;
	struct fcgi_reader r;
	size_t n;

	(void)state;
	assert_false(feed(&r, asked, sizeof(asked) - 1, 3, "closed"));
	assert_bytes(&r.replies, "\1\12\0\0\0\22\0\0\17\1FCGI_MPXS_CONNS0", 26);
	fcgi_reader_clear(&r);
	assert_false(feed(&r, unknown, sizeof(unknown) - 1, 1, "closed"));
	assert_bytes(&r.replies, "\1\13\0\0\0\10\0\0\115\0\0\0\0\0\0\0", 16);
	fcgi_reader_clear(&r);
	assert_true(feed(&r, second, sizeof(second) - 1, 0, "closed"));
	assert_bytes(&r.replies, "\1\3\0\2\0\10\0\0\0\0\0\0\1\0\0\0", 16);
	fcgi_reader_clear(&r);
	/* A client that only asks comes to an end. */
	fcgi_reader_init(&r);
	for (n = 0; n < 100000 && r.stage != FCGI_BROKEN; n++)
		(void)fcgi_reader_feed(&r, asked, sizeof(asked) - 1);
	assert_int_equal(r.stage, FCGI_BROKEN);
	fcgi_reader_clear(&r);
}

static void
test_writing(void **state)
{
	struct buf b;
	size_t at;

	(void)state;
	buf_init(&b, 1000);
	fcgi_write_output(&b, 258, "hello", 5);
	fcgi_write_output(&b, 258, "", 0);
	assert_bytes(&b, "\1\6\1\2\0\5\3\0hello\0\0\0", 16);
	at = fcgi_begin_output(&b);
	buf_puts(&b, "12345678");
	fcgi_end_output(&b, at, 1);
	assert_int_equal(b.len, 32);
	assert_memory_equal(b.data + 16, "\1\6\0\1\0\10\0\00012345678", 16);
	buf_reset(&b);
	fcgi_write_end(&b, 258, 0, false);
	assert_bytes(&b, "\1\6\1\2\0\0\0\0\1\3\1\2\0\10\0\0\0\0\0\0\0\0\0\0", 24);
	buf_reset(&b);
	fcgi_write_end(&b, 1, 3, true);
	assert_bytes(&b,
	    "\1\3\0\1\0\10\0\0\0\0\0\0\3\0\0\0"
	    "\1\13\0\0\0\10\0\0\13\0\0\0\0\0\0\0",
	    32);
	buf_clear(&b);
}

static void
test_variables(void **state)
{
	static const char in[] = BEGIN "\1\4\0\1\0\7\0\0\1\1AB\1\0C" PARAMS END;
	const char *const *list;
	struct fcgi_reader r;
	struct arena a, small;

	(void)state;
	arena_init(&a, 1 << 20);
	arena_init(&small, 16);
	assert_true(feed(&r, in, sizeof(in) - 1, 0, "closed"));
	list = fcgi_reader_variables(&r, &a);
	assert_string_equal(list[0], "A=B");
	assert_string_equal(list[1], "C=");
	assert_null(list[2]);
	assert_null(fcgi_reader_variables(&r, &small));
	fcgi_reader_clear(&r);
	arena_clear(&a);
	arena_clear(&small);
}

/* n parameters of value_len bytes each, then the end. */
static void
put_params(struct buf *b, size_t n, size_t value_len)
{
	const unsigned char value_head[] = {(unsigned char)(0x80 | value_len >> 24),
	    (unsigned char)(value_len >> 16), (unsigned char)(value_len >> 8),
	    (unsigned char)value_len};
	unsigned char head[8] = {1, 4, 0, 1, 0, 6, 0, 0};
	size_t i, at, part;

	buf_put(b, BEGIN, sizeof(BEGIN) - 1);
	for (i = 0; i < n; i++) {
		head[4] = 0;
		head[5] = 6;
		buf_put(b, head, sizeof(head));
		buf_putc(b, 1);
		buf_put(b, value_head, sizeof(value_head));
		buf_putc(b, 'A');
		for (at = 0; at < value_len; at += part) {
			part = value_len - at < 60000 ? value_len - at : 60000;
			head[4] = (unsigned char)(part >> 8);
			head[5] = (unsigned char)part;
			buf_put(b, head, sizeof(head));
			while (b->len < b->max && part-- > 0)
				buf_putc(b, 'x');
			part = value_len - at < 60000 ? value_len - at : 60000;
		}
	}
	buf_put(b, PARAMS END, sizeof(PARAMS END) - 1);
}

static void
test_limits(void **state)
{
	const struct {
		const char *promise;
		size_t n, value_len;
		bool too_many;
		size_t kept; /* bytes */
	} limits[] = {
	    {"256 parameters", LIMIT_PARAMS, 1, false, LIMIT_PARAMS * 7},
	    {"257 parameters: the last is not passed on", LIMIT_PARAMS + 1, 1, true,
		LIMIT_PARAMS * 7},
	    {"64 kB", 1, LIMIT_PARAM_BYTES - 6, false, LIMIT_PARAM_BYTES},
	    {"64 kB and a byte: none is passed on", 1, LIMIT_PARAM_BYTES - 5, true, 0},
	    {"the first of two that are too long", 2, LIMIT_PARAM_BYTES - 7, true,
		LIMIT_PARAM_BYTES - 1},
	};
	struct fcgi_reader g;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		buf_init(&b, 1024 * 1024);
		put_params(&b, limits[i].n, limits[i].value_len);
		if (!feed(&g, b.data, b.len, 4096, "closed") ||
		    g.too_many_params != limits[i].too_many || g.params.len != limits[i].kept)
			fail_msg("broken promise: %s", limits[i].promise);
		fcgi_reader_clear(&g);
		buf_clear(&b);
	}
}

static void
test_body_limit(void **state)
{
	const struct {
		size_t len;
		bool too_large;
	} bodies[] = {{LIMIT_BODY, false}, {LIMIT_BODY + 1, true}, {2 * LIMIT_BODY, true}};
	unsigned char head[8] = {1, 5, 0, 1, 0, 0, 0, 0};
	struct fcgi_reader g;
	struct buf b;
	size_t i, at, part;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		buf_init(&b, 1024 * 1024);
		buf_put(&b, BEGIN PARAMS, sizeof(BEGIN PARAMS) - 1);
		for (at = 0; at < bodies[i].len; at += part) {
			part = bodies[i].len - at < 1024 ? bodies[i].len - at : 1024;
			head[4] = (unsigned char)(part >> 8);
			head[5] = (unsigned char)part;
			buf_put(&b, head, sizeof(head));
			buf_printf(&b, "%*s", (int)part, "");
		}
		buf_put(&b, END, sizeof(END) - 1);
		assert_true(feed(&g, b.data, b.len, 1000, "closed"));
		assert_true(g.body_whole);
		assert_int_equal(g.body_too_large, bodies[i].too_large);
		assert_int_equal(g.body.len, LIMIT_BODY);
		fcgi_reader_clear(&g);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_one_after_the_other),
	    cmocka_unit_test(test_what_is_answered_at_once),
	    cmocka_unit_test(test_writing),
	    cmocka_unit_test(test_variables),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_body_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
