/*
 * check_steps.c: what a step of an operation cannot combine, what steps cannot do one after
 * another, and what each kind of operation needs.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapter/loader.h"
#include "adapter/record.h"
#include "base/text.h"

struct checker {
	const struct loader *l;
	enum operation op;
	const struct step *step;
	bool good;
};

static void
check_fault(struct checker *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
check_fault(struct checker *c, const char *fmt, ...)
{
	struct value_place at = value_place(c->step->at);
	va_list ap;

	va_start(ap, fmt);
	fault_list(c->l->r.faults, c->l->r.file, at.line, at.column, fmt, ap);
	va_end(ap);
	c->good = false;
}

/* A value comes from one answer of one call. */
static void
check_together(struct checker *c)
{
	const struct step *s = c->step;
	const struct {
		bool there;
		const char *key;
	} single[] = {{s->pick != NULL, "pick"}, {s->has_result, "result"}};
	size_t i;

	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
		if (single[i].there && s->page.kind != PAGE_NONE)
			check_fault(c, "%s reads one answer, and page gives many", single[i].key);
		if (single[i].there && s->each_for != NULL && !s->by_run)
			check_fault(c, "%s reads one answer, and for gives many", single[i].key);
	}
	if (s->expect != NULL && s->page.kind != PAGE_NONE)
		check_fault(c, "expect counts one answer, and page gives many");
	if (s->page.kind != PAGE_NONE && s->page.kind != PAGE_CURSOR && s->page.kind != PAGE_URL &&
	    s->page.kind != PAGE_LINK && s->each == NULL && s->each_bind == NULL)
		check_fault(c, "page goes on by what each finds, and there is no each");
	if (s->page.kind != PAGE_NONE && s->writes != WRITES_NO)
		check_fault(c, "a request that writes is not sent page after page");
	if ((s->where != NULL && s->each == NULL && s->each_bind == NULL && s->pick == NULL) ||
	    (s->expect != NULL && s->each == NULL && s->each_bind == NULL))
		check_fault(c, "where and expect are about the items of each");
	if ((s->each != NULL || s->each_bind != NULL) && s->record.kind == RECORD_NONE &&
	    s->set.n == 0)
		check_fault(c, "each goes through the answer, and nothing is made of its items");
	if ((s->each != NULL || s->each_bind != NULL) && s->pick != NULL)
		check_fault(c, "each makes records and pick takes one: not both");
}

/* The texts and names below v: the first of which it is so. Nesting is bounded by yaml.c. */
static const struct value *
texts_find(const struct value *v, const char *name, bool (*so)(const char *s, const char *name))
{
	const struct value *found = NULL;
	size_t i;

	if (value_is(v, VALUE_TEXT))
		return so(v->text, name) ? v : NULL;
	if (!value_is(v, VALUE_LIST) && !value_is(v, VALUE_OBJECT))
		return NULL;
	for (i = 0; i < v->n && found == NULL; i++) {
		found = texts_find(value_at(v, i), name, so);
		if (found == NULL && value_name(v, i) != NULL && so(value_name(v, i), name))
			found = v;
	}
	return found;
}

static bool
is_word(char c)
{
	return text_is_alnum(c) || c == '_';
}

/* Is the name in the text, as a word of its own? */
static bool
text_names(const char *s, const char *name)
{
	const char *p = s;

	for (; (p = strstr(p, name)) != NULL; p++) {
		if ((p == s || (!is_word(p[-1]) && p[-1] != '.' && p[-1] != '\'')) &&
		    !is_word(p[strlen(name)]))
			return true;
	}
	return false;
}

/*
 * {name}, $name and what else other templates write, which nothing puts a value in the place of.
 * <name> with an end tag is XML; ":" begins a name where a value or a part of a path does.
 */
