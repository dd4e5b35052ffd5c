/*
 * rehearse.c: the five workflows in the order in which WFM comes to need them, each with the inputs
 * that WFM passes. What was written is cancelled again, and that twice, as WFM might.
 */
#include "genesys/rehearse.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "genesys/load.h"

enum { DAY_S = 24 * 60 * 60, FIRST_DAY = 1, SECOND_DAY = 30, TYPES_ASKED_MAX = 100 };

struct playing {
	const struct rehearsal *h;
	struct verdict *verdict;
	struct loaded *files;
	/* What earlier workflows answered. */
	const char *agent;
	const struct value *type_ids, *type_id2s;
};

static bool
call_action(void *context, struct arena *a, const char *action, const struct value *inputs,
    struct result *out)
{
	struct loaded *files = context;
	const struct action *found = loaded_action(files, action);

	if (found != NULL)
		invoke(&files->invoker, a, found, inputs, out);
	return found != NULL;
}

static bool
set_text(struct playing *p, struct value *inputs, const char *name, const char *text)
{
	return text == NULL ||
	       value_set(p->files->arena, inputs, name, value_text(p->files->arena, text));
}

/* Text between commas as a list. */
static struct value *
split(struct arena *a, const char *text)
{
	struct value *list = value_list(a);
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		if (!value_add(a, list, value_text_len(a, text, len)))
			return NULL;
		if (text[len] == '\0')
			return list;
	}
}

/* Plays a part; false: there is no such workflow, or memory was short. */
static bool
play(struct playing *p, enum part part, const struct value *inputs, struct flow_result *out)
{
	const struct flow_world world = {call_action, p->files};
	const struct flow *f = loaded_flow(p->files, part);

	if (f == NULL || inputs == NULL || !flow_play(p->files->arena, f, inputs, &world, out))
		return false;
	verdict_give(p->verdict, part, f, inputs, out);
	return true;
}

static const struct value *
list_of(const struct flow_result *r, const char *name)
{
	const struct value *v = value_get(r->variables, name);

	return value_is(v, VALUE_LIST) ? v : NULL;
}

static void
play_agents(struct playing *p)
{
	const struct value *ids;
	struct flow_result r;

	if (!play(p, PART_AGENTS, value_object(p->files->arena), &r))
		return;
	ids = list_of(&r, "Flow.externalIds");
	if (p->agent == NULL && ids != NULL && ids->n > 0)
		p->agent = value_str(value_at(ids, 0));
}

static void
play_types(struct playing *p)
{
	struct flow_result r;

	if (!play(p, PART_TYPES, value_object(p->files->arena), &r))
		return;
	p->type_ids = list_of(&r, "Flow.ids");
	p->type_id2s = list_of(&r, "Flow.id2s");
}

/* Tomorrow and in a month, unless dates are named. */
static struct value *
balance_dates(struct playing *p)
{
	static const int days[] = {FIRST_DAY, SECOND_DAY};
	struct value *list;
	char text[DATE_TEXT_MAX];
	struct date d;
	size_t i;

	if (p->h->dates != NULL)
		return split(p->files->arena, p->h->dates);
	list = value_list(p->files->arena);
	for (i = 0; i < ARRAY_LEN(days); i++) {
		d.day = (int)(clock_wall_s(p->h->gateway->clock) / DAY_S) + days[i];
		date_format(d, text);
		if (!value_add(p->files->arena, list, value_text(p->files->arena, text)))
			return NULL;
	}
	return list;
}

static void
play_balance(struct playing *p)
{
	struct arena *a = p->files->arena;
	struct value *inputs = value_object(a), *types;
	struct flow_result r;

	if (loaded_flow(p->files, PART_BALANCE) == NULL)
		return;
	types = p->type_ids == NULL || p->type_ids->n > TYPES_ASKED_MAX
		    ? NULL
		    : (struct value *)p->type_ids;
	if (p->h->type != NULL && p->h->dir != NULL)
		types = split(a, p->h->type);
	if (p->agent == NULL || types == NULL || types->n == 0) {
		fputs(
		    "balances were not asked for: there is no agent, or no type; --agent and --type name them\n\n",
		    p->verdict->out);
		return;
	}
	if (!set_text(p, inputs, "Flow.agentId", p->agent) ||
	    !value_set(a, inputs, "Flow.inputDates", balance_dates(p)) ||
	    !value_set(a, inputs, "Flow.inputTimeOffTypeIds", types) ||
	    (types == p->type_ids && p->type_id2s != NULL &&
		!value_set(a, inputs, "Flow.inputTimeOffTypeId2s", (struct value *)p->type_id2s)))
		return;
	(void)play(p, PART_BALANCE, inputs, &r);
}

/* The days of --dates, or those of --starts. */
static struct value *
write_dates(struct playing *p)
{
	struct arena *a = p->files->arena;
	struct value *list, *starts;
	const char *s;
	size_t i;

	if (p->h->dates != NULL)
		return split(a, p->h->dates);
	list = value_list(a);
	starts = split(a, p->h->starts);
	for (i = 0; starts != NULL && i < starts->n; i++) {
		s = value_at(starts, i)->text;
		if (!value_add(a, list, value_text_len(a, s, strcspn(s, "T"))))
			return NULL;
	}
	return list;
}

