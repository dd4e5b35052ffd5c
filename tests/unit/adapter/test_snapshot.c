/* test_snapshot.c: the kept list of agents: whole, of these settings, and not too old; or none. */
#include "tests/unit/kit/adapter_kit.h"
#include "adapter/snapshot.h"
#include "format/yaml.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct world {
	struct kit_file k;
	char folder[64];
	struct route route;
	struct failure failure;
	struct transport transport;
	struct clock clock;
	int64_t wall_s;
	const char *answer;
	struct hris hris;
};

static int64_t
wall_ms(void *context)
{
	return ((struct world *)context)->wall_s * 1000;
}

static void
answer(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_ms, struct arena *a)
{
	struct world *w = context;
	size_t i;

	(void)peer;
	(void)deadline_ms;
	(void)a;
	for (i = 0; i < n; i++) {
		calls[i].fate = HTTP_ANSWERED;
		calls[i].status = w->answer == NULL ? 403 : 200;
		calls[i].answer = w->answer == NULL ? "" : w->answer;
		calls[i].answer_len = strlen(calls[i].answer);
	}
}

static void
set_settings(struct world *w, const char *text)
{
	struct value *given = yaml_parse(&w->k.arena, "r.yaml", text, strlen(text), &w->k.faults);

	w->route.settings = adapter_settings(
	    &w->k.arena, w->route.adapter, "r.yaml", given, given, NULL, &w->k.faults);
	assert_non_null(w->route.settings);
	w->route.public_settings =
	    adapter_settings_public(&w->k.arena, w->route.adapter, w->route.settings);
	assert_non_null(w->route.public_settings);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	kit_file_open(&w->k);
	snprintf(w->folder, sizeof(w->folder), "/tmp/hrisgw-snapshot-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	w->wall_s = 1795000000;
	w->clock = clock_real;
	w->clock.wall_ms = w->clock.mono_ms = wall_ms;
	w->clock.context = w;
	w->transport = (struct transport){.send = answer, .context = w};
	w->route = (struct route){
	    .name = "acme", .adapter = kit_load(&w->k, kit_adapter), .adapter_name = "t"};
	assert_non_null(w->route.adapter);
	set_settings(w, "{host: acme, key: k}");
	w->hris = (struct hris){.route = &w->route,
	    .driver = &adapter_driver,
	    .arena = &w->k.arena,
	    .clock = &w->clock,
	    .transport = &w->transport,
	    .state_dir = w->folder,
	    .deadline_ms = w->wall_s * 1000 + 25000,
	    .failure = &w->failure};
	w->answer = "{\"total\": 2, \"people\": [{\"id\": 1, \"mail\": \"a\\\"@x\"}, {\"id\": 2}]}";
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const suffixes[] = {"json", "lock", "new"};
	struct world *w = *state;
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s/agents-acme.%s", w->folder, suffixes[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(w->folder), 0);
	kit_file_close(&w->k);
	free(w);
	return 0;
}

static const char *
file_of(struct world *w, const char *suffix)
{
	return arena_printf(&w->k.arena, "%s/agents-acme.%s", w->folder, suffix);
}

static void
taken(struct world *w, enum fail_code code, size_t agents)
{
	size_t n;
	bool busy;

	fail_clear(&w->failure);
	(void)snapshot_take(&w->hris, &n, &busy);
	assert_int_equal(w->failure.code, code);
	assert_false(busy);
	if (code == CODE_NONE)
		assert_int_equal(n, agents);
}

/* Reads it; why: a part of the message, NULL where there is an answer. */
static struct operation_out
kept(struct world *w, const char *why)
{
	struct operation_out out = {0};

	fail_clear(&w->failure);
	if ((snapshot_read(&w->hris, &out) == GW_OK) != (why == NULL))
		fail_msg("%s", w->failure.text);
	if (why != NULL && strstr(w->failure.text, why) == NULL)
		fail_msg("no \"%s\" in: %s", why, w->failure.text);
	return out;
}

static void
what_is_taken_is_kept(void **state)
{
	struct world *w = *state;
	struct operation_out out;
	struct stat st;

	(void)kept(w, "no list of agents was read yet: hrisgw snapshot acme");
	assert_int_equal(w->failure.code, CODE_HRIS_UNAVAILABLE);
	assert_true(snapshot_due(w->folder, "acme", w->wall_s));
	taken(w, CODE_NONE, 2);
	out = kept(w, NULL);
	assert_int_equal(out.n_agents, 2);
	assert_string_equal(out.agents[0].id, "1");
	assert_string_equal(out.agents[0].email, "a\"@x");
	assert_string_equal(out.agents[1].id, "2");
	assert_null(out.agents[1].email);
	assert_int_equal(stat(file_of(w, "json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access(file_of(w, "new"), F_OK), -1);
	assert_false(snapshot_due(w->folder, "acme", st.st_mtime));
	assert_false(snapshot_due(w->folder, "acme", st.st_mtime + SNAPSHOT_DUE_S - 1));
	assert_true(snapshot_due(w->folder, "acme", st.st_mtime + SNAPSHOT_DUE_S));
	assert_true(snapshot_due(w->folder, "other", st.st_mtime));
}

/* A failure leaves what was there. */
static void
what_cannot_be_read_changes_nothing(void **state)
{
	struct world *w = *state;

	taken(w, CODE_NONE, 2);
	w->answer = NULL;
	taken(w, CODE_HRIS_FORBIDDEN, 0);
	w->answer = "{\"total\": 0, \"people\": []}";
	taken(w, CODE_HRIS_EMPTY, 0);
	assert_int_equal(kept(w, NULL).n_agents, 2);
}

static void
one_reads_at_a_time(void **state)
{
	struct world *w = *state;
	int fd = open(file_of(w, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool busy = false;
	size_t n;

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(snapshot_take(&w->hris, &n, &busy), GW_OK);
	assert_true(busy);
	(void)kept(w, "no list of agents was read yet");
	assert_int_equal(close(fd), 0);
	taken(w, CODE_NONE, 2);
}

static void
a_list_grows_old(void **state)
{
	static const struct {
		int64_t after_s;
		const char *why;
	} rows[] = {
	    {0, NULL},
	    {SNAPSHOT_OLD_S, NULL},
	    {SNAPSHOT_OLD_S + 1, "was read 24 hours ago, and may be 24 old at most"},
	    {-300, NULL},
	    {-301, "hours ago"},
	};
	struct world *w = *state;
	int64_t then_s = w->wall_s;
	size_t i;

	taken(w, CODE_NONE, 2);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w->wall_s = then_s + rows[i].after_s;
		(void)kept(w, rows[i].why);
		assert_int_equal(
		    w->failure.code, rows[i].why == NULL ? CODE_NONE : CODE_HRIS_UNAVAILABLE);
	}
}

static void
of_other_settings_it_is_none(void **state)
{
	struct world *w = *state;

	taken(w, CODE_NONE, 2);
	/* A new key to the same place is not another place. */
	set_settings(w, "{host: acme, key: l}");
	(void)kept(w, NULL);
	set_settings(w, "{host: other, key: k}");
	(void)kept(w, "the settings have changed");
	assert_int_equal(w->failure.code, CODE_HRIS_UNAVAILABLE);
}

/* Any byte that changed, and an end that is not there. */
static void
damage_is_seen(void **state)
{
	struct world *w = *state;
	const char *path = file_of(w, "json");
	char whole[1024], c;
	ssize_t len, i;
	int fd;

	taken(w, CODE_NONE, 2);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	len = pread(fd, whole, sizeof(whole), 0);
	assert_true(len > 100 && len < (ssize_t)sizeof(whole));
	for (i = len - 30; i < len; i++) {
		c = (char)(whole[i] ^ 1);
		assert_int_equal(pwrite(fd, &c, 1, i), 1);
		(void)kept(w, "is damaged: hrisgw snapshot acme");
		assert_int_equal(w->failure.code, CODE_GATEWAY_STORE);
		assert_int_equal(pwrite(fd, &whole[i], 1, i), 1);
	}
	(void)kept(w, NULL);
	assert_int_equal(ftruncate(fd, len - 1), 0);
	(void)kept(w, "is damaged");
	assert_int_equal(ftruncate(fd, 50), 0);
	(void)kept(w, "is damaged");
	assert_int_equal(close(fd), 0);
}

static void
a_folder_that_takes_nothing(void **state)
{
	struct world *w = *state;
	size_t n;
	bool busy;

	w->hris.state_dir = "/nowhere";
	assert_int_not_equal(snapshot_take(&w->hris, &n, &busy), GW_OK);
	assert_int_equal(w->failure.code, CODE_GATEWAY_STORE);
	assert_non_null(strstr(
	    w->failure.text, "locking of the list of agents, /nowhere/agents-acme.lock: No such"));
	w->hris.state_dir = w->folder;
	assert_int_equal(mkdir(file_of(w, "new"), 0700), 0);
	taken(w, CODE_GATEWAY_STORE, 0);
	assert_non_null(strstr(w->failure.text, "writing of the list of agents"));
	assert_int_equal(rmdir(file_of(w, "new")), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_is_taken_is_kept),
	    T(what_cannot_be_read_changes_nothing),
	    T(one_reads_at_a_time),
	    T(a_list_grows_old),
	    T(of_other_settings_it_is_none),
	    T(damage_is_seen),
	    T(a_folder_that_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
