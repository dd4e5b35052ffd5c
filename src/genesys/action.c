/*
 * action.c: see action.h. Limits: Genesys Cloud Resource Center, "Add contracts to custom actions"
 * and "Add configuration to custom actions" (as of 2026-11); RequestConfig and ActionConfig of
 * platform-client-sdk-python 257.1.0 (2026-05-14).
 */
#include "genesys/action.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "format/json.h"
#include "format/jsonpath.h"

enum { TIMEOUT_DEFAULT_S = 60, TIMEOUT_MAX_S = 60, NAME_BYTES_MAX = 256 };

struct loading {
	struct arena *arena;
	struct faults *faults;
	const char *file;
	struct action *action;
};

static bool
is_one_of(const char *s, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; s != NULL && i < n; i++) {
		if (strcmp(words[i], s) == 0)
			return true;
	}
	return false;
}

/* Members that Genesys does not know would be lost on import. */
static bool
known_members(struct loading *l, const struct value *object, const char *what,
    const char *const *names, size_t n)
{
	size_t i;

	if (!value_is(object, VALUE_OBJECT))
		return fault_at(l->faults, l->file, NULL, "%s is not there, or is no object", what);
	for (i = 0; i < object->n; i++) {
		if (!is_one_of(object->items[i].name, names, n))
			return fault_at(l->faults, l->file, NULL, "%s: unknown member \"%s\"", what,
			    object->items[i].name);
	}
	return true;
}

