/* reader.c: see reader.h. */
#include "config/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bounds.h"
#include "base/text.h"

bool
reader_fault(const struct reader *r, const struct value *at, const char *fmt, ...)
{
	struct value_place place = value_place(at);
	va_list ap;

	va_start(ap, fmt);
	fault_list(r->faults, r->file, place.line, place.column, fmt, ap);
	va_end(ap);
	return false;
}

bool
reader_fault_key(const struct reader *r, const struct member *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_list(r->faults, r->file, m->line, m->column, fmt, ap);
	va_end(ap);
	return false;
}

static size_t
names_count(const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	return n;
}

/* The index of a name that is not ""; -1: none. */
static int
names_find(const char *const *names, const char *s)
{
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (s[0] != '\0' && strcmp(names[i], s) == 0)
			return i;
	}
	return -1;
}

bool
reader_key(
    const struct reader *r, const struct member *m, const char *const *names, const char *what)
{
	if (names_find(names, m->name) >= 0)
		return true;
	/* {note: one, two}: what the second half of a text becomes. */
	return reader_fault_key(r, m, "unknown key \"%s\" in %s%s%s", m->name, what,
	    fault_hint(r->faults, m->name, names, names_count(names)),
	    value_is(m->value, VALUE_NULL)
		? "; inside { } a comma ends the value before it: quote that value"
		: "");
}

bool
reader_known(
    const struct reader *r, const struct value *v, const char *const *names, const char *what)
{
	bool good = true;
	size_t i;

	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(r, v, "%s is a mapping", what);
	for (i = 0; i < v->n; i++)
		good = reader_key(r, &v->items[i], names, what) && good;
	return good;
}

int
reader_one_of(
    const struct reader *r, const struct value *v, const char *const *names, const char *what)
{
	const char *s = value_str(v) == NULL ? "" : value_str(v);
	int i = names_find(names, s);

	if (i < 0)
		(void)reader_fault(r, v, "\"%s\" is no %s%s", s, what,
		    fault_hint(r->faults, s, names, names_count(names)));
	return i;
}

/* yes is a text in YAML as it is read here, and must not silently mean no. */
bool
reader_flag(const struct reader *r, const struct value *v, const char *name, bool *out)
{
	v = value_get(v, name);
	*out = value_is(v, VALUE_BOOL) && v->truth;
	return v == NULL || v->kind == VALUE_BOOL ||
	       reader_fault(r, v, "%s is true or false", name);
}

bool
reader_integer(const struct reader *r, const struct value *v, long min, long max, long *out)
{
	const char *s = value_str(v);
	unsigned long n;

	if (s == NULL || !text_unsigned(s, (unsigned long)max, &n) || (long)n < min)
		return reader_fault(r, v, "a whole number from %ld to %ld was expected", min, max);
	*out = (long)n;
	return true;
}
