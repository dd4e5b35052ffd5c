/*
 * expression.h: Architect's expressions, as far as workflows for WFM use them: variables, literals,
 * NOT_SET, operators, a ? b : c, and functions. Read from text (Archy's YAML) or from the tree that
 * an export of a workflow has of them. What is not known is refused by name.
 *
 * Operators and functions seen in: GenesysCloudBlueprints/wfm-hris-blueprint, examples
 * (2026-01-01), and the workflows that conf/genesys/templates/flow.yaml names.
 */
#ifndef GENESYS_EXPRESSION_H
#define GENESYS_EXPRESSION_H

#include "base/value.h"

enum expression_kind { EXPRESSION_VALUE, EXPRESSION_VARIABLE, EXPRESSION_CALL };

enum { EXPRESSION_ARGS_MAX = 3, EXPRESSION_DEPTH_MAX = 64, EXPRESSION_WHY_MAX = 200 };

struct expression {
	enum expression_kind kind;
	const struct value *value; /* of a literal; NOT_SET is null */
	const char *name;          /* of a variable, operator or function */
	const struct function *function;
	struct expression *args[EXPRESSION_ARGS_MAX];
	size_t n;
};

/* NULL: why. */
struct expression *expression_parse(struct arena *a, const char *text, char *why);
/* {"+": {"operands": [...]}}: the member `config` of an exported expression. */
struct expression *expression_from_tree(struct arena *a, const struct value *tree, char *why);
struct expression *expression_literal(struct arena *a, const struct value *v);

/* A call of that operator or function with those arguments; NULL: why. expression_run.c. */
struct expression *expression_call(struct arena *a, const char *name, size_t name_len,
    struct expression *const *args, size_t n, char *why);

/*
 * The value: text, number, boolean, list, or null for NOT_SET. variables is an object. NULL: why;
 * in Genesys Cloud the flow would end in its error handling.
 */
const struct value *expression_run(
    struct arena *a, const struct expression *e, const struct value *variables, char *why);

#endif
