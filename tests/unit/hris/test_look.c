/*
 * test_look.c: what a look at the HRIS proves: which row is the write that was made, what is the
 * same as what was asked, and how long a look may be waited for.
 */
#include "tests/unit/kit/hris_kit.h"
#include "hris/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct kit kit;

static int
setup(void **state)
{
	(void)state;
	kit_open(&kit);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kit_close(&kit);
	return 0;
}

/* --- waiting --- */

/* Until what was sent can no longer arrive, and 200 ms are left to look. */
static void
quiet_is_waited_for(void **state)
{
	static const struct {
		int64_t quiet_ms, deadline_ms; /* from now */
		bool in_time;
		int64_t slept_ms;
	} rows[] = {
	    {-1000, 200, true, 0},
	    {0, 200, true, 0},
	    {0, 199, false, 0},
	    {1, 201, true, 1},
	    {1, 200, false, 0},
	    {3000, 3200, true, 3000},
	    {3000, 3199, false, 0},
	    {3000, -1, false, 0},
	};
	int64_t now;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		now = kit.mono_ms;
		kit.hris.quiet_ms = now + rows[i].quiet_ms;
		kit.hris.deadline_ms = now + rows[i].deadline_ms;
		if (look_wait_quiet(&kit.hris) != rows[i].in_time ||
		    kit.mono_ms - now != rows[i].slept_ms)
			fail_msg("row %zu", i);
	}
}

/* As long as the HRIS needs, or half of the time that is left. */
static void
what_was_written_is_waited_for(void **state)
{
	static const struct {
		int64_t settle_ms, left_ms;
		bool whole;
		int64_t slept_ms;
	} rows[] = {
	    {0, 1000, true, 0},
	    {0, 0, true, 0},
	    {500, 1000, true, 500},
	    {500, 999, false, 499},
	    {500, 1001, true, 500},
	    {1, 2, true, 1},
	    {1, 1, false, 0},
	    {1, 0, false, 0},
	    {1, -5, false, 0},
	};
	int64_t now;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		now = kit.mono_ms;
		kit.traits.settle_ms = rows[i].settle_ms;
		kit.hris.deadline_ms = now + rows[i].left_ms;
		if (look_wait_visible(&kit.hris) != rows[i].whole ||
		    kit.mono_ms - now != rows[i].slept_ms)
			fail_msg("row %zu", i);
	}
}

/* --- which row it is --- */

static void
a_marker_is_looked_for_without_its_brackets(void **state)
{
	static const struct {
		const char *marker, *id_of_ours, *notes[2];
		bool there;
	} rows[] = {
	    {"[hrisgw 07ab]", NULL, {"[hrisgw 07ab] dentist", NULL}, true},
	    {"[hrisgw 07ab]", NULL, {"dentist", "by 07ab"}, true},
	    {"[hrisgw 07ab]", "07ab", {NULL, NULL}, true},
	    {"[hrisgw 07ab]", "07cd", {"dentist", "07ab"}, true},
	    {"[hrisgw 07ab]", "07cd", {"dentist", NULL}, false},
	    {"[hrisgw 07ab]", NULL, {NULL, NULL}, false},
	    {"[hrisgw ]", "x", {"anything", NULL}, false},
	    {"hrisgw", "hrisgw", {"hrisgw", NULL}, false},
	    {NULL, "hrisgw", {"hrisgw", NULL}, false},
	};
	const char *notes[2];
	struct found f;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		notes[0] = rows[i].notes[0];
		notes[1] = rows[i].notes[1];
		f = (struct found){.marker = rows[i].id_of_ours, .notes = notes};
		f.n_notes = (size_t)(notes[0] != NULL) + (size_t)(notes[1] != NULL);
		if (found_has_marker(&f, rows[i].marker) != rows[i].there)
			fail_msg("row %zu", i);
	}
}

static struct operation_in
asked(struct day *days, size_t n)
{
	static struct timeoff_type vacation = {.id = "1", .name = "Vacation", .unit = UNIT_HOURS};
	static const char *const dates[] = {"2027-03-01", "2027-03-02", "2027-03-03"};
	size_t i;

	for (i = 0; i < n; i++)
		days[i] = (struct day){.date = kit_date(dates[i]), .minutes = 480, .part = "day"};
	return (struct operation_in){.agent_id = "4",
	    .type = &vacation,
	    .days = days,
	    .n_days = n,
	    .min_date = days[0].date,
	    .max_date = days[n - 1].date,
	    .look_from = days[0].date,
	    .look_to = days[n - 1].date};
}

