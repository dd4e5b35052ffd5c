/*
 * test_remembered.c: writes with a ledger: an insert of several runs, each a request of its own in
 * the HRIS; updates that name no request; rows looked at again.
 */
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

/* Two runs by both their ids: rows of one request. */
static void
both_shown(const char *ids, enum timeoff_status first, enum timeoff_status second)
{
	rows_shown(run_row(ids, true, first), run_row(ids, false, second));
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

static void
each_run_is_a_request(void **state)
{
	(void)state;
	again();
	written("77");
	written("78");
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	assert_int_equal(done.status, STATUS_APPROVED);
	assert_int_equal(done.recorded_minutes, -1);
	assert_false(done.replayed);
	assert_int_equal(kit.ins[1].n_days, 2);
	assert_int_equal(kit.ins[1].max_date.day, days[1].date.day);
	assert_int_equal(kit.ins[1].look_to.day, days[1].date.day);
	assert_int_equal(kit.ins[3].n_days, 1);
	assert_int_equal(kit.ins[3].min_date.day, days[2].date.day);
	assert_int_equal(kit.ins[3].look_from.day, days[2].date.day);
	/* Once more: nothing is written, and the same is said. */
	again();
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	assert_true(done.replayed);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

/* When a day begins is a part of what is asked: the same days at other times are another run. */
static void
other_times_are_another_run(void **state)
{
	(void)state;
	again();
	written("77");
	written("78");
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	spans[2].minute = 600;
	again();
	written("79");
	shown("77", true, STATUS_APPROVED);
	shown("79", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,79");
	assert_false(done.replayed);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
}

/* What the caller's key names is the same request again, and another's is another. */
static void
the_callers_key_names_all_runs(void **state)
{
	(void)state;
	request.idempotency_key = "k";
	again();
	written("77");
	written("78");
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	again();
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	assert_true(done.replayed);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

/* The balance is of the whole request, and not asked again where it is a repeat. */
static void
the_balance_is_of_the_whole(void **state)
{
	struct balance b = {.type_id = "1", .amount = "19", .has_amount = true};

	(void)state;
	request.status = STATUS_PENDING;
	b.has_unit = b.includes_pending = true;
	b.unit = UNIT_HOURS;
	again();
	kit_answer(
	    &kit, OPERATION_BALANCE, (struct operation_out){.balances = &b, .n_balances = 1});
	insert(CODE_HRIS_INSUFFICIENT_BALANCE, "");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	b.amount = "20";
	again();
	kit_answer(
	    &kit, OPERATION_BALANCE, (struct operation_out){.balances = &b, .n_balances = 1});
	written("77");
	written("78");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){0}); /* nothing else is pending */
	shown("77", true, STATUS_PENDING);
	shown("78", false, STATUS_PENDING);
	insert(CODE_NONE, "77,78");
	assert_int_equal(kit_count(&kit, OPERATION_BALANCE), 1);
	again();
	shown("77", true, STATUS_PENDING);
	shown("78", false, STATUS_PENDING);
	insert(CODE_NONE, "77,78");
	assert_int_equal(kit_count(&kit, OPERATION_BALANCE), 0);
}

static void
a_refused_run_takes_the_others_back(void **state)
{
	(void)state;
	kit.traits.has[OPERATION_UNDO] = true;
	again();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	insert(CODE_HRIS_REFUSED, "");
	assert_string_equal(kit.failure.text, "no");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	again();
	written("77");
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	insert(CODE_HRIS_REFUSED, "");
	assert_non_null(strstr(kit.failure.text, "no; what was entered"));
	assert_int_equal(kit_count(&kit, OPERATION_UNDO), 1);
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_UNDO)].request_id, "77");
	assert_int_equal(done.recorded_minutes, -1);
	/* What was taken back is written anew. */
	again();
	written("79");
	written("80");
	shown("77", true, STATUS_CANCELED);
	shown("79", true, STATUS_APPROVED);
	shown("80", false, STATUS_APPROVED);
	insert(CODE_NONE, "79,80");
}

/* What no longer looks as it did, or cannot be taken back, stands. */
static void
what_cannot_be_taken_back_is_named(void **state)
{
	(void)state;
	kit.traits.has[OPERATION_UNDO] = true;
	again();
	written("77");
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	shown("77", true, STATUS_APPROVED);
	shown("77", false, STATUS_APPROVED);
	insert(CODE_HRIS_DIFFERENT, "77");
	assert_non_null(strstr(kit.failure.text, "(no) and 77 of it stands"));
	assert_int_equal(kit_count(&kit, OPERATION_UNDO), 0);
}

/* What stands of a run otherwise than asked keeps no other from being entered, and is said. */
static void
a_run_that_stands_otherwise_is_said_at_the_end(void **state)
{
	static const struct {
		enum timeoff_status status;
		const char *amount;
		enum fail_code code;
	} rows[] = {
	    {STATUS_APPROVED, "30", CODE_HRIS_DIFFERENT},
	    {STATUS_PENDING, "16", CODE_HRIS_NOT_APPROVED},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		kit.traits.has[OPERATION_UNDO] = kit.traits.has[OPERATION_CANCEL] = false;
		kit.traits.has[OPERATION_APPROVE] = false;
		again();
		written_as("77", rows[i].status);
		written("78");
		for (k = rows[i].status == STATUS_APPROVED ? 0 : 1; k < 2; k++)
			shown("77", true, rows[i].status)->amount = rows[i].amount;
		shown("78", false, STATUS_APPROVED);
		insert(rows[i].code, "77,78");
		assert_non_null(strstr(kit.failure.text, "request 77 "));
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 2);
	}
}

static void
a_taking_back_may_be_lost(void **state)
{
	(void)state;
	kit.traits.has[OPERATION_UNDO] = true;
	again();
	written("77");
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	shown("77", true, STATUS_APPROVED);
	kit_fail(&kit, OPERATION_UNDO, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_non_null(strstr(kit.failure.text, "look at 77 in the HRIS"));
}

static void
an_unknown_run_ends_the_writing(void **state)
{
	(void)state;
	again();
	written("77");
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_memory_equal(kit.failure.text, "77 of the request stands; of the next part: ", 44);
	assert_int_equal(done.recorded_minutes, -1);
}

static void
the_first_run_may_be_unknown(void **state)
{
	(void)state;
	again();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "");
	assert_null(strstr(kit.failure.text, "of the request stands"));
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
}

