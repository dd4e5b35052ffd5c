/*
 * jsonpath_parse.c: the grammar of RFC 9535: segments and selectors (section 2.3 to 2.5), filters,
 * and their operands, with the types that section 2.4.3 asks for. A filter becomes steps with
 * jumps: "a && b" is a, jump past b if false, b. Its parentheses are a stack, not recursion. A
 * literal pattern is compiled, and refused, here.
 */
#include "format/jsonpath.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "format/jsonpath_scan.h"
#include "format/jsonpath_tree.h"

/* The grammar's own recursion, at most JSONPATH_NEST deep: filters in paths in filters. */
static struct jsonpath *jsonpath_parse_segments(struct jsonpath_parser *ps);
static bool jsonpath_parse_operand(struct jsonpath_parser *ps, struct jsonpath_operand *out);

/* true, false, null; *out stays NULL for any other word. */
static bool
jsonpath_parse_word(
    struct jsonpath_parser *ps, const char *word, size_t len, const struct value **out)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strlen(words[i]) == len && memcmp(word, words[i], len) == 0)
			break;
	}
	if (i == 3)
		return true;
	*out = i == 2 ? value_null(ps->arena) : value_bool(ps->arena, i == 0);
	return *out != NULL || jsonpath_fail_memory(ps);
}

static bool
jsonpath_parse_number(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	struct number number;
	size_t len = number_scan(ps->p, (size_t)(ps->end - ps->p), &number);
	struct value *v;

	if (len == 0)
		return jsonpath_fail(ps, ps->p, "expected a number");
	v = value_text_len(ps->arena, ps->p, len);
	if (v == NULL)
		return jsonpath_fail_memory(ps);
	v->kind = VALUE_NUMBER;
	out->literal = v;
	ps->p += len;
	return true;
}

static bool
jsonpath_parse_query(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	out->kind = OPERAND_QUERY;
	out->absolute = *ps->p++ == '$';
	out->path = jsonpath_parse_segments(ps);
	return out->path != NULL;
}

static bool
jsonpath_check_argument(struct jsonpath_parser *ps, const struct jsonpath_operand *arg,
    enum jsonpath_type type, const char *at)
{
	if (type == TYPE_NODES)
		return arg->kind == OPERAND_QUERY || jsonpath_fail(ps, at, "expected a path here");
	if (arg->kind == OPERAND_QUERY && !jsonpath_is_singular(arg->path))
		return jsonpath_fail(
		    ps, at, "expected a path of names and indexes only: see value()");
	if (arg->kind == OPERAND_CALL && arg->call->function->result != TYPE_VALUE)
		return jsonpath_fail(ps, at, "expected a value, not true or false");
	return true;
}

/* After the '('. */
static bool
jsonpath_parse_arguments(struct jsonpath_parser *ps, struct jsonpath_call *call)
{
	const char *at;
	size_t i;

	for (i = 0; i < call->function->n; i++) {
		jsonpath_skip_blanks(ps);
		if (i > 0 && !jsonpath_take(ps, ","))
			return jsonpath_fail(ps, ps->p, "expected , and another argument");
		jsonpath_skip_blanks(ps);
		at = ps->p;
		if (!jsonpath_parse_operand(ps, &call->args[i]) ||
		    !jsonpath_check_argument(ps, &call->args[i], call->function->params[i], at))
			return false;
	}
	jsonpath_skip_blanks(ps);
	return jsonpath_take(ps, ")") || jsonpath_fail(ps, ps->p, "expected )");
}

static bool
jsonpath_compile_pattern(struct jsonpath_parser *ps, struct jsonpath_call *call, const char *at)
{
	const struct value *pattern = call->args[1].literal;
	const char *why;
	char what[120];
	size_t byte;

	if (call->function->test == NULL || !value_is(pattern, VALUE_TEXT))
		return true;
	call->regexp = regexp_compile(ps->arena, pattern->text, pattern->len, &why, &byte);
	if (call->regexp != NULL)
		return true;
	(void)snprintf(
	    what, sizeof(what), "%s at byte %zu of a pattern in the call", why, byte + 1);
	return jsonpath_fail(ps, at, what);
}

/* name( is passed over already. */
static bool
jsonpath_parse_call(
    struct jsonpath_parser *ps, const char *name, size_t len, struct jsonpath_operand *out)
{
	struct jsonpath_call *call = arena_alloc(ps->arena, sizeof(*call));

