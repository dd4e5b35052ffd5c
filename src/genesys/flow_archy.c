/*
 * flow_archy.c: a workflow from Archy's YAML. The constructs are those that flow.yaml names the
 * sources of, and the switch of GenesysCloudBlueprints/process-automation-workitem-blueprint,
 * modules/workitem-flow/WorkitemFlow.yaml (2026-01-01).
 */
#include <string.h>

#include "base/text.h"
#include "format/yaml.h"
#include "genesys/flow.h"

static struct flow_step *read_actions(struct flow_reader *r, const struct value *list);

/* {lit: ...} | {exp: ...} | {noValue: true}; also var, which is a variable's name. */
static const struct expression *
read_value(struct flow_reader *r, const struct value *v)
{
	const struct value *exp = value_get(v, "exp"), *lit = value_get(v, "lit");
	const struct value *var = value_get(v, "var");
	struct expression *e = NULL;
	char why[EXPRESSION_WHY_MAX] = "";

	if (!value_is(v, VALUE_OBJECT) || v->n != 1)
		(void)flow_fault(r, v, "a value was expected: one of lit, exp, var, noValue");
	else if (exp != NULL || var != NULL) {
		exp = exp != NULL ? exp : var;
		e = value_str(exp) == NULL ? NULL : expression_parse(r->arena, value_str(exp), why);
		if (e == NULL)
			(void)flow_fault(r, exp, "expression: %s", why);
	} else if (lit != NULL)
		e = expression_literal(r->arena, lit);
	else if (value_get(v, "noValue") != NULL)
		e = expression_literal(r->arena, value_null(r->arena));
	else
		(void)flow_fault(r, v, "unknown kind of value \"%s\"", v->items[0].name);
	return e;
}

static bool
read_sets(struct flow_reader *r, struct flow_step *s, const struct value *statements)
{
	const struct value *statement, *inner;
	struct flow_binding b;
	size_t i;

	if (!value_is(statements, VALUE_LIST))
		return flow_fault(r, statements, "statements: a list was expected");
	for (i = 0; i < statements->n; i++) {
		statement = value_at(statements, i);
		inner = value_is(statement, VALUE_OBJECT) && statement->n == 1
			    ? value_at(statement, 0)
			    : NULL;
		b = (struct flow_binding){.name = value_get_text(inner, "variable")};
		if (b.name == NULL || flow_variable_find(r->flow, b.name) == NULL)
			return flow_fault(
			    r, statement, "a statement names no variable of the workflow");
		b.value = read_value(r, value_get(inner, "value"));
		if (b.value == NULL || !flow_bind(r, &s->sets, b))
			return false;
	}
	return true;
}

static bool
read_inputs(struct flow_reader *r, struct flow_bindings *to, const struct value *inputs)
{
	struct flow_binding b;
	size_t i;

	for (i = 0; value_is(inputs, VALUE_OBJECT) && i < inputs->n; i++) {
		b = (struct flow_binding){.name = inputs->items[i].name};
		b.value = read_value(r, value_at(inputs, i));
		if (b.value == NULL || !flow_bind(r, to, b))
			return false;
	}
	return true;
}

static bool
read_outputs(struct flow_reader *r, struct flow_bindings *to, const struct value *outputs)
{
	struct flow_binding b;
	size_t i;

	for (i = 0; value_is(outputs, VALUE_OBJECT) && i < outputs->n; i++) {
		b = (struct flow_binding){.name = outputs->items[i].name,
		    .variable = value_get_text(value_at(outputs, i), "var")};
		if (b.variable != NULL && flow_variable_find(r->flow, b.variable) == NULL)
			return flow_fault(r, value_at(outputs, i),
			    "output %s is bound to %s, which is no variable of the workflow",
			    b.name, b.variable);
		if (!flow_bind(r, to, b))
			return false;
	}
	return true;
}

/* The actions of outputs.NAME, where there are any. */
static bool
read_path(struct flow_reader *r, struct flow_step *s, size_t at, const struct value *outputs,
    const char *name)
{
	const struct value *path = value_get(outputs, name);

	if (path == NULL)
		return true;
	s->paths[at].first = read_actions(r, value_get(path, "actions"));
	return s->paths[at].first != NULL;
}

/* category: {INTEGRATION: {dataAction: {NAME: {inputs, successOutputs, failureOutputs}}}} */
static const struct member *
data_action(struct flow_reader *r, const struct value *body)
{
	const struct value *v = value_get(body, "category");

	v = value_is(v, VALUE_OBJECT) && v->n == 1 ? value_at(v, 0) : NULL;
	v = value_get(v, "dataAction");
	if (value_is(v, VALUE_OBJECT) && v->n == 1)
		return &v->items[0];
	(void)flow_fault(r, body, "callData: one category with one dataAction was expected");
	return NULL;
}

