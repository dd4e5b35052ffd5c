/*
 * request.h: one HTTP request as the web server handed it over, and the answer to it. Filled by
 * fcgi.c, cgi.c, the command line, tests and fuzzers; nothing past it knows a socket.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum body_state {
	BODY_WHOLE,     /* read to its end, and as long as CONTENT_LENGTH says where it is given */
	BODY_TOO_LARGE, /* more than LIMIT_BODY */
	BODY_WRONG_LENGTH, /* shorter or longer than CONTENT_LENGTH, or cut off */
	BODY_STATE_MAX
};

struct request_header {
	const char *name; /* lower case, dashes: "content-digest" */
	const char *value;
};

struct request {
	const char *method;    /* "POST" */
	const char *uri;       /* REQUEST_URI: path and query exactly as sent, percent-encoded */
	const char *path_info; /* PATH_INFO (decoded by the web server); "" where not set */
	const char *scheme;    /* "http" or "https" */
	const char *authority; /* Host as sent; "" */
	const char *remote;    /* REMOTE_ADDR; "" */
	const char *id;        /* REQUEST_ID: what the web server calls the request; NULL */
	const char *client_subject; /* subject of a verified client certificate; "" */
	const char *only_action;    /* the one action of a program name (get-balance.fcgi); NULL */
	const struct request_header *headers; /* without those above; at most LIMIT_PARAMS */
	size_t n_headers;
	bool
	    too_many_params; /* more than LIMIT_PARAMS or LIMIT_PARAM_BYTES; the rest is not here */
	const char *body;    /* NUL-terminated */
	size_t body_len;
	enum body_state body_state;
	int64_t began_ms; /* monotonic, when its first byte came; 0: now */
	/* Whether the caller has hung up; NULL: that cannot be seen. */
	bool (*gone)(void *context);
	void *gone_context;
};

enum { RESPONSE_HEADERS_MAX = 16, RESPONSE_BODY_MAX = 96 * 1024 * 1024 };

struct response {
	int status;
	struct request_header
	    headers[RESPONSE_HEADERS_MAX]; /* names as they go out; texts are copies */
	size_t n_headers;
	struct arena arena; /* of the headers' texts, and of what was made of the request */
	struct buf body;
};

/* The value of a header (lower-case name), NULL when absent. Borrowed. */
const char *request_header(const struct request *r, const char *name);

/*
 * Builds a request from CGI variables (FastCGI parameters): the same for every way in. params is a
 * NULL-terminated list of NAME=value; the request borrows from it and from the arena. False: out of
 * memory.
 */
bool request_from_params(struct arena *a, const char *const *params, struct request *out);

void response_init(struct response *r);
void response_clear(struct response *r);
/* Copies; an answer that cannot take another header becomes a 500 without body. */
void response_header(struct response *r, const char *name, const char *value);

#endif
