/* run.c: an operation is its steps in order; later steps may use what earlier ones set. */
#include "adapter/record.h"
#include "adapter/run.h"

#include <string.h>

#include "base/text.h"
#include "lang/in.h"

static enum gw_err
run_needs(struct op *op, const struct step *s)
{
	struct value *v;
	enum gw_err err;
	size_t i;

	for (i = 0; i < s->n_needs; i++) {
		err = expr_eval(s->needs[i].expr, &op->scope, &v);
		if (err != GW_OK)
			return err;
		if (!cond_present(v))
			return fail(
			    op->hris->failure, CODE_HRIS_UNSUPPORTED, "%s", s->needs[i].text);
	}
	return GW_OK;
}

static enum gw_err
run_refuse(struct op *op, const struct step *s)
{
	const char *text;
	enum gw_err err = template_text(s->refuse, &op->scope, &text);

	if (err != GW_OK)
		return err;
	return fail(op->hris->failure, CODE_HRIS_UNSUPPORTED, "%s", text == NULL ? "" : text);
}

/* pick: exactly one of a list is the record for set and result. */
static enum gw_err
run_pick(struct op *op, const struct step *s, struct scope *scope)
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
		inner.record = value_at(list, i);
		if (s->where != NULL)
			err = cond_holds(s->where, &inner, &holds);
		if (holds)
			one = inner.record;
		n += holds;
	}
	if (err != GW_OK)
		return err;
	if (n != 1)
		return fail(op->hris->failure, n == 0 ? CODE_HRIS_NOT_FOUND : CODE_HRIS_ANSWER,
		    "%s: exactly one of %s was expected, there are %zu", s->shown,
		    expr_source_text(s->pick), n);
	scope->record = one;
	return GW_OK;
}

static enum gw_err
run_result_entries(struct op *op, const struct step *s, const struct scope *scope)
{
	struct result *result = &op->out->result;
	struct value *v;
	enum gw_err err = expr_eval(s->result_entries, scope, &v);
	size_t i;

	if (err != GW_OK || !value_is(v, VALUE_LIST))
		return GW_OK;
	result->entries = arena_array(op->hris->arena, v->n + 1, sizeof(*result->entries));
	if (result->entries == NULL)
		return fail_memory(op->hris->failure);
	for (i = 0; i < v->n; i++) {
		if (value_str(value_at(v, i)) != NULL)
			result->entries[result->n_entries++] = value_str(value_at(v, i));
	}
	return GW_OK;
}

/* An id is a text or a number. true and false, which Odoo may answer, are no id. */
static bool
run_result_id(const struct step *s, const struct scope *scope, const char **id)
{
	struct value *v = NULL;
	const char *start;
	size_t len;

	if (s->result_id == NULL || expr_eval(s->result_id, scope, &v) != GW_OK ||
	    value_is(v, VALUE_BOOL) || expr_text(s->result_id, scope, id) != GW_OK || *id == NULL)
		return false;
	start = text_trim(*id, &len);
	*id = arena_strndup(scope->arena, start, len);
	return *id != NULL && len > 0 && len <= LIMIT_ID && !text_has_control(*id);
}

/* The request as the answer shows it; what cannot be read is not shown. */
static void
run_result_shown(struct op *op, const struct step *s, const struct scope *scope)
{
	struct step shown = *s;
	struct row row = {.op = op, .step = &shown, .scope = *scope, .keep = scope->arena};
	size_t before = op->out->n_found;

	shown.record = s->result_shown;
	op->out->result.shown = NULL;
	if (record_read(&row) == GW_OK && op->out->n_found == before + 1)
		op->out->result.shown = &op->out->found[before];
	op->out->n_found = before;
}

/*
 * The result of a write, which has been applied: an id or a status that cannot be read is missing,
 * and will be looked up; it is never a failure.
 */
