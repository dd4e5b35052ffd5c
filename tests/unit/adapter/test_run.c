/*
 * test_run.c: operations against a scripted HRIS: what is sent, how often, and what each
 * answer means. A call that the script does not hold, or one of it that is not made, fails the
 * case.
 */
#include "tests/unit/kit/adapter_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char head[] = "settings: {host: acme, key: k-1}\n"
			   "base_url: https://acme.example\n"
			   "types: {v: {id: '78', unit: hours, day_minutes: 480},"
			   " d: {id: '79', unit: days, day_minutes: 480}}\n"
			   "cases:\n";

#define AGENTS "  - name: c\n    operation: get-agents\n"
#define TYPES  "  - name: c\n    operation: get-timeoff-types\n"
#define BALANCE                                                                                 \
	"  - name: c\n    operation: get-balance\n    in: {agent_id: '4', dates: [2026-01-01, " \
	"2026-01-02], types: [v]}\n"
#define INSERT                                                                                  \
	"  - name: c\n    operation: insert-timeoff\n    in: {agent_id: '4', type: v, status: " \
	"PENDING, days: {2026-01-01: 480}, marker: M}\n"
#define CANCEL \
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '9', entries: [a, b]}\n"
#define FIND "  - name: c\n    operation: find-timeoff\n    in: {agent_id: '4', request_id: '9'}\n"
#define CREATE                                                                                \
	"{request: POST /people/4/requests, body: {status: open, type: '78', note: M, days: " \
	"[{on: 2026-01-01, amount: 8}]}"
#define FIND_CALL "{request: GET /people/4/requests, query: {id: '9'}"
#define PAGE      "{offset: offset, size: {limit: 2}, total: $.total}"
#define AGENT_STEP                                           \
	"    - request: GET /people\n      page: " PAGE "\n" \
	"      each: $.people[*]\n      agent: {id: .id, email: .mail}\n"
#define GATHER                                                                                     \
	"    - name: all\n      request: GET /people\n      page: {offset: o, total: $.total}\n"   \
	"      each: $.people[*]\n      set: {ids: .id}\n"                                         \
	"    - for: {id: steps.all.ids}\n      request: GET /people/${id}\n      agent: {id: id, " \
	"email: $.mail}\n"
#define DELETE "    - request: DELETE /requests/${in.request_id}\n      writes: again\n"

/* One page of people by offset, without a total and with one, and one by number with "more". */
#define OFFSET(at, people)                               \
	"      - {request: GET /people, query: {o: " #at \
	", n: 2}, answer: {json: {people: [" people "]}}}\n"
#define PAGED(at, total, people)                              \
	"      - {request: GET /people, query: {offset: " #at \
	", limit: 2}, answer: {json: {total: " #total ", people: [" people "]}}}\n"
#define NUMBERED(at, more, people)                                                        \
	"      - {request: GET /people, query: {p: " #at "}, answer: {json: {more: " more \
	", people: "                                                                      \
	"[" people "]}}}\n"

struct row {
	const char *name;
	const char *from, *to; /* a change of the adapter; NULL: none */
	const char *cases;
};

