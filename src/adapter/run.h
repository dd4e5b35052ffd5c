/*
 * run.h: one operation of an adapter while it runs: each step's calls are built, sent and judged,
 * and their answers read. For this folder only. What fails writes the reason into the failure of
 * its scope and returns its code; everything lives in the request's arena.
 */
#ifndef RUN_H
#define RUN_H

#include "adapter/adapter.h"

struct op {
	struct hris *hris;
	const struct adapter *adapter;
	enum operation kind;
	const struct operation_in *in;
	struct operation_out *out;
	struct scope scope;      /* in, settings, steps so far */
	size_t caps[RECORD_MAX]; /* of out's lists, by kind */
	struct stream *stream;   /* of the call at hand; NULL: it is not streamed */
	struct value *gathered;  /* OBJECT: the lists that the step at hand sets; NULL: none */
	struct lookup *lookups;  /* of the filter find */
	struct value **tokens;   /* {token} of each auth; NULL: none was needed yet */
	struct http_peer peer;   /* the route's, with the client certificate of the step at hand */
	bool last_page;          /* `until` says so: it need not hold a list */
	int64_t skip_writes;     /* of its writing calls, that an earlier attempt made */
	bool asked;              /* for a snapshot: as many calls as there are agents */
};

/*
 * blame.c. After a step failed for good: adds the settings to refused credentials; the error.
 */
enum gw_err blame_credentials(const struct op *op, const struct step *s);
/* "; called ...; look at SETTING (its help)", or "" where no setting decides. */
const char *blame_answer(
    const struct op *op, const struct step *s, const struct scope *scope, enum failure_class class);

/* run.c: the operation as the HRIS answers it, where the driver answers from a snapshot. */
enum gw_err run_asked(
    struct hris *h, enum operation kind, const struct operation_in *in, struct operation_out *out);

/* A parameter that paging adds. */
struct page_param {
	const char *name;
	struct value *value;
};

/*
 * build.c: a step's call from its templates, or to the URL of a next page (url; NULL: none).
 * Nothing has been sent when this fails.
 */
enum gw_err build_call(const struct op *op, const struct step *s, const struct scope *scope,
    const struct page_param *params, size_t n_params, const char *url, struct http_call *call);

/* call.c: of a text of the call's answer what may be shown; "": nothing, or out of memory. */
const char *
call_without_proofs(const struct op *op, const struct http_call *call, const char *text);

/*
 * call.c: sends n calls of a step and judges each answer. GW_OK: all were answered by success; the
 * JSON of each is in answers (NULL where the step does not read it). A write whose fate is not
 * known fails as GW_EUNKNOWN. end_status: an answer of that status is success without content (0:
 * none).
 */
enum gw_err call_send(struct op *op, const struct step *s, const struct scope *scopes,
    struct http_call *calls, size_t n, int end_status, struct value **answers);

/* read.c: the records of one answer; *n gets how many rows `each` had, before `where`. */
enum gw_err read_answer(struct op *op, const struct step *s, const struct scope *scope, size_t *n);
/* No balance at all is not a balance of 0: the credentials may see nothing. */
enum gw_err read_some_balance(const struct op *op, const struct step *s, size_t n);
/* The rows of one call of a step that streams, read while the answer comes. NULL: no memory. */
struct stream *stream_new(struct op *op, const struct step *s, const struct scope *scope);
/* Before each try; forgets what an earlier one brought. Borrowed. NULL: no memory. */
const struct http_stream *stream_begin(struct stream *st);
/* After an answer of success: the document less that list, as json_parse() gives it. */
struct value *
stream_end(struct stream *st, const struct http_call *call, char *why, size_t why_max);
/* Frees what is not in the arena. st may be NULL. */
void stream_clear(struct stream *st);

/* token.c: before a step is sent: its token, got where there is none. */
enum gw_err token_begin(struct op *op, const struct step *s);
/*
 * After a step failed: were the credentials refused, and is there a new token instead, once? Then
 * its calls are to be built and sent again.
 */
bool token_renew(struct op *op, const struct step *s, bool *renewed);
/* assertion.c */
enum gw_err assertion_make(const struct op *op, const struct token_source *source,
    const struct scope *scope, const char **out);

/* set.c: what a step sets. Before it runs, for each record (or answer), after it. */
enum gw_err set_begin(struct op *op, const struct step *s);
enum gw_err set_gather(struct op *op, const struct step *s, const struct scope *scope);
enum gw_err set_end(struct op *op, const struct step *s);
/* Of a step that gathers nothing. */
enum gw_err set_once(struct op *op, const struct step *s, const struct scope *scope);

/* page.c: all pages of one call. */
enum gw_err page_read_all(struct op *op, const struct step *s, const struct scope *scope);

#endif
