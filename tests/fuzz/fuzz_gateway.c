/*
 * fuzz_gateway.c: a whole request, from its line to its answer, by gateway_handle(): the first byte
 * chooses the action, the rest is the body, from a caller of the route. Whatever is sent, the
 * answer is one JSON document with a status that the design knows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-bin/endpoints.h"
#include "format/json.h"

static const char *const actions[] = {"get-agents", "get-timeoff-types", "get-balance",
    "insert-timeoff", "update-timeoff", "token", "nothing"};
enum { N_ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static struct config config;
static struct gateway gateway;
static char folder[64];

static void
no_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	(void)context;
	(void)peer;
	(void)calls;
	(void)n;
	(void)deadline_mono_ms;
	(void)arena;
	abort();
}

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, 0600) != 0)
		abort();
}

static void
remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	(void)!system(command);
}

static void
start(void)
{
	static char routes[96], adapters[96];
	char why[256];

	snprintf(folder, sizeof(folder), "/tmp/hrisgw-fuzz-XXXXXX");
	if (mkdtemp(folder) == NULL)
		abort();
	(void)atexit(remove_folder);
	snprintf(routes, sizeof(routes), "%s/routes.d", folder);
	snprintf(adapters, sizeof(adapters), "%s/adapters", folder);
	if (mkdir(routes, 0700) != 0 || mkdir(adapters, 0700) != 0)
		abort();
	put("secret", "a secret of some length");
	put("routes.d/r.yaml", "adapter: local\ncallers: {c: {basic: file:../secret}}\n");
	config = (struct config){.file = "fuzz",
	    .base_path = "",
	    .state_dir = folder,
	    .routes_dir = routes,
	    .adapters_dir = adapters,
	    .deadline_ms = 1000};
	gateway = (struct gateway){.endpoints = endpoints,
	    .config = &config,
	    .clock = &clock_real,
	    .transport = {.send = no_send},
	    .log = {.fd = -1, .clock = &clock_real}};
	gateway.store = store_open(folder, false, why, sizeof(why));
	gateway.registry = registry_new(&config, &clock_real, &gateway.log);
	if (gateway.store == NULL || gateway.registry == NULL)
		abort();
}

static void
check(const struct response *r)
{
	static const int statuses[] = {200, 400, 401, 404, 405, 413, 415, 429};
	struct arena a;
	char why[160];
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i] == r->status)
			break;
	}
	if (i == sizeof(statuses) / sizeof(statuses[0]))
		abort();
	arena_init(&a, LIMIT_ARENA);
	if (json_parse(&a, r->body.data, r->body.len, &json_answer, why, sizeof(why)) == NULL)
		abort();
	arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* c:a secret of some length */
	struct request_header headers[] = {
	    {"authorization", "Basic YzphIHNlY3JldCBvZiBzb21lIGxlbmd0aA=="},
	    {"content-type", "application/json"}, {"x-fuzz", ""}};
	struct request request = {.method = "POST",
	    .path_info = "",
	    .scheme = "https",
	    .authority = "gw.example",
	    .remote = "192.0.2.1",
	    .client_subject = "",
	    .headers = headers,
	    .n_headers = 3};
	struct response response;
	char uri[128], *body;

	if (folder[0] == '\0')
		start();
	if (size == 0 || size > LIMIT_BODY)
		return 0;
	snprintf(uri, sizeof(uri), "/v1/r/%s", actions[data[0] % N_ACTIONS]);
	if (data[0] >= 0xC0)
		headers[0].name = "x-hris-authorization";
	body = malloc(size);
	if (body == NULL)
		return 0;
	memcpy(body, data + 1, size - 1);
	body[size - 1] = '\0';
	request.uri = uri;
	request.body = body;
	request.body_len = size - 1;
	response_init(&response);
	gateway_handle(&gateway, &request, &response);
	check(&response);
	response_clear(&response);
	free(body);
	return 0;
}
