/* table.c: see admin.h. Only these tables say what a column is called, must be and means. */
#include "local/admin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "local/call.h"
#include "base/text.h"

enum {
	LOCAL_TEXT_MAX = 256, /* characters of a name */
	/* One from the insert and one of each step to an end, as export joins them. */
	LOCAL_NOTES_MAX = 8 * LIMIT_FACE_NOTES,
	LOCAL_EMAIL_MAX = 254,
	YEAR_MINUTES = 366 * 1440,
	MONTH_MINUTES = 31 * 1440,
	GRANT_MINUTES = 10 * YEAR_MINUTES,
	DAY_MINUTES = 1440
};

static const struct local_column employees[] = {
    {.name = "id", .form = FORM_ID, .required = true, .key = true},
    {.name = "email", .form = FORM_EMAIL},
    {.name = "name", .form = FORM_TEXT, .max = LOCAL_TEXT_MAX},
    {.name = "hired", .form = FORM_DATE},
    {.name = "active", .form = FORM_BOOL, .absent = "yes"},
    {.name = NULL},
};

static const struct local_column types[] = {
    {.name = "id", .form = FORM_ID, .required = true, .key = true},
    {.name = "name", .form = FORM_TEXT, .required = true, .max = LOCAL_TEXT_MAX},
    {.name = "unit", .form = FORM_UNIT, .absent = "hours"},
    {.name = "unlimited", .form = FORM_BOOL, .absent = "no"},
    {.name = "yearly", .form = FORM_AMOUNT, .absent = "0", .max = YEAR_MINUTES},
    {.name = "monthly", .form = FORM_AMOUNT, .absent = "0", .max = MONTH_MINUTES},
    {.name = "carry_over", .form = FORM_AMOUNT, .max = GRANT_MINUTES},
    {.name = "day_minutes", .form = FORM_INTEGER, .absent = "480", .min = 1, .max = DAY_MINUTES},
    {.name = "starts", .form = FORM_DATE},
    {.name = NULL},
};

static const struct local_column grants[] = {
    {.name = "employee", .form = FORM_ID, .required = true, .key = true},
    {.name = "type", .form = FORM_ID, .required = true, .key = true},
    {.name = "date", .form = FORM_DATE, .required = true, .key = true},
    {.name = "amount",
	.column = "minutes",
	.form = FORM_AMOUNT,
	.required = true,
	.min = -GRANT_MINUTES,
	.max = GRANT_MINUTES},
    {.name = "note", .form = FORM_TEXT, .key = true, .absent = "", .max = LOCAL_TEXT_MAX},
    {.name = NULL},
};

static const struct local_column requests[] = {
    {.name = "request", .form = FORM_ID, .required = true, .key = true},
    {.name = "employee", .form = FORM_ID, .required = true},
    {.name = "type", .form = FORM_ID, .required = true},
    {.name = "status", .form = FORM_STATUS, .required = true},
    {.name = "date", .form = FORM_DATE, .required = true},
    {.name = "amount", .form = FORM_AMOUNT, .required = true, .max = DAY_MINUTES},
    {.name = "notes", .form = FORM_TEXT, .max = LOCAL_NOTES_MAX},
    {.name = NULL},
};

static const struct {
	const char *name;
	const struct local_column *columns;
} kinds[] = {
    [LOCAL_EMPLOYEES] = {"employees", employees},
    [LOCAL_TYPES] = {"types", types},
    [LOCAL_GRANTS] = {"grants", grants},
    [LOCAL_REQUESTS] = {"requests", requests},
    [LOCAL_BALANCES] = {"balances", NULL},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == LOCAL_KIND_MAX, "a row each");

const char *
local_kind_name(enum local_kind kind)
{
	return kinds[kind].name;
}

const struct local_column *
local_columns(enum local_kind kind)
{
	return kinds[kind].columns;
}

bool
local_value_same(const struct db_value *a, const struct db_value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == DB_TEXT)
		return strcmp(a->bytes, b->bytes) == 0;
	return a->kind == DB_NULL || a->n == b->n;
}

bool
local_unique_why(const char *words, const char **column, const char **why)
{
	static const struct {
		const char *index, *column, *why;
	} indexes[] = {
	    {"employees.email", "email", "another active employee has that address"},
	    {"types.name", "name", "another type has that name"},
	};
	size_t i;

	for (i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		if (strstr(words, indexes[i].index) != NULL) {
			*column = indexes[i].column;
			*why = indexes[i].why;
			return true;
		}
	}
	return false;
}

