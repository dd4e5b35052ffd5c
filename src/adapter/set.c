/*
 * set.c: what a step sets for later ones: values of its one answer, or the lists of them over all
 * its records, calls and pages.
 */
#include "adapter/run.h"

enum gw_err
set_begin(struct op *op, const struct step *s)
{
	struct arena *a = op->hris->arena;
	size_t i;

	op->gathered = NULL;
	if (!s->set.gathers)
		return GW_OK;
	op->gathered = value_object(a);
	for (i = 0; i < s->set.n; i++) {
		if (!value_set(a, op->gathered, s->set.names[i], value_list(a)))
			return fail_memory(op->hris->failure);
	}
	return GW_OK;
}

static enum gw_err
set_add(const struct op *op, struct value *list, struct value *item)
{
	if (list->n >= LIMIT_RECORDS)
		return fail(
		    op->hris->failure, CODE_HRIS_TOO_MANY, "more than %d records", LIMIT_RECORDS);
	return value_add(op->hris->arena, list, item) ? GW_OK : fail_memory(op->hris->failure);
}

/* The items of a list are added one by one; what is absent or null adds nothing. */
enum gw_err
set_gather(struct op *op, const struct step *s, const struct scope *scope)
{
	struct value *list, *v;
	enum gw_err err = GW_OK;
	size_t i, j;

	for (i = 0; i < s->set.n && err == GW_OK; i++) {
		list = value_at(op->gathered, i);
		err = expr_eval(s->set.exprs[i], scope, &v);
		if (err != GW_OK || v == NULL || v->kind == VALUE_NULL)
			continue;
		if (v->kind != VALUE_LIST)
			err = set_add(op, list, v);
		for (j = 0; v->kind == VALUE_LIST && j < v->n && err == GW_OK; j++)
			err = set_add(op, list, value_at(v, j));
	}
	return err;
}

enum gw_err
set_end(struct op *op, const struct step *s)
{
	struct value *mine = op->gathered;

	op->gathered = NULL;
	if (mine == NULL || value_set(op->hris->arena, op->scope.steps, s->name, mine))
		return GW_OK;
	return fail_memory(op->hris->failure);
}

enum gw_err
set_once(struct op *op, const struct step *s, const struct scope *scope)
{
	struct arena *a = op->hris->arena;
	struct value *mine, *v;
	enum gw_err err;
	size_t i;

	if (s->name == NULL)
		return GW_OK;
	mine = value_object(a);
	for (i = 0; i < s->set.n; i++) {
		err = expr_eval(s->set.exprs[i], scope, &v);
		if (err != GW_OK)
			return err;
		if (v != NULL && !value_set(a, mine, s->set.names[i], v))
			return fail_memory(op->hris->failure);
	}
	return value_set(a, op->scope.steps, s->name, mine) ? GW_OK
							    : fail_memory(op->hris->failure);
}
