/*
 * arena.h: memory that lives as long as one request (or one loaded file) and goes as a whole.
 * Everything handed out is aligned for any type, zeroed, and valid until arena_clear().
 * NULL means the maximum or the machine's memory was reached, and is noted; nothing here aborts.
 * Sanitizer builds (-DARENA_SINGLE) make each piece its own allocation.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out, with overhead */
	size_t max;
	bool failed; /* it has returned NULL, or what was to be copied here found no memory */
};

/* This thread keeps up to n blocks, 16 KiB each, for its arenas to come; none before, or by 0. */
void arena_keep(size_t n);

void arena_init(struct arena *a, size_t max);
void arena_clear(struct arena *a);
/* Overwrites all that was handed out: for arenas that hold secrets, before arena_clear(). */
void arena_wipe(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
/* Room for texts of size bytes in all, which then do not fail; false: there is none. */
bool arena_reserve(struct arena *a, size_t size);
/* Aligned to align alone, a power of two, 16 at most. */
void *arena_alloc_to(struct arena *a, size_t size, size_t align);
/* p, of malloc and of size bytes, becomes a piece; false: it does not, and stays the caller's. */
bool arena_adopt(struct arena *a, void *p, size_t size);
/* n times size, or NULL where that would wrap. */
void *arena_array(struct arena *a, size_t n, size_t size);
/*
 * Room for one more: items holds n of room *cap; returns items, or a larger copy of it.
 * NULL leaves items as it was.
 */
void *arena_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t size);
/* Texts are packed without space between them. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
