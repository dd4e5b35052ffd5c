/*
 * contract.c: members of a request's body, by the kind of the struct member they go to. Lists come
 * in three spellings, because a data action's input is flat: an array, an array as text, or text
 * with commas.
 */
#include "gateway/contract.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "format/json.h"
#include "base/text.h"

struct reading {
	struct arena *arena;
	struct failure *failure;
	const struct field *field;
};

static enum gw_err
read_fail(const struct reading *r, enum fail_code code, const char *rule)
{
	return fail(r->failure, code, "%s: %s", r->field->name, rule);
}

static enum gw_err
read_fail_item(const struct reading *r, enum fail_code code, size_t i, const char *rule)
{
	return fail(r->failure, code, "%s[%zu]: %s", r->field->name, i, rule);
}

static const char unset[] = "it holds the name of a variable that has no value";

/* Past the ( ) or [ ] that opens at s, others inside; NULL: it does not close. */
static const char *
group_end(const char *s)
{
	size_t depth = 0;

	do {
		depth += *s == '(' || *s == '[';
		depth -= *s == ')' || *s == ']';
		s++;
	} while (depth > 0 && *s != '\0');
	return depth == 0 ? s : NULL;
}

/*
 * The end of ${input.notes}, $input.notes or $!{notes}, or NULL; without braces of `root` alone.
 * What is called of it belongs to it: ${input.notes.trim()}, $input.get("notes").
 */
static const char *
variable_end(const char *s, const char *root)
{
	bool braces;

	if (*s++ != '$')
		return NULL;
	s += *s == '!';
	braces = *s == '{';
	s += braces;
	if (!text_is_alpha(*s) || (!braces && !text_starts(s, root)))
		return NULL;
	while (s != NULL && *s != '\0') {
		if (text_starts(root, "input") && (*s == '(' || *s == '['))
			s = group_end(s);
		else if (text_is_alnum(*s) || *s == '.' || *s == '_' || *s == '-')
			s++;
		else
			break;
	}
	if (!braces || s == NULL)
		return s;
	return *s == '}' ? s + 1 : NULL;
}

/*
 * The end of what Velocity prints of a reference that has no value: the reference as it is in the
 * template (Velocity Engine 1.7, User Guide, "Rendering"), a call of Genesys' own $esc too. NULL:
 * there is none at s.
 */
static const char *
reference_end(const char *s)
{
	const char *end = variable_end(s, "esc.");

	if (end == NULL || *end != '(')
		return end != NULL && s[1] != 'e' ? end : variable_end(s, "input.");
	end += 1 + (end[1] == '"');
	end = variable_end(end, "input.");
	if (end == NULL)
		return NULL;
	end += *end == '"';
	return *end == ')' ? end + 1 : NULL;
}

bool
contract_unset(const char *s)
{
	const char *end = reference_end(s + strspn(s, " \t\r\n"));

	return end != NULL && end[strspn(end, " \t\r\n")] == '\0';
}

bool
contract_has_unset(const char *s)
{
	while ((s = strchr(s, '$')) != NULL) {
		if (reference_end(s) != NULL)
			return true;
		s++;
	}
	return false;
}

bool
contract_absent(const struct value *v)
{
	return v == NULL || v->kind == VALUE_NULL ||
	       (v->kind == VALUE_TEXT && (v->len == 0 || contract_unset(v->text)));
}

/* Text between commas, blanks around it dropped. */
static struct value *
list_of_commas(const struct reading *r, const char *s)
{
	struct value *list = value_list(r->arena);
	size_t len, skip;

	for (;;) {
		s += strspn(s, " \t\r\n");
		len = strcspn(s, ",");
		skip = len;
		while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL)
			len--;
		if (!value_add(r->arena, list, value_text_len(r->arena, s, len)))
			return NULL;
		if (s[skip] == '\0')
			return list;
		s += skip + 1;
	}
}

static enum gw_err
read_list(const struct reading *r, const struct value *v, size_t max, struct value **out)
{
	const struct value *item;
	char why[160];
	size_t i;

	*out = (struct value *)v;
	if (v->kind == VALUE_TEXT && v->text[strspn(v->text, " \t\r\n")] == '[') {
		*out = json_parse(r->arena, v->text, v->len, &json_input, why, sizeof(why));
		if (*out == NULL)
			return fail(r->failure, json_fault(CODE_INPUT_FORM),
			    "%s: an array as text that is no JSON: %s", r->field->name, why);
	} else if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER)
		*out = list_of_commas(r, v->text);
	if (*out == NULL)
		return fail_memory(r->failure);
	if ((*out)->kind != VALUE_LIST)
		return read_fail(r, CODE_INPUT_FORM,
		    "a list was expected: an array, an array as text, or text separated by commas");
	if ((*out)->n > max)
		return fail(r->failure, CODE_INPUT_LIMIT, "%s: %zu items, at most %zu are taken",
		    r->field->name, (size_t)(*out)->n, max);
	for (i = 0; i < (*out)->n; i++) {
		item = value_at(*out, i);
		if (item->kind != VALUE_TEXT && item->kind != VALUE_NUMBER)
			return read_fail_item(
			    r, CODE_INPUT_FORM, i, "a text or number was expected");
		if (item->kind == VALUE_TEXT && contract_has_unset(item->text))
			return read_fail_item(r, CODE_INPUT_FORM, i, unset);
	}
	return GW_OK;
}

