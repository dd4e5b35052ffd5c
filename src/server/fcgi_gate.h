/*
 * fcgi_gate.h: reads one FastCGI request off a connection, within bounds and within a time, so that
 * nothing but what is well formed reaches libfcgi. Knows the protocol's records and nothing behind
 * them.
 */
#ifndef FCGI_GATE_H
#define FCGI_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "format/request.h"

enum { FCGI_GATE_RESPONDER = 1 }; /* FastCGI 1.0, section 5.1 */

struct fcgi_gate {
	unsigned role, request_id;
	bool too_many_params; /* more than LIMIT_PARAMS or LIMIT_PARAM_BYTES */
	bool body_whole;      /* the end of STDIN was seen */
	bool body_too_large;  /* more than LIMIT_BODY: the rest was read and dropped */
	struct buf params;    /* whole pairs as they came; no NUL, no empty name */
	struct buf body;
};

void fcgi_gate_init(struct fcgi_gate *g);
void fcgi_gate_clear(struct fcgi_gate *g);

/*
 * Reads to the end of STDIN (of PARAMS for the other roles). True: there is a request, its body
 * maybe cut off (body_whole). False: nothing that could be answered; *why (static text) says what
 * was wrong.
 */
bool fcgi_gate_read(struct fcgi_gate *g, int fd, const struct clock *clock,
    int64_t deadline_mono_ms, const char **why);

/* Appends BEGIN_REQUEST and PARAMS as one request of a responder, without a body, to out. */
void fcgi_gate_records(const struct fcgi_gate *g, struct buf *out);

#endif
