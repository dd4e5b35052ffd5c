/*
 * read.c: the rows of an answer, each of which makes a record. The agents of a large directory are
 * read while the answer comes: of its many megabytes, one employee and the records so far are in
 * memory. The rest of the answer becomes a tree, as others do.
 */
#include <stdio.h>

#include "adapter/record.h"
#include "engine/task.h"
#include "format/json.h"

static enum gw_err
read_row(struct row *rd)
{
	bool holds = true;
	enum gw_err err = GW_OK;

	if (rd->step->where != NULL && rd->step->pick == NULL)
		err = cond_holds(rd->step->where, &rd->scope, &holds);
	if (err == GW_OK && holds && rd->step->record.kind != RECORD_NONE)
		err = record_read(rd);
	if (err == GW_OK && holds && rd->step->set.gathers &&
	    (rd->step->each != NULL || rd->step->each_bind != NULL))
		err = set_gather(rd->op, rd->step, &rd->scope);
	return err;
}

struct stream {
	struct op *op;
	const struct step *step;
	struct scope scope; /* of a row */
	struct json_list list;
	struct json_reader *reader; /* heap */
	struct http_stream sink;
	size_t before; /* agents of earlier pages */
	size_t n;      /* rows */
	bool fed;
	enum gw_err err; /* of the first row that failed */
	struct failure failure;
};

static void
stream_row(void *context, struct arena *a, const struct value *item)
{
	struct stream *st = context;
	struct row row = {
	    .op = st->op, .step = st->step, .scope = st->scope, .keep = st->scope.arena};

	st->n++;
	if (st->err != GW_OK)
		return;
	row.scope.arena = a;
	row.scope.record = (struct value *)item;
	st->err = read_row(&row);
}

static void
stream_put(void *context, const char *data, size_t len)
{
	struct stream *st = context;

	st->fed = st->fed || len > 0;
	json_reader_feed(st->reader, data, len);
}

struct stream *
stream_new(struct op *op, const struct step *s, const struct scope *scope)
{
	struct stream *st = arena_alloc(scope->arena, sizeof(*st));

	if (st == NULL)
		return NULL;
	*st = (struct stream){.op = op, .step = s, .scope = *scope};
	st->scope.failure = &st->failure;
	st->scope.blame = CODE_HRIS_ANSWER;
	st->list = (struct json_list){s->list_names, s->n_list_names, stream_row, st};
	st->sink = (struct http_stream){stream_put, st};
	st->before = op->out->n_agents;
	return st;
}

void
stream_clear(struct stream *st)
{
	if (st == NULL)
		return;
	json_reader_free(st->reader);
	st->reader = NULL;
}

const struct http_stream *
stream_begin(struct stream *st)
{
	stream_clear(st);
	st->op->out->n_agents = st->before;
	st->n = 0;
	st->fed = false;
	st->err = GW_OK;
	fail_clear(&st->failure);
	st->reader = json_reader_new(st->scope.arena, &json_answer, &st->list);
	return st->reader == NULL ? NULL : &st->sink;
}

struct value *
stream_end(struct stream *st, const struct http_call *call, char *why, size_t why_max)
{
	/* Not every transport streams. */
	if (!call->streamed)
		stream_put(st, call->answer, call->answer_len);
	if (!st->fed) {
		(void)snprintf(why, why_max, "the answer is empty");
		return NULL;
	}
	return json_reader_end(st->reader, why, why_max);
}

static enum gw_err
read_no_list(const struct row *rd, const struct expr *e)
{
	return fail(rd->scope.failure, CODE_HRIS_ANSWER, "%s: there is no list at %s",
	    rd->step->shown, expr_source_text(e));
}

static enum gw_err
read_no_time(const struct row *rd)
{
	return fail(rd->scope.failure, CODE_HRIS_TIMEOUT,
	    "%s: no time was left to read the rows of the answer", rd->step->shown);
}

/* The nodes of a path in the answer. */
static enum gw_err
read_select(const struct row *rd, const struct jsonpath *path, struct nodes *out)
{
	if (path != NULL &&
	    jsonpath_select(rd->scope.arena, path, rd->scope.answer, LIMIT_RECORDS, out))
		return GW_OK;
	return path != NULL && task_left_ms(1) <= 0 ? read_no_time(rd)
						    : fail_memory(rd->scope.failure);
}

