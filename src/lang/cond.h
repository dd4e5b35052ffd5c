/*
 * cond.h: COND and BIND of the adapter language. Compiled ones live in the arena of the
 * environment; faults there mean NULL. Evaluation fails only as expressions do, and by
 * LIMIT_RECORDS.
 */
#ifndef COND_H
#define COND_H

#include "lang/expr.h"

struct cond;

/*
 * {EXPR: MATCH, ...}, where a text may be a template; members named in skip (NULL-terminated; may
 * be NULL) are not part of it.
 */
struct cond *
cond_compile(const struct expr_env *env, const struct value *v, const char *const *skip);
/* The member `name` of v, if it is there: *out. False with a fault. */
bool
cond_member(const struct expr_env *env, const struct value *v, const char *name, struct cond **out);
enum gw_err cond_holds(const struct cond *c, const struct scope *s, bool *holds);
/* Could it hold for an answer of that status? Looks at its tests of status alone. */
bool cond_matches_status(const struct cond *c, int status);
bool cond_tests_only_status(const struct cond *c);
/* null, "" and an empty list are absent. */
bool cond_present(const struct value *v);
bool cond_names_in(const struct cond *c, const char *member); /* tests in.MEMBER... */
bool cond_names(const struct cond *c, enum source source);
/* Do their texts show that the two never hold at once? */
bool cond_exclude(const struct cond *a, const struct cond *b);

/* bind.c */
struct bind;

/*
 * {NAME: EXPR | [value], ...}. Names are added in front of env->bound for what is compiled inside.
 */
struct bind *bind_compile(struct expr_env *env, const struct value *v);
bool bind_member(struct expr_env *env, const struct value *v, const char *name, struct bind **out);
/* Every combination, left to right: n chains of bindings in front of the scope's. */
enum gw_err
bind_rows(const struct bind *b, const struct scope *s, const struct binding ***rows, size_t *n);
/* The number of items of its first name. */
enum gw_err bind_first(const struct bind *b, const struct scope *s, size_t *n);
size_t bind_count(const struct bind *b);
const struct expr *bind_expr(const struct bind *b, size_t i); /* NULL: a list of values */
size_t bind_values(const struct bind *b, size_t i);           /* how many; 0: an expression */

#endif
