/*
 * agent.c: the agent at hand, where the HRIS tells one by his id (get-agent): whether he is there,
 * and how long a working day of his own is. Kept in the store for an hour.
 */
#include <string.h>

#include "base/text.h"
#include "hris/policy.h"

enum { AGENT_FRESH_S = 3600, AGENT_KEPT_MAX = 8 };

static const char agent_space[] = "agent";

/* His day in minutes, 0 where he has none of his own. False: it is not kept. */
static bool
agent_kept(struct hris *h, const char *key, int *day_minutes)
{
	unsigned long minutes = 0;
	bool found = false;
	struct buf b;

	if (h->store == NULL)
		return false;
	buf_init(&b, AGENT_KEPT_MAX);
	if (store_recall(h->store, agent_space, key, clock_wall_s(h->clock), &b, &found) != GW_OK)
		found = false;
	found = found && text_unsigned(b.data, LIMIT_MINUTES, &minutes);
	buf_clear(&b);
	*day_minutes = (int)minutes;
	return found;
}

static void
agent_keep(struct hris *h, const char *key, int day_minutes)
{
	struct buf b;

	if (h->store == NULL)
		return;
	buf_init(&b, AGENT_KEPT_MAX);
	buf_printf(&b, "%d", day_minutes);
	if (b.err == GW_OK)
		store_keep(h->store, agent_space, key, b.data, b.len,
		    clock_wall_s(h->clock) + AGENT_FRESH_S);
	buf_clear(&b);
}

static enum gw_err
agent_ask(struct hris *h, const char *agent_id, int *day_minutes)
{
	struct operation_in in = {.agent_id = agent_id};
	struct operation_out out = {0};
	enum gw_err err = h->driver->run(h, OPERATION_AGENT, &in, &out);
	const struct agent *a;
	size_t i;

	*day_minutes = 0;
	if (err == GW_OK && out.n_agents == 0)
		err = fail(
		    h->failure, CODE_HRIS_NOT_FOUND, "the HRIS knows no employee %s", agent_id);
	for (i = 0; err == GW_OK && i < out.n_agents; i++) {
		a = &out.agents[i];
		if (strcmp(a->id, agent_id) != 0)
			err = fail(h->failure, CODE_HRIS_ANSWER,
			    "the HRIS was asked for employee %s and answered employee %s", agent_id,
			    a->id);
		else if (*day_minutes != 0 && a->day_minutes != 0 && a->day_minutes != *day_minutes)
			err = fail(h->failure, CODE_HRIS_ANSWER,
			    "the HRIS gives employee %s two different working days", agent_id);
		else if (a->day_minutes != 0)
			*day_minutes = a->day_minutes;
	}
	return err;
}

enum gw_err
hris_agent(struct hris *h, const char *agent_id)
{
	const char *settings, *key;
	enum gw_err err = GW_OK;
	int day_minutes;
	size_t i;

	if (agent_id == NULL || h->agent_day_minutes > 0 ||
	    !h->driver->traits(h)->has[OPERATION_AGENT])
		return GW_OK;
	settings = hris_settings_key(h->arena, h->route);
	key = settings == NULL ? NULL : arena_printf(h->arena, "%s %s", settings, agent_id);
	if (key == NULL)
		return fail_memory(h->failure);
	if (!agent_kept(h, key, &day_minutes)) {
		err = agent_ask(h, agent_id, &day_minutes);
		if (err == GW_OK)
			agent_keep(h, key, day_minutes);
	}
	if (err != GW_OK || day_minutes == 0)
		return err;
	h->agent_day_minutes = day_minutes;
	for (i = 0; i < h->n_types; i++)
		h->types_by_id[i]->day_minutes = day_minutes;
	return GW_OK;
}
