/*
 * test_bamboohr.c: the BambooHR face over an HRIS of the test's own (a driver), with the real
 * policy between: what is answered to each call, what reaches the HRIS, and every failure's
 * status.
 */
#include "gateway/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cgi-bin/bamboohr/face.h"
#include "format/json.h"

enum { ROWS_MAX = 8, DAYS_MAX = 8 };

/* What the HRIS holds, is asked, and is to answer. */
static struct hris_of_the_test {
	struct traits traits;
	struct timeoff_type types[4];
	size_t n_types;
	struct agent agents[4];
	size_t n_agents;
	struct balance balances[4];
	size_t n_balances;
	struct found rows[ROWS_MAX];
	struct found_day days[ROWS_MAX][DAYS_MAX];
	size_t n_rows;
	enum fail_code fails[OPERATION_MAX];
	enum timeoff_status result_status;
	const char *result_id;
	int writes, finds, types_asked;
	enum operation op;
	struct operation_in in;
	struct day in_days[DAYS_MAX];
	char agent[64], type[64], request[64], notes[LIMIT_FACE_NOTES + 1];
} it;

static void
copy(char *to, size_t max, const char *from)
{
	(void)snprintf(to, max, "%s", from == NULL ? "-" : from);
}

static void
remember(enum operation op, const struct operation_in *in)
{
	size_t i;

	it.op = op;
	it.in = *in;
	for (i = 0; i < in->n_days && i < DAYS_MAX; i++)
		it.in_days[i] = in->days[i];
	copy(it.agent, sizeof(it.agent), in->agent_id);
	copy(it.type, sizeof(it.type), in->type == NULL ? NULL : in->type->id);
	copy(it.request, sizeof(it.request), in->request_id);
	copy(it.notes, sizeof(it.notes), in->notes);
	it.writes++;
}

/* A driver that does as a test says. */
static void
obey(enum operation op, const char *request_id)
{
	size_t i;

	for (i = 0; request_id != NULL && i < it.n_rows; i++) {
		if (strcmp(it.rows[i].id, request_id) != 0)
			continue;
		if (op == OPERATION_APPROVE)
			it.rows[i].status = STATUS_APPROVED;
		if (op == OPERATION_CANCEL || op == OPERATION_DENY)
			it.rows[i].status = STATUS_CANCELED;
	}
}

static enum gw_err
test_run(
    struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	size_t i;

	if (it.fails[op] != CODE_NONE)
		return (fail)(h->failure, it.fails[op], "the HRIS says %s", operation_name(op));
	if (operation_writes(op)) {
		remember(op, in);
		obey(op, in->request_id);
		out->written = true;
		out->result.id = it.result_id;
		out->result.status = it.result_status == STATUS_NONE && op != OPERATION_APPROVE
					 ? in->status
					 : it.result_status;
		if (it.result_status == STATUS_MAX) /* it does not say */
			out->result.status = STATUS_NONE;
	}
	if (op == OPERATION_AGENTS) {
		out->agents = arena_array(h->arena, it.n_agents + 1, sizeof(*out->agents));
		if (out->agents == NULL)
			return fail_memory(h->failure);
		memcpy(out->agents, it.agents, it.n_agents * sizeof(*out->agents));
		out->n_agents = it.n_agents;
	} else if (op == OPERATION_TYPES) {
		it.types_asked++;
		out->types = it.types;
		out->n_types = it.n_types;
	} else if (op == OPERATION_BALANCE) {
		out->balances = it.balances;
		out->n_balances = it.n_balances;
	} else if (op == OPERATION_FIND) {
		it.finds++;
		out->found = arena_array(h->arena, it.n_rows + 1, sizeof(*out->found));
		if (out->found == NULL)
			return fail_memory(h->failure);
		for (i = 0; i < it.n_rows; i++) {
			if (in->request_id == NULL || strcmp(in->request_id, it.rows[i].id) == 0)
				out->found[out->n_found++] = it.rows[i];
		}
	}
	return GW_OK;
}

static const struct traits *
test_traits(const struct hris *h)
{
	(void)h;
	return &it.traits;
}

static const struct driver test_driver = {.run = test_run, .traits = test_traits};

/* Time stands still. */
static int64_t
still(void *context)
{
	(void)context;
	return 1000;
}

static void
no_sleep(void *context, int64_t ms)
{
	(void)context;
	(void)ms;
}

static bool
no_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 7, len);
	return true;
}

static const struct clock test_clock = {still, still, no_sleep, no_random, NULL};

static struct route route = {
    .name = "acme",
    .adapter_name = "test",
    .timezone = "UTC",
    .day_minutes = 480,
    .face = "bamboohr",
    .unlimited_minutes = 525600,
    .agents_max = 50000,
    .agents_no_email_percent = 50,
    .agents_fewer_percent = 20,
};

/* One call and its answer. */
static struct arena arena;
static struct failure failure;
static struct response response;

static struct hris
hris_now(void)
{
	return (struct hris){.route = &route,
	    .driver = &test_driver,
	    .arena = &arena,
	    .clock = &test_clock,
	    .deadline_ms = 60000,
	    .failure = &failure,
	    .marker = "[hrisgw 0011]"};
}

static void
call_within(size_t memory, const char *method, const char *target, const char *body)
{
	char uri[1024], path[1024];
	struct request request = {.method = method,
	    .uri = uri,
	    .path_info = "",
	    .scheme = "https",
	    .authority = "hr.example:8443",
	    .remote = "",
	    .client_subject = "",
	    .body = body == NULL ? "" : body,
	    .body_len = body == NULL ? 0 : strlen(body),
	    .body_state = BODY_WHOLE};
	struct hris h;

	arena_clear(&arena);
	response_clear(&response);
	response_init(&response);
	arena_init(&arena, memory);
	failure = (struct failure){0};
	(void)snprintf(uri, sizeof(uri), "/api/gateway.php/acme/v1%s", target);
	(void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
	h = hris_now();
	bamboohr_handle(&h, &request, path, &response);
}

static void
call(const char *method, const char *target, const char *body)
{
	call_within(LIMIT_ARENA, method, target, body);
}

static const char *
header(const char *name)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < response.n_headers; i++) {
		if (strcmp(response.headers[i].name, name) == 0) {
			assert_null(value); /* there once */
			value = response.headers[i].value;
		}
	}
	return value;
}

