/*
 * token.c: tokens that prove who calls. One is kept in the store for all processes, until it is no
 * longer good or the HRIS refuses it; one request at a time gets a new one, and the others wait for
 * it. A refresh token that was replaced is on the disk before the access token is used, because the
 * old one is spent. Both are forgotten when a setting changes that they were got with.
 */
#include <string.h>

#include "adapter/run.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/text.h"
#include "format/json.h"
#include "ledger/lock.h"
#include "store/store.h"

/* A token is got anew this long before its end, or a tenth of its life before. */
enum { TOKEN_MARGIN_S = 60, TOKEN_LIFE_MAX_S = 366 * 86400, TOKEN_ERROR_MAX = 300 };

static const char store_space[] = "token", lock_name[] = "token";

struct token {
	const char *text;    /* NULL: there is none */
	const char *refresh; /* NULL: the one in the settings */
	int64_t until_s;     /* 0: not said */
};

/* Who needs a token for what. */
struct token_use {
	struct op *op;
	const struct adapter_auth *auth;
	const char *key, *seed; /* in the store; of the settings that it is got with */
};

static size_t
auth_index(const struct op *op, const struct adapter_auth *auth)
{
	return (size_t)(auth - op->adapter->auths);
}

static enum gw_err
use_begin(struct op *op, const struct adapter_auth *auth, struct token_use *use)
{
	struct arena *a = op->hris->arena;
	unsigned char digest[CRYPTO_SHA256_LEN];
	const char *name;
	struct buf b;
	size_t i;
	bool good = true;

	buf_init(&b, LIMIT_REQUEST_BYTES);
	for (i = 0; i < auth->settings->n; i++) {
		name = value_str(value_at(auth->settings, i));
		buf_puts(&b, name);
		json_value(&b, value_get(op->hris->route->settings, name));
	}
	good = b.err == GW_OK && crypto_sha256(b.data, b.len, digest);
	crypto_wipe(b.data, b.len);
	buf_reset(&b);
	hex_encode(&b, digest, sizeof(digest));
	*use = (struct token_use){op, auth,
	    arena_printf(a, "%s %s", op->hris->route->name, auth->name == NULL ? "" : auth->name),
	    good ? arena_strdup(a, b.data) : NULL};
	buf_clear(&b);
	return use->key == NULL || use->seed == NULL ? fail_memory(op->hris->failure) : GW_OK;
}

/* What is kept; none where there is nothing, or it was got with other settings. */
static enum gw_err
token_kept(const struct token_use *use, bool fresh, struct token *out)
{
	struct hris *h = use->op->hris;
	int64_t now_s = clock_wall_s(h->clock);
	const char *until;
	unsigned long s = 0;
	struct value *v = NULL;
	enum gw_err err;
	char why[64];
	struct buf b;
	bool found;

	*out = (struct token){0};
	if (h->store == NULL)
		return GW_OK;
	buf_init(&b, LIMIT_SECRET * 4);
	err = fresh ? store_get(h->store, store_space, use->key, now_s, &b, &found)
		    : store_recall(h->store, store_space, use->key, now_s, &b, &found);
	if (err == GW_OK && found)
		v = json_parse(h->arena, b.data, b.len, &json_answer, why, sizeof(why));
	crypto_wipe(b.data, b.len);
	buf_clear(&b);
	if (err != GW_OK)
		return fail(h->failure, store_fault(), "the token that is kept cannot be read");
	if (!text_equal(value_get_text(v, "seed"), use->seed))
		return GW_OK;
	out->text = value_get_text(v, "token");
	out->refresh = value_get_text(v, "refresh");
	until = value_str(value_get(v, "until"));
	if (until != NULL && text_unsigned(until, INT64_MAX, &s))
		out->until_s = (int64_t)s;
	return GW_OK;
}

/* On the disk when it returns. */
static enum gw_err
token_keep(const struct token_use *use, const struct token *t)
{
	struct hris *h = use->op->hris;
	struct value *v = value_object(h->arena);
	enum gw_err err;
	struct buf b;

	if (h->store == NULL)
		return GW_OK;
	if (!value_set(h->arena, v, "seed", value_text(h->arena, use->seed)) ||
	    !value_set(h->arena, v, "token", value_text(h->arena, t->text)) ||
	    !value_set(h->arena, v, "until", value_integer(h->arena, t->until_s)) ||
	    (t->refresh != NULL &&
		!value_set(h->arena, v, "refresh", value_text(h->arena, t->refresh))))
		return fail_memory(h->failure);
	buf_init(&b, LIMIT_SECRET * 4);
	json_value(&b, v);
	err = b.err != GW_OK ? b.err : store_put(h->store, store_space, use->key, b.data, b.len, 0);
	crypto_wipe(b.data, b.len);
	buf_clear(&b);
	/* An access token can be got again; what replaced a refresh token cannot. */
	if (err == GW_OK || t->refresh == NULL)
		return GW_OK;
	return fail(h->failure, store_fault(),
	    "the new refresh token cannot be kept in state_dir; it is lost, and the setting has to be given anew");
}

