/*
 * adapter_call.c: sends a step's calls and says what each answer means: the step's own rules first,
 * then the file's, then what HTTP means by the status. Reads are repeated where that can help; a write
 * is never sent twice.
 */
#include <string.h>

#include "adapter_run.h"
#include "json.h"
#include "text.h"

enum { BACKOFF_BASE_MS = 200, BACKOFF_CAP_MS = 5000, MESSAGE_MAX = 300 };

/* What a class means to the one who asked. */
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

/* RFC 9110 section 15, where no rule of the adapter says otherwise. */
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
	if (status >= 200 && status < 300)
		return CLASS_OK;
	return status >= 400 && status < 500 && status != 408 ? CLASS_REFUSED : CLASS_UNAVAILABLE;
}

static enum gw_err
class_by_rules(const struct failure_rules *rules, const struct scope *s, enum failure_class *out)
{
	enum gw_err err;
	bool holds;
	size_t i;

	for (i = 0; i < rules->n && *out == CLASS_NONE; i++) {
		err = cond_holds(rules->items[i].cond, s, &holds);
		if (err != GW_OK)
			return err;
		if (holds)
			*out = rules->items[i].is;
	}
	return GW_OK;
}

/* Vendors' words on one line, without control characters. */
static const char *
vendor_message(const struct run *r, const struct scope *s)
{
	struct failure ignored = {0};
	struct scope scope = *s;
	const char *text = NULL;
	char *copy, *p;
	size_t i;

	scope.failure = &ignored;
	for (i = 0; i < r->adapter->n_messages && text_is_empty(text); i++) {
		fail_clear(&ignored);
		if (expr_text(r->adapter->messages[i], &scope, &text) != GW_OK)
			text = NULL;
	}
	if (text_is_empty(text))
		return "";
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

static enum gw_err
call_unknown(const struct run *r, const struct step *s, const char *what)
{
	bool marked = r->op == OPERATION_INSERT || r->op == OPERATION_CHANGE;

	return fail(r->hris->failure, CODE_HRIS_OUTCOME_UNKNOWN, "%s: %s; it may have been applied: "
	    "look in the HRIS%s%s before doing it by hand", s->request, what,
	    marked && r->hris->marker != NULL ? " for " : "",
	    marked && r->hris->marker != NULL ? r->hris->marker : "");
}

/* No whole answer came. */
static enum gw_err
call_unanswered(const struct run *r, const struct step *s, const struct http_call *call)
{
	if (call->fate == HTTP_LOST && s->writes != WRITES_NO)
		return call_unknown(r, s, call->why);
	return fail(r->hris->failure, call->code == CODE_NONE ? CODE_HRIS_UNAVAILABLE : call->code,
	    "%s: %s%s", s->request, call->why,
	    s->writes != WRITES_NO ? "; nothing was sent" : "");
}

static enum gw_err
call_failed(const struct run *r, const struct step *s, const struct scope *scope,
    enum failure_class class, bool declared)
{
	const char *message = vendor_message(r, scope), *colon = message[0] == '\0' ? "" : ": ";
	int status = scope->call->status;
	bool certain;

	if (s->writes != WRITES_NO) {
		/* 409 is certain only where the adapter says what it means. */
		certain = class != CLASS_UNAVAILABLE && (declared || class != CLASS_CONFLICT);
		if (!certain)
			return call_unknown(r, s, arena_printf(scope->arena,
			    "the HRIS answered %d%s%s", status, colon, message));
	}
	if (status >= 300 && status < 400)
		return fail(r->hris->failure, CODE_HRIS_ANSWER, "%s: the HRIS answered %d, a redirect; "
		    "correct base_url", s->request, status);
	return fail(r->hris->failure, class_codes[class], "%s: the HRIS answered %d%s%s", s->request,
	    status, colon, message);
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

/* The answer as JSON where somebody reads it; NULL with why where it is none. */
static struct value *
call_json(const struct run *r, const struct http_call *call, char *why, size_t why_max)
{
	if (call->answer_len == 0) {
		(void)strncpy(why, "the answer is empty", why_max - 1);
		return NULL;
	}
	return json_parse(r->hris->arena, call->answer, call->answer_len, &json_answer, why, why_max);
}

static enum gw_err
call_judge(struct run *r, const struct step *s, const struct scope *base,
    const struct http_call *call, int end_status, struct value **answer)
{
	enum failure_class class = CLASS_NONE;
	struct scope scope = *base;
	char why[160] = "";
	bool declared;
	enum gw_err err;

	*answer = NULL;
	if (call->fate != HTTP_ANSWERED)
		return call_unanswered(r, s, call);
	if (end_status != 0 && call->status == end_status)
		return GW_OK;
	scope.call = call;
	if (s->reads || call->status >= 300 || rules_read_body(&s->failures) ||
	    rules_read_body(&r->adapter->failures))
		*answer = call_json(r, call, why, sizeof(why));
	scope.answer = *answer;
	err = class_by_rules(&s->failures, &scope, &class);
	if (err == GW_OK)
		err = class_by_rules(&r->adapter->failures, &scope, &class);
	if (err != GW_OK)
		return err;
	declared = class != CLASS_NONE;
	if (!declared)
		class = class_of_status(call->status);
	if (class != CLASS_OK)
		return call_failed(r, s, &scope, class, declared);
	r->out->written = r->out->written || s->writes == WRITES_ONCE;
	if (!s->reads || *answer != NULL)
		return GW_OK;
	if (s->writes != WRITES_NO)
		return call_unknown(r, s, arena_printf(r->hris->arena,
		    "the HRIS answered %d with something unreadable (%s)", call->status, why));
	return fail(r->hris->failure, CODE_HRIS_ANSWER, "%s: the HRIS answered %d with something that "
	    "is no JSON: %s", s->request, call->status, why);
}

/* May a read be repeated with hope? */
static bool
call_again(const struct http_call *call)
{
	switch (call->fate) {
	case HTTP_NOT_SENT:
	case HTTP_LOST:
		return call->code == CODE_HRIS_UNAVAILABLE;
	default:
		return call->status == 429 || call->status == 502 || call->status == 503 ||
		    call->status == 504 || call->status == 500;
	}
}

static int64_t
backoff_ms(const struct run *r, const struct http_call *call, int tries)
{
	int64_t cap = (int64_t)BACKOFF_BASE_MS << tries;
	uint32_t chance = 0;

	if (call->retry_after_ms >= 0)
		return call->retry_after_ms;
	cap = cap > BACKOFF_CAP_MS ? BACKOFF_CAP_MS : cap;
	(void)clock_random(r->hris->clock, &chance, sizeof(chance));
	return (int64_t)(chance % (uint32_t)(cap + 1));
}

static void
call_note(struct run *r, const struct step *s, const struct http_call *call)
{
	struct hris *h = r->hris;
	struct hris_call *calls = arena_grow(h->arena, h->calls, h->n_calls, &h->cap_calls,
	    sizeof(*calls));

	h->timed_out = h->timed_out || call->code == CODE_HRIS_TIMEOUT;
	if (calls == NULL)
		return;
	h->calls = calls;
	calls[h->n_calls++] = (struct hris_call){s->request, call->status, call->took_ms};
}

/* Moves the calls that failed in a way that may pass to the front of `again`; how many. */
static size_t
calls_to_repeat(struct run *r, const struct step *s, struct http_call *calls, size_t n, int tries,
    size_t *again, int64_t *wait_ms)
{
	size_t i, n_again = 0;
	int64_t wait;

	*wait_ms = 0;
	for (i = 0; i < n; i++) {
		if (s->writes != WRITES_NO || !call_again(&calls[i]))
			continue;
		wait = backoff_ms(r, &calls[i], tries);
		if (wait >= r->hris->deadline_ms - clock_mono_ms(r->hris->clock))
			continue;
		*wait_ms = wait > *wait_ms ? wait : *wait_ms;
		again[n_again++] = i;
	}
	return n_again;
}

/* A write leaves time to look for it, should no answer come; at least half of what is left is its own. */
static int64_t
call_deadline(const struct hris *h, const struct step *s)
{
	int64_t left = h->deadline_ms - clock_mono_ms(h->clock);

	if (s->writes == WRITES_NO || left <= 0)
		return h->deadline_ms;
	return h->deadline_ms - (h->reserve_ms < left / 2 ? h->reserve_ms : left / 2);
}

static enum gw_err
calls_send(struct run *r, const struct step *s, struct http_call *calls, size_t n)
{
	struct hris *h = r->hris;
	struct http_call *some = arena_array(h->arena, n, sizeof(*some));
	size_t *again = arena_array(h->arena, n, sizeof(*again)), n_again, i;
	int64_t wait_ms;
	int tries;

	if (some == NULL || again == NULL)
		return fail_memory(h->failure);
	h->transport->send(h->transport->context, &h->route->peer, calls, n, call_deadline(h, s),
	    h->arena);
	for (i = 0; i < n; i++)
		call_note(r, s, &calls[i]);
	for (tries = 1; tries < LIMIT_TRIES; tries++) {
		n_again = calls_to_repeat(r, s, calls, n, tries, again, &wait_ms);
		if (n_again == 0)
			break;
		clock_sleep_ms(h->clock, wait_ms);
		for (i = 0; i < n_again; i++)
			some[i] = calls[again[i]];
		h->transport->send(h->transport->context, &h->route->peer, some, n_again,
		    h->deadline_ms, h->arena);
		for (i = 0; i < n_again; i++) {
			calls[again[i]] = some[i];
			call_note(r, s, &some[i]);
		}
	}
	return GW_OK;
}

enum gw_err
adapter_call(struct run *r, const struct step *s, const struct scope *scopes,
    struct http_call *calls, size_t n, int end_status, struct value **answers)
{
	enum gw_err err = calls_send(r, s, calls, n);
	size_t i;

	for (i = 0; i < n && err == GW_OK; i++)
		err = call_judge(r, s, &scopes[i], &calls[i], end_status, &answers[i]);
	return err;
}
