/* test_days.c: the days of a request: what an HRIS can say, what is one run, spans made days. */
#include "tests/unit/kit/hris_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "hris/look.h"
#include "hris/policy.h"
#include "hris/verify.h"

enum { DAYS_MAX = 8 };

static struct kit kit;

static int
open_kit(void **state)
{
	(void)state;
	kit_open(&kit);
	return 0;
}

static int
close_kit(void **state)
{
	(void)state;
	kit_close(&kit);
	return 0;
}

/* "2:480 3:240": minutes by day of March 2026; a letter after the minutes: 'w' whole, 'a' apart. */
static size_t
read_days(const char *text, struct day *days)
{
	size_t n = 0;
	int at, day, minutes;

	for (; sscanf(text, "%d:%d%n", &day, &minutes, &at) == 2; text += at) {
		days[n] = (struct day){.date = kit_date("2026-03-01"), .minutes = minutes};
		days[n].date.day += day - 1;
		days[n].whole = text[at] == 'w';
		days[n].apart = text[at] == 'a';
		at += text[at] != ' ' && text[at] != '\0';
		n++;
	}
	return n;
}

/* How days may be together in one request. */
static void
neighbours_of_a_run(void **state)
{
	static const struct {
		enum runs runs;
		const char *days, *refused; /* NULL: none */
	} rows[] = {
	    {RUNS_WHOLE, "2:480 3:480", NULL},
	    {RUNS_WHOLE, "2:480 3:240", "240 minutes on 2026-03-03"},
	    {RUNS_WHOLE, "2:0 3:480", NULL},
	    {RUNS_ENDS, "2:240 3:480 4:240", NULL},
	    {RUNS_ENDS, "2:480 3:240 4:480", "240 minutes on 2026-03-03"},
	    /* A gap ends a run, and so does a day without minutes. */
	    {RUNS_ENDS, "2:480 3:240 5:480", NULL},
	    {RUNS_ENDS, "2:480 4:240 5:480", NULL},
	    {RUNS_ENDS, "2:480 3:240 4:0", NULL},
	    {RUNS_ENDS, "2:0 3:240 4:480", NULL},
	    {RUNS_EQUAL, "2:240 3:240", NULL},
	    {RUNS_EQUAL, "2:480 3:240", "240 minutes on 2026-03-03"},
	    {RUNS_EQUAL, "2:240 3:480", "480 minutes on 2026-03-03"},
	    {RUNS_EQUAL, "2:480 4:240", NULL},
	    {RUNS_EQUAL, "2:0 3:240", NULL},
	    {RUNS_EQUAL, "2:240 3:0", NULL},
	    {RUNS_DAYS, "2:480 3:240 4:481", NULL},
	};
	struct timeoff_type type = {.id = "1", .unit = UNIT_HOURS};
	struct day days[DAYS_MAX];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		kit.traits.runs = rows[i].runs;
		n = read_days(rows[i].days, days);
		if ((days_prepare(&kit.hris, &type, days, n) == GW_OK) != (rows[i].refused == NULL))
			fail_msg("row %zu: %s", i, kit.failure.text);
		if (rows[i].refused != NULL) {
			assert_int_equal(kit.failure.code, CODE_INPUT_AMOUNT);
			assert_memory_equal(
			    kit.failure.text, rows[i].refused, strlen(rows[i].refused));
		}
	}
}

