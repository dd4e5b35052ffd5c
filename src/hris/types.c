/*
 * hris_types.c: the time-off types, kept for an hour in the store (24 hours where the HRIS is out
 * of reach), under a name that changes with the route's settings.
 */
#include <string.h>

#include "adapter/adapter.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "hris/hris_parts.h"
#include "format/json.h"
#include "base/text.h"

enum { TYPES_FRESH_S = 3600, TYPES_STALE_S = 24 * 3600 };

static const char types_space[] = "types";

static bool
setting_is_secret(const struct route *r, const char *name)
{
	const struct value *declared = r->adapter == NULL ? NULL : r->adapter->settings;
	const struct value *secret = value_get(value_get(declared, name), "secret");

	return value_is(secret, VALUE_BOOL) && secret->truth;
}

/* Another company's types must never be taken for this one's; no secret leaves a trace in the
 * store. */
static const char *
types_key(struct hris *h)
{
	const struct value *settings = h->route->settings;
	size_t i;
	unsigned char digest[CRYPTO_SHA256_LEN];
	const char *key = NULL;
	struct buf b, hex;

	buf_init(&b, LIMIT_FILE);
	buf_init(&hex, 2 * CRYPTO_SHA256_LEN);
	buf_puts(&b, h->route->adapter_name);
	for (i = 0; settings != NULL && i < settings->n; i++) {
		if (setting_is_secret(h->route, settings->items[i].name))
			continue;
		json_string(&b, settings->items[i].name);
		json_value(&b, settings->items[i].value);
	}
	if (b.err == GW_OK && crypto_sha256(b.data, b.len, digest)) {
		hex_encode(&hex, digest, sizeof(digest));
		key = arena_printf(h->arena, "%s %s", h->route->name, hex.data);
	}
	buf_clear(&b);
	buf_clear(&hex);
	return key;
}

static bool
types_set(struct arena *a, struct value *o, const char *name, const char *s)
{
	return s == NULL || value_set(a, o, name, value_text(a, s));
}

static struct value *
types_to_value(struct hris *h, const struct timeoff_type *types, size_t n)
{
	struct value *root = value_object(h->arena), *list = value_list(h->arena), *o;
	const struct timeoff_type *t;
	size_t i;

	for (i = 0; i < n; i++) {
		t = &types[i];
		o = value_object(h->arena);
		if (!types_set(h->arena, o, "id", t->id) ||
		    !types_set(h->arena, o, "id2", t->id2) ||
		    !types_set(h->arena, o, "name", t->name) ||
		    !types_set(h->arena, o, "grain", t->grain) ||
		    !types_set(h->arena, o, "plan", t->plan) ||
		    !types_set(h->arena, o, "unit", unit_name(t->unit)) ||
		    !value_set(
			h->arena, o, "day_minutes", value_integer(h->arena, t->day_minutes)) ||
		    !value_set(h->arena, o, "unlimited", value_bool(h->arena, t->unlimited)) ||
		    !value_add(h->arena, list, o))
			return NULL;
	}
	return value_set(h->arena, root, "types", list) &&
		       value_set(
			   h->arena, root, "at", value_integer(h->arena, clock_wall_s(h->clock)))
		   ? root
		   : NULL;
}

static bool
types_from_value(struct hris *h, const struct value *list, struct timeoff_type *out)
{
	const struct value *o, *unlimited;
	unsigned long minutes;
	const char *s;
	size_t i;

	for (i = 0; i < list->n; i++) {
		o = list->items[i].value;
		out[i].id = value_get_text(o, "id");
		out[i].id2 = value_get_text(o, "id2");
		out[i].name = value_get_text(o, "name");
		out[i].grain = value_get_text(o, "grain");
		out[i].plan = value_get_text(o, "plan");
		s = value_get_text(o, "unit");
		if (out[i].id == NULL || s == NULL || !unit_parse(s, &out[i].unit))
			return false;
		s = value_str(value_get(o, "day_minutes"));
		if (s == NULL || !text_unsigned(s, LIMIT_MINUTES, &minutes))
			return false;
		out[i].day_minutes = (int)minutes;
		unlimited = value_get(o, "unlimited");
		out[i].unlimited = value_is(unlimited, VALUE_BOOL) && unlimited->truth;
	}
	(void)h;
	return true;
}

/* What is kept; *age_s tells how old. False where there is nothing that can be used. */
static bool
types_kept(struct hris *h, const char *key, struct timeoff_type **out, size_t *n, int64_t *age_s)
{
	const struct value *list;
	struct value *root = NULL;
	unsigned long at = 0;
	char why[160];
	struct buf b;
	bool found = false;

	if (h->store == NULL)
		return false;
	buf_init(&b, LIMIT_ANSWER);
	if (store_get(h->store, types_space, key, clock_wall_s(h->clock), &b, &found) == GW_OK &&
	    found)
		root = json_parse(h->arena, b.data, b.len, &json_answer, why, sizeof(why));
	buf_clear(&b);
	list = value_get(root, "types");
	if (!value_is(list, VALUE_LIST) || value_str(value_get(root, "at")) == NULL ||
	    !text_unsigned(value_str(value_get(root, "at")), (unsigned long)INT64_MAX, &at))
		return false;
	*out = arena_array(h->arena, list->n + 1, sizeof(**out));
	*n = list->n;
	*age_s = clock_wall_s(h->clock) - (int64_t)at;
	return *out != NULL && types_from_value(h, list, *out);
}

