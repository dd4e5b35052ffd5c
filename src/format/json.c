/*
 * json.c: strict JSON into values, over yajl's callbacks: a document in pieces or whole; no
 * recursion, no half-built tree to leak. Limits and duplicate members are checked while the tree
 * grows, or is handed over item by item. What yajl 2.1.0 lets pass is looked for before it sees the
 * text (json_raw.c).
 *
 * A tree costs a few times its text, whatever the text: equal short scalars and names of a large
 * document are one value, and a long list's items stay where they were gathered.
 */
#include "format/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_version.h>

#include "base/memory.h"
#include "engine/task.h"
#include "format/json_memory.h"
#include "format/json_raw.h"

const struct json_limits json_input = {
    .depth = LIMIT_INPUT_DEPTH, .values = LIMIT_INPUT_VALUES, .text = 64 * 1024};
const struct json_limits json_answer = {
    .depth = LIMIT_ANSWER_DEPTH, .values = LIMIT_VALUES, .text = LIMIT_TEXT, .mend = true};

/* What is read of all lists, or of all objects, that are still open, outermost first. */
struct json_stack {
	void *items; /* heap, counted */
	size_t n, cap;
};

/* A list or object that is still open. */
struct json_open {
	enum value_kind kind;
	size_t values, members; /* on the stacks before it */
};

enum {
	JSON_ESCAPE = 6, /* bytes of \uXXXX */

	JSON_SLICE = 64 * 1024,  /* bytes between two breaths */
	JSON_FEW_MEMBERS = 12,   /* so many are compared each with each; more are sorted first */
	JSON_LARGE = 256,        /* values from which on those seen are remembered */
	JSON_SEEN = 1024,        /* how many; a power of two */
	JSON_SHORT = 16,         /* bytes of the longest text that is */
	JSON_STACK_FIRST = 64,   /* items of a stack; */
	JSON_STACK_LARGE = 4096, /* it doubles up to here, then grows by an eighth */
	JSON_LONG_LIST = 4096    /* items from which on they are not copied */
};

/* Of a large document: the last value and the last name of each hash. */
struct json_seen {
	struct value *values[JSON_SEEN];
	const char *names[JSON_SEEN];
};

struct json_reader {
	struct arena *arena; /* where values go: kept, or scratch while an item is handed over */
	struct arena *kept, scratch;
	const struct json_limits *limits;
	const struct json_list *list; /* NULL: none is handed over */
	size_t passing;               /* depth of that list, while it is open, from 1 */
	size_t values_kept;           /* when it was opened */
	struct json_raw raw;
	struct json_memory memory;
	yajl_handle yajl;
	struct value *root;
	struct json_stack values, members, open;
	struct json_seen *seen; /* NULL: not yet, or no memory for it */
	size_t n_values;
	size_t before;      /* bytes before those that yajl sees */
	const char *reason; /* static; NULL while all is well */
	int error;          /* errno for it */
	size_t at;          /* the byte it is about, from 1 */
};

/* What every document shares. Nothing changes a value that was read. */
static const struct value json_nothing = {.kind = VALUE_NULL};
static const struct value json_truths[] = {
    {.kind = VALUE_BOOL}, {.kind = VALUE_BOOL, .truth = true}};
static const struct value json_no_items = {.kind = VALUE_LIST, .exact = true};
static const struct value json_no_members = {.kind = VALUE_OBJECT, .exact = true};

/* Always 0: what ends yajl's reading. */
static int
json_refuse(struct json_reader *r, size_t at, const char *reason)
{
	r->reason = reason;
	r->error = EBADMSG;
	r->at = at;
	return 0;
}

static size_t
json_here(const struct json_reader *r)
{
	return r->before + yajl_get_bytes_consumed(r->yajl);
}

static int
json_refuse_here(struct json_reader *r, const char *reason)
{
	return json_refuse(r, json_here(r), reason);
}

