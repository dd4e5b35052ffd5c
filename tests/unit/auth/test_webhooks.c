/*
 * test_webhooks.c: Standard Webhooks: what is accepted, each part changed in turn, its vector.
 */
#include "tests/unit/kit/auth_kit.h"
#include "format/json.h"
#include "base/text.h"

#define BODY "{\"agentId\":\"7\"}"
#define NONE "webhook-signature has no v1 signature, too many, or a broken one"

static void
start(struct kit *k)
{
	kit_init_store(k);
	kit_text(k, "k1", KIT_KEY);
	kit_text(k, "k2", KIT_OTHER_KEY);
	k->callers = kit_callers(k, "{hook: {signature: standard-webhooks, keys: {a: file:k1}},\n"
				    "other: {signature: standard-webhooks, keys: {b: file:k2}}}");
	assert_non_null(k->callers);
	kit_request(k, "/v1/acme/get-balance", BODY);
}

static void
sign(struct kit *k, const char *key, const char *family, const char *id, const char *time)
{
	const char *content = arena_printf(&k->arena, "%s.%s.%s", id, time, k->request.body);
	const char *mac = kit_mac(k, key, content, strlen(content));

	kit_header(k, arena_printf(&k->arena, "%s-id", family), id);
	kit_header(k, arena_printf(&k->arena, "%s-timestamp", family), time);
	kit_header(k, arena_printf(&k->arena, "%s-signature", family),
	    arena_printf(&k->arena, "v1,%s", mac));
}

static void
test_accepted(void **state)
{
	const char *signature;
	struct kit k;

	(void)state;
	start(&k);
	sign(&k, KIT_KEY, "webhook", "msg_1", "1700000000");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "hook");
	assert_string_equal(k.who.form, "standard-webhooks");
	assert_string_equal(k.who.key_id, "a");
	kit_refused(&k, "replayed: this nonce was spent before");
	sign(&k, KIT_OTHER_KEY, "webhook", "msg_1", "1700000000");
	kit_accepted(&k);
	assert_string_equal(k.who.caller, "other");
	sign(&k, KIT_KEY, "webhook", "msg_2", "1699999700");
	kit_accepted(&k);
	sign(&k, KIT_KEY, "webhook", "msg_3", "1700000300");
	kit_accepted(&k);
	k.wall_ms += 600 * 1000;
	kit_refused(&k, "replayed: this nonce was spent before");
	k.wall_ms -= 600 * 1000;
	/* Lists: of other versions, of a stranger's MAC, of ours last. */
	sign(&k, KIT_KEY, "webhook", "msg_4", "1700000000");
	signature = request_header(&k.request, "webhook-signature");
	kit_header(&k, "webhook-signature",
	    arena_printf(&k.arena,
		"v1a,xxxx v2,!  v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= %s ", signature));
	kit_accepted(&k);
	sign(&k, KIT_KEY, "webhook", "msg_5", "1700000000");
	signature = request_header(&k.request, "webhook-signature");
	kit_header(
	    &k, "webhook-signature", arena_printf(&k.arena, "%*s", AUTH_HEADER_MAX + 1, signature));
	kit_refused(&k, "webhook-signature has no v1 signature, too many, or a broken one");
	kit_header(
	    &k, "webhook-signature", arena_printf(&k.arena, "%*s", AUTH_HEADER_MAX, signature));
	kit_accepted(&k);
	kit_clear(&k);
}

static void
test_svix_names(void **state)
{
	struct kit k;

	(void)state;
	start(&k);
	sign(&k, KIT_KEY, "svix", "msg_1", "1700000000");
	kit_accepted(&k);
	/* The same message by the newer names is the same message. */
	sign(&k, KIT_KEY, "webhook", "msg_1", "1700000000");
	kit_refused(&k, "replayed: this nonce was spent before");
	/* The names of two families are not mixed. */
	kit_header(&k, "webhook-id", NULL);
	kit_header(&k, "webhook-timestamp", NULL);
	kit_refused(&k, "webhook-id, webhook-timestamp or webhook-signature is absent");
	kit_clear(&k);
}

/* Some of the three headers are there: of one family, all of them or none that counts. */
static void
test_headers(void **state)
{
	static const char *const names[] = {"webhook-id", "webhook-timestamp", "webhook-signature"};
	struct auth_webhook w;
	struct kit k;
	unsigned set;
	size_t i;

	(void)state;
	start(&k);
	for (set = 0; set < 8; set++) {
		for (i = 0; i < N(names); i++)
			kit_header(&k, names[i], (set >> i) & 1 ? "x" : NULL);
		assert_int_equal(auth_webhook_headers(&k.request, &w), set == 7);
	}
	kit_clear(&k);
}

