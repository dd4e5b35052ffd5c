/* schema.c: reads a mapping by a table of keys. */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/bounds.h"
#include "base/text.h"

enum { NAMES_MAX = 64 };

static const char *const type_names[] = {
    [SCHEMA_TEXT] = "text",
    [SCHEMA_PATH] = "path",
    [SCHEMA_INTEGER] = "integer",
    [SCHEMA_SECONDS] = "duration",
    [SCHEMA_BOOL] = "boolean",
    [SCHEMA_CLOCK] = "HH:MM",
    [SCHEMA_CHOICE] = "choice",
    [SCHEMA_VALUE] = "mapping",
    [SCHEMA_LIST] = "list",
    [SCHEMA_FILE] = "file:PATH",
};
_Static_assert(ARRAY_LEN(type_names) == SCHEMA_TYPE_MAX, "a name a type");

struct schema_reader {
	struct arena *arena;
	const char *file;
	struct faults *faults;
	const struct schema_key *key;
};

const char *
schema_type_name(enum schema_type t)
{
	return type_names[t];
}

char *
schema_path(struct arena *a, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || slash == NULL)
		return arena_strdup(a, path);
	return arena_printf(a, "%.*s/%s", (int)(slash - file), file, path);
}

static bool
schema_fault(const struct schema_reader *r, const struct value *v, const char *expected)
{
	return fault_at(r->faults, r->file, v, "%s: %s was expected", r->key->name, expected);
}

/* 25, 25s, 10m, 1h, 2d */
static bool
schema_seconds(const char *s, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	char digits[16];
	size_t len = strlen(s), i;
	unsigned long n;
	int64_t factor = 1;

	for (i = 0; len > 0 && i < ARRAY_LEN(units); i++) {
		if (s[len - 1] == units[i].unit) {
			factor = units[i].seconds;
			len--;
			break;
		}
	}
	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	if (!text_unsigned(digits, 100000000UL, &n))
		return false;
	*out = (int64_t)n * factor;
	return true;
}

static bool
schema_clock(const char *s, int64_t *out)
{
	unsigned hour, minute;
	int end = 0;

	if (sscanf(s, "%2u:%2u%n", &hour, &minute, &end) != 2 || s[end] != '\0' || end != 5 ||
	    hour > 23 || minute > 59)
		return false;
	*out = (int64_t)hour * 60 + minute;
	return true;
}

static bool
schema_number(const struct schema_reader *r, const struct value *v, const char *s, int64_t *out)
{
	char expected[96];
	unsigned long n = 0;
	int64_t number = 0;
	bool good;

	if (r->key->type == SCHEMA_SECONDS)
		good = schema_seconds(s, &number);
	else if (r->key->type == SCHEMA_CLOCK)
		good = schema_clock(s, &number);
	else {
		good = text_unsigned(s, 1000000000UL, &n);
		number = (int64_t)n;
	}
	if (r->key->type == SCHEMA_CLOCK) {
		*out = number;
		return good || schema_fault(r, v, "a time of day HH:MM");
	}
	(void)snprintf(expected, sizeof(expected), "%s from %lld to %lld%s",
	    r->key->type == SCHEMA_SECONDS ? "a duration" : "a whole number",
	    (long long)r->key->min, (long long)r->key->max,
	    r->key->type == SCHEMA_SECONDS ? " seconds (25s, 10m, 1h)" : "");
	if (!good || number < r->key->min || number > r->key->max)
		return schema_fault(r, v, expected);
	*out = number;
	return true;
}

static bool
schema_choice(const struct schema_reader *r, const struct value *v, const char *s, const char **out)
{
	size_t n;

	for (n = 0; r->key->choices[n] != NULL; n++) {
		if (strcmp(r->key->choices[n], s) == 0) {
			*out = r->key->choices[n];
			return true;
		}
	}
	return fault_at(r->faults, r->file, v, "%s: \"%s\" is none of its choices%s", r->key->name,
	    s, fault_hint(r->faults, s, r->key->choices, n));
}

/* A scalar's text into its member. */
static bool
schema_store(const struct schema_reader *r, const struct value *v, const char *s, char *member)
{
	switch (r->key->type) {
	case SCHEMA_TEXT:
		*(const char **)(void *)member = arena_strdup(r->arena, s);
		return *(const char **)(void *)member != NULL;
	case SCHEMA_PATH:
		*(const char **)(void *)member = schema_path(r->arena, r->file, s);
		return *(const char **)(void *)member != NULL;
	case SCHEMA_CHOICE:
		return schema_choice(r, v, s, (const char **)(void *)member);
	case SCHEMA_BOOL:
		if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
			return schema_fault(r, v, "true or false");
		*(bool *)(void *)member = strcmp(s, "true") == 0;
		return true;
	default:
		return schema_number(r, v, s, (int64_t *)(void *)member);
	}
}

