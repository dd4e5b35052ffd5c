/* test_load.c: adapter files as they are read, and a route's settings against them. */
#include "tests/unit/kit/adapter_kit.h"
#include "adapter/cost.h"
#include "format/json.h"
#include "format/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SIGNS(grant, more)                                                    \
	"{oauth2: {grant: " grant ", url: 'https://a.b/t', assertion: {key: " \
	"'${settings.key}', issuer: i, subject: s, audience: a, " more "}}}"

/* In a file that is whole, `from` becomes `to`. */
static const struct {
	const char *from, *to, *fault;
} rows[] = {
    {"title: Test\n", "", "title is missing"},
    {"gotchas: [one, two]", "gotchas: one", "gotchas is a list of texts"},
    {"base_url: ${settings.base}\n", "", "base_url is missing"},
    {"pace: 10/s", "pace: 10/h", "pace is N/s or N/min"},
    {"pace: 10/s", "pace: 0/s", "pace is N/s or N/min"},
    {"{bearer: ", "{bearerr: ", "did you mean \"bearer\"?"},
    {"{bearer: '${settings.key}'}", "{bearer: '${settings.key}', none: true}", "one kind of auth"},
    {"{bearer: '${settings.key}'}", "{basic: {username: '${settings.key}'}}",
	"basic needs username"},
    {"{bearer: '${settings.key}'}", "{oauth2: {grant: client_credentials}}",
	"t.yaml:9:16: oauth2 needs grant and url"},
    {"{bearer: '${settings.key}'}", "{oauth2: {grant: code, url: 'https://a.b/t'}}",
	"\"code\" is no grant"},
    {"{bearer: '${settings.key}'}", "{oauth2: {grant: refresh_token, url: 'https://a.b/t'}}",
	"grant refresh_token needs refresh_token"},
    {"{bearer: '${settings.key}'}", "{oauth2: {grant: client_credentials, url: 'https://a.b/t'}}",
	"grant client_credentials needs client_id"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: password, url: 'https://a.b/t', username: u}}",
	"grant password needs password"},
    {"{bearer: '${settings.key}'}", "{oauth2: {grant: saml_bearer, url: 'https://a.b/t'}}",
	"grant saml_bearer needs assertion"},
    {"{bearer: '${settings.key}'}", SIGNS("saml_bearer", "claims: {a: b}"),
	"only a jwt_bearer has claims"},
    {"lost_write: {find: marker, settle: 5s}", "lost_write: {settle: 5s}", "lost_write needs find"},
    {"amounts: {hours: 0.0001, days: 0.5}", "amounts: hours", "amounts is {UNIT: smallest step"},
    {"auth: {bearer: '${settings.key}'}", "auth: bearer", "auth is {KIND: ...}"},
    {"auth: {bearer: '${settings.key}'}", "auth: {}", "auth is {KIND: ...}"},
    {"headers: {X-One: one}", "headers: one", "headers is {NAME: TEXT, ...}"},
    {"{bearer: '${settings.key}'}", "{login: {token: $.t}}", "login needs request"},
    {"agent: {id: .id, email", "agent: {email", "agent lacks the required member \"id\""},
    {"      agent: {id: .id, email: .mail}\n", "      set: all\n", "set is {NAME: EXPR, ...}"},
    {"    - request: GET /types\n", "    - need: much\n      request: GET /types\n",
	"need is {EXPR: the reason"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "claims: {role: b, iat: 1}"),
	"claims: \"iat\" is already there"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "claims: {iss: b}"),
	"claims: \"iss\" is already there"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "claims: {jti: b}"),
	"claims: \"jti\" is already there"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "lifetime: 0m"), "lifetime is minutes"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "lifetime: 61m"), "lifetime is minutes"},
    {"{bearer: '${settings.key}'}", SIGNS("jwt_bearer", "lifetime: 10"), "lifetime is minutes"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: client_credentials, url: 'https://${in.agent_id}/t', client_id: a}}",
	"scheme, host and port come from settings only"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: client_credentials, url: 'https://a.b/t', client_id: a, in: header}}",
	"in: header needs client_id and client_secret"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: client_credentials, url: 'https://a.b/t', client_id: a, secret: b}}",
	"unknown key \"secret\" in oauth2"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: jwt_bearer, url: 'https://a.b/t', assertion: {key: '${settings.key}'}}}",
	"assertion needs key, issuer, subject and audience"},
    {"{bearer: '${settings.key}'}",
	"{oauth2: {grant: jwt_bearer, url: 'https://a.b/t', assertion: {key: '${settings.key}', "
	"issuer: i, subject: s, audience: a, lifetime: 2h}}}",
	"lifetime is minutes"},
    {"{bearer: '${settings.key}'}",
	"{main: {bearer: '${settings.key}'}, other: {login: {request: POST /in}}}",
	"login needs token"},
    {"{bearer: '${settings.key}'}", "{login: {request: POST in, token: $.t}}",
	"request is METHOD PATH"},
    {"{bearer: '${settings.key}'}",
	"{login: {request: POST /in, token: $.t, send: {X: '${tokn}'}}}",
	"did you mean \"token\"?"},
    {"{bearer: '${settings.key}'}", "{bearer: '${settings.key}', client_certificate: {cert: a}}",
	"client_certificate needs cert and key"},
    {"{bearer: '${settings.key}'}",
	"{bearer: '${settings.key}', basic: {username: a, password: b}}",
	"header, query and client_certificate may come on top"},
    {"pace: 10/s", "pace: 10/s\nwrap: {a: b, c: '${auth.tok}'}",
	"t.yaml:12:17: in \"auth.tok\": unknown member \"tok\""},
    {"pace: 10/s", "pace: 10/s\nanswer: .result", "there is no record at this place"},
    {"    - request: GET /types\n", "    - request: POST /types\n      xml: <a/>\n      body: {}\n",
	"a body, a form or xml, not two of them"},
    {"    - request: GET /types\n", "    - request: GET /types\n      xml: <a/>\n",
	"GET has no body"},
    {"    - request: GET /types\n", "    - query: {a: b}\n",
	"unknown key \"query\" in a step without a request"},
    {"    - request: GET /types\n      each: $[*]\n", "    - each: $[*]\n",
	"there is no answer yet at this place"},
    {"    - request: GET /people\n", "    - request: GET /people\n      answer: optional\n",
	"an empty answer would unlink every agent"},
    {"found: {id: .id, ", "found: {", "found needs id, or the marker in its place"},
    {"type_id: .type, status: .state | map state, notes: .note", "status: .state | map state",
	"found needs type_id, or what proves without it"},
    {"    - request: DELETE", "    - for: {x: in.nope}\n      request: DELETE",
	"unknown member \"nope\""},
    {"query: {at: '${date}'}", "query: {at: '${date}', b: null}", "null is never sent"},
    {"query: {at: '${date}'}", "query: {at: {when: {date: a}, els: b}}", "unknown key \"els\""},
    {"name: .name", "name: .name | map settings.host",
	"map needs the name of a map, or a setting of which kind is map"},
    {"{offset: offset, ", "{link: true, page: p, ", "one of page, offset, cursor, url, link: true"},
    {"{offset: offset, ", "{link: false, ", "one of page, offset, cursor, url, link: true"},
    {"total: $.total}", "totl: $.total}", "did you mean \"total\"?"},
    {"gotchas: [one, two]", "gotchas: [[one], two]", "a gotcha is one text"},
    {"  key: {secret: true, required: true}\n"
     "  base: {default: 'https://${settings.host}.example'}\n"
     "base_url: ${settings.base}\n"
     "auth: {bearer: '${settings.key}'}\n",
	"  base: {default: 'https://${settings.host}.example'}\n"
	"base_url: ${settings.base}\n"
	"auth: {none: true, bearerr: a}\n",
	"did you mean \"bearer\"?"},
    {"settings:\n", "settings: 5\nrest:\n", "settings is {NAME: {...}, ...}"},
    {"maps:\n", "maps: 5\nrest:\n", "maps is {NAME: {FROM: TO, ...}, ...}"},
    {"failures:\n", "failures: 5\nrest:\n", "failures is a list of"},
    {"operations:\n", "rest:\n", "operations is missing"},
    {"total: $.total}", "until: never}", "until is short, empty, \"status N\" or a condition"},
    {"total: $.total}", "until: {$.x: 1, nope: 2}}", "unknown source \"nope\""},
    {"{X-One: one}", "{'X One': one}", "cannot be a header's name"},
    {"{X-One: one}", "[one]", "headers is {NAME: TEXT, ...}"},
    {"is: conflict}", "is: konflict}", "is no failure class (did you mean \"conflict\"?)"},
    {"is: conflict}", "was: conflict}", "a failure is {TEST: MATCH, is: CLASS, say: TEXT}"},
    {"message: [header.X-Message, $.message]", "message: [[a]]", "an expression was expected"},
    {"    - request: GET /types", "    - request: GET types", "request is METHOD PATH"},
    {"    - request: GET /types", "    - request: TRACE /types", "the method is GET, POST"},
    {"    - request: GET /types\n", "    - request: GET /types\n      body: {}\n",
	"GET has no body"},
    {"    - request: GET /types\n",
	"    - request: POST /types\n      body: {}\n      form: {a: b}\n",
	"a body, a form or xml"},
    {"    - request: GET /types\n", "    - request: GET /types\n      auth: other\n", "is no auth"},
    {"    - request: GET /types\n", "    - request: GET /types\n      writes: once\n",
	"only reads"},
    {"      writes: again\n", "      writes: twice\n", "is no kind of writing"},
    {"      writes: again\n", "      writes: again\n      answer: none\n      result: {id: $.id}\n",
	"answer: none, and yet"},
    {"      writes: again\n", "      writes: again\n      set: {a: $.a}\n",
	"a step with set needs a name"},
    {"      writes: again\n", "      writes: again\n      refuse: no\n",
	"in a step that only refuses or replaces"},
    {"      writes: again\n", "      writes: again\n      need: {in.request_id: [a]}\n",
	"as reason"},
    {"    - request: DELETE /requests/${in.request_id}\n      writes: again\n",
	"    - replace: true\n", "a step of change-timeoff"},
    {"    - request: DELETE /requests/${in.request_id}\n      writes: again\n",
	"    - name: nothing\n", "a step has a request, a refuse or a replace, or makes"},
    {"{offset: offset, ", "{offset: offset, page: p, ", "one of page, offset, cursor, url"},
    {"{offset: offset, ", "{", "one of page, offset, cursor, url"},
    {", total: $.total}", "}", "page needs an end"},
    {"{offset: offset, size: {limit: 2}, total: $.total}", "{cursor: c, total: $.total}",
	"cursor needs next"},
    {"total: $.total}", "until: status}", "until is short, empty"},
    {"size: {limit: 2}", "size: 2", "size is {PARAMETER: N}"},
    {"size: {limit: 2}", "size: {limit: 0}", "a whole number from 1"},
    {"size: {limit: 2}, total: $.total}", "until: short}", "until: short needs size"},
    {"size: {limit: 2}", "first: 2", "a whole number from 0 to 1"},
    {"agent: {id: .id, email: .mail}", "agent: {id: .id}", "lacks the required member \"email\""},
    {"agent: {id: .id, email: .mail}", "type: {id: .id}", "get-agents gives no \"type\" records"},
    {"agent: {id: .id, email: .mail}", "agent: {id: .id, mail: .mail}", "did you mean \"email\"?"},
    {"type_id: .type, amount: .amount, unit: .unit}\n  insert", "amount: .amount}\n  insert",
	"balance needs type_id, type_id2 or plan"},
    {"unit: .unit}\n  get-balance", "unit: hour}\n  get-balance", "did you mean \"hours\"?"},
    {"      result: {id: $.id, ", "      result: {ident: $.id, ",
	"unknown key \"ident\" in result"},
    {"      each: $.people[*]\n", "      each: $.people[*]\n      result: {id: $.id}\n",
	"get-agents has no result"},
    {"  cancel-timeoff:\n", "  cancel-timeof:\n", "did you mean \"cancel-timeoff\"?"},
    {"  find-timeoff:\n", "  deny-timeoff: cancel\n  find-timeoff:\n", "the name of an operation"},
    {"  find-timeoff:\n",
	"  approve-timeoff: deny-timeoff\n  deny-timeoff: cancel-timeoff\n"
	"  find-timeoff:\n",
	"the name of an operation"},
    {"  find-timeoff:\n", "  deny-timeoff: []\n  find-timeoff:\n", "a list of 1 to"},
    {"  find-timeoff:\n", "  deny-timeoff: replace\n  find-timeoff:\n", "the name of an operation"},
    {"{hours: 0.0001, ", "{hour: 0.0001, week: 1, ", "unknown key \"week\" in amounts"},
    {"{hours: 0.0001, ", "{hours: 0, ", "the smallest step is a number above 0"},
    {"days: 0.5}", "days: 0.5, runs: half}", "is no kind of runs"},
    {"{find: marker, ", "{find: magic, ", "is no way to find a lost write"},
    {"settle: 5s", "settle: 5m", "settle is seconds"},
    {"settle: 5s", "settle: 61s", "settle is seconds"},
    {"settle: 5s", "settle: -1s", "settle is seconds"},
    {"settle: 5s", "settle: 0.0001s", "settle is seconds"},
    {"settle: 5s", "consistent: yes", "consistent is true or false"},
    {"  state: {approved: APPROVED,", "  state: {approved: [APPROVED],", "a map gives texts"},
    {"  status: {APPROVED: approved, PENDING: open}\n", "  status: {}\n",
	"a map is {FROM: TO, ...}"},
    {"{required: true, pattern", "{required: yes, pattern", "required is true or false"},
    {"{required: true, pattern", "{kind: number, pattern", "is no kind of setting"},
    {"{required: true, pattern", "{required: true, default: a, pattern", "no use for a default"},
    {"{secret: true, required: true}", "{secret: true, default: a}", "a secret has no default"},
    {"pattern: '[a-z]+'", "pattern: '[a-z+'", "a [ without its ]"},
    {"https://${settings.host}.example", "https://${settings.key}.example", "a secret setting"},
    {"https://${settings.host}.example", "https://${settings.base}.example",
	"unknown setting \"base\""},
    {"base: {default: 'https://${settings.host}.example'}",
	"base: {default: '${settings.more}'}\n  more: {default: '${settings.host}'}",
	"unknown setting \"more\""},
    {"total: $.total}", "until: status 99}", "until is short, empty"},
    {"help: where}", "one_of: a}", "one_of is a list"},
    {"operations:\n", "operations: 5\nrest:\n", "operations is a mapping"},
};

