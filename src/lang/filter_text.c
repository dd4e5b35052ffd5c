/* filter_text.c: filters on text and on values as text. */
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "lang/filter.h"
#include "format/json.h"
#include "base/text.h"

enum { FILTER_TEXT_MAX = LIMIT_TEXT };

/* The text of a scalar; NULL with the failure otherwise. */
static const char *
scalar(const struct filter_call *call, const char *filter, const struct value *in)
{
	const char *s = value_str(in);

	if (s == NULL)
		(void)filter_fail(call, filter, "text was expected");
	return s;
}

static enum gw_err
give_text(const struct filter_call *call, const char *s, size_t len, struct value **out)
{
	return filter_give(call, value_text_len(call->scope->arena, s, len), out);
}

static enum gw_err
give_buf(const struct filter_call *call, struct buf *b, struct value **out)
{
	enum gw_err err;

	if (b->err != GW_OK)
		err = fail_memory(call->scope->failure);
	else
		err = give_text(call, b->data, b->len, out);
	buf_clear(b);
	return err;
}

FILTER_FUNCTION(text)
{
	const char *s;

	if (value_is(in, VALUE_NULL))
		return GW_OK;
	s = scalar(call, "text", in);
	return s == NULL ? call->scope->failure->err : give_text(call, s, strlen(s), out);
}

static bool
truth_of(const char *s, bool *truth)
{
	static const char *const yes[] = {"true", "yes", "y", "1"};
	static const char *const no[] = {"false", "no", "n", "0"};
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		*truth = strcasecmp(s, yes[i]) == 0;
		if (*truth || strcasecmp(s, no[i]) == 0)
			return true;
	}
	return false;
}

FILTER_FUNCTION(boolean)
{
	const char *s = scalar(call, "boolean", in);
	bool truth;

	if (s == NULL || !truth_of(s, &truth))
		return filter_fail(call, "boolean", "true, false, yes, no, 1 or 0 was expected");
	return filter_give(call, value_bool(call->scope->arena, truth), out);
}

FILTER_FUNCTION(negate)
{
	const char *s = scalar(call, "not", in);
	bool truth;

	if (s == NULL || !truth_of(s, &truth))
		return filter_fail(call, "not", "true, false, yes, no, 1 or 0 was expected");
	return filter_give(call, value_bool(call->scope->arena, !truth), out);
}

/* ASCII letters only: the words of an API. */
static enum gw_err
change_case(const struct filter_call *call, const char *s, char low, char high, struct value **out)
{
	char *copy = s == NULL ? NULL : arena_strdup(call->scope->arena, s);
	char *p;

	if (copy == NULL)
		return fail_memory(call->scope->failure);
	for (p = copy; *p != '\0'; p++) {
		if (*p >= low && *p <= high)
			*p = (char)(*p ^ 0x20);
	}
	return give_text(call, copy, strlen(copy), out);
}

FILTER_FUNCTION(lower)
{
	return change_case(call, scalar(call, "lower", in), 'A', 'Z', out);
}

FILTER_FUNCTION(upper)
{
	return change_case(call, scalar(call, "upper", in), 'a', 'z', out);
}

FILTER_FUNCTION(trim)
{
	static const char blanks[] = " \t\r\n";
	const char *s = scalar(call, "trim", in);
	size_t len;

	if (s == NULL)
		return call->scope->failure->err;
	s += strspn(s, blanks);
	len = strlen(s);
	while (len > 0 && strchr(blanks, s[len - 1]) != NULL)
		len--;
	return give_text(call, s, len, out);
}

FILTER_FUNCTION(default)
{
	*out = in == NULL || in->kind == VALUE_NULL ? call->args[0] : in;
	return GW_OK;
}

FILTER_FUNCTION(map)
{
	const char *s = scalar(call, "map", in);
	struct value *to;

	if (s == NULL)
		return call->scope->failure->err;
	to = value_get(call->map == NULL ? call->args[0] : call->map, s);
	/* What a route's own map does not list is absent: nobody else can add it. */
	if (to == NULL && call->map == NULL)
		return GW_OK;
	if (to == NULL)
		to = value_get(call->map, "else");
	if (to == NULL)
		return filter_fail(call, "map", "a value that the map does not list");
	*out = to->kind == VALUE_NULL ? NULL : to;
	return GW_OK;
}

