/*
 * test_local.c: the local HRIS through its driver: balances across years, the life of a request,
 * what is refused, and eight threads at one day's 24 hours.
 */
#include "local/local.h"
#include "local/call.h"
#include "local/books.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/loop.h"
#include "engine/offload.h"
#include "engine/task.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { THREADS = 8, ROUNDS = 5 };

static int64_t
clock_fixed_wall(void *context)
{
	(void)context;
	return 1795464780007; /* 2026-11-23T20:13:00 */
}

static int64_t mono_ms = 1000;

static int64_t
clock_fixed_mono(void *context)
{
	(void)context;
	return mono_ms;
}

static const struct clock fixed = {.wall_ms = clock_fixed_wall, .mono_ms = clock_fixed_mono};

static struct date
day(const char *s)
{
	struct date d = {0};

	if (!date_parse(s, &d))
		fail_msg("%s is no date", s);
	return d;
}

/* A route of its own in a folder of its own, with one request's memory. */
struct bench {
	struct arena arena;
	struct route route;
	struct failure failure;
	struct hris hris;
	struct operation_out out;
	char state_dir[64];
};

static void
bench_start(struct bench *b, const char *state_dir)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, 64 * 1024 * 1024);
	(void)snprintf(b->state_dir, sizeof(b->state_dir), "%s", state_dir);
	b->route = (struct route){.name = "shop", .local = true};
	b->hris = (struct hris){.route = &b->route,
	    .driver = &local_driver,
	    .arena = &b->arena,
	    .clock = &fixed,
	    .state_dir = b->state_dir,
	    .deadline_ms = 61000,
	    .failure = &b->failure};
}

static void
bench_stop(struct bench *b)
{
	arena_clear(&b->arena);
}

static enum gw_err
bench_run(struct bench *b, enum operation op, const struct operation_in *in)
{
	fail_clear(&b->failure);
	return local_driver.run(&b->hris, op, in, &b->out);
}

static void
expect(struct bench *b, enum operation op, const struct operation_in *in, enum fail_code code)
{
	enum gw_err err = bench_run(b, op, in);

	if (b->failure.code != code || err != fail_code_err(code))
		fail_msg("%s: %s (%s), expected %s", operation_name(op),
		    fail_code_text(b->failure.code), b->failure.text, fail_code_text(code));
	if (operation_writes(op))
		assert_int_equal(b->out.written, code == CODE_NONE);
}

static void
seed(struct bench *b, const char *sql)
{
	const char *path = local_path(&b->arena, b->state_dir, "shop", NULL);
	struct db *db;

	fail_clear(&b->failure);
	if (local_open(path, 1000, &b->failure, &db) != GW_OK)
		fail_msg("%s", b->failure.text);
	if (!db_run(db, sql, NULL, 0))
		fail_msg("%s: %s", sql, db_words(db));
	db_close(db);
}

/*
 * 1 Ann, 2 Bob (hired in the middle of 2026), 3 Cleo without e-mail, 4 Dan who left; types: 1
 * vacation, 2 sick leave, 3 personal days, 4 unpaid, 5 nothing but grants.
 */
static void
seed_shop(struct bench *b)
{
	seed(b, "INSERT INTO employees (id, email, name, hired, active) VALUES "
		"(1, 'ann@example.com', 'Ann', '2020-03-01', 1),"
		"(2, 'bob@example.com', 'Bob', '2026-07-15', 1),"
		"(3, NULL, 'Cleo', NULL, 1), (4, 'dan@example.com', 'Dan', NULL, 0)");
	seed(b, "INSERT INTO types (id, name, unit, unlimited, yearly, monthly, carry_over, "
		"day_minutes, starts) VALUES "
		"(1, 'Vacation', 'hours', 0, 7200, 0, 2400, 480, '2025-01-01'),"
		"(2, 'Sick leave', 'hours', 0, 0, 480, 0, 480, '2025-01-01'),"
		"(3, 'Personal days', 'days', 0, 1350, 0, 0, 450, '2025-01-01'),"
		"(4, 'Unpaid', 'days', 1, 0, 0, NULL, 480, '2025-01-01'),"
		"(5, 'Comp time', 'hours', 0, 0, 0, NULL, 480, '2025-01-01')");
}

