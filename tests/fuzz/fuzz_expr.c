/*
 * fuzz_expr.c: an expression on the first line, compiled on both sides, and run on the JSON after
 * it. Nothing may crash; what compiles must run to its end, with a value or with a failure.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lang/expr.h"
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 64 * 1024 * 1024 };

static void
run(struct arena *a, const struct expr *e, struct value *v)
{
	static const struct http_header headers[] = {{.name = "X-Next", .value = "7"}};
	struct http_call call = {.status = 422,
	    .answer = "raw",
	    .answer_len = 3,
	    .answer_headers = headers,
	    .n_answer_headers = 1};
	struct failure failure = {0};
	struct traits traits = {0};
	struct binding bound = {"day", v, NULL};
	struct scope scope = {.arena = a,
	    .failure = &failure,
	    .blame = CODE_HRIS_ANSWER,
	    .in = v,
	    .settings = v,
	    .steps = v,
	    .answer = v,
	    .record = v,
	    .call = &call,
	    .bound = &bound,
	    .traits = &traits,
	    .day_minutes = 480};
	struct value *out = NULL;
	const char *text = NULL;

	if (expr_eval(e, &scope, &out) != GW_OK && failure.err == GW_OK)
		abort();
	fail_clear(&failure);
	if (expr_text(e, &scope, &text) != GW_OK && failure.err == GW_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = {"hours", "days"};
	static const char maps[] = "{\"m\": {\"a\": \"x\", \"else\": null}}";
	struct bound_name bound = {"day", NULL, NULL};
	const uint8_t *end = memchr(data, '\n', size);
	size_t len = end == NULL ? size : (size_t)(end - data);
	struct faults faults;
	struct value *v = NULL;
	struct expr_uses uses = {0};
	struct expr *e;
	struct arena a;
	char why[160];
	int side;

	arena_init(&a, ARENA_MAX);
	faults_init(&faults, &a);
	if (end != NULL)
		v = json_parse(
		    &a, (const char *)end + 1, size - len - 1, &json_answer, why, sizeof(why));
	for (side = 0; side < 2; side++) {
		struct expr_env env = {.r = {&a, "f", &faults},
		    .maps = json_parse(&a, maps, strlen(maps), &json_answer, why, sizeof(why)),
		    .settings = v,
		    .steps = v,
		    .bound = &bound,
		    .answer_side = side == 1,
		    .record = side == 1,
		    .words = words,
		    .n_words = 2,
		    .used = &uses};

		e = expr_compile(&env, (const char *)data, len, NULL);
		if (e == NULL && faults.n == 0 && memchr(data, '\0', len) == NULL)
			abort();
		if (e != NULL)
			run(&a, e, v);
	}
	arena_clear(&a);
	return 0;
}
