/*
 * form.h: what the forms of proof share. A form looks at the request alone until it has a MAC to
 * compare; from there on it does the same work whether or not route, caller and key exist. What
 * only the holder of a key can reach may cost more: the body's digest, the store.
 */
#ifndef FORM_H
#define FORM_H

#include "auth/auth.h"
#include "base/crypto.h"
#include "format/sfv.h"

enum {
	AUTH_SKEW_S = 300,
	AUTH_TOKEN_GRACE_S = 60,
	AUTH_TOKEN_TTL_MAX_S = 24 * 3600,
	AUTH_HEADER_MAX = 8192,    /* bytes of one header that is parsed */
	AUTH_SIGNATURES_MAX = 8,   /* of one request */
	AUTH_COMPONENTS_MAX = 32,  /* of one signature */
	AUTH_QUERY_PARAMS_MAX = 8, /* of those, @query-param */
	AUTH_PAIRS_MAX = 128,      /* of a query of which a signature covers parameters */
	AUTH_NONCE_MAX = 256,
	AUTH_BASE_MAX = 24 * 1024, /* bytes of a signature base */
	AUTH_CANDIDATES = 4,       /* MACs computed at least, where several keys are tried */
	/* Bytes under the MACs of all keys, of a body that nobody has proven: under 1 ms of CPU. */
	AUTH_TRIED_MAX = AUTH_CANDIDATES * LIMIT_BODY
};

/* One request being checked, and what is known of it. */
struct auth_try {
	const struct auth_env *env;
	const char *route;
	const struct callers *callers; /* never NULL: nobody's, where there is no route */
	const struct request *request;
	int64_t now_s;
	const struct caller *caller; /* whose key matched, or was named */
	const struct caller_key *key;
	const char *reason; /* why not: the first one stays; static */
	const char *guess;  /* whom a wrong secret named; "": nobody; NULL: it was none */
	bool replayed;      /* it holds, and was spent before */
};

void auth_try_init(struct auth_try *t, const struct auth_env *env, const char *route,
    const struct callers *callers, const struct request *request);

/* The key, or, for NULL, one that nobody knows. */
const struct caller_key *auth_key_or_nobody(const struct caller_key *key);

/* Always GW_EAUTH, after noting why. */
enum gw_err auth_why(struct auth_try *t, const char *reason);

/*
 * True when key is not NULL and mac is its MAC. The same work for NULL and for a MAC of other
 * length.
 */
bool auth_mac_is(const struct caller_key *key, const struct crypto_part *parts, size_t n,
    const void *mac, size_t mac_len);
/* The MAC itself, for what compares it with several; of nobody's key for NULL. */
bool auth_mac(const struct caller_key *key, const struct crypto_part *parts, size_t n,
    unsigned char out[static CRYPTO_SHA256_LEN]);

/* first ? yes : no, without a branch. */
const void *auth_pick(bool first, const void *yes, const void *no);
/* A caller's name or a key's id, compared in a time that does not show how much of it is right. */
bool auth_name_is(const char *ours, const char *given);

/*
 * Walks over all keys of a form, giving NULL in place of those whose caller has another name (name
 * NULL: any), and then over NULL until AUTH_CANDIDATES were given. False at the end.
 */
struct auth_walk {
	size_t caller, key, given;
};
bool auth_walk_next(const struct auth_try *t, enum caller_form form, const char *name,
    struct auth_walk *w, const struct caller **caller, const struct caller_key **key);

/* After the proof: does the key count now, is the certificate there, is the query covered? */
enum gw_err auth_admit(struct auth_try *t, bool query_covered);
/* Spends a nonce or id, bound to the key it came with. */
enum gw_err auth_spend(struct auth_try *t, const char *kind, const char *owner, const char *nonce);

/* throttle.c: a header that may be some caller's key header. */
bool auth_may_hold_key(const struct request *r);

bool auth_has_query(const struct request *r);

/* A form: is there such a proof on the request, and does it hold? */
struct auth_form {
	enum caller_form form;
	bool (*present)(const struct auth_try *t);
	enum gw_err (*check)(struct auth_try *t);
	bool spends; /* each proof counts once */
};
extern const struct auth_form auth_rfc9421, auth_webhooks, auth_bearer, auth_basic, auth_key;

/* A parameter of the query as signatures cover it: recoded. */
struct auth_pair {
	const char *name, *value; /* value NULL: it is not well-formed */
};

/*
 * What the signature bases of one request are made from: {.request = r, .arena = a}. The query is
 * recoded into the arena once, however many signatures cover it.
 */
struct auth_source {
	const struct request *request;
	struct arena *arena;
	bool recoded;
	const char *why; /* no parameter can be covered; static */
	struct auth_pair *pairs;
	size_t n;
};

/*
 * rfc9421_base.c: the signature base of RFC 9421, section 2.5, for one member of Signature-Input.
 * False with why (static).
 */
bool auth_base(
    struct auth_source *source, const struct sfv_member *input, struct buf *out, const char **why);

/* rfc9421.c: Content-Digest (RFC 9530) against the body. Every sha-256 and sha-512 in it must
 * match, and there must be one. False with why (static). */
bool auth_digest(struct arena *a, const struct request *r, const char **why);

/* rfc9421.c: everything about a signature that needs no key. False with why (static). */
bool auth_rfc9421_policy(
    const struct request *r, const struct sfv_member *input, int64_t now_s, const char **why);

/* webhooks.c: the three headers, of webhook-* or svix-*. False: not all there. */
struct auth_webhook {
	const char *id, *timestamp, *signatures;
};
bool auth_webhook_headers(const struct request *r, struct auth_webhook *out);
bool auth_webhook_policy(const struct auth_webhook *w, int64_t now_s, const char **why);

/* basic.c: name and secret of Basic (RFC 7617). False: no such header, or not well-formed. */
bool auth_basic_parse(struct arena *a, const struct request *r, char **name, char **secret);
/* What compares secrets: HMACs under a key that nobody knows. */
struct auth_blind {
	unsigned char key[CRYPTO_SHA256_LEN];
};
bool auth_blind_init(const struct auth_env *env, struct auth_blind *b);
/* Key NULL: the same work, false. */
bool auth_blind_equal(const struct auth_blind *b, const struct caller_key *key, const char *given);

/* token.c: minting and checking tokens. */
enum { AUTH_TOKEN_MAX = 256 };
bool auth_token_mint(struct buf *out, const char *route, const char *caller,
    const struct secret *client, int64_t issued_s, int64_t expires_s);
enum gw_err auth_token_check(struct auth_try *t, const char *token);
/* The token that a request carries; NULL: none. */
const char *auth_token_find(const struct request *r);
/*
 * What a well-formed token says, verified or not; the texts point into it. False: it is no token.
 */
struct auth_token {
	char text[AUTH_TOKEN_MAX];
	const char *route, *caller;
	int64_t issued_s, expires_s;
	struct crypto_part claims; /* as sent */
	unsigned char mac[CRYPTO_SHA256_LEN];
};
bool auth_token_parse(const char *s, struct auth_token *out);
/* Made with that client secret? Key NULL: the same work, false. */
bool auth_token_is_of(const struct auth_token *token, const struct caller_key *key);

#endif