static char scratch[64];

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	(void)snprintf(scratch, sizeof(scratch), "/tmp/test_local.XXXXXX");
	if (b == NULL || mkdtemp(scratch) == NULL)
		return -1;
	bench_start(b, scratch);
	seed_shop(b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"local/shop.db", "local/shop.db-wal",
	    "local/shop.db-shm", "local/other.db", "local", "books/x.db", "books"};
	struct bench *b = *state;
	char path[128];
	size_t i;

	bench_stop(b);
	free(b);
	for (i = 0; i < N(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", scratch, names[i]);
		(void)remove(path);
	}
	if (rmdir(scratch) != 0)
		fail_msg("%s is not empty: %s", scratch, strerror(errno));
	return 0;
}

/* The arithmetic alone. */
static void
test_rule(void **state)
{
	static const struct {
		const char *starts;
		int64_t yearly, monthly, carry_over; /* carry_over -1: all */
		const char *at;
		int64_t balance;
	} rows[] = {
	    {"2025-01-01", 7200, 0, -1, "2024-12-31", 0},
	    {"2025-01-01", 7200, 0, -1, "2025-01-01", 7200},
	    {"2025-01-01", 7200, 0, -1, "2025-12-31", 7200},
	    {"2025-01-01", 7200, 0, -1, "2026-01-01", 14400},
	    {"2025-01-01", 7200, 0, 2400, "2026-01-01", 9600},
	    {"2025-01-01", 7200, 0, 0, "2026-01-01", 7200},
	    {"2025-01-01", 7200, 0, 2400, "2030-06-01", 9600},
	    /* From July: six twelfths, on the day itself. */
	    {"2026-07-15", 7200, 0, -1, "2026-07-14", 0},
	    {"2026-07-15", 7200, 0, -1, "2026-07-15", 3600},
	    {"2026-07-15", 7200, 0, -1, "2026-12-31", 3600},
	    {"2026-07-15", 7200, 0, -1, "2027-01-01", 10800},
	    {"2026-12-31", 7205, 0, -1, "2026-12-31", 600}, /* 600.4 */
	    /* Monthly: the first of each month from the start on. */
	    {"2025-01-01", 0, 480, -1, "2025-01-01", 480},
	    {"2025-01-01", 0, 480, -1, "2025-01-31", 480},
	    {"2025-01-01", 0, 480, -1, "2025-02-01", 960},
	    {"2025-01-01", 0, 480, -1, "2025-12-31", 5760},
	    {"2025-01-01", 0, 480, 960, "2026-01-01", 1440},
	    {"2026-07-15", 0, 480, -1, "2026-07-31", 0},
	    {"2026-07-15", 0, 480, -1, "2026-08-01", 480},
	    {"2026-12-15", 0, 480, -1, "2026-12-31", 0},
	    {"2026-12-15", 0, 480, -1, "2027-01-01", 480},
	    {"2025-01-01", 100, 10, 50, "2026-03-31", 180},
	    {"2025-01-01", 7200, 480, -1, "9999-12-31", 7975LL * (7200 + 12 * 480)},
	};
	struct local_rule rule;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		rule = (struct local_rule){.yearly = rows[i].yearly,
		    .monthly = rows[i].monthly,
		    .carries_all = rows[i].carry_over < 0,
		    .carry_over = rows[i].carry_over,
		    .starts = day(rows[i].starts)};
		if (local_balance_at(&rule, NULL, 0, day(rows[i].at)) != rows[i].balance)
			fail_msg("row %zu at %s: %lld, expected %lld", i, rows[i].at,
			    (long long)local_balance_at(&rule, NULL, 0, day(rows[i].at)),
			    (long long)rows[i].balance);
	}
}

/* The same with grants and days taken: a debt is carried whole, a rest up to the limit. */
static void
test_rule_movements(void **state)
{
	const struct local_movement m[] = {
	    {day("2024-05-01"), 300}, /* before the rule: an opening balance */
	    {day("2025-06-02"), -6900},
	    {day("2025-12-31"), -900},
	    {day("2026-01-01"), -480},
	    {day("2026-07-01"), 60},
	    {day("2027-02-01"), -480},
	};
	const struct local_rule rule = {
	    .yearly = 7200, .carry_over = 240, .starts = day("2025-01-01")};
	static const struct {
		const char *at;
		int64_t balance;
	} rows[] = {
	    {"2024-04-30", 0},
	    {"2024-05-01", 300},
	    {"2024-12-31", 300},
	    {"2025-01-01", 7440},
	    {"2025-06-01", 7440},
	    {"2025-06-02", 540},
	    {"2025-12-31", -360},
	    {"2026-01-01", 6360},
	    {"2026-06-30", 6360},
	    {"2026-07-01", 6420},
	    {"2027-01-01", 7440},
	    {"2027-01-31", 7440},
	    {"2027-02-01", 6960},
	    {"2028-01-01", 7440},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		int64_t n = local_balance_at(&rule, m, N(m), day(rows[i].at));

		if (n != rows[i].balance)
			fail_msg("%s: %lld, expected %lld", rows[i].at, (long long)n,
			    (long long)rows[i].balance);
	}
}

