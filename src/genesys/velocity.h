/*
 * velocity.h: the part of Velocity that data actions' templates are played with: references, and
 * the macros that Genesys' help names and that this project's files use. Anything else is refused,
 * so that a rehearsal never shows what Genesys would not do.
 *
 * ${a.b} $a.b the value; its own text, as written, where it is null $!{a.b} $!a.b the value;
 * nothing where it is null $esc.jsonEncode(X) $esc.url(X) $encoding.base64(X) X: a reference, "text
 * with ${a}", 'text'
 *
 * Source: Genesys Cloud Resource Center, "Velocity macros for data actions", as of 2026-11.
 */
#ifndef GENESYS_VELOCITY_H
#define GENESYS_VELOCITY_H

#include "base/buf.h"
#include "base/value.h"

/*
 * Appends to out. context is an object, whose members are found by their dotted names; lists and
 * objects are written as JSON. False: why says what is not played, or that there is no memory.
 */
bool velocity_fill(
    const char *text, const struct value *context, struct buf *out, char *why, size_t why_max);

#endif