	if (call == NULL)
		return jsonpath_fail_memory(ps);
	call->function = jsonpath_function(name, len);
	if (call->function == NULL)
		return jsonpath_fail(ps, name,
		    "an unknown function (there are length, count, value, match, search)");
	if (ps->nest >= JSONPATH_NEST)
		return jsonpath_fail(ps, name, "calls nested too deep");
	ps->nest++;
	if (!jsonpath_parse_arguments(ps, call) || !jsonpath_compile_pattern(ps, call, name))
		return false;
	ps->nest--;
	out->kind = OPERAND_CALL;
	out->call = call;
	return true;
}

static bool
jsonpath_parse_literal_or_call(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	const char *from = ps->p;
	size_t len;

	while (ps->p < ps->end && ((*ps->p >= 'a' && *ps->p <= 'z') || *ps->p == '_' ||
				      (ps->p > from && *ps->p >= '0' && *ps->p <= '9')))
		ps->p++;
	len = (size_t)(ps->p - from);
	if (len > 0 && jsonpath_take(ps, "("))
		return jsonpath_parse_call(ps, from, len, out);
	if (!jsonpath_parse_word(ps, from, len, &out->literal))
		return false;
	if (out->literal == NULL)
		return jsonpath_fail(ps, from, "expected @, $, a literal or a function");
	return true;
}

static bool
jsonpath_parse_operand(struct jsonpath_parser *ps, struct jsonpath_operand *out)
{
	char c = ps->p < ps->end ? *ps->p : '\0';

	out->kind = OPERAND_LITERAL;
	if (c == '@' || c == '$')
		return jsonpath_parse_query(ps, out);
	if (c == '"' || c == '\'') {
		out->literal = jsonpath_scan_string(ps);
		return out->literal != NULL;
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return jsonpath_parse_number(ps, out);
	return jsonpath_parse_literal_or_call(ps, out);
}

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

	for (i = 0; i < ARRAY_LEN(words); i++) {
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

/* All '(' and '!(' here, then a test or comparison. */
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

/* All ')' here, then perhaps && or ||: *more says whether a term follows. */
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

static struct jsonpath_filter *
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

static bool
jsonpath_is_name_byte(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    ((unsigned char)c & 0x80))
		return true;
	return !first && c >= '0' && c <= '9';
}

static bool
jsonpath_parse_shorthand(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	const char *from = ps->p;

	if (jsonpath_take(ps, "*")) {
		sel->kind = SELECT_WILDCARD;
		return true;
	}
	while (ps->p < ps->end && jsonpath_is_name_byte(*ps->p, ps->p == from))
		ps->p++;
	if (ps->p == from)
		return jsonpath_fail(ps, from, "expected a name or *");
	sel->kind = SELECT_NAME;
	sel->name = arena_strndup(ps->arena, from, (size_t)(ps->p - from));
	return sel->name != NULL || jsonpath_fail_memory(ps);
}

/* [start S] ":" S [end S] [":" [S step]], or a lone index. */
static bool
jsonpath_parse_index(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	bool has;

	sel->kind = SELECT_INDEX;
	sel->step = 1;
	if (!jsonpath_scan_int(ps, &sel->start, &sel->has_start))
		return false;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_take(ps, ":"))
		return true;
	sel->kind = SELECT_SLICE;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_scan_int(ps, &sel->end, &sel->has_end))
		return false;
	jsonpath_skip_blanks(ps);
	if (!jsonpath_take(ps, ":"))
		return true;
	jsonpath_skip_blanks(ps);
	return jsonpath_scan_int(ps, &sel->step, &has);
}

static bool
jsonpath_parse_quoted(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	const struct value *name = jsonpath_scan_string(ps);

	if (name == NULL)
		return false;
	sel->kind = SELECT_NAME;
	/* No member's name holds NUL. */
	if (memchr(name->text, '\0', name->len) == NULL)
		sel->name = name->text;
	return true;
}

static bool
jsonpath_parse_selector(struct jsonpath_parser *ps, struct jsonpath_selector *sel)
{
	if (jsonpath_is_next(ps, '\'') || jsonpath_is_next(ps, '"'))
		return jsonpath_parse_quoted(ps, sel);
	if (jsonpath_take(ps, "*")) {
		sel->kind = SELECT_WILDCARD;
		return true;
	}
	if (jsonpath_take(ps, "?")) {
		sel->kind = SELECT_FILTER;
		sel->filter = jsonpath_parse_filter(ps);
		return sel->filter != NULL;
	}
	if (ps->p < ps->end && strchr("-:0123456789", *ps->p) != NULL)
		return jsonpath_parse_index(ps, sel);
	return jsonpath_fail(ps, ps->p, "expected 'name', an index, a slice, * or ?filter");
}

