/* link.c: Link headers (RFC 8288) and relative references (RFC 3986). */
#include "format/link.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Past a token or a quoted text at p, with its content; a backslash in quotes is passed over. */
static const char *
link_word(const char *p, const char **word, size_t *len)
{
	char end = *p == '"' ? '"' : '\0';

	p += end != '\0';
	*word = p;
	while (*p != '\0' && (end != '\0' ? *p != end : strchr(";, \t", *p) == NULL))
		p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
	*len = (size_t)(p - *word);
	return p + (end != '\0' && *p == end);
}

/* rel: relations with blanks between. */
static bool
relations_hold(const char *s, size_t len, const char *name)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		for (n = 0; n < len && s[n] != ' '; n++)
			continue;
		if (n == strlen(name) && strncasecmp(s, name, n) == 0)
			return true;
		n += n < len;
	}
	return false;
}

/* Past the parameters of one link; *next: is one of them rel with "next" in it? */
static const char *
link_params(const char *p, bool *next)
{
	const char *name, *value;
	size_t name_len, len;

	*next = false;
	for (p += strspn(p, " \t"); *p == ';'; p += strspn(p, " \t")) {
		p += 1 + strspn(p + 1, " \t");
		name = p;
		name_len = strcspn(p, "=;, \t");
		p += name_len;
		p += strspn(p, " \t");
		if (*p != '=')
			continue;
		p += 1 + strspn(p + 1, " \t");
		p = link_word(p, &value, &len);
		if (name_len == 3 && strncasecmp(name, "rel", 3) == 0)
			*next = *next || relations_hold(value, len, "next");
	}
	return p;
}

bool
link_next(const char *header, struct buf *out)
{
	const char *p = header + strspn(header, " \t,"), *target;
	size_t len;
	bool next;

	while (*p == '<') {
		target = p + 1;
		len = strcspn(target, ">");
		if (target[len] == '\0')
			return false;
		p = link_params(target + len + 1, &next);
		if (next) {
			buf_put(out, target, len);
			return true;
		}
		p += strspn(p, " \t,");
	}
	return false;
}

/* Appends a path without its "." and ".." segments (section 5.2.4). */
static void
path_put(const char *path, size_t len, struct buf *out)
{
	size_t start = out->len, n;

	for (; len > 0; path += n, len -= n) {
		n = 1 + strcspn(path + 1, "/");
		n = n > len ? len : n;
		if (n == 2 && path[1] == '.') {
			if (len == 2)
				buf_putc(out, '/');
			continue;
		}
		if (n != 3 || strncmp(path + 1, "..", 2) != 0) {
			buf_put(out, path, n);
			continue;
		}
		while (out->len > start && out->data[--out->len] != '/')
			continue;
		out->data[out->len] = '\0';
		if (len == 3)
			buf_putc(out, '/');
	}
}

void
link_resolve(const char *base, const char *reference, struct buf *out)
{
	size_t scheme = strcspn(base, ":") + 1,
	       origin = scheme + 2 + strcspn(base + scheme + 2, "/?#"),
	       path = origin + strcspn(base + origin, "?#"), len = strcspn(reference, "#"),
	       ref_path = strcspn(reference, "?#"), folder = path;

	if (strcspn(reference, ":/?#") < len && reference[strcspn(reference, ":/?#")] == ':') {
		buf_put(out, reference, len);
		return;
	}
	if (text_starts(reference, "//")) {
		buf_put(out, base, scheme);
		buf_put(out, reference, len);
		return;
	}
	buf_put(out, base, origin);
	if (ref_path == 0)
		buf_put(out, base + origin, path - origin);
	else if (reference[0] == '/')
		path_put(reference, ref_path, out);
	else {
		struct buf merged;

		while (folder > origin && base[folder - 1] != '/')
			folder--;
		buf_init(&merged, out->max);
		buf_put(&merged, folder > origin ? base + origin : "/",
		    folder > origin ? folder - origin : 1);
		buf_put(&merged, reference, ref_path);
		path_put(merged.data, merged.len, out);
		buf_clear(&merged);
	}
	if (len > ref_path)
		buf_put(out, reference + ref_path, len - ref_path);
	else if (ref_path == 0)
		buf_put(out, base + path, strcspn(base + path, "#"));
}
