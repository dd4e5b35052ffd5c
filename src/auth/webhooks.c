/*
 * webhooks.c: Standard Webhooks (standardwebhooks.com, specification of 2023), symmetric
 * signatures "v1" alone, with its older svix-* names of the headers. The signature covers id, time
 * and body, and no path: hence a key of its own, and no query string.
 */
#include <string.h>

#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"

static const char *const families[][3] = {
    {"webhook-id", "webhook-timestamp", "webhook-signature"},
    {"svix-id", "svix-timestamp", "svix-signature"},
};

bool
auth_webhook_headers(const struct request *r, struct auth_webhook *out)
{
	size_t i;

	*out = (struct auth_webhook){.id = NULL};
	for (i = 0; i < ARRAY_LEN(families); i++) {
		out->id = request_header(r, families[i][0]);
		out->timestamp = request_header(r, families[i][1]);
		out->signatures = request_header(r, families[i][2]);
		if (out->id != NULL || out->timestamp != NULL || out->signatures != NULL)
			break;
	}
	return out->id != NULL && out->timestamp != NULL && out->signatures != NULL;
}

static bool
webhooks_present(const struct auth_try *t)
{
	return request_header(t->request, families[0][2]) != NULL ||
	       request_header(t->request, families[1][2]) != NULL;
}

/*
 * Full stops separate what is signed, so an id has none. Nor has it a quotation mark, which is how
 * a signature base of RFC 9421 begins: no signed content can be read as one.
 */
static bool
webhook_id_valid(const char *id)
{
	size_t n;

	for (n = 0; id[n] != '\0'; n++) {
		if (id[n] <= 0x20 || id[n] > 0x7E || id[n] == '.' || id[n] == '"')
			return false;
	}
	return n > 0 && n <= AUTH_NONCE_MAX;
}

bool
auth_webhook_policy(const struct auth_webhook *w, int64_t now_s, const char **why)
{
	unsigned long seconds;

	*why = "webhook-id is not well-formed";
	if (!webhook_id_valid(w->id))
		return false;
	*why = "webhook-timestamp is not a time";
	if (!text_unsigned(w->timestamp, 99999999999ul, &seconds))
		return false;
	*why = "webhook-timestamp is too far in the past";
	if ((int64_t)seconds < now_s - AUTH_SKEW_S)
		return false;
	*why = "webhook-timestamp is in the future";
	return (int64_t)seconds <= now_s + AUTH_SKEW_S;
}

struct macs {
	unsigned char bytes[AUTH_SIGNATURES_MAX][CRYPTO_SHA256_LEN];
	size_t n;
};

/* "v1,BASE64 v1,BASE64": other versions are skipped; a v1 that is no MAC is an error. */
static bool
parse_macs(const char *list, struct macs *out)
{
	size_t len, n;

	out->n = 0;
	if (strlen(list) > AUTH_HEADER_MAX)
		return false;
	for (; *list != '\0'; list += len) {
		while (*list == ' ')
			list++;
		len = strcspn(list, " ");
		if (len < 3 || strncmp(list, "v1,", 3) != 0)
			continue;
		if (out->n == AUTH_SIGNATURES_MAX ||
		    !base64_decode(
			list + 3, len - 3, out->bytes[out->n], sizeof(out->bytes[0]), &n) ||
		    n != CRYPTO_SHA256_LEN)
			return false;
		out->n++;
	}
	return out->n > 0;
}

/*
 * One MAC a key, however many signatures there are, and every key, whatever matched before. While
 * keys change a sender signs with both: of the keys that match, one that counts now is taken, else
 * the last.
 */
static void
match(struct auth_try *t, const struct auth_webhook *w, const struct macs *macs)
{
	const struct crypto_part parts[] = {
	    {w->id, strlen(w->id)},
	    {".", 1},
	    {w->timestamp, strlen(w->timestamp)},
	    {".", 1},
	    {t->request->body, t->request->body_len},
	};
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};
	unsigned char ours[CRYPTO_SHA256_LEN] = {0};
	bool made, same;
	size_t i;

	while (auth_walk_next(t, CALLER_WEBHOOKS, NULL, &walk, &caller, &key)) {
		made = auth_mac(key, parts, ARRAY_LEN(parts), ours);
		same = false;
		for (i = 0; i < macs->n; i++)
			same = same | crypto_equal(ours, macs->bytes[i], sizeof(ours));
		if (!(made & same & (key != NULL)) ||
		    (t->key != NULL && caller_key_counts(t->key, t->now_s)))
			continue;
		t->caller = caller;
		t->key = key;
	}
}

/* A MAC begins with its key, so each key that may be the sender's costs a pass over the body. */
static bool
too_large_to_try(const struct auth_try *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->callers->n; i++)
		n += t->callers->items[i].keys[CALLER_WEBHOOKS].n;
	return n > AUTH_CANDIDATES && t->request->body_len > AUTH_TRIED_MAX / n;
}

static enum gw_err
webhooks_check(struct auth_try *t)
{
	struct auth_webhook w;
	const char *why;
	struct macs macs;
	bool allowed;

	if (!auth_webhook_headers(t->request, &w))
		return auth_why(t, "webhook-id, webhook-timestamp or webhook-signature is absent");
	if (!parse_macs(w.signatures, &macs))
		return auth_why(
		    t, "webhook-signature has no v1 signature, too many, or a broken one");
	if (too_large_to_try(t))
		return auth_why(t, "the body is too large for the number of webhook keys");
	allowed = auth_webhook_policy(&w, t->now_s, &why);
	match(t, &w, &macs);
	if (t->key == NULL)
		return auth_why(t, "the signature matches no key");
	if (!allowed)
		return auth_why(t, why);
	if (t->request->body_state != BODY_WHOLE)
		return auth_why(t, "the body is shorter or longer than it says");
	if (auth_admit(t, false) != GW_OK)
		return GW_EAUTH;
	return auth_spend(t, "webhook", t->caller->name, w.id);
}

const struct auth_form auth_webhooks = {CALLER_WEBHOOKS, webhooks_present, webhooks_check, true};