static enum gw_err
run_result(struct op *op, const struct step *s, const struct scope *scope)
{
	struct failure ignored = {0};
	struct scope inner = *scope;
	struct result *result = &op->out->result;
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
	if (s->result_shown.kind != RECORD_NONE)
		run_result_shown(op, s, &inner);
	fail_clear(&ignored);
	return s->result_entries == NULL ? GW_OK : run_result_entries(op, s, &inner);
}

static enum gw_err
run_answer(struct op *op, const struct step *s, struct scope *scope)
{
	enum gw_err err = GW_OK;
	size_t n = 0;

	if (s->reads)
		err = read_answer(op, s, scope, &n);
	if (err == GW_OK)
		err = read_some_balance(op, s, n);
	if (err == GW_OK)
		err = run_pick(op, s, scope);
	if (err == GW_OK && !s->set.gathers)
		err = set_once(op, s, scope);
	else if (err == GW_OK && s->each == NULL && s->each_bind == NULL)
		err = set_gather(op, s, scope);
	return err == GW_OK ? run_result(op, s, scope) : err;
}

/* All calls of `for` are built before the first is sent. */
static enum gw_err
run_rows(struct op *op, const struct step *s, const struct binding **rows, size_t n)
{
	struct scope *scopes = arena_array(op->hris->arena, n, sizeof(*scopes));
	struct http_call *calls = arena_array(op->hris->arena, n, sizeof(*calls));
	struct value **answers = arena_array(op->hris->arena, n, sizeof(struct value *));
	bool renewed = false;
	enum gw_err err;
	size_t i;

	if (scopes == NULL || calls == NULL || answers == NULL)
		return fail_memory(op->hris->failure);
	do {
		for (i = 0, err = GW_OK; i < n && err == GW_OK; i++) {
			scopes[i] = op->scope;
			scopes[i].bound = rows[i];
			if (s->path != NULL)
				err = build_call(op, s, &scopes[i], NULL, 0, NULL, &calls[i]);
		}
		if (err == GW_OK && s->path != NULL)
			err = call_send(op, s, scopes, calls, n, 0, answers);
	} while (err != GW_OK && token_renew(op, s, &renewed));
	err = op->hris->failure->err;
	for (i = 0; i < n && err == GW_OK; i++) {
		scopes[i].answer = answers[i];
		scopes[i].call = s->path == NULL ? NULL : &calls[i];
		scopes[i].blame = CODE_HRIS_ANSWER;
		err = run_answer(op, s, &scopes[i]);
	}
	return err;
}

/* Does the step do what the operation is for? An HRIS that was not asked found nothing. */
static bool
run_counts(const struct op *op, const struct step *s)
{
	return s->path != NULL || (!operation_writes(op->kind) && op->kind != OPERATION_FIND);
}

/* *sent: was there anything to send? A `for` over nothing sends nothing. */
static enum gw_err
run_step(struct op *op, const struct step *s, bool *sent)
{
	const struct binding **rows, *none = NULL;
	struct scope scope;
	enum gw_err err = GW_OK;
	size_t n = 1, most, i;

	rows = &none;
	if (s->each_for != NULL)
		err = bind_rows(s->each_for, &op->scope, &rows, &n);
	if (err != GW_OK)
		return err;
	most = op->asked ? LIMIT_AGENTS : LIMIT_CALLS;
	if (n > most)
		return fail(op->hris->failure, CODE_INPUT_LIMIT, "%s: more than %zu calls at once",
		    s->shown, most);
	if (s->by_run && n > 1)
		return fail(op->hris->failure, CODE_INPUT_AMOUNT,
		    "this HRIS takes days that follow one another and are alike as one request: enter each of the %zu as a request of its own; nothing was written",
		    n);
	*sent = *sent || (n > 0 && run_counts(op, s));
	err = set_begin(op, s);
	if (err == GW_OK && n > 0)
		err = token_begin(op, s);
	if (err == GW_OK && s->page.kind == PAGE_NONE && n > 0)
		err = run_rows(op, s, rows, n);
	for (i = 0; i < n && err == GW_OK && s->page.kind != PAGE_NONE; i++) {
		scope = op->scope;
		scope.bound = rows[i];
		err = page_read_all(op, s, &scope);
	}
	return err == GW_OK ? set_end(op, s) : err;
}

