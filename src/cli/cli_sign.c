/*
 * cli_sign.c: `hrisgw sign`: a request in any form that a caller may send, as a curl command. A key
 * that makes a MAC is never shown; a secret that is sent itself goes from its file to curl by a
 * pipe, so that it stands neither in the command nor among the processes.
 */
#include <stdio.h>
#include <string.h>

#include "cli/sign.h"
#include "base/clock.h"
#include "base/text.h"
#include "format/url.h"

/* What the URL says: scheme, authority, target, and the route where it has one. */
static bool
read_url(struct sign *s)
{
	struct arena *a = &s->auth.arena;
	const char *host, *path, *v1, *end;
	struct buf origin;
	bool ok;

	buf_init(&origin, SIGN_TEXT_MAX);
	ok = url_origin(s->url, &origin) && strchr(s->url, '#') == NULL;
	buf_clear(&origin);
	if (!ok)
		return false;
	host = strstr(s->url, "://") + 3;
	path = host + strcspn(host, "/?");
	s->request.scheme = arena_strndup(a, s->url, (size_t)(host - 3 - s->url));
	s->request.authority = arena_strndup(a, host, (size_t)(path - host));
	s->request.uri = *path == '/' ? path : arena_printf(a, "/%s", path);
	if (s->request.scheme == NULL || s->request.authority == NULL || s->request.uri == NULL)
		return false;
	v1 = strstr(s->request.uri, "/v1/");
	if (s->route == NULL && v1 != NULL) {
		end = v1 + 4 + strcspn(v1 + 4, "/?");
		s->route = arena_strndup(a, v1 + 4, (size_t)(end - v1 - 4));
	}
	return true;
}

/* --data: text, or @FILE. An action without data gets an empty object. */
static bool
read_data(struct sign *s)
{
	const char *data = cli_value(s->call, "data");

	if (data == NULL)
		data = strcmp(s->method, "GET") == 0 ? "" : "{}";
	s->data_word = data;
	s->request.body = data;
	s->request.body_len = strlen(data);
	s->request.body_state = BODY_WHOLE;
	s->request.method = s->method;
	if (*data != '@')
		return true;
	s->request.body =
	    text_read_file(&s->auth.arena, data + 1, LIMIT_BODY, &s->request.body_len);
	if (s->request.body == NULL)
		(void)cli_failed(
		    s->call, "%s cannot be read, or is longer than %d bytes", data + 1, LIMIT_BODY);
	return s->request.body != NULL;
}

static int
find_key(struct sign *s)
{
	const struct cli_call *call = s->call;
	const char *route = cli_value(call, "route"), *file = cli_value(call, "key-file");
	const char *form = cli_value(call, "form"), *id = cli_value(call, "key-id"), *why;

	if (form != NULL && cli_auth_form(form) == CALLER_FORM_MAX)
		return cli_usage(call, "--form is rfc9421, standard-webhooks, token, key or basic");
	if ((route == NULL) == (file == NULL))
		return cli_usage(call, "give either --route NAME or --key-file FILE");
	if (file != NULL && form == NULL)
		return cli_usage(call, "--key-file needs --form");
	if (file != NULL && !cli_auth_file(&s->auth, form, file, id, cli_value(call, "header")))
		return cli_auth_faults(call, &s->auth);
	if (route != NULL && !cli_auth_route(call, &s->auth, route))
		return cli_auth_faults(call, &s->auth);
	s->route = route;
	if (!cli_auth_choose(
		&s->auth, cli_value(call, "caller"), form, id, s->now_s, &s->choice, &why))
		return cli_failed(call, "%s", why);
	return CLI_OK;
}

static const char *
make_url(struct sign *s)
{
	const char *action = cli_value(s->call, "action"), *base = cli_value(s->call, "base");

	if (cli_value(s->call, "url") != NULL)
		return cli_value(s->call, "url");
	if (cli_value(s->call, "route") == NULL || action == NULL)
		return NULL;
	return arena_printf(&s->auth.arena, "%s%s/v1/%s/%s",
	    base == NULL ? "http://localhost" : base, s->auth.config.base_path, s->route, action);
}

static int
print_command(struct sign *s)
{
	buf_puts(&s->out, "curl -sS -X ");
	cli_auth_quote(&s->out, s->method);
	buf_putc(&s->out, ' ');
	cli_auth_quote(&s->out, s->url);
	if (*s->data_word != '\0') {
		cli_sign_header(s, "Content-Type", "application/json");
		buf_puts(&s->out, " \\\n  --data-binary ");
		cli_auth_quote(&s->out, s->data_word);
	}
	if (!cli_sign_form(s))
		return cli_failed(s->call, "the request cannot be signed");
	puts(s->out.data);
	return CLI_OK;
}

static int
run(const struct cli_call *call)
{
	struct sign s = {.call = call, .now_s = clock_wall_s(&clock_real)};
	int code;

	cli_auth_init(&s.auth);
	buf_init(&s.out, SIGN_TEXT_MAX);
	s.method = cli_value(call, "method") == NULL ? "POST" : cli_value(call, "method");
	code = find_key(&s);
	if (code == CLI_OK) {
		s.url = make_url(&s);
		if (s.url == NULL)
			code =
			    cli_usage(call, "give --url URL, or --route NAME and --action ACTION");
		else if (!read_url(&s))
			code = cli_usage(call, "--url is http:// or https://, a host, and a path");
		else if (!read_data(&s))
			code = CLI_FAILED;
		else
			code = print_command(&s);
	}
	buf_clear(&s.out);
	cli_auth_clear(&s.auth);
	return code;
}

static const struct cli_option options[] = {
    {"config", "FILE", "hrisgw.yaml"},
    {"route", "NAME", "take key and address from this route's file"},
    {"caller", "NAME", "which of the route's callers; the only one if not given"},
    {"action", "NAME", "which action of the route, like get-balance"},
    {"base", "URL", "where the gateway is, with --route; http://localhost if not given"},
    {"form", "FORM", "rfc9421, standard-webhooks, token, key or basic"},
    {"key-file", "FILE", "the key or secret, instead of --route"},
    {"key-id", "ID", "which key; with --key-file its id, or the caller's name"},
    {"header", "NAME", "of the form key, with --key-file"},
    {"url", "URL", "the whole address, instead of --action"},
    {"method", "METHOD", "POST if not given"},
    {"data", "TEXT|@FILE", "the body; {} if not given"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_sign = {
    .name = "sign",
    .operands = "",
    .help = "print a ready curl command for a request in any form that callers may use",
    .options = options,
    .operands_max = 0,
    .run = run,
};
