/*
 * expr_names.c: checks, when an adapter is loaded, what an expression names: sources, members of
 * `in`, settings, earlier steps, maps. Notes what was named, for the checks of the whole file.
 */
#include <ctype.h>
#include <string.h>

#include "lang/expr_tree.h"
#include "lang/in.h"
#include "base/text.h"

enum { NAME_MAX_LEN = 64 };

static const struct source_name sources[] = {
    {"in", SOURCE_IN, false},
    {"settings", SOURCE_SETTINGS, false},
    {"steps", SOURCE_STEPS, false},
    {"status", SOURCE_STATUS, true},
    {"header", SOURCE_HEADER, true},
    {"text", SOURCE_TEXT, true},
};
enum { N_SOURCES = sizeof(sources) / sizeof(sources[0]) };

const struct source_name *
source_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_SOURCES; i++) {
		if (strcmp(sources[i].name, name) == 0)
			return &sources[i];
	}
	return NULL;
}

bool
expr_is_source(const char *word)
{
	return source_find(word) != NULL;
}

void
parse_used(const struct parser *ps, enum expr_use_kind kind, const char *name)
{
	struct expr_uses *used = ps->env->used;
	struct expr_use *items;

	if (used == NULL)
		return;
	items = arena_grow(ps->env->r.arena, used->items, used->n, &used->cap, sizeof(*items));
	name = arena_strdup(ps->env->r.arena, name);
	if (items == NULL || name == NULL)
		return;
	used->items = items;
	items[used->n++] = (struct expr_use){kind, name, ps->at};
}

bool
parse_fault(const struct parser *ps, const char *what)
{
	return reader_fault(&ps->env->r, ps->at, "in \"%s\": %s", ps->text, what);
}

bool
parse_fault_name(
    const struct parser *ps, const char *what, const char *name, const char *const *names, size_t n)
{
	return reader_fault(&ps->env->r, ps->at, "in \"%s\": unknown %s \"%s\"%s", ps->text, what,
	    name, fault_hint(ps->env->r.faults, name, names, n));
}

/* The name at the start of the path ".name"; "" if it starts otherwise. */
static void
path_name(const char *p, char out[static NAME_MAX_LEN])
{
	size_t n = 0;

	out[0] = '\0';
	if (*p != '.')
		return;
	while (isalnum((unsigned char)p[1 + n]) || p[1 + n] == '_')
		n++;
	if (n == 0 || n >= NAME_MAX_LEN)
		return;
	memcpy(out, p + 1, n);
	out[n] = '\0';
}

/* Past the brackets at p, if there are any. */
static const char *
path_brackets(const char *p)
{
	char quote = '\0';
	int depth = 0;

	for (; *p != '\0' && (depth > 0 || *p == '['); p++) {
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '\'' || *p == '"')
			quote = *p;
		else if (*p == '[')
			depth++;
		else if (*p == ']')
			depth--;
	}
	return p;
}

static bool
path_fault_member(const struct parser *ps, const struct shape *shape, const char *name)
{
	const char *const *names;
	size_t n;

	names = shape_names(shape, &n);
	return parse_fault_name(ps, "member", name, names, n);
}

static bool
shape_has(const struct shape *shape, const char *name)
{
	const char *const *names;
	size_t n, i;

	names = shape_names(shape, &n);
	for (i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* Members of a day, or of a run of them, that say when. */
static bool
name_is_span(const char *name)
{
	return strcmp(name, "from") == 0 || strcmp(name, "to") == 0 || strcmp(name, "part") == 0;
}

/* Follows a dotted path along a shape; the first member that is not there is a fault. */
static bool
path_check(
    const struct parser *ps, const struct shape *shape, const char *p, const struct shape **item)
{
	char name[NAME_MAX_LEN], next[NAME_MAX_LEN];
	const char *after;
	bool list;

	*item = shape;
	for (; shape != NULL; *item = shape) {
		path_name(p, name);
		if (name[0] == '\0')
			return true;
		if (!shape_has(shape, name))
			return path_fault_member(ps, shape, name);
		if (name_is_span(name))
			parse_used(ps, USE_SPAN, "days");
		list = shape_member_is_list(shape, name);
		shape = shape_member(shape, name);
		p += 1 + strlen(name);
		after = path_brackets(p);
		path_name(after, next);
		if (next[0] != '\0' && list && after == p)
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": %s is a list: %s[*].%s gives the member of each, `for` goes through it",
			    ps->text, name, name, next);
		if (next[0] != '\0' && shape == NULL)
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": %s is one value and has no member \"%s\"", ps->text, name,
			    next);
		p = after;
	}
	return true;
}

