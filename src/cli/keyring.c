/*
 * cli_auth.c: routes, callers and keys for the commands about authentication. Of a route file only
 * its callers are read here, so that a fault elsewhere in it is in nobody's way.
 */
#include "cli/keyring.h"

#include <stdio.h>
#include <string.h>

#include "hris/route.h"
#include "base/text.h"
#include "format/yaml.h"

enum { CLI_AUTH_ARENA = 64 * 1024 * 1024 };

void
cli_auth_init(struct cli_auth *s)
{
	*s = (struct cli_auth){.route = NULL};
	arena_init(&s->arena, CLI_AUTH_ARENA);
	faults_init(&s->faults, &s->arena);
}

void
cli_auth_clear(struct cli_auth *s)
{
	arena_clear(&s->arena);
}

int
cli_auth_faults(const struct cli_call *call, const struct cli_auth *s)
{
	size_t i;

	for (i = 0; i < s->faults.n; i++)
		fprintf(stderr, "%s\n", s->faults.texts[i]);
	return s->faults.n > 0 ? CLI_FAILED : cli_failed(call, "out of memory");
}

bool
cli_auth_route(const struct cli_call *call, struct cli_auth *s, const char *route)
{
	const struct value *root;
	struct secrets secrets;
	const char *path;

	if (!route_name_valid(route))
		return fault_at(&s->faults, route, NULL, "a route's name is 1 to 32 of a-z 0-9 -");
	if (!config_load(
		&s->arena, cli_value(call, "config"), call->program_dir, &s->config, &s->faults))
		return false;
	path = arena_printf(&s->arena, "%s/%s.yaml", s->config.routes_dir, route);
	root = path == NULL ? NULL : yaml_read(&s->arena, path, &s->faults);
	if (root == NULL)
		return false;
	secrets_init(&secrets, &s->arena, path, &s->faults);
	s->route = route;
	s->callers =
	    callers_load(&s->arena, path, value_get(root, "callers"), &secrets, &s->faults);
	return s->callers != NULL;
}

enum caller_form
cli_auth_form(const char *name)
{
	size_t f;

	for (f = 0; f < CALLER_FORM_MAX; f++) {
		if (strcmp(caller_form_name((enum caller_form)f), name) == 0)
			break;
	}
	return (enum caller_form)f;
}

bool
cli_auth_file(
    struct cli_auth *s, const char *form, const char *path, const char *id, const char *header)
{
	enum caller_form f = form == NULL ? CALLER_RFC9421 : cli_auth_form(form);
	bool signature = f == CALLER_RFC9421 || f == CALLER_WEBHOOKS;
	struct caller_keys keys = {.n = 1};
	struct caller *caller;

	s->callers = arena_alloc(&s->arena, sizeof(*s->callers));
	caller = arena_alloc(&s->arena, sizeof(*caller));
	keys.items = arena_alloc(&s->arena, sizeof(*keys.items));
	if (s->callers == NULL || caller == NULL || keys.items == NULL)
		return false;
	if (!caller_key_read(&s->arena, path, signature, keys.items, &s->faults))
		return false;
	keys.items->id = id == NULL ? "caller" : id;
	*caller = (struct caller){.name = keys.items->id, .key_header = header};
	caller->keys[f] = keys;
	if (form == NULL)
		caller->keys[CALLER_WEBHOOKS] = keys;
	*s->callers = (struct callers){.items = caller, .n = 1};
	return true;
}

static const struct caller *
choose_caller(const struct cli_auth *s, const char *name, const char **why)
{
	size_t i;

	*why = "the route has several callers: name one with --caller";
	if (name == NULL)
		return s->callers->n == 1 ? &s->callers->items[0] : NULL;
	*why = "the route has no caller of that name; `hrisgw key list` shows them";
	for (i = 0; i < s->callers->n; i++) {
		if (strcmp(s->callers->items[i].name, name) == 0)
			return &s->callers->items[i];
	}
	return NULL;
}

static bool
key_fits(const struct caller_key *key, const char *id, int64_t now_s)
{
	if (id != NULL)
		return text_equal(key->id, id);
	return key->not_before_s <= now_s && now_s <= key->not_after_s;
}

bool
cli_auth_choose(const struct cli_auth *s, const char *caller, const char *form, const char *key_id,
    int64_t now_s, struct cli_auth_choice *out, const char **why)
{
	size_t f, k;

	*out = (struct cli_auth_choice){.caller = choose_caller(s, caller, why)};
	if (out->caller == NULL)
		return false;
	*why = "the caller has no key of that form and id that counts now";
	for (f = 0; f < CALLER_FORM_MAX; f++) {
		if (form != NULL && strcmp(form, caller_form_name((enum caller_form)f)) != 0)
			continue;
		for (k = 0; k < out->caller->keys[f].n; k++) {
			if (!key_fits(&out->caller->keys[f].items[k], key_id, now_s))
				continue;
			out->form = (enum caller_form)f;
			out->key = &out->caller->keys[f].items[k];
			return true;
		}
	}
	return false;
}

void
cli_auth_quote(struct buf *b, const char *s)
{
	buf_putc(b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, *s);
	}
	buf_putc(b, '\'');
}
