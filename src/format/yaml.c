/*
 * yaml.c: one YAML document as values, over libyaml's events: no recursion, no libyaml document.
 * Typing, duplicate names, limits and everything configuration must not use (tags, merge keys, tabs
 * as indent) are decided here. An alias shares its anchor's value; what it stands for is counted.
 */
#include "format/yaml.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/bounds.h"
#include "base/number.h"
#include "base/text.h"
#include "base/user.h"

struct yaml_anchor {
	const char *name;
	struct value *value;
	size_t nodes, height; /* of what it stands for */
	bool complete;        /* false inside of what it stands for */
};

struct yaml_anchors {
	struct yaml_anchor *items;
	size_t n, cap;
};

/* A byte of a text and its number in characters, moved forward mostly. */
struct yaml_cursor {
	size_t at, index;
};

static struct yaml_anchor *
yaml_anchor_find(const struct yaml_anchors *anchors, const char *name)
{
	size_t i;

	for (i = 0; i < anchors->n; i++) {
		if (strcmp(anchors->items[i].name, name) == 0)
			return &anchors->items[i];
	}
	return NULL;
}

/* One more than the new one's index; 0 when memory is short. */
static size_t
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

/* place 0 does nothing. */
static void
yaml_anchor_complete(struct yaml_anchors *anchors, size_t place, size_t nodes, size_t height)
{
	struct yaml_anchor *anchor = place == 0 ? NULL : &anchors->items[place - 1];

	if (anchor == NULL)
		return;
	anchor->nodes = nodes;
	anchor->height = height;
	anchor->complete = true;
}

/* The byte of the index-th character, at most len. */
static size_t
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

/* Line and column, from 1, of a byte of text; columns count characters. */
static void
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

/* UTF-8 without NUL, else a fault. */
static bool
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

/* Only blanks precede the byte on its line, and a tab is one of them. */
static bool
yaml_tab_before(const char *text, size_t at)
{
	bool tab = false;

	while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
		tab |= text[--at] == '\t';
	return tab && (at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r');
}

/* Nothing but blanks and line ends. */
static bool
yaml_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (strchr(" \t\r\n", text[i]) == NULL)
			return false;
	}
	return true;
}

/* A tag is there, after an anchor perhaps; "!" alone too, which libyaml does not report. */
static bool
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

/* A plain scalar: null, a boolean, a JSON number, else text. NULL when memory is short. */
static struct value *
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

	for (i = 0; i < ARRAY_LEN(words); i++) {
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

/* One fault for each name that came before in the object; false where there was any. */
static bool
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

/* A problem in libyaml's words, and what helps against it. */
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

/* What helps against a problem in libyaml's words; NULL where nothing is known. */
static const char *
yaml_hint(const char *problem, bool flow)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(yaml_hints); i++) {
		if (strcmp(problem, yaml_hints[i].problem) == 0)
			return yaml_hints[i].hint;
	}
	return flow ? "perhaps a text inside { } or [ ] must be quoted" : NULL;
}

/* A list or object that is still open. */
struct yaml_frame {
	struct value *value;
	size_t anchor; /* one more than its index; 0: none */
	size_t nodes;  /* counted before it */
	size_t height; /* of the highest item so far */
	bool flow;
	const char *name; /* of the member whose value comes next */
	yaml_mark_t name_start;
	size_t name_end; /* a byte of the text */
};

struct yaml_reader {
	struct arena *arena;
	const char *file, *text;
	size_t len;
	struct faults *faults;
	yaml_parser_t parser;
	struct yaml_cursor cursor;
	struct yaml_frame frames[LIMIT_YAML_DEPTH];
	size_t depth;
	struct yaml_anchors anchors;
	size_t nodes;
	struct value *root;
	size_t documents;
	bool failed, empty; /* empty: the root is a scalar of no characters */
};

/* name may be NULL. Always false. */
static bool
yaml_fault(struct yaml_reader *r, const yaml_mark_t *at, const char *what, const char *name)
{
	r->failed = true;
	return fault_line(r->faults, r->file, (unsigned)at->line + 1, (unsigned)at->column + 1,
	    name == NULL ? "%s" : "%s '%s'", what, name);
}