/* `says`: part of the message; NULL where there must be none. */
static void
assert_answer(int status, const char *body, const char *says)
{
	const char *message = header("X-BambooHR-Error-Message");

	if (response.status != status || (body != NULL && strcmp(response.body.data, body) != 0))
		fail_msg("%d %s [%s]\nexpected %d %s", response.status, response.body.data,
		    message == NULL ? "" : message, status, body == NULL ? "" : body);
	if (says == NULL)
		assert_null(message);
	else {
		assert_non_null(message);
		if (strstr(message, says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", message, says);
	}
}

static struct date
on(const char *text)
{
	struct date d;

	assert_true(date_parse(text, &d));
	return d;
}

/* A request of hours on listed days; amount NULL ends them. */
static struct found *
add_row(const char *id, const char *type, enum timeoff_status status, const char *start,
    const char *end)
{
	struct found *f = &it.rows[it.n_rows];

	*f = (struct found){.id = id,
	    .type_id = type,
	    .status = status,
	    .ranged = true,
	    .start = on(start),
	    .end = on(end),
	    .days = it.days[it.n_rows],
	    .has_unit = true,
	    .unit = UNIT_HOURS};
	it.n_rows++;
	return f;
}

static void
add_day(struct found *f, const char *date, const char *hours)
{
	f->days[f->n_days++] =
	    (struct found_day){.date = on(date), .amount = hours, .unit = UNIT_HOURS};
}

static int
setup(void **state)
{
	int op;

	(void)state;
	memset(&it, 0, sizeof(it));
	for (op = 0; op < OPERATION_MAX; op++)
		it.traits.has[op] = op != OPERATION_AGENT;
	it.traits.find = LOST_MARKER;
	it.result_id = "1679";
	it.agents[0] = (struct agent){.id = "4", .email = "cabbott@example.com"};
	it.agents[1] = (struct agent){.id = "5", .email = NULL};
	it.agents[2] = (struct agent){.id = "12", .email = "m\xC3\xBCller@example.com"};
	it.n_agents = 3;
	it.types[0] = (struct timeoff_type){.id = "78", .name = "Vacation", .unit = UNIT_HOURS};
	it.types[1] = (struct timeoff_type){.id = "79", .name = "Sick", .unit = UNIT_DAYS};
	it.types[2] = (struct timeoff_type){
	    .id = "80", .name = "Care", .unit = UNIT_DAYS, .day_minutes = 360};
	it.types[3] = (struct timeoff_type){
	    .id = "81", .name = "Unpaid", .unit = UNIT_HOURS, .unlimited = true};
	it.n_types = 4;
	it.balances[0] = (struct balance){.type_id = "78",
	    .has_amount = true,
	    .amount = "-26.36",
	    .has_unit = true,
	    .unit = UNIT_HOURS};
	it.balances[1] = (struct balance){.type_id = "79", .has_amount = true, .amount = "10.5"};
	it.balances[2] = (struct balance){.type_id = "80", .has_amount = true, .amount = "2"};
	it.balances[3] = (struct balance){.type_id = "81", .unlimited = true};
	it.n_balances = 4;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	response_clear(&response);
	return 0;
}

static void
test_lists(void **state)
{
	(void)state;
	call("GET", "/employees/directory", NULL);
	assert_answer(200,
	    "{\"fields\":[{\"id\":\"workEmail\",\"type\":\"email\",\"name\":\"Work Email\"}],"
	    "\"employees\":[{\"id\":\"12\",\"workEmail\":\"m\xC3\xBCller@example.com\"},"
	    "{\"id\":\"4\",\"workEmail\":\"cabbott@example.com\"}]}",
	    NULL);
	assert_string_equal(header("Content-Type"), "application/json");
	call("GET", "/employees/directory?onlyCurrent=false", NULL);
	assert_answer(200, NULL, NULL);
	call("GET", "/meta/time_off/types?mode=request", NULL);
	assert_answer(200,
	    "{\"timeOffTypes\":["
	    "{\"id\":\"78\",\"name\":\"Vacation\",\"units\":\"hours\",\"source\":\"internal\"},"
	    "{\"id\":\"79\",\"name\":\"Sick\",\"units\":\"days\",\"source\":\"internal\"},"
	    "{\"id\":\"80\",\"name\":\"Care\",\"units\":\"hours\",\"source\":\"internal\"},"
	    "{\"id\":\"81\",\"name\":\"Unpaid\",\"units\":\"hours\",\"source\":\"internal\"}],"
	    "\"defaultHours\":[{\"name\":\"default\",\"amount\":\"8\"}]}",
	    NULL);
	it.types[1].id = "78";
	it.types[0].id2 = "a";
	it.types[1].id2 = "b";
	call("GET", "/meta/time_off/types", NULL);
	assert_answer(422, "", "two types have the id 78");
}

static void
test_calculator(void **state)
{
	static const struct {
		const char *query, *hours, *days, *none;
	} rows[] = {
	    {"", "-26.37", "10.50", "0.00"}, /* -1582 minutes */
	    {"&precision=4", "-26.3667", "10.5000", "0.0000"},
	    {"&precision=1", "-26.4", "10.5", "0.0"},
	    {"&precision=0", "-26", "10", "0"},
	};
	char expected[2048], target[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(target, sizeof(target),
		    "/employees/4/time_off/calculator?end=2026-05-29%s", rows[i].query);
		(void)snprintf(expected, sizeof(expected),
		    "[{\"timeOffType\":\"78\",\"name\":\"Vacation\",\"units\":\"hours\","
		    "\"balance\":\"%s\","
		    "\"end\":\"2026-05-29\",\"policyType\":\"accruing\"},"
		    "{\"timeOffType\":\"79\",\"name\":\"Sick\",\"units\":\"days\",\"balance\":\"%"
		    "s\","
		    "\"end\":\"2026-05-29\",\"policyType\":\"accruing\"},"
		    "{\"timeOffType\":\"80\",\"name\":\"Care\",\"units\":\"hours\",\"balance\":"
		    "\"12%s\","
		    "\"end\":\"2026-05-29\",\"policyType\":\"accruing\"},"
		    "{\"timeOffType\":\"81\",\"name\":\"Unpaid\",\"units\":\"hours\",\"balance\":"
		    "\"%s\","
		    "\"end\":\"2026-05-29\",\"policyType\":\"discretionary\"}]",
		    rows[i].hours, rows[i].days, rows[i].none + 1, rows[i].none);
		call("GET", target, NULL);
		assert_answer(200, expected, NULL);
	}
	assert_int_equal(it.finds, 0);
	it.n_balances = 0;
	call("GET", "/employees/4/time_off/calculator?end=2026-05-29", NULL);
	assert_answer(200, "[]", NULL);
}

/* The HRIS takes pending requests off, BambooHR's calculator does not. */
static void
test_calculator_pending(void **state)
{
	struct found *f;

	(void)state;
	it.n_types = it.n_balances = 1;
	it.balances[0].amount = "10";
	it.balances[0].includes_pending = true;
	f = add_row("1", "78", STATUS_PENDING, "2026-05-28", "2026-05-30");
	add_day(f, "2026-05-28", "8");
	add_day(f, "2026-05-29", "4");
	add_day(f, "2026-05-30", "2"); /* after the date */
	f = add_row("2", "78", STATUS_APPROVED, "2026-05-01", "2026-05-01");
	add_day(f, "2026-05-01", "100");
	f = add_row("3", "79", STATUS_PENDING, "2026-05-01", "2026-05-01");
	add_day(f, "2026-05-01", "100");
	f = add_row("4", "78", STATUS_PENDING, "2025-12-31", "2026-01-02");
	add_day(f, "2025-12-31", "100"); /* the year before */
	add_day(f, "2026-01-02", "1");
	f = add_row("5", "78", STATUS_PENDING, "2026-03-01", "2026-03-02");
	f->amount = "0.5"; /* days not listed, all within */
	f = add_row("6", "78", STATUS_PENDING, "2026-05-29", "2026-05-30");
	f->amount = "100"; /* days not listed, not all within */
	f = add_row("7", "78", STATUS_PENDING, "2026-05-20", "2026-05-29");
	f->amount = "0.25"; /* only the first listed */
	add_day(f, "2026-05-20", "0.05");
	call("GET", "/employees/4/time_off/calculator?end=2026-05-29", NULL);
	assert_answer(200,
	    "[{\"timeOffType\":\"78\",\"name\":\"Vacation\",\"units\":\"hours\","
	    "\"balance\":\"23.75\",\"end\":\"2026-05-29\",\"policyType\":\"accruing\"}]",
	    NULL);
	it.fails[OPERATION_FIND] = CODE_HRIS_UNAVAILABLE;
	call("GET", "/employees/4/time_off/calculator?end=2026-05-29", NULL);
	assert_answer(503, "", "find-timeoff");
	it.traits.has[OPERATION_FIND] = false;
	call("GET", "/employees/4/time_off/calculator?end=2026-05-29", NULL);
	assert_answer(200, NULL, NULL);
	assert_non_null(strstr(response.body.data, "\"10.00\""));
}

static void
test_requests(void **state)
{
	static const char *const notes[] = {"[hrisgw 6f0c] two days", "ok", "fine"};
	static const char whole[] =
	    "[{\"id\":\"1659\",\"employeeId\":\"12\",\"status\":{\"status\":\"approved\"},"
	    "\"start\":\"2026-04-10\",\"end\":\"2026-04-17\",\"type\":{\"id\":\"79\",\"name\":"
	    "\"Sick\"},"
	    "\"amount\":{\"unit\":\"days\",\"amount\":\"1.5\"},"
	    "\"dates\":{\"2026-04-10\":\"1\",\"2026-04-17\":\"0.5\"},"
	    "\"notes\":{\"employee\":\"[hrisgw 6f0c] two days\",\"manager\":\"ok\\nfine\"}},"
	    "{\"id\":\"1660\",\"employeeId\":\"12\",\"start\":\"2026-04-12\",\"end\":\"2026-04-"
	    "12\","
	    "\"type\":{\"id\":\"99\"},\"amount\":{\"unit\":\"hours\",\"amount\":\"7.5833\"},"
	    "\"notes\":{}}]";
	struct found *f;

	(void)state;
	f = add_row("1659", "79", STATUS_APPROVED, "2026-04-10", "2026-04-17");
	add_day(f, "2026-04-10", "8");
	add_day(f, "2026-04-17", "4");
	f->notes = (const char **)(uintptr_t)notes;
	f->n_notes = 3;
	f = add_row("1660", "99", STATUS_NONE, "2026-04-12", "2026-04-12");
	f->amount = "7.5833";
	f = add_row("1661", "78", STATUS_CANCELED, "2026-05-01", "2026-05-01");
	f->amount = "8";
	call("GET", "/time_off/requests?employeeId=12&start=2026-04-12&end=2026-04-30", NULL);
	assert_answer(200, whole, NULL);
	call("GET", "/time_off/requests?id=1661&start=1900-01-01&end=2100-12-31&excludeNote=1",
	    NULL);
	assert_answer(200,
	    "[{\"id\":\"1661\",\"status\":{\"status\":\"canceled\"},\"start\":\"2026-05-01\","
	    "\"end\":\"2026-05-01\",\"type\":{\"id\":\"78\",\"name\":\"Vacation\"},"
	    "\"amount\":{\"unit\":\"hours\",\"amount\":\"8\"}}]",
	    NULL);
}

static void
test_requests_chosen(void **state)
{
	static const struct {
		const char *query, *ids;
	} rows[] = {
	    {"employeeId=12&start=2026-01-01&end=2026-12-31", "1 2 3"},
	    {"employeeId=12&start=2026-04-17&end=2026-05-01", "1 2"}, /* both ends belong */
	    {"employeeId=12&start=2026-04-18&end=2026-04-30", ""},
	    {"employeeId=12&start=2026-01-01&end=2026-12-31&type=77,79", "1"},
	    {"employeeId=12&start=2026-01-01&end=2026-12-31&type=7", ""},
	    {"employeeId=12&start=2026-01-01&end=2026-12-31&status=approved,requested", "1 2"},
	    {"employeeId=12&start=2026-01-01&end=2026-12-31&status=canceled", "3"},
	    {"employeeId=12&start=2026-01-01&end=2026-12-31&status=denied%2Csuperceded", ""},
	    {"id=2&start=2026-01-01&end=2026-12-31&action=view", "2"},
	    {"id=2&start=2026-01-01&end=2026-01-02", ""},
	    {"id=9&start=2026-01-01&end=2026-12-31", ""},
	};
	struct value *list;
	char got[64], why[160];
	size_t i, j;

	(void)state;
	add_row("1", "79", STATUS_APPROVED, "2026-04-10", "2026-04-17")->amount = "8";
	add_row("2", "78", STATUS_PENDING, "2026-05-01", "2026-05-02")->amount = "8";
	add_row("3", "78", STATUS_CANCELED, "2026-06-01", "2026-06-02")->amount = "8";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char target[256];

		(void)snprintf(target, sizeof(target), "/time_off/requests?%s", rows[i].query);
		call("GET", target, NULL);
		assert_answer(200, NULL, NULL);
		list = json_parse(
		    &arena, response.body.data, response.body.len, &json_answer, why, sizeof(why));
		assert_non_null(list);
		got[0] = '\0';
		for (j = 0; j < list->n; j++)
			(void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			    j == 0 ? "" : " ", value_get_text(value_at(list, j), "id"));
		assert_string_equal(got, rows[i].ids);
	}
	it.rows[0].status = STATUS_NONE;
	call("GET",
	    "/time_off/requests?employeeId=12&start=2026-01-01&end=2026-12-31&status=denied", NULL);
	assert_answer(500, "", "does not say the status");
	it.fails[OPERATION_FIND] = CODE_HRIS_NOT_FOUND;
	call("GET", "/time_off/requests?employeeId=0&start=2026-01-01&end=2026-12-31", NULL);
	assert_answer(200, "[]", NULL);
}

/* Asked for one request, the face says whose it is, where the HRIS does. */
static void
test_requests_whose(void **state)
{
	static const char whole[] =
	    "[{\"id\":\"1\",\"employeeId\":\"12\",\"status\":{\"status\":\"canceled\"},"
	    "\"start\":\"2026-05-01\",\"end\":\"2026-05-01\",\"type\":{\"id\":\"78\","
	    "\"name\":\"Vacation\"},\"amount\":{\"unit\":\"hours\",\"amount\":\"8\"}}]";
	struct found *f = add_row("1", "78", STATUS_CANCELED, "2026-05-01", "2026-05-01");

	(void)state;
	f->amount = "8";
	f->agent_id = "12";
	call("GET", "/time_off/requests?id=1&start=2026-01-01&end=2026-12-31&excludeNote=1", NULL);
	assert_answer(200, whole, NULL);
	call("GET",
	    "/time_off/requests?id=1&employeeId=12&start=2026-01-01&end=2026-12-31&excludeNote=1",
	    NULL);
	assert_answer(200, whole, NULL);
	call("GET", "/time_off/requests?id=1&employeeId=4&start=2026-01-01&end=2026-12-31", NULL);
	assert_answer(200, "[]", NULL);
}

/* A type that is there no more, in many rows: the HRIS is asked for it once. */
static void
test_requests_unknown_type_once(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 6; i++)
		add_row(i % 2 == 0 ? "1" : "2", "99", STATUS_APPROVED, "2026-04-10", "2026-04-10")
		    ->amount = "8";
	it.rows[0].id = "10";
	it.rows[2].id = "12";
	it.rows[4].id = "14";
	call("GET", "/time_off/requests?employeeId=12&start=2026-01-01&end=2026-12-31", NULL);
	assert_answer(200, NULL, NULL);
	assert_int_equal(it.types_asked, 1);
	it.fails[OPERATION_TYPES] = CODE_HRIS_UNAVAILABLE;
	call("GET", "/time_off/requests?employeeId=12&start=2026-01-01&end=2026-12-31", NULL);
	assert_answer(503, "", "get-timeoff-types");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *method, *target, *body;
		int status;
		const char *says;
	} rows[] = {
	    /* What is not there. */
	    {"GET", "", NULL, 404, "no such resource"},
	    {"GET", "/", NULL, 404, "no such resource"},
	    {"GET", "/employees", NULL, 404, "no such resource"},
	    {"GET", "/employees/directory/", NULL, 404, "no such resource"},
	    {"GET", "/employees//time_off/calculator?end=2026-01-01", NULL, 404,
		"no such resource"},
	    {"GET", "/employees/4/5/time_off/calculator", NULL, 404, "no such resource"},
	    {"GET", "/employees/4/time_off/calculators", NULL, 404, "no such resource"},
	    {"POST", "/employees/directory", NULL, 405, "method"},
	    {"GET", "/employees/4/time_off/request", NULL, 405, "method"},
	    {"PUT", "/time_off/requests", "{}", 405, "method"},
	    {"POST", "/time_off/requests/5/status", "{}", 405, "method"},
	    /* Ids that can be none. */
	    {"GET", "/employees/../time_off/calculator?end=2026-01-01", NULL, 404, "nothing has"},
	    {"GET", "/employees/%2e%2E/time_off/calculator?end=2026-01-01", NULL, 404,
		"nothing has"},
	    {"GET", "/employees/%00/time_off/calculator?end=2026-01-01", NULL, 404, "nothing has"},
	    {"GET", "/employees/a%0d%0ab/time_off/calculator?end=2026-01-01", NULL, 404,
		"nothing has"},
	    {"GET", "/employees/%ff/time_off/calculator?end=2026-01-01", NULL, 404, "nothing has"},
	    {"GET", "/employees/%4/time_off/calculator?end=2026-01-01", NULL, 404, "nothing has"},
	    /* Queries. */
	    {"GET", "/employees/4/time_off/calculator", NULL, 400, "end is required"},
	    {"GET", "/employees/4/time_off/calculator?end=", NULL, 400, "end is required"},
	    {"GET", "/employees/4/time_off/calculator?end=2026-02-30", NULL, 400, "end is no date"},
	    {"GET", "/employees/4/time_off/calculator?end=2026-01-01&end=2026-01-02", NULL, 400,
		"twice"},
	    {"GET", "/employees/4/time_off/calculator?end=2026-01-01&precision=5", NULL, 400,
		"precision"},
	    {"GET", "/employees/4/time_off/calculator?end=2026-01-01&precision=-1", NULL, 400,
		"precision"},
	    {"GET", "/employees/4/time_off/calculator?end=2026-01-01&precision=2.0", NULL, 400,
		"precision"},
	    {"GET", "/employees/4/time_off/calculator?end=%zz", NULL, 400, "percent-encoded"},
	    {"GET", "/employees/directory?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", NULL, 400,
		"more than 16"},
	    {"GET", "/meta/time_off/types?mode=all", NULL, 400, "mode"},
	    {"GET", "/time_off/requests?employeeId=4&end=2026-01-01", NULL, 400,
		"start is required"},
	    {"GET", "/time_off/requests?employeeId=4&start=2026-01-01", NULL, 400,
		"end is required"},
	    {"GET", "/time_off/requests?start=2026-01-01&end=2026-01-31", NULL, 400,
		"employeeId or id is required"},
	    {"GET", "/time_off/requests?id=5&start=2026-02-01&end=2026-01-31", NULL, 400,
		"start is after"},
	    {"GET", "/time_off/requests?id=5&start=2026-01-01&end=2026-01-31&status=open", NULL,
		400, "status is a list"},
	    {"GET", "/time_off/requests?id=5&start=2026-01-01&end=2026-01-31&action=approve", NULL,
		400, "has to be view"},
	    {"GET", "/time_off/requests?id=5%0a&start=2026-01-01&end=2026-01-31", NULL, 400,
		"id cannot be an id"},
	    /* Bodies of a status. */
	    {"PUT", "/time_off/requests/5/status", "", 400, "no JSON"},
	    {"PUT", "/time_off/requests/5/status", "<status/>", 400, "no JSON"},
	    {"PUT", "/time_off/requests/5/status", "[]", 400, "no JSON object"},
	    {"PUT", "/time_off/requests/5/status", "{}", 400, "status is"},
	    {"PUT", "/time_off/requests/5/status", "{\"status\":\"requested\"}", 400, "status is"},
	    {"PUT", "/time_off/requests/5/status", "{\"status\":\"Approved\"}", 400, "status is"},
	    {"PUT", "/time_off/requests/5/status", "{\"status\":\"canceled\",\"note\":1}", 400,
		"note is a text"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s %s %s\n", rows[i].method, rows[i].target,
		    rows[i].body == NULL ? "" : rows[i].body);
		call(rows[i].method, rows[i].target, rows[i].body);
		assert_answer(rows[i].status, "", rows[i].says);
		assert_int_equal(it.writes, 0);
	}
	call("DELETE", "/employees/4/time_off/calculator", NULL);
	assert_string_equal(header("Allow"), "GET");
}

