/*
 * csv.c: see csv.h. One pass; fields are unquoted into one buffer, where the separator after each
 * leaves room for its NUL. A fault of quoting ends the pass: what follows could be anything.
 */
#include "format/csv.h"

#include <errno.h>
#include <string.h>

#include "base/bounds.h"
#include "base/text.h"

struct csv_reader {
	struct arena *arena;
	struct faults *faults;
	const char *file;
	const char *s, *end; /* what is left */
	const char *line_start;
	uint32_t line;
	char *out; /* where the next field goes */
	struct csv_row *rows;
	size_t n, cap;
};

static uint32_t
csv_column_at(const struct csv_reader *r, const char *s)
{
	return (uint32_t)(s - r->line_start) + 1;
}

static bool
csv_fault(struct csv_reader *r, const char *what)
{
	return fault_line(r->faults, r->file, r->line, csv_column_at(r, r->s), "%s", what);
}

static bool
csv_memory(struct csv_reader *r)
{
	return fault_at(r->faults, r->file, NULL, "out of memory");
}

static bool
csv_is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

/* LF or CR LF at s; how many bytes, or 0. */
static size_t
csv_line_end(const struct csv_reader *r, const char *s)
{
	if (s == r->end)
		return 0;
	if (*s == '\n')
		return 1;
	return *s == '\r' && s + 1 < r->end && s[1] == '\n' ? 2 : 0;
}

static void
csv_next_line(struct csv_reader *r, size_t len)
{
	r->s += len;
	r->line++;
	r->line_start = r->s;
}

/* From the opening quote to past the closing one. */
static bool
csv_read_quoted(struct csv_reader *r)
{
	size_t len;

	for (r->s++; r->s < r->end;) {
		if (*r->s == '"') {
			r->s++;
			if (r->s == r->end || *r->s != '"')
				return true;
			*r->out++ = *r->s++;
			continue;
		}
		len = csv_line_end(r, r->s);
		if (len > 0) {
			*r->out++ = '\n';
			csv_next_line(r, len);
			continue;
		}
		if (csv_is_control(*r->s))
			return csv_fault(r, "a control character");
		*r->out++ = *r->s++;
	}
	return csv_fault(r, "a quoted field does not end");
}

static bool
csv_read_plain(struct csv_reader *r)
{
	while (r->s < r->end && *r->s != ',' && csv_line_end(r, r->s) == 0) {
		if (*r->s == '"')
			return csv_fault(r, "a quote inside a field: quote the whole field");
		if (csv_is_control(*r->s))
			return csv_fault(r, "a control character");
		*r->out++ = *r->s++;
	}
	return true;
}

static bool
csv_read_field(struct csv_reader *r, struct csv_row *row, size_t *cap)
{
	struct csv_field *fields, f = {r->out, r->line, csv_column_at(r, r->s)};
	bool quoted = r->s < r->end && *r->s == '"';

	if (row->n >= LIMIT_CSV_FIELDS)
		return csv_fault(r, "too many fields");
	if (quoted ? !csv_read_quoted(r) : !csv_read_plain(r))
		return false;
	if (r->s < r->end && *r->s != ',' && csv_line_end(r, r->s) == 0)
		return csv_fault(r, "text after a closing quote");
	*r->out++ = '\0';
	fields = arena_grow(r->arena, row->fields, row->n, cap, sizeof(*fields));
	if (fields == NULL)
		return csv_memory(r);
	row->fields = fields;
	row->fields[row->n++] = f;
	return true;
}

static bool
csv_read_row(struct csv_reader *r)
{
	struct csv_row *rows, row = {NULL, 0};
	size_t cap = 0, len;

	if (csv_line_end(r, r->s) > 0)
		return csv_fault(r, "an empty line");
	for (;;) {
		if (!csv_read_field(r, &row, &cap))
			return false;
		if (r->s == r->end || *r->s != ',')
			break;
		r->s++;
	}
	len = csv_line_end(r, r->s);
	if (len > 0)
		csv_next_line(r, len);
	if (r->n > LIMIT_RECORDS)
		return csv_fault(r, "too many lines");
	rows = arena_grow(r->arena, r->rows, r->n, &r->cap, sizeof(*rows));
	if (rows == NULL)
		return csv_memory(r);
	r->rows = rows;
	r->rows[r->n++] = row;
	return true;
}

static bool
csv_check_widths(const struct csv_reader *r)
{
	const struct csv_row *header = &r->rows[0];
	bool ok = true;
	size_t i;

	if (header->n == 1 && strchr(header->fields[0].text, ';') != NULL)
		return fault_line(
		    r->faults, r->file, 1, 1, "fields are separated by commas, not by semicolons");
	for (i = 1; i < r->n; i++) {
		if (r->rows[i].n != header->n)
			ok = fault_line(r->faults, r->file, r->rows[i].fields[0].line, 1,
			    "%zu fields, where the header has %zu", r->rows[i].n, header->n);
	}
	return ok;
}

bool
csv_parse(struct arena *a, const char *file, const char *text, size_t len, struct faults *faults,
    struct csv *out)
{
	static const char mark[] = "\xEF\xBB\xBF";
	struct csv_reader r = {
	    .arena = a, .faults = faults, .file = file, .s = text, .end = text + len, .line = 1};

	if (len >= sizeof(mark) - 1 && memcmp(text, mark, sizeof(mark) - 1) == 0)
		r.s += sizeof(mark) - 1;
	r.line_start = r.s;
	if (r.s == r.end)
		return fault_at(faults, file, NULL, "no header line");
	if (!text_utf8(text, len))
		return fault_at(faults, file, NULL, "not UTF-8 text");
	r.out = arena_alloc(a, len + 1);
	if (r.out == NULL)
		return csv_memory(&r);
	while (r.s < r.end) {
		if (!csv_read_row(&r))
			return false;
	}
	if (r.rows == NULL)
		return csv_memory(&r);
	if (!csv_check_widths(&r))
		return false;
	*out = (struct csv){file, r.rows[0], r.rows + 1, r.n - 1};
	return true;
}

bool
csv_read(struct arena *a, const char *path, size_t max, struct faults *faults, struct csv *out)
{
	size_t len;
	char *text = text_read_file(a, path, max, &len);

	if (text == NULL)
		return fault_at(faults, path, NULL, "%s", strerror(errno));
	return csv_parse(a, path, text, len, faults, out);
}

size_t
csv_column(const struct csv *csv, const char *name)
{
	size_t i;

	for (i = 0; i < csv->header.n; i++) {
		if (strcmp(csv->header.fields[i].text, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

bool
csv_check_header(const struct csv *csv, const char *const *names, size_t n, struct faults *faults)
{
	const struct csv_field *f;
	const char *near;
	bool ok = true;
	size_t i, k;

	for (i = 0; i < csv->header.n; i++) {
		f = &csv->header.fields[i];
		for (k = 0; k < n && strcmp(names[k], f->text) != 0; k++)
			;
		near = k < n ? NULL : text_nearest(f->text, names, n);
		if (k == n && near != NULL)
			ok = fault_line(faults, csv->file, f->line, f->column,
			    "unknown column '%s'; did you mean '%s'?", f->text, near);
		else if (k == n)
			ok = fault_line(
			    faults, csv->file, f->line, f->column, "unknown column '%s'", f->text);
		else if (csv_column(csv, f->text) != i)
			ok = fault_line(faults, csv->file, f->line, f->column,
			    "column '%s' is there twice", f->text);
	}
	return ok;
}
