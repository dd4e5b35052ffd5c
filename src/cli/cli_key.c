/*
 * cli_key.c: `hrisgw key new|list|rotate`: new keys in files that nobody else can read, and which
 * keys are in use. The keys' own values are never shown.
 */
#include "cli/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/text.h"

enum { KEY_BYTES = 32, KEY_FILE_MAX = 200 };

static const struct {
	const char *name, *prefix;
	void (*write)(struct buf *out, const void *data, size_t len);
} spellings[] = {
    [KEY_BASE64] = {"base64", "base64:", base64_encode},
    [KEY_WHSEC] = {"whsec", "whsec_", base64_encode},
    [KEY_HEX] = {"hex", "hex:", hex_encode},
    [KEY_TEXT] = {"text", "", base64url_encode},
};
_Static_assert(sizeof(spellings) / sizeof(spellings[0]) == KEY_SPELLING_MAX, "one for each");

static bool
write_file(const struct cli_call *call, const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0) {
		(void)cli_failed(call, "%s: %s", path, strerror(errno));
		return false;
	}
	ok = text_write(fd, text->data, text->len) && fsync(fd) == 0;
	if (close(fd) != 0 || !ok) {
		(void)cli_failed(call, "%s: %s", path, strerror(errno));
		(void)unlink(path);
		return false;
	}
	return true;
}

bool
cli_key_make(const struct cli_call *call, const char *path, enum key_spelling spelling)
{
	unsigned char bytes[KEY_BYTES];
	struct buf text;
	bool ok = false;

	buf_init(&text, KEY_FILE_MAX);
	if (clock_random(&clock_real, bytes, sizeof(bytes))) {
		buf_puts(&text, spellings[spelling].prefix);
		spellings[spelling].write(&text, bytes, sizeof(bytes));
		buf_putc(&text, '\n');
	}
	if (text.len == 0 || text.err != GW_OK)
		(void)cli_failed(call, "no random bytes");
	else
		ok = write_file(call, path, &text);
	crypto_wipe(bytes, sizeof(bytes));
	crypto_wipe(text.data, text.len);
	buf_clear(&text);
	return ok;
}

static int
cli_key_new(const struct cli_call *call)
{
	const char *name = cli_value(call, "spelling");
	size_t i = KEY_BASE64;

	if (call->n_operands != 2)
		return cli_usage(call, "key new FILE");
	if (name != NULL) {
		for (i = 0; i < KEY_SPELLING_MAX && strcmp(spellings[i].name, name) != 0; i++)
			continue;
	}
	if (i == KEY_SPELLING_MAX)
		return cli_usage(call, "--spelling is base64, whsec, hex or text");
	if (!cli_key_make(call, call->operands[1], (enum key_spelling)i))
		return CLI_FAILED;
	printf("%s: a new key, mode 0600, of the user who made it\n", call->operands[1]);
	return CLI_OK;
}

static int
run(const struct cli_call *call)
{
	static const struct {
		const char *name;
		int (*run)(const struct cli_call *call);
	} verbs[] = {{"new", cli_key_new}, {"list", cli_key_list}, {"rotate", cli_key_rotate}};
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, call->operands[0]) == 0)
			return verbs[i].run(call);
	}
	return cli_usage(call, "the verbs are new, list and rotate");
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml"},
    {"spelling", "NAME", "of new: base64 (signatures), whsec, hex, or text (token, key, basic)"},
    {"caller", "NAME", "of rotate: whose key; the only caller if not given"},
    {"form", "FORM", "of rotate: which of the caller's forms; the first if not given"},
    {"json", NULL, "of list: for machines"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_key = {
    .name = "key",
    .operands = "new FILE | list ROUTE | rotate ROUTE",
    .help = "make keys, see which are in use, replace one",
    .options = options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