static void
faults_are_reported(void **state)
{
	struct kit_file k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_file_open(&k);
		if (kit_load(&k, kit_replace(&k, kit_adapter, rows[i].from, rows[i].to)) != NULL)
			fail_msg("%s: loaded", rows[i].to);
		kit_assert_fault(&k, rows[i].to, rows[i].fault);
		assert_memory_equal(k.faults.texts[0], "t.yaml:", 7);
		kit_file_close(&k);
	}
}

static void
what_a_file_says(void **state)
{
	struct adapter *adapter;
	struct kit_file k;

	(void)state;
	kit_file_open(&k);
	adapter = kit_load(&k, kit_adapter);
	assert_non_null(adapter);
	assert_string_equal(adapter->title, "Test");
	assert_int_equal(adapter->n_gotchas, 2);
	assert_int_equal(adapter->pace_per_minute, 600);
	assert_int_equal(adapter->traits.find, LOST_MARKER);
	assert_int_equal(adapter->traits.settle_ms, 5000);
	assert_false(adapter->traits.consistent);
	assert_true(adapter->traits.can[UNIT_HOURS]);
	assert_false(adapter->traits.can[UNIT_MINUTES]);
	assert_true(adapter->traits.has[OPERATION_CANCEL]);
	assert_false(adapter->traits.has[OPERATION_CHANGE]);
	assert_false(adapter->traits.spans);
	assert_int_equal(adapter->operations[OPERATION_INSERT].items[0].writes, WRITES_ONCE);
	assert_int_equal(adapter->operations[OPERATION_CANCEL].items[0].writes, WRITES_AGAIN);
	assert_int_equal(adapter->operations[OPERATION_FIND].items[0].writes, WRITES_NO);
	adapter = kit_load(&k, kit_replace(&k, kit_adapter, "  cancel-timeoff:\n",
				   "  change-timeoff: insert-timeoff\n  deny-timeoff: "
				   "cancel-timeoff\n  cancel-timeoff:\n"));
	assert_non_null(adapter);
	assert_true(adapter->traits.has[OPERATION_DENY]);
	assert_int_equal(adapter->operations[OPERATION_CHANGE].n, 1);
	adapter = kit_load(&k, kit_replace(&k, kit_adapter, "  cancel-timeoff:\n",
				   "  change-timeoff: replace\n  cancel-timeoff:\n"));
	assert_non_null(adapter);
	assert_int_equal(adapter->traits.replaces, REPLACE_CANCEL_FIRST);
	assert_int_equal(adapter->operations[OPERATION_CHANGE].replace, REPLACE_CANCEL_FIRST);
	adapter =
	    kit_load(&k, kit_replace(&k, kit_adapter, "  cancel-timeoff:\n",
			     "  change-timeoff: [{replace: create-first}]\n  cancel-timeoff:\n"));
	assert_non_null(adapter);
	assert_int_equal(adapter->operations[OPERATION_CHANGE].replace, REPLACE_CREATE_FIRST);
	adapter = kit_load(&k,
	    kit_replace(&k, kit_adapter, "  cancel-timeoff:\n",
		"  change-timeoff: [{when: {in.was: APPROVED}, replace: create-first}]\n  cancel-timeoff:\n"));
	assert_non_null(adapter);
	assert_int_equal(adapter->traits.replaces, REPLACE_CREATE_FIRST);
	assert_int_equal(adapter->operations[OPERATION_CHANGE].replace, REPLACE_NO);
	adapter = kit_load(&k, kit_replace(&k, kit_adapter, "{on: '${day.date}',",
				   "{on: '${day.date}', at: '${day.from}',"));
	assert_non_null(adapter);
	assert_true(adapter->traits.spans);
	adapter = kit_load(&k, kit_replace(&k, kit_adapter, "${in.marker} ${in.notes}",
				   "${in.marker} ${in.days[*].part | first} ${in.notes}"));
	assert_non_null(adapter);
	assert_true(adapter->traits.spans);
	kit_file_close(&k);
}

