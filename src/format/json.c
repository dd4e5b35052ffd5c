/*
 * json.c: strict JSON into values, over yajl's callbacks: a document in pieces or whole; no
 * recursion, no half-built tree to leak. Limits and duplicate members are checked while the tree
 * grows, or is handed over item by item. What yajl 2.1.0 lets pass is looked for before it sees the
 * text (json_raw.c).
 */
#include "format/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "format/json_raw.h"

const struct json_limits json_input = {
    .depth = LIMIT_INPUT_DEPTH, .values = LIMIT_INPUT_VALUES, .text = 64 * 1024};
const struct json_limits json_answer = {
    .depth = LIMIT_ANSWER_DEPTH, .values = LIMIT_VALUES, .text = LIMIT_TEXT, .mend = true};

/* An item of a list or object that is still open. */
struct json_item {
	struct member member;
	size_t at; /* the byte after its name */
};

struct json_open {
	struct value *value;
	size_t first; /* of its items */
};

/*
 * yajl 2.1.0 uses what its allocator returns unchecked. So all that it can need for a piece of the
 * document is allocated, and checked, before it sees the piece: its structs, and its two buffers of
 * a token, as large as the longest token. What it asks for beyond that is left to malloc.
 */
struct json_block {
	struct json_block *next;
	size_t used, size;
	_Alignas(16) unsigned char data[];
};

struct json_memory {
	struct json_block *blocks; /* heap; the newest first */
	size_t buffer;             /* bytes of a buffer in the newest */
};

struct json_piece {
	size_t size;
	bool single; /* of malloc alone */
	_Alignas(16) unsigned char data[];
};

enum {
	JSON_ALIGN = 16,
	JSON_STRUCTS = 1024, /* bytes of all of yajl's structs and its stack of states */
	JSON_BUFFER = 2048,  /* bytes that a buffer of yajl's begins with; it doubles */
	JSON_ESCAPE = 6      /* bytes of \uXXXX */
};

struct json_reader {
	struct arena *arena; /* where values go: kept, or scratch while an item is handed over */
	struct arena *kept, scratch;
	const struct json_limits *limits;
	const struct json_list *list; /* NULL: none is handed over */
	struct value *passing;        /* that list, while it is open */
	size_t values_kept;           /* when it was opened */
	struct json_raw raw;
	struct json_memory memory;
	yajl_handle yajl;
	struct value *root;
	struct json_item *items; /* heap; of all open ones, outermost first */
	size_t n, cap;
	struct json_open *open; /* heap */
	size_t depth, open_cap;
	size_t values;
	size_t before;      /* bytes before those that yajl sees */
	const char *reason; /* static; NULL while all is well */
	size_t at;          /* the byte it is about, from 1 */
};

/* Up to so many members are compared each with each; more are sorted first. */
enum { JSON_FEW_MEMBERS = 12 };

/* Always 0: what ends yajl's reading. */
static int
json_refuse(struct json_reader *r, size_t at, const char *reason)
{
	r->reason = reason;
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

/* Room for one more on the heap; NULL leaves p as it was. */
static void *
json_grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t room = *cap == 0 ? 64 : *cap;

	if (n < *cap)
		return p;
	if (*cap != 0) {
		if (room > SIZE_MAX / 2 / size)
			return NULL;
		room *= 2;
	}
	p = realloc(p, room * size);
	if (p != NULL)
		*cap = room;
	return p;
}

static struct json_item *
json_push_item(struct json_reader *r)
{
	struct json_item *items = json_grow(r->items, r->n, &r->cap, sizeof(*items));

	if (items == NULL) {
		(void)json_refuse_here(r, "out of memory");
		return NULL;
	}
	r->items = items;
	items[r->n] = (struct json_item){.at = 0};
	return &items[r->n++];
}

/* Puts v at this place of the text: the root, the next of a list, or after the name just read. */
static int
json_add(struct json_reader *r, struct value *v)
{
	struct json_item *item;

	if (v == NULL)
		return json_refuse_here(r, "out of memory");
	if (r->values >= r->limits->values)
		return json_refuse_here(r, "too many values");
	if (r->depth >= r->limits->depth)
		return json_refuse_here(r, "nested too deep");
	r->values++;
	if (r->depth == 0) {
		r->root = v;
		return 1;
	}
	if (r->open[r->depth - 1].value->kind == VALUE_OBJECT) {
		r->items[r->n - 1].member.value = v;
		return 1;
	}
	item = json_push_item(r);
	if (item == NULL)
		return 0;
	item->member.value = v;
	return 1;
}

/* Is the innermost open value the list whose items are handed over? */
static bool
json_passes(const struct json_reader *r)
{
	return r->passing != NULL && r->open[r->depth - 1].value == r->passing;
}

/* An item is complete: it is handed over, and its memory freed. */
static int
json_pass(struct json_reader *r)
{
	if (!json_passes(r))
		return 1;
	r->n--;
	r->list->item(r->list->context, &r->scratch, r->items[r->n].member.value);
	arena_clear(&r->scratch);
	r->values = r->values_kept;
	return 1;
}

