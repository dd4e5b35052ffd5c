/*
 * try.c: see try.h. Each operation that reads is run once, as it would be for Genesys, and what
 * came is counted, with what is missing of it. Nothing that writes leaves: neither operations that
 * write nor calls that do are sent.
 */
#include "cli/try.h"

#include <stdio.h>
#include <string.h>

#include "adapter/adapter.h"
#include "base/text.h"
#include "cli/owner.h"
#include "server/start.h"

enum { TRY_MS = 10 * 60 * 1000, SAMPLES = 3, DAYS_BACK = 30, DAYS_AHEAD = 90, DAY_S = 86400 };

struct
try {
	const struct cli_call *call;
	struct hris *hris;
	struct transport real, reads;
	struct value *rows;
	const char *agent_id;             /* whom the other operations are about; NULL: nobody */
	const struct timeoff_type *types; /* as the HRIS lists them */
	size_t n_types;
	bool failed;
};

/* Reads alone pass. */
static void
try_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	const struct try *t = context;
	size_t i;

	for (i = 0; i < n && !calls[i].write; i++)
		continue;
	if (i == n) {
		t->real.send(t->real.context, peer, calls, n, deadline_mono_ms, arena);
		return;
	}
	for (i = 0; i < n; i++) {
		calls[i].fate = HTTP_NOT_SENT;
		calls[i].code = CODE_HRIS_REFUSED;
		(void)snprintf(calls[i].why, sizeof(calls[i].why), "adapter try writes nothing");
	}
}

/* A row of what is printed: an operation, its outcome, how many records, and words on them. */
static enum gw_err
try_say(struct try *t, const char *operation, const char *outcome, size_t n, const char *text)
{
	struct arena *a = t->hris->arena;
	struct value *row = value_object(a);

	return text != NULL && value_set(a, row, "operation", value_text(a, operation)) &&
		       value_set(a, row, "outcome", value_text(a, outcome)) &&
		       value_set(a, row, "records", value_integer(a, (int64_t)n)) &&
		       value_set(a, row, "text", value_text(a, text)) && value_add(a, t->rows, row)
		   ? GW_OK
		   : fail_memory(t->hris->failure);
}

/* Runs one; *ok: it is there and succeeded. What it failed by is the HRIS's own words. */
static enum gw_err
try_run(struct try *t, enum operation op, const struct operation_in *in, struct operation_out *out,
    bool *ok)
{
	struct hris *h = t->hris;
	const char *name = operation_name(op), *code, *text;

	*out = (struct operation_out){0};
	*ok = false;
	if (!h->driver->traits(h)->has[op])
		return try_say(t, name, "-", 0, "the adapter does not say how");
	if (h->driver->run(h, op, in, out) == GW_OK) {
		*ok = true;
		return GW_OK;
	}
	t->failed = true;
	code = fail_code_text(h->failure->code);
	text = arena_strdup(h->arena, h->failure->text);
	fail_clear(h->failure);
	return try_say(t, name, code, 0, text);
}

/* "a***@example.com" */
static const char *
masked(struct arena *a, const char *email)
{
	const char *at = email == NULL ? NULL : strrchr(email, '@');
	const char *rest = email;

	if (text_is_empty(email))
		return "no e-mail";
	(void)text_next(&rest);
	return arena_printf(
	    a, "%.*s***%s", (int)(rest - email), email, at == NULL || at < rest ? "" : at);
}

static enum gw_err
try_agents(struct try *t)
{
	struct operation_in in = {0};
	struct operation_out out;
	const char *text = "";
	struct arena *a = t->hris->arena;
	size_t i, without = 0;
	enum gw_err err;
	bool ok;

	err = try_run(t, OPERATION_AGENTS, &in, &out, &ok);
	if (err != GW_OK || !ok)
		return err;
	for (i = 0; i < out.n_agents && text != NULL; i++) {
		without += text_is_empty(out.agents[i].email);
		if (i < SAMPLES)
			text = arena_printf(
			    a, "%s; %s %s", text, out.agents[i].id, masked(a, out.agents[i].email));
		if (t->agent_id == NULL && !text_is_empty(out.agents[i].email))
			t->agent_id = out.agents[i].id;
	}
	if (text != NULL)
		text = arena_printf(a, "%zu without e-mail%s", without, text);
	return try_say(t, operation_name(OPERATION_AGENTS), out.n_agents == 0 ? "empty" : "ok",
	    out.n_agents, text);
}

