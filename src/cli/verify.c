/*
 * verify.c: `hrisgw verify`: why a captured request is let in, or not. The steps are for people;
 * each asks the function that the check itself uses, in its order. The verdict is auth_check()'s
 * own, with a clock that can be set and an empty store of spent nonces, so that a captured request
 * can be tried again. Keys, secrets, and MACs that were not sent are never shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "auth/form.h"
#include "base/encode.h"
#include "base/text.h"
#include "cli/keyring.h"
#include "cli/verify.h"

enum { VERIFY_PATH_MAX = 256 };

struct verify {
	const struct cli_call *call;
	struct keyring auth;
	struct clock clock;
	int64_t now_s;
	struct auth_env env;
	struct request request;
	struct auth_try t; /* the request against the route's callers */
	FILE *out;         /* of the steps */
};

static void
say(const struct verify *v, const char *step, bool good, const char *why)
{
	fprintf(v->out, "  %-4s %s%s%s\n", good ? "ok" : "NO", step, why == NULL ? "" : ": ",
	    why == NULL ? "" : why);
}

/* Control characters become dots: what was captured goes to a terminal. */
static void
print_line(const struct verify *v, const char *before, const char *s, size_t len)
{
	size_t i;

	fputs(before, v->out);
	for (i = 0; i < len; i++)
		fputc((unsigned char)s[i] < 0x20 || s[i] == 0x7F ? '.' : s[i], v->out);
	fputc('\n', v->out);
}

static void
print_digest(const struct verify *v)
{
	unsigned char sum[CRYPTO_SHA256_LEN];
	const char *sent = request_header(&v->request, "content-digest"), *why;
	struct buf b;
	bool good;

	good = auth_digest(v->env.arena, &v->request, &why);
	say(v, "Content-Digest is the body's", good, good ? NULL : why);
	if (sent != NULL)
		print_line(v, "       sent:     ", sent, strlen(sent));
	buf_init(&b, 4 * sizeof(sum));
	if (crypto_sha256(v->request.body, v->request.body_len, sum)) {
		base64_encode(&b, sum, sizeof(sum));
		fprintf(v->out, "       computed: sha-256=:%s: over %zu bytes\n", b.data,
		    v->request.body_len);
	}
	buf_clear(&b);
}

static void
print_base(const struct verify *v, const struct buf *base)
{
	const char *line, *end;

	fprintf(v->out, "       the signature base, a line a component:\n");
	for (line = base->data; line != NULL; line = *end == '\n' ? end + 1 : NULL) {
		end = line + strcspn(line, "\n");
		print_line(v, "       | ", line, (size_t)(end - line));
	}
}

static void
print_age(const struct verify *v, const struct sfv_member *input)
{
	const struct sfv_bare *created = sfv_param(&input->item, "created");

	if (created != NULL && created->kind == SFV_INTEGER)
		fprintf(v->out,
		    "       created %" PRId64 ", the clock says %" PRId64 ": %" PRId64
		    " seconds apart, %d allowed\n",
		    created->number, v->t.now_s, v->t.now_s - created->number, AUTH_SKEW_S);
}

static const struct caller_key *
find_key(const struct verify *v, const struct sfv_member *input)
{
	const struct sfv_bare *id = sfv_param(&input->item, "keyid");
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};

	while (auth_walk_next(&v->t, CALLER_RFC9421, NULL, &walk, &caller, &key)) {
		if (key != NULL && id != NULL && text_equal(key->id, id->text))
			return key;
	}
	return NULL;
}

static void
explain_signature(
    const struct verify *v, const struct sfv_member *input, const struct sfv_member *signature)
{
	struct auth_source source = {.request = &v->request, .arena = v->env.arena};
	const struct caller_key *key = find_key(v, input);
	const struct sfv_bare *mac = NULL;
	struct crypto_part part;
	const char *why = NULL;
	struct buf base;
	bool good;

	fprintf(v->out, "signature %s:\n", input->key);
	buf_init(&base, AUTH_BASE_MAX);
	good = auth_base(&source, input, &base, &why);
	say(v, "the covered components are in the request", good, good ? NULL : why);
	if (good)
		print_base(v, &base);
	say(v, "its keyid is one of the route's", key != NULL, NULL);
	if (signature != NULL && !signature->inner && signature->item.bare.kind == SFV_BYTES)
		mac = &signature->item.bare;
	say(v, "Signature has bytes under that label", mac != NULL, NULL);
	if (good && key != NULL && mac != NULL) {
		part = (struct crypto_part){.bytes = base.data, .len = base.len};
		say(v, "they are the key's HMAC-SHA256 of the base",
		    auth_mac_is(key, &part, 1, mac->text, mac->len),
		    mac->len == CRYPTO_SHA256_LEN ? NULL : "a MAC is 32 bytes long");
	}
	buf_clear(&base);
	good = auth_rfc9421_policy(&v->request, input, v->t.now_s, &why);
	say(v, "parameters, coverage and age are as they must be", good, good ? NULL : why);
	if (input->inner)
		print_age(v, input);
}

