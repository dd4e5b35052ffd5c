/* test_ledger.c: what is written is read again, whole, by everybody who opens the ledger. */
#include "tests/unit/kit/ledger_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
assert_same(const struct intent *a, const struct intent *b)
{
	assert_int_equal(a->n, b->n);
	assert_string_equal(a->ledger, b->ledger);
	assert_string_equal(a->agent, b->agent);
	assert_int_equal(a->op, b->op);
	assert_int_equal(a->state, b->state);
	assert_memory_equal(a->key, b->key, LEDGER_HMAC);
	assert_memory_equal(a->idempotency, b->idempotency, LEDGER_HMAC);
	assert_int_equal(a->generation, b->generation);
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->attempts, b->attempts);
	assert_int_equal(a->steps, b->steps);
	assert_string_equal(a->request, b->request);
	assert_string_equal(a->before, b->before);
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->days, b->days);
	assert_int_equal(a->first_day, b->first_day);
	assert_int_equal(a->last_day, b->last_day);
	assert_int_equal(a->minutes, b->minutes);
	assert_string_equal(a->wanted, b->wanted);
	assert_string_equal(a->stood, b->stood);
	assert_string_equal(a->shown, b->shown);
	assert_string_equal(a->seen, b->seen);
	assert_true(a->looked == b->looked && a->verified == b->verified);
	assert_int_equal(a->recorded_minutes, b->recorded_minutes);
	assert_string_equal(a->code, b->code);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->route, b->route);
	assert_string_equal(a->request_log_id, b->request_log_id);
	assert_int_equal(a->begun_ms, b->begun_ms);
	assert_int_equal(a->quiet_ms, b->quiet_ms);
	assert_int_equal(a->settled_ms, b->settled_ms);
}

static struct intent *
read_all(struct ledger_kit *k, const char *agent, size_t want)
{
	struct intent *rows;
	size_t n;

	assert_int_equal(
	    ledger_read(k->ledger, "acme", agent, &k->arena, &rows, &n, &k->failure), GW_OK);
	assert_int_equal(n, want);
	return rows;
}

static void
test_rows(void **state)
{
	struct intent a = ledger_kit_row("4", INTENT_SENDING), *found;
	struct intent b = ledger_kit_row("4", INTENT_DONE),
		      other = ledger_kit_row("5", INTENT_DONE);
	struct intent absent = {.ledger = "acme", .agent = "6"}, *rows[2];
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	rows[0] = &a;
	rows[1] = &b;
	assert_int_equal(ledger_write(k.ledger, rows, 2, "sending", &k.failure), GW_OK);
	ledger_kit_write(&k, &other, "sending");
	assert_true(a.n > 0 && b.n > a.n && other.n > b.n);
	found = read_all(&k, "4", 2);
	assert_same(&found[0], &a);
	assert_same(&found[1], &b);
	a.state = INTENT_NOT_APPROVED;
	a.request = "r-8";
	a.looked = false;
	ledger_kit_write(&k, &a, "not-approved");
	ledger_kit_write(&k, &absent, "sending");
	ledger_kit_reopen(&k);
	assert_same(&read_all(&k, "4", 2)[0], &a);
	assert_same(read_all(&k, "5", 1), &other);
	assert_string_equal(read_all(&k, "6", 1)->days, "");
	(void)read_all(&k, "7", 0);
	ledger_kit_close(&k);
}

/* A row is replaced only where it is that agent's; of several, all are written or none. */
static void
test_replace(void **state)
{
	struct intent a = ledger_kit_row("4", INTENT_SENDING), b = ledger_kit_row("4", INTENT_DONE);
	struct intent *rows[] = {&b, &a};
	struct ledger_kit k;

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_write(&k, &a, "sending");
	a.agent = "5";
	assert_int_equal(ledger_write(k.ledger, rows, 2, "done", &k.failure), GW_EINTERNAL);
	assert_int_equal(k.failure.code, CODE_GATEWAY_STORE);
	fail_clear(&k.failure);
	assert_int_equal(b.n, 0);
	assert_int_equal(read_all(&k, "4", 1)->state, INTENT_SENDING);
	ledger_kit_works(&k);
	ledger_kit_close(&k);
}

