/* test_contract.c: what an action may be sent: spellings of lists, alignment, ranges, limits. */
#include "tests/unit/kit/hris_kit.h"

#include "format/json.h"
#include "gateway/timeoff_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct kit kit;

static const struct field input[] = {FIELD(timeoff_in, agent_id, "agentId", REQUIRED),
    FIELD(timeoff_in, type_id, "timeOffTypeId", OPTIONAL),
    FIELD(timeoff_in, status, "timeOffStatus", OPTIONAL),
    FIELD(timeoff_in, dates, "dates", OPTIONAL),
    FIELD(timeoff_in, starts, "startDateTimes", OPTIONAL),
    FIELD(timeoff_in, payable, "payableMinutes", OPTIONAL),
    FIELD(timeoff_in, average, "averageMinutesPerDay", OPTIONAL),
    FIELD(timeoff_in, duration, "durationMinutes", OPTIONAL),
    FIELD(timeoff_in, min_date, "minDate", OPTIONAL),
    FIELD(timeoff_in, max_date, "maxDate", OPTIONAL), FIELD(timeoff_in, notes, "notes", OPTIONAL),
    FIELD(timeoff_in, override_balance, "overrideBalanceCheck", OPTIONAL),
    FIELD(timeoff_in, idempotency_key, "idempotencyKey", OPTIONAL), FIELD_LAST};

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

static enum gw_err
read_body(const char *json, struct timeoff_in *in)
{
	char why[160];
	struct value *v = json_parse(&kit.arena, json, strlen(json), &json_input, why, sizeof(why));

	if (v == NULL)
		fail_msg("%s: %s", json, why);
	fail_clear(&kit.failure);
	memset(in, 0, sizeof(*in));
	return contract_read(&kit.arena, input, v, in, &kit.failure);
}

static void
forms(void **state)
{
	static const struct {
		const char *name, *json;
		enum fail_code code;
		const char *text; /* part of the reason */
	} cases[] = {
	    {"an agent is enough here", "{\"agentId\":\"4\"}", CODE_NONE, NULL},
	    {"a number is an id by its digits", "{\"agentId\":123456789012345678}", CODE_NONE,
		NULL},
	    {"unknown members are ignored", "{\"agentId\":\"4\",\"new\":[{}]}", CODE_NONE, NULL},
	    {"absent", "{}", CODE_INPUT_REQUIRED, "agentId"},
	    {"null is absent", "{\"agentId\":null}", CODE_INPUT_REQUIRED, "agentId"},
	    {"empty is absent", "{\"agentId\":\"\"}", CODE_INPUT_REQUIRED, "agentId"},
	    {"a list is no id", "{\"agentId\":[\"4\"]}", CODE_INPUT_FORM, "agentId"},
	    {"true is no id", "{\"agentId\":true}", CODE_INPUT_FORM, "agentId"},
	    {"line end in an id", "{\"agentId\":\"4\\r\\nX: y\"}", CODE_INPUT_ID, "agentId"},
	    {"dot-dot", "{\"agentId\":\"..\"}", CODE_INPUT_ID, "agentId"},
	    {"a slash stays in the id", "{\"agentId\":\"1/2?#%2e\"}", CODE_NONE, NULL},
	    {"no object", "[]", CODE_INPUT_JSON, "object"},
	    {"unknown status", "{\"agentId\":\"4\",\"timeOffStatus\":\"DONE\"}", CODE_INPUT_STATUS,
		"timeOffStatus"},
	    {"status in small letters", "{\"agentId\":\"4\",\"timeOffStatus\":\"approved\"}",
		CODE_INPUT_STATUS, NULL},
	    {"both spellings", "{\"agentId\":\"4\",\"timeOffStatus\":\"CANCELLED\"}", CODE_NONE,
		NULL},
	    {"30 February", "{\"agentId\":\"4\",\"minDate\":\"2026-02-30\"}", CODE_INPUT_DATE,
		"minDate"},
	    {"a date-time is no date", "{\"agentId\":\"4\",\"minDate\":\"2026-02-03T00:00:00\"}",
		CODE_INPUT_DATE, NULL},
	    {"with zone", "{\"agentId\":\"4\",\"startDateTimes\":[\"2026-02-03T09:00:00Z\"]}",
		CODE_INPUT_DATE, "startDateTimes[0]"},
	    {"words for minutes", "{\"agentId\":\"4\",\"payableMinutes\":[\"abc\"]}",
		CODE_INPUT_MINUTES, "payableMinutes[0]"},
	    {"negative", "{\"agentId\":\"4\",\"payableMinutes\":\"480,-5\"}", CODE_INPUT_MINUTES,
		"payableMinutes[1]"},
	    {"half a minute", "{\"agentId\":\"4\",\"payableMinutes\":[480.5]}", CODE_INPUT_MINUTES,
		NULL},
	    {"more than a day", "{\"agentId\":\"4\",\"payableMinutes\":[1441]}", CODE_INPUT_MINUTES,
		NULL},
	    {"array as text that is none", "{\"agentId\":\"4\",\"dates\":\"[1,\"}", CODE_INPUT_FORM,
		"dates"},
	    {"object in a list", "{\"agentId\":\"4\",\"dates\":[{}]}", CODE_INPUT_FORM, "dates[0]"},
	    {"null in a list", "{\"agentId\":\"4\",\"dates\":[null]}", CODE_INPUT_FORM, "dates[0]"},
	    {"yes is no boolean", "{\"agentId\":\"4\",\"overrideBalanceCheck\":\"yes\"}",
		CODE_INPUT_FORM, "overrideBalanceCheck"},
	    {"blank in a key", "{\"agentId\":\"4\",\"idempotencyKey\":\"a b\"}", CODE_INPUT_FORM,
		"idempotencyKey"},
	};
	struct timeoff_in in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)read_body(cases[i].json, &in);
		if (kit.failure.code != cases[i].code)
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
		if (cases[i].text != NULL && strstr(kit.failure.text, cases[i].text) == NULL)
			fail_msg("%s: \"%s\" does not name %s", cases[i].name, kit.failure.text,
			    cases[i].text);
	}
}