#define PEOPLE "      each: $.people[*]\n      agent: {id: .id, email: .mail}\n"

/* Which directories are read while they come: where nothing but a record looks at the record. */
static const struct {
	const char *from, *to;
	bool streams;
} directories[] = {
    {PEOPLE, PEOPLE, true},
    {PEOPLE, "      each: $.a.people[*]\n      agent: {id: .id, email: .mail}\n", true},
    {PEOPLE, PEOPLE "      where: {.state: [in, out], in.dates: absent}\n", true},
    {PEOPLE, PEOPLE "      failures: [{status: 200, $.error: present, is: refused}]\n", true},
    {PEOPLE, PEOPLE "      failures: [{status: 503, header.Retry-After: present, is: busy}]\n",
	true},
    {PEOPLE, PEOPLE "      failures: [{status: 200, text: /busy/, is: busy}]\n", true},
    {PEOPLE, PEOPLE "      failures: [{status: 200, '$.people[0]': absent, is: refused}]\n", false},
    {PEOPLE, PEOPLE "      where: {.state: in, $.open: 'true'}\n", false},
    {PEOPLE, PEOPLE "      where: {.state: in, status: 200}\n", false},
    {PEOPLE, "      each: $.people[*]\n      agent: {id: .id, email: $.mail}\n", false},
    {PEOPLE, "      each: $.people[*]\n      agent: {id: .id, email: .mail | default $.mail}\n",
	false},
    {PEOPLE, "      each: $.people[?@.in]\n      agent: {id: .id, email: .mail}\n", false},
    {PEOPLE, "      each: $..people[*]\n      agent: {id: .id, email: .mail}\n", false},
    {PEOPLE, "      each: $.people[*] | sort\n      agent: {id: .id, email: .mail}\n", false},
    {PEOPLE, "      each: {one: '$.people[*]'}\n      agent: {id: one.id, email: one.mail}\n",
	false},
    {"total: $.total", "total: $.people | count", false},
    {"total: $.total", "total: $..total", false},
    {"message: [header.X-Message, $.message]", "message: '$.people[0].error'", false},
    {"request: GET /people\n", "for: {x: [1]}\n      request: GET /people/${x}\n", false},
};

