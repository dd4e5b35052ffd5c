/* test_registry.c: routes and adapters come, change, break and go while somebody holds them. */
#include "routes/registry.h"
#include "adapter/adapter.h"
#include "routes/slot.h"

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
static char routes_dir[128], adapters_dir[128];
static int64_t now_ms;
static struct config config;
static struct registry *registry;
static struct log nowhere;

static int64_t
test_now(void *context)
{
	(void)context;
	return now_ms;
}

static void
test_sleep(void *context, int64_t ms)
{
	(void)context;
	now_ms += ms;
}

static bool
test_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 1, len);
	return true;
}

static const struct clock test_clock = {test_now, test_now, test_sleep, test_random, NULL};

static const char good_route[] = "adapter: local\ncallers: {hr: {basic: file:../secret}}\n";
static const char good_adapter[] =
    "title: Test\nbase_url: https://hris.example\nauth: {none: true}\noperations:\n"
    "  get-timeoff-types:\n    - request: GET /types\n      each: $[*]\n"
    "      type: {id: .id, name: .name, unit: hours}\n";
static const char needing_adapter[] =
    "title: Test\nsettings: {site: {required: true, pattern: '[a-z]+'}}\n"
    "base_url: https://${settings.site}.example\nauth: {none: true}\noperations:\n"
    "  get-timeoff-types:\n    - request: GET /types\n      each: $[*]\n"
    "      type: {id: .id, name: .name, unit: hours}\n";
static const char test_route[] = "adapter: test\ncallers: {hr: {basic: file:../secret}}\n";

/* Replaces a file as a careful person would; the state differs from the one before. */
static void
put(const char *name, const char *text, mode_t mode)
{
	char path[256], beside[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(beside, sizeof(beside), "%s.new", path);
	f = fopen(beside, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(beside, mode), 0);
	assert_int_equal(rename(beside, path), 0);
}

static void
drop(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/hrisgw-registry-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(routes_dir, sizeof(routes_dir), "%s/routes.d", folder);
	snprintf(adapters_dir, sizeof(adapters_dir), "%s/adapters", folder);
	assert_int_equal(mkdir(routes_dir, 0700), 0);
	assert_int_equal(mkdir(adapters_dir, 0700), 0);
	put("secret", "a secret of some length", 0600);
	put("routes.d/one.yaml", good_route, 0600);
	now_ms = 5000000;
	nowhere = (struct log){.fd = -1, .clock = &test_clock};
	config = (struct config){.file = "x",
	    .base_path = "",
	    .routes_dir = routes_dir,
	    .adapters_dir = adapters_dir,
	    .deadline_ms = 1000};
	registry = registry_new(&config, &test_clock, &nowhere);
	assert_non_null(registry);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	registry_free(registry);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* Two looks, a second apart: a file that was still is loaded by the second. */
static void
look_twice(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		now_ms += 1000;
		registry_refresh(registry);
	}
}

/* 'g' serving, 'b' broken, '-' not there. */
static char
state_of(const char *name)
{
	const struct route *r = registry_acquire(registry, name);
	char c = r == NULL ? '-' : r->broken ? 'b' : 'g';

	registry_release(registry, r);
	return c;
}

static size_t
count(const char *text, bool warnings)
{
	struct registry_faults all;
	struct arena a;
	size_t n, i, found = 0;

	arena_init(&a, LIMIT_ARENA);
	assert_true(registry_faults(registry, &a, &all));
	n = warnings ? all.n_warnings : all.n_faults;
	for (i = 0; i < n; i++)
		found += strstr((warnings ? all.warnings : all.faults)[i], text) != NULL;
	arena_clear(&a);
	return found;
}

static size_t
faults(const char *text)
{
	return count(text, false);
}

static void
a_dropped_file_is_taken_up_once_still(void **state)
{
	(void)state;
	assert_int_equal(state_of("one"), 'g');
	assert_int_equal(state_of("two"), '-');
	put("routes.d/two.yaml", good_route, 0600);
	registry_refresh(registry);
	assert_int_equal(state_of("two"), '-');
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("two"), '-');
	/* It changed between two looks: it waits for another. */
	put("routes.d/two.yaml", "adapter: lo", 0600);
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("two"), '-');
	put("routes.d/two.yaml", good_route, 0600);
	look_twice();
	assert_int_equal(state_of("two"), 'g');
	assert_int_equal(faults(""), 0);
}