/* A type kept in days of 480 minutes, in steps of half a day. */
static void
steps_of_a_day(void **state)
{
	static const struct {
		const char *days;
		bool counts;     /* the HRIS says what it counted */
		const char *out; /* part and 'w' for whole; else the reason */
	} rows[] = {
	    {"2:480", false, "day"},
	    {"2:480", true, "day w"},
	    {"2:240", false, "am"},
	    {"2:240", true, "am"},
	    {"2:960", true, "day w"},
	    {"2:0", true, "day w"},
	    /* More than three fifths may be the whole of a shorter day, where that is counted. */
	    {"2:289", true, "day w"},
	    {"2:288", true,
		"288 minutes on 2026-03-02 cannot be expressed in steps of 0.5 days (a day of this type has 480 minutes)"},
	    {"2:289", false, "289 minutes on 2026-03-02 cannot be expressed"},
	    {"2:500", true, "500 minutes on 2026-03-02 cannot be expressed"},
	};
	struct timeoff_type type = {.id = "2", .unit = UNIT_DAYS, .day_minutes = 480};
	struct day days[DAYS_MAX];
	const char *out;
	size_t i, n;

	(void)state;
	kit.traits.amounts_declared = true;
	kit.traits.can[UNIT_DAYS] = true;
	assert_true(decimal_parse("0.5", &kit.traits.step[UNIT_DAYS]));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		kit.traits.counts = rows[i].counts;
		n = read_days(rows[i].days, days);
		out =
		    days_prepare(&kit.hris, &type, days, n) != GW_OK
			? kit.failure.text
			: arena_printf(&kit.arena, "%s%s", days[0].part, days[0].whole ? " w" : "");
		if (strncmp(out, rows[i].out, strlen(rows[i].out)) != 0)
			fail_msg("row %zu: %s", i, out);
	}
	/* With a start, it is no whole day. */
	kit_again(&kit);
	kit.traits.counts = true;
	n = read_days("2:289", days);
	days[0].from = "08:00";
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_EINPUT);
	/* Minutes can say everything. */
	kit_again(&kit);
	kit.traits.can[UNIT_MINUTES] = true;
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_OK);
	/* What the HRIS takes no requests in. */
	kit_again(&kit);
	kit.traits.can[UNIT_MINUTES] = kit.traits.can[UNIT_DAYS] = false;
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_EINPUT);
	assert_non_null(strstr(kit.failure.text, "type \"2\" is kept in days"));
}

static void
part_of_a_day(void **state)
{
	static const struct {
		const char *from;
		int minutes, day_start;
		const char *begins, *ends, *part;
	} rows[] = {
	    {"11:59", 60, 540, "11:59", "12:59", "am"},
	    {"12:00", 60, 540, "12:00", "13:00", "pm"},
	    {"12:00", 480, 540, "12:00", "20:00", "day"},
	    {"23:00", 60, 540, "23:00", "24:00", "pm"},
	    {"22:30", 60, 540, "22:30", "23:30", "pm"},
	    {NULL, 60, 1410, "23:00", "24:00", "pm"},
	    {NULL, 60, 1379, "22:59", "23:59", "pm"},
	    {NULL, 0, 540, "09:00", "09:00", "day"},
	    {NULL, 479, 540, "09:00", "16:59", "am"},
	};
	struct timeoff_type type = {.id = "1", .unit = UNIT_HOURS};
	struct day d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		kit.route.day_start_minute = rows[i].day_start;
		d = (struct day){.minutes = rows[i].minutes, .from = rows[i].from};
		assert_int_equal(days_prepare(&kit.hris, &type, &d, 1), GW_OK);
		assert_int_equal(d.timed, rows[i].from != NULL);
		assert_string_equal(d.from, rows[i].begins);
		assert_string_equal(d.to, rows[i].ends);
		assert_string_equal(d.part, rows[i].part);
	}
}

static void
one_span_and_no_long_gap(void **state)
{
	struct timeoff_type type = {.id = "1", .unit = UNIT_HOURS};
	struct day days[DAYS_MAX];
	size_t n = read_days("2:480 3:480a", days);

	(void)state;
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_OK);
	kit_again(&kit);
	kit.traits.spans = true;
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_AMOUNT);
	assert_non_null(strstr(kit.failure.text, "the times on 2026-03-03 do not follow"));
	kit_again(&kit);
	n = read_days("1:480 400:480", days);
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_OK);
	n = read_days("1:480 401:480", days);
	assert_int_equal(days_prepare(&kit.hris, &type, days, n), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_LIMIT);
}

