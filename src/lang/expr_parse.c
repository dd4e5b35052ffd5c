/*
 * expr_parse.c: expressions from text: SOURCE[PATH] | filter ARG ... What is named in them is
 * checked by expr_names.c. What one filter hands to the next, and arguments that are written out,
 * are checked here.
 */
#include <ctype.h>
#include <string.h>

#include "lang/expr_tree.h"
#include "base/text.h"

enum { EXPR_TEXT_MAX = 4096, WHY_MAX = 160 };

static void
parse_blanks(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n')
		ps->p++;
}

static size_t
parse_word_len(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '-')
		n++;
	return n;
}

/* The path after a source, as far as JSONPath can read it. */
static bool
parse_path(struct parser *ps, struct expr *e)
{
	bool relative = e->source != SOURCE_ANSWER;
	char why[WHY_MAX];
	size_t used;

	if (relative && *ps->p != '.' && *ps->p != '[')
		return true;
	e->path = jsonpath_compile(
	    ps->env->r.arena, ps->p, strlen(ps->p), relative, &used, why, sizeof(why));
	if (e->path == NULL)
		return parse_fault(ps, why);
	if (used == 0)
		return parse_fault(ps, "a path was expected here");
	ps->p += used;
	return true;
}

static bool
parse_header(struct parser *ps, struct expr *e)
{
	size_t n;

	if (*ps->p != '.')
		return parse_fault(ps, "header needs a name: header.Retry-After");
	ps->p++;
	n = parse_word_len(ps->p);
	if (n == 0)
		return parse_fault(ps, "header needs a name: header.Retry-After");
	e->name = arena_strndup(ps->env->r.arena, ps->p, n);
	ps->p += n;
	return e->name != NULL;
}

/* in.x, settings.x, header.X, a bound name, a word that is allowed here. */
static bool
parse_named(struct parser *ps, struct expr *e, bool words)
{
	size_t n = parse_word_len(ps->p), i;
	/* A path follows a source at its first point, so a source has no dash. */
	const char *word = arena_strndup(ps->env->r.arena, ps->p, n);
	const struct bound_name *bound = word == NULL ? NULL : parse_bound(ps, word);
	const struct source_name *source = word == NULL ? NULL : source_find(word);
	bool path = ps->p[n] == '.' || ps->p[n] == '[';

	if (word == NULL)
		return false;
	ps->p += n;
	if (bound != NULL) {
		e->source = SOURCE_BOUND;
		e->name = bound->name;
		e->item = bound->shape;
		return parse_members(ps, e) && parse_path(ps, e);
	}
	if (source != NULL && (!source->answer_side || ps->env->answer_side) && (path || !words)) {
		e->source = source->source;
		if (e->source == SOURCE_HEADER)
			return parse_header(ps, e);
		return parse_members(ps, e) && parse_path(ps, e);
	}
	for (i = 0; i < ps->env->n_words && !words; i++)
		words = strcmp(ps->env->words[i], word) == 0;
	if (!words || path)
		return parse_unknown_source(ps, word);
	e->source = SOURCE_LITERAL;
	e->literal = value_text(ps->env->r.arena, word);
	return e->literal != NULL;
}

/* 'text' with '' for a quote inside. */
static bool
parse_quoted(struct parser *ps, struct expr *e)
{
	char text[EXPR_TEXT_MAX];
	size_t n = 0;

	for (ps->p++;; ps->p++) {
		if (*ps->p == '\0')
			return parse_fault(ps, "a text that begins with ' has no end");
		if (*ps->p == '\'' && *++ps->p != '\'')
			break;
		if (n >= sizeof(text))
			return parse_fault(ps, "the text is too long");
		text[n++] = *ps->p;
	}
	e->source = SOURCE_LITERAL;
	e->literal = value_text_len(ps->env->r.arena, text, n);
	return e->literal != NULL;
}

static bool
parse_number(struct parser *ps, struct expr *e)
{
	const char *start = ps->p;
	struct decimal ignored;
	const char *digits;

	ps->p += *ps->p == '-';
	while (isdigit((unsigned char)*ps->p) || *ps->p == '.')
		ps->p++;
	digits = arena_strndup(ps->env->r.arena, start, (size_t)(ps->p - start));
	if (digits == NULL || !decimal_parse(digits, &ignored))
		return parse_fault(ps, "a number is digits, perhaps with a point in between");
	e->source = SOURCE_LITERAL;
	e->literal = value_number(ps->env->r.arena, digits);
	return e->literal != NULL;
}

