/*
 * test_keys.c: `sign`, `verify` and `key` against each other: a signed request is explained and let
 * in, a changed one is refused.
 */
#include <sys/wait.h>

#include "tests/unit/kit/auth_kit.h"

#include "cli/cli.h"
#include "base/text.h"

struct session {
	struct kit k;
	char config[128], output[128], capture[128];
	const char *out; /* of the last command */
};

static void
start(struct session *s)
{
	char path[256];

	kit_init(&s->k);
	kit_text(&s->k, "k1", "base64:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
	kit_text(&s->k, "w1", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=\n");
	kit_text(&s->k, "t1", "a \"secret\" with \\ and 'quotes'\n");
	kit_text(&s->k, "hrisgw.yaml", "state_dir: state\nroutes: .\nadapters: .\n");
	kit_text(&s->k, "acme.yaml",
	    "adapter: local\ncallers:\n"
	    "  signer: {signature: rfc9421, keys: {2026a: file:k1}}\n"
	    "  hook: {signature: standard-webhooks, keys: {w: file:w1}}\n"
	    "  genesys: {token: file:t1, basic: file:t1, key: {header: X-Api-Key, secret: "
	    "file:t1}}\n");
	snprintf(s->config, sizeof(s->config), "%s/hrisgw.yaml", s->k.dir);
	snprintf(s->output, sizeof(s->output), "%s/output", s->k.dir);
	snprintf(s->capture, sizeof(s->capture), "%s/capture", s->k.dir);
	snprintf(path, sizeof(path), "%s/state", s->k.dir);
	assert_int_equal(mkdir(path, 0700), 0);
}

/*
 * Runs a command in a process of its own: options is "name", "value", ..., NULL; operand may be
 * NULL.
 */
static int
cli(struct session *s, const struct cli_command *command, const char *operand,
    const char *const *options)
{
	struct cli_call call = {.command = command, .program_dir = "/nonexistent"};
	char *operands[2] = {NULL, NULL};
	size_t i, o, len;
	int status, fd;
	pid_t pid;

	for (i = 0; options != NULL && options[i] != NULL; i += 2) {
		for (o = 0; strcmp(command->options[o].name, options[i]) != 0; o++)
			continue;
		call.values[o] = options[i + 1];
	}
	if (operand != NULL) {
		operands[0] = arena_strdup(&s->k.arena, operand);
		operands[1] = strchr(operands[0], '|');
		if (operands[1] != NULL)
			*operands[1]++ = '\0';
		call.n_operands = operands[1] == NULL ? 1 : 2;
	}
	call.operands = operands;
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fd = open(s->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(99);
		i = (size_t)command->run(&call);
		fflush(NULL);
		_exit((int)i);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	s->out = text_read_file(&s->k.arena, s->output, 1 << 20, &len);
	assert_non_null(s->out);
	return WEXITSTATUS(status);
}

#define CLI(s, command, operand, ...) \
	cli(s, command, operand, (const char *const[]){"config", (s)->config, __VA_ARGS__, NULL})

#define has(s, text)                                                  \
	do {                                                          \
		if (strstr((s)->out, text) == NULL)                   \
			fail_msg("no \"%s\" in: %s", text, (s)->out); \
	} while (0)

/* The curl command that was printed, as it would go over the wire. */
static void
capture(struct session *s, const char *uri, const char *body)
{
	const char *p, *end;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_puts(&b, "POST ");
	buf_puts(&b, uri);
	buf_puts(&b, " HTTP/1.1\r\nHost: gw.example\r\n");
	buf_printf(&b, "Content-Length: %zu\r\n", strlen(body));
	for (p = strstr(s->out, "-H '"); p != NULL; p = strstr(end, "-H '")) {
		p += 4;
		end = strchr(p, '\'');
		buf_put(&b, p, (size_t)(end - p));
		buf_puts(&b, "\r\n");
	}
	buf_puts(&b, "\r\n");
	buf_puts(&b, body);
	kit_file(&s->k, "capture", b.data, b.len, 0600);
	buf_clear(&b);
}

static const struct {
	const char *form, *caller, *header, *changed_says;
} forms[] = {
    {"rfc9421", "signer", "-H 'Signature: sig1=:", "NO   Content-Digest is the body's"},
    {"standard-webhooks", "hook", "-H 'webhook-signature: v1,", "the signature matches no key"},
    {"token", "genesys", "-H 'Authorization: Bearer ", NULL},
};

static void
test_round_trip(void **state)
{
	struct session s;
	size_t i;

	(void)state;
	start(&s);
	for (i = 0; i < N(forms); i++) {
		assert_int_equal(
		    CLI(&s, &cli_sign, NULL, "route", "acme", "caller", forms[i].caller, "action",
			"get-balance", "base", "https://gw.example", "data", "{\"a\":1}"),
		    0);
		has(&s, forms[i].header);
		has(&s, "curl -sS -X 'POST' 'https://gw.example/v1/acme/get-balance'");
		has(&s, "--data-binary '{\"a\":1}'");
		capture(&s, "/v1/acme/get-balance", "{\"a\":1}");
		assert_int_equal(CLI(&s, &cli_verify, s.capture, "route", "acme"), 0);
		has(&s, "ACCEPTED: caller ");
		has(&s, forms[i].form);
		assert_null(strstr(s.out, "  NO "));
		assert_null(strstr(s.out, "MDEyMzQ1"));
		assert_null(strstr(s.out, "0123456789abcdef"));
		assert_int_equal(
		    CLI(&s, &cli_verify, s.capture, "route", "acme", "at", "1700000000"), 1);
		has(&s, "REFUSED: ");
		if (forms[i].changed_says == NULL)
			continue;
		CLI(&s, &cli_sign, NULL, "route", "acme", "caller", forms[i].caller, "action",
		    "get-balance", "base", "https://gw.example", "data", "{\"a\":1}");
		capture(&s, "/v1/acme/get-balance", "{\"a\":2}");
		assert_int_equal(CLI(&s, &cli_verify, s.capture, "route", "acme"), 1);
		has(&s, forms[i].changed_says);
	}
	kit_clear(&s.k);
}

/* By key file alone, with a query, and every step shown. */
static void
test_key_file(void **state)
{
	char key[200], data[200];
	struct session s;

	(void)state;
	start(&s);
	snprintf(key, sizeof(key), "%s/k1", s.k.dir);
	snprintf(data, sizeof(data), "@%s/acme.yaml", s.k.dir);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "form", "rfc9421", "key-file", key, "key-id", "x",
			     "url", "https://gw.example:443/a?b=c", "data", "{}"),
	    0);
	has(&s, "\"@path\" \"@query\"");
	capture(&s, "/a?b=c", "{}");
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "key-file", key, "key-id", "x"), 0);
	has(&s, "       | \"@method\": POST\n");
	has(&s, "       | \"@authority\": gw.example\n");
	has(&s, "       | \"@query\": ?b=c\n");
	has(&s, "computed: sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=: over 2 bytes");
	has(&s, "they are the key's HMAC-SHA256 of the base");
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "key-file", key, "key-id", "y"), 1);
	has(&s, "NO   its keyid is one of the route's");
	has(&s, "REFUSED: unknown key id");
	assert_int_equal(
	    CLI(&s, &cli_sign, NULL, "form", "rfc9421", "key-file", key, "url", "https://a/"), 1);
	has(&s, "give --key-id");
	assert_int_equal(CLI(&s, &cli_sign, NULL, "form", "standard-webhooks", "key-file", key,
			     "url", "http://gw.example/v1/a/b", "data", data),
	    0);
	has(&s, "--data-binary '@/tmp/hrisgw-test-");
	assert_int_equal(
	    CLI(&s, &cli_sign, NULL, "form", "token", "key-file", key, "key-id", "genesys", "url",
		"http://gw.example/v1/acme/get-agents", "method", "GET"),
	    0);
	assert_null(strstr(s.out, "--data-binary"));
	has(&s, "Bearer MSBhY21lIGdlbmVzeXMg");
	kit_clear(&s.k);
}