static void
test_agents_and_types(void **state)
{
	struct bench *b = *state;
	const struct operation_in in = {0};

	expect(b, OPERATION_AGENTS, &in, CODE_NONE);
	assert_int_equal(b->out.n_agents, 3);
	assert_string_equal(b->out.agents[0].id, "1");
	assert_string_equal(b->out.agents[0].email, "ann@example.com");
	assert_string_equal(b->out.agents[2].id, "3");
	assert_null(b->out.agents[2].email);
	expect(b, OPERATION_TYPES, &in, CODE_NONE);
	assert_int_equal(b->out.n_types, 5);
	assert_string_equal(b->out.types[0].name, "Vacation");
	assert_int_equal(b->out.types[0].unit, UNIT_HOURS);
	assert_null(b->out.types[0].id2);
	assert_int_equal(b->out.types[2].unit, UNIT_DAYS);
	assert_int_equal(b->out.types[2].day_minutes, 450);
	assert_false(b->out.types[2].unlimited);
	assert_true(b->out.types[3].unlimited);
}

/* One balance, or "unlimited". */
static const char *
balance(struct bench *b, const char *agent, const char *type, const char *at)
{
	const struct timeoff_type t = {.id = type};
	const struct timeoff_type *const types[] = {&t};
	const struct date dates[] = {day(at)};
	const struct operation_in in = {
	    .agent_id = agent, .types = types, .n_types = 1, .dates = dates, .n_dates = 1};

	expect(b, OPERATION_BALANCE, &in, CODE_NONE);
	assert_int_equal(b->out.n_balances, 1);
	assert_string_equal(b->out.balances[0].type_id, type);
	assert_true(b->out.balances[0].dated && b->out.balances[0].date.day == dates[0].day);
	assert_true(b->out.balances[0].includes_pending);
	if (b->out.balances[0].unlimited) {
		assert_false(b->out.balances[0].has_amount);
		return "unlimited";
	}
	assert_true(b->out.balances[0].has_amount && b->out.balances[0].has_unit);
	assert_int_equal(b->out.balances[0].unit, UNIT_MINUTES);
	return b->out.balances[0].amount;
}

struct write {
	const char *agent, *type, *request;
	enum timeoff_status status;
	const char *dates[4];
	int minutes[4];
	const char *notes, *marker;
};

static void
write_run(struct bench *b, enum operation op, const struct write *w, enum fail_code code)
{
	const struct timeoff_type type = {.id = w->type};
	struct day days[4];
	struct operation_in in = {.agent_id = w->agent,
	    .type = w->type == NULL ? NULL : &type,
	    .request_id = w->request,
	    .status = w->status,
	    .days = days,
	    .notes = w->notes,
	    .marker = w->marker};

	memset(days, 0, sizeof(days));
	while (in.n_days < N(days) && w->dates[in.n_days] != NULL) {
		days[in.n_days] = (struct day){
		    .date = day(w->dates[in.n_days]), .minutes = w->minutes[in.n_days]};
		in.n_days++;
	}
	expect(b, op, &in, code);
}

static const char *
insert(
    struct bench *b, const char *agent, enum timeoff_status status, const char *date, int minutes)
{
	const struct write w = {agent, "1", NULL, status, {date}, {minutes}, "a note", "[m]"};

	write_run(b, OPERATION_INSERT, &w, CODE_NONE);
	assert_int_equal(b->out.result.status, status);
	return b->out.result.id;
}

