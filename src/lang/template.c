/*
 * template.c: texts with ${EXPR}. A value that is absent, or that cannot go where the text goes,
 * fails the request.
 */
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"
#include "format/url.h"
#include "lang/template.h"

struct piece {
	const char *text; /* literal; NULL: expr */
	struct expr *expr;
};

/* clang-format off */
struct template {
	const char *source;
	struct piece *pieces;
	size_t n, cap;
};
/* clang-format on */

typedef enum gw_err
piece_writer(const struct template *, const struct piece *, const struct scope *, struct buf *);

static bool
template_add(const struct expr_env *env, struct template *t, const char *text, struct expr *expr)
{
	struct piece *pieces = arena_grow(env->r.arena, t->pieces, t->n, &t->cap, sizeof(*pieces));

	if (pieces == NULL)
		return false;
	t->pieces = pieces;
	pieces[t->n].text = text;
	pieces[t->n].expr = expr;
	t->n++;
	return true;
}

/* The end of "${...": the brace that is not inside quotes or brackets. NULL: none. */
static const char *
template_end(const char *p)
{
	char quote = '\0';
	int depth = 0;

	for (; *p != '\0'; p++) {
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '\'' || *p == '"')
			quote = *p;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && depth-- == 0)
			return p;
	}
	return NULL;
}

struct template *
template_compile(const struct expr_env *env, const struct value *text)
{
	struct template *t = arena_alloc(env->r.arena, sizeof(*t));
	const char *p, *start, *end;
	struct expr *expr;

	if (value_str(text) == NULL) {
		reader_fault(&env->r, text, "a text was expected");
		return NULL;
	}
	if (t == NULL)
		return NULL;
	t->source = value_str(text);
	for (p = t->source; *p != '\0'; p = end + 1) {
		start = strstr(p, "${");
		end = start == NULL ? p + strlen(p) : start;
		if (end > p &&
		    !template_add(env, t, arena_strndup(env->r.arena, p, (size_t)(end - p)), NULL))
			return NULL;
		if (start == NULL)
			break;
		end = template_end(start + 2);
		if (end == NULL) {
			reader_fault(&env->r, text, "\"%s\": a ${ has no }", t->source);
			return NULL;
		}
		expr = expr_compile(env, start + 2, (size_t)(end - start - 2), text);
		if (expr == NULL || !template_add(env, t, NULL, expr))
			return NULL;
	}
	return t;
}

bool
template_member(
    const struct expr_env *env, const struct value *v, const char *name, struct template **out)
{
	v = value_get(v, name);
	*out = v == NULL ? NULL : template_compile(env, v);
	return v == NULL || *out != NULL;
}

const struct expr *
template_lone(const struct template *t)
{
	return t->n == 1 ? t->pieces[0].expr : NULL;
}

const struct expr *
template_expr(const struct template *t, size_t i)
{
	size_t j;

	for (j = 0; j < t->n; j++) {
		if (t->pieces[j].expr != NULL && i-- == 0)
			return t->pieces[j].expr;
	}
	return NULL;
}

const char *
template_source(const struct template *t)
{
	return t->source;
}

/* {" or [" or ": with blanks in between. */
static bool
text_looks_json(const char *s)
{
	const char *q;

	for (; *s != '\0'; s++) {
		q = s + 1 + strspn(s + 1, " \t\r\n");
		if (((*s == '{' || *s == '[') && *q == '"') || (*s == '"' && *q == ':'))
			return true;
	}
	return false;
}

bool
template_glues_json(const struct template *t)
{
	bool glued = false, live = false;
	size_t i;

	for (i = 0; i < t->n; i++) {
		live = live || t->pieces[i].expr != NULL;
		glued = glued || (t->pieces[i].text != NULL && text_looks_json(t->pieces[i].text));
	}
	return live && glued;
}

/* Who is to blame for an absent value. */
static enum fail_code
absence_code(const struct expr *e, const struct scope *s)
{
	switch (expr_source(e)) {
	case SOURCE_SETTINGS:
		return CODE_ROUTE_SETTING;
	case SOURCE_STEPS:
		return CODE_HRIS_ANSWER;
	default:
		return s->blame;
	}
}

