/*
 * record.c: what each kind of record is made of, one table a kind. By its rows an adapter file's
 * members are checked when it is loaded, and records are read from answers.
 */
#include "adapter/record.h"

#include <string.h>

#include "base/text.h"

enum form {
	FORM_TEXT,   /* const char * */
	FORM_ID,     /* const char *, trimmed: goes to Genesys and comes back from there */
	FORM_KEY,    /* const char *, trimmed: compared with an id */
	FORM_TEXTS,  /* const char **; `has` is their number, a size_t */
	FORM_UNIT,   /* enum unit */
	FORM_HINT,   /* const char *; absent where it cannot be read */
	FORM_STATUS, /* enum timeoff_status; NONE where it is not known; `has` is the HRIS's word */
	FORM_DATE,   /* struct date */
	FORM_MINUTES, /* int: of a day */
	FORM_TRUTH,   /* bool */
	FORM_WORD,    /* bool: is it the rule's word? */
	FORM_DAYS     /* a mapping, see day_rules */
};

/* How a member is named in an adapter file, what it must be, and where it goes. */
struct rule {
	const char *name;
	enum form form;
	bool required;  /* in the adapter file */
	size_t at, has; /* in the row's struct; has: a bool, true where the member is present */
	const char *word;
};

enum { NOWHERE = -1 };
#define AT(type, member) .at = offsetof(struct type, member), .has = (size_t)NOWHERE
#define BOTH(type, member, present) \
	.at = offsetof(struct type, member), .has = offsetof(struct type, present)

static const struct rule agent_rules[] = {
    {"id", FORM_ID, AT(agent, id), .required = true},
    {"email", FORM_TEXT, AT(agent, email)},
    {"day_minutes", FORM_MINUTES, AT(agent, day_minutes)},
    {0},
};

static const struct rule type_rules[] = {
    {"id", FORM_ID, AT(timeoff_type, id), .required = true},
    {"id2", FORM_ID, AT(timeoff_type, id2)},
    {"name", FORM_TEXT, AT(timeoff_type, name), .required = true},
    {"unit", FORM_UNIT, AT(timeoff_type, unit), .required = true},
    {"grain", FORM_TEXT, AT(timeoff_type, grain)},
    {"day_minutes", FORM_MINUTES, AT(timeoff_type, day_minutes)},
    {"unlimited", FORM_TRUTH, AT(timeoff_type, unlimited)},
    {"plan", FORM_TEXT, AT(timeoff_type, plan)},
    {"may_go_to", FORM_TEXT, AT(timeoff_type, may_go_to)},
    {0},
};

static const struct rule balance_rules[] = {
    {"type_id", FORM_KEY, AT(balance, type_id)},
    {"type_id2", FORM_KEY, AT(balance, type_id2)},
    {"plan", FORM_TEXT, AT(balance, plan)},
    {"amount", FORM_TEXT, BOTH(balance, amount, has_amount), .required = true},
    {"unit", FORM_UNIT, BOTH(balance, unit, has_unit)},
    {"unlimited", FORM_TRUTH, AT(balance, unlimited)},
    {"date", FORM_DATE, BOTH(balance, date, dated)},
    {"includes", FORM_WORD, AT(balance, includes_pending), .word = "pending"},
    {"several", FORM_WORD, AT(balance, several), .word = "add"},
    {"as_of", FORM_WORD, AT(balance, as_of_now), .word = "now"},
    {0},
};

struct found_row {
	struct found f;
	struct date date;
	bool has_date, has_start, has_end;
	const char *entry;
};

