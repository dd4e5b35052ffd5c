/*
 * http_receive.c: what curl calls while a transfer runs: before it opens a socket, before it sends,
 * and with every piece of the answer. Limits hold while receiving, not after.
 */
#include "http/lane.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

enum { RECEIVE_BEGINNING = 64 * 1024 }; /* kept of an answer that is streamed */

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
	if (fd != CURL_SOCKET_BAD)
		handle->lane->connections++;
	return fd;
}

int
http_receive_close(void *context, curl_socket_t fd)
{
	struct http_lane *lane = context;

	lane->connections--;
	return close(fd);
}

/* The line behind which the request may have left. */
int
http_receive_prereq(void *context, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct http_handle *handle = context;

	(void)own_ip;
	(void)peer_port;
	(void)own_port;
	if (!receive_may_reach(handle, http_address_class_text(peer_ip))) {
		(void)snprintf(handle->address, sizeof(handle->address), "%s", peer_ip);
		handle->stop = HTTP_STOP_ADDRESS;
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
	out = p = arena_alloc(arena, (utf8 ? len : 2 * len) + 1);
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
	return true;
}

/* RFC 9112 section 5.2: a line that starts with white space goes on with the value before. */
static bool
receive_fold_header(struct http_handle *handle, const char *line, size_t len)
{
	struct http_header *header;
	char *more, *value;

	if (handle->n_answer_headers == 0)
		return true;
	header = &handle->answer_headers[handle->n_answer_headers - 1];
	more = receive_value(handle->arena, line, len);
	if (more == NULL)
		return false;
	value = arena_printf(handle->arena, "%s %s", header->value, more);
	if (value == NULL)
		return false;
	header->value = value;
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
