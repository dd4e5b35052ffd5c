/*
 * fuzz_authorization.c: any Authorization, key header and webhook headers, and any request to the
 * token endpoint: none of them knows a secret, so none is let in, and every answer is one of the
 * endpoint's.
 *	parts, by NUL: Authorization, X-Api-Key, webhook-id, -timestamp, -signature, Content-Type,
 *	target, body
 */
#include "auth_fuzz.h"

#include "cgi-bin/endpoints.h"

static void
fuzz_endpoint(struct arena *a, const struct callers *callers, const struct request *r)
{
	const struct route route = {
	    .name = "acme", .callers = (struct callers *)callers, .token_ttl_s = 3600};
	struct gateway gateway = {.clock = &fuzz_clock};
	struct response response;
	struct exchange x = {.gateway = &gateway,
	    .request = r,
	    .response = &response,
	    .arena = *a,
	    .route_name = "acme",
	    .route = callers == NULL ? NULL : &route};

	response_init(&response);
	token_endpoint.serve(&x);
	*a = x.arena;
	fuzz_check(response.status == 400 || response.status == 401);
	fuzz_check(response.body.err == GW_OK && response.body.len > 0 && x.who.caller == NULL);
	response_clear(&response);
}

static void
run(struct arena *a, const char *const *parts, bool face)
{
	struct caller_key token = fuzz_key(NULL, FUZZ_SECRET "\x01"),
			  basic = fuzz_key("b", "p\x02");
	struct caller_key key = fuzz_key(NULL, "k\x03"), hook = fuzz_key("w", FUZZ_KEY);
	struct caller caller = {.name = "c",
	    .key_header = "x-api-key",
	    .keys = {[CALLER_TOKEN] = {&token, 1},
		[CALLER_BASIC] = {&basic, 1},
		[CALLER_KEY] = {&key, 1},
		[CALLER_WEBHOOKS] = {&hook, 1}}};
	const struct callers callers = {.items = &caller, .n = 1};
	const struct auth_env env = {.clock = &fuzz_clock, .arena = a, .bamboohr_basic = face};
	const struct request_header headers[] = {{"authorization", parts[0]},
	    {"x-api-key", parts[1]}, {"webhook-id", parts[2]}, {"webhook-timestamp", parts[3]},
	    {"webhook-signature", parts[4]}, {"content-type", parts[5]}};
	const struct request r = {.method = "POST",
	    .uri = parts[6],
	    .path_info = "",
	    .scheme = "https",
	    .authority = "h",
	    .remote = "192.0.2.1",
	    .client_subject = "",
	    .headers = headers,
	    .n_headers = 6,
	    .body = parts[7],
	    .body_len = strlen(parts[7])};
	struct auth_who who;

	/*
	 * The secrets hold control characters, so that no input can hold them by way of Basic or
	 * form.
	 */
	if (strcmp(parts[1], "k\x03") != 0)
		fuzz_check(auth_check(&env, "acme", &callers, &r, &who) == GW_EAUTH);
	/* Now and then only: it is slow, and nothing of the input decides it. */
	if (r.body_len % 16 == 0)
		fuzz_check(auth_check(&env, "acme", NULL, &r, &who) == GW_EAUTH);
	if (strstr(parts[7], "%01") == NULL && strchr(parts[7], 1) == NULL)
		fuzz_endpoint(a, &callers, &r);
	else
		fuzz_endpoint(a, NULL, &r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *parts[FUZZ_PARTS];
	struct arena a;

	if (size == 0)
		return 0;
	arena_init(&a, FUZZ_ARENA);
	fuzz_cut(&a, data + 1, size - 1, parts, FUZZ_PARTS);
	run(&a, parts, (data[0] & 1) != 0);
	arena_clear(&a);
	return 0;
}
