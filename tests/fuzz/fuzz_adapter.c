/*
 * fuzz_adapter.c: an adapter file up to the first NUL byte, and what the HRIS answers after it.
 * What loads is run: all operations, against that one answer, with a limit on calls.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapter/adapter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 256 * 1024 * 1024, CALLS_MAX = 20 };

struct stage {
	const char *answer;
	size_t calls;
};

static void
answer_all(void *context, const struct http_peer *peer, struct http_call *calls, size_t n,
    int64_t deadline_mono_ms, struct arena *arena)
{
	struct stage *s = context;
	size_t i;

	(void)peer;
	(void)deadline_mono_ms;
	(void)arena;
	for (i = 0; i < n; i++) {
		if (strpbrk(calls[i].url, "\r\n ") != NULL)
			abort();
		calls[i].retry_after_ms = -1;
		calls[i].fate = s->calls++ < CALLS_MAX ? HTTP_ANSWERED : HTTP_NOT_SENT;
		calls[i].code = calls[i].fate == HTTP_ANSWERED ? CODE_NONE : CODE_GATEWAY_BUSY;
		calls[i].status = 200 + (int)(s->calls % 3) * 111;
		calls[i].answer = s->answer;
		calls[i].answer_len = strlen(s->answer);
	}
}

static int64_t
stopped(void *context)
{
	(void)context;
	return 0;
}

static void
no_sleep(void *context, int64_t ms)
{
	(void)context;
	(void)ms;
}

static bool
no_chance(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 0, len);
	return true;
}

static void
run(struct arena *a, const struct adapter *adapter, const struct value *settings, struct stage *s,
    enum operation op)
{
	static const struct clock clock = {stopped, stopped, no_sleep, no_chance, NULL};
	static const struct timeoff_type type = {.id = "78",
					     .name = "V",
					     .unit = UNIT_HOURS,
					     .grain = "hour"},
					 *types[] = {&type};
	static const struct date dates[] = {{20000}, {20001}};
	static const struct day days[] = {
	    {.date = {20000}, .minutes = 480, .part = "day", .from = "09:00", .to = "17:00"},
	    {.date = {20001}, .minutes = 100, .part = "am"}};
	static const char *const entries[] = {"a", "b"};
	struct transport transport = {.send = answer_all, .context = s};
	struct failure failure = {0};
	struct route route = {
	    .name = "t", .adapter = adapter, .settings = settings, .day_minutes = 480};
	struct hris h = {.route = &route,
	    .driver = &adapter_driver,
	    .arena = a,
	    .clock = &clock,
	    .transport = &transport,
	    .failure = &failure,
	    .marker = "[m]",
	    .deadline_ms = 1000};
	struct operation_in in = {.agent_id = "4",
	    .type = &type,
	    .types = types,
	    .n_types = 1,
	    .dates = dates,
	    .n_dates = 2,
	    .status = STATUS_APPROVED,
	    .was = STATUS_PENDING,
	    .min_date = dates[0],
	    .max_date = dates[1],
	    .days = days,
	    .n_days = 2,
	    .added = days,
	    .n_added = 2,
	    .entries = entries,
	    .n_entries = 2,
	    .notes = "n",
	    .marker = "[m]",
	    .request_id = "14,15"};
	struct operation_out out = {0};
	enum gw_err err = adapter_driver.run(&h, op, &in, &out);

	if (err != failure.err)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\0', size);
	size_t len = end == NULL ? size : (size_t)(end - data), i;
	struct stage stage = {0};
	struct adapter *adapter;
	struct value *settings;
	struct faults faults;
	struct arena a;
	char *answer;

	arena_init(&a, ARENA_MAX);
	faults_init(&faults, &a);
	answer = end == NULL ? NULL : arena_strndup(&a, (const char *)end + 1, size - len - 1);
	stage.answer = answer == NULL ? "[]" : answer;
	adapter = adapter_load(&a, "t", "t.yaml", (const char *)data, len, &faults);
	settings = value_object(&a);
	for (i = 0; adapter != NULL && adapter->settings != NULL && i < adapter->settings->n; i++)
		(void)value_set(&a, settings, adapter->settings->items[i].name,
		    value_text(&a, "https://a.example"));
	for (i = 0; adapter != NULL && i < OPERATION_MAX; i++) {
		stage.calls = 0;
		run(&a, adapter, settings, &stage, (enum operation)i);
	}
	arena_clear(&a);
	return 0;
}
