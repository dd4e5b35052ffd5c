/* adapter.c: `hrisgw adapter`: adapter files without any HRIS; try.c asks one. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/capability.h"
#include "cli/cli.h"
#include "cli/notes.h"
#include "cli/play.h"
#include "cli/skeleton.h"
#include "cli/try.h"

static const char suffix[] = ".yaml", test_suffix[] = ".test.yaml";

struct job {
	const struct cli_call *call;
	struct arena *arena;
	const char *folder, *shared; /* shared NULL: there is none */
	const char *looked;          /* where a name was not found first: for the message */
	struct value *json;          /* --json: the list so far; else NULL */
	struct value *rows;          /* list: the table so far */
	bool complete;               /* that list: memory was enough */
	size_t passed, failed;
};

static bool
is_folder(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --adapters, or else what hrisgw.yaml says, or else conf/adapters under the current folder. */
static const char *
find_folder(const struct cli_call *call, struct arena *a, const char **shared)
{
	const char *folder = cli_value(call, "adapters");
	struct faults faults;
	struct config config;

	if (folder != NULL)
		return folder;
	faults_init(&faults, a);
	if (config_load(a, cli_value(call, "config"), call->program_dir, &config, &faults)) {
		*shared = config.adapters_shared;
		return config.adapters_dir;
	}
	if (cli_value(call, "config") != NULL) {
		(void)cli_faults(call, &faults);
		return NULL;
	}
	if (is_folder("conf/adapters"))
		return "conf/adapters";
	(void)cli_failed(call, "no folder of adapters: --adapters DIR or --config FILE names it");
	return NULL;
}

/* The length of NAME in NAME, NAME.yaml, NAME.test.yaml. */
static size_t
stem_len(const char *operand)
{
	size_t len = strlen(operand);

	if (text_ends(operand, test_suffix))
		return len - strlen(test_suffix);
	return text_ends(operand, suffix) ? len - strlen(suffix) : len;
}

/*
 * A path, with its ending or without, if only of the tests beside it; or a name in the folder one
 * is in, or in conf/adapters there, unless options say where. NULL: it is looked for in the folder
 * of adapters.
 */
static const char *
find_here(const struct cli_call *call, struct arena *a, const char *operand)
{
	static const char *const folders[] = {"", "conf/adapters/"};
	int stem = (int)stem_len(operand);
	const char *file;
	struct stat st;
	size_t n = ARRAY_LEN(folders), i;

	if (strchr(operand, '/') != NULL)
		return operand[stem] == '\0' && stat(operand, &st) == 0
			   ? operand
			   : arena_printf(a, "%.*s%s", stem, operand, suffix);
	if (cli_value(call, "adapters") != NULL || cli_value(call, "config") != NULL)
		n = operand[stem] == '\0' ? 0 : 1;
	for (i = 0; i < n; i++) {
		file = arena_printf(a, "%s%.*s%s", folders[i], stem, operand, suffix);
		if (file != NULL && stat(file, &st) == 0 && S_ISREG(st.st_mode))
			return file;
	}
	return NULL;
}

static const char *
find_file(struct job *j, const char *operand)
{
	const char *here = find_here(j->call, j->arena, operand), *own;
	int stem = (int)stem_len(operand);
	struct stat st;

	j->looked = here != NULL || cli_value(j->call, "adapters") != NULL ||
			    cli_value(j->call, "config") != NULL
			? ""
			: "; it is not in this folder or its conf/adapters either";
	if (here != NULL)
		return here;
	own = arena_printf(j->arena, "%s/%.*s%s", j->folder, stem, operand, suffix);
	if (own == NULL || j->shared == NULL || stat(own, &st) == 0)
		return own;
	return arena_printf(j->arena, "%s/%.*s%s", j->shared, stem, operand, suffix);
}

static const char *
name_of(const struct job *j, const char *file)
{
	const char *slash = strrchr(file, '/'), *base = slash == NULL ? file : slash + 1;

	return arena_strndup(j->arena, base, stem_len(base));
}

static struct adapter *
load(const struct job *j, const char *file, struct faults *faults)
{
	const char *name = name_of(j, file);
	size_t len = 0;
	char *text = text_read_file(j->arena, file, LIMIT_FILE, &len);

	if (text == NULL || name == NULL) {
		(void)fault_line(faults, file, 0, 0, "it cannot be read: %s%s", strerror(errno),
		    errno == ENOENT ? j->looked : "");
		return NULL;
	}
	return adapter_load(j->arena, name, file, text, len, faults);
}

/* Sets members of one file's or case's object; NULL is "". */
static void
json_text(struct job *j, struct value *o, const char *name, const char *s)
{
	j->complete =
	    value_set(j->arena, o, name, value_text(j->arena, s == NULL ? "" : s)) && j->complete;
}

static void
json_set(struct job *j, struct value *o, const char *name, struct value *v)
{
	j->complete = value_set(j->arena, o, name, v) && j->complete;
}

static void
json_add(struct job *j, struct value *list, struct value *item)
{
	j->complete = value_add(j->arena, list, item) && j->complete;
}

static void
print_faults(const struct faults *faults)
{
	size_t i;

	for (i = 0; i < faults->n; i++)
		printf("%s\n", faults->texts[i]);
	if (faults->lost > 0)
		printf("and %zu more\n", faults->lost);
}

static void
check_one(struct job *j, const char *file)
{
	const char *notes[CLI_NOTES];
	const struct adapter *adapter;
	struct faults faults;
	struct value *o;
	size_t i, n;
	bool good;

	faults_init(&faults, j->arena);
	adapter = load(j, file, &faults);
	n = cli_notes(adapter, notes);
	good = adapter != NULL;
	j->passed += good;
	j->failed += !good;
	if (j->json != NULL) {
		o = value_object(j->arena);
		json_text(j, o, "file", file);
		json_set(j, o, "faults", cli_texts(j->arena, faults.texts, faults.n));
		json_set(j, o, "notes", cli_texts(j->arena, notes, n));
		json_set(j, o, "good", value_bool(j->arena, good));
		json_add(j, j->json, o);
		return;
	}
	print_faults(&faults);
	if (good)
		printf("%s: good\n", file);
	else if (faults.n == 0)
		printf("%s: out of memory\n", file);
	for (i = 0; i < n; i++)
		printf("%s: note: %s\n", file, notes[i]);
}

static struct value *
operations_of(struct job *j, const struct adapter *adapter)
{
	const char *names[OPERATION_MAX];
	size_t op, n = 0;

	for (op = 0; adapter != NULL && op < OPERATION_MAX; op++) {
		if (adapter->traits.has[op])
			names[n++] = operation_name((enum operation)op);
	}
	return cli_texts(j->arena, names, n);
}

static void
list_one(struct job *j, const char *file)
{
	struct faults faults;
	struct adapter *adapter;
	struct value *o;

	faults_init(&faults, j->arena);
	adapter = load(j, file, &faults);
	j->passed += adapter != NULL;
	j->failed += adapter == NULL;
	if (j->json == NULL && adapter == NULL) {
		printf("%s: BROKEN (hrisgw adapter check says why)\n", name_of(j, file));
		return;
	}
	o = adapter == NULL ? value_object(j->arena)
			    : cli_capability(j->arena, name_of(j, file), adapter);
	if (j->json == NULL) {
		json_add(j, j->rows, o);
		return;
	}
	json_text(j, o, "file", file);
	json_text(j, o, "name", name_of(j, file));
	json_text(j, o, "title", adapter == NULL ? NULL : adapter->title);
	json_text(j, o, "docs", adapter == NULL ? NULL : adapter->docs);
	json_set(j, o, "faults", cli_texts(j->arena, faults.texts, faults.n));
	json_set(j, o, "operations", operations_of(j, adapter));
	json_add(j, j->json, o);
}

static void
print_case(const struct play_case *c)
{
	size_t i;

	printf("  %s %s: %s\n", c->n == 0 ? "ok  " : "FAIL", c->operation, c->name);
	for (i = 0; i < c->n && c->differences != NULL; i++)
		printf("       %s\n         expected %s\n         got      %s\n",
		    c->differences[i].what, c->differences[i].expected, c->differences[i].got);
}

static struct value *
json_case(struct job *j, const struct play_case *c)
{
	struct value *o = value_object(j->arena), *list = value_list(j->arena), *d;
	size_t i;

	json_text(j, o, "name", c->name);
	json_text(j, o, "operation", c->operation);
	json_text(j, o, "source", c->source);
	for (i = 0; i < c->n && c->differences != NULL; i++) {
		d = value_object(j->arena);
		json_text(j, d, "what", c->differences[i].what);
		json_text(j, d, "expected", c->differences[i].expected);
		json_text(j, d, "got", c->differences[i].got);
		json_add(j, list, d);
	}
	json_set(j, o, "differences", list);
	json_set(j, o, "passed", value_bool(j->arena, c->n == 0));
	return o;
}

static void
json_played(
    struct job *j, const char *file, const struct faults *faults, const struct play_result *played)
{
	struct value *o = value_object(j->arena), *cases = value_list(j->arena);
	size_t i;

	for (i = 0; i < played->n; i++)
		json_add(j, cases, json_case(j, &played->cases[i]));
	json_text(j, o, "file", file);
	json_set(j, o, "faults", cli_texts(j->arena, faults->texts, faults->n));
	json_set(j, o, "missing", cli_texts(j->arena, played->missing, played->n_missing));
	json_set(j, o, "unplayed", cli_texts(j->arena, played->unplayed, played->n_unplayed));
	json_set(j, o, "cases", cases);
	json_add(j, j->json, o);
}

static void
print_played(const struct play_result *played, bool partial)
{
	const char *mark = partial ? "    " : "FAIL";
	size_t i;

	for (i = 0; i < played->n; i++)
		print_case(&played->cases[i]);
	for (i = 0; i < played->n_missing; i++)
		printf("  %s %s: no case plays it\n", mark, played->missing[i]);
	for (i = 0; i < played->n_unplayed; i++)
		printf("  %s %s: no case plays it\n", mark, played->unplayed[i]);
}

static void
test_one(struct job *j, const char *file)
{
	struct play_result played = {0};
	struct faults faults;
	struct adapter *adapter;
	size_t len = 0;
	const char *script =
	    arena_printf(j->arena, "%.*s%s", (int)stem_len(file), file, test_suffix);
	char *text = script == NULL ? NULL : text_read_file(j->arena, script, LIMIT_FILE, &len);
	int why = errno;
	bool good = false, partial = cli_value(j->call, "partial") != NULL;

	faults_init(&faults, j->arena);
	adapter = load(j, file, &faults);
	if (adapter != NULL && text == NULL)
		(void)fault_line(&faults, script == NULL ? file : script, 0, 0,
		    "it cannot be read: %s", strerror(why));
	if (adapter != NULL && text != NULL)
		good = cli_play(j->arena, adapter, script, text, len, &played, &faults);
	if (good) {
		j->failed += played.failed + (partial ? 0 : played.n_missing + played.n_unplayed);
		j->passed += played.n - played.failed;
	} else {
		j->failed++;
		played.n = 0;
	}
	if (j->json != NULL) {
		json_played(j, file, &faults, &played);
		return;
	}
	printf("%s\n", script == NULL ? file : script);
	print_faults(&faults);
	if (good)
		print_played(&played, partial);
}

static int
is_adapter_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && text_ends(entry->d_name, suffix) &&
	       !text_ends(entry->d_name, test_suffix);
}

