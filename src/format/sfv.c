/*
 * sfv.c: RFC 8941, parsed by section 4.2, with the names of its algorithms, and written by section
 * 4.1: one canonical spelling.
 */
#include "format/sfv.h"

#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

struct sfv_cursor {
	struct arena *arena;
	const char *at, *end;
};

static bool
sfv_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
sfv_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
sfv_here(const struct sfv_cursor *c, char want)
{
	return c->at < c->end && *c->at == want;
}

static bool
sfv_take(struct sfv_cursor *c, char want)
{
	if (!sfv_here(c, want))
		return false;
	c->at++;
	return true;
}

static void
sfv_skip(struct sfv_cursor *c, const char *blanks)
{
	while (c->at < c->end && *c->at != '\0' && strchr(blanks, *c->at) != NULL)
		c->at++;
}

static const char *
sfv_parse_key(struct sfv_cursor *c)
{
	const char *start = c->at;

	if (c->at == c->end || (!sfv_is_lower(*c->at) && *c->at != '*'))
		return NULL;
	while (c->at < c->end && (sfv_is_lower(*c->at) || sfv_is_digit(*c->at) ||
				     (*c->at != '\0' && strchr("_-.*", *c->at) != NULL)))
		c->at++;
	return arena_strndup(c->arena, start, (size_t)(c->at - start));
}

/* At most 15 digits, or 12 and a point and 3. */
static bool
sfv_parse_number(struct sfv_cursor *c, struct sfv_bare *out)
{
	bool negative = sfv_take(c, '-');
	size_t whole = 0, fraction = 0;
	int64_t n = 0;

	for (; c->at < c->end && sfv_is_digit(*c->at); c->at++) {
		if (++whole > 15)
			return false;
		n = n * 10 + (*c->at - '0');
	}
	if (whole == 0)
		return false;
	out->kind = SFV_INTEGER;
	if (sfv_take(c, '.')) {
		out->kind = SFV_DECIMAL;
		for (; c->at < c->end && sfv_is_digit(*c->at); c->at++) {
			if (++fraction > 3)
				return false;
			n = n * 10 + (*c->at - '0');
		}
		if (fraction == 0 || whole > 12)
			return false;
		for (; fraction < 3; fraction++)
			n *= 10;
	}
	out->number = negative ? -n : n;
	return true;
}

/* How far the closing quote is; 0 where there is none, or a character that no string has. */
static size_t
sfv_string_length(const struct sfv_cursor *c)
{
	const char *p;

	for (p = c->at; p < c->end && *p != '"'; p++) {
		if (*p == '\\' && ++p < c->end && *p != '"' && *p != '\\')
			return 0;
		if (p >= c->end || *p < 0x20 || *p > 0x7E)
			return 0;
	}
	return p < c->end ? (size_t)(p - c->at) + 1 : 0;
}

static bool
sfv_parse_string(struct sfv_cursor *c, struct sfv_bare *out)
{
	size_t length, n = 0;
	char *text;

	c->at++;
	length = sfv_string_length(c);
	text = length == 0 ? NULL : arena_alloc(c->arena, length);
	if (text == NULL)
		return false;
	for (; *c->at != '"'; c->at++) {
		if (*c->at == '\\')
			c->at++;
		text[n++] = *c->at;
	}
	c->at++;
	text[n] = '\0';
	out->kind = SFV_STRING;
	out->text = text;
	out->len = n;
	return true;
}

static bool
sfv_parse_token(struct sfv_cursor *c, struct sfv_bare *out)
{
	const char *start = c->at;

	while (c->at < c->end && (text_is_token(c->at, 1) || *c->at == ':' || *c->at == '/'))
		c->at++;
	out->kind = SFV_TOKEN;
	out->len = (size_t)(c->at - start);
	out->text = arena_strndup(c->arena, start, out->len);
	return out->text != NULL;
}

