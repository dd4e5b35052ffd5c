/*
 * flow_export.c: a workflow as Architect exports it (.i3WorkFlow): base64 of percent-encoded JSON,
 * in which actions name each other by id. Seen in GenesysCloudBlueprints/wfm-hris-blueprint,
 * examples (2026-01-01).
 */
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "format/url.h"
#include "genesys/flow.h"

enum { EXPORT_BYTES_MAX = 8 * 1024 * 1024 };

struct export_reader {
	struct flow_reader r;
	const struct value *actions; /* of the state */
	size_t read;                 /* an id that leads back to itself would never end */
};

static struct flow_step *read_chain(struct export_reader *x, const char *id);

static const struct expression *
read_expression(struct export_reader *x, const struct value *v)
{
	struct expression *e;
	char why[EXPRESSION_WHY_MAX];

	e = expression_from_tree(x->r.arena, value_get(v, "config"), why);
	if (e == NULL)
		(void)flow_fault(&x->r, NULL, "expression %s: %s",
		    value_get_text(v, "text") == NULL ? "?" : value_get_text(v, "text"), why);
	return e;
}

/* The name of the variable that an expression is; NULL: it is none. */
static const char *
variable_of(const struct value *v)
{
	return value_get_text(value_get(value_get(v, "config"), "ref"), "text");
}

static bool
read_bindings(struct export_reader *x, struct flow_bindings *to, const struct value *list, bool in)
{
	const struct value *one;
	struct flow_binding b;
	size_t i;

	for (i = 0; value_is(list, VALUE_LIST) && i < list->n; i++) {
		one = value_at(list, i);
		b = (struct flow_binding){.name = value_get_text(one, "name")};
		if (in)
			b.value = read_expression(x, value_get(one, "value"));
		else
			b.variable = variable_of(value_get(one, "value"));
		if (b.name == NULL || (in && b.value == NULL) || !flow_bind(&x->r, to, b))
			return false;
	}
	return true;
}

static struct flow_step *
read_update(struct export_reader *x, const struct value *action, const char *name)
{
	struct flow_step *s = flow_step_new(&x->r, STEP_SET, name, 0);
	const struct value *list = value_get(action, "variables"), *one;
	struct flow_binding b;
	size_t i;

	for (i = 0; s != NULL && value_is(list, VALUE_LIST) && i < list->n; i++) {
		one = value_at(list, i);
		b = (struct flow_binding){.name = variable_of(value_get(one, "variable")),
		    .value = read_expression(x, value_get(one, "expression"))};
		if (b.name == NULL || b.value == NULL || !flow_bind(&x->r, &s->sets, b))
			return NULL;
	}
	return s;
}

/* The path with that outputId: its first step, where it has one. */
static bool
read_path(
    struct export_reader *x, struct flow_path *path, const struct value *paths, const char *output)
{
	const char *id = NULL;
	size_t i;

	for (i = 0; value_is(paths, VALUE_LIST) && i < paths->n; i++) {
		if (text_equal(value_get_text(value_at(paths, i), "outputId"), output))
			id = value_get_text(value_at(paths, i), "nextActionId");
	}
	if (id == NULL)
		return true;
	path->first = read_chain(x, id);
	return path->first != NULL;
}

static struct flow_step *
read_call(struct export_reader *x, const struct value *action, const char *name)
{
	static const char *const outputs[OUTCOME_MAX] = {
	    [OUTCOME_SUCCESS] = "__SUCCESS__",
	    [OUTCOME_FAILURE] = "__FAILURE__",
	    [OUTCOME_TIMEOUT] = "__TIMEOUT__",
	};
	struct flow_step *s = flow_step_new(&x->r, STEP_CALL, name, OUTCOME_MAX);
	size_t i;

	if (s == NULL)
		return NULL;
	s->action = value_get_text(action, "actionName");
	if (s->action == NULL || !read_bindings(x, &s->inputs, value_get(action, "inputs"), true) ||
	    !read_bindings(x, &s->outputs, value_get(action, "outputs"), false) ||
	    !read_bindings(x, &s->failures, value_get(action, "errorBindings"), false))
		return NULL;
	for (i = 0; i < OUTCOME_MAX; i++) {
		if (!read_path(x, &s->paths[i], value_get(action, "paths"), outputs[i]))
			return NULL;
	}
	return s;
}

