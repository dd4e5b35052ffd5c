/*
 * ledger_key.h: ledger.key, and what is made with it: HMACs of contents, links and the policy's
 * keys, each use with a key of its own. Every part goes in with its length before it.
 */
#ifndef LEDGER_KEY_H
#define LEDGER_KEY_H

#include "base/clock.h"
#include "base/crypto.h"
#include "ledger/ledger.h"

struct ledger_key {
	unsigned char content[LEDGER_HMAC], chain[LEDGER_HMAC], use[LEDGER_HMAC];
};

/* A new one in a file of mode 0600, on the disk; what was there goes. False with why. */
bool ledger_key_make(
    const char *path, const struct clock *clock, struct ledger_key *out, char *why, size_t why_max);
/* False with why. */
bool ledger_key_read(const char *path, struct ledger_key *out, char *why, size_t why_max);
void ledger_key_wipe(struct ledger_key *k);

/* Of all columns of a row. False: out of memory, here and below. */
bool ledger_key_content(
    const struct ledger_key *k, const struct intent *i, unsigned char out[static LEDGER_HMAC]);

/* Parts of an HMAC, whose bytes are borrowed until key_mac_end(). Must not be moved meanwhile. */
enum { KEY_MAC_PARTS = 40 };
struct key_mac {
	struct crypto_part parts[2 * KEY_MAC_PARTS]; /* of each its length, then itself */
	unsigned char numbers[2 * KEY_MAC_PARTS][8]; /* lengths, and parts that are numbers */
	size_t n;
};
void key_mac_bytes(struct key_mac *m, const void *bytes, size_t len);
void key_mac_text(struct key_mac *m, const char *s);
void key_mac_number(struct key_mac *m, int64_t n);
bool key_mac_end(const struct key_mac *m, const unsigned char key[static LEDGER_HMAC],
    unsigned char out[static LEDGER_HMAC]);

#endif
