/* adapter_run.c: an operation is its steps in order; what one sets, the next may use. */
#include "adapter/run.h"

#include <string.h>

#include "base/text.h"
#include "lang/in.h"

static enum gw_err
run_needs(struct run *r, const struct step *s)
{
	struct value *v;
	enum gw_err err;
	size_t i;

	for (i = 0; i < s->n_needs; i++) {
		err = expr_eval(s->needs[i].expr, &r->scope, &v);
		if (err != GW_OK)
			return err;
		if (!cond_present(v))
			return fail(
			    r->hris->failure, CODE_HRIS_UNSUPPORTED, "%s", s->needs[i].text);
	}
	return GW_OK;
}

static enum gw_err
run_refuse(struct run *r, const struct step *s)
{
	const char *text;
	enum gw_err err = template_text(s->refuse, &r->scope, &text);

	if (err != GW_OK)
		return err;
	return fail(r->hris->failure, CODE_HRIS_UNSUPPORTED, "%s", text == NULL ? "" : text);
}

/* pick: exactly one of a list is the record for set and result. */
static enum gw_err
run_pick(struct run *r, const struct step *s, struct scope *scope)
{
	struct value *list = NULL, *one = NULL;
	struct scope inner = *scope;
	enum gw_err err;
	bool holds = true;
	size_t i, n = 0;

	scope->record = scope->answer;
	if (s->pick == NULL)
		return GW_OK;
	err = expr_eval(s->pick, scope, &list);
	for (i = 0; err == GW_OK && value_is(list, VALUE_LIST) && i < list->n; i++) {
		inner.record = list->items[i].value;
		if (s->where != NULL)
			err = cond_holds(s->where, &inner, &holds);
		if (holds)
			one = inner.record;
		n += holds;
	}
	if (err != GW_OK)
		return err;
	if (n != 1)
		return fail(r->hris->failure, n == 0 ? CODE_HRIS_NOT_FOUND : CODE_HRIS_ANSWER,
		    "%s: exactly one of %s was expected, there are %zu", s->request,
		    expr_source_text(s->pick), n);
	scope->record = one;
	return GW_OK;
}

static enum gw_err
run_set(struct run *r, const struct step *s, const struct scope *scope)
{
	struct arena *a = r->hris->arena;
	struct value *mine, *v;
	enum gw_err err;
	size_t i;

	if (s->name == NULL)
		return GW_OK;
	mine = value_object(a);
	for (i = 0; i < s->set.n; i++) {
		err = expr_eval(s->set.exprs[i], scope, &v);
		if (err != GW_OK)
			return err;
		if (v != NULL && !value_set(a, mine, s->set.names[i], v))
			return fail_memory(r->hris->failure);
	}
	return value_set(a, r->scope.steps, s->name, mine) ? GW_OK : fail_memory(r->hris->failure);
}

static enum gw_err
run_result_entries(struct run *r, const struct step *s, const struct scope *scope)
{
	struct result *result = &r->out->result;
	struct value *v;
	enum gw_err err = expr_eval(s->result_entries, scope, &v);
	size_t i;

	if (err != GW_OK || !value_is(v, VALUE_LIST))
		return GW_OK;
	result->entries = arena_array(r->hris->arena, v->n + 1, sizeof(*result->entries));
	if (result->entries == NULL)
		return fail_memory(r->hris->failure);
	for (i = 0; i < v->n; i++) {
		if (value_str(v->items[i].value) != NULL)
			result->entries[result->n_entries++] = value_str(v->items[i].value);
	}
	return GW_OK;
}

/* An id is told as text or as a number: true and false, which Odoo likes to say, are none. */
static bool
run_result_id(const struct step *s, const struct scope *scope, const char **id)
{
	struct value *v = NULL;

	return s->result_id != NULL && expr_eval(s->result_id, scope, &v) == GW_OK &&
	       !value_is(v, VALUE_BOOL) && expr_text(s->result_id, scope, id) == GW_OK &&
	       !text_is_empty(*id) && strlen(*id) <= LIMIT_ID;
}

/*
 * What the write came to. It has been applied: an id or a status that cannot be read is "not told",
 * which is looked up, and never a failure.
 */
static enum gw_err
run_result(struct run *r, const struct step *s, const struct scope *scope)
{
	struct failure ignored = {0};
	struct scope inner = *scope;
	struct result *result = &r->out->result;
	const char *text = NULL;

	if (!s->has_result)
		return GW_OK;
	inner.failure = &ignored;
	if (run_result_id(s, &inner, &text))
		result->id = text;
	fail_clear(&ignored);
	if (s->result_status != NULL)
		result->status_word = expr_word(s->result_status, &inner);
	if (s->result_status != NULL && expr_text(s->result_status, &inner, &text) == GW_OK &&
	    text != NULL && !status_parse(text, &result->status))
		result->status = STATUS_NONE;
	fail_clear(&ignored);
	return s->result_entries == NULL ? GW_OK : run_result_entries(r, s, &inner);
}