static const struct rule found_rules[] = {
    {"id", FORM_KEY, AT(found_row, f.id)},
    {"entry", FORM_TEXT, AT(found_row, entry)},
    {"status", FORM_STATUS, BOTH(found_row, f.status, f.status_word), .required = true},
    {"type_id", FORM_KEY, AT(found_row, f.type_id)},
    {"agent_id", FORM_KEY, AT(found_row, f.agent_id)},
    {"marker", FORM_TEXT, AT(found_row, f.marker)},
    {"notes", FORM_TEXTS, BOTH(found_row, f.notes, f.n_notes)},
    {"date", FORM_DATE, BOTH(found_row, date, has_date)},
    {"start", FORM_DATE, BOTH(found_row, f.start, has_start)},
    {"end", FORM_DATE, BOTH(found_row, f.end, has_end)},
    {"amount", FORM_TEXT, AT(found_row, f.amount)},
    {"unit", FORM_UNIT, BOTH(found_row, f.unit, f.has_unit)},
    {"from", FORM_HINT, AT(found_row, f.from)},
    {"minutes", FORM_HINT, AT(found_row, f.minutes)},
    {"days", FORM_DAYS, AT(found_row, f.days)},
    {0},
};

struct day_row {
	struct found_day d;
	bool has_date;
};

static const struct rule day_rules[] = {
    {"date", FORM_DATE, BOTH(day_row, d.date, has_date), .required = true},
    {"amount", FORM_TEXT, AT(day_row, d.amount)},
    {"unit", FORM_UNIT, AT(day_row, d.unit)},
    {"entry", FORM_TEXT, AT(day_row, d.entry)},
    {"from", FORM_HINT, AT(day_row, d.from)},
    {0},
};
enum { N_DAY_RULES = sizeof(day_rules) / sizeof(day_rules[0]) };

static enum gw_err read_agent(const struct row *row);
static enum gw_err read_type(const struct row *row);
static enum gw_err read_balance(const struct row *row);
static enum gw_err read_found(const struct row *row);

#define LIST(list, n) offsetof(struct operation_out, list), offsetof(struct operation_out, n)
static const struct {
	const char *name;
	const struct rule *rules;
	enum gw_err (*read)(const struct row *row);
	size_t list, n; /* in struct operation_out */
} kinds[] = {
    [RECORD_NONE] = {.name = ""},
    [RECORD_AGENT] = {"agent", agent_rules, read_agent, LIST(agents, n_agents)},
    [RECORD_TYPE] = {"type", type_rules, read_type, LIST(types, n_types)},
    [RECORD_BALANCE] = {"balance", balance_rules, read_balance, LIST(balances, n_balances)},
    [RECORD_FOUND] = {"found", found_rules, read_found, LIST(found, n_found)},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == RECORD_MAX, "a row a kind");
_Static_assert(sizeof(found_rules) / sizeof(found_rules[0]) <= RECORD_MEMBERS_MAX + 1, "the most");
_Static_assert(N_DAY_RULES <= RECORD_DAY_MEMBERS + 1, "the most");

const char *
record_kind_name(enum record_kind kind)
{
	return kinds[kind].name;
}

const struct expr *
record_member(const struct record *r, const char *name)
{
	const struct rule *rule = kinds[r->kind].rules;
	size_t i;

	for (i = 0; rule != NULL && rule[i].name != NULL; i++) {
		if (strcmp(rule[i].name, name) == 0)
			return r->members[i];
	}
	return NULL;
}

/* The words that are texts in a member's expression. */
static void
rule_words(const struct rule *rule, struct expr_env *env)
{
	static const char *const units[] = {"minutes", "hours", "days", "half-days", "clock"};
	static const char *const statuses[] = {"PENDING", "APPROVED", "DENIED", "CANCELED"};
	static const char *const truths[] = {"true", "false"};

	switch (rule->form) {
	case FORM_UNIT:
		env->words = units;
		env->n_words = ARRAY_LEN(units);
		break;
	case FORM_STATUS:
		env->words = statuses;
		env->n_words = ARRAY_LEN(statuses);
		break;
	case FORM_TRUTH:
		env->words = truths;
		env->n_words = ARRAY_LEN(truths);
		break;
	case FORM_WORD:
		env->words = &rule->word;
		env->n_words = 1;
		break;
	default:
		break;
	}
}

/* The members, in the order of the rules. */
static bool
load_members(
    const struct expr_env *env, const struct rule *rule, const struct value *v, struct expr **out)
{
	struct expr_env inner;
	bool good = true;

	for (; rule->name != NULL; rule++, out++) {
		if (rule->form == FORM_DAYS)
			continue;
		inner = *env;
		rule_words(rule, &inner);
		good = expr_member(&inner, v, rule->name, out) && good;
	}
	return good;
}

