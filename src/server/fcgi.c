/*
 * fcgi.c: see fcgi.h. While a task runs, nothing is read from its connection: one that has more to
 * say, or hangs up, leaves the loop, as it would wake the worker again and again; the task looks at
 * it when it matters (before a write to an HRIS). In the end the task leaves an answer here, and
 * its stack serves somebody else while the client takes it.
 *
 * A connection that the client keeps (FCGI_KEEP_CONN) is never closed by us while it is idle: a
 * request that is under way to a closed one is a 502. When the process stops, each is answered once
 * more, with a mark (fcgi_write_end) that keeps nginx from using it again.
 */
#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bounds.h"
#include "engine/task.h"
#include "server/cgi.h"
#include "server/fcgi.h"
#include "server/fcgi_read.h"

/* An answer needs room for its records and their ends; so much is there before the request runs. */
enum { OUT_MAX = 2 * FCGI_CHUNK, OUT_LEAST = 4000, OUT_ENDS = 64 };

enum conn_state { CONN_READING, CONN_RUNNING, CONN_WRITING };

struct fcgi_conn {
	struct loop_fd watch; /* first */
	struct timer timer;
	struct fcgi_home *home;
	struct fcgi_conn *next, *before;
	enum conn_state state;
	bool once;        /* served a request before */
	int64_t began_ms; /* when the first byte of the request came */
	struct fcgi_reader reader;
	/* The answer: what of it is in records, and the rest of its body. */
	struct buf out;
	size_t out_at;
	struct response *response; /* NULL: all of it is in out */
	size_t body_at;
};

static void conn_write(struct fcgi_conn *c);

static const struct log *
conn_log(const struct fcgi_conn *c)
{
	return &c->home->fcgi->gateway->log;
}

static void
conn_forget_answer(struct fcgi_conn *c)
{
	if (c->response != NULL) {
		response_clear(c->response);
		free(c->response);
		c->response = NULL;
	}
	buf_clear(&c->out);
	c->out_at = c->body_at = 0;
}

static void
conn_close(struct fcgi_conn *c)
{
	struct fcgi_home *home = c->home;

	loop_unwatch(home->loop, &c->watch);
	loop_timer_cancel(home->loop, &c->timer);
	if (c->before == NULL)
		home->first = c->next;
	else
		c->before->next = c->next;
	if (c->next != NULL)
		c->next->before = c->before;
	home->n--;
	(void)close(c->watch.fd);
	conn_forget_answer(c);
	fcgi_reader_clear(&c->reader);
	free(c);
}

static void
conn_set_timer(struct fcgi_conn *c, int64_t ms)
{
	loop_timer_set(c->home->loop, &c->timer, loop_now_ms() + ms);
}

static void
conn_watch(struct fcgi_conn *c, uint32_t events)
{
	if (loop_watch(c->home->loop, &c->watch, events))
		return;
	log_event(conn_log(c), LOG_ERROR, "fastcgi", "no descriptor or memory for a connection");
	conn_close(c);
}

/* --- the answer --- */

/* From a stop on it says that the client is not to use the connection again. */
static void
conn_put_end(struct fcgi_conn *c, unsigned protocol_status)
{
	bool last = c->home->stopping;

	fcgi_write_end(&c->out, c->reader.request_id, protocol_status, last);
	c->reader.keep = c->reader.keep && !last;
}

/* How much of the next part bytes goes into a record: where memory is short, what has room. */
static size_t
conn_part(struct fcgi_conn *c, size_t part)
{
	struct buf *out = &c->out;

	if (part > FCGI_CHUNK)
		part = FCGI_CHUNK;
	if (out->err != GW_OK || buf_reserve(out, part + OUT_ENDS) ||
	    out->cap - out->len <= OUT_ENDS)
		return part;
	out->err = GW_OK;
	return out->cap - out->len - OUT_ENDS;
}

/* The next piece of the body, or the end. */
static void
conn_fill(struct fcgi_conn *c)
{
	const struct buf *body = &c->response->body;
	size_t part = conn_part(c, body->len - c->body_at);

	fcgi_write_output(&c->out, c->reader.request_id, body->data + c->body_at, part);
	c->body_at += part;
	if (c->body_at < body->len)
		return;
	conn_put_end(c, FCGI_REQUEST_COMPLETE);
	response_clear(c->response);
	free(c->response);
	c->response = NULL;
}

