/* anchor.c: see anchor.h. The file is one line: "hrisgw-anchor 1 NUMBER HEX". */
#include "ledger/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/text.h"
#include "store/db.h"

enum { ANCHOR_TEXT = 256 };

static const char anchor_mark[] = "hrisgw-anchor 1 ";

static bool
anchor_parse(char *text, struct chain_head *out)
{
	char *number, *hex, *end;
	unsigned long n = 0;
	size_t len = 0;

	if (!text_starts(text, anchor_mark))
		return false;
	number = text + sizeof(anchor_mark) - 1;
	hex = strchr(number, ' ');
	end = hex == NULL ? NULL : strchr(hex, '\n');
	if (end == NULL || end[1] != '\0')
		return false;
	*hex++ = '\0';
	if (!text_unsigned(number, LONG_MAX, &n) ||
	    !hex_decode(hex, (size_t)(end - hex), out->hash, LEDGER_HMAC, &len))
		return false;
	out->n = (int64_t)n;
	return len == LEDGER_HMAC;
}

bool
anchor_read(const char *path, struct chain_head *out, bool *there, char *why, size_t why_max)
{
	struct arena a;
	size_t len;
	char *text;
	bool ok;

	arena_init(&a, 64 * 1024);
	text = text_read_file(&a, path, ANCHOR_TEXT, &len);
	*there = text != NULL || errno != ENOENT;
	ok = !*there || (text != NULL && anchor_parse(text, out));
	if (text == NULL)
		(void)snprintf(why, why_max, "anchor %s: %s", path, strerror(errno));
	else if (!ok)
		(void)snprintf(why, why_max,
		    "anchor %s is damaged; bring it back, or begin anew with hrisgw ledger new --look-until DATE",
		    path);
	arena_clear(&a);
	return ok;
}

static bool
anchor_put(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = text_write(fd, text, len) && fdatasync(fd) == 0;
	return close(fd) == 0 && ok;
}

bool
anchor_write(const char *path, const char *state_dir, const struct chain_head *head, char *why,
    size_t why_max)
{
	char temporary[PATH_MAX];
	struct buf b;
	bool ok;

	buf_init(&b, ANCHOR_TEXT);
	buf_printf(&b, "%s%lld ", anchor_mark, (long long)head->n);
	hex_encode(&b, head->hash, LEDGER_HMAC);
	buf_putc(&b, '\n');
	errno = ENAMETOOLONG;
	/* Processes write beside each other: each has a name of its own. */
	ok = snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid()) < PATH_MAX &&
	     b.err == GW_OK && anchor_put(temporary, b.data, b.len);
	if (ok)
		db_give(temporary, state_dir);
	ok = ok && rename(temporary, path) == 0;
	if (!ok)
		(void)snprintf(why, why_max, "anchor %s: %s", path, strerror(errno));
	buf_clear(&b);
	return ok;
}
