/* handover.c: see handover.h. */
#include "genesys/handover.h"

#include <string.h>

#include "base/text.h"

enum { BLOCK_MAX = 64 * 1024 };

static const char *
done(const struct handover *h, struct buf *b)
{
	const char *text;

	/* The template has the last line's end. */
	while (b->len > 0 && b->data[b->len - 1] == '\n')
		b->data[--b->len] = '\0';
	text = b->err == GW_OK ? arena_strdup(h->arena, b->data) : NULL;
	buf_clear(b);
	return text;
}

/* Where the caller's first key of that form is. */
static const char *
secret_path(const struct handover *h)
{
	const struct caller_key *key = &h->choice->caller->keys[h->choice->form->form].items[0];

	return key->path == NULL ? "?" : key->path;
}

const char *
handover_values(const struct handover *h)
{
	const struct genesys_form *form = h->choice->form;
	struct buf b;
	size_t i;

	buf_init(&b, BLOCK_MAX);
	buf_printf(
	    &b, "| client id (the caller in the route's file) | `%s` |\n", h->choice->caller->name);
	buf_printf(&b, "| where the secret is, on the gateway | `%s` |\n", secret_path(h));
	if (form->auth)
		buf_printf(&b, "| login URL | `%s/v1/%s/token` |\n", h->url, h->route->name);
	for (i = 0; i < GENESYS_TASKS; i++)
		buf_printf(&b, "| URL of %s | `%s/v1/%s/%s` |\n", genesys_tasks[i].action, h->url,
		    h->route->name, genesys_tasks[i].action);
	return done(h, &b);
}

const char *
handover_secret(const struct handover *h)
{
	return arena_printf(h->arena, "It asks for `%s`: %s.",
	    h->choice->form->function ? "signature_key" : "client_secret",
	    h->choice->form->function ? "the whole content of the key's file"
				      : "the secret, without the newline");
}

static void
put_inputs(struct buf *b, const struct endpoint *e)
{
	const struct field *f;

	if (e->input->name == NULL) {
		buf_puts(b, "It takes nothing.\n\n");
		return;
	}
	buf_puts(b, "| input | form | from WFM |\n|---|---|---|\n");
	for (f = e->input; f->name != NULL; f++)
		buf_printf(b, "| `%s` | %s%s | %s |\n", f->name, declare_form(f->kind),
		    f->need == REQUIRED ? "; required" : "",
		    declare_wfm_sends(f->name) ? "yes" : "no");
	buf_puts(b, "\n");
}

/* Outputs by name, those of a list after the single ones. */
static void
put_outputs(struct buf *b, const struct value *output)
{
	const struct value *properties = value_get(output, "properties");
	bool array, first;
	size_t i, pass;

	for (pass = 0; pass < 2; pass++) {
		first = true;
		for (i = 0; properties != NULL && i < properties->n; i++) {
			array = declare_is_array(value_at(properties, i));
			if (array != (pass == 1))
				continue;
			buf_puts(b, !first ? ", " : pass == 0 ? "Outputs: " : "Lists of strings: ");
			buf_printf(b, "`%s`", properties->items[i].name);
			first = false;
		}
		if (!first)
			buf_puts(b, ".\n");
	}
}

const char *
handover_contracts(const struct handover *h)
{
	const struct endpoint *e;
	const char *name;
	struct buf b;
	size_t i;

	buf_init(&b, BLOCK_MAX);
	for (i = 0; i < GENESYS_TASKS; i++) {
		e = genesys_task_endpoint(&genesys_tasks[i]);
		name = genesys_action_name(h->arena, h->route->name, genesys_tasks[i].action);
		if (e == NULL || name == NULL)
			buf_fail(&b, GW_EINTERNAL);
		else {
			buf_printf(&b, "### `%s`\n\nIt %s.\n\n", name, genesys_tasks[i].does);
			put_inputs(&b, e);
			put_outputs(&b, declare_output(h->arena, e));
			buf_putc(&b, '\n');
		}
	}
	return done(h, &b);
}

