/* local_table.h: the columns of the local HRIS's CSV files, and what a field may say. */
#ifndef LOCAL_TABLE_H
#define LOCAL_TABLE_H

#include "hris/amount.h"
#include "local/admin.h"

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

/* How amounts of a type are written. */
struct local_measure {
	enum unit unit;
	int day_minutes;
};

const struct local_column *local_columns(enum local_kind kind);

/* The field as a value of the database; false: why says what it should be. */
bool local_field_parse(const struct local_column *column, const char *text,
    const struct local_measure *measure, struct local_value *out, const char **why);
bool local_value_same(const struct local_value *a, const struct local_value *b);
/* What a refused duplicate means, and in which column, by SQLite's words; false: it is none. */
bool local_unique_why(const char *words, const char **column, const char **why);
/* Exactly minutes, or as near as the digits given allow; "7:30" is clock time. */
bool local_amount_parse(const char *text, const struct local_measure *measure, int64_t *minutes);
/* What local_amount_parse() reads as the same minutes. */
void local_amount_format(
    int64_t minutes, const struct local_measure *measure, char out[static DECIMAL_TEXT_MAX]);

#endif