/*
 * Reading rounds down to the whole minute. An amount between two minutes, which is refused rather
 * than bent, shows in that its opposite is rounded down as well.
 */
bool
local_amount_parse(const char *text, const struct local_measure *measure, int64_t *minutes)
{
	enum unit unit = strchr(text, ':') != NULL ? UNIT_CLOCK : measure->unit;
	char other[DECIMAL_TEXT_MAX];
	int64_t n, opposite;

	if (strlen(text) >= sizeof(other) - 1)
		return false;
	(void)snprintf(other, sizeof(other), "%s%s", *text == '-' ? "" : "-",
	    text + (*text == '-' || *text == '+'));
	if (!amount_read(text, unit, measure->day_minutes, &n) ||
	    !amount_read(other, unit, measure->day_minutes, &opposite) || n != -opposite)
		return false;
	*minutes = n;
	return true;
}

void
local_amount_format(
    int64_t minutes, const struct local_measure *measure, char out[static DECIMAL_TEXT_MAX])
{
	int64_t back;

	if (amount_write(minutes, measure->unit, measure->day_minutes, NULL, out) &&
	    local_amount_parse(out, measure, &back) && back == minutes)
		return;
	if (!amount_write(minutes, UNIT_CLOCK, 0, NULL, out))
		(void)snprintf(out, DECIMAL_TEXT_MAX, "0");
}

static bool
field_bool(const char *s, struct db_value *out)
{
	static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(s, words[i]) == 0) {
			*out = db_integer(i % 2 == 1);
			return true;
		}
	}
	return false;
}

static bool
field_email(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at != s && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
	       strpbrk(s, " \t<>,;\"") == NULL && !text_has_control(s) &&
	       strlen(s) <= LOCAL_EMAIL_MAX;
}

static bool
field_number(const struct local_column *c, const char *s, const struct local_measure *measure,
    struct db_value *out)
{
	int64_t n;

	if (c->form == FORM_INTEGER ? !amount_read(s, UNIT_MINUTES, 0, &n) || strchr(s, '.') != NULL
				    : !local_amount_parse(s, measure, &n))
		return false;
	if (n < c->min || n > c->max)
		return false;
	*out = db_integer(n);
	return true;
}

bool
local_field_parse(const struct local_column *c, const char *text,
    const struct local_measure *measure, struct db_value *out, const char **why)
{
	static const char *const expected[] = {
	    [FORM_ID] = "an id is a whole number above 0, of at most 18 digits",
	    [FORM_TEXT] = "too long, or with control characters",
	    [FORM_EMAIL] = "an e-mail address",
	    [FORM_DATE] = "a date is YYYY-MM-DD",
	    [FORM_BOOL] = "yes or no",
	    [FORM_UNIT] = "hours or days",
	    [FORM_STATUS] = "PENDING, APPROVED, DENIED or CANCELED",
	    [FORM_INTEGER] = "a whole number in range",
	    [FORM_AMOUNT] = "an amount of whole minutes, in the type's unit or as 7:30, in range",
	};
	enum timeoff_status status;
	struct date date;
	bool ok = false;
	int64_t n = 0;

	*why = text[0] == '\0' ? "must not be empty" : expected[c->form];
	if (text[0] == '\0')
		text = c->absent;
	*out = db_text(text);
	if (text == NULL || (text[0] == '\0' && c->absent != NULL))
		return !c->required;
	switch (c->form) {
	case FORM_ID:
		ok = local_id_parse(text, &n);
		*out = db_integer(n);
		break;
	case FORM_TEXT:
		ok = text_characters(text) <= (size_t)c->max &&
		     (c->max != LOCAL_TEXT_MAX || !text_has_control(text));
		break;
	case FORM_EMAIL:
		ok = field_email(text);
		break;
	case FORM_DATE:
		ok = date_parse(text, &date);
		break;
	case FORM_BOOL:
		ok = field_bool(text, out);
		break;
	case FORM_UNIT:
		ok = strcmp(text, "hours") == 0 || strcmp(text, "days") == 0;
		break;
	case FORM_STATUS:
		ok = status_parse(text, &status);
		break;
	case FORM_INTEGER:
	case FORM_AMOUNT:
		ok = field_number(c, text, measure, out);
		break;
	}
	return ok;
}
