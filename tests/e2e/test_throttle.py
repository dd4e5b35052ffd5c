"""Wrong secrets are counted, by address and caller; right ones never wait. On homes of their own."""
import json
import sqlite3

import pytest

import auth_kit
import sign
from auth_kit import BODY


@pytest.fixture
def route(own_home):
    out = auth_kit.AuthRoute(own_home, "forms")
    own_home.start()
    return out


def ask(home, headers, address="192.0.2.1", route="forms"):
    return home.fcgi(f"/v1/{route}/get-balance", BODY, headers=headers, REMOTE_ADDR=address)


def test_each_secret_that_is_sent(route, own_home, hris):
    token = route.token().split(".")
    rows = (("plain", sign.basic("plain", "wrong"), sign.basic("plain", route.secret("plain"))),
            ("", {"X-Api-Key": "wrong"}, {"X-Api-Key": route.secret("fixed")}),
            ("genesys", sign.bearer(token[0] + "." + "A" * 43), sign.bearer(".".join(token))))
    for _, wrong, right in rows:
        assert [ask(own_home, wrong).status for _ in range(12)] == [401] * 10 + [429] * 2, wrong
        slowed = ask(own_home, wrong)
        assert 1 <= int(slowed.headers["retry-after"]) <= 61 and slowed.headers["cache-control"] == "no-store"
        assert json.loads(slowed.body)["requestId"] == slowed.headers["x-request-id"]
        line = auth_kit.log_line(own_home.log(), slowed.headers["x-request-id"])
        assert line["http"] == 429 and "secret" in line["refused"] and line["level"] == "warning"
        assert ask(own_home, right).status == 200
        assert ask(own_home, wrong).status == 429
        assert ask(own_home, wrong, address="2001:db8::1").status == 401


def test_an_unknown_route_is_the_same(route, own_home, hris):
    for headers in (sign.basic("plain", "wrong"), {"X-Api-Key": "wrong"}, {"X-Of-Nobody": "wrong"}):
        for name in ("forms", "there-is-no-such-route"):
            statuses = [ask(own_home, headers, route=name, address="192.0.2.9").status for _ in range(11)]
            assert statuses in ([401] * 10 + [429], [429] * 11), (headers, name, statuses)
            assert statuses[-1] == 429


def test_what_is_no_guess(route, own_home, hris):
    """Nothing sent, a signature that fails, a proof that has ended."""
    old = sign.bearer(route.token(issued=1000, expires=4600))
    signed = sign.rfc9421(b"0" * 32, "k1", "POST", "https://gateway.example/v1/forms/get-balance", BODY)
    for headers in ({}, {"User-Agent": "curl/8", "Accept": "*/*"}, old, signed, signed | {"X-Custom": "1"}):
        assert {ask(own_home, headers).status for _ in range(13)} == {401}, headers


def test_a_locked_store_holds_up_no_refusal(route, own_home, hris):
    """What cannot be counted is refused at once."""
    with sqlite3.connect(own_home.dir + "/state/state.db", isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")
        answers = [ask(own_home, sign.basic("plain", "wrong")) for _ in range(12)]
        assert {a.status for a in answers} == {401}
        lines = [auth_kit.log_line(own_home.log(), a.headers["x-request-id"]) for a in answers]
        assert max(line["ms"] for line in lines) < 2000, lines
        db.execute("ROLLBACK")
