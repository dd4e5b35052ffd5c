/*
 * cli_key_rotate.c: `hrisgw key rotate ROUTE`: a new key in a file beside the one in use, and what
 * to write in the route file, which stays its owner's to change.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/key.h"
#include "base/clock.h"
#include "base/text.h"

enum { DAY_MAX = 16, ROTATE_TRIES = 26 };

/*
 * Is there a key of that id? Then the next letter. The caller's name is in it, because a signature
 * names its key by the id alone, whichever caller of the route it is.
 */
static const char *
free_name(struct cli_auth *s, const struct cli_auth_choice *c, const char *day, int try)
{
	const struct caller_keys *keys = &c->caller->keys[c->form];
	const char letter[] = {(char)(try == 0 ? '\0' : 'a' + try), '\0'}, *id;
	size_t k;

	id = arena_printf(&s->arena, "%s-%s%s", c->caller->name, day, letter);
	for (k = 0; id != NULL && k < keys->n; k++) {
		if (text_equal(keys->items[k].id, id))
			return NULL;
	}
	return id;
}

/* A key that stands, with what the route file says of it. */
static void
print_key(const struct caller_key *key)
{
	const char *name = strrchr(key->path, '/'), *from, *until;
	char before[KEY_TIME_MAX], after[KEY_TIME_MAX];

	from = cli_key_time(key->not_before_s, NULL, before);
	until = cli_key_time(key->not_after_s, NULL, after);
	printf("        %s: %s", key->id == NULL ? "old" : key->id,
	    from == NULL && until == NULL ? "" : "{file: ");
	if (key->credential)
		printf("credential:%s", name == NULL ? key->path : name + 1);
	else
		printf("file:%s", key->path);
	if (from != NULL)
		printf(", not_before: %s", from);
	if (until != NULL)
		printf(", not_after: %s", until);
	puts(from == NULL && until == NULL ? "" : "}");
}

/* The member of the route file as it should read: the new key first, then those that stand. */
static void
print_line(const struct cli_auth_choice *c, const char *id, const char *path)
{
	static const char *const members[] = {
	    [CALLER_RFC9421] = "keys",
	    [CALLER_WEBHOOKS] = "keys",
	    [CALLER_TOKEN] = "token",
	    [CALLER_KEY] = "secret",
	    [CALLER_BASIC] = "basic",
	};
	const struct caller_keys *keys = &c->caller->keys[c->form];
	size_t k;

	printf("      %s:\n        %s: file:%s\n", members[c->form], id, path);
	for (k = 0; k < keys->n; k++)
		print_key(&keys->items[k]);
}

static int
rotate(const struct cli_call *call, struct cli_auth *s, const struct cli_auth_choice *c)
{
	const char *slash = strrchr(c->key->path, '/'), *id = NULL, *path = NULL;
	enum key_spelling spelling = c->form == CALLER_RFC9421    ? KEY_BASE64
				     : c->form == CALLER_WEBHOOKS ? KEY_WHSEC
								  : KEY_TEXT;
	int folder = slash == NULL ? 0 : (int)(slash - c->key->path) + 1, i;
	time_t now = (time_t)clock_wall_s(&clock_real);
	char day[DAY_MAX];
	struct tm tm;
	struct watch there = {.size = -1};

	if (c->key->credential)
		return cli_failed(call,
		    "credential:%s is systemd's: make a key with `hrisgw key new`, name it in the "
		    "unit by a LoadCredential= of its own, and here beside the one in use",
		    slash == NULL ? c->key->path : slash + 1);
	if (gmtime_r(&now, &tm) == NULL || strftime(day, sizeof(day), "%Y-%m-%d", &tm) == 0)
		return cli_failed(call, "the clock is wrong");
	for (i = 0; i < ROTATE_TRIES; i++) {
		id = free_name(s, c, day, i);
		if (id == NULL)
			continue;
		path = arena_printf(&s->arena, "%.*s%s-%s", folder, c->key->path, s->route, id);
		if (path == NULL || (there = watch_look(path)).size == -1)
			break;
	}
	if (path == NULL || there.size != -1)
		return cli_failed(call, "no free name beside %s", c->key->path);
	if (!cli_key_make(call, path, spelling))
		return CLI_FAILED;
	printf("%s: a new key, mode 0600, of the user who made it\n\n"
	       "1. Write in the file of route %s, caller %s:\n\n",
	    path, s->route, c->caller->name);
	print_line(c, id, path);
	printf(
	    "\n2. Hand the new key to the caller.\n"
	    "3. When `hrisgw key list %s` shows no more use of the old one, take its line away.\n",
	    s->route);
	return CLI_OK;
}

int
cli_key_rotate(const struct cli_call *call)
{
	const char *form = cli_value(call, "form"), *why;
	struct cli_auth_choice choice;
	struct cli_auth s;
	int code;

	if (call->n_operands != 2)
		return cli_usage(call, "key rotate ROUTE");
	if (form != NULL && cli_auth_form(form) == CALLER_FORM_MAX)
		return cli_usage(call, "--form is rfc9421, standard-webhooks, token, key or basic");
	cli_auth_init(&s);
	if (!cli_auth_route(call, &s, call->operands[1]))
		code = cli_auth_faults(call, &s);
	else if (!cli_auth_choose(&s, cli_value(call, "caller"), form, NULL,
		     clock_wall_s(&clock_real), &choice, &why))
		code = cli_failed(call, "%s", why);
	else
		code = rotate(call, &s, &choice);
	cli_auth_clear(&s);
	return code;
}
