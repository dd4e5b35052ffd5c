/*
 * offload.h: work that blocks (SQLite, the file system) on a thread of its own, while the task that
 * wants it done waits. Outside a task it is simply done.
 */
#ifndef OFFLOAD_H
#define OFFLOAD_H

/* Returns when run(context) has returned. At most OFFLOAD_THREADS at once; the others wait. */
enum { OFFLOAD_THREADS = 16 };
void offload(void (*run)(void *context), void *context);

#endif
