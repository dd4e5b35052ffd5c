/*
 * velocity.c: one pass from left to right; a macro's argument is one level deeper, and no further.
 */
#include "genesys/velocity.h"

#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "format/url.h"

enum { VELOCITY_MAX = 16 * 1024 * 1024, NAME_MAX_BYTES = 256 };

struct velocity {
	const struct value *context;
	char *why;
	size_t why_max;
};

struct reference {
	const char *start, *end; /* of all of it, in the template */
	bool quiet, braced;
	char name[NAME_MAX_BYTES];
	const char *argument; /* of a macro, after '('; NULL: none */
};

static bool
refuse(struct velocity *v, const char *what, const char *at)
{
	(void)snprintf(v->why, v->why_max, "%s is not played: \"%.40s\"", what, at);
	return false;
}

/* Escapers by the context that they are for. */
static void
put_json(struct buf *out, const char *s)
{
	struct buf quoted;

	buf_init(&quoted, out->max);
	json_string(&quoted, s);
	if (quoted.err != GW_OK)
		buf_fail(out, quoted.err);
	else
		buf_put(out, quoted.data + 1, quoted.len - 2);
	buf_clear(&quoted);
}

static void
put_base64(struct buf *out, const char *s)
{
	base64_encode(out, s, strlen(s));
}

/* Java's URLEncoder: a form's content, so a blank is a plus sign. */
static void
put_form(struct buf *out, const char *s)
{
	size_t len;

	for (;;) {
		len = strcspn(s, " ");
		if (len > 0) {
			struct buf part;

			buf_init(&part, out->max);
			buf_put(&part, s, len);
			url_query(out, part.data);
			if (part.err != GW_OK)
				buf_fail(out, part.err);
			buf_clear(&part);
		}
		if (s[len] == '\0')
			return;
		buf_putc(out, '+');
		s += len + 1;
	}
}

static const struct {
	const char *name;
	void (*put)(struct buf *out, const char *s);
} macros[] = {
    {"esc.jsonEncode", put_json},
    {"esc.url", put_form},
    {"encoding.base64", put_base64},
};

