/*
 * export.c: fills the templates for one route. What a template may name is one list, so that it can
 * be read with the template beside it.
 */
#include "genesys/export.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "format/json.h"
#include "genesys/declare.h"
#include "genesys/fill.h"
#include "genesys/flow_text.h"
#include "genesys/form.h"
#include "genesys/handover.h"

enum {
	ACTION_TIMEOUT_MAX_S = 60, /* what Genesys allows */
	ACTION_SLACK_S = 5,        /* past the gateway's own deadline */
	FUNCTION_TIMEOUT_S = 15,   /* what Genesys gives a function */
	ANSWER_SLACK_S = 3,        /* what the way back may take of it */
	VALUES_MAX = 64,
	NAMES_MAX = 8 * 1024
};

struct exporter {
	struct arena *arena;
	struct faults *faults;
	const struct genesys_export *e;
	struct genesys_choice choice;
	struct bundle *bundle;
	/* What every template may name; an action's own come after. */
	struct fill_value values[VALUES_MAX];
	size_t n_values;
};

static bool
memory(struct exporter *x)
{
	return fault_at(x->faults, x->e->route->file, NULL, "out of memory");
}

static bool
set_value(struct exporter *x, const char *name, const char *text, bool block)
{
	if (text == NULL || x->n_values == VALUES_MAX)
		return memory(x);
	x->values[x->n_values++] = (struct fill_value){name, text, block};
	return true;
}

static const char *
read_template(struct exporter *x, const char *name)
{
	const char *path = arena_printf(x->arena, "%s/%s", x->e->templates, name), *text = NULL;
	size_t len;

	if (path != NULL)
		text = text_read_file(x->arena, path, LIMIT_FILE, &len);
	if (text == NULL)
		(void)fault_at(x->faults, path == NULL ? name : path, NULL, "%s", strerror(errno));
	return text;
}

/* The text with what x->values has filled in; NULL with faults. */
static const char *
filled(struct exporter *x, const char *name, const char *text)
{
	const char *done = NULL;
	struct buf b;

	if (text == NULL)
		return NULL;
	buf_init(&b, BUNDLE_FILE_MAX);
	if (fill_text(name, text, x->values, x->n_values, &b, x->faults)) {
		done = arena_strndup(x->arena, b.data, b.len);
		if (done == NULL)
			(void)memory(x);
	}
	buf_clear(&b);
	return done;
}

static const char *
filled_template(struct exporter *x, const char *name)
{
	return filled(x, name, read_template(x, name));
}

static bool
add_file(struct exporter *x, const char *name, const char *text)
{
	if (name == NULL || text == NULL)
		return false;
	return bundle_add(x->bundle, name, text, strlen(text)) || memory(x);
}

static bool
add_template(struct exporter *x, const char *name, const char *template)
{
	return add_file(x, name, filled_template(x, template));
}

static const char *
pretty(struct exporter *x, const struct value *v)
{
	const char *text = NULL;
	struct buf b;

	buf_init(&b, BUNDLE_FILE_MAX);
	if (v != NULL) {
		json_pretty(&b, v);
		while (b.len > 0 && b.data[b.len - 1] == '\n')
			b.data[--b.len] = '\0';
		text = b.err == GW_OK ? arena_strndup(x->arena, b.data, b.len) : NULL;
	}
	buf_clear(&b);
	return text;
}

/* What a data action of this endpoint is made of. */
static bool
set_action(struct exporter *x, const struct genesys_task *task, const struct endpoint *e)
{
	const struct genesys_form *form = x->choice.form;
	const char *url =
	    arena_printf(x->arena, "%s/v1/%s/%s", x->e->url, x->e->route->name, e->name);
	const struct value *output = declare_output(x->arena, e);

	return set_value(x, "task", task->title, false) &&
	       set_value(x, "does", task->does, false) &&
	       set_value(x, "setting", task->setting, false) &&
	       set_value(x, "endpoint", e->name, false) &&
	       set_value(
		   x, "action", genesys_action_name(x->arena, x->e->route->name, e->name), false) &&
	       set_value(x, "flow", genesys_flow_name(x->arena, x->e->route->name, task), false) &&
	       set_value(x, "action_url", form->function ? "" : url, false) &&
	       set_value(x, "input_schema", pretty(x, declare_input(x->arena, e)), true) &&
	       set_value(x, "output_schema", pretty(x, output), true) &&
	       set_value(x, "headers", filled(x, "headers", form->headers), true) &&
	       set_value(x, "body", filled(x, "body", form->body), true);
}

