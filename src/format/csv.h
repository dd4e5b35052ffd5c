/*
 * csv.h: RFC 4180 with a header line, strict: every row has the header's number of fields, a quote
 * stands at a field's start or is doubled, text is UTF-8 without control characters but tab and, in
 * quotes, line ends. A leading byte order mark (spreadsheets write one) and LF for CR LF are
 * accepted.
 */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/faults.h"

struct csv_field {
	const char *text;      /* never NULL */
	uint32_t line, column; /* where it begins, from 1; columns are bytes */
};

struct csv_row {
	struct csv_field *fields;
	size_t n;
};

struct csv {
	const char *file; /* borrowed */
	struct csv_row header;
	struct csv_row *rows; /* without the header */
	size_t n;
};

/* False with faults under that file name. All texts live in the arena. */
bool csv_parse(struct arena *a, const char *file, const char *text, size_t len,
    struct faults *faults, struct csv *out);
/* A file of at most max bytes. */
bool
csv_read(struct arena *a, const char *path, size_t max, struct faults *faults, struct csv *out);

/* Faults for columns that are not among the n names, or are there twice. */
bool
csv_check_header(const struct csv *csv, const char *const *names, size_t n, struct faults *faults);
/* The index of a column, or SIZE_MAX. */
size_t csv_column(const struct csv *csv, const char *name);

#endif