/* Forms that send the secret itself: the command names its file, and curl gets the whole secret. */
static void
test_pipes(void **state)
{
	static const struct {
		const char *form, *line;
	} pipes[] = {
	    {"basic", "user = \"genesys:a \\\"secret\\\" with \\\\ and 'quotes'\"\n"},
	    {"key", "header = \"x-api-key: a \\\"secret\\\" with \\\\ and 'quotes'\"\n"},
	};
	const char *script, *command;
	struct session s;
	char *got;
	size_t i, len;

	(void)state;
	start(&s);
	for (i = 0; i < N(pipes); i++) {
		assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "genesys",
				     "form", pipes[i].form, "url", "https://gw.example/x'y"),
		    0);
		assert_null(strstr(s.out, "secret\""));
		/* A curl of our own, which records its standard input. */
		script = arena_printf(&s.k.arena, "curl() { cat > %s; }\n%s", s.output, s.out);
		kit_text(&s.k, "script", script);
		command = arena_printf(&s.k.arena, "sh %s/script", s.k.dir);
		assert_int_equal(system(command), 0);
		got = text_read_file(&s.k.arena, s.output, 1 << 20, &len);
		assert_string_equal(got, pipes[i].line);
	}
	kit_clear(&s.k);
}

static const struct {
	const char *content, *says;
} captures[] = {
    {"", "does not begin with a request line"},
    {"POST /\n\n", "does not begin with a request line"},
    {"POST / FTP/1\n\n", "does not begin with a request line"},
    {"POST / HTTP/1.1\n", "no empty line"},
    {"POST / HTTP/1.1\nnonsense\n\n", "a line among its headers"},
    {"POST / HTTP/1.1\n: x\n\n", "a line among its headers"},
    {"POST / HTTP/1.1\n\n", "REFUSED: no proof that this route takes"},
    {"POST /v1/acme/x HTTP/1.1\nSignature-Input: s=(\"@method\"\n\n", "NO   Signature-Input is a"},
    {"POST /v1/acme/x HTTP/1.1\nwebhook-signature: v1,x\n\n", "NO   id, timestamp and signature"},
    {"POST /v1/acme/x HTTP/1.1\nAuthorization: Basic Z2VuZXN5czp4\nContent-Length: 3\n\n{}",
	"NO   the body is as long"},
    {"POST /v1/acme/x HTTP/1.1\r\nAuthorization: Basic Z2VuZXN5czp4\r\nContent-Length: "
     "2\r\n\r\n{}\n",
	"ok   the body is as long"},
    {"POST /v1/acme/x HTTP/1.1\r\nAuthorization: Basic Z2VuZXN5czp4\r\n\r\n",
	"Basic, for the caller genesys"},
    {"POST /v1/acme/x HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n",
	"REFUSED: the token is not well-formed"},
};