/* A key of Standard Webhooks that another route has: each is reported once. */
static void
keys_that_routes_share_are_told(void **state)
{
	static const char hooks[] = "adapter: local\ncallers: {hr: {signature: "
				    "[standard-webhooks], keys: {k: file:../k1}}}\n";
	static const char token[] = "adapter: local\ncallers: {hr: {token: file:../k1}}\n";
	static const char other[] = "adapter: local\ncallers: {hr: {signature: "
				    "[standard-webhooks], keys: {k: file:../k2}}}\n";
	static const char said[] = "such a key belongs to one route alone";

	(void)state;
	put("k1", "a key of more than twenty-four bytes", 0600);
	put("k2", "another key of more than twenty-four bytes", 0600);
	put("routes.d/two.yaml", hooks, 0600);
	put("routes.d/three.yaml", other, 0600);
	look_twice();
	assert_int_equal(faults(""), 0);
	put("routes.d/three.yaml", hooks, 0600);
	put("routes.d/four.yaml", hooks, 0600);
	look_twice();
	assert_int_equal(faults(said), 3);
	assert_int_equal(faults("of route four has too"), 2);
	/* Reported as long as it is so, and no longer. */
	look_twice();
	assert_int_equal(faults(said), 3);
	put("routes.d/three.yaml", other, 0600);
	drop("routes.d/four.yaml");
	look_twice();
	assert_int_equal(faults(said), 0);
	put("routes.d/three.yaml", token, 0600);
	look_twice();
	assert_int_equal(faults(said), 1);
	assert_int_equal(faults("two.yaml"), 1);
	put("k1", "a key that changes and is shared all the same", 0600);
	look_twice();
	assert_int_equal(faults(said), 1);
	drop("routes.d/two.yaml");
	look_twice();
	assert_int_equal(faults(said), 0);
}

static void
a_removed_file_is_gone_after_two_looks(void **state)
{
	const struct route *held = registry_acquire(registry, "one");

	(void)state;
	assert_non_null(held);
	drop("routes.d/one.yaml");
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("one"), 'g');
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("one"), '-');
	/* Its holder keeps it. */
	assert_string_equal(held->name, "one");
	registry_release(registry, held);
}

static void
a_broken_change_leaves_the_last_good_one(void **state)
{
	(void)state;
	put("routes.d/one.yaml",
	    "adapter: local\ncallers: {hr: {basic: file:../secret}}\nadaptor: x\n", 0600);
	look_twice();
	assert_int_equal(state_of("one"), 'g');
	assert_int_equal(
	    faults("one.yaml:3:1: unknown key \"adaptor\" (did you mean \"adapter\"?)"), 1);
	put("routes.d/one.yaml", good_route, 0600);
	look_twice();
	assert_int_equal(faults(""), 0);
}

static void
in_a_new_process_a_broken_one_is_broken(void **state)
{
	const struct route *r;

	(void)state;
	registry_free(registry);
	put("routes.d/one.yaml", "adapter: nothere\ncallers: {hr: {basic: file:../secret}}\n",
	    0600);
	put("routes.d/two.yaml", good_route, 0600);
	registry = registry_new(&config, &test_clock, &nowhere);
	assert_non_null(registry);
	assert_int_equal(state_of("one"), 'b');
	assert_int_equal(state_of("two"), 'g');
	r = registry_acquire(registry, "one");
	assert_non_null(r->callers);
	assert_non_null(strstr(r->broken_why, "nothere"));
	registry_release(registry, r);
}

static void
secrets_count_even_beside_a_broken_file(void **state)
{
	const struct route *before = registry_acquire(registry, "one"), *after;

	(void)state;
	put("routes.d/one.yaml", "adapter: [\n", 0600);
	look_twice();
	put("secret", "another secret of some length", 0600);
	look_twice();
	after = registry_acquire(registry, "one");
	assert_ptr_not_equal(before, after);
	assert_false(after->broken);
	registry_release(registry, before);
	registry_release(registry, after);
	/* A secret that others can read is refused: what was loaded stays. */
	put("secret", "a third secret of some length", 0644);
	look_twice();
	assert_int_equal(state_of("one"), 'g');
}

