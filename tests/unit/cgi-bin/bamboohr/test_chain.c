/*
 * test_chain.c: adapter bamboohr against the face against the local HRIS, in one
 * process: the wire between them is a function. What goes in at one end as minutes, notes and a
 * marker comes out of it again.
 */
#include "cgi-bin/bamboohr/face.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#include "adapter/adapter.h"
#include "local/local.h"
#include "store/db.h"
#include "local/books.h"
#include "base/text.h"

#define ORIGIN "https://face.example"

static int64_t
fixed_wall(void *context)
{
	(void)context;
	return 1795464780007; /* 2026-11-23T20:13:00 */
}

static int64_t
fixed_mono(void *context)
{
	(void)context;
	return 1000;
}

static void
fixed_sleep(void *context, int64_t ms)
{
	(void)context;
	(void)ms;
}

static bool
fixed_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 7, len);
	return true;
}

static const struct clock fixed = {fixed_wall, fixed_mono, fixed_sleep, fixed_random, NULL};

static struct chain {
	struct arena arena;
	char state_dir[64];
	struct route outer, inner;
	struct transport transport;
	struct hris hris;
	struct failure failure;
	char marker[40];
	int markers, calls;
	bool lose;                    /* the answer to the next write */
	char last[2048], wrote[2048]; /* the last call, and the last that was no GET */
} chain;

/* The face's side of one call. */
static void
serve(struct http_call *call, struct arena *arena)
{
	struct http_header *headers;
	char text[512], marker[40];
	struct arena own;
	struct failure failure = {0};
	struct response response;
	struct request request = {.method = http_method_name(call->method),
	    .uri = call->url + strlen(ORIGIN),
	    .path_info = "",
	    .scheme = "https",
	    .authority = "face.example",
	    .body = call->body == NULL ? "" : call->body,
	    .body_len = call->body_len};
	struct hris h = {.route = &chain.inner,
	    .driver = &local_driver,
	    .arena = &own,
	    .clock = &fixed,
	    .state_dir = chain.state_dir,
	    .deadline_ms = 20000,
	    .failure = &failure,
	    .marker = marker};
	const char *path = request.uri + strlen("/api/gateway.php/sandbox/v1");
	size_t i;

	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(path, "?"), path);
	(void)snprintf(marker, sizeof(marker), "[hrisgw inner %04d]", chain.calls);
	arena_init(&own, LIMIT_ARENA);
	response_init(&response);
	bamboohr_handle(&h, &request, text, &response);
	call->fate = HTTP_ANSWERED;
	call->status = response.status;
	call->answer = arena_strndup(arena, response.body.data, response.body.len);
	call->answer_len = response.body.len;
	headers = arena_array(arena, response.n_headers + 1, sizeof(*headers));
	for (i = 0; i < response.n_headers; i++) {
		headers[i].name = arena_strdup(arena, response.headers[i].name);
		headers[i].value = arena_strdup(arena, response.headers[i].value);
	}
	call->answer_headers = headers;
	call->n_answer_headers = response.n_headers;
	call->retry_after_ms = -1;
	(void)snprintf(chain.last, sizeof(chain.last), "%s %s: %d %s", request.method, text,
	    response.status, failure.text);
	if (call->method != HTTP_GET)
		memcpy(chain.wrote, chain.last, sizeof(chain.wrote));
	arena_clear(&own);
	response_clear(&response);
}

static void
wire(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline, struct arena *arena)
{
	size_t i;

	(void)context;
	(void)peer;
	(void)deadline;
	for (i = 0; i < n; i++) {
		chain.calls++;
		assert_true(text_starts(calls[i].url, ORIGIN "/api/gateway.php/sandbox/v1/"));
		serve(&calls[i], arena);
		if (!calls[i].write || !chain.lose)
			continue;
		chain.lose = false;
		calls[i].fate = HTTP_LOST;
		calls[i].status = 0;
		calls[i].code = CODE_HRIS_TIMEOUT;
		calls[i].answer = "";
		calls[i].answer_len = 0;
	}
}

static void
seed(const char *sql)
{
	const char *path = local_path(&chain.arena, chain.state_dir, "sandbox", NULL);
	struct db *db;

	if (local_open(path, 1000, &chain.failure, &db) != GW_OK)
		fail_msg("%s", chain.failure.text);
	if (!db_run(db, sql, NULL, 0))
		fail_msg("%s: %s", sql, db_words(db));
	db_close(db);
}

static struct value *
outer_settings(void)
{
	static const char *const pairs[][2] = {
	    {"company", "sandbox"},
	    {"api_key", "x"},
	    {"base_url", ORIGIN "/api/gateway.php/sandbox/v1"},
	};
	struct value *v = value_object(&chain.arena);
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_true(
		    value_set(&chain.arena, v, pairs[i][0], value_text(&chain.arena, pairs[i][1])));
	return v;
}

