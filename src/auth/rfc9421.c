/*
 * rfc9421.c: HTTP Message Signatures, RFC 9421, by hmac-sha256 alone, and the Content-Digest (RFC
 * 9530, section 2) that they cover. The algorithm is the key's: `alg` may repeat it, never choose
 * it. How components become lines is in rfc9421_base.c.
 */
#include <string.h>

#include "base/text.h"
#include "auth/form.h"

static const struct {
	const char *name;
	bool (*digest)(const void *data, size_t len, unsigned char *out);
	size_t len;
} digests[] = {
    {"sha-256", crypto_sha256, CRYPTO_SHA256_LEN},
    {"sha-512", crypto_sha512, CRYPTO_SHA512_LEN},
};

bool
auth_digest(struct arena *a, const struct request *r, const char **why)
{
	const char *header = request_header(r, "content-digest");
	unsigned char ours[CRYPTO_SHA512_LEN];
	struct sfv_dictionary given;
	const struct sfv_member *m;
	size_t i, known = 0;

	*why = "Content-Digest is absent";
	if (header == NULL)
		return false;
	*why = "Content-Digest is not well-formed";
	if (strlen(header) > AUTH_HEADER_MAX ||
	    !sfv_parse_dictionary(a, header, strlen(header), &given))
		return false;
	for (i = 0; i < ARRAY_LEN(digests); i++) {
		m = sfv_member(&given, digests[i].name);
		if (m == NULL)
			continue;
		known++;
		*why = "Content-Digest is not well-formed";
		if (m->inner || m->item.bare.kind != SFV_BYTES ||
		    m->item.bare.len != digests[i].len ||
		    !digests[i].digest(r->body, r->body_len, ours))
			return false;
		*why = "Content-Digest is not the body's";
		if (!crypto_equal(ours, m->item.bare.text, digests[i].len))
			return false;
	}
	*why = "Content-Digest has neither sha-256 nor sha-512";
	return known > 0;
}

static bool
rfc9421_present(const struct auth_try *t)
{
	return request_header(t->request, "signature-input") != NULL ||
	       request_header(t->request, "signature") != NULL;
}

static bool
covers(const struct sfv_member *input, const char *name)
{
	size_t i;

	for (i = 0; i < input->n; i++) {
		if (input->list[i].bare.kind == SFV_STRING &&
		    strcmp(input->list[i].bare.text, name) == 0)
			return true;
	}
	return false;
}

static bool
policy_coverage(const struct request *r, const struct sfv_member *input, const char **why)
{
	bool whole = covers(input, "@target-uri") || covers(input, "@request-target");

	*why = "@method is not covered";
	if (!covers(input, "@method"))
		return false;
	*why = "neither @path, @target-uri nor @request-target is covered";
	if (!whole && !covers(input, "@path"))
		return false;
	*why = "a query string that the proof does not cover";
	if (auth_has_query(r) && !whole && !covers(input, "@query"))
		return false;
	*why = "content-digest is not covered";
	return covers(input, "content-digest");
}

static const struct {
	const char *name;
	enum sfv_kind kind;
	bool required;
	const char *why;
} params[] = {
    {"created", SFV_INTEGER, true, "created is absent or not a time"},
    {"keyid", SFV_STRING, true, "keyid is absent or not text"},
    {"nonce", SFV_STRING, true, "nonce is absent or not text"},
    {"expires", SFV_INTEGER, false, "expires is not a time"},
    {"alg", SFV_STRING, false, "alg is not text"},
    {"tag", SFV_STRING, false, "tag is not text"},
};
enum { PARAMS = ARRAY_LEN(params) };

static bool
policy_params(const struct sfv_item *item, const char **why)
{
	const struct sfv_bare *v;
	size_t i, known = 0;

	for (i = 0; i < PARAMS; i++) {
		v = sfv_param(item, params[i].name);
		*why = params[i].why;
		if (v == NULL ? params[i].required : v->kind != params[i].kind)
			return false;
		known += v != NULL;
	}
	*why = "a signature parameter that is not known";
	if (known != item->n_params)
		return false;
	v = sfv_param(item, "alg");
	*why = "alg is not hmac-sha256";
	if (v != NULL && strcmp(v->text, "hmac-sha256") != 0)
		return false;
	v = sfv_param(item, "nonce");
	*why = "nonce is empty or too long";
	return v->len > 0 && v->len <= AUTH_NONCE_MAX;
}

static bool
policy_age(const struct sfv_item *item, int64_t now_s, const char **why)
{
	int64_t created = sfv_param(item, "created")->number;
	const struct sfv_bare *expires = sfv_param(item, "expires");

	*why = "created is too far in the past";
	if (created < now_s - AUTH_SKEW_S)
		return false;
	*why = "created is in the future";
	if (created > now_s + AUTH_SKEW_S)
		return false;
	*why = "the signature has expired";
	return expires == NULL || expires->number >= now_s;
}

bool
auth_rfc9421_policy(
    const struct request *r, const struct sfv_member *input, int64_t now_s, const char **why)
{
	*why = "Signature-Input is not a list of components";
	if (!input->inner)
		return false;
	if (!policy_params(&input->item, why) || !policy_coverage(r, input, why))
		return false;
	if (!policy_age(&input->item, now_s, why))
		return false;
	*why = "the body is shorter or longer than it says";
	return r->body_state == BODY_WHOLE;
}

