/*
 * test_replace.c: a change as a cancel and an insert, in either order, of one request and of
 * several runs: what a ledger remembers of it, and how it goes on.
 */
#include "tests/unit/kit/remembered_kit.h"

/* Two runs by both their ids: rows of one request. */
static void
both_shown(const char *ids, enum timeoff_status first, enum timeoff_status second)
{
	rows_shown(run_row(ids, true, first), run_row(ids, false, second));
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
	days_asked(2);
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	days_asked(3);
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
	both_written("81", "82");
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
	both_written("81", "82");
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
	both_written("77", "78");
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
	days_asked(2);
	again();
	written("77");
	shown("77", true, STATUS_APPROVED);
	insert(CODE_NONE, "77");
	days_asked(3);
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
	days_asked(2);
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
	days_asked(2);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
