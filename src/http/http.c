/*
 * http.c: the real transport made and freed, and the words of http.h. The work is in its sisters:
 * http_check.c (what may go), http_send.c (one send), http_pool.c, http_rate.c, http_breaker.c (the
 * limits of a route), http_lane.c, http_option.c, http_receive.c, http_settle.c (curl).
 */
#include "http/pool.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static bool curl_ready;

static void
http_start_curl(void)
{
	curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct http *
http_new(const struct clock *clock)
{
	struct http *h;

	(void)pthread_once(&curl_once, http_start_curl);
	if (!curl_ready)
		return NULL;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	if (pthread_mutex_init(&h->mutex, NULL) != 0) {
		free(h);
		return NULL;
	}
	h->clock = clock;
	h->swept = clock_mono_ms(clock);
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	http_pool_clear(h);
	(void)pthread_mutex_destroy(&h->mutex);
	free(h);
}

struct transport
http_transport(struct http *h)
{
	struct transport t = {http_send, h};

	return t;
}

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