static void
a_secret_that_is_taken_away_is_revoked(void **state)
{
	const struct route *r;

	(void)state;
	drop("secret");
	look_twice();
	r = registry_acquire(registry, "one");
	assert_true(r->broken);
	assert_null(r->callers);
	registry_release(registry, r);
	put("secret", "a new secret of some length", 0600);
	look_twice();
	assert_int_equal(state_of("one"), 'g');
}

/* The first request after a quiet time meets what is there. */
static void
what_is_old_enough_is_taken_at_once(void **state)
{
	(void)state;
	put("routes.d/two.yaml", good_route, 0600);
	drop("routes.d/one.yaml");
	now_ms = clock_wall_ms(&clock_real) + 5000;
	registry_refresh(registry);
	assert_int_equal(state_of("two"), 'g');
	assert_int_equal(state_of("one"), '-');
}

/* Old enough is more than a second. */
static void
what_is_a_second_old_waits(void **state)
{
	char path[160];
	struct stat st;

	(void)state;
	put("routes.d/two.yaml", good_route, 0600);
	snprintf(path, sizeof(path), "%s/two.yaml", routes_dir);
	assert_int_equal(stat(path, &st), 0);
	now_ms = (int64_t)st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000 + 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("two"), '-');
	put("routes.d/three.yaml", good_route, 0600);
	snprintf(path, sizeof(path), "%s/three.yaml", routes_dir);
	assert_int_equal(stat(path, &st), 0);
	now_ms = (int64_t)st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000 + 2001;
	registry_refresh(registry);
	assert_int_equal(state_of("three"), 'g');
}

static void
an_adapter_comes_changes_and_breaks(void **state)
{
	const struct route *r, *changed;

	(void)state;
	put("routes.d/three.yaml", test_route, 0600);
	look_twice();
	assert_int_equal(state_of("three"), 'b');
	put("adapters/test.yaml", good_adapter, 0600);
	look_twice();
	assert_int_equal(state_of("three"), 'g');
	r = registry_acquire(registry, "three");
	put("adapters/test.yaml", "title: Test\noperations: {}\n", 0600);
	look_twice();
	assert_int_equal(state_of("three"), 'g');
	assert_true(faults("adapters/test.yaml") > 0);
	put("adapters/test.yaml", good_adapter, 0600);
	look_twice();
	changed = registry_acquire(registry, "three");
	assert_ptr_not_equal(r, changed);
	assert_string_equal(r->adapter->title, "Test");
	registry_release(registry, r);
	registry_release(registry, changed);
	assert_int_equal(faults(""), 0);
}

/* A good adapter that the route does not go with, or none any more: secrets count all the same. */
static void
secrets_count_beside_an_adapter_that_does_not_fit(void **state)
{
	const struct route *before, *after;
	int gone;

	(void)state;
	put("routes.d/three.yaml", test_route, 0600);
	for (gone = 0; gone < 2; gone++) {
		put("secret", "a secret of some length", 0600);
		put("adapters/test.yaml", good_adapter, 0600);
		look_twice();
		assert_int_equal(faults(""), 0);
		if (gone)
			drop("adapters/test.yaml");
		else
			put("adapters/test.yaml", needing_adapter, 0600);
		look_twice();
		look_twice();
		assert_true(faults("three.yaml") > 0);
		before = registry_acquire(registry, "three");
		put("secret", "another secret of some length", 0600);
		look_twice();
		after = registry_acquire(registry, "three");
		assert_ptr_not_equal(before, after);
		assert_false(after->broken);
		registry_release(registry, before);
		registry_release(registry, after);
		/* And it is not loaded again at every look. */
		before = after;
		look_twice();
		after = registry_acquire(registry, "three");
		assert_ptr_equal(before, after);
		registry_release(registry, after);
	}
}

