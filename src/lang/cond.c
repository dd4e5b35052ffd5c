/*
 * cond.c: a condition is tests that must all hold: an expression against texts, templates or a
 * pattern.
 */
#include "lang/cond.h"

#include <string.h>

#include "base/text.h"
#include "format/regexp.h"
#include "lang/template.h"

enum match_kind { MATCH_TEXTS, MATCH_REGEXP, MATCH_PRESENT, MATCH_ABSENT };

struct test {
	struct expr *expr;
	enum match_kind kind;
	bool negated;
	const struct value *texts; /* TEXT or NUMBER, or a LIST of them */
	struct template **live;    /* of each text, where it holds ${ }; NULL: none does */
	const struct regexp *regexp;
};

struct cond {
	struct test *tests;
	size_t n;
};

static bool
cond_regexp(const struct expr_env *env, const struct value *v, struct test *t)
{
	const char *why;
	size_t at;

	t->kind = MATCH_REGEXP;
	t->regexp = regexp_compile(env->r.arena, v->text + 1, v->len - 2, &why, &at);
	return t->regexp != NULL ||
	       reader_fault(&env->r, v, "%s: %s at byte %zu", v->text, why, at + 2);
}

static size_t
test_count(const struct test *t)
{
	return t->texts->kind == VALUE_LIST ? t->texts->n : 1;
}

static const struct value *
test_item(const struct test *t, size_t i)
{
	return t->texts->kind == VALUE_LIST ? value_at(t->texts, i) : t->texts;
}

/* The texts to compare with, of which some may be templates. */
static bool
cond_texts(const struct expr_env *env, struct test *t)
{
	const struct value *text;
	size_t i;

	t->kind = MATCH_TEXTS;
	for (i = 0; i < test_count(t); i++) {
		text = test_item(t, i);
		if (value_str(text) == NULL)
			return reader_fault(
			    &env->r, text, "a text was expected in this list of matches");
		if (strstr(value_str(text), "${") == NULL)
			continue;
		if (t->live == NULL)
			t->live = arena_array(env->r.arena, test_count(t), sizeof(*t->live));
		if (t->live == NULL)
			return false;
		t->live[i] = template_compile(env, text);
		if (t->live[i] == NULL)
			return false;
	}
	return true;
}

static bool
cond_match(const struct expr_env *env, const struct value *v, struct test *t)
{
	const struct value *inner = value_get(v, "not");

	if (inner != NULL && v->n == 1) {
		t->negated = !t->negated;
		v = inner;
	}
	t->texts = v;
	if (v->kind != VALUE_LIST && value_str(v) == NULL)
		return reader_fault(&env->r, v,
		    "a match is a text, a list of texts, /RE/, present, absent or {not: MATCH}");
	if (v->kind == VALUE_TEXT && v->len >= 2 && v->text[0] == '/' && v->text[v->len - 1] == '/')
		return cond_regexp(env, v, t);
	if (!text_equal(value_str(v), "present") && !text_equal(value_str(v), "absent"))
		return cond_texts(env, t);
	t->kind = text_equal(value_str(v), "present") ? MATCH_PRESENT : MATCH_ABSENT;
	return true;
}

static bool
cond_skipped(const char *name, const char *const *skip)
{
	for (; skip != NULL && *skip != NULL; skip++) {
		if (strcmp(name, *skip) == 0)
			return true;
	}
	return false;
}

struct cond *
cond_compile(const struct expr_env *env, const struct value *v, const char *const *skip)
{
	struct cond *c = arena_alloc(env->r.arena, sizeof(*c));
	struct expr_env tests = *env;
	bool good = true;
	struct test *t;
	size_t i;

	if (c == NULL)
		return NULL;
	if (!value_is(v, VALUE_OBJECT)) {
		reader_fault(&env->r, v, "a condition is {EXPR: MATCH, ...}");
		return NULL;
	}
	tests.tests = true;
	c->tests = arena_array(env->r.arena, v->n + 1, sizeof(*c->tests));
	if (c->tests == NULL)
		return NULL;
	for (i = 0; i < v->n; i++) {
		if (cond_skipped(v->items[i].name, skip))
			continue;
		t = &c->tests[c->n++];
		t->expr = expr_compile(
		    &tests, v->items[i].name, strlen(v->items[i].name), value_at(v, i));
		good = cond_match(&tests, value_at(v, i), t) && t->expr != NULL && good;
	}
	return good ? c : NULL;
}

bool
cond_member(const struct expr_env *env, const struct value *v, const char *name, struct cond **out)
{
	v = value_get(v, name);
	*out = v == NULL ? NULL : cond_compile(env, v, NULL);
	return v == NULL || *out != NULL;
}

/* "4xx": the statuses of the class that have no meaning of their own. */
static bool
cond_status_class(const char *match, int status)
{
	static const int own[] = {401, 403, 404, 408, 409, 412, 429};
	size_t i;

	if (strlen(match) != 3 || strcmp(match + 1, "xx") != 0 || status / 100 != match[0] - '0')
		return false;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (status == own[i])
			return false;
	}
	return true;
}

static bool
test_text(const struct test *t, const char *match, const char *s)
{
	unsigned long status;

	if (match == NULL)
		return false;
	if (strcmp(match, s) == 0)
		return true;
	return expr_source(t->expr) == SOURCE_STATUS && text_unsigned(s, 999, &status) &&
	       cond_status_class(match, (int)status);
}

/* The literal texts: test_resolve() makes them of templates. */
static bool
test_texts(const struct test *t, const char *s)
{
	size_t i;

	for (i = 0; s != NULL && i < test_count(t); i++) {
		if ((t->live == NULL || t->live[i] == NULL) &&
		    test_text(t, value_str(test_item(t, i)), s))
			return true;
	}
	return false;
}