static bool
sfv_parse_bytes(struct sfv_cursor *c, struct sfv_bare *out)
{
	const char *start, *colon;
	unsigned char *bytes;
	size_t len;

	c->at++;
	start = c->at;
	colon = memchr(start, ':', (size_t)(c->end - start));
	if (colon == NULL)
		return false;
	len = (size_t)(colon - start);
	bytes = arena_alloc(c->arena, len + 1);
	if (bytes == NULL || !base64_decode(start, len, bytes, len, &out->len))
		return false;
	out->kind = SFV_BYTES;
	out->text = (const char *)bytes;
	c->at = colon + 1;
	return true;
}

static bool
sfv_parse_boolean(struct sfv_cursor *c, struct sfv_bare *out)
{
	c->at++;
	if (!sfv_here(c, '0') && !sfv_here(c, '1'))
		return false;
	out->kind = SFV_BOOLEAN;
	out->number = *c->at++ == '1';
	return true;
}

/* By its first character, which those above pass over unread. */
static bool
sfv_parse_bare(struct sfv_cursor *c, struct sfv_bare *out)
{
	if (c->at == c->end)
		return false;
	if (*c->at == '-' || sfv_is_digit(*c->at))
		return sfv_parse_number(c, out);
	if (*c->at == '"')
		return sfv_parse_string(c, out);
	if (*c->at == ':')
		return sfv_parse_bytes(c, out);
	if (*c->at == '?')
		return sfv_parse_boolean(c, out);
	if (*c->at == '*' || text_is_alpha(*c->at))
		return sfv_parse_token(c, out);
	return false;
}

const struct sfv_bare *
sfv_param(const struct sfv_item *item, const char *key)
{
	size_t i;

	for (i = 0; i < item->n_params; i++) {
		if (strcmp(item->params[i].key, key) == 0)
			return &item->params[i].value;
	}
	return NULL;
}

static bool
sfv_parse_params(struct sfv_cursor *c, struct sfv_item *item)
{
	struct sfv_param *params, p;

	while (sfv_take(c, ';')) {
		p = (struct sfv_param){.value = {.kind = SFV_BOOLEAN, .number = 1}};
		sfv_skip(c, " ");
		p.key = sfv_parse_key(c);
		if (p.key == NULL || sfv_param(item, p.key) != NULL ||
		    item->n_params >= SFV_PARAMS_MAX)
			return false;
		if (sfv_take(c, '=') && !sfv_parse_bare(c, &p.value))
			return false;
		params = arena_grow(
		    c->arena, item->params, item->n_params, &item->cap_params, sizeof(*params));
		if (params == NULL)
			return false;
		item->params = params;
		params[item->n_params++] = p;
	}
	return true;
}

static bool
sfv_parse_inner(struct sfv_cursor *c, struct sfv_member *m)
{
	struct sfv_item *list, *item;

	m->inner = true;
	c->at++;
	while (c->at < c->end) {
		sfv_skip(c, " ");
		if (sfv_take(c, ')'))
			return sfv_parse_params(c, &m->item);
		list = arena_grow(c->arena, m->list, m->n, &m->cap, sizeof(*list));
		if (list == NULL || m->n >= SFV_LIST_MAX)
			return false;
		m->list = list;
		item = &list[m->n++];
		*item = (struct sfv_item){.n_params = 0};
		if (!sfv_parse_bare(c, &item->bare) || !sfv_parse_params(c, item))
			return false;
		if (!sfv_here(c, ' ') && !sfv_here(c, ')'))
			return false;
	}
	return false;
}

static bool
sfv_parse_member(struct sfv_cursor *c, struct sfv_member *m)
{
	m->key = sfv_parse_key(c);
	if (m->key == NULL)
		return false;
	if (!sfv_take(c, '=')) {
		m->item.bare = (struct sfv_bare){.kind = SFV_BOOLEAN, .number = 1};
		return sfv_parse_params(c, &m->item);
	}
	if (sfv_here(c, '('))
		return sfv_parse_inner(c, m);
	return sfv_parse_bare(c, &m->item.bare) && sfv_parse_params(c, &m->item);
}