static void
names_that_no_route_can_have(void **state)
{
	(void)state;
	put("routes.d/Two_Words.yaml", good_route, 0600);
	look_twice();
	assert_int_equal(faults("Two_Words.yaml"), 1);
	assert_int_equal(state_of("Two_Words"), '-');
}

static void
requests_in_a_route_are_counted(void **state)
{
	const struct route *a = registry_acquire(registry, "one");
	const struct route *b = registry_acquire(registry, "one");

	(void)state;
	assert_ptr_equal(a, b);
	assert_int_equal(registry_enter(a), 1);
	assert_int_equal(registry_enter(b), 2);
	registry_leave(a);
	registry_release(registry, a);
	assert_int_equal(registry_enter(b), 2);
	registry_leave(b);
	registry_leave(b);
	assert_int_equal(registry_enter(b), 1);
	registry_leave(b);
	registry_release(registry, b);
}

static void
near_names_are_warned_of(void **state)
{
	static const char *const aside[] = {"three.yaml.example", "one.yaml.bak", "one.yaml~",
	    ".one.yaml.swp", "#one.yaml#", "one.yaml.orig", "one.yaml.rpmnew", "README",
	    "README.txt", "README.md", "Four.conf"};
	char path[128];
	size_t i;

	(void)state;
	put("routes.d/two.yml", good_route, 0600);
	put("adapters/x.YAML", good_adapter, 0600);
	put("routes.d/three.yaml.txt", good_route, 0600);
	put("routes.d/four.conf", good_route, 0600);
	put("adapters/five", good_adapter, 0600);
	for (i = 0; i < sizeof(aside) / sizeof(aside[0]); i++) {
		(void)snprintf(path, sizeof(path), "routes.d/%s", aside[i]);
		put(path, good_route, 0600);
	}
	(void)snprintf(path, sizeof(path), "%s/routes.d/old", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	look_twice();
	assert_int_equal(count("two.yml: it is not read", true), 1);
	assert_int_equal(count("x.YAML: it is not read", true), 1);
	assert_int_equal(count("three.yaml.txt: it is not read", true), 1);
	assert_int_equal(count("four.conf: it is not read", true), 1);
	assert_int_equal(count("five: it is not read", true), 1);
	assert_int_equal(count("", true), 5);
	assert_int_equal(faults(""), 0);
}

/* What `check` says of a route without fault: what a write may surprise with. */
static void
advice_on_writes(void **state)
{
	static const char writes[] =
	    "title: Test\nbase_url: https://hris.example\nauth: {none: true}\n"
	    "amounts: {hours: 0.01}\n"
	    "lost_write: {find: marker, settle: 5s}\noperations:\n"
	    "  get-timeoff-types:\n    - request: GET /types\n      each: $[*]\n"
	    "      type: {id: .id, name: .name, unit: hours}\n"
	    "  insert-timeoff:\n    - request: POST /requests\n"
	    "      body: {note: '${in.marker}', agent: '${in.agent_id}', type: '${in.type_id}', "
	    "status: '${in.status}', days: {for: {day: in.days}, item: {on: '${day.date}', amount: "
	    "'${day.minutes | as in.type.unit}'}}}\n      result: {id: $.id}\n"
	    "  find-timeoff:\n    - request: GET /requests\n"
	    "      query: {agent: '${in.agent_id}', id: '${in.request_id}', from: '${in.min_date}', "
	    "to: '${in.max_date}'}\n      each: $[*]\n"
	    "      found: {id: .id, type_id: .type, status: .state, notes: .note, start: .from, "
	    "end: .to, amount: .hours, unit: hours}\n";
	static const struct {
		const char *more;
		int64_t deadline_ms;
		const char *says; /* NULL: nothing */
	} rows[] = {
	    {"", 25000, "on_fewer is not said"},
	    {"on_fewer: keep\n", 25000, NULL},
	    {"on_fewer: keep\n", 6000, "deadline: 6 s are less than the "},
	};
	int64_t deadline_ms = config.deadline_ms;
	struct faults advice;
	struct arena a;
	char text[256];
	size_t i;

	(void)state;
	arena_init(&a, LIMIT_ARENA);
	put("adapters/test.yaml", writes, 0600);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", test_route, rows[i].more);
		put("routes.d/two.yaml", text, 0600);
		look_twice();
		assert_int_equal(faults(""), 0);
		config.deadline_ms = rows[i].deadline_ms;
		faults_init(&advice, &a);
		registry_advice(registry, &advice);
		assert_int_equal(advice.n_warnings, rows[i].says != NULL);
		if (rows[i].says != NULL)
			assert_non_null(strstr(advice.warnings[0], rows[i].says));
	}
	config.deadline_ms = deadline_ms;
	arena_clear(&a);
}