/* The same minutes for each day, or a number for each. */
static struct value *
write_minutes(struct playing *p, size_t n)
{
	struct arena *a = p->files->arena;
	const char *minutes = p->h->minutes == NULL ? "480" : p->h->minutes;
	struct value *list;
	size_t i;

	if (strchr(minutes, ',') != NULL)
		return split(a, minutes);
	list = value_list(a);
	for (i = 0; i < n; i++) {
		if (!value_add(a, list, value_text(a, minutes)))
			return NULL;
	}
	return list;
}

static const char *
id2_of(const struct playing *p, const char *id)
{
	size_t i;

	for (i = 0; p->type_ids != NULL && p->type_id2s != NULL && i < p->type_ids->n; i++) {
		if (i < p->type_id2s->n && text_equal(value_str(value_at(p->type_ids, i)), id))
			return value_str(value_at(p->type_id2s, i));
	}
	return NULL;
}

static struct value *
write_inputs(struct playing *p, const char *status, const char *request)
{
	struct arena *a = p->files->arena;
	struct value *inputs = value_object(a), *dates = write_dates(p);
	struct value *starts = p->h->starts == NULL ? NULL : split(a, p->h->starts);
	size_t n = dates == NULL ? 0 : dates->n;

	if (starts != NULL && starts->n > 0 && !value_set(a, inputs, "Flow.startDateTimes", starts))
		return NULL;
	if (n == 0 || !set_text(p, inputs, "Flow.agentId", p->h->agent) ||
	    !set_text(p, inputs, "Flow.timeOffTypeId", p->h->type) ||
	    !set_text(p, inputs, "Flow.timeOffTypeId2", id2_of(p, p->h->type)) ||
	    !set_text(p, inputs, "Flow.timeOffStatus", status) ||
	    !set_text(p, inputs, "Flow.inputTimeOffRequestId", request) ||
	    !set_text(p, inputs, "Flow.notes", p->h->notes) ||
	    !set_text(p, inputs, "Flow.minDate", value_str(value_at(dates, 0))) ||
	    !set_text(p, inputs, "Flow.maxDate", value_str(value_at(dates, n - 1))) ||
	    !value_set(a, inputs, "Flow.dates", dates) ||
	    !value_set(a, inputs, "Flow.payableMinutes",
		write_minutes(p, starts == NULL ? n : starts->n)) ||
	    !value_set(a, inputs, "Flow.durationMinutes",
		write_minutes(p, starts == NULL ? n : starts->n)))
		return NULL;
	return inputs;
}

/* The request's id as the workflow answered it, else the one before. */
static const char *
id_after(const struct flow_result *r, const char *before)
{
	const char *id = value_str(value_get(r->variables, "Flow.timeOffRequestId"));

	return text_is_empty(id) ? before : id;
}

static const char *
update(struct playing *p, const char *status, const char *id)
{
	struct flow_result r;

	fprintf(p->verdict->out, "-- request %s becomes %s\n", id, status);
	return play(p, PART_UPDATE, write_inputs(p, status, id), &r) ? id_after(&r, id) : id;
}

static void
play_writes(struct playing *p)
{
	const char *status = p->h->status == NULL ? "APPROVED" : p->h->status, *id;
	struct flow_result r;

	fprintf(p->verdict->out,
	    "-- agent %s, type %s, %s: written to the HRIS as %s, and cancelled again\n",
	    p->h->agent, p->h->type, p->h->dates != NULL ? p->h->dates : p->h->starts, status);
	if (!play(p, PART_INSERT, write_inputs(p, status, NULL), &r))
		return;
	id = id_after(&r, NULL);
	if (text_is_empty(id)) {
		fputs(
		    "-- no request was made that would have to be cancelled\n\n", p->verdict->out);
		return;
	}
	if (strcmp(status, "PENDING") == 0)
		id = update(p, "APPROVED", id);
	id = update(p, "CANCELED", id);
	(void)update(p, "CANCELED", id);
}

static void
play_all(struct playing *p)
{
	if (p->h->request != NULL) {
		(void)update(p, p->h->status == NULL ? "CANCELED" : p->h->status, p->h->request);
		return;
	}
	play_agents(p);
	play_types(p);
	play_balance(p);
	if (p->h->type != NULL)
		play_writes(p);
	else
		fputs(
		    "The writing workflows were not played: they want --agent, --type, and --dates or --starts.\n",
		    p->verdict->out);
}

bool
genesys_rehearse(const struct rehearsal *h, struct verdict *v, struct faults *faults)
{
	struct loaded *files = arena_alloc(faults->arena, sizeof(*files));
	struct playing p = {.h = h, .verdict = v, .files = files, .agent = h->agent};

	if (files == NULL)
		return fault_at(faults, h->route->file, NULL, "out of memory");
	files->arena = faults->arena;
	v->ours = h->dir != NULL;
	if (!genesys_load(h, files, faults))
		return false;
	play_all(&p);
	if (v->flows == 0)
		return fault_at(faults, h->dir != NULL ? h->dir : h->files[0], NULL,
		    "nothing was played: none of the files is a workflow for WFM, and a data action is played by the workflow that calls it");
	fprintf(v->out, "%zu played, %zu breaches of the contract, %zu ended in Error\n", v->flows,
	    v->breaches, v->errors);
	return true;
}