static void
three_spellings_of_a_list(void **state)
{
	static const char *const spellings[] = {
	    "[\"2027-03-01\",\"2027-03-02\"]",
	    "\"[\\\"2027-03-01\\\", \\\"2027-03-02\\\"]\"",
	    "\"2027-03-01, 2027-03-02\"",
	};
	struct timeoff_in in;
	char json[256];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(json, sizeof(json), "{\"agentId\":4,\"dates\":%s}", spellings[i]);
		assert_int_equal(read_body(json, &in), GW_OK);
		assert_int_equal(in.dates.n, 2);
		assert_int_equal(in.dates.items[1].day, kit_date("2027-03-02").day);
	}
	assert_int_equal(read_body("{\"agentId\":4,\"payableMinutes\":480}", &in), GW_OK);
	assert_int_equal(in.payable.n, 1);
	assert_int_equal(in.payable.items[0], 480);
}

/* An input of type number may be sent with a decimal point. */
static void
whole_numbers(void **state)
{
	static const struct {
		const char *number;
		int minutes; /* -1: refused */
	} rows[] = {
	    {"480", 480},
	    {"480.0", 480},
	    {"\"480.0\"", 480},
	    {"4.8e2", 480},
	    {"4.8E+2", 480},
	    {"0.0", 0},
	    {"-0", 0},
	    {"1440.00", 1440},
	    {"1440.5", -1},
	    {"480.5", -1},
	    {"\"480.\"", -1},
	    {"\".5\"", -1},
	    {"1441.0", -1},
	    {"-1.0", -1},
	    {"\"-5\"", -1},
	    {"\"0x1\"", -1},
	    {"\"4 80\"", -1},
	    {"1e99", -1},
	    {"1e-1", -1},
	};
	struct timeoff_in in;
	char json[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(
		    json, sizeof(json), "{\"agentId\":4,\"payableMinutes\":[%s]}", rows[i].number);
		if ((read_body(json, &in) == GW_OK) != (rows[i].minutes >= 0) ||
		    (rows[i].minutes >= 0 && in.payable.items[0] != rows[i].minutes))
			fail_msg("%s", json);
		snprintf(
		    json, sizeof(json), "{\"agentId\":4,\"durationMinutes\":%s}", rows[i].number);
		if (rows[i].minutes >= 0 && read_body(json, &in) != GW_OK)
			fail_msg("%s", json);
	}
}