static enum gw_err
run_answer(struct run *r, const struct step *s, struct scope *scope)
{
	enum gw_err err = GW_OK;
	size_t n = 0;

	if (s->reads)
		err = adapter_read(r, s, scope, &n);
	if (err == GW_OK)
		err = adapter_some_balance(r, s, n);
	if (err == GW_OK)
		err = run_pick(r, s, scope);
	if (err == GW_OK)
		err = run_set(r, s, scope);
	return err == GW_OK ? run_result(r, s, scope) : err;
}

/* All rows of `for` are built before the first is sent. */
static enum gw_err
run_rows(struct run *r, const struct step *s, const struct binding **rows, size_t n)
{
	struct scope *scopes = arena_array(r->hris->arena, n, sizeof(*scopes));
	struct http_call *calls = arena_array(r->hris->arena, n, sizeof(*calls));
	struct value **answers = arena_array(r->hris->arena, n, sizeof(struct value *));
	enum gw_err err = GW_OK;
	size_t i;

	if (scopes == NULL || calls == NULL || answers == NULL)
		return fail_memory(r->hris->failure);
	for (i = 0; i < n && err == GW_OK; i++) {
		scopes[i] = r->scope;
		scopes[i].bound = rows[i];
		err = adapter_build(r, s, &scopes[i], NULL, 0, NULL, &calls[i]);
	}
	if (err == GW_OK)
		err = adapter_call(r, s, scopes, calls, n, 0, answers);
	for (i = 0; i < n && err == GW_OK; i++) {
		scopes[i].answer = answers[i];
		scopes[i].call = &calls[i];
		scopes[i].blame = CODE_HRIS_ANSWER;
		err = run_answer(r, s, &scopes[i]);
	}
	return err;
}

/* *sent: was there anything to send? A `for` over nothing sends nothing. */
static enum gw_err
run_step(struct run *r, const struct step *s, bool *sent)
{
	const struct binding **rows, *none = NULL;
	struct scope scope;
	enum gw_err err = GW_OK;
	size_t n = 1, i;

	rows = &none;
	if (s->each_for != NULL)
		err = bind_rows(s->each_for, &r->scope, &rows, &n);
	if (err != GW_OK)
		return err;
	if (n > LIMIT_CALLS)
		return fail(r->hris->failure, CODE_INPUT_LIMIT, "%s: more than %d calls at once",
		    s->request, LIMIT_CALLS);
	*sent = *sent || n > 0;
	if (s->page.kind == PAGE_NONE)
		return n == 0 ? GW_OK : run_rows(r, s, rows, n);
	for (i = 0; i < n && err == GW_OK; i++) {
		scope = r->scope;
		scope.bound = rows[i];
		err = adapter_pages(r, s, &scope);
	}
	return err;
}

/* One step whose condition holds. */
static enum gw_err
run_one(struct run *r, const struct step *s, bool *sent)
{
	enum gw_err err = run_needs(r, s);

	if (err != GW_OK)
		return err;
	if (s->refuse != NULL)
		return run_refuse(r, s);
	if (s->replace) {
		r->out->replace = true;
		return GW_OK;
	}
	return run_step(r, s, sent);
}

static enum gw_err
run_steps(struct run *r, const struct steps *steps)
{
	enum gw_err err = GW_OK;
	bool holds, sent = false;
	size_t i;

	for (i = 0; i < steps->n && !r->out->replace; i++) {
		holds = true;
		if (steps->items[i].when != NULL)
			err = cond_holds(steps->items[i].when, &r->scope, &holds);
		if (err == GW_OK && holds)
			err = run_one(r, &steps->items[i], &sent);
		if (err != GW_OK)
			return err;
	}
	if (sent || r->out->replace)
		return GW_OK;
	/* An HRIS that was not asked has not said that a request is not there. */
	return fail(r->hris->failure, CODE_HRIS_UNSUPPORTED,
	    "no step of %s applies to this request%s", operation_name(r->op),
	    operation_writes(r->op) ? "; nothing was written" : "");
}

static enum gw_err
adapter_operation(
    struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	const struct adapter *adapter = h->route->adapter;
	struct run r = {.hris = h, .adapter = adapter, .op = op, .out = out};
	int day_minutes = h->route->day_minutes;

	if (!adapter->traits.has[op])
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "adapter %s does not say how to do %s", adapter->name, operation_name(op));
	if (adapter->operations[op].replace) {
		out->replace = true;
		return GW_OK;
	}
	if (in->type != NULL && in->type->day_minutes > 0)
		day_minutes = in->type->day_minutes;
	r.scope = (struct scope){
	    .arena = h->arena,
	    .failure = h->failure,
	    .blame = CODE_INPUT_ID,
	    .in = in_value(h->arena, in, &adapter->traits, h->route->day_minutes),
	    .settings = (struct value *)h->route->settings,
	    .steps = value_object(h->arena),
	    .traits = &adapter->traits,
	    .day_minutes = day_minutes,
	};
	if (r.scope.in == NULL || r.scope.steps == NULL)
		return fail_memory(h->failure);
	return run_steps(&r, &adapter->operations[op]);
}

static const struct traits *
adapter_traits(const struct hris *h)
{
	return &h->route->adapter->traits;
}

const struct driver adapter_driver = {
    .run = adapter_operation,
    .traits = adapter_traits,
};
