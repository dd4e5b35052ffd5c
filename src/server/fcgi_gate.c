/*
 * fcgi_gate.c: the reading half of FastCGI, done here because libfcgi 2.4.2 cannot be left alone
 * with a client that stalls or lies. Its source (fcgiapp.c of Debian's 2.4.2-2+deb12u1, read
 * 2026-11-23): reads have no time-out; ReadParams() allocates what a length claims, as an int that
 * may wrap, and Malloc() asserts (an abort); ProcessManagementRecord() prints any number of answers
 * into 64 bytes (an abort by fortify); a connection cut between two parameters passes as their end;
 * neither parameters nor body have a bound. Here every record is read with what is left of one
 * deadline, counted and checked; management records, records of other request ids and DATA are
 * skipped. FastCGI 1.0, sections 3 to 6.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "server/fcgi_gate.h"
#include "base/bounds.h"

enum record_type {
	RECORD_BEGIN_REQUEST = 1,
	RECORD_ABORT_REQUEST = 2,
	RECORD_PARAMS = 4,
	RECORD_STDIN = 5
};

enum { RECORD_VERSION = 1, HEADER_LEN = 8, BEGIN_LEN = 8, CONTENT_MAX = 65528, READ_LEN = 8192 };

struct record {
	unsigned version, type, id;
	size_t len, padding;
};

/* The connection, and what has been received but not yet looked at. */
struct wire {
	int fd;
	const struct clock *clock;
	int64_t deadline_ms;
	const char *why;
	size_t at, len;
	unsigned char data[READ_LEN];
};

void
fcgi_gate_init(struct fcgi_gate *g)
{
	memset(g, 0, sizeof(*g));
	buf_init(&g->params, LIMIT_PARAM_BYTES);
	buf_init(&g->body, LIMIT_BODY);
}

void
fcgi_gate_clear(struct fcgi_gate *g)
{
	buf_clear(&g->params);
	buf_clear(&g->body);
}

/* Receives at least a byte. The socket itself blocks, hence MSG_DONTWAIT behind the poll. */
static bool
wire_fill(struct wire *w)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};
	int64_t left;
	ssize_t n;

	for (;;) {
		left = w->deadline_ms - clock_mono_ms(w->clock);
		if (left <= 0) {
			w->why = "timed out";
			return false;
		}
		if (poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left) <= 0)
			continue;
		n = recv(w->fd, w->data, sizeof(w->data), MSG_DONTWAIT);
		if (n > 0)
			break;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		w->why = "connection closed";
		return false;
	}
	w->at = 0;
	w->len = (size_t)n;
	return true;
}

/* The next len bytes, into out where that is given; an error of out sticks in it. */
static bool
wire_read(struct wire *w, size_t len, struct buf *out)
{
	size_t part;

	while (len > 0) {
		if (w->at == w->len && !wire_fill(w))
			return false;
		part = w->len - w->at < len ? w->len - w->at : len;
		if (out != NULL)
			buf_put(out, w->data + w->at, part);
		w->at += part;
		len -= part;
	}
	return true;
}

static bool
wire_bytes(struct wire *w, unsigned char *out, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (w->at == w->len && !wire_fill(w))
			return false;
		out[i] = w->data[w->at++];
	}
	return true;
}

static bool
read_header(struct wire *w, struct record *r)
{
	unsigned char h[HEADER_LEN];

	if (!wire_bytes(w, h, sizeof(h)))
		return false;
	*r = (struct record){.version = h[0],
	    .type = h[1],
	    .id = (unsigned)h[2] << 8 | h[3],
	    .len = (size_t)h[4] << 8 | h[5],
	    .padding = h[6]};
	if (r->version == RECORD_VERSION)
		return true;
	w->why = "not FastCGI 1";
	return false;
}

static bool
read_begin(struct fcgi_gate *g, struct wire *w)
{
	unsigned char body[BEGIN_LEN];
	struct record r;

	for (;;) {
		if (!read_header(w, &r))
			return false;
		if (r.id != 0)
			break;
		if (!wire_read(w, r.len + r.padding, NULL))
			return false;
	}
	w->why = "no BEGIN_REQUEST";
	if (r.type != RECORD_BEGIN_REQUEST || r.len != sizeof(body))
		return false;
	if (!wire_bytes(w, body, sizeof(body)) || !wire_read(w, r.padding, NULL))
		return false;
	g->role = (unsigned)body[0] << 8 | body[1];
	g->request_id = r.id;
	w->why = NULL;
	return true;
}

/* The next record of this request that matters; the others are skipped. */
static bool
next_record(const struct fcgi_gate *g, struct wire *w, struct record *r)
{
	for (;;) {
		if (!read_header(w, r))
			return false;
		if (r->id == g->request_id &&
		    (r->type == RECORD_PARAMS || r->type == RECORD_STDIN ||
			r->type == RECORD_ABORT_REQUEST))
			return true;
		if (!wire_read(w, r->len + r->padding, NULL))
			return false;
	}
}

