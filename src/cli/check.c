/*
 * check.c: `hrisgw check`: reads all configuration as a new process would, and reports every fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/user.h"
#include "cli/cli.h"
#include "config/schema.h"
#include "engine/event.h"
#include "ledger/ledger_admin.h"
#include "routes/registry.h"

struct found {
	struct registry_faults all;
	const char **routes;
	size_t n_routes;
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

static struct value *
keys_json(struct arena *a, const struct schema_key *k)
{
	struct value *list = value_list(a), *o;
	size_t n;

	for (; k->name != NULL && list != NULL; k++) {
		o = value_object(a);
		for (n = 0; k->choices != NULL && k->choices[n] != NULL; n++)
			continue;
		if (!value_set(a, o, "name", value_text(a, k->name)) ||
		    !value_set(a, o, "type", value_text(a, schema_type_name(k->type))) ||
		    !value_set(a, o, "required", value_bool(a, k->required)) ||
		    !value_set(a, o, "default",
			k->fallback == NULL ? value_null(a) : value_text(a, k->fallback)) ||
		    !value_set(
			a, o, "min", k->max > 0 ? value_integer(a, k->min) : value_null(a)) ||
		    !value_set(
			a, o, "max", k->max > 0 ? value_integer(a, k->max) : value_null(a)) ||
		    !value_set(a, o, "choices", cli_texts(a, k->choices, n)) ||
		    !value_set(a, o, "help", value_text(a, k->help)) || !value_add(a, list, o))
			list = NULL;
	}
	return list;
}

static int
print_all_keys(const struct cli_call *call, struct arena *a)
{
	struct value *o = value_object(a);

	if (cli_value(call, "json") == NULL) {
		print_keys("hrisgw.yaml", config_keys);
		print_keys("routes.d/NAME.yaml", route_keys);
		return CLI_OK;
	}
	if (!value_set(a, o, "hrisgw.yaml", keys_json(a, config_keys)) ||
	    !value_set(a, o, "routes.d/NAME.yaml", keys_json(a, route_keys)))
		o = NULL;
	return cli_json(call, o, false);
}

static int
print_json(const struct cli_call *call, struct arena *a, const struct found *found)
{
	const struct registry_faults *all = &found->all;
	struct value *o = value_object(a);

	if (!value_set(a, o, "routes", cli_texts(a, found->routes, found->n_routes)) ||
	    !value_set(a, o, "faults", cli_texts(a, all->faults, all->n_faults)) ||
	    !value_set(a, o, "warnings", cli_texts(a, all->warnings, all->n_warnings)))
		return cli_failed(call, "out of memory");
	return cli_json(call, o, false);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_text(const struct found *found, const char *file)
{
	const struct registry_faults *all = &found->all;
	size_t i;

	for (i = 0; i < all->n_faults; i++)
		printf("%s\n", all->faults[i]);
	for (i = 0; i < all->n_warnings; i++)
		printf("warning: %s\n", all->warnings[i]);
	printf("%s: %zu route%s, %zu fault%s", file[0] == '\0' ? "hrisgw.yaml" : file,
	    found->n_routes, plural(found->n_routes), all->n_faults, plural(all->n_faults));
	if (all->n_warnings > 0)
		printf(", %zu warning%s", all->n_warnings, plural(all->n_warnings));
	printf("\n");
}

/* own's faults before those that were found, and last after them. False: out of memory. */
static bool
faults_join(
    struct arena *a, const struct faults *own, const char *last, struct registry_faults *found)
{
	const char **all = arena_array(a, own->n + found->n_faults + 1, sizeof(*all));

	if (all == NULL)
		return false;
	if (own->n > 0)
		memcpy(all, own->texts, own->n * sizeof(*all));
	if (found->n_faults > 0)
		memcpy(all + own->n, found->faults, found->n_faults * sizeof(*all));
	found->faults = all;
	found->n_faults += own->n;
	if (last != NULL)
		all[found->n_faults++] = last;
	return true;
}

