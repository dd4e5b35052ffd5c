/* endpoints.c: the dispatch table: every endpoint there is. */
#include "cgi-bin/endpoints.h"

const struct endpoint *const endpoints[] = {
    &get_agents,
    &get_timeoff_types,
    &get_balance,
    &insert_timeoff,
    &update_timeoff,
    &token_endpoint,
    &status_endpoint,
    &bamboohr_endpoint,
    NULL,
};
