/*
 * start.h: puts a gateway together from its configuration: what `serve`, plain CGI and the commands
 * share.
 */
#ifndef START_H
#define START_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/gateway.h"

struct start_options {
	const char *config_file; /* NULL: searched, see config_load() */
	const char *program_dir;
	bool one_shot;    /* plain CGI, a command: one request, then the end */
	bool under_fcgid; /* it gives up after 40 s: the deadline is 38 s at most */
};

/* NULL: it cannot start, and why says so in one line. gateway_close() frees it. */
struct gateway *gateway_open(const struct start_options *start, char *why, size_t why_max);
void gateway_close(struct gateway *g);

/*
 * About once a second in a process that goes on: takes up what changed in the folders. hang_up:
 * opens the log file anew, looks at the folders at once, and reads hrisgw.yaml again: log and
 * memory count from then on; what needs a restart, and a fault, is logged.
 */
void gateway_tick(struct gateway *g, bool hang_up);

#endif
