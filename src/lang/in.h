/*
 * in.h: what an operation is given, as the object that templates know as `in`: its shape, so that a
 * misspelt member is a fault when an adapter is loaded, and its value while one runs.
 */
#ifndef IN_H
#define IN_H

#include "base/arena.h"
#include "base/value.h"
#include "hris/records.h"

/* The members of an object. Static. */
struct shape;

const struct shape *shape_in(void);
const struct shape *shape_auth(void); /* what `wrap` knows as `auth` */
/* Of the member, or of an item where it is a list; NULL: unknown, or a scalar. */
const struct shape *shape_member(const struct shape *s, const char *name);
bool shape_member_is_list(const struct shape *s, const char *name);
const char *const *shape_names(const struct shape *s, size_t *n);

/* `in`, in the arena; it borrows nothing. day_minutes: the route's. NULL: out of memory. */
struct value *in_value(
    struct arena *a, const struct operation_in *in, const struct traits *traits, int day_minutes);

#endif