/* What one request of the HRIS holds. */
static void
runs_of_days(void **state)
{
	static const struct {
		enum runs runs;
		const char *days;
		size_t at, len; /* of the first run */
	} rows[] = {
	    {RUNS_DAYS, "", 0, 0},
	    {RUNS_DAYS, "2:0 3:0", 2, 0},
	    {RUNS_DAYS, "2:480 3:480 4:480", 0, 3},
	    {RUNS_DAYS, "2:0 3:480 4:480 5:0", 1, 2},
	    {RUNS_DAYS, "2:480 4:480", 0, 1},
	    {RUNS_DAYS, "2:480 3:240", 0, 1},
	    {RUNS_DAYS, "2:480w 3:240w", 0, 2},
	    {RUNS_DAYS, "2:480w 3:240", 0, 1},
	    {RUNS_DAYS, "2:480 3:240w", 0, 1},
	    {RUNS_ENDS, "2:240 3:480", 0, 2},
	    {RUNS_ENDS, "2:240 4:480", 0, 1},
	};
	struct traits traits = {0};
	struct day days[DAYS_MAX];
	size_t i, at, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		traits.runs = rows[i].runs;
		n = read_days(rows[i].days, days);
		at = 0;
		if (days_run(days, n, &traits, &at) != rows[i].len || at != rows[i].at)
			fail_msg("row %zu: at %zu", i, at);
	}
	/* Another part or start is another run. */
	traits.runs = RUNS_DAYS;
	n = read_days("2:240 3:240", days);
	at = 0;
	days[0].part = "am";
	assert_int_equal(days_run(days, n, &traits, &at), 1);
	days[1].part = "am";
	assert_int_equal(days_run(days, n, &traits, &at), 2);
	days[1].from = "08:00";
	assert_int_equal(days_run(days, n, &traits, &at), 1);
}

static void
spans_into_days(void **state)
{
	static const struct {
		struct span spans[3];
		unsigned n, days;
		enum fail_code code;
		int minutes;
		bool apart;
		const char *from;
	} rows[] = {
	    {{{.minute = -1, .minutes = 480}}, 1, 1, CODE_NONE, 480, false, NULL},
	    {{{.minute = 0, .minutes = 60}}, 1, 1, CODE_NONE, 60, false, "00:00"},
	    {{{.minute = 480, .minutes = 60}, {.minute = 540, .minutes = 30}}, 2, 1, CODE_NONE, 90,
		false, "08:00"},
	    {{{.minute = 480, .minutes = 60}, {.minute = 541, .minutes = 30}}, 2, 1, CODE_NONE, 90,
		true, "08:00"},
	    {{{.minute = 480, .minutes = 60}, {.minute = 600, .minutes = 0}}, 2, 1, CODE_NONE, 60,
		false, "08:00"},
	    {{{.minute = 0, .minutes = 60}, {.minute = 600, .minutes = 60},
		 {.minute = 660, .minutes = 60}},
		3, 1, CODE_NONE, 180, true, "00:00"},
	    {{{.minute = -1, .minutes = 480}, {.minute = -1, .minutes = 480}}, 2, 0,
		CODE_INPUT_DATE, 0, false, NULL},
	    {{{.minute = -1, .minutes = 480}, {.date = {1}, .minute = -1, .minutes = 240}}, 2, 2,
		CODE_NONE, 480, false, NULL},
	    {{{.minute = 0, .minutes = 1440}}, 1, 1, CODE_NONE, 1440, false, "00:00"},
	    {{{.minute = 0, .minutes = 1440}, {.minute = 1440, .minutes = 1}}, 2, 0,
		CODE_INPUT_MINUTES, 0, false, NULL},
	};
	struct day days[3];
	enum gw_err err;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		err = days_fold(&kit.hris, rows[i].spans, rows[i].n, days, &n);
		assert_int_equal(kit.failure.code, rows[i].code);
		assert_int_equal(err == GW_OK, rows[i].code == CODE_NONE);
		if (err == GW_OK &&
		    (n != rows[i].days || days[0].minutes != rows[i].minutes ||
			days[0].apart != rows[i].apart || !text_equal(days[0].from, rows[i].from)))
			fail_msg("row %zu", i);
		if (err != GW_OK)
			assert_non_null(strstr(kit.failure.text, "1970-01-01"));
	}
}