#define KNOWN(l, object, what, ...)                                        \
	known_members(l, object, what, (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const char *
text_of(const struct value *object, const char *name)
{
	const char *text = value_get_text(object, name);

	return text == NULL ? "" : text;
}

static bool
load_headers(struct loading *l)
{
	const struct member *m;
	bool good = true;
	size_t i;

	if (!value_is(l->action->headers, VALUE_OBJECT))
		return fault_at(l->faults, l->file, NULL, "headers are no object");
	for (i = 0; i < l->action->headers->n; i++) {
		m = &l->action->headers->items[i];
		if (!text_is_token(m->name, strlen(m->name)) || m->value->kind != VALUE_TEXT)
			good = fault_at(l->faults, l->file, NULL,
			    "header \"%s\": a name and a text were expected", m->name);
		else if (strcasecmp(m->name, "accept") == 0 &&
			 strstr(m->value->text, "json") == NULL)
			good = fault_at(l->faults, l->file, NULL,
			    "header Accept: Genesys takes JSON types alone");
	}
	return good;
}

static bool
load_request(struct loading *l, const struct value *request)
{
	static const char *const methods[] = {"GET", "PUT", "POST", "PATCH", "DELETE"};
	struct action *a = l->action;

	if (!KNOWN(l, request, "config.request", "requestUrlTemplate", "requestType", "headers",
		"requestTemplate", "requestTemplateUri"))
		return false;
	a->url = text_of(request, "requestUrlTemplate");
	a->method = text_of(request, "requestType");
	a->body = text_of(request, "requestTemplate");
	a->headers = value_get(request, "headers");
	if (a->headers == NULL)
		a->headers = value_object(l->arena);
	if (!is_one_of(a->method, methods, ARRAY_LEN(methods)))
		return fault_at(
		    l->faults, l->file, NULL, "requestType is GET, PUT, POST, PATCH or DELETE");
	return load_headers(l);
}

static bool
load_response(struct loading *l, const struct value *response)
{
	const struct member *m;
	struct action *a = l->action;
	char why[160];
	size_t i;

	if (!KNOWN(l, response, "config.response", "translationMap", "translationMapDefaults",
		"successTemplate", "successTemplateUri"))
		return false;
	a->map = value_get(response, "translationMap");
	a->defaults = value_get(response, "translationMapDefaults");
	a->success = text_of(response, "successTemplate");
	for (i = 0; value_is(a->map, VALUE_OBJECT) && i < a->map->n; i++) {
		m = &a->map->items[i];
		if (m->value->kind != VALUE_TEXT ||
		    jsonpath_compile(l->arena, m->value->text, m->value->len, false, NULL, why,
			sizeof(why)) == NULL)
			return fault_at(l->faults, l->file, NULL,
			    "translationMap.%s is no JSONPath that is played", m->name);
	}
	return true;
}

/* One flat object: Genesys takes neither nested objects nor lists. */
static bool
check_input(struct loading *l)
{
	static const char *const scalars[] = {"string", "integer", "number", "boolean", "null"};
	static const char *const reserved[] = {"orgId", "integrationId", "rawRequest"};
	const struct value *properties = value_get(l->action->input, "properties");
	const struct member *m;
	bool good = true;
	size_t i;

	for (i = 0; properties != NULL && i < properties->n; i++) {
		m = &properties->items[i];
		if (!is_one_of(value_get_text(m->value, "type"), scalars, ARRAY_LEN(scalars)))
			good = fault_at(l->faults, l->file, NULL,
			    "input %s: Genesys takes string, integer, number, boolean and null alone",
			    m->name);
		if (is_one_of(m->name, reserved, ARRAY_LEN(reserved)))
			good = fault_at(
			    l->faults, l->file, NULL, "input %s: Genesys keeps this name", m->name);
		if (!text_is_alpha(m->name[0]) ||
		    m->name[strspn(m->name,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] !=
			'\0')
			good = fault_at(l->faults, l->file, NULL,
			    "input %s: a name begins with a letter and has letters, digits, - and _",
			    m->name);
	}
	return good;
}

/* No list of lists. */
static bool
check_output(struct loading *l)
{
	const struct value *properties = value_get(l->action->output, "properties"), *items;
	bool good = true;
	size_t i;

	for (i = 0; properties != NULL && i < properties->n; i++) {
		items = value_get(value_at(properties, i), "items");
		if (text_equal(value_get_text(items, "type"), "array"))
			good = fault_at(l->faults, l->file, NULL,
			    "output %s: Genesys takes no lists in lists",
			    properties->items[i].name);
	}
	return good;
}

static bool
load_contract(struct loading *l, const struct value *contract)
{
	struct action *a = l->action;
	bool good;

	a->input = value_get(value_get(contract, "input"), "inputSchema");
	a->output = value_get(value_get(contract, "output"), "successSchema");
	if (!KNOWN(l, contract, "contract", "input", "output") ||
	    !value_is(a->input, VALUE_OBJECT) || !value_is(a->output, VALUE_OBJECT))
		return fault_at(l->faults, l->file, NULL,
		    "contract.input.inputSchema and contract.output.successSchema are objects");
	good = check_input(l);
	return check_output(l) && good;
}

static bool
load_timeout(struct loading *l, const struct value *config)
{
	const struct value *at = value_get(config, "timeoutSeconds");
	unsigned long seconds = TIMEOUT_DEFAULT_S;

	if (at != NULL && (at->kind != VALUE_NUMBER ||
			      !text_unsigned(at->text, TIMEOUT_MAX_S, &seconds) || seconds == 0))
		return fault_at(
		    l->faults, l->file, NULL, "timeoutSeconds is 1 to %d", TIMEOUT_MAX_S);
	l->action->timeout_s = (long)seconds;
	return true;
}

static bool
load_config(struct loading *l, const struct value *root)
{
	const struct value *config = value_get(root, "config");
	bool good = KNOWN(l, config, "config", "timeoutSeconds", "request", "response");

	if (!good)
		return false;
	good = load_timeout(l, config);
	good = load_request(l, value_get(config, "request")) && good;
	return load_response(l, value_get(config, "response")) && good;
}

static const struct value *
load_root(struct loading *l, const char *text, size_t len)
{
	const struct value *root;
	char why[160];

	root = json_parse(l->arena, text, len, &json_answer, why, sizeof(why));
	if (root == NULL)
		(void)fault_at(l->faults, l->file, NULL, "%s", why);
	return root;
}

bool
action_load_auth(struct arena *a, const char *file, const char *text, size_t len,
    struct action *out, struct faults *faults)
{
	struct loading l = {a, faults, file, out};
	const struct value *root;

	*out = (struct action){.name = "the custom auth action", .file = file};
	root = load_root(&l, text, len);
	return root != NULL && KNOWN(&l, root, "the file", "config") && load_config(&l, root);
}

bool
action_load(struct arena *a, const char *file, const char *text, size_t len, struct action *out,
    struct faults *faults)
{
	static const char *const types[] = {"custom-rest-actions", "function-data-actions"};
	struct loading l = {a, faults, file, out};
	const struct value *root;
	bool good;

	*out = (struct action){.file = file};
	root = load_root(&l, text, len);
	if (root == NULL || !KNOWN(&l, root, "the file", "name", "integrationType", "actionType",
				"config", "contract", "secure"))
		return false;
	out->name = text_of(root, "name");
	out->function = text_equal(value_get_text(root, "integrationType"), types[1]);
	good = load_config(&l, root);
	good = load_contract(&l, value_get(root, "contract")) && good;
	if (out->name[0] == '\0' || strlen(out->name) > NAME_BYTES_MAX)
		good = fault_at(faults, file, NULL, "name has 1 to %d bytes", NAME_BYTES_MAX);
	if (!is_one_of(value_get_text(root, "integrationType"), types, ARRAY_LEN(types)) ||
	    !text_equal(value_get_text(root, "actionType"), "custom"))
		good = fault_at(faults, file, NULL,
		    "integrationType %s with actionType %s is not played",
		    text_of(root, "integrationType"), text_of(root, "actionType"));
	return good;
}
