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

static const char *__attribute__((format(printf, 5, 0))) fault_text(
    struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt, va_list ap)
{
	char text[LIMIT_FAILURE_TEXT];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		text[0] = '\0';
	else if (n >= LIMIT_FAILURE_TEXT)
		text_ellipsis(text, LIMIT_FAILURE_TEXT);
	if (line > 0)
		return arena_printf(f->arena, "%s:%u:%u: %s", file, line, column, text);
	return arena_printf(f->arena, "%s: %s", file, text);
}

/* False: there is no room. An aliased value is checked at every use. */
static bool
fault_add(struct arena *a, const char *s, const char ***list, size_t *n, size_t *cap)
{
	const char **texts;
	size_t i;

	for (i = 0; s != NULL && i < *n; i++) {
		if (strcmp((*list)[i], s) == 0)
			return true;
	}
	texts = *n < LIMIT_FAULTS ? arena_grow(a, *list, *n, cap, sizeof(*texts)) : NULL;
	if (s == NULL || texts == NULL)
		return false;
	*list = texts;
	texts[(*n)++] = s;
	return true;
}

void
fault_list(
    struct faults *f, const char *file, unsigned line, unsigned column, const char *fmt, va_list ap)
{
	const char *s;

	s = f->n < LIMIT_FAULTS ? fault_text(f, file, line, column, fmt, ap) : NULL;
	if (!fault_add(f->arena, s, &f->texts, &f->n, &f->cap))
		f->lost++;
}

void
fault_warn(struct faults *f, const char *file, const struct value *at, const char *fmt, ...)
{
	struct value_place place = value_place(at);
	const char *text;
	va_list ap;

	if (f->n_warnings == LIMIT_FAULTS)
		return;
	va_start(ap, fmt);
	text = fault_text(f, file, place.line, place.column, fmt, ap);
	va_end(ap);
	(void)fault_add(f->arena, text, &f->warnings, &f->n_warnings, &f->warnings_cap);
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
