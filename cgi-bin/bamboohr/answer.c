/*
 * answer.c: answers of the BambooHR face. The one table from what failed to BambooHR's
 * status codes is here; the text travels in the header X-BambooHR-Error-Message, beside an empty
 * body.
 */
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

#include "format/json.h"
#include "base/text.h"

enum { MESSAGE_MAX = 400 };

/* By what the caller may do about it, except for the codes below. */
static const int statuses[GW_ERR_MAX] = {
    [GW_OK] = 500,
    [GW_EINPUT] = 400,
    [GW_EAUTH] = 401,
    [GW_ECONFIG] = 500,
    [GW_EREFUSED] = 422,
    [GW_ENOTFOUND] = 404,
    [GW_ERETRY] = 503,
    [GW_EUNKNOWN] = 500,
    [GW_EINTERNAL] = 500,
};

/*
 * 403, not 401, where the HRIS refuses the route's credentials: the caller's own are good. 429 for
 * a rate limit, as BambooHR does since 2026-09-16. 500 where the answer of the HRIS is unusable:
 * there is nothing that the caller could correct.
 */
static const struct {
	enum fail_code code;
	int status;
} exceptions[] = {
    {CODE_INPUT_ID, 404},
    {CODE_HRIS_CREDENTIALS, 403},
    {CODE_HRIS_FORBIDDEN, 403},
    {CODE_HRIS_EMPTY, 404},
    {CODE_HRIS_BUSY, 429},
    {CODE_GATEWAY_BUSY, 429},
    {CODE_HRIS_ANSWER, 500},
    {CODE_HRIS_TOO_MANY, 500},
    {CODE_HRIS_DUPLICATE_EMAIL, 500},
    {CODE_HRIS_NO_EMAIL, 500},
    {CODE_HRIS_FEWER_AGENTS, 500},
};

static int
failure_status(const struct failure *f)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(exceptions); i++) {
		if (exceptions[i].code == f->code)
			return exceptions[i].status;
	}
	return f->err < GW_ERR_MAX ? statuses[f->err] : 500;
}

/*
 * One line of printable ASCII: any other character is a question mark, a control character a
 * blank.
 */
static const char *
header_text(struct arena *a, const char *s)
{
	static const char more[] = "...";
	char *out = arena_alloc(a, MESSAGE_MAX + sizeof(more));
	unsigned char c;
	size_t n = 0;

	if (out == NULL)
		return "out of memory";
	for (; *s != '\0' && n < MESSAGE_MAX; s++) {
		c = (unsigned char)*s;
		if (c < 0x20 || c == 0x7F)
			out[n++] = ' ';
		else if (c < 0x80)
			out[n++] = *s;
		else if (c >= 0xC0)
			out[n++] = '?';
	}
	if (*s != '\0')
		memcpy(out + n, more, sizeof(more));
	return out;
}

static void
answer_empty(struct bamboohr_call *c, int status)
{
	buf_reset(&c->response->body);
	c->response->status = status;
	response_header(c->response, "Content-Type", "text/html; charset=UTF-8");
}

void
bamboohr_answer_error(struct bamboohr_call *c, int status, const char *text)
{
	answer_empty(c, status);
	bamboohr_answer_message(c, text);
	if (status == 429)
		response_header(c->response, "Retry-After", "1");
}

void
bamboohr_answer_message(struct bamboohr_call *c, const char *text)
{
	response_header(c->response, "X-BambooHR-Error-Message", header_text(c->h->arena, text));
}

void
bamboohr_answer_failure(struct bamboohr_call *c)
{
	struct failure *f = c->h->failure;
	const char *text;

	fail_for_memory(f, c->h->arena->failed);
	text = f->text[0] == '\0' ? fail_code_help(f->code) : f->text;
	/* A caller that reads only the status would send it again. */
	if (f->err == GW_EUNKNOWN)
		text = arena_printf(c->h->arena,
		    "It may have been applied; look before sending it again. %s", text);
	bamboohr_answer_error(
	    c, failure_status(f), text == NULL ? "It may have been applied." : text);
}

void
bamboohr_answer_done(struct bamboohr_call *c)
{
	answer_empty(c, 200);
}

enum gw_err
bamboohr_answer_json(struct bamboohr_call *c, int status, const struct value *v)
{
	struct buf *b = &c->response->body;

	json_value(b, v);
	if (b->err != GW_OK)
		return fail(
		    c->h->failure, CODE_GATEWAY_MEMORY, "the answer does not fit into memory");
	c->response->status = status;
	response_header(c->response, "Content-Type", "application/json");
	return GW_OK;
}

bool
bamboohr_put(struct arena *a, struct value *object, const char *name, const char *text)
{
	return text_is_empty(text) || value_set(a, object, name, value_text(a, text));
}
