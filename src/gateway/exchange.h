/*
 * exchange.h: one request on its way through the gateway, filled stage by stage, and what a row of
 * the dispatch table is. The rows themselves are in cgi-bin/.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "auth/auth.h"
#include "gateway/contract.h"
#include "gateway/gateway.h"
#include "hris/hris.h"

struct reply;
struct exchange;

/* A row of the dispatch table: where it is, what it takes, who serves it. */
struct endpoint {
	const char *name;
	const char *prefix;  /* its path begins so; NULL: it is /v1/{route}/{name} */
	const char *methods; /* as in Allow; NULL: serve looks at the method itself */
	bool open;           /* proves nothing beforehand: serve asks for what it needs */
	bool bodyless;       /* what is sent beside the path is ignored */
	/* Of a face, below prefix/{route}/v1, whose callers prove themselves as BambooHR's do:
	 * which of its calls the path after /v1 is; NULL: none. */
	const char *(*call_of)(const char *path);
	void (*serve)(struct exchange *x);
	/* Of an action, whose serve is gateway_act(): */
	const struct field *input; /* table over in */
	size_t in_size, out_size;
	enum gw_err (*run)(struct hris *h, const void *in, void *out);
	/* Writes every member that the action declares; on failure too (in and out as far as they
	 * were filled; NULL where there was no memory for them). */
	void (*reply)(struct reply *r, const void *in, const void *out, bool failed);
};

struct exchange {
	struct gateway *gateway;
	const struct request *request;
	struct response *response;
	struct arena arena;
	struct failure failure;
	const struct endpoint *endpoint;
	const char *route_name;     /* as sent; valid once admitted; "": none */
	const char *unknown_route;  /* as sent; NULL: the route is known, or none was named */
	const char *unknown_action; /* NULL: the action is known, or none was named */
	const char *call;           /* on the face: which of its calls; NULL: none of them */
	const char *rest;           /* of an endpoint with a prefix: what follows it or /v1; raw */
	const struct route *route;  /* NULL: unknown */
	bool inside;                /* counted among the route's requests */
	struct auth_who who;
	struct hris hris;
	const char *id; /* request id: 16 hex digits */
	int64_t began_ms;
};

/* The row of /v1/{route}/{name}; NULL: there is none. */
const struct endpoint *endpoint_find(const struct gateway *g, const char *name);

/* The serve of every action: JSON into in, run, reply. */
void gateway_act(struct exchange *x);
/* Fills x->hris for the route; what keeps it from being used now is in x->failure too. */
enum gw_err gateway_open_hris(struct exchange *x);

#endif