/* The words of RFC 6749 section 5.2, if the answer has them, without what proves who calls. */
static const char *
refusal_words(const struct op *op, const struct http_call *call)
{
	char why[64];
	const struct value *v = call->answer == NULL
				    ? NULL
				    : json_parse(op->hris->arena, call->answer, call->answer_len,
					  &json_answer, why, sizeof(why));
	const char *error = value_get_text(v, "error"),
		   *more = value_get_text(v, "error_description");

	if (error == NULL || text_has_control(error) || (more != NULL && text_has_control(more)))
		return "";
	return arena_printf(op->hris->arena, ": %.*s%s%.*s", TOKEN_ERROR_MAX,
	    call_without_proofs(op, call, error), more == NULL ? "" : ": ", TOKEN_ERROR_MAX,
	    call_without_proofs(op, call, more));
}

/* Nothing but the settings can be wrong where a request for a token is refused. */
static enum gw_err
fetch_failed(const struct token_use *use, const struct http_call *call)
{
	struct failure *failure = use->op->hris->failure;
	const char *words;

	if (call->fate != HTTP_ANSWERED || call->status < 400 || call->status >= 500 ||
	    call->status == 408 || call->status == 429)
		return failure->err;
	words = refusal_words(use->op, call);
	fail_clear(failure);
	return fail(failure, CODE_HRIS_CREDENTIALS, "%s: the HRIS answered %d%s",
	    use->auth->source->step.request, call->status, words == NULL ? "" : words);
}

static enum gw_err
fetch_read(const struct token_use *use, const struct scope *scope, struct token *out)
{
	const struct token_source *source = use->auth->source;
	const char *expires = NULL, *refresh = NULL;
	unsigned long life;
	enum gw_err err = expr_text(source->token, scope, &out->text);
	int64_t margin;

	if (err == GW_OK && source->expires != NULL)
		err = expr_text(source->expires, scope, &expires);
	if (err == GW_OK && source->refresh != NULL)
		err = expr_text(source->refresh, scope, &refresh);
	if (err != GW_OK)
		return err;
	if (text_is_empty(out->text) || text_has_control(out->text))
		return fail(scope->failure, CODE_HRIS_CREDENTIALS,
		    "%s: the answer has no token at %s", source->step.request,
		    expr_source_text(source->token));
	out->until_s = 0;
	if (expires != NULL && text_unsigned(expires, TOKEN_LIFE_MAX_S, &life)) {
		margin = (int64_t)life / 10 < TOKEN_MARGIN_S ? (int64_t)life / 10 : TOKEN_MARGIN_S;
		out->until_s = clock_wall_s(use->op->hris->clock) + (int64_t)life - margin;
	}
	if (!text_is_empty(refresh))
		out->refresh = refresh;
	return GW_OK;
}

/* Asks for a token. t: the refresh token so far; then what came. */
static enum gw_err
token_fetch(const struct token_use *use, struct token *t)
{
	const struct token_source *source = use->auth->source;
	struct op *op = use->op;
	struct http_call *call = arena_alloc(op->hris->arena, sizeof(*call));
	struct binding bound[] = {
	    {.name = "refresh_token", .next = &bound[1]}, {.name = "assertion"}};
	struct scope scope = op->scope;
	struct value *answer = NULL;
	const char *refresh = t->refresh, *assertion = NULL;
	enum gw_err err = GW_OK;

	if (call == NULL)
		return fail_memory(scope.failure);
	scope.blame = CODE_ROUTE_SETTING;
	if (refresh == NULL && source->refresh_token != NULL)
		err = template_text(source->refresh_token, &scope, &refresh);
	if (err == GW_OK && source->assertion.kind != ASSERTION_NONE)
		err = assertion_make(op, source, &scope, &assertion);
	if (err != GW_OK)
		return err;
	scope.bound = &bound[0];
	bound[0].value = refresh == NULL ? NULL : value_text(scope.arena, refresh);
	bound[1].value = assertion == NULL ? NULL : value_text(scope.arena, assertion);
	err = build_call(op, &source->step, &scope, NULL, 0, NULL, call);
	if (err != GW_OK)
		return err;
	call->asks_proof = true;
	if (call_send(op, &source->step, &scope, call, 1, 0, &answer) != GW_OK)
		return fetch_failed(use, call);
	scope.bound = NULL;
	scope.answer = scope.record = answer;
	scope.call = call;
	scope.blame = CODE_HRIS_ANSWER;
	err = fetch_read(use, &scope, t);
	return err == GW_OK ? token_keep(use, t) : err;
}

