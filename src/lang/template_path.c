/* template_path.c: templates as paths of URLs: what stands in them, what their values may do. */
#include <string.h>
#include <strings.h>

#include "lang/template_parts.h"
#include "base/encode.h"
#include "base/text.h"
#include "format/url.h"

static enum gw_err
write_segment(const struct template *t, const struct piece *p, const struct scope *s, struct buf *b)
{
	const char *text;
	enum gw_err err = piece_text(t, p, s, &text);

	if (err != GW_OK)
		return err;
	if (text[0] == '\0' || text_has_control(text))
		return fail(s->failure, s->blame,
		    "\"%s\" is empty or holds control characters, and cannot be part of a path",
		    expr_source_text(p->expr));
	url_query(b, text);
	return GW_OK;
}

/* Is it "." or ".."? RFC 3986 6.2.2.2: %2E is a dot for whoever normalizes the URL. */
static bool
segment_is_dots(const char *s, size_t len)
{
	size_t i = 0, dots;

	for (dots = 0; i < len && dots < 3; dots++) {
		if (s[i] == '.')
			i++;
		else if (len - i >= 3 && strncasecmp(s + i, "%2e", 3) == 0)
			i += 3;
		else
			return false;
	}
	return i == len && (dots == 1 || dots == 2);
}

/* Dots are unreserved: only looking at the finished segments helps. */
static bool
path_segments_good(const char *path)
{
	size_t len;

	for (; *path == '/'; path += len + 1) {
		len = strcspn(path + 1, "/?#");
		if (len == 0 || segment_is_dots(path + 1, len))
			return path[1] == '\0' && len == 0;
	}
	return true;
}

/* The segments that are whole in a text; the last one is, where nothing follows. */
static bool
path_has_dots(const char *text, bool last)
{
	const char *slash;
	size_t len;

	for (slash = strchr(text, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		len = strcspn(slash + 1, "/");
		if ((last || slash[1 + len] == '/') && segment_is_dots(slash + 1, len))
			return true;
	}
	return false;
}

/* RFC 3986 3.3: what stands in a path as it is. */
static bool
path_literal_good(const char *s)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/";

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			continue;
		if (*s != '%' || hex_value(s[1]) < 0 || hex_value(s[2]) < 0)
			return false;
		s += 2;
	}
	return true;
}

const char *
template_path_fault(const struct template *t)
{
	const char *text;
	size_t i;

	for (i = 0; i < t->n; i++) {
		text = t->pieces[i].text;
		if (text == NULL)
			continue;
		if (!path_literal_good(text))
			return "holds a character that a path cannot hold (a query belongs into query:)";
		if (strstr(text, "//") != NULL)
			return "holds an empty segment";
		if (path_has_dots(text, i + 1 == t->n))
			return "holds \".\" or \"..\"";
	}
	return NULL;
}

enum gw_err
template_path(const struct template *t, const struct scope *s, struct buf *out)
{
	struct buf b;
	enum gw_err err;

	buf_init(&b, LIMIT_PARAM_BYTES);
	err = template_write(t, s, write_segment, &b);
	if (err == GW_OK && !path_segments_good(b.data))
		err = fail(s->failure, s->blame,
		    "\"%s\" would get an empty segment, \".\" or \"..\"", t->source);
	if (err == GW_OK)
		buf_put(out, b.data, b.len);
	buf_clear(&b);
	return err;
}