/* While keys change a sender signs with both; one that does not count does not spoil the other. */
static void
test_any_key_suffices(void **state)
{
	static const char *const windows[] = {
	    "{new: file:k1, old: {file: 'file:k2', not_after: 2023-11-13}}",
	    "{old: {file: 'file:k2', not_after: 2023-11-13}, new: file:k1}",
	    "{new: file:k1, old: {file: 'file:k2', not_before: 2023-11-16}}",
	    "{old: {file: 'file:k2', not_before: 2023-11-16}, new: file:k1}",
	};
	const char *id, *old, *new;
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	for (i = 0; i < N(windows); i++) {
		k.callers = kit_callers(
		    &k, arena_printf(&k.arena, "{hook: {signature: standard-webhooks, keys: %s}}",
			    windows[i]));
		assert_non_null(k.callers);
		id = arena_printf(&k.arena, "msg_%zu", i);
		sign(&k, KIT_KEY, "webhook", id, "1700000000");
		new = request_header(&k.request, "webhook-signature");
		sign(&k, KIT_OTHER_KEY, "webhook", id, "1700000000");
		old = request_header(&k.request, "webhook-signature");
		assert_int_equal(kit_check(&k), GW_EAUTH);
		assert_string_equal(k.who.key_id, "old");
		kit_header(&k, "webhook-signature", arena_printf(&k.arena, "%s %s", new, old));
		kit_accepted(&k);
		assert_string_equal(k.who.key_id, "new");
	}
	kit_clear(&k);
}

static const struct {
	const char *promise, *id, *time, *why;
} policy[] = {
    {"too old", "msg", "1699999699", "webhook-timestamp is too far in the past"},
    {"too young", "msg", "1700000301", "webhook-timestamp is in the future"},
    {"no number", "msg", "1700000000.5", "webhook-timestamp is not a time"},
    {"signed number", "msg", "+1700000000", "webhook-timestamp is not a time"},
    {"empty time", "msg", "", "webhook-timestamp is not a time"},
    {"long time", "msg", "170000000000000000000", "webhook-timestamp is not a time"},
    {"empty id", "", "1700000000", "webhook-id is not well-formed"},
    {"an id with a full stop", "a.b", "1700000000", "webhook-id is not well-formed"},
    {"an id with a blank", "a b", "1700000000", "webhook-id is not well-formed"},
    {"an id that begins a signature base", "\"@method\"", "1700000000",
	"webhook-id is not well-formed"},
    {"an id beyond ASCII", "\xC3\xA9", "1700000000", "webhook-id is not well-formed"},
};

static void
test_policy(void **state)
{
	char id[AUTH_NONCE_MAX + 2];
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	for (i = 0; i < N(policy); i++) {
		sign(&k, KIT_KEY, "webhook", policy[i].id, policy[i].time);
		assert_int_equal(kit_check(&k), GW_EAUTH);
		if (strcmp(k.who.reason, policy[i].why) != 0)
			fail_msg("%s: %s", policy[i].promise, k.who.reason);
		assert_string_equal(k.who.key_id, "a");
	}
	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	sign(&k, KIT_KEY, "webhook", id, "1700000000");
	kit_refused(&k, "webhook-id is not well-formed");
	sign(&k, KIT_KEY, "webhook", id + 1, "1700000000");
	kit_accepted(&k);
	kit_clear(&k);
}

static void
test_changed(void **state)
{
	static const char mismatch[] = "the signature matches no key";
	struct kit k;

	(void)state;
	start(&k);
	sign(&k, KIT_KEY, "webhook", "msg_1", "1700000000");
	k.request.body = "{\"agentId\":\"8\"}";
	kit_refused(&k, mismatch);
	k.request.body = BODY;
	k.request.body_len--;
	kit_refused(&k, mismatch);
	k.request.body_len++;
	kit_header(&k, "webhook-id", "msg_2");
	kit_refused(&k, mismatch);
	kit_header(&k, "webhook-id", "msg_1");
	kit_header(&k, "webhook-timestamp", "1700000001");
	kit_refused(&k, mismatch);
	kit_header(&k, "webhook-timestamp", "1700000000");
	k.request.body_state = BODY_WRONG_LENGTH;
	kit_refused(&k, "the body is shorter or longer than it says");
	k.request.body_state = BODY_WHOLE;
	k.request.uri = "/v1/acme/get-balance?a=b";
	kit_refused(&k, "a query string that the proof does not cover");
	k.request.uri = "/v1/acme/get-balance?";
	kit_refused(&k, "a query string that the proof does not cover");
	k.request.uri = "/v1/acme/get-balance";
	assert_int_equal(auth_check(&k.env, "acme", NULL, &k.request, &k.who), GW_EAUTH);
	assert_string_equal(k.who.reason, mismatch);
	kit_accepted(&k);
	kit_clear(&k);
}

