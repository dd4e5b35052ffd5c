/*
 * pool.h: what the files of http/ share, and what their tests reach. No curl in here.
 * Times are monotonic milliseconds unless a name says otherwise.
 */
#ifndef POOL_H
#define POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "http/http.h"

enum {
	HTTP_BREAKER_CONSECUTIVE = 5,     /* failures in a row that open it */
	HTTP_BREAKER_WINDOW = 20,         /* the last calls, of which half may fail ... */
	HTTP_BREAKER_WINDOW_MIN = 10,     /* ... once there are so many */
	HTTP_BREAKER_OPEN_MS = 30 * 1000, /* the first time; doubles */
	HTTP_BREAKER_OPEN_MAX_MS = 300 * 1000,
	HTTP_BREAKER_JITTER = 200, /* per mille, both ways */
	HTTP_BREAKERS = 16,        /* origins of one route */
	HTTP_RATE_WINDOW_MS = 1000,
	HTTP_CONNECT_MS = 5000,
	HTTP_CONNECTION_S = 300, /* a connection's, and an idle lane's, longest life */
	HTTP_RETRY_AFTER_MAX_MS = 300 * 1000,
	HTTP_FORGET_MS =
	    600 * 1000, /* past any breaker's time: an idle route's state says nothing */
	HTTP_URL_MAX = 16 * 1024,
	HTTP_BUCKETS = 256 /* of the table of routes; a power of two */
};

/* check.c: whom a connection may reach. */
enum http_address { HTTP_ADDRESS_PUBLIC, HTTP_ADDRESS_PRIVATE, HTTP_ADDRESS_FORBIDDEN };

enum http_address http_address_class(const struct sockaddr *address);
enum http_address http_address_class_text(const char *ip); /* not an address: FORBIDDEN */

/* check.c: settles a call that must not be sent, and returns false; else its origin in out. */
bool http_check_call(struct http_call *call, const struct http_peer *peer, struct buf *out);

/* call.c: presets the call's results; settles it as not sent, for that reason. */
void http_call_reset(struct http_call *call);
void http_call_refuse(struct http_call *call, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Fills why: one line of printable ASCII. */
void
http_call_why(struct http_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* answer.c: RFC 9110 section 10.2.3; -1 where it cannot be read. */
int64_t http_retry_after_ms(const char *value, int64_t wall_ms);

/* limits.c: one circuit breaker; the caller locks. Zeroed is closed. */
enum http_outcome {
	HTTP_GOOD,   /* below 500 */
	HTTP_BAD,    /* 5xx, or the transport failed */
	HTTP_NEITHER /* a fault on our side: says nothing */
};

struct http_breaker {
	unsigned consecutive; /* failures in a row */
	unsigned n;           /* outcomes known, up to the window */
	uint32_t bad;         /* one bit per outcome, the newest lowest */
	bool open, probing;
	int64_t open_ms; /* how long the present opening lasts, unjittered */
	int64_t until;   /* then one probe may go */
};

/* 0: a call may go now; else how long none may, at least 1. */
int64_t http_breaker_wait(const struct http_breaker *b, int64_t now);
/* Before a call that may go; returns whether it is the probe. */
bool http_breaker_enter(struct http_breaker *b);
/* After it; chance is any random number. */
void http_breaker_leave(
    struct http_breaker *b, bool probe, enum http_outcome outcome, int64_t now, uint32_t chance);

/*
 * limits.c: at most per_second calls within any one second; the caller locks. Zeroed is unused.
 * A call reserves its moment, so that those who wait go in the order they came.
 */
struct http_rate {
	int64_t *starts; /* a ring: starts[next] is the oldest */
	unsigned n, next;
};

enum http_rate_verdict { HTTP_RATE_OK, HTTP_RATE_LATE, HTTP_RATE_MEMORY };

enum http_rate_verdict http_rate_reserve(
    struct http_rate *r, unsigned per_second, int64_t now, int64_t deadline, int64_t *start);
void http_rate_clear(struct http_rate *r);

/* limits.c: how long the last calls took; the caller locks. Zeroed has none. */
enum { HTTP_PACE_CALLS = 32 };

struct http_pace {
	int64_t took_ms[HTTP_PACE_CALLS]; /* a ring */
	unsigned n, next;
};

void http_pace_add(struct http_pace *p, int64_t took_ms);
/* The 95th percentile; 0: there was no call. */
int64_t http_pace_ms(const struct http_pace *p);

/* pool.c: per route, the right to have calls in flight, and the breakers of its origins. */
struct http_origin {
	struct http_origin *next;
	struct http_breaker breaker;
	unsigned calls; /* that will report */
	int64_t used;
	char name[];
};

struct http_route {
	struct http_route *next; /* in its bucket */
	unsigned in_flight, busy;
	unsigned users; /* between http_pool_route() and http_pool_drop() */
	int64_t used_ms;
	struct http_waiter *first, **last; /* for a right, first come first served */
	struct http_rate rate;
	struct http_pace pace;
	struct http_origin *origins;
	unsigned n_origins;
	char name[];
};

struct http_lane;

struct http {
	const struct clock *clock;
	pthread_mutex_t mutex; /* over everything below, held for moments only */
	struct http_route *routes[HTTP_BUCKETS];
	struct http_lane *lanes;
};

/*
 * The route's state, held until it is dropped; made at its first call. What nobody has held for
 * HTTP_FORGET_MS goes when another one is made. NULL: out of memory.
 */
struct http_route *http_pool_route(struct http *h, const char *name);
void http_pool_drop(struct http *h, struct http_route *r);
/*
 * Waits until deadline for one call's right to be in flight, and takes up to want where they are
 * free; 0: none in time. urgent: before those that are not. A request that has one never waits
 * for a second, so nothing deadlocks.
 */
unsigned http_pool_enter(struct http *h, struct http_route *r, unsigned in_flight, size_t want,
    int64_t deadline, bool urgent);
/* After a call of several: gives rights back where others wait or fewer are wanted, takes free ones
 * where none waits. Returns how many are held now, at least one. */
unsigned http_pool_adjust(struct http *h, struct http_route *r, unsigned held, size_t want);
void http_pool_leave(struct http *h, struct http_route *r, unsigned held);
void http_pool_clear(struct http *h);
/* The breaker's place; NULL where there are too many or no memory: then there is no breaker. The
 * caller locks. */
struct http_origin *http_pool_origin(struct http_route *r, const char *name, int64_t now);

#endif
