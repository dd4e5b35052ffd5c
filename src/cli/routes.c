/* routes.c: `hrisgw routes`: which routes there are, their HRIS and callers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "routes/registry.h"

static void
route_text(const struct route *r)
{
	size_t i;

	printf("%-32s %-16s %s", r->name, r->adapter_name == NULL ? "-" : r->adapter_name,
	    r->broken         ? "BROKEN"
	    : r->face != NULL ? "face"
			      : "ok");
	for (i = 0; r->callers != NULL && i < r->callers->n; i++)
		printf("%s%s", i == 0 ? "   callers: " : ", ", r->callers->items[i].name);
	printf("\n");
}

static struct value *
route_json(struct arena *a, const struct route *r)
{
	struct value *o = value_object(a), *callers = value_list(a);
	bool good = true;
	size_t i;

	for (i = 0; r->callers != NULL && i < r->callers->n; i++)
		good = value_add(a, callers, value_text(a, r->callers->items[i].name)) && good;
	return good && value_set(a, o, "name", value_text(a, r->name)) &&
		       value_set(a, o, "adapter",
			   value_text(a, r->adapter_name == NULL ? "" : r->adapter_name)) &&
		       value_set(a, o, "file", value_text(a, r->file)) &&
		       value_set(a, o, "broken", value_bool(a, r->broken)) &&
		       value_set(a, o, "callers", callers)
		   ? o
		   : NULL;
}

static int
list(const struct cli_call *call, struct registry *r, struct arena *a)
{
	struct value *json = cli_value(call, "json") == NULL ? NULL : value_list(a);
	struct route unread = {.file = "", .broken = true}; /* its file cannot be read */
	const struct route *route, *shown;
	const char **names;
	bool good, broken = false;
	size_t n, i;

	good = registry_routes(r, a, &names, &n);
	for (i = 0; good && i < n; i++) {
		route = registry_acquire(r, names[i]);
		unread.name = names[i];
		shown = route == NULL ? &unread : route;
		if (json != NULL)
			good = value_add(a, json, route_json(a, shown));
		else
			route_text(shown);
		broken = broken || shown->broken;
		registry_release(r, route);
	}
	if (!good)
		return cli_failed(call, "out of memory");
	if (json != NULL && cli_json(call, json, false) != CLI_OK)
		return CLI_FAILED;
	return broken ? CLI_FAILED : CLI_OK;
}

struct registry *
cli_registry(
    const struct cli_call *call, struct arena *a, struct config *config, struct faults *faults)
{
	static const struct log nowhere = {.fd = -1, .clock = &clock_real};

	faults_init(faults, a);
	if (!config_load(a, cli_value(call, "config"), call->program_dir, config, faults))
		return NULL;
	return registry_new(config, &clock_real, &nowhere);
}

static int
run(const struct cli_call *call)
{
	struct registry *r;
	struct faults faults;
	struct config c;
	struct arena a;
	int code;

	arena_init(&a, LIMIT_ARENA);
	r = cli_registry(call, &a, &c, &faults);
	if (r == NULL)
		code = cli_faults(call, &faults);
	else if (access(c.routes_dir, R_OK | X_OK) != 0)
		code = cli_failed(call, "%s: %s", c.routes_dir, strerror(errno));
	else
		code = list(call, r, &a);
	registry_free(r);
	arena_clear(&a);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_routes = {
    .name = "routes",
    .operands = "",
    .help = "list the routes, their HRIS and their callers",
    .options = options,
    .as_owner = true,
    .run = run,
};
