/* adapter_kit.c: see adapter_kit.h. */
#include "tests/unit/kit/adapter_kit.h"

#include "cli/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

const char kit_adapter[] =
    "title: Test\n"
    "docs: https://example.com/docs\n"
    "gotchas: [one, two]\n"
    "settings:\n"
    "  host: {required: true, pattern: '[a-z]+', help: where}\n"
    "  key: {secret: true, required: true}\n"
    "  base: {default: 'https://${settings.host}.example'}\n"
    "base_url: ${settings.base}\n"
    "auth: {bearer: '${settings.key}'}\n"
    "headers: {X-One: one}\n"
    "pace: 10/s\n"
    "message: [header.X-Message, $.message]\n"
    "failures:\n"
    "  - {status: 422, $.message: /overlap/, is: conflict}\n"
    "  - {status: 4xx, is: refused}\n"
    "maps:\n"
    "  status: {APPROVED: approved, PENDING: open}\n"
    "  state: {approved: APPROVED, open: PENDING, gone: CANCELED}\n"
    "amounts: {hours: 0.0001, days: 0.5}\n"
    "lost_write: {find: marker, settle: 5s}\n"
    "operations:\n"
    "  get-agents:\n"
    "    - request: GET /people\n"
    "      page: {offset: offset, size: {limit: 2}, total: $.total}\n"
    "      each: $.people[*]\n"
    "      agent: {id: .id, email: .mail}\n"
    "  get-timeoff-types:\n"
    "    - request: GET /types\n"
    "      each: $[*]\n"
    "      type: {id: .id, name: .name, unit: .unit}\n"
    "  get-balance:\n"
    "    - for: {date: in.dates}\n"
    "      request: GET /people/${in.agent_id}/balance\n"
    "      query: {at: '${date}'}\n"
    "      each: $[*]\n"
    "      balance: {date: date, type_id: .type, amount: .amount, unit: .unit}\n"
    "  insert-timeoff:\n"
    "    - request: POST /people/${in.agent_id}/requests\n"
    "      body:\n"
    "        status: ${in.status | map status}\n"
    "        type: ${in.type_id}\n"
    "        note: ${in.marker} ${in.notes}\n"
    "        days: {for: {day: in.days}, item: {on: '${day.date}', amount: '${day.minutes | as "
    "in.type.unit}'}}\n"
    "      result: {id: $.id, status: $.state | map state}\n"
    "  cancel-timeoff:\n"
    "    - request: DELETE /requests/${in.request_id}\n"
    "      writes: again\n"
    "  find-timeoff:\n"
    "    - request: GET /people/${in.agent_id}/requests\n"
    "      query: {id: '${in.request_id}', from: '${in.min_date}', to: '${in.max_date}'}\n"
    "      each: $[*]\n"
    "      found: {id: .id, type_id: .type, status: .state | map state, notes: .note, start: "
    ".from, end: .to, amount: .amount, unit: .unit}\n";

void
kit_file_open(struct kit_file *k)
{
	arena_init(&k->arena, LIMIT_ARENA);
	faults_init(&k->faults, &k->arena);
}

void
kit_file_close(struct kit_file *k)
{
	arena_clear(&k->arena);
}

const char *
kit_replace(struct kit_file *k, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("\"%s\" is not there", from);
	return arena_printf(&k->arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

struct adapter *
kit_load(struct kit_file *k, const char *text)
{
	faults_init(&k->faults, &k->arena);
	return adapter_load(&k->arena, "t", "t.yaml", text, strlen(text), &k->faults);
}

void
kit_assert_fault(const struct kit_file *k, const char *name, const char *part)
{
	size_t i;

	for (i = 0; i < k->faults.n; i++) {
		if (strstr(k->faults.texts[i], part) != NULL)
			return;
	}
	for (i = 0; i < k->faults.n; i++)
		print_error("  %s\n", k->faults.texts[i]);
	fail_msg("%s: no fault with \"%s\"", name, part);
}

static void
show_failed(const struct play_result *played)
{
	const struct play_case *c;
	size_t i, j;

	for (i = 0; i < played->n; i++) {
		c = &played->cases[i];
		for (j = 0; j < c->n; j++)
			print_error("%s: %s\n  expected %s\n  got      %s\n", c->name,
			    c->differences[j].what, c->differences[j].expected,
			    c->differences[j].got);
	}
}

void
kit_play(struct kit_file *k, const char *text, const char *script)
{
	struct adapter *adapter = kit_load(k, text);
	struct play_result played;

	if (adapter == NULL)
		fail_msg("%s", k->faults.n > 0 ? k->faults.texts[0] : "no adapter");
	if (!cli_play(
		&k->arena, adapter, "t.test.yaml", script, strlen(script), &played, &k->faults))
		fail_msg("%s", k->faults.n > 0 ? k->faults.texts[0] : "no script");
	show_failed(&played);
	assert_int_equal(played.failed, 0);
	assert_true(played.n > 0);
}