/* As asked: two whole days of eight hours. */
static struct found
held(void)
{
	return (struct found){.id = "9",
	    .type_id = "1",
	    .status = STATUS_APPROVED,
	    .ranged = true,
	    .start = kit_date("2027-03-01"),
	    .end = kit_date("2027-03-02"),
	    .amount = "16",
	    .has_unit = true,
	    .unit = UNIT_HOURS};
}

static void
what_touches_the_days_asked(void **state)
{
	static const struct {
		const char *start, *end, *day; /* NULL: not said */
		bool touches;
	} rows[] = {
	    {"2027-02-01", "2027-02-28", NULL, false},
	    {"2027-02-01", "2027-03-01", NULL, true},
	    {"2027-03-02", "2027-03-09", NULL, true},
	    {"2027-03-03", "2027-03-09", NULL, false},
	    {NULL, NULL, NULL, true},
	    {NULL, NULL, "2027-03-02", true},
	    {NULL, NULL, "2027-03-03", false},
	    {"2027-02-01", "2027-03-09", "2027-03-03", false},
	};
	struct day days[2];
	struct operation_in in = asked(days, 2);
	struct found_day day = {.amount = "8"};
	struct found f;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		f = (struct found){.id = "9", .ranged = rows[i].start != NULL};
		if (f.ranged) {
			f.start = kit_date(rows[i].start);
			f.end = kit_date(rows[i].end);
		}
		if (rows[i].day != NULL) {
			day.date = kit_date(rows[i].day);
			f.days = &day;
			f.n_days = 1;
		}
		if (found_touches(&f, &in) != rows[i].touches)
			fail_msg("row %zu", i);
	}
}

/* Whole days that the HRIS counts by its own schedule. */
static void
what_the_hris_counts(void **state)
{
	static const struct {
		const char *start, *end, *minutes;
		bool whole, same;
	} rows[] = {
	    {"2027-03-01", "2027-03-02", "960", true, true},
	    {"2027-03-01", "2027-03-02", "959", true, false},
	    {"2027-03-01", "2027-03-02", "some", true, false},
	    {"2027-03-01", "2027-03-02", NULL, true, false},
	    {"2027-03-01", "2027-03-02", "960", false, false},
	    {"2027-02-28", "2027-03-02", "960", true, false},
	    {"2027-03-01", "2027-03-03", "960", true, false},
	    {"2027-03-02", "2027-03-02", "960", true, true},
	};
	struct day days[2];
	struct operation_in in = asked(days, 2);
	struct found f = held();
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		f.start = kit_date(rows[i].start);
		f.end = kit_date(rows[i].end);
		f.minutes = rows[i].minutes;
		days[0].whole = true;
		days[1].whole = rows[i].whole;
		if (found_counts_as_asked(&in, &f) != rows[i].same)
			fail_msg("row %zu", i);
	}
	/* A day of nothing need not be whole; without a range, or without days, nothing counts. */
	days[1] = (struct day){.date = days[1].date};
	f = held();
	f.minutes = "480";
	assert_true(found_counts_as_asked(&in, &f));
	f.ranged = false;
	assert_false(found_counts_as_asked(&in, &f));
	f.ranged = true;
	f.minutes = "0";
	in.n_days = 0;
	assert_false(found_counts_as_asked(&in, &f));
}

static bool
same_with(void (*change)(struct found *f, struct operation_in *in, struct day *days))
{
	struct day days[3];
	struct operation_in in = asked(days, 2);
	struct found f = held();

	if (change != NULL)
		change(&f, &in, days);
	return content_same(&kit.hris, &in, &f);
}

static void
other_type(struct found *f, struct operation_in *in, struct day *days)
{
	(void)in;
	(void)days;
	f->type_id = "2";
}

static void
no_type(struct found *f, struct operation_in *in, struct day *days)
{
	(void)f;
	(void)days;
	in->type = NULL;
}

static void
no_range(struct found *f, struct operation_in *in, struct day *days)
{
	(void)in;
	(void)days;
	f->ranged = false;
}

static void
other_amount(struct found *f, struct operation_in *in, struct day *days)
{
	(void)in;
	(void)days;
	f->amount = "15";
}

