/* test_write.c: the fate of every write: never reported as failed when it may be there, never
 * twice. */
#include "tests/unit/kit/hris_kit.h"
#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static struct kit kit;
static struct day days[2];
static struct timeoff request;
static struct timeoff_done done;

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
	done = (struct timeoff_done){0};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kit_close(&kit);
	return 0;
}

static struct operation_out
result(const char *id, enum timeoff_status status)
{
	return (struct operation_out){.result = {.id = id, .status = status}, .written = true};
}

/* The request above as an HRIS lists it. */
static struct found *
row(const char *id, enum timeoff_status status, const char *note)
{
	static struct found rows[8];
	static const char *notes[8];
	static size_t n;
	struct found *f = &rows[n % 8];

	notes[n % 8] = note;
	*f = (struct found){.id = id,
	    .type_id = "1",
	    .status = status,
	    .notes = &notes[n % 8],
	    .n_notes = note == NULL ? 0 : 1,
	    .ranged = true,
	    .start = kit_date("2027-03-01"),
	    .end = kit_date("2027-03-02"),
	    .amount = "12",
	    .has_unit = true,
	    .unit = UNIT_HOURS};
	n++;
	return f;
}

static void
answer_found(struct found *f)
{
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = f, .n_found = f != NULL});
}

static void
answer_balance(const char *amount, bool pending)
{
	static struct balance b;

	b = (struct balance){.type_id = "1",
	    .amount = amount,
	    .has_amount = true,
	    .has_unit = true,
	    .unit = UNIT_HOURS,
	    .includes_pending = pending};
	kit_answer(
	    &kit, OPERATION_BALANCE, (struct operation_out){.balances = &b, .n_balances = 1});
}

static enum gw_err
update_to(enum timeoff_status status)
{
	request.request_id = "90";
	request.status = status;
	done = (struct timeoff_done){0};
	return hris_update(&kit.hris, &request, &done);
}

static void
approved_skips_the_balance(void **state)
{
	(void)state;
	kit_answer(&kit, OPERATION_INSERT, result("77", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "77");
	assert_int_equal(kit_count(&kit, OPERATION_BALANCE), 0);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 0);
	assert_string_equal(kit.ins[1].marker, "[hrisgw 0707070707070707]");
	assert_string_equal(kit.ins[1].days[0].from, "09:00");
	assert_string_equal(kit.ins[1].days[0].to, "17:00");
}

static void
pending_asks_for_the_balance(void **state)
{
	(void)state;
	request.status = STATUS_PENDING;
	answer_balance("12", false);
	kit_answer(&kit, OPERATION_INSERT, result("78", STATUS_PENDING));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_BALANCE), 1);
	/* Against the whole request at its last day. */
	assert_int_equal(kit.asked[1].day, kit_date("2027-03-02").day);
	kit_again(&kit);
	answer_balance("11.98", false);
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_INSUFFICIENT_BALANCE);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	kit_again(&kit);
	request.skip_balance = true;
	kit_answer(&kit, OPERATION_INSERT, result("79", STATUS_PENDING));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_BALANCE), 0);
}

/* 20 hours, of which the HRIS takes off nothing that is pending, and 12 are asked by March 2. */
static void
other_pending_requests_are_taken_off(void **state)
{
	static const struct {
		const char *name, *type_id;
		enum timeoff_status status;
		const char *start, *amount;
		const char *days[2]; /* as it lists them, from its start; NULL: it does not */
		bool shared;         /* types 1 and 2 have one balance */
		enum fail_code code;
	} rows[] = {
	    {"what is left is enough", "1", STATUS_PENDING, "2027-02-01", "8", {NULL}, false,
		CODE_NONE},
	    {"or not", "1", STATUS_PENDING, "2027-02-01", "8.1", {NULL}, false,
		CODE_HRIS_INSUFFICIENT_BALANCE},
	    {"on the last day", "1", STATUS_PENDING, "2027-03-02", "8.1", {NULL}, false,
		CODE_HRIS_INSUFFICIENT_BALANCE},
	    {"a day later", "1", STATUS_PENDING, "2027-03-03", "8.1", {NULL}, false, CODE_NONE},
	    {"of its days those until then", "1", STATUS_PENDING, "2027-03-02", "16", {"8", "8"},
		false, CODE_NONE},
	    {"and no fewer", "1", STATUS_PENDING, "2027-03-02", "16.1", {"8.1", "8"}, false,
		CODE_HRIS_INSUFFICIENT_BALANCE},
	    {"and all of them", "1", STATUS_PENDING, "2027-03-01", "8.1", {"4", "4.1"}, false,
		CODE_HRIS_INSUFFICIENT_BALANCE},
	    {"taken off already", "1", STATUS_APPROVED, "2027-02-01", "8.1", {NULL}, false,
		CODE_NONE},
	    {"another type", "2", STATUS_PENDING, "2027-02-01", "8.1", {NULL}, false, CODE_NONE},
	    {"another type of the same balance", "2", STATUS_PENDING, "2027-02-01", "8.1", {NULL},
		true, CODE_HRIS_INSUFFICIENT_BALANCE},
	    {"how much is not said", "1", STATUS_PENDING, "2027-02-01", NULL, {NULL}, false,
		CODE_HRIS_BALANCE},
	};
	struct found_day listed_days[2];
	struct timeoff_type *types;
	struct found *f;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(state); /* the types are kept in the store */
		setup(state);
		request.status = STATUS_PENDING;
		types = kit.answers[OPERATION_TYPES][0].out.types;
		types[0].plan = types[1].plan = rows[i].shared ? "p" : NULL;
		answer_balance("20", false);
		f = row("91", rows[i].status, NULL);
		f->type_id = rows[i].type_id;
		f->start = f->end = kit_date(rows[i].start);
		f->amount = rows[i].amount;
		if (rows[i].days[0] != NULL) {
			f->end.day++;
			listed_days[0] =
			    (struct found_day){f->start, rows[i].days[0], UNIT_HOURS, NULL, NULL};
			listed_days[1] =
			    (struct found_day){f->end, rows[i].days[1], UNIT_HOURS, NULL, NULL};
			f->days = listed_days;
			f->n_days = 2;
		}
		answer_found(f);
		kit_answer(&kit, OPERATION_INSERT, result("78", STATUS_PENDING));
		(void)hris_insert(&kit.hris, &request, &done);
		if (kit.failure.code != rows[i].code)
			fail_msg("%s: %s", rows[i].name, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), rows[i].code == CODE_NONE);
	}
}

static void
unknown_balance_or_type_writes_nothing(void **state)
{
	(void)state;
	request.status = STATUS_PENDING;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_BALANCE);
	kit_again(&kit);
	kit_fail(&kit, OPERATION_BALANCE, CODE_HRIS_UNAVAILABLE, "down");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_ERETRY);
	kit_again(&kit);
	request.type_id = "99";
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_TYPE);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
}