/* Notes which parts of the answer are named, apart from the record at hand. */
static bool
parse_look(const struct parser *ps, const struct expr *e)
{
	struct expr_looks *looks = ps->env->looks;
	const struct jsonpath **paths;

	if (looks == NULL)
		return true;
	if (e->source == SOURCE_STATUS || e->source == SOURCE_HEADER || e->source == SOURCE_TEXT)
		looks->call = true;
	if (e->source != SOURCE_ANSWER)
		return true;
	paths = arena_grow(
	    ps->env->r.arena, (void *)looks->paths, looks->n, &looks->cap, sizeof(*paths));
	if (paths == NULL)
		return false;
	looks->paths = paths;
	paths[looks->n++] = e->path;
	return true;
}

static bool
parse_unlooked(struct parser *ps, struct expr *e, bool words)
{
	char c;

	parse_blanks(ps);
	c = *ps->p;
	if (c == '\'')
		return parse_quoted(ps, e);
	if (isdigit((unsigned char)c) || (c == '-' && isdigit((unsigned char)ps->p[1])))
		return parse_number(ps, e);
	if (c == '$' || c == '.' || c == '@') {
		if (!ps->env->answer_side && (c == '$' || !ps->env->record))
			return parse_fault(ps, "there is no answer yet at this place");
		if (c != '$' && !ps->env->record)
			return parse_fault(ps,
			    "there is no record at this place: $ is the answer, of which each and pick make records");
		e->source = c == '$' ? SOURCE_ANSWER : SOURCE_RECORD;
		ps->p += c == '@';
		return parse_path(ps, e);
	}
	if (isalpha((unsigned char)c) || c == '_')
		return parse_named(ps, e, words);
	return parse_fault(ps, c == '\0' ? "an expression was expected" : "unexpected character");
}

static bool
parse_source(struct parser *ps, struct expr *e, bool words)
{
	return parse_unlooked(ps, e, words) && parse_look(ps, e);
}

/* Can a filter take what the one before it gives? Scalar filters take lists item by item. */
static bool
kind_fits(enum filter_kind out, enum filter_kind in)
{
	static const bool fits[FILTER_KIND_MAX][FILTER_KIND_MAX] = {
	    [KIND_TEXT] = {[KIND_TEXT] = true, [KIND_NUMBER] = true},
	    [KIND_NUMBER] = {[KIND_TEXT] = true, [KIND_NUMBER] = true},
	    [KIND_BOOL] = {[KIND_TEXT] = true},
	    [KIND_LIST] = {[KIND_TEXT] = true, [KIND_NUMBER] = true, [KIND_LIST] = true},
	    [KIND_OBJECT] = {[KIND_OBJECT] = true},
	};

	return out == KIND_ANY || in == KIND_ANY || fits[out][in];
}

static bool
parse_check_kinds(const struct parser *ps, const struct expr *e)
{
	enum filter_kind kind = KIND_ANY;
	const char *from = "the source";
	const struct filter *f;
	bool good, many;
	size_t i;

	if (e->path != NULL && !jsonpath_is_singular(e->path))
		kind = KIND_LIST;
	else if (e->source == SOURCE_LITERAL || e->source == SOURCE_STATUS ||
		 e->source == SOURCE_HEADER)
		kind = KIND_TEXT;
	for (i = 0; i < e->n_filters; i++) {
		f = e->filters[i].filter;
		good = kind_fits(kind, f->in);
		if (f->list && f->in == KIND_ANY)
			good = kind == KIND_ANY || kind == KIND_LIST || kind == KIND_OBJECT;
		if (!good)
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": %s works on a %s, and %s gives a %s", ps->text, f->name,
			    f->in == KIND_ANY ? "list" : filter_kind_name(f->in), from,
			    filter_kind_name(kind));
		many = kind == KIND_LIST && !f->list && f->in != KIND_ANY;
		kind = many ? KIND_LIST : f->out;
		from = f->name;
	}
	return true;
}

static bool
arg_is_whole(const struct value *v)
{
	struct decimal d;
	int64_t n;

	return decimal_parse(value_str(v), &d) && decimal_to_integer(d, &n);
}

/* Is a written-out argument what the filter needs? */
static bool
arg_good(enum filter_arg kind, const struct value *v)
{
	struct decimal d;
	enum unit unit;

	switch (kind) {
	case ARG_TEXT:
		return value_str(v)[0] != '\0';
	case ARG_NUMBER:
		return decimal_parse(value_str(v), &d);
	case ARG_WHOLE:
		return arg_is_whole(v);
	case ARG_ABOVE_ZERO:
		return decimal_parse(value_str(v), &d) &&
		       decimal_compare(d, decimal_integer(0)) > 0;
	case ARG_UNIT:
		return unit_parse(value_str(v), &unit);
	case ARG_PATTERN:
		return date_pattern_valid(value_str(v));
	case ARG_SEPARATOR:
		return strcmp(value_str(v), ".") == 0 || strcmp(value_str(v), ",") == 0;
	default:
		return true;
	}
}