static bool
text_bare(const char *s, const char *name)
{
	static const struct {
		const char *before, *after;
	} forms[] = {{"$", ""}, {"{", "}"}, {"{", "."}, {"{ ", " }"}, {"<", ">"}, {"<", "."},
	    {"%", "%"}, {"%", "."}, {"$(", ")"}, {":", ""}};
	const char *p = s, *from;
	size_t len = strlen(name), before, i;

	for (; (p = strstr(p, name)) != NULL; p++) {
		for (i = 0; i < ARRAY_LEN(forms) && !is_word(p[len]); i++) {
			before = strlen(forms[i].before);
			from = s + ((size_t)(p - s) < before ? 0 : (size_t)(p - s) - before);
			if (strncmp(from, forms[i].before, before) != 0 || from + before != p ||
			    !text_starts(p + len, forms[i].after))
				continue;
			if ((*from == '{' && from > s && from[-1] == '$') ||
			    (*from == '<' && strstr(p, "</") != NULL) ||
			    (*from == ':' && from > s && from[-1] != '/'))
				continue;
			return true;
		}
	}
	return false;
}

/* Of a request, and of a condition, which has texts to compare with. */
static const char *const request_parts[] = {
    "request", "base_url", "query", "headers", "body", "form"};
static const char *const cond_parts[] = {"when", "where"};

static const struct value *
request_find(const struct checker *c, const char *name, bool (*so)(const char *s, const char *name))
{
	const struct value *found = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(request_parts) && found == NULL; i++)
		found = texts_find(value_get(c->step->at, request_parts[i]), name, so);
	return found;
}

static void
check_bare(struct checker *c, const char *name)
{
	const struct value *at = request_find(c, name, text_bare);
	size_t i;

	for (i = 0; i < ARRAY_LEN(cond_parts) && at == NULL; i++)
		at = texts_find(value_get(c->step->at, cond_parts[i]), name, text_bare);
	if (at != NULL)
		c->good = reader_fault(&c->l->r, at,
		    "%s outside of ${...} stands for itself: a value is ${%s}", name, name);
}

/* Names of `for`: written so that they are live, and used, for else all its calls are one. */
static void
check_names(struct checker *c)
{
	static const char *const roots[] = {"in", "settings", "steps"};
	const struct value *names = value_get(c->step->at, "for");
	size_t i, j;
	bool used;

	for (i = 0; i < ARRAY_LEN(roots); i++)
		check_bare(c, roots[i]);
	for (i = 0; value_is(names, VALUE_OBJECT) && i < names->n; i++) {
		check_bare(c, names->items[i].name);
		used = request_find(c, names->items[i].name, text_names) != NULL;
		for (j = i + 1; j < names->n && !used; j++)
			used = texts_find(value_at(names, j), names->items[i].name, text_names) !=
			       NULL;
		if (!used)
			c->good = reader_fault_key(&c->l->r, &names->items[i],
			    "for makes a call for each \"%s\", and the request does not name it",
			    names->items[i].name);
	}
}

static void
check_set_used(struct checker *c)
{
	const struct step *s = c->step;

	if (s->set.n > 0 && loader_use(c->l, c->op, USE_STEP, s->name) == NULL)
		check_fault(c, "step \"%s\" sets values that are never used", s->name);
}

/* An insert or change that fails between two writes cannot be resumed safely. */
static void
check_writes(struct checker *c, const struct steps *steps, size_t i)
{
	const struct step *s = c->step, *other;
	size_t j;

	if (s->writes != WRITES_ONCE)
		return;
	if (s->by_run && c->op != OPERATION_INSERT)
		check_fault(c,
		    "only an insert goes by runs; a change of several is change-timeoff: replace");
	else if (s->each_for != NULL && !s->by_run)
		check_fault(c,
		    "a write that must not be repeated cannot be inside for, but for: {run: in.runs} of an insert; say `writes: again` if repeating it changes nothing");
	for (j = 0; j < i && (c->op == OPERATION_INSERT || c->op == OPERATION_CHANGE); j++) {
		other = &steps->items[j];
		if (other->writes == WRITES_ONCE &&
		    (s->when == NULL || other->when == NULL || !cond_exclude(s->when, other->when)))
			check_fault(c,
			    "a second write that must not be repeated: %s may do one only; say `writes: again` if repeating it changes nothing",
			    operation_name(c->op));
	}
}

/* If the expression ends in a map: are all values of the map good here? */
static void
check_map_gives(
    struct checker *c, const struct expr *e, const char *what, bool (*good)(const char *s))
{
	const struct value *map, *to;
	size_t i;