static void
test_each_byte(void **state)
{
	static const char *const names[] = {"webhook-id", "webhook-timestamp", "webhook-signature"};
	const char *before;
	size_t i, n, c;
	char text[256];
	struct kit k;

	(void)state;
	start(&k);
	sign(&k, KIT_KEY, "webhook", "msg_1", "1700000000");
	for (n = 0; n < N(names); n++) {
		before = request_header(&k.request, names[n]);
		snprintf(text, sizeof(text), "%s", before);
		for (i = 0; i < strlen(before); i++) {
			for (c = 1; c < 256; c <<= 1) {
				text[i] = (char)(before[i] ^ (char)c);
				kit_header(&k, names[n], text);
				if (kit_check(&k) != GW_EAUTH)
					fail_msg("%s: %s", names[n], text);
			}
			text[i] = before[i];
		}
		kit_header(&k, names[n], before);
	}
	kit_accepted(&k);
	kit_clear(&k);
}

static const char *const broken[] = {
    "",
    " ",
    "v1",
    "v1,",
    "v1a,AAAA",
    "v2,AAAA",
    "V1,AAAA",
    "v1,AAAA",
    "v1,AAAA=",
    "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
};

static void
test_signature_header(void **state)
{
	struct buf many;
	struct kit k;
	size_t i;

	(void)state;
	start(&k);
	sign(&k, KIT_KEY, "webhook", "msg_1", "1700000000");
	for (i = 0; i < N(broken); i++) {
		kit_header(&k, "webhook-signature", broken[i]);
		if (kit_check(&k) != GW_EAUTH || strcmp(k.who.reason, NONE) != 0)
			fail_msg("%s: %s", broken[i], k.who.reason);
	}
	buf_init(&many, 100000);
	for (i = 0; i <= AUTH_SIGNATURES_MAX; i++)
		buf_puts(&many, "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ");
	kit_header(&k, "webhook-signature", many.data);
	kit_refused(&k, NONE);
	for (i = 0; i < AUTH_HEADER_MAX; i++)
		buf_putc(&many, 'x');
	kit_header(&k, "webhook-signature", many.data);
	kit_refused(&k, NONE);
	buf_clear(&many);
	kit_header(&k, "webhook-signature", NULL);
	kit_refused(&k, "no proof that this route takes");
	kit_clear(&k);
}

/* More keys than are always tried: each is found. */
static void
test_many_keys(void **state)
{
	char name[16], key[64];
	struct buf yaml;
	struct kit k;
	int i;

	(void)state;
	start(&k);
	buf_init(&yaml, 10000);
	buf_puts(&yaml, "{hook: {signature: standard-webhooks, keys: {");
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		snprintf(key, sizeof(key), "%d23456789012345678901234567890", i);
		kit_text(&k, name, key);
		buf_printf(&yaml, "%sid%d: file:many%d", i == 0 ? "" : ", ", i, i);
	}
	buf_puts(&yaml, "}}}");
	k.callers = kit_callers(&k, yaml.data);
	assert_non_null(k.callers);
	for (i = 0; i < 10; i++) {
		snprintf(key, sizeof(key), "%d23456789012345678901234567890", i);
		snprintf(name, sizeof(name), "msg_%d", i);
		sign(&k, key, "webhook", name, "1700000000");
		kit_accepted(&k);
		snprintf(name, sizeof(name), "id%d", i);
		assert_string_equal(k.who.key_id, name);
	}
	buf_clear(&yaml);
	kit_clear(&k);
}

/* standard-webhooks/standard-webhooks, TestWebhookSign: the MAC is right, its time of 2021. */
static void
test_vector(void **state)
{
	const struct json_limits limits = {.depth = 16, .values = 1000, .text = 100000};
	const char *path, *signature;
	const struct value *v;
	char *text, why[200];
	struct kit k;
	size_t len;

	(void)state;
	start(&k);
	path = kit_corpus(&k, "standard-webhooks/vector.json");
	if (path == NULL) {
		kit_clear(&k);
		skip();
	}
	text = text_read_file(&k.arena, path, 1 << 20, &len);
	assert_non_null(text);
	v = json_parse(&k.arena, text, len, &limits, why, sizeof(why));
	assert_non_null(v);
	kit_text(&k, "v", arena_printf(&k.arena, "whsec_%s", value_get_text(v, "secret_base64")));
	k.callers = kit_callers(&k, "{v: {signature: standard-webhooks, keys: {v: file:v}}}");
	assert_non_null(k.callers);
	kit_request(&k, "/v1/acme/get-balance", value_get_text(v, "payload"));
	kit_header(&k, "webhook-id", value_get_text(v, "msg_id"));
	kit_header(&k, "webhook-timestamp", value_str(value_get(v, "timestamp")));
	signature = value_get_text(v, "signature");
	kit_header(&k, "webhook-signature", signature);
	kit_refused(&k, "webhook-timestamp is too far in the past");
	assert_string_equal(k.who.key_id, "v");
	k.wall_ms = (int64_t)1614265330 * 1000;
	kit_accepted(&k);
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepted),
	    cmocka_unit_test(test_svix_names),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_any_key_suffices),
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_signature_header),
	    cmocka_unit_test(test_many_keys),
	    cmocka_unit_test(test_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
