/*
 * context.h: where a thread of execution stands on a stack that is left. Switching asks nothing of
 * the kernel: every context here has the same signal mask.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include <stddef.h>

#if defined(__x86_64__)
struct context {
	void *sp;
};
#else
#include <ucontext.h>

struct context {
	ucontext_t registers;
};
#endif

/* On entry run() is called on that stack; it never returns. */
void context_make(struct context *c, void *stack, size_t len, void (*run)(void));
/* Goes on where `entered` was left; returns when somebody enters `left`. */
void context_switch(struct context *left, struct context *entered);

#endif
