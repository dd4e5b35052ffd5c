/*
 * serve.h: the workers that answer FastCGI connections, and the way they stop: on SIGTERM (SIGINT,
 * SIGUSR1) what runs is finished and nothing that was accepted is lost; on a second one the process
 * ends at once. On SIGHUP what can be read again is read again.
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
	unsigned workers;     /* threads that turn a loop each */
	unsigned connections; /* of callers, that each worker takes at most at once */
	/* Called about once a second, and with hang_up after a SIGHUP; on the thread of
	 * serve_run. */
	void (*tick)(void *context, bool hang_up);
	void *context;
};

/*
 * Before any thread is made: signals wait for serve_run(), SIGPIPE is ignored, the limit of
 * descriptors is raised as far as it goes.
 */
void serve_prepare(void);

/*
 * Whether there are descriptors for its workers, for so many calls to an HRIS at once, and for the
 * requests that make the calls. False, with why: the limit is too low. Sets s->connections so that
 * callers do not take the descriptors that calls need.
 */
bool serve_has_room(struct serve *s, unsigned calls, char *why, size_t why_max);

/* Returns when stopped, listener closed. False, with why: not even one worker could be made. */
bool serve_run(struct serve *s, char *why, size_t why_max);

#endif
