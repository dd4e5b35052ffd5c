/*
 * jsonpath_filter_parse.c: the logical expression of a filter (RFC 9535 section 2.3.5) as steps
 * with jumps: "a && b" is a, jump behind b if false, b. Parentheses are a stack, not recursion.
 */
#include "format/jsonpath_tree.h"

#include <string.h>

static const size_t no_jump = SIZE_MAX;

/* An open parenthesis: the last jump of each kind that waits for its target; each names the one
 * before. */
struct jsonpath_group {
	bool negated;
	size_t and_jump, or_jump;
};

struct jsonpath_groups {
	struct jsonpath_group *items;
	size_t n, cap;
};

static struct jsonpath_step *
jsonpath_add_step(
    struct jsonpath_parser *ps, struct jsonpath_filter *filter, enum jsonpath_step_kind kind)
{
	struct jsonpath_step *steps =
	    arena_grow(ps->arena, filter->steps, filter->n, &filter->cap, sizeof(*steps));

	if (steps == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	filter->steps = steps;
	steps[filter->n] = (struct jsonpath_step){.kind = kind};
	return &steps[filter->n++];
}

/* All jumps of the chain go to what comes next. */
static void
jsonpath_land(struct jsonpath_filter *filter, size_t *chain)
{
	size_t at, next;

	for (at = *chain; at != no_jump; at = next) {
		next = filter->steps[at].target;
		filter->steps[at].target = filter->n;
	}
	*chain = no_jump;
}

static bool
jsonpath_add_jump(struct jsonpath_parser *ps, struct jsonpath_filter *filter,
    enum jsonpath_step_kind kind, size_t *chain)
{
	struct jsonpath_step *step = jsonpath_add_step(ps, filter, kind);

	if (step == NULL)
		return false;
	step->target = *chain;
	*chain = filter->n - 1;
	return true;
}

static bool
jsonpath_open_group(struct jsonpath_parser *ps, struct jsonpath_groups *groups, bool negated)
{
	struct jsonpath_group *items =
	    arena_grow(ps->arena, groups->items, groups->n, &groups->cap, sizeof(*items));

	if (items == NULL)
		return jsonpath_fail_memory(ps);
	groups->items = items;
	items[groups->n++] =
	    (struct jsonpath_group){.negated = negated, .and_jump = no_jump, .or_jump = no_jump};
	return true;
}

static bool
jsonpath_close_group(
    struct jsonpath_parser *ps, struct jsonpath_groups *groups, struct jsonpath_filter *filter)
{
	struct jsonpath_group *group = &groups->items[--groups->n];

