/*
 * stack.c: see stack.h. Up to STACKS_WARM idle stacks are kept with their pages; the others go back
 * to the system.
 */
#include "engine/stack.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

enum { STACKS_WARM = 256, PAGE_LEN = 4096, GUARD_LEN = 4096 };

/* Stands at the upper end of an idle stack. */
struct idle {
	struct idle *next;
};

static struct {
	pthread_mutex_t mutex;
	struct idle *first;
	size_t n_idle, n_all;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static struct idle *
idle_of(void *stack)
{
	return (struct idle *)((char *)stack + STACK_LEN - sizeof(struct idle));
}

static void *
stack_of(struct idle *i)
{
	return (char *)i + sizeof(*i) - STACK_LEN;
}

static void *
stack_map(void)
{
	char *p = mmap(NULL, GUARD_LEN + STACK_LEN, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p, GUARD_LEN, PROT_NONE) != 0) {
		(void)munmap(p, GUARD_LEN + STACK_LEN);
		return NULL;
	}
	return p + GUARD_LEN;
}

static void
stack_unmap(void *stack)
{
	(void)munmap((char *)stack - GUARD_LEN, GUARD_LEN + STACK_LEN);
}

void *
stack_take(void)
{
	struct idle *i;
	void *stack = NULL;
	bool make;

	(void)pthread_mutex_lock(&pool.mutex);
	i = pool.first;
	if (i != NULL) {
		pool.first = i->next;
		pool.n_idle--;
	}
	make = i == NULL && pool.n_all < STACKS_MAX;
	pool.n_all += make;
	(void)pthread_mutex_unlock(&pool.mutex);
	if (i != NULL)
		return stack_of(i);
	if (make)
		stack = stack_map();
	if (make && stack == NULL) {
		(void)pthread_mutex_lock(&pool.mutex);
		pool.n_all--;
		(void)pthread_mutex_unlock(&pool.mutex);
	}
	return stack;
}

void
stack_give(void *stack)
{
	struct idle *i = idle_of(stack);
	bool warm;

#if defined(__SANITIZE_ADDRESS__)
	/* What a task left poisoned would stop the next one. */
	__asan_unpoison_memory_region(stack, STACK_LEN);
#endif
	(void)pthread_mutex_lock(&pool.mutex);
	warm = pool.n_idle < STACKS_WARM;
	if (warm) {
		i->next = pool.first;
		pool.first = i;
		pool.n_idle++;
	} else
		pool.n_all--;
	(void)pthread_mutex_unlock(&pool.mutex);
	if (!warm)
		stack_unmap(stack);
}

/* A page that was never touched is not resident; the deepest one that is says how far it went. */
static size_t
stack_used(void *stack)
{
	unsigned char resident[STACK_LEN / PAGE_LEN];
	size_t i;

	if (mincore(stack, STACK_LEN, resident) != 0)
		return 0;
	for (i = 0; i < sizeof(resident) && (resident[i] & 1) == 0; i++)
		continue;
	return STACK_LEN - i * PAGE_LEN;
}

size_t
stack_peak(void)
{
	size_t most = 0, used;
	struct idle *i;

	(void)pthread_mutex_lock(&pool.mutex);
	for (i = pool.first; i != NULL; i = i->next) {
		used = stack_used(stack_of(i));
		most = used > most ? used : most;
	}
	(void)pthread_mutex_unlock(&pool.mutex);
	return most;
}

void
stack_clear(void)
{
	struct idle *i, *next;

	(void)pthread_mutex_lock(&pool.mutex);
	i = pool.first;
	pool.n_all -= pool.n_idle;
	pool.n_idle = 0;
	pool.first = NULL;
	(void)pthread_mutex_unlock(&pool.mutex);
	for (; i != NULL; i = next) {
		next = i->next;
		stack_unmap(stack_of(i));
	}
}
