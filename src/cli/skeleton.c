/*
 * skeleton.c: see skeleton.h. The files pass `adapter check` and `adapter test` as they are, so
 * that whoever fills them in goes from one good state to the next.
 */
#include "cli/skeleton.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "hris/route.h"

enum { SKELETON_MAX = 64 * 1024 };

/* NAME is put in the place of @. */
static const char *const adapter_lines[] = {
    "# @.yaml: hrisgw-adapter(7) is the language. Every line that begins with two # is for you to",
    "# take or to leave; what is not commented is an example, and is to be replaced.",
    "title: '@'",
    "## docs: https://vendor.example/api         # where its API is described",
    "proven: pages                               # live, description (OpenAPI) or pages",
    "gotchas: []                                 # what an administrator has to know, one text each",
    "settings:                                   # what a route says",
    "  base_url: {required: true, help: 'https://acme.vendor.example/api/v1'}",
    "  api_key: {required: true, secret: true}",
    "base_url: ${settings.base_url}",
    "auth: {bearer: '${settings.api_key}'}",
    "## auth: {basic: {username: '${settings.user}', password: '${settings.api_key}'}}",
    "## auth: {header: {X-Api-Key: '${settings.api_key}'}}",
    "## auth: {oauth2: {grant: client_credentials, url: '${settings.base_url}/token',",
    "##   client_id: '${settings.client_id}', client_secret: '${settings.secret}', scope: read write}}",
    "headers: {Accept: application/json}",
    "message: $.message                          # the vendor's own words for a failure",
    "## pace: 5/s                                # calls that it takes",
    "## failures:                                # what a status means, where it is not the usual",
    "##   - {status: 422, $.code: overlap, is: conflict}",
    "maps:                                       # no else in what a status is read by: new words stay unknown",
    "  to: {PENDING: pending, APPROVED: approved}",
    "  state: {pending: PENDING, approved: APPROVED, rejected: DENIED, cancelled: CANCELED}",
    "amounts: {hours: 0.01, days: 0.5}           # what a request may be of, with the smallest step",
    "lost_write: {find: marker, settle: 5s}      # key, marker, natural or none",
    "operations:",
    "  get-agents:                               # all, or a failure: half a list unlinks the other half",
    "    - request: GET /employees",
    "      page: {page: page, size: {per_page: 100}, total: $.total}",
    "      each: $.employees[*]",
    "      agent: {id: .id, email: .email}",
    "  get-timeoff-types:",
    "    - request: GET /leave-types",
    "      each: $.types[*]",
    "      type: {id: .id, name: .name, unit: .unit}",
    "  get-balance:                              # one call a date; as_of: now, if it knows today's alone",
    "    - for: {date: in.dates}",
    "      request: GET /employees/${in.agent_id}/balances",
    "      query: {date: '${date}'}",
    "      each: $.balances[*]",
    "      balance: {date: date, type_id: .type, amount: .left}",
    "  insert-timeoff:",
    "    - request: POST /employees/${in.agent_id}/leaves",
    "      body: &leave",
    "        type: ${in.type_id}",
    "        from: ${in.min_date}",
    "        to: ${in.max_date}",
    "        state: ${in.status | map to}",
    "        days: {for: {day: in.days}, item: {date: '${day.date}', amount: '${day.minutes | as in.type.unit}'}}",
    "        note: ${in.marker} ${in.notes}      # the marker finds a lost write again",
    "      result: {id: $.id, status: $.state | map state}",
    "  change-timeoff:                           # or: replace, or [{replace: create-first}]",
    "    - request: PUT /leaves/${in.request_id}",
    "      body: *leave",
    "      result: {id: $.id, status: $.state | map state}",
    "  approve-timeoff:",
    "    - request: PUT /leaves/${in.request_id}/state",
    "      writes: again                         # twice is no harm",
    "      body: {state: approved}",
    "  cancel-timeoff:                           # denies too, where there is no deny-timeoff",
    "    - request: PUT /leaves/${in.request_id}/state",
    "      writes: again",
    "      body: {state: cancelled, note: '${in.notes}'}",
    "  find-timeoff:",
    "    - when: {in.request_id: present}",
    "      request: GET /leaves/${in.request_id}",
    "      found: &found",
    "        id: .id",
    "        agent_id: .employee",
    "        type_id: .type",
    "        status: .state | map state",
    "        notes: .note",
    "        start: .from",
    "        end: .to",
    "        days: {for: {day: '.days[*]'}, date: day.date, amount: day.amount}",
    "    - when: {in.request_id: absent}",
    "      request: GET /employees/${in.agent_id}/leaves",
    "      query: {from: '${in.min_date}', to: '${in.max_date}'}",
    "      each: $.leaves[*]",
    "      found: *found",
};

