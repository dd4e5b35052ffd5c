/* test_read.c: agents whole or not at all; balances for what was asked and none else. */
#include "base/text.h"
#include "hris/policy.h"
#include "tests/unit/kit/hris_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

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

/* n agents with e-mails, the last `without` of them without. */
static struct operation_out
agents(size_t n, size_t without)
{
	struct agent *items = arena_array(&kit.arena, n + 1, sizeof(*items));
	size_t i;

	assert_non_null(items);
	for (i = 0; i < n; i++) {
		items[i].id = arena_printf(&kit.arena, "%zu", i + 1);
		items[i].email =
		    i < n - without ? arena_printf(&kit.arena, "a%zu@example.com", i + 1) : NULL;
	}
	return (struct operation_out){.agents = items, .n_agents = n};
}

static enum fail_code
ask_agents(struct operation_out answer)
{
	struct agents_result result;

	kit_again(&kit);
	kit_answer(&kit, OPERATION_AGENTS, answer);
	(void)hris_agents(&kit.hris, &result);
	return kit.failure.code;
}

static void
agents_whole_or_not_at_all(void **state)
{
	char id[LIMIT_ID + 2] = "";
	struct operation_out answer;

	(void)state;
	assert_int_equal(ask_agents(agents(0, 0)), CODE_HRIS_EMPTY);
	assert_int_equal(ask_agents(agents(10, 0)), CODE_NONE);
	assert_int_equal(ask_agents(agents(10, 1)), CODE_NONE);
	assert_int_equal(ask_agents(agents(10, 2)), CODE_HRIS_NO_EMAIL);
	kit.route.agents_no_email_percent = 30;
	assert_int_equal(ask_agents(agents(10, 2)), CODE_NONE);
	/* Somebody must have one, whatever share need not. */
	kit.route.agents_no_email_percent = 100;
	assert_int_equal(ask_agents(agents(10, 10)), CODE_HRIS_NO_EMAIL);
	kit.route.agents_no_email_percent = 30;
	answer = agents(10, 0);
	answer.agents[3].email = "A1@EXAMPLE.com";
	assert_int_equal(ask_agents(answer), CODE_HRIS_DUPLICATE_EMAIL);
	assert_true(text_starts(kit.failure.text, "employees 1 and 4 have the same e-mail"));
	answer = agents(10, 0);
	answer.agents[3].id = "1";
	assert_int_equal(ask_agents(answer), CODE_HRIS_ANSWER);
	answer = agents(10, 0);
	answer.agents[3] = answer.agents[0];
	assert_int_equal(ask_agents(answer), CODE_NONE);
	memset(id, 'i', LIMIT_ID);
	answer = agents(10, 0);
	answer.agents[9].id = id;
	assert_int_equal(ask_agents(answer), CODE_NONE);
	memset(id, 'i', LIMIT_ID + 1);
	assert_int_equal(ask_agents(answer), CODE_HRIS_ANSWER);
	kit.route.agents_max = 9;
	assert_int_equal(ask_agents(agents(10, 0)), CODE_HRIS_TOO_MANY);
}