static void
a_lost_write_is_found_by_its_marker(void **state)
{
	(void)state;
	kit.traits.settle_ms = 5000;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(row("80", STATUS_APPROVED, "[hrisgw 0707070707070707] note"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "80");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	assert_int_equal(kit.mono_ms, 1005000);
}

static void
a_look_alike_proves_nothing_where_markers_are_kept(void **state)
{
	(void)state;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(row("81", STATUS_APPROVED, "entered by hand"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	assert_non_null(strstr(kit.failure.text, "[hrisgw 0707070707070707]"));
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	kit_again(&kit);
	kit.traits.find = LOST_NATURAL;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(NULL);
	answer_found(row("81", STATUS_APPROVED, "entered by hand"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "81");
}

/* Two of the asked days, as an HRIS records them whose calendar has a weekend. */
static struct found *
shorter(const char *id)
{
	struct found *f = row(id, STATUS_APPROVED, NULL);

	f->end = f->start;
	f->amount = "8";
	return f;
}

static struct found *
on_another_day(const char *id)
{
	struct found *f = row(id, STATUS_APPROVED, NULL);

	f->start = f->end = kit_date("2027-03-05");
	return f;
}

static struct found *
of_another_agent(const char *id)
{
	struct found *f = row(id, STATUS_APPROVED, NULL);

	f->agent_id = "5";
	return f;
}

/* What a look before and a look after a lost insert prove, where likeness and absence count. */
static void
what_is_new_since_the_write(void **state)
{
	static const struct {
		const char *name;
		enum {
			NOTHING,
			ALIKE,
			TWO_ALIKE,
			UNLIKE,
			CANCELED,
			ELSEWHERE,
			ANOTHERS,
			FAILS
		} before,
		    after;
		enum fail_code code;
		const char *id, *text;
	} cases[] = {
	    {"nothing new", NOTHING, NOTHING, CODE_HRIS_UNAVAILABLE, NULL, "nothing was written"},
	    {"a new one that looks as asked", NOTHING, ALIKE, CODE_NONE, "81", NULL},
	    {"one that stood there before is nobody's write", ALIKE, ALIKE, CODE_HRIS_UNAVAILABLE,
		NULL, "nothing was written"},
	    {"a new one that looks otherwise", NOTHING, UNLIKE, CODE_HRIS_OUTCOME_UNKNOWN, NULL,
		"new or changed on these days: 81:"},
	    {"one that stood there and changed", ALIKE, UNLIKE, CODE_HRIS_OUTCOME_UNKNOWN, NULL,
		"new or changed on these days: 81:"},
	    {"one that was changed to look as asked", UNLIKE, ALIKE, CODE_HRIS_OUTCOME_UNKNOWN,
		NULL, "new or changed on these days: 81:"},
	    {"a new one that is cancelled", NOTHING, CANCELED, CODE_HRIS_OUTCOME_UNKNOWN, NULL,
		"new or changed on these days: 81:"},
	    {"two new ones", NOTHING, TWO_ALIKE, CODE_HRIS_OUTCOME_UNKNOWN, NULL, "days: 81, 82:"},
	    {"the second of two", ALIKE, TWO_ALIKE, CODE_NONE, "82", NULL},
	    {"a new one on other days", NOTHING, ELSEWHERE, CODE_HRIS_UNAVAILABLE, NULL,
		"nothing was written"},
	    {"a new one of somebody else", NOTHING, ANOTHERS, CODE_HRIS_UNAVAILABLE, NULL,
		"nothing was written"},
	    {"no look before", FAILS, ALIKE, CODE_HRIS_OUTCOME_UNKNOWN, NULL, "agent 4"},
	    {"nor after", NOTHING, FAILS, CODE_HRIS_OUTCOME_UNKNOWN, NULL, "agent 4"},
	};
	struct found rows[FAILS + 1][2];
	struct operation_out out;
	int looks[2];
	size_t i, j;

	(void)state;
	kit.traits.find = LOST_NATURAL;
	kit.traits.consistent = true;
	rows[ALIKE][0] = rows[TWO_ALIKE][0] = *row("81", STATUS_APPROVED, NULL);
	rows[TWO_ALIKE][1] = *row("82", STATUS_APPROVED, NULL);
	rows[UNLIKE][0] = *shorter("81");
	rows[CANCELED][0] = *row("81", STATUS_CANCELED, NULL);
	rows[ELSEWHERE][0] = *on_another_day("81");
	rows[ANOTHERS][0] = *of_another_agent("81");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		looks[0] = (int)cases[i].before;
		looks[1] = (int)cases[i].after;
		for (j = 0; j < 2; j++) {
			out = (struct operation_out){.found = rows[looks[j]],
			    .n_found = looks[j] == NOTHING     ? 0
				       : looks[j] == TWO_ALIKE ? 2
							       : 1};
			if (looks[j] == FAILS)
				kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
			else
				kit_answer(&kit, OPERATION_FIND, out);
		}
		kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		(void)hris_insert(&kit.hris, &request, &done);
		if (kit.failure.code != cases[i].code ||
		    (cases[i].text != NULL && strstr(kit.failure.text, cases[i].text) == NULL))
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
		if (cases[i].id != NULL)
			assert_string_equal(done.request_id, cases[i].id);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
		assert_true(kit_count(&kit, OPERATION_FIND) >= 2);
	}
}

/* Likeness of what stood there before proves nothing where the list is late, either. */
static void
likeness_of_an_older_request_is_no_proof(void **state)
{
	(void)state;
	kit.traits.find = LOST_NATURAL;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(row("81", STATUS_APPROVED, "entered by hand"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	kit_again(&kit);
	/* Nor of a success that came without an id. */
	kit_answer(&kit, OPERATION_INSERT, result(NULL, STATUS_NONE));
	answer_found(row("81", STATUS_APPROVED, "entered by hand"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
}

/* A change that was lost: the request itself may be what is new. */
static void
a_lost_change_is_told_by_what_differs(void **state)
{
	(void)state;
	kit.traits.find = LOST_NATURAL;
	kit.traits.consistent = true;
	/* As before: not made. */
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(shorter("90"));
	assert_int_equal(update_to(STATUS_APPROVED), GW_ERETRY);
	assert_non_null(strstr(kit.failure.text, "nothing was written"));
	kit_again(&kit);
	/* As asked: made. */
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(shorter("90"));
	answer_found(shorter("90"));
	answer_found(row("90", STATUS_APPROVED, NULL));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_string_equal(done.request_id, "90");
	kit_again(&kit);
	/* Neither. */
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(shorter("90"));
	answer_found(shorter("90"));
	answer_found(shorter("90"));
	kit.answers[OPERATION_FIND][2].out.found->amount = "7";
	assert_int_equal(update_to(STATUS_APPROVED), GW_EUNKNOWN);
	assert_non_null(strstr(kit.failure.text, "new or changed on these days: 90"));
}

static void
another_agents_row_is_not_the_write_that_was_lost(void **state)
{
	struct found f = *row("80", STATUS_APPROVED, "[hrisgw 0707070707070707]");

	(void)state;
	f.agent_id = "5";
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(&f);
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	kit_again(&kit);
	kit.traits.find = LOST_NATURAL;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(&f);
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	kit_again(&kit);
	f.agent_id = "4";
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	answer_found(&f);
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "80");
}

static void
absence_is_believed_of_a_consistent_list_alone(void **state)
{
	(void)state;
	kit.traits.consistent = true;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_ERETRY);
	assert_non_null(strstr(kit.failure.text, "nothing was written"));
	kit_again(&kit);
	/* Nor where a step before the silent one was answered by success. */
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit.answers[OPERATION_INSERT][0].out.written = true;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	kit_again(&kit);
	/* And a success without an id was a success. */
	kit_answer(&kit, OPERATION_INSERT, result(NULL, STATUS_NONE));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
}

static void
a_find_that_fails_leaves_it_unknown(void **state)
{
	(void)state;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	assert_int_equal(kit.failure.code, CODE_HRIS_OUTCOME_UNKNOWN);
}

static void
a_write_without_an_id_is_looked_up(void **state)
{
	(void)state;
	kit_answer(&kit, OPERATION_INSERT, result(NULL, STATUS_NONE));
	answer_found(row("82", STATUS_APPROVED, "[hrisgw 0707070707070707]"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "82");
	kit_again(&kit);
	kit_answer(&kit, OPERATION_INSERT, result(NULL, STATUS_NONE));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
}

/* A step after the one that wrote failed: what is not shown is not said to be absent. */
static void
a_write_that_fails_later_is_looked_up(void **state)
{
	(void)state;
	kit.traits.consistent = true;
	answer_found(NULL);
	answer_found(row("77", STATUS_APPROVED, "[hrisgw 0707070707070707]"));
	kit_answer(&kit, OPERATION_INSERT, (struct operation_out){.written = true});
	kit.answers[OPERATION_INSERT][0].code = CODE_HRIS_REFUSED;
	kit.answers[OPERATION_INSERT][0].text = "no";
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "77");
	kit_again(&kit);
	answer_found(NULL);
	kit_answer(&kit, OPERATION_INSERT, (struct operation_out){.written = true});
	kit.answers[OPERATION_INSERT][0].code = CODE_HRIS_REFUSED;
	kit.answers[OPERATION_INSERT][0].text = "no";
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EUNKNOWN);
	assert_non_null(strstr(kit.failure.text, "it was written, and then something failed"));
}

static bool
hangs_up(void *context)
{
	return (*(int *)context)++ > 0;
}

/* Nothing is begun for a caller that is gone, and what was begun is carried through. */
static void
a_caller_that_hung_up(void **state)
{
	int asked = 1;

	(void)state;
	kit.hris.gone = hangs_up;
	kit.hris.gone_context = &asked;
	(void)hris_insert(&kit.hris, &request, &done);
	assert_int_equal(kit.failure.code, CODE_GATEWAY_ABANDONED);
	assert_true(kit.hris.abandoned);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	kit_again(&kit);
	kit.hris.gone = hangs_up;
	kit.hris.gone_context = &asked;
	asked = 0;
	kit_answer(&kit, OPERATION_INSERT, result("77", STATUS_PENDING));
	answer_found(row("77", STATUS_APPROVED, NULL));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_false(kit.hris.abandoned);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
}

static void
a_clean_refusal_stays_one(void **state)
{
	(void)state;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit_count(&kit, OPERATION_FIND), 0);
	kit_again(&kit);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_UNAVAILABLE, "not sent");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_ERETRY);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
}

/* What looks as asked is somebody's dentist: only this request's own marker proves otherwise. */
static void
a_conflict_is_nothing_written(void **state)
{
	(void)state;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "overlap");
	answer_found(row("83", STATUS_APPROVED, "other"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_CONFLICT);
	assert_string_equal(kit.failure.text,
	    "overlap; nothing was written; on these days the HRIS holds already: 83");
	assert_string_equal(done.request_id, "");
	kit_again(&kit);
	kit.traits.find = LOST_NATURAL;
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "overlap");
	answer_found(row("83", STATUS_APPROVED, "other"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_CONFLICT);
	kit_again(&kit);
	/* One that has ended is in nobody's way, nor is one of another day. */
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "overlap");
	answer_found(row("84", STATUS_CANCELED, "other"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_string_equal(kit.failure.text, "overlap; nothing was written");
	kit_again(&kit);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "overlap");
	answer_found(on_another_day("84"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_string_equal(kit.failure.text, "overlap; nothing was written");
	kit_again(&kit);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "overlap");
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_CONFLICT);
	kit_again(&kit);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_CONFLICT, "there already");
	answer_found(row("85", STATUS_APPROVED, "[hrisgw 0707070707070707] note"));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_string_equal(done.request_id, "85");
}

