/*
 * snapshot.c: `hrisgw snapshot`: reads the agents of an HRIS that is asked for each of them, for
 * cron and for a gateway that serves, which runs this program for it.
 */
#include "cli/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/snapshot.h"
#include "cli/cli.h"
#include "server/start.h"

enum { LOOK_MS = 60 * 1000, AGAIN_MS = 10 * 60 * 1000 };

extern char **environ;

struct taken {
	size_t n;
	bool busy;
};

/* What becomes of it: printed, logged (--quiet), or a list (--json). */
struct told {
	const struct cli_call *call;
	struct arena *arena;
	struct value *json; /* NULL: without --json, or memory was short */
};

static enum gw_err
take(struct hris *h, void *context)
{
	struct taken *out = context;

	if (h->route->adapter == NULL || !h->route->adapter->agents_snapshot)
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "adapter %s is asked for all agents at once: its list is not kept",
		    h->route->adapter_name);
	h->deadline_ms = clock_mono_ms(h->clock) + SNAPSHOT_READ_MS;
	return snapshot_take(h, &out->n, &out->busy);
}

static bool
is_kept(struct gateway *g, const char *name)
{
	const struct route *route = registry_acquire(g->registry, name);
	bool kept = route != NULL && route->adapter != NULL && route->adapter->agents_snapshot;

	registry_release(g->registry, route);
	return kept;
}

static bool
is_due(struct gateway *g, const char *name)
{
	return is_kept(g, name) && snapshot_due(g->config->state_dir, name, clock_wall_s(g->clock));
}

/* taken NULL: it failed. */
static void
tell_json(struct told *t, const char *name, const struct taken *taken, const struct failure *f)
{
	struct arena *a = t->arena;
	struct value *o = value_object(a);
	const char *code = taken == NULL ? fail_code_text(f->code) : "";

	if (!value_set(a, o, "route", value_text(a, name)) ||
	    !value_set(a, o, "agents", value_integer(a, taken == NULL ? 0 : (int64_t)taken->n)) ||
	    !value_set(a, o, "busy", value_bool(a, taken != NULL && taken->busy)) ||
	    !value_set(a, o, "errorCode", value_text(a, code)) ||
	    !value_set(a, o, "errorMsg", value_text(a, taken == NULL ? f->text : "")) ||
	    !value_add(a, t->json, o))
		t->json = NULL;
}

static int
take_route(struct told *t, struct gateway *g, const char *name)
{
	bool quiet = cli_value(t->call, "quiet") != NULL, json = cli_value(t->call, "json") != NULL;
	struct failure failure = {.err = GW_OK};
	struct taken taken = {0};
	char text[LIMIT_FAILURE_TEXT + 64];

	if (gateway_visit(g, name, take, &taken, &failure) != GW_OK) {
		if (json)
			tell_json(t, name, NULL, &failure);
		(void)snprintf(text, sizeof(text), "%s: %s %s", name, fail_code_text(failure.code),
		    failure.text);
		if (!quiet)
			return cli_failed(t->call, "%s", text);
		log_event(&g->log, LOG_ERROR, "snapshot", text);
		return CLI_FAILED;
	}
	if (json)
		tell_json(t, name, &taken, &failure);
	if (taken.busy)
		(void)snprintf(
		    text, sizeof(text), "%s: another process is reading the agents", name);
	else
		(void)snprintf(text, sizeof(text), "%s: %zu agents", name, taken.n);
	if (!quiet && !json)
		printf("%s\n", text);
	else if (quiet && !taken.busy)
		log_event(&g->log, LOG_INFO, "snapshot", text);
	return CLI_OK;
}

static int
take_due(struct told *t, struct gateway *g)
{
	const char **names;
	struct arena a;
	int code = CLI_OK;
	size_t n, i;

	arena_init(&a, LIMIT_ARENA);
	if (!registry_routes(g->registry, &a, &names, &n))
		code = cli_failed(t->call, "out of memory");
	for (i = 0; code != CLI_USAGE && i < n; i++) {
		if (is_due(g, names[i]) && take_route(t, g, names[i]) != CLI_OK)
			code = CLI_FAILED;
	}
	arena_clear(&a);
	return code;
}