static enum gw_err
check_id(const struct reading *r, const struct value *v, const char **out)
{
	if (v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER)
		return read_fail(r, CODE_INPUT_FORM, "an id is a text or a number");
	if (v->len > LIMIT_ID)
		return read_fail(r, CODE_INPUT_ID, "an id has at most 256 bytes");
	if (text_has_control(v->text))
		return read_fail(r, CODE_INPUT_ID, "an id has no control characters");
	if (strcmp(v->text, ".") == 0 || strcmp(v->text, "..") == 0)
		return read_fail(r, CODE_INPUT_ID, "\".\" and \"..\" are no ids");
	*out = v->text;
	return GW_OK;
}

static enum gw_err
read_id(const struct reading *r, const struct value *v, void *out)
{
	return check_id(r, v, &((struct id *)out)->text);
}

static enum gw_err
read_date(const struct reading *r, const struct value *v, void *out)
{
	struct civil_date *d = out;

	if (v->kind != VALUE_TEXT || !date_parse(v->text, &d->date))
		return read_fail(r, CODE_INPUT_DATE, "a calendar date YYYY-MM-DD was expected");
	d->given = true;
	return GW_OK;
}

typedef enum gw_err item_reader(const struct reading *, const struct value *, size_t, void *);

/* Every item of a list, by its reader, into an array of that item size. */
static enum gw_err
read_items(const struct reading *r, const struct value *v, size_t max, item_reader *reader,
    size_t size, void **items, size_t *n)
{
	struct value *list = NULL;
	enum gw_err err = read_list(r, v, max, &list);
	size_t i;

	if (err != GW_OK || list == NULL)
		return err;
	*items = arena_array(r->arena, list->n + 1, size);
	if (*items == NULL)
		return fail_memory(r->failure);
	for (i = 0; i < list->n && err == GW_OK; i++)
		err = reader(r, value_at(list, i), i, (char *)*items + i * size);
	*n = list->n;
	return err;
}

static enum gw_err
item_id(const struct reading *r, const struct value *v, size_t i, void *out)
{
	(void)i;
	return check_id(r, v, out);
}

static enum gw_err
item_date(const struct reading *r, const struct value *v, size_t i, void *out)
{
	if (date_parse(v->text, out))
		return GW_OK;
	return read_fail_item(r, CODE_INPUT_DATE, i, "a calendar date YYYY-MM-DD was expected");
}

static enum gw_err
item_start(const struct reading *r, const struct value *v, size_t i, void *out)
{
	struct start *start = out;

	if (date_time_parse(v->text, &start->date, &start->minute))
		return GW_OK;
	return read_fail_item(r, CODE_INPUT_DATE, i,
	    "a local date-time YYYY-MM-DDTHH:mm:ss without zone was expected");
}

/* 480, and 480.0 too: what a data action writes of an input of type number. */
static bool
is_whole(const char *s, int64_t max, int64_t *out)
{
	struct decimal d;

	return decimal_parse(s, &d) && decimal_to_integer(d, out) && *out >= 0 && *out <= max;
}

static enum gw_err
item_minutes(const struct reading *r, const struct value *v, size_t i, void *out)
{
	int64_t minutes;

	if (!is_whole(v->text, LIMIT_MINUTES, &minutes))
		return read_fail_item(
		    r, CODE_INPUT_MINUTES, i, "whole minutes from 0 to 1440 were expected");
	*(int *)out = (int)minutes;
	return GW_OK;
}

/* The lists of the contract have one shape: items, n, given. An empty list is an absent one. */
#define READ_LIST(name, type, max, reader)                                                        \
	static enum gw_err read_##name(const struct reading *r, const struct value *v, void *out) \
	{                                                                                         \
		struct type *list = out;                                                          \
		void *items = NULL;                                                               \
		enum gw_err err =                                                                 \
		    read_items(r, v, max, reader, sizeof(*list->items), &items, &list->n);        \
                                                                                                  \
		list->items = items;                                                              \
		list->given = list->n > 0;                                                        \
		return err;                                                                       \
	}

READ_LIST(ids, id_list, LIMIT_TYPES, item_id)
READ_LIST(dates, date_list, LIMIT_DATES, item_date)
READ_LIST(starts, start_list, LIMIT_DATES, item_start)
READ_LIST(minutes, minutes_list, LIMIT_DATES, item_minutes)
#undef READ_LIST

