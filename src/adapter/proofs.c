/*
 * proofs.c: what of an exchange proves who calls, so that it is left out wherever a part of one is
 * shown: an HRIS quotes the key that it refuses, and a debugger of an HRIS repeats whole requests.
 */
#include <string.h>

#include "adapter/adapter.h"
#include "base/encode.h"
#include "base/text.h"

enum { PROOF_SHORT = 3 }; /* bytes; a shorter one is a part of many words */

static void
proofs_add(struct proofs *p, const char *text)
{
	if (text != NULL && strlen(text) >= PROOF_SHORT)
		p->texts[p->n++] = text;
}

bool
proofs_of(struct proofs *p, const struct adapter *adapter, const struct value *settings,
    const struct http_call *call, struct arena *a)
{
	const struct value *declared = adapter == NULL ? NULL : adapter->settings, *secret;
	const char *blank;
	size_t i, n = declared == NULL ? 0 : declared->n;

	*p = (struct proofs){.texts = arena_array(a, n + call->n_headers, sizeof(*p->texts))};
	if (p->texts == NULL)
		return false;
	for (i = 0; i < n; i++) {
		secret = value_get(declared->items[i].value, "secret");
		if (value_is(secret, VALUE_BOOL) && secret->truth)
			proofs_add(p, value_get_text(settings, declared->items[i].name));
	}
	for (i = 0; i < call->n_headers; i++) {
		if (!call->headers[i].secret)
			continue;
		blank = strchr(call->headers[i].value, ' ');
		proofs_add(p, blank == NULL ? call->headers[i].value : blank + 1);
	}
	return true;
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

/* The length of text's first character at `at`, as is, as JSON or as a URL has it; 0: another. */
static size_t
proof_char(const char *at, const char *text, size_t *bytes)
{
	unsigned char c;
	size_t n;

	*bytes = proof_escaped(at, text);
	if (*bytes > 0)
		return strlen("\\uXXXX");
	*bytes = 1;
	if (at[0] == '%' && strnlen(at, 3) == 3 && hex_decode(at + 1, 2, &c, 1, &n) &&
	    c == (unsigned char)*text)
		return strlen("%XX");
	if (at[0] == '\\' && at[1] == *text)
		return 2;
	return *at == *text || (*at == '+' && *text == ' ') ? 1 : 0;
}

/* How much of at is this text; 0. */
static size_t
proof_len(const char *at, const char *text)
{
	size_t len = 0, n, bytes;

	/* As is first: it may look escaped itself. */
	if (text_starts(at, text))
		return strlen(text);
	for (; *text != '\0'; text += bytes) {
		n = proof_char(at + len, text, &bytes);
		if (n == 0)
			return 0;
		len += n;
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