/* One run, so one request. */
static void
one_request(void)
{
	kit.traits.by_run = false;
	request.n_days = request.n_spans = 2;
	request.max_date = days[1].date;
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

/* What an update finds to be over is not there by a stored answer either. */
static void
what_is_known_to_be_over_is_written_anew(void **state)
{
	static const bool gone[] = {true, false};
	size_t i;

	(void)state;
	one_request();
	kit.traits.consistent = true;
	for (i = 0; i < 2; i++) {
		request.request_id = NULL;
		request.status = STATUS_APPROVED;
		again();
		nothing_shown();
		written(i == 0 ? "77" : "78");
		shown(i == 0 ? "77" : "78", true, STATUS_APPROVED);
		insert(CODE_NONE, i == 0 ? "77" : "78");
		request.request_id = i == 0 ? "77" : "78";
		again();
		if (gone[i])
			nothing_shown();
		else
			shown("78", true, STATUS_CANCELED);
		request.status = STATUS_PENDING;
		(void)hris_update(&kit.hris, &request, &done);
		assert_int_equal(
		    kit.failure.code, gone[i] ? CODE_HRIS_NOT_FOUND : CODE_HRIS_CONFLICT);
	}
	request.request_id = NULL;
	request.status = STATUS_APPROVED;
	again();
	nothing_shown();
	written("79");
	shown("79", true, STATUS_APPROVED);
	insert(CODE_NONE, "79");
	assert_false(done.replayed);
}

static void
all_runs_that_are_over_are_written_anew(void **state)
{
	(void)state;
	kit.traits.consistent = true;
	again();
	nothing_shown();
	written("77");
	shown("77", true, STATUS_APPROVED);
	nothing_shown();
	written("78");
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	request.request_id = "77,78";
	again();
	nothing_shown();
	update(STATUS_CANCELED, CODE_HRIS_NOT_FOUND, "77,78");
	request.request_id = NULL;
	request.status = STATUS_APPROVED;
	again();
	nothing_shown();
	nothing_shown();
	written("79");
	shown("79", true, STATUS_APPROVED);
	nothing_shown();
	written("80");
	shown("80", false, STATUS_APPROVED);
	insert(CODE_NONE, "79,80");
	assert_false(done.replayed);
}

/* A caller's key is of one request, as long as that stands. */
static void
a_callers_key_is_of_one_request(void **state)
{
	(void)state;
	one_request();
	request.idempotency_key = "k";
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	spans[1].minute = 600;
	again();
	insert(CODE_INPUT_IDEMPOTENCY, "");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	request.request_id = "77";
	again();
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "77");
	request.status = STATUS_APPROVED;
	again();
	written("78");
	shown("78", true, STATUS_APPROVED);
	insert(CODE_NONE, "78");
}

/* A person has ended it, and entered something in its place: that is not doubled. */
static void
what_took_the_place_of_one_that_ended_is_not_doubled(void **state)
{
	static const struct {
		const char *id;
		enum timeoff_status status;
		enum fail_code code;
	} rows[] = {
	    {"90", STATUS_APPROVED, CODE_HRIS_CONFLICT},
	    {"90", STATUS_DENIED, CODE_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		one_request();
		again();
		written("77");
		shown("77", true, STATUS_APPROVED);
		insert(CODE_NONE, "77");
		kit.wall_ms += REPLAY_MS;
		again();
		written("78");
		shown("77", true, STATUS_CANCELED);
		shown(rows[i].id, true, rows[i].status);
		shown("78", true, STATUS_APPROVED);
		insert(rows[i].code, rows[i].code == CODE_NONE ? "78" : "");
		if (rows[i].code != CODE_NONE)
			assert_non_null(strstr(kit.failure.text, "takes its place: 90;"));
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), rows[i].code == CODE_NONE);
	}
}

/* What only its id names is of the agent for whom we wrote it. */
static void
a_cancel_may_name_no_agent(void **state)
{
	(void)state;
	one_request();
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	request.agent_id = NULL;
	request.request_id = "77";
	again();
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "77");
	request.agent_id = "4";
	request.request_id = NULL;
	request.status = STATUS_APPROVED;
	again();
	written("78");
	nothing_shown();
	shown("78", true, STATUS_APPROVED);
	insert(CODE_NONE, "78");
	assert_false(done.replayed);
}

/* A run that was recorded otherwise, and taken back. */
static void
a_run_that_was_taken_back_is_not_written_soon(void **state)
{
	size_t i;

	(void)state;
	kit.traits.has[OPERATION_UNDO] = true;
	again();
	written("77");
	for (i = 0; i < 2; i++)
		shown("77", true, STATUS_APPROVED)->amount = "30";
	shown("77", true, STATUS_CANCELED);
	insert(CODE_HRIS_DIFFERENT, "");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	again();
	kit.wall_ms += TAKEN_BACK_MS - 1;
	insert(CODE_HRIS_DIFFERENT, "");
	assert_true(done.replayed);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	again();
	kit.wall_ms++;
	written("78");
	written("79");
	nothing_shown();
	shown("78", true, STATUS_APPROVED);
	shown("79", false, STATUS_APPROVED);
	insert(CODE_NONE, "78,79");
}

/* The ledger knows the request by its days; where it does not, the HRIS must not either. */
static void
an_update_may_name_no_request(void **state)
{
	char id[301] = "";

	(void)state;
	one_request();
	again();
	update(STATUS_CANCELED, CODE_NONE, "");
	assert_int_equal(done.status, STATUS_CANCELED);
	assert_int_equal(kit.n_calls, 2); /* types, find */
	again();
	shown("70", true, STATUS_APPROVED);
	update(STATUS_CANCELED, CODE_HRIS_CONFLICT, "");
	assert_non_null(strstr(kit.failure.text, "has not written: 70;"));
	/* One of which the id is too long for a text is there, too. */
	memset(id, '7', sizeof(id) - 1);
	again();
	shown(id, true, STATUS_APPROVED);
	update(STATUS_CANCELED, CODE_HRIS_CONFLICT, "");
	assert_non_null(strstr(kit.failure.text, "has not written: ...;"));
	/* One on other days is not in the way, and one on these after it is. */
	again();
	rows_shown(run_row("69", false, STATUS_APPROVED), run_row("70", true, STATUS_APPROVED));
	update(STATUS_CANCELED, CODE_HRIS_CONFLICT, "");
	assert_non_null(strstr(kit.failure.text, "has not written: 70;"));
	again();
	shown("70", true, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "");
	again();
	shown("70", false, STATUS_APPROVED);
	update(STATUS_CANCELED, CODE_NONE, "");
	again();
	request.type_id = "2";
	shown("70", true, STATUS_APPROVED);
	update(STATUS_CANCELED, CODE_NONE, "");
	/* An approval of what is nowhere enters it. */
	request.type_id = "1";
	again();
	written("77");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){0});
	shown("77", true, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "77");
	/* Now the ledger knows it. */
	again();
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "77");
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "77");
	request.n_days = 0;
	again();
	update(STATUS_CANCELED, CODE_INPUT_REQUIRED, "");
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

static void
ended(const struct intent *row, const char *expected)
{
	const char *how;

	assert_int_equal(hris_ended(&kit.hris, row, &how), GW_OK);
	if (expected == NULL)
		assert_null(how);
	else
		assert_string_equal(how, expected);
}

