/*
 * reply.h: answers of actions. The parallel arrays that Genesys wants exist only here, made from
 * records, so that they cannot misalign.
 */
#ifndef REPLY_H
#define REPLY_H

#include "base/buf.h"
#include "base/fail.h"

struct reply {
	struct buf *body;
	bool first;
};

struct exchange;

/* The whole body: the five common members and the action's own. HTTP 200. */
void reply_action(struct exchange *x, const void *in, const void *out);

void reply_name(struct reply *r, const char *name);                    /* ,"name": */
void reply_text(struct reply *r, const char *name, const char *value); /* NULL: "" */
void reply_number(struct reply *r, const char *name, long long n);
void reply_bool(struct reply *r, const char *name, bool b);
/* A list of texts by index: item gives the i-th. */
void reply_list(struct reply *r, const char *name, const void *items, size_t n,
    const char *(*item)(const void *items, size_t i, char *scratch));

enum { REPLY_SCRATCH = 32 };

/* Plain JSON errors of the HTTP layer: {"error":"..."}; the status is set. */
void reply_error(struct exchange *x, int status, const char *text);

#endif
