/*
 * flow_text.c: variables, joined lists and bindings of one workflow. A data action takes no list,
 * so each list of WFM's becomes the text of a JSON array, one item after the other, in a variable
 * of the state.
 */
#include "genesys/flow_text.h"

#include <string.h>

#include "base/text.h"
#include "genesys/fill.h"

enum { FLOW_TEXT_MAX = 256 * 1024 };

/* What it has if the workflow dies on the way: never a success. */
static const char died[] = "lit: \"the workflow ended before the gateway had answered\"";

struct variable {
	const char *type, *name, *initial;
	bool is_input, is_output;
};

/* The buffer's text in the arena; frees the buffer. */
static const char *
text_done(const struct flow_text *t, struct buf *b)
{
	const char *text = b->err == GW_OK ? arena_strdup(t->arena, b->data) : NULL;

	buf_clear(b);
	if (text == NULL)
		(void)fault_at(t->faults, t->endpoint->name, NULL, "out of memory");
	return text;
}

static bool
put_variable(const struct flow_text *t, struct buf *b, const struct variable *v)
{
	const struct fill_value values[] = {
	    {"type", v->type, false},
	    {"name", v->name, false},
	    {"initial", v->initial, true},
	    {"is_input", v->is_input ? "true" : "false", false},
	    {"is_output", v->is_output ? "true" : "false", false},
	};

	return fill_text(
	    "flow-variable.yaml", t->variable, values, ARRAY_LEN(values), b, t->faults);
}

static bool
put_named(const struct flow_text *t, struct buf *b, const char *scope, const char *member,
    struct variable v)
{
	v.name = arena_printf(t->arena, "%s.%s", scope, member);
	return v.name != NULL && put_variable(t, b, &v);
}

static const struct variable text_input = {"string", NULL, "lit: \"\"", true, false};
static const struct variable list_input = {"stringCollection", NULL, "lit: []", true, false};
static const struct variable text_output = {"string", NULL, "lit: \"\"", false, true};
static const struct variable list_output = {"stringCollection", NULL, "lit: []", false, true};
static const struct variable code_output = {"integer", NULL, "lit: 500", false, true};
static const struct variable status_output = {"string", NULL, "lit: Error", false, true};
static const struct variable error_output = {"string", NULL, died, false, true};
static const struct variable text_state = {"string", NULL, "lit: \"\"", false, false};
static const struct variable index_state = {"integer", NULL, "lit: 0", false, false};

static const struct variable *
output_kind(const struct member *m)
{
	if (strcmp(m->name, "statusCode") == 0)
		return &code_output;
	if (strcmp(m->name, "status") == 0)
		return &status_output;
	if (strcmp(m->name, "errorMsg") == 0)
		return &error_output;
	return declare_is_array(m->value) ? &list_output : &text_output;
}

const char *
flow_text_variables(const struct flow_text *t)
{
	const struct value *outputs = value_get(t->output, "properties");
	const struct field *f;
	struct buf b;
	bool good = true;
	size_t i;

	buf_init(&b, FLOW_TEXT_MAX);
	for (f = t->endpoint->input; f->name != NULL && good; f++) {
		if (declare_wfm_sends(f->name))
			good = put_named(t, &b, "Flow", f->name,
			    declare_is_list(f->kind) ? list_input : text_input);
	}
	for (i = 0; i < outputs->n && good; i++) {
		if (declare_wfm_takes(outputs->items[i].name, value_at(outputs, i)))
			good = put_named(t, &b, "Flow", outputs->items[i].name,
			    *output_kind(&outputs->items[i]));
	}
	if (!good)
		buf_fail(&b, GW_EINTERNAL);
	return text_done(t, &b);
}

const char *
flow_text_state(const struct flow_text *t)
{
	static const char *const always[] = {"errorCode", "errorMessage", "requestId", "notice"};
	const struct field *f;
	struct buf b;
	bool good, lists = false;
	size_t i;

	buf_init(&b, FLOW_TEXT_MAX);
	for (i = 0, good = true; i < ARRAY_LEN(always) && good; i++)
		good = put_named(t, &b, "State", always[i], text_state);
	for (f = t->endpoint->input; f->name != NULL && good; f++) {
		if (!declare_is_list(f->kind))
			continue;
		lists = true;
		good = put_named(t, &b, "State", f->name, text_state);
	}
	if (good && lists)
		good = put_named(t, &b, "State", "index", index_state);
	if (!good)
		buf_fail(&b, GW_EINTERNAL);
	return text_done(t, &b);
}

const char *
flow_text_joins(const struct flow_text *t)
{
	const struct field *f;
	struct buf b;
	bool good = true;

	buf_init(&b, FLOW_TEXT_MAX);
	for (f = t->endpoint->input; f->name != NULL && good; f++) {
		const struct fill_value value = {"member", f->name, false};

		if (declare_is_list(f->kind))
			good = fill_text("flow-join.yaml", t->join, &value, 1, &b, t->faults);
	}
	if (!good)
		buf_fail(&b, GW_EINTERNAL);
	return text_done(t, &b);
}

const char *
flow_text_inputs(const struct flow_text *t)
{
	const struct field *f;
	struct buf b;

	buf_init(&b, FLOW_TEXT_MAX);
	for (f = t->endpoint->input; f->name != NULL; f++) {
		buf_printf(&b, "%s  %s:\n", b.len == 0 ? "inputs:\n" : "", f->name);
		if (!declare_wfm_sends(f->name))
			buf_puts(&b, "    noValue: true\n");
		else if (!declare_is_list(f->kind))
			buf_printf(&b, "    exp: Flow.%s\n", f->name);
		else
			buf_printf(&b,
			    "    exp: \"State.%s + If(Count(Flow.%s) == 0, \\\"\\\", \\\"]\\\")\"\n",
			    f->name, f->name);
	}
	return text_done(t, &b);
}

const char *
flow_text_outputs(const struct flow_text *t)
{
	const struct value *outputs = value_get(t->output, "properties");
	const struct member *m;
	struct buf b;
	size_t i;

	buf_init(&b, FLOW_TEXT_MAX);
	for (i = 0; i < outputs->n; i++) {
		m = &outputs->items[i];
		buf_printf(&b, "%s:\n", m->name);
		if (declare_wfm_takes(m->name, m->value))
			buf_printf(&b, "  var: Flow.%s\n", m->name);
		else if (strcmp(m->name, "errorCode") == 0 || strcmp(m->name, "requestId") == 0)
			buf_printf(&b, "  var: State.%s\n", m->name);
		else
			buf_puts(&b, "  noValue: true\n");
	}
	return text_done(t, &b);
}

bool
flow_text_has(const struct flow_text *t, const char *input)
{
	const struct field *f;

	for (f = t->endpoint->input; f->name != NULL; f++) {
		if (strcmp(f->name, input) == 0)
			return true;
	}
	return false;
}

const char *
flow_text_notice(const struct flow_text *t)
{
	return arena_printf(t->arena,
	    "\\\"%s: \\\" + Flow.errorMsg + \\\" [\\\" + State.errorCode + \\\" \\\" + State.requestId + \\\"]%s",
	    t->endpoint->name, flow_text_has(t, "agentId") ? " agent \\\" + Flow.agentId" : "\\\"");
}