static int
json_refuse_memory(struct json_reader *r)
{
	(void)json_refuse(r, 0, "out of memory: " MEMORY_KEY);
	r->error = ENOMEM;
	r->kept->failed = true;
	return 0;
}

/* Room for one more; NULL, with a reason: there is none. */
static void *
json_push(struct json_reader *r, struct json_stack *s, size_t size)
{
	size_t cap = s->cap;
	void *items;

	if (s->n == s->cap) {
		cap += cap == 0 ? JSON_STACK_FIRST : cap < JSON_STACK_LARGE ? cap : cap / 8;
		items = memory_resize(s->items, s->cap * size, cap * size);
		if (items == NULL) {
			(void)json_refuse_memory(r);
			return NULL;
		}
		s->items = items;
		s->cap = cap;
	}
	return (char *)s->items + s->n++ * size;
}

static void
json_stack_clear(struct json_stack *s, size_t size)
{
	free(s->items);
	memory_give(s->cap * size);
}

static struct value **
json_values(const struct json_reader *r)
{
	return r->values.items;
}

static struct member *
json_members(const struct json_reader *r)
{
	return r->members.items;
}

static struct json_open *
json_opened(const struct json_reader *r)
{
	return r->open.items;
}

/* One value more, at this depth: may it be? */
static int
json_count(struct json_reader *r)
{
	if (r->n_values >= r->limits->values)
		return json_refuse_here(r, "too many values");
	if (r->open.n >= r->limits->depth)
		return json_refuse_here(r, "nested too deep");
	r->n_values++;
	return 1;
}

/* An item of the list whose items are handed over is complete; its memory is freed. */
static int
json_pass(struct json_reader *r, const struct value *v)
{
	r->list->item(r->list->context, &r->scratch, v);
	r->kept->failed = r->kept->failed || r->scratch.failed;
	arena_clear(&r->scratch);
	r->n_values = r->values_kept;
	return 1;
}

/* Puts v at this place of the text: the root, the next of a list, or after the name just read. */
static int
json_put(struct json_reader *r, const struct value *shared)
{
	struct value **place, *v = (struct value *)(uintptr_t)shared;

	if (v == NULL)
		return json_refuse_memory(r);
	if (r->open.n == 0)
		r->root = v;
	else if (r->open.n == r->passing)
		return json_pass(r, v);
	else if (json_opened(r)[r->open.n - 1].kind == VALUE_OBJECT)
		json_members(r)[r->members.n - 1].value = v;
	else {
		place = json_push(r, &r->values, sizeof(struct value *));
		if (place == NULL)
			return 0;
		*place = v;
	}
	return 1;
}

/* FNV-1a. */
static size_t
json_hash(const char *s, size_t len)
{
	uint32_t hash = UINT32_C(2166136261);
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)s[i]) * UINT32_C(16777619);
	return (hash ^ hash >> 16) & (JSON_SEEN - 1);
}

/* Whether what was seen is of use: not for what is freed with an item. */
static bool
json_looks_back(struct json_reader *r, size_t len)
{
	if (len > JSON_SHORT || r->n_values < JSON_LARGE || r->arena != r->kept)
		return false;
	if (r->seen == NULL)
		r->seen = calloc(1, sizeof(*r->seen));
	return r->seen != NULL;
}

/* A number or text; an equal one may serve again. */
static struct value *
json_scalar(struct json_reader *r, enum value_kind kind, const char *s, size_t len)
{
	struct value *v, **seen = NULL;

	if (json_looks_back(r, len)) {
		seen = &r->seen->values[json_hash(s, len)];
		v = *seen;
		if (v != NULL && v->kind == kind && v->len == len && memcmp(v->text, s, len) == 0)
			return v;
	}
	v = value_text_len(r->arena, s, len);
	if (v != NULL)
		v->kind = kind;
	if (seen != NULL)
		*seen = v;
	return v;
}

