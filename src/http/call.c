/*
 * call.c: the words of http.h: methods, headers of an answer, and a call that is refused before it
 * is sent.
 */
#include "http/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const methods[] = {
    [HTTP_GET] = "GET",
    [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH",
    [HTTP_DELETE] = "DELETE",
};
_Static_assert(sizeof(methods) / sizeof(methods[0]) == HTTP_METHOD_MAX, "a word for each");

const char *
http_method_name(enum http_method m)
{
	return methods[m];
}

bool
http_method_parse(const char *s, enum http_method *out)
{
	size_t i;

	for (i = 0; i < HTTP_METHOD_MAX; i++) {
		if (strcmp(s, methods[i]) == 0) {
			*out = (enum http_method)i;
			return true;
		}
	}
	return false;
}

const char *
http_answer_header(const struct http_call *call, const char *name)
{
	size_t i;

	for (i = 0; i < call->n_answer_headers; i++) {
		if (strcasecmp(call->answer_headers[i].name, name) == 0)
			return call->answer_headers[i].value;
	}
	return NULL;
}

void
http_call_reset(struct http_call *call)
{
	call->fate = HTTP_NOT_SENT;
	call->status = 0;
	call->answer_headers = NULL;
	call->n_answer_headers = 0;
	call->answer = "";
	call->answer_len = 0;
	call->streamed = false;
	call->retry_after_ms = -1;
	call->took_ms = 0;
	call->code = CODE_NONE;
	call->why[0] = '\0';
}

__attribute__((format(printf, 2, 0))) static void
http_call_why_list(struct http_call *call, const char *fmt, va_list ap)
{
	char *p;

	if (vsnprintf(call->why, sizeof(call->why), fmt, ap) < 0)
		call->why[0] = '\0';
	for (p = call->why; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7F)
			*p = '?';
	}
}

void
http_call_why(struct http_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	http_call_why_list(call, fmt, ap);
	va_end(ap);
}

void
http_call_refuse(struct http_call *call, enum fail_code code, const char *fmt, ...)
{
	va_list ap;

	http_call_reset(call);
	call->code = code;
	va_start(ap, fmt);
	http_call_why_list(call, fmt, ap);
	va_end(ap);
}
