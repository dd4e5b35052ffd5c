/* ledger_kit.c: see ledger_kit.h. */
#include "tests/unit/kit/ledger_kit.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t
kit_wall_ms(void *context)
{
	return ((struct ledger_kit *)context)->wall_ms;
}

void
ledger_kit_reopen(struct ledger_kit *k)
{
	ledger_close(k->ledger);
	k->ledger = ledger_open(&k->where);
	assert_non_null(k->ledger);
}

void
ledger_kit_open(struct ledger_kit *k, bool anchored)
{
	*k = (struct ledger_kit){.wall_ms = 1800000000000};
	arena_init(&k->arena, 64 * 1024 * 1024);
	/* In memory where that is possible: the tests are not about the disk's speed. */
	snprintf(k->folder, sizeof(k->folder), "%s/test_ledger.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(k->folder));
	snprintf(k->anchor, sizeof(k->anchor), "%s.anchor", k->folder);
	k->clock = clock_real;
	k->clock.wall_ms = kit_wall_ms;
	k->clock.context = k;
	k->where = (struct ledger_where){
	    .state_dir = k->folder, .anchor = anchored ? k->anchor : NULL, .clock = &k->clock};
	ledger_kit_reopen(k);
}

void
ledger_kit_close(struct ledger_kit *k)
{
	struct dirent *e;
	DIR *d;

	ledger_close(k->ledger);
	d = opendir(k->folder);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			assert_int_equal(unlink(ledger_kit_path(k, e->d_name)), 0);
	}
	(void)closedir(d);
	assert_int_equal(rmdir(k->folder), 0);
	(void)unlink(k->anchor);
	arena_clear(&k->arena);
}

struct intent
ledger_kit_row(const char *agent, enum intent_state state)
{
	return (struct intent){
	    .ledger = "acme",
	    .agent = agent,
	    .op = INTENT_CHANGE,
	    .state = state,
	    .key = {1, 2, 3},
	    .idempotency = {4, 5, 6},
	    .generation = 2,
	    .serial = 3,
	    .attempts = 4,
	    .steps = 5,
	    .request = "r-7",
	    .before = "r-6",
	    .type = "vacation",
	    .days = "2026-12-01 none 480;2026-12-02 540 240",
	    .first_day = 20788,
	    .last_day = 20789,
	    .minutes = 720,
	    .wanted = "APPROVED",
	    .stood = "{\"id\":\"r-6\"}",
	    .shown = "{\"id\":\"r-7\"}",
	    .seen = "r-1,r-2",
	    .looked = true,
	    .verified = true,
	    .recorded_minutes = 700,
	    .code = "HRIS.DIFFERENT",
	    .text = "words",
	    .route = "acme-eu",
	    .request_log_id = "6f0c",
	    .begun_ms = 1799999999000,
	    .quiet_ms = 1799999999500,
	    .settled_ms = 1800000000000,
	};
}

void
ledger_kit_write(struct ledger_kit *k, struct intent *i, const char *event)
{
	if (ledger_write(k->ledger, &i, 1, event, &k->failure) != GW_OK)
		fail_msg("%s", k->failure.text);
}

const char *
ledger_kit_path(struct ledger_kit *k, const char *name)
{
	const char *path = arena_printf(&k->arena, "%s/%s", k->folder, name);

	assert_non_null(path);
	return path;
}

void
ledger_kit_sql(struct ledger_kit *k, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(ledger_kit_path(k, "ledger.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void
ledger_kit_broken(struct ledger_kit *k, const char *part)
{
	struct intent row = ledger_kit_row("4", INTENT_SENDING), *rows = &row, *found;
	char why[1024] = "";
	size_t n;

	if (ledger_works(k->ledger, why, sizeof(why)))
		fail_msg("it works, where \"%s\" was expected", part);
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, why);
	fail_clear(&k->failure);
	assert_int_equal(ledger_write(k->ledger, &rows, 1, "sending", &k->failure), GW_EINTERNAL);
	assert_int_equal(k->failure.code, CODE_GATEWAY_STORE);
	assert_non_null(strstr(k->failure.text, part));
	fail_clear(&k->failure);
	assert_int_equal(
	    ledger_read(k->ledger, "acme", "4", &k->arena, &found, &n, &k->failure), GW_EINTERNAL);
	assert_int_equal(k->failure.code, CODE_GATEWAY_STORE);
	fail_clear(&k->failure);
}

void
ledger_kit_works(struct ledger_kit *k)
{
	char why[1024];

	if (!ledger_works(k->ledger, why, sizeof(why)))
		fail_msg("%s", why);
}
