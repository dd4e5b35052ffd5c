/*
 * blame.c: what an administrator looks at when an HRIS answers 401, 403 or 404: the address called,
 * with names in place of what identifies people, and the settings that decide, with their help.
 * Never the value of a secret.
 */
#include <string.h>

#include "adapter/loader.h"
#include "adapter/run.h"
#include "base/text.h"

enum { BLAME_MAX = 700, BLAME_DEPTH = 4 };

struct blame {
	const struct op *op;
	struct buf text;
	size_t n;
};

/* "${in.agent_id}" is shown as "{agent_id}", without its filters. */
const char *
blame_shown(struct arena *a, const char *request)
{
	static const char *const sources[] = {"in.", "settings."};
	const char *end, *name, *out = NULL;
	struct buf b;
	size_t i, len;

	buf_init(&b, 2 * strlen(request) + 1);
	while ((name = strstr(request, "${")) != NULL && (end = strchr(name, '}')) != NULL) {
		buf_put(&b, request, (size_t)(name - request));
		request = end + 1;
		name += strlen("${");
		name += strspn(name, " ");
		for (i = 0; i < ARRAY_LEN(sources); i++)
			name += text_starts(name, sources[i]) ? strlen(sources[i]) : 0;
		len = strcspn(name, " |}");
		buf_putc(&b, '{');
		buf_put(&b, name, len);
		buf_putc(&b, '}');
	}
	buf_puts(&b, request);
	if (b.err == GW_OK)
		out = arena_strndup(a, b.data, b.len);
	buf_clear(&b);
	return out;
}

static void
blame_setting(struct blame *b, const char *name)
{
	const struct value *declared = value_get(b->op->adapter->settings, name);
	const char *help = value_get_text(declared, "help");

	if (declared == NULL)
		return;
	buf_puts(&b->text, b->n++ == 0 ? "" : ", ");
	buf_puts(&b->text, name);
	if (!text_is_empty(help))
		buf_printf(&b->text, " (%s)", help);
}

static void
blame_names(struct blame *b, const struct value *names)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		blame_setting(b, value_str(value_at(names, i)));
}

enum gw_err
blame_credentials(const struct op *op, const struct step *s)
{
	struct failure *failure = op->hris->failure;
	struct blame b = {.op = op};
	const char *text;

	if (failure->code != CODE_HRIS_CREDENTIALS || s->auth == NULL || s->auth->settings->n == 0)
		return failure->err;
	buf_init(&b.text, BLAME_MAX);
	blame_names(&b, s->auth->settings);
	text = arena_strdup(op->hris->arena, failure->text);
	if (text != NULL && b.text.err == GW_OK) {
		fail_clear(failure);
		(void)fail(failure, CODE_HRIS_CREDENTIALS, "%s; correct the route's settings: %s",
		    text, b.text.data);
	}
	buf_clear(&b.text);
	return failure->err;
}

/* The settings that a template names, and those that their defaults name. */
static void
blame_template(struct blame *b, const char *text, int depth)
{
	static const char before[] = "${settings.";
	const char *name, *declared;
	struct arena *a = b->op->hris->arena;
	size_t len;

	for (; depth > 0 && (text = strstr(text, before)) != NULL; text += len) {
		text += strlen(before);
		len = strcspn(text, " |}.[");
		name = arena_strndup(a, text, len);
		if (name == NULL)
			return;
		blame_setting(b, name);
		declared = value_get_text(value_get(b->op->adapter->settings, name), "default");
		if (declared != NULL)
			blame_template(b, declared, depth - 1);
	}
}

static void
blame_address(struct blame *b, const struct step *s, const struct scope *scope)
{
	const struct template *t = s->base_url != NULL ? s->base_url : b->op->adapter->base_url;
	const char *path = strchr(s->shown, '/'), *base = NULL;
	struct failure ignored = {.err = GW_OK};
	struct scope quiet = *scope;
	size_t len;

	quiet.failure = &ignored;
	if (path == NULL || t == NULL || template_text(t, &quiet, &base) != GW_OK || base == NULL)
		return;
	len = strlen(base);
	while (len > 0 && base[len - 1] == '/')
		len--;
	buf_puts(&b->text, "; called ");
	buf_put(&b->text, base, len);
	buf_puts(&b->text, path);
}

const char *
blame_answer(
    const struct op *op, const struct step *s, const struct scope *scope, enum failure_class class)
{
	const struct template *base = s->base_url != NULL ? s->base_url : op->adapter->base_url;
	const struct value *names = s->auth == NULL ? NULL : s->auth->settings;
	struct blame b = {.op = op};
	const char *out;

	if (class != CLASS_CREDENTIALS && class != CLASS_FORBIDDEN && class != CLASS_NOT_FOUND)
		return "";
	buf_init(&b.text, BLAME_MAX);
	blame_address(&b, s, scope);
	if (class == CLASS_NOT_FOUND && base != NULL) {
		buf_puts(&b.text, "; if the ids are right, look at ");
		blame_template(&b, template_source(base), BLAME_DEPTH);
	} else if (class == CLASS_FORBIDDEN && names != NULL && names->n > 0) {
		buf_puts(&b.text, "; look at the rights of ");
		blame_names(&b, names);
	}
	out = b.text.err == GW_OK ? arena_strndup(scope->arena, b.text.data, b.text.len) : NULL;
	buf_clear(&b.text);
	return out == NULL ? "" : out;
}