static bool
setting_secret(const struct value *declaration)
{
	const struct value *secret = value_get(declaration, "secret");

	return value_is(secret, VALUE_BOOL) && secret->truth;
}

static bool
name_setting(const struct parser *ps, struct expr *e)
{
	const struct value *declared = ps->env->settings;
	const char *names[LIMIT_FAULTS], *kind;
	char name[NAME_MAX_LEN];
	size_t i;

	path_name(ps->p, name);
	if (name[0] == '\0')
		return parse_fault(ps, "settings.NAME was expected");
	e->member = arena_strdup(ps->env->r.arena, name);
	parse_used(ps, USE_SETTING, name);
	if (setting_secret(value_get(declared, name)) && !ps->env->secrets)
		return parse_fault(ps, "a secret setting may stand only in auth and form");
	kind = value_get_text(value_get(declared, name), "kind");
	e->one = kind == NULL || strcmp(kind, "text") == 0;
	if (value_get(declared, name) != NULL)
		return e->member != NULL;
	for (i = 0; declared != NULL && i < declared->n && i < LIMIT_FAULTS; i++)
		names[i] = value_name(declared, i);
	return parse_fault_name(ps, "setting", name, names, i);
}

/* steps.NAME.MEMBER, of earlier steps: absent where `when` skipped one. */
static bool
name_step(const struct parser *ps)
{
	const struct value *steps = ps->env->steps, *set;
	const char *names[LIMIT_FAULTS];
	char name[NAME_MAX_LEN], member[NAME_MAX_LEN];
	size_t i;

	path_name(ps->p, name);
	set = value_get(steps, name);
	if (set == NULL) {
		for (i = 0; steps != NULL && i < steps->n && i < LIMIT_FAULTS; i++)
			names[i] = steps->items[i].name;
		return parse_fault_name(ps, "step (of those before)", name, names, i);
	}
	parse_used(ps, USE_STEP, name);
	path_name(ps->p + 1 + strlen(name), member);
	if (member[0] == '\0')
		return parse_fault(ps, "steps.NAME.WHAT-IT-SETS was expected");
	for (i = 0; i < set->n && i < LIMIT_FAULTS; i++) {
		names[i] = value_str(value_at(set, i));
		if (text_equal(names[i], member))
			return true;
	}
	return parse_fault_name(ps, "value set by that step", member, names, i);
}

/* in.type.unit and the like say how the type is counted, not which it is. */
static bool
name_says_how(const char *name, const char *member)
{
	return strcmp(name, "type") == 0 &&
	       (strcmp(member, "unit") == 0 || strcmp(member, "grain") == 0 ||
		   strcmp(member, "day_minutes") == 0);
}

static bool
name_in(const struct parser *ps, struct expr *e)
{
	const struct expr_env *env = ps->env;
	const struct shape *item;
	char name[NAME_MAX_LEN], member[NAME_MAX_LEN] = "";

	path_name(ps->p, name);
	if (name[0] != '\0')
		path_name(ps->p + 1 + strlen(name), member);
	e->member = arena_strdup(env->r.arena, name);
	e->one = name[0] != '\0' &&
		 (!shape_member_is_list(shape_in(), name) || ps->p[1 + strlen(name)] == '[');
	if (((!env->answer_side && !env->tests) || env->chooses) && !name_says_how(name, member))
		parse_used(ps, USE_IN, name);
	if (!path_check(ps, shape_in(), ps->p, &item))
		return false;
	e->item = item;
	return e->member != NULL;
}

bool
parse_members(struct parser *ps, struct expr *e)
{
	const struct shape *item;

	switch (e->source) {
	case SOURCE_IN:
		return name_in(ps, e);
	case SOURCE_BOUND:
		if (!path_check(ps, e->item, ps->p, &item))
			return false;
		e->item = item;
		return true;
	case SOURCE_SETTINGS:
		return name_setting(ps, e);
	case SOURCE_STEPS:
		return name_step(ps);
	default:
		return true;
	}
}

const struct bound_name *
parse_bound(const struct parser *ps, const char *name)
{
	const struct bound_name *b;

	for (b = ps->env->bound; b != NULL; b = b->next) {
		if (strcmp(b->name, name) == 0)
			return b;
	}
	return NULL;
}

static bool
is_in_member(const char *word)
{
	size_t n, i;
	const char *const *names = shape_names(shape_in(), &n);

	for (i = 0; i < n && strcmp(names[i], word) != 0; i++)
		continue;
	return i < n;
}

