/*
 * ledger.c: `hrisgw ledger`: begins the ledger anew, verifies and prunes it; what shows and settles
 * rows is in ledger_list.c and ledger_resolve.c.
 */
#include "cli/ledger.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "engine/event.h"
#include "ledger/ledger_admin.h"
#include "ledger/ledger_files.h"
#include "store/store.h"

enum { LEDGER_ARENA = 512 * 1024 * 1024, WHY_LEN = 1024 };

static int
ledger_new(struct ledger_session *s)
{
	const char *until = cli_value(s->call, "look-until");
	struct value *json = value_object(&s->arena);
	struct date day = {.day = 0};
	char why[WHY_LEN];

	if (until != NULL && !date_parse(until, &day))
		return cli_usage(s->call, "--look-until needs a day: 2027-12-31");
	if (until == NULL && ledger_files_there(&s->where))
		return cli_usage(s->call,
		    "there is a ledger already, or was: --look-until DATE says up to which day its requests may reach, so that they are looked for before they are written again");
	if (!ledger_files_renew(&s->where, day.day, why, sizeof(why)))
		return cli_failed(s->call, "%s", why);
	if (s->json) {
		if (!value_set(
			&s->arena, json, "state_dir", value_text(&s->arena, s->config.state_dir)) ||
		    !value_set(&s->arena, json, "look_until",
			until == NULL ? value_null(&s->arena) : value_text(&s->arena, until)))
			json = NULL;
		return cli_json(s->call, json, false);
	}
	if (until == NULL)
		(void)printf("%s: a new ledger\n", s->config.state_dir);
	else
		(void)printf(
		    "%s: a new ledger; inserts with a day up to %s look first. What was there is kept beside it under the time\n",
		    s->config.state_dir, until);
	return CLI_OK;
}

static bool
verify_json(struct arena *a, const struct chain_report *r, bool anchored, struct value **out)
{
	struct value *o = value_object(a), *faults = NULL;
	size_t n = r->n_faults < CHAIN_FAULTS ? r->n_faults : CHAIN_FAULTS;

	*out = o;
	faults = cli_texts(a, r->faults, n);
	return value_set(a, o, "links", value_integer(a, r->links)) &&
	       value_set(a, o, "rows", value_integer(a, r->rows)) &&
	       value_set(a, o, "head", value_integer(a, r->head.n)) &&
	       value_set(a, o, "end_checked", value_bool(a, anchored)) &&
	       value_set(a, o, "faults", faults);
}

static int
ledger_verify_all(struct ledger_session *s)
{
	bool anchored = s->config.anchor != NULL;
	struct chain_report r;
	struct value *json;
	size_t i;

	if (ledger_verify(s->ledger, &s->arena, &r, &s->failure) != GW_OK)
		return cli_ledger_failed(s);
	if (s->json) {
		if (!verify_json(&s->arena, &r, anchored, &json))
			json = NULL;
		if (cli_json(s->call, json, false) != CLI_OK)
			return CLI_FAILED;
		return r.n_faults == 0 ? CLI_OK : CLI_FAILED;
	}
	for (i = 0; i < r.n_faults && i < CHAIN_FAULTS; i++)
		(void)printf("%s\n", r.faults[i]);
	if (r.n_faults > CHAIN_FAULTS)
		(void)printf("and %zu more\n", r.n_faults - CHAIN_FAULTS);
	(void)printf("%" PRId64 " rows, %" PRId64 " links, the last is number %" PRId64
		     ": %zu fault%s\n",
	    r.rows, r.links, r.head.n, r.n_faults, r.n_faults == 1 ? "" : "s");
	if (!anchored)
		(void)printf(
		    "Whether its end was cut off was not checked: hrisgw.yaml names no anchor\n");
	return r.n_faults == 0 ? CLI_OK : CLI_FAILED;
}

static int
ledger_prune_all(struct ledger_session *s)
{
	const char *agent = cli_value(s->call, "agent");
	struct value *json = value_object(&s->arena);
	int64_t removed, kept;

	if (ledger_prune(s->ledger, agent, &removed, &kept, &s->failure) != GW_OK)
		return cli_ledger_failed(s);
	if (s->json) {
		if (!value_set(&s->arena, json, "removed", value_integer(&s->arena, removed)) ||
		    !value_set(&s->arena, json, "kept", value_integer(&s->arena, kept)))
			json = NULL;
		if (cli_json(s->call, json, false) != CLI_OK)
			return CLI_FAILED;
	} else
		(void)printf("%" PRId64 " rows removed\n", removed);
	if (kept == 0)
		return CLI_OK;
	return cli_failed(s->call,
	    "%" PRId64
	    " rows of that agent are left, as their writes are not settled: resolve them, then prune again",
	    kept);
}

