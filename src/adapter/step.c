/* step.c: loads the steps of an operation. */
#include <stdlib.h>
#include <string.h>

#include "adapter/loader.h"
#include "adapter/record.h"
#include "base/text.h"

/* What `each`, the records (`where` among them) and the rest of a step look at. */
struct step_looks {
	struct expr_looks each, record, rest;
};

static bool
step_needs(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s)
{
	const char *name;
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(
		    &l->r, v, "need is {EXPR: the reason to give when it is absent}");
	s->needs = arena_array(l->r.arena, v->n + 1, sizeof(*s->needs));
	for (i = 0; s->needs != NULL && i < v->n; i++) {
		name = v->items[i].name;
		s->needs[i].expr = expr_compile(env, name, strlen(name), value_at(v, i));
		s->needs[i].text = value_str(value_at(v, i));
		if (s->needs[i].expr == NULL || s->needs[i].text == NULL)
			return reader_fault(&l->r, value_at(v, i), "need gives a text as reason");
		s->n_needs++;
	}
	return s->needs != NULL;
}

/* {name}, :name or <name> as other languages write it. */
static bool
path_has_foreign_name(const char *path)
{
	const char *p = path;

	while ((p = strchr(p, '{')) != NULL && p > path && p[-1] == '$')
		p++;
	return p != NULL || strstr(path, "/:") != NULL || strstr(path, "/<") != NULL;
}

/* request: METHOD PATH */
static bool
step_request(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s)
{
	const char *text = value_str(v), *blank = text == NULL ? NULL : strchr(text, ' '), *fault;
	struct value *path; /* what it uses is reported by its place, after this function */
	char *method;

	if (blank == NULL || blank[1] != '/')
		return reader_fault(
		    &l->r, v, "request is METHOD PATH: GET /employees/${in.agent_id}");
	method = arena_strndup(l->r.arena, text, (size_t)(blank - text));
	if (method == NULL || !http_method_parse(method, &s->method))
		return reader_fault(&l->r, v, "the method is GET, POST, PUT, PATCH or DELETE");
	path = value_put_place(l->r.arena, value_text(l->r.arena, blank + 1), value_place(v));
	if (path == NULL)
		return false;
	if (path_has_foreign_name(path->text))
		return reader_fault(&l->r, v,
		    "a value in a path is ${in.agent_id}, and not {in.agent_id}, :id or <id>");
	s->request = text;
	s->shown = blame_shown(l->r.arena, text);
	s->path = template_compile(env, path);
	if (s->path == NULL || s->shown == NULL)
		return false;
	fault = template_path_fault(s->path);
	return fault == NULL || reader_fault(&l->r, v, "the path %s", fault);
}

static bool
step_auth(struct loader *l, const struct value *v, struct step *s)
{
	const char *names[LIMIT_CALLERS + 1] = {NULL};
	size_t i;
	int n;

	s->auth = l->adapter->n_auths == 0 ? NULL : &l->adapter->auths[0];
	if (v == NULL)
		return true;
	for (i = 0; i < l->adapter->n_auths && i < LIMIT_CALLERS; i++)
		names[i] = l->adapter->auths[i].name == NULL ? "" : l->adapter->auths[i].name;
	n = reader_one_of(&l->r, v, names, "auth of this file");
	if (n < 0)
		return false;
	s->auth = &l->adapter->auths[n];
	return true;
}

/* for: {run: in.runs}, of what must not be repeated: each run is an insert of its own. */
static bool
step_is_by_run(const struct step *s)
{
	const struct expr *e = s->each_for == NULL ? NULL : bind_expr(s->each_for, 0);

	return s->writes == WRITES_ONCE && e != NULL && bind_count(s->each_for) == 1 &&
	       strcmp(expr_source_text(e), "in.runs") == 0;
}

