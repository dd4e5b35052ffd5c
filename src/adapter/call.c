/*
 * call.c: sends a step's calls and judges each answer: by the step's own rules first, then by the
 * file's, then by what HTTP says of its status. Reads are repeated where that can help; a write is
 * never sent twice.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapter/run.h"
#include "base/text.h"
#include "format/json.h"

/* How an answer is judged. */
struct verdict {
	enum failure_class class;
	bool declared;        /* by a rule of the adapter */
	const char *say;      /* of that rule; NULL: nothing */
	bool end;             /* the status that ends a list */
	struct value *answer; /* NULL: it is not read, or is no JSON */
	bool unread;          /* no memory or time was left for it */
	char why[160];        /* why it is no JSON, or unread */
};

enum {
	MESSAGE_MAX = 300,
	MESSAGE_READ = 8192 /* bytes of it that are looked at */
};

/* RFC 9110 section 15, if no rule of the adapter says otherwise. */
static enum failure_class
class_of_status(int status)
{
	switch (status) {
	case 401:
		return CLASS_CREDENTIALS;
	case 403:
		return CLASS_FORBIDDEN;
	case 404:
	case 410:
		return CLASS_NOT_FOUND;
	case 409:
		return CLASS_CONFLICT;
	case 429:
		return CLASS_BUSY;
	default:
		break;
	}
	/* No range was asked for: 206 is half of an answer. */
	if (status >= 200 && status < 300 && status != 206)
		return CLASS_OK;
	return status >= 400 && status < 500 && status != 408 ? CLASS_REFUSED : CLASS_UNAVAILABLE;
}

static enum gw_err
class_by_rules(const struct failure_rules *rules, const struct scope *s, struct verdict *out)
{
	enum gw_err err;
	bool holds;
	size_t i;

	for (i = 0; i < rules->n && out->class == CLASS_NONE; i++) {
		err = cond_holds(rules->items[i].cond, s, &holds);
		if (err != GW_OK)
			return err;
		if (!holds)
			continue;
		out->class = rules->items[i].is;
		out->say = rules->items[i].say;
	}
	return GW_OK;
}

const char *
call_without_proofs(const struct op *op, const struct http_call *call, const char *text)
{
	struct arena *a = op->hris->arena;
	struct proofs proofs;
	const char *out = NULL;

	if (proofs_of(&proofs, op->adapter, op->scope.settings, call, a))
		out = proofs_hide(&proofs, text, MESSAGE_READ, a);
	return out == NULL ? "" : out;
}

/* The vendor's own words, on one line without control characters; "" if there are none. */
static const char *
call_message(const struct op *op, const struct scope *s)
{
	struct failure ignored = {0};
	struct scope scope = *s;
	const char *text = NULL;
	char *copy, *p;
	size_t i;

	scope.failure = &ignored;
	for (i = 0; i < op->adapter->n_messages && text_is_empty(text); i++) {
		fail_clear(&ignored);
		if (expr_text(op->adapter->messages[i], &scope, &text) != GW_OK)
			text = NULL;
	}
	if (text == NULL || text[0] == '\0')
		return "";
	text = call_without_proofs(op, s->call, text);
	i = strnlen(text, MESSAGE_MAX);
	while (text[i] != '\0' && i > 0 && ((unsigned char)text[i] & 0xC0) == 0x80)
		i--;
	copy = arena_strndup(s->arena, text, i);
	if (copy == NULL || !text_utf8(copy, strlen(copy)))
		return "";
	for (p = copy; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	}
	return copy;
}

static bool
rules_read_body(const struct failure_rules *rules)
{
	size_t i;

	for (i = 0; i < rules->n; i++) {
		if (!cond_tests_only_status(rules->items[i].cond))
			return true;
	}
	return false;
}

/* The answer as JSON; NULL with why if it is none. */
static struct value *
call_json(const struct op *op, const struct http_call *call, char *why, size_t why_max)
{
	if (call->answer[strspn(call->answer, " \t\r\n")] == '<') {
		(void)snprintf(why, why_max,
		    "it begins with <, as a page for people does; look at what base_url leads to");
		return NULL;
	}
	if (op->stream != NULL && call->status >= 200 && call->status < 300)
		return stream_end(op->stream, call, why, why_max);
	if (call->answer_len == 0) {
		(void)snprintf(why, why_max, "the answer is empty");
		return NULL;
	}
	return json_parse(
	    op->hris->arena, call->answer, call->answer_len, &json_answer, why, why_max);
}

