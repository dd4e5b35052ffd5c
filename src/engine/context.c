/*
 * context.c: see context.h. swapcontext(3) makes a system call for the signal mask at each switch;
 * on x86-64 a switch is the dozen instructions of it that matter here. Elsewhere swapcontext() does
 * it. Sanitizers know nothing of the one, and learn of every switch by task.c; of the other,
 * AddressSanitizer's clears the shadow of the stack that is entered, so that an overflow after a
 * switch would go unseen: it takes that stack's length from uc_stack, hence the zero.
 */
#include "engine/context.h"

#include <stdint.h>

#if defined(__x86_64__)

/* System V ABI for AMD64, section 3.2.1: the registers that a function preserves, the last pushed
 * first, and where it returns to. The control words of x87 and SSE are never changed here. */
struct frame {
	uintptr_t r15, r14, r13, r12, rbx, rbp, run;
	uintptr_t nobody; /* run's return address */
};

void context_swap(void **left, void *entered);

__asm__("	.pushsection .text\n"
	"	.hidden context_swap\n"
	"	.globl context_swap\n"
	"	.type context_swap, @function\n"
	"context_swap:\n"
	"	endbr64\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	"	.size context_swap, .-context_swap\n"
	"	.popsection\n");

void
context_make(struct context *c, void *stack, size_t len, void (*run)(void))
{
	/* A function begins 8 bytes below a multiple of 16: where the frame ends, less `nobody`. */
	uintptr_t top = ((uintptr_t)stack + len) & ~(uintptr_t)15;
	struct frame *f = (struct frame *)top - 1;

	*f = (struct frame){.run = (uintptr_t)run};
	c->sp = f;
}

void
context_switch(struct context *left, struct context *entered)
{
	context_swap(&left->sp, entered->sp);
}

#else

void
context_make(struct context *c, void *stack, size_t len, void (*run)(void))
{
	(void)getcontext(&c->registers);
	c->registers.uc_stack.ss_sp = stack;
	c->registers.uc_stack.ss_size = len;
	c->registers.uc_link = NULL;
	makecontext(&c->registers, run, 0);
#if defined(__SANITIZE_ADDRESS__)
	c->registers.uc_stack.ss_size = 0;
#endif
}

void
context_switch(struct context *left, struct context *entered)
{
	(void)swapcontext(&left->registers, &entered->registers);
}

#endif
