/*
 * remembered_kit.h: what the tests of writes with a ledger share: a request of two runs, which an
 * HRIS with one range a request takes as two, what that HRIS answers and shows, and the rows.
 */
#ifndef REMEMBERED_KIT_H
#define REMEMBERED_KIT_H

#include "tests/unit/kit/hris_kit.h"
#include "tests/unit/kit/ledger_kit.h"
#include "hris/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct kit kit;
static struct ledger_kit ledger;
static struct day days[3];
static struct span spans[3];
static struct timeoff request;
static struct timeoff_done done;

/* Two days that are alike, and half of a third: two runs. */
static int
setup(void **state)
{
	static const char *const dates[] = {"2027-03-01", "2027-03-02", "2027-03-03"};
	size_t i;

	(void)state;
	kit_open(&kit);
	ledger_kit_open(&ledger, false);
	kit.traits.by_run = true;
	for (i = 0; i < 3; i++) {
		days[i] = (struct day){.date = kit_date(dates[i]), .minutes = i == 2 ? 240 : 480};
		spans[i] = (struct span){days[i].date, -1, days[i].minutes};
	}
	request = (struct timeoff){.agent_id = "4",
	    .type_id = "1",
	    .status = STATUS_APPROVED,
	    .days = days,
	    .n_days = 3,
	    .spans = spans,
	    .n_spans = 3,
	    .min_date = days[0].date,
	    .max_date = days[2].date};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ledger_kit_close(&ledger);
	kit_close(&kit);
	return 0;
}

static void
again(void)
{
	kit_again(&kit);
	kit.hris.ledger = ledger.ledger;
	done = (struct timeoff_done){0};
}

static void
written_as(const char *id, enum timeoff_status status)
{
	kit_answer(&kit, OPERATION_INSERT,
	    (struct operation_out){.result = {.id = id, .status = status}, .written = true});
}

static void
written(const char *id)
{
	written_as(id, STATUS_APPROVED);
}

/* A run as the HRIS shows it: the first of two days or the second. */
static struct found
run_row(const char *id, bool first, enum timeoff_status status)
{
	return (struct found){.id = id,
	    .type_id = "1",
	    .status = status,
	    .ranged = true,
	    .start = days[first ? 0 : 2].date,
	    .end = days[first ? 1 : 2].date,
	    .amount = first ? "16" : "4",
	    .has_unit = true,
	    .unit = UNIT_HOURS};
}

static struct found *
shown(const char *id, bool first, enum timeoff_status status)
{
	struct found *f = arena_array(&kit.arena, 1, sizeof(*f));

	assert_non_null(f);
	*f = run_row(id, first, status);
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = f, .n_found = 1});
	return f;
}

static void
rows_shown(struct found first, struct found second)
{
	struct found *f = arena_array(&kit.arena, 2, sizeof(*f));

	assert_non_null(f);
	f[0] = first;
	f[1] = second;
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = f, .n_found = 2});
}

static void
nothing_shown(void)
{
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.n_found = 0});
}

static void
insert(enum fail_code code, const char *ids)
{
	(void)hris_insert(&kit.hris, &request, &done);
	if (kit.failure.code != code || strcmp(done.request_id, ids) != 0)
		fail_msg("%s: %s, %s", fail_code_text(kit.failure.code), done.request_id,
		    kit.failure.text);
}

/* Both runs are entered and shown. */
static void
both_written(const char *first, const char *second)
{
	written(first);
	written(second);
	shown(first, true, STATUS_APPROVED);
	shown(second, false, STATUS_APPROVED);
}

/* The first n days. */
static void
days_asked(size_t n)
{
	request.n_days = request.n_spans = n;
	request.max_date = days[n - 1].date;
}

/* One run, so one request. */
static void
one_request(void)
{
	kit.traits.by_run = false;
	days_asked(2);
}

static void
update(enum timeoff_status status, enum fail_code code, const char *id)
{
	request.status = status;
	(void)hris_update(&kit.hris, &request, &done);
	if (kit.failure.code != code || strcmp(done.request_id, id) != 0)
		fail_msg("%s: %s, %s", fail_code_text(kit.failure.code), done.request_id,
		    kit.failure.text);
}

static void
no_more_writes(void)
{
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 0);
}

static struct intent
newest_row(void)
{
	struct failure failure = {0};
	struct intent *rows;
	size_t n;

	assert_int_equal(
	    ledger_read(ledger.ledger, "test", "4", &kit.arena, &rows, &n, &failure), GW_OK);
	assert_true(n > 0);
	return rows[n - 1];
}

static void
reconciled(const struct intent *row, const char *state)
{
	struct intent after;

	(void)hris_reconcile(&kit.hris, row, &after);
	if (strcmp(intent_state_name(after.state), state) != 0)
		fail_msg("%s: %s", intent_state_name(after.state), kit.failure.text);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

#endif
