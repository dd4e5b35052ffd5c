/*
 * test_seen.c: a difference that was seen once, and then nothing more: it is never Complete, and
 * nothing is done about it.
 */
#include "tests/unit/kit/hris_kit.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct kit kit;
static struct day days[2];
static struct timeoff request;
static struct timeoff_done done;
static struct found rows[4];
static size_t n_rows;

static int
setup(void **state)
{
	(void)state;
	kit_open(&kit);
	days[0] = (struct day){.date = kit_date("2027-03-01"), .minutes = 480};
	days[1] = (struct day){.date = kit_date("2027-03-02"), .minutes = 240};
	request = (struct timeoff){.agent_id = "4",
	    .type_id = "1",
	    .status = STATUS_APPROVED,
	    .days = days,
	    .n_days = 2,
	    .min_date = days[0].date,
	    .max_date = days[1].date};
	n_rows = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kit_close(&kit);
	return 0;
}

/* What is asked is 12 hours. With the marker of the write. */
static struct found *
row(const char *id, enum timeoff_status status, const char *hours)
{
	static const char *note = "[hrisgw 0707070707070707]";
	struct found *f = &rows[n_rows++ % 4];

	*f = (struct found){.id = id,
	    .type_id = "1",
	    .status = status,
	    .notes = &note,
	    .n_notes = 1,
	    .ranged = true,
	    .start = kit_date("2027-03-01"),
	    .end = kit_date("2027-03-02"),
	    .amount = hours,
	    .has_unit = true,
	    .unit = UNIT_HOURS};
	return f;
}

static void
shows(struct found *f)
{
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = f, .n_found = 1});
}

static void
shows_no_more(void)
{
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
}

/* The write's own answer; shown NULL: it does not have the request. */
static void
answers(enum operation op, const char *id, enum timeoff_status status, struct found *shown)
{
	kit_answer(&kit, op,
	    (struct operation_out){
		.result = {.id = id, .status = status, .shown = shown}, .written = true});
}

static void
is_lost(enum operation op)
{
	kit_fail(&kit, op, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
}

static void
insert(void)
{
	done = (struct timeoff_done){0};
	(void)hris_insert(&kit.hris, &request, &done);
}

static void
update(enum timeoff_status status)
{
	done = (struct timeoff_done){0};
	request.request_id = "90";
	request.status = status;
	(void)hris_update(&kit.hris, &request, &done);
}

static void
is_different(const char *id)
{
	if (kit.failure.code != CODE_HRIS_DIFFERENT || !text_equal(done.request_id, id) ||
	    strstr(kit.failure.text, "could not be looked at again") == NULL)
		fail_msg("%s: %s, %s", fail_code_text(kit.failure.code), done.request_id,
		    kit.failure.text);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL) + kit_count(&kit, OPERATION_UNDO), 0);
}

static void
by_the_writes_own_answer(void **state)
{
	(void)state;
	answers(OPERATION_INSERT, "77", STATUS_APPROVED, row("77", STATUS_APPROVED, "8"));
	shows_no_more();
	insert();
	is_different("77");
}

static void
by_the_look_for_a_lost_write(void **state)
{
	(void)state;
	is_lost(OPERATION_INSERT);
	shows(row("77", STATUS_APPROVED, "8"));
	shows_no_more();
	insert();
	is_different("77");
}

/* What the look for it showed as asked is read by its id all the same. */
static void
a_lost_write_that_was_shown_as_asked(void **state)
{
	(void)state;
	is_lost(OPERATION_INSERT);
	shows(row("77", STATUS_APPROVED, "12"));
	shows_no_more();
	insert();
	assert_int_equal(kit.failure.code, CODE_NONE);
	kit_again(&kit);
	is_lost(OPERATION_INSERT);
	shows(row("77", STATUS_APPROVED, "8"));
	shows(row("77", STATUS_APPROVED, "12"));
	insert();
	assert_int_equal(kit.failure.code, CODE_NONE);
}

/* One record a day: of two, only the first is as asked. */
static void
by_the_look_for_one_of_several_records(void **state)
{
	struct found *first, *second;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		kit_again(&kit);
		kit.traits.many = true;
		is_lost(OPERATION_INSERT);
		first = row("77", STATUS_APPROVED, "8");
		second = row("78", STATUS_APPROVED, i == 0 ? "4" : "3");
		first->end = first->start;
		second->start = second->end;
		kit_answer(
		    &kit, OPERATION_FIND, (struct operation_out){.found = first, .n_found = 2});
		shows_no_more();
		insert();
		if (i == 1)
			is_different("77,78");
		else
			assert_int_equal(kit.failure.code, CODE_NONE);
		n_rows = 0;
	}
}

static void
before_the_approval(void **state)
{
	(void)state;
	answers(OPERATION_INSERT, "77", STATUS_PENDING, row("77", STATUS_PENDING, "8"));
	shows_no_more();
	insert();
	is_different("77");
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
	/* Nothing to look with is no look either. */
	kit_again(&kit);
	kit.traits.has[OPERATION_FIND] = false;
	answers(OPERATION_INSERT, "77", STATUS_PENDING, row("77", STATUS_PENDING, "8"));
	insert();
	is_different("77");
}

static void
by_the_look_at_the_approval(void **state)
{
	(void)state;
	answers(OPERATION_INSERT, "77", STATUS_PENDING, NULL);
	shows(row("77", STATUS_APPROVED, "8"));
	shows_no_more();
	insert();
	is_different("77");
	/* It is the newest that counts. */
	kit_again(&kit);
	answers(OPERATION_INSERT, "77", STATUS_PENDING, row("77", STATUS_PENDING, "8"));
	shows(row("77", STATUS_APPROVED, "12"));
	shows_no_more();
	insert();
	assert_int_equal(kit.failure.code, CODE_NONE);
}