static void
test_captures(void **state)
{
	struct session s;
	size_t i;

	(void)state;
	start(&s);
	for (i = 0; i < N(captures); i++) {
		kit_text(&s.k, "capture", captures[i].content);
		assert_int_equal(CLI(&s, &cli_verify, s.capture, "route", "acme"), 1);
		has(&s, captures[i].says);
	}
	kit_clear(&s.k);
}

static void
test_usage(void **state)
{
	struct session s;

	(void)state;
	start(&s);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme"), 1);
	has(&s, "several callers");
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "hook"), 2);
	has(&s, "give --url URL");
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "nobody"), 1);
	has(&s, "no caller of that name");
	assert_int_equal(
	    CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "hook", "form", "basic"), 1);
	has(&s, "no key of that form");
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme", "form", "magic"), 2);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "absent"), 1);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "../acme"), 1);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "form", "basic"), 2);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "key-file", "x"), 2);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "form", "basic", "key-file", "/nonexistent"), 1);
	assert_int_equal(
	    CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "hook", "url", "gopher://x/"), 2);
	assert_int_equal(CLI(&s, &cli_sign, NULL, "route", "acme", "caller", "hook", "url",
			     "http://x/", "data", "@/nonexistent"),
	    1);
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "route", "acme"), 1);
	has(&s, "cannot be read");
	kit_text(&s.k, "capture", "POST / HTTP/1.1\n\n");
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "at", "noon", "route", "acme"), 2);
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "scheme", "ftp", "route", "acme"), 2);
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "form", "magic", "key-file", "x"), 2);
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "form", "basic"), 2);
	assert_int_equal(
	    CLI(&s, &cli_verify, s.capture, "form", "basic", "key-file", "/nonexistent"), 1);
	assert_int_equal(CLI(&s, &cli_verify, s.capture, "route", "absent"), 1);
	assert_int_equal(CLI(&s, &cli_key, "frobnicate", "json", NULL), 2);
	assert_int_equal(CLI(&s, &cli_key, "new", "json", NULL), 2);
	assert_int_equal(CLI(&s, &cli_key, "list", "json", NULL), 2);
	assert_int_equal(CLI(&s, &cli_key, "rotate", "json", NULL), 2);
	assert_int_equal(CLI(&s, &cli_key, "list|absent", "json", NULL), 1);
	assert_int_equal(CLI(&s, &cli_key, "rotate|absent", "json", NULL), 1);
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "form", "magic"), 2);
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "caller", "nobody"), 1);
	kit_clear(&s.k);
}

