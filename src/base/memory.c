/* memory.c: see memory.h. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	SCARCE = 4, /* a quarter of the budget is left */
	/* Pieces larger than LARGE leave some bytes of each part of the budget to small ones, so
	 * that what a small request needs is there when large ones have taken the rest. */
	LARGE = 16 * 1024,
	PART = 64 * 1024 * 1024, /* the least that `memory` can be */
	PART_SMALL = 64 * 1024
};

static atomic_size_t used;
static atomic_size_t most = SIZE_MAX;

void
memory_set_max(size_t bytes)
{
	atomic_store(&most, bytes);
}

bool
memory_take(size_t bytes)
{
	size_t max = atomic_load_explicit(&most, memory_order_relaxed);
	size_t before = atomic_fetch_add_explicit(&used, bytes, memory_order_relaxed);

	if (bytes > LARGE)
		max -= max / PART * PART_SMALL;
	if (before <= max && bytes <= max - before)
		return true;
	memory_give(bytes);
	return false;
}

void
memory_give(size_t bytes)
{
	(void)atomic_fetch_sub_explicit(&used, bytes, memory_order_relaxed);
}

void *
memory_resize(void *p, size_t from, size_t to)
{
	void *q;

	if (to > from && !memory_take(to - from))
		return NULL;
	q = realloc(p, to);
	if (q == NULL && to > from)
		memory_give(to - from);
	if (q != NULL && to < from)
		memory_give(from - to);
	return q;
}

bool
memory_scarce(void)
{
	size_t max = atomic_load_explicit(&most, memory_order_relaxed);

	return atomic_load_explicit(&used, memory_order_relaxed) > max - max / SCARCE;
}
