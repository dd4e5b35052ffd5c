/* template_parts.h: a compiled template; for template*.c only. */
#ifndef TEMPLATE_PARTS_H
#define TEMPLATE_PARTS_H

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

/* The text of one ${ } among others; absent notes and markers are empty, other absences stop. */
enum gw_err piece_text(
    const struct template *t, const struct piece *p, const struct scope *s, const char **out);

typedef enum gw_err
piece_writer(const struct template *, const struct piece *, const struct scope *, struct buf *);
/* The pieces, one behind the other: literals as they are, values by writer. */
enum gw_err template_write(
    const struct template *t, const struct scope *s, piece_writer *writer, struct buf *b);

#endif