static void
other_start(struct found *f, struct operation_in *in, struct day *days)
{
	(void)in;
	(void)days;
	f->start = kit_date("2027-02-28");
}

static void
other_end(struct found *f, struct operation_in *in, struct day *days)
{
	(void)in;
	(void)days;
	f->end = kit_date("2027-03-03");
}

/* The days around hold nothing: the request may begin and end with them or without. */
static void
empty_ends(struct found *f, struct operation_in *in, struct day *days)
{
	*in = asked(days, 3);
	days[0].minutes = days[2].minutes = 0;
	f->start = f->end = days[1].date;
	f->amount = "8";
}

static void
empty_ends_kept(struct found *f, struct operation_in *in, struct day *days)
{
	empty_ends(f, in, days);
	f->start = days[0].date;
	f->end = days[2].date;
}

static void
a_longer_range_asked(struct found *f, struct operation_in *in, struct day *days)
{
	(void)days;
	in->min_date = f->start = kit_date("2027-02-28");
	in->max_date = f->end = kit_date("2027-03-07");
}

static void
what_is_as_asked(void **state)
{
	(void)state;
	assert_true(same_with(NULL));
	assert_false(same_with(other_type));
	assert_false(same_with(no_type));
	assert_false(same_with(no_range));
	assert_false(same_with(other_amount));
	assert_false(same_with(other_start));
	assert_false(same_with(other_end));
	assert_true(same_with(empty_ends));
	assert_true(same_with(empty_ends_kept));
	assert_true(same_with(a_longer_range_asked));
}

/* Half a day is the asked one only where the HRIS shows the same half, or hour. */
static void
half_a_day_is_the_same_half(void **state)
{
	static const struct {
		const char *part, *asked_from, *held_from, *day_from;
		bool spans, same;
	} rows[] = {
	    {"am", "09:00", NULL, NULL, false, true},
	    {"am", "09:00", NULL, NULL, true, false},
	    {"am", "09:00", "am", NULL, true, true},
	    {"am", "09:00", "pm", NULL, true, false},
	    {"am", "09:00", "pm", "am", true, true},
	    {"am", "09:00", "09:00", NULL, true, true},
	    {"am", "09:00", "9:00", NULL, true, true},
	    {"am", "09:00", "09:30", NULL, true, false},
	    {"am", "09:00", "noon", NULL, true, false},
	    {"day", NULL, NULL, NULL, true, true},
	};
	struct day days[1];
	struct operation_in in = asked(days, 1);
	struct found_day day = {.date = days[0].date, .amount = "4"};
	struct found f = held();
	size_t i;

	(void)state;
	f.end = f.start;
	f.amount = "4";
	days[0].minutes = 240;
	for (i = 0; i < N(rows); i++) {
		kit.traits.spans = rows[i].spans;
		days[0].part = rows[i].part;
		days[0].from = rows[i].asked_from;
		f.from = rows[i].held_from;
		day.from = rows[i].day_from;
		f.days = &day;
		f.n_days = rows[i].day_from != NULL;
		if (content_same(&kit.hris, &in, &f) != rows[i].same)
			fail_msg("row %zu", i);
	}
}

/* --- ids --- */

static void
ids_are_shown_while_there_is_room(void **state)
{
	static const char long_id[] = "0123456789012345678901234567890123456789012345678"
				      "01234567890123456789012345678901234567890123456789"
				      "01234567890123456789012345678901234567890123456789"
				      "0123456789012345678901234567890123456789012345678";
	const char *ids = "", *kept;

	(void)state;
	assert_int_equal(strlen(long_id), 198);
	ids_add(&kit.hris, &ids, "1");
	assert_string_equal(ids, "1");
	ids_add(&kit.hris, &ids, "2");
	assert_string_equal(ids, "1, 2");
	kept = ids;
	ids_add(&kit.hris, &ids, long_id);
	assert_string_equal(ids, kept);
	ids = "";
	ids_add(&kit.hris, &ids, long_id);
	assert_string_equal(ids, long_id);
	ids = "";
	ids_add(&kit.hris, &ids, arena_printf(&kit.arena, "%s9", long_id));
	assert_string_equal(ids, "...");
}

