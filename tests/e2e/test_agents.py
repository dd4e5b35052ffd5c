"""
get-agents over real HTTP: more agents than one list of Genesys holds, buckets of one moment, and
directories that are read while they come.
"""
import json
import re

import pytest

import mock_hris
from home import Caller, is_sanitized

MANY = 4500


def employees(n):
    return [{"id": str(i), "workEmail": f"e{i}@example.com"} for i in range(1, n + 1)]


@pytest.fixture
def own(own_home, hris):
    """A gateway whose store knows no earlier list."""
    hris.bamboo(employees=employees(MANY))
    # Nobody dawdles here, but answers are large, and a sanitized program on a busy machine is slow.
    own_home.client_timeout = None
    own_home.configure(deadline=55)
    own_home.start()
    return own_home


def ask(home, body):
    answer = home.fcgi("/v1/acme/get-agents", body, headers={
        "content-type": "application/json", **Caller.proof(plain(home), "POST", "", body)})
    assert answer.status == 200, answer
    return json.loads(answer.body)


def plain(home):
    caller = Caller.__new__(Caller)
    caller.home, caller.form, caller.route, caller.token = home, "basic", "acme", None
    return caller


def test_lists_of_two_thousand(own):
    out = ask(own, b"{}")
    assert (out["statusCode"], out["count"], out["skipped"]) == (200, MANY, 0)
    sizes = [len(out["emails" + (str(i) if i else "")]) for i in range(25)]
    assert sizes == [2000, 2000, 500] + [0] * 22
    pairs = [(e, x) for i in range(25) for e, x in zip(out["emails" + (str(i) if i else "")],
                                                       out["externalIds" + (str(i) if i else "")])]
    assert len(set(pairs)) == MANY and all(e == f"e{x}@example.com" for e, x in pairs)


def test_buckets_are_of_one_moment(own, hris):
    out = ask(own, b'{"bucket": 1}')
    assert (out["statusCode"], out["errorCode"]) == (500, "GATEWAY.SNAPSHOT_EXPIRED")
    first = ask(own, b'{"bucket": 0}')
    assert first["statusCode"] == 200 and len(first["emails"]) == 2000
    # What changes meanwhile is not mixed in, and the HRIS is not asked again.
    hris.bamboo(employees=employees(MANY - 3))
    asked = len(hris.calls("GET", "/employees/directory"))
    rest = [ask(own, b'{"bucket": %d}' % i) for i in (1, 2, 3)]
    assert [len(r["externalIds"]) for r in rest] == [2000, 500, 0]
    assert len(hris.calls("GET", "/employees/directory")) == asked
    ids = [x for r in (first, *rest) for x in r["externalIds"]]
    assert len(set(ids)) == MANY
    assert "emails1" not in first