static void
addresses_as_people_type_them(void **state)
{
	static const struct {
		const char *typed, *address;
	} rows[] = {
	    {"ann@example.com", "ann@example.com"},
	    {" ann@example.com\r\n", "ann@example.com"},
	    {"\xC2\xA0"
	     "ann@example.com\xE2\x80\x8B",
		"ann@example.com"},
	    {"\xE2\x80\xAA"
	     "Ann@Example.com\xE2\x80\xAC",
		"Ann@Example.com"},
	    {"ann\xE2\x80\x8B@example.com", "ann@example.com"},
	    {"o'neil+x@b\xC3\xBCro.example", "o'neil+x@b\xC3\xBCro.example"},
	    {"", NULL},
	    {" ", NULL},
	    {"-", NULL},
	    {"n/a", NULL},
	    {"\xE2\x80\x8B", NULL},
	    {"@", NULL},
	    {"ann@", NULL},
	    {"@example.com", NULL},
	    {"ann at example.com", NULL},
	    {"ann @example.com", NULL},
	    {"ann\n@example.com", NULL},
	    {"ann\xC2\xA0@example.com", NULL},
	    {"ann@example.com; bob@example.com", NULL},
	    {"ann@example.com,", NULL},
	    {"Ann <ann@example.com>", NULL},
	    {"mailto:ann@example.com", NULL},
	    {"a-b@c-d.e-f.example", "a-b@c-d.e-f.example"},
	    {"-@-", NULL},
	    {"n/a@n/a", NULL},
	    {"none@.", NULL},
	    {"ann@.example.com", NULL},
	    {"ann@example..com", NULL},
	    {"ann@example.com.", NULL},
	    {"ann@-example.com", NULL},
	    {"ann@example-.com", NULL},
	    {"ann@example.com-", NULL},
	    {"'ann@example.com'", NULL},
	    {"ann@bob@example.com", NULL},
	    {"ann\xEF\xBF\xBD@example.com", NULL},
	};
	struct email_override override = {"1", NULL};
	struct agents_result result;
	struct operation_out answer;
	size_t i, last;

	(void)state;
	kit.route.agents_no_email_percent = 50;
	for (i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		/* From the HRIS, and in an override of the route. Two without are no duplicate. */
		answer = agents(10, 1);
		if (i < ARRAY_LEN(rows))
			answer.agents[0].email = rows[i].typed;
		override.email = rows[i % ARRAY_LEN(rows)].typed;
		kit.route.email_overrides = &override;
		kit.route.n_email_overrides = i < ARRAY_LEN(rows) ? 0 : 1;
		kit_again(&kit);
		kit_answer(&kit, OPERATION_AGENTS, answer);
		assert_int_equal(hris_agents(&kit.hris, &result), GW_OK);
		last = rows[i % ARRAY_LEN(rows)].address == NULL ? 8 : 9;
		assert_int_equal(result.n, last);
		assert_int_equal(result.skipped, 10 - last);
		if (last == 9 &&
		    strcmp(result.items[0].email, rows[i % ARRAY_LEN(rows)].address) != 0)
			fail_msg("row %zu: %s", i, result.items[0].email);
	}
	/* Spelled in two ways, one record is one record; one address of two people is not. */
	kit.route.n_email_overrides = 0;
	answer = agents(10, 0);
	answer.agents[3] = (struct agent){.id = "1", .email = "a1@example.com "};
	assert_int_equal(ask_agents(answer), CODE_NONE);
	answer = agents(10, 0);
	answer.agents[3].email = " A10@example.com";
	assert_int_equal(ask_agents(answer), CODE_HRIS_DUPLICATE_EMAIL);
}

static void
far_fewer_than_last_time(void **state)
{
	(void)state;
	assert_int_equal(ask_agents(agents(100, 0)), CODE_NONE);
	assert_int_equal(ask_agents(agents(79, 0)), CODE_HRIS_FEWER_AGENTS);
	/* What was refused is not the last good answer. */
	assert_int_equal(ask_agents(agents(79, 0)), CODE_HRIS_FEWER_AGENTS);
	assert_int_equal(ask_agents(agents(80, 0)), CODE_NONE);
	kit.route.agents_fewer_percent = 50;
	assert_int_equal(ask_agents(agents(41, 0)), CODE_NONE);
}

static void
the_route_excludes_and_overrides(void **state)
{
	static const char *exclude[] = {"7"};
	static struct email_override overrides[] = {{"2", "two@example.com"}, {"3", ""}};
	struct agents_result result;
	size_t i;

	(void)state;
	kit.route.agents_exclude = exclude;
	kit.route.n_agents_exclude = 1;
	kit.route.email_overrides = overrides;
	kit.route.n_email_overrides = 2;
	kit_answer(&kit, OPERATION_AGENTS, agents(20, 0));
	assert_int_equal(hris_agents(&kit.hris, &result), GW_OK);
	assert_int_equal(result.n, 18);
	assert_int_equal(result.skipped, 1);
	for (i = 0; i < result.n; i++) {
		assert_string_not_equal(result.items[i].id, "7");
		assert_string_not_equal(result.items[i].id, "3");
		if (strcmp(result.items[i].id, "2") == 0)
			assert_string_equal(result.items[i].email, "two@example.com");
	}
	kit_again(&kit);
	exclude[0] = "1";
	kit_answer(&kit, OPERATION_AGENTS, agents(1, 0));
	(void)hris_agents(&kit.hris, &result);
	assert_int_equal(kit.failure.code, CODE_HRIS_EMPTY);
	assert_string_equal(kit.failure.text, "agents: exclude leaves no employee");
}