	jsonpath_land(filter, &group->and_jump);
	jsonpath_land(filter, &group->or_jump);
	return !group->negated || jsonpath_add_step(ps, filter, STEP_NOT) != NULL;
}

static bool
jsonpath_take_comparison(struct jsonpath_parser *ps, enum jsonpath_comparison *out)
{
	/* The longer ones first. */
	static const char *const words[] = {
	    [COMPARE_EQUAL] = "==",
	    [COMPARE_NOT_EQUAL] = "!=",
	    [COMPARE_AT_MOST] = "<=",
	    [COMPARE_AT_LEAST] = ">=",
	    [COMPARE_LESS] = "<",
	    [COMPARE_MORE] = ">",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (jsonpath_take(ps, words[i])) {
			*out = (enum jsonpath_comparison)i;
			return true;
		}
	}
	return false;
}

/* RFC 9535 section 2.4.3: what may be compared. */
static bool
jsonpath_check_comparable(
    struct jsonpath_parser *ps, const struct jsonpath_operand *operand, const char *at)
{
	if (operand->kind == OPERAND_QUERY && !jsonpath_is_singular(operand->path))
		return jsonpath_fail(ps, at, "only a path of names and indexes can be compared");
	if (operand->kind == OPERAND_CALL && operand->call->function->result != TYPE_VALUE)
		return jsonpath_fail(
		    ps, at, "this function's result is true or false: not compared");
	return true;
}

static bool
jsonpath_check_test(
    struct jsonpath_parser *ps, const struct jsonpath_operand *operand, const char *at)
{
	if (operand->kind == OPERAND_LITERAL)
		return jsonpath_fail(ps, at, "a literal is no test: compare it");
	if (operand->kind == OPERAND_CALL && operand->call->function->result != TYPE_LOGICAL)
		return jsonpath_fail(ps, at, "this function's result is no test: compare it");
	return true;
}

/* A test or comparison; negated by a '!' before it. */
static bool
jsonpath_parse_basic(struct jsonpath_parser *ps, struct jsonpath_filter *filter, bool negated)
{
	struct jsonpath_step step = {.kind = STEP_TEST}, *added;
	const char *left = ps->p, *right;

	if (!jsonpath_parse_operand(ps, &step.left))
		return false;
	jsonpath_skip_blanks(ps);
	right = ps->p;
	if (jsonpath_take_comparison(ps, &step.comparison)) {
		step.kind = STEP_COMPARE;
		if (negated)
			return jsonpath_fail(ps, right, "! stands before a test or ( only");
		jsonpath_skip_blanks(ps);
		right = ps->p;
		if (!jsonpath_check_comparable(ps, &step.left, left) ||
		    !jsonpath_parse_operand(ps, &step.right) ||
		    !jsonpath_check_comparable(ps, &step.right, right))
			return false;
	} else if (!jsonpath_check_test(ps, &step.left, left))
		return false;
	added = jsonpath_add_step(ps, filter, step.kind);
	if (added == NULL)
		return false;
	*added = step;
	return !negated || jsonpath_add_step(ps, filter, STEP_NOT) != NULL;
}

/* All '(' and '!(' that stand here, then a test or comparison. */
static bool
jsonpath_parse_term(
    struct jsonpath_parser *ps, struct jsonpath_groups *groups, struct jsonpath_filter *filter)
{
	bool negated;

	for (;;) {
		jsonpath_skip_blanks(ps);
		negated = jsonpath_take(ps, "!");
		jsonpath_skip_blanks(ps);
		if (!jsonpath_take(ps, "("))
			return jsonpath_parse_basic(ps, filter, negated);
		if (!jsonpath_open_group(ps, groups, negated))
			return false;
	}
}

/* All ')' that stand here, then perhaps && or ||: *more says whether a term follows. */
static bool
jsonpath_parse_joint(struct jsonpath_parser *ps, struct jsonpath_groups *groups,
    struct jsonpath_filter *filter, bool *more)
{
	struct jsonpath_group *group;

	jsonpath_skip_blanks(ps);
	while (groups->n > 1 && jsonpath_take(ps, ")")) {
		if (!jsonpath_close_group(ps, groups, filter))
			return false;
		jsonpath_skip_blanks(ps);
	}
	group = &groups->items[groups->n - 1];
	*more = true;
	if (jsonpath_take(ps, "&&"))
		return jsonpath_add_jump(ps, filter, STEP_JUMP_FALSE, &group->and_jump);
	if (jsonpath_take(ps, "||")) {
		jsonpath_land(filter, &group->and_jump);
		return jsonpath_add_jump(ps, filter, STEP_JUMP_TRUE, &group->or_jump);
	}
	*more = false;
	if (groups->n > 1)
		return jsonpath_fail(ps, ps->p, "expected &&, || or )");
	return jsonpath_close_group(ps, groups, filter);
}

struct jsonpath_filter *
jsonpath_parse_filter(struct jsonpath_parser *ps)
{
	struct jsonpath_filter *filter = arena_alloc(ps->arena, sizeof(*filter));
	struct jsonpath_groups groups = {.n = 0};
	bool more = true;

	if (filter == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	if (ps->nest >= JSONPATH_NEST) {
		(void)jsonpath_fail(ps, ps->p, "filters nested too deep");
		return NULL;
	}
	ps->nest++;
	if (!jsonpath_open_group(ps, &groups, false))
		return NULL;
	while (more) {
		if (!jsonpath_parse_term(ps, &groups, filter) ||
		    !jsonpath_parse_joint(ps, &groups, filter, &more))
			return NULL;
	}
	ps->nest--;
	return filter;
}