/* The next request of a caller. */
static struct hris *
next(void)
{
	chain.failure = (struct failure){0};
	(void)snprintf(chain.marker, sizeof(chain.marker), "[hrisgw %04d]", ++chain.markers);
	chain.hris = (struct hris){.route = &chain.outer,
	    .driver = &adapter_driver,
	    .arena = &chain.arena,
	    .clock = &fixed,
	    .transport = &chain.transport,
	    .state_dir = chain.state_dir,
	    .deadline_ms = 20000,
	    .failure = &chain.failure,
	    .marker = chain.marker};
	return &chain.hris;
}

static int
setup(void **state)
{
	static const char file[] = "conf/adapters/bamboohr.yaml";
	struct faults faults;
	size_t len = 0;
	char *text;

	(void)state;
	memset(&chain, 0, sizeof(chain));
	arena_init(&chain.arena, LIMIT_ARENA);
	(void)snprintf(chain.state_dir, sizeof(chain.state_dir), "/tmp/test_chain.XXXXXX");
	assert_non_null(mkdtemp(chain.state_dir));
	text = text_read_file(&chain.arena, file, LIMIT_FILE, &len);
	if (text == NULL)
		fail_msg("%s cannot be read from here", file);
	faults_init(&faults, &chain.arena);
	chain.transport.send = wire;
	chain.inner = (struct route){.name = "sandbox",
	    .adapter_name = "local",
	    .local = true,
	    .timezone = "UTC",
	    .day_minutes = 480,
	    .face = "bamboohr",
	    .settings = value_object(&chain.arena),
	    .unlimited_minutes = 525600,
	    .agents_max = 50000,
	    .agents_no_email_percent = 50,
	    .agents_fewer_percent = 20};
	chain.outer = chain.inner;
	chain.outer.name = "demo";
	chain.outer.adapter_name = "bamboohr";
	chain.outer.local = false;
	chain.outer.face = NULL;
	chain.outer.peer = (struct http_peer){.route = "demo", .in_flight = 8};
	chain.outer.settings = outer_settings();
	chain.outer.adapter = adapter_load(&chain.arena, "bamboohr", file, text, len, &faults);
	if (chain.outer.adapter == NULL)
		fail_msg("%s", faults.n > 0 ? faults.texts[0] : "no adapter");
	seed("INSERT INTO employees (id, email, name) VALUES (1, 'ann@example.com', 'Ann'), "
	     "(2, NULL, 'Bob'), (3, 'cleo@example.com', 'Cleo')");
	seed("INSERT INTO types (id, name, unit, unlimited, yearly, starts) VALUES "
	     "(1, 'Vacation', 'hours', 0, 4800, '2027-01-01'), "
	     "(2, 'Personal', 'days', 0, 2400, '2027-01-01'), "
	     "(3, 'Unpaid', 'hours', 1, 0, '2027-01-01')");
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", chain.state_dir);
	assert_int_equal(system(command), 0);
	arena_clear(&chain.arena);
	return 0;
}

static void
assert_fine(enum gw_err err)
{
	if (err != GW_OK)
		fail_msg("%s: %s\nlast: %s", fail_code_text(chain.failure.code), chain.failure.text,
		    chain.last);
}

static struct date
on(const char *text)
{
	struct date d;

	assert_true(date_parse(text, &d));
	return d;
}

static int64_t
balance_of(const char *type, const char *date)
{
	struct date d = on(date);
	struct balance_ask ask = {
	    .agent_id = "1", .dates = &d, .n_dates = 1, .type_ids = &type, .n_types = 1};
	struct balance_answer *balances = NULL;
	size_t n = 0;

	assert_fine(hris_balance(next(), &ask, &balances, &n));
	assert_int_equal(n, 1);
	return balances[0].minutes;
}

static struct timeoff
two_days(const char *type, enum timeoff_status status, int first, int second)
{
	static struct day days[2];

	days[0] = (struct day){.date = on("2027-03-01"), .minutes = first};
	days[1] = (struct day){.date = on("2027-03-02"), .minutes = second};
	return (struct timeoff){.agent_id = "1",
	    .type_id = type,
	    .status = status,
	    .days = days,
	    .n_days = 2,
	    .min_date = days[0].date,
	    .max_date = days[1].date,
	    .notes = "spring \xE2\x98\x80 \"break\""};
}

static struct found
the_request(const char *id)
{
	struct found *rows = NULL;
	size_t n = 0;

	assert_fine(hris_find(next(), "1", NULL, on("2027-01-01"), on("2027-12-31"), &rows, &n));
	while (n > 0 && strcmp(rows[n - 1].id, id) != 0)
		n--;
	assert_true(n > 0);
	return rows[n - 1];
}

static void
test_reads(void **state)
{
	const struct timeoff_type *types = NULL;
	struct agents_result agents;
	size_t n = 0;

	(void)state;
	assert_fine(hris_agents(next(), &agents));
	assert_int_equal(agents.n, 2);
	assert_string_equal(agents.items[1].id, "3");
	assert_string_equal(agents.items[1].email, "cleo@example.com");
	assert_fine(hris_types(next(), &types, &n));
	assert_int_equal(n, 3);
	assert_string_equal(types[1].name, "Personal");
	assert_int_equal(types[1].unit, UNIT_DAYS);
	assert_int_equal(balance_of("1", "2027-03-01"), 4800);
	assert_int_equal(balance_of("2", "2027-03-01"), 2400);
	assert_int_equal(balance_of("3", "2027-03-01"), 525600);
	assert_int_equal(balance_of("1", "2026-12-31"), 0);
}

