/*
 * template.h: the request side of the adapter language: texts with ${EXPR} in them, and trees of
 * them. Values are encoded for the place they go to; a value that cannot go there stops the request
 * before anything is sent.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "base/buf.h"
#include "lang/cond.h"
#include "lang/expr.h"

struct template;

struct template *template_compile(const struct expr_env *env, const struct value *text);
/* The member `name` of v, if it is there: *out. False with a fault. */
bool template_member(
    const struct expr_env *env, const struct value *v, const char *name, struct template **out);

/* Joined as text. One ${ } alone that is absent gives NULL; inside more text it is a failure. */
enum gw_err template_text(const struct template *t, const struct scope *s, const char **out);
/* One ${ } alone keeps its type (NULL: absent); anything else is text. */
enum gw_err template_value(const struct template *t, const struct scope *s, struct value **out);
/* As a URL path: values percent-encoded; "", "." and ".." refused as segments. Appends to out. */
enum gw_err template_path(const struct template *t, const struct scope *s, struct buf *out);
/* As a query value, not yet percent-encoded: beside literal text a value passes `odata` or is of
 * [A-Za-z0-9._:@+-]*. NULL where absent. */
enum gw_err template_query(const struct template *t, const struct scope *s, const char **out);

/* Why its literal parts cannot be a path; NULL: they can. Static. */
const char *template_path_fault(const struct template *t);
const char *template_source(const struct template *t); /* as written */
/* Literal text that looks like JSON with values glued in. */
bool template_glues_json(const struct template *t);
/* The expression of a template that is one ${ } alone; else NULL. */
const struct expr *template_lone(const struct template *t);

/* Its i-th expression; NULL behind the last. */
const struct expr *template_expr(const struct template *t, size_t i);

struct tree;

/* YAML as JSON with templates, {for:}, {when:}, {json:}. NULL with faults. */
struct tree *tree_compile(const struct expr_env *env, const struct value *v);
bool
tree_member(const struct expr_env *env, const struct value *v, const char *name, struct tree **out);
/* *out NULL where the whole tree is absent. */
enum gw_err tree_eval(const struct tree *t, const struct scope *s, struct value **out);

#endif