static const char *
json_name(struct json_reader *r, const char *s, size_t len)
{
	const char *name, **seen = NULL;

	if (json_looks_back(r, len)) {
		seen = &r->seen->names[json_hash(s, len)];
		name = *seen;
		if (name != NULL && strlen(name) == len && memcmp(name, s, len) == 0)
			return name;
	}
	name = arena_strndup(r->arena, s, len);
	if (seen != NULL)
		*seen = name;
	return name;
}

static int
json_on_null(void *ctx)
{
	return json_count(ctx) != 0 && json_put(ctx, &json_nothing) != 0;
}

static int
json_on_boolean(void *ctx, int truth)
{
	return json_count(ctx) != 0 && json_put(ctx, &json_truths[truth != 0]) != 0;
}

static int
json_on_number(void *ctx, const char *s, size_t len)
{
	struct json_reader *r = ctx;

	if (len > r->limits->text)
		return json_refuse_here(r, "a number is too long");
	return json_count(r) != 0 && json_put(r, json_scalar(r, VALUE_NUMBER, s, len)) != 0;
}

static int
json_on_string(void *ctx, const unsigned char *s, size_t len)
{
	struct json_reader *r = ctx;

	if (len > r->limits->text)
		return json_refuse_here(r, "a text is too long");
	return json_count(r) != 0 &&
	       json_put(r, json_scalar(r, VALUE_TEXT, (const char *)s, len)) != 0;
}

/* Until the object is complete, its members' lines say where in the text their names end. */
static int
json_on_name(void *ctx, const unsigned char *s, size_t len)
{
	struct json_reader *r = ctx;
	struct member *m;

	if (len > r->limits->text)
		return json_refuse_here(r, "a member's name is too long");
	m = json_push(r, &r->members, sizeof(*m));
	if (m == NULL)
		return 0;
	*m = (struct member){.line = (uint32_t)json_here(r)};
	m->name = json_name(r, (const char *)s, len);
	return m->name != NULL || json_refuse_memory(r) != 0;
}

/* What was opened last is where the names lead, through objects alone. */
static bool
json_is_the_list(const struct json_reader *r)
{
	const struct json_open *open = json_opened(r);
	size_t i, at;

	if (r->list == NULL || r->passing != 0 || r->open.n != r->list->n + 1)
		return false;
	for (i = 0; i < r->list->n; i++) {
		/* Its last member so far is the next that is open. */
		at = open[i + 1].members - 1;
		if (open[i].kind != VALUE_OBJECT ||
		    strcmp(json_members(r)[at].name, r->list->names[i]) != 0)
			return false;
	}
	return true;
}

static int
json_open(struct json_reader *r, enum value_kind kind)
{
	struct json_open *open;

	if (json_count(r) == 0)
		return 0;
	open = json_push(r, &r->open, sizeof(*open));
	if (open == NULL)
		return 0;
	*open = (struct json_open){kind, r->values.n, r->members.n};
	return 1;
}

static int
json_on_start_list(void *ctx)
{
	struct json_reader *r = ctx;

	if (json_open(r, VALUE_LIST) == 0)
		return 0;
	if (json_is_the_list(r)) {
		r->passing = r->open.n;
		r->values_kept = r->n_values;
		r->arena = &r->scratch;
	}
	return 1;
}

static int
json_on_start_object(void *ctx)
{
	return json_open(ctx, VALUE_OBJECT);
}

/* The stack's memory becomes the list's; what is below the list moves to a new stack. */
static struct value **
json_take_stack(struct json_reader *r, size_t first)
{
	const size_t size = sizeof(struct value *);
	struct json_stack old = r->values, *now = &r->values;
	struct value **items;

	now->cap = first < JSON_STACK_FIRST ? JSON_STACK_FIRST : first + first / 8;
	now->items = memory_resize(NULL, 0, now->cap * size);
	items = memory_resize(old.items, old.cap * size, old.n * size);
	if (items != NULL) {
		old.items = items;
		old.cap = old.n;
	}
	memory_give(old.cap * size);
	if (now->items != NULL)
		memcpy(now->items, old.items, first * size);
	else
		now->cap = 0;
	now->n = now->cap == 0 ? 0 : first;
	if (now->items != NULL && arena_adopt(r->arena, old.items, old.cap * size))
		return (struct value **)old.items + first;
	free(old.items);
	return NULL;
}

