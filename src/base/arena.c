/* arena.c: blocks in a list; a piece is cut from the newest block that has room. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 16 * 1024, ARENA_ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t len, cap;
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

void
arena_init(struct arena *a, size_t max)
{
	a->blocks = NULL;
	a->used = 0;
	a->max = max;
}

void
arena_clear(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->blocks = NULL;
	a->used = 0;
}

void
arena_wipe(struct arena *a)
{
	struct arena_block *b;

	for (b = a->blocks; b != NULL; b = b->next)
		explicit_bzero(b->data, b->len);
}

static struct arena_block *
arena_block_new(struct arena *a, size_t size)
{
	struct arena_block *b;
	size_t cap;

#ifdef ARENA_SINGLE
	cap = size;
#else
	/* Blocks grow with what was used, so that a large request makes few of them. */
	cap = a->used / 2 > ARENA_BLOCK ? a->used / 2 : ARENA_BLOCK;
	if (cap > 1024 * 1024)
		cap = 1024 * 1024;
	if (cap < size)
		cap = size;
#endif
	if (cap > a->max - a->used)
		cap = size;
	if (cap > a->max - a->used)
		return NULL;
	b = calloc(1, sizeof(*b) + cap);
	if (b == NULL)
		return NULL;
	b->cap = cap;
	b->next = a->blocks;
	a->blocks = b;
	a->used += cap;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	void *p;

	if (size > a->max || size > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (b == NULL || size > b->cap - b->len) {
		b = arena_block_new(a, size);
		if (b == NULL)
			return NULL;
	}
	p = b->data + b->len;
	b->len += size;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
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
		return NULL;
	p = arena_alloc(a, len + 1);
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
	p = arena_alloc(a, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
