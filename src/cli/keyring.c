/*
 * keyring.c: routes, callers and keys for the commands about authentication. Of a route file only
 * its callers are read here: a fault elsewhere in it does not matter.
 */
#include "cli/keyring.h"

#include <string.h>

#include "base/text.h"
#include "format/yaml.h"
#include "hris/route.h"

enum { KEYRING_ARENA = 64 * 1024 * 1024 };

void
keyring_init(struct keyring *s)
{
	*s = (struct keyring){.route = NULL};
	arena_init(&s->arena, KEYRING_ARENA);
	faults_init(&s->faults, &s->arena);
}

void
keyring_clear(struct keyring *s)
{
	arena_clear(&s->arena);
}

static bool
route_read(const struct cli_call *call, struct keyring *s, const char *route)
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

int
keyring_route(const struct cli_call *call, struct keyring *s, const char *route)
{
	return route_read(call, s, route) ? CLI_OK : cli_faults(call, &s->faults);
}

/* CALLER_FORM_MAX: no such form. */
static enum caller_form
form_of(const char *name)
{
	size_t f;

	for (f = 0; f < CALLER_FORM_MAX; f++) {
		if (strcmp(caller_form_name((enum caller_form)f), name) == 0)
			break;
	}
	return (enum caller_form)f;
}

int
keyring_form(const struct cli_call *call)
{
	const char *form = cli_value(call, "form");

	if (form != NULL && form_of(form) == CALLER_FORM_MAX)
		return cli_usage(call, "--form is rfc9421, standard-webhooks, token, key or basic");
	return CLI_OK;
}

static bool
file_read(const struct cli_call *call, struct keyring *s, const char *path)
{
	const char *form = cli_value(call, "form"), *id = cli_value(call, "key-id");
	enum caller_form f = form == NULL ? CALLER_RFC9421 : form_of(form);
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
	*caller = (struct caller){.name = keys.items->id, .key_header = cli_value(call, "header")};
	caller->keys[f] = keys;
	if (form == NULL)
		caller->keys[CALLER_WEBHOOKS] = keys;
	*s->callers = (struct callers){.items = caller, .n = 1};
	return true;
}

int
keyring_options(const struct cli_call *call, struct keyring *s)
{
	const char *route = cli_value(call, "route"), *file = cli_value(call, "key-file");

	if ((route == NULL) == (file == NULL))
		return cli_usage(call, "give either --route NAME or --key-file FILE");
	if (keyring_form(call) != CLI_OK)
		return CLI_USAGE;
	if (route != NULL)
		return keyring_route(call, s, route);
	return file_read(call, s, file) ? CLI_OK : cli_faults(call, &s->faults);
}

static const struct caller *
choose_caller(const struct keyring *s, const char *name, const char **why)
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
	return caller_key_counts(key, now_s);
}

bool
keyring_choose(const struct keyring *s, const char *caller, const char *form, const char *key_id,
    int64_t now_s, struct keyring_choice *out, const char **why)
{
	size_t f, k;

	*out = (struct keyring_choice){.caller = choose_caller(s, caller, why)};
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
