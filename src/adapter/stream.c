/*
 * adapter_stream.c: the agents of an answer, read while it comes: of a directory of many megabytes
 * no more is in memory than one employee and what Genesys is told of all. The rest of the answer
 * becomes a tree as ever.
 */
#include <stdio.h>

#include "adapter/run.h"
#include "format/json.h"

struct adapter_stream {
	struct run *run;
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
	struct adapter_stream *st = context;
	struct scope scope = st->scope;

	st->n++;
	if (st->err != GW_OK)
		return;
	scope.arena = a;
	scope.record = (struct value *)item;
	st->err = adapter_read_row(st->run, st->step, &scope, st->scope.arena);
}

static void
stream_put(void *context, const char *data, size_t len)
{
	struct adapter_stream *st = context;

	st->fed = st->fed || len > 0;
	json_reader_feed(st->reader, data, len);
}

struct adapter_stream *
adapter_stream_new(struct run *r, const struct step *s, const struct scope *scope)
{
	struct adapter_stream *st = arena_alloc(scope->arena, sizeof(*st));

	if (st == NULL)
		return NULL;
	*st = (struct adapter_stream){.run = r, .step = s, .scope = *scope};
	st->scope.failure = &st->failure;
	st->scope.blame = CODE_HRIS_ANSWER;
	st->list = (struct json_list){s->list_names, s->n_list_names, stream_row, st};
	st->sink = (struct http_stream){stream_put, st};
	st->before = r->out->n_agents;
	return st;
}

const struct http_stream *
adapter_stream_begin(struct adapter_stream *st)
{
	adapter_stream_clear(st);
	st->run->out->n_agents = st->before;
	st->n = 0;
	st->fed = false;
	st->err = GW_OK;
	fail_clear(&st->failure);
	st->reader = json_reader_new(st->scope.arena, &json_answer, &st->list);
	return st->reader == NULL ? NULL : &st->sink;
}

struct value *
adapter_stream_end(
    struct adapter_stream *st, const struct http_call *call, char *why, size_t why_max)
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

enum gw_err
adapter_stream_rows(const struct adapter_stream *st, struct failure *failure, size_t *n)
{
	*n = st->n;
	if (st->err != GW_OK)
		*failure = st->failure;
	return st->err;
}

void
adapter_stream_clear(struct adapter_stream *st)
{
	if (st == NULL)
		return;
	json_reader_free(st->reader);
	st->reader = NULL;
}