static void
a_link_to_nothing_is_a_fault(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/routes.d/two.yaml", folder);
	assert_int_equal(symlink("../not-there", path), 0);
	look_twice();
	assert_int_equal(faults("two.yaml: it is a link to no file"), 1);
	assert_int_equal(faults(""), 1);
	put("not-there", good_route, 0600);
	look_twice();
	assert_int_equal(faults(""), 0);
	assert_int_equal(state_of("two"), 'g');
}

static void
an_unknown_adapter_is_missing_or_broken(void **state)
{
	char fault[256];

	(void)state;
	put("adapters/test.yaml", good_adapter, 0600);
	put("adapters/bad.yaml", "title: [\n", 0600);
	put("routes.d/two.yaml", "adapter: tets\ncallers: {hr: {basic: file:../secret}}\n", 0600);
	put("routes.d/three.yaml", "adapter: bad\ncallers: {hr: {basic: file:../secret}}\n", 0600);
	look_twice();
	assert_int_equal(faults("there is no adapter \"tets\": "), 1);
	assert_int_equal(faults("adapters has "), 1);
	assert_int_equal(faults("test, "), 1);
	assert_int_equal(faults("local is built in"), 1);
	assert_int_equal(faults("adapter \"bad\" has a fault: "), 1);
	snprintf(fault, sizeof(fault), "has a fault: %s/bad.yaml:", adapters_dir);
	assert_int_equal(faults(fault), 1);
}

/* The title of an adapter as it serves; NULL: it does not. */
static void
assert_title(const char *name, const char *title)
{
	struct loaded_adapter *a = registry_hold_adapter(registry, name);

	if (title == NULL)
		assert_null(a);
	else
		assert_string_equal(a->adapter->title, title);
	if (a != NULL)
		registry_drop_adapter(registry, a);
}

/* One's own hides the one that came with the program, at once; back once it is gone for good. */
static void
ones_own_adapter_hides_the_shared_one(void **state)
{
	char shared[128], own[512], path[160];

	(void)state;
	snprintf(shared, sizeof(shared), "%s/shared", folder);
	assert_int_equal(mkdir(shared, 0700), 0);
	snprintf(own, sizeof(own), "title: Own%s", good_adapter + strlen("title: Test"));
	put("shared/test.yaml", good_adapter, 0600);
	put("routes.d/one.yaml", test_route, 0600);
	config.adapters_shared = shared;
	look_twice();
	assert_title("test", "Test");
	assert_int_equal(state_of("one"), 'g');
	put("adapters/test.yaml", own, 0600);
	look_twice();
	assert_title("test", "Own");
	drop("adapters/test.yaml");
	now_ms += 1000;
	registry_refresh(registry);
	assert_title("test", "Own");
	now_ms += 1000;
	registry_refresh(registry);
	look_twice();
	assert_title("test", "Test");
	assert_int_equal(state_of("one"), 'g');
	/* One's own folder need not be there; the other must. */
	snprintf(path, sizeof(path), "%s/adapters", folder);
	assert_int_equal(rmdir(path), 0);
	look_twice();
	assert_int_equal(faults(""), 0);
	config.adapters_shared = NULL;
	look_twice();
	assert_int_equal(faults("adapters:"), 1);
	assert_title("test", "Test");
	assert_int_equal(mkdir(path, 0700), 0);
	look_twice();
	look_twice();
	assert_title("test", NULL);
	assert_int_equal(faults("adapters:"), 0);
	snprintf(path, sizeof(path), "%s/gone", folder);
	config.adapters_shared = path;
	look_twice();
	assert_int_equal(faults("gone: No such file"), 1);
	config.adapters_shared = NULL;
}

