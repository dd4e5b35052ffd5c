/*
 * arena.c: blocks in a list; a piece is cut from the newest block that has room: from its lower
 * end, or, where it need not be aligned, from its upper end. Blocks that a thread keeps are cleared
 * where they were used: malloc takes longer over them than a request over its pieces.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	ARENA_FIRST = 4 * 1024,  /* as much again as is used, up to ARENA_BLOCK */
	ARENA_BLOCK = 16 * 1024, /* from four of them on a quarter of what is used */
	ARENA_BLOCK_MOST = 1024 * 1024,
	ARENA_ALIGN = 16
};

struct arena_block {
	struct arena_block *next;
	size_t low, high, size; /* free: low to high */
	unsigned char *bytes;   /* data, or what was adopted */
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

/* Blocks of ARENA_BLOCK, all zero. */
static _Thread_local struct {
	struct arena_block *first;
	size_t n, most;
} kept;

static struct arena_block *
block_take(size_t size)
{
	struct arena_block *b = kept.first;

	if (size == ARENA_BLOCK && b != NULL) {
		kept.first = b->next;
		kept.n--;
		return b;
	}
	b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		return NULL;
	b->bytes = b->data;
	b->size = size;
	return b;
}

static void
block_give(struct arena_block *b)
{
	if (b->bytes != b->data)
		free(b->bytes);
	if (b->bytes != b->data || b->size != ARENA_BLOCK || kept.n == kept.most) {
		free(b);
		return;
	}
	explicit_bzero(b->data, b->low);
	explicit_bzero(b->data + b->high, b->size - b->high);
	b->next = kept.first;
	kept.first = b;
	kept.n++;
}

void
arena_keep(size_t n)
{
	struct arena_block *b;

	kept.most = n;
	while (kept.n > n) {
		b = kept.first;
		kept.first = b->next;
		kept.n--;
		free(b);
	}
}

void
arena_init(struct arena *a, size_t max)
{
	a->blocks = NULL;
	a->used = 0;
	a->max = max;
	a->failed = false;
}

void
arena_clear(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		block_give(b);
	}
	memory_give(a->used);
	arena_init(a, a->max);
}

void
arena_wipe(struct arena *a)
{
	struct arena_block *b;

	for (b = a->blocks; b != NULL; b = b->next)
		explicit_bzero(b->bytes, b->size);
}

static void *
arena_none(struct arena *a)
{
	a->failed = true;
	return NULL;
}

/* Counts so many bytes; false: they are more than may be. */
static bool
arena_count(struct arena *a, size_t size)
{
	if (size > a->max - a->used || !memory_take(size))
		return false;
	a->used += size;
	return true;
}

/* A block in which one piece of that size is taken from the lower end, or from the upper one. */
static void *
arena_block_new(struct arena *a, size_t size, bool upper)
{
	struct arena_block *b;
	size_t cap;

#ifdef ARENA_SINGLE
	cap = size;
#else
	/* Blocks grow with what is used: a request that waits holds little, a large one has few. */
	cap = a->used < ARENA_FIRST ? ARENA_FIRST : a->used;
	if (cap > ARENA_BLOCK)
		cap = a->used / 4 > ARENA_BLOCK ? a->used / 4 : ARENA_BLOCK;
	if (cap > ARENA_BLOCK_MOST)
		cap = ARENA_BLOCK_MOST;
	if (cap < size)
		cap = size;
#endif
	if (!arena_count(a, cap)) {
		cap = size;
		if (!arena_count(a, cap))
			return arena_none(a);
	}
	b = block_take(cap);
	if (b == NULL) {
		a->used -= cap;
		memory_give(cap);
		return arena_none(a);
	}
	b->low = upper ? 0 : size;
	b->high = upper ? cap - size : cap;
	b->next = a->blocks;
	a->blocks = b;
	return b->bytes + (upper ? b->high : 0);
}

void *
arena_alloc_to(struct arena *a, size_t size, size_t align)
{
	struct arena_block *b = a->blocks;
	size_t skip;

	if (size > a->max || size > SIZE_MAX - ARENA_ALIGN)
		return arena_none(a);
	skip = b == NULL ? 0 : -b->low & (align - 1);
	if (b == NULL || skip > b->high - b->low || size > b->high - b->low - skip)
		return arena_block_new(a, size, align == 1);
	if (align == 1) {
		b->high -= size;
		return b->bytes + b->high;
	}
	b->low += skip + size;
	return b->bytes + b->low - size;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return arena_alloc_to(a, size, ARENA_ALIGN);
}

bool
arena_reserve(struct arena *a, size_t size)
{
	if (arena_alloc_to(a, size, 1) == NULL)
		return false;
	a->blocks->high += size;
	return true;
}

bool
arena_adopt(struct arena *a, void *p, size_t size)
{
	struct arena_block *b = calloc(1, sizeof(*b)), **place;

	if (b == NULL || !arena_count(a, size)) {
		free(b);
		a->failed = true;
		return false;
	}
	b->bytes = p;
	b->size = b->low = b->high = size;
	/* It has no room: the newest stays in front. */
	place = a->blocks == NULL ? &a->blocks : &a->blocks->next;
	b->next = *place;
	*place = b;
	return true;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return arena_none(a);
	return arena_alloc(a, n * size);
}

void *
arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size)
{
	size_t room = *cap == 0 ? 8 : *cap * 2;
	void *p;

	if (n < *cap)
		return items;
	p = arena_array(a, room, size);
	if (p == NULL)
		return NULL;
	if (n > 0)
		memcpy(p, items, n * size);
	*cap = room;
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		return arena_none(a);
	p = arena_alloc_to(a, len + 1, 1);
	if (p == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = arena_alloc_to(a, (size_t)n + 1, 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
