/*
 * genesys.c: `hrisgw genesys`: the files that Genesys Cloud needs for a route, and a rehearsal of
 * them: verbs over src/genesys.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "genesys/export.h"
#include "genesys/rehearse.h"
#include "routes/registry.h"
#include "server/start.h"

struct genesys_verb {
	const char *name;
	const char *usage;
	size_t min, max; /* operands after it */
	int (*run)(const struct cli_call *call);
};

/* The folder of templates of the installed program, or of its source tree. */
static const char *
find_templates(const struct cli_call *call, struct arena *a)
{
	static const char *const places[] = {"../share/hrisgw", "../..", ".."};
	const char *path = cli_value(call, "templates"), *probe;
	size_t i;

	if (path != NULL)
		return path;
	for (i = 0; i < ARRAY_LEN(places); i++) {
		path =
		    arena_printf(a, "%s/%s/conf/genesys/templates", call->program_dir, places[i]);
		probe = path == NULL ? NULL : arena_printf(a, "%s/flow.yaml", path);
		if (probe != NULL && access(probe, R_OK) == 0)
			return path;
	}
	return NULL;
}

static bool
export_out(const struct cli_call *call, struct arena *a, struct bundle *b, struct faults *faults)
{
	const char *out = cli_value(call, "out"), *check = cli_value(call, "check");

	if (out != NULL && !bundle_write(a, b, out, faults))
		return false;
	return check == NULL || bundle_check(a, b, check, faults);
}

/* NULL: out of memory. */
static struct value *
export_list(struct arena *a, const struct bundle *b)
{
	struct value *list = value_list(a), *o;
	size_t i;

	for (i = 0; i < b->n; i++) {
		o = value_object(a);
		if (!value_set(a, o, "name", value_text(a, b->files[i].name)) ||
		    !value_set(a, o, "bytes", value_integer(a, (int64_t)b->files[i].len)) ||
		    !value_set(a, o, "differs", value_bool(a, b->files[i].differs)) ||
		    !value_add(a, list, o))
			return NULL;
	}
	return list;
}

static int
export_route(const struct cli_call *call, struct arena *a, struct faults *faults,
    struct registry *registry, struct genesys_export *e)
{
	struct bundle *b = arena_alloc(a, sizeof(*b));
	size_t i, before = faults->n;
	bool json = cli_value(call, "json") != NULL;
	int code = CLI_OK;

	e->route = registry_acquire(registry, call->operands[1]);
	if (e->route == NULL)
		return cli_failed(call, "there is no route %s", call->operands[1]);
	if (b != NULL && genesys_export(a, e, b, faults)) {
		(void)export_out(call, a, b, faults);
		if (json)
			code = cli_json(call, export_list(a, b), false);
		for (i = 0; i < b->n && !json && faults->n == before; i++)
			printf("%8zu  %s\n", b->files[i].len, b->files[i].name);
	}
	registry_release(registry, e->route);
	if (b == NULL)
		return cli_failed(call, "out of memory");
	return faults->n == before ? code : cli_faults(call, faults);
}

static int
verb_export(const struct cli_call *call)
{
	struct config config;
	struct genesys_export e = {.config = &config,
	    .url = cli_value(call, "url"),
	    .caller = cli_value(call, "caller"),
	    .form = cli_value(call, "form")};
	struct registry *registry;
	struct faults faults;
	struct arena a;
	int code;

	if (e.url == NULL || (cli_value(call, "out") == NULL && cli_value(call, "check") == NULL))
		return cli_usage(call, "export needs --url URL, and --out DIR or --check DIR");
	arena_init(&a, LIMIT_ARENA);
	faults_init(&faults, &a);
	e.templates = find_templates(call, &a);
	registry = e.templates == NULL ? NULL : cli_registry(call, &a, &config, &faults);
	if (e.templates == NULL)
		code = cli_failed(call,
		    "conf/genesys/templates was not found beside the program; --templates DIR names it");
	else if (registry == NULL)
		code = cli_faults(call, &faults);
	else
		code = export_route(call, &a, &faults, registry, &e);
	if (registry != NULL)
		registry_free(registry);
	arena_clear(&a);
	return code;
}

static int
rehearse_route(const struct cli_call *call, struct arena *a, struct rehearsal *h)
{
	bool json = cli_value(call, "json") != NULL;
	struct verdict v = {.out = json ? fopen("/dev/null", "we") : stdout};
	struct faults faults;
	int code;

	if (v.out == NULL)
		return cli_failed(call, "/dev/null: %s", strerror(errno));
	v.arena = json ? a : NULL;
	v.json = json ? value_list(a) : NULL;
	faults_init(&faults, a);
	if (!genesys_rehearse(h, &v, &faults))
		code = cli_faults(call, &faults);
	else if (json && cli_json(call, v.json, true) != CLI_OK)
		code = CLI_FAILED;
	else
		code = v.breaches == 0 && v.errors == 0 ? CLI_OK : CLI_FAILED;
	if (json)
		(void)fclose(v.out);
	return code;
}