/* Asked to, it waits for nothing: neither a second, nor a second look. */
static void
a_reread_takes_what_is_there(void **state)
{
	(void)state;
	put("routes.d/two.yaml", good_route, 0600);
	drop("routes.d/one.yaml");
	registry_reread(registry);
	assert_int_equal(state_of("two"), 'g');
	assert_int_equal(state_of("one"), '-');
	/* It counts as a look: the next one is a second later. */
	put("routes.d/one.yaml", good_route, 0600);
	now_ms += 999;
	registry_refresh(registry);
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("one"), '-');
	now_ms += 1000;
	registry_refresh(registry);
	assert_int_equal(state_of("one"), 'g');
}

static void
names_and_calls_of_all_routes(void **state)
{
	const char **names;
	struct arena a;
	size_t n;

	(void)state;
	assert_int_equal(registry_calls(registry), 0);
	put("adapters/test.yaml", good_adapter, 0600);
	put("routes.d/b.yaml",
	    "adapter: test\nlimits: {in_flight: 3}\ncallers: {hr: {basic: file:../secret}}\n",
	    0600);
	put("routes.d/a.yaml",
	    "adapter: test\nlimits: {in_flight: 4}\ncallers: {hr: {basic: file:../secret}}\n",
	    0600);
	put("routes.d/z.yaml", "adapter: [\n", 0600);
	look_twice();
	assert_int_equal(registry_calls(registry), 7);
	arena_init(&a, LIMIT_ARENA);
	assert_true(registry_routes(registry, &a, &names, &n));
	assert_int_equal(n, 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_string_equal(names[2], "one");
	assert_string_equal(names[3], "z");
	arena_clear(&a);
}

/* What changes is an event of the log, what is there at the start is none. */
static void
changes_are_logged(void **state)
{
	static const char *const events[] = {"adapter loaded", "route loaded", "route removed",
	    "adapter removed", "route fault", "adapter fault", "folder fault"};
	char text[4096] = "", path[128];
	const char *at;
	size_t i;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", folder);
	f = fopen(path, "w+");
	assert_non_null(f);
	nowhere.fd = fileno(f);
	nowhere.level = LOG_INFO;
	look_twice();
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), 0);
	put("adapters/test.yaml", good_adapter, 0600);
	put("routes.d/two.yaml", test_route, 0600);
	look_twice();
	drop("adapters/test.yaml");
	drop("routes.d/two.yaml");
	put("routes.d/three.yaml", "adapter: [\n", 0600);
	put("adapters/four.yaml", "title: [\n", 0600);
	put("routes.d/five.yml", test_route, 0600);
	put("routes.d/six.yml", test_route, 0600);
	look_twice();
	look_twice();
	rewind(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strstr(text, events[i]) == NULL)
			fail_msg("no \"%s\" in %s", events[i], text);
	}
	/* Each of the two once. */
	for (at = text, i = 0; (at = strstr(at, "folder fault")) != NULL; at++)
		i++;
	assert_int_equal(i, 2);
	nowhere.fd = -1;
	assert_int_equal(fclose(f), 0);
}

