/*
 * test_remembered.c: writes with a ledger: an insert of several runs, each a request of its own in
 * the HRIS; updates that name no request; rows looked at again.
 */
#include "tests/unit/kit/remembered_kit.h"

static void
each_run_is_a_request(void **state)
{
	(void)state;
	again();
	both_written("77", "78");
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
	both_written("77", "78");
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
	both_written("77", "78");
	insert(CODE_NONE, "77,78");
	again();
	shown("77", true, STATUS_APPROVED);
	shown("78", false, STATUS_APPROVED);
	insert(CODE_NONE, "77,78");
	assert_true(done.replayed);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

/* The balance is of the whole request, and not asked again where it is a repeat. */
/* Types of one id that differ in the second are different requests on the same days. */
static void
the_second_id_of_a_type_counts(void **state)
{
	static struct timeoff_type types[] = {
	    {.id = "1", .id2 = "a", .name = "Vacation", .unit = UNIT_HOURS},
	    {.id = "1", .id2 = "b", .name = "Vacation", .unit = UNIT_HOURS}};
	static const char *const ids[] = {"77", "78"};
	size_t i;

	(void)state;
	one_request();
	for (i = 0; i < 2; i++) {
		again();
		kit.n_answers[OPERATION_TYPES] = 0;
		kit_answer(
		    &kit, OPERATION_TYPES, (struct operation_out){.types = types, .n_types = 2});
		request.type_id2 = types[i].id2;
		written(ids[i]);
		shown(ids[i], true, STATUS_APPROVED);
		insert(CODE_NONE, ids[i]);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	}
}

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
	    cmocka_unit_test_setup_teardown(the_second_id_of_a_type_counts, setup, teardown),
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
	    cmocka_unit_test_setup_teardown(when_it_was_sent, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_lost_status_is_looked_at_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