static void
what_is_streamed(void **state)
{
	struct adapter *adapter;
	struct kit_file k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		kit_file_open(&k);
		adapter = kit_load(
		    &k, kit_replace(&k, kit_adapter, directories[i].from, directories[i].to));
		if (adapter == NULL)
			fail_msg(
			    "%s: %s", directories[i].to, k.faults.n == 0 ? "" : k.faults.texts[0]);
		if (adapter->operations[OPERATION_AGENTS].items[0].streams !=
		    directories[i].streams)
			fail_msg("%s", directories[i].to);
		assert_false(adapter->operations[OPERATION_TYPES].items[0].streams);
		kit_file_close(&k);
	}
}

#define MORE_SETTINGS                                                       \
	"  base: {default: 'https://${settings.host}.example'}\n"           \
	"  zone: {}\n  area: {default: '${settings.zone}'}\n"               \
	"  site: {default: '${settings.host}-x', pattern: '[a-z-]{1,8}'}\n" \
	"query: {a: '${settings.area}', b: '${settings.site}'}\n"

static const struct {
	const char *given, *out; /* "!": a fault with that */
} settings[] = {
    {"{host: acme, key: k}", "{\"host\":\"acme\",\"key\":\"k\",\"base\":\"https://acme.example\"}"},
    {"{host: acme, key: 007, base: 'http://127.0.0.1:8080'}",
	"{\"host\":\"acme\",\"key\":\"007\",\"base\":\"http://127.0.0.1:8080\"}"},
    {"{key: k}", "!setting \"host\" is required by adapter t"},
    {"{host: null, key: k}", "!setting \"host\" is required"},
    {"{host: 'acme.evil/', key: k}", "!setting \"host\" does not match [a-z]+"},
    {"{host: ACME, key: k}", "!does not match"},
    {"{host: [a], key: k}", "!setting \"host\" is a text"},
    {"{host: acme, key: k, bse: x}", "!did you mean \"base\"?"},
    {"{bse: x, key: k}", "!setting \"host\" is required"},
    {"[1]", "!settings is a mapping"},
};