/* Each type's unit, and minutes that are no round number of it. */
static void
test_life(void **state)
{
	static const char *const ids[] = {"1", "2"};
	struct timeoff_done done;
	struct timeoff t;
	struct found f;
	int64_t before;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		before = balance_of(ids[i], "2027-03-02");
		t = two_days(ids[i], STATUS_PENDING, 455, 31);
		assert_fine(hris_insert(next(), &t, &done));
		assert_int_equal(done.status, STATUS_PENDING);
		/* BambooHR's balances leave pending requests out. */
		assert_int_equal(balance_of(ids[i], "2027-03-02"), before);
		f = the_request(done.request_id);
		assert_int_equal(f.status, STATUS_PENDING);
		assert_int_equal(f.n_notes, 1);
		assert_true(strstr(f.notes[0], "spring \xE2\x98\x80 \"break\"") != NULL);
		assert_true(text_starts(f.notes[0], "[hrisgw "));
		/* To approved, by its content alone. */
		t = two_days(ids[i], STATUS_APPROVED, 455, 31);
		t.request_id = done.request_id;
		assert_fine(hris_update(next(), &t, &done));
		assert_int_equal(done.status, STATUS_APPROVED);
		assert_true(text_starts(chain.wrote, "PUT /time_off/requests/"));
		assert_int_equal(balance_of(ids[i], "2027-03-01"), before - 455);
		assert_int_equal(balance_of(ids[i], "2027-03-02"), before - 486);
		/* Again: nothing differs, nothing is sent. */
		t.request_id = done.request_id;
		assert_fine(hris_update(next(), &t, &done));
		assert_true(text_starts(chain.last, "GET "));
		/* Other days. */
		t = two_days(ids[i], STATUS_APPROVED, 240, 240);
		t.request_id = done.request_id;
		assert_fine(hris_update(next(), &t, &done));
		assert_true(text_starts(chain.wrote, "PUT /employees/1/time_off/request: 201"));
		assert_int_equal(balance_of(ids[i], "2027-03-02"), before - 480);
		/* Away with it. */
		t = (struct timeoff){.agent_id = "1",
		    .status = i == 0 ? STATUS_CANCELED : STATUS_DENIED,
		    .request_id = done.request_id};
		assert_fine(hris_update(next(), &t, &done));
		assert_int_equal(balance_of(ids[i], "2027-03-02"), before);
		assert_int_equal(the_request(done.request_id).status, t.status);
	}
}

/* The write arrives and its answer does not: found by the marker in the note. */
static void
test_lost_answer(void **state)
{
	struct timeoff t = two_days("1", STATUS_APPROVED, 480, 480);
	struct timeoff_done done, again;

	(void)state;
	chain.lose = true;
	assert_fine(hris_insert(next(), &t, &done));
	assert_false(chain.lose);
	assert_int_equal(balance_of("1", "2027-03-02"), 4800 - 960);
	/* Likewise a change. */
	t = two_days("1", STATUS_APPROVED, 60, 0);
	t.request_id = done.request_id;
	chain.lose = true;
	assert_fine(hris_update(next(), &t, &again));
	assert_string_equal(again.request_id, done.request_id);
	assert_int_equal(balance_of("1", "2027-03-02"), 4800 - 60);
}

static void
test_not_enough(void **state)
{
	struct timeoff t = two_days("1", STATUS_PENDING, 1440, 1440);
	struct timeoff_done done;

	(void)state;
	assert_fine(hris_insert(next(), &t, &done));
	t.request_id = done.request_id;
	t.status = STATUS_APPROVED;
	assert_fine(hris_update(next(), &t, &done));
	t = two_days("2", STATUS_PENDING, 1440, 1440);
	assert_int_equal(hris_insert(next(), &t, &done), GW_EREFUSED);
	assert_int_equal(chain.failure.code, CODE_HRIS_INSUFFICIENT_BALANCE);
}

/* What the HRIS refuses is refused by the face too, in the same words. */
static void
test_refused(void **state)
{
	struct timeoff t = two_days("1", STATUS_APPROVED, 480, 480);
	struct timeoff_done done;

	(void)state;
	t.agent_id = "99";
	assert_int_equal(hris_insert(next(), &t, &done), GW_ENOTFOUND);
	t = two_days("1", STATUS_APPROVED, 1000, 0);
	assert_fine(hris_insert(next(), &t, &done));
	t = two_days("1", STATUS_APPROVED, 500, 0);
	assert_int_equal(hris_insert(next(), &t, &done), GW_EREFUSED);
	assert_non_null(strstr(chain.failure.text, "2027-03-01"));
	t = (struct timeoff){.agent_id = "1", .status = STATUS_CANCELED, .request_id = "77"};
	assert_int_equal(hris_update(next(), &t, &done), GW_ENOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_reads, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_life, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lost_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_not_enough, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
