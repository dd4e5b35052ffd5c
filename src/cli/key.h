/* cli_key.h: what the files of `hrisgw key` share. */
#ifndef CLI_KEY_H
#define CLI_KEY_H

#include "cli/keyring.h"

enum key_spelling {
	KEY_BASE64, /* base64:..., for signatures */
	KEY_WHSEC,  /* whsec_..., as Standard Webhooks' libraries want it */
	KEY_HEX,
	KEY_TEXT, /* letters, digits, - and _: for token, key and basic */
	KEY_SPELLING_MAX
};

/*
 * A new file of mode 0600 with 32 random bytes. It must not be there. False with the reason on
 * standard error.
 */
bool cli_key_make(const struct cli_call *call, const char *path, enum key_spelling spelling);

/* 2026-01-31T08:00:00Z; none where there is no such moment. */
enum { KEY_TIME_MAX = 24 };
const char *cli_key_time(int64_t seconds, const char *none, char out[static KEY_TIME_MAX]);

int cli_key_list(const struct cli_call *call);
int cli_key_rotate(const struct cli_call *call);

#endif