def test_far_fewer_than_before_is_an_error(own, hris):
    assert ask(own, b"{}")["count"] == MANY
    hris.bamboo(employees=employees(MANY // 2))
    out = ask(own, b"{}")
    assert (out["statusCode"], out["errorCode"], out["emails"]) == (500, "HRIS.FEWER_AGENTS", [])


# A directory is read while it comes: what fails late must leave nothing of what came before.

def directory(text):
    return mock_hris.answer('{"fields": [], "employees": [' + text + "]}")


def listed(n):
    return ",".join(json.dumps(e) for e in employees(n))


def test_half_a_directory_and_then_all_of_it(own, hris):
    whole = directory(listed(MANY))
    answers = [mock_hris.Answer(200, whole.body[:-len(whole.body) // 3], whole.headers,
                                length=len(whole.body)), whole]
    hris.on("GET", "/employees/directory", lambda _: answers.pop(0))
    out = ask(own, b"{}")
    assert (out["statusCode"], out["count"], answers) == (200, MANY, [])


@pytest.mark.parametrize("last, code, text", [
    ('{"id": "1"', "HRIS.ANSWER", "no JSON"),
    ('{"id": "x", "id": "y"}', "HRIS.ANSWER", "duplicate member"),
    ('{"workEmail": "x@example.com"}', "HRIS.ANSWER", "has no id"),
    ('{"id": {"a": 1}, "workEmail": "x@example.com"}', "HRIS.ANSWER", ""),
    ('{"id": "' + "9" * 300 + '", "workEmail": "x@example.com"}', "HRIS.ANSWER", "too long"),
    ('{"id": "1", "workEmail": "other@example.com"}', "HRIS.ANSWER", "listed twice"),
    ('{"id": "x", "workEmail": "E1@EXAMPLE.com"}', "HRIS.DUPLICATE_EMAIL", "same e-mail"),
])
def test_the_last_record_fails(own, hris, last, code, text):
    hris.on("GET", "/employees/directory", directory(listed(MANY) + "," + last))
    out = ask(own, b"{}")
    assert (out["statusCode"], out["errorCode"], out["emails"]) == (500, code, [])
    assert text in out["errorMsg"]
    # The next one that is whole is taken.
    hris.bamboo(employees=employees(MANY))
    assert ask(own, b"{}")["count"] == MANY


@pytest.mark.parametrize("body, code", [
    ('{"fields": []}', "HRIS.ANSWER"), ('{"employees": {"1": {}}}', "HRIS.ANSWER"),
    ("[]", "HRIS.ANSWER"), ("", "HRIS.ANSWER"), ('{"employees": []}', "HRIS.EMPTY"),
    ('{"employees": [' + listed(3) + '], "employees": []}', "HRIS.ANSWER"),
])
def test_no_directory(own, hris, body, code):
    hris.on("GET", "/employees/directory", mock_hris.answer(body))
    out = ask(own, b"{}")
    assert (out["statusCode"], out["errorCode"], out["emails"]) == (500, code, [])


def peak_kb(home):
    with open(f"/proc/{home.process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1))


def test_a_directory_of_sixty_megabytes(own, hris):
    """As many employees as Genesys takes, with all that an HRIS says of them."""
    n, pad = 50000, "x" * 1200
    hris.on("GET", "/employees/directory", directory(",".join(
        '{"id": "%d", "displayName": "%s", "workEmail": "e%d@example.com"}' % (i, pad, i)
        for i in range(n))))
    before = peak_kb(own)
    out = ask(own, b"{}")
    assert (out["statusCode"], out["count"], out["errorMsg"]) == (200, n, "")
    if not is_sanitized():
        assert peak_kb(own) - before < 40 * 1024


def test_a_directory_that_is_too_long(own, hris):
    hris.on("GET", "/employees/directory", directory(
        ('{"id": "1", "pad": "' + "x" * 900000 + '"},') * 80 + '{"id": "2"}'))
    out = ask(own, b"{}")
    assert (out["statusCode"], out["errorCode"]) == (500, "HRIS.ANSWER")
    assert str(64 * 1024 * 1024) in out["errorMsg"]


# Pages that move while they are read.

PAGED = """\
title: Paged
settings:
  base_url: {required: true}
  api_key: {required: true, secret: true}
base_url: ${settings.base_url}
auth: {bearer: '${settings.api_key}'}
operations:
  get-agents:
    - request: GET /people
      page: PAGE
      each: EACH
      agent: {id: .id, email: .email}
"""
STYLES = {"offset": "{offset: at, size: {limit: 2}, total: $.total}", "page": "{page: page, more: {$.more: true}}",
          "cursor": "{cursor: after, next: $.next}", "url": "{url: $.url}",
          "empty": "{offset: at, size: {limit: 2}, until: empty}"}


class People:
    """A directory of two a page, by every style of paging. `before`: what happens before the n-th page is read."""

    def __init__(self, home, hris, style, streamed=True):
        self.ids, self.before, self.asked, self.url = [1, 2, 3, 4, 5, 6], {}, 0, hris.url
        hris.on("GET", "/people", self.page)
        each = "$.people[*]" if streamed else "{p: '$.people[*]'}"
        home.write("adapters/paged.yaml", PAGED.replace("PAGE", STYLES[style]).replace("EACH", each))
        path = f"{home.dir}/routes.d/acme.yaml"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        home.write("routes.d/acme.yaml", text.replace("adapter: bamboohr", "adapter: paged")
                   .replace("  company: acme\n", ""))
        home.start()

    def page(self, asked):
        self.asked += 1
        self.before.get(self.asked, lambda: None)()
        at = int(asked.query.get("at") or asked.query.get("after") or 2 * (int(asked.query.get("page", 1)) - 1))
        rows, rest = self.ids[at:at + 2], self.ids[at + 2:]
        return mock_hris.answer({
            "total": len(self.ids), "more": bool(rest), "next": at + 2 if rest else None,
            "url": f"{self.url}/people?at={at + 2}" if rest else None,
            "people": [{"id": str(i), "email": f"e{i}@example.com"} for i in rows]})

    def leaves(self, person):
        return lambda: self.ids.remove(person)

    def comes(self, person):
        return lambda: self.ids.insert(0, person)


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
def test_somebody_leaves_between_two_pages(own_home, hris, streamed):
    people = People(own_home, hris, "offset", streamed)
    people.before = {2: people.leaves(1)}
    out = ask(own_home, b"{}")
    assert (out["status"], out["externalIds"]) == ("Complete", ["2", "3", "4", "5", "6"])
    assert people.asked == 2 + 3


@pytest.mark.parametrize("style", ["page", "empty"])
def test_somebody_leaves_where_no_total_shows_it(own_home, hris, style):
    """3 moves to a page that was read before, and nothing on the later pages tells it."""
    people = People(own_home, hris, style)
    people.before = {2: people.leaves(1)}
    out = ask(own_home, b"{}")
    assert (out["status"], out["externalIds"]) == ("Complete", ["2", "3", "4", "5", "6"])


@pytest.mark.parametrize("style", STYLES)
def test_somebody_comes_between_two_pages(own_home, hris, style):
    people = People(own_home, hris, style)
    people.before = {2: people.comes(9)}
    out = ask(own_home, b"{}")
    assert (out["status"], sorted(out["externalIds"])) == ("Complete", ["1", "2", "3", "4", "5", "6", "9"])


@pytest.mark.parametrize("style", [style for style in STYLES if style != "empty"])
def test_a_directory_that_does_not_stand_still_is_an_error(own_home, hris, style):
    people = People(own_home, hris, style)
    people.before = {n: people.comes(90 + n) for n in range(1, 20)}
    out = ask(own_home, b"{}")
    assert (out["status"], out["errorCode"], out["emails"]) == ("Error", "HRIS.ANSWER", [])
    assert "changed while its pages were read, twice" in out["errorMsg"]


@pytest.mark.parametrize("style", STYLES)
def test_somebody_who_is_always_listed_twice(own_home, hris, style):
    people = People(own_home, hris, style)
    people.ids = [1, 2, 3, 4, 1]
    out = ask(own_home, b"{}")
    assert (out["status"], out["externalIds"]) == ("Complete", ["1", "2", "3", "4"])
    assert people.asked == (8 if style == "empty" else 6), "twice, and an empty page each time"