/* days: {for: BIND, date, amount, unit, entry} */
static bool
load_days(struct loader *l, const struct expr_env *env, const struct value *v, struct record *out)
{
	static const char *const keys[] = {"for", "date", "amount", "unit", "entry", NULL};
	struct expr_env inner = *env;

	if (!loader_known(l, v, keys, "days"))
		return false;
	if (value_get(v, "for") == NULL || value_get(v, "date") == NULL)
		return reader_fault(&l->r, v, "days needs for and date");
	return bind_member(&inner, v, "for", &out->days) &&
	       load_members(&inner, day_rules, v, out->day_members);
}

bool
record_load(struct loader *l, const struct expr_env *env, enum record_kind kind,
    const struct value *v, struct record *out)
{
	const char *name = kinds[kind].name, *names[RECORD_MEMBERS_MAX + 1] = {NULL};
	const struct rule *rules = kinds[kind].rules;
	bool good;
	size_t i;

	for (i = 0; rules[i].name != NULL; i++)
		names[i] = rules[i].name;
	good = loader_known(l, v, names, name);
	if (!value_is(v, VALUE_OBJECT))
		return false;
	out->kind = kind;
	for (i = 0; rules[i].name != NULL; i++) {
		if (rules[i].required && value_get(v, rules[i].name) == NULL)
			good = reader_fault(
			    &l->r, v, "%s lacks the required member \"%s\"", name, rules[i].name);
	}
	if (kind == RECORD_BALANCE && value_get(v, "type_id") == NULL &&
	    value_get(v, "type_id2") == NULL && value_get(v, "plan") == NULL)
		good = reader_fault(&l->r, v, "balance needs type_id, type_id2 or plan");
	if (kind == RECORD_FOUND && value_get(v, "id") == NULL && value_get(v, "marker") == NULL)
		good = reader_fault(&l->r, v, "found needs id, or the marker in its place");
	if (kind == RECORD_FOUND && value_get(v, "type_id") == NULL &&
	    value_get(v, "marker") == NULL && value_get(v, "notes") == NULL)
		good = reader_fault(&l->r, v,
		    "found needs type_id, or what proves without it whose write it is: marker or notes");
	good = load_members(env, rules, v, out->members) && good;
	if (kind == RECORD_FOUND && value_get(v, "days") != NULL)
		good = load_days(l, env, value_get(v, "days"), out) && good;
	return good;
}

static const char *
record_article(const struct row *row)
{
	return row->step->record.kind == RECORD_AGENT ? "an" : "a";
}

static enum gw_err
read_fail(const struct row *row, const char *what)
{
	return fail(row->scope.failure, CODE_HRIS_ANSWER, "%s: %s %s record %s", row->step->shown,
	    record_article(row), record_kind_name(row->step->record.kind), what);
}

enum { MEMBERS_SHOWN = 12 };

/* A record that lacks something shows what it has, by name: values are people's. */
static enum gw_err
read_lacks(const struct row *row, const char *what)
{
	const struct value *v = row->scope.record;
	const char *s = NULL;
	size_t i;

	for (i = 0; value_is(v, VALUE_OBJECT) && i < v->n && i < MEMBERS_SHOWN; i++)
		s = i == 0 ? v->items[0].name
			   : arena_printf(
				 row->scope.arena, "%s, %s", s == NULL ? "" : s, v->items[i].name);
	if (s == NULL)
		return read_fail(row, what);
	return fail(row->scope.failure, CODE_HRIS_ANSWER, "%s: %s %s record %s; it has %s%s",
	    row->step->shown, record_article(row), record_kind_name(row->step->record.kind), what,
	    s, v->n > MEMBERS_SHOWN ? ", ..." : "");
}

/*
 * JSON false, null and "" are absent: what several HRIS send for "not set" (Odoo: false). A text
 * lives as long as the record.
 */
