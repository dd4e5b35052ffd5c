/*
 * adapter_read_records.c: agents, types and balances. A record that lacks what makes it one is a
 * fault.
 */
#include <string.h>

#include "adapter/record.h"
#include "base/text.h"

/* The members, in the order of the tables in adapter_record.c. */
enum { AGENT_ID, AGENT_EMAIL };
enum {
	TYPE_ID,
	TYPE_ID2,
	TYPE_NAME,
	TYPE_UNIT,
	TYPE_GRAIN,
	TYPE_DAY_MINUTES,
	TYPE_UNLIMITED,
	TYPE_PLAN
};
enum {
	BALANCE_TYPE,
	BALANCE_TYPE2,
	BALANCE_PLAN,
	BALANCE_AMOUNT,
	BALANCE_UNIT,
	BALANCE_UNLIMITED,
	BALANCE_DATE,
	BALANCE_INCLUDES,
	BALANCE_SEVERAL
};

enum gw_err
read_agent(const struct row *rd)
{
	struct operation_out *out = rd->run->out;
	struct agent *items, a = {0};
	enum gw_err err;

	err = read_id(rd, AGENT_ID, &a.id);
	if (err == GW_OK)
		err = read_member(rd, AGENT_EMAIL, &a.email);
	if (err != GW_OK)
		return err;
	if (a.id == NULL)
		return read_fail(rd, "has no id");
	if (!read_keep(rd, &a.id) || !read_keep(rd, &a.email))
		return rd->scope.failure->err;
	items = read_room(rd, out->agents, out->n_agents, sizeof(*items));
	if (items == NULL)
		return rd->scope.failure->err;
	out->agents = items;
	items[out->n_agents++] = a;
	return GW_OK;
}

enum gw_err
read_type(const struct row *rd)
{
	static const int texts[] = {TYPE_ID, TYPE_ID2, TYPE_NAME, TYPE_GRAIN, TYPE_PLAN};
	struct operation_out *out = rd->run->out;
	struct timeoff_type *items, t = {0};
	const char **members[] = {&t.id, &t.id2, &t.name, &t.grain, &t.plan}, *minutes = NULL;
	enum gw_err err = GW_OK;
	unsigned long n;
	bool has_unit = false;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && err == GW_OK; i++)
		err = read_member(rd, texts[i], members[i]);
	if (err == GW_OK)
		err = read_unit(rd, rd->step->record.members[TYPE_UNIT], &has_unit, &t.unit);
	if (err == GW_OK)
		err = read_truth(rd, TYPE_UNLIMITED, &t.unlimited);
	if (err == GW_OK)
		err = read_member(rd, TYPE_DAY_MINUTES, &minutes);
	if (err != GW_OK)
		return err;
	if (t.id == NULL || t.name == NULL || !has_unit)
		return read_fail(rd, "has no id, no name or no unit");
	if (minutes != NULL && (!text_unsigned(minutes, LIMIT_MINUTES, &n) || n == 0))
		return read_fail(rd, "has a day_minutes that is not 1 to 1440");
	if (minutes != NULL)
		t.day_minutes = (int)n;
	items = read_room(rd, out->types, out->n_types, sizeof(*items));
	if (items == NULL)
		return rd->scope.failure->err;
	out->types = items;
	items[out->n_types++] = t;
	return GW_OK;
}

enum gw_err
read_balance(const struct row *rd)
{
	static const int texts[] = {BALANCE_TYPE, BALANCE_TYPE2, BALANCE_PLAN, BALANCE_AMOUNT,
	    BALANCE_INCLUDES, BALANCE_SEVERAL};
	struct operation_out *out = rd->run->out;
	struct balance *items, b = {0};
	const char *includes = NULL, *several = NULL;
	const char **members[] = {&b.type_id, &b.type_id2, &b.plan, &b.amount, &includes, &several};
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]) && err == GW_OK; i++)
		err = read_member(rd, texts[i], members[i]);
	if (err == GW_OK)
		err = read_unit(rd, rd->step->record.members[BALANCE_UNIT], &b.has_unit, &b.unit);
	if (err == GW_OK)
		err = read_truth(rd, BALANCE_UNLIMITED, &b.unlimited);
	if (err == GW_OK)
		err = read_date(rd, rd->step->record.members[BALANCE_DATE], &b.dated, &b.date);
	if (err != GW_OK)
		return err;
	if (b.type_id == NULL && b.type_id2 == NULL && b.plan == NULL)
		return read_fail(rd, "has no type");
	b.has_amount = b.amount != NULL;
	if (!b.has_amount && !b.unlimited)
		return read_fail(rd, "has no amount");
	b.includes_pending = text_equal(includes, "pending");
	b.several = text_equal(several, "add");
	items = read_room(rd, out->balances, out->n_balances, sizeof(*items));
	if (items == NULL)
		return rd->scope.failure->err;
	out->balances = items;
	items[out->n_balances++] = b;
	return GW_OK;
}