/* Of a file that has MORE_SETTINGS. */
static const struct {
	const char *given, *out;
} defaults[] = {
    {"{host: acme, key: k}",
	"{\"host\":\"acme\",\"key\":\"k\",\"base\":\"https://acme.example\",\"site\":\"acme-x\"}"},
    {"{host: acme, key: k, zone: z}",
	"{\"host\":\"acme\",\"key\":\"k\",\"base\":\"https://acme.example\",\"zone\":\"z\","
	"\"area\":\"z\",\"site\":\"acme-x\"}"},
    {"{host: acmeacme, key: k}", "!setting \"site\" does not match"},
};

#define LISTED                                                           \
	"  base: {one_of: ['https://a.example', 'https://b.example']}\n" \
	"  ids: {kind: list}\n"                                          \
	"  names: {kind: map}\n"                                         \
	"query: {a: '${settings.ids[0]}', b: '${settings.host | map settings.names}'}\n"

/* Of a file that has LISTED. */
static const struct {
	const char *given, *out;
} listed[] = {
    {"{host: acme, key: k, base: 'https://b.example', ids: [1, 2], names: {x: y}}",
	"{\"host\":\"acme\",\"key\":\"k\",\"base\":\"https://b.example\",\"ids\":[1,2],"
	"\"names\":{\"x\":\"y\"}}"},
    {"{host: acme, key: k, base: 'https://c.example'}",
	"!setting \"base\" is none of those the adapter lists"},
};

