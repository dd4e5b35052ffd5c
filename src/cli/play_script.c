/* play_script.c: the HRIS of a case: compares each request with the next one of the script. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/player.h"
#include "format/json.h"
#include "base/text.h"
#include "format/url.h"

static const char *const call_keys[] = {
    "request", "query", "headers", "body", "form", "text", "answer", NULL};
static const char *const answer_keys[] = {
    "status", "headers", "json", "text", "lost", "not_sent", NULL};

bool
play_check_calls(struct player *p, const struct value *calls)
{
	const struct value *call;
	bool good = true;
	size_t i;

	if (calls == NULL)
		return true;
	if (!value_is(calls, VALUE_LIST))
		return reader_fault(&p->r, calls, "calls is a list");
	for (i = 0; i < calls->n; i++) {
		call = value_at(calls, i);
		if (!reader_known(&p->r, call, call_keys, "a call"))
			good = false;
		else if (value_str(value_get(call, "request")) == NULL ||
			 value_get(call, "answer") == NULL)
			good = reader_fault(&p->r, call, "a call has request and answer");
		else
			good =
			    reader_known(&p->r, value_get(call, "answer"), answer_keys, "answer") &&
			    good;
	}
	return good;
}

static bool
add_pair(struct player *p, struct value *o, const char *name, const struct buf *value)
{
	struct value *list = value_get(o, name);

	if (list == NULL) {
		list = value_list(p->r.arena);
		if (!value_set(p->r.arena, o, name, list))
			return false;
	}
	return value_add(p->r.arena, list, value_text_len(p->r.arena, value->data, value->len));
}

/* Name=value pairs, decoded: {NAME: TEXT, or a LIST where it comes more than once}. */
static struct value *
pairs_of(struct player *p, const char *s, bool form)
{
	struct value *o = value_object(p->r.arena);
	struct buf name, value;
	struct url_pair pair;
	size_t i;
	bool good = o != NULL;

	buf_init(&name, LIMIT_TEXT);
	buf_init(&value, LIMIT_TEXT);
	while (good && url_pair(&s, &pair)) {
		buf_reset(&name);
		buf_reset(&value);
		good = url_decode(pair.name, pair.name_len, form, &name) &&
		       url_decode(pair.value, pair.value_len, form, &value) &&
		       add_pair(p, o, name.data, &value);
	}
	buf_clear(&name);
	buf_clear(&value);
	for (i = 0; good && i < o->n; i++) {
		if (o->items[i].value->n == 1)
			o->items[i].value = value_at(o->items[i].value, 0);
	}
	return good ? o : NULL;
}

static const char *
step_name(struct player *p, const char *part)
{
	const char *s = arena_printf(p->r.arena, "call %zu, %s", p->next, part);

	return s == NULL ? part : s;
}

static void
compare_url(struct player *p, const struct value *expected, const struct http_call *call)
{
	const char *want = value_str(value_get(expected, "request")), *query, *got;
	const char *path = strchr(want, ' ');
	size_t len = strcspn(call->url, "?");
	struct value none = {.kind = VALUE_OBJECT};

	if (path != NULL && path[1] == '/')
		want = arena_printf(
		    p->r.arena, "%.*s %s%s", (int)(path - want), want, p->base_url, path + 1);
	got = arena_printf(
	    p->r.arena, "%s %.*s", http_method_name(call->method), (int)len, call->url);
	if (want == NULL || got == NULL || strcmp(want, got) != 0)
		play_differ(p, step_name(p, "request"), want, got);
	query = call->url[len] == '?' ? call->url + len + 1 : "";
	play_compare(p, step_name(p, "query"),
	    value_get(expected, "query") == NULL ? &none : value_get(expected, "query"),
	    pairs_of(p, query, false), true);
}

static const char *
sent_header(const struct http_call *call, const char *name)
{
	size_t i;

	for (i = 0; i < call->n_headers; i++) {
		if (strcasecmp(call->headers[i].name, name) == 0)
			return call->headers[i].value;
	}
	return NULL;
}

/* Those that are named; null: must not be there. */
static void
compare_headers(struct player *p, const struct value *expected, const struct http_call *call)
{
	const char *want, *got;
	size_t i;

	for (i = 0; value_is(expected, VALUE_OBJECT) && i < expected->n; i++) {
		want = value_str(value_at(expected, i));
		got = sent_header(call, expected->items[i].name);
		if (!text_equal(want, got))
			play_differ(p, step_name(p, expected->items[i].name), want, got);
	}
}

