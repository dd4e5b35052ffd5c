/* jsonpath_regexp_class.c: what one character of an I-Regexp may be: [...], \p{..}, escapes. */
#include "format/regexp_tree.h"

#include <string.h>

#include "base/text.h"

static bool
class_fail(const char **why, const char *what)
{
	*why = what;
	return false;
}

bool
jsonpath_regexp_escape(const char **p, const char *end, uint32_t *out, const char **why)
{
	static const char escaped[] = "()*+-.?[\\]^nrt{|}", meaning[] = "()*+-.?[\\]^\n\r\t{|}";
	const char *found;

	found = end - *p < 2 || (*p)[1] == '\0' ? NULL : strchr(escaped, (*p)[1]);
	if (found == NULL)
		return class_fail(why, "an unknown escape");
	*out = (uint32_t)(unsigned char)meaning[found - escaped];
	*p += 2;
	return true;
}

/* \p{Lu} or \P{Lu}: adds the bits. */
static bool
class_category(const char **p, const char *end, uint32_t *categories, const char **why)
{
	static const uint32_t all = (1u << UNICODE_MAX) - 1;
	const char *close;
	uint32_t mask = 0;

	if (end - *p >= 5 && (*p)[2] == '{') {
		close = memchr(*p, '}', (size_t)(end - *p));
		if (close != NULL)
			mask = jsonpath_unicode_mask(*p + 3, (size_t)(close - *p) - 3);
	}
	if (mask == 0)
		return class_fail(why, "an unknown category (as in \\p{L}, \\p{Lu})");
	*categories |= (*p)[1] == 'p' ? mask : all & ~mask;
	*p = close + 1;
	return true;
}

static bool
class_add_range(
    struct arena *a, struct regexp_class *class, uint32_t low, uint32_t high, const char **why)
{
	struct regexp_range *ranges;

	if (high < low)
		return class_fail(why, "a range from more to less");
	ranges = arena_grow(a, class->ranges, class->n, &class->cap, sizeof(*ranges));
	if (ranges == NULL)
		return class_fail(why, "out of memory");
	class->ranges = ranges;
	ranges[class->n++] = (struct regexp_range){low, high};
	return true;
}

/* CCchar */
static bool
class_character(const char **p, const char *end, uint32_t *out, const char **why)
{
	if (*p == end)
		return class_fail(why, "a [ without its ]");
	if (**p == '\\')
		return jsonpath_regexp_escape(p, end, out, why);
	if (**p == '-' || **p == '[' || **p == ']')
		return class_fail(why, "a character that must be written with \\ before it");
	*out = (uint32_t)text_next(p);
	return true;
}

static bool
class_is_category(const char *p, const char *end)
{
	return end - p > 1 && *p == '\\' && (p[1] == 'p' || p[1] == 'P');
}

/* CCE1: a character, a range, a category. */
static bool
class_item(
    struct arena *a, const char **p, const char *end, struct regexp_class *out, const char **why)
{
	uint32_t low, high;

	if (class_is_category(*p, end))
		return class_category(p, end, &out->categories, why);
	if (!class_character(p, end, &low, why))
		return false;
	high = low;
	if (end - *p > 1 && **p == '-' && (*p)[1] != ']') {
		(*p)++;
		if (!class_character(p, end, &high, why))
			return false;
	}
	return class_add_range(a, out, low, high, why);
}

bool
jsonpath_regexp_class(
    struct arena *a, const char **p, const char *end, struct regexp_class *out, const char **why)
{
	const char *first;

	if (**p == '\\')
		return class_category(p, end, &out->categories, why);
	(*p)++;
	out->negated = *p < end && **p == '^';
	*p += out->negated ? 1 : 0;
	first = *p;
	/* "-" stands for itself first or last. */
	for (; *p < end && (**p != ']' || *p == first);) {
		if (**p == '-' && (*p == first || (end - *p > 1 && (*p)[1] == ']'))) {
			(*p)++;
			if (!class_add_range(a, out, '-', '-', why))
				return false;
		} else if (!class_item(a, p, end, out, why))
			return false;
	}
	if (*p == end)
		return class_fail(why, "a [ without its ]");
	(*p)++;
	return true;
}

bool
jsonpath_regexp_class_has(const struct regexp_class *class, uint32_t c)
{
	bool found = false;
	size_t i;

	for (i = 0; i < class->n && !found; i++)
		found = c >= class->ranges[i].low && c <= class->ranges[i].high;
	if (!found && class->categories != 0)
		found = (class->categories >> jsonpath_unicode_category(c) & 1) != 0;
	return found != class->negated;
}