/* Is it there, still good, and not the one that the HRIS refused? */
static bool
token_good(const struct op *op, const struct token *t, const char *refused)
{
	return t->text != NULL && !text_equal(t->text, refused) &&
	       (t->until_s == 0 || t->until_s > clock_wall_s(op->hris->clock));
}

/* Under the lock: another may have got one meanwhile. */
static enum gw_err
token_under_lock(const struct token_use *use, const char *refused, struct token *t)
{
	enum gw_err err = token_kept(use, true, t);

	if (err != GW_OK || token_good(use->op, t, refused))
		return err;
	return token_fetch(use, t);
}

static enum gw_err
token_renewed(const struct token_use *use, const char *refused, struct token *t)
{
	/* All who wait run the same: none is one too many. */
	static const unsigned char same_key[LOCK_KEY_LEN];
	struct hris *h = use->op->hris;
	struct locks *locks = h->ledger == NULL ? NULL : ledger_locks(h->ledger);
	struct lock *lock = NULL;
	enum gw_err err;
	bool same;

	if (locks != NULL && lock_take(locks, lock_name, use->key, same_key, h->deadline_ms, &lock,
				 &same) != LOCK_HELD)
		return fail(h->failure, CODE_HRIS_UNAVAILABLE,
		    "no token came in time: another request for one is under way");
	err = token_under_lock(use, refused, t);
	lock_release(lock);
	return err;
}

/* A test says the tokens in its file. */
static const char *
token_given(const struct op *op, const struct adapter_auth *auth)
{
	const struct value *tokens = op->hris->tokens;

	if (value_is(tokens, VALUE_OBJECT))
		return value_get_text(tokens, auth->name == NULL ? "" : auth->name);
	return value_str(tokens);
}

static enum gw_err
token_get(struct op *op, const struct adapter_auth *auth, const char *refused)
{
	struct arena *a = op->hris->arena;
	struct value *object = value_object(a);
	struct token t = {.text = token_given(op, auth)};
	struct token_use use;
	enum gw_err err = GW_OK;

	if (t.text == NULL || refused != NULL) {
		err = use_begin(op, auth, &use);
		if (err == GW_OK)
			err = token_kept(&use, false, &t);
		if (err == GW_OK && !token_good(op, &t, refused))
			err = token_renewed(&use, refused, &t);
	}
	if (err != GW_OK)
		return err;
	if (!value_set(a, object, "token", value_text(a, t.text)))
		return fail_memory(op->hris->failure);
	op->tokens[auth_index(op, auth)] = object;
	return GW_OK;
}

/* The client certificate of a step's calls. */
static enum gw_err
peer_begin(struct op *op, const struct adapter_auth *auth)
{
	struct scope scope = op->scope;
	enum gw_err err;

	op->peer = op->hris->route->peer;
	if (auth == NULL || auth->certificate == NULL)
		return GW_OK;
	scope.blame = CODE_ROUTE_SETTING;
	err = template_text(auth->certificate, &scope, &op->peer.certificate);
	return err == GW_OK ? template_text(auth->key, &scope, &op->peer.key) : err;
}

enum gw_err
token_begin(struct op *op, const struct step *s)
{
	const struct adapter_auth *auth = s->auth;
	enum gw_err err = peer_begin(op, auth);

	op->scope.auth = NULL;
	if (err != GW_OK || auth == NULL || auth->source == NULL)
		return err;
	if (op->tokens == NULL)
		op->tokens =
		    arena_array(op->hris->arena, op->adapter->n_auths, sizeof(struct value *));
	if (op->tokens == NULL)
		return fail_memory(op->hris->failure);
	if (op->tokens[auth_index(op, auth)] == NULL)
		err = token_get(op, auth, NULL);
	op->scope.auth = op->tokens[auth_index(op, auth)];
	return err;
}

bool
token_renew(struct op *op, const struct step *s, bool *renewed)
{
	struct failure *failure = op->hris->failure;
	const struct adapter_auth *auth = s->auth;
	const char *refused = value_get_text(op->scope.auth, "token");

	if (failure->code != CODE_HRIS_CREDENTIALS || *renewed || refused == NULL)
		return false;
	*renewed = true;
	fail_clear(failure);
	if (token_get(op, auth, refused) != GW_OK)
		return false;
	op->scope.auth = op->tokens[auth_index(op, auth)];
	return true;
}
