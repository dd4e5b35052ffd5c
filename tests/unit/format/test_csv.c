/* test_csv.c: what RFC 4180 allows is read as it was meant; the rest is refused with its line. */
#include "format/csv.h"
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

struct bench {
	struct arena arena;
	struct faults faults;
	struct csv csv;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return -1;
	arena_init(&b->arena, 64 * 1024 * 1024);
	faults_init(&b->faults, &b->arena);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_clear(&b->arena);
	free(b);
	return 0;
}

static bool
parse(struct bench *b, const char *text)
{
	b->faults.n = 0;
	return csv_parse(&b->arena, "f.csv", text, strlen(text), &b->faults, &b->csv);
}

/* Rows and header as a|b;c|d; */
static void
flatten(const struct csv *csv, char *out, size_t max)
{
	const struct csv_row *row;
	size_t i, k, at = 0;

	for (i = 0; i <= csv->n; i++) {
		row = i == 0 ? &csv->header : &csv->rows[i - 1];
		for (k = 0; k < row->n; k++)
			at += (size_t)snprintf(out + at, max - at, "%s%s", row->fields[k].text,
			    k + 1 < row->n ? "|" : ";");
	}
	assert_true(at < max);
}

static void
test_read(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"a", "a;"},
	    {"a\n", "a;"},
	    {"a,b\n1,2", "a|b;1|2;"},
	    {"a,b\r\n1,2\r\n", "a|b;1|2;"},
	    {"\xEF\xBB\xBF"
	     "a,b\n1,2\n",
		"a|b;1|2;"},
	    {"a,b\n,\n", "a|b;|;"},
	    {"a,b\n\"\",\"\"\n", "a|b;|;"},
	    {"a,b\n1,", "a|b;1|;"},
	    {"a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "a|b;x,y|say \"hi\";"},
	    {"a,b\n\"\"\"\",\"\"\"\"\"\"\n", "a|b;\"|\"\";"},
	    {"a,b\n\"two\r\nlines\",2\n", "a|b;two\nlines|2;"},
	    {"a,b\n\"\n\n\",2\n", "a|b;\n\n|2;"},
	    {"a,b\n 1 ,\t2\n", "a|b; 1 |\t2;"},
	    {"a\n\xC3\xA9\xE2\x82\xAC\n", "a;\xC3\xA9\xE2\x82\xAC;"},
	    {"a;b\n1\n", NULL},
	};
	struct bench *b = *state;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (parse(b, rows[i].in) != (rows[i].out != NULL))
			fail_msg("row %zu: %s", i, b->faults.n > 0 ? b->faults.texts[0] : "");
		if (rows[i].out == NULL)
			continue;
		assert_int_equal(b->faults.n, 0);
		flatten(&b->csv, text, sizeof(text));
		assert_string_equal(text, rows[i].out);
	}
}

static void
test_places(void **state)
{
	struct bench *b = *state;

	assert_true(parse(b, "a,bb,c\n\"x\ny\",2,\"3\"\n4,5,6\n"));
	assert_int_equal(b->csv.header.fields[1].line, 1);
	assert_int_equal(b->csv.header.fields[1].column, 3);
	assert_int_equal(b->csv.rows[0].fields[0].line, 2);
	assert_int_equal(b->csv.rows[0].fields[0].column, 1);
	assert_int_equal(b->csv.rows[0].fields[1].line, 3);
	assert_int_equal(b->csv.rows[0].fields[1].column, 4);
	assert_int_equal(b->csv.rows[1].fields[2].line, 4);
	assert_int_equal(b->csv.rows[1].fields[2].column, 5);
}

static void
test_refuse(void **state)
{
	static const struct {
		const char *in, *fault;
	} rows[] = {
	    {"", "f.csv: no header line"},
	    {"\xEF\xBB\xBF", "f.csv: no header line"},
	    {"a\n\xFF\n", "f.csv: not UTF-8 text"},
	    {"a\n\xED\xA0\x80\n", "f.csv: not UTF-8 text"},
	    {"a,b\n1\n", "f.csv:2:1: 1 fields, where the header has 2"},
	    {"a,b\n1,2\n1,2,3\n", "f.csv:3:1: 3 fields, where the header has 2"},
	    {"a\n\"1\n", "f.csv:3:1: a quoted field does not end"},
	    {"a\n\"1\"\"", "f.csv:2:5: a quoted field does not end"},
	    {"a\n1\"2\n", "f.csv:2:2: a quote inside a field: quote the whole field"},
	    {"a\n\"1\" \n", "f.csv:2:4: text after a closing quote"},
	    {"a\n\"1\"2\n", "f.csv:2:4: text after a closing quote"},
	    {"a\n\n1\n", "f.csv:2:1: an empty line"},
	    {"\na\n", "f.csv:1:1: an empty line"},
	    {"a\n1\n\n", "f.csv:3:1: an empty line"},
	    {"a\n1\r2\n", "f.csv:2:2: a control character"},
	    {"a\n1\x1b\n", "f.csv:2:2: a control character"},
	    {"a\n\"1\x01\"\n", "f.csv:2:3: a control character"},
	    {"a\n\x7f\n", "f.csv:2:1: a control character"},
	    {"a;b\n1;2\n", "f.csv:1:1: fields are separated by commas, not by semicolons"},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (parse(b, rows[i].in) || b->faults.n == 0)
			fail_msg("row %zu was taken", i);
		assert_string_equal(b->faults.texts[0], rows[i].fault);
	}
	/* A NUL is no text. */
	b->faults.n = 0;
	assert_false(csv_parse(&b->arena, "f.csv", "a\n1\0", 4, &b->faults, &b->csv));
}

