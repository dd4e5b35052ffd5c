/*
 * test_secret.c: which files are read as secrets, which are refused, and what is noticed
 * afterwards.
 */
#include "config/secret.h"

#include "tests/unit/kit/auth_kit.h"

static bool
read_one(struct kit *k, const char *reference, struct secret *out)
{
	struct value *v = value_text(&k->arena, reference);

	return secret_read(&k->secrets, v, out);
}

/* The last fault, less its place. */
static const char *
last_fault(const struct kit *k)
{
	assert_true(k->faults.n > 0);
	return k->faults.texts[k->faults.n - 1] + strlen(k->file) + 2;
}

static const struct {
	const char *promise, *content;
	size_t len;
	mode_t mode;
	const char *secret; /* NULL: refused */
	const char *fault;  /* in it */
} files[] = {
    {"plain text", "abc", 3, 0600, "abc", NULL},
    {"one newline goes", "abc\n", 4, 0600, "abc", NULL},
    {"one newline only", "abc\n\n", 5, 0600, "abc\n", NULL},
    {"blanks stay", " abc ", 5, 0400, " abc ", NULL},
    {"empty", "", 0, 0600, NULL, "is empty"},
    {"a newline alone", "\n", 1, 0600, NULL, "is empty"},
    {"NUL", "a\0b", 3, 0600, NULL, "holds a NUL byte"},
    {"readable by all", "abc", 3, 0644, NULL, "can be read or changed by others (mode 0644)"},
    {"readable by others", "abc", 3, 0604, NULL, "can be read"},
    {"writable by the group", "abc", 3, 0620, NULL, "can be read"},
    {"a byte order mark",
	"\xEF\xBB\xBF"
	"abc",
	6, 0600, NULL, "begins with a byte order mark"},
    {"executable by others", "abc", 3, 0601, NULL, "can be read"},
};

static void
test_files(void **state)
{
	struct secret s;
	struct kit k;
	size_t i;
	bool ok;

	(void)state;
	kit_init(&k);
	for (i = 0; i < N(files); i++) {
		kit_file(&k, "s", files[i].content, files[i].len, files[i].mode);
		ok = read_one(&k, "file:s", &s);
		if (ok != (files[i].secret != NULL))
			fail_msg("%s", files[i].promise);
		if (!ok && strstr(last_fault(&k), files[i].fault) == NULL)
			fail_msg("%s: %s", files[i].promise, last_fault(&k));
		if (ok)
			assert_string_equal((const char *)s.bytes, files[i].secret);
		if (ok)
			assert_int_equal(s.len, strlen(files[i].secret));
	}
	kit_clear(&k);
}

/* The group of root's file may read it; of another's not. */
static void
test_group(void **state)
{
	struct secret s;
	struct kit k;

	(void)state;
	kit_init(&k);
	kit_file(&k, "s", "abc", 3, 0640);
	assert_int_equal(read_one(&k, "file:s", &s), geteuid() == 0);
	if (geteuid() == 0) {
		char path[256];

		snprintf(path, sizeof(path), "%s/s", k.dir);
		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_false(read_one(&k, "file:s", &s));
		assert_non_null(strstr(last_fault(&k), "(mode 0640): chown root "));
	}
	kit_clear(&k);
}

static const struct {
	const char *reference, *fault;
} references[] = {
    {"hunter2", "write file:PATH or credential:NAME here, never the secret itself"},
    {"", "write file:PATH"},
    {"FILE:s", "write file:PATH"},
    {"file:", "names no file"},
    {"file:absent", "No such file"},
    {"file:/dev/null", "is not a plain file"},
    {"file:.", "is not a plain file"},
    {"file:pipe", "is not a plain file"},
    {"credential:", "takes a plain name"},
    {"credential:../s", "takes a plain name"},
    {"credential:..", "takes a plain name"},
    {"credential:a/b", "takes a plain name"},
    {"credential:elsewhere", "No such file"},
};

