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
    own_home.configure(threads=8, deadline=55)
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
    ('{"id": "1", "workEmail": "other@example.com"}', "HRIS.ANSWER", "told twice"),
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
    """As many employees as Genesys takes, with all that an HRIS tells of them."""
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
