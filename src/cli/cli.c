/*
 * cli.c: finds the command a user typed, checks its options against the command's table and runs
 * it. Usage and --help are printed from the same tables. Knows nothing of what the commands do.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/owner.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/version.h"
#include "format/json.h"
#include "format/yaml.h"
#include "http/http.h"
#include "store/db.h"

static const struct cli_command *const commands[] = {
    &cli_check,
    &cli_routes,
    &cli_call,
    &cli_sign,
    &cli_verify,
    &cli_key,
    &cli_serve,
    &cli_jsonpath,
    &cli_adapter,
    &cli_local,
    &cli_ledger,
    &cli_genesys,
    &cli_snapshot,
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
print_version(void)
{
	int yajl = json_library();

	printf("hrisgw %s (build %s)\n", HRISGW_VERSION, version_build);
	printf("libcurl %s, OpenSSL %s, SQLite %s, libyaml %s, yajl %d.%d.%d\n", http_library(),
	    crypto_library(), db_library(), yaml_library(), yajl / 10000, yajl / 100 % 100,
	    yajl % 100);
}

static void
print_version_json(void)
{
	int yajl = json_library();

	printf(
	    "{\"version\":\"%s\",\"build\":\"%s\",\"libcurl\":\"%s\",\"openssl\":\"%s\",\"sqlite\":\"%s\",\"libyaml\":\"%s\",\"yajl\":\"%d.%d.%d\"}\n",
	    HRISGW_VERSION, version_build, http_library(), crypto_library(), db_library(),
	    yaml_library(), yajl / 10000, yajl / 100 % 100, yajl % 100);
}

static void
print_overview(FILE *out)
{
	size_t i;

	fputs("usage: hrisgw COMMAND [options] [operands]\n"
	      "       hrisgw COMMAND --help\n"
	      "       hrisgw --version [--json]\n\ncommands:\n",
	    out);
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
	fputs("\nexit codes: 0 done, 1 failed or faults found, 2 wrong usage\n", out);
}

static void
print_usage(FILE *out, const struct cli_command *command)
{
	const struct cli_option *o;
	char name[64];

	fprintf(out, "usage: hrisgw %s [options]%s%s\n\n%s\n\noptions:\n", command->name,
	    command->operands[0] == '\0' ? "" : " ", command->operands, command->help);
	for (o = command->options; o->name != NULL; o++) {
		snprintf(name, sizeof(name), "--%s%s%s", o->name, o->value == NULL ? "" : " ",
		    o->value == NULL ? "" : o->value);
		fprintf(out, "  %-24s %s\n", name, o->help);
	}
	fprintf(out, "  %-24s %s\n", "--help", "this text");
	if (command->more != NULL)
		command->more(out);
}

static int __attribute__((format(printf, 3, 0)))
complain(const struct cli_call *call, int code, const char *fmt, va_list ap)
{
	fprintf(stderr, "hrisgw %s: ", call->command->name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	return code;
}

int
cli_usage(const struct cli_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(call, CLI_USAGE, fmt, ap);
	va_end(ap);
	return CLI_USAGE;
}

int
cli_failed(const struct cli_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(call, CLI_FAILED, fmt, ap);
	va_end(ap);
	return CLI_FAILED;
}

const char *
cli_value(const struct cli_call *call, const char *option)
{
	size_t i;

	for (i = 0; i < CLI_OPTIONS_MAX && call->command->options[i].name != NULL; i++) {
		if (strcmp(call->command->options[i].name, option) == 0)
			return call->values[i];
	}
	return NULL;
}

/* The name in a row of the table. */
static const char *
row_name(const void *rows, size_t size, size_t i)
{
	return *(const char *const *)(const void *)((const char *)rows + i * size);
}

const void *
cli_find(const char *name, const void *rows, size_t size, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(row_name(rows, size, i), name) == 0)
			return (const char *)rows + i * size;
	}
	return NULL;
}

const char *
cli_near(const char *name, const void *rows, size_t size, size_t n)
{
	const char *names[CLI_OPTIONS_MAX];
	size_t i;

	for (i = 0; i < n && i < CLI_OPTIONS_MAX; i++)
		names[i] = row_name(rows, size, i);
	return text_nearest(name, names, i);
}