/* No list usually means no records; of agents it would unlink everybody on that page. */
static enum gw_err
read_check_there(const struct row *rd, const struct expr *e)
{
	const struct jsonpath *path = expr_path(e);
	struct nodes nodes = {0};
	enum gw_err err;

	if (rd->op->kind != OPERATION_AGENTS || rd->op->last_page || path == NULL ||
	    expr_source(e) != SOURCE_ANSWER)
		return GW_OK;
	/* $.people[*].person: what is before the first [*]. */
	while (path != NULL && !jsonpath_is_singular(path))
		path = jsonpath_parent(rd->scope.arena, path);
	err = read_select(rd, path, &nodes);
	if (err != GW_OK)
		return err;
	return nodes.n > 0 && nodes.items[0]->kind != VALUE_NULL ? GW_OK : read_no_list(rd, e);
}

/* A path that ends in [*] must meet an array; anything else is not the answer expected. */
static enum gw_err
read_check_each(const struct row *rd, const struct expr *e)
{
	const struct jsonpath *path = e == NULL ? NULL : expr_path(e), *parent;
	struct nodes nodes = {0};
	enum gw_err err;
	size_t i;

	if (e == NULL)
		return GW_OK;
	if (path == NULL || expr_source(e) != SOURCE_ANSWER || !jsonpath_ends_in_wildcard(path))
		return read_check_there(rd, e);
	parent = jsonpath_parent(rd->scope.arena, path);
	err = read_select(rd, parent, &nodes);
	if (err != GW_OK)
		return err;
	if (nodes.n == 0 && (rd->op->kind != OPERATION_AGENTS || rd->op->last_page))
		return GW_OK;
	for (i = 0; i < nodes.n && nodes.items[i]->kind == VALUE_LIST; i++)
		continue;
	if (i == nodes.n && nodes.n > 0)
		return GW_OK;
	return read_no_list(rd, e);
}

/* One row more, of perhaps many: the others get their turn, and the deadline is kept. */
static enum gw_err
read_next(struct row *rd, struct value *record)
{
	rd->scope.record = record;
	task_breathe();
	return task_left_ms(1) <= 0 ? read_no_time(rd) : read_row(rd);
}

static enum gw_err
read_rows(struct row *rd, size_t *n)
{
	const struct stream *st = rd->op->stream;
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
			err = read_next(rd, rows[i]->value);
		}
		return err;
	}
	err = read_check_each(rd, rd->step->each);
	if (err == GW_OK && st != NULL) {
		*n = st->n;
		if (st->err != GW_OK)
			*rd->scope.failure = st->failure;
		return st->err;
	}
	if (err == GW_OK)
		err = expr_eval(rd->step->each, &rd->scope, &list);
	if (err != GW_OK || list == NULL)
		return err;
	if (list->kind != VALUE_LIST)
		return fail(rd->scope.failure, CODE_HRIS_ANSWER, "%s: %s is no list",
		    rd->step->shown, expr_source_text(rd->step->each));
	*n = list->n;
	for (i = 0; i < list->n && err == GW_OK; i++)
		err = read_next(rd, value_at(list, i));
	return err;
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
		    rd->step->shown, n, expr_source_text(rd->step->expect));
	return GW_OK;
}

enum gw_err
read_answer(struct op *op, const struct step *s, const struct scope *scope, size_t *n)
{
	struct row rd = {.op = op, .step = s, .scope = *scope, .keep = scope->arena};
	const struct binding *bound = scope->bound;
	enum gw_err err;

	*n = 0;
	/* answer: optional */
	if (s->path != NULL && scope->answer == NULL)
		return GW_OK;
	if (s->each == NULL && s->each_bind == NULL) {
		rd.scope.record = scope->answer;
		*n = 1;
		return s->record.kind == RECORD_NONE ? GW_OK : read_row(&rd);
	}
	err = read_rows(&rd, n);
	rd.scope.bound = bound;
	return err == GW_OK ? read_expected(&rd, *n) : err;
}

enum gw_err
read_some_balance(const struct op *op, const struct step *s, size_t n)
{
	if (s->record.kind != RECORD_BALANCE || n > 0)
		return GW_OK;
	return fail(op->hris->failure, CODE_HRIS_BALANCE,
	    "%s: the HRIS answered no balance at all for this agent", s->shown);
}
