/*
 * fcgi_read.h: FastCGI 1.0 as bytes, without a socket: reads one request after the other of a
 * connection from pieces of any size, and writes the records of its answers. Everything is counted
 * and checked; nothing a client says makes it wait, allocate beyond its limits, or end the process.
 */
#ifndef FCGI_READ_H
#define FCGI_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum fcgi_stage {
	FCGI_AT_BEGIN,  /* waits for BEGIN_REQUEST */
	FCGI_AT_PARAMS, /* until their end */
	FCGI_AT_BODY,   /* until the end of STDIN */
	FCGI_WHOLE,     /* there is a request, its body maybe cut off */
	FCGI_BROKEN     /* why says what is wrong; nothing can be answered */
};

struct fcgi_reader {
	enum fcgi_stage stage;
	const char *why; /* static text; where BROKEN */
	/* Of the request: */
	unsigned role, request_id;
	bool keep;            /* the client keeps the connection */
	bool no_memory;       /* for all of the request: it can only be refused */
	bool too_many_params; /* more than LIMIT_PARAMS or LIMIT_PARAM_BYTES */
	bool body_whole;      /* the end of STDIN was seen */
	bool body_too_large;  /* more than LIMIT_BODY: the rest was read and dropped */
	struct buf params;    /* whole pairs as they came; no NUL, no empty name */
	struct buf body;
	/* What the client is to get at once: management records, refusals of other ids. */
	struct buf replies;
	/* The record at hand: */
	unsigned char head[8];
	size_t head_len, content_left, padding_left;
	struct buf *content; /* where its content goes; NULL: it is skipped */
	struct buf small;    /* content of a record that is looked at as a whole */
};

void fcgi_reader_init(struct fcgi_reader *r);
/* Makes ready for the connection's next request. */
void fcgi_reader_reset(struct fcgi_reader *r);
void fcgi_reader_clear(struct fcgi_reader *r);

/* Takes bytes until there is a whole request or a fault; returns how many it took. */
size_t fcgi_reader_feed(struct fcgi_reader *r, const void *data, size_t len);

/* No more bytes come, for that reason ("timed out", "connection closed"): a request whose parameters
 * are there is WHOLE, its body cut off, and the last one of its connection; else it is BROKEN. */
void fcgi_reader_end(struct fcgi_reader *r, const char *why);

/* Whether a byte of the next request has come. */
bool fcgi_reader_begun(const struct fcgi_reader *r);

/* The parameters as CGI variables: NAME=value, NULL-terminated. NULL: out of memory. */
const char *const *fcgi_reader_variables(const struct fcgi_reader *r, struct arena *a);

/*
 * A record with output of the request, up to FCGI_CHUNK bytes of it: all at once, or what is
 * appended to out between its begin, whose place is returned, and its end.
 */
enum { FCGI_CHUNK = 65528 };
size_t fcgi_begin_output(struct buf *out);
void fcgi_end_output(struct buf *out, size_t begin, unsigned request_id);
void fcgi_write_output(struct buf *out, unsigned request_id, const void *data, size_t len);
/*
 * Appends the end of the request: the end of its output where it has any (0: FCGI_REQUEST_COMPLETE
 * of the protocol), and END_REQUEST. last: with one more record, after which nginx does not use the
 * connection again (it keeps one only if END_REQUEST ends what it received; nginx 1.22,
 * ngx_http_fastcgi_process_record), so that we may close it.
 */
void fcgi_write_end(struct buf *out, unsigned request_id, unsigned protocol_status, bool last);

#endif