static enum gw_err
try_types(struct try *t)
{
	struct operation_in in = {0};
	struct operation_out out;
	const char *text = "";
	size_t i;
	enum gw_err err;
	bool ok;

	err = try_run(t, OPERATION_TYPES, &in, &out, &ok);
	if (err != GW_OK || !ok)
		return err;
	for (i = 0; i < out.n_types && text != NULL; i++)
		text = arena_printf(t->hris->arena, "%s%s%s %s (%s)", text, i == 0 ? "" : "; ",
		    out.types[i].id, out.types[i].name == NULL ? "-" : out.types[i].name,
		    unit_name(out.types[i].unit));
	t->types = out.types;
	t->n_types = out.n_types;
	return try_say(t, operation_name(OPERATION_TYPES), out.n_types == 0 ? "empty" : "ok",
	    out.n_types, text);
}

static enum gw_err
try_agent(struct try *t)
{
	struct operation_in in = {.agent_id = t->agent_id};
	struct operation_out out;
	enum gw_err err;
	int minutes = 0;
	size_t i;
	bool ok;

	err = try_run(t, OPERATION_AGENT, &in, &out, &ok);
	if (err != GW_OK || !ok)
		return err;
	for (i = 0; i < out.n_agents; i++)
		minutes = out.agents[i].day_minutes > 0 ? out.agents[i].day_minutes : minutes;
	return try_say(t, operation_name(OPERATION_AGENT), out.n_agents == 0 ? "empty" : "ok",
	    out.n_agents,
	    minutes == 0 ? "without a working day of his own"
			 : arena_printf(t->hris->arena, "a working day of %d minutes", minutes));
}

/* Types that none of the rows is about. */
static const char *
types_without(const struct try *t, const struct operation_out *out)
{
	const char *text = "";
	size_t i, j;

	for (i = 0; i < t->n_types && text != NULL; i++) {
		for (j = 0; j < out->n_balances; j++) {
			if (balance_is_of(&out->balances[j], &t->types[i]))
				break;
		}
		if (j == out->n_balances)
			text = arena_printf(t->hris->arena, "%s%s%s", text,
			    text[0] == '\0' ? "; none of type " : ", ", t->types[i].id);
	}
	return text;
}

static enum gw_err
try_balance(struct try *t, struct date today)
{
	struct arena *a = t->hris->arena;
	const struct timeoff_type **types = arena_array(a, t->n_types + 1, sizeof(*types));
	struct operation_in in = {.agent_id = t->agent_id,
	    .types = types,
	    .n_types = t->n_types,
	    .dates = &today,
	    .n_dates = 1,
	    .min_date = today,
	    .max_date = today};
	struct operation_out out;
	const char *text = "", *type;
	const struct balance *b;
	enum gw_err err;
	size_t i;
	bool ok;

	if (types == NULL)
		return fail_memory(t->hris->failure);
	for (i = 0; i < t->n_types; i++)
		types[i] = &t->types[i];
	err = try_run(t, OPERATION_BALANCE, &in, &out, &ok);
	if (err != GW_OK || !ok)
		return err;
	for (i = 0; i < out.n_balances && text != NULL; i++) {
		b = &out.balances[i];
		type = b->type_id != NULL    ? b->type_id
		       : b->type_id2 != NULL ? b->type_id2
					     : b->plan;
		text = arena_printf(a, "%s%s%s %s%s%s", text, i == 0 ? "" : "; ", type,
		    b->unlimited ? "unlimited" : b->amount, b->has_unit ? " " : "",
		    b->has_unit ? unit_name(b->unit) : "");
	}
	type = types_without(t, &out);
	if (text != NULL && type != NULL)
		text = arena_printf(a, "%s%s", text, type);
	return try_say(t, operation_name(OPERATION_BALANCE), "ok", out.n_balances, text);
}

/* The requests around today, by status; words that no map knows are named. */
static enum gw_err
try_find(struct try *t, struct date today)
{
	struct arena *a = t->hris->arena;
	struct operation_in in = {.agent_id = t->agent_id,
	    .min_date = {today.day - DAYS_BACK},
	    .max_date = {today.day + DAYS_AHEAD}};
	size_t counts[STATUS_MAX] = {0}, i;
	struct operation_out out;
	const char *text = "", *words = "";
	enum gw_err err;
	bool ok;

	err = try_run(t, OPERATION_FIND, &in, &out, &ok);
	if (err != GW_OK || !ok)
		return err;
	for (i = 0; i < out.n_found && words != NULL; i++) {
		counts[out.found[i].status]++;
		if (out.found[i].status == STATUS_NONE)
			words = arena_printf(a, "%s; no map knows \"%s\"", words,
			    out.found[i].status_word == NULL ? "" : out.found[i].status_word);
	}
	for (i = STATUS_PENDING; i < STATUS_MAX && text != NULL; i++) {
		if (counts[i] > 0)
			text = arena_printf(a, "%s%s%zu %s", text, text[0] == '\0' ? "" : ", ",
			    counts[i], status_name((enum timeoff_status)i));
	}
	t->failed = t->failed || counts[STATUS_NONE] > 0;
	if (text != NULL && words != NULL)
		text = arena_printf(a, "%s%s", text, words);
	return try_say(t, operation_name(OPERATION_FIND),
	    counts[STATUS_NONE] > 0 ? "unknown status" : "ok", out.n_found, text);
}

