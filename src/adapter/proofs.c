/*
 * proofs.c: what of an exchange proves who calls, so that it is left out wherever a part of one is
 * shown: an HRIS quotes the key that it refuses, and a debugger of an HRIS repeats whole requests.
 */
#include <string.h>

#include "adapter/adapter.h"
#include "base/encode.h"
#include "base/text.h"
#include "format/url.h"

enum { PROOF_SHORT = 3 }; /* bytes; a shorter one is a part of many words */

static bool
proofs_add(struct proofs *p, const char *text)
{
	if (text != NULL && strlen(text) >= PROOF_SHORT)
		p->texts[p->n++] = text;
	return text != NULL;
}

/* As is, and as it is in a query or a form. */
static bool
proofs_add_setting(struct proofs *p, const char *text, struct arena *a)
{
	struct buf b;
	bool good = proofs_add(p, text);

	buf_init(&b, LIMIT_SECRET * 3);
	url_query(&b, text);
	if (good && strcmp(b.data, text) != 0)
		good = proofs_add(p, buf_to_arena(&b, a));
	buf_clear(&b);
	return good;
}

bool
proofs_of(struct proofs *p, const struct adapter *adapter, const struct value *settings,
    const struct http_call *call, struct arena *a)
{
	const struct value *declared = adapter == NULL ? NULL : adapter->settings, *secret;
	const char *text, *blank;
	size_t i, n = declared == NULL ? 0 : declared->n;
	bool good = true;

	*p = (struct proofs){.texts = arena_array(a, n * 2 + call->n_headers, sizeof(*p->texts))};
	if (p->texts == NULL)
		return false;
	for (i = 0; i < n && good; i++) {
		secret = value_get(declared->items[i].value, "secret");
		text = value_get_text(settings, declared->items[i].name);
		if (value_is(secret, VALUE_BOOL) && secret->truth && text != NULL)
			good = proofs_add_setting(p, text, a);
	}
	for (i = 0; i < call->n_headers && good; i++) {
		if (!call->headers[i].secret)
			continue;
		blank = strchr(call->headers[i].value, ' ');
		(void)proofs_add(p, blank == NULL ? call->headers[i].value : blank + 1);
	}
	return good;
}

/* Does text go on with the character that JSON writes as \uXXXX at `at`? Its bytes, or 0. */
static size_t
proof_escaped(const char *at, const char *text)
{
	unsigned char units[2];
	char utf8[4];
	size_t n = 0;

	if (at[0] != '\\' || at[1] != 'u' || strnlen(at, 6) < 6 ||
	    !hex_decode(at + 2, 4, units, sizeof(units), &n))
		return 0;
	n = text_encode((unsigned long)units[0] << 8 | units[1], utf8);
	return strncmp(text, utf8, n) == 0 ? n : 0;
}

/* How much of at is this text, in which JSON may have escaped characters; 0. */
static size_t
proof_len(const char *at, const char *text)
{
	size_t len = 0, n;

	while (*text != '\0') {
		n = proof_escaped(at + len, text);
		if (n > 0) {
			len += strlen("\\uXXXX");
			text += n;
			continue;
		}
		if (at[len] == '\\' && at[len + 1] == *text)
			len++;
		if (at[len++] != *text++)
			return 0;
	}
	return len;
}

static size_t
proofs_at(const struct proofs *p, const char *at)
{
	size_t i, len, longest = 0;

	for (i = 0; i < p->n; i++) {
		len = proof_len(at, p->texts[i]);
		if (len > longest)
			longest = len;
	}
	return longest;
}

const char *
proofs_hide(const struct proofs *p, const char *text, size_t max, struct arena *a)
{
	const char *end = text == NULL ? NULL : text + strnlen(text, max), *out;
	struct buf b;
	size_t len;

	buf_init(&b, LIMIT_ARENA);
	for (; text < end; text += len) {
		len = proofs_at(p, text);
		if (len > 0) {
			buf_puts(&b, PROOF_HIDDEN);
			continue;
		}
		len = 1;
		buf_putc(&b, *text);
	}
	out = buf_whole(&b, a) ? buf_to_arena(&b, a) : NULL;
	buf_clear(&b);
	return out;
}