/* The ledger's fault; NULL: it has none. */
static const char *
ledger_fault(struct arena *a, const struct config *c)
{
	const struct ledger_where where = {
	    .state_dir = c->state_dir, .anchor = c->anchor, .clock = &event_clock};
	char why[1024];

	return ledger_check(&where, why, sizeof(why)) ? NULL : arena_strdup(a, why);
}

/* A log or an anchor, NULL where there is none: it can be written, or made in its folder. */
static void
file_fault(struct arena *a, const char *file, struct faults *faults)
{
	const char *slash = file == NULL ? NULL : strrchr(file, '/');
	char reason[USER_REASON];
	const char *folder;
	int fd;

	if (file == NULL)
		return;
	fd = open(file, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		(void)close(fd);
		return;
	}
	folder = slash == NULL ? "." : arena_strndup(a, file, (size_t)(slash - file + 1));
	if (errno == ENOENT && folder != NULL && access(folder, W_OK | X_OK) == 0)
		return;
	user_open_reason(file, errno, reason);
	(void)fault_line(faults, file, 0, 0, "%s", reason);
}

/* What others own in state_dir keeps the gateway from starting, or from writing. */
static void
state_faults(const struct config *c, struct faults *faults)
{
	static const char *const names[] = {"", "/state.db", "/state.db-wal", "/state.db-shm",
	    "/ledger.db", "/ledger.db-wal", "/ledger.db-shm", "/ledger.key", "/ledger.lock"};
	char path[4096], reason[USER_REASON];
	struct stat st;
	size_t i;

	if (stat(c->state_dir, &st) == 0 && (!S_ISDIR(st.st_mode) || (st.st_mode & 0077) != 0))
		(void)fault_line(faults, c->state_dir, 0, 0, "it must be a folder of mode 0700");
	for (i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", c->state_dir, names[i]);
		if (access(path, R_OK | W_OK) == 0 || errno != EACCES)
			continue;
		user_open_reason(path, errno, reason);
		(void)fault_line(faults, path, 0, 0, "%s", reason);
	}
}

/* A fault in hrisgw.yaml does not hide those of the routes, where their folder is known. */
static bool
check_all(const struct cli_call *call, struct arena *a, struct config *c, struct found *found)
{
	static const struct log nowhere = {.fd = -1, .clock = &clock_real};
	struct registry *r = NULL;
	struct faults own;
	bool good = true;

	faults_init(&own, a);
	if (config_load(a, cli_value(call, "config"), call->program_dir, c, &own)) {
		state_faults(c, &own);
		file_fault(a, c->log_file, &own);
		file_fault(a, c->anchor, &own);
	}
	if (c->routes_dir != NULL && c->adapters_dir != NULL) {
		r = registry_new(c, &clock_real, &nowhere);
		good = r != NULL && registry_faults(r, a, &found->all) &&
		       registry_routes(r, a, &found->routes, &found->n_routes);
		registry_free(r);
	}
	return good && faults_join(a, &own, own.n == 0 ? ledger_fault(a, c) : NULL, &found->all);
}

static int
check(const struct cli_call *call, struct arena *a)
{
	struct found found = {.n_routes = 0};
	struct config c;

	if (!check_all(call, a, &c, &found))
		return cli_failed(call, "out of memory");
	if (cli_value(call, "json") == NULL)
		print_text(&found, c.file);
	else if (print_json(call, a, &found) != CLI_OK)
		return CLI_FAILED;
	return found.all.n_faults == 0 ? CLI_OK : CLI_FAILED;
}

static int
run(const struct cli_call *call)
{
	struct arena a;
	int code;

	arena_init(&a, LIMIT_ARENA);
	code = cli_value(call, "keys") != NULL ? print_all_keys(call, &a) : check(call, &a);
	arena_clear(&a);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"json", NULL, "for machines: {\"routes\": [...], \"faults\": [...], \"warnings\": [...]}"},
    {"keys", NULL, "list every key of hrisgw.yaml and of route files instead"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_check = {
    .name = "check",
    .operands = "",
    .help = "read all configuration and report every fault at once",
    .options = options,
    .as_owner = true,
    .run = run,
};
