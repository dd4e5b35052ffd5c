/*
 * test_callers.c: the callers of a route file: what is kept, what is left out, and what is said of
 * it.
 */
#include "config/callers.h"

#include "tests/unit/kit/auth_kit.h"

static const struct {
	const char *promise, *yaml;
	size_t n;          /* callers that stand */
	const char *fault; /* NULL: none at all */
} tables[] = {
    {"a token", "{genesys: {token: file:s1}}", 1, NULL},
    {"all forms",
	"{a: {token: file:s1, basic: file:s2, key: {header: X-Api-Key, secret: file:s3},\n"
	"signature: [rfc9421, standard-webhooks], keys: {k1: file:k1, k2: file:k2},\n"
	"client_certificate: 'CN=a'}}",
	1, NULL},
    {"rotation by id", "{a: {token: {new: file:s1, old: file:s2}}}", 1, NULL},
    {"rotation by place", "{a: {basic: [file:s1, file:s2]}}", 1, NULL},
    {"one form of signature as text", "{a: {signature: rfc9421, keys: {k1: file:k1}}}", 1, NULL},
    {"a key with a window",
	"{a: {signature: rfc9421, keys: {k1: {file: file:k1, not_before: 2026-01-01, not_after: "
	"2026-12-31T08:00:00+02:00}}}}",
	1, NULL},
    {"a token with a window", "{a: {token: {file: file:s1, not_after: 2026-12-31}}}", 1, NULL},
    {"several subjects", "{a: {token: file:s1, client_certificate: ['CN=a', 'CN=b']}}", 1, NULL},
    {"a caller with a fault leaves the other", "{a: {token: file:absent}, b: {token: file:s1}}", 1,
	"1:13: "},
    {"a key with a fault leaves the other", "{a: {token: {x: file:absent, y: file:s1}}}", 1,
	"No such file"},
    {"a form with a fault leaves the other", "{a: {token: file:s1, basic: file:absent}}", 1,
	"No such file"},
    {"no callers", "{}", 0, "names 1 to 64 callers"},
    {"a list of callers", "[a]", 0, "names 1 to 64 callers"},
    {"a caller that is text", "{a: file:s1}", 0, "a caller is a mapping"},
    {"a bad name", "{Genesys: {token: file:s1}}", 0, "1:2: a caller's name is"},
    {"a long name", "{a23456789012345678901234567890123: {token: file:s1}}", 0,
	"a caller's name is"},
    {"no proof", "{a: {}}", 0, "proves itself by nothing"},
    {"a certificate alone", "{a: {client_certificate: 'CN=a'}}", 0, "counts only beside"},
    {"an unknown member", "{a: {tokn: file:s1, token: file:s1}}", 0, "did you mean \"token\"?"},
    {"a quite unknown member", "{a: {zzzzzzzz: 1, token: file:s1}}", 0,
	"unknown key \"zzzzzzzz\" in a caller"},
    {"an unknown member of a key",
	"{a: {signature: rfc9421, keys: {k1: {file: file:k1, not_befor: "
	"2026-01-01}}}}",
	0, "did you mean \"not_before\"?"},
    {"a key without its file", "{a: {signature: rfc9421, keys: {k1: {not_before: 2026-01-01}}}}", 0,
	"a key lacks its file"},
    {"the secret itself", "{a: {token: hunter2}}", 0, "never the secret itself"},
    {"a number for a secret", "{a: {token: 5}}", 0, "or several as"},
    {"no keys in a list", "{a: {token: []}}", 0, "1 to 16 keys"},
    {"a list that holds a list", "{a: {token: [[file:s1]]}}", 0, "never the secret itself"},
    {"signature without keys", "{a: {signature: rfc9421}}", 0, "needs `keys"},
    {"keys without signature", "{a: {keys: {k1: file:k1}, token: file:s1}}", 0, "needs `signature"},
    {"keys without ids", "{a: {signature: rfc9421, keys: file:k1}}", 0, "write keys: {ID:"},
    {"keys as a list", "{a: {signature: rfc9421, keys: [file:k1]}}", 0, "write keys: {ID:"},
    {"an unknown signature", "{a: {signature: [rfc9420], keys: {k1: file:k1}}}", 0,
	"rfc9421 or standard-webhooks"},
    {"an empty list of signatures", "{a: {signature: [], keys: {k1: file:k1}}}", 0,
	"write signature: ["},
    {"a number for a signature", "{a: {signature: 5, keys: {k1: file:k1}}}", 0,
	"write signature: ["},
    {"a bad key id", "{a: {signature: rfc9421, keys: {'k 1': file:k1}}}", 0, "a key id is"},
    {"a short key", "{a: {signature: rfc9421, keys: {k1: file:short}}}", 0, "at least 24 bytes"},
    {"a short key in base64", "{a: {signature: rfc9421, keys: {k1: file:short64}}}", 0,
	"at least 24 bytes"},
    {"bad base64", "{a: {signature: rfc9421, keys: {k1: file:bad64}}}", 0, "begins with base64:"},
    {"bad hex", "{a: {signature: rfc9421, keys: {k1: file:badhex}}}", 0, "begins with hex:"},
    {"bad whsec_", "{a: {signature: rfc9421, keys: {k1: file:badwhsec}}}", 0, "begins with whsec_"},
    {"a secret of two lines", "{a: {token: file:lines}}", 0, "a second line"},
    {"a secret that is no text", "{a: {basic: file:latin}}", 0, "no UTF-8"},
    {"key without its header", "{a: {key: {secret: file:s1}}}", 0, "write key: {header"},
    {"key without its secret", "{a: {key: {header: X-A}}}", 0, "write key: {header"},
    {"key as text", "{a: {key: file:s1}}", 0, "write key: {header"},
    {"a header with a meaning", "{a: {key: {header: Authorization, secret: file:s1}}}", 0,
	"has a meaning already"},
    {"another one", "{a: {key: {header: Webhook-Id, secret: file:s1}}}", 0,
	"has a meaning already"},
    {"one that is no guess at a key",
	"{a: {key: {header: CF-Access-Client-Secret, secret: file:s1}}}", 0,
	"has a meaning already"},
    {"a header that CGI bends", "{a: {key: {header: X_Key, secret: file:s1}}}", 0,
	"letters, digits and dashes"},
    {"an unknown member of key", "{a: {key: {header: X-A, secret: file:s1, sekret: file:s1}}}", 0,
	"did you mean \"secret\"?"},
    {"a subject that is a number", "{a: {token: file:s1, client_certificate: 5}}", 0,
	"client_certificate is a subject"},
    {"an empty subject", "{a: {token: file:s1, client_certificate: ''}}", 0,
	"client_certificate is a subject"},
    {"no subjects", "{a: {token: file:s1, client_certificate: []}}", 0, "names no subject"},
    {"a date that is none", "{a: {token: {file: file:s1, not_after: 2026-02-30}}}", 0,
	"write a date"},
    {"a time without zone", "{a: {token: {file: file:s1, not_after: '2026-02-03T10:00:00'}}}", 0,
	"write a date"},
    {"a time of day that is none",
	"{a: {token: {file: file:s1, not_after: '2026-02-03T24:00:00Z'}}}", 0, "write a date"},
    {"a window of no length",
	"{a: {token: {file: file:s1, not_before: 2026-02-02, not_after: 2026-02-01}}}", 0,
	"not_after is before"},
    {"one key id of two callers",
	"{a: {signature: rfc9421, keys: {k: file:k1}}, b: {signature: "
	"rfc9421, keys: {k: file:k2}}}",
	1, "key id k of caller b is another caller's"},
    {"one webhook key of two callers",
	"{a: {signature: standard-webhooks, keys: {x: file:k1}}, b: "
	"{signature: rfc9421, keys: {y: file:k1}}}",
	1, "used elsewhere"},
    {"the same in another spelling",
	"{a: {signature: standard-webhooks, keys: {x: file:k1}}, b: "
	"{signature: rfc9421, keys: {y: file:k1hex}}}",
	1, "used elsewhere"},
    {"two webhook callers with one key: neither",
	"{a: {signature: standard-webhooks, keys: {x: "
	"file:k1}}, b: {signature: standard-webhooks, keys: {x: file:k1}}}",
	0, "used elsewhere"},
    {"a webhook key that is a token's secret too",
	"{a: {signature: standard-webhooks, keys: {x: file:k1}, token: file:k1}}", 1,
	"used elsewhere"},
    {"one rfc9421 key of two callers is their affair",
	"{a: {signature: rfc9421, keys: {x: file:k1}}, "
	"b: {signature: rfc9421, keys: {y: file:k1}}}",
	2, NULL},
};

