/*
 * fcgi_read.c: see fcgi_read.h. The numbers are those of fastcgi.h of the FastCGI development kit;
 * FastCGI 1.0, sections 3 to 5. Of libfcgi itself nothing is used: its reads block without a time,
 * it allocates what a client claims, asserts where memory is short, and prints any number of
 * answers to management records into 64 bytes (fcgiapp.c of Debian's 2.4.2-2+deb12u1, read
 * 2026-11-23).
 */
#include "server/fcgi_read.h"

#include <fastcgi.h>
#include <string.h>

#include "base/bounds.h"

enum {
	BEGIN_LEN = 8,
	SMALL_MAX = 512,        /* content of BEGIN_REQUEST or of a management record */
	REPLIES_MAX = 64 * 1024 /* that a client may ask for beside its requests */
};

void
fcgi_reader_init(struct fcgi_reader *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->params, LIMIT_PARAM_BYTES);
	buf_init(&r->body, LIMIT_BODY);
	buf_init(&r->replies, REPLIES_MAX);
	buf_init(&r->small, SMALL_MAX);
}

void
fcgi_reader_clear(struct fcgi_reader *r)
{
	buf_clear(&r->params);
	buf_clear(&r->body);
	buf_clear(&r->replies);
	buf_clear(&r->small);
}

void
fcgi_reader_reset(struct fcgi_reader *r)
{
	fcgi_reader_clear(r);
	fcgi_reader_init(r);
}

bool
fcgi_reader_begun(const struct fcgi_reader *r)
{
	return r->stage != FCGI_AT_BEGIN || r->head_len > 0;
}

static void
broken(struct fcgi_reader *r, const char *why)
{
	r->stage = FCGI_BROKEN;
	r->why = why;
}

/* --- writing --- */

static const char zeros[FCGI_HEADER_LEN];

static void
make_head(void *out, unsigned type, unsigned id, size_t len, size_t padding)
{
	const unsigned char h[FCGI_HEADER_LEN] = {FCGI_VERSION_1, (unsigned char)type,
	    (unsigned char)(id >> 8), (unsigned char)id, (unsigned char)(len >> 8),
	    (unsigned char)len, (unsigned char)padding, 0};

	memcpy(out, h, sizeof(h));
}

static void
put_head(struct buf *out, unsigned type, unsigned id, size_t len)
{
	char h[FCGI_HEADER_LEN];

	make_head(h, type, id, len, 0);
	buf_put(out, h, sizeof(h));
}

/* The records UNKNOWN_TYPE and END_REQUEST have bodies of eight bytes. */
static void
put_eight(struct buf *out, unsigned type, unsigned id, unsigned first, unsigned fifth)
{
	const unsigned char body[8] = {(unsigned char)first, 0, 0, 0, (unsigned char)fifth};

	put_head(out, type, id, sizeof(body));
	buf_put(out, body, sizeof(body));
}

size_t
fcgi_begin_output(struct buf *out)
{
	buf_put(out, zeros, FCGI_HEADER_LEN);
	return out->len;
}

void
fcgi_end_output(struct buf *out, size_t begin, unsigned request_id)
{
	size_t len = out->len - begin, padding = -len % 8;

	if (len > FCGI_CHUNK)
		buf_fail(out, GW_EINTERNAL);
	if (out->err != GW_OK)
		return;
	if (len == 0) {
		out->len = begin - FCGI_HEADER_LEN;
		return;
	}
	make_head(out->data + begin - FCGI_HEADER_LEN, FCGI_STDOUT, request_id, len, padding);
	buf_put(out, zeros, padding);
}

void
fcgi_write_output(struct buf *out, unsigned request_id, const void *data, size_t len)
{
	size_t begin = fcgi_begin_output(out);

	buf_put(out, data, len);
	fcgi_end_output(out, begin, request_id);
}

void
fcgi_write_end(struct buf *out, unsigned request_id, unsigned protocol_status, bool last)
{
	if (protocol_status == FCGI_REQUEST_COMPLETE)
		put_head(out, FCGI_STDOUT, request_id, 0);
	put_eight(out, FCGI_END_REQUEST, request_id, 0, protocol_status);
	if (last)
		put_eight(out, FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID, FCGI_MAXTYPE, 0);
}

/* --- pairs --- */

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

struct pair {
	const char *name, *value;
	size_t name_len, value_len;
};

