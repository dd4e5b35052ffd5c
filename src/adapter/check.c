/*
 * check.c: mistakes in an adapter file that no part of it shows alone: what is declared and never
 * used, URLs that could lead elsewhere, what an operation needs and does not have.
 */
#include <string.h>
#include <strings.h>

#include "adapter/loader.h"
#include "adapter/record.h"
#include "base/text.h"
#include "format/url.h"

static bool
check_used(
    const struct loader *l, const struct value *declared, enum expr_use_kind kind, const char *what)
{
	const struct member *m;
	bool good = true;
	size_t i;

	for (i = 0; declared != NULL && i < declared->n; i++) {
		m = &declared->items[i];
		if (loader_use(l, OPERATION_MAX, kind, m->name) == NULL)
			good = reader_fault_key(&l->r, m, "%s \"%s\" is never used", what, m->name);
	}
	return good;
}

/* A setting that is only part of a URL must not be able to name another host. */
static bool
check_url_parts(const struct loader *l, const struct template *t, const struct value *at)
{
	const struct value *setting;
	const struct expr *e;
	size_t i;

	for (i = 0; (e = template_expr(t, i)) != NULL; i++) {
		if (expr_setting(e) == NULL)
			return reader_fault(&l->r, at,
			    "\"%s\": scheme, host and port come from settings only",
			    expr_source_text(e));
		setting = value_get(l->adapter->settings, expr_setting(e));
		if (template_lone(t) == NULL && value_get(setting, "pattern") == NULL &&
		    value_get(setting, "one_of") == NULL)
			return reader_fault(&l->r, at,
			    "setting \"%s\" is only part of a URL, and needs a pattern",
			    expr_setting(e));
	}
	return true;
}

static bool
check_url_scheme(const struct loader *l, const struct value *at)
{
	const char *s = value_str(at);
	struct buf origin;
	bool good;

	if (s == NULL || text_starts(s, "${"))
		return true;
	if (strncasecmp(s, "https://", 8) != 0 && strncasecmp(s, "http://", 7) != 0)
		return reader_fault(
		    &l->r, at, "a base_url begins with https://, and \"%s\" does not", s);
	buf_init(&origin, LIMIT_PARAM_BYTES);
	good = strstr(s, "${") != NULL || url_origin(s, &origin);
	buf_clear(&origin);
	return (good && strpbrk(s, "?#") == NULL) ||
	       reader_fault(
		   &l->r, at, "a base_url is scheme, host and path, without user and query");
}

/* A default uses only settings before it, so the chain of defaults ends. */
static bool
check_url(const struct loader *l, const struct template *t, const struct value *at)
{
	struct expr_env env = loader_env(l, false);
	const struct value *declared;

	while (t != NULL && check_url_scheme(l, at) && check_url_parts(l, t, at)) {
		if (template_lone(t) == NULL)
			return true;
		declared = value_get(l->adapter->settings, expr_setting(template_lone(t)));
		at = value_get(declared, "default");
		if (value_str(at) == NULL)
			return true;
		t = template_compile(&env, at);
	}
	return false;
}

static bool
check_urls(const struct loader *l)
{
	bool good = check_url(l, l->adapter->base_url, value_get(l->root, "base_url"));
	const struct token_source *source;
	const struct steps *steps;
	const struct step *s;
	size_t op, i;

	for (i = 0; i < l->adapter->n_auths; i++) {
		source = l->adapter->auths[i].source;
		if (source != NULL && source->step.base_url != NULL)
			good = check_url(l, source->step.base_url, source->step.at) && good;
	}
	for (op = 0; op < OPERATION_MAX; op++) {
		steps = &l->adapter->operations[op];
		for (i = 0; i < steps->n; i++) {
			s = &steps->items[i];
			if (s->base_url != NULL)
				good =
				    check_url(l, s->base_url, value_get(s->at, "base_url")) && good;
		}
	}
	return good;
}

/* Does an operation send what it is about? */
static bool
check_sends(const struct loader *l)
{
	static const struct {
		enum operation op;
		const char *what, *uses[12];
	} needed[] = {
	    {OPERATION_AGENT, "the agent", {"agent_id"}},
	    {OPERATION_BALANCE, "the agent", {"agent_id"}},
	    {OPERATION_INSERT, "the agent", {"agent_id"}},
	    {OPERATION_INSERT, "the type", {"type_id", "type_id2", "type"}},
	    {OPERATION_INSERT, "the days",
		{"days", "calendar", "runs", "first", "last", "min_date", "max_date", "dates",
		    "added"}},
	};
	const struct member *m;
	bool good = true;
	size_t i, j;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		m = value_member(value_get(l->root, "operations"), operation_name(needed[i].op));
		for (j = 0; m != NULL && needed[i].uses[j] != NULL; j++) {
			if (loader_use(l, needed[i].op, USE_IN, needed[i].uses[j]) != NULL)
				break;
		}
		if (m != NULL && needed[i].uses[j] == NULL)
			good = reader_fault_key(&l->r, m, "no request of %s names %s",
			    operation_name(needed[i].op), needed[i].what);
	}
	return good;
}