static void
test_references(void **state)
{
	char path[256];
	struct secret s;
	struct kit k;
	size_t i;

	(void)state;
	kit_init(&k);
	snprintf(path, sizeof(path), "%s/pipe", k.dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", k.dir, 1), 0);
	for (i = 0; i < N(references); i++) {
		assert_false(read_one(&k, references[i].reference, &s));
		if (strstr(last_fault(&k), references[i].fault) == NULL)
			fail_msg("%s: %s", references[i].reference, last_fault(&k));
		/* What was written in the secret's place is not repeated. */
		assert_null(strstr(last_fault(&k), "hunter2"));
	}
	assert_false(secret_read(&k.secrets, value_integer(&k.arena, 5), &s));
	assert_false(secret_read(&k.secrets, NULL, &s));
	assert_true(secret_is_reference("file:x") && secret_is_reference("credential:x"));
	assert_false(secret_is_reference("x"));
	kit_clear(&k);
}

static void
test_credential(void **state)
{
	struct secret s;
	struct kit k;

	(void)state;
	kit_init(&k);
	kit_file(&k, "cred", "abc\n", 4, 0440);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", k.dir, 1), 0);
	assert_true(read_one(&k, "credential:cred", &s));
	assert_string_equal((const char *)s.bytes, "abc");
	kit_file(&k, "cred", "abc\n", 4, 0444);
	assert_false(read_one(&k, "credential:cred", &s));
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_false(read_one(&k, "credential:cred", &s));
	assert_non_null(strstr(last_fault(&k), "CREDENTIALS_DIRECTORY is not set"));
	kit_clear(&k);
}

static void
test_size(void **state)
{
	static char big[LIMIT_SECRET + 1];
	char path[256], reference[300];
	struct secret s;
	struct kit k;

	(void)state;
	kit_init(&k);
	memset(big, 'x', sizeof(big));
	kit_file(&k, "s", big, LIMIT_SECRET, 0600);
	assert_true(read_one(&k, "file:s", &s));
	assert_int_equal(s.len, LIMIT_SECRET);
	kit_file(&k, "s", big, LIMIT_SECRET + 1, 0600);
	assert_false(read_one(&k, "file:s", &s));
	/* A file that is no secret may be longer, and others may read it. */
	kit_file(&k, "s", big, LIMIT_SECRET + 1, 0644);
	assert_true(secret_read_open(&k.secrets, value_text(&k.arena, "file:s"), &s));
	assert_false(secret_read_open(&k.secrets, value_text(&k.arena, "a@example.com"), &s));
	assert_non_null(strstr(last_fault(&k), "never the content itself"));
	/* An absolute path, and a link to a file with the right mode. */
	kit_text(&k, "t", "target");
	snprintf(path, sizeof(path), "%s/link", k.dir);
	assert_int_equal(symlink("t", path), 0);
	snprintf(reference, sizeof(reference), "file:%s", path);
	assert_true(read_one(&k, reference, &s));
	assert_string_equal((const char *)s.bytes, "target");
	kit_file(&k, "t", "target", 6, 0644);
	assert_false(read_one(&k, reference, &s));
	kit_clear(&k);
}

static void
test_watch(void **state)
{
	struct watch *w, noted;
	char path[256];
	struct secret s;
	struct kit k;

	(void)state;
	kit_init(&k);
	kit_text(&k, "s", "abc");
	assert_true(read_one(&k, "file:s", &s));
	assert_false(read_one(&k, "file:later", &s));
	assert_int_equal(k.secrets.n_watches, 2);
	w = k.secrets.watches;
	assert_false(watch_changed(&w[0]));
	assert_false(watch_changed(&w[1]));
	kit_text(&k, "later", "abc");
	assert_true(watch_changed(&w[1]));
	kit_text(&k, "s", "abcd");
	assert_true(watch_changed(&w[0]));
	snprintf(path, sizeof(path), "%s/s", k.dir);
	noted = watch_look(path);
	assert_false(watch_changed(&noted));
	assert_int_equal(unlink(path), 0);
	assert_true(watch_changed(&noted));
	noted = watch_look(path);
	assert_int_equal(noted.size, -1);
	assert_false(watch_changed(&noted));
	kit_clear(&k);
}

/* A file that was refused for its mode alone is noticed once its mode is right. */
static void
test_watch_rights(void **state)
{
	char path[256];
	struct secret s;
	struct kit k;

	(void)state;
	kit_init(&k);
	kit_file(&k, "s", "abc", 3, 0644);
	assert_false(read_one(&k, "file:s", &s));
	snprintf(path, sizeof(path), "%s/s", k.dir);
	do {
		/* The file system's clock is coarse: until it has moved. */
		assert_int_equal(chmod(path, 0600), 0);
	} while (!watch_changed(&k.secrets.watches[0]));
	assert_true(read_one(&k, "file:s", &s));
	kit_clear(&k);
}

static void
test_equal(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", 3, "abc", 3));
	assert_false(secret_equal("abc", 3, "abd", 3));
	assert_false(secret_equal("abc", 3, "abcd", 4));
	assert_true(secret_equal("", 0, "", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_group),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_credential),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_watch),
	    cmocka_unit_test(test_watch_rights),
	    cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
