/* test_action.c: what Genesys Cloud would refuse in a data action; flattening of outputs. */
#include "genesys/action.h"

#include "base/text.h"
#include "format/json.h"
#include "genesys/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ACTION(config_more, headers, input, output, more)                                  \
	"{\"name\": \"a\", \"integrationType\": \"custom-rest-actions\","                  \
	" \"actionType\": \"custom\", \"config\": {" config_more                           \
	"\"request\": {\"requestUrlTemplate\": \"https://h/\", \"requestType\": \"POST\"," \
	" \"headers\": {" headers "}, \"requestTemplate\": \"\"},"                         \
	" \"response\": {\"translationMap\": {}, \"translationMapDefaults\": {},"          \
	" \"successTemplate\": \"${rawResult}\"}}, \"contract\": {\"input\":"              \
	" {\"inputSchema\": {\"type\": \"object\", \"properties\": {" input "}}},"         \
	" \"output\": {\"successSchema\": {\"type\": \"object\", \"properties\": {" output \
	"}}}}, \"secure\": false" more "}"

static void
test_what_genesys_refuses(void **state)
{
	static const struct {
		const char *text, *fault; /* NULL: it is good */
	} rows[] = {
	    {ACTION("", "", "", "", ""), NULL},
	    {ACTION("\"timeoutSeconds\": 60,", "\"Accept\": \"application/json\"",
		 "\"a-b_1\": {\"type\": \"string\"}",
		 "\"l\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}", ""),
		NULL},
	    {ACTION("\"timeoutSeconds\": 0,", "", "", "", ""), "timeoutSeconds is 1 to 60"},
	    {ACTION("\"timeoutSeconds\": 61,", "", "", "", ""), "timeoutSeconds is 1 to 60"},
	    {ACTION("\"retries\": 1,", "", "", "", ""), "unknown member \"retries\""},
	    {ACTION("", "", "", "", ", \"category\": \"x\""), "unknown member \"category\""},
	    {ACTION("", "\"Accept\": \"text/html\"", "", "", ""), "JSON types alone"},
	    {ACTION("", "\"A b\": \"x\"", "", "", ""), "header \"A b\""},
	    {ACTION("", "", "\"l\": {\"type\": \"array\"}", "", ""), "input l: Genesys takes"},
	    {ACTION("", "", "\"o\": {\"type\": \"object\"}", "", ""), "input o: Genesys takes"},
	    {ACTION("", "", "\"rawRequest\": {\"type\": \"string\"}", "", ""),
		"Genesys keeps this name"},
	    {ACTION("", "", "\"1a\": {\"type\": \"string\"}", "", ""), "begins with a letter"},
	    {ACTION("", "", "\"a.b\": {\"type\": \"string\"}", "", ""), "begins with a letter"},
	    {ACTION(
		 "", "", "", "\"l\": {\"type\": \"array\", \"items\": {\"type\": \"array\"}}", ""),
		"no lists in lists"},
	    {"[]", "no object"},
	    {"{", "end"},
	};
	struct action action;
	struct faults faults;
	struct arena a;
	bool good;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		arena_init(&a, 1024 * 1024);
		faults_init(&faults, &a);
		good = action_load(&a, "f", rows[i].text, strlen(rows[i].text), &action, &faults);
		if (good != (rows[i].fault == NULL) || (faults.n > 0) == good)
			fail_msg("%s: %s", rows[i].text, faults.n > 0 ? faults.texts[0] : "good");
		if (!good && strstr(faults.texts[0], rows[i].fault) == NULL &&
		    strcmp(rows[i].fault, "end") != 0)
			fail_msg("%s: %s", rows[i].text, faults.texts[0]);
		arena_clear(&a);
	}
}

static const struct value *
value_of(struct arena *a, const char *text)
{
	char why[200];

	return json_parse(a, text, strlen(text), &json_answer, why, sizeof(why));
}

static void
test_schemas(void **state)
{
	static const struct {
		const char *schema, *value;
		bool holds;
	} rows[] = {
	    {"{\"type\": \"string\"}", "\"x\"", true},
	    {"{\"type\": \"string\"}", "1", false},
	    {"{\"type\": \"integer\"}", "1.0", true},
	    {"{\"type\": \"integer\"}", "1.5", false},
	    {"{\"type\": \"number\"}", "1.5", true},
	    {"{\"type\": [\"string\", \"null\"]}", "null", true},
	    {"{\"type\": \"string\"}", "null", false},
	    {"{\"type\": \"object\", \"required\": [\"a\"]}", "{}", false},
	    {"{\"type\": \"object\", \"required\": [\"a\"]}", "{\"a\": 1}", true},
	    {"{\"properties\": {\"a\": {\"type\": \"boolean\"}}}", "{\"a\": 1}", false},
	    {"{\"properties\": {\"a\": {\"type\": \"boolean\"}}}", "{\"b\": 1}", true},
	    {"{\"items\": {\"type\": \"string\"}}", "[\"x\", 1]", false},
	    {"{}", "[1]", true},
	    {"{\"type\": \"unheard\"}", "1", false},
	};
	struct arena a;
	char why[200];
	size_t i;

	(void)state;
	arena_init(&a, 1024 * 1024);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (schema_holds(value_of(&a, rows[i].schema), value_of(&a, rows[i].value), why,
			sizeof(why)) != rows[i].holds)
			fail_msg("%s: %s", rows[i].schema, rows[i].value);
	}
	arena_clear(&a);
}

static void
test_flattening(void **state)
{
	static const char schema[] =
	    "{\"properties\": {\"s\": {\"type\": \"string\"}, \"o\": {\"properties\": {\"i\": {}}},"
	    " \"l\": {\"items\": {\"type\": \"string\"}},"
	    " \"t\": {\"items\": {\"properties\": {\"id\": {}, \"name\": {}}}}}}";
	static const struct {
		const char *value, *flat; /* NULL: refused */
	} rows[] = {
	    {"{\"s\": \"x\", \"o\": {\"i\": 1}, \"l\": [\"a\"], \"t\": [{\"id\": \"1\", \"name\": \"n\"}]}",
		"{\"s\":\"x\",\"o.i\":1,\"l\":[\"a\"],\"t.id\":[\"1\"],\"t.name\":[\"n\"]}"},
	    {"{}", "{\"s\":null,\"o.i\":null,\"l\":null,\"t.id\":[],\"t.name\":[]}"},
	    {"{\"t\": [{\"id\": \"1\"}, {\"id\": \"2\"}]}",
		"{\"s\":null,\"o.i\":null,\"l\":null,\"t.id\":[\"1\",\"2\"],\"t.name\":[]}"},
	    {"{\"t\": [{\"id\": \"1\", \"name\": \"n\"}, {\"id\": \"2\"}]}", NULL},
	};
	struct value *flat;
	struct arena a;
	struct buf b;
	char why[200];
	size_t i;

	(void)state;
	arena_init(&a, 1024 * 1024);
	buf_init(&b, 4096);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		flat = schema_flatten(
		    &a, value_of(&a, schema), value_of(&a, rows[i].value), why, sizeof(why));
		json_value(&b, flat);
		if ((flat == NULL) != (rows[i].flat == NULL) ||
		    (flat != NULL && strcmp(b.data, rows[i].flat) != 0))
			fail_msg("%s: gave %s (%s)", rows[i].value, b.data, why);
	}
	assert_non_null(strstr(why, "t.name is in 1 of 2 objects"));
	buf_clear(&b);
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_genesys_refuses),
	    cmocka_unit_test(test_schemas),
	    cmocka_unit_test(test_flattening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
