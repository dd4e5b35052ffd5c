/*
 * exchange.h: one request on its way through the gateway, and the endpoints it can end at. Filled
 * stage by stage in gateway_handle(); an endpoint of cgi-bin/ sees only its own part.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "auth/auth.h"
#include "gateway/contract.h"
#include "gateway/gateway.h"
#include "hris/hris.h"

struct reply;

/* How the HTTP request is shaped. */
enum endpoint_kind {
	ENDPOINT_ACTION, /* POST /v1/{route}/{name}: JSON in, HTTP 200 out */
	ENDPOINT_TOKEN,  /* POST /v1/{route}/token */
	ENDPOINT_FACE,   /* /api/gateway.php/{route}/v1/... */
	ENDPOINT_STATUS, /* GET /-/...: loopback only */
	ENDPOINT_KIND_MAX
};

struct endpoint {
	const char *name;
	enum endpoint_kind kind;
	/* ENDPOINT_ACTION: */
	const struct field *input; /* NULL-terminated table over in */
	size_t in_size, out_size;
	enum gw_err (*run)(struct hris *h, const void *in, void *out);
	/* Writes every member that the action declares; on failure too (in and out as far as they
	 * came; NULL where there was no memory for them). */
	void (*reply)(struct reply *r, const void *in, const void *out, bool failed);
};

extern const struct endpoint get_agents, get_timeoff_types, get_balance, insert_timeoff,
    update_timeoff, token_endpoint;

/* All of them, NULL-terminated: cgi-bin/endpoints.c. */
extern const struct endpoint *const endpoints[];

const struct endpoint *endpoint_find(const char *name);

struct exchange {
	struct gateway *gateway;
	const struct request *request;
	struct response *response;
	struct arena arena;
	struct failure failure;
	const struct endpoint *endpoint;
	const char *route_name;    /* valid as a name; "" for status */
	const char *rest;          /* what follows the route (face) or /- (status); raw */
	const struct route *route; /* NULL: unknown */
	unsigned in_use;
	struct auth_who who;
	struct hris hris;
	const char *id; /* request id: 16 hex digits */
	int64_t began_ms;
};

/* status.c: live, ready. */
void status_handle(struct exchange *x);
/* bamboohr.c: the face, after authentication. */
void bamboohr_handle(
    struct hris *h, const struct request *request, const char *path, struct response *response);

#endif
