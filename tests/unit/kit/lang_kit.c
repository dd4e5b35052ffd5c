/* lang_kit.c: see lang_kit.h. */
#include "tests/unit/kit/lang_kit.h"

#include "format/json.h"
#include "format/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char settings[] = "{\"plain\": {}, \"url\": {}, \"key\": {\"secret\": true},"
			       " \"table\": {\"kind\": \"map\"}, \"none\": {\"kind\": \"map\"}}";
static const char maps[] =
    "{\"m\": {\"a\": \"x\", \"1\": \"one\", \"true\": \"yes\", \"gone\": null},"
    " \"e\": {\"a\": \"x\", \"else\": \"y\"},"
    " \"both\": {\"PENDING\": \"p\", \"APPROVED\": \"a\"}}";

void
lang_open(struct lang *l)
{
	*l = (struct lang){0};
	arena_init(&l->arena, LIMIT_ARENA);
	faults_init(&l->faults, &l->arena);
	l->env = (struct expr_env){
	    .r = {&l->arena, "t.yaml", &l->faults},
	    .settings = lang_json(l, settings),
	    .maps = lang_json(l, maps),
	    .used = &l->uses,
	};
	l->scope = (struct scope){
	    .arena = &l->arena,
	    .failure = &l->failure,
	    .blame = CODE_INPUT_ID,
	    .traits = &l->traits,
	    .day_minutes = 480,
	};
}

void
lang_close(struct lang *l)
{
	arena_clear(&l->arena);
}

struct value *
lang_json(struct lang *l, const char *json)
{
	char why[160] = "";
	struct value *v = json_parse(&l->arena, json, strlen(json), &json_answer, why, sizeof(why));

	if (v == NULL)
		fail_msg("%s is no JSON: %s", json, why);
	return v;
}

struct value *
lang_yaml(struct lang *l, const char *yaml)
{
	struct value *v = yaml_parse(&l->arena, "t.yaml", yaml, strlen(yaml), &l->faults);

	if (v == NULL)
		fail_msg("no YAML: %s", l->faults.n > 0 ? l->faults.texts[0] : yaml);
	return v;
}

const char *
lang_text(struct lang *l, const struct value *v)
{
	const char *s;
	struct buf b;

	if (v == NULL)
		return "(absent)";
	buf_init(&b, LIMIT_TEXT);
	json_value(&b, v);
	s = arena_strdup(&l->arena, b.data);
	buf_clear(&b);
	return s;
}

void
lang_assert_fault(const struct lang *l, const char *name, const char *part)
{
	size_t i;

	for (i = 0; i < l->faults.n; i++) {
		if (strstr(l->faults.texts[i], part) != NULL)
			return;
	}
	for (i = 0; i < l->faults.n; i++)
		print_error("  %s\n", l->faults.texts[i]);
	fail_msg("%s: no fault with \"%s\"", name, part);
}

void
lang_assert_no_fault(const struct lang *l, const char *name)
{
	if (l->faults.n > 0)
		fail_msg("%s: %s", name, l->faults.texts[0]);
}

void
lang_forget(struct lang *l)
{
	faults_init(&l->faults, &l->arena);
	fail_clear(&l->failure);
}