/* A body with one member put in the place of another, or added. */
static const char *
body_with(const char *member)
{
	static char text[8192];

	(void)snprintf(text, sizeof(text),
	    "{%s,\"status\":\"requested\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	    "\"timeOffTypeId\":78,\"amount\":16}",
	    member);
	return text;
}

static void
test_write_refused(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *says;
	} rows[] = {
	    {"", 400, "no JSON"},
	    {"{\"status\":\"approved\"", 400, "no JSON"},
	    {"{\"status\":\"approved\",\"status\":\"denied\"}", 400, "no JSON"},
	    {"{\"status\":\"canceled\",\"previousRequest\":5}", 400, "status is"},
	    {"{\"status\":1}", 400, "status is"},
	    {"{\"start\":\"2026-06-15\"}", 400, "status is"},
	    {"{\"status\":\"denied\"}", 400, "denied needs previousRequest"},
	    {"{\"status\":\"declined\",\"previousRequest\":0}", 400,
		"denied needs previousRequest"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\",\"amount\":"
	     "8}",
		400, "are required"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"timeOffTypeId\":78,\"amount\":8}",
		400, "are required"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-17\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":8}",
		400, "start is after"},
	    {"{\"status\":\"approved\",\"start\":\"2026-02-30\",\"end\":\"2026-06-16\"}", 400,
		"start"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78}",
		400, "dates or amount is required"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2028-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":8}",
		400, "more than 400 days"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":77,\"amount\":8}",
		400, "no time-off type"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":0}",
		400, "every day has the amount 0"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":-8}",
		400, "number of 0 or more"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":7.51}",
		400, "has to be whole minutes"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":79,\"amount\":\"0.33\"}",
		400, "has to be whole minutes"},
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":78,\"amount\":99999}",
		400, "more than"},
	};
	static const struct {
		const char *member, *says;
	} members[] = {
	    {"\"dates\":{}", "dates is a list"},
	    {"\"dates\":[1]", "each has a ymd"},
	    {"\"dates\":[{\"amount\":8}]", "each has a ymd"},
	    {"\"dates\":[{\"ymd\":\"2026-06-31\",\"amount\":8}]", "each has a ymd"},
	    {"\"dates\":[{\"ymd\":\"2026-06-14\",\"amount\":8}]", "outside start to end"},
	    {"\"dates\":[{\"ymd\":\"2026-06-15\"}]", "has no amount"},
	    {"\"dates\":[{\"ymd\":\"2026-06-15\",\"amount\":\"abc\"}]", "number of 0 or more"},
	    {"\"dates\":[{\"ymd\":\"2026-06-15\",\"amount\":24.5}]", "more than 1440"},
	    {"\"dates\":[{\"ymd\":\"2026-06-15\",\"amount\":8},{\"ymd\":\"2026-06-15\",\"amount\":"
	     "1}]",
		"twice"},
	    {"\"notes\":\"x\"", "notes is a list"},
	    {"\"notes\":[\"x\"]", "notes: each is"},
	    {"\"notes\":[{\"from\":\"boss\",\"note\":\"x\"}]", "notes: each is"},
	    {"\"notes\":[{\"from\":\"manager\",\"note\":1}]", "a note is a text"},
	    {"\"notes\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]", "at most 16"},
	    {"\"previousRequest\":{}", "previousRequest"},
	    {"\"previousRequest\":\"..\"", "previousRequest"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].body);
		call("PUT", "/employees/4/time_off/request", rows[i].body);
		assert_answer(rows[i].status, "", rows[i].says);
	}
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		print_message("%s\n", members[i].member);
		call("PUT", "/employees/4/time_off/request", body_with(members[i].member));
		assert_int_not_equal(response.status, 201);
		assert_true(response.status == 400 || response.status == 404);
		assert_answer(response.status, "", members[i].says);
	}
	assert_int_equal(it.writes, 0);
}

