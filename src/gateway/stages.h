/* stages.h: the stages of gateway_handle() that have a file of their own. */
#ifndef STAGES_H
#define STAGES_H

#include "gateway/exchange.h"

/* address.c: endpoint, route's name and rest from the URL's path. False: answered (404). */
bool gateway_address(struct exchange *x);

/*
 * request_log.c: gives the request its id, the web server's where it has sent one; false: answered
 * with 503.
 */
bool gateway_name(struct exchange *x);
/* The caller's traceparent with us in its place; NULL: it sent no valid one. */
const char *gateway_trace(struct exchange *x);
/* X-Request-Id, and the one line of the log. */
void gateway_finish(struct exchange *x);

#endif
