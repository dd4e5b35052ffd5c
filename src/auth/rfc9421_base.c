/*
 * rfc9421_base.c: the signature base of HTTP Message Signatures, RFC 9421, section 2: each covered
 * component on a line, as the verifier sees it. A value that could make a line of its own is
 * refused.
 */
#include <string.h>

#include "auth/form.h"
#include "base/text.h"
#include "format/url.h"

struct base {
	const struct request *request;
	struct auth_source *source;
	struct buf *out;
	const char **why;
};

static bool
base_why(const struct base *b, const char *why)
{
	*b->why = why;
	return false;
}

static bool
base_method(const struct base *b, const struct sfv_item *item)
{
	(void)item;
	buf_puts(b->out, b->request->method);
	return true;
}

/* Section 2.2.3: lower case, without the scheme's own port. */
static bool
base_authority(const struct base *b, const struct sfv_item *item)
{
	const char *port = strcmp(b->request->scheme, "https") == 0 ? ":443" : ":80";
	const char *s = b->request->authority;
	size_t len = strlen(s), i;

	(void)item;
	if (text_ends(s, port))
		len -= strlen(port);
	if (len == 0)
		return base_why(b, "the request has no Host");
	for (i = 0; i < len; i++)
		buf_putc(b->out, text_lower(s[i]));
	return true;
}

static bool
base_scheme(const struct base *b, const struct sfv_item *item)
{
	(void)item;
	buf_puts(b->out, b->request->scheme);
	return true;
}

static bool
base_request_target(const struct base *b, const struct sfv_item *item)
{
	(void)item;
	buf_puts(b->out, b->request->uri);
	return true;
}

static bool
base_target_uri(const struct base *b, const struct sfv_item *item)
{
	buf_puts(b->out, b->request->scheme);
	buf_puts(b->out, "://");
	return base_authority(b, item) && base_request_target(b, item);
}

static bool
base_path(const struct base *b, const struct sfv_item *item)
{
	(void)item;
	buf_put(b->out, b->request->uri, strcspn(b->request->uri, "?"));
	return true;
}

/* Section 2.2.7: with its question mark, which is all there is without a query. */
static bool
base_query(const struct base *b, const struct sfv_item *item)
{
	const char *query = strchr(b->request->uri, '?');

	(void)item;
	buf_puts(b->out, query == NULL ? "?" : query);
	return true;
}

/*
 * Decodes, and encodes again by the URL standard's form set, section 2.2.8. NULL: not well-formed.
 */