/* With --import the operands are files; else the folder of an export of ours. */
static void
rehearse_files(const struct cli_call *call, struct rehearsal *h)
{
	if (cli_value(call, "import") == NULL)
		h->dir = call->operands[1];
	else {
		h->files = call->operands + 1;
		h->n_files = call->n_operands - 1;
	}
}

static int
verb_rehearse(const struct cli_call *call)
{
	struct rehearsal h = {.caller = cli_value(call, "caller"),
	    .form = cli_value(call, "form"),
	    .agent = cli_value(call, "agent"),
	    .type = cli_value(call, "type"),
	    .dates = cli_value(call, "dates"),
	    .starts = cli_value(call, "starts"),
	    .minutes = cli_value(call, "minutes"),
	    .notes = cli_value(call, "notes"),
	    .status = cli_value(call, "status"),
	    .request = cli_value(call, "request")};
	const struct start_options start = {.config_file = cli_value(call, "config"),
	    .program_dir = call->program_dir,
	    .one_shot = true};
	const char *route = cli_value(call, "route");
	char why[LIMIT_FAILURE_TEXT];
	struct arena a;
	int code;

	if (route == NULL)
		return cli_usage(call, "rehearse needs --route ROUTE");
	if ((h.type != NULL || h.request != NULL) &&
	    (h.agent == NULL || h.type == NULL || (h.dates == NULL && h.starts == NULL)))
		return cli_usage(call, "writing wants --agent, --type, and --dates or --starts");
	rehearse_files(call, &h);
	h.gateway = gateway_open(&start, why, sizeof(why));
	if (h.gateway == NULL)
		return cli_failed(call, "%s", why);
	/* Keep the requests' log lines out of the answer. */
	h.gateway->log.level = LOG_ERROR;
	arena_init(&a, LIMIT_ARENA);
	h.templates = find_templates(call, &a);
	h.route = registry_acquire(h.gateway->registry, route);
	code = h.route == NULL ? cli_failed(call, "there is no route %s", route)
			       : rehearse_route(call, &a, &h);
	registry_release(h.gateway->registry, h.route);
	gateway_close(h.gateway);
	arena_wipe(&a);
	arena_clear(&a);
	return code;
}

static const struct genesys_verb verbs[] = {
    {"export", "export ROUTE --url URL --out DIR", 1, 1, verb_export},
    {"rehearse", "rehearse DIR --route ROUTE, or rehearse --import --route ROUTE FILE ...", 1,
	SIZE_MAX, verb_rehearse},
};

static int
cli_genesys_run(const struct cli_call *call)
{
	const struct genesys_verb *verb = cli_find(call->operands[0], CLI_ROWS(verbs));

	if (verb == NULL)
		return cli_unknown(call, "verb", call->operands[0], CLI_ROWS(verbs));
	if (call->n_operands - 1 < verb->min || call->n_operands - 1 > verb->max)
		return cli_usage(call, "hrisgw genesys %s", verb->usage);
	return verb->run(call);
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else it is looked for"},
    {"url", "URL",
	"export: where Genesys reaches the gateway: https://HOST, and base_path if there is one"},
    {"out", "DIR", "export: write the files there"},
    {"check", "DIR", "export: compare with the files there; exit 1 where one differs"},
    {"caller", "NAME", "which caller of the route Genesys is; else the first that will do"},
    {"form", "FORM", "how it proves itself: token, rfc9421 (by a function), basic or key"},
    {"templates", "DIR", "templates instead of those that were installed"},
    {"route", "NAME", "rehearse: the route that is called"},
    {"import", NULL, "rehearse: files that an org exported (.custom.json, .i3WorkFlow), not DIR"},
    {"agent", "ID", "rehearse: of this agent; else of the first"},
    {"type", "ID", "rehearse: record time off of this type, and cancel it again"},
    {"dates", "DATES", "rehearse: on these days, separated by commas"},
    {"starts", "TIMES", "rehearse: from these local times, YYYY-MM-DDTHH:mm:ss, parts of days"},
    {"minutes", "N", "rehearse: so many a day (480); several, separated by commas, day by day"},
    {"status", "STATUS", "rehearse: as this (APPROVED)"},
    {"notes", "TEXT", "rehearse: with this note"},
    {"json", NULL, "for machines"},
    {"request", "ID", "rehearse: only update this request, to --status (CANCELED)"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_genesys = {
    .name = "genesys",
    .operands = "export ROUTE | rehearse DIR | rehearse --import FILE ...",
    .help = "make what Genesys Cloud needs for a route, and rehearse it",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = cli_genesys_run,
};