/* Days as the ledger keeps them, and back. */
static void
as_they_were_asked(void **state)
{
	static const char *const damaged[] = {"2026-03-02", "2026-03-02 none",
	    "2026-13-02 none 480", "2026-03-02 noon 480", "2026-03-02 99999999 480",
	    "2026-03-02 none 480;x"};
	struct span spans[] = {{kit_date("2026-03-02"), -1, 480}, {kit_date("2026-03-03"), 540, 60},
	    {kit_date("2026-03-03"), 660, 0}, {kit_date("2026-03-04"), 0, 30}};
	struct day days[] = {{.date = kit_date("2026-03-02"), .minutes = 480},
	    {.date = kit_date("2026-03-03"), .minutes = 0},
	    {.date = kit_date("2026-03-04"), .minutes = 30, .from = "09:30"}};
	struct timeoff t = {.spans = spans, .n_spans = 4, .days = days, .n_days = 3};
	struct span *back;
	const char *text;
	size_t i, n;

	(void)state;
	text = asked_text(&kit.arena, &t);
	assert_string_equal(text, "2026-03-02 none 480;2026-03-03 540 60;2026-03-04 0 30");
	assert_true(asked_spans(&kit.arena, text, &back, &n));
	assert_int_equal(n, 3);
	assert_memory_equal(&back[0], &spans[0], sizeof(*back));
	assert_memory_equal(&back[1], &spans[1], sizeof(*back));
	assert_memory_equal(&back[2], &spans[3], sizeof(*back));
	t.n_spans = 0;
	assert_string_equal(asked_text(&kit.arena, &t), "2026-03-02 none 480;2026-03-04 570 30");
	t.n_days = 0;
	assert_string_equal(asked_text(&kit.arena, &t), "");
	assert_true(asked_spans(&kit.arena, "", &back, &n));
	assert_int_equal(n, 0);
	for (i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		if (asked_spans(&kit.arena, damaged[i], &back, &n))
			fail_msg("%s", damaged[i]);
	}
}