/* Content up to out's maximum, the rest is read and dropped; *dropped is set then. */
static bool
read_content(struct wire *w, const struct record *r, struct buf *out, bool *dropped)
{
	size_t room = out->max - out->len, kept = r->len < room ? r->len : room;

	if (kept < r->len)
		*dropped = true;
	if (!wire_read(w, kept, out) || !wire_read(w, r->len - kept + r->padding, NULL))
		return false;
	if (out->err == GW_OK)
		return true;
	w->why = "out of memory";
	return false;
}

static bool
read_params(struct fcgi_gate *g, struct wire *w)
{
	struct record r;

	for (;;) {
		if (!next_record(g, w, &r))
			return false;
		if (r.type != RECORD_PARAMS) {
			w->why = r.type == RECORD_STDIN ? "STDIN before PARAMS" : "aborted";
			return false;
		}
		if (!read_content(w, &r, &g->params, &g->too_many_params))
			return false;
		if (r.len == 0)
			return true;
	}
}

/* A length of one or four bytes at *at (section 3.4); false where it is cut off. */
static bool
pair_length(const struct buf *b, size_t *at, size_t *out)
{
	const unsigned char *p = (const unsigned char *)b->data + *at;

	if (*at < b->len && p[0] < 0x80) {
		*out = p[0];
		*at += 1;
		return true;
	}
	if (b->len - *at < 4)
		return false;
	*out = (size_t)(p[0] & 0x7F) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	*at += 4;
	return true;
}

/* Moves *at behind the pair there. *text is false for a pair that cannot be NAME=value. */
static bool
pair_skip(const struct buf *b, size_t *at, bool *text)
{
	size_t name_len, value_len;
	const char *name;

	if (!pair_length(b, at, &name_len) || !pair_length(b, at, &value_len))
		return false;
	if (name_len > b->len - *at || value_len > b->len - *at - name_len)
		return false;
	name = b->data + *at;
	*text = name_len > 0 && memchr(name, '=', name_len) == NULL &&
		memchr(name, '\0', name_len + value_len) == NULL;
	*at += name_len + value_len;
	return true;
}

/* Cuts params behind the last whole pair that is within the limits. */
static bool
check_pairs(struct fcgi_gate *g, struct wire *w)
{
	size_t n, at = 0, end = 0;
	bool text;

	for (n = 0; end < g->params.len; n++) {
		if (n == LIMIT_PARAMS) {
			g->too_many_params = true;
			break;
		}
		at = end;
		text = true;
		if (!pair_skip(&g->params, &at, &text)) {
			if (g->too_many_params)
				break;
			text = false;
		}
		if (!text) {
			w->why = "malformed PARAMS";
			return false;
		}
		end = at;
	}
	g->params.len = end;
	return true;
}

/* To the end of STDIN. A body cut off by time, close or abort is no failure: it can be answered. */
static void
read_body(struct fcgi_gate *g, struct wire *w)
{
	struct record r;

	for (;;) {
		if (!next_record(g, w, &r) || r.type != RECORD_STDIN)
			return;
		if (!read_content(w, &r, &g->body, &g->body_too_large))
			return;
		if (r.len == 0) {
			g->body_whole = true;
			return;
		}
	}
}

bool
fcgi_gate_read(struct fcgi_gate *g, int fd, const struct clock *clock, int64_t deadline_mono_ms,
    const char **why)
{
	struct wire w = {.fd = fd, .clock = clock, .deadline_ms = deadline_mono_ms};
	bool ok;

	ok = read_begin(g, &w) && read_params(g, &w) && check_pairs(g, &w);
	*why = w.why;
	if (ok && g->role == FCGI_GATE_RESPONDER)
		read_body(g, &w);
	return ok;
}

static void
put_record(struct buf *out, unsigned type, unsigned id, const void *content, size_t len)
{
	const unsigned char h[HEADER_LEN] = {RECORD_VERSION, (unsigned char)type,
	    (unsigned char)(id >> 8), (unsigned char)id, (unsigned char)(len >> 8),
	    (unsigned char)len, 0, 0};

	buf_put(out, h, sizeof(h));
	buf_put(out, content, len);
}

void
fcgi_gate_records(const struct fcgi_gate *g, struct buf *out)
{
	const unsigned char begin[BEGIN_LEN] = {0, FCGI_GATE_RESPONDER};
	size_t at, part;

	put_record(out, RECORD_BEGIN_REQUEST, g->request_id, begin, sizeof(begin));
	for (at = 0; at < g->params.len; at += part) {
		part = g->params.len - at < CONTENT_MAX ? g->params.len - at : CONTENT_MAX;
		put_record(out, RECORD_PARAMS, g->request_id, g->params.data + at, part);
	}
	put_record(out, RECORD_PARAMS, g->request_id, "", 0);
}
