/* json_parts.h: what json.c checks before yajl reads. Private to json*.c. */
#ifndef JSON_PARTS_H
#define JSON_PARTS_H

#include <stdbool.h>
#include <stddef.h>

/* NULL, or why the text is refused (static) and *at, the byte from 1 or 0. nul: \u0000 may pass. */
const char *json_check_raw(const char *text, size_t len, bool nul, size_t *at);

#endif