static void
assert_settings(const char *text, const char *from, const char *to, const char *given_text,
    const char *expected)
{
	struct adapter *adapter;
	struct value *given, *out;
	struct kit_file k;
	struct buf b;

	kit_file_open(&k);
	adapter = kit_load(&k, from == NULL ? text : kit_replace(&k, text, from, to));
	given = yaml_parse(&k.arena, "r.yaml", given_text, strlen(given_text), &k.faults);
	if (adapter == NULL || given == NULL)
		fail_msg("%s", k.faults.n > 0 ? k.faults.texts[0] : "no memory");
	out = adapter_settings(&k.arena, adapter, "r.yaml", given, given, NULL, &k.faults);
	if (expected[0] == '!') {
		assert_null(out);
		kit_assert_fault(&k, given_text, expected + 1);
		assert_memory_equal(k.faults.texts[0], "r.yaml:", 7);
	} else {
		assert_non_null(out);
		buf_init(&b, LIMIT_TEXT);
		json_value(&b, out);
		assert_string_equal(b.data, expected);
		buf_clear(&b);
	}
	kit_file_close(&k);
}

static void
settings_are_checked(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		assert_settings(kit_adapter, NULL, NULL, settings[i].given, settings[i].out);
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		assert_settings(kit_adapter,
		    "  base: {default: 'https://${settings.host}.example'}\n", MORE_SETTINGS,
		    defaults[i].given, defaults[i].out);
	for (i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		assert_settings(kit_adapter,
		    "  base: {default: 'https://${settings.host}.example'}\n", LISTED,
		    listed[i].given, listed[i].out);
}

/* Of a file whose base URL is the setting `base`. */
static const struct {
	const char *given;
	bool insecure_http;
	const char *fault; /* NULL: good */
} bases[] = {
    {"{host: acme, key: k}", false, NULL},
    {"{host: acme, key: k, base: 'https://a.example/x/'}", false, NULL},
    {"{host: acme, key: k, base: 'http://127.0.0.1:80/x'}", true, NULL},
    {"{host: acme, key: k, base: 'http://127.0.0.1:81/x'}", false,
	"r.yaml:1:28: http://127.0.0.1:81 is not https"},
    {"{host: acme, key: k, base: 'ftp://a.example'}", true, "is no http or https URL"},
    {"{host: acme, key: k, base: a.example}", true, "is no http or https URL"},
    {"{host: acme, key: k, base: 'https://a.example/?b'}", true, "is no http or https URL"},
    {"{host: acme, key: k, base: 'https://u:p@a.example'}", true, "is no http or https URL"},
};

static void
a_base_url_leads_somewhere(void **state)
{
	struct adapter *adapter;
	struct value *given, *out;
	struct kit_file k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		kit_file_open(&k);
		adapter = kit_load(&k, kit_adapter);
		given = yaml_parse(
		    &k.arena, "r.yaml", bases[i].given, strlen(bases[i].given), &k.faults);
		assert_true(adapter != NULL && given != NULL);
		out = adapter_settings(&k.arena, adapter, "r.yaml", given, given, NULL, &k.faults);
		assert_non_null(out);
		assert_int_equal(adapter_settings_reach(&k.arena, adapter, out,
				     bases[i].insecure_http, "r.yaml", given, given, &k.faults),
		    bases[i].fault == NULL);
		if (bases[i].fault != NULL)
			kit_assert_fault(&k, bases[i].given, bases[i].fault);
		kit_file_close(&k);
	}
}