static void
a_change_that_conflicts_names_the_other(void **state)
{
	struct found rows[2];

	(void)state;
	days[1].minutes = 480;
	rows[0] = *row("90", STATUS_APPROVED, NULL);
	rows[1] = *row("91", STATUS_PENDING, NULL);
	answer_found(row("90", STATUS_APPROVED, NULL));
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_CONFLICT, "overlap");
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_CONFLICT);
	assert_string_equal(kit.failure.text,
	    "overlap; nothing was written; on these days the HRIS holds already: 91");
}

/* APPROVED was asked, and the HRIS answers with a word that no map knows. */
static void
a_status_that_is_not_known_is_not_approved(void **state)
{
	static const struct {
		const char *name;
		bool finds, approves;
		enum timeoff_status shown;
		const char *word; /* shown; NULL: nothing is */
		enum fail_code code;
		const char *text;
	} cases[] = {
	    {"looked up", true, false, STATUS_APPROVED, "ok", CODE_NONE, NULL},
	    {"still not known", true, false, STATUS_NONE, "in review", CODE_HRIS_NOT_APPROVED,
		"request 77 was written and its status in the HRIS is \"in review\""},
	    {"pending", true, false, STATUS_PENDING, "open", CODE_HRIS_NOT_APPROVED,
		"request 77 was written and stands as pending"},
	    {"denied", true, false, STATUS_DENIED, "no", CODE_HRIS_NOT_APPROVED,
		"request 77 was written and the HRIS shows it as DENIED"},
	    {"not shown", true, false, STATUS_NONE, NULL, CODE_HRIS_NOT_APPROVED,
		"its status in the HRIS is \"new\""},
	    {"cannot be looked up", false, false, STATUS_NONE, NULL, CODE_HRIS_NOT_APPROVED,
		"its status in the HRIS is \"new\""},
	    {"an approval that shows no word we know", true, true, STATUS_NONE, "second look",
		CODE_HRIS_NOT_APPROVED, "shows it as \"second look\""},
	    {"an approval", true, true, STATUS_APPROVED, "ok", CODE_NONE, NULL},
	};
	struct operation_out out = result("77", STATUS_NONE);
	struct found *f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		kit.traits.has[OPERATION_FIND] = cases[i].finds;
		kit.traits.has[OPERATION_APPROVE] = cases[i].approves;
		out.result.status_word = "new";
		kit_answer(&kit, OPERATION_INSERT, out);
		f = row("77", cases[i].shown, NULL);
		f->status_word = cases[i].word;
		answer_found(cases[i].word == NULL ? NULL : f);
		(void)hris_insert(&kit.hris, &request, &done);
		if (kit.failure.code != cases[i].code ||
		    (cases[i].text != NULL && strstr(kit.failure.text, cases[i].text) == NULL))
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
		assert_string_equal(done.request_id, "77");
	}
	/* A change to APPROVED is judged alike. */
	kit_again(&kit);
	kit.traits.has[OPERATION_FIND] = true;
	kit.traits.has[OPERATION_APPROVE] = false;
	days[1].minutes = 480;
	answer_found(row("90", STATUS_APPROVED, NULL));
	f = row("91", STATUS_NONE, NULL);
	f->amount = "16";
	f->status_word = "in review";
	answer_found(f);
	out.result.id = "91";
	kit_answer(&kit, OPERATION_CHANGE, out);
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_NOT_APPROVED);
	assert_non_null(strstr(kit.failure.text, "\"in review\""));
}