static void
types_keep(struct hris *h, const char *key, const struct timeoff_type *types, size_t n)
{
	struct value *root = types_to_value(h, types, n);
	struct buf b;

	if (root == NULL || h->store == NULL)
		return;
	buf_init(&b, LIMIT_ANSWER);
	json_value(&b, root);
	/* Not kept is only slower. */
	if (b.err == GW_OK)
		(void)store_put(h->store, types_space, key, b.data, b.len,
		    clock_wall_s(h->clock) + TYPES_STALE_S);
	buf_clear(&b);
}

static bool
type_same(const struct timeoff_type *a, const struct timeoff_type *b)
{
	return strcmp(a->id, b->id) == 0 && text_equal(a->id2, b->id2) &&
	       text_equal(a->name, b->name) && text_equal(a->grain, b->grain) &&
	       text_equal(a->plan, b->plan) && a->unit == b->unit &&
	       a->day_minutes == b->day_minutes && a->unlimited == b->unlimited;
}

/* Equal records count once. */
static void
types_unique(struct timeoff_type *types, size_t *n)
{
	size_t i, j, kept = 0;

	for (i = 0; i < *n; i++) {
		for (j = 0; j < kept && !type_same(&types[j], &types[i]); j++)
			continue;
		if (j == kept)
			types[kept++] = types[i];
	}
	*n = kept;
}

static enum gw_err
types_check(struct hris *h, const struct timeoff_type *types, size_t n)
{
	size_t i, j;

	if (n == 0)
		return fail(
		    h->failure, CODE_HRIS_EMPTY, "the HRIS answered no time-off type at all");
	for (i = 0; i < n; i++) {
		if (strlen(types[i].id) > LIMIT_ID)
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "a type's id is longer than %d bytes", LIMIT_ID);
		for (j = 0; j < i; j++) {
			if (strcmp(types[i].id, types[j].id) == 0 &&
			    text_equal(types[i].id2, types[j].id2))
				return fail(h->failure, CODE_HRIS_ANSWER,
				    "two types have the id \"%s\"", types[i].id);
		}
	}
	return GW_OK;
}

static enum gw_err
types_ask(struct hris *h, const char *key, const struct timeoff_type **out, size_t *n)
{
	struct operation_in in = {0};
	struct operation_out told = {0};
	enum gw_err err = h->driver->run(h, OPERATION_TYPES, &in, &told);

	types_unique(told.types, &told.n_types);
	if (err == GW_OK)
		err = types_check(h, told.types, told.n_types);
	if (err != GW_OK)
		return err;
	*out = told.types;
	*n = told.n_types;
	types_keep(h, key, told.types, told.n_types);
	return GW_OK;
}

enum gw_err
hris_types(struct hris *h, const struct timeoff_type **out, size_t *n)
{
	const char *key = types_key(h);
	struct timeoff_type *kept;
	enum gw_err err;
	int64_t age_s;

	if (key == NULL)
		return fail_memory(h->failure);
	err = types_ask(h, key, out, n);
	if (err != GW_ERETRY || !types_kept(h, key, &kept, n, &age_s))
		return err;
	fail_clear(h->failure);
	*out = kept;
	return GW_OK;
}

static const struct timeoff_type *
type_among(const struct timeoff_type *types, size_t n, const char *id, const char *id2)
{
	const struct timeoff_type *t;
	size_t i;

	for (i = 0; types != NULL && i < n; i++) {
		t = &types[i];
		if (strcmp(t->id, id) == 0 && (text_is_empty(id2) || text_equal(t->id2, id2)))
			return t;
	}
	return NULL;
}

enum gw_err
hris_type(struct hris *h, const char *id, const char *id2, const struct timeoff_type **out)
{
	const char *key;
	struct timeoff_type *kept;
	int64_t age_s;
	enum gw_err err;
	size_t n;

	if (h->types == NULL) {
		key = types_key(h);
		if (key == NULL)
			return fail_memory(h->failure);
		if (types_kept(h, key, &kept, &n, &age_s) && age_s >= 0 && age_s < TYPES_FRESH_S) {
			h->types = kept;
			h->n_types = n;
		}
	}
	*out = type_among(h->types, h->n_types, id, id2);
	if (*out != NULL)
		return GW_OK;
	if (!h->types_asked) {
		err = hris_types(h, &h->types, &h->n_types);
		if (err != GW_OK)
			return err;
		h->types_asked = true;
		*out = type_among(h->types, h->n_types, id, id2);
	}
	if (*out == NULL)
		return fail(h->failure, CODE_INPUT_TYPE,
		    "the HRIS knows no time-off type \"%s\"%s%s%s", id,
		    text_is_empty(id2) ? "" : " with secondary id \"",
		    text_is_empty(id2) ? "" : id2, text_is_empty(id2) ? "" : "\"");
	return GW_OK;
}

int
hris_day_minutes(const struct hris *h, const struct timeoff_type *type)
{
	return type != NULL && type->day_minutes > 0 ? type->day_minutes : h->route->day_minutes;
}
