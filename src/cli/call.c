/*
 * call.c: `hrisgw call`: calls an action for real. With --dry-run reads are made, and the first
 * write is printed instead of sent; the action goes no further, so its answer is left out.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "adapter/adapter.h"
#include "cgi-bin/endpoints.h"
#include "cli/cli.h"
#include "format/json.h"
#include "server/start.h"

/* The operands after ROUTE and ACTION as members of an object. */
static bool
body_of(const struct cli_call *call, struct buf *body)
{
	const char *equals;
	size_t i;

	buf_putc(body, '{');
	for (i = 2; i < call->n_operands; i++) {
		equals = strchr(call->operands[i], '=');
		if (equals == NULL || equals == call->operands[i])
			return false;
		buf_puts(body, i == 2 ? "" : ",");
		json_string_len(body, call->operands[i], (size_t)(equals - call->operands[i]));
		buf_putc(body, ':');
		json_string(body, equals + 1);
	}
	buf_putc(body, '}');
	return body->err == GW_OK;
}

/* Calls are shown without what proves who calls: the writes of a dry run, or every exchange. */
struct shown {
	struct transport real;
	const struct cli_call *call;
	const struct route *route; /* NULL: none of that name */
	bool json;
	size_t printed;
};

static const char not_shown[] = PROOF_HIDDEN;

/* Less its proofs. NULL: out of memory. */
static const char *
shown_text(const struct shown *d, const struct http_call *c, const char *s, struct arena *a)
{
	struct proofs proofs;

	if (!proofs_of(&proofs, d->route == NULL ? NULL : d->route->adapter,
		d->route == NULL ? NULL : d->route->settings, c, a))
		return NULL;
	return proofs_hide(&proofs, s, SIZE_MAX, a);
}

static const char *
shown_body(const struct shown *d, const struct http_call *c, struct arena *a)
{
	if (c->asks_proof && c->body != NULL)
		return not_shown;
	return shown_text(d, c, c->body_shown != NULL ? c->body_shown : c->body, a);
}

/* The URL, without a query that has a credential in it. */
static const char *
shown_url(const struct shown *d, const struct http_call *c, struct arena *a)
{
	const char *url = c->url;

	if (strlen(url) > c->url_shown)
		url = arena_printf(a, "%.*s%s", (int)(c->url_shown + 1), url, not_shown);
	return shown_text(d, c, url, a);
}

static const char *
shown_header(
    const struct shown *d, const struct http_call *c, const struct http_header *h, struct arena *a)
{
	if (h->secret || strcasecmp(h->name, "Set-Cookie") == 0)
		return not_shown;
	return shown_text(d, c, h->value, a);
}

static const char *
text_of(const char *s)
{
	return s == NULL ? "(out of memory)" : s;
}

static void
dry_print(const struct shown *d, const struct http_call *c, struct arena *a)
{
	const struct http_header *h;

	printf("%s %s\n", http_method_name(c->method), text_of(shown_url(d, c, a)));
	for (h = c->headers; h < c->headers + c->n_headers; h++)
		printf("%s: %s\n", h->name, text_of(shown_header(d, c, h, a)));
	printf("\n%s\n\n", text_of(shown_body(d, c, a)));
}

/* A line for each write. */
static void
dry_print_json(const struct shown *d, const struct http_call *c, struct arena *a)
{
	struct value *o = value_object(a), *headers = value_object(a);
	const struct http_header *h;
	bool good = true;

	for (h = c->headers; h < c->headers + c->n_headers; h++)
		good =
		    good && value_set(a, headers, h->name, value_text(a, shown_header(d, c, h, a)));
	good = good && value_set(a, o, "method", value_text(a, http_method_name(c->method))) &&
	       value_set(a, o, "url", value_text(a, shown_url(d, c, a))) &&
	       value_set(a, o, "headers", headers) &&
	       value_set(a, o, "body", value_text(a, shown_body(d, c, a)));
	(void)cli_json(d->call, good ? o : NULL, false);
}

static void
dry_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	struct shown *d = context;
	size_t i;

	if (n > 0 && !calls[0].write) {
		d->real.send(d->real.context, peer, calls, n, deadline_mono_ms, arena);
		return;
	}
	for (i = 0; i < n; i++) {
		if (d->json)
			dry_print_json(d, &calls[i], arena);
		else
			dry_print(d, &calls[i], arena);
		d->printed++;
		calls[i].fate = HTTP_NOT_SENT;
		calls[i].code = CODE_HRIS_REFUSED;
		calls[i].answer = "";
		calls[i].retry_after_ms = -1;
		(void)snprintf(calls[i].why, sizeof(calls[i].why), "dry run: printed, not sent");
	}
}