static const struct row pages[] = {
    {"by what was received, not by what was asked for", NULL, NULL,
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: "
	       "{total: 3, people: [{id: 1, mail: a@x}]}}}\n"
	       "      - {request: GET /people, query: {offset: 1, limit: 2}, answer: {json: "
	       "{total: 3, people: [{id: 2, mail: b@x}, {id: 3, mail: ''}]}}}\n"
	       "    out: {agents: [{id: 1, email: a@x}, {id: 2, email: b@x}, {id: 3}]}\n"},
    {"a page that fails fails the whole", NULL, NULL,
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: {total: 3, "
	"people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {offset: 1, limit: 2}, answer: {status: 403}}\n"
	"    fails: HRIS.FORBIDDEN\n"},
    {"an empty page while more is promised", NULL, NULL,
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: "
	       "{total: 3, people: []}}}\n"
	       "    fails: HRIS.ANSWER\n    message: an empty page\n"},
    {"a total that is no number", NULL, NULL,
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: "
	       "{people: [{id: 1}]}}}\n"
	       "    fails: HRIS.ANSWER\n    message: the total is no number\n"},
    {"page numbers, with more", PAGE, "{page: p, more: {$.more: true}}",
	AGENTS "    calls:\n" NUMBERED(1, "true", "{id: 1}") NUMBERED(2, "false", "{id: 2}")
	    NUMBERED(1, "true", "{id: 1}")
		NUMBERED(2, "false", "{id: 2}") "    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"page numbers from 0", PAGE, "{page: p, first: 0, more: {$.more: true}}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {p: 0}, answer: {json: {people: [{id: 1}]}}}\n"
	"    out: {agents: [{id: 1}]}\n"},
    {"a cursor", PAGE, "{cursor: after, size: {limit: 9}, next: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {limit: 9}, answer: {json: {next: 'x+/=', "
	       "people: [{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {limit: 9, after: 'x+/='}, answer: {json: "
	       "{next: null, people: [{id: 2}]}}}\n"
	       "    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a cursor in a header", PAGE, "{cursor: after, next: header.X-Next}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, answer: {headers: {X-Next: b}, json: {people: [{id: "
	"1}]}}}\n"
	"      - {request: GET /people, query: {after: b}, answer: {json: {people: [{id: 2}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a cursor that comes twice", PAGE, "{cursor: after, next: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: b, people: [{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {after: b}, answer: {json: {next: b, people: "
	       "[{id: 2}]}}}\n"
	       "      - {request: GET /people, answer: {json: {next: b, people: [{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {after: b}, answer: {json: {next: b, people: "
	       "[{id: 2}]}}}\n"
	       "    fails: HRIS.ANSWER\n    message: promised twice\n"},
    {"a cursor that comes twice the first time only", PAGE, "{cursor: after, next: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: b, people: [{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {after: b}, answer: {json: {next: b, people: "
	       "[{id: 2}]}}}\n"
	       "      - {request: GET /people, answer: {json: {next: c, people: [{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {after: c}, answer: {json: {people: "
	       "[{id: 3}]}}}\n"
	       "    out: {agents: [{id: 1}, {id: 3}]}\n"},
    {"a total that changes: read again from the start", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 4, "{id: 1}, {id: 2}") PAGED(2, 3, "{id: 4}")
	    PAGED(0, 3, "{id: 2}, {id: 3}")
		PAGED(2, 3, "{id: 4}") "    out: {agents: [{id: 2}, {id: 3}, {id: 4}]}\n"},
    {"a total that changes again", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 4, "{id: 1}, {id: 2}") PAGED(2, 3, "{id: 4}")
	    PAGED(0, 3, "{id: 2}, {id: 3}")
		PAGED(2, 4, "{id: 4}, {id: 5}") "    fails: HRIS.ANSWER\n    message: 'changed "
						"while its pages were read, twice: the total'\n"},
    {"somebody came: one is on two pages", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 3, "{id: 1}, {id: 2}") PAGED(2, 3, "{id: 2}")
	    PAGED(0, 3, "{id: 9}, {id: 1}")
		PAGED(2, 3, "{id: 2}") "    out: {agents: [{id: 9}, {id: 1}, {id: 2}]}\n"},
    {"another one is on two pages the second time", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 3, "{id: 1}, {id: 2}") PAGED(2, 3, "{id: 2}") PAGED(0, 3,
	    "{id: 9}, {id: 1}") PAGED(2, 3, "{id: 1}") "    fails: HRIS.ANSWER\n    message: "
						       "'twice: a record came on two pages'\n"},
    {"a page that came twice the first time", PAGE, "{page: p, more: {$.more: true}}",
	AGENTS "    calls:\n" NUMBERED(1, "true", "{id: 1}, {id: 2}")
	    NUMBERED(2, "false", "{id: 1}, {id: 2}") NUMBERED(1, "true", "{id: 1}, {id: 2}")
		NUMBERED(2, "false", "{id: 3}") NUMBERED(1, "true", "{id: 1}, {id: 2}") NUMBERED(
		    2, "false", "{id: 3}") "    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"a directory that always lists one person twice", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 3, "{id: 1}, {id: 2}") PAGED(2, 3, "{id: 1}")
	    PAGED(0, 3, "{id: 1}, {id: 2}")
		PAGED(2, 3, "{id: 1}") "    out: {agents: [{id: 1}, {id: 2}, {id: 1}]}\n"},
    {"twice on one page is twice", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 3, "{id: 1}, {id: 1}")
	    PAGED(2, 3, "{id: 2}") "    out: {agents: [{id: 1}, {id: 1}, {id: 2}]}\n"},
    {"what is not streamed is read again too",
	"{offset: offset, size: {limit: 2}, total: $.total}\n      each: $.people[*]\n",
	"{offset: offset, size: {limit: 2}, total: $.total}\n"
	"      each: {p: '$.people[*]'}\n",
	AGENTS "    calls:\n" PAGED(0, 3, "{id: 1}, {id: 2}") PAGED(2, 2, "")
	    PAGED(0, 2, "{id: 2}, {id: 3}") "    out: {agents: [{id: 2}, {id: 3}]}\n"},
    {"what an earlier step brought stays", "    - request: GET /people\n",
	"    - request: GET /bosses\n      each: $.people[*]\n      agent: {id: .id, email: .mail}\n"
	"    - request: GET /people\n",
	AGENTS "    calls:\n"
	       "      - {request: GET /bosses, answer: {json: {people: [{id: 1}]}}}\n" PAGED(
		   0, 3, "{id: 1}, {id: 2}") PAGED(2, 2, "") PAGED(0, 2,
		   "{id: 2}, {id: 3}") "    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"a cursor after an empty page", PAGE, "{cursor: after, next: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: b, people: []}}}\n"
	       "    fails: HRIS.ANSWER\n    message: an empty page\n"},
    {"a cursor even at the end", PAGE, "{cursor: after, next: $.next, more: {$.more: true}}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: b, more: true, people: [{id: "
	       "1}]}}}\n"
	       "      - {request: GET /people, query: {after: b}, answer: {json: {next: c, more: "
	       "false, people: [{id: 2}]}}}\n"
	       "    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a cursor that is missing while more is promised", PAGE,
	"{cursor: after, next: $.next, total: $.total}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {total: 2, people: [{id: 1}]}}}\n"
	       "    fails: HRIS.ANSWER\n    message: not where it goes on\n"},
    {"a URL of the same host", PAGE, "{url: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: "
	       "'https://ACME.example:443/p?a=1', people: [{id: 1}]}}}\n"
	       "      - {request: 'GET https://ACME.example:443/p', query: {a: 1}, headers: "
	       "{Authorization: Bearer k-1}, answer: {json: {people: [{id: 2}]}}}\n"
	       "    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a URL of another host gets no credentials", PAGE, "{url: $.next}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {json: {next: "
	       "'https://acme.example.evil/p', people: [{id: 1}]}}}\n"
	       "    fails: HRIS.ANSWER\n    message: another host\n"},
    {"a URL that is only a path", PAGE, "{url: $.next}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, answer: {json: {next: 'p?a=1', people: [{id: 1}]}}}\n"
	"      - {request: GET /p, query: {a: 1}, answer: {json: {people: [{id: 2}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a Link header", PAGE, "{link: true, size: {limit: 1}}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {limit: 1}, answer: {headers: {link: '</first>; "
	"rel=\"first\", <?limit=1&c=2>; title=\"a, b\"; rel=\"last next\"'}, json: {people: [{id: "
	"1}]}}}\n"
	"      - {request: GET /people, query: {limit: 1, c: 2}, answer: {headers: {Link: '</first>; "
	"rel=\"first\"'}, json: {people: [{id: 2}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a Link header to another host", PAGE, "{link: true}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, answer: {headers: {Link: '<//acme.example.evil/p>; "
	       "rel=next'}, json: {people: [{id: 1}]}}}\n"
	       "    fails: HRIS.ANSWER\n    message: another host\n"},
    {"a Link header that leads back", PAGE, "{link: true}",
	AGENTS
	"    calls:\n"
	"      - &a {request: GET /people, answer: {headers: {Link: '</p>; rel=next'}, json: "
	"{people: [{id: 1}]}}}\n"
	"      - &b {request: GET /p, answer: {headers: {Link: '</p>; rel=next'}, json: "
	"{people: [{id: 2}]}}}\n"
	"      - *a\n      - *b\n"
	"    fails: HRIS.ANSWER\n    message: promised twice\n"},
    {"until a condition that no list comes with", PAGE, "{offset: o, until: {$.error: none}}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {o: 0}, answer: {json: {people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {o: 1}, answer: {json: {error: none}}}\n"
	"    out: {agents: [{id: 1}]}\n"},
    {"until a condition of the last page", PAGE, "{page: p, until: {$.last: 'true'}}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {p: 1}, answer: {json: {last: false, people: "
	       "[{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {p: 2}, answer: {json: {last: true, people: "
	       "[{id: 2}]}}}\n"
	       "      - {request: GET /people, query: {p: 1}, answer: {json: {last: false, people: "
	       "[{id: 1}]}}}\n"
	       "      - {request: GET /people, query: {p: 2}, answer: {json: {last: true, people: "
	       "[{id: 2}]}}}\n"
	       "    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a page without a list is no end", PAGE, "{page: p, until: {$.last: 'true'}}",
	AGENTS "    calls:\n"
	       "      - {request: GET /people, query: {p: 1}, answer: {json: {error: none}}}\n"
	       "    fails: HRIS.ANSWER\n    message: there is no list\n"},
    {"until empty", PAGE, "{page: p, until: empty}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {p: 1}, answer: {json: {people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {p: 2}, answer: {json: {people: []}}}\n"
	"    out: {agents: [{id: 1}]}\n"},
    {"parameters deep in a body", "    - request: GET /people\n      page: " PAGE "\n",
	"    - request: POST /people\n      body: {find: {page: {from: x, sort: id}}, all: true}\n"
	"      page: {offset: find.page.from, size: {size.max: 2}, total: $.total}\n",
	AGENTS
	"    calls:\n"
	"      - {request: POST /people, body: {find: {page: {from: 0, sort: id}}, size: {max: "
	"2}, all: true}, answer: {json: {total: 2, people: [{id: 1}]}}}\n"
	"      - {request: POST /people, body: {find: {page: {from: 1, sort: id}}, size: {max: "
	"2}, all: true}, answer: {json: {total: 2, people: [{id: 2}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a list over pages, then a call each", AGENT_STEP,
	"    - name: all\n      request: GET /people\n      page: {offset: o, total: $.total}\n"
	"      each: $.people[*]\n      where: {.on: 'true'}\n      set: {ids: .id, mails: '.m[*]'}\n"
	"    - for: {id: steps.all.ids}\n      request: GET /people/${id}\n"
	"      agent: {id: id, email: \"steps.all.mails | find 'id' $.mail | get 'm'\"}\n",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {o: 0}, answer: {json: {total: 3, people: [{id: 1, "
	"on: true, m: [{id: a, m: a@x}]}, {id: 5, on: false}]}}}\n"
	"      - {request: GET /people, query: {o: 2}, answer: {json: {total: 3, people: [{id: 2, "
	"on: true, m: [{id: b, m: b@x}, {id: c, m: c@x}]}]}}}\n"
	"      - {request: GET /people/1, answer: {json: {mail: c}}}\n"
	"      - {request: GET /people/2, answer: {json: {mail: none}}}\n"
	"    out: {agents: [{id: 1, email: c@x}, {id: 2}]}\n"},
    {"a list that changes while it is gathered is read again", AGENT_STEP, GATHER,
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {o: 0}, answer: {json: {total: 3, people: [{id: 1}, "
	"{id: 2}]}}}\n"
	"      - {request: GET /people, query: {o: 2}, answer: {json: {total: 3, people: [{id: "
	"2}]}}}\n"
	"      - {request: GET /people, query: {o: 0}, answer: {json: {total: 3, people: [{id: 1}, "
	"{id: 2}]}}}\n"
	"      - {request: GET /people, query: {o: 2}, answer: {json: {total: 3, people: [{id: "
	"3}]}}}\n"
	"      - {request: GET /people/1, answer: {json: {}}}\n"
	"      - {request: GET /people/2, answer: {json: {}}}\n"
	"      - {request: GET /people/3, answer: {json: {}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"pages without a value are not two with the same", AGENT_STEP,
	"    - name: all\n      request: GET /people\n      page: {cursor: c, next: $.next}\n"
	"      each: $.people[*]\n      where: {.on: 'true'}\n      set: {ids: .id}\n"
	"    - each: {id: steps.all.ids}\n      agent: {id: id, email: '@.m'}\n",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, answer: {json: {next: b, people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {c: b}, answer: {json: {next: d, people: [{id: "
	"2}]}}}\n"
	"      - {request: GET /people, query: {c: d}, answer: {json: {people: [{id: 3, on: "
	"true}]}}}\n"
	"    out: {agents: [{id: 3}]}\n"},
    {"values of two lists are the same only if both are", AGENT_STEP,
	"    - name: all\n      request: GET /people\n      page: {cursor: c, next: $.next}\n"
	"      each: $.people[*]\n      set: {ids: .id, mails: .m}\n"
	"    - each: {id: steps.all.ids}\n      agent: {id: id, email: 'steps.all.mails[1]'}\n",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, answer: {json: {next: b, people: [{id: 1, m: a}]}}}\n"
	"      - {request: GET /people, query: {c: b}, answer: {json: {people: [{id: 1, m: "
	"b}]}}}\n"
	"    out: {agents: [{id: 1, email: b}, {id: 1, email: b}]}\n"},
    {"a page of it that fails fails the whole", AGENT_STEP, GATHER,
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {o: 0}, answer: {json: {total: 3, people: [{id: "
	"1}]}}}\n"
	"      - {request: GET /people, query: {o: 1}, answer: {status: 403}}\n"
	"    fails: HRIS.FORBIDDEN\n"},
    {"values over pages without each", AGENT_STEP,
	"    - name: all\n      request: GET /people\n      page: {cursor: c, next: $.next}\n"
	"      set: {ids: '$.people[*].id'}\n"
	"    - each: {id: steps.all.ids}\n      agent: {id: id, email: '@.m'}\n",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, answer: {json: {next: b, people: [{id: 1}, {id: 2}]}}}\n"
	"      - {request: GET /people, query: {c: b}, answer: {json: {people: [{id: 3}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"a found row that is on two pages: read again",
	"      query: {id: '${in.request_id}', from: '${in.min_date}', to: '${in.max_date}'}\n",
	"      query: {id: '${in.request_id}', from: '${in.min_date}', to: '${in.max_date}'}\n"
	"      page: {cursor: c, next: header.X-Next}\n",
	FIND
	"    calls:\n"
	"      - " FIND_CALL
	", answer: {headers: {X-Next: b}, json: [{id: 1, type: 78, state: open, from: "
	"2026-01-01, to: 2026-01-02, amount: 8}]}}\n"
	"      - {request: GET /people/4/requests, query: {id: '9', c: b}, answer: {json: [{id: "
	"1, type: 78, state: open, from: 2026-01-01, to: 2026-01-02, amount: 8}]}}\n"
	"      - " FIND_CALL
	", answer: {headers: {X-Next: b}, json: [{id: 1, type: 78, state: open, from: "
	"2026-01-01, to: 2026-01-02, amount: 8}]}}\n"
	"      - {request: GET /people/4/requests, query: {id: '9', c: b}, answer: {json: [{id: "
	"1, type: 78, state: open, from: 2026-01-01, to: 2026-01-02, amount: 9}]}}\n"
	"    out: {found: [{id: 1, type_id: 78, status: PENDING, start: 2026-01-01, end: "
	"2026-01-02, amount: 8}, {id: 1, type_id: 78, status: PENDING, start: 2026-01-01, end: "
	"2026-01-02, amount: 9}]}\n"},
    {"an offset from 1", PAGE, "{offset: s, first: 1, size: {limit: 2}, more: {$.more: true}}",
	AGENTS
	"    calls:\n"
	"      - &a {request: GET /people, query: {s: 1, limit: 2}, answer: {json: {more: true, "
	"people: [{id: 1}, {id: 2}]}}}\n"
	"      - &b {request: GET /people, query: {s: 3, limit: 2}, answer: {json: {people: "
	"[{id: 3}]}}}\n"
	"      - *a\n      - *b\n"
	"    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"records that each takes apart count as they came",
	"{offset: offset, size: {limit: 2}, total: $.total}\n      each: $.people[*]\n",
	"{offset: offset, size: {limit: 2}, total: $.total}\n"
	"      each: {p: '$.people[*]', job: p.jobs}\n",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: {total: "
	"3, people: [{jobs: [{id: 1}, {id: 2}, {id: 3}]}, {jobs: []}]}}}\n"
	"      - {request: GET /people, query: {offset: 2, limit: 2}, answer: {json: {total: "
	"3, people: [{}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"pages without a balance are none of 0", "      each: $[*]\n      balance",
	"      page: {page: p, more: {$.more: true}}\n      each: $.rows[*]\n      balance",
	BALANCE "    calls:\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-01, p: 1}, answer: "
		"{json: {rows: [{type: 78, amount: 1, unit: h}]}}}\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-02, p: 1}, answer: "
		"{json: {rows: []}}}\n"
		"    fails: HRIS.BALANCE\n"},
    {"a status that ends the list", PAGE, "{page: p, until: status 204}",
	AGENTS
	"    calls:\n"
	"      - {request: GET /people, query: {p: 1}, answer: {json: {people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {p: 2}, answer: {status: 204}}\n"
	"    out: {agents: [{id: 1}]}\n"},
    {"until a page is empty, whatever a server gives at once", PAGE,
	"{page: p, size: {n: 2}, until: empty}",
	AGENTS
	"    calls:\n"
	"      - &a {request: GET /people, query: {p: 1, n: 2}, answer: {json: {people: [{id: 1}]}}}\n"
	"      - &b {request: GET /people, query: {p: 2, n: 2}, answer: {json: {people: [{id: 2}, {id: 3}]}}}\n"
	"      - &c {request: GET /people, query: {p: 3, n: 2}, answer: {json: {people: []}}}\n"
	"      - *a\n      - *b\n      - *c\n"
	"    out: {agents: [{id: 1}, {id: 2}, {id: 3}]}\n"},
    {"one who moves to a page that was read, where no total shows it", PAGE,
	"{offset: o, size: {n: 2}, until: empty}",
	AGENTS "    calls:\n" OFFSET(0, "{id: 1}, {id: 2}") OFFSET(2, "{id: 4}") OFFSET(3, "")
	    OFFSET(0, "{id: 2}, {id: 3}") OFFSET(2, "{id: 4}") OFFSET(3, "")
		OFFSET(0, "{id: 2}, {id: 3}") OFFSET(2, "{id: 4}")
		    OFFSET(3, "") "    out: {agents: [{id: 2}, {id: 3}, {id: 4}]}\n"},
    {"off a full page that was the only one", PAGE, "{offset: o, size: {n: 2}, until: empty}",
	AGENTS "    calls:\n" OFFSET(0, "{id: 1}, {id: 2}") OFFSET(2, "")
	    OFFSET(0, "{id: 2}, {id: 3}") OFFSET(2, "") OFFSET(0, "{id: 2}, {id: 3}")
		OFFSET(2, "") "    out: {agents: [{id: 2}, {id: 3}]}\n"},
    {"a list that is another one each time", PAGE, "{offset: o, size: {n: 2}, until: empty}",
	AGENTS "    calls:\n" OFFSET(0, "{id: 1}, {id: 2}") OFFSET(2, "")
	    OFFSET(0, "{id: 2}, {id: 3}") OFFSET(2, "") OFFSET(0, "{id: 3}, {id: 4}") OFFSET(
		2, "") "    fails: HRIS.ANSWER\n    message: another reading had other records\n"},
    {"until short", "    - request: GET /types\n",
	"    - request: GET /types\n      page: {page: p, size: {n: 2}, until: short}\n",
	TYPES "    calls:\n"
	      "      - {request: GET /types, query: {p: 1, n: 2}, answer: {json: [{id: a, name: A, "
	      "unit: h}, {id: b, name: B, unit: Days}]}}\n"
	      "      - {request: GET /types, query: {p: 2, n: 2}, answer: {json: [{id: c, name: C, "
	      "unit: D}]}}\n"
	      "    out: {types: [{id: a, name: A, unit: hours}, {id: b, name: B, unit: days}, {id: "
	      "c, name: C, unit: days}]}\n"},
    {"parameters go into a body", "    - request: GET /people\n",
	"    - request: POST /people\n      body: {offset: 99, all: true}\n",
	AGENTS "    calls:\n"
	       "      - {request: POST /people, body: {all: true, offset: 0, limit: 2}, answer: "
	       "{json: {total: 1, people: [{id: 1}]}}}\n"
	       "    out: {agents: [{id: 1}]}\n"},
    {"parameters go into a form", "    - request: GET /people\n",
	"    - request: POST /people\n      form: {all: 'a b'}\n",
	AGENTS "    calls:\n"
	       "      - {request: POST /people, form: {all: a b, offset: 0, limit: 2}, headers: "
	       "{Content-Type: application/x-www-form-urlencoded}, answer: {json: {total: 1, "
	       "people: [{id: 1}]}}}\n"
	       "    out: {agents: [{id: 1}]}\n"},
};

static const struct row reads[] = {
    {"one call a date, side by side", NULL, NULL,
	BALANCE "    calls:\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: "
		"[{type: 78, amount: '1.50', unit: D}]}}\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: "
		"[{type: 78, amount: -3}]}}\n"
		"    out: {balances: [{type_id: 78, date: 2026-01-01, amount: '1.50', unit: days}, "
		"{type_id: 78, date: 2026-01-02, amount: -3}]}\n"},
    {"an empty balance of one date is none", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{type: "
	"78, amount: '1.50', unit: D}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: []}}\n"
	"    fails: HRIS.BALANCE\n"},
    {"only the call that failed is repeated, twice at most", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {status: 502}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: []}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {lost: true}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {not_sent: "
	"true}}\n"
	"    fails: HRIS.UNAVAILABLE\n"},
    {"what stalled is tried a second time", NULL, NULL,
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {lost: timeout}}\n"
	      "      - {request: GET /types, answer: {json: [{id: a, name: A, unit: hours}]}}\n"
	      "    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"and no third time", NULL, NULL,
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {lost: timeout}}\n"
	      "      - {request: GET /types, answer: {lost: timeout}}\n    fails: HRIS.TIMEOUT\n"},
    {"of several reads only the one that stalled", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {lost: timeout}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: [{type: 78, amount: 2}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{type: 78, amount: 1}]}}\n"
	"    out: {balances: [{type_id: 78, date: 2026-01-01, amount: 1}, {type_id: 78, date: 2026-01-02, amount: 2}]}\n"},
    {"a failure says what to look at", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused, say: look at the moon}\n",
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {status: 400, headers: {X-Message: no}}}\n"
	      "    fails: HRIS.REFUSED\n    message: 'answered 400: no; look at the moon'\n"},
    {"a failure that repeats the key", NULL, NULL,
	TYPES
	"    calls:\n"
	"      - {request: GET /types, answer: {status: 400, headers: {X-Message: 'k-1, k-1 is no key'}}}\n"
	"    fails: HRIS.REFUSED\n    message: 'answered 400: (not shown), (not shown) is no key'\n"},
    {"what its header sends of the key, coded", "{bearer: '${settings.key}'}",
	"{basic: {username: u, password: '${settings.key}'}}",
	TYPES
	"    calls:\n"
	"      - {request: GET /types, answer: {status: 400, headers: {X-Message: 'dTprLTE= is k\\-1, \\u006B-\\u0031, k%2d%31'}}}\n"
	"    fails: HRIS.REFUSED\n    message: 'answered 400: (not shown) is (not shown), (not shown), (not shown)'\n"},
    {"a wait beyond the deadline is not waited", NULL, NULL,
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {status: 429, headers: {Retry-After: 30}}}\n  "
	      "  fails: HRIS.BUSY\n"},
    {"a wait is waited, and leaves less for the next", NULL, NULL,
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {status: 429, headers: {Retry-After: 15}}}\n"
	      "      - {request: GET /types, answer: {status: 429, headers: {Retry-After: 15}}}\n"
	      "    fails: HRIS.BUSY\n"},
    {"a declared busy is repeated", "message:", "message:",
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {status: 503}}\n"
	      "      - {request: GET /types, answer: {json: [{id: a, name: A, unit: hours}]}}\n"
	      "    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"a part of an answer is none", NULL, NULL,
	TYPES
	"    calls:\n"
	"      - {request: GET /types, answer: {status: 206, json: [{id: a, name: A, unit: hours}]}}\n"
	"      - {request: GET /types, answer: {json: [{id: b, name: B, unit: hours}]}}\n"
	"    out: {types: [{id: b, name: B, unit: hours}]}\n"},
    {"a rate limit inside a 200", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {$.error: RATE, is: busy}\n",
	TYPES "    calls:\n"
	      "      - {request: GET /types, answer: {json: {error: RATE}}}\n"
	      "      - {request: GET /types, answer: {json: [{id: a, name: A, unit: hours}]}}\n"
	      "    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"an error inside a 200", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {$.error: present, is: forbidden}\n",
	TYPES "    calls:\n      - {request: GET /types, answer: {json: {error: no, message: "
	      "\"not\\nyours\"}}}\n"
	      "    fails: HRIS.FORBIDDEN\n    message: 'answered 200: not yours'\n"},
    {"a header decides", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {header.X-Gone: present, is: not-found}\n",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {headers: {x-gone: 1}, json: []}}\n"
	"    fails: HRIS.NOT_FOUND\n"},
    {"raw text decides", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {text: /login form/, is: credentials}\n",
	TYPES "    calls:\n      - {request: GET /types, answer: {text: '<html>login form'}}\n"
	      "    fails: HRIS.CREDENTIALS\n"},
    {"401", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 401}}\n    fails: "
	      "HRIS.CREDENTIALS\n"},
    {"404", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 404}}\n    fails: "
	      "HRIS.NOT_FOUND\n"},
    {"400", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 400, headers: "
	      "{X-Message: bad}}}\n    fails: HRIS.REFUSED\n    message: bad\n"},
    {"a redirect is not followed", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 302}}\n    fails: "
	      "HRIS.ANSWER\n    message: redirect\n"},
    {"HTML is no answer", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {text: <html>}}\n    fails: "
	      "HRIS.ANSWER\n    message: no JSON\n"},
    {"nothing is no answer", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 200}}\n    fails: "
	      "HRIS.ANSWER\n    message: empty\n"},
    {"an object where a list belongs", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {json: {a: 1}}}\n    fails: "
	      "HRIS.ANSWER\n    message: no list\n"},
    {"a list that is not there is none", "each: $[*]\n      type", "each: $.types[*]\n      type",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {json: {}}}\n    out: {types: []}\n"},
    {"but not of agents", NULL, NULL,
	AGENTS "    calls:\n      - {request: GET /people, query: {offset: 0, limit: 2}, answer: "
	       "{json: {total: 0}}}\n    fails: HRIS.ANSWER\n"},
    {"nor of agents that are no [*]", "each: $.people[*]", "each: $.people",
	AGENTS "    calls:\n      - {request: GET /people, query: {offset: 0, limit: 2}, answer: "
	       "{json: {total: 0}}}\n    fails: HRIS.ANSWER\n    message: no list\n"},
    {"nor of agents that lie deeper", "each: $.people[*]", "each: '$.people[*].person'",
	AGENTS "    calls:\n      - {request: GET /people, query: {offset: 0, limit: 2}, answer: "
	       "{json: {total: 0, people: null}}}\n    fails: HRIS.ANSWER\n    message: no list\n"},
    {"nor of agents that each takes apart", "each: $.people[*]",
	"each: {p: '$.people[*]', q: p.jobs}",
	AGENTS "    calls:\n      - {request: GET /people, query: {offset: 0, limit: 2}, answer: "
	       "{json: {total: 0}}}\n    fails: HRIS.ANSWER\n    message: no list\n"},
    {"an object where each takes a list apart", "each: $[*]\n      type",
	"each: {t: '$[*]', u: t.of}\n      type",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {json: {a: {of: []}}}}\n    fails: "
	"HRIS.ANSWER\n    message: no list\n"},
    {"a text where a list belongs", "each: $[*]\n      type", "each: $.types\n      type",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {json: {types: none}}}\n    fails: "
	"HRIS.ANSWER\n    message: $.types is no list\n"},
    {"a type without a name", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {json: [{id: a, unit: h}]}}\n    "
	      "fails: HRIS.ANSWER\n"},
    {"a unit that is not known", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {json: [{id: a, name: A, unit: "
	      "half_day}]}}\n    fails: HRIS.ANSWER\n    message: map it\n"},
    {"a balance without an amount", NULL, NULL,
	BALANCE "    calls:\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: "
		"[{type: 78, amount: null}]}}\n"
		"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: "
		"[]}}\n    fails: HRIS.ANSWER\n"},
    {"of a type that was not asked, nothing can fail those that were", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{type: "
	"79, amount: null}, {type: 80, amount: 1, unit: half_day}, {type: 78, amount: 4}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: [{type: "
	"78, amount: 3}]}}\n"
	"    out: {balances: [{type_id: 79, date: 2026-01-01}, {type_id: 80, "
	"amount: 1}, {type_id: 78, date: 2026-01-01, amount: 4}, {type_id: 78, date: 2026-01-02, "
	"amount: 3}]}\n"},
    {"a record that lacks something shows what it has", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 1,
	    "{number: 7, Mail: secret, c: 1}") "    fails: HRIS.ANSWER\n    message: 'an agent record has no id; it has number, Mail, c'\n"},
    {"a balance that does not say its type may be any", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{amount: "
	"1}, {type: 78, amount: 4}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: []}}\n"
	"    fails: HRIS.ANSWER\n    message: has no type\n"},
    {"a unit of the type asked that is not known", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{type: "
	"78, amount: 1, unit: half_day}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: []}}\n"
	"    fails: HRIS.ANSWER\n    message: map it\n"},
    {"ids without the blanks around them", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 2,
	    "{id: \" 7\\t\", mail: a@x}, {id: \"\\u00a08 9\\u200b\"}") "    out: {agents: [{id: '7', email: a@x}, {id: 8 9}]}\n"},
    {"an id of nothing but blanks", NULL, NULL,
	AGENTS "    calls:\n" PAGED(
	    0, 1, "{id: \" \", mail: a@x}") "    fails: HRIS.ANSWER\n    message: has no id\n"},
    {"an id that Genesys could not send back", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 2,
	    "{id: 7}, {id: \"8\\n9\"}") "    fails: HRIS.ANSWER\n    message: 'of one agent cannot be sent back'\n"},
    {"an id of which a part was lost", NULL, NULL,
	AGENTS "    calls:\n" PAGED(0, 1,
	    "{id: \"7\xEF\xBF\xBD\"}") "    fails: HRIS.ANSWER\n    message: 'of one agent cannot be sent back'\n"},
    {"an id that is a step up in a path", NULL, NULL,
	TYPES "    calls:\n      - {request: GET /types, answer: {json: [{id: '..', name: A, unit: "
	      "h}]}}\n    fails: HRIS.ANSWER\n    message: 'the id \"..\"'\n"},
    {"blanks around a type's id, and around the one of its balance", NULL, NULL,
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: [{type: "
	"'78 ', amount: 1}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: [{type: "
	"' 78', amount: 2}]}}\n"
	"    out: {balances: [{type_id: 78, date: 2026-01-01, amount: 1}, {type_id: 78, date: "
	"2026-01-02, amount: 2}]}\n"},
    {"as many as were asked", "      each: $[*]\n      balance",
	"      each: $[*]\n      expect: in.types\n      balance",
	BALANCE
	"    calls:\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, answer: {json: []}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, answer: {json: []}}\n   "
	" fails: HRIS.ANSWER\n    message: as many as in.types\n"},
    {"where leaves out", "      each: $[*]\n      type",
	"      each: $[*]\n      where: {.off: {not: true}}\n      type",
	TYPES "    calls:\n      - {request: GET /types, answer: {json: [{id: a, off: true}, {id: "
	      "b, name: B, unit: h}]}}\n    out: {types: [{id: b, name: B, unit: hours}]}\n"},
    {"a map of lists goes by its entries",
	"      each: $[*]\n      type: {id: .id, name: .name, unit: .unit}",
	"      each: {e: $.types | entries, t: e.value}\n      type: {id: .id, name: e.key, unit: "
	".unit}",
	TYPES "    calls:\n      - {request: GET /types, answer: {json: {types: {A: [{id: a, unit: "
	      "h}], B: []}}}}\n    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"one step gives to the next", "    - request: GET /types\n",
	"    - name: me\n      request: GET /me\n      set: {id: $.id}\n    - request: GET "
	"/types/${steps.me.id}\n",
	TYPES "    calls:\n      - {request: GET /me, answer: {json: {id: a/b}}}\n      - "
	      "{request: GET /types/a%2Fb, answer: {json: []}}\n    out: {types: []}\n"},
    {"what a step did not find stops the next", "    - request: GET /types\n",
	"    - name: me\n      request: GET /me\n      set: {id: $.id}\n    - request: GET "
	"/types/${steps.me.id}\n",
	TYPES
	"    calls:\n      - {request: GET /me, answer: {json: {}}}\n    fails: HRIS.ANSWER\n"},
    {"exactly one is picked", "    - request: GET /types\n",
	"    - name: me\n      request: GET /all\n      pick: $[*]\n      where: {.mine: true}\n   "
	"   set: {id: .id}\n    - request: GET /types/${steps.me.id}\n",
	TYPES
	"    calls:\n      - {request: GET /all, answer: {json: [{id: 1}, {id: 2, mine: true}]}}\n "
	"     - {request: GET /types/2, answer: {json: []}}\n    out: {types: []}\n"},
    {"two are not one", "    - request: GET /types\n",
	"    - name: me\n      request: GET /all\n      pick: $[*]\n      set: {id: .id}\n    - "
	"request: GET /types/${steps.me.id}\n",
	TYPES "    calls:\n      - {request: GET /all, answer: {json: [{id: 1}, {id: 2}]}}\n    "
	      "fails: HRIS.ANSWER\n    message: there are 2\n"},
    {"found: notes of any shape, a status that is not known, days",
	"notes: .note, start: .from, end: .to,",
	"notes: .note.*, days: {for: {d: .days | entries}, date: d.key, amount: d.value, entry: "
	"'''e'''},",
	FIND
	"    calls:\n      - " FIND_CALL
	", answer: {json: [{id: 9, type: 78, state: odd, note: {a: x, b: 3}, days: "
	"{2026-01-02: 8, 2026-01-01: 4}, unit: h}]}}\n"
	"    out: {found: [{id: 9, type_id: 78, notes: [x], start: 2026-01-01, end: 2026-01-02, "
	"unit: hours, days: [{date: 2026-01-02, amount: 8, unit: hours, entry: e}, {date: "
	"2026-01-01, amount: 4, unit: hours, entry: e}]}]}\n"},
    {"found: whose it is", "found: {id: .id,", "found: {agent_id: '.of[0]', id: .id,",
	FIND "    calls:\n      - " FIND_CALL
	     ", answer: {json: [{id: 9, of: [2, Amy], type: 78, state: open, from: 2026-01-01, "
	     "to: 2026-01-01}, {id: 10, of: false, type: 78, state: open, from: 2026-01-01, to: "
	     "2026-01-01}]}}\n"
	     "    out: {found: [{id: 9, agent_id: 2, type_id: 78, status: PENDING, start: "
	     "2026-01-01, end: 2026-01-01}, {id: 10, type_id: 78, status: PENDING, start: "
	     "2026-01-01, end: 2026-01-01}]}\n"},
    {"found: a day's own record", "found: {id: .id,", "found: {entry: .entry, id: .id,",
	FIND "    calls:\n      - " FIND_CALL
	     ", answer: {json: [{id: 9, entry: e1, type: 78, state: open, from: "
	     "2026-01-01T09:00:00Z, to: 2026-01-01, amount: 8, unit: h}]}}\n"
	     "    out: {found: [{id: 9, type_id: 78, status: PENDING, start: 2026-01-01, end: "
	     "2026-01-01, amount: 8, unit: hours, days: [{date: 2026-01-01, amount: 8, unit: "
	     "hours, entry: e1}]}]}\n"},
    {"found: no HRIS was asked, so nothing is absent",
	"    - request: GET /people/${in.agent_id}/req",
	"    - when: {in.request_id: absent}\n      request: GET /people/${in.agent_id}/req",
	FIND "    fails: HRIS.UNSUPPORTED\n    message: no step of find-timeoff applies to this "
	     "request\n"},
    {"found: nor where for goes over nothing", "    - request: GET /people/${in.agent_id}/req",
	"    - for: {e: in.entries}\n      headers: {X: '${e}'}\n      request: GET /people/${in.agent_id}/req",
	FIND "    fails: HRIS.UNSUPPORTED\n"},
    {"found: a date that cannot be read", NULL, NULL,
	FIND "    calls:\n      - " FIND_CALL ", answer: {json: [{id: 9, type: 78, state: open, "
	     "from: tomorrow}]}}\n    fails: HRIS.ANSWER\n"},
    {"what a call each gives, gathered",
	"    - request: GET /types\n      each: $[*]\n      type: "
	"{id: .id, name: .name, unit: .unit}\n",
	"    - name: names\n      for: {n: [a, b]}\n      request: GET /names/${n}\n      set: {of: "
	"$.name}\n"
	"    - each: {n: steps.names.of}\n      type: {id: n, name: n, unit: hours}\n",
	TYPES
	"    calls:\n      - {request: GET /names/a, answer: {json: {name: A}}}\n      - "
	"{request: GET /names/b, answer: {json: {}}}\n    out: {types: [{id: A, name: A, unit: "
	"hours}]}\n"},
    {"what a skipped step would have set is absent",
	"    - request: GET /types\n      each: $[*]\n",
	"    - name: one\n      when: {in.agent_id: present}\n      request: GET /one\n      set: {a: "
	"$.a}\n    - request: GET /types\n      headers: {X: '${steps.one.a}'}\n      each: $[*]\n",
	TYPES
	"    calls:\n      - {request: GET /types, headers: {X: null}, answer: {json: []}}\n    "
	"out: {types: []}\n"},
    {"a balance as of now",
	"    - for: {date: in.dates}\n      request: GET "
	"/people/${in.agent_id}/balance\n      query: {at: '${date}'}\n      each: $[*]\n      "
	"balance: {date: date, type_id",
	"    - request: GET /people/${in.agent_id}/balance\n      each: $[*]\n      balance: {as_of: "
	"now, type_id",
	BALANCE "    calls:\n      - {request: GET /people/4/balance, answer: {json: [{type: '78', "
		"amount: 5, unit: hours}]}}\n    out: {balances: [{type_id: '78', amount: 5, unit: "
		"hours, as_of: now}]}\n"},
    {"credit of a type", "type: {id: .id, ", "type: {may_go_to: .low, id: .id, ",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {json: [{id: 1, name: A, unit: hours, "
	"low: -8}]}}\n    out: {types: [{id: 1, name: A, unit: hours, may_go_to: '-8'}]}\n"},
    {"found without id or type", "found: {id: .id, type_id: .type,",
	"found: {marker: .id, entry: .e,",
	FIND
	"    calls:\n      - " FIND_CALL ", answer: {json: [{id: M1, e: 7, state: open, from: "
	"2026-01-01, to: 2026-01-01}, {e: 8, state: open, from: 2026-01-02, to: "
	"2026-01-02}]}}\n"
	"    out: {found: [{id: M1, type_id: '', marker: M1, status: PENDING, start: 2026-01-01, "
	"end: 2026-01-01, days: [{date: 2026-01-01, entry: '7'}]}, {id: '8', type_id: '', status: "
	"PENDING, start: 2026-01-02, end: 2026-01-02, days: [{date: 2026-01-02, entry: "
	"'8'}]}]}\n"},
    {"found with an id that is not there", NULL, NULL,
	FIND "    calls:\n      - " FIND_CALL ", answer: {json: [{type: '78', state: open, from: "
	     "2026-01-01, to: 2026-01-01}]}}\n    fails: HRIS.ANSWER\n    message: has no id\n"},
    {"a condition compares with what the operation was given", "      found: {id",
	"      where: {.who: '${in.agent_id}'}\n      found: {id",
	FIND "    calls:\n      - " FIND_CALL
	     ", answer: {json: [{id: 1, who: 5, type: '78', state: open, "
	     "from: 2026-01-01, to: 2026-01-01}, {id: 2, who: 4, type: '78', state: open, from: "
	     "2026-01-01, to: 2026-01-01}]}}\n"
	     "    out: {found: [{id: '2', type_id: '78', status: PENDING, start: 2026-01-01, end: "
	     "2026-01-01}]}\n"},
};

static const struct row writes[] = {
    {"written, with id and status", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 201, json: {id: 9, state: approved}}}\n    out: {result: {id: "
	       "9, status: APPROVED}}\n"},
    {"written, and shown by the answer", "result: {id: $.id, status: $.state",
	"result: {id: $.id, entries: '$.days[*].id', type_id: $.type, start: $.from, end: $.to, "
	"amount: $.sum, unit: $.unit, status: $.state",
	INSERT
	"    calls:\n      - " CREATE
	", answer: {json: {id: 9, type: '78', state: open, from: 2026-01-01, to: 2026-01-02, "
	"sum: 8, unit: hours, days: [{id: a}, {id: b}]}}}\n    out: {result: {id: '9', "
	"type_id: '78', status: PENDING, start: 2026-01-01, end: 2026-01-02, amount: '8', "
	"unit: hours, entries: [a, b]}}\n"},
    {"what the answer shows is no request: it is looked up", "result: {id: $.id, status: $.state",
	"result: {id: $.id, type_id: $.type, start: $.from, end: $.to, status: $.state",
	INSERT "    calls:\n      - " CREATE
	       ", answer: {json: {id: 9, type: '78', state: open, from: soon, to: "
	       "2026-01-02}}}\n    out: {result: {id: '9', status: PENDING}}\n"},
    {"without each and pick the answer is the record", "result: {id: $.id, status: $.state",
	"result: {id: .id, status: .state",
	INSERT "    calls:\n      - " CREATE
	       ", answer: {json: {id: 9, state: open}}}\n    out: {result: {id: 9, status: "
	       "PENDING}}\n"},
    {"written, without an id", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 200, json: {}}}\n    out: {result: {}}\n"},
    {"true is no id", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 200, json: {id: true}}}\n    out: {result: {}}\n"},
    {"an answer that no rule can be held against is unknown", "  - {status: 4xx, is: refused}\n",
	"  - {$.why | number: 7, is: refused}\n",
	INSERT "    calls:\n      - " CREATE ", answer: {status: 200, json: {id: 9, why: full}}}\n"
	       "    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"written, and a status that no map knows", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {json: {id: 9, state: odd}}}\n    out: {result: {id: 9}}\n"},
    {"a 2xx that cannot be read is unknown", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {text: ok}}\n    fails: HRIS.OUTCOME_UNKNOWN\n    message: look in the "
	       "HRIS for M\n"},
    {"an empty 2xx too", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 204}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"but not where it is not read", NULL, NULL,
	CANCEL "    calls:\n      - {request: DELETE /requests/9, answer: {text: '<b>'}}\n    out: "
	       "{result: {}}\n"},
    {"nor where a rule of the file is about it", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {$.ok: 'no', is: refused}\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, answer: {json: {ok: 'no'}}}\n"
	       "    fails: HRIS.REFUSED\n"},
    {"though it is wherever the adapter wants JSON", "      writes: again\n",
	"      writes: again\n      answer: json\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, answer: {text: '<b>'}}\n"
	       "    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"lost is unknown and not sent again", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {lost: true}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"not sent is certain", NULL, NULL,
	INSERT "    calls:\n      - " CREATE ", answer: {not_sent: true}}\n    fails: "
	       "HRIS.UNAVAILABLE\n    message: nothing was sent\n"},
    {"500 is unknown and not sent again", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 500}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"408 is unknown", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 408}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"a redirect is unknown", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 303}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"409 that is not declared is unknown", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 409}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"409 that was declared is certain", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {status: 409, is: conflict}\n",
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 409}}\n    fails: HRIS.CONFLICT\n"},
    {"a body says conflict", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 422, json: {message: they overlap}}}\n    fails: "
	       "HRIS.CONFLICT\n    message: they overlap\n"},
    {"another 422 is refused", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 422, json: {message: too long}}}\n    fails: HRIS.REFUSED\n"},
    {"429 is certain, and a write does not wait", NULL, NULL,
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 429, headers: {Retry-After: 1}}}\n    fails: HRIS.BUSY\n"},
    {"a declared 503 is certain", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {status: 503, is: busy}\n",
	INSERT "    calls:\n      - " CREATE ", answer: {status: 503}}\n    fails: HRIS.BUSY\n"},
    {"declared unavailable stays unknown", "  - {status: 4xx, is: refused}\n",
	"  - {status: 4xx, is: refused}\n  - {status: 404, is: unavailable}\n",
	INSERT "    calls:\n      - " CREATE
	       ", answer: {status: 404}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"declared as good", DELETE, DELETE "      failures: [{status: 404, is: ok}]\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, answer: {status: 404}}\n    out: "
	       "{result: {}}\n"},
    {"the step's rules come first", DELETE,
	DELETE "      failures: [{status: 400, is: not-found}]\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, answer: {status: 400}}\n    "
	       "fails: HRIS.NOT_FOUND\n"},
    {"an amount that cannot be said", NULL, NULL,
	"  - name: c\n    operation: insert-timeoff\n    in: {agent_id: '4', type: d, status: "
	"PENDING, days: {2026-01-01: 100}, marker: M}\n    fails: INPUT.AMOUNT\n"},
    {"an id that cannot go into a path", NULL, NULL,
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '..'}\n    fails: "
	"INPUT.ID\n"},
    {"an id that is not there", NULL, NULL,
	"  - name: c\n    operation: cancel-timeoff\n    in: {}\n    fails: INPUT.ID\n"},
    {"a condition leaves no step", DELETE, DELETE "      when: {in.status: DENIED}\n",
	CANCEL "    fails: HRIS.UNSUPPORTED\n    message: no step of cancel-timeoff applies\n"},
    {"a for over nothing leaves no step", DELETE,
	"    - for: {d: in.days}\n      request: DELETE /requests/${d.date}\n      writes: again\n",
	CANCEL "    fails: HRIS.UNSUPPORTED\n"},
    {"refused by the adapter", DELETE,
	"    - {when: {in.request_id: present}, refuse: 'not ${in.request_id}'}\n" DELETE,
	CANCEL "    fails: HRIS.UNSUPPORTED\n    message: not 9\n"},
    {"something is needed", DELETE, DELETE "      need: {in.agent_id: the agent is needed}\n",
	CANCEL "    fails: HRIS.UNSUPPORTED\n    message: the agent is needed\n"},
    {"an empty list is not what is needed", DELETE,
	"    - name: it\n      request: GET /requests\n      set: {ids: '$.ids'}\n"
	"    - need: {steps.it.ids: there are no ids}\n      request: DELETE /requests\n"
	"      writes: again\n      query: {ids: '${steps.it.ids}'}\n",
	CANCEL "    calls:\n      - {request: GET /requests, answer: {json: {ids: []}}}\n"
	       "    fails: HRIS.UNSUPPORTED\n    message: there are no ids\n"},
    {"all of several", DELETE,
	"    - for: {e: in.entries}\n      request: DELETE /entries/${e}\n      writes: again\n",
	CANCEL "    calls:\n"
	       "      - {request: DELETE /entries/a, answer: {status: 204}}\n      - {request: "
	       "DELETE /entries/b, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"none of several", DELETE,
	"    - for: {e: in.entries}\n      request: DELETE /entries/${e}\n      writes: again\n",
	CANCEL "    calls:\n"
	       "      - {request: DELETE /entries/a, answer: {status: 400}}\n      - {request: "
	       "DELETE /entries/b, answer: {status: 404}}\n    fails: HRIS.REFUSED\n"},
    {"some of several are not \"not written\"", DELETE,
	"    - for: {e: in.entries}\n      request: DELETE /entries/${e}\n      writes: again\n",
	CANCEL "    calls:\n"
	       "      - {request: DELETE /entries/a, answer: {status: 400}}\n      - {request: "
	       "DELETE /entries/b, answer: {status: 204}}\n    fails: HRIS.OUTCOME_UNKNOWN\n    "
	       "message: some of its calls\n"},
    {"refused, and one lost", DELETE,
	"    - for: {e: in.entries}\n      request: DELETE /entries/${e}\n      writes: again\n",
	CANCEL "    calls:\n"
	       "      - {request: DELETE /entries/a, answer: {status: 400}}\n      - {request: "
	       "DELETE /entries/b, answer: {lost: true}}\n    fails: HRIS.OUTCOME_UNKNOWN\n"},
    {"a read between writes", DELETE,
	"    - name: it\n      request: GET /requests/${in.request_id}\n      set: {etag: "
	"header.ETag}\n" DELETE "      headers: {If-Match: '${steps.it.etag}'}\n",
	CANCEL "    calls:\n      - {request: GET /requests/9, answer: {headers: {etag: '\"7\"'}, "
	       "json: {}}}\n      - {request: DELETE /requests/9, headers: {If-Match: '\"7\"'}, "
	       "answer: {status: 204}}\n    out: {result: {}}\n"},
    {"an operation that is not there", NULL, NULL,
	"  - name: c\n    operation: deny-timeoff\n    in: {request_id: '9'}\n    fails: "
	"HRIS.UNSUPPORTED\n"},
    {"runs of equal days", "        type: ${in.type_id}\n",
	"        type: ${in.type_id}\n        runs: {for: {r: in.runs}, item: "
	"'${r.first}/${r.last}/${r.minutes}/${r.part}'}\n",
	"  - name: c\n    operation: insert-timeoff\n    in: {agent_id: '4', type: v, status: "
	"PENDING, days: {2026-01-01: 480, 2026-01-02: 480, 2026-01-03: 0, 2026-01-04: 480, "
	"2026-01-05: 240}, marker: M}\n"
	"    calls:\n      - {request: POST /people/4/requests, body: {status: open, type: '78', "
	"note: M, runs: [2026-01-01/2026-01-02/960/day, 2026-01-04/2026-01-04/480/day, "
	"2026-01-05/2026-01-05/240/am], days: [{on: 2026-01-01, amount: 8}, {on: 2026-01-02, "
	"amount: 8}, {on: 2026-01-03, amount: 0}, {on: 2026-01-04, amount: 8}, {on: 2026-01-05, "
	"amount: 4}]}, answer: {json: {id: 9}}}\n"
	"    out: {result: {id: 9}}\n"},
    {"runs that may end in half a day", "days: 0.5}", "days: 0.5, runs: ends}",
	"  - name: c\n    operation: insert-timeoff\n    in: {agent_id: '4', type: v, status: "
	"PENDING, days: {2026-01-01: 480, 2026-01-02: 240, 2026-01-03: 480}, marker: M}\n    "
	"fails: INPUT.AMOUNT\n"},
};