static struct balance
row(const char *type, const char *amount, enum unit unit)
{
	return (struct balance){
	    .type_id = type, .amount = amount, .has_amount = true, .has_unit = true, .unit = unit};
}

/* What get-agent gives: n records of one agent, with the day_minutes of the last. */
static struct operation_out his;

static void
one_agent(const char *id, int day_minutes, size_t n)
{
	static struct agent agents[3];
	size_t i;

	for (i = 0; i < n; i++)
		agents[i] = (struct agent){.id = id, .day_minutes = i + 1 == n ? day_minutes : 0};
	his = (struct operation_out){.agents = agents, .n_agents = n};
	kit.traits.has[OPERATION_AGENT] = true;
}

static enum gw_err
ask_balance(struct balance *rows, size_t n, const char *const *types, size_t n_types,
    struct balance_answer **out, size_t *n_out)
{
	struct date dates[2] = {kit_date("2027-03-01"), kit_date("2027-04-01")};
	struct balance_ask ask = {
	    .agent_id = "4", .dates = dates, .n_dates = 2, .type_ids = types, .n_types = n_types};

	kit_again(&kit);
	kit_answer(&kit, OPERATION_AGENT, his);
	kit_answer(
	    &kit, OPERATION_BALANCE, (struct operation_out){.balances = rows, .n_balances = n});
	return hris_balance(&kit.hris, &ask, out, n_out);
}

static void
every_date_and_type_asked(void **state)
{
	static const char *const types[] = {"2", "1"};
	struct balance rows[4] = {row("1", "7.5833", UNIT_HOURS), row("1", "-26.36", UNIT_HOURS),
	    row("9", "99", UNIT_HOURS), row("2", "1.5", UNIT_DAYS)};
	struct balance_answer *out;
	size_t n;

	(void)state;
	rows[0].dated = rows[1].dated = true;
	rows[0].date = kit_date("2027-03-01");
	rows[1].date = kit_date("2027-04-01");
	assert_int_equal(ask_balance(rows, 4, types, 2, &out, &n), GW_OK);
	assert_int_equal(n, 4);
	assert_int_equal(out[0].minutes, 720);
	assert_int_equal(out[1].minutes, 455);
	assert_int_equal(out[2].minutes, 720);
	assert_int_equal(out[3].minutes, -1582);
	assert_string_equal(out[3].type_id, "1");
	assert_string_equal(out[3].type_id2, "");
}