/* All of the answer has been taken. */
static void
conn_answered(struct fcgi_conn *c)
{
	conn_forget_answer(c);
	if (!c->reader.keep) {
		conn_close(c);
		return;
	}
	fcgi_reader_reset(&c->reader);
	buf_init(&c->out, OUT_MAX);
	c->state = CONN_READING;
	c->once = true;
	if (c->home->stopping)
		conn_set_timer(c, c->home->silent_ms);
	else
		loop_timer_cancel(c->home->loop, &c->timer);
	conn_watch(c, EPOLLIN);
}

/* Sends what the client takes now. True: nothing is left in out. *failed: it will not take it. */
static bool
conn_send(struct fcgi_conn *c, bool *failed)
{
	ssize_t n;

	*failed = c->out.err != GW_OK;
	while (!*failed && c->out_at < c->out.len) {
		n = send(c->watch.fd, c->out.data + c->out_at, c->out.len - c->out_at,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0)
			c->out_at += (size_t)n;
		else if (errno == EAGAIN)
			return false;
		else
			*failed = errno != EINTR;
	}
	return !*failed;
}

static void
conn_write(struct fcgi_conn *c)
{
	bool failed;

	while (conn_send(c, &failed)) {
		if (c->response == NULL) {
			conn_answered(c);
			return;
		}
		buf_reset(&c->out);
		c->out_at = 0;
		conn_fill(c);
	}
	if (!failed) {
		conn_watch(c, EPOLLOUT);
		return;
	}
	/* Nothing in place of a lost answer: it may have said that a write was done. */
	log_event(conn_log(c), LOG_WARNING, "fastcgi",
	    c->out.err == GW_OK ? "the answer was not taken" : "no memory for the answer");
	conn_close(c);
}

/* --- the request --- */

static bool
begins_with_abort(const struct fcgi_conn *c)
{
	unsigned char head[FCGI_HEADER_LEN];
	ssize_t n = recv(c->watch.fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT);

	return n == (ssize_t)sizeof(head) && head[1] == FCGI_ABORT_REQUEST &&
	       ((unsigned)head[2] << 8 | head[3]) == c->reader.request_id;
}

/* A client that only ends its own half still reads. */
static bool
conn_is_gone(void *context)
{
	const struct fcgi_conn *c = context;
	struct pollfd p = {.fd = c->watch.fd, .events = POLLIN};

	if (poll(&p, 1, 0) <= 0)
		return false;
	return (p.revents & (POLLHUP | POLLERR)) != 0 ||
	       ((p.revents & POLLIN) != 0 && begins_with_abort(c));
}

static void
conn_run(void *context)
{
	struct fcgi_conn *c = context;
	const struct fcgi *f = c->home->fcgi;
	struct cgi_input in = {.too_many_params = c->reader.too_many_params,
	    .body = c->reader.body.data,
	    .body_len = c->reader.body.len,
	    .body_whole = c->reader.body_whole,
	    .body_too_large = c->reader.body_too_large,
	    .began_ms = c->began_ms,
	    .gone = conn_is_gone,
	    .gone_context = c};
	size_t head;

	response_init(c->response);
	in.params = fcgi_reader_variables(&c->reader, &c->response->arena);
	buf_clear(&c->reader.params);
	head = fcgi_begin_output(&c->out);
	cgi_answer(f->gateway, f->only_action, &in, c->response, &c->out);
	fcgi_end_output(&c->out, head, c->reader.request_id);
	buf_clear(&c->reader.body);
	c->state = CONN_WRITING;
	conn_set_timer(c, f->client_ms);
	conn_fill(c);
	conn_write(c);
}

/* An answer without the gateway: to another role. */
static void
conn_refuse(struct fcgi_conn *c, unsigned protocol_status)
{
	c->state = CONN_WRITING;
	conn_set_timer(c, c->home->fcgi->client_ms);
	conn_put_end(c, protocol_status);
	conn_write(c);
}

/* The same where nothing is left to serve it with: a web server passes this on, and would take
 * FCGI_OVERLOADED for a gateway that has broken down. */
static void
conn_overloaded(struct fcgi_conn *c)
{
	static const char answer[] =
	    "Status: 503 Service Unavailable\r\nContent-Type: application/json\r\n\r\n{\"error\":\"out of memory\"}";

	log_event(conn_log(c), LOG_ERROR, "fastcgi", "no stack or memory for a request");
	fcgi_write_output(&c->out, c->reader.request_id, answer, sizeof(answer) - 1);
	conn_refuse(c, FCGI_REQUEST_COMPLETE);
}