static bool
step_writes(struct loader *l, enum operation op, const struct value *v, struct step *s)
{
	static const char *const words[] = {
	    [WRITES_NO] = "no", [WRITES_ONCE] = "once", [WRITES_AGAIN] = "again", NULL};
	int n;

	s->writes = !operation_writes(op) || s->method == HTTP_GET ? WRITES_NO : WRITES_ONCE;
	s->by_run = step_is_by_run(s);
	if (v == NULL)
		return true;
	n = reader_one_of(&l->r, v, words, "kind of writing");
	if (n < 0)
		return false;
	if (n != WRITES_NO && !operation_writes(op))
		return reader_fault(&l->r, v, "%s only reads", operation_name(op));
	s->writes = (enum step_writes)n;
	s->by_run = step_is_by_run(s);
	return true;
}

static bool
step_sending(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s)
{
	const struct value *body = value_get(v, "body"), *form = value_get(v, "form"),
			   *xml = value_get(v, "xml");
	struct expr_env form_env = *env;

	form_env.secrets = true;
	if (!template_member(env, v, "base_url", &s->base_url) ||
	    !loader_pairs(l, env, v, "query", &s->query) ||
	    !loader_pairs(l, env, v, "headers", &s->headers) ||
	    !loader_pairs(l, &form_env, v, "form", &s->form))
		return false;
	if (s->method == HTTP_GET && (body != NULL || form != NULL || xml != NULL))
		return reader_fault(&l->r, v, "GET has no body");
	if ((body != NULL) + (form != NULL) + (xml != NULL) > 1)
		return reader_fault(
		    &l->r, v, "a request has a body, a form or xml, not two of them");
	return tree_member(env, v, "body", &s->body) && template_member(env, v, "xml", &s->xml);
}

bool
step_sends(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s)
{
	return step_request(l, env, value_get(v, "request"), s) && step_sending(l, env, v, s);
}

/* Is each item of a list a record? Else the answer is, where there is one. */
static bool
step_has_record(const struct step *s)
{
	return s->each != NULL || s->each_bind != NULL;
}

static bool
step_each(struct expr_env *env, struct step_looks *looks, const struct value *v, struct step *s)
{
	struct expr_env item;

	env->looks = &looks->each;
	if (value_is(value_get(v, "each"), VALUE_OBJECT)
		? !bind_member(env, v, "each", &s->each_bind)
		: !expr_member(env, v, "each", &s->each))
		return false;
	env->looks = &looks->rest;
	item = *env;
	item.record = step_has_record(s) || s->path != NULL || value_get(v, "pick") != NULL;
	item.looks = &looks->record;
	item.chooses = value_get(v, "pick") != NULL;
	return cond_member(&item, v, "where", &s->where) &&
	       expr_member(env, v, "expect", &s->expect) && expr_member(env, v, "pick", &s->pick);
}

static bool
step_record(struct loader *l, const struct expr_env *env, struct step_looks *looks,
    enum operation op, const struct value *v, struct step *s)
{
	static const enum record_kind wanted[OPERATION_MAX] = {
	    [OPERATION_AGENTS] = RECORD_AGENT,
	    [OPERATION_AGENT] = RECORD_AGENT,
	    [OPERATION_TYPES] = RECORD_TYPE,
	    [OPERATION_BALANCE] = RECORD_BALANCE,
	    [OPERATION_FIND] = RECORD_FOUND,
	};
	const struct value *mapping;
	struct expr_env item = *env;
	enum record_kind kind;

	item.record = step_has_record(s) || s->path != NULL;
	item.looks = &looks->record;
	for (kind = RECORD_AGENT; kind < RECORD_MAX; kind++) {
		mapping = value_get(v, record_kind_name(kind));
		if (mapping == NULL)
			continue;
		if (wanted[op] != kind)
			return reader_fault(&l->r, mapping, "%s gives no \"%s\" records",
			    operation_name(op), record_kind_name(kind));
		if (!record_load(l, &item, kind, mapping, &s->record))
			return false;
	}
	return true;
}

