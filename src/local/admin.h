/*
 * admin.h: keeping the books of the local HRIS: what `hrisgw local` does, on an open database.
 * Files are CSV: what export writes, import reads. Amounts in files are in the type's unit ("7.5",
 * "0.5") or clock time ("7:30").
 */
#ifndef LOCAL_ADMIN_H
#define LOCAL_ADMIN_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/value.h"
#include "format/csv.h"
#include "hris/amount.h"
#include "store/db.h"

enum local_kind {
	LOCAL_EMPLOYEES,
	LOCAL_TYPES,
	LOCAL_GRANTS,
	LOCAL_REQUESTS, /* a line a day; those of one request follow each other */
	LOCAL_BALANCES, /* listed only */
	LOCAL_KIND_MAX
};

const char *local_kind_name(enum local_kind kind); /* "employees" */

/*
 * All rows of csv or none. New ones are added; of a row that is there (by its id; a grant by
 * employee, type, date and note) the columns of the file are set; a request is replaced as a whole.
 * False with faults, or with the failure where the database failed.
 */
bool local_import(struct db *db, struct arena *a, enum local_kind kind, const struct csv *csv,
    const struct clock *clock, struct faults *faults, struct failure *f);

/* Only rows of that employee where not NULL; balances are as of date. */
struct local_filter {
	const char *employee;
	struct date date;
};

/*
 * A list of objects in the arena, in order of id; ids are text, amounts minutes. NULL with the
 * failure.
 */
struct value *local_list(struct db *db, struct arena *a, enum local_kind kind,
    const struct local_filter *filter, struct failure *f);
/* Appends CSV that local_import() takes, with CR LF; not for balances. */
enum gw_err local_export(
    struct db *db, struct arena *a, enum local_kind kind, struct buf *out, struct failure *f);

/* The columns of the files, and what a field may say: table.c. */
enum { LOCAL_COLUMNS_MAX = 12 };

enum local_form {
	FORM_ID,
	FORM_TEXT,
	FORM_EMAIL,
	FORM_DATE,
	FORM_BOOL,
	FORM_UNIT,
	FORM_STATUS,
	FORM_INTEGER,
	FORM_AMOUNT
};

struct local_column {
	const char *name;   /* in the file; NULL ends the list */
	const char *column; /* in the database; NULL: the same */
	enum local_form form;
	bool required;
	bool key;           /* part of what identifies a row */
	const char *absent; /* what an empty field says; NULL: nothing */
	int64_t min, max;   /* of numbers, minutes, characters */
};

/* How amounts of a type are written in files. */
struct local_measure {
	enum unit unit;
	int day_minutes;
};

const struct local_column *local_columns(enum local_kind kind); /* NULL for balances */

/*
 * The field as a value of the database, which may point into text. False: why says what it must be.
 */
bool local_field_parse(const struct local_column *column, const char *text,
    const struct local_measure *measure, struct db_value *out, const char **why);
bool local_value_same(const struct db_value *a, const struct db_value *b);
/* What a refused duplicate means, and in which column, by SQLite's words. False: it is none. */
bool local_unique_why(const char *words, const char **column, const char **why);
/* Exactly minutes, or as near as the digits given allow; "7:30" is clock time. */
bool local_amount_parse(const char *text, const struct local_measure *measure, int64_t *minutes);
/* What local_amount_parse() reads as the same minutes. */
void local_amount_format(
    int64_t minutes, const struct local_measure *measure, char out[static DECIMAL_TEXT_MAX]);

#endif