static void
test_balances(void **state)
{
	struct bench *b = *state;
	const char *id;

	seed(b, "INSERT INTO grants (employee, type, date, minutes, note) VALUES "
		"(1, 5, '2026-02-01', 90, 'late shift'), (1, 5, '2026-02-01', 30, 'again'),"
		"(1, 1, '2025-01-01', 600, 'opening')");
	assert_string_equal(balance(b, "1", "1", "2025-12-31"), "7800");
	assert_string_equal(balance(b, "1", "1", "2026-01-01"), "9600");
	assert_string_equal(balance(b, "1", "2", "2026-11-23"), "5280");
	assert_string_equal(balance(b, "1", "3", "2026-11-23"), "1350");
	assert_string_equal(balance(b, "1", "4", "2026-11-23"), "unlimited");
	assert_string_equal(balance(b, "1", "5", "2026-01-31"), "0");
	assert_string_equal(balance(b, "1", "5", "2026-02-01"), "120");
	assert_string_equal(balance(b, "2", "1", "2026-07-14"), "0");
	assert_string_equal(balance(b, "2", "1", "2026-07-15"), "3600");
	assert_string_equal(balance(b, "3", "1", "2025-01-01"), "7200");
	assert_string_equal(balance(b, "4", "1", "2025-01-01"), "7200");

	/* Pending and approved requests count from their day on; others do not. */
	id = insert(b, "1", STATUS_PENDING, "2026-12-01", 480);
	assert_string_equal(balance(b, "1", "1", "2026-11-30"), "9600");
	assert_string_equal(balance(b, "1", "1", "2026-12-01"), "9120");
	{
		const struct write w = {.agent = "1", .request = id};

		write_run(b, OPERATION_APPROVE, &w, CODE_NONE);
		assert_string_equal(balance(b, "1", "1", "2026-12-01"), "9120");
		write_run(b, OPERATION_CANCEL, &w, CODE_NONE);
		assert_string_equal(balance(b, "1", "1", "2026-12-01"), "9600");
	}
	id = insert(b, "1", STATUS_APPROVED, "2026-12-31", 480);
	(void)insert(b, "1", STATUS_APPROVED, "2027-01-01", 60);
	assert_string_equal(balance(b, "1", "1", "2026-12-31"), "9120");
	assert_string_equal(balance(b, "1", "1", "2027-01-01"), "9540");
	{
		const struct write w = {.agent = "1", .request = id};

		write_run(b, OPERATION_DENY, &w, CODE_NONE);
		assert_string_equal(balance(b, "1", "1", "2026-12-31"), "9600");
	}
}

/* Every date for every type, in that order. */
static void
test_balance_grid(void **state)
{
	struct bench *b = *state;
	const struct timeoff_type t[] = {{.id = "1"}, {.id = "4"}, {.id = "2"}};
	const struct timeoff_type *const types[] = {&t[0], &t[1], &t[2]};
	const struct date dates[] = {day("2026-01-01"), day("2025-01-01")};
	struct operation_in in = {
	    .agent_id = "1", .types = types, .n_types = 3, .dates = dates, .n_dates = 2};

	expect(b, OPERATION_BALANCE, &in, CODE_NONE);
	assert_int_equal(b->out.n_balances, 6);
	assert_string_equal(b->out.balances[0].amount, "9600");
	assert_string_equal(b->out.balances[1].amount, "7200");
	assert_true(b->out.balances[2].unlimited && b->out.balances[3].unlimited);
	assert_string_equal(b->out.balances[4].amount, "480");
	in.n_dates = 0;
	expect(b, OPERATION_BALANCE, &in, CODE_NONE);
	assert_int_equal(b->out.n_balances, 0);
}

static void
test_unknown(void **state)
{
	static const char *const ids[] = {"", "0", "9", "01", "-1", "1.0", "abc", "../1", "1 ",
	    "9999999999999999999999", "999999999999999999"};
	struct bench *b = *state;
	const struct date dates[] = {day("2026-01-01")};
	size_t i;

	for (i = 0; i < N(ids); i++) {
		const struct timeoff_type t = {.id = ids[i]};
		const struct timeoff_type *const types[] = {&t};
		struct operation_in in = {.agent_id = ids[i],
		    .types = types,
		    .n_types = 1,
		    .dates = dates,
		    .n_dates = 1,
		    .request_id = ids[i]};
		struct write w = {
		    ids[i], "1", NULL, STATUS_APPROVED, {"2026-12-01"}, {60}, NULL, NULL};

		expect(b, OPERATION_BALANCE, &in, CODE_HRIS_NOT_FOUND);
		write_run(b, OPERATION_INSERT, &w, CODE_HRIS_NOT_FOUND);
		w.agent = "1";
		w.type = ids[i];
		write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
		in.agent_id = "1";
		expect(b, OPERATION_BALANCE, &in, CODE_HRIS_REFUSED);
		expect(b, OPERATION_FIND, &in, CODE_NONE);
		assert_int_equal(b->out.n_found, 0);
		w.request = ids[i];
		w.type = "1";
		write_run(b, OPERATION_CHANGE, &w, CODE_HRIS_NOT_FOUND);
		write_run(b, OPERATION_APPROVE, &w, CODE_HRIS_NOT_FOUND);
		write_run(b, OPERATION_CANCEL, &w, CODE_HRIS_NOT_FOUND);
		write_run(b, OPERATION_DENY, &w, CODE_HRIS_NOT_FOUND);
	}
}

