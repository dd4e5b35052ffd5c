/*
 * cgi.c: see cgi.h. Reads at most LIMIT_BODY and, as RFC 3875 section 4.2 has it, never past
 * CONTENT_LENGTH; where there is none (a chunked request under Apache) it reads to the end of file.
 * Never looks at arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "server/cgi.h"
#include "base/bounds.h"
#include "base/text.h"

/* What an answer to a write takes at most is there before it is done. */
enum {
	HEAD_MAX = 128 * 1024,
	HEAD_LEAST = 2000,
	HEADERS_LEAST = 1000,
	BODY_LEAST = 8000,
	READ_LEN = 8192
};

const char *
cgi_param(const char *const *params, const char *name)
{
	size_t len = strlen(name);

	for (; *params != NULL; params++) {
		if (strncmp(*params, name, len) == 0 && (*params)[len] == '=')
			return *params + len + 1;
	}
	return NULL;
}

enum body_state
cgi_body_state(const struct cgi_input *in)
{
	const char *text = cgi_param(in->params, "CONTENT_LENGTH");
	unsigned long declared = 0;

	if (in->body_too_large)
		return BODY_TOO_LARGE;
	if (text_is_empty(text))
		return in->body_whole ? BODY_WHOLE : BODY_WRONG_LENGTH;
	if (!text_unsigned(text, SIZE_MAX, &declared))
		return BODY_WRONG_LENGTH;
	if (declared > LIMIT_BODY)
		return BODY_TOO_LARGE;
	return in->body_whole && declared == in->body_len ? BODY_WHOLE : BODY_WRONG_LENGTH;
}

static void
answer_memory(struct response *out)
{
	response_clear(out);
	response_init(out);
	out->status = 503;
	response_header(out, "Content-Type", "application/json");
	buf_puts(&out->body, "{\"error\":\"out of memory\",\"requestId\":\"\"}");
}

/* The phrases of RFC 9110, section 15. */
static const char *
status_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
	    {200, "OK"},
	    {201, "Created"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {409, "Conflict"},
	    {413, "Content Too Large"},
	    {415, "Unsupported Media Type"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {500, "Internal Server Error"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return status < 400 ? "OK" : "Error";
}

/* A header that could break out of its line is left out; the gateway makes none. */
static void
put_head(const struct response *r, struct buf *head)
{
	size_t i;

	buf_printf(head, "Status: %d %s\r\n", r->status, status_phrase(r->status));
	for (i = 0; i < r->n_headers; i++) {
		if (text_has_control(r->headers[i].name) || text_has_control(r->headers[i].value))
			continue;
		buf_puts(head, r->headers[i].name);
		buf_puts(head, ": ");
		buf_puts(head, r->headers[i].value);
		buf_puts(head, "\r\n");
	}
	buf_printf(head, "Content-Length: %zu\r\n\r\n", r->body.len);
}

void
cgi_answer(struct gateway *g, const char *only_action, const struct cgi_input *in,
    struct response *out, struct buf *head)
{
	struct request request;
	bool bodiless = false;

	/* What was written is answered from memory that was there before it, headers included. */
	if (in->params != NULL && in->body != NULL &&
	    request_from_params(&out->arena, in->params, &request) &&
	    buf_reserve(&out->body, BODY_LEAST) && arena_reserve(&out->arena, HEADERS_LEAST)) {
		bodiless = text_equal(request.method, "HEAD");
		request.too_many_params = request.too_many_params || in->too_many_params;
		request.only_action = only_action;
		request.began_ms = in->began_ms;
		request.gone = in->gone;
		request.gone_context = in->gone_context;
		request.body = in->body;
		request.body_len = in->body_len;
		request.body_state = cgi_body_state(in);
		gateway_handle(g, &request, out);
	} else {
		answer_memory(out);
	}
	if (out->body.err != GW_OK)
		answer_memory(out);
	put_head(out, head);
	if (bodiless)
		buf_clear(&out->body);
}

/* Waits until fd is ready for events; false when the deadline has passed. */
static bool
wait_ready(int fd, short events, const struct clock *clock, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left;

	for (;;) {
		left = deadline_ms - clock_mono_ms(clock);
		if (left <= 0)
			return false;
		if (poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left) > 0)
			return true;
	}
}

/* How many bytes of body are wanted: CONTENT_LENGTH, or without one all there are. */
static size_t
body_wanted(const char *const *params)
{
	const char *text = cgi_param(params, "CONTENT_LENGTH"), *method;
	unsigned long declared = 0;

	if (text_is_empty(text)) {
		method = cgi_param(params, "REQUEST_METHOD");
		return text_equal(method, "GET") || text_equal(method, "HEAD") ? 0 : SIZE_MAX;
	}
	if (!text_unsigned(text, LIMIT_BODY, &declared))
		return 0;
	return declared;
}

static void
read_body(
    int fd, struct cgi_input *in, struct buf *body, const struct clock *clock, int64_t deadline_ms)
{
	char chunk[READ_LEN];
	size_t wanted = body_wanted(in->params), room;
	ssize_t n;

	while (body->len < wanted) {
		if (!wait_ready(fd, POLLIN, clock, deadline_ms))
			return;
		room = wanted - body->len;
		n = read(fd, chunk, room < sizeof(chunk) ? room : sizeof(chunk));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return;
		if (n == 0)
			break;
		if ((size_t)n > LIMIT_BODY - body->len) {
			in->body_too_large = true;
			return;
		}
		buf_put(body, chunk, (size_t)n);
		if (body->err != GW_OK)
			return;
	}
	in->body_whole = true;
}

static bool
write_all(int fd, const char *data, size_t len, const struct clock *clock, int64_t deadline_ms)
{
	ssize_t n;

	while (len > 0) {
		if (!wait_ready(fd, POLLOUT, clock, deadline_ms))
			return false;
		n = write(fd, data, len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

bool
cgi_serve(struct gateway *g, const char *only_action, const char *const *params, int in_fd,
    int out_fd, int64_t client_ms)
{
	struct cgi_input in = {.params = params};
	struct response response;
	struct buf body, head;
	int64_t deadline_ms;
	bool ok;

	buf_init(&body, LIMIT_BODY);
	buf_init(&head, HEAD_MAX);
	response_init(&response);
	(void)buf_reserve(&head, HEAD_LEAST);
	read_body(in_fd, &in, &body, g->clock, clock_mono_ms(g->clock) + client_ms);
	in.body = body.err == GW_OK ? body.data : NULL;
	in.body_len = body.len;
	cgi_answer(g, only_action, &in, &response, &head);
	/* A blocking write of much to a reader that stops would outlast the poll before it. */
	fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK);
	deadline_ms = clock_mono_ms(g->clock) + client_ms;
	ok = head.err == GW_OK && write_all(out_fd, head.data, head.len, g->clock, deadline_ms);
	if (ok)
		ok =
		    write_all(out_fd, response.body.data, response.body.len, g->clock, deadline_ms);
	buf_clear(&head);
	response_clear(&response);
	buf_clear(&body);
	return ok;
}