static void
test_write(void **state)
{
	static const struct {
		const char *body;
		enum operation op;
		enum timeoff_status status;
		const char *type, *notes;
		size_t n_days;
		int minutes[3];
		const char *answer;
	} rows[] = {
	    /* As the adapter sends it. */
	    {"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-17\","
	     "\"timeOffTypeId\":78,\"notes\":[{\"from\":\"employee\",\"note\":\"[hrisgw 6f0c] "
	     "WFM\"}],"
	     "\"dates\":[{\"ymd\":\"2026-06-17\",\"amount\":7.5833},{\"ymd\":\"2026-06-15\","
	     "\"amount\":8}]}",
		OPERATION_INSERT, STATUS_APPROVED, "78", "[hrisgw 6f0c] WFM", 2, {480, 455},
		"{\"id\":\"1679\",\"employeeId\":\"4\",\"start\":\"2026-06-15\",\"end\":\"2026-06-"
		"17\","
		"\"status\":{\"status\":\"approved\"},\"type\":{\"id\":\"78\",\"name\":"
		"\"Vacation\"},"
		"\"amount\":{\"unit\":\"hours\",\"amount\":\"15.5833\"},"
		"\"dates\":{\"2026-06-15\":\"8\",\"2026-06-17\":\"7.5833\"},"
		"\"notes\":[{\"from\":\"employee\",\"note\":\"[hrisgw 6f0c] WFM\"}]}"},
	    /* As flows send it: texts, and the whole on the first day. */
	    {"{\"status\":\"requested\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":\"78\",\"amount\":\"16\",\"previousRequest\":\"\",\"notes\":null}",
		OPERATION_INSERT, STATUS_PENDING, "78", "-", 2, {960, 0},
		"{\"id\":\"1679\",\"employeeId\":\"4\",\"start\":\"2026-06-15\",\"end\":\"2026-06-"
		"16\","
		"\"status\":{\"status\":\"requested\"},\"type\":{\"id\":\"78\",\"name\":"
		"\"Vacation\"},"
		"\"amount\":{\"unit\":\"hours\",\"amount\":\"16\"},"
		"\"dates\":{\"2026-06-15\":\"16\",\"2026-06-16\":\"0\"},\"notes\":[]}"},
	    /* dates beats amount; days; two notes; members nobody knows. */
	    {"{\"status\":\"requested\",\"start\":\"2026-06-15\",\"end\":\"2026-06-16\","
	     "\"timeOffTypeId\":79,\"amount\":99,\"x\":{\"y\":[]},"
	     "\"dates\":[{\"ymd\":\"2026-06-15\",\"amount\":\"1\"},{\"ymd\":\"2026-06-16\","
	     "\"amount\":0.5}],"
	     "\"notes\":[{\"from\":\"employee\",\"note\":\"a\"},{\"note\":\"\"},{\"from\":"
	     "\"manager\","
	     "\"note\":\"b\"}]}",
		OPERATION_INSERT, STATUS_PENDING, "79", "a\nb", 2, {480, 240}, NULL},
	    /* Variables of a template that had no value. */
	    {"{\"status\":\"requested\",\"start\":\"2026-06-15\",\"end\":\"2026-06-15\","
	     "\"timeOffTypeId\":\"79\",\"previousRequest\":\"${input.id}\",\"amount\":\"1\","
	     "\"notes\":[{\"from\":\"employee\",\"note\":\"${input.notes}\"}]}",
		OPERATION_INSERT, STATUS_PENDING, "79", "-", 1, {480}, NULL},
	    /* Days of a type whose day is shorter than the route's are hours on the wire. */
	    {"{\"status\":\"requested\",\"start\":\"2026-06-15\",\"end\":\"2026-06-15\","
	     "\"timeOffTypeId\":80,\"amount\":6,\"dates\":[]}",
		OPERATION_INSERT, STATUS_PENDING, "80", "-", 1, {360}, NULL},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call("PUT", "/employees/4/time_off/request", rows[i].body);
		assert_answer(201, rows[i].answer, NULL);
		assert_int_equal(it.writes, (int)i + 1);
		assert_int_equal(it.op, rows[i].op);
		assert_int_equal(it.in.status, rows[i].status);
		assert_string_equal(it.agent, "4");
		assert_string_equal(it.type, rows[i].type);
		assert_string_equal(it.notes, rows[i].notes);
		assert_int_equal(it.in.n_days, rows[i].n_days);
		for (j = 0; j < it.in.n_days; j++)
			assert_int_equal(it.in_days[j].minutes, rows[i].minutes[j]);
		assert_string_equal(header("Location"),
		    "https://hr.example:8443/api/gateway.php/acme/v1/employees/"
		    "4/time_off/request/1679");
	}
}

