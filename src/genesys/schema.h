/*
 * schema.h: what Genesys Cloud does with the schemas of a data action: holds a value against one,
 * and flattens an output into the names that a workflow binds. Of JSON Schema type, properties,
 * required, items, enum-free: what contracts use; $ref is no part of it there.
 */
#ifndef GENESYS_SCHEMA_H
#define GENESYS_SCHEMA_H

#include "base/value.h"

/* Whether v is as the schema says; else why names the first place where it is not. */
bool schema_holds(const struct value *schema, const struct value *v, char *why, size_t why_max);

/*
 * {name: value} of every property, objects and lists of objects under dotted names
 * ("timeOffTypes.id", a list). What is absent is null. NULL: no memory, or a list of objects of
 * which some lack a member, so that the lists made of it would not align; why says which.
 */
struct value *schema_flatten(
    struct arena *a, const struct value *schema, const struct value *v, char *why, size_t why_max);

#endif
