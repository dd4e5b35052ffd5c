/* link.h: where an answer says that its list goes on: Link headers, and references in them. */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * The target of the first link with rel="next" in a Link header (RFC 8288), whatever other links,
 * relations and parameters there are. Appends to out; false: there is none.
 */
bool link_next(const char *header, struct buf *out);
/*
 * The absolute URL of a reference from an absolute http(s) URL (RFC 3986 section 5.2), without a
 * fragment. An absolute one stays as is.
 */
void link_resolve(const char *base, const char *reference, struct buf *out);

#endif
