/*
 * test_chain.c: whoever does not have ledger.key changes, removes and swaps nothing unseen, in any
 * column of any row; what the gateway itself removes is no fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/intent.h"
#include "ledger/ledger_admin.h"
#include "tests/unit/kit/ledger_kit.h"

#include <cmocka.h>

enum { ROWS = 3, LINKS = 5, DAY = 86400000 };

static size_t
verify(struct ledger_kit *k, struct chain_report *r)
{
	if (ledger_verify(k->ledger, &k->arena, r, &k->failure) != GW_OK)
		fail_msg("%s", k->failure.text);
	return r->n_faults;
}

/* Three rows, of which two were written twice. */
static void
fill(struct ledger_kit *k, struct intent rows[static ROWS])
{
	static const char *const agents[ROWS] = {"4", "5", "6"};
	int i;

	for (i = 0; i < ROWS; i++) {
		rows[i] = ledger_kit_row(agents[i], INTENT_SENDING);
		rows[i].request = agents[i];
		ledger_kit_write(k, &rows[i], "sending");
	}
	for (i = 0; i < 2; i++) {
		rows[i].state = INTENT_DONE;
		ledger_kit_write(k, &rows[i], "done");
	}
}

/* The SQL changes something in a fresh ledger, and that is found. */
static void
assert_found(const char *sql)
{
	struct intent rows[ROWS];
	struct chain_report r;
	struct ledger_kit k;

	ledger_kit_open(&k, false);
	fill(&k, rows);
	assert_int_equal(verify(&k, &r), 0);
	assert_int_equal(r.links, LINKS);
	assert_int_equal(r.rows, ROWS);
	ledger_kit_sql(&k, sql);
	if (verify(&k, &r) == 0)
		fail_msg("not found: %s", sql);
	assert_non_null(r.faults[0]);
	ledger_kit_close(&k);
}

static const char *
other_value(const struct intent_column *c)
{
	switch (c->kind) {
	case INTENT_TEXT:
		return " || 'x'";
	case INTENT_OP:
		return " = 'deny'";
	case INTENT_STATE:
		return " = 'refused'";
	case INTENT_HMAC:
		return " = zeroblob(32)";
	case INTENT_BOOL:
		return " = 0";
	default:
		return " + 1";
	}
}

static void
test_columns(void **state)
{
	const struct intent_column *c;
	const char *value;
	char sql[200];

	(void)state;
	for (c = intent_columns; c < intent_columns + INTENT_COLUMNS; c++) {
		value = other_value(c);
		(void)snprintf(sql, sizeof(sql), "UPDATE intents SET %s%s%s%s WHERE agent = '5'",
		    c->name, value[1] == '=' ? "" : " = ", value[1] == '=' ? "" : c->name, value);
		if (strcmp(c->name, "n") == 0)
			(void)snprintf(
			    sql, sizeof(sql), "UPDATE intents SET n = 99 WHERE agent = '5'");
		assert_found(sql);
	}
}