/* There is not enough, and it is written all the same: who calls has looked. */
static void
test_write_without_balance_check(void **state)
{
	(void)state;
	it.fails[OPERATION_BALANCE] = CODE_HRIS_UNAVAILABLE;
	call("PUT", "/employees/4/time_off/request", body_with("\"x\":1"));
	assert_answer(201, NULL, NULL);
	add_row("5", "78", STATUS_PENDING, "2026-06-15", "2026-06-15")->amount = "1";
	call("PUT", "/employees/4/time_off/request", body_with("\"previousRequest\":5"));
	assert_answer(201, NULL, NULL);
	assert_int_equal(it.op, OPERATION_CHANGE);
}

static void
test_write_previous(void **state)
{
	(void)state;
	add_row("5", "78", STATUS_APPROVED, "2026-06-15", "2026-06-15")->amount = "1";
	add_row("6", "78", STATUS_CANCELED, "2026-06-15", "2026-06-15")->amount = "1";
	it.result_id = "7";
	call("PUT", "/employees/4/time_off/request", body_with("\"previousRequest\":\"5\""));
	assert_answer(201, NULL, NULL);
	assert_int_equal(it.op, OPERATION_CHANGE);
	assert_string_equal(it.request, "5");
	assert_non_null(strstr(response.body.data, "{\"id\":\"7\""));
	call("PUT", "/employees/4/time_off/request",
	    "{\"status\":\"denied\",\"previousRequest\":5,\"notes\":[{\"note\":\"no\"}],"
	    "\"timeOffTypeId\":78}");
	assert_answer(201,
	    "{\"id\":\"5\",\"employeeId\":\"4\",\"status\":{\"status\":\"canceled\"},"
	    "\"type\":{\"id\":\"78\"},\"notes\":[{\"note\":\"no\"}]}",
	    NULL);
	assert_int_equal(it.op, OPERATION_CANCEL);
	assert_string_equal(it.request, "5");
	assert_string_equal(it.agent, "4");
	assert_string_equal(it.notes, "no");
	assert_int_equal(it.writes, 2);
	/* Already so. */
	call("PUT", "/employees/4/time_off/request",
	    "{\"status\":\"declined\",\"previousRequest\":6}");
	assert_answer(201, NULL, NULL);
	assert_int_equal(it.writes, 2);
	call("PUT", "/employees/4/time_off/request", body_with("\"previousRequest\":6"));
	assert_answer(422, "", "CANCELED");
	call("PUT", "/employees/4/time_off/request", body_with("\"previousRequest\":404"));
	assert_answer(404, "", "no request 404");
	call("PUT", "/employees/4/time_off/request",
	    "{\"status\":\"denied\",\"previousRequest\":404}");
	assert_answer(404, "", "no request 404");
	assert_int_equal(it.writes, 2);
}

