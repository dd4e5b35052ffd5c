/*
 * yaml.c: one YAML document as values, over libyaml's events: no recursion, no libyaml document.
 * Typing, duplicate names, limits and everything configuration must not use (tags, merge keys, tabs
 * as indent) are decided here. An alias shares its anchor's value; what it stands for is counted.
 */
#include "format/yaml.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
/* libyaml's header has the name of ours, which -Isrc would find first. */
#include <yaml.h>

#include "base/bounds.h"
#include "base/text.h"
#include "format/yaml_parts.h"

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

/* Where nothing but blanks, and no ':', stands between a name and its value: {a, b}. */
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

/* An anchor for v, where the event names one; *place as of yaml_anchor_add(). */
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

/* Only an escape ("\0") can bring in what the whole text was checked for. */
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

static void
yaml_set_place(struct value *v, const yaml_mark_t *mark)
{
	v->line = (uint32_t)mark->line + 1;
	v->column = (uint32_t)mark->column + 1;
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
	if (v == NULL)
		return yaml_fault_memory(r);
	yaml_set_place(v, &e->start_mark);
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

	if (v == NULL)
		return yaml_fault_memory(r);
	yaml_set_place(v, &e->start_mark);
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
	size_t len;
	const char *text = text_read_file(a, path, LIMIT_FILE, &len);

	if (text == NULL) {
		(void)fault_at(faults, path, NULL, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	return yaml_parse(a, path, text, len, faults);
}
