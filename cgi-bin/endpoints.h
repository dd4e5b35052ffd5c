/* endpoints.h: the dispatch table and its rows, each of which is in the file of its name. */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include "gateway/exchange.h"

extern const struct endpoint get_agents, get_timeoff_types, get_balance, insert_timeoff,
    update_timeoff, token_endpoint, status_endpoint, bamboohr_endpoint;

/* All of them, NULL-terminated: gateway->endpoints. */
extern const struct endpoint *const endpoints[];

#endif
