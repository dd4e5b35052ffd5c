/* test_log.c: one line an event, valid JSON whatever the values, capped, by one write. */
#include "format/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/text.h"

#define TS "{\"ts\":\"2026-11-23T20:13:00.007Z\",\"level\":\"info\",\"event\":\"e\""

static int64_t
fixed_wall_ms(void *context)
{
	return *(const int64_t *)context;
}

static int64_t wall_ms = 1795464780007;
static const struct clock fixed = {.wall_ms = fixed_wall_ms, .context = &wall_ms};

/* What a pipe holds of what was logged through `fds`. */
static size_t
drain(int fds[2], char *out, size_t max)
{
	ssize_t n = read(fds[0], out, max - 1);

	if (n < 0) /* empty: the pipe does not block */
		n = 0;
	out[n] = '\0';
	return (size_t)n;
}

static void
open_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
}

static void
close_pipe(int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_line(void **state)
{
	char text[1024];
	struct log_line l;
	struct log log;
	int fds[2];

	(void)state;
	open_pipe(fds);
	log = (struct log){fds[1], LOG_INFO, &fixed, false, false, false};
	log_begin(&l, &log, LOG_INFO, "e");
	log_text(&l, "route", "acme");
	log_text(&l, "absent", NULL);
	log_number(&l, "status", -200);
	log_number(&l, "least", INT64_MIN);
	log_bool(&l, "yes", true);
	log_bool(&l, "no", false);
	log_end(&l);
	(void)drain(fds, text, sizeof(text));
	assert_string_equal(text,
	    TS ",\"route\":\"acme\",\"status\":-200,\"least\":-9223372036854775808,"
	       "\"yes\":true,\"no\":false}\n");
	log_event(&log, LOG_INFO, "e", "started");
	(void)drain(fds, text, sizeof(text));
	assert_string_equal(text, TS ",\"text\":\"started\"}\n");
	log_event(&log, LOG_INFO, "e", NULL);
	(void)drain(fds, text, sizeof(text));
	assert_string_equal(text, TS "}\n");
	close_pipe(fds);
}

static void
test_times(void **state)
{
	static const struct {
		int64_t ms;
		const char *ts;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {86399999, "1970-01-01T23:59:59.999Z"},
	    {951782400000, "2000-02-29T00:00:00.000Z"},
	};
	const int64_t before = wall_ms;
	char text[256];
	struct log log;
	int fds[2];
	size_t i;

	(void)state;
	open_pipe(fds);
	log = (struct log){fds[1], LOG_INFO, &fixed, false, false, false};
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		wall_ms = rows[i].ms;
		log_event(&log, LOG_INFO, "e", NULL);
		(void)drain(fds, text, sizeof(text));
		assert_memory_equal(text + 7, rows[i].ts, strlen(rows[i].ts));
	}
	for (i = 0; i < 2; i++) {
		wall_ms = i == 0 ? INT64_MAX : INT64_MIN;
		log_event(&log, LOG_INFO, "e", NULL);
		assert_true(drain(fds, text, sizeof(text)) > 0);
	}
	wall_ms = before;
	close_pipe(fds);
}

static void
test_levels(void **state)
{
	static const char *const names[] = {"error", "warning", "info"};
	char text[256], expected[64];
	struct log log;
	int fds[2], limit, level;

	(void)state;
	open_pipe(fds);
	for (limit = LOG_ERROR; limit < LOG_LEVEL_MAX; limit++) {
		log = (struct log){fds[1], (enum log_level)limit, &fixed, false, false, false};
		for (level = LOG_ERROR; level < LOG_LEVEL_MAX; level++) {
			log_event(&log, (enum log_level)level, "e", "t");
			(void)snprintf(
			    expected, sizeof(expected), "\"level\":\"%s\"", names[level]);
			if (drain(fds, text, sizeof(text)) == 0)
				assert_true(level > limit);
			else
				assert_true(level <= limit && strstr(text, expected) != NULL);
		}
	}
	log = (struct log){-1, LOG_INFO, &fixed, false, false, false};
	log_event(&log, LOG_ERROR, "e", "t");
	log_event(NULL, LOG_ERROR, "e", "t");
	assert_int_equal(drain(fds, text, sizeof(text)), 0);
	close_pipe(fds);
}

static void
test_escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"", ""},
	    {"a\"b\\c/d", "a\\\"b\\\\c/d"},
	    {"line\r\nforged", "line\\u000d\\u000aforged"},
	    {"\x1b[2J\t\x01\x7f", "\\u001b[2J\\u0009\\u0001\\u007f"},
	    {"\xc2\x85\xc2\x9b", "\\u0085\\u009b"},
	    {"\xc2\xa0", "\xc2\xa0"},
	    {"\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"},
	    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	    {"a\xff"
	     "b",
		"a\\ufffd"
		"b"},
	    {"\xc0\xaf", "\\ufffd\\ufffd"},
	    {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
	    {"\xe2\x82", "\\ufffd\\ufffd"},
	};
	char text[1024], expected[1024];
	struct log log;
	int fds[2];
	size_t i;

	(void)state;
	open_pipe(fds);
	log = (struct log){fds[1], LOG_INFO, &fixed, false, false, false};
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		log_event(&log, LOG_INFO, "e", rows[i].in);
		(void)drain(fds, text, sizeof(text));
		(void)snprintf(expected, sizeof(expected), TS ",\"text\":\"%s\"}\n", rows[i].out);
		assert_string_equal(text, expected);
	}
	close_pipe(fds);
}