/* All rows of the wrong width are reported, not the first alone. */
static void
test_all_faults(void **state)
{
	struct bench *b = *state;

	assert_false(parse(b, "a,b\n1\n1,2\n3\n"));
	assert_int_equal(b->faults.n, 2);
}

static void
test_limits(void **state)
{
	struct bench *b = *state;
	char text[2 * LIMIT_CSV_FIELDS + 8];
	char *lines;
	size_t i, n;

	for (n = LIMIT_CSV_FIELDS; n <= LIMIT_CSV_FIELDS + 1; n++) {
		memset(text, ',', n - 1);
		text[n - 1] = '\n';
		text[n] = '\0';
		assert_int_equal(parse(b, text), n == LIMIT_CSV_FIELDS);
	}
	for (n = LIMIT_RECORDS; n <= LIMIT_RECORDS + 1; n++) {
		lines = malloc(2 * (n + 1) + 1);
		assert_non_null(lines);
		for (i = 0; i < n + 1; i++)
			memcpy(lines + 2 * i, "a\n", 3);
		assert_int_equal(parse(b, lines), n == LIMIT_RECORDS);
		free(lines);
	}
}

static void
test_header(void **state)
{
	static const char *const names[] = {"id", "email", "name"};
	struct bench *b = *state;

	assert_true(parse(b, "email,id\nx,1\n"));
	assert_true(csv_check_header(&b->csv, names, ARRAY_LEN(names), &b->faults));
	assert_int_equal(csv_column(&b->csv, "id"), 1);
	assert_int_equal(csv_column(&b->csv, "email"), 0);
	assert_true(csv_column(&b->csv, "name") == SIZE_MAX);
	assert_true(parse(b, "id,emial,ID,id,\n1,2,3,4,5\n"));
	assert_false(csv_check_header(&b->csv, names, ARRAY_LEN(names), &b->faults));
	assert_int_equal(b->faults.n, 4);
	assert_string_equal(
	    b->faults.texts[0], "f.csv:1:4: unknown column 'emial'; did you mean 'email'?");
	assert_string_equal(b->faults.texts[2], "f.csv:1:13: column 'id' is there twice");
	assert_string_equal(b->faults.texts[3], "f.csv:1:16: unknown column ''");
}

static void
test_file(void **state)
{
	struct bench *b = *state;
	char path[] = "/tmp/test_csv.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a,b\n1,2\n", 8), 8);
	(void)close(fd);
	assert_true(csv_read(&b->arena, path, 8, &b->faults, &b->csv));
	assert_int_equal(b->csv.n, 1);
	assert_string_equal(b->csv.file, path);
	assert_false(csv_read(&b->arena, path, 7, &b->faults, &b->csv));
	(void)unlink(path);
	assert_false(csv_read(&b->arena, path, 8, &b->faults, &b->csv));
	assert_int_equal(b->faults.n, 2);
}

/* Any bytes at all: no crash, and fields that could not be in the text are not there. */
static void
test_noise(void **state)
{
	static const char alphabet[] = "a,\"\n\r\t \x1b\xC3\xA9";
	uint64_t seed = 88172645463325252u;
	struct bench *b = *state;
	char text[24];
	size_t i, k, len;

	for (i = 0; i < 20000; i++) {
		len = i % (sizeof(text) - 1);
		for (k = 0; k < len; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text[k] = alphabet[seed % (sizeof(alphabet) - 1)];
		}
		text[len] = '\0';
		arena_clear(&b->arena);
		faults_init(&b->faults, &b->arena);
		if (!parse(b, text)) {
			assert_true(b->faults.n > 0);
			continue;
		}
		for (k = 0; k < b->csv.n; k++)
			assert_int_equal(b->csv.rows[k].n, b->csv.header.n);
	}
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH(test_read),
	    WITH(test_places),
	    WITH(test_refuse),
	    WITH(test_all_faults),
	    WITH(test_limits),
	    WITH(test_header),
	    WITH(test_file),
	    WITH(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