static struct jsonpath_selector *
jsonpath_add_selector(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *selectors = arena_grow(
	    ps->arena, segment->selectors, segment->n, &segment->cap, sizeof(*selectors));

	if (selectors == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	segment->selectors = selectors;
	selectors[segment->n] = (struct jsonpath_selector){.kind = SELECT_WILDCARD};
	return &selectors[segment->n++];
}

/* After the '['. */
static bool
jsonpath_parse_bracket(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *sel;

	do {
		jsonpath_skip_blanks(ps);
		sel = jsonpath_add_selector(ps, segment);
		if (sel == NULL || !jsonpath_parse_selector(ps, sel))
			return false;
		jsonpath_skip_blanks(ps);
	} while (jsonpath_take(ps, ","));
	return jsonpath_take(ps, "]") || jsonpath_fail(ps, ps->p, "expected , or ]");
}

/* The '.' or '[' is next. */
static bool
jsonpath_parse_segment(struct jsonpath_parser *ps, struct jsonpath_segment *segment)
{
	struct jsonpath_selector *sel;

	if (jsonpath_take(ps, ".."))
		segment->descendant = true;
	if (jsonpath_take(ps, "["))
		return jsonpath_parse_bracket(ps, segment);
	if (!segment->descendant)
		(void)jsonpath_take(ps, ".");
	sel = jsonpath_add_selector(ps, segment);
	return sel != NULL && jsonpath_parse_shorthand(ps, sel);
}

static struct jsonpath *
jsonpath_parse_segments(struct jsonpath_parser *ps)
{
	struct jsonpath *path = arena_alloc(ps->arena, sizeof(*path));
	struct jsonpath_segment *segments = NULL, *grown;
	size_t n = 0, cap = 0;
	const char *end = ps->p;

	while (path != NULL) {
		jsonpath_skip_blanks(ps);
		if (!jsonpath_is_next(ps, '.') && !jsonpath_is_next(ps, '['))
			break;
		grown = arena_grow(ps->arena, segments, n, &cap, sizeof(*segments));
		if (grown == NULL) {
			(void)jsonpath_fail_memory(ps);
			return NULL;
		}
		segments = grown;
		segments[n] = (struct jsonpath_segment){.descendant = false};
		if (!jsonpath_parse_segment(ps, &segments[n]))
			return NULL;
		n++;
		end = ps->p;
	}
	ps->p = end;
	if (path == NULL) {
		(void)jsonpath_fail_memory(ps);
		return NULL;
	}
	path->segments = segments;
	path->n = n;
	return path;
}

static struct jsonpath *
jsonpath_parse(struct jsonpath_parser *ps, bool relative, bool rest)
{
	struct jsonpath *path;

	if ((size_t)(ps->end - ps->p) > JSONPATH_EXPRESSION) {
		(void)jsonpath_fail(ps, ps->p, "an expression is too long");
		return NULL;
	}
	if (!text_utf8(ps->p, (size_t)(ps->end - ps->p))) {
		(void)jsonpath_fail(ps, ps->p, "not UTF-8");
		return NULL;
	}
	if (!relative && !jsonpath_take(ps, "$")) {
		(void)jsonpath_fail(ps, ps->p, "a path starts with $");
		return NULL;
	}
	if (relative && ps->p < ps->end && *ps->p != '.' && *ps->p != '[') {
		if (!rest) {
			(void)jsonpath_fail(ps, ps->p, "a path from a record starts with . or [");
			return NULL;
		}
		ps->end = ps->p;
	}
	path = jsonpath_parse_segments(ps);
	if (path != NULL && !rest && ps->p != ps->end) {
		(void)jsonpath_fail(ps, ps->p, "expected . or [ or the end");
		return NULL;
	}
	return path;
}

struct jsonpath *
jsonpath_compile(struct arena *a, const char *text, size_t len, bool relative, size_t *used,
    char *why, size_t why_max)
{
	struct jsonpath_parser ps = {.arena = a,
	    .start = text,
	    .p = text,
	    .end = text + len,
	    .why = why,
	    .why_max = why_max};
	struct jsonpath *path = jsonpath_parse(&ps, relative, used != NULL);

	if (path != NULL && used != NULL)
		*used = (size_t)(ps.p - text);
	return path;
}
