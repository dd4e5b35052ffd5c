/* play.c: the cases of a test file, one after the other. */
#include "cli/play.h"

#include <string.h>

#include "cli/player.h"
#include "base/text.h"
#include "format/yaml.h"

enum { DEADLINE_MS = 25000 };

static const char *const file_keys[] = {
    "settings", "base_url", "day_minutes", "day_start", "types", "token", "cases", NULL};
static const char *const case_keys[] = {
    "name", "source", "operation", "in", "calls", "out", "fails", "message", NULL};

static int64_t
play_clock(void *context)
{
	return ((struct player *)context)->now_ms;
}

static void
play_sleep(void *context, int64_t ms)
{
	((struct player *)context)->now_ms += ms;
}

static bool
play_random(void *context, void *out, size_t len)
{
	(void)context;
	memset(out, 0, len);
	return true;
}

static void
compare_end(struct player *p, const struct value *v, enum operation op,
    const struct operation_out *out, const struct failure *failure)
{
	const char *fails = value_str(value_get(v, "fails"));
	const char *message = value_str(value_get(v, "message"));

	for (; p->calls != NULL && p->next < p->calls->n; p->next++)
		play_differ(p, "a call that was never made",
		    value_str(value_get(value_at(p->calls, p->next), "request")), NULL);
	if (!text_equal(fails == NULL ? "" : fails, fail_code_text(failure->code)))
		play_differ(p, "outcome", fails == NULL ? "success" : fails,
		    arena_printf(p->r.arena, "%s %s",
			failure->code == CODE_NONE ? "success" : fail_code_text(failure->code),
			failure->text));
	else if (fails == NULL)
		play_compare(p, "out", value_get(v, "out"), play_output(p->r.arena, op, out), true);
	if (message != NULL && strstr(failure->text, message) == NULL)
		play_differ(p, "message", message, failure->text);
}

static enum gw_err
prepare(struct hris *h, enum operation op, struct operation_in *in)
{
	struct day *days = arena_array(h->arena, in->n_days + 1, sizeof(*days));
	enum gw_err err;

	if (days == NULL)
		return fail_memory(h->failure);
	if (in->n_days > 0)
		memcpy(days, in->days, in->n_days * sizeof(*days));
	err = in->type == NULL ? GW_OK : days_prepare(h, in->type, days, in->n_days);
	in->days = days;
	if (op == OPERATION_INSERT && in->n_added == 0) {
		in->added = days;
		in->n_added = in->n_days;
	}
	return err;
}

static bool
play_case(struct player *p, const struct value *v)
{
	struct transport transport = play_transport(p);
	struct failure failure = {0};
	struct hris h = {.route = &p->route,
	    .driver = &adapter_driver,
	    .arena = p->r.arena,
	    .clock = &p->clock,
	    .transport = &transport,
	    .tokens = p->tokens,
	    .failure = &failure,
	    .deadline_ms = p->now_ms + DEADLINE_MS};
	struct operation_out out = {0};
	struct operation_in in;
	enum operation op;

	if (!reader_known(&p->r, v, case_keys, "a case"))
		return false;
	p->now->name = value_str(value_get(v, "name"));
	p->now->source = value_str(value_get(v, "source"));
	p->now->operation = value_str(value_get(v, "operation"));
	if (p->now->name == NULL || p->now->operation == NULL ||
	    !operation_parse(p->now->operation, &op))
		return reader_fault(
		    &p->r, v, "a case has a name and an operation (get-agents, ...)");
	if ((value_get(v, "out") == NULL) == (value_get(v, "fails") == NULL))
		return reader_fault(&p->r, v, "a case has out or fails");
	p->calls = value_get(v, "calls");
	p->next = 0;
	if (!play_check_calls(p, p->calls) || !play_input(p, value_get(v, "in"), &in))
		return false;
	h.marker = in.marker;
	if (prepare(&h, op, &in) == GW_OK)
		(void)adapter_driver.run(&h, op, &in, &out);
	compare_end(p, v, op, &out, &failure);
	return true;
}