static void
left_out_unknown_empty(void **state)
{
	static const char *const both[] = {"1", "2"}, *const unknown[] = {"77"};
	struct balance rows[3] = {row("2", "1", UNIT_DAYS)};
	struct balance_answer *out;
	size_t n;

	(void)state;
	/* Known and left out of an answer that is not empty: 0. */
	assert_int_equal(ask_balance(rows, 1, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[0].minutes, 0);
	assert_int_equal(ask_balance(rows, 0, both, 2, &out, &n), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_BALANCE);
	assert_int_equal(ask_balance(rows, 1, unknown, 1, &out, &n), GW_EINPUT);
	assert_int_equal(kit.failure.code, CODE_INPUT_TYPE);
	rows[1] = row("2", "2", UNIT_DAYS);
	assert_int_equal(ask_balance(rows, 2, both, 2, &out, &n), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_ANSWER);
	rows[0].several = rows[1].several = true;
	assert_int_equal(ask_balance(rows, 2, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 1440);
	rows[0] = row("2", "much", UNIT_DAYS);
	assert_int_equal(ask_balance(rows, 1, both, 2, &out, &n), GW_EREFUSED);
	rows[0] = row("2", NULL, UNIT_DAYS);
	rows[0].unlimited = true;
	assert_int_equal(ask_balance(rows, 1, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 525600);
}

static void
a_day_of_ones_own(void **state)
{
	static const char *const both[] = {"1", "2"};
	struct balance rows[2] = {row("2", "10", UNIT_DAYS), row("1", "6", UNIT_HOURS)};
	struct timeoff_type allowed = {.id = "2", .unit = UNIT_DAYS, .may_go_to = "5"};
	struct balance_answer *out;
	struct balance_at at;
	size_t n;

	(void)state;
	one_agent("4", 240, 2);
	assert_int_equal(ask_balance(rows, 2, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 2400);
	assert_int_equal(out[0].minutes, 360);
	assert_int_equal(kit.called[OPERATION_AGENT], 1);
	/* For an hour he is known. */
	kit.wall_ms += 3599 * 1000;
	one_agent("4", 300, 1);
	assert_int_equal(ask_balance(rows, 2, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 2400);
	kit.wall_ms += 2 * 1000;
	assert_int_equal(ask_balance(rows, 2, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 3000);
	/* What he may overdraw is in his days too. */
	kit_again(&kit);
	kit_answer(
	    &kit, OPERATION_BALANCE, (struct operation_out){.balances = rows, .n_balances = 2});
	allowed.day_minutes = 300;
	assert_int_equal(
	    hris_balance_at(&kit.hris, "4", &allowed, kit_date("2026-01-01"), &at), GW_OK);
	assert_int_equal(at.minutes, 4500);
	allowed.may_go_to = "-1";
	assert_int_equal(
	    hris_balance_at(&kit.hris, "4", &allowed, kit_date("2026-01-01"), &at), GW_EREFUSED);
}

static void
an_agent_who_is_not_there(void **state)
{
	static const char *const both[] = {"1", "2"};
	struct balance rows[1] = {row("2", "10", UNIT_DAYS)};
	struct balance_answer *out;
	size_t n;

	(void)state;
	one_agent("4", 0, 0);
	(void)ask_balance(rows, 1, both, 2, &out, &n);
	assert_int_equal(kit.failure.code, CODE_HRIS_NOT_FOUND);
	assert_int_equal(kit.called[OPERATION_BALANCE], 0);
	/* Another one is not he; who has no day of his own has the route's. */
	one_agent("8", 240, 1);
	(void)ask_balance(rows, 1, both, 2, &out, &n);
	assert_int_equal(kit.failure.code, CODE_HRIS_ANSWER);
	one_agent("4", 0, 1);
	assert_int_equal(ask_balance(rows, 1, both, 2, &out, &n), GW_OK);
	assert_int_equal(out[1].minutes, 4800);
}

static void
a_type_that_is_listed_twice_counts_once(void **state)
{
	static struct timeoff_type rows[3];
	const struct timeoff_type *types;
	char id[LIMIT_ID + 2] = "";
	size_t n, n_types;

	(void)state;
	rows[0] = (struct timeoff_type){.id = "7", .name = "Vacation", .unit = UNIT_DAYS};
	rows[1] = (struct timeoff_type){.id = "8", .name = "Sick", .unit = UNIT_DAYS};
	rows[2] = rows[0];
	kit.n_answers[OPERATION_TYPES] = 0;
	kit_answer(&kit, OPERATION_TYPES, (struct operation_out){.types = rows, .n_types = 3});
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_OK);
	assert_int_equal(n, 2);
	for (n_types = 0; n_types < 2; n_types++) {
		kit.n_answers[OPERATION_TYPES] = 0;
		kit_answer(&kit, OPERATION_TYPES,
		    (struct operation_out){.types = rows, .n_types = n_types});
		(void)hris_types(&kit.hris, &types, &n);
		assert_int_equal(kit.failure.code, n_types == 0 ? CODE_HRIS_EMPTY : CODE_NONE);
		fail_clear(&kit.failure);
	}
	memset(id, 'i', LIMIT_ID);
	rows[2].id = id;
	kit.n_answers[OPERATION_TYPES] = 0;
	kit_answer(&kit, OPERATION_TYPES, (struct operation_out){.types = rows, .n_types = 3});
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_OK);
	assert_int_equal(n, 3);
	memset(id, 'i', LIMIT_ID + 1);
	kit.n_answers[OPERATION_TYPES] = 0;
	kit_answer(&kit, OPERATION_TYPES, (struct operation_out){.types = rows, .n_types = 3});
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_EREFUSED);
	assert_non_null(strstr(kit.failure.text, "a type's id is longer than"));
	fail_clear(&kit.failure);
	rows[2] = rows[0];
	rows[2].unit = UNIT_HOURS;
	kit.n_answers[OPERATION_TYPES] = 0;
	kit_answer(&kit, OPERATION_TYPES, (struct operation_out){.types = rows, .n_types = 3});
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_EREFUSED);
	assert_int_equal(kit.failure.code, CODE_HRIS_ANSWER);
}

static void
types_are_kept_and_served_stale(void **state)
{
	const struct timeoff_type *types;
	size_t n;

	(void)state;
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_OK);
	assert_int_equal(n, 2);
	/* Out of reach: those of before, for a day. */
	fail_clear(&kit.failure);
	kit.n_answers[OPERATION_TYPES] = 0;
	kit_fail(&kit, OPERATION_TYPES, CODE_HRIS_UNAVAILABLE, "down");
	kit.wall_ms += 7200 * 1000;
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_OK);
	assert_string_equal(types[1].name, "Personal");
	kit.wall_ms += (int64_t)25 * 3600 * 1000;
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_ERETRY);
}