/* The key of that id: key ids belong to one caller of a route. */
static void
find_key(struct auth_try *t, const struct sfv_member *input)
{
	const struct sfv_bare *id = sfv_param(&input->item, "keyid");
	const struct caller_keys *keys;
	size_t i, k;
	bool same;

	t->caller = NULL;
	t->key = NULL;
	if (id == NULL || id->kind != SFV_STRING)
		return;
	for (i = 0; i < t->callers->n; i++) {
		keys = &t->callers->items[i].keys[CALLER_RFC9421];
		for (k = 0; k < keys->n; k++) {
			same = auth_name_is(keys->items[k].id, id->text);
			t->caller = auth_pick(same, &t->callers->items[i], t->caller);
			t->key = auth_pick(same, &keys->items[k], t->key);
		}
	}
}

/*
 * One signature. The MAC is computed before anything is decided, so that all failures cost the same
 * to those who have no key. The body's digest is for those who have one.
 */
static enum gw_err
check_one(struct auth_try *t, struct auth_source *source, const struct sfv_member *input,
    const struct sfv_member *signature)
{
	const struct sfv_bare *mac = signature == NULL ? NULL : &signature->item.bare;
	const char *base_why = NULL, *policy_why = NULL, *digest_why = NULL;
	bool built, allowed, same;
	struct crypto_part part;
	struct buf base;

	if (signature != NULL && (signature->inner || mac->kind != SFV_BYTES))
		mac = NULL;
	find_key(t, input);
	buf_init(&base, AUTH_BASE_MAX);
	built = auth_base(source, input, &base, &base_why);
	allowed = auth_rfc9421_policy(t->request, input, t->now_s, &policy_why);
	part = (struct crypto_part){.bytes = base.data, .len = base.len};
	same = auth_mac_is(
	    t->key, &part, 1, mac == NULL ? NULL : mac->text, mac == NULL ? 0 : mac->len);
	(void)buf_whole(&base, t->env->arena);
	buf_clear(&base);
	if (!built)
		return auth_why(t, base_why);
	if (mac == NULL)
		return auth_why(t, "Signature has nothing for that label");
	if (!same)
		return auth_why(
		    t, auth_pick(t->key == NULL, "unknown key id", "the signature does not match"));
	if (!allowed)
		return auth_why(t, policy_why);
	if (!auth_digest(t->env->arena, t->request, &digest_why))
		return auth_why(t, digest_why);
	return auth_admit(t, true);
}

static bool
parse_header(const struct auth_try *t, const char *name, struct sfv_dictionary *out)
{
	const char *text = request_header(t->request, name);

	return text != NULL && strlen(text) <= AUTH_HEADER_MAX &&
	       sfv_parse_dictionary(t->env->arena, text, strlen(text), out) && out->n > 0 &&
	       out->n <= AUTH_SIGNATURES_MAX;
}

/*
 * Spends the nonces of all signatures that hold, in order, and all of them must be fresh: a request
 * that is signed twice, as while keys change, is let in once, and neither signature counts alone
 * afterwards.
 */
static enum gw_err
spend_all(struct auth_try *t, const struct sfv_dictionary *inputs, const struct auth_try *tries)
{
	const struct auth_try *first = NULL;
	enum gw_err err = GW_OK;
	size_t i;

	for (i = 0; i < inputs->n && err == GW_OK; i++) {
		if (tries[i].reason != NULL)
			continue;
		first = first == NULL ? &tries[i] : first;
		*t = tries[i];
		err = auth_spend(
		    t, "nonce", t->key->id, sfv_param(&inputs->members[i].item, "nonce")->text);
	}
	if (err == GW_OK && first != NULL)
		*t = *first;
	return err;
}

static enum gw_err
rfc9421_check(struct auth_try *t)
{
	struct auth_try tries[AUTH_SIGNATURES_MAX];
	struct sfv_dictionary inputs, signatures;
	struct auth_source source = {.request = t->request, .arena = t->env->arena};
	const struct auth_try *shown = NULL;
	bool held = false;
	size_t i;

	if (!parse_header(t, "signature-input", &inputs))
		return auth_why(t, "Signature-Input is absent, not well-formed, or too long");
	if (!parse_header(t, "signature", &signatures))
		return auth_why(t, "Signature is absent, not well-formed, or too long");
	for (i = 0; i < inputs.n; i++) {
		tries[i] = *t;
		tries[i].reason = NULL;
		if (check_one(&tries[i], &source, &inputs.members[i],
			sfv_member(&signatures, inputs.members[i].key)) == GW_OK)
			held = true;
		/* The log names the one with a known key, if there is one. */
		if (shown == NULL || (shown->key == NULL && tries[i].key != NULL))
			shown = &tries[i];
	}
	if (held)
		return spend_all(t, &inputs, tries);
	*t = *shown;
	return GW_EAUTH;
}

const struct auth_form auth_rfc9421 = {CALLER_RFC9421, rfc9421_present, rfc9421_check, true};
