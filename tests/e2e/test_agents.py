"""get-agents over real HTTP: more agents than one list of Genesys holds, and buckets of one moment."""
import json

import pytest

from home import Caller

MANY = 4500


def employees(n):
    return [{"id": str(i), "workEmail": f"e{i}@example.com"} for i in range(1, n + 1)]


@pytest.fixture
def own(own_home, hris):
    """A gateway whose store knows no earlier list."""
    hris.bamboo(employees=employees(MANY))
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
