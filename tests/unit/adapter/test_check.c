/* test_check.c: mistakes in adapter files, each found when the file is loaded. */
#include "tests/unit/kit/adapter_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* In a file that is whole, `from` becomes `to`. */
static const struct {
	const char *name, *from, *to, *fault;
} rows[] = {
    {"a double key", "docs: https", "title: Two\ndocs: https", "t.yaml:2:1: "},
    {"an unknown key", "gotchas:", "gotcha:",
	"t.yaml:3:1: unknown key \"gotcha\" in an adapter "
	"file (did you mean \"gotchas\"?)"},
    {"a value with braces unquoted", "at: '${date}'", "at: ${date}", "quote it"},
    {"a comma inside braces", "help: where}", "help: where, or not}", "comma ends the value"},
    {"what is a member of in", "${in.type_id}", "${type_id}", "did you mean in.type_id?"},
    {"an unknown source", "${in.type_id}", "${inn.type_id}", "did you mean \"in\"?"},
    {"an unknown member", "${in.type_id}", "${in.typ_id}", "did you mean \"type_id\"?"},
    {"a member of a bound name", "${day.date}", "${day.dat}", "did you mean \"date\"?"},
    {"an unknown filter", "in.status | map status", "in.status | mapp status",
	"did you mean \"map\"?"},
    {"an unknown map", "in.status | map status", "in.status | map stat", "unknown map \"stat\""},
    {"an unknown setting", "${settings.key}", "${settings.kex}", "did you mean \"key\"?"},
    {"a setting never used", "  host: {", "  other: {}\n  host: {",
	"setting \"other\" is never used"},
    {"a map never used", "maps:\n", "maps:\n  more: {a: b}\n", "map \"more\" is never used"},
    {"a step never used", "    - request: GET /types\n",
	"    - name: one\n      request: GET /one\n      set: {a: $.a}\n    - request: GET "
	"/types\n",
	"step \"one\" sets values that are never used"},
    {"a step used before it ran", "query: {at: '${date}'}",
	"query: {at: '${date}', x: '${steps.one.a}'}", "unknown step (of those before) \"one\""},
    {"a value a step does not set", "    - for: {date: in.dates}\n",
	"    - name: one\n      request: GET /one\n      set: {able: $.a}\n"
	"    - for: {date: in.dates}\n      headers: {X: '${steps.one.abel}'}\n",
	"unknown value set by that step \"abel\" (did you mean \"able\"?)"},
    {"two steps of one name", "    - for: {date: in.dates}\n",
	"    - &one\n      name: one\n      request: GET /one\n      set: {a: $.a}\n    - *one\n"
	"    - for: {date: in.dates}\n      headers: {X: '${steps.one.a}'}\n",
	"two steps have the name \"one\""},
    {"an amount in a fixed unit", "as in.type.unit", "as hours",
	"an amount is sent in hours, and types have units of their own"},
    {"a balance that ignores the dates",
	"    - for: {date: in.dates}\n      request: GET "
	"/people/${in.agent_id}/balance\n      query: {at: '${date}'}\n      each: $[*]\n      "
	"balance: {date: date, ",
	"    - request: GET /people/${in.agent_id}/balance\n      each: $[*]\n"
	"      balance: {",
	"get-balance ignores the dates"},
    {"a list without what it is in", "each: $.people[*]", "each: data",
	"unknown source \"data\" (did you mean $.data[*], or $.data?)"},
    {"a member without its dot", "email: .mail", "email: adress",
	"unknown source \"adress\" (did you mean .adress?)"},
    {"no word that may stand there", "unit: .unit}\n  get-balance", "unit: moons}\n  get-balance",
	"unknown source \"moons\"; words here are minutes, hours, days, half-days, clock"},
    {"a base URL without a scheme", "base_url: ${settings.base}", "base_url: acme.example/api",
	"a base_url begins with https://"},
    {"another scheme", "base_url: ${settings.base}", "base_url: ftp://acme.example",
	"a base_url begins with https://"},
    {"no host", "base_url: ${settings.base}", "base_url: 'https://'",
	"a base_url is scheme, host and path"},
    {"a user", "base_url: ${settings.base}", "base_url: https://a:b@acme.example",
	"a base_url is scheme, host and path"},
    {"a query", "base_url: ${settings.base}", "base_url: https://acme.example/?a=b",
	"a base_url is scheme, host and path"},
    {"a default of one", "default: 'https://${settings.host}.example'", "default: acme.example",
	"a base_url begins with https://"},
    {"a default of another scheme", "default: 'https://${settings.host}.example'",
	"default: 'ftp://${settings.host}.example'", "a base_url begins with https://"},
    {"a default with a query", "default: 'https://${settings.host}.example'",
	"default: 'https://${settings.host}.example/?a'", "a base_url is scheme, host and path"},
    {"a base URL of a step", "    - request: GET /types\n",
	"    - base_url: acme.example\n      request: GET /types\n",
	"a base_url begins with https://"},
    {"a kind of auth that there is not", "auth: {bearer: '${settings.key}'}",
	"auth: {apikey: {X-Key: '${settings.key}'}}",
	"\"apikey\" is no kind of auth: basic, bearer"},
    {"one that is a text", "auth: {bearer: '${settings.key}'}", "auth: {apikey: '${settings.key}'}",
	"\"apikey\" is no kind of auth: basic, bearer"},
    {"braces without a dollar in a path", "GET /people/${in.agent_id}/balance",
	"GET /people/{in.agent_id}/balance/${in.agent_id}",
	"a value in a path is ${in.agent_id}, and not"},
    {"a dollar without braces in a path", "GET /people/${in.agent_id}/balance",
	"GET /people/$in.agent_id/balance/${in.agent_id}",
	"in outside of ${...} stands for itself"},
    {"braces without a dollar around a name", "at: '${date}'", "at: '{date}'",
	"date outside of ${...} stands for itself"},
    {"two braces around a name", "at: '${date}'", "at: '{{ date }}'",
	"date outside of ${...} stands for itself"},
    {"two braces and no blanks", "at: '${date}'", "at: '{{date}}'",
	"date outside of ${...} stands for itself"},
    {"angle brackets around a name", "at: '${date}'", "at: 'on <date>'",
	"date outside of ${...} stands for itself"},
    {"percent signs around a name", "at: '${date}'", "at: '%date%'",
	"date outside of ${...} stands for itself"},
    {"a colon before a name", "at: '${date}'", "at: ':date'",
	"date outside of ${...} stands for itself"},
    {"a colon in a path", "GET /people/${in.agent_id}/balance",
	"GET /people/${in.agent_id}/:agent_id/balance",
	"a value in a path is ${in.agent_id}, and not"},
    {"angle brackets in a path", "GET /people/${in.agent_id}/balance",
	"GET /people/${in.agent_id}/<id>/balance", "a value in a path is ${in.agent_id}, and not"},
    {"a shell's brackets around a name", "at: '${date}'", "at: '$(date)'",
	"date outside of ${...} stands for itself"},
    {"percent signs around a member", "at: '${date}'", "at: '${date}', who: '%in.agent_id%'",
	"in outside of ${...} stands for itself"},
    {"angle brackets around a member", "at: '${date}'", "at: '${date}', who: <in.agent_id>",
	"in outside of ${...} stands for itself"},
    {"a setting without its source", "bearer: '${settings.key}'", "bearer: '${key}'",
	"did you mean settings.key?"},
    {"a list without what it is in, whose name is near a source's", "each: $.people[*]",
	"each: items", "unknown source \"items\" (did you mean $.items[*], or $.items?)"},
    {"a source of another language", "bearer: '${settings.key}'", "bearer: '${secrets.key}'",
	"unknown source \"secrets\"; sources here are in, settings, steps"},
    {"braces without a dollar in a condition", "      each: $[*]\n      balance: {date",
	"      each: $[*]\n      where: {.at: '{date}'}\n      balance: {date",
	"date outside of ${...} stands for itself"},
    {"a dollar without braces in a condition", "      each: $[*]\n      balance: {date",
	"      each: $[*]\n      where: {.who: {not: $in.agent_id}}\n      balance: {date",
	"in outside of ${...} stands for itself"},
    {"a dollar without braces", "at: '${date}'", "at: $date",
	"date outside of ${...} stands for itself"},
    {"a name that makes no difference", "      query: {at: '${date}'}\n", "",
	"for makes a call for each \"date\", and the request does not name it"},
    {"a balance of nobody", "GET /people/${in.agent_id}/balance", "GET /balance",
	"no request of get-balance names the agent"},
    {"an agent whom nobody asked for", "  get-timeoff-types:\n",
	"  get-agent: [{request: GET /me, agent: {id: $.id, day_minutes: $.day}}]\n  get-timeoff-types:\n",
	"no request of get-agent names the agent"},
    {"one agent with an e-mail", "  get-timeoff-types:\n",
	"  get-agent: [{request: 'GET /people/${in.agent_id}', agent: {id: $.id, email: $.mail}}]\n"
	"  get-timeoff-types:\n",
	"get-agent has no use for an e-mail"},
    {"agents without e-mails", "agent: {id: .id, email: .mail}", "agent: {id: .id}",
	"agent lacks the required member \"email\""},
    {"a day of each of all agents", "agent: {id: .id, email: .mail}",
	"agent: {id: .id, email: .mail, day_minutes: .day}",
	"get-agents has no use for day_minutes"},
    {"a failure without a test", "{status: 4xx, is: refused}", "{is: refused, say: no}",
	"a failure is {TEST: MATCH, is: CLASS, say: TEXT}"},
    {"a hint that is no text", "{status: 4xx, is: refused}", "{status: 4xx, is: refused, say: [a]}",
	"a failure is {TEST: MATCH, is: CLASS, say: TEXT}"},
    {"a balance that forgets which date it asked", "balance: {date: date, ", "balance: {",
	"the balance does not say for which it is"},
    {"a balance that ignores the types", "type_id: .type, amount: .amount, unit: .unit}\n  insert",
	"type_id: '78', amount: .amount, unit: .unit}\n  insert",
	"a balance must say for which type"},
    {"two unrepeatable writes", "  cancel-timeoff:\n",
	"    - request: POST /more\n  cancel-timeoff:\n",
	"a second write that must not be repeated"},
    {"two unrepeatable writes distinguished by a list, which may hold both",
	"    - request: POST /people/${in.agent_id}/requests\n",
	"    - when: {'in.days[*].part': day}\n      request: POST /whole\n"
	"    - when: {'in.days[*].part': [am, pm]}\n"
	"      request: POST /people/${in.agent_id}/requests\n",
	"a second write that must not be repeated"},
    {"two distinguished by a step's value, which may be a list",
	"    - request: POST /people/${in.agent_id}/requests\n",
	"    - name: k\n      request: GET /kind\n      set: {kind: $.kind}\n"
	"    - when: {steps.k.kind: a}\n      request: POST /a\n"
	"    - when: {steps.k.kind: b}\n      request: POST "
	"/people/${in.agent_id}/requests\n",
	"a second write that must not be repeated"},
    {"an unrepeatable write inside a for", "    - request: POST /people/${in.agent_id}/requests\n",
	"    - for: {d: in.days}\n      request: POST /people/${in.agent_id}/day/${d.date}\n"
	"    - request: PUT /people/${in.agent_id}/requests\n      writes: again\n",
	"cannot be inside for"},
    {"one for each run of another kind", "    - request: POST /people/${in.agent_id}/requests\n",
	"    - for: {run: 'in.runs[*]'}\n      request: POST /people/${in.agent_id}/requests/${run.first}\n",
	"cannot be inside for, but for: {run: in.runs}"},
    {"an insert by runs whose ids never come back joined", "    - request: POST /",
	"    - for: {run: in.runs}\n      request: POST /", "each part has `id: in.request_id"},
    {"a change by runs", "  cancel-timeoff:\n",
	"  change-timeoff:\n    - for: {run: in.runs}\n      request: POST "
	"/people/${in.agent_id}/requests/${run.first}\n      body: {n: '${in.marker}'}\n  cancel-timeoff:\n",
	"only an insert goes by runs"},
    {"an insert without the agent", "POST /people/${in.agent_id}/requests", "POST /requests",
	"no request of insert-timeoff names the agent"},
    {"an insert without the type", "        type: ${in.type_id}\n", "", "names the type"},
    {"an insert without the days",
	"days: {for: {day: in.days}, item: {on: '${day.date}', amount: "
	"'${day.minutes | as in.type.unit}'}}",
	"hours: '${in.total_minutes | as in.type.unit}'", "names the days"},
    {"a marker that is not written", "${in.marker} ${in.notes}", "${in.notes}",
	"insert-timeoff does not write ${in.marker}"},
    {"a marker that is not read back", "notes: .note, ", "",
	"found reads neither marker nor notes"},
    {"a lost write that cannot be looked for",
	"  find-timeoff:\n    - request: GET "
	"/people/${in.agent_id}/requests\n      query: {id: '${in.request_id}', from: "
	"'${in.min_date}', "
	"to: '${in.max_date}'}\n      each: $[*]\n      found: {id: .id, type_id: .type, status: "
	".state "
	"| map state, notes: .note, start: .from, end: .to, amount: .amount, unit: .unit}\n",
	"", "find-timeoff, which is missing"},
    {"a map over in.status that lacks one", "{APPROVED: approved, PENDING: open}",
	"{APPROVED: approved}", "lacks a status"},
    {"a map over in.status of a cancelling", "    - request: DELETE",
	"    - headers: {X: '${in.status | map status}'}\n      request: DELETE",
	"lacks a status that can come: CANCELED"},
    {"a map over in.status of a cancelling that also denies", "    - request: DELETE",
	"    - headers: {X: '${in.status | map state}'}\n      request: DELETE",
	"lacks a status that can come: CANCELED"},
    {"a map over in.was", "    - request: DELETE",
	"    - headers: {X: '${in.was | default ''x'' | map state}'}\n      request: DELETE",
	"lacks a status that can come: PENDING"},
    {"a map to found.status with an else", "gone: CANCELED}", "else: CANCELED}",
	"feeds found.status and has an else"},
    {"a map to a status that does not exist", "gone: CANCELED}", "gone: CANCELLED}",
	"is no status of ours"},
    {"a map to a unit that does not exist", "name: .name, unit: .unit}\n",
	"name: .name, unit: .unit | map u}\n", "unknown map \"u\""},
    {"JSON glued by hand", "note: ${in.marker} ${in.notes}", "note: '{\"m\": \"${in.marker}\"}'",
	"JSON glued by hand"},
    {"JSON glued by hand with blanks", "note: ${in.marker} ${in.notes}",
	"note: '{ \"m\" : \"${in.marker}\"}'", "JSON glued by hand"},
    {"JSON glued into a query", "{at: '${date}'}", "{at: '{\"d\":\"${date}\"}'}",
	"JSON glued by hand"},
    {"4xx before what it hides",
	"  - {status: 422, $.message: /overlap/, is: conflict}\n  - {status: 4xx,"
	" is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {status: 422, $.message: /overlap/, is: "
	"conflict}\n",
	"this rule is never reached: rule 1"},
    {"4xx after another, before what it hides",
	"  - {status: 422, $.message: /overlap/, is: conflict}\n  - {status: 4xx,"
	" is: refused}\n",
	"  - {status: 409, is: conflict}\n  - {status: 4xx, is: refused}\n"
	"  - {status: 422, $.message: /overlap/, is: conflict}\n",
	"this rule is never reached: rule 2"},
    {"a secret in a query", "{at: '${date}'}", "{at: '${date}', k: '${settings.key}'}",
	"a secret setting may stand only in auth and form"},
    {"a secret in the body", "type: ${in.type_id}\n",
	"type: ${in.type_id}\n        k: ${settings.key}\n", "a secret setting may stand only"},
    {"joined ids never split", "result: {id: $.id, ", "result: {id: \"$.ids | join ','\", ",
	"cancel-timeoff sends them as they are: split them"},
    {"agents paged by short", "total: $.total}", "until: short}", "agents are missed"},
    {"a literal .. in a path", "GET /types", "GET /a/../types", "holds \".\" or \"..\""},
    {"a .. that is written otherwise", "GET /types", "GET /a/%2e%2E", "holds \".\" or \"..\""},
    {"a query in a path", "GET /types", "GET /types?all=1", "a query belongs into query:"},
    {"JSONPath that does not parse", "each: $.people[*]", "each: $.people[*", "in \"$.people[*\":"},
    {"a host out of a setting without pattern", "pattern: '[a-z]+', ", "", "needs a pattern"},
    {"nor after two defaults", "  base: {default: 'https://${settings.host}.example'}\n",
	"  free: {}\n  other: {default: 'https://${settings.free}.${settings.host}.example'}\n"
	"  base: {default: '${settings.other}'}\n",
	"setting \"free\" is only part of a URL, and needs a pattern"},
    {"a host out of the request", "base_url: ${settings.base}\n",
	"base_url: 'https://${in.agent_id}.example'\n", "come from settings only"},
    {"the same where the answer would do as a record",
	"      each: $[*]\n      found:", "      each: $[*\n      found:", "in \"$[*\":"},
    {"each over a record that is not there yet", "each: $.people[*]", "each: .people[*]",
	"there is no record at this place"},
    {"a total of no record", "total: $.total", "total: .total", "there is no record at this place"},
    {"a failure of no record", "$.message: /overlap/", ".message: /overlap/",
	"there is no record at this place"},
    {"a message of no record", "message: [header.X-Message, $.message]", "message: .message",
	"there is no record at this place"},
    {"a value of no record beside each", "    - request: GET /types\n",
	"    - request: GET /types\n      expect: .count\n", "there is no record at this place"},
    {"a value over numbered pages without each",
	"    - request: GET /people\n      page: {offset: "
	"offset, size: {limit: 2}, total: $.total}\n      each: $.people[*]\n",
	"    - name: one\n      request: GET /people\n      page: {offset: offset, total: $.total}\n      "
	"set: {a: $.a}\n    - request: GET /people/${steps.one.a}\n      each: $.people[*]\n",
	"page goes on by what each finds"},
    {"a balance of two days", "balance: {date: date, ", "balance: {as_of: now, date: date, ",
	"as of a date or as of now, not both"},
    {"page without each", "      each: $.people[*]\n", "", "there is no each"},
    {"an insert that only reads", "    - request: POST /people/${in.agent_id}/requests\n",
	"    - request: POST /people/${in.agent_id}/requests\n      writes: no\n",
	"no step of insert-timeoff writes"},
    {"for over one value", "for: {date: in.dates}", "for: {date: in.agent_id}",
	"\"in.agent_id\" is one value, and no list to go through"},
    {"result beside for", "      writes: again\n",
	"      writes: again\n      for: {d: in.entries}\n"
	"      result: {id: $.id}\n",
	"result reads one answer, and for gives many"},
    {"result over pages", "      result: {id: $.id,",
	"      page: {cursor: c, next: $.next}\n      result: {id: $.id,",
	"result reads one answer, and page gives many"},
    {"writing page after page", "      writes: again\n",
	"      writes: again\n      page: {cursor: c, next: $.next}\n",
	"a request that writes is not sent page after page"},
    {"expect over pages", "    - request: GET /types\n",
	"    - request: GET /types\n      page: {cursor: c, next: $.next}\n      expect: $.count\n",
	"expect counts one answer, and page gives many"},
    {"pick beside each", "    - request: GET /types\n",
	"    - request: GET /types\n      pick: $[*]\n", "pick takes one: not both"},
    {"each that makes nothing", "      type: {id: .id, name: .name, unit: .unit}\n", "",
	"nothing is made of its items"},
    {"an operation without records",
	"      each: $[*]\n      type: {id: .id, name: .name, unit: .unit}\n", "",
	"no step of get-timeoff-types makes records"},
    {"where beside nothing", "      writes: again\n", "      writes: again\n      where: {.a: b}\n",
	"where and expect are about the items of each"},
    {"a step after a refusal", "    - request: DELETE", "    - refuse: no\n    - request: DELETE",
	"this step is never reached"},
    {"a day's date of the whole request", "start: .from, end: .to, ",
	"days: {for: {d: '.days[*]'}, date: .date, amount: d.minutes, unit: .unit}, ",
	"days.date is .date, which is of the whole request"},
    {"a day's amount of the whole answer", "start: .from, end: .to, ",
	"days: {for: {d: '.days[*]'}, date: d.date, amount: '$[0].minutes', unit: .unit}, ",
	"days.amount is $[0].minutes, which is of the whole request"},
    {"a day's amount of the whole request", "start: .from, end: .to, ",
	"days: {for: {d: '.days[*]'}, date: d.date, amount: .minutes, unit: .unit}, ",
	"days.amount is .minutes, which is of the whole request"},
    {"found without days", "start: .from, end: .to, ", "start: .from, ",
	"found needs date, start and end"},
};