/* {"agentId":4,"dates":[n times the same]} */
static enum gw_err
read_many(const char *member, const char *item, size_t n, struct timeoff_in *in)
{
	struct buf b;
	enum gw_err err;
	size_t i;

	buf_init(&b, LIMIT_BODY);
	buf_printf(&b, "{\"agentId\":4,\"%s\":[", member);
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s\"%s\"", i == 0 ? "" : ",", item);
	buf_puts(&b, "]}");
	err = read_body(b.data, in);
	buf_clear(&b);
	return err;
}

static void
limits(void **state)
{
	static char note[LIMIT_NOTES * 2 + 8], json[sizeof(note) + 64];
	struct timeoff_in in;
	size_t i;

	(void)state;
	assert_int_equal(read_many("dates", "2027-03-01", LIMIT_DATES, &in), GW_OK);
	assert_int_equal(read_many("dates", "2027-03-01", LIMIT_DATES + 1, &in), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_LIMIT);
	/* Characters, not bytes. */
	for (i = 0; i < LIMIT_NOTES; i++)
		memcpy(note + 2 * i, "\xC3\xA9", 2);
	snprintf(json, sizeof(json), "{\"agentId\":4,\"notes\":\"%s\"}", note);
	assert_int_equal(read_body(json, &in), GW_OK);
	note[2 * LIMIT_NOTES] = 'x';
	snprintf(json, sizeof(json), "{\"agentId\":4,\"notes\":\"%s\"}", note);
	assert_int_equal(read_body(json, &in), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_LIMIT);
}

