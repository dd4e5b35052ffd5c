/*
 * fcgi.h: one accepted FastCGI connection: read, answered, closed. The only door to libfcgi.
 * Connections are not kept open after their request.
 */
#ifndef FCGI_H
#define FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/gateway.h"

struct fcgi {
	struct gateway *gateway;
	const char *only_action; /* the one action this program serves; NULL: all */
	int64_t client_ms;       /* to send the request; again, to take the answer */
};

/* Once per process, before the first connection. */
bool fcgi_init(void);

/* Serves the one request of fd, a blocking connection, and closes it. Safe in many threads. */
void fcgi_serve(const struct fcgi *f, int fd);

#endif