static bool
parse_check_args(const struct parser *ps, const struct filter_use *use)
{
	static const char *const wanted[] = {
	    [ARG_ANY] = "a value",
	    [ARG_TEXT] = "a text that is not empty",
	    [ARG_NUMBER] = "a number",
	    [ARG_WHOLE] = "a whole number",
	    [ARG_ABOVE_ZERO] = "a number above 0",
	    [ARG_UNIT] = "minutes, hours, days, half-days or clock",
	    [ARG_PATTERN] = "a date pattern, or epoch, epoch-ms, odata",
	    [ARG_SEPARATOR] = "'.' or ','",
	};
	const struct value *literal;
	enum unit unit;
	size_t i;

	_Static_assert(sizeof(wanted) / sizeof(wanted[0]) == FILTER_ARG_MAX, "a text a kind");
	for (i = 0; i < use->n_args; i++) {
		literal = use->args[i].literal;
		if (literal == NULL)
			continue;
		if (!arg_good(use->filter->arg, literal))
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": the argument of %s is %s", ps->text, use->filter->name,
			    wanted[use->filter->arg]);
		if (strcmp(use->filter->name, "as") == 0 && !ps->env->answer_side &&
		    !ps->env->unit_known && unit_parse(value_str(literal), &unit))
			parse_used(ps, USE_UNIT, unit_name(unit));
	}
	return true;
}

static bool
parse_filter(struct parser *ps, const struct expr *e, struct filter_use *use)
{
	const char *const *names;
	const char *name;
	size_t n;

	*use = (struct filter_use){0};
	parse_blanks(ps);
	n = parse_word_len(ps->p);
	name = arena_strndup(ps->env->r.arena, ps->p, n);
	if (name == NULL)
		return false;
	use->filter = filter_find(name);
	if (use->filter == NULL) {
		names = filter_names(&n);
		return parse_fault_name(ps, "filter", name, names, n);
	}
	ps->p += n;
	for (parse_blanks(ps); *ps->p != '\0' && *ps->p != '|'; parse_blanks(ps)) {
		if (use->n_args >= use->filter->args_max)
			return parse_fault(ps, "more arguments than the filter takes");
		if (!parse_source(ps, &use->args[use->n_args], true))
			return false;
		use->n_args++;
	}
	if (use->n_args < use->filter->args_min)
		return parse_fault(ps, "the filter needs an argument");
	if (strcmp(name, "map") == 0 && !parse_map(ps, use, e))
		return false;
	/* What it knows of a list lives longer than a record that is read while it comes. */
	if (strcmp(name, "find") == 0 && ps->env->looks != NULL)
		ps->env->looks->call = true;
	return parse_check_args(ps, use);
}

struct expr *
expr_compile(const struct expr_env *env, const char *text, size_t len, const struct value *at)
{
	struct parser ps = {.env = env, .at = at};
	struct expr *e = arena_alloc(env->r.arena, sizeof(*e));
	struct filter_use *filters;
	size_t cap = 0;

	ps.text = arena_strndup(env->r.arena, text, len);
	if (e == NULL || ps.text == NULL || strlen(ps.text) != len)
		return NULL;
	if (len > EXPR_TEXT_MAX) {
		reader_fault(
		    &env->r, at, "an expression is too long: more than %d bytes", EXPR_TEXT_MAX);
		return NULL;
	}
	ps.p = ps.text;
	e->text = ps.text;
	if (!parse_source(&ps, e, false))
		return NULL;
	for (parse_blanks(&ps); *ps.p == '|'; parse_blanks(&ps)) {
		ps.p++;
		filters =
		    arena_grow(env->r.arena, e->filters, e->n_filters, &cap, sizeof(*filters));
		if (filters == NULL)
			return NULL;
		e->filters = filters;
		if (!parse_filter(&ps, e, &filters[e->n_filters]))
			return NULL;
		e->n_filters++;
	}
	if (*ps.p != '\0') {
		parse_fault(&ps, "a | was expected after the source and its path");
		return NULL;
	}
	/* The ids of several records are joined into one, which the HRIS does not know. */
	if (text_equal(expr_in_member(e), "request_id") && !expr_has_filter(e, "split") &&
	    !env->answer_side && !env->tests)
		parse_used(&ps, USE_WHOLE_ID, "request_id");
	return parse_check_kinds(&ps, e) ? e : NULL;
}

struct expr *
expr_compile_value(const struct expr_env *env, const struct value *v)
{
	const char *s = value_str(v);

	if (s == NULL) {
		(void)reader_fault(&env->r, v, "an expression was expected");
		return NULL;
	}
	return expr_compile(env, s, strlen(s), v);
}

bool
expr_member(const struct expr_env *env, const struct value *v, const char *name, struct expr **out)
{
	v = value_get(v, name);
	*out = v == NULL ? NULL : expr_compile_value(env, v);
	return v == NULL || *out != NULL;
}