static bool
step_set(struct loader *l, const struct expr_env *env, const struct value *v, struct step *s)
{
	size_t i;

	if (v == NULL)
		return true;
	if (!value_is(v, VALUE_OBJECT))
		return reader_fault(&l->r, v, "set is {NAME: EXPR, ...}");
	if (s->name == NULL)
		return reader_fault(
		    &l->r, v, "a step with set needs a name, so that steps.NAME can be said");
	s->set.names = arena_array(l->r.arena, v->n + 1, sizeof(*s->set.names));
	s->set.exprs = arena_array(l->r.arena, v->n + 1, sizeof(*s->set.exprs));
	if (s->set.names == NULL || s->set.exprs == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		s->set.names[i] = v->items[i].name;
		s->set.exprs[i] = expr_compile_value(env, value_at(v, i));
		if (s->set.exprs[i] == NULL)
			return false;
		s->set.n++;
	}
	return true;
}

/* Members beyond id, entries and status: the answer shows the request as find-timeoff does. */
static bool
step_shown(struct loader *l, const struct expr_env *env, const struct value *v, struct record *out)
{
	struct value *found = value_object(l->r.arena);
	bool more = false;
	size_t i;

	for (i = 0; i < v->n; i++) {
		if (text_equal(v->items[i].name, "entries"))
			continue;
		more = more || (!text_equal(v->items[i].name, "id") &&
				   !text_equal(v->items[i].name, "status"));
		if (!value_set(l->r.arena, found, v->items[i].name, v->items[i].value))
			return false;
	}
	return !more || record_load(l, env, RECORD_FOUND, found, out);
}

static bool
step_result(struct loader *l, const struct expr_env *env, enum operation op, const struct value *v,
    struct step *s)
{
	static const char *const keys[] = {"id", "entries", "status", "type_id", "agent_id",
	    "marker", "notes", "date", "start", "end", "amount", "unit", "from", "minutes", "days",
	    "entry", NULL};
	static const char *const words[] = {"PENDING", "APPROVED", "DENIED", "CANCELED"};
	struct expr_env status = *env;
	bool good;

	if (v == NULL)
		return true;
	if (!operation_writes(op))
		return reader_fault(
		    &l->r, v, "%s has no result, it gives records", operation_name(op));
	if (!loader_known(l, v, keys, "result"))
		return false;
	status.words = words;
	status.n_words = ARRAY_LEN(words);
	s->has_result = true;
	good = expr_member(env, v, "id", &s->result_id);
	good = expr_member(env, v, "entries", &s->result_entries) && good;
	good = step_shown(l, env, v, &s->result_shown) && good;
	return expr_member(&status, v, "status", &s->result_status) && good;
}

/*
 * result sees the record that pick chose; without pick and each, the whole answer. set also sees
 * each record.
 */
static bool
step_one(struct loader *l, const struct expr_env *env, enum operation op, const struct value *v,
    struct step *s)
{
	struct expr_env one = *env, set;

	one.record = s->pick != NULL || (!step_has_record(s) && s->path != NULL);
	set = one;
	set.record = one.record || step_has_record(s);
	s->set.gathers = value_get(v, "set") != NULL &&
			 (step_has_record(s) || s->each_for != NULL || s->page.kind != PAGE_NONE);
	return step_set(l, &set, value_get(v, "set"), s) &&
	       step_result(l, &one, op, value_get(v, "result"), s);
}

static bool
step_answer(struct loader *l, enum operation op, const struct value *v, struct step *s)
{
	static const char *const words[] = {"json", "none", "optional", NULL};
	int n = v == NULL ? -1 : reader_one_of(&l->r, v, words, "kind of answer");

	if (v != NULL && n < 0)
		return false;
	s->answer_json = n == 0;
	s->answer_none = n == 1;
	s->answer_optional = n == 2;
	if (s->answer_optional && op == OPERATION_AGENTS)
		return reader_fault(&l->r, v, "an empty answer would unlink every agent");
	s->reads = s->answer_json || s->each != NULL || s->each_bind != NULL || s->pick != NULL ||
		   s->record.kind != RECORD_NONE || s->set.n > 0 || s->has_result ||
		   s->page.kind != PAGE_NONE;
	if (s->answer_none && s->reads)
		return reader_fault(&l->r, v, "answer: none, and yet the step reads the answer");
	return true;
}