static bool
load_route(struct player *p, const struct adapter *adapter, const struct value *root)
{
	const struct value *settings = value_get(root, "settings");
	long minutes = 480;
	const char *base = value_get_text(root, "base_url"),
		   *day = value_get_text(root, "day_start");
	struct date ignored;
	int minute = 540;

	if (value_get(root, "day_minutes") != NULL &&
	    !reader_integer(&p->r, value_get(root, "day_minutes"), 1, LIMIT_MINUTES, &minutes))
		return false;
	if (day != NULL &&
	    !date_time_parse(arena_printf(p->r.arena, "2000-01-01T%s", day), &ignored, &minute))
		return reader_fault(&p->r, value_get(root, "day_start"), "day_start is HH:MM");
	p->base_url = base == NULL ? "" : base;
	p->route = (struct route){.name = "test",
	    .file = p->r.file,
	    .adapter_name = adapter->name,
	    .adapter = adapter,
	    .timezone = "UTC",
	    .day_minutes = (int)minutes,
	    .day_start_minute = minute,
	    .peer = {.route = "test", .in_flight = 1}};
	p->route.settings =
	    adapter_settings(p->r.arena, adapter, p->r.file, settings, root, NULL, p->r.faults);
	return p->route.settings != NULL && play_load_types(p, value_get(root, "types"));
}

static void
find_missing(const struct adapter *adapter, struct play_result *out)
{
	const char *name;
	size_t op, i;

	for (op = 0; op < OPERATION_MAX; op++) {
		name = operation_name((enum operation)op);
		for (i = 0; i < out->n && !text_equal(out->cases[i].operation, name); i++)
			continue;
		if (i == out->n && adapter->traits.has[op])
			out->missing[out->n_missing++] = name;
	}
}

/* A flag a step, which it sets where it runs. */
static bool
watch_steps(struct arena *a, const struct adapter *adapter)
{
	const struct steps *steps;
	size_t op, i;

	for (op = 0; op < OPERATION_MAX; op++) {
		steps = &adapter->operations[op];
		for (i = 0; i < steps->n; i++) {
			steps->items[i].ran = arena_alloc(a, sizeof(bool));
			if (steps->items[i].ran == NULL)
				return false;
		}
	}
	return true;
}

/* Of operations that no case plays at all, `missing` says so. */
static bool
find_unplayed(struct arena *a, const struct adapter *adapter, struct play_result *out)
{
	const struct steps *steps;
	size_t op, i, j, cap = 0;
	const char **items;
	const char *name;

	for (op = 0; op < OPERATION_MAX; op++) {
		steps = &adapter->operations[op];
		name = operation_name((enum operation)op);
		for (j = 0; j < out->n_missing && strcmp(out->missing[j], name) != 0; j++)
			continue;
		for (i = 0; j == out->n_missing && i < steps->n; i++) {
			if (*steps->items[i].ran)
				continue;
			items = arena_grow(a, out->unplayed, out->n_unplayed, &cap, sizeof(*items));
			if (items == NULL)
				return false;
			out->unplayed = items;
			items[out->n_unplayed] = arena_printf(a, "%s, step %zu of %zu (line %u)",
			    name, i + 1, steps->n, (unsigned)value_place(steps->items[i].at).line);
			if (items[out->n_unplayed++] == NULL)
				return false;
		}
	}
	return true;
}

bool
cli_play(struct arena *a, const struct adapter *adapter, const char *file, const char *text,
    size_t len, struct play_result *out, struct faults *faults)
{
	struct player p = {.r = {a, file, faults}};
	const struct value *root, *cases;
	bool good = true;
	size_t i;

	*out = (struct play_result){0};
	p.clock = (struct clock){play_clock, play_clock, play_sleep, play_random, &p};
	root = yaml_parse(a, file, text, len, faults);
	if (root == NULL || !reader_known(&p.r, root, file_keys, "a test file") ||
	    !load_route(&p, adapter, root))
		return false;
	p.tokens = value_get(root, "token");
	cases = value_get(root, "cases");
	if (!value_is(cases, VALUE_LIST) || cases->n == 0)
		return reader_fault(&p.r, root, "cases is a list of cases");
	out->cases = arena_array(a, cases->n, sizeof(*out->cases));
	if (out->cases == NULL || !watch_steps(a, adapter))
		return false;
	for (i = 0; i < cases->n; i++) {
		p.now = &out->cases[out->n++];
		good = play_case(&p, value_at(cases, i)) && good;
		out->failed += p.now->n > 0;
	}
	find_missing(adapter, out);
	return find_unplayed(a, adapter, out) && good;
}