static struct flow_step *
read_call(struct flow_reader *r, const struct value *body, const char *name)
{
	struct flow_step *s = flow_step_new(r, STEP_CALL, name, OUTCOME_MAX);
	const struct value *outputs = value_get(body, "outputs");
	const struct member *action = data_action(r, body);

	if (s == NULL || action == NULL)
		return NULL;
	s->action = action->name;
	return read_inputs(r, &s->inputs, value_get(action->value, "inputs")) &&
		       read_outputs(r, &s->outputs, value_get(action->value, "successOutputs")) &&
		       read_outputs(r, &s->failures, value_get(action->value, "failureOutputs")) &&
		       read_path(r, s, OUTCOME_SUCCESS, outputs, "success") &&
		       read_path(r, s, OUTCOME_FAILURE, outputs, "failure") &&
		       read_path(r, s, OUTCOME_TIMEOUT, outputs, "timeout")
		   ? s
		   : NULL;
}

static struct flow_step *
read_update(struct flow_reader *r, const struct value *body, const char *name)
{
	struct flow_step *s = flow_step_new(r, STEP_SET, name, 0);

	return s != NULL && read_sets(r, s, value_get(body, "statements")) ? s : NULL;
}

static struct flow_step *
read_loop(struct flow_reader *r, const struct value *body, const char *name)
{
	struct flow_step *s = flow_step_new(r, STEP_LOOP, name, 1);

	if (s == NULL)
		return NULL;
	s->expression = read_value(r, value_get(body, "loopCount"));
	s->index = value_get_text(value_get(body, "currentIndex"), "var");
	if (s->index != NULL && flow_variable_find(r->flow, s->index) == NULL) {
		(void)flow_fault(
		    r, body, "currentIndex: %s is no variable of the workflow", s->index);
		return NULL;
	}
	return s->expression != NULL && read_path(r, s, 0, value_get(body, "outputs"), "loop")
		   ? s
		   : NULL;
}

static struct flow_step *
read_decision(struct flow_reader *r, const struct value *body, const char *name)
{
	struct flow_step *s = flow_step_new(r, STEP_DECISION, name, 2);
	const struct value *outputs = value_get(body, "outputs");

	if (s == NULL)
		return NULL;
	s->expression = read_value(r, value_get(body, "condition"));
	return s->expression != NULL && read_path(r, s, 0, outputs, "yes") &&
		       read_path(r, s, 1, outputs, "no")
		   ? s
		   : NULL;
}

/* evaluate: {firstMatch: {string: {value, cases: [{case: {value, actions}}]}}} */
static struct flow_step *
read_switch(struct flow_reader *r, const struct value *body, const char *name)
{
	const struct value *v = value_get(value_get(body, "evaluate"), "firstMatch"), *cases, *one;
	struct expression *args[2];
	struct flow_step *s;
	char why[EXPRESSION_WHY_MAX];
	size_t i;

	v = value_is(v, VALUE_OBJECT) && v->n == 1 ? value_at(v, 0) : NULL;
	cases = value_get(v, "cases");
	if (!value_is(cases, VALUE_LIST)) {
		(void)flow_fault(r, body, "switch: evaluate.firstMatch with cases was expected");
		return NULL;
	}
	s = flow_step_new(r, STEP_SWITCH, name, cases->n + 1);
	args[0] = (struct expression *)read_value(r, value_get(v, "value"));
	for (i = 0; s != NULL && args[0] != NULL && i < cases->n; i++) {
		one = value_get(value_at(cases, i), "case");
		args[1] = (struct expression *)read_value(r, value_get(one, "value"));
		s->paths[i].first = read_actions(r, value_get(one, "actions"));
		if (args[1] == NULL || s->paths[i].first == NULL)
			return NULL;
		s->paths[i].when = expression_call(r->arena, "==", 2, args, 2, why);
		if (s->paths[i].when == NULL) {
			(void)flow_fault(r, body, "out of memory");
			return NULL;
		}
	}
	return args[0] == NULL ? NULL : s;
}

static struct flow_step *
read_end(struct flow_reader *r, const struct value *body, const char *name)
{
	(void)body;
	return flow_step_new(r, STEP_END, name, 0);
}