static struct flow_step *
read_loop(struct export_reader *x, const struct value *action, const char *name)
{
	struct flow_step *s = flow_step_new(&x->r, STEP_LOOP, name, 1);
	const char *id = value_get_text(value_get(action, "path"), "nextActionId");

	if (s == NULL)
		return NULL;
	s->expression = read_expression(x, value_get(action, "loopCount"));
	s->index = variable_of(value_get(action, "currentIndex"));
	if (id != NULL)
		s->paths[0].first = read_chain(x, id);
	return s->expression == NULL || (id != NULL && s->paths[0].first == NULL) ? NULL : s;
}

static struct flow_step *
read_decision(struct export_reader *x, const struct value *action, const char *name)
{
	struct flow_step *s = flow_step_new(&x->r, STEP_DECISION, name, 2);
	const struct value *paths = value_get(action, "paths");

	if (s == NULL)
		return NULL;
	s->expression = read_expression(x, value_get(action, "expression"));
	return s->expression != NULL && read_path(x, &s->paths[0], paths, "__YES__") &&
		       read_path(x, &s->paths[1], paths, "__NO__")
		   ? s
		   : NULL;
}

static struct flow_step *
read_switch(struct export_reader *x, const struct value *action, const char *name)
{
	const struct value *cases = value_get(action, "cases"), *paths = value_get(action, "paths");
	size_t i, n = value_is(cases, VALUE_LIST) ? cases->n : 0;
	struct flow_step *s = flow_step_new(&x->r, STEP_SWITCH, name, n + 1);
	const char *id;

	for (i = 0; s != NULL && i < n; i++) {
		id = value_get_text(value_at(cases, i), "referenceId");
		s->paths[i].when = read_expression(x, value_get(value_at(cases, i), "value"));
		if (id == NULL || s->paths[i].when == NULL ||
		    !read_path(x, &s->paths[i], paths, id))
			return NULL;
	}
	return s != NULL && read_path(x, &s->paths[n], paths, "__DEFAULT__") ? s : NULL;
}

static struct flow_step *
read_end(struct export_reader *x, const struct value *action, const char *name)
{
	(void)action;
	return flow_step_new(&x->r, STEP_END, name, 0);
}

static struct flow_step *
read_exit_loop(struct export_reader *x, const struct value *action, const char *name)
{
	(void)action;
	return flow_step_new(&x->r, STEP_EXIT_LOOP, name, 0);
}

static const struct {
	const char *type;
	struct flow_step *(*read)(
	    struct export_reader *x, const struct value *action, const char *name);
} kinds[] = {
    {"UpdateVariableAction", read_update},
    {"LoopAction", read_loop},
    {"DataAction", read_call},
    {"DecisionAction", read_decision},
    {"SwitchAction", read_switch},
    {"EndWorkflowAction", read_end},
    {"ExitLoopAction", read_exit_loop},
};

static const struct value *
find_action(const struct export_reader *x, const char *id)
{
	size_t i;

	for (i = 0; i < x->actions->n; i++) {
		if (text_equal(value_get_text(value_at(x->actions, i), "id"), id))
			return value_at(x->actions, i);
	}
	return NULL;
}

static struct flow_step *
read_step(struct export_reader *x, const struct value *action)
{
	const char *type = value_get_text(action, "__type");
	size_t i;

	for (i = 0; type != NULL && i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].type, type) == 0)
			return kinds[i].read(x, action, value_get_text(action, "name"));
	}
	(void)flow_fault(
	    &x->r, NULL, "an action that is not played: %s", type == NULL ? "?" : type);
	return NULL;
}

/* The action of that id and those that follow it. */
static struct flow_step *
read_chain(struct export_reader *x, const char *id)
{
	struct flow_step *first = NULL, **last = &first;
	const struct value *action;

	if (++x->r.depth > FLOW_DEPTH_MAX) {
		(void)flow_fault(&x->r, NULL, "actions are nested too deep");
		return NULL;
	}
	for (; id != NULL; id = value_get_text(action, "nextAction")) {
		action = find_action(x, id);
		if (action == NULL || ++x->read > x->actions->n) {
			(void)flow_fault(
			    &x->r, NULL, "action %s is not there, or is reached twice", id);
			return NULL;
		}
		*last = read_step(x, action);
		if (*last == NULL)
			return NULL;
		last = &(*last)->next;
	}
	x->r.depth--;
	return first;
}

