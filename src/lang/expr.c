/* expr.c: evaluation of compiled expressions. */
#include <stdio.h>
#include <string.h>

#include "engine/task.h"
#include "lang/expr_tree.h"

enum { EXPR_RAW_MAX = 64 * 1024 }; /* of an answer read as text: an error page */

static struct value *
eval_bound(const struct scope *s, const char *name)
{
	const struct binding *b;

	for (b = s->bound; b != NULL; b = b->next) {
		if (strcmp(b->name, name) == 0)
			return b->value;
	}
	return NULL;
}

static struct value *
eval_root(const struct expr *e, const struct scope *s)
{
	const char *text;

	switch (e->source) {
	case SOURCE_IN:
		return s->in;
	case SOURCE_SETTINGS:
		return s->settings;
	case SOURCE_STEPS:
		return s->steps;
	case SOURCE_ANSWER:
		return s->answer;
	case SOURCE_RECORD:
		return s->record;
	case SOURCE_STATUS:
		return s->call == NULL ? NULL : value_integer(s->arena, s->call->status);
	case SOURCE_HEADER:
		text = s->call == NULL ? NULL : http_answer_header(s->call, e->name);
		return text == NULL ? NULL : value_text(s->arena, text);
	case SOURCE_TEXT:
		return s->call == NULL ? NULL
				       : value_text_len(s->arena, s->call->answer,
					     strnlen(s->call->answer, EXPR_RAW_MAX));
	case SOURCE_BOUND:
		return eval_bound(s, e->name);
	default:
		return e->literal;
	}
}

static enum gw_err
eval_path(const struct expr *e, const struct scope *s, struct value *root, struct value **out)
{
	struct nodes nodes = {0};
	struct value *list;
	size_t i;

	if (!jsonpath_select(s->arena, e->path, root, LIMIT_RECORDS, &nodes)) {
		if (task_left_ms(1) <= 0)
			return fail(s->failure, CODE_HRIS_TIMEOUT,
			    "no time was left to find \"%s\" in the answer", e->text);
		return fail(s->failure, s->blame, "\"%s\" selects more than %d values", e->text,
		    LIMIT_RECORDS);
	}
	if (jsonpath_is_singular(e->path)) {
		*out = nodes.n == 0 ? NULL : (struct value *)nodes.items[0];
		return GW_OK;
	}
	list = value_list(s->arena);
	for (i = 0; i < nodes.n; i++) {
		if (!value_add(s->arena, list, (struct value *)nodes.items[i]))
			return fail_memory(s->failure);
	}
	*out = list;
	return list == NULL ? fail_memory(s->failure) : GW_OK;
}

static enum gw_err
eval_source(const struct expr *e, const struct scope *s, struct value **out)
{
	struct value *root = eval_root(e, s);

	*out = root;
	if (root == NULL || e->path == NULL)
		return GW_OK;
	*out = NULL;
	return eval_path(e, s, root, out);
}

/*
 * A scalar filter works on each item of a list; items that are absent, or become so, are dropped.
 */
static enum gw_err
eval_each(
    const struct filter *f, const struct filter_call *call, struct value *in, struct value **out)
{
	struct value *list = value_list(call->scope->arena), *item;
	enum gw_err err;
	size_t i;

	for (i = 0; list != NULL && i < in->n; i++) {
		item = NULL;
		if (value_is(value_at(in, i), VALUE_NULL))
			continue;
		err = f->run(call, value_at(in, i), &item);
		if (err != GW_OK)
			return err;
		if (item != NULL && !value_add(call->scope->arena, list, item))
			return fail_memory(call->scope->failure);
	}
	return filter_give(call, list, out);
}

