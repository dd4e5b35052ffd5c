/* config.c: hrisgw.yaml and where it is looked for. */
#include "config/config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/schema.h"
#include "base/text.h"
#include "format/yaml.h"

static const char *const level_words[] = {"error", "warning", "info", NULL};

struct config_file {
	struct config config;
	int64_t deadline_s;
	const char *level;
};

#define AT(member) offsetof(struct config_file, member)
const struct schema_key config_keys[] = {
    {"listen.socket", SCHEMA_PATH, false, NULL, 0, 0, NULL,
	"unix socket that `hrisgw serve` makes; without it only an inherited one",
	AT(config.listen_socket)},
    {"listen.group", SCHEMA_TEXT, false, NULL, 0, 0, NULL,
	"group of that socket (mode 0660): one that the web server's workers have",
	AT(config.listen_group)},
    {"workers", SCHEMA_INTEGER, false, NULL, 1, LIMIT_WORKERS, NULL,
	"threads that serve requests; one for each core by default", AT(config.workers)},
    {"memory", SCHEMA_INTEGER, false, "256", 64, 65536, NULL,
	"MiB that all requests and the answers to them may take together", AT(config.memory_mib)},
    {"base_path", SCHEMA_TEXT, false, "", 0, 0, NULL,
	"what comes before /v1/ in the URL (/hris); nothing by default", AT(config.base_path)},
    {"state_dir", SCHEMA_PATH, false, "/var/lib/hrisgw", 0, 0, NULL,
	"folder on a local disk (mode 0700) for the ledger, spent nonces, snapshots, the local HRIS",
	AT(config.state_dir)},
    {"anchor", SCHEMA_PATH, false, NULL, 0, 0, NULL,
	"file outside of state_dir that keeps the end of the ledger, so that a loss is noticed",
	AT(config.anchor)},
    {"routes", SCHEMA_PATH, false, "routes.d", 0, 0, NULL, "folder of the route files NAME.yaml",
	AT(config.routes_dir)},
    {"adapters", SCHEMA_PATH, false, "adapters", 0, 0, NULL,
	"folder of adapter files NAME.yaml of one's own; each hides the shared one of that name",
	AT(config.adapters_dir)},
    {"deadline", SCHEMA_SECONDS, false, "25s", 1, LIMIT_DEADLINE_S, NULL,
	"for a whole request; below the time-outs of web server and Genesys", AT(deadline_s)},
    {"log.file", SCHEMA_PATH, false, NULL, 0, 0, NULL,
	"where log lines are appended; standard error by default", AT(config.log_file)},
    {"log.level", SCHEMA_CHOICE, false, "info", 0, 0, level_words,
	"what is written: error, warning, info", AT(level)},
    {NULL, SCHEMA_TEXT, false, NULL, 0, 0, NULL, NULL, 0},
};
#undef AT

/* What was once spelled otherwise: the fault says how it is spelled now. */
static bool
config_renamed(const struct config *c, const struct value *root, struct faults *faults)
{
	const struct value *at = value_get(root, "threads");

	return at == NULL ||
	       fault_at(faults, c->file, at,
		   "threads is not a key any more: a request that waits holds no thread; remove it, or give workers");
}

static bool
config_check(struct config *c, const struct value *root, struct faults *faults)
{
	const struct value *at = value_get(root, "base_path");
	size_t len = strlen(c->base_path), state = strlen(c->state_dir);

	if (c->anchor != NULL && strncmp(c->anchor, c->state_dir, state) == 0 &&
	    c->anchor[state] == '/')
		return fault_at(faults, c->file, value_get(root, "anchor"),
		    "anchor must lie outside of state_dir, which may be lost as a whole");
	if (len == 0)
		return true;
	if (c->base_path[0] != '/' || c->base_path[len - 1] == '/' ||
	    strpbrk(c->base_path, "?#% ") != NULL || text_has_control(c->base_path))
		return fault_at(
		    faults, c->file, at, "base_path begins with / and does not end with it");
	return true;
}

/* The adapters that came with the program, of which `make install` has put both below PREFIX. */
static const char *
config_shared(struct arena *a)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *folder;
	struct stat st;
	char *slash;

	if (n < 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	folder = arena_printf(a, "%s/../share/hrisgw/conf/adapters", exe);
	return folder != NULL && stat(folder, &st) == 0 && S_ISDIR(st.st_mode) ? folder : NULL;
}

static bool
config_read(struct arena *a, const char *file, struct config *out, struct faults *faults)
{
	struct config_file f = {.config = {.file = file}};
	struct value *root = yaml_read(a, file, faults);
	bool good;
	int i;

	if (root == NULL)
		return false;
	good = config_renamed(&f.config, root, faults);
	good = schema_read(a, file, config_keys, root, &f, faults) && good;
	f.config.deadline_ms = f.deadline_s * 1000;
	f.config.adapters_shared = config_shared(a);
	for (i = 0; f.level != NULL && level_words[i] != NULL; i++) {
		if (strcmp(level_words[i], f.level) == 0)
			f.config.log_level = (enum log_level)i;
	}
	good = config_check(&f.config, root, faults) && good;
	*out = f.config;
	return good;
}

/* An absolute path, so that a change of folder means nothing later. */
static char *
config_absolute(struct arena *a, const char *path)
{
	char folder[4096];

	if (path[0] == '/')
		return arena_strdup(a, path);
	if (getcwd(folder, sizeof(folder)) == NULL)
		return NULL;
	return arena_printf(a, "%s/%s", folder, path);
}

bool
config_load(struct arena *a, const char *file, const char *program_dir, struct config *out,
    struct faults *faults)
{
	const char *places[] = {
	    program_dir == NULL ? NULL : arena_printf(a, "%s/hrisgw.yaml", program_dir),
	    program_dir == NULL ? NULL : arena_printf(a, "%s/../conf/hrisgw.yaml", program_dir),
	    "/etc/hrisgw/hrisgw.yaml",
	};
	size_t i;

	*out = (struct config){.file = ""};
	for (i = 0; file == NULL && i < ARRAY_LEN(places); i++) {
		if (places[i] != NULL && access(places[i], F_OK) == 0)
			file = places[i];
	}
	if (file == NULL)
		return fault_line(faults, "hrisgw.yaml", 0, 0,
		    "there is none: it is looked for beside the program, in ../conf and in /etc/hrisgw; --config FILE names another");
	file = config_absolute(a, file);
	if (file == NULL)
		return fault_line(
		    faults, "hrisgw.yaml", 0, 0, "its folder is unknown: %s", strerror(errno));
	return config_read(a, file, out, faults);
}
