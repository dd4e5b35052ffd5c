/*
 * fcgi.c: see fcgi.h. The request is read by fcgi_gate.c, whose top says why; libfcgi gets its
 * parameters from a file in memory, makes the variables and writes the records of the answer.
 *
 * It rests on this, read in fcgiapp.c of libfcgi 2.4.2-2+deb12u1 (2026-11-23): FCGX_Accept_r()
 * begins with FCGX_Finish_r(), which leaves ipcFd open where keepConnection is set, and then
 * accepts only `if (ipcFd < 0)`: a descriptor put there beforehand is read instead. BEGIN_REQUEST
 * sets keepConnection anew. Both streams go to ipcFd as it is when they are used. FCGX_Finish_r()
 * of a detached request closes ipcFd at once, without waiting for the client. With a listener of
 * -1, a failing FCGX_Accept_r() returns an error instead of accepting another connection.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "server/cgi.h"
#include "server/fcgi.h"
#include "server/fcgi_gate.h"
#include "base/bounds.h"

/* Parameters, and a header for each 64 kB of them, and BEGIN_REQUEST. */
enum { RECORDS_MAX = LIMIT_PARAM_BYTES + 1024, WRITE_LEN = 8192 };

bool
fcgi_init(void)
{
	return FCGX_Init() == 0;
}

/* A file in memory that holds the request's records, at its start; -1 on failure. */
static int
records_file(const struct fcgi_gate *g)
{
	struct buf records;
	ssize_t n = -1;
	int fd;

	fd = memfd_create("request", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	buf_init(&records, RECORDS_MAX);
	fcgi_gate_records(g, &records);
	if (records.err == GW_OK)
		n = pwrite(fd, records.data, records.len, 0);
	if (n < 0 || (size_t)n != records.len) {
		close(fd);
		fd = -1;
	}
	buf_clear(&records);
	return fd;
}

/* Lets libfcgi make the variables; its output then goes to the connection, which it owns. */
static bool
request_open(FCGX_Request *r, const struct fcgi_gate *g, int fd)
{
	int file = records_file(g);

	if (file < 0)
		return false;
	FCGX_InitRequest(r, -1, 0);
	r->ipcFd = file;
	r->keepConnection = 1;
	if (FCGX_Accept_r(r) != 0)
		return false;
	close(r->ipcFd);
	r->ipcFd = fd;
	FCGX_Detach(r);
	return true;
}

/* In pieces of libfcgi's buffer, so that a reader that sips is left when the time is over. */
static bool
put(FCGX_Request *r, const char *data, size_t len, const struct clock *clock, int64_t deadline_ms)
{
	size_t at, part;

	for (at = 0; at < len; at += part) {
		part = len - at < WRITE_LEN ? len - at : WRITE_LEN;
		if (clock_mono_ms(clock) >= deadline_ms ||
		    FCGX_PutStr(data + at, (int)part, r->out) != (int)part)
			return false;
	}
	return true;
}

static bool
answer(const struct fcgi *f, FCGX_Request *r, const struct fcgi_gate *g)
{
	struct cgi_input in = {.params = (const char *const *)r->envp,
	    .too_many_params = g->too_many_params,
	    .body = g->body.data,
	    .body_len = g->body.len,
	    .body_whole = g->body_whole,
	    .body_too_large = g->body_too_large};
	struct response response;
	struct buf head;
	int64_t deadline_ms;
	bool ok;

	/* libfcgi's own first variable, FCGI_ROLE, was not sent. */
	in.params++;
	cgi_answer(f->gateway, f->only_action, &in, &response, &head);
	deadline_ms = clock_mono_ms(f->gateway->clock) + f->client_ms;
	ok = head.err == GW_OK && put(r, head.data, head.len, f->gateway->clock, deadline_ms);
	if (ok && !cgi_without_body(&in))
		ok = put(r, response.body.data, response.body.len, f->gateway->clock, deadline_ms);
	buf_clear(&head);
	response_clear(&response);
	return ok;
}

static bool
answer_role(FCGX_Request *r)
{
	static const char text[] = "Status: 501\r\nContent-Type: application/json\r\n\r\n"
				   "{\"error\":\"only the FastCGI role RESPONDER is served\","
				   "\"requestId\":\"\"}";

	return FCGX_PutS(text, r->out) >= 0;
}

static void
serve_request(const struct fcgi *f, const struct fcgi_gate *g, int fd)
{
	FCGX_Request r;
	bool ok;

	if (!request_open(&r, g, fd)) {
		log_event(&f->gateway->log, LOG_ERROR, "fastcgi",
		    "no descriptor or memory for a request");
		close(fd);
		return;
	}
	ok = g->role == FCGI_GATE_RESPONDER ? answer(f, &r, g) : answer_role(&r);
	/* After a failure, finishing would try once more to write what the client does not take. */
	if (!ok)
		shutdown(fd, SHUT_RDWR);
	FCGX_Finish_r(&r);
	if (!ok)
		log_event(&f->gateway->log, LOG_WARNING, "fastcgi", "the answer was not taken");
}

void
fcgi_serve(const struct fcgi *f, int fd)
{
	const struct timeval patience = {
	    .tv_sec = f->client_ms / 1000, .tv_usec = f->client_ms % 1000 * 1000};
	const struct clock *clock = f->gateway->clock;
	struct fcgi_gate gate;
	const char *why;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	fcgi_gate_init(&gate);
	if (fcgi_gate_read(&gate, fd, clock, clock_mono_ms(clock) + f->client_ms, &why)) {
		serve_request(f, &gate, fd);
	} else {
		log_event(&f->gateway->log, LOG_WARNING, "fastcgi", why);
		close(fd);
	}
	fcgi_gate_clear(&gate);
}
