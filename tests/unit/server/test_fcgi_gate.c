/* test_fcgi_gate.c: what passes the gate to libfcgi, byte by byte, and what does not. */
#include "server/fcgi_gate.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
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
    {"management records are skipped",
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

/* Each look at the clock is a step of it: a client that says no more comes to its time soon. */
static int64_t
stepping_mono_ms(void *context)
{
	return *(int64_t *)context += 1;
}

struct client {
	pthread_t thread;
	const void *bytes;
	size_t len;
	int fd;
	bool stay; /* open, without a word more */
};

static void *
speak(void *context)
{
	const struct client *c = context;
	const char *at = c->bytes;
	ssize_t n = 0;
	size_t left;

	for (left = c->len; left > 0 && n >= 0; left -= (size_t)n) {
		n = send(c->fd, at, left, MSG_NOSIGNAL);
		at += n > 0 ? n : 0;
	}
	if (!c->stay)
		shutdown(c->fd, SHUT_WR);
	return NULL;
}

static bool
pass(struct fcgi_gate *g, const void *bytes, size_t len, bool stay, const char **why)
{
	int64_t now_ms = 0;
	const struct clock clock = {.mono_ms = stepping_mono_ms, .context = &now_ms};
	struct client client = {.bytes = bytes, .len = len, .stay = stay};
	int pair[2];
	bool ok;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	client.fd = pair[1];
	assert_int_equal(pthread_create(&client.thread, NULL, speak, &client), 0);
	/* Who stays has said everything before it is waited for. */
	if (stay)
		pthread_join(client.thread, NULL);
	fcgi_gate_init(g);
	ok = fcgi_gate_read(g, pair[0], &clock, stay ? 20 : 100000, why);
	close(pair[0]);
	if (!stay)
		pthread_join(client.thread, NULL);
	close(pair[1]);
	return ok;
}

static void
test_cases(void **state)
{
	const struct sent *c;
	struct fcgi_gate g;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c = &cases[i];
		why = NULL;
		if (pass(&g, c->bytes, c->len, false, &why) != c->request ||
		    (c->request && (g.body_whole != c->whole || strcmp(g.body.data, c->body) != 0 ||
				       memcmp(g.params.data, c->params, strlen(c->params)) != 0)))
			fail_msg("broken promise: %s", c->promise);
		if (!c->request && why == NULL)
			fail_msg("no reason: %s", c->promise);
		fcgi_gate_clear(&g);
	}
}

/* Every beginning of a request is cut off there, never more than that. */
static void
test_cut_anywhere(void **state)
{
	static const char whole[] = BEGIN A_IS_B PARAMS "\1\5\0\1\0\2\0\0hi" END;
	const size_t params_end = sizeof(BEGIN A_IS_B PARAMS) - 1;
	struct fcgi_gate g;
	const char *why;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(whole); len++) {
		assert_int_equal(pass(&g, whole, len, false, &why), len >= params_end);
		assert_int_equal(g.body_whole, len == sizeof(whole) - 1);
		fcgi_gate_clear(&g);
	}
}

static void
test_silence_costs_the_time_out(void **state)
{
	struct fcgi_gate g;
	const char *why = NULL;

	(void)state;
	assert_false(pass(&g, BEGIN A_IS_B, sizeof(BEGIN A_IS_B) - 1, true, &why));
	assert_string_equal(why, "timed out");
	fcgi_gate_clear(&g);
	assert_true(pass(&g, BEGIN PARAMS, sizeof(BEGIN PARAMS) - 1, true, &why));
	assert_false(g.body_whole);
	fcgi_gate_clear(&g);
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
	struct fcgi_gate g;
	struct buf b, records;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		buf_init(&b, 1024 * 1024);
		put_params(&b, limits[i].n, limits[i].value_len);
		if (!pass(&g, b.data, b.len, false, &why) ||
		    g.too_many_params != limits[i].too_many || g.params.len != limits[i].kept)
			fail_msg("broken promise: %s", limits[i].promise);
		buf_init(&records, LIMIT_PARAM_BYTES + 1024);
		fcgi_gate_records(&g, &records);
		assert_int_equal(records.err, GW_OK);
		buf_clear(&records);
		fcgi_gate_clear(&g);
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
	struct fcgi_gate g;
	struct buf b;
	const char *why;
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
		assert_true(pass(&g, b.data, b.len, false, &why));
		assert_true(g.body_whole);
		assert_int_equal(g.body_too_large, bodies[i].too_large);
		assert_int_equal(g.body.len, LIMIT_BODY);
		fcgi_gate_clear(&g);
		buf_clear(&b);
	}
}

/* What is handed to libfcgi is a responder's request of the same id, whatever flags came in. */
static void
test_records(void **state)
{
	static const char in[] = "\1\1\1\2\0\10\0\0\0\1\1\0\0\0\0\0"
				 "\1\4\1\2\0\4\0\0\1\1AB"
				 "\1\4\1\2\0\0\0\0"
				 "\1\5\1\2\0\0\0\0";
	static const char wanted[] = "\1\1\1\2\0\10\0\0\0\1\0\0\0\0\0\0"
				     "\1\4\1\2\0\4\0\0\1\1AB"
				     "\1\4\1\2\0\0\0\0";
	struct fcgi_gate g;
	struct buf out;
	const char *why;

	(void)state;
	assert_true(pass(&g, in, sizeof(in) - 1, false, &why));
	buf_init(&out, 1024);
	fcgi_gate_records(&g, &out);
	assert_int_equal(out.len, sizeof(wanted) - 1);
	assert_memory_equal(out.data, wanted, out.len);
	buf_clear(&out);
	fcgi_gate_clear(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cases),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_silence_costs_the_time_out),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_body_limit),
	    cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
