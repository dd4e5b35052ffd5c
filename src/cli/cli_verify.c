/*
 * cli_verify.c: `hrisgw verify`: why a captured request is let in, or not. The steps are told for
 * people; the verdict is auth_check's own, with a clock that can be set and a store of spent nonces
 * that is empty, so that a captured request can be tried again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/verify.h"
#include "base/text.h"

enum { VERIFY_PATH_MAX = 256 };

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

/* The route that the target names, behind /v1/. */
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

static int
give_verdict(const struct cli_call *call, const struct verify *v)
{
	char folder[] = "/tmp/hrisgw-verify-XXXXXX", why[VERIFY_PATH_MAX];
	int64_t now_s = v->now_s;
	const struct clock clock = {
	    .wall_ms = fixed_wall_ms, .random = random_bytes, .context = &now_s};
	struct auth_env env = {.clock = &clock,
	    .arena = &v->auth->arena,
	    .bamboohr_basic = cli_value(call, "face") != NULL};
	struct auth_who who;
	enum gw_err err;

	if (mkdtemp(folder) == NULL)
		return cli_failed(call, "no temporary folder");
	env.store = store_open(folder, why, sizeof(why));
	if (env.store == NULL) {
		remove_state(folder);
		return cli_failed(call, "%s", why);
	}
	err = auth_check(&env, v->route, v->auth->callers, v->request, &who);
	store_close(env.store);
	remove_state(folder);
	if (err != GW_OK) {
		printf("REFUSED: %s\n", who.reason);
		return CLI_FAILED;
	}
	printf("ACCEPTED: caller %s by %s%s%s, unless its nonce is spent already\n", who.caller,
	    who.form, who.key_id == NULL ? "" : ", key ", who.key_id == NULL ? "" : who.key_id);
	return CLI_OK;
}

static int
find_callers(const struct cli_call *call, struct verify *v)
{
	const char *route = cli_value(call, "route"), *file = cli_value(call, "key-file");
	const char *form = cli_value(call, "form");

	if ((route == NULL) == (file == NULL))
		return cli_usage(call, "give either --route NAME or --key-file FILE");
	if (form != NULL && cli_auth_form(form) == CALLER_FORM_MAX)
		return cli_usage(call, "--form is rfc9421, standard-webhooks, token, key or basic");
	if (file != NULL && !cli_auth_file(v->auth, form, file, cli_value(call, "key-id"),
				cli_value(call, "header")))
		return cli_auth_faults(call, v->auth);
	if (route != NULL && !cli_auth_route(call, v->auth, route))
		return cli_auth_faults(call, v->auth);
	v->route = route != NULL ? route : route_of(&v->auth->arena, v->request);
	return v->route == NULL ? cli_failed(call, "out of memory") : CLI_OK;
}

static int
verify(const struct cli_call *call, struct verify *v)
{
	int code = find_callers(call, v);

	if (code != CLI_OK)
		return code;
	cli_verify_explain(v);
	return give_verdict(call, v);
}

static int
run(const struct cli_call *call)
{
	const char *at = cli_value(call, "at"), *scheme = cli_value(call, "scheme"), *why;
	const char *subject = cli_value(call, "client-subject");
	struct verify_file file = {.path = call->operands[0],
	    .scheme = scheme == NULL ? "https" : scheme,
	    .subject = subject == NULL ? "" : subject};
	struct cli_auth auth;
	struct request request;
	struct verify v = {.auth = &auth, .request = &request, .now_s = clock_wall_s(&clock_real)};
	unsigned long seconds;
	int code;

	if (at != NULL && !text_unsigned(at, 99999999999ul, &seconds))
		return cli_usage(call, "--at takes seconds since 1970");
	if (at != NULL)
		v.now_s = (int64_t)seconds;
	if (strcmp(file.scheme, "https") != 0 && strcmp(file.scheme, "http") != 0)
		return cli_usage(call, "--scheme is https or http");
	cli_auth_init(&auth);
	if (cli_verify_read(&auth.arena, &file, &request, &why))
		code = verify(call, &v);
	else
		code = cli_failed(call, "%s %s", file.path, why);
	cli_auth_clear(&auth);
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
