/* yaml_parts.h: what yaml.c decides without libyaml. Private to yaml*.c. */
#ifndef YAML_PARTS_H
#define YAML_PARTS_H

#include "base/faults.h"
#include "base/value.h"

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

struct yaml_anchor *yaml_anchor_find(const struct yaml_anchors *anchors, const char *name);
/* One more than the new one's index; 0 when memory is short. */
size_t
yaml_anchor_add(struct arena *a, struct yaml_anchors *anchors, const char *name, struct value *v);
/* place 0 does nothing. */
void yaml_anchor_complete(struct yaml_anchors *anchors, size_t place, size_t nodes, size_t height);

/* A byte of a text and its number in characters, moved forward mostly. */
struct yaml_cursor {
	size_t at, index;
};

/* The byte of the index-th character, at most len. */
size_t yaml_cursor_move(struct yaml_cursor *c, const char *text, size_t len, size_t index);

/* Line and column, from 1, of a byte of text; columns count characters. */
void yaml_place(const char *text, size_t at, unsigned *line, unsigned *column);
/* UTF-8 without NUL, else a fault. */
bool yaml_check_bytes(const char *file, const char *text, size_t len, struct faults *faults);
/* Only blanks stand before the byte on its line, and a tab is one of them. */
bool yaml_tab_before(const char *text, size_t at);
/* Nothing but blanks and line ends. */
bool yaml_blank(const char *text, size_t len);
/* A tag stands there, behind an anchor perhaps; "!" alone too, which libyaml does not report. */
bool yaml_tagged(const char *text, size_t len, size_t at);
/* A plain scalar: null, a boolean, a JSON number, else text. NULL when memory is short. */
struct value *yaml_typed(struct arena *a, const char *s, size_t len);
/* One fault for each name that came before in the object; false where there was any. */
bool yaml_check_duplicates(
    struct arena *a, const struct value *object, const char *file, struct faults *faults);
/* What helps against a problem in libyaml's words; NULL where nothing is known. */
const char *yaml_hint(const char *problem, bool flow);

#endif