static void
explain_rfc9421(const struct verify *v)
{
	const char *input = request_header(&v->request, "signature-input");
	const char *signature = request_header(&v->request, "signature");
	struct sfv_dictionary inputs = {.n = 0}, signatures = {.n = 0};
	struct arena *a = v->env.arena;
	size_t i;

	fprintf(v->out, "HTTP Message Signatures (RFC 9421)\n");
	say(v, "Signature-Input is a dictionary",
	    input != NULL && sfv_parse_dictionary(a, input, strlen(input), &inputs), NULL);
	say(v, "Signature is a dictionary",
	    signature != NULL && sfv_parse_dictionary(a, signature, strlen(signature), &signatures),
	    NULL);
	print_digest(v);
	for (i = 0; i < inputs.n; i++)
		explain_signature(
		    v, &inputs.members[i], sfv_member(&signatures, inputs.members[i].key));
}

static void
explain_webhooks(const struct verify *v)
{
	struct auth_webhook w;
	const char *why = NULL;
	bool all = auth_webhook_headers(&v->request, &w), good;

	fprintf(v->out, "Standard Webhooks\n");
	say(v, "id, timestamp and signature are there", all, NULL);
	if (!all)
		return;
	good = auth_webhook_policy(&w, v->t.now_s, &why);
	say(v, "id and timestamp are as they must be", good, good ? NULL : why);
	print_line(v, "       timestamp: ", w.timestamp, strlen(w.timestamp));
	fprintf(
	    v->out, "       the clock: %" PRId64 ", %d seconds allowed\n", v->t.now_s, AUTH_SKEW_S);
	fprintf(
	    v->out, "       what is signed, before the body of %zu bytes:\n", v->request.body_len);
	print_line(v, "       | ", w.id, strlen(w.id));
	print_line(v, "       | .", w.timestamp, strlen(w.timestamp));
	fprintf(v->out, "       | .\n");
}

