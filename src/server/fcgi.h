/*
 * fcgi.h: one FastCGI connection in a worker's loop. It waits for a request without a task; a task
 * serves the whole one; its answer is written as the client takes it.
 */
#ifndef FCGI_H
#define FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/loop.h"
#include "gateway/gateway.h"

struct fcgi {
	struct gateway *gateway;
	const char *only_action; /* the one action this program serves; NULL: all */
	int64_t client_ms;       /* to send a request; again, to take its answer */
};

/* The connections of one worker. Zeroed but for the first two. */
struct fcgi_home {
	const struct fcgi *fcgi;
	struct loop *loop;
	struct fcgi_conn *first;
	size_t n;
	bool stopping;
	int64_t silent_ms;      /* then: for a connection that waits for a request */
	unsigned char *scratch; /* FCGI_SCRATCH bytes to receive into */
};

enum { FCGI_SCRATCH = 64 * 1024 };

/* Takes fd, accepted and non-blocking; closes it where there is no memory for it. */
void fcgi_open(struct fcgi_home *home, int fd);

/*
 * From now on each connection is closed after its answer; one that waits for a request may send one
 * more, and is left within limit_ms.
 */
void fcgi_stop(struct fcgi_home *home, int64_t limit_ms);

#endif