static enum gw_err
eval_filter(
    const struct filter_use *use, const struct scope *s, struct value *in, struct value **out)
{
	struct filter_call call = {.scope = s, .map = use->map, .n_args = use->n_args};
	const struct filter *f = use->filter;
	enum gw_err err;
	size_t i;

	*out = NULL;
	/* To filters that do not take just any value, null is absent. */
	if (value_is(in, VALUE_NULL) && (f->list || f->in != KIND_ANY))
		in = NULL;
	if (in == NULL && !f->absent)
		return GW_OK;
	for (i = 0; i < use->n_args; i++) {
		err = eval_source(&use->args[i], s, &call.args[i]);
		if (err != GW_OK)
			return err;
	}
	if (in != NULL && f->list && in->kind != VALUE_LIST && in->kind != VALUE_OBJECT)
		return filter_fail(&call, f->name, "a list was expected");
	if (!f->list && in != NULL && in->kind == VALUE_LIST && f->in != KIND_ANY)
		return eval_each(f, &call, in, out);
	return f->run(&call, in, out);
}

enum gw_err
expr_eval(const struct expr *e, const struct scope *s, struct value **out)
{
	struct value *v = NULL, *next;
	enum gw_err err;
	size_t i;

	*out = NULL;
	err = eval_source(e, s, &v);
	for (i = 0; err == GW_OK && i < e->n_filters; i++) {
		err = eval_filter(&e->filters[i], s, v, &next);
		v = next;
	}
	if (err == GW_OK)
		*out = v;
	return err;
}

enum gw_err
expr_text(const struct expr *e, const struct scope *s, const char **out)
{
	struct value *v;
	enum gw_err err = expr_eval(e, s, &v);

	*out = NULL;
	if (err != GW_OK)
		return err;
	if (v != NULL && v->kind == VALUE_LIST && v->n <= 1)
		v = v->n == 0 ? NULL : value_at(v, 0);
	if (v != NULL && (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT))
		return fail(s->failure, s->blame, "\"%s\" gives %s where one value is wanted",
		    e->text, v->kind == VALUE_LIST ? "a list" : "an object");
	*out = value_str(v);
	return GW_OK;
}

const char *
expr_word(const struct expr *e, const struct scope *s)
{
	struct failure ignored = {0};
	struct scope inner = *s;
	struct value *v = NULL;

	inner.failure = &ignored;
	if (eval_source(e, &inner, &v) != GW_OK)
		return NULL;
	if (value_is(v, VALUE_LIST) && v->n == 1)
		v = value_at(v, 0);
	return value_str(v);
}

const char *
expr_source_text(const struct expr *e)
{
	return e->text;
}

enum source
expr_source(const struct expr *e)
{
	return e->source;
}

const struct jsonpath *
expr_path(const struct expr *e)
{
	return e->path;
}

bool
expr_has_filters(const struct expr *e)
{
	return e->n_filters > 0;
}

const char *
expr_in_member(const struct expr *e)
{
	return e->source == SOURCE_IN ? e->member : NULL;
}

const char *
expr_setting(const struct expr *e)
{
	return e->source == SOURCE_SETTINGS ? e->member : NULL;
}

bool
expr_is_literal(const struct expr *e)
{
	return e->source == SOURCE_LITERAL;
}

bool
expr_is_one(const struct expr *e)
{
	bool one = (e->path == NULL || jsonpath_is_singular(e->path)) &&
		   (e->one || e->source == SOURCE_LITERAL);
	const struct filter *f;
	size_t i;

	for (i = 0; i < e->n_filters; i++) {
		f = e->filters[i].filter;
		if (f->list)
			one = f->out == KIND_TEXT || f->out == KIND_NUMBER;
		else if (f->out == KIND_LIST ||
			 (f->absent && e->filters[i].args[0].literal == NULL))
			one = false;
	}
	return one;
}

const struct shape *
expr_item_shape(const struct expr *e)
{
	return e->n_filters == 0 ? e->item : NULL;
}

const char *
expr_map_name(const struct expr *e)
{
	size_t i = e->n_filters;

	while (i-- > 0) {
		if (strcmp(e->filters[i].filter->name, "map") == 0)
			return e->filters[i].map_name;
	}
	return NULL;
}

bool
expr_ends_in(const struct expr *e, const char *filter)
{
	if (e->n_filters == 0)
		return false;
	return strcmp(e->filters[e->n_filters - 1].filter->name, filter) == 0;
}

bool
expr_has_filter(const struct expr *e, const char *filter)
{
	size_t i;

	for (i = 0; i < e->n_filters; i++) {
		if (strcmp(e->filters[i].filter->name, filter) == 0)
			return true;
	}
	return false;
}
