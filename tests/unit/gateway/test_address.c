/* test_address.c: which endpoint and whose route a path names, as each web server hands it over. */
#include "gateway/stages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cgi-bin/endpoints.h"

#include <cmocka.h>

#define FACE   "/api/gateway.php/"
#define HIDDEN "/api/gateway%2Ephp/"

static const struct {
	const char *uri, *info; /* info "": nginx, which sets no PATH_INFO */
	const char *endpoint;   /* NULL: there is no such action */
	const char *route, *rest;
} cases[] = {
    {"/v1/acme/get-balance", "", "get-balance", "acme", NULL},
    {"/v1/acme/get-balance?a=/v1/shop/token", "", "get-balance", "acme", NULL},
    {"/x?/v1/acme/get-balance", "", NULL, "", NULL},
    {"/v1/acme/get-nothing", "", NULL, "acme", NULL},
    {FACE "acme/v1/a%2Fb?q", "", "bamboohr", "acme", "/a%2Fb"},
    {"/x?" FACE "acme/v1/y", "", NULL, "", NULL},
    /* With PATH_INFO, which is decoded; Apache leaves %2F in it. */
    {"/gw/" FACE "acme/v1/a%2fb%20c?q", FACE "acme/v1/a%2fb c", "bamboohr", "acme", "/a%2fb%20c"},
    {"/cgi/x.cgi" FACE "acme/v1/y", FACE "acme/v1/y", "bamboohr", "acme", "/y"},
    {FACE "acme/v1/100%25", FACE "acme/v1/100%", "bamboohr", "acme", "/100%25"},
    /* The rules of a web server are about the path: what else names a route must not count. */
    {HIDDEN "open/v1/x?" FACE "closed/v1/y", FACE "open/v1/x", NULL, "", NULL},
    {HIDDEN "open/v1/x" FACE "closed/v1/y", FACE "open/v1/x" FACE "closed/v1/y", NULL, "", NULL},
    {FACE "open/v1/x" FACE "closed/v1/y", FACE "open/v1/x" FACE "closed/v1/y", "bamboohr", "open",
	"/x" FACE "closed/v1/y"},
    {HIDDEN "open/v1/x", FACE "open/v1/x", NULL, "", NULL},
};

static void
paths(void **state)
{
	static const struct config config = {.base_path = ""};
	struct gateway gateway = {.endpoints = endpoints, .config = &config};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct request request = {.uri = cases[i].uri, .path_info = cases[i].info};
		struct response response;
		struct exchange x = {.gateway = &gateway,
		    .request = &request,
		    .response = &response,
		    .route_name = "",
		    .id = ""};

		arena_init(&x.arena, 1 << 20);
		response_init(&response);
		assert_int_equal(gateway_address(&x), cases[i].endpoint != NULL);
		if (!text_equal(x.endpoint == NULL ? NULL : x.endpoint->name, cases[i].endpoint) ||
		    strcmp(x.route_name, cases[i].route) != 0 || !text_equal(x.rest, cases[i].rest))
			fail_msg("%s: %s, route %s, rest %s", cases[i].uri,
			    x.endpoint == NULL ? "none" : x.endpoint->name, x.route_name,
			    x.rest == NULL ? "none" : x.rest);
		response_clear(&response);
		arena_clear(&x.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(paths)};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
