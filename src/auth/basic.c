/*
 * basic.c: the two forms that send the secret itself: Basic (RFC 7617) and a fixed header.
 * Both sides go through an HMAC under a key of this one request before they are compared, so that
 * neither the place of a difference nor the secret's length shows in the time.
 */
#include <string.h>
#include <strings.h>

#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"

bool
auth_blind_init(const struct auth_env *env, struct auth_blind *b)
{
	return clock_random(env->clock, b->key, sizeof(b->key));
}

bool
auth_blind_equal(const struct auth_blind *b, const struct caller_key *key, const char *given)
{
	const struct crypto_part theirs = {.bytes = given, .len = strlen(given)};
	const struct caller_key compare = {.secret = {.bytes = b->key, .len = sizeof(b->key)}};
	unsigned char mac[CRYPTO_SHA256_LEN] = {0};
	const struct secret *used = &auth_key_or_nobody(key)->secret;
	struct crypto_part ours = {.bytes = used->bytes, .len = used->len};

	bool made = crypto_hmac(b->key, sizeof(b->key), &ours, 1, mac);

	return made & auth_mac_is(&compare, &theirs, 1, mac, sizeof(mac)) & (key != NULL);
}

static bool
basic_present(const struct auth_try *t)
{
	const char *header = request_header(t->request, "authorization");

	return header != NULL && strncasecmp(header, "Basic ", 6) == 0;
}

bool
auth_basic_parse(struct arena *a, const struct request *r, char **name, char **secret)
{
	const char *header = request_header(r, "authorization");
	size_t len, n;
	char *text;

	if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
		return false;
	header += 6 + strspn(header + 6, " ");
	len = strlen(header);
	if (len == 0 || len > AUTH_HEADER_MAX || (text = arena_alloc(a, len + 1)) == NULL)
		return false;
	if (!base64_decode(header, len, (unsigned char *)text, len, &n))
		return false;
	/* `echo name:secret | base64` encodes the newline too; no secret ends in one. */
	n -= n > 0 && text[n - 1] == '\n';
	text[n] = '\0';
	if (strlen(text) != n || text_has_control(text) || (*secret = strchr(text, ':')) == NULL)
		return false;
	*(*secret)++ = '\0';
	*name = text;
	return true;
}

/* name NULL: any caller. */
static void
match(struct auth_try *t, enum caller_form form, const char *name, const char *given)
{
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};
	struct auth_blind blind;

	if (!auth_blind_init(t->env, &blind))
		return;
	while (auth_walk_next(t, form, name, &walk, &caller, &key)) {
		if (!auth_blind_equal(&blind, key, given))
			continue;
		t->caller = caller;
		t->key = key;
	}
}

static enum gw_err
basic_check(struct auth_try *t)
{
	bool face = t->env->bamboohr_basic;
	char *name, *secret;

	if (!auth_basic_parse(t->env->arena, t->request, &name, &secret))
		return auth_why(t, "Authorization: Basic is not well-formed");
	/* BambooHR has the key as user name, with any password, and calls with query strings. */
	match(t, CALLER_BASIC, face ? NULL : name, face ? name : secret);
	if (t->key == NULL) {
		t->guess = face ? "" : name;
		return auth_why(t, "unknown name, or another secret");
	}
	return auth_admit(t, face);
}

const struct auth_form auth_basic = {CALLER_BASIC, basic_present, basic_check, false};

static bool
key_present(const struct auth_try *t)
{
	(void)t;
	return true;
}

/*
 * Each caller has a header of its own, and its keys are compared with the value of that one. Tried
 * for every request, or the time would show which header a route listens to.
 */
static enum gw_err
key_check(struct auth_try *t)
{
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};
	struct auth_blind blind;
	const char *given;
	bool any = false;

	if (!auth_blind_init(t->env, &blind))
		return auth_why(t, "no random bytes");
	while (auth_walk_next(t, CALLER_KEY, NULL, &walk, &caller, &key)) {
		given = request_header(t->request, caller->key_header);
		any = any || (key != NULL && given != NULL);
		if (given != NULL && strlen(given) > AUTH_HEADER_MAX)
			given = NULL;
		if (!auth_blind_equal(
			&blind, given == NULL ? NULL : key, given == NULL ? "" : given))
			continue;
		t->caller = caller;
		t->key = key;
	}
	if (t->key == NULL && auth_may_hold_key(t->request))
		t->guess = "";
	if (t->key == NULL)
		return any ? auth_why(t, "the key header holds another secret") : GW_EAUTH;
	return auth_admit(t, false);
}

const struct auth_form auth_key = {CALLER_KEY, key_present, key_check, false};