int
cli_unknown(const struct cli_call *call, const char *what, const char *name, const void *rows,
    size_t size, size_t n)
{
	const char *near = cli_near(name, rows, size, n);
	const char *dashes = rows == call->command->options ? "--" : "";

	if (near != NULL)
		return cli_usage(
		    call, "unknown %s %s%s; did you mean %s%s?", what, dashes, name, dashes, near);
	return cli_usage(
	    call, "unknown %s %s%s; see hrisgw %s --help", what, dashes, name, call->command->name);
}

/* One option at argv[*i]; moves *i to its last word. */
static int
parse_option(struct cli_call *call, int argc, char **argv, int *i)
{
	const struct cli_option *options = call->command->options;
	const char *typed = argv[*i] + 2, *equals = strchr(typed, '=');
	size_t len = equals == NULL ? strlen(typed) : (size_t)(equals - typed), k;

	for (k = 0; k < CLI_OPTIONS_MAX && options[k].name != NULL; k++) {
		if (strlen(options[k].name) == len && strncmp(options[k].name, typed, len) == 0)
			break;
	}
	if (k == CLI_OPTIONS_MAX || options[k].name == NULL)
		return cli_unknown(call, "option", typed, options, sizeof(*options), k);
	if (call->values[k] != NULL)
		return cli_usage(call, "--%s is given twice", options[k].name);
	if (options[k].value == NULL) {
		if (equals != NULL)
			return cli_usage(call, "--%s takes no value", options[k].name);
		call->values[k] = options[k].name;
		return CLI_OK;
	}
	if (equals == NULL && *i + 1 >= argc)
		return cli_usage(call, "--%s needs %s", options[k].name, options[k].value);
	call->values[k] = equals != NULL ? equals + 1 : argv[++*i];
	return CLI_OK;
}

/* Operands are moved to the front of argv, in order. */
static int
parse(struct cli_call *call, int argc, char **argv)
{
	static char verbose[] = "--verbose";
	const struct cli_command *command = call->command;
	bool options = true;
	int i, code;

	call->operands = argv;
	for (i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "-v") == 0)
			argv[i] = verbose;
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && strncmp(argv[i], "--", 2) == 0) {
			code = parse_option(call, argc, argv, &i);
			if (code != CLI_OK)
				return code;
		} else {
			call->operands[call->n_operands++] = argv[i];
		}
	}
	if (call->n_operands < command->operands_min)
		return cli_usage(call, "too few operands; usage: hrisgw %s [options] %s",
		    command->name, command->operands);
	if (call->n_operands > command->operands_max)
		return cli_usage(call, "too many operands; see hrisgw %s --help", command->name);
	return CLI_OK;
}

static bool
wants_help(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

static int
unknown_command(const char *typed)
{
	const char *names[N_COMMANDS], *near;
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i]->name;
	near = text_nearest(typed, names, N_COMMANDS);
	fprintf(stderr, "hrisgw: unknown command %s", typed);
	if (near != NULL)
		fprintf(stderr, "; did you mean %s?\n", near);
	else
		fputs("; see hrisgw --help\n", stderr);
	return CLI_USAGE;
}

int
cli_main(const char *program_dir, int argc, char **argv)
{
	struct cli_call call = {.program_dir = program_dir};
	size_t i;
	int code;

	if (argc < 2) {
		print_overview(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		if (argc > 2 && strcmp(argv[2], "--json") == 0)
			print_version_json();
		else
			print_version();
		return CLI_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_overview(stdout);
		return CLI_OK;
	}
	for (i = 0; i < N_COMMANDS && strcmp(commands[i]->name, argv[1]) != 0; i++)
		;
	if (i == N_COMMANDS)
		return unknown_command(argv[1]);
	call.command = commands[i];
	if (wants_help(argc - 2, argv + 2)) {
		print_usage(stdout, call.command);
		return CLI_OK;
	}
	code = parse(&call, argc - 2, argv + 2);
	if (code == CLI_OK && call.command->as_owner &&
	    !cli_become_owner(cli_value(&call, "config"), program_dir))
		code = cli_failed(&call, "cannot become the owner of state_dir");
	return code == CLI_OK ? call.command->run(&call) : code;
}
