/*
 * serve.h: the threads that answer FastCGI connections, and the way they stop: on SIGTERM (SIGINT,
 * SIGUSR1) what runs is finished and nothing that was accepted is lost; on a second one the process
 * ends at once.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/fcgi.h"
#include "server/listen.h"

struct serve {
	struct fcgi fcgi;
	struct listener listener;
	unsigned threads;
};

/*
 * Before any thread is made: libfcgi is started, signals wait for serve_run(), SIGPIPE is ignored,
 * the limit of descriptors is raised as far as it goes. False: libfcgi cannot be started.
 */
bool serve_prepare(void);

/* Returns when stopped, listener closed. False, with why: not even one thread could be made. */
bool serve_run(struct serve *s, char *why, size_t why_max);

#endif