#define GOT        "    - name: got\n      request: GET /got\n      set: {a: $.a}\n"
#define TAKES_AWAY "    - request: DELETE /requests/${in.request_id}\n      writes: again\n"

/* What each operation costs, by the specimen of cost.h. */
static const struct {
	const char *from, *to; /* NULL: the file as is */
	enum operation op;
	bool by_id;
	const char *cost;
} costs[] = {
    {NULL, NULL, OPERATION_AGENTS, false, "1 a page"},
    {NULL, NULL, OPERATION_TYPES, false, "1"},
    {NULL, NULL, OPERATION_BALANCE, false, "1 a date"},
    {NULL, NULL, OPERATION_INSERT, false, "1"},
    {NULL, NULL, OPERATION_CHANGE, false, "-"},
    {"    - for: {date: in.dates}\n      request: GET /people/${in.agent_id}/balance\n",
	"    - for: {date: in.dates, t: in.types}\n      request: GET /people/${in.agent_id}/balance/${t}\n",
	OPERATION_BALANCE, false, "1 a date and type"},
    {"for: {date: in.dates}", "for: {date: in.dates, x: [a, b, c]}\n      headers: {X: '${x}'}",
	OPERATION_BALANCE, false, "3 a date"},
    {"    - for: {date: in.dates}\n",
	GOT "    - for: {date: in.dates, x: steps.got.a}\n      headers: {X: '${x}'}\n",
	OPERATION_BALANCE, false, "1 + 1 a date and record"},
    /* By id or not, pending or not: the request says which. */
    {TAKES_AWAY,
	"    - when: {in.was: [PENDING]}\n      request: DELETE /x/1\n      writes: again\n"
	"    - when: {in.was: [APPROVED]}\n      request: DELETE /y/1\n      writes: again\n",
	OPERATION_CANCEL, true, "1"},
    /* An answer decides whether, or which. */
    {TAKES_AWAY,
	GOT "    - when: {steps.got.a: present}\n      request: DELETE /x/1\n      writes: again\n",
	OPERATION_CANCEL, true, "1-2"},
    {TAKES_AWAY,
	GOT "    - when: {steps.got.a: present}\n      request: DELETE /x/1\n      writes: again\n"
	    "    - when: {steps.got.a: absent}\n      request: DELETE /y/1\n      writes: again\n",
	OPERATION_CANCEL, true, "2"},
};

