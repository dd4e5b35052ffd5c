/* adapter_read.c: the rows of an answer, each of which makes a record. */
#include "adapter/record.h"

static enum gw_err
read_one(struct row *rd)
{
	bool holds = true;
	enum gw_err err = GW_OK;

	if (rd->step->where != NULL && rd->step->pick == NULL)
		err = cond_holds(rd->step->where, &rd->scope, &holds);
	if (err != GW_OK || !holds || rd->step->record.kind == RECORD_NONE)
		return err;
	return record_read(rd);
}

static enum gw_err
read_no_list(const struct row *rd, const struct expr *e)
{
	return fail(rd->scope.failure, CODE_HRIS_ANSWER, "%s: there is no list at %s",
	    rd->step->request, expr_source_text(e));
}

/* No list at all is none, but of agents it would unlink everybody on that page. */
static enum gw_err
read_check_there(const struct row *rd, const struct expr *e)
{
	const struct jsonpath *path = expr_path(e);
	struct nodes nodes = {0};

	if (rd->op->op != OPERATION_AGENTS || path == NULL || expr_source(e) != SOURCE_ANSWER)
		return GW_OK;
	/* $.people[*].person: what is before the first [*]. */
	while (path != NULL && !jsonpath_is_singular(path))
		path = jsonpath_parent(rd->scope.arena, path);
	if (path == NULL ||
	    !jsonpath_select(rd->scope.arena, path, rd->scope.answer, LIMIT_RECORDS, &nodes))
		return fail_memory(rd->scope.failure);
	return nodes.n > 0 && nodes.items[0]->kind != VALUE_NULL ? GW_OK : read_no_list(rd, e);
}

/* What ends in [*] goes through an array; anything else there is no answer to read. */
static enum gw_err
read_check_each(const struct row *rd, const struct expr *e)
{
	const struct jsonpath *path = e == NULL ? NULL : expr_path(e), *parent;
	struct nodes nodes = {0};
	size_t i;

	if (e == NULL)
		return GW_OK;
	if (path == NULL || expr_source(e) != SOURCE_ANSWER || !jsonpath_ends_in_wildcard(path))
		return read_check_there(rd, e);
	parent = jsonpath_parent(rd->scope.arena, path);
	if (parent == NULL ||
	    !jsonpath_select(rd->scope.arena, parent, rd->scope.answer, LIMIT_RECORDS, &nodes))
		return fail_memory(rd->scope.failure);
	if (nodes.n == 0 && rd->op->op != OPERATION_AGENTS)
		return GW_OK;
	for (i = 0; i < nodes.n && nodes.items[i]->kind == VALUE_LIST; i++)
		continue;
	if (i == nodes.n && nodes.n > 0)
		return GW_OK;
	return read_no_list(rd, e);
}

static enum gw_err
read_rows(struct row *rd, size_t *n)
{
	const struct binding **rows;
	struct value *list = NULL;
	enum gw_err err;
	size_t i;

	if (rd->step->each_bind != NULL) {
		err = read_check_each(rd, bind_expr(rd->step->each_bind, 0));
		if (err == GW_OK)
			err = bind_rows(rd->step->each_bind, &rd->scope, &rows, n);
		for (i = 0; err == GW_OK && i < *n; i++) {
			rd->scope.bound = rows[i];
			rd->scope.record = rows[i]->value;
			err = read_one(rd);
		}
		return err;
	}
	err = read_check_each(rd, rd->step->each);
	if (err == GW_OK && rd->op->stream != NULL)
		return adapter_stream_rows(rd->op->stream, rd->scope.failure, n);
	if (err == GW_OK)
		err = expr_eval(rd->step->each, &rd->scope, &list);
	if (err != GW_OK || list == NULL)
		return err;
	if (list->kind != VALUE_LIST)
		return fail(rd->scope.failure, CODE_HRIS_ANSWER, "%s: %s is no list",
		    rd->step->request, expr_source_text(rd->step->each));
	*n = list->n;
	for (i = 0; i < list->n && err == GW_OK; i++) {
		rd->scope.record = list->items[i].value;
		err = read_one(rd);
	}
	return err;
}

enum gw_err
adapter_read_row(struct run *r, const struct step *s, const struct scope *scope, struct arena *keep)
{
	struct row rd = {.op = r, .step = s, .scope = *scope, .keep = keep};

	return read_one(&rd);
}

static enum gw_err
read_expected(const struct row *rd, size_t n)
{
	struct value *list;
	enum gw_err err;

	if (rd->step->expect == NULL)
		return GW_OK;
	err = expr_eval(rd->step->expect, &rd->scope, &list);
	if (err != GW_OK)
		return err;
	if (list == NULL || list->kind != VALUE_LIST || list->n != n)
		return fail(rd->scope.failure, CODE_HRIS_ANSWER,
		    "%s: the HRIS answered %zu records where as many as %s were expected",
		    rd->step->request, n, expr_source_text(rd->step->expect));
	return GW_OK;
}

enum gw_err
adapter_read(struct run *r, const struct step *s, const struct scope *scope, size_t *n)
{
	struct row rd = {.op = r, .step = s, .scope = *scope, .keep = scope->arena};
	const struct binding *bound = scope->bound;
	enum gw_err err;

	*n = 0;
	if (s->each == NULL && s->each_bind == NULL) {
		rd.scope.record = scope->answer;
		*n = 1;
		return s->record.kind == RECORD_NONE ? GW_OK : read_one(&rd);
	}
	err = read_rows(&rd, n);
	rd.scope.bound = bound;
	return err == GW_OK ? read_expected(&rd, *n) : err;
}