static void
test_rows(void **state)
{
	static const char *const changes[] = {
	    "DELETE FROM intents WHERE agent = '4'",
	    "DELETE FROM intents WHERE agent = '6'",
	    "INSERT INTO intents SELECT 77, ledger, agent, op, state, key, idempotency, generation,"
	    " serial, attempts, steps, request, before, type, days, first_day, last_day, minutes,"
	    " wanted, stood, shown, seen, looked, verified, recorded_minutes, code, text, route,"
	    " request_log_id, begun_ms, quiet_ms, settled_ms FROM intents WHERE agent = '4'",
	    /* Two rows in each other's place. */
	    ("UPDATE intents SET n = -1 WHERE n = 1; UPDATE intents SET n = 1 WHERE n = 2;"
	     " UPDATE intents SET n = 2 WHERE n = -1"),
	    "UPDATE intents SET agent = CASE agent WHEN '4' THEN '5' WHEN '5' THEN '4' ELSE agent END",
	    /* What is after a NUL is not seen by a program in C. */
	    "UPDATE intents SET agent = agent || char(0) || 'x' WHERE agent = '5'",
	    "UPDATE intents SET state = 'nonsense' WHERE agent = '5'",
	    "UPDATE intents SET key = x'01' WHERE agent = '5'",
	    "UPDATE intents SET first_day = first_day + 4294967296 WHERE agent = '5'",
	    "UPDATE intents SET looked = 2 WHERE agent = '5'",
	    "CREATE TRIGGER t AFTER INSERT ON intents BEGIN DELETE FROM intents; END",
	    "CREATE VIEW v AS SELECT 1",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		assert_found(changes[i]);
}

static void
test_links(void **state)
{
	static const char *const changes[] = {
	    "UPDATE links SET at_ms = at_ms + 1 WHERE n = ",
	    "UPDATE links SET event = event || 'x' WHERE n = ",
	    "UPDATE links SET event = event || char(0) WHERE n = ",
	    "UPDATE links SET event = 'removed' WHERE n = ",
	    "UPDATE links SET intent = intent + 1 WHERE n = ",
	    "UPDATE links SET content = zeroblob(32) WHERE n = ",
	    "UPDATE links SET content = x'' WHERE n = ",
	    "UPDATE links SET hash = zeroblob(32) WHERE n = ",
	    "UPDATE links SET n = n + 100 WHERE n = ",
	    "DELETE FROM links WHERE n = ",
	    /* A link in the place of the next one. */
	    ("UPDATE links SET content = (SELECT content FROM links AS o WHERE o.n = links.n % 5 + 1),"
	     " hash = (SELECT hash FROM links AS o WHERE o.n = links.n % 5 + 1) WHERE n = "),
	};
	char sql[400];
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		for (n = 1; n <= LINKS; n++) {
			(void)snprintf(sql, sizeof(sql), "%s%d", changes[i], n);
			assert_found(sql);
		}
	}
	assert_found("DELETE FROM links");
	/* A row that was written since has no link any more. */
	assert_found("DELETE FROM links WHERE n = 5");
}

static void
test_beginning(void **state)
{
	struct chain_report r;
	struct ledger_kit k;

	(void)state;
	/* Before the first link, too. */
	ledger_kit_open(&k, false);
	ledger_kit_sql(&k, "UPDATE ledger SET hash = zeroblob(32)");
	assert_int_equal(verify(&k, &r), 1);
	assert_string_equal(r.faults[0], "the ledger's beginning was changed");
	ledger_kit_close(&k);
	assert_found("UPDATE ledger SET look_until = 1");
	assert_found("UPDATE ledger SET base = 1");
	assert_found("UPDATE ledger SET hash = zeroblob(32)");
	assert_found("UPDATE ledger SET seal = zeroblob(32)");
	/* The first links, as if they had been pruned. */
	assert_found("UPDATE ledger SET base = 1, hash = (SELECT hash FROM links WHERE n = 1);"
		     " DELETE FROM links WHERE n = 1");
}