static void
where_the_hris_approves_by_itself(void **state)
{
	(void)state;
	kit.traits.has[OPERATION_APPROVE] = false;
	answers(OPERATION_INSERT, "77", STATUS_NONE, NULL);
	shows(row("77", STATUS_APPROVED, "8"));
	shows_no_more();
	insert();
	is_different("77");
	kit_again(&kit);
	kit.traits.has[OPERATION_APPROVE] = true;
	kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_REFUSED, "it is approved");
	answers(OPERATION_INSERT, "77", STATUS_PENDING, NULL);
	shows(row("77", STATUS_APPROVED, "8"));
	shows_no_more();
	insert();
	is_different("77");
}

/* A look that says too little is none. */
static void
and_then_too_little_is_said(void **state)
{
	(void)state;
	answers(OPERATION_INSERT, "77", STATUS_APPROVED, row("77", STATUS_APPROVED, "8"));
	shows(row("77", STATUS_APPROVED, NULL));
	insert();
	is_different("77");
	kit_again(&kit);
	is_lost(OPERATION_INSERT);
	shows(row("77", STATUS_APPROVED, "8"));
	shows(row("77", STATUS_APPROVED, NULL));
	insert();
	is_different("77");
}

static void
after_a_change(void **state)
{
	(void)state;
	shows(row("90", STATUS_APPROVED, "16"));
	is_lost(OPERATION_CHANGE);
	shows(row("90", STATUS_APPROVED, "8"));
	shows_no_more();
	update(STATUS_APPROVED);
	is_different("90");
}

static void
after_a_replace(void **state)
{
	struct found *old = row("90", STATUS_APPROVED, "16");

	(void)state;
	shows(old);
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
	shows(row("90", STATUS_CANCELED, "16"));
	is_lost(OPERATION_INSERT);
	shows(row("91", STATUS_APPROVED, "8"));
	shows_no_more();
	update(STATUS_APPROVED);
	assert_int_equal(kit.failure.code, CODE_HRIS_DIFFERENT);
	assert_string_equal(done.request_id, "91");
	assert_non_null(strstr(kit.failure.text,
	    "could not be looked at again; it is in the place of request 90 (2027-03-01 to 2027-03-02, 960 minutes), which was cancelled"));
}

/* The HRIS says that it is done, and shows it as it was; then nothing more is seen. */
static void
of_a_status(void **state)
{
	static const struct {
		enum timeoff_status asked;
		enum fail_code code;
	} cases[] = {
	    {STATUS_CANCELED, CODE_HRIS_OUTCOME_UNKNOWN},
	    {STATUS_DENIED, CODE_HRIS_OUTCOME_UNKNOWN},
	    {STATUS_APPROVED, CODE_HRIS_NOT_APPROVED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		kit_again(&kit);
		shows(row("90", STATUS_PENDING, "12"));
		shows(row("90", STATUS_PENDING, "12"));
		shows_no_more();
		update(cases[i].asked);
		if (kit.failure.code != cases[i].code)
			fail_msg("%s: %s", status_name(cases[i].asked), kit.failure.text);
	}
	/* Written, and shown as ended. */
	kit_again(&kit);
	answers(OPERATION_INSERT, "77", STATUS_APPROVED, NULL);
	shows(row("77", STATUS_DENIED, "12"));
	shows_no_more();
	insert();
	is_different("77");
	assert_non_null(strstr(kit.failure.text, "request 77 was shown as DENIED"));
}

/* Where its cancel is not sure, what is to take its place is not entered. */
static void
of_the_cancel_of_a_replace(void **state)
{
	(void)state;
	shows(row("90", STATUS_APPROVED, "16"));
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
	shows(row("90", STATUS_APPROVED, "16"));
	shows_no_more();
	update(STATUS_APPROVED);
	assert_int_equal(kit.failure.code, CODE_HRIS_OUTCOME_UNKNOWN);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

/* Of two requests one was answered by success: that the other is not shown proves nothing. */
static void
of_one_of_two_that_are_cancelled(void **state)
{
	struct operation_out out = {.written = true};

	(void)state;
	kit.traits.by_run = true;
	shows(row("90,91", STATUS_APPROVED, "12"));
	shows(row("90", STATUS_APPROVED, "8"));
	shows(row("91", STATUS_APPROVED, "4"));
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){0});
	kit_answer(&kit, OPERATION_CANCEL, out);
	kit.answers[OPERATION_CANCEL][0].code = CODE_HRIS_OUTCOME_UNKNOWN;
	kit.answers[OPERATION_CANCEL][0].text = "silence";
	request.request_id = "90,91";
	request.status = STATUS_CANCELED;
	(void)hris_update(&kit.hris, &request, &done);
	assert_int_equal(kit.failure.code, CODE_HRIS_OUTCOME_UNKNOWN);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(by_the_writes_own_answer),
	    T(by_the_look_for_a_lost_write),
	    T(a_lost_write_that_was_shown_as_asked),
	    T(by_the_look_for_one_of_several_records),
	    T(before_the_approval),
	    T(by_the_look_at_the_approval),
	    T(where_the_hris_approves_by_itself),
	    T(and_then_too_little_is_said),
	    T(after_a_change),
	    T(after_a_replace),
	    T(of_a_status),
	    T(of_the_cancel_of_a_replace),
	    T(of_one_of_two_that_are_cancelled),
	};

	return cmocka_run_group_tests_name("hris_seen", tests, NULL, NULL);
}