const struct sfv_member *
sfv_member(const struct sfv_dictionary *d, const char *key)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (strcmp(d->members[i].key, key) == 0)
			return &d->members[i];
	}
	return NULL;
}

bool
sfv_parse_dictionary(struct arena *a, const char *text, size_t len, struct sfv_dictionary *out)
{
	struct sfv_cursor c = {.arena = a, .at = text, .end = text + len};
	struct sfv_member *members, m;

	*out = (struct sfv_dictionary){.n = 0};
	while (c.end > c.at && c.end[-1] == ' ')
		c.end--;
	sfv_skip(&c, " ");
	while (c.at < c.end) {
		m = (struct sfv_member){.n = 0};
		if (!sfv_parse_member(&c, &m) || sfv_member(out, m.key) != NULL ||
		    out->n >= SFV_MEMBERS_MAX)
			return false;
		members = arena_grow(a, out->members, out->n, &out->cap, sizeof(*members));
		if (members == NULL)
			return false;
		out->members = members;
		members[out->n++] = m;
		sfv_skip(&c, " \t");
		if (c.at == c.end)
			return true;
		if (!sfv_take(&c, ','))
			return false;
		sfv_skip(&c, " \t");
		if (c.at == c.end)
			return false; /* a comma with nothing after it */
	}
	return true;
}

static void
sfv_write_string(struct buf *out, const struct sfv_bare *v)
{
	size_t i;

	buf_putc(out, '"');
	for (i = 0; i < v->len; i++) {
		if (v->text[i] == '"' || v->text[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, v->text[i]);
	}
	buf_putc(out, '"');
}

/* Thousandths, with at least one digit after the point and no more zeros than that. */
static void
sfv_write_decimal(struct buf *out, int64_t thousandths)
{
	int64_t n = thousandths < 0 ? -thousandths : thousandths;
	int64_t fraction = n % 1000;
	int digits = 3;

	while (digits > 1 && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	buf_printf(out, "%s%" PRId64 ".%0*" PRId64, thousandths < 0 ? "-" : "", n / 1000, digits,
	    fraction);
}

static void
sfv_write_bare(struct buf *out, const struct sfv_bare *v)
{
	switch (v->kind) {
	case SFV_INTEGER:
		buf_printf(out, "%" PRId64, v->number);
		break;
	case SFV_DECIMAL:
		sfv_write_decimal(out, v->number);
		break;
	case SFV_STRING:
		sfv_write_string(out, v);
		break;
	case SFV_TOKEN:
		buf_put(out, v->text, v->len);
		break;
	case SFV_BYTES:
		buf_putc(out, ':');
		base64_encode(out, v->text, v->len);
		buf_putc(out, ':');
		break;
	case SFV_BOOLEAN:
		buf_puts(out, v->number != 0 ? "?1" : "?0");
		break;
	case SFV_KIND_MAX:
		buf_fail(out, GW_EINTERNAL);
		break;
	}
}

static void
sfv_write_params(struct buf *out, const struct sfv_item *item)
{
	const struct sfv_param *p;
	size_t i;

	for (i = 0; i < item->n_params; i++) {
		p = &item->params[i];
		buf_putc(out, ';');
		buf_puts(out, p->key);
		if (p->value.kind == SFV_BOOLEAN && p->value.number != 0)
			continue;
		buf_putc(out, '=');
		sfv_write_bare(out, &p->value);
	}
}

void
sfv_write_item(struct buf *out, const struct sfv_item *item)
{
	sfv_write_bare(out, &item->bare);
	sfv_write_params(out, item);
}

void
sfv_write_member(struct buf *out, const struct sfv_member *m)
{
	size_t i;

	if (!m->inner) {
		sfv_write_item(out, &m->item);
		return;
	}
	buf_putc(out, '(');
	for (i = 0; i < m->n; i++) {
		if (i > 0)
			buf_putc(out, ' ');
		sfv_write_item(out, &m->list[i]);
	}
	buf_putc(out, ')');
	sfv_write_params(out, &m->item);
}