/* All adapter files of a folder, sorted; NULL where it cannot be read. */
static const char **
folder_files(const struct job *j, const char *folder, size_t *n)
{
	struct dirent **entries = NULL;
	int found = scandir(folder, &entries, is_adapter_file, alphasort), i;
	const char **files;

	*n = 0;
	if (found < 0)
		return NULL;
	files = arena_array(j->arena, (size_t)found + 1, sizeof(*files));
	for (i = 0; i < found; i++) {
		if (files != NULL)
			files[(*n)++] = arena_printf(j->arena, "%s/%s", folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return files;
}

static const struct verb {
	const char *name;
	void (*one)(struct job *j, const char *file);
	bool counts; /* says at the end how many passed */
} verbs[] = {
    {"list", list_one, false},
    {"check", check_one, false},
    {"test", test_one, true},
    {"new", NULL, false},
    {"try", NULL, false},
};

/* All files of a folder. */
static bool
run_folder(struct job *j, const struct verb *verb, const char *folder)
{
	size_t n, i;
	const char **files = folder_files(j, folder, &n);

	for (i = 0; files != NULL && i < n; i++)
		verb->one(j, files[i]);
	if (files == NULL)
		(void)cli_failed(j->call, "folder %s cannot be read", folder);
	else if (n == 0)
		(void)cli_failed(j->call, "there is no adapter in %s", folder);
	return files != NULL && n > 0;
}

/* One's own, and those of the shared folder whose name none of them has. */
static bool
run_all(struct job *j, const struct verb *verb)
{
	size_t n, i;
	const char **files = j->shared == NULL ? NULL : folder_files(j, j->shared, &n), *own;
	struct stat st;

	if (files == NULL)
		return run_folder(j, verb, j->folder);
	if (is_folder(j->folder) && folder_files(j, j->folder, &i) != NULL && i > 0)
		(void)run_folder(j, verb, j->folder);
	for (i = 0; i < n; i++) {
		own = arena_printf(j->arena, "%s/%s", j->folder, strrchr(files[i], '/') + 1);
		if (own != NULL && stat(own, &st) != 0)
			verb->one(j, files[i]);
	}
	return true;
}

static int
run_verb(struct job *j, const struct verb *verb)
{
	bool found = true;
	size_t i;

	if (j->call->n_operands == 1)
		found = run_all(j, verb);
	for (i = 1; i < j->call->n_operands; i++) {
		if (is_folder(j->call->operands[i]))
			found = run_folder(j, verb, j->call->operands[i]) && found;
		else
			verb->one(j, find_file(j, j->call->operands[i]));
	}
	if (j->json != NULL && cli_json(j->call, j->complete ? j->json : NULL, false) != CLI_OK)
		return CLI_FAILED;
	if (j->rows != NULL && j->rows->n > 0)
		cli_table(j->rows);
	if (j->json == NULL && verb->counts)
		printf("%zu passed, %zu failed\n", j->passed, j->failed);
	return found && j->failed == 0 ? CLI_OK : CLI_FAILED;
}

static bool
needs_folder(const struct cli_call *call, struct arena *a)
{
	size_t i;

	for (i = 1; i < call->n_operands; i++) {
		if (!is_folder(call->operands[i]) && find_here(call, a, call->operands[i]) == NULL)
			return true;
	}
	return call->n_operands == 1;
}

/* new and try, whose operand is no adapter file. */
static int
run_other(struct job *j, const struct verb *verb)
{
	const char *operand = j->call->operands[1];

	if (j->call->n_operands != 2)
		return cli_usage(j->call, "hrisgw adapter %s %s", verb->name,
		    strcmp(verb->name, "new") == 0 ? "NAME" : "ROUTE");
	if (strcmp(verb->name, "try") == 0)
		return cli_try(j->call, operand);
	j->folder = find_folder(j->call, j->arena, &j->shared);
	return j->folder == NULL ? CLI_FAILED : cli_skeleton(j->call, j->arena, j->folder, operand);
}

static int
run(const struct cli_call *call)
{
	const struct verb *verb = cli_find(call->operands[0], CLI_ROWS(verbs));
	struct arena a;
	struct job j = {.call = call, .arena = &a, .folder = "", .looked = "", .complete = true};
	int code = CLI_FAILED;

	if (verb == NULL)
		return cli_unknown(call, "verb", call->operands[0], CLI_ROWS(verbs));
	arena_init(&a, LIMIT_ARENA);
	if (cli_value(call, "json") != NULL)
		j.json = value_list(&a);
	else if (verb->one == list_one)
		j.rows = value_list(&a);
	if (verb->one != NULL && needs_folder(call, &a))
		j.folder = find_folder(call, &a, &j.shared);
	if (verb->one == NULL)
		code = run_other(&j, verb);
	else if (j.folder != NULL)
		code = run_verb(&j, verb);
	arena_clear(&a);
	return code;
}

static const struct cli_option options[] = {
    {"adapters", "DIR", "folder of the adapter files; else what hrisgw.yaml says"},
    {"agent", "ID", "try: whose balances and requests are read; else the first with an e-mail"},
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"json", NULL, "for machines"},
    {"partial", NULL, "test: what no case plays is no failure"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_adapter = {
    .name = "adapter",
    .operands = "list|check|test [NAME|FILE|FOLDER ...] | new NAME | try ROUTE",
    .help = "begin, list, check adapter files, play their tests offline, or try one live",
    .options = options,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
};