	if (e == NULL || !expr_ends_in(e, "map"))
		return;
	map = value_get(c->l->adapter->maps, expr_map_name(e));
	for (i = 0; map != NULL && i < map->n; i++) {
		to = value_at(map, i);
		if (to->kind != VALUE_NULL && !good(value_str(to)))
			c->good =
			    reader_fault(&c->l->r, to, "map \"%s\" gives \"%s\", which is no %s",
				expr_map_name(e), value_str(to), what);
	}
}

static bool
good_status(const char *s)
{
	enum timeoff_status status;

	return status_parse(s, &status);
}

static bool
good_unit(const char *s)
{
	enum unit unit;

	return unit_parse(s, &unit);
}

static void
check_agent(struct checker *c)
{
	const struct page *p = &c->step->page;
	const struct record *r = &c->step->record;

	if (c->op == OPERATION_AGENT && record_member(r, "email") != NULL)
		check_fault(c, "get-agent has no use for an e-mail: get-agents gives those");
	if (c->op == OPERATION_AGENT)
		return;
	if (record_member(r, "email") == NULL)
		check_fault(c, "agent lacks the required member \"email\"");
	if (record_member(r, "day_minutes") != NULL)
		check_fault(
		    c, "get-agents has no use for day_minutes: get-agent tells those of one agent");
	if (p->until == UNTIL_SHORT && p->next == NULL && p->total == NULL && p->more == NULL)
		check_fault(c,
		    "agents are missed where a server gives fewer than asked: page needs total, next, more, or until: empty, status N or a condition");
}

static bool
loops_over_dates(const struct step *s)
{
	size_t i;

	for (i = 0; s->each_for != NULL && i < bind_count(s->each_for); i++) {
		if (bind_expr(s->each_for, i) != NULL &&
		    text_equal(expr_in_member(bind_expr(s->each_for, i)), "dates"))
			return true;
	}
	return false;
}

static void
check_balance(struct checker *c)
{
	static const char *const types[] = {"type_id", "type_id2", "plan"};
	const struct record *r = &c->step->record;
	const struct expr *e;
	bool given = false;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		e = record_member(r, types[i]);
		given = given || (e != NULL && !expr_is_literal(e) && expr_source(e) != SOURCE_IN);
	}
	if (!given)
		check_fault(c,
		    "a balance must say for which type it is: neither the answer nor a name of for gives it");
	if (record_member(r, "date") != NULL && record_member(r, "as_of") != NULL)
		check_fault(c, "a balance is as of a date or as of now, not both");
	if (record_member(r, "date") != NULL || record_member(r, "as_of") != NULL)
		return;
	if (loops_over_dates(c->step))
		check_fault(
		    c, "for goes through the dates, and the balance does not say for which it is");
	if (loader_use(c->l, c->op, USE_IN, "dates") == NULL &&
	    loader_use(c->l, c->op, USE_IN, "min_date") == NULL &&
	    loader_use(c->l, c->op, USE_IN, "max_date") == NULL)
		check_fault(c,
		    "get-balance ignores the dates: neither request nor record names one; `as_of: now` for an HRIS that knows only today's");
}

/* What a day has of its own is not read from the record that it is a day of; its unit may be. */
static void
check_days(struct checker *c)
{
	static const char *const members[RECORD_DAY_MEMBERS] = {"date", "amount", NULL, "entry"};
	const struct record *r = &c->step->record;
	size_t i;

	for (i = 0; r->days != NULL && i < RECORD_DAY_MEMBERS; i++) {
		if (members[i] == NULL || r->day_members[i] == NULL ||
		    (expr_source(r->day_members[i]) != SOURCE_RECORD &&
			expr_source(r->day_members[i]) != SOURCE_ANSWER))
			continue;
		check_fault(c,
		    "days.%s is %s, which is of the whole request and the same for each day: a day's own is read from the name of for",
		    members[i], expr_source_text(r->day_members[i]));
	}
}