static enum gw_err
call_judge(const struct op *op, const struct step *s, const struct scope *base,
    const struct http_call *call, int end_status, struct verdict *v)
{
	struct scope scope = *base;
	enum gw_err err;

	*v = (struct verdict){.end = end_status != 0 && call->status == end_status};
	if (v->end)
		return GW_OK;
	if (s->reads || call->status >= 300 || rules_read_body(&s->failures) ||
	    rules_read_body(&op->adapter->failures)) {
		errno = 0;
		v->answer = call_json(op, call, v->why, sizeof(v->why));
		v->unread = v->answer == NULL && json_fault(CODE_NONE) != CODE_NONE;
		/* Nothing can be said of an answer that was not read. */
		if (v->unread)
			return fail(
			    op->hris->failure, json_fault(CODE_NONE), "%s: %s", s->shown, v->why);
	}
	scope.call = call;
	scope.answer = v->answer;
	scope.blame = CODE_HRIS_ANSWER;
	err = class_by_rules(&s->failures, &scope, v);
	if (err == GW_OK)
		err = class_by_rules(&op->adapter->failures, &scope, v);
	v->declared = v->class != CLASS_NONE;
	if (!v->declared)
		v->class = class_of_status(call->status);
	return err;
}

enum { BACKOFF_BASE_MS = 200, BACKOFF_CAP_MS = 5000 };

/* What a class means to the caller. */
static const enum fail_code class_codes[] = {
    [CLASS_NONE] = CODE_NONE,
    [CLASS_OK] = CODE_NONE,
    [CLASS_BUSY] = CODE_HRIS_BUSY,
    [CLASS_CREDENTIALS] = CODE_HRIS_CREDENTIALS,
    [CLASS_FORBIDDEN] = CODE_HRIS_FORBIDDEN,
    [CLASS_NOT_FOUND] = CODE_HRIS_NOT_FOUND,
    [CLASS_CONFLICT] = CODE_HRIS_CONFLICT,
    [CLASS_REFUSED] = CODE_HRIS_REFUSED,
    [CLASS_INSUFFICIENT] = CODE_HRIS_INSUFFICIENT_BALANCE,
    [CLASS_UNAVAILABLE] = CODE_HRIS_UNAVAILABLE,
};
_Static_assert(sizeof(class_codes) / sizeof(class_codes[0]) == CLASS_MAX, "a code a class");

static enum gw_err
call_unknown(const struct op *op, const struct step *s, const char *what)
{
	bool marked = op->kind == OPERATION_INSERT || op->kind == OPERATION_CHANGE;

	/* With a ledger the policy says what to search for, and for whom. */
	if (op->hris->ledger != NULL)
		return fail(op->hris->failure, CODE_HRIS_OUTCOME_UNKNOWN, "%s: %s", s->shown, what);
	return fail(op->hris->failure, CODE_HRIS_OUTCOME_UNKNOWN,
	    "%s: %s; it may have been applied: look in the HRIS%s%s before doing it by hand",
	    s->shown, what, marked && op->hris->marker != NULL ? " for " : "",
	    marked && op->hris->marker != NULL ? op->hris->marker : "");
}

/* No whole answer came. */
static enum gw_err
call_unanswered(const struct op *op, const struct step *s, const struct http_call *call)
{
	if (call->fate == HTTP_LOST && s->writes != WRITES_NO)
		return call_unknown(op, s, call->why);
	return fail(op->hris->failure, call->code == CODE_NONE ? CODE_HRIS_UNAVAILABLE : call->code,
	    "%s: %s%s", s->shown, call->why, s->writes != WRITES_NO ? "; nothing was sent" : "");
}

static enum gw_err
call_failed(
    const struct op *op, const struct step *s, const struct scope *scope, const struct verdict *v)
{
	const char *message = v->unread ? v->why : call_message(op, scope);
	const char *colon = message[0] == '\0' ? "" : ": ";
	int status = scope->call->status;
	bool certain;

	if (s->writes != WRITES_NO) {
		/* 409 is certain only if the adapter declares what it means. */
		certain =
		    v->class != CLASS_UNAVAILABLE && (v->declared || v->class != CLASS_CONFLICT);
		if (!certain)
			return call_unknown(op, s,
			    arena_printf(
				scope->arena, "the HRIS answered %d%s%s", status, colon, message));
	}
	if (status >= 300 && status < 400 && !v->declared)
		return fail(op->hris->failure, CODE_HRIS_ANSWER,
		    "%s: the HRIS answered %d, a redirect; correct base_url", s->shown, status);
	return fail(op->hris->failure, class_codes[v->class], "%s: the HRIS answered %d%s%s%s%s%s",
	    s->shown, status, colon, message, v->say == NULL ? "" : "; ",
	    v->say == NULL ? "" : v->say, blame_answer(op, s, scope, v->class));
}

/* What $ is in the step: the answer, out of its envelope. NULL with v->why where it is none. */
static enum gw_err
call_open(const struct op *op, const struct step *s, const struct scope *scope, struct verdict *v,
    struct value **answer)
{
	const struct expr *envelope = op->adapter->answer;
	enum gw_err err;