static void
what_an_operation_costs(void **state)
{
	struct adapter *adapter;
	struct kit_file k;
	struct cost cost;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		kit_file_open(&k);
		adapter = kit_load(&k, costs[i].from == NULL ? kit_adapter
							     : kit_replace(&k, kit_adapter,
								   costs[i].from, costs[i].to));
		if (adapter == NULL)
			fail_msg("row %zu: %s", i, k.faults.texts[0]);
		memset(&cost, 0, sizeof(cost));
		cost_add(&k.arena, adapter, costs[i].op, costs[i].by_id, &cost);
		if (strcmp(cost_text(&k.arena, &cost), costs[i].cost) != 0)
			fail_msg("row %zu: %s", i, cost_text(&k.arena, &cost));
		kit_file_close(&k);
	}
}

#define INSERT_DAYS                                                              \
	"        days: {for: {day: in.days}, item: {on: '${day.date}', amount: " \
	"'${day.minutes | as in.type.unit}'}}\n"

/* In which shape an insert sends days. */
static const struct {
	const char *from, *to;
	bool lists_days, by_runs, by_run, counts;
} shapes[] = {
    {"title: Test\n", "title: Test\n", true, false, false, false},
    {INSERT_DAYS, "        days: {for: {r: in.runs}, item: '${r.first}'}\n", false, true, false,
	false},
    {INSERT_DAYS, "        days: {for: {day: in.calendar}, item: '${day.date}'}\n", true, false,
	false, false},
    {"    - request: POST /people/${in.agent_id}/requests\n",
	"    - for: {run: in.runs}\n      request: POST /people/${in.agent_id}/${run.first}\n",
	true, true, true, false},
    {"end: .to, amount: .amount, unit: .unit}", "end: .to, minutes: .amount}", true, false, false,
	true},
};

static void
how_an_insert_sends_days(void **state)
{
	struct adapter *adapter;
	struct kit_file k;
	const char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		kit_file_open(&k);
		text = kit_replace(
		    &k, kit_adapter, "found: {id: .id", "found: {id: in.request_id | default .id");
		text = kit_replace(&k, text, TAKES_AWAY,
		    "    - for: {id: \"in.request_id | split ','\"}\n      request: DELETE /requests/${id}\n      writes: again\n");
		text = kit_replace(&k, text, "{id: '${in.request_id}', from", "{from");
		adapter = kit_load(&k, kit_replace(&k, text, shapes[i].from, shapes[i].to));
		if (adapter == NULL)
			fail_msg("row %zu: %s", i, k.faults.texts[0]);
		if (adapter->lists_days != shapes[i].lists_days ||
		    adapter->by_runs != shapes[i].by_runs ||
		    adapter->traits.by_run != shapes[i].by_run ||
		    adapter->traits.counts != shapes[i].counts)
			fail_msg("row %zu", i);
		kit_file_close(&k);
	}
}

/* As many steps as there may be, and one more. */
static void
how_many_steps(void **state)
{
	struct kit_file k;
	const char *steps;
	size_t i, n;

	(void)state;
	for (n = LIMIT_STEPS; n <= LIMIT_STEPS + 1; n++) {
		kit_file_open(&k);
		steps = "";
		for (i = 1; i < n; i++)
			steps = arena_printf(&k.arena,
			    "%s    - request: DELETE /also/%zu\n      writes: again\n", steps, i);
		steps = kit_replace(
		    &k, kit_adapter, TAKES_AWAY, arena_printf(&k.arena, "%s%s", TAKES_AWAY, steps));
		assert_int_equal(kit_load(&k, steps) != NULL, n == LIMIT_STEPS);
		if (n > LIMIT_STEPS)
			kit_assert_fault(&k, "steps", "cancel-timeoff is a list of 1 to 32 steps");
		kit_file_close(&k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(faults_are_reported),
	    cmocka_unit_test(what_a_file_says),
	    cmocka_unit_test(what_is_streamed),
	    cmocka_unit_test(how_an_insert_sends_days),
	    cmocka_unit_test(how_many_steps),
	    cmocka_unit_test(what_an_operation_costs),
	    cmocka_unit_test(settings_are_checked),
	    cmocka_unit_test(a_base_url_leads_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