static bool
yaml_fault_memory(struct yaml_reader *r)
{
	r->failed = true;
	return fault_at(r->faults, r->file, NULL, "out of memory");
}

static size_t
yaml_byte(struct yaml_reader *r, const yaml_mark_t *mark)
{
	return yaml_cursor_move(&r->cursor, r->text, r->len, mark->index);
}

static bool
yaml_check_place(struct yaml_reader *r, const yaml_event_t *e)
{
	size_t at = yaml_byte(r, &e->start_mark);

	if (yaml_tab_before(r->text, at))
		return yaml_fault(r, &e->start_mark, "a tab as indent: use blanks", NULL);
	if ((e->type == YAML_SCALAR_EVENT || e->type == YAML_SEQUENCE_START_EVENT ||
		e->type == YAML_MAPPING_START_EVENT) &&
	    yaml_tagged(r->text, r->len, at))
		return yaml_fault(
		    r, &e->start_mark, "a tag (!...) is not taken: quoted is text", NULL);
	return true;
}

/* Nothing but blanks, and no ':', is between a name and its value: {a, b}. */
static bool
yaml_lacks_colon(struct yaml_reader *r, const struct yaml_frame *top, const yaml_event_t *e)
{
	size_t at;

	if (e->type != YAML_SCALAR_EVENT || e->data.scalar.length > 0 ||
	    e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	at = yaml_byte(r, &e->start_mark);
	return at <= top->name_end ||
	       memchr(r->text + top->name_end, ':', at - top->name_end) == NULL;
}

static bool
yaml_put(struct yaml_reader *r, struct value *v, const yaml_event_t *e)
{
	struct yaml_frame *top = r->depth == 0 ? NULL : &r->frames[r->depth - 1];
	struct member *m;

	if (v == NULL)
		return yaml_fault_memory(r);
	if (top == NULL) {
		r->root = v;
		r->empty = e->type == YAML_SCALAR_EVENT && e->start_mark.index == e->end_mark.index;
		return true;
	}
	if (top->value->kind == VALUE_LIST)
		return value_add(r->arena, top->value, v) || yaml_fault_memory(r);
	if (top->flow && yaml_lacks_colon(r, top, e))
		(void)yaml_fault(r, &top->name_start,
		    "a comma ends the value here (quote the value), or this name has none:",
		    top->name);
	if (!value_set(r->arena, top->value, top->name, v))
		return yaml_fault_memory(r);
	m = &top->value->items[top->value->n - 1];
	m->line = (uint32_t)top->name_start.line + 1;
	m->column = (uint32_t)top->name_start.column + 1;
	top->name = NULL;
	return true;
}

/* Counts n nodes of that height under the innermost open one. */
static bool
yaml_count(struct yaml_reader *r, const yaml_event_t *e, size_t n, size_t height)
{
	struct yaml_frame *top = r->depth == 0 ? NULL : &r->frames[r->depth - 1];

	if (n > LIMIT_YAML_NODES - r->nodes)
		return yaml_fault(r, &e->start_mark, "too many values, aliases expanded", NULL);
	if (height > LIMIT_YAML_DEPTH - r->depth)
		return yaml_fault(r, &e->start_mark, "nested too deep, aliases expanded", NULL);
	r->nodes += n;
	if (top != NULL && height > top->height)
		top->height = height;
	return true;
}

/* An anchor for v if the event names one; *place as of yaml_anchor_add(). */
static bool
yaml_anchor(struct yaml_reader *r, const yaml_event_t *e, const yaml_char_t *name, struct value *v,
    size_t *place)
{
	*place = 0;
	if (name == NULL)
		return true;
	if (yaml_anchor_find(&r->anchors, (const char *)name) != NULL)
		return yaml_fault(
		    r, &e->start_mark, "a second anchor of the name", (const char *)name);
	*place = yaml_anchor_add(r->arena, &r->anchors, (const char *)name, v);
	return *place != 0 || yaml_fault_memory(r);
}

static bool
yaml_on_alias(struct yaml_reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	const struct yaml_anchor *anchor = yaml_anchor_find(&r->anchors, name);

	if (anchor == NULL)
		return yaml_fault(r, &e->start_mark,
		    "no anchor above has this name (a text that starts with * must be quoted):",
		    name);
	if (!anchor->complete)
		return yaml_fault(r, &e->start_mark, "an anchor that refers to itself:", name);
	return yaml_count(r, e, anchor->nodes, anchor->height) && yaml_put(r, anchor->value, e);
}

/* Only an escape ("\0") can add what the whole text was checked for. */
static bool
yaml_check_text(struct yaml_reader *r, const yaml_event_t *e)
{
	return text_utf8((const char *)e->data.scalar.value, e->data.scalar.length) ||
	       yaml_fault(r, &e->start_mark, "NUL in a text", NULL);
}

static bool
yaml_on_name(struct yaml_reader *r, const yaml_event_t *e)
{
	struct yaml_frame *top = &r->frames[r->depth - 1];
	bool plain;

	if (e->type != YAML_SCALAR_EVENT)
		return yaml_fault(r, &e->start_mark,
		    e->type == YAML_ALIAS_EVENT ? "an alias as a name"
						: "a name must be a text, not a list or an object",
		    NULL);
	if (e->data.scalar.anchor != NULL)
		return yaml_fault(
		    r, &e->start_mark, "an anchor stands before a value, not a name", NULL);
	if (!yaml_check_text(r, e))
		return false;
	plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	top->name = arena_strdup(r->arena, (const char *)e->data.scalar.value);
	if (top->name == NULL)
		return yaml_fault_memory(r);
	top->name_start = e->start_mark;
	top->name_end = yaml_byte(r, &e->end_mark);
	/* These are named and passed over, so that one run shows more than the first fault. */
	if (plain && strcmp(top->name, "<<") == 0)
		(void)yaml_fault(
		    r, &e->start_mark, "merge keys (<<) are not taken: use an alias", NULL);
	else if (plain && top->name[0] == '\0')
		(void)yaml_fault(r, &e->start_mark, "a value without a name", NULL);
	return true;
}

static struct value *
yaml_put_place(struct yaml_reader *r, const struct value *v, const yaml_mark_t *mark)
{
	const struct value_place place = {
	    .line = (uint32_t)mark->line + 1, .column = (uint32_t)mark->column + 1};

	return value_put_place(r->arena, v, place);
}

static bool
yaml_on_scalar(struct yaml_reader *r, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	struct value *v;
	size_t place;

	if (!yaml_check_text(r, e) || !yaml_count(r, e, 1, 1))
		return false;
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		v = yaml_typed(r->arena, s, e->data.scalar.length);
	else
		v = value_text_len(r->arena, s, e->data.scalar.length);
	v = yaml_put_place(r, v, &e->start_mark);
	if (v == NULL)
		return yaml_fault_memory(r);
	if (!yaml_anchor(r, e, e->data.scalar.anchor, v, &place))
		return false;
	yaml_anchor_complete(&r->anchors, place, 1, 1);
	return yaml_put(r, v, e);
}

static bool
yaml_on_start(struct yaml_reader *r, const yaml_event_t *e)
{
	bool list = e->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *name =
	    list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor;
	struct value *v = list ? value_list(r->arena) : value_object(r->arena);
	size_t nodes = r->nodes, place;

	v = yaml_put_place(r, v, &e->start_mark);
	if (v == NULL)
		return yaml_fault_memory(r);
	if (!yaml_count(r, e, 1, 1) || !yaml_anchor(r, e, name, v, &place) || !yaml_put(r, v, e))
		return false;
	r->frames[r->depth++] = (struct yaml_frame){
	    .value = v,
	    .anchor = place,
	    .nodes = nodes,
	    .flow = list ? e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
			 : e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
	};
	return true;
}

static bool
yaml_on_end(struct yaml_reader *r)
{
	struct yaml_frame *top = &r->frames[--r->depth];
	size_t height = top->height + 1;

	yaml_anchor_complete(&r->anchors, top->anchor, r->nodes - top->nodes, height);
	if (r->depth > 0 && height > r->frames[r->depth - 1].height)
		r->frames[r->depth - 1].height = height;
	if (!yaml_check_duplicates(r->arena, top->value, r->file, r->faults))
		r->failed = true;
	return true;
}

static bool
yaml_on_event(struct yaml_reader *r, const yaml_event_t *e)
{
	const struct yaml_frame *top = r->depth == 0 ? NULL : &r->frames[r->depth - 1];
	bool end = e->type == YAML_MAPPING_END_EVENT || e->type == YAML_SEQUENCE_END_EVENT;

	if (e->type == YAML_DOCUMENT_START_EVENT && r->documents++ > 0)
		return yaml_fault(r, &e->start_mark, "a second document in the file", NULL);
	if (e->type == YAML_DOCUMENT_START_EVENT || e->type == YAML_DOCUMENT_END_EVENT ||
	    e->type == YAML_STREAM_START_EVENT)
		return true;
	if (!yaml_check_place(r, e))
		return false;
	if (!end && top != NULL && top->value->kind == VALUE_OBJECT && top->name == NULL)
		return yaml_on_name(r, e);
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return yaml_on_alias(r, e);
	case YAML_SCALAR_EVENT:
		return yaml_on_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return yaml_on_start(r, e);
	default:
		return yaml_on_end(r);
	}
}