/* With a mark before each line; what an HRIS sends cannot steer the terminal. */
static void
loud_text(char mark, const char *s)
{
	if (text_of(s)[0] == '\0')
		return;
	fprintf(stderr, "%c ", mark);
	for (s = text_of(s); *s != '\0'; s++) {
		if (*s == '\n')
			fprintf(stderr, "\n%c ", mark);
		else
			fputc((unsigned char)*s < 0x20 && *s != '\t' ? '?' : *s, stderr);
	}
	fputc('\n', stderr);
}

static void
loud_headers(const struct shown *d, char mark, const struct http_call *c,
    const struct http_header *headers, size_t n, struct arena *a)
{
	size_t i;

	for (i = 0; i < n; i++)
		loud_text(mark, arena_printf(a, "%s: %s", headers[i].name,
				    text_of(shown_header(d, c, &headers[i], a))));
}

static void
loud_call(const struct shown *d, const struct http_call *c, struct arena *a)
{
	loud_text('>',
	    arena_printf(a, "%s %s", http_method_name(c->method), text_of(shown_url(d, c, a))));
	loud_headers(d, '>', c, c->headers, c->n_headers, a);
	loud_text('>', shown_body(d, c, a));
	if (c->fate != HTTP_ANSWERED) {
		loud_text('<', c->why);
	} else {
		loud_text(
		    '<', arena_printf(a, "%d after %lld ms", c->status, (long long)c->took_ms));
		if (c->asks_proof && c->status < 400)
			loud_text('<', not_shown);
		else {
			loud_headers(d, '<', c, c->answer_headers, c->n_answer_headers, a);
			loud_text('<', shown_text(d, c, c->answer, a));
		}
	}
	fputc('\n', stderr);
}

static void
loud_send(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	struct shown *d = context;
	size_t i;

	d->real.send(d->real.context, peer, calls, n, deadline_mono_ms, arena);
	for (i = 0; i < n; i++)
		loud_call(d, &calls[i], arena);
}

/* A line a member; the items of a list follow each other. */
static void
print_text(const struct value *v)
{
	const struct member *m;
	size_t i, j;

	for (i = 0; i < v->n; i++) {
		m = &v->items[i];
		if (value_str(m->value) != NULL) {
			printf("%-20s %s\n", m->name, value_str(m->value));
			continue;
		}
		if (m->value->n == 0)
			continue;
		printf("%-20s", m->name);
		for (j = 0; j < m->value->n; j++)
			printf("%s%s", j == 0 ? " " : ", ", value_str(value_at(m->value, j)));
		printf("\n");
	}
}

static int
print_answer(const struct cli_call *call, const struct response *r)
{
	struct value *v;
	struct arena a;
	char why[160];
	int code = CLI_FAILED;

	arena_init(&a, LIMIT_ARENA);
	v = json_parse(&a, r->body.data, r->body.len, &json_answer, why, sizeof(why));
	if (cli_value(call, "json") != NULL || v == NULL)
		printf("%s\n", r->body.data);
	else
		print_text(v);
	if (r->status == 200 && text_equal(value_get_text(v, "status"), "Complete"))
		code = CLI_OK;
	arena_clear(&a);
	return code;
}

static bool
is_local_write(const struct route *route, const char *action)
{
	return route != NULL && route->local &&
	       (strcmp(action, "insert-timeoff") == 0 || strcmp(action, "update-timeoff") == 0);
}

/* Has an operand before this one the same name? */
static bool
is_twice(const struct cli_call *call, size_t i, size_t len)
{
	size_t j;

	for (j = 2; j < i; j++) {
		if (strcspn(call->operands[j], "=") == len &&
		    strncmp(call->operands[j], call->operands[i], len) == 0)
			return true;
	}
	return false;
}

static int
unknown_action(const struct cli_call *call)
{
	const char *names[CLI_OPTIONS_MAX], *near;
	size_t i, n = 0;

	for (i = 0; endpoints[i] != NULL && n < CLI_OPTIONS_MAX; i++) {
		if (endpoints[i]->input != NULL)
			names[n++] = endpoints[i]->name;
	}
	near = text_nearest(call->operands[1], names, n);
	if (near != NULL)
		return cli_usage(
		    call, "unknown action %s; did you mean %s?", call->operands[1], near);
	return cli_usage(call, "unknown action %s; see hrisgw call --help", call->operands[1]);
}