static int
json_scalar(struct json_reader *r, struct value *v)
{
	return json_add(r, v) != 0 && json_pass(r);
}

static int
json_on_null(void *ctx)
{
	struct json_reader *r = ctx;

	return json_scalar(r, value_null(r->arena));
}

static int
json_on_boolean(void *ctx, int truth)
{
	struct json_reader *r = ctx;

	return json_scalar(r, value_bool(r->arena, truth != 0));
}

static int
json_on_number(void *ctx, const char *s, size_t len)
{
	struct json_reader *r = ctx;
	struct value *v;

	if (len > r->limits->text)
		return json_refuse_here(r, "a number is too long");
	v = value_text_len(r->arena, s, len);
	if (v != NULL)
		v->kind = VALUE_NUMBER;
	return json_scalar(r, v);
}

static int
json_on_string(void *ctx, const unsigned char *s, size_t len)
{
	struct json_reader *r = ctx;

	if (len > r->limits->text)
		return json_refuse_here(r, "a text is too long");
	return json_scalar(r, value_text_len(r->arena, (const char *)s, len));
}

static int
json_on_name(void *ctx, const unsigned char *s, size_t len)
{
	struct json_reader *r = ctx;
	struct json_item *item;

	if (len > r->limits->text)
		return json_refuse_here(r, "a member's name is too long");
	item = json_push_item(r);
	if (item == NULL)
		return 0;
	item->at = json_here(r);
	item->member.name = arena_strndup(r->arena, (const char *)s, len);
	if (item->member.name == NULL)
		return json_refuse_here(r, "out of memory");
	return 1;
}

static int
json_open_value(struct json_reader *r, struct value *v)
{
	struct json_open *open;

	if (json_add(r, v) == 0)
		return 0;
	open = json_grow(r->open, r->depth, &r->open_cap, sizeof(*open));
	if (open == NULL)
		return json_refuse_here(r, "out of memory");
	r->open = open;
	open[r->depth++] = (struct json_open){.value = v, .first = r->n};
	return 1;
}

/* The value that was opened last is where the names lead, through objects alone. */
static bool
json_is_the_list(const struct json_reader *r)
{
	size_t i, at;

	if (r->list == NULL || r->passing != NULL || r->depth != r->list->n + 1)
		return false;
	for (i = 0; i < r->list->n; i++) {
		/* Its last item so far is the next open value. */
		at = r->open[i + 1].first - 1;
		if (r->open[i].value->kind != VALUE_OBJECT ||
		    strcmp(r->items[at].member.name, r->list->names[i]) != 0)
			return false;
	}
	return true;
}

static int
json_on_start_list(void *ctx)
{
	struct json_reader *r = ctx;

	if (json_open_value(r, value_list(r->arena)) == 0)
		return 0;
	if (json_is_the_list(r)) {
		r->passing = r->open[r->depth - 1].value;
		r->values_kept = r->values;
		r->arena = &r->scratch;
	}
	return 1;
}

static int
json_on_start_object(void *ctx)
{
	struct json_reader *r = ctx;

	return json_open_value(r, value_object(r->arena));
}

/* The items of the innermost open value become its own, in one piece of exact size. */
static int
json_close(struct json_reader *r)
{
	struct json_open *top = &r->open[--r->depth];
	struct value *v = top->value;
	size_t n = r->n - top->first, i;

	if (v == r->passing) {
		r->passing = NULL;
		r->arena = r->kept;
	}
	if (n == 0)
		return 1;
	v->items = arena_array(r->arena, n, sizeof(*v->items));
	if (v->items == NULL)
		return json_refuse_here(r, "out of memory");
	for (i = 0; i < n; i++)
		v->items[i] = r->items[top->first + i].member;
	v->n = v->cap = n;
	r->n = top->first;
	return 1;
}

static int
json_compare_items(const void *a, const void *b)
{
	const struct json_item *x = a, *y = b;
	int order = strcmp(x->member.name, y->member.name);

	if (order != 0)
		return order;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int
json_on_end_list(void *ctx)
{
	struct json_reader *r = ctx;

	return json_close(r) != 0 && json_pass(r);
}

/* The byte after the second of two equal names; 0 where there is none. May reorder the items. */
static size_t
json_find_duplicate(struct json_item *items, size_t n)
{
	size_t i, j;

	if (n > JSON_FEW_MEMBERS) {
		qsort(items, n, sizeof(*items), json_compare_items);
		for (i = 1; i < n; i++) {
			if (strcmp(items[i - 1].member.name, items[i].member.name) == 0)
				return items[i].at;
		}
		return 0;
	}
	for (i = 1; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (strcmp(items[i].member.name, items[j].member.name) == 0)
				return items[i].at;
		}
	}
	return 0;
}