static const char *const test_lines[] = {
    "# Played by `hrisgw adapter test @`. Say for each case where its exchange comes from.",
    "settings: {base_url: 'https://acme.vendor.example/api/v1', api_key: key-1}",
    "base_url: https://acme.vendor.example/api/v1",
    "types:",
    "  vacation: {id: v, name: Vacation, unit: hours}",
    "cases:",
    "  - name: two pages of people, one without e-mail",
    "    source: made up",
    "    operation: get-agents",
    "    calls:",
    "      - request: GET /employees",
    "        query: {page: '1', per_page: '100'}",
    "        headers: {Authorization: Bearer key-1}",
    "        answer: {json: {total: 3, employees: [{id: 1, email: ann@example.com}, {id: 2, email: null}]}}",
    "      - request: GET /employees",
    "        query: {page: '2', per_page: '100'}",
    "        answer: {json: {total: 3, employees: [{id: 3, email: bob@example.com}]}}",
    "    out: {agents: [{id: '1', email: ann@example.com}, {id: '2'}, {id: '3', email: bob@example.com}]}",
    "",
    "  - name: a key without the right",
    "    source: made up",
    "    operation: get-timeoff-types",
    "    calls: [{request: GET /leave-types, answer: {status: 403, json: {message: not for you}}}]",
    "    fails: HRIS.FORBIDDEN",
    "    message: not for you",
    "",
    "  - name: types",
    "    source: made up",
    "    operation: get-timeoff-types",
    "    calls: [{request: GET /leave-types, answer: {json: {types: [{id: v, name: Vacation, unit: hours}]}}}]",
    "    out: {types: [{id: v, name: Vacation, unit: hours}]}",
    "",
    "  - name: a balance a date",
    "    source: made up",
    "    operation: get-balance",
    "    in: {agent_id: '1', types: [vacation], dates: [2027-03-01]}",
    "    calls:",
    "      - request: GET /employees/1/balances",
    "        query: {date: 2027-03-01}",
    "        answer: {json: {balances: [{type: v, left: 12.5}]}}",
    "    out: {balances: [{type_id: v, date: 2027-03-01, amount: '12.5'}]}",
    "",
    "  - name: a request of one day",
    "    source: made up",
    "    operation: insert-timeoff",
    "    in: &asked",
    "      agent_id: '1'",
    "      type: vacation",
    "      status: PENDING",
    "      days: {2027-03-01: 480}",
    "      marker: '[hrisgw 1]'",
    "      notes: by train",
    "    calls:",
    "      - request: POST /employees/1/leaves",
    "        body: &body",
    "          type: v",
    "          from: 2027-03-01",
    "          to: 2027-03-01",
    "          state: pending",
    "          days: [{date: 2027-03-01, amount: 8}]",
    "          note: '[hrisgw 1] by train'",
    "        answer: {status: 201, json: {id: 9, state: pending}}",
    "    out: {result: {id: '9', status: PENDING}}",
    "",
    "  - name: an answer that was lost leaves it unknown",
    "    source: made up",
    "    operation: insert-timeoff",
    "    in: *asked",
    "    calls: [{request: POST /employees/1/leaves, body: *body, answer: {lost: true}}]",
    "    fails: HRIS.OUTCOME_UNKNOWN",
    "",
    "  - name: changed",
    "    source: made up",
    "    operation: change-timeoff",
    "    in:",
    "      agent_id: '1'",
    "      type: vacation",
    "      status: PENDING",
    "      was: PENDING",
    "      request_id: '9'",
    "      days: {2027-03-01: 480}",
    "      marker: '[hrisgw 1]'",
    "      notes: by train",
    "    calls: [{request: PUT /leaves/9, body: *body, answer: {json: {id: 9, state: pending}}}]",
    "    out: {result: {id: '9', status: PENDING}}",
    "",
    "  - name: approved",
    "    source: made up",
    "    operation: approve-timeoff",
    "    in: {agent_id: '1', request_id: '9', status: APPROVED, was: PENDING}",
    "    calls: [{request: PUT /leaves/9/state, body: {state: approved}, answer: {json: {}}}]",
    "    out: {result: {}}",
    "",
    "  - name: cancelled",
    "    source: made up",
    "    operation: cancel-timeoff",
    "    in: {agent_id: '1', request_id: '9', status: CANCELED, was: PENDING}",
    "    calls: [{request: PUT /leaves/9/state, body: {state: cancelled}, answer: {json: {}}}]",
    "    out: {result: {}}",
    "",
    "  - name: one request by its id",
    "    source: made up",
    "    operation: find-timeoff",
    "    in: {agent_id: '1', request_id: '9'}",
    "    calls:",
    "      - request: GET /leaves/9",
    "        answer: {json: &row {id: 9, employee: 1, type: v, state: approved, from: 2027-03-01, to: 2027-03-01,",
    "          note: '[hrisgw 1] by train', days: [{date: 2027-03-01, amount: 8}]}}",
    "    out: &found",
    "      found:",
    "        - id: '9'",
    "          agent_id: '1'",
    "          type_id: v",
    "          status: APPROVED",
    "          notes: ['[hrisgw 1] by train']",
    "          start: 2027-03-01",
    "          end: 2027-03-01",
    "          days: [{date: 2027-03-01, amount: '8'}]",
    "",
    "  - name: those of a range",
    "    source: made up",
    "    operation: find-timeoff",
    "    in: {agent_id: '1', min_date: 2027-03-01, max_date: 2027-03-31}",
    "    calls:",
    "      - request: GET /employees/1/leaves",
    "        query: {from: 2027-03-01, to: 2027-03-31}",
    "        answer: {json: {leaves: [*row]}}",
    "    out: *found",
};