static void
write_files(struct kit *k)
{
	kit_text(k, "s1", "secret one\n");
	kit_text(k, "s2", "secret two");
	kit_text(k, "s3", "secret three");
	kit_text(k, "k1", KIT_KEY "\n");
	kit_text(
	    k, "k1hex", "hex:3031323334353637383961626364656630313233343536373839616263646566\n");
	kit_text(k, "k2", "base64:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=\n");
	kit_text(k, "k3", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=");
	kit_text(k, "short", "12345678901234567890123\n");
	kit_text(k, "short64", "base64:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM=");
	kit_text(k, "bad64", "base64:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMQ");
	kit_text(k, "badhex", "hex:3031323334353637383961626364656630313233343536373839616263646");
	kit_text(k, "badwhsec", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS.");
	kit_text(k, "lines", "one\ntwo\n");
	kit_file(k, "latin", "caf\xE9", 4, 0600);
}

static void
test_tables(void **state)
{
	struct callers *c;
	const char *fault;
	struct kit k;
	size_t i;

	(void)state;
	kit_init(&k);
	write_files(&k);
	for (i = 0; i < N(tables); i++) {
		faults_init(&k.faults, &k.arena);
		c = kit_callers(&k, tables[i].yaml);
		fault = k.faults.n == 0 ? NULL : k.faults.texts[0];
		if (callers_count(c) != tables[i].n)
			fail_msg("%s: %zu stand; %s", tables[i].promise, callers_count(c), fault);
		if ((fault == NULL) != (tables[i].fault == NULL) ||
		    (fault != NULL && strstr(fault, tables[i].fault) == NULL))
			fail_msg("%s: %s", tables[i].promise, fault == NULL ? "no fault" : fault);
		assert_true(fault == NULL || strncmp(fault, k.file, strlen(k.file)) == 0);
	}
	assert_null(callers_load(&k.arena, k.file, NULL, &k.secrets, &k.faults));
	kit_clear(&k);
}

static void
test_content(void **state)
{
	static const char yaml[] =
	    "signer: {signature: [rfc9421, standard-webhooks],\n"
	    "  keys: {a: {file: file:k1, not_before: 2026-01-01, not_after: 2026-01-31}, b: "
	    "file:k2}}\n"
	    "token: {token: file:s1, key: {header: X-Api-Key, secret: {n: file:s2}},\n"
	    "  client_certificate: ['CN=x', 'CN=y']}\n";
	const struct caller *signer, *token;
	const struct caller_key *key;
	struct caller_digest *digests;
	struct callers *c;
	struct kit k;
	size_t n, i, webhooks = 0;

	(void)state;
	kit_init(&k);
	write_files(&k);
	c = kit_callers(&k, yaml);
	assert_int_equal(callers_count(c), 2);
	assert_int_equal(k.faults.n, 0);
	signer = &c->items[0];
	token = &c->items[1];
	assert_string_equal(signer->name, "signer");
	assert_int_equal(signer->keys[CALLER_RFC9421].n, 2);
	assert_int_equal(signer->keys[CALLER_WEBHOOKS].n, 2);
	key = &signer->keys[CALLER_RFC9421].items[0];
	assert_string_equal(key->id, "a");
	assert_int_equal(key->secret.len, 32);
	assert_memory_equal(key->secret.bytes, KIT_KEY, 32);
	assert_int_equal(key->not_before_s, 1767225600);
	assert_int_equal(key->not_after_s, 1769903999);
	key = &signer->keys[CALLER_RFC9421].items[1];
	assert_memory_equal(key->secret.bytes, KIT_OTHER_KEY, 32);
	assert_true(key->not_before_s == INT64_MIN && key->not_after_s == INT64_MAX);
	assert_string_equal(caller_key_counter(&k.arena, signer, CALLER_WEBHOOKS, key),
	    "signer standard-webhooks b");
	assert_string_equal(caller_key_space(&k.arena, "acme"), "uses acme");
	assert_null(token->keys[CALLER_TOKEN].items[0].id);
	assert_string_equal(token->key_header, "x-api-key");
	assert_string_equal(token->keys[CALLER_KEY].items[0].id, "n");
	assert_int_equal(token->n_subjects, 2);
	assert_true(callers_key_digests(&k.arena, c, &digests, &n));
	assert_int_equal(n, 6);
	for (i = 0; i < n; i++) {
		webhooks += digests[i].form == CALLER_WEBHOOKS;
		assert_true(
		    digests[i].form != CALLER_WEBHOOKS || strcmp(digests[i].caller, "signer") == 0);
	}
	assert_int_equal(webhooks, 2);
	assert_true(callers_key_digests(&k.arena, NULL, &digests, &n));
	assert_int_equal(n, 0);
	assert_int_equal(k.secrets.n_watches, 4);
	kit_clear(&k);
}

#define WHSEC "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

/* What a file holds for caller h's key, or for caller t's token: a fault, a warning, or neither. */
static const struct {
	const char *content;
	bool token;
	const char *fault, *warning;
} spellings[] = {
    {WHSEC, false, NULL, NULL},
    {KIT_KEY, false, NULL, NULL},
    {"v1," WHSEC, false, "something before whsec_", NULL},
    {"SECRET=" WHSEC, false, "something before whsec_", NULL},
    {"\"" WHSEC "\"", false, "something before whsec_", NULL},
    {" base64:" KIT_KEY, false, "something before base64:", NULL},
    {"\xEF\xBB\xBF" WHSEC, false, "begins with a byte order mark", NULL},
    {"'" KIT_KEY "'", false, "stands in quotation marks", NULL},
    {"\u201E" KIT_KEY "\u201C", false, "stands in quotation marks", NULL},
    {KIT_KEY "\u00A0", false, "begins or ends with a blank or line end", NULL},
    {"\u200B" KIT_KEY, false, "begins or ends with a blank or line end", NULL},
    {"WHSEC_" KIT_KEY, false, "begins with whsec_ in other letters", NULL},
    {"v1,WhSec_" KIT_KEY, false, "something before whsec_", NULL},
    {"v1a,whpk_" KIT_KEY, false, "whpk_ begins an asymmetric key", NULL},
    {KIT_KEY "\r\n", false, "begins or ends with a blank or line end", NULL},
    {"whsk_" KIT_KEY, false, "whsk_ begins an asymmetric key", NULL},
    {"whpk_" KIT_KEY, false, "whpk_ begins an asymmetric key", NULL},
    /* Raw bytes may be anything. */
    {"\x22\xFF" KIT_KEY "\x22", false, NULL, NULL},
    {"a secret of 16 b", true, NULL, NULL},
    {"a secret of 15b", true, NULL, "fewer than 16 bytes"},
    {"'a secret in quotation marks'", true, NULL, "stands in quotation marks"},
    {"a secret with a blank ", true, NULL, "begins or ends with a blank"},
    {"a secret with a blank\u2060", true, NULL, "begins or ends with a blank"},
    {"\u201Ca secret in quotation marks\u201D", true, NULL, "stands in quotation marks"},
    {"\u201Ca secret with one mark", true, NULL, NULL},
    {"\xEF\xBB\xBF"
     "a secret with a mark",
	true, "begins with a byte order mark", NULL},
};

static void
test_spellings(void **state)
{
	struct kit k;
	size_t i;

	(void)state;
	for (i = 0; i < N(spellings); i++) {
		kit_init(&k);
		kit_text(&k, "key", spellings[i].content);
		(void)kit_callers(
		    &k, spellings[i].token
			    ? "{t: {token: file:key}}"
			    : "{h: {signature: standard-webhooks, keys: {k: file:key}}}");
		if ((k.faults.n > 0) != (spellings[i].fault != NULL) ||
		    (k.faults.n > 0 && strstr(k.faults.texts[0], spellings[i].fault) == NULL))
			fail_msg("%s: %s", spellings[i].content,
			    k.faults.n > 0 ? k.faults.texts[0] : "no fault");
		if ((k.faults.n_warnings > 0) != (spellings[i].warning != NULL) ||
		    (k.faults.n_warnings > 0 &&
			strstr(k.faults.warnings[0], spellings[i].warning) == NULL))
			fail_msg("%s: %s", spellings[i].content,
			    k.faults.n_warnings > 0 ? k.faults.warnings[0] : "no warning");
		kit_clear(&k);
	}
}

static const struct {
	const char *text;
	int64_t seconds;
} moments[] = {
    {"2026-01-31T08:00:00Z", 1769846400},
    {"2026-01-31t08:00:00z", 1769846400},
    {"2026-01-31T08:00:00.123456Z", 1769846400},
    {"2026-01-31T10:00:00+02:00", 1769846400},
    {"2026-01-31T02:30:00-05:30", 1769846400},
};

static void
test_moments(void **state)
{
	static const char *const bad[] = {
	    "2026-01-31T08:00:00",
	    "2026-01-31T08:00Z",
	    "2026-01-31 08:00:00Z",
	    "2026-01-31T8:00:00Z",
	    "2026-01-31T08:60:00Z",
	    "2026-01-31T08:00:60Z",
	    "2026-01-31T08:00:00.Z",
	    "2026-01-31T08:00:00Zx",
	    "2026-01-31T08:00:00+0200",
	    "2026-01-31T08:00:00+02:0",
	    "2026-01-31T08:00:00+24:00",
	    "2026-01-31T08:00:00+02:60",
	    "2026-01-31T",
	    "26-01-31",
	    "2026-13-01",
	    "2026-01-3",
	};
	struct callers *c;
	char yaml[200];
	struct kit k;
	size_t i;

	(void)state;
	kit_init(&k);
	write_files(&k);
	for (i = 0; i < N(moments); i++) {
		snprintf(yaml, sizeof(yaml), "{a: {token: {file: file:s1, not_before: '%s'}}}",
		    moments[i].text);
		c = kit_callers(&k, yaml);
		assert_int_equal(callers_count(c), 1);
		assert_int_equal(
		    c->items[0].keys[CALLER_TOKEN].items[0].not_before_s, moments[i].seconds);
	}
	for (i = 0; i < N(bad); i++) {
		snprintf(
		    yaml, sizeof(yaml), "{a: {token: {file: file:s1, not_before: '%s'}}}", bad[i]);
		if (kit_callers(&k, yaml) != NULL)
			fail_msg("%s", bad[i]);
	}
	kit_clear(&k);
}

/* Whatever is short of memory refuses, and says so. */
static void
test_memory(void **state)
{
	static const char yaml[] =
	    "{a: {signature: [rfc9421], keys: {x: file:k2}, token: file:s1, key: "
	    "{header: X-A, secret: [file:s2]}, client_certificate: [x]}}";
	struct arena small;
	struct secrets secrets;
	struct value *node;
	struct callers *c;
	struct kit k;
	size_t max;

	(void)state;
	kit_init(&k);
	write_files(&k);
	node = yaml_parse(&k.arena, k.file, yaml, strlen(yaml), &k.faults);
	assert_non_null(node);
	for (max = 0; max < 65536; max += 64) {
		faults_init(&k.faults, &k.arena);
		arena_init(&small, max);
		secrets_init(&secrets, &small, k.file, &k.faults);
		c = callers_load(&small, k.file, node, &secrets, &k.faults);
		if (c != NULL && k.faults.n == 0) {
			arena_clear(&small);
			break;
		}
		assert_true(k.faults.n > 0);
		arena_clear(&small);
	}
	assert_true(max > 0 && max < 65536);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_content),
	    cmocka_unit_test(test_spellings),
	    cmocka_unit_test(test_moments),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
