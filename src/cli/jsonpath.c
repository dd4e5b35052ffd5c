/*
 * jsonpath.c: `hrisgw jsonpath EXPR`: a document on standard input, the nodes it selects as a
 * JSON array on standard output. Exit 2 for a bad expression, 1 for a bad document.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "format/json.h"
#include "format/jsonpath.h"

enum { WHY_MAX = 400 };

static bool
jsonpath_read_input(struct buf *b)
{
	char piece[16 * 1024];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		buf_put(b, piece, n);
	return ferror(stdin) == 0;
}

static void
jsonpath_put_nodes(struct buf *b, const struct nodes *nodes, bool pretty)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < nodes->n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		if (pretty)
			buf_puts(b, "\n");
		json_value(b, nodes->items[i]);
	}
	buf_puts(b, pretty && nodes->n > 0 ? "\n]\n" : "]\n");
}

static int
jsonpath_answer(
    const struct cli_call *call, struct arena *a, const struct jsonpath *path, struct buf *text)
{
	struct nodes nodes;
	const struct value *root;
	char why[WHY_MAX];
	int code = CLI_FAILED;

	if (!jsonpath_read_input(text))
		return cli_failed(call, "standard input: %s", strerror(errno));
	if (text->err != GW_OK)
		return cli_failed(
		    call, "the document is larger than %d bytes", LIMIT_ANSWER_STREAMED);
	root = json_parse(a, text->data, text->len, &json_answer, why, sizeof(why));
	if (root == NULL)
		return cli_failed(call, "the document: %s", why);
	if (!jsonpath_select(a, path, root, LIMIT_VALUES, &nodes))
		return cli_failed(call, "the expression takes too much work on this document");
	buf_reset(text);
	text->max = LIMIT_ARENA;
	/* On a terminal one node a line. */
	jsonpath_put_nodes(
	    text, &nodes, cli_value(call, "json") == NULL && isatty(STDOUT_FILENO) == 1);
	if (text->err != GW_OK)
		return cli_failed(call, "the answer is too large");
	if (fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
		code = CLI_OK;
	else
		(void)cli_failed(call, "standard output: %s", strerror(errno));
	return code;
}

static int
jsonpath_run_command(const struct cli_call *call)
{
	const char *expression = call->operands[0];
	struct arena arena;
	struct buf text;
	struct jsonpath *path;
	char why[WHY_MAX];
	int code;

	arena_init(&arena, LIMIT_ARENA);
	path =
	    jsonpath_compile(&arena, expression, strlen(expression), false, NULL, why, sizeof(why));
	if (path == NULL)
		code = cli_usage(call, "%s", why);
	else {
		buf_init(&text, LIMIT_ANSWER_STREAMED);
		code = jsonpath_answer(call, &arena, path, &text);
		buf_clear(&text);
	}
	arena_clear(&arena);
	return code;
}

static const struct cli_option jsonpath_options[] = {
    {"json", NULL, "on one line, on a terminal too"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_jsonpath = {
    .name = "jsonpath",
    .operands = "EXPR",
    .help = "select from the JSON document on standard input (RFC 9535); the nodes as an array",
    .options = jsonpath_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = jsonpath_run_command,
};
