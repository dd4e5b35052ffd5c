/*
 * fuzz_fcgi_gate.c: any bytes from a web server. What passes is within the limits, is read the same
 * when it is sent again as the records made of it, and holds whole pairs only.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/fcgi_gate.h"
#include "base/bounds.h"

enum { FUZZ_MAX = 96 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* The peer has closed: nothing is waited for. */
static bool
gate(struct fcgi_gate *g, const void *data, size_t size)
{
	const char *why = NULL;
	int pair[2];
	bool ok;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	check(write(pair[1], data, size) == (ssize_t)size);
	close(pair[1]);
	fcgi_gate_init(g);
	ok = fcgi_gate_read(g, pair[0], &clock_real, clock_mono_ms(&clock_real) + 10000, &why);
	check(ok || why != NULL);
	close(pair[0]);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fcgi_gate g, again;
	struct buf records;

	if (size > FUZZ_MAX)
		return 0;
	if (gate(&g, data, size)) {
		check(g.params.len <= LIMIT_PARAM_BYTES && g.body.len <= LIMIT_BODY);
		buf_init(&records, LIMIT_PARAM_BYTES + 1024);
		fcgi_gate_records(&g, &records);
		check(records.err == GW_OK && gate(&again, records.data, records.len));
		check(!again.too_many_params && again.params.len == g.params.len &&
		      memcmp(again.params.data, g.params.data, g.params.len) == 0);
		check(!again.body_whole && again.body.len == 0);
		fcgi_gate_clear(&again);
		buf_clear(&records);
	}
	fcgi_gate_clear(&g);
	return 0;
}