static void
approved_that_came_back_pending_is_approved(void **state)
{
	(void)state;
	kit_answer(&kit, OPERATION_INSERT, result("85", STATUS_PENDING));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(done.status, STATUS_APPROVED);
	assert_string_equal(kit.ins[2].request_id, "85");
	kit_again(&kit);
	kit_answer(&kit, OPERATION_INSERT, result("86", STATUS_PENDING));
	kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_FORBIDDEN, "may not");
	answer_found(row("86", STATUS_PENDING, NULL));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_NOT_APPROVED);
	assert_string_equal(done.request_id, "86");
	kit_again(&kit);
	/* An HRIS that approves by itself refuses to do it again. */
	kit_answer(&kit, OPERATION_INSERT, result("87", STATUS_NONE));
	kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_REFUSED, "cannot approve");
	answer_found(row("87", STATUS_APPROVED, NULL));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(done.status, STATUS_APPROVED);
}

static void
amounts_that_cannot_be_said_are_refused(void **state)
{
	(void)state;
	kit.traits.amounts_declared = true;
	kit.traits.can[UNIT_DAYS] = true;
	assert_true(decimal_parse("0.5", &kit.traits.step[UNIT_DAYS]));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_AMOUNT);
	kit_again(&kit);
	request.type_id = "2";
	kit_answer(&kit, OPERATION_INSERT, result("88", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	kit_again(&kit);
	days[1].minutes = 100;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	kit_again(&kit);
	days[1].minutes = 240;
	kit.traits.runs = RUNS_WHOLE;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	kit_again(&kit);
	kit.traits.runs = RUNS_ENDS;
	kit_answer(&kit, OPERATION_INSERT, result("89", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
}

/* When a day begins and ends, and which part of it that is. */
static void
the_times_of_a_day(void **state)
{
	static const struct {
		const char *from; /* NULL: not given; the route says 09:00 */
		int minutes;
		const char *begins, *ends, *part;
	} cases[] = {
	    {NULL, 480, "09:00", "17:00", "day"},
	    {NULL, 900, "09:00", "24:00", "day"},
	    {NULL, 1000, "07:20", "24:00", "day"},
	    {NULL, 1440, "00:00", "24:00", "day"},
	    {"20:00", 240, "20:00", "24:00", "pm"},
	    {"00:00", 120, "00:00", "02:00", "am"},
	};
	size_t i;

	(void)state;
	request.n_days = 1;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		days[0].from = cases[i].from;
		days[0].minutes = cases[i].minutes;
		kit_answer(&kit, OPERATION_INSERT, result("77", STATUS_APPROVED));
		assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
		assert_string_equal(
		    kit.ins[kit_last(&kit, OPERATION_INSERT)].days[0].from, cases[i].begins);
		assert_string_equal(
		    kit.ins[kit_last(&kit, OPERATION_INSERT)].days[0].to, cases[i].ends);
		assert_string_equal(
		    kit.ins[kit_last(&kit, OPERATION_INSERT)].days[0].part, cases[i].part);
	}
}

/* 00:00 to 06:00 and 22:00 to 24:00 are no 8 hours from midnight on. */
static void
times_apart_are_no_span(void **state)
{
	(void)state;
	days[0].from = "00:00";
	days[0].apart = true;
	kit.traits.spans = true;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_AMOUNT);
	assert_non_null(strstr(kit.failure.text, "nothing was written"));
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	kit_again(&kit);
	/* An HRIS that takes minutes alone takes them. */
	kit.traits.spans = false;
	kit_answer(&kit, OPERATION_INSERT, result("77", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
}

static void
a_span_of_days_is_bounded(void **state)
{
	(void)state;
	days[1].date.day = days[0].date.day + LIMIT_DATES;
	request.max_date = days[1].date;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_LIMIT);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	kit_again(&kit);
	kit_answer(&kit, OPERATION_INSERT, result("9", STATUS_APPROVED));
	days[1].date.day--;
	request.max_date = days[1].date;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
}

static void
cancel_and_deny(void **state)
{
	(void)state;
	request.type_id = "99"; /* what ends may be of a type that is no more */
	answer_found(row("90", STATUS_APPROVED, NULL));
	answer_found(row("90", STATUS_CANCELED, NULL));
	assert_int_equal(update_to(STATUS_CANCELED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	assert_string_equal(done.request_id, "90");
	kit_again(&kit);
	answer_found(row("90", STATUS_PENDING, NULL));
	answer_found(row("90", STATUS_DENIED, NULL));
	assert_int_equal(update_to(STATUS_DENIED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_DENY), 1);
	kit_again(&kit);
	kit.traits.has[OPERATION_DENY] = false;
	answer_found(row("90", STATUS_PENDING, NULL));
	answer_found(NULL);
	assert_int_equal(update_to(STATUS_DENIED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	kit_again(&kit);
	/* Already so: nothing to do. Not there: an error. */
	answer_found(row("90", STATUS_CANCELED, NULL));
	assert_int_equal(update_to(STATUS_CANCELED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
	kit_again(&kit);
	answer_found(NULL);
	assert_int_equal(update_to(STATUS_CANCELED), GW_ENOTFOUND);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
	assert_string_equal(done.request_id, "90");
}

static void
another_agents_request_is_as_if_it_were_not_there(void **state)
{
	static const enum timeoff_status all[] = {
	    STATUS_CANCELED, STATUS_DENIED, STATUS_PENDING, STATUS_APPROVED};
	struct found rows[2];
	size_t i, write;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		rows[0] = *row("90", STATUS_PENDING, NULL);
		rows[0].agent_id = "5";
		answer_found(&rows[0]);
		assert_int_equal(update_to(all[i]), GW_ENOTFOUND);
		assert_string_equal(
		    kit.failure.text, "the HRIS has no request 90; nothing was written");
		/* Nor is one of two records, of which one is another's. */
		kit_again(&kit);
		rows[0].agent_id = "4";
		rows[1] = rows[0];
		rows[1].agent_id = "5";
		kit_answer(
		    &kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
		assert_int_equal(update_to(all[i]), GW_ENOTFOUND);
		for (write = OPERATION_INSERT; write <= OPERATION_DENY; write++)
			assert_int_equal(kit_count(&kit, (enum operation)write), 0);
		kit_again(&kit);
	}
	rows[0].agent_id = "4";
	answer_found(&rows[0]);
	rows[1] = rows[0];
	rows[1].status = STATUS_CANCELED;
	answer_found(&rows[1]);
	assert_int_equal(update_to(STATUS_CANCELED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
}

static void
the_fate_of_a_lost_cancel(void **state)
{
	(void)state;
	answer_found(row("90", STATUS_APPROVED, NULL));
	answer_found(row("90", STATUS_CANCELED, NULL));
	kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_CANCELED), GW_OK);
	kit_again(&kit);
	answer_found(row("90", STATUS_APPROVED, NULL));
	kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_CANCELED), GW_EUNKNOWN);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	kit_again(&kit);
	/* Gone, but not by a success of ours: not known. */
	answer_found(row("90", STATUS_APPROVED, NULL));
	answer_found(NULL);
	kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_CANCELED), GW_EUNKNOWN);
}

/* What may be sent twice is, where a look shows that nothing has come of the first. */
static void
a_lost_cancel_may_be_sent_again(void **state)
{
	static const struct {
		const char *name;
		enum timeoff_status shown; /* NONE: nothing is shown */
		enum fail_code second;
		bool written;
		enum timeoff_status later;
		enum fail_code code;
		size_t sent;
	} cases[] = {
	    {"done by the second", STATUS_APPROVED, CODE_NONE, true, STATUS_CANCELED, CODE_NONE, 2},
	    {"done by the first after all", STATUS_APPROVED, CODE_HRIS_REFUSED, false,
		STATUS_CANCELED, CODE_NONE, 2},
	    {"the second is refused", STATUS_APPROVED, CODE_HRIS_REFUSED, false, STATUS_APPROVED,
		CODE_HRIS_OUTCOME_UNKNOWN, 2},
	    {"a step after the second fails", STATUS_APPROVED, CODE_HRIS_REFUSED, true, STATUS_NONE,
		CODE_NONE, 2},
	    {"the second is refused, and it is gone", STATUS_APPROVED, CODE_HRIS_REFUSED, false,
		STATUS_NONE, CODE_HRIS_OUTCOME_UNKNOWN, 2},
	    {"the second is lost", STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, false,
		STATUS_APPROVED, CODE_HRIS_OUTCOME_UNKNOWN, 2},
	    {"done by the first", STATUS_CANCELED, CODE_NONE, true, STATUS_CANCELED, CODE_NONE, 1},
	    {"nothing is shown", STATUS_NONE, CODE_NONE, true, STATUS_NONE,
		CODE_HRIS_OUTCOME_UNKNOWN, 1},
	};
	int64_t asked_ms;
	size_t i;

	(void)state;
	kit.traits.again[OPERATION_CANCEL] = true;
	kit.traits.settle_ms = 1000;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		answer_found(row("90", STATUS_APPROVED, NULL));
		answer_found(
		    cases[i].shown == STATUS_NONE ? NULL : row("90", cases[i].shown, NULL));
		answer_found(
		    cases[i].later == STATUS_NONE ? NULL : row("90", cases[i].later, NULL));
		kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
		kit_answer(
		    &kit, OPERATION_CANCEL, (struct operation_out){.written = cases[i].written});
		kit.answers[OPERATION_CANCEL][1].code = cases[i].second;
		kit.answers[OPERATION_CANCEL][1].text = "no";
		asked_ms = kit.mono_ms;
		(void)update_to(STATUS_CANCELED);
		assert_true(kit.mono_ms - asked_ms >= 1000);
		if (kit.failure.code != cases[i].code ||
		    kit_count(&kit, OPERATION_CANCEL) != cases[i].sent)
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
	}
	/* What was refused is not, nor what was answered by success before it was lost. */
	for (i = 0; i < 2; i++) {
		kit_again(&kit);
		answer_found(row("90", STATUS_APPROVED, NULL));
		kit_answer(&kit, OPERATION_CANCEL, (struct operation_out){.written = i == 1});
		kit.answers[OPERATION_CANCEL][0].code =
		    i == 0 ? CODE_HRIS_REFUSED : CODE_HRIS_OUTCOME_UNKNOWN;
		kit.answers[OPERATION_CANCEL][0].text = "no";
		assert_int_equal(update_to(STATUS_CANCELED), i == 0 ? GW_EREFUSED : GW_EUNKNOWN);
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	}
	/* Where nobody can look, it is not. */
	kit_again(&kit);
	kit.traits.has[OPERATION_FIND] = false;
	kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_CANCELED), GW_EUNKNOWN);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
}

/* What an HRIS says of an approval, a cancellation or a denial, and what it shows. */
static void
a_success_is_judged_by_the_state(void **state)
{
	static const struct {
		const char *name;
		enum timeoff_status to, shown, later; /* NONE: nothing is shown */
		enum fail_code said;
		bool written;
		enum fail_code code;
	} cases[] = {
	    {"cancelled", STATUS_CANCELED, STATUS_DENIED, STATUS_NONE, CODE_NONE, true, CODE_NONE},
	    {"gone", STATUS_CANCELED, STATUS_NONE, STATUS_NONE, CODE_NONE, true, CODE_NONE},
	    {"shown late", STATUS_CANCELED, STATUS_PENDING, STATUS_CANCELED, CODE_NONE, true,
		CODE_NONE},
	    {"it did nothing", STATUS_CANCELED, STATUS_PENDING, STATUS_PENDING, CODE_NONE, true,
		CODE_HRIS_OUTCOME_UNKNOWN},
	    {"nor at denying", STATUS_DENIED, STATUS_APPROVED, STATUS_APPROVED, CODE_NONE, true,
		CODE_HRIS_OUTCOME_UNKNOWN},
	    {"approved", STATUS_APPROVED, STATUS_APPROVED, STATUS_NONE, CODE_NONE, true, CODE_NONE},
	    {"wants another approval", STATUS_APPROVED, STATUS_PENDING, STATUS_PENDING, CODE_NONE,
		true, CODE_HRIS_NOT_APPROVED},
	    {"the adapter says so", STATUS_APPROVED, STATUS_PENDING, STATUS_PENDING,
		CODE_HRIS_UNSUPPORTED, true, CODE_HRIS_NOT_APPROVED},
	    {"a step after the success failed", STATUS_APPROVED, STATUS_APPROVED, STATUS_NONE,
		CODE_HRIS_UNAVAILABLE, true, CODE_NONE},
	    {"and nothing is shown", STATUS_APPROVED, STATUS_NONE, STATUS_NONE,
		CODE_HRIS_UNAVAILABLE, true, CODE_HRIS_OUTCOME_UNKNOWN},
	    {"not sent", STATUS_APPROVED, STATUS_PENDING, STATUS_PENDING, CODE_HRIS_UNAVAILABLE,
		false, CODE_HRIS_UNAVAILABLE},
	};
	static const enum operation ops[] = {[STATUS_APPROVED] = OPERATION_APPROVE,
	    [STATUS_DENIED] = OPERATION_DENY,
	    [STATUS_CANCELED] = OPERATION_CANCEL};
	struct operation_out out = {.written = true};
	enum operation op;
	size_t i;

	(void)state;
	kit.traits.settle_ms = 1000;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		op = ops[cases[i].to];
		answer_found(row(
		    "90", cases[i].to == STATUS_DENIED ? STATUS_APPROVED : STATUS_PENDING, NULL));
		answer_found(
		    cases[i].shown == STATUS_NONE ? NULL : row("90", cases[i].shown, NULL));
		if (cases[i].later != STATUS_NONE)
			answer_found(row("90", cases[i].later, NULL));
		kit_answer(&kit, op, out);
		kit.answers[op][0].code = cases[i].said;
		kit.answers[op][0].text = "said";
		kit.answers[op][0].out.written = cases[i].written;
		(void)update_to(cases[i].to);
		if (kit.failure.code != cases[i].code)
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
		if (kit.failure.code == CODE_HRIS_OUTCOME_UNKNOWN)
			assert_non_null(strstr(kit.failure.text, "request 90 of agent 4"));
		assert_int_equal(kit_count(&kit, op), 1);
	}
}