/* What may be one request twice: nothing is written while one of them is open. */
static void
what_was_asked_touches(void **state)
{
	static const struct {
		const char *a, *b;
		bool touch;
	} rows[] = {
	    {"2026-03-02 none 480", "2026-03-02 none 60", true},
	    {"2026-03-02 none 480", "2026-03-03 none 480", false},
	    {"2026-03-02 none 60", "2026-03-02 900 60", true},
	    {"2026-03-02 540 60", "2026-03-02 600 60", false},
	    {"2026-03-02 0 60", "2026-03-02 600 60", false},
	    {"2026-03-02 540 61", "2026-03-02 600 60", true},
	    {"2026-03-02 540 60", "2026-03-03 540 60", false},
	    {"2026-03-02 540 240", "2026-03-02 600 60", true},
	    {"2026-03-02 540 60;2026-03-04 none 480", "2026-03-03 none 480;2026-03-04 0 1", true},
	    {"2026-03-02 540 60;2026-03-04 none 480", "2026-03-03 none 480;2026-03-05 0 1", false},
	    {"2026-03-02 none 480", "", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (asked_touch(rows[i].a, rows[i].b) != rows[i].touch ||
		    asked_touch(rows[i].b, rows[i].a) != rows[i].touch)
			fail_msg("%s, %s", rows[i].a, rows[i].b);
	}
}

/* What the HRIS shows against what was asked: its ends may leave out days without minutes. */
static void
same_as_shown(void **state)
{
	static const struct {
		const char *days, *start, *end;
		const char *amount, *minutes; /* minutes: what the HRIS says it counted */
		const char *type_id;
		bool same;
	} rows[] = {
	    {"3:480 4:240", "2026-03-03", "2026-03-04", "12", NULL, "1", true},
	    {"3:480 4:240", "2026-03-03", "2026-03-04", "11", NULL, "1", false},
	    {"3:480 4:240", "2026-03-03", "2026-03-04", "12", NULL, "2", false},
	    {"3:480 4:240", "2026-03-02", "2026-03-04", "12", NULL, "1", false},
	    {"3:480 4:240", "2026-03-03", "2026-03-05", "12", NULL, "1", false},
	    {"3:480 4:240", "2026-03-04", "2026-03-04", "12", NULL, "1", false},
	    {"3:480 4:240", "2026-03-03", "2026-03-03", "12", NULL, "1", false},
	    {"2:0 3:0 4:480 5:0 6:0", "2026-03-02", "2026-03-06", "8", NULL, "1", true},
	    {"2:0 3:0 4:480 5:0 6:0", "2026-03-04", "2026-03-04", "8", NULL, "1", true},
	    {"2:0 3:0 4:480 5:0 6:0", "2026-03-03", "2026-03-04", "8", NULL, "1", false},
	    {"2:0 3:0 4:480 5:0 6:0", "2026-03-04", "2026-03-05", "8", NULL, "1", false},
	    {"2:0 3:0", "2026-03-02", "2026-03-03", "0", NULL, "1", true},
	    /* Counted by the HRIS itself, and whole days. */
	    {"3:480w 4:240w", "2026-03-03", "2026-03-04", "99", "720", "1", true},
	    {"3:480w 4:240w", "2026-03-03", "2026-03-04", "99", "721", "1", false},
	    {"3:480w 4:240", "2026-03-03", "2026-03-04", "99", "720", "1", false},
	    {"3:480w 4:0", "2026-03-03", "2026-03-04", "99", "480", "1", true},
	    {"3:480w", "2026-03-02", "2026-03-03", "99", "480", "1", false},
	    {"3:480w", "2026-03-03", "2026-03-04", "99", "480", "1", false},
	    {"", "2026-03-03", "2026-03-04", "0", "0", "1", false},
	};
	struct timeoff_type type = {.id = "1", .unit = UNIT_HOURS};
	struct operation_in in = {.type = &type};
	struct day days[DAYS_MAX];
	struct found f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		in.days = days;
		in.n_days = read_days(rows[i].days, days);
		in.min_date = in.n_days == 0 ? kit_date("2026-03-03") : days[0].date;
		in.max_date = in.n_days == 0 ? in.min_date : days[in.n_days - 1].date;
		f = (struct found){.id = "9",
		    .type_id = rows[i].type_id,
		    .ranged = true,
		    .start = kit_date(rows[i].start),
		    .end = kit_date(rows[i].end),
		    .amount = rows[i].amount,
		    .minutes = rows[i].minutes,
		    .has_unit = true,
		    .unit = UNIT_HOURS};
		if (content_same(&kit.hris, &in, &f) != rows[i].same)
			fail_msg("row %zu", i);
		f.ranged = false;
		assert_false(content_same(&kit.hris, &in, &f));
	}
	in.type = NULL;
	f.ranged = true;
	assert_false(content_same(&kit.hris, &in, &f));
}

