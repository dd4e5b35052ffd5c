/*
 * fuzz_data_action.c: a data action (*.custom.json), and after a line "---" what a web service
 * answers. An action or faults, never both and never neither; an answer that its output contract
 * takes is flattened into lists that align, or why says which do not.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "genesys/action.h"
#include "genesys/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 16 * 1024 * 1024, WHY_MAX = 200 };

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
fuzz_answer(struct arena *a, const struct value *schema, const struct value *answer)
{
	struct value *flat;
	char why[WHY_MAX] = "";

	if (answer == NULL || !schema_holds(schema, answer, why, sizeof(why))) {
		check(answer == NULL || why[0] != '\0');
		return;
	}
	flat = schema_flatten(a, schema, answer, why, sizeof(why));
	check(flat == NULL ? why[0] != '\0' : flat->kind == VALUE_OBJECT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text, *end;
	const struct value *answer = NULL;
	struct action action;
	struct faults faults;
	struct arena a;
	char why[WHY_MAX];

	arena_init(&a, ARENA_MAX);
	faults_init(&faults, &a);
	text = arena_strndup(&a, (const char *)data, size);
	check(text != NULL);
	end = strstr(text, "\n---\n");
	if (end != NULL)
		answer = json_parse(&a, end + 5, strlen(end + 5), &json_answer, why, sizeof(why));
	size = end == NULL ? strlen(text) : (size_t)(end - text);
	check(action_load(&a, "f", text, size, &action, &faults) == (faults.n == 0));
	if (faults.n == 0) {
		fuzz_answer(&a, action.input, answer);
		fuzz_answer(&a, action.output, answer);
	}
	faults_init(&faults, &a);
	check(action_load_auth(&a, "f", text, size, &action, &faults) == (faults.n == 0));
	arena_clear(&a);
	return 0;
}