static bool
is_caller(const struct verify *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->t.callers->n; i++) {
		if (strcmp(v->t.callers->items[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool
is_made_here(const struct verify *v, const struct auth_token *token)
{
	const struct caller_key *key;
	const struct caller *caller;
	struct auth_walk walk = {0};

	while (auth_walk_next(&v->t, CALLER_TOKEN, token->caller, &walk, &caller, &key)) {
		if (auth_token_is_of(token, key))
			return true;
	}
	return false;
}

/* What is no token may be a secret in its place: it is not shown. */
static void
explain_token(const struct verify *v, const char *text)
{
	struct auth_token token;
	bool good = auth_token_parse(text, &token);

	fprintf(v->out, "a token\n");
	say(v, "it is well-formed", good, NULL);
	if (!good)
		return;
	print_line(v, "       of the route ", token.route, strlen(token.route));
	print_line(v, "       for the caller ", token.caller, strlen(token.caller));
	say(v, "it is of this route", text_equal(token.route, v->t.route), NULL);
	say(v, "its caller is one of the route's", is_caller(v, token.caller), NULL);
	say(v, "its MAC is by that caller's secret", is_made_here(v, &token), NULL);
	fprintf(v->out,
	    "       issued %" PRId64 ", the clock says %" PRId64 ", %d seconds ahead allowed\n",
	    token.issued_s, v->t.now_s, AUTH_SKEW_S);
	say(v, "it was issued by now", token.issued_s <= v->t.now_s + AUTH_SKEW_S, NULL);
	fprintf(v->out, "       expires %" PRId64 ", %d seconds of grace\n", token.expires_s,
	    AUTH_TOKEN_GRACE_S);
	say(v, "it has not expired", v->t.now_s <= token.expires_s + AUTH_TOKEN_GRACE_S, NULL);
}

/* A user that is no caller's name is not shown: as BambooHR has it, it is the secret. */
static void
explain_authorization(const struct verify *v)
{
	const char *header = request_header(&v->request, "authorization");
	char *name, *secret;

	fprintf(v->out, "Authorization\n");
	if (strncasecmp(header, "Bearer ", strlen("Bearer ")) == 0)
		explain_token(v, header + strlen("Bearer "));
	else if (!auth_basic_parse(v->env.arena, &v->request, &name, &secret))
		fprintf(v->out, "       neither Bearer nor a well-formed Basic\n");
	else if (is_caller(v, name))
		print_line(v, "       Basic, for the caller ", name, strlen(name));
	else
		fprintf(v->out, "       Basic, its user no caller's name\n");
}

static void
explain_hris_authorization(const struct verify *v)
{
	fprintf(v->out, "X-Hris-Authorization, which counts before Authorization\n");
	explain_token(v, auth_token_find(&v->request));
}

/* Each caller with the form key has a header of its own. */
static void
explain_keys(const struct verify *v)
{
	const struct caller_key *key;
	const struct caller *c;
	struct auth_blind blind;
	const char *given;
	size_t i, k;
	bool good;

	if (!auth_blind_init(&v->env, &blind))
		return;
	for (i = 0; i < v->t.callers->n; i++) {
		c = &v->t.callers->items[i];
		given =
		    c->keys[CALLER_KEY].n == 0 ? NULL : request_header(&v->request, c->key_header);
		if (given == NULL)
			continue;
		for (k = 0, good = false; k < c->keys[CALLER_KEY].n; k++) {
			key = &c->keys[CALLER_KEY].items[k];
			good = auth_blind_equal(&blind, key, given) || good;
		}
		fprintf(v->out, "%s, of the caller %s\n", c->key_header, c->name);
		say(v, "it holds that caller's secret", good, NULL);
	}
}

static void
explain(const struct verify *v)
{
	static const struct {
		const char *header;
		void (*explain)(const struct verify *v);
	} proofs[] = {
	    {"signature-input", explain_rfc9421},
	    {"webhook-signature", explain_webhooks},
	    {"svix-signature", explain_webhooks},
	    {"authorization", explain_authorization},
	    {"x-hris-authorization", explain_hris_authorization},
	};
	size_t i;

	print_line(v, "request: ", v->request.method, strlen(v->request.method));
	print_line(v, "target:  ", v->request.uri, strlen(v->request.uri));
	print_line(v, "host:    ", v->request.authority, strlen(v->request.authority));
	say(v, "the body is as long as Content-Length says", v->request.body_state == BODY_WHOLE,
	    NULL);
	for (i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (request_header(&v->request, proofs[i].header) != NULL)
			proofs[i].explain(v);
	}
	explain_keys(v);
}

static int64_t
fixed_wall_ms(void *context)
{
	return *(const int64_t *)context * 1000;
}

static bool
random_bytes(void *context, void *out, size_t len)
{
	(void)context;
	return clock_random(&clock_real, out, len);
}

/* The route that the target names after /v1/. */
static const char *
route_of(struct arena *a, const struct request *r)
{
	const char *v1 = strstr(r->uri, "/v1/");

	if (v1 == NULL)
		return "";
	v1 += 4;
	return arena_strndup(a, v1, strcspn(v1, "/?"));
}

static void
remove_state(const char *folder)
{
	static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm"};
	char path[VERIFY_PATH_MAX];
	size_t i;
	int n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (n > 0 && (size_t)n < sizeof(path))
			(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* The steps as lines, as people get them. */
static struct value *
step_lines(struct arena *a, FILE *out)
{
	struct value *list = value_list(a);
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	rewind(out);
	while (list != NULL && (len = getline(&line, &size, out)) > 0) {
		line[len - 1] = '\0';
		if (!value_add(a, list, value_text(a, line)))
			list = NULL;
	}
	free(line);
	return list;
}

static struct value *
text_or_null(struct arena *a, const char *s)
{
	return s == NULL ? value_null(a) : value_text(a, s);
}

static int
print_json(const struct verify *v, bool accepted, const struct auth_who *who)
{
	struct arena *a = v->env.arena;
	struct value *o = value_object(a);
	bool good = value_set(a, o, "accepted", value_bool(a, accepted)) &&
		    value_set(a, o, "reason", text_or_null(a, accepted ? NULL : who->reason)) &&
		    value_set(a, o, "caller", text_or_null(a, accepted ? who->caller : NULL)) &&
		    value_set(a, o, "form", text_or_null(a, who->form)) &&
		    value_set(a, o, "key", text_or_null(a, who->key_id)) &&
		    value_set(a, o, "steps", step_lines(a, v->out));
	int code = cli_json(v->call, good ? o : NULL, false);

	return accepted ? code : CLI_FAILED;
}

static int
give_verdict(struct verify *v)
{
	char folder[] = "/tmp/hrisgw-verify-XXXXXX", why[VERIFY_PATH_MAX];
	struct auth_who who;
	enum gw_err err;

	if (mkdtemp(folder) == NULL)
		return cli_failed(v->call, "no temporary folder");
	v->env.store = store_open(folder, false, why, sizeof(why));
	if (v->env.store == NULL) {
		remove_state(folder);
		return cli_failed(v->call, "%s", why);
	}
	err = auth_check(&v->env, v->t.route, v->auth.callers, &v->request, &who);
	store_close(v->env.store);
	remove_state(folder);
	if (cli_value(v->call, "json") != NULL)
		return print_json(v, err == GW_OK, &who);
	if (err != GW_OK) {
		printf("REFUSED: %s\n", who.reason);
		return CLI_FAILED;
	}
	printf("ACCEPTED: caller %s by %s%s%s, unless its nonce is spent already\n", who.caller,
	    who.form, who.key_id == NULL ? "" : ", key ", who.key_id == NULL ? "" : who.key_id);
	return CLI_OK;
}

static int
verify(struct verify *v, const struct verify_file *file)
{
	const char *route, *why;
	int code;

	if (!cli_verify_read(&v->auth.arena, file, &v->request, &why))
		return cli_failed(v->call, "%s %s", file->path, why);
	code = keyring_options(v->call, &v->auth);
	if (code != CLI_OK)
		return code;
	route = v->auth.route;
	if (route == NULL)
		route = route_of(v->env.arena, &v->request);
	if (route == NULL)
		return cli_failed(v->call, "out of memory");
	auth_try_init(&v->t, &v->env, route, v->auth.callers, &v->request);
	v->out = cli_value(v->call, "json") == NULL ? stdout : tmpfile();
	if (v->out == NULL)
		return cli_failed(v->call, "no temporary file");
	explain(v);
	code = give_verdict(v);
	if (v->out != stdout)
		(void)fclose(v->out);
	return code;
}

static int
run(const struct cli_call *call)
{
	const char *at = cli_value(call, "at"), *scheme = cli_value(call, "scheme");
	const char *subject = cli_value(call, "client-subject");
	struct verify_file file = {.path = call->operands[0],
	    .scheme = scheme == NULL ? "https" : scheme,
	    .subject = subject == NULL ? "" : subject};
	struct verify v = {.call = call, .now_s = clock_wall_s(&clock_real)};
	unsigned long seconds;
	int code;

	if (at != NULL && !text_unsigned(at, 99999999999ul, &seconds))
		return cli_usage(call, "--at takes seconds since 1970");
	if (at != NULL)
		v.now_s = (int64_t)seconds;
	if (strcmp(file.scheme, "https") != 0 && strcmp(file.scheme, "http") != 0)
		return cli_usage(call, "--scheme is https or http");
	v.clock =
	    (struct clock){.wall_ms = fixed_wall_ms, .random = random_bytes, .context = &v.now_s};
	keyring_init(&v.auth);
	v.env = (struct auth_env){.clock = &v.clock,
	    .arena = &v.auth.arena,
	    .bamboohr_basic = cli_value(call, "face") != NULL};
	code = verify(&v, &file);
	keyring_clear(&v.auth);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml"},
    {"route", "NAME", "check against this route's callers"},
    {"key-file", "FILE", "check against this key or secret, instead of --route"},
    {"key-id", "ID", "its id, or for basic and token the caller's name"},
    {"form", "FORM", "of --key-file; both signatures if not given"},
    {"header", "NAME", "of the form key, with --key-file"},
    {"at", "SECONDS", "the time to check for, since 1970; now if not given"},
    {"scheme", "SCHEME", "by which it came; https if not given"},
    {"client-subject", "DN", "of the client certificate"},
    {"json", NULL, "for machines"},
    {"face", NULL, "as the BambooHR face takes Basic: the secret is the user name"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_verify = {
    .name = "verify",
    .operands = "FILE",
    .help = "explain step by step why a captured request is let in, or not",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