/* 256 bytes stay; of more, whole characters within 253 and three dots. */
static void
test_cap(void **state)
{
	static const struct {
		const char *unit;
		size_t n, kept; /* how many units go in and come out */
		bool dots;
	} rows[] = {
	    {"a", 255, 255, false},
	    {"a", 256, 256, false},
	    {"a", 257, 253, true},
	    {"a", 5000, 253, true},
	    {"\xc3\xa9", 128, 128, false},
	    {"\xc3\xa9", 129, 126, true},
	    {"\xe2\x82\xac", 86, 84, true},
	    {"\xf0\x9f\x98\x80", 64, 64, false},
	    {"\xf0\x9f\x98\x80", 65, 63, true},
	};
	static char in[20001], text[4096], expected[4096];
	struct log log;
	int fds[2];
	size_t i, k, len;

	(void)state;
	open_pipe(fds);
	log = (struct log){fds[1], LOG_INFO, &fixed, false, false, false};
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		len = strlen(rows[i].unit);
		for (k = 0; k < rows[i].n; k++)
			memcpy(in + k * len, rows[i].unit, len + 1);
		log_event(&log, LOG_INFO, "e", in);
		(void)drain(fds, text, sizeof(text));
		(void)snprintf(expected, sizeof(expected), TS ",\"text\":\"%.*s%s\"}\n",
		    (int)(rows[i].kept * len), in, rows[i].dots ? "..." : "");
		assert_string_equal(text, expected);
	}
	close_pipe(fds);
}

/* A line that does not fit is said to be lost, in one line. */
static void
test_lost(void **state)
{
	char value[300], text[1024];
	struct log_line l;
	struct log log;
	int fds[2], i;

	(void)state;
	open_pipe(fds);
	log = (struct log){fds[1], LOG_INFO, &fixed, false, false, false};
	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	log_begin(&l, &log, LOG_INFO, "e");
	for (i = 0; i < 2000; i++)
		log_text(&l, "name", value);
	log_end(&l);
	(void)drain(fds, text, sizeof(text));
	assert_string_equal(text, "{\"level\":\"error\",\"event\":\"log-lines-lost\",\"n\":1}\n");
	close_pipe(fds);
}

/* A pipe that nobody reads holds up nobody; once there is room, a line says how many are
 * missing. */
static void
test_full_pipe(void **state)
{
	static char text[256 * 1024];
	struct log log = {-1, LOG_INFO, &fixed, false, false, false};
	unsigned lost = 0, written = 0, i;
	const char *p;
	int fds[2];

	(void)state;
	open_pipe(fds);
	log_take(&log, fds[1]);
	assert_true(log.is_ours && log.fd != fds[1]);
	for (i = 0; i < 2000; i++)
		log_event(
		    &log, LOG_INFO, "e", "a line of some length, so that the pipe is full soon");
	(void)drain(fds, text, sizeof(text));
	log_event(&log, LOG_INFO, "after", NULL);
	(void)drain(fds, text + strlen(text), sizeof(text) - strlen(text));
	for (p = text; (p = strstr(p, "\"event\":\"e\"")) != NULL; p++)
		written++;
	p = strstr(text, "log-lines-lost");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "log-lines-lost\",\"n\":%u", &lost), 1);
	assert_in_range(written + lost, 2000, 2001);
	assert_non_null(strstr(p, "\"event\":\"after\""));
	log_drop(&log);
	close_pipe(fds);
}

/* The file was moved away: lines go to the new one of that name. */
static void
test_reopened(void **state)
{
	struct log log = {-1, LOG_INFO, &fixed, false, false, false};
	char folder[] = "/tmp/hrisgw-log-XXXXXX", file[64], moved[64], text[200] = "";
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(file, sizeof(file), "%s/log", folder);
	(void)snprintf(moved, sizeof(moved), "%s/log.1", folder);
	assert_true(log_reopen(&log, file));
	log_event(&log, LOG_INFO, "one", NULL);
	assert_int_equal(rename(file, moved), 0);
	log_event(&log, LOG_INFO, "two", NULL);
	assert_true(log_reopen(&log, file));
	log_event(&log, LOG_INFO, "three", NULL);
	assert_false(log_reopen(&log, "/no/such/folder/log"));
	log_event(&log, LOG_INFO, "four", NULL);
	log_drop(&log);
	f = fopen(file, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	assert_non_null(strstr(text, "\"three\""));
	assert_non_null(fgets(text, sizeof(text), f));
	assert_non_null(strstr(text, "\"four\""));
	(void)fclose(f);
	(void)unlink(file);
	(void)unlink(moved);
	(void)rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_line),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_cap),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_full_pipe),
	    cmocka_unit_test(test_reopened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