/* Names that the action does not take: Genesys may send such, a person has mistyped. */
static int
check_inputs(const struct cli_call *call)
{
	const struct endpoint *e = NULL;
	const char *typed;
	char name[64];
	size_t i, j, n, len;

	for (i = 0; endpoints[i] != NULL && e == NULL; i++) {
		if (endpoints[i]->input != NULL &&
		    strcmp(endpoints[i]->name, call->operands[1]) == 0)
			e = endpoints[i];
	}
	if (e == NULL)
		return unknown_action(call);
	for (n = 0; e->input[n].name != NULL; n++)
		continue;
	for (i = 2; i < call->n_operands; i++) {
		typed = call->operands[i];
		len = strcspn(typed, "=");
		for (j = 0; j < n && (strlen(e->input[j].name) != len ||
					 strncmp(e->input[j].name, typed, len) != 0);
		     j++)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, typed);
		if (is_twice(call, i, len))
			return cli_usage(call, "%s is given twice", name);
		if (j == n)
			return cli_unknown(call, "input", name, e->input, sizeof(*e->input), n);
	}
	return CLI_OK;
}

static void
print_inputs(FILE *out)
{
	const struct field *f;
	size_t i;

	fputs("\nactions and their inputs (* is required):\n", out);
	for (i = 0; endpoints[i] != NULL; i++) {
		if (endpoints[i]->input == NULL)
			continue;
		fprintf(out, "  %s\n", endpoints[i]->name);
		for (f = endpoints[i]->input; f->name != NULL; f++)
			fprintf(out, "    %s%s\n", f->name, f->need == REQUIRED ? " *" : "");
	}
}

static int
call_route(const struct cli_call *call, struct gateway *g, const char *body)
{
	const struct route *route = registry_acquire(g->registry, call->operands[0]);
	struct shown dry = {g->transport, call, route, cli_value(call, "json") != NULL, 0};
	struct shown loud = dry;
	struct response response;
	int code;

	if (route == NULL)
		return cli_failed(
		    call, "there is no route %s; hrisgw routes lists them", call->operands[0]);
	if (cli_value(call, "dry-run") != NULL) {
		if (is_local_write(route, call->operands[1])) {
			registry_release(g->registry, route);
			return cli_failed(call,
			    "the local HRIS is not called over HTTP: there is nothing to print, and nothing was written");
		}
		g->transport = (struct transport){.send = dry_send, .context = &dry, .dry = true};
	}
	loud.real = g->transport;
	if (cli_value(call, "verbose") != NULL)
		g->transport = (struct transport){
		    .send = loud_send, .context = &loud, .dry = g->transport.dry};
	response_init(&response);
	gateway_call(g, call->operands[0], call->operands[1], body, &response);
	if (dry.printed == 0)
		code = print_answer(call, &response);
	else {
		code = CLI_OK;
		if (!dry.json)
			printf("dry run: this is the write; it was not sent\n");
	}
	response_clear(&response);
	registry_release(g->registry, route);
	g->transport = dry.real;
	return code;
}

static int
run(const struct cli_call *call)
{
	struct start_options start = {.config_file = cli_value(call, "config"),
	    .program_dir = call->program_dir,
	    .one_shot = true};
	struct gateway *g;
	struct buf body;
	char why[LIMIT_FAILURE_TEXT];
	int code = check_inputs(call);

	if (code != CLI_OK)
		return code;
	buf_init(&body, LIMIT_BODY);
	if (!body_of(call, &body)) {
		buf_clear(&body);
		return cli_usage(
		    call, "name=value was expected after ROUTE and ACTION, 256 kB at most");
	}
	g = gateway_open(&start, why, sizeof(why));
	if (g == NULL)
		code = cli_failed(call, "%s", why);
	else {
		/* Keep the request's log line out of the answer. */
		g->log.level = LOG_ERROR;
		code = call_route(call, g, body.data);
		gateway_close(g);
	}
	buf_clear(&body);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml; else searched beside the program, in ../conf, /etc/hrisgw"},
    {"dry-run", NULL, "make the reads, print the write instead of sending it"},
    {"json", NULL, "the answer as it is sent to Genesys"},
    {"verbose", NULL, "or -v: each exchange with the HRIS on standard error, secrets masked"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_call = {
    .name = "call",
    .operands = "ROUTE ACTION [name=value ...]",
    .help = "call an action, as Genesys would: hrisgw call demo get-balance agentId=4 ...",
    .options = options,
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .as_owner = true,
    .run = run,
    .more = print_inputs,
};