static const char *
query_recode(struct arena *a, const char *s, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *plain = url_decoded(a, s, len, true, AUTH_HEADER_MAX);
	char *out = plain == NULL ? NULL : arena_alloc(a, 3 * strlen(plain) + 1);
	unsigned char c;
	size_t n = 0;

	for (; out != NULL && *plain != '\0'; plain++) {
		c = (unsigned char)*plain;
		if (text_is_alnum(*plain) || strchr("*-._", c) != NULL) {
			out[n++] = *plain;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return out;
}

/* One name=value; a value that is not well-formed matters only where it is covered. */
static bool
query_pair(struct auth_source *s, const struct url_pair *pair)
{
	struct auth_pair *out = &s->pairs[s->n++];

	out->name = query_recode(s->arena, pair->name, pair->name_len);
	out->value = query_recode(s->arena, pair->value, pair->value_len);
	return out->name != NULL;
}

/* Recodes the whole query. NULL, or why it cannot be. */
static const char *
query_read(struct auth_source *s)
{
	const char *query = strchr(s->request->uri, '?');
	struct url_pair pair;

	s->pairs = arena_array(s->arena, AUTH_PAIRS_MAX, sizeof(*s->pairs));
	if (s->pairs == NULL)
		return "out of memory";
	query = query == NULL ? "" : query + 1;
	while (url_pair(&query, &pair)) {
		if (s->n == AUTH_PAIRS_MAX)
			return "the query has too many parameters";
		if (!query_pair(s, &pair))
			return "the query is not well-formed";
	}
	return NULL;
}

static bool
base_query_param(const struct base *b, const struct sfv_item *item)
{
	const struct sfv_bare *name = sfv_param(item, "name");
	const struct auth_pair *found = NULL;
	struct auth_source *s = b->source;
	size_t i;

	if (name == NULL || name->kind != SFV_STRING)
		return base_why(b, "@query-param lacks its name");
	if (!s->recoded)
		s->why = query_read(s);
	s->recoded = true;
	if (s->why != NULL)
		return base_why(b, s->why);
	for (i = 0; i < s->n; i++) {
		if (strcmp(s->pairs[i].name, name->text) != 0)
			continue;
		if (found != NULL)
			return base_why(b, "a covered query parameter comes twice");
		found = &s->pairs[i];
	}
	if (found == NULL)
		return base_why(b, "a covered query parameter is absent");
	if (found->value == NULL)
		return base_why(b, "the query is not well-formed");
	buf_puts(b->out, found->value);
	return true;
}

static const struct {
	const char *name;
	bool (*put)(const struct base *b, const struct sfv_item *item);
	bool named; /* takes the parameter name, and no other does */
} derived[] = {
    {"@method", base_method, false},
    {"@target-uri", base_target_uri, false},
    {"@authority", base_authority, false},
    {"@scheme", base_scheme, false},
    {"@request-target", base_request_target, false},
    {"@path", base_path, false},
    {"@query", base_query, false},
    {"@query-param", base_query_param, true},
};

/* Section 2.1: the lines of a field are joined already; blanks around the value go. */
static bool
base_field(const struct base *b, const char *name)
{
	const char *value;
	size_t len;

	if (name[0] == '\0' || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
		return base_why(b, "a covered component is unknown");
	value =
	    strcmp(name, "host") == 0 ? b->request->authority : request_header(b->request, name);
	if (value == NULL)
		return base_why(b, "a covered header is absent");
	while (*value == ' ')
		value++;
	for (len = strlen(value); len > 0 && value[len - 1] == ' '; len--)
		continue;
	buf_put(b->out, value, len);
	return true;
}

static bool
base_component(const struct base *b, const struct sfv_item *item)
{
	size_t i, start;
	bool ok;

	if (item->bare.kind != SFV_STRING)
		return base_why(b, "a covered component is not text");
	for (i = 0; i < ARRAY_LEN(derived); i++) {
		if (strcmp(derived[i].name, item->bare.text) == 0)
			break;
	}
	if (item->n_params > 1 ||
	    (item->n_params == 1 && (i == ARRAY_LEN(derived) || !derived[i].named)))
		return base_why(b, "a covered component has a parameter that is not supported");
	sfv_write_item(b->out, item);
	buf_puts(b->out, ": ");
	start = b->out->len;
	if (i < ARRAY_LEN(derived))
		ok = derived[i].put(b, item);
	else
		ok = base_field(b, item->bare.text);
	if (!ok)
		return false;
	if (b->out->err == GW_OK && text_has_control(b->out->data + start))
		return base_why(b, "a covered component holds a control character");
	buf_putc(b->out, '\n');
	return true;
}

/* Section 2: a component identifier occurs once. */
static bool
base_repeats(const struct sfv_member *input, size_t i)
{
	const struct sfv_bare *name, *other;
	size_t k;

	name = sfv_param(&input->list[i], "name");
	for (k = 0; k < i; k++) {
		other = sfv_param(&input->list[k], "name");
		if (!text_equal(input->list[k].bare.text, input->list[i].bare.text))
			continue;
		if (name == NULL || other == NULL || text_equal(name->text, other->text))
			return true;
	}
	return false;
}

bool
auth_base(
    struct auth_source *source, const struct sfv_member *input, struct buf *out, const char **why)
{
	const struct request *r = source->request;
	struct base b = {.request = r, .source = source, .out = out, .why = why};
	size_t i, named = 0;

	if (!input->inner)
		return base_why(&b, "Signature-Input is not a list of components");
	if (input->n > AUTH_COMPONENTS_MAX)
		return base_why(&b, "too many covered components");
	if (r->uri[0] != '/' || strlen(r->uri) > AUTH_HEADER_MAX)
		return base_why(&b, "the request's target is not a path, or too long");
	for (i = 0; i < input->n; i++) {
		named += input->list[i].n_params;
		if (named > AUTH_QUERY_PARAMS_MAX)
			return base_why(&b, "too many covered components");
		if (!base_component(&b, &input->list[i]))
			return false;
		if (base_repeats(input, i))
			return base_why(&b, "a component is covered twice");
	}
	buf_puts(out, "\"@signature-params\": ");
	sfv_write_member(out, input);
	return out->err == GW_OK || base_why(&b, "the signature base is too long");
}