static bool
step_alone(struct loader *l, const struct value *v, enum operation op, struct step *s)
{
	static const char *const keys[] = {"name", "when", "need", "refuse", "replace", NULL};
	struct expr_env env = loader_env(l, false);
	const struct value *replace = value_get(v, "replace");

	if (!loader_known(l, v, keys, "a step that only refuses or replaces"))
		return false;
	if (replace != NULL) {
		if (value_is(replace, VALUE_BOOL) && replace->truth)
			s->replace = REPLACE_CANCEL_FIRST;
		else if (text_equal(value_str(replace), "create-first"))
			s->replace = REPLACE_CREATE_FIRST;
		l->adapter->traits.replaces = s->replace;
		return (op == OPERATION_CHANGE && s->replace != REPLACE_NO) ||
		       reader_fault(&l->r, replace,
			   "replace is true or create-first, in a step of change-timeoff");
	}
	return template_member(&env, v, "refuse", &s->refuse);
}

/* What decides whether the step runs. */
static bool
step_conditions(struct loader *l, struct expr_env *request, const struct value *v, struct step *s)
{
	struct expr_env tests = *request;

	tests.tests = true;
	if (!cond_member(request, v, "when", &s->when))
		return false;
	request->unit_known = s->when != NULL && cond_names_in(s->when, "type");
	return step_needs(l, &tests, value_get(v, "need"), s);
}

static bool
looks_meet_list(const struct expr_looks *looks, const struct jsonpath *list)
{
	size_t i;

	for (i = 0; i < looks->n; i++) {
		if (jsonpath_meets_list(looks->paths[i], list))
			return true;
	}
	return false;
}

/*
 * A directory may be too large for its tree to be in memory. Its records can be read one by one, as
 * they come, if each holds all that is asked of it and nothing else looks at their list.
 */
static void
step_streams(
    const struct loader *l, enum operation op, const struct step_looks *looks, struct step *s)
{
	const struct jsonpath *list =
	    s->each == NULL || expr_has_filters(s->each) ? NULL : expr_path(s->each);

	if (op != OPERATION_AGENTS || s->record.kind != RECORD_AGENT || list == NULL ||
	    expr_source(s->each) != SOURCE_ANSWER || s->each_for != NULL || s->pick != NULL ||
	    s->answer_optional || l->adapter->answer != NULL || s->set.n > 0)
		return;
	s->streams =
	    jsonpath_names_list(list, s->list_names, ADAPTER_LIST_NAMES, &s->n_list_names) &&
	    looks->record.n == 0 && !looks->record.call && !looks_meet_list(&looks->rest, list) &&
	    !looks_meet_list(&l->file_looks, list);
}

/* What is read of the answer. */
static bool
step_reading(struct loader *l, enum operation op, struct expr_env *answer, const struct value *v,
    struct step *s)
{
	struct step_looks looks = {.each.n = 0};
	bool good;

	l->looks = answer->looks = &looks.rest;
	good = loader_failures(l, v, &s->failures) &&
	       page_load(l, answer, value_get(v, "page"), &s->page) &&
	       step_each(answer, &looks, v, s) && step_record(l, answer, &looks, op, v, s) &&
	       step_one(l, answer, op, v, s) && step_answer(l, op, value_get(v, "answer"), s);
	l->looks = answer->looks = NULL;
	if (good)
		step_streams(l, op, &looks, s);
	return good;
}