static void
days_from_lists(void **state)
{
	static const struct {
		const char *name, *members;
		enum fail_code code;
		const char *days; /* date/minutes/from ..., "!" where they are apart */
	} cases[] = {
	    {"dates", "\"dates\":\"2027-03-01,2027-03-02\",\"payableMinutes\":\"480,240\"",
		CODE_NONE, "2027-03-01/480/- 2027-03-02/240/- "},
	    {"in any order", "\"dates\":\"2027-03-02,2027-03-01\",\"payableMinutes\":\"240,480\"",
		CODE_NONE, "2027-03-01/480/- 2027-03-02/240/- "},
	    {"zeros are kept", "\"dates\":\"2027-03-01,2027-03-02\",\"payableMinutes\":\"480,0\"",
		CODE_NONE, "2027-03-01/480/- 2027-03-02/0/- "},
	    {"an average", "\"dates\":\"2027-03-01,2027-03-02\",\"averageMinutesPerDay\":450",
		CODE_NONE, "2027-03-01/450/- 2027-03-02/450/- "},
	    {"starts", "\"startDateTimes\":[\"2027-03-01T13:30:00\"],\"payableMinutes\":[90]",
		CODE_NONE, "2027-03-01/90/13:30 "},
	    {"starts on one date add up",
		"\"startDateTimes\":[\"2027-03-01T13:00:00\","
		"\"2027-03-01T09:00:00\"],\"payableMinutes\":[90,30]",
		CODE_NONE, "2027-03-01/120/09:00! "},
	    {"a shift over midnight is two days",
		"\"startDateTimes\":[\"2027-02-28T20:00:00\"],\"payableMinutes\":[360]", CODE_NONE,
		"2027-02-28/240/20:00 2027-03-01/120/00:00 "},
	    {"one that ends at midnight is one",
		"\"startDateTimes\":[\"2027-03-01T20:00:00\"],\"payableMinutes\":[240]", CODE_NONE,
		"2027-03-01/240/20:00 "},
	    {"it belongs to the date on which it starts",
		"\"startDateTimes\":[\"2027-03-01T22:00:00\"],\"payableMinutes\":[480],"
		"\"minDate\":\"2027-03-01\",\"maxDate\":\"2027-03-01\"",
		CODE_NONE, "2027-03-01/120/22:00 2027-03-02/360/00:00 "},
	    {"night after night",
		"\"startDateTimes\":[\"2027-03-02T22:00:00\",\"2027-03-01T22:00:00\"],"
		"\"payableMinutes\":[480,480]",
		CODE_NONE, "2027-03-01/120/22:00 2027-03-02/480/00:00! 2027-03-03/360/00:00 "},
	    {"night after night, on average",
		"\"startDateTimes\":[\"2027-03-02T22:00:00\",\"2027-03-01T22:00:00\"],"
		"\"averageMinutesPerDay\":480",
		CODE_NONE, "2027-03-01/120/22:00 2027-03-02/480/00:00! 2027-03-03/360/00:00 "},
	    {"what follows the night at once",
		"\"startDateTimes\":[\"2027-03-01T20:00:00\",\"2027-03-02T02:00:00\"],"
		"\"payableMinutes\":[360,60]",
		CODE_NONE, "2027-03-01/240/20:00 2027-03-02/180/00:00 "},
	    {"more than a day with what came over midnight",
		"\"startDateTimes\":[\"2027-03-01T22:00:00\",\"2027-03-02T00:00:00\"],"
		"\"payableMinutes\":[480,1200]",
		CODE_INPUT_MINUTES, NULL},
	    {"an average is the day's, not each start's",
		"\"startDateTimes\":[\"2027-03-01T13:00:00\","
		"\"2027-03-01T09:00:00\",\"2027-03-02T09:00:00\"],"
		"\"averageMinutesPerDay\":240",
		CODE_NONE, "2027-03-01/240/09:00 2027-03-02/240/09:00 "},
	    {"dates beside starts only lie in the range",
		"\"dates\":[\"2027-03-01\",\"2027-03-02\"],"
		"\"startDateTimes\":[\"2027-03-01T09:00:00\"],\"payableMinutes\":[60],"
		"\"minDate\":\"2027-03-01\",\"maxDate\":\"2027-03-02\"",
		CODE_NONE, "2027-03-01/60/09:00 "},
	    {"and do",
		"\"dates\":[\"2027-03-09\"],\"startDateTimes\":[\"2027-03-01T09:00:00\"],"
		"\"payableMinutes\":[60],\"minDate\":\"2027-03-01\",\"maxDate\":\"2027-03-02\"",
		CODE_INPUT_RANGE, NULL},
	    {"a side of the range that is absent bounds no date beside starts",
		"\"dates\":[\"2027-03-01\",\"2027-03-02\"],"
		"\"startDateTimes\":[\"2027-03-01T22:00:00\"],\"payableMinutes\":[60],"
		"\"minDate\":\"2027-03-01\"",
		CODE_NONE, "2027-03-01/60/22:00 "},
	    {"the other side does",
		"\"dates\":[\"2027-02-28\"],\"startDateTimes\":[\"2027-03-01T22:00:00\"],"
		"\"payableMinutes\":[60],\"minDate\":\"2027-03-01\"",
		CODE_INPUT_RANGE, NULL},
	    {"an empty list is absent",
		"\"dates\":\"2027-03-01\",\"startDateTimes\":[],\"payableMinutes\":\"[]\","
		"\"durationMinutes\":[],\"averageMinutesPerDay\":\"450\"",
		CODE_NONE, "2027-03-01/450/- "},
	    {"and no amount", "\"dates\":\"2027-03-01\",\"payableMinutes\":[]", CODE_INPUT_REQUIRED,
		NULL},
	    {"unaligned", "\"dates\":\"2027-03-01,2027-03-02\",\"payableMinutes\":\"480\"",
		CODE_INPUT_ALIGN, NULL},
	    {"unaligned durations",
		"\"dates\":\"2027-03-01\",\"payableMinutes\":\"480\","
		"\"durationMinutes\":\"1,2\"",
		CODE_INPUT_ALIGN, NULL},
	    {"no days", "\"payableMinutes\":\"480\"", CODE_INPUT_REQUIRED, NULL},
	    {"no amounts", "\"dates\":\"2027-03-01\"", CODE_INPUT_REQUIRED, NULL},
	    {"twice", "\"dates\":\"2027-03-01,2027-03-01\",\"payableMinutes\":\"1,1\"",
		CODE_INPUT_DATE, NULL},
	    {"before minDate",
		"\"dates\":\"2027-03-01\",\"payableMinutes\":\"480\","
		"\"minDate\":\"2027-03-02\"",
		CODE_INPUT_RANGE, NULL},
	    {"range upside down",
		"\"dates\":\"2027-03-02\",\"payableMinutes\":\"480\","
		"\"minDate\":\"2027-03-02\",\"maxDate\":\"2027-03-01\"",
		CODE_INPUT_RANGE, NULL},
	    {"all zero", "\"dates\":\"2027-03-01\",\"payableMinutes\":\"0\"",
		CODE_INPUT_NOTHING_PAYABLE, NULL},
	    {"more than a day",
		"\"startDateTimes\":\"2027-03-01T01:00,2027-03-01T02:00\","
		"\"payableMinutes\":\"1000,1000\"",
		CODE_INPUT_MINUTES, NULL},
	};
	char json[512], days[256], date[DATE_TEXT_MAX];
	struct timeoff_in in;
	struct timeoff t;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(json, sizeof(json), "{\"agentId\":\"4\",\"timeOffTypeId\":\"1\",%s}",
		    cases[i].members);
		if (read_body(json, &in) == GW_OK)
			(void)timeoff_from_input(&kit.hris, &in, &t);
		if (kit.failure.code != cases[i].code)
			fail_msg("%s: %s %s", cases[i].name, fail_code_text(kit.failure.code),
			    kit.failure.text);
		if (cases[i].days == NULL)
			continue;
		days[0] = '\0';
		for (j = n = 0; j < t.n_days; j++) {
			date_format(t.days[j].date, date);
			n += (size_t)snprintf(days + n, sizeof(days) - n, "%s/%d/%s%s ", date,
			    t.days[j].minutes, t.days[j].from == NULL ? "-" : t.days[j].from,
			    t.days[j].apart ? "!" : "");
		}
		if (strcmp(days, cases[i].days) != 0)
			fail_msg("%s: %s", cases[i].name, days);
	}
}

