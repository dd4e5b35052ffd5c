/*
 * auth.c: the forms in their order, what all of them share, and the one way to fail. Each form has
 * a file of its own.
 */
#include "base/text.h"
#include "auth/auth.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "auth/form.h"

static const struct auth_form *const forms[] = {
    &auth_rfc9421, &auth_webhooks, &auth_bearer, &auth_basic,
    &auth_key, /* is tried for every request that nothing else let in */
};

enum gw_err
auth_why(struct auth_try *t, const char *reason)
{
	if (t->reason == NULL)
		t->reason = reason;
	return GW_EAUTH;
}

/*
 * Nobody's route: one caller who has every form, with a key that nobody knows. It is used in place
 * of a route that does not exist, and its key in place of an absent key; it is never admitted.
 */
static struct {
	pthread_once_t once;
	struct caller_key key;
	struct caller caller;
	struct callers callers;
} nobody = {.once = PTHREAD_ONCE_INIT};

static void
auth_nobody_init(void)
{
	size_t f;

	nobody.key = (struct caller_key){.id = "nobody",
	    .secret = {.bytes = crypto_nobody(), .len = CRYPTO_SHA256_LEN},
	    .not_before_s = INT64_MIN,
	    .not_after_s = INT64_MAX};
	nobody.caller = (struct caller){.name = "nobody", .key_header = "x-api-key"};
	for (f = 0; f < CALLER_FORM_MAX; f++)
		nobody.caller.keys[f] = (struct caller_keys){.items = &nobody.key, .n = 1};
	nobody.callers = (struct callers){.items = &nobody.caller, .n = 1};
}

/*
 * The table is volatile, or the compiler makes a branch of the choice, which shows in the time
 * (tests/bench/bench_timing.c measures it).
 */
const void *
auth_pick(bool first, const void *yes, const void *no)
{
	const void *volatile choice[] = {no, yes};

	return choice[first];
}

const struct caller_key *
auth_key_or_nobody(const struct caller_key *key)
{
	(void)pthread_once(&nobody.once, auth_nobody_init);
	return auth_pick(key != NULL, key, &nobody.key);
}

bool
auth_mac(const struct caller_key *key, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN])
{
	const struct secret *used = &auth_key_or_nobody(key)->secret;

	return crypto_hmac(used->bytes, used->len, parts, n, out);
}

bool
auth_mac_is(const struct caller_key *key, const struct crypto_part *parts, size_t n,
    const void *mac, size_t mac_len)
{
	static const unsigned char none[CRYPTO_SHA256_LEN];
	unsigned char ours[CRYPTO_SHA256_LEN] = {0};
	const struct secret *used = &auth_key_or_nobody(key)->secret;
	bool whole = mac_len == sizeof(ours), made, same;

	made = crypto_hmac(used->bytes, used->len, parts, n, ours);
	same = crypto_equal(ours, whole ? mac : none, sizeof(ours));
	return made & same & (key != NULL) & whole;
}

void
auth_try_init(struct auth_try *t, const struct auth_env *env, const char *route,
    const struct callers *callers, const struct request *request)
{
	*t = (struct auth_try){
	    .env = env, .route = route, .request = request, .now_s = clock_wall_s(env->clock)};
	(void)pthread_once(&nobody.once, auth_nobody_init);
	t->callers = auth_pick(callers != NULL, callers, &nobody.callers);
}

bool
auth_name_is(const char *ours, const char *given)
{
	char a[CALLER_KEY_ID_MAX + 1] = "", b[CALLER_KEY_ID_MAX + 1] = "";
	size_t len = strlen(given);

	if (len > CALLER_KEY_ID_MAX)
		return false;
	memcpy(a, ours, strnlen(ours, CALLER_KEY_ID_MAX));
	memcpy(b, given, len + 1);
	return crypto_equal(a, b, sizeof(a));
}

/* The next key of that form, of any caller. */
static bool
auth_walk_real(const struct auth_try *t, enum caller_form form, struct auth_walk *w,
    const struct caller **caller, const struct caller_key **key)
{
	const struct caller *c;

	for (; w->caller < t->callers->n; w->caller++, w->key = 0) {
		c = &t->callers->items[w->caller];
		if (w->key >= c->keys[form].n)
			continue;
		*caller = c;
		*key = &c->keys[form].items[w->key++];
		return true;
	}
	return false;
}

bool
auth_walk_next(const struct auth_try *t, enum caller_form form, const char *name,
    struct auth_walk *w, const struct caller **caller, const struct caller_key **key)
{
	bool real = auth_walk_real(t, form, w, caller, key), named;

	if (!real) {
		*caller = &nobody.caller;
		*key = NULL;
	}
	named = name == NULL || auth_name_is((*caller)->name, name);
	*key = auth_pick(named, *key, NULL);
	return w->given++ < AUTH_CANDIDATES || real;
}

bool
auth_has_query(const struct request *r)
{
	return strchr(r->uri, '?') != NULL;
}