static struct value *
json_end_list(struct json_reader *r, size_t first)
{
	size_t n = r->values.n - first;
	struct value *v = value_list(r->arena);

	if (v == NULL)
		return NULL;
	if (n == 1) {
		v->single = true;
		v->only = json_values(r)[first];
		r->values.n = first;
	} else if (n >= JSON_LONG_LIST && first < n)
		v->list = json_take_stack(r, first);
	else {
		v->list = arena_alloc_to(r->arena, n * sizeof(*v->list), _Alignof(struct value *));
		if (v->list != NULL)
			memcpy(v->list, json_values(r) + first, n * sizeof(*v->list));
		r->values.n = first;
	}
	v->n = n & VALUE_MOST;
	v->exact = true;
	return v->list == NULL ? NULL : v;
}

static int
json_on_end_list(void *ctx)
{
	struct json_reader *r = ctx;
	struct json_open *top = &json_opened(r)[--r->open.n];

	if (r->passing > r->open.n) {
		r->passing = 0;
		r->arena = r->kept;
	}
	return json_put(
	    r, r->values.n == top->values ? &json_no_items : json_end_list(r, top->values));
}

static int
json_compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* The byte after the second of two equal names; 0 where there is none. May reorder them. */
static size_t
json_find_duplicate(struct member *members, size_t n)
{
	size_t i, j;

	if (n > JSON_FEW_MEMBERS) {
		qsort(members, n, sizeof(*members), json_compare_members);
		for (i = 1; i < n; i++) {
			if (strcmp(members[i - 1].name, members[i].name) == 0)
				return members[i].line;
		}
		return 0;
	}
	for (i = 1; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(members[i].name, members[j].name) == 0)
				return members[i].line;
		}
	}
	return 0;
}

