/*
 * memory.h: one budget for what the whole process keeps of requests and of the answers of an HRIS.
 * arena.c and buf.c count themselves; what else may grow with what somebody sends is counted where
 * it is allocated. Any thread may call. An allocation that the budget refuses fails like any other.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* What to say where memory was short. */
#define MEMORY_KEY "see memory in hrisgw.yaml"

/* Without it there is no limit. */
void memory_set_max(size_t bytes);

/* Counts so many bytes that are about to be allocated; false: they may not be. */
bool memory_take(size_t bytes);
/* Counts them off. */
void memory_give(size_t bytes);

/* realloc() that counts: from `from` bytes to `to`, more or fewer. NULL leaves p and the count. */
void *memory_resize(void *p, size_t from, size_t to);

/* Little is left: what has begun may use it, and nothing new should begin. */
bool memory_scarce(void);

#endif