static void
a_lost_write_is_looked_for_again(void **state)
{
	const char *marker;
	struct intent row;

	(void)state;
	one_request();
	again();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "");
	row = newest_row();
	again();
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	reconciled(&row, "unknown");
	again();
	marker = hris_marker(ledger.ledger, &kit.arena, &row);
	shown("77", true, STATUS_APPROVED);
	kit.answers[OPERATION_FIND][0].out.found[0].notes = &marker;
	kit.answers[OPERATION_FIND][0].out.found[0].n_notes = 1;
	reconciled(&row, "done");
	row = newest_row();
	assert_string_equal(row.request, "77");
	assert_true(row.verified);
	/* What is known is not looked at again. */
	again();
	reconciled(&row, "done");
	assert_int_equal(kit_count(&kit, OPERATION_FIND), 0);
	/* Who ended it? */
	again();
	shown("77", true, STATUS_APPROVED);
	ended(&row, NULL);
	again();
	shown("77", true, STATUS_DENIED);
	ended(&row, "DENIED");
	again();
	ended(&row, "not shown");
	kit.traits.consistent = true;
	again();
	ended(&row, "not there");
	/* After a later write of ours it is that one's. */
	again();
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	request.request_id = "77";
	update(STATUS_CANCELED, CODE_NONE, "77");
	assert_int_equal(newest_row().serial, row.serial + 1);
	again();
	ended(&row, NULL);
	assert_int_equal(kit_count(&kit, OPERATION_FIND), 0);
}

/* Lost in a step after the one that gave the id: that is in the ledger, and is looked for. */
static void
what_is_lost_after_its_id_is_looked_for_by_it(void **state)
{
	struct intent row;

	(void)state;
	one_request();
	kit.traits.consistent = true;
	again();
	written("77");
	kit.answers[OPERATION_INSERT][0].code = CODE_HRIS_OUTCOME_UNKNOWN;
	kit.answers[OPERATION_INSERT][0].text = "silence";
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "");
	assert_string_equal(newest_row().request, "77");
	assert_int_equal(newest_row().steps, 1);
	row = newest_row();
	again();
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	reconciled(&row, "unknown");
	assert_string_equal(kit.failure.text, "down");
	again();
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_FIND)].request_id, "77");
	no_more_writes();
}

/* A look proves the absence where the HRIS shows at once what was written. */
static void
what_was_not_written_is_known_later(void **state)
{
	struct intent row;

	(void)state;
	one_request();
	kit.traits.consistent = true;
	kit.traits.find = LOST_NATURAL;
	again();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){0});
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "");
	row = newest_row();
	again();
	kit.wall_ms = row.quiet_ms;
	reconciled(&row, "unknown"); /* it may arrive yet */
	again();
	kit.wall_ms = row.quiet_ms + 1;
	reconciled(&row, "refused");
	assert_int_equal(newest_row().state, INTENT_REFUSED);
}

/* What stood otherwise than asked may have been put right by hand, or gone. */
static void
what_differs_is_looked_at_again(void **state)
{
	struct intent row;

	(void)state;
	one_request();
	kit.traits.has[OPERATION_UNDO] = kit.traits.has[OPERATION_CANCEL] = false;
	again();
	written("77");
	shown("77", false, STATUS_APPROVED);
	insert(CODE_HRIS_DIFFERENT, "77");
	row = newest_row();
	assert_int_equal(row.state, INTENT_DIFFERENT);
	again();
	shown("77", false, STATUS_APPROVED);
	reconciled(&row, "different");
	again();
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	reconciled(&row, "different");
	again();
	shown("77", true, STATUS_APPROVED);
	reconciled(&row, "done");
	assert_string_equal(newest_row().code, "");
}

/* An insert that stands otherwise than asked, and is left so: on the list of those to look at. */
static int64_t
stands_otherwise(const char *id, enum timeoff_status status, enum fail_code code)
{
	kit.traits.has[OPERATION_UNDO] = kit.traits.has[OPERATION_APPROVE] = false;
	kit.traits.has[OPERATION_CANCEL] = false;
	again();
	written_as(id, status);
	shown(id, status != STATUS_APPROVED, status);
	request.request_id = NULL;
	request.status = STATUS_APPROVED;
	insert(code, id);
	request.request_id = id;
	kit.traits.has[OPERATION_CANCEL] = true;
	again();
	return newest_row().n;
}

static void
assert_row(int64_t n, enum intent_state state)
{
	struct failure failure = {0};
	struct intent *rows;
	size_t i, n_rows;

	assert_int_equal(
	    ledger_read(ledger.ledger, "test", "4", &kit.arena, &rows, &n_rows, &failure), GW_OK);
	for (i = 0; i < n_rows && rows[i].n != n; i++)
		continue;
	assert_true(i < n_rows);
	assert_int_equal(rows[i].state, state);
	if (state == INTENT_DONE || state == INTENT_ENDED)
		assert_string_equal(rows[i].code, "");
}

/* Said again it is not written again. */
static void
what_waits_for_an_approval_is_said_again(void **state)
{
	(void)state;
	one_request();
	(void)stands_otherwise("79", STATUS_PENDING, CODE_HRIS_NOT_APPROVED);
	shown("79", true, STATUS_PENDING);
	insert(CODE_HRIS_NOT_APPROVED, "79");
	assert_non_null(strstr(kit.failure.text, "request 79 stands as pending; approve it"));
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

/* It leaves the list when it has ended, or when what was asked is shown, by whomever. */
static void
what_differed_is_closed(void **state)
{
	int64_t n;

	(void)state;
	one_request();
	n = stands_otherwise("77", STATUS_APPROVED, CODE_HRIS_DIFFERENT);
	assert_row(n, INTENT_DIFFERENT);
	shown("77", false, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "77");
	assert_row(n, INTENT_ENDED);
	n = stands_otherwise("78", STATUS_APPROVED, CODE_HRIS_DIFFERENT);
	shown("78", true, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "78");
	assert_row(n, INTENT_DONE);
}

static void
what_somebody_approved_is_closed(void **state)
{
	int64_t n;

	(void)state;
	one_request();
	n = stands_otherwise("79", STATUS_PENDING, CODE_HRIS_NOT_APPROVED);
	assert_row(n, INTENT_NOT_APPROVED);
	shown("79", true, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "79");
	assert_row(n, INTENT_DONE);
}

static void
what_is_approved_later_is_closed(void **state)
{
	int64_t n;

	(void)state;
	one_request();
	n = stands_otherwise("80", STATUS_PENDING, CODE_HRIS_NOT_APPROVED);
	kit.traits.has[OPERATION_APPROVE] = true;
	kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_REFUSED, "no");
	shown("80", true, STATUS_PENDING);
	update(STATUS_APPROVED, CODE_HRIS_REFUSED, "80");
	assert_row(n, INTENT_NOT_APPROVED);
	again();
	shown("80", true, STATUS_PENDING);
	shown("80", true, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "80");
	assert_row(n, INTENT_DONE);
}