/* What stood before a write goes into the ledger and comes back. */
static void
what_stood_before_is_kept(void **state)
{
	static struct found rows[] = {{.id = "12"}, {.id = "3"}, {.id = "a b"}};
	struct standing before = {.known = true, .rows = rows}, back;
	const char *text;
	size_t n, i;

	(void)state;
	for (n = 0; n <= N(rows); n++) {
		before.n = n;
		text = standing_ids(&kit.hris, &before);
		assert_string_equal(text, n == 0   ? ""
					  : n == 1 ? "12"
					  : n == 2 ? "12\n3"
						   : "12\n3\na b");
		assert_true(standing_from(&kit.hris, n != 1, text, &back));
		assert_int_equal(back.known, n != 1);
		assert_true(back.ids_only);
		assert_int_equal(back.n, n);
		for (i = 0; i < n; i++)
			assert_string_equal(back.rows[i].id, rows[i].id);
	}
}

/* Records of one write are one request, in a state that all of them have. */
static void
several_records_are_one_request(void **state)
{
	struct found a = held(), b = held();
	struct result result = {0};

	(void)state;
	b.id = "10";
	kit.traits.many = true;
	assert_true(result_take(&kit.hris, &a, &result));
	assert_true(result_take(&kit.hris, &b, &result));
	assert_string_equal(result.id, "9,10");
	assert_int_equal(result.status, STATUS_APPROVED);
	b.status = STATUS_PENDING;
	assert_true(result_take(&kit.hris, &b, &result));
	assert_string_equal(result.id, "9,10,10");
	assert_int_equal(result.status, STATUS_NONE);
	kit.traits.many = false;
	assert_true(result_take(&kit.hris, &b, &result));
	assert_string_equal(result.id, "10");
	assert_int_equal(result.status, STATUS_PENDING);
}

static void
a_part_is_of_the_request(void **state)
{
	static const struct {
		const char *id, *whole;
		bool many, by_run, is;
	} rows[] = {
	    {"1", "1", false, false, true},
	    {"1", "2", false, false, false},
	    {"1", NULL, true, true, false},
	    {"1", "2,1", false, false, false},
	    {"1", "2,1", true, false, true},
	    {"1", "2,1", false, true, true},
	    {"1", "2,11", true, true, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		kit.traits.many = rows[i].many;
		kit.traits.by_run = rows[i].by_run;
		if (look_is_request(&kit.hris, rows[i].id, rows[i].whole) != rows[i].is)
			fail_msg("row %zu", i);
	}
}

/* --- after a write --- */

/* Rows with the marker: one is the write, two are a write that was made twice. */
static void
a_write_that_was_made_twice_is_no_success(void **state)
{
	static const struct {
		enum timeoff_status first, second; /* STATUS_NONE: no second one */
		bool many;
		enum look look;
		const char *ids;
	} rows[] = {
	    {STATUS_APPROVED, STATUS_NONE, false, LOOK_THERE, "9"},
	    {STATUS_APPROVED, STATUS_PENDING, false, LOOK_UNCLEAR, "9, 10"},
	    {STATUS_APPROVED, STATUS_PENDING, true, LOOK_THERE, "9, 10"},
	    {STATUS_APPROVED, STATUS_CANCELED, false, LOOK_THERE, "9, 10"},
	};
	static const char *note = "[hrisgw 0707070707070707]";
	struct day days[2];
	struct operation_in in = asked(days, 2);
	struct standing before = {0};
	struct result result;
	struct found two[2];
	const char *ids;
	size_t i;

	(void)state;
	in.marker = "[hrisgw 0707070707070707]";
	for (i = 0; i < N(rows); i++) {
		kit_again(&kit);
		kit.traits.many = rows[i].many;
		two[0] = two[1] = held();
		two[1].id = "10";
		two[0].notes = two[1].notes = &note;
		two[0].n_notes = two[1].n_notes = 1;
		two[0].status = rows[i].first;
		two[1].status = rows[i].second;
		kit_answer(&kit, OPERATION_FIND,
		    (struct operation_out){
			.found = two, .n_found = rows[i].second == STATUS_NONE ? 1 : 2});
		if (look_after(&kit.hris, &in, &before, &result, &ids) != rows[i].look ||
		    strcmp(ids, rows[i].ids) != 0)
			fail_msg("row %zu: %s", i, ids);
	}
	kit.traits.many = false;
	/* Without its marker nothing is known, as nobody looked before. */
	kit_again(&kit);
	two[0].notes = NULL;
	two[0].n_notes = 0;
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = two, .n_found = 1});
	assert_int_equal(look_after(&kit.hris, &in, &before, &result, &ids), LOOK_UNCLEAR);
	assert_string_equal(ids, "");
	/* An HRIS that cannot be asked, or that shows nothing of a write, is not asked. */
	kit_again(&kit);
	kit.traits.find = LOST_NONE;
	assert_int_equal(look_after(&kit.hris, &in, &before, &result, &ids), LOOK_UNCLEAR);
	kit.traits.find = LOST_MARKER;
	kit.traits.has[OPERATION_FIND] = false;
	assert_int_equal(look_after(&kit.hris, &in, &before, &result, &ids), LOOK_UNCLEAR);
	assert_int_equal(kit_count(&kit, OPERATION_FIND), 0);
}

