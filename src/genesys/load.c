/* load.c: see load.h. */
#include "genesys/load.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "format/json.h"

enum { FILE_BYTES_MAX = 8 * 1024 * 1024 };

struct loader {
	const struct rehearsal *h;
	struct loaded *out;
	struct faults *faults;
};

static const char *
read_text(struct loader *l, const char *path, size_t *len)
{
	const char *text =
	    path == NULL ? NULL : text_read_file(l->out->arena, path, FILE_BYTES_MAX, len);

	if (text == NULL)
		(void)fault_at(
		    l->faults, path == NULL ? "a file" : path, NULL, "%s", strerror(errno));
	return text;
}

static bool
load_file(struct loader *l, const char *path)
{
	struct loaded *o = l->out;
	const char *text;
	size_t len;

	if (o->n_actions == LOADED_MAX || o->n_flows == LOADED_MAX)
		return fault_at(l->faults, path, NULL, "more than %d files", LOADED_MAX);
	text = read_text(l, path, &len);
	if (text == NULL)
		return false;
	if (text_ends(path, ".json"))
		return action_load(
		    o->arena, path, text, len, &o->actions[o->n_actions++], l->faults);
	if (text_ends(path, ".i3WorkFlow"))
		return flow_read_export(
		    o->arena, path, text, len, &o->flows[o->n_flows++], l->faults);
	if (text_ends(path, ".yaml"))
		return flow_read_archy(
		    o->arena, path, text, len, &o->flows[o->n_flows++], l->faults);
	return fault_at(l->faults, path, NULL,
	    "a data action (.custom.json) or a workflow (.i3WorkFlow, .yaml) was expected");
}

static const char *
in_dir(struct loader *l, const char *name)
{
	return arena_printf(l->out->arena, "%s/%s", l->h->dir, name);
}

static bool
load_auth(struct loader *l, const char *path)
{
	const char *text;
	size_t len;

	text = read_text(l, path, &len);
	if (text == NULL)
		return false;
	l->out->invoker.auth = &l->out->auth;
	return action_load_auth(l->out->arena, path, text, len, &l->out->auth, l->faults);
}

static bool
load_list(struct loader *l, const struct value *list)
{
	bool good = value_is(list, VALUE_LIST);
	const char *name;
	size_t i;

	for (i = 0; good && i < list->n; i++) {
		name = value_str(value_at(list, i));
		if (name == NULL || name[0] == '/' || strstr(name, "..") != NULL)
			return fault_at(l->faults, "rehearsal.json", NULL,
			    "a file's name below the folder was expected");
		good = load_file(l, in_dir(l, name)) && good;
	}
	return good;
}

static bool
choose(struct loader *l, const char *caller, const char *form)
{
	const struct route *r = l->h->route;

	if (r->callers == NULL)
		return fault_at(l->faults, r->file, NULL, "its callers cannot be read");
	return form_choose(r->callers, caller, form, r->file, &l->out->invoker.choice, l->faults);
}

/* What genesys_export() wrote. */
static bool
load_ours(struct loader *l)
{
	const char *path = in_dir(l, "rehearsal.json"), *text, *route, *url;
	const struct value *root;
	char why[160];
	size_t len;
	bool good;

	text = read_text(l, path, &len);
	if (text == NULL)
		return false;
	root = json_parse(l->out->arena, text, len, &json_answer, why, sizeof(why));
	if (root == NULL)
		return fault_at(l->faults, path, NULL, "%s", why);
	route = value_get_text(root, "route");
	url = value_get_text(root, "url");
	if (!text_equal(route, l->h->route->name) || url == NULL)
		return fault_at(l->faults, path, NULL, "was exported for route %s",
		    route == NULL ? "?" : route);
	if (!choose(l, value_get_text(root, "caller"), value_get_text(root, "form")) ||
	    l->out->invoker.choice.form == NULL)
		return false;
	l->out->invoker.login_url = arena_printf(l->out->arena, "%s/v1/%s/token", url, route);
	if (l->out->invoker.choice.form->auth && !load_auth(l, in_dir(l, "auth.json")))
		return false;
	good = load_list(l, value_get(root, "actions"));
	return load_list(l, value_get(root, "flows")) && good;
}

/* The token endpoint beside the first action. */
static const char *
login_of(struct loader *l)
{
	const struct loaded *o = l->out;
	const char *mark = arena_printf(o->arena, "/v1/%s/", l->h->route->name), *at;

	if (mark == NULL || o->n_actions == 0)
		return NULL;
	at = strstr(o->actions[0].url, mark);
	return at == NULL ? NULL
			  : arena_printf(o->arena, "%.*s%stoken", (int)(at - o->actions[0].url),
				o->actions[0].url, mark);
}

/* What somebody exported from an org: the face's callers use Basic, ours as they are told to. */
static bool
load_theirs(struct loader *l)
{
	const char *form = l->h->form == NULL ? "basic" : l->h->form;
	bool good = choose(l, l->h->caller, form);
	size_t i;

	for (i = 0; i < l->h->n_files; i++)
		good = load_file(l, l->h->files[i]) && good;
	if (!good || l->out->invoker.choice.form == NULL)
		return false;
	l->out->invoker.bamboohr = l->h->route->face != NULL;
	if (!l->out->invoker.choice.form->auth)
		return true;
	l->out->invoker.login_url = login_of(l);
	if (l->out->invoker.login_url == NULL)
		return fault_at(l->faults, l->h->route->file, NULL,
		    "no data action calls /v1/%s/, so where tokens are is not known",
		    l->h->route->name);
	return load_auth(l, arena_printf(l->out->arena, "%s/auth.json", l->h->templates));
}

bool
genesys_load(const struct rehearsal *h, struct loaded *out, struct faults *faults)
{
	struct loader l = {.h = h, .out = out, .faults = faults};

	out->invoker =
	    (struct invoker){.gateway = h->gateway, .route = h->route, .arena = out->arena};
	return h->dir != NULL ? load_ours(&l) : load_theirs(&l);
}

const struct action *
loaded_action(const struct loaded *l, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < l->n_actions; i++) {
		if (strncmp(l->actions[i].name, name, len) == 0 &&
		    (l->actions[i].name[len] == '\0' ||
			text_starts(l->actions[i].name + len, " - Exported ")))
			return &l->actions[i];
	}
	return NULL;
}

const struct flow *
loaded_flow(const struct loaded *l, enum part part)
{
	size_t i;

	for (i = 0; i < l->n_flows; i++) {
		if (verdict_part(&l->flows[i]) == part)
			return &l->flows[i];
	}
	return NULL;
}
