/*
 * local.c: `hrisgw local`: keeping the books of the local HRIS from the shell. Finds the database,
 * opens it and runs one verb of local_verbs.c. Of the route files only what names a local route's
 * database is read: no secrets and no callers, which a bookkeeper need not be able to read.
 */
#include "cli/local.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "format/yaml.h"
#include "hris/route.h"
#include "local/books.h"

enum { LOCAL_ARENA = 256 * 1024 * 1024, LOCAL_WAIT_MS = 10000 };

static const char suffix[] = ".yaml";

struct local_route {
	const char *name;
	const char *database; /* the setting; NULL: the usual place */
	bool local;
};

static bool
route_load_local(struct arena *a, const struct config *config, const char *name,
    struct local_route *out, struct faults *faults)
{
	const char *path = arena_printf(a, "%s/%s%s", config->routes_dir, name, suffix);
	const struct value *root = path == NULL ? NULL : yaml_read(a, path, faults);
	const char *adapter;

	if (root == NULL)
		return false;
	adapter = value_get_text(root, "adapter");
	*out = (struct local_route){
	    .name = name,
	    .database = value_get_text(value_get(root, "settings"), "database"),
	    .local = adapter != NULL && strcmp(adapter, "local") == 0,
	};
	return true;
}

/* The route that a file of that name makes, or NULL. */
static const char *
route_file_name(struct arena *a, const char *file)
{
	size_t len = strlen(file);
	const char *name;

	if (!text_ends(file, suffix))
		return NULL;
	name = arena_strndup(a, file, len - (sizeof(suffix) - 1));
	return name != NULL && route_name_valid(name) ? name : NULL;
}

/* The only local route; other routes may have faults of their own. */
static bool
route_find_local(
    struct arena *a, const struct config *config, struct local_route *out, struct faults *faults)
{
	struct faults others;
	struct local_route r;
	struct dirent *entry;
	const char *name;
	bool found = false, several = false;
	DIR *dir = opendir(config->routes_dir);

	if (dir == NULL)
		return fault_at(faults, config->routes_dir, NULL, "%s", strerror(errno));
	faults_init(&others, a);
	while ((entry = readdir(dir)) != NULL) {
		name = route_file_name(a, entry->d_name);
		if (name == NULL || !route_load_local(a, config, name, &r, &others) || !r.local)
			continue;
		several = several || found;
		found = true;
		*out = r;
	}
	(void)closedir(dir);
	if (several)
		return fault_at(faults, config->routes_dir, NULL,
		    "several routes have the adapter local: name one with --route");
	if (!found)
		return fault_at(faults, config->routes_dir, NULL, "no route has the adapter local");
	return true;
}

/*
 * The database of the local route of that name, or, where NULL, of the only one there is. NULL with
 * faults.
 */
static const char *
find_database(
    const struct cli_call *call, struct arena *a, const char *route, struct faults *faults)
{
	struct local_route r = {.name = NULL};
	struct config config;
	const char *path;

	if (!config_load(a, cli_value(call, "config"), call->program_dir, &config, faults))
		return NULL;
	if (route == NULL ? !route_find_local(a, &config, &r, faults)
			  : !route_load_local(a, &config, route, &r, faults))
		return NULL;
	if (!r.local) {
		(void)fault_at(faults, config.routes_dir, NULL,
		    "route %s does not have the adapter local", route);
		return NULL;
	}
	path = local_path(a, config.state_dir, r.name, r.database);
	if (path == NULL)
		(void)fault_at(faults, config.routes_dir, NULL, "out of memory");
	return path;
}

static int
verb_unknown(const struct cli_call *call, const char *name)
{
	const struct local_verb *v = cli_local_verbs;

	/* Perhaps the word before it is no route, but a misspelt verb. */
	if (cli_near(name, CLI_ROWS(cli_local_verbs)) == NULL &&
	    cli_near(call->operands[0], CLI_ROWS(cli_local_verbs)) != NULL)
		name = call->operands[0];
	(void)cli_unknown(call, "verb", name, CLI_ROWS(cli_local_verbs));
	if (cli_near(name, CLI_ROWS(cli_local_verbs)) != NULL)
		return CLI_USAGE;
	for (; v < cli_local_verbs + LOCAL_VERBS; v++)
		(void)fprintf(stderr, "  hrisgw local [ROUTE] %s\n", v->usage);
	return CLI_USAGE;
}

static int
session_run(struct local_session *s, const struct local_verb *verb, const char *route)
{
	const char *path = cli_value(s->call, "database");

	if (path == NULL)
		path = find_database(s->call, &s->arena, route, &s->faults);
	if (path == NULL || local_open(path, LOCAL_WAIT_MS, &s->failure, &s->db) != GW_OK)
		return cli_local_failed(s);
	return verb->run(s);
}

static int
cli_local_run(const struct cli_call *call)
{
	struct local_session s = {.call = call, .json = cli_value(call, "json") != NULL};
	const struct local_verb *verb = cli_find(call->operands[0], CLI_ROWS(cli_local_verbs));
	const char *route = cli_value(call, "route");
	size_t at = 1;
	int code;

	if (verb == NULL && call->n_operands > 1 && route == NULL) {
		route = call->operands[0];
		verb = cli_find(call->operands[1], CLI_ROWS(cli_local_verbs));
		at = 2;
	}
	if (verb == NULL)
		return verb_unknown(call, call->operands[at - 1]);
	s.args = call->operands + at;
	s.n = call->n_operands - at;
	if (s.n < verb->min || s.n > verb->max)
		return cli_usage(call, "hrisgw local [ROUTE] %s", verb->usage);
	arena_init(&s.arena, LOCAL_ARENA);
	faults_init(&s.faults, &s.arena);
	code = session_run(&s, verb, route);
	db_close(s.db);
	arena_clear(&s.arena);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else it is looked for"},
    {"route", "NAME", "the route, where several have the adapter local"},
    {"database", "FILE", "this database, whatever the configuration says"},
    {"kind", "KIND", "what is in an imported file, where its name does not say"},
    {"employee", "ID", "list: only this employee"},
    {"date", "DATE", "list balances: as of this day (today)"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_local = {
    .name = "local",
    .operands = "[ROUTE] import|export|list|add|remove|activate|deactivate|approve|deny|cancel ...",
    .help = "keep the books of the built-in HRIS: employees, types, grants, requests",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = cli_local_run,
};
