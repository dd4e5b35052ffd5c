/* endpoints.c: all that there is to call. */
#include <string.h>

#include "gateway/exchange.h"

const struct endpoint *const endpoints[] = {
    &get_agents,
    &get_timeoff_types,
    &get_balance,
    &insert_timeoff,
    &update_timeoff,
    &token_endpoint,
    NULL,
};

const struct endpoint *
endpoint_find(const char *name)
{
	size_t i;

	for (i = 0; endpoints[i] != NULL; i++) {
		if (strcmp(endpoints[i]->name, name) == 0)
			return endpoints[i];
	}
	return NULL;
}
