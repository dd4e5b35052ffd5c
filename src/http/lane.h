/*
 * http_lane.h: the curl side of http*.c. A lane is one curl multi handle, the connections it
 * keeps, and the easy handles that take calls over them. One thread has a lane at a time; between
 * two sends it lies in its route's pool and may go to another thread, always as a whole.
 */
#ifndef HTTP_LANE_H
#define HTTP_LANE_H

#include <curl/curl.h>
#include <netinet/in.h>

#include "http/pool.h"

/* Why we ourselves ended a transfer. */
enum http_stop {
	HTTP_STOP_NONE,
	HTTP_STOP_ADDRESS, /* the host is where it must not be */
	HTTP_STOP_AGAIN,   /* curl wanted to send a write twice */
	HTTP_STOP_BODY,    /* longer than answer_max */
	HTTP_STOP_HEADERS,
	HTTP_STOP_MEMORY,
	HTTP_STOP_MAX
};

/* One easy handle and the call it carries. */
struct http_handle {
	struct http_lane *lane;
	CURL *easy;
	struct http_call *call;      /* NULL: free */
	struct http_origin *breaker; /* NULL: none */
	bool probe;
	const char *origin; /* borrowed for the call */
	struct arena *arena;
	struct curl_slist *headers; /* sent */
	bool insecure;              /* http:// allowed: private addresses only */
	int64_t started;
	unsigned sends; /* how often a request may have left */
	enum http_stop stop;
	char address[INET6_ADDRSTRLEN]; /* the refused one */

	/* What comes back. */
	struct http_header *answer_headers; /* in the arena */
	size_t n_answer_headers, cap_answer_headers, header_bytes;
	int status; /* of the block of headers being read */
	bool headers_done;
	size_t body_len; /* received */
	struct buf body; /* kept */
	char error[CURL_ERROR_SIZE];
};

struct http_lane {
	struct http_lane *next; /* in the pool */
	CURLM *multi;
	struct http_handle **handles;
	size_t n;
	unsigned connections; /* sockets open */
	bool broken;          /* curl failed: not to be used again */
	int64_t used;
};

/* http_lane.c */
struct http_lane *http_lane_new(void);
void http_lane_free(struct http_lane *lane);
/* A handle without a call; NULL: out of memory. */
struct http_handle *http_lane_handle(struct http_lane *lane);
/* The handle, its options set, goes. false: it did not. */
bool http_lane_start(struct http_handle *handle);
/* At most so many connections are kept for later. */
void http_lane_limit(struct http_lane *lane, unsigned connections);
/* Moves all transfers on, and waits up to that time for more to do. */
void http_lane_run(struct http_lane *lane, int timeout_ms);
/* A handle whose transfer is over, and how; NULL: none. */
struct http_handle *http_lane_done(struct http_lane *lane, CURLcode *rc);

/* http_option.c: everything curl is told about one call. */
CURLcode http_option_set(struct http_handle *handle, const struct http_peer *peer, int64_t left_ms);

/* http_receive.c: curl's callbacks; the last argument or the first is the handle. */
size_t http_receive_header(char *data, size_t size, size_t n, void *handle);
size_t http_receive_body(char *data, size_t size, size_t n, void *handle);
int http_receive_prereq(void *handle, char *peer_ip, char *own_ip, int peer_port, int own_port);
curl_socket_t http_receive_open(void *handle, curlsocktype purpose, struct curl_sockaddr *address);
int http_receive_close(void *lane, curl_socket_t socket);

/* http_settle.c: fills the call's results from how its transfer ended; the handle is free then. */
void http_settle(struct http_handle *handle, CURLcode rc, const struct clock *clock);

#endif
