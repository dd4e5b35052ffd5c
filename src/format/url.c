/*
 * url.c: percent-encoding by place, and the origin of a URL, after RFC 3986.
 * It is stricter than a browser: what a reader could take in two ways (user info, backslashes, odd
 * host characters, empty ports) is no URL here, so that no later reader can take it otherwise.
 */
#include "format/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/text.h"

enum { URL_HOST_MAX = 253, URL_PORT_MAX = 65535 };

/* RFC 3986 section 2.3. */
static bool
url_is_unreserved(char c)
{
	return text_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void
url_escape(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c;

	for (; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (url_is_unreserved(*s)) {
			buf_putc(b, *s);
			continue;
		}
		buf_putc(b, '%');
		buf_putc(b, hex[c >> 4]);
		buf_putc(b, hex[c & 0x0F]);
	}
}

void
url_segment(struct buf *b, const char *s)
{
	if (*s == '\0' || strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || text_has_control(s)) {
		buf_fail(b, GW_EINPUT);
		return;
	}
	url_escape(b, s);
}

void
url_query(struct buf *b, const char *s)
{
	url_escape(b, s);
}

/* Bytes of the host at s: a name, an IPv4 address, or "[IPv6]" without a zone. 0: none. */
static size_t
url_host_length(const char *s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	const char *end;
	size_t len = 0;

	if (*s == '[') {
		end = strchr(s, ']');
		if (end == NULL || (size_t)(end - s - 1) >= sizeof(text))
			return 0;
		len = (size_t)(end - s - 1);
		memcpy(text, s + 1, len);
		text[len] = '\0';
		return inet_pton(AF_INET6, text, &address) == 1 ? len + 2 : 0;
	}
	while (text_is_alnum(s[len]) || s[len] == '-' || s[len] == '.' || s[len] == '_')
		len++;
	return len > URL_HOST_MAX || s[0] == '.' ? 0 : len;
}

/* Reads ":digits" where there is one; moves *s past it. */
static bool
url_port(const char **s, unsigned long *port)
{
	const char *p = *s;
	unsigned long n = 0;

	if (*p != ':')
		return true;
	p++;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (unsigned long)(*p - '0');
		if (n > URL_PORT_MAX)
			return false;
	}
	*port = n;
	*s = p;
	return n != 0;
}

bool
url_origin(const char *s, struct buf *out)
{
	static const struct {
		const char *text;
		unsigned long port;
	} schemes[] = {{"https://", 443}, {"http://", 80}};
	size_t i, n = ARRAY_LEN(schemes), len;
	unsigned long port;
	const char *host;

	if (text_has_control(s))
		return false;
	for (i = 0; i < n && strncasecmp(s, schemes[i].text, strlen(schemes[i].text)) != 0; i++)
		continue;
	if (i == n)
		return false;
	host = s + strlen(schemes[i].text);
	len = url_host_length(host);
	if (len == 0)
		return false;
	s = host + len;
	port = schemes[i].port;
	if (!url_port(&s, &port) || (*s != '\0' && strchr("/?#", *s) == NULL))
		return false;
	buf_puts(out, schemes[i].text);
	for (; len > 0; len--)
		buf_putc(out, text_lower(*host++));
	if (port != schemes[i].port)
		buf_printf(out, ":%lu", port);
	return out->err == GW_OK;
}

bool
url_decode(const char *s, size_t len, bool form, struct buf *out)
{
	size_t i, start = out->len;
	int high, low;

	for (i = 0; i < len; i++) {
		if (s[i] == '+' && form) {
			buf_putc(out, ' ');
			continue;
		}
		if (s[i] != '%') {
			buf_putc(out, s[i]);
			continue;
		}
		if (len - i < 3)
			return false;
		high = hex_value(s[i + 1]);
		low = hex_value(s[i + 2]);
		if (high < 0 || low < 0)
			return false;
		buf_putc(out, (char)(high * 16 + low));
		i += 2;
	}
	return out->err == GW_OK && text_utf8(out->data + start, out->len - start);
}

char *
url_decoded(struct arena *a, const char *s, size_t len, bool form, size_t max)
{
	char *out = NULL;
	struct buf plain;

	buf_init(&plain, max);
	if (url_decode(s, len, form, &plain))
		out = arena_strndup(a, plain.data, plain.len);
	(void)buf_whole(&plain, a);
	buf_clear(&plain);
	return out;
}

bool
url_pair(const char **s, struct url_pair *out)
{
	size_t len;

	*s += strspn(*s, "&");
	if (**s == '\0')
		return false;
	len = strcspn(*s, "&");
	*out = (struct url_pair){.name = *s, .name_len = strcspn(*s, "=&")};
	if (out->name_len < len) {
		out->value = *s + out->name_len + 1;
		out->value_len = len - out->name_len - 1;
	}
	*s += len;
	return true;
}
