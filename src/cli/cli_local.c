/*
 * cli_local.c: `hrisgw local`: keeping the books of the local HRIS from the shell. Finds the
 * database, opens it and runs one verb of cli_local_verbs.c.
 */
#include "cli/local.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "local/books.h"

enum { LOCAL_ARENA = 256 * 1024 * 1024, LOCAL_WAIT_MS = 10000, LOCAL_VERBS_MAX = 16 };

static const struct local_verb *
verb_find(const char *s)
{
	const struct local_verb *v;

	for (v = cli_local_verbs; v->name != NULL; v++) {
		if (strcmp(v->name, s) == 0)
			return v;
	}
	return NULL;
}

static int
verb_unknown(const struct cli_call *call, const char *s)
{
	const char *names[LOCAL_VERBS_MAX], *near;
	const struct local_verb *v = cli_local_verbs;
	size_t n;

	for (n = 0; n < LOCAL_VERBS_MAX && v[n].name != NULL; n++)
		names[n] = v[n].name;
	near = text_nearest(s, names, n);
	if (near == NULL) {
		/* Perhaps the word before it was no route, but a verb misspelt. */
		near = text_nearest(call->operands[0], names, n);
		s = near != NULL ? call->operands[0] : s;
	}
	if (near != NULL)
		return cli_usage(call, "unknown %s; did you mean %s?", s, near);
	(void)cli_usage(call, "unknown %s; it is one of:", s);
	for (; v->name != NULL; v++)
		(void)fprintf(stderr, "  hrisgw local [ROUTE] %s\n", v->usage);
	return CLI_USAGE;
}

static int
session_run(struct local_session *s, const struct local_verb *verb, const char *route)
{
	const char *path = cli_value(s->call, "database");

	if (path == NULL)
		path = cli_local_database(s->call, &s->arena, route, &s->faults);
	if (path == NULL || local_open(path, LOCAL_WAIT_MS, &s->failure, &s->db) != GW_OK)
		return cli_local_failed(s);
	return verb->run(s);
}

static int
cli_local_run(const struct cli_call *call)
{
	struct local_session s = {.call = call, .json = cli_value(call, "json") != NULL};
	const struct local_verb *verb = verb_find(call->operands[0]);
	const char *route = cli_value(call, "route");
	size_t at = 1;
	int code;

	if (verb == NULL && call->n_operands > 1 && route == NULL) {
		route = call->operands[0];
		verb = verb_find(call->operands[1]);
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
    {"database", "FILE", "that database, whatever the configuration says"},
    {"kind", "KIND", "what an imported file holds, where its name does not say it"},
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
