/* reply.c: records or a failure into an action's answer; the one mapping to status words. */
#include "gateway/reply.h"

#include <string.h>

#include "base/memory.h"

#include "engine/task.h"
#include "gateway/exchange.h"
#include "format/json.h"

enum { REPLY_BREATH = 64 }; /* items between two breaths */

void
reply_name(struct reply *r, const char *name)
{
	buf_putc(r->body, r->first ? '{' : ',');
	r->first = false;
	json_string(r->body, name);
	buf_putc(r->body, ':');
}

void
reply_text(struct reply *r, const char *name, const char *value)
{
	reply_name(r, name);
	json_string(r->body, value == NULL ? "" : value);
}

void
reply_number(struct reply *r, const char *name, long long n)
{
	reply_name(r, name);
	buf_printf(r->body, "%lld", n);
}

void
reply_bool(struct reply *r, const char *name, bool b)
{
	reply_name(r, name);
	buf_puts(r->body, b ? "true" : "false");
}

void
reply_list(struct reply *r, const char *name, const void *items, size_t n,
    const char *(*item)(const void *items, size_t i, char *scratch))
{
	char scratch[REPLY_SCRATCH];
	size_t i;

	reply_name(r, name);
	buf_putc(r->body, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(r->body, ',');
		json_string(r->body, item(items, i, scratch));
		if (i % REPLY_BREATH == REPLY_BREATH - 1)
			task_breathe();
	}
	buf_putc(r->body, ']');
}

/* What Genesys makes of it: statusCode decides whether the request counts as synced. */
static void
reply_common(struct reply *r, const struct exchange *x)
{
	const struct failure *f = &x->failure;
	const char *word = "Error";
	int code = 500;

	if (f->err == GW_OK) {
		word = "Complete";
		code = 200;
	} else if (f->code == CODE_HRIS_INSUFFICIENT_BALANCE) {
		word = "InsufficientBalance";
		code = 200;
	} else if (f->code == CODE_HRIS_TIMEOUT || f->err == GW_EUNKNOWN)
		code = 408;
	reply_number(r, "statusCode", code);
	reply_text(r, "status", word);
	reply_text(r, "errorMsg", f->text);
	reply_text(r, "errorCode", fail_code_text(f->code));
	reply_text(r, "requestId", x->id);
}

static void
reply_body(struct exchange *x, const void *in, const void *out)
{
	struct reply r = {.body = &x->response->body, .first = true};

	reply_common(&r, x);
	if (x->endpoint->reply != NULL)
		x->endpoint->reply(&r, in, out, x->failure.err != GW_OK);
	buf_putc(r.body, '}');
}

void
reply_action(struct exchange *x, const void *in, const void *out)
{
	x->response->status = 200;
	response_header(x->response, "Content-Type", "application/json");
	reply_body(x, in, out);
	if (x->response->body.err == GW_OK)
		return;
	/* Half an answer is none. */
	buf_reset(&x->response->body);
	fail_clear(&x->failure);
	(void)fail(
	    &x->failure, CODE_GATEWAY_MEMORY, "the answer does not fit into memory: " MEMORY_KEY);
	reply_body(x, in, NULL);
}

void
reply_error(struct exchange *x, int status, const char *text)
{
	struct reply r = {.body = &x->response->body, .first = true};

	/* What seems to be wrong with the request may be that it could not be read. */
	if (x->arena.failed) {
		status = 503;
		text = "out of memory";
	}
	x->response->status = status;
	response_header(x->response, "Content-Type", "application/json");
	reply_text(&r, "error", text);
	reply_text(&r, "requestId", x->id);
	buf_putc(r.body, '}');
}