/* A process dies once the insert has its id: of the approval so many calls were answered. */
static void
an_approval_goes_on_where_a_process_died(void **state)
{
	struct intent row;
	int sent, i;

	(void)state;
	for (sent = 0; sent < 2; sent++) {
		teardown(NULL);
		setup(NULL);
		one_request();
		kit.traits.has[OPERATION_APPROVE] = true;
		again();
		written_as("80", STATUS_PENDING);
		kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		shown("80", true, STATUS_PENDING);
		insert(CODE_HRIS_NOT_APPROVED, "80");
		row = newest_row();
		row.state = INTENT_SENDING;
		row.steps += sent;
		ledger_kit_write(&ledger, &row, "sending");
		again();
		for (i = 0; i < 3; i++)
			shown("80", true, STATUS_PENDING);
		shown("80", true, STATUS_APPROVED);
		insert(CODE_NONE, "80");
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
		assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
		assert_int_equal(kit.ins[kit_last(&kit, OPERATION_APPROVE)].skip_writes, sent);
	}
}

/* 77 stands by us; then it is to be 2 x 4 hours, which the HRIS takes as cancel and insert. */
static void
replace_begins(void)
{
	one_request();
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	request.request_id = "77";
	days[0].minutes = days[1].minutes = spans[0].minutes = spans[1].minutes = 240;
	again();
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = true});
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
}

/* Changed, and changed back: a look that may be late shows what stood before the first change. */
static void
a_late_look_is_no_proof_of_what_is_asked(void **state)
{
	static const bool consistent[] = {false, true};
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		teardown(NULL);
		setup(NULL);
		replace_begins();
		again();
		kit_answer(&kit, OPERATION_CHANGE,
		    (struct operation_out){.result = {.id = "77"}, .written = true});
		shown("77", true, STATUS_APPROVED);
		shown("77", true, STATUS_APPROVED)->amount = "8";
		update(STATUS_APPROVED, CODE_NONE, "77");
		for (k = 0; k < 2; k++)
			days[k].minutes = spans[k].minutes = 480;
		again();
		kit.traits.consistent = consistent[i];
		kit.wall_ms += REPLAY_MS;
		kit_answer(&kit, OPERATION_CHANGE,
		    (struct operation_out){.result = {.id = "77"}, .written = true});
		shown("77", true, STATUS_APPROVED);
		update(STATUS_APPROVED, CODE_NONE, "77");
		assert_int_equal(kit_count(&kit, OPERATION_CHANGE), !consistent[i]);
	}
}

/* A change to days of several runs cancels first; while that is not known, nothing is entered. */
static void
a_change_of_runs_cancels_first(void **state)
{
	size_t inserts;

	(void)state;
	again();
	inserts = kit_count(&kit, OPERATION_INSERT);
	shown("77", true, STATUS_APPROVED);
	request.request_id = "77";
	update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_non_null(strstr(kit.failure.text, "what was to take its place was not entered"));
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 0);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), inserts);
}

/* 77 stands by us; then it is to be two runs, each a request of its own. */
static void
change_to_runs_begins(void)
{
	request.n_days = request.n_spans = 2;
	request.max_date = days[1].date;
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	request.n_days = request.n_spans = 3;
	request.max_date = days[2].date;
	request.request_id = "77";
	again();
	shown("77", true, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
}

/* The newest row of that kind. */
static struct intent
newest_of(enum intent_op op)
{
	struct failure failure = {0};
	struct intent *rows;
	size_t n;

	assert_int_equal(
	    ledger_read(ledger.ledger, "test", "4", &kit.arena, &rows, &n, &failure), GW_OK);
	while (n-- > 0) {
		if (rows[n].op == op)
			return rows[n];
	}
	fail_msg("no row of that kind");
	return (struct intent){0};
}

static void
a_change_enters_each_run(void **state)
{
	struct intent row;

	(void)state;
	change_to_runs_begins();
	written("81");
	written("82");
	shown("81", true, STATUS_APPROVED);
	shown("82", false, STATUS_APPROVED);
	both_shown("81,82", STATUS_APPROVED, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	assert_false(kit.hris.unverified);
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "77");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 2);
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].n_days, 1);
	row = newest_of(INTENT_REPLACE);
	assert_int_equal(row.state, INTENT_DONE);
	assert_string_equal(row.request, "81,82");
	assert_string_equal(row.before, "77");
	assert_true(row.verified);
	assert_non_null(strstr(row.shown, "\"content\""));
	/* The same again, soon and later: nothing is written. */
	again();
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	assert_true(done.replayed);
	no_more_writes();
	again();
	kit.wall_ms += REPLAY_MS;
	both_shown("81,82", STATUS_APPROVED, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	no_more_writes();
	/* By its days a part is the whole. */
	request.request_id = NULL;
	request.days = &days[2];
	request.spans = &spans[2];
	request.n_days = request.n_spans = 1;
	request.min_date = days[2].date;
	again();
	shown("82", false, STATUS_APPROVED);
	both_shown("81,82", STATUS_APPROVED, STATUS_APPROVED);
	shown("81", true, STATUS_APPROVED);
	shown("82", false, STATUS_APPROVED);
	both_shown("81,82", STATUS_CANCELED, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "81,82");
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "81,82");
}

/* What another change entered on the same days is no answer to this one. */
static void
runs_are_of_their_change_alone(void **state)
{
	(void)state;
	change_to_runs_begins();
	written("81");
	written("82");
	shown("81", true, STATUS_APPROVED);
	shown("82", false, STATUS_APPROVED);
	both_shown("81,82", STATUS_APPROVED, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	request.request_id = "70";
	again();
	written("83");
	written("84");
	shown("70", false, STATUS_APPROVED);
	shown("70", false, STATUS_CANCELED);
	shown("83", true, STATUS_APPROVED);
	shown("84", false, STATUS_APPROVED);
	both_shown("83,84", STATUS_APPROVED, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "83,84");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 2);
}

/* Complete by the HRIS's word alone, where one of the runs is not shown. */
static void
a_change_whose_run_is_not_shown_is_unverified(void **state)
{
	(void)state;
	change_to_runs_begins();
	written("81");
	written("82");
	shown("81", true, STATUS_APPROVED);
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	assert_true(kit.hris.unverified);
	assert_false(newest_of(INTENT_REPLACE).verified);
}