/* A syntax error in libyaml's words, with what helps against it. */
static void
yaml_on_error(struct yaml_reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem == NULL ? "out of memory" : p->problem, *hint = NULL;
	const yaml_mark_t *mark = &p->problem_mark;
	bool flow = r->depth > 0 && r->frames[r->depth - 1].flow;
	size_t byte = yaml_byte(r, mark);
	unsigned line, column;

	if (yaml_tab_before(r->text, byte) || (byte < r->len && r->text[byte] == '\t'))
		hint = "a tab as indent: use blanks";
	else if ((flow || strcmp(problem, "found unexpected end of stream") == 0) &&
		 p->context != NULL && yaml_blank(r->text + byte, r->len - byte)) {
		mark = &p->context_mark;
		hint = "what begins here is never closed";
	} else if (p->error != YAML_READER_ERROR && p->error != YAML_MEMORY_ERROR)
		hint = yaml_hint(problem, flow);
	line = (unsigned)mark->line + 1;
	column = (unsigned)mark->column + 1;
	if (p->error == YAML_READER_ERROR)
		yaml_place(r->text, p->problem_offset < r->len ? p->problem_offset : r->len, &line,
		    &column);
	r->failed = true;
	(void)fault_line(
	    r->faults, r->file, line, column, hint == NULL ? "%s" : "%s: %s", problem, hint);
}

