/* cli_check.c: `hrisgw check`: reads all configuration as a new process would, and tells every
 * fault. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "format/json.h"
#include "routes/registry.h"
#include "config/schema.h"
#include "base/text.h"

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

static void
print_json(const char **faults, size_t n_faults, const char **routes, size_t n_routes)
{
	struct buf b;
	size_t i;

	buf_init(&b, LIMIT_ANSWER);
	buf_puts(&b, "{\"routes\":[");
	for (i = 0; i < n_routes; i++) {
		buf_puts(&b, i == 0 ? "" : ",");
		json_string(&b, routes[i]);
	}
	buf_puts(&b, "],\"faults\":[");
	for (i = 0; i < n_faults; i++) {
		buf_puts(&b, i == 0 ? "" : ",");
		json_string(&b, faults[i]);
	}
	buf_puts(&b, "]}");
	printf("%s\n", b.data);
	buf_clear(&b);
}

static void
print_text(const struct config *c, const char **faults, size_t n_faults, size_t n_routes)
{
	size_t i;

	for (i = 0; i < n_faults; i++)
		printf("%s\n", faults[i]);
	printf("%s: %zu route%s, %zu fault%s\n", c->file[0] == '\0' ? "hrisgw.yaml" : c->file,
	    n_routes, n_routes == 1 ? "" : "s", n_faults, n_faults == 1 ? "" : "s");
}

static int
check(const struct cli_call *call, struct arena *a)
{
	struct log nowhere = {.fd = -1, .clock = &clock_real};
	const char **faults = NULL, **routes = NULL;
	size_t n_faults = 0, n_routes = 0, i;
	struct registry *r = NULL;
	struct faults own;
	struct config c;
	const char **all;

	faults_init(&own, a);
	if (config_load(a, cli_value(call, "config"), call->program_dir, &c, &own)) {
		r = registry_new(&c, &clock_real, &nowhere);
		if (r == NULL || !registry_faults(r, a, &faults, &n_faults) ||
		    !registry_routes(r, a, &routes, &n_routes)) {
			registry_free(r);
			return cli_failed(call, "out of memory");
		}
	}
	all = arena_array(a, own.n + n_faults + 1, sizeof(*all));
	for (i = 0; all != NULL && i < own.n; i++)
		all[i] = own.texts[i];
	for (i = 0; all != NULL && i < n_faults; i++)
		all[own.n + i] = faults[i];
	if (all != NULL && cli_value(call, "json") != NULL)
		print_json(all, own.n + n_faults, routes, n_routes);
	else if (all != NULL)
		print_text(&c, all, own.n + n_faults, n_routes);
	registry_free(r);
	return all != NULL && own.n + n_faults == 0 ? CLI_OK : CLI_FAILED;
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
    .help = "read all configuration and tell every fault at once",
    .options = options,
    .run = run,
};
