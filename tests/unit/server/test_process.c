/* test_process.c: the names a program is called by, and what of the environment stays. */
#include "server/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void
test_names(void **state)
{
	const struct {
		const char *program;
		bool web;
		const char *action; /* NULL: all */
	} names[] = {
	    {"hrisgw", false, NULL},
	    {"/usr/bin/hrisgw", false, NULL},
	    {"hrisgw.fcgi", true, NULL},
	    {"/srv/www/hrisgw.cgi", true, NULL},
	    {"get-balance.fcgi", true, "get-balance"},
	    {"/srv/get-agents.cgi", true, "get-agents"},
	    {"/srv.fcgi/hrisgw", false, NULL},
	    {"get-balance", false, NULL},
	    {".fcgi", true, ""},
	    {"fcgi", false, NULL},
	    {"", false, NULL},
	};
	const char *action;
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		action = process_only_action(names[i].program, out, sizeof(out));
		if (process_is_web_name(names[i].program) != names[i].web ||
		    (action == NULL) != (names[i].action == NULL) ||
		    (action != NULL && strcmp(action, names[i].action) != 0))
			fail_msg("%s", names[i].program);
	}
}

static void
test_environment(void **state)
{
	const char *const *before;
	size_t i, found = 0;

	(void)state;
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
	before = process_prepare();
	assert_null(getenv("https_proxy"));
	assert_null(getenv("SSLKEYLOGFILE"));
	assert_string_equal(getenv("CREDENTIALS_DIRECTORY"), "/run/credentials/x");
	for (i = 0; before[i] != NULL; i++)
		found += strcmp(before[i], "SSLKEYLOGFILE=/tmp/keys") == 0;
	assert_int_equal(found, 1);
}

/* A link's folder, not its target's. */
static void
test_folder(void **state)
{
	char folder[] = "/tmp/hrisgw-test-XXXXXX", link[64], exe[4096], out[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	(void)state;
	assert_true(n > 0);
	exe[n] = '\0';
	assert_non_null(mkdtemp(folder));
	snprintf(link, sizeof(link), "%s/hrisgw.cgi", folder);
	assert_int_equal(symlink(exe, link), 0);
	assert_string_equal(process_dir(link, NULL, out, sizeof(out)), folder);
	assert_string_equal(process_dir("hrisgw.cgi", link, out, sizeof(out)), folder);
	/* SCRIPT_FILENAME counts only for the program it names. */
	assert_string_not_equal(process_dir("get-balance.cgi", link, out, sizeof(out)), folder);
	/* A command's bare name: where the program really is. */
	*strrchr(exe, '/') = '\0';
	assert_string_equal(process_dir("hrisgw", link, out, sizeof(out)), exe);
	unlink(link);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