static int
ledger_list_some(struct ledger_session *s)
{
	return cli_value(s->call, "ended") == NULL ? cli_ledger_list(s) : cli_ledger_ended(s);
}

static const struct ledger_verb verbs[] = {
    {"new", 0, 0, "new [--look-until DATE] [--json]", false, ledger_new},
    {"list", 0, 0, "list [--open] [--different] [--older 15m] | --ended [--json]", true,
	ledger_list_some},
    {"reconcile", 0, 0, "reconcile [--json]", false, cli_ledger_reconcile},
    {"show", 1, 1, "show KEY|MARKER|N [--json]", true, cli_ledger_show},
    {"resolve", 1, 1, "resolve KEY|MARKER|N --written ID | --not-written [--force]", false,
	cli_ledger_resolve},
    {"verify", 0, 0, "verify [--json]", true, ledger_verify_all},
    {"prune", 0, 0, "prune [--agent ID] [--json]", true, ledger_prune_all},
};

/* Before the first start state.db comes first, as there: where there is a ledger without one, spent
 * nonces are taken for lost. After --look-until, which says that there was a ledger, they are. */
static bool
session_begin(struct ledger_session *s, char *why, size_t why_max)
{
	struct store *store;

	if (ledger_files_there(&s->where) || cli_value(s->call, "look-until") != NULL)
		return true;
	store = store_open(s->config.state_dir, false, why, why_max);
	if (store == NULL)
		return false;
	store_close(store);
	return true;
}

static int
session_run(struct ledger_session *s, const struct ledger_verb *verb)
{
	struct faults faults;
	char why[WHY_LEN];

	faults_init(&faults, &s->arena);
	if (!config_load(
		&s->arena, cli_value(s->call, "config"), s->call->program_dir, &s->config, &faults))
		return cli_faults(s->call, &faults);
	s->where = (struct ledger_where){
	    .state_dir = s->config.state_dir, .anchor = s->config.anchor, .clock = &event_clock};
	if (!session_begin(s, why, sizeof(why)))
		return cli_failed(s->call, "%s", why);
	if (!verb->opens)
		return verb->run(s);
	s->ledger = ledger_open(&s->where);
	if (s->ledger == NULL)
		return cli_failed(s->call, "out of memory");
	if (!ledger_works(s->ledger, why, sizeof(why)))
		return cli_failed(s->call, "%s", why);
	return verb->run(s);
}

static int
run(const struct cli_call *call)
{
	struct ledger_session s = {.call = call, .json = cli_value(call, "json") != NULL};
	const struct ledger_verb *verb = cli_find(call->operands[0], CLI_ROWS(verbs));
	int code;

	if (verb == NULL)
		return cli_unknown(call, "verb", call->operands[0], CLI_ROWS(verbs));
	s.args = call->operands + 1;
	s.n = call->n_operands - 1;
	if (s.n < verb->min || s.n > verb->max)
		return cli_usage(call, "hrisgw ledger %s", verb->usage);
	arena_init(&s.arena, LEDGER_ARENA);
	code = session_run(&s, verb);
	ledger_close(s.ledger);
	arena_clear(&s.arena);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else it is looked for"},
    {"look-until", "DATE", "new: inserts with a day up to this one look first"},
    {"open", NULL, "list: only what is not known yet"},
    {"different", NULL, "list: only what the HRIS holds otherwise than it was asked"},
    {"ended", NULL, "list: what has ended in the HRIS since, and WFM does not know"},
    {"older", "TIME", "list: only what is older (15m, 2h, 1d); exit 1 where there is any"},
    {"written", "ID", "resolve: the HRIS has it, under this id"},
    {"not-written", NULL, "resolve: the HRIS does not have it"},
    {"force", NULL, "resolve: without looking the id up, and before its time"},
    {"agent", "ID", "prune: all rows of this agent, to erase a person"},
    {"json", NULL, "for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_ledger = {
    .name = "ledger",
    .operands = "new|list|show|resolve|reconcile|verify|prune ...",
    .help = "what was written to an HRIS: see what is open, settle it, verify, prune",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .as_owner = true,
    .run = run,
};
