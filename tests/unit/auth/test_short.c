/*
 * test_short.c: what is let in when memory, the disk or the store gives out: nothing that must
 * be remembered, and never by half of a check.
 */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/kit/auth_kit.h"

#define BODY     "{}"
#define SIGNED   "s=(\"@method\" \"@path\" \"content-digest\");created=1700000000"
#define UNSTORED "the nonce cannot be stored"

/* Memory in which every form has room to spare. */
enum { SHORT_MAX = 64 * 1024, SHORT_STEP = 16 };

static void
start(struct kit *k)
{
	kit_init_store(k);
	kit_text(k, "k1", KIT_KEY);
	kit_text(k, "k2", KIT_OTHER_KEY);
	kit_text(k, "s", "secret");
	k->callers = kit_callers(k, "{signer: {signature: rfc9421, keys: {a: file:k1}},\n"
				    "hook: {signature: standard-webhooks, keys: {b: file:k2}},\n"
				    "genesys: {token: file:s, basic: file:s,\n"
				    "          key: {header: X-Api-Key, secret: file:s}}}");
	assert_non_null(k->callers);
	kit_request(k, "/v1/acme/get-balance", BODY);
}

static void
prove_rfc9421(struct kit *k)
{
	kit_digest(k);
	kit_sign(k, KIT_KEY, SIGNED ";nonce=\"n\";keyid=\"a\"");
}

static void
prove_webhook(struct kit *k)
{
	static const char text[] = "id.1700000000." BODY;
	const char *mac = kit_mac(k, KIT_OTHER_KEY, text, strlen(text));

	kit_header(k, "webhook-id", "id");
	kit_header(k, "webhook-timestamp", "1700000000");
	kit_header(k, "webhook-signature", arena_printf(&k->arena, "v1,%s", mac));
}

static void
prove_token(struct kit *k)
{
	const struct secret s = {(const unsigned char *)"secret", 6};
	struct buf b;

	buf_init(&b, 1000);
	buf_puts(&b, "Bearer ");
	assert_true(auth_token_mint(&b, "acme", "genesys", &s, KIT_NOW, KIT_NOW + 60));
	kit_header(k, "authorization", b.data);
	buf_clear(&b);
}

static void
prove_basic(struct kit *k)
{
	kit_header(k, "authorization", "Basic Z2VuZXN5czpzZWNyZXQ=");
}

static void
prove_key(struct kit *k)
{
	kit_header(k, "x-api-key", "secret");
}

static const struct {
	const char *form;
	void (*prove)(struct kit *k);
	bool spends;
} forms[] = {
    {"rfc9421", prove_rfc9421, true},
    {"standard-webhooks", prove_webhook, true},
    {"token", prove_token, false},
    {"basic", prove_basic, false},
    {"key", prove_key, false},
};

static enum gw_err
check_within(struct kit *k, size_t max)
{
	struct arena arena;
	enum gw_err err;

	arena_init(&arena, max);
	k->env.arena = &arena;
	err = kit_check(k);
	k->env.arena = &k->arena;
	if (err == GW_OK)
		assert_non_null(k->who.caller);
	else
		assert_true(k->who.caller == NULL && k->who.reason != NULL);
	arena_clear(&arena);
	return err;
}

/* Refused up to where there is enough, and from there on let in: nothing in between. */
static void
test_memory(void **state)
{
	size_t i, max, enough;
	int64_t uses, last;
	enum gw_err err;
	struct kit k;

	(void)state;
	for (i = 0; i < N(forms); i++) {
		start(&k);
		forms[i].prove(&k);
		enough = 0;
		for (max = 0; max < SHORT_MAX && (enough == 0 || !forms[i].spends);
		     max += SHORT_STEP) {
			err = check_within(&k, max);
			if (err == GW_OK && enough == 0)
				enough = max + 1;
			if ((err == GW_OK) != (enough != 0))
				fail_msg("%s: %s", forms[i].form, k.who.reason);
		}
		assert_true(enough > 0);
		assert_string_equal(k.who.form, forms[i].form);
		if (forms[i].spends) {
			/* Whatever was refused before has not spent it; now it is. */
			kit_refused(&k, "replayed: this nonce was spent before");
		} else {
			assert_int_equal(
			    store_counted(k.env.store, "uses acme",
				arena_printf(&k.arena, "genesys %s ", forms[i].form), &uses, &last),
			    GW_OK);
			assert_true(uses > 0);
		}
		kit_clear(&k);
	}
}