/* One step whose condition holds. */
static enum gw_err
run_one(struct op *op, const struct step *s, bool *sent)
{
	enum gw_err err;

	if (s->ran != NULL)
		*s->ran = true;
	err = run_needs(op, s);
	if (err != GW_OK)
		return err;
	if (s->refuse != NULL)
		return run_refuse(op, s);
	if (s->replace != REPLACE_NO) {
		op->out->replace = s->replace;
		return GW_OK;
	}
	err = run_step(op, s, sent);
	return err == GW_OK ? err : blame_credentials(op, s);
}

/* A writing call that an earlier attempt has made: later steps find nothing that it has set. */
static bool
run_skips(struct op *op, const struct step *s, int64_t *skipped)
{
	if (s->writes == WRITES_NO || *skipped >= op->skip_writes)
		return false;
	(*skipped)++;
	return s->name == NULL ||
	       value_set(op->hris->arena, op->scope.steps, s->name, value_object(op->hris->arena));
}

static enum gw_err
run_steps(struct op *op, const struct steps *steps)
{
	enum gw_err err = GW_OK;
	bool holds, sent = false;
	int64_t skipped = 0;
	size_t i;

	for (i = 0; i < steps->n && op->out->replace == REPLACE_NO; i++) {
		holds = true;
		if (steps->items[i].when != NULL)
			err = cond_holds(steps->items[i].when, &op->scope, &holds);
		if (err == GW_OK && holds && run_skips(op, &steps->items[i], &skipped))
			continue;
		if (err == GW_OK && holds)
			err = run_one(op, &steps->items[i], &sent);
		if (err != GW_OK)
			return err;
	}
	if (sent || op->out->replace != REPLACE_NO)
		return GW_OK;
	/* An HRIS that was not asked has not said that a request is absent. */
	return fail(op->hris->failure, CODE_HRIS_UNSUPPORTED,
	    "no step of %s applies to this request%s", operation_name(op->kind),
	    operation_writes(op->kind) ? "; nothing was written" : "");
}

enum gw_err
run_asked(
    struct hris *h, enum operation kind, const struct operation_in *in, struct operation_out *out)
{
	const struct adapter *adapter = h->route->adapter;
	struct op op = {.hris = h, .adapter = adapter, .kind = kind, .in = in, .out = out};
	int day_minutes = h->route->day_minutes;

	if (!adapter->traits.has[kind])
		return fail(h->failure, CODE_HRIS_UNSUPPORTED,
		    "adapter %s does not say how to do %s", adapter->name, operation_name(kind));
	out->replace = adapter->operations[kind].replace;
	if (out->replace != REPLACE_NO)
		return GW_OK;
	if (in->type != NULL && in->type->day_minutes > 0)
		day_minutes = in->type->day_minutes;
	op.skip_writes = in->skip_writes;
	op.asked = kind == OPERATION_AGENTS && adapter->agents_snapshot;
	op.scope = (struct scope){
	    .arena = h->arena,
	    .failure = h->failure,
	    .blame = CODE_INPUT_ID,
	    .in = in_value(h->arena, in, &adapter->traits, h->route->day_minutes),
	    .settings = (struct value *)h->route->settings,
	    .steps = value_object(h->arena),
	    .traits = &adapter->traits,
	    .day_minutes = day_minutes,
	};
	op.scope.lookups = &op.lookups;
	if (op.scope.in == NULL || op.scope.steps == NULL)
		return fail_memory(h->failure);
	return run_steps(&op, &adapter->operations[kind]);
}
