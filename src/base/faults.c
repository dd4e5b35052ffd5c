/* faults.c: see faults.h. */
#include "base/faults.h"

#include <stdio.h>
#include <string.h>

#include "base/bounds.h"
#include "base/text.h"

void
faults_init(struct faults *f, struct arena *a)
{
	*f = (struct faults){.arena = a};
}

static void
fault_add(struct faults *f, const char *file, unsigned line, unsigned column, const char *text)
{
	const char **texts, *s;
	size_t i;

	if (f->n >= LIMIT_FAULTS) {
		f->lost++;
		return;
	}
	if (line > 0)
		s = arena_printf(f->arena, "%s:%u:%u: %s", file, line, column, text);
	else
		s = arena_printf(f->arena, "%s: %s", file, text);
	/* An aliased value is checked at every use. */
	for (i = 0; s != NULL && i < f->n; i++) {
		if (strcmp(f->texts[i], s) == 0)
			return;
	}
	texts = arena_grow(f->arena, f->texts, f->n, &f->cap, sizeof(*texts));
	if (s == NULL || texts == NULL) {
		f->lost++;
		return;
	}
	f->texts = texts;
	f->texts[f->n++] = s;
}

void
fault_list(
    struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt, va_list ap)
{
	char text[LIMIT_FAILURE_TEXT];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		text[0] = '\0';
	else if (n >= LIMIT_FAILURE_TEXT)
		text_ellipsis(text, LIMIT_FAILURE_TEXT);
	fault_add(f, file, line, column, text);
}

bool
fault_at(struct faults *f, const char *file, const struct value *at, const char *fmt, ...)
{
	struct value_place place = value_place(at);
	va_list ap;

	va_start(ap, fmt);
	fault_list(f, file, place.line, place.column, fmt, ap);
	va_end(ap);
	return false;
}

bool
fault_line(struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_list(f, file, line, column, fmt, ap);
	va_end(ap);
	return false;
}

const char *
fault_hint(struct faults *f, const char *name, const char *const *names, size_t n)
{
	const char *near = text_nearest(name, names, n);
	const char *hint =
	    near == NULL ? "" : arena_printf(f->arena, " (did you mean \"%s\"?)", near);

	return hint == NULL ? "" : hint;
}