/* Of a change the second run is lost: a repeat looks for it, and enters no run twice. */
static void
a_change_whose_run_is_lost_goes_on(void **state)
{
	const char *marker;
	struct intent row;
	struct found *f;

	(void)state;
	change_to_runs_begins();
	written("81");
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	shown("81", true, STATUS_APPROVED);
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_non_null(strstr(kit.failure.text, "81 of the request stands"));
	row = newest_of(INTENT_INSERT);
	assert_int_equal(row.state, INTENT_UNKNOWN);
	assert_int_equal(newest_of(INTENT_REPLACE).state, INTENT_HALF_REPLACED);
	marker = hris_marker(ledger.ledger, &kit.arena, &row);
	/* Another request on these days waits for that. */
	request.request_id = NULL;
	again();
	insert(CODE_HRIS_OUTCOME_UNKNOWN, "");
	assert_non_null(strstr(kit.failure.text, "of what takes its place a part stands"));
	no_more_writes();
	request.request_id = "77";
	again();
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
	no_more_writes();
	again();
	f = shown("82", false, STATUS_APPROVED);
	f->notes = &marker;
	f->n_notes = 1;
	shown("82", false, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	both_shown("81,82", STATUS_APPROVED, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_NONE, "81,82");
	no_more_writes();
	assert_int_equal(newest_of(INTENT_REPLACE).state, INTENT_DONE);
}

/* The second run is refused: the first is taken back, and what stood is entered again. */
static void
a_change_whose_run_is_refused_is_undone(void **state)
{
	static const struct {
		bool taken_back;
		const char *id, *says;
	} rows[] = {
	    {true, "83", "entered again as 83 (no"},
	    {false, "77", "only a part stands in its place"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		kit.traits.has[OPERATION_UNDO] = true;
		change_to_runs_begins();
		written("81");
		kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
		written("83");
		if (!rows[i].taken_back)
			kit_fail(&kit, OPERATION_UNDO, CODE_HRIS_REFUSED, "no");
		shown("81", true, STATUS_APPROVED);
		shown("81", true, STATUS_APPROVED);
		shown("81", true, rows[i].taken_back ? STATUS_CANCELED : STATUS_APPROVED);
		shown("83", true, STATUS_APPROVED);
		update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, rows[i].id);
		if (strstr(kit.failure.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), rows[i].taken_back ? 3 : 2);
	}
}

/* 77 and 78 stand by us, a request of two runs. */
static void
runs_stand(void)
{
	again();
	written("77");
	written("78");
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	request.request_id = "77,78";
	again();
}

/* Runs are known by their days, where all of them are. */
static void
runs_are_known_by_their_days(void **state)
{
	(void)state;
	runs_stand();
	request.request_id = NULL;
	both_shown("77,78", STATUS_APPROVED, STATUS_APPROVED);
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	both_shown("77,78", STATUS_CANCELED, STATUS_CANCELED);
	update(STATUS_CANCELED, CODE_NONE, "77,78");
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "77,78");
	/* The first alone is. */
	teardown(NULL);
	setup(NULL);
	request.n_days = request.n_spans = 2;
	request.max_date = days[1].date;
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	request.n_days = request.n_spans = 3;
	request.max_date = days[2].date;
	again();
	update(STATUS_CANCELED, CODE_HRIS_CONFLICT, "");
	assert_non_null(strstr(kit.failure.text, "the gateway has written only 77:"));
	no_more_writes();
}

/* Parts that have ended are left alone; one that is not shown may stand. */
static void
the_parts_that_stand_are_cancelled(void **state)
{
	static const struct {
		enum timeoff_status first, second; /* STATUS_NONE: not shown */
		bool consistent;
		const char *ids;
	} rows[] = {
	    {STATUS_APPROVED, STATUS_APPROVED, false, "77,78"},
	    {STATUS_CANCELED, STATUS_APPROVED, false, "78"},
	    {STATUS_APPROVED, STATUS_DENIED, false, "77"},
	    {STATUS_NONE, STATUS_APPROVED, false, "77,78"},
	    {STATUS_NONE, STATUS_APPROVED, true, "78"},
	    {STATUS_CANCELED, STATUS_DENIED, false, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		runs_stand();
		kit.traits.consistent = rows[i].consistent;
		both_shown("77,78", rows[i].first, rows[i].second);
		if (rows[i].first == STATUS_NONE)
			nothing_shown();
		else
			shown("77", true, rows[i].first);
		shown("78", false, rows[i].second);
		both_shown("77,78", STATUS_CANCELED, STATUS_CANCELED);
		update(STATUS_CANCELED, CODE_NONE, "77,78");
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), rows[i].ids != NULL);
		if (rows[i].ids != NULL)
			assert_string_equal(
			    kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, rows[i].ids);
	}
}

/* What the runs were asked as, and how the HRIS has them, is known of their inserts. */
static void
runs_that_stand_are_not_entered_again(void **state)
{
	static const struct {
		const char *name;
		enum timeoff_status asked, then; /* then: as somebody left it */
		const char *first, *now;         /* hours of the first run: when written, and now */
		enum fail_code code;
		size_t cancels;
	} rows[] = {
	    {"as asked", STATUS_APPROVED, STATUS_APPROVED, "16", "16", CODE_NONE, 0},
	    {"approved since", STATUS_PENDING, STATUS_APPROVED, "16", "16", CODE_NONE, 0},
	    {"fewer, which is accepted", STATUS_APPROVED, STATUS_APPROVED, "8", "8", CODE_NONE, 0},
	    {"fewer since", STATUS_APPROVED, STATUS_APPROVED, "16", "8", CODE_HRIS_REFUSED, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		kit.route.on_fewer = FEWER_ACCEPT;
		kit.traits.has[OPERATION_BALANCE] = false;
		again();
		request.status = rows[i].asked;
		request.skip_balance = true;
		written_as("77", rows[i].asked);
		written_as("78", rows[i].asked);
		shown("77", true, rows[i].asked)->amount = rows[i].first;
		shown("77", true, rows[i].asked)->amount = rows[i].first;
		if (strcmp(rows[i].first, "16") == 0)
			kit.n_answers[OPERATION_FIND]--;
		shown("78", false, rows[i].asked);
		insert(CODE_NONE, "77,78");
		assert_int_equal(
		    done.recorded_minutes, strcmp(rows[i].first, "16") == 0 ? -1 : 12 * 60);
		request.request_id = "77,78";
		again();
		kit.wall_ms += REPLAY_MS;
		both_shown("77,78", rows[i].then, rows[i].then);
		kit.answers[OPERATION_FIND][0].out.found[0].amount = rows[i].now;
		shown("77", true, rows[i].then)->amount = rows[i].now;
		shown("78", false, rows[i].then);
		kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_REFUSED, "no");
		update(rows[i].asked, rows[i].code, "77,78");
		if (kit_count(&kit, OPERATION_CANCEL) != rows[i].cancels)
			fail_msg("%s: %zu", rows[i].name, kit_count(&kit, OPERATION_CANCEL));
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	}
}

/* Each of the parts has ended: there is nothing to change. */
static void
runs_that_have_ended_are_not_changed(void **state)
{
	(void)state;
	runs_stand();
	request.n_days = request.n_spans = 2;
	request.max_date = days[1].date;
	both_shown("77,78", STATUS_APPROVED, STATUS_APPROVED);
	shown("77", true, STATUS_CANCELED);
	shown("78", false, STATUS_DENIED);
	update(STATUS_APPROVED, CODE_HRIS_CONFLICT, "77,78");
	assert_non_null(strstr(kit.failure.text, "has ended in the HRIS and cannot be changed"));
	no_more_writes();
}