/* Which link or row it is, and how many: the operator's way into the file. */
static void
test_what_is_said(void **state)
{
	static const struct {
		const char *sql, *said;
		size_t faults;
	} rows[] = {
	    {"DELETE FROM links WHERE n IN (2, 3)", "links 2 to 3 are gone", 2},
	    {"UPDATE links SET at_ms = 1 WHERE n = 5", "link 5 was changed, or the one before it",
		1},
	    {"UPDATE links SET event = event || char(0) WHERE n = 5", "link 5 is damaged", 1},
	    {"UPDATE links SET event = printf('%.9000c', 'x') WHERE n = 5", "link 5 is damaged", 1},
	    {"UPDATE intents SET agent = '8' WHERE n = 3", "row 3 ", 1},
	    {"UPDATE intents SET n = 9 WHERE n = 3", "row 9 was never written by the gateway", 2},
	    /* An index that is not of its table any more. */
	    {"PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql ="
	     " 'CREATE INDEX intents_state ON intents (state, quiet_ms)'"
	     " WHERE name = 'intents_state'; PRAGMA schema_version = 99",
		"ledger.db: row 1 missing from index intents_state", 3},
	};
	struct intent written[ROWS];
	struct chain_report r;
	struct ledger_kit k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ledger_kit_open(&k, false);
		fill(&k, written);
		ledger_kit_sql(&k, rows[i].sql);
		if (verify(&k, &r) != rows[i].faults || strstr(r.faults[0], rows[i].said) == NULL)
			fail_msg("row %zu: %zu, %s", i, r.n_faults, r.faults[0]);
		ledger_kit_close(&k);
	}
}

/* All are counted; as many as there is room for are said. */
static void
test_many_faults(void **state)
{
	struct intent row;
	struct chain_report r;
	struct ledger_kit k;
	int i;

	(void)state;
	ledger_kit_open(&k, false);
	for (i = 0; i <= CHAIN_FAULTS; i++) {
		row = ledger_kit_row("4", INTENT_DONE);
		ledger_kit_write(&k, &row, "done");
	}
	ledger_kit_sql(&k, "UPDATE intents SET agent = '8'");
	assert_int_equal(verify(&k, &r), CHAIN_FAULTS + 1);
	assert_int_equal(r.rows, CHAIN_FAULTS + 1);
	assert_int_equal(r.links, CHAIN_FAULTS + 1);
	for (i = 0; i < CHAIN_FAULTS; i++)
		assert_int_equal(strncmp(r.faults[i], "row ", 4), 0);
	ledger_kit_close(&k);
}

/* The last links gone and the rows as they were before: seen by the anchor alone. */
static void
test_cut(void **state)
{
	static const char cut[] = "DELETE FROM links WHERE n = 6; DELETE FROM intents WHERE n = 4";
	struct intent rows[ROWS], more;
	struct chain_report r;
	struct ledger_kit k;
	int anchored;

	(void)state;
	for (anchored = 0; anchored < 2; anchored++) {
		ledger_kit_open(&k, anchored != 0);
		fill(&k, rows);
		more = ledger_kit_row("7", INTENT_SENDING);
		ledger_kit_write(&k, &more, "sending");
		ledger_kit_reopen(&k);
		ledger_kit_works(&k);
		ledger_kit_sql(&k, cut);
		ledger_kit_reopen(&k);
		if (anchored != 0)
			ledger_kit_broken(&k, "the last writes are missing");
		else
			assert_int_equal(verify(&k, &r), 0);
		ledger_kit_close(&k);
	}
}

/* --- removing --- */

static int64_t
prune(struct ledger_kit *k, const char *agent, int64_t *kept)
{
	int64_t removed;

	if (ledger_prune(k->ledger, agent, &removed, kept, &k->failure) != GW_OK)
		fail_msg("%s", k->failure.text);
	return removed;
}