static bool
piece_optional(const struct piece *p)
{
	return p->expr != NULL && (text_equal(expr_in_member(p->expr), "notes") ||
				      text_equal(expr_in_member(p->expr), "marker"));
}

/* The text of one ${ } among others; absent notes and markers are empty, other absences stop. */
static enum gw_err
piece_text(const struct template *t, const struct piece *p, const struct scope *s, const char **out)
{
	enum gw_err err = expr_text(p->expr, s, out);

	if (err != GW_OK || *out != NULL)
		return err;
	*out = "";
	if (piece_optional(p))
		return GW_OK;
	return fail(s->failure, absence_code(p->expr, s),
	    "\"%s\" is absent, and \"%s\" cannot do without it", expr_source_text(p->expr),
	    t->source);
}

static enum gw_err
write_plain(const struct template *t, const struct piece *p, const struct scope *s, struct buf *b)
{
	const char *text;
	enum gw_err err = piece_text(t, p, s, &text);

	if (err == GW_OK)
		buf_puts(b, text);
	return err;
}

static enum gw_err
write_query(const struct template *t, const struct piece *p, const struct scope *s, struct buf *b)
{
	static const char safe[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@+-";
	const char *text;
	enum gw_err err = piece_text(t, p, s, &text);

	if (err != GW_OK)
		return err;
	if (!expr_ends_in(p->expr, "odata") && text[strspn(text, safe)] != '\0')
		return fail(s->failure, s->blame,
		    "\"%s\" holds a character that would change the meaning of the query \"%s\"",
		    expr_source_text(p->expr), t->source);
	buf_puts(b, text);
	return GW_OK;
}

/* The pieces one after another: literals as they are, values by writer. */
static enum gw_err
template_write(const struct template *t, const struct scope *s, piece_writer *writer, struct buf *b)
{
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < t->n && err == GW_OK; i++) {
		if (t->pieces[i].text != NULL)
			buf_puts(b, t->pieces[i].text);
		else
			err = writer(t, &t->pieces[i], s, b);
	}
	if (err == GW_OK && !buf_whole(b, s->arena))
		err = fail(s->failure, s->blame, "\"%s\" becomes too long", t->source);
	return err;
}

/* Without notes or marker, the blank beside them is dropped too. */
static const char *
template_tidy(const struct template *t, const struct scope *s, struct buf *b)
{
	const char *start = b->data, *text = "";
	size_t len = b->len, i;

	for (i = 0; i < t->n && text != NULL; i++) {
		if (piece_optional(&t->pieces[i]) &&
		    expr_text(t->pieces[i].expr, s, &text) != GW_OK)
			return NULL;
	}
	for (; text == NULL && len > 0 && start[len - 1] == ' '; len--)
		continue;
	for (; text == NULL && len > 0 && *start == ' '; len--)
		start++;
	return arena_strndup(s->arena, start, len);
}

static enum gw_err
template_joined(
    const struct template *t, const struct scope *s, piece_writer *writer, const char **out)
{
	struct buf b;
	enum gw_err err;

	buf_init(&b, LIMIT_TEXT);
	err = template_write(t, s, writer, &b);
	*out = err == GW_OK ? template_tidy(t, s, &b) : NULL;
	if (err == GW_OK && *out == NULL)
		err = fail_memory(s->failure);
	buf_clear(&b);
	return err;
}

enum gw_err
template_text(const struct template *t, const struct scope *s, const char **out)
{
	const struct expr *lone = template_lone(t);

	if (lone != NULL)
		return expr_text(lone, s, out);
	return template_joined(t, s, write_plain, out);
}

enum gw_err
template_value(const struct template *t, const struct scope *s, struct value **out)
{
	const struct expr *lone = template_lone(t);
	const char *text;
	enum gw_err err;

	if (lone != NULL)
		return expr_eval(lone, s, out);
	*out = NULL;
	err = template_joined(t, s, s->query ? write_query : write_plain, &text);
	if (err != GW_OK)
		return err;
	*out = value_text(s->arena, text);
	return *out == NULL ? fail_memory(s->failure) : GW_OK;
}