static void
the_file_itself_is_good(void **state)
{
	struct kit_file k;

	(void)state;
	kit_file_open(&k);
	if (kit_load(&k, kit_adapter) == NULL)
		fail_msg("%s", k.faults.n > 0 ? k.faults.texts[0] : "no memory");
	assert_int_equal(k.faults.n, 0);
	kit_file_close(&k);
}

static void
mistakes_are_found(void **state)
{
	struct kit_file k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_file_open(&k);
		if (kit_load(&k, kit_replace(&k, kit_adapter, rows[i].from, rows[i].to)) != NULL)
			fail_msg("%s: not found", rows[i].name);
		kit_assert_fault(&k, rows[i].name, rows[i].fault);
		kit_file_close(&k);
	}
}

/* What looks like one of the mistakes and is none. */
static const struct {
	const char *name, *from, *to;
} fine[] = {
    {"a balance of a plan", "balance: {date: date, type_id: .type,",
	"balance: {date: date, plan: .type,"},
    {"two writes that exclude each other", "    - request: POST /people/${in.agent_id}/requests\n",
	"    - when: {in.partial: true}\n      request: POST /half\n    - when: {in.partial: "
	"false}\n"
	"      request: POST /people/${in.agent_id}/requests\n"},
    {"two writes distinguished by a list and its not",
	"    - request: POST /people/${in.agent_id}/requests\n",
	"    - when: {'in.days[*].part': [am, pm]}\n      request: POST /half\n"
	"    - when: {'in.days[*].part': {not: [am, pm]}}\n"
	"      request: POST /people/${in.agent_id}/requests\n"},
    {"two writes distinguished by a part of one value",
	"    - request: POST /people/${in.agent_id}/requests\n",
	"    - when: {'in.days | count': '1'}\n      request: POST /one\n"
	"    - when: {in.agent_id | slice 0 1: a, 'in.days | count': {not: '1'}}\n"
	"      request: POST /a\n"
	"    - when: {in.agent_id | slice 0 1: b, 'in.days | count': {not: '1'}}\n"
	"      request: POST /people/${in.agent_id}/requests\n"},
    {"a fixed unit where the type's is asked for",
	"    - request: POST /people/${in.agent_id}/requests\n",
	"    - when: {in.type.unit: hours}\n      request: POST /h\n      writes: again\n"
	"      body: {h: '${in.total_minutes | as hours}'}\n"
	"    - request: POST /people/${in.agent_id}/requests\n"},
    {"a map over what a filter made of a status", "    - request: DELETE",
	"    - headers: {X: '${in.status | lower | map state}'}\n      request: DELETE"},
    {"a later rule that is narrower elsewhere", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {status: 409, is: conflict}\n"},
    {"joined ids that are split", "DELETE /requests/${in.request_id}",
	"DELETE /requests/${in.request_id | split ',' | first}"},
    {"an unrepeatable write in a for of again", "      writes: again\n",
	"      writes: again\n      for: {d: in.entries}\n      headers: {X: '${d}'}\n"},
    {"a dotted parameter in a query", "page: {offset: offset", "page: {offset: page.number"},
    {"agents until a page is empty", "total: $.total}\n      each: $.people",
	"until: empty}\n      each: $.people"},
    {"a name that another one uses", "    - for: {date: in.dates}\n",
	"    - for: {some: in.dates | chunk 5, date: some}\n"},
    {"a dollar and braces that are nobody's", "at: '${date}'", "at: '${date} $filter {dates}'"},
};

static void
what_only_looks_wrong_is_not(void **state)
{
	struct kit_file k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		kit_file_open(&k);
		if (kit_load(&k, kit_replace(&k, kit_adapter, fine[i].from, fine[i].to)) == NULL)
			fail_msg("%s: %s", fine[i].name,
			    k.faults.n > 0 ? k.faults.texts[0] : "no memory");
		kit_file_close(&k);
	}
}