/* Reads the pair at *at and moves past it; false where it is cut off. */
static bool
pair_next(const struct buf *b, size_t *at, struct pair *p)
{
	if (!pair_length(b, at, &p->name_len) || !pair_length(b, at, &p->value_len))
		return false;
	if (p->name_len > b->len - *at || p->value_len > b->len - *at - p->name_len)
		return false;
	p->name = b->data + *at;
	p->value = p->name + p->name_len;
	*at += p->name_len + p->value_len;
	return true;
}

/* Whether it can be NAME=value. */
static bool
pair_is_text(const struct pair *p)
{
	return p->name_len > 0 && memchr(p->name, '=', p->name_len) == NULL &&
	       memchr(p->name, '\0', p->name_len + p->value_len) == NULL;
}

/* Cuts the parameters after the last whole pair that is within the limits. */
static void
check_params(struct fcgi_reader *r)
{
	size_t n, at, end = 0;
	struct pair p;
	bool whole;

	r->stage = r->role == FCGI_RESPONDER ? FCGI_AT_BODY : FCGI_WHOLE;
	for (n = 0; !r->no_memory && end < r->params.len; n++) {
		if (n == LIMIT_PARAMS) {
			r->too_many_params = true;
			break;
		}
		at = end;
		whole = pair_next(&r->params, &at, &p);
		if (!whole && r->too_many_params)
			break;
		if (!whole || !pair_is_text(&p)) {
			broken(r, "malformed PARAMS");
			return;
		}
		end = at;
	}
	r->params.len = end;
}

const char *const *
fcgi_reader_variables(const struct fcgi_reader *r, struct arena *a)
{
	const char **list;
	size_t at, n = 0, n_all = 0;
	struct pair p;
	char *text;

	for (at = 0; n_all < LIMIT_PARAMS && pair_next(&r->params, &at, &p); n_all++)
		continue;
	list = arena_array(a, n_all + 1, sizeof(*list));
	for (at = 0; list != NULL && n < n_all && pair_next(&r->params, &at, &p);) {
		text = arena_alloc_to(a, p.name_len + p.value_len + 2, 1);
		if (text == NULL)
			return NULL;
		memcpy(text, p.name, p.name_len);
		text[p.name_len] = '=';
		memcpy(text + p.name_len + 1, p.value, p.value_len);
		list[n++] = text;
	}
	return list;
}

/* --- records --- */

static unsigned
record_type(const struct fcgi_reader *r)
{
	return r->head[1];
}

static unsigned
record_id(const struct fcgi_reader *r)
{
	return (unsigned)r->head[2] << 8 | r->head[3];
}

static size_t
record_len(const struct fcgi_reader *r)
{
	return (size_t)r->head[4] << 8 | r->head[5];
}

/* Section 4.1: of the variables asked for, those that we know. */
static void
answer_values(struct fcgi_reader *r)
{
	static const char *const known[][2] = {
	    {FCGI_MAX_CONNS, "10000"}, {FCGI_MAX_REQS, "10000"}, {FCGI_MPXS_CONNS, "0"}};
	struct buf values;
	struct pair p;
	size_t at = 0, i;

	buf_init(&values, SMALL_MAX);
	while (at < r->small.len && pair_next(&r->small, &at, &p)) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			if (p.name_len != strlen(known[i][0]) ||
			    memcmp(p.name, known[i][0], p.name_len) != 0)
				continue;
			buf_putc(&values, (char)strlen(known[i][0]));
			buf_putc(&values, (char)strlen(known[i][1]));
			buf_puts(&values, known[i][0]);
			buf_puts(&values, known[i][1]);
		}
	}
	if (values.err == GW_OK) {
		put_head(&r->replies, FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID, values.len);
		buf_put(&r->replies, values.data, values.len);
	}
	buf_clear(&values);
}

/* The content of a record that is looked at as a whole is there. */
static void
take_small(struct fcgi_reader *r)
{
	const unsigned char *body = (const unsigned char *)r->small.data;

	if (record_type(r) == FCGI_GET_VALUES)
		answer_values(r);
	else {
		r->role = (unsigned)body[0] << 8 | body[1];
		r->keep = (body[2] & FCGI_KEEP_CONN) != 0;
		r->request_id = record_id(r);
		r->stage = FCGI_AT_PARAMS;
	}
	buf_reset(&r->small);
}

