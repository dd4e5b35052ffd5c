/*
 * yaml_parts.c: bytes, places, typing of plain scalars, duplicate names, and the hints: what of
 * reading YAML needs no libyaml.
 */
#include "format/yaml_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

struct yaml_anchor *
yaml_anchor_find(const struct yaml_anchors *anchors, const char *name)
{
	size_t i;

	for (i = 0; i < anchors->n; i++) {
		if (strcmp(anchors->items[i].name, name) == 0)
			return &anchors->items[i];
	}
	return NULL;
}

size_t
yaml_anchor_add(struct arena *a, struct yaml_anchors *anchors, const char *name, struct value *v)
{
	struct yaml_anchor *items;
	const char *copy = arena_strdup(a, name);

	items = arena_grow(a, anchors->items, anchors->n, &anchors->cap, sizeof(*items));
	if (copy == NULL || items == NULL)
		return 0;
	anchors->items = items;
	items[anchors->n] = (struct yaml_anchor){.name = copy, .value = v};
	return ++anchors->n;
}

void
yaml_anchor_complete(struct yaml_anchors *anchors, size_t place, size_t nodes, size_t height)
{
	struct yaml_anchor *anchor = place == 0 ? NULL : &anchors->items[place - 1];

	if (anchor == NULL)
		return;
	anchor->nodes = nodes;
	anchor->height = height;
	anchor->complete = true;
}

size_t
yaml_cursor_move(struct yaml_cursor *c, const char *text, size_t len, size_t index)
{
	if (index < c->index)
		*c = (struct yaml_cursor){.at = 0};
	while (c->index < index && c->at < len) {
		do
			c->at++;
		while (c->at < len && ((unsigned char)text[c->at] & 0xC0) == 0x80);
		c->index++;
	}
	return c->at;
}

void
yaml_place(const char *text, size_t at, unsigned *line, unsigned *column)
{
	size_t i;

	*line = *column = 1;
	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xC0) != 0x80)
			(*column)++;
	}
}

bool
yaml_check_bytes(const char *file, const char *text, size_t len, struct faults *faults)
{
	unsigned line, column;
	size_t at = 0, n;

	if (text_utf8(text, len))
		return true;
	for (;;) {
		for (n = 1; n <= 4 && n <= len - at && !text_utf8(text + at, n);)
			n++;
		if (n > 4 || n > len - at)
			break;
		at += n;
	}
	yaml_place(text, at, &line, &column);
	return fault_line(
	    faults, file, line, column, at < len && text[at] == '\0' ? "a NUL byte" : "not UTF-8");
}

bool
yaml_tab_before(const char *text, size_t at)
{
	bool tab = false;

	while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
		tab |= text[--at] == '\t';
	return tab && (at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r');
}

bool
yaml_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (strchr(" \t\r\n", text[i]) == NULL)
			return false;
	}
	return true;
}

bool
yaml_tagged(const char *text, size_t len, size_t at)
{
	if (at < len && text[at] == '&') {
		while (at < len && strchr(" \t\r\n", text[at]) == NULL)
			at++;
		while (at < len && strchr(" \t\r\n", text[at]) != NULL)
			at++;
	}
	return at < len && text[at] == '!';
}

struct value *
yaml_typed(struct arena *a, const char *s, size_t len)
{
	static const struct {
		const char *word;
		enum value_kind kind;
		bool truth;
	} words[] = {
	    {"", VALUE_NULL, false},
	    {"~", VALUE_NULL, false},
	    {"null", VALUE_NULL, false},
	    {"true", VALUE_BOOL, true},
	    {"false", VALUE_BOOL, false},
	};
	struct number number;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(s, words[i].word) != 0)
			continue;
		return words[i].kind == VALUE_NULL ? value_null(a) : value_bool(a, words[i].truth);
	}
	if (number_scan(s, len, &number) == len)
		return value_number(a, s);
	return value_text_len(a, s, len);
}

static int
yaml_compare_members(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x < y ? -1 : x > y;
}

bool
yaml_check_duplicates(
    struct arena *a, const struct value *object, const char *file, struct faults *faults)
{
	const struct member **sorted, *first;
	bool single = true;
	size_t i;

	if (object->kind != VALUE_OBJECT || object->n < 2)
		return true;
	sorted = arena_array(a, object->n, sizeof(*sorted));
	if (sorted == NULL)
		return fault_at(faults, file, NULL, "out of memory");
	for (i = 0; i < object->n; i++)
		sorted[i] = &object->items[i];
	qsort(sorted, object->n, sizeof(*sorted), yaml_compare_members);
	first = sorted[0];
	for (i = 1; i < object->n; i++) {
		if (strcmp(first->name, sorted[i]->name) == 0)
			single = fault_line(faults, file, sorted[i]->line, sorted[i]->column,
			    "a second '%s' (the first is in line %u)", first->name,
			    (unsigned)first->line);
		else
			first = sorted[i];
	}
	return single;
}

/* What libyaml says, and what to say beside it. */
static const struct {
	const char *problem, *hint;
} yaml_hints[] = {
    {"did not find expected ',' or '}'",
	"inside { } a plain value ends at , [ ] { } and ': ': quote it"},
    {"did not find expected ',' or ']'",
	"inside [ ] a plain value ends at , [ ] { } and ': ': quote it"},
    {"mapping values are not allowed in this context", "quote a text that holds ': '"},
    {"found character that cannot start any token", "a text that starts so must be quoted"},
    {"did not find expected alphabetic or numeric character",
	"a text that starts with * or & must be quoted"},
    {"did not find expected key", "the indent fits nothing above, or a text must be quoted"},
    {"did not find expected '-' indicator", "the indent fits nothing above"},
    {"could not find expected ':'", "a name is followed by ': '"},
    {"did not find expected node content", "a value is missing"},
    {"did not find expected <document start>", "one document ends here and something follows"},
};

const char *
yaml_hint(const char *problem, bool flow)
{
	size_t i;

	for (i = 0; i < sizeof(yaml_hints) / sizeof(yaml_hints[0]); i++) {
		if (strcmp(problem, yaml_hints[i].problem) == 0)
			return yaml_hints[i].hint;
	}
	return flow ? "perhaps a text inside { } or [ ] must be quoted" : NULL;
}