static bool
whole_argument(const struct value *v, long *out)
{
	const char *s = value_str(v);
	char *end;

	if (s == NULL || *s == '\0')
		return false;
	*out = strtol(s, &end, 10);
	return *end == '\0' && *out >= -LIMIT_TEXT && *out <= LIMIT_TEXT;
}

/* slice FROM [TO]: characters, from 0; negative ones count from the end. */
FILTER_FUNCTION(slice)
{
	const char *s = scalar(call, "slice", in), *from, *to;
	long n, start, end, i;

	if (s == NULL)
		return call->scope->failure->err;
	n = (long)text_characters(s);
	end = n;
	if (!whole_argument(call->args[0], &start) ||
	    (call->n_args > 1 && !whole_argument(call->args[1], &end)))
		return filter_fail(call, "slice", "the arguments are whole numbers");
	start = start < 0 ? start + n : start;
	end = end < 0 ? end + n : end;
	start = start < 0 ? 0 : start;
	end = end > n ? n : end;
	if (start >= end)
		return give_text(call, "", 0, out);
	for (from = s, i = 0; i < start; i++)
		(void)text_next(&from);
	for (to = from; i < end; i++)
		(void)text_next(&to);
	return give_text(call, from, (size_t)(to - from), out);
}

FILTER_FUNCTION(split)
{
	const char *s = scalar(call, "split", in), *by = value_str(call->args[0]), *next;
	struct value *list = value_list(call->scope->arena);
	size_t len;

	if (s == NULL || text_is_empty(by))
		return filter_fail(call, "split", "the separator is a text");
	while (list != NULL && *s != '\0') {
		next = strstr(s, by);
		len = next == NULL ? strlen(s) : (size_t)(next - s);
		if (!value_add(
			call->scope->arena, list, value_text_len(call->scope->arena, s, len)))
			return fail_memory(call->scope->failure);
		s += next == NULL ? len : len + strlen(by);
	}
	return filter_give(call, list, out);
}

FILTER_FUNCTION(join)
{
	const char *by = value_str(call->args[0]), *s;
	struct buf b;
	size_t i;

	if (by == NULL)
		return filter_fail(call, "join", "the separator is a text");
	if (in->n == 0)
		return GW_OK;
	buf_init(&b, FILTER_TEXT_MAX);
	for (i = 0; i < in->n; i++) {
		s = value_str(value_at(in, i));
		if (s == NULL) {
			buf_clear(&b);
			return filter_fail(
			    call, "join", "the list holds something that is no text");
		}
		if (i > 0)
			buf_puts(&b, by);
		buf_puts(&b, s);
	}
	return give_buf(call, &b, out);
}

static enum gw_err
replace_all(const struct filter_call *call, const char *s, const char *what, const char *with,
    struct value **out)
{
	const char *next;
	struct buf b;

	buf_init(&b, FILTER_TEXT_MAX);
	for (next = strstr(s, what); next != NULL; next = strstr(s, what)) {
		buf_put(&b, s, (size_t)(next - s));
		buf_puts(&b, with);
		s = next + strlen(what);
	}
	buf_puts(&b, s);
	return give_buf(call, &b, out);
}

FILTER_FUNCTION(replace)
{
	const char *s = scalar(call, "replace", in);
	const char *what = value_str(call->args[0]), *with = value_str(call->args[1]);

	if (s == NULL || text_is_empty(what) || with == NULL)
		return filter_fail(call, "replace", "the arguments are texts");
	return replace_all(call, s, what, with, out);
}

/* OData 4.01 URL conventions, 5.1.1.6.1: a quote inside a string literal is doubled. */
FILTER_FUNCTION(odata)
{
	const char *s = scalar(call, "odata", in);

	return s == NULL ? call->scope->failure->err : replace_all(call, s, "'", "''", out);
}

FILTER_FUNCTION(json)
{
	struct buf b;

	buf_init(&b, FILTER_TEXT_MAX);
	json_value(&b, in);
	return give_buf(call, &b, out);
}

FILTER_FUNCTION(base64)
{
	const char *s = scalar(call, "base64", in);
	struct buf b;

	if (s == NULL)
		return call->scope->failure->err;
	buf_init(&b, FILTER_TEXT_MAX);
	base64_encode(&b, s, strlen(s));
	return give_buf(call, &b, out);
}
