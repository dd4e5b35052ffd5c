/* gateway_parts.h: the stages of gateway_handle() that need more words than one. */
#ifndef GATEWAY_PARTS_H
#define GATEWAY_PARTS_H

#include "gateway/exchange.h"

/* gateway_address.c: endpoint, route and rest from the URL, and what HTTP alone decides (404, 405,
 * 413). False: answered. */
bool gateway_address(struct exchange *x);

/* gateway_log.c: gives the request its id; false: answered with 503. */
bool gateway_name(struct exchange *x);
/* The caller's traceparent with us in its place; NULL: it sent none that is one. */
const char *gateway_trace(struct exchange *x);
/* X-Request-Id, and the one line of the log. */
void gateway_finish(struct exchange *x);

#endif
