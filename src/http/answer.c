/*
 * answer.c: what comes back of a call. While a transfer runs curl calls here: before it opens a
 * socket, before it sends, and with every piece of the answer; limits hold while receiving, not
 * after. When it is over, the call's fate: not sent is said only where curl never reached the line
 * past which a byte may leave; answered only where all of the answer is there.
 */
#include "http/lane.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

enum {
	RECEIVE_BEGINNING = 64 * 1024, /* kept of an answer that is streamed */
	RECEIVE_SHARE = 64 * 1024,     /* in one go */
	SETTLE_KEEP = 64 * 1024,       /* of a body's memory, for the next call */
	RETRY_DATE_MAX = 33            /* the longest: "Wednesday, 06-Nov-94 08:49:37 GMT" */
};

static bool
receive_may_reach(const struct http_handle *handle, enum http_address class)
{
	return class == HTTP_ADDRESS_PRIVATE || (class == HTTP_ADDRESS_PUBLIC && !handle->insecure);
}

static void
receive_print_address(struct http_handle *handle, const struct sockaddr *address)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	handle->address[0] = '\0';
	if (address->sa_family == AF_INET) {
		memcpy(&in4, address, sizeof(in4));
		(void)inet_ntop(AF_INET, &in4.sin_addr, handle->address, sizeof(handle->address));
	} else if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, handle->address, sizeof(handle->address));
	}
}

curl_socket_t
http_receive_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_handle *handle = context;
	curl_socket_t fd;

	(void)purpose;
	if (!receive_may_reach(handle, http_address_class(&address->addr))) {
		receive_print_address(handle, &address->addr);
		handle->stop = HTTP_STOP_ADDRESS;
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0 && errno != EAFNOSUPPORT)
		handle->stop = HTTP_STOP_FILES;
	return fd;
}

/*
 * What a kept connection has to read before its next request is no answer to that: its end, or what
 * some servers say before they end it (408), or worse. curl 7.88.1 takes all but the end for the
 * answer. A connection whose socket is not known, as another has the same port of ours, is left
 * alone too.
 */
static bool
receive_is_stale(struct http_handle *handle, const char *peer_ip, int own_port)
{
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
	struct pollfd p = {.events = POLLIN};
	socklen_t len = sizeof(peer);
	long made = 1;

	(void)curl_easy_getinfo(handle->easy, CURLINFO_NUM_CONNECTS, &made);
	if (made > 0)
		return false;
	p.fd = own_port < 0 || own_port >= HTTP_PORTS ? -1 : handle->sockets[own_port];
	if (getpeername(p.fd, (struct sockaddr *)&peer, &len) != 0)
		return true;
	receive_print_address(handle, (const struct sockaddr *)&peer);
	return strcmp(handle->address, peer_ip) != 0 || poll(&p, 1, 0) > 0;
}

/* The line past which the request may have left. */
int
http_receive_prereq(void *context, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct http_handle *handle = context;

	(void)own_ip;
	(void)peer_port;
	if (!receive_may_reach(handle, http_address_class_text(peer_ip))) {
		(void)snprintf(handle->address, sizeof(handle->address), "%s", peer_ip);
		handle->stop = HTTP_STOP_ADDRESS;
		return CURL_PREREQFUNC_ABORT;
	}
	if (receive_is_stale(handle, peer_ip, own_port)) {
		handle->stop = HTTP_STOP_STALE;
		return CURL_PREREQFUNC_ABORT;
	}
	/* An address tried before this one may have been refused; this one is not. */
	handle->stop = HTTP_STOP_NONE;
	if (handle->call->write && handle->sends > 0) {
		handle->stop = HTTP_STOP_AGAIN;
		return CURL_PREREQFUNC_ABORT;
	}
	handle->sends++;
	return CURL_PREREQFUNC_OK;
}

/* "": none. */
static const char *
receive_coding(const struct http_handle *handle)
{
	size_t i;

	for (i = 0; i < handle->n_answer_headers; i++) {
		if (strcasecmp(handle->answer_headers[i].name, "Content-Encoding") == 0)
			return handle->answer_headers[i].value;
	}
	return "";
}

/*
 * curl reads as long as there is something to read: one whose sender is fast enough would keep the
 * loop to itself. An answer in a content coding is not paused, as curl would keep all that comes of
 * a piece, beyond every limit.
 */
static bool
receive_has_its_share(struct http_handle *handle, size_t len)
{
	if (handle->turn_n != handle->turn->n)
		handle->turn_len = 0;
	handle->turn_n = handle->turn->n;
	handle->turn_len += len;
	if (handle->turn_len <= RECEIVE_SHARE || receive_coding(handle)[0] != '\0')
		return false;
	handle->turn->paused = handle->paused = true;
	return true;
}

