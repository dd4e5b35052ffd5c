/*
 * flow_play.c: a workflow, played. A run-time error ends it with its variables as they are then:
 * settingsErrorHandling endWorkflow, as both kinds of file have it.
 */
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "genesys/flow.h"

enum flowing { GO_ON, LEAVE_LOOP, END, DIE };

struct playing {
	struct arena *arena;
	const struct flow *flow;
	const struct flow_world *world;
	struct flow_result *out;
	struct value *variables;
	char why[EXPRESSION_WHY_MAX];
};

static enum flowing play_steps(struct playing *p, const struct flow_step *s, size_t depth);

static enum flowing __attribute__((format(printf, 3, 4)))
die(struct playing *p, const struct flow_step *s, const char *fmt, ...)
{
	char text[2 * EXPRESSION_WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_ellipsis(text, sizeof(text));
	p->out->died = arena_printf(p->arena, "%s: %s", s->name, text);
	if (p->out->died == NULL)
		p->out->died = "out of memory";
	return DIE;
}

/* Whether a variable of that type takes the value. */
static bool
type_takes(enum flow_type type, const struct value *v)
{
	struct decimal d;
	int64_t n;

	if (v->kind == VALUE_NULL)
		return true;
	switch (type) {
	case FLOW_STRING:
		return v->kind == VALUE_TEXT;
	case FLOW_INTEGER:
		return v->kind == VALUE_NUMBER && decimal_parse(v->text, &d) &&
		       decimal_to_integer(d, &n);
	case FLOW_DECIMAL:
		return v->kind == VALUE_NUMBER;
	case FLOW_BOOLEAN:
		return v->kind == VALUE_BOOL;
	case FLOW_STRINGS:
		return v->kind == VALUE_LIST && v->n <= FLOW_LIST_MAX;
	case FLOW_TYPE_MAX:
		break;
	}
	return false;
}

static struct member *
variable_at(struct playing *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->variables->n; i++) {
		if (strcmp(p->variables->items[i].name, name) == 0)
			return &p->variables->items[i];
	}
	return NULL;
}

static enum flowing
set_variable(struct playing *p, const struct flow_step *s, const char *name, const struct value *v)
{
	const struct flow_variable *declared = flow_variable_find(p->flow, name);
	struct member *m = variable_at(p, name);

	if (v == NULL)
		return die(p, s, "out of memory");
	if (declared == NULL || m == NULL)
		return die(p, s, "there is no variable %s", name);
	if (!type_takes(declared->type, v))
		return die(p, s, "%s cannot be a %s of %zu items", name, value_kind_name(v->kind),
		    (size_t)v->n);
	m->value = (struct value *)v;
	return GO_ON;
}

static const struct value *
evaluate(struct playing *p, const struct expression *e)
{
	return expression_run(p->arena, e, p->variables, p->why);
}

static enum flowing
play_sets(struct playing *p, const struct flow_step *s)
{
	const struct value *v;
	enum flowing how = GO_ON;
	size_t i;

	for (i = 0; i < s->sets.n && how == GO_ON; i++) {
		v = evaluate(p, s->sets.items[i].value);
		if (v == NULL)
			return die(p, s, "%s: %s", s->sets.items[i].name, p->why);
		how = set_variable(p, s, s->sets.items[i].name, v);
	}
	return how;
}

static enum flowing
play_loop(struct playing *p, const struct flow_step *s, size_t depth)
{
	const struct value *count = evaluate(p, s->expression);
	enum flowing how = GO_ON;
	struct decimal d;
	int64_t n = 0, i;

	if (count == NULL || count->kind != VALUE_NUMBER || !decimal_parse(count->text, &d) ||
	    !decimal_to_integer(d, &n))
		return die(p, s, "loopCount: %s", count == NULL ? p->why : "no whole number");
	for (i = 0; i < n && how == GO_ON; i++) {
		/* A loop around nothing has no actions that could be too many. */
		if (i == FLOW_ACTIONS_MAX)
			return die(p, s, "more than %d turns", FLOW_ACTIONS_MAX);
		if (s->index != NULL)
			how = set_variable(p, s, s->index, value_integer(p->arena, i));
		if (how == GO_ON)
			how = play_steps(p, s->paths[0].first, depth + 1);
	}
	return how == LEAVE_LOOP ? GO_ON : how;
}

/* Genesys' ErrorBody, as far as a workflow gets to see it. */
static struct value *
error_body(struct playing *p, const struct result *r)
{
	struct value *o = value_object(p->arena);
	int status = r->status >= 400 ? r->status : 400;

	return value_set(p->arena, o, "errorCode", value_text(p->arena, r->code)) &&
		       value_set(p->arena, o, "userMessage", value_text(p->arena, r->message)) &&
		       value_set(p->arena, o, "status", value_integer(p->arena, status))
		   ? o
		   : NULL;
}

