/*
 * verify_read.c: a captured request: request line, headers, an empty line, the body to the end
 * of the file. It becomes CGI variables first, so that it is read as the gateway reads one.
 */
#include <stdio.h>
#include <string.h>

#include "cli/verify.h"
#include "base/text.h"

enum { CAPTURE_MAX = LIMIT_BODY + LIMIT_PARAM_BYTES };

struct capture {
	struct arena *arena;
	const char *at, *end;
	const char *params[LIMIT_PARAMS + 1];
	size_t n;
};

/* One line without its end; NULL after the last. */
static const char *
next_line(struct capture *c)
{
	const char *newline = memchr(c->at, '\n', (size_t)(c->end - c->at));
	size_t len;
	char *line;

	if (newline == NULL)
		return NULL;
	len = (size_t)(newline - c->at);
	if (len > 0 && c->at[len - 1] == '\r')
		len--;
	line = arena_strndup(c->arena, c->at, len);
	c->at = newline + 1;
	return line;
}

static bool
add(struct capture *c, const char *name, const char *value)
{
	if (c->n == LIMIT_PARAMS)
		return false;
	c->params[c->n] = arena_printf(c->arena, "%s=%s", name, value);
	return c->params[c->n++] != NULL;
}

/* "Content-Type: text/plain" as CONTENT_TYPE=text/plain or HTTP_...=. */
static bool
add_header(struct capture *c, const char *line)
{
	const char *colon = strchr(line, ':'), *value;
	char *name, *p;
	size_t len;

	if (colon == NULL || colon == line)
		return false;
	value = colon + 1 + strspn(colon + 1, " \t");
	for (len = strlen(value); len > 0 && strchr(" \t", value[len - 1]) != NULL; len--)
		continue;
	value = arena_strndup(c->arena, value, len);
	name = arena_printf(c->arena, "HTTP_%.*s", (int)(colon - line), line);
	if (name == NULL || value == NULL)
		return false;
	for (p = name; *p != '\0'; p++) {
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
		else if (*p == '-')
			*p = '_';
	}
	if (strcmp(name, "HTTP_CONTENT_TYPE") == 0 || strcmp(name, "HTTP_CONTENT_LENGTH") == 0)
		name += sizeof("HTTP_") - 1;
	return add(c, name, value);
}

/* METHOD TARGET HTTP/1.1 */
static bool
add_request_line(struct capture *c, const char *line)
{
	const char *target = strchr(line, ' '), *version;
	const char *method, *uri;

	version = target == NULL ? NULL : strchr(target + 1, ' ');
	if (version == NULL || !text_starts(version, " HTTP/"))
		return false;
	method = arena_strndup(c->arena, line, (size_t)(target - line));
	uri = arena_strndup(c->arena, target + 1, (size_t)(version - target - 1));
	return method != NULL && uri != NULL && add(c, "REQUEST_METHOD", method) &&
	       add(c, "REQUEST_URI", uri);
}

/* The body is the rest; Content-Length, where it is there, must agree. */
static void
read_body(const struct capture *c, struct request *out)
{
	const char *length = request_header(out, "content-length");
	unsigned long says;

	out->body = c->at;
	out->body_len = (size_t)(c->end - c->at);
	out->body_state = BODY_WHOLE;
	if (length == NULL)
		return;
	/* Editors end a file with a newline. */
	if (text_unsigned(length, LIMIT_BODY, &says) && says + 1 == out->body_len &&
	    c->end[-1] == '\n')
		out->body_len = says;
	if (!text_unsigned(length, LIMIT_BODY, &says) || says != out->body_len)
		out->body_state = BODY_WRONG_LENGTH;
}

bool
cli_verify_read(
    struct arena *a, const struct verify_file *file, struct request *out, const char **why)
{
	struct capture c = {.arena = a};
	const char *line;
	size_t len;

	*why = "cannot be read, or is too long for a request";
	c.at = text_read_file(a, file->path, CAPTURE_MAX, &len);
	if (c.at == NULL)
		return false;
	c.end = c.at + len;
	*why = "does not begin with a request line like POST /v1/acme/get-balance HTTP/1.1";
	line = next_line(&c);
	if (line == NULL || !add_request_line(&c, line))
		return false;
	*why = "has a line among its headers that is none";
	while ((line = next_line(&c)) != NULL && *line != '\0') {
		if (!add_header(&c, line))
			return false;
	}
	*why = "has no empty line after its headers";
	if (line == NULL)
		return false;
	*why = "is too much for this machine's memory";
	if (!add(&c, "REQUEST_SCHEME", file->scheme) || !add(&c, "SSL_CLIENT_VERIFY", "SUCCESS") ||
	    !add(&c, "SSL_CLIENT_S_DN", file->subject))
		return false;
	c.params[c.n] = NULL;
	if (!request_from_params(a, c.params, out))
		return false;
	read_body(&c, out);
	return true;
}