/* An approval that was lost after an insert: whether it is approved is not known. */
static void
a_lost_approval_is_not_reported_as_pending(void **state)
{
	(void)state;
	kit_answer(&kit, OPERATION_INSERT, result("86", STATUS_PENDING));
	kit_fail(&kit, OPERATION_APPROVE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	kit_fail(&kit, OPERATION_FIND, CODE_HRIS_UNAVAILABLE, "down");
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_NOT_APPROVED);
	assert_non_null(strstr(kit.failure.text, "may stand as pending"));
	assert_string_equal(done.request_id, "86");
}

static void
what_is_turned_down_at_once_is_no_success(void **state)
{
	(void)state;
	kit_answer(&kit, OPERATION_INSERT, result("95", STATUS_DENIED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_NOT_APPROVED);
	assert_string_equal(done.request_id, "95");
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 0);
}

static int64_t
a_second(void *context, const struct http_peer *peer)
{
	(void)context;
	(void)peer;
	return 1000;
}

/* At a second a call, as it was measured, six calls may follow an insert. */
static void
too_little_time_writes_nothing(void **state)
{
	const struct transport slow = {.pace = a_second};

	(void)state;
	kit.hris.transport = &slow;
	kit.traits.settle_ms = 5000;
	kit.hris.deadline_ms = kit.mono_ms + 16999;
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_ERETRY);
	assert_int_equal(kit.failure.code, CODE_HRIS_TIMEOUT);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
	kit_again(&kit);
	kit.hris.transport = &slow;
	kit.hris.deadline_ms = kit.mono_ms + 17000;
	kit_answer(&kit, OPERATION_INSERT, result("77", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
	assert_int_equal(hris_insert_ms(&kit.traits), 17000);
	/* Where nothing was measured, a guess refuses nothing. */
	kit_again(&kit);
	kit.hris.transport = NULL;
	kit.hris.deadline_ms = kit.mono_ms + 12000;
	kit_answer(&kit, OPERATION_INSERT, result("78", STATUS_APPROVED));
	assert_int_equal(hris_insert(&kit.hris, &request, &done), GW_OK);
}

/* What looked the same before proves nothing. */
static void
proof_that_is_none(void **state)
{
	(void)state;
	kit.traits.consistent = true;
	kit.traits.settle_ms = 5000;
	kit.traits.find = LOST_NATURAL;
	answer_found(row("90", STATUS_APPROVED, NULL));
	request.skip_balance = true;
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_PENDING), GW_EUNKNOWN);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
}