static void
what_a_state_says(void **state)
{
	static const struct {
		enum operation op;
		enum timeoff_status status;
		const char *word;
		bool said;
		enum state is;
	} rows[] = {
	    {OPERATION_APPROVE, STATUS_APPROVED, NULL, false, STATE_REACHED},
	    {OPERATION_APPROVE, STATUS_PENDING, NULL, true, STATE_MISSED},
	    {OPERATION_APPROVE, STATUS_DENIED, NULL, true, STATE_MISSED},
	    {OPERATION_APPROVE, STATUS_NONE, "half", true, STATE_MISSED},
	    {OPERATION_APPROVE, STATUS_NONE, NULL, true, STATE_UNCLEAR},
	    {OPERATION_CANCEL, STATUS_CANCELED, NULL, false, STATE_REACHED},
	    {OPERATION_CANCEL, STATUS_DENIED, NULL, false, STATE_REACHED},
	    {OPERATION_CANCEL, STATUS_APPROVED, NULL, true, STATE_MISSED},
	    {OPERATION_CANCEL, STATUS_NONE, "half", true, STATE_UNCLEAR},
	};
	struct operation_in in = {.agent_id = "4", .request_id = "9"};
	struct found f, shown;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		kit_again(&kit);
		f = held();
		f.status = rows[i].status;
		f.status_word = rows[i].word;
		kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = &f, .n_found = 1});
		if (state_look(&kit.hris, rows[i].op, &in, rows[i].said, &shown) != rows[i].is)
			fail_msg("row %zu", i);
		assert_string_equal(shown.id, "9");
	}
}

/* What is not there was approved by nobody; it ended if the HRIS said so itself. */
static void
what_is_not_there(void **state)
{
	static const struct {
		enum operation op;
		enum fail_code code; /* of the look */
		bool said, consistent;
		enum state is;
	} rows[] = {
	    {OPERATION_APPROVE, CODE_NONE, true, false, STATE_UNCLEAR},
	    {OPERATION_APPROVE, CODE_NONE, true, true, STATE_GONE},
	    {OPERATION_APPROVE, CODE_HRIS_NOT_FOUND, true, false, STATE_GONE},
	    {OPERATION_CANCEL, CODE_NONE, false, true, STATE_UNCLEAR},
	    {OPERATION_CANCEL, CODE_NONE, true, false, STATE_REACHED},
	    {OPERATION_CANCEL, CODE_HRIS_UNAVAILABLE, true, true, STATE_UNCLEAR},
	};
	struct operation_in in = {.agent_id = "4", .request_id = "9"};
	struct found shown;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		kit_again(&kit);
		kit.traits.consistent = rows[i].consistent;
		if (rows[i].code != CODE_NONE)
			kit_fail(&kit, OPERATION_FIND, rows[i].code, "no");
		if (state_look(&kit.hris, rows[i].op, &in, rows[i].said, &shown) != rows[i].is)
			fail_msg("row %zu", i);
		/* The look's own failure is nobody's. */
		assert_int_equal(kit.failure.code, CODE_NONE);
		assert_ptr_equal(kit.hris.failure, &kit.failure);
	}
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(quiet_is_waited_for),
	    CASE(what_was_written_is_waited_for),
	    CASE(a_marker_is_looked_for_without_its_brackets),
	    CASE(what_touches_the_days_asked),
	    CASE(what_the_hris_counts),
	    CASE(what_is_as_asked),
	    CASE(half_a_day_is_the_same_half),
	    CASE(ids_are_shown_while_there_is_room),
	    CASE(what_stood_before_is_kept),
	    CASE(several_records_are_one_request),
	    CASE(a_part_is_of_the_request),
	    CASE(a_write_that_was_made_twice_is_no_success),
	    CASE(what_a_state_says),
	    CASE(what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