/* To one run: what stood is entered again as its runs, where that is refused. */
static void
a_refused_change_of_runs_is_undone(void **state)
{
	(void)state;
	runs_stand();
	request.n_days = request.n_spans = 2;
	request.max_date = days[1].date;
	both_shown("77,78", STATUS_APPROVED, STATUS_APPROVED);
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	both_shown("77,78", STATUS_CANCELED, STATUS_CANCELED);
	shown("81", true, STATUS_APPROVED);
	shown("82", false, STATUS_APPROVED);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	written("81");
	written("82");
	update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, "81,82");
	assert_non_null(strstr(kit.failure.text, "entered again as 81,82 (no)"));
	assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "77,78");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 3);
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].n_days, 1);
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].days[0].minutes, 240);
}

/* The HRIS shows 16 hours from here to there; how much on which day only the ledger knows. */
static void
a_refused_change_is_undone_from_the_ledger(void **state)
{
	(void)state;
	replace_begins();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	written("79");
	shown("79", true, STATUS_APPROVED);
	update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, "79");
	assert_non_null(strstr(kit.failure.text, "entered again as 79 (no)"));
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].n_days, 2);
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].days[0].minutes, 480);
	assert_int_equal(kit.ins[kit_last(&kit, OPERATION_INSERT)].days[1].minutes, 480);
}

/* What was cancelled and not entered again is entered by a repeat. */
static void
half_a_change_goes_on(void **state)
{
	struct intent row;

	(void)state;
	replace_begins();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, "77");
	assert_non_null(strstr(kit.failure.text, "nothing stands in its place"));
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 2);
	row = newest_row();
	assert_int_equal(row.state, INTENT_HALF_REPLACED);
	again();
	written("80");
	shown("77", true, STATUS_CANCELED);
	shown("80", true, STATUS_APPROVED);
	kit.answers[OPERATION_FIND][1].out.found[0].amount = "8";
	update(STATUS_APPROVED, CODE_NONE, "80");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
	assert_int_equal(newest_row().state, INTENT_DONE);
}

/* A process died over a replace: what its row says was answered decides what is entered. */
static void
a_replace_goes_on_where_a_process_died(void **state)
{
	static const struct {
		const char *request; /* of the row */
		size_t inserts;
	} rows[] = {{"", 1}, {"77", 1}, {"80", 0}};
	struct intent row;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		replace_begins();
		written("80");
		shown("80", true, STATUS_APPROVED)->amount = "8";
		update(STATUS_APPROVED, CODE_NONE, "80");
		row = newest_row();
		row.state = INTENT_SENDING;
		row.steps = 0;
		row.request = rows[i].request;
		ledger_kit_write(&ledger, &row, "sending");
		again();
		written("80");
		shown("77", true, STATUS_CANCELED);
		if (rows[i].inserts > 0)
			shown("77", true, STATUS_CANCELED);
		shown("80", true, STATUS_APPROVED)->amount = "8";
		update(STATUS_APPROVED, CODE_NONE, "80");
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), rows[i].inserts);
		assert_int_equal(newest_row().state, INTENT_DONE);
	}
}

/* The old one shown live is proof that a person made it so, or what a list shows that is late. */
static void
half_a_change_whose_old_one_is_shown_live(void **state)
{
	static const bool consistent[] = {false, true};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		teardown(NULL);
		setup(NULL);
		replace_begins();
		kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
		update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, "77");
		again();
		kit.traits.consistent = consistent[i];
		shown("77", true, STATUS_APPROVED);
		shown("77", true, STATUS_APPROVED);
		kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_REFUSED, "no");
		update(STATUS_APPROVED,
		    consistent[i] ? CODE_HRIS_REFUSED : CODE_HRIS_OUTCOME_UNKNOWN, "77");
		assert_int_equal(kit_count(&kit, OPERATION_CHANGE), consistent[i] ? 1 : 0);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	}
}

/* Cancelled, and the insert is lost: it is looked for by the marker of the row. */
static void
the_second_half_may_be_lost(void **state)
{
	const char *marker;
	struct intent row;

	(void)state;
	replace_begins();
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_non_null(strstr(kit.failure.text, "what was to take its place is not known"));
	row = newest_row();
	assert_int_equal(row.state, INTENT_UNKNOWN);
	marker = hris_marker(ledger.ledger, &kit.arena, &row);
	again();
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
	assert_non_null(strstr(kit.failure.text, "what stands in its place is not known"));
	no_more_writes();
	again();
	shown("77", true, STATUS_APPROVED); /* it may be cancelled yet */
	reconciled(&row, "unknown");
	/* Its cancel was answered by success: a person has made it live again. */
	again();
	kit.traits.consistent = true;
	kit.wall_ms = row.quiet_ms + 1;
	shown("77", true, STATUS_APPROVED);
	shown("80", true, STATUS_APPROVED);
	kit.answers[OPERATION_FIND][1].out.found[0].notes = &marker;
	kit.answers[OPERATION_FIND][1].out.found[0].n_notes = 1;
	reconciled(&row, "unknown");
	again();
	shown("77", true, STATUS_CANCELED);
	shown("80", true, STATUS_APPROVED);
	kit.answers[OPERATION_FIND][1].out.found[0].amount = "8";
	kit.answers[OPERATION_FIND][1].out.found[0].notes = &marker;
	kit.answers[OPERATION_FIND][1].out.found[0].n_notes = 1;
	reconciled(&row, "done");
	assert_string_equal(newest_row().request, "80");
}

/* 77 is to become 80, which is entered first. */
static void
create_first_begins(void)
{
	replace_begins();
	again();
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CREATE_FIRST});
	shown("77", true, STATUS_APPROVED);
}

/* 80 as it was asked, or as somebody has changed it. */
static void
new_one_shown(enum timeoff_status status, bool as_asked)
{
	shown("80", true, status);
	kit.answers[OPERATION_FIND][kit.n_answers[OPERATION_FIND] - 1].out.found[0].amount =
	    as_asked ? "8" : "12";
}

/* It counts as verified where a look has shown the new one as asked. */
static void
a_create_first_becomes_a_replace(void **state)
{
	static const struct {
		bool new_seen, old_seen;
	} rows[] = {{true, true}, {true, false}, {false, true}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		create_first_begins();
		written("80");
		if (rows[i].new_seen)
			new_one_shown(STATUS_APPROVED, true);
		else
			nothing_shown();
		if (rows[i].old_seen)
			shown("77", true, STATUS_CANCELED);
		else
			kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
		update(STATUS_APPROVED, CODE_NONE, "80");
		assert_int_equal(newest_row().op, INTENT_REPLACE);
		assert_int_equal(newest_row().state, INTENT_DONE);
		assert_string_equal(newest_row().request, "80");
		if (newest_row().verified != rows[i].new_seen)
			fail_msg("row %zu: verified", i);
	}
}