/* What two places of the file decide together. */
static const struct {
	const char *from[2], *to[2], *fault;
} pairs[] = {
    {{"find: marker", "${in.marker} ${in.notes}"}, {"find: key", "${in.notes}"},
	"insert-timeoff does not write ${in.key}"},
    {{"find: marker", "notes: .note, "}, {"find: key", ""}, "found reads neither marker nor notes"},
};

static void
two_places_do_not_fit(void **state)
{
	struct kit_file k;
	const char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		kit_file_open(&k);
		text = kit_replace(&k, kit_adapter, pairs[i].from[0], pairs[i].to[0]);
		text = kit_replace(&k, text, pairs[i].from[1], pairs[i].to[1]);
		assert_null(kit_load(&k, text));
		kit_assert_fault(&k, pairs[i].fault, pairs[i].fault);
		kit_file_close(&k);
	}
}

static void
every_fault_at_once(void **state)
{
	struct kit_file k;
	const char *text;

	(void)state;
	kit_file_open(&k);
	text = kit_replace(&k, kit_adapter, "${in.type_id}", "${in.typ_id}");
	text = kit_replace(&k, text, "docs: https", "dox: https");
	text = kit_replace(&k, text, "each: $.people[*]", "each: people");
	text = kit_replace(&k, text, "pattern: '[a-z]+'", "pattern: '[a-z'");
	text = kit_replace(&k, text, "    - request: GET /types\n",
	    "    - name: n\n      request: GET /one\n      reqest: x\n      set: {a: $.a}\n"
	    "    - request: GET /types\n      headers: {X: '${steps.n.a}', Y: '${steps.n.b}'}\n");
	assert_null(kit_load(&k, text));
	kit_assert_fault(&k, "first", "unknown key \"dox\"");
	kit_assert_fault(&k, "second", "typ_id");
	kit_assert_fault(&k, "third", "unknown source \"people\"");
	kit_assert_fault(&k, "a setting", "pattern [a-z");
	kit_assert_fault(&k, "a step", "unknown key \"reqest\"");
	kit_assert_fault(&k, "a step that names it", "unknown value set by that step \"b\"");
	assert_int_equal(k.faults.n, 6);
	kit_file_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_file_itself_is_good),
	    cmocka_unit_test(mistakes_are_found),
	    cmocka_unit_test(what_only_looks_wrong_is_not),
	    cmocka_unit_test(two_places_do_not_fit),
	    cmocka_unit_test(every_fault_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