static enum gw_err
read_text(const struct row *row, const struct expr *e, const char **out)
{
	struct value *v;
	enum gw_err err = expr_eval(e, &row->scope, &v);

	*out = NULL;
	if (err != GW_OK || v == NULL || (v->kind == VALUE_BOOL && !v->truth))
		return err;
	err = expr_text(e, &row->scope, out);
	if (err == GW_OK && text_is_empty(*out))
		*out = NULL;
	if (*out == NULL || row->keep == row->scope.arena)
		return err;
	*out = arena_strdup(row->keep, *out);
	return *out == NULL ? fail_memory(row->scope.failure) : GW_OK;
}

/* An id without the blanks that people and exports leave around it; nothing else is absent. */
static enum gw_err
read_trimmed(const struct row *row, const char **s)
{
	size_t len;
	const char *start = text_trim(*s, &len);

	if (start == *s && start[len] == '\0')
		return GW_OK;
	*s = len == 0 ? NULL : arena_strndup(row->keep, start, len);
	return *s != NULL || len == 0 ? GW_OK : fail_memory(row->scope.failure);
}

/* Can Genesys send it back to us, and we to the HRIS? Not what is its id in part. */
static enum gw_err
read_check_id(const struct row *row, const char *s)
{
	if (strlen(s) > LIMIT_ID)
		return read_fail(row, "has an id that is too long");
	if (!text_has_control(s) && strcmp(s, ".") != 0 && strcmp(s, "..") != 0 &&
	    strstr(s, TEXT_REPLACEMENT) == NULL)
		return GW_OK;
	return fail(row->scope.failure, CODE_HRIS_ANSWER,
	    "%s: the id \"%s\" of one %s cannot be sent back: correct it in the HRIS",
	    row->step->shown, s, record_kind_name(row->step->record.kind));
}

/* What cannot be read is absent, unless it was memory that ran out. */
static enum gw_err
read_hint(const struct row *row, const struct expr *e, const char **out)
{
	bool failed = row->scope.arena->failed;
	struct failure ignored = {0};
	struct row inner = *row;

	inner.scope.failure = &ignored;
	if (read_text(&inner, e, out) != GW_OK)
		*out = NULL;
	return ignored.memory || (row->scope.arena->failed && !failed)
		   ? fail_memory(row->scope.failure)
		   : GW_OK;
}

/* A status that no map knows is unknown: the request is not absent. */
static enum gw_err
read_status(const struct row *row, const struct expr *e, enum timeoff_status *out)
{
	const char *s;
	enum gw_err err = read_hint(row, e, &s);

	if (s == NULL || !status_parse(s, out))
		*out = STATUS_NONE;
	return err;
}

static enum gw_err
read_texts(const struct row *row, const struct expr *e, const char ***out, size_t *n_out)
{
	struct value *v = NULL, *item;
	enum gw_err err = expr_eval(e, &row->scope, &v);
	size_t i, n;

	if (err != GW_OK || v == NULL)
		return err;
	n = v->kind == VALUE_LIST ? v->n : 1;
	*out = arena_array(row->scope.arena, n + 1, sizeof(**out));
	if (*out == NULL)
		return fail_memory(row->scope.failure);
	for (i = 0; i < n; i++) {
		item = v->kind == VALUE_LIST ? value_at(v, i) : v;
		if (value_is(item, VALUE_TEXT))
			(*out)[(*n_out)++] = item->text;
	}
	return GW_OK;
}

/* Puts the member's text where it goes; false if it is not what it must be. */
static bool
read_put(const struct rule *rule, const char *s, void *to)
{
	unsigned long n;

	switch (rule->form) {
	case FORM_UNIT:
		return unit_parse(s, to);
	case FORM_DATE:
		return date_read(s, to);
	case FORM_MINUTES:
		if (!text_unsigned(s, LIMIT_MINUTES, &n) || n == 0)
			return false;
		*(int *)to = (int)n;
		return true;
	case FORM_TRUTH:
		*(bool *)to = strcmp(s, "true") == 0;
		return *(bool *)to || strcmp(s, "false") == 0;
	case FORM_WORD:
		*(bool *)to = strcmp(s, rule->word) == 0;
		return true;
	default:
		*(const char **)to = s;
		return true;
	}
}

