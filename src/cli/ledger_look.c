/*
 * ledger_look.c: `hrisgw ledger reconcile` and `list --ended`: what the HRISs show of the ledger's
 * rows now, through their routes. For cron: nothing is written to an HRIS.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/ledger.h"
#include "gateway/gateway.h"
#include "hris/hris.h"
#include "ledger/intent.h"
#include "server/start.h"

enum { WHY_LEN = 1024, DAY_S = 86400 };

struct visit {
	struct arena *arena; /* outlives the visit */
	const struct intent *row;
	struct intent after;
	const char *how;
};

static enum gw_err
visit_reconcile(struct hris *h, void *context)
{
	struct visit *v = context;
	struct intent after;
	enum gw_err err = hris_reconcile(h, v->row, &after);

	return intent_copy(v->arena, &after, &v->after) ? err : fail_memory(h->failure);
}

static enum gw_err
visit_ended(struct hris *h, void *context)
{
	struct visit *v = context;

	return hris_ended(h, v->row, &v->how);
}

/* A request that waits for its leave, and that a later write of ours has not ended. */
static bool
may_have_ended(const struct intent *row, int32_t today)
{
	return row->op != INTENT_CANCEL && row->op != INTENT_DENY && row->request[0] != '\0' &&
	       row->last_day >= today;
}

static bool
may_be_known_better(const struct intent *row, int32_t today)
{
	(void)today;
	return row->state != INTENT_DONE || !row->verified;
}

static bool
set_text(struct arena *a, struct value *o, const char *name, const char *text)
{
	return value_set(a, o, name, value_text(a, text));
}

static struct value *
seen_row(struct arena *a, const struct visit *v)
{
	const struct intent *row = v->row;
	struct value *o = value_object(a);
	bool whole =
	    value_set(a, o, "n", value_integer(a, row->n)) &&
	    set_text(a, o, "op", intent_op_name(row->op)) &&
	    set_text(a, o, "state", intent_state_name(row->state)) &&
	    set_text(a, o, "now", v->how != NULL ? v->how : intent_state_name(v->after.state)) &&
	    set_text(a, o, "route", row->route) && set_text(a, o, "agent", row->agent) &&
	    set_text(a, o, "request", v->how != NULL ? row->request : v->after.request) &&
	    set_text(a, o, "days", row->days);

	return whole ? o : NULL;
}

/* One way of looking at rows. */
struct look_way {
	unsigned states;
	bool (*wants)(const struct intent *row, int32_t today);
	enum gw_err (*run)(struct hris *h, void *context);
};

/* What is to be shown of a visit. */
static bool
is_news(const struct visit *v)
{
	return v->how != NULL || v->after.state != v->row->state ||
	       v->after.verified != v->row->verified || intent_is_open(v->after.state);
}

static int
look_print(struct ledger_session *s, const struct value *list)
{
	if (s->json)
		return cli_json(s->call, list, false);
	cli_table(list);
	return CLI_OK;
}

static int
look_rows(struct ledger_session *s, struct gateway *g, const struct look_way *way)
{
	int32_t today = (int32_t)(clock_wall_s(g->clock) / DAY_S);
	struct value *list = value_list(&s->arena);
	struct visit v = {.arena = &s->arena};
	struct intent *rows;
	int code = CLI_OK;
	size_t n, i;

	if (ledger_list(g->ledger, way->states, NULL, NULL, &s->arena, &rows, &n, &s->failure) !=
	    GW_OK)
		return cli_ledger_failed(s);
	for (i = 0; i < n; i++) {
		if (!way->wants(&rows[i], today))
			continue;
		v.row = &rows[i];
		v.after = rows[i];
		v.how = NULL;
		if (gateway_visit(g, rows[i].route, way->run, &v, &s->failure) != GW_OK)
			code = cli_failed(s->call, "row %lld: %s: %s", (long long)rows[i].n,
			    fail_code_text(s->failure.code), s->failure.text);
		else if (is_news(&v) && !value_add(&s->arena, list, seen_row(&s->arena, &v)))
			return cli_failed(s->call, "out of memory");
	}
	return look_print(s, list) == CLI_OK ? code : CLI_FAILED;
}

static int
look(struct ledger_session *s, const struct look_way *way)
{
	struct start_options start = {.config_file = cli_value(s->call, "config"),
	    .program_dir = s->call->program_dir,
	    .one_shot = true};
	struct gateway *g;
	char why[WHY_LEN];
	int code;

	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		return cli_failed(s->call, "%s", why);
	g->log.level = LOG_WARNING;
	code = ledger_works(g->ledger, why, sizeof(why)) ? look_rows(s, g, way)
							 : cli_failed(s->call, "%s", why);
	gateway_close(g);
	return code;
}

int
cli_ledger_reconcile(struct ledger_session *s)
{
	static const struct look_way way = {1U << INTENT_SENDING | 1U << INTENT_UNKNOWN |
						1U << INTENT_DIFFERENT | 1U << INTENT_NOT_APPROVED |
						1U << INTENT_DONE,
	    may_be_known_better, visit_reconcile};

	return look(s, &way);
}

int
cli_ledger_ended(struct ledger_session *s)
{
	static const struct look_way way = {1U << INTENT_DONE | 1U << INTENT_DIFFERENT |
						1U << INTENT_NOT_APPROVED | 1U << INTENT_ENDED,
	    may_have_ended, visit_ended};

	return look(s, &way);
}
