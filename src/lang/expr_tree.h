/* expr_tree.h: a compiled expression, and its parser; for expr*.c only. */
#ifndef EXPR_TREE_H
#define EXPR_TREE_H

#include "lang/filter.h"

struct filter_use;

struct expr {
	enum source source;
	const char *text;         /* as written */
	const char *name;         /* of a bound value or header */
	const char *member;       /* the first after `in` or `settings` */
	const struct shape *item; /* of what it selects; NULL: anything */
	bool one;                 /* a member of `in` or `settings` that is no list */
	struct jsonpath *path;    /* NULL: the source itself */
	struct value *literal;
	struct filter_use *filters;
	size_t n_filters;
};

struct filter_use {
	const struct filter *filter;
	struct expr args[FILTER_ARGS_MAX];
	size_t n_args;
	const struct value *map;
	const char *map_name;
};

struct parser {
	const struct expr_env *env;
	const struct value *at;
	const char *text; /* the whole expression, NUL-terminated */
	const char *p;
};

struct source_name {
	const char *name;
	enum source source;
	bool answer_side;
};

/* expr_names.c: is there what an expression names? False with a fault. */
const struct source_name *source_find(const char *name);
/* Notes what is named in env->used. */
void parse_used(const struct parser *ps, enum expr_use_kind kind, const char *name);
bool parse_fault(const struct parser *ps, const char *what);
bool parse_fault_name(const struct parser *ps, const char *what, const char *name,
    const char *const *names, size_t n);
bool parse_unknown_source(const struct parser *ps, const char *word);
/* The members of a source, with ps->p at its path. */
bool parse_members(struct parser *ps, struct expr *e);
const struct bound_name *parse_bound(const struct parser *ps, const char *name);
bool parse_map(const struct parser *ps, struct filter_use *use, const struct expr *e);

#endif