/* The member that a dotted name leads to; NULL: null, or none. */
static const struct value *
look_up(const struct velocity *v, const char *name)
{
	const struct value *at = v->context;
	char part[NAME_MAX_BYTES];
	size_t len;

	while (at != NULL) {
		len = strcspn(name, ".");
		memcpy(part, name, len);
		part[len] = '\0';
		at = value_get(at, part);
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	return at == NULL || at->kind == VALUE_NULL ? NULL : at;
}

static void
put_value(struct buf *out, const struct value *value)
{
	if (value_str(value) != NULL)
		buf_puts(out, value_str(value));
	else
		json_value(out, value);
}

static size_t
name_len(const char *s)
{
	size_t n = 0;

	if (!text_is_alpha(*s))
		return 0;
	while (text_is_alnum(s[n]) || s[n] == '_' || s[n] == '-' ||
	       (s[n] == '.' && text_is_alpha(s[n + 1])))
		n++;
	return n;
}

/* The ')' that ends a macro's argument; NULL: there is none. */
static const char *
argument_end(const char *p)
{
	size_t depth = 1;
	char quote = '\0';

	for (; *p != '\0'; p++) {
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p;
	}
	return NULL;
}

/* Whether a reference begins at p, which is a '$'. False with out->end NULL: it is plain text. */
static bool
read_reference(struct velocity *v, const char *p, struct reference *out)
{
	size_t len;

	*out = (struct reference){.start = p++};
	out->quiet = *p == '!';
	p += out->quiet;
	out->braced = *p == '{';
	p += out->braced;
	len = name_len(p);
	if (len == 0 || len >= sizeof(out->name))
		return false;
	memcpy(out->name, p, len);
	p += len;
	if (*p == '(') {
		out->argument = ++p;
		p = argument_end(p);
		if (p == NULL)
			return refuse(v, "a macro without an end", out->start);
		p++;
	}
	if (out->braced && *p++ != '}')
		return refuse(v, "this reference", out->start);
	out->end = p;
	return true;
}

/*
 * One reference without a macro: appends its value. False: it is null, and nothing was appended.
 */
static bool
put_plain(const struct velocity *v, const struct reference *r, struct buf *out)
{
	const struct value *value = look_up(v, r->name);

	if (value != NULL)
		put_value(out, value);
	return value != NULL;
}

static void
put_source(const struct reference *r, struct buf *out)
{
	if (!r->quiet)
		buf_put(out, r->start, (size_t)(r->end - r->start));
}

/* Text in which references stand, but no macros: the inside of "..." */
static bool
put_interpolated(struct velocity *v, const char *p, const char *end, struct buf *out)
{
	struct reference r;

	while (p < end) {
		if (*p != '$') {
			buf_putc(out, *p++);
			continue;
		}
		if (!read_reference(v, p, &r)) {
			if (v->why[0] != '\0')
				return false;
			buf_putc(out, *p++);
			continue;
		}
		if (r.argument != NULL)
			return refuse(v, "a macro within a macro", r.start);
		if (!put_plain(v, &r, out))
			put_source(&r, out);
		p = r.end;
	}
	return true;
}

/* All of it is one text within such marks. */
static bool
is_quoted(const char *p, const char *end, char mark)
{
	return end - p >= 2 && *p == mark && memchr(p + 1, mark, (size_t)(end - p - 1)) == end - 1;
}

/* The macro's argument. *null: it is one reference, and that is null. */
static bool
put_argument(struct velocity *v, const struct reference *macro, struct buf *out, bool *null)
{
	const char *p = macro->argument, *end = macro->end - 1 - macro->braced;
	struct reference r;

	p += strspn(p, " ");
	while (end > p && end[-1] == ' ')
		end--;
	if (is_quoted(p, end, '"'))
		return put_interpolated(v, p + 1, end - 1, out);
	if (is_quoted(p, end, '\'')) {
		buf_put(out, p + 1, (size_t)(end - p - 2));
		return true;
	}
	if (*p != '$' || !read_reference(v, p, &r) || r.end != end || r.argument != NULL)
		return v->why[0] == '\0' ? refuse(v, "this argument", p) : false;
	*null = !put_plain(v, &r, out);
	return true;
}

static bool
put_macro(struct velocity *v, const struct reference *r, struct buf *out)
{
	bool null = false, good;
	struct buf argument;
	size_t i;

	for (i = 0; i < ARRAY_LEN(macros) && strcmp(macros[i].name, r->name) != 0; i++)
		;
	if (i == ARRAY_LEN(macros))
		return refuse(v, "this macro", r->start);
	buf_init(&argument, VELOCITY_MAX);
	good = put_argument(v, r, &argument, &null);
	if (good && argument.err != GW_OK)
		buf_fail(out, argument.err);
	else if (good && null)
		put_source(r, out);
	else if (good)
		macros[i].put(out, argument.data);
	buf_clear(&argument);
	return good;
}

/* A directive of the language, at a '#'. */
static bool
is_directive(const char *p)
{
	static const char *const words[] = {"if", "elseif", "else", "end", "set", "foreach",
	    "include", "parse", "macro", "stop", "break", "evaluate", "define", "#", "*", "[["};
	size_t i, len;

	p++;
	p += *p == '{';
	for (i = 0; i < ARRAY_LEN(words); i++) {
		len = strlen(words[i]);
		if (strncmp(p, words[i], len) == 0 &&
		    (!text_is_alpha(words[i][0]) || !text_is_alnum(p[len])))
			return true;
	}
	return false;
}

static bool
put_reference(struct velocity *v, const char **p, struct buf *out)
{
	struct reference r;

	if (!read_reference(v, *p, &r)) {
		buf_putc(out, *(*p)++);
		return v->why[0] == '\0';
	}
	if (r.argument != NULL && !put_macro(v, &r, out))
		return false;
	if (r.argument == NULL && !put_plain(v, &r, out))
		put_source(&r, out);
	*p = r.end;
	return true;
}

bool
velocity_fill(
    const char *text, const struct value *context, struct buf *out, char *why, size_t why_max)
{
	struct velocity v = {.context = context, .why = why, .why_max = why_max};
	const char *p = text;

	why[0] = '\0';
	while (*p != '\0') {
		if (*p == '#' && is_directive(p))
			return refuse(&v, "a directive", p);
		if (*p == '\\' && (p[1] == '$' || p[1] == '#'))
			return refuse(&v, "an escaped $ or #", p);
		if (*p != '$')
			buf_putc(out, *p++);
		else if (!put_reference(&v, &p, out))
			return false;
	}
	if (out->err != GW_OK)
		(void)snprintf(why, why_max, "the text is too long, or has control characters");
	return out->err == GW_OK;
}
