/*
 * serve.c: `hrisgw serve`: a gateway, a listener and workers, until a signal ends it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/serve.h"
#include "cli/snapshot.h"
#include "base/bounds.h"
#include "server/serve.h"
#include "server/start.h"
#include "base/text.h"

enum { WHY_LEN = 1024 };

static bool
find_listener(const struct serve_call *call, const struct config *config, struct listener *l,
    char *why, size_t why_max)
{
	const char *path = call->listen_path != NULL ? call->listen_path : config->listen_socket;

	if (l->fd >= 0)
		return true;
	if (path != NULL)
		return listen_open(l, path, config->listen_group, why, why_max);
	snprintf(why, why_max,
	    "no socket to serve: none was inherited, and neither --listen nor listen.socket of the configuration names one");
	return false;
}

static unsigned
workers_of(const struct config *config)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->workers > 0)
		return (unsigned)config->workers;
	return cores < 1 ? 1 : cores > LIMIT_WORKERS ? LIMIT_WORKERS : (unsigned)cores;
}

struct ticked {
	struct gateway *gateway;
	struct snapshots snapshots;
};

static void
tick(void *context, bool hang_up)
{
	struct ticked *t = context;

	gateway_tick(t->gateway, hang_up);
	cli_snapshots_tick(&t->snapshots, t->gateway);
}

bool
cli_serve_run(const struct serve_call *call, char *why, size_t why_max)
{
	struct start_options start = {
	    .program_dir = call->program_dir, .config_file = call->config_file};
	struct serve s = {.fcgi = {.only_action = call->only_action, .client_ms = call->client_ms}};
	struct ticked ticked = {0};
	bool ok = false;

	serve_prepare();
	start.under_fcgid = listen_inherited(&s.listener) && !s.listener.systemd;
	s.fcgi.gateway = gateway_open(&start, why, why_max);
	if (s.fcgi.gateway == NULL)
		return false;
	s.workers = workers_of(s.fcgi.gateway->config);
	s.tick = tick;
	s.context = &ticked;
	ticked.gateway = s.fcgi.gateway;
	if (serve_has_room(&s, registry_calls(s.fcgi.gateway->registry), why, why_max) &&
	    find_listener(call, s.fcgi.gateway->config, &s.listener, why, why_max))
		ok = serve_run(&s, why, why_max);
	cli_snapshots_stop(&ticked.snapshots);
	gateway_close(s.fcgi.gateway);
	return ok;
}

static int
run(const struct cli_call *call)
{
	struct serve_call serve = {.program_dir = call->program_dir,
	    .config_file = cli_value(call, "config"),
	    .listen_path = cli_value(call, "listen"),
	    .client_ms = LIMIT_CLIENT_S * 1000};
	const char *seconds = cli_value(call, "client-timeout");
	char why[WHY_LEN];
	unsigned long n;

	if (seconds != NULL) {
		if (!text_unsigned(seconds, LIMIT_CLIENT_S, &n) || n == 0)
			return cli_usage(
			    call, "--client-timeout has to be 1 to %d", LIMIT_CLIENT_S);
		serve.client_ms = (int64_t)n * 1000;
	}
	return cli_serve_run(&serve, why, sizeof(why)) ? CLI_OK : cli_failed(call, "%s", why);
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"listen", "PATH", "make a unix socket there; else listen.socket of the configuration"},
    {"client-timeout", "SECONDS", "how long a web server may take to send a request (30)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_serve = {
    .name = "serve",
    .operands = "",
    .help = "answer FastCGI requests until SIGTERM, on an inherited or an own socket",
    .options = options,
    .run = run,
};