static bool
read_variable(struct export_reader *x, const struct value *v)
{
	static const struct {
		const char *name;
		enum flow_type type;
	} types[] = {{"StringVariable", FLOW_STRING}, {"IntegerVariable", FLOW_INTEGER},
	    {"DecimalVariable", FLOW_DECIMAL}, {"BooleanVariable", FLOW_BOOLEAN}};
	struct flow_variable out = {.name = value_get_text(v, "name"),
	    .is_input = text_equal(value_str(value_get(v, "isInput")), "true"),
	    .is_output = text_equal(value_str(value_get(v, "isOutput")), "true")};
	const char *type = value_get_text(v, "__type");
	const struct expression *initial;
	size_t i;

	for (i = 0; type != NULL && i < ARRAY_LEN(types) && strcmp(types[i].name, type) != 0; i++)
		;
	if (type == NULL || i == ARRAY_LEN(types) || out.name == NULL)
		return flow_fault(&x->r, NULL, "a variable that is not played");
	out.type = types[i].type;
	if (text_equal(value_str(value_get(v, "isCollection")), "true"))
		out.type = FLOW_STRINGS;
	initial = read_expression(x, value_get(v, "initialValue"));
	if (initial == NULL || initial->kind != EXPRESSION_VALUE)
		return flow_fault(&x->r, NULL, "%s: its initial value is none", out.name);
	out.initial = initial->value;
	return flow_declare(&x->r, out);
}

static bool
read_variables(struct export_reader *x, const struct value *list)
{
	size_t i;

	for (i = 0; value_is(list, VALUE_LIST) && i < list->n; i++) {
		if (!read_variable(x, value_at(list, i)))
			return false;
	}
	return true;
}

/* The JSON inside: base64, then percent-encoding. */
static const struct value *
decode(struct export_reader *x, const char *text, size_t len)
{
	unsigned char *bytes = arena_alloc(x->r.arena, len + 1);
	const struct value *root = NULL;
	struct buf json;
	char why[160];
	size_t n = 0;

	while (len > 0 && strchr("\r\n \t", text[len - 1]) != NULL)
		len--;
	if (bytes == NULL || !base64_decode(text, len, bytes, len, &n)) {
		(void)flow_fault(&x->r, NULL, "this is no export of Architect: it is not base64");
		return NULL;
	}
	buf_init(&json, EXPORT_BYTES_MAX);
	if (!url_decode((const char *)bytes, n, false, &json))
		(void)flow_fault(
		    &x->r, NULL, "this is no export of Architect: no percent-encoding");
	else {
		root = json_parse(x->r.arena, json.data, json.len, &json_answer, why, sizeof(why));
		if (root == NULL)
			(void)flow_fault(&x->r, NULL, "this is no export of Architect: %s", why);
	}
	buf_clear(&json);
	return root;
}

static bool
read_export(struct arena *a, const char *file, const char *text, size_t len, struct flow *out,
    struct faults *faults)
{
	struct export_reader x = {.r = {.arena = a, .faults = faults, .file = file, .flow = out}};
	const struct value *root = decode(&x, text, len), *states, *state;

	*out = (struct flow){.file = file};
	if (root == NULL)
		return false;
	states = value_get(root, "flowSequenceItemList");
	state = value_is(states, VALUE_LIST) && states->n == 1 ? value_at(states, 0) : NULL;
	out->name = value_get_text(root, "name");
	x.actions = value_get(state, "actionList");
	if (out->name == NULL || !value_is(x.actions, VALUE_LIST) ||
	    !text_equal(value_get_text(root, "type"), "workflow"))
		return flow_fault(&x.r, NULL, "a workflow with a name and one state was expected");
	if (!read_variables(&x, value_get(root, "variables")) ||
	    !read_variables(&x, value_get(state, "variables")))
		return false;
	out->first = read_chain(&x, value_get_text(state, "startAction"));
	return out->first != NULL;
}

bool
flow_read_export(struct arena *a, const char *file, const char *text, size_t len, struct flow *out,
    struct faults *faults)
{
	struct flow_reader r = {.arena = a, .faults = faults, .file = file, .flow = out};
	size_t before = faults->n;
	bool good = read_export(a, file, text, len, out, faults);

	return flow_read_end(&r, good, before);
}