static void
test_insert_refused(void **state)
{
	struct bench *b = *state;
	struct write w = {"4", "1", NULL, STATUS_APPROVED, {"2026-12-01"}, {60}, NULL, NULL};

	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED); /* left */
	w.agent = "1";
	w.status = STATUS_DENIED;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
	w.status = STATUS_NONE;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
	w.status = STATUS_APPROVED;
	w.dates[0] = NULL;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
	w.dates[0] = "2026-12-01";
	w.minutes[0] = 1441;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
	w.minutes[0] = -1;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_REFUSED);
	assert_string_equal(balance(b, "1", "1", "2026-12-01"), "9600");
}

static void
test_overlap(void **state)
{
	struct bench *b = *state;
	struct write w = {
	    "1", "4", NULL, STATUS_PENDING, {"2026-12-01", "2026-12-02"}, {0, 480}, NULL, NULL};
	const char *id;

	id = insert(b, "1", STATUS_APPROVED, "2026-12-02", 961);
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_CONFLICT); /* of another type too */
	w.minutes[1] = 479;
	write_run(b, OPERATION_INSERT, &w, CODE_NONE);
	w.agent = "2";
	w.minutes[1] = 1440;
	write_run(b, OPERATION_INSERT, &w, CODE_NONE); /* somebody else */
	w.agent = "1";
	w.minutes[1] = 1;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_CONFLICT);
	w.request = id;
	write_run(b, OPERATION_CANCEL, &w, CODE_NONE);
	w.minutes[1] = 961;
	write_run(b, OPERATION_INSERT, &w, CODE_NONE);
}

/* From each status, by each operation. */
static void
test_statuses(void **state)
{
	static const enum operation by[] = {
	    OPERATION_APPROVE, OPERATION_CANCEL, OPERATION_DENY, OPERATION_CHANGE};
	static const struct {
		enum timeoff_status from;
		enum timeoff_status to[4]; /* NONE: conflict */
	} rows[] = {
	    {STATUS_PENDING, {STATUS_APPROVED, STATUS_CANCELED, STATUS_DENIED, STATUS_APPROVED}},
	    {STATUS_APPROVED, {STATUS_APPROVED, STATUS_CANCELED, STATUS_DENIED, STATUS_APPROVED}},
	    {STATUS_DENIED, {STATUS_NONE, STATUS_CANCELED, STATUS_DENIED, STATUS_NONE}},
	    {STATUS_CANCELED, {STATUS_NONE, STATUS_CANCELED, STATUS_NONE, STATUS_NONE}},
	};
	struct bench *b = *state;
	char sql[200];
	size_t i, k;

	for (i = 0; i < N(rows); i++) {
		for (k = 0; k < N(by); k++) {
			const char *id = insert(b, "1", STATUS_PENDING, "2026-12-01", 1);
			struct write w = {
			    "1", "1", id, STATUS_APPROVED, {"2026-12-01"}, {1}, NULL, NULL};
			const struct operation_in find = {.request_id = id};
			enum timeoff_status to = rows[i].to[k];

			(void)snprintf(sql, sizeof(sql),
			    "UPDATE requests SET status = '%s' WHERE id = %s",
			    status_name(rows[i].from), id);
			seed(b, sql);
			write_run(b, by[k], &w, to == STATUS_NONE ? CODE_HRIS_CONFLICT : CODE_NONE);
			if (to != STATUS_NONE) {
				assert_string_equal(b->out.result.id, id);
				assert_int_equal(b->out.result.status, to);
			}
			expect(b, OPERATION_FIND, &find, CODE_NONE);
			assert_int_equal(b->out.n_found, 1);
			assert_int_equal(
			    b->out.found[0].status, to == STATUS_NONE ? rows[i].from : to);
		}
	}
}