/* As many as an answer may hold: comparing each with each would take minutes. */
static void
a_hundred_thousand_types(void **state)
{
	enum { MANY = LIMIT_RECORDS };
	struct timeoff_type *many = arena_array(&kit.arena, MANY, sizeof(*many));
	const struct timeoff_type *types, *one;
	const char *id;
	size_t i, n;

	(void)state;
	assert_non_null(many);
	for (i = 0; i < MANY; i++)
		many[i] = (struct timeoff_type){
		    .id = arena_printf(&kit.arena, "%zu", (i * 7919) % (MANY - 1)), .name = "x"};
	memset(kit.n_answers, 0, sizeof(kit.n_answers));
	kit_answer(&kit, OPERATION_TYPES, (struct operation_out){.types = many, .n_types = MANY});
	assert_int_equal(hris_types(&kit.hris, &types, &n), GW_OK);
	/* The last is the first again. */
	assert_int_equal(n, MANY - 1);
	assert_string_equal(types[1].id, "7919");
	for (i = 0; i < MANY - 1; i++) {
		id = arena_printf(&kit.arena, "%zu", i);
		assert_int_equal(hris_type(&kit.hris, id, NULL, &one), GW_OK);
		assert_string_equal(one->id, id);
	}
	assert_int_equal(hris_type(&kit.hris, "none", NULL, &one), GW_EINPUT);
}

/* Every id several times: rows of one id are one request, and equal rows count once. */
static void
a_hundred_thousand_found_rows(void **state)
{
	enum { MANY = LIMIT_RECORDS, EACH = 4 };
	static const size_t ids[] = {1, MANY / EACH};
	struct found *many = arena_array(&kit.arena, MANY, sizeof(*many)), *rows;
	struct date date = kit_date("2027-03-01");
	size_t i, j, n;

	(void)state;
	assert_non_null(many);
	for (j = 0; j < sizeof(ids) / sizeof(ids[0]); j++) {
		for (i = 0; i < MANY; i++) {
			many[i] = (struct found){
			    .id = arena_printf(&kit.arena, "%zu", (i * 7919) % ids[j]),
			    .type_id = "1",
			    .status = STATUS_PENDING,
			    .amount = "1",
			    .ranged = true};
			/* Half of each id are the other half again. */
			many[i].start.day = many[i].end.day =
			    date.day + (int32_t)(i / ids[j] % (MANY / ids[j] / 2));
		}
		memset(kit.n_answers, 0, sizeof(kit.n_answers));
		kit_answer(
		    &kit, OPERATION_FIND, (struct operation_out){.found = many, .n_found = MANY});
		assert_int_equal(hris_find(&kit.hris, "4", NULL, date, date, &rows, &n), GW_OK);
		assert_int_equal(n, ids[j]);
		assert_int_equal(rows[0].n_days, MANY / ids[j] / 2);
		assert_int_equal(rows[0].days[1].date.day, date.day + 1);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(agents_whole_or_not_at_all),
	    T(addresses_as_people_type_them),
	    T(far_fewer_than_last_time),
	    T(the_route_excludes_and_overrides),
	    T(every_date_and_type_asked),
	    T(left_out_unknown_empty),
	    T(a_day_of_ones_own),
	    T(an_agent_who_is_not_there),
	    T(a_type_that_is_listed_twice_counts_once),
	    T(types_are_kept_and_served_stale),
	    T(a_hundred_thousand_types),
	    T(a_hundred_thousand_found_rows),
	};

	return cmocka_run_group_tests_name("hris_read", tests, NULL, NULL);
}