static void
test_write_fate(void **state)
{
	(void)state;
	/*
	 * Written, but it stands as pending: a success with that status, so that nobody repeats
	 * it.
	 */
	it.result_status = STATUS_PENDING;
	it.fails[OPERATION_APPROVE] = CODE_HRIS_FORBIDDEN;
	call("PUT", "/employees/4/time_off/request",
	    "{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-15\","
	    "\"timeOffTypeId\":78,\"amount\":8}");
	assert_answer(201, NULL, "stands as pending");
	assert_non_null(strstr(response.body.data, "\"status\":{\"status\":\"requested\"}"));
	assert_non_null(strstr(response.body.data, "\"id\":\"1679\""));
	/* What is not known is not reported as pending. */
	it.result_status = STATUS_MAX;
	it.fails[OPERATION_FIND] = CODE_HRIS_UNAVAILABLE;
	call("PUT", "/employees/4/time_off/request",
	    "{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-15\","
	    "\"timeOffTypeId\":78,\"amount\":8}");
	assert_answer(201, NULL, "may stand as pending");
	assert_null(strstr(response.body.data, "\"status\""));
	it.fails[OPERATION_FIND] = CODE_NONE;
	it.result_status = STATUS_DENIED;
	call("PUT", "/employees/4/time_off/request", body_with("\"x\":1"));
	assert_answer(201, NULL, "shows it as DENIED");
	assert_non_null(strstr(response.body.data, "\"status\":{\"status\":\"denied\"}"));
	/* Not known: never as if it were not written. */
	it.fails[OPERATION_INSERT] = CODE_HRIS_OUTCOME_UNKNOWN;
	call("PUT", "/employees/4/time_off/request", body_with("\"x\":1"));
	assert_answer(500, "", "It may have been applied");
	assert_non_null(strstr(header("X-BambooHR-Error-Message"), "[hrisgw 0011]"));
	assert_null(header("Location"));
}

