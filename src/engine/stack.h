/*
 * stack.h: stacks for tasks, from a pool: a fixed size and a guard page each, so that an overflow
 * ends in a fault instead of in somebody's memory. Any thread may take and give.
 */
#ifndef STACK_H
#define STACK_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_LEN = 1024 * 1024 };
#else
enum { STACK_LEN = 64 * 1024 };
#endif

/* Two mappings each; vm.max_map_count is 65,530. A fiber of ThreadSanitizer takes 0.85 MB. */
#if defined(__SANITIZE_THREAD__)
enum { STACKS_MAX = 1000 };
#else
enum { STACKS_MAX = 32000 };
#endif

/* STACK_LEN bytes, aligned to a page; NULL: STACKS_MAX are in use, or there is no memory. */
void *stack_take(void);
void stack_give(void *stack);

/* The most bytes that any stack of the pool has held, in whole pages, among those now idle. */
size_t stack_peak(void);

/* Unmaps the idle ones. */
void stack_clear(void);

#endif
