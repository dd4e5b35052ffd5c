/*
 * json_memory.c: see json_memory.h. A block has yajl's structs, and its two buffers of a token, as
 * large as the longest token. What yajl asks for beyond that is left to malloc.
 */
#include "format/json_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	JSON_ALIGN = 16,
	JSON_STRUCTS = 1024, /* bytes of all of yajl's structs and its stack of states */
	JSON_BUFFER = 2048   /* bytes that a buffer of yajl's begins with; it doubles */
};

struct json_block {
	struct json_block *next;
	size_t used, size;
	_Alignas(16) unsigned char data[];
};

struct json_piece {
	size_t size;
	bool single; /* of malloc alone */
	_Alignas(16) unsigned char data[];
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

bool
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
	b = memory_resize(NULL, 0, sizeof(*b) + size);
	if (b == NULL)
		return false;
	*b = (struct json_block){.next = m->blocks, .size = size};
	m->blocks = b;
	m->buffer = buffer;
	return true;
}

yajl_alloc_funcs
json_memory_funcs(struct json_memory *m)
{
	const yajl_alloc_funcs funcs = {
	    .malloc = json_malloc, .realloc = json_realloc, .free = json_free, .ctx = m};

	return funcs;
}

void
json_memory_clear(struct json_memory *m)
{
	struct json_block *b;

	while ((b = m->blocks) != NULL) {
		m->blocks = b->next;
		memory_give(sizeof(*b) + b->size);
		free(b);
	}
}
