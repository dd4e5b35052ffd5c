/*
 * genesys.c: `hrisgw genesys`: the files that Genesys Cloud needs for a route, and a rehearsal of
 * them: verbs over src/genesys.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "genesys/export.h"
#include "routes/registry.h"

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

static int
export_route(const struct cli_call *call, struct arena *a, struct faults *faults,
    struct registry *registry, struct genesys_export *e)
{
	struct bundle *b = arena_alloc(a, sizeof(*b));
	size_t i, before = faults->n;

	e->route = registry_acquire(registry, call->operands[1]);
	if (e->route == NULL)
		return cli_failed(call, "there is no route %s", call->operands[1]);
	if (b != NULL && genesys_export(a, e, b, faults) && export_out(call, a, b, faults)) {
		for (i = 0; i < b->n; i++)
			printf("%8zu  %s\n", b->files[i].len, b->files[i].name);
	}
	registry_release(registry, e->route);
	if (b == NULL)
		return cli_failed(call, "out of memory");
	return faults->n == before ? CLI_OK : cli_faults(call, faults);
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

static const struct genesys_verb verbs[] = {
    {"export", "export ROUTE --url URL --out DIR", 1, 1, verb_export},
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
    {"caller", "NAME", "export: which caller of the route Genesys is; else the first that will do"},
    {"form", "FORM", "export: how it proves itself: token, rfc9421 (by a function), basic or key"},
    {"templates", "DIR", "export: templates instead of those that were installed"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_genesys = {
    .name = "genesys",
    .operands = "export ROUTE",
    .help = "make what Genesys Cloud needs for a route",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = cli_genesys_run,
};
