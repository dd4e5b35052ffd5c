/* task.c: see task.h. Sanitizers learn of every switch between stacks. */
#include "engine/task.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "engine/stack.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

static _Thread_local struct task *running;

/*
 * Not inlined, and asked anew after every switch: a compiler may keep the address of a thread-local
 * variable, and a task's thread is known to stay the same only to us.
 */
__attribute__((noinline)) struct task *
task_self(void)
{
	return running;
}

/* Where a sanitizer keeps what belongs to a stack that is left. */
struct left {
	void *fake_stack;
	int error;
};

static void
switch_begin(struct left *left, bool for_good, const void *bottom, size_t len, void *fiber)
{
	left->error = errno;
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_start_switch_fiber(for_good ? NULL : &left->fake_stack, bottom, len);
#endif
#if defined(__SANITIZE_THREAD__)
	__tsan_switch_to_fiber(fiber, 0);
#endif
	(void)for_good;
	(void)bottom;
	(void)len;
	(void)fiber;
}

/* Back on the stack that was left. */
static void
switch_end(struct left *left, const void **bottom, size_t *len)
{
#if defined(__SANITIZE_ADDRESS__)
	__sanitizer_finish_switch_fiber(left == NULL ? NULL : left->fake_stack, bottom, len);
#endif
	(void)bottom;
	(void)len;
	if (left != NULL)
		errno = left->error;
}

/* The loop's stack, as AddressSanitizer gave it when a task was entered. */
static _Thread_local const void *loop_bottom;
static _Thread_local size_t loop_len;

void
task_park(struct task *t)
{
	struct left left;

	switch_begin(&left, false, loop_bottom, loop_len, t->loop_fiber);
	context_switch(&t->own, t->loop_context);
	switch_end(&left, &loop_bottom, &loop_len);
}

static void
task_main(void)
{
	struct task *t = task_self();
	struct left left;

	switch_end(NULL, &loop_bottom, &loop_len);
	t->run(t->context);
	t->ended = true;
	switch_begin(&left, true, loop_bottom, loop_len, t->loop_fiber);
	context_switch(&t->own, t->loop_context);
}

static void
task_free(struct task *t)
{
#if defined(__SANITIZE_THREAD__)
	__tsan_destroy_fiber(t->fiber);
#endif
	stack_give(t->stack);
}

static void
task_resume(struct loop_job *job)
{
	struct task *t = (struct task *)job;
	struct context here;
	struct left left;

	t->loop_context = &here;
	t->resumed_ms = loop_now_ms();
#if defined(__SANITIZE_THREAD__)
	t->loop_fiber = __tsan_get_current_fiber();
#endif
	running = t;
	switch_begin(&left, false, t->stack, STACK_LEN, t->fiber);
	context_switch(&here, &t->own);
	switch_end(&left, NULL, NULL);
	running = NULL;
	if (t->ended)
		task_free(t);
}

bool
task_spawn(struct loop *l, void (*run)(void *context), void *context)
{
	void *stack = stack_take();
	struct task *t;

	if (stack == NULL)
		return false;
	t = (struct task *)(((uintptr_t)stack + STACK_LEN - sizeof(*t)) & ~(uintptr_t)63);
	memset(t, 0, sizeof(*t));
	t->job.run = task_resume;
	t->loop = l;
	t->run = run;
	t->context = context;
	t->stack = stack;
#if defined(__SANITIZE_THREAD__)
	t->fiber = __tsan_create_fiber(0);
#endif
	context_make(&t->own, stack, (size_t)((char *)t - (char *)stack), task_main);
	loop_ready(l, &t->job);
	return true;
}

void
task_breathe(void)
{
	struct task *t = task_self();

	if (t == NULL || loop_now_ms() - t->resumed_ms < TASK_TURN_MS)
		return;
	loop_ready(t->loop, &t->job);
	task_park(t);
}

void
task_set_deadline(int64_t mono_ms)
{
	struct task *t = task_self();

	if (t != NULL)
		t->deadline_ms = mono_ms;
}

int64_t
task_left_ms(int64_t otherwise)
{
	const struct task *t = task_self();
	int64_t left;

	if (t == NULL || t->deadline_ms == 0)
		return otherwise;
	left = t->deadline_ms - loop_now_ms();
	return left < 0 ? 0 : left;
}