static void
test_list(void **state)
{
	struct intent a = ledger_kit_row("4", INTENT_UNKNOWN),
		      b = ledger_kit_row("5", INTENT_UNKNOWN);
	struct intent c = ledger_kit_row("4", INTENT_DONE), *rows;
	int64_t counts[INTENT_STATE_MAX], oldest_ms;
	struct ledger_kit k;
	const char *agent;
	size_t n;

	(void)state;
	ledger_kit_open(&k, false);
	assert_int_equal(ledger_counts(k.ledger, counts, &oldest_ms, &k.failure), GW_OK);
	assert_int_equal(oldest_ms, 0);
	b.begun_ms = 5;
	c.begun_ms = 1;
	c.request = "r-9";
	b.ledger = "other";
	ledger_kit_write(&k, &a, "unknown");
	ledger_kit_write(&k, &b, "unknown");
	ledger_kit_write(&k, &c, "done");
	assert_int_equal(ledger_list(k.ledger, 1U << INTENT_UNKNOWN, NULL, NULL, &k.arena, &rows,
			     &n, &k.failure),
	    GW_OK);
	assert_int_equal(n, 2);
	assert_same(&rows[0], &b);
	assert_same(&rows[1], &a);
	assert_int_equal(ledger_list(k.ledger, 1U << INTENT_UNKNOWN | 1U << INTENT_DONE, NULL, "4",
			     &k.arena, &rows, &n, &k.failure),
	    GW_OK);
	assert_int_equal(n, 2);
	assert_int_equal(
	    ledger_list(k.ledger, 0, "other", NULL, &k.arena, &rows, &n, &k.failure), GW_OK);
	assert_int_equal(n, 1);
	assert_int_equal(ledger_counts(k.ledger, counts, &oldest_ms, &k.failure), GW_OK);
	assert_int_equal(counts[INTENT_UNKNOWN], 2);
	assert_int_equal(counts[INTENT_DONE], 1);
	assert_int_equal(counts[INTENT_REFUSED], 0);
	assert_int_equal(oldest_ms, 5);
	assert_int_equal(
	    ledger_owner(k.ledger, "acme", "r-9", &k.arena, &agent, &k.failure), GW_OK);
	assert_string_equal(agent, "4");
	assert_int_equal(
	    ledger_owner(k.ledger, "other", "r-6", &k.arena, &agent, &k.failure), GW_OK);
	assert_string_equal(agent, "5");
	assert_int_equal(
	    ledger_owner(k.ledger, "other", "r-9", &k.arena, &agent, &k.failure), GW_OK);
	assert_null(agent);
	ledger_kit_close(&k);
}

/* The key is the ledger's: the same in every opening, another in another ledger. */
static void
test_hmac(void **state)
{
	static const char *const ab[] = {"a", "b"}, *const joined[] = {"ab", ""};
	unsigned char first[LEDGER_HMAC], again[LEDGER_HMAC];
	struct ledger_kit k, other;

	(void)state;
	ledger_kit_open(&k, false);
	ledger_kit_open(&other, false);
	assert_true(ledger_hmac(k.ledger, "key", ab, 2, first));
	ledger_kit_reopen(&k);
	assert_true(ledger_hmac(k.ledger, "key", ab, 2, again));
	assert_memory_equal(first, again, LEDGER_HMAC);
	assert_true(ledger_hmac(k.ledger, "key", joined, 2, again));
	assert_memory_not_equal(first, again, LEDGER_HMAC);
	assert_true(ledger_hmac(k.ledger, "idempotency", ab, 2, again));
	assert_memory_not_equal(first, again, LEDGER_HMAC);
	assert_true(ledger_hmac(other.ledger, "key", ab, 2, again));
	assert_memory_not_equal(first, again, LEDGER_HMAC);
	ledger_kit_close(&other);
	ledger_kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_replace),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_hmac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