static void
test_prune(void **state)
{
	struct intent *found, old = ledger_kit_row("4", INTENT_DONE);
	struct intent unknown = ledger_kit_row("4", INTENT_UNKNOWN), ahead, young;
	struct chain_report r;
	struct ledger_kit k;
	int64_t kept;
	size_t n;

	(void)state;
	ledger_kit_open(&k, true);
	old.begun_ms = k.wall_ms - 401 * (int64_t)DAY;
	old.last_day = (int32_t)(k.wall_ms / DAY) - 91;
	unknown.begun_ms = old.begun_ms;
	unknown.last_day = old.last_day;
	ahead = young = old;
	ahead.last_day += 2;
	young.begun_ms += 2 * (int64_t)DAY;
	ledger_kit_write(&k, &old, "done");
	ledger_kit_write(&k, &unknown, "unknown");
	ledger_kit_write(&k, &ahead, "done");
	ledger_kit_write(&k, &young, "done");
	assert_int_equal(prune(&k, NULL, &kept), 1);
	assert_int_equal(
	    ledger_read(k.ledger, "acme", "4", &k.arena, &found, &n, &k.failure), GW_OK);
	assert_int_equal(n, 3);
	assert_true(found[0].n == unknown.n && found[1].n == ahead.n && found[2].n == young.n);
	assert_int_equal(verify(&k, &r), 0);
	/* The first link went with its row; those that rows need are there. */
	assert_int_equal(r.links, 4);
	assert_int_equal(prune(&k, NULL, &kept), 0);
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	assert_int_equal(verify(&k, &r), 0);
	ledger_kit_sql(&k, "DELETE FROM intents WHERE n = 2");
	assert_int_equal(verify(&k, &r), 1);
	ledger_kit_close(&k);
}

/* An anchor that could not be written meanwhile still finds its link. */
static void
test_prune_behind_the_anchor(void **state)
{
	struct intent old = ledger_kit_row("4", INTENT_DONE), young = old;
	struct chain_report r;
	struct ledger_kit k;
	char in_its_way[128];
	int64_t kept;
	int i;

	(void)state;
	ledger_kit_open(&k, true);
	old.begun_ms = k.wall_ms - 401 * (int64_t)DAY;
	old.last_day = (int32_t)(k.wall_ms / DAY) - 91;
	ledger_kit_write(&k, &old, "done");
	ledger_kit_reopen(&k);
	(void)snprintf(in_its_way, sizeof(in_its_way), "%s.%ld", k.anchor, (long)getpid());
	assert_int_equal(mkdir(in_its_way, 0700), 0);
	for (i = 0; i < 2; i++) {
		old.n = 0;
		ledger_kit_write(&k, &old, "done");
	}
	ledger_kit_write(&k, &young, "done");
	assert_int_equal(prune(&k, NULL, &kept), 3);
	/* Of four links, and three that say what was removed, the first went. */
	assert_int_equal(verify(&k, &r), 0);
	assert_int_equal(r.links, 6);
	ledger_kit_reopen(&k);
	ledger_kit_works(&k);
	assert_int_equal(rmdir(in_its_way), 0);
	ledger_kit_close(&k);
}

/* One person, whatever became of his writes, but none that is being made. */
static void
test_erase(void **state)
{
	struct intent rows[ROWS], mine = ledger_kit_row("4", INTENT_UNKNOWN), *found;
	struct chain_report r;
	struct ledger_kit k;
	int64_t kept;
	size_t n;

	(void)state;
	ledger_kit_open(&k, false);
	fill(&k, rows);
	ledger_kit_write(&k, &mine, "unknown");
	rows[0].state = INTENT_SENDING;
	ledger_kit_write(&k, &rows[0], "sending");
	assert_int_equal(prune(&k, "4", &kept), 1);
	assert_int_equal(kept, 1);
	rows[0].state = INTENT_DONE;
	ledger_kit_write(&k, &rows[0], "done");
	assert_int_equal(prune(&k, "4", &kept), 1);
	assert_int_equal(kept, 0);
	assert_int_equal(
	    ledger_list(k.ledger, 0, NULL, NULL, &k.arena, &found, &n, &k.failure), GW_OK);
	assert_int_equal(n, 2);
	assert_int_equal(verify(&k, &r), 0);
	/* A number is never given again: another row would be taken for the removed one. */
	mine.n = 0;
	ledger_kit_write(&k, &mine, "unknown");
	assert_int_equal(mine.n, 5);
	ledger_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_beginning),
	    cmocka_unit_test(test_what_is_said),
	    cmocka_unit_test(test_many_faults),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_prune),
	    cmocka_unit_test(test_prune_behind_the_anchor),
	    cmocka_unit_test(test_erase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
