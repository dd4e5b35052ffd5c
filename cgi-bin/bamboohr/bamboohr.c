/*
 * bamboohr.c: the BambooHR face: the calls that BambooHR's data actions and adapters make,
 * answered from the HRIS of the route, whatever it is. BambooHR answers in XML unless JSON is asked
 * for; the face always answers and takes JSON. It stores nothing: what has no source in the HRIS is
 * left out of an answer.
 */
#include <string.h>

#include "base/text.h"
#include "cgi-bin/bamboohr/face.h"
#include "cgi-bin/endpoints.h"

static const struct {
	const char *method, *path;
	enum gw_err (*run)(struct bamboohr_call *c);
} calls[] = {
    {"GET", "/employees/directory", bamboohr_directory},
    {"GET", "/meta/time_off/types", bamboohr_types},
    {"GET", "/employees/*/time_off/calculator", bamboohr_calculator},
    {"PUT", "/employees/*/time_off/request", bamboohr_write_request},
    {"GET", "/time_off/requests", bamboohr_requests},
    {"PUT", "/time_off/requests/*/status", bamboohr_write_status},
};

/* What keeps the request from being read: a failure known already, or the way it was sent. */
static enum gw_err
precheck(struct bamboohr_call *c)
{
	struct hris *h = c->h;

	if (h->failure->err != GW_OK)
		return h->failure->err;
	if (h->route->broken)
		return fail(h->failure, CODE_ROUTE_BROKEN, "the route has a fault: %s",
		    h->route->broken_why == NULL ? "" : h->route->broken_why);
	if (c->request->body_state == BODY_WRONG_LENGTH)
		return fail(h->failure, CODE_INPUT_BODY,
		    "the body is shorter or longer than Content-Length says");
	return bamboohr_query(c);
}

static const char *
call_of(const char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(calls); i++) {
		if (bamboohr_path(NULL, path, calls[i].path, NULL) == GW_OK)
			return calls[i].path;
	}
	return NULL;
}

void
bamboohr_handle(
    struct hris *h, const struct request *request, const char *path, struct response *response)
{
	struct bamboohr_call c = {.h = h, .request = request, .response = response};
	enum gw_err err = GW_ENOTFOUND;
	size_t i, n = ARRAY_LEN(calls);

	if (request->body_state == BODY_TOO_LARGE) {
		bamboohr_answer_error(&c, 413, "the body is too large");
		return;
	}
	for (i = 0; i < n; i++) {
		err = bamboohr_path(h, path, calls[i].path, &c.id);
		if (err != GW_ENOTFOUND)
			break;
	}
	if (i == n) {
		bamboohr_answer_error(&c, 404, "there is no such resource");
		return;
	}
	if (err == GW_OK && strcmp(request->method, calls[i].method) != 0) {
		response_header(response, "Allow", calls[i].method);
		bamboohr_answer_error(&c, 405, "that method is not for this resource");
		return;
	}
	if (err == GW_OK)
		err = precheck(&c);
	if (err == GW_OK)
		err = calls[i].run(&c);
	if (err != GW_OK)
		bamboohr_answer_failure(&c);
}

/* A failure so far is answered by the face, in BambooHR's way. */
static void
serve(struct exchange *x)
{
	(void)gateway_open_hris(x);
	bamboohr_handle(&x->hris, x->request, x->rest, x->response);
}

const struct endpoint bamboohr_endpoint = {
    .name = "bamboohr",
    .prefix = "/api/gateway.php/",
    .call_of = call_of,
    .serve = serve,
};