static void
compare_body(struct player *p, const struct value *expected, const struct http_call *call)
{
	const struct value *body = value_get(expected, "body"), *form = value_get(expected, "form");
	const char *name = form != NULL ? step_name(p, "form") : step_name(p, "body");
	const char *text = value_get_text(expected, "text");
	struct value *got = NULL;
	char why[160];

	if (text != NULL) {
		if (!text_equal(text, call->body))
			play_differ(p, step_name(p, "text"), text, call->body);
		return;
	}
	if (call->body != NULL && form != NULL)
		got = pairs_of(p, call->body, true);
	else if (call->body != NULL)
		got = json_parse(
		    p->r.arena, call->body, call->body_len, &json_answer, why, sizeof(why));
	play_compare(p, name, form != NULL ? form : body, got, form != NULL);
}

static bool
answer_headers(struct player *p, const struct value *v, struct http_call *call)
{
	struct http_header *headers;
	unsigned long seconds;
	size_t i;

	call->retry_after_ms = -1;
	if (!value_is(v, VALUE_OBJECT))
		return true;
	headers = arena_array(p->r.arena, v->n + 1, sizeof(*headers));
	if (headers == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		headers[i].name = v->items[i].name;
		headers[i].value =
		    value_str(value_at(v, i)) == NULL ? "" : value_str(value_at(v, i));
		if (strcasecmp(headers[i].name, "Retry-After") == 0 &&
		    text_unsigned(headers[i].value, 86400, &seconds))
			call->retry_after_ms = (int64_t)seconds * 1000;
	}
	call->answer_headers = headers;
	call->n_answer_headers = v->n;
	return true;
}

static void
give_answer(struct player *p, const struct value *v, struct http_call *call)
{
	const struct value *json = value_get(v, "json");
	const char *text = value_str(value_get(v, "text"));
	unsigned long status = 200;

	call->code = CODE_HRIS_UNAVAILABLE;
	(void)snprintf(call->why, sizeof(call->why), "so says the script");
	if (value_get(v, "lost") != NULL || value_get(v, "not_sent") != NULL) {
		call->fate = value_get(v, "lost") != NULL ? HTTP_LOST : HTTP_NOT_SENT;
		if (text_equal(value_get_text(v, "lost"), "timeout"))
			call->code = CODE_HRIS_TIMEOUT;
		return;
	}
	if (json != NULL)
		text = play_json(p, json);
	if (value_get(v, "status") != NULL &&
	    (value_str(value_get(v, "status")) == NULL ||
		!text_unsigned(value_str(value_get(v, "status")), 599, &status)))
		play_differ(p, step_name(p, "answer"), "a status", "something else");
	if (!answer_headers(p, value_get(v, "headers"), call))
		return;
	call->fate = HTTP_ANSWERED;
	call->code = CODE_NONE;
	call->status = (int)status;
	call->answer = text == NULL ? "" : text;
	call->answer_len = strlen(call->answer);
}

static void
script_call(struct player *p, struct http_call *call)
{
	const struct value *expected;

	if (p->calls == NULL || p->next >= p->calls->n) {
		p->next++;
		play_differ(p, step_name(p, "request"), NULL,
		    arena_printf(p->r.arena, "%s %s", http_method_name(call->method), call->url));
		call->fate = HTTP_NOT_SENT;
		call->code = CODE_GATEWAY_INTERNAL;
		(void)snprintf(call->why, sizeof(call->why), "the script has no such call");
		return;
	}
	expected = value_at(p->calls, p->next++);
	compare_url(p, expected, call);
	compare_headers(p, value_get(expected, "headers"), call);
	compare_body(p, expected, call);
	give_answer(p, value_get(expected, "answer"), call);
}

static void
script_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	struct player *p = context;
	size_t i;

	(void)peer;
	(void)deadline_mono_ms;
	(void)arena;
	for (i = 0; i < n; i++)
		script_call(p, &calls[i]);
}

struct transport
play_transport(struct player *p)
{
	return (struct transport){.send = script_send, .context = p};
}