static const char *
source_list(struct arena *a, const char *what, const char *const *names, size_t n)
{
	const char *list = arena_printf(a, "; %s are %s", what, names[0]);
	size_t i;

	for (i = 1; list != NULL && i < n; i++)
		list = arena_printf(a, "%s, %s", list, names[i]);
	return list;
}

/* Nothing that there is has a name like it: what perhaps was meant, or the words or sources that
 * may stand there. "" without memory. */
static const char *
source_hint(const struct parser *ps, const char *word, const char *const *names, size_t n)
{
	struct arena *a = ps->env->r.arena;
	const char *hint = NULL;

	if (ps->env->n_words > 0)
		hint = source_list(a, "words here", ps->env->words, ps->env->n_words);
	else if (ps->env->record)
		hint = arena_printf(a, " (did you mean .%s?)", word);
	else if (ps->env->answer_side)
		hint = arena_printf(a, " (did you mean $.%s[*], or $.%s?)", word, word);
	else if (value_get(ps->env->settings, word) != NULL)
		hint = arena_printf(a, " (did you mean settings.%s?)", word);
	else if (is_in_member(word))
		hint = arena_printf(a, " (did you mean in.%s?)", word);
	else if (n > 0)
		hint = source_list(a, "sources here", names, n);
	return hint == NULL ? "" : hint;
}

bool
parse_unknown_source(const struct parser *ps, const char *word)
{
	const char *hint;
	const char *names[N_SOURCES + LIMIT_FAULTS];
	const struct bound_name *b;
	size_t n = 0, i;

	for (i = 0; i < N_SOURCES; i++) {
		if (strcmp(sources[i].name, word) == 0 && sources[i].answer_side)
			return parse_fault(ps, "there is no answer yet at this place");
		/* Those of a request have members. */
		if (sources[i].answer_side ? ps->env->answer_side : *ps->p == '.')
			names[n++] = sources[i].name;
	}
	for (b = ps->env->bound; b != NULL && n < LIMIT_FAULTS; b = b->next)
		names[n++] = b->name;
	for (i = 0; i < ps->env->n_words && n < LIMIT_FAULTS; i++)
		names[n++] = ps->env->words[i];
	hint = fault_hint(ps->env->r.faults, word, names, n);
	if (hint[0] == '\0')
		hint = source_hint(ps, word, names, n);
	return reader_fault(
	    &ps->env->r, ps->at, "in \"%s\": unknown source \"%s\"%s", ps->text, word, hint);
}

/* A map of our statuses must know each that can occur here. */
static bool
map_statuses(const struct parser *ps, const struct expr *e, const struct filter_use *use)
{
	static const char *const live[] = {"PENDING", "APPROVED", NULL};
	bool was = text_equal(expr_in_member(e), "was");
	const char *const *s = was || ps->env->statuses == NULL ? live : ps->env->statuses;
	size_t i;

	if (!was && !text_equal(expr_in_member(e), "status"))
		return true;
	/* After a filter it is no status of ours any more. */
	for (i = 0; i < e->n_filters; i++) {
		if (!e->filters[i].filter->absent)
			return true;
	}
	for (; *s != NULL && value_get(use->map, "else") == NULL; s++) {
		if (value_get(use->map, *s) == NULL)
			return reader_fault(&ps->env->r, ps->at,
			    "in \"%s\": map \"%s\" lacks a status that can come: %s", ps->text,
			    use->map_name, *s);
	}
	return true;
}

bool
parse_map(const struct parser *ps, struct filter_use *use, const struct expr *e)
{
	const struct value *maps = ps->env->maps;
	const char *name = use->args[0].literal == NULL ? NULL : value_str(use->args[0].literal);
	const char *names[LIMIT_FAULTS], *setting = expr_setting(&use->args[0]);
	size_t i;

	if (setting != NULL &&
	    text_equal(value_get_text(value_get(ps->env->settings, setting), "kind"), "map"))
		return true;
	if (name == NULL)
		return parse_fault(
		    ps, "map needs the name of a map, or a setting of which kind is map");
	use->map = value_get(maps, name);
	if (use->map == NULL) {
		for (i = 0; maps != NULL && i < maps->n && i < LIMIT_FAULTS; i++)
			names[i] = value_name(maps, i);
		return parse_fault_name(ps, "map", name, names, i);
	}
	use->map_name = name;
	parse_used(ps, USE_MAP, name);
	return map_statuses(ps, e, use);
}
