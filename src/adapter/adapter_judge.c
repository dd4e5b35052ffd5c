/*
 * adapter_judge.c: what an answer means: the step's own rules first, then the file's, then what
 * HTTP means by the status; and the vendor's own words for it.
 */
#include <stdio.h>
#include <string.h>

#include "adapter/run.h"
#include "format/json.h"
#include "base/text.h"

enum { MESSAGE_MAX = 300 };

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
const char *
adapter_message(const struct run *r, const struct scope *s)
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
	if (text == NULL || text[0] == '\0')
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
	if (r->stream != NULL && call->status >= 200 && call->status < 300)
		return adapter_stream_end(r->stream, call, why, why_max);
	if (call->answer_len == 0) {
		(void)snprintf(why, why_max, "the answer is empty");
		return NULL;
	}
	return json_parse(
	    r->hris->arena, call->answer, call->answer_len, &json_answer, why, why_max);
}

enum gw_err
adapter_judge(const struct run *r, const struct step *s, const struct scope *base,
    const struct http_call *call, int end_status, struct verdict *v)
{
	struct scope scope = *base;
	enum gw_err err;

	*v = (struct verdict){.end = end_status != 0 && call->status == end_status};
	if (v->end)
		return GW_OK;
	if (s->reads || call->status >= 300 || rules_read_body(&s->failures) ||
	    rules_read_body(&r->adapter->failures))
		v->answer = call_json(r, call, v->why, sizeof(v->why));
	scope.call = call;
	scope.answer = v->answer;
	scope.blame = CODE_HRIS_ANSWER;
	err = class_by_rules(&s->failures, &scope, &v->class);
	if (err == GW_OK)
		err = class_by_rules(&r->adapter->failures, &scope, &v->class);
	v->declared = v->class != CLASS_NONE;
	if (!v->declared)
		v->class = class_of_status(call->status);
	return err;
}
