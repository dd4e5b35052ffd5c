/* hris_kit.c: see hris_kit.h. */
#include "tests/unit/kit/hris_kit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

/* cmocka's name for something else. */
#undef fail

static int64_t
kit_wall(void *context)
{
	return ((struct kit *)context)->wall_ms;
}

static int64_t
kit_mono(void *context)
{
	return ((struct kit *)context)->mono_ms;
}

static void
kit_sleep(void *context, int64_t ms)
{
	struct kit *k = context;

	k->mono_ms += ms;
	k->wall_ms += ms;
}

static bool
kit_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 7, len);
	return true;
}

static enum gw_err
kit_run(struct hris *h, enum operation op, const struct operation_in *in, struct operation_out *out)
{
	struct kit *k = (struct kit *)(void *)((char *)h - offsetof(struct kit, hris));
	const struct kit_answer *a;
	size_t i;

	i = k->called[op];
	a = k->n_answers[op] == 0
		? NULL
		: &k->answers[op][i < k->n_answers[op] ? i : k->n_answers[op] - 1];
	/* Where a change is a cancel and an insert, the driver says so and sends nothing. */
	if (operation_writes(op) && (a == NULL || !a->out.replace) &&
	    hris_begin_write(h, NULL) != GW_OK)
		return h->failure->err;
	/* What fails after it has written does so in a later step, which begins as the first. */
	if (operation_writes(op) && a != NULL && a->code != CODE_NONE && a->out.written &&
	    hris_begin_write(h, &a->out) != GW_OK)
		return h->failure->err;
	assert_true(k->n_calls < KIT_CALLS_MAX);
	k->ins[k->n_calls] = *in;
	if (in->n_dates > 0)
		k->asked[k->n_calls] = in->dates[0];
	k->calls[k->n_calls++] = op;
	k->called[op]++;
	if (a == NULL) {
		*out = (struct operation_out){0};
		return GW_OK;
	}
	*out = a->out;
	return a->code == CODE_NONE ? GW_OK : fail(h->failure, a->code, "%s", a->text);
}

static const struct traits *
kit_traits(const struct hris *h)
{
	const struct kit *k =
	    (const struct kit *)(const void *)((const char *)h - offsetof(struct kit, hris));

	return &k->traits;
}

struct date
kit_date(const char *s)
{
	struct date d;

	assert_true(date_parse(s, &d));
	return d;
}

static void
kit_types(struct kit *k)
{
	static struct timeoff_type types[2];

	types[0] = (struct timeoff_type){.id = "1", .name = "Vacation", .unit = UNIT_HOURS};
	types[1] = (struct timeoff_type){.id = "2", .name = "Personal", .unit = UNIT_DAYS};
	kit_answer(k, OPERATION_TYPES, (struct operation_out){.types = types, .n_types = 2});
}

static void
kit_hris(struct kit *k)
{
	k->hris = (struct hris){.route = &k->route,
	    .driver = &k->driver,
	    .arena = &k->arena,
	    .clock = &k->clock,
	    .store = k->store,
	    .state_dir = k->folder,
	    .deadline_ms = k->mono_ms + 25000,
	    .failure = &k->failure,
	    .marker = "[hrisgw 0707070707070707]"};
}

void
kit_open(struct kit *k)
{
	char why[256];
	size_t op;

	memset(k, 0, sizeof(*k));
	arena_init(&k->arena, LIMIT_ARENA);
	k->mono_ms = 1000000;
	k->wall_ms = 1795000000000;
	k->clock = (struct clock){kit_wall, kit_mono, kit_sleep, kit_random, k};
	k->driver = (struct driver){kit_run, kit_traits};
	for (op = 0; op < OPERATION_MAX; op++) {
		k->traits.has[op] = op != OPERATION_AGENT;
		k->traits.calls[op] = 1;
	}
	k->traits.find = LOST_MARKER;
	k->route = (struct route){.name = "test",
	    .adapter_name = "kit",
	    .timezone = "UTC",
	    .day_minutes = 480,
	    .day_start_minute = 540,
	    .unlimited_minutes = 525600,
	    .agents_max = 50000,
	    .agents_no_email_percent = 10,
	    .agents_fewer_percent = 20};
	snprintf(k->folder, sizeof(k->folder), "/tmp/hrisgw-kit-XXXXXX");
	assert_non_null(mkdtemp(k->folder));
	k->store = store_open(k->folder, false, why, sizeof(why));
	assert_non_null(k->store);
	kit_hris(k);
	kit_types(k);
}

void
kit_close(struct kit *k)
{
	char command[128];

	store_close(k->store);
	arena_clear(&k->arena);
	snprintf(command, sizeof(command), "rm -rf '%s'", k->folder);
	assert_int_equal(system(command), 0);
}

void
kit_again(struct kit *k)
{
	fail_clear(&k->failure);
	memset(k->answers, 0, sizeof(k->answers));
	memset(k->n_answers, 0, sizeof(k->n_answers));
	memset(k->called, 0, sizeof(k->called));
	k->n_calls = 0;
	kit_hris(k);
	kit_types(k);
}

void
kit_answer(struct kit *k, enum operation op, struct operation_out out)
{
	assert_true(k->n_answers[op] < KIT_ANSWERS_MAX);
	k->answers[op][k->n_answers[op]++] = (struct kit_answer){.out = out};
}

void
kit_fail(struct kit *k, enum operation op, enum fail_code code, const char *text)
{
	assert_true(k->n_answers[op] < KIT_ANSWERS_MAX);
	k->answers[op][k->n_answers[op]++] = (struct kit_answer){.code = code, .text = text};
}

size_t
kit_count(const struct kit *k, enum operation op)
{
	return k->called[op];
}

size_t
kit_last(const struct kit *k, enum operation op)
{
	size_t i = k->n_calls;

	while (i-- > 0) {
		if (k->calls[i] == op)
			return i;
	}
	assert_true(i < k->n_calls);
	return 0;
}