static enum gw_err
read_whole(const struct reading *r, const struct value *v, void *out)
{
	struct whole *w = out;
	int64_t n;

	if ((v->kind != VALUE_TEXT && v->kind != VALUE_NUMBER) ||
	    !is_whole(v->text, 1000000000, &n))
		return read_fail(r, CODE_INPUT_FORM, "a whole number of 0 and more was expected");
	w->number = n;
	w->given = true;
	return GW_OK;
}

static enum gw_err
read_flag(const struct reading *r, const struct value *v, void *out)
{
	struct flag *f = out;
	const char *s = value_str(v);

	if (s == NULL || (strcmp(s, "true") != 0 && strcmp(s, "false") != 0))
		return read_fail(r, CODE_INPUT_FORM, "true or false was expected");
	f->on = strcmp(s, "true") == 0;
	f->given = true;
	return GW_OK;
}

static enum gw_err
read_notes(const struct reading *r, const struct value *v, void *out)
{
	if (v->kind != VALUE_TEXT)
		return read_fail(r, CODE_INPUT_FORM, "a text was expected");
	if (text_characters(v->text) > LIMIT_NOTES)
		return read_fail(r, CODE_INPUT_LIMIT, "at most 4000 characters are taken");
	((struct notes *)out)->text = v->text;
	return GW_OK;
}

static enum gw_err
read_key(const struct reading *r, const struct value *v, void *out)
{
	const char *p;

	if (v->kind != VALUE_TEXT || v->len > 255)
		return read_fail(
		    r, CODE_INPUT_FORM, "a text of at most 255 characters was expected");
	for (p = v->text; *p != '\0'; p++) {
		if (*p < 0x21 || *p > 0x7E)
			return read_fail(
			    r, CODE_INPUT_FORM, "printable ASCII without blanks was expected");
	}
	((struct key_text *)out)->text = v->text;
	return GW_OK;
}

/* What Genesys' documents call the states; the second spellings are in older ones. */
static const struct {
	const char *word;
	enum timeoff_status status;
} statuses[] = {
    {"APPROVED", STATUS_APPROVED},
    {"PENDING", STATUS_PENDING},
    {"DENIED", STATUS_DENIED},
    {"DECLINED", STATUS_DENIED},
    {"CANCELED", STATUS_CANCELED},
    {"CANCELLED", STATUS_CANCELED},
};

static enum gw_err
read_status(const struct reading *r, const struct value *v, void *out)
{
	size_t i;

	for (i = 0; v->kind == VALUE_TEXT && i < ARRAY_LEN(statuses); i++) {
		if (strcmp(statuses[i].word, v->text) == 0) {
			((struct status_word *)out)->status = statuses[i].status;
			return GW_OK;
		}
	}
	return read_fail(
	    r, CODE_INPUT_STATUS, "APPROVED, PENDING, DENIED or CANCELED was expected");
}

typedef enum gw_err field_reader(const struct reading *, const struct value *, void *);

static field_reader *const readers[] = {
    [FIELD_ID] = read_id,
    [FIELD_ID_LIST] = read_ids,
    [FIELD_DATE] = read_date,
    [FIELD_DATES] = read_dates,
    [FIELD_STARTS] = read_starts,
    [FIELD_MINUTES] = read_minutes,
    [FIELD_WHOLE] = read_whole,
    [FIELD_FLAG] = read_flag,
    [FIELD_NOTES] = read_notes,
    [FIELD_KEY] = read_key,
    [FIELD_STATUS] = read_status,
};
_Static_assert(ARRAY_LEN(readers) == FIELD_KIND_MAX, "a reader a kind");

static enum gw_err
read_field(const struct reading *r, const struct value *v, void *in)
{
	bool text = value_is(v, VALUE_TEXT);

	if (contract_absent(v) && r->field->need == OPTIONAL)
		return GW_OK;
	if (contract_absent(v))
		return fail(r->failure, CODE_INPUT_REQUIRED, "%s is required%s%s", r->field->name,
		    text && v->len > 0 ? ", and " : "", text && v->len > 0 ? unset : "");
	/* A person may write such a thing into a note. */
	if (text && r->field->kind != FIELD_NOTES && contract_has_unset(v->text))
		return read_fail(r, CODE_INPUT_FORM, unset);
	return readers[r->field->kind](r, v, (char *)in + r->field->offset);
}

enum gw_err
contract_read(struct arena *a, const struct field *fields, const struct value *body, void *in,
    struct failure *failure)
{
	struct reading r = {.arena = a, .failure = failure};
	enum gw_err err = GW_OK;

	if (!value_is(body, VALUE_OBJECT))
		return fail(failure, CODE_INPUT_JSON, "the body is not a JSON object");
	for (r.field = fields; r.field->name != NULL && err == GW_OK; r.field++)
		err = read_field(&r, value_get(body, r.field->name), in);
	return err;
}