static bool
auth_certified(const struct auth_try *t)
{
	size_t i;

	for (i = 0; i < t->caller->n_subjects; i++) {
		if (strcmp(t->caller->subjects[i], t->request->client_subject) == 0)
			return true;
	}
	return t->caller->n_subjects == 0;
}

enum gw_err
auth_admit(struct auth_try *t, bool query_covered)
{
	if (t->key == &nobody.key)
		return auth_why(t, "unknown route");
	if (t->now_s < t->key->not_before_s)
		return auth_why(t, "the key does not count yet");
	if (t->now_s > t->key->not_after_s)
		return auth_why(t, "the key no longer counts");
	if (!auth_certified(t))
		return auth_why(t, "the client certificate is absent or another's");
	if (auth_has_query(t->request) && !query_covered)
		return auth_why(t, "a query string that the proof does not cover");
	return GW_OK;
}

enum gw_err
auth_spend(struct auth_try *t, const char *kind, const char *owner, const char *nonce)
{
	const char *space = arena_printf(t->env->arena, "%s %s", kind, t->route);
	const char *id = arena_printf(t->env->arena, "%s %s", owner, nonce);
	enum gw_err err = GW_EINTERNAL;
	bool fresh = false;

	/* created may be a skew ahead, and is good for a skew from then on. */
	if (space != NULL && id != NULL && t->env->store != NULL) {
		err = store_spend(
		    t->env->store, space, id, t->now_s, t->now_s + 2 * AUTH_SKEW_S, &fresh);
	}
	if (err == GW_ERETRY)
		(void)auth_why(
		    t, "state.db was begun anew: signed requests count ten minutes later");
	if (err != GW_OK) {
		(void)auth_why(t, "the nonce cannot be stored");
		return GW_EINTERNAL;
	}
	t->replayed = !fresh;
	return fresh ? GW_OK : auth_why(t, "replayed: this nonce was spent before");
}

static void
auth_count(const struct auth_try *t, enum caller_form form)
{
	const char *space = caller_key_space(t->env->arena, t->route);
	const char *key = caller_key_counter(t->env->arena, t->caller, form, t->key);

	/* A counter that cannot be written refuses nobody. */
	if (space != NULL && key != NULL && t->env->store != NULL)
		(void)store_count(t->env->store, space, key, t->now_s);
}

static void
auth_report(struct auth_who *who, const struct auth_try *t, const struct callers *callers,
    enum caller_form form)
{
	bool known = (t->key != NULL) & (callers != NULL);

	*who = (struct auth_who){.form = caller_form_name(form), .reason = t->reason};
	if (t->reason == NULL)
		who->caller = t->caller->name;
	who->key_id = auth_pick(known, auth_key_or_nobody(t->key)->id, NULL);
}

enum gw_err
auth_check(const struct auth_env *env, const char *route, const struct callers *callers,
    const struct request *request, struct auth_who *who)
{
	const struct auth_form *in = NULL;
	const char *guess = NULL;
	enum gw_err err, first = GW_OK;
	struct auth_try t, now, good;
	bool final;
	size_t i;

	auth_try_init(&t, env, route, callers, request);
	*who = (struct auth_who){.reason = "no proof that this route takes"};
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		/* Once one proof has let the caller in, still check the one-time proofs, so that
		 * they are spent. */
		if ((in != NULL && !forms[i]->spends) || !forms[i]->present(&t))
			continue;
		now = t;
		err = forms[i]->check(&now);
		/* The last form is tried for every request: it counts where no other was there. */
		if (guess == NULL && first == GW_OK)
			guess = now.guess;
		final = now.replayed || err == GW_EINTERNAL;
		if (err == GW_OK && in == NULL) {
			in = forms[i];
			good = now;
		} else if (now.reason != NULL && (first == GW_OK || final)) {
			first = err;
			auth_report(who, &now, callers, forms[i]->form);
		}
		if (final)
			return err;
	}
	if (in == NULL) {
		who->guess = guess;
		return first == GW_OK ? GW_EAUTH : first;
	}
	auth_count(&good, in->form);
	auth_report(who, &good, callers, in->form);
	return GW_OK;
}

void
auth_refuse(struct response *response, const char *id, int64_t wait_s)
{
	char seconds[24];

	(void)snprintf(seconds, sizeof(seconds), "%" PRId64, wait_s);
	response->status = wait_s > 0 ? 429 : 401;
	response_header(response, "Content-Type", "application/json");
	if (wait_s > 0)
		response_header(response, "Retry-After", seconds);
	else
		response_header(response, "WWW-Authenticate", "Bearer realm=\"hrisgw\"");
	response_header(response, "Cache-Control", "no-store");
	buf_reset(&response->body);
	buf_printf(&response->body, "{\"error\":\"%s\",\"requestId\":\"%s\"}\n",
	    wait_s > 0 ? "too many failed attempts" : "unauthorized", id);
}
