/*
 * lane.h: the curl side of a call. A lane is one curl multi handle in one loop: the connections it
 * keeps and the easy handles that take calls over them. A loop has one lane for each CA file (curl
 * reads the file anew where two alternate) and client certificate (curl does not compare its key),
 * and every call of the loop's tasks goes over one of them. For the loop's own thread only.
 */
#ifndef LANE_H
#define LANE_H

#include <curl/curl.h>
#include <netinet/in.h>

#include "engine/event.h"
#include "http/pool.h"

/* Why we ourselves ended a transfer. */
enum http_stop {
	HTTP_STOP_NONE,
	HTTP_STOP_ADDRESS, /* the host is where it must not be */
	HTTP_STOP_FILES,   /* there is no descriptor, or no memory, for a socket */
	HTTP_STOP_STALE,   /* before the request there was something to read already */
	HTTP_STOP_AGAIN,   /* curl wanted to send a write twice */
	HTTP_STOP_BODY,    /* longer than answer_max */
	HTTP_STOP_HEADERS,
	HTTP_STOP_MEMORY,
	HTTP_STOP_MAX
};

/* Who waits for transfers. */
struct http_sender {
	struct event over;            /* set when one of them is */
	struct http_handle *finished; /* the last one first */
};

/* Whom a lane believes, and as whom it calls: files; NULL: the system's bundle, no certificate. */
struct http_trust {
	const char *ca_file, *certificate, *key;
};

enum { HTTP_PORTS = 65536 };

/* What curl does for a lane in one go. */
struct http_turn {
	uint64_t n;
	bool paused; /* an answer has had its share, and goes on in the loop's next turn */
};

/* One easy handle and the call it carries. */
struct http_handle {
	struct http_handle *next, *before; /* idle, running, or finished */
	struct http_lane *lane;
	const struct http_trust *trust; /* the lane's */
	/* The lane's, of kept connections, by our own port; another may have the same. */
	const int *sockets;
	CURL *easy;
	struct http_sender *sender;
	struct http_call *call;
	struct http_origin *breaker; /* NULL: none */
	bool probe;
	const char *origin; /* borrowed for the call */
	struct arena *arena;
	struct curl_slist *headers; /* sent */
	bool insecure;              /* http:// allowed: private addresses only */
	int64_t started;
	struct timer stall_time; /* set where the call has stall_ms */
	int64_t heard_ms;        /* when something came last; of the loop */
	unsigned sends;          /* how often a request may have left */
	enum http_stop stop;
	CURLcode result;                /* of a finished one */
	char address[INET6_ADDRSTRLEN]; /* the refused one */

	/* What comes back. */
	struct http_header *answer_headers; /* in the arena */
	size_t n_answer_headers, cap_answer_headers, header_bytes;
	char *fold;                /* the last one's value, where it goes on over several lines: */
	size_t fold_len, fold_cap; /* cap 0: it has no room yet */
	int status;                /* of the block of headers being read */
	bool headers_done;
	size_t body_len;        /* received */
	struct http_turn *turn; /* the lane's */
	uint64_t turn_n;        /* the turn in which turn_len bytes of the body came */
	size_t turn_len;
	bool paused;
	struct buf body; /* kept */
	char error[CURL_ERROR_SIZE];
};

/* The lane of the present loop for that peer, made where there is none; NULL: no memory, or no
 * descriptor for a loop. */
struct http_lane *http_lane_of(struct http *h, const struct http_peer *peer);
/* All of them, when no loop but the caller's turns any more. */
void http_lanes_free(struct http *h);

/* A handle without a call; NULL: out of memory. Given back when its call is settled. */
struct http_handle *http_lane_take(struct http_lane *lane);
void http_lane_give(struct http_handle *handle);
/* The handle, its options set, goes; its sender learns of the end. False: it did not go. */
bool http_lane_start(struct http_handle *handle);
/* One that ended by HTTP_STOP_STALE goes again, over a connection of its own. */
bool http_lane_again(struct http_handle *handle);

/* option.c: what curl gets to know once, when a handle is made, and for each call. */
CURLcode http_option_once(struct http_handle *handle);
CURLcode
http_option_call(struct http_handle *handle, const struct http_peer *peer, int64_t left_ms);

/* answer.c: curl's callbacks; the last argument or the first is the handle. */
size_t http_receive_header(char *data, size_t size, size_t n, void *handle);
size_t http_receive_body(char *data, size_t size, size_t n, void *handle);
int http_receive_prereq(void *handle, char *peer_ip, char *own_ip, int peer_port, int own_port);
curl_socket_t http_receive_open(void *handle, curlsocktype purpose, struct curl_sockaddr *address);

/* answer.c: fills the call's results from how its transfer ended. */
void http_settle(struct http_handle *handle, const struct clock *clock);

#endif