/* A step without a request makes its records of settings, earlier lists and texts. */
static bool
step_asks_nobody(struct loader *l, enum operation op, const struct expr_env *request,
    const struct value *v, struct step *s)
{
	static const char *const keys[] = {"name", "when", "need", "for", "each", "where", "expect",
	    "agent", "type", "balance", "found", "pick", "set", "result", NULL};
	struct step_looks looks = {.each.n = 0};
	struct expr_env env = *request;

	env.tests = true;
	s->request = s->shown = "a step without a request";
	s->reads = true;
	if (!loader_known(l, v, keys, "a step without a request") ||
	    !step_each(&env, &looks, v, s) || !step_record(l, &env, &looks, op, v, s) ||
	    !step_one(l, &env, op, v, s))
		return false;
	return s->record.kind != RECORD_NONE || s->set.n > 0 || s->has_result ||
	       reader_fault(&l->r, v,
		   "a step has a request, a refuse or a replace, or makes something of what is known already");
}

static bool
step_load(struct loader *l, enum operation op, const struct value *v, const struct value *before,
    struct step *s)
{
	struct expr_env request = loader_env(l, false), answer = loader_env(l, true);

	request.steps = answer.steps = before;
	request.statuses = answer.statuses = traits_statuses(l, op);
	s->name = value_get_text(v, "name");
	s->at = v;
	if (!step_conditions(l, &request, v, s))
		return false;
	if (value_get(v, "refuse") != NULL || value_get(v, "replace") != NULL)
		return step_alone(l, v, op, s);
	if (!bind_member(&request, v, "for", &s->each_for))
		return false;
	if (value_get(v, "request") == NULL)
		return step_asks_nobody(l, op, &request, v, s);
	answer.bound = request.bound;
	return step_request(l, &request, value_get(v, "request"), s) &&
	       step_auth(l, value_get(v, "auth"), s) &&
	       step_writes(l, op, value_get(v, "writes"), s) && step_sending(l, &request, v, s) &&
	       step_reading(l, op, &answer, v, s);
}

/* Adds what later steps may name. */
static bool
step_offers(struct loader *l, struct value *before, const struct value *at, const struct step *s)
{
	struct value *names = value_list(l->r.arena);
	const struct value *set = value_get(at, "set");
	size_t i;

	if (s->name == NULL)
		return true;
	if (value_get(before, s->name) != NULL)
		return reader_fault(&l->r, at, "two steps have the name \"%s\"", s->name);
	/* As written: a step that has a fault still offers what later ones name. */
	for (i = 0; value_is(set, VALUE_OBJECT) && i < set->n; i++) {
		if (!value_add(l->r.arena, names, value_text(l->r.arena, set->items[i].name)))
			return false;
	}
	return value_set(l->r.arena, before, s->name, names);
}

bool
steps_load(struct loader *l, enum operation op, const struct value *v, struct steps *out)
{
	static const char *const step_keys[] = {"name", "when", "need", "refuse", "replace", "for",
	    "base_url", "auth", "request", "query", "headers", "body", "form", "xml", "answer",
	    "writes", "failures", "page", "each", "where", "expect", "agent", "type", "balance",
	    "found", "pick", "set", "result", NULL};
	struct value *before = value_object(l->r.arena);
	const struct value *item;
	bool good = true;
	size_t i;

	if (!value_is(v, VALUE_LIST) || v->n == 0 || v->n > LIMIT_STEPS)
		return reader_fault(
		    &l->r, v, "%s is a list of 1 to %d steps", operation_name(op), LIMIT_STEPS);
	out->items = arena_array(l->r.arena, v->n, sizeof(*out->items));
	if (out->items == NULL || before == NULL)
		return false;
	for (i = 0; i < v->n; i++) {
		item = value_at(v, i);
		good = loader_known(l, item, step_keys, "a step") && good;
		if (!value_is(item, VALUE_OBJECT))
			continue;
		good = step_load(l, op, item, before, &out->items[i]) && good;
		good = step_offers(l, before, item, &out->items[i]) && good;
		out->n = i + 1;
	}
	return good;
}
