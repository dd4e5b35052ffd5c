/*
 * template.h: the request side of the adapter language: texts with ${EXPR} in them, and bodies made
 * of them. Values are encoded for where they go; a value that cannot go there fails the request
 * before anything is sent. Compiled templates and trees live in the arena of the environment;
 * results live in the arena of the scope.
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

/* As one text. A lone ${ } that is absent gives NULL; beside other text that is a failure. */
enum gw_err template_text(const struct template *t, const struct scope *s, const char **out);
/*
 * A lone ${ } keeps its type (NULL: absent); anything else is text. In a query (s->query), beside
 * literal text, a value passes `odata` or is of [A-Za-z0-9._:@+-]*.
 */
enum gw_err template_value(const struct template *t, const struct scope *s, struct value **out);
/* As a URL path: values percent-encoded; "", "." and ".." refused as segments. Appends to out. */
enum gw_err template_path(const struct template *t, const struct scope *s, struct buf *out);
/* As XML: the characters of values that mean something there are written as references. */
enum gw_err template_xml(const struct template *t, const struct scope *s, struct buf *out);

/* Why its literal parts cannot be part of a path (static text); NULL: they can. */
const char *template_path_fault(const struct template *t);
const char *template_source(const struct template *t); /* as written */
/* Is it JSON as literal text, with values between? */
bool template_glues_json(const struct template *t);
/* The expression of a lone ${ }; else NULL. */
const struct expr *template_lone(const struct template *t);

/* Its i-th expression; NULL past the last. */
const struct expr *template_expr(const struct template *t, size_t i);

struct tree;

/* YAML as JSON with templates, {for:}, {when:}, {json:}. NULL with faults. */
struct tree *tree_compile(const struct expr_env *env, const struct value *v);
bool
tree_member(const struct expr_env *env, const struct value *v, const char *name, struct tree **out);
/* *out NULL where the whole tree is absent. */
enum gw_err tree_eval(const struct tree *t, const struct scope *s, struct value **out);

#endif