/* What a look after a write says of it, and how a difference is put. */
static void
as_shown_after_a_write(void **state)
{
	static const struct {
		const char *asked, *listed; /* listed: day by day */
		const char *amount;         /* hours of the whole; NULL: not shown */
		const char *start, *end;
		enum likeness like;
		const char *says; /* after what was asked */
	} rows[] = {
	    {"3:480 4:240", "3:480 4:240", NULL, "03", "04", LIKE_ASKED, "720 minutes"},
	    {"3:480 4:240", "3:480 4:240 5:0", NULL, "03", "05", LIKE_ASKED, "720 minutes"},
	    {"3:480 4:0", "3:480", NULL, "03", "03", LIKE_ASKED, "480 minutes"},
	    {"3:480 4:240", "3:480", NULL, "03", "03", LIKE_FEWER,
		"480 minutes from 2026-03-03 to 2026-03-03; without 2026-03-04"},
	    {"3:480 4:240", "4:240", NULL, "04", "04", LIKE_FEWER,
		"240 minutes from 2026-03-04 to 2026-03-04; without 2026-03-03"},
	    {"3:480 4:240", "3:0 4:0", NULL, "03", "04", LIKE_OTHER, "0 minutes"},
	    {"3:480 4:240", "3:480 5:240", NULL, "03", "05", LIKE_OTHER,
		"720 minutes from 2026-03-03 to 2026-03-05; without 2026-03-04"},
	    {"3:480 4:240", "3:481 4:239", NULL, "03", "04", LIKE_OTHER, "720 minutes"},
	    /* Without days, or with some of them alone, the range and the whole count. */
	    {"3:480 4:240", "3:480", "12", "03", "04", LIKE_ASKED, "720 minutes"},
	    {"3:480 4:240", "", "12", "04", "04", LIKE_ASKED, "720 minutes"},
	    {"3:480 4:240", "", "8", "03", "04", LIKE_FEWER, "480 minutes"},
	    {"3:480 4:240", "", "13", "03", "04", LIKE_OTHER, "780 minutes"},
	    {"3:480 4:240", "", "0", "03", "04", LIKE_OTHER, "0 minutes"},
	    {"3:480 4:240", "", NULL, "03", "04", LIKE_UNSAID, "an amount that it does not say"},
	    {"3:480 4:240", "", "12", "02", "04", LIKE_OTHER, "720 minutes from 2026-03-02"},
	    {"3:480 4:240", "", "12", "03", "05", LIKE_OTHER, "720 minutes from 2026-03-03"},
	};
	struct timeoff_type type = {.id = "1", .unit = UNIT_HOURS};
	struct operation_in in = {.agent_id = "4", .type = &type};
	struct day days[DAYS_MAX], listed[DAYS_MAX];
	struct found_day shown[DAYS_MAX];
	struct found f;
	const char *says;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_again(&kit);
		in.days = days;
		in.n_days = read_days(rows[i].asked, days);
		in.min_date = days[0].date;
		in.max_date = days[in.n_days - 1].date;
		f = (struct found){.id = "9",
		    .type_id = "1",
		    .ranged = true,
		    .start = kit_date(arena_printf(&kit.arena, "2026-03-%s", rows[i].start)),
		    .end = kit_date(arena_printf(&kit.arena, "2026-03-%s", rows[i].end)),
		    .days = shown,
		    .n_days = read_days(rows[i].listed, listed),
		    .amount = rows[i].amount,
		    .has_unit = true,
		    .unit = UNIT_HOURS};
		for (j = 0; j < f.n_days; j++)
			shown[j] = (struct found_day){.date = listed[j].date,
			    .amount = arena_printf(&kit.arena, "%d", listed[j].minutes),
			    .unit = UNIT_MINUTES};
		says = verify_difference(&kit.hris, &in, &f);
		if (verify_compare(&kit.hris, &in, &f) != rows[i].like ||
		    strstr(says, arena_printf(&kit.arena, "holds %s", rows[i].says)) == NULL)
			fail_msg("row %zu: %s", i, says);
		assert_int_equal(
		    strstr(says, "without") != NULL, strstr(rows[i].says, "without") != NULL);
		f.agent_id = "5";
		assert_int_equal(verify_compare(&kit.hris, &in, &f), LIKE_OTHER);
		f.agent_id = "4";
		f.type_id = "2";
		assert_int_equal(verify_compare(&kit.hris, &in, &f), LIKE_OTHER);
		assert_non_null(strstr(verify_difference(&kit.hris, &in, &f), " of type 2"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(neighbours_of_a_run, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(steps_of_a_day, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(part_of_a_day, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(one_span_and_no_long_gap, open_kit, close_kit),
	    cmocka_unit_test(runs_of_days),
	    cmocka_unit_test_setup_teardown(same_as_shown, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(as_they_were_asked, open_kit, close_kit),
	    cmocka_unit_test(what_was_asked_touches),
	    cmocka_unit_test_setup_teardown(as_shown_after_a_write, open_kit, close_kit),
	    cmocka_unit_test_setup_teardown(spans_into_days, open_kit, close_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