static const struct {
	const char *name;
	struct flow_step *(*read)(
	    struct flow_reader *r, const struct value *body, const char *name);
} actions[] = {
    {"updateData", read_update},
    {"loop", read_loop},
    {"callData", read_call},
    {"decision", read_decision},
    {"switch", read_switch},
    {"endWorkflow", read_end},
};

static struct flow_step *
read_action(struct flow_reader *r, const struct value *v)
{
	const struct member *m = value_is(v, VALUE_OBJECT) && v->n == 1 ? &v->items[0] : NULL;
	size_t i;

	for (i = 0; m != NULL && i < ARRAY_LEN(actions); i++) {
		if (strcmp(actions[i].name, m->name) == 0)
			return actions[i].read(r, m->value, value_get_text(m->value, "name"));
	}
	(void)flow_fault(r, v, "an action that is not played: \"%s\"", m == NULL ? "?" : m->name);
	return NULL;
}

/* The first of the list's actions, which lead to one another. */
static struct flow_step *
read_actions(struct flow_reader *r, const struct value *list)
{
	struct flow_step *first = NULL, **last = &first;
	size_t i;

	if (!value_is(list, VALUE_LIST) || list->n == 0 || ++r->depth > FLOW_DEPTH_MAX) {
		(void)flow_fault(
		    r, list, "a list of actions was expected, at most %d deep", FLOW_DEPTH_MAX);
		return NULL;
	}
	for (i = 0; i < list->n; i++) {
		*last = read_action(r, value_at(list, i));
		if (*last == NULL)
			return NULL;
		last = &(*last)->next;
	}
	r->depth--;
	return first;
}

static bool
read_variable(struct flow_reader *r, const struct value *v)
{
	static const struct {
		const char *name;
		enum flow_type type;
	} types[] = {{"stringVariable", FLOW_STRING}, {"integerVariable", FLOW_INTEGER},
	    {"decimalVariable", FLOW_DECIMAL}, {"booleanVariable", FLOW_BOOLEAN},
	    {"stringCollectionVariable", FLOW_STRINGS}};
	const struct member *m = value_is(v, VALUE_OBJECT) && v->n == 1 ? &v->items[0] : NULL;
	const struct value *initial;
	struct flow_variable variable;
	size_t i;

	for (i = 0; m != NULL && i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].name, m->name) == 0)
			break;
	}
	variable =
	    (struct flow_variable){.name = m == NULL ? NULL : value_get_text(m->value, "name")};
	if (variable.name == NULL || i == ARRAY_LEN(types))
		return flow_fault(r, v, "a variable that is not played");
	variable.type = types[i].type;
	initial = value_get(value_get(m->value, "initialValue"), "lit");
	variable.initial = initial == NULL ? value_null(r->arena) : initial;
	variable.is_input = text_equal(value_str(value_get(m->value, "isInput")), "true");
	variable.is_output = text_equal(value_str(value_get(m->value, "isOutput")), "true");
	return flow_declare(r, variable);
}

static bool
read_variables(struct flow_reader *r, const struct value *list)
{
	size_t i;

	for (i = 0; value_is(list, VALUE_LIST) && i < list->n; i++) {
		if (!read_variable(r, value_at(list, i)))
			return false;
	}
	return true;
}

static bool
read_archy(struct arena *a, const char *file, const char *text, size_t len, struct flow *out,
    struct faults *faults)
{
	struct flow_reader r = {.arena = a, .faults = faults, .file = file, .flow = out};
	const struct value *root = yaml_parse(a, file, text, len, faults), *states, *state;

	*out = (struct flow){.file = file};
	if (root == NULL)
		return false;
	root = value_get(root, "workflow");
	out->name = value_get_text(root, "name");
	states = value_get(root, "states");
	state = value_is(states, VALUE_LIST) && states->n == 1
		    ? value_get(value_at(states, 0), "state")
		    : NULL;
	if (out->name == NULL || state == NULL)
		return flow_fault(&r, NULL, "a workflow with a name and one state was expected");
	if (!read_variables(&r, value_get(root, "variables")) ||
	    !read_variables(&r, value_get(state, "variables")))
		return false;
	out->first = read_actions(&r, value_get(state, "actions"));
	return out->first != NULL;
}

bool
flow_read_archy(struct arena *a, const char *file, const char *text, size_t len, struct flow *out,
    struct faults *faults)
{
	struct flow_reader r = {.arena = a, .faults = faults, .file = file, .flow = out};
	size_t before = faults->n;
	bool good = read_archy(a, file, text, len, out, faults);

	return flow_read_end(&r, good, before);
}