static int
run(const struct cli_call *call)
{
	struct start_options start = {.config_file = cli_value(call, "config"),
	    .program_dir = call->program_dir,
	    .one_shot = true};
	bool due = cli_value(call, "due") != NULL;
	struct told told = {.call = call};
	char why[LIMIT_FAILURE_TEXT];
	struct gateway *g;
	struct arena a;
	int code = CLI_OK;
	size_t i;

	if (due == (call->n_operands > 0))
		return cli_usage(call, "names of routes, or --due");
	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		return cli_failed(call, "%s", why);
	arena_init(&a, LIMIT_ARENA);
	told.arena = &a;
	told.json = value_list(&a);
	if (cli_value(call, "quiet") == NULL)
		g->log.level = LOG_ERROR; /* the request's line is for the log alone */
	if (due)
		code = take_due(&told, g);
	for (i = 0; i < call->n_operands; i++) {
		if (take_route(&told, g, call->operands[i]) != CLI_OK)
			code = CLI_FAILED;
	}
	gateway_close(g);
	if (cli_value(call, "json") != NULL && cli_json(call, told.json, false) != CLI_OK)
		code = CLI_FAILED;
	arena_clear(&a);
	return code;
}

static bool
any_due(struct gateway *g)
{
	const char **names;
	bool due = false;
	struct arena a;
	size_t n = 0, i;

	arena_init(&a, LIMIT_ARENA);
	if (!registry_routes(g->registry, &a, &names, &n))
		n = 0;
	for (i = 0; i < n && !due; i++)
		due = is_due(g, names[i]);
	arena_clear(&a);
	return due;
}

/* Its input and output lead nowhere; its log is ours. Signals that we hold back reach it. */
static bool
start_child(struct snapshots *s, const struct gateway *g)
{
	static char name[] = "hrisgw", verb[] = "snapshot", due[] = "--due", quiet[] = "--quiet",
		    option[] = "--config";
	char *words[] = {name, verb, due, quiet, NULL, NULL, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	bool good;

	if (g->config->file[0] != '\0') {
		words[4] = option;
		words[5] = (char *)g->config->file;
	}
	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files) != 0)
		return false;
	good = posix_spawnattr_init(&attributes) == 0;
	good =
	    good && posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK) == 0 &&
	    posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
	    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
	    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ==
		0 &&
	    posix_spawn(&pid, "/proc/self/exe", &files, &attributes, words, environ) == 0;
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&files);
	s->child = good ? pid : 0;
	return good;
}

void
cli_snapshots_tick(struct snapshots *s, struct gateway *g)
{
	int64_t now_ms = clock_mono_ms(g->clock);
	int status = 0;

	if (s->child != 0 && waitpid(s->child, &status, WNOHANG) == s->child) {
		s->child = 0;
		s->next_ms = now_ms + (status == 0 ? LOOK_MS : AGAIN_MS);
	}
	if (s->child != 0 || now_ms < s->next_ms)
		return;
	s->next_ms = now_ms + LOOK_MS;
	if (any_due(g) && !start_child(s, g)) {
		log_event(&g->log, LOG_ERROR, "snapshot", strerror(errno));
		s->next_ms = now_ms + AGAIN_MS;
	}
}

void
cli_snapshots_stop(struct snapshots *s)
{
	if (s->child == 0)
		return;
	(void)kill(s->child, SIGTERM);
	(void)waitpid(s->child, NULL, 0);
	s->child = 0;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"due", NULL, "all routes whose list is none or half a day old, in place of names"},
    {"quiet", NULL, "into the log instead of the terminal"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_snapshot = {
    .name = "snapshot",
    .operands = "[ROUTE ...]",
    .help = "read the agents of an HRIS that is asked for each one, and keep the list",
    .options = options,
    .operands_max = SIZE_MAX,
    .as_owner = true,
    .run = run,
};