/* XML 1.0 section 2.2: of the control characters only three may be there, however written. */
static enum gw_err
write_xml(const struct template *t, const struct piece *p, const struct scope *s, struct buf *b)
{
	const char *text;
	enum gw_err err = piece_text(t, p, s, &text);

	for (; err == GW_OK && *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 && strchr("\t\n\r", *text) == NULL)
			return fail(s->failure, s->blame,
			    "\"%s\" holds a control character, which XML cannot hold",
			    expr_source_text(p->expr));
		if (strchr("&<>\"'\r", *text) == NULL)
			buf_putc(b, *text);
		else
			buf_printf(b, "&#%d;", *text);
	}
	return err;
}

enum gw_err
template_xml(const struct template *t, const struct scope *s, struct buf *out)
{
	return template_write(t, s, write_xml, out);
}

static enum gw_err
write_segment(const struct template *t, const struct piece *p, const struct scope *s, struct buf *b)
{
	const char *text;
	enum gw_err err = piece_text(t, p, s, &text);

	if (err != GW_OK)
		return err;
	if (text[0] == '\0' || text_has_control(text))
		return fail(s->failure, s->blame,
		    "\"%s\" is empty or holds control characters, and cannot be part of a path",
		    expr_source_text(p->expr));
	url_query(b, text);
	return GW_OK;
}

/* Is it "." or ".."? RFC 3986 6.2.2.2: to a server that normalizes the URL, %2E is a dot. */
static bool
segment_is_dots(const char *s, size_t len)
{
	size_t i = 0, dots;

	for (dots = 0; i < len && dots < 3; dots++) {
		if (s[i] == '.')
			i++;
		else if (len - i >= 3 && strncasecmp(s + i, "%2e", 3) == 0)
			i += 3;
		else
			return false;
	}
	return i == len && (dots == 1 || dots == 2);
}

/* Dots are unreserved, so escaping does not help: the finished segments are checked. */
static bool
path_segments_good(const char *path)
{
	size_t len;

	for (; *path == '/'; path += len + 1) {
		len = strcspn(path + 1, "/?#");
		if (len == 0 || segment_is_dots(path + 1, len))
			return path[1] == '\0' && len == 0;
	}
	return true;
}

/* Checks the segments that the text holds whole; the last one is, if nothing follows the text. */
static bool
path_has_dots(const char *text, bool last)
{
	const char *slash;
	size_t len;

	for (slash = strchr(text, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		len = strcspn(slash + 1, "/");
		if ((last || slash[1 + len] == '/') && segment_is_dots(slash + 1, len))
			return true;
	}
	return false;
}

/* RFC 3986 3.3: what a path may hold unescaped. */
static bool
path_literal_good(const char *s)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			continue;
		if (*s != '%' || hex_value(s[1]) < 0 || hex_value(s[2]) < 0)
			return false;
		s += 2;
	}
	return true;
}

const char *
template_path_fault(const struct template *t)
{
	const char *text;
	size_t i;

	for (i = 0; i < t->n; i++) {
		text = t->pieces[i].text;
		if (text == NULL)
			continue;
		if (!path_literal_good(text))
			return "holds a character that a path cannot hold (a query belongs into query:)";
		if (strstr(text, "//") != NULL)
			return "holds an empty segment";
		if (path_has_dots(text, i + 1 == t->n))
			return "holds \".\" or \"..\"";
	}
	return NULL;
}

enum gw_err
template_path(const struct template *t, const struct scope *s, struct buf *out)
{
	struct buf b;
	enum gw_err err;

	buf_init(&b, LIMIT_PARAM_BYTES);
	err = template_write(t, s, write_segment, &b);
	if (err == GW_OK && !path_segments_good(b.data))
		err = fail(s->failure, s->blame,
		    "\"%s\" would get an empty segment, \".\" or \"..\"", t->source);
	if (err == GW_OK)
		buf_put(out, b.data, b.len);
	buf_clear(&b);
	return err;
}