const char *
cli_token_note(const struct adapter *adapter)
{
	size_t i;

	for (i = 0; adapter != NULL && i < adapter->n_auths; i++) {
		if (adapter->auths[i].source != NULL &&
		    adapter->auths[i].source->refresh_token != NULL)
			return "where the HRIS replaces the refresh token, the new one is kept in state_dir; if its answer is lost, or the gateway is killed between that and the disk, the setting has to be given anew";
	}
	return NULL;
}

/* What the key may do beyond reading cannot be seen without writing. */
static enum gw_err
try_writes(struct try *t)
{
	const struct traits *traits = t->hris->driver->traits(t->hris);
	const char *text = "not tried:";
	size_t op;

	for (op = 0; op < OPERATION_MAX && text != NULL; op++) {
		if (traits->has[op] && operation_writes((enum operation)op))
			text = arena_printf(
			    t->hris->arena, "%s %s", text, operation_name((enum operation)op));
	}
	return try_say(t, "writes", "-", 0, text);
}

static enum gw_err
try_all(struct hris *h, void *context)
{
	struct try *t = context;
	struct date today = {(int32_t)(clock_wall_s(h->clock) / DAY_S)};
	const char *note;
	enum gw_err err;

	t->hris = h;
	t->rows = value_list(h->arena);
	h->deadline_ms = clock_mono_ms(h->clock) + TRY_MS;
	t->real = *h->transport;
	t->reads = (struct transport){.send = try_send, .context = t};
	h->transport = &t->reads;
	err = try_agents(t);
	if (err == GW_OK)
		err = try_types(t);
	if (t->agent_id == NULL && err == GW_OK) {
		t->failed = true;
		err = try_say(t, "get-balance", "-", 0,
		    "not tried: nobody is known to ask for; --agent names one");
	} else {
		if (err == GW_OK)
			err = try_agent(t);
		if (err == GW_OK)
			err = try_balance(t, today);
		if (err == GW_OK)
			err = try_find(t, today);
	}
	note = cli_token_note(h->route->adapter);
	if (err == GW_OK && note != NULL)
		err = try_say(t, "refresh token", "-", 0, note);
	return err == GW_OK ? try_writes(t) : err;
}

/* What comes from an HRIS cannot steer the terminal. */
static void
print_plain(const char *s)
{
	for (; *s != '\0'; s++)
		putchar((unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}

static void
print_rows(const struct value *rows)
{
	const struct value *row;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		row = value_at(rows, i);
		printf("%-18s %-22s %6s  ", value_get_text(row, "operation"),
		    value_get_text(row, "outcome"), value_str(value_get(row, "records")));
		print_plain(value_get_text(row, "text"));
		putchar('\n');
	}
}

/* The rows live as long as the visit: they are printed in it. */
static enum gw_err
visit(struct hris *h, void *context)
{
	struct try *t = context;
	const struct transport *real = h->transport;
	enum gw_err err = try_all(h, t);

	h->transport = real;
	if (err == GW_OK && cli_value(t->call, "json") != NULL)
		(void)cli_json(t->call, t->rows, false);
	else if (err == GW_OK)
		print_rows(t->rows);
	return err;
}

int
cli_try(const struct cli_call *call, const char *route)
{
	struct start_options start = {.config_file = cli_value(call, "config"),
	    .program_dir = call->program_dir,
	    .one_shot = true};
	struct try t = {.call = call, .agent_id = cli_value(call, "agent")};
	struct failure failure = {.err = GW_OK};
	char why[LIMIT_FAILURE_TEXT];
	struct gateway *g;
	int code = CLI_OK;

	if (!cli_become_owner(start.config_file, start.program_dir))
		return cli_failed(call, "cannot become the owner of state_dir");
	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		return cli_failed(call, "%s", why);
	g->log.level = LOG_ERROR;
	if (gateway_visit(g, route, visit, &t, &failure) != GW_OK)
		code = cli_failed(call, "%s %s", fail_code_text(failure.code), failure.text);
	gateway_close(g);
	return t.failed ? CLI_FAILED : code;
}
