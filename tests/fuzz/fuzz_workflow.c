/*
 * fuzz_workflow.c: any bytes as a workflow: Archy's YAML, an export as it is, and, where they are
 * JSON, the export that is made of them. A workflow or faults, never both and never neither; what
 * is read is played with data actions that succeed, fail and time out in turn, and ends.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "format/json.h"
#include "format/url.h"
#include "genesys/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 16 * 1024 * 1024, EXPORT_MAX = 4 * 1024 * 1024 };

static const char inputs[] =
    "{\"Flow.agentId\": \"7\", \"Flow.dates\": [\"2027-03-01\", \"2027-03-02\"],"
    "\"Flow.inputDates\": [\"2027-03-01\"], \"Flow.payableMinutes\": [\"480\", \"480\"]}";
static const char outputs[] =
    "{\"statusCode\": 200, \"status\": \"Complete\", \"errorMsg\": \"\", \"ids\": [\"78\", \"79\"],"
    "\"names\": [\"a\", \"b\"], \"timeOffRequestId\": \"1348\"}";

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static bool
call(void *context, struct arena *a, const char *action, const struct value *given,
    struct result *out)
{
	size_t *calls = context;
	char why[160];

	(void)given;
	*out = (struct result){.outcome = (enum outcome)(*calls % OUTCOME_MAX),
	    .code = "ACTION.REMOTE_ENDPOINT",
	    .message = "failed",
	    .status = 502,
	    .outputs = json_parse(a, outputs, strlen(outputs), &json_answer, why, sizeof(why))};
	++*calls;
	return action[0] != '\0';
}

static void
fuzz_play(struct arena *a, const struct flow *f)
{
	size_t calls = 0;
	const struct flow_world world = {call, &calls};
	struct flow_result r;
	char why[160];

	if (flow_play(a, f, json_parse(a, inputs, strlen(inputs), &json_answer, why, sizeof(why)),
		&world, &r))
		check(r.variables != NULL && r.calls == calls);
}

static void
fuzz_read(bool (*read)(struct arena *a, const char *file, const char *text, size_t len,
	      struct flow *out, struct faults *faults),
    const char *text, size_t len)
{
	struct faults faults;
	struct flow flow;
	struct arena a;
	bool good;

	arena_init(&a, ARENA_MAX);
	faults_init(&faults, &a);
	good = read(&a, "f", text, len, &flow, &faults);
	check(good == (faults.n == 0));
	if (good)
		fuzz_play(&a, &flow);
	arena_clear(&a);
}

/* As Architect writes it: percent-encoded, then base64. */
static void
fuzz_made(const char *json)
{
	struct buf encoded, text;

	buf_init(&encoded, EXPORT_MAX);
	buf_init(&text, EXPORT_MAX);
	url_query(&encoded, json);
	base64_encode(&text, encoded.data, encoded.len);
	if (encoded.err == GW_OK && text.err == GW_OK)
		fuzz_read(flow_read_export, text.data, text.len);
	buf_clear(&encoded);
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	char *text;

	arena_init(&a, ARENA_MAX);
	text = arena_strndup(&a, (const char *)data, size);
	check(text != NULL);
	fuzz_read(flow_read_archy, text, size);
	fuzz_read(flow_read_export, text, size);
	if (text[0] == '{')
		fuzz_made(text);
	arena_clear(&a);
	return 0;
}