/* Feeds libyaml to the end of its stream or the first fault that stops. */
static void
yaml_run(struct yaml_reader *r)
{
	yaml_event_t e;
	bool going = true;

	while (going) {
		if (yaml_parser_parse(&r->parser, &e) == 0) {
			yaml_on_error(r);
			return;
		}
		going = e.type != YAML_STREAM_END_EVENT && e.type != YAML_NO_EVENT &&
			yaml_on_event(r, &e);
		yaml_event_delete(&e);
	}
}

struct value *
yaml_parse(struct arena *a, const char *file, const char *text, size_t len, struct faults *faults)
{
	struct yaml_reader *r;
	struct value *root;

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (!yaml_check_bytes(file, text, len, faults))
		return NULL;
	r = arena_alloc(a, sizeof(*r));
	if (r == NULL || yaml_parser_initialize(&r->parser) == 0) {
		(void)fault_at(faults, file, NULL, "out of memory");
		return NULL;
	}
	r->arena = a;
	r->file = file;
	r->text = text;
	r->len = len;
	r->faults = faults;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
	yaml_run(r);
	yaml_parser_delete(&r->parser);
	if (r->failed)
		return NULL;
	root = r->root;
	/* Nothing but comments, or an empty document. */
	if (root == NULL || (root->kind == VALUE_NULL && r->empty))
		root = value_object(a);
	if (root == NULL)
		(void)fault_at(faults, file, NULL, "out of memory");
	return root;
}

struct value *
yaml_read(struct arena *a, const char *path, struct faults *faults)
{
	char reason[USER_REASON];
	size_t len;
	const char *text = text_read_file(a, path, LIMIT_FILE, &len);

	if (text == NULL) {
		user_open_reason(path, errno, reason);
		(void)fault_at(faults, path, NULL, "cannot be read: %s", reason);
		return NULL;
	}
	return yaml_parse(a, path, text, len, faults);
}

const char *
yaml_library(void)
{
	return yaml_get_version_string();
}