static bool
writes_once(const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		if (steps->items[i].writes == WRITES_ONCE)
			return true;
	}
	return false;
}

/* A lost write can be found by its marker only if that was written. */
static bool
check_marker(const struct loader *l)
{
	static const enum operation writing[] = {OPERATION_INSERT, OPERATION_CHANGE};
	const struct value *at = value_get(l->root, "lost_write");
	const char *proof = l->adapter->traits.find == LOST_KEY ? "key" : "marker";
	bool good = true;
	size_t i;

	if (l->adapter->traits.find == LOST_NONE)
		return true;
	if (!l->adapter->traits.has[OPERATION_FIND])
		return reader_fault(&l->r, at,
		    "lost_write: a lost write is looked for by find-timeoff, which is missing");
	if (l->adapter->traits.find == LOST_NATURAL)
		return true;
	for (i = 0; i < sizeof(writing) / sizeof(writing[0]); i++) {
		if (writes_once(&l->adapter->operations[writing[i]]) &&
		    loader_use(l, writing[i], USE_IN, "marker") == NULL &&
		    loader_use(l, writing[i], USE_IN, proof) == NULL)
			good = reader_fault(&l->r, at,
			    "lost_write finds by %s, and yet %s does not write ${in.%s}", proof,
			    operation_name(writing[i]), proof);
	}
	return good;
}

static const struct expr *
unit_of_types(const struct loader *l)
{
	const struct steps *steps = &l->adapter->operations[OPERATION_TYPES];
	size_t i;

	for (i = 0; i < steps->n; i++) {
		if (steps->items[i].record.kind == RECORD_TYPE)
			return record_member(&steps->items[i].record, "unit");
	}
	return NULL;
}

/* Hours must not be sent for a type that is kept in days. */
static bool
check_units(const struct loader *l)
{
	const struct expr *unit = unit_of_types(l);
	const struct expr_use *use;
	bool good = true;
	size_t op, u;

	if (unit == NULL || expr_is_literal(unit))
		return true;
	for (op = 0; op < OPERATION_MAX; op++) {
		for (u = 0; u < UNIT_MAX; u++) {
			use = loader_use(l, (enum operation)op, USE_UNIT, unit_name((enum unit)u));
			if (use != NULL)
				good = reader_fault(&l->r, use->at,
				    "an amount is sent in %s, and types have units of their own: `as in.type.unit`, or a condition on in.type around it",
				    unit_name((enum unit)u));
		}
	}
	return good;
}

static bool
ids_are_joined(const struct loader *l)
{
	const struct steps *steps;
	size_t op, i;

	for (op = 0; op < OPERATION_MAX; op++) {
		steps = &l->adapter->operations[op];
		for (i = 0; i < steps->n; i++) {
			if (steps->items[i].by_run ||
			    (steps->items[i].result_id != NULL &&
				expr_has_filter(steps->items[i].result_id, "join")))
				return true;
		}
	}
	return false;
}

/* Is what was asked for found under the id that was asked for? */
static bool
gives_joined_id(const struct steps *find)
{
	const struct expr *id;
	size_t i;

	for (i = 0; i < find->n; i++) {
		id = record_member(&find->items[i].record, "id");
		if (id != NULL && text_equal(expr_in_member(id), "request_id"))
			return true;
	}
	return false;
}

static bool
check_joined_ids(const struct loader *l)
{
	const struct expr_use *use;
	bool good = true;
	size_t op;

	if (!ids_are_joined(l))
		return true;
	if (l->adapter->traits.by_run && l->adapter->traits.has[OPERATION_FIND] &&
	    !gives_joined_id(&l->adapter->operations[OPERATION_FIND]))
		good = reader_fault(&l->r,
		    value_get(value_get(l->root, "operations"), "find-timeoff"),
		    "an insert by runs may have several ids, joined by commas: where find-timeoff is asked for them, each part has `id: in.request_id | default .id`");
	for (op = 0; op < OPERATION_MAX; op++) {
		use = loader_use(l, (enum operation)op, USE_WHOLE_ID, "request_id");
		if (use != NULL)
			good = reader_fault(&l->r, use->at,
			    "a request may have several ids, joined by commas, and %s sends them as they are: split them",
			    operation_name((enum operation)op));
	}
	return good;
}

bool
adapter_check(const struct loader *l)
{
	bool good = check_used(l, l->adapter->settings, USE_SETTING, "setting");
	size_t op;

	good = check_used(l, l->adapter->maps, USE_MAP, "map") && good;
	good = check_urls(l) && good;
	good = check_sends(l) && good;
	good = check_marker(l) && good;
	good = check_units(l) && good;
	good = check_joined_ids(l) && good;
	good = check_failures(l, value_get(l->root, "failures"), &l->adapter->failures) && good;
	for (op = 0; op < OPERATION_MAX; op++)
		good = check_operation(l, (enum operation)op) && good;
	return good;
}