/* A record for the connection itself (section 3.3). */
static void
begin_management(struct fcgi_reader *r)
{
	if (record_type(r) == FCGI_GET_VALUES && record_len(r) <= SMALL_MAX)
		r->content = &r->small;
	else
		put_eight(&r->replies, FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID, record_type(r), 0);
}

static void
begin_first(struct fcgi_reader *r)
{
	if (record_type(r) == FCGI_BEGIN_REQUEST && record_len(r) == BEGIN_LEN)
		r->content = &r->small;
	else
		broken(r, "no BEGIN_REQUEST");
}

/* A record of the request at hand; of others a second request is refused, the rest is skipped. */
static void
begin_of_request(struct fcgi_reader *r)
{
	unsigned type = record_type(r);

	if (record_id(r) != r->request_id) {
		if (type == FCGI_BEGIN_REQUEST)
			put_eight(
			    &r->replies, FCGI_END_REQUEST, record_id(r), 0, FCGI_CANT_MPX_CONN);
	} else if (r->stage == FCGI_AT_PARAMS && type == FCGI_PARAMS)
		r->content = &r->params;
	else if (r->stage == FCGI_AT_BODY && type == FCGI_STDIN)
		r->content = &r->body;
	else if (type == FCGI_ABORT_REQUEST || type == FCGI_STDIN || type == FCGI_PARAMS)
		fcgi_reader_end(r, type == FCGI_STDIN ? "STDIN before PARAMS" : "aborted");
}

static void
begin_record(struct fcgi_reader *r)
{
	r->content = NULL;
	r->content_left = record_len(r);
	r->padding_left = r->head[6];
	if (r->head[0] != FCGI_VERSION_1)
		broken(r, "not FastCGI 1");
	else if (record_id(r) == FCGI_NULL_REQUEST_ID)
		begin_management(r);
	else if (r->stage == FCGI_AT_BEGIN)
		begin_first(r);
	else
		begin_of_request(r);
	if (r->replies.err != GW_OK)
		broken(r, "more management records than are answered");
}

static void
end_record(struct fcgi_reader *r)
{
	size_t len = record_len(r);

	r->head_len = 0;
	if (r->content == &r->small)
		take_small(r);
	else if (r->content == &r->params && len == 0)
		check_params(r);
	else if (r->content == &r->body && len == 0) {
		r->body_whole = true;
		r->stage = FCGI_WHOLE;
	}
}

/* Content goes up to its buffer's maximum, the rest is dropped, and noted. */
static void
take_content(struct fcgi_reader *r, const char *data, size_t len)
{
	struct buf *to = r->content;
	size_t room;

	if (to == NULL || r->no_memory)
		return;
	room = to->max - to->len;
	if (len > room) {
		r->too_many_params |= to == &r->params;
		r->body_too_large |= to == &r->body;
		len = room;
	}
	buf_put(to, data, len);
	if (to->err == GW_OK)
		return;
	if (to == &r->small)
		broken(r, "out of memory");
	r->no_memory = true;
	buf_clear(to);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
fcgi_reader_feed(struct fcgi_reader *r, const void *data, size_t len)
{
	const char *at = data, *end = at + len;
	size_t n;

	while (r->stage < FCGI_WHOLE && at < end) {
		if (r->head_len < FCGI_HEADER_LEN) {
			n = least(FCGI_HEADER_LEN - r->head_len, (size_t)(end - at));
			memcpy(r->head + r->head_len, at, n);
			r->head_len += n;
			if (r->head_len == FCGI_HEADER_LEN)
				begin_record(r);
		} else if (r->content_left > 0) {
			n = least(r->content_left, (size_t)(end - at));
			take_content(r, at, n);
			r->content_left -= n;
		} else {
			n = least(r->padding_left, (size_t)(end - at));
			r->padding_left -= n;
		}
		at += n;
		if (r->stage < FCGI_WHOLE && r->head_len == FCGI_HEADER_LEN &&
		    r->content_left == 0 && r->padding_left == 0)
			end_record(r);
	}
	return (size_t)(at - (const char *)data);
}

void
fcgi_reader_end(struct fcgi_reader *r, const char *why)
{
	/* What is left of this request would be read as the records of the next one. */
	r->keep = false;
	if (r->stage == FCGI_AT_BODY)
		r->stage = FCGI_WHOLE;
	else if (r->stage != FCGI_WHOLE)
		broken(r, why);
}