static enum flowing
take_outputs(struct playing *p, const struct flow_step *s, const struct flow_bindings *bindings,
    const struct value *from)
{
	enum flowing how = GO_ON;
	const struct value *v;
	size_t i;

	for (i = 0; i < bindings->n && how == GO_ON; i++) {
		if (bindings->items[i].variable == NULL)
			continue;
		v = value_get(from, bindings->items[i].name);
		how = set_variable(
		    p, s, bindings->items[i].variable, v == NULL ? value_null(p->arena) : v);
	}
	return how;
}

static struct value *
call_inputs(struct playing *p, const struct flow_step *s)
{
	struct value *inputs = value_object(p->arena);
	const struct value *v;
	size_t i;

	for (i = 0; inputs != NULL && i < s->inputs.n; i++) {
		v = evaluate(p, s->inputs.items[i].value);
		if (v == NULL)
			return NULL;
		if (!value_set(p->arena, inputs, s->inputs.items[i].name, (struct value *)v))
			return NULL;
	}
	return inputs;
}

static enum flowing
play_call(struct playing *p, const struct flow_step *s, size_t depth)
{
	const struct value *inputs = call_inputs(p, s);
	struct result *r = &p->out->last;
	enum flowing how = GO_ON;

	if (inputs == NULL)
		return die(p, s, "inputs: %s", p->why);
	p->out->calls++;
	if (!p->world->call(p->world->context, p->arena, s->action, inputs, r))
		return die(p, s, "there is no data action %s", s->action);
	if (r->outcome == OUTCOME_SUCCESS)
		how = take_outputs(p, s, &s->outputs, r->outputs);
	else if (r->outcome == OUTCOME_FAILURE)
		how = take_outputs(p, s, &s->failures, error_body(p, r));
	return how == GO_ON ? play_steps(p, s->paths[r->outcome].first, depth + 1) : how;
}

static enum flowing
play_decision(struct playing *p, const struct flow_step *s, size_t depth)
{
	const struct value *v = evaluate(p, s->expression);

	if (v == NULL || v->kind != VALUE_BOOL)
		return die(p, s, "%s", v == NULL ? p->why : "a decision is true or false");
	return play_steps(p, s->paths[v->truth ? 0 : 1].first, depth + 1);
}

static enum flowing
play_switch(struct playing *p, const struct flow_step *s, size_t depth)
{
	const struct value *v;
	size_t i;

	for (i = 0; i + 1 < s->n_paths; i++) {
		v = evaluate(p, s->paths[i].when);
		if (v == NULL || v->kind != VALUE_BOOL)
			return die(p, s, "%s", v == NULL ? p->why : "a case is true or false");
		if (v->truth)
			break;
	}
	return play_steps(p, s->paths[i].first, depth + 1);
}

static enum flowing
play_step(struct playing *p, const struct flow_step *s, size_t depth)
{
	switch (s->kind) {
	case STEP_SET:
		return play_sets(p, s);
	case STEP_LOOP:
		return play_loop(p, s, depth);
	case STEP_CALL:
		return play_call(p, s, depth);
	case STEP_DECISION:
		return play_decision(p, s, depth);
	case STEP_SWITCH:
		return play_switch(p, s, depth);
	case STEP_EXIT_LOOP:
		return LEAVE_LOOP;
	case STEP_END:
	case STEP_KIND_MAX:
		break;
	}
	return END;
}

static enum flowing
play_steps(struct playing *p, const struct flow_step *s, size_t depth)
{
	enum flowing how = GO_ON;

	for (; s != NULL && how == GO_ON; s = s->next) {
		if (depth > FLOW_DEPTH_MAX || ++p->out->actions > FLOW_ACTIONS_MAX)
			return die(p, s, "more than %d actions", FLOW_ACTIONS_MAX);
		how = play_step(p, s, depth);
	}
	return how;
}

bool
flow_play(struct arena *a, const struct flow *f, const struct value *inputs,
    const struct flow_world *world, struct flow_result *out)
{
	struct playing p = {
	    .arena = a, .flow = f, .world = world, .out = out, .variables = value_object(a)};
	const struct flow_variable *v;
	const struct value *given;
	size_t i;

	*out = (struct flow_result){.variables = p.variables};
	for (i = 0; i < f->n_variables; i++) {
		v = &f->variables[i];
		given = v->is_input ? value_get(inputs, v->name) : NULL;
		if (!value_set(a, p.variables, v->name,
			(struct value *)(given == NULL ? v->initial : given)))
			return false;
	}
	(void)play_steps(&p, f->first, 0);
	return true;
}
