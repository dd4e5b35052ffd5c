/*
 * types.c: the time-off types. They are kept for an hour in the store (24 hours where the HRIS is
 * out of reach), under a name that changes with the route's settings.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "hris/policy.h"

enum { TYPES_FRESH_S = 3600, TYPES_STALE_S = 24 * 3600 };

static const char types_space[] = "types";

/* Another company's types must never be taken for this one's. */
const char *
hris_settings_key(struct arena *a, const struct route *r)
{
	unsigned char digest[CRYPTO_SHA256_LEN];
	const char *key = r->settings_key;
	struct buf b, hex;

	if (key != NULL)
		return key;
	buf_init(&b, LIMIT_FILE);
	buf_init(&hex, 2 * CRYPTO_SHA256_LEN);
	buf_puts(&b, r->adapter_name);
	if (r->public_settings != NULL)
		json_value(&b, r->public_settings);
	if (b.err == GW_OK && crypto_sha256(b.data, b.len, digest)) {
		hex_encode(&hex, digest, sizeof(digest));
		key = arena_printf(a, "%s %s", r->name, hex.data);
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
		    !types_set(h->arena, o, "may_go_to", t->may_go_to) ||
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
		o = value_at(list, i);
		out[i].id = value_get_text(o, "id");
		out[i].id2 = value_get_text(o, "id2");
		out[i].name = value_get_text(o, "name");
		out[i].grain = value_get_text(o, "grain");
		out[i].plan = value_get_text(o, "plan");
		out[i].may_go_to = value_get_text(o, "may_go_to");
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

/* What is kept, and how old it is. False where there is nothing that can be used. */
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
	if (store_recall(h->store, types_space, key, clock_wall_s(h->clock), &b, &found) == GW_OK &&
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
		store_keep(h->store, types_space, key, b.data, b.len,
		    clock_wall_s(h->clock) + TYPES_STALE_S);
	buf_clear(&b);
}

/* By id and secondary id; absent and "" are one. */
static int
compare_both_ids(const struct timeoff_type *a, const struct timeoff_type *b)
{
	int c = strcmp(a->id, b->id);

	return c != 0 ? c : strcmp(a->id2 == NULL ? "" : a->id2, b->id2 == NULL ? "" : b->id2);
}

/* For qsort of pointers into one array: by both ids, and by the first alone; what is equal stays in
 * its order. */
static int
compare_types(const void *a, const void *b)
{
	const struct timeoff_type *x = *(struct timeoff_type *const *)a;
	const struct timeoff_type *y = *(struct timeoff_type *const *)b;
	int c = compare_both_ids(x, y);

	return c != 0 ? c : x < y ? -1 : x > y;
}

static int
compare_first_ids(const void *a, const void *b)
{
	const struct timeoff_type *x = *(struct timeoff_type *const *)a;
	const struct timeoff_type *y = *(struct timeoff_type *const *)b;
	int c = strcmp(x->id, y->id);

	return c != 0 ? c : x < y ? -1 : x > y;
}

/* Pointers to the types, in that order. NULL: out of memory. */
static struct timeoff_type **
types_sorted(struct hris *h, struct timeoff_type *types, size_t n,
    int (*compare)(const void *, const void *))
{
	struct timeoff_type **order = arena_array(h->arena, n + 1, sizeof(struct timeoff_type *));
	size_t i;

	for (i = 0; order != NULL && i < n; i++)
		order[i] = &types[i];
	if (order != NULL && n > 1)
		qsort(order, n, sizeof(struct timeoff_type *), compare);
	return order;
}

static bool
type_same(const struct timeoff_type *a, const struct timeoff_type *b)
{
	return text_equal(a->name, b->name) && text_equal(a->grain, b->grain) &&
	       text_equal(a->plan, b->plan) && text_equal(a->may_go_to, b->may_go_to) &&
	       a->unit == b->unit && a->day_minutes == b->day_minutes &&
	       a->unlimited == b->unlimited;
}

/* Equal records count once, and two that differ cannot have one id. */
static enum gw_err
types_check(struct hris *h, struct timeoff_type *types, size_t *n)
{
	struct timeoff_type **order = types_sorted(h, types, *n, compare_types);
	bool *gone = arena_array(h->arena, *n + 1, sizeof(*gone));
	size_t i, kept = 0;

	if (order == NULL || gone == NULL)
		return fail_memory(h->failure);
	if (*n == 0)
		return fail(
		    h->failure, CODE_HRIS_EMPTY, "the HRIS answered no time-off type at all");
	for (i = 0; i < *n; i++) {
		if (strlen(order[i]->id) > LIMIT_ID)
			return fail(h->failure, CODE_HRIS_ANSWER,
			    "a type's id is longer than %d bytes", LIMIT_ID);
		if (i == 0 || compare_both_ids(order[i - 1], order[i]) != 0)
			continue;
		if (!type_same(order[i - 1], order[i]))
			return fail(h->failure, CODE_HRIS_ANSWER, "two types have the id \"%s\"",
			    order[i]->id);
		gone[order[i] - types] = true;
	}
	for (i = 0; i < *n; i++) {
		if (!gone[i])
			types[kept++] = types[i];
	}
	*n = kept;
	return GW_OK;
}

static enum gw_err
types_ask(struct hris *h, const char *key, const struct timeoff_type **out, size_t *n)
{
	struct operation_in in = {0};
	struct operation_out answer = {0};
	enum gw_err err = h->driver->run(h, OPERATION_TYPES, &in, &answer);

	if (err == GW_OK)
		err = types_check(h, answer.types, &answer.n_types);
	if (err != GW_OK)
		return err;
	*out = answer.types;
	*n = answer.n_types;
	types_keep(h, key, answer.types, answer.n_types);
	return GW_OK;
}

enum gw_err
hris_types(struct hris *h, const struct timeoff_type **out, size_t *n)
{
	const char *key = hris_settings_key(h->arena, h->route);
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

/* The types as known so far, from now on; with a way to find one of many. */
static enum gw_err
types_know(struct hris *h, const struct timeoff_type *types, size_t n)
{
	size_t i;

	h->types_by_id = types_sorted(h, (struct timeoff_type *)types, n, compare_first_ids);
	if (h->types_by_id == NULL)
		return fail_memory(h->failure);
	h->n_types = n;
	for (i = 0; h->agent_day_minutes > 0 && i < n; i++)
		h->types_by_id[i]->day_minutes = h->agent_day_minutes;
	return GW_OK;
}

/* Of several with that id, and no secondary id asked: the first that the HRIS lists. */
static const struct timeoff_type *
type_known(const struct hris *h, const char *id, const char *id2)
{
	size_t n = h->types_by_id == NULL ? 0 : h->n_types, low = 0, high = n, middle;
	const struct timeoff_type *t;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(h->types_by_id[middle]->id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n; low++) {
		t = h->types_by_id[low];
		if (strcmp(t->id, id) != 0)
			return NULL;
		if (text_is_empty(id2) || text_equal(t->id2, id2))
			return t;
	}
	return NULL;
}

enum gw_err
hris_type(struct hris *h, const char *id, const char *id2, const struct timeoff_type **out)
{
	const struct timeoff_type *types = NULL;
	const char *key;
	struct timeoff_type *kept;
	int64_t age_s;
	enum gw_err err = GW_OK;
	size_t n = 0;

	if (h->types_by_id == NULL) {
		key = hris_settings_key(h->arena, h->route);
		if (key == NULL)
			return fail_memory(h->failure);
		if (types_kept(h, key, &kept, &n, &age_s) && age_s >= 0 && age_s < TYPES_FRESH_S)
			err = types_know(h, kept, n);
	}
	*out = type_known(h, id, id2);
	if (err != GW_OK || *out != NULL)
		return err;
	if (!h->types_asked) {
		err = hris_types(h, &types, &n);
		if (err == GW_OK)
			err = types_know(h, types, n);
		if (err != GW_OK)
			return err;
		h->types_asked = true;
		*out = type_known(h, id, id2);
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