static void
which_operation_an_update_is(void **state)
{
	(void)state;
	answer_found(row("90", STATUS_APPROVED, NULL));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE) + kit_count(&kit, OPERATION_APPROVE), 0);
	kit_again(&kit);
	answer_found(row("90", STATUS_PENDING, NULL));
	answer_found(row("90", STATUS_APPROVED, NULL));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 0);
	kit_again(&kit);
	days[1].minutes = 480;
	answer_found(row("90", STATUS_APPROVED, NULL));
	kit_answer(&kit, OPERATION_CHANGE, result("91", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
	assert_string_equal(done.request_id, "91");
	kit_again(&kit);
	answer_found(row("90", STATUS_CANCELED, NULL));
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 0);
}

static void
an_hris_that_cannot_be_asked_is_simply_told(void **state)
{
	(void)state;
	kit.traits.has[OPERATION_FIND] = false;
	kit_answer(&kit, OPERATION_CHANGE, result("90", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
	kit_again(&kit);
	kit.traits.has[OPERATION_FIND] = false;
	assert_int_equal(update_to(STATUS_CANCELED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	kit_again(&kit);
	kit.traits.has[OPERATION_FIND] = false;
	kit_fail(&kit, OPERATION_CANCEL, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_CANCELED), GW_EUNKNOWN);
}

static void
listed_days_that_differ_are_a_change(void **state)
{
	static struct found_day listed[2];
	struct found *f = row("90", STATUS_PENDING, NULL);

	(void)state;
	listed[0] = (struct found_day){kit_date("2027-03-01"), "4", UNIT_HOURS, NULL, NULL};
	listed[1] = (struct found_day){kit_date("2027-03-02"), "8", UNIT_HOURS, NULL, NULL};
	f->days = listed;
	f->n_days = 2;
	answer_found(f);
	kit_answer(&kit, OPERATION_CHANGE, result("92", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
	kit_again(&kit);
	/* Listed days count only where they add up to the total. */
	f->n_days = 1;
	answer_found(f);
	answer_found(row("90", STATUS_APPROVED, NULL));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
}

/* Alike in type, days and minutes: the time within the day counts where the HRIS gets it. */
static void
another_time_of_the_day_is_a_change(void **state)
{
	static const struct {
		const char *held, *asked;
		int minutes;
		bool spans, change;
	} cases[] = {
	    {"9:00", "09:00", 240, true, false},
	    {"13:00", "09:00", 240, true, true},
	    {"am", "09:00", 240, true, false},
	    {"pm", "09:00", 240, true, true},
	    {NULL, "09:00", 240, true, true},
	    {NULL, "09:00", 240, false, false},
	    {NULL, "09:00", 480, true, false},
	};
	struct found *f, *changed;
	size_t i;

	(void)state;
	request.n_days = 1;
	request.max_date = days[0].date;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		kit.traits.spans = cases[i].spans;
		days[0].from = cases[i].asked;
		days[0].minutes = cases[i].minutes;
		f = row("90", STATUS_APPROVED, NULL);
		f->end = f->start;
		f->amount = cases[i].minutes == 240 ? "4" : "8";
		f->from = cases[i].held;
		answer_found(f);
		changed = row("90", STATUS_APPROVED, NULL);
		changed->end = f->end;
		changed->amount = f->amount;
		changed->from = cases[i].asked;
		answer_found(changed);
		kit_answer(&kit, OPERATION_CHANGE, result("90", STATUS_APPROVED));
		assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
		assert_int_equal(kit_count(&kit, OPERATION_CHANGE), cases[i].change);
	}
}

/* The next look shows both rows as approved. */
static void
answer_approved(const struct found rows[2], struct found approved[2])
{
	approved[0] = rows[0];
	approved[1] = rows[1];
	approved[0].status = approved[1].status = STATUS_APPROVED;
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = approved, .n_found = 2});
}

/* Odoo keeps a request of several runs as several records. */
static void
rows_of_one_id_are_one_request(void **state)
{
	struct found rows[2], approved[2];

	(void)state;
	days[1] = (struct day){.date = kit_date("2027-03-08"), .minutes = 480};
	request.max_date = days[1].date;
	rows[0] = *row("90", STATUS_PENDING, NULL);
	rows[0].end = rows[0].start;
	rows[0].amount = "8";
	rows[1] = rows[0];
	rows[1].start = rows[1].end = kit_date("2027-03-08");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	answer_approved(rows, approved);
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
	kit_again(&kit);
	/* Rows of several days: by first and last day and the sum. */
	rows[0] = *row("90", STATUS_PENDING, NULL);
	rows[0].amount = "16";
	rows[1].end = kit_date("2027-03-09");
	rows[1].amount = "16";
	days[1].minutes = 1440;
	request.max_date = kit_date("2027-03-09");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	answer_approved(rows, approved);
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
	kit_again(&kit);
	rows[1].status = STATUS_APPROVED;
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	kit_answer(&kit, OPERATION_CHANGE, result("91", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 1);
}

/* The list grew while its pages were read: the last of one page is the first of the next. */
static void
a_row_that_is_told_twice_counts_once(void **state)
{
	struct found rows[2];

	(void)state;
	rows[0] = *row("90", STATUS_PENDING, "a note");
	rows[1] = *row("90", STATUS_PENDING, "a note");
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	answer_found(row("90", STATUS_APPROVED, "a note"));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 1);
	assert_int_equal(kit_count(&kit, OPERATION_CHANGE), 0);
	kit_again(&kit);
	/* One id, two types: that is no request to approve. */
	rows[0] = *row("90", STATUS_PENDING, NULL);
	rows[1] = rows[0];
	rows[0].amount = "6";
	rows[1].amount = "6";
	rows[1].type_id = "2";
	kit_answer(&kit, OPERATION_FIND, (struct operation_out){.found = rows, .n_found = 2});
	kit_answer(&kit, OPERATION_CHANGE, result("91", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_int_equal(kit_count(&kit, OPERATION_APPROVE), 0);
}

static void
an_update_counts_what_it_holds(void **state)
{
	static const struct {
		const char *name;
		const char *type_id;
		enum timeoff_status was;
		bool pending_taken_off;
		const char *balance; /* hours; the request grows from 12 h to 16 h */
		bool enough;
	} cases[] = {
	    {"an approved one is available again", "1", STATUS_APPROVED, false, "4", true},
	    {"but not more", "1", STATUS_APPROVED, false, "3.9", false},
	    {"a pending one that was not taken off is not", "1", STATUS_PENDING, false, "4", false},
	    {"nor a minute of it", "1", STATUS_PENDING, false, "15.99", false},
	    {"nor what was taken from another balance", "2", STATUS_APPROVED, false, "4", false},
	    {"a pending one that was taken off is", "1", STATUS_PENDING, true, "4", true},
	};
	struct found *held;
	size_t i;

	(void)state;
	days[1].minutes = 480;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		kit_again(&kit);
		held = row("90", cases[i].was, NULL);
		held->type_id = cases[i].type_id;
		answer_found(held);
		answer_balance(cases[i].balance, cases[i].pending_taken_off);
		kit_answer(&kit, OPERATION_CHANGE, result("93", STATUS_PENDING));
		if ((update_to(STATUS_PENDING) == GW_OK) != cases[i].enough)
			fail_msg("%s: %s", cases[i].name, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_CHANGE), cases[i].enough);
	}
}

/* The request with its days, so that it can be entered again. */
static struct found *
listed(const char *id)
{
	static struct found_day both[2];
	struct found *f = row(id, STATUS_APPROVED, NULL);

	both[0] = (struct found_day){kit_date("2027-03-01"), "8", UNIT_HOURS, NULL, NULL};
	both[1] = (struct found_day){kit_date("2027-03-02"), "4", UNIT_HOURS, NULL, NULL};
	f->days = both;
	f->n_days = 2;
	return f;
}

/* What this HRIS cannot change is cancelled and entered anew. */
static void
replace_cancels_and_inserts(void **state)
{
	struct found *anew = row("91", STATUS_APPROVED, NULL);

	(void)state;
	days[1].minutes = 480;
	anew->amount = "16";
	answer_found(row("90", STATUS_APPROVED, NULL));
	answer_found(row("90", STATUS_CANCELED, NULL));
	answer_found(anew);
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
	kit_answer(&kit, OPERATION_INSERT, result("91", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_string_equal(done.request_id, "91");
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
}

/* Nothing that stood is lost: what was cancelled is entered again where the new one is refused. */
static void
replace_enters_the_old_one_again(void **state)
{
	(void)state;
	days[1].minutes = 480;
	answer_found(listed("90"));
	answer_found(row("90", STATUS_CANCELED, NULL));
	answer_found(row("92", STATUS_APPROVED, NULL));
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	kit_answer(&kit, OPERATION_INSERT, result("92", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_DIFFERENT);
	assert_string_equal(done.request_id, "92");
	assert_non_null(strstr(kit.failure.text, "entered again as 92"));
}

static void
replace_says_what_nothing_stands_for(void **state)
{
	(void)state;
	days[1].minutes = 480;
	answer_found(listed("90"));
	answer_found(row("90", STATUS_CANCELED, NULL));
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 2);
	assert_true(text_starts(kit.failure.text,
	    "request 90 (2027-03-01 to 2027-03-02, 720 minutes) was cancelled and nothing stands in its place"));
}

/* Before anything is cancelled it is known that the new one can be entered. */
static void
replace_needs_both(void **state)
{
	static const enum operation lacks[] = {OPERATION_CANCEL, OPERATION_INSERT};
	size_t i;

	(void)state;
	days[1].minutes = 480;
	for (i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		kit_again(&kit);
		answer_found(listed("90"));
		kit_answer(&kit, OPERATION_CHANGE,
		    (struct operation_out){.replace = REPLACE_CANCEL_FIRST});
		kit.traits.has[lacks[i]] = false;
		(void)update_to(STATUS_APPROVED);
		assert_int_equal(kit.failure.code, CODE_HRIS_UNSUPPORTED);
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
		assert_int_equal(kit_count(&kit, OPERATION_INSERT), 0);
		kit.traits.has[lacks[i]] = true;
	}
}

/* Where the HRIS takes both, what stood is cancelled last. */
static void
replace_may_create_first(void **state)
{
	struct found *anew = row("91", STATUS_APPROVED, NULL);

	(void)state;
	days[1].minutes = 480;
	anew->amount = "16";
	answer_found(row("90", STATUS_APPROVED, NULL));
	answer_found(anew);
	answer_found(row("90", STATUS_CANCELED, NULL));
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CREATE_FIRST});
	kit_answer(&kit, OPERATION_INSERT, result("91", STATUS_APPROVED));
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_string_equal(done.request_id, "91");
	assert_int_equal(kit_count(&kit, OPERATION_INSERT), 1);
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
	assert_int_equal(kit.calls[kit.n_calls - 2], OPERATION_CANCEL);
}

/* 90 is to become two whole days, by entering them first; what the HRIS shows, in order. */
static void
create_first_shows(const char *const *shown)
{
	static const enum timeoff_status statuses[] = {
	    ['A'] = STATUS_APPROVED, ['C'] = STATUS_CANCELED, ['P'] = STATUS_PENDING};
	struct found *f;

	kit_again(&kit);
	days[1].minutes = 480;
	for (; *shown != NULL; shown++) {
		f = row(*shown + 1, statuses[(unsigned char)**shown], NULL);
		f->amount = f->id[1] == '0' ? "12" : "16";
		answer_found(f);
	}
	kit_answer(&kit, OPERATION_CHANGE, (struct operation_out){.replace = REPLACE_CREATE_FIRST});
}

/* The old one is not touched before the new one is known to stand. */
static void
create_first_leaves_the_old_one(void **state)
{
	static const char *const shows[] = {"A90", NULL};

	(void)state;
	create_first_shows(shows);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_REFUSED, "no");
	assert_int_equal(update_to(STATUS_APPROVED), GW_EREFUSED);
	assert_string_equal(done.request_id, "90");
	assert_string_equal(kit.failure.text, "no");
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
	create_first_shows(shows);
	kit_fail(&kit, OPERATION_INSERT, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_APPROVED), GW_EUNKNOWN);
	assert_string_equal(done.request_id, "90");
	assert_non_null(strstr(kit.failure.text,
	    "request 90 (2027-03-01 to 2027-03-02, 720 minutes) was not cancelled, and what was to take its place is not known"));
	assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 0);
}