/* Where the HRIS does not cancel the old one, the new one is taken back as it was entered. */
static void
a_create_first_is_taken_back(void **state)
{
	static const struct {
		bool as_entered;
		enum fail_code undo; /* what the HRIS says to it */
		enum timeoff_status then;
		enum fail_code code;
		const char *says, *stands;
		enum intent_state state;
	} rows[] = {
	    {true, CODE_NONE, STATUS_CANCELED, CODE_HRIS_REFUSED,
		"request 80, which was entered to take its place, was taken back", "",
		INTENT_REFUSED},
	    {true, CODE_HRIS_REFUSED, STATUS_APPROVED, CODE_HRIS_DIFFERENT,
		"request 80, which was entered to take its place, was not taken back: both stand",
		"80", INTENT_DIFFERENT},
	    {true, CODE_HRIS_OUTCOME_UNKNOWN, STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN,
		"whether request 80, which was entered to take its place, was taken back is not known",
		"80", INTENT_UNKNOWN},
	    {false, CODE_NONE, STATUS_APPROVED, CODE_HRIS_DIFFERENT,
		"was not taken back: both stand", "80", INTENT_DIFFERENT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		kit.traits.has[OPERATION_UNDO] = true;
		create_first_begins();
		written("80");
		new_one_shown(STATUS_APPROVED, true);
		kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_REFUSED, "no");
		shown("77", true, STATUS_APPROVED);
		new_one_shown(STATUS_APPROVED, rows[i].as_entered);
		if (rows[i].undo != CODE_NONE)
			kit_fail(&kit, OPERATION_UNDO, rows[i].undo, "no");
		new_one_shown(rows[i].then, true);
		update(STATUS_APPROVED, rows[i].code, "77");
		if (strstr(kit.failure.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_UNDO), rows[i].as_entered);
		assert_string_equal(newest_row().request, rows[i].stands);
		assert_string_equal(
		    intent_state_name(newest_row().state), intent_state_name(rows[i].state));
	}
}

/* The new one is there otherwise than asked, or turned down: the old one is not cancelled. */
static void
a_create_first_that_is_no_success_leaves_the_old_one(void **state)
{
	static const struct {
		enum timeoff_status status; /* the new one's, by its answer */
		bool undone;
		enum fail_code code;
		const char *says;
		enum intent_state state;
	} rows[] = {
	    {STATUS_APPROVED, false, CODE_HRIS_DIFFERENT, "stands too: cancel one of them",
		INTENT_DIFFERENT},
	    {STATUS_APPROVED, true, CODE_HRIS_DIFFERENT,
		"taken back as request 80, and request 77 was not cancelled", INTENT_TAKEN_BACK},
	    {STATUS_DENIED, false, CODE_HRIS_NOT_APPROVED, " was not cancelled", INTENT_ENDED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		kit.traits.has[OPERATION_UNDO] = true;
		create_first_begins();
		written_as("80", rows[i].status);
		new_one_shown(STATUS_APPROVED, false);
		new_one_shown(STATUS_APPROVED, false);
		new_one_shown(rows[i].undone ? STATUS_CANCELED : STATUS_APPROVED, false);
		if (!rows[i].undone)
			kit_fail(&kit, OPERATION_UNDO, CODE_HRIS_REFUSED, "no");
		update(STATUS_APPROVED, rows[i].code, "77");
		if (strstr(kit.failure.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
		assert_string_equal(
		    intent_state_name(newest_row().state), intent_state_name(rows[i].state));
		if (!rows[i].undone)
			continue;
		/* What was taken back is not written again soon. */
		again();
		update(STATUS_APPROVED, CODE_HRIS_DIFFERENT, "77");
		assert_true(done.replayed);
		no_more_writes();
		again();
		kit.wall_ms += TAKEN_BACK_MS;
		shown("77", true, STATUS_APPROVED);
		kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_REFUSED, "no");
		update(STATUS_APPROVED, CODE_HRIS_REFUSED, "77");
		assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
	}
}

/* Both may stand: a create-first of which the insert was lost, as looks show it later. */
static void
a_lost_create_first_is_looked_at_again(void **state)
{
	static const struct {
		enum timeoff_status old, anew; /* STATUS_NONE: not there */
		bool consistent, late;
		const char *state;
		int op;
	} rows[] = {
	    {STATUS_APPROVED, STATUS_APPROVED, false, true, "unknown", INTENT_CREATE_FIRST},
	    {STATUS_CANCELED, STATUS_APPROVED, false, true, "done", INTENT_REPLACE},
	    {STATUS_APPROVED, STATUS_NONE, false, true, "unknown", INTENT_CREATE_FIRST},
	    {STATUS_APPROVED, STATUS_NONE, true, false, "unknown", INTENT_CREATE_FIRST},
	    {STATUS_APPROVED, STATUS_CANCELED, false, true, "unknown", INTENT_CREATE_FIRST},
	    {STATUS_APPROVED, STATUS_CANCELED, true, true, "taken-back", INTENT_CREATE_FIRST},
	    {STATUS_CANCELED, STATUS_CANCELED, true, true, "ended", INTENT_REPLACE},
	};
	const char *marker;
	struct intent row;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		replace_begins();
		kit_again(&kit);
		again();
		kit_answer(&kit, OPERATION_CHANGE,
		    (struct operation_out){.replace = REPLACE_CREATE_FIRST});
		kit.traits.consistent = rows[i].consistent;
		shown("77", true, STATUS_APPROVED);
		if (rows[i].consistent)
			shown("77", true, STATUS_APPROVED); /* before the write */
		kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
		kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
		row = newest_row();
		assert_int_equal(row.op, INTENT_CREATE_FIRST);
		marker = hris_marker(ledger.ledger, &kit.arena, &row);
		again();
		kit.wall_ms = row.quiet_ms + rows[i].late;
		shown("77", true, rows[i].old);
		if (rows[i].anew == STATUS_NONE)
			kit_answer(&kit, OPERATION_FIND, (struct operation_out){0});
		else {
			shown("80", true, rows[i].anew);
			kit.answers[OPERATION_FIND][1].out.found[0].amount = "8";
			kit.answers[OPERATION_FIND][1].out.found[0].notes = &marker;
			kit.answers[OPERATION_FIND][1].out.found[0].n_notes = 1;
		}
		reconciled(&row, rows[i].state);
		assert_int_equal(newest_row().op, rows[i].op);
	}
}

/* The new one stands after all, as asked: the same change ends the old one, and nothing else. */
static void
a_repeat_ends_the_old_one(void **state)
{
	static const struct {
		enum fail_code cancel, code;
		const char *id, *says;
		enum intent_op op;
		enum intent_state state;
	} rows[] = {
	    {CODE_NONE, CODE_NONE, "80", "", INTENT_REPLACE, INTENT_DONE},
	    {CODE_HRIS_REFUSED, CODE_HRIS_DIFFERENT, "77", "was not taken back: both stand",
		INTENT_CREATE_FIRST, INTENT_DIFFERENT},
	};
	const char *marker;
	struct intent row;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(NULL);
		setup(NULL);
		create_first_begins();
		kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
		kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		update(STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, "77");
		row = newest_row();
		marker = hris_marker(ledger.ledger, &kit.arena, &row);
		again();
		shown("77", true, STATUS_APPROVED);
		new_one_shown(STATUS_APPROVED, true);
		kit.answers[OPERATION_FIND][1].out.found[0].notes = &marker;
		kit.answers[OPERATION_FIND][1].out.found[0].n_notes = 1;
		new_one_shown(STATUS_APPROVED, true);
		shown("77", true, STATUS_APPROVED);
		if (rows[i].cancel != CODE_NONE)
			kit_fail(&kit, OPERATION_CANCEL, rows[i].cancel, "no");
		shown("77", true, rows[i].cancel == CODE_NONE ? STATUS_CANCELED : STATUS_APPROVED);
		new_one_shown(STATUS_APPROVED, true);
		update(STATUS_APPROVED, rows[i].code, rows[i].id);
		assert_non_null(strstr(kit.failure.text, rows[i].says));
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
		assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "77");
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
		assert_int_equal(kit_count(&kit, OPERATION_UNDO), 0);
		assert_int_equal(newest_row().op, rows[i].op);
		assert_string_equal(
		    intent_state_name(newest_row().state), intent_state_name(rows[i].state));
		assert_string_equal(newest_row().request, "80");
	}
	/* Another update leaves both alone, and says so. */
	again();
	shown("77", true, STATUS_APPROVED);
	new_one_shown(STATUS_APPROVED, true);
	update(STATUS_CANCELED, CODE_HRIS_DIFFERENT, "77");
	assert_non_null(strstr(kit.failure.text, "both stand: cancel one of them in the HRIS, or"));
	again();
	shown("77", true, STATUS_APPROVED);
	new_one_shown(STATUS_APPROVED, false);
	update(STATUS_CANCELED, CODE_HRIS_DIFFERENT, "77");
	assert_non_null(strstr(kit.failure.text, "both stand: cancel one of them in the HRIS;"));
}

