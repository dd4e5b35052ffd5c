/* adapter_run.h: one operation of an adapter while it runs; for adapter_*.c only. */
#ifndef ADAPTER_RUN_H
#define ADAPTER_RUN_H

#include "adapter/adapter.h"

struct run {
	struct hris *hris;
	const struct adapter *adapter;
	enum operation op;
	struct operation_out *out;
	struct scope scope;            /* in, settings, steps so far */
	size_t caps[RECORD_MAX];       /* of out's lists, by kind */
	struct adapter_stream *stream; /* of the call at hand; NULL: it is not streamed */
};

/* A parameter that paging adds. */
struct page_param {
	const char *name;
	struct value *value;
};

/* adapter_build.c: a step's call from its templates. Nothing has been sent when this fails. */
enum gw_err adapter_build(const struct run *r, const struct step *s, const struct scope *scope,
    const struct page_param *params, size_t n_params, const char *url, struct http_call *call);

/*
 * adapter_stream.c: the agents of one call of a step that streams, read while the answer comes. In
 * the arena; NULL: no memory.
 */
struct adapter_stream *
adapter_stream_new(struct run *r, const struct step *s, const struct scope *scope);
/* Before each try; forgets what an earlier one brought. NULL: no memory. Borrowed. */
const struct http_stream *adapter_stream_begin(struct adapter_stream *stream);
/* After an answer of success: the document less that list, as json_parse() gives it. */
struct value *adapter_stream_end(
    struct adapter_stream *stream, const struct http_call *call, char *why, size_t why_max);
/* How many rows there were; or how reading them failed. */
enum gw_err
adapter_stream_rows(const struct adapter_stream *stream, struct failure *failure, size_t *n);
/* What is not in the arena. */
void adapter_stream_clear(struct adapter_stream *stream);

/*
 * adapter_call.c: sends n calls of a step and judges each answer. GW_OK: all were answered by
 * success; the JSON of each is in answers (NULL where the step does not read it). A write whose
 * fate is not known fails as GW_EUNKNOWN. end_status: an answer of that status is success without
 * content (0: none).
 */
enum gw_err adapter_call(struct run *r, const struct step *s, const struct scope *scopes,
    struct http_call *calls, size_t n, int end_status, struct value **answers);

/* adapter_read.c: the records of one answer; *n gets how many rows `each` had, before `where`. */
enum gw_err adapter_read(struct run *r, const struct step *s, const struct scope *scope, size_t *n);
/* One row, in scope->record; keep is where the record lives, scope->arena where it is read. */
enum gw_err adapter_read_row(
    struct run *r, const struct step *s, const struct scope *scope, struct arena *keep);

/* adapter_run.c: no balance at all is no balance of 0: the credentials may see nothing. */
enum gw_err adapter_some_balance(const struct run *r, const struct step *s, size_t n);

/* adapter_pages.c: all pages of one call. */
enum gw_err adapter_pages(struct run *r, const struct step *s, const struct scope *scope);

#endif
