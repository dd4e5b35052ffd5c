/*
 * memory_kit.h: allocations that fail. For a program that the linker gives these functions in the
 * place of the library's (WRAP in the Makefile).
 */
#ifndef MEMORY_KIT_H
#define MEMORY_KIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* Allocations until one fails; negative: none does. */
static atomic_long memory_left = -1;
static atomic_bool memory_stays_short, memory_was_short;

static bool
memory_is_short(void)
{
	if (atomic_load(&memory_left) < 0)
		return false;
	if (atomic_load(&memory_left) > 0) {
		atomic_fetch_sub(&memory_left, 1);
		return false;
	}
	atomic_store(&memory_was_short, true);
	if (!atomic_load(&memory_stays_short))
		atomic_store(&memory_left, -1);
	return true;
}

/* After n more allocations one fails, or all from there on. */
static void
memory_begin(long n, bool on)
{
	atomic_store(&memory_was_short, false);
	atomic_store(&memory_stays_short, on);
	atomic_store(&memory_left, n);
}

/* None fails any more. Whether one did. */
static bool
memory_end(void)
{
	atomic_store(&memory_left, -1);
	return atomic_load(&memory_was_short);
}

void *
__wrap_malloc(size_t size)
{
	return memory_is_short() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return memory_is_short() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return memory_is_short() ? NULL : __real_realloc(p, size);
}

#endif