size_t
http_receive_body(char *data, size_t size, size_t n, void *context)
{
	struct http_handle *handle = context;
	struct http_call *call = handle->call;
	size_t len = size * n, kept = len;

	if (len > handle->body.max - handle->body_len) {
		handle->stop = HTTP_STOP_BODY;
		return 0;
	}
	handle->heard_ms = loop_now_ms();
	if (receive_has_its_share(handle, len))
		return CURL_WRITEFUNC_PAUSE;
	handle->body_len += len;
	if (call->stream != NULL && handle->status >= 200 && handle->status < 300) {
		call->streamed = true;
		call->stream->put(call->stream->context, data, len);
		if (kept > RECEIVE_BEGINNING - handle->body.len)
			kept = RECEIVE_BEGINNING - handle->body.len;
	}
	buf_put(&handle->body, data, kept);
	if (handle->body.err != GW_OK) {
		handle->stop = HTTP_STOP_MEMORY;
		return 0;
	}
	return len;
}

/*
 * A value as text: without the white space around it, control characters as blanks, and what is not
 * UTF-8 taken for ISO 8859-1 (RFC 9110 section 5.5).
 */
static char *
receive_value(struct arena *arena, const char *s, size_t len)
{
	char *out, *p;
	bool utf8;
	size_t i;

	while (len > 0 && (s[0] == ' ' || s[0] == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	utf8 = text_utf8(s, len);
	out = p = arena_alloc_to(arena, (utf8 ? len : 2 * len) + 1, 1);
	if (out == NULL)
		return NULL;
	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
			*p++ = ' ';
		else if (utf8)
			*p++ = s[i];
		else
			p += text_encode((unsigned char)s[i], p);
	}
	*p = '\0';
	return out;
}

static bool
receive_add_header(struct http_handle *handle, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	struct http_header *headers, *header;
	size_t name_len;

	/* A line without a name says nothing that anybody could ask for. */
	if (colon == NULL || colon == line)
		return true;
	name_len = (size_t)(colon - line);
	headers = arena_grow(handle->arena, handle->answer_headers, handle->n_answer_headers,
	    &handle->cap_answer_headers, sizeof(*headers));
	if (headers == NULL)
		return false;
	handle->answer_headers = headers;
	header = &headers[handle->n_answer_headers];
	header->name = receive_value(handle->arena, line, name_len);
	header->value = receive_value(handle->arena, colon + 1, len - name_len - 1);
	if (header->name == NULL || header->value == NULL)
		return false;
	handle->n_answer_headers++;
	handle->fold_len = strlen(header->value);
	handle->fold_cap = 0;
	return true;
}

/*
 * RFC 9112 section 5.2: a line that starts with white space goes on with the value before, which
 * then has room for as much again: many such lines cost what they weigh.
 */
static bool
receive_fold_header(struct http_handle *handle, const char *line, size_t len)
{
	struct http_header *header;
	char *more, *value;
	size_t all;

	if (handle->n_answer_headers == 0)
		return true;
	header = &handle->answer_headers[handle->n_answer_headers - 1];
	more = receive_value(handle->arena, line, len);
	if (more == NULL)
		return false;
	all = handle->fold_len + 1 + strlen(more);
	if (all >= handle->fold_cap) {
		value = arena_alloc_to(handle->arena, 2 * all, 1);
		if (value == NULL)
			return false;
		memcpy(value, header->value, handle->fold_len);
		handle->fold = value;
		handle->fold_cap = 2 * all;
		header->value = value;
	}
	handle->fold[handle->fold_len] = ' ';
	memcpy(handle->fold + handle->fold_len + 1, more, all - handle->fold_len);
	handle->fold_len = all;
	return true;
}

/* A status line starts a new block: only the last one, the final answer's, is kept. */
static void
receive_status(struct http_handle *handle, const char *line, size_t len)
{
	const char *p = memchr(line, ' ', len);
	size_t left = p == NULL ? 0 : len - (size_t)(p - line);
	size_t i;

	handle->n_answer_headers = 0;
	handle->status = 0;
	for (i = 1; i < left && i <= 3 && p[i] >= '0' && p[i] <= '9'; i++)
		handle->status = handle->status * 10 + (p[i] - '0');
}

size_t
http_receive_header(char *data, size_t size, size_t n, void *context)
{
	struct http_handle *handle = context;
	size_t all = size * n, len = all;
	bool kept = true;

	if (len > LIMIT_ANSWER_HEADERS - handle->header_bytes) {
		handle->stop = HTTP_STOP_HEADERS;
		return 0;
	}
	handle->header_bytes += len;
	handle->heard_ms = loop_now_ms();
	/* What follows the body are trailers: nobody asked for them. */
	if (handle->headers_done)
		return all;
	while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (len == 0)
		handle->headers_done = handle->status >= 200;
	else if (len >= 5 && memcmp(data, "HTTP/", 5) == 0)
		receive_status(handle, data, len);
	else if (data[0] == ' ' || data[0] == '\t')
		kept = receive_fold_header(handle, data, len);
	else
		kept = receive_add_header(handle, data, len);
	if (!kept)
		handle->stop = HTTP_STOP_MEMORY;
	return kept ? all : 0;
}

/*
 * Retry-After: seconds, or a date in one of the three forms of RFC 9110 section 5.6.7. What is in
 * the past is no wait, what is far off is the longest wait, what is neither form is as if it were
 * not there.
 */

/* All three forms start with a day's name; curl_getdate() takes far more than these forms. */
static bool
retry_is_date(const char *value)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	size_t i;

	if (strlen(value) > RETRY_DATE_MAX)
		return false;
	for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (strncasecmp(value, days[i], 3) == 0)
			return strchr(value, ':') != NULL;
	}
	return false;
}