#define WITH_OTHER(auth)                                                                   \
	"  base: {default: 'https://${settings.host}.example'}\n  other: {secret: true}\n" \
	"base_url: ${settings.base}\nauth: " auth "\n"
#define AUTH                                                                                  \
	"  base: {default: 'https://${settings.host}.example'}\nbase_url: ${settings.base}\n" \
	"auth: {bearer: '${settings.key}'}\n"

static const struct row sent[] = {
    {"a bearer token that is absent", AUTH,
	WITH_OTHER("{bearer: '${settings.other}', header: {X-Key: '${settings.key}'}}"),
	TYPES "    fails: ROUTE.SETTING\n    message: the bearer token is empty\n"},
    {"a user name that is absent", AUTH,
	WITH_OTHER("{basic: {username: '${settings.other}', password: '${settings.key}'}}"),
	TYPES "    fails: ROUTE.SETTING\n    message: the user name of basic is empty\n"},
    {"a password that is absent is an empty one", AUTH,
	WITH_OTHER("{basic: {username: '${settings.key}', password: '${settings.other}'}}"),
	TYPES
	"    calls:\n      - {request: GET /types, headers: {Authorization: 'Basic ay0xOg=='},"
	" answer: {json: [{id: 1, name: a, unit: days}]}}\n"
	"    out: {types: [{id: 1, name: a, unit: days}]}\n"},
    {"a base_url may end in slashes", ".example'}", ".example//'}",
	TYPES
	"    calls:\n      - {request: GET /types, answer: {json: [{id: a, name: A, unit: hours}]}}\n"
	"    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"and have a path", ".example'}", ".example/v1/'}",
	TYPES
	"    calls:\n      - {request: GET /v1/types, answer: {json: [{id: a, name: A, unit: hours}]}}\n"
	"    out: {types: [{id: a, name: A, unit: hours}]}\n"},
    {"bearer", NULL, NULL,
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {Authorization: Bearer "
	       "k-1, X-One: one}, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"basic", "{bearer: '${settings.key}'}", "{basic: {username: '${settings.key}', password: x}}",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {Authorization: Basic "
	       "ay0xOng=}, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a header", "{bearer: '${settings.key}'}", "{header: {X-Key: '${settings.key}', X-Two: b}}",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {X-Key: k-1, X-Two: b, "
	       "Authorization: null}, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a query", "{bearer: '${settings.key}'}", "{query: {key: '${settings.key}'}}",
	FIND "    calls:\n      - {request: GET /people/4/requests, query: {id: '9', key: k-1}, "
	     "answer: {json: []}}\n    out: {found: []}\n"},
    {"of several, the step's own", "{bearer: '${settings.key}'}",
	"{main: {bearer: '${settings.key}'}, other: {none: true}}",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {Authorization: Bearer "
	       "k-1}, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a step's header replaces the file's", DELETE, DELETE "      headers: {x-one: two}\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {X-One: two}, answer: "
	       "{status: 204}}\n    out: {result: {}}\n"},
    {"a content type of the adapter's own", DELETE,
	"    - request: PATCH /requests/${in.request_id}\n      writes: again\n      headers: "
	"{Content-Type: application/merge-patch+json}\n      body: {off: true}\n",
	CANCEL "    calls:\n      - {request: PATCH /requests/9, headers: {Content-Type: "
	       "application/merge-patch+json}, body: {off: true}, answer: {status: 204}}\n    out: "
	       "{result: {}}\n"},
    {"an absent header is left out", DELETE, DELETE "      headers: {X-Agent: '${in.agent_id}'}\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {X-Agent: null}, "
	       "answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a line end in a header stops", DELETE, DELETE "      headers: {X-Notes: '${in.notes}'}\n",
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '9', notes: \"a\\nX: "
	"b\"}\n    fails: INPUT.ID\n    message: control character\n"},
    {"a list repeats its parameter", DELETE, DELETE "      query: {e: '${in.entries}'}\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, query: {e: [a, b]}, answer: "
	       "{status: 204}}\n    out: {result: {}}\n"},
    {"a form", DELETE,
	"    - request: POST /off\n      writes: again\n      form: {id: '${in.request_id}', key: "
	"'${settings.key}', none: '${in.agent_id}'}\n",
	CANCEL "    calls:\n      - {request: POST /off, form: {id: '9', key: k-1}, answer: "
	       "{status: 204}}\n    out: {result: {}}\n"},
    {"trees in a query", DELETE,
	DELETE
	"      query: {q: {json: {a: '${in.entries}'}}, w: {when: {in.agent_id: present}, "
	"then: x}, f: {for: {e: in.entries}, item: 'x${e}'}, l: [y, {when: {in.was: absent}, "
	"then: z}]}\n",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, query: {q: "
	       "'{\"a\":[\"a\",\"b\"]}', f: [xa, xb], l: [y, z]}, answer: {status: 204}}\n    "
	       "out: {result: {}}\n"},
    {"a tree in a query is no way around odata", DELETE,
	DELETE "      query: {q: {when: {in.request_id: present}, then: 'a eq ${in.notes}'}}\n",
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '9', notes: 1 or 1}\n    "
	"fails: INPUT.ID\n    message: change the meaning of the query\n"},
    {"an object in a query", DELETE, DELETE "      query: {q: {a: b}}\n",
	CANCEL "    fails: INPUT.ID\n    message: the value of \"q\" is no text\n"},
    {"trees in a form", DELETE,
	"    - request: POST /off\n      writes: again\n      form: {a: {json: {n: "
	"'${in.notes}'}}, e: '${in.entries}'}\n",
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '9', notes: 'a \"b', "
	"entries: [a, b]}\n"
	"    calls:\n      - {request: POST /off, form: {a: '{\"n\":\"a \\\"b\"}', e: [a, b]}, "
	"answer: {status: 204}}\n    out: {result: {}}\n"},
    {"an envelope", "pace: 10/s\n",
	"pace: 10/s\nwrap: {v: 2, key: '${settings.key}', args: ['${body.type}', '${body}']}\n"
	"answer: $.result\n",
	INSERT
	"    calls:\n      - {request: POST /people/4/requests, body: {v: 2, key: k-1, args: "
	"['78', {status: open, type: '78', note: M, days: [{on: 2026-01-01, amount: 8}]}]}, "
	"answer: {json: {result: {id: 9, state: open}}}}\n    out: {result: {id: '9', "
	"status: PENDING}}\n"},
    {"failures see the whole answer", "pace: 10/s\n", "pace: 10/s\nanswer: $.result\n",
	FIND "    calls:\n      - " FIND_CALL ", answer: {status: 422, json: {message: an overlap, "
	     "result: []}}}\n    fails: HRIS.CONFLICT\n    message: an overlap\n"},
    {"an envelope without what should be in it", "pace: 10/s\n", "pace: 10/s\nanswer: $.result\n",
	FIND "    calls:\n      - " FIND_CALL ", answer: {json: {}}}\n    fails: HRIS.ANSWER\n    "
	     "message: it lacks $.result\n"},
    {"the same after a write", "pace: 10/s\n", "pace: 10/s\nanswer: $.result\n",
	INSERT "    calls:\n      - " CREATE ", answer: {json: {}}}\n    fails: "
	       "HRIS.OUTCOME_UNKNOWN\n    message: it lacks $.result\n"},
    {"an answer that may be empty", "    - request: GET /types\n",
	"    - request: GET /types\n      answer: optional\n",
	TYPES "    calls:\n      - {request: GET /types, answer: {status: 204}}\n    out: {types: "
	      "[]}\n"},
    {"and is read where it is not", "    - request: GET /types\n",
	"    - request: GET /types\n      answer: optional\n",
	TYPES "    calls:\n      - {request: GET /types, answer: {text: '<p>'}}\n    fails: "
	      "HRIS.ANSWER\n"},
    {"a step without a request",
	"    - request: GET /types\n      each: $[*]\n      type: {id: "
	".id, name: .name, unit: .unit}\n",
	"    - each: {id: [a, b]}\n      where: {'@': {not: a}}\n      type: {id: id, name: '@', "
	"unit: hours}\n",
	TYPES "    out: {types: [{id: b, name: b, unit: hours}]}\n"},
    {"a step without a request finds nothing",
	"    - request: GET /people/${in.agent_id}/requests\n",
	"    - when: {in.request_id: absent}\n      request: GET /people/${in.agent_id}/requests\n",
	FIND "    fails: HRIS.UNSUPPORTED\n"},
    {"XML", DELETE,
	"    - request: POST /off\n      writes: again\n      xml: <id>${in.request_id}</id>\n"
	"      failures: [{text: /Fault/, is: refused}]\n",
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '<9>'}\n"
	"    calls:\n      - {request: POST /off, headers: {Content-Type: application/xml}, text: "
	"'<id>&#60;9&#62;</id>', answer: {text: <Fault/>}}\n    fails: HRIS.REFUSED\n"},
    {"the key of a write", DELETE, DELETE "      headers: {Idempotency-Key: '${in.key}'}\n",
	"  - name: c\n    operation: cancel-timeoff\n    in: {request_id: '9', key: k9}\n"
	"    calls:\n      - {request: DELETE /requests/9, headers: {Idempotency-Key: k9}, answer: "
	"{status: 204}}\n    out: {result: {}}\n"},
    {"a base URL that is no URL", "base: {default: 'https://${settings.host}.example'}",
	"base: {default: '${settings.host}'}", CANCEL "    fails: ROUTE.SETTING\n"},
};

#define BEARER "{bearer: '${settings.key}'}"
#define OAUTH2(more)                                                                          \
	"{oauth2: {grant: client_credentials, url: 'https://id.example/token', client_id: c " \
	"d, client_secret: '${settings.key}'" more "}}"
#define TOKEN_CALL "      - {request: POST https://id.example/token, "
#define TOKEN_FORM "form: {grant_type: client_credentials, client_id: c d, client_secret: k-1}"
#define OFF(token, status)                                                             \
	"      - {request: DELETE /requests/9, headers: {Authorization: Bearer " token \
	"}, answer: "                                                                  \
	"{status: " status "}}\n"
#define REFRESH                                                                            \
	"{oauth2: {grant: refresh_token, url: 'https://id.example/token', refresh_token: " \
	"'${settings.key}', in: json, client_id: c}}"

static const struct row tokens[] = {
    {"client credentials in a form", BEARER, OAUTH2(", scope: a b, extra: {audience: x}"),
	CANCEL "    calls:\n" TOKEN_CALL "headers: {Authorization: null, X-One: one}, form: "
	       "{grant_type: client_credentials, client_id: c d, client_secret: k-1, scope: a b, "
	       "audience: x}, answer: {json: {access_token: t1, expires_in: 3600}}}\n" OFF(
		   "t1", "204") "    out: {result: {}}\n"},
    {"in a header", BEARER, OAUTH2(", in: header"),
	CANCEL "    calls:\n" TOKEN_CALL "headers: {Authorization: Basic YyBkOmstMQ==}, form: "
	       "{grant_type: client_credentials}, answer: {json: {access_token: t1}}}\n" OFF(
		   "t1", "204") "    out: {result: {}}\n"},
    {"in JSON, and the token elsewhere", BEARER,
	OAUTH2(", in: json, token: $.data.token, send: {X-Token: 'T ${token}'}"),
	CANCEL
	"    calls:\n" TOKEN_CALL "body: {grant_type: client_credentials, client_id: c d, "
	"client_secret: k-1}, answer: {json: {data: {token: t1}}}}\n"
	"      - {request: DELETE /requests/9, headers: {Authorization: null, X-Token: T t1}, "
	"answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a token is got once for all steps and calls", BEARER, OAUTH2(""),
	BALANCE
	"    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {json: {access_token: t1}}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-01}, headers: "
	"{Authorization: Bearer t1}, answer: {json: [{type: '78', amount: 1, unit: hours}]}}\n"
	"      - {request: GET /people/4/balance, query: {at: 2026-01-02}, headers: "
	"{Authorization: Bearer t1}, answer: {json: [{type: '78', amount: 1, unit: hours}]}}\n"
	"    out: {balances: [{type_id: '78', date: 2026-01-01, amount: 1, unit: hours}, "
	"{type_id: '78', date: 2026-01-02, amount: 1, unit: hours}]}\n"},
    {"refused credentials: one renewal", BEARER, OAUTH2(""),
	CANCEL "    calls:\n" TOKEN_CALL TOKEN_FORM
	       ", answer: {json: {access_token: t1}}}\n" OFF("t1", "401") TOKEN_CALL TOKEN_FORM
	", answer: {json: {access_token: t2}}}\n" OFF("t2", "204") "    out: {result: {}}\n"},
    {"then an error that names the setting", BEARER, OAUTH2(""),
	CANCEL "    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {json: {access_token: t1}}}\n" OFF(
	    "t1", "401") TOKEN_CALL TOKEN_FORM ", answer: {json: {access_token: t2}}}\n" OFF("t2",
	    "401") "    fails: HRIS.CREDENTIALS\n    message: 'settings: key'\n"},
    {"a page in the middle is read again", BEARER, OAUTH2(""),
	AGENTS
	"    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {json: {access_token: t1}}}\n"
	"      - {request: GET /people, query: {offset: 0, limit: 2}, answer: {json: {total: 2, "
	"people: [{id: 1}]}}}\n"
	"      - {request: GET /people, query: {offset: 1, limit: 2}, answer: {status: 401}}\n" TOKEN_CALL
	    TOKEN_FORM ", answer: {json: {access_token: t2}}}\n"
	"      - {request: GET /people, query: {offset: 1, limit: 2}, headers: {Authorization: "
	"Bearer t2}, answer: {json: {total: 2, people: [{id: 2}]}}}\n"
	"    out: {agents: [{id: 1}, {id: 2}]}\n"},
    {"a refused client", BEARER, OAUTH2(""),
	CANCEL
	"    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {status: 400, json: {error: "
	"invalid_client, error_description: no such client}}}\n"
	"    fails: HRIS.CREDENTIALS\n    message: 'the HRIS answered 400: invalid_client: no "
	"such client; correct the route''s settings: key'\n"},
    {"a token server that is down", BEARER, OAUTH2(""),
	CANCEL "    calls:\n" TOKEN_CALL TOKEN_FORM
	       ", answer: {status: 503}}\n" TOKEN_CALL TOKEN_FORM
	       ", answer: {status: 503}}\n" TOKEN_CALL TOKEN_FORM
	       ", answer: {status: 503}}\n    fails: HRIS.UNAVAILABLE\n"},
    {"no token in the answer", BEARER, OAUTH2(""),
	CANCEL "    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {json: {token: t1}}}\n"
	       "    fails: HRIS.CREDENTIALS\n    message: no token at $.access_token\n"},
    {"an insert whose token is refused was not written", BEARER, OAUTH2(""),
	INSERT "    calls:\n" TOKEN_CALL TOKEN_FORM ", answer: {json: {access_token: t1}}}\n"
	       "      - " CREATE ", answer: {status: 401}}\n" TOKEN_CALL TOKEN_FORM
	       ", answer: {json: {access_token: t2}}}\n"
	       "      - " CREATE ", answer: {json: {id: 9}}}\n    out: {result: {id: '9'}}\n"},
    {"a refresh token that is replaced", BEARER, REFRESH,
	CANCEL "    calls:\n" TOKEN_CALL "body: {grant_type: refresh_token, client_id: c, "
	       "refresh_token: k-1}, answer: {json: {access_token: t1, refresh_token: r2}}}\n" OFF(
		   "t1", "204") "    out: {result: {}}\n"},
    {"a login with a cookie", BEARER,
	"{login: {request: POST /session, form: {key: '${settings.key}'}, token: \"header.Set-Cookie "
	"| split ';' | first\", send: {Cookie: '${token}'}}}",
	CANCEL
	"    calls:\n      - {request: POST /session, form: {key: k-1}, answer: {status: 204, "
	"headers: {Set-Cookie: s=1; Path=/}}}\n"
	"      - {request: DELETE /requests/9, headers: {Cookie: s=1, Authorization: null}, "
	"answer: {status: 204}}\n    out: {result: {}}\n"},
    {"a login for an envelope", "auth: " BEARER "\n",
	"auth: {login: {request: POST /rpc, body: {in: '${settings.key}'}, token: $.result, send: "
	"none}}\nwrap: {as: '${auth.token | number}', do: '${body}'}\nanswer: $.result\n",
	INSERT
	"    calls:\n      - {request: POST /rpc, body: {in: k-1}, answer: {json: {result: "
	"7}}}\n"
	"      - {request: POST /people/4/requests, headers: {Authorization: null}, body: {as: "
	"7, do: {status: open, type: '78', note: M, days: [{on: 2026-01-01, amount: 8}]}}, "
	"answer: {json: {result: {id: 9}}}}\n    out: {result: {id: '9'}}\n"},
    {"two kinds at once", BEARER, "{bearer: '${settings.key}', header: {X-Key: a}, query: {k: b}}",
	CANCEL "    calls:\n      - {request: DELETE /requests/9, headers: {Authorization: Bearer "
	       "k-1, X-Key: a}, query: {k: b}, answer: {status: 204}}\n    out: {result: {}}\n"},
    {"other kinds name their setting too", NULL, NULL,
	CANCEL
	"    calls:\n" OFF("k-1", "401") "    fails: HRIS.CREDENTIALS\n    message: 'settings: "
					 "key'\n"},
};

static void
play(const struct row *rows, size_t n)
{
	struct kit_file k;
	const char *adapter;
	size_t i;

	for (i = 0; i < n; i++) {
		kit_file_open(&k);
		adapter = rows[i].from == NULL
			      ? kit_adapter
			      : kit_replace(&k, kit_adapter, rows[i].from, rows[i].to);
		print_message("%s\n", rows[i].name);
		kit_play(&k, adapter, arena_printf(&k.arena, "%s%s", head, rows[i].cases));
		kit_file_close(&k);
	}
}

#define PLAY(list)                                            \
	static void list##_as_promised(void **state)          \
	{                                                     \
		(void)state;                                  \
		play(list, sizeof(list) / sizeof((list)[0])); \
	}

PLAY(pages)
PLAY(reads)
PLAY(writes)
PLAY(sent)
PLAY(tokens)

static void
test_proofs_are_hidden_as_they_are_written(void **state)
{
	static const struct {
		const char *secret, *text, *left;
	} cases[] = {
	    {"a\"b", "x a\\\"b y", "x (not shown) y"},
	    {"a b+", "q=a+b%2B&r", "q=(not shown)&r"},
	    {"kay", "\\u006bay, %6Bay, key", "(not shown), (not shown), key"},
	    {"a%25b", "a%25b a%2525b", "(not shown) (not shown)"},
	    {"a\\\\b", "a\\\\b", "(not shown)"},
	};
	struct proofs p = {.n = 1};
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, LIMIT_ARENA);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *texts[] = {cases[i].secret};

		p.texts = texts;
		assert_string_equal(proofs_hide(&p, cases[i].text, SIZE_MAX, &a), cases[i].left);
	}
	arena_clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_proofs_are_hidden_as_they_are_written),
	    cmocka_unit_test(pages_as_promised),
	    cmocka_unit_test(reads_as_promised),
	    cmocka_unit_test(writes_as_promised),
	    cmocka_unit_test(sent_as_promised),
	    cmocka_unit_test(tokens_as_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