/* Where the old one does not end, both are named; where it ended by another, all is well. */
static void
create_first_names_both(void **state)
{
	static const struct {
		const char *shows[4];
		enum fail_code cancel, code;
		const char *id, *says;
	} rows[] = {
	    {{"A90", "A91", "A90", NULL}, CODE_HRIS_REFUSED, CODE_HRIS_DIFFERENT, "90",
		"could not be cancelled (no), and request 91, which was entered to take its place, was not taken back: both stand"},
	    {{"A90", "A91", "A90", NULL}, CODE_HRIS_OUTCOME_UNKNOWN, CODE_HRIS_OUTCOME_UNKNOWN,
		"90",
		"request 91 was entered, and whether request 90 (2027-03-01 to 2027-03-02, 720 minutes), whose place it is to take, was cancelled is not known"},
	    {{"A90", "A91", "C90", NULL}, CODE_HRIS_REFUSED, CODE_NONE, "91", ""},
	    {{"A90", "A91", "C90", NULL}, CODE_NONE, CODE_NONE, "91", ""},
	    /* It waits for an approval, and the old one is cancelled all the same. */
	    {{"A90", "P91", "C90", NULL}, CODE_NONE, CODE_HRIS_NOT_APPROVED, "90",
		"request 91 was written and stands as pending; approve it in the HRIS; it is in the place of request 90"},
	    {{"A90", "P91", "A90", NULL}, CODE_HRIS_REFUSED, CODE_HRIS_DIFFERENT, "90",
		"could not be cancelled (no), and request 91, which was entered to take its place, was not taken back: both stand"},
	};
	size_t i;

	(void)state;
	kit.traits.has[OPERATION_APPROVE] = false;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		create_first_shows(rows[i].shows);
		kit_answer(&kit, OPERATION_INSERT,
		    result("91", rows[i].shows[1][0] == 'P' ? STATUS_PENDING : STATUS_APPROVED));
		if (rows[i].cancel != CODE_NONE)
			kit_fail(&kit, OPERATION_CANCEL, rows[i].cancel, "no");
		(void)update_to(STATUS_APPROVED);
		if (kit.failure.code != rows[i].code || strcmp(done.request_id, rows[i].id) != 0 ||
		    strstr(kit.failure.text, rows[i].says) == NULL)
			fail_msg("row %zu: %s, %s", i, done.request_id, kit.failure.text);
		assert_int_equal(kit_count(&kit, OPERATION_CANCEL), 1);
		assert_string_equal(kit.ins[kit_last(&kit, OPERATION_CANCEL)].request_id, "90");
	}
}

