/*
 * cli.h: the command line: `hrisgw COMMAND [options] [operands]`. Each command is a row that
 * declares its options, so that parsing, --help and the "did you mean" of a wrong option are the
 * same everywhere. A command writes to standard output, explains failures on standard error, and
 * returns an exit code. COMMAND.c has the row and its function.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stdio.h>
#include <stddef.h>
#include <stdint.h>

#include "base/faults.h"
#include "config/config.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* it was tried and failed, or faults were found */
	CLI_USAGE = 2,  /* wrong options or operands */
};

enum { CLI_OPTIONS_MAX = 24 };

struct cli_option {
	const char *name;  /* "config", typed as --config; NULL ends the list */
	const char *value; /* what follows, "FILE"; NULL: a switch */
	const char *help;
};

struct cli_command;

/* What the user typed, checked against the command's options. Everything is borrowed from argv. */
struct cli_call {
	const struct cli_command *command;
	const char *program_dir;             /* the program's folder; for config_load() */
	const char *values[CLI_OPTIONS_MAX]; /* as in options; a switch: its name */
	char **operands;
	size_t n_operands;
};

struct cli_command {
	const char *name;
	const char *operands;              /* "ROUTE ACTION [name=value ...]"; "": none */
	const char *help;                  /* one line */
	const struct cli_option *options;  /* without --help, which every command has */
	size_t operands_min, operands_max; /* SIZE_MAX: any number */
	bool as_owner;                     /* what root runs, the gateway's user runs */
	int (*run)(const struct cli_call *call);
	void (*more)(FILE *out); /* what --help says besides; NULL: nothing */
};

extern const struct cli_command cli_check, cli_routes, cli_call, cli_sign, cli_serve, cli_jsonpath,
    cli_adapter, cli_local, cli_verify, cli_key, cli_genesys, cli_ledger, cli_snapshot;

/* Finds the command, parses, runs; argv[0] is the program. Returns the exit code. */
int cli_main(const char *program_dir, int argc, char **argv);

/* The value of an option, a switch's own name, or NULL where it was not given. */
const char *cli_value(const struct cli_call *call, const char *option);

/* One line on standard error: "hrisgw COMMAND: ..."; returns CLI_USAGE, or CLI_FAILED. */
int
cli_usage(const struct cli_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int
cli_failed(const struct cli_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Tables of n rows of that size, each of which begins with its name. The row of that name, or NULL;
 * the name nearest to one that is unknown, or NULL; a complaint about it, CLI_USAGE.
 */
#define CLI_ROWS(table) table, sizeof((table)[0]), sizeof(table) / sizeof((table)[0])
const void *cli_find(const char *name, const void *rows, size_t size, size_t n);
const char *cli_near(const char *name, const void *rows, size_t size, size_t n);
int cli_unknown(const struct cli_call *call, const char *what, const char *name, const void *rows,
    size_t size, size_t n);

/* print.c: every fault a line on standard error, or the lack of memory; CLI_FAILED. */
int cli_faults(const struct cli_call *call, const struct faults *faults);
/* A list of texts, in the arena; NULL without memory. */
struct value *cli_texts(struct arena *a, const char *const *texts, size_t n);
/* JSON on standard output, on one line where not pretty; v NULL: memory was short. */
int cli_json(const struct cli_call *call, const struct value *v, bool pretty);
/* A list of objects as a table: minutes as hours and minutes, control characters as '?'. */
void cli_table(const struct value *list);

/* routes.c: all routes as a new process would load them. NULL with faults; none: out of memory. */
struct registry *cli_registry(
    const struct cli_call *call, struct arena *a, struct config *config, struct faults *faults);

#endif
