/* print.c: what commands print: faults, JSON for machines, tables for people. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "format/json.h"

enum { OUTPUT_MAX = 256 * 1024 * 1024, CELL_MAX = 64, COLUMNS_MAX = 16 };

static const char minutes_suffix[] = "_minutes";

int
cli_faults(const struct cli_call *call, const struct faults *faults)
{
	size_t i;

	for (i = 0; i < faults->n; i++)
		(void)fprintf(stderr, "%s\n", faults->texts[i]);
	if (faults->lost > 0)
		(void)fprintf(stderr, "and %zu more\n", faults->lost);
	return faults->n > 0 ? CLI_FAILED : cli_failed(call, "out of memory");
}

struct value *
cli_texts(struct arena *a, const char *const *texts, size_t n)
{
	struct value *list = value_list(a);
	size_t i;

	for (i = 0; i < n; i++) {
		if (!value_add(a, list, value_text(a, texts[i])))
			return NULL;
	}
	return list;
}

int
cli_json(const struct cli_call *call, const struct value *v, bool pretty)
{
	int code = CLI_OK;
	struct buf out;

	buf_init(&out, OUTPUT_MAX);
	if (pretty)
		json_pretty(&out, v);
	else
		json_value(&out, v);
	if (out.len == 0 || out.data[out.len - 1] != '\n')
		buf_putc(&out, '\n');
	if (v == NULL || out.err != GW_OK)
		code = cli_failed(call, "the output cannot be written as JSON");
	else if (fwrite(out.data, 1, out.len, stdout) != out.len)
		code = cli_failed(call, "cannot write the output");
	buf_clear(&out);
	return code;
}

static bool
cell_is_minutes(const char *name)
{
	return strcmp(name, "minutes") == 0 || text_ends(name, minutes_suffix);
}

/* Text without control characters, which ends in "..." where it is longer than CELL_MAX. */
static size_t
cell_print_text(FILE *out, const char *s)
{
	const size_t max = text_characters(s) > CELL_MAX ? CELL_MAX - 3 : CELL_MAX;
	unsigned long c;
	const char *at;
	size_t n = 0;

	while (*s != '\0' && n < max) {
		at = s;
		c = text_next(&s);
		if (out != NULL && (c < 0x20 || (c >= 0x7F && c <= 0x9F)))
			(void)fputc('?', out);
		else if (out != NULL)
			(void)fwrite(at, 1, (size_t)(s - at), out);
		n++;
	}
	if (*s == '\0')
		return n;
	if (out != NULL)
		(void)fputs("...", out);
	return n + 3;
}

/* Prints one cell (out NULL: only measures); its width. */
static size_t
cell_print(FILE *out, const struct member *m)
{
	const char *s = value_str(m->value);
	char clock[32];
	int64_t n;

	if (s == NULL)
		return cell_print_text(out, "-");
	if (m->value->kind == VALUE_BOOL)
		return cell_print_text(out, m->value->truth ? "yes" : "no");
	if (!cell_is_minutes(m->name) || m->value->kind != VALUE_NUMBER)
		return cell_print_text(out, s);
	n = strtoll(s, NULL, 10);
	(void)snprintf(clock, sizeof(clock), "%s%" PRId64 ":%02" PRId64, n < 0 ? "-" : "",
	    (n < 0 ? -n : n) / 60, (n < 0 ? -n : n) % 60);
	return cell_print_text(out, clock);
}

static size_t
head_print(FILE *out, const char *name)
{
	size_t len = strlen(name);

	if (strcmp(name, "minutes") == 0)
		name = "hours";
	else if (text_ends(name, minutes_suffix))
		len -= sizeof(minutes_suffix) - 1;
	len = strcmp(name, "hours") == 0 ? strlen(name) : len;
	if (out != NULL)
		(void)fprintf(out, "%.*s", (int)len, name);
	return len;
}

static void
row_print(const struct value *row, bool head, const size_t *widths)
{
	size_t i, width;

	for (i = 0; i < row->n && i < COLUMNS_MAX; i++) {
		width = head ? head_print(stdout, row->items[i].name)
			     : cell_print(stdout, &row->items[i]);
		if (i + 1 < row->n && i + 1 < COLUMNS_MAX)
			(void)fprintf(stdout, "%*s", (int)(widths[i] - width) + 2, "");
	}
	(void)putchar('\n');
}

void
cli_table(const struct value *list)
{
	size_t widths[COLUMNS_MAX] = {0}, i, k, width;
	const struct value *row;

	if (list->n == 0) {
		(void)fputs("none\n", stdout);
		return;
	}
	for (i = 0; i < list->n; i++) {
		row = value_at(list, i);
		for (k = 0; k < row->n && k < COLUMNS_MAX; k++) {
			width = head_print(NULL, row->items[k].name);
			widths[k] = width > widths[k] ? width : widths[k];
			width = cell_print(NULL, &row->items[k]);
			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
	row_print(value_at(list, 0), true, widths);
	for (i = 0; i < list->n; i++)
		row_print(value_at(list, i), false, widths);
}