	*answer = v->answer;
	if (envelope == NULL || s->bare || v->answer == NULL)
		return GW_OK;
	err = expr_eval(envelope, scope, answer);
	if (*answer == NULL)
		(void)snprintf(v->why, sizeof(v->why), "it lacks %s", expr_source_text(envelope));
	return err;
}

/* The outcome of one call. */
static enum gw_err
call_finish(struct op *op, const struct step *s, const struct scope *base,
    const struct http_call *call, struct verdict *v, struct value **answer)
{
	struct scope scope = *base;
	enum gw_err err;

	*answer = NULL;
	if (call->fate != HTTP_ANSWERED)
		return call_unanswered(op, s, call);
	if (v->end)
		return GW_OK;
	scope.call = call;
	scope.answer = v->answer;
	if (v->class != CLASS_OK)
		return call_failed(op, s, &scope, v);
	op->out->written = op->out->written || s->writes != WRITES_NO;
	if (!s->reads || (s->answer_optional && call->answer_len == 0))
		return GW_OK;
	scope.blame = CODE_HRIS_ANSWER;
	err = call_open(op, s, &scope, v, answer);
	if (err != GW_OK || *answer != NULL)
		return err;
	if (s->writes != WRITES_NO)
		return call_unknown(op, s,
		    arena_printf(op->hris->arena,
			"the HRIS answered %d with something unreadable (%s)", call->status,
			v->why));
	if (v->answer != NULL)
		return fail(op->hris->failure, CODE_HRIS_ANSWER, "%s: the HRIS answered %d, and %s",
		    s->shown, call->status, v->why);
	return fail(op->hris->failure, CODE_HRIS_ANSWER,
	    "%s: the HRIS answered %d with something that is no JSON: %s", s->shown, call->status,
	    v->why);
}

/* Can repeating a read help? What stalled is tried a second time. */
static bool
call_again(const struct http_call *call, const struct verdict *v, int tries)
{
	if (call->fate != HTTP_ANSWERED)
		return call->code == CODE_HRIS_UNAVAILABLE ||
		       (call->code == CODE_HRIS_TIMEOUT && tries == 1);
	if (call->status >= 300 && call->status < 400)
		return false;
	return v->class == CLASS_BUSY || v->class == CLASS_UNAVAILABLE;
}

/* The calls of one step while they are sent. */
struct sending {
	struct op *op;
	const struct step *step;
	const struct scope *scopes;
	struct http_call *calls, *some;
	struct verdict *verdicts;
	size_t *again; /* indexes of calls to send */
	size_t n, n_again;
	int end_status;
	int tries; /* before this one */
};

static int64_t
backoff_ms(const struct op *op, const struct http_call *call, int tries)
{
	int64_t cap = (int64_t)BACKOFF_BASE_MS << tries;
	uint32_t chance = 0;

	if (call->retry_after_ms >= 0)
		return call->retry_after_ms;
	if (call->code == CODE_HRIS_TIMEOUT)
		return 0;
	cap = cap > BACKOFF_CAP_MS ? BACKOFF_CAP_MS : cap;
	(void)clock_random(op->hris->clock, &chance, sizeof(chance));
	return (int64_t)(chance % (uint32_t)(cap + 1));
}

static void
call_note(struct op *op, const struct step *s, const struct http_call *call)
{
	struct hris *h = op->hris;
	struct hris_call *calls =
	    arena_grow(h->arena, h->calls, h->n_calls, &h->cap_calls, sizeof(*calls));

	h->failure->memory = h->failure->memory || call->code == CODE_GATEWAY_MEMORY;
	h->timed_out = h->timed_out || (call->code == CODE_HRIS_TIMEOUT && call->stall_ms == 0);
	if (h->unanswered == NULL && call->fate != HTTP_ANSWERED)
		h->unanswered = arena_strdup(h->arena, call->why);
	if (calls == NULL)
		return;
	h->calls = calls;
	calls[h->n_calls++] = (struct hris_call){s->request, call->status, call->took_ms};
}

static int64_t
sending_deadline(const struct sending *f)
{
	const struct hris *h = f->op->hris;

	return f->step->writes == WRITES_NO ? h->deadline_ms : hris_write_deadline(h);
}

/* If the rules fail on the answer to a write, it says nothing; above all not "refused". */
static enum gw_err
sending_judge(struct sending *f, size_t at)
{
	enum gw_err err = call_judge(
	    f->op, f->step, &f->scopes[at], &f->calls[at], f->end_status, &f->verdicts[at]);

	if (err == GW_OK || f->step->writes == WRITES_NO)
		return err;
	fail_clear(f->op->hris->failure);
	f->verdicts[at].class = CLASS_UNAVAILABLE;
	return GW_OK;
}

/* For how long nothing may come of a first read: two thirds of the time, so that there is room for
 * a second one. */