bool
cond_present(const struct value *v)
{
	if (v == NULL || v->kind == VALUE_NULL)
		return false;
	if (v->kind == VALUE_TEXT)
		return v->len > 0;
	return v->kind != VALUE_LIST || v->n > 0;
}

/* A list matches if one of its items does. */
static bool
test_value(const struct test *t, const struct value *v, struct arena *notes)
{
	size_t i;

	switch (t->kind) {
	case MATCH_PRESENT:
		return cond_present(v);
	case MATCH_ABSENT:
		return !cond_present(v);
	default:
		break;
	}
	if (value_is(v, VALUE_LIST)) {
		for (i = 0; i < v->n; i++) {
			if (value_is(value_at(v, i), VALUE_LIST))
				continue;
			if (test_value(t, value_at(v, i), notes))
				return true;
		}
		return false;
	}
	if (t->kind == MATCH_REGEXP)
		return value_str(v) != NULL && regexp_matches(t->regexp, value_str(v), true, notes);
	return test_texts(t, value_str(v));
}

/* *out: the test with the values of its templates. What is absent matches nothing. */
static enum gw_err
test_resolve(const struct test *t, const struct scope *s, struct test *out)
{
	struct scope scope = *s;
	struct value *texts, *v;
	enum gw_err err = GW_OK;
	size_t i, j;

	*out = *t;
	if (t->live == NULL)
		return GW_OK;
	scope.query = false;
	texts = value_list(s->arena);
	for (i = 0; i < test_count(t) && err == GW_OK; i++) {
		v = (struct value *)test_item(t, i);
		if (t->live[i] != NULL)
			err = template_value(t->live[i], &scope, &v);
		for (j = 0; err == GW_OK && value_is(v, VALUE_LIST) && j < v->n; j++) {
			if (!value_add(s->arena, texts, value_at(v, j)))
				err = fail_memory(s->failure);
		}
		if (err == GW_OK && v != NULL && v->kind != VALUE_LIST &&
		    !value_add(s->arena, texts, v))
			err = fail_memory(s->failure);
	}
	out->texts = texts;
	out->live = NULL;
	return err;
}

enum gw_err
cond_holds(const struct cond *c, const struct scope *s, bool *holds)
{
	bool failed = s->arena->failed, same;
	struct test test;
	struct value *v;
	enum gw_err err;
	size_t i;

	*holds = false;
	for (i = 0; i < c->n; i++) {
		err = expr_eval(c->tests[i].expr, s, &v);
		if (err == GW_OK)
			err = test_resolve(&c->tests[i], s, &test);
		if (err != GW_OK)
			return err;
		same = test_value(&test, v, s->arena);
		if (s->arena->failed && !failed)
			return fail_memory(s->failure);
		if (same == test.negated)
			return GW_OK;
	}
	*holds = true;
	return GW_OK;
}

bool
cond_matches_status(const struct cond *c, int status)
{
	char text[16] = {0};
	size_t i;

	text[0] = (char)('0' + status / 100 % 10);
	text[1] = (char)('0' + status / 10 % 10);
	text[2] = (char)('0' + status % 10);
	for (i = 0; i < c->n; i++) {
		if (expr_source(c->tests[i].expr) == SOURCE_STATUS && c->tests[i].live == NULL &&
		    (c->tests[i].kind != MATCH_TEXTS ||
			test_texts(&c->tests[i], text) == c->tests[i].negated))
			return false;
	}
	return true;
}

bool
cond_tests_only_status(const struct cond *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (expr_source(c->tests[i].expr) != SOURCE_STATUS || c->tests[i].live != NULL)
			return false;
	}
	return c->n > 0;
}

bool
cond_names_in(const struct cond *c, const char *member)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (text_equal(expr_in_member(c->tests[i].expr), member))
			return true;
	}
	return false;
}

bool
cond_names(const struct cond *c, enum source source)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (expr_source(c->tests[i].expr) == source)
			return true;
	}
	return false;
}

static bool
texts_hold(const struct test *t, const char *s)
{
	size_t i;

	for (i = 0; i < test_count(t); i++) {
		if (text_equal(value_str(test_item(t, i)), s))
			return true;
	}
	return false;
}

/*
 * Does b refuse every text that a accepts? Two tests of a list can both hold, by different items.
 */
static bool
tests_exclude(const struct test *a, const struct test *b)
{
	size_t i;

	if (strcmp(expr_source_text(a->expr), expr_source_text(b->expr)) != 0)
		return false;
	if (a->kind == MATCH_ABSENT && (b->kind == MATCH_TEXTS || b->kind == MATCH_REGEXP))
		return !a->negated && !b->negated;
	if (a->kind == MATCH_PRESENT || a->kind == MATCH_ABSENT)
		return (a->kind == b->kind && a->negated != b->negated) ||
		       (a->kind + b->kind == MATCH_PRESENT + MATCH_ABSENT &&
			   a->negated == b->negated);
	if (a->kind != MATCH_TEXTS || b->kind != MATCH_TEXTS || a->negated)
		return false;
	/* Two templates that are written differently may give the same text. */
	if (!b->negated && (!expr_is_one(a->expr) || a->live != NULL || b->live != NULL))
		return false;
	for (i = 0; i < test_count(a); i++) {
		if (texts_hold(b, value_str(test_item(a, i))) != b->negated)
			return false;
	}
	return true;
}

bool
cond_exclude(const struct cond *a, const struct cond *b)
{
	size_t i, j;

	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n; j++) {
			if (tests_exclude(&a->tests[i], &b->tests[j]) ||
			    tests_exclude(&b->tests[j], &a->tests[i]))
				return true;
		}
	}
	return false;
}