/* A caller whose keys end is seen before, and when it can call no more. */
static void
callers_whose_keys_end(void **state)
{
	const int64_t day_ms = 86400 * 1000;

	(void)state;
	put("routes.d/one.yaml",
	    "adapter: local\ncallers:\n"
	    "  follows: {token: {a: {file: file:../k1, not_after: 2026-03-31},\n"
	    "                    b: {file: file:../k2, not_before: 2026-03-31}}}\n"
	    "  ends: {basic: {file: file:../secret, not_after: 2026-03-31}}\n",
	    0600);
	put("k1", "another secret of some length", 0600);
	put("k2", "a third secret of some length", 0600);
	now_ms = (int64_t)1773532800 * 1000; /* 2026-03-15 */
	look_twice();
	assert_int_equal(count("", true), 0);
	now_ms += 5 * day_ms;
	assert_int_equal(count("caller ends has no key that counts after 2026-03-31", true), 1);
	assert_int_equal(count("", true), 1);
	assert_int_equal(faults(""), 0);
	now_ms += 12 * day_ms;
	assert_int_equal(faults("caller ends cannot call: each of its keys has ended"), 1);
	assert_int_equal(faults(""), 1);
	assert_int_equal(count("", true), 0);
	put("routes.d/one.yaml",
	    "adapter: local\ncallers: {begins: {basic: {file: file:../secret, not_before: 2099-03-31}}}\n",
	    0600);
	look_twice();
	assert_int_equal(faults("caller begins cannot call"), 1);
	/* A key that begins too late does not take over; one that begins in time does. */
	put("routes.d/one.yaml",
	    "adapter: local\ncallers:\n"
	    "  gap: {token: {a: {file: file:../k1, not_after: 2026-04-05},\n"
	    "                b: {file: file:../k2, not_before: 2026-04-07}}}\n"
	    "  next: {token: {b: {file: file:../secret, not_before: 2026-04-06},\n"
	    "                 a: {file: file:../k3, not_after: 2026-04-05}}}\n",
	    0600);
	put("k3", "a fourth secret of some length", 0600);
	look_twice();
	assert_int_equal(count("caller gap has no key that counts after 2026-04-05", true), 1);
	assert_int_equal(count("", true), 1);
	assert_int_equal(faults(""), 0);
}

static void
a_secret_that_serves_twice(void **state)
{
	(void)state;
	put("routes.d/one.yaml",
	    "adapter: local\ncallers:\n"
	    "  a: {token: file:../secret, basic: file:../secret}\n"
	    "  s: {signature: [rfc9421, standard-webhooks], keys: {k: file:../key}}\n",
	    0600);
	put("key", "a signature key of some length", 0600);
	put("routes.d/two.yaml", "adapter: local\ncallers: {b: {basic: file:../secret}}\n", 0600);
	look_twice();
	assert_int_equal(
	    count("caller a has the same secret as basic that caller a of route one has as token",
		true),
	    1);
	assert_int_equal(
	    count("caller b has the same secret as basic that caller a of route one has as basic",
		true),
	    1);
	assert_int_equal(count("", true), 2);
	assert_int_equal(faults(""), 0);
}

/* What nothing names is read when all faults are asked for: here, after it is gone. */
static void
for_one_request_an_adapter_is_read_when_it_is_named(void **state)
{
	(void)state;
	registry_free(registry);
	put("adapters/test.yaml", good_adapter, 0600);
	put("adapters/other.yaml", good_adapter, 0600);
	put("routes.d/two.yaml", test_route, 0600);
	registry = registry_new_once(&config, &test_clock, &nowhere);
	assert_non_null(registry);
	assert_int_equal(state_of("one"), 'g');
	assert_int_equal(state_of("two"), 'g');
	drop("adapters/test.yaml");
	drop("adapters/other.yaml");
	assert_int_equal(faults("test.yaml"), 0);
	assert_int_equal(faults("other.yaml: it cannot be read"), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_dropped_file_is_taken_up_once_still),
	    T(a_removed_file_is_gone_after_two_looks),
	    T(keys_that_routes_share_are_told),
	    T(a_broken_change_leaves_the_last_good_one),
	    T(in_a_new_process_a_broken_one_is_broken),
	    T(secrets_count_even_beside_a_broken_file),
	    T(a_secret_that_is_taken_away_is_revoked),
	    T(what_is_old_enough_is_taken_at_once),
	    T(what_is_a_second_old_waits),
	    T(an_adapter_comes_changes_and_breaks),
	    T(secrets_count_beside_an_adapter_that_does_not_fit),
	    T(names_that_no_route_can_have),
	    T(requests_in_a_route_are_counted),
	    T(near_names_are_warned_of),
	    T(advice_on_writes),
	    T(a_link_to_nothing_is_a_fault),
	    T(an_unknown_adapter_is_missing_or_broken),
	    T(ones_own_adapter_hides_the_shared_one),
	    T(a_reread_takes_what_is_there),
	    T(names_and_calls_of_all_routes),
	    T(changes_are_logged),
	    T(callers_whose_keys_end),
	    T(a_secret_that_serves_twice),
	    T(for_one_request_an_adapter_is_read_when_it_is_named),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
