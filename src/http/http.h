/*
 * http.h: calls to an HRIS, as a table of one function, so that tests answer in the network's
 * place. http*.c is the real one and the only door to libcurl. It classifies what happened to a
 * call; whether to repeat it is decided above (adapter/call.c).
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_METHOD_MAX };

enum http_fate {
	HTTP_NOT_SENT, /* provably: no byte of the request left */
	HTTP_LOST,     /* it may have left; no whole answer came */
	HTTP_ANSWERED, /* status, headers and the whole body are there */
	HTTP_FATE_MAX
};

struct http_header {
	const char *name, *value;
	bool secret; /* proves who calls: never shown */
};

/* Takes the body of an answer of success (2xx) piece by piece, while it comes. */
struct http_stream {
	void (*put)(void *context, const char *data, size_t len);
	void *context;
};

struct http_call {
	/* What to send; borrowed for the time of send(). */
	enum http_method method;
	const char *url;  /* absolute */
	size_t url_shown; /* its bytes that may be shown; what follows proves who calls */
	/* No control characters, and no Host, Content-Length and the like: else HTTP_NOT_SENT. */
	const struct http_header *headers;
	size_t n_headers;
	const char *body; /* NULL: none */
	size_t body_len;
	const char *body_shown; /* in its place, where it proves who calls; NULL: the body itself */
	bool asks_proof;        /* for a token: it and its answer prove who calls */
	bool write;             /* fresh connection, HTTP/1.1, one send at most */
	size_t answer_max;      /* bytes, 0: LIMIT_ANSWER; more is HTTP_LOST, HRIS.ANSWER */
	const struct http_stream *stream; /* NULL: none, the body is kept whole */
	int64_t stall_ms; /* nothing more comes for so long: HRIS.TIMEOUT; 0: any time */

	/* What came back; in the arena. */
	enum http_fate fate;
	int status;                               /* 200..599 where ANSWERED, else 0 */
	const struct http_header *answer_headers; /* of the final answer */
	size_t n_answer_headers;
	const char *answer; /* NUL-terminated; "" when empty; of what was streamed, the beginning */
	size_t answer_len;
	bool streamed;          /* all of the answer went to stream */
	int64_t retry_after_ms; /* from Retry-After, seconds or date; -1: none */
	int64_t took_ms;
	/* Where not ANSWERED: HRIS_TIMEOUT, HRIS_UNAVAILABLE, HRIS_ANSWER (too long),
	 * GATEWAY_BUSY, ROUTE_SETTING ... */
	enum fail_code code;
	char why[200]; /* one line; no secret, no path of the URL */
};

/* Who is called: the limits that a route puts on it. Pool, rate and breaker are kept by route. */
struct http_peer {
	const char *route;
	unsigned in_flight;            /* handles at most; >= 1 */
	unsigned per_second;           /* 0: no limit */
	bool insecure_http;            /* http:// allowed, to loopback and private hosts only */
	const char *ca_file;           /* NULL: the system's bundle */
	const char *certificate, *key; /* client certificate, NULL: none */
	bool writing;                  /* a write, or a look after it: before the route's others */
};

struct transport {
	/*
	 * Sends n independent calls, side by side as far as in_flight and free handles allow (it
	 * waits for one), each within deadline (monotonic ms; 5 s to connect). Fills every call.
	 */
	void (*send)(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
	    int64_t deadline_mono_ms, struct arena *arena);
	/* How long 95 of 100 of the route's last calls took until their answer; 0: not known yet,
	 * also where pace is NULL. */
	int64_t (*pace)(void *context, const struct http_peer *peer);
	void *context;
	bool dry; /* writes are printed, not sent: call --dry-run */
};

struct http; /* the real transport: pools, rates, breakers */

struct http *http_new(const struct clock *clock); /* NULL: out of memory */
void http_free(struct http *h);
struct transport http_transport(struct http *h);

/* The calls of each route now, and how many of its breakers are in which state; in the arena. */
struct http_state {
	const char *route;
	unsigned in_flight, waiting;      /* calls; requests that wait for their turn */
	unsigned closed, half_open, open; /* half-open: the next call says whether it opens again */
};
bool http_states(struct http *h, struct arena *a, struct http_state **out, size_t *n);

const char *http_method_name(enum http_method m);
bool http_method_parse(const char *s, enum http_method *out);
/* The first header of that name, whatever its case; NULL. */
const char *http_answer_header(const struct http_call *call, const char *name);

/* libcurl's version, as it runs. Static. */
const char *http_library(void);

#endif