static void
conn_serve(struct fcgi_conn *c)
{
	loop_timer_cancel(c->home->loop, &c->timer);
	if (c->reader.role != FCGI_RESPONDER) {
		conn_refuse(c, FCGI_UNKNOWN_ROLE);
		return;
	}
	c->state = CONN_RUNNING;
	c->response = calloc(1, sizeof(*c->response));
	if (c->response != NULL && !c->reader.no_memory && buf_reserve(&c->out, OUT_LEAST) &&
	    task_spawn(c->home->loop, conn_run, c))
		return;
	free(c->response);
	c->response = NULL;
	conn_overloaded(c);
}

/* What the client is to get beside its request; it has room, or it asks for more than it reads. */
static bool
conn_reply(struct fcgi_conn *c)
{
	struct buf *b = &c->reader.replies;
	ssize_t n = 0;

	if (b->len > 0)
		n = send(c->watch.fd, b->data, b->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 || (size_t)n < b->len)
		return false;
	buf_reset(b);
	return true;
}

/* The reader has come to an end, or to a whole request. */
static void
conn_take(struct fcgi_conn *c)
{
	const struct fcgi_reader *r = &c->reader;

	if (!conn_reply(c)) {
		log_event(conn_log(c), LOG_WARNING, "fastcgi", "management records pile up");
		conn_close(c);
	} else if (r->stage == FCGI_WHOLE)
		conn_serve(c);
	else if (r->stage == FCGI_BROKEN) {
		/* The client is free to end a connection that it kept, or never used. */
		if (r->why[0] != '\0')
			log_event(conn_log(c), LOG_WARNING, "fastcgi", r->why);
		conn_close(c);
	} else
		conn_watch(c, EPOLLIN);
}

static void
conn_end(struct fcgi_conn *c, const char *why)
{
	bool idle = !fcgi_reader_begun(&c->reader);

	fcgi_reader_end(&c->reader, idle && c->once ? "" : why);
	conn_take(c);
}

static void
conn_read(struct fcgi_conn *c)
{
	bool begun = fcgi_reader_begun(&c->reader);
	size_t used;
	ssize_t n;

	n = recv(c->watch.fd, c->home->scratch, FCGI_SCRATCH, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		conn_watch(c, EPOLLIN);
		return;
	}
	if (n <= 0) {
		conn_end(c, "connection closed");
		return;
	}
	if (!begun) {
		c->began_ms = clock_mono_ms(c->home->fcgi->gateway->clock);
		if (!c->home->stopping)
			conn_set_timer(c, c->home->fcgi->client_ms);
	}
	used = fcgi_reader_feed(&c->reader, c->home->scratch, (size_t)n);
	/* A client has to wait for the end of its request before it sends another. */
	if (used < (size_t)n)
		c->reader.keep = false;
	conn_take(c);
}

static void
conn_ready(struct loop_fd *f, uint32_t events)
{
	struct fcgi_conn *c = (struct fcgi_conn *)f;

	(void)events;
	if (c->state == CONN_READING)
		conn_read(c);
	else if (c->state == CONN_WRITING)
		conn_write(c);
	else
		loop_unwatch(c->home->loop, f);
}

static void
conn_time_over(struct timer *t)
{
	struct fcgi_conn *c =
	    (struct fcgi_conn *)(void *)((char *)t - offsetof(struct fcgi_conn, timer));

	if (c->state == CONN_READING)
		conn_end(c, "timed out");
	else {
		log_event(conn_log(c), LOG_WARNING, "fastcgi", "the answer was not taken");
		conn_close(c);
	}
}

void
fcgi_open(struct fcgi_home *home, int fd)
{
	struct fcgi_conn *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)close(fd);
		return;
	}
	c->watch = (struct loop_fd){.fd = fd, .ready = conn_ready};
	c->timer.fire = conn_time_over;
	c->home = home;
	c->next = home->first;
	if (home->first != NULL)
		home->first->before = c;
	home->first = c;
	home->n++;
	fcgi_reader_init(&c->reader);
	buf_init(&c->out, OUT_MAX);
	conn_set_timer(c, home->fcgi->client_ms);
	/* A web server writes as soon as it has connected: most need no wait for their request. */
	conn_read(c);
}

void
fcgi_stop(struct fcgi_home *home, int64_t limit_ms)
{
	struct fcgi_conn *c;

	home->stopping = true;
	home->silent_ms = limit_ms;
	for (c = home->first; c != NULL; c = c->next) {
		if (c->state == CONN_READING &&
		    (!c->timer.set || c->timer.at_ms > loop_now_ms() + limit_ms))
			conn_set_timer(c, limit_ms);
	}
}
