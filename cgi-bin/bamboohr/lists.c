/* lists.c: the directory and the time-off types. */
#include "cgi-bin/bamboohr/face.h"

#include <string.h>

/* {"id":"workEmail","type":"email","name":"Work Email"}: the one field of the directory. */
static struct value *
directory_fields(struct arena *a)
{
	struct value *list = value_list(a), *field = value_object(a);

	if (!bamboohr_put(a, field, "id", "workEmail") ||
	    !bamboohr_put(a, field, "type", "email") ||
	    !bamboohr_put(a, field, "name", "Work Email") || !value_add(a, list, field))
		return NULL;
	return list;
}

/* hris_agents leaves out employees without e-mail, and so does the directory. */
enum gw_err
bamboohr_directory(struct bamboohr_call *c)
{
	struct arena *a = c->h->arena;
	struct value *root = value_object(a), *list = value_list(a), *item;
	struct agents_result agents;
	enum gw_err err = hris_agents(c->h, &agents);
	size_t i;

	if (err != GW_OK)
		return err;
	for (i = 0; i < agents.n; i++) {
		item = value_object(a);
		if (!bamboohr_put(a, item, "id", agents.items[i].id) ||
		    !bamboohr_put(a, item, "workEmail", agents.items[i].email) ||
		    !value_add(a, list, item))
			return fail_memory(c->h->failure);
	}
	if (!value_set(a, root, "fields", directory_fields(a)) ||
	    !value_set(a, root, "employees", list))
		return fail_memory(c->h->failure);
	return bamboohr_answer_json(c, 200, root);
}

enum gw_err
bamboohr_types_known(struct bamboohr_call *c, const struct timeoff_type **types, size_t *n)
{
	enum gw_err err = hris_types(c->h, types, n);
	size_t i, j;

	for (i = 0; err == GW_OK && i < *n; i++) {
		for (j = 0; j < i && strcmp((*types)[i].id, (*types)[j].id) != 0; j++)
			continue;
		if (j < i)
			err = fail(c->h->failure, CODE_HRIS_UNSUPPORTED,
			    "two types have the id %s and differ in the secondary one, which BambooHR's calls do not have",
			    (*types)[i].id);
	}
	return err;
}

/*
 * source is "remote" for what BambooHR keeps for another employer of record; such is never here.
 * Color and icon have no source.
 */
static struct value *
types_item(struct hris *h, const struct timeoff_type *t)
{
	struct value *v = value_object(h->arena);

	if (!bamboohr_put(h->arena, v, "id", t->id) ||
	    !bamboohr_put(h->arena, v, "name", t->name) ||
	    !bamboohr_put(h->arena, v, "units", unit_name(bamboohr_unit(h, t))) ||
	    !bamboohr_put(h->arena, v, "source", "internal"))
		return NULL;
	return v;
}

/* BambooHR has a length for each weekday and a default; a route has one length for all. */
static struct value *
types_default_hours(struct hris *h)
{
	struct value *list = value_list(h->arena), *day = value_object(h->arena);
	char hours[DECIMAL_TEXT_MAX];

	if (!bamboohr_amount(h, UNIT_HOURS, h->route->day_minutes, hours) ||
	    !bamboohr_put(h->arena, day, "name", "default") ||
	    !bamboohr_put(h->arena, day, "amount", hours) || !value_add(h->arena, list, day))
		return NULL;
	return list;
}

enum gw_err
bamboohr_types(struct bamboohr_call *c)
{
	struct arena *a = c->h->arena;
	struct value *root = value_object(a), *list = value_list(a);
	const char *mode = bamboohr_param(c, "mode");
	const struct timeoff_type *types;
	enum gw_err err;
	size_t i, n;

	/* The holder of the key may request each type: mode=request changes nothing. */
	if (mode != NULL && strcmp(mode, "request") != 0)
		return fail(c->h->failure, CODE_INPUT_FORM, "mode is request, or is left out");
	err = bamboohr_types_known(c, &types, &n);
	for (i = 0; err == GW_OK && i < n; i++) {
		if (!value_add(a, list, types_item(c->h, &types[i])))
			err = fail_memory(c->h->failure);
	}
	if (err != GW_OK)
		return err;
	if (!value_set(a, root, "timeOffTypes", list) ||
	    !value_set(a, root, "defaultHours", types_default_hours(c->h)))
		return fail_memory(c->h->failure);
	return bamboohr_answer_json(c, 200, root);
}