static void
check_found(struct checker *c)
{
	const struct record *r = &c->step->record;
	const struct expr *status = record_member(r, "status");
	enum lost_find find = c->l->adapter->traits.find;
	const char *map = status == NULL ? NULL : expr_map_name(status);

	if (map != NULL && value_get(value_get(c->l->adapter->maps, map), "else") != NULL)
		check_fault(c,
		    "map \"%s\" feeds found.status and has an else: a status that is not known must stay unknown",
		    map);
	if ((find == LOST_MARKER || find == LOST_KEY) && record_member(r, "marker") == NULL &&
	    record_member(r, "notes") == NULL)
		check_fault(c, "lost_write finds by %s, and found reads neither marker nor notes",
		    find == LOST_KEY ? "key" : "marker");
	check_days(c);
	if (record_member(r, "date") == NULL && r->days == NULL &&
	    (record_member(r, "start") == NULL || record_member(r, "end") == NULL))
		check_fault(c, "found needs date, start and end, or days");
}

static void
check_record(struct checker *c)
{
	const struct record *r = &c->step->record;

	switch (r->kind) {
	case RECORD_AGENT:
		check_agent(c);
		return;
	case RECORD_BALANCE:
		check_balance(c);
		break;
	case RECORD_FOUND:
		check_found(c);
		check_map_gives(c, record_member(r, "status"), "status of ours", good_status);
		break;
	default:
		break;
	}
	check_map_gives(c, record_member(r, "unit"), "unit", good_unit);
}

enum { STATUS_FIRST = 100, STATUS_LAST = 599 };

/* Does `wide`, which asks for the status alone, hold wherever `narrow` could? */
static bool
rule_hides(const struct cond *wide, const struct cond *narrow)
{
	int status, could = 0;

	if (!cond_tests_only_status(wide))
		return false;
	for (status = STATUS_FIRST; status <= STATUS_LAST; status++) {
		if (!cond_matches_status(narrow, status))
			continue;
		could++;
		if (!cond_matches_status(wide, status))
			return false;
	}
	return could > 0;
}

bool
check_failures(const struct loader *l, const struct value *v, const struct failure_rules *rules)
{
	bool good = true;
	size_t i, j;

	for (j = 1; value_is(v, VALUE_LIST) && j < rules->n; j++) {
		for (i = 0; i < j; i++) {
			if (rule_hides(rules->items[i].cond, rules->items[j].cond))
				break;
		}
		if (i < j)
			good = reader_fault(&l->r, value_at(v, j),
			    "this rule is never reached: rule %zu takes its statuses first; put this rule before it",
			    i + 1);
	}
	return good;
}

/* Steps that only read would be repeated as reads are, and never looked for when lost. */
static bool
reads_only(const struct steps *steps)
{
	bool asks = false;
	size_t i;

	for (i = 0; i < steps->n; i++) {
		if (steps->items[i].path != NULL && steps->items[i].writes != WRITES_NO)
			return false;
		asks = asks || steps->items[i].request != NULL;
	}
	return asks;
}

static bool
has_record(const struct steps *steps)
{
	size_t i;

	for (i = 0; i < steps->n; i++) {
		if (steps->items[i].record.kind != RECORD_NONE)
			return true;
	}
	return false;
}

bool
check_operation(const struct loader *l, enum operation op)
{
	const struct steps *steps = &l->adapter->operations[op];
	struct checker c = {.l = l, .op = op, .good = true};
	const struct value *raw = value_get(value_get(l->root, "operations"), operation_name(op));
	size_t i;

	for (i = 0; i < steps->n; i++) {
		c.step = &steps->items[i];
		if (i > 0 && steps->items[i - 1].when == NULL &&
		    (steps->items[i - 1].refuse != NULL ||
			steps->items[i - 1].replace != REPLACE_NO))
			check_fault(&c, "this step is never reached");
		if (c.step->request == NULL)
			continue;
		check_together(&c);
		check_names(&c);
		check_set_used(&c);
		check_writes(&c, steps, i);
		check_record(&c);
		check_map_gives(&c, c.step->result_status, "status of ours", good_status);
		if (value_is(raw, VALUE_LIST))
			c.good = check_failures(l, value_get(value_at(raw, i), "failures"),
				     &c.step->failures) &&
				 c.good;
	}
	if (operation_writes(op) && reads_only(steps)) {
		c.step = &steps->items[0];
		check_fault(&c, "no step of %s writes", operation_name(op));
	}
	if (steps->n > 0 && !operation_writes(op) && !has_record(steps)) {
		c.step = &steps->items[0];
		check_fault(&c, "no step of %s makes records", operation_name(op));
	}
	return c.good;
}
