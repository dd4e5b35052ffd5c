/* cli_routes.c: `hrisgw routes`: which routes there are, their HRIS and callers. */
#include <stdio.h>

#include "cli/cli.h"
#include "format/json.h"
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

static void
route_json(const struct route *r, struct buf *b)
{
	size_t i;

	buf_puts(b, b->len == 1 ? "{\"name\":" : ",{\"name\":");
	json_string(b, r->name);
	buf_puts(b, ",\"adapter\":");
	json_string(b, r->adapter_name == NULL ? "" : r->adapter_name);
	buf_puts(b, ",\"file\":");
	json_string(b, r->file);
	buf_puts(
	    b, r->broken ? ",\"broken\":true,\"callers\":[" : ",\"broken\":false,\"callers\":[");
	for (i = 0; r->callers != NULL && i < r->callers->n; i++) {
		buf_puts(b, i == 0 ? "" : ",");
		json_string(b, r->callers->items[i].name);
	}
	buf_puts(b, "]}");
}

static int
list(const struct cli_call *call, struct registry *r, struct arena *a)
{
	const struct route *route;
	const char **names;
	struct buf b;
	size_t n, i;

	if (!registry_routes(r, a, &names, &n))
		return cli_failed(call, "out of memory");
	buf_init(&b, LIMIT_ANSWER);
	buf_putc(&b, '[');
	for (i = 0; i < n; i++) {
		route = registry_acquire(r, names[i], NULL);
		if (route == NULL)
			continue;
		if (cli_value(call, "json") != NULL)
			route_json(route, &b);
		else
			route_text(route);
		registry_release(r, route);
	}
	buf_putc(&b, ']');
	if (cli_value(call, "json") != NULL)
		printf("%s\n", b.data);
	buf_clear(&b);
	return CLI_OK;
}

static int
run(const struct cli_call *call)
{
	struct log nowhere = {.fd = -1, .clock = &clock_real};
	struct registry *r;
	struct faults faults;
	struct config c;
	struct arena a;
	int code;

	arena_init(&a, LIMIT_ARENA);
	faults_init(&faults, &a);
	if (!config_load(&a, cli_value(call, "config"), call->program_dir, &c, &faults))
		code = cli_failed(call, "%s", faults.n > 0 ? faults.texts[0] : "out of memory");
	else {
		r = registry_new(&c, &clock_real, &nowhere);
		code = r == NULL ? cli_failed(call, "out of memory") : list(call, r, &a);
		registry_free(r);
	}
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
    .run = run,
};