static struct value *
json_end_object(struct json_reader *r, const struct member *members, size_t n)
{
	struct value *v = value_object(r->arena);
	size_t i;

	if (v == NULL)
		return NULL;
	v->items = arena_alloc_to(r->arena, n * sizeof(*members), _Alignof(struct member));
	if (v->items == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		v->items[i] = (struct member){members[i].name, members[i].value, 0, 0};
	v->n = n & VALUE_MOST;
	v->exact = true;
	return v;
}

static int
json_on_end_object(void *ctx)
{
	struct json_reader *r = ctx;
	size_t first = json_opened(r)[--r->open.n].members, n = r->members.n - first, at;
	struct member *members = n == 0 ? NULL : json_members(r) + first;
	const struct value *v = &json_no_members;

	if (n > 0)
		v = json_end_object(r, members, n);
	if (v == NULL)
		return json_refuse_memory(r);
	/* Copied, they may be sorted. */
	at = r->limits->duplicates ? 0 : json_find_duplicate(members, n);
	if (at != 0)
		return json_refuse(r, at, "a duplicate member");
	r->members.n = first;
	return json_put(r, v);
}

static const yajl_callbacks json_callbacks = {
    .yajl_null = json_on_null,
    .yajl_boolean = json_on_boolean,
    .yajl_number = json_on_number,
    .yajl_string = json_on_string,
    .yajl_start_map = json_on_start_object,
    .yajl_map_key = json_on_name,
    .yajl_end_map = json_on_end_object,
    .yajl_start_array = json_on_start_list,
    .yajl_end_array = json_on_end_list,
};

static void
json_reader_init(struct json_reader *r, struct arena *a, const struct json_limits *limits,
    const struct json_list *list)
{
	yajl_alloc_funcs funcs = json_memory_funcs(&r->memory);

	*r = (struct json_reader){.arena = a, .kept = a, .limits = limits, .list = list};
	arena_init(&r->scratch, LIMIT_ITEM);
	r->raw.nul = limits->duplicates;
	r->raw.mend = limits->mend;
	/* \uXXXX is one byte at least. */
	r->raw.token_max = JSON_ESCAPE * limits->text + JSON_ESCAPE - 1;
	if (json_memory_ready(&r->memory, 0))
		r->yajl = yajl_alloc(&json_callbacks, &funcs, r);
	if (r->yajl == NULL)
		(void)json_refuse_memory(r);
}

static void
json_reader_clear(struct json_reader *r)
{
	if (r->yajl != NULL)
		yajl_free(r->yajl);
	json_memory_clear(&r->memory);
	json_raw_clear(&r->raw);
	json_stack_clear(&r->values, sizeof(struct value *));
	json_stack_clear(&r->members, sizeof(struct member));
	json_stack_clear(&r->open, sizeof(struct json_open));
	free(r->seen);
	arena_clear(&r->scratch);
}

struct json_reader *
json_reader_new(struct arena *a, const struct json_limits *limits, const struct json_list *list)
{
	struct json_reader *r = calloc(1, sizeof(*r));

	if (r != NULL)
		json_reader_init(r, a, limits, list);
	return r;
}

void
json_reader_free(struct json_reader *r)
{
	if (r != NULL)
		json_reader_clear(r);
	free(r);
}

static void
json_feed_slice(struct json_reader *r, const char *text, size_t len)
{
	if (!json_raw_feed(&r->raw, &text, &len)) {
		(void)json_refuse(r, r->raw.at, r->raw.reason);
		r->error = r->raw.no_memory ? ENOMEM : EBADMSG;
		return;
	}
	r->before = r->raw.first;
	if (!json_memory_ready(&r->memory, r->raw.longest))
		(void)json_refuse_memory(r);
	else if (yajl_parse(r->yajl, (const unsigned char *)text, len) != yajl_status_ok &&
		 r->reason == NULL)
		(void)json_refuse_here(r, "not JSON");
}

void
json_reader_feed(struct json_reader *r, const char *text, size_t len)
{
	size_t at, n;

	for (at = 0; at < len && r->reason == NULL; at += n) {
		if (at > 0)
			task_breathe();
		n = len - at < JSON_SLICE ? len - at : JSON_SLICE;
		if (task_left_ms(1) > 0)
			json_feed_slice(r, text + at, n);
		else {
			(void)json_refuse(r, 0, "no time was left to read it");
			r->error = ETIME;
		}
	}
}

struct value *
json_reader_end(struct json_reader *r, char *why, size_t why_max)
{
	if (r->reason == NULL && !json_raw_end(&r->raw))
		(void)json_refuse(r, r->raw.at, r->raw.reason);
	if (r->reason == NULL && yajl_complete_parse(r->yajl) != yajl_status_ok &&
	    r->reason == NULL)
		(void)json_refuse(r, r->raw.read, "the document ends too early");
	if (r->reason == NULL && r->root == NULL)
		(void)json_refuse(r, 0, "no JSON document");
	if (r->reason == NULL)
		return r->root;
	errno = r->error;
	if (why_max > 0 && r->at > 0)
		(void)snprintf(why, why_max, "%s at byte %zu", r->reason, r->at);
	else if (why_max > 0)
		(void)snprintf(why, why_max, "%s", r->reason);
	return NULL;
}

enum fail_code
json_fault(enum fail_code blame)
{
	switch (errno) {
	case ENOMEM:
		return CODE_GATEWAY_MEMORY;
	case ETIME:
		return CODE_HRIS_TIMEOUT;
	default:
		return blame;
	}
}

struct value *
json_parse(struct arena *a, const char *text, size_t len, const struct json_limits *limits,
    char *why, size_t why_max)
{
	struct json_reader r;
	struct value *root;

	json_reader_init(&r, a, limits, NULL);
	json_reader_feed(&r, text, len);
	root = json_reader_end(&r, why, why_max);
	json_reader_clear(&r);
	return root;
}

int
json_library(void)
{
	return yajl_version();
}