static bool
set_flow(struct exporter *x, const struct endpoint *e)
{
	const struct flow_text t = {.arena = x->arena,
	    .faults = x->faults,
	    .endpoint = e,
	    .output = declare_output(x->arena, e),
	    .variable = read_template(x, "flow-variable.yaml"),
	    .join = read_template(x, "flow-join.yaml")};
	bool writes = flow_text_has(&t, "notes"),
	     changes = flow_text_has(&t, "inputTimeOffRequestId");

	return t.output != NULL && t.variable != NULL && t.join != NULL &&
	       set_value(x, "variables", flow_text_variables(&t), true) &&
	       set_value(x, "state_variables", flow_text_state(&t), true) &&
	       set_value(x, "joins", flow_text_joins(&t), true) &&
	       set_value(x, "inputs", flow_text_inputs(&t), true) &&
	       set_value(x, "outputs", flow_text_outputs(&t), true) &&
	       set_value(x, "notice", flow_text_notice(&t), true) &&
	       set_value(x, "failure_text",
		   writes ? "Not known to be recorded. The call to the gateway failed"
			  : "The call to the gateway failed",
		   true) &&
	       set_value(x, "timeout_text",
		   writes
		       ? "No answer within the time-out. It may have been recorded: look in the HRIS before entering it again."
		       : "No answer within the time-out.",
		   true) &&
	       set_value(x, "keep_id", changes ? read_template(x, "flow-keep-id.yaml") : "", true);
}

static bool
add_task(struct exporter *x, const struct genesys_task *task)
{
	const struct endpoint *e = genesys_task_endpoint(task);
	size_t common = x->n_values;
	bool good;

	good = e != NULL && set_action(x, task, e) &&
	       add_template(x,
		   arena_printf(x->arena, "actions/%s.custom.json",
		       genesys_action_name(x->arena, x->e->route->name, e->name)),
		   "action.custom.json") &&
	       set_flow(x, e) &&
	       add_template(x,
		   arena_printf(x->arena, "flows/%s.yaml",
		       genesys_flow_name(x->arena, x->e->route->name, task)),
		   "flow.yaml");
	x->n_values = common;
	return good;
}

/* One quoted name a line, with commas between them. */
static const char *
list_names(struct exporter *x, const char *before, const char *after, bool flows)
{
	const char *text;
	struct buf b;
	size_t i;

	buf_init(&b, NAMES_MAX);
	for (i = 0; i < GENESYS_TASKS; i++) {
		text = flows ? genesys_flow_name(x->arena, x->e->route->name, &genesys_tasks[i])
			     : genesys_action_name(
				   x->arena, x->e->route->name, genesys_tasks[i].action);
		buf_printf(&b, "%s\"%s%s%s\"", i == 0 ? "" : ",\n", before,
		    text == NULL ? "" : text, after);
	}
	text = b.err == GW_OK ? arena_strdup(x->arena, b.data) : NULL;
	buf_clear(&b);
	return text;
}

/* The id of the caller's first key of that form; without one the caller's own name. */
static const char *
key_id(const struct genesys_choice *c)
{
	const char *id = c->caller->keys[c->form->form].items[0].id;

	return id == NULL ? c->caller->name : id;
}

/* What HANDOVER.md says of a data action's time-out. */
static const char *
timeout_means(struct exporter *x, int64_t timeout)
{
	int64_t deadline = x->e->config->deadline_ms / 1000;

	if (timeout > deadline)
		return "past the gateway's own deadline, so that it is the gateway that says what happened";
	return arena_printf(x->arena,
	    "**not past the gateway's own deadline of %lld seconds**: whoever runs the gateway has to set `deadline` to %lld seconds or less, or Genesys Cloud stops waiting before the gateway knows the outcome",
	    (long long)deadline, (long long)(timeout - ANSWER_SLACK_S));
}

static bool
set_common(struct exporter *x)
{
	const struct route *r = x->e->route;
	const struct genesys_choice *c = &x->choice;
	int64_t timeout = x->e->config->deadline_ms / 1000 + ACTION_SLACK_S;

	if (timeout > ACTION_TIMEOUT_MAX_S)
		timeout = ACTION_TIMEOUT_MAX_S;
	if (c->form->function)
		timeout = FUNCTION_TIMEOUT_S;
	return set_value(x, "route", r->name, false) && set_value(x, "url", x->e->url, false) &&
	       set_value(
		   x, "route_url", arena_printf(x->arena, "%s/v1/%s", x->e->url, r->name), false) &&
	       set_value(x, "login_url",
		   arena_printf(x->arena, "%s/v1/%s/token", x->e->url, r->name), false) &&
	       set_value(x, "caller", c->caller->name, false) &&
	       set_value(x, "form", caller_form_name(c->form->form), false) &&
	       set_value(x, "key_id", key_id(c), false) &&
	       set_value(x, "key_header",
		   c->caller->key_header == NULL ? "" : c->caller->key_header, false) &&
	       set_value(x, "integration",
		   arena_printf(x->arena, "%s %s", c->form->integration, r->name), false) &&
	       set_value(x, "integration_type", c->form->integration_type, false) &&
	       set_value(x, "timeout", arena_printf(x->arena, "%lld", (long long)timeout), false) &&
	       set_value(x, "timeout_means", timeout_means(x, timeout), true) &&
	       set_value(x, "action_names", list_names(x, "", "", false), true) &&
	       set_value(x, "flow_names", list_names(x, "", "", true), true) &&
	       set_value(
		   x, "action_files", list_names(x, "actions/", ".custom.json", false), true) &&
	       set_value(x, "flow_files", list_names(x, "flows/", ".yaml", true), true);
}