static enum gw_err
read_member(const struct row *row, const struct rule *rule, const struct expr *e, char *out)
{
	static const char *const wrong[] = {
	    [FORM_UNIT] = "has a unit that is not known; map it",
	    [FORM_DATE] = "has a date that cannot be read",
	    [FORM_MINUTES] = "has a day_minutes that is not 1 to 1440",
	    [FORM_TRUTH] = "says neither true nor false for unlimited",
	};
	void *to = out + rule->at, *has = out + rule->has;
	enum gw_err err;
	const char *s;

	if (rule->form == FORM_TEXTS)
		return read_texts(row, e, to, has);
	if (rule->form == FORM_HINT)
		return read_hint(row, e, to);
	if (rule->form == FORM_STATUS) {
		*(const char **)has = expr_word(e, &row->scope);
		return read_status(row, e, to);
	}
	err = read_text(row, e, &s);
	if (err == GW_OK && s != NULL && (rule->form == FORM_ID || rule->form == FORM_KEY))
		err = read_trimmed(row, &s);
	if (err != GW_OK || s == NULL)
		return err;
	if (rule->form == FORM_ID)
		err = read_check_id(row, s);
	if (err != GW_OK)
		return err;
	if (!read_put(rule, s, to))
		return read_fail(row, wrong[rule->form]);
	if (rule->has != (size_t)NOWHERE)
		*(bool *)has = true;
	return GW_OK;
}

/* Absent members leave the struct as is. */
static enum gw_err
read_members(const struct row *row, const struct rule *rule, struct expr *const *members, void *out)
{
	enum gw_err err = GW_OK;

	for (; rule->name != NULL && err == GW_OK; rule++, members++) {
		if (*members != NULL)
			err = read_member(row, rule, *members, out);
	}
	return err;
}

size_t *
record_count(struct operation_out *out, enum record_kind kind)
{
	return (size_t *)(void *)((char *)out + kinds[kind].n);
}

static enum gw_err
read_append(const struct row *row, const void *record, size_t size)
{
	enum record_kind kind = row->step->record.kind;
	char *out = (char *)row->op->out, *items;
	size_t *n = record_count(row->op->out, kind);

	if (*n >= LIMIT_RECORDS)
		return fail(
		    row->scope.failure, CODE_HRIS_TOO_MANY, "more than %d records", LIMIT_RECORDS);
	memcpy(&items, out + kinds[kind].list, sizeof(items));
	items = arena_grow(row->keep, items, *n, &row->op->caps[kind], size);
	if (items == NULL)
		return fail_memory(row->scope.failure);
	memcpy(out + kinds[kind].list, &items, sizeof(items));
	memcpy(items + (*n)++ * size, record, size);
	return GW_OK;
}

static enum gw_err
read_agent(const struct row *row)
{
	struct agent a = {0};
	enum gw_err err = read_members(row, agent_rules, row->step->record.members, &a);

	if (err == GW_OK && a.id == NULL)
		err = read_lacks(row, "has no id");
	return err == GW_OK ? read_append(row, &a, sizeof(a)) : err;
}

static enum gw_err
read_type(const struct row *row)
{
	struct timeoff_type t = {.unit = UNIT_MAX};
	enum gw_err err = read_members(row, type_rules, row->step->record.members, &t);

	if (err == GW_OK && (t.id == NULL || t.name == NULL || t.unit == UNIT_MAX))
		err = read_lacks(row, "has no id, no name or no unit");
	return err == GW_OK ? read_append(row, &t, sizeof(t)) : err;
}

static bool
balance_is_asked(const struct row *row, const struct balance *b)
{
	const struct operation_in *in = row->op->in;
	size_t i;

	for (i = 0; i < in->n_types; i++) {
		if (balance_is_of(b, in->types[i]))
			return true;
	}
	return false;
}

/*
 * The types of a balance are read first: what is wrong with a row that nobody asked for cannot fail
 * those that were asked for.
 */