static void
a_lost_change_is_looked_for_over_old_and_new_days(void **state)
{
	struct found *moved = row("90", STATUS_APPROVED, NULL);
	size_t last;

	(void)state;
	moved->start = kit_date("2027-02-20");
	answer_found(moved);
	answer_found(row("94", STATUS_APPROVED, "[hrisgw 0707070707070707]"));
	kit_fail(&kit, OPERATION_CHANGE, CODE_HRIS_OUTCOME_UNKNOWN, "silence");
	assert_int_equal(update_to(STATUS_APPROVED), GW_OK);
	assert_string_equal(done.request_id, "94");
	last = kit.n_calls - 2; /* after it the request is read by its id */
	assert_int_equal(kit.calls[last], OPERATION_FIND);
	assert_int_equal(kit.ins[last].min_date.day, kit_date("2027-02-20").day);
	assert_int_equal(kit.ins[last].max_date.day, kit_date("2027-03-02").day);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(approved_skips_the_balance),
	    T(pending_asks_for_the_balance),
	    T(other_pending_requests_are_taken_off),
	    T(unknown_balance_or_type_writes_nothing),
	    T(a_lost_write_is_found_by_its_marker),
	    T(a_look_alike_proves_nothing_where_markers_are_kept),
	    T(another_agents_row_is_not_the_write_that_was_lost),
	    T(absence_is_believed_of_a_consistent_list_alone),
	    T(a_find_that_fails_leaves_it_unknown),
	    T(a_write_without_an_id_is_looked_up),
	    T(a_write_that_fails_later_is_looked_up),
	    T(a_caller_that_hung_up),
	    T(a_clean_refusal_stays_one),
	    T(what_is_new_since_the_write),
	    T(likeness_of_an_older_request_is_no_proof),
	    T(a_lost_change_is_told_by_what_differs),
	    T(a_conflict_is_nothing_written),
	    T(a_change_that_conflicts_names_the_other),
	    T(a_status_that_is_not_known_is_not_approved),
	    T(approved_that_came_back_pending_is_approved),
	    T(amounts_that_cannot_be_said_are_refused),
	    T(the_times_of_a_day),
	    T(times_apart_are_no_span),
	    T(a_span_of_days_is_bounded),
	    T(cancel_and_deny),
	    T(another_agents_request_is_as_if_it_were_not_there),
	    T(the_fate_of_a_lost_cancel),
	    T(a_lost_cancel_may_be_sent_again),
	    T(a_success_is_judged_by_the_state),
	    T(a_lost_approval_is_not_reported_as_pending),
	    T(what_is_turned_down_at_once_is_no_success),
	    T(too_little_time_writes_nothing),
	    T(proof_that_is_none),
	    T(which_operation_an_update_is),
	    T(an_hris_that_cannot_be_asked_is_simply_told),
	    T(listed_days_that_differ_are_a_change),
	    T(another_time_of_the_day_is_a_change),
	    T(rows_of_one_id_are_one_request),
	    T(a_row_that_is_told_twice_counts_once),
	    T(an_update_counts_what_it_holds),
	    T(replace_cancels_and_inserts),
	    T(replace_enters_the_old_one_again),
	    T(replace_says_what_nothing_stands_for),
	    T(replace_needs_both),
	    T(replace_may_create_first),
	    T(create_first_leaves_the_old_one),
	    T(create_first_names_both),
	    T(a_lost_change_is_looked_for_over_old_and_new_days),
	};

	return cmocka_run_group_tests_name("hris_write", tests, NULL, NULL);
}
