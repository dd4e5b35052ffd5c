/*
 * local.h: an HRIS of our own, for companies without one: employees, types, grants and requests in
 * one SQLite database a route (books.h). Ids are decimal text. A route chooses it by `adapter:
 * local`; its only setting is `database`, a path.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include "hris/hris.h"

/* Serves all operations; amounts are whole minutes, pending requests are taken off balances. */
extern const struct driver local_driver;

#endif
