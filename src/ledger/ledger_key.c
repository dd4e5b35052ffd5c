/* ledger_key.c: see ledger_key.h. The file is the key's 32 bytes as hex, and a line end. */
#include "ledger/ledger_key.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/text.h"
#include "ledger/intent.h"

enum { KEY_TEXT = 2 * LEDGER_HMAC + 1 };

/* --- HMACs --- */

/* A number as eight bytes, the last first. */
static const unsigned char *
key_mac_keep(struct key_mac *m, uint64_t n)
{
	unsigned char *at = m->numbers[m->n];
	size_t i;

	for (i = 0; i < sizeof(m->numbers[0]); i++)
		at[i] = (unsigned char)(n >> (8 * i));
	return at;
}

static void
key_mac_put(struct key_mac *m, const void *bytes, size_t len)
{
	assert(m->n < 2 * KEY_MAC_PARTS);
	m->parts[m->n++] = (struct crypto_part){.bytes = bytes, .len = len};
}

void
key_mac_bytes(struct key_mac *m, const void *bytes, size_t len)
{
	key_mac_put(m, key_mac_keep(m, len), sizeof(m->numbers[0]));
	key_mac_put(m, bytes, len);
}

void
key_mac_text(struct key_mac *m, const char *s)
{
	key_mac_bytes(m, s, strlen(s));
}

void
key_mac_number(struct key_mac *m, int64_t n)
{
	key_mac_put(m, key_mac_keep(m, sizeof(m->numbers[0])), sizeof(m->numbers[0]));
	key_mac_put(m, key_mac_keep(m, (uint64_t)n), sizeof(m->numbers[0]));
}

bool
key_mac_end(const struct key_mac *m, const unsigned char key[static LEDGER_HMAC],
    unsigned char out[static LEDGER_HMAC])
{
	return crypto_hmac(key, LEDGER_HMAC, m->parts, m->n, out);
}

bool
ledger_key_content(
    const struct ledger_key *k, const struct intent *i, unsigned char out[static LEDGER_HMAC])
{
	const struct intent_column *c;
	struct key_mac m;

	m.n = 0;
	for (c = intent_columns; c < intent_columns + INTENT_COLUMNS; c++) {
		if (c->kind == INTENT_TEXT || c->kind == INTENT_OP || c->kind == INTENT_STATE)
			key_mac_text(&m, intent_text(i, c));
		else if (c->kind == INTENT_HMAC)
			key_mac_bytes(&m, intent_hmac(i, c), LEDGER_HMAC);
		else
			key_mac_number(&m, intent_number(i, c));
	}
	return key_mac_end(&m, k->content, out);
}

/* --- the file --- */

static bool
key_derive(const unsigned char *key, const char *use, unsigned char out[static LEDGER_HMAC])
{
	const struct crypto_part part = {.bytes = use, .len = strlen(use)};

	return crypto_hmac(key, LEDGER_HMAC, &part, 1, out);
}

static bool
key_spread(const unsigned char *key, struct ledger_key *out)
{
	return key_derive(key, "ledger content 1", out->content) &&
	       key_derive(key, "ledger chain 1", out->chain) &&
	       key_derive(key, "ledger use 1", out->use);
}

void
ledger_key_wipe(struct ledger_key *k)
{
	crypto_wipe(k, sizeof(*k));
}

static bool
key_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = text_write(fd, text, len) && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

bool
ledger_key_make(
    const char *path, const struct clock *clock, struct ledger_key *out, char *why, size_t why_max)
{
	unsigned char key[LEDGER_HMAC];
	struct buf text;
	bool ok;

	if (!clock_random(clock, key, sizeof(key))) {
		(void)snprintf(why, why_max, "no random bytes for ledger.key");
		return false;
	}
	buf_init(&text, KEY_TEXT);
	hex_encode(&text, key, sizeof(key));
	buf_putc(&text, '\n');
	errno = ENOMEM;
	ok = key_spread(key, out) && text.err == GW_OK && (unlink(path) == 0 || errno == ENOENT) &&
	     key_write(path, text.data, text.len);
	if (!ok)
		(void)snprintf(why, why_max, "cannot make %s: %s", path, strerror(errno));
	crypto_wipe(key, sizeof(key));
	crypto_wipe(text.data, text.len);
	buf_clear(&text);
	return ok;
}

/* The file's first KEY_TEXT bytes, and whether there are no more. */
static bool
key_text(int fd, char text[static KEY_TEXT + 1])
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, KEY_TEXT + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && len < KEY_TEXT + 1) || (n < 0 && errno == EINTR));
	return n == 0 && len == KEY_TEXT && text[KEY_TEXT - 1] == '\n';
}

bool
ledger_key_read(const char *path, struct ledger_key *out, char *why, size_t why_max)
{
	unsigned char key[LEDGER_HMAC];
	char text[KEY_TEXT + 1];
	struct stat st;
	size_t n = 0;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool ok = false;

	if (fd < 0 || fstat(fd, &st) != 0)
		(void)snprintf(why, why_max, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || (st.st_mode & 0077) != 0)
		(void)snprintf(why, why_max, "%s must be a file of mode 0600", path);
	else if (!key_text(fd, text) || !hex_decode(text, KEY_TEXT - 1, key, sizeof(key), &n) ||
		 n != sizeof(key))
		(void)snprintf(why, why_max, "%s is damaged", path);
	else if (!key_spread(key, out))
		(void)snprintf(why, why_max, "out of memory");
	else
		ok = true;
	if (fd >= 0)
		(void)close(fd);
	crypto_wipe(key, sizeof(key));
	crypto_wipe(text, sizeof(text));
	return ok;
}