int64_t
http_retry_after_ms(const char *value, int64_t wall_ms)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long seconds;
	int64_t ms;
	time_t at;

	if (digits > 0 && value[digits] == '\0') {
		/* More than fits is a long wait, not an unreadable one. */
		if (!text_unsigned(value, HTTP_RETRY_AFTER_MAX_MS / 1000, &seconds))
			return HTTP_RETRY_AFTER_MAX_MS;
		return (int64_t)seconds * 1000;
	}
	if (!retry_is_date(value))
		return -1;
	at = curl_getdate(value, NULL);
	if (at == -1)
		return -1;
	if ((int64_t)at <= wall_ms / 1000)
		return 0;
	ms = (int64_t)at - wall_ms / 1000 > HTTP_RETRY_AFTER_MAX_MS / 1000
		 ? HTTP_RETRY_AFTER_MAX_MS
		 : (int64_t)at * 1000 - wall_ms;
	return ms > HTTP_RETRY_AFTER_MAX_MS ? HTTP_RETRY_AFTER_MAX_MS : ms;
}

/* curl's results that are not the HRIS being out of reach. */
static const struct {
	CURLcode rc;
	enum fail_code code;
} results[] = {
    {CURLE_OPERATION_TIMEDOUT, CODE_HRIS_TIMEOUT},
    {CURLE_WEIRD_SERVER_REPLY, CODE_HRIS_ANSWER},
    {CURLE_UNSUPPORTED_PROTOCOL, CODE_HRIS_ANSWER},
    {CURLE_FILESIZE_EXCEEDED, CODE_HRIS_ANSWER},
    {CURLE_BAD_CONTENT_ENCODING, CODE_HRIS_ANSWER},
    {CURLE_URL_MALFORMAT, CODE_ROUTE_SETTING},
    {CURLE_SSL_CERTPROBLEM, CODE_ROUTE_SETTING},
    {CURLE_SSL_CACERT_BADFILE, CODE_ROUTE_SETTING},
    {CURLE_OUT_OF_MEMORY, CODE_GATEWAY_MEMORY},
    {CURLE_FAILED_INIT, CODE_GATEWAY_MEMORY},
};

/* What we ended ourselves. */
static const struct {
	enum fail_code code;
	const char *text;
} stops[] = {
    [HTTP_STOP_ADDRESS] = {CODE_ROUTE_SETTING, "has an address that is not allowed"},
    [HTTP_STOP_FILES] = {CODE_GATEWAY_BUSY, "cannot be called: no descriptor is left (ulimit -n)"},
    [HTTP_STOP_STALE] = {CODE_HRIS_UNAVAILABLE, "answered what it was not asked"},
    [HTTP_STOP_AGAIN] = {CODE_HRIS_UNAVAILABLE, "closed the connection without an answer"},
    [HTTP_STOP_BODY] = {CODE_HRIS_ANSWER, "answered more than the limit"},
    [HTTP_STOP_HEADERS] = {CODE_HRIS_ANSWER, "answered more than 64 KiB of headers"},
    [HTTP_STOP_MEMORY] = {CODE_GATEWAY_MEMORY,
	"answered more than there is memory for: " MEMORY_KEY},
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
	/* What curl makes of bytes after the end of a coding. */
	if (rc == CURLE_WRITE_ERROR && receive_coding(handle)[0] != '\0')
		rc = CURLE_BAD_CONTENT_ENCODING;
	call->code = settle_code(rc);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		http_call_why(call, "%s %s within %lld ms", handle->origin,
		    handle->sends > 0 ? "did not answer" : "could not be reached",
		    (long long)call->took_ms);
	else if (rc == CURLE_BAD_CONTENT_ENCODING && receive_coding(handle)[0] != '\0')
		http_call_why(call,
		    "%s answered in the content coding \"%s\", which cannot be decoded",
		    handle->origin, receive_coding(handle));
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
	size_t len;

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
	len = handle->body.len;
	answer = buf_to_arena(&handle->body, handle->arena);
	if (answer == NULL) {
		handle->stop = HTTP_STOP_MEMORY;
		settle_stopped(handle);
		return;
	}
	call->answer = answer;
	call->answer_len = len;
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
http_settle(struct http_handle *handle, const struct clock *clock)
{
	struct http_call *call = handle->call;

	call->took_ms = clock_mono_ms(clock) - handle->started;
	if (handle->result == CURLE_OK)
		settle_answered(handle, clock);
	else
		settle_failed(handle, handle->result);
	curl_slist_free_all(handle->headers);
	handle->headers = NULL;
	if (handle->body.cap > SETTLE_KEEP)
		buf_clear(&handle->body);
	handle->call = NULL;
}
