/*
 * check.c: `hrisgw check`: reads all configuration as a new process would, and reports every fault.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "config/schema.h"
#include "engine/event.h"
#include "ledger/ledger_admin.h"
#include "routes/registry.h"

struct found {
	const char **routes, **faults;
	size_t n_routes, n_faults;
};

static void
print_keys(const char *file, const struct schema_key *k)
{
	size_t i;

	printf("%s\n", file);
	for (; k->name != NULL; k++) {
		printf("  %-24s %-9s default %-16s", k->name, schema_type_name(k->type),
		    k->required              ? "(required)"
		    : k->fallback == NULL    ? "none"
		    : k->fallback[0] == '\0' ? "empty"
					     : k->fallback);
		if (k->max > 0)
			printf(" %lld to %lld", (long long)k->min, (long long)k->max);
		for (i = 0; k->choices != NULL && k->choices[i] != NULL; i++)
			printf("%s%s", i == 0 ? " " : ", ", k->choices[i]);
		printf("\n      %s\n", k->help);
	}
}

static int
print_json(const struct cli_call *call, struct arena *a, const struct found *found)
{
	struct value *o = value_object(a);

	if (!value_set(a, o, "routes", cli_texts(a, found->routes, found->n_routes)) ||
	    !value_set(a, o, "faults", cli_texts(a, found->faults, found->n_faults)))
		return cli_failed(call, "out of memory");
	return cli_json(call, o, false);
}

static void
print_text(const struct found *found, const char *file)
{
	size_t i;

	for (i = 0; i < found->n_faults; i++)
		printf("%s\n", found->faults[i]);
	printf("%s: %zu route%s, %zu fault%s\n", file[0] == '\0' ? "hrisgw.yaml" : file,
	    found->n_routes, found->n_routes == 1 ? "" : "s", found->n_faults,
	    found->n_faults == 1 ? "" : "s");
}

/* The ledger's fault, if it has one, after the others. False: out of memory. */
static bool
add_ledger(struct arena *a, const struct config *c, struct found *found)
{
	const struct ledger_where where = {
	    .state_dir = c->state_dir, .anchor = c->anchor, .clock = &event_clock};
	const char **all;
	char why[1024];

	if (ledger_check(&where, why, sizeof(why)))
		return true;
	all = arena_array(a, found->n_faults + 1, sizeof(*all));
	if (all == NULL)
		return false;
	if (found->n_faults > 0)
		memcpy(all, found->faults, found->n_faults * sizeof(*all));
	all[found->n_faults] = arena_strdup(a, why);
	found->faults = all;
	return all[found->n_faults++] != NULL;
}

static int
check(const struct cli_call *call, struct arena *a)
{
	struct found found = {.n_routes = 0};
	struct registry *r;
	struct faults own;
	struct config c;
	bool good;

	r = cli_registry(call, a, &c, &own);
	found.faults = own.texts;
	found.n_faults = own.n;
	good = r == NULL ? own.n > 0
			 : registry_faults(r, a, &found.faults, &found.n_faults) &&
			       registry_routes(r, a, &found.routes, &found.n_routes) &&
			       add_ledger(a, &c, &found);
	registry_free(r);
	if (!good)
		return cli_failed(call, "out of memory");
	if (cli_value(call, "json") == NULL)
		print_text(&found, c.file);
	else if (print_json(call, a, &found) != CLI_OK)
		return CLI_FAILED;
	return found.n_faults == 0 ? CLI_OK : CLI_FAILED;
}

static int
run(const struct cli_call *call)
{
	struct arena a;
	int code;

	if (cli_value(call, "keys") != NULL) {
		print_keys("hrisgw.yaml", config_keys);
		print_keys("routes.d/NAME.yaml", route_keys);
		return CLI_OK;
	}
	arena_init(&a, LIMIT_ARENA);
	code = check(call, &a);
	arena_clear(&a);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"json", NULL, "for machines: {\"routes\": [...], \"faults\": [...]}"},
    {"keys", NULL, "list every key of hrisgw.yaml and of route files instead"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_check = {
    .name = "check",
    .operands = "",
    .help = "read all configuration and report every fault at once",
    .options = options,
    .run = run,
};
