/*
 * json_memory.h: what yajl allocates. yajl 2.1.0 uses what its allocator returns unchecked, so all
 * that it can need for a piece of the document is allocated, checked and counted before it sees the
 * piece.
 */
#ifndef JSON_MEMORY_H
#define JSON_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_common.h>

/* Zeroed: nothing yet. */
struct json_memory {
	struct json_block *blocks; /* heap; the newest first */
	size_t buffer;             /* bytes of a buffer in the newest */
};

/* Has room for a longest token of so many bytes; false: out of memory. */
bool json_memory_ready(struct json_memory *m, size_t token);
yajl_alloc_funcs json_memory_funcs(struct json_memory *m);
void json_memory_clear(struct json_memory *m);

#endif
