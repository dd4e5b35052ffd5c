/* url.h: putting values into URLs, by place (RFC 3986). Errors stick in the buf. */
#ifndef URL_H
#define URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One path segment's content: all but unreserved is percent-encoded. "", "." and ".." fail
 * (GW_EINPUT), and so do control characters: escaping cannot help there. */
void url_segment(struct buf *b, const char *s);
/* A query name or value, or form content: all but unreserved is percent-encoded (a blank
 * as %20). */
void url_query(struct buf *b, const char *s);
/* Scheme, host and port of an absolute http(s) URL, lower case, default port dropped
 * ("https://a.example"); false if s is not one, or holds user info, or control characters. */
bool url_origin(const char *s, struct buf *out);
/* Decodes %XX (and '+' as blank with form) strictly: false for bad escapes,
 * NUL, or broken UTF-8; out is of no use then. */
bool url_decode(const char *s, size_t len, bool form, struct buf *out);
/* The same into the arena. NULL too: longer than max; no memory, which the arena notes. */
char *url_decoded(struct arena *a, const char *s, size_t len, bool form, size_t max);

/* A name=value as sent, still encoded. */
struct url_pair {
	const char *name, *value; /* value NULL: there is no '=' */
	size_t name_len, value_len;
};

/* The next pair of a query or form at *s, which moves past it; false at the end. Empty ones are
 * passed over. */
bool url_pair(const char **s, struct url_pair *out);

#endif
