/* fill.c: one pass over a template, line by line. */
#include "genesys/fill.h"

#include <string.h>

#include "base/text.h"

struct filling {
	const char *file;
	const struct fill_value *values;
	size_t n;
	struct buf *out;
	struct faults *faults;
	unsigned line;
};

bool
fill_is_plain(const char *text)
{
	for (; *text != '\0'; text++) {
		if (!text_is_alnum(*text) && strchr(" ._:/-", *text) == NULL)
			return false;
	}
	return true;
}

/* Puts the lines of text, each after the first at that indentation. */
static void
put_lines(struct buf *out, const char *text, const char *indent, size_t indent_len)
{
	size_t len;

	for (;;) {
		len = strcspn(text, "\n");
		buf_put(out, text, len);
		text += len;
		if (*text == '\0' || *++text == '\0')
			return;
		buf_putc(out, '\n');
		if (*text != '\n')
			buf_put(out, indent, indent_len);
	}
}

static const struct fill_value *
find_value(const struct filling *f, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (strlen(f->values[i].name) == len && memcmp(f->values[i].name, name, len) == 0)
			return &f->values[i];
	}
	return NULL;
}

/* The mark at *p, which moves past it. */
static bool
put_mark(struct filling *f, const char *start, const char **p)
{
	const char *name = *p + 2, *end = strchr(name, ')');
	size_t len = end == NULL ? 0 : (size_t)(end - name), indent = strspn(start, " ");
	const struct fill_value *v = end == NULL ? NULL : find_value(f, name, len);

	if (v == NULL || v->text == NULL)
		return fault_line(f->faults, f->file, f->line, (unsigned)(*p - start + 1),
		    "@(%.*s) has no value", (int)len, name);
	if (!v->block && !fill_is_plain(v->text))
		return fault_line(f->faults, f->file, f->line, (unsigned)(*p - start + 1),
		    "@(%s) is \"%s\": only letters, digits, blanks and ._:/- can be filled in",
		    v->name, v->text);
	*p = end + 1;
	put_lines(f->out, v->text, start, indent);
	return true;
}

/* A line that is one empty block. */
static bool
is_nothing(const struct filling *f, const char *start, size_t len)
{
	size_t indent = strspn(start, " ");
	const struct fill_value *v;

	if (len < indent + 3 || strncmp(start + indent, "@(", 2) != 0 || start[len - 1] != ')')
		return false;
	v = find_value(f, start + indent + 2, len - indent - 3);
	return v != NULL && v->block && v->text != NULL && v->text[0] == '\0';
}

static bool
put_line(struct filling *f, const char *start, size_t len)
{
	const char *p = start, *end = start + len;

	while (p < end) {
		if (p[0] == '@' && p[1] == '(') {
			if (!put_mark(f, start, &p))
				return false;
		} else
			buf_putc(f->out, *p++);
	}
	return true;
}

bool
fill_text(const char *file, const char *text, const struct fill_value *values, size_t n,
    struct buf *out, struct faults *faults)
{
	struct filling f = {
	    .file = file, .values = values, .n = n, .out = out, .faults = faults, .line = 1};
	size_t len;

	for (; *text != '\0'; f.line++) {
		len = strcspn(text, "\n");
		if (!is_nothing(&f, text, len)) {
			if (!put_line(&f, text, len))
				return false;
			if (text[len] == '\n')
				buf_putc(out, '\n');
		}
		text += len + (text[len] == '\n' ? 1 : 0);
	}
	if (out->err != GW_OK)
		return fault_line(faults, file, 0, 0, "the text that it makes is too long");
	return true;
}
