/* jsonpath_tree.h: a compiled JSONPath. Private to jsonpath*.c. */
#ifndef JSONPATH_TREE_H
#define JSONPATH_TREE_H

#include <stdint.h>

#include "format/jsonpath.h"
#include "format/regexp.h"

enum {
	JSONPATH_NEST = 16,               /* filters and function calls in one another */
	JSONPATH_WORK = 50 * 1000 * 1000, /* nodes looked at in one run */
};

enum jsonpath_kind { SELECT_NAME, SELECT_WILDCARD, SELECT_INDEX, SELECT_SLICE, SELECT_FILTER };

struct jsonpath_selector {
	enum jsonpath_kind kind;
	const char *name;         /* NULL where it holds NUL: selects nothing */
	int64_t start, end, step; /* start is the index too */
	bool has_start, has_end;
	const struct jsonpath_filter *filter;
};

struct jsonpath_segment {
	bool descendant;
	struct jsonpath_selector *selectors;
	size_t n, cap;
};

struct jsonpath {
	const struct jsonpath_segment *segments;
	size_t n;
};

enum jsonpath_type { TYPE_VALUE, TYPE_LOGICAL, TYPE_NODES };

enum jsonpath_operand_kind { OPERAND_LITERAL, OPERAND_QUERY, OPERAND_CALL };

struct jsonpath_operand {
	enum jsonpath_operand_kind kind;
	const struct value *literal;
	const struct jsonpath *path;
	bool absolute; /* the path starts at $ */
	const struct jsonpath_call *call;
};

/* What an operand is worth: NULL is Nothing. Made values live in it: it is not to be copied. */
struct jsonpath_result {
	const struct value *value;
	struct value made;
	char digits[24];
};

struct jsonpath_run;

struct jsonpath_function {
	const char *name;
	enum jsonpath_type result, params[2];
	size_t n; /* of params */
	void (*value)(struct jsonpath_run *run, const struct jsonpath_call *call,
	    const struct value *current, struct jsonpath_result *out);
	bool (*test)(struct jsonpath_run *run, const struct jsonpath_call *call,
	    const struct value *current);
};

struct jsonpath_call {
	const struct jsonpath_function *function;
	struct jsonpath_operand args[2];
	const struct regexp *regexp; /* of a literal pattern; else NULL */
};

enum jsonpath_comparison {
	COMPARE_EQUAL,
	COMPARE_NOT_EQUAL,
	COMPARE_AT_MOST,
	COMPARE_AT_LEAST,
	COMPARE_LESS,
	COMPARE_MORE
};

/* A line of steps over one truth: tests set it, jumps pass over what cannot change it. */
enum jsonpath_step_kind { STEP_TEST, STEP_COMPARE, STEP_NOT, STEP_JUMP_FALSE, STEP_JUMP_TRUE };

struct jsonpath_step {
	enum jsonpath_step_kind kind;
	enum jsonpath_comparison comparison;
	struct jsonpath_operand left, right;
	size_t target; /* of a jump */
};

struct jsonpath_filter {
	struct jsonpath_step *steps;
	size_t n, cap;
};

/* NULL for an unknown name. */
const struct jsonpath_function *jsonpath_function(const char *name, size_t len);

#endif