static enum gw_err
read_balance(const struct row *row)
{
	struct balance b = {0};
	enum gw_err err = read_members(row, balance_rules, row->step->record.members, &b);
	bool typed = b.type_id != NULL || b.type_id2 != NULL || b.plan != NULL;

	if (err == GW_OK && !typed)
		err = read_lacks(row, "has no type");
	if (err == GW_OK && !b.has_amount && !b.unlimited)
		err = read_lacks(row, "has no amount");
	if (err != GW_OK && typed && row->scope.failure->code == CODE_HRIS_ANSWER &&
	    !balance_is_asked(row, &b)) {
		fail_clear(row->scope.failure);
		err = GW_OK;
	}
	return err == GW_OK ? read_append(row, &b, sizeof(b)) : err;
}

static enum gw_err
read_day(const struct row *row, struct found *f)
{
	struct day_row day = {.d.unit = f->has_unit ? f->unit : UNIT_MAX};
	enum gw_err err = read_members(row, day_rules, row->step->record.day_members, &day);

	if (err != GW_OK)
		return err;
	if (!day.has_date)
		return read_lacks(row, "has a day without a date");
	f->days[f->n_days++] = day.d;
	return GW_OK;
}

static enum gw_err
read_days(const struct row *row, struct found *f)
{
	struct row inner = *row;
	const struct binding **rows;
	enum gw_err err;
	size_t i, n;

	if (row->step->record.days == NULL)
		return GW_OK;
	err = bind_rows(row->step->record.days, &row->scope, &rows, &n);
	if (err != GW_OK)
		return err;
	f->days = arena_array(row->scope.arena, n + 1, sizeof(*f->days));
	if (f->days == NULL)
		return fail_memory(row->scope.failure);
	for (i = 0; i < n && err == GW_OK; i++) {
		inner.scope.bound = rows[i];
		inner.scope.record = rows[i]->value;
		err = read_day(&inner, f);
	}
	return err;
}

/* From when to when; if only days are known, by them. */
static void
found_span(struct found_row *r)
{
	struct found *f = &r->f;
	size_t i;

	if (r->has_date)
		f->start = f->end = r->date;
	f->ranged = r->has_date || (r->has_start && r->has_end);
	for (i = 0; !f->ranged && i < f->n_days; i++) {
		if (i == 0 || f->days[i].date.day < f->start.day)
			f->start = f->days[i].date;
		if (i == 0 || f->days[i].date.day > f->end.day)
			f->end = f->days[i].date;
	}
	f->ranged = f->ranged || f->n_days > 0;
}

/* A record of one day is that day. */
static enum gw_err
found_entry(const struct row *row, struct found_row *r)
{
	struct found *f = &r->f;

	if (r->entry == NULL || row->step->record.days != NULL || !f->ranged ||
	    f->start.day != f->end.day)
		return GW_OK;
	f->days = arena_alloc(row->scope.arena, sizeof(*f->days));
	if (f->days == NULL)
		return fail_memory(row->scope.failure);
	f->days[f->n_days++] = (struct found_day){
	    f->start, f->amount, f->has_unit ? f->unit : UNIT_MAX, r->entry, f->from};
	return GW_OK;
}

/*
 * Where the HRIS does not say a request's id, its rows go by the marker, which names one request,
 * or by their own entry. Without a type it is like no other: the marker alone proves whose it is.
 */
static void
found_unnamed(const struct row *row, struct found_row *r)
{
	const struct record *record = &row->step->record;

	if (record_member(record, "id") == NULL)
		r->f.id = r->f.marker != NULL ? r->f.marker : r->entry;
	if (record_member(record, "type_id") == NULL)
		r->f.type_id = "";
}

static enum gw_err
read_found(const struct row *row)
{
	struct found_row r = {.has_date = false};
	enum gw_err err = read_members(row, found_rules, row->step->record.members, &r);

	if (err == GW_OK)
		err = read_days(row, &r.f);
	found_span(&r);
	if (err == GW_OK)
		err = found_entry(row, &r);
	found_unnamed(row, &r);
	if (err == GW_OK && (r.f.id == NULL || r.f.type_id == NULL))
		err = read_lacks(row, "has no id or no type");
	return err == GW_OK ? read_append(row, &r.f, sizeof(r.f)) : err;
}

enum gw_err
record_read(const struct row *row)
{
	return kinds[row->step->record.kind].read(row);
}