static void
durations_where_the_route_says_so(void **state)
{
	struct timeoff_in in;
	struct timeoff t;

	(void)state;
	kit.route.amounts_duration = true;
	assert_int_equal(
	    read_body("{\"agentId\":\"4\",\"timeOffTypeId\":\"1\",\"dates\":\"2027-03-01\","
		      "\"payableMinutes\":\"0\",\"durationMinutes\":\"480\"}",
		&in),
	    GW_OK);
	assert_int_equal(timeoff_from_input(&kit.hris, &in, &t), GW_OK);
	assert_int_equal(t.days[0].minutes, 480);
}

/* Velocity prints a variable that has no value as its name. */
static void
variables_without_a_value(void **state)
{
	static const char *const absent[] = {"${input.notes}", "$input.notes", "$!{input.notes}",
	    " ${input.notes}\\n", "$esc.jsonString(${input.notes})", "${anything_at-all.x9}",
	    "$esc.jsonEncode(\\\"$input.notes\\\")", "${input.notes.trim()}",
	    "$input.get(\\\"notes\\\")", "${input['notes'].substring(0, f(1))}"};
	static const char *const notes[] = {"$100", "$", "${", "${}", "$ {input.notes}", "$notes",
	    "${input.notes", "see ${input.notes}", "$esc.jsonString(x)", "${input.notes} x",
	    "${input.notes.trim(}", "$input.get(", "$input.notes (x)"};
	static const char *const refused[] = {"\"agentId\":\"${input.agentId}\"",
	    "\"agentId\":\"a-${input.agentId}\"", "\"agentId\":\"4\",\"dates\":[\"${input.date}\"]",
	    "\"agentId\":\"4\",\"dates\":\"2027-03-01,${input.date}\"",
	    "\"agentId\":\"4\",\"timeOffTypeId\":\"x$input.type\"",
	    "\"agentId\":\"4\",\"idempotencyKey\":\"${input.a}-${input.b}\""};
	struct timeoff_in in;
	char json[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		snprintf(json, sizeof(json),
		    "{\"agentId\":\"4\",\"notes\":\"%s\",\"dates\":\"%s\",\"minDate\":\"%s\"}",
		    absent[i], absent[i], absent[i]);
		if (read_body(json, &in) != GW_OK || in.notes.text != NULL || in.dates.given ||
		    in.min_date.given)
			fail_msg("not absent: %s (%s)", absent[i], kit.failure.text);
	}
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		snprintf(json, sizeof(json), "{\"agentId\":\"4\",\"notes\":\"%s\"}", notes[i]);
		assert_int_equal(read_body(json, &in), GW_OK);
		if (in.notes.text == NULL || strcmp(in.notes.text, notes[i]) != 0)
			fail_msg("not as it came: %s", notes[i]);
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(json, sizeof(json), "{%s}", refused[i]);
		assert_int_equal(read_body(json, &in), GW_EINPUT);
		if (strstr(kit.failure.text, "the name of a variable that has no value") == NULL)
			fail_msg("%s: %s", refused[i], kit.failure.text);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(forms),
	    T(three_spellings_of_a_list),
	    T(whole_numbers),
	    T(limits),
	    T(days_from_lists),
	    T(durations_where_the_route_says_so),
	    T(variables_without_a_value),
	};

	return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