static int
json_on_end_object(void *ctx)
{
	struct json_reader *r = ctx;
	size_t first = r->open[r->depth - 1].first, end = r->n, at = 0;

	/* Its items stay in the array past r->n: copied first, then sorted. */
	if (json_close(r) == 0)
		return 0;
	if (!r->limits->duplicates && end > first)
		at = json_find_duplicate(r->items + first, end - first);
	return at == 0 ? json_pass(r) : json_refuse(r, at, "a duplicate member");
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

static void *
json_malloc(void *ctx, size_t size)
{
	struct json_memory *m = ctx;
	struct json_block *b = m->blocks;
	struct json_piece *p;
	unsigned char *room;
	bool single;

	if (size >= JSON_BUFFER && size < m->buffer)
		size = m->buffer;
	size = (size + JSON_ALIGN - 1) / JSON_ALIGN * JSON_ALIGN;
	single = size + sizeof(*p) > b->size - b->used;
	if (single)
		room = malloc(size + sizeof(*p));
	else {
		room = b->data + b->used;
		b->used += size + sizeof(*p);
	}
	if (room == NULL)
		return NULL;
	p = (struct json_piece *)(void *)room;
	*p = (struct json_piece){.size = size, .single = single};
	return room + sizeof(*p);
}

static struct json_piece *
json_piece_of(void *data)
{
	return (struct json_piece *)(void *)((unsigned char *)data - sizeof(struct json_piece));
}

static void
json_free(void *ctx, void *data)
{
	(void)ctx;
	if (data != NULL && json_piece_of(data)->single)
		free(json_piece_of(data));
}

static void *
json_realloc(void *ctx, void *data, size_t size)
{
	size_t old = data == NULL ? 0 : json_piece_of(data)->size;
	void *larger;

	if (size <= old)
		return data;
	larger = json_malloc(ctx, size);
	if (larger != NULL && data != NULL) {
		memcpy(larger, data, old);
		json_free(ctx, data);
	}
	return larger;
}

/* For a longest token of so many bytes. */
static bool
json_memory_ready(struct json_memory *m, size_t token)
{
	size_t buffer = JSON_BUFFER, size;
	struct json_block *b;

	/* yajl keeps a few bytes more than the token: its quotes, a NUL. */
	while (buffer <= token + JSON_ALIGN)
		buffer *= 2;
	if (buffer <= m->buffer)
		return true;
	size = JSON_STRUCTS + 2 * (buffer + sizeof(struct json_piece));
	b = malloc(sizeof(*b) + size);
	if (b == NULL)
		return false;
	*b = (struct json_block){.next = m->blocks, .size = size};
	m->blocks = b;
	m->buffer = buffer;
	return true;
}

static void
json_memory_clear(struct json_memory *m)
{
	struct json_block *b;

	while ((b = m->blocks) != NULL) {
		m->blocks = b->next;
		free(b);
	}
}

static void
json_reader_init(struct json_reader *r, struct arena *a, const struct json_limits *limits,
    const struct json_list *list)
{
	const yajl_alloc_funcs funcs = {
	    .malloc = json_malloc, .realloc = json_realloc, .free = json_free, .ctx = &r->memory};

	*r = (struct json_reader){.arena = a, .kept = a, .limits = limits, .list = list};
	arena_init(&r->scratch, LIMIT_ITEM);
	r->raw.nul = limits->duplicates;
	r->raw.mend = limits->mend;
	/* \uXXXX is one byte at least. */
	r->raw.token_max = JSON_ESCAPE * limits->text + JSON_ESCAPE - 1;
	if (json_memory_ready(&r->memory, 0))
		r->yajl = yajl_alloc(&json_callbacks, (yajl_alloc_funcs *)&funcs, r);
	if (r->yajl == NULL)
		(void)json_refuse(r, 0, "out of memory");
}

static void
json_reader_clear(struct json_reader *r)
{
	if (r->yajl != NULL)
		yajl_free(r->yajl);
	json_memory_clear(&r->memory);
	json_raw_clear(&r->raw);
	free(r->items);
	free(r->open);
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

void
json_reader_feed(struct json_reader *r, const char *text, size_t len)
{
	if (r->reason != NULL)
		return;
	if (!json_raw_feed(&r->raw, &text, &len)) {
		(void)json_refuse(r, r->raw.at, r->raw.reason);
		return;
	}
	r->before = r->raw.first;
	if (!json_memory_ready(&r->memory, r->raw.longest))
		(void)json_refuse(r, 0, "out of memory");
	else if (yajl_parse(r->yajl, (const unsigned char *)text, len) != yajl_status_ok &&
		 r->reason == NULL)
		(void)json_refuse_here(r, "not JSON");
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
	if (why_max > 0 && r->at > 0)
		(void)snprintf(why, why_max, "%s at byte %zu", r->reason, r->at);
	else if (why_max > 0)
		(void)snprintf(why, why_max, "%s", r->reason);
	return NULL;
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