static void
test_change(void **state)
{
	struct bench *b = *state;
	const char *id = insert(b, "1", STATUS_PENDING, "2026-12-01", 1440);
	struct write w = {
	    "1", "5", id, STATUS_APPROVED, {"2026-12-01", "2026-12-03"}, {1440, 30}, "new", "[m2]"};
	const struct operation_in find = {.request_id = id};
	const struct found *f;

	write_run(b, OPERATION_CHANGE, &w, CODE_NONE); /* its own days do not conflict */
	assert_string_equal(b->out.result.id, id);
	assert_int_equal(b->out.result.status, STATUS_APPROVED);
	expect(b, OPERATION_FIND, &find, CODE_NONE);
	f = &b->out.found[0];
	assert_string_equal(f->type_id, "5");
	assert_string_equal(f->marker, "[m2]");
	assert_string_equal(f->amount, "1470");
	assert_int_equal(f->n_days, 2);
	assert_int_equal(f->n_notes, 1);
	assert_string_equal(f->notes[0], "new");
	w.notes = w.marker = NULL; /* absent: they stay */
	w.dates[1] = NULL;
	write_run(b, OPERATION_CHANGE, &w, CODE_NONE);
	expect(b, OPERATION_FIND, &find, CODE_NONE);
	f = &b->out.found[0];
	assert_string_equal(f->marker, "[m2]");
	assert_string_equal(f->notes[0], "new");
	assert_int_equal(f->n_days, 1);
	/* What is refused changes nothing. */
	w.minutes[0] = 1;
	w.type = "99";
	write_run(b, OPERATION_CHANGE, &w, CODE_HRIS_REFUSED);
	w.type = "1";
	w.status = STATUS_DENIED;
	write_run(b, OPERATION_CHANGE, &w, CODE_HRIS_REFUSED);
	w.status = STATUS_PENDING;
	w.agent = "2";
	write_run(b, OPERATION_CHANGE, &w, CODE_HRIS_NOT_FOUND);
	write_run(b, OPERATION_CANCEL, &w, CODE_HRIS_NOT_FOUND);
	expect(b, OPERATION_FIND, &find, CODE_NONE);
	assert_string_equal(b->out.found[0].amount, "1440");
	assert_int_equal(b->out.found[0].status, STATUS_APPROVED);
}

static void
test_find(void **state)
{
	static const struct {
		const char *agent, *from, *to;
		size_t n;
	} rows[] = {
	    {"1", "2026-12-01", "2026-12-01", 1},
	    {"1", "2026-12-02", "2026-12-02", 1}, /* between its days */
	    {"1", "2026-11-01", "2026-12-01", 1},
	    {"1", "2026-12-04", "2026-12-31", 1},
	    {"1", "2026-12-05", "2026-12-31", 0},
	    {"1", "2026-11-01", "2026-11-30", 0},
	    {"1", "1900-01-01", "9999-12-31", 2},
	    {"2", "1900-01-01", "9999-12-31", 0},
	};
	struct bench *b = *state;
	struct write w = {"1", "1", NULL, STATUS_APPROVED,
	    {"2026-12-01", "2026-12-03", "2026-12-04"}, {480, 0, 60}, "first [hrisgw x] note",
	    "[hrisgw 6f]"};
	const struct found *f;
	const char *id;
	size_t i;

	write_run(b, OPERATION_INSERT, &w, CODE_NONE);
	id = b->out.result.id;
	w.request = insert(b, "1", STATUS_PENDING, "2027-06-01", 60);
	w.notes = "because";
	write_run(b, OPERATION_CANCEL, &w, CODE_NONE);
	for (i = 0; i < N(rows); i++) {
		const struct operation_in in = {.agent_id = rows[i].agent,
		    .min_date = day(rows[i].from),
		    .max_date = day(rows[i].to)};

		expect(b, OPERATION_FIND, &in, CODE_NONE);
		if (b->out.n_found != rows[i].n)
			fail_msg("row %zu: %zu found", i, b->out.n_found);
	}
	{
		struct operation_in in = {.request_id = id};

		expect(b, OPERATION_FIND, &in, CODE_NONE);
		assert_int_equal(b->out.n_found, 1);
		f = b->out.found;
		assert_string_equal(f->id, id);
		assert_string_equal(f->type_id, "1");
		assert_string_equal(f->marker, "[hrisgw 6f]");
		assert_int_equal(f->status, STATUS_APPROVED);
		assert_int_equal(f->n_notes, 1);
		assert_string_equal(f->notes[0], "first [hrisgw x] note");
		assert_true(f->ranged && f->has_unit && f->unit == UNIT_MINUTES);
		assert_int_equal(f->start.day, day("2026-12-01").day);
		assert_int_equal(f->end.day, day("2026-12-04").day);
		assert_string_equal(f->amount, "540");
		assert_int_equal(f->n_days, 3);
		assert_string_equal(f->days[1].amount, "0");
		assert_int_equal(f->days[2].date.day, day("2026-12-04").day);
		assert_int_equal(f->days[2].unit, UNIT_MINUTES);
		in.agent_id = "1";
		expect(b, OPERATION_FIND, &in, CODE_NONE);
		assert_int_equal(b->out.n_found, 1);
		in.agent_id = "2"; /* not hers */
		expect(b, OPERATION_FIND, &in, CODE_NONE);
		assert_int_equal(b->out.n_found, 0);
		in.request_id = w.request;
		in.agent_id = NULL;
		expect(b, OPERATION_FIND, &in, CODE_NONE);
		assert_int_equal(b->out.found[0].n_notes, 2);
		assert_string_equal(b->out.found[0].notes[1], "because");
	}
}

