/*
 * http_settle.c: what became of a call. Not sent is said only where curl never reached the line
 * behind which a byte may leave; answered only where all of the answer is there.
 */
#include "http/lane.h"

#include <string.h>

enum { SETTLE_KEEP = 64 * 1024 }; /* of a body's memory, for the next call */

/* curl's results that are not the HRIS being out of reach. */
static const struct {
	CURLcode rc;
	enum fail_code code;
} results[] = {
    {CURLE_OPERATION_TIMEDOUT, CODE_HRIS_TIMEOUT},
    {CURLE_WEIRD_SERVER_REPLY, CODE_HRIS_ANSWER},
    {CURLE_UNSUPPORTED_PROTOCOL, CODE_HRIS_ANSWER},
    {CURLE_FILESIZE_EXCEEDED, CODE_HRIS_ANSWER},
    {CURLE_URL_MALFORMAT, CODE_ROUTE_SETTING},
    {CURLE_SSL_CERTPROBLEM, CODE_ROUTE_SETTING},
    {CURLE_SSL_CACERT_BADFILE, CODE_ROUTE_SETTING},
    {CURLE_OUT_OF_MEMORY, CODE_GATEWAY_MEMORY},
    {CURLE_FAILED_INIT, CODE_GATEWAY_INTERNAL},
};

/* What we ended ourselves. */
static const struct {
	enum fail_code code;
	const char *text;
} stops[] = {
    [HTTP_STOP_ADDRESS] = {CODE_ROUTE_SETTING, "has an address that is not allowed"},
    [HTTP_STOP_AGAIN] = {CODE_HRIS_UNAVAILABLE, "closed the connection without an answer"},
    [HTTP_STOP_BODY] = {CODE_HRIS_ANSWER, "answered more than the limit"},
    [HTTP_STOP_HEADERS] = {CODE_HRIS_ANSWER, "answered more than 64 KiB of headers"},
    [HTTP_STOP_MEMORY] = {CODE_GATEWAY_MEMORY, "answered more than there is memory for"},
};
_Static_assert(sizeof(stops) / sizeof(stops[0]) == HTTP_STOP_MAX, "a text for each");

static enum fail_code
settle_code(CURLcode rc)
{
	size_t i;

	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		if (results[i].rc == rc)
			return results[i].code;
	}
	return CODE_HRIS_UNAVAILABLE;
}

static void
settle_stopped(struct http_handle *handle)
{
	struct http_call *call = handle->call;

	call->code = stops[handle->stop].code;
	if (handle->stop == HTTP_STOP_ADDRESS)
		http_call_why(call, "%s is at %s: %s", handle->origin, handle->address,
		    handle->insecure ? "http:// is for loopback and private addresses only"
				     : "no HRIS can be at a link-local or reserved address");
	else if (handle->stop == HTTP_STOP_BODY)
		http_call_why(
		    call, "%s answered more than %zu bytes", handle->origin, handle->body.max);
	else
		http_call_why(call, "%s %s", handle->origin, stops[handle->stop].text);
}

static void
settle_failed(struct http_handle *handle, CURLcode rc)
{
	struct http_call *call = handle->call;

	call->fate = handle->sends > 0 ? HTTP_LOST : HTTP_NOT_SENT;
	if (rc == CURLE_FILESIZE_EXCEEDED)
		handle->stop = HTTP_STOP_BODY;
	if (handle->stop != HTTP_STOP_NONE) {
		settle_stopped(handle);
		return;
	}
	call->code = settle_code(rc);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		http_call_why(call, "%s %s within %lld ms", handle->origin,
		    handle->sends > 0 ? "did not answer" : "could not be reached",
		    (long long)call->took_ms);
	else
		http_call_why(call, "%s: %s", handle->origin,
		    handle->error[0] != '\0' ? handle->error : curl_easy_strerror(rc));
}

static void
settle_answered(struct http_handle *handle, const struct clock *clock)
{
	struct http_call *call = handle->call;
	const char *after;
	char *answer;
	long status = 0;

	call->fate = HTTP_LOST;
	(void)curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 || status > 599) {
		call->code = CODE_HRIS_ANSWER;
		http_call_why(call, "%s answered with status %ld", handle->origin, status);
		return;
	}
	/* To curl, a connection that closes among the headers is the end of an empty answer. */
	if (!handle->headers_done) {
		call->code = CODE_HRIS_UNAVAILABLE;
		http_call_why(call, "%s closed the connection among the headers", handle->origin);
		return;
	}
	answer = arena_strndup(handle->arena, handle->body.data, handle->body.len);
	if (answer == NULL) {
		handle->stop = HTTP_STOP_MEMORY;
		settle_stopped(handle);
		return;
	}
	call->answer = answer;
	call->answer_len = handle->body.len;
	call->answer_headers = handle->answer_headers;
	call->n_answer_headers = handle->n_answer_headers;
	after = http_answer_header(call, "Retry-After");
	if (after != NULL)
		call->retry_after_ms = http_retry_after_ms(after, clock_wall_ms(clock));
	call->status = (int)status;
	call->code = CODE_NONE;
	call->fate = HTTP_ANSWERED;
}

void
http_settle(struct http_handle *handle, CURLcode rc, const struct clock *clock)
{
	struct http_call *call = handle->call;

	call->took_ms = clock_mono_ms(clock) - handle->started;
	if (rc == CURLE_OK)
		settle_answered(handle, clock);
	else
		settle_failed(handle, rc);
	curl_slist_free_all(handle->headers);
	handle->headers = NULL;
	if (handle->body.cap > SETTLE_KEEP)
		buf_clear(&handle->body);
	handle->call = NULL;
}