static bool
add_terraform(struct exporter *x)
{
	const struct genesys_form *form = x->choice.form;
	const char *credential = arena_printf(x->arena, "terraform/%s.tf", form->credential);
	size_t common = x->n_values;
	bool good;

	good = set_value(x, "providers",
		   form->function ? read_template(x, "terraform/archive-provider") : "", true) &&
	       set_value(x, "function_config",
		   form->function ? read_template(x, "terraform/function-config") : "", true) &&
	       add_template(x, "terraform/actions.tf", "terraform/actions.tf");
	x->n_values = common;
	return good && credential != NULL &&
	       add_template(x, "terraform/integration.tf", credential);
}

static const char *
optional_template(struct exporter *x, bool wanted, const char *name)
{
	return wanted ? filled_template(x, name) : "";
}

static bool
add_handover(struct exporter *x)
{
	const struct handover h = {
	    .arena = x->arena, .route = x->e->route, .url = x->e->url, .choice = &x->choice};
	const struct genesys_form *form = x->choice.form;
	const char *credential = arena_printf(x->arena, "handover-%s.md", form->credential);

	return credential != NULL &&
	       set_value(x, "face_url",
		   arena_printf(x->arena, "%s/api/gateway.php/%s", x->e->url, x->e->route->name),
		   false) &&
	       set_value(x, "blueprint",
		   filled_template(x,
		       x->e->route->face != NULL ? "handover-blueprint.md" : "handover-no-face.md"),
		   true) &&
	       set_value(x, "credential", filled_template(x, credential), true) &&
	       set_value(x, "unconfirmed",
		   optional_template(x, form->function, "handover-function-unconfirmed.md"),
		   true) &&
	       set_value(x, "local", optional_template(x, x->e->route->local, "handover-local.md"),
		   true) &&
	       set_value(x, "terraform_secret", handover_secret(&h), true) &&
	       set_value(x, "values", handover_values(&h), true) &&
	       set_value(x, "contracts", handover_contracts(&h), true) &&
	       set_value(x, "settings", handover_settings(&h), true) &&
	       set_value(x, "test_calls", handover_calls(&h), true) &&
	       add_template(x, "HANDOVER.md", "HANDOVER.md");
}

static bool
add_all(struct exporter *x)
{
	size_t i;

	if (!set_common(x) || !add_template(x, "rehearsal.json", "rehearsal.json"))
		return false;
	for (i = 0; i < GENESYS_TASKS; i++) {
		if (!add_task(x, &genesys_tasks[i]))
			return false;
	}
	if (x->choice.form->auth && !add_template(x, "auth.json", "auth.json"))
		return false;
	if (x->choice.form->function &&
	    !add_file(x, "function/index.js", read_template(x, "../function/index.js")))
		return false;
	return add_terraform(x) && add_handover(x);
}

/* The path that the gateway serves under must be the URL's: nothing else would find it. */
static bool
check_url(const struct genesys_export *e, struct faults *faults)
{
	const char *host = strstr(e->url, "://"), *path;

	if ((!text_starts(e->url, "https://") && !text_starts(e->url, "http://")) ||
	    !fill_is_plain(e->url))
		return fault_at(faults, "--url", NULL,
		    "https://HOST or https://HOST/PATH was expected, of letters, digits and . - _ : /");
	path = host + 3 + strcspn(host + 3, "/");
	if (path == host + 3)
		return fault_at(faults, "--url", NULL, "there is no host in it");
	if (strcmp(path, e->config->base_path) != 0)
		return fault_at(faults, "--url", NULL,
		    "its path is \"%s\", but base_path in %s is \"%s\": they must be the same, without a slash at the end",
		    path, e->config->file, e->config->base_path);
	return true;
}

bool
genesys_export(
    struct arena *a, const struct genesys_export *e, struct bundle *out, struct faults *faults)
{
	struct exporter x = {.arena = a, .faults = faults, .e = e, .bundle = out};
	bool good;

	out->n = 0;
	if (e->route->callers == NULL)
		return fault_at(faults, e->route->file, NULL, "its callers cannot be read");
	if (!check_url(e, faults) ||
	    !form_choose(e->route->callers, e->caller, e->form, e->route->file, &x.choice, faults))
		return false;
	good = add_all(&x);
	/* Memory that was short has left no fault where a text was built out of parts. */
	return good || faults->n > 0 ? good : memory(&x);
}