static void
put_lines(struct buf *b, const char *const *lines, size_t n, const char *name)
{
	const char *s;
	size_t i;

	for (i = 0; i < n; i++) {
		/* An e-mail address has an @ that is no place for the name. */
		for (s = lines[i]; *s != '\0'; s++) {
			if (*s == '@' && strncmp(s, "@example.com", 12) != 0)
				buf_puts(b, name);
			else
				buf_putc(b, *s);
		}
		buf_putc(b, '\n');
	}
}

static bool
write_new(const char *path, const struct buf *b)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
	bool good;

	if (fd < 0)
		return false;
	good = text_write(fd, b->data, b->len);
	return close(fd) == 0 && good;
}

int
cli_skeleton(const struct cli_call *call, struct arena *a, const char *folder, const char *name)
{
	const struct {
		const char *ending, *const *lines;
		size_t n;
	} files[] = {{".yaml", adapter_lines, ARRAY_LEN(adapter_lines)},
	    {".test.yaml", test_lines, ARRAY_LEN(test_lines)}};
	const char *paths[ARRAY_LEN(files)];
	bool json = cli_value(call, "json") != NULL;
	int code = CLI_OK;
	struct stat st;
	struct buf b;
	size_t i;

	if (!route_name_valid(name) || strcmp(name, "local") == 0)
		return cli_usage(call,
		    "an adapter's name is of lower-case letters, digits and -, and not local");
	for (i = 0; i < ARRAY_LEN(files); i++) {
		paths[i] = arena_printf(a, "%s/%s%s", folder, name, files[i].ending);
		if (paths[i] == NULL)
			return cli_failed(call, "out of memory");
		if (stat(paths[i], &st) == 0)
			return cli_failed(call, "%s is there already", paths[i]);
	}
	for (i = 0; i < ARRAY_LEN(files) && code == CLI_OK; i++) {
		buf_init(&b, SKELETON_MAX);
		put_lines(&b, files[i].lines, files[i].n, name);
		if (b.err != GW_OK || !write_new(paths[i], &b))
			code = cli_failed(call, "%s: %s", paths[i],
			    b.err != GW_OK ? "out of memory" : strerror(errno));
		else if (!json)
			printf("%s\n", paths[i]);
		buf_clear(&b);
	}
	if (code == CLI_OK && json)
		code = cli_json(call, cli_texts(a, paths, ARRAY_LEN(files)), false);
	return code;
}