static void
when_it_was_sent(void **state)
{
	(void)state;
	assert_string_equal(journal_when(&kit.arena, 59999), "1970-01-01 00:00 UTC");
	assert_string_equal(journal_when(&kit.arena, 1795000000000), "2026-11-18 11:06 UTC");
	assert_string_equal(journal_when(&kit.arena, 1795046399999), "2026-11-18 23:59 UTC");
	assert_string_equal(journal_when(&kit.arena, 1795046400000), "2026-11-19 00:00 UTC");
}

/* A new status that was lost, as a look shows it later. */
static void
a_lost_status_is_looked_at_again(void **state)
{
	static const struct {
		enum timeoff_status wanted, was;
		bool consistent, late;
		enum timeoff_status now; /* STATUS_NONE: not there */
		const char *state;
	} rows[] = {
	    {STATUS_APPROVED, STATUS_PENDING, false, true, STATUS_APPROVED, "done"},
	    {STATUS_APPROVED, STATUS_PENDING, false, true, STATUS_PENDING, "unknown"},
	    {STATUS_APPROVED, STATUS_PENDING, true, false, STATUS_PENDING, "unknown"},
	    {STATUS_APPROVED, STATUS_PENDING, true, true, STATUS_PENDING, "refused"},
	    {STATUS_APPROVED, STATUS_PENDING, false, true, STATUS_DENIED, "ended"},
	    {STATUS_APPROVED, STATUS_PENDING, true, true, STATUS_NONE, "unknown"},
	    {STATUS_CANCELED, STATUS_APPROVED, false, true, STATUS_CANCELED, "done"},
	    {STATUS_CANCELED, STATUS_APPROVED, false, true, STATUS_DENIED, "done"},
	    {STATUS_CANCELED, STATUS_APPROVED, false, true, STATUS_APPROVED, "unknown"},
	    {STATUS_CANCELED, STATUS_APPROVED, true, true, STATUS_APPROVED, "refused"},
	    {STATUS_CANCELED, STATUS_APPROVED, false, true, STATUS_NONE, "unknown"},
	    {STATUS_CANCELED, STATUS_APPROVED, true, false, STATUS_NONE, "unknown"},
	    {STATUS_CANCELED, STATUS_APPROVED, true, true, STATUS_NONE, "done"},
	};
	struct intent row;
	size_t i;

	(void)state;
	one_request();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("row %zu\n", i);
		request.request_id = arena_printf(&ledger.arena, "%zu", 90 + i);
		kit.traits.consistent = false;
		again();
		shown(request.request_id, true, rows[i].was);
		kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
		kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		update(rows[i].wanted, CODE_HRIS_OUTCOME_UNKNOWN, request.request_id);
		row = newest_row();
		kit.traits.consistent = rows[i].consistent;
		again();
		kit.wall_ms = row.quiet_ms + rows[i].late;
		if (rows[i].now != STATUS_NONE)
			shown(request.request_id, true, rows[i].now);
		reconciled(&row, rows[i].state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_run_is_a_request, setup, teardown),
	    cmocka_unit_test_setup_teardown(other_times_are_another_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_callers_key_names_all_runs, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_balance_is_of_the_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_refused_run_takes_the_others_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_cannot_be_taken_back_is_named, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_run_that_stands_otherwise_is_said_at_the_end, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_taking_back_may_be_lost, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_unknown_run_ends_the_writing, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_first_run_may_be_unknown, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_known_to_be_over_is_written_anew, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		all_runs_that_are_over_are_written_anew, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_callers_key_is_of_one_request, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_took_the_place_of_one_that_ended_is_not_doubled, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_cancel_may_name_no_agent, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_run_that_was_taken_back_is_not_written_soon, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_update_may_name_no_request, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_lost_write_is_looked_for_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_lost_after_its_id_is_looked_for_by_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_was_not_written_is_known_later, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_differs_is_looked_at_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_waits_for_an_approval_is_said_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_differed_is_closed, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_somebody_approved_is_closed, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_approved_later_is_closed, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_approval_goes_on_where_a_process_died, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_late_look_is_no_proof_of_what_is_asked, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_change_of_runs_cancels_first, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_change_enters_each_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(runs_are_of_their_change_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_change_whose_run_is_not_shown_is_unverified, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_change_whose_run_is_lost_goes_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_change_whose_run_is_refused_is_undone, setup, teardown),
	    cmocka_unit_test_setup_teardown(runs_are_known_by_their_days, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_parts_that_stand_are_cancelled, setup, teardown),
	    cmocka_unit_test_setup_teardown(runs_that_stand_are_not_entered_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(runs_that_have_ended_are_not_changed, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_refused_change_of_runs_is_undone, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_refused_change_is_undone_from_the_ledger, setup, teardown),
	    cmocka_unit_test_setup_teardown(half_a_change_goes_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_replace_goes_on_where_a_process_died, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		half_a_change_whose_old_one_is_shown_live, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_second_half_may_be_lost, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_create_first_becomes_a_replace, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_create_first_is_taken_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_create_first_that_is_no_success_leaves_the_old_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_lost_create_first_is_looked_at_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_repeat_ends_the_old_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(when_it_was_sent, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_lost_status_is_looked_at_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
