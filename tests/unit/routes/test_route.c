/* test_route.c: route files and hrisgw.yaml: what is read, and what each fault says. */
#include "adapter/adapter.h"
#include "config/config.h"
#include "hris/route.h"

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

static char folder[64];
static struct arena arena;
static struct faults faults;

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/hrisgw-route-XXXXXX");
	assert_non_null(mkdtemp(folder));
	arena_init(&arena, LIMIT_ARENA);
	faults_init(&faults, &arena);
	put("secret", "a secret of some length");
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	arena_clear(&arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const struct adapter *
no_adapter(void *context, const char *name, struct arena *a, const char **why)
{
	(void)context;
	*why = arena_printf(a, "there is no adapter \"%s\"", name);
	return NULL;
}

static struct route *
load(const char *text)
{
	struct secrets secrets;
	char *file = arena_printf(&arena, "%s/r.yaml", folder);

	faults_init(&faults, &arena);
	secrets_init(&secrets, &arena, file, &faults);
	return route_load(
	    &arena, "r", file, text, strlen(text), no_adapter, NULL, &secrets, &faults);
}

#define CALLERS "callers: {c: {basic: file:secret}}\n"

static void
defaults_and_values(void **state)
{
	struct route *r = load("adapter: local\n" CALLERS);

	(void)state;
	assert_false(r->broken);
	assert_int_equal(r->day_minutes, 480);
	assert_int_equal(r->day_start_minute, 540);
	assert_int_equal(r->token_ttl_s, 3600);
	assert_int_equal(r->unlimited_minutes, 525600);
	assert_int_equal(r->agents_max, 50000);
	assert_int_equal(r->peer.in_flight, 8);
	assert_false(r->peer.insecure_http);
	assert_null(r->face);
	r = load("adapter: local\nface: bamboohr\nday_start: '07:30'\ntoken_ttl: 2h\n"
		 "limits: {in_flight: 3, per_second: 7}\namounts: duration\ninsecure_http: true\n"
		 "agents: {exclude: ['7', 8], max: 10}\n" CALLERS);
	assert_false(r->broken);
	assert_string_equal(r->face, "bamboohr");
	assert_int_equal(r->day_start_minute, 450);
	assert_int_equal(r->token_ttl_s, 7200);
	assert_int_equal(r->peer.per_second, 7);
	assert_true(r->amounts_duration);
	assert_int_equal(r->n_agents_exclude, 2);
	assert_string_equal(r->agents_exclude[1], "8");
}

static void
overrides_of_emails(void **state)
{
	struct route *r;

	(void)state;
	put("mails.csv", "id,email\n9,nine@example.com\n10,\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_false(r->broken);
	assert_int_equal(r->n_email_overrides, 2);
	assert_string_equal(r->email_overrides[0].id, "10");
	put("mails.csv", "id,email\n10,a@example.com\n9,\n10,b@example.com\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_true(r->broken);
	put("mails.csv", "id,email\n9,a@example.com\n10,\n9,b@example.com\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_true(r->broken);
	assert_non_null(strstr(r->broken_why, "employee 9 is there twice"));
	put("mails.csv", "id,mail\n9,a@example.com\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_true(r->broken);
	assert_non_null(strstr(r->broken_why, "mails.csv:1:"));
	put("mails.csv", "id\n9\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_true(r->broken);
	assert_non_null(strstr(r->broken_why, "mails.csv:1:1: the columns id and email"));
	put("mails.csv", "email,id\nnine@example.com,9\n");
	r = load("adapter: local\nagents: {email_overrides: file:mails.csv}\n" CALLERS);
	assert_string_equal(r->email_overrides[0].id, "9");
	assert_string_equal(r->email_overrides[0].email, "nine@example.com");
	r = load("adapter: local\nagents: {email_overrides: file:nothing.csv}\n" CALLERS);
	assert_true(r->broken);
}

static void
faults_say_where_and_what(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	    {"", "adapter is missing"},
	    {"adapter: local\n", "callers is missing"},
	    {"adapter: local\n" CALLERS "limts: {}\n",
		":3:1: unknown key \"limts\" (did you mean \"limits\"?)"},
	    {"adapter: local\n" CALLERS "limits: {in_fligt: 1}\n",
		":3:10: unknown key \"limits.in_fligt\" (did you mean \"in_flight\"?)"},
	    {"adapter: local\n" CALLERS "limits: {in_flight: 0}\n",
		":3:21: limits.in_flight: a whole number from 1 to 256 was expected"},
	    {"adapter: local\n" CALLERS "limits: 3\n", ":3:9: limits is a mapping"},
	    {"adapter: local\n" CALLERS "token_ttl: 25h\n", "token_ttl: a duration"},
	    {"adapter: local\n" CALLERS "day_start: 25:00\n", "day_start: a time of day"},
	    {"adapter: local\n" CALLERS "face: workday\n", "none of its choices"},
	    {"adapter: local\n" CALLERS "insecure_http: yes\n", "true or false"},
	    {"adapter: local\n" CALLERS "timezone: ../../etc/passwd\n", "no time zone"},
	    {"adapter: local\n" CALLERS "settings: {api_key: x}\n", "one setting: database"},
	    {"adapter: local\n" CALLERS "settings: {database: x, api_key: x}\n",
		"one setting: database"},
	    {"adapter: local\n" CALLERS "settings: [x]\n", "one setting: database"},
	    {"adapter: local\n" CALLERS "timezone: /usr/share/zoneinfo/UTC\n", "no time zone"},
	    {"adapter: local\n" CALLERS "timezone: Europe/Bonn\n",
		"\"Europe/Bonn\" is no time zone"},
	    {"adapter: local\n" CALLERS "ledger: Ours\n", ":3:9: ledger is a name as a route's"},
	    {"adapter: local\n" CALLERS "agents: {exclude: 7}\n",
		":3:19: agents.exclude is a list of employee ids"},
	    {"adapter: local\n" CALLERS "agents: {exclude: [a, [b]]}\n",
		":3:23: an employee id is a text"},
	    {"adapter: gone\n" CALLERS, "there is no adapter \"gone\""},
	    {"adapter: local\ncallers: {c: {basic: plain text}}\n", ":2:22: "},
	    {"adapter: local\nadapter: local\n" CALLERS, ":2:1: "},
	    {"adapter: [\n", ":2:1: "},
	};
	struct route *r;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = load(cases[i].text);
		if (!r->broken)
			fail_msg("%s: is taken", cases[i].text);
		for (j = 0; j < faults.n && strstr(faults.texts[j], cases[i].fault) == NULL; j++)
			continue;
		if (j == faults.n)
			fail_msg("%s: \"%s\" is not said, but: %s", cases[i].text, cases[i].fault,
			    faults.n > 0 ? faults.texts[0] : "nothing");
	}
}

static const struct adapter *
one_adapter(void *context, const char *name, struct arena *a, const char **why)
{
	const char *pace = context;
	const char *text = arena_printf(a,
	    "title: T\n%sbase_url: https://a.example\nauth: {none: true}\noperations:\n"
	    "  get-timeoff-types:\n    - request: GET /types\n      each: $[*]\n"
	    "      type: {id: .id, name: .name, unit: hours}\n",
	    pace);

	*why = NULL;
	assert_non_null(text);
	return adapter_load(a, name, "t.yaml", text, strlen(text), &faults);
}

/* The slower of the adapter's pace and the route's counts; slower than one a second is one. */
static void
paces_of_adapter_and_route(void **state)
{
	static const struct {
		const char *pace, *limits;
		unsigned per_second;
	} rows[] = {
	    {"", "", 0},
	    {"", "limits: {per_second: 7}\n", 7},
	    {"pace: 5/s\n", "", 5},
	    {"pace: 5/s\n", "limits: {per_second: 7}\n", 5},
	    {"pace: 9/s\n", "limits: {per_second: 7}\n", 7},
	    {"pace: 30/min\n", "", 1},
	    {"pace: 60/min\n", "limits: {per_second: 7}\n", 1},
	};
	char *file = arena_printf(&arena, "%s/r.yaml", folder);
	struct secrets secrets;
	const char *text;
	struct route *r;
	char pace[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		faults_init(&faults, &arena);
		secrets_init(&secrets, &arena, file, &faults);
		snprintf(pace, sizeof(pace), "%s", rows[i].pace);
		text = arena_printf(&arena, "adapter: t\n%s" CALLERS, rows[i].limits);
		r = route_load(
		    &arena, "r", file, text, strlen(text), one_adapter, pace, &secrets, &faults);
		if (r->broken)
			fail_msg("row %zu: %s", i, r->broken_why);
		assert_int_equal(r->peer.per_second, rows[i].per_second);
		assert_false(r->local);
	}
}

/* What is kept of fewer minutes, and whose ledger it is. */
static void
words_of_a_route(void **state)
{
	struct route *r = load("adapter: local\n" CALLERS);

	(void)state;
	assert_null(r->ledger);
	assert_int_equal(r->on_fewer, FEWER_UNSAID);
	r = load("adapter: local\nledger: ours\non_fewer: accept\ntimezone: Europe/Berlin\n"
		 "settings: {database: d/l.db}\n" CALLERS);
	assert_false(r->broken);
	assert_string_equal(r->ledger, "ours");
	assert_string_equal(r->timezone, "Europe/Berlin");
	assert_int_equal(r->on_fewer, FEWER_ACCEPT);
	assert_string_equal(value_str(value_get(r->settings, "database")),
	    arena_printf(&arena, "%s/d/l.db", folder));
	assert_int_equal(
	    load("adapter: local\non_fewer: take_back\n" CALLERS)->on_fewer, FEWER_TAKE_BACK);
	assert_int_equal(load("adapter: local\non_fewer: keep\n" CALLERS)->on_fewer, FEWER_KEEP);
}

static void
broken_ones_know_their_callers(void **state)
{
	struct route *r = load("adapter: gone\n" CALLERS);

	(void)state;
	assert_true(r->broken);
	assert_non_null(r->callers);
	assert_non_null(strstr(r->broken_why, "gone"));
}

static void
the_whole_configuration(void **state)
{
	struct config c;
	char path[128];

	(void)state;
	put("hrisgw.yaml", "listen: {socket: run/x.sock}\nworkers: 12\nbase_path: /hris\n"
			   "deadline: 50s\nlog: {level: warning}\n");
	snprintf(path, sizeof(path), "%s/hrisgw.yaml", folder);
	assert_true(config_load(&arena, path, NULL, &c, &faults));
	assert_int_equal(c.workers, 12);
	assert_int_equal(c.deadline_ms, 50000);
	assert_int_equal(c.log_level, LOG_WARNING);
	assert_non_null(strstr(c.listen_socket, "/run/x.sock"));
	assert_int_equal(c.listen_socket[0], '/');
	assert_non_null(strstr(c.routes_dir, "/routes.d"));
	/* Beside the program. */
	assert_true(config_load(&arena, NULL, folder, &c, &faults));
	assert_string_equal(c.file, path);
	put("hrisgw.yaml", "threads: 64\n");
	assert_false(config_load(&arena, path, NULL, &c, &faults));
	assert_non_null(strstr(faults.texts[faults.n - 2], "give workers"));
	put("hrisgw.yaml", "deadline: 56s\n");
	assert_false(config_load(&arena, path, NULL, &c, &faults));
	put("hrisgw.yaml", "base_path: hris/\n");
	assert_false(config_load(&arena, path, NULL, &c, &faults));
	snprintf(path, sizeof(path), "%s/none.yaml", folder);
	assert_false(config_load(&arena, path, NULL, &c, &faults));
}

static void
names(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} cases[] = {
	    {"acme", true},
	    {"a-1", true},
	    {"", false},
	    {"Acme", false},
	    {"a_b", false},
	    {"../x", false},
	    {"12345678901234567890123456789012", true},
	    {"123456789012345678901234567890123", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(route_name_valid(cases[i].name), cases[i].good);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(defaults_and_values),
	    T(overrides_of_emails),
	    T(faults_say_where_and_what),
	    T(paces_of_adapter_and_route),
	    T(words_of_a_route),
	    T(broken_ones_know_their_callers),
	    T(the_whole_configuration),
	    T(names),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
