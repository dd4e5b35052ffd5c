/* serve.h: serves FastCGI until stopped: `hrisgw serve`, or what a web server started. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serve_call {
	const char *program_dir;
	const char *config_file; /* NULL: searched */
	const char *listen_path; /* NULL: as the configuration says */
	const char *only_action; /* NULL: all */
	int64_t client_ms;
};

/*
 * Takes an inherited socket, or else listen_path, or else the configuration's. Returns when a
 * signal ended it; false: it could not be started, and why says so in one line.
 */
bool cli_serve_run(const struct serve_call *call, char *why, size_t why_max);

#endif