const char *
handover_settings(const struct handover *h)
{
	const char *name;
	struct buf b;
	size_t i;

	buf_init(&b, BLOCK_MAX);
	for (i = 0; i < GENESYS_TASKS; i++) {
		name = genesys_flow_name(h->arena, h->route->name, &genesys_tasks[i]);
		buf_printf(
		    &b, "| %s | `%s` |\n", genesys_tasks[i].setting, name == NULL ? "" : name);
	}
	return done(h, &b);
}

/* The test calls, the reads first: their answers have the ids for the rest. */
static const struct call {
	const char *action, *status, *expect;
} calls[] = {
    {"get-agents", NULL,
	"`Flow.emails` and `Flow.externalIds` are of one length and have every agent; AGENT-ID is one of the ids. After 2,000 they go on in `Flow.emails1` and `Flow.externalIds1`"},
    {"get-timeoff-types", NULL,
	"`Flow.ids` and `Flow.names` are of one length; TYPE-ID is one of the ids"},
    {"get-balance", NULL,
	"`Flow.balanceMinutesPerDay` is one text: the minutes that the agent has left on that date"},
    {"insert-timeoff", "PENDING",
	"`Flow.timeOffRequestId` is REQUEST-ID, under which the HRIS has the request now. If the balance is short: `InsufficientBalance`, and no request"},
    {"update-timeoff", "CANCELED",
	"`Flow.timeOffRequestId` is REQUEST-ID, and the request has ended in the HRIS. The same call again ends in the same way"},
};

/* What a person puts in for a test; NULL: left out. */
static const char *
sample(const struct handover *h, const struct call *call, const struct field *f)
{
	static const char *const samples[] = {
	    [FIELD_ID] = "TYPE-ID",
	    [FIELD_ID_LIST] = "TYPE-ID",
	    [FIELD_DATE] = "DATE",
	    [FIELD_DATES] = "DATE",
	    [FIELD_STARTS] = "DATET09:00:00",
	    [FIELD_NOTES] = "test",
	};

	if (strcmp(f->name, "agentId") == 0)
		return "AGENT-ID";
	if (strcmp(f->name, "inputTimeOffRequestId") == 0)
		return "REQUEST-ID";
	if (f->kind == FIELD_MINUTES)
		return arena_printf(h->arena, "%d", h->route->day_minutes);
	if (f->kind == FIELD_STATUS)
		return call->status;
	return (size_t)f->kind < ARRAY_LEN(samples) ? samples[f->kind] : NULL;
}

/* Left out of a test: whole days need no starts, and second ids are rare. */
static bool
is_tested(const struct field *f)
{
	return declare_wfm_sends(f->name) && f->kind != FIELD_STARTS &&
	       !text_ends(f->name, "Id2") && !text_ends(f->name, "Id2s") &&
	       strcmp(f->name, "durationMinutes") != 0;
}

static void
put_call(const struct handover *h, struct buf *b, const struct call *call,
    const struct genesys_task *task)
{
	const struct endpoint *e = genesys_task_endpoint(task);
	const char *name = genesys_flow_name(h->arena, h->route->name, task), *text;
	const struct field *f;
	bool first = true;

	buf_printf(
	    b, "`%s`:\n\n    {\"flowId\": \"FLOW-ID\", \"inputData\": {", name == NULL ? "" : name);
	for (f = e->input; f->name != NULL; f++) {
		text = is_tested(f) ? sample(h, call, f) : NULL;
		if (text == NULL)
			continue;
		buf_printf(b, "%s\n        \"Flow.%s\": %s\"%s\"%s", first ? "" : ",", f->name,
		    declare_is_list(f->kind) ? "[" : "", text, declare_is_list(f->kind) ? "]" : "");
		first = false;
	}
	buf_printf(b, "}}\n\n%s.\n\n", call->expect);
}

const char *
handover_calls(const struct handover *h)
{
	struct buf b;
	size_t i, j;

	buf_init(&b, BLOCK_MAX);
	for (i = 0; i < ARRAY_LEN(calls); i++) {
		for (j = 0; j < GENESYS_TASKS; j++) {
			if (strcmp(genesys_tasks[j].action, calls[i].action) == 0)
				put_call(h, &b, &calls[i], &genesys_tasks[j]);
		}
	}
	return done(h, &b);
}