static int64_t
sending_stall_ms(const struct sending *f)
{
	const struct hris *h = f->op->hris;
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	return f->step->writes == WRITES_NO && f->tries == 0 && left > 0 ? left - left / 3 : 0;
}

/* Sends the calls in `again` and judges their answers. */
static enum gw_err
sending_send(struct sending *f)
{
	struct hris *h = f->op->hris;
	int64_t stall_ms = sending_stall_ms(f);
	enum gw_err err = GW_OK;
	size_t i, at;

	for (i = 0; i < f->n_again; i++) {
		f->some[i] = f->calls[f->again[i]];
		f->some[i].stall_ms = stall_ms;
	}
	f->tries++;
	if (f->op->stream != NULL) {
		f->some[0].stream = stream_begin(f->op->stream);
		if (f->some[0].stream == NULL)
			return fail_memory(h->failure);
	}
	f->op->peer.writing = h->writing;
	h->transport->send(h->transport->context, &f->op->peer, f->some, f->n_again,
	    sending_deadline(f), h->arena);
	for (i = 0; i < f->n_again; i++) {
		at = f->again[i];
		f->calls[at] = f->some[i];
		call_note(f->op, f->step, &f->some[i]);
		if (err == GW_OK && f->calls[at].fate == HTTP_ANSWERED)
			err = sending_judge(f, at);
	}
	return err;
}

/* Keeps in `again` the reads whose failure may pass. Returns the longest wait among them. */
static int64_t
sending_choose(struct sending *f)
{
	const struct hris *h = f->op->hris;
	int64_t wait_ms, longest_ms = 0;
	size_t i, at, kept = 0;

	for (i = 0; i < f->n_again && f->step->writes == WRITES_NO; i++) {
		at = f->again[i];
		if (!call_again(&f->calls[at], &f->verdicts[at], f->tries))
			continue;
		wait_ms = backoff_ms(f->op, &f->calls[at], f->tries);
		if (wait_ms >= h->deadline_ms - clock_mono_ms(h->clock))
			continue;
		longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
		f->again[kept++] = at;
	}
	f->n_again = kept;
	return longest_ms;
}

static enum gw_err
sending_run(struct sending *f)
{
	enum gw_err err = GW_OK;
	int64_t wait_ms;

	if (f->step->writes != WRITES_NO)
		err = hris_begin_write(f->op->hris, f->op->out);
	if (err == GW_OK)
		err = sending_send(f);
	while (err == GW_OK && f->tries < LIMIT_TRIES) {
		wait_ms = sending_choose(f);
		if (f->n_again == 0)
			break;
		clock_sleep_ms(f->op->hris->clock, wait_ms);
		err = sending_send(f);
	}
	return err;
}

/* If only some of several writes were applied, the outcome is not "not written". */
static enum gw_err
sending_finish(struct sending *f, struct value **answers)
{
	struct failure *failure = f->op->hris->failure, first = {0};
	size_t i, applied = 0;
	enum gw_err err;

	for (i = 0; i < f->n; i++) {
		fail_clear(failure);
		err = call_finish(
		    f->op, f->step, &f->scopes[i], &f->calls[i], &f->verdicts[i], &answers[i]);
		applied += err == GW_OK || err == GW_EUNKNOWN;
		if (err != GW_OK && f->step->writes == WRITES_NO)
			return err;
		if (first.err == GW_OK)
			first = *failure;
	}
	*failure = first;
	if (first.err == GW_OK || first.err == GW_EUNKNOWN || applied == 0)
		return first.err;
	fail_clear(failure);
	return call_unknown(f->op, f->step, "some of its calls were applied and others not");
}

enum gw_err
call_send(struct op *op, const struct step *s, const struct scope *scopes, struct http_call *calls,
    size_t n, int end_status, struct value **answers)
{
	struct arena *a = op->hris->arena;
	struct sending f = {
	    .op = op,
	    .step = s,
	    .scopes = scopes,
	    .calls = calls,
	    .some = arena_array(a, n, sizeof(*f.some)),
	    .verdicts = arena_array(a, n, sizeof(*f.verdicts)),
	    .again = arena_array(a, n, sizeof(*f.again)),
	    .n = n,
	    .n_again = n,
	    .end_status = end_status,
	};
	enum gw_err err;
	size_t i;

	if (f.some == NULL || f.verdicts == NULL || f.again == NULL)
		return fail_memory(op->hris->failure);
	for (i = 0; i < n; i++)
		f.again[i] = i;
	op->stream = NULL;
	if (s->streams) {
		op->stream = stream_new(op, s, scopes);
		if (op->stream == NULL)
			return fail_memory(op->hris->failure);
	}
	err = sending_run(&f);
	stream_clear(op->stream);
	return err == GW_OK ? sending_finish(&f, answers) : err;
}