static bool
schema_one(const struct schema_reader *r, const struct value *v, const struct value *at, void *out)
{
	char *member = (char *)out + r->key->offset;

	if (value_is(v, VALUE_NULL))
		v = NULL;
	if (v == NULL && r->key->required)
		return fault_at(
		    r->faults, r->file, at, "%s is missing: %s", r->key->name, r->key->help);
	if (v != NULL && (r->key->type == SCHEMA_VALUE || r->key->type == SCHEMA_LIST ||
			     r->key->type == SCHEMA_FILE)) {
		*(const struct value **)(void *)member = v;
		return true;
	}
	if (v != NULL && value_str(v) == NULL)
		return schema_fault(r, v, schema_type_name(r->key->type));
	if (v != NULL)
		return schema_store(r, v, value_str(v), member);
	return r->key->fallback == NULL || schema_store(r, NULL, r->key->fallback, member);
}

/* The value at "a" or "a.b". */
static const struct value *
schema_at(const struct value *v, const char *name, char *outer, size_t outer_max)
{
	const char *dot = strchr(name, '.');
	size_t len = dot == NULL ? strlen(name) : (size_t)(dot - name);

	if (len >= outer_max)
		return NULL;
	memcpy(outer, name, len);
	outer[len] = '\0';
	v = value_get(v, outer);
	return dot == NULL ? v : value_get(v, dot + 1);
}

static bool
schema_known(const struct schema_reader *r, const struct schema_key *keys, const struct value *v,
    const char *prefix)
{
	char names[NAMES_MAX][48];
	const char *list[NAMES_MAX];
	size_t n = 0, len = strlen(prefix), i, j;
	bool good = true;

	for (; keys->name != NULL && n < NAMES_MAX; keys++) {
		if (strncmp(keys->name, prefix, len) != 0)
			continue;
		j = strcspn(keys->name + len, ".");
		(void)snprintf(names[n], sizeof(names[n]), "%.*s", (int)j, keys->name + len);
		list[n] = names[n];
		n++;
	}
	for (i = 0; i < v->n; i++) {
		for (j = 0; j < n && strcmp(list[j], v->items[i].name) != 0; j++)
			continue;
		if (j < n)
			continue;
		good = fault_line(r->faults, r->file, v->items[i].line, v->items[i].column,
		    "unknown key \"%s%s\"%s", prefix, v->items[i].name,
		    fault_hint(r->faults, v->items[i].name, list, n));
	}
	return good;
}

/* Mappings inside, as far as the table knows keys of theirs. */
static bool
schema_known_inner(
    const struct schema_reader *r, const struct schema_key *keys, const struct value *v)
{
	const struct schema_key *k;
	char prefix[48], last[48] = "";
	const struct value *inner;
	bool good = true;
	size_t len;

	for (k = keys; k->name != NULL; k++) {
		len = strcspn(k->name, ".");
		if (k->name[len] == '\0' || len + 2 > sizeof(prefix))
			continue;
		(void)snprintf(prefix, sizeof(prefix), "%.*s", (int)len, k->name);
		if (strcmp(prefix, last) == 0)
			continue;
		(void)snprintf(last, sizeof(last), "%s", prefix);
		inner = value_get(v, prefix);
		if (inner == NULL || inner->kind == VALUE_NULL)
			continue;
		if (inner->kind != VALUE_OBJECT) {
			good = fault_at(r->faults, r->file, inner, "%s is a mapping", prefix);
			continue;
		}
		prefix[len] = '.';
		prefix[len + 1] = '\0';
		good = schema_known(r, keys, inner, prefix) && good;
	}
	return good;
}

bool
schema_read(struct arena *a, const char *file, const struct schema_key *keys, const struct value *v,
    void *out, struct faults *faults)
{
	struct schema_reader r = {.arena = a, .file = file, .faults = faults};
	char outer[48];
	bool good = true;

	if (!value_is(v, VALUE_OBJECT))
		return fault_at(faults, file, v, "a mapping of keys was expected");
	good = schema_known(&r, keys, v, "");
	good = schema_known_inner(&r, keys, v) && good;
	for (r.key = keys; r.key->name != NULL; r.key++)
		good =
		    schema_one(&r, schema_at(v, r.key->name, outer, sizeof(outer)), v, out) && good;
	return good;
}