static void
test_traits(void **state)
{
	struct bench *b = *state;
	const struct traits *t = local_driver.traits(&b->hris);
	int op;

	for (op = 0; op < OPERATION_MAX; op++)
		assert_int_equal(t->has[op], op != OPERATION_UNDO && op != OPERATION_AGENT);
	assert_true(t->amounts_declared && t->can[UNIT_MINUTES] && t->consistent);
	assert_int_equal(t->step[UNIT_MINUTES].coefficient, 1);
	assert_int_equal(t->find, LOST_MARKER);
	assert_int_equal(t->settle_ms, 0);
	assert_false(t->replaces != REPLACE_NO || t->many);
}

struct worker {
	pthread_t thread;
	char state_dir[64];
	int done, conflicts, others;
};

static void *
worker_run(void *context)
{
	const struct timeoff_type type = {.id = "1"};
	const struct day days[] = {{.date = day("2026-12-01"), .minutes = 60}};
	const struct operation_in in = {
	    .agent_id = "1", .type = &type, .status = STATUS_PENDING, .days = days, .n_days = 1};
	struct worker *w = context;
	struct bench b;
	int i;

	bench_start(&b, w->state_dir);
	for (i = 0; i < ROUNDS; i++) {
		enum gw_err err = bench_run(&b, OPERATION_INSERT, &in);

		if (err == GW_OK)
			w->done++;
		else if (b.failure.code == CODE_HRIS_CONFLICT)
			w->conflicts++;
		else
			w->others++;
	}
	bench_stop(&b);
	return NULL;
}

