/*
 * declare.c: contracts from the tables in cgi-bin. Inputs are the rows of the endpoint's table;
 * outputs are what its reply writes, so the lists of get-agents are declared by the code that fills
 * them.
 */
#include "genesys/declare.h"

#include <string.h>

#include "base/text.h"
#include "cgi-bin/endpoints.h"
#include "format/json.h"
#include "gateway/reply.h"

const struct genesys_task genesys_tasks[GENESYS_TASKS] = {
    {"Get-TimeOff-Types", "get-timeoff-types", "Time-Off Types", "lists the time-off types"},
    {"Get-Balance", "get-balance", "Time-Off Balances", "reports what an agent has left"},
    {"Insert-TimeOff", "insert-timeoff", "Create Time-Off Requests", "records a new request"},
    {"Update-TimeOff", "update-timeoff", "Update Time-Off Requests", "changes or ends a request"},
    {"Get-Agents", "get-agents", "User Account IDs", "lists e-mail and HRIS id of every agent"},
};

/* The JSON type, and what a person should know of the form. */
static const struct {
	const char *type, *form;
} kinds[] = {
    [FIELD_ID] = {"string", "an id"},
    [FIELD_ID_LIST] = {"string", "ids, as the text of a JSON array, or separated by commas"},
    [FIELD_DATE] = {"string", "YYYY-MM-DD"},
    [FIELD_DATES] = {"string",
	"dates YYYY-MM-DD, as the text of a JSON array, or separated by commas"},
    [FIELD_STARTS] = {"string",
	"local times YYYY-MM-DDTHH:mm:ss, as the text of a JSON array, or separated by commas"},
    [FIELD_MINUTES] = {"string",
	"whole minutes, as the text of a JSON array, or separated by commas"},
    [FIELD_WHOLE] = {"integer", "a whole number"},
    [FIELD_FLAG] = {"boolean", "true or false"},
    [FIELD_NOTES] = {"string", "a text"},
    [FIELD_KEY] = {"string", "printable ASCII"},
    [FIELD_STATUS] = {"string", "APPROVED, PENDING, DENIED or CANCELED"},
};
_Static_assert(ARRAY_LEN(kinds) == FIELD_KIND_MAX, "a row a kind");

const struct endpoint *
genesys_task_endpoint(const struct genesys_task *task)
{
	size_t i;

	for (i = 0; endpoints[i] != NULL; i++) {
		if (text_equal(endpoints[i]->name, task->action))
			return endpoints[i];
	}
	return NULL;
}

const char *
genesys_action_name(struct arena *a, const char *route, const char *action)
{
	return arena_printf(a, "hris-%s-%s-v1", route, action);
}

const char *
genesys_flow_name(struct arena *a, const char *route, const struct genesys_task *task)
{
	return arena_printf(a, "HRIS-%s-%s", task->title, route);
}

const char *
declare_form(enum field_kind kind)
{
	return kinds[kind].form;
}

static bool
set_text(struct arena *a, struct value *object, const char *name, const char *text)
{
	return value_set(a, object, name, value_text(a, text));
}

/* {"title": ..., "type": "object", "properties": {}, "additionalProperties": true} */
static struct value *
declare_object(
    struct arena *a, const struct endpoint *e, const char *title, struct value *properties)
{
	struct value *schema = value_object(a);
	const char *text = arena_printf(a, "%s %s", e->name, title);

	if (schema == NULL || text == NULL || !set_text(a, schema, "title", text) ||
	    !set_text(a, schema, "type", "object") ||
	    !value_set(a, schema, "properties", properties) ||
	    !value_set(a, schema, "additionalProperties", value_bool(a, true)))
		return NULL;
	return schema;
}

struct value *
declare_input(struct arena *a, const struct endpoint *e)
{
	struct value *properties = value_object(a), *property;
	const struct field *f;

	for (f = e->input; f->name != NULL; f++) {
		property = value_object(a);
		if (property == NULL || !set_text(a, property, "type", kinds[f->kind].type) ||
		    !set_text(a, property, "description", kinds[f->kind].form) ||
		    !value_set(a, properties, f->name, property))
			return NULL;
	}
	return declare_object(a, e, "input", properties);
}

/* A failed answer has every member, and only their kinds count. */
static struct value *
sample_answer(struct arena *a, const struct endpoint *e)
{
	struct response response;
	struct exchange x = {.endpoint = e, .response = &response, .id = ""};
	struct value *sample;
	char why[160];

	response_init(&response);
	(void)fail(&x.failure, CODE_GATEWAY_INTERNAL, "a sample");
	reply_action(&x, NULL, NULL);
	sample =
	    json_parse(a, response.body.data, response.body.len, &json_answer, why, sizeof(why));
	response_clear(&response);
	return sample;
}

static struct value *
declare_member(struct arena *a, const struct value *sample)
{
	static const char *const types[VALUE_KIND_MAX] = {
	    [VALUE_BOOL] = "boolean",
	    [VALUE_NUMBER] = "integer",
	    [VALUE_TEXT] = "string",
	    [VALUE_LIST] = "array",
	};
	struct value *schema = value_object(a), *items;

	if (types[sample->kind] == NULL || schema == NULL ||
	    !set_text(a, schema, "type", types[sample->kind]))
		return NULL;
	if (sample->kind != VALUE_LIST)
		return schema;
	items = value_object(a);
	if (items == NULL || !set_text(a, items, "type", "string") ||
	    !value_set(a, schema, "items", items))
		return NULL;
	return schema;
}

struct value *
declare_output(struct arena *a, const struct endpoint *e)
{
	struct value *sample = sample_answer(a, e), *properties = value_object(a);
	struct value *required = value_list(a), *schema;
	size_t i;

	if (!value_is(sample, VALUE_OBJECT))
		return NULL;
	for (i = 0; i < sample->n; i++) {
		if (!value_set(a, properties, sample->items[i].name,
			declare_member(a, value_at(sample, i))) ||
		    !value_add(a, required, value_text(a, sample->items[i].name)))
			return NULL;
	}
	schema = declare_object(a, e, "output", properties);
	return schema != NULL && value_set(a, schema, "required", required) ? schema : NULL;
}

static bool
is_among(const char *name, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

bool
declare_wfm_sends(const char *member)
{
	/* The inputs of the workflows in Genesys' blueprint of 2022 lack these. */
	static const char *const own[] = {
	    "bucket", "averageMinutesPerDay", "overrideBalanceCheck", "idempotencyKey"};

	return !is_among(member, own, ARRAY_LEN(own));
}

bool
declare_is_list(enum field_kind kind)
{
	return kind == FIELD_ID_LIST || kind == FIELD_DATES || kind == FIELD_STARTS ||
	       kind == FIELD_MINUTES;
}

bool
declare_is_array(const struct value *schema)
{
	return text_equal(value_get_text(schema, "type"), "array");
}

bool
declare_wfm_takes(const char *member, const struct value *schema)
{
	static const char *const single[] = {
	    "statusCode", "status", "errorMsg", "timeOffRequestId"};

	return declare_is_array(schema) || is_among(member, single, ARRAY_LEN(single));
}