static int
fetch_within(struct kit *k, size_t max)
{
	struct response response;
	struct arena arena;
	int status;

	response_init(&response);
	arena_init(&arena, max);
	k->env.arena = &arena;
	kit_token(k, "acme", k->callers, 60, &response);
	k->env.arena = &k->arena;
	status = response.status;
	assert_true((status == 200) == (k->who.caller != NULL));
	assert_true((status == 200) == (strstr(response.body.data, "access_token") != NULL));
	response_clear(&response);
	arena_clear(&arena);
	return status;
}

static void
test_memory_of_the_endpoint(void **state)
{
	static const char *const bodies[] = {
	    "grant_type=client_credentials",
	    "grant_type=client_credentials&client_id=genesys&client_secret=secret",
	};
	size_t i, max, given;
	int status;
	struct kit k;

	(void)state;
	for (i = 0; i < N(bodies); i++) {
		start(&k);
		kit_request(&k, "/v1/acme/token", bodies[i]);
		kit_header(&k, "content-type", "application/x-www-form-urlencoded");
		if (i == 0)
			prove_basic(&k);
		given = 0;
		for (max = 0; max < SHORT_MAX; max += SHORT_STEP) {
			status = fetch_within(&k, max);
			given += status == 200;
			if (status != 200 && (given > 0 || status != 503))
				fail_msg("%zu bytes: %d", max, status);
		}
		assert_true(given > 0);
		kit_clear(&k);
	}
}

/* From now on no file grows beyond what it is: as on a full disk. */
static void
disk_is_full(bool full)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	assert_true(signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_full_disk(void **state)
{
	struct response response;
	enum gw_err err;
	struct kit k;
	size_t i;

	(void)state;
	for (i = 0; i < N(forms); i++) {
		start(&k);
		forms[i].prove(&k);
		disk_is_full(true);
		err = kit_check(&k);
		disk_is_full(false);
		assert_int_equal(err, forms[i].spends ? GW_EINTERNAL : GW_OK);
		if (forms[i].spends)
			assert_string_equal(k.who.reason, UNSTORED);
		/* With room again the proof is still good. */
		kit_accepted(&k);
		kit_clear(&k);
	}
	/* Who guesses is refused, though nobody can count. */
	start(&k);
	kit_request(&k, "/v1/acme/token", "grant_type=client_credentials");
	kit_header(&k, "content-type", "application/x-www-form-urlencoded");
	kit_header(&k, "authorization", "Basic Z2VuZXN5czp3cm9uZw==");
	response_init(&response);
	disk_is_full(true);
	kit_token(&k, "acme", k.callers, 60, &response);
	disk_is_full(false);
	assert_int_equal(response.status, 401);
	response_clear(&response);
	kit_clear(&k);
}

/* Without a store: what spends nothing is let in, uncounted. */
static void
test_no_store(void **state)
{
	struct store *store;
	struct kit k;
	size_t i;

	(void)state;
	for (i = 0; i < N(forms); i++) {
		start(&k);
		forms[i].prove(&k);
		store = k.env.store;
		k.env.store = NULL;
		assert_int_equal(kit_check(&k), forms[i].spends ? GW_EINTERNAL : GW_OK);
		k.env.store = store;
		kit_clear(&k);
	}
}

/* What the log says is what was found first. */
static void
test_first_reason(void **state)
{
	struct auth_try t = {.reason = NULL};
	char *name, *secret;
	struct kit k;

	(void)state;
	assert_int_equal(auth_why(&t, "one"), GW_EAUTH);
	assert_int_equal(auth_why(&t, "two"), GW_EAUTH);
	assert_string_equal(t.reason, "one");
	start(&k);
	assert_false(auth_basic_parse(&k.arena, &k.request, &name, &secret));
	kit_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_memory_of_the_endpoint),
	    cmocka_unit_test(test_full_disk),
	    cmocka_unit_test(test_no_store),
	    cmocka_unit_test(test_first_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