/* 40 hours asked of one day by eight threads: 24 are given. */
static void
test_threads(void **state)
{
	struct worker w[THREADS];
	struct bench *b = *state;
	int i, done = 0, conflicts = 0, others = 0;

	memset(w, 0, sizeof(w));
	for (i = 0; i < THREADS; i++) {
		memcpy(w[i].state_dir, b->state_dir, sizeof(w[i].state_dir));
		assert_int_equal(pthread_create(&w[i].thread, NULL, worker_run, &w[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
		done += w[i].done;
		conflicts += w[i].conflicts;
		others += w[i].others;
	}
	assert_int_equal(others, 0);
	assert_int_equal(done, 24);
	assert_int_equal(conflicts, THREADS * ROUNDS - 24);
	assert_string_equal(balance(b, "1", "1", "2026-12-01"), "8160");
}

static void *
worker_open(void *context)
{
	struct worker *w = context;
	const struct operation_in in = {0};
	struct bench b;
	int i;

	bench_start(&b, w->state_dir);
	b.route.name = "other";
	for (i = 0; i < ROUNDS; i++) {
		if (bench_run(&b, OPERATION_AGENTS, &in) == GW_OK && b.out.n_agents == 0)
			w->done++;
	}
	bench_stop(&b);
	return NULL;
}

/* Eight threads make a database at once: it is one, and whole. */
static void
test_first_use(void **state)
{
	struct worker w[THREADS];
	struct bench *b = *state;
	int i;

	memset(w, 0, sizeof(w));
	for (i = 0; i < THREADS; i++) {
		memcpy(w[i].state_dir, b->state_dir, sizeof(w[i].state_dir));
		assert_int_equal(pthread_create(&w[i].thread, NULL, worker_open, &w[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(w[i].thread, NULL), 0);
		assert_int_equal(w[i].done, ROUNDS);
	}
}

/* Another connection writes for longer than the deadline: busy, nothing written. */
static void
test_busy(void **state)
{
	struct bench *b = *state;
	struct write w = {"1", "1", NULL, STATUS_APPROVED, {"2026-12-01"}, {60}, NULL, NULL};
	struct db *db;

	assert_int_equal(
	    local_open(local_path(&b->arena, b->state_dir, "shop", NULL), 1000, &b->failure, &db),
	    GW_OK);
	assert_true(db_begin(db, true));
	b->hris.deadline_ms = 1020;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_BUSY);
	assert_string_equal(
	    balance(b, "1", "1", "2026-12-01"), "9600"); /* reads are not kept waiting */
	db_rollback(db);
	db_close(db);
	write_run(b, OPERATION_INSERT, &w, CODE_NONE);
	b->hris.deadline_ms = 1000;
	write_run(b, OPERATION_INSERT, &w, CODE_HRIS_TIMEOUT);
}

static sem_t release;

static void
hold_thread(void *context)
{
	(void)context;
	(void)sem_wait(&release);
}

static void
hold_in_task(void *context)
{
	offload(hold_thread, NULL);
	++*(int *)context;
}

struct late {
	struct bench *b;
	bool done;
};

static void
insert_in_task(void *context)
{
	struct late *l = context;
	struct write w = {"1", "1", NULL, STATUS_APPROVED, {"2026-12-01"}, {60}, NULL, NULL};

	write_run(l->b, OPERATION_INSERT, &w, CODE_HRIS_TIMEOUT);
	l->done = true;
}

/* Others have all the threads until the deadline is over: nothing is written after it. */
static void
test_no_thread_in_time(void **state)
{
	struct late late = {.b = *state};
	int held = 0, i;

	assert_int_equal(sem_init(&release, 0, 0), 0);
	for (i = 0; i < OFFLOAD_THREADS; i++)
		assert_true(task_spawn(loop_current(), hold_in_task, &held));
	assert_true(task_spawn(loop_current(), insert_in_task, &late));
	loop_turn(loop_current(), 0);
	assert_false(late.done);
	mono_ms = late.b->hris.deadline_ms;
	for (i = 0; i < OFFLOAD_THREADS; i++)
		assert_int_equal(sem_post(&release), 0);
	while (held < OFFLOAD_THREADS || !late.done)
		loop_turn(loop_current(), INT64_MAX);
	mono_ms = 1000;
	assert_string_equal(balance(late.b, "1", "1", "2026-12-01"), "9600");
	(void)sem_destroy(&release);
}

static void
test_files(void **state)
{
	struct bench *b = *state;
	const struct operation_in in = {0};
	struct value *settings = value_object(&b->arena);
	char path[128];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/local/shop.db", b->state_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(path, sizeof(path), "%s/local", b->state_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);

	/* A setting names another file. */
	(void)snprintf(path, sizeof(path), "%s/books/x.db", b->state_dir);
	assert_true(value_set(&b->arena, settings, "database", value_text(&b->arena, path)));
	b->route.settings = settings;
	expect(b, OPERATION_AGENTS, &in, CODE_NONE);
	assert_int_equal(b->out.n_agents, 0);
	assert_int_equal(stat(path, &st), 0);

	/* Empty, no database at all, of a later version, no folder. */
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	(void)close(fd);
	expect(b, OPERATION_AGENTS, &in, CODE_GATEWAY_STORE);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "this is no database, but long enough to be read", 47), 47);
	(void)close(fd);
	expect(b, OPERATION_AGENTS, &in, CODE_GATEWAY_STORE);
	b->route.settings = NULL;
	seed(b, "PRAGMA user_version = 2");
	expect(b, OPERATION_AGENTS, &in, CODE_GATEWAY_STORE);
	assert_non_null(strstr(b->failure.text, "version 2"));
	b->hris.state_dir = "/nonexistent/state";
	expect(b, OPERATION_AGENTS, &in, CODE_GATEWAY_STORE);
	b->hris.state_dir = NULL;
	expect(b, OPERATION_AGENTS, &in, CODE_GATEWAY_STORE);
}

#define SHOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rule),
	    cmocka_unit_test(test_rule_movements),
	    SHOP(test_agents_and_types),
	    SHOP(test_balances),
	    SHOP(test_balance_grid),
	    SHOP(test_unknown),
	    SHOP(test_insert_refused),
	    SHOP(test_overlap),
	    SHOP(test_statuses),
	    SHOP(test_change),
	    SHOP(test_find),
	    SHOP(test_traits),
	    SHOP(test_threads),
	    SHOP(test_first_use),
	    SHOP(test_busy),
	    SHOP(test_no_thread_in_time),
	    SHOP(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