static void
test_status(void **state)
{
	static const struct {
		const char *id, *word;
		int status;
		enum operation op; /* MAX: none */
		const char *says;
	} rows[] = {
	    {"5", "approved", 200, OPERATION_APPROVE, NULL},
	    {"5", "denied", 200, OPERATION_DENY, NULL},
	    {"5", "declined", 200, OPERATION_DENY, NULL},
	    {"5", "canceled", 200, OPERATION_CANCEL, NULL},
	    {"5", "cancelled", 200, OPERATION_CANCEL, NULL},
	    {"6", "approved", 200, OPERATION_MAX, NULL}, /* is so */
	    {"6", "canceled", 200, OPERATION_CANCEL, NULL},
	    {"7", "canceled", 200, OPERATION_MAX, NULL}, /* is so */
	    {"7", "denied", 200, OPERATION_MAX, NULL},   /* is ended */
	    {"7", "approved", 422, OPERATION_MAX, "only a request that is pending"},
	    {"8", "approved", 404, OPERATION_MAX, "no such request"},
	    {"8", "canceled", 404, OPERATION_MAX, "no request 8"},
	    {"9", "approved", 200, OPERATION_APPROVE, NULL},  /* days not listed */
	    {"10", "approved", 200, OPERATION_APPROVE, NULL}, /* the first day listed */
	    {"11", "approved", 422, OPERATION_MAX, "does not say what"},
	};
	struct found *f, before[sizeof(it.rows) / sizeof(it.rows[0])];
	char target[64], body[128];
	size_t i;

	(void)state;
	f = add_row("5", "78", STATUS_PENDING, "2026-06-15", "2026-06-17");
	add_day(f, "2026-06-15", "8");
	add_day(f, "2026-06-16", "0");
	add_day(f, "2026-06-17", "7.5833");
	add_row("6", "78", STATUS_APPROVED, "2026-06-15", "2026-06-16")->amount = "16";
	add_row("7", "78", STATUS_CANCELED, "2026-06-15", "2026-06-16")->amount = "16";
	add_row("9", "79", STATUS_PENDING, "2026-06-15", "2026-06-16")->amount = "16";
	f = add_row("10", "79", STATUS_PENDING, "2026-06-15", "2026-06-16");
	f->amount = "16";
	add_day(f, "2026-06-15", "8");
	add_row("11", "78", STATUS_PENDING, "2026-06-15", "2026-06-16");
	memcpy(before, it.rows, sizeof(before));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s %s\n", rows[i].id, rows[i].word);
		memcpy(it.rows, before, sizeof(before));
		it.writes = 0;
		(void)snprintf(target, sizeof(target), "/time_off/requests/%s/status", rows[i].id);
		(void)snprintf(
		    body, sizeof(body), "{\"status\":\"%s\",\"note\":\"so be it\"}", rows[i].word);
		call("PUT", target, body);
		assert_answer(rows[i].status, "", rows[i].says);
		assert_string_equal(header("Content-Type"), "text/html; charset=UTF-8");
		assert_int_equal(it.writes, rows[i].op == OPERATION_MAX ? 0 : 1);
		if (rows[i].op == OPERATION_MAX)
			continue;
		assert_int_equal(it.op, rows[i].op);
		assert_string_equal(it.request, rows[i].id);
		assert_string_equal(it.notes, "so be it");
	}
	it.writes = 0;
	it.traits.has[OPERATION_APPROVE] = false;
	call("PUT", "/time_off/requests/5/status", "{\"status\":\"approved\"}");
	assert_answer(422, "", "cannot approve");
	assert_int_equal(it.writes, 0);
}

/* Every code an HRIS can fail with has a status that a caller of BambooHR understands. */
static void
test_failures(void **state)
{
	static const struct {
		enum fail_code code;
		int status;
	} rows[] = {
	    {CODE_HRIS_ANSWER, 500},
	    {CODE_HRIS_BUSY, 429},
	    {CODE_HRIS_CREDENTIALS, 403},
	    {CODE_HRIS_FORBIDDEN, 403},
	    {CODE_HRIS_NOT_FOUND, 404},
	    {CODE_HRIS_CONFLICT, 422},
	    {CODE_HRIS_REFUSED, 422},
	    {CODE_HRIS_INSUFFICIENT_BALANCE, 422},
	    {CODE_HRIS_UNAVAILABLE, 503},
	    {CODE_HRIS_TIMEOUT, 503},
	    {CODE_HRIS_OUTCOME_UNKNOWN, 500},
	    {CODE_HRIS_UNSUPPORTED, 422},
	    {CODE_HRIS_EMPTY, 404},
	    {CODE_HRIS_TOO_MANY, 500},
	    {CODE_HRIS_DUPLICATE_EMAIL, 500},
	    {CODE_HRIS_NO_EMAIL, 500},
	    {CODE_HRIS_FEWER_AGENTS, 500},
	    {CODE_GATEWAY_BUSY, 429},
	    {CODE_GATEWAY_MEMORY, 500},
	    {CODE_GATEWAY_STORE, 500},
	    {CODE_GATEWAY_INTERNAL, 500},
	    {CODE_ROUTE_BROKEN, 500},
	    {CODE_ROUTE_SETTING, 500},
	    {CODE_INPUT_AMOUNT, 400},
	    {CODE_INPUT_TYPE, 400},
	    {CODE_INPUT_ID, 404},
	    {CODE_AUTH, 401},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		it.fails[OPERATION_AGENTS] = rows[i].code;
		call("GET", "/employees/directory", NULL);
		assert_answer(rows[i].status, "", "get-agents");
		assert_int_equal(header("Retry-After") != NULL, rows[i].status == 429);
	}
	it.fails[OPERATION_AGENTS] = CODE_NONE;
	it.n_agents = 0;
	call("GET", "/employees/directory", NULL);
	assert_answer(404, "", "no employee");
}

/* What was known before the call was looked at. */
static void
test_before(void **state)
{
	struct request request = {.method = "GET",
	    .uri = "/x/employees/directory",
	    .path_info = "",
	    .scheme = "http",
	    .authority = "",
	    .body = ""};
	struct hris h = hris_now();

	(void)state;
	arena_init(&arena, LIMIT_ARENA);
	response_init(&response);
	failure = (struct failure){0};
	(void)(fail)(&failure, CODE_GATEWAY_BUSY, "busy\r\nSet-Cookie: x=\xC3\xA4\xE2\x82\xAC");
	bamboohr_handle(&h, &request, "/employees/directory", &response);
	assert_answer(429, "", "busy  Set-Cookie: x=??");
	failure = (struct failure){0};
	response_clear(&response);
	response_init(&response);
	request.body_state = BODY_WRONG_LENGTH;
	bamboohr_handle(&h, &request, "/employees/directory", &response);
	assert_answer(400, "", "shorter or longer");
	failure = (struct failure){0};
	response_clear(&response);
	response_init(&response);
	request.body_state = BODY_TOO_LARGE;
	bamboohr_handle(&h, &request, "/employees/directory", &response);
	assert_answer(413, "", "too large");
	failure = (struct failure){0};
	response_clear(&response);
	response_init(&response);
	request.body_state = BODY_WHOLE;
	route.broken = true;
	route.broken_why = "a fault";
	bamboohr_handle(&h, &request, "/employees/directory", &response);
	route.broken = false;
	assert_answer(500, "", "a fault");
}

