/* request_log.c: a request's id, and its one line in the log: no names, notes, bodies, secrets. */
#include <string.h>

#include "base/encode.h"
#include "gateway/stages.h"
#include "gateway/reply.h"
#include "base/text.h"

enum { ID_BYTES = 8, CALLS_MAX = 16 };

bool
gateway_name(struct exchange *x)
{
	const char *sent = x->request->id == NULL ? "" : x->request->id;
	unsigned char bytes[ID_BYTES];
	struct buf hex;

	x->id = "";
	if (strlen(sent) == 2 * (size_t)ID_BYTES &&
	    sent[strspn(sent, "0123456789abcdef")] == '\0') {
		x->id = sent;
		return true;
	}
	buf_init(&hex, 2 * ID_BYTES);
	if (clock_random(x->gateway->clock, bytes, sizeof(bytes))) {
		hex_encode(&hex, bytes, sizeof(bytes));
		x->id = arena_strndup(&x->arena, hex.data, hex.len);
	}
	buf_clear(&hex);
	if (!text_is_empty(x->id))
		return true;
	x->id = "";
	reply_error(x, 503, "out of memory");
	return false;
}

/* W3C Trace Context, 2021-11-23: 00-<32 hex>-<16 hex>-<2 hex>, neither id all zeros. */
static const char *
valid_traceparent(const struct request *r)
{
	const char *s = request_header(r, "traceparent");
	size_t i;

	if (s == NULL || strlen(s) != 55)
		return NULL;
	for (i = 0; i < 55; i++) {
		if (i == 2 || i == 35 || i == 52) {
			if (s[i] != '-')
				return NULL;
		} else if (strchr("0123456789abcdef", s[i]) == NULL)
			return NULL;
	}
	if (strncmp(s, "00-", 3) != 0 || strspn(s + 3, "0") == 32 || strspn(s + 36, "0") == 16)
		return NULL;
	return s;
}

const char *
gateway_trace(struct exchange *x)
{
	const char *s = valid_traceparent(x->request);

	/* The parent of a call to the HRIS is this request, whose id has a parent's form. */
	return s == NULL ? NULL : arena_printf(&x->arena, "%.36s%s%s", s, x->id, s + 52);
}

/* The templates of the calls, which hold no data: "PUT /employees/${in.agent_id}/time_off/request".
 */
static struct value *
calls_value(struct exchange *x)
{
	struct value *list = value_list(&x->arena), *o;
	const struct hris_call *c;
	size_t i;

	for (i = 0; i < x->hris.n_calls && i < CALLS_MAX; i++) {
		c = &x->hris.calls[i];
		o = value_object(&x->arena);
		if (!value_set(&x->arena, o, "request", value_text(&x->arena, c->request)) ||
		    !value_set(&x->arena, o, "status", value_integer(&x->arena, c->status)) ||
		    !value_set(&x->arena, o, "ms", value_integer(&x->arena, c->took_ms)) ||
		    !value_add(&x->arena, list, o))
			return NULL;
	}
	return list;
}

/* What somebody must act on is a warning; what a caller did wrong is not. */
static enum log_level
finish_level(const struct exchange *x)
{
	static const enum fail_code urgent[] = {
	    CODE_ROUTE_BROKEN,
	    CODE_ROUTE_SETTING,
	    CODE_HRIS_CREDENTIALS,
	    CODE_HRIS_FORBIDDEN,
	    CODE_HRIS_OUTCOME_UNKNOWN,
	    CODE_HRIS_DIFFERENT,
	    CODE_HRIS_NOT_APPROVED,
	    CODE_GATEWAY_STORE,
	    CODE_GATEWAY_MEMORY,
	    CODE_GATEWAY_INTERNAL,
	};
	int status = x->response->status;
	size_t i;

	if (x->hris.accepted_minutes > 0)
		return LOG_WARNING;
	for (i = 0; i < ARRAY_LEN(urgent); i++) {
		if (x->failure.err != GW_OK && x->failure.code == urgent[i])
			return LOG_WARNING;
	}
	return status == 401 || status == 429 || status == 503 ? LOG_WARNING : LOG_INFO;
}

static void
finish_log(struct exchange *x)
{
	struct log_line l;

	log_begin(&l, &x->gateway->log, finish_level(x), "request");
	log_text(&l, "id", x->id);
	log_text(&l, "traceparent", valid_traceparent(x->request));
	log_text(&l, "route", x->route == NULL ? NULL : x->route->name);
	log_text(&l, "unknown_route", x->unknown_route);
	log_text(&l, "action", x->endpoint == NULL ? NULL : x->endpoint->name);
	log_text(&l, "unknown_action", x->unknown_action);
	log_text(&l, "call", x->call);
	log_text(&l, "caller", x->who.caller);
	log_text(&l, "form", x->who.form);
	log_text(&l, "key_id", x->who.key_id);
	log_text(&l, "refused",
	    x->who.caller == NULL || x->response->status == 401 ? x->who.reason : NULL);
	log_number(&l, "http", x->response->status);
	if (x->failure.err != GW_OK) {
		log_text(&l, "code", fail_code_text(x->failure.code));
		/* An HRIS's text may name people, and so may a value sent as a type's id; our own
		 * texts do not. */
		if (!text_starts(fail_code_text(x->failure.code), "HRIS.") &&
		    x->failure.code != CODE_INPUT_TYPE)
			log_text(&l, "why", x->failure.text);
	}
	log_text(&l, "unanswered", x->hris.unanswered);
	if (x->hris.abandoned)
		log_bool(&l, "abandoned", true);
	if (x->hris.unverified)
		log_bool(&l, "verified", false);
	if (x->hris.accepted_minutes > 0)
		log_number(&l, "recorded_minutes", x->hris.accepted_minutes);
	log_number(&l, "ms", clock_mono_ms(x->gateway->clock) - x->began_ms);
	if (x->hris.n_calls > CALLS_MAX)
		log_number(&l, "calls_made", (int64_t)x->hris.n_calls);
	if (x->hris.n_calls > 0)
		log_json(&l, "calls", calls_value(x));
	log_end(&l);
}

void
gateway_finish(struct exchange *x)
{
	if (!text_is_empty(x->id))
		response_header(x->response, "X-Request-Id", x->id);
	finish_log(x);
}