static void
test_keys(void **state)
{
	static const struct {
		const char *spelling, *prefix;
		size_t len;
		bool signature;
	} spellings[] = {
	    {"base64", "base64:", 52, true},
	    {"whsec", "whsec_", 51, true},
	    {"hex", "hex:", 69, true},
	    {"text", "", 44, false},
	};
	struct caller_key key;
	const char *verb, *text;
	struct session s;
	struct stat st;
	char path[200];
	size_t i, len;

	(void)state;
	start(&s);
	for (i = 0; i < N(spellings); i++) {
		snprintf(path, sizeof(path), "%s/new-%s", s.k.dir, spellings[i].spelling);
		verb = arena_printf(&s.k.arena, "new|%s", path);
		assert_int_equal(CLI(&s, &cli_key, verb, "spelling", spellings[i].spelling), 0);
		text = text_read_file(&s.k.arena, path, 1000, &len);
		assert_int_equal(len, spellings[i].len);
		assert_int_equal(
		    strncmp(text, spellings[i].prefix, strlen(spellings[i].prefix)), 0);
		assert_null(strstr(s.out, text));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_true(
		    caller_key_read(&s.k.arena, path, spellings[i].signature, &key, &s.k.faults));
		assert_int_equal(key.secret.len, spellings[i].signature ? 32 : 43);
		assert_string_equal(key.path, path);
		assert_int_equal(CLI(&s, &cli_key, verb, "spelling", "base64"), 1);
		has(&s, "File exists");
	}
	assert_int_equal(CLI(&s, &cli_key, "new|/nonexistent/x", "json", NULL), 1);
	assert_int_equal(CLI(&s, &cli_key, "new|x", "spelling", "rot13"), 2);
	kit_clear(&s.k);
}

static void
test_list_and_rotate(void **state)
{
	const char *path, *text, *line;
	struct store *store;
	struct session s;
	char why[200];
	size_t len;

	(void)state;
	start(&s);
	store = store_open(s.k.state, false, why, sizeof(why));
	assert_non_null(store);
	assert_int_equal(
	    store_count(store, "uses acme", "signer rfc9421 2026a", 1700000000), GW_OK);
	store_close(store);
	assert_int_equal(CLI(&s, &cli_key, "list|acme", "spelling", NULL), 0);
	has(&s, "       1  2023-11-14T22:13:20Z\n");
	has(&s, "       0  never\n");
	assert_int_equal(CLI(&s, &cli_key, "list|acme", "json", "json"), 0);
	has(&s,
	    "{\"caller\":\"signer\",\"form\":\"rfc9421\",\"key\":\"2026a\",\"state\":\"counts\",\"not_before\":null,"
	    "\"not_after\":null,\"last\":\"2023-11-14T22:13:20Z\",\"uses\":1}");
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "caller", "genesys"), 0);
	path = arena_strndup(&s.k.arena, s.out, strcspn(s.out, ":"));
	text = text_read_file(&s.k.arena, path, 1000, &len);
	assert_int_equal(len, 44);
	line = arena_printf(&s.k.arena, ": file:%s\n        old: file:%s/./t1\n", path, s.k.dir);
	has(&s, line);
	has(&s, "      token:\n");
	assert_null(strstr(s.out, text));
	/* A second one on the same day gets a name of its own. */
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "caller", "genesys"), 0);
	assert_int_not_equal(strncmp(s.out, path, strlen(path) + 1), 0);
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "caller", "hook"), 0);
	has(&s, "      keys:\n");
	kit_clear(&s.k);
}

/* The lines to write keep what the route file says of the keys in it. */
static void
test_rotate_keeps_windows(void **state)
{
	struct session s;
	const char *line;

	(void)state;
	start(&s);
	kit_text(&s.k, "k2", "hex:000102030405060708090a0b0c0d0e0f1011121314151617\n");
	kit_text(&s.k, "acme.yaml",
	    "adapter: local\ncallers:\n"
	    "  signer:\n"
	    "    signature: rfc9421\n"
	    "    keys:\n"
	    "      a: {file: file:k1, not_before: 2026-01-31T08:00:00+01:00, not_after: "
	    "2999-12-31}\n"
	    "      b: {file: credential:k2, not_before: 2999-01-01}\n"
	    "      c: credential:k2\n");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", s.k.dir, 1), 0);
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "json", NULL), 0);
	line = arena_printf(&s.k.arena,
	    "        a: {file: file:%s/./k1, not_before: 2026-01-31T07:00:00Z, not_after: "
	    "2999-12-31T23:59:59Z}\n"
	    "        b: {file: credential:k2, not_before: 2999-01-01T00:00:00Z}\n"
	    "        c: credential:k2\n",
	    s.k.dir);
	has(&s, line);
	has(&s, "        signer-2");
	/* A credential is systemd's: nothing is put in the folder that it makes. */
	kit_text(&s.k, "acme.yaml",
	    "adapter: local\ncallers: {x: {signature: rfc9421, keys: {c: credential:k2}}}\n");
	assert_int_equal(CLI(&s, &cli_key, "rotate|acme", "json", NULL), 1);
	has(&s, "credential:k2 is systemd's");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	kit_clear(&s.k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_key_file),
	    cmocka_unit_test(test_pipes),
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_usage),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_list_and_rotate),
	    cmocka_unit_test(test_rotate_keeps_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