/* A long text of letters beyond ASCII: capped, on one line. */
static void
test_message_is_capped(void **state)
{
	char body[2048], word[1024];
	const char *message;

	(void)state;
	memset(word, 'A', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	(void)snprintf(body, sizeof(body),
	    "{\"timeOffTypeId\":\"%.250s\",\"status\":\"approved\","
	    "\"start\":\"2026-06-15\",\"end\":\"2026-06-15\",\"amount\":1,\"dates\":null}",
	    word);
	call("PUT", "/employees/4/time_off/request", body);
	assert_answer(400, "", "no time-off type");
	message = header("X-BambooHR-Error-Message");
	assert_true(strlen(message) <= 403);
}

/* A Host that is none leaves the path; so does nothing of the Host reach the answer. */
static void
test_location(void **state)
{
	static const char body[] = "{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":"
				   "\"2026-06-15\",\"timeOffTypeId\":78,\"amount\":8}";
	static const struct {
		const char *authority, *id, *location;
	} rows[] = {
	    {"hr.example", "5", "https://hr.example/x/employees/4/time_off/request/5"},
	    {"a@b", "5", "/x/employees/4/time_off/request/5"},
	    {"", "5", "/x/employees/4/time_off/request/5"},
	    {"evil\r\nX: y", "5", "/x/employees/4/time_off/request/5"},
	    {"hr.example", "a/b c", "https://hr.example/x/employees/4/time_off/request/a%2Fb%20c"},
	    {"hr.example", "..", NULL},
	};
	struct request request = {.method = "PUT",
	    .uri = "/x/employees/4/time_off/request?a=b",
	    .path_info = "",
	    .scheme = "https",
	    .body = body,
	    .body_len = sizeof(body) - 1};
	struct hris h = hris_now();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		arena_clear(&arena);
		arena_init(&arena, LIMIT_ARENA);
		response_clear(&response);
		response_init(&response);
		failure = (struct failure){0};
		h = hris_now();
		request.authority = rows[i].authority;
		it.result_id = rows[i].id;
		bamboohr_handle(&h, &request, "/employees/4/time_off/request", &response);
		assert_answer(201, NULL, NULL);
		if (rows[i].location == NULL)
			assert_null(header("Location"));
		else
			assert_string_equal(header("Location"), rows[i].location);
	}
}

/*
 * Memory ends anywhere: no crash, no half an answer, and what was written is never reported as not
 * written.
 */
static void
test_memory(void **state)
{
	static const char *const calls[][3] = {
	    {"GET", "/employees/directory", NULL},
	    {"GET", "/meta/time_off/types", NULL},
	    {"GET", "/employees/4/time_off/calculator?end=2026-05-29", NULL},
	    {"GET",
		"/time_off/requests?employeeId=4&start=2026-01-01&end=2026-12-31&status=requested",
		NULL},
	    {"PUT", "/employees/4/time_off/request",
		"{\"status\":\"approved\",\"start\":\"2026-06-15\",\"end\":\"2026-06-15\","
		"\"timeOffTypeId\":78,\"amount\":8}"},
	    {"PUT", "/time_off/requests/5/status", "{\"status\":\"approved\"}"},
	};
	size_t i, memory;
	bool done;

	(void)state;
	add_day(add_row("5", "78", STATUS_PENDING, "2026-06-15", "2026-06-15"), "2026-06-15", "8");
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (memory = 0, done = false; !done && memory < 100000; memory += 16) {
			it.writes = 0;
			call_within(memory, calls[i][0], calls[i][1], calls[i][2]);
			done = response.status == 200 || response.status == 201;
			if (done)
				continue;
			assert_int_equal(response.body.len, 0);
			/*
			 * A body for which there is no memory is reported as no JSON: nothing was
			 * written.
			 */
			if (response.status != 500 && (response.status != 400 || it.writes > 0))
				fail_msg(
				    "%s: %d with %zu bytes", calls[i][1], response.status, memory);
		}
		assert_true(done);
	}
}

static void
test_minutes(void **state)
{
	enum { NO = -1 };
	static const struct {
		const char *text;
		enum unit unit;
		int64_t minutes;
	} rows[] = {
	    {"8", UNIT_HOURS, 480},
	    {"8.00", UNIT_HOURS, 480},
	    {"0", UNIT_HOURS, 0},
	    {"7.5833", UNIT_HOURS, 455},
	    {"7.58", UNIT_HOURS, 455},
	    {"7.33", UNIT_HOURS, 440},
	    {"0.0167", UNIT_HOURS, 1},
	    {"7.51", UNIT_HOURS, NO},
	    {"7.581", UNIT_HOURS, NO},
	    {"0.01", UNIT_HOURS, NO}, /* 36 seconds */
	    {"0.1", UNIT_HOURS, 6},
	    {"0.15", UNIT_HOURS, 9},
	    {"1e1", UNIT_HOURS, 600},
	    {"7.583333333333333", UNIT_HOURS, 455},
	    {"22.799999999999997", UNIT_HOURS, 1368},
	    {"-1", UNIT_HOURS, NO},
	    {"-0", UNIT_HOURS, 0},
	    {"", UNIT_HOURS, NO},
	    {"8h", UNIT_HOURS, NO},
	    {"1e99", UNIT_HOURS, NO},
	    {"1", UNIT_DAYS, 480},
	    {"0.5", UNIT_DAYS, 240},
	    {"0.0021", UNIT_DAYS, 1},
	    {"0.33", UNIT_DAYS, NO},
	    {"0.3333", UNIT_DAYS, 160},
	};
	struct hris h = hris_now();
	int64_t minutes;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		minutes = NO;
		if (!bamboohr_minutes(&h, rows[i].unit, rows[i].text, &minutes))
			minutes = NO;
		if (minutes != rows[i].minutes)
			fail_msg("%s is %lld, not %lld", rows[i].text, (long long)minutes,
			    (long long)rows[i].minutes);
	}
}

/*
 * Every whole minute of three days, said by the face, is read as that minute: an amount always, a
 * balance of hours from precision 2, one of days from precision 4 where a day is not longer than
 * 16 hours.
 */
static void
test_minutes_survive(void **state)
{
	struct hris h = hris_now();
	char text[DECIMAL_TEXT_MAX];
	int64_t minutes, back;
	enum unit unit;
	int day;

	(void)state;
	for (day = 60; day <= 1440; day += 60) {
		route.day_minutes = day;
		for (minutes = 0; minutes <= 3 * 1440; minutes++) {
			for (unit = UNIT_HOURS; unit <= UNIT_DAYS; unit++) {
				assert_true(bamboohr_amount(&h, unit, minutes, text));
				assert_true(bamboohr_minutes(&h, unit, text, &back));
				assert_int_equal(back, minutes);
			}
			assert_true(bamboohr_balance_amount(&h, UNIT_HOURS, -minutes, 2, text));
			assert_true(amount_read(text, UNIT_HOURS, day, &back));
			assert_int_equal(back, -minutes);
			if (day > 960)
				continue;
			assert_true(bamboohr_balance_amount(&h, UNIT_DAYS, -minutes, 4, text));
			assert_true(amount_read(text, UNIT_DAYS, day, &back));
			assert_int_equal(back, -minutes);
		}
	}
	route.day_minutes = 480;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_calculator, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_calculator_pending, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_requests_chosen, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_requests_whose, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_requests_unknown_type_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_write_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_write, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_write_without_balance_check, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_write_previous, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_write_fate, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_status, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_before, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_message_is_capped, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_location, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_minutes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_minutes_survive, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
