/*
 * gateway.h: a request in, a response out: the whole gateway without a socket. Threads may call
 * gateway_handle at the same time.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "base/clock.h"
#include "config/config.h"
#include "http/http.h"
#include "format/log.h"
#include "routes/registry.h"
#include "format/request.h"
#include "ledger/ledger.h"
#include "store/store.h"

struct endpoint;
struct metrics;

struct gateway {
	const struct endpoint *const *endpoints; /* the dispatch table, NULL-terminated */
	const struct config *config;
	struct registry *registry;
	const struct clock *clock;
	struct store *store;
	struct ledger *ledger;
	struct transport transport;
	struct http *http;       /* what transport is; NULL: another, in tests */
	struct metrics *metrics; /* NULL: nothing is counted */
	struct log log;
	bool one_shot; /* plain CGI, command line: no last good configuration */
};

void gateway_handle(struct gateway *g, const struct request *request, struct response *response);

/*
 * The same for the command line: an action of a route with a JSON body, without authentication. The
 * answer is the action's own; 404 where the route or the action does not exist.
 */
void gateway_call(struct gateway *g, const char *route, const char *action, const char *body,
    struct response *response);

struct hris;

/* Opens the HRIS of a route for the command line, for the length of run(). */
enum gw_err gateway_visit(struct gateway *g, const char *route,
    enum gw_err (*run)(struct hris *h, void *context), void *context, struct failure *failure);

#endif
