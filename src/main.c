/*
 * main.c: decides how this process serves, and is the only file that ends it: as plain CGI where a
 * web server says so, as FastCGI where it got a listening socket, else as the command line.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "server/cgi.h"
#include "cli/cli.h"
#include "cli/serve.h"
#include "base/bounds.h"
#include "base/version.h"
#include "server/listen.h"
#include "server/process.h"
#include "server/start.h"

/* Lengths, limits and the layout of a value are written for 64 bit. */
_Static_assert(sizeof(void *) == 8, "64-bit machines only");

enum { PATH_LEN = 4096, ACTION_LEN = 64, WHY_LEN = 1024 };

/* How this process was called. */
struct call {
	const char *program, *program_dir, *only_action;
};

static int
fail_cgi(const char *why)
{
	fprintf(stderr, "hrisgw: %s\n", why);
	fputs(
	    "Status: 503 Service Unavailable\r\nContent-Type: application/json\r\n\r\n{\"error\":\"the gateway cannot start; the web server's error log says why\",\"requestId\":\"\"}",
	    stdout);
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

static int
run_cgi(const struct call *call, const char *const *params)
{
	const struct start_options start = {.program_dir = call->program_dir, .one_shot = true};
	struct gateway *g;
	char why[WHY_LEN];
	bool ok;

	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		return fail_cgi(why);
	ok = cgi_serve(
	    g, call->only_action, params, STDIN_FILENO, STDOUT_FILENO, LIMIT_CLIENT_S * 1000);
	gateway_close(g);
	return ok ? CLI_OK : CLI_FAILED;
}

static int
run_fcgi(const struct call *call)
{
	const struct serve_call serve = {.program_dir = call->program_dir,
	    .only_action = call->only_action,
	    .client_ms = LIMIT_CLIENT_S * 1000};
	char why[WHY_LEN];

	if (cli_serve_run(&serve, why, sizeof(why)))
		return CLI_OK;
	fprintf(stderr, "hrisgw: %s\n", why);
	return CLI_FAILED;
}

/* Descriptors 0, 1 and 2 exist, so that no file opened later takes their place. One that was not
 * there reads as empty, and what is written to it is for nobody. */
static bool
has_standard_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	char dir[PATH_LEN], action[ACTION_LEN];
	const char *const *params = process_prepare();
	struct listener listener;
	struct call call = {.program = argc > 0 ? argv[0] : "hrisgw"};
	bool web_name = process_is_web_name(call.program);

#ifdef HRISGW_BUILD
	version_build = HRISGW_BUILD;
#endif
	if (!has_standard_files())
		return CLI_FAILED;
	call.program_dir =
	    process_dir(call.program, cgi_param(params, "SCRIPT_FILENAME"), dir, sizeof(dir));
	call.only_action = process_only_action(call.program, action, sizeof(action));
	if (cgi_param(params, "GATEWAY_INTERFACE") != NULL)
		return run_cgi(&call, params);
	if (web_name)
		return run_fcgi(&call);
	if (listen_inherited(&listener) && (argc < 2 || strcmp(argv[1], "serve") != 0))
		return run_fcgi(&call);
	return cli_main(call.program_dir, argc, argv);
}
